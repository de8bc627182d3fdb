/*
 * naiveterm.h - what a query means for a record of naive.h: its terms as they
 * were made, and AND, OR and NOT of them.
 */
#ifndef NJ_TESTS_UNIT_NAIVETERM_H
#define NJ_TESTS_UNIT_NAIVETERM_H

#include "tests/unit/naive.h"
#include "tests/unit/naivetext.h"

struct tree {
	enum { EVERY, TERM, TYPE, NOT, AND, OR } kind;
	struct tree *first, *second;
	const char *path; /* TYPE */
	struct term *term;
};

/* ---- Other values ---- */
static inline bool
number_means(const struct term *t, wide n)
{
	if (t->test == IS)
		return n >= t->n[0].from && n <= t->n[0].to;
	if (t->low && (t->low_open ? n <= t->n[0].to : n < t->n[0].from))
		return false;
	return !t->high || (t->high_open ? n < t->n[1].from : n <= t->n[1].to);
}

static inline bool
real_means(const struct term *t, double v)
{
	if (t->test == IS)
		return v == t->real[0];
	if (t->low && (t->low_open ? v <= t->real[0] : v < t->real[0]))
		return false;
	return !t->high || (t->high_open ? v < t->real[1] : v <= t->real[1]);
}

static inline bool
addr_within(const struct term *t, const struct scalar *v)
{
	size_t n = v->family == 4 ? 4 : 16;
	int low = t->low ? memcmp(v->addr, t->addr[0], n) : 1;
	int high = t->high ? memcmp(v->addr, t->addr[1], n) : -1;

	return v->family == t->family && (t->low_open ? low > 0 : low >= 0) &&
	       (t->high_open ? high < 0 : high <= 0);
}

static inline bool
scalar_means(const struct term *t, const struct scalar *v, enum kind kind)
{
	switch (kind) {
	case TEXT:
	case EXACT:
		return text_means(t, v->text, kind == EXACT);
	case REAL:
		return real_means(t, v->real);
	case ADDR:
		return t->test == LIKE || t->test == REGEX
			       ? text_means(t, v->text, false)
			       : addr_within(t, v);
	default:
		return t->test == LIKE ? text_like(t, v->text, true, false)
				       : number_means(t, v->n);
	}
}

/* A word, phrase, pattern or expression without a field. */
static inline bool
scalar_has(const struct term *t, const struct scalar *v, enum kind kind)
{
	struct nj_view part = v->text, word = t->text[0];

	if (kind == EXACT)
		return text_means(t, v->text, true);
	if (kind == ADDR)
		return t->family && addr_within(t, v);
	if (kind != TEXT)
		return false;
	if (t->test == REGEX)
		return text_regex(t, v->text, false, false);
	if (t->test == LIKE)
		return text_like(t, v->text, false, true);
	for (; part.len >= word.len; part.data++, part.len--)
		if (text_order(nj_sub(part, 0, word.len), word, false) == 0)
			return true;
	return false;
}

/* ---- Records ---- */
/* One or some neighbours of the parts between commas. */
static inline bool
parts_mean(const struct term *t, struct nj_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (i && v.data[i - 1] != ',')
			continue;
		for (size_t n = 0; i + n <= v.len; n++)
			if ((i + n == v.len || v.data[i + n] == ',') &&
				text_means(t, nj_sub(v, i, n), false))
				return true;
	}
	return false;
}

/* conn_state is asked of the history where no state can be meant. */
static inline bool
is_for_history(const struct term *t)
{
	static const char *const states[] = { "S0", "S1", "S2", "S3", "SF",
		"REJ", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH" };

	for (size_t i = 0; i < nj_countof(states); i++)
		if (text_means(t, nj_str(states[i]), true))
			return false;
	return t->test != RANGE;
}

static inline bool
value_means(const struct term *t, const struct record *r, int key)
{
	bool (*means)(const struct term *, const struct scalar *, enum kind) =
		t->name ? scalar_means : scalar_has;

	for (unsigned i = 0; i < r->value[key].n; i++) {
		struct scalar *v = &r->value[key].v[i];

		if (means(t, v, keys[key].kind))
			return true;
		if (t->name && strcmp(keys[key].name, "service") == 0 &&
			(t->test == IS || t->test == LIKE) &&
			parts_mean(t, v->text))
			return true;
	}
	return t->test == THERE && r->value[key].has;
}

/* Other names; a field means itself. */
static const struct {
	const char *name, *key;
} others[] = {
	{ "ip", "id.orig_h" },
	{ "ip", "id.resp_h" },
	{ "port", "id.orig_p" },
	{ "port", "id.resp_p" },
	{ "src_ip", "id.orig_h" },
	{ "source.ip", "id.orig_h" },
	{ "dest_port", "id.resp_p" },
	{ "@timestamp", "ts" },
};

static inline bool
name_means(const char *name, const char *key)
{
	for (size_t i = 0; i < nj_countof(others); i++)
		if (strcmp(name, others[i].name) == 0 &&
			strcmp(key, others[i].key) == 0)
			return true;
	return strcmp(name, key) == 0;
}

static inline bool
term_means(const struct term *t, const struct record *r)
{
	for (int i = 0; i < KEYS; i++) {
		const char *key = keys[i].name;

		if (!r->value[i].has)
			continue;
		if (t->name && !name_means(t->name, key) &&
			(strcmp(t->name, "conn_state") != 0 ||
				strcmp(key, "history") != 0 ||
				!is_for_history(t)))
			continue;
		if (value_means(t, r, i))
			return true;
	}
	return false;
}

static inline bool
tree_means(const struct tree *n, const struct record *r)
{
	switch (n->kind) {
	case EVERY:
		return true;
	case TERM:
		return term_means(n->term, r);
	case TYPE:
		return nj_view_caseeq(r->path, nj_str(n->path));
	case NOT:
		return !tree_means(n->first, r);
	case AND:
		return tree_means(n->first, r) && tree_means(n->second, r);
	case OR:
		return tree_means(n->first, r) || tree_means(n->second, r);
	}
	return false;
}

#endif
