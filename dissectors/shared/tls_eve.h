/*
 * tls_eve.h - EVE's tls and quic events.
 */
#ifndef NJ_DISSECTORS_SHARED_TLS_EVE_H
#define NJ_DISSECTORS_SHARED_TLS_EVE_H

#include "dissectors/shared/tls.h"
#include "dissectors/shared/tls_hello.h"

extern const struct nj_event_desc eve_tls_desc, eve_quic_desc;

/* All do nothing unless the event is wanted. */

/* A hello: the event of QUIC, or kept for the event of the session. */
void nj_tls_eve_hello(struct nj_dctx *d, struct nj_tls *t, struct nj_view body,
	const struct nj_tls_hello *h);
/* The server's own certificate, or the next one above it. */
void nj_tls_eve_cert(struct nj_dctx *d, struct nj_tls *t, struct nj_view der);
/* The session's event. */
void nj_tls_eve_emit(struct nj_dctx *d, const struct nj_tls *t);

#endif
