/*
 * ldap_filter.c - search filters as text (RFC 4515). A filter is a tree that
 * a stranger made: it is walked with a stack of our own, and what lies deeper
 * than that is shown as (?).
 */
#include <stdio.h>

#include "dissectors/shared/ldap.h"

enum { DEPTH_MAX = 64, SUBSTRINGS_MAX = 64, SID_PARTS = 15 };

enum {
	AND = 0xa0,
	OR = 0xa1,
	NOT = 0xa2,
	EQUAL = 0xa3,
	SUBSTRINGS = 0xa4,
	AT_LEAST = 0xa5,
	AT_MOST = 0xa6,
	PRESENT = 0x87,
	ALIKE = 0xa8,
	EXTENSIBLE = 0xa9
};

/* ---- Text ---- */

static void
add_bytes(struct nj_ldap_text *t, const void *p, size_t n)
{
	n = nj_min(n, t->cap - t->len);
	if (n)
		memcpy(t->data + t->len, p, n);
	t->len += n;
}

void
nj_ldap_add_bytes(struct nj_ldap_text *t, struct nj_view v)
{
	add_bytes(t, v.data, v.len);
}

void
nj_ldap_add(struct nj_ldap_text *t, const char *s)
{
	add_bytes(t, s, strlen(s));
}

struct nj_view
nj_ldap_text(const struct nj_ldap_text *t)
{
	return (struct nj_view){ t->data, t->len };
}

