/*
 * shed.c - tests of the controller of overload.
 */
#include "tests/unit/unit.h"

#include "engine/pipeline/shed.h"

static const struct nj_shed_input calm = { .polls = 1000, .full = 100 };
static const struct nj_shed_input between = { .polls = 1000, .full = 800 };
static const struct nj_shed_input hot = { .polls = 1000, .full = 1000 };

static unsigned
steps(struct nj_shed *s, const struct nj_shed_input *in, unsigned n)
{
	unsigned changes = 0;

	while (n--)
		changes += nj_shed_step(s, in);
	return changes;
}

/* Work is left out in the stated order, a step for each run of hot ticks, and
 * never all flows. */
static void
rises_in_order(void **unused)
{
	struct nj_shed s = { 0 };

	(void)unused;
	assert_int_equal(steps(&s, &hot, NJ_SHED_HOT_TICKS - 1), 0);
	assert_int_equal(s.level, NJ_SHED_NONE);
	assert_int_equal(steps(&s, &hot, 1), 1);
	assert_int_equal(s.level, NJ_SHED_SHALLOW);
	assert_int_equal(steps(&s, &hot, NJ_SHED_HOT_TICKS), 1);
	assert_int_equal(s.level, NJ_SHED_HEADERS);
	assert_int_equal(s.share, 0);
	assert_int_equal(steps(&s, &hot, NJ_SHED_HOT_TICKS), 1);
	assert_int_equal(s.level, NJ_SHED_FLOWS);
	assert_int_equal(s.share, NJ_SHED_SHARE_STEP);
	(void)steps(&s, &hot, 1000);
	assert_int_equal(s.level, NJ_SHED_FLOWS);
	assert_int_equal(s.share, NJ_SHED_SHARE_MAX);
	assert_true(NJ_SHED_SHARE_MAX < NJ_SHED_PARTS);
}

/* Where packets are recorded that is left out before anything else, and comes
 * back last. */
static void
recording_goes_first(void **unused)
{
	struct nj_shed s = { .records = true };

	(void)unused;
	assert_int_equal(steps(&s, &hot, NJ_SHED_HOT_TICKS), 1);
	assert_int_equal(s.level, NJ_SHED_PACKETS);
	assert_int_equal(steps(&s, &hot, NJ_SHED_HOT_TICKS), 1);
	assert_int_equal(s.level, NJ_SHED_SHALLOW);
	assert_int_equal(steps(&s, &calm, NJ_SHED_CALM_TICKS), 1);
	assert_int_equal(s.level, NJ_SHED_PACKETS);
	assert_int_equal(steps(&s, &calm, NJ_SHED_CALM_TICKS), 1);
	assert_int_equal(s.level, NJ_SHED_NONE);
}

/* It comes back the same way, slower, and ends where it began. */
static void
falls_in_order(void **unused)
{
	struct nj_shed s = { .level = NJ_SHED_FLOWS,
		.share = 2 * NJ_SHED_SHARE_STEP };

	(void)unused;
	assert_int_equal(steps(&s, &calm, NJ_SHED_CALM_TICKS - 1), 0);
	assert_int_equal(steps(&s, &calm, 1), 1);
	assert_int_equal(s.share, NJ_SHED_SHARE_STEP);
	assert_int_equal(steps(&s, &calm, NJ_SHED_CALM_TICKS), 1);
	assert_int_equal(s.level, NJ_SHED_HEADERS);
	assert_int_equal(s.share, 0);
	assert_int_equal(steps(&s, &calm, 2 * NJ_SHED_CALM_TICKS), 2);
	assert_int_equal(s.level, NJ_SHED_NONE);
	assert_int_equal(steps(&s, &calm, 100), 0);
}

/* Between hot and calm nothing moves, and a run has to begin anew. */
static void
stays_in_between(void **unused)
{
	struct nj_shed s = { .level = NJ_SHED_SHALLOW };

	(void)unused;
	for (unsigned i = 0; i < 50; i++) {
		assert_int_equal(steps(&s, &hot, NJ_SHED_HOT_TICKS - 1), 0);
		assert_int_equal(steps(&s, &between, 1), 0);
		assert_int_equal(steps(&s, &calm, NJ_SHED_CALM_TICKS - 1), 0);
		assert_int_equal(steps(&s, &between, 1), 0);
	}
	assert_int_equal(s.level, NJ_SHED_SHALLOW);
}

/* Each of the signs alone is enough; a handful of polls is none. */
static void
every_sign_counts(void **unused)
{
	static const struct nj_shed_input signs[] = {
		{ .polls = 1000, .full = 990 },
		{ .lost = 1 },
		{ .ring_percent = 80 },
		{ .buffers_percent = 95 },
	};
	static const struct nj_shed_input few = { .polls = 3, .full = 3 };
	struct nj_shed s;

	(void)unused;
	for (unsigned i = 0; i < nj_countof(signs); i++) {
		s = (struct nj_shed){ 0 };
		assert_int_equal(steps(&s, &signs[i], NJ_SHED_HOT_TICKS), 1);
	}
	s = (struct nj_shed){ 0 };
	assert_int_equal(steps(&s, &few, 100), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rises_in_order),
		cmocka_unit_test(recording_goes_first),
		cmocka_unit_test(falls_in_order),
		cmocka_unit_test(stays_in_between),
		cmocka_unit_test(every_sign_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
