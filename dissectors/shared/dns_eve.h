/*
 * dns_eve.h - EVE events of DNS, LLMNR and mDNS: one a message, by Suricata's
 * version 3 of the format.
 */
#ifndef NJ_DISSECTORS_SHARED_DNS_EVE_H
#define NJ_DISSECTORS_SHARED_DNS_EVE_H

#include "dissectors/shared/dns_msg.h"
#include "engine/dissect/dissector.h"

extern const struct nj_event_desc eve_dns_desc, eve_llmnr_desc, eve_mdns_desc;

enum nj_dns_kind { NJ_DNS_PLAIN, NJ_DNS_LLMNR, NJ_DNS_MDNS };

struct nj_dns_which {
	enum nj_dns_kind kind;
	enum nj_dir dir; /* who speaks */
	uint32_t number; /* of the message in its flow, from 0 */
};

/* Tells the message raw, of at least a header, if that is wanted. */
void nj_dns_eve(struct nj_dctx *d, const struct nj_dns_which *which,
	struct nj_view raw);

#endif
