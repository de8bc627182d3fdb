/*
 * suites.c - the benches, and what the design asks of them. Feeds: memory
 * (packets that lie ready, addresses rewritten so that flows keep coming and
 * going), and DPDK's net_pcap. Rates are of one core.
 */
#include <pthread.h>

#include "bench/micro/bench.h"
#include "bench/micro/events_gen.h"
#include "engine/event/bench.h"
#include "engine/pipeline/pipeline.h"

enum {
	PACKETS = 8 * 1000 * 1000,
	EVENT_ROWS = 1000 * 1000,
	/* The flow table at its worst: this many flows at random. */
	RANDOM_FLOWS = 2000 * 1000,
	/* Where each sample has to warm up anew. */
	STAGE_FLOWS = 256 * 1024
};

static uint64_t
scaled(const struct bench_options *o, uint64_t n)
{
	return (uint64_t)((double)n * o->scale) + 1;
}

void
bench_add_rates(struct bench_sample *out, const struct bench_done *d)
{
	double s = d->cpu_s, n = (double)d->packets;

	bench_add(out, "rate", "Mpps", n / s / 1e6);
	bench_add(out, "cost", "ns/packet", s * 1e9 / n);
	bench_add(out, "throughput", "Gbit/s", (double)d->bytes * 8 / s / 1e9);
	bench_add(out, "new_flows", "M/s", (double)d->flows_begun / s / 1e6);
	bench_add(out, "flows", "in progress", (double)d->flows_live);
	bench_add(out, "records", "M/s", (double)d->rows / s / 1e6);
	bench_add(out, "unaccounted", "packets", (double)d->unaccounted);
}

/* One stage's cost, and the packets' rate through it and all before it. */
static enum nj_err
run_stage(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	struct bench_work w = {
		.mix = c->mix, .stage = c->arg, .packets = scaled(o, PACKETS)
	};
	struct bench_done d;
	enum nj_err err = bench_worker(&w, &d);

	if (!err)
		bench_add_rates(out, &d);
	return err;
}

/* All stages of a worker, one after the other in one run. */
static enum nj_err
run_stages(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	static const char *const names[] = { "feed", "decode", "dedup", "flow",
		"dissect_and_records" };
	double before = 0;

	for (unsigned s = BENCH_FEED; s <= BENCH_PIPELINE; s++) {
		struct bench_work w = { .mix = c->mix,
			.stage = s,
			.flows = STAGE_FLOWS,
			.packets = scaled(o, PACKETS) };
		struct bench_done d;
		enum nj_err err = bench_worker(&w, &d);
		double cost;

		if (err)
			return err;
		cost = d.cpu_s * 1e9 / (double)d.packets;
		bench_add(out, names[s], "ns/packet", cost - before);
		before = cost;
	}
	bench_add(out, "all", "ns/packet", before);
	return NJ_OK;
}

/* ---- One worker against two ---- */

struct lane {
	struct bench_work work;
	struct bench_done done;
	enum nj_err err;
};

static void *
lane_main(void *ctx)
{
	struct lane *l = ctx;

	l->err = bench_worker(&l->work, &l->done);
	bench_worker_close();
	return NULL;
}

static enum nj_err
lanes_run(const struct bench_case *c, const struct bench_options *o, unsigned n,
	double *mpps)
{
	struct lane lanes[2];
	pthread_t threads[2];

	*mpps = 0;
	for (unsigned i = 0; i < n; i++) {
		lanes[i] = (struct lane){ .work = { .mix = c->mix,
						  .stage = BENCH_PIPELINE,
						  .packets = scaled(o, PACKETS),
						  .stream = i } };
		if (pthread_create(&threads[i], NULL, lane_main, &lanes[i]))
			return NJ_E_SYSTEM;
	}
	for (unsigned i = 0; i < n; i++) {
		(void)pthread_join(threads[i], NULL);
		if (lanes[i].err)
			return lanes[i].err;
		*mpps += (double)lanes[i].done.packets / lanes[i].done.cpu_s /
			 1e6;
	}
	return NJ_OK;
}

static enum nj_err
run_scaling(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	double one, two;
	enum nj_err err = lanes_run(c, o, 1, &one);

	if (!err)
		err = lanes_run(c, o, 2, &two);
	if (err)
		return err;
	bench_add(out, "one", "Mpps", one);
	bench_add(out, "two", "Mpps", two);
	bench_add(out, "scaling", "x", two / one);
	return NJ_OK;
}

