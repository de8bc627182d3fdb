/*
 * score.c - which values set one answer apart from another.
 */
#include <math.h>
#include <stdlib.h>

#include "engine/base/hash.h"
#include "engine/store/search/search.h"

static double
part(double seen, double expected)
{
	return seen > 0 ? seen * log(seen / expected) : 0;
}

/* Signed root of Dunning's G2 for a of all_a against b of all_b. */
static double
score_of(double a, double all_a, double b, double all_b)
{
	double share = (a + b) / (all_a + all_b), g2;

	if (all_a <= 0 || all_b <= 0 || share <= 0)
		return 0;
	g2 = 2 * (part(a, all_a * share) + part(b, all_b * share) +
			 part(all_a - a, all_a * (1 - share)) +
			 part(all_b - b, all_b * (1 - share)));
	g2 = sqrt(fmax(g2, 0));
	return a / all_a >= b / all_b ? g2 : -g2;
}

static int
by_text(const void *x, const void *y)
{
	const struct nj_search_term *a = x, *b = y;
	size_t n = nj_min(a->value.len, b->value.len);
	int by = n ? memcmp(a->value.data, b->value.data, n) : 0;

	return by ? by
		  : (a->value.len > b->value.len) -
			       (a->value.len < b->value.len);
}

/* An answer without terms has no list, which qsort may not be given. */
static void
sort_terms(const struct nj_search_terms *t)
{
	if (t->n)
		qsort(t->term, t->n, sizeof(*t->term), by_text);
}

static int
by_score(const void *x, const void *y)
{
	const struct nj_search_scored *a = x, *b = y;

	if (a->score != b->score)
		return a->score < b->score ? 1 : -1;
	return (a->in_a < b->in_a) - (a->in_a > b->in_a);
}

static struct nj_search_scored
scored(const struct nj_search_terms *a, const struct nj_search_terms *b,
	struct nj_view value, const uint64_t count[2])
{
	struct nj_search_scored s = {
		.value = value, .in_a = count[0], .in_b = count[1]
	};

	s.share_a = a->with ? (double)s.in_a / (double)a->with : 0;
	s.share_b = b->with ? (double)s.in_b / (double)b->with : 0;
	s.score = score_of((double)s.in_a, (double)a->with, (double)s.in_b,
		(double)b->with);
	return s;
}

unsigned
nj_search_score(const struct nj_search_terms *a,
	const struct nj_search_terms *b, struct nj_search_scored *out,
	unsigned max)
{
	size_t all = (size_t)a->n + b->n;
	struct nj_search_scored *list = calloc(all ? all : 1, sizeof(*list));
	unsigned n = 0, i = 0, k = 0;

	if (!list)
		return 0;
	sort_terms(a);
	sort_terms(b);
	while (i < a->n || k < b->n) {
		int by = i == a->n   ? 1
			 : k == b->n ? -1
				     : by_text(&a->term[i], &b->term[k]);
		struct nj_view value =
			by <= 0 ? a->term[i].value : b->term[k].value;
		uint64_t count[2] = { by <= 0 ? a->term[i++].count : 0,
			by >= 0 ? b->term[k++].count : 0 };

		list[n++] = scored(a, b, value, count);
	}
	qsort(list, n, sizeof(*list), by_score);
	n = nj_min(n, max);
	if (n)
		memcpy(out, list, n * sizeof(*out));
	free(list);
	return n;
}
