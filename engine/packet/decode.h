/*
 * decode.h - from the bytes of a frame to what the flow table needs: the
 * link layers, IP, the transport header, checksums, fragments, and the
 * packet inside a tunnel.
 *
 * One decoder a worker; it is not thread safe and allocates nothing after
 * creation. A burst is decoded so:
 *
 *	nj_decode_burst(d);             (metas of the last burst end here)
 *	for each packet:
 *		nj_decode(d, packet, &meta);
 *		while (meta.inner_tunnel && nj_decode_inner(d, &meta, &inner))
 *			...
 *
 * Zeek keeps no connection for the outer packet of IP-in-IP and GRE tunnels
 * (nj_meta_carrier_only); UDP tunnels have one.
 */
#ifndef NJ_PACKET_DECODE_H
#define NJ_PACKET_DECODE_H

#include "engine/base/base.h"
#include "engine/base/counter.h"
#include "engine/base/hash.h"
#include "engine/packet/packet.h"

/* What can be odd about a packet; the words for each stand in odd.def. */
enum nj_packet_odd {
#define ODD(name, weird, source, text) NJ_PODD_##name,
#include "engine/packet/odd.def"
#undef ODD
	NJ_PODD_COUNT
};

struct nj_packet_odd_desc {
	const char *name;   /* Zeek's weird name where there is one */
	const char *source; /* Zeek's weird source, may be "" */
	const char *text;
};
/* Never NULL; static. */
const struct nj_packet_odd_desc *nj_packet_odd(unsigned odd);

enum {
	NJ_TUNNEL_DEPTH_MAX = 4, /* inner packets below the outermost one */
	NJ_TUNNEL_PORTS_MAX = 32
};

/* A UDP port on which tunnelled packets are looked for. What stands there is
 * checked strictly, so other traffic on the port stays what it is. */
struct nj_tunnel_port {
	uint16_t port;  /* 0 ends a list */
	uint8_t tunnel; /* enum nj_tunnel */
};
extern const struct nj_tunnel_port nj_tunnel_ports_default[];

struct nj_decode_conf {
	bool check_checksums;
	bool check_tcp_only;      /* of them no others than TCP's */
	uint8_t tunnel_depth_max; /* <= NJ_TUNNEL_DEPTH_MAX; 0 opens none */
	/* NULL: the default list. Borrowed for the call of create. */
	const struct nj_tunnel_port *tunnel_ports;
	uint32_t frag_datagrams_max; /* put together at one time, 64 KiB of
				      * address space each */
	uint32_t frag_bytes_max;     /* held in all of them */
	uint32_t frag_pieces_max;    /* of one datagram; <= 1024 */
	int64_t frag_timeout_ns;     /* packet time since the first one */
	struct nj_hash_key key;      /* seed of the datagram table */
};
void nj_decode_conf_default(struct nj_decode_conf *conf);

struct nj_decoder;
/* Borrows conf for the call. Gives *out, or NULL on failure. */
NJ_MUST_USE enum nj_err nj_decoder_create(
	struct nj_decoder **out, const struct nj_decode_conf *conf);
void nj_decoder_destroy(struct nj_decoder **d);

/* Begins a burst: joined datagrams of the burst before are given back, so
 * metas made from them end here. Metas made since stay good. */
void nj_decode_burst(struct nj_decoder *d);
/* Decodes the outermost packet of a frame. Borrows p's bytes. */
void nj_decode(
	struct nj_decoder *d, const struct nj_packet *p, struct nj_meta *out);
/* Decodes the packet that outer carries (outer->inner_tunnel); out may not
 * be outer. False when it carries none, or at too great a depth (counted,
 * once, and outer is left as it is). */
bool nj_decode_inner(
	struct nj_decoder *d, const struct nj_meta *outer, struct nj_meta *out);

/* Kinds of tunnel between two addresses, whatever ports they use. */
static inline bool
nj_tunnel_has_pair(unsigned tunnel)
{
	return tunnel == NJ_TUN_IP || tunnel == NJ_TUN_GRE ||
	       tunnel == NJ_TUN_ERSPAN;
}

/* Is this packet nothing but a wrapper, without a connection of its own? GRE
 * may come in UDP as well (RFC 8086). */
static inline bool
nj_meta_carrier_only(const struct nj_meta *m)
{
	return m->proto != NJ_IP_UDP && nj_tunnel_has_pair(m->inner_tunnel);
}

/* A packet with addresses and ports whose transport is broken (checksum, TCP
 * header length; kind CHECKSUM or MALFORMED): Zeek begins a connection for it
 * (history "C" for the checksum), but counts neither packet nor bytes. */
static inline bool
nj_meta_broken_l4(const struct nj_meta *m)
{
	return m->odd == NJ_PODD_TCP_CSUM || m->odd == NJ_PODD_UDP_CSUM ||
	       m->odd == NJ_PODD_ICMP_CSUM || m->odd == NJ_PODD_TCP_HEADER ||
	       m->odd == NJ_PODD_TCP_OPTIONS_CUT;
}

/* Ends what fragments are held: counts them as expired. For the end of the
 * input. */
void nj_decode_finish(struct nj_decoder *d);

/* Frames are counted by kind (outermost packets only: the sum of the seven
 * is the number of frames), inner packets apart. Every fragment held ends in
 * joined, expired or evicted; those still waiting are
 * nj_decode_waiting. */
#define NJ_DECODE_COUNTERS(C)                                                  \
	C(flow, PACKETS, INFO, "Frames with an IP packet")                     \
	C(arp, PACKETS, INFO, "Frames with ARP")                               \
	C(l2, PACKETS, INFO, "Frames of other protocols on the link")          \
	C(held, PACKETS, INFO, "Fragments that wait for others")               \
	C(malformed, PACKETS, WARN, "Frames with impossible or cut headers")   \
	C(checksum, PACKETS, WARN, "Frames with a wrong checksum")             \
	C(unknown, PACKETS, WARN, "Frames without a decoder for their link")   \
	C(slow, PACKETS, INFO, "Frames that took the slow path")               \
	C(inner, PACKETS, INFO, "Packets found in tunnels")                    \
	C(inner_bad, PACKETS, WARN, "Packets in tunnels that are malformed")   \
	C(inner_held, PACKETS, INFO, "Fragments found in tunnels, waiting")    \
	C(inner_deep, PACKETS, WARN, "Packets in tunnels nested too deep")     \
	C(frag_held, ITEMS, INFO, "Fragments held, all depths")                \
	C(frag_joined, ITEMS, INFO, "Held fragments that became a datagram")   \
	C(frag_expired, ITEMS, WARN, "Held fragments whose others never came") \
	C(frag_evicted, ITEMS, WARN, "Held fragments that made room")          \
	C(frag_refused, ITEMS, WARN, "Fragments not held: limit reached")      \
	C(frag_datagrams, ITEMS, INFO, "Datagrams joined from fragments")      \
	C(frag_overlaps, ITEMS, WARN, "Fragments overlapping with same bytes") \
	C(frag_differs, ITEMS, WARN, "Fragments overlapping with other bytes") \
	C(odd, PACKETS, INFO, "Packets with something odd")
NJ_COUNTERS_DECLARE(nj_decode, NJ_DECODE_COUNTERS);
const struct nj_decode_counters *nj_decoder_counters(
	const struct nj_decoder *d);
/* How often each oddity was seen, NJ_PODD_COUNT numbers. */
const uint64_t *nj_decoder_odds(const struct nj_decoder *d);
/* Fragments held now. */
uint32_t nj_decode_waiting(const struct nj_decoder *d);

#endif
