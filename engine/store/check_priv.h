/*
 * check_priv.h - what the files that check a store share.
 */
#ifndef NJ_STORE_CHECK_PRIV_H
#define NJ_STORE_CHECK_PRIV_H

#include "engine/store/store_priv.h"
#include "engine/store/upkeep.h"

struct check {
	struct nj_store_check *c;
	struct nj_kv *kv;
	struct nj_seg_header *header;
	uint64_t sealed_to, expected;
	char letter;
};

/* Counts something broken and tells of it. */
void check_found(struct check *k, const char *fmt, ...) NJ_PRINTF(2, 3);
/* Reads the files of the log in folder. */
void check_log(struct check *k, const char *folder);

#endif
