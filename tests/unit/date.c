/*
 * date.c - seconds as dates.
 */
#include "tests/unit/unit.h"

#include <time.h>

#include "engine/base/date.h"

/* Every day of 900 years, before 1970 and after, is what the C library says;
 * hours, minutes and seconds too. */
static void
as_the_library(void **unused)
{
	int64_t back;

	(void)unused;
	for (int64_t day = -200000; day < 130000; day++) {
		time_t s = (time_t)(day * 86400 + day % 7 * 12345 + 7);
		struct nj_date d = nj_date_utc(s);
		struct tm tm;

		assert_non_null(gmtime_r(&s, &tm));
		assert_int_equal(d.year, tm.tm_year + 1900);
		assert_int_equal(d.month, tm.tm_mon + 1);
		assert_int_equal(d.day, tm.tm_mday);
		assert_int_equal(d.hour, tm.tm_hour);
		assert_int_equal(d.minute, tm.tm_min);
		assert_int_equal(d.second, tm.tm_sec);
		assert_true(nj_date_seconds(&d, &back));
		assert_int_equal(back, s);
	}
}

/* The text has leading zeros; what no calendar reaches is cut, not broken. */
static void
text(void **unused)
{
	char out[NJ_DATE_TEXT];

	(void)unused;
	assert_int_equal(nj_date_text(-1, out), 19);
	assert_string_equal(out, "1969-12-31T23:59:59");
	assert_int_equal(nj_date_text(INT64_C(951782400), out), 19);
	assert_string_equal(out, "2000-02-29T00:00:00");
	assert_true(nj_date_text(INT64_MAX, out) < NJ_DATE_TEXT);
	assert_true(nj_date_text(INT64_MIN, out) < NJ_DATE_TEXT);
}

/* What no calendar and no clock has is no date. */
static void
no_such_day(void **unused)
{
	const struct nj_date bad[] = {
		{ 2026, 2, 29, 0, 0, 0 },
		{ 2026, 4, 31, 0, 0, 0 },
		{ 2026, 0, 1, 0, 0, 0 },
		{ 2026, 13, 1, 0, 0, 0 },
		{ 2026, 1, 0, 0, 0, 0 },
		{ 0, 1, 1, 0, 0, 0 },
		{ 10000, 1, 1, 0, 0, 0 },
		{ 2026, 1, 1, 24, 0, 0 },
		{ 2026, 1, 1, 0, 60, 0 },
		{ 2026, 1, 1, 0, 0, 60 },
	};
	int64_t s;

	(void)unused;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(nj_date_seconds(&bad[i], &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_library),
		cmocka_unit_test(text),
		cmocka_unit_test(no_such_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
