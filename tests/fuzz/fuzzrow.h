/*
 * fuzzrow.h - a log type with every type of field, for harnesses that read
 * rows.
 */
#ifndef NJ_TESTS_FUZZ_FUZZROW_H
#define NJ_TESTS_FUZZ_FUZZROW_H

#include <stdlib.h>

#include "engine/event/event_priv.h"
#include "engine/event/row.h"

#define FUZZROW(F, tag)                                                        \
	F(tag, 1, BOOL, a, 0, "")                                              \
	F(tag, 2, U8, b, NJ_OPT, "")                                           \
	F(tag, 3, U16, c, NJ_OPT, "")                                          \
	F(tag, 4, U32, d, NJ_OPT, "")                                          \
	F(tag, 5, U64, e, NJ_OPT, "")                                          \
	F(tag, 6, I64, f, NJ_OPT, "")                                          \
	F(tag, 7, F64, g, NJ_OPT, "")                                          \
	F(tag, 8, TIME, h, NJ_OPT, "")                                         \
	F(tag, 9, IVAL, i, NJ_OPT, "")                                         \
	F(tag, 10, STR, j, 0, "")                                              \
	F(tag, 11, ADDR, k, 0, "")                                             \
	F(tag, 12, VSTR, l, 0, "")                                             \
	F(tag, 13, VU64, m, 0, "")                                             \
	F(tag, 14, VIVAL, n, 0, "")                                            \
	F(tag, 15, VADDR, o, 0, "")
NJ_EVENT(fuzzrow, FUZZROW, "Every type once");

/* A copy with length and log type put right, which a fuzzer would have to
 * guess; NULL when it cannot be a row. To be freed. */
static inline uint8_t *
fuzzrow_mend(const uint8_t *data, size_t size)
{
	uint32_t type = nj_event_type(&fuzzrow_desc), len = (uint32_t)size;
	uint8_t *copy;

	if (size < NJ_ROW_HEAD_BYTES || size > NJ_ROW_BYTES_MAX)
		return NULL;
	copy = malloc(size);
	if (!copy)
		return NULL;
	memcpy(copy, data, size);
	memcpy(copy + NJ_ROW_AT_LEN, &len, 4);
	memcpy(copy + NJ_ROW_AT_TYPE, &type, 4);
	return copy;
}

#endif
