/*
 * bind.c - a query and the registered log types to a tree of tests for each
 * type. NOT is moved down to the tests, a term that a log type cannot answer
 * is false there, and what that decides is folded away: types that can never
 * match are left out.
 */
#include "engine/store/query/query_priv.h"

typedef const struct nj_bound_node *node;

/* Outcomes that need no row. */
static const struct nj_bound_node always, never;

struct binding {
	struct nj_query_binder b;
	const struct nj_query *q;
	const struct nj_event_desc *desc; /* the log type at work */
	/* By number of the term: a column could take its value, or why the
	 * first that could not did not. */
	bool *taken;
	const struct nj_query_made **refused;
};

/* ---- Trees ---- */
static struct nj_bound_node *
node_new(struct binding *x, struct nj_bound_node n)
{
	struct nj_bound_node *copy;

	if (++x->b.bound->nodes > NJ_QUERY_BOUND_MAX) {
		nj_query_fail(x->b.fail, (struct nj_query_span){ 0, 1 },
			"the query asks for too much at once");
		nj_query_hint(
			x->b.fail, "name fields or log types, or ask in parts");
		return NULL;
	}
	copy = nj_query_alloc(x->b.arena, sizeof(*copy));
	if (!copy) {
		nj_query_nomem(x->b.fail);
		return NULL;
	}
	*copy = n;
	return copy;
}

/* Several outcomes under AND or OR as they come. */
struct list {
	enum nj_bound_kind kind;
	struct nj_bound_node *first, *last;
	bool decided; /* one of them is all that matters */
};

/* n is new, or one that nothing else holds: its next is ours. */
static void
list_add(struct list *l, node n)
{
	node decides = l->kind == NJ_BOUND_AND ? &never : &always;
	struct nj_bound_node *own = (struct nj_bound_node *)n;

	if (n == decides)
		l->decided = true;
	if (n == &always || n == &never)
		return;
	/* An AND in an AND is the same AND. */
	if (own->kind == l->kind)
		own = (struct nj_bound_node *)own->first;
	if (l->last)
		l->last->next = own;
	else
		l->first = own;
	while (own->next)
		own = (struct nj_bound_node *)own->next;
	l->last = own;
}

/* NULL when there is no memory. */
static node
list_end(struct binding *x, const struct list *l)
{
	bool and = l->kind == NJ_BOUND_AND;

	if (l->decided)
		return and? &never : &always;
	if (!l->first)
		return and? &always : &never;
	if (l->first == l->last)
		return l->first;
	return node_new(x, (struct nj_bound_node){ .kind = (uint8_t)l->kind,
				   .first = l->first });
}

static node
constant(bool value)
{
	return value ? &always : &never;
}

/* ---- Terms ---- */
int
nj_query_regex(struct nj_query_binder *b, const struct nj_query_value *v,
	bool nocase, bool whole)
{
	const struct nj_query_regexes *by = b->env->regexes;
	struct nj_bound *bound = b->bound;
	struct nj_bound_regex *re;
	char why[128] = "";

	for (unsigned i = 0; i < bound->regex_count; i++) {
		re = &b->regexes[i];
		if (re->nocase == nocase && re->whole == whole &&
			nj_view_eq(re->pattern, v->text))
			return (int)i;
	}
	if (!by) {
		nj_query_fail(b->fail, v->span,
			"regular expressions cannot be used here");
		return -1;
	}
	re = &b->regexes[bound->regex_count];
	*re = (struct nj_bound_regex){ .nocase = nocase, .whole = whole };
	re->pattern = nj_query_copy(b->arena, v->text);
	if (!re->pattern.data) {
		nj_query_nomem(b->fail);
		return -1;
	}
	re->compiled = by->compile(by->ctx, re, why, sizeof(why));
	if (!re->compiled) {
		nj_query_fail(b->fail, v->span,
			"this is no regular expression: %s", why);
		return -1;
	}
	return (int)bound->regex_count++;
}

