/*
 * link.c - link layers: everything that may stand before an IP header.
 *
 * The walk goes from header to header in a loop with a limit. What is sound
 * but carries no IP ends as L2 (or ARP); a header without room for itself
 * ends as MALFORMED.
 */
#include "engine/packet/decode_priv.h"

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_TRILL = 0x22f3,
	TYPE_TEB = 0x6558,
	TYPE_RARP = 0x8035,
	TYPE_VLAN = 0x8100,
	TYPE_IPV6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTI = 0x8848,
	TYPE_PPPOE = 0x8864,
	TYPE_QINQ = 0x88a8,
	TYPE_PBB = 0x88e7,
	TYPE_FABRICPATH = 0x8903,
	TYPE_VNTAG = 0x8926,
	TYPE_ETAG = 0x893f,
	TYPE_NSH = 0x894f,
	TYPE_QINQ_OLD = 0x9100,
	TYPE_QINQ_OLD2 = 0x9200
};

/* Ether types of protocols that are no IP but known to be sound: their
 * frames are L2, those of all others UNKNOWN. */
static const uint16_t l2_types[] = {
	0x0842,                         /* Wake on LAN */
	0x2000,                         /* CDP */
	0x6002, 0x6003, 0x6004, 0x6007, /* DEC */
	0x809b, 0x80f3,                 /* AppleTalk */
	0x8137, 0x8138,                 /* IPX */
	0x8808,                         /* pause frames */
	0x8809,                         /* LACP and other slow protocols */
	0x8863,                         /* PPPoE discovery */
	0x886d,                         /* Intel teaming */
	0x886f,                         /* Microsoft load balancing */
	0x8870,                         /* jumbo LLC */
	0x887b, 0x8912, 0x88e1,         /* HomePlug */
	0x888e,                         /* EAP over LAN */
	0x8892,                         /* PROFINET */
	0x8899,                         /* Realtek */
	0x88a2,                         /* ATA over Ethernet */
	0x88a4,                         /* EtherCAT */
	0x88ab,                         /* Powerlink */
	0x88b8, 0x88b9, 0x88ba,         /* GOOSE, GSE, sampled values */
	0x88c7,                         /* 802.11 pre-authentication */
	0x88cc,                         /* LLDP */
	0x88cd,                         /* SERCOS III */
	0x88dc,                         /* WAVE */
	0x88e3,                         /* MRP */
	0x88e5,                         /* MACsec */
	0x88f5, 0x88f6,                 /* MVRP, MMRP */
	0x88f7,                         /* PTP */
	0x88fb,                         /* PRP */
	0x8902,                         /* CFM */
	0x8906, 0x8914,                 /* FCoE */
	0x8915,                         /* RoCE */
	0x892f,                         /* HSR */
	0x9000,                         /* configuration test */
};

static enum nj_step
cut(struct nj_walk *w)
{
	return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_LINK_CUT);
}

static enum nj_step
bad(struct nj_walk *w)
{
	return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_LINK_BAD);
}

static enum nj_step
l2(struct nj_walk *w)
{
	w->m->l3 = w->at;
	return nj_walk_stop(w, NJ_KIND_L2, NJ_PODD_NONE);
}

static enum nj_step
go_link(struct nj_walk *w, unsigned link)
{
	w->link = (uint16_t)link;
	return NJ_STEP_LINK;
}

static enum nj_step
go_type(struct nj_walk *w, uint16_t type)
{
	w->type = type;
	return NJ_STEP_TYPE;
}

/* IEEE 802.2 LLC, and SNAP (RFC 1042) inside it. */
static enum nj_step
walk_llc(struct nj_walk *w)
{
	const uint8_t *p = w->at;
	uint32_t oui;
	uint16_t type;

	if (nj_walk_left(w) < 3)
		return cut(w);
	if (p[0] == 0xaa && p[1] == 0xaa) {
		if (nj_walk_left(w) < 8)
			return cut(w);
		oui = (uint32_t)p[3] << 16 | (uint32_t)p[4] << 8 | p[5];
		type = nj_be16(p + 6);
		nj_walk_skip(w, 8);
		w->m->ether_type = type;
		/* Bridge tunnel encapsulation counts as Ethernet's own. */
		if (oui == 0 || oui == 0x0000f8)
			return go_type(w, type);
		return l2(w);
	}
	if (p[0] == 0x06 && p[1] == 0x06) {
		nj_walk_skip(w, 3);
		return NJ_STEP_IP;
	}
	return l2(w);
}

