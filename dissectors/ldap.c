/*
 * ldap.c - LDAP version 3 (RFC 4511) over TCP, and without a connection over
 * UDP as Active Directory uses it (MS-ADTS 6.3.3): who logged in how, what
 * was looked for, what was changed.
 *
 * After a log-in by SASL the messages may come wrapped (RFC 4422 3.7): those
 * that are only signed are read (Kerberos: RFC 4121 4.2.6.2, NTLM: MS-NLMP
 * 2.2.2.9), those that are sealed are passed over. After StartTLS the stream
 * goes to ssl. Values of entries that are found are not looked at.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/gss.h"
#include "dissectors/shared/krb.h"
#include "dissectors/shared/ldap_eve.h"
#include "dissectors/shared/ldap_log.h"

enum {
	PORT = 389,
	MESSAGE_BYTES_MAX = 48 * 1024,
	LENGTH_MAX = 256 << 20,
	WRAPPED_MAX = 16 << 20,
	WRAP_HEAD = 16,      /* Kerberos' and NTLM's, as it happens */
	MESSAGES_MAX = 4096, /* in one wrapping */
	SEALED = 2,          /* Kerberos' flag */
	AUTH_SASL = 0xa3,
	AUTH_SICILY_FIRST = 0x89,
	AUTH_SICILY_LAST = 0x8b,
	SASL_IN_PROGRESS = 14
};

enum { ODD_MESSAGE, ODD_LARGE, ODD_WRAP };
static const struct nj_oddity oddities[] = {
	[ODD_MESSAGE] = { "ldap_message", "What should be LDAP is not" },
	[ODD_LARGE] = { "ldap_large", "A message longer than is read" },
	[ODD_WRAP] = { "ldap_wrap", "A wrapped message of impossible length" },
	{ 0 },
};

/* What the next bytes of a direction are. */
enum mode { PLAIN, EITHER, WRAPPED, LOST, OVER };

/* A wrapping that is being read: text that is left, bytes behind it. */
struct wrap {
	uint32_t left, behind;
};

struct ldap {
	struct nj_ldap_log log;
	struct nj_ldap_eve eve;
	struct wrap wrap[2];
	struct nj_gss gss;
	int64_t tls_id, sasl_id; /* of the request, or -1 */
	uint8_t mode[2];
	bool begun, sure, upgrade;
};

static bool
is_answer(uint8_t op)
{
	switch (op) {
	case NJ_LDAP_BIND_RESULT:
	case NJ_LDAP_SEARCH_ENTRY:
	case NJ_LDAP_SEARCH_DONE:
	case NJ_LDAP_SEARCH_REFERENCE:
	case NJ_LDAP_MODIFY_RESULT:
	case NJ_LDAP_ADD_RESULT:
	case NJ_LDAP_DELETE_RESULT:
	case NJ_LDAP_RENAME_RESULT:
	case NJ_LDAP_COMPARE_RESULT:
	case NJ_LDAP_EXTENDED_RESULT:
	case NJ_LDAP_INTERMEDIATE:
		return true;
	default:
		return false;
	}
}

/* ---- Log-ins and upgrades ---- */

static void
bind_asked(struct nj_dctx *d, struct ldap *s, const struct nj_ldap_message *m)
{
	struct nj_cur c = nj_cur(m->body), sasl;
	struct nj_der auth;

	(void)nj_ber_int(&c, NJ_DER_INTEGER);
	(void)nj_ber_take(&c, NJ_DER_OCTET_STRING);
	auth = nj_ber_next(&c);
	s->sasl_id = -1;
	if (auth.tag == AUTH_SASL) {
		s->sasl_id = m->id;
		sasl = nj_cur(auth.body);
		(void)nj_ber_take(&sasl, NJ_DER_OCTET_STRING);
		auth.body = nj_ber_option(&sasl, NJ_DER_OCTET_STRING);
	} else if (auth.tag < AUTH_SICILY_FIRST ||
		   auth.tag > AUTH_SICILY_LAST) {
		return;
	}
	if (auth.body.len)
		(void)nj_gss_token(&s->gss, d, NJ_ORIG, auth.body);
}

/* The server's part of a log-in: serverSaslCreds, or where Microsoft's older
 * way (Sicily, MS-ADTS 5.1.1.1.3) puts it. */
