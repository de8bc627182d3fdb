/*
 * segment.c - tests of segments: rows come back as they were, columns say
 * what rows say, filters know what is there, broken bytes are told.
 */
#include "tests/unit/segkit.h"

#include "engine/dissect/dissect.h"
#include "engine/event/community.h"
#include "engine/pipeline/pipeline.h"
#include "engine/store/pack_priv.h"

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

/* Numbers of every width come back from bits, whole runs and what is left. */
static void
any_width_comes_back(void **unused)
{
	static const size_t counts[] = { 1, 7, 511, 512, 513, 1300 };
	static uint64_t v[1300], wide[NJ_PACK_RUN];
	static uint32_t narrow[NJ_PACK_RUN];
	struct chance c = { 20, 0 };

	(void)unused;
	for (unsigned bits = 1; bits <= 64; bits++) {
		size_t n = counts[bits % nj_countof(counts)];
		size_t bytes = nj_pack_bytes(n, bits);
		uint8_t *out = malloc(bytes);

		assert_non_null(out);
		for (size_t i = 0; i < n; i++)
			v[i] = chance_next(&c) >> (64 - bits);
		nj_pack(out, v, n, bits);
		for (size_t i = 0; i < n; i++) {
			if (i % NJ_PACK_RUN == 0)
				nj_unpack64(wide, out, i, n, bits);
			assert_int_equal(wide[i % NJ_PACK_RUN], v[i]);
			if (bits > 32)
				continue;
			if (i % NJ_PACK_RUN == 0)
				nj_unpack32(narrow, out, i, n, bits);
			assert_int_equal(narrow[i % NJ_PACK_RUN], v[i]);
		}
		free(out);
	}
}

/* ---- Columns ---- */

static struct nj_column
column(uint8_t id)
{
	struct nj_seg_source from = segment_source(&segment);
	struct nj_column c;

	assert_int_equal(
		nj_segment_column(&c, &segment.header, &from, id, arena),
		NJ_OK);
	assert_int_equal(c.rows, rows.n);
	assert_int_equal(c.id, id);
	return c;
}

static bool
has(const struct nj_column *c, uint32_t row)
{
	return !c->present || c->present[row / 64] >> row % 64 & 1;
}

/* The i-th by ts of the rows that were put; gives whether it has the field. */
static bool
field_of(uint32_t i, uint8_t id, struct nj_row_field *f)
{
	struct nj_row_iter it;
	struct nj_row row;

	assert_true(nj_row_parse(&row, row_bytes(rows.order[i])));
	nj_row_iter_init(&it, &row);
	while (nj_row_next(&it, f))
		if (f->id == id)
			return true;
	return false;
}

static struct nj_view
text_of(const struct nj_row_field *f)
{
	return f->type == NJ_T_STR ? f->bytes
				   : (struct nj_view){ f->addr.bytes,
					     f->addr.family == 4   ? 4
					     : f->addr.family == 6 ? 16
								   : 0 };
}

static uint64_t
number_of(const struct nj_row_field *f)
{
	return f->type == NJ_T_I64 || f->type == NJ_T_TIME ||
			       f->type == NJ_T_IVAL
		       ? (uint64_t)f->i
		       : f->u;
}

/* One value of a column against one of a row. */
static void
check_value(
	const struct nj_column *c, uint32_t at, const struct nj_row_field *f)
{
	struct nj_view v;

	if (c->u) {
		assert_int_equal(c->u[at], number_of(f));
		return;
	}
	v = nj_dict_get(&c->dict, c->code[at]);
	assert_true(nj_view_eq(v, text_of(f)));
}

static void
check_column(uint8_t id)
{
	struct nj_column c = column(id);
	struct nj_row_field f, e;

	for (uint32_t i = 0; i < rows.n; i++) {
		bool there = field_of(i, id, &f);

		assert_int_equal(has(&c, i), there);
		if (!c.first) {
			if (there)
				check_value(&c, i, &f);
			else
				assert_int_equal(c.u ? c.u[i] : c.code[i], 0);
			continue;
		}
		for (uint32_t at = c.first[i]; at < c.first[i + 1]; at++) {
			assert_true(there && nj_row_elem(&f, &e));
			check_value(&c, at, &e);
		}
		assert_false(there && nj_row_elem(&f, &e));
	}
}

/* Columns say what rows say, of rows without a value 0, and dictionaries are
 * in the order of their bytes, without a value twice. */