static enum nj_step
walk_ethernet(struct nj_walk *w)
{
	const uint8_t *p = w->at;

	/* A header with nothing behind it is cut as well, as in Zeek. */
	if (nj_walk_left(w) < 16)
		return cut(w);
	w->m->mac_dst = p;
	w->m->mac_src = p + 6;
	nj_walk_skip(w, 14);
	return go_type(w, nj_be16(p + 12));
}

/* A length instead of a type: IEEE 802.3. */
static enum nj_step
walk_8023(struct nj_walk *w)
{
	w->m->ether_type = 0;
	nj_walk_limit(w, w->type);
	if (nj_walk_left(w) >= 2 && nj_be16(w->at) == 0xffff)
		return l2(w); /* Novell's IPX without LLC */
	return go_link(w, NJ_LINK_LLC_);
}

static enum nj_step
walk_vlan(struct nj_walk *w)
{
	struct nj_meta *m = w->m;
	uint16_t id, type;

	if (nj_walk_left(w) < 4)
		return cut(w);
	id = nj_be16(w->at) & 0xfff;
	type = nj_be16(w->at + 2);
	if (m->tags == 0) {
		m->vlan = id;
	} else {
		if (m->tags > 1)
			nj_walk_note(w, NJ_PODD_VLAN_TRIPLE);
		m->inner_vlan = id;
	}
	if (m->tags < UINT8_MAX)
		m->tags++;
	nj_walk_skip(w, 4);
	return go_type(w, type);
}

/* What an MPLS stack carries is not said anywhere (RFC 3032): an IP packet
 * or an Ethernet pseudowire, with a control word (RFC 4385) or without. */
static enum nj_step
walk_mpls(struct nj_walk *w)
{
	uint8_t bottom = 0;

	for (unsigned i = 0; i < NJ_STEPS_MAX && !bottom; i++) {
		if (nj_walk_left(w) < 4)
			return cut(w);
		bottom = w->at[2] & 1;
		nj_walk_skip(w, 4);
	}
	if (!bottom)
		return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_LINK_LAYERS);
	if (nj_walk_left(w) < 1)
		return cut(w);
	if (nj_looks_ip((struct nj_view){ w->at, nj_walk_left(w) }))
		return NJ_STEP_IP;
	if (nj_looks_ethernet((struct nj_view){ w->at, nj_walk_left(w) }))
		return go_link(w, NJ_LINK_ETHERNET);
	if (w->at[0] >> 4 == 0 && nj_walk_left(w) > 4) {
		nj_walk_skip(w, 4);
		return go_link(w, NJ_LINK_ETHERNET);
	}
	if (w->at[0] >> 4 == 1)
		return l2(w); /* associated channel, RFC 5586 */
	return NJ_STEP_IP;
}

static enum nj_step
ppp_type(struct nj_walk *w, uint16_t proto)
{
	switch (proto) {
	case 0x0021:
	case 0x0057:
		return NJ_STEP_IP;
	case 0x0281:
	case 0x0283:
		return go_link(w, NJ_LINK_MPLS_);
	default:
		return l2(w);
	}
}

/* The protocol field of PPP, which may be one byte (RFC 1661, 6.5). */
static enum nj_step
ppp_proto(struct nj_walk *w)
{
	uint16_t proto;

	if (nj_walk_left(w) < 1)
		return cut(w);
	proto = w->at[0];
	if (proto & 1) {
		nj_walk_skip(w, 1);
		return ppp_type(w, proto);
	}
	if (nj_walk_left(w) < 2)
		return cut(w);
	proto = nj_be16(w->at);
	nj_walk_skip(w, 2);
	return ppp_type(w, proto);
}

static enum nj_step
walk_chdlc(struct nj_walk *w)
{
	uint16_t type;

	if (nj_walk_left(w) < 4)
		return cut(w);
	type = nj_be16(w->at + 2);
	nj_walk_skip(w, 4);
	w->m->ether_type = type;
	if (type == TYPE_RARP)
		return l2(w); /* here: SLARP */
	return go_type(w, type);
}

/* PPP with or without HDLC-like framing (RFC 1662), or Cisco HDLC where the
 * capture says so by its first byte. */