static void
bind_answered(struct nj_dctx *d, struct ldap *s, struct nj_cur c,
	const struct nj_ldap_result *r)
{
	struct nj_view token = r->matched;

	(void)nj_ber_option(&c, NJ_DER_CONTEXT_CONS | 3);
	if (nj_der_is(&c, NJ_DER_CONTEXT | 7))
		token = nj_ber_take(&c, NJ_DER_CONTEXT | 7);
	if (token.len)
		(void)nj_gss_token(&s->gss, d, NJ_RESP, token);
	if (r->code != SASL_IN_PROGRESS && !(s->sasl_id < 0 && token.len))
		nj_gss_result(&s->gss, d, !r->code);
}

static void
extension_asked(struct ldap *s, const struct nj_ldap_message *m)
{
	struct nj_cur c = nj_cur(m->body);

	if (nj_view_eq(nj_ber_option(&c, NJ_DER_CONTEXT),
		    NJ_LIT("1.3.6.1.4.1.1466.20037")))
		s->tls_id = m->id;
}

static void
answer(struct nj_dctx *d, struct ldap *s, const struct nj_ldap_message *m)
{
	struct nj_cur c = nj_cur(m->body);
	struct nj_ldap_result r;
	bool has = m->op != NJ_LDAP_SEARCH_ENTRY &&
		   m->op != NJ_LDAP_SEARCH_REFERENCE &&
		   m->op != NJ_LDAP_INTERMEDIATE && nj_ldap_result(&c, &r);

	nj_ldap_log_answer(&s->log, d, m, has ? &r : NULL);
	nj_ldap_eve_answer(&s->eve, d, m);
	if (has && m->op == NJ_LDAP_BIND_RESULT)
		bind_answered(d, s, c, &r);
	if (!has || r.code)
		return;
	if (m->op == NJ_LDAP_BIND_RESULT && m->id == s->sasl_id)
		s->mode[NJ_ORIG] = s->mode[NJ_RESP] = EITHER;
	if (m->op == NJ_LDAP_EXTENDED_RESULT && m->id == s->tls_id)
		s->upgrade = true;
}

static void
take(struct nj_dctx *d, struct ldap *s, const struct nj_ldap_message *m)
{
	nj_confirm(d);
	s->sure = true;
	if (is_answer(m->op)) {
		answer(d, s, m);
		return;
	}
	nj_ldap_log_request(&s->log, d, m);
	nj_ldap_eve_request(&s->eve, d, m);
	if (m->op == NJ_LDAP_BIND)
		bind_asked(d, s, m);
	else if (m->op == NJ_LDAP_EXTENDED)
		extension_asked(s, m);
}

/* ---- One message of a stream ---- */

/* A message too long to wait for: its beginning says enough. */
static void
take_long(struct nj_dctx *d, struct ldap *s, struct nj_view v)
{
	struct nj_ldap_message m = { 0 };
	struct nj_ber_head head;
	struct nj_cur c;

	if (nj_ber_head(v, &head) != NJ_BER_OK)
		return;
	c = nj_cur(nj_sub(v, head.bytes, v.len));
	m.id = nj_ber_int(&c, NJ_DER_INTEGER);
	m.op = nj_cur_u8(&c);
	if (c.bad)
		return;
	if (m.op != NJ_LDAP_SEARCH_ENTRY)
		nj_odd(d, ODD_LARGE);
	take(d, s, &m);
}

static enum nj_verdict
plain(struct nj_dctx *d, struct ldap *s, struct nj_view v, size_t *used)
{
	struct nj_ldap_message m;
	enum nj_ber_got got;
	uint64_t len;

	*used = 0;
	got = nj_ldap_begins(v, &len);
	if (got == NJ_BER_MORE)
		return NJ_MORE;
	if (got == NJ_BER_BAD || len > LENGTH_MAX) {
		if (!s->sure)
			return NJ_REJECT;
		nj_odd(d, ODD_MESSAGE);
		return NJ_BROKEN;
	}
	if (v.len < nj_min(len, (uint64_t)MESSAGE_BYTES_MAX))
		return NJ_MORE;
	*used = (size_t)len;
	if (len > MESSAGE_BYTES_MAX) {
		if (!s->sure)
			return NJ_REJECT;
		take_long(d, s, nj_sub(v, 0, MESSAGE_BYTES_MAX));
		return NJ_MORE;
	}
	if (nj_ldap_parse(&m, nj_sub(v, 0, (size_t)len)))
		take(d, s, &m);
	else if (!s->sure)
		return NJ_REJECT;
	else
		nj_odd(d, ODD_MESSAGE);
	return NJ_MORE;
}

/* ---- Wrapped messages ---- */

/* The next message in a wrapping; what is none ends it (sealed text, or what
 * a mechanism puts behind). *used 0: more is needed. */
