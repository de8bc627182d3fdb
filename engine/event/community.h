/*
 * community.h - the community id of a flow: what other tools print too, so
 * that their records of a flow are found by ours (Corelight's specification,
 * version 1 with seed 0: base 64 of a SHA-1 over the ordered five-tuple).
 */
#ifndef NJ_EVENT_COMMUNITY_H
#define NJ_EVENT_COMMUNITY_H

#include "engine/event/event.h"

enum { NJ_COMMUNITY_TEXT = 30 };

/* ICMP types that answer each other share a flow, as in Zeek (RFC 792, 950,
 * 1256, 4443, 4861, 2710, 4620, 6275). Gives -1 where none answers type. */
int nj_icmp_counterpart(unsigned type, bool v6);

/* Do flows of the protocol have ports, or what stands for them? */
static inline bool
nj_flow_has_ports(uint8_t ip_proto)
{
	return ip_proto == 6 || ip_proto == 17 || ip_proto == 1 ||
	       ip_proto == 58;
}

/* Writes NJ_COMMUNITY_TEXT characters and gives their number, or 0 where
 * there is no such id: it takes the protocol and two addresses of one family.
 * The head is a flow's: ICMP has its type and the one that answers it in
 * place of ports. */
size_t nj_community_id(
	const struct nj_head *head, bool ports, char out[NJ_COMMUNITY_TEXT]);

#endif
