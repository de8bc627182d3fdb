/*
 * pipeline.c - bursts through the layers, and the ledger of what became of
 * each packet.
 */
#include "engine/pipeline/pipeline.h"

#include <stdlib.h>

#include "dissectors/shared/arp.h"
#include "engine/event/sensor.h"
#include "engine/event/tunnel.h"
#include "engine/event/weird.h"
#include "engine/flow/conn.h"
#include "engine/flow/detail.h"
#include "engine/pipeline/carriers.h"
#include "engine/pipeline/record.h"

NJ_COUNTERS_DEFINE(ledger, LEDGER_COUNTERS);

enum {
	/* Records for packets odd in themselves, per second of packet time;
	 * a flood of them is counted only. */
	WEIRDS_PER_SECOND = 1000,
	/* Timers are served at least this often in packet time. */
	SERVE_NS = 10 * 1000 * 1000,
	/* IEEE 802.2 and SNAP (RFC 1042). */
	LLC_BYTES = 3,
	SNAP_BYTES = 8,
	SAP_SNAP = 0xaa,
	LLC_UI = 0x03,
	MIN_ETHER_TYPE = 0x600
};

struct nj_pipeline {
	struct nj_decoder *decoder;
	struct nj_flow_table *flows;
	struct nj_dissect *dissect;
	struct nj_arp *arp;
	struct nj_carriers *carriers;
	struct nj_sink *sink;
	struct nj_filters filters;
	struct nj_record record;
	struct nj_pcap_lane *lane; /* its lane, unless that is shed */
	struct ledger_counters ledger;
	bool eve;
	int64_t now_ns;
	int64_t served_ns; /* timers are served up to here */
	int64_t weird_second;
	unsigned weirds;
	/* Metas that wait for the flow table, with their lengths. */
	unsigned count;
	uint32_t wire_lens[NJ_FLOW_BURST];
	struct nj_meta metas[NJ_FLOW_BURST];
};

void
nj_pipeline_conf_default(struct nj_pipeline_conf *conf)
{
	*conf = (struct nj_pipeline_conf){ 0 };
	nj_decode_conf_default(&conf->decode);
	nj_flow_conf_default(&conf->flow);
	conf->dissect_bytes = UINT64_C(256) << 20;
}

enum nj_err
nj_pipeline_register(void)
{
	enum nj_err err = nj_event_register(&weird_desc);

	if (!err)
		err = nj_event_register(&conn_desc);
	if (!err)
		err = nj_event_register(nj_arp_event);
	if (!err)
		err = nj_event_register(&eve_flow_desc);
	if (!err)
		err = nj_event_register(nj_arp_eve_event);
	if (!err)
		err = nj_event_register(&sensor_desc);
	if (!err)
		err = nj_event_register(&tunnel_desc);
	return err;
}

enum nj_err
nj_pipeline_register_all(const struct nj_dissector *const *list)
{
	enum nj_err err = nj_pipeline_register();

	for (; *list && !err; list++)
		for (const struct nj_event_desc *const *e = (*list)->events;
			!err && e && *e; e++)
			err = nj_event_register(*e);
	return err;
}

enum nj_err
nj_pipeline_create(
	struct nj_pipeline **out, const struct nj_pipeline_conf *conf)
{
	struct nj_pipeline *p = calloc(1, sizeof(*p));
	struct nj_dissect_conf dissect = { .set = conf->set,
		.sink = conf->sink,
		.memory_bytes = conf->dissect_bytes,
		.midstream = conf->midstream,
		.eve = conf->eve,
		.hash_bytes_max = conf->hash_bytes_max,
		.extract = conf->extract,
		.extract_ctx = conf->extract_ctx,
		.explain = conf->explain,
		.explain_ctx = conf->explain_ctx };
	struct nj_flow_conf flow = conf->flow;
	struct nj_decode_conf decode = conf->decode;
	struct nj_flow_hooks hooks;
	char why[NJ_EXCLUDE_TEXT];
	enum nj_err err = NJ_OK;

