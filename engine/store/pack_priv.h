/*
 * pack_priv.h - numbers of a few bits each, one next to the other. Runs of
 * NJ_PACK_RUN numbers lie across lanes (number i in lane i % 16, or i % 8
 * where they have more than 32 bits), so that a vector unit shifts all lanes
 * at once; what is left at the end is one row of bits.
 */
#ifndef NJ_STORE_PACK_PRIV_H
#define NJ_STORE_PACK_PRIV_H

#include "engine/base/base.h"

enum { NJ_PACK_RUN = 512 };

static inline unsigned
nj_pack_width(uint64_t most)
{
	return most ? 64 - (unsigned)__builtin_clzll(most) : 0;
}

/* Of n numbers; n is bounded by callers far below what would overflow. */
static inline size_t
nj_pack_bytes(size_t n, unsigned bits)
{
	return n / NJ_PACK_RUN * (NJ_PACK_RUN / 8) * bits +
	       (n % NJ_PACK_RUN * bits + 7) / 8;
}

/* Writes nj_pack_bytes; each number has at most bits bits. */
void nj_pack(uint8_t *out, const uint64_t *v, size_t n, unsigned bits);
/* Takes numbers of at most 32 bits, those from number `at` on, which is a
 * multiple of NJ_PACK_RUN: up to NJ_PACK_RUN of all n, to out. */
void nj_unpack32(uint32_t out[NJ_PACK_RUN], const uint8_t *in, size_t at,
	size_t n, unsigned bits);
/* The same for up to 64 bits. */
void nj_unpack64(uint64_t out[NJ_PACK_RUN], const uint8_t *in, size_t at,
	size_t n, unsigned bits);

#endif
