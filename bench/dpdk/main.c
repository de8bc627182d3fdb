/*
 * main.c - nightjar-bench: a mix of the memory feed, written to a file once,
 * comes round and round through DPDK's net_pcap, and a whole worker takes it on
 * the same thread. A line for each repeat; `nightjar bench capture` reads them.
 *
 *	nightjar-bench MIX PACKETS REPEATS
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/micro/bench.h"
#include "engine/capture/dpdk/dpdk.h"
#include "engine/capture/memory.h"

enum { FILE_PACKETS = 65536, BURST = 64, MEMORY_MB = 256 };

static void
put32(uint8_t *p, uint64_t x)
{
	uint32_t little = (uint32_t)x;

	memcpy(p, &little, sizeof(little));
}

static uint32_t
add(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

static void
put_sum(uint8_t *p, uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	p[0] = (uint8_t)(sum >> 8);
	p[1] = (uint8_t)sum;
}

/* The feed leaves checksums to the port, and a file has none that checks. Its
 * frames are Ethernet, IP without options, TCP or UDP. */
static void
set_checksums(uint8_t *ip)
{
	bool v6 = ip[0] >> 4 == 6;
	uint8_t proto = v6 ? ip[6] : ip[9], *l4 = ip + (v6 ? 40 : 20);
	size_t n = v6 ? (size_t)ip[4] << 8 | ip[5]
		      : ((size_t)ip[2] << 8 | ip[3]) - 20;
	uint8_t *at = l4 + (proto == 6 ? 16 : 6);
	uint32_t sum = proto + (uint32_t)n;

	if (proto == 6 || proto == 17) {
		at[0] = at[1] = 0;
		sum = v6 ? add(sum, ip + 8, 32) : add(sum, ip + 12, 8);
		put_sum(at, add(sum, l4, n));
	}
	if (v6)
		return;
	ip[10] = ip[11] = 0;
	put_sum(ip + 10, add(0, ip, 20));
}

static bool
write_packet(FILE *f, const struct nj_packet *p)
{
	static uint8_t frame[65536];
	uint8_t head[16];

	NJ_ASSERT(p->len <= sizeof(frame));
	memcpy(frame, p->data, p->len);
	set_checksums(frame + 14);
	put32(head, (uint64_t)p->ts_ns / NJ_NS_PER_S);
	put32(head + 4, (uint64_t)p->ts_ns % NJ_NS_PER_S / 1000);
	put32(head + 8, p->len);
	put32(head + 12, p->wire_len);
	return fwrite(head, sizeof(head), 1, f) == 1 &&
	       fwrite(frame, p->len, 1, f) == 1;
}

/* Whole conversations, so that each round has new ones. */
static bool
write_mix(FILE *f, const struct nj_memory_mix *mix)
{
	static const uint8_t head[24] = { 0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0 };
	struct nj_memory_conf conf = { .mix = mix,
		.flows = (uint32_t)(FILE_PACKETS / mix->packets_per_flow),
		.packets = FILE_PACKETS,
		.seed = 1 };
	struct nj_packet pkts[BURST];
	struct nj_source *s;
	bool ok = fwrite(head, sizeof(head), 1, f) == 1;
	int n;

	if (nj_memory_open(&s, &conf))
		return false;
	while (ok && (n = nj_source_burst(s, pkts, BURST)) >= 0) {
		for (int i = 0; ok && i < n; i++)
			ok = write_packet(f, &pkts[i]);
		nj_source_release(s, pkts, (unsigned)n);
	}
	nj_source_close(&s);
	return ok;
}

/* The name of the file with the mix, to be deleted; false on failure. */
static bool
make_file(char out[64], const struct nj_memory_mix *mix)
{
	FILE *f;
	bool ok;
	int fd;

	(void)snprintf(out, 64, "/tmp/nightjar-bench-XXXXXX");
	fd = mkstemp(out);
	f = fd < 0 ? NULL : fdopen(fd, "wb");
	if (!f)
		return false;
	ok = write_mix(f, mix);
	return fclose(f) == 0 && ok;
}

static int
complain(const char *what, const char *why)
{
	(void)fprintf(stderr, "nightjar-bench: %s: %s\n", what, why);
	return EXIT_FAILURE;
}

static int
measure(struct nj_source *source, char **args)
{
	struct bench_work w = { .mix = args[1],
		.stage = BENCH_PIPELINE,
		.packets = strtoull(args[2], NULL, 10),
		.source = source };

	for (unsigned long n = strtoul(args[3], NULL, 10); n; n--) {
		struct bench_done d;
		enum nj_err err = bench_worker(&w, &d);

		if (err)
			return complain(args[1], nj_err_text(err));
		(void)printf(BENCH_DONE_TEXT "\n", d.packets, d.bytes,
			d.flows_begun, d.flows_live, d.rows, d.unaccounted,
			d.cpu_s);
		(void)fflush(stdout);
	}
	bench_worker_close();
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct nj_dpdk_conf dpdk = { .memory_mb = MEMORY_MB };
	char device[128], why[NJ_SOURCE_TEXT], path[64];
	struct nj_dpdk_port_conf conf = { .device = device, .workers = 1 };
	struct nj_dpdk_port *port = NULL;
	int status;

	if (argc != 4 || !nj_memory_mix_find(argv[1]))
		return complain("usage", "nightjar-bench MIX PACKETS REPEATS");
	if (nj_dpdk_start(&dpdk, why))
		return complain("DPDK", why);
	if (!make_file(path, nj_memory_mix_find(argv[1])))
		return complain(path, "cannot be written");
	(void)snprintf(device, sizeof(device),
		"net_pcap0,rx_pcap=%s,infinite_rx=1", path);
	status = nj_dpdk_port_open(&port, &conf, why)
			 ? complain("net_pcap", why)
			 : measure(nj_dpdk_port_source(port, 0), argv);
	(void)unlink(path);
	nj_dpdk_port_close(&port);
	nj_dpdk_stop();
	return status;
}