static void
inner(struct nj_dctx *d, struct ldap *s, enum nj_dir dir, struct nj_view v,
	size_t *used)
{
	struct wrap *w = &s->wrap[dir];
	struct nj_ldap_message m;
	uint64_t len = 0;
	enum nj_ber_got got;

	*used = 0;
	v = nj_sub(v, 0, w->left);
	got = nj_ldap_begins(v, &len);
	if (got == NJ_BER_MORE && v.len < w->left)
		return;
	if (got == NJ_BER_OK && len <= w->left) {
		if (v.len < nj_min(len, (uint64_t)MESSAGE_BYTES_MAX))
			return;
		if (len > MESSAGE_BYTES_MAX)
			take_long(d, s, nj_sub(v, 0, MESSAGE_BYTES_MAX));
		else if (nj_ldap_parse(&m, nj_sub(v, 0, (size_t)len)))
			take(d, s, &m);
		*used = (size_t)len;
	} else {
		*used = w->left;
	}
	w->left -= (uint32_t)*used;
	if (!w->left) {
		*used += w->behind;
		w->behind = 0;
	}
}

/* Text and checksum that were turned by more than the checksum's length: read
 * at once, from a copy. */
static void
turned(struct nj_dctx *d, struct ldap *s, struct nj_view v, size_t turn,
	size_t extra)
{
	uint8_t *copy = nj_keep(d, v.len);
	struct nj_ldap_message m;
	struct nj_view text;
	uint64_t len;

	if (!copy)
		return;
	memcpy(copy, v.data + turn, v.len - turn);
	memcpy(copy + v.len - turn, v.data, turn);
	text = (struct nj_view){ copy, v.len - extra };
	for (unsigned i = 0; i < MESSAGES_MAX && text.len; i++) {
		if (nj_ldap_begins(text, &len) != NJ_BER_OK || len > text.len)
			break;
		if (nj_ldap_parse(&m, nj_sub(text, 0, (size_t)len)))
			take(d, s, &m);
		text = nj_sub(text, (size_t)len, text.len);
	}
	nj_drop(d, copy);
}

/* RFC 4121 4.2.6.2. v is what follows the length; gives how many bytes of it
 * are done with, 0 while more are needed. */
static size_t
krb_wrap(struct nj_dctx *d, struct ldap *s, enum nj_dir dir, struct nj_view v,
	uint32_t len)
{
	struct wrap *w = &s->wrap[dir];
	struct nj_cur c = nj_cur(nj_sub(v, 2, WRAP_HEAD - 2));
	uint8_t flags = nj_cur_u8(&c);
	uint32_t text = len - WRAP_HEAD, extra, turn;

	nj_cur_skip(&c, 1);
	extra = nj_cur_u16(&c);
	turn = nj_cur_u16(&c);
	if (flags & SEALED || extra >= text)
		return len;
	turn %= text;
	if (turn <= extra) {
		w->left = text - extra;
		w->behind = extra - turn;
		return WRAP_HEAD + turn;
	}
	if (len > MESSAGE_BYTES_MAX)
		return len;
	if (v.len < len)
		return 0;
	turned(d, s, nj_sub(v, WRAP_HEAD, text), turn, extra);
	return len;
}

static enum nj_verdict
wrapped(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, size_t *used)
{
	static const uint8_t ntlm[4] = { 1, 0, 0, 0 }, krb[2] = { 5, 4 };
	struct ldap *s = nj_state(d);
	struct nj_cur c = nj_cur(v);
	uint32_t len = nj_cur_u32(&c);
	struct nj_view rest = nj_cur_rest(&c);
	size_t n;

	if (s->wrap[dir].left) {
		inner(d, s, dir, v, used);
		return NJ_MORE;
	}
	*used = 0;
	if (c.bad)
		return NJ_MORE;
	if (!len || len > WRAPPED_MAX) {
		nj_odd(d, ODD_WRAP);
		return NJ_BROKEN;
	}
	if (rest.len < nj_min(len, (uint32_t)WRAP_HEAD))
		return NJ_MORE;
	if (len <= WRAP_HEAD) {
		n = len;
	} else if (nj_view_starts(rest, (struct nj_view){ krb, 2 })) {
		n = krb_wrap(d, s, dir, rest, len);
		if (!n)
			return NJ_MORE;
	} else {
		n = nj_view_starts(rest, (struct nj_view){ ntlm, 4 })
			    ? WRAP_HEAD
			    : 0;
		s->wrap[dir].left = len - (uint32_t)n;
	}
	*used = n + 4;
	return NJ_MORE;
}

/* ---- Callbacks ---- */

