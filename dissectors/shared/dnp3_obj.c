/*
 * dnp3_obj.c - DNP3 objects (IEEE 1815-2012 annex A): their sizes, one record
 * an object header, and one a command to an output.
 *
 * A fragment can only be walked where the size of every object is known, so
 * the table holds all that the standard gives a fixed size; others carry
 * their length before them or end the walk.
 */
#include "dissectors/shared/dnp3_obj.h"

#include "dissectors/shared/words.h"

NJ_EVENT_DEFINE(
	dnp3_objects, NJ_DNP3_OBJECTS, 0, "An object header of a DNP3 message");
NJ_EVENT_DEFINE(
	dnp3_control, NJ_DNP3_CONTROL, 0, "A command to an output over DNP3");

enum {
	OBJECTS_MAX = 64,   /* headers of a fragment that are told */
	CONTROLS_MAX = 256, /* commands of a fragment that are told */
	FC_READ = 1,
	FC_FREEZE_AT_TIME = 11,
	FC_RESPONSE = 129,
	GROUP_CROB = 12,
	GROUP_ANALOG_OUT = 41,
	GROUP_TIME = 50,
	/* Octet strings and terminals: the variation is the length. */
	GROUP_STRING = 110,
	GROUP_STRING_LAST = 113
};

/* In order of group and variation. */
static const struct dnp3_layout layouts[] = {
	{ 1, 1, 1, 0, 0, 0, 0 },
	{ 1, 2, 0, DNP3_F_INPUT, 0, 0, 0 },
	{ 2, 1, 0, DNP3_F_INPUT, 0, 0, 0 },
	{ 2, 2, 0, DNP3_F_INPUT, 0, DNP3_T_48, 0 },
	{ 2, 3, 0, DNP3_F_INPUT, 0, DNP3_T_16, 0 },
	{ 3, 1, 2, 0, 0, 0, 0 },
	{ 3, 2, 0, DNP3_F_DOUBLE, 0, 0, 0 },
	{ 4, 1, 0, DNP3_F_DOUBLE, 0, 0, 0 },
	{ 4, 2, 0, DNP3_F_DOUBLE, 0, DNP3_T_48, 0 },
	{ 4, 3, 0, DNP3_F_DOUBLE, 0, DNP3_T_16, 0 },
	{ 10, 1, 1, 0, 0, 0, 0 },
	{ 10, 2, 0, DNP3_F_OUTPUT, 0, 0, 0 },
	{ 11, 1, 0, DNP3_F_OUTPUT, 0, 0, 0 },
	{ 11, 2, 0, DNP3_F_OUTPUT, 0, DNP3_T_48, 0 },
	{ 12, 1, 0, 0, 0, 0, 11 },
	{ 12, 2, 0, 0, 0, 0, 11 },
	{ 12, 3, 1, 0, 0, 0, 0 },
	{ 13, 1, 0, DNP3_F_COMMAND, 0, 0, 0 },
	{ 13, 2, 0, DNP3_F_COMMAND, 0, DNP3_T_48, 0 },
	{ 20, 1, 0, DNP3_F_COUNTER, DNP3_V_U32, 0, 0 },
	{ 20, 2, 0, DNP3_F_COUNTER, DNP3_V_U16, 0, 0 },
	{ 20, 3, 0, DNP3_F_COUNTER, DNP3_V_U32, 0, 0 },
	{ 20, 4, 0, DNP3_F_COUNTER, DNP3_V_U16, 0, 0 },
	{ 20, 5, 0, 0, DNP3_V_U32, 0, 0 },
	{ 20, 6, 0, 0, DNP3_V_U16, 0, 0 },
	{ 20, 7, 0, 0, DNP3_V_U32, 0, 0 },
	{ 20, 8, 0, 0, DNP3_V_U16, 0, 0 },
	{ 21, 1, 0, DNP3_F_COUNTER, DNP3_V_U32, 0, 0 },
	{ 21, 2, 0, DNP3_F_COUNTER, DNP3_V_U16, 0, 0 },
	{ 21, 3, 0, DNP3_F_COUNTER, DNP3_V_U32, 0, 0 },
	{ 21, 4, 0, DNP3_F_COUNTER, DNP3_V_U16, 0, 0 },
	{ 21, 5, 0, DNP3_F_COUNTER, DNP3_V_U32, DNP3_T_48, 0 },
	{ 21, 6, 0, DNP3_F_COUNTER, DNP3_V_U16, DNP3_T_48, 0 },
	{ 21, 7, 0, DNP3_F_COUNTER, DNP3_V_U32, DNP3_T_48, 0 },
	{ 21, 8, 0, DNP3_F_COUNTER, DNP3_V_U16, DNP3_T_48, 0 },
	{ 21, 9, 0, 0, DNP3_V_U32, 0, 0 },
	{ 21, 10, 0, 0, DNP3_V_U16, 0, 0 },
	{ 21, 11, 0, 0, DNP3_V_U32, 0, 0 },
	{ 21, 12, 0, 0, DNP3_V_U16, 0, 0 },
	{ 22, 1, 0, DNP3_F_COUNTER, DNP3_V_U32, 0, 0 },
	{ 22, 2, 0, DNP3_F_COUNTER, DNP3_V_U16, 0, 0 },
	{ 22, 3, 0, DNP3_F_COUNTER, DNP3_V_U32, 0, 0 },
	{ 22, 4, 0, DNP3_F_COUNTER, DNP3_V_U16, 0, 0 },
	{ 22, 5, 0, DNP3_F_COUNTER, DNP3_V_U32, DNP3_T_48, 0 },
	{ 22, 6, 0, DNP3_F_COUNTER, DNP3_V_U16, DNP3_T_48, 0 },
	{ 22, 7, 0, DNP3_F_COUNTER, DNP3_V_U32, DNP3_T_48, 0 },
	{ 22, 8, 0, DNP3_F_COUNTER, DNP3_V_U16, DNP3_T_48, 0 },
	{ 23, 1, 0, DNP3_F_COUNTER, DNP3_V_U32, 0, 0 },
	{ 23, 2, 0, DNP3_F_COUNTER, DNP3_V_U16, 0, 0 },
	{ 23, 3, 0, DNP3_F_COUNTER, DNP3_V_U32, 0, 0 },
	{ 23, 4, 0, DNP3_F_COUNTER, DNP3_V_U16, 0, 0 },
	{ 23, 5, 0, DNP3_F_COUNTER, DNP3_V_U32, DNP3_T_48, 0 },
	{ 23, 6, 0, DNP3_F_COUNTER, DNP3_V_U16, DNP3_T_48, 0 },
	{ 23, 7, 0, DNP3_F_COUNTER, DNP3_V_U32, DNP3_T_48, 0 },
	{ 23, 8, 0, DNP3_F_COUNTER, DNP3_V_U16, DNP3_T_48, 0 },
	{ 30, 1, 0, DNP3_F_ANALOG, DNP3_V_I32, 0, 0 },
	{ 30, 2, 0, DNP3_F_ANALOG, DNP3_V_I16, 0, 0 },
	{ 30, 3, 0, 0, DNP3_V_I32, 0, 0 },
	{ 30, 4, 0, 0, DNP3_V_I16, 0, 0 },
	{ 30, 5, 0, DNP3_F_ANALOG, DNP3_V_F32, 0, 0 },
	{ 30, 6, 0, DNP3_F_ANALOG, DNP3_V_F64, 0, 0 },
	{ 31, 1, 0, DNP3_F_ANALOG, DNP3_V_I32, 0, 0 },
	{ 31, 2, 0, DNP3_F_ANALOG, DNP3_V_I16, 0, 0 },
	{ 31, 3, 0, DNP3_F_ANALOG, DNP3_V_I32, DNP3_T_48, 0 },
	{ 31, 4, 0, DNP3_F_ANALOG, DNP3_V_I16, DNP3_T_48, 0 },
	{ 31, 5, 0, 0, DNP3_V_I32, 0, 0 },
	{ 31, 6, 0, 0, DNP3_V_I16, 0, 0 },
	{ 31, 7, 0, DNP3_F_ANALOG, DNP3_V_F32, 0, 0 },
	{ 31, 8, 0, DNP3_F_ANALOG, DNP3_V_F64, 0, 0 },
	{ 32, 1, 0, DNP3_F_ANALOG, DNP3_V_I32, 0, 0 },
	{ 32, 2, 0, DNP3_F_ANALOG, DNP3_V_I16, 0, 0 },
	{ 32, 3, 0, DNP3_F_ANALOG, DNP3_V_I32, DNP3_T_48, 0 },
	{ 32, 4, 0, DNP3_F_ANALOG, DNP3_V_I16, DNP3_T_48, 0 },
	{ 32, 5, 0, DNP3_F_ANALOG, DNP3_V_F32, 0, 0 },
	{ 32, 6, 0, DNP3_F_ANALOG, DNP3_V_F64, 0, 0 },
	{ 32, 7, 0, DNP3_F_ANALOG, DNP3_V_F32, DNP3_T_48, 0 },
	{ 32, 8, 0, DNP3_F_ANALOG, DNP3_V_F64, DNP3_T_48, 0 },
	{ 33, 1, 0, DNP3_F_ANALOG, DNP3_V_I32, 0, 0 },
	{ 33, 2, 0, DNP3_F_ANALOG, DNP3_V_I16, 0, 0 },
	{ 33, 3, 0, DNP3_F_ANALOG, DNP3_V_I32, DNP3_T_48, 0 },
	{ 33, 4, 0, DNP3_F_ANALOG, DNP3_V_I16, DNP3_T_48, 0 },
	{ 33, 5, 0, DNP3_F_ANALOG, DNP3_V_F32, 0, 0 },
	{ 33, 6, 0, DNP3_F_ANALOG, DNP3_V_F64, 0, 0 },
	{ 33, 7, 0, DNP3_F_ANALOG, DNP3_V_F32, DNP3_T_48, 0 },
	{ 33, 8, 0, DNP3_F_ANALOG, DNP3_V_F64, DNP3_T_48, 0 },
	{ 34, 1, 0, 0, DNP3_V_U16, 0, 0 },
	{ 34, 2, 0, 0, DNP3_V_U32, 0, 0 },
	{ 34, 3, 0, 0, DNP3_V_F32, 0, 0 },
	{ 40, 1, 0, DNP3_F_ANALOG, DNP3_V_I32, 0, 0 },
	{ 40, 2, 0, DNP3_F_ANALOG, DNP3_V_I16, 0, 0 },
	{ 40, 3, 0, DNP3_F_ANALOG, DNP3_V_F32, 0, 0 },
	{ 40, 4, 0, DNP3_F_ANALOG, DNP3_V_F64, 0, 0 },
	{ 41, 1, 0, 0, DNP3_V_I32, 0, 1 },
	{ 41, 2, 0, 0, DNP3_V_I16, 0, 1 },
	{ 41, 3, 0, 0, DNP3_V_F32, 0, 1 },
	{ 41, 4, 0, 0, DNP3_V_F64, 0, 1 },
	{ 42, 1, 0, DNP3_F_ANALOG, DNP3_V_I32, 0, 0 },
	{ 42, 2, 0, DNP3_F_ANALOG, DNP3_V_I16, 0, 0 },
	{ 42, 3, 0, DNP3_F_ANALOG, DNP3_V_I32, DNP3_T_48, 0 },
	{ 42, 4, 0, DNP3_F_ANALOG, DNP3_V_I16, DNP3_T_48, 0 },
	{ 42, 5, 0, DNP3_F_ANALOG, DNP3_V_F32, 0, 0 },
	{ 42, 6, 0, DNP3_F_ANALOG, DNP3_V_F64, 0, 0 },
	{ 42, 7, 0, DNP3_F_ANALOG, DNP3_V_F32, DNP3_T_48, 0 },
	{ 42, 8, 0, DNP3_F_ANALOG, DNP3_V_F64, DNP3_T_48, 0 },
	{ 43, 1, 0, DNP3_F_COMMAND, DNP3_V_I32, 0, 0 },
	{ 43, 2, 0, DNP3_F_COMMAND, DNP3_V_I16, 0, 0 },
	{ 43, 3, 0, DNP3_F_COMMAND, DNP3_V_I32, DNP3_T_48, 0 },
	{ 43, 4, 0, DNP3_F_COMMAND, DNP3_V_I16, DNP3_T_48, 0 },
	{ 43, 5, 0, DNP3_F_COMMAND, DNP3_V_F32, 0, 0 },
	{ 43, 6, 0, DNP3_F_COMMAND, DNP3_V_F64, 0, 0 },
	{ 43, 7, 0, DNP3_F_COMMAND, DNP3_V_F32, DNP3_T_48, 0 },
	{ 43, 8, 0, DNP3_F_COMMAND, DNP3_V_F64, DNP3_T_48, 0 },
	{ 50, 1, 0, 0, 0, DNP3_T_48, 0 },
	{ 50, 2, 0, 0, 0, DNP3_T_48, 4 },
	{ 50, 3, 0, 0, 0, DNP3_T_48, 0 },
	{ 50, 4, 0, 0, 0, DNP3_T_48, 5 },
	{ 51, 1, 0, 0, 0, DNP3_T_48, 0 },
	{ 51, 2, 0, 0, 0, DNP3_T_48, 0 },
	{ 52, 1, 0, 0, 0, DNP3_T_16, 0 },
	{ 52, 2, 0, 0, 0, DNP3_T_16, 0 },
	{ 80, 1, 1, 0, 0, 0, 0 },
	{ 81, 1, 0, 0, 0, 0, 3 },
	{ 86, 2, 0, 0, DNP3_V_U8, 0, 0 },
	{ 101, 1, 0, 0, DNP3_V_U16, 0, 0 },
	{ 101, 2, 0, 0, DNP3_V_U32, 0, 0 },
	{ 102, 1, 0, 0, DNP3_V_U8, 0, 0 },
};
static const struct dnp3_layout nothing;