static void
columns_say_the_same(void **unused)
{
	struct chance c = { 5, 300 };

	(void)unused;
	rows_fill(&segtest_desc, 3000, &c);
	rows_seal();
	for (uint8_t id = 1; id <= 15; id++) {
		struct nj_column col;

		nj_seg_arena_reset(arena);
		check_column(id);
		col = column(id);
		for (uint32_t i = 1; i < col.dict.n; i++) {
			struct nj_view a = nj_dict_get(&col.dict, i - 1);
			struct nj_view b = nj_dict_get(&col.dict, i);
			int order =
				memcmp(a.data, b.data, nj_min(a.len, b.len));

			assert_true(order < 0 || (!order && a.len < b.len));
		}
	}
	segment_free(&segment);
}

/* Least and greatest of a header are those of the rows, by the type's own
 * order. */
static void
headers_tell_ranges(void **unused)
{
	struct chance c = { 6, 0 };
	const struct nj_seg_column *h;
	struct nj_column col;

	(void)unused;
	rows_fill(&segtest_desc, 2000, &c);
	rows_seal();
	nj_seg_arena_reset(arena);
	for (uint8_t id = 1; id <= 9; id++) {
		uint64_t flip = id == 6 || id >= 8 ? UINT64_C(1) << 63 : 0;

		h = nj_seg_header_column(&segment.header, id);
		col = column(id);
		assert_non_null(h);
		assert_true(h->ranged);
		for (uint32_t i = 0; i < rows.n && id != 7; i++) {
			if (!has(&col, i))
				continue;
			assert_true((col.u[i] ^ flip) >= (h->min.u ^ flip));
			assert_true((col.u[i] ^ flip) <= (h->max.u ^ flip));
		}
	}
	assert_null(nj_seg_header_column(&segment.header, 16));
	segment_free(&segment);
}

/* ---- Filters ---- */

static bool
may_hold(uint8_t id, struct nj_view v)
{
	struct nj_seg_source from = segment_source(&segment);

	return nj_segment_may_hold(&segment.header, &from, id, v);
}

static void
swap_case(uint8_t *to, struct nj_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		uint8_t ch = v.data[i], small = ch | 0x20;

		to[i] = small >= 'a' && small <= 'z' ? ch ^ 0x20 : ch;
	}
}

static void
check_filter(uint8_t id)
{
	struct nj_column c = column(id);
	uint8_t other[CHANCE_TEXT];
	struct nj_view v;

	for (uint32_t i = 0; i < c.n; i++) {
		if (!c.first && !has(&c, i))
			continue;
		if (c.u) {
			assert_true(may_hold(
				id, (struct nj_view){
					    (const uint8_t *)&c.u[i], 8 }));
			continue;
		}
		v = nj_dict_get(&c.dict, c.code[i]);
		assert_true(may_hold(id, v));
		if (c.type != NJ_T_STR && c.type != NJ_T_VSTR)
			continue;
		swap_case(other, v);
		assert_true(may_hold(id, (struct nj_view){ other, v.len }));
	}
}

/* A filter never denies what is there, in whatever case it is asked for. */
static void
filters_deny_nothing_that_is_there(void **unused)
{
	(void)unused;
	for (uint32_t values = 0; values < 3000; values += 20 + 20 * values) {
		struct chance c = { 7, values };

		rows_fill(&segtest_desc, 1500, &c);
		rows_seal();
		for (uint8_t id = 1; id <= 15; id++) {
			nj_seg_arena_reset(arena);
			check_filter(id);
		}
		segment_free(&segment);
	}
}

/* And what is not there it lets pass about once in a hundred times: uids,
 * addresses, strings, numbers. */
static void
filters_deny_what_is_not_there(void **unused)
{
	static const uint8_t ids[] = { 5, 10, 11, NJ_COL_UID, NJ_COL_ORIG_H };
	struct chance c = { 8, 0 };

	(void)unused;
	rows_fill(&segtest_desc, 20000, &c);
	rows_seal();
	for (unsigned k = 0; k < nj_countof(ids); k++) {
		unsigned passed = 0;

		for (uint64_t i = 0; i < 10000; i++) {
			uint64_t v[2] = { nj_mix64(i + 1000000), ~i };
			size_t n = ids[k] == 5            ? 8
				   : ids[k] == NJ_COL_UID ? NJ_SEG_UID_KEY
							  : 16;

			passed += may_hold(ids[k],
				(struct nj_view){ (const uint8_t *)v, n });
		}
		assert_true(passed < 300);
	}
	segment_free(&segment);
}

/* ---- Community ids ---- */

