/*
 * rowmerge.c - tests of engine/event/rowmerge.
 */
#include "tests/unit/unit.h"

#include "engine/event/rowmerge.h"
#include "engine/event/weird.h"

enum { ROWS = 8 };

/* A worker that gives rows of the times listed, and says how far it is. */
struct worker {
	int64_t times[ROWS];
	unsigned count, at;
	int64_t watermark;
	uint8_t bytes[256];
};

static bool
worker_next(void *ctx, struct nj_row *row)
{
	struct worker *w = ctx;
	struct weird_event ev = { .name = NJ_LIT("x") };
	struct nj_head head = { 0 };
	size_t n;

	if (w->at == w->count || w->times[w->at] >= w->watermark)
		return false;
	head.order_ns = head.ts_ns = w->times[w->at++];
	n = nj_row_encode(w->bytes, sizeof(w->bytes), &weird_desc, &head, &ev);
	return nj_row_parse(row, (struct nj_view){ w->bytes, n });
}

static int64_t
worker_watermark(void *ctx)
{
	return ((struct worker *)ctx)->watermark;
}

struct got {
	int64_t times[4 * ROWS];
	unsigned count;
};

static void
take(void *ctx, const struct nj_row *row)
{
	struct got *g = ctx;

	assert_in_range(g->count, 0, nj_countof(g->times) - 1);
	g->times[g->count++] = row->head.order_ns;
}

static struct nj_rowmerge *
merge_of(struct worker *workers, unsigned n)
{
	struct nj_row_input inputs[4];
	struct nj_rowmerge *m;

	for (unsigned i = 0; i < n; i++)
		inputs[i] = (struct nj_row_input){ &workers[i], worker_next,
			worker_watermark };
	assert_int_equal(nj_event_register(&weird_desc), NJ_OK);
	assert_int_equal(nj_rowmerge_create(&m, inputs, n), NJ_OK);
	return m;
}

/* Rows of several workers come out in one order, and no row before a worker
 * that could still give an earlier one has said that it will not. */
static void
rows_wait_for_the_slowest(void **unused)
{
	struct worker w[] = {
		{ .times = { 1, 4, 9 }, .count = 3, .watermark = INT64_MAX },
		{ .times = { 2, 3, 5 }, .count = 3, .watermark = 4 },
	};
	const int64_t first[] = { 1, 2, 3 }, all[] = { 1, 2, 3, 4, 5, 9 };
	struct nj_rowmerge *m = merge_of(w, 2);
	struct got g = { 0 };

	(void)unused;
	assert_false(nj_rowmerge_step(m, take, &g));
	assert_int_equal(g.count, nj_countof(first));
	assert_memory_equal(g.times, first, sizeof(first));
	w[1].watermark = INT64_MAX;
	assert_true(nj_rowmerge_step(m, take, &g));
	assert_int_equal(g.count, nj_countof(all));
	assert_memory_equal(g.times, all, sizeof(all));
	nj_rowmerge_destroy(&m);
}

/* A worker without rows holds nothing up once its time has moved on. */
static void
silent_worker_holds_nothing_up(void **unused)
{
	struct worker w[] = {
		{ .times = { 10 }, .count = 1, .watermark = 20 },
		{ .count = 0, .watermark = 10 },
	};
	struct nj_rowmerge *m = merge_of(w, 2);
	struct got g = { 0 };

	(void)unused;
	assert_false(nj_rowmerge_step(m, take, &g));
	assert_int_equal(g.count, 0);
	w[1].watermark = 11;
	assert_false(nj_rowmerge_step(m, take, &g));
	assert_int_equal(g.count, 1);
	nj_rowmerge_destroy(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_wait_for_the_slowest),
		cmocka_unit_test(silent_worker_holds_nothing_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
