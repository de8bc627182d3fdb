/*
 * key.c - from a packet to the key of its flow, the same for both
 * directions. Low and high side are told apart by address, then port; which
 * of them is the originator is a fact of the flow, not of the key.
 *
 * The hash is two rounds of 64 x 64 bit multiplication keyed with secret
 * words: fast, and without them nobody can aim packets at one bucket.
 */
#include "engine/event/community.h"
#include "engine/flow/lookup_priv.h"

__extension__ typedef unsigned __int128 u128;

static inline uint64_t
mum(uint64_t a, uint64_t b)
{
	u128 p = (u128)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static inline uint64_t
key_hash(const struct nj_flow_table *t, const uint64_t key[2])
{
	return mum(mum(key[0] ^ t->seed[0], key[1] ^ t->seed[1]) ^ t->seed[2],
		t->seed[3] ^ key[1]);
}

uint64_t
flow_hash(const struct nj_flow_table *t, uint32_t index)
{
	const struct nj_flow_hot *h = &t->hot[index];
	uint64_t key[2] = { h->key[0], h->key[1] };

	/* The handle of the block is no part of the fingerprint. */
	if (h->flags & FLOW_V6)
		key[1] &= UINT32_MAX;
	return key_hash(t, key);
}

/* VXLAN and GENEVE networks are tenants. GTP's TEIDs and GRE's keys differ
 * by direction, so they cannot be part of a key that both directions share. */
static void
tenant_key(const struct nj_meta *m, uint64_t key[4])
{
	bool vni = m->tunnel == NJ_TUN_VXLAN || m->tunnel == NJ_TUN_GENEVE;

	key[0] = (uint64_t)m->vlan | (uint64_t)m->inner_vlan << 16 |
		 (uint64_t)m->tunnel << 32;
	key[1] = vni ? m->vni : 0;
	key[2] = key[3] = 0;
}

static bool
tenant_is_plain(const struct nj_meta *m)
{
	return !(m->vlan | m->inner_vlan | m->tunnel);
}

static uint32_t
tenant_find(const struct nj_flow_table *t, const struct nj_meta *m)
{
	uint64_t key[4];
	uint32_t found;

	if (nj_likely(tenant_is_plain(m)))
		return 0;
	tenant_key(m, key);
	found = intern_find(&t->tenants, key);
	return found ? found : TENANT_UNKNOWN;
}

uint32_t
flow_tenant_get(struct nj_flow_table *t, const struct nj_meta *m)
{
	uint64_t key[4];
	uint32_t tenant;

	if (nj_likely(tenant_is_plain(m)))
		return 0;
	tenant_key(m, key);
	tenant = intern_get(&t->tenants, key);
	t->counters.interned_refused += !tenant;
	return tenant;
}

static void
key_ports(const struct nj_flow_table *t, const struct nj_meta *m,
	struct flow_key *k, uint16_t port[2])
{
	bool v6 = m->proto == NJ_IP_ICMP6;
	int other;

	port[0] = port[1] = 0;
	k->one_way = false;
	switch (m->proto) {
	case NJ_IP_TCP:
		k->class = CLASS_OPENING;
		port[0] = m->sport;
		port[1] = m->dport;
		return;
	case NJ_IP_UDP:
		k->class = CLASS_UDP;
		port[0] = m->sport;
		port[1] = m->dport;
		return;
	case NJ_IP_ICMP:
	case NJ_IP_ICMP6:
		k->class = CLASS_ICMP;
		other = nj_icmp_counterpart(m->sport, v6);
		k->one_way = other < 0;
		port[0] = m->sport;
		port[1] = k->one_way ? m->dport : (uint16_t)other;
		return;
	case NJ_IP_ESP:
		k->class = CLASS_OTHER;
		/* EVE has a flow for each SPI, the conn log a connection for
		 * each pair of hosts. */
		port[0] = t->detail ? m->sport : 0;
		port[1] = t->detail ? m->dport : 0;
		return;
	default:
		k->class = CLASS_OTHER;
	}
}

static void
key_make6(const struct nj_flow_table *t, struct flow_key *k)
{
	const uint64_t *s = t->seed;
	uint64_t a[2], b[2], x, y;
	uint64_t tail = (uint64_t)k->rest << 32 | (uint32_t)k->hi_port << 16 |
			k->lo_port;

	memcpy(a, k->lo, 16);
	memcpy(b, k->hi, 16);
	x = mum(a[0] ^ s[4], a[1] ^ s[5]);
	y = mum(b[0] ^ s[6], b[1] ^ s[7]);
	k->key[0] = mum(x ^ s[0] ^ tail, y ^ s[4]);
	k->key[1] = (uint32_t)mum(y ^ s[1] ^ tail, x ^ s[6]);
}

static inline void
key_finish(const struct nj_flow_table *t, struct flow_key *k)
{
	uint32_t lo, hi;

	if (nj_likely(k->version == 4)) {
		memcpy(&lo, k->lo, 4);
		memcpy(&hi, k->hi, 4);
		k->key[0] = (uint64_t)hi << 32 | lo;
		k->key[1] = (uint64_t)k->rest << 32 |
			    (uint32_t)k->hi_port << 16 | k->lo_port;
	} else {
		key_make6(t, k);
	}
	k->hash = key_hash(t, k->key);
}

void
flow_key_retenant(
	const struct nj_flow_table *t, struct flow_key *k, uint32_t tenant)
{
	k->rest = (k->rest & 0xff) | tenant << 8;
	key_finish(t, k);
}

void
flow_key_of(const struct nj_flow_table *t, uint32_t index, uint32_t tenant,
	struct flow_key *k)
{
	const struct nj_flow_hot *h = &t->hot[index];
	const struct flow_key6 *six;

	if (h->flags & FLOW_V6) {
		six = flow_key6(t, h);
		*k = (struct flow_key){ .lo = six->lo,
			.hi = six->hi,
			.lo_port = six->lo_port,
			.hi_port = six->hi_port,
			.rest = six->rest,
			.version = 6 };
	} else {
		*k = (struct flow_key){ .lo = (const uint8_t *)&h->key[0],
			.hi = (const uint8_t *)&h->key[0] + 4,
			.lo_port = (uint16_t)h->key[1],
			.hi_port = (uint16_t)(h->key[1] >> 16),
			.rest = (uint32_t)(h->key[1] >> 32),
			.version = 4 };
	}
	flow_key_retenant(t, k, tenant);
}

/* Did the high side send it? */
static inline bool
key_side(const struct nj_meta *m, const uint16_t port[2])
{
	uint32_t a, b;
	uint64_t x, y;

	if (nj_likely(m->ip_version == 4)) {
		memcpy(&a, m->src, 4);
		memcpy(&b, m->dst, 4);
		a = __builtin_bswap32(a);
		b = __builtin_bswap32(b);
		return ((uint64_t)a << 16 | port[0]) >
		       ((uint64_t)b << 16 | port[1]);
	}
	for (unsigned i = 0; i < 16; i += 8) {
		memcpy(&x, m->src + i, 8);
		memcpy(&y, m->dst + i, 8);
		if (x != y)
			return __builtin_bswap64(x) > __builtin_bswap64(y);
	}
	return port[0] > port[1];
}

static inline void
key_make(const struct nj_flow_table *t, const struct nj_meta *m,
	struct flow_key *k)
{
	uint16_t port[2];

	key_ports(t, m, k, port);
	k->rest = m->proto | tenant_find(t, m) << 8;
	k->version = m->ip_version;
	k->side = !k->one_way && key_side(m, port);
	k->lo = k->side ? m->dst : m->src;
	k->hi = k->side ? m->src : m->dst;
	k->lo_port = port[k->side];
	k->hi_port = port[!k->side];
	key_finish(t, k);
}

void
flow_key_make(const struct nj_flow_table *t, const struct nj_meta *m,
	struct flow_key *k)
{
	key_make(t, m, k);
}

unsigned
flow_keys_make(const struct nj_flow_table *t, const struct nj_meta *metas,
	struct flow_key *keys, unsigned n)
{
	unsigned six = 0;

	for (unsigned i = 0; i < n; i++) {
		key_make(t, &metas[i], &keys[i]);
		flow_table_prefetch(t, keys[i].hash);
		six += keys[i].version != 4;
	}
	return six;
}
