/*
 * error.c - what is wrong with a query, where, and what to write instead.
 */
#include <stdarg.h>
#include <stdio.h>

#include "engine/store/query/query_priv.h"

enum {
	SHOWN_BEFORE = 50, /* characters of a long line before the caret */
	SHOWN_MAX = 76
};

static bool
is_continuation(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* Characters of v before the byte at. */
static uint32_t
characters(struct nj_view v, size_t at)
{
	uint32_t n = 0;

	for (size_t i = 0; i < at && i < v.len; i++)
		n += !is_continuation(v.data[i]);
	return n;
}

void
nj_query_fail(struct nj_query_fail *f, struct nj_query_span span,
	const char *fmt, ...)
{
	va_list args;

	if (f->err)
		return;
	f->err = NJ_E_FORMAT;
	*f->error = (struct nj_query_error){ .span = span,
		.column = characters(f->text, span.at) + 1 };
	va_start(args, fmt);
	(void)vsnprintf(f->error->what, sizeof(f->error->what), fmt, args);
	va_end(args);
}

void
nj_query_hint(struct nj_query_fail *f, const char *fmt, ...)
{
	va_list args;

	if (f->err != NJ_E_FORMAT || f->error->hint[0])
		return;
	va_start(args, fmt);
	(void)vsnprintf(f->error->hint, sizeof(f->error->hint), fmt, args);
	va_end(args);
}

void
nj_query_nomem(struct nj_query_fail *f)
{
	if (f->err)
		return;
	f->err = NJ_E_NOMEM;
	*f->error = (struct nj_query_error){ .column = 1 };
	(void)snprintf(f->error->what, sizeof(f->error->what), "%s",
		nj_err_text(NJ_E_NOMEM));
}

const char *
nj_query_excerpt(struct nj_view v, char out[NJ_QUERY_EXCERPT])
{
	size_t n = nj_min(v.len, (size_t)48);

	if (n < v.len)
		while (n && is_continuation(v.data[n]))
			n--;
	if (n)
		memcpy(out, v.data, n);
	memcpy(out + n, n < v.len ? "..." : "", n < v.len ? 4 : 1);
	return out;
}

/* Moves a place in v by n characters, not beyond its ends. */
static size_t
step(struct nj_view v, size_t at, int n)
{
	for (; n > 0 && at < v.len; n--)
		for (at++; at < v.len && is_continuation(v.data[at]);)
			at++;
	for (; n < 0 && at > 0; n++)
		for (at--; at > 0 && is_continuation(v.data[at]);)
			at--;
	return at;
}

static bool
is_line_end(uint8_t c)
{
	return c == '\n' || c == '\r';
}

/* The part of the text that is shown around a place: its line, or as much as
 * a terminal's has room for. */
static struct nj_view
shown(struct nj_view text, size_t at)
{
	size_t from = at, to = at;

	while (from > 0 && !is_line_end(text.data[from - 1]))
		from--;
	while (to < text.len && !is_line_end(text.data[to]))
		to++;
	from = nj_max(from, step(text, at, -SHOWN_BEFORE));
	to = nj_min(to, step(text, from, SHOWN_MAX));
	return nj_sub(text, from, to - from);
}

/* A terminal must not obey what a query says. */
static void
put_plain(struct nj_buf *out, struct nj_view v)
{
	bool utf8 = nj_view_is_utf8(v);

	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.data[i];
		bool plain = c >= 0x20 && c != 0x7f && (c < 0x80 || utf8);

		nj_buf_char(out, plain ? (char)c : ' ');
	}
}

void
nj_query_error_text(struct nj_buf *out, struct nj_view text,
	const struct nj_query_error *error)
{
	size_t at = nj_min((size_t)error->span.at, text.len);
	struct nj_view line = shown(text, at), marked;
	size_t before = line.data ? at - (size_t)(line.data - text.data) : 0;
	uint32_t carets;

	nj_buf_printf(out, "column %u: ", error->column);
	put_plain(out, nj_str(error->what));
	nj_buf_str(out, "\n  ");
	put_plain(out, line);
	nj_buf_printf(out, "\n  %*s", (int)characters(line, before), "");
	marked = nj_sub(line, before, error->span.len);
	carets = characters(marked, marked.len);
	nj_buf_char(out, '^');
	for (uint32_t i = 1; i < carets; i++)
		nj_buf_char(out, '~');
	nj_buf_char(out, '\n');
	if (!error->hint[0])
		return;
	nj_buf_str(out, "  ");
	put_plain(out, nj_str(error->hint));
	nj_buf_char(out, '\n');
}
