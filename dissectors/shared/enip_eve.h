/*
 * enip_eve.h - EtherNet/IP commands as EVE's enip events: a request with its
 * response. Built only where EVE output is wanted.
 */
#ifndef NJ_DISSECTORS_SHARED_ENIP_EVE_H
#define NJ_DISSECTORS_SHARED_ENIP_EVE_H

#include "engine/dissect/dissector.h"

extern const struct nj_event_desc eve_enip_desc;

/* Part of a dissector's state; zero at the start. */
struct nj_enip_eve {
	struct nj_view request; /* kept JSON of what is not answered yet */
	uint64_t context;       /* that the answer repeats */
};

/* A command of either side, with the words for its number and status. */
struct nj_enip_command {
	uint16_t code;
	struct nj_view command, status;
	uint64_t context;
	struct nj_view data; /* behind the header */
};
void nj_enip_eve(struct nj_dctx *d, struct nj_enip_eve *e, enum nj_dir dir,
	const struct nj_enip_command *c);
/* The flow ends: what was never answered. */
void nj_enip_eve_end(struct nj_dctx *d, struct nj_enip_eve *e);

#endif
