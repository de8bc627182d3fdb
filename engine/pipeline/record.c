/*
 * record.c - packets on their way into the packet buffer.
 *
 * A packet is recorded when the flow table has found its flow and before its
 * payload is dissected: whether the flow still wants payload is then what
 * held when the packet came, so the one that ends a handshake is kept whole.
 */
#include "engine/pipeline/record.h"

#include "engine/base/cur.h"

enum { IP6_NEXT = 6, IP6_HEAD = 40, IP6_FRAGMENT = 44, IP6_CHAIN_MAX = 8 };

/* What names the datagram that a fragment belongs to: its addresses and
 * identification (RFC 791, RFC 8200 4.5). */
struct datagram {
	uint8_t src[16], dst[16];
	uint32_t id, version;
};

/* The identification in the fragment header of an IPv6 packet. */
static bool
datagram_id6(struct nj_view ip, uint32_t *id)
{
	struct nj_cur c = nj_cur(nj_sub(ip, IP6_HEAD, ip.len));
	uint8_t next = ip.len > IP6_NEXT ? ip.data[IP6_NEXT] : 0;

	for (unsigned i = 0; i < IP6_CHAIN_MAX && next != IP6_FRAGMENT; i++) {
		next = nj_cur_u8(&c);
		(void)nj_cur_take(&c, nj_cur_u8(&c) * (size_t)8 + 6);
	}
	(void)nj_cur_take(&c, 4);
	*id = nj_cur_u32(&c);
	return next == IP6_FRAGMENT && !c.bad;
}

static bool
datagram_id(struct nj_view ip, const struct nj_meta *m, uint32_t *id)
{
	struct nj_cur c = nj_cur(nj_sub(ip, 4, 2));

	if (m->ip_version == 6)
		return datagram_id6(ip, id);
	*id = nj_cur_u16(&c);
	return !c.bad;
}

/* Adds the datagram that m is a fragment of to the flows of put. */
static void
add_datagram(
	struct nj_record *r, struct nj_pcap_put *put, const struct nj_meta *m)
{
	const struct nj_packet *p = put->packet;
	size_t n = m->ip_version == 6 ? 16 : 4;
	struct datagram d = { .version = m->ip_version };
	struct nj_pcap_flow flow = { .datagram = true, .proto = m->proto };
	struct nj_view ip;

	if (put->count == NJ_PCAP_SLOTS || !m->src || !m->l3 ||
		m->l3 < p->data || m->l3 > p->data + p->len)
		return;
	ip = (struct nj_view){ m->l3, (size_t)(p->data + p->len - m->l3) };
	if (!datagram_id(ip, m, &d.id))
		return;
	memcpy(d.src, m->src, n);
	memcpy(d.dst, m->dst, n);
	nj_hash128(&r->key, &d, sizeof(d), flow.uid);
	flow.addr[0] = n == 4 ? nj_addr4(m->src) : nj_addr6(m->src);
	flow.addr[1] = n == 4 ? nj_addr4(m->dst) : nj_addr6(m->dst);
	flow.vlan[0] = m->vlan;
	flow.vlan[1] = m->inner_vlan;
	put->slots[put->count++] =
		(uint16_t)nj_pcap_lane_name(r->lane, 0, &flow);
}

/* The flow's place in the block that is being filled. */
static uint16_t
slot_of(struct nj_record *r, const struct nj_flow *f)
{
	unsigned slot = nj_pcap_lane_slot(r->lane, f->index);
	struct nj_pcap_flow flow;

	/* A new flow may have the number of one that has ended. */
	if (nj_likely(slot != NJ_PCAP_NO_SLOT && !nj_flow_is_new(f)))
		return (uint16_t)slot;
	nj_flow_uid(f, flow.uid);
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++) {
		flow.addr[i] = nj_flow_addr(f, (enum nj_dir)i);
		flow.port[i] = nj_flow_port(f, (enum nj_dir)i);
	}
	nj_flow_vlans(f, flow.vlan);
	flow.proto = nj_flow_proto(f);
	flow.datagram = false;
	return (uint16_t)nj_pcap_lane_name(r->lane, f->index, &flow);
}

/* Of a packet whose payload nobody wants the headers are kept. */
static uint32_t
kept(const struct nj_record *r, const struct nj_packet *p,
	const struct nj_flow *f)
{
	const struct nj_meta *m = f->meta;
	const uint8_t *at = m->payload.data;

	if (r->snap == NJ_PCAP_ALL || nj_flow_wants(f))
		return p->len;
	if (!m->payload.len || at < p->data || at > p->data + p->len)
		return p->len;
	return (uint32_t)(at - p->data);
}

/* ---- Packets of flows ---- */

void
nj_record_seen(void *ctx, struct nj_flow *f, unsigned place)
{
	struct nj_record *r = ctx;
	const struct nj_packet *p = r->packets[place];
	struct nj_pcap_put put = { .packet = p, .count = 1 };

	if (r->frame.packet) {
		r->frame_len = kept(r, r->frame.packet, f);
		if (r->frame.count < NJ_PCAP_SLOTS)
			r->frame.slots[r->frame.count++] = slot_of(r, f);
		return;
	}
	if (!r->lane || !p)
		return;
	r->seen[place] = true;
	put.len = kept(r, p, f);
	if (!nj_pcap_lane_begin(r->lane, put.len))
		return;
	put.slots[0] = slot_of(r, f);
	if (nj_unlikely(f->meta->fragmented))
		add_datagram(r, &put, f->meta);
	nj_pcap_lane_put(r->lane, &put);
}

void
nj_record_burst(struct nj_record *r, unsigned n)
{
	memset(r->seen, 0, n * sizeof(r->seen[0]));
}

void
nj_record_burst_done(struct nj_record *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (nj_unlikely(!r->seen[i]))
			nj_record_plain(r, r->packets[i], NULL);
}

/* ---- Other frames ---- */

void
nj_record_plain(
	struct nj_record *r, const struct nj_packet *p, const struct nj_meta *m)
{
	bool fragment = m && m->kind == NJ_KIND_HELD;
	struct nj_pcap_put put = {
		.packet = p, .len = p->len, .fragment = fragment
	};

	if (!nj_pcap_lane_begin(r->lane, put.len))
		return;
	if (fragment)
		add_datagram(r, &put, m);
	nj_pcap_lane_put(r->lane, &put);
}

void
nj_record_frame(
	struct nj_record *r, const struct nj_packet *p, const struct nj_meta *m)
{
	/* What is told of it is of no packet of a burst. */
	r->packets[0] = NULL;
	if (!nj_pcap_lane_begin(r->lane, p->len))
		return;
	r->frame_len = p->len;
	r->frame = (struct nj_pcap_put){ .packet = p };
	if (m->fragmented)
		add_datagram(r, &r->frame, m);
}

void
nj_record_frame_done(struct nj_record *r)
{
	if (!r->frame.packet)
		return;
	r->frame.len = r->frame_len;
	nj_pcap_lane_put(r->lane, &r->frame);
	r->frame.packet = NULL;
}
