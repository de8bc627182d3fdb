/*
 * community.c - ids of flows that other tools agree on: the uid, a keyed
 * hash of the flow and its start, and the community id (version 1 of the
 * Corelight specification: base 64 of a SHA-1 of the ordered five-tuple).
 */
#include "engine/crypt/base64.h"
#include "engine/crypt/hash.h"
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

size_t
flow_community_id(const struct nj_flow *f, char out[COMMUNITY_TEXT])
{
	struct tuple t = tuple_of(f);
	uint8_t bytes[2 + 32 + 2 + 4] = { 0 }, sum[NJ_SHA1_BYTES];
	size_t n = 2;

	for (unsigned i = 0; i < 2; i++, n += t.addr_bytes)
		memcpy(bytes + n, t.addr[i], t.addr_bytes);
	bytes[n] = t.proto;
	n += 2;
	if (flow_class(f->hot) != CLASS_OTHER) {
		for (unsigned i = 0; i < 2; i++) {
			bytes[n++] = (uint8_t)(t.port[i] >> 8);
			bytes[n++] = (uint8_t)t.port[i];
		}
	}
	nj_sha1((struct nj_view){ bytes, n }, sum);
	memcpy(out, "1:", 2);
	return 2 +
	       nj_base64_encode((struct nj_view){ sum, sizeof(sum) }, out + 2);
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
