/*
 * lex.c - characters of a query: blanks, quotes, words, phrases, regular
 * expressions, escapes. Queries are copied out of manuals and mails, so quotes
 * and blanks of word processors count as those of a keyboard.
 */
#include "engine/store/query/query_priv.h"

/* Whether v has one of the NULL-ended list at at; its length, or 0. */
static size_t
one_of(struct nj_view v, size_t at, const char *const *list)
{
	struct nj_view rest = nj_sub(v, at, v.len);

	if (!rest.len || rest.data[0] < 0x80)
		return 0;
	for (; *list; list++)
		if (nj_view_starts(rest, nj_str(*list)))
			return strlen(*list);
	return 0;
}

/* No-break space, the spaces of typography, what is invisible. */
static const char *const blanks[] = { "\u00a0", "\u1680", "\u2000", "\u2001",
	"\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
	"\u2009", "\u200a", "\u200b", "\u2028", "\u2029", "\u202f", "\u205f",
	"\u3000", "\ufeff", NULL };
static const char *const quotes[] = { "\u201c", "\u201d", "\u201e", "\u201f",
	"\u2033", "\u00ab", "\u00bb", "\uff02", NULL };

static size_t
blank_bytes(struct nj_view v, size_t at)
{
	uint8_t c = at < v.len ? v.data[at] : 0;

	if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		return 1;
	return one_of(v, at, blanks);
}

static size_t
quote_bytes(struct nj_view v, size_t at)
{
	if (at < v.len && v.data[at] == '"')
		return 1;
	return one_of(v, at, quotes);
}

bool
nj_query_lex_check(const struct nj_query_lex *l)
{
	struct nj_view v = l->text;
	size_t at = 0;

	if (v.len > NJ_QUERY_BYTES_MAX) {
		nj_query_fail(l->fail, (struct nj_query_span){ 0, 1 },
			"the query is longer than %d bytes",
			NJ_QUERY_BYTES_MAX);
		return false;
	}
	while (at < v.len) {
		size_t n = 1;

		if (v.data[at] < 0x20 && !blank_bytes(v, at)) {
			nj_query_fail(l->fail,
				(struct nj_query_span){ (uint32_t)at, 1 },
				"a control character (0x%02x)", v.data[at]);
			return false;
		}
		while (at + n < v.len && (v.data[at + n] & 0xc0) == 0x80)
			n++;
		if (!nj_view_is_utf8(nj_sub(v, at, n))) {
			nj_query_fail(l->fail,
				(struct nj_query_span){ (uint32_t)at, 1 },
				"this is not UTF-8 (byte 0x%02x)", v.data[at]);
			nj_query_hint(l->fail, "write \\x%02x", v.data[at]);
			return false;
		}
		at += n;
	}
	return true;
}

void
nj_query_lex_blanks(struct nj_query_lex *l)
{
	size_t n;

	while ((n = blank_bytes(l->text, l->at)) != 0)
		l->at += n;
}

size_t
nj_query_lex_quote(const struct nj_query_lex *l)
{
	return quote_bytes(l->text, l->at);
}

struct nj_query_span
nj_query_lex_word(const struct nj_query_lex *l, size_t at, const char *ends)
{
	struct nj_view v = l->text;
	size_t from = at;

	while (at < v.len && !blank_bytes(v, at) && !quote_bytes(v, at)) {
		uint8_t c = v.data[at];

		if (c == '(' || c == ')' || strchr(ends, c))
			break;
		at += c == '\\' && at + 1 < v.len ? 2 : 1;
	}
	return (struct nj_query_span){ (uint32_t)from, (uint32_t)(at - from) };
}

size_t
nj_query_lex_colon(const struct nj_query_lex *l, struct nj_query_span span)
{
	for (size_t i = span.at; i < span.at + span.len; i++) {
		if (l->text.data[i] == ':')
			return i;
		i += l->text.data[i] == '\\';
	}
	return SIZE_MAX;
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character behind a backslash: itself, or the byte of \xNN. Gives how
 * many bytes it took, 0 when there is none. */
static size_t
unescape(struct nj_view rest, uint8_t *out)
{
	if (!rest.len)
		return 0;
	if (rest.data[0] == 'x' && rest.len >= 3 &&
		hex_digit(rest.data[1]) >= 0 && hex_digit(rest.data[2]) >= 0) {
		*out = (uint8_t)(hex_digit(rest.data[1]) << 4 |
				 hex_digit(rest.data[2]));
		return 3;
	}
	*out = rest.data[0];
	return 1;
}

static bool
is_wild(uint8_t c)
{
	return c == '*' || c == '?';
}

static bool
has_wildcards(struct nj_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (is_wild(v.data[i]))
			return true;
		i += v.data[i] == '\\';
	}
	return false;
}

bool
nj_query_lex_value(const struct nj_query_lex *l, struct nj_query_span span,
	struct nj_query_value *out, bool *glob)
{
	struct nj_view raw = nj_sub(l->text, span.at, span.len);
	uint8_t *to = nj_query_alloc(l->arena, 2 * raw.len + 1);
	size_t n = 0;

