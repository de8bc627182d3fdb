/*
 * worker.c - tests of workers: the rows that a crew puts into its rings are
 * those that `nightjar read` makes of the same packets.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/capture/memory.h"
#include "engine/capture/split.h"
#include "engine/event/once.h"
#include "engine/event/rowmerge.h"
#include "engine/pipeline/reader.h"
#include "engine/pipeline/worker.h"

enum { WORKERS = 3, RING_BYTES = 1 << 16, PACKETS = 60000 };

static char folder[] = "/tmp/nj-worker-XXXXXX";
static char path[64];
static struct nj_dissect_set *set;

static struct nj_source *
feed(uint64_t packets)
{
	struct nj_memory_conf conf = { .mix = nj_memory_mix_find("enterprise"),
		.flows = 2000,
		.packets = packets };
	struct nj_source *s;

	assert_int_equal(nj_memory_open(&s, &conf), NJ_OK);
	return s;
}

static struct nj_pipeline_conf
pipeline_conf(void)
{
	struct nj_pipeline_conf conf;

	nj_pipeline_conf_default(&conf);
	conf.dissect_bytes = UINT64_C(32) << 20;
	conf.set = set;
	return conf;
}

static void
keep_row(void *ctx, const struct nj_row *row)
{
	nj_buf_put(ctx, row->data, row->len);
}

static void
read_rows(struct nj_buf *rows, struct nj_reader_stats *stats)
{
	struct nj_reader r = {
		.conf = pipeline_conf(), .row = keep_row, .ctx = rows
	};
	struct nj_source *s = feed(PACKETS);

	assert_int_equal(nj_reader_run(&r, s), NJ_OK);
	*stats = r.stats;
	nj_source_close(&s);
}

struct crew {
	struct nj_control *control;
	struct nj_crew *crew;
	struct nj_worker *workers[WORKERS];
	struct nj_ring *rings[WORKERS];
	struct nj_source *sources[WORKERS];
};

static void
crew_start(struct crew *c, uint64_t packets)
{
	struct nj_worker_conf conf = { .core = -1,
		.pipeline = pipeline_conf(),
		.ring_bytes = RING_BYTES,
		.ports = 1 };
	int fd;

	assert_int_equal(
		nj_control_attach(&c->control, path, NJ_PART_SENSOR), NJ_OK);
	assert_int_equal(nj_crew_create(&c->crew, WORKERS), NJ_OK);
	conf.crew = c->crew;
	conf.control = c->control;
	for (unsigned i = 0; i < WORKERS; i++) {
		assert_int_equal(nj_ring_create(&fd, RING_BYTES, 1), NJ_OK);
		assert_int_equal(nj_ring_attach(&c->rings[i], fd,
					 NJ_RING_PRODUCER | NJ_RING_CONSUMER),
			NJ_OK);
		(void)close(fd);
		assert_int_equal(nj_split_open(&c->sources[i], feed(packets), i,
					 WORKERS),
			NJ_OK);
		conf.number = i;
		conf.ring = c->rings[i];
		conf.sources[0] = c->sources[i];
		assert_int_equal(
			nj_worker_create(&c->workers[i], &conf), NJ_OK);
		assert_int_equal(nj_worker_start(c->workers[i]), NJ_OK);
	}
	nj_crew_go(c->crew);
}

static void
crew_end(struct crew *c)
{
	for (unsigned i = 0; i < WORKERS; i++) {
		nj_worker_destroy(&c->workers[i]);
		nj_ring_detach(&c->rings[i]);
		nj_source_close(&c->sources[i]);
	}
	nj_crew_destroy(&c->crew);
	nj_control_detach(&c->control);
}

static bool
next(void *ctx, struct nj_row *row)
{
	/* The row before has been handed on. */
	nj_ring_release(ctx);
	return nj_ring_next(ctx, row);
}

static int64_t
watermark(void *ctx)
{
	return nj_ring_watermark(ctx);
}

struct rows {
	struct nj_buf *to;
	struct nj_once *once;
};

static void
keep_once(void *ctx, const struct nj_row *row)
{
	struct rows *rows = ctx;

	if (nj_once_pass(rows->once, row))
		keep_row(rows->to, row);
}

