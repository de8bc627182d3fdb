/*
 * ip.c - IPv4 (RFC 791), IPv6 (RFC 8200) with its extension headers, and the
 * way of fragments into the table that joins them.
 *
 * Addresses are the ends of the way: a home address option (RFC 6275) stands
 * for the source, the last address of a routing header of type 0 or 2 for
 * the destination, as in Zeek and as the transport checksum demands.
 */
#include "engine/packet/decode_priv.h"

enum {
	EXT_HOP = 0,
	EXT_ROUTING = 43,
	EXT_FRAGMENT = 44,
	EXT_AH = 51,
	EXT_NONE = 59,
	EXT_DEST = 60,
	EXT_MOBILITY = 135,
	EXT_MAX = 16 /* headers in one packet */
};

static enum nj_step
malformed(struct nj_walk *w, enum nj_packet_odd odd)
{
	return nj_walk_stop(w, NJ_KIND_MALFORMED, odd);
}

/* Hands a fragment to the table. IP when a datagram is whole: the walk then
 * stands at its payload; otherwise the packet is settled. */
static enum nj_step
add_piece(struct nj_walk *w, struct nj_frag_piece *piece)
{
	struct nj_meta *m = w->m;

	if (w->wire > nj_walk_left(w))
		return malformed(w, NJ_PODD_FRAG_CUT);
	switch (nj_frag_add(w, piece)) {
	case NJ_FRAG_HELD:
		m->kind = NJ_KIND_HELD;
		return NJ_STEP_DONE;
	case NJ_FRAG_REFUSED:
		nj_walk_note(w, NJ_PODD_FRAG_REFUSED);
		return malformed(w, NJ_PODD_NONE);
	case NJ_FRAG_JOINED:
		break;
	}
	m->fragmented = true;
	m->proto = piece->proto;
	m->ip_bytes = piece->head_bytes + w->wire;
	return NJ_STEP_IP;
}

static enum nj_step
v4_fragment(struct nj_walk *w, uint32_t head, uint16_t field)
{
	struct nj_meta *m = w->m;
	struct nj_frag_piece piece = {
		.id = nj_be16(m->l3 + 4),
		.offset = (field & 0x1fffu) * 8,
		.head_bytes = (uint16_t)head,
		.proto = m->proto,
		.more = field & 0x2000,
	};

	if (field & 0x4000)
		nj_walk_note(w, NJ_PODD_FRAG_DF);
	if (add_piece(w, &piece) == NJ_STEP_DONE)
		return NJ_STEP_DONE;
	return nj_walk_l4(w);
}

static enum nj_step
walk_v4(struct nj_walk *w)
{
	struct nj_meta *m = w->m;
	const uint8_t *p = w->at;
	uint32_t head = (p[0] & 0xfu) * 4, total = nj_be16(p + 2);
	uint16_t field = nj_be16(p + 6);

	m->ip_version = 4;
	m->ttl = p[8];
	m->proto = p[9];
	m->src = p + 12;
	m->dst = p + 16;
	m->ip_bytes = total;
	if (total == 0) {
		nj_walk_note(w, NJ_PODD_IP_LEN_ZERO);
		total = w->wire;
	}
	if (w->wire < total)
		return malformed(w, NJ_PODD_IP_LEN_CUT);
	if (head > total)
		return malformed(w, NJ_PODD_IP_HEADER_BIG);
	if (head > nj_walk_left(w))
		return malformed(w, NJ_PODD_IP_HEADER_CUT);
	if (head < 20)
		return malformed(w, NJ_PODD_IP_HEADER_MIN);
	if (w->d->check && !w->d->check_tcp_only &&
		!(w->flags & NJ_PF_IP_CSUM_GOOD) &&
		nj_csum_fold(nj_csum_add(0, p, head)) != 0xffff)
		return nj_walk_stop(w, NJ_KIND_CHECKSUM, NJ_PODD_IP_CSUM);
	nj_walk_limit(w, total);
	nj_walk_skip(w, head);
	if (field & 0x3fff)
		return v4_fragment(w, head, field);
	return nj_walk_l4(w);
}

