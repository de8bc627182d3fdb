/*
 * ocsp.c - what an authority answers about certificates (RFC 6960): one record
 * for each certificate that the answer speaks of. Nothing is verified.
 */
#include "dissectors/shared/content.h"

#include "dissectors/shared/der.h"
#include "dissectors/shared/x509.h"
#include "dissectors/shared/x509_oid.h"

#define OCSP(F, tag)                                                           \
	F(tag, 1, STR, id, NJ_INDEX, "Id of the file")                         \
	F(tag, 2, STR, hashAlgorithm, 0, "Hash of the issuer's fields")        \
	F(tag, 3, STR, issuerNameHash, 0, "Hash of the issuer's name")         \
	F(tag, 4, STR, issuerKeyHash, 0, "Hash of the issuer's key")           \
	F(tag, 5, STR, serialNumber, NJ_INDEX, "Certificate asked about")      \
	F(tag, 6, STR, certStatus, NJ_INDEX | NJ_LEARN,                        \
		"good, revoked or unknown")                                    \
	F(tag, 7, I64, revoketime, NJ_OPT, "Revoked at, seconds since 1970")   \
	F(tag, 8, STR, revokereason, 0, "Why it was revoked")                  \
	F(tag, 9, I64, thisUpdate, NJ_OPT, "True at, seconds since 1970")      \
	F(tag, 10, I64, nextUpdate, NJ_OPT, "Good until, seconds since 1970")
NJ_EVENT_DECLARE(ocsp, OCSP);
NJ_EVENT_DEFINE(
	ocsp, OCSP, NJ_EV_NO_ID, "State of one certificate, by its authority");

enum {
	ANSWERS_MAX = 64,
	HASH_MAX = 64,
	ENUMERATED = 0x0a,
	STATUS_GOOD = 0,
	STATUS_REVOKED = 1,
	NO_REASON = 255
};

/* CRLReason of RFC 5280 section 5.3.1. */
static const char *const reasons[] = { "unspecified", "keyCompromise",
	"cACompromise", "affiliationChanged", "superseded",
	"cessationOfOperation", "certificateHold", NULL, "removeFromCRL",
	"privilegeWithdrawn", "aACompromise" };

static struct nj_view
upper_hex(struct nj_dctx *d, struct nj_view v)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = nj_min(v.len, (size_t)HASH_MAX);
	uint8_t *out = nj_arena(d, 2 * n + 1);

	if (!out)
		return (struct nj_view){ 0 };
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = (uint8_t)hex[v.data[i] >> 4];
		out[2 * i + 1] = (uint8_t)hex[v.data[i] & 15];
	}
	return (struct nj_view){ out, 2 * n };
}

/* CertID. */
static void
cert_id(struct nj_dctx *d, struct ocsp_event *ev, struct nj_view v)
{
	struct nj_cur c = nj_cur(v), alg;
	struct nj_view oid;
	char *serial = nj_arena(d, NJ_X509_SERIAL_TEXT);

	alg = nj_cur(nj_der_take(&c, NJ_DER_SEQUENCE));
	oid = nj_der_take(&alg, NJ_DER_OID);
	if (nj_oid_find(oid))
		ev->hashAlgorithm = nj_str(nj_oid_find(oid)->long_name);
	ev->issuerNameHash = upper_hex(d, nj_der_take(&c, NJ_DER_OCTET_STRING));
	ev->issuerKeyHash = upper_hex(d, nj_der_take(&c, NJ_DER_OCTET_STRING));
	if (serial)
		ev->serialNumber = (struct nj_view){ (uint8_t *)serial,
			nj_x509_serial(
				nj_der_take(&c, NJ_DER_INTEGER), serial) };
}

/* CertStatus: [0] good, [1] revoked with a time and maybe a reason, [2]. */
static void
cert_status(struct ocsp_event *ev, struct nj_der e)
{
	unsigned number = e.tag & 0x1f, reason;
	struct nj_cur c = nj_cur(e.body), inner;
	struct nj_view v;
	int64_t at;

	ev->certStatus = number == STATUS_GOOD      ? NJ_LIT("good")
			 : number == STATUS_REVOKED ? NJ_LIT("revoked")
						    : NJ_LIT("unknown");
	if (number != STATUS_REVOKED)
		return;
	v = nj_der_take(&c, NJ_DER_GENERAL_TIME);
	if (!c.bad && nj_x509_time(NJ_DER_GENERAL_TIME, v, &at))
		nj_set(ev, ocsp, revoketime, at);
	if (!nj_der_is(&c, NJ_DER_CONTEXT_CONS))
		return;
	inner = nj_cur(nj_der_next(&c).body);
	v = nj_der_take(&inner, ENUMERATED);
	reason = v.len == 1 ? v.data[0] : NO_REASON;
	if (reason < nj_countof(reasons) && reasons[reason])
		ev->revokereason = nj_str(reasons[reason]);
}

/* SingleResponse. False for what is none. */
static bool
answer(struct nj_dctx *d, struct ocsp_event *ev, struct nj_view v)
{
	struct nj_cur c = nj_cur(v), inner;
	struct nj_view text;
	int64_t at;

	cert_id(d, ev, nj_der_take(&c, NJ_DER_SEQUENCE));
	cert_status(ev, nj_der_next(&c));
	text = nj_der_take(&c, NJ_DER_GENERAL_TIME);
	if (c.bad)
		return false;
	if (nj_x509_time(NJ_DER_GENERAL_TIME, text, &at))
		nj_set(ev, ocsp, thisUpdate, at);
	if (!nj_der_is(&c, NJ_DER_CONTEXT_CONS))
		return true;
	inner = nj_cur(nj_der_next(&c).body);
	text = nj_der_take(&inner, NJ_DER_GENERAL_TIME);
	if (!inner.bad && nj_x509_time(NJ_DER_GENERAL_TIME, text, &at))
		nj_set(ev, ocsp, nextUpdate, at);
	return true;
}

/* From OCSPResponse down to the list in ResponseData; bad where it is not an
 * answer of the basic kind. */
static struct nj_cur
answers(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	c = nj_cur(nj_der_take(&c, NJ_DER_SEQUENCE));
	(void)nj_der_take(&c, ENUMERATED);
	c = nj_cur(nj_der_take(&c, NJ_DER_CONTEXT_CONS));
	c = nj_cur(nj_der_take(&c, NJ_DER_SEQUENCE));
	(void)nj_der_take(&c, NJ_DER_OID);
	c = nj_cur(nj_der_take(&c, NJ_DER_OCTET_STRING));
	c = nj_cur(nj_der_take(&c, NJ_DER_SEQUENCE));
	c = nj_cur(nj_der_take(&c, NJ_DER_SEQUENCE));
	if (nj_der_is(&c, NJ_DER_CONTEXT_CONS)) /* version */
		(void)nj_der_next(&c);
	(void)nj_der_next(&c); /* responder: by name or by key */
	(void)nj_der_take(&c, NJ_DER_GENERAL_TIME);
	return nj_cur(nj_der_take(&c, NJ_DER_SEQUENCE));
}

void
nj_ocsp_read(
	struct nj_dctx *d, struct nj_view fuid, int64_t ts_ns, struct nj_view v)
{
	struct nj_cur c = answers(v);

	for (unsigned i = 0; nj_cur_left(&c) && i < ANSWERS_MAX; i++) {
		struct ocsp_event ev = { .id = fuid };
		struct nj_view body = nj_der_take(&c, NJ_DER_SEQUENCE);

		if (c.bad || !answer(d, &ev, body))
			return;
		(void)nj_emit_at(d, &ocsp_desc, &ev, ts_ns);
	}
}
