/*
 * x509_log.c - the x509 record of a certificate that was shown.
 */
#include "dissectors/shared/x509.h"

#include "dissectors/shared/der.h"
#include "dissectors/shared/x509_oid.h"
#include "engine/crypt/hash.h"

NJ_EVENT_DEFINE(x509, NJ_X509, NJ_EV_NO_ID | NJ_EV_ONCE,
	"A certificate that was shown, once a day");

enum {
	SAN_MAX = 256,
	SAN_ADDR_MAX = 64,
	NAME_TEXT = 2048,
	NUMBER_BYTES_MAX = 64
};

struct names {
	struct nj_view dns[SAN_MAX], uri[SAN_MAX], mail[SAN_MAX];
	struct nj_addr ip[SAN_ADDR_MAX];
	uint32_t n_dns, n_uri, n_mail, n_ip;
};

static void
names_read(struct names *n, struct nj_view san)
{
	struct nj_cur c = nj_cur(san);

	while (nj_cur_left(&c)) {
		struct nj_der e = nj_der_next(&c);

		if (c.bad)
			break;
		if (e.tag == (NJ_DER_CONTEXT | 1) && n->n_mail < SAN_MAX)
			n->mail[n->n_mail++] = e.body;
		else if (e.tag == (NJ_DER_CONTEXT | 2) && n->n_dns < SAN_MAX)
			n->dns[n->n_dns++] = e.body;
		else if (e.tag == (NJ_DER_CONTEXT | 6) && n->n_uri < SAN_MAX)
			n->uri[n->n_uri++] = e.body;
		else if (e.tag == (NJ_DER_CONTEXT | 7) &&
			 n->n_ip < SAN_ADDR_MAX && e.body.len == 4)
			n->ip[n->n_ip++] = nj_addr4(e.body.data);
		else if (e.tag == (NJ_DER_CONTEXT | 7) &&
			 n->n_ip < SAN_ADDR_MAX && e.body.len == 16)
			n->ip[n->n_ip++] = nj_addr6(e.body.data);
	}
}

static void
names_set(struct x509_event *ev, const struct names *n)
{
	if (n->n_dns)
		ev->san__dns = (struct nj_vstr){ n->dns, n->n_dns };
	if (n->n_uri)
		ev->san__uri = (struct nj_vstr){ n->uri, n->n_uri };
	if (n->n_mail)
		ev->san__email = (struct nj_vstr){ n->mail, n->n_mail };
	if (n->n_ip)
		ev->san__ip = (struct nj_vaddr){ n->ip, n->n_ip };
}

size_t
nj_x509_serial(struct nj_view v, char out[NJ_X509_SERIAL_TEXT])
{
	static const char hex[] = "0123456789ABCDEF";
	uint8_t number[NUMBER_BYTES_MAX];
	bool negative = v.len && v.data[0] & 0x80, carry = negative;
	size_t n = nj_min(v.len, (size_t)NUMBER_BYTES_MAX), used = 0, i = 0;

	for (size_t k = n; k-- > 0;) {
		number[k] =
			negative ? (uint8_t)(~v.data[k] + carry) : v.data[k];
		carry = carry && !number[k];
	}
	while (i + 1 < n && !number[i])
		i++;
	if (!n)
		number[n++] = 0;
	if (negative)
		out[used++] = '-';
	for (; i < n; i++) {
		out[used++] = hex[number[i] >> 4];
		out[used++] = hex[number[i] & 15];
	}
	return used;
}

/* A positive number in decimal, written from the end of out; empty when it is
 * longer than anything sane. */
static struct nj_view
decimal(struct nj_view v, char out[3 * NUMBER_BYTES_MAX])
{
	uint8_t number[NUMBER_BYTES_MAX];
	size_t at = 3 * NUMBER_BYTES_MAX, first = 0;

	while (v.len && !v.data[0])
		v = nj_sub(v, 1, v.len);
	if (v.len > NUMBER_BYTES_MAX)
		return (struct nj_view){ 0 };
	if (v.len)
		memcpy(number, v.data, v.len);
	do {
		unsigned rest = 0;

		for (size_t i = first; i < v.len; i++) {
			unsigned x = rest << 8 | number[i];

			number[i] = (uint8_t)(x / 10);
			rest = x % 10;
		}
		out[--at] = (char)('0' + rest);
		while (first < v.len && !number[first])
			first++;
	} while (first < v.len);
	return (struct nj_view){ (uint8_t *)out + at,
		3 * NUMBER_BYTES_MAX - at };
}

