/*
 * l2tp.c - tunnels that are agreed on by L2TP (RFC 2661, version 3 over UDP by
 * RFC 3931), one record a control message.
 *
 * Why we tell it: a tunnel out of a network that is not encrypted by itself,
 * and both sides say what they are.
 * Not done: what goes through it.
 */
#include "engine/dissect/dissector.h"

#define L2TP(F, tag)                                                           \
	F(tag, 1, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 2, U8, version, 0, "Protocol version")                          \
	F(tag, 3, STR, type, NJ_INDEX | NJ_LEARN, "Kind of the message")       \
	F(tag, 4, U32, tunnel_id, 0, "Tunnel, by the receiver's number")       \
	F(tag, 5, U16, session_id, NJ_OPT,                                     \
		"Session, by the receiver's number")                           \
	F(tag, 6, STR, hostname, NJ_INDEX, "Name of the sender")               \
	F(tag, 7, STR, vendor, NJ_INDEX | NJ_LEARN, "Maker of the sender")     \
	F(tag, 8, U16, result, NJ_OPT | NJ_LEARN, "Why it ends")               \
	F(tag, 9, STR, user, NJ_INDEX | NJ_PII, "Name that a proxy was told")

NJ_EVENT(l2tp, L2TP, "One control message of L2TP");

enum { ODD_AVP };
static const struct nj_oddity oddities[] = {
	[ODD_AVP] = { "l2tp_avp", "A value longer than its message" }, { 0 }
};

enum {
	PORT = 1701,
	FLAG_CONTROL = 0x8000,
	FLAG_LENGTH = 0x4000,
	FLAG_SEQUENCE = 0x0800,
	FLAG_OFFSET = 0x0200,
	FLAGS_NONE = 0x34f0, /* must be zero */
	HEAD = 12,
	AVPS_MAX = 64,
	AVP_TYPE = 0,
	AVP_RESULT = 1,
	AVP_HOST = 7,
	AVP_VENDOR = 8,
	AVP_PROXY_NAME = 30
};

struct state {
	bool sure;
};

static struct nj_view
type_text(struct nj_dctx *d, uint16_t type)
{
	static const char *const names[] = { [1] = "SCCRQ",
		[2] = "SCCRP",
		[3] = "SCCCN",
		[4] = "StopCCN",
		[6] = "HELLO",
		[7] = "OCRQ",
		[8] = "OCRP",
		[9] = "OCCN",
		[10] = "ICRQ",
		[11] = "ICRP",
		[12] = "ICCN",
		[14] = "CDN",
		[15] = "WEN",
		[16] = "SLI" };

	if (type < nj_countof(names) && names[type])
		return nj_str(names[type]);
	return nj_arena_printf(d, "unknown-%u", type);
}

/* Values: flags and length, vendor, kind, bytes. False: one is too long. */
static bool
values(struct nj_dctx *d, struct nj_cur *c, struct l2tp_event *ev)
{
	for (unsigned i = 0; i < AVPS_MAX && nj_cur_left(c); i++) {
		uint16_t head = nj_cur_u16(c), len = head & 0x3ff;
		uint16_t vendor = nj_cur_u16(c), kind = nj_cur_u16(c);
		struct nj_view v = nj_cur_take(c, len < 6 ? 0 : len - 6u);
		struct nj_cur number = nj_cur(v);

		if (c->bad || len < 6)
			return false;
		/* Hidden ones are encrypted. */
		if (vendor || head & 0x4000)
			continue;
		if (kind == AVP_TYPE)
			ev->type = type_text(d, nj_cur_u16(&number));
		else if (kind == AVP_RESULT)
			nj_set(ev, l2tp, result, nj_cur_u16(&number));
		else if (kind == AVP_HOST && v.len)
			ev->hostname = v;
		else if (kind == AVP_VENDOR && v.len)
			ev->vendor = v;
		else if (kind == AVP_PROXY_NAME && v.len)
			ev->user = v;
	}
	return true;
}

/* A control message has a length, which is the datagram's, and numbers. */
static bool
is_control(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t flags = nj_cur_u16(&c), len = nj_cur_u16(&c);
	uint16_t want = FLAG_CONTROL | FLAG_LENGTH | FLAG_SEQUENCE;

	return !c.bad && (flags & want) == want &&
	       !(flags & (FLAGS_NONE | FLAG_OFFSET)) && len >= HEAD &&
	       len == v.len && ((flags & 15) == 2 || (flags & 15) == 3);
}

static enum nj_verdict
l2tp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct l2tp_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);

	if (!is_control(v))
		return s->sure ? NJ_MORE : NJ_REJECT;
	ev.version = nj_cur_u16(&c) & 15;
	nj_cur_skip(&c, 2);
	if (ev.version == 2) {
		ev.tunnel_id = nj_cur_u16(&c);
		nj_set(&ev, l2tp, session_id, nj_cur_u16(&c));
	} else {
		ev.tunnel_id = nj_cur_u32(&c);
	}
	nj_cur_skip(&c, 4);
	s->sure = true;
	nj_confirm(d);
	if (!nj_cur_left(&c))
		return NJ_MORE; /* an acknowledgement */
	if (!values(d, &c, &ev))
		nj_odd(d, ODD_AVP);
	if (ev.type.data)
		(void)nj_emit(d, &l2tp_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_l2tp = {
	.name = "l2tp",
	.title = "L2TP",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^\\xc8[\\x02\\x03][\\x00-\\x05].{9}", NJ_SIG_UDP },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &l2tp_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.datagram = l2tp_datagram,
};
