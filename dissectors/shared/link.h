/*
 * link.h - for dissectors of frames without IP (NJ_LINK): what was told lately
 * need not be told again, and MAC addresses as text.
 */
#ifndef NJ_DISSECTORS_SHARED_LINK_H
#define NJ_DISSECTORS_SHARED_LINK_H

#include "engine/dissect/dissector.h"

/* Devices repeat themselves every few seconds, for ever. This remembers what
 * was told by a hash, in a table where two facts may share a place: then both
 * are merely told more often. A dissector's shared block; zero: empty. */
enum { NJ_LATELY_SLOTS = 2048 };
struct nj_lately {
	struct {
		uint64_t fact;
		int64_t told_ns;
	} slots[NJ_LATELY_SLOTS];
};

/* True, and remembered, unless the same was told by the same source less than
 * five minutes ago. */
bool nj_lately_is_news(struct nj_dctx *d, const struct nj_frame *f,
	const void *fact, size_t n);

/* 02:00:00:00:00:01; empty when there is none. */
struct nj_view nj_link_mac(struct nj_dctx *d, const uint8_t *mac);

#endif
