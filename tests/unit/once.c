/*
 * once.c - tests of engine/event/once.
 */
#include "tests/unit/unit.h"

#include "engine/event/once.h"

#define ONCETEST(F, tag)                                                       \
	F(tag, 1, U64, n, 0, "A number")                                       \
	F(tag, 2, U64, aside, NJ_OPT | NJ_ASIDE, "No news")
NJ_EVENT_X(oncetest, ONCETEST, NJ_EV_ONCE, "Told once");
#define OFTENTEST(F, tag) F(tag, 1, U64, n, 0, "A number")
NJ_EVENT(oftentest, OFTENTEST, "Told always");

static bool
passes(struct nj_once *o, const struct nj_event_desc *desc, uint64_t n,
	int64_t at_ns)
{
	struct oncetest_event ev = { .n = n };
	struct nj_head head = { .order_ns = at_ns,
		.ts_ns = at_ns + 5,
		.uid = { (uint64_t)at_ns, 1 } };
	uint8_t bytes[256];
	struct nj_row row;
	size_t len = nj_row_encode(bytes, sizeof(bytes), desc, &head, &ev);

	assert_true(nj_row_parse(&row, (struct nj_view){ bytes, len }));
	return nj_once_pass(o, &row);
}

static int
set_up(void **state)
{
	struct nj_once *o;

	assert_int_equal(nj_event_register(&oncetest_desc), NJ_OK);
	assert_int_equal(nj_event_register(&oftentest_desc), NJ_OK);
	assert_int_equal(nj_once_create(&o), NJ_OK);
	*state = o;
	return 0;
}

static int
tear_down(void **state)
{
	struct nj_once *o = *state;

	nj_once_destroy(&o);
	return 0;
}

/* The same fields go on once, whatever flow they are from; others go on. */
static void
same_fields_once(void **state)
{
	struct nj_once *o = *state;

	assert_true(passes(o, &oncetest_desc, 1, 1000));
	assert_false(passes(o, &oncetest_desc, 1, 2000));
	assert_true(passes(o, &oncetest_desc, 2, 2000));
	assert_true(passes(o, &oftentest_desc, 1, 2000));
	assert_true(passes(o, &oftentest_desc, 1, 2001));
	assert_int_equal(nj_once_dropped(o), 1);
}

/* A field that is no news does not make another record of one. */
static void
aside_is_no_news(void **state)
{
	struct nj_once *o = *state;
	struct oncetest_event ev = { .n = 7 };
	struct nj_head head = { .order_ns = 1 };
	uint8_t bytes[256];
	struct nj_row row;
	size_t len;

	assert_true(passes(o, &oncetest_desc, 7, 1));
	nj_set(&ev, oncetest, aside, 9);
	len = nj_row_encode(bytes, sizeof(bytes), &oncetest_desc, &head, &ev);
	assert_true(nj_row_parse(&row, (struct nj_view){ bytes, len }));
	assert_false(nj_once_pass(o, &row));
	ev.n = 8;
	len = nj_row_encode(bytes, sizeof(bytes), &oncetest_desc, &head, &ev);
	assert_true(nj_row_parse(&row, (struct nj_view){ bytes, len }));
	assert_true(nj_once_pass(o, &row));
}

/* A day after it was told it is told again, however often it was seen. */
static void
again_after_a_day(void **state)
{
	struct nj_once *o = *state;

	assert_true(passes(o, &oncetest_desc, 1, 1000));
	assert_false(passes(o, &oncetest_desc, 1, 999 + NJ_ONCE_NS));
	assert_true(passes(o, &oncetest_desc, 1, 1000 + NJ_ONCE_NS));
	assert_false(passes(o, &oncetest_desc, 1, 1001 + NJ_ONCE_NS));
}

/* More than there is room for costs repeats of the oldest, never a new one. */
static void
full_tells_again(void **state)
{
	struct nj_once *o = *state;

	for (int64_t i = 0; i < 3 * NJ_ONCE_ROWS; i++)
		assert_true(passes(o, &oncetest_desc, (uint64_t)i, 1000 + i));
	assert_true(passes(o, &oncetest_desc, 0, 1000 + 3 * NJ_ONCE_ROWS));
	assert_false(passes(o, &oncetest_desc, 3 * NJ_ONCE_ROWS - 1,
		1001 + 3 * NJ_ONCE_ROWS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			same_fields_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			aside_is_no_news, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			again_after_a_day, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			full_tells_again, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