static const struct dnp3_layout *
layout_of(uint8_t group, uint8_t variation)
{
	for (size_t i = 0; i < nj_countof(layouts); i++)
		if (layouts[i].group == group &&
			layouts[i].variation == variation)
			return &layouts[i];
	/* Classes are asked for and have no points of their own. */
	return group == 60 || (group >= GROUP_STRING &&
				      group <= GROUP_STRING_LAST)
		       ? &nothing
		       : NULL;
}

size_t
nj_dnp3_point_bytes(const struct dnp3_layout *l)
{
	static const uint8_t values[] = { 0, 1, 2, 4, 2, 4, 4, 8 };
	static const uint8_t times[] = { 0, 2, 6 };

	return (l->flags ? 1u : 0u) + values[l->value] + times[l->time] +
	       l->extra;
}

/* Do points follow the headers of this function's objects? */
static bool
has_points(uint8_t fc, uint8_t group)
{
	if (fc >= FC_RESPONSE)
		return true;
	/* The time stands before the objects that it is for. */
	if (fc == FC_FREEZE_AT_TIME || fc == FC_FREEZE_AT_TIME + 1)
		return group == GROUP_TIME;
	return (fc >= 2 && fc <= 6) || (fc >= 25 && fc <= 30) || fc == 32 ||
	       fc == 33;
}

