/*
 * leaf_priv.h - one test on one column.
 */
#ifndef NJ_STORE_SEARCH_LEAF_PRIV_H
#define NJ_STORE_SEARCH_LEAF_PRIV_H

#include "engine/store/search/eval_priv.h"

/* Decoded columns of one segment; a query of many fields on rows of long
 * texts may need more, and is refused (NJ_E_FULL). */
enum { NJ_SEARCH_ARENA_BYTES = 512 * 1024 * 1024 };

/* By the header's least and greatest value and the column's filter; node is
 * not negated and the segment has the column. */
bool nj_leaf_may_match(const struct nj_bound_node *node,
	const struct nj_seg_header *h, const struct nj_seg_column *c,
	const struct nj_seg_source *from);
/* Sets bits of rows that match, without regard to negate; out is zero. */
NJ_MUST_USE enum nj_err nj_leaf_match(struct nj_eval *e,
	const struct nj_bound_node *node, const struct nj_column *col,
	struct nj_rows *out);

#endif
