/*
 * dedup.c - a direct-mapped table of the hashes of the last packets.
 *
 * A newer packet takes the slot of an older one: copies follow within micro-
 * seconds, so that even at 10 million packets a second, when 64 Ki slots hold
 * 6 ms, they are found. The hash is keyed: whoever could make two packets
 * collide could hide the second.
 */
#include "engine/packet/dedup.h"

#include <stdlib.h>

#include "engine/base/pool.h"
#include "engine/packet/decode_priv.h"

enum {
	SPAN_STRONG = 32, /* bytes of payload that are compared */
	SPAN_WEAK = 96,   /* where the IP header has no identification */
	SPAN_TUNNEL = 128 /* where the payload begins with more headers */
};

struct slot {
	uint64_t hash;
	int64_t ts_ns;
};

struct nj_dedup {
	struct slot *slots;
	int64_t window_ns[2]; /* strong, weak */
	uint64_t seed[4];
	struct nj_dedup_port ports[NJ_DEDUP_PORTS];
};

void
nj_dedup_conf_default(struct nj_dedup_conf *conf)
{
	*conf = (struct nj_dedup_conf){
		.window_ns = INT64_C(20000000),
		.weak_window_ns = INT64_C(1000000),
	};
}

enum nj_err
nj_dedup_create(struct nj_dedup **out, const struct nj_dedup_conf *conf)
{
	struct nj_dedup *d;

	*out = NULL;
	if (conf->window_ns < 0 || conf->weak_window_ns < 0)
		return NJ_E_RANGE;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NJ_E_NOMEM;
	d->slots = nj_pages_alloc(NJ_DEDUP_SLOTS * sizeof(*d->slots), NULL);
	if (!d->slots) {
		nj_dedup_destroy(&d);
		return NJ_E_NOMEM;
	}
	/* Unused slots are all zero; no time is near this one. */
	for (unsigned i = 0; i < NJ_DEDUP_SLOTS; i++)
		d->slots[i].ts_ns = INT64_MIN / 2;
	d->window_ns[0] = conf->window_ns;
	d->window_ns[1] = nj_min(conf->weak_window_ns, conf->window_ns);
	nj_hash128(&conf->key, "dedup a", 7, d->seed);
	nj_hash128(&conf->key, "dedup b", 7, d->seed + 2);
	*out = d;
	return NJ_OK;
}

void
nj_dedup_destroy(struct nj_dedup **d)
{
	if (!*d)
		return;
	nj_pages_free((*d)->slots, NJ_DEDUP_SLOTS * sizeof(*(*d)->slots));
	free(*d);
	*d = NULL;
}

/* Both halves of a 128-bit product: each bit of either word reaches most
 * bits of the result. */
static inline uint64_t
fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide x = (wide)a * b;

	return (uint64_t)x ^ (uint64_t)(x >> 64);
}

/* Products do not wait for each other; each has its place mixed in, so that
 * blocks cannot change places. The last block may overlap the one before. */
static inline uint64_t
hash_bytes(const uint64_t seed[4], const uint8_t *p, size_t n)
{
	uint8_t tail[16] = { 0 };
	uint64_t h = 0;

	if (nj_unlikely(n < 16)) {
		memcpy(tail, p, n);
		return fold(nj_load64(tail) ^ (seed[2] + n),
			nj_load64(tail + 8) ^ seed[3]);
	}
	for (; n > 16; n -= 16, p += 16)
		h ^= fold(nj_load64(p) ^ (seed[2] + n),
			nj_load64(p + 8) ^ seed[3]);
	p += n;
	return h ^
	       fold(nj_load64(p - 16) ^ seed[2], nj_load64(p - 8) ^ seed[3]);
}

static uint64_t
hash_ip(const uint64_t seed[4], const struct nj_meta *m, bool *weak)
{
	uint64_t fixed = (uint64_t)m->ip_bytes << 32 |
			 (uint64_t)m->proto << 24 |
			 (uint64_t)m->ip_version << 16;
	uint16_t id;
	uint64_t h;

	if (m->ip_version == 4) {
		memcpy(&id, m->l3 + 4, sizeof(id));
		*weak = id == 0;
		return fold(nj_load64(m->l3 + 12) ^ seed[0],
			(fixed | id) ^ seed[1]);
	}
	*weak = true;
	h = fold(nj_load64(m->l3 + 8) ^ seed[0],
		nj_load64(m->l3 + 16) ^ seed[1]);
	h = fold(nj_load64(m->l3 + 24) ^ seed[0], nj_load64(m->l3 + 32) ^ h);
	return fold(fixed ^ seed[0], h ^ seed[1]);
}

uint64_t
nj_dedup_hash(struct nj_dedup *d, const struct nj_meta *m)
{
	size_t span = SPAN_STRONG, len;
	bool weak;
	uint64_t h = hash_ip(d->seed, m, &weak);

	if (weak)
		span = SPAN_WEAK;
	if (m->inner_tunnel)
		span = SPAN_TUNNEL;
	/* The payload follows its header; both as far as captured. */
	len = (size_t)(m->payload.data - m->l4) + nj_min(span, m->payload.len);
	h = fold(h, hash_bytes(d->seed, m->l4, len) ^ d->seed[0]);
	__builtin_prefetch(&d->slots[h % NJ_DEDUP_SLOTS], 1);
	return (h & ~(UINT64_C(1) << 63)) | (uint64_t)weak << 63;
}

bool
nj_dedup_check(struct nj_dedup *d, uint64_t hash, const struct nj_meta *m,
	uint32_t wire_bytes)
{
	struct nj_dedup_port *port =
		&d->ports[nj_min(m->port, NJ_DEDUP_PORTS - 1)];
	struct slot *slot = &d->slots[hash % NJ_DEDUP_SLOTS];
	int64_t window = d->window_ns[hash >> 63], apart;

	port->packets++;
	port->bytes += wire_bytes;
	/* Of two capture points either may be a little late. */
	if (slot->hash == hash &&
		!__builtin_sub_overflow(m->ts_ns, slot->ts_ns, &apart) &&
		apart <= window && apart >= -window) {
		port->copies++;
		port->copy_bytes += wire_bytes;
		return true;
	}
	slot->hash = hash;
	slot->ts_ns = m->ts_ns;
	return false;
}

const struct nj_dedup_port *
nj_dedup_port(const struct nj_dedup *d, unsigned port)
{
	return &d->ports[nj_min(port, NJ_DEDUP_PORTS - 1u)];
}
