/*
 * merge.h - several captures as one, in order of time, as if one port had
 * seen them all.
 */
#ifndef NJ_CAPTURE_MERGE_H
#define NJ_CAPTURE_MERGE_H

#include "engine/capture/source.h"

/* Takes the n sources (closed with the merged one). A source that fails ends
 * alone: on_failed is told which, the others go on, and the merged source
 * fails with the first one's error at the very end. */
NJ_MUST_USE enum nj_err nj_merge_open(struct nj_source **out,
	struct nj_source **sources, unsigned n,
	void (*on_failed)(void *ctx, unsigned which, const char *why),
	void *ctx);

#endif
