/*
 * dcerpc_cl.c - connectionless DCE/RPC (C706 12.5): every message names its
 * interface, operation and activity; calls are paired by sequence number.
 */
#include "dissectors/shared/dcerpc_priv.h"

enum {
	CL_HEAD = 80,
	CL_TYPE_MAX = 10,
	CL_REQUEST = 0,
	CL_RESPONSE = 2,
	CL_FAULT = 3,
	CL_REJECT = 6,
	CL_LAST = 2, /* flags1 */
	CL_FRAGMENT = 4,
	CL_RESERVED = 0x81
};

struct cl_head {
	uint8_t type, flags;
	bool little;
	struct nj_uuid iface, activity;
	uint32_t version, sequence;
	uint16_t opnum, len, fragment;
};

static bool
cl_read(struct nj_view v, struct cl_head *h)
{
	struct rpc_cur r = { nj_cur(v), false };
	uint8_t version = nj_cur_u8(&r.c), flags2, drep, floats;

	h->type = nj_cur_u8(&r.c);
	h->flags = nj_cur_u8(&r.c);
	flags2 = nj_cur_u8(&r.c);
	drep = nj_cur_u8(&r.c);
	floats = nj_cur_u8(&r.c);
	h->little = r.little = drep & 0x10;
	nj_cur_skip(&r.c, 2 + 16); /* the object's number */
	h->iface = rpc_uuid(&r);
	h->activity = rpc_uuid(&r);
	(void)rpc_u32(&r);
	h->version = rpc_u32(&r);
	h->sequence = rpc_u32(&r);
	h->opnum = rpc_u16(&r);
	nj_cur_skip(&r.c, 4);
	h->len = rpc_u16(&r);
	h->fragment = rpc_u16(&r);
	nj_cur_skip(&r.c, 2);
	return !r.c.bad && version == 4 && h->type <= CL_TYPE_MAX &&
	       !(h->flags & CL_RESERVED) && !(flags2 & 0xfc) &&
	       !(drep & 0xee) && floats <= 3 && h->len <= v.len - CL_HEAD;
}

static uint16_t
context_of(struct nj_rpc *r, const struct cl_head *h)
{
	struct nj_rpc_context *c;
	uint16_t id;

	for (unsigned i = 0; i < NJ_RPC_CONTEXTS_MAX; i++) {
		c = &r->contexts[i];
		if (c->used && !memcmp(&c->uuid, &h->iface, sizeof(c->uuid)))
			return c->id;
	}
	id = r->next_context;
	c = rpc_context_add(r, id);
	c->uuid = h->iface;
	c->major = (uint16_t)h->version;
	c->iface = (int16_t)rpc_iface_find(&c->uuid);
	return id;
}

static void
cl_request(struct nj_rpc *r, struct nj_dctx *d, const struct cl_head *h)
{
	struct nj_rpc_call *call = rpc_call_find(r, h->sequence);

	if (!call || !(h->flags & CL_FRAGMENT)) {
		/* Sent again: the answer was lost, or is late. */
		if (call && call->opnum == h->opnum)
			return;
		call = rpc_call_add(r, d, h->sequence);
		call->context = context_of(r, h);
		call->opnum = h->opnum;
	}
	call->frags[NJ_ORIG]++;
	call->bytes[NJ_ORIG] += h->len;
	call->eve_bytes[NJ_ORIG] += h->len;
}

static void
cl_response(struct nj_rpc *r, struct nj_dctx *d, const struct cl_head *h,
	struct nj_view stub)
{
	struct nj_rpc_call *call = rpc_call_find(r, h->sequence);
	struct rpc_cur c = { nj_cur(stub), h->little };

	if (!call)
		return;
	if (h->type != CL_RESPONSE) {
		call->failed = true;
		call->fault = rpc_u32(&c);
	}
	if (!call->answered)
		call->rtt_ns = nj_now(d) - call->ts_ns;
	call->answered = true;
	call->frags[NJ_RESP]++;
	call->bytes[NJ_RESP] += h->len;
	call->eve_bytes[NJ_RESP] += h->len;
	if (h->type == CL_RESPONSE && !h->fragment && rpc_call_maps(r, call))
		call->mapped = rpc_map_read(d, stub, h->little);
	if (h->type != CL_RESPONSE || !(h->flags & CL_FRAGMENT) ||
		h->flags & CL_LAST)
		rpc_call_done(r, d, call);
}

bool
nj_rpc_datagram(struct nj_rpc *r, struct nj_dctx *d, struct nj_view v)
{
	struct cl_head h;

	if (!cl_read(v, &h))
		return false;
	r->datagrams = true;
	r->activity = h.activity;
	if (h.type == CL_REQUEST)
		cl_request(r, d, &h);
	else if (h.type == CL_RESPONSE || h.type == CL_FAULT ||
		 h.type == CL_REJECT)
		cl_response(r, d, &h, nj_sub(v, CL_HEAD, h.len));
	return true;
}
