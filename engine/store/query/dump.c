/*
 * dump.c - both trees as text, for tests and for those who wonder how a query
 * was understood.
 */
#include "engine/store/query/query_priv.h"

static const char *const kinds[] = { "all", "and", "or", "not", "term" };

static void
put_text(struct nj_buf *out, struct nj_view v)
{
	nj_buf_json_str(out, v);
}

static void
put_range_end(struct nj_buf *out, const struct nj_query_value *v)
{
	if (v->text.data)
		put_text(out, v->text);
	else
		nj_buf_char(out, '*');
}

static void
put_term(struct nj_buf *out, const struct nj_query_node *n)
{
	static const char *const marks[] = { "", "~", "/", "", "" };

	if (n->field.text.data) {
		nj_buf_put(out, n->field.text.data, n->field.text.len);
		nj_buf_char(out, ':');
	}
	if (n->test == NJ_QUERY_EXISTS) {
		nj_buf_char(out, '*');
		return;
	}
	if (n->test != NJ_QUERY_RANGE) {
		nj_buf_str(out, marks[n->test]);
		put_text(out, n->value.text);
		return;
	}
	nj_buf_char(out, n->value.open ? '{' : '[');
	put_range_end(out, &n->value);
	nj_buf_str(out, " TO ");
	put_range_end(out, &n->upto);
	nj_buf_char(out, n->upto.open ? '}' : ']');
}

/* Recursion is bounded by NJ_QUERY_TREE_DEPTH_MAX. */
static void
put_node(struct nj_buf *out, const struct nj_query_node *n)
{
	if (n->kind == NJ_QUERY_ALL) {
		nj_buf_str(out, "all");
		return;
	}
	if (n->kind == NJ_QUERY_TERM) {
		put_term(out, n);
		return;
	}
	nj_buf_printf(out, "(%s", kinds[n->kind]);
	for (n = n->first; n; n = n->next) {
		nj_buf_char(out, ' ');
		put_node(out, n);
	}
	nj_buf_char(out, ')');
}

void
nj_query_dump(struct nj_buf *out, const struct nj_query *q)
{
	put_node(out, q->root);
}
