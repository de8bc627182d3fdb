/*
 * summary.c - sums over workers and rates.
 */
#include "engine/pipeline/summary.h"

void
nj_summary_add(struct nj_summary *s, const struct nj_worker_state *w)
{
	struct ledger_counters l = nj_worker_ledger(w);
	struct nj_flow_counters flow;
	uint64_t received = 0;

	memcpy(&flow, nj_worker_values_of(w, NJ_WORKER_flow), sizeof(flow));
	for (unsigned i = 0; i < NJ_CONTROL_PORTS_MAX; i++) {
		nj_counters_add(
			&source_counters_desc, &s->source, &w->source[i]);
		received += w->source[i].received;
	}
	nj_counters_add(&ledger_counters_desc, &s->ledger, &l);
	nj_counters_add(&worker_counters_desc, &s->worker,
		nj_worker_values_of(w, NJ_WORKER_worker));
	nj_counters_add(&nj_pcap_counters_desc, &s->packets,
		nj_worker_values_of(w, NJ_WORKER_pcap));
	s->flows_begun += flow.created;
	s->flows_shed +=
		nj_dissect_shed(nj_worker_values_of(w, NJ_WORKER_dissect));
	s->shed_level = nj_max(s->shed_level, w->shed_level);
	s->shed_share = nj_max(s->shed_share, w->shed_share);
	s->flows += w->flows;
	s->last_packet_ns = nj_max(s->last_packet_ns, w->last_packet_ns);
	s->unaccounted +=
		nj_ledger_unaccounted(&l) + (int64_t)(received - l.received);
}

void
nj_summary_port(
	struct nj_port_state *port, unsigned i, const struct nj_worker_state *w)
{
	nj_counters_add(&source_counters_desc, &port->count, &w->source[i]);
	port->duplicate += w->duplicate[i];
	port->excluded += w->excluded[i];
}

void
nj_rates_begin(struct nj_rates *r, int64_t now_ns)
{
	*r = (struct nj_rates){ .began_ns = now_ns, .before_ns = now_ns };
}

static void
values(uint64_t out[NJ_RATE_COUNT], const struct nj_summary *s)
{
	uint64_t lost = nj_source_lost(&s->source);

	out[NJ_RATE_packets] = s->source.received + lost;
	out[NJ_RATE_bits] = s->source.wire_bytes * 8;
	out[NJ_RATE_processed_bits] = s->ledger.processed_bytes * 8;
	out[NJ_RATE_lost] = lost + s->ledger.shed;
	out[NJ_RATE_flows] = s->flows_begun;
	out[NJ_RATE_events] = s->worker.rows + s->worker.rows_lost;
	out[NJ_RATE_recorded_bits] = s->packets.bytes * 8;
}

static uint64_t
per_second(uint64_t n, int64_t ns)
{
	return (uint64_t)((double)n * (double)NJ_NS_PER_S / (double)ns + 0.5);
}

void
nj_rates_step(struct nj_rates *r, const struct nj_summary *now, int64_t now_ns)
{
	uint64_t old[NJ_RATE_COUNT], new[NJ_RATE_COUNT];
	int64_t step = now_ns - r->before_ns, whole = now_ns - r->began_ns;

	values(old, &r->before);
	values(new, now);
	r->before = *now;
	r->before_ns = now_ns;
	if (step <= 0 || whole <= 0)
		return;
	for (unsigned i = 0; i < NJ_RATE_COUNT; i++) {
		struct nj_rate *x = &r->rate[i];

		/* A copied state may be a moment older than the last one. */
		x->last =
			new[i] > old[i] ? per_second(new[i] - old[i], step) : 0;
		x->average = per_second(new[i], whole);
		x->peak = nj_max(x->peak, x->last);
	}
}