static enum nj_err
run_events(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	struct nj_event_bench b;
	enum nj_err err = nj_event_bench(&b, scaled(o, EVENT_ROWS));

	(void)c;
	if (err)
		return err;
	bench_add(out, "into_ring", "M/s", 1e3 / b.put_ns);
	bench_add(out, "out_of_ring", "M/s", 1e3 / b.next_ns);
	bench_add(out, "order", "ns/record", b.order_ns);
	bench_add(out, "walk", "ns/record", b.walk_ns);
	bench_add(out, "json", "ns/record", b.json_ns);
	bench_add(out, "row", "bytes", b.row_bytes);
	bench_add(out, "json_size", "bytes", b.json_bytes);
	return NJ_OK;
}

#define STAGE(n, m, s, t)                                                      \
	{                                                                      \
		.name = n, .text = t, .run = run_stage, .mix = m, .arg = s     \
	}

/* DPDK's net_pcap copies each packet; it and the worker share the thread. */
#define NET_PCAP(m, least, better, t)                                          \
	{                                                                      \
		.name = "net-pcap-" m,                                         \
		.text = "DPDK net_pcap and a whole worker on one core: " t,    \
		.run = bench_net_pcap, .mix = m, .goals = {                    \
			{ "rate", false, least, better },                      \
			{ "unaccounted", true, 0, 0 }                          \
		}                                                              \
	}

static const struct bench_case capture_cases[] = {
	STAGE("feed-small", "small", BENCH_FEED,
		"The memory feed alone, small packets"),
	STAGE("feed-enterprise", "enterprise", BENCH_FEED,
		"The memory feed alone, about 700 bytes a packet"),
	STAGE("decode-small", "small", BENCH_DECODE,
		"Feed and header decoding, small packets"),
	STAGE("decode-enterprise", "enterprise", BENCH_DECODE,
		"Feed and header decoding, about 700 bytes a packet"),
	STAGE("dedup-enterprise", "enterprise", BENCH_DEDUP,
		"Feed, decoding and the search for copies"),
	NET_PCAP("small", 9, 11, "64 to 128 bytes"),
	NET_PCAP("enterprise", 4, 4.6, "about 700 bytes"),
	NET_PCAP("bulk", 2.7, 2.9, "full frames"),
	{ 0 },
};

static const struct bench_case flow_cases[] = {
	{ .name = "random-ipv4-tcp",
		.text = "Lookup and update among 2 million flows at random",
		.run = bench_flow_random,
		.arg = RANDOM_FLOWS,
		.goals = { { "lookup_update", true, 40, 31 } } },
	{ .name = "random-ipv4-udp",
		.text = "The same for UDP",
		.run = bench_flow_random,
		.arg = RANDOM_FLOWS,
		.goals = { { "lookup_update", true, 40, 31 } } },
	{ .name = "random-ipv6-tcp",
		.text = "The same for IPv6, whose addresses take a line more",
		.run = bench_flow_random,
		.arg = RANDOM_FLOWS },
	STAGE("churn", "conn", BENCH_FLOW,
		"Five packets a flow, without dissection"),
	{ .name = "memory",
		.text = "Memory of settled flows and of handshakes",
		.run = bench_flow_memory,
		.goals = { { "settled", true, 144, 0 },
			{ "handshake", true, 1536, 0 },
			{ "million", true, 320, 0 } } },
	{ 0 },
};

static const struct bench_case dissect_cases[] = {
	{ .name = "small",
		.text = "A whole worker: 64 to 128 bytes, about 50 packets a "
			"flow",
		.run = run_stage,
		.mix = "small",
		.arg = BENCH_PIPELINE,
		.goals = { { "rate", false, 10, 14.88 },
			{ "unaccounted", true, 0, 0 } } },
	{ .name = "enterprise",
		.text = "A whole worker: about 700 bytes, 50 packets a flow",
		.run = run_stage,
		.mix = "enterprise",
		.arg = BENCH_PIPELINE,
		.goals = { { "rate", false, 10, 14 },
			{ "throughput", false, 55, 0 },
			{ "unaccounted", true, 0, 0 } } },
	{ .name = "bulk",
		.text = "A whole worker: full frames, cut off after the start",
		.run = run_stage,
		.mix = "bulk",
		.arg = BENCH_PIPELINE,
		.goals = { { "rate", false, 10, 15 },
			{ "throughput", false, 120, 0 },
			{ "unaccounted", true, 0, 0 } } },
	{ .name = "conn",
		.text = "A whole worker: every flow dissected, 5 packets a "
			"flow",
		.run = run_stage,
		.mix = "conn",
		.arg = BENCH_PIPELINE,
		.goals = { { "rate", false, 4, 6 },
			{ "new_flows", false, 0.8, 1.2 },
			{ "unaccounted", true, 0, 0 } } },
	{ .name = "stages-small",
		.text = "What each stage adds, small packets",
		.run = run_stages,
		.mix = "small" },
	{ .name = "stages-enterprise",
		.text = "What each stage adds, about 700 bytes a packet",
		.run = run_stages,
		.mix = "enterprise" },
	{ .name = "stages-conn",
		.text = "What each stage adds, 5 packets a flow",
		.run = run_stages,
		.mix = "conn" },
	{ .name = "scaling",
		.text = "Two workers against one, enterprise",
		.run = run_scaling,
		.mix = "enterprise",
		.goals = { { "scaling", false, 1.85, 2 } } },
	{ 0 },
};

