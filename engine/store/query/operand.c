/*
 * operand.c - a term of a query and a column of some type to tests with typed
 * operands. What a value means depends on the type it is compared with, so
 * this is done for each kind of column that a term meets.
 */
#include <math.h>
#include <stdio.h>

#include "engine/store/query/query_priv.h"

enum { HINT_BYTES = 96 };

/* Makers give false on failure alone; a value that cannot be one of the type
 * is none. */
static bool
wants(struct nj_query_maker *m, const struct nj_query_value *bad,
	const char *what, const char *hint)
{
	m->made.bad = bad;
	m->made.wants = what;
	m->made.hint = hint;
	return true;
}

bool
nj_query_put(struct nj_query_maker *m, struct nj_operand o)
{
	struct nj_operand *copy =
		nj_query_alloc(m->b->arena, sizeof(struct nj_operand));

	if (!copy) {
		nj_query_nomem(m->b->fail);
		return false;
	}
	NJ_ASSERT(m->made.n < NJ_QUERY_MADE_MAX);
	*copy = o;
	m->v[m->made.n++] = copy;
	return true;
}

/* ---- Numbers ---- */
#define INT_LEAST (-((nj_query_int)1 << 100))
#define INT_MOST ((nj_query_int)1 << 100)

struct ends {
	nj_query_int from, to;
};
/* What a value says as the first and last number of it. */
typedef bool parse_fn(
	const struct nj_query_maker *m, struct nj_view v, struct ends *out);

/* What the term says with the values that parse makes of its own; NULL, or
 * the value that parse does not know. */
static const struct nj_query_value *
take_ends(const struct nj_query_maker *m, parse_fn *parse, struct ends *out)
{
	const struct nj_query_node *t = m->term;
	struct ends e;

	*out = (struct ends){ INT_LEAST, INT_MOST };
	if (t->test == NJ_QUERY_IS)
		return parse(m, t->value.text, out) ? NULL : &t->value;
	if (t->test != NJ_QUERY_RANGE)
		return &t->value;
	if (t->value.text.data) {
		if (!parse(m, t->value.text, &e))
			return &t->value;
		out->from = t->value.open ? e.to + 1 : e.from;
	}
	if (t->upto.text.data) {
		if (!parse(m, t->upto.text, &e))
			return &t->upto;
		out->to = t->upto.open ? e.from - 1 : e.to;
	}
	return NULL;
}

static bool
put_u(struct nj_query_maker *m, struct ends e)
{
	if (e.from > e.to || e.to < 0 || e.from > UINT64_MAX)
		return true;
	return nj_query_put(
		m, (struct nj_operand){ .op = NJ_OP_U,
			   .u = e.from < 0 ? 0 : (uint64_t)e.from,
			   .u_to = e.to > UINT64_MAX ? UINT64_MAX
						     : (uint64_t)e.to });
}

static bool
put_i(struct nj_query_maker *m, struct ends e)
{
	if (e.from > e.to || e.to < INT64_MIN || e.from > INT64_MAX)
		return true;
	return nj_query_put(m,
		(struct nj_operand){ .op = NJ_OP_I,
			.i = e.from < INT64_MIN ? INT64_MIN : (int64_t)e.from,
			.i_to = e.to > INT64_MAX ? INT64_MAX : (int64_t)e.to });
}

static bool
parse_int(const struct nj_query_maker *m, struct nj_view v, struct ends *out)
{
	(void)m;
	if (!nj_query_int_parse(v, &out->from))
		return false;
	out->to = out->from;
	return true;
}

static bool
parse_span(const struct nj_query_maker *m, struct nj_view v, struct ends *out)
{
	int64_t ns;

	(void)m;
	if (!nj_query_span_parse(v, &ns))
		return false;
	out->from = out->to = ns;
	return true;
}

static bool
parse_time(const struct nj_query_maker *m, struct nj_view v, struct ends *out)
{
	int64_t from, to;

	if (!nj_query_time_parse(v, m->b->env->now_ns, &from, &to))
		return false;
	*out = (struct ends){ from, to };
	return true;
}

/* 4* is 4, 40 to 49, 400 to 499 ...; 4?? is 400 to 499. Gives false for
 * patterns that are not digits and then wildcards. */
