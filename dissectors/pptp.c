/*
 * pptp.c - tunnels that are agreed on by PPTP (RFC 2637), one record a control
 * message that opens, answers or ends something.
 *
 * Why we tell it: its cipher has been broken for long, and both sides say
 * what they are. The tunnel itself is GRE.
 */
#include "engine/dissect/dissector.h"

#define PPTP(F, tag)                                                           \
	F(tag, 1, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 2, STR, type, NJ_INDEX | NJ_LEARN, "Kind of the message")       \
	F(tag, 3, STR, hostname, NJ_INDEX, "Name of the sender")               \
	F(tag, 4, STR, vendor, NJ_INDEX | NJ_LEARN, "Maker of the sender")     \
	F(tag, 5, U16, firmware, NJ_OPT, "Revision of the sender")             \
	F(tag, 6, U8, result, NJ_OPT | NJ_LEARN, "Result; 1: it worked")       \
	F(tag, 7, U16, call_id, NJ_OPT, "Number of the call")                  \
	F(tag, 8, STR, phone, NJ_INDEX, "Number that is to be called")

NJ_EVENT(pptp, PPTP, "One control message of PPTP");

enum {
	PORT = 1723,
	HEAD = 12,
	COOKIE = 0x1a2b3c4d,
	MESSAGE_MAX = 512,
	START = 1,
	START_REPLY = 2,
	OUT_CALL = 7,
	OUT_REPLY = 8,
	TYPE_MAX = 15,
	RECORDS_MAX = 64
};

struct state {
	uint8_t records;
	bool sure;
};

static const char *const types[TYPE_MAX + 1] = { NULL, "start-request",
	"start-reply", "stop-request", "stop-reply", NULL, NULL,
	"outgoing-call-request", "outgoing-call-reply", "incoming-call-request",
	"incoming-call-reply", "incoming-call-connected", "call-clear-request",
	"call-disconnect-notify", NULL, NULL };

/* A text in a field of its own size, up to its first NUL. */
static struct nj_view
field(struct nj_cur *c, size_t n)
{
	struct nj_view v = nj_cur_take(c, n);

	v = nj_sub(v, 0, nj_view_chr(v, 0));
	return v.len ? v : (struct nj_view){ 0 };
}

static void
message(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_cur c)
{
	uint16_t type = nj_cur_u16(&c);
	struct pptp_event ev = { .is_orig = dir == NJ_ORIG };

	nj_cur_skip(&c, 2);
	if (type > TYPE_MAX || !types[type] || s->records >= RECORDS_MAX)
		return; /* echoes and link settings tell nothing */
	s->records++;
	ev.type = nj_str(types[type]);
	if (type == START || type == START_REPLY) {
		nj_cur_skip(&c, 2);
		if (type == START_REPLY)
			nj_set(&ev, pptp, result, nj_cur_u8(&c));
		nj_cur_skip(&c, type == START_REPLY ? 1 : 2);
		nj_cur_skip(&c, 10);
		nj_set(&ev, pptp, firmware, nj_cur_u16(&c));
		ev.hostname = field(&c, 64);
		ev.vendor = field(&c, 64);
	} else if (type == OUT_CALL) {
		nj_set(&ev, pptp, call_id, nj_cur_u16(&c));
		nj_cur_skip(&c, 26);
		ev.phone = field(&c, 64);
	} else if (type == OUT_REPLY) {
		nj_set(&ev, pptp, call_id, nj_cur_u16(&c));
		nj_cur_skip(&c, 2);
		nj_set(&ev, pptp, result, nj_cur_u8(&c));
	}
	(void)nj_emit(d, &pptp_desc, &ev);
}

static enum nj_verdict
pptp_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);

	while (v.len >= HEAD) {
		struct nj_cur c = nj_cur(v);
		uint16_t len = nj_cur_u16(&c), kind = nj_cur_u16(&c);

		if (nj_cur_u32(&c) != COOKIE || len < HEAD || len > MESSAGE_MAX)
			return s->sure ? NJ_BROKEN : NJ_REJECT;
		if (v.len < len)
			return NJ_MORE;
		s->sure = true;
		nj_confirm(d);
		c = nj_cur(nj_sub(v, 8, len - 8u));
		if (kind == 1)
			message(d, s, dir, c);
		nj_consume(d, len);
		v = nj_sub(v, len, v.len);
	}
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_pptp = {
	.name = "pptp",
	.title = "PPTP",
	.ports = (const struct nj_port[]){ { NJ_TCP, PORT }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^[\\x00\\x01].\\x00\\x01"
			  "\\x1a\\x2b\\x3c\\x4d\\x00[\\x01-\\x0f]",
				0 },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &pptp_desc, NULL },
	.state_bytes = sizeof(struct state),
	.stream = pptp_stream,
};
