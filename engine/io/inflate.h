/*
 * inflate.h - DEFLATE (RFC 1951) with its gzip (RFC 1952) and zlib (RFC 1950)
 * dress, taken apart as bytes arrive, in fixed memory and with a limit on
 * what comes out. Contents are wanted for their type and their length, so
 * check sums are not looked at.
 */
#ifndef NJ_IO_INFLATE_H
#define NJ_IO_INFLATE_H

#include "engine/base/base.h"

enum nj_inflate_form {
	NJ_INFLATE_GZIP,
	NJ_INFLATE_ZLIB, /* or bare DEFLATE, as some HTTP servers send it */
	NJ_INFLATE_RAW
};

enum nj_inflate_status {
	NJ_INFLATE_MORE, /* all bytes taken, more are needed */
	NJ_INFLATE_DONE, /* the stream ended; what follows it was not taken */
	NJ_INFLATE_FULL, /* the limit is reached */
	NJ_INFLATE_BAD   /* not such a stream */
};

/* All that zlib asks for, window included, is taken from here; it needs some
 * 40 KB, its successors a little more. */
enum { NJ_INFLATE_BYTES = 48 * 1024 };

/* Stays where it is from its beginning on, for it points into itself. There
 * is nothing to give back. */
struct nj_inflate {
	uint64_t made, limit;
	uint32_t used; /* of memory */
	uint8_t form, status;
	bool begun;
	uint8_t held, first; /* a byte that waits for the next */
	_Alignas(16) uint8_t memory[NJ_INFLATE_BYTES];
};

/* Begins a stream that may give limit bytes. */
void nj_inflate_begin(
	struct nj_inflate *z, enum nj_inflate_form form, uint64_t limit);
/* Takes bytes from the front of *in, which it moves, and hands what they
 * give to out, in pieces. */
enum nj_inflate_status nj_inflate_feed(struct nj_inflate *z, struct nj_view *in,
	void (*out)(void *ctx, struct nj_view v), void *ctx);

#endif