static bool
put_digits(struct nj_query_maker *m, bool *ok)
{
	struct nj_view glob = m->term->value.text;
	nj_query_int from = 0, step = 1;
	struct nj_query_glob g;
	unsigned any = 0;
	bool star = false;

	*ok = true;
	while (nj_query_glob_next(&glob, &g)) {
		if (star || (any && !g.wild) ||
			(!g.wild && (g.c < '0' || g.c > '9')) ||
			from * step > UINT64_MAX)
			return false;
		if (!g.wild)
			from = from * 10 + (g.c - '0');
		else if (g.c == '?')
			step *= 10, any = 1;
		else
			star = true;
	}
	/* No number but 0 begins with 0. */
	if (!from)
		return false;
	do {
		*ok = put_u(m,
			(struct ends){ from * step, from * step + step - 1 });
		step *= 10;
	} while (star && *ok && from * step <= UINT64_MAX);
	return true;
}

static bool
make_u(struct nj_query_maker *m)
{
	const struct nj_query_value *bad;
	struct ends e;
	bool ok;

	if (m->term->test == NJ_QUERY_GLOB && put_digits(m, &ok))
		return ok;
	bad = take_ends(m, parse_int, &e);
	return bad ? wants(m, bad, "a whole number",
			     "for example 443, >1024, [1 TO 9], 4*, 10MB")
		   : put_u(m, e);
}

static bool
make_i(struct nj_query_maker *m)
{
	const struct nj_query_value *bad;
	struct ends e;

	switch (m->c->type) {
	case NJ_T_TIME:
		bad = take_ends(m, parse_time, &e);
		if (bad)
			return wants(m, bad, "a time",
				"for example 2026-01-31, 2026-01-31T12:00:00, "
				">now-1h, or seconds since 1970");
		break;
	case NJ_T_IVAL:
	case NJ_T_VIVAL:
		bad = take_ends(m, parse_span, &e);
		if (bad)
			return wants(m, bad, "a duration",
				"for example >5s, <250ms, [1m TO 2h]; bare "
				"numbers are seconds");
		break;
	default:
		bad = take_ends(m, parse_int, &e);
		if (bad)
			return wants(m, bad, "a whole number",
				"for example 5, <0, [1 TO 9]");
	}
	return put_i(m, e);
}

/* The next number there is; doubles of one sign are in the order of their
 * bits. */
static double
neighbour(double v, bool up)
{
	uint64_t bits;

	if (v == 0)
		return up ? 0x1p-1074 : -0x1p-1074;
	memcpy(&bits, &v, sizeof(bits));
	bits += (v > 0) == up ? 1 : UINT64_MAX;
	memcpy(&v, &bits, sizeof(v));
	return v;
}

static bool
make_f(struct nj_query_maker *m)
{
	const struct nj_query_node *t = m->term;
	const struct nj_query_value *bad = NULL;
	struct nj_operand o = {
		.op = NJ_OP_F, .f = -INFINITY, .f_to = INFINITY
	};

	if ((t->test != NJ_QUERY_IS && t->test != NJ_QUERY_RANGE) ||
		(t->value.text.data &&
			!nj_query_f64_parse(t->value.text, &o.f)))
		bad = &t->value;
	else if (t->upto.text.data &&
		 !nj_query_f64_parse(t->upto.text, &o.f_to))
		bad = &t->upto;
	if (bad)
		return wants(m, bad, "a number",
			"for example 0.5, >1, [0.1 TO 0.9]");
	if (t->test == NJ_QUERY_IS)
		o.f_to = o.f;
	if (t->value.open)
		o.f = neighbour(o.f, true);
	if (t->upto.open)
		o.f_to = neighbour(o.f_to, false);
	return nj_query_put(m, o);
}

static bool
make_bool(struct nj_query_maker *m)
{
	const struct nj_query_node *t = m->term;
	bool value;

	if (t->test != NJ_QUERY_IS ||
		!nj_query_bool_parse(t->value.text, &value))
		return wants(m, t->value.text.data ? &t->value : &t->upto,
			"true or false", "");
	return put_u(m, (struct ends){ value, value });
}

