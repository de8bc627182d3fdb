/*
 * packet.c - fuzzes the decoder: random frames of every link type, one after
 * the other so that fragments meet, and the packets in their tunnels.
 *
 * Input: a byte of flags (bit 0: checksums are checked), then frames: a byte
 * (bits 0-4 the link type, bit 7: the frame was longer on the wire), their
 * length in two bytes, the bytes.
 *
 * Besides crashes it looks for views that lead outside (all bytes are read),
 * for counters that do not add up, and for frames of which the fast path and
 * the walk think differently.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "engine/packet/decode_priv.h"
#include "engine/packet/dedup.h"
#include "engine/packet/exclude.h"
#include "engine/packet/shard.h"

static const uint16_t links[] = { NJ_LINK_ETHERNET, NJ_LINK_NULL,
	NJ_LINK_TOKEN_RING, NJ_LINK_PPP, NJ_LINK_FDDI, NJ_LINK_PPP_HDLC,
	NJ_LINK_PPP_ETHER, NJ_LINK_RAW, NJ_LINK_C_HDLC, NJ_LINK_IEEE802_11,
	NJ_LINK_FRELAY, NJ_LINK_LOOP, NJ_LINK_LINUX_SLL, NJ_LINK_PRISM,
	NJ_LINK_RADIOTAP, NJ_LINK_PPI, NJ_LINK_IPV4, NJ_LINK_IPV6,
	NJ_LINK_NFLOG, NJ_LINK_LINUX_SLL2, NJ_LINK_MPLS_, NJ_LINK_LLC_,
	NJ_LINK_NSH_, 12, 14, 999 };

static volatile uint8_t sink;

static struct nj_dedup *dedup;
static struct nj_exclude *exclude;

static void
look(struct nj_view v)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < v.len; i++)
		sum ^= v.data[i];
	sink ^= sum;
}

static void
look_meta(const struct nj_meta *m)
{
	size_t n = m->ip_version == 4 ? 4 : 16;

	NJ_ASSERT(m->kind <= NJ_KIND_UNKNOWN && m->odd < NJ_PODD_COUNT);
	NJ_ASSERT(m->kind != NJ_KIND_MALFORMED || m->odd);
	NJ_ASSERT(m->payload.len <= m->payload_wire);
	NJ_ASSERT(m->inner.len <= m->inner_wire);
	NJ_ASSERT(!m->inner_tunnel || m->kind == NJ_KIND_FLOW ||
		  m->kind == NJ_KIND_CHECKSUM);
	look(m->payload);
	look(m->inner);
	if (m->src) {
		look((struct nj_view){ m->src, n });
		look((struct nj_view){ m->dst, n });
	}
	if (m->mac_src)
		look((struct nj_view){ m->mac_src, 6 });
	if (m->mac_dst)
		look((struct nj_view){ m->mac_dst, 6 });
	(void)nj_exclude_meta(exclude, m, 1);
	if (m->kind != NJ_KIND_FLOW)
		return;
	NJ_ASSERT(m->l3 && m->l4 && m->src && m->dst);
	(void)nj_dedup_check(dedup, nj_dedup_hash(dedup, m), m, 1);
}

/* The walk alone, for what keeps no state, has to come to the same. */
static void
compare(struct nj_decoder *d, const struct nj_packet *p,
	const struct nj_meta *fast)
{
	struct nj_meta slow = { .ts_ns = p->ts_ns, .now_ns = p->now_ns };
	struct nj_walk w = { .d = d,
		.m = &slow,
		.at = p->data,
		.end = p->data + p->len,
		.wire = p->wire_len,
		.link = p->link };

	if (fast->kind == NJ_KIND_HELD || fast->fragmented ||
		(fast->kind == NJ_KIND_MALFORMED &&
			(fast->odd == NJ_PODD_FRAG_UNALIGNED ||
				(fast->odd >= NJ_PODD_FRAG_DF &&
					fast->odd <= NJ_PODD_FRAG_REFUSED))))
		return;
	nj_walk_run(&w, NJ_STEP_LINK);
	NJ_ASSERT(memcmp(&slow, fast, sizeof(slow)) == 0);
}

