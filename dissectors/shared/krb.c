/*
 * krb.c - Kerberos messages read in place (RFC 4120 section 5), see krb.h.
 */
#include "dissectors/shared/krb.h"

#include "dissectors/shared/x509.h"

enum {
	VERSION = 5,
	NAME_PARTS_MAX = 16,
	PA_PK_AS_FIRST = 14, /* the drafts' numbers, then those of RFC 4556 */
	PA_PK_AS_LAST = 17,
	PA_TGS_REQ = 1
};

/* [n] EXPLICIT, constructed. */
#define CTX(n) (NJ_DER_CONTEXT_CONS | (n))

/* [n] INTEGER, optional. */
static bool
int_option(struct nj_cur *c, unsigned n, int64_t *out)
{
	struct nj_cur in;

	*out = 0;
	if (!nj_ber_enter(c, (uint8_t)CTX(n), &in))
		return false;
	*out = nj_ber_int(&in, NJ_DER_INTEGER);
	c->bad |= in.bad;
	return !in.bad;
}

/* [n] of one element with this tag, optional. */
static struct nj_view
body_option(struct nj_cur *c, unsigned n, uint8_t tag)
{
	struct nj_view v = { 0 };
	struct nj_cur in;

	if (!nj_ber_enter(c, (uint8_t)CTX(n), &in))
		return v;
	v = nj_ber_take(&in, tag);
	c->bad |= in.bad;
	return v;
}

static struct nj_view
string_option(struct nj_cur *c, unsigned n)
{
	return body_option(c, n, NJ_BER_GENERAL_STRING);
}

static bool
time_option(struct nj_cur *c, unsigned n, int64_t *out_s)
{
	struct nj_view v = body_option(c, n, NJ_DER_GENERAL_TIME);

	return v.data && nj_x509_time(NJ_DER_GENERAL_TIME, v, out_s);
}

/* [n] PrincipalName: its parts; the kind of name is not asked for. */
static struct nj_view
name_option(struct nj_cur *c, unsigned n)
{
	struct nj_view v = body_option(c, n, NJ_DER_SEQUENCE);
	struct nj_cur in = nj_cur(v);
	int64_t kind;

	if (!v.data)
		return v;
	(void)int_option(&in, 0, &kind);
	v = body_option(&in, 1, NJ_DER_SEQUENCE);
	c->bad |= in.bad;
	return v;
}

/* Of EncryptedData: which encryption, which key, and the bytes. */
static void
encrypted(struct nj_cur *c, unsigned n, struct nj_krb_ticket *t)
{
	struct nj_view v = body_option(c, n, NJ_DER_SEQUENCE);
	struct nj_cur in = nj_cur(v);

	if (!v.data)
		return;
	if (!int_option(&in, 0, &t->etype))
		in.bad = true;
	t->has_kvno = int_option(&in, 1, &t->kvno);
	t->cipher = body_option(&in, 2, NJ_DER_OCTET_STRING);
	t->there = !in.bad;
	c->bad |= in.bad;
}

static void
ticket(struct nj_cur *c, unsigned n, struct nj_krb_ticket *t)
{
	struct nj_view v = body_option(c, n, NJ_BER_APPLICATION_CONS | 1);
	struct nj_cur in = nj_cur(v), seq;
	int64_t version;

	if (!v.data)
		return;
	if (!nj_ber_enter(&in, NJ_DER_SEQUENCE, &seq) ||
		!int_option(&seq, 0, &version)) {
		c->bad = true;
		return;
	}
	t->realm = string_option(&seq, 1);
	t->sname = name_option(&seq, 2);
	encrypted(&seq, 3, t);
	c->bad |= seq.bad;
}

/* KDC-REQ-BODY. */
static void
request_body(struct nj_krb *m, struct nj_cur c)
{
	struct nj_view options = body_option(&c, 0, NJ_DER_BIT_STRING);
	struct nj_cur bits = nj_cur(options);
	int64_t time_s, nonce;

	nj_cur_skip(&bits, 1);
	m->options = nj_cur_u32(&bits);
	m->has_options = !bits.bad;
	m->cname = name_option(&c, 1);
	m->realm = string_option(&c, 2);
	m->sname = name_option(&c, 3);
	m->has_from = time_option(&c, 4, &m->from_s);
	m->has_till = time_option(&c, 5, &m->till_s);
	(void)time_option(&c, 6, &time_s);
	(void)int_option(&c, 7, &nonce);
	m->etypes = body_option(&c, 8, NJ_DER_SEQUENCE);
	m->addresses = body_option(&c, 9, NJ_DER_SEQUENCE);
	(void)nj_ber_option(&c, CTX(10)); /* enc-authorization-data */
	m->has_second_ticket = nj_der_is(&c, CTX(11));
}

