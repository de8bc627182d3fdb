/*
 * bgp.c - routers of different networks that tell each other what they reach:
 * BGP-4 (RFC 4271; capabilities RFC 5492, long AS numbers RFC 6793), one
 * record for each side's OPEN, each NOTIFICATION, and what was told at the
 * end.
 *
 * Why we tell it: a session that opens with somebody new, or ends with an
 * error, is what a change of the ways of all traffic begins with.
 * Not done: the routes themselves.
 */
#include "engine/dissect/dissector.h"

#define BGP(F, tag)                                                            \
	F(tag, 1, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 2, STR, type, NJ_INDEX | NJ_LEARN,                              \
		"open, notification, or updates: their sum at the end")        \
	F(tag, 3, U8, version, NJ_OPT, "Protocol version")                     \
	F(tag, 4, U32, asn, NJ_OPT | NJ_INDEX, "Autonomous system")            \
	F(tag, 5, U16, hold_time, NJ_OPT, "Seconds of silence that end it")    \
	F(tag, 6, ADDR, router_id, NJ_INDEX, "Name of the router")             \
	F(tag, 7, VU64, capabilities, 0, "Numbers of what it can do")          \
	F(tag, 8, STR, error, NJ_INDEX | NJ_LEARN, "Kind of the error")        \
	F(tag, 9, U8, error_code, NJ_OPT, "Its number")                        \
	F(tag, 10, U8, error_subcode, NJ_OPT, "Its second number")             \
	F(tag, 11, U64, updates, NJ_OPT | NJ_LEARN, "Updates that came")       \
	F(tag, 12, U64, withdrawn, NJ_OPT, "Of them, those that withdraw")     \
	F(tag, 13, U64, keepalives, NJ_OPT, "Signs of life that came")

NJ_EVENT(bgp, BGP, "An opening, an error or the sum of a BGP session");

enum { ODD_LENGTH };
static const struct nj_oddity oddities[] = {
	[ODD_LENGTH] = { "bgp_length", "A length that a message cannot have" },
	{ 0 }
};

enum {
	PORT = 179,
	HEAD = 19,
	MESSAGE_MAX = 65535, /* RFC 8654 */
	OPEN = 1,
	UPDATE = 2,
	NOTIFICATION = 3,
	KEEPALIVE = 4,
	REFRESH = 5,
	OPTION_CAPABILITIES = 2,
	CAPABILITY_AS4 = 65,
	CAPABILITIES_MAX = 32
};

struct state {
	uint64_t updates[2], withdrawn[2], keepalives[2];
	bool sure;
};

struct capabilities {
	uint64_t v[CAPABILITIES_MAX];
	uint32_t n;
};

static void
capabilities_read(
	struct nj_cur c, struct capabilities *to, struct bgp_event *ev)
{
	while (nj_cur_left(&c) >= 2) {
		uint8_t code = nj_cur_u8(&c);
		struct nj_view v = nj_cur_take(&c, nj_cur_u8(&c));
		struct nj_cur number = nj_cur(v);

		if (c.bad)
			return;
		if (to->n < CAPABILITIES_MAX)
			to->v[to->n++] = code;
		if (code == CAPABILITY_AS4 && v.len == 4)
			nj_set(ev, bgp, asn, nj_cur_u32(&number));
	}
}

static void
open_tell(struct nj_dctx *d, enum nj_dir dir, struct nj_view body)
{
	struct nj_cur c = nj_cur(body), options;
	struct bgp_event ev = { .is_orig = dir == NJ_ORIG,
		.type = NJ_LIT("open") };
	struct capabilities caps = { .n = 0 };
	struct nj_view id;

	nj_set(&ev, bgp, version, nj_cur_u8(&c));
	nj_set(&ev, bgp, asn, nj_cur_u16(&c));
	nj_set(&ev, bgp, hold_time, nj_cur_u16(&c));
	id = nj_cur_take(&c, 4);
	options = nj_cur(nj_cur_take(&c, nj_cur_u8(&c)));
	if (id.data)
		ev.router_id = nj_addr4(id.data);
	while (nj_cur_left(&options) >= 2) {
		uint8_t type = nj_cur_u8(&options);
		struct nj_view v = nj_cur_take(&options, nj_cur_u8(&options));

		if (type == OPTION_CAPABILITIES)
			capabilities_read(nj_cur(v), &caps, &ev);
	}
	if (caps.n)
		ev.capabilities = (struct nj_vu64){ caps.v, caps.n };
	(void)nj_emit(d, &bgp_desc, &ev);
}