	*glob = has_wildcards(raw);
	*out = (struct nj_query_value){ { to, 0 }, span, false, false };
	if (!to) {
		nj_query_nomem(l->fail);
		return false;
	}
	for (size_t i = 0, used; i < raw.len; i += used) {
		uint8_t c = raw.data[i];
		bool escaped = c == '\\';

		used = 1;
		if (escaped) {
			used = unescape(nj_sub(raw, i + 1, raw.len), &c);
			if (!used) {
				span.at += (uint32_t)i;
				span.len = 1;
				nj_query_fail(l->fail, span,
					"nothing follows the backslash");
				nj_query_hint(
					l->fail, "write \\\\ for a backslash");
				return false;
			}
			used++;
		}
		/* What is literal stays told apart from what is not. */
		if (*glob && escaped && (is_wild(c) || c == '\\'))
			to[n++] = '\\';
		to[n++] = c;
	}
	out->text.len = n;
	return true;
}

/* Where the text between two marks ends, from is behind the first: at the
 * first for which is_end is true and that no backslash escapes. */
static size_t
find_end(struct nj_view v, size_t from,
	bool (*is_end)(struct nj_view v, size_t at))
{
	for (size_t at = from; at < v.len; at++) {
		if (is_end(v, at))
			return at;
		at += v.data[at] == '\\';
	}
	return SIZE_MAX;
}

static bool
ends_plain(struct nj_view v, size_t at)
{
	return v.data[at] == '"';
}

/* The manual has “a”, and ”a” too; a keyboard may have ended it. */
static bool
ends_curly(struct nj_view v, size_t at)
{
	return quote_bytes(v, at) != 0;
}

static bool
ends_regex(struct nj_view v, size_t at)
{
	return v.data[at] == '/';
}

/* What comes directly behind a phrase or regular expression was meant to be
 * part of something. */
static bool
check_behind(const struct nj_query_lex *l, size_t from, const char *what)
{
	uint8_t c = l->at < l->text.len ? l->text.data[l->at] : ' ';

	if (c == '(' || c == ')' || c == ']' || c == '}' ||
		blank_bytes(l->text, l->at) || l->at >= l->text.len)
		return true;
	nj_query_fail(l->fail, (struct nj_query_span){ (uint32_t)l->at, 1 },
		"a blank must follow %s", what);
	if (l->text.data[from] == '/')
		nj_query_hint(
			l->fail, "for a path write \\/ for the first slash");
	return false;
}

bool
nj_query_lex_phrase(struct nj_query_lex *l, struct nj_query_value *out)
{
	size_t from = l->at, quote = nj_query_lex_quote(l);
	size_t end = find_end(
		l->text, from + quote, quote == 1 ? ends_plain : ends_curly);
	uint8_t *to;

	if (end == SIZE_MAX) {
		nj_query_fail(l->fail,
			(struct nj_query_span){ (uint32_t)from, 1 },
			"this quote is never closed");
		return false;
	}
	to = nj_query_alloc(l->arena, end - from + 1);
	*out = (struct nj_query_value){ .text = { to, 0 }, .quoted = true };
	if (!to) {
		nj_query_nomem(l->fail);
		return false;
	}
	for (size_t i = from + quote, used; i < end; i += used) {
		struct nj_view rest = nj_sub(l->text, i + 1, end - i - 1);
		uint8_t c = l->text.data[i];

		used = 1;
		if (c == '\\')
			used += unescape(rest, &c);
		to[out->text.len++] = c;
	}
	l->at = end + quote_bytes(l->text, end);
	out->span = (struct nj_query_span){ (uint32_t)from,
		(uint32_t)(l->at - from) };
	return check_behind(l, from, "a phrase");
}

bool
nj_query_lex_regex(struct nj_query_lex *l, struct nj_query_value *out)
{
	size_t from = l->at, end = find_end(l->text, from + 1, ends_regex);
	uint8_t *to;

	if (end == SIZE_MAX) {
		nj_query_fail(l->fail,
			(struct nj_query_span){ (uint32_t)from, 1 },
			"this regular expression is never closed");
		nj_query_hint(
			l->fail, "for a path write \\/ for the first slash");
		return false;
	}
	to = nj_query_alloc(l->arena, end - from);
	*out = (struct nj_query_value){ .text = { to, 0 } };
	if (!to) {
		nj_query_nomem(l->fail);
		return false;
	}
	/* Only the slash is ours to unescape. */
	for (size_t i = from + 1; i < end; i++) {
		uint8_t c = l->text.data[i];

		if (c == '\\' && l->text.data[i + 1] == '/')
			c = l->text.data[++i];
		else if (c == '\\')
			to[out->text.len++] = l->text.data[i++],
			c = l->text.data[i];
		to[out->text.len++] = c;
	}
	l->at = end + 1;
	out->span = (struct nj_query_span){ (uint32_t)from,
		(uint32_t)(l->at - from) };
	if (!out->text.len) {
		nj_query_fail(
			l->fail, out->span, "an empty regular expression");
		return false;
	}
	return check_behind(l, from, "a regular expression");
}
