/*
 * ldap_eve.h - EVE's ldap events: one a request with all answers to it.
 */
#ifndef NJ_DISSECTORS_SHARED_LDAP_EVE_H
#define NJ_DISSECTORS_SHARED_LDAP_EVE_H

#include "dissectors/shared/ldap.h"

extern const struct nj_event_desc eve_ldap_desc;

/* Part of a dissector's state; zero at the start. */
struct nj_ldap_tx;
struct nj_ldap_eve {
	struct nj_ldap_tx *oldest; /* kept */
	unsigned count;
};

/* All do nothing unless the event is wanted. */

void nj_ldap_eve_request(struct nj_ldap_eve *e, struct nj_dctx *d,
	const struct nj_ldap_message *m);
void nj_ldap_eve_answer(struct nj_ldap_eve *e, struct nj_dctx *d,
	const struct nj_ldap_message *m);
/* Emits what is unanswered. */
void nj_ldap_eve_end(struct nj_ldap_eve *e, struct nj_dctx *d);

#endif