	*out = NULL;
	if (!p)
		return NJ_E_NOMEM;
	p->sink = conf->sink;
	p->eve = conf->eve;
	/* Suricata leaves out what TCP would not take, and nothing else. */
	decode.check_tcp_only = conf->eve;
	p->now_ns = p->served_ns = INT64_MIN / 2;
	if (conf->filter)
		err = nj_filters_create(&p->filters, conf->filter, why);
	if (!err)
		err = nj_decoder_create(&p->decoder, &decode);
	if (!err)
		err = nj_dissect_create(&p->dissect, &dissect);
	if (err)
		goto fail;
	hooks = nj_dissect_hooks(p->dissect);
	p->lane = conf->snap != NJ_PCAP_OFF ? conf->lane : NULL;
	if (conf->lane && conf->snap != NJ_PCAP_OFF) {
		p->record = (struct nj_record){ .lane = conf->lane,
			.snap = conf->snap,
			.key = conf->flow.key };
		hooks.seen = nj_record_seen;
		hooks.seen_ctx = &p->record;
	}
	flow.eve = conf->eve;
	flow.eve_midstream = conf->midstream;
	err = nj_flow_create(&p->flows, &flow, &hooks);
	if (!err)
		err = nj_arp_create(&p->arp);
	if (!err)
		err = nj_carriers_create(&p->carriers, &conf->flow.key);
	if (err)
		goto fail;
	*out = p;
	return NJ_OK;
fail:
	nj_pipeline_destroy(&p);
	return err;
}

void
nj_pipeline_destroy(struct nj_pipeline **p)
{
	if (!*p)
		return;
	nj_flow_destroy(&(*p)->flows);
	nj_dissect_destroy(&(*p)->dissect);
	nj_decoder_destroy(&(*p)->decoder);
	nj_arp_destroy(&(*p)->arp);
	nj_carriers_destroy(&(*p)->carriers);
	nj_filters_destroy(&(*p)->filters);
	free(*p);
	*p = NULL;
}

/* A weird record for a packet that is odd in itself. */
static void
tell_odd(struct nj_pipeline *p, const struct nj_meta *m)
{
	const struct nj_packet_odd_desc *odd = nj_packet_odd(m->odd);
	struct weird_event ev = { .name = nj_str(odd->name) };
	struct nj_head head = { .order_ns = m->now_ns, .ts_ns = m->ts_ns };
	int64_t second = m->now_ns / NJ_NS_PER_S;

	if (second != p->weird_second) {
		p->weird_second = second;
		p->weirds = 0;
	}
	if (p->weirds++ >= WEIRDS_PER_SECOND) {
		p->ledger.weird_quiet++;
		return;
	}
	if (odd->source[0])
		ev.source = nj_str(odd->source);
	if (m->src && m->ip_version == 4) {
		head.orig = nj_addr4(m->src);
		head.resp = nj_addr4(m->dst);
	} else if (m->src && m->ip_version == 6) {
		head.orig = nj_addr6(m->src);
		head.resp = nj_addr6(m->dst);
	}
	head.orig_p = m->sport;
	head.resp_p = m->dport;
	(void)nj_sink_put(p->sink, &weird_desc, &head, &ev);
}

/* Takes the copies out of what waits. All hashes are made first, so that the
 * waits for the memory of the slots overlap. */
static void
drop_copies(struct nj_pipeline *p)
{
	struct nj_dedup *d = p->filters.dedup;
	uint64_t hashes[NJ_FLOW_BURST];
	unsigned kept = 0;

	for (unsigned i = 0; i < p->count; i++)
		if (p->metas[i].kind == NJ_KIND_FLOW)
			hashes[i] = nj_dedup_hash(d, &p->metas[i]);
	for (unsigned i = 0; i < p->count; i++) {
		const struct nj_meta *m = &p->metas[i];

		if (m->kind == NJ_KIND_FLOW &&
			nj_unlikely(nj_dedup_check(
				d, hashes[i], m, p->wire_lens[i]))) {
			p->ledger.duplicate++;
			p->ledger.processed_bytes -= p->wire_lens[i];
			p->ledger.analysed--;
			continue;
		}
		if (nj_unlikely(m->odd && m->kind == NJ_KIND_FLOW))
			tell_odd(p, m);
		if (kept != i) {
			p->metas[kept] = *m;
			p->record.packets[kept] = p->record.packets[i];
			p->wire_lens[kept] = p->wire_lens[i];
		}
		kept++;
	}
	p->count = kept;
}

