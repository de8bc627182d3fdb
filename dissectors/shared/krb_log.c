/*
 * krb_log.c - the kerberos log: a request and its answer make one record. As
 * Zeek, it keeps silent about the error by which a KDC only asks for
 * pre-authentication in words of its own, as the next request says the same.
 */
#include "dissectors/shared/krb.h"

#include "dissectors/shared/x509.h"
#include "engine/base/hash.h"
#include "engine/crypt/hash.h"

NJ_EVENT_DEFINE(
	kerberos, KERBEROS, 0, "A Kerberos request and what became of it");

enum {
	PAD_BYTES = 16 * 1024,
	TEXT_MAX = 512,
	CIPHERS_MAX = 32,
	PADATA_MAX = 32,
	CERTS_MAX = 8,
	ADDRESSES_MAX = 16,
	ADDRESS_NETBIOS = 20,
	PA_FOR_USER = 129,
	OPTION_FORWARDABLE = 0x40000000,
	OPTION_RENEWABLE = 0x00800000,
	OPTION_CNAME_IN_TICKET = 0x00020000
};
/* The last moment that nanoseconds in 64 bits reach. */
#define TIME_S_MAX (INT64_MAX / NJ_NS_PER_S)

static struct nj_view
kept(struct nj_krb_log *log, struct nj_dctx *d, struct nj_view v)
{
	if (!v.data)
		return v;
	return nj_pad_text(&log->pad, d, nj_sub(v, 0, TEXT_MAX));
}

/* "name/REALM", where either may be missing. */
static struct nj_view
principal(struct nj_krb_log *log, struct nj_dctx *d, struct nj_view name,
	struct nj_view realm)
{
	char text[2 * TEXT_MAX + 1];
	size_t n = nj_krb_name(name, text, TEXT_MAX);

	text[n++] = '/';
	realm.len = nj_min(realm.len, (size_t)TEXT_MAX);
	if (realm.len)
		memcpy(text + n, realm.data, realm.len);
	return nj_pad_text(&log->pad, d,
		(struct nj_view){ (uint8_t *)text, n + realm.len });
}

static struct nj_view
service(struct nj_krb_log *log, struct nj_dctx *d, struct nj_view name)
{
	char text[TEXT_MAX];

	if (!name.data)
		return name;
	return nj_pad_text(&log->pad, d,
		(struct nj_view){ (uint8_t *)text,
			nj_krb_name(name, text, sizeof(text)) });
}

static struct nj_view
cipher(struct nj_krb_log *log, struct nj_dctx *d, int64_t etype)
{
	char room[NJ_KRB_NAME_TEXT];

	return kept(log, d, nj_str(nj_krb_cipher_name(etype, room)));
}

static void
open_record(struct nj_krb_log *log, struct nj_dctx *d, uint8_t type)
{
	log->ev = (struct kerberos_event){ 0 };
	nj_pad_init(&log->pad, NULL, 0, PAD_BYTES);
	log->ts_ns = nj_now(d);
	log->type = type;
	if (type == NJ_KRB_AS_REQ)
		log->ev.request_type = NJ_LIT("AS");
	else if (type == NJ_KRB_TGS_REQ)
		log->ev.request_type = NJ_LIT("TGS");
	else if (type == NJ_KRB_AP_REQ)
		log->ev.request_type = NJ_LIT("AP");
}

static void
drop_record(struct nj_krb_log *log, struct nj_dctx *d)
{
	if (log->type)
		nj_pad_free(&log->pad, d);
	log->type = 0;
	log->mark = 0;
}

void
nj_krb_log_end(struct nj_krb_log *log, struct nj_dctx *d)
{
	if (!log->type)
		return;
	(void)nj_emit_at(d, &kerberos_desc, &log->ev, log->ts_ns);
	drop_record(log, d);
}

/* The record that an answer belongs to; one without a request is new. */
static void
answered(struct nj_krb_log *log, struct nj_dctx *d, uint8_t request)
{
	if (log->type == request && log->type)
		return;
	nj_krb_log_end(log, d);
	open_record(log, d, request);
}

