/*
 * sql.c - bound queries to SQL. Every value goes out escaped, texts by
 * nj_sql_text and numbers by us.
 */
#include "engine/store/output/sql.h"

#include <inttypes.h>
#include <stdio.h>

/* Text of which each byte is one character to everybody, and no line end,
 * behind which "$" may match or not. */
static const char plain[] = "^[ -~]*$";

struct writer {
	struct nj_buf *out;
	const struct nj_sql_ask *ask;
	bool exact;
};

/* A value under test: the SQL that names it. */
struct value {
	const char *sql; /* its value, or the text of an address */
	const char *ip;  /* the bytes of an address */
	uint8_t type;    /* never a vector's */
};

/* ---- Literals ---- */

static void
put_i64(struct writer *w, const struct value *v, int64_t i)
{
	bool time = v->type == NJ_T_TIME && !w->ask->columns->plain_ts;

	nj_buf_printf(w->out,
		time ? "fromUnixTimestamp64Nano(toInt64('%" PRId64 "'))"
		     : "toInt64('%" PRId64 "')",
		i);
}

/* Decimal digits would be read by each version in its own way. */
static void
put_f64(struct writer *w, double f)
{
	uint8_t bytes[8];

	memcpy(bytes, &f, sizeof(bytes));
	nj_buf_str(w->out, "reinterpretAsFloat64(unhex('");
	for (size_t i = 0; i < sizeof(bytes); i++)
		nj_buf_printf(w->out, "%02X", bytes[i]);
	nj_buf_str(w->out, "'))");
}

static void
put_ip(struct writer *w, const struct nj_addr *a)
{
	char text[NJ_ADDR_TEXT];

	if (!w->ask->columns->plain_ts) {
		(void)nj_addr_text(a, text);
		nj_buf_printf(w->out,
			a->family == 4 ? "toIPv6('::ffff:%s')" : "toIPv6('%s')",
			text);
		return;
	}
	nj_buf_str(w->out, "unhex('");
	if (a->family == 4)
		nj_buf_str(w->out, "00000000000000000000FFFF");
	for (int i = 0; i < (a->family == 4 ? 4 : 16); i++)
		nj_buf_printf(w->out, "%02X", a->bytes[i]);
	nj_buf_str(w->out, "')");
}

/* ---- Tests of text ---- */

/* The text as it is compared: constants without case are in lower case. */
static void
put_text_of(struct writer *w, const struct value *v, bool nocase)
{
	nj_buf_printf(w->out, nocase ? "lower(%s)" : "%s", v->sql);
}

static void
put_order(struct writer *w, const struct value *v, const struct nj_operand *o)
{
	nj_buf_str(w->out, "(1");
	if (o->text.data) {
		nj_buf_str(w->out, " AND ");
		put_text_of(w, v, o->nocase);
		nj_buf_str(w->out, o->open ? " > " : " >= ");
		nj_sql_text(w->out, o->text);
	}
	if (o->text_to.data) {
		nj_buf_str(w->out, " AND ");
		put_text_of(w, v, o->nocase);
		nj_buf_str(w->out, o->open_to ? " < " : " <= ");
		nj_sql_text(w->out, o->text_to);
	}
	nj_buf_char(w->out, ')');
}

/* A pattern that is right for plain text alone: other text matches wherever
 * that keeps the row. */
static void
put_pattern(struct writer *w, const struct value *v, bool nocase,
	struct nj_view pattern, bool negate)
{
	w->exact = false;
	nj_buf_str(w->out, "(match(");
	put_text_of(w, v, nocase);
	nj_buf_str(w->out, ", ");
	nj_sql_text(w->out, pattern);
	nj_buf_printf(w->out, ") %s match(%s, '%s'))",
		negate ? "AND" : "OR NOT", v->sql, plain);
}

/* A glob pattern's texts between its stars. */
enum { PIECES_MAX = 4 };
struct pieces {
	struct nj_buf text[PIECES_MAX];
	unsigned n;
};

/* False: there are more, or it has a '?'. */
static bool
cut_glob(struct nj_view glob, struct pieces *p)
{
	p->n = 1;
	for (size_t i = 0; i < glob.len; i++) {
		uint8_t c = glob.data[i];

		if (c == '?' || (c == '*' && p->n == PIECES_MAX))
			return false;
		if (c == '*') {
			/* Two stars are one. */
			p->n += p->n == 1 || p->text[p->n - 1].len;
			continue;
		}
		if (c == '\\' && i + 1 < glob.len)
			c = glob.data[++i];
		nj_buf_char(&p->text[p->n - 1], (char)c);
	}
	return true;
}

