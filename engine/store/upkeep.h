/*
 * upkeep.h - what an operator does with a store as a whole: look whether it is
 * sound.
 */
#ifndef NJ_STORE_UPKEEP_H
#define NJ_STORE_UPKEEP_H

#include "engine/store/store.h"

struct nj_store_check {
	/* Told of each thing that is broken; text is valid during the call. */
	void (*found)(void *ctx, const char *text);
	void *ctx;
	uint64_t segments, parts, blocks, rows, bytes;
	uint64_t broken;
};
/* Reads everything and compares checksums, beside a process that has the store
 * open or without one. NJ_OK however much is broken; else why says why it
 * could not be done. */
NJ_MUST_USE enum nj_err nj_store_check(
	const char *folder, struct nj_store_check *c, char why[NJ_KV_WHY]);

#endif
