/*
 * ring.h - the byte ring through which rows go from one producer to one
 * consumer: from a sensor's worker to the brain, or between two threads. It
 * lives in a sealed memfd, so either side may die and come back: what was
 * published stays, a row half written was never there.
 *
 * Neither side trusts what the other may write. The consumer gets copies of
 * rows, so that a producer gone wrong cannot change what has been checked.
 */
#ifndef NJ_EVENT_RING_H
#define NJ_EVENT_RING_H

#include "engine/base/counter.h"
#include "engine/event/row.h"

struct nj_ring;

enum {
	NJ_RING_BYTES_MIN = 4096,
	NJ_RING_BYTES_MAX = 1 << 30,
	/* roles */
	NJ_RING_PRODUCER = 1 << 0,
	NJ_RING_CONSUMER = 1 << 1
};

/* Makes an empty ring for data_bytes (a power of two) of rows, twice the
 * largest row if none is ever to be too large for it. Gives its file in *fd,
 * close-on-exec, for both sides to attach to; the size is sealed. */
NJ_MUST_USE enum nj_err nj_ring_create(int *fd, size_t data_bytes);
/* Maps the ring of fd, which may be closed then. A thread may have both roles,
 * or two threads share the struct, one role each. A new producer counts up
 * the generation; a new consumer begins with the oldest row not released.
 * NJ_E_FORMAT: not a ring of this version. */
NJ_MUST_USE enum nj_err nj_ring_attach(
	struct nj_ring **out, int fd, unsigned roles);
void nj_ring_detach(struct nj_ring **ring);

/* ---- Producer ---- */
/* Rows put into the sink are published one by one; what does not fit is
 * counted and refused. Borrows ring. */
struct nj_sink nj_ring_sink(struct nj_ring *ring);
/* Says that no row with order_ns before time_ns will be put any more. */
void nj_ring_set_watermark(struct nj_ring *ring, int64_t time_ns);

/* ---- Consumer ---- */
/* The next row, valid until the next call; false when there is none (or what
 * was there was broken). It stays in the ring until it is released. */
bool nj_ring_next(struct nj_ring *ring, struct nj_row *row);
/* Gives the room of all rows that next has given back to the producer: call
 * it when they are safe. */
void nj_ring_release(struct nj_ring *ring);
/* How far next has come, and the release of all before such a place: what
 * lies beyond stays, for a consumer that is a row ahead of what is safe. */
uint64_t nj_ring_position(const struct nj_ring *ring);
void nj_ring_release_to(struct nj_ring *ring, uint64_t position);
/* The producer's packet time, INT64_MIN at first. Read it before the rows:
 * once next has given false after that, all rows before it have come. */
int64_t nj_ring_watermark(const struct nj_ring *ring);
/* How many producers have attached so far. */
uint64_t nj_ring_generation(const struct nj_ring *ring);

/* ---- Either ---- */
#define NJ_RING_COUNTERS(C)                                                    \
	C(rows, EVENTS, INFO, "Rows put into the ring")                        \
	C(bytes, BYTES, INFO, "Bytes of these rows")                           \
	C(rows_full, EVENTS, WARN, "Rows refused: the ring was full")          \
	C(bytes_full, BYTES, WARN, "Room that refused rows asked for")         \
	C(waiting, BYTES, INFO, "Bytes in the ring now")                       \
	C(broken, ITEMS, ERROR, "Broken rows dropped by this consumer")        \
	C(bytes_broken, BYTES, ERROR, "Bytes dropped as broken by it")
NJ_COUNTERS_DECLARE(nj_ring, NJ_RING_COUNTERS);
/* The first five belong to the ring and go on over restarts. */
void nj_ring_counters(const struct nj_ring *ring, struct nj_ring_counters *out);

#endif