static void
crew_rows(struct crew *c, struct nj_buf *to)
{
	struct rows rows = { .to = to };
	struct nj_row_input in[WORKERS];
	struct nj_rowmerge *m;

	for (unsigned i = 0; i < WORKERS; i++)
		in[i] = (struct nj_row_input){ c->rings[i], next, watermark };
	assert_int_equal(nj_rowmerge_create(&m, in, WORKERS), NJ_OK);
	assert_int_equal(nj_once_create(&rows.once), NJ_OK);
	while (!nj_rowmerge_step(m, keep_once, &rows))
		continue;
	nj_once_destroy(&rows.once);
	nj_rowmerge_destroy(&m);
}

/* Three workers, through rings that hold a fraction of it, give the same rows
 * in the same order as the reader; and each packet is accounted for. */
static void
rows_are_those_of_the_reader(void **unused)
{
	static struct nj_worker_state state;
	struct nj_buf want = { 0 }, got = { 0 };
	struct ledger_counters sum = { 0 }, l;
	struct nj_reader_stats stats;
	struct crew c = { 0 };
	uint64_t received = 0;

	(void)unused;
	read_rows(&want, &stats);
	crew_start(&c, PACKETS);
	crew_rows(&c, &got);
	for (unsigned i = 0; i < WORKERS; i++)
		nj_worker_join(c.workers[i]);
	assert_true(want.len > 4 * RING_BYTES);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.data, want.data, want.len);
	for (unsigned i = 0; i < WORKERS; i++) {
		assert_true(nj_worker_ended(c.workers[i]));
		assert_true(nj_control_worker(c.control, i, &state));
		assert_int_equal(state.stage, NJ_STAGE_ENDED);
		received += state.source[0].received;
		l = nj_worker_ledger(&state);
		assert_int_equal(nj_ledger_unaccounted(&l), 0);
		nj_ledger_add(&sum, &l);
	}
	assert_int_equal(received, PACKETS);
	assert_memory_equal(&sum, &stats.ledger, sizeof(sum));
	crew_end(&c);
	nj_buf_free(&want);
	nj_buf_free(&got);
}

/* What a worker shows: it has begun flows, and waits for room if that is asked
 * for. */
static bool
is_at_work(const struct crew *c, unsigned i, bool ring_is_full)
{
	static struct nj_worker_state state;
	struct worker_counters count;

	/* What the crew of the test before showed is still there. */
	if (!nj_control_worker(c->control, i, &state) ||
		state.stage != NJ_STAGE_RUNNING)
		return false;
	memcpy(&count, nj_worker_values_of(&state, NJ_WORKER_worker),
		sizeof(count));
	return nj_worker_values_of(&state, NJ_WORKER_flow)[0] &&
	       (!ring_is_full || count.ring_waits);
}

static void
stop_ends_all(bool ring_is_full)
{
	static struct nj_worker_state state;
	struct nj_buf rows = { 0 };
	struct crew c = { 0 };

	crew_start(&c, 0);
	for (unsigned i = 0; i < WORKERS; i++)
		while (!is_at_work(&c, i, ring_is_full))
			continue;
	nj_crew_stop(c.crew);
	crew_rows(&c, &rows);
	for (unsigned i = 0; i < WORKERS; i++) {
		const uint64_t *flow;

		nj_worker_join(c.workers[i]);
		assert_true(nj_control_worker(c.control, i, &state));
		flow = nj_worker_values_of(&state, NJ_WORKER_flow);
		assert_int_equal(state.flows, 0);
		assert_int_equal(flow[0], flow[1]);
		assert_true(flow[0] > 0);
	}
	crew_end(&c);
	nj_buf_free(&rows);
}

/* A crew that is told to stop ends all flows that it has begun: every one has
 * its record. */
static void
a_stop_ends_all_flows(void **unused)
{
	(void)unused;
	stop_ends_all(false);
}

/* Also when their rings are full: workers that have stopped do not hold up
 * the rows of those that wait for room. */
static void
a_stop_with_full_rings_ends(void **unused)
{
	(void)unused;
	stop_ends_all(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_those_of_the_reader),
		cmocka_unit_test(a_stop_ends_all_flows),
		cmocka_unit_test(a_stop_with_full_rings_ends),
	};
	struct nj_control *keeper;
	int failed;

	if (!mkdtemp(folder))
		return 1;
	(void)snprintf(path, sizeof(path), "%s/control", folder);
	if (nj_pipeline_register() ||
		nj_dissect_set_create(&set, nj_dissectors, NULL) ||
		nj_control_create(&keeper, path))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	nj_control_detach(&keeper);
	nj_dissect_set_destroy(&set);
	(void)unlink(path);
	(void)rmdir(folder);
	return failed;
}
