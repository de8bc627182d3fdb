/*
 * naivetext.h - a term of a query as it was made, and what it means for a
 * text.
 */
#ifndef NJ_TESTS_UNIT_NAIVETEXT_H
#define NJ_TESTS_UNIT_NAIVETEXT_H

#include "tests/unit/unit.h"

#include <regex.h>

#include "engine/base/base.h"

typedef __int128 wide;

enum kind { BOOL, COUNT, INT, REAL, TIME, SPAN, TEXT, EXACT, ADDR, NO_KIND };
enum { PATTERN_MAX = 128, TEXT_MAX = 128, ANY_RUN = 256, ANY_ONE };

/* Of numbers, the first and last that a value says (a day is many ns). */
struct ends {
	wide from, to;
};

enum test { IS, LIKE, REGEX, RANGE, THERE };

struct term {
	enum test test;
	enum kind kind;   /* of the field that the values are made for */
	const char *name; /* NULL: words anywhere */
	/* IS, RANGE: values; low or high of a range may be missing. */
	bool low, high, low_open, high_open;
	struct nj_view text[2];
	struct ends n[2];
	double real[2];
	uint8_t family, addr[2][16];
	/* LIKE: bytes, ANY_RUN or ANY_ONE. */
	uint16_t pattern[PATTERN_MAX];
	unsigned length;
	/* REGEX: without case and with it, of a part and of all. */
	regex_t regex[2][2];
};

/* ---- Text ---- */
static inline uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static inline int
text_order(struct nj_view a, struct nj_view b, bool exact)
{
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		uint8_t x = exact ? a.data[i] : lower(a.data[i]);
		uint8_t y = exact ? b.data[i] : lower(b.data[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.len > b.len) - (a.len < b.len);
}

/* Bytes of the character at data[0], which does not begin within one. */
static inline size_t
char_bytes(const uint8_t *data, size_t len)
{
	size_t n = 1;

	while (data[0] >= 0xc2 && n < len && n < 4 && (data[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* Where the next element of a pattern can end, if before it can end at at. */
static inline void
like_step(uint16_t c, struct nj_view v, bool exact, bool at[TEXT_MAX])
{
	bool next[TEXT_MAX] = { false }, begins;
	size_t n;

	for (size_t i = 0, char_end = 0; i <= v.len; i++) {
		begins = i == char_end && i < v.len;
		n = begins ? char_bytes(v.data + i, v.len - i) : 1;
		char_end += begins ? n : 0;
		if (c == ANY_RUN)
			next[i] |= at[i] || (i && next[i - 1]);
		else if (at[i] && c == ANY_ONE && begins)
			next[i + n] = true;
		else if (at[i] && i < v.len && c < 256)
			next[i + 1] |=
				exact ? v.data[i] == c
				      : lower(v.data[i]) == lower((uint8_t)c);
	}
	memcpy(at, next, sizeof(next));
}

/* part: it may stand somewhere in the text. */
static inline bool
text_like(const struct term *t, struct nj_view v, bool exact, bool part)
{
	bool at[TEXT_MAX] = { true };

	assert_true(v.len < TEXT_MAX);
	for (size_t i = 0; part && i <= v.len; i++)
		at[i] = true;
	for (unsigned i = 0; i < t->length; i++)
		like_step(t->pattern[i], v, exact, at);
	for (size_t i = 0; part && i < v.len; i++)
		if (at[i])
			return true;
	return at[v.len];
}

static inline bool
text_regex(const struct term *t, struct nj_view v, bool exact, bool whole)
{
	regmatch_t at = { .rm_so = 0, .rm_eo = (regoff_t)v.len };

	return regexec(&t->regex[exact][whole], (const char *)v.data, 1, &at,
		       REG_STARTEND) == 0;
}

static inline bool
text_within(const struct term *t, struct nj_view v, bool exact)
{
	int low = t->low ? text_order(v, t->text[0], exact) : 1;
	int high = t->high ? text_order(v, t->text[1], exact) : -1;

	return (t->low_open ? low > 0 : low >= 0) &&
	       (t->high_open ? high < 0 : high <= 0);
}

static inline bool
text_means(const struct term *t, struct nj_view v, bool exact)
{
	switch (t->test) {
	case IS:
		return text_order(v, t->text[0], exact) == 0;
	case LIKE:
		return text_like(t, v, exact, false);
	case REGEX:
		return text_regex(t, v, exact, true);
	case RANGE:
		return text_within(t, v, exact);
	case THERE:
		break;
	}
	return true;
}

#endif