static struct nj_view
oid_text(struct nj_view oid, char dotted[NJ_OID_TEXT])
{
	const struct nj_oid_name *name = nj_oid_find(oid);

	if (name)
		return nj_str(name->long_name);
	return (struct nj_view){ (uint8_t *)dotted,
		nj_oid_dotted(oid, dotted) };
}

/* Texts that live as long as the record is being made. */
struct texts {
	char fingerprint[2 * NJ_SHA256_BYTES];
	char serial[NJ_X509_SERIAL_TEXT];
	char exponent[3 * NUMBER_BYTES_MAX];
	char key_alg[NJ_OID_TEXT], sig_alg[NJ_OID_TEXT], curve[NJ_OID_TEXT];
	char subject[NAME_TEXT], issuer[NAME_TEXT];
};

static void
key_set(struct x509_event *ev, const struct nj_x509_cert *x, struct texts *t)
{
	const struct nj_oid_name *name = nj_oid_find(x->key_oid), *curve;

	ev->certificate__key_alg = oid_text(x->key_oid, t->key_alg);
	ev->certificate__sig_alg = oid_text(x->sig_oid, t->sig_alg);
	if (x->key_bits)
		nj_set(ev, x509, certificate__key_length, x->key_bits);
	switch (x->key) {
	case NJ_X509_KEY_RSA:
		ev->certificate__key_type = NJ_LIT("rsa");
		ev->certificate__exponent = decimal(x->exponent, t->exponent);
		break;
	case NJ_X509_KEY_DSA:
		ev->certificate__key_type = NJ_LIT("dsa");
		break;
	case NJ_X509_KEY_EC:
		ev->certificate__key_type = NJ_LIT("ecdsa");
		curve = nj_oid_find(x->curve_oid);
		if (curve)
			ev->certificate__curve = nj_str(curve->short_name);
		else if (x->curve_oid.len)
			ev->certificate__curve =
				oid_text(x->curve_oid, t->curve);
		break;
	case NJ_X509_KEY_OTHER:
		if (name && x->key_bits)
			ev->certificate__key_type = nj_str(name->long_name);
		break;
	}
}

static void
cert_set(struct x509_event *ev, const struct nj_x509_cert *x, struct texts *t)
{
	ev->certificate__version = x->version;
	ev->certificate__serial = (struct nj_view){ (uint8_t *)t->serial,
		nj_x509_serial(x->serial, t->serial) };
	ev->certificate__subject = (struct nj_view){ (uint8_t *)t->subject,
		nj_x509_name(x->subject, t->subject, sizeof(t->subject)) };
	ev->certificate__issuer = (struct nj_view){ (uint8_t *)t->issuer,
		nj_x509_name(x->issuer, t->issuer, sizeof(t->issuer)) };
	if (x->has_before)
		nj_set(ev, x509, certificate__not_valid_before,
			x->not_before_s);
	if (x->has_after)
		nj_set(ev, x509, certificate__not_valid_after, x->not_after_s);
	if (x->has_constraints)
		nj_set(ev, x509, basic_constraints__ca, x->is_ca);
	if (x->has_path_len)
		nj_set(ev, x509, basic_constraints__path_len, x->path_len);
}

bool
nj_x509_emit(struct nj_dctx *d, struct nj_view der, unsigned shown_by,
	uint8_t out_sha256[NJ_SHA256_BYTES])
{
	struct x509_event ev = { 0 };
	struct nj_x509_cert cert;
	struct names names;
	struct texts texts;

	nj_sha256(der, out_sha256);
	if (!nj_x509_parse(&cert, der))
		return false;
	nj_hex((struct nj_view){ out_sha256, NJ_SHA256_BYTES },
		texts.fingerprint);
	ev.fingerprint = (struct nj_view){ (uint8_t *)texts.fingerprint,
		sizeof(texts.fingerprint) };
	cert_set(&ev, &cert, &texts);
	key_set(&ev, &cert, &texts);
	names.n_dns = names.n_uri = names.n_mail = names.n_ip = 0;
	names_read(&names, cert.san);
	names_set(&ev, &names);
	ev.host_cert = shown_by & NJ_X509_HOST;
	ev.client_cert = shown_by & NJ_X509_CLIENT;
	ev.self_signed = nj_x509_is_self_signed(&cert);
	if (cert.has_before)
		nj_set(&ev, x509, age_days,
			nj_x509_days(
				cert.not_before_s, nj_now(d) / NJ_NS_PER_S));
	(void)nj_emit(d, &x509_desc, &ev);
	return true;
}
