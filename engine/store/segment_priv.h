/*
 * segment_priv.h - what writer and reader of a segment agree on. The formats
 * are told in docs/developer/store.md.
 */
#ifndef NJ_STORE_SEGMENT_PRIV_H
#define NJ_STORE_SEGMENT_PRIV_H

#include "engine/store/dict_priv.h"

/* How the values of a type are kept. */
enum nj_seg_kind {
	NJ_SEG_NUMBER,
	NJ_SEG_CODE, /* a dictionary and codes */
	NJ_SEG_UID,
	NJ_SEG_NUMBERS, /* vectors: counts, and elements as above */
	NJ_SEG_CODES,
	NJ_SEG_KIND_COUNT
};
/* NJ_SEG_KIND_COUNT for types of a later version. */
enum nj_seg_kind nj_seg_kind(uint8_t id, uint8_t type);
static inline bool
nj_seg_is_vector(enum nj_seg_kind kind)
{
	return kind == NJ_SEG_NUMBERS || kind == NJ_SEG_CODES;
}
static inline bool
nj_seg_is_signed(uint8_t type)
{
	return type == NJ_T_I64 || type == NJ_T_TIME || type == NJ_T_IVAL ||
	       type == NJ_T_VIVAL;
}
static inline bool
nj_seg_is_text(uint8_t type)
{
	return type == NJ_T_STR || type == NJ_T_VSTR;
}

/* A column's part: u32 CRC-32C of the rest, u8 how the values are kept, for
 * codes the dictionary, presence, counts of vectors, values. */
enum {
	NJ_SEG_PLAIN,
	NJ_SEG_DERIVED /* of the community id there is only presence */
};
enum { NJ_SEG_ELEMS_MAX = 1 << 24, NJ_SEG_FILTER_CODES_MIN = 64 };

/* The type of each NJ_COL_*. */
uint8_t nj_seg_head_type(uint8_t id);

void nj_seg_header_write(struct nj_buf *out, const struct nj_seg_header *h);

#endif
