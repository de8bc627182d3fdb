/*
 * bench.h - how benches are declared, repeated and reported. A case is one
 * entry of a suite's table; it fills a sample of named numbers, and the
 * harness repeats it, takes medians and compares them with what the design
 * asks for (performance budget, docs/developer/performance.md).
 *
 * Time is processor time of the measuring thread wherever one thread does the
 * work: machines are shared, and ratios of one run are what to trust.
 */
#ifndef NJ_BENCH_MICRO_BENCH_H
#define NJ_BENCH_MICRO_BENCH_H

#include "engine/base/base.h"
#include "engine/base/buf.h"

struct nj_source;

enum { BENCH_METRICS_MAX = 80, BENCH_REPEATS_MAX = 101 };

struct bench_metric {
	const char *name; /* "rate", "cost", ... */
	const char *unit;
	double value;
};

struct bench_sample {
	struct bench_metric metrics[BENCH_METRICS_MAX];
	unsigned n;
};
/* Adds a number; names of a case have to come in the same order each time. */
void bench_add(struct bench_sample *s, const char *name, const char *unit,
	double value);

/* What the design asks of a metric: at least (or at most) must, better aim. */
struct bench_goal {
	const char *metric; /* NULL ends a list */
	bool at_most;
	double must, aim; /* aim 0: none */
};

struct bench_options {
	unsigned repeats;
	double scale;       /* of the work in one sample; 1 is the default */
	uint64_t bytes;     /* of what is stored; 0: the case's own */
	const char *folder; /* to store it in; NULL: this one */
	double seconds;     /* instead of scale, where work is time; 0: not */
};

struct bench_case {
	const char *name, *text; /* NULL name ends a table */
	NJ_MUST_USE enum nj_err (*run)(const struct bench_case *c,
		const struct bench_options *o, struct bench_sample *out);
	const char *mix;
	unsigned arg;
	struct bench_goal goals[4];
};

struct bench_suite {
	const char *name, *text;
	const struct bench_case *cases;
};
/* Ended by one without a name. */
extern const struct bench_suite bench_suites[];

struct bench_stat {
	const char *name, *unit;
	double median, min, max;
};
struct bench_result {
	const struct bench_suite *suite;
	const struct bench_case *test;
	struct bench_stat stats[BENCH_METRICS_MAX];
	unsigned n;
	enum nj_err err;
};

/* Runs a case as often as asked. */
void bench_repeat(const struct bench_suite *suite, const struct bench_case *c,
	const struct bench_options *o, struct bench_result *out);
/* True if the result misses a "must"; names the first in *which. */
bool bench_missed(
	const struct bench_result *r, const struct bench_goal **which);

/* The machine, for reports: processor, cores, memory, kernel, load. */
void bench_machine_json(struct nj_buf *out);
void bench_machine_text(struct nj_buf *out);
void bench_result_json(struct nj_buf *out, const struct bench_result *r);
void bench_result_text(struct nj_buf *out, const struct bench_result *r);

/* Seconds of processor time of this thread, and of the wall clock. */
double bench_cpu_s(void);
double bench_wall_s(void);

/* worker.c: a worker on the memory feed, or another. */
enum bench_stage {
	BENCH_FEED,    /* packets are handed out and nothing else */
	BENCH_DECODE,  /* and decoded */
	BENCH_DEDUP,   /* and looked up among copies */
	BENCH_FLOW,    /* and counted in flows, without dissection */
	BENCH_PIPELINE /* all that a worker does */
};
struct bench_work {
	const char *mix;
	uint64_t stage; /* enum bench_stage */
	uint64_t packets;
	uint32_t flows; /* in progress; 0: the mix's own */
	uint32_t stream;
	/* Instead of the memory feed; borrowed. Packets that come round and
	 * round within moments: copies are not looked for. */
	struct nj_source *source;
};
struct bench_done {
	uint64_t packets, bytes, flows_begun, flows_live, rows;
	int64_t unaccounted;
	double cpu_s, wall_s;
};
/* The same work again goes on where the last ended, warm. */
NJ_MUST_USE enum nj_err bench_worker(
	const struct bench_work *w, struct bench_done *out);
/* Frees what the calling thread keeps warm. */
void bench_worker_close(void);

/* pcap.c: the mix through DPDK's net_pcap, in a process of its own, as this
 * one has no DPDK. */
NJ_MUST_USE enum nj_err bench_net_pcap(const struct bench_case *c,
	const struct bench_options *o, struct bench_sample *out);
/* What it says of each repeat, a line: packets, bytes, flows begun and in
 * progress, rows, unaccounted, seconds. */
#define BENCH_DONE_TEXT "%lu %lu %lu %lu %lu %ld %lf"

/* suites.c */
void bench_add_rates(struct bench_sample *out, const struct bench_done *d);

/* flow.c: the flow table alone; the case's name says which flows. */
NJ_MUST_USE enum nj_err bench_flow_random(const struct bench_case *c,
	const struct bench_options *o, struct bench_sample *out);
/* search.c: a question over many stored records. */
enum {
	BENCH_SEARCH_PAGE,
	BENCH_SEARCH_PAGE_COLD,
	BENCH_SEARCH_UID,
	BENCH_SEARCH_IP,
	BENCH_SEARCH_SCAN,
	BENCH_SEARCH_TEXT,
	BENCH_SEARCH_TERMS,
	BENCH_SEARCH_GRAPH
};
NJ_MUST_USE enum nj_err bench_search(const struct bench_case *c,
	const struct bench_options *o, struct bench_sample *out);
/* Removes the store that the cases share. */
void bench_search_close(void);

/* store.c: sealing rows of the log type that arg says, and reading them. */
NJ_MUST_USE enum nj_err bench_seal(const struct bench_case *c,
	const struct bench_options *o, struct bench_sample *out);
/* ingest.c: rows of the log type that arg says into the event store. */
NJ_MUST_USE enum nj_err bench_ingest(const struct bench_case *c,
	const struct bench_options *o, struct bench_sample *out);
/* memory.c: what flows cost in resident memory. */
NJ_MUST_USE enum nj_err bench_flow_memory(const struct bench_case *c,
	const struct bench_options *o, struct bench_sample *out);

/* packets.c: the packet buffer. */
NJ_MUST_USE enum nj_err bench_packets_record(const struct bench_case *c,
	const struct bench_options *o, struct bench_sample *out);
NJ_MUST_USE enum nj_err bench_packets_find(const struct bench_case *c,
	const struct bench_options *o, struct bench_sample *out);

#endif
