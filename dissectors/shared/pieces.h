/*
 * pieces.h - which parts of a message have come, when they come in any order
 * and more than once (DTLS fragments, QUIC CRYPTO frames).
 */
#ifndef NJ_DISSECTORS_SHARED_PIECES_H
#define NJ_DISSECTORS_SHARED_PIECES_H

#include "engine/base/base.h"

enum { NJ_PIECES_MAX = 64 };

struct nj_piece {
	uint32_t from, to; /* to: the first byte that is not there */
};

/* Apart and in order; zeroed at the start. */
struct nj_pieces {
	struct nj_piece at[NJ_PIECES_MAX];
	uint8_t count;
};

/* Adds [from, to); false, and nothing done, when there would be too many
 * holes. */
NJ_MUST_USE bool nj_pieces_add(struct nj_pieces *p, uint32_t from, uint32_t to);
/* How many bytes are there from the beginning on without a hole. */
static inline uint32_t
nj_pieces_front(const struct nj_pieces *p)
{
	return p->count && !p->at[0].from ? p->at[0].to : 0;
}

#endif