/* The options of a destination options header, of which only the home
 * address matters. */
static void
v6_dest_options(struct nj_walk *w, const uint8_t *p, size_t len)
{
	enum { PAD1 = 0, HOME_ADDRESS = 0xc9 };
	bool found = false;
	size_t at = 2;

	while (at < len) {
		if (p[at] == PAD1) {
			at++;
			continue;
		}
		if (at + 2 > len || at + 2 + p[at + 1] > len) {
			nj_walk_note(w, NJ_PODD_DEST_OPTION);
			return;
		}
		if (p[at] == HOME_ADDRESS && p[at + 1] != 16) {
			nj_walk_note(w, NJ_PODD_HOME_LEN);
		} else if (p[at] == HOME_ADDRESS && found) {
			nj_walk_note(w, NJ_PODD_HOME_MULTIPLE);
		} else if (p[at] == HOME_ADDRESS) {
			w->m->src = p + at + 2;
			found = true;
		}
		at += 2u + p[at + 1];
	}
}

static void
v6_routing(struct nj_walk *w, const uint8_t *p, size_t len)
{
	/* Type 0: any number of addresses; type 2: exactly one. */
	if ((p[2] != 0 && p[2] != 2) || p[3] == 0)
		return;
	if (len < 24 || (len - 8) % 16 != 0 || p[3] > (len - 8) / 16) {
		nj_walk_note(w, NJ_PODD_ROUTING);
		return;
	}
	w->m->dst = p + len - 16;
}

/* The length of a jumbogram (RFC 2675), or 0. */
static uint32_t
v6_jumbo(const uint8_t *p, size_t len)
{
	size_t at = 2;

	while (at < len) {
		if (p[at] == 0) {
			at++;
			continue;
		}
		if (at + 2 > len || at + 2 + p[at + 1] > len)
			return 0;
		if (p[at] == 0xc2 && p[at + 1] == 4)
			return nj_be32(p + at + 2);
		at += 2u + p[at + 1];
	}
	return 0;
}

struct v6 {
	uint8_t next;
	bool fragment; /* stands at a fragment header */
	uint16_t head; /* bytes of headers read, without the fragment's */
};

/* Reads extension headers up to the payload or a fragment header. DONE when
 * the packet is settled (malformed), IP when there is more to do. */
static enum nj_step
v6_extensions(struct nj_walk *w, struct v6 *v)
{
	const uint8_t *p;
	size_t len;

	for (unsigned i = 0; i < EXT_MAX; i++) {
		if (v->next != EXT_HOP && v->next != EXT_ROUTING &&
			v->next != EXT_FRAGMENT && v->next != EXT_AH &&
			v->next != EXT_DEST)
			return NJ_STEP_IP;
		if (w->wire < 8)
			return malformed(w, NJ_PODD_IP_HEADER_BIG);
		if (nj_walk_left(w) < 8)
			return malformed(w, NJ_PODD_IP_HEADER_CUT);
		p = w->at;
		v->fragment = v->next == EXT_FRAGMENT;
		if (v->fragment)
			return NJ_STEP_IP;
		len = v->next == EXT_AH ? (p[1] + 2u) * 4 : (p[1] + 1u) * 8;
		if (w->wire < len)
			return malformed(w, NJ_PODD_IP_HEADER_BIG);
		if (nj_walk_left(w) < len)
			return malformed(w, NJ_PODD_IP_HEADER_CUT);
		if (v->next == EXT_DEST)
			v6_dest_options(w, p, len);
		else if (v->next == EXT_ROUTING)
			v6_routing(w, p, len);
		v->next = p[0];
		v->head += (uint16_t)len;
		nj_walk_skip(w, len);
	}
	return malformed(w, NJ_PODD_IP_HEADER_BIG);
}

