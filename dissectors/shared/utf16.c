/*
 * utf16.c - see utf16.h (RFC 2781, RFC 3629).
 */
#include "dissectors/shared/utf16.h"

enum { REPLACEMENT = 0xfffd };

static uint32_t
unit(struct nj_view v, size_t at)
{
	return at + 2 <= v.len ? (uint32_t)v.data[at] | v.data[at + 1] << 8 : 0;
}

/* The character at *at, which moves past it. */
static uint32_t
next(struct nj_view v, size_t *at)
{
	uint32_t c = unit(v, *at), low;

	*at += 2;
	if (c < 0xd800 || c > 0xdfff)
		return c;
	low = unit(v, *at);
	if (c > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return REPLACEMENT;
	*at += 2;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

static size_t
put(uint32_t c, uint8_t out[4])
{
	if (c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (uint8_t)(0xc0 | c >> 6);
		out[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (uint8_t)(0xe0 | c >> 12);
		out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | c >> 18);
	out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

size_t
nj_utf16_decode(struct nj_view v, uint8_t *out, size_t cap)
{
	size_t n = 0;
	uint8_t one[4];

	while (v.len >= 2 && !unit(v, (v.len & ~(size_t)1) - 2))
		v.len = (v.len & ~(size_t)1) - 2;
	for (size_t at = 0; at + 2 <= v.len;) {
		size_t len = put(next(v, &at), one);

		if (len > cap - n)
			break;
		memcpy(out + n, one, len);
		n += len;
	}
	return n;
}

struct nj_view
nj_utf16_text(struct nj_dctx *d, struct nj_view v)
{
	size_t cap = v.len / 2 * 3;
	uint8_t *out = nj_arena(d, cap + 1);

	if (!out)
		return (struct nj_view){ 0 };
	return (struct nj_view){ out, nj_utf16_decode(v, out, cap) };
}
