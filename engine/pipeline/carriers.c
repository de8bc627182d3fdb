/*
 * carriers.c - sets of a few slots, found by a keyed hash of addresses and
 * kind, so that nobody can aim at one of them.
 */
#include "engine/pipeline/carriers.h"

#include <stdlib.h>

#include "engine/event/tunnel.h"
#include "engine/flow/flow.h"

enum { SETS = 1024, WAYS = 4, KEY_BYTES = 33 };
#define SILENT_NS (24 * 3600 * NJ_NS_PER_S)

struct slot {
	uint64_t uid[2]; /* both 0: empty */
	int64_t last_ns;
	uint8_t a[16], b[16]; /* as the first packet went */
	uint8_t version, tunnel;
};

struct nj_carriers {
	struct nj_hash_key key;
	int64_t due_ns; /* none is silent for too long before this */
	struct slot slots[SETS][WAYS];
};

enum nj_err
nj_carriers_create(struct nj_carriers **out, const struct nj_hash_key *key)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return NJ_E_NOMEM;
	(*out)->key = *key;
	(*out)->due_ns = INT64_MAX;
	return NJ_OK;
}

void
nj_carriers_destroy(struct nj_carriers **c)
{
	free(*c);
	*c = NULL;
}

static void
tell(const struct slot *s, int64_t now_ns, struct nj_view action,
	struct nj_sink *sink)
{
	struct tunnel_event ev = { .tunnel_type = nj_str(nj_flow_tunnel_type(
					   (enum nj_tunnel)s->tunnel)),
		.action = action };
	struct nj_head head = { .order_ns = now_ns,
		.ts_ns = now_ns,
		.uid = { s->uid[0], s->uid[1] } };

	head.orig = s->version == 4 ? nj_addr4(s->a) : nj_addr6(s->a);
	head.resp = s->version == 4 ? nj_addr4(s->b) : nj_addr6(s->b);
	(void)nj_sink_put(sink, &tunnel_desc, &head, &ev);
}

/* Both directions are one tunnel: the lower address stands first. */
static void
name(const struct nj_carriers *c, const struct nj_meta *m, uint64_t uid[2])
{
	size_t n = m->ip_version == 4 ? 4 : 16;
	bool low = memcmp(m->src, m->dst, n) <= 0;
	uint8_t key[KEY_BYTES] = { 0 };

	memcpy(key, low ? m->src : m->dst, n);
	memcpy(key + 16, low ? m->dst : m->src, n);
	key[32] = m->inner_tunnel;
	nj_hash128(&c->key, key, sizeof(key), uid);
	uid[0] |= 1;
}

/* The slot of this tunnel, or the one of its set that goes for it. */
static struct slot *
slot_of(struct slot set[WAYS], const uint64_t uid[2])
{
	struct slot *oldest = set;

	for (unsigned i = 0; i < WAYS; i++) {
		struct slot *s = &set[i];

		if (s->uid[0] == uid[0] && s->uid[1] == uid[1])
			return s;
		if (!s->uid[0] ||
			(oldest->uid[0] && s->last_ns < oldest->last_ns))
			oldest = s;
	}
	return oldest;
}

void
nj_carriers_seen(struct nj_carriers *c, const struct nj_meta *m,
	struct nj_sink *sink, uint64_t uid[2])
{
	size_t n = m->ip_version == 4 ? 4 : 16;
	struct slot *s;

	name(c, m, uid);
	s = slot_of(c->slots[uid[1] % SETS], uid);
	if (s->uid[0] != uid[0] || s->uid[1] != uid[1]) {
		*s = (struct slot){ .uid = { uid[0], uid[1] },
			.version = m->ip_version,
			.tunnel = m->inner_tunnel };
		memcpy(s->a, m->src, n);
		memcpy(s->b, m->dst, n);
		tell(s, m->now_ns, NJ_TUNNEL_DISCOVER, sink);
	}
	s->last_ns = m->now_ns;
	c->due_ns = nj_min(c->due_ns, m->now_ns + SILENT_NS);
}

void
nj_carriers_expire(struct nj_carriers *c, int64_t now_ns, struct nj_sink *sink)
{
	int64_t due_ns = INT64_MAX;

	if (now_ns < c->due_ns)
		return;
	for (unsigned i = 0; i < SETS * WAYS; i++) {
		struct slot *s = &c->slots[i / WAYS][i % WAYS];

		if (!s->uid[0])
			continue;
		if (now_ns - s->last_ns < SILENT_NS) {
			due_ns = nj_min(due_ns, s->last_ns + SILENT_NS);
			continue;
		}
		tell(s, s->last_ns + SILENT_NS, NJ_TUNNEL_EXPIRE, sink);
		*s = (struct slot){ 0 };
	}
	c->due_ns = due_ns;
}