#define SEGFLOW(F, tag)                                                        \
	F(tag, 1, STR, community_id, NJ_INDEX, "")                             \
	F(tag, 2, U64, number, 0, "")
NJ_EVENT(segflow, SEGFLOW, "A flow");

static void
flow_add(uint32_t i, bool own)
{
	struct nj_head head = { .ts_ns = 1000 - (int64_t)(i % 7),
		.ip_proto = i % 3 ? 6 : 1,
		.orig = nj_addr4(&i),
		.resp = nj_addr4("\1\2\3\4"),
		.orig_p = i % 3 ? (uint16_t)(i * 7) : 8,
		.resp_p = 443 };
	struct segflow_event ev = { .number = i };
	char text[NJ_COMMUNITY_TEXT] = "1:another=";

	head.order_ns = head.ts_ns;
	ev.community_id = (struct nj_view){ (const uint8_t *)text, 10 };
	if (!own)
		ev.community_id.len = nj_community_id(&head, true, text);
	if (i % 5 == 0)
		ev.community_id.data = NULL;
	assert_true(nj_buf_room(&rows.bytes, NJ_ROW_BYTES_MAX));
	rows_add(nj_row_encode(rows.bytes.data + rows.bytes.len,
		NJ_ROW_BYTES_MAX, &segflow_desc, &head, &ev));
}

/* Community ids that follow from the heads take no room and come back; one
 * that does not, and they are all kept. */
static void
community_ids_are_derived(void **unused)
{
	uint64_t bytes[2];

	(void)unused;
	for (unsigned own = 0; own < 2; own++) {
		const struct nj_seg_column *h;

		rows_begin(&segflow_desc);
		for (uint32_t i = 0; i < 3000; i++)
			flow_add(i, own && i == 2999);
		rows_seal();
		h = nj_seg_header_column(&segment.header, 1);
		assert_int_equal(h->derived, !own);
		bytes[own] = segment.part[1].len;
		nj_seg_arena_reset(arena);
		check_column(1);
		check_filter(1);
		check_rows();
		segment_free(&segment);
	}
	assert_true(bytes[0] < 1000 && bytes[1] > 20000);
}

/* ---- Other versions ---- */

/* A field that this build does not know is passed over and counted. */
static void
unknown_fields_are_counted(void **unused)
{
	static const struct nj_field later = { .id = 60, .type = NJ_T_U64 };
	struct nj_head head = { .ts_ns = 5, .order_ns = 5 };
	uint64_t number = 7;
	struct nj_row_writer w;

	(void)unused;
	rows_begin(&segtest_desc);
	assert_true(nj_buf_room(&rows.bytes, NJ_ROW_BYTES_MAX));
	nj_row_begin(&w, rows.bytes.data, NJ_ROW_BYTES_MAX,
		nj_event_type(&segtest_desc), &head);
	nj_row_put(&w, &segtest_desc.fields[4], &number);
	nj_row_put(&w, &later, &number);
	rows_add(nj_row_end(&w));
	assert_int_equal(nj_seg_builder_passed(builder), 1);
	rows_seal();
	nj_seg_arena_reset(arena);
	assert_int_equal(column(5).u[0], 7);
	assert_null(nj_seg_header_column(&segment.header, 60));
	segment_free(&segment);
}

/* A column that a later version wrote can be asked for by its id, rows come
 * without it; one that an older version did not have is not there. */
static void
columns_of_other_versions(void **unused)
{
	struct nj_seg_source from = segment_source(&segment);
	struct chance c = { 9, 50 };
	const struct nj_event_desc *was = &segtest_desc;
	struct nj_buf out = { 0 };
	uint32_t zero = 0;
	struct nj_column col;
	struct nj_row row;

	(void)unused;
	rows_fill(was, 300, &c);
	rows_seal();
	/* The log type that the segment says is now one that has fewer. */
	segment.header.type = nj_event_type(&segflow_desc);
	assert_int_equal(nj_event_register(&segflow_desc), NJ_OK);
	nj_seg_arena_reset(arena);
	assert_int_equal(
		nj_segment_column(&col, &segment.header, &from, 12, arena),
		NJ_OK);
	assert_int_equal(
		nj_segment_column(&col, &segment.header, &from, 16, arena),
		NJ_E_NOENT);
	assert_int_equal(nj_segment_rows(&out, &segment.header, &from,
				 (struct nj_seg_pick){ &zero, 1 }, arena),
		NJ_OK);
	assert_true(nj_row_parse(&row, (struct nj_view){ out.data, out.len }));
	assert_int_equal(row.fields.len, 0);
	zero = 300;
	assert_int_equal(nj_segment_rows(&out, &segment.header, &from,
				 (struct nj_seg_pick){ &zero, 1 }, arena),
		NJ_E_RANGE);
	nj_buf_free(&out);
	segment_free(&segment);
}

