/*
 * rdp.c - Remote Desktop (MS-RDPBCGR): who connects with which client, which
 * security was agreed, over TPKT and X.224 (RFC 1006) on any port.
 *
 * After the negotiation most sessions go on in TLS, and the stream goes to
 * ssl. Those that keep RDP's own encryption show the client's settings and the
 * server's certificate before it begins. Log and field names are Zeek's.
 *
 * Not done: what comes after the settings; CredSSP, which lies inside TLS.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/rdp_log.h"
#include "dissectors/shared/x509.h"

enum {
	TPKT_BYTES = 4,
	X224_HEAD = 7, /* of requests, with the length byte */
	X224_DATA = 3,
	CR = 0xe0,
	CC = 0xd0,
	DT = 0xf0,
	NEG_REQUEST = 1,
	NEG_RESPONSE = 2,
	NEG_FAILURE = 3,
	COOKIE_MAX = 256,
	MESSAGES_MAX = 32 /* of a side, before the settings are through */
};

enum { ODD_FRAME };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "rdp_frame", "A TPKT that cannot be" }, { 0 }
};

struct rdp {
	struct nj_rdp_log log;
	uint8_t messages[2];
	bool asked, answered; /* connection request and confirm */
	bool settled;         /* there is no more to learn */
};

/* ---- Negotiation ---- */

/* "Cookie: mstshash=NAME\r\n", or a routing token of a load balancer, before
 * the negotiation request. */
static struct nj_view
cookie_of(struct nj_cur *c)
{
	struct nj_view rest = nj_cur_rest(c), line;
	struct nj_view name = NJ_LIT("Cookie: mstshash=");
	size_t end = nj_view_chr(rest, '\n');

	if (end == SIZE_MAX ||
		(rest.len && rest.data[0] == NEG_REQUEST && end >= 8))
		return (struct nj_view){ 0 };
	line = nj_cur_line(c);
	if (!nj_view_casestarts(line, name))
		return (struct nj_view){ 0 };
	return nj_sub(line, name.len, line.len);
}

static enum nj_verdict
request(struct nj_dctx *d, struct rdp *s, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view cookie;
	uint8_t next;

	nj_cur_skip(&c, X224_HEAD);
	/* Parameters of X.224 are those of plants, not of RDP. */
	next = nj_cur_left(&c) ? *c.at : 0;
	if (s->asked || (next & 0xc0) == 0xc0)
		return NJ_REJECT;
	cookie = cookie_of(&c);
	s->asked = true;
	s->log.ts_ns = nj_now(d);
	s->log.cookie = nj_keep_view(d, cookie, COOKIE_MAX);
	s->log.negotiates = nj_cur_u8(&c) == NEG_REQUEST && !c.bad;
	/* One that asks for nothing could be anybody's. */
	s->log.open = cookie.len || s->log.negotiates;
	nj_rdp_tell_request(&s->log, d);
	return NJ_MORE;
}

static enum nj_verdict
confirm(struct nj_dctx *d, struct rdp *s, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t kind, flags;
	uint32_t value;

	nj_cur_skip(&c, X224_HEAD);
	kind = nj_cur_u8(&c);
	flags = nj_cur_u8(&c);
	nj_cur_skip(&c, 2);
	value = nj_cur_le32(&c);
	if (s->answered)
		return NJ_REJECT;
	s->answered = true;
	s->log.open = true;
	if (!s->log.ts_ns)
		s->log.ts_ns = nj_now(d);
	nj_confirm(d);
	if (!c.bad && kind == NEG_RESPONSE) {
		s->log.has_protocol = true;
		s->log.protocol = value;
	} else if (!c.bad && kind == NEG_FAILURE) {
		s->log.failed = true;
		s->log.failure = value;
	}
	s->log.flags = flags;
	nj_rdp_tell_confirm(&s->log, d);
	if (!s->log.has_protocol || !s->log.protocol)
		return NJ_MORE;
	nj_rdp_emit(&s->log, d);
	s->settled = true;
	return nj_handover(d, "ssl", 0) ? NJ_MORE : NJ_DONE;
}

/* ---- Settings ---- */

static void
certificates(struct nj_dctx *d, const struct nj_rdp_server *r,
	struct nj_rdp_log *log)
{
	struct nj_cur c = nj_cur(r->certs);
	uint8_t sha256[32];

