/*
 * dnp3_eve.h - DNP3 messages as EVE's dnp3 events: a request or a response
 * with the link's and the application's control, and all objects with their
 * points. Built only where EVE output is wanted.
 */
#ifndef NJ_DISSECTORS_SHARED_DNP3_EVE_H
#define NJ_DISSECTORS_SHARED_DNP3_EVE_H

#include "dissectors/shared/dnp3_obj.h"

extern const struct nj_event_desc eve_dnp3_desc;

/* The link frame that a fragment began in. */
struct nj_dnp3_link {
	uint8_t control;
	uint16_t dst, src;
};

/* A whole fragment of the application layer. */
void nj_dnp3_eve(struct nj_dctx *d, const struct nj_dnp3_link *link,
	struct nj_view fragment);

#endif
