/*
 * x509_name.c - names in certificates as text (RFC 2253, in the flavour that
 * OpenSSL and so Zeek print), and whether a certificate is for a host.
 */
#include "dissectors/shared/x509.h"

#include "dissectors/shared/der.h"
#include "dissectors/shared/x509_oid.h"

enum { PARTS_MAX = 64 };

struct text {
	char *out;
	size_t len, cap;
};

static void
put(struct text *t, const char *s, size_t n)
{
	n = nj_min(n, t->cap - t->len);
	memcpy(t->out + t->len, s, n);
	t->len += n;
}

static void
put_hex(struct text *t, const char *before, uint8_t byte)
{
	static const char digits[] = "0123456789ABCDEF";
	char hex[2] = { digits[byte >> 4], digits[byte & 15] };

	put(t, before, strlen(before));
	put(t, hex, 2);
}

/* first, last: of the value, where blanks and '#' need a backslash. */
static void
put_byte(struct text *t, uint8_t ch, bool first, bool last)
{
	char plain = (char)ch;

	if (ch < 0x20 || ch >= 0x7f) {
		put_hex(t, "\\", ch);
		return;
	}
	if (strchr(",+\"\\<>;", ch) || (ch == ' ' && (first || last)) ||
		(ch == '#' && first))
		put(t, "\\", 1);
	put(t, &plain, 1);
}

static void
put_utf8(struct text *t, uint32_t ch, bool first, bool last)
{
	if (ch < 0x80) {
		put_byte(t, (uint8_t)ch, first, last);
	} else if (ch < 0x800) {
		put_hex(t, "\\", (uint8_t)(0xc0 | ch >> 6));
		put_hex(t, "\\", (uint8_t)(0x80 | (ch & 0x3f)));
	} else if (ch < 0x10000) {
		put_hex(t, "\\", (uint8_t)(0xe0 | ch >> 12));
		put_hex(t, "\\", (uint8_t)(0x80 | (ch >> 6 & 0x3f)));
		put_hex(t, "\\", (uint8_t)(0x80 | (ch & 0x3f)));
	} else {
		put_hex(t, "\\", (uint8_t)(0xf0 | (ch >> 18 & 7)));
		put_hex(t, "\\", (uint8_t)(0x80 | (ch >> 12 & 0x3f)));
		put_hex(t, "\\", (uint8_t)(0x80 | (ch >> 6 & 0x3f)));
		put_hex(t, "\\", (uint8_t)(0x80 | (ch & 0x3f)));
	}
}

/* Bytes per character of a string type; 0: UTF-8 as it is, -1: no string. */
static int
string_width(uint8_t tag)
{
	switch (tag) {
	case NJ_DER_UTF8:
		return 0;
	case NJ_DER_NUMERIC:
	case NJ_DER_PRINTABLE:
	case NJ_DER_T61: /* in truth Latin-1, whatever T.61 says */
	case NJ_DER_IA5:
	case NJ_DER_VISIBLE:
		return 1;
	case NJ_DER_BMP:
		return 2;
	case NJ_DER_UNIVERSAL:
		return 4;
	default:
		return -1;
	}
}

static void
put_value(struct text *t, const struct nj_der *e, bool known)
{
	int width = known ? string_width(e->tag) : -1;
	struct nj_view v = e->body;

	if (width < 0) {
		put(t, "#", 1);
		for (size_t i = 0; i < e->whole.len && t->len < t->cap; i++)
			put_hex(t, "", e->whole.data[i]);
		return;
	}
	for (size_t i = 0; i < v.len && t->len < t->cap;) {
		size_t step = width ? (size_t)width : 1;
		uint32_t ch = 0;
		bool last = i + step >= v.len;

		for (size_t k = i; k < i + step && k < v.len; k++)
			ch = ch << 8 | v.data[k];
		if (width)
			put_utf8(t, ch, !i, last);
		else
			put_byte(t, (uint8_t)ch, !i, last);
		i += step;
	}
}

static void
put_attribute(struct text *t, struct nj_view attribute)
{
	struct nj_cur c = nj_cur(attribute);
	struct nj_view oid = nj_der_take(&c, NJ_DER_OID);
	struct nj_der value = nj_der_next(&c);
	const struct nj_oid_name *name = nj_oid_find(oid);
	char dotted[NJ_OID_TEXT];

	if (c.bad)
		return;
	if (name)
		put(t, name->short_name, strlen(name->short_name));
	else
		put(t, dotted, nj_oid_dotted(oid, dotted));
	put(t, "=", 1);
	put_value(t, &value, name != NULL);
}

