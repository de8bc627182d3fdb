/*
 * lookup_priv.h - the part of a lookup that every packet takes, to be compiled
 * into the loops that take it.
 */
#ifndef NJ_FLOW_LOOKUP_PRIV_H
#define NJ_FLOW_LOOKUP_PRIV_H

#include <emmintrin.h>

#include "engine/flow/flow_priv.h"

static inline struct flow_bucket *
bucket_of(const struct nj_flow_table *t, uint64_t hash)
{
	return &t->buckets[((hash >> 32) * t->bucket_count) >> 32];
}

static inline uint16_t
tag_of(uint64_t hash)
{
	return (uint16_t)hash ? (uint16_t)hash : 1;
}

/* One bit pair for each of the 8 slots whose tag is this. */
static inline unsigned
bucket_match(const struct flow_bucket *b, uint16_t tag)
{
	__m128i tags = _mm_load_si128((const __m128i *)b->tag);

	return (unsigned)_mm_movemask_epi8(
		_mm_cmpeq_epi16(tags, _mm_set1_epi16((short)tag)));
}

/* Is it the flow's key in any but the usual way: IPv6, or an alias? */
bool flow_key_is_rare(const struct nj_flow_table *t, uint32_t index,
	const struct flow_key *k);

static inline bool
flow_key_matches(
	const struct nj_flow_table *t, uint32_t index, const struct flow_key *k)
{
	const struct nj_flow_hot *h = &t->hot[index];

	/* A packet before this one may have ended the flow. */
	if (nj_likely(!((h->key[0] ^ k->key[0]) | (h->key[1] ^ k->key[1])) &&
		      k->version == 4 &&
		      (h->flags & (FLOW_LIVE | FLOW_V6)) == FLOW_LIVE))
		return true;
	return h->flags & (FLOW_V6 | FLOW_ALIAS) &&
	       flow_key_is_rare(t, index, k);
}

static inline void
flow_table_prefetch(const struct nj_flow_table *t, uint64_t hash)
{
	__builtin_prefetch(bucket_of(t, hash));
}

/* The first flow whose tag fits, being fetched from memory; or 0. */
static inline uint32_t
flow_table_guess(const struct nj_flow_table *t, uint64_t hash)
{
	const struct flow_bucket *b = bucket_of(t, hash);
	unsigned match = bucket_match(b, tag_of(hash));
	uint32_t index;

	if (!match)
		return 0;
	index = b->index[__builtin_ctz(match) / 2];
	__builtin_prefetch(&t->hot[index], 1);
	return index;
}

/* What an IPv6 flow is compared with. */
static inline void
flow_key6_prefetch(const struct nj_flow_table *t, uint32_t index)
{
	const struct nj_flow_hot *h = &t->hot[index];

	if (index && h->flags & FLOW_V6)
		__builtin_prefetch(flow_key6(t, h));
}

/* When a flow ends unless something happens; rare kinds aside. */
static inline int64_t
flow_deadline_of(const struct nj_flow_table *t, uint32_t index)
{
	const struct nj_flow_hot *h = &t->hot[index];
	unsigned class = flow_class(h);

	if (nj_unlikely(h->flags & (FLOW_FIXED | FLOW_LAG) ||
			class >= CLASS_CUSTOM))
		return flow_deadline(t, index);
	return h->last_ns + t->timeout_ns[class];
}

#endif
