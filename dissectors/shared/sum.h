/*
 * sum.h - a small sum of bytes (FNV-1a), by which a dissector knows that a
 * message says again what it has told already. Not for anything that an
 * attacker must not be able to collide.
 */
#ifndef NJ_DISSECTORS_SHARED_SUM_H
#define NJ_DISSECTORS_SHARED_SUM_H

#include "engine/base/base.h"

enum { NJ_SUM_SEED = 0x11c9dc5 };

static inline uint32_t
nj_sum(uint32_t sum, const void *p, size_t n)
{
	const uint8_t *bytes = p;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ bytes[i]) * 16777619u;
	return sum;
}

/* A few sums of what was told last. */
enum { NJ_TOLD_MAX = 8 };
struct nj_told {
	uint32_t sums[NJ_TOLD_MAX];
	uint8_t next;
};

/* True when sum is among them; else it is put in place of the oldest. */
static inline bool
nj_told(struct nj_told *t, uint32_t sum)
{
	for (unsigned i = 0; i < NJ_TOLD_MAX; i++)
		if (t->sums[i] == sum)
			return true;
	t->sums[t->next++ % NJ_TOLD_MAX] = sum;
	return false;
}

#endif
