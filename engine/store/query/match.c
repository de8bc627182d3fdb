/*
 * match.c - what the tests of bound queries mean, and one row against them.
 * Evaluators of columns use the same tests, or are held to them by tests.
 */
#include "engine/store/query/query_priv.h"

/* ---- Tests of one value ---- */
/* Whether low, which is in lower case if nocase, begins at p. */
static bool
begins(struct nj_view low, const uint8_t *p, bool nocase)
{
	if (!nocase)
		return memcmp(low.data, p, low.len) == 0;
	for (size_t i = 0; i < low.len; i++)
		if (low.data[i] != nj_query_low(p[i]))
			return false;
	return true;
}

static bool
is_equal(const struct nj_operand *o, struct nj_view text)
{
	return text.len == o->text.len &&
	       (!text.len || begins(o->text, text.data, o->nocase));
}

static bool
has(const struct nj_operand *o, struct nj_view text)
{
	struct nj_view t = o->text;

	for (size_t i = 0; i + t.len <= text.len; i++)
		if (t.len == 0 || begins(t, text.data + i, o->nocase))
			return true;
	return false;
}

/* Less, equal or more, as memcmp; low is in lower case if nocase. */
static int
order(struct nj_view text, struct nj_view low, bool nocase)
{
	size_t n = nj_min(text.len, low.len);

	for (size_t i = 0; i < n; i++) {
		uint8_t c = nocase ? nj_query_low(text.data[i]) : text.data[i];

		if (c != low.data[i])
			return c < low.data[i] ? -1 : 1;
	}
	return (text.len > low.len) - (text.len < low.len);
}

static bool
in_order(const struct nj_operand *o, struct nj_view text)
{
	int from = o->text.data ? order(text, o->text, o->nocase) : 1;
	int to = o->text_to.data ? order(text, o->text_to, o->nocase) : -1;

	return (o->open ? from > 0 : from >= 0) &&
	       (o->open_to ? to < 0 : to <= 0);
}

bool
nj_operand_text(const struct nj_bound *b, const struct nj_operand *o,
	struct nj_view text)
{
	switch ((enum nj_op)o->op) {
	case NJ_OP_TEXT:
		return is_equal(o, text);
	case NJ_OP_HAS:
		return has(o, text);
	case NJ_OP_GLOB:
		return nj_query_glob_match(o->text, text, o->nocase);
	case NJ_OP_ORDER:
		return in_order(o, text);
	case NJ_OP_REGEX:
		return b->matcher->match(
			b->matcher->ctx, b->regexes[o->regex].compiled, text);
	default:
		return false;
	}
}

bool
nj_operand_addr(const struct nj_operand *o, const struct nj_addr *a)
{
	size_t n = a->family == 4 ? 4 : 16;

	return a->family && a->family == o->addr.family &&
	       memcmp(a->bytes, o->addr.bytes, n) >= 0 &&
	       memcmp(a->bytes, o->addr_to.bytes, n) <= 0;
}

/* ---- Values of a row ---- */
struct values {
	const struct nj_bound *b;
	const struct nj_row *row;
	struct nj_row_field v[NJ_EVENT_ID_MAX + 1];
	uint64_t has;
};

static void
values_of(
	struct values *out, const struct nj_bound *b, const struct nj_row *row)
{
	struct nj_row_field f = { 0 };
	struct nj_row_iter it;

	out->b = b;
	out->row = row;
	out->has = 0;
	nj_row_iter_init(&it, row);
	while (nj_row_next(&it, &f)) {
		out->v[f.id] = f;
		out->has |= UINT64_C(1) << f.id;
	}
}

static bool
addr_matches(const struct values *v, const struct nj_operand *o,
	const struct nj_addr *a)
{
	char text[NJ_ADDR_TEXT];

	if (!a->family)
		return false;
	if (o->op == NJ_OP_ADDR)
		return nj_operand_addr(o, a);
	return nj_operand_text(v->b, o,
		(struct nj_view){ (uint8_t *)text, nj_addr_text(a, text) });
}

static bool
value_matches(const struct values *v, const struct nj_operand *o,
	const struct nj_row_field *f)
{
	switch ((enum nj_op)o->op) {
	case NJ_OP_U:
		return o->u <= f->u && f->u <= o->u_to;
	case NJ_OP_I:
		return o->i <= f->i && f->i <= o->i_to;
	case NJ_OP_F:
		return o->f <= f->f && f->f <= o->f_to;
	default:
		return f->type == NJ_T_ADDR
			       ? addr_matches(v, o, &f->addr)
			       : nj_operand_text(v->b, o, f->bytes);
	}
}

