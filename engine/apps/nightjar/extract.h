/*
 * extract.h - files that were carried over the network, written to a folder by
 * `read --extract`: see docs/adr/0011.
 */
#ifndef NJ_APPS_NIGHTJAR_EXTRACT_H
#define NJ_APPS_NIGHTJAR_EXTRACT_H

#include "engine/base/base.h"

struct nj_extract;

/* Makes the folder if it is not there. bytes_max: what may be written in all.
 * Gives *out, or NULL on failure. */
NJ_MUST_USE enum nj_err nj_extract_open(
	struct nj_extract **out, const char *folder, uint64_t bytes_max);
/* Writes v at offset at of the file fuid; ctx is a struct nj_extract. False
 * when it was not written, be it that the room is used up. Any thread. */
bool nj_extract_put(void *ctx, const char *fuid, uint64_t at, struct nj_view v);
/* How many pieces were not written. */
uint64_t nj_extract_refused(const struct nj_extract *x);
void nj_extract_close(struct nj_extract **x);

#endif
