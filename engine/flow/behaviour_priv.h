/*
 * behaviour_priv.h - the count of a flow's first packets, for the loop that
 * every packet goes through.
 *
 * All of it is one number in the flow's hot line, so that it costs neither
 * memory nor a cache miss: counts of 4 bits for 4 classes of size a side and
 * 5 of time, and 6 bits a side for the entropy. Packets of many flows come
 * mixed, so any branch on what they are like would be guessed wrong: there is
 * none.
 */
#ifndef NJ_FLOW_BEHAVIOUR_PRIV_H
#define NJ_FLOW_BEHAVIOUR_PRIV_H

#include "engine/flow/flow_priv.h"

enum {
	COUNT_BITS = 4,
	COUNT_MAX = 15,
	/* So many packets of a side, less one, fit into any count. */
	COUNT_PACKETS = COUNT_MAX + 1,
	SIDE_BITS = FLOW_SIZES * COUNT_BITS,
	TIMES_AT = 2 * SIDE_BITS,
	ENTROPY_AT = TIMES_AT + FLOW_TIMES * COUNT_BITS,
	ENTROPY_BITS = 6,
	TENTHS_MAX = (1 << ENTROPY_BITS) - 2 /* 0: not known */
};
_Static_assert(ENTROPY_AT + 2 * ENTROPY_BITS == 64, "one number");

/* How many bits n has, and one more. */
static inline unsigned
bits_and_one(uint64_t n)
{
	return 64 - (unsigned)__builtin_clzll(2 * n + 1);
}

/* Below 64, 256, 1024 bytes, and more. */
static inline unsigned
size_class(uint32_t bytes)
{
	return nj_min(bits_and_one(bytes >> 6) / 2, FLOW_SIZES - 1U);
}

/* Below 1, 16, 256 ms, 4 s, and more; a millisecond is 2^20 ns here. */
static inline unsigned
time_class(int64_t ns)
{
	uint64_t ms = (uint64_t)nj_max(ns, INT64_C(0)) >> 20;

	return nj_min((bits_and_one(ms) + 2) / 4, FLOW_TIMES - 1U);
}

/* The packet was counted, and is not yet the flow's last one. */
static inline void
behaviour_count(struct nj_flow_hot *h, const struct nj_meta *m, unsigned d)
{
	uint64_t counts = ((h->packets[0] | h->packets[1]) < COUNT_PACKETS) &
			  (m->payload_wire != 0);
	/* Nothing came before the first one. */
	uint64_t later = h->packets[0] + h->packets[1] != 1;
	unsigned time =
		TIMES_AT + COUNT_BITS * time_class(m->ts_ns - h->last_ns);
	uint64_t b = h->behaviour;

	b += counts << (d * SIDE_BITS +
			COUNT_BITS * size_class(m->payload_wire));
	/* Both sides share these. */
	later &= (b >> time & COUNT_MAX) != COUNT_MAX;
	h->behaviour = b + ((counts & later) << time);
}

#endif
