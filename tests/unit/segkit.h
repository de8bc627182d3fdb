/*
 * segkit.h - segments in memory, and rows of any log type with values at
 * random, for tests of what stores and searches columns.
 */
#ifndef NJ_TESTS_UNIT_SEGKIT_H
#define NJ_TESTS_UNIT_SEGKIT_H

#include "tests/unit/unit.h"

#include <stdlib.h>

#include "engine/base/hash.h"
#include "engine/store/segment.h"

struct segment {
	struct nj_seg_header header;
	struct nj_buf header_bytes;
	struct nj_buf part[256];
	unsigned lent; /* parts that were not let go */
};

static inline void
segment_part(void *ctx, uint8_t part, struct nj_view bytes)
{
	struct segment *s = ctx;

	assert_int_equal(s->part[part].len, 0);
	nj_buf_put(&s->part[part], bytes.data, bytes.len);
}

static inline void
segment_let_go(void *held)
{
	struct segment *s = held;

	assert_true(s->lent-- > 0);
}

static inline enum nj_err
segment_get(void *ctx, uint8_t part, struct nj_view *out, void **held)
{
	struct segment *s = ctx;

	if (!s->part[part].len)
		return NJ_E_NOENT;
	*out = (struct nj_view){ s->part[part].data, s->part[part].len };
	*held = s;
	s->lent++;
	return NJ_OK;
}

static inline struct nj_seg_source
segment_source(struct segment *s)
{
	return (struct nj_seg_source){ s, segment_get, segment_let_go };
}

/* Finishes b into s, which is empty, and reads the header back. */
static inline void
segment_finish(struct segment *s, struct nj_seg_builder *b)
{
	struct nj_seg_out out = { s, segment_part };

	assert_int_equal(
		nj_seg_builder_finish(b, &out, &s->header_bytes), NJ_OK);
	assert_true(nj_seg_header_parse(&s->header,
		(struct nj_view){ s->header_bytes.data, s->header_bytes.len }));
}

static inline void
segment_free(struct segment *s)
{
	assert_int_equal(s->lent, 0);
	nj_buf_free(&s->header_bytes);
	for (unsigned i = 0; i < nj_countof(s->part); i++)
		nj_buf_free(&s->part[i]);
	*s = (struct segment){ 0 };
}

/* ---- Rows at random ---- */

struct chance {
	uint64_t state;
	/* How many values there are to draw from; 0: any. */
	uint32_t values;
};

static inline uint64_t
chance_next(struct chance *c)
{
	return nj_mix64(c->state += UINT64_C(0x9e3779b97f4a7c15));
}

/* Numbers of all sizes, the greatest and least among them. */
static inline uint64_t
chance_number(struct chance *c)
{
	uint64_t r = chance_next(c);

	if (c->values)
		return nj_mix64(r % c->values) >> 20;
	if (r % 16 == 0)
		return r & 16 ? UINT64_MAX : 0;
	return chance_next(c) >> (r >> 8) % 64;
}

static inline struct nj_addr
chance_addr(struct chance *c)
{
	uint64_t v[2] = { chance_number(c), chance_number(c) };

	return v[0] & 1 ? nj_addr6(v) : nj_addr4(v);
}

enum { CHANCE_TEXT = 400, CHANCE_ELEMS = 5 };

/* Into room for CHANCE_TEXT bytes. */
static inline struct nj_view
chance_text(struct chance *c, uint8_t *room)
{
	uint64_t r = chance_number(c), x = r;
	size_t n = nj_mix64(r) % (r % 8 ? 24 : CHANCE_TEXT);

	for (size_t i = 0; i < n; i++) {
		room[i] = (uint8_t)x;
		x = i % 8 == 7 ? nj_mix64(x) : x >> 8;
	}
	return (struct nj_view){ room, n };
}

static inline void
chance_put(struct nj_row_writer *w, const struct nj_field *f, struct chance *c)
{
	static uint8_t room[CHANCE_ELEMS][CHANCE_TEXT];
	uint32_t n = (uint32_t)(chance_next(c) % CHANCE_ELEMS);
	struct nj_view views[CHANCE_ELEMS];
	struct nj_addr addrs[CHANCE_ELEMS];
	uint64_t numbers[CHANCE_ELEMS];
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;
	uint8_t u8;

	for (unsigned i = 0; i < CHANCE_ELEMS; i++) {
		views[i] = chance_text(c, room[i]);
		addrs[i] = chance_addr(c);
		numbers[i] = chance_number(c);
	}
	u64 = numbers[0];
	u32 = (uint32_t)u64;
	u16 = (uint16_t)u64;
	u8 = (uint8_t)u64;
	if (f->type == NJ_T_BOOL)
		u8 &= 1;
	if (f->type == NJ_T_BOOL || f->type == NJ_T_U8)
		nj_row_put(w, f, &u8);
	else if (f->type == NJ_T_U16)
		nj_row_put(w, f, &u16);
	else if (f->type == NJ_T_U32)
		nj_row_put(w, f, &u32);
	else if (f->type < NJ_T_STR)
		nj_row_put(w, f, &u64);
	else if (f->type == NJ_T_STR)
		nj_row_put(w, f, &views[0]);
	else if (f->type == NJ_T_ADDR)
		nj_row_put(w, f, &addrs[0]);
	else if (f->type == NJ_T_VSTR)
		nj_row_put(w, f, &(struct nj_vstr){ views, n });
	else if (f->type == NJ_T_VU64)
		nj_row_put(w, f, &(struct nj_vu64){ numbers, n });
	else if (f->type == NJ_T_VIVAL)
		nj_row_put(w, f,
			&(struct nj_vival){ (const int64_t *)numbers, n });
	else if (f->type == NJ_T_VADDR)
		nj_row_put(w, f, &(struct nj_vaddr){ addrs, n });
}

/* A head with what most have, and sometimes with what few have. */
static inline struct nj_head
chance_head(struct chance *c)
{
	uint64_t r = chance_next(c);
	struct nj_head h = {
		.ts_ns = INT64_C(1700000000000000000) +
			 (int64_t)(chance_next(c) % 1000000) * 1000,
		.uid = { chance_next(c), (uint32_t)chance_next(c) },
	};

	h.order_ns = h.ts_ns;
	if (r % 8 == 0)
		h.uid[0] = h.uid[1] = 0;
	if (r % 32 < 30) {
		h.orig = chance_addr(c);
		h.resp = chance_addr(c);
		h.orig_p = (uint16_t)chance_next(c);
		h.resp_p = (uint16_t)chance_number(c);
		h.ip_proto = r & 64 ? 6 : 17;
	}
	if (r % 128 < 8) {
		h.vlan[0] = 1 + (uint16_t)(r >> 32) % 4094;
		h.vlan[1] = r & 256 ? 7 : 0;
	}
	if (r % 512 < 8)
		memcpy(h.mac, &h.uid, sizeof(h.mac));
	return h;
}

/* A row of the type, of whose fields about one in eight is not there; gives
 * its length. */
static inline size_t
chance_row(uint8_t *out, size_t cap, const struct nj_event_desc *desc,
	struct chance *c)
{
	struct nj_head head = chance_head(c);
	struct nj_row_writer w;

	nj_row_begin(&w, out, cap, nj_event_type(desc), &head);
	for (unsigned i = 0; i < desc->count; i++)
		if (chance_next(c) % 8)
			chance_put(&w, &desc->fields[i], c);
	return nj_row_end(&w);
}

#endif
