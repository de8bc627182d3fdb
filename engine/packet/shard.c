/*
 * shard.c - finds the address pair of a frame in a few steps and mixes it so
 * that both orders give the same number.
 *
 * It looks through what stands before IP on Ethernet in practice (VLAN tags,
 * MPLS, PPPoE, FabricPath) and knows the plain link types. Everything else is
 * worker 0's alone, which is slow but never wrong.
 */
#include "engine/packet/shard.h"

#include "engine/base/hash.h"
#include "engine/packet/decode_priv.h"

enum { HEADERS_MAX = 12, TUNNELS_MAX = 4, PORT_TEREDO = 3544 };

/* https://www.iana.org/assignments/protocol-numbers */
enum {
	PROTO_HOPOPTS = 0,
	PROTO_IPIP = 4,
	PROTO_IPV6 = 41,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_DSTOPTS = 60
};

/* The offset of the header after the one at *at of ether type *type. False
 * when it is none to look through, or there is no room. */
static bool
next_header(const struct nj_packet *p, size_t *at, uint16_t *type)
{
	const uint8_t *h = p->data + *at;

	if (*at + 8 > p->len)
		return false;
	switch (*type) {
	case 0x8100:
	case 0x88a8:
	case 0x9100:
	case 0x9200:
		*type = nj_be16(h + 2);
		*at += 4;
		return true;
	case 0x8847:
	case 0x8848:
		if (h[2] & 1)
			*type = h[4] >> 4 == 6 ? 0x86dd : 0x0800;
		*at += 4;
		return true;
	case 0x8864:
		*type = nj_be16(h + 6) == 0x0057 ? 0x86dd : 0x0800;
		*at += 8;
		return true;
	case 0x8903:
		/* FabricPath: its tag, then a whole Ethernet frame. */
		if (*at + 16 > p->len)
			return false;
		*type = nj_be16(h + 14);
		*at += 16;
		return true;
	default:
		return false;
	}
}

/* Where IP begins, or SIZE_MAX. */
static size_t
find_ip(const struct nj_packet *p)
{
	size_t at;
	uint16_t type;

	switch (p->link) {
	case NJ_LINK_ETHERNET:
		at = 14;
		break;
	case NJ_LINK_LINUX_SLL:
		at = 16;
		break;
	case NJ_LINK_LINUX_SLL2:
		at = 20;
		break;
	case NJ_LINK_NULL:
	case NJ_LINK_LOOP:
		return 4;
	case NJ_LINK_RAW:
	case NJ_LINK_IPV4:
	case NJ_LINK_IPV6:
		return 0;
	default:
		return SIZE_MAX;
	}
	if (p->len < at)
		return SIZE_MAX;
	type = nj_be16(
		p->link == NJ_LINK_LINUX_SLL2 ? p->data : p->data + at - 2);
	for (unsigned i = 0; i < HEADERS_MAX; i++) {
		if (type == 0x0800 || type == 0x86dd)
			return at;
		if (!next_header(p, &at, &type))
			return SIZE_MAX;
	}
	return SIZE_MAX;
}

/* Sums of mixed addresses do not know their order. */
static uint32_t
mix(uint64_t a, uint64_t b)
{
	uint32_t x = (uint32_t)(nj_mix64(nj_mix64(a) + nj_mix64(b)) >> 32);

	return x ? x : 1;
}

static bool
is_dhcp(const uint8_t *udp)
{
	uint16_t a = nj_be16(udp), b = nj_be16(udp + 2);

	return a == 67 || b == 67 || a == 546 || b == 546 || a == 547 ||
	       b == 547;
}

/* A flow inside of Teredo goes through a server first and then through relays,
 * on any port (RFC 4380). */
static bool
is_teredo(struct nj_view udp)
{
	struct nj_view v = nj_sub(udp, 8, udp.len);

	if (nj_be16(udp.data) == PORT_TEREDO ||
		nj_be16(udp.data + 2) == PORT_TEREDO)
		return true;
	return v.len >= 40 && (v.data[0] >> 4 == 6 || v.data[0] == 0) &&
	       nj_looks_teredo(v);
}

/* Must all packets like this one meet on one worker? l4: the transport, at
 * least its ports, or nothing. */
static bool
is_one_workers(uint8_t proto, struct nj_view l4)
{
	return proto == NJ_IP_UDP && l4.len &&
	       (is_dhcp(l4.data) || is_teredo(l4));
}

/* What an IPv6 header carries, behind the extensions that tunnels use; *at is
 * where that begins, 0 when there are no ports there. */
static uint8_t
ip6_proto(const uint8_t *h, size_t left, size_t *at)
{
	uint8_t proto = h[6];
	bool part = false;

	*at = 40;
	for (unsigned i = 0; i < HEADERS_MAX && left >= *at + 8; i++) {
		const uint8_t *x = h + *at;

		if (proto != PROTO_HOPOPTS && proto != PROTO_ROUTING &&
			proto != PROTO_FRAGMENT && proto != PROTO_DSTOPTS)
			break;
		part = part || proto == PROTO_FRAGMENT;
		*at += proto == PROTO_FRAGMENT ? 8 : (x[1] + 1u) * 8;
		proto = x[0];
	}
	if (part || left < *at + 4)
		*at = 0;
	return proto;
}

/* What an IPv4 header carries, and where, as above. */
static uint8_t
ip4_proto(const uint8_t *h, size_t left, size_t *at)
{
	*at = (h[0] & 0xfu) * 4;
	/* Later fragments have no ports, and the first goes where they go. */
	if ((nj_be16(h + 6) & 0x3fff) || left < *at + 4)
		*at = 0;
	return h[9];
}

uint32_t
nj_packet_shard(const struct nj_packet *p)
{
	size_t at = find_ip(p), next = 0;
	uint32_t shard = 0;

	/* IP in IP (RFC 2003, 2473, 4213): routers may send a flow through any
	 * of their pairs, so the innermost one counts. */
	for (unsigned i = 0; i < TUNNELS_MAX && at < p->len; i++, at += next) {
		const uint8_t *h = p->data + at;
		size_t left = p->len - at;
		uint8_t proto;

		if (left >= 20 && h[0] >> 4 == 4) {
			proto = ip4_proto(h, left, &next);
			shard = mix(nj_be32(h + 12), nj_be32(h + 16));
		} else if (left >= 40 && h[0] >> 4 == 6) {
			proto = ip6_proto(h, left, &next);
			shard = mix(
				nj_load64(h + 8) ^ nj_mix64(nj_load64(h + 16)),
				nj_load64(h + 24) ^
					nj_mix64(nj_load64(h + 32)));
		} else {
			break;
		}
		if (next && is_one_workers(proto,
				    (struct nj_view){ h + next, left - next }))
			return 0;
		if (!next || (proto != PROTO_IPIP && proto != PROTO_IPV6))
			break;
	}
	return shard;
}
