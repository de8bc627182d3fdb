/*
 * randquery.h - random queries: trees of terms and their text.
 */
#ifndef NJ_TESTS_UNIT_RANDQUERY_H
#define NJ_TESTS_UNIT_RANDQUERY_H

#include "tests/unit/randpattern.h"

enum { QUERY_TERMS = 64, QUERY_TREES = 256 };

struct query {
	struct nj_buf text;
	struct term term[QUERY_TERMS];
	struct tree tree[QUERY_TREES];
	unsigned terms, trees;
	const struct tree *root;
	const struct record *records;
	unsigned rows;
	size_t memory; /* what naive had before */
};

/* Terms made, for what the test prints. */
static unsigned terms_made[THERE + 1][NO_KIND + 1];

/* ---- Terms ---- */
static inline enum test
test_of(const struct making *m)
{
	enum kind kind = keys[m->key].kind;
	unsigned of = rand_of(100);

	if (m->bare)
		return of < 60 ? IS : of < 85 || kind == ADDR ? LIKE : REGEX;
	if (of < 6)
		return THERE;
	if (of < 35 || kind == BOOL)
		return IS;
	if (of < 60 && (kind == TEXT || kind == EXACT || kind == ADDR))
		return of < 50 ? LIKE : REGEX;
	return of < 70 && kind == COUNT ? LIKE : RANGE;
}

static inline void
term_put(struct making *m)
{
	struct term *t = m->t;

	t->kind = keys[m->key].kind;
	t->test = test_of(m);
	if (t->test == REGEX && t->kind == COUNT)
		t->test = RANGE;
	if (t->test == LIKE && t->kind == COUNT && !digits_put(m))
		t->test = IS;
	terms_made[t->test][m->bare ? NO_KIND : t->kind]++;
	switch (t->test) {
	case IS:
		literal_make(m, 0);
		nj_buf_put(m->out, m->literal[0].data, m->literal[0].len);
		break;
	case LIKE:
		if (t->kind != COUNT)
			pattern_put(m);
		break;
	case REGEX:
		regex_put(m);
		break;
	case RANGE:
		literal_make(m, 0);
		do
			literal_make(m, 1);
		while (t->kind == ADDR && t->addr[0][0] != t->addr[1][0]);
		range_put(m);
		break;
	case THERE:
		nj_buf_char(m->out, '*');
	}
	if (m->bare && (t->test == LIKE || t->kind != ADDR))
		addr_of_words(t);
}

static inline struct tree *
tree_new(struct query *q, struct tree of)
{
	assert_true(q->trees < QUERY_TREES);
	q->tree[q->trees] = of;
	return &q->tree[q->trees++];
}

/* A term of a field, or of words anywhere when name is NULL. */
static inline struct tree *
term_new(struct query *q, const char *name, int key)
{
	struct making m = { .out = &q->text,
		.records = q->records,
		.rows = q->rows,
		.key = key,
		.bare = !name };

	assert_true(q->terms < QUERY_TERMS);
	m.t = &q->term[q->terms++];
	*m.t = (struct term){ .name = name };
	term_put(&m);
	nj_buf_free(&m.literal[0]);
	nj_buf_free(&m.literal[1]);
	return tree_new(q, (struct tree){ .kind = TERM, .term = m.t });
}

static inline const char *
name_for(int key)
{
	for (int tries = 0; tries < 4; tries++) {
		size_t i = rand_of(nj_countof(others));

		if (strcmp(others[i].key, keys[key].name) == 0)
			return others[i].name;
	}
	return keys[key].name;
}

static inline struct tree *
words_put(struct query *q)
{
	int key;

	do
		key = (int)rand_of(KEYS);
	while (keys[key].kind != TEXT && keys[key].kind != ADDR &&
		keys[key].kind != EXACT);
	return term_new(q, NULL, key);
}

/* name:(a OR b) */
static inline struct tree *
group_put(struct query *q, const char *name, int key)
{
	struct tree *a, *b;
	bool all = rand_chance(30);

	nj_buf_char(&q->text, '(');
	a = term_new(q, name, key);
	nj_buf_str(&q->text, all ? " AND " : " OR ");
	b = term_new(q, name, key);
	nj_buf_char(&q->text, ')');
	return tree_new(q, (struct tree){ all ? AND : OR, a, b, NULL, NULL });
}

