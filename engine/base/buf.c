/*
 * buf.c - growing text buffer and JSON strings.
 */
#include "engine/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
nj_buf_free(struct nj_buf *b)
{
	free(b->data);
	*b = (struct nj_buf){ 0 };
}

bool
nj_buf_room(struct nj_buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 256;
	uint8_t *data;

	if (nj_likely(!b->bad && b->cap - b->len >= n))
		return true;
	if (b->bad || b->fixed || n > SIZE_MAX / 4 - b->len)
		goto fail;
	while (cap - b->len < n)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data)
		goto fail;
	b->data = data;
	b->cap = cap;
	return true;
fail:
	b->bad = true;
	return false;
}

void
nj_buf_put(struct nj_buf *b, const void *p, size_t n)
{
	if (!n || !nj_buf_room(b, n))
		return;
	memcpy(b->data + b->len, p, n);
	b->len += n;
}

void
nj_buf_str(struct nj_buf *b, const char *s)
{
	nj_buf_put(b, s, strlen(s));
}

void
nj_buf_char(struct nj_buf *b, char c)
{
	nj_buf_put(b, &c, 1);
}

void
nj_buf_printf(struct nj_buf *b, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0 || !nj_buf_room(b, (size_t)n + 1))
		return;
	va_start(args, fmt);
	(void)vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, args);
	va_end(args);
	b->len += (size_t)n;
}

void
nj_buf_u64(struct nj_buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	nj_buf_put(b, digits + at, sizeof(digits) - at);
}

/* Length of the valid UTF-8 sequence at p (2..4), or 0. */
static size_t
utf8_len(const uint8_t *p, size_t left)
{
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	uint32_t code = p[0] & (0xffu >> (n + 1));
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (p[0] < 0xc2 || p[0] > 0xf4 || left < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff ||
		(code >= 0xd800 && code <= 0xdfff))
		return 0;
	return n;
}

bool
nj_view_is_utf8(struct nj_view v)
{
	for (size_t i = 0; i < v.len;) {
		size_t n =
			v.data[i] < 0x80 ? 1 : utf8_len(v.data + i, v.len - i);

		if (!n)
			return false;
		i += n;
	}
	return true;
}

/* The letter of JSON's short escape of a character, or 0. */
static uint8_t
json_short(uint8_t c)
{
	switch (c) {
	case '"':
	case '\\':
		return c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	}
	return 0;
}

/* One character at p, which is left bytes long when it may be UTF-8, else 0. */
static size_t
json_char(uint8_t *out, const uint8_t *p, size_t left, size_t *used)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t letter = json_short(*p);
	size_t n;

	*used = 1;
	if (letter) {
		out[0] = '\\';
		out[1] = letter;
		return 2;
	}
	n = *p >= 0x80 && left ? utf8_len(p, left) : 0;
	if (n) {
		memcpy(out, p, n);
		*used = n;
		return n;
	}
	memcpy(out, "\\\\x", 3);
	out[3] = (uint8_t)hex[*p >> 4];
	out[4] = (uint8_t)hex[*p & 15];
	return 5;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether eight bytes are all ASCII that JSON takes as it is. A difference
 * borrows into the next byte only from one that is not. */
static bool
json_plain8(uint64_t x)
{
	uint64_t del = x ^ EACH(0x7f), quote = x ^ EACH('"');
	uint64_t slash = x ^ EACH('\\');

	return !((x | ((x - EACH(0x20)) & ~x) | ((del - EACH(1)) & ~del) |
			 ((quote - EACH(1)) & ~quote) |
			 ((slash - EACH(1)) & ~slash)) &
		 EACH(0x80));
}

/* Room for v as a JSON string: what it can take at most, or in fixed memory
 * what it does take. */
static bool
json_str_room(struct nj_buf *b, struct nj_view v)
{
	uint8_t one[8];
	size_t n = 2, used;
	bool utf8;

	if (v.len > SIZE_MAX / 8)
		return false;
	if (!b->fixed || b->bad || b->cap - b->len > v.len * 5 + 2)
		return nj_buf_room(b, v.len * 5 + 2);
	utf8 = nj_view_is_utf8(v);
	for (size_t i = 0; i < v.len; i += used) {
		uint8_t c = v.data[i];

		used = 1;
		if (c >= 0x20 && c < 0x7f && !json_short(c))
			n++;
		else
			n += json_char(
				one, v.data + i, utf8 ? v.len - i : 0, &used);
	}
	return nj_buf_room(b, n);
}

void
nj_buf_json_str(struct nj_buf *b, struct nj_view v)
{
	const uint8_t *p = v.len ? v.data : (const uint8_t *)"";
	const uint8_t *end = p + v.len;
	uint8_t *out;
	size_t used;
	int utf8 = -1; /* not looked at */

	if (!json_str_room(b, v))
		return;
	out = b->data + b->len;
	*out++ = '"';
	while (p < end) {
		uint64_t eight;

		if (nj_likely(end - p >= 8)) {
			memcpy(&eight, p, 8);
			if (nj_likely(json_plain8(eight))) {
				memcpy(out, p, 8);
				out += 8;
				p += 8;
				continue;
			}
		}
		if (nj_likely(*p >= 0x20 && *p < 0x7f && *p != '"' &&
			      *p != '\\')) {
			*out++ = *p++;
			continue;
		}
		/* One wrong byte, and none of the text is UTF-8. */
		if (*p >= 0x80 && utf8 < 0)
			utf8 = nj_view_is_utf8(v);
		out += json_char(
			out, p, utf8 > 0 ? (size_t)(end - p) : 0, &used);
		p += used;
	}
	*out++ = '"';
	b->len = (size_t)(out - b->data);
}
