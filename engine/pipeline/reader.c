/*
 * reader.c - one source through one pipeline.
 */
#include "engine/pipeline/reader.h"

enum {
	/* Rows are sorted and handed on when this much packet time or this
	 * many bytes of rows have gathered. */
	RELEASE_BYTES = 4 * 1024 * 1024,
	PROGRESS_BURSTS = 16384
};

static enum nj_err
pump(struct nj_reader *r, struct nj_source *source, struct nj_pipeline *p,
	struct nj_order *order)
{
	struct nj_packet pkts[NJ_PIPELINE_BURST];
	unsigned bursts = 0;
	int n;

	while ((n = nj_source_burst(source, pkts, NJ_PIPELINE_BURST)) >= 0) {
		if (n && r->stats.first_ns > pkts[0].now_ns)
			r->stats.first_ns = pkts[0].now_ns;
		nj_pipeline_burst(p, pkts, (unsigned)n);
		nj_source_release(source, pkts, (unsigned)n);
		if (nj_order_bytes(order) > RELEASE_BYTES)
			nj_order_release(order,
				nj_pipeline_now(p) - NJ_PIPELINE_LAG_NS, r->row,
				r->ctx);
		if (++bursts % PROGRESS_BURSTS == 0 && r->progress &&
			!r->progress(r->ctx, source))
			break;
	}
	return n == NJ_SOURCE_FAILED ? source->err : NJ_OK;
}

enum nj_err
nj_reader_run(struct nj_reader *r, struct nj_source *source)
{
	struct nj_order *order = NULL;
	struct nj_pipeline *p = NULL;
	struct nj_sink sink;
	enum nj_err err = nj_order_create(&order);

	r->stats = (struct nj_reader_stats){ .first_ns = INT64_MAX,
		.last_ns = INT64_MIN };
	if (err)
		return err;
	sink = nj_order_sink(order);
	r->conf.sink = &sink;
	err = nj_pipeline_create(&p, &r->conf);
	if (err)
		goto out;
	err = pump(r, source, p, order);
	if (nj_pipeline_ledger(p)->received) {
		r->stats.last_ns = nj_pipeline_now(p);
		nj_pipeline_finish(p, r->stats.last_ns);
	}
	nj_order_release(order, INT64_MAX, r->row, r->ctx);
	r->stats.ledger = *nj_pipeline_ledger(p);
	r->stats.source = *nj_source_stats(source);
	r->stats.flows = nj_flow_counters(nj_pipeline_flows(p))->created;
	r->stats.rows = sink.rows;
out:
	nj_pipeline_destroy(&p);
	nj_order_destroy(&order);
	r->conf.sink = NULL;
	return err;
}
