/*
 * dcerpc.c - the messages of connection-oriented DCE/RPC (C706 chapter 12,
 * MS-RPCE 2.2.2): binds, requests and their responses. Of requests and
 * responses no more than the head is read, but for the endpoint mapper's.
 */
#include "dissectors/shared/dcerpc_priv.h"

enum {
	FLAG_FIRST = 1,
	FLAG_LAST = 2,
	FLAG_OBJECT = 0x80,
	BODY_HEAD = 8, /* of requests and responses */
	OBJECT_BYTES = 16,
	AUTH_HEAD = 8,
	ARGUMENT_BYTES = 2048, /* of a request in clear */
	PRIVACY = 6,           /* auth level: parameters are sealed */
	MAP_BYTES = 2048,      /* of an answer of the endpoint mapper */
	PIPE_MAX = 256,
	SYNTAX_BYTES = 20
};

/* A message's head (C706 12.6.3.1). */
struct head {
	uint8_t type, flags, minor;
	bool little;
	uint16_t len, auth;
	uint32_t call;
};

static bool
head_read(struct nj_view v, struct head *h)
{
	struct rpc_cur r = { nj_cur(v), false };
	uint8_t major = nj_cur_u8(&r.c), drep, floats;

	h->minor = nj_cur_u8(&r.c);
	h->type = nj_cur_u8(&r.c);
	h->flags = nj_cur_u8(&r.c);
	drep = nj_cur_u8(&r.c);
	floats = nj_cur_u8(&r.c);
	h->little = r.little = drep & 0x10;
	nj_cur_skip(&r.c, 2);
	h->len = rpc_u16(&r);
	h->auth = rpc_u16(&r);
	h->call = rpc_u32(&r);
	return !r.c.bad && major == 5 && h->minor <= 1 &&
	       h->type <= RPC_TYPE_MAX && !(drep & 0xee) && floats <= 3 &&
	       h->len >= NJ_RPC_HEAD && h->auth <= h->len - NJ_RPC_HEAD;
}

bool
nj_rpc_looks(struct nj_view v)
{
	struct head h;

	return head_read(v, &h);
}

/* ---- Authentication ---- */

static bool
from_client(uint8_t type)
{
	return type == RPC_REQUEST || type == RPC_BIND || type == RPC_ALTER ||
	       type == RPC_AUTH3;
}

static void
auth_read(struct nj_rpc *r, struct nj_dctx *d, const struct head *h,
	struct nj_view v)
{
	enum { SPNEGO = 9, NTLM = 10, KERBEROS = 16 };
	struct nj_cur c;
	uint8_t type, level;
	struct nj_view token;

	if (!h->auth || (size_t)h->auth + AUTH_HEAD > v.len)
		return;
	c = nj_cur(nj_sub(v, v.len - h->auth - AUTH_HEAD, v.len));
	type = nj_cur_u8(&c);
	level = nj_cur_u8(&c);
	nj_cur_skip(&c, AUTH_HEAD - 2);
	token = nj_cur_take(&c, h->auth);
	if (c.bad)
		return;
	r->auth = type;
	r->auth_level = level;
	if (type == SPNEGO || type == NTLM || type == KERBEROS)
		(void)nj_gss_token(&r->gss, d,
			from_client(h->type) ? NJ_ORIG : NJ_RESP, token);
}

/* ---- Contexts ---- */

static void
bind_read(struct nj_rpc *r, const struct head *h, struct rpc_cur *c)
{
	uint8_t count;

	nj_cur_skip(&c->c, 8);
	count = nj_cur_u8(&c->c);
	nj_cur_skip(&c->c, 3);
	r->pending_count = 0;
	for (unsigned i = 0; i < count && i < NJ_RPC_CONTEXTS_MAX; i++) {
		uint16_t id = rpc_u16(c);
		uint8_t syntaxes = nj_cur_u8(&c->c);
		struct nj_rpc_context *ctx;
		struct nj_uuid uuid;
		uint16_t major, minor;

		nj_cur_skip(&c->c, 1);
		uuid = rpc_uuid(c);
		major = rpc_u16(c);
		minor = rpc_u16(c);
		nj_cur_skip(&c->c, (size_t)syntaxes * SYNTAX_BYTES);
		if (c->c.bad)
			break;
		ctx = rpc_context_add(r, id);
		ctx->uuid = uuid;
		ctx->major = major;
		ctx->minor = minor;
		ctx->iface = (int16_t)rpc_iface_find(&uuid);
		r->pending[r->pending_count++] = (uint8_t)(ctx - r->contexts);
	}
	r->asked = h->type;
	r->asked_id = h->call;
}

