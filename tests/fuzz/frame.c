/*
 * frame.c - whole frames through a pipeline: links, frames without IP, and
 * what tunnels carry. Each packet must be in the ledger once.
 *
 * Input: frames of {u16 length, bytes}, as Ethernet.
 */
#include <stdio.h>
#include <unistd.h>

#include "engine/base/cur.h"
#include "engine/pipeline/pipeline.h"
#include "tests/fuzz/fuzz.h"

enum { FRAMES_MAX = 64, MEMORY_BYTES = 16 << 20 };

static struct nj_dissect_set *set;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char cache[64];

	(void)argc;
	(void)argv;
	/* To compile the signatures takes seconds. */
	(void)snprintf(cache, sizeof(cache), "/tmp/nightjar-fuzz-%u",
		(unsigned)geteuid());
	nj_pages_set_small(true);
	NJ_ASSERT(!nj_pipeline_register());
	NJ_ASSERT(!nj_dissect_set_create(&set, nj_dissectors, cache));
	return 0;
}

static void
on_row(void *ctx, struct nj_view bytes)
{
	struct nj_row row;

	(void)ctx;
	NJ_ASSERT(nj_row_parse(&row, bytes));
}

static uint64_t
send_all(struct nj_pipeline *p, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint64_t sent = 0;

	while (sent < FRAMES_MAX && nj_cur_left(&c) > 2) {
		size_t n = nj_cur_u16(&c);
		struct nj_packet pkt = { .link = NJ_LINK_ETHERNET };
		struct nj_view bytes;

		n = nj_min(n, nj_cur_left(&c));
		bytes = nj_cur_take(&c, n);
		if (!n)
			continue;
		pkt.data = bytes.data;
		pkt.len = pkt.wire_len = (uint32_t)n;

		sent++;
		pkt.ts_ns = pkt.now_ns = (int64_t)sent * NJ_NS_PER_S;
		nj_pipeline_burst(p, &pkt, 1);
	}
	return sent;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nj_pipeline_conf conf;
	struct nj_order *order;
	struct nj_sink sink;
	struct nj_pipeline *p;
	uint64_t sent;

	nj_pipeline_conf_default(&conf);
	NJ_ASSERT(!nj_order_create(&order));
	sink = nj_order_sink(order);
	conf.sink = &sink;
	conf.set = set;
	conf.flow.flows_max = 1024;
	conf.dissect_bytes = MEMORY_BYTES;
	conf.decode.check_checksums = false;
	NJ_ASSERT(!nj_pipeline_create(&p, &conf));
	sent = send_all(p, (struct nj_view){ data, size });
	nj_pipeline_finish(p, (int64_t)(sent + 1) * NJ_NS_PER_S);
	nj_order_release(order, INT64_MAX, on_row, NULL);
	NJ_ASSERT(nj_pipeline_ledger(p)->received == sent);
	NJ_ASSERT(nj_ledger_unaccounted(nj_pipeline_ledger(p)) == 0);
	nj_pipeline_destroy(&p);
	nj_order_destroy(&order);
	return 0;
}