static uint32_t
little(struct nj_cur *c, unsigned bytes)
{
	return bytes == 1   ? nj_cur_u8(c)
	       : bytes == 2 ? nj_cur_le16(c)
			    : nj_cur_le32(c);
}

/* The range field after the qualifier. */
static void
range(struct nj_cur *c, struct dnp3_object *o)
{
	unsigned code = nj_dnp3_range_code(o);

	switch (code) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
	case 5:
		o->start = little(c, 1u << code % 3);
		o->stop = little(c, 1u << code % 3);
		if (o->stop < o->start || o->stop - o->start == UINT32_MAX)
			c->bad = true;
		else
			o->count = o->stop - o->start + 1;
		return;
	case 6:
		return;
	case 7:
	case 8:
	case 9:
		o->count = little(c, 1u << (code - 7));
		return;
	case 11:
		o->count = nj_cur_u8(c);
		return;
	default:
		c->bad = true;
	}
}

static const uint8_t prefix_bytes[] = { 0, 1, 2, 4, 1, 2, 4, 0 };

/* Points that each tell their length. */
static void
sized_points(struct nj_cur *c, const struct dnp3_object *o)
{
	unsigned bytes = prefix_bytes[nj_dnp3_prefix_code(o)];

	/* Every turn takes bytes, or the cursor goes bad. */
	for (uint32_t i = 0; i < o->count && !c->bad; i++)
		nj_cur_skip(c, little(c, bytes));
}

