/*
 * spooler.h - moves the oldest rows out of rings that fill into the spool, so
 * that there is room for younger ones while the brain is away or slow; and
 * knows what found no room all the same.
 */
#ifndef NJ_EVENT_SPOOLER_H
#define NJ_EVENT_SPOOLER_H

#include "engine/event/ring.h"
#include "engine/event/spool.h"

struct nj_spooler;

struct nj_spooler_conf {
	const int *rings; /* descriptors, which may be closed then */
	unsigned count;
	const char *folder; /* NULL: there is no spool, only losses */
	uint64_t bytes_max;
};

/* Takes up what an earlier spooler of the same rings left. */
NJ_MUST_USE enum nj_err nj_spooler_open(
	struct nj_spooler **out, const struct nj_spooler_conf *conf);
void nj_spooler_close(struct nj_spooler **s);
/* Looks at every ring once and moves some of what has to be moved. True: there
 * is more to do at once. What the spool has no room for stays in the ring. */
bool nj_spooler_step(struct nj_spooler *s);
/* Lets go of what the brain has released, and tries again where the spool was
 * full. Some times a second. */
void nj_spooler_tidy(struct nj_spooler *s);
/* At the end, when nobody will read the rings: moves all that they hold.
 * NJ_E_FULL, NJ_E_IO: not all of it. */
NJ_MUST_USE enum nj_err nj_spooler_flush(struct nj_spooler *s);

/* Has every producer said that it will put nothing more? */
bool nj_spooler_ended(const struct nj_spooler *s);
/* Is the spool in use, and was there no room in it? */
bool nj_spooler_is_full(const struct nj_spooler *s);
/* errno of the last write that failed; 0: none since the last that did not. */
int nj_spooler_error(const struct nj_spooler *s);
/* Rows refused by all rings, by type and in the order of types; gives how
 * many types. */
unsigned nj_spooler_losses(
	const struct nj_spooler *s, struct nj_loss out[NJ_EVENT_TYPES_MAX]);
/* All 0 where there is no spool. */
void nj_spooler_counters(
	const struct nj_spooler *s, struct nj_spool_counters *out);

#endif