static struct nj_view
view_of(const struct nj_buf *b)
{
	return (struct nj_view){ b->data, b->len };
}

static void
put_call(struct writer *w, const char *call, const struct value *v, bool nocase,
	struct nj_view text)
{
	nj_buf_printf(w->out, "%s(", call);
	put_text_of(w, v, nocase);
	nj_buf_str(w->out, ", ");
	nj_sql_text(w->out, text);
	nj_buf_char(w->out, ')');
}

/* a, *a, a*, *a*, a*b: what most patterns are, byte for byte. */
static bool
put_simple_glob(struct writer *w, const struct value *v,
	const struct nj_operand *o, const struct pieces *p)
{
	struct nj_view first = view_of(&p->text[0]);
	struct nj_view last = view_of(&p->text[p->n - 1]);

	if (p->n == 1) {
		nj_buf_char(w->out, '(');
		put_text_of(w, v, o->nocase);
		nj_buf_str(w->out, " = ");
		nj_sql_text(w->out, first);
		nj_buf_char(w->out, ')');
		return true;
	}
	if (p->n == 3 && !first.len && !last.len) {
		put_call(w, "0 < position", v, o->nocase, view_of(&p->text[1]));
		return true;
	}
	if (p->n != 2)
		return false;
	nj_buf_printf(
		w->out, "(length(%s) >= %zu", v->sql, first.len + last.len);
	if (first.len) {
		nj_buf_str(w->out, " AND ");
		put_call(w, "startsWith", v, o->nocase, first);
	}
	if (last.len) {
		nj_buf_str(w->out, " AND ");
		put_call(w, "endsWith", v, o->nocase, last);
	}
	nj_buf_char(w->out, ')');
	return true;
}

static bool
is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_plain(struct nj_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.data[i] < ' ' || v.data[i] > '~')
			return false;
	return true;
}

/* What has other bytes than plain ones is left to who asks. */
static void
put_any(struct writer *w, bool negate)
{
	w->exact = false;
	nj_buf_char(w->out, negate ? '0' : '1');
}

static void
put_glob(struct writer *w, const struct value *v, const struct nj_operand *o,
	bool negate)
{
	struct pieces p = { 0 };
	struct nj_buf re = { 0 };
	bool done = cut_glob(o->text, &p) && put_simple_glob(w, v, o, &p);

	for (unsigned i = 0; i < PIECES_MAX; i++)
		nj_buf_free(&p.text[i]);
	if (done)
		return;
	if (!is_plain(o->text)) {
		put_any(w, negate);
		return;
	}
	nj_buf_char(&re, '^');
	for (size_t i = 0; i < o->text.len; i++) {
		uint8_t c = o->text.data[i];

		if (c == '*' || c == '?') {
			nj_buf_str(&re, c == '*' ? ".*" : ".");
			continue;
		}
		if (c == '\\' && i + 1 < o->text.len)
			c = o->text.data[++i];
		/* 18.16 reads \xNN wrongly where it looks for plain parts. */
		if (strchr("\\|()^$.[]{}?*+", c))
			nj_buf_char(&re, '\\');
		nj_buf_char(&re, (char)c);
	}
	nj_buf_char(&re, '$');
	put_pattern(w, v, o->nocase, view_of(&re), negate);
	nj_buf_free(&re);
}

/* Whether RE2 (ClickHouse's engine) means by the pattern what ours does, in
 * plain text: of what stands behind backslashes only what is common. */
static bool
is_common_regex(struct nj_view re)
{
	if (!is_plain(re))
		return false;
	for (size_t i = 0; i + 1 < re.len; i++) {
		uint8_t next = re.data[i + 1];

		if (re.data[i] == '(' && next == '?')
			return false;
		if (re.data[i] != '\\')
			continue;
		if (is_word(next) && (!strchr("dDwWsSbB", next) || !next))
			return false;
		i++;
	}
	return true;
}

static void
put_regex(struct writer *w, const struct value *v, const struct nj_operand *o,
	bool negate)
{
	const struct nj_bound_regex *r = &w->ask->bound->regexes[o->regex];
	struct nj_buf re = { 0 };

	if (w->ask->no_regexes || !is_common_regex(r->pattern)) {
		put_any(w, negate);
		return;
	}
	nj_buf_str(&re, r->nocase ? "(?i)" : "");
	nj_buf_str(&re, r->whole ? "^(?:" : "(?:");
	nj_buf_put(&re, r->pattern.data, r->pattern.len);
	nj_buf_str(&re, r->whole ? ")$" : ")");
	put_pattern(w, v, false, view_of(&re), negate);
	nj_buf_free(&re);
}

