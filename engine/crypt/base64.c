/*
 * base64.c - base 64, both ways, without allocation.
 */
#include "engine/crypt/base64.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
nj_base64_encode(struct nj_view v, char *out)
{
	char *o = out;
	size_t i = 0;

	for (; v.len - i >= 3; i += 3) {
		uint32_t x = (uint32_t)v.data[i] << 16 |
			     (uint32_t)v.data[i + 1] << 8 | v.data[i + 2];

		*o++ = alphabet[x >> 18];
		*o++ = alphabet[x >> 12 & 63];
		*o++ = alphabet[x >> 6 & 63];
		*o++ = alphabet[x & 63];
	}
	if (i < v.len) {
		bool two = v.len - i == 2;
		uint32_t x = (uint32_t)v.data[i] << 16;

		if (two)
			x |= (uint32_t)v.data[i + 1] << 8;
		*o++ = alphabet[x >> 18];
		*o++ = alphabet[x >> 12 & 63];
		*o++ = two ? alphabet[x >> 6 & 63] : '=';
		*o++ = '=';
	}
	return (size_t)(o - out);
}

int
nj_base64_digit(uint8_t ch)
{
	if (ch >= 'A' && ch <= 'Z')
		return ch - 'A';
	if (ch >= 'a' && ch <= 'z')
		return ch - 'a' + 26;
	if (ch >= '0' && ch <= '9')
		return ch - '0' + 52;
	return ch == '+' ? 62 : ch == '/' ? 63 : -1;
}

size_t
nj_base64_decode(struct nj_view v, uint8_t *out, size_t cap)
{
	uint32_t bits = 0, held = 0;
	size_t n = 0;

	for (size_t i = 0; i < v.len && v.data[i] != '=' && n < cap; i++) {
		uint8_t ch = v.data[i];
		int d;

		if (ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n')
			continue;
		d = nj_base64_digit(ch);
		if (d < 0)
			return SIZE_MAX;
		held = held << 6 | (uint32_t)d;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (uint8_t)(held >> bits);
		}
	}
	return n;
}
