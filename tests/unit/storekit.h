/*
 * storekit.h - rows that carry a number, a store that takes them, and the
 * numbers that a view of it has: for tests that ask whether every row is there
 * once.
 */
#ifndef NJ_TESTS_UNIT_STOREKIT_H
#define NJ_TESTS_UNIT_STOREKIT_H

#include "tests/unit/unit.h"

#include "engine/store/store.h"
#include "tests/unit/folder.h"

#define STOREROW(F, tag)                                                       \
	F(tag, 1, U64, number, NJ_INDEX, "Counts up")                          \
	F(tag, 2, STR, text, NJ_INDEX, "Follows from the number")
NJ_EVENT(storerow, STOREROW, "A common record");
#define STORERARE(F, tag) F(tag, 1, U64, number, 0, "Counts up")
NJ_EVENT(storerare, STORERARE, "A rare record");

enum { KIT_ARENA = 256 << 20, KIT_ROW_CAP = 512 };

static inline int
kit_register(void **unused)
{
	(void)unused;
	return nj_event_register(&storerow_desc) ||
	       nj_event_register(&storerare_desc);
}

static inline struct nj_store_conf
kit_conf(const char *folder)
{
	return (struct nj_store_conf){ .folder = folder,
		.mode = NJ_KV_OWN,
		.sync_every_ns = NJ_NS_PER_S };
}

static inline struct nj_store *
kit_open(const struct nj_store_conf *conf)
{
	struct nj_store *s;
	char why[NJ_KV_WHY];
	enum nj_err err = nj_store_open(&s, conf, why);

	if (err)
		print_error("%s: %s\n", nj_err_text(err), why);
	assert_int_equal(err, NJ_OK);
	return s;
}

/* The row of a number; its ts is that many milliseconds. */
static inline struct nj_row
kit_row(bool rare, uint64_t number, uint8_t bytes[KIT_ROW_CAP])
{
	struct nj_head head = { .order_ns = (int64_t)number * NJ_NS_PER_MS,
		.ts_ns = (int64_t)number * NJ_NS_PER_MS,
		.uid = { number, number } };
	struct storerow_event ev = { .number = number,
		.text = nj_str(number % 2 ? "odd" : "even") };
	struct storerare_event seldom = { .number = number };
	struct nj_row row;
	size_t n = rare ? nj_row_encode(bytes, KIT_ROW_CAP, &storerare_desc,
				  &head, &seldom)
			: nj_row_encode(bytes, KIT_ROW_CAP, &storerow_desc,
				  &head, &ev);

	assert_true(n > 0);
	assert_true(nj_row_parse(&row, (struct nj_view){ bytes, n }));
	return row;
}

static inline enum nj_err
kit_put(struct nj_store *s, bool rare, uint64_t number,
	const struct nj_store_from *from)
{
	uint8_t bytes[KIT_ROW_CAP];
	struct nj_row row = kit_row(rare, number, bytes);

	return nj_store_put(s, &row, from);
}

/* Rows first to end - 1. */
static inline void
kit_put_range(struct nj_store *s, uint64_t first, uint64_t end)
{
	for (uint64_t i = first; i < end; i++)
		assert_int_equal(kit_put(s, false, i, NULL), NJ_OK);
	assert_int_equal(nj_store_commit(s), NJ_OK);
}

/* What a view holds: how often each number below max comes. */
struct kit_seen {
	uint32_t *times;
	uint64_t max, rows;
	unsigned missing, broken; /* segments gone, segments that cannot be read
				   */
};

static inline void
kit_rows_see(struct kit_seen *seen, struct nj_view bytes)
{
	struct nj_row_field f;
	struct nj_row_iter it;
	struct nj_row row;
	uint32_t len;

	while (bytes.len >= 4) {
		memcpy(&len, bytes.data, 4);
		assert_true(nj_row_parse(
			&row, (struct nj_view){ bytes.data, len }));
		nj_row_iter_init(&it, &row);
		assert_true(nj_row_next(&it, &f));
		assert_int_equal(f.id, 1);
		assert_true(f.u < seen->max);
		seen->times[f.u]++;
		seen->rows++;
		bytes.data += len;
		bytes.len -= len;
	}
	assert_int_equal(bytes.len, 0);
}

static inline void
kit_segment_see(struct kit_seen *seen, const struct nj_store_segment *g)
{
	struct nj_seg_arena *arena;
	struct nj_buf out = { 0 };
	uint32_t *rows = calloc(g->header->rows, sizeof(*rows));
	enum nj_err err;

	assert_non_null(rows);
	assert_int_equal(nj_seg_arena_create(&arena, KIT_ARENA), NJ_OK);
	for (uint32_t i = 0; i < g->header->rows; i++)
		rows[i] = i;
	err = nj_segment_rows(&out, g->header, &g->source,
		(struct nj_seg_pick){ rows, g->header->rows }, arena);
	seen->missing += err == NJ_E_NOENT;
	seen->broken += err == NJ_E_FORMAT;
	if (!err)
		kit_rows_see(seen, (struct nj_view){ out.data, out.len });
	nj_buf_free(&out);
	nj_seg_arena_destroy(&arena);
	free(rows);
}

static inline void
kit_view_see(struct kit_seen *seen, const struct nj_store_view *v)
{
	for (unsigned i = 0; i < nj_store_view_count(v); i++) {
		struct nj_store_segment g;

		nj_store_view_get(v, i, &g);
		kit_segment_see(seen, &g);
	}
}

static inline void
kit_see(struct kit_seen *seen, struct nj_store *s, uint64_t max)
{
	struct nj_store_view *v;

	*seen = (struct kit_seen){ .max = max,
		.times = calloc(max + 1, sizeof(seen->times[0])) };
	assert_non_null(seen->times);
	assert_int_equal(nj_store_view_open(&v, s), NJ_OK);
	kit_view_see(seen, v);
	nj_store_view_close(&v);
}

/* Rows 0 to n - 1 are there, each once, and no other. */
static inline void
kit_expect_once(struct nj_store *s, uint64_t n)
{
	struct kit_seen seen;

	kit_see(&seen, s, n);
	assert_int_equal(seen.rows, n);
	for (uint64_t i = 0; i < n; i++)
		assert_int_equal(seen.times[i], 1);
	free(seen.times);
}

#endif
