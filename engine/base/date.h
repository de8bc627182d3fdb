/*
 * date.h - seconds since 1970 as a date, in UTC. The C library's way asks for
 * the time zone's file first, which a process that may open no files cannot.
 */
#ifndef NJ_BASE_DATE_H
#define NJ_BASE_DATE_H

#include "engine/base/base.h"

struct nj_date {
	int64_t year;
	uint8_t month, day; /* from 1 */
	uint8_t hour, minute, second;
};

/* Of the proleptic Gregorian calendar; s may be negative. */
struct nj_date nj_date_utc(int64_t s);
/* The other way round; false when there is no such day or time, or the year
 * is not in 1 to 9999. */
NJ_MUST_USE bool nj_date_seconds(const struct nj_date *d, int64_t *out);
/* "2026-01-31T12:00:00", NUL-terminated; gives its length. */
enum { NJ_DATE_TEXT = 40 };
size_t nj_date_text(int64_t s, char out[NJ_DATE_TEXT]);

#endif
