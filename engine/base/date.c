/*
 * date.c - seconds since 1970 as a date.
 */
#include "engine/base/date.h"

#include <stdio.h>

enum {
	DAY_S = 24 * 60 * 60,
	DAYS_TO_1970 = 719468, /* from the first of March of the year 0 */
	ERA_DAYS = 146097,     /* in 400 years */
	ERA_YEARS = 400
};

/* Years are counted from March on, so that the odd day is their last. */
static void
date_of_days(int64_t days, struct nj_date *out)
{
	int64_t era, rest, year, in_year, month;

	days += DAYS_TO_1970;
	era = days / ERA_DAYS - (days % ERA_DAYS < 0);
	rest = days - era * ERA_DAYS;
	year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	in_year = rest - (365 * year + year / 4 - year / 100);
	month = (5 * in_year + 2) / 153;
	out->day = (uint8_t)(in_year - (153 * month + 2) / 5 + 1);
	out->month = (uint8_t)(month < 10 ? month + 3 : month - 9);
	out->year = year + era * ERA_YEARS + (out->month <= 2);
}

struct nj_date
nj_date_utc(int64_t s)
{
	int64_t days = s / DAY_S - (s % DAY_S < 0);
	/* Not by a product, which the first day of all would overflow. */
	int64_t rest = s % DAY_S + (s % DAY_S < 0 ? DAY_S : 0);
	struct nj_date d = { .hour = (uint8_t)(rest / 3600),
		.minute = (uint8_t)(rest / 60 % 60),
		.second = (uint8_t)(rest % 60) };

	date_of_days(days, &d);
	return d;
}

bool
nj_date_seconds(const struct nj_date *d, int64_t *out)
{
	int64_t year = d->year - (d->month <= 2);
	int64_t month = d->month + (d->month <= 2 ? 9 : -3);
	int64_t days = 365 * year + year / 4 - year / 100 + year / 400 +
		       (153 * month + 2) / 5 + d->day - 1 - DAYS_TO_1970;
	struct nj_date back;

	if (d->year < 1 || d->year > 9999 || d->hour > 23 || d->minute > 59 ||
		d->second > 59)
		return false;
	*out = days * DAY_S + d->hour * 3600 + d->minute * 60 + d->second;
	/* The 30th of February comes back as another day. */
	back = nj_date_utc(*out);
	return back.year == d->year && back.month == d->month &&
	       back.day == d->day;
}

size_t
nj_date_text(int64_t s, char out[NJ_DATE_TEXT])
{
	struct nj_date d = nj_date_utc(s);
	int n = snprintf(out, NJ_DATE_TEXT, "%04lld-%02u-%02uT%02u:%02u:%02u",
		(long long)d.year, d.month, d.day, d.hour, d.minute, d.second);

	return n < 0 ? 0 : nj_min((size_t)n, (size_t)NJ_DATE_TEXT - 1);
}
