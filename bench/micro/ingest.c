/*
 * ingest.c - what the event store takes: rows of the made-up site put and
 * committed by one thread, with the log on the disk and sealing beside it.
 *
 * Rows are made in batches between the puts, so that the writer's cost can be
 * told from the generator's; the rate holds both. Processor time of the
 * library's own threads is what the process used beyond the others.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/micro/bench.h"
#include "bench/micro/events_gen.h"
#include "engine/store/store.h"

enum {
	BATCH = 4096,
	BATCH_BYTES = 16 << 20,
	FOLDER_BYTES = 256,
	SECONDS = 5,
	ROWS_MAX_OPEN = 1 << 20
};

#define COMMIT_EVERY_S 0.05

struct ingest {
	struct bench_gen *gen;
	struct nj_store *store;
	char folder[FOLDER_BYTES];
	struct nj_buf bytes;
	struct nj_row row[BATCH];
	uint64_t rows, row_bytes;
	double writer_s, generator_s, wall_s, seal_end_s, process_s;
	uint64_t disk_bytes;
};

static double
process_cpu_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
entry_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static uint64_t sum_bytes;
static int
entry_sum(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)path;
	(void)at;
	if (kind == FTW_F)
		sum_bytes += (uint64_t)st->st_blocks * 512;
	return 0;
}

static enum nj_err
batch_make(struct ingest *g, enum bench_event type)
{
	double begun = bench_cpu_s();
	size_t at[BATCH + 1];
	enum nj_err err = NJ_OK;

	nj_buf_reset(&g->bytes);
	for (unsigned i = 0; i < BATCH; i++) {
		struct nj_view v = bench_gen_next(g->gen, type);

		at[i] = g->bytes.len;
		nj_buf_put(&g->bytes, v.data, v.len);
	}
	at[BATCH] = g->bytes.len;
	if (g->bytes.bad)
		return NJ_E_NOMEM;
	for (unsigned i = 0; i < BATCH && !err; i++)
		if (!nj_row_parse(
			    &g->row[i], (struct nj_view){ g->bytes.data + at[i],
						at[i + 1] - at[i] }))
			err = NJ_E_FORMAT;
	g->row_bytes += g->bytes.len;
	g->generator_s += bench_cpu_s() - begun;
	return err;
}

static enum nj_err
batch_put(struct ingest *g, double *commit_at)
{
	double begun = bench_cpu_s(), now = bench_wall_s();
	enum nj_err err = NJ_OK;

	for (unsigned i = 0; i < BATCH && !err; i++)
		err = nj_store_put(g->store, &g->row[i], NULL);
	if (!err && now >= *commit_at) {
		err = nj_store_commit(g->store);
		*commit_at = now + COMMIT_EVERY_S;
	}
	g->rows += BATCH;
	g->writer_s += bench_cpu_s() - begun;
	return err;
}

static enum nj_err
work(struct ingest *g, enum bench_event type, double seconds)
{
	double begun = bench_wall_s(), cpu = process_cpu_s(), commit_at = 0;
	enum nj_err err = NJ_OK;

	while (!err && bench_wall_s() - begun < seconds) {
		err = batch_make(g, type);
		if (!err)
			err = batch_put(g, &commit_at);
	}
	if (!err)
		err = nj_store_commit(g->store);
	g->wall_s = bench_wall_s() - begun;
	if (!err)
		err = nj_store_seal(g->store);
	g->seal_end_s = bench_wall_s() - begun - g->wall_s;
	g->process_s = process_cpu_s() - cpu;
	return err;
}

static void
report(struct ingest *g, const struct nj_store_state *st,
	struct bench_sample *out)
{
	double n = (double)g->rows;
	double sealer = (double)st->sealer_cpu_ns / 1e9;

	bench_add(out, "stored", "M rows/s", n / g->wall_s / 1e6);
	bench_add(out, "writer", "ns/row", g->writer_s * 1e9 / n);
	bench_add(out, "sealer", "ns/row", sealer * 1e9 / n);
	bench_add(out, "library", "ns/row",
		(g->process_s - g->writer_s - g->generator_s - sealer) * 1e9 /
			n);
	bench_add(out, "generator", "ns/row", g->generator_s * 1e9 / n);
	bench_add(out, "row", "bytes", (double)g->row_bytes / n);
	bench_add(out, "sealed", "bytes/row",
		(double)st->count.sealed_bytes / (double)st->count.sealed_rows);
	bench_add(out, "on_disk", "bytes/row", (double)g->disk_bytes / n);
	bench_add(out, "rows", "M", n / 1e6);
	bench_add(out, "seconds", "s", g->wall_s);
	bench_add(out, "left_to_seal", "s", g->seal_end_s);
	bench_add(out, "missing", "rows", n - (double)st->count.sealed_rows);
}

static enum nj_err
open_all(struct ingest *g)
{
	struct nj_store_conf conf = { .folder = g->folder,
		.mode = NJ_KV_OWN,
		.sync_every_ns = NJ_NS_PER_S,
		.seal_age_ns = 60 * NJ_NS_PER_S };
	const char *where = getenv("TMPDIR");
	char why[NJ_KV_WHY];

	(void)snprintf(g->folder, sizeof(g->folder), "%s/nightjar-bench-XXXXXX",
		where && *where ? where : "/var/tmp");
	if (!mkdtemp(g->folder)) {
		g->folder[0] = 0;
		return NJ_E_SYSTEM;
	}
	return nj_store_open(&g->store, &conf, why);
}

enum nj_err
bench_ingest(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	double seconds = o->seconds ? o->seconds : SECONDS * o->scale;
	struct ingest *g = calloc(1, sizeof(*g));
	struct nj_store_state st;
	enum nj_err err;

	if (!g)
		return NJ_E_NOMEM;
	err = bench_gen_create(&g->gen, NULL);
	if (!err)
		err = open_all(g);
	if (!err)
		err = work(g, c->arg, seconds);
	if (!err)
		nj_store_state(g->store, &st);
	nj_store_close(&g->store);
	sum_bytes = 0;
	if (g->folder[0]) {
		(void)nftw(g->folder, entry_sum, 16, FTW_PHYS);
		g->disk_bytes = sum_bytes;
		(void)nftw(g->folder, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
	}
	if (!err)
		report(g, &st, out);
	bench_gen_destroy(&g->gen);
	nj_buf_free(&g->bytes);
	free(g);
	return err;
}
