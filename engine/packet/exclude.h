/*
 * exclude.h - packets that the operator does not want looked at: by network,
 * VLAN, port, or a filter expression. They are counted and left out.
 *
 * Lists look at the outermost packet, and where the caller asks, at the ones
 * inside tunnels. The filter is in the language of pcap-filter(7), compiled
 * for each link type; it sees frames as tcpdump does: tagged ones match
 * "vlan and ...".
 */
#ifndef NJ_PACKET_EXCLUDE_H
#define NJ_PACKET_EXCLUDE_H

#include "engine/base/base.h"
#include "engine/base/counter.h"
#include "engine/base/prefix.h"
#include "engine/packet/packet.h"

enum {
	NJ_EXCLUDE_PORTS = 32, /* capture points counted apart; later ones are
				* counted with the last */
	NJ_EXCLUDE_TEXT = 256
};

struct nj_exclude_range {
	uint16_t first, last; /* both included */
};

struct nj_exclude_conf {
	const struct nj_prefix *networks; /* of source or destination */
	unsigned network_count;
	const struct nj_exclude_range *vlans; /* of either tag; 0: untagged */
	unsigned vlan_count;
	const struct nj_exclude_range *ports; /* TCP, UDP, SCTP, either side */
	unsigned port_count;
	const char *bpf; /* NULL or "": none */
};

#define NJ_EXCLUDE_COUNTERS(C)                                                 \
	C(network, PACKETS, INFO, "Packets of an excluded network")            \
	C(vlan, PACKETS, INFO, "Packets of an excluded VLAN")                  \
	C(port, PACKETS, INFO, "Packets of an excluded port")                  \
	C(filter, PACKETS, INFO, "Packets that the excluding filter matches")  \
	C(bytes, BYTES, INFO, "Bytes of excluded packets, as on the wire")     \
	C(unfit, PACKETS, WARN, "Packets of a link the filter cannot be for")
NJ_COUNTERS_DECLARE(nj_exclude, NJ_EXCLUDE_COUNTERS);

struct nj_exclude;
/* Borrows conf for the call. Gives *out, or NULL on failure: NJ_E_CONFIG for
 * a filter that is none, with what libpcap says of it in why. */
NJ_MUST_USE enum nj_err nj_exclude_create(struct nj_exclude **out,
	const struct nj_exclude_conf *conf, char why[NJ_EXCLUDE_TEXT]);
void nj_exclude_destroy(struct nj_exclude **x);

/* Does the filter match this frame? */
bool nj_exclude_frame(struct nj_exclude *x, const struct nj_packet *p);
/* Does a list name what was found in it? */
bool nj_exclude_meta(
	struct nj_exclude *x, const struct nj_meta *m, uint32_t wire_bytes);

const struct nj_exclude_counters *nj_exclude_counters(
	const struct nj_exclude *x);
/* Excluded packets of capture point port. */
uint64_t nj_exclude_of_port(const struct nj_exclude *x, unsigned port);

#endif
