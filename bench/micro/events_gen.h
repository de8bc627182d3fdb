/*
 * events_gen.h - conn, dns and http records of the made-up site, at some
 * million a second, for benches of what keeps and searches them.
 *
 * A pool of records is made at the start: who talks to whom follows Zipf's
 * law, durations and sizes are log-normal, histories and states are those
 * that real sites have most. Each row is one of the pool (all of it, in
 * another order each time round) with times and a uid of its own. With the
 * same seed and the same calls come the same rows.
 */
#ifndef NJ_BENCH_MICRO_EVENTS_GEN_H
#define NJ_BENCH_MICRO_EVENTS_GEN_H

#include "engine/event/row.h"

enum bench_event { BENCH_CONN, BENCH_DNS, BENCH_HTTP, BENCH_EVENT_COUNT };

enum {
	BENCH_SEED = 20261124, /* what benches use */
	BENCH_POOL = 1 << 17   /* some 40 MB of each type */
};

struct bench_gen_conf {
	uint64_t seed;
	uint32_t pool; /* records of each type; a power of two */
	int64_t start_ns;
	uint32_t per_s; /* rows a second of their own time */
};

struct bench_gen;
/* Registers the three log types. NULL conf: seed, pool and rate of benches,
 * from the first of January 2026. */
NJ_MUST_USE enum nj_err bench_gen_create(
	struct bench_gen **out, const struct bench_gen_conf *conf);
void bench_gen_destroy(struct bench_gen **g);
const struct nj_event_desc *bench_gen_desc(enum bench_event type);
/* The next row, valid until the next call. */
struct nj_view bench_gen_next(struct bench_gen *g, enum bench_event type);
/* The uid of the n-th row of all that the generator gives, from 0, so that
 * searches know what there is. */
void bench_gen_uid(const struct bench_gen *g, uint64_t n, uint64_t uid[2]);

#endif
