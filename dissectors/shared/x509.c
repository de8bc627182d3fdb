/*
 * x509.c - where the parts of a certificate lie (RFC 5280). Own code rather
 * than a library's, because certificates are read at line rate from hostile
 * hands: it neither allocates nor recurses.
 */
#include "dissectors/shared/x509.h"

#include "dissectors/shared/der.h"
#include "dissectors/shared/x509_oid.h"

static struct nj_view
algorithm(struct nj_cur *c, struct nj_view *params)
{
	struct nj_cur in = nj_cur(nj_der_take(c, NJ_DER_SEQUENCE));
	struct nj_view oid = nj_der_take(&in, NJ_DER_OID);

	if (params)
		*params = nj_cur_rest(&in);
	c->bad |= in.bad;
	return oid;
}

/* n digits from text at *at. */
static unsigned
digits(struct nj_view text, size_t *at, size_t n, bool *bad)
{
	unsigned x = 0;

	for (; n; n--, ++*at) {
		if (*at >= text.len || text.data[*at] < '0' ||
			text.data[*at] > '9') {
			*bad = true;
			return 0;
		}
		x = x * 10 + (text.data[*at] - '0');
	}
	return x;
}

/* Days from 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t
days_from_civil(int64_t y, unsigned m, unsigned d)
{
	int64_t era;
	unsigned yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (unsigned)(y - era * 400);
	doy = (153 * (m + (m > 2 ? -3u : 9u)) + 2) / 5 + d - 1;
	return era * 146097 + (int64_t)(yoe * 365 + yoe / 4 - yoe / 100 + doy) -
	       719468;
}

/* What stands after the minutes: seconds, fraction, zone. */
static int64_t
time_tail(struct nj_view text, size_t at, bool *bad)
{
	int64_t s = 0, zone;
	char ch;

	if (at < text.len && text.data[at] >= '0' && text.data[at] <= '9')
		s = digits(text, &at, 2, bad);
	if (at < text.len && text.data[at] == '.')
		for (at++; at < text.len && text.data[at] >= '0' &&
			   text.data[at] <= '9';)
			at++;
	if (at >= text.len || text.data[at] == 'Z')
		return s;
	ch = (char)text.data[at++];
	zone = digits(text, &at, 2, bad) * 3600;
	zone += digits(text, &at, 2, bad) * 60;
	*bad |= ch != '+' && ch != '-';
	return ch == '+' ? s - zone : s + zone;
}

bool
nj_x509_time(uint8_t tag, struct nj_view text, int64_t *out_s)
{
	size_t at = 0;
	bool bad = false;
	int64_t year;
	unsigned month, day, hour, minute;

	if (tag == NJ_DER_UTC_TIME) {
		year = digits(text, &at, 2, &bad);
		year += year < 50 ? 2000 : 1900;
	} else if (tag == NJ_DER_GENERAL_TIME) {
		year = digits(text, &at, 4, &bad);
	} else {
		return false;
	}
	month = digits(text, &at, 2, &bad);
	day = digits(text, &at, 2, &bad);
	hour = digits(text, &at, 2, &bad);
	minute = digits(text, &at, 2, &bad);
	if (bad || !month || month > 12 || !day || day > 31 || hour > 23 ||
		minute > 59)
		return false;
	*out_s = days_from_civil(year, month, day) * 86400 + hour * 3600 +
		 minute * 60 + time_tail(text, at, &bad);
	return !bad;
}

static uint32_t
bit_length(struct nj_view number)
{
	while (number.len && !number.data[0])
		number = nj_sub(number, 1, number.len);
	if (!number.len)
		return 0;
	return (uint32_t)(number.len * 8 -
			  (unsigned)__builtin_clz(number.data[0]) + 24);
}

static uint32_t
curve_bits(const char *name)
{
	static const char *const at[] = { "secp", "sect", "prime",
		"brainpoolP" };
	uint32_t bits = 0;

	for (size_t i = 0; i < nj_countof(at); i++) {
		size_t n = strlen(at[i]);

		if (strncmp(name, at[i], n) != 0)
			continue;
		for (name += n; *name >= '0' && *name <= '9'; name++)
			bits = bits * 10 + (uint32_t)(*name - '0');
		break;
	}
	return bits;
}

/* The key proper: key is the BIT STRING without its count of unused bits. */
static void
key_parse(struct nj_x509_cert *x, struct nj_view params, struct nj_view key)
{
	struct nj_cur p = nj_cur(params), k = nj_cur(key);
	const struct nj_oid_name *alg = nj_oid_find(x->key_oid), *curve;

	if (!alg)
		return;
	if (!strcmp(alg->short_name, "rsaEncryption") ||
		!strcmp(alg->short_name, "RSASSA-PSS")) {
		struct nj_cur in = nj_cur(nj_der_take(&k, NJ_DER_SEQUENCE));
		struct nj_view modulus = nj_der_take(&in, NJ_DER_INTEGER);
		struct nj_view exponent = nj_der_take(&in, NJ_DER_INTEGER);

		if (in.bad || k.bad)
			return;
		x->key = NJ_X509_KEY_RSA;
		x->key_bits = bit_length(modulus);
		x->exponent = exponent;
	} else if (!strcmp(alg->short_name, "id-ecPublicKey")) {
		x->key = NJ_X509_KEY_EC;
		x->curve_oid = nj_der_take(&p, NJ_DER_OID);
		curve = p.bad ? NULL : nj_oid_find(x->curve_oid);
		x->key_bits = curve ? curve_bits(curve->short_name) : 0;
	} else if (!strcmp(alg->short_name, "DSA")) {
		struct nj_cur in = nj_cur(nj_der_take(&p, NJ_DER_SEQUENCE));

		x->key = NJ_X509_KEY_DSA;
		x->key_bits = bit_length(nj_der_take(&in, NJ_DER_INTEGER));
	} else if (!strcmp(alg->short_name, "ED25519")) {
		x->key_bits = 253; /* of the group's order, as others say */
	} else if (!strcmp(alg->short_name, "ED448")) {
		x->key_bits = 456;
	} else if (!strncmp(alg->short_name, "id-ml-dsa", 9) ||
		   !strncmp(alg->short_name, "id-slh-dsa", 10)) {
		x->key_bits = (uint32_t)key.len * 8;
	}
}

