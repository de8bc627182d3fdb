/*
 * tunnel.c - does an IP packet carry another packet? IP in IP (RFC 2003,
 * 2473, 4213), GRE (RFC 2784, 2890, PPTP's of RFC 2637, over UDP of RFC
 * 8086) with ERSPAN and Aruba's 802.11 inside, VXLAN (RFC 7348, GPE draft),
 * GENEVE (RFC 8926), GTP-U (3GPP TS 29.281), Teredo (RFC 4380) and AYIYA.
 *
 * UDP ports are only a hint: each header's version, flags and lengths and
 * the first bytes of what it carries must fit, or the datagram stays an
 * ordinary one.
 */
#include "engine/base/cur.h"
#include "engine/packet/decode_priv.h"

const struct nj_tunnel_port nj_tunnel_ports_default[] = {
	{ 2123, NJ_TUN_GTPV1 },
	{ 2152, NJ_TUN_GTPV1 },
	{ 3544, NJ_TUN_TEREDO },
	{ 4754, NJ_TUN_GRE },
	{ 4789, NJ_TUN_VXLAN },
	{ 4790, NJ_TUN_VXLAN },
	{ 5072, NJ_TUN_AYIYA },
	{ 6081, NJ_TUN_GENEVE },
	{ 8472, NJ_TUN_VXLAN },
	{ 0 },
};

bool
nj_looks_ip(struct nj_view v)
{
	if (v.len < 20)
		return false;
	if (v.data[0] >> 4 == 4)
		return (v.data[0] & 0xf) >= 5 &&
		       (nj_be16(v.data + 2) >= (v.data[0] & 0xfu) * 4 ||
			       nj_be16(v.data + 2) == 0);
	return v.data[0] >> 4 == 6 && v.len >= 40;
}

/* Is this the payload of an Ethernet frame of that type? */
static bool
looks_typed(uint16_t type, struct nj_view v)
{
	switch (type) {
	case 0x0800:
		return nj_looks_ip(v) && v.data[0] >> 4 == 4;
	case 0x86dd:
		return nj_looks_ip(v) && v.data[0] >> 4 == 6;
	case 0x0806:
		return v.len >= 8 && nj_be16(v.data) == 1;
	case 0x8100:
	case 0x88a8:
	case 0x8847:
	case 0x8864:
		return v.len >= 8;
	case 0x88cc:
		return v.len >= 2;
	default:
		return false;
	}
}

bool
nj_looks_ethernet(struct nj_view v)
{
	uint16_t type;

	if (v.len < 14)
		return false;
	type = nj_be16(v.data + 12);
	if (type <= 1500)
		return type >= 3 && type <= v.len - 14 && v.len >= 17 &&
		       ((v.data[14] == 0xaa && v.data[15] == 0xaa) ||
			       (v.data[14] == 0x42 && v.data[15] == 0x42));
	return looks_typed(type, nj_sub(v, 14, v.len));
}

static void
found(struct nj_meta *m, enum nj_tunnel tunnel, unsigned link,
	struct nj_view inner)
{
	m->inner_tunnel = (uint8_t)tunnel;
	m->inner_link = (uint16_t)link;
	m->inner = inner;
	m->inner_wire =
		m->payload_wire - (uint32_t)(inner.data - m->payload.data);
}

/* Maps what GRE, GENEVE and others name by ether type to a link. */
static bool
typed_link(uint16_t type, struct nj_view v, uint16_t *link)
{
	switch (type) {
	case 0x0800:
	case 0x86dd:
		*link = NJ_LINK_RAW;
		return looks_typed(type, v);
	case 0x6558:
		*link = NJ_LINK_ETHERNET;
		return v.len >= 14;
	case 0x8847:
	case 0x8848:
		*link = NJ_LINK_MPLS_;
		return v.len >= 4;
	case 0x894f:
		*link = NJ_LINK_NSH_;
		return v.len >= 8;
	default:
		return false;
	}
}

/* ERSPAN III (type 0x22eb): 12 bytes, and 8 more when its O bit says so. */
static void
erspan3(struct nj_meta *m, struct nj_cur c)
{
	struct nj_view head = nj_cur_take(&c, 12);

	if (c.bad || head.data[0] >> 4 != 2)
		return;
	if (head.data[11] & 1)
		nj_cur_skip(&c, 8);
	if (nj_cur_left(&c) < 14)
		return;
	m->inner_vni = nj_be16(head.data + 2) & 0x3ff;
	found(m, NJ_TUN_ERSPAN, NJ_LINK_ETHERNET, nj_cur_rest(&c));
}

/* ERSPAN I and II (type 0x88be): with a sequence number in GRE there is a
 * header of 8 bytes, without one there is none at all. */
static void
erspan2(struct nj_meta *m, struct nj_cur c, bool has_seq)
{
	struct nj_view head;

	if (has_seq) {
		head = nj_cur_take(&c, 8);
		if (c.bad || head.data[0] >> 4 != 1)
			return;
		m->inner_vni = nj_be16(head.data + 2) & 0x3ff;
	}
	if (nj_cur_left(&c) >= 14)
		found(m, NJ_TUN_ERSPAN, NJ_LINK_ETHERNET, nj_cur_rest(&c));
}

