/*
 * dnp3_eve.c - EVE's dnp3 events, see dnp3_eve.h. Points are written as they
 * stand (IEEE 1815-2012 annex A); those that no longer fit are left out.
 */
#include "dissectors/shared/dnp3_eve.h"

#include <math.h>
#include <stdio.h>

#define EVE_DNP3(F, tag)                                                       \
	F(tag, 1, STR, dnp3__type, 0,                                          \
		"request, response or unsolicited_response")                   \
	F(tag, 2, STR, dnp3__control, NJ_JSON, "Control of the link")          \
	F(tag, 3, U16, dnp3__src, 0, "Link address of the sender")             \
	F(tag, 4, U16, dnp3__dst, 0, "Link address of the receiver")           \
	F(tag, 5, STR, dnp3__application, NJ_JSON,                             \
		"control, function_code, objects with points, complete")       \
	F(tag, 6, STR, dnp3__iin, NJ_JSON, "Internal indications that are set")

NJ_EVENT_STRUCT_(eve_dnp3, EVE_DNP3);
NJ_EVENT_DEFINE(eve_dnp3, EVE_DNP3, NJ_EV_EVE, "One DNP3 message");

enum {
	JSON_BYTES = 24 * 1024,
	SMALL_BYTES = 512,
	OBJECTS_MAX = 64,
	POINTS_MAX = 4096,
	FC_CONFIRM = 0,
	FC_RESPONSE = 129,
	FC_UNSOLICITED = 130,
	PREFIX_SIZE_FIRST = 4,
	PREFIX_SIZE_LAST = 6
};

/* ---- What stands in a point ---- */

/* A bit each, the lowest first; NULL: part of a wider one, told apart. */
static void
put_bits(struct nj_json *j, const char *const names[8], uint8_t octet)
{
	for (unsigned i = 0; i < 8; i++)
		if (names[i])
			nj_json_u64(j, names[i], octet >> i & 1);
}

#define COMMON "online", "restart", "comm_lost", "remote_forced", "local_forced"

static void
put_counter_flags(struct nj_json *j, uint8_t variation, uint8_t octet)
{
	static const char *const plain[8] = { COMMON, "rollover",
		"discontinuity", "reserved0" };
	static const char *const timed[8] = { COMMON, "rollover",
		"discontinuity", "reserved1" };
	static const char *const delta[8] = { COMMON, "rollover", "reserved0",
		"reserved1" };
	unsigned kind = (variation - 1u) & 3;

	put_bits(j, kind >= 2 ? delta : variation >= 5 ? timed : plain, octet);
}

static void
put_flags(struct nj_json *j, const struct dnp3_layout *l, uint8_t octet)
{
	static const char *const input[8] = { COMMON, "chatter_filter",
		"reserved", "state" };
	static const char *const two[8] = { COMMON, "chatter_filter" };
	static const char *const output[8] = { COMMON, "reserved0", "reserved1",
		"state" };
	static const char *const analog[8] = { COMMON, "over_range",
		"reference_err", "reserved0" };

	switch (l->flags) {
	case DNP3_F_INPUT:
		/* Without time and flags of its own, it is told as a whole. */
		if (l->group == 2 && l->variation == 1)
			nj_json_u64(j, "state", octet);
		else
			put_bits(j, input, octet);
		break;
	case DNP3_F_DOUBLE:
		put_bits(j, two, octet);
		nj_json_u64(j, "state", octet >> 6);
		break;
	case DNP3_F_OUTPUT:
		put_bits(j, output, octet);
		break;
	case DNP3_F_COUNTER:
		put_counter_flags(j, l->variation, octet);
		break;
	case DNP3_F_ANALOG:
		put_bits(j, analog, octet);
		break;
	case DNP3_F_COMMAND:
		nj_json_u64(j, "status_code", octet & 0x7f);
		nj_json_u64(j, l->group == 13 ? "commanded_state" : "reserved0",
			octet >> 7);
		break;
	default:
		break;
	}
}

static void
put_real(struct nj_json *j, const char *key, double v)
{
	char text[40];

	/* JSON has no word for what is not a number. */
	if (!isfinite(v))
		return;
	(void)snprintf(text, sizeof(text), "%.9g", v);
	nj_json_raw(j, key, nj_str(text));
}

static const char *
value_name(uint8_t group)
{
	if (group >= 20 && group <= 23)
		return "count";
	if (group == 34)
		return "deadband_value";
	return group == 43 ? "commanded_value" : "value";
}

