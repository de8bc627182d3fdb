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

enum { HEADERS_MAX = 12 };

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

uint32_t
nj_packet_shard(const struct nj_packet *p)
{
	size_t at = find_ip(p), head;
	const uint8_t *h;

	if (at > p->len || p->len - at < 20)
		return 0;
	h = p->data + at;
	if (h[0] >> 4 == 4) {
		head = (h[0] & 0xfu) * 4;
		if (h[9] == NJ_IP_UDP && (nj_be16(h + 6) & 0x3fff) == 0 &&
			p->len - at >= head + 4 && is_dhcp(h + head))
			return 0;
		return mix(nj_be32(h + 12), nj_be32(h + 16));
	}
	if (h[0] >> 4 != 6 || p->len - at < 40)
		return 0;
	if (h[6] == NJ_IP_UDP && p->len - at >= 44 && is_dhcp(h + 40))
		return 0;
	return mix(nj_load64(h + 8) ^ nj_mix64(nj_load64(h + 16)),
		nj_load64(h + 24) ^ nj_mix64(nj_load64(h + 32)));
}
