/*
 * flow.c - the flow table alone, by hand: nanoseconds of CPU for a packet of
 * uniformly random flows (the worst case for caches), and for flows begun and
 * opened. Bursts are fenced from each other, so that only the table's own
 * prefetching hides memory.
 *
 *	ninja -C build bench/micro/flow && build/bench/micro/flow [flows]
 *
 * Making a packet costs time too; it is measured by itself and taken off.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/base/hash.h"
#include "engine/flow/layout_priv.h"

enum { BURST = 32, ROUNDS = 5, PACKETS = 10 * 1000 * 1000 };

struct bench {
	struct nj_flow_table *table;
	uint32_t flows;
	uint8_t version, proto;
	uint64_t random;
	struct nj_meta metas[BURST];
	uint32_t addr4[BURST][2];
	uint64_t addr6[BURST][4];
};

static int64_t
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * NJ_NS_PER_S + t.tv_nsec;
}

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

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
measure(struct bench *b, double ns[ROUNDS])
{
	int64_t begun, made, done;

	for (unsigned round = 0; round < ROUNDS; round++) {
		begun = cpu_ns();
		for (unsigned n = 0; n < PACKETS; n += BURST)
			make_random(b);
		made = cpu_ns();
		for (unsigned n = 0; n < PACKETS; n += BURST) {
			make_random(b);
			nj_flow_burst(b->table, b->metas, BURST);
			__asm__ volatile("lfence" : : : "memory");
		}
		done = cpu_ns();
		ns[round] = (double)(done - made - (made - begun)) / PACKETS;
	}
	qsort(ns, ROUNDS, sizeof(*ns), compare);
}

static int
run(uint32_t flows, uint8_t version, uint8_t proto)
{
	static struct bench b;
	struct nj_flow_conf conf;
	const struct nj_flow_hooks hooks = { 0 };
	double ns[ROUNDS];
	int64_t begun;

	b = (struct bench){
		.flows = flows, .version = version, .proto = proto
	};
	nj_flow_conf_default(&conf);
	conf.flows_max = flows;
	if (nj_flow_create(&b.table, &conf, &hooks)) {
		fprintf(stderr, "no memory for %u flows\n", flows);
		return 1;
	}
	begun = cpu_ns();
	open_flows(&b);
	printf("%8u flows  IPv%u  %s  begun and opened %4.0f ns a flow", flows,
		version, proto == NJ_IP_TCP ? "TCP" : "UDP",
		(double)(cpu_ns() - begun) / flows);
	measure(&b, ns);
	printf("  packet %.1f ns (%.1f to %.1f)\n", ns[ROUNDS / 2], ns[0],
		ns[ROUNDS - 1]);
	nj_flow_destroy(&b.table);
	return 0;
}

int
main(int argc, char **argv)
{
	uint32_t flows = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	double bucket = sizeof(struct flow_bucket) / 4.0;

	flows = flows ? flows : 2000000;
	printf("settled IPv4 flow: %zu + %zu + %.0f = %.0f bytes; IPv6: %zu "
	       "more; with details: %zu more\n",
		sizeof(struct nj_flow_hot), sizeof(struct nj_flow_cold), bucket,
		sizeof(struct nj_flow_hot) + sizeof(struct nj_flow_cold) +
			bucket,
		sizeof(struct flow_key6), sizeof(struct flow_extra));
	return run(flows, 4, NJ_IP_TCP) || run(flows, 4, NJ_IP_UDP) ||
	       run(flows, 6, NJ_IP_TCP) || run(65536, 4, NJ_IP_TCP);
}