/* Outermost packets, which are in the ledger, as analysed so far. */
static void
to_flows(struct nj_pipeline *p, const struct nj_meta *metas, unsigned n,
	const uint32_t *frames)
{
	const struct nj_flow_counters *c = nj_flow_counters(p->flows);
	uint64_t shed = c->shed;

	nj_flow_frames(p->flows, frames);
	nj_flow_burst(p->flows, metas, n);
	shed = c->shed - shed;
	p->ledger.analysed -= shed;
	p->ledger.shed += shed;
}

static void
flush(struct nj_pipeline *p)
{
	if (p->filters.dedup)
		drop_copies(p);
	if (!p->count)
		return;
	if (p->record.lane)
		nj_record_burst(&p->record, p->count);
	to_flows(p, p->metas, p->count, p->wire_lens);
	if (p->record.lane)
		nj_record_burst_done(&p->record, p->count);
	p->count = 0;
}

static void
tell_arp(struct nj_pipeline *p, const struct nj_meta *m,
	const struct nj_packet *pkt)
{
	const uint8_t *end = pkt->data + pkt->len;
	struct nj_arp_packet arp = { .mac_src = m->mac_src,
		.vlan = m->vlan,
		.eve = p->eve,
		.ts_ns = m->ts_ns,
		.now_ns = m->now_ns };

	if (!m->l3 || m->l3 < pkt->data || m->l3 > end)
		return;
	arp.arp = (struct nj_view){ m->l3, (size_t)(end - m->l3) };
	nj_arp_packet(p->arp, &arp, p->sink);
}

/* m was found to enclose a packet: what names it is its flow or, of wrappers
 * without one, an entry of their own. GRE and IP are told of by their pair of
 * addresses even in UDP. */
static bool
enclose(struct nj_pipeline *p, const struct nj_meta *m, uint64_t uid[2])
{
	if (nj_tunnel_has_pair(m->inner_tunnel))
		nj_carriers_seen(p->carriers, m, p->sink, uid);
	return nj_meta_carrier_only(m) || nj_flow_enclose(p->flows, m, uid);
}

/* A frame that carries no IP. IEEE 802.3 says where it ends, and LLC or SNAP
 * what it is; what is behind the end is padding. */
static void
tell_frame(struct nj_pipeline *p, const struct nj_meta *m,
	const struct nj_packet *pkt)
{
	const uint8_t *end = pkt->data + pkt->len, *at = m->l3;
	struct nj_frame f = { .type = m->ether_type,
		.mac_src = m->mac_src,
		.mac_dst = m->mac_dst,
		.head = { .order_ns = m->now_ns,
			.ts_ns = m->ts_ns,
			.vlan = { m->vlan, m->inner_vlan } } };
	bool snap;

	if (!at || at < pkt->data || at > end)
		return;
	snap = f.type && at - pkt->data >= SNAP_BYTES &&
	       at[-SNAP_BYTES] == SAP_SNAP && at[1 - SNAP_BYTES] == SAP_SNAP &&
	       at[2 - SNAP_BYTES] == LLC_UI;
	if (snap)
		f.oui = (uint32_t)at[-5] << 16 | (uint32_t)at[-4] << 8 | at[-3];
	if (!f.type) {
		if (end - at < LLC_BYTES || at[2] != LLC_UI)
			return;
		f.type = at[0];
	}
	if (snap || !m->ether_type) {
		const uint8_t *llc = snap ? at - SNAP_BYTES : at;
		size_t len = llc - pkt->data >= 2 ? llc[-2] << 8 | llc[-1] : 0;

		if (len < MIN_ETHER_TYPE && len < (size_t)(end - llc))
			end = llc + len;
		at += m->ether_type ? 0 : LLC_BYTES;
	}
	if (at > end)
		return;
	f.v = (struct nj_view){ at, (size_t)(end - at) };
	nj_dissect_frame(p->dissect, &f);
}

/* Packets inside tunnels, outermost first. The wrapper's flow comes before
 * them, so that they can name it. */
