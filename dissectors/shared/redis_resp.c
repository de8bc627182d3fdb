/*
 * redis_resp.c - values of Redis' serialization protocol (RESP2, RESP3) as
 * they arrive. Strings are taken piece by piece, so that a long one needs no
 * room; arrays are kept as counts, without recursion.
 */
#include <stdlib.h>

#include "dissectors/shared/redis_resp.h"

enum {
	LINE_BYTES = 4096, /* of a line that are looked at */
	WORD_BYTES = 1024,
	COUNT_MAX = 1 << 24,
	BULK_MAX = 1 << 29 /* what servers allow, unless configured */
};

struct nj_view
nj_redis_resp_text(const struct nj_redis_resp *r)
{
	return (struct nj_view){ (const uint8_t *)(r->text ? r->text : ""),
		r->text ? r->len : 0 };
}

struct nj_view
nj_redis_resp_word(const struct nj_redis_resp *r, unsigned i)
{
	if (i >= nj_min(r->word_count, (uint32_t)NJ_REDIS_WORDS_MAX) ||
		!r->text)
		return (struct nj_view){ 0 };
	return (struct nj_view){ (const uint8_t *)r->text + r->word_at[i],
		r->word_len[i] };
}

void
nj_redis_resp_reset(struct nj_redis_resp *r)
{
	r->multibulk = r->error = r->in_bulk = false;
	r->type = r->depth = r->attribute = 0;
	r->word_count = 0;
	r->len = 0;
	r->text_len = 0;
}

/* ---- Text ---- */

static void
text_add(struct nj_redis_resp *r, struct nj_dctx *d, struct nj_view v)
{
	size_t n;

	if (!r->text)
		r->text = nj_keep(d, NJ_REDIS_TEXT_BYTES);
	if (!r->text)
		return;
	n = nj_min(v.len, (size_t)NJ_REDIS_TEXT_BYTES - r->len);
	if (n)
		memcpy(r->text + r->len, v.data, n);
	r->len = (uint16_t)(r->len + n);
}

/* A piece of a word of a request, or of a string in a reply. */
static void
piece_add(struct nj_redis_resp *r, struct nj_dctx *d, struct nj_view v)
{
	uint32_t i = r->word_count - 1;
	uint16_t before = r->len;

	r->text_len += v.len;
	if (r->attribute)
		return;
	if (!r->request) {
		text_add(r, d, v);
		return;
	}
	if (i >= NJ_REDIS_WORDS_MAX || r->word_len[i] >= WORD_BYTES)
		return;
	text_add(r, d, nj_sub(v, 0, (size_t)WORD_BYTES - r->word_len[i]));
	r->word_len[i] = (uint16_t)(r->word_len[i] + r->len - before);
}

static void
word_begin(struct nj_redis_resp *r)
{
	if (r->word_count < NJ_REDIS_WORDS_MAX) {
		r->word_at[r->word_count] = r->len;
		r->word_len[r->word_count] = 0;
	}
	r->word_count++;
}

/* ---- Arrays ---- */

static const char *
brackets(uint8_t type)
{
	return type == '%' || type == '~' ? "{}" : "[]";
}

/* What stands before an element: nothing, a comma or a colon. */
static void
element_begin(struct nj_redis_resp *r, struct nj_dctx *d)
{
	struct nj_redis_level *l;

	if (r->request || !r->depth)
		return;
	l = &r->levels[r->depth - 1];
	if (l->left < l->all && !r->attribute)
		text_add(r, d,
			l->type == '%' && l->left % 2 ? NJ_LIT(": ")
						      : NJ_LIT(", "));
}

/* An element is complete, and with it arrays that it was the last of. */
static enum nj_redis_step
element_end(struct nj_redis_resp *r, struct nj_dctx *d)
{
	while (r->depth) {
		struct nj_redis_level *l = &r->levels[r->depth - 1];

		if (--l->left)
			return NJ_REDIS_MORE;
		r->depth--;
		if (r->attribute) {
			/* Then comes what it is an attribute of. */
			if (r->depth >= r->attribute)
				continue;
			r->attribute = 0;
			return NJ_REDIS_MORE;
		}
		if (!r->request)
			text_add(r, d, nj_str(brackets(l->type) + 1));
	}
	return NJ_REDIS_WHOLE;
}

static bool
number(struct nj_view v, int64_t *out)
{
	bool minus = v.len && v.data[0] == '-';
	uint64_t n;

	if (!nj_view_u64(nj_sub(v, minus, v.len), &n) || n > INT32_MAX)
		return false;
	*out = minus ? -(int64_t)n : (int64_t)n;
	return true;
}

static enum nj_redis_step
array(struct nj_redis_resp *r, struct nj_dctx *d, uint8_t type,
	struct nj_view count)
{
	int64_t n;

