/*
 * http_msg.h - one HTTP/1 message from the line after its start line to its
 * end: header fields, how long the body is (RFC 9112 6.3), chunks, trailers.
 */
#ifndef NJ_DISSECTORS_SHARED_HTTP_MSG_H
#define NJ_DISSECTORS_SHARED_HTTP_MSG_H

#include "dissectors/shared/body.h"
#include "dissectors/shared/http1.h"
#include "dissectors/shared/http_auth.h"
#include "dissectors/shared/http_log.h"
#include "dissectors/shared/software.h"

enum {
	NJ_HTTP_LINE_MAX = 16 * 1024 - 1,
	/* A body's rest is skipped when this much of it was seen and to come,
	 * and at most so much at a time, so that one that is cut short shows
	 * when. */
	NJ_HTTP_SKIP_AFTER = 64 * 1024,
	NJ_HTTP_SKIP_MAX = 256 * 1024
};

enum nj_http_msg_state {
	NJ_HTTP_NONE, /* before a message, and when it has ended */
	NJ_HTTP_HEAD,
	NJ_HTTP_SIZED,
	NJ_HTTP_CHUNK_SIZE,
	NJ_HTTP_CHUNK_DATA,
	NJ_HTTP_CHUNK_END,
	NJ_HTTP_TRAILER,
	NJ_HTTP_CLOSE /* the body goes on to the end of the connection */
};

/* A file that comes in ranges, over several responses to one target. */
struct nj_http_ranged {
	struct nj_file file;
	uint64_t target;
};

struct nj_http_msg {
	uint8_t dir;
	uint8_t state;
	bool skip_line; /* the rest of an overlong line */
	bool bare_lf;   /* was told */
	bool ending;    /* all of its body was seen */
	bool chunked, has_length, expect_100;
	bool keep_alive, upgrade;
	bool websocket; /* what is upgraded to */
	bool skipped;   /* bytes of the body were, not yet accounted for */
	uint16_t code;  /* of a response */
	struct nj_http1_version version;
	uint64_t length, left;
	uint64_t skip_lost;    /* by earlier skips of this direction */
	struct nj_http_tx *tx; /* NULL: there was no memory for one */
	uint32_t *files;       /* numbers them */
	struct nj_http_ranged *ranged;
	struct nj_gss **gss; /* the connection's log-in, or NULL */
	struct nj_software_http *software; /* the connection's, or NULL */
	struct nj_body body;
	struct nj_body_spec spec;
};

/* The start line was read; code 0: a request. Borrows tx, and what the owner
 * has set files, ranged, gss and software to. The message may not move until it
 * ends. */
void nj_http_msg_begin(struct nj_http_msg *m, enum nj_dir dir,
	struct nj_http1_version version, struct nj_http_tx *tx);
/* The first line of v without its end; gives the bytes it takes, 0 while the
 * end is not there. One that is too long is cut and its rest passed over. */
size_t nj_http_msg_line(struct nj_http_msg *m, struct nj_dctx *d,
	struct nj_view v, struct nj_view *line);
/* Reads on in the message; gives how many bytes of v are done with, 0 when
 * more are needed. state becomes NONE at the end of the message. */
size_t nj_http_msg_step(
	struct nj_http_msg *m, struct nj_dctx *d, struct nj_view v);
/* One complete header field, in a line or by itself. */
void nj_http_msg_line_field(
	struct nj_http_msg *m, struct nj_dctx *d, struct nj_view line);
void nj_http_msg_field(struct nj_http_msg *m, struct nj_dctx *d,
	struct nj_view name, struct nj_view value);
/* The header is over. */
void nj_http_msg_head_done(struct nj_http_msg *m, struct nj_dctx *d);
/* The same where frames say how long the body is (HTTP/2): it goes on until
 * nj_http_msg_end, or there is none. */
void nj_http_msg_framed(struct nj_http_msg *m, struct nj_dctx *d, bool body);
/* n bytes are lost. False: the place in the message is lost too. */
bool nj_http_msg_gap(struct nj_http_msg *m, struct nj_dctx *d, uint64_t n);
/* Ends the message, and its lengths go to the transaction. */
void nj_http_msg_end(struct nj_http_msg *m, struct nj_dctx *d);

#endif
