/*
 * decode.c - the decoder's front: the fast path for what nearly every packet
 * is, Ethernet with at most one VLAN tag, IP without options, TCP or UDP;
 * all else walks header by header (link.c, ip.c, l4.c, tunnel.c).
 *
 * Whatever the fast path does not like it leaves to the walk, which alone
 * decides what is wrong: so there is one place for every oddity.
 */
#include <stdlib.h>

#include "engine/packet/decode_priv.h"

NJ_COUNTERS_DEFINE(nj_decode, NJ_DECODE_COUNTERS);

static const struct nj_packet_odd_desc odd_table[] = {
#define ODD(name, weird, source, text) { weird, source, text },
#include "engine/packet/odd.def"
#undef ODD
};

const struct nj_packet_odd_desc *
nj_packet_odd(unsigned odd)
{
	return &odd_table[odd < NJ_PODD_COUNT ? odd : NJ_PODD_NONE];
}

void
nj_decode_conf_default(struct nj_decode_conf *conf)
{
	*conf = (struct nj_decode_conf){
		.check_checksums = true,
		.tunnel_depth_max = NJ_TUNNEL_DEPTH_MAX,
		.frag_datagrams_max = 512,
		.frag_bytes_max = 16u << 20,
		.frag_pieces_max = 1024,
		.frag_timeout_ns = INT64_C(30000000000),
	};
}

enum nj_err
nj_decoder_create(struct nj_decoder **out, const struct nj_decode_conf *conf)
{
	const struct nj_tunnel_port *ports = conf->tunnel_ports;
	struct nj_decoder *d;
	enum nj_err err;

	*out = NULL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NJ_E_NOMEM;
	d->check = conf->check_checksums;
	d->check_tcp_only = conf->check_tcp_only;
	d->depth_max = nj_min(conf->tunnel_depth_max, NJ_TUNNEL_DEPTH_MAX);
	if (!ports)
		ports = nj_tunnel_ports_default;
	for (unsigned i = 0; ports[i].port && i < NJ_TUNNEL_PORTS_MAX; i++) {
		d->ports[i] = ports[i];
		d->teredo_anywhere |= ports[i].tunnel == NJ_TUN_TEREDO;
		d->port_hint[ports[i].port & 0xff] = 1;
	}
	err = nj_frags_create(&d->frags, conf);
	if (err) {
		nj_decoder_destroy(&d);
		return err;
	}
	*out = d;
	return NJ_OK;
}

void
nj_decoder_destroy(struct nj_decoder **d)
{
	if (!*d)
		return;
	nj_frags_destroy(&(*d)->frags);
	free(*d);
	*d = NULL;
}

void
nj_decode_burst(struct nj_decoder *d)
{
	nj_frags_burst(d);
}

void
nj_decode_finish(struct nj_decoder *d)
{
	nj_frags_finish(d);
}

const struct nj_decode_counters *
nj_decoder_counters(const struct nj_decoder *d)
{
	return &d->n;
}

const uint64_t *
nj_decoder_odds(const struct nj_decoder *d)
{
	return d->odds;
}

uint32_t
nj_decode_waiting(const struct nj_decoder *d)
{
	return nj_frags_waiting(d->frags);
}

/* A first look for Teredo, which may come on any port: nearly all else is
 * told apart by its first two bytes. */
static inline bool
may_be_teredo(const uint8_t *p, uint32_t len)
{
	if (len < 40 || (p[0] >> 4 != 6 && (p[0] != 0 || p[1] > 1)))
		return false;
	return nj_looks_teredo((struct nj_view){ p, len });
}

/* TCP and UDP at p, which is the whole rest of an IP packet: wire bytes of
 * which captured are there. False: let the walk see to it. */
static inline bool
fast_l4(const struct nj_decoder *d, struct nj_meta *m, const uint8_t *p,
	uint32_t captured, uint32_t wire)
{
	uint32_t head;

	m->l4 = p;
	m->sport = nj_be16(p);
	m->dport = nj_be16(p + 2);
	if (m->proto == NJ_IP_TCP) {
		if (nj_unlikely(captured < 20))
			return false;
		head = (p[12] >> 4) * 4u;
		if (nj_unlikely(head < 20 || head > captured))
			return false;
		m->seq = nj_be32(p + 4);
		m->ack = nj_be32(p + 8);
		m->tcp_flags = p[13];
		m->window = nj_be16(p + 14);
	} else {
		head = 8;
		if (nj_unlikely(captured < 8 || nj_be16(p + 4) != wire))
			return false;
		if (nj_unlikely(d->port_hint[p[1]] | d->port_hint[p[3]]))
			return false;
		if (d->teredo_anywhere &&
			nj_unlikely(may_be_teredo(p + 8, captured - 8)))
			return false;
	}
	m->l4_header_bytes = (uint16_t)head;
	m->payload = (struct nj_view){ p + head, captured - head };
	m->payload_wire = wire - head;
	m->kind = NJ_KIND_FLOW;
	return true;
}