static const struct bench_case event_cases[] = {
	{ .name = "rows",
		.text = "conn records into the ring, out of it, and as JSON",
		.run = run_events,
		.goals = { { "into_ring", false, 2, 0 } } },
	{ 0 },
};

#define INGEST(log, event, ...)                                                \
	{                                                                      \
		.name = "ingest-" log,                                         \
		.text = log " rows put and committed, log on disk, sealing "   \
			    "beside it",                                       \
		.run = bench_ingest, .arg = event, .goals = {                  \
			__VA_ARGS__                                            \
		}                                                              \
	}

static const struct bench_case store_cases[] = {
	INGEST("conn", BENCH_CONN, { "stored", false, 1, 2 },
		{ "sealed", true, 55, 42 }, { "missing", true, 0, 0 }),
	INGEST("dns", BENCH_DNS, { "missing", true, 0, 0 }),
	INGEST("http", BENCH_HTTP, { "missing", true, 0, 0 }),
	{ .name = "seal-conn",
		.text = "conn rows into segments, and what each column takes",
		.run = bench_seal,
		.arg = BENCH_CONN,
		.goals = { { "seal", true, 900, 600 },
			{ "stored", true, 55, 42 },
			/* 100 M rows in 1.5 s; 60 us a segment. */
			{ "integers", true, 15, 0.92 } } },
	{ .name = "seal-dns",
		.text = "The same of dns rows",
		.run = bench_seal,
		.arg = BENCH_DNS },
	{ .name = "seal-http",
		.text = "The same of http rows",
		.run = bench_seal,
		.arg = BENCH_HTTP },
	{ 0 },
};

static const struct bench_case packet_cases[] = {
	{ .name = "record",
		.text = "Packets of about 700 bytes to disk, beside dd "
			"oflag=direct bs=1M",
		.run = bench_packets_record,
		.goals = { { "against_dd", false, 1.4, 0 },
			{ "cost", true, 180, 0 } } },
	{ .name = "find",
		.text = "One flow of 50 packets out of the buffer (give it a "
			"size with --size)",
		.run = bench_packets_find,
		.goals = { { "slowest", true, 1000, 0 } } },
	{ 0 },
};

static const struct bench_case search_cases[] = {
	{ .name = "page",
		.text = "Newest 50 records of an address in ten minutes",
		.run = bench_search,
		.arg = BENCH_SEARCH_PAGE,
		.goals = { { "time", true, 50, 0 } } },
	{ .name = "page-cold",
		.text = "The same with nothing of the store in memory",
		.run = bench_search,
		.arg = BENCH_SEARCH_PAGE_COLD,
		.goals = { { "time", true, 250, 0 } } },
	{ .name = "uid",
		.text = "Every record of one flow, in all of the store",
		.run = bench_search,
		.arg = BENCH_SEARCH_UID,
		.goals = { { "time", true, 300, 0 } } },
	{ .name = "address",
		.text = "How many records an address has, in all of it",
		.run = bench_search,
		.arg = BENCH_SEARCH_IP,
		.goals = { { "time", true, 300, 0 } } },
	{ .name = "scan",
		.text = "A test of a number without an index, over all of it",
		.run = bench_search,
		.arg = BENCH_SEARCH_SCAN,
		.goals = { { "time", true, 3000, 0 } } },
	{ .name = "text",
		.text = "A part of a name, over all of it",
		.run = bench_search,
		.arg = BENCH_SEARCH_TEXT,
		.goals = { { "time", true, 3000, 0 } } },
	{ .name = "terms",
		.text = "Who was connected to most, over all of it",
		.run = bench_search,
		.arg = BENCH_SEARCH_TERMS },
	{ .name = "graph",
		.text = "dns records over time, a hundred slices of all of it",
		.run = bench_search,
		.arg = BENCH_SEARCH_GRAPH },
	{ 0 },
};

const struct bench_suite bench_suites[] = {
	{ "capture", "Feeds and header decoding, DPDK", capture_cases },
	{ "flow", "The flow table", flow_cases },
	{ "dissect", "Whole workers on the memory feed", dissect_cases },
	{ "events", "Records", event_cases },
	{ "store", "Segments of the event store", store_cases },
	{ "pcap", "The packet buffer", packet_cases },
	{ "search", "Questions over 100 million records", search_cases },
	{ 0 },
};
