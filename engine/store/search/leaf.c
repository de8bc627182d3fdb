/*
 * leaf.c - one test of a query on one column of a segment.
 */
#include "engine/store/search/leaf_priv.h"

#include <stdlib.h>

/* ---- Passing over ---- */

static bool
filter_says(const struct nj_seg_header *h, const struct nj_seg_source *from,
	const struct nj_bound_node *node, const void *bytes, size_t n)
{
	return nj_segment_may_hold(
		h, from, node->column, (struct nj_view){ bytes, n });
}

static bool
may_be_uid(const struct nj_seg_header *h, const struct nj_seg_source *from,
	const struct nj_bound_node *node)
{
	uint8_t key[12];

	nj_seg_uid_key(node->operand->uid, key);
	return filter_says(h, from, node, key, sizeof(key));
}

static size_t
addr_bytes(const struct nj_addr *a)
{
	return a->family == 6 ? 16 : 4;
}

bool
nj_leaf_may_match(const struct nj_bound_node *node,
	const struct nj_seg_header *h, const struct nj_seg_column *c,
	const struct nj_seg_source *from)
{
	const struct nj_operand *o = node->operand;

	switch ((enum nj_op)o->op) {
	case NJ_OP_U:
		if (c->ranged && (o->u > c->max.u || o->u_to < c->min.u))
			return false;
		return o->u != o->u_to ||
		       filter_says(h, from, node, &o->u, sizeof(o->u));
	case NJ_OP_I:
		return !c->ranged || !(o->i > c->max.i || o->i_to < c->min.i);
	case NJ_OP_F:
		return !c->ranged || !(o->f > c->max.f || o->f_to < c->min.f);
	case NJ_OP_ADDR:
		return !nj_addr_eq(&o->addr, &o->addr_to) ||
		       filter_says(h, from, node, o->addr.bytes,
			       addr_bytes(&o->addr));
	case NJ_OP_UID:
		return may_be_uid(h, from, node);
	case NJ_OP_TEXT:
		return !o->nocase ||
		       filter_says(h, from, node, o->text.data, o->text.len);
	default:
		return true;
	}
}

/* ---- Numbers ---- */

/* Ones for the values of 64 rows within a range of n + 1 from low. */
static uint64_t
word_within(const uint64_t *v, unsigned rows, uint64_t low, uint64_t n)
{
	uint8_t hit[64];
	uint64_t bits = 0;

	/* In two steps, as compilers vectorise the first. */
	for (unsigned i = 0; i < rows; i++)
		hit[i] = v[i] - low <= n;
	for (unsigned i = 0; i < rows; i++)
		bits |= (uint64_t)hit[i] << i;
	return bits;
}

static uint64_t
word_within_f(const uint64_t *v, unsigned rows, double low, double high)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < rows; i++) {
		double f;

		memcpy(&f, &v[i], sizeof(f));
		bits |= (uint64_t)(f >= low && f <= high) << i;
	}
	return bits;
}

static uint64_t
word_number(const struct nj_operand *o, const uint64_t *v, unsigned rows)
{
	if (o->op == NJ_OP_F)
		return word_within_f(v, rows, o->f, o->f_to);
	if (o->op == NJ_OP_U)
		return o->u > o->u_to
			       ? 0
			       : word_within(v, rows, o->u, o->u_to - o->u);
	/* The difference of two's complements orders as signed numbers do. */
	return o->i > o->i_to ? 0
			      : word_within(v, rows, (uint64_t)o->i,
					(uint64_t)o->i_to - (uint64_t)o->i);
}

/* ---- Codes ---- */

static bool
entry_matches(struct nj_eval *e, const struct nj_bound_node *node,
	struct nj_view entry)
{
	const struct nj_operand *o = node->operand;
	struct nj_addr addr;
	char text[NJ_ADDR_TEXT];
	bool is_addr = node->type == NJ_T_ADDR || node->type == NJ_T_VADDR;

	if (!is_addr)
		return nj_operand_text(e->bound, o, entry);
	addr = entry.len == 16 ? nj_addr6(entry.data) : nj_addr4(entry.data);
	if (o->op == NJ_OP_ADDR)
		return nj_operand_addr(o, &addr);
	return nj_operand_text(e->bound, o,
		(struct nj_view){
			(const uint8_t *)text, nj_addr_text(&addr, text) });
}

/* One byte for each entry of the dictionary: does it match? Gives the range
 * of those that do: entries are sorted, so what begins alike lies together. */
struct hits {
	uint8_t *hit;
	uint32_t first, last, n;
};