static void
fixed_points(struct nj_cur *c, const struct dnp3_object *o, bool data)
{
	uint64_t each = prefix_bytes[nj_dnp3_prefix_code(o)], all;

	if (data && o->group >= GROUP_STRING && o->group <= GROUP_STRING_LAST)
		each += o->variation;
	else if (data && o->layout && !o->layout->bits)
		each += nj_dnp3_point_bytes(o->layout);
	all = each * o->count;
	if (data && o->layout && o->layout->bits)
		all += ((uint64_t)o->count * o->layout->bits + 7) / 8;
	if (all > nj_cur_left(c))
		c->bad = true;
	else
		nj_cur_skip(c, (size_t)all);
}

bool
nj_dnp3_object(struct nj_cur *c, uint8_t fc, struct dnp3_object *o)
{
	const uint8_t *from;
	bool data;

	*o = (struct dnp3_object){ 0 };
	if (c->bad || !nj_cur_left(c))
		return false;
	o->group = nj_cur_u8(c);
	o->variation = nj_cur_u8(c);
	o->qualifier = nj_cur_u8(c);
	range(c, o);
	if (c->bad)
		return false;
	o->layout = layout_of(o->group, o->variation);
	data = has_points(fc, o->group);
	from = c->at;
	if (nj_dnp3_prefix_code(o) >= 4 && nj_dnp3_prefix_code(o) <= 6)
		sized_points(c, o);
	else if (data && !o->layout)
		nj_cur_skip(c, o->count ? nj_cur_left(c) : 0);
	else
		fixed_points(c, o, data);
	if (c->bad)
		return false;
	o->points = (struct nj_view){ from, (size_t)(c->at - from) };
	return true;
}

