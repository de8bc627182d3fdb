/*
 * hash.c - SipHash-2-4 with 64 and 128 bits of output, after the paper
 * "SipHash: a fast short-input PRF" (Aumasson, Bernstein 2012).
 */
#include "engine/base/hash.h"

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v2 = rotl(s->v2, 32);
}

static void
sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

static void
sip_rounds(struct sip *s, unsigned n)
{
	while (n--)
		sip_round(s);
}

static struct sip
sip_absorb(
	const struct nj_hash_key *key, const void *p, size_t n, uint64_t tweak)
{
	const uint8_t *at = p;
	uint64_t last = (uint64_t)n << 56, word;
	struct sip s = { key->k0 ^ UINT64_C(0x736f6d6570736575),
		key->k1 ^ UINT64_C(0x646f72616e646f6d) ^ tweak,
		key->k0 ^ UINT64_C(0x6c7967656e657261),
		key->k1 ^ UINT64_C(0x7465646279746573) };

	for (; n >= 8; n -= 8, at += 8) {
		memcpy(&word, at, 8);
		sip_word(&s, word);
	}
	for (size_t i = 0; i < n; i++)
		last |= (uint64_t)at[i] << 8 * i;
	sip_word(&s, last);
	return s;
}

static uint64_t
sip_fold(const struct sip *s)
{
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t
nj_hash64(const struct nj_hash_key *key, const void *p, size_t n)
{
	struct sip s = sip_absorb(key, p, n, 0);

	s.v2 ^= 0xff;
	sip_rounds(&s, 4);
	return sip_fold(&s);
}

void
nj_hash128(
	const struct nj_hash_key *key, const void *p, size_t n, uint64_t out[2])
{
	struct sip s = sip_absorb(key, p, n, 0xee);

	s.v2 ^= 0xee;
	sip_rounds(&s, 4);
	out[0] = sip_fold(&s);
	s.v1 ^= 0xdd;
	sip_rounds(&s, 4);
	out[1] = sip_fold(&s);
}
