/*
 * packet.h - a packet as a source yields it, and what decoding finds in it.
 */
#ifndef NJ_PACKET_PACKET_H
#define NJ_PACKET_PACKET_H

#include "engine/base/base.h"

/* Link types; the numbers of pcap's LINKTYPE_ registry fit in 16 bits and are
 * used as they are (tcpdump.org/linktypes.html). */
enum nj_link {
	NJ_LINK_NULL = 0,
	NJ_LINK_ETHERNET = 1,
	NJ_LINK_TOKEN_RING = 6,
	NJ_LINK_PPP = 9,
	NJ_LINK_FDDI = 10,
	NJ_LINK_PPP_HDLC = 50,
	NJ_LINK_PPP_ETHER = 51,
	NJ_LINK_RAW = 101,
	NJ_LINK_C_HDLC = 104,
	NJ_LINK_IEEE802_11 = 105,
	NJ_LINK_FRELAY = 107,
	NJ_LINK_LOOP = 108,
	NJ_LINK_LINUX_SLL = 113,
	NJ_LINK_PRISM = 119,
	NJ_LINK_RADIOTAP = 127,
	NJ_LINK_PPI = 192,
	NJ_LINK_IPV4 = 228,
	NJ_LINK_IPV6 = 229,
	NJ_LINK_NFLOG = 239,
	NJ_LINK_LINUX_SLL2 = 276
};

struct nj_packet {
	const uint8_t *data;
	uint32_t len;      /* captured bytes */
	uint32_t wire_len; /* bytes it had on the wire, >= len */
	int64_t ts_ns;     /* as captured */
	int64_t now_ns;    /* the greatest ts_ns of the source so far */
	uint16_t port;     /* capture point */
	uint16_t link;     /* enum nj_link */
	uint32_t flags;    /* NJ_PF_ */
	void *owner;       /* what the source frees, or NULL */
};
enum {
	NJ_PF_L4_CSUM_GOOD = 1 << 0, /* the NIC checked it */
	NJ_PF_IP_CSUM_GOOD = 1 << 1
};

/* What a frame turned out to be. Each frame has exactly one. */
enum nj_kind {
	NJ_KIND_FLOW,      /* IP with ports (or ICMP, or bare protocol) */
	NJ_KIND_ARP,       /* l3 is the ARP header */
	NJ_KIND_L2,        /* sound, but no flow: STP, LLDP, mobility, ... */
	NJ_KIND_HELD,      /* a fragment that waits for others */
	NJ_KIND_MALFORMED, /* impossible or cut; odd says why */
	NJ_KIND_CHECKSUM,  /* a checksum is wrong, and they are checked; all
			    * else is decoded unless it is IP's own */
	NJ_KIND_UNKNOWN    /* link or ether type without a decoder */
};

enum {
	NJ_TCP_FIN = 1,
	NJ_TCP_SYN = 2,
	NJ_TCP_RST = 4,
	NJ_TCP_PSH = 8,
	NJ_TCP_ACK = 16,
	NJ_TCP_URG = 32,
	NJ_TCP_ECE = 64,
	NJ_TCP_CWR = 128
};

enum {
	NJ_IP_ICMP = 1,
	NJ_IP_TCP = 6,
	NJ_IP_UDP = 17,
	NJ_IP_ESP = 50,
	NJ_IP_ICMP6 = 58,
	NJ_IP_SCTP = 132
};

/* What carries an inner packet. */
enum nj_tunnel {
	NJ_TUN_NONE,
	NJ_TUN_IP, /* IP in IP, 6in4, 4in6 */
	NJ_TUN_GRE,
	NJ_TUN_ERSPAN,
	NJ_TUN_TEREDO,
	NJ_TUN_GTPV1,
	NJ_TUN_VXLAN,
	NJ_TUN_GENEVE,
	NJ_TUN_AYIYA
};

/* One decoded header stack. Pointers lead into the frame, or into the
 * decoder's reassembly buffer, and are good until the next decode. */
struct nj_meta {
	uint8_t kind;       /* enum nj_kind */
	uint8_t ip_version; /* 4 or 6; 0 when not IP */
	uint8_t proto;      /* IP protocol of the payload */
	uint8_t tcp_flags;
	uint8_t ttl;
	/* enum nj_tunnel: what carries this packet, and what it carries. */
	uint8_t tunnel : 4, inner_tunnel : 4;
	uint8_t depth;             /* 0 outermost, 1 inside one tunnel, ... */
	uint8_t odd;               /* enum nj_packet_odd, 0 none */
	uint16_t sport, dport;     /* ICMP: type and code in sport/dport's place
				    * as Zeek orders them is flow's business;
				    * here sport = type, dport = code */
	uint16_t vlan, inner_vlan; /* VLAN ids, 0 none */
	uint16_t port;             /* capture point */
	uint16_t ether_type;
	uint32_t vni;      /* VXLAN/GENEVE VNI, GRE key, GTP TEID */
	uint32_t seq, ack; /* TCP */
	uint16_t window;
	uint16_t l4_header_bytes;
	uint32_t ip_bytes;      /* IP header and payload, as its header says */
	uint32_t payload_wire;  /* L4 payload, as headers say */
	bool fragmented;        /* was put together from fragments */
	uint8_t tags;           /* VLAN tags seen */
	uint16_t inner_link;    /* of inner: NJ_LINK_ETHERNET, RAW, ... */
	struct nj_view payload; /* L4 payload captured, <= payload_wire */
	const uint8_t *src, *dst;         /* 4 or 16 bytes; not aligned */
	const uint8_t *mac_src, *mac_dst; /* or NULL */
	const uint8_t *l3, *l4;
	int64_t ts_ns, now_ns;
	/* Of the flow that encloses this packet, or NULL; the pipeline sets it
	 * from nj_flow_enclose. */
	const uint64_t *parent_uid;
	/* An inner packet, if inner_tunnel is one: its first bytes. */
	struct nj_view inner;
	uint32_t inner_wire; /* bytes it had on the wire, >= inner.len */
	uint32_t inner_vni;
};

#endif
