/*
 * dhcp_eve.h - EVE's dhcp events: one a message.
 */
#ifndef NJ_DISSECTORS_SHARED_DHCP_EVE_H
#define NJ_DISSECTORS_SHARED_DHCP_EVE_H

#include "dissectors/shared/dhcp_msg.h"
#include "engine/dissect/dissector.h"

extern const struct nj_event_desc eve_dhcp_desc;

/* Tells the message that dir sent, if that is wanted; type is the name of its
 * kind, or NULL. */
void nj_dhcp_eve(struct nj_dctx *d, enum nj_dir dir,
	const struct nj_dhcp_msg *m, const char *type);

#endif