static inline bool
fast_v4(const struct nj_decoder *d, struct nj_meta *m, const uint8_t *p,
	uint32_t captured, uint32_t wire)
{
	uint32_t total;

	if (nj_unlikely(captured < 28 || p[0] != 0x45))
		return false;
	total = nj_be16(p + 2);
	if (nj_unlikely(total < 28 || total > wire ||
			(nj_be16(p + 6) & 0x3fff) != 0))
		return false;
	m->proto = p[9];
	if (nj_unlikely(m->proto != NJ_IP_TCP && m->proto != NJ_IP_UDP))
		return false;
	m->ip_version = 4;
	m->ttl = p[8];
	m->l3 = p;
	m->src = p + 12;
	m->dst = p + 16;
	m->ip_bytes = total;
	return fast_l4(d, m, p + 20, nj_min(captured, total) - 20, total - 20);
}

static inline bool
fast_v6(const struct nj_decoder *d, struct nj_meta *m, const uint8_t *p,
	uint32_t captured, uint32_t wire)
{
	uint32_t total;

	if (nj_unlikely(captured < 48 || p[0] >> 4 != 6))
		return false;
	total = 40u + nj_be16(p + 4);
	if (nj_unlikely(total < 48 || total > wire))
		return false;
	m->proto = p[6];
	if (nj_unlikely(m->proto != NJ_IP_TCP && m->proto != NJ_IP_UDP))
		return false;
	m->ip_version = 6;
	m->ttl = p[7];
	m->l3 = p;
	m->src = p + 8;
	m->dst = p + 24;
	m->ip_bytes = total;
	return fast_l4(d, m, p + 40, nj_min(captured, total) - 40, total - 40);
}

static inline bool
fast_ethernet(const struct nj_decoder *d, struct nj_meta *m,
	const struct nj_packet *p)
{
	uint32_t head = 14;
	uint16_t type;

	if (nj_unlikely(p->link != NJ_LINK_ETHERNET || p->len < 18 ||
			p->wire_len < p->len))
		return false;
	type = nj_be16(p->data + 12);
	if (type == 0x8100) {
		m->vlan = nj_be16(p->data + 14) & 0xfff;
		m->tags = 1;
		type = nj_be16(p->data + 16);
		head = 18;
	}
	m->ether_type = type;
	m->mac_dst = p->data;
	m->mac_src = p->data + 6;
	if (nj_likely(type == 0x0800))
		return fast_v4(d, m, p->data + head, p->len - head,
			p->wire_len - head);
	if (nj_likely(type == 0x86dd))
		return fast_v6(d, m, p->data + head, p->len - head,
			p->wire_len - head);
	return false;
}

/* Compilers turn a memset of this size into a string instruction, whose
 * start alone costs more than the rest of the fast path. */
typedef uint64_t nj_quad
	__attribute__((vector_size(32), aligned(8), may_alias));
_Static_assert(sizeof(struct nj_meta) % sizeof(nj_quad) == 0 &&
		       sizeof(struct nj_meta) <= 192,
	"meta is cleared in whole vectors, and three cache lines at most");

static inline void
meta_begin(struct nj_meta *m, const struct nj_packet *p)
{
	nj_quad *q = (nj_quad *)m;

#pragma GCC unroll 8
	for (unsigned i = 0; i < sizeof(*m) / sizeof(*q); i++)
		q[i] = (nj_quad){ 0 };
	m->port = p->port;
	m->ts_ns = p->ts_ns;
	m->now_ns = p->now_ns;
}

static inline void
count_odd(struct nj_decoder *d, uint8_t odd)
{
	d->n.odd += odd != NJ_PODD_NONE;
	d->odds[odd] += odd != NJ_PODD_NONE;
}

static void
count_kind(struct nj_decode_counters *n, uint8_t kind)
{
	switch ((enum nj_kind)kind) {
	case NJ_KIND_FLOW:
		n->flow++;
		break;
	case NJ_KIND_ARP:
		n->arp++;
		break;
	case NJ_KIND_L2:
		n->l2++;
		break;
	case NJ_KIND_HELD:
		n->held++;
		break;
	case NJ_KIND_MALFORMED:
		n->malformed++;
		break;
	case NJ_KIND_CHECKSUM:
		n->checksum++;
		break;
	case NJ_KIND_UNKNOWN:
		n->unknown++;
		break;
	}
}