static void
bound_read(struct nj_rpc *r, struct nj_dctx *d, struct rpc_cur *c,
	struct nj_view v)
{
	struct nj_view name;
	uint8_t count;

	nj_cur_skip(&c->c, 8);
	name = nj_cur_take(&c->c, rpc_u16(c));
	if (!c->c.bad)
		nj_cur_skip(&c->c, -(uintptr_t)(c->c.at - v.data) & 3);
	count = nj_cur_u8(&c->c);
	nj_cur_skip(&c->c, 3);
	for (unsigned i = 0; i < count && i < r->pending_count; i++) {
		uint16_t result = rpc_u16(c), reason = rpc_u16(c);

		nj_cur_skip(&c->c, SYNTAX_BYTES);
		if (c->c.bad)
			break;
		r->contexts[r->pending[i]].ack = result;
		r->contexts[r->pending[i]].reason = reason;
	}
	name = nj_sub(name, 0, nj_view_chr(name, 0));
	if (!name.len)
		return;
	nj_drop(d, (void *)(uintptr_t)r->pipe.data);
	r->pipe = nj_keep_view(d, name, PIPE_MAX);
}

/* ---- Calls ---- */

/* Bytes of parameters in this fragment, as far as lengths tell. */
static uint32_t
stub_bytes(const struct head *h)
{
	uint32_t left = h->len - NJ_RPC_HEAD, used = BODY_HEAD;

	if (h->type == RPC_REQUEST && h->flags & FLAG_OBJECT)
		used += OBJECT_BYTES;
	if (h->auth)
		used += h->auth + AUTH_HEAD;
	return left > used ? left - used : 0;
}

/* Are the parameters of a request in clear, and of the common byte order? */
static bool
readable(const struct nj_rpc *r, const struct head *h)
{
	return h->little && h->flags & FLAG_FIRST &&
	       (!h->auth || r->auth_level != PRIVACY);
}

static void
parameters(struct nj_rpc *r, struct nj_dctx *d, struct nj_rpc_call *call,
	struct nj_view stub)
{
	const struct nj_rpc_context *c = rpc_context_find(r, call->context);

	call->texts = rpc_texts_read(d, stub);
	call->class_id =
		rpc_class_read(d, c ? c->iface : -1, call->opnum, stub);
}

static void
request_read(struct nj_rpc *r, struct nj_dctx *d, const struct head *h,
	struct rpc_cur *c)
{
	struct nj_rpc_call *call;
	uint16_t context, opnum;

	(void)rpc_u32(c);
	context = rpc_u16(c);
	opnum = rpc_u16(c);
	if (c->c.bad)
		return;
	if (h->flags & FLAG_FIRST) {
		call = rpc_call_add(r, d, h->call);
		call->context = context;
		call->opnum = opnum;
		if (h->flags & FLAG_OBJECT)
			nj_cur_skip(&c->c, OBJECT_BYTES);
		if (readable(r, h))
			parameters(r, d, call,
				nj_sub(nj_cur_rest(&c->c), 0, stub_bytes(h)));
	} else {
		call = rpc_call_find(r, h->call);
	}
	if (!call)
		return;
	call->frags[NJ_ORIG]++;
	call->bytes[NJ_ORIG] += stub_bytes(h);
	call->eve_bytes[NJ_ORIG] +=
		h->len - nj_min(h->len, NJ_RPC_HEAD + BODY_HEAD);
}

static void
response_read(struct nj_rpc *r, struct nj_dctx *d, const struct head *h,
	struct rpc_cur *c)
{
	struct nj_rpc_call *call = rpc_call_find(r, h->call);

