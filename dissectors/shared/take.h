/*
 * take.h - what many protocols write alike and cur.h does not read: texts that
 * end in a NUL, numbers of seven bits a byte.
 */
#ifndef NJ_DISSECTORS_SHARED_TAKE_H
#define NJ_DISSECTORS_SHARED_TAKE_H

#include "engine/base/cur.h"

/* The text up to a NUL, which is passed; bad where there is none. */
static inline struct nj_view
nj_take_text(struct nj_cur *c)
{
	struct nj_view rest = nj_cur_rest(c);
	size_t n = nj_view_chr(rest, 0);

	if (n == SIZE_MAX) {
		c->bad = true;
		return (struct nj_view){ 0 };
	}
	nj_cur_skip(c, n + 1);
	return nj_sub(rest, 0, n);
}

/* What stands behind its length, of two bytes. */
static inline struct nj_view
nj_take_pre16(struct nj_cur *c)
{
	return nj_cur_take(c, nj_cur_u16(c));
}

/* Of four bytes; of a text that is cut, what is here when cut may be. */
static inline struct nj_view
nj_take_pre32(struct nj_cur *c, bool may_be_cut)
{
	size_t n = nj_cur_u32(c);

	return nj_cur_take(c, may_be_cut ? nj_min(n, nj_cur_left(c)) : n);
}

/* Seven bits a byte, the lowest first, the highest bit says that another byte
 * follows; bad behind max of them (at most 5). */
static inline uint32_t
nj_take_varint(struct nj_cur *c, unsigned max)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < max; i++) {
		uint8_t byte = nj_cur_u8(c);

		n |= (uint32_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80))
			return n;
	}
	c->bad = true;
	return 0;
}

#endif
