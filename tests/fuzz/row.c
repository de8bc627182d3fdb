/*
 * row.c - fuzzes the readers of rows: check, walk, JSON. Rows come from
 * links and from the process that parses packets.
 */
#include "tests/fuzz/fuzz.h"

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

static struct nj_buf json;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	NJ_ASSERT(!nj_event_register(&fuzzrow_desc));
	return 0;
}

/* Touches all that the walk gives; the sum keeps the compiler from leaving
 * it out. No byte of a row is given twice. */
static size_t
walk(const struct nj_row *row)
{
	struct nj_row_field f, elem = { 0 };
	struct nj_row_iter it;
	size_t sum = 0;

	nj_row_iter_init(&it, row);
	while (nj_row_next(&it, &f)) {
		for (size_t i = 0; f.type == NJ_T_STR && i < f.bytes.len; i++)
			sum += f.bytes.data[i];
		if (f.type < NJ_T_VSTR)
			continue;
		while (nj_row_elem(&f, &elem))
			sum += elem.type;
	}
	return sum;
}

/* JSON is one line of ASCII or valid UTF-8 between braces. */
static void
check_json(void)
{
	NJ_ASSERT(json.len >= 2 && json.data[0] == '{' &&
		  json.data[json.len - 1] == '}');
	for (size_t i = 0; i < json.len; i++)
		NJ_ASSERT(json.data[i] >= 0x20);
}

static void
try_row(const uint8_t *data, size_t size)
{
	struct nj_row row;

	if (!nj_row_parse(&row, (struct nj_view){ data, size }))
		return;
	NJ_ASSERT(walk(&row) <= 256 * (size_t)NJ_ROW_BYTES_MAX);
	nj_buf_reset(&json);
	nj_row_json(&json, &row);
	check_json();
}

/* Once as it is, and once with length and log type put right, which a fuzzer
 * would have to guess. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t type = nj_event_type(&fuzzrow_desc), len = (uint32_t)size;
	uint8_t *copy;

	try_row(data, size);
	if (size < NJ_ROW_HEAD_BYTES || size > NJ_ROW_BYTES_MAX)
		return 0;
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	memcpy(copy + NJ_ROW_AT_LEN, &len, 4);
	memcpy(copy + NJ_ROW_AT_TYPE, &type, 4);
	try_row(copy, size);
	free(copy);
	return 0;
}
