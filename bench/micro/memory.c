/*
 * memory.c - what a flow costs in memory: resident bytes of the process
 * before and after, for flows that are settled and for flows whose handshake
 * is being dissected.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/micro/bench.h"
#include "engine/pipeline/pipeline.h"

enum {
	SETTLED = 1000 * 1000,
	HANDSHAKES = 100 * 1000,
	FIRST = 1000, /* what is taken once is taken for these */
	TABLE_FLOWS = 1103 * 1000,
	BATCH = 32
};

/* Small pages and huge ones. */
static uint64_t
resident_bytes(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long long kb, sum = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %llu", &kb) == 1 ||
			sscanf(line, "HugetlbPages: %llu", &kb) == 1)
			sum += kb * 1024;
	if (f)
		(void)fclose(f);
	return sum;
}

static uint64_t dropped;

static uint8_t *
drop_reserve(void *ctx, size_t n)
{
	(void)n;
	return ctx;
}

static void
drop_commit(void *ctx, size_t n)
{
	(void)ctx;
	dropped += n;
}

/* A frame of one of the two sides of flow number; gives its length. */
struct frame {
	uint8_t bytes[256];
	size_t len;
};

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static void
frame_make(
	struct frame *f, uint32_t number, uint8_t flags, struct nj_view payload)
{
	uint8_t *ip = f->bytes + 14, *tcp = ip + 20;
	bool orig = flags != (NJ_TCP_SYN | NJ_TCP_ACK);
	uint32_t client = 0x0a000000 + number / 16;
	uint32_t server = 0xc0000201;

	memset(f->bytes, 0, sizeof(f->bytes));
	put16(f->bytes + 12, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, (uint32_t)(40 + payload.len));
	ip[8] = 64;
	ip[9] = NJ_IP_TCP;
	put32(ip + 12, orig ? client : server);
	put32(ip + 16, orig ? server : client);
	put16(tcp, orig ? 1024 + number % 16 : 443);
	put16(tcp + 2, orig ? 443 : 1024 + number % 16);
	put32(tcp + 4, flags & NJ_TCP_SYN ? 1 : 2);
	put32(tcp + 8, flags & NJ_TCP_ACK ? 2 : 0);
	tcp[12] = 0x50;
	tcp[13] = flags;
	put16(tcp + 14, 65535);
	if (payload.len)
		memcpy(tcp + 20, payload.data, payload.len);
	f->len = 54 + payload.len;
}

struct part {
	uint8_t flags;
	struct nj_view payload;
};

/* The same packets for n flows, from the number first on. */
static void
play(struct nj_pipeline *p, uint32_t first, uint32_t n,
	const struct part *parts, unsigned count)
{
	static struct frame frames[BATCH];
	struct nj_packet pkts[BATCH];
	int64_t now = 1000 * NJ_NS_PER_S + first;

	for (unsigned k = 0; k < count; k++) {
		for (uint32_t i = 0; i < n; i += BATCH) {
			unsigned batch = nj_min((uint32_t)BATCH, n - i);

			for (unsigned b = 0; b < batch; b++) {
				frame_make(&frames[b], first + i + b,
					parts[k].flags, parts[k].payload);
				pkts[b] = (struct nj_packet){
					.data = frames[b].bytes,
					.len = (uint32_t)frames[b].len,
					.wire_len = (uint32_t)frames[b].len,
					.ts_ns = now,
					.now_ns = now,
					.link = NJ_LINK_ETHERNET,
					.flags = NJ_PF_L4_CSUM_GOOD |
						 NJ_PF_IP_CSUM_GOOD
				};
			}
			nj_pipeline_burst(p, pkts, batch);
		}
	}
}

enum nj_err
bench_flow_memory(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	/* A client's hello that promises more than is there. */
	static const uint8_t hello[] = { 22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3 };
	const struct part settled[] = {
		{ NJ_TCP_SYN, { 0 } },
		{ NJ_TCP_SYN | NJ_TCP_ACK, { 0 } },
		{ NJ_TCP_ACK, { 0 } },
	};
	const struct part handshake[] = {
		{ NJ_TCP_SYN, { 0 } },
		{ NJ_TCP_SYN | NJ_TCP_ACK, { 0 } },
		{ NJ_TCP_ACK | NJ_TCP_PSH, { hello, sizeof(hello) } },
	};
	uint8_t *scratch = malloc(NJ_ROW_BYTES_MAX);
	struct nj_sink sink = { scratch, drop_reserve, drop_commit, 0, 0, 0 };
	struct nj_dissect_set *set = NULL;
	struct nj_pipeline *p = NULL;
	struct nj_pipeline_conf conf;
	uint64_t empty, flows, all;
	enum nj_err err = scratch ? nj_pipeline_register() : NJ_E_NOMEM;

	(void)c;
	(void)o;
	nj_pipeline_conf_default(&conf);
	if (!err)
		err = nj_dissect_set_create(&set, nj_dissectors, NULL);
	conf.set = set;
	conf.sink = &sink;
	conf.flow.flows_max = TABLE_FLOWS;
	if (!err)
		err = nj_pipeline_create(&p, &conf);
	if (err)
		goto out;
	play(p, 0, FIRST, settled, nj_countof(settled));
	play(p, FIRST, FIRST, handshake, nj_countof(handshake));
	empty = resident_bytes();
	play(p, 2 * FIRST, SETTLED, settled, nj_countof(settled));
	flows = resident_bytes();
	play(p, 2 * FIRST + SETTLED, HANDSHAKES, handshake,
		nj_countof(handshake));
	all = resident_bytes();
	bench_add(out, "settled", "bytes/flow",
		(double)(flows - empty) / SETTLED);
	bench_add(out, "handshake", "bytes/flow",
		(double)(all - flows) / HANDSHAKES);
	bench_add(out, "million", "MB", (double)(all - empty) / 1e6);
	bench_add(out, "flows", "live",
		(double)nj_flow_live(nj_pipeline_flows(p)));
out:
	nj_pipeline_destroy(&p);
	nj_dissect_set_destroy(&set);
	free(scratch);
	return err;
}
