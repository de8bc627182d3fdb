/*
 * summary.h - what all workers did together: the loss ledger of the whole
 * sensor, and how much of everything there is in a second.
 */
#ifndef NJ_PIPELINE_SUMMARY_H
#define NJ_PIPELINE_SUMMARY_H

#include "engine/pipeline/control.h"

struct nj_summary {
	struct source_counters source;
	struct ledger_counters ledger;
	struct worker_counters worker;
	struct nj_pcap_counters packets; /* recorded */
	uint64_t flows_begun, flows;
	uint64_t flows_shed; /* not, or no longer, dissected */
	uint64_t shed_level, shed_share;
	int64_t last_packet_ns;
	/* Packets that the sources gave and no counter has: always 0. */
	int64_t unaccounted;
};

/* Adds what a worker published. It does so between two bursts, so its part of
 * the ledger is exact. */
void nj_summary_add(struct nj_summary *s, const struct nj_worker_state *w);

/* Sums over workers for each port of states, whose count they are. */
void nj_summary_port(struct nj_port_state *port, unsigned i,
	const struct nj_worker_state *w);

/* Rates from one summary to the next. */
struct nj_rates {
	struct nj_summary before;
	int64_t began_ns, before_ns;
	struct nj_rate rate[NJ_RATE_COUNT];
};
void nj_rates_begin(struct nj_rates *r, int64_t now_ns);
void nj_rates_step(
	struct nj_rates *r, const struct nj_summary *now, int64_t now_ns);

#endif