static struct nj_view
hash_text(struct nj_krb_log *log, struct nj_dctx *d, struct nj_view v)
{
	uint8_t hash[NJ_SHA256_BYTES];
	char hex[2 * NJ_SHA256_BYTES];

	if (!v.len)
		return (struct nj_view){ 0 };
	nj_sha256(v, hash);
	nj_hex((struct nj_view){ hash, sizeof(hash) }, hex);
	return nj_pad_text(&log->pad, d,
		(struct nj_view){ (const uint8_t *)hex, sizeof(hex) });
}

static void
offered(struct nj_krb_log *log, struct nj_dctx *d, struct nj_view etypes)
{
	struct nj_cur c = nj_cur(etypes);
	struct nj_view *list;
	uint32_t n = 0;

	list = etypes.len
		       ? nj_pad_alloc(&log->pad, d, CIPHERS_MAX * sizeof(*list))
		       : NULL;
	if (!list)
		return;
	while (n < CIPHERS_MAX && nj_cur_left(&c)) {
		int64_t etype = nj_ber_int(&c, NJ_DER_INTEGER);

		if (c.bad)
			break;
		list[n++] = cipher(log, d, etype);
	}
	log->ev.ciphers = (struct nj_vstr){ list, n };
}

/* The NetBIOS name of the host, which Windows puts among its addresses. */
static void
addresses(struct nj_krb_log *log, struct nj_dctx *d, struct nj_view list)
{
	struct nj_cur c = nj_cur(list), in, field;

	for (unsigned i = 0; i < ADDRESSES_MAX; i++) {
		int64_t kind = 0;
		struct nj_view v;

		if (!nj_ber_enter(&c, NJ_DER_SEQUENCE, &in))
			return;
		if (nj_ber_enter(&in, NJ_DER_CONTEXT_CONS, &field))
			kind = nj_ber_int(&field, NJ_DER_INTEGER);
		if (kind != ADDRESS_NETBIOS ||
			!nj_ber_enter(&in, NJ_DER_CONTEXT_CONS | 1, &field))
			continue;
		v = nj_ber_take(&field, NJ_DER_OCTET_STRING);
		while (v.len && v.data[v.len - 1] == ' ')
			v.len--;
		log->ev.workstation = kept(log, d, v);
		return;
	}
}

/* Certificates in pre-authentication data: the x509 records, and the subject
 * of the first, which is the peer's own. */
static void
certificates(struct nj_krb_log *log, struct nj_dctx *d, enum nj_dir dir,
	struct nj_view set)
{
	unsigned by = NJ_X509_HOST | (dir == NJ_ORIG ? NJ_X509_CLIENT : 0);
	struct nj_cur c = nj_cur(set);
	uint8_t hash[NJ_SHA256_BYTES];

	for (unsigned i = 0; i < CERTS_MAX && nj_cur_left(&c); i++) {
		struct nj_der e = nj_ber_next(&c);
		struct nj_x509_cert cert;
		char text[2 * TEXT_MAX], id[NJ_UID_TEXT];
		struct nj_view subject = { (const uint8_t *)text, 0 }, fuid;

		if (c.bad)
			return;
		if (!nj_x509_emit(d, e.whole, by, hash) || i ||
			!nj_x509_parse(&cert, e.whole))
			continue;
		subject.len = nj_x509_name(cert.subject, text, sizeof(text));
		subject = nj_pad_text(&log->pad, d, subject);
		nj_fuid_text(d, log->fuids++, id);
		fuid = nj_pad_text(&log->pad, d, nj_str(id));
		if (dir == NJ_ORIG) {
			log->ev.client_cert_subject = subject;
			log->ev.client_cert_fuid = fuid;
		} else {
			log->ev.server_cert_subject = subject;
			log->ev.server_cert_fuid = fuid;
		}
	}
}

/* PA-FOR-USER (MS-SFU 2.2.1): a service asks for a ticket as if it were the
 * user. */
