/*
 * dissect.c - a dissector behind the real flow table, fed with a conversation;
 * then again with every message cut in pieces. However the bytes were cut,
 * the records must be the same, the ledger exact and all memory given back.
 *
 * Input: two bytes, then messages of {u8 direction, u16 length, bytes}. The
 * first byte's low two bits are the transport (TCP, UDP, ICMP, ICMPv6), the
 * second's low five how the second run cuts. What is left of the two is who
 * gets the flow: 0 is detection, n the n-th dissector of the table, round and
 * round, so that a new one is found without being named here. The environment
 * variable NJ_DISSECTOR names one instead, or says "each": all in turn, which
 * is for replays of few inputs. Bit 1 of a direction: these bytes of a stream
 * are lost, and the other side acknowledges them. Behind a loss a dissector may
 * find its place again where a segment begins, so from there on that side is
 * cut as in the first run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/dissect/dissect.h"
#include "engine/flow/conn.h"
#include "engine/pipeline/pipeline.h"
#include "tests/fuzz/fuzz.h"

enum {
	MESSAGES_MAX = 256,
	SMALL_PIECES = 24,
	MEMORY_BYTES = 16 << 20,
	ORIG_PKTS = 11, /* field ids of conn, which are for ever */
	RESP_PKTS = 13
};

enum transport { TCP, UDP, ICMP, ICMP6 };

static struct nj_dissect_set *set;
static const char *forced;
static unsigned dissectors;

/* A run on one input, from a clean state. */
struct run {
	struct nj_dissect *dissect;
	struct nj_flow_table *flows;
	struct nj_order *order;
	struct nj_sink sink;
	struct nj_buf text;
	uint64_t packets, told; /* sent, and in conn records */
	uint32_t seq[2];
	bool lost[2];
	int64_t now_ns;
	enum transport transport;
};

/* What an input says besides its messages. */
struct plan {
	enum transport transport;
	unsigned cut;
	const char *dissector; /* NULL: by detection */
	struct nj_view messages;
};

static const uint8_t hosts[2][16] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
static const uint16_t ports[2] = { 40000, 7 };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char plain[] = "-entropic=0";
	static char *more[64];
	char cache[64];

	/* libFuzzer's choice by rarity keeps books of every feature of every
	 * input; with as many features as here that took nine tenths of the
	 * time. */
	if (*argc > 1 && (size_t)*argc < nj_countof(more) - 1) {
		memcpy(more, *argv, (size_t)*argc * sizeof(more[0]));
		more[(*argc)++] = plain;
		*argv = more;
	}
	/* To compile the signatures takes seconds. */
	(void)snprintf(cache, sizeof(cache), "/tmp/nightjar-fuzz-%u",
		(unsigned)geteuid());
	forced = getenv("NJ_DISSECTOR");
	/* Each input touches little of the tables. */
	nj_pages_set_small(true);
	NJ_ASSERT(!nj_pipeline_register());
	NJ_ASSERT(!nj_dissect_set_create(&set, nj_dissectors, cache));
	while (nj_dissectors[dissectors])
		dissectors++;
	return 0;
}

static void
on_row(void *ctx, struct nj_view bytes)
{
	struct run *r = ctx;
	struct nj_row row;
	struct nj_row_iter it;
	struct nj_row_field f;

	NJ_ASSERT(nj_row_parse(&row, bytes));
	if (row.type != nj_event_type(&conn_desc)) {
		nj_row_json(&r->text, &row);
		nj_buf_char(&r->text, '\n');
		return;
	}
	/* conn tells of packets, which the two runs cut differently. */
	nj_row_iter_init(&it, &row);
	while (nj_row_next(&it, &f))
		if (f.id == ORIG_PKTS || f.id == RESP_PKTS)
			r->told += f.u;
}

static void
run_open(struct run *r, const struct plan *p)
{
	struct nj_pipeline_conf conf;
	struct nj_dissect_conf dissect = {
		.set = set, .memory_bytes = MEMORY_BYTES, .eve = true
	};
	struct nj_expectation e = { .resp_port = ports[NJ_RESP],
		.transport = p->transport == UDP ? NJ_UDP : NJ_TCP,
		.dissector = p->dissector };
	struct nj_flow_hooks hooks;

	*r = (struct run){ .transport = p->transport,
		.now_ns = 1000 * NJ_NS_PER_S };
	nj_pipeline_conf_default(&conf);
	conf.flow.flows_max = 1024;
	NJ_ASSERT(!nj_order_create(&r->order));
	r->sink = nj_order_sink(r->order);
	dissect.sink = &r->sink;
	NJ_ASSERT(!nj_dissect_create(&r->dissect, &dissect));
	hooks = nj_dissect_hooks(r->dissect);
	NJ_ASSERT(!nj_flow_create(&r->flows, &conf.flow, &hooks));
	if (p->dissector)
		NJ_ASSERT(nj_dissect_expect(r->dissect, &e, r->now_ns));
}