static bool
field_matches(const struct values *v, const struct nj_bound_node *n)
{
	struct nj_row_field vec, elem = { 0 };

	if (!(v->has >> n->column & 1))
		return false;
	if (n->operand->op == NJ_OP_EXISTS)
		return true;
	if (n->type < NJ_T_VSTR)
		return value_matches(v, n->operand, &v->v[n->column]);
	vec = v->v[n->column];
	while (nj_row_elem(&vec, &elem))
		if (value_matches(v, n->operand, &elem))
			return true;
	return false;
}

static uint64_t
mac_number(const uint8_t mac[6])
{
	uint64_t n = 0;

	for (int i = 0; i < 6; i++)
		n = n << 8 | mac[i];
	return n;
}

static bool
uid_matches(const struct values *v, const struct nj_operand *o)
{
	const uint64_t *uid = v->row->head.uid;
	char text[NJ_UID_CAP];

	if (!(uid[0] | uid[1]))
		return false;
	if (o->op == NJ_OP_EXISTS)
		return true;
	if (o->op == NJ_OP_UID)
		return uid[0] == o->uid[0] &&
		       (uid[1] & UINT32_MAX) == o->uid[1];
	return nj_operand_text(v->b, o,
		(struct nj_view){
			(uint8_t *)text, nj_uid_format('C', uid, text) });
}

/* A column of the head as a field; false when the row has none. */
static bool
head_value(const struct nj_head *h, uint8_t column, struct nj_row_field *f)
{
	*f = (struct nj_row_field){ .type = NJ_T_U64 };
	switch (column) {
	case NJ_COL_TS:
		f->i = h->ts_ns;
		return true;
	case NJ_COL_ORIG_H:
	case NJ_COL_RESP_H:
		f->type = NJ_T_ADDR;
		f->addr = column == NJ_COL_ORIG_H ? h->orig : h->resp;
		return f->addr.family != 0;
	case NJ_COL_ORIG_P:
		f->u = h->orig_p;
		return h->orig.family != 0;
	case NJ_COL_RESP_P:
		f->u = h->resp_p;
		return h->resp.family != 0;
	case NJ_COL_VLAN:
		f->u = h->vlan[0];
		return f->u != 0;
	case NJ_COL_VLAN_INNER:
		f->u = h->vlan[1];
		return f->u != 0;
	case NJ_COL_IP_PROTO:
		f->u = h->ip_proto;
		return f->u != 0;
	case NJ_COL_MAC_ORIG:
	case NJ_COL_MAC_RESP:
		f->u = mac_number(h->mac[column == NJ_COL_MAC_RESP]);
		return f->u != 0;
	}
	return false;
}

static bool
leaf_matches(const struct values *v, const struct nj_bound_node *n)
{
	struct nj_row_field f;

	if (n->column <= NJ_EVENT_ID_MAX)
		return field_matches(v, n);
	if (n->column == NJ_COL_UID)
		return uid_matches(v, n->operand);
	if (!head_value(&v->row->head, n->column, &f))
		return false;
	return n->operand->op == NJ_OP_EXISTS ||
	       value_matches(v, n->operand, &f);
}

/* Recursion is bounded by NJ_QUERY_TREE_DEPTH_MAX. */
static bool
node_matches(const struct values *v, const struct nj_bound_node *n)
{
	bool all = n->kind == NJ_BOUND_AND;

	if (n->kind == NJ_BOUND_LEAF)
		return leaf_matches(v, n) != n->negate;
	for (n = n->first; n; n = n->next)
		if (node_matches(v, n) != all)
			return !all;
	return all;
}

const struct nj_bound_type *
nj_bound_find(const struct nj_bound *b, uint32_t type)
{
	for (unsigned i = 0; i < b->count; i++)
		if (b->types[i].type == type)
			return &b->types[i];
	return NULL;
}

bool
nj_bound_match(const struct nj_bound *b, const struct nj_row *row)
{
	const struct nj_bound_type *type = nj_bound_find(b, row->type);
	struct values v;

	if (!type || !type->root)
		return type != NULL;
	values_of(&v, b, row);
	return node_matches(&v, type->root);
}