static void
inner_packets(struct nj_pipeline *p, const struct nj_meta *outer,
	const struct nj_packet *pkt)
{
	struct nj_meta around = *outer, inside;
	uint64_t parent[2];

	while (around.inner_tunnel &&
		nj_decode_inner(p->decoder, &around, &inside)) {
		if (inside.odd)
			tell_odd(p, &inside);
		if (p->filters.exclude &&
			nj_exclude_meta(p->filters.exclude, &inside, 0))
			return;
		if (inside.kind == NJ_KIND_ARP)
			tell_arp(p, &inside, pkt);
		else if (inside.kind == NJ_KIND_L2)
			tell_frame(p, &inside, pkt);
		if (inside.kind != NJ_KIND_FLOW && !nj_meta_broken_l4(&inside))
			return;
		if (!nj_meta_carrier_only(&inside)) {
			flush(p);
			if (enclose(p, &around, parent))
				inside.parent_uid = parent;
			nj_flow_frames(p->flows, &around.inner_wire);
			nj_flow_burst(p->flows, &inside, 1);
		}
		around = inside;
	}
}

static uint64_t *
ledger_of(struct nj_pipeline *p, const struct nj_meta *m)
{
	switch ((enum nj_kind)m->kind) {
	case NJ_KIND_FLOW:
		return nj_meta_carrier_only(m) ? &p->ledger.carrier
					       : &p->ledger.analysed;
	case NJ_KIND_ARP:
		return &p->ledger.arp;
	case NJ_KIND_L2:
		return &p->ledger.link;
	case NJ_KIND_HELD:
		return &p->ledger.fragment;
	case NJ_KIND_MALFORMED:
		return &p->ledger.malformed;
	case NJ_KIND_CHECKSUM:
		return &p->ledger.checksum;
	case NJ_KIND_UNKNOWN:
		break;
	}
	return &p->ledger.unknown;
}

/* A packet with another one inside. Copies of it are known at once: what is
 * inside must not be looked at twice. */
static void
tunnel(struct nj_pipeline *p, const struct nj_packet *pkt)
{
	struct nj_dedup *d = p->filters.dedup;
	struct nj_meta outer = p->metas[p->count];

	flush(p);
	if (d && nj_dedup_check(
			 d, nj_dedup_hash(d, &outer), &outer, pkt->wire_len)) {
		*ledger_of(p, &outer) -= 1;
		p->ledger.duplicate++;
		p->ledger.processed_bytes -= pkt->wire_len;
		return;
	}
	if (nj_unlikely(outer.odd && d))
		tell_odd(p, &outer);
	if (p->record.lane)
		nj_record_frame(&p->record, pkt, &outer);
	if (!nj_meta_carrier_only(&outer))
		to_flows(p, &outer, 1, &pkt->wire_len);
	inner_packets(p, &outer, pkt);
	if (p->record.lane)
		nj_record_frame_done(&p->record);
}

/* Decodes pkt, unless it is excluded. */
static bool
decode(struct nj_pipeline *p, const struct nj_packet *pkt, struct nj_meta *m)
{
	struct nj_exclude *x = p->filters.exclude;

	if (nj_likely(!x)) {
		nj_decode(p->decoder, pkt, m);
		return true;
	}
	if (!nj_exclude_frame(x, pkt)) {
		nj_decode(p->decoder, pkt, m);
		if (!nj_exclude_meta(x, m, pkt->wire_len))
			return true;
	}
	p->ledger.excluded++;
	return false;
}

static void
one(struct nj_pipeline *p, const struct nj_packet *pkt)
{
	struct nj_meta *m = &p->metas[p->count];

	p->ledger.bytes += pkt->wire_len;
	if (nj_unlikely(!decode(p, pkt, m)))
		return;
	p->ledger.processed_bytes += pkt->wire_len;
	*ledger_of(p, m) += 1;
	/* An oddity of a copy has been told. */
	if (nj_unlikely(m->odd) &&
		(!p->filters.dedup || m->kind != NJ_KIND_FLOW))
		tell_odd(p, m);
	if (nj_likely(m->kind == NJ_KIND_FLOW && !m->inner_tunnel)) {
		p->record.packets[p->count] = pkt;
		p->wire_lens[p->count++] = pkt->wire_len;
		return;
	}
	if (m->kind == NJ_KIND_ARP)
		tell_arp(p, m, pkt);
	else if (m->kind == NJ_KIND_L2)
		tell_frame(p, m, pkt);
	if (nj_meta_broken_l4(m))
		p->record.packets[p->count++] = pkt;
	else if (m->kind == NJ_KIND_FLOW)
		tunnel(p, pkt);
	else if (p->record.lane)
		nj_record_plain(&p->record, pkt, m);
}

