/*
 * flow.c - the flow table alone: nanoseconds of CPU for a packet of uniformly
 * random flows (the worst case for caches), and for flows begun and opened.
 * Bursts are fenced from each other, so that only the table's own prefetching
 * hides memory. Making a packet costs time too; it is measured by itself and
 * taken off.
 */
#include <stdlib.h>

#include "bench/micro/bench.h"
#include "engine/base/hash.h"
#include "engine/flow/flow.h"

enum { BURST = 32, PACKETS = 10 * 1000 * 1000 };

struct bench {
	struct nj_flow_table *table;
	uint32_t flows;
	uint8_t version, proto;
	uint64_t random;
	struct nj_meta metas[BURST];
	uint32_t addr4[BURST][2];
	uint64_t addr6[BURST][4];
};

/* The i-th packet of the burst is one of the flow's, to or from the server. */
static void
make(struct bench *b, unsigned i, uint32_t flow, unsigned back)
{
	struct nj_meta *m = &b->metas[i];
	uint16_t client = (uint16_t)(1024 + (flow >> 16)), server = 443;

	if (b->version == 4) {
		b->addr4[i][0] = __builtin_bswap32(0x0a000000 + flow);
		b->addr4[i][1] = __builtin_bswap32(
			UINT32_C(0xc0a80000) + (flow & 0xffff));
		m->src = (const uint8_t *)&b->addr4[i][back];
		m->dst = (const uint8_t *)&b->addr4[i][!back];
	} else {
		b->addr6[i][0] = b->addr6[i][2] = 0x20;
		b->addr6[i][1] = flow;
		b->addr6[i][3] = (uint64_t)flow << 32 | 7;
		m->src = (const uint8_t *)&b->addr6[i][back ? 2 : 0];
		m->dst = (const uint8_t *)&b->addr6[i][back ? 0 : 2];
	}
	m->ip_version = b->version;
	m->proto = b->proto;
	m->sport = back ? server : client;
	m->dport = back ? client : server;
	m->tcp_flags = NJ_TCP_ACK;
	m->seq = back ? 5001 : 1001;
	m->ack = back ? 1001 : 5001;
	m->window = 1000;
	m->ip_bytes = 40;
	m->ts_ns = m->now_ns = NJ_NS_PER_S;
}

static void
make_random(struct bench *b)
{
	uint64_t r;

	for (unsigned i = 0; i < BURST; i++) {
		r = nj_mix64(++b->random);
		make(b, i, (uint32_t)((r >> 32) * b->flows >> 32), r & 1);
	}
	__asm__ volatile("" : : "r"(b) : "memory");
}

static void
open_flows(struct bench *b)
{
	for (uint32_t f = 0; f < b->flows; f++) {
		for (unsigned i = 0; i < 4; i++)
			make(b, i, f, i & 1);
		b->metas[0].tcp_flags = NJ_TCP_SYN;
		b->metas[0].seq--;
		b->metas[1].tcp_flags |= NJ_TCP_SYN;
		b->metas[1].seq--;
		nj_flow_burst(b->table, b->metas, 4);
	}
}

static double
packet_ns(struct bench *b, double scale)
{
	unsigned packets = (unsigned)(PACKETS * scale);
	double begun, made, done;

	begun = bench_cpu_s();
	for (unsigned n = 0; n < packets; n += BURST)
		make_random(b);
	made = bench_cpu_s();
	for (unsigned n = 0; n < packets; n += BURST) {
		make_random(b);
		nj_flow_burst(b->table, b->metas, BURST);
		__asm__ volatile("lfence" : : : "memory");
	}
	done = bench_cpu_s();
	return (done - made - (made - begun)) * 1e9 / packets;
}

enum nj_err
bench_flow_random(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	struct bench *b = calloc(1, sizeof(*b));
	const struct nj_flow_hooks hooks = { 0 };
	struct nj_flow_conf conf;
	enum nj_err err = NJ_E_NOMEM;
	double begun;

	if (!b)
		return err;
	b->flows = c->arg;
	b->version = strstr(c->name, "ipv6") ? 6 : 4;
	b->proto = strstr(c->name, "udp") ? NJ_IP_UDP : NJ_IP_TCP;
	nj_flow_conf_default(&conf);
	conf.flows_max = b->flows;
	err = nj_flow_create(&b->table, &conf, &hooks);
	if (err)
		goto out;
	begun = bench_cpu_s();
	open_flows(b);
	bench_add(out, "begin_and_open", "ns/flow",
		(bench_cpu_s() - begun) * 1e9 / b->flows);
	bench_add(out, "lookup_update", "ns/packet", packet_ns(b, o->scale));
	nj_flow_destroy(&b->table);
out:
	free(b);
	return err;
}