static void
put_value(struct nj_json *j, const struct dnp3_layout *l, struct nj_cur *c)
{
	const char *key = value_name(l->group);
	union {
		uint32_t u;
		float f;
	} single;
	union {
		uint64_t u;
		double f;
	} twice;

	switch (l->value) {
	case DNP3_V_U8:
		nj_json_u64(j, key, nj_cur_u8(c));
		break;
	case DNP3_V_U16:
		nj_json_u64(j, key, nj_cur_le16(c));
		break;
	case DNP3_V_U32:
		nj_json_u64(j, key, nj_cur_le32(c));
		break;
	case DNP3_V_I16:
		nj_json_i64(j, key, (int16_t)nj_cur_le16(c));
		break;
	case DNP3_V_I32:
		nj_json_i64(j, key, (int32_t)nj_cur_le32(c));
		break;
	case DNP3_V_F32:
		single.u = nj_cur_le32(c);
		put_real(j, key, (double)single.f);
		break;
	case DNP3_V_F64:
		twice.u = nj_cur_le64(c);
		put_real(j, key, twice.f);
		break;
	default:
		break;
	}
}

/* Milliseconds since 1970 in six octets. */
static uint64_t
time48(struct nj_cur *c)
{
	uint64_t low = nj_cur_le32(c);

	return low | (uint64_t)nj_cur_le16(c) << 32;
}

static void
put_time(struct nj_json *j, const struct dnp3_layout *l, struct nj_cur *c)
{
	const char *key = "timestamp";

	if (l->time == DNP3_T_48) {
		nj_json_u64(j, key, time48(c));
	} else if (l->time == DNP3_T_16) {
		if (l->group == 4)
			key = "relative_time_ms";
		else if (l->group == 52)
			key = l->variation == 1 ? "delay_secs" : "delay_ms";
		nj_json_u64(j, key, nj_cur_le16(c));
	}
}

static void
put_extra(struct nj_json *j, const struct dnp3_layout *l, struct nj_cur *c)
{
	uint8_t octet;

	if (l->group == 12) {
		octet = nj_cur_u8(c);
		nj_json_u64(j, "op_type", octet & 15);
		nj_json_u64(j, "qu", octet >> 4 & 1);
		nj_json_u64(j, "cr", octet >> 5 & 1);
		nj_json_u64(j, "tcc", octet >> 6);
		nj_json_u64(j, "count", nj_cur_u8(c));
		nj_json_u64(j, "ontime", nj_cur_le32(c));
		nj_json_u64(j, "offtime", nj_cur_le32(c));
		octet = nj_cur_u8(c);
		nj_json_u64(j, "status_code", octet & 0x7f);
		nj_json_u64(j, "reserved", octet >> 7);
	} else if (l->group == 41) {
		nj_json_u64(j, "control_status", nj_cur_u8(c));
	} else if (l->group == 50 && l->variation == 2) {
		nj_json_u64(j, "interval", nj_cur_le32(c));
	} else if (l->group == 50) {
		nj_json_u64(j, "interval_count", nj_cur_le32(c));
		nj_json_u64(j, "interval_units", nj_cur_u8(c));
	} else if (l->group == 81) {
		octet = nj_cur_u8(c);
		nj_json_u64(j, "fill_percentage", octet & 0x7f);
		nj_json_u64(j, "overflow_state", octet >> 7);
		nj_json_u64(j, "group", nj_cur_u8(c));
		nj_json_u64(j, "variation", nj_cur_u8(c));
	}
}

/* ---- Files (group 70) ---- */

static void
put_file_open(struct nj_json *j, struct nj_cur *c)
{
	uint16_t size;

	nj_json_u64(j, "filename_offset", nj_cur_le16(c));
	size = nj_cur_le16(c);
	nj_json_u64(j, "filename_size", size);
	nj_json_u64(j, "created", time48(c));
	nj_json_u64(j, "permissions", nj_cur_le16(c));
	nj_json_u64(j, "authentication_key", nj_cur_le32(c));
	nj_json_u64(j, "file_size", nj_cur_le32(c));
	nj_json_u64(j, "operational_mode", nj_cur_le16(c));
	nj_json_u64(j, "maximum_block_size", nj_cur_le16(c));
	nj_json_u64(j, "request_id", nj_cur_le16(c));
	nj_json_str(j, "filename", nj_cur_take(c, size));
}

