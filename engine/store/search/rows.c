/*
 * rows.c - matching rows, newest first, while other threads still look for
 * older ones.
 *
 * Segments overlap in time, so a row may be given once no segment that was
 * not looked at can hold a younger one. Threads run ahead of that by a window
 * of segments; what they found waits in a slot for each. Rows are put
 * together again a batch at a time: small ones at first, so that a first page
 * comes soon, then large ones, as each costs a look at every column.
 */
#include <pthread.h>
#include <stdlib.h>

#include "engine/store/search/leaf_priv.h"
#include "engine/store/search/scan_priv.h"

enum { WINDOW = 4, BATCH_MIN = 64, BATCH_MAX = 65536 };

struct hit {
	int64_t ts_ns;
	uint32_t row;
};

struct slot {
	struct hit *hits; /* newest first */
	uint32_t n, at;   /* how many were given */
	bool done;
	bool cut;      /* more matched than could be given */
	bool together; /* its rows of the batch lie in text */
};

/* A row to be given. */
struct pick {
	unsigned place;
	uint32_t row;
	size_t offset; /* in text, SIZE_MAX: could not be read */
};

struct giving {
	const struct nj_search_conf *conf;
	struct nj_scan *scan;
	bool (*fn)(void *ctx, const struct nj_row *row);
	void *ctx;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t changed;
	struct slot *slots;
	unsigned opened; /* slots before this belong to the giver */
	unsigned ended;  /* threads */
	bool stopped;
	/* The giver's own. */
	unsigned *heap; /* places, the newest next row first */
	unsigned heaped;
	struct pick *batch;
	uint32_t picked, batch_max;
	uint64_t given;
	uint32_t *rows;
	struct nj_buf text;
	struct nj_seg_arena *arena;
	uint64_t expired, corrupt; /* rows */
	bool ended_by_fn;
	bool cut; /* a slot was */
};

/* ---- Finders ---- */

static enum nj_err
found(void *ctx, const struct nj_found *f)
{
	struct giving *g = ctx;
	uint32_t n = f->matched, rows = f->segment->header->rows;
	struct nj_column ts;
	enum nj_err err = nj_eval_column(f->eval, f->segment, NJ_COL_TS, &ts);
	struct slot *slot = &g->slots[f->place];
	uint32_t k = 0;

	if (err)
		return err;
	if (!ts.u)
		return NJ_E_FORMAT;
	if (g->conf->rows_max)
		n = (uint32_t)nj_min(n, g->conf->rows_max);
	slot->cut = n < f->matched;
	slot->hits = calloc(n, sizeof(*slot->hits));
	if (!slot->hits)
		return NJ_E_NOMEM;
	for (uint32_t i = rows; i-- > 0 && k < n;)
		if (nj_rows_has(f->rows, i))
			slot->hits[k++] = (struct hit){ (int64_t)ts.u[i], i };
	slot->n = k;
	return NJ_OK;
}

static bool
wanted(void *ctx, unsigned place)
{
	struct giving *g = ctx;
	unsigned window = WINDOW * nj_scan_threads(g->scan);
	bool stopped;

	(void)pthread_mutex_lock(&g->mutex);
	while (!g->stopped && place >= g->opened + window)
		(void)pthread_cond_wait(&g->changed, &g->mutex);
	stopped = g->stopped;
	(void)pthread_mutex_unlock(&g->mutex);
	return !stopped;
}

static void
passed(void *ctx, unsigned place)
{
	struct giving *g = ctx;

	(void)pthread_mutex_lock(&g->mutex);
	g->slots[place].done = true;
	(void)pthread_cond_broadcast(&g->changed);
	(void)pthread_mutex_unlock(&g->mutex);
}

static void
ended(void *ctx)
{
	struct giving *g = ctx;

	(void)pthread_mutex_lock(&g->mutex);
	g->ended++;
	(void)pthread_cond_broadcast(&g->changed);
	(void)pthread_mutex_unlock(&g->mutex);
}

/* ---- The heap of slots ---- */

static int64_t
next_ts(const struct giving *g, unsigned place)
{
	const struct slot *s = &g->slots[place];

	return s->hits[s->at].ts_ns;
}

static bool
is_before(const struct giving *g, unsigned a, unsigned b)
{
	int64_t x = next_ts(g, a), y = next_ts(g, b);

	return x != y ? x > y : a < b;
}

static void
swap(struct giving *g, unsigned i, unsigned k)
{
	unsigned place = g->heap[i];

	g->heap[i] = g->heap[k];
	g->heap[k] = place;
}

