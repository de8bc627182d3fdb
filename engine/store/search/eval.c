/*
 * eval.c - evaluates the tree of a bound query on one segment, a column at a
 * time, 64 rows a word.
 *
 * Texts and addresses are compared once for each entry of the dictionary;
 * rows then only compare codes. The tree has a bounded depth (query.h), and
 * so has the recursion over it.
 */
#include "engine/store/search/eval_priv.h"

#include <stdlib.h>

#include "engine/store/search/leaf_priv.h"

static size_t
words_of(uint32_t rows)
{
	return (rows + 63) / 64;
}

uint32_t
nj_rows_count(const struct nj_rows *r, uint32_t rows)
{
	uint32_t n = 0;

	for (size_t i = 0; i < words_of(rows); i++)
		n += (uint32_t)__builtin_popcountll(r->word[i]);
	return n;
}

enum nj_err
nj_eval_init(struct nj_eval *e, const struct nj_bound *bound, int64_t from_ns,
	int64_t to_ns)
{
	*e = (struct nj_eval){
		.bound = bound, .from_ns = from_ns, .to_ns = to_ns
	};
	return nj_seg_arena_create(&e->arena, NJ_SEARCH_ARENA_BYTES);
}

void
nj_eval_fini(struct nj_eval *e)
{
	nj_seg_arena_destroy(&e->arena);
	for (unsigned i = 0; i < nj_countof(e->spare); i++) {
		free(e->spare[i]);
		e->spare[i] = NULL;
	}
}

static struct nj_rows *
spare(struct nj_eval *e, unsigned level)
{
	NJ_ASSERT(level < nj_countof(e->spare));
	if (!e->spare[level])
		e->spare[level] = malloc(sizeof(*e->spare[level]));
	return e->spare[level];
}

enum nj_err
nj_eval_column(struct nj_eval *e, const struct nj_store_segment *s, uint8_t id,
	struct nj_column *out)
{
	const struct nj_seg_column *c = nj_seg_header_column(s->header, id);

	*out = (struct nj_column){ .id = id };
	if (!c || !c->present)
		return NJ_OK;
	e->values += s->header->rows;
	return nj_segment_column(out, s->header, &s->source, id, e->arena);
}

/* ---- Passing over ---- */

static bool
leaf_may_match(const struct nj_bound_node *node, const struct nj_seg_header *h,
	const struct nj_seg_source *from)
{
	const struct nj_seg_column *c = nj_seg_header_column(h, node->column);

	if (node->negate)
		return true;
	if (!c || !c->present)
		return false;
	return nj_leaf_may_match(node, h, c, from);
}

bool
nj_eval_may_match(const struct nj_bound_node *node,
	const struct nj_seg_header *h, const struct nj_seg_source *from)
{
	if (!node || (node->kind != NJ_BOUND_LEAF && node->negate))
		return true;
	if (node->kind == NJ_BOUND_LEAF)
		return leaf_may_match(node, h, from);
	for (const struct nj_bound_node *c = node->first; c; c = c->next) {
		bool may = nj_eval_may_match(c, h, from);

		if (may != (node->kind == NJ_BOUND_AND))
			return may;
	}
	return node->kind == NJ_BOUND_AND;
}

/* ---- Rows ---- */

/* The rows of a segment from one to another, as bits. */
static void
set_range(struct nj_rows *r, uint32_t rows, uint32_t from, uint32_t to)
{
	memset(r->word, 0, words_of(rows) * sizeof(r->word[0]));
	for (uint32_t i = from; i < to;) {
		uint32_t at = i % 64, n = nj_min(64 - at, to - i);
		uint64_t ones = n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;

		r->word[i / 64] |= ones << at;
		i += n;
	}
}

