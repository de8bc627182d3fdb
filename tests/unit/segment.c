/*
 * segment.c - tests of segments: rows come back as they were, columns say
 * what rows say, filters know what is there, broken bytes are told.
 */
#include "tests/unit/segkit.h"

#include "engine/pipeline/pipeline.h"

#define SEGTEST(F, tag)                                                        \
	F(tag, 1, BOOL, a, 0, "")                                              \
	F(tag, 2, U8, b, NJ_OPT | NJ_INDEX, "")                                \
	F(tag, 3, U16, c, NJ_OPT | NJ_INDEX, "")                               \
	F(tag, 4, U32, d, NJ_OPT, "")                                          \
	F(tag, 5, U64, e, NJ_OPT | NJ_INDEX, "")                               \
	F(tag, 6, I64, f, NJ_OPT | NJ_INDEX, "")                               \
	F(tag, 7, F64, g, NJ_OPT, "")                                          \
	F(tag, 8, TIME, h, NJ_OPT, "")                                         \
	F(tag, 9, IVAL, i, NJ_OPT, "")                                         \
	F(tag, 10, STR, j, NJ_INDEX, "")                                       \
	F(tag, 11, ADDR, k, NJ_INDEX, "")                                      \
	F(tag, 12, VSTR, l, NJ_INDEX, "")                                      \
	F(tag, 13, VU64, m, NJ_INDEX, "")                                      \
	F(tag, 14, VIVAL, n, 0, "")                                            \
	F(tag, 15, VADDR, o, NJ_INDEX, "")
NJ_EVENT(segtest, SEGTEST, "Every type once");

enum { ARENA_BYTES = 256 << 20 };

/* Rows as they were put, one after the other. */
struct rows {
	struct nj_buf bytes;
	size_t at[NJ_SEGMENT_ROWS_MAX + 1];
	int64_t ts[NJ_SEGMENT_ROWS_MAX];
	uint32_t order[NJ_SEGMENT_ROWS_MAX]; /* by ts */
	uint32_t n;
};
static struct rows rows;
static struct nj_seg_arena *arena;
static struct nj_seg_builder *builder;
static struct segment segment;

static struct nj_view
row_bytes(uint32_t i)
{
	return (struct nj_view){ rows.bytes.data + rows.at[i],
		rows.at[i + 1] - rows.at[i] };
}

static int
by_ts(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (rows.ts[x] != rows.ts[y])
		return rows.ts[x] < rows.ts[y] ? -1 : 1;
	return (x > y) - (x < y);
}

static void
rows_begin(const struct nj_event_desc *desc)
{
	nj_buf_reset(&rows.bytes);
	rows.n = 0;
	assert_int_equal(nj_event_register(desc), NJ_OK);
	assert_int_equal(nj_seg_builder_create(&builder, desc), NJ_OK);
}

/* A row that lies behind those in rows.bytes: remembered, and added. */
static void
rows_add(size_t len)
{
	struct nj_row row;

	assert_true(len > 0);
	assert_true(nj_row_parse(&row,
		(struct nj_view){ rows.bytes.data + rows.bytes.len, len }));
	rows.at[rows.n] = rows.bytes.len;
	rows.bytes.len += len;
	rows.at[rows.n + 1] = rows.bytes.len;
	rows.ts[rows.n] = row.head.ts_ns;
	rows.order[rows.n] = rows.n;
	assert_int_equal(nj_seg_builder_add(builder, &row), NJ_OK);
	rows.n++;
	assert_int_equal(nj_seg_builder_rows(builder), rows.n);
}

static void
rows_fill(const struct nj_event_desc *desc, uint32_t n, struct chance *c)
{
	rows_begin(desc);
	while (rows.n < n) {
		assert_true(nj_buf_room(&rows.bytes, NJ_ROW_BYTES_MAX));
		rows_add(chance_row(rows.bytes.data + rows.bytes.len,
			NJ_ROW_BYTES_MAX, desc, c));
	}
}

