/*
 * read_priv.h - columns as they are stored, and heads put together from them.
 */
#ifndef NJ_STORE_READ_PRIV_H
#define NJ_STORE_READ_PRIV_H

#include "engine/store/segment_priv.h"

/* As nj_segment_column, but of what is derived just who has it. */
NJ_MUST_USE enum nj_err nj_seg_read(struct nj_column *out,
	const struct nj_seg_header *h, const struct nj_seg_source *from,
	const struct nj_seg_column *c, struct nj_seg_arena *arena);

/* The columns of heads; those that a segment has not have no rows. */
struct nj_seg_heads {
	struct nj_column column[NJ_COL_END - NJ_COL_TS];
};
NJ_MUST_USE enum nj_err nj_seg_heads_read(struct nj_seg_heads *out,
	const struct nj_seg_header *h, const struct nj_seg_source *from,
	struct nj_seg_arena *arena);
void nj_seg_head(
	const struct nj_seg_heads *heads, uint32_t row, struct nj_head *out);

static inline bool
nj_seg_has(const struct nj_column *c, uint32_t row)
{
	return c->rows && (!c->present || c->present[row / 64] >> row % 64 & 1);
}

#endif
