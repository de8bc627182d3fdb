/*
 * arp.h - ARP packets as records. ARP has no flow, so it is no dissector: the
 * pipeline hands each packet over, and gets at most one record for it.
 */
#ifndef NJ_DISSECTORS_SHARED_ARP_H
#define NJ_DISSECTORS_SHARED_ARP_H

#include "engine/base/base.h"
#include "engine/base/counter.h"
#include "engine/event/event.h"
#include "engine/event/row.h"

struct nj_arp;
NJ_MUST_USE enum nj_err nj_arp_create(struct nj_arp **out);
void nj_arp_destroy(struct nj_arp **arp);

/* An ARP packet as decoding leaves it. Borrowed for the call. */
struct nj_arp_packet {
	struct nj_view arp;     /* from the ARP header to the captured end */
	const uint8_t *mac_src; /* of the frame; NULL: none */
	uint16_t vlan;          /* 0: none */
	bool eve;               /* an event for EVE output too */
	int64_t ts_ns;
	int64_t now_ns;
};
/* Puts a record of log type arp into the sink, unless the same was told less
 * than five minutes of packet time ago. */
void nj_arp_packet(struct nj_arp *arp, const struct nj_arp_packet *p,
	struct nj_sink *sink);

/* To be registered by the caller. */
extern const struct nj_event_desc *const nj_arp_event;
extern const struct nj_event_desc *const nj_arp_eve_event;

#define NJ_ARP_COUNTERS(C)                                                     \
	C(seen, PACKETS, INFO, "ARP packets looked at")                        \
	C(told, EVENTS, INFO, "ARP records made")                              \
	C(repeated, PACKETS, INFO, "ARP packets that told nothing new")        \
	C(malformed, PACKETS, WARN, "ARP packets that make no sense")
NJ_COUNTERS_DECLARE(nj_arp, NJ_ARP_COUNTERS);
const struct nj_arp_counters *nj_arp_counters(const struct nj_arp *arp);

#endif
