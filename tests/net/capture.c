/*
 * capture.c - receives from one DPDK port with some workers, and tells what
 * became of each packet, as one JSON object. For tests that know how many
 * packets were sent.
 *
 *	net_capture DEVICE WORKERS [late]
 *
 * It says "ready" when the port is open. A number on its standard input is
 * how many packets were sent: it goes on until as many were received or are
 * counted as lost, and prints; or it gives up after some seconds, and prints
 * what is there. With "late" it receives nothing until the number has come,
 * so that the port overflows.
 */
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/hash.h"
#include "engine/capture/dpdk/dpdk.h"
#include "engine/packet/shard.h"

enum { BURST = 32, PATIENCE_S = 20 };

struct worker {
	pthread_t thread;
	struct nj_source *source;
	uint64_t sum; /* of the hashes of all packets: order is no matter */
	uint64_t pairs[8]; /* which address pairs were seen, a filter */
	int64_t first_ns, last_ns;
	bool failed;
};

static atomic_bool started, stopping;

static void
look(struct worker *w, const struct nj_packet *p)
{
	static const struct nj_hash_key key = { 1, 2 };
	uint32_t shard = nj_packet_shard(p);

	w->sum += nj_hash64(&key, p->data, p->len);
	w->pairs[shard >> 29] |= UINT64_C(1) << (shard >> 23 & 63);
	if (!w->first_ns)
		w->first_ns = p->ts_ns;
	w->last_ns = p->ts_ns;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct nj_packet p[BURST];
	int n = 0;

	(void)nj_dpdk_thread_enter();
	while (!atomic_load(&started))
		sched_yield();
	while (n >= 0 && !atomic_load(&stopping)) {
		n = nj_source_burst(w->source, p, BURST);
		if (!n)
			sched_yield();
		for (int i = 0; i < n; i++)
			look(w, &p[i]);
		if (n > 0)
			nj_source_release(w->source, p, (unsigned)n);
	}
	w->failed = n < 0;
	nj_dpdk_thread_leave();
	return NULL;
}

static bool
print_detail(void *ctx, const char *name, uint64_t value)
{
	(void)ctx;
	if (value)
		printf(",\"%s\":%" PRIu64, name, value);
	return true;
}

/* Sums of all workers' counters, in the order of source_counters_desc. Those
 * that the workers write may be a burst old. */
static void
sum_counters(const struct worker *w, unsigned workers, uint64_t sums[32])
{
	memset(sums, 0, 32 * sizeof(*sums));
	for (unsigned i = 0; i < workers; i++) {
		const struct source_counters *c = nj_source_stats(w[i].source);

		for (unsigned k = 0; k < source_counters_desc.count; k++)
			sums[k] += ((const uint64_t *)c)[k];
	}
}

/* How many packets are known of: received, or lost. */
static uint64_t
known(const struct worker *w, unsigned workers)
{
	uint64_t sums[32], n;

	sum_counters(w, workers, sums);
	n = sums[offsetof(struct source_counters, received) / 8];
	n += sums[offsetof(struct source_counters, missed) / 8];
	n += sums[offsetof(struct source_counters, no_mbuf) / 8];
	n += sums[offsetof(struct source_counters, ring_full) / 8];
	n += sums[offsetof(struct source_counters, kernel_dropped) / 8];
	return n + sums[offsetof(struct source_counters, unreadable) / 8];
}

static void
print(struct nj_dpdk_port *port, const struct worker *w, unsigned workers)
{
	struct nj_dpdk_port_info info = nj_dpdk_port_info(port);
	uint64_t sum = 0, shared = 0, counts[32];

	sum_counters(w, workers, counts);
	for (unsigned i = 0; i < workers; i++) {
		sum += w[i].sum;
		for (unsigned k = 0; k < i * nj_countof(w->pairs); k++)
			shared += (w[i].pairs[k % 8] & w[k / 8].pairs[k % 8]) !=
				  0;
	}
	printf("{\"driver\":\"%s\",\"queues\":%u,\"failed\":%d,\"sum\":%" PRIu64
	       ",\"shared_pairs\":%" PRIu64,
		info.driver, info.queues, w[0].failed, sum, shared);
	printf(",\"first_ns\":%" PRId64 ",\"last_ns\":%" PRId64, w[0].first_ns,
		w[0].last_ns);
	for (unsigned k = 0; k < source_counters_desc.count; k++)
		printf(",\"%s\":%" PRIu64, source_counters_desc.list[k].name,
			counts[k]);
	printf(",\"details\":{\"\":0");
	nj_dpdk_port_details(port, print_detail, NULL);
	printf("},\"workers\":[");
	for (unsigned i = 0; i < workers; i++)
		printf("%s%" PRIu64, i ? "," : "", w[i].source->count.received);
	printf("]}\n");
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Looks after the port until all packets are known of. False when the port
 * went away. */
static bool
watch(struct nj_dpdk_port *port, const struct worker *w, unsigned workers)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	uint64_t expected = UINT64_MAX;
	char why[NJ_SOURCE_TEXT], line[32];
	struct nj_dpdk_link link;
	double end = seconds() + PATIENCE_S;

	while (known(w, workers) < expected && seconds() < end) {
		if (nj_dpdk_port_check(port, &link, why)) {
			printf("{\"gone\":\"%s\"}\n", why);
			atomic_store(&started, true);
			return false;
		}
		if (poll(&in, 1, 20) <= 0 || expected != UINT64_MAX)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			break;
		expected = strtoull(line, NULL, 10);
		atomic_store(&started, true);
		in.fd = -1;
	}
	return true;
}

int
main(int argc, char **argv)
{
	static struct worker w[NJ_DPDK_WORKERS_MAX];
	struct nj_dpdk_conf conf = { .memory_mb = 64 };
	struct nj_dpdk_port_conf pc = { .promiscuous = true };
	struct nj_dpdk_port *port;
	char why[NJ_SOURCE_TEXT];
	bool there;

	if (argc < 3)
		return 2;
	pc.device = argv[1];
	pc.workers = (unsigned)strtoul(argv[2], NULL, 10);
	if (nj_dpdk_start(&conf, why) || nj_dpdk_port_open(&port, &pc, why)) {
		printf("{\"error\":\"%s\"}\n", why);
		return 1;
	}
	atomic_store(&started, argc < 4);
	for (unsigned i = 0; i < pc.workers; i++) {
		w[i].source = nj_dpdk_port_source(port, i);
		if (pthread_create(&w[i].thread, NULL, work, &w[i]))
			return 1;
	}
	printf("ready\n");
	fflush(stdout);
	there = watch(port, w, pc.workers);
	atomic_store(&started, true);
	atomic_store(&stopping, true);
	for (unsigned i = 0; i < pc.workers; i++)
		pthread_join(w[i].thread, NULL);
	if (there)
		print(port, w, pc.workers);
	fflush(stdout);
	nj_dpdk_port_close(&port);
	nj_dpdk_stop();
	return there ? 0 : 1;
}