static void
for_user(struct nj_krb_log *log, struct nj_dctx *d, struct nj_view value)
{
	struct nj_cur c = nj_cur(value), seq, field, name, parts;
	struct nj_view realm = { 0 }, list;

	if (!nj_ber_enter(&c, NJ_DER_SEQUENCE, &seq) ||
		!nj_ber_enter(&seq, NJ_DER_CONTEXT_CONS, &field) ||
		!nj_ber_enter(&field, NJ_DER_SEQUENCE, &name))
		return;
	(void)nj_ber_option(&name, NJ_DER_CONTEXT_CONS);
	if (!nj_ber_enter(&name, NJ_DER_CONTEXT_CONS | 1, &parts))
		return;
	list = nj_ber_take(&parts, NJ_DER_SEQUENCE);
	if (nj_ber_enter(&seq, NJ_DER_CONTEXT_CONS | 1, &field))
		realm = nj_ber_take(&field, NJ_BER_GENERAL_STRING);
	log->ev.on_behalf_of = principal(log, d, list, realm);
}

static void
padata(struct nj_krb_log *log, struct nj_dctx *d, enum nj_dir dir,
	struct nj_view list)
{
	struct nj_cur c = nj_cur(list);
	struct nj_view value;
	uint64_t *types = NULL;
	uint32_t n = 0;
	int64_t type;

	if (dir == NJ_ORIG && list.len)
		types = nj_pad_alloc(&log->pad, d, PADATA_MAX * sizeof(*types));
	for (unsigned i = 0; i < PADATA_MAX; i++) {
		if (!nj_krb_padata(&c, &type, &value))
			break;
		if (types && type >= 0)
			types[n++] = (uint64_t)type;
		certificates(log, d, dir, nj_krb_certs(type, value));
		if (type == PA_FOR_USER && dir == NJ_ORIG)
			for_user(log, d, value);
	}
	if (types)
		log->ev.padata = (struct nj_vu64){ types, n };
}

static void
shown(struct nj_krb_log *log, struct nj_dctx *d, const struct nj_krb_ticket *t)
{
	if (t->there)
		log->ev.auth_ticket_sha256 = hash_text(log, d, t->cipher);
}

static void
requested(struct nj_krb_log *log, struct nj_dctx *d, const struct nj_krb *m)
{
	struct kerberos_event *ev = &log->ev;

	/* Who asks for a service's ticket is inside the one that it shows;
	 * some name themselves besides. */
	if (m->type == NJ_KRB_AS_REQ || m->cname.data)
		ev->client = principal(log, d, m->cname, m->realm);
	ev->service = service(log, d, m->sname);
	ev->realm = kept(log, d, m->realm);
	if (m->has_from && m->from_s < TIME_S_MAX)
		nj_set(ev, kerberos, from, m->from_s * NJ_NS_PER_S);
	if (m->has_till && m->till_s < TIME_S_MAX)
		nj_set(ev, kerberos, till, m->till_s * NJ_NS_PER_S);
	if (m->has_options) {
		nj_set(ev, kerberos, forwardable,
			m->options & OPTION_FORWARDABLE);
		nj_set(ev, kerberos, renewable, m->options & OPTION_RENEWABLE);
	}
	if (m->has_second_ticket && m->options & OPTION_CNAME_IN_TICKET)
		nj_set(ev, kerberos, delegated, true);
	offered(log, d, m->etypes);
	addresses(log, d, m->addresses);
	padata(log, d, NJ_ORIG, m->padata);
	shown(log, d, &m->ticket);
}

static void
presented(struct nj_krb_log *log, struct nj_dctx *d, const struct nj_krb *m)
{
	struct kerberos_event *ev = &log->ev;

	if (!m->ticket.there)
		return;
	/* Who the client is stands only inside the ticket. */
	ev->client = principal(log, d, (struct nj_view){ 0 }, m->ticket.realm);
	ev->service = service(log, d, m->ticket.sname);
	ev->realm = kept(log, d, m->ticket.realm);
	ev->cipher = cipher(log, d, m->ticket.etype);
	if (m->ticket.has_kvno)
		nj_set(ev, kerberos, kvno, m->ticket.kvno);
	shown(log, d, &m->ticket);
}

