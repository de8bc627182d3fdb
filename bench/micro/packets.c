/*
 * packets.c - the packet buffer: how fast packets come to the disk, beside
 * what dd would do there in the same run, what that costs the processor, and
 * how long one flow takes to be found.
 */
#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/micro/bench.h"
#include "engine/base/hash.h"
#include "engine/capture/memory.h"
#include "engine/pcap/recorder.h"
#include "engine/pcap/search.h"

enum {
	MB = 1024 * 1024,
	SIZE_MB = 512,
	BURST = 32,
	ACTIVE = 2000, /* flows in progress */
	TURNS = 50,    /* packets of each */
	RUN = 10,      /* of them in a row, when recording */
	LOOKS = 5      /* flows that are looked for */
};

struct rig {
	char folder[4096];
	uint64_t bytes;
	unsigned run; /* packets of a flow that come in a row */
	struct nj_source *source;
	struct nj_pcap_recorder *r;
	struct nj_pcap_lane *lane;
	uint64_t packets, packet_bytes;
};

/* ---- A folder of its own, that goes afterwards ---- */

static bool
folder_make(struct rig *r, const struct bench_options *o)
{
	int n = snprintf(r->folder, sizeof(r->folder),
		"%s/nightjar-bench.XXXXXX", o->folder ? o->folder : ".");

	return n < (int)sizeof(r->folder) && mkdtemp(r->folder);
}

static void
folder_empty(const struct rig *r)
{
	DIR *d = opendir(r->folder);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		(void)closedir(d);
}

static void
folder_remove(const struct rig *r)
{
	folder_empty(r);
	(void)rmdir(r->folder);
}

/* ---- What dd oflag=direct bs=1M does ---- */

static enum nj_err
write_as_dd(const struct rig *r, double *mb_s)
{
	char path[sizeof(r->folder) + 8];
	uint8_t *block = aligned_alloc(4096, MB);
	double began = bench_wall_s();
	enum nj_err err = NJ_OK;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/dd", r->folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_DIRECT,
		0600);
	if (fd < 0 || !block) {
		free(block);
		if (fd >= 0)
			(void)close(fd);
		return NJ_E_IO;
	}
	memset(block, 0x5a, MB);
	for (uint64_t at = 0; at < r->bytes && !err; at += MB)
		if (write(fd, block, MB) != MB)
			err = NJ_E_IO;
	*mb_s = (double)r->bytes / 1e6 / (bench_wall_s() - began);
	(void)close(fd);
	(void)unlink(path);
	free(block);
	return err;
}

/* ---- Recording ---- */

static double
process_cpu_s(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* The flow of packet n; ACTIVE of them take turns. */
static uint64_t
flow_of(const struct rig *r, uint64_t n)
{
	return n / ((uint64_t)ACTIVE * TURNS) * ACTIVE + n / r->run % ACTIVE;
}

static void
flow_uid(uint64_t flow, uint64_t uid[2])
{
	uid[0] = nj_mix64(flow + 1);
	uid[1] = (uint32_t)flow;
}

static uint16_t
slot_of(struct rig *r, uint64_t flow, uint64_t n)
{
	uint32_t index = (uint32_t)(flow % ACTIVE) + 1;
	unsigned slot = nj_pcap_lane_slot(r->lane, index);
	bool begins = n % ((uint64_t)ACTIVE * TURNS) < ACTIVE * r->run &&
		      n % r->run == 0;
	struct nj_pcap_flow f = { .port = { 40000, 443 }, .proto = NJ_IP_TCP };

	if (slot != NJ_PCAP_NO_SLOT && !begins)
		return (uint16_t)slot;
	flow_uid(flow, f.uid);
	f.addr[0] = nj_addr4(&flow);
	f.addr[1] = nj_addr4(&index);
	return (uint16_t)nj_pcap_lane_name(r->lane, index, &f);
}

static void
record(struct rig *r, const struct nj_packet *pkts, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct nj_pcap_put put = {
			.packet = &pkts[i], .len = pkts[i].len, .count = 1
		};
		uint64_t flow = flow_of(r, r->packets);

		if (!nj_pcap_lane_begin(r->lane, put.len))
			continue;
		put.slots[0] = slot_of(r, flow, r->packets++);
		nj_pcap_lane_put(r->lane, &put);
		r->packet_bytes += put.len;
	}
}

/* The feed until so many bytes have come, recorded or only looked at. Gives
 * the packets. */
static uint64_t
feed(struct rig *r, uint64_t bytes, bool recorded)
{
	struct nj_packet pkts[BURST];
	uint64_t got = 0, packets = 0;

	while (got < bytes) {
		int n = nj_source_burst(r->source, pkts, BURST);

		if (n <= 0)
			break;
		if (recorded)
			record(r, pkts, (unsigned)n);
		for (int i = 0; i < n; i++)
			got += pkts[i].len;
		packets += (unsigned)n;
		nj_source_release(r->source, pkts, (unsigned)n);
	}
	return packets;
}

