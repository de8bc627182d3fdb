/*
 * prefix.c - networks as text, and whether an address lies in one.
 */
#include "engine/base/prefix.h"

#include <stdio.h>

static bool
bits_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return !rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

bool
nj_prefix_holds(const struct nj_prefix *p, const struct nj_addr *a)
{
	return p->addr.family == a->family &&
	       bits_equal(p->addr.bytes, a->bytes, p->bits);
}

static bool
rest_is_zero(const struct nj_prefix *p, unsigned bits_max)
{
	for (unsigned i = p->bits; i < bits_max; i++)
		if (p->addr.bytes[i / 8] >> (7 - i % 8) & 1)
			return false;
	return true;
}

bool
nj_prefix_parse(struct nj_prefix *out, struct nj_view text)
{
	size_t slash = nj_view_chr(text, '/');
	struct nj_view addr = nj_sub(text, 0, slash);
	char copy[NJ_ADDR_TEXT];
	unsigned bits_max;
	uint64_t bits;

	*out = (struct nj_prefix){ 0 };
	if (addr.len >= sizeof(copy) || nj_view_chr(addr, 0) != SIZE_MAX)
		return false;
	if (addr.len)
		memcpy(copy, addr.data, addr.len);
	copy[addr.len] = 0;
	if (!nj_addr_parse(&out->addr, copy))
		return false;
	bits_max = out->addr.family == 4 ? 32 : 128;
	bits = bits_max;
	if (slash != SIZE_MAX &&
		!nj_view_u64(nj_sub(text, slash + 1, text.len), &bits))
		return false;
	if (bits > bits_max)
		return false;
	out->bits = (uint8_t)bits;
	return rest_is_zero(out, bits_max);
}

size_t
nj_prefix_text(const struct nj_prefix *p, char out[NJ_PREFIX_TEXT])
{
	size_t n = nj_addr_text(&p->addr, out);

	return n +
	       (size_t)snprintf(out + n, NJ_PREFIX_TEXT - n, "/%u", p->bits);
}
