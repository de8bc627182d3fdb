/*
 * dce_rpc.c - DCE/RPC (C706, MS-RPCE) over TCP on any port, behind the
 * greeting of RPC over HTTP version 1 (MS-RPCH 2.1.1.1: ncacn_http), and over
 * UDP (connectionless, as PROFINET and old Windows use it). The reading is
 * shared/dcerpc.h's, which named pipes use too.
 *
 * Not done: RPC over HTTP version 2, whose messages lie in bodies of HTTP.
 */
#include "dissectors/shared/dcerpc.h"

enum { SEARCH_MAX = 64 * 1024 };

enum { ODD_HEAD };
static const struct nj_oddity oddities[] = {
	[ODD_HEAD] = { "dce_rpc_head", "A message's head cannot be" }, { 0 }
};

struct dce_rpc {
	struct nj_rpc rpc;
	uint32_t searched[2];
	bool search[2]; /* after a gap: for the next message */
	bool greeted;
};

static const struct nj_view greeting = { (const uint8_t *)"ncacn_http/1.0",
	14 };

/* The server greets, and goes on as if it had not. */
static size_t
greets(struct nj_view v, bool *more)
{
	*more = v.len < greeting.len &&
		nj_view_starts(greeting, nj_sub(v, 0, v.len));
	return nj_view_starts(v, greeting) ? greeting.len : 0;
}

/* Where the next message may begin, or as much as can be passed over. */
static size_t
search(struct dce_rpc *s, enum nj_dir dir, struct nj_view v)
{
	size_t at = 0;

	for (; at + NJ_RPC_HEAD <= v.len; at++)
		if (v.data[at] == 5 && nj_rpc_looks(nj_sub(v, at, v.len))) {
			s->search[dir] = false;
			break;
		}
	s->searched[dir] += (uint32_t)at;
	return at;
}

static enum nj_verdict
refuse(struct nj_dctx *d, struct dce_rpc *s)
{
	if (!s->rpc.confirmed)
		return NJ_REJECT;
	nj_odd(d, ODD_HEAD);
	return NJ_BROKEN;
}

static enum nj_verdict
dce_rpc_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct dce_rpc *s = nj_state(d);
	bool bad = false, more = false;

	if (dir == NJ_RESP && !s->greeted) {
		size_t n = greets(v, &more);

		if (more)
			return NJ_MORE;
		s->greeted = true;
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
	}
	while (v.len) {
		size_t n;

		if (s->search[dir]) {
			n = search(s, dir, v);
			nj_consume(d, n);
			v = nj_sub(v, n, v.len);
			if (s->search[dir])
				return s->searched[dir] > SEARCH_MAX ? NJ_DONE
								     : NJ_MORE;
		}
		n = nj_rpc_message(&s->rpc, d, v, &bad);
		if (bad)
			return refuse(d, s);
		if (!n)
			break;
		nj_confirm(d);
		nj_consume(d, nj_min(n, v.len));
		if (n > v.len)
			nj_skip(d, n - v.len);
		v = nj_sub(v, n, v.len);
	}
	return NJ_MORE;
}

static enum nj_verdict
dce_rpc_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct dce_rpc *s = nj_state(d);

	(void)v;
	(void)len;
	s->search[dir] = true;
	s->searched[dir] = 0;
	s->greeted = true;
	return NJ_MORE;
}

static enum nj_verdict
dce_rpc_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct dce_rpc *s = nj_state(d);

	(void)dir;
	if (!nj_rpc_datagram(&s->rpc, d, v))
		return s->rpc.confirmed ? NJ_MORE : NJ_REJECT;
	s->rpc.confirmed = true;
	nj_confirm(d);
	return NJ_MORE;
}

static void
dce_rpc_end(struct nj_dctx *d)
{
	struct dce_rpc *s = nj_state(d);

	nj_rpc_end(&s->rpc, d);
}

const struct nj_dissector nj_dissector_dce_rpc = {
	.name = "dce_rpc",
	.title = "DCE/RPC",
	.ports = (const struct nj_port[]){ { NJ_TCP, 135 }, { NJ_UDP, 135 },
		{ NJ_TCP, 593 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^\\x05[\\x00\\x01][\\x00\\x02\\x03\\x0b-\\x10]"
			  "[\\x00-\\xff][\\x00\\x10]\\x00\\x00\\x00",
				NJ_SIG_TCP },
			{ "^ncacn_http/1\\.0", NJ_SIG_TCP | NJ_SIG_RESP },
			{ "^\\x04[\\x00-\\x0a][\\x00-\\x7f][\\x00-\\x03]"
			  "[\\x00\\x10][\\x00-\\x03]\\x00.{66}",
				NJ_SIG_UDP },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ NJ_RPC_EVENTS, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct dce_rpc),
	.buffer_max = 64 * 1024,
	.stream = dce_rpc_stream,
	.datagram = dce_rpc_datagram,
	.gap = dce_rpc_gap,
	.end = dce_rpc_end,
};
