/*
 * reader.c - sources through pipelines to sorted rows, on one thread or on
 * several.
 */
#include "engine/pipeline/reader.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/event/once.h"
#include "engine/event/rowmerge.h"
#include "engine/packet/shard.h"

enum {
	/* Rows are sorted and handed on when this many bytes of them have
	 * gathered. */
	RELEASE_BYTES = 4 * 1024 * 1024,
	PROGRESS_BURSTS = 16384,
	/* A worker that is this far ahead of the merge waits. */
	LANE_BYTES = 16 * 1024 * 1024
};

/* One worker. With several, rows go from its thread to the merging one
 * through two buffers that are swapped under the lock. */
struct lane {
	struct nj_reader *r;
	struct nj_source *source;
	struct nj_pipeline *p;
	struct nj_order *order;
	struct nj_sink sink;
	struct nj_reader_stats stats;
	unsigned number;
	enum nj_err err;

	pthread_t thread;
	bool started;
	struct crew *crew;
	struct nj_buf ready; /* under the crew's lock, as is watermark */
	int64_t watermark;
	struct nj_buf taken; /* the merging thread's own */
	size_t at;
	int64_t taken_watermark;
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool abandoned; /* nobody takes rows any more */
	unsigned n;
	struct lane lanes[NJ_READER_WORKERS_MAX];
};

/* ---- Rows out ---- */

/* The last step, where all workers' rows are one stream. */
static void
row_out(void *ctx, const struct nj_row *row)
{
	struct nj_reader *r = ctx;

	if (nj_once_pass(r->once, row))
		r->row(r->ctx, row);
}

static void
hand_on(void *ctx, struct nj_view bytes)
{
	struct lane *l = ctx;
	struct nj_row row;

	if (!l->crew) {
		if (nj_row_parse(&row, bytes))
			row_out(l->r, &row);
		return;
	}
	nj_buf_put(&l->ready, bytes.data, bytes.len);
}

static void
release(struct lane *l, int64_t before_ns)
{
	if (!l->crew) {
		nj_order_release(l->order, before_ns, hand_on, l);
		return;
	}
	(void)pthread_mutex_lock(&l->crew->lock);
	while (l->ready.len > LANE_BYTES && !l->crew->abandoned)
		(void)pthread_cond_wait(&l->crew->changed, &l->crew->lock);
	nj_order_release(l->order, before_ns, hand_on, l);
	l->watermark = before_ns;
	(void)pthread_cond_broadcast(&l->crew->changed);
	(void)pthread_mutex_unlock(&l->crew->lock);
}

/* ---- Packets in ---- */

/* Only the packets of this worker's shard stay. */
static unsigned
own_shard(const struct lane *l, struct nj_packet *pkts, unsigned n)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n; i++)
		if (nj_packet_worker(nj_packet_shard(&pkts[i]),
			    l->r->workers) == l->number)
			pkts[kept++] = pkts[i];
	return kept;
}

static enum nj_err
pump(struct lane *l)
{
	struct nj_packet pkts[NJ_PIPELINE_BURST];
	unsigned bursts = 0, mine;
	int n;

	while ((n = nj_source_burst(l->source, pkts, NJ_PIPELINE_BURST)) >= 0) {
		mine = l->crew ? own_shard(l, pkts, (unsigned)n) : (unsigned)n;
		nj_pipeline_burst(l->p, pkts, mine);
		nj_source_release(l->source, pkts, (unsigned)n);
		if (nj_order_bytes(l->order) > RELEASE_BYTES)
			release(l, nj_pipeline_watermark(l->p));
		if (++bursts % PROGRESS_BURSTS)
			continue;
		if (l->crew && mine < (unsigned)n)
			nj_pipeline_advance(l->p, l->source->now_ns);
		if (l->number == 0 && l->r->progress)
			l->r->progress(l->r->ctx, l->source);
	}
	return n == NJ_SOURCE_FAILED ? l->source->err : NJ_OK;
}

static void
lane_run(struct lane *l)
{
	struct nj_pipeline_conf conf = l->r->conf;

	l->err = nj_order_create(&l->order);
	if (l->err)
		goto out;
	l->sink = nj_order_sink(l->order);
	conf.sink = &l->sink;
	if (l->r->packets)
		conf.lane = nj_pcap_recorder_lane(l->r->packets, l->number);
	l->err = nj_pipeline_create(&l->p, &conf);
	if (l->err)
		goto out;
	l->err = pump(l);
	if (nj_source_stats(l->source)->received)
		nj_pipeline_finish(l->p, l->source->now_ns);
	l->stats.ledger = *nj_pipeline_ledger(l->p);
	l->stats.source = *nj_source_stats(l->source);
	l->stats.flows = nj_flow_counters(nj_pipeline_flows(l->p))->created;
	l->stats.rows = l->sink.rows;
out:
	if (conf.lane)
		nj_pcap_lane_flush(conf.lane);
	if (l->order)
		release(l, INT64_MAX);
	nj_pipeline_destroy(&l->p);
	nj_order_destroy(&l->order);
}

/* ---- Several workers ---- */

