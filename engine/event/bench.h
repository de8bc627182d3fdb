/*
 * bench.h - what rows cost: for `nightjar bench events`.
 */
#ifndef NJ_EVENT_BENCH_H
#define NJ_EVENT_BENCH_H

#include "engine/event/event.h"

/* A conn record with 21 fields set, in batches that do not stay in the cache.
 * Nanoseconds a row, one run, one thread. */
struct nj_event_bench {
	double put_ns;   /* encoded into a ring */
	double next_ns;  /* taken out of it: copied, checked */
	double walk_ns;  /* all fields read from the row */
	double json_ns;  /* printed */
	double order_ns; /* encoded into an order and released, sorted */
	double row_bytes, json_bytes;
};
/* rows is rounded up to whole batches. Registers the log type "bench". */
NJ_MUST_USE enum nj_err nj_event_bench(
	struct nj_event_bench *out, uint64_t rows);

#endif
