/*
 * search_tally.c - tests of what counts and compares values in
 * engine/store/search.
 */
#include "tests/unit/unit.h"

#include <math.h>
#include <stdio.h>

#include "engine/store/search/search.h"
#include "engine/store/search/tally_priv.h"

static void
add(struct nj_tally *t, unsigned value, uint64_t count)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "value-%u", value);
	assert_int_equal(nj_tally_add(t, nj_str(text), count), NJ_OK);
}

static uint64_t
count_of(const struct nj_tally *t, unsigned value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "value-%u", value);
	for (uint32_t i = 0; i < t->n; i++)
		if (nj_view_eq(nj_tally_text(t, &t->entry[i]), nj_str(text)))
			return t->entry[i].count;
	return 0;
}

/* Below its limit a tally is exact, most first, ties by text. */
static void
few_values_are_exact(void **unused)
{
	struct nj_tally t;

	(void)unused;
	assert_int_equal(nj_tally_init(&t, 100000), NJ_OK);
	for (unsigned i = 0; i < 50000; i++)
		add(&t, i, 1 + i % 3);
	add(&t, 7, 10);
	nj_tally_sort(&t);
	assert_int_equal(t.n, 50000);
	assert_int_equal(t.error, 0);
	assert_int_equal(t.entry[0].count, 12);
	assert_true(
		nj_view_eq(nj_tally_text(&t, &t.entry[0]), NJ_LIT("value-7")));
	assert_true(nj_view_eq(
		nj_tally_text(&t, &t.entry[1]), NJ_LIT("value-10001")));
	nj_tally_fini(&t);
}

/* Above its limit no count is off by more than the error it states, and what
 * is frequent is kept. */
static void
many_values_are_within_the_error(void **unused)
{
	struct nj_tally t;
	uint64_t total = 0;

	(void)unused;
	assert_int_equal(nj_tally_init(&t, 4096), NJ_OK);
	for (unsigned round = 0; round < 20; round++)
		for (unsigned i = 0; i < 5000; i++) {
			add(&t, i < 100 ? i : round * 5000 + i, 1);
			total++;
		}
	assert_true(t.error > 0);
	assert_int_equal(t.total, total);
	for (unsigned i = 0; i < 100; i++) {
		assert_true(count_of(&t, i) <= 20);
		assert_true(count_of(&t, i) + t.error >= 20);
	}
	nj_tally_fini(&t);
}

/* Two tallies together are as one that had counted all. */
static void
merging_adds_up(void **unused)
{
	struct nj_tally a, b;

	(void)unused;
	assert_int_equal(nj_tally_init(&a, 1000), NJ_OK);
	assert_int_equal(nj_tally_init(&b, 1000), NJ_OK);
	add(&a, 1, 5);
	add(&a, 2, 1);
	add(&b, 2, 3);
	add(&b, 3, 9);
	assert_int_equal(nj_tally_merge(&a, &b), NJ_OK);
	assert_int_equal(a.total, 18);
	assert_int_equal(count_of(&a, 1), 5);
	assert_int_equal(count_of(&a, 2), 4);
	assert_int_equal(count_of(&a, 3), 9);
	nj_tally_fini(&a);
	nj_tally_fini(&b);
}

static struct nj_search_terms
terms(struct nj_search_term *t, unsigned n)
{
	struct nj_search_terms all = { .term = t, .n = n };

	for (unsigned i = 0; i < n; i++)
		all.with += t[i].count;
	return all;
}

/* A value of which one set has far more than the other comes first there, and
 * last the other way round; what both have much of is in between. */
static void
score_finds_what_differs(void **unused)
{
	struct nj_search_term a[] = { { NJ_LIT("alike"), 1000 },
		{ NJ_LIT("more"), 300 } };
	struct nj_search_term b[] = { { NJ_LIT("more"), 10 },
		{ NJ_LIT("gone"), 200 }, { NJ_LIT("alike"), 1000 } };
	struct nj_search_terms of_a = terms(a, 2), of_b = terms(b, 3);
	struct nj_search_scored s[4];

	(void)unused;
	assert_int_equal(nj_search_score(&of_a, &of_b, s, 4), 3);
	assert_true(nj_view_eq(s[0].value, NJ_LIT("more")));
	assert_true(nj_view_eq(s[2].value, NJ_LIT("gone")));
	assert_true(s[0].score > 10);
	assert_true(s[2].score < -10);
	assert_true(fabs(s[1].score) < s[0].score / 2);
	assert_int_equal(s[2].in_a, 0);
	assert_int_equal(s[2].in_b, 200);
	assert_int_equal(nj_search_score(&of_b, &of_a, s, 4), 3);
	assert_true(nj_view_eq(s[0].value, NJ_LIT("gone")));
}

/* Against nothing there is nothing to compare with. */
static void
score_against_nothing_is_zero(void **unused)
{
	struct nj_search_term a[] = { { NJ_LIT("x"), 3 } };
	struct nj_search_terms of_a = terms(a, 1), none = { 0 };
	struct nj_search_scored s[1];

	(void)unused;
	assert_int_equal(nj_search_score(&of_a, &none, s, 1), 1);
	assert_true(s[0].score == 0);
	assert_int_equal(nj_search_score(&none, &none, s, 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_values_are_exact),
		cmocka_unit_test(many_values_are_within_the_error),
		cmocka_unit_test(merging_adds_up),
		cmocka_unit_test(score_finds_what_differs),
		cmocka_unit_test(score_against_nothing_is_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
