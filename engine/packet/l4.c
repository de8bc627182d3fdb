/*
 * l4.c - transport headers: TCP (RFC 9293), UDP (RFC 768), UDP-Lite (RFC
 * 3828), SCTP (RFC 9260), ICMP, ICMPv6, IGMP, and for all others only where
 * their bytes are. Checksums are verified when asked for and when the whole
 * packet was captured.
 */
#include "engine/packet/decode_priv.h"

enum { PROTO_IGMP = 2, PROTO_MOBILITY = 135, PROTO_UDPLITE = 136 };

static enum nj_step
flow(struct nj_walk *w, size_t head)
{
	struct nj_meta *m = w->m;

	m->l4_header_bytes = (uint16_t)head;
	nj_walk_skip(w, head);
	m->payload = (struct nj_view){ w->at, nj_walk_left(w) };
	m->payload_wire = w->wire;
	m->kind = NJ_KIND_FLOW;
	return NJ_STEP_DONE;
}

/* The sum over the pseudo-header (RFC 9293 3.1, RFC 8200 8.1). */
static uint64_t
pseudo(const struct nj_meta *m, uint32_t len, uint8_t proto)
{
	size_t n = m->ip_version == 4 ? 4 : 16;
	uint32_t tail[2] = { __builtin_bswap32(len), __builtin_bswap32(proto) };
	uint64_t sum = nj_csum_add(0, m->src, n);

	sum = nj_csum_add(sum, m->dst, n);
	return nj_csum_add(sum, (const uint8_t *)tail, sizeof(tail));
}

/* Is the sum over the next len bytes (and sum so far) a wrong one? */
static bool
wrong(const struct nj_walk *w, uint64_t sum, size_t len)
{
	if (!w->d->check || w->flags & NJ_PF_L4_CSUM_GOOD ||
		(w->d->check_tcp_only && w->m->proto != NJ_IP_TCP) ||
		nj_walk_left(w) < w->wire)
		return false;
	return nj_csum_fold(nj_csum_add(sum, w->at, len)) != 0xffff;
}

/* Marks a packet that is otherwise decoded: its addresses and ports are
 * there for those who count bad ones. */
static enum nj_step
mark(struct nj_walk *w, bool is_wrong, enum nj_packet_odd odd)
{
	if (is_wrong)
		return nj_walk_stop(w, NJ_KIND_CHECKSUM, odd);
	return NJ_STEP_DONE;
}

static enum nj_step
walk_tcp(struct nj_walk *w)
{
	struct nj_meta *m = w->m;
	const uint8_t *p = w->at;
	bool is_wrong;
	uint32_t head;
	size_t captured;

	if (nj_walk_left(w) < 20)
		return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_TCP_CUT);
	m->sport = nj_be16(p);
	m->dport = nj_be16(p + 2);
	m->seq = nj_be32(p + 4);
	m->ack = nj_be32(p + 8);
	m->tcp_flags = p[13];
	m->window = nj_be16(p + 14);
	head = (p[12] >> 4) * 4u;
	if (head < 20)
		return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_TCP_HEADER);
	if (head > w->wire)
		return nj_walk_stop(
			w, NJ_KIND_MALFORMED, NJ_PODD_TCP_OPTIONS_CUT);
	is_wrong = wrong(w, pseudo(m, w->wire, NJ_IP_TCP), w->wire);
	/* Options that the snap length cut are no payload. */
	captured = nj_min(head, nj_walk_left(w));
	w->wire -= head - (uint32_t)captured;
	(void)flow(w, captured);
	m->l4_header_bytes = (uint16_t)head;
	return mark(w, is_wrong, NJ_PODD_TCP_CSUM);
}

static enum nj_step
walk_udp(struct nj_walk *w)
{
	struct nj_meta *m = w->m;
	const uint8_t *p = w->at;
	bool is_wrong = false;
	uint32_t len;

	if (nj_walk_left(w) < 8)
		return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_UDP_CUT);
	m->sport = nj_be16(p);
	m->dport = nj_be16(p + 2);
	len = nj_be16(p + 4);
	/* 0 is a jumbogram, or a segment that the NIC has yet to cut. */
	if (len == 0 && m->ip_bytes != w->wire + (p - m->l3))
		len = w->wire;
	if (len < 8 || len > w->wire) {
		nj_walk_note(w, NJ_PODD_UDP_LENGTH);
		len = w->wire;
	}
	if (nj_be16(p + 6) != 0 || m->ip_version == 6)
		is_wrong = wrong(w, pseudo(m, len, NJ_IP_UDP), len);
	nj_walk_limit(w, len);
	(void)flow(w, 8);
	return mark(w, is_wrong, NJ_PODD_UDP_CSUM);
}

