/*
 * uid.c - the uid of a flow, a keyed hash of its five-tuple, tenant and
 * start, so that it is the same whoever computes it.
 */
#include "engine/flow/flow_priv.h"

/* The five-tuple in the key's order: low side first. */
struct tuple {
	uint8_t addr[2][16];
	size_t addr_bytes;
	uint16_t port[2];
	uint8_t proto;
	uint32_t tenant;
};

static struct tuple
tuple_of(const struct nj_flow *f)
{
	const struct nj_flow_hot *h = f->hot;
	uint32_t rest = flow_rest(f->table, h);
	const struct flow_key6 *six;
	struct tuple t = { .proto = (uint8_t)rest, .tenant = rest >> 8 };

	if (h->flags & FLOW_V6) {
		six = flow_key6(f->table, h);
		t.addr_bytes = 16;
		memcpy(t.addr[0], six->lo, 16);
		memcpy(t.addr[1], six->hi, 16);
		t.port[0] = six->lo_port;
		t.port[1] = six->hi_port;
		return t;
	}
	t.addr_bytes = 4;
	memcpy(t.addr[0], &h->key[0], 4);
	memcpy(t.addr[1], (const uint8_t *)&h->key[0] + 4, 4);
	t.port[0] = (uint16_t)h->key[1];
	t.port[1] = (uint16_t)(h->key[1] >> 16);
	return t;
}

void
nj_flow_uid(const struct nj_flow *f, uint64_t uid[2])
{
	struct tuple t = tuple_of(f);
	struct {
		uint8_t addr[2][16];
		uint64_t tenant[2];
		int64_t first_ns;
		uint16_t port[2];
		uint8_t proto, version, again, unused;
	} id = { .first_ns = f->cold->first_ns,
		.proto = t.proto,
		.version = (uint8_t)t.addr_bytes,
		.again = (uint8_t)(f->hot->tcp >> TCP_AGAIN_SHIFT) };

	/* Tenants are numbered as they come: what they stand for counts. */
	memcpy(id.tenant, f->table->tenants.entries[t.tenant].key, 16);
	memcpy(id.addr, t.addr, sizeof(id.addr));
	memcpy(id.port, t.port, sizeof(id.port));
	nj_hash128(&f->table->conf.key, &id, sizeof(id), uid);
}
