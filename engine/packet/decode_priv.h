/*
 * decode_priv.h - what the parts of the decoder share: the walk through one
 * frame, which each part moves on from where the last one left it.
 */
#ifndef NJ_PACKET_DECODE_PRIV_H
#define NJ_PACKET_DECODE_PRIV_H

#include "engine/packet/decode.h"

/* Payloads of tunnels that are no link type of a capture file. */
enum { NJ_LINK_MPLS_ = 0xff00, NJ_LINK_LLC_, NJ_LINK_NSH_ };

/* What comes next in a frame. */
enum nj_step {
	NJ_STEP_DONE, /* meta->kind is settled */
	NJ_STEP_LINK, /* w->link says which */
	NJ_STEP_TYPE, /* w->type is an ether type */
	NJ_STEP_IP
};

/* Each header moves the walk by at least a byte; this bounds how many link
 * headers one frame may have. */
enum { NJ_STEPS_MAX = 24 };

struct nj_walk {
	struct nj_decoder *d;
	struct nj_meta *m;
	const uint8_t *at, *end; /* what is captured and not yet read */
	uint32_t wire;           /* bytes from at on the wire, >= end - at */
	uint32_t flags;          /* NJ_PF_ */
	uint16_t link;
	uint16_t type;
};

struct nj_frags;

struct nj_decoder {
	struct nj_decode_counters n;
	uint64_t odds[NJ_PODD_COUNT];
	bool check, check_tcp_only;
	uint8_t depth_max;
	bool teredo_anywhere; /* Teredo is wanted at all */
	/* A first, cheap answer to "is this a tunnel's port?": non-zero at the
	 * low byte of each port in the list. */
	uint8_t port_hint[256];
	struct nj_tunnel_port ports[NJ_TUNNEL_PORTS_MAX + 1];
	struct nj_frags *frags;
};

static inline uint16_t
nj_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
nj_be32(const uint8_t *p)
{
	uint32_t x;

	memcpy(&x, p, sizeof(x));
	return __builtin_bswap32(x);
}

static inline uint32_t
nj_le32(const uint8_t *p)
{
	uint32_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

/* In the machine's order, for hashes. */
static inline uint64_t
nj_load64(const uint8_t *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

static inline size_t
nj_walk_left(const struct nj_walk *w)
{
	return (size_t)(w->end - w->at);
}

/* Moves on by n <= nj_walk_left() bytes. */
static inline void
nj_walk_skip(struct nj_walk *w, size_t n)
{
	w->at += n;
	w->wire -= (uint32_t)n;
}

/* Nothing after the next n bytes on the wire belongs to the packet. */
static inline void
nj_walk_limit(struct nj_walk *w, uint32_t n)
{
	if (n < w->wire)
		w->wire = n;
	if (n < nj_walk_left(w))
		w->end = w->at + n;
}

static inline enum nj_step
nj_walk_stop(struct nj_walk *w, enum nj_kind kind, enum nj_packet_odd odd)
{
	w->m->kind = (uint8_t)kind;
	if (odd)
		w->m->odd = (uint8_t)odd;
	return NJ_STEP_DONE;
}

/* Something odd that stops nothing; the first such thing is kept. */
static inline void
nj_walk_note(struct nj_walk *w, enum nj_packet_odd odd)
{
	if (!w->m->odd)
		w->m->odd = (uint8_t)odd;
}

/* link.c: one link header, and the walk through all of them. */
void nj_walk_run(struct nj_walk *w, enum nj_step next);
/* wifi.c: link headers of radio captures. */
enum nj_step nj_walk_80211(struct nj_walk *w);
enum nj_step nj_walk_radiotap(struct nj_walk *w);
enum nj_step nj_walk_prism(struct nj_walk *w);
enum nj_step nj_walk_ppi(struct nj_walk *w);
/* ip.c: IPv4, IPv6 and its extension headers. */
enum nj_step nj_walk_ip(struct nj_walk *w);
/* l4.c: the transport header, its checksum and the payload. */
enum nj_step nj_walk_l4(struct nj_walk *w);
/* tunnel.c: sets m->inner* where m carries a packet. */
void nj_tunnel_find(struct nj_walk *w);
/* Is this Teredo by the addresses inside, whatever the ports? */
bool nj_looks_teredo(struct nj_view v);
/* Do the bytes look like an Ethernet frame, an IP packet? */
bool nj_looks_ethernet(struct nj_view v);
bool nj_looks_ip(struct nj_view v);

/* csum.c: the sum of RFC 1071 over n bytes, added to a partial sum. The
 * folded sum over a packet with a right checksum is 0xffff. */
uint64_t nj_csum_add(uint64_t sum, const uint8_t *p, size_t n);
uint16_t nj_csum_fold(uint64_t sum);

/* frag.c */
enum nj_frag_verdict { NJ_FRAG_HELD, NJ_FRAG_JOINED, NJ_FRAG_REFUSED };
/* One fragment: the walk stands at its bytes. */
struct nj_frag_piece {
	uint32_t id;
	uint32_t offset;
	uint16_t head_bytes; /* IP header, without v6's fragment header */
	uint8_t proto;       /* next header */
	bool more;
};
NJ_MUST_USE enum nj_err nj_frags_create(
	struct nj_frags **out, const struct nj_decode_conf *conf);
void nj_frags_destroy(struct nj_frags **f);
void nj_frags_burst(struct nj_decoder *d);
void nj_frags_finish(struct nj_decoder *d);
uint32_t nj_frags_waiting(const struct nj_frags *f);
/* JOINED: the walk stands at the joined bytes, p->proto is the first
 * fragment's, p->head_bytes the first one's. */
enum nj_frag_verdict nj_frag_add(struct nj_walk *w, struct nj_frag_piece *p);

#endif
