/*
 * clock.c - wall clock and monotonic clock.
 */
#include "engine/base/clock.h"

#include <time.h>

static int64_t
read_clock(clockid_t which)
{
	struct timespec t;

	(void)clock_gettime(which, &t);
	return (int64_t)t.tv_sec * NJ_NS_PER_S + t.tv_nsec;
}

int64_t
nj_wall_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
nj_mono_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}
