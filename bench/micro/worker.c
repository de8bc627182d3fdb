/*
 * worker.c - a worker on a feed, up to the stage asked for. What a
 * stage costs is the difference to the stage before it in the same run.
 */
#include "bench/micro/bench.h"

#include <stdlib.h>
#include <unistd.h>

#include "engine/capture/memory.h"
#include "engine/event/ring.h"
#include "engine/packet/dedup.h"
#include "engine/pipeline/pipeline.h"

enum {
	BURST = NJ_PIPELINE_BURST,
	FLOWS_MAX = 2 * 1024 * 1024,
	RING_BYTES = 4 * 1024 * 1024,
	RELEASE_BURSTS = 64
};

struct rig {
	const struct bench_work *work;
	struct nj_source *source;
	struct nj_decoder *decoder;
	struct nj_dedup *dedup;
	struct nj_flow_table *flows;
	struct nj_pipeline *pipeline;
	struct nj_dissect_set *set;
	struct nj_order *order;
	struct nj_sink order_sink, ring_sink;
	struct nj_ring *ring;
	uint64_t rows, bytes, touched;
	struct nj_meta metas[BURST];
};

/* ---- Rows: sorted, into a ring, out of it again and dropped ---- */

static void
to_ring(void *ctx, struct nj_view row)
{
	struct rig *r = ctx;
	uint8_t *room = r->ring_sink.reserve(r->ring_sink.ctx, row.len);

	if (!room)
		return;
	memcpy(room, row.data, row.len);
	r->ring_sink.commit(r->ring_sink.ctx, row.len);
	r->rows++;
}

static void
pass_rows(struct rig *r, int64_t before_ns)
{
	struct nj_row row;

	nj_order_release(r->order, before_ns, to_ring, r);
	while (nj_ring_next(r->ring, &row))
		continue;
	nj_ring_release(r->ring);
}

/* ---- Stages ---- */

static void
stage_feed(struct rig *r, const struct nj_packet *pkts, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		r->touched += pkts[i].len;
}

static unsigned
stage_decode(struct rig *r, const struct nj_packet *pkts, unsigned n)
{
	nj_decode_burst(r->decoder);
	for (unsigned i = 0; i < n; i++)
		__builtin_prefetch(pkts[i].data + 14);
	for (unsigned i = 0; i < n; i++)
		nj_decode(r->decoder, &pkts[i], &r->metas[i]);
	return n;
}

static void
stage_dedup(struct rig *r, const struct nj_packet *pkts, unsigned n)
{
	uint64_t hashes[BURST];

	for (unsigned i = 0; i < n; i++)
		hashes[i] = nj_dedup_hash(r->dedup, &r->metas[i]);
	for (unsigned i = 0; i < n; i++)
		r->touched += nj_dedup_check(
			r->dedup, hashes[i], &r->metas[i], pkts[i].wire_len);
}

static void
stage_flow(struct rig *r, unsigned n)
{
	(void)nj_flow_expire(r->flows, r->metas[0].now_ns);
	nj_flow_burst(r->flows, r->metas, n);
}

static void
one_burst(struct rig *r, const struct nj_packet *pkts, unsigned n)
{
	uint64_t stage = r->work->stage;

	if (stage == BENCH_PIPELINE) {
		nj_pipeline_burst(r->pipeline, pkts, n);
		return;
	}
	if (stage == BENCH_FEED)
		stage_feed(r, pkts, n);
	if (stage >= BENCH_DECODE)
		(void)stage_decode(r, pkts, n);
	if (stage >= BENCH_DEDUP)
		stage_dedup(r, pkts, n);
	if (stage >= BENCH_FLOW)
		stage_flow(r, n);
}

static void
run(struct rig *r, uint64_t packets)
{
	struct nj_packet pkts[BURST];
	uint64_t done = 0;
	unsigned bursts = 0;

	while (done < packets) {
		int n = nj_source_burst(r->source, pkts, BURST);

		if (n < 0)
			return;
		if (!n)
			continue;
		one_burst(r, pkts, (unsigned)n);
		for (int i = 0; i < n; i++)
			r->bytes += pkts[i].wire_len;
		nj_source_release(r->source, pkts, (unsigned)n);
		done += (unsigned)n;
		if (r->pipeline && ++bursts % RELEASE_BURSTS == 0)
			pass_rows(r, nj_pipeline_watermark(r->pipeline));
	}
}

/* ---- Setting up ---- */

