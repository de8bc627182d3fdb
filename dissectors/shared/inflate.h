/*
 * inflate.h - DEFLATE (RFC 1951) with its gzip (RFC 1952) and zlib (RFC 1950)
 * dress, taken apart as bytes arrive, in fixed memory and with a limit on
 * what comes out. Contents are wanted for their type and their length, so
 * check sums are not computed.
 */
#ifndef NJ_DISSECTORS_SHARED_INFLATE_H
#define NJ_DISSECTORS_SHARED_INFLATE_H

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

enum { NJ_INFLATE_WINDOW = 32768, NJ_INFLATE_FAST_BITS = 9 };

/* One prefix code: how many words of each length, symbols in order, and a
 * table of the short words: symbol << 4 | length, 0 where there is none. */
struct nj_inflate_code {
	uint16_t count[16];
	uint16_t symbol[288];
	uint16_t fast[1 << NJ_INFLATE_FAST_BITS];
};

/* About 37 KiB: lives in memory of nj_keep. */
struct nj_inflate {
	uint64_t bits; /* not yet used, the next one lowest */
	uint64_t made, limit;
	unsigned bit_count;
	uint8_t phase, form, status;
	bool last_block;
	uint8_t gzip_flags;
	uint8_t lengths[320];
	uint16_t length_count, literal_count, distance_count, clen_count;
	uint32_t left;    /* of a stored block, of a header field */
	uint32_t at;      /* where the next byte goes in the window */
	uint32_t flushed; /* up to where the window was handed out */
	struct nj_inflate_code literal, distance;
	uint8_t window[NJ_INFLATE_WINDOW];
};

/* Begins a stream that may give limit bytes. */
void nj_inflate_begin(
	struct nj_inflate *z, enum nj_inflate_form form, uint64_t limit);
/* Takes bytes from the front of *in, which it moves, and hands what they
 * give to out, in pieces. */
enum nj_inflate_status nj_inflate_feed(struct nj_inflate *z, struct nj_view *in,
	void (*out)(void *ctx, struct nj_view v), void *ctx);

#endif
