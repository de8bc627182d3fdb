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

/* ---- Bound ---- */
static const char *const ops[] = {
	[NJ_OP_EXISTS] = "exists",
	[NJ_OP_U] = "u",
	[NJ_OP_I] = "i",
	[NJ_OP_F] = "f",
	[NJ_OP_ADDR] = "addr",
	[NJ_OP_UID] = "uid",
	[NJ_OP_TEXT] = "text",
	[NJ_OP_HAS] = "has",
	[NJ_OP_GLOB] = "glob",
	[NJ_OP_ORDER] = "order",
	[NJ_OP_REGEX] = "regex",
};

static void
put_column(struct nj_buf *out, const struct nj_event_desc *desc, uint8_t id)
{
	char name[128];

	for (unsigned i = 0; i < desc->count; i++) {
		if (desc->fields[i].id != id)
			continue;
		(void)nj_field_name(&desc->fields[i], name, sizeof(name));
		nj_buf_str(out, name);
	}
	nj_buf_str(out, nj_query_head_name(id));
}

static void
put_addr(struct nj_buf *out, const struct nj_addr *a)
{
	char text[NJ_ADDR_TEXT];

	nj_buf_put(out, text, nj_addr_text(a, text));
}

static void
put_order(struct nj_buf *out, const struct nj_operand *o)
{
	nj_buf_str(out, o->open ? "{" : "[");
	if (o->text.data)
		put_text(out, o->text);
	nj_buf_char(out, ',');
	if (o->text_to.data)
		put_text(out, o->text_to);
	nj_buf_str(out, o->open_to ? "}" : "]");
}

static void
put_operand(struct nj_buf *out, const struct nj_bound *b,
	const struct nj_operand *o)
{
	char uid[NJ_UID_CAP];

	switch ((enum nj_op)o->op) {
	case NJ_OP_EXISTS:
		return;
	case NJ_OP_U:
		nj_buf_printf(out, "[%llu,%llu]", (unsigned long long)o->u,
			(unsigned long long)o->u_to);
		return;
	case NJ_OP_I:
		nj_buf_printf(out, "[%lld,%lld]", (long long)o->i,
			(long long)o->i_to);
		return;
	case NJ_OP_F:
		nj_buf_printf(out, "[%.17g,%.17g]", o->f, o->f_to);
		return;
	case NJ_OP_ADDR:
		nj_buf_char(out, '[');
		put_addr(out, &o->addr);
		nj_buf_char(out, ',');
		put_addr(out, &o->addr_to);
		nj_buf_char(out, ']');
		return;
	case NJ_OP_UID:
		nj_buf_put(out, uid, nj_uid_format('C', o->uid, uid));
		return;
	case NJ_OP_TEXT:
	case NJ_OP_HAS:
	case NJ_OP_GLOB:
		put_text(out, o->text);
		return;
	case NJ_OP_ORDER:
		put_order(out, o);
		return;
	case NJ_OP_REGEX:
		put_text(out, b->regexes[o->regex].pattern);
	}
}

static void
put_leaf(struct nj_buf *out, const struct nj_bound *b,
	const struct nj_event_desc *desc, const struct nj_bound_node *n)
{
	const struct nj_operand *o = n->operand;

	nj_buf_str(out, n->negate ? "!" : "");
	put_column(out, desc, n->column);
	nj_buf_printf(out, ":%s%s", ops[o->op], o->nocase ? "~" : "");
	if (o->op != NJ_OP_EXISTS)
		nj_buf_char(out, '=');
	put_operand(out, b, o);
}

/* Recursion is bounded by NJ_QUERY_TREE_DEPTH_MAX. */
static void
put_bound(struct nj_buf *out, const struct nj_bound *b,
	const struct nj_event_desc *desc, const struct nj_bound_node *n)
{
	if (n->kind == NJ_BOUND_LEAF) {
		put_leaf(out, b, desc, n);
		return;
	}
	nj_buf_str(out, n->kind == NJ_BOUND_AND ? "(and" : "(or");
	for (n = n->first; n; n = n->next) {
		nj_buf_char(out, ' ');
		put_bound(out, b, desc, n);
	}
	nj_buf_char(out, ')');
}

void
nj_bound_dump(struct nj_buf *out, const struct nj_bound *b)
{
	for (unsigned i = 0; i < b->count; i++) {
		nj_buf_printf(out, "%s ", b->types[i].desc->name);
		if (b->types[i].root)
			put_bound(out, b, b->types[i].desc, b->types[i].root);
		else
			nj_buf_str(out, "all");
		nj_buf_char(out, '\n');
	}
}