/* Aruba's access points number their tunnels by ether types of their own and
 * send 802.11 frames. */
static bool
is_aruba(uint16_t type)
{
	return (type >= 0x8200 && type <= 0x8370 && (type & 0xf) == 0) ||
	       type == 0x9000;
}

static void
gre_payload(struct nj_meta *m, struct nj_cur c, uint16_t flags, uint16_t type)
{
	uint16_t link;

	if (type == 0x88be) {
		erspan2(m, c, flags & 0x1000);
	} else if (type == 0x22eb) {
		erspan3(m, c);
	} else if (typed_link(type, nj_cur_rest(&c), &link)) {
		found(m, NJ_TUN_GRE, link, nj_cur_rest(&c));
	} else if (is_aruba(type) && nj_cur_left(&c) >= 24 &&
		   (c.at[0] & 0xf) == 8) {
		found(m, NJ_TUN_GRE, NJ_LINK_IEEE802_11, nj_cur_rest(&c));
	}
}

/* PPTP's GRE (version 1): a key with length and call id, PPP inside. */
static void
gre_enhanced(struct nj_meta *m, struct nj_cur c, uint16_t flags)
{
	uint16_t len;

	if (nj_cur_u16(&c) != 0x880b || !(flags & 0x2000))
		return;
	len = nj_cur_u16(&c);
	m->inner_vni = nj_cur_u16(&c);
	if (flags & 0x1000)
		nj_cur_skip(&c, 4);
	if (flags & 0x0080)
		nj_cur_skip(&c, 4);
	if (c.bad || len == 0 || nj_cur_left(&c) < 2)
		return; /* an acknowledgement alone */
	found(m, NJ_TUN_GRE, NJ_LINK_PPP, nj_cur_rest(&c));
}

static void
find_gre(struct nj_meta *m, bool over_udp)
{
	struct nj_cur c = nj_cur(m->payload);
	uint16_t flags = nj_cur_u16(&c), type;

	if (c.bad || m->payload.len < 4) {
		if (!over_udp)
			m->odd = NJ_PODD_GRE_CUT;
		return;
	}
	if ((flags & 7) == 1 && !over_udp) {
		gre_enhanced(m, c, flags);
		return;
	}
	if (flags & 7) {
		if (!over_udp)
			m->odd = NJ_PODD_GRE_VERSION;
		return;
	}
	if (flags & 0x4000) {
		if (!over_udp)
			m->odd = NJ_PODD_GRE_ROUTING;
		return;
	}
	if (over_udp && flags & 0x0ff8)
		return;
	type = nj_cur_u16(&c);
	if (flags & 0x8000)
		nj_cur_skip(&c, 4);
	if (flags & 0x2000)
		m->inner_vni = nj_cur_u32(&c);
	if (flags & 0x1000)
		nj_cur_skip(&c, 4);
	if (!c.bad)
		gre_payload(m, c, flags, type);
}

/* VXLAN, and its generic extension, whose P bit says that a protocol is
 * named. Reserved bits may be set by honest senders (group policy); then
 * what is inside must be recognised. */
static void
find_vxlan(struct nj_meta *m)
{
	struct nj_view v = m->payload, inner = nj_sub(v, 8, v.len);
	uint16_t link = NJ_LINK_ETHERNET;

	if (v.len < 8 + 14 || !(v.data[0] & 0x08))
		return;
	if (v.data[0] & 0x04 && v.data[1] == 0 && v.data[2] == 0) {
		switch (v.data[3]) {
		case 1:
		case 2:
			link = NJ_LINK_RAW;
			break;
		case 3:
			break;
		case 4:
			link = NJ_LINK_NSH_;
			break;
		default:
			return;
		}
	}
	if (link == NJ_LINK_RAW && !nj_looks_ip(inner))
		return;
	if (link == NJ_LINK_ETHERNET &&
		(v.data[0] != 0x08 || v.data[1] || v.data[2] || v.data[3] ||
			v.data[7]) &&
		!nj_looks_ethernet(inner))
		return;
	m->inner_vni = nj_be32(v.data + 4) >> 8;
	found(m, NJ_TUN_VXLAN, link, inner);
}

static void
find_geneve(struct nj_meta *m)
{
	struct nj_view v = m->payload, inner;
	size_t head;
	uint16_t link;

	if (v.len < 8 || v.data[0] >> 6 != 0 || v.data[1] & 0x3f || v.data[7])
		return;
	head = 8 + (v.data[0] & 0x3f) * 4u;
	if (m->payload_wire == head && v.len == head) {
		m->odd = NJ_PODD_GENEVE_EMPTY;
		return;
	}
	if (v.len <= head)
		return;
	inner = nj_sub(v, head, v.len);
	if (!typed_link(nj_be16(v.data + 2), inner, &link))
		return;
	m->inner_vni = nj_be32(v.data + 4) >> 8;
	found(m, NJ_TUN_GENEVE, link, inner);
}