static void
notification_tell(struct nj_dctx *d, enum nj_dir dir, struct nj_view body)
{
	static const char *const names[] = { NULL, "message header", "open",
		"update", "hold timer expired", "finite state machine", "cease",
		"route refresh" };
	struct bgp_event ev = { .is_orig = dir == NJ_ORIG,
		.type = NJ_LIT("notification") };

	if (body.len < 2)
		return;
	nj_set(&ev, bgp, error_code, body.data[0]);
	nj_set(&ev, bgp, error_subcode, body.data[1]);
	if (body.data[0] < nj_countof(names))
		ev.error = nj_str(names[body.data[0]]);
	(void)nj_emit(d, &bgp_desc, &ev);
}

static void
message(struct nj_dctx *d, struct state *s, enum nj_dir dir, uint8_t type,
	struct nj_view body)
{
	switch (type) {
	case OPEN:
		open_tell(d, dir, body);
		break;
	case UPDATE:
		s->updates[dir]++;
		s->withdrawn[dir] +=
			body.len >= 2 && (body.data[0] || body.data[1]);
		break;
	case NOTIFICATION:
		notification_tell(d, dir, body);
		break;
	default:
		s->keepalives[dir] += type == KEEPALIVE;
		break;
	}
}

/* Sixteen bytes of ones, a length, a type there is. */
static bool
is_head(struct nj_view v, size_t *len)
{
	struct nj_cur c = nj_cur(v);
	uint64_t ones = nj_cur_u64(&c);
	uint8_t type;

	ones &= nj_cur_u64(&c);
	*len = nj_cur_u16(&c);
	type = nj_cur_u8(&c);
	return ones == UINT64_MAX && type >= OPEN && type <= REFRESH &&
	       *len >= HEAD && *len <= MESSAGE_MAX;
}

static enum nj_verdict
bgp_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);

	while (v.len >= HEAD) {
		size_t len;

		if (!is_head(v, &len)) {
			if (!s->sure)
				return NJ_REJECT;
			nj_odd(d, ODD_LENGTH);
			return NJ_BROKEN;
		}
		if (v.len < len)
			return NJ_MORE;
		s->sure = true;
		nj_confirm(d);
		message(d, s, dir, v.data[HEAD - 1],
			nj_sub(v, HEAD, len - HEAD));
		nj_consume(d, len);
		v = nj_sub(v, len, v.len);
	}
	return NJ_MORE;
}

static void
bgp_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++) {
		struct bgp_event ev = { .is_orig = i == NJ_ORIG,
			.type = NJ_LIT("updates") };

		if (!s->updates[i] && !s->keepalives[i])
			continue;
		nj_set(&ev, bgp, updates, s->updates[i]);
		nj_set(&ev, bgp, withdrawn, s->withdrawn[i]);
		nj_set(&ev, bgp, keepalives, s->keepalives[i]);
		(void)nj_emit(d, &bgp_desc, &ev);
	}
}

const struct nj_dissector nj_dissector_bgp = {
	.name = "bgp",
	.title = "BGP",
	.ports = (const struct nj_port[]){ { NJ_TCP, PORT }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\xff{16}..[\\x01-\\x05]", 0 },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &bgp_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.buffer_max = 64 * 1024,
	.stream = bgp_stream,
	.end = bgp_end,
};