/* How many bytes of v are one character beyond ASCII in good UTF-8; 0: none. */
static size_t
utf8_length(struct nj_view v)
{
	uint8_t first = v.len ? v.data[0] : 0;
	size_t n = first >= 0xf0 && first < 0xf5   ? 4
		   : first >= 0xe0 && first < 0xf0 ? 3
		   : first >= 0xc2 && first < 0xe0 ? 2
						   : 0;

	if (!n || n > v.len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((v.data[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static void
add_escaped(struct nj_ldap_text *t, uint8_t byte)
{
	char text[4];

	(void)snprintf(text, sizeof(text), "\\%02x", byte);
	nj_ldap_add(t, text);
}

void
nj_ldap_add_value(struct nj_ldap_text *t, struct nj_view v)
{
	while (v.len && t->len < t->cap) {
		uint8_t byte = v.data[0];
		size_t n = 1;

		if (byte >= 0x80)
			n = utf8_length(v);
		if (!n || byte < 0x20 || byte == 0x7f ||
			strchr("*()\\", byte) != NULL)
			add_escaped(t, byte);
		else
			add_bytes(t, v.data, n);
		v = nj_sub(v, n ? n : 1, v.len);
	}
}

static void
add_guid(struct nj_ldap_text *t, const uint8_t *b)
{
	char text[40];

	(void)snprintf(text, sizeof(text),
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		"%02x%02x%02x%02x%02x%02x",
		b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9],
		b[10], b[11], b[12], b[13], b[14], b[15]);
	nj_ldap_add(t, text);
}

/* A security identifier (MS-DTYP 2.4.2). */
static bool
add_sid(struct nj_ldap_text *t, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t revision = nj_cur_u8(&c), count = nj_cur_u8(&c);
	uint64_t authority = (uint64_t)nj_cur_u16(&c) << 32 | nj_cur_u32(&c);
	char text[40];

	if (c.bad || revision != 1 || count > SID_PARTS ||
		nj_cur_left(&c) != 4u * count)
		return false;
	(void)snprintf(
		text, sizeof(text), "S-1-%llu", (unsigned long long)authority);
	nj_ldap_add(t, text);
	for (unsigned i = 0; i < count; i++) {
		(void)snprintf(text, sizeof(text), "-%u", nj_cur_le32(&c));
		nj_ldap_add(t, text);
	}
	return true;
}

static void
add_hex(struct nj_ldap_text *t, struct nj_view v)
{
	char text[4];

	for (size_t i = 0; i < v.len && t->len < t->cap; i++) {
		(void)snprintf(
			text, sizeof(text), "%s%02x", i ? ":" : "", v.data[i]);
		nj_ldap_add(t, text);
	}
}

void
nj_ldap_add_typed(
	struct nj_ldap_text *t, struct nj_view attribute, struct nj_view v)
{
	char text[16];

	if (nj_view_caseeq(attribute, NJ_LIT("DomainGuid")) && v.len == 16) {
		add_guid(t, v.data);
	} else if (nj_view_caseeq(attribute, NJ_LIT("DomainSid"))) {
		if (!add_sid(t, v))
			add_hex(t, v);
	} else if (nj_view_caseeq(attribute, NJ_LIT("objectSid")) ||
		   nj_view_caseeq(attribute, NJ_LIT("AAC"))) {
		add_hex(t, v);
	} else if (nj_view_caseeq(attribute, NJ_LIT("NtVer")) && v.len == 4) {
		struct nj_cur c = nj_cur(v);

		(void)snprintf(text, sizeof(text), "0x%08x", nj_cur_le32(&c));
		nj_ldap_add(t, text);
	} else {
		nj_ldap_add_value(t, v);
	}
}

/* ---- Leaves ---- */

static void
add_assertion(struct nj_ldap_text *t, struct nj_view body, const char *op)
{
	struct nj_cur c = nj_cur(body);
	struct nj_view name = nj_ber_take(&c, NJ_DER_OCTET_STRING);
	struct nj_view value = nj_ber_take(&c, NJ_DER_OCTET_STRING);

	nj_ldap_add(t, "(");
	nj_ldap_add_value(t, name);
	nj_ldap_add(t, op);
	nj_ldap_add_typed(t, name, value);
	nj_ldap_add(t, ")");
}

static void
add_substrings(struct nj_ldap_text *t, struct nj_view body)
{
	struct nj_cur c = nj_cur(body);
	struct nj_view name = nj_ber_take(&c, NJ_DER_OCTET_STRING);
	struct nj_cur list = nj_cur(nj_ber_take(&c, NJ_DER_SEQUENCE));
	uint8_t last = 0;

	nj_ldap_add(t, "(");
	nj_ldap_add_value(t, name);
	nj_ldap_add(t, "=");
	for (unsigned i = 0; i < SUBSTRINGS_MAX && nj_cur_left(&list); i++) {
		struct nj_der e = nj_ber_next(&list);

		if (list.bad)
			break;
		last = e.tag;
		if (e.tag != NJ_DER_CONTEXT) /* not the beginning */
			nj_ldap_add(t, "*");
		nj_ldap_add_value(t, e.body);
	}
	nj_ldap_add(t, last == (NJ_DER_CONTEXT | 2) ? ")" : "*)");
}

static void
add_extensible(struct nj_ldap_text *t, struct nj_view body)
{
	struct nj_cur c = nj_cur(body);
	struct nj_view rule = nj_ber_option(&c, NJ_DER_CONTEXT | 1);
	struct nj_view name = nj_ber_option(&c, NJ_DER_CONTEXT | 2);
	struct nj_view value = nj_ber_option(&c, NJ_DER_CONTEXT | 3);
	struct nj_view dn = nj_ber_option(&c, NJ_DER_CONTEXT | 4);

	nj_ldap_add(t, "(");
	nj_ldap_add_value(t, name);
	if (dn.len && dn.data[0])
		nj_ldap_add(t, ":dn");
	if (rule.data) {
		nj_ldap_add(t, ":");
		nj_ldap_add_value(t, rule);
	}
	nj_ldap_add(t, ":=");
	nj_ldap_add_typed(t, name, value);
	nj_ldap_add(t, ")");
}

static void
add_leaf(struct nj_ldap_text *t, const struct nj_der *e)
{
	switch (e->tag) {
	case EQUAL:
		add_assertion(t, e->body, "=");
		break;
	case AT_LEAST:
		add_assertion(t, e->body, ">=");
		break;
	case AT_MOST:
		add_assertion(t, e->body, "<=");
		break;
	case ALIKE:
		add_assertion(t, e->body, "~=");
		break;
	case SUBSTRINGS:
		add_substrings(t, e->body);
		break;
	case PRESENT:
		nj_ldap_add(t, "(");
		nj_ldap_add_value(t, e->body);
		nj_ldap_add(t, "=*)");
		break;
	case EXTENSIBLE:
		add_extensible(t, e->body);
		break;
	default:
		nj_ldap_add(t, "(?)");
		break;
	}
}

/* ---- The tree ---- */

struct level {
	struct nj_cur c;
	unsigned count, seen;
};

static unsigned
count_of(struct nj_view body)
{
	struct nj_cur c = nj_cur(body);
	unsigned n = 0;

	while (nj_cur_left(&c)) {
		(void)nj_ber_next(&c);
		if (!c.bad)
			n++;
	}
	return n;
}

/* Opens what joins others: of n that are joined, n - 1 pairs. */
static void
open_level(struct nj_ldap_text *t, struct level *l, const struct nj_der *e)
{
	const char *op = e->tag == AND ? "(&" : e->tag == OR ? "(|" : "(!";

	*l = (struct level){ .c = nj_cur(e->body) };
	l->count = count_of(e->body);
	if (e->tag == NOT)
		l->count = nj_min(l->count, 1u);
	nj_ldap_add(t, op);
	for (unsigned i = 2; i < l->count && t->len < t->cap; i++)
		nj_ldap_add(t, op);
	if (!l->count)
		nj_ldap_add(t, ")");
}

static void
close_child(struct nj_ldap_text *t, struct level *l)
{
	l->seen++;
	if (l->seen > 1 || l->count == 1)
		nj_ldap_add(t, ")");
}

void
nj_ldap_filter(struct nj_ldap_text *t, struct nj_view filter)
{
	struct level levels[DEPTH_MAX];
	unsigned depth = 1;

	levels[0] = (struct level){ .c = nj_cur(filter), .count = 2 };
	while (depth && t->len < t->cap) {
		struct level *l = &levels[depth - 1];
		struct nj_der e;
		bool last = l->seen == (depth > 1 ? l->count : 1u);

		if (last) {
			depth--;
			if (depth > 1)
				close_child(t, &levels[depth - 1]);
			continue;
		}
		e = nj_ber_next(&l->c);
		if (l->c.bad)
			break;
		if (e.tag < AND || e.tag > NOT || depth == DEPTH_MAX) {
			if (e.tag >= AND && e.tag <= NOT)
				e.tag = 0;
			add_leaf(t, &e);
			if (depth > 1)
				close_child(t, l);
			else
				l->seen++;
			continue;
		}
		if (depth == 1)
			l->seen++;
		open_level(t, &levels[depth++], &e);
	}
}
