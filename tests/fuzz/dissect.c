/*
 * dissect.c - one dissector behind the real flow table, fed with a
 * conversation; then again with every message cut in pieces. However the
 * bytes were cut, the records must be the same.
 *
 * Input: u8 kind (bit 0: UDP), u8 cut (how the second run cuts), then
 * messages of {u8 direction, u16 length, bytes}. Which dissector: the
 * environment variable NJ_DISSECTOR, else the folder that a replayed file
 * lies in is not known to the harness, so the first bytes decide by the
 * signatures as in real traffic.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/dissect/dissect.h"
#include "engine/flow/conn.h"
#include "engine/pipeline/pipeline.h"
#include "tests/fuzz/fuzz.h"

enum { MESSAGES_MAX = 256, MEMORY_BYTES = 16 << 20 };

static struct nj_dissect_set *set;
static const char *forced;

/* The two runs on one input, from a clean state each. */
struct run {
	struct nj_dissect *dissect;
	struct nj_flow_table *flows;
	struct nj_order *order;
	struct nj_sink sink;
	struct nj_buf text;
	uint32_t seq[2];
	int64_t now_ns;
	bool udp;
};

static const uint8_t hosts[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
static const uint16_t ports[2] = { 40000, 7 };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	forced = getenv("NJ_DISSECTOR");
	NJ_ASSERT(!nj_pipeline_register());
	NJ_ASSERT(!nj_dissect_set_create(&set, nj_dissectors, NULL));
	return 0;
}

static void
on_row(void *ctx, struct nj_view bytes)
{
	struct run *r = ctx;
	struct nj_row row;

	NJ_ASSERT(nj_row_parse(&row, bytes));
	/* conn tells of packets, which the two runs cut differently. */
	if (row.type == nj_event_type(&conn_desc))
		return;
	nj_row_json(&r->text, &row);
	nj_buf_char(&r->text, '\n');
}

static void
run_open(struct run *r, bool udp)
{
	struct nj_pipeline_conf conf;
	struct nj_dissect_conf dissect = { .set = set,
		.memory_bytes = MEMORY_BYTES };
	struct nj_expectation e = { .resp_port = ports[NJ_RESP],
		.transport = udp ? NJ_UDP : NJ_TCP,
		.dissector = forced };
	struct nj_flow_hooks hooks;

	*r = (struct run){ .udp = udp, .now_ns = 1000 * NJ_NS_PER_S };
	nj_pipeline_conf_default(&conf);
	conf.flow.flows_max = 1024;
	NJ_ASSERT(!nj_order_create(&r->order));
	r->sink = nj_order_sink(r->order);
	dissect.sink = &r->sink;
	NJ_ASSERT(!nj_dissect_create(&r->dissect, &dissect));
	hooks = nj_dissect_hooks(r->dissect);
	NJ_ASSERT(!nj_flow_create(&r->flows, &conf.flow, &hooks));
	if (forced)
		NJ_ASSERT(nj_dissect_expect(r->dissect, &e, r->now_ns));
}

static void
run_packet(struct run *r, enum nj_dir dir, uint8_t flags, struct nj_view v)
{
	struct nj_meta m = { .kind = NJ_KIND_FLOW,
		.ip_version = 4,
		.proto = r->udp ? NJ_IP_UDP : NJ_IP_TCP,
		.tcp_flags = flags,
		.sport = ports[dir],
		.dport = ports[nj_other(dir)],
		.src = hosts[dir],
		.dst = hosts[nj_other(dir)],
		.seq = r->seq[dir],
		.ack = r->seq[nj_other(dir)],
		.window = 65535,
		.payload = v,
		.payload_wire = (uint32_t)v.len,
		.ip_bytes = (uint32_t)v.len + 40,
		.ts_ns = r->now_ns,
		.now_ns = r->now_ns };

	nj_dissect_tick(r->dissect, r->now_ns);
	nj_flow_burst(r->flows, &m, 1);
	r->seq[dir] += (uint32_t)v.len;
	if (flags & (NJ_TCP_SYN | NJ_TCP_FIN))
		r->seq[dir]++;
}

static void
run_message(struct run *r, enum nj_dir dir, struct nj_view v, unsigned cut)
{
	r->now_ns += NJ_NS_PER_MS;
	while (v.len) {
		size_t n = cut ? nj_min(v.len, (size_t)cut) : v.len;

		run_packet(r, dir, NJ_TCP_ACK | NJ_TCP_PSH, nj_sub(v, 0, n));
		v = nj_sub(v, n, v.len);
	}
}

static void
run_all(struct run *r, struct nj_view input, unsigned cut)
{
	struct nj_cur c = nj_cur(input);

	if (!r->udp) {
		run_packet(r, NJ_ORIG, NJ_TCP_SYN, (struct nj_view){ 0 });
		run_packet(r, NJ_RESP, NJ_TCP_SYN | NJ_TCP_ACK,
			(struct nj_view){ 0 });
	}
	for (unsigned i = 0; i < MESSAGES_MAX && nj_cur_left(&c) > 3; i++) {
		enum nj_dir dir = nj_cur_u8(&c) & 1 ? NJ_RESP : NJ_ORIG;
		size_t n = nj_cur_u16(&c);

		n = nj_min(n, nj_cur_left(&c));
		run_message(r, dir, nj_cur_take(&c, n), r->udp ? 0 : cut);
	}
	if (!r->udp) {
		run_packet(r, NJ_ORIG, NJ_TCP_FIN | NJ_TCP_ACK,
			(struct nj_view){ 0 });
		run_packet(r, NJ_RESP, NJ_TCP_FIN | NJ_TCP_ACK,
			(struct nj_view){ 0 });
	}
	nj_flow_finish(r->flows, r->now_ns);
	nj_dissect_finish(r->dissect, r->now_ns);
	nj_order_release(r->order, INT64_MAX, on_row, r);
}

static void
run_close(struct run *r)
{
	nj_flow_destroy(&r->flows);
	nj_dissect_destroy(&r->dissect);
	nj_order_destroy(&r->order);
	nj_buf_free(&r->text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nj_view input = { data, size };
	struct run whole, pieces;
	bool udp;

	if (size < 2)
		return 0;
	udp = data[0] & 1;
	run_open(&whole, udp);
	run_all(&whole, nj_sub(input, 2, size), 0);
	run_open(&pieces, udp);
	run_all(&pieces, nj_sub(input, 2, size), data[1] % 32 + 1u);
	if (!udp && (whole.text.len != pieces.text.len ||
			    memcmp(whole.text.data ? whole.text.data
						   : (uint8_t *)"",
				    pieces.text.data ? pieces.text.data
						     : (uint8_t *)"",
				    whole.text.len))) {
		(void)fprintf(stderr,
			"records depend on how the stream was cut:\n%.*s"
			"--- in pieces of %u:\n%.*s",
			(int)whole.text.len, (char *)whole.text.data,
			data[1] % 32 + 1u, (int)pieces.text.len,
			(char *)pieces.text.data);
		abort();
	}
	run_close(&whole);
	run_close(&pieces);
	return 0;
}