/* ---- Addresses, MACs, uids ---- */
/* "00:50:56:*": the pairs before a star as a range. */
static bool
mac_prefix(struct nj_view glob, struct ends *out)
{
	uint8_t whole[17];
	uint64_t from, mask;
	size_t n = glob.len - 1;

	if (glob.len < 4 || n > 15 || n % 3 || glob.data[n] != '*')
		return false;
	memcpy(whole, "00:00:00:00:00:00", sizeof(whole));
	memcpy(whole, glob.data, n);
	if (whole[2] == '-')
		for (size_t i = n + 2; i < sizeof(whole); i += 3)
			whole[i] = '-', whole[n - 1] = '-';
	if (!nj_query_mac_parse(
		    (struct nj_view){ whole, sizeof(whole) }, &from))
		return false;
	mask = (UINT64_C(1) << (48 - n / 3 * 8)) - 1;
	*out = (struct ends){ from, from | mask };
	return true;
}

static bool
make_mac(struct nj_query_maker *m)
{
	const struct nj_query_node *t = m->term;
	struct ends e;
	uint64_t mac;

	if (t->test == NJ_QUERY_GLOB && mac_prefix(t->value.text, &e))
		return put_u(m, e);
	if (t->test == NJ_QUERY_IS && nj_query_mac_parse(t->value.text, &mac))
		return put_u(m, (struct ends){ mac, mac });
	return wants(m, t->value.text.data ? &t->value : &t->upto, "a MAC",
		"for example 00:1a:2b:3c:4d:5e, 00:1a:2b:*");
}

/* "10.1.*" is 10.1.0.0/16. */
static bool
addr_glob(struct nj_view glob, struct nj_operand *o)
{
	static const char *const rest[] = { "", "0.0.0/8", "0.0/16", "0/24" };
	struct nj_view head = nj_sub(glob, 0, glob.len - 1);
	char text[32];
	size_t dots = 0;

	for (size_t i = 0; i < head.len; i++)
		dots += head.data[i] == '.';
	if (glob.len < 3 || glob.data[head.len] != '*' ||
		head.data[head.len - 1] != '.' || dots > 3 || head.len > 12)
		return false;
	(void)snprintf(text, sizeof(text), "%.*s%s", (int)head.len,
		(const char *)head.data, rest[dots]);
	return nj_query_addr_parse(nj_str(text), &o->addr, &o->addr_to) ==
	       NJ_QADDR_OK;
}

static bool
addr_wants(struct nj_query_maker *m, const struct nj_query_value *bad)
{
	size_t slash = nj_view_chr(bad->text, '/');
	struct nj_addr from, to;
	char text[NJ_ADDR_TEXT];
	char *hint;

	if (nj_query_addr_parse(bad->text, &from, &to) != NJ_QADDR_LENGTH)
		return wants(m, bad, "an address or prefix",
			"for example 10.1.2.3, 10.0.0.0/8, 10.1.*, fe80::/10, "
			"[10.0.0.1 TO 10.0.0.9]");
	if (!from.family)
		return wants(m, bad, "a prefix of a length that there is",
			"for example 10.0.0.0/8, fe80::/10");
	hint = nj_query_alloc(m->b->arena, HINT_BYTES);
	if (!hint) {
		nj_query_nomem(m->b->fail);
		return false;
	}
	(void)nj_addr_text(&from, text);
	(void)snprintf(hint, HINT_BYTES, "the network is %s%.*s", text,
		(int)nj_min(bad->text.len - slash, (size_t)4),
		(const char *)bad->text.data + slash);
	return wants(m, bad, "a prefix without bits beyond its length", hint);
}

/* Adds 1 or takes it away; false beyond the first or last address. */
static bool
addr_step(struct nj_addr *a, bool up)
{
	for (unsigned i = a->family == 4 ? 4 : 16; i-- > 0;) {
		a->bytes[i] = (uint8_t)(a->bytes[i] + (up ? 1 : -1));
		if (a->bytes[i] != (up ? 0 : 0xff))
			return true;
	}
	return false;
}

/* From, to, or both; what is missing is the family's first or last. */
static bool
make_addr_range(struct nj_query_maker *m)
{
	const struct nj_query_node *t = m->term;
	struct nj_operand o = { .op = NJ_OP_ADDR };
	struct nj_addr first = { 0 }, last = { 0 }, other;
	bool from = t->value.text.data, to = t->upto.text.data, there = true;

	if (from && nj_query_addr_parse(t->value.text, &first, &other))
		return addr_wants(m, &t->value);
	if (from && t->value.open)
		first = other, there = addr_step(&first, true);
	if (to && nj_query_addr_parse(t->upto.text, &other, &last))
		return addr_wants(m, &t->upto);
	if (to && t->upto.open)
		last = other, there &= addr_step(&last, false);
	if (!from)
		first.family = last.family;
	if (!to) {
		last.family = first.family;
		memset(last.bytes, 0xff, first.family == 4 ? 4 : 16);
	}
	if (first.family != last.family)
		return wants(m, &t->upto, "two addresses of one family", "");
	o.addr = first;
	o.addr_to = last;
	return !there || nj_query_put(m, o);
}

