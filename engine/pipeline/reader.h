/*
 * reader.h - captures from files through a pipeline to sorted rows: what
 * `nightjar read` does with each file.
 */
#ifndef NJ_PIPELINE_READER_H
#define NJ_PIPELINE_READER_H

#include "engine/capture/source.h"
#include "engine/pipeline/pipeline.h"

struct nj_reader_stats {
	struct ledger_counters ledger;
	struct source_counters source;
	uint64_t flows, rows;
	int64_t first_ns, last_ns; /* packet time; first > last: no packet */
};

struct nj_reader {
	struct nj_pipeline_conf conf; /* sink is the reader's own */
	/* Rows in the contract's order. */
	void (*row)(void *ctx, struct nj_view row);
	/* Now and then, for a progress line; false stops the reading. May be
	 * NULL. */
	bool (*progress)(void *ctx, const struct nj_source *source);
	void *ctx;
	struct nj_reader_stats stats;
};

/* Reads one source to its end from a clean state. The source's own failure is
 * given back (its text says more) after all rows so far were handed over. */
NJ_MUST_USE enum nj_err nj_reader_run(
	struct nj_reader *r, struct nj_source *source);

#endif