static void *
lane_thread(void *ctx)
{
	struct lane *l = ctx;

	lane_run(l);
	(void)pthread_mutex_lock(&l->crew->lock);
	l->watermark = INT64_MAX;
	(void)pthread_cond_broadcast(&l->crew->changed);
	(void)pthread_mutex_unlock(&l->crew->lock);
	return NULL;
}

/* Takes what the worker has made ready, if the last is used up. */
static int64_t
lane_watermark(void *ctx)
{
	struct lane *l = ctx;

	if (l->at < l->taken.len)
		return l->taken_watermark;
	(void)pthread_mutex_lock(&l->crew->lock);
	if (l->ready.len || l->watermark != l->taken_watermark) {
		struct nj_buf empty = l->taken;

		l->taken = l->ready;
		nj_buf_reset(&empty);
		l->ready = empty;
		l->at = 0;
		l->taken_watermark = l->watermark;
		(void)pthread_cond_broadcast(&l->crew->changed);
	}
	(void)pthread_mutex_unlock(&l->crew->lock);
	return l->taken_watermark;
}

static bool
lane_next(void *ctx, struct nj_row *row)
{
	struct lane *l = ctx;
	struct nj_view rest = { l->taken.data + l->at, l->taken.len - l->at };

	if (!rest.len || !nj_row_parse(row, rest))
		return false;
	l->at += row->len;
	return true;
}

static bool
lane_has_news(const struct lane *l)
{
	return l->at >= l->taken.len &&
	       (l->ready.len || l->watermark != l->taken_watermark);
}

/* Waits until a worker has something that the merge has not yet taken. */
static void
wait_for_news(struct crew *c)
{
	bool news = false;

	(void)pthread_mutex_lock(&c->lock);
	while (!news) {
		for (unsigned i = 0; i < c->n; i++)
			news = news || lane_has_news(&c->lanes[i]);
		if (!news)
			(void)pthread_cond_wait(&c->changed, &c->lock);
	}
	(void)pthread_mutex_unlock(&c->lock);
}

static enum nj_err
crew_merge(struct crew *c)
{
	struct nj_row_input inputs[NJ_READER_WORKERS_MAX];
	struct nj_reader *r = c->lanes[0].r;
	struct nj_rowmerge *m;
	enum nj_err err;

	for (unsigned i = 0; i < c->n; i++)
		inputs[i] = (struct nj_row_input){ &c->lanes[i], lane_next,
			lane_watermark };
	err = nj_rowmerge_create(&m, inputs, c->n);
	if (err)
		return err;
	while (!nj_rowmerge_step(m, row_out, r))
		wait_for_news(c);
	nj_rowmerge_destroy(&m);
	return NJ_OK;
}

static enum nj_err
crew_start(struct crew *c)
{
	for (unsigned i = 0; i < c->n; i++) {
		struct lane *l = &c->lanes[i];

		if (pthread_create(&l->thread, NULL, lane_thread, l))
			return NJ_E_SYSTEM;
		l->started = true;
	}
	return NJ_OK;
}

static enum nj_err
crew_run(struct nj_reader *r, struct nj_source *source)
{
	struct crew *c = calloc(1, sizeof(*c));
	enum nj_err err = NJ_OK;

	if (!c)
		return NJ_E_NOMEM;
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->changed, NULL);
	for (c->n = 0; !err && c->n < r->workers; c->n++) {
		struct lane *l = &c->lanes[c->n];

		*l = (struct lane){ .r = r,
			.crew = c,
			.number = c->n,
			.source = c->n ? r->again(r->ctx) : source,
			.watermark = INT64_MIN,
			.taken_watermark = INT64_MIN };
		if (!l->source)
			err = NJ_E_IO;
	}
	if (!err)
		err = crew_start(c);
	if (!err)
		err = crew_merge(c);
	(void)pthread_mutex_lock(&c->lock);
	c->abandoned = true;
	(void)pthread_cond_broadcast(&c->changed);
	(void)pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->n; i++) {
		struct lane *l = &c->lanes[i];

		if (l->started)
			(void)pthread_join(l->thread, NULL);
		nj_ledger_add(&r->stats.ledger, &l->stats.ledger);
		r->stats.flows += l->stats.flows;
		r->stats.rows += l->stats.rows;
		if (!err)
			err = l->err;
		if (i)
			nj_source_close(&l->source);
		nj_buf_free(&l->ready);
		nj_buf_free(&l->taken);
	}
	r->stats.source = c->lanes[0].stats.source;
	(void)pthread_cond_destroy(&c->changed);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
	return err;
}

enum nj_err
nj_reader_run(struct nj_reader *r, struct nj_source *source)
{
	struct lane l = { .r = r, .source = source };
	enum nj_err err;

	r->stats = (struct nj_reader_stats){ 0 };
	err = nj_once_create(&r->once);
	if (err)
		return err;
	if (r->workers > 1) {
		err = crew_run(r, source);
	} else {
		lane_run(&l);
		r->stats = l.stats;
		err = l.err;
	}
	r->stats.rows -= nj_once_dropped(r->once);
	nj_once_destroy(&r->once);
	return err;
}