static void
granted(struct nj_krb_log *log, struct nj_dctx *d, const struct nj_krb *m)
{
	struct kerberos_event *ev = &log->ev;

	if (!ev->client.data)
		ev->client = principal(log, d, m->cname, m->crealm);
	ev->service = service(log, d, m->ticket.sname);
	ev->realm = kept(log, d, m->ticket.realm);
	ev->cipher = cipher(log, d, m->ticket.etype);
	if (m->ticket.has_kvno)
		nj_set(ev, kerberos, kvno, m->ticket.kvno);
	ev->new_ticket_sha256 = hash_text(log, d, m->ticket.cipher);
	if (m->has_reply_etype)
		ev->reply_cipher = cipher(log, d, m->reply_etype);
	nj_set(ev, kerberos, success, true);
	padata(log, d, NJ_RESP, m->padata);
	nj_krb_log_end(log, d);
}

static void
refused(struct nj_krb_log *log, struct nj_dctx *d, const struct nj_krb *m)
{
	struct kerberos_event *ev;
	struct nj_view text = m->e_text;
	char room[NJ_KRB_NAME_TEXT];

	while (text.len && !text.data[text.len - 1])
		text.len--;
	if (nj_view_eq(text, NJ_LIT("NEEDED_PREAUTH")) ||
		nj_view_eq(text,
			NJ_LIT("Need to use PA-ENC-TIMESTAMP/PA-PK-AS-REQ"))) {
		drop_record(log, d);
		return;
	}
	if (!log->type)
		open_record(log, d, NJ_KRB_ERROR);
	ev = &log->ev;
	if (!ev->client.data && (m->cname.data || m->crealm.data))
		ev->client = principal(log, d, m->cname, m->crealm);
	if (m->sname.data)
		ev->service = service(log, d, m->sname);
	ev->realm = kept(log, d, m->realm);
	nj_set(ev, kerberos, success, false);
	nj_set(ev, kerberos, error_code, m->error);
	ev->error_msg = kept(log, d,
		text.len ? text : nj_str(nj_krb_error_name(m->error, room)));
	nj_krb_log_end(log, d);
}

/* A request begins a record, unless it is the one that is open already: over
 * UDP a client asks again until it is answered. */
static bool
begins(struct nj_krb_log *log, struct nj_dctx *d, uint8_t type,
	struct nj_view whole)
{
	static const struct nj_hash_key key;
	uint64_t mark = nj_hash64(&key, whole.data, whole.len);

	if (log->type == type && log->mark == mark)
		return false;
	nj_krb_log_end(log, d);
	open_record(log, d, type);
	log->mark = mark;
	return true;
}

void
nj_krb_log(struct nj_krb_log *log, struct nj_dctx *d, const struct nj_krb *m,
	struct nj_view whole)
{
	switch (m->type) {
	case NJ_KRB_AS_REQ:
	case NJ_KRB_TGS_REQ:
		if (begins(log, d, m->type, whole))
			requested(log, d, m);
		break;
	case NJ_KRB_AP_REQ:
		if (begins(log, d, m->type, whole))
			presented(log, d, m);
		break;
	case NJ_KRB_AS_REP:
	case NJ_KRB_TGS_REP:
		answered(log, d, (uint8_t)(m->type - 1));
		granted(log, d, m);
		break;
	case NJ_KRB_AP_REP:
		if (log->type != NJ_KRB_AP_REQ)
			break;
		nj_set(&log->ev, kerberos, success, true);
		nj_krb_log_end(log, d);
		break;
	case NJ_KRB_ERROR:
		refused(log, d, m);
		break;
	default:
		break;
	}
}

void
nj_krb_log_result(struct nj_krb_log *log, struct nj_dctx *d, bool success)
{
	if (log->type != NJ_KRB_AP_REQ)
		return;
	nj_set(&log->ev, kerberos, success, success);
	nj_krb_log_end(log, d);
}
