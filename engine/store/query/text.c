/*
 * text.c - a term and a column of text to tests: equal, contained, like a
 * pattern, in order, like a regular expression. Text compares without case
 * unless case has a meaning in the column.
 */
#include <stdio.h>

#include "engine/store/query/query_priv.h"

enum {
	GLOB_BYTES_MAX = 512, /* trying one may cost the product of lengths */
	HAS_BYTES_MAX = 1024,
	WHY_BYTES = 128
};

/* Zeek's connection states. */
static const char *const states[] = { "S0", "S1", "S2", "S3", "SF", "REJ",
	"RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH" };

bool
nj_query_is_bare(const struct nj_query_node *term)
{
	return !term->field.text.data ||
	       nj_query_name_kind(term->field.text) == NJ_NAME_TEXT;
}

struct nj_view
nj_query_lower(struct nj_query_arena *a, struct nj_view v)
{
	uint8_t *p = nj_query_alloc(a, v.len + 1);

	for (size_t i = 0; p && i < v.len; i++)
		p[i] = nj_query_low(v.data[i]);
	return (struct nj_view){ p, p ? v.len : 0 };
}

/* The operand's own text: lower case where it has none, and for a column of
 * MACs written as they are stored. */
static struct nj_view
own_text(const struct nj_query_maker *m, struct nj_view v)
{
	struct nj_query_arena *a = m->b->arena;
	char mac[6 * 3 + 1];
	uint64_t u;

	if (m->c->mac && nj_query_mac_parse(v, &u)) {
		for (int i = 0; i < 6; i++)
			(void)snprintf(mac + 3 * i, 4,
				"%02x:", (unsigned)(u >> (40 - 8 * i)) & 255);
		v = (struct nj_view){ (uint8_t *)mac, 17 };
	}
	return m->c->exact ? nj_query_copy(a, v) : nj_query_lower(a, v);
}

static bool
put_text(struct nj_query_maker *m, enum nj_op op, struct nj_view text)
{
	struct nj_operand o = { .op = (uint8_t)op, .nocase = !m->c->exact };

	o.text = own_text(m, text);
	if (!o.text.data) {
		nj_query_nomem(m->b->fail);
		return false;
	}
	return nj_query_put(m, o);
}

/* What a value is as glob text. */
static void
put_glob_text(struct nj_buf *b, const struct nj_query_value *v, bool glob)
{
	for (size_t i = 0; i < v->text.len; i++) {
		uint8_t c = v->text.data[i];

		if (!glob && (c == '*' || c == '?' || c == '\\'))
			nj_buf_char(b, '\\');
		nj_buf_char(b, (char)c);
	}
}

/* before, the value, behind as a pattern; a double star is one. */
static bool
put_around(struct nj_query_maker *m, const char *before, const char *behind)
{
	bool glob = m->term->test == NJ_QUERY_GLOB, ok;
	struct nj_buf b = { 0 };

	nj_buf_str(&b, before);
	put_glob_text(&b, &m->term->value, glob);
	nj_buf_str(&b, behind);
	if (b.bad) {
		nj_buf_free(&b);
		nj_query_nomem(m->b->fail);
		return false;
	}
	ok = put_text(m, NJ_OP_GLOB, (struct nj_view){ b.data, b.len });
	nj_buf_free(&b);
	return ok;
}

static bool
check_length(struct nj_query_maker *m, size_t most, const char *what)
{
	const struct nj_query_value *v = &m->term->value;

	if (v->text.len <= most)
		return true;
	nj_query_fail(
		m->b->fail, v->span, "%s is longer than %zu bytes", what, most);
	return false;
}

/* The parts of a list, which have the separator between them. */
static bool
put_parts(struct nj_query_maker *m)
{
	const char between = (char)m->c->list;
	const char behind[] = { between, '*', 0 };
	const char before[] = { '*', between, 0 };

	return put_around(m, "", behind) && put_around(m, before, "") &&
	       put_around(m, before, behind);
}

static bool
put_regex(struct nj_query_maker *m)
{
	struct nj_operand o = { .op = NJ_OP_REGEX, .nocase = !m->c->exact };
	int place = nj_query_regex(m->b, &m->term->value, o.nocase,
		m->c->exact || !nj_query_is_bare(m->term));

	o.regex = (unsigned)place;
	return place >= 0 && nj_query_put(m, o);
}

static bool
put_order(struct nj_query_maker *m)
{
	const struct nj_query_node *t = m->term;
	struct nj_operand o = { .op = NJ_OP_ORDER,
		.nocase = !m->c->exact,
		.open = t->value.open,
		.open_to = t->upto.open };

	if (t->value.text.data)
		o.text = own_text(m, t->value.text);
	if (t->upto.text.data)
		o.text_to = own_text(m, t->upto.text);
	if (!o.text.data == !t->value.text.data &&
		!o.text_to.data == !t->upto.text.data)
		return nj_query_put(m, o);
	nj_query_nomem(m->b->fail);
	return false;
}

/* A word without a field stands somewhere in a text. Where case has a
 * meaning, texts are ids and histories, in which short words would be found
 * by chance: there it is all of it. */
static bool
make_bare(struct nj_query_maker *m)
{
	if (m->term->test == NJ_QUERY_IS)
		return check_length(m, HAS_BYTES_MAX, "a word or phrase") &&
		       put_text(m, NJ_OP_HAS, m->term->value.text);
	return check_length(m, GLOB_BYTES_MAX, "a pattern with wildcards") &&
	       put_around(m, "*", "*");
}

/* A value of conn_state is tried on the history where it can be no state. */
static void
drop_if_state(struct nj_query_maker *m)
{
	for (size_t i = 0; i < nj_countof(states); i++)
		for (unsigned k = 0; k < m->made.n; k++)
			if (nj_operand_text(
				    m->b->bound, m->v[k], nj_str(states[i])))
				m->made.n = 0;
}

static bool
make(struct nj_query_maker *m)
{
	enum nj_query_test test = m->term->test;

	if (test == NJ_QUERY_REGEX)
		return put_regex(m);
	if (test == NJ_QUERY_RANGE)
		return m->c->maybe_history || put_order(m);
	if (nj_query_is_bare(m->term) && !m->c->exact)
		return make_bare(m);
	if (test == NJ_QUERY_IS &&
		!put_text(m, NJ_OP_TEXT, m->term->value.text))
		return false;
	if (test == NJ_QUERY_GLOB &&
		(!check_length(m, GLOB_BYTES_MAX, "a pattern with wildcards") ||
			!put_around(m, "", "")))
		return false;
	return !m->c->list || put_parts(m);
}

bool
nj_query_make_text(struct nj_query_maker *m)
{
	if (!make(m))
		return false;
	if (m->c->maybe_history)
		drop_if_state(m);
	return true;
}