static __attribute__((noinline)) void
slow(struct nj_decoder *d, const struct nj_packet *p, struct nj_meta *m)
{
	struct nj_walk w = {
		.d = d,
		.m = m,
		.at = p->data,
		.end = p->data + p->len,
		.wire = nj_max(p->wire_len, p->len),
		.flags = p->flags,
		.link = p->link,
	};

	meta_begin(m, p);
	nj_walk_run(&w, NJ_STEP_LINK);
	d->n.slow++;
	count_odd(d, m->odd);
	count_kind(&d->n, m->kind);
}

/* Are the checksums of a packet that the fast path has decoded right? If not
 * the walk looks at it again and says which one is wrong. */
static bool
fast_sums(const struct nj_meta *m, uint32_t flags)
{
	uint32_t len = m->l4_header_bytes + m->payload_wire, word[5];
	uint64_t sum;

	if (m->ip_version == 4) {
		memcpy(word, m->l3, sizeof(word));
		sum = (uint64_t)word[3] + word[4];
		if (!(flags & NJ_PF_IP_CSUM_GOOD) &&
			nj_csum_fold(sum + word[0] + word[1] + word[2]) !=
				0xffff)
			return false;
	} else {
		sum = nj_csum_add(0, m->src, 32);
	}
	if (flags & NJ_PF_L4_CSUM_GOOD || m->payload.len < m->payload_wire)
		return true;
	if (m->proto == NJ_IP_UDP && m->ip_version == 4 &&
		nj_be16(m->l4 + 6) == 0)
		return true;
	sum += __builtin_bswap32(len);
	sum += __builtin_bswap32(m->proto);
	return nj_csum_fold(nj_csum_add(sum, m->l4, len)) == 0xffff;
}

void
nj_decode(struct nj_decoder *d, const struct nj_packet *p, struct nj_meta *out)
{
	meta_begin(out, p);
	if (nj_likely(fast_ethernet(d, out, p) &&
		      (!d->check || fast_sums(out, p->flags)))) {
		d->n.flow++;
		return;
	}
	slow(d, p, out);
}

/* What the walk says of a packet in an IP-in-IP tunnel is judged against the
 * room it had, as Zeek does. */
static void
check_inner_ip(struct nj_meta *m, const struct nj_meta *outer)
{
	unsigned want = outer->proto == 4 ? 4 : 6;
	enum nj_packet_odd odd = NJ_PODD_NONE;
	uint32_t total;

	if (outer->inner.len < (want == 4 ? 20u : 40u)) {
		odd = NJ_PODD_INNER_CUT;
	} else if (outer->inner.data[0] >> 4 != want) {
		odd = NJ_PODD_INNER_VERSION;
	} else {
		total = want == 4 ? nj_be16(outer->inner.data + 2)
				  : nj_be16(outer->inner.data + 4) + 40u;
		if (total > outer->inner_wire)
			odd = NJ_PODD_INNER_CUT;
		else if (total < outer->inner_wire)
			odd = NJ_PODD_INNER_LENGTH;
	}
	if (odd) {
		m->kind = NJ_KIND_MALFORMED;
		m->odd = (uint8_t)odd;
	}
}

bool
nj_decode_inner(
	struct nj_decoder *d, const struct nj_meta *outer, struct nj_meta *out)
{
	struct nj_walk w;

	if (!outer->inner_tunnel)
		return false;
	if (outer->depth >= d->depth_max) {
		d->n.inner_deep++;
		return false;
	}
	memset(out, 0, sizeof(*out));
	out->port = outer->port;
	out->ts_ns = outer->ts_ns;
	out->now_ns = outer->now_ns;
	out->tunnel = outer->inner_tunnel;
	out->depth = outer->depth + 1;
	out->vni = outer->inner_vni;
	if (outer->inner_tunnel == NJ_TUN_IP)
		check_inner_ip(out, outer);
	w = (struct nj_walk){
		.d = d,
		.m = out,
		.at = outer->inner.data,
		.end = outer->inner.data + outer->inner.len,
		.wire = outer->inner_wire,
		.link = outer->inner_link,
	};
	if (!out->odd)
		nj_walk_run(&w, NJ_STEP_LINK);
	d->n.inner++;
	d->n.inner_bad += out->kind == NJ_KIND_MALFORMED;
	d->n.inner_held += out->kind == NJ_KIND_HELD;
	count_odd(d, out->odd);
	return true;
}
