/*
 * eval_priv.h - a bound query against one segment: could it match at all, and
 * which rows do.
 */
#ifndef NJ_STORE_SEARCH_EVAL_PRIV_H
#define NJ_STORE_SEARCH_EVAL_PRIV_H

#include "engine/store/query/query.h"
#include "engine/store/store.h"

enum { NJ_ROWS_WORDS = NJ_SEGMENT_ROWS_MAX / 64 };

/* A bit for each row of a segment. */
struct nj_rows {
	uint64_t word[NJ_ROWS_WORDS];
};
uint32_t nj_rows_count(const struct nj_rows *r, uint32_t rows);
static inline bool
nj_rows_has(const struct nj_rows *r, uint32_t row)
{
	return r->word[row / 64] >> row % 64 & 1;
}

/* What one thread evaluates with. */
struct nj_eval {
	const struct nj_bound *bound;
	struct nj_seg_arena *arena; /* reset by the caller between segments */
	/* One for each level of the tree, and for time; made when wanted. */
	struct nj_rows *spare[NJ_QUERY_TREE_DEPTH_MAX + 1];
	unsigned depth;
	int64_t from_ns, to_ns; /* ts of rows; to is not included */
	uint64_t values;        /* decoded so far: work done */
};
NJ_MUST_USE enum nj_err nj_eval_init(struct nj_eval *e,
	const struct nj_bound *bound, int64_t from_ns, int64_t to_ns);
void nj_eval_fini(struct nj_eval *e);

/* False: no row of the segment can match (least and greatest values, filters,
 * columns that it does not have). */
bool nj_eval_may_match(const struct nj_bound_node *root,
	const struct nj_seg_header *h, const struct nj_seg_source *from);

/* Sets a bit for each row of the time range that matches root (NULL: every
 * row). NJ_E_FORMAT: corrupt; NJ_E_NOENT: gone meanwhile. */
NJ_MUST_USE enum nj_err nj_eval_segment(struct nj_eval *e,
	const struct nj_bound_node *root, const struct nj_store_segment *s,
	struct nj_rows *out);

/* A decoded column, counted as work. NJ_E_NOENT with present 0 in the header
 * is told as a column of no rows by *out having rows 0. */
NJ_MUST_USE enum nj_err nj_eval_column(struct nj_eval *e,
	const struct nj_store_segment *s, uint8_t id, struct nj_column *out);

#endif