/* ---- What is broken ---- */

/* A changed byte of any part or of the header is told, and nothing of the
 * part is given; filters that cannot be read deny nothing. */
static void
changed_bytes_are_told(void **unused)
{
	struct nj_seg_source from = segment_source(&segment);
	struct chance c = { 10, 200 };
	struct nj_seg_header h;
	struct nj_column col;

	(void)unused;
	rows_fill(&segtest_desc, 700, &c);
	rows_seal();
	for (size_t i = 0; i < segment.header_bytes.len; i++) {
		segment.header_bytes.data[i] ^= 0x10;
		assert_false(nj_seg_header_parse(
			&h, (struct nj_view){ segment.header_bytes.data,
				    segment.header_bytes.len }));
		segment.header_bytes.data[i] ^= 0x10;
	}
	for (unsigned part = 1; part < 256; part++) {
		uint8_t id = part & (NJ_PART_FILTER - 1);
		struct nj_buf *b = &segment.part[part];

		for (size_t i = 0; i < b->len; i += 1 + i / 8) {
			b->data[i] ^= 1;
			nj_seg_arena_reset(arena);
			if (part & NJ_PART_FILTER)
				assert_true(may_hold(id, NJ_LIT("x")));
			else
				assert_int_equal(
					nj_segment_column(&col, &segment.header,
						&from, id, arena),
					NJ_E_FORMAT);
			b->data[i] ^= 1;
		}
	}
	segment_free(&segment);
}

/* A row of another type is not taken, nor one whose fields are cut, and what
 * comes after it is. */
static void
broken_rows_are_not_taken(void **unused)
{
	struct chance c = { 11, 20 };
	uint8_t bytes[64 * 1024];
	struct nj_row row;
	size_t n;

	(void)unused;
	rows_fill(&segtest_desc, 20, &c);
	n = chance_row(bytes, sizeof(bytes), &segflow_desc, &c);
	assert_true(nj_row_parse(&row, (struct nj_view){ bytes, n }));
	assert_int_equal(nj_seg_builder_add(builder, &row), NJ_E_FORMAT);
	n = chance_row(bytes, sizeof(bytes), &segtest_desc, &c);
	assert_true(nj_row_parse(&row, (struct nj_view){ bytes, n }));
	row.fields.len--;
	assert_int_equal(nj_seg_builder_add(builder, &row), NJ_E_FORMAT);
	assert_int_equal(nj_seg_builder_rows(builder), 20);
	assert_true(nj_buf_room(&rows.bytes, NJ_ROW_BYTES_MAX));
	rows_add(chance_row(rows.bytes.data + rows.bytes.len, NJ_ROW_BYTES_MAX,
		&segtest_desc, &c));
	rows_seal();
	check_rows();
	segment_free(&segment);
}

/* A reader whose memory is used up says so and gives nothing. */
static void
memory_is_bounded(void **unused)
{
	struct nj_seg_source from = segment_source(&segment);
	struct chance c = { 12, 0 };
	struct nj_seg_arena *small;
	struct nj_column col;

	(void)unused;
	rows_fill(&segtest_desc, 3000, &c);
	rows_seal();
	assert_int_equal(nj_seg_arena_create(&small, 16 * 1024), NJ_OK);
	assert_int_equal(
		nj_segment_column(&col, &segment.header, &from, 10, small),
		NJ_E_FULL);
	nj_seg_arena_destroy(&small);
	assert_int_equal(nj_seg_builder_create(&builder, &segtest_desc), NJ_OK);
	assert_int_equal(
		nj_seg_builder_finish(builder, NULL, NULL), NJ_E_STATE);
	nj_seg_builder_destroy(&builder);
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
		cmocka_unit_test(any_width_comes_back),
		cmocka_unit_test(columns_say_the_same),
		cmocka_unit_test(headers_tell_ranges),
		cmocka_unit_test(filters_deny_nothing_that_is_there),
		cmocka_unit_test(filters_deny_what_is_not_there),
		cmocka_unit_test(community_ids_are_derived),
		cmocka_unit_test(unknown_fields_are_counted),
		cmocka_unit_test(columns_of_other_versions),
		cmocka_unit_test(changed_bytes_are_told),
		cmocka_unit_test(broken_rows_are_not_taken),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
