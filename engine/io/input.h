/*
 * input.h - the bytes of a file, a pipe or a piece of memory, unpacked on
 * the way, as a window that moves forward.
 *
 * Why a window: a capture may be larger than memory, or a pipe without end,
 * or a few kilobytes that unpack to terabytes. Whatever it is, no more than
 * the window is held. gzip (RFC 1952, any number of members) and zstd (RFC
 * 8878) are recognised by their first bytes, never by name.
 */
#ifndef NJ_IO_INPUT_H
#define NJ_IO_INPUT_H

#include "engine/base/base.h"

enum {
	NJ_INPUT_TEXT = 192,
	/* The most that one nj_input_fill may ask for. */
	NJ_INPUT_FILL_MAX = 512 * 1024
};

enum nj_input_state {
	NJ_INPUT_OK,    /* as many bytes as asked for are at hand */
	NJ_INPUT_END,   /* no: the input ends before them */
	NJ_INPUT_AGAIN, /* no: a signal came first, ask again */
	NJ_INPUT_FAILED /* no: see err and text */
};

struct nj_input {
	const uint8_t *at, *end; /* the bytes at hand */
	uint64_t offset;         /* of at, counted in unpacked bytes */
	uint64_t skip;           /* bytes to pass over before at is meant */
	bool packed;             /* is unpacked on the way */
	enum nj_err err;         /* why NJ_INPUT_FAILED */
	char text[NJ_INPUT_TEXT];
};

/* Opens path, or standard input for "-". Gives *out, or NULL on failure and
 * then writes into why, if it is not NULL, what is the matter. */
NJ_MUST_USE enum nj_err nj_input_open(
	struct nj_input **out, const char *path, char why[NJ_INPUT_TEXT]);
/* The same over bytes in memory, which are borrowed until the close. */
NJ_MUST_USE enum nj_err nj_input_open_memory(
	struct nj_input **out, struct nj_view bytes, char why[NJ_INPUT_TEXT]);
/* Accepts NULL; sets *pub to NULL. */
void nj_input_close(struct nj_input **pub);

/* Makes n bytes (at most NJ_INPUT_FILL_MAX) follow each other at pub->at, and
 * passes over pub->skip first. May move the window: what pointed into it is
 * dead afterwards. At the end of the input all that is left is at hand. */
NJ_MUST_USE enum nj_input_state nj_input_fill(struct nj_input *pub, size_t n);

static inline size_t
nj_input_left(const struct nj_input *in)
{
	return in->skip ? 0 : (size_t)(in->end - in->at);
}

/* Passes over n bytes, which need not be at hand. */
static inline void
nj_input_skip(struct nj_input *in, uint64_t n)
{
	size_t here = (size_t)(in->end - in->at);

	if (nj_likely(n <= here && !in->skip)) {
		in->at += n;
		in->offset += n;
		return;
	}
	in->skip += n;
}

#endif
