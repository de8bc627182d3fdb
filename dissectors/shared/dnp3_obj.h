/*
 * dnp3_obj.h - the objects of a DNP3 application fragment (IEEE 1815-2012
 * clause 4.2.2.7 and annex A): where each header's points begin and end, and
 * the records of what they say.
 */
#ifndef NJ_DISSECTORS_SHARED_DNP3_OBJ_H
#define NJ_DISSECTORS_SHARED_DNP3_OBJ_H

#include "engine/dissect/dissector.h"

#define NJ_DNP3_OBJECTS(F, tag)                                                \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, STR, function_code, NJ_INDEX | NJ_LEARN, "Function")         \
	F(tag, 3, STR, object_type, NJ_INDEX | NJ_LEARN, "Kind of object")     \
	F(tag, 4, U8, group, NJ_LEARN, "Group")                                \
	F(tag, 5, U8, variation, NJ_LEARN, "Variation: the form of a point")   \
	F(tag, 6, U32, object_count, NJ_OPT | NJ_LEARN, "Points")              \
	F(tag, 7, U32, range_low, NJ_OPT,                                      \
		"First point, where a range is given")                         \
	F(tag, 8, U32, range_high, NJ_OPT, "Last point")
NJ_EVENT_DECLARE(dnp3_objects, NJ_DNP3_OBJECTS);

#define NJ_DNP3_CONTROL(F, tag)                                                \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, STR, block_type, NJ_INDEX | NJ_LEARN, "Kind of command")     \
	F(tag, 3, STR, function_code, NJ_INDEX | NJ_LEARN,                     \
		"SELECT, OPERATE, ...; RESPONSE echoes the command")           \
	F(tag, 4, U32, index_number, NJ_OPT | NJ_INDEX | NJ_LEARN, "Output")   \
	F(tag, 5, STR, trip_control_code, NJ_LEARN, "Nul, Close or Trip")      \
	F(tag, 6, STR, operation_type, NJ_LEARN, "Pulse_On, Latch_On, ...")    \
	F(tag, 7, U8, execute_count, NJ_OPT, "Times to execute")               \
	F(tag, 8, U32, on_time, NJ_OPT, "Time on, ms")                         \
	F(tag, 9, U32, off_time, NJ_OPT, "Time off, ms")                       \
	F(tag, 10, STR, status_code, NJ_INDEX, "Status")                       \
	F(tag, 11, F64, value, NJ_OPT, "Value set at an analog output")
NJ_EVENT_DECLARE(dnp3_control, NJ_DNP3_CONTROL);

/* Flag octets differ in the names of their upper bits. */
enum dnp3_flags {
	DNP3_F_NONE,
	DNP3_F_INPUT,
	DNP3_F_DOUBLE,
	DNP3_F_OUTPUT,
	DNP3_F_COUNTER,
	DNP3_F_ANALOG,
	DNP3_F_COMMAND /* status of a command and the state commanded */
};
enum dnp3_value {
	DNP3_V_NONE,
	DNP3_V_U8,
	DNP3_V_U16,
	DNP3_V_U32,
	DNP3_V_I16,
	DNP3_V_I32,
	DNP3_V_F32,
	DNP3_V_F64
};
enum dnp3_time { DNP3_T_NONE, DNP3_T_16, DNP3_T_48 };

/* One point of an object: what stands in it, in this order. */
struct dnp3_layout {
	uint8_t group, variation;
	uint8_t bits; /* above 0: packed, so many bits a point */
	uint8_t flags, value, time;
	uint8_t extra; /* further bytes (control blocks, statuses) */
};

struct dnp3_object {
	uint8_t group, variation, qualifier;
	uint32_t start, stop, count;
	/* NULL: not known, then points is all that is left. */
	const struct dnp3_layout *layout;
	struct nj_view points; /* with prefixes; empty when there are none */
};

static inline unsigned
nj_dnp3_prefix_code(const struct dnp3_object *o)
{
	return o->qualifier >> 4 & 7;
}
static inline unsigned
nj_dnp3_range_code(const struct dnp3_object *o)
{
	return o->qualifier & 15;
}

/* The next object header with its points, in a fragment of function fc.
 * False at the end, or (c.bad) where the rest makes no sense. */
bool nj_dnp3_object(struct nj_cur *c, uint8_t fc, struct dnp3_object *out);
/* Bytes of a point without its prefix. */
size_t nj_dnp3_point_bytes(const struct dnp3_layout *l);
/* Name of a function code, as Zeek has it; "unknown-N" where there is none. */
struct nj_view nj_dnp3_function(struct nj_dctx *d, uint8_t fc);
/* Records of the object headers of a whole fragment and of the commands in
 * it. False when it makes no sense. */
bool nj_dnp3_tell(
	struct nj_dctx *d, enum nj_dir dir, uint8_t fc, struct nj_view objects);

#endif