static void
run_packet(struct run *r, enum nj_dir dir, uint8_t flags, struct nj_view v)
{
	static const uint8_t protos[] = { NJ_IP_TCP, NJ_IP_UDP, NJ_IP_ICMP,
		NJ_IP_ICMP6 };
	bool icmp = r->transport >= ICMP;
	size_t head = icmp ? 8 : 0;
	struct nj_meta m = { .kind = NJ_KIND_FLOW,
		.ip_version = r->transport == ICMP6 ? 6 : 4,
		.proto = protos[r->transport],
		.tcp_flags = flags,
		.sport = ports[dir],
		.dport = ports[nj_other(dir)],
		.src = hosts[dir],
		.dst = hosts[nj_other(dir)],
		.seq = r->seq[dir],
		.ack = r->seq[nj_other(dir)],
		.window = 65535,
		.l4 = v.data,
		.l4_header_bytes = (uint16_t)head,
		.payload = nj_sub(v, head, v.len),
		.payload_wire = (uint32_t)(v.len - nj_min(v.len, head)),
		.ip_bytes = (uint32_t)v.len + 40,
		.ts_ns = r->now_ns,
		.now_ns = r->now_ns };

	if (icmp && v.len < head)
		return; /* decoding would not have let it pass */
	if (icmp) {
		m.sport = v.data[0];
		m.dport = v.data[1];
	}
	nj_dissect_tick(r->dissect, r->now_ns);
	nj_flow_burst(r->flows, &m, 1);
	r->packets++;
	r->seq[dir] += (uint32_t)v.len;
	if (flags & (NJ_TCP_SYN | NJ_TCP_FIN))
		r->seq[dir]++;
}

static void
run_message(struct run *r, enum nj_dir dir, struct nj_view v, unsigned cut)
{
	for (unsigned i = 0; v.len; i++) {
		/* The first pieces matter most; thousands cost time. */
		size_t n = (size_t)cut * (i < SMALL_PIECES ? 1 : 37);

		n = cut ? nj_min(v.len, n) : v.len;
		run_packet(r, dir, NJ_TCP_ACK | NJ_TCP_PSH, nj_sub(v, 0, n));
		v = nj_sub(v, n, v.len);
	}
}

static void
run_loss(struct run *r, enum nj_dir dir, size_t n)
{
	r->lost[dir] = true;
	r->seq[dir] += (uint32_t)n;
	run_packet(r, nj_other(dir), NJ_TCP_ACK, (struct nj_view){ 0 });
}

static void
run_both(struct run *r, uint8_t first, uint8_t second)
{
	if (r->transport != TCP)
		return;
	run_packet(r, NJ_ORIG, first, (struct nj_view){ 0 });
	run_packet(r, NJ_RESP, second, (struct nj_view){ 0 });
}

static void
run_messages(struct run *r, struct nj_view messages, unsigned cut)
{
	struct nj_cur c = nj_cur(messages);

	run_both(r, NJ_TCP_SYN, NJ_TCP_SYN | NJ_TCP_ACK);
	for (unsigned i = 0; i < MESSAGES_MAX && nj_cur_left(&c) > 3; i++) {
		uint8_t how = nj_cur_u8(&c);
		enum nj_dir dir = how & 1 ? NJ_RESP : NJ_ORIG;
		size_t n = nj_cur_u16(&c);

		r->now_ns += NJ_NS_PER_MS;
		if (how & 2 && r->transport == TCP) {
			run_loss(r, dir, n);
			continue;
		}
		n = nj_min(n, nj_cur_left(&c));
		run_message(r, dir, nj_cur_take(&c, n),
			r->transport == TCP && !r->lost[dir] ? cut : 0);
	}
	run_both(r, NJ_TCP_FIN | NJ_TCP_ACK, NJ_TCP_FIN | NJ_TCP_ACK);
}

/* Every packet is in a conn record or counted as refused, every row was
 * taken, and all memory is back. */
static void
run_check(const struct run *r)
{
	struct nj_pool_use use[NJ_DISSECT_POOLS];
	unsigned n = nj_dissect_pools(r->dissect, use);

	for (unsigned i = 0; i < n; i++)
		NJ_ASSERT(use[i].used == 0);
	NJ_ASSERT(nj_flow_live(r->flows) == 0);
	NJ_ASSERT(r->told + nj_flow_counters(r->flows)->refused == r->packets);
	NJ_ASSERT(nj_dissect_refused(nj_dissect_counters(r->dissect)) == 0);
}

static void
run_all(struct run *r, const struct plan *p, unsigned cut)
{
	run_open(r, p);
	run_messages(r, p->messages, cut);
	nj_flow_finish(r->flows, r->now_ns);
	nj_dissect_finish(r->dissect, r->now_ns);
	nj_order_release(r->order, INT64_MAX, on_row, r);
	run_check(r);
	nj_flow_destroy(&r->flows);
	nj_dissect_destroy(&r->dissect);
	nj_order_destroy(&r->order);
}

static void
try_plan(const struct plan *p)
{
	struct run whole, pieces;

	run_all(&whole, p, 0);
	if (p->transport == TCP) {
		run_all(&pieces, p, p->cut);
		if (whole.text.len != pieces.text.len ||
			(whole.text.len &&
				memcmp(whole.text.data, pieces.text.data,
					whole.text.len))) {
			(void)fprintf(stderr,
				"%s: records depend on how the stream was "
				"cut:\n%.*s--- in pieces of %u:\n%.*s",
				p->dissector ? p->dissector : "detection",
				(int)whole.text.len, (char *)whole.text.data,
				p->cut, (int)pieces.text.len,
				(char *)pieces.text.data);
			abort();
		}
		nj_buf_free(&pieces.text);
	}
	nj_buf_free(&whole.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan p = { 0 };
	unsigned who;

	if (size < 2)
		return 0;
	p.transport = data[0] % 4;
	p.cut = data[1] % 32 + 1u;
	p.messages = (struct nj_view){ data + 2, size - 2 };
	who = data[0] / 4u + data[1] / 32u * 64u;
	if (who)
		p.dissector = nj_dissectors[(who - 1) % dissectors]->name;
	if (forced && strcmp(forced, "each") != 0)
		p.dissector = forced;
	try_plan(&p);
	for (unsigned i = 0; forced && !strcmp(forced, "each") &&
			     p.transport < ICMP && i < dissectors;
		i++) {
		p.dissector = nj_dissectors[i]->name;
		try_plan(&p);
	}
	return 0;
}
