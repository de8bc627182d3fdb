/*
 * dcerpc_map.c - the endpoint mapper's answer (C706 appendix L and O): towers
 * of floors, each a step down from the interface to the address on which it
 * listens. The flows that will go there are announced.
 */
#include "dissectors/shared/dcerpc_priv.h"

enum {
	TOWERS_MAX = 16,
	FLOORS_MAX = 8,
	TEXT_MAX = 512,
	FLOOR_UUID = 0x0d,
	FLOOR_TCP = 0x07,
	FLOOR_UDP = 0x08,
	FLOOR_IP = 0x09,
	FLOOR_PIPE = 0x0f
};

struct tower {
	struct nj_uuid uuid;
	bool named; /* uuid was there */
	uint8_t transport;
	uint16_t port;
	struct nj_addr addr;
	struct nj_view pipe;
};

static void
floor_read(struct tower *t, struct nj_view left, struct nj_view right)
{
	struct rpc_cur u = { nj_cur(left), true };
	struct nj_cur r = nj_cur(right);
	uint8_t kind = nj_cur_u8(&u.c);

	switch (kind) {
	case FLOOR_UUID: /* the interface first, then the transfer syntax */
		if (!t->named && left.len >= 17) {
			t->uuid = rpc_uuid(&u);
			t->named = true;
		}
		break;
	case FLOOR_TCP:
	case FLOOR_UDP:
		t->transport = kind == FLOOR_TCP ? NJ_TCP : NJ_UDP;
		t->port = nj_cur_u16(&r);
		break;
	case FLOOR_IP:
		if (right.len == 4 && memcmp(right.data, "\0\0\0\0", 4))
			t->addr = nj_addr4(right.data);
		break;
	case FLOOR_PIPE:
		t->pipe = nj_sub(right, 0, nj_view_chr(right, 0));
		break;
	default:
		break;
	}
}

/* Towers are little-endian whatever the message is. */
static bool
tower_read(struct tower *t, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t floors = nj_cur_le16(&c);

	for (unsigned i = 0; i < floors && i < FLOORS_MAX; i++) {
		struct nj_view left, right;

		left = nj_cur_take(&c, nj_cur_le16(&c));
		right = nj_cur_take(&c, nj_cur_le16(&c));
		if (c.bad)
			return false;
		if (left.len)
			floor_read(t, left, right);
	}
	return t->named;
}

static void
announce(struct nj_dctx *d, const struct tower *t)
{
	struct nj_expectation e = { .resp = t->addr,
		.resp_port = t->port,
		.transport = t->transport,
		.dissector = "dce_rpc" };

	if (!e.resp.family)
		e.resp = nj_addr_of(d, NJ_RESP);
	if (t->port && t->transport)
		nj_expect(d, &e);
}

static struct nj_view
tower_text(struct nj_dctx *d, const struct tower *t)
{
	int iface = rpc_iface_find(&t->uuid);
	struct nj_view name =
		iface >= 0 ? rpc_iface_name(iface) : rpc_uuid_text(d, &t->uuid);
	char addr[NJ_ADDR_TEXT] = "";

	if (t->addr.family)
		(void)nj_addr_text(&t->addr, addr);
	if (t->port)
		return nj_arena_printf(d, "%.*s %s%s%u/%s", (int)name.len,
			(const char *)name.data, addr, addr[0] ? ":" : "",
			t->port, t->transport == NJ_TCP ? "tcp" : "udp");
	return nj_arena_printf(d, "%.*s %.*s", (int)name.len,
		(const char *)name.data, (int)nj_min(t->pipe.len, (size_t)64),
		(const char *)t->pipe.data);
}

/* Handle, count, conformant array of pointers, then the towers, each with its
 * length twice and padded to four bytes. */
struct nj_view
rpc_map_read(struct nj_dctx *d, struct nj_view stub, bool little)
{
	struct rpc_cur r = { nj_cur(stub), little };
	struct nj_view text = { 0 };
	uint32_t count;

	nj_cur_skip(&r.c, 20);
	(void)rpc_u32(&r);
	nj_cur_skip(&r.c, 8);
	count = rpc_u32(&r);
	if (r.c.bad || count > TOWERS_MAX)
		return text;
	nj_cur_skip(&r.c, 4 * count);
	for (uint32_t i = 0; i < count; i++) {
		struct tower t = { 0 };
		uint32_t len = rpc_u32(&r);
		struct nj_view v;

		(void)rpc_u32(&r);
		v = nj_cur_take(&r.c, len);
		if (r.c.bad)
			break;
		nj_cur_skip(&r.c, -len & 3);
		if (!tower_read(&t, v))
			continue;
		announce(d, &t);
		v = tower_text(d, &t);
		text = text.len
			       ? nj_arena_printf(d, "%.*s, %.*s", (int)text.len,
					 (const char *)text.data, (int)v.len,
					 (const char *)v.data)
			       : v;
	}
	return text.len ? nj_keep_view(d, text, TEXT_MAX) : text;
}
