/*
 * hash.h - seeded hashes. nj_hash128 is SipHash-2-4-128 (Aumasson, Bernstein
 * 2012) for keys that attackers choose and ids that must be stable; nj_mix64
 * is the finaliser of a splitmix generator, for what is hashed already.
 */
#ifndef NJ_BASE_HASH_H
#define NJ_BASE_HASH_H

#include "engine/base/base.h"

struct nj_hash_key {
	uint64_t k0, k1;
};

uint64_t nj_hash64(const struct nj_hash_key *key, const void *p, size_t n);
void nj_hash128(const struct nj_hash_key *key, const void *p, size_t n,
	uint64_t out[2]);

static inline uint64_t
nj_mix64(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

#endif
