/*
 * cotp.c - ISO transport over TCP (RFC 1006, X.224 class 0), as controllers
 * and substations use it: cuts out the data units and gives them to the
 * dissector of what they carry (s7comm, s7comm_plus, mms).
 *
 * A connection request that names transport selectors is taken; those of RDP
 * never do. Of a data unit in several TPDUs only the first is given: what it
 * asks for stands at its beginning.
 */
#include "dissectors/shared/framed.h"

enum {
	TPKT_BYTES = 4,
	SELECTOR_AT = 11, /* where parameters of a request begin */
	HEAD = 7,         /* with the least of a TPDU */
	UNIT_MAX = 8192,
	CODE_CR = 0xe0,
	CODE_CC = 0xd0,
	CODE_DT = 0xf0,
	EOT = 0x80
};

enum { ODD_FRAME, ODD_TPDU };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "cotp_frame", "A TPKT that cannot be" },
	[ODD_TPDU] = { "cotp_tpdu", "A TPDU longer than its TPKT" },
	{ 0 },
};

enum carried { S7COMM, S7COMM_PLUS, MMS, CARRIED_COUNT };

struct cotp {
	struct nj_framed framed;
	bool inside[2]; /* between the TPDUs of one unit */
	unsigned child[CARRIED_COUNT];
};

static size_t
tpkt_length(struct nj_view v)
{
	size_t len = (size_t)(v.data[2] << 8 | v.data[3]);

	return v.data[0] == 3 && v.data[1] == 0 && len >= HEAD ? len : 0;
}

static enum carried
carried_of(struct nj_view v)
{
	switch (v.data[0]) {
	case 0x32:
		return S7COMM;
	case 0x72:
		return S7COMM_PLUS;
	case 0x01: /* session: give tokens, then data */
	case 0x0d: /* connect, accept, finish, disconnect, abort */
	case 0x0e:
	case 0x09:
	case 0x0a:
	case 0x19:
		return MMS;
	default:
		return CARRIED_COUNT;
	}
}

static enum nj_verdict
unit(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	static const char *const names[] = { "s7comm", "s7comm_plus", "mms" };
	struct cotp *s = nj_state(d);
	enum carried which = carried_of(v);
	enum nj_verdict verdict = NJ_REJECT;

	if (which == CARRIED_COUNT)
		return s->framed.found ? NJ_DONE : NJ_REJECT;
	if (!s->child[which])
		s->child[which] = nj_child_open(d, names[which], 0);
	if (s->child[which])
		verdict = nj_child_feed(d, s->child[which], dir, v);
	return verdict == NJ_REJECT || verdict == NJ_BROKEN ? NJ_DONE : NJ_MORE;
}

static enum nj_verdict
tpdu(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct cotp *s = nj_state(d);
	uint8_t head = v.data[TPKT_BYTES], code = v.data[TPKT_BYTES + 1] & 0xf0;
	bool first = !s->inside[dir];

	if (head + TPKT_BYTES + 1u > v.len || head < 2) {
		if (!s->framed.found)
			return NJ_REJECT;
		nj_odd(d, ODD_TPDU);
		return NJ_BROKEN;
	}
	/* RDP's request has a cookie where others name their selectors. */
	if (code == CODE_CR && !s->framed.found &&
		(v.len <= SELECTOR_AT || (v.data[SELECTOR_AT] & 0xfc) != 0xc0))
		return NJ_REJECT;
	if (code == CODE_CR || code == CODE_CC)
		return NJ_MORE;
	if (code != CODE_DT)
		return s->framed.found ? NJ_MORE : NJ_REJECT;
	s->inside[dir] = !(v.data[TPKT_BYTES + 2] & EOT);
	v = nj_sub(v, head + TPKT_BYTES + 1u, v.len);
	return first && v.len ? unit(d, dir, v) : NJ_MORE;
}

static const struct nj_framing framing = { .head_bytes = HEAD,
	.whole_max = UNIT_MAX,
	.odd = ODD_FRAME,
	.length = tpkt_length,
	.message = tpdu };

static enum nj_verdict
cotp_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_stream(d, dir, v, &framing);
}

static enum nj_verdict
cotp_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct cotp *s = nj_state(d);

	s->inside[dir] = false;
	return nj_framed_gap(d, dir, v, len);
}

const struct nj_dissector nj_dissector_cotp = {
	.name = "cotp",
	.title = "ISO transport over TCP",
	.service = "",
	.ports = (const struct nj_port[]){ { NJ_TCP, 102 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			/* No more than RDP's, which is told apart later:
			 * however the request was cut, it comes here first. */
			{ "^\\x03\\x00[\\x00\\x01].[\\x06-\\xff]"
			  "\\xe0\\x00\\x00",
				NJ_SIG_ORIG },
			/* From the middle: what S7 or a session begins with. */
			{ "^\\x03\\x00..\\x02\\xf0.\\x32[\\x01-\\x08]"
			  "\\x00\\x00",
				0 },
			{ "^\\x03\\x00..\\x02\\xf0.\\x72[\\x01-\\x03\\xfe]"
			  "\\x00",
				0 },
			{ "^\\x03\\x00.."
			  "\\x02\\xf0\\x80\\x01\\x00\\x01\\x00\\x61",
				0 },
			{ 0 } },
	.oddities = oddities,
	.state_bytes = sizeof(struct cotp),
	.stream = cotp_stream,
	.gap = cotp_gap,
};
