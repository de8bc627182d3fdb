/*
 * unpack_priv.h - one unpacker for the formats that input.c recognises.
 */
#ifndef NJ_IO_UNPACK_PRIV_H
#define NJ_IO_UNPACK_PRIV_H

#include "engine/base/base.h"

enum unpack_kind { UNPACK_NONE, UNPACK_GZIP, UNPACK_ZSTD };

struct unpack;

/* One step: what was there, and what was used of it. */
struct unpack_io {
	const uint8_t *in;
	size_t in_len, in_used;
	uint8_t *out;
	size_t out_len, out_used;
};

/* Which packing begins with these bytes (four decide). */
enum unpack_kind unpack_sniff(struct nj_view head);
/* The name of a packing that is known but not unpacked here, or NULL. */
const char *unpack_foreign(struct nj_view head);

NJ_MUST_USE enum nj_err unpack_open(struct unpack **out, enum unpack_kind kind);
void unpack_close(struct unpack **u);
/* Uses some of in, fills some of out. False when in is damaged; *why is then
 * a static text. */
NJ_MUST_USE bool unpack_step(
	struct unpack *u, struct unpack_io *io, const char **why);
/* True between members or frames, where the input may end. */
bool unpack_may_end(const struct unpack *u);

#endif
