/*
 * cur.h - a reading cursor that goes bad instead of overrunning. A read past
 * the end answers zero and sets bad, and so does every read after it: test
 * c.bad once, before what was read is used.
 */
#ifndef NJ_BASE_CUR_H
#define NJ_BASE_CUR_H

#include "engine/base/base.h"

struct nj_cur {
	const uint8_t *at, *end;
	bool bad;
};

static inline struct nj_cur
nj_cur(struct nj_view v)
{
	return (struct nj_cur){ v.data, v.data ? v.data + v.len : NULL, false };
}

static inline size_t
nj_cur_left(const struct nj_cur *c)
{
	return c->bad ? 0 : (size_t)(c->end - c->at);
}

/* The next n bytes as a view, which is empty (and the cursor bad) if there
 * are fewer. */
static inline struct nj_view
nj_cur_take(struct nj_cur *c, size_t n)
{
	struct nj_view v = { 0 };

	if (nj_unlikely(n > nj_cur_left(c))) {
		c->bad = true;
		return v;
	}
	v = (struct nj_view){ c->at, n };
	if (n)
		c->at += n;
	return v;
}

static inline void
nj_cur_skip(struct nj_cur *c, size_t n)
{
	(void)nj_cur_take(c, n);
}

static inline uint8_t
nj_cur_u8(struct nj_cur *c)
{
	struct nj_view v = nj_cur_take(c, 1);

	return v.data ? v.data[0] : 0;
}

/* Big-endian (network order) reads. */
static inline uint16_t
nj_cur_u16(struct nj_cur *c)
{
	struct nj_view v = nj_cur_take(c, 2);

	return v.data ? (uint16_t)(v.data[0] << 8 | v.data[1]) : 0;
}

static inline uint32_t
nj_cur_u24(struct nj_cur *c)
{
	struct nj_view v = nj_cur_take(c, 3);

	return v.data ? (uint32_t)v.data[0] << 16 | (uint32_t)v.data[1] << 8 |
				v.data[2]
		      : 0;
}

static inline uint32_t
nj_cur_u32(struct nj_cur *c)
{
	struct nj_view v = nj_cur_take(c, 4);
	uint32_t x = 0;

	if (v.data)
		memcpy(&x, v.data, 4);
	return __builtin_bswap32(x);
}

static inline uint64_t
nj_cur_u64(struct nj_cur *c)
{
	struct nj_view v = nj_cur_take(c, 8);
	uint64_t x = 0;

	if (v.data)
		memcpy(&x, v.data, 8);
	return __builtin_bswap64(x);
}

/* Little-endian reads. */
static inline uint16_t
nj_cur_le16(struct nj_cur *c)
{
	return __builtin_bswap16(nj_cur_u16(c));
}

static inline uint32_t
nj_cur_le32(struct nj_cur *c)
{
	return __builtin_bswap32(nj_cur_u32(c));
}

static inline uint64_t
nj_cur_le64(struct nj_cur *c)
{
	return __builtin_bswap64(nj_cur_u64(c));
}

/* All that is left, without moving. */
static inline struct nj_view
nj_cur_rest(const struct nj_cur *c)
{
	return (struct nj_view){ c->at, nj_cur_left(c) };
}

/* The bytes up to the next '\n', without it and without a '\r' before it;
 * moves past it. Goes bad if no '\n' is left. */
struct nj_view nj_cur_line(struct nj_cur *c);

#endif
