/*
 * time.c - moments as people write them: seconds since 1970 as records have
 * them, ISO 8601 dates, and "now-1h". What names a day, a minute or a second
 * is all of it, so that ts:2026-01-31 finds that whole day.
 */
#include "engine/base/date.h"
#include "engine/store/query/query_priv.h"

/* What a parser of pieces has left. */
struct pieces {
	const uint8_t *at, *end;
};

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static uint8_t
peek(const struct pieces *p)
{
	return p->at < p->end ? *p->at : 0;
}

static bool
take(struct pieces *p, const char *any)
{
	if (!peek(p) || !strchr(any, peek(p)))
		return false;
	p->at++;
	return true;
}

/* least to most digits. */
static bool
take_number(struct pieces *p, unsigned least, unsigned most, int64_t *out)
{
	unsigned n = 0;

	*out = 0;
	while (n < most && is_digit(peek(p))) {
		*out = *out * 10 + (*p->at++ - '0');
		n++;
	}
	return n >= least;
}

/* .digits as ns, and in *step what the last digit is worth. */
static bool
take_fraction(struct pieces *p, int64_t *ns, int64_t *step)
{
	*ns = 0;
	*step = NJ_NS_PER_S;
	if (!is_digit(peek(p)))
		return false;
	while (is_digit(peek(p)) && *step > 1) {
		*step /= 10;
		*ns += (*p->at++ - '0') * *step;
	}
	return true;
}

/* Milliseconds and finer have more digits than seconds of our time. */
static int64_t
epoch_unit(uint64_t n)
{
	return n < UINT64_C(100000000000)         ? NJ_NS_PER_S
	       : n < UINT64_C(100000000000000)    ? NJ_NS_PER_MS
	       : n < UINT64_C(100000000000000000) ? NJ_NS_PER_US
						  : 1;
}

static bool
epoch_parse(struct nj_view v, int64_t *from, int64_t *to)
{
	struct pieces p = { v.data, v.data + v.len };
	bool minus = take(&p, "-");
	int64_t n, part = 0, step, unit;

	if (!take_number(&p, 1, 18, &n))
		return false;
	unit = epoch_unit((uint64_t)n);
	if (take(&p, ".") &&
		(unit != NJ_NS_PER_S || !take_fraction(&p, &part, &step)))
		return false;
	if (p.at < p.end || __builtin_mul_overflow(n, unit, &n) ||
		__builtin_add_overflow(n, part, &n))
		return false;
	*from = *to = minus ? -n : n;
	return true;
}

/* Z, +hh:mm, +hhmm or +hh; nothing is UTC. */
static bool
take_zone(struct pieces *p, int64_t *s)
{
	bool minus = peek(p) == '-';
	int64_t hour, minute = 0;

	*s = 0;
	if (p->at == p->end || take(p, "Zz"))
		return true;
	if (!take(p, "+-") || !take_number(p, 2, 2, &hour) || hour > 23)
		return false;
	(void)take(p, ":");
	if (p->at < p->end && (!take_number(p, 2, 2, &minute) || minute > 59))
		return false;
	*s = (hour * 3600 + minute * 60) * (minus ? -1 : 1);
	return true;
}

/* hh[:mm[:ss[.fraction]]] into d and *ns; *span is what it names. */
static bool
take_clock(struct pieces *p, struct nj_date *d, int64_t *ns, int64_t *span)
{
	int64_t n;

	if (!take_number(p, 2, 2, &n) || n > 23)
		return false;
	d->hour = (uint8_t)n;
	*span = 3600 * NJ_NS_PER_S;
	if (!take(p, ":"))
		return true;
	if (!take_number(p, 2, 2, &n) || n > 59)
		return false;
	d->minute = (uint8_t)n;
	*span = 60 * NJ_NS_PER_S;
	if (!take(p, ":"))
		return true;
	if (!take_number(p, 2, 2, &n) || n > 59)
		return false;
	d->second = (uint8_t)n;
	*span = NJ_NS_PER_S;
	return !take(p, ".,") || take_fraction(p, ns, span);
}