static void
constraints_parse(struct nj_x509_cert *x, struct nj_view value)
{
	struct nj_cur c = nj_cur(value), in;

	in = nj_cur(nj_der_take(&c, NJ_DER_SEQUENCE));
	if (c.bad)
		return;
	x->has_constraints = true;
	if (nj_der_is(&in, NJ_DER_BOOLEAN)) {
		struct nj_view ca = nj_der_take(&in, NJ_DER_BOOLEAN);

		x->is_ca = ca.len == 1 && ca.data[0];
	}
	if (nj_der_is(&in, NJ_DER_INTEGER)) {
		struct nj_view n = nj_der_take(&in, NJ_DER_INTEGER);

		x->has_path_len = n.len && n.len <= 8;
		for (size_t i = 0; x->has_path_len && i < n.len; i++)
			x->path_len = x->path_len << 8 | n.data[i];
	}
}

static void
extensions_parse(struct nj_x509_cert *x, struct nj_view all)
{
	struct nj_cur outer = nj_cur(all);
	struct nj_cur c = nj_cur(nj_der_take(&outer, NJ_DER_SEQUENCE));

	while (nj_cur_left(&c)) {
		struct nj_cur e = nj_cur(nj_der_take(&c, NJ_DER_SEQUENCE));
		struct nj_view oid = nj_der_take(&e, NJ_DER_OID), value;

		if (nj_der_is(&e, NJ_DER_BOOLEAN))
			(void)nj_der_next(&e);
		value = nj_der_take(&e, NJ_DER_OCTET_STRING);
		if (e.bad)
			continue;
		if (nj_view_eq(oid, NJ_LIT("\x55\x1d\x13"))) {
			constraints_parse(x, value);
		} else if (nj_view_eq(oid, NJ_LIT("\x55\x1d\x11"))) {
			struct nj_cur san = nj_cur(value);

			x->san = nj_der_take(&san, NJ_DER_SEQUENCE);
		}
	}
}

static void
validity_parse(struct nj_x509_cert *x, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_der before = nj_der_next(&c), after = nj_der_next(&c);

	x->has_before = nj_x509_time(before.tag, before.body, &x->not_before_s);
	x->has_after = nj_x509_time(after.tag, after.body, &x->not_after_s);
}

/* Everything after the validity. */
static void
subject_parse(struct nj_x509_cert *x, struct nj_cur *tbs)
{
	struct nj_view params, key;
	struct nj_cur spki;

	x->subject = nj_der_take(tbs, NJ_DER_SEQUENCE);
	spki = nj_cur(nj_der_take(tbs, NJ_DER_SEQUENCE));
	x->key_oid = algorithm(&spki, &params);
	key = nj_der_take(&spki, NJ_DER_BIT_STRING);
	tbs->bad |= spki.bad;
	if (tbs->bad)
		return;
	key_parse(x, params, nj_sub(key, 1, key.len));
	while (nj_cur_left(tbs)) {
		struct nj_der e = nj_der_next(tbs);

		if (e.tag == (NJ_DER_CONTEXT_CONS | 3))
			extensions_parse(x, e.body);
	}
}

bool
nj_x509_parse(struct nj_x509_cert *out, struct nj_view der)
{
	struct nj_cur file = nj_cur(der), cert, tbs;

	*out = (struct nj_x509_cert){ .version = 1 };
	cert = nj_cur(nj_der_take(&file, NJ_DER_SEQUENCE));
	tbs = nj_cur(nj_der_take(&cert, NJ_DER_SEQUENCE));
	if (nj_der_is(&tbs, NJ_DER_CONTEXT_CONS)) {
		struct nj_cur v = nj_cur(nj_der_next(&tbs).body);
		struct nj_view n = nj_der_take(&v, NJ_DER_INTEGER);

		out->version = n.len == 1 ? (uint8_t)(n.data[0] + 1) : 0;
	}
	out->serial = nj_der_take(&tbs, NJ_DER_INTEGER);
	out->sig_oid = algorithm(&tbs, NULL);
	out->issuer = nj_der_take(&tbs, NJ_DER_SEQUENCE);
	validity_parse(out, nj_der_take(&tbs, NJ_DER_SEQUENCE));
	subject_parse(out, &tbs);
	return !file.bad && !cert.bad && !tbs.bad;
}

bool
nj_x509_is_self_signed(const struct nj_x509_cert *cert)
{
	return cert->subject.len && nj_view_eq(cert->subject, cert->issuer);
}

int32_t
nj_x509_days(int64_t from_s, int64_t to_s)
{
	enum { DAY_S = 24 * 3600 };
	int64_t days;

	/* A certificate may name any year; rounded down also below 0. */
	if (__builtin_sub_overflow(to_s, from_s, &days))
		return to_s < from_s ? INT32_MIN : INT32_MAX;
	days = days / DAY_S - (days % DAY_S < 0);
	return (int32_t)nj_max(
		nj_min(days, (int64_t)INT32_MAX), (int64_t)INT32_MIN);
}
