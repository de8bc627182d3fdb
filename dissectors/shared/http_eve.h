/*
 * http_eve.h - EVE's http events: what they tell of an exchange besides what
 * the http log knows, and the object that fileinfo events carry too.
 */
#ifndef NJ_DISSECTORS_SHARED_HTTP_EVE_H
#define NJ_DISSECTORS_SHARED_HTTP_EVE_H

#include "dissectors/shared/file_eve.h"
#include "dissectors/shared/http1.h"
#include "dissectors/shared/http_log.h"
#include "dissectors/shared/odd_eve.h"

extern const struct nj_event_desc eve_http_desc;

/* All do nothing unless the event is wanted. */

/* The request line was read. */
void nj_http_eve_request(struct nj_http_tx *t, struct nj_dctx *d,
	const struct nj_http1_request *r);
/* A header field of a message of dir. */
void nj_http_eve_field(struct nj_http_tx *t, struct nj_dctx *d, enum nj_dir dir,
	const struct nj_view field[2]);
/* HTTP/2: a field, pseudo fields included; dir is whose. */
void nj_http_eve_header(struct nj_http_tx *t, struct nj_dctx *d,
	enum nj_dir dir, const struct nj_view field[2]);
/* HTTP/2: a frame of stream 0: SETTINGS with its payload, or GOAWAY. */
enum nj_http_eve_frame { NJ_HTTP_EVE_SETTINGS, NJ_HTTP_EVE_GOAWAY };
void nj_http_eve_frame(struct nj_dctx *d, enum nj_dir dir,
	enum nj_http_eve_frame kind, struct nj_view payload);
/* Emits the event of the exchange. */
void nj_http_eve_emit(struct nj_http_tx *t, struct nj_dctx *d);
/* What is known of the exchange so far, for a file that it carries. */
void nj_http_eve_about(const struct nj_http_tx *t, struct nj_dctx *d,
	bool whole, struct nj_file_about *about);

#endif
