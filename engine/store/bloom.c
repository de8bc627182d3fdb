/*
 * bloom.c - split block Bloom filters and the hashes that they are made of.
 */
#include "engine/store/bloom_priv.h"

#include <math.h>

/* Odd numbers that spread the low half of a hash over the eight words of a
 * block. */
static const uint32_t spread[8] = { 0x47b6137b, 0x44974d91, 0x8824ad5b,
	0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31 };

typedef uint32_t word32 __attribute__((aligned(1), may_alias));

/* Adds 32 to each byte of eight that is a capital letter. */
static uint64_t
lower8(uint64_t v)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = ones << 7;
	uint64_t low = v & ~tops;
	uint64_t from_a = low + ones * (0x80 - 'A');
	uint64_t past_z = low + ones * (0x80 - 'Z' - 1);

	return v | (from_a & ~past_z & ~v & tops) >> 2;
}

uint64_t
nj_bloom_bytes(struct nj_view v, bool nocase)
{
	uint64_t h = nj_bloom_number(v.len), word;

	for (size_t at = 0; at < v.len; at += 8) {
		word = 0;
		memcpy(&word, v.data + at, nj_min(v.len - at, (size_t)8));
		h = nj_bloom_number(h ^ (nocase ? lower8(word) : word));
	}
	return h;
}

uint64_t
nj_bloom_uid(uint64_t high, uint32_t low)
{
	return nj_bloom_number(nj_bloom_number(high) ^ low);
}

size_t
nj_bloom_distinct(const uint64_t *hashes, size_t n)
{
	enum { WORDS = 2048, BITS = 64 * WORDS };
	uint64_t map[WORDS] = { 0 };
	size_t set = 0;
	double guess;

	for (size_t i = 0; i < n; i++) {
		uint64_t bit = hashes[i] % BITS;

		map[bit / 64] |= UINT64_C(1) << bit % 64;
	}
	for (size_t i = 0; i < WORDS; i++)
		set += (size_t)__builtin_popcountll(map[i]);
	if (set > BITS - BITS / 64)
		return n;
	guess = -(double)BITS * log(1 - (double)set / BITS);
	return nj_min(n, (size_t)guess + 1);
}

static word32 *
block_of(uint8_t *blocks, uint32_t count, uint64_t hash)
{
	size_t at = (size_t)((hash >> 32) * count >> 32);

	return (word32 *)(blocks + at * NJ_BLOOM_BLOCK);
}

void
nj_bloom_put(
	struct nj_buf *out, const uint64_t *hashes, size_t n, size_t distinct)
{
	size_t bits = distinct * NJ_BLOOM_DECIBITS / 10;
	uint32_t count = (uint32_t)(bits / (8 * NJ_BLOOM_BLOCK) + 1);
	size_t bytes = (size_t)count * NJ_BLOOM_BLOCK;
	uint8_t *blocks;

	nj_put_u32(out, count);
	if (!nj_buf_room(out, bytes)) {
		out->bad = true;
		return;
	}
	blocks = out->data + out->len;
	memset(blocks, 0, bytes);
	for (size_t i = 0; i < n; i++) {
		word32 *w = block_of(blocks, count, hashes[i]);

		for (unsigned j = 0; j < 8; j++)
			w[j] |= UINT32_C(1)
				<< ((uint32_t)hashes[i] * spread[j] >> 27);
	}
	out->len += bytes;
}

bool
nj_bloom_may_hold(struct nj_cur in, uint64_t hash)
{
	uint32_t count = nj_cur_le32(&in);
	size_t at = (size_t)((hash >> 32) * count >> 32) * NJ_BLOOM_BLOCK;
	struct nj_view block;

	nj_cur_skip(&in, at);
	block = nj_cur_take(&in, NJ_BLOOM_BLOCK);
	if (in.bad)
		return true;
	for (unsigned j = 0; j < 8; j++) {
		uint32_t word;

		memcpy(&word, block.data + 4 * (size_t)j, 4);
		if (!(word >> ((uint32_t)hash * spread[j] >> 27) & 1))
			return false;
	}
	return true;
}