/* Seconds times 10^9 and what is left; false beyond 64 bits. */
static bool
to_ns(int64_t s, int64_t ns, int64_t *out)
{
	return !__builtin_mul_overflow(s, NJ_NS_PER_S, out) &&
	       !__builtin_add_overflow(*out, ns, out);
}

static bool
date_parse(struct nj_view v, int64_t *from, int64_t *to)
{
	struct pieces p = { v.data, v.data + v.len };
	struct nj_date d = { .month = 1, .day = 1 };
	int64_t n, s, zone = 0, ns = 0, span = 86400 * NJ_NS_PER_S;
	uint8_t between;

	if (!take_number(&p, 4, 4, &d.year))
		return false;
	between = peek(&p);
	if (!take(&p, "-/") || !take_number(&p, 2, 2, &n))
		return false;
	d.month = (uint8_t)n;
	if (peek(&p) != between || !take(&p, "-/") ||
		!take_number(&p, 2, 2, &n))
		return false;
	d.day = (uint8_t)n;
	if (p.at < p.end &&
		(!take(&p, "Tt ") || !take_clock(&p, &d, &ns, &span) ||
			!take_zone(&p, &zone)))
		return false;
	if (p.at < p.end || !nj_date_seconds(&d, &s) ||
		!to_ns(s - zone, ns, from))
		return false;
	return !__builtin_add_overflow(*from, span - 1, to);
}

/* Of date arithmetic; months have no one length. */
static int64_t
unit_ns(uint8_t letter)
{
	switch (letter) {
	case 's':
		return NJ_NS_PER_S;
	case 'm':
		return 60 * NJ_NS_PER_S;
	case 'h':
	case 'H':
		return 3600 * NJ_NS_PER_S;
	case 'd':
		return 86400 * NJ_NS_PER_S;
	case 'w':
		return 7 * 86400 * NJ_NS_PER_S;
	}
	return 0;
}

static bool
take_unit(struct pieces *p, int64_t *ns)
{
	*ns = unit_ns(peek(p));
	p->at += *ns != 0;
	return *ns != 0;
}

/* now, now-1h, now-1d/d: as Elasticsearch's date arithmetic, in UTC. /unit
 * names all of the unit that the moment lies in; weeks begin on Mondays, and
 * 1970 began on a Thursday. */
static bool
now_parse(struct nj_view v, int64_t now_ns, int64_t *from, int64_t *to)
{
	const int64_t monday = -3 * 86400 * NJ_NS_PER_S;
	struct pieces p = { v.data + 3, v.data + v.len };
	int64_t n, unit, base, rest;
	bool minus;

	*from = now_ns;
	while (peek(&p) == '+' || peek(&p) == '-') {
		minus = *p.at++ == '-';
		if (!take_number(&p, 1, 9, &n) || !take_unit(&p, &unit) ||
			__builtin_mul_overflow(minus ? -n : n, unit, &n) ||
			__builtin_add_overflow(*from, n, from))
			return false;
	}
	*to = *from;
	if (!take(&p, "/"))
		return p.at == p.end;
	if (!take_unit(&p, &unit) || p.at < p.end)
		return false;
	base = unit == unit_ns('w') ? monday : 0;
	if (__builtin_sub_overflow(*from, base, &rest))
		return false;
	rest = (rest % unit + unit) % unit;
	return !__builtin_sub_overflow(*from, rest, from) &&
	       !__builtin_add_overflow(*from, unit - 1, to);
}

bool
nj_query_time_parse(
	struct nj_view v, int64_t now_ns, int64_t *from, int64_t *to)
{
	if (nj_view_casestarts(v, NJ_LIT("now")))
		return now_parse(v, now_ns, from, to);
	return v.len && (epoch_parse(v, from, to) || date_parse(v, from, to));
}
