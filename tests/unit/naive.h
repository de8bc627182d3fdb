/*
 * naive.h - records as JSON has them, read by a small reader of its own, and
 * what a term of a query means for one: written a second time, by
 * docs/operator/search.md, with no code of the store, so that one can be held
 * against the other.
 */
#ifndef NJ_TESTS_UNIT_NAIVE_H
#define NJ_TESTS_UNIT_NAIVE_H

#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "tests/unit/naivetext.h"

/* What the keys of JSON hold. */
static const struct key {
	const char *path, *name; /* path NULL: in all log types */
	enum kind kind;
} keys[] = {
	{ NULL, "ts", TIME },
	{ NULL, "uid", EXACT },
	{ NULL, "id.orig_h", ADDR },
	{ NULL, "id.orig_p", COUNT },
	{ NULL, "id.resp_h", ADDR },
	{ NULL, "id.resp_p", COUNT },
	{ "conn", "proto", TEXT },
	{ "conn", "service", TEXT },
	{ "conn", "duration", SPAN },
	{ "conn", "orig_bytes", COUNT },
	{ "conn", "resp_bytes", COUNT },
	{ "conn", "conn_state", EXACT },
	{ "conn", "history", EXACT },
	{ "conn", "local_orig", BOOL },
	{ "rtypes", "flag", BOOL },
	{ "rtypes", "small", COUNT },
	{ "rtypes", "mid", COUNT },
	{ "rtypes", "wide", COUNT },
	{ "rtypes", "big", COUNT },
	{ "rtypes", "sign", INT },
	{ "rtypes", "real", REAL },
	{ "rtypes", "when", TIME },
	{ "rtypes", "span", SPAN },
	{ NULL, "text.a", TEXT },
	{ NULL, "host_addr", ADDR },
	{ "rtypes", "names", TEXT },
	{ "rtypes", "sizes", COUNT },
	{ "rtypes", "spans", SPAN },
	{ "rtypes", "hosts", ADDR },
	{ "rtypes", "fuid", EXACT },
	{ "rtypes", "both", TEXT },
	{ "rnames", "query", TEXT },
	{ "rnames", "qtype", COUNT },
	{ "rnames", "rcode_name", TEXT },
	{ "rnames", "answers", TEXT },
	{ "rnames", "TTLs", SPAN },
	{ "rnames", "rejected", BOOL },
	{ "rnames", "rtt", SPAN },
	{ "rnames", "both", COUNT },
};
enum { KEYS = nj_countof(keys), ELEMENTS_MAX = 4 };

/* One value or element of an array. */
struct scalar {
	struct nj_view text; /* of strings without escapes; NUL behind */
	wide n;              /* numbers; nanoseconds of times and spans */
	double real;
	uint8_t family, addr[16];
};

struct record {
	char *json;
	struct nj_view path;
	unsigned number;
	int64_t ts_ns;
	/* By place in keys; n is 0 for an empty array. */
	struct {
		struct scalar *v;
		unsigned n;
		bool has;
	} value[KEYS];
};

/* ---- Reading ---- */
/* Memory of all records, given back at once. */
enum { NAIVE_BYTES = 64 << 20 };
static struct {
	char *bytes;
	size_t n;
} naive;

static inline void *
naive_take(size_t n)
{
	void *p;

	if (!naive.bytes)
		naive.bytes = calloc(1, NAIVE_BYTES);
	assert_non_null(naive.bytes);
	assert_true(n <= NAIVE_BYTES - naive.n);
	p = naive.bytes + naive.n;
	naive.n += (n + 15) / 16 * 16;
	return p;
}