static enum nj_err
open_rig(struct rig *r)
{
	struct nj_memory_conf memory = { .mix = nj_memory_mix_find(
						 "enterprise") };
	struct nj_pcap_conf conf = { .folder = r->folder,
		.bytes = r->bytes + r->bytes / 4,
		.lanes = 1,
		.flows_max = ACTIVE + 1,
		.wait = true,
		.group = -1 };
	char why[NJ_PCAP_TEXT];
	enum nj_err err = nj_memory_open(&r->source, &memory);

	if (!err)
		err = nj_pcap_recorder_open(&r->r, &conf, why);
	if (!err)
		err = nj_pcap_recorder_start(r->r);
	if (!err)
		r->lane = nj_pcap_recorder_lane(r->r, 0);
	return err;
}

static void
close_rig(struct rig *r)
{
	nj_pcap_recorder_close(&r->r);
	nj_source_close(&r->source);
	folder_remove(r);
}

/* Until all is on the disk. */
static void
end_recording(struct rig *r)
{
	nj_pcap_lane_flush(r->lane);
	nj_pcap_recorder_stop(r->r);
}

static uint64_t
size_of(const struct bench_options *o)
{
	uint64_t bytes = o->bytes ? o->bytes : (uint64_t)SIZE_MB * MB;

	return nj_max((uint64_t)((double)bytes * o->scale) / MB, 16) * MB;
}

enum nj_err
bench_packets_record(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	struct rig r = { .bytes = size_of(o), .run = RUN };
	double dd = 0, first, wall, cpu, alone, rate;
	uint64_t packets;
	enum nj_err err;

	(void)c;
	if (!folder_make(&r, o))
		return NJ_E_IO;
	err = write_as_dd(&r, &dd);
	if (!err)
		err = open_rig(&r);
	if (err) {
		close_rig(&r);
		return err;
	}
	/* New files cost the file system more than those of later rounds,
	 * which are all that a buffer sees after its first hours. */
	wall = bench_wall_s();
	(void)feed(&r, 2 * r.bytes, true);
	nj_pcap_lane_flush(r.lane);
	first = 2 * (double)r.bytes / 1e6 / (bench_wall_s() - wall);
	r.packet_bytes = 0;
	/* The feed alone, on the same packets. */
	cpu = process_cpu_s();
	packets = feed(&r, r.bytes, false);
	alone = (process_cpu_s() - cpu) * 1e9 / (double)packets;
	cpu = process_cpu_s();
	wall = bench_wall_s();
	packets = feed(&r, r.bytes, true);
	end_recording(&r);
	wall = bench_wall_s() - wall;
	cpu = (process_cpu_s() - cpu) * 1e9 / (double)packets;
	rate = (double)r.packet_bytes / 1e6 / wall;
	bench_add(out, "rate", "MB/s", rate);
	bench_add(out, "first_rounds", "MB/s", first);
	bench_add(out, "dd", "MB/s", dd);
	bench_add(out, "against_dd", "times", rate / dd);
	bench_add(out, "packets", "Mpps", (double)packets / 1e6 / wall);
	bench_add(out, "cost", "ns/packet", cpu - alone);
	bench_add(out, "packet", "bytes",
		(double)r.packet_bytes / (double)packets);
	close_rig(&r);
	return NJ_OK;
}

/* ---- Finding ---- */

static bool
count_packet(void *ctx, const struct nj_pcap_packet *packet)
{
	uint64_t *n = ctx;

	(void)packet;
	(*n)++;
	return true;
}

static enum nj_err
look_for(struct rig *r, uint64_t flow, double *ms)
{
	uint64_t uid[2], found = 0;
	struct nj_pcap_uid want;
	struct nj_pcap_query q = { .folder = r->folder,
		.uids = &want,
		.uid_count = 1,
		.from_ns = INT64_MIN,
		.to_ns = INT64_MAX,
		.ctx = &found,
		.packet = count_packet };
	struct nj_pcap_answer a;
	double began = bench_wall_s();
	enum nj_err err;

	flow_uid(flow, uid);
	want = (struct nj_pcap_uid){ uid[0], (uint32_t)uid[1] };
	err = nj_pcap_search(&q, &a);
	*ms = (bench_wall_s() - began) * 1e3;
	return !err && found != TURNS ? NJ_E_STATE : err;
}

enum nj_err
bench_packets_find(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	struct rig r = { .bytes = size_of(o), .run = 1 };
	double ms = 0, most = 0, sum = 0;
	enum nj_err err = NJ_E_IO;

	(void)c;
	if (folder_make(&r, o))
		err = open_rig(&r);
	if (!err) {
		(void)feed(&r, r.bytes, true);
		end_recording(&r);
	}
	for (uint64_t i = 0; i < LOOKS && !err; i++) {
		/* Flows all of whose packets have come, from all over. */
		uint64_t turns = r.packets / ((uint64_t)ACTIVE * TURNS);
		uint64_t flow =
			nj_mix64(i + 1) % nj_max(turns * ACTIVE, UINT64_C(1));

		err = turns ? look_for(&r, flow, &ms) : NJ_E_RANGE;
		most = nj_max(most, ms);
		sum += ms;
	}
	if (!err) {
		bench_add(out, "find", "ms", sum / LOOKS);
		bench_add(out, "slowest", "ms", most);
		bench_add(out, "buffer", "GB", (double)r.packet_bytes / 1e9);
		bench_add(out, "flows", "thousands",
			(double)flow_of(&r, r.packets) / 1e3);
	}
	close_rig(&r);
	return err;
}
