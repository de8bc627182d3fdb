/*
 * framed.h - streams of messages that each tell their length in a header:
 * cutting them out of the bytes as they come, the same whatever the split,
 * and finding the place again after a gap where a message begins with the
 * next segment.
 */
#ifndef NJ_DISSECTORS_SHARED_FRAMED_H
#define NJ_DISSECTORS_SHARED_FRAMED_H

#include "engine/dissect/dissector.h"

/* The first member of a dissector's state. */
struct nj_framed {
	bool found; /* a message was told of: no way back to detection */
	bool after_gap[2];
};

struct nj_framing {
	size_t head_bytes; /* needed to know the length */
	/* Bytes of a message that are given; what goes beyond is skipped. */
	size_t whole_max;
	unsigned odd; /* what a header that cannot be is told as */
	/* Of the whole message; 0: no message begins so. */
	size_t (*length)(struct nj_view v);
	/* v is whole, or its first whole_max bytes. MORE: go on. */
	enum nj_verdict (*message)(
		struct nj_dctx *d, enum nj_dir dir, struct nj_view v);
};

enum nj_verdict nj_framed_stream(struct nj_dctx *d, enum nj_dir dir,
	struct nj_view v, const struct nj_framing *f);
/* A datagram of one message or several. */
enum nj_verdict nj_framed_datagram(struct nj_dctx *d, enum nj_dir dir,
	struct nj_view v, const struct nj_framing *f);
/* For the table's gap. */
enum nj_verdict nj_framed_gap(
	struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len);

#endif
