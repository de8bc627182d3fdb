/*
 * ring.h - the byte ring through which rows go from one producer to one
 * consumer: from a sensor's worker to the brain, or between two threads. It
 * lives in a sealed memfd, so either side may die and come back: what was
 * published stays, a row half written was never there.
 *
 * A second reader, the spooler, may move the oldest rows out when the consumer
 * does not come for them. Either reader gives room back by releasing; what the
 * other had not read then is no longer there for it, which it is told.
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
	NJ_RING_CONSUMER = 1 << 1,
	NJ_RING_SPOOLER = 1 << 2 /* never with the one before */
};

/* Makes an empty ring for data_bytes (a power of two) of rows, twice the
 * largest row if none is ever to be too large for it. Gives its file in *fd,
 * close-on-exec, for both sides to attach to; the size is sealed. Positions
 * in it belong to the epoch, a number that is the same for all rings of an
 * appliance and never comes again. */
NJ_MUST_USE enum nj_err nj_ring_create(
	int *fd, size_t data_bytes, uint64_t epoch);
/* Maps the ring of fd, which may be closed then. A thread may have both roles,
 * or two threads share the struct, one role each. A new producer counts up
 * the generation; a new consumer begins with the oldest row not released.
 * NJ_E_FORMAT: not a ring of this version. */
NJ_MUST_USE enum nj_err nj_ring_attach(
	struct nj_ring **out, int fd, unsigned roles);
void nj_ring_detach(struct nj_ring **ring);
uint64_t nj_ring_epoch(const struct nj_ring *ring);
/* Room for rows. */
uint64_t nj_ring_bytes_max(const struct nj_ring *ring);

/* ---- Producer ---- */
/* Rows put into the sink are published one by one; what does not fit is
 * counted and refused. Borrows ring. */
struct nj_sink nj_ring_sink(struct nj_ring *ring);
/* Counts a row of this type as refused, for who finds before the ring that it
 * cannot be kept. ctx is the ring: it fits nj_sink.refused. */
void nj_ring_lost(void *ctx, uint32_t type);
/* Says that no row with order_ns before time_ns will be put any more. */
void nj_ring_set_watermark(struct nj_ring *ring, int64_t time_ns);

/* ---- Consumer and spooler ---- */
/* The next row, valid until the next call; false when there is none (or what
 * was there was broken, or the other reader has let go of it). It stays in the
 * ring until it is released. */
bool nj_ring_next(struct nj_ring *ring, struct nj_row *row);
/* Gives the room of all rows that next has given back to the producer: call
 * it when they are safe. */
void nj_ring_release(struct nj_ring *ring);
/* How far next has come, and the release of all before such a place: what
 * lies beyond stays, for a consumer that is a row ahead of what is safe. */
uint64_t nj_ring_position(const struct nj_ring *ring);
void nj_ring_release_to(struct nj_ring *ring, uint64_t position);
/* Up to where this reader has released. */
uint64_t nj_ring_released(const struct nj_ring *ring);
/* Has the other reader let go of the next row? Then it has to be had from
 * elsewhere, and reading goes on after a seek. */
bool nj_ring_overtaken(const struct nj_ring *ring);
/* Up to where the other reader has released, as it says. */
uint64_t nj_ring_others(const struct nj_ring *ring);
/* Goes on at a place not before what this reader has released, nor beyond what
 * was put: false then. */
bool nj_ring_seek(struct nj_ring *ring, uint64_t position);
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
/* Rows refused by type since the ring was made. Gives how many types were put
 * to out; NJ_EVENT_TYPES_MAX is room enough. */
struct nj_loss {
	uint32_t type;
	uint64_t rows;
};
unsigned nj_ring_losses(
	const struct nj_ring *ring, struct nj_loss *out, unsigned cap);

#endif