static void
one(struct nj_decoder *d, const struct nj_packet *p)
{
	struct nj_meta m[2];
	unsigned i = 0;

	nj_decode(d, p, &m[0]);
	look_meta(&m[0]);
	compare(d, p, &m[0]);
	while (nj_decode_inner(d, &m[i % 2], &m[(i + 1) % 2])) {
		i++;
		NJ_ASSERT(i <= NJ_TUNNEL_DEPTH_MAX);
		look_meta(&m[i % 2]);
	}
	(void)nj_packet_shard(p);
	(void)nj_exclude_frame(exclude, p);
}

static void
check_counters(const struct nj_decoder *d, uint64_t frames)
{
	const uint64_t *odds = nj_decoder_odds(d);
	uint64_t odd = 0;
	const struct nj_decode_counters *n = nj_decoder_counters(d);

	for (unsigned i = 1; i < NJ_PODD_COUNT; i++)
		odd += odds[i];
	NJ_ASSERT(odd == n->odd && odds[NJ_PODD_NONE] == 0);
	NJ_ASSERT(n->flow + n->arp + n->l2 + n->held + n->malformed +
			  n->checksum + n->unknown ==
		  frames);
	NJ_ASSERT(n->frag_held == n->frag_joined + n->frag_expired +
					  n->frag_evicted +
					  nj_decode_waiting(d));
}

/* The next frame, in memory of just its size. */
static uint8_t *
next_frame(const uint8_t **at, size_t *left, struct nj_packet *p)
{
	uint8_t *copy, link = (*at)[0];
	size_t n = nj_min((size_t)nj_be16(*at + 1), *left - 3);

	copy = malloc(n ? n : 1);
	if (!copy)
		abort();
	memcpy(copy, *at + 3, n);
	p->data = copy;
	p->len = (uint32_t)n;
	p->wire_len = (uint32_t)n + (link & 0x80 ? 100 : 0);
	p->link = links[(link & 0x1f) % nj_countof(links)];
	p->ts_ns += 1000000000;
	p->now_ns = p->ts_ns;
	*at += 3 + n;
	*left -= 3 + n;
	return copy;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct nj_exclude_range some = { 80, 90 };
	struct nj_exclude_conf conf = { .vlans = &some,
		.vlan_count = 1,
		.ports = &some,
		.port_count = 1,
		.bpf = "tcp or vlan 5" };
	struct nj_dedup_conf dedup_conf;
	char why[NJ_EXCLUDE_TEXT];

	(void)argc;
	(void)argv;
	nj_dedup_conf_default(&dedup_conf);
	if (nj_dedup_create(&dedup, &dedup_conf) ||
		nj_exclude_create(&exclude, &conf, why))
		abort();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nj_packet p = { 0 };
	struct nj_decode_conf conf;
	struct nj_decoder *d;
	uint64_t frames = 0;
	uint8_t *held[8] = { 0 };

	if (!size)
		return 0;
	nj_decode_conf_default(&conf);
	conf.check_checksums = data[0] & 1;
	conf.frag_datagrams_max = 4;
	conf.frag_bytes_max = 100000;
	conf.frag_pieces_max = 16;
	if (nj_decoder_create(&d, &conf))
		abort();
	data++;
	size--;
	while (size > 3) {
		if (frames % nj_countof(held) == 0)
			nj_decode_burst(d);
		free(held[frames % nj_countof(held)]);
		held[frames % nj_countof(held)] = next_frame(&data, &size, &p);
		one(d, &p);
		check_counters(d, ++frames);
	}
	nj_decode_finish(d);
	check_counters(d, frames);
	for (unsigned i = 0; i < nj_countof(held); i++)
		free(held[i]);
	nj_decoder_destroy(&d);
	return 0;
}
