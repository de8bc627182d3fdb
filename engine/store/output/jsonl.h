/*
 * jsonl.h - records as lines of JSON in one file of all log types, for
 * shippers that read files: what stands in it is on the disk, once.
 */
#ifndef NJ_STORE_OUTPUT_JSONL_H
#define NJ_STORE_OUTPUT_JSONL_H

#include "engine/store/output/output.h"

struct nj_jsonl_conf {
	const char *folder;    /* exists */
	uint64_t rotate_bytes; /* of the file */
	int64_t rotate_age_ns;
	unsigned keep_files; /* closed ones */
	bool zstd; /* a frame a batch: zstdcat, zstd -d read the whole */
};

extern const struct nj_output_kind nj_jsonl_kind;
/* Borrows conf. */
NJ_MUST_USE enum nj_err nj_jsonl_create(
	void **self, const struct nj_jsonl_conf *conf);

#endif