/* ---- Tests of a value ---- */

static void
put_addr(struct writer *w, const struct value *v, const struct nj_operand *o)
{
	char text[NJ_ADDR_TEXT];

	if (nj_addr_eq(&o->addr, &o->addr_to)) {
		(void)nj_addr_text(&o->addr, text);
		nj_buf_printf(w->out, "(%s = '%s')", v->sql, text);
		return;
	}
	/* ::ffff:10.0.0.1 has the bytes of 10.0.0.1: the text tells which. */
	nj_buf_printf(w->out, "(%s >= ", v->ip);
	put_ip(w, &o->addr);
	nj_buf_printf(w->out, " AND %s <= ", v->ip);
	put_ip(w, &o->addr_to);
	nj_buf_printf(w->out, " AND %s != '' AND position(%s, ':') %s 0)",
		v->sql, v->sql, o->addr.family == 4 ? "=" : ">");
}

static void
put_test(struct writer *w, const struct value *v, const struct nj_operand *o,
	bool negate)
{
	char uid[NJ_UID_CAP];

	switch ((enum nj_op)o->op) {
	case NJ_OP_EXISTS:
		nj_buf_char(w->out, '1');
		break;
	case NJ_OP_U:
		nj_buf_printf(w->out,
			"(%s >= %" PRIu64 " AND %s <= %" PRIu64 ")", v->sql,
			o->u, v->sql, o->u_to);
		break;
	case NJ_OP_I:
		nj_buf_printf(w->out, "(%s >= ", v->sql);
		put_i64(w, v, o->i);
		nj_buf_printf(w->out, " AND %s <= ", v->sql);
		put_i64(w, v, o->i_to);
		nj_buf_char(w->out, ')');
		break;
	case NJ_OP_F:
		nj_buf_printf(w->out, "(%s >= ", v->sql);
		put_f64(w, o->f);
		nj_buf_printf(w->out, " AND %s <= ", v->sql);
		put_f64(w, o->f_to);
		nj_buf_char(w->out, ')');
		break;
	case NJ_OP_ADDR:
		put_addr(w, v, o);
		break;
	case NJ_OP_UID:
		(void)nj_uid_format('C', o->uid, uid);
		nj_buf_printf(w->out, "(%s = '%s')", v->sql, uid);
		break;
	case NJ_OP_TEXT:
		nj_buf_char(w->out, '(');
		put_text_of(w, v, o->nocase);
		nj_buf_str(w->out, " = ");
		nj_sql_text(w->out, o->text);
		nj_buf_char(w->out, ')');
		break;
	case NJ_OP_HAS:
		if (o->text.len)
			put_call(w, "0 < position", v, o->nocase, o->text);
		else
			nj_buf_char(w->out, '1');
		break;
	case NJ_OP_GLOB:
		put_glob(w, v, o, negate);
		break;
	case NJ_OP_ORDER:
		put_order(w, v, o);
		break;
	case NJ_OP_REGEX:
		put_regex(w, v, o, negate);
		break;
	}
}

/* ---- Leaves ---- */

/* When a column of the head has a value, as SQL. */
static const char *
head_there(uint8_t id)
{
	switch (id) {
	case NJ_COL_TS:
		return "1";
	case NJ_COL_UID:
		return "`uid` != ''";
	case NJ_COL_ORIG_H:
	case NJ_COL_ORIG_P:
		return "`id_orig_h` != ''";
	case NJ_COL_RESP_H:
	case NJ_COL_RESP_P:
		return "`id_resp_h` != ''";
	case NJ_COL_VLAN:
		return "`_vlan` != 0";
	case NJ_COL_VLAN_INNER:
		return "`_vlan_inner` != 0";
	case NJ_COL_IP_PROTO:
		return "`_ip_proto` != 0";
	case NJ_COL_MAC_ORIG:
		return "`_mac_orig` != 0";
	default:
		return "`_mac_resp` != 0";
	}
}

static uint8_t
element_of(uint8_t type)
{
	static const uint8_t types[NJ_T_COUNT] = { [NJ_T_VSTR] = NJ_T_STR,
		[NJ_T_VU64] = NJ_T_U64,
		[NJ_T_VIVAL] = NJ_T_IVAL,
		[NJ_T_VADDR] = NJ_T_ADDR };

	return type >= NJ_T_VSTR ? types[type] : type;
}