	if (!number(count, &n) || n > COUNT_MAX || n < -1 ||
		r->depth == NJ_REDIS_DEPTH_MAX)
		return NJ_REDIS_WRONG;
	if (r->request) {
		r->multibulk = true;
		if (n <= 0)
			return NJ_REDIS_WHOLE;
	}
	if (type == '|' && !r->attribute)
		r->attribute = (uint8_t)(r->depth + 1);
	if (type == '%' || type == '|')
		n *= 2;
	if (n <= 0) {
		if (type == '|') {
			r->attribute =
				r->attribute > r->depth ? 0 : r->attribute;
			return NJ_REDIS_MORE;
		}
		if (!r->attribute && n == 0)
			text_add(r, d, nj_str(brackets(type)));
		return element_end(r, d);
	}
	if (!r->request && !r->attribute)
		text_add(r, d, nj_sub(nj_str(brackets(type)), 0, 1));
	r->levels[r->depth++] = (struct nj_redis_level){
		.left = (uint64_t)n, .all = (uint64_t)n, .type = type
	};
	return NJ_REDIS_MORE;
}

/* ---- Scalars ---- */

static enum nj_redis_step
bulk(struct nj_redis_resp *r, struct nj_dctx *d, struct nj_view count)
{
	int64_t n;

	if (!number(count, &n) || n < -1 || n > BULK_MAX)
		return NJ_REDIS_WRONG;
	if (n < 0)
		return element_end(r, d);
	r->in_bulk = true;
	r->bulk_left = (uint64_t)n + 2;
	return NJ_REDIS_MORE;
}

static enum nj_redis_step
bulk_more(struct nj_redis_resp *r, struct nj_dctx *d, struct nj_view v,
	size_t *used)
{
	uint64_t text = r->bulk_left - nj_min(r->bulk_left, UINT64_C(2));

	*used = (size_t)nj_min((uint64_t)v.len, r->bulk_left);
	r->bulk_left -= *used;
	piece_add(r, d, nj_sub(v, 0, (size_t)nj_min((uint64_t)*used, text)));
	if (r->bulk_left)
		return NJ_REDIS_MORE;
	r->in_bulk = false;
	return element_end(r, d);
}

static enum nj_redis_step
scalar(struct nj_redis_resp *r, struct nj_dctx *d, uint8_t type,
	struct nj_view rest)
{
	switch (type) {
	case '_':
		rest = NJ_LIT("null");
		break;
	case '#':
		if (rest.len != 1 ||
			(rest.data[0] != 't' && rest.data[0] != 'f'))
			return NJ_REDIS_WRONG;
		rest = rest.data[0] == 't' ? NJ_LIT("true") : NJ_LIT("false");
		break;
	default:
		break;
	}
	piece_add(r, d, rest);
	return element_end(r, d);
}

static enum nj_redis_step
reply_line(struct nj_redis_resp *r, struct nj_dctx *d, struct nj_view line)
{
	struct nj_view rest = nj_sub(line, 1, line.len);
	uint8_t type = line.len ? line.data[0] : 0;

	if (!type || !strchr("+-:$*_#,(!=%~>|", type))
		return NJ_REDIS_WRONG;
	if (!r->depth && type != '|') {
		r->type = type;
		r->error = type == '-' || type == '!';
	}
	if (type != '|')
		element_begin(r, d);
	if (strchr("*%~>|", type))
		return array(r, d, type, rest);
	if (strchr("$!=", type))
		return bulk(r, d, rest);
	return scalar(r, d, type, rest);
}

/* ---- Requests ---- */

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == 0;
}

/* A word up to the next blank; quotes are part of it, as Zeek has it. */
static size_t
word_end(struct nj_view v, size_t at)
{
	uint8_t quote = 0;

	for (; at < v.len; at++) {
		uint8_t c = v.data[at];

		if (quote && c == '\\' && at + 1 < v.len &&
			v.data[at + 1] == quote)
			at++;
		else if (quote && c == quote)
			quote = 0;
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else if (!quote && is_blank(c))
			break;
	}
	return nj_min(at, v.len);
}

static enum nj_redis_step
inline_line(struct nj_redis_resp *r, struct nj_dctx *d, struct nj_view line)
{
	size_t at = 0;

	while (at < line.len) {
		size_t end;

		if (is_blank(line.data[at])) {
			at++;
			continue;
		}
		end = word_end(line, at);
		word_begin(r);
		piece_add(r, d, nj_sub(line, at, end - at));
		at = end;
	}
	return NJ_REDIS_WHOLE;
}

static enum nj_redis_step
request_line(struct nj_redis_resp *r, struct nj_dctx *d, struct nj_view line)
{
	uint8_t type = line.len ? line.data[0] : 0;

	if (!r->depth && type == '*')
		return array(r, d, type, nj_sub(line, 1, line.len));
	if (!r->depth)
		return inline_line(r, d, line);
	if (type != '$')
		return NJ_REDIS_WRONG;
	word_begin(r);
	return bulk(r, d, nj_sub(line, 1, line.len));
}

enum nj_redis_step
nj_redis_resp(struct nj_redis_resp *r, struct nj_dctx *d, struct nj_view v,
	size_t *used)
{
	if (r->in_bulk)
		return bulk_more(r, d, v, used);
	*used = nj_line_take(&r->line, v, LINE_BYTES);
	if (!*used)
		return NJ_REDIS_SHORT;
	if (!r->line.text.data)
		return NJ_REDIS_MORE; /* the rest of a long line */
	if (r->request)
		return request_line(r, d, r->line.text);
	return reply_line(r, d, r->line.text);
}
