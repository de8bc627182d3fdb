/*
 * reader.h - captures from files through pipelines to sorted rows: what
 * `nightjar read` does with each file.
 *
 * With several workers each reads the whole capture and handles the packets
 * of its shard, as the appliance's workers get the packets of theirs; then
 * their rows are merged. Records are the same for any number of workers.
 */
#ifndef NJ_PIPELINE_READER_H
#define NJ_PIPELINE_READER_H

#include "engine/capture/source.h"
#include "engine/pipeline/pipeline.h"

enum { NJ_READER_WORKERS_MAX = 64 };

struct nj_once;

struct nj_reader_stats {
	struct ledger_counters ledger;
	struct source_counters source;
	uint64_t flows, rows;
};

struct nj_reader {
	struct nj_pipeline_conf conf; /* sink is the reader's own */
	/* Packets go there, a lane for each worker; NULL: they do not. */
	struct nj_pcap_recorder *packets;
	unsigned workers; /* 0 and 1: in the calling thread */
	/* Rows in the contract's order, from the calling thread. */
	void (*row)(void *ctx, const struct nj_row *row);
	/* Now and then, for a progress line. May be NULL. */
	void (*progress)(void *ctx, const struct nj_source *source);
	/* Opens the source once more, for another worker; from the calling
	 * thread. NULL is a failure. Needed only with several workers. */
	struct nj_source *(*again)(void *ctx);
	void *ctx;
	struct nj_once *once;         /* the reader's own */
	struct nj_reader_stats stats; /* of all workers */
};

/* Reads one source to its end from a clean state. The source's own failure is
 * given back (its text says more) after all rows so far were handed over. */
NJ_MUST_USE enum nj_err nj_reader_run(
	struct nj_reader *r, struct nj_source *source);

#endif