/* The AP-REQ in a request shows the ticket that another is got by. */
static void
shown_ticket(struct nj_krb *m, struct nj_view value)
{
	struct nj_cur c = nj_cur(value), ap, seq;
	int64_t n;

	if (!nj_ber_enter(&c, NJ_BER_APPLICATION_CONS | NJ_KRB_AP_REQ, &ap) ||
		!nj_ber_enter(&ap, NJ_DER_SEQUENCE, &seq))
		return;
	(void)int_option(&seq, 0, &n);
	(void)int_option(&seq, 1, &n);
	(void)nj_ber_option(&seq, CTX(2));
	ticket(&seq, 3, &m->ticket);
}

static void
kdc_request(struct nj_krb *m, struct nj_cur *c)
{
	struct nj_cur list, body;
	struct nj_view value;
	int64_t type;

	m->padata = body_option(c, 3, NJ_DER_SEQUENCE);
	if (!nj_ber_enter(c, CTX(4), &body)) {
		c->bad = true;
		return;
	}
	request_body(m, nj_cur(nj_ber_take(&body, NJ_DER_SEQUENCE)));
	list = nj_cur(m->padata);
	while (m->type == NJ_KRB_TGS_REQ && !m->ticket.there &&
		nj_krb_padata(&list, &type, &value))
		if (type == PA_TGS_REQ)
			shown_ticket(m, value);
}

static void
kdc_reply(struct nj_krb *m, struct nj_cur *c)
{
	struct nj_krb_ticket part = { 0 };

	m->padata = body_option(c, 2, NJ_DER_SEQUENCE);
	m->crealm = string_option(c, 3);
	m->cname = name_option(c, 4);
	ticket(c, 5, &m->ticket);
	encrypted(c, 6, &part);
	m->has_reply_etype = part.there;
	m->reply_etype = part.etype;
	if (!m->ticket.there)
		c->bad = true;
}

static void
error(struct nj_krb *m, struct nj_cur *c)
{
	int64_t n;

	(void)nj_ber_option(c, CTX(2));
	(void)int_option(c, 3, &n);
	(void)nj_ber_option(c, CTX(4));
	(void)int_option(c, 5, &n);
	m->has_error = int_option(c, 6, &m->error);
	m->crealm = string_option(c, 7);
	m->cname = name_option(c, 8);
	m->realm = string_option(c, 9);
	m->sname = name_option(c, 10);
	m->e_text = string_option(c, 11);
	if (!m->has_error)
		c->bad = true;
}

bool
nj_krb_parse(struct nj_krb *out, struct nj_view msg)
{
	struct nj_cur c = nj_cur(msg), seq, body;
	struct nj_der e = nj_ber_next(&c);
	int64_t version, type;
	unsigned first;

	*out = (struct nj_krb){ 0 };
	body = nj_cur(e.body);
	if (c.bad || (e.tag & 0xe0) != NJ_BER_APPLICATION_CONS ||
		!nj_ber_enter(&body, NJ_DER_SEQUENCE, &seq))
		return false;
	out->type = e.tag & 31;
	/* Requests count from 1, everything else from 0. */
	first = out->type == NJ_KRB_AS_REQ || out->type == NJ_KRB_TGS_REQ;
	/* Errors have been seen that leave out what comes before the code. */
	if (out->type == NJ_KRB_ERROR && !nj_der_is(&seq, CTX(0)))
		version = VERSION, type = NJ_KRB_ERROR;
	else if (!int_option(&seq, first, &version) ||
		 !int_option(&seq, first + 1, &type))
		return false;
	if (version != VERSION || type != out->type)
		return false;
	switch (out->type) {
	case NJ_KRB_AS_REQ:
	case NJ_KRB_TGS_REQ:
		kdc_request(out, &seq);
		break;
	case NJ_KRB_AS_REP:
	case NJ_KRB_TGS_REP:
		kdc_reply(out, &seq);
		break;
	case NJ_KRB_AP_REQ:
		(void)nj_ber_option(&seq, CTX(2));
		ticket(&seq, 3, &out->ticket);
		break;
	case NJ_KRB_ERROR:
		error(out, &seq);
		break;
	case NJ_KRB_AP_REP:
	case NJ_KRB_SAFE:
	case NJ_KRB_PRIV:
	case NJ_KRB_CRED:
		break;
	default:
		return false;
	}
	return !seq.bad;
}