static void
put_file_state(struct nj_json *j, struct nj_cur *c, uint8_t variation)
{
	nj_json_u64(j, "file_handle", nj_cur_le32(c));
	if (variation == 4) {
		nj_json_u64(j, "file_size", nj_cur_le32(c));
		nj_json_u64(j, "maximum_block_size", nj_cur_le16(c));
		nj_json_u64(j, "request_id", nj_cur_le16(c));
	} else {
		nj_json_u64(j, "block_number", nj_cur_le32(c));
	}
	if (variation == 5) {
		nj_json_str(j, "file_data", nj_cur_rest(c));
		return;
	}
	nj_json_u64(j, "status_code", nj_cur_u8(c));
	nj_json_str(j, "optional_text", nj_cur_rest(c));
}

static void
put_file_described(struct nj_json *j, struct nj_cur *c)
{
	uint16_t size;

	nj_json_u64(j, "filename_offset", nj_cur_le16(c));
	size = nj_cur_le16(c);
	nj_json_u64(j, "filename_size", size);
	nj_json_u64(j, "file_type", nj_cur_le16(c));
	nj_json_u64(j, "file_size", nj_cur_le32(c));
	nj_json_u64(j, "created_timestamp", time48(c));
	nj_json_u64(j, "permissions", nj_cur_le16(c));
	nj_json_u64(j, "request_id", nj_cur_le16(c));
	nj_json_str(j, "filename", nj_cur_take(c, size));
}

/* A point that tells its size; of others than files only that is known. */
static bool
put_sized(struct nj_json *j, const struct dnp3_object *o, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	if (o->group != 70)
		return true;
	if (o->variation == 3)
		put_file_open(j, &c);
	else if (o->variation >= 4 && o->variation <= 6)
		put_file_state(j, &c, o->variation);
	else if (o->variation == 7)
		put_file_described(j, &c);
	else if (o->variation == 8)
		nj_json_str(j, "file_specification", v);
	return !c.bad;
}

/* ---- Objects ---- */

static uint32_t
prefix_of(struct nj_cur *c, unsigned code)
{
	switch (code) {
	case 1:
	case 4:
		return nj_cur_u8(c);
	case 2:
	case 5:
		return nj_cur_le16(c);
	case 3:
	case 6:
		return nj_cur_le32(c);
	default:
		return 0;
	}
}

static void
put_packed(struct nj_json *j, const struct dnp3_object *o, uint32_t i)
{
	unsigned bits = o->layout->bits;
	size_t at = (size_t)i * bits;
	uint8_t octet = o->points.data[at / 8];

	nj_json_u64(j, o->group == 12 ? "point" : "state",
		octet >> at % 8 & ((1u << bits) - 1));
}

/* What makes up the i-th point, its prefix apart. */
static bool
put_point(struct nj_json *j, const struct dnp3_object *o, uint32_t i,
	struct nj_cur *c)
{
	const struct dnp3_layout *l = o->layout;

	if (l->bits) {
		/* Bits follow each other; prefixes would part them. */
		if (nj_dnp3_prefix_code(o))
			return false;
		put_packed(j, o, i);
		return true;
	}
	if (l->flags)
		put_flags(j, l, nj_cur_u8(c));
	put_value(j, l, c);
	put_time(j, l, c);
	put_extra(j, l, c);
	return !c->bad;
}

static void
put_points(struct nj_json *j, const struct dnp3_object *o)
{
	unsigned code = nj_dnp3_prefix_code(o);
	bool sized = code >= PREFIX_SIZE_FIRST && code <= PREFIX_SIZE_LAST;
	uint32_t n = nj_min(o->count, (uint32_t)POINTS_MAX);
	struct nj_cur c = nj_cur(o->points);

	if (!o->points.len || (!sized && (!o->layout || !o->layout->group)))
		return;
	nj_json_arr(j, "points");
	for (uint32_t i = 0; i < n && !c.bad; i++) {
		uint32_t prefix = prefix_of(&c, code);
		bool good;

		nj_json_obj(j, NULL);
		nj_json_u64(j, "prefix", prefix);
		nj_json_u64(j, "index", (uint64_t)o->start + i);
		if (sized)
			nj_json_u64(j, "size", prefix);
		good = sized ? put_sized(j, o, nj_cur_take(&c, prefix))
			     : put_point(j, o, i, &c);
		nj_json_end(j);
		if (!good || !nj_json_keep(j))
			break;
	}
	nj_json_end(j);
}

