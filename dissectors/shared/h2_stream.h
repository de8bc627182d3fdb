/*
 * h2_stream.h - the streams of one HTTP/2 connection (RFC 9113 5): each is a
 * request with its response, and becomes a record of the http log. The caller
 * reads the frames.
 */
#ifndef NJ_DISSECTORS_SHARED_H2_STREAM_H
#define NJ_DISSECTORS_SHARED_H2_STREAM_H

#include "dissectors/shared/http_msg.h"

enum { NJ_H2_STREAMS_MAX = 48 }; /* open at once; the oldest is written */

struct nj_h2_stream {
	struct nj_h2_stream *next;
	struct nj_http_tx *tx; /* NULL: there was no memory */
	uint32_t id;
	bool begun[2], ended[2];
	bool trailer;  /* the header block in hand comes after the body */
	uint16_t code; /* of the response's header block in hand */
	struct nj_http_msg msg[2];
};

/* Zeroed at the start. */
struct nj_h2 {
	struct nj_h2_stream *first, *last; /* in order of their beginning */
	struct nj_http_ranged ranged;
	struct nj_gss *gss;
	struct nj_software_http software;
	uint32_t files, count;
	uint64_t depth;
	bool overflowed; /* some stream was written before its end */
};

/* NULL when it is not open. */
struct nj_h2_stream *nj_h2_find(const struct nj_h2 *h, uint32_t id);
/* The same, or a new one; NULL when there is no memory. */
struct nj_h2_stream *nj_h2_open(
	struct nj_h2 *h, struct nj_dctx *d, uint32_t id);

/* A header block of what dir says begins; its fields; it ends, and the stream
 * with it if over. dir is NJ_ORIG for requests that the server promises, too.
 */
void nj_h2_head(struct nj_h2 *h, struct nj_h2_stream *s, enum nj_dir dir);
void nj_h2_field(struct nj_h2_stream *s, struct nj_dctx *d, enum nj_dir dir,
	const struct nj_view field[2]);
void nj_h2_head_done(
	struct nj_h2_stream *s, struct nj_dctx *d, enum nj_dir dir, bool over);
/* Bytes of the body, there or lost. */
void nj_h2_data(struct nj_h2_stream *s, struct nj_dctx *d, enum nj_dir dir,
	struct nj_view v);
void nj_h2_gap(
	struct nj_h2_stream *s, struct nj_dctx *d, enum nj_dir dir, uint64_t n);
/* dir has nothing more to say. */
void nj_h2_over(struct nj_h2_stream *s, struct nj_dctx *d, enum nj_dir dir);
/* Writes the record if both sides are done, or at any rate. s is gone. */
void nj_h2_settle(
	struct nj_h2 *h, struct nj_dctx *d, struct nj_h2_stream *s, bool now);
/* Writes all that is open. */
void nj_h2_finish(struct nj_h2 *h, struct nj_dctx *d);

#endif
