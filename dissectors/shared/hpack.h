/*
 * hpack.h - header compression of HTTP/2 (RFC 7541), by libnghttp2, whose
 * memory is the flow's own: nothing is allocated elsewhere, and it goes with
 * the dissection.
 */
#ifndef NJ_DISSECTORS_SHARED_HPACK_H
#define NJ_DISSECTORS_SHARED_HPACK_H

#include "engine/dissect/dissector.h"

enum {
	/* Of one block: more is an attack on whoever keeps them. */
	NJ_HPACK_FIELDS_MAX = 256,
	NJ_HPACK_TEXT_MAX = 64 * 1024,
	/* The table that we follow; a greater one is not. */
	NJ_HPACK_TABLE_MAX = 64 * 1024
};

/* Who gets the fields; names and values are valid within the call. */
struct nj_hpack_to {
	void (*field)(void *ctx, struct nj_dctx *d, struct nj_view name,
		struct nj_view value);
	void *ctx;
};

struct nj_hpack;
/* For the blocks that one side sends. NULL when there is no memory. */
struct nj_hpack *nj_hpack_open(struct nj_dctx *d);
/* The table's size that the other side has asked for. */
bool nj_hpack_resize(struct nj_hpack *h, struct nj_dctx *d, uint32_t bytes);
/* The next bytes of a block; last: it ends with them. False: it is broken or
 * too big, and later blocks cannot be read either. */
bool nj_hpack_block(struct nj_hpack *h, struct nj_dctx *d, struct nj_view v,
	bool last, const struct nj_hpack_to *to);

#endif
