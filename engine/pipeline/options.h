/*
 * options.h - what nightjar.yaml says, as the configurations of the layers,
 * which do not know it.
 */
#ifndef NJ_PIPELINE_OPTIONS_H
#define NJ_PIPELINE_OPTIONS_H

#include "engine/conf/conf.h"
#include "engine/pipeline/pipeline.h"

/* The defaults with what conf says put over them. Borrows conf as long as out
 * is used (local networks). */
void nj_pipeline_options(
	struct nj_pipeline_conf *out, const struct nj_conf *conf);

/* The dissectors that conf leaves switched on, out of all; NULL-terminated.
 * A name that is none is said with its place in the file, and the answer is
 * NULL: exit with NJ_EXIT_CONFIG. Gives memory: free() it after use. */
const struct nj_dissector **nj_dissector_options(
	const struct nj_dissector *const *all, const struct nj_conf *conf);

#endif
