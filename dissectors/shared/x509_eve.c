/*
 * x509_eve.c - a certificate as EVE's tls events tell it: names in the order
 * in which they stand there, "C=US, O=Example, CN=www.example.org".
 */
#include "dissectors/shared/x509_eve.h"

#include "dissectors/shared/der.h"
#include "dissectors/shared/x509.h"
#include "dissectors/shared/x509_oid.h"
#include "engine/base/date.h"
#include "engine/crypt/hash.h"

enum { NAME_BYTES = 2048, SAN_DNS = 0x82, SAN_IP = 0x87 };

struct text {
	uint8_t at[NAME_BYTES];
	size_t len;
};

static void
put(struct text *t, struct nj_view v)
{
	size_t n = nj_min(v.len, sizeof(t->at) - t->len);

	if (n)
		memcpy(t->at + t->len, v.data, n);
	t->len += n;
}

/* Two bytes a character (UCS-2) as UTF-8. */
static void
put_bmp(struct text *t, struct nj_view v)
{
	for (size_t i = 0; i + 1 < v.len; i += 2) {
		unsigned ch = (unsigned)v.data[i] << 8 | v.data[i + 1];
		uint8_t utf8[3] = { (uint8_t)(0xe0 | ch >> 12),
			(uint8_t)(0x80 | (ch >> 6 & 0x3f)),
			(uint8_t)(0x80 | (ch & 0x3f)) };

		if (ch < 0x80) {
			utf8[0] = (uint8_t)ch;
			put(t, (struct nj_view){ utf8, 1 });
		} else if (ch < 0x800) {
			utf8[1] = (uint8_t)(0xc0 | ch >> 6);
			put(t, (struct nj_view){ utf8 + 1, 2 });
		} else {
			put(t, (struct nj_view){ utf8, 3 });
		}
	}
}

static void
put_attribute(struct text *t, struct nj_view attribute)
{
	struct nj_cur c = nj_cur(attribute);
	struct nj_view oid = nj_der_take(&c, NJ_DER_OID);
	struct nj_der value = nj_der_next(&c);
	const struct nj_oid_name *known = nj_oid_find(oid);
	struct nj_view name = nj_str(known ? known->short_name : NULL);
	char dotted[NJ_OID_TEXT];

	if (c.bad)
		return;
	if (!known)
		name = (struct nj_view){ (uint8_t *)dotted,
			nj_oid_dotted(oid, dotted) };
	else if (nj_view_eq(name, NJ_LIT("emailAddress")))
		name = NJ_LIT("Email");
	if (t->len)
		put(t, NJ_LIT(", "));
	put(t, name);
	put(t, NJ_LIT("="));
	if (value.tag == NJ_DER_BMP)
		put_bmp(t, value.body);
	else
		put(t, value.body);
}

static void
put_name(struct nj_json *j, const char *key, struct nj_view name)
{
	struct nj_cur parts = nj_cur(name);
	struct text t;

	t.len = 0;
	while (nj_cur_left(&parts)) {
		struct nj_cur part = nj_cur(nj_der_take(&parts, NJ_DER_SET));

		while (nj_cur_left(&part))
			put_attribute(&t, nj_der_take(&part, NJ_DER_SEQUENCE));
	}
	nj_json_str(j, key, (struct nj_view){ t.at, t.len });
}

static void
put_time(struct nj_json *j, const char *key, int64_t s)
{
	char text[NJ_DATE_TEXT];

	(void)nj_date_text(s, text);
	nj_json_text(j, key, text);
}

static void
put_serial(struct nj_json *j, struct nj_view serial)
{
	static const char digits[] = "0123456789ABCDEF";
	char text[3 * 64];
	size_t n = nj_min(serial.len, (size_t)64);

	for (size_t i = 0; i < n; i++) {
		text[3 * i] = digits[serial.data[i] >> 4];
		text[3 * i + 1] = digits[serial.data[i] & 15];
		text[3 * i + 2] = ':';
	}
	if (n)
		nj_json_str(j, "serial",
			(struct nj_view){ (uint8_t *)text, 3 * n - 1 });
}

static void
put_alt_names(struct nj_json *j, struct nj_view san)
{
	struct nj_cur c = nj_cur(san);
	struct nj_addr addr;

	if (!san.len)
		return;
	nj_json_arr(j, "subjectaltname");
	while (nj_cur_left(&c)) {
		struct nj_der e = nj_der_next(&c);

		if (c.bad)
			break;
		if (e.tag == SAN_DNS) {
			nj_json_str(j, NULL, e.body);
		} else if (e.tag == SAN_IP &&
			   (e.body.len == 4 || e.body.len == 16)) {
			addr = e.body.len == 4 ? nj_addr4(e.body.data)
					       : nj_addr6(e.body.data);
			nj_json_addr_full(j, NULL, &addr);
		}
		if (!nj_json_keep(j))
			break;
	}
	nj_json_end(j);
}

void
nj_x509_eve(struct nj_json *j, struct nj_view der)
{
	struct nj_x509_cert cert;
	uint8_t sha1[NJ_SHA1_BYTES];

	if (!der.len || !nj_x509_parse(&cert, der))
		return;
	nj_sha1(der, sha1);
	put_name(j, "subject", cert.subject);
	put_name(j, "issuerdn", cert.issuer);
	put_serial(j, cert.serial);
	nj_json_hex(
		j, "fingerprint", (struct nj_view){ sha1, sizeof(sha1) }, ':');
	if (cert.has_before)
		put_time(j, "notbefore", cert.not_before_s);
	if (cert.has_after)
		put_time(j, "notafter", cert.not_after_s);
	(void)nj_json_keep(j);
	put_alt_names(j, cert.san);
}