/* The parts of a name, or the attributes of a part, in order. */
static size_t
elements(struct nj_view v, uint8_t tag, struct nj_view out[PARTS_MAX])
{
	struct nj_cur c = nj_cur(v);
	size_t n = 0;

	while (nj_cur_left(&c) && n < PARTS_MAX) {
		out[n] = nj_der_take(&c, tag);
		if (c.bad)
			break;
		n++;
	}
	return n;
}

size_t
nj_x509_name(struct nj_view name, char *out, size_t cap)
{
	struct nj_view parts[PARTS_MAX], attributes[PARTS_MAX];
	struct text t = { .cap = cap };
	size_t n = elements(name, NJ_DER_SET, parts);

	t.out = out;
	for (size_t i = n; i-- > 0;) {
		size_t m = elements(parts[i], NJ_DER_SEQUENCE, attributes);

		for (size_t k = m; k-- > 0;) {
			if (t.len)
				put(&t, k + 1 < m ? "+" : ",", 1);
			put_attribute(&t, attributes[k]);
		}
	}
	return t.len;
}

/* The last, most special CN of a name. */
static struct nj_view
common_name(struct nj_view name)
{
	struct nj_view parts[PARTS_MAX], attributes[PARTS_MAX];
	size_t n = elements(name, NJ_DER_SET, parts);
	struct nj_view cn = { 0 };

	for (size_t i = 0; i < n; i++) {
		size_t m = elements(parts[i], NJ_DER_SEQUENCE, attributes);

		for (size_t k = 0; k < m; k++) {
			struct nj_cur c = nj_cur(attributes[k]);
			struct nj_view oid = nj_der_take(&c, NJ_DER_OID);
			struct nj_der value = nj_der_next(&c);

			if (!c.bad && nj_view_eq(oid, NJ_LIT("\x55\x04\x03")))
				cn = value.body;
		}
	}
	return cn;
}

static bool
name_matches(struct nj_view name, struct nj_view host)
{
	size_t star = nj_view_chr(name, '*'), dot = nj_view_chr(name, '.');
	size_t host_dot = nj_view_chr(host, '.');
	struct nj_view name_rest, host_rest;

	if (star == SIZE_MAX)
		return name.len && nj_view_caseeq(name, host);
	/* The star ends the first label, and two labels follow. */
	if (dot == SIZE_MAX || host_dot == SIZE_MAX || star + 1 != dot)
		return false;
	name_rest = nj_sub(name, dot + 1, name.len);
	host_rest = nj_sub(host, host_dot + 1, host.len);
	return nj_view_chr(name_rest, '.') != SIZE_MAX && host_dot > star &&
	       nj_view_chr(name_rest, '*') == SIZE_MAX &&
	       nj_view_casestarts(host, nj_sub(name, 0, star)) &&
	       nj_view_caseeq(name_rest, host_rest);
}

static bool
address_matches(struct nj_view bytes, struct nj_view host)
{
	char text[NJ_ADDR_TEXT];
	struct nj_addr a;

	if (host.len >= sizeof(text))
		return false;
	memcpy(text, host.data, host.len);
	text[host.len] = 0;
	return nj_addr_parse(&a, text) &&
	       bytes.len == (a.family == 4 ? 4u : 16u) &&
	       !memcmp(bytes.data, a.bytes, bytes.len);
}

bool
nj_x509_is_for(const struct nj_x509_cert *cert, struct nj_view host)
{
	struct nj_cur c = nj_cur(cert->san);
	bool any = false;

	if (host.len && host.data[host.len - 1] == '.')
		host.len--;
	if (!host.len)
		return false;
	while (nj_cur_left(&c)) {
		struct nj_der e = nj_der_next(&c);

		if (c.bad)
			break;
		if (e.tag == (NJ_DER_CONTEXT | 2)) {
			any = true;
			if (name_matches(e.body, host))
				return true;
		} else if (e.tag == (NJ_DER_CONTEXT | 7)) {
			any = true;
			if (address_matches(e.body, host))
				return true;
		}
	}
	/* RFC 2818: the common name counts only without any of these. */
	return !any && name_matches(common_name(cert->subject), host);
}