/* ---- Names ---- */

struct nj_view
nj_dnp3_function(struct nj_dctx *d, uint8_t fc)
{
	static const char *const requests[] = { "CONFIRM", "READ", "WRITE",
		"SELECT", "OPERATE", "DIRECT_OPERATE", "DIRECT_OPERATE_NR",
		"IMMED_FREEZE", "IMMED_FREEZE_NR", "FREEZE_CLEAR",
		"FREEZE_CLEAR_NR", "FREEZE_AT_TIME", "FREEZE_AT_TIME_NR",
		"COLD_RESTART", "WARM_RESTART", "INITIALIZE_DATA",
		"INITIALIZE_APPL", "START_APPL", "STOP_APPL", "SAVE_CONFIG",
		"ENABLE_UNSOLICITED", "DISABLE_UNSOLICITED", "ASSIGN_CLASS",
		"DELAY_MEASURE", "RECORD_CURRENT_TIME", "OPEN_FILE",
		"CLOSE_FILE", "DELETE_FILE", "GET_FILE_INFO",
		"AUTHENTICATE_FILE", "ABORT_FILE", "ACTIVATE_CONFIG",
		"AUTHENTICATE_REQ", "AUTHENTICATE_ERR" };
	static const char *const replies[] = { "RESPONSE",
		"UNSOLICITED_RESPONSE", "AUTHENTICATE_RESP" };

	if (fc < nj_countof(requests))
		return nj_str(requests[fc]);
	if (fc >= FC_RESPONSE && fc - FC_RESPONSE < (int)nj_countof(replies))
		return nj_str(replies[fc - FC_RESPONSE]);
	return nj_arena_printf(d, "unknown-%u", fc);
}

