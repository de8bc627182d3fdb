/*
 * series.h - connections summed up by minute, device, service and direction,
 * so that a day's picture need not read a day's records.
 *
 * Each segment of log type conn adds a block for each minute that its
 * connections began in, when it is sealed and in the same batch: so sums hold
 * each connection once, as segments do. A reader adds up the blocks of a
 * minute, and those of rows not sealed yet.
 */
#ifndef NJ_STORE_SERIES_H
#define NJ_STORE_SERIES_H

#include "engine/store/segment.h"

/* Which way a connection went, seen from the network watched. */
#define NJ_DIRECTIONS(D)                                                       \
	D(external, "Neither end is local")                                    \
	D(out, "A local originator, a responder elsewhere")                    \
	D(in, "An originator elsewhere, a local responder")                    \
	D(internal, "Both ends are local")
enum nj_direction {
#define D(name, text) NJ_DIRECTION_##name,
	NJ_DIRECTIONS(D)
#undef D
		NJ_DIRECTION_COUNT
};
const char *nj_direction_name(unsigned direction);

#define NJ_SERIES_SUMS(S)                                                      \
	S(conns, "Connections begun")                                          \
	S(orig_bytes, "Payload bytes of originators")                          \
	S(resp_bytes, "Payload bytes of responders")                           \
	S(orig_pkts, "Packets of originators")                                 \
	S(resp_pkts, "Packets of responders")
enum {
#define S(name, text) NJ_SERIES_##name,
	NJ_SERIES_SUMS(S)
#undef S
		NJ_SERIES_SUM_COUNT
};

struct nj_series_entry {
	int64_t minute; /* since 1970 */
	/* The local end; of internal connections the originator, of external
	 * ones none (family 0). */
	struct nj_addr device;
	struct nj_view service; /* as conn has it; empty: not known */
	uint8_t direction;
	uint64_t sum[NJ_SERIES_SUM_COUNT];
};

/* Where the blocks of a segment go: one for each minute, in order. */
struct nj_series_out {
	void *ctx;
	void (*block)(void *ctx, int64_t minute, struct nj_view bytes);
};
/* Sums up a segment. Nothing when it is not of log type conn. */
NJ_MUST_USE enum nj_err nj_series_of_segment(const struct nj_seg_header *h,
	const struct nj_seg_source *from, struct nj_seg_arena *arena,
	const struct nj_series_out *out);

/* Hands out the entries of a block, which borrow its bytes. NJ_E_FORMAT: the
 * checksum or the shape is wrong; nothing was handed out. */
NJ_MUST_USE enum nj_err nj_series_walk(struct nj_view block, int64_t minute,
	void (*fn)(void *ctx, const struct nj_series_entry *e), void *ctx);

#endif
