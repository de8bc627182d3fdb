/*
 * match.h - many patterns at once over a few bytes (Hyperscan, block mode).
 * The database is read only and shared; each worker has a scratch of its own.
 */
#ifndef NJ_DISSECT_HS_MATCH_H
#define NJ_DISSECT_HS_MATCH_H

#include "engine/base/base.h"

/* Each pattern is looked for in some of a few kinds of bytes (sides,
 * transports): a scan costs what the patterns of one kind cost. */
enum { NJ_MATCH_KINDS = 4 };
struct nj_pattern {
	const char *text; /* PCRE as Hyperscan takes it; "." is any byte */
	bool nocase;
	uint8_t kinds; /* bits */
	bool empty;    /* may match the empty text; else it is refused */
};

struct nj_match;
struct nj_match_scratch;

/* Compiles n patterns, or reads them from the folder cache if the same set
 * was compiled before by the same library for the same processor (NULL: no
 * cache; a cache that cannot be used is ignored). bad gets the number of the
 * pattern that does not compile. */
NJ_MUST_USE enum nj_err nj_match_create(struct nj_match **out,
	const struct nj_pattern *patterns, unsigned n, const char *cache,
	unsigned *bad);
void nj_match_destroy(struct nj_match **m);

NJ_MUST_USE enum nj_err nj_match_scratch_create(
	struct nj_match_scratch **out, const struct nj_match *m);
void nj_match_scratch_destroy(struct nj_match_scratch **s);

/* A pattern that matches, and where its shortest match ends: so long as v has
 * these bytes it matches, whatever comes behind them. */
struct nj_hit {
	uint16_t pattern;
	uint16_t end;
};
enum { NJ_HITS_MAX = 64 };
struct nj_scan {
	unsigned kind;
	struct nj_view v;
};
/* Gives how many patterns match, each once. */
unsigned nj_match_scan(const struct nj_match *m, struct nj_match_scratch *s,
	const struct nj_scan *what, struct nj_hit out[NJ_HITS_MAX]);

#endif