static enum nj_err
open_pipeline(struct rig *r)
{
	/* As the appliance has it: copies are looked for. */
	struct nj_filter_conf filter = { .dedup = !r->work->source };
	struct nj_pipeline_conf conf;
	enum nj_err err = nj_pipeline_register();
	int fd = -1;

	if (!err)
		err = nj_dissect_set_create(&r->set, nj_dissectors, NULL);
	if (!err)
		err = nj_order_create(&r->order);
	if (!err)
		err = nj_ring_create(&fd, RING_BYTES, 1);
	if (!err)
		err = nj_ring_attach(
			&r->ring, fd, NJ_RING_PRODUCER | NJ_RING_CONSUMER);
	if (fd >= 0)
		(void)close(fd);
	if (err)
		return err;
	r->order_sink = nj_order_sink(r->order);
	r->ring_sink = nj_ring_sink(r->ring);
	nj_pipeline_conf_default(&conf);
	conf.flow.flows_max = FLOWS_MAX;
	conf.set = r->set;
	conf.sink = &r->order_sink;
	nj_dedup_conf_default(&filter.dedup_conf);
	conf.filter = &filter;
	return nj_pipeline_create(&r->pipeline, &conf);
}

static enum nj_err
open_parts(struct rig *r)
{
	struct nj_decode_conf decode;
	struct nj_dedup_conf dedup;
	struct nj_flow_conf flow;
	struct nj_flow_hooks hooks = { 0 };
	enum nj_err err = NJ_OK;

	nj_decode_conf_default(&decode);
	nj_dedup_conf_default(&dedup);
	nj_flow_conf_default(&flow);
	flow.flows_max = FLOWS_MAX;
	if (r->work->stage >= BENCH_DECODE)
		err = nj_decoder_create(&r->decoder, &decode);
	if (!err && r->work->stage >= BENCH_DEDUP)
		err = nj_dedup_create(&r->dedup, &dedup);
	if (!err && r->work->stage >= BENCH_FLOW)
		err = nj_flow_create(&r->flows, &flow, &hooks);
	return err;
}

static enum nj_err
rig_open(struct rig *r, const struct bench_work *w)
{
	struct nj_memory_conf feed = { .mix = nj_memory_mix_find(w->mix),
		.flows = w->flows,
		.seed = 1,
		.stream = (uint8_t)w->stream };
	enum nj_err err;

	*r = (struct rig){ .work = w };
	NJ_ASSERT(feed.mix);
	r->source = w->source;
	err = w->source ? NJ_OK : nj_memory_open(&r->source, &feed);
	if (err)
		return err;
	return w->stage == BENCH_PIPELINE ? open_pipeline(r) : open_parts(r);
}

static void
rig_close(struct rig *r)
{
	nj_pipeline_destroy(&r->pipeline);
	nj_flow_destroy(&r->flows);
	nj_dedup_destroy(&r->dedup);
	nj_decoder_destroy(&r->decoder);
	nj_ring_detach(&r->ring);
	nj_order_destroy(&r->order);
	nj_dissect_set_destroy(&r->set);
	if (!r->work->source)
		nj_source_close(&r->source);
}

static const struct nj_flow_table *
rig_flows(const struct rig *r)
{
	return r->pipeline ? nj_pipeline_flows(r->pipeline) : r->flows;
}

/* A rig that has been warmed up stays for the next repeat of its case. */
static __thread struct rig *kept;
static __thread struct bench_work kept_work;

void
bench_worker_close(void)
{
	if (kept)
		rig_close(kept);
	free(kept);
	kept = NULL;
}

/* Until flows come and go evenly: every one of the first round has to have
 * lived its whole life. */
static uint64_t
warm_packets(const struct rig *r)
{
	const struct nj_memory_mix *mix = nj_memory_mix_find(r->work->mix);

	if (r->work->stage < BENCH_FLOW || r->work->source)
		return r->work->packets / 8;
	return (uint64_t)((double)nj_memory_flows(r->source) *
			  mix->packets_per_flow * 1.1);
}

static enum nj_err
rig_warm(const struct bench_work *w)
{
	enum nj_err err;

	if (kept && !memcmp(&kept_work, w, sizeof(*w)))
		return NJ_OK;
	bench_worker_close();
	kept = malloc(sizeof(*kept));
	if (!kept)
		return NJ_E_NOMEM;
	kept_work = *w;
	err = rig_open(kept, &kept_work);
	if (err)
		bench_worker_close();
	else
		run(kept, warm_packets(kept));
	return err;
}

enum nj_err
bench_worker(const struct bench_work *w, struct bench_done *out)
{
	enum nj_err err = rig_warm(w);
	const struct nj_flow_table *flows;
	uint64_t begun = 0;
	double cpu, wall;

	*out = (struct bench_done){ 0 };
	if (err)
		return err;
	flows = rig_flows(kept);
	if (flows)
		begun = nj_flow_counters(flows)->created;
	kept->bytes = kept->rows = 0;
	cpu = bench_cpu_s();
	wall = bench_wall_s();
	run(kept, w->packets);
	out->cpu_s = bench_cpu_s() - cpu;
	out->wall_s = bench_wall_s() - wall;
	out->packets = w->packets;
	out->bytes = kept->bytes;
	out->rows = kept->rows;
	if (flows) {
		out->flows_begun = nj_flow_counters(flows)->created - begun;
		out->flows_live = nj_flow_live(flows);
	}
	if (kept->pipeline)
		out->unaccounted = nj_ledger_unaccounted(
			nj_pipeline_ledger(kept->pipeline));
	return NJ_OK;
}