static bool
make_addr(struct nj_query_maker *m)
{
	const struct nj_query_node *t = m->term;
	struct nj_operand o = { .op = NJ_OP_ADDR };

	switch (t->test) {
	case NJ_QUERY_IS:
		if (nj_query_addr_parse(t->value.text, &o.addr, &o.addr_to))
			return nj_query_is_bare(t) || addr_wants(m, &t->value);
		return nj_query_put(m, o);
	case NJ_QUERY_RANGE:
		return make_addr_range(m);
	case NJ_QUERY_GLOB:
		if (addr_glob(t->value.text, &o))
			return nj_query_put(m, o);
		return nj_query_is_bare(t) || nj_query_make_text(m);
	default:
		return nj_query_is_bare(t) || nj_query_make_text(m);
	}
}

static bool
make_uid(struct nj_query_maker *m)
{
	const struct nj_query_node *t = m->term;
	struct nj_operand o = { .op = NJ_OP_UID };

	if (t->test == NJ_QUERY_IS && nj_query_uid_parse(t->value.text, o.uid))
		return nj_query_put(m, o);
	if (t->test != NJ_QUERY_IS)
		return nj_query_make_text(m);
	return nj_query_is_bare(t) ||
	       wants(m, &t->value, "a whole uid",
		       "C and 17 letters or digits, or a part with wildcards");
}

/* ---- All together ---- */
/* What tests depend on, of a column. */
static uint32_t
key_of(const struct nj_query_column *c)
{
	uint32_t head = c->id >= NJ_COL_TS ? c->id : 0;

	/* Both sides have the same kinds of columns. */
	if (head != NJ_COL_UID && head != NJ_COL_MAC_ORIG &&
		head != NJ_COL_MAC_RESP)
		head = 0;
	return c->type | (uint32_t)c->exact << 8 | (uint32_t)c->mac << 9 |
	       (uint32_t)c->maybe_history << 10 | (uint32_t)c->list << 16 |
	       head << 24;
}

static bool
make(struct nj_query_maker *m)
{
	if (m->term->test == NJ_QUERY_EXISTS)
		return m->c->maybe_history ||
		       nj_query_put(
			       m, (struct nj_operand){ .op = NJ_OP_EXISTS });
	if (m->c->id == NJ_COL_UID)
		return make_uid(m);
	if (m->c->id == NJ_COL_MAC_ORIG || m->c->id == NJ_COL_MAC_RESP)
		return make_mac(m);
	switch ((enum nj_type)m->c->type) {
	case NJ_T_BOOL:
		return make_bool(m);
	case NJ_T_U8:
	case NJ_T_U16:
	case NJ_T_U32:
	case NJ_T_U64:
	case NJ_T_VU64:
		return make_u(m);
	case NJ_T_I64:
	case NJ_T_TIME:
	case NJ_T_IVAL:
	case NJ_T_VIVAL:
		return make_i(m);
	case NJ_T_F64:
		return make_f(m);
	case NJ_T_ADDR:
	case NJ_T_VADDR:
		return make_addr(m);
	case NJ_T_STR:
	case NJ_T_VSTR:
		return nj_query_make_text(m);
	case NJ_T_COUNT:
		break;
	}
	return true;
}

const struct nj_query_made *
nj_query_make(struct nj_query_binder *b, const struct nj_query_node *term,
	const struct nj_query_column *c)
{
	struct nj_query_maker m = { b, term, c, .made = { .key = key_of(c) } };
	struct nj_query_made *made = b->made[term->number];
	const struct nj_operand **v;

	for (; made; made = made->next)
		if (made->key == m.made.key)
			return made;
	if (!make(&m))
		return NULL;
	made = nj_query_alloc(b->arena, sizeof(*made));
	v = nj_query_alloc(b->arena, (m.made.n + 1) * sizeof(void *));
	if (!made || !v) {
		nj_query_nomem(b->fail);
		return NULL;
	}
	memcpy(v, m.v, m.made.n * sizeof(void *));
	*made = m.made;
	made->v = v;
	made->next = b->made[term->number];
	b->made[term->number] = made;
	return made;
}