/* UDP-Lite has a coverage instead of a length; 0 is all. */
static enum nj_step
walk_udplite(struct nj_walk *w)
{
	struct nj_meta *m = w->m;
	const uint8_t *p = w->at;
	bool is_wrong;
	uint32_t cover;

	if (nj_walk_left(w) < 8)
		return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_L4_CUT);
	m->sport = nj_be16(p);
	m->dport = nj_be16(p + 2);
	cover = nj_be16(p + 4);
	if (cover == 0)
		cover = w->wire;
	if (cover < 8 || cover > w->wire) {
		nj_walk_note(w, NJ_PODD_UDP_LENGTH);
		cover = w->wire;
	}
	is_wrong = wrong(w, pseudo(m, w->wire, PROTO_UDPLITE), cover);
	(void)flow(w, 8);
	return mark(w, is_wrong, NJ_PODD_UDP_CSUM);
}

static enum nj_step
walk_icmp(struct nj_walk *w)
{
	struct nj_meta *m = w->m;
	const uint8_t *p = w->at;
	uint64_t sum = 0;
	bool is_wrong;

	if (nj_walk_left(w) < 8)
		return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_ICMP_CUT);
	m->sport = p[0];
	m->dport = p[1];
	if (m->proto == NJ_IP_ICMP6)
		sum = pseudo(m, w->wire, NJ_IP_ICMP6);
	is_wrong = wrong(w, sum, w->wire);
	(void)flow(w, 8);
	return mark(w, is_wrong, NJ_PODD_ICMP_CSUM);
}

static enum nj_step
walk_sctp(struct nj_walk *w)
{
	if (nj_walk_left(w) < 12)
		return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_L4_CUT);
	w->m->sport = nj_be16(w->at);
	w->m->dport = nj_be16(w->at + 2);
	return flow(w, 12);
}

/* The security parameters index (RFC 4303 2.1), in the place of ports. */
static enum nj_step
walk_esp(struct nj_walk *w)
{
	if (nj_walk_left(w) >= 4) {
		w->m->sport = nj_be16(w->at);
		w->m->dport = nj_be16(w->at + 2);
	}
	return flow(w, 0);
}

static enum nj_step
walk_igmp(struct nj_walk *w)
{
	bool is_wrong = nj_walk_left(w) >= 8 && wrong(w, 0, w->wire);

	(void)flow(w, 0);
	return mark(w, is_wrong, NJ_PODD_IGMP_CSUM);
}

/* Mobility headers (RFC 6275) set up routes; they are no flow of their own,
 * as in Zeek. */
static enum nj_step
walk_mobility(struct nj_walk *w)
{
	size_t len;

	if (nj_walk_left(w) < 8)
		return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_L4_CUT);
	len = (w->at[1] + 1u) * 8;
	if (w->wire < len)
		return nj_walk_stop(
			w, NJ_KIND_MALFORMED, NJ_PODD_IP_HEADER_BIG);
	if (wrong(w, pseudo(w->m, (uint32_t)len, PROTO_MOBILITY), len))
		return nj_walk_stop(w, NJ_KIND_CHECKSUM, NJ_PODD_MH_CSUM);
	return nj_walk_stop(w, NJ_KIND_L2, NJ_PODD_NONE);
}

enum nj_step
nj_walk_l4(struct nj_walk *w)
{
	w->m->l4 = w->at;
	switch (w->m->proto) {
	case NJ_IP_TCP:
		return walk_tcp(w);
	case NJ_IP_UDP:
		(void)walk_udp(w);
		break;
	case PROTO_UDPLITE:
		return walk_udplite(w);
	case NJ_IP_ICMP:
	case NJ_IP_ICMP6:
		return walk_icmp(w);
	case NJ_IP_SCTP:
		return walk_sctp(w);
	case NJ_IP_ESP:
		return walk_esp(w);
	case PROTO_IGMP:
		return walk_igmp(w);
	case PROTO_MOBILITY:
		if (w->m->ip_version == 6)
			return walk_mobility(w);
		(void)flow(w, 0);
		break;
	default:
		(void)flow(w, 0);
		break;
	}
	if (w->m->kind == NJ_KIND_FLOW)
		nj_tunnel_find(w);
	return NJ_STEP_DONE;
}