/* One of a vector's elements. Addresses without a family are none. */
static void
put_vector(struct writer *w, const struct nj_table_column *c,
	const struct nj_bound_node *n)
{
	bool addr = c->type == NJ_T_VADDR;
	struct value v = { "x", "y", element_of(c->type) };

	if (n->operand->op == NJ_OP_EXISTS) {
		nj_buf_printf(w->out, "bitAnd(`_has`, %" PRIu64 ") != 0",
			UINT64_C(1) << c->id);
		return;
	}
	nj_buf_str(w->out, addr ? "arrayExists((x, y) -> x != '' AND "
				: "arrayExists(x -> ");
	put_test(w, &v, n->operand, n->negate);
	nj_buf_str(w->out, ", ");
	nj_sql_name(w->out, c->name);
	if (addr) {
		nj_buf_str(w->out, ", ");
		nj_sql_name(w->out, c[1].name);
	}
	nj_buf_char(w->out, ')');
}

static void
put_scalar(struct writer *w, const struct nj_table_column *c,
	const struct nj_bound_node *n)
{
	char sql[NJ_TABLE_NAME + 8], ip[NJ_TABLE_NAME + 8] = "";
	struct value v = { sql, ip, c->type };

	/* Names of columns are plain words, see nj_event_register. */
	(void)snprintf(sql, sizeof(sql), "`%s`", c->name);
	if (c->type == NJ_T_ADDR)
		(void)snprintf(ip, sizeof(ip), "`%s`", c[1].name);
	if (c->null && n->operand->op == NJ_OP_EXISTS) {
		nj_buf_printf(w->out, "isNotNull(%s)", sql);
		return;
	}
	nj_buf_str(w->out, c->null ? "ifNull(" : "(");
	if (!c->field)
		nj_buf_printf(w->out, "%s AND ", head_there(c->id));
	else if (c->type == NJ_T_ADDR)
		nj_buf_printf(w->out, "%s != '' AND ", sql);
	put_test(w, &v, n->operand, n->negate);
	nj_buf_str(w->out, c->null ? ", 0)" : ")");
}

static void
put_leaf(struct writer *w, const struct nj_bound_node *n)
{
	const struct nj_table *t = w->ask->table;
	const struct nj_table_column *c = nj_table_find(t, n->column);

	nj_buf_str(w->out, n->negate ? "NOT (" : "(");
	if (!c || !w->ask->columns->have[c - t->column])
		nj_buf_char(w->out, '0'); /* no row has it */
	else if (c->type >= NJ_T_VSTR)
		put_vector(w, c, n);
	else
		put_scalar(w, c, n);
	nj_buf_char(w->out, ')');
}

/* Recursion is bounded by NJ_QUERY_TREE_DEPTH_MAX. */
static void
put_node(struct writer *w, const struct nj_bound_node *n)
{
	const char *between = n->kind == NJ_BOUND_AND ? " AND " : " OR ";

	if (n->kind == NJ_BOUND_LEAF) {
		put_leaf(w, n);
		return;
	}
	nj_buf_char(w->out, '(');
	for (const struct nj_bound_node *k = n->first; k; k = k->next) {
		put_node(w, k);
		nj_buf_str(w->out, k->next ? between : "");
	}
	nj_buf_char(w->out, ')');
}

void
nj_sql_where(struct nj_buf *out, const struct nj_sql_ask *ask, bool *exact)
{
	struct writer w = { out, ask, true };
	struct value ts = { "`ts`", NULL, NJ_T_TIME };

	nj_buf_str(out, "`ts` >= ");
	put_i64(&w, &ts, ask->from_ns);
	nj_buf_str(out, " AND `ts` < ");
	put_i64(&w, &ts, ask->to_ns);
	if (ask->type->root) {
		nj_buf_str(out, " AND ");
		put_node(&w, ask->type->root);
	}
	*exact = w.exact;
}

void
nj_sql_select(struct nj_buf *out, const struct nj_sql_ask *ask,
	const struct nj_table_place *place, bool *exact)
{
	const struct nj_table *t = ask->table;
	const char *before = "SELECT ";

	for (unsigned i = 0; i < t->count; i++) {
		if (!t->column[i].answer || !ask->columns->have[i])
			continue;
		nj_buf_str(out, before);
		nj_sql_name(out, t->column[i].name);
		before = ", ";
	}
	nj_buf_str(out, " FROM ");
	nj_table_name(out, t, place);
	nj_buf_str(out, " WHERE ");
	nj_sql_where(out, ask, exact);
	nj_buf_str(out, " ORDER BY `ts` DESC");
	if (ask->rows_max && *exact)
		nj_buf_printf(out, " LIMIT %" PRIu64, ask->rows_max);
	nj_buf_str(out, " FORMAT RowBinary");
}
