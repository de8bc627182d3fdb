/*
 * split.h - one worker's share of a source that every worker reads by itself:
 * of a file, which costs less to read twice than to hand over.
 */
#ifndef NJ_CAPTURE_SPLIT_H
#define NJ_CAPTURE_SPLIT_H

#include "engine/capture/source.h"

/* Takes inner (closed with the new one), which yields all packets; *out
 * yields those that nj_packet_shard gives to worker, of workers. Its now_ns
 * goes with inner's. What inner lost is told by worker 0's alone. */
NJ_MUST_USE enum nj_err nj_split_open(struct nj_source **out,
	struct nj_source *inner, unsigned worker, unsigned workers);

#endif
