/*
 * snmp_eve.h - EVE's snmp events: one a message.
 */
#ifndef NJ_DISSECTORS_SHARED_SNMP_EVE_H
#define NJ_DISSECTORS_SHARED_SNMP_EVE_H

#include "engine/dissect/dissector.h"

extern const struct nj_event_desc eve_snmp_desc;

struct nj_snmp_said {
	uint8_t version;                /* 1 to 3 */
	uint8_t kind;                   /* number of the PDU's tag */
	bool sealed;                    /* what it says is encrypted */
	struct nj_view community, user; /* of versions 1 and 2; of 3 */
	struct nj_view pdu;             /* contents */
};

/* Tells the message that dir sent, if that is wanted. */
void nj_snmp_eve(
	struct nj_dctx *d, enum nj_dir dir, const struct nj_snmp_said *said);

#endif
