/*
 * pgsql_eve.h - EVE's pgsql events: one a request of the client with what the
 * server answered to it.
 */
#ifndef NJ_DISSECTORS_SHARED_PGSQL_EVE_H
#define NJ_DISSECTORS_SHARED_PGSQL_EVE_H

#include "engine/dissect/dissector.h"

extern const struct nj_event_desc eve_pgsql_desc;

/* Part of a dissector's state; zero at the start. */
struct nj_pgsql_talk;
struct nj_pgsql_eve {
	struct nj_pgsql_talk *talk; /* kept; NULL: not wanted, or none yet */
	uint32_t tx;
};

/* All do nothing unless the event is wanted. */

/* A message of the client without a type: its code and what follows it. */
void nj_pgsql_eve_start(struct nj_pgsql_eve *e, struct nj_dctx *d,
	uint32_t code, struct nj_view body);
/* The one byte that answers a request for TLS. */
void nj_pgsql_eve_tls(struct nj_pgsql_eve *e, struct nj_dctx *d, uint8_t byte);
/* A message of the client; and of the server, len bytes long, of which those
 * that nj_pgsql_eve_reads have a body. */
void nj_pgsql_eve_asked(struct nj_pgsql_eve *e, struct nj_dctx *d, uint8_t type,
	struct nj_view body);
void nj_pgsql_eve_answered(struct nj_pgsql_eve *e, struct nj_dctx *d,
	uint8_t type, struct nj_view body);
/* Rows that the server sent: the bytes of one, without its length. */
void nj_pgsql_eve_row(struct nj_pgsql_eve *e, uint8_t type, uint32_t bytes);
/* Must the body of such a message be there? */
bool nj_pgsql_eve_reads(const struct nj_dctx *d, enum nj_dir dir, uint8_t type);
/* Emits what is pending. */
void nj_pgsql_eve_end(struct nj_pgsql_eve *e, struct nj_dctx *d);

#endif
