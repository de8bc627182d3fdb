/*
 * row.c - fuzzes the readers of rows: check, walk, JSON. Rows come from
 * links and from the process that parses packets.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "tests/fuzz/fuzzrow.h"

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
	uint8_t *copy;

	try_row(data, size);
	copy = fuzzrow_mend(data, size);
	if (copy)
		try_row(copy, size);
	free(copy);
	return 0;
}
