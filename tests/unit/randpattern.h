/*
 * randpattern.h - random terms with wildcards and regular expressions, made
 * of values that records have.
 */
#ifndef NJ_TESTS_UNIT_RANDPATTERN_H
#define NJ_TESTS_UNIT_RANDPATTERN_H

#include "tests/unit/randterm.h"

/* A word without a field that is an address, or "10.1.*", is one. */
static inline void
addr_of_words(struct term *t)
{
	static const char *const rest[] = { "", "0.0.0", "0.0", "0" };
	char text[PATTERN_MAX + 8] = "";
	unsigned n = 0, dots = 0;

	if (t->test == IS && t->text[0].len < INET6_ADDRSTRLEN)
		memcpy(text, t->text[0].data, t->text[0].len);
	for (; t->test == LIKE && n < t->length - 1; n++) {
		text[n] = (char)(t->pattern[n] < 256 ? t->pattern[n] : '*');
		dots += text[n] == '.';
	}
	if (n && (t->pattern[n] != ANY_RUN || text[n - 1] != '.' || dots > 3))
		return;
	if (n)
		memcpy(text + n, rest[dots], strlen(rest[dots]) + 1);
	t->family = inet_pton(AF_INET, text, t->addr[0]) == 1    ? 4
		    : inet_pton(AF_INET6, text, t->addr[0]) == 1 ? 6
								 : 0;
	memcpy(t->addr[1], t->addr[0], sizeof(t->addr[0]));
	memset(t->addr[1] + dots, 0xff, n ? 4 - dots : 0);
	t->low = t->high = true;
}

/* Digits, then ?, then a star; false where there can be none. */
static inline bool
digits_put(struct making *m)
{
	struct scalar v = sample(m);
	size_t keep = 1 + rand_of(v.text.len ? v.text.len : 1), n = 0;

	if (v.text.len == 0 || v.text.data[0] == '0')
		return false;
	for (; n < keep; n++) {
		m->t->pattern[n] = v.text.data[n];
		nj_buf_char(m->out, (char)v.text.data[n]);
	}
	for (; n < v.text.len && rand_chance(70); n++) {
		m->t->pattern[n] = ANY_ONE;
		nj_buf_char(m->out, '?');
	}
	if (n == keep || rand_chance(30)) {
		m->t->pattern[n++] = ANY_RUN;
		nj_buf_char(m->out, '*');
	}
	m->t->length = (unsigned)n;
	return true;
}

static inline void
pattern_add(struct making *m, uint16_t c)
{
	m->t->pattern[m->t->length++] = c;
	if (c < 256)
		put_byte(m->out, (uint8_t)c, false);
	else
		nj_buf_char(m->out, c == ANY_RUN ? '*' : '?');
}

/* The first parts of an IPv4 address are a network, without a field too. */
static inline bool
network_put(struct making *m, const struct scalar *v)
{
	unsigned left = 1 + rand_of(3);

	if (v->family != 4 || rand_chance(50))
		return false;
	for (unsigned n = 0; left; n++) {
		pattern_add(m, v->text.data[n]);
		left -= v->text.data[n] == '.';
	}
	pattern_add(m, ANY_RUN);
	return true;
}

static inline void
pattern_put(struct making *m)
{
	struct scalar s = sample(m);
	struct nj_view v = vary_text(m, s.text);
	bool wild = false;
	size_t n;

	if (m->t->kind == ADDR && network_put(m, &s))
		return;
	if (rand_chance(40))
		pattern_add(m, ANY_RUN);
	for (size_t i = 0; i < v.len; i += n) {
		n = char_bytes(v.data + i, v.len - i);
		if (rand_chance(12))
			pattern_add(m, ANY_ONE);
		else if (rand_chance(12) && m->t->length)
			pattern_add(m, ANY_RUN);
		else
			for (size_t k = 0; k < n; k++)
				pattern_add(m, v.data[i + k]);
	}
	if (m->t->length < 2)
		pattern_add(m, ANY_ONE);
	for (unsigned i = 0; i < m->t->length; i++)
		wild |= m->t->pattern[i] >= ANY_RUN;
	if (!wild || rand_chance(40))
		pattern_add(m, ANY_RUN);
}

/* An expression that the text fits; POSIX and PCRE read it the same way. */
static inline void
regex_text(struct making *m, struct nj_buf *out)
{
	struct nj_view v = vary_text(m, sample(m).text);

	nj_buf_str(out, rand_chance(30) ? ".*" : "");
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.data[i];

		if (!isalnum(c) || rand_chance(8))
			nj_buf_str(out, rand_chance(10) ? ".?" : ".");
		else if (isdigit(c) && rand_chance(30))
			nj_buf_str(out, "[0-9]+");
		else if (rand_chance(8))
			nj_buf_printf(out, "(%c|%c|x.)", c, 'a' + rand_of(26));
		else if (rand_chance(8))
			nj_buf_printf(out, "[%c%c-z]*", c, 'a' + rand_of(26));
		else
			nj_buf_char(out, (char)c);
	}
	nj_buf_str(out, !out->len || rand_chance(30) ? ".*" : "");
}

static inline void
regex_put(struct making *m)
{
	bool cased = rand_chance(15);
	struct nj_buf text = { 0 }, whole = { 0 };

	regex_text(m, &text);
	nj_buf_char(&text, 0);
	nj_buf_printf(&whole, "^(%s)$", (char *)text.data);
	nj_buf_char(&whole, 0);
	for (int exact = 0; exact < 2; exact++) {
		int flags = REG_EXTENDED | (exact || cased ? 0 : REG_ICASE);

		assert_int_equal(regcomp(&m->t->regex[exact][0],
					 (char *)text.data, flags),
			0);
		assert_int_equal(regcomp(&m->t->regex[exact][1],
					 (char *)whole.data, flags),
			0);
	}
	nj_buf_printf(
		m->out, "/%s%s/", cased ? "(?-i)" : "", (char *)text.data);
	nj_buf_free(&text);
	nj_buf_free(&whole);
}

#endif