static enum nj_step
v6_fragment(struct nj_walk *w, struct v6 *v)
{
	struct nj_meta *m = w->m;
	const uint8_t *p = w->at;
	uint16_t field = nj_be16(p + 2);
	struct nj_frag_piece piece = {
		.id = nj_be32(p + 4),
		.offset = field & 0xfff8,
		.head_bytes = v->head,
		.proto = p[0],
		.more = field & 1,
	};

	nj_walk_skip(w, 8);
	v->next = p[0];
	m->proto = p[0];
	/* A datagram of one fragment is whole (RFC 6946). */
	if (piece.offset == 0 && !piece.more)
		return NJ_STEP_IP;
	if (add_piece(w, &piece) == NJ_STEP_DONE)
		return NJ_STEP_DONE;
	v->next = piece.proto;
	v->head = piece.head_bytes;
	return NJ_STEP_IP;
}

/* How long the whole packet is. Length 0 means a jumbogram's option, or a
 * segment that the NIC has yet to cut; both look like no payload at all. */
static uint32_t
v6_total(const struct nj_walk *w)
{
	const uint8_t *p = w->at;
	uint32_t len = nj_be16(p + 4);
	size_t hop;

	if (len != 0 || w->wire == 40)
		return 40 + len;
	if (p[6] == NJ_IP_TCP || p[6] == NJ_IP_UDP)
		return w->wire;
	if (p[6] != EXT_HOP || nj_walk_left(w) < 48)
		return 40;
	hop = (p[41] + 1u) * 8;
	if (nj_walk_left(w) < 40 + hop)
		return 40;
	len = v6_jumbo(p + 40, hop);
	return len > UINT32_MAX - 40 ? UINT32_MAX : 40 + len;
}

static enum nj_step
walk_v6(struct nj_walk *w)
{
	struct nj_meta *m = w->m;
	const uint8_t *p = w->at;
	struct v6 v = { .next = p[6], .head = 40 };
	uint32_t total;

	m->ip_version = 6;
	m->ttl = p[7];
	m->src = p + 8;
	m->dst = p + 24;
	total = v6_total(w);
	m->ip_bytes = total;
	if (w->wire < total)
		return malformed(w, NJ_PODD_IP_LEN_CUT);
	nj_walk_limit(w, total);
	nj_walk_skip(w, 40);
	for (unsigned i = 0; i < EXT_MAX; i++) {
		v.fragment = false;
		if (v6_extensions(w, &v) == NJ_STEP_DONE)
			return NJ_STEP_DONE;
		m->proto = v.next;
		if (!v.fragment)
			break;
		/* A fragment inside a fragment is nobody's honest work. */
		if (m->fragmented)
			return malformed(w, NJ_PODD_FRAG_PROTO);
		if (v6_fragment(w, &v) == NJ_STEP_DONE)
			return NJ_STEP_DONE;
	}
	if (v.fragment)
		return malformed(w, NJ_PODD_IP_HEADER_BIG);
	/* Teredo keeps its way open with such packets (RFC 4380, bubbles). */
	if (v.next == EXT_NONE)
		return nj_walk_stop(w, NJ_KIND_L2,
			m->tunnel == NJ_TUN_TEREDO ? NJ_PODD_NONE
						   : NJ_PODD_NO_NEXT);
	return nj_walk_l4(w);
}

enum nj_step
nj_walk_ip(struct nj_walk *w)
{
	w->m->l3 = w->at;
	if (nj_walk_left(w) < 20)
		return malformed(w, NJ_PODD_IP_CUT);
	switch (w->at[0] >> 4) {
	case 4:
		return walk_v4(w);
	case 6:
		if (nj_walk_left(w) < 40)
			return malformed(w, NJ_PODD_IP_CUT);
		return walk_v6(w);
	default:
		return malformed(w, NJ_PODD_IP_VERSION);
	}
}