struct nj_view
nj_krb_unwrap(struct nj_view v)
{
	static const uint8_t mech[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1,
		2, 2 };
	/* What old Windows wrote instead: one bit lost. */
	static const uint8_t mech_ms[] = { 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12,
		1, 2, 2 };
	struct nj_cur c = nj_cur(v), in;
	struct nj_view oid;

	if (!nj_der_is(&c, NJ_BER_APPLICATION_CONS))
		return v;
	if (!nj_ber_enter(&c, NJ_BER_APPLICATION_CONS, &in))
		return (struct nj_view){ 0 };
	oid = nj_ber_take(&in, NJ_DER_OID);
	/* User to user (draft-swift-win2k-krb-user2user) adds one number. */
	if (!nj_view_starts(oid, (struct nj_view){ mech, sizeof(mech) }) &&
		!nj_view_eq(oid, (struct nj_view){ mech_ms, sizeof(mech_ms) }))
		return (struct nj_view){ 0 };
	nj_cur_skip(&in, 2);
	return nj_cur_rest(&in);
}

size_t
nj_krb_name(struct nj_view name, char *out, size_t cap)
{
	struct nj_cur c = nj_cur(name);
	size_t used = 0;

	for (unsigned i = 0; i < NAME_PARTS_MAX && nj_cur_left(&c); i++) {
		struct nj_view part = nj_ber_take(&c, NJ_BER_GENERAL_STRING);

		if (c.bad)
			break;
		if (i && used < cap)
			out[used++] = '/';
		part.len = nj_min(part.len, cap - used);
		if (part.len)
			memcpy(out + used, part.data, part.len);
		used += part.len;
	}
	return used;
}

bool
nj_krb_padata(struct nj_cur *list, int64_t *type, struct nj_view *value)
{
	struct nj_cur in;

	if (!nj_ber_enter(list, NJ_DER_SEQUENCE, &in))
		return false;
	if (!int_option(&in, 1, type))
		return false;
	*value = body_option(&in, 2, NJ_DER_OCTET_STRING);
	return !in.bad;
}

struct nj_view
nj_krb_certs(int64_t padata_type, struct nj_view value)
{
	const struct nj_view none = { 0 };
	struct nj_cur c = nj_cur(value), in, seq, content, signed_data;
	struct nj_der e;

	if (padata_type < PA_PK_AS_FIRST || padata_type > PA_PK_AS_LAST)
		return none;
	/* PA-PK-AS-REQ is a sequence whose [0] is a string with a CMS message;
	 * PA-PK-AS-REP is [0] with a sequence whose [0] is such a string. */
	e = nj_ber_next(&c);
	seq = nj_cur(e.body);
	if (e.tag == NJ_DER_CONTEXT_CONS) {
		in = seq;
		if (!nj_ber_enter(&in, NJ_DER_SEQUENCE, &seq))
			return none;
	}
	e = nj_ber_next(&seq);
	if (seq.bad || (e.tag & 0xdf) != NJ_DER_CONTEXT)
		return none;
	/* ContentInfo, then SignedData (RFC 5652 sections 3 and 5.1). */
	c = nj_cur(e.body);
	if (!nj_ber_enter(&c, NJ_DER_SEQUENCE, &in))
		return none;
	(void)nj_ber_take(&in, NJ_DER_OID);
	if (!nj_ber_enter(&in, NJ_DER_CONTEXT_CONS, &content) ||
		!nj_ber_enter(&content, NJ_DER_SEQUENCE, &signed_data))
		return none;
	(void)nj_ber_int(&signed_data, NJ_DER_INTEGER);
	(void)nj_ber_take(&signed_data, NJ_DER_SET);
	(void)nj_ber_take(&signed_data, NJ_DER_SEQUENCE);
	return nj_ber_option(&signed_data, NJ_DER_CONTEXT_CONS);
}