/* NULL on failure. */
static node
bind_type(struct binding *x, const struct nj_query_node *t, bool negate)
{
	const struct nj_query_value *v = &t->value;
	struct nj_view name = nj_str(x->desc->name), glob;
	bool is = false;
	int place;

	x->taken[t->number] = true;
	switch ((enum nj_query_test)t->test) {
	case NJ_QUERY_EXISTS:
		return constant(!negate);
	case NJ_QUERY_IS:
		is = nj_query_type_is(x->desc, v->text);
		break;
	case NJ_QUERY_GLOB:
		glob = nj_query_lower(x->b.arena, v->text);
		if (!glob.data) {
			nj_query_nomem(x->b.fail);
			return NULL;
		}
		is = nj_query_glob_match(glob, name, true);
		break;
	case NJ_QUERY_REGEX:
		place = nj_query_regex(&x->b, v, true, true);
		if (place < 0)
			return NULL;
		is = x->b.env->regexes->match(x->b.env->regexes->ctx,
			x->b.regexes[place].compiled, name);
		break;
	case NJ_QUERY_RANGE:
		nj_query_fail(x->b.fail, t->span, "log types have no order");
		return NULL;
	}
	return constant(is != negate);
}

static bool
add_column(struct binding *x, const struct nj_query_node *t,
	const struct nj_query_column *c, struct list *l)
{
	bool negate = l->kind == NJ_BOUND_AND;
	const struct nj_query_made *made = nj_query_make(&x->b, t, c);

	if (!made)
		return false;
	if (!made->wants)
		x->taken[t->number] = true;
	else if (!x->refused[t->number])
		x->refused[t->number] = made;
	for (unsigned i = 0; i < made->n; i++) {
		struct nj_bound_node *n = node_new(
			x, (struct nj_bound_node){ .kind = NJ_BOUND_LEAF,
				   .negate = negate,
				   .column = c->id,
				   .type = c->type,
				   .operand = made->v[i] });

		if (!n)
			return false;
		list_add(l, n);
	}
	return true;
}

/* One of the columns must match; negated, none may. */
static node
bind_term(struct binding *x, const struct nj_query_node *t, bool negate)
{
	struct list l = { .kind = negate ? NJ_BOUND_AND : NJ_BOUND_OR };
	struct nj_query_column columns[NJ_QUERY_COLUMNS_MAX];
	unsigned n;

	if (nj_query_is_bare(t))
		n = nj_query_text_columns(x->desc, columns);
	else if (nj_query_name_kind(t->field.text) == NJ_NAME_TYPE)
		return bind_type(x, t, negate);
	else
		n = nj_query_columns(x->desc, t->field.text, columns);
	for (unsigned i = 0; i < n; i++)
		if (!add_column(x, t, &columns[i], &l))
			return NULL;
	return list_end(x, &l);
}

/* Recursion is bounded by NJ_QUERY_TREE_DEPTH_MAX. NULL on failure. */
static node
bind_node(struct binding *x, const struct nj_query_node *n, bool negate)
{
	bool and = n->kind == NJ_QUERY_AND;
	struct list l = { .kind = and != negate ? NJ_BOUND_AND : NJ_BOUND_OR };

	switch ((enum nj_query_kind)n->kind) {
	case NJ_QUERY_ALL:
		return constant(!negate);
	case NJ_QUERY_NOT:
		return bind_node(x, n->first, !negate);
	case NJ_QUERY_TERM:
		return bind_term(x, n, negate);
	case NJ_QUERY_AND:
	case NJ_QUERY_OR:
		break;
	}
	for (n = n->first; n; n = n->next) {
		node child = bind_node(x, n, negate);

		if (!child)
			return NULL;
		list_add(&l, child);
	}
	return list_end(x, &l);
}

/* ---- What is wrong whatever the log type ---- */
static bool
check_field(struct binding *x, const struct nj_query_node *t)
{
	const struct nj_query_value *f = &t->field;
	char name[NJ_QUERY_EXCERPT], near[NJ_QUERY_EXCERPT];

	if (!f->text.data || nj_query_name_known(f->text))
		return true;
	nj_query_fail(x->b.fail, f->span, "no log type has a field %s",
		nj_query_excerpt(f->text, name));
	if (nj_query_name_nearest(f->text, near))
		nj_query_hint(x->b.fail, "did you mean %s?", near);
	else
		nj_query_hint(
			x->b.fail, "text with a colon in it needs quotes");
	return false;
}

static bool
check_type(struct binding *x, const struct nj_query_node *t)
{
	char name[NJ_QUERY_EXCERPT];
	struct nj_view near;

	if (!t->field.text.data || t->test != NJ_QUERY_IS ||
		nj_query_name_kind(t->field.text) != NJ_NAME_TYPE ||
		nj_query_type_known(t->value.text, &near))
		return true;
	nj_query_fail(x->b.fail, t->value.span, "there is no log type %s",
		nj_query_excerpt(t->value.text, name));
	if (near.data)
		nj_query_hint(x->b.fail, "did you mean %.*s?", (int)near.len,
			(const char *)near.data);
	return false;
}

