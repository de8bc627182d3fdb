/*
 * clock.h - the machine's clocks, for what is not on the packet path: there
 * time is packet time.
 */
#ifndef NJ_BASE_CLOCK_H
#define NJ_BASE_CLOCK_H

#include "engine/base/base.h"

/* Nanoseconds since 1970, as the clock on the wall says; it may jump. */
int64_t nj_wall_ns(void);
/* Nanoseconds since some moment; never goes back. */
int64_t nj_mono_ns(void);

#endif