static enum nj_step
walk_ppp(struct nj_walk *w)
{
	if (nj_walk_left(w) < 2)
		return cut(w);
	if (w->at[0] == 0xff && w->at[1] == 0x03)
		nj_walk_skip(w, 2);
	else if ((w->at[0] == 0x0f || w->at[0] == 0x8f) && w->at[1] == 0)
		return walk_chdlc(w);
	return ppp_proto(w);
}

static enum nj_step
walk_pppoe(struct nj_walk *w)
{
	uint32_t len;

	if (nj_walk_left(w) < 6)
		return cut(w);
	if (w->at[0] != 0x11)
		return bad(w);
	if (w->at[1] != 0)
		return l2(w); /* discovery */
	len = nj_be16(w->at + 4);
	nj_walk_skip(w, 6);
	if (w->wire < len)
		return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_PPPOE_CUT);
	if (w->wire > len)
		nj_walk_note(w, NJ_PODD_PPPOE_EXTRA);
	nj_walk_limit(w, len);
	return ppp_proto(w);
}

/* 4 bytes of address family, in the byte order of the capturing machine or
 * (LOOP) of the network. */
static enum nj_step
walk_null(struct nj_walk *w)
{
	uint32_t af;

	if (nj_walk_left(w) < 4)
		return cut(w);
	af = nj_le32(w->at);
	if (af > 0xffff)
		af = __builtin_bswap32(af);
	nj_walk_skip(w, 4);
	switch (af) {
	case 2:  /* AF_INET everywhere */
	case 10: /* AF_INET6: Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return NJ_STEP_IP;
	default:
		return l2(w);
	}
}

static enum nj_step
walk_raw(struct nj_walk *w)
{
	(void)w;
	return NJ_STEP_IP;
}

/* What stands after Linux' cooked header: an ether type, or a small number
 * where there is none. */
static enum nj_step
cooked_type(struct nj_walk *w, uint16_t type, uint16_t arphrd)
{
	enum { ARPHRD_NETLINK = 824, ARPHRD_FRAD = 770 };

	w->m->ether_type = type;
	if (arphrd == ARPHRD_NETLINK)
		return l2(w);
	if (arphrd == ARPHRD_FRAD)
		return go_link(w, NJ_LINK_FRELAY);
	if (type == 4)
		return go_link(w, NJ_LINK_LLC_);
	if (type < 0x600)
		return l2(w);
	return go_type(w, type);
}

static enum nj_step
walk_sll(struct nj_walk *w)
{
	const uint8_t *p = w->at;

	if (nj_walk_left(w) < 16)
		return cut(w);
	if (nj_be16(p + 4) == 6)
		w->m->mac_src = p + 6;
	nj_walk_skip(w, 16);
	return cooked_type(w, nj_be16(p + 14), nj_be16(p + 2));
}

static enum nj_step
walk_sll2(struct nj_walk *w)
{
	const uint8_t *p = w->at;

	if (nj_walk_left(w) < 20)
		return cut(w);
	if (p[11] == 6)
		w->m->mac_src = p + 12;
	nj_walk_skip(w, 20);
	return cooked_type(w, nj_be16(p), nj_be16(p + 8));
}

static enum nj_step
walk_token_ring(struct nj_walk *w)
{
	const uint8_t *p = w->at;
	size_t head = 14;

	if (nj_walk_left(w) < 14)
		return cut(w);
	w->m->mac_dst = p + 2;
	w->m->mac_src = p + 8;
	if ((p[1] & 0xc0) != 0x40)
		return l2(w);
	if (p[8] & 0x80) { /* source routing */
		if (nj_walk_left(w) < 16)
			return cut(w);
		head += p[14] & 0x1f;
		if (nj_walk_left(w) < head)
			return cut(w);
	}
	nj_walk_skip(w, head);
	return go_link(w, NJ_LINK_LLC_);
}

static enum nj_step
walk_fddi(struct nj_walk *w)
{
	const uint8_t *p = w->at;

	if (nj_walk_left(w) < 13)
		return cut(w);
	w->m->mac_dst = p + 1;
	w->m->mac_src = p + 7;
	nj_walk_skip(w, 13);
	if ((p[0] & 0xf0) != 0x50)
		return l2(w);
	return go_link(w, NJ_LINK_LLC_);
}

/* Frame relay: RFC 2427, or Cisco's own with an ether type. */
static enum nj_step
walk_frelay(struct nj_walk *w)
{
	size_t head = 0;
	uint16_t type;

	do {
		if (nj_walk_left(w) < head + 4)
			return cut(w);
	} while (!(w->at[head++] & 1) && head < 4);
	if (!(w->at[head - 1] & 1))
		return bad(w);
	nj_walk_skip(w, head);
	type = nj_be16(w->at);
	if (w->at[0] != 0x03) {
		nj_walk_skip(w, 2);
		w->m->ether_type = type;
		return type < 0x600 ? l2(w) : go_type(w, type);
	}
	nj_walk_skip(w, 1);
	if (w->at[0] == 0)
		nj_walk_skip(w, 1);
	if (w->at[0] == 0xcc || w->at[0] == 0x8e) {
		nj_walk_skip(w, 1);
		return NJ_STEP_IP;
	}
	if (w->at[0] == 0x80) {
		if (nj_walk_left(w) < 6)
			return cut(w);
		type = nj_be16(w->at + 4);
		if (w->at[1] || w->at[2] || w->at[3])
			return l2(w);
		nj_walk_skip(w, 6);
		return go_type(w, type);
	}
	return l2(w);
}

/* Netfilter's log: a list of attributes, of which one is the packet. Lengths
 * are in the byte order of the capturing machine: little-endian is tried. */
static enum nj_step
walk_nflog(struct nj_walk *w)
{
	enum { NFULA_PAYLOAD = 9 };
	uint32_t len, type, pad;
	const uint8_t *p;

	if (nj_walk_left(w) < 4)
		return cut(w);
	nj_walk_skip(w, 4);
	while (nj_walk_left(w) >= 4) {
		p = w->at;
		len = (uint32_t)(p[0] | p[1] << 8);
		type = (uint32_t)(p[2] | p[3] << 8) & 0x7fff;
		if (len < 4)
			return bad(w);
		if (type == NFULA_PAYLOAD) {
			nj_walk_skip(w, 4);
			if (w->wire < len - 4)
				return cut(w);
			nj_walk_limit(w, len - 4);
			return NJ_STEP_IP;
		}
		pad = (len + 3) & ~UINT32_C(3);
		if (nj_walk_left(w) < pad)
			return cut(w);
		nj_walk_skip(w, pad);
	}
	return l2(w);
}

/* Headers that stand between an ether type and a whole Ethernet frame. */
static enum nj_step
walk_shim(struct nj_walk *w, size_t head)
{
	if (nj_walk_left(w) < head)
		return cut(w);
	nj_walk_skip(w, head);
	return go_link(w, NJ_LINK_ETHERNET);
}

static enum nj_step
walk_trill(struct nj_walk *w)
{
	if (nj_walk_left(w) < 6)
		return cut(w);
	/* RFC 6325: five bits of options length, in words. */
	return walk_shim(w, 6 + (nj_be16(w->at) >> 6 & 0x1f) * 4u);
}

/* A tag that ends in the next ether type: VN-tag, 802.1BR E-tag. */
static enum nj_step
walk_tag(struct nj_walk *w, size_t head)
{
	uint16_t type;

	if (nj_walk_left(w) < head)
		return cut(w);
	type = nj_be16(w->at + head - 2);
	nj_walk_skip(w, head);
	return go_type(w, type);
}

/* Network service header, RFC 8300. */
static enum nj_step
walk_nsh(struct nj_walk *w)
{
	uint8_t proto;
	size_t head;

	if (nj_walk_left(w) < 8)
		return cut(w);
	head = (w->at[1] & 0x3f) * 4u;
	proto = w->at[3];
	if (w->at[0] >> 6 || head < 8)
		return bad(w);
	if (nj_walk_left(w) < head)
		return cut(w);
	nj_walk_skip(w, head);
	switch (proto) {
	case 1:
	case 2:
		return NJ_STEP_IP;
	case 3:
		return go_link(w, NJ_LINK_ETHERNET);
	case 5:
		return go_link(w, NJ_LINK_MPLS_);
	default:
		return l2(w);
	}
}

static enum nj_step
walk_arp(struct nj_walk *w)
{
	const uint8_t *p = w->at;

	w->m->l3 = p;
	if (nj_walk_left(w) < 8 || nj_walk_left(w) < 8u + 2u * (p[4] + p[5]))
		return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_ARP_CUT);
	w->m->payload = (struct nj_view){ p, 8u + 2u * (p[4] + p[5]) };
	w->m->payload_wire = (uint32_t)w->m->payload.len;
	return nj_walk_stop(w, NJ_KIND_ARP, NJ_PODD_NONE);
}

static enum nj_step
type_other(struct nj_walk *w)
{
	w->m->l3 = w->at;
	for (unsigned i = 0; i < nj_countof(l2_types); i++) {
		if (l2_types[i] == w->type)
			return l2(w);
	}
	return nj_walk_stop(w, NJ_KIND_UNKNOWN, NJ_PODD_NONE);
}

static enum nj_step
walk_type(struct nj_walk *w)
{
	if (w->type <= 1500)
		return walk_8023(w);
	w->m->ether_type = w->type;
	switch (w->type) {
	case TYPE_IPV4:
	case TYPE_IPV6:
		return NJ_STEP_IP;
	case TYPE_ARP:
	case TYPE_RARP:
		return walk_arp(w);
	case TYPE_VLAN:
	case TYPE_QINQ:
	case TYPE_QINQ_OLD:
	case TYPE_QINQ_OLD2:
		return walk_vlan(w);
	case TYPE_MPLS:
	case TYPE_MPLS_MULTI:
		return go_link(w, NJ_LINK_MPLS_);
	case TYPE_PPPOE:
		return go_link(w, NJ_LINK_PPP_ETHER);
	case TYPE_TEB:
		return go_link(w, NJ_LINK_ETHERNET);
	case TYPE_FABRICPATH:
		return walk_shim(w, 2);
	case TYPE_PBB:
		return walk_shim(w, 4);
	case TYPE_TRILL:
		return walk_trill(w);
	case TYPE_VNTAG:
		return walk_tag(w, 6);
	case TYPE_ETAG:
		return walk_tag(w, 8);
	case TYPE_NSH:
		return go_link(w, NJ_LINK_NSH_);
	default:
		return type_other(w);
	}
}

static enum nj_step
walk_link(struct nj_walk *w)
{
	switch (w->link) {
	case NJ_LINK_ETHERNET:
		return walk_ethernet(w);
	case NJ_LINK_NULL:
	case NJ_LINK_LOOP:
		return walk_null(w);
	case NJ_LINK_RAW:
	case NJ_LINK_IPV4:
	case NJ_LINK_IPV6:
	case 12: /* DLT_RAW as most systems number it */
	case 14: /* and as OpenBSD does */
		return walk_raw(w);
	case NJ_LINK_LINUX_SLL:
		return walk_sll(w);
	case NJ_LINK_LINUX_SLL2:
		return walk_sll2(w);
	case NJ_LINK_PPP:
	case NJ_LINK_PPP_HDLC:
		return walk_ppp(w);
	case NJ_LINK_PPP_ETHER:
		return walk_pppoe(w);
	case NJ_LINK_C_HDLC:
		return walk_chdlc(w);
	case NJ_LINK_TOKEN_RING:
		return walk_token_ring(w);
	case NJ_LINK_FDDI:
		return walk_fddi(w);
	case NJ_LINK_FRELAY:
		return walk_frelay(w);
	case NJ_LINK_NFLOG:
		return walk_nflog(w);
	case NJ_LINK_IEEE802_11:
		return nj_walk_80211(w);
	case NJ_LINK_RADIOTAP:
		return nj_walk_radiotap(w);
	case NJ_LINK_PRISM:
		return nj_walk_prism(w);
	case NJ_LINK_PPI:
		return nj_walk_ppi(w);
	case NJ_LINK_MPLS_:
		return walk_mpls(w);
	case NJ_LINK_LLC_:
		return walk_llc(w);
	case NJ_LINK_NSH_:
		return walk_nsh(w);
	default:
		return nj_walk_stop(w, NJ_KIND_UNKNOWN, NJ_PODD_NONE);
	}
}

void
nj_walk_run(struct nj_walk *w, enum nj_step next)
{
	for (unsigned i = 0; i < NJ_STEPS_MAX; i++) {
		switch (next) {
		case NJ_STEP_LINK:
			next = walk_link(w);
			break;
		case NJ_STEP_TYPE:
			next = walk_type(w);
			break;
		case NJ_STEP_IP:
			nj_walk_ip(w);
			return;
		case NJ_STEP_DONE:
			return;
		}
	}
	if (next != NJ_STEP_DONE)
		(void)nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_LINK_LAYERS);
}