/* A value that some columns could not take, and none could. */
static bool
check_value(struct binding *x, const struct nj_query_node *t)
{
	const struct nj_query_made *made = x->refused[t->number];
	char field[NJ_QUERY_EXCERPT], value[NJ_QUERY_EXCERPT];

	if (!made || x->taken[t->number])
		return true;
	nj_query_fail(x->b.fail, made->bad->span, "%s wants %s, not %s",
		nj_query_excerpt(t->field.text, field), made->wants,
		nj_query_excerpt(made->bad->text, value));
	nj_query_hint(x->b.fail, "%s", made->hint);
	return false;
}

typedef bool check_fn(struct binding *x, const struct nj_query_node *t);

/* Every term in the order of the text; bounded as above. */
static bool
each_term(struct binding *x, const struct nj_query_node *n, check_fn *check)
{
	if (n->kind == NJ_QUERY_TERM)
		return check(x, n);
	for (n = n->first; n; n = n->next)
		if (!each_term(x, n, check))
			return false;
	return true;
}

/* ---- All types ---- */
static bool
bind_all(struct binding *x, struct nj_bound_type *types)
{
	struct nj_bound *bound = x->b.bound;
	node root;

	for (unsigned i = 0; (x->desc = nj_event_at(i)); i++) {
		if (x->desc->flags & NJ_EV_EVE)
			continue;
		root = bind_node(x, x->q->root, false);
		if (!root)
			return false;
		if (root == &never)
			continue;
		types[bound->count++] = (struct nj_bound_type){ x->desc,
			nj_event_type(x->desc), root == &always ? NULL : root };
	}
	return true;
}

static unsigned
registered(void)
{
	unsigned n = 0;

	while (nj_event_at(n))
		n++;
	return n;
}

/* Memory that the binding needs, in the arena of the result. */
static bool
prepare(struct binding *x, struct nj_bound_type **types)
{
	struct nj_query_arena *a = x->b.arena;
	size_t n = x->q->terms + 1;

	*types = nj_query_alloc(a, (registered() + 1) * sizeof(**types));
	x->taken = nj_query_alloc(a, n * sizeof(*x->taken));
	x->refused = nj_query_alloc(a, n * sizeof(void *));
	x->b.made = nj_query_alloc(a, n * sizeof(void *));
	/* With case and without. */
	x->b.regexes = nj_query_alloc(a, 2 * n * sizeof(*x->b.regexes));
	x->b.bound->types = *types;
	x->b.bound->regexes = x->b.regexes;
	if (*types && x->taken && x->refused && x->b.made && x->b.regexes)
		return true;
	x->b.bound->regexes = NULL;
	nj_query_nomem(x->b.fail);
	return false;
}

enum nj_err
nj_query_bind(struct nj_bound **out, const struct nj_query *q,
	const struct nj_query_env *env, struct nj_query_error *error)
{
	struct nj_query_arena *arena = nj_query_arena_create();
	struct nj_query_fail fail = { q->text, error, NJ_OK };
	struct binding x = { .b = { .env = env, .arena = arena, .fail = &fail },
		.q = q };
	struct nj_bound *bound;
	struct nj_bound_type *types;

	*out = NULL;
	*error = (struct nj_query_error){ 0 };
	bound = arena ? nj_query_alloc(arena, sizeof(*bound)) : NULL;
	if (!bound) {
		nj_query_arena_destroy(&arena);
		nj_query_nomem(&fail);
		return fail.err;
	}
	bound->arena = arena;
	bound->matcher = env->regexes;
	x.b.bound = bound;
	if (prepare(&x, &types) && each_term(&x, q->root, check_field) &&
		each_term(&x, q->root, check_type) && bind_all(&x, types) &&
		each_term(&x, q->root, check_value)) {
		*out = bound;
		return NJ_OK;
	}
	nj_bound_destroy(&bound);
	return fail.err;
}

void
nj_bound_destroy(struct nj_bound **b)
{
	struct nj_query_arena *arena;

	if (!*b)
		return;
	for (unsigned i = 0; i < (*b)->regex_count; i++)
		(*b)->matcher->destroy(
			(*b)->matcher->ctx, (*b)->regexes[i].compiled);
	arena = (*b)->arena;
	*b = NULL;
	nj_query_arena_destroy(&arena);
}
