/*
 * upkeep.h - what an operator does with a store as a whole: look whether it is
 * sound, copy it while it is written, put a copy in place.
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

/* Copies the store in folder, as it is at one moment, into the new folder
 * path: its files, and SHA256SUMS with their hashes. Another process may have
 * the store open. */
struct nj_store_copy {
	const char *folder; /* the store's, DIR/store */
	const char *path;   /* of the copy */
	uint64_t files, bytes;
};
NJ_MUST_USE enum nj_err nj_store_backup(
	struct nj_store_copy *c, char why[NJ_KV_WHY]);
/* The other way round: the copy is read, compared with its hashes and opened
 * beside folder, and takes its place only then. NJ_E_STATE: there is a store
 * already. */
NJ_MUST_USE enum nj_err nj_store_restore(
	struct nj_store_copy *c, char why[NJ_KV_WHY]);

#endif