void
nj_pipeline_burst(
	struct nj_pipeline *p, const struct nj_packet *pkts, unsigned n)
{
	if (!n)
		return;
	nj_decode_burst(p->decoder);
	p->ledger.received += n;
	if (nj_unlikely(p->lane != p->record.lane))
		nj_pcap_lane_shed(p->lane, n);
	/* The headers of the whole burst are on their way before the first
	 * is looked at. */
	for (unsigned i = 0; i < n; i++)
		__builtin_prefetch(pkts[i].data + 14);
	for (unsigned i = 0; i < n; i++) {
		/* What is due before this packet ends before it is seen. */
		if (nj_unlikely(pkts[i].now_ns - p->served_ns > SERVE_NS)) {
			flush(p);
			nj_pipeline_advance(p, pkts[i].now_ns);
		}
		p->now_ns = pkts[i].now_ns;
		if (nj_unlikely(p->count == NJ_FLOW_BURST))
			flush(p);
		one(p, &pkts[i]);
	}
	flush(p);
}

void
nj_pipeline_advance(struct nj_pipeline *p, int64_t now_ns)
{
	while (!nj_flow_expire(p->flows, now_ns))
		continue;
	nj_carriers_expire(p->carriers, now_ns, p->sink);
	nj_dissect_tick(p->dissect, now_ns);
	p->served_ns = p->now_ns = now_ns;
}

void
nj_pipeline_finish(struct nj_pipeline *p, int64_t now_ns)
{
	nj_pipeline_advance(p, now_ns);
	nj_flow_finish(p->flows, now_ns);
	nj_dissect_finish(p->dissect, now_ns);
	nj_decode_finish(p->decoder);
}

void
nj_pipeline_set_filters(struct nj_pipeline *p, struct nj_filters *filters)
{
	flush(p);
	nj_filters_destroy(&p->filters);
	p->filters = *filters;
	*filters = (struct nj_filters){ 0 };
}

void
nj_pipeline_set_local(
	struct nj_pipeline *p, const struct nj_prefix *local, unsigned count)
{
	nj_flow_set_local(p->flows, local, count);
}

void
nj_pipeline_shed(
	struct nj_pipeline *p, enum nj_shed_level level, unsigned share)
{
	nj_dissect_set_effort(
		p->dissect, level >= NJ_SHED_HEADERS   ? NJ_EFFORT_NONE
			    : level == NJ_SHED_SHALLOW ? NJ_EFFORT_OLD
						       : NJ_EFFORT_FULL);
	nj_flow_set_shed(p->flows, level == NJ_SHED_FLOWS ? share : 0);
	p->record.lane = level >= NJ_SHED_PACKETS ? NULL : p->lane;
}

const struct nj_filters *
nj_pipeline_filters(const struct nj_pipeline *p)
{
	return &p->filters;
}

int64_t
nj_pipeline_now(const struct nj_pipeline *p)
{
	return p->now_ns;
}

int64_t
nj_pipeline_watermark(const struct nj_pipeline *p)
{
	return nj_min(nj_flow_served_ns(p->flows), p->served_ns);
}

const struct ledger_counters *
nj_pipeline_ledger(const struct nj_pipeline *p)
{
	return &p->ledger;
}

int64_t
nj_ledger_unaccounted(const struct ledger_counters *l)
{
	return (int64_t)(l->received -
			 (l->analysed + l->arp + l->link + l->fragment +
				 l->duplicate + l->excluded + l->malformed +
				 l->checksum + l->unknown + l->carrier +
				 l->shed));
}

void
nj_ledger_add(struct ledger_counters *a, const struct ledger_counters *b)
{
	uint64_t *to = (uint64_t *)a;
	const uint64_t *from = (const uint64_t *)b;

	for (unsigned i = 0; i < ledger_counters_desc.count; i++)
		to[i] += from[i];
}

const struct nj_flow_table *
nj_pipeline_flows(const struct nj_pipeline *p)
{
	return p->flows;
}

const struct nj_decoder *
nj_pipeline_decoder(const struct nj_pipeline *p)
{
	return p->decoder;
}

const struct nj_dissect *
nj_pipeline_dissect(const struct nj_pipeline *p)
{
	return p->dissect;
}