static inline unsigned
hex_value(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* What \ and the character behind it say, with \xNN that the log has for a
 * byte. */
static inline const char *
escape_read(const char *at, char *c)
{
	static const char names[] = "nrtbf", bytes[] = "\n\r\t\b\f";
	const char *name = strchr(names, *at);

	if (at[0] == '\\' && at[1] == 'x') {
		*c = (char)(hex_value(at[2]) << 4 | hex_value(at[3]));
		return at + 4;
	}
	assert_int_not_equal(*at, 'u');
	*c = name ? bytes[name - names] : *at;
	return at + 1;
}

/* The string at its first quote; gives what is behind it. */
static inline const char *
string_read(const char *at, struct nj_view *out)
{
	const char *end = at + 1;
	size_t n = 0;
	char *text;

	while (*end != '"')
		end += *end == '\\' ? 2 : 1;
	text = naive_take((size_t)(end - at));
	for (at++; *at != '"';) {
		if (*at == '\\')
			at = escape_read(at + 1, &text[n++]);
		else
			text[n++] = *at++;
	}
	text[n] = 0;
	*out = (struct nj_view){ (uint8_t *)text, n };
	return at + 1;
}

/* -123.456 as nanoseconds, or whole. */
static inline wide
decimal_read(const char *p, unsigned digits)
{
	bool minus = *p == '-';
	wide n = 0;

	for (p += minus; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (*p - '0');
	p += *p == '.';
	for (; digits; digits--)
		n = n * 10 + (*p >= '0' && *p <= '9' ? *p++ - '0' : 0);
	return minus ? -n : n;
}

static inline const char *
scalar_read(const char *at, enum kind kind, struct scalar *out)
{
	const char *text;

	*out = (struct scalar){ 0 };
	if (*at == '"') {
		at = string_read(at, &out->text);
	} else {
		size_t n = strcspn(at, ",]}");

		out->text.data = memcpy(naive_take(n + 1), at, n);
		out->text.len = n;
		at += n;
	}
	text = (const char *)out->text.data;
	if (kind == COUNT || kind == INT)
		out->n = decimal_read(text, 0);
	else if (kind == TIME || kind == SPAN)
		out->n = decimal_read(text, 9);
	else if (kind == BOOL)
		out->n = *text == 't';
	else if (kind == REAL)
		out->real = strtod(text, NULL);
	else if (kind == ADDR)
		out->family = inet_pton(AF_INET, text, out->addr) == 1 ? 4 : 6;
	if (out->family == 6)
		assert_int_equal(inet_pton(AF_INET6, text, out->addr), 1);
	return at;
}

static inline int
key_find(struct nj_view path, struct nj_view name)
{
	for (int i = 0; i < KEYS; i++)
		if (nj_view_eq(name, nj_str(keys[i].name)) &&
			(!keys[i].path ||
				nj_view_eq(path, nj_str(keys[i].path))))
			return i;
	return -1;
}

/* The value at at, of a key that may be none of ours. */
static inline const char *
value_read(const char *at, int key, struct scalar **v, unsigned *n)
{
	enum kind kind = key < 0 ? NO_KIND : keys[key].kind;
	bool array = *at == '[';

	*n = 0;
	*v = naive_take(ELEMENTS_MAX * sizeof(**v));
	at += array;
	while (*at != ']') {
		assert_true(*n < ELEMENTS_MAX);
		at = scalar_read(at, kind, &(*v)[(*n)++]);
		if (!array)
			return at;
		at += *at == ',';
	}
	return at + 1;
}

/* Takes over json, one flat object as nj_row_json makes them. */
static inline void
record_read(struct record *r, char *json)
{
	struct nj_view key;
	struct scalar *v;
	unsigned n;
	int k;

	*r = (struct record){ .json = json };
	for (const char *at = json + 1; at[-1] != '}'; at++) {
		at = string_read(at, &key);
		k = key_find(r->path, key);
		at = value_read(at + 1, k, &v, &n);
		if (nj_view_eq(key, NJ_LIT("_path")))
			r->path = v->text;
		if (nj_view_eq(key, NJ_LIT("number")) ||
			nj_view_eq(key, NJ_LIT("orig_pkts")))
			r->number = (unsigned)strtoul(
				(const char *)v->text.data, NULL, 10);
		if (k < 0)
			continue;
		r->value[k].v = v;
		r->value[k].n = n;
		r->value[k].has = true;
		if (keys[k].kind == TIME && k == 0)
			r->ts_ns = (int64_t)v->n;
	}
}

#endif