/* GTP-U: only T-PDUs carry packets, everything else is signalling. */
static void
find_gtp(struct nj_meta *m)
{
	enum { EXT = 4, SEQ = 2, PDU = 1, T_PDU = 255 };
	struct nj_cur c = nj_cur(m->payload);
	uint8_t flags = nj_cur_u8(&c), message = nj_cur_u8(&c);
	uint16_t len = nj_cur_u16(&c);
	uint32_t teid = nj_cur_u32(&c);
	uint8_t next = 0, words;

	/* Version 1, protocol type GTP, a length that fits. */
	if (c.bad || flags >> 4 != 3 || message != T_PDU ||
		len + 8u > m->payload_wire)
		return;
	if (flags & (EXT | SEQ | PDU)) {
		nj_cur_skip(&c, 3);
		next = nj_cur_u8(&c);
		if (!(flags & EXT))
			next = 0;
	}
	for (unsigned i = 0; i < 16 && next && !c.bad; i++) {
		words = nj_cur_u8(&c);
		if (words == 0)
			return;
		nj_cur_skip(&c, words * 4u - 2);
		next = nj_cur_u8(&c);
	}
	if (c.bad || next || !nj_looks_ip(nj_cur_rest(&c)))
		return;
	m->inner_vni = teid;
	found(m, NJ_TUN_GTPV1, NJ_LINK_RAW, nj_cur_rest(&c));
}

/* Teredo: optional authentication and origin indications, then IPv6 to the
 * end of the datagram. */
static struct nj_view
teredo_packet(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t id_len, auth_len;

	for (unsigned i = 0; i < 2 && nj_cur_left(&c) >= 2 && c.at[0] == 0;
		i++) {
		if (c.at[1] == 0) {
			nj_cur_skip(&c, 8);
		} else if (c.at[1] == 1) {
			nj_cur_skip(&c, 2);
			id_len = nj_cur_u8(&c);
			auth_len = nj_cur_u8(&c);
			nj_cur_skip(&c, id_len + auth_len + 9u);
		} else {
			return (struct nj_view){ 0 };
		}
	}
	if (nj_cur_left(&c) < 40 || c.at[0] >> 4 != 6)
		return (struct nj_view){ 0 };
	return nj_cur_rest(&c);
}

/* Peers and relays use any port, but then one of the addresses inside has
 * Teredo's prefix, 2001::/32. */
bool
nj_looks_teredo(struct nj_view v)
{
	struct nj_view p = teredo_packet(v);

	return p.len && (nj_be32(p.data + 8) == 0x20010000 ||
				nj_be32(p.data + 24) == 0x20010000);
}

static void
find_teredo(struct nj_meta *m)
{
	struct nj_view p = teredo_packet(m->payload);

	if (!p.len || 40u + nj_be16(p.data + 4) >
			      m->payload_wire - (p.data - m->payload.data))
		return;
	found(m, NJ_TUN_TEREDO, NJ_LINK_RAW, p);
}

/* AYIYA (draft-massar-v6ops-ayiya): lengths of identity and signature, and
 * the operation "forward". */
static void
find_ayiya(struct nj_meta *m)
{
	enum { FORWARD = 1 };
	struct nj_view v = m->payload, inner;
	size_t head;

	if (v.len < 8 || (v.data[2] & 0xf) != FORWARD)
		return;
	head = 8 + ((size_t)1 << (v.data[0] >> 4)) + (v.data[1] >> 4) * 4u;
	inner = nj_sub(v, head, v.len);
	if (!nj_looks_ip(inner))
		return;
	if ((v.data[3] == 41 && inner.data[0] >> 4 == 6) ||
		(v.data[3] == 4 && inner.data[0] >> 4 == 4))
		found(m, NJ_TUN_AYIYA, NJ_LINK_RAW, inner);
}

static void
find_udp(struct nj_meta *m, enum nj_tunnel tunnel)
{
	switch (tunnel) {
	case NJ_TUN_GRE:
		find_gre(m, true);
		break;
	case NJ_TUN_TEREDO:
		find_teredo(m);
		break;
	case NJ_TUN_GTPV1:
		find_gtp(m);
		break;
	case NJ_TUN_VXLAN:
		find_vxlan(m);
		break;
	case NJ_TUN_GENEVE:
		find_geneve(m);
		break;
	case NJ_TUN_AYIYA:
		find_ayiya(m);
		break;
	case NJ_TUN_NONE:
	case NJ_TUN_IP:
	case NJ_TUN_ERSPAN:
		break;
	}
}

void
nj_tunnel_find(struct nj_walk *w)
{
	const struct nj_tunnel_port *port;
	struct nj_meta *m = w->m;

	switch (m->proto) {
	case 4:
	case 41:
		found(m, NJ_TUN_IP, NJ_LINK_RAW, m->payload);
		return;
	case 47:
		find_gre(m, false);
		return;
	case NJ_IP_UDP:
		break;
	default:
		return;
	}
	for (port = w->d->ports; port->port; port++) {
		if (port->port != m->sport && port->port != m->dport)
			continue;
		find_udp(m, port->tunnel);
		if (m->inner_tunnel)
			return;
	}
	if (w->d->teredo_anywhere && nj_looks_teredo(m->payload))
		find_teredo(m);
}