static const struct nj_word groups[] = {
	{ 0, "Device Attributes" },
	{ 1, "Binary Input" },
	{ 2, "Binary Input Event" },
	{ 3, "Double-bit Binary Input" },
	{ 4, "Double-bit Binary Input Event" },
	{ 10, "Binary Output" },
	{ 11, "Binary Output Event" },
	{ 12, "Binary Output Command" },
	{ 13, "Binary Output Command Event" },
	{ 20, "Counter" },
	{ 21, "Frozen Counter" },
	{ 22, "Counter Event" },
	{ 23, "Frozen Counter Event" },
	{ 30, "Analog Input" },
	{ 31, "Frozen Analog Input" },
	{ 32, "Analog Input Event" },
	{ 33, "Frozen Analog Input Event" },
	{ 34, "Analog Input Deadband" },
	{ 40, "Analog Output Status" },
	{ 41, "Analog Output Command" },
	{ 42, "Analog Output Event" },
	{ 43, "Analog Output Command Event" },
	{ 50, "Time and Date" },
	{ 51, "Time and Date CTO" },
	{ 52, "Time Delay" },
	{ 60, "Class" },
	{ 70, "File Control" },
	{ 80, "Internal Indications" },
	{ 81, "Device Storage" },
	{ 82, "Device Profile" },
	{ 83, "Private Registration" },
	{ 85, "Data Set Prototype" },
	{ 86, "Data Set Descriptor" },
	{ 87, "Data Set" },
	{ 88, "Data Set Event" },
	{ 90, "Application" },
	{ 91, "Status of Requested Operation" },
	{ 101, "Binary-coded Decimal Integer" },
	{ 102, "Unsigned Integer" },
	{ 110, "Octet String" },
	{ 111, "Octet String Event" },
	{ 112, "Virtual Terminal Output" },
	{ 113, "Virtual Terminal Event" },
	{ 120, "Authentication" },
	{ 121, "Security Statistic" },
	{ 122, "Security Statistic Event" },
};

static struct nj_view
status_name(struct nj_dctx *d, uint8_t code)
{
	static const char *const names[] = { "SUCCESS", "TIMEOUT", "NO_SELECT",
		"FORMAT_ERROR", "NOT_SUPPORTED", "ALREADY_ACTIVE",
		"HARDWARE_ERROR", "LOCAL", "TOO_MANY_OBJS", "NOT_AUTHORIZED",
		"AUTOMATION_INHIBIT", "PROCESSING_LIMITED", "OUT_OF_RANGE",
		"DOWNSTREAM_LOCAL", "ALREADY_COMPLETE", "BLOCKED", "CANCELLED",
		"BLOCKED_OTHER_MASTER", "DOWNSTREAM_FAIL" };

	code &= 0x7f;
	if (code < nj_countof(names))
		return nj_str(names[code]);
	if (code == 126)
		return NJ_LIT("NON_PARTICIPATING");
	if (code == 127)
		return NJ_LIT("UNDEFINED");
	return nj_arena_printf(d, "unknown-%u", code);
}

/* ---- Records ---- */

