/*
 * kerberos.c - Kerberos 5 between clients and key distribution centres (RFC
 * 4120; over TCP each message has four bytes of length before it, 7.2.2): who
 * asked for which ticket, by which encryption, and what came of it.
 *
 * Why we parse it: nearly every log-in of a Windows domain passes here, and
 * so do guesses of passwords, weak ciphers that were asked for on purpose,
 * and tickets shown without having been given out.
 * A change of a password (RFC 3244, port 464) is a ticket shown to the service
 * kadmin/changepw; what the password is, is encrypted.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/krb.h"
#include "dissectors/shared/x509.h"

enum {
	PORT = 88,
	PORT_CHANGE = 464,
	CHANGE_HEAD = 6,
	HEAD_BYTES = 4,
	MESSAGE_BYTES_MAX = 60 * 1024,
	LENGTH_MAX = 1 << 24,
	TAG_FIRST = NJ_BER_APPLICATION_CONS | NJ_KRB_AS_REQ,
	TAG_LAST = NJ_BER_APPLICATION_CONS | NJ_KRB_ERROR
};

enum { ODD_MESSAGE, ODD_LARGE };
static const struct nj_oddity oddities[] = {
	[ODD_MESSAGE] = { "kerberos_message",
		"What should be a Kerberos message is none" },
	[ODD_LARGE] = { "kerberos_large", "A message longer than is read" },
	{ 0 },
};

struct kerberos {
	struct nj_krb_log log;
	bool sure;
	bool lost[2]; /* after a gap: look for a message's beginning */
};

/* Requests go one way and replies the other. */
static bool
is_reply(uint8_t type)
{
	return type == NJ_KRB_AS_REP || type == NJ_KRB_TGS_REP ||
	       type == NJ_KRB_AP_REP || type == NJ_KRB_ERROR;
}

/* RFC 3244 section 2: length, version, and the length of an AP-REQ or AP-REP;
 * where that is 0 a KRB-ERROR follows. */
static bool
is_change(struct nj_view v, uint32_t len)
{
	struct nj_cur c = nj_cur(v);
	uint16_t own = nj_cur_u16(&c), version = nj_cur_u16(&c);

	return !c.bad && own == len && len > CHANGE_HEAD &&
	       (version == 1 || version == 0xff80);
}

/* The Kerberos message of a change; v itself when it is none. */
static struct nj_view
unwrap(struct nj_view v)
{
	size_t ticket;

	if (v.len > UINT16_MAX || !is_change(v, (uint32_t)v.len))
		return v;
	ticket = (size_t)v.data[4] << 8 | v.data[5];
	return nj_sub(v, CHANGE_HEAD, ticket ? ticket : v.len);
}

static enum nj_verdict
kerberos_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct kerberos *k = nj_state(d);
	struct nj_krb m;

	v = unwrap(v);
	if (!nj_krb_parse(&m, v)) {
		if (!k->sure)
			return NJ_REJECT;
		nj_odd(d, ODD_MESSAGE);
		return NJ_MORE;
	}
	if (!k->sure && dir == NJ_ORIG && is_reply(m.type) &&
		nj_port_of(d, NJ_RESP) != PORT &&
		nj_port_of(d, NJ_RESP) != PORT_CHANGE)
		(void)nj_flip(d);
	k->sure = true;
	nj_confirm(d);
	nj_krb_log(&k->log, d, &m, v);
	return NJ_MORE;
}

/* Does a message begin here, whose two lengths agree? */
static enum nj_ber_got
begins(struct nj_view v, uint32_t *len)
{
	struct nj_cur c = nj_cur(v);
	struct nj_ber_head h;
	enum nj_ber_got got;

	*len = nj_cur_u32(&c);
	if (c.bad)
		return v.len && v.data[0] ? NJ_BER_BAD : NJ_BER_MORE;
	if (*len > LENGTH_MAX || *len < 10)
		return NJ_BER_BAD;
	if (nj_cur_left(&c) && *c.at == *len >> 8) {
		if (nj_cur_left(&c) < 4)
			return NJ_BER_MORE;
		if (is_change(nj_cur_rest(&c), *len))
			return NJ_BER_OK;
	}
	got = nj_ber_head(nj_cur_rest(&c), &h);
	if (got == NJ_BER_MORE && nj_cur_left(&c) &&
		(*c.at < TAG_FIRST || *c.at > TAG_LAST))
		return NJ_BER_BAD;
	if (got != NJ_BER_OK)
		return got;
	return h.tag >= TAG_FIRST && h.tag <= TAG_LAST && !h.indefinite &&
			       h.bytes + h.len == *len
		       ? NJ_BER_OK
		       : NJ_BER_BAD;
}

