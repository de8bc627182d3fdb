/*
 * bloom_priv.h - filters that say that a value is certainly not in a column:
 * split block Bloom filters (Putze, Sanders, Singler 2007), of whose bits a
 * value has eight in one block of 256.
 *
 * The hashes are part of the stored format.
 */
#ifndef NJ_STORE_BLOOM_PRIV_H
#define NJ_STORE_BLOOM_PRIV_H

#include "engine/base/hash.h"
#include "engine/store/coder_priv.h"

enum {
	NJ_BLOOM_BLOCK = 32, /* bytes */
	/* Tenths of a bit for each value: one in a hundred others passes. */
	NJ_BLOOM_DECIBITS = 105
};

static inline uint64_t
nj_bloom_number(uint64_t v)
{
	return nj_mix64(v + UINT64_C(0x9e3779b97f4a7c15));
}
/* Of bytes; with nocase ASCII letters count as small ones. */
uint64_t nj_bloom_bytes(struct nj_view v, bool nocase);
uint64_t nj_bloom_uid(uint64_t high, uint32_t low);

/* About how many different hashes there are: how many bits of a map they
 * leave clear tells (Whang, Vander-Zanden, Taylor 1990). */
size_t nj_bloom_distinct(const uint64_t *hashes, size_t n);

/* Writes a filter of n hashes, of which about distinct differ. */
void nj_bloom_put(
	struct nj_buf *out, const uint64_t *hashes, size_t n, size_t distinct);
/* True also where the filter is broken. */
bool nj_bloom_may_hold(struct nj_cur in, uint64_t hash);

#endif
