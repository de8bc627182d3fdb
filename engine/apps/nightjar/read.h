/*
 * read.h - captures from files to records, for commands that do something
 * else with them than read does.
 */
#ifndef NJ_APPS_NIGHTJAR_READ_H
#define NJ_APPS_NIGHTJAR_READ_H

#include "engine/base/args.h"
#include "engine/event/row.h"

struct nj_read_conf {
	const char *conf; /* file; NULL: nothing but defaults */
	uint64_t workers; /* 0: one */
	bool ignore_checksums, midstream, stats;
	/* Every record, in the contract's order. */
	void (*row)(void *ctx, const struct nj_row *row);
	void *ctx;
};
/* Registers every log type; false, and it was said, when it cannot. */
bool nj_read_register(void);
/* Reads the captures as one; what is wrong with a file is said, and the
 * others are read. */
enum nj_exit nj_read_files(
	const struct nj_read_conf *conf, const struct nj_words *files);

#endif