	if (r->cert_type == 1)
		log->certs = 1;
	for (uint32_t i = 0; i < r->cert_count && i < 16; i++) {
		struct nj_view cert = nj_cur_take(&c, nj_cur_le32(&c));

		if (c.bad)
			return;
		log->certs++;
		(void)nj_x509_emit(d, cert, NJ_X509_HOST, sha256);
	}
}

static enum nj_verdict
settings(struct nj_dctx *d, struct rdp *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_rdp_client client;
	struct nj_rdp_server server;

	if (dir == NJ_ORIG && nj_rdp_client_read(v, &client)) {
		nj_confirm(d);
		s->log.open = true;
		if (!s->log.ts_ns)
			s->log.ts_ns = nj_now(d);
		nj_rdp_take_client(&s->log, d, &client);
	}
	if (dir == NJ_RESP && nj_rdp_server_read(v, &server)) {
		nj_confirm(d);
		certificates(d, &server, &s->log);
		nj_rdp_take_server(&s->log, d, &server);
		nj_rdp_emit(&s->log, d);
		s->settled = true;
		return NJ_DONE;
	}
	return NJ_MORE;
}

/* ---- Messages ---- */

static enum nj_verdict
message(struct nj_dctx *d, struct rdp *s, enum nj_dir dir, struct nj_view v)
{
	uint8_t code = v.data[1];

	if (++s->messages[dir] > MESSAGES_MAX)
		return NJ_DONE;
	if (dir == NJ_ORIG && code == CR)
		return request(d, s, v);
	if (dir == NJ_RESP && code == CC)
		return confirm(d, s, v);
	if (code == DT)
		return settings(
			d, s, dir, nj_sub(v, X224_DATA, v.len - X224_DATA));
	return s->asked || s->answered ? NJ_MORE : NJ_REJECT;
}

/* Bytes that no connection begins with, however few have come. */
static bool
cannot_begin(enum nj_dir dir, struct nj_view v)
{
	static const uint8_t codes[] = { [NJ_ORIG] = CR, [NJ_RESP] = CC };

	return v.len && (v.data[0] != 3 || (v.len > 1 && v.data[1]) ||
				(v.len > 5 && v.data[5] != codes[dir] &&
					v.data[5] != DT));
}

static enum nj_verdict
rdp_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct rdp *s = nj_state(d);
	enum nj_verdict verdict = NJ_MORE;

	if (!s->asked && !s->answered && cannot_begin(dir, v))
		return NJ_REJECT;
	while (v.len >= TPKT_BYTES && verdict == NJ_MORE && !s->settled) {
		size_t len = (size_t)v.data[2] << 8 | v.data[3];

		if (v.data[0] != 3 || v.data[1] ||
			len < TPKT_BYTES + X224_DATA) {
			if (!s->asked && !s->answered)
				return NJ_REJECT;
			/* The fast path of a session under way. */
			if (!s->log.has_server && !s->log.has_client)
				nj_odd(d, ODD_FRAME);
			return NJ_DONE;
		}
		if (v.len < len)
			break;
		verdict = message(
			d, s, dir, nj_sub(v, TPKT_BYTES, len - TPKT_BYTES));
		if (verdict == NJ_REJECT)
			break;
		nj_consume(d, len);
		v = nj_sub(v, len, v.len);
	}
	return verdict;
}

static void
rdp_end(struct nj_dctx *d)
{
	struct rdp *s = nj_state(d);

	nj_rdp_emit(&s->log, d);
}

const struct nj_dissector nj_dissector_rdp = {
	.name = "rdp",
	.title = "Remote Desktop",
	.ports = (const struct nj_port[]){ { NJ_TCP, 3389 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^\\x03\\x00[\\x00\\x01].[\\x06-\\xff]"
			  "\\xe0\\x00\\x00",
				NJ_SIG_ORIG },
			{ "^\\x03\\x00\\x00\\x13\\x0e\\xd0....\\x00"
			  "[\\x02\\x03].\\x08\\x00",
				NJ_SIG_RESP },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &rdp_desc,
		&eve_rdp_desc, &x509_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct rdp),
	.buffer_max = 64 * 1024,
	.stream = rdp_stream,
	.end = rdp_end,
};