/* One message; *used 0: more is needed. */
static enum nj_verdict
message(struct nj_dctx *d, struct kerberos *k, struct nj_view v, size_t *used)
{
	enum nj_ber_got got;
	struct nj_krb m;
	uint32_t len;

	*used = 0;
	got = begins(v, &len);
	if (got == NJ_BER_MORE)
		return NJ_MORE;
	if (got == NJ_BER_BAD) {
		if (!k->sure)
			return NJ_REJECT;
		nj_odd(d, ODD_MESSAGE);
		return NJ_BROKEN;
	}
	if (len > MESSAGE_BYTES_MAX) {
		if (!k->sure)
			return NJ_REJECT;
		nj_odd(d, ODD_LARGE);
		*used = HEAD_BYTES + (size_t)len;
		return NJ_MORE;
	}
	if (v.len < HEAD_BYTES + (size_t)len)
		return NJ_MORE;
	*used = HEAD_BYTES + (size_t)len;
	v = unwrap(nj_sub(v, HEAD_BYTES, len));
	if (nj_krb_parse(&m, v)) {
		k->sure = true;
		nj_confirm(d);
		nj_krb_log(&k->log, d, &m, v);
	} else if (!k->sure) {
		return NJ_REJECT;
	} else {
		nj_odd(d, ODD_MESSAGE);
	}
	return NJ_MORE;
}

static enum nj_verdict
kerberos_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct kerberos *k = nj_state(d);
	enum nj_verdict verdict;
	uint32_t len;
	size_t used;

	while (v.len && k->lost[dir]) {
		enum nj_ber_got got = begins(v, &len);

		if (got == NJ_BER_MORE)
			return NJ_MORE;
		k->lost[dir] = got == NJ_BER_BAD;
		if (k->lost[dir]) {
			nj_consume(d, 1);
			v = nj_sub(v, 1, v.len);
		}
	}
	while (v.len) {
		verdict = message(d, k, v, &used);
		if (verdict != NJ_MORE || !used)
			return verdict;
		nj_consume(d, nj_min(used, v.len));
		if (used > v.len)
			nj_skip(d, used - v.len);
		v = nj_sub(v, used, v.len);
	}
	return NJ_MORE;
}

static enum nj_verdict
kerberos_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct kerberos *k = nj_state(d);

	(void)v;
	(void)len;
	k->lost[dir] = true;
	return NJ_MORE;
}

static void
kerberos_end(struct nj_dctx *d)
{
	struct kerberos *k = nj_state(d);

	nj_krb_log_end(&k->log, d);
}

/* Every message is [APPLICATION n] of a sequence whose first field is the
 * version, 5; n of 10 to 15 and 20 to 30. */
#define LENGTH "(\\x84....|\\x83...|\\x82..|\\x81.|[\\x00-\\x7f])"
#define MESSAGE                                                                \
	"[\\x6a-\\x6f\\x74-\\x76\\x7e]" LENGTH "\\x30" LENGTH                  \
	"[\\xa0\\xa1]\\x03\\x02\\x01\\x05"

const struct nj_dissector nj_dissector_kerberos = {
	.name = "kerberos",
	.title = "Kerberos",
	.service = "krb",
	.service_tcp = "krb_tcp",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT }, { NJ_TCP, PORT },
		{ NJ_UDP, PORT_CHANGE }, { NJ_TCP, PORT_CHANGE }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^" MESSAGE, NJ_SIG_UDP },
		{ "^\\x00..." MESSAGE, NJ_SIG_TCP }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &kerberos_desc,
		&x509_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct kerberos),
	.buffer_max = 64 * 1024,
	.stream = kerberos_stream,
	.datagram = kerberos_datagram,
	.gap = kerberos_gap,
	.end = kerberos_end,
};
