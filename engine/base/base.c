/*
 * base.c - texts of errors, views, addresses as text, the assertion.
 */
#include "engine/base/base.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/cur.h"

struct err_text {
	const char *text, *remedy;
};

static const struct err_text err_texts[NJ_ERR_COUNT] = {
	[NJ_OK] = { "no error", "" },
#define NJ_ERR(name, text, remedy) [NJ_E_##name] = { text, remedy },
#include "engine/base/err.def"
#undef NJ_ERR
};

const char *
nj_err_text(enum nj_err err)
{
	return (unsigned)err < NJ_ERR_COUNT ? err_texts[err].text : "unknown";
}

const char *
nj_err_remedy(enum nj_err err)
{
	return (unsigned)err < NJ_ERR_COUNT ? err_texts[err].remedy : "";
}

bool
nj_view_eq(struct nj_view a, struct nj_view b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

bool
nj_view_casestarts(struct nj_view v, struct nj_view prefix)
{
	if (v.len < prefix.len)
		return false;
	for (size_t i = 0; i < prefix.len; i++)
		if (lower(v.data[i]) != lower(prefix.data[i]))
			return false;
	return true;
}

bool
nj_view_caseeq(struct nj_view a, struct nj_view b)
{
	return a.len == b.len && nj_view_casestarts(a, b);
}

bool
nj_view_starts(struct nj_view v, struct nj_view prefix)
{
	return nj_view_eq(nj_sub(v, 0, prefix.len), prefix);
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

struct nj_view
nj_view_trim(struct nj_view v)
{
	while (v.len && is_blank(v.data[0]))
		v = nj_sub(v, 1, v.len);
	while (v.len && is_blank(v.data[v.len - 1]))
		v.len--;
	return v;
}

size_t
nj_view_find(struct nj_view v, struct nj_view needle)
{
	const uint8_t *at;

	if (!needle.len)
		return 0;
	if (v.len < needle.len)
		return SIZE_MAX;
	at = memmem(v.data, v.len, needle.data, needle.len);
	return at ? (size_t)(at - v.data) : SIZE_MAX;
}

size_t
nj_view_chr(struct nj_view v, uint8_t c)
{
	const uint8_t *at = v.len ? memchr(v.data, c, v.len) : NULL;

	return at ? (size_t)(at - v.data) : SIZE_MAX;
}

bool
nj_view_u64(struct nj_view v, uint64_t *out)
{
	uint64_t x = 0;

	if (!v.len || v.len > 20)
		return false;
	for (size_t i = 0; i < v.len; i++) {
		unsigned digit = (unsigned)v.data[i] - '0';

		if (digit > 9 || __builtin_mul_overflow(x, 10, &x) ||
			__builtin_add_overflow(x, digit, &x))
			return false;
	}
	*out = x;
	return true;
}

struct nj_view
nj_cur_line(struct nj_cur *c)
{
	struct nj_view rest = nj_cur_rest(c), line;
	size_t at = nj_view_chr(rest, '\n');

	if (at == SIZE_MAX) {
		c->bad = true;
		return (struct nj_view){ 0 };
	}
	line = nj_sub(rest, 0, at);
	nj_cur_skip(c, at + 1);
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* The four bytes at b in dotted form; gives where it ends. */
static char *
text_v4(char *p, const uint8_t *b)
{
	for (int i = 0; i < 4; i++) {
		unsigned v = b[i];

		if (v >= 100)
			*p++ = (char)('0' + v / 100);
		if (v >= 10)
			*p++ = (char)('0' + v / 10 % 10);
		*p++ = (char)('0' + v % 10);
		*p++ = '.';
	}
	return p - 1;
}

/* The longest run of zero words, the first of equals (RFC 5952 4.2): gives
 * its place, or 8 when none has two words. */
static unsigned
zero_run(const uint16_t words[8], unsigned *len)
{
	unsigned best = 8, run = 0;

	*len = 1;
	for (unsigned i = 0; i < 8; i++) {
		run = words[i] ? 0 : run + 1;
		if (run > *len) {
			*len = run;
			best = i + 1 - run;
		}
	}
	return best;
}

static char *
text_word(char *p, unsigned word)
{
	static const char hex[] = "0123456789abcdef";

	if (word >= 0x1000)
		*p++ = hex[word >> 12];
	if (word >= 0x100)
		*p++ = hex[word >> 8 & 15];
	if (word >= 0x10)
		*p++ = hex[word >> 4 & 15];
	*p++ = hex[word & 15];
	return p;
}

/* Addresses that carry one of version 4 end in dotted form (section 5), for
 * the prefixes that inet_ntop does it for. */
static char *
text_v6(char *p, const uint8_t b[16])
{
	unsigned zeros, zeros_at, i = 0, end = 8;
	uint16_t words[8];

	for (unsigned k = 0; k < 8; k++)
		words[k] = (uint16_t)(b[2 * k] << 8 | b[2 * k + 1]);
	zeros_at = zero_run(words, &zeros);
	if (zeros_at == 0 && (zeros == 6 || (zeros == 5 && words[5] == 0xffff)))
		end = 6;
	while (i < end) {
		if (i == zeros_at) {
			*p++ = ':';
			i += zeros;
			if (i == 8)
				*p++ = ':';
			continue;
		}
		if (i)
			*p++ = ':';
		p = text_word(p, words[i++]);
	}
	if (end == 8)
		return p;
	*p++ = ':';
	return text_v4(p, b + 12);
}

size_t
nj_addr_text(const struct nj_addr *a, char out[NJ_ADDR_TEXT])
{
	char *p = out;

	if (a->family == 6)
		p = text_v6(p, a->bytes);
	else if (a->family == 4)
		p = text_v4(p, a->bytes);
	*p = 0;
	return (size_t)(p - out);
}

bool
nj_addr_parse(struct nj_addr *out, const char *text)
{
	*out = (struct nj_addr){ 0 };
	if (inet_pton(AF_INET, text, out->bytes) == 1)
		out->family = 4;
	else if (inet_pton(AF_INET6, text, out->bytes) == 1)
		out->family = 6;
	return out->family != 0;
}

bool
nj_addr_eq(const struct nj_addr *a, const struct nj_addr *b)
{
	return a->family == b->family &&
	       !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

void
nj_assert_failed(const char *cond, const char *file, int line)
{
	(void)fprintf(stderr, "nightjar: broken rule: %s at %s:%d\n", cond,
		file, line);
	abort();
}