static enum nj_verdict
step(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, size_t *used)
{
	struct ldap *s = nj_state(d);
	uint8_t *mode = &s->mode[dir];
	uint64_t len;

	if (*mode == EITHER)
		*mode = v.data[0] == NJ_DER_SEQUENCE ? PLAIN : WRAPPED;
	switch (*mode) {
	case WRAPPED:
		return wrapped(d, dir, v, used);
	case OVER:
		*used = v.len;
		return NJ_MORE;
	case LOST:
		switch (nj_ldap_begins(v, &len)) {
		case NJ_BER_MORE:
			*used = 0;
			return NJ_MORE;
		case NJ_BER_BAD:
			*used = 1;
			return NJ_MORE;
		case NJ_BER_OK:
			*mode = PLAIN;
			break;
		}
		break;
	default:
		break;
	}
	return plain(d, s, v, used);
}

static void
begin(struct ldap *s)
{
	if (s->begun)
		return;
	s->begun = true;
	s->tls_id = s->sasl_id = -1;
}

static enum nj_verdict
ldap_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct ldap *s = nj_state(d);
	size_t used;

	begin(s);
	while (v.len) {
		enum nj_verdict verdict = step(d, dir, v, &used);

		if (verdict != NJ_MORE || !used)
			return verdict;
		nj_consume(d, nj_min(used, v.len));
		if (s->upgrade)
			return nj_handover(d, "ssl", 0) ? NJ_MORE : NJ_DONE;
		if (used > v.len)
			nj_skip(d, used - v.len);
		v = nj_sub(v, used, v.len);
	}
	return NJ_MORE;
}

static enum nj_verdict
ldap_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct ldap *s = nj_state(d);
	struct nj_ldap_message m;
	uint64_t len;

	begin(s);
	for (unsigned i = 0; i < MESSAGES_MAX && v.len; i++) {
		if (nj_ldap_begins(v, &len) != NJ_BER_OK || len > v.len ||
			!nj_ldap_parse(&m, nj_sub(v, 0, (size_t)len))) {
			if (!s->sure)
				return NJ_REJECT;
			nj_odd(d, ODD_MESSAGE);
			return NJ_MORE;
		}
		if (!s->sure && dir == NJ_ORIG && is_answer(m.op) &&
			nj_port_of(d, NJ_RESP) != PORT)
			(void)nj_flip(d);
		take(d, s, &m);
		v = nj_sub(v, (size_t)len, v.len);
	}
	return NJ_MORE;
}

static enum nj_verdict
ldap_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct ldap *s = nj_state(d);

	(void)d;
	(void)v;
	(void)len;
	begin(s);
	/* Wrapped messages have nothing that they could be known by. */
	s->mode[dir] =
		s->mode[dir] == PLAIN || s->mode[dir] == LOST ? LOST : OVER;
	return NJ_MORE;
}

static void
ldap_end(struct nj_dctx *d)
{
	struct ldap *s = nj_state(d);

	nj_gss_end(&s->gss, d);
	nj_ldap_log_end(&s->log, d);
	nj_ldap_eve_end(&s->eve, d);
}

/* A message with a bind or a search; an unbind; any other operation. */
#define LENGTH "(\\x84....|\\x83...|\\x82..|\\x81.|[\\x00-\\x7f])"
#define ID "\\x02(\\x01.|\\x02..|\\x03...|\\x04....)"
#define BIND "\\x60" LENGTH "\\x02\\x01[\\x02\\x03]\\x04"
#define SEARCH "\\x63" LENGTH "\\x04(\\x84....|\\x82..|\\x81.|[\\x00-\\x7f])"
#define OTHER                                                                  \
	"([\\x66\\x68\\x6c\\x6e\\x64]" LENGTH "\\x04|\\x77" LENGTH "\\x80|"    \
	"[\\x61\\x65\\x67\\x69\\x6b\\x6d\\x6f\\x78]" LENGTH                    \
	"\\x0a\\x01.\\x04)"

const struct nj_dissector nj_dissector_ldap = {
	.name = "ldap",
	.title = "LDAP",
	.service = "ldap_udp",
	.service_tcp = "ldap_tcp",
	.ports = (const struct nj_port[]){ { NJ_TCP, PORT }, { NJ_TCP, 3268 },
		{ NJ_UDP, PORT }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\x30" LENGTH ID BIND, 0 },
		{ "^\\x30" LENGTH ID SEARCH, 0 },
		{ "^\\x30" LENGTH ID OTHER, 0 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &ldap_desc,
		&eve_ldap_desc, &ldap_search_desc, &ntlm_desc, &kerberos_desc,
		NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct ldap),
	.buffer_max = 64 * 1024,
	.stream = ldap_stream,
	.datagram = ldap_datagram,
	.gap = ldap_gap,
	.end = ldap_end,
};