static bool
find_hits(struct nj_eval *e, const struct nj_bound_node *node,
	const struct nj_dict *d, struct hits *out)
{
	*out = (struct hits){ .hit = malloc(d->n ? d->n : 1) };
	if (!out->hit)
		return false;
	for (uint32_t i = 0; i < d->n; i++) {
		out->hit[i] = entry_matches(e, node, nj_dict_get(d, i));
		if (!out->hit[i])
			continue;
		if (!out->n++)
			out->first = i;
		out->last = i;
	}
	return true;
}

static uint64_t
word_codes(const struct hits *h, const uint32_t *code, unsigned rows)
{
	uint32_t low = h->first, n = h->last - h->first;
	bool together = n + 1 == h->n;
	uint8_t hit[64];
	uint64_t bits = 0;

	if (together)
		for (unsigned i = 0; i < rows; i++)
			hit[i] = code[i] - low <= n;
	else
		for (unsigned i = 0; i < rows; i++)
			hit[i] = h->hit[code[i]];
	for (unsigned i = 0; i < rows; i++)
		bits |= (uint64_t)hit[i] << i;
	return bits;
}

/* ---- Uids ---- */

static uint64_t
word_uids(struct nj_eval *e, const struct nj_operand *o,
	const struct nj_column *col, uint32_t at, unsigned rows)
{
	uint64_t bits = 0, key[2];
	char text[NJ_UID_CAP];

	for (unsigned i = 0; i < rows; i++) {
		nj_seg_uid(col, at + i, key);
		if (o->op == NJ_OP_UID) {
			bits |= (uint64_t)(key[0] == o->uid[0] &&
					   (uint32_t)key[1] ==
						   (uint32_t)o->uid[1])
				<< i;
			continue;
		}
		(void)nj_uid_format('C', key, text);
		bits |= (uint64_t)nj_operand_text(e->bound, o, nj_str(text))
			<< i;
	}
	return bits;
}

/* ---- All of a column ---- */

/* Test of values or elements at..at + n, n up to 64. */
struct test {
	struct nj_eval *e;
	const struct nj_bound_node *node;
	const struct nj_column *col;
	struct hits hits;
};

static uint64_t
word_at(const struct test *t, uint32_t at, unsigned n)
{
	const struct nj_column *col = t->col;
	const struct nj_operand *o = t->node->operand;

	if (col->id == NJ_COL_UID)
		return word_uids(t->e, o, col, at, n);
	if (col->dict.at)
		return t->hits.n ? word_codes(&t->hits, col->code + at, n) : 0;
	return word_number(o, col->u + at, n);
}

static void
match_rows(const struct test *t, struct nj_rows *out)
{
	const struct nj_column *col = t->col;

	for (uint32_t at = 0; at < col->rows; at += 64) {
		uint64_t bits = word_at(t, at, nj_min(64, col->rows - at));

		out->word[at / 64] =
			col->present ? bits & col->present[at / 64] : bits;
	}
}

static bool
any_of(const struct test *t, uint32_t from, uint32_t to)
{
	for (uint32_t at = from; at < to; at += 64)
		if (word_at(t, at, nj_min(64, to - at)))
			return true;
	return false;
}

static void
match_vectors(const struct test *t, struct nj_rows *out)
{
	const struct nj_column *col = t->col;

	for (uint32_t row = 0; row < col->rows; row++)
		if (any_of(t, col->first[row], col->first[row + 1]))
			out->word[row / 64] |= UINT64_C(1) << row % 64;
}

static void
exists(const struct nj_column *col, struct nj_rows *out)
{
	for (uint32_t at = 0; at < col->rows; at += 64) {
		unsigned n = nj_min(64, col->rows - at);

		out->word[at / 64] = col->present ? col->present[at / 64]
				     : n == 64    ? UINT64_MAX
						  : (UINT64_C(1) << n) - 1;
	}
}

enum nj_err
nj_leaf_match(struct nj_eval *e, const struct nj_bound_node *node,
	const struct nj_column *col, struct nj_rows *out)
{
	struct test t = { .e = e, .node = node, .col = col };

	if (node->operand->op == NJ_OP_EXISTS) {
		exists(col, out);
		return NJ_OK;
	}
	if (col->dict.at && !find_hits(e, node, &col->dict, &t.hits))
		return NJ_E_NOMEM;
	if (col->first)
		match_vectors(&t, out);
	else
		match_rows(&t, out);
	free(t.hits.hit);
	return NJ_OK;
}
