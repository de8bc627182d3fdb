/*
 * count.c - how many rows match, in all and by slices of time.
 */
#include <stdlib.h>

#include "engine/store/search/scan_priv.h"

static enum nj_err
ignore(void *ctx, const struct nj_found *f)
{
	return NJ_OK;
}

static enum nj_err
run(const struct nj_search_conf *conf, const struct nj_scan_hooks *hooks,
	struct nj_search_stamp *stamp)
{
	struct nj_scan *scan;
	enum nj_err err = nj_scan_create(&scan, conf);

	*stamp = (struct nj_search_stamp){ 0 };
	if (err)
		return err;
	err = nj_scan_run(scan, hooks, stamp);
	nj_scan_destroy(&scan);
	return err;
}

enum nj_err
nj_search_count(
	const struct nj_search_conf *conf, struct nj_search_stamp *stamp)
{
	struct nj_scan_hooks hooks = { .found = ignore };

	return run(conf, &hooks, stamp);
}

/* ---- By time ---- */

struct graph {
	int64_t from_ns, step_ns;
	unsigned n;
	atomic_ulong *count; /* relaxed: read after the threads were joined */
};

static void
count_slice(struct graph *g, int64_t ts_ns, uint64_t rows)
{
	uint64_t slice = (uint64_t)(ts_ns - g->from_ns) / (uint64_t)g->step_ns;

	if (ts_ns >= g->from_ns && slice < g->n)
		atomic_fetch_add_explicit(
			&g->count[slice], rows, memory_order_relaxed);
}

/* All of a segment in one slice, or row by row. */
static enum nj_err
count_found(void *ctx, const struct nj_found *f)
{
	struct graph *g = ctx;
	const struct nj_seg_header *h = f->segment->header;
	int64_t at = g->from_ns;
	struct nj_column ts;
	enum nj_err err;

	if (h->from_ns >= g->from_ns)
		at += (h->from_ns - g->from_ns) / g->step_ns * g->step_ns;
	if (h->from_ns >= at && h->to_ns - at < g->step_ns) {
		count_slice(g, h->from_ns, f->matched);
		return NJ_OK;
	}
	err = nj_eval_column(f->eval, f->segment, NJ_COL_TS, &ts);
	if (err)
		return err;
	if (!ts.u)
		return NJ_E_FORMAT;
	for (uint32_t i = 0; i < h->rows; i++)
		if (nj_rows_has(f->rows, i))
			count_slice(g, (int64_t)ts.u[i], 1);
	return NJ_OK;
}

enum nj_err
nj_search_graph(const struct nj_search_conf *conf, struct nj_search_slices *io,
	struct nj_search_stamp *stamp)
{
	struct graph g = { conf->from_ns, io->step_ns,
		nj_min(io->n, (unsigned)NJ_SEARCH_SLICES_MAX), NULL };
	struct nj_scan_hooks hooks = { .ctx = &g, .found = count_found };
	enum nj_err err;

	if (g.step_ns <= 0)
		return NJ_E_RANGE;
	g.count = calloc(NJ_SEARCH_SLICES_MAX, sizeof(*g.count));
	if (!g.count)
		return NJ_E_NOMEM;
	err = run(conf, &hooks, stamp);
	for (unsigned i = 0; i < g.n; i++)
		io->count[i] =
			atomic_load_explicit(&g.count[i], memory_order_relaxed);
	free(g.count);
	return err;
}