static inline struct tree *
leaf_put(struct query *q)
{
	static const char *const paths[] = { "conn", "rtypes", "rnames",
		"rplain" };
	int key = (int)rand_of(KEYS);
	const char *name = name_for(key);
	enum kind kind;
	struct tree type = { .kind = TYPE, .path = rand_one(paths) };

	/* A text in one log type, a number in another: both take numbers. */
	if (strcmp(name, "both") == 0)
		key = KEYS - 1;
	kind = keys[key].kind;
	if (rand_chance(2)) {
		nj_buf_char(&q->text, '*');
		return tree_new(q, (struct tree){ .kind = EVERY });
	}
	if (rand_chance(8)) {
		nj_buf_printf(&q->text, "@type:%s", type.path);
		return tree_new(q, type);
	}
	if (rand_chance(15))
		return words_put(q);
	if (rand_chance(5)) {
		nj_buf_printf(&q->text, "_exists_:%s", name);
		q->term[q->terms] =
			(struct term){ .test = THERE, .name = name };
		return tree_new(q, (struct tree){ .kind = TERM,
					   .term = &q->term[q->terms++] });
	}
	nj_buf_printf(
		&q->text, "%s%s:", rand_chance(10) ? "@fields." : "", name);
	/* In brackets a minus is NOT, and what is before a colon a field. */
	if (rand_chance(15) && kind != INT && kind != REAL && kind != SPAN &&
		kind != TIME)
		return group_put(q, name, key);
	return term_new(q, name, key);
}

/* ---- Trees ---- */
/* binds: 0 where an OR may stand, 1: an AND, 2: one thing. */
static inline struct tree *
tree_put(struct query *q, unsigned depth, unsigned binds)
{
	static const char *const ands[] = { " AND ", " && ", " " };
	static const char *const ors[] = { " OR ", " || " };
	static const char *const nots[] = { "NOT ", "-", "!" };
	unsigned kind = depth ? rand_of(100) : 99;
	struct tree *a, *b = NULL;
	unsigned op = kind < 15 ? NOT : kind < 45 ? AND : OR;
	bool brackets;

	if (kind >= 75)
		return leaf_put(q);
	brackets = rand_chance(10) || (op == OR && binds > 0) ||
		   (op == AND && binds > 1);
	nj_buf_str(&q->text, brackets ? "(" : "");
	if (op == NOT)
		nj_buf_str(&q->text, rand_one(nots));
	a = tree_put(q, depth - 1, op == OR ? 0 : op == AND ? 1 : 2);
	if (op != NOT) {
		nj_buf_str(
			&q->text, op == AND ? rand_one(ands) : rand_one(ors));
		b = tree_put(q, depth - 1, op == AND);
	}
	nj_buf_str(&q->text, brackets ? ")" : "");
	return tree_new(q, (struct tree){ op, a, b, NULL, NULL });
}

static inline void
query_make(struct query *q, const struct record *records, unsigned rows)
{
	q->records = records;
	q->rows = rows;
	q->memory = naive.n;
	q->root = tree_put(q, rand_of(5), 0);
}

static inline void
query_end(struct query *q)
{
	for (unsigned i = 0; i < q->terms; i++)
		for (int k = 0; k < 4 && q->term[i].test == REGEX; k++)
			regfree(&q->term[i].regex[k / 2][k % 2]);
	nj_buf_free(&q->text);
	memset(naive.bytes + q->memory, 0, naive.n - q->memory);
	naive.n = q->memory;
}

static inline void
tests_print(void)
{
	static const char *const tests[] = { "is", "like", "regex", "range",
		"there" };
	static const char *const kinds[] = { "bool", "count", "int", "real",
		"time", "span", "text", "exact", "addr", "words" };

	for (unsigned t = 0; t <= THERE; t++) {
		print_message("%-5s", tests[t]);
		for (unsigned k = 0; k <= NO_KIND; k++)
			print_message(" %s %u", kinds[k], terms_made[t][k]);
		print_message("\n");
	}
}

#endif
