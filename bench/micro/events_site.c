/*
 * events_site.c - addresses, names and dice of the made-up site.
 */
#include "bench/micro/events_site.h"

#include <math.h>
#include <stdio.h>

#include "engine/base/hash.h"

uint64_t
site_roll(struct site_dice *d)
{
	return nj_mix64(d->state += UINT64_C(0x9e3779b97f4a7c15));
}

uint32_t
site_below(struct site_dice *d, uint32_t n)
{
	return (uint32_t)((site_roll(d) >> 32) * n >> 32);
}

static double
fraction(struct site_dice *d)
{
	return (double)(site_roll(d) >> 11) * 0x1p-53;
}

bool
site_percent(struct site_dice *d, double percent)
{
	return fraction(d) * 100 < percent;
}

double
site_lognormal(struct site_dice *d, double median, double spread)
{
	double r = sqrt(-2 * log(1 - fraction(d)));
	double normal = r * cos(2 * 3.14159265358979 * fraction(d));

	return median * exp(normal * log(spread));
}

uint32_t
site_zipf(struct site_dice *d, uint32_t n)
{
	/* The sum of the weights up to i grows as the logarithm of i. */
	uint32_t i = (uint32_t)(exp(fraction(d) * log((double)n + 1)) - 1);

	return nj_min(i, n - 1);
}

static struct nj_addr
four(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	uint8_t bytes[4] = { (uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d };

	return nj_addr4(bytes);
}

static struct nj_addr
six(uint64_t high, uint64_t low)
{
	uint64_t words[2] = { __builtin_bswap64(high), __builtin_bswap64(low) };

	return nj_addr6(words);
}

/* Busy devices are spread over all subnets. */
static void
devices_make(struct site *s, struct site_dice *d)
{
	static const char *const makers[] = { "00:25:90", "3c:52:82",
		"a4:bb:6d", "f0:18:98", "00:50:56", "dc:a6:32", "70:b5:e8" };

	for (uint32_t i = 0; i < SITE_DEVICES; i++) {
		struct site_device *v = &s->devices[i];
		uint32_t net = i % 25, host = 10 + i / 25;
		uint64_t r = site_roll(d);

		v->v4 = four(10, 20, net, host);
		v->v6 = six(UINT64_C(0x20010db800200000) | net, r);
		v->vlan = (uint16_t)(100 + net);
		(void)snprintf(v->mac, sizeof(v->mac), "%s:%02x:%02x:%02x",
			makers[r % nj_countof(makers)],
			(unsigned)(r >> 8 & 255), (unsigned)(r >> 16 & 255),
			(unsigned)(r >> 24 & 255));
	}
}

/* Servers outside lie together in some hundred networks. */
static void
servers_make(struct site *s, struct site_dice *d)
{
	for (uint32_t i = 0; i < SITE_SERVERS; i++)
		s->servers[i] = four(10, 20, 250, 1 + i);
	for (uint32_t i = 0; i < SITE_OUTSIDE; i++) {
		uint64_t net = nj_mix64(1 + site_zipf(d, 400));
		uint32_t r = (uint32_t)site_roll(d);

		s->outside4[i] = four(
			11 + net % 200, net >> 8 & 255, r & 255, r >> 8 & 255);
		s->outside6[i] = six(
			UINT64_C(0x2600000000000000) | (net & UINT32_MAX) << 24,
			r & 0xffff);
	}
}

static void
names_make(struct site *s, struct site_dice *d)
{
	static const char *const words[] = { "cloud", "media", "north", "data",
		"blue", "shop", "news", "edge", "swift", "river", "stone",
		"mail", "photo", "play", "track", "metric", "stream", "store",
		"travel", "health", "bank", "market", "learn", "open" };
	static const char *const hosts[] = { "www", "api", "cdn", "static",
		"login", "img", "assets", "telemetry", "update", "mail", "ns1",
		"app", "edge", "events", "m", "push" };
	static const char *const tops[] = { "com", "com", "com", "net", "org",
		"io", "de", "co.uk", "fr", "cloud" };

	for (uint32_t i = 0; i < SITE_NAMES; i++) {
		uint64_t r = nj_mix64(1 + site_zipf(d, SITE_NAMES / 3));
		uint64_t own = site_roll(d);
		char number[16] = "";

		if (own % 4 == 0)
			(void)snprintf(number, sizeof(number), "-%u",
				(unsigned)(own >> 8) % 1000);
		(void)snprintf(s->names[i], sizeof(s->names[i]),
			"%s%s.%s%s%u.%s",
			hosts[(own >> 40) % nj_countof(hosts)], number,
			words[r % nj_countof(words)],
			words[(r >> 8) % nj_countof(words)],
			(unsigned)(r >> 16) % 40, tops[(r >> 32) % 10]);
	}
}

void
site_make(struct site *s, uint64_t seed)
{
	struct site_dice d = { seed };

	devices_make(s, &d);
	servers_make(s, &d);
	names_make(s, &d);
}