static double
analog_value(struct nj_cur *c, uint8_t value)
{
	union {
		uint32_t u;
		float f;
	} single;
	union {
		uint64_t u;
		double f;
	} twice;

	switch (value) {
	case DNP3_V_I16:
		return (int16_t)nj_cur_le16(c);
	case DNP3_V_I32:
		return (int32_t)nj_cur_le32(c);
	case DNP3_V_F32:
		single.u = nj_cur_le32(c);
		return single.f;
	default:
		twice.u = nj_cur_le64(c);
		return twice.f;
	}
}

static void
relay_block(struct nj_dctx *d, struct nj_cur *c, struct dnp3_control_event *ev)
{
	static const char *const operations[] = { "Nul", "Pulse_On",
		"Pulse_Off", "Latch_On", "Latch_Off" };
	static const char *const trips[] = { "Nul", "Close", "Trip",
		"Reserved" };
	uint8_t code = nj_cur_u8(c);

	ev->operation_type =
		(code & 15) < nj_countof(operations)
			? nj_str(operations[code & 15])
			: nj_arena_printf(d, "unknown-%u", code & 15u);
	ev->trip_control_code = nj_str(trips[code >> 6]);
	nj_set(ev, dnp3_control, execute_count, nj_cur_u8(c));
	nj_set(ev, dnp3_control, on_time, nj_cur_le32(c));
	nj_set(ev, dnp3_control, off_time, nj_cur_le32(c));
}

static void
tell_controls(struct nj_dctx *d, uint8_t fc, enum nj_dir dir,
	const struct dnp3_object *o)
{
	struct nj_cur c = nj_cur(o->points);
	unsigned prefix = prefix_bytes[nj_dnp3_prefix_code(o)];

	for (uint32_t i = 0; i < nj_min(o->count, (uint32_t)CONTROLS_MAX);
		i++) {
		struct dnp3_control_event ev = { 0 };

		ev.is_orig = dir == NJ_ORIG;
		ev.function_code = nj_dnp3_function(d, fc);
		nj_set(&ev, dnp3_control, index_number, o->start + i);
		if (prefix)
			ev.index_number = little(&c, prefix);
		if (o->group == GROUP_CROB) {
			ev.block_type =
				o->variation == 2
					? NJ_LIT("Pattern_Control_Block")
					: NJ_LIT("Control_Relay_Output_Block");
			relay_block(d, &c, &ev);
		} else {
			ev.block_type = NJ_LIT("Analog_Output_Block");
			nj_set(&ev, dnp3_control, value,
				analog_value(&c, o->layout->value));
		}
		ev.status_code = status_name(d, nj_cur_u8(&c));
		if (c.bad)
			return;
		(void)nj_emit(d, &dnp3_control_desc, &ev);
	}
}

bool
nj_dnp3_tell(
	struct nj_dctx *d, enum nj_dir dir, uint8_t fc, struct nj_view objects)
{
	struct nj_cur c = nj_cur(objects);
	struct dnp3_object o;

	for (unsigned i = 0; i < OBJECTS_MAX && nj_dnp3_object(&c, fc, &o);
		i++) {
		struct dnp3_objects_event ev = { .is_orig = dir == NJ_ORIG,
			.function_code = nj_dnp3_function(d, fc),
			.object_type = nj_word(d, groups, o.group),
			.group = o.group,
			.variation = o.variation };

		if (nj_dnp3_range_code(&o) != 6)
			nj_set(&ev, dnp3_objects, object_count, o.count);
		if (nj_dnp3_range_code(&o) < 6) {
			nj_set(&ev, dnp3_objects, range_low, o.start);
			nj_set(&ev, dnp3_objects, range_high, o.stop);
		}
		(void)nj_emit(d, &dnp3_objects_desc, &ev);
		if (o.points.len && o.layout && !o.layout->bits &&
			(o.group == GROUP_CROB || o.group == GROUP_ANALOG_OUT))
			tell_controls(d, fc, dir, &o);
	}
	return !c.bad;
}