/* All objects; true when all made sense. */
static bool
put_objects(struct nj_json *j, uint8_t fc, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct dnp3_object o;
	bool any = false;

	for (unsigned i = 0; i < OBJECTS_MAX && nj_dnp3_object(&c, fc, &o);
		i++) {
		if (!any)
			nj_json_arr(j, "objects");
		any = true;
		nj_json_obj(j, NULL);
		nj_json_u64(j, "group", o.group);
		nj_json_u64(j, "variation", o.variation);
		nj_json_u64(j, "qualifier", o.qualifier);
		nj_json_u64(j, "prefix_code", nj_dnp3_prefix_code(&o));
		nj_json_u64(j, "range_code", nj_dnp3_range_code(&o));
		nj_json_u64(j, "start", o.start);
		nj_json_u64(j, "stop", o.stop);
		nj_json_u64(j, "count", o.count);
		put_points(j, &o);
		nj_json_end(j);
		if (!nj_json_keep(j))
			break;
	}
	if (any)
		nj_json_end(j);
	return !c.bad;
}

/* ---- The event ---- */

static struct nj_view
link_control(struct nj_dctx *d, uint8_t control)
{
	struct nj_json j;

	nj_arena_json(d, &j, SMALL_BYTES);
	nj_json_obj(&j, NULL);
	nj_json_bool(&j, "dir", control >> 7 & 1);
	nj_json_bool(&j, "pri", control >> 6 & 1);
	nj_json_bool(&j, "fcb", control >> 5 & 1);
	nj_json_bool(&j, "fcv", control >> 4 & 1);
	nj_json_u64(&j, "function_code", control & 15);
	nj_json_end(&j);
	return nj_arena_json_end(d, &j);
}

static struct nj_view
indications(struct nj_dctx *d, uint16_t iin)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} words[] = { { 0x0100, "all_stations" }, { 0x0200, "class_1_events" },
		{ 0x0400, "class_2_events" }, { 0x0800, "class_3_events" },
		{ 0x1000, "need_time" }, { 0x2000, "local_control" },
		{ 0x4000, "device_trouble" }, { 0x8000, "device_restart" },
		{ 0x0001, "no_func_code_support" },
		{ 0x0002, "object_unknown" }, { 0x0004, "parameter_error" },
		{ 0x0008, "event_buffer_overflow" },
		{ 0x0010, "already_executing" }, { 0x0020, "config_corrupt" },
		{ 0x0040, "reserved_2" }, { 0x0080, "reserved_1" } };
	struct nj_json j;

	nj_arena_json(d, &j, SMALL_BYTES);
	nj_json_obj(&j, NULL);
	nj_json_arr(&j, "indicators");
	for (size_t i = 0; i < nj_countof(words); i++)
		if (iin & words[i].bit)
			nj_json_text(&j, NULL, words[i].name);
	nj_json_end(&j);
	nj_json_end(&j);
	return nj_arena_json_end(d, &j);
}

static struct nj_view
application(
	struct nj_dctx *d, uint8_t control, uint8_t fc, struct nj_view objects)
{
	struct nj_json j;
	bool complete;

	nj_arena_json(d, &j, JSON_BYTES);
	nj_json_obj(&j, NULL);
	nj_json_obj(&j, "control");
	nj_json_bool(&j, "fir", control >> 7 & 1);
	nj_json_bool(&j, "fin", control >> 6 & 1);
	nj_json_bool(&j, "con", control >> 5 & 1);
	nj_json_bool(&j, "uns", control >> 4 & 1);
	nj_json_u64(&j, "sequence", control & 15);
	nj_json_end(&j);
	nj_json_u64(&j, "function_code", fc);
	(void)nj_json_keep(&j);
	complete = put_objects(&j, fc, objects);
	nj_json_bool(&j, "complete", complete);
	nj_json_end(&j);
	return nj_arena_json_end(d, &j);
}

void
nj_dnp3_eve(struct nj_dctx *d, const struct nj_dnp3_link *link,
	struct nj_view fragment)
{
	struct eve_dnp3_event ev = { .dnp3__src = link->src,
		.dnp3__dst = link->dst };
	struct nj_cur c = nj_cur(fragment);
	uint8_t control, fc;

	if (!nj_wanted(d, &eve_dnp3_desc))
		return;
	control = nj_cur_u8(&c);
	fc = nj_cur_u8(&c);
	/* Confirmations have no event of their own. */
	if (fc == FC_CONFIRM)
		return;
	ev.dnp3__type = fc == FC_UNSOLICITED ? NJ_LIT("unsolicited_response")
			: fc >= FC_RESPONSE  ? NJ_LIT("response")
					     : NJ_LIT("request");
	ev.dnp3__control = link_control(d, link->control);
	if (fc >= FC_RESPONSE)
		ev.dnp3__iin = indications(d, nj_cur_u16(&c));
	if (c.bad)
		return;
	ev.dnp3__application = application(d, control, fc, nj_cur_rest(&c));
	/* Responses, too, are told from the originator's side. */
	(void)nj_emit_dir(d, &eve_dnp3_desc, &ev, NJ_ORIG);
}