/* Rows are sorted by ts: the first that is not before ns. */
static uint32_t
first_at(const struct nj_column *ts, int64_t ns)
{
	uint32_t low = 0, high = ts->rows;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if ((int64_t)ts->u[mid] < ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static enum nj_err
in_time(struct nj_eval *e, const struct nj_store_segment *s,
	struct nj_rows *out)
{
	const struct nj_seg_header *h = s->header;
	struct nj_column ts;
	enum nj_err err;

	if (h->from_ns >= e->from_ns && h->to_ns < e->to_ns) {
		set_range(out, h->rows, 0, h->rows);
		return NJ_OK;
	}
	err = nj_eval_column(e, s, NJ_COL_TS, &ts);
	if (err)
		return err;
	if (!ts.u)
		return NJ_E_FORMAT;
	set_range(out, h->rows, first_at(&ts, e->from_ns),
		first_at(&ts, e->to_ns));
	return NJ_OK;
}

static bool
any(const struct nj_rows *r, uint32_t rows)
{
	for (size_t i = 0; i < words_of(rows); i++)
		if (r->word[i])
			return true;
	return false;
}

static void
flip(struct nj_rows *r, uint32_t rows)
{
	for (size_t i = 0; i < words_of(rows); i++)
		r->word[i] = ~r->word[i];
	if (rows % 64)
		r->word[rows / 64] &= (UINT64_C(1) << rows % 64) - 1;
}

static enum nj_err
eval_leaf(struct nj_eval *e, const struct nj_bound_node *node,
	const struct nj_store_segment *s, struct nj_rows *out)
{
	struct nj_column col;
	enum nj_err err = nj_eval_column(e, s, node->column, &col);

	memset(out->word, 0, words_of(s->header->rows) * sizeof(out->word[0]));
	if (err || !col.rows)
		return err;
	return nj_leaf_match(e, node, &col, out);
}

/* The rows that match, without regard to negate. */
static enum nj_err eval_plain(struct nj_eval *e,
	const struct nj_bound_node *node, const struct nj_store_segment *s,
	struct nj_rows *out);

static enum nj_err
eval_node(struct nj_eval *e, const struct nj_bound_node *node,
	const struct nj_store_segment *s, struct nj_rows *out)
{
	enum nj_err err = eval_plain(e, node, s, out);

	if (!err && node->negate)
		flip(out, s->header->rows);
	return err;
}

static enum nj_err
eval_plain(struct nj_eval *e, const struct nj_bound_node *node,
	const struct nj_store_segment *s, struct nj_rows *out)
{
	bool all = node->kind == NJ_BOUND_AND;
	uint32_t rows = s->header->rows;
	struct nj_rows *one;
	enum nj_err err = NJ_OK;

	if (node->kind == NJ_BOUND_LEAF)
		return eval_leaf(e, node, s, out);
	NJ_ASSERT(e->depth < NJ_QUERY_TREE_DEPTH_MAX);
	one = spare(e, e->depth++);
	if (!one)
		return NJ_E_NOMEM;
	set_range(out, rows, 0, all ? rows : 0);
	for (const struct nj_bound_node *c = node->first; c && !err;
		c = c->next) {
		/* What cannot change the outcome is not read. */
		if (all && !any(out, rows))
			break;
		if (!nj_eval_may_match(c, s->header, &s->source))
			memset(one->word, 0,
				words_of(rows) * sizeof(one->word[0]));
		else
			err = eval_node(e, c, s, one);
		for (size_t i = 0; i < words_of(rows) && !err; i++)
			out->word[i] = all ? out->word[i] & one->word[i]
					   : out->word[i] | one->word[i];
	}
	e->depth--;
	return err;
}

enum nj_err
nj_eval_segment(struct nj_eval *e, const struct nj_bound_node *root,
	const struct nj_store_segment *s, struct nj_rows *out)
{
	uint32_t rows = s->header->rows;
	struct nj_rows *time;
	enum nj_err err;

	e->depth = 0;
	if (!root)
		return in_time(e, s, out);
	time = spare(e, NJ_QUERY_TREE_DEPTH_MAX);
	err = time ? in_time(e, s, time) : NJ_E_NOMEM;
	if (err)
		return err;
	if (!any(time, rows)) {
		set_range(out, rows, 0, 0);
		return NJ_OK;
	}
	err = eval_node(e, root, s, out);
	for (size_t i = 0; i < words_of(rows) && !err; i++)
		out->word[i] &= time->word[i];
	return err;
}
