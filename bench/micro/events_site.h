/*
 * events_site.h - a made-up site whose records look like those of a real one:
 * 5,000 devices in 25 subnets, servers inside, twenty thousand servers
 * outside, names, programs. All follow from one seed.
 */
#ifndef NJ_BENCH_MICRO_EVENTS_SITE_H
#define NJ_BENCH_MICRO_EVENTS_SITE_H

#include "engine/base/base.h"

enum {
	SITE_DEVICES = 5000,
	SITE_SERVERS = 64,    /* inside */
	SITE_OUTSIDE = 20000, /* servers outside */
	SITE_NAMES = 30000,   /* host names outside */
	SITE_NAME_BYTES = 64
};

/* Numbers by splitmix from a seed. */
struct site_dice {
	uint64_t state;
};
uint64_t site_roll(struct site_dice *d);
/* Below n. */
uint32_t site_below(struct site_dice *d, uint32_t n);
bool site_percent(struct site_dice *d, double percent);
/* exp of a normal number: half lie below median, two thirds within a factor
 * of spread around it. */
double site_lognormal(struct site_dice *d, double median, double spread);
/* The i-th of n with weight 1 / (i + 1). */
uint32_t site_zipf(struct site_dice *d, uint32_t n);

struct site_device {
	struct nj_addr v4, v6;
	char mac[18];
	uint16_t vlan;
};

struct site {
	struct site_device devices[SITE_DEVICES];
	struct nj_addr servers[SITE_SERVERS];
	struct nj_addr outside4[SITE_OUTSIDE], outside6[SITE_OUTSIDE];
	char names[SITE_NAMES][SITE_NAME_BYTES];
};
void site_make(struct site *s, uint64_t seed);

#endif