static void
sift_down(struct giving *g, unsigned i)
{
	for (;;) {
		unsigned k = 2 * i + 1;

		if (k + 1 < g->heaped &&
			is_before(g, g->heap[k + 1], g->heap[k]))
			k++;
		if (k >= g->heaped || !is_before(g, g->heap[k], g->heap[i]))
			return;
		swap(g, i, k);
		i = k;
	}
}

static void
heap_push(struct giving *g, unsigned place)
{
	unsigned i = g->heaped++;

	g->heap[i] = place;
	while (i && is_before(g, g->heap[i], g->heap[(i - 1) / 2])) {
		swap(g, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

/* Takes the newest row. */
static struct pick
heap_take(struct giving *g)
{
	unsigned place = g->heap[0];
	struct slot *s = &g->slots[place];
	struct pick p = { place, s->hits[s->at++].row, SIZE_MAX };

	if (s->at == s->n) {
		free(s->hits);
		s->hits = NULL;
		g->heap[0] = g->heap[--g->heaped];
	}
	sift_down(g, 0);
	return p;
}

/* ---- Giving ---- */

/* Where the rows of the batch from place lie in text. */
static enum nj_err
put_together(struct giving *g, unsigned place)
{
	const struct nj_store_segment *s = nj_scan_segment(g->scan, place);
	size_t at = g->text.len;
	struct nj_row row;
	uint32_t n = 0;
	enum nj_err err;

	for (uint32_t i = 0; i < g->picked; i++)
		if (g->batch[i].place == place)
			g->rows[n++] = g->batch[i].row;
	nj_seg_arena_reset(g->arena);
	err = nj_segment_rows(&g->text, s->header, &s->source,
		(struct nj_seg_pick){ g->rows, n }, g->arena);
	if (err == NJ_E_NOENT || err == NJ_E_FORMAT) {
		*(err == NJ_E_NOENT ? &g->expired : &g->corrupt) += 1;
		g->text.len = at;
		return NJ_OK;
	}
	for (uint32_t i = 0; i < g->picked && !err; i++) {
		if (g->batch[i].place != place)
			continue;
		if (!nj_row_parse(&row, nj_sub((struct nj_view){ g->text.data,
						       g->text.len },
						at, SIZE_MAX)))
			return NJ_E_STATE;
		g->batch[i].offset = at;
		at += row.len;
	}
	return err;
}

static enum nj_err
hand_on(struct giving *g)
{
	struct nj_view all = { g->text.data, g->text.len };
	struct nj_row row;

	for (uint32_t i = 0; i < g->picked; i++) {
		if (g->batch[i].offset == SIZE_MAX)
			continue;
		if (!nj_row_parse(
			    &row, nj_sub(all, g->batch[i].offset, SIZE_MAX)))
			return NJ_E_STATE;
		g->given++;
		if (!g->fn(g->ctx, &row)) {
			g->ended_by_fn = true;
			break;
		}
	}
	return NJ_OK;
}

static bool
batch_room(struct giving *g, uint32_t max)
{
	struct pick *batch = reallocarray(g->batch, max, sizeof(*batch));
	uint32_t *rows;

	if (!batch)
		return false;
	g->batch = batch;
	rows = reallocarray(g->rows, max, sizeof(*rows));
	if (!rows)
		return false;
	g->rows = rows;
	g->batch_max = max;
	return true;
}

static enum nj_err
flush(struct giving *g)
{
	enum nj_err err = NJ_OK;

	nj_buf_reset(&g->text);
	for (uint32_t i = 0; i < g->picked; i++)
		g->slots[g->batch[i].place].together = false;
	for (uint32_t i = 0; i < g->picked && !err; i++) {
		struct slot *slot = &g->slots[g->batch[i].place];

		if (!slot->together)
			err = put_together(g, g->batch[i].place);
		slot->together = true;
	}
	if (!err && g->text.bad)
		err = NJ_E_NOMEM;
	if (!err)
		err = hand_on(g);
	g->picked = 0;
	if (!err && g->batch_max < BATCH_MAX &&
		!batch_room(g, 2 * g->batch_max))
		err = NJ_E_NOMEM;
	return err;
}

/* Could a segment that was not opened yet hold a younger row than those at
 * hand? */
static bool
must_open(const struct giving *g)
{
	if (g->opened == nj_scan_count(g->scan))
		return false;
	return !g->heaped ||
	       next_ts(g, g->heap[0]) <=
		       nj_scan_segment(g->scan, g->opened)->header->to_ns;
}

/* Waits for the next slot; false when it will never come. What is at hand is
 * given first, rather than held back while we wait. */
static bool
open_slot(struct giving *g, enum nj_err *err)
{
	struct slot *slot = &g->slots[g->opened];
	bool done;

	(void)pthread_mutex_lock(&g->mutex);
	if (!slot->done && g->picked) {
		(void)pthread_mutex_unlock(&g->mutex);
		*err = flush(g);
		(void)pthread_mutex_lock(&g->mutex);
	}
	while (!slot->done && g->ended < nj_scan_threads(g->scan))
		(void)pthread_cond_wait(&g->changed, &g->mutex);
	done = slot->done;
	if (done)
		g->opened++;
	(void)pthread_cond_broadcast(&g->changed);
	(void)pthread_mutex_unlock(&g->mutex);
	g->cut |= done && slot->cut;
	if (done && slot->n)
		heap_push(g, g->opened - 1);
	return done && !*err;
}

static bool
is_enough(const struct giving *g)
{
	return g->ended_by_fn ||
	       (g->conf->rows_max && g->given + g->picked >= g->conf->rows_max);
}

static enum nj_err
give(struct giving *g)
{
	enum nj_err err = NJ_OK;

	while (!err && !is_enough(g) && nj_scan_may_go_on(g->scan)) {
		if (must_open(g)) {
			if (!open_slot(g, &err))
				break;
			continue;
		}
		if (!g->heaped)
			break;
		g->batch[g->picked++] = heap_take(g);
		if (g->picked == g->batch_max)
			err = flush(g);
	}
	if (!err && g->picked && !g->ended_by_fn)
		err = flush(g);
	return err;
}

/* ---- All ---- */

static enum nj_err
giving_init(struct giving *g, const struct nj_search_conf *conf)
{
	enum nj_err err = nj_scan_create(&g->scan, conf);
	unsigned n;

	if (err)
		return err;
	n = nj_max(nj_scan_count(g->scan), 1U);
	g->conf = conf;
	(void)pthread_mutex_init(&g->mutex, NULL);
	(void)pthread_cond_init(&g->changed, NULL);
	g->slots = calloc(n, sizeof(*g->slots));
	g->heap = calloc(n, sizeof(*g->heap));
	if (!g->slots || !g->heap || !batch_room(g, BATCH_MIN))
		return NJ_E_NOMEM;
	return nj_seg_arena_create(&g->arena, NJ_SEARCH_ARENA_BYTES);
}

static void
giving_fini(struct giving *g)
{
	for (unsigned i = 0; g->slots && i < nj_scan_count(g->scan); i++)
		free(g->slots[i].hits);
	nj_seg_arena_destroy(&g->arena);
	nj_buf_free(&g->text);
	free(g->slots);
	free(g->heap);
	free(g->batch);
	free(g->rows);
	nj_scan_destroy(&g->scan);
}

static void
stop_finders(struct giving *g)
{
	nj_scan_stop(g->scan);
	(void)pthread_mutex_lock(&g->mutex);
	g->stopped = true;
	(void)pthread_cond_broadcast(&g->changed);
	(void)pthread_mutex_unlock(&g->mutex);
}

/* Was all looked at and given? Only then is the answer whole. */
static bool
is_whole(const struct giving *g)
{
	return !g->heaped && g->opened == nj_scan_count(g->scan) &&
	       !g->ended_by_fn && !g->cut && !g->expired && !g->corrupt;
}

enum nj_err
nj_search_rows(const struct nj_search_conf *conf,
	bool (*fn)(void *ctx, const struct nj_row *row), void *ctx,
	struct nj_search_stamp *stamp)
{
	struct giving g = { .fn = fn, .ctx = ctx };
	struct nj_scan_hooks hooks = { &g, found, wanted, passed, ended };
	enum nj_err err = giving_init(&g, conf), end;
	bool whole;

	*stamp = (struct nj_search_stamp){ 0 };
	if (err)
		goto out;
	err = nj_scan_begin(g.scan, &hooks);
	if (!err)
		err = give(&g);
	whole = is_whole(&g);
	if (!whole || err)
		stop_finders(&g);
	end = nj_scan_end(g.scan, stamp);
	err = err ? err : end;
	stamp->expired += g.expired;
	stamp->corrupt += g.corrupt;
	stamp->limited = conf->rows_max && g.given >= conf->rows_max && !whole;
	stamp->cancelled |= g.ended_by_fn;
	stamp->complete = stamp->complete && whole;
out:
	giving_fini(&g);
	return err;
}
