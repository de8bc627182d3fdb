/*
 * coder_priv.h - what columns are written with and read with: a growing part
 * on one side, a cursor over a stored part and an arena on the other, and
 * the pieces that parts are made of.
 *
 *	zip	bytes, as they are or by zstd
 *	ints	numbers: an offset, a step, and what is left packed
 *	dict	values sorted by their bytes (dict_priv.h)
 */
#ifndef NJ_STORE_CODER_PRIV_H
#define NJ_STORE_CODER_PRIV_H

#include "engine/base/buf.h"
#include "engine/base/cur.h"
#include "engine/store/segment.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

/* Buffers that grow and are used again for the next column. */
struct nj_coder {
	struct nj_buf out;     /* the part */
	struct nj_buf numbers; /* of ints alone */
	struct nj_buf bytes;   /* of ints and zip */
	struct ZSTD_CCtx_s *zstd;
};
NJ_MUST_USE bool nj_coder_init(struct nj_coder *k);
void nj_coder_fini(struct nj_coder *k);

struct nj_seg_arena {
	uint8_t *base;
	size_t used, cap;
	struct ZSTD_DCtx_s *zstd;
};

struct nj_decoder {
	struct nj_cur in;
	struct nj_seg_arena *arena;
	enum nj_err err; /* the first that happened */
};
/* n elements of bytes each, and room up to a whole run of numbers; NULL, with
 * err told, when the arena is full. */
void *nj_decoder_room(struct nj_decoder *d, size_t n, size_t bytes);
/* Gives false, for callers to return. */
bool nj_decoder_bad(struct nj_decoder *d);

/* Unaligned little-endian numbers at the end of a buffer. */
static inline void
nj_put_u8(struct nj_buf *b, uint8_t v)
{
	nj_buf_put(b, &v, 1);
}
static inline void
nj_put_u32(struct nj_buf *b, uint32_t v)
{
	nj_buf_put(b, &v, 4);
}
static inline void
nj_put_u64(struct nj_buf *b, uint64_t v)
{
	nj_buf_put(b, &v, 8);
}

/* ---- zip.c ---- */
/* By zstd where that gains, unless worth is false. */
void nj_zip_put(struct nj_coder *k, struct nj_view bytes, bool worth);
/* The n bytes that were put: in the part or in the arena. NULL: err. */
const uint8_t *nj_zip_get(struct nj_decoder *d, size_t n);

/* ---- column_int.c ---- */
void nj_ints_put(
	struct nj_coder *k, const uint64_t *v, size_t n, bool is_signed);
/* To one of the two. Each has room for n up to a whole run. */
struct nj_ints_to {
	uint64_t *u;
	uint32_t *code;
};
NJ_MUST_USE bool nj_ints_get(
	struct nj_decoder *d, struct nj_ints_to to, size_t n);

#endif