	if (!call) {
		if (h->flags & FLAG_LAST)
			rpc_tell_lost(r, d,
				h->type == RPC_FAULT ? "FAULT" : "RESPONSE",
				h->call);
		return;
	}
	nj_cur_skip(&c->c, BODY_HEAD);
	if (h->type == RPC_FAULT) {
		call->fault = rpc_u32(c);
		call->failed = true;
	}
	if (!call->answered)
		call->rtt_ns = nj_now(d) - call->ts_ns;
	call->answered = true;
	call->frags[NJ_RESP]++;
	call->bytes[NJ_RESP] += stub_bytes(h);
	call->eve_bytes[NJ_RESP] += h->len - NJ_RPC_HEAD;
	if (h->type == RPC_RESPONSE && call->frags[NJ_RESP] == 1 &&
		rpc_call_maps(r, call))
		call->mapped = rpc_map_read(d, nj_cur_rest(&c->c), h->little);
	if (h->flags & FLAG_LAST || h->type == RPC_FAULT)
		rpc_call_done(r, d, call);
}

/* ---- Messages ---- */

static void
bind_done(struct nj_rpc *r, struct nj_dctx *d, const struct head *h,
	const char *response)
{
	if (r->asked)
		rpc_tell_bind(r, d, response);
	else
		rpc_tell_lost(r, d, response, h->call);
}

static void
message_read(struct nj_rpc *r, struct nj_dctx *d, const struct head *h,
	struct nj_view v)
{
	struct rpc_cur c = { nj_cur(v), h->little };

	nj_cur_skip(&c.c, NJ_RPC_HEAD);
	r->minor = h->minor;
	switch (h->type) {
	case RPC_BIND:
	case RPC_ALTER:
		bind_read(r, h, &c);
		break;
	case RPC_BIND_ACK:
	case RPC_ALTER_RESP:
		bound_read(r, d, &c, v);
		bind_done(r, d, h,
			h->type == RPC_BIND_ACK ? "BINDACK"
						: "ALTER_CONTEXT_RESP");
		break;
	case RPC_BIND_NAK:
		bind_done(r, d, h, "BINDNAK");
		break;
	case RPC_REQUEST:
		request_read(r, d, h, &c);
		return;
	case RPC_RESPONSE:
	case RPC_FAULT:
		response_read(r, d, h, &c);
		return;
	default:
		break;
	}
	if (h->type >= RPC_BIND && h->type <= RPC_AUTH3)
		auth_read(r, d, h, v);
}

/* How much of the message must be there before it is read. */
static size_t
wanted(struct nj_rpc *r, const struct head *h)
{
	const struct nj_rpc_call *call;

	if (h->type >= RPC_BIND && h->type <= RPC_AUTH3)
		return h->len;
	if (h->type == RPC_RESPONSE) {
		call = rpc_call_find(r, h->call);
		if (call && !call->frags[NJ_RESP] && rpc_call_maps(r, call))
			return nj_min((size_t)h->len, (size_t)MAP_BYTES);
	}
	return nj_min(
		(size_t)h->len, h->type == RPC_REQUEST && readable(r, h)
					? (size_t)ARGUMENT_BYTES
					: (size_t)NJ_RPC_HEAD + BODY_HEAD + 8);
}

size_t
nj_rpc_message(struct nj_rpc *r, struct nj_dctx *d, struct nj_view v, bool *bad)
{
	struct head h;
	size_t want;

	/* What cannot be is told from the first bytes that say so, however few
	 * have come. */
	*bad = v.len && (v.data[0] != 5 || (v.len > 1 && v.data[1] > 1) ||
				(v.len > 2 && v.data[2] > RPC_TYPE_MAX) ||
				(v.len > 4 && v.data[4] & 0xee) ||
				(v.len > 5 && v.data[5] > 3));
	if (*bad || v.len < NJ_RPC_HEAD)
		return 0;
	if (!head_read(v, &h)) {
		*bad = true;
		return 0;
	}
	want = wanted(r, &h);
	if (v.len < want)
		return 0;
	if (!r->confirmed) {
		r->confirmed = true;
		nj_confirm_as(d, "dce_rpc");
	}
	message_read(r, d, &h, nj_sub(v, 0, h.len));
	return h.len;
}

void
nj_rpc_end(struct nj_rpc *r, struct nj_dctx *d)
{
	for (unsigned i = 0; i < NJ_RPC_CALLS_MAX; i++)
		if (r->calls[i].used)
			rpc_call_done(r, d, &r->calls[i]);
	if (r->asked)
		rpc_tell_bind(r, d, "UNREPLIED");
	nj_gss_end(&r->gss, d);
}