static void
rows_seal(void)
{
	segment_finish(&segment, builder);
	nj_seg_builder_destroy(&builder);
	qsort(rows.order, rows.n, sizeof(rows.order[0]), by_ts);
	assert_int_equal(segment.header.rows, rows.n);
	assert_int_equal(segment.header.from_ns, rows.ts[rows.order[0]]);
	assert_int_equal(segment.header.to_ns, rows.ts[rows.order[rows.n - 1]]);
}

/* Bytes of all rows, by ts, are what they were. */
static void
check_rows(void)
{
	struct nj_seg_source from = segment_source(&segment);
	static uint32_t all[NJ_SEGMENT_ROWS_MAX];
	struct nj_buf out = { 0 };
	size_t at = 0;

	for (uint32_t i = 0; i < rows.n; i++)
		all[i] = i;
	nj_seg_arena_reset(arena);
	assert_int_equal(nj_segment_rows(&out, &segment.header, &from,
				 (struct nj_seg_pick){ all, rows.n }, arena),
		NJ_OK);
	for (uint32_t i = 0; i < rows.n; i++) {
		struct nj_view was = row_bytes(rows.order[i]);

		assert_true(at + was.len <= out.len);
		assert_memory_equal(out.data + at, was.data, was.len);
		at += was.len;
	}
	assert_int_equal(at, out.len);
	nj_buf_free(&out);
}

/* Rows of every log type that there is come back as they were, whatever their
 * fields hold or lack. */
static void
all_types_come_back(void **unused)
{
	const struct nj_event_desc *desc;

	(void)unused;
	for (unsigned i = 0; (desc = nj_event_at(i)); i++) {
		struct chance c = { i, i % 3 ? i % 50 : 0 };

		rows_fill(desc, 1 + i % 3 * 300, &c);
		rows_seal();
		check_rows();
		segment_free(&segment);
	}
}

/* So do rows of every field type in any number, of few values or of many. */
static void
any_number_comes_back(void **unused)
{
	static const uint32_t counts[] = { 1, 2, 63, 64, 65, 511, 512, 513,
		5000, 20000 };

	(void)unused;
	for (unsigned i = 0; i < nj_countof(counts); i++) {
		for (uint32_t values = 0; values < 300; values += 100) {
			struct chance c = { counts[i], values };

			rows_fill(&segtest_desc, counts[i], &c);
			rows_seal();
			check_rows();
			segment_free(&segment);
		}
	}
}

/* A full segment takes no row more, and the next begins empty. */
static void
a_full_one_comes_back(void **unused)
{
	struct chance c = { 1, 1000 };
	struct nj_row row;

	(void)unused;
	rows_fill(&segtest_desc, NJ_SEGMENT_ROWS_MAX, &c);
	assert_true(nj_row_parse(&row, row_bytes(0)));
	assert_int_equal(nj_seg_builder_add(builder, &row), NJ_E_FULL);
	segment_finish(&segment, builder);
	assert_int_equal(nj_seg_builder_rows(builder), 0);
	segment_free(&segment);
	for (uint32_t i = 0; i < rows.n; i++) {
		assert_true(nj_row_parse(&row, row_bytes(i)));
		assert_int_equal(nj_seg_builder_add(builder, &row), NJ_OK);
	}
	rows_seal();
	check_rows();
	segment_free(&segment);
}

static int
setup(void **unused)
{
	(void)unused;
	return nj_pipeline_register_all(nj_dissectors) ||
	       nj_event_register(&segtest_desc) ||
	       nj_seg_arena_create(&arena, ARENA_BYTES);
}

static int
teardown(void **unused)
{
	(void)unused;
	nj_seg_arena_destroy(&arena);
	nj_buf_free(&rows.bytes);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_types_come_back),
		cmocka_unit_test(any_number_comes_back),
		cmocka_unit_test(a_full_one_comes_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
