/*
 * tcp.c - fuzzes the flow table: states, reassembly, timers, eviction. An
 * input is the size of bursts and a list of packets, 12 bytes each, of a few
 * endpoints, in a table so small that every limit is met.
 *
 * A payload byte is its sequence number, so bytes that are handed on together
 * have to count up; every packet has to be in one conn record or be counted
 * as refused; and when all has ended, every pool has to be full again.
 */
#include "tests/fuzz/fuzz.h"

#include "engine/base/cur.h"
#include "engine/event/weird.h"
#include "engine/flow/conn.h"
#include "engine/flow/layout_priv.h"
#include "engine/packet/decode.h"

enum { PAYLOAD_MAX = 5000, ENDPOINTS = 6, BURST_MAX = 8 };

struct tally {
	uint64_t starts, ends, records, packets;
	unsigned odd; /* makes the hooks do different things */
};

static void
on_start(void *ctx, struct nj_flow *f)
{
	struct tally *t = ctx;

	t->starts++;
	nj_flow_set_work(f, (uint32_t)t->starts);
}

static void
on_data(void *ctx, struct nj_flow *f, enum nj_dir d, struct nj_view v)
{
	struct tally *t = ctx;

	NJ_ASSERT(nj_flow_work(f));
	for (size_t i = 1; i < v.len && nj_flow_proto(f) == NJ_IP_TCP; i++)
		NJ_ASSERT(v.data[i] == (uint8_t)(v.data[i - 1] + 1));
	switch (t->odd++ % 32) {
	case 7:
		nj_flow_skip(f, d, v.len * 3);
		break;
	case 13:
		nj_flow_set_wants(f, false);
		break;
	case 17:
		nj_flow_set_timeout(f, 2 * NJ_NS_PER_S);
		break;
	case 19:
		nj_flow_set_brief(f);
		break;
	case 23:
		nj_flow_mark_incomplete(f);
		break;
	case 29:
		if (nj_flow_proto(f) != NJ_IP_TCP)
			nj_flow_flip(f);
		break;
	default:
		break;
	}
}

static void
on_gap(void *ctx, struct nj_flow *f, enum nj_dir d, uint64_t len)
{
	(void)ctx;
	(void)d;
	NJ_ASSERT(len && nj_flow_work(f));
}

static void
on_eof(void *ctx, struct nj_flow *f, enum nj_dir d)
{
	(void)ctx;
	(void)d;
	NJ_ASSERT(nj_flow_work(f));
}

static void
on_end(void *ctx, struct nj_flow *f, enum nj_flow_end why)
{
	(void)why;
	NJ_ASSERT(nj_flow_work(f));
	((struct tally *)ctx)->ends++;
}

static void
on_emit(void *ctx, const struct nj_event_desc *desc, const struct nj_head *head,
	const void *event)
{
	const struct conn_event *ev = event;
	struct tally *t = ctx;

	NJ_ASSERT(head->orig.family);
	if (desc == &weird_desc)
		return;
	NJ_ASSERT(desc == &conn_desc);
	t->records++;
	t->packets += ev->orig_pkts + ev->resp_pkts;
}

static void
make_packet(struct nj_cur *c, struct nj_meta *m, int64_t *now_ns,
	uint8_t payload[PAYLOAD_MAX])
{
	static uint8_t addr[ENDPOINTS][16];
	uint8_t who = nj_cur_u8(c), kind = nj_cur_u8(c);
	uint8_t wait = nj_cur_u8(c);
	uint16_t cut;

	*now_ns += (int64_t)wait * wait * wait * NJ_NS_PER_MS;
	addr[who % ENDPOINTS][3] = who % ENDPOINTS;
	*m = (struct nj_meta){ .kind = NJ_KIND_FLOW,
		.ip_version = kind & 1 ? 6 : 4,
		.proto = kind & 2 ? (kind & 4 ? NJ_IP_UDP : NJ_IP_ICMP)
				  : NJ_IP_TCP,
		.src = addr[who % ENDPOINTS],
		.dst = addr[(who >> 4) % ENDPOINTS],
		.sport = kind & 8 ? 80 : 8,
		.dport = kind & 8 ? 8 : 80,
		.vlan = kind >> 4 & 3,
		.now_ns = *now_ns,
		.ts_ns = *now_ns - (kind & 0x40 ? 9 * NJ_NS_PER_S : 0) };
	m->tcp_flags = nj_cur_u8(c) & 0x3f;
	m->seq = nj_cur_u16(c) - 100U;
	m->ack = nj_cur_u16(c) - 100U;
	m->window = kind & 0x80 ? 0 : 1;
	m->payload_wire = nj_cur_u16(c) % PAYLOAD_MAX;
	cut = nj_cur_u16(c);
	m->payload.data = payload;
	m->payload.len = cut & 0x8000 ? nj_min(cut & 0x7fff, m->payload_wire)
				      : m->payload_wire;
	for (uint32_t i = 0; i < m->payload.len; i++)
		payload[i] = (uint8_t)(m->seq + i +
				       (m->tcp_flags & NJ_TCP_SYN ? 1 : 0));
	m->ip_bytes = 40 + m->payload_wire;
	if (cut == 0x1234) {
		m->kind = NJ_KIND_CHECKSUM;
		m->odd = NJ_PODD_TCP_CSUM;
	}
}

static void
check_empty(const struct nj_flow_table *t, const struct tally *n)
{
	NJ_ASSERT(!t->live && n->starts == n->ends && n->ends == n->records);
	NJ_ASSERT(!t->segments.used && !t->blocks.used && !t->extra.used);
	NJ_ASSERT(!t->key6.used && !t->more.used);
	NJ_ASSERT(!t->tenants.used && !t->paths.used);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tally n = { 0 };
	struct nj_flow_hooks hooks = { &n, on_start, on_data, on_gap, on_eof,
		on_end, NULL, on_emit };
	struct nj_cur c = nj_cur((struct nj_view){ data, size });
	struct nj_flow_table *t;
	struct nj_flow_conf conf;
	int64_t now_ns = NJ_NS_PER_S;
	static uint8_t payloads[BURST_MAX][PAYLOAD_MAX];
	unsigned burst = 1 + nj_cur_u8(&c) % BURST_MAX, count = 0;
	struct nj_meta m[BURST_MAX];
	uint64_t sent = 0;

	nj_flow_conf_default(&conf);
	conf.flows_max = 12;
	conf.reasm_segments_max = 12;
	conf.reasm_flow_bytes_max = 16384;
	NJ_ASSERT(!nj_flow_create(&t, &conf, &hooks));
	while (nj_cur_left(&c) >= 12) {
		make_packet(&c, &m[count], &now_ns, payloads[count]);
		sent += m[count++].kind == NJ_KIND_FLOW;
		if (count < burst && nj_cur_left(&c) >= 12)
			continue;
		while (!nj_flow_expire(t, m[0].now_ns))
			continue;
		nj_flow_burst(t, m, count);
		count = 0;
	}
	nj_flow_finish(t, now_ns);
	NJ_ASSERT(n.packets + t->counters.refused >= sent && n.packets <= sent);
	check_empty(t, &n);
	nj_flow_destroy(&t);
	return 0;
}
