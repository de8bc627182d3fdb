/*
 * pcapbuf.c - tests of engine/pcap: what was recorded is found again, byte for
 * byte, from full files and from one that is being written, and what is torn
 * or damaged is named and costs no more than itself.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/hash.h"
#include "engine/event/event.h"
#include "engine/pcap/files_priv.h"
#include "engine/pcap/pcapng.h"

enum { FLOWS = 50, LEN_MIN = 60, LEN_SPAN = 1400, MB = 1024 * 1024 };

/* A buffer in a folder of its own, and what was put into it. */
struct bench {
	char folder[64];
	struct nj_pcap_recorder *r;
	struct nj_pcap_lane *lane;
	uint64_t made; /* packets */
};

static void
make_folder(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	(void)snprintf(b->folder, sizeof(b->folder), "/tmp/pcapbuf.XXXXXX");
	assert_non_null(mkdtemp(b->folder));
}

static void
open_buffer(struct bench *b, uint64_t bytes, bool started)
{
	static const char *const port = "mirror1";
	struct nj_pcap_conf conf = { .folder = b->folder,
		.bytes = bytes,
		.file_bytes = 4 * MB,
		.lanes = 1,
		.flows_max = FLOWS + 1,
		.wait = true,
		.group = -1,
		.ports = &port,
		.port_count = 1 };
	char why[NJ_PCAP_TEXT];

	assert_int_equal(nj_pcap_recorder_open(&b->r, &conf, why), NJ_OK);
	if (started)
		assert_int_equal(nj_pcap_recorder_start(b->r), NJ_OK);
	b->lane = nj_pcap_recorder_lane(b->r, 0);
}

static void
close_buffer(struct bench *b)
{
	nj_pcap_lane_flush(b->lane);
	nj_pcap_recorder_close(&b->r);
}

static void
remove_folder(struct bench *b)
{
	char path[512];
	DIR *d = opendir(b->folder);
	struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d))) {
		(void)snprintf(
			path, sizeof(path), "%s/%.128s", b->folder, e->d_name);
		(void)unlink(path);
	}
	(void)closedir(d);
	assert_int_equal(rmdir(b->folder), 0);
}

/* The bytes of packet number n, which anybody can make again. */
static uint32_t
packet_bytes(uint64_t n, uint8_t *out)
{
	uint32_t len = LEN_MIN + (uint32_t)(nj_mix64(n + 1) % LEN_SPAN);

	for (uint32_t i = 0; i < len; i++)
		out[i] = (uint8_t)(nj_mix64(n * 7 + i / 8) >> i % 8 * 8);
	memcpy(out, &n, sizeof(n));
	return len;
}

static void
flow_make(unsigned i, struct nj_pcap_flow *f)
{
	const uint8_t a[4] = { 10, 0, 0, (uint8_t)i }, b[4] = { 10, 9, 9, 9 };

	*f = (struct nj_pcap_flow){ .uid = { nj_mix64(i + 100), i },
		.addr = { nj_addr4(a), nj_addr4(b) },
		.port = { (uint16_t)(40000 + i), 443 },
		.proto = i % 2 ? 6 : 17 };
}

/* One packet of a flow, a microsecond after the last one. */
static void
put_packet(struct bench *b, unsigned flow)
{
	uint8_t bytes[LEN_MIN + LEN_SPAN];
	uint64_t n = b->made++;
	struct nj_packet p = { .data = bytes, .link = NJ_LINK_ETHERNET };
	struct nj_pcap_put put = { .packet = &p, .count = 1 };
	struct nj_pcap_flow f;
	unsigned slot;

	p.len = p.wire_len = packet_bytes(n, bytes);
	p.ts_ns = (int64_t)n * 1000;
	put.len = p.len;
	assert_true(nj_pcap_lane_begin(b->lane, p.len));
	slot = nj_pcap_lane_slot(b->lane, flow + 1);
	flow_make(flow, &f);
	if (slot == NJ_PCAP_NO_SLOT)
		slot = nj_pcap_lane_name(b->lane, flow + 1, &f);
	put.slots[0] = (uint16_t)slot;
	nj_pcap_lane_put(b->lane, &put);
}

static unsigned
flow_of(uint64_t n)
{
	return (unsigned)(nj_mix64(n) % FLOWS);
}

static void
put_many(struct bench *b, uint64_t packets)
{
	while (packets--)
		put_packet(b, flow_of(b->made));
}

/* ---- What is found ---- */

struct found {
	uint64_t packets, damage;
	uint64_t next; /* the number that a packet may have at least */
	int flow;      /* of all of them; -1: any */
	char what[160];
};

static bool
on_packet(void *ctx, const struct nj_pcap_packet *p)
{
	struct found *f = ctx;
	uint8_t want[LEN_MIN + LEN_SPAN];
	uint64_t n;

	memcpy(&n, p->data, sizeof(n));
	assert_true(n >= f->next);
	f->next = n + 1;
	assert_int_equal(p->len, packet_bytes(n, want));
	assert_memory_equal(p->data, want, p->len);
	assert_int_equal(p->ts_ns, (int64_t)n * 1000);
	assert_string_equal(p->port_name, "mirror1");
	if (f->flow >= 0)
		assert_int_equal(flow_of(n), f->flow);
	f->packets++;
	return true;
}

static void
on_damaged(void *ctx, const char *what)
{
	struct found *f = ctx;

	f->damage++;
	(void)snprintf(f->what, sizeof(f->what), "%s", what);
}

static struct nj_pcap_query
query_of(const struct bench *b, struct found *f)
{
	return (struct nj_pcap_query){ .folder = b->folder,
		.from_ns = INT64_MIN,
		.to_ns = INT64_MAX,
		.ctx = f,
		.packet = on_packet,
		.damaged = on_damaged };
}

/* All packets of a flow (-1: of all); gives the answer. */
static struct nj_pcap_answer
find(const struct bench *b, int flow, struct found *f)
{
	struct nj_pcap_query q = query_of(b, f);
	struct nj_pcap_uid uid = { nj_mix64((uint64_t)flow + 100),
		(uint32_t)flow };
	struct nj_pcap_answer a;

	*f = (struct found){ .flow = flow };
	if (flow >= 0) {
		q.uids = &uid;
		q.uid_count = 1;
	}
	assert_int_equal(nj_pcap_search(&q, &a), NJ_OK);
	assert_int_equal(a.packets, f->packets);
	return a;
}

static uint64_t
count_of(const struct bench *b, int flow)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < b->made; i++)
		n += flow < 0 || flow_of(i) == (unsigned)flow;
	return n;
}

static void
expect_all(const struct bench *b)
{
	struct found f;

	for (int flow = -1; flow < FLOWS; flow++) {
		(void)find(b, flow, &f);
		assert_int_equal(f.packets, count_of(b, flow));
		assert_int_equal(f.damage, 0);
	}
}

/* ---- Tests ---- */

/* Every packet comes back byte for byte, in order, by its flow and by time,
 * over several files. */
static void
all_comes_back(void **unused)
{
	struct bench b;
	struct found f;
	struct nj_pcap_answer a;

	(void)unused;
	make_folder(&b);
	open_buffer(&b, 0, true);
	put_many(&b, 20000);
	close_buffer(&b);
	expect_all(&b);
	a = find(&b, 3, &f);
	assert_true(a.files >= 3);
	assert_int_equal(a.first_ns, 0);
	assert_int_equal(a.last_ns, 19999 * 1000);
	remove_folder(&b);
}

/* The oldest file makes room, and the newest packets are all there. */
static void
oldest_is_overwritten(void **unused)
{
	struct nj_pcap_state state;
	struct nj_pcap_answer a;
	struct bench b;
	struct found f;

	(void)unused;
	make_folder(&b);
	open_buffer(&b, 12 * MB, true);
	put_many(&b, 40000);
	nj_pcap_lane_flush(b.lane);
	nj_pcap_recorder_stop(b.r);
	nj_pcap_recorder_state(b.r, &state);
	assert_int_equal(state.size, 12 * MB);
	assert_true(state.used <= state.size);
	assert_true(state.oldest_ns > 0);
	assert_int_equal(state.failed, 0);
	close_buffer(&b);
	a = find(&b, -1, &f);
	assert_true(f.packets > 8000 && f.packets < 40000);
	assert_int_equal(a.last_ns, 39999 * 1000);
	/* Nothing is missing between the first and the last. */
	assert_int_equal(f.packets, 40000 - (uint64_t)a.first_ns / 1000);
	assert_int_equal(a.first_ns, state.oldest_ns);
	remove_folder(&b);
}

/* A recorder goes on in the file where the last one ended, and a file that
 * was not closed in order is found to hold what came to it. */
static void
recorder_goes_on(void **unused)
{
	struct bench b;
	struct found f;

	(void)unused;
	make_folder(&b);
	for (unsigned i = 0; i < 4; i++) {
		open_buffer(&b, 16 * MB, true);
		put_many(&b, 700);
		close_buffer(&b);
		expect_all(&b);
	}
	assert_int_equal(find(&b, -1, &f).files, 1);
	remove_folder(&b);
}

static void
damage(const struct bench *b, unsigned file, off_t at, size_t bytes)
{
	char path[128];
	uint8_t *v = malloc(bytes);
	int fd;

	(void)snprintf(
		path, sizeof(path), "%s/" PCAP_FILE_NAME, b->folder, file);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_non_null(v);
	assert_int_equal(pread(fd, v, bytes, at), bytes);
	for (size_t i = 0; i < bytes; i++)
		v[i] ^= 0x5a;
	assert_int_equal(pwrite(fd, v, bytes, at), bytes);
	free(v);
	(void)close(fd);
}

/* A flipped byte in a packet costs its block, which is named; the rest is
 * served. */
static void
torn_block_is_named(void **unused)
{
	struct bench b;
	struct found f;

	(void)unused;
	make_folder(&b);
	open_buffer(&b, 0, true);
	put_many(&b, 8000);
	close_buffer(&b);
	damage(&b, 0, PCAP_PAGE + MB / 2, 1);
	(void)find(&b, -1, &f);
	assert_int_equal(f.damage, 1);
	assert_string_equal(
		f.what, "packets-0000.nj at byte 4096: a block is damaged");
	assert_true(f.packets > 6000 && f.packets < 7500);
	remove_folder(&b);
}

/* Where the index is damaged the blocks are looked through, and nothing is
 * missing. */
static void
damaged_index_is_gone_around(void **unused)
{
	struct bench b;
	struct found f;
	struct pcap_ends ends;
	char path[128];
	int fd;

	(void)unused;
	make_folder(&b);
	open_buffer(&b, 0, true);
	put_many(&b, 8000);
	close_buffer(&b);
	(void)snprintf(path, sizeof(path), "%s/" PCAP_FILE_NAME, b.folder, 0);
	fd = open(path, O_RDONLY);
	assert_true(pcap_read_ends(fd, &ends));
	(void)close(fd);
	assert_true(ends.full);
	damage(&b, 0, (off_t)ends.last.index_at + 100, 1);
	(void)find(&b, 7, &f);
	assert_int_equal(f.packets, count_of(&b, 7));
	assert_int_equal(f.damage, 1);
	/* And without the last page it is as if it were still written. */
	damage(&b, 0, (off_t)ends.bytes - PCAP_PAGE, 8);
	(void)find(&b, 7, &f);
	assert_int_equal(f.packets, count_of(&b, 7));
	assert_int_equal(f.damage, 0);
	remove_folder(&b);
}

/* Bits that flip anywhere, more and more of them, cost packets at most: what
 * is given is always what was recorded. */
static void
flipped_bits_cost_packets_only(void **unused)
{
	struct bench b;
	struct found f;
	uint64_t before = UINT64_MAX;
	struct stat st;
	char path[128];

	(void)unused;
	make_folder(&b);
	open_buffer(&b, 0, true);
	put_many(&b, 6000);
	close_buffer(&b);
	for (uint64_t i = 0; i < 60; i++) {
		unsigned file = (unsigned)(nj_mix64(i) & 1);

		(void)snprintf(path, sizeof(path), "%s/" PCAP_FILE_NAME,
			b.folder, file);
		assert_int_equal(stat(path, &st), 0);
		damage(&b, file,
			(off_t)(nj_mix64(i + 1000) % (uint64_t)st.st_size), 1);
		(void)find(&b, -1, &f);
		assert_true(f.packets <= before);
		before = f.packets;
		(void)find(&b, (int)(i % FLOWS), &f);
		assert_true(f.packets <= count_of(&b, (int)(i % FLOWS)));
	}
	assert_true(before < 6000);
	remove_folder(&b);
}

/* A block that a crash kept from the disk is passed over, for reading and for
 * a recorder that goes on. */
static void
hole_is_passed_over(void **unused)
{
	struct bench b;
	struct found f;

	(void)unused;
	make_folder(&b);
	open_buffer(&b, 16 * MB, true);
	put_many(&b, 3500);
	close_buffer(&b);
	/* The first block's head page. */
	damage(&b, 0, PCAP_PAGE, PCAP_PAGE);
	(void)find(&b, -1, &f);
	assert_int_equal(f.damage, 1);
	assert_true(f.packets > 1500 && f.packets < 3000);
	b.made = 3500;
	open_buffer(&b, 16 * MB, true);
	put_many(&b, 500);
	close_buffer(&b);
	(void)find(&b, -1, &f);
	assert_int_equal(f.next, 4000);
	remove_folder(&b);
}

/* Two recorders never write into one folder. */
static void
folder_is_locked(void **unused)
{
	struct nj_pcap_conf conf = { .lanes = 1, .flows_max = 8, .group = -1 };
	struct nj_pcap_recorder *second;
	char why[NJ_PCAP_TEXT];
	struct bench b;

	(void)unused;
	make_folder(&b);
	open_buffer(&b, 0, true);
	conf.folder = b.folder;
	assert_int_equal(
		nj_pcap_recorder_open(&second, &conf, why), NJ_E_STATE);
	assert_null(second);
	close_buffer(&b);
	remove_folder(&b);
}

/* A worker whose packets cannot wait is never kept: what finds no block is
 * counted. */
static void
full_lane_counts(void **unused)
{
	struct nj_pcap_conf conf = { .lanes = 1, .flows_max = 8, .group = -1 };
	const struct nj_pcap_counters *c;
	uint8_t bytes[60000] = { 0 };
	struct nj_packet p = {
		.data = bytes, .len = sizeof(bytes), .wire_len = sizeof(bytes)
	};
	struct nj_pcap_put put = { .packet = &p, .len = sizeof(bytes) };
	char why[NJ_PCAP_TEXT];
	struct bench b;

	(void)unused;
	make_folder(&b);
	conf.folder = b.folder;
	/* Its thread is not started, so no block comes back. */
	assert_int_equal(nj_pcap_recorder_open(&b.r, &conf, why), NJ_OK);
	b.lane = nj_pcap_recorder_lane(b.r, 0);
	c = nj_pcap_lane_counters(b.lane);
	for (unsigned i = 0; i < 1000; i++)
		if (nj_pcap_lane_begin(b.lane, put.len))
			nj_pcap_lane_put(b.lane, &put);
	assert_int_equal(c->packets + c->full, 1000);
	assert_true(c->packets > 100 && c->full > 100);
	assert_false(nj_pcap_lane_begin(b.lane, 2 * MB));
	assert_int_equal(c->too_long, 1);
	nj_pcap_recorder_close(&b.r);
	remove_folder(&b);
}

static void
put_fragment(struct bench *b, const struct nj_pcap_flow *datagram, int flow)
{
	uint8_t bytes[LEN_MIN + LEN_SPAN];
	uint64_t n = b->made++;
	struct nj_packet p = { .data = bytes, .ts_ns = (int64_t)n * 1000 };
	struct nj_pcap_put put = { .packet = &p, .fragment = flow < 0 };
	struct nj_pcap_flow f;

	p.len = p.wire_len = put.len = packet_bytes(n, bytes);
	assert_true(nj_pcap_lane_begin(b->lane, p.len));
	if (flow >= 0) {
		flow_make((unsigned)flow, &f);
		put.slots[put.count++] = (uint16_t)nj_pcap_lane_name(
			b->lane, (uint32_t)flow + 1, &f);
	}
	put.slots[put.count++] =
		(uint16_t)nj_pcap_lane_name(b->lane, 0, datagram);
	nj_pcap_lane_put(b->lane, &put);
}

/* Fragments that came before their flow was known are its packets as well;
 * those of a datagram with the same number long before are not. */
static void
fragments_come_with_their_flow(void **unused)
{
	struct nj_pcap_flow datagram = { .uid = { 77, 88 }, .datagram = true };
	struct nj_pcap_flow other = { .uid = { 78, 88 }, .datagram = true };
	const struct nj_pcap_uid uid = { nj_mix64(105), 5 };
	struct found f = { .flow = -1 };
	struct nj_pcap_query q;
	struct nj_pcap_answer a;
	struct bench b;

	(void)unused;
	make_folder(&b);
	open_buffer(&b, 0, true);
	put_fragment(&b, &datagram, -1);
	b.made = 100 * 1000 * 1000; /* 100 s later */
	put_fragment(&b, &datagram, -1);
	put_fragment(&b, &other, -1);
	nj_pcap_lane_flush(b.lane);
	put_fragment(&b, &datagram, -1);
	put_fragment(&b, &datagram, 5);
	close_buffer(&b);
	q = query_of(&b, &f);
	q.uids = &uid;
	q.uid_count = 1;
	assert_int_equal(nj_pcap_search(&q, &a), NJ_OK);
	assert_int_equal(f.packets, 3);
	assert_int_equal(a.damaged, 0);
	remove_folder(&b);
}

/* An expression selects flows by either side; brackets, "not" and adjacency
 * mean what they mean in pcap-filter. */
static void
filters_select(void **unused)
{
	static const struct {
		const char *text;
		bool matches;
	} cases[] = {
		{ "host 10.0.0.1", true },
		{ "host 10.9.9.9", true },
		{ "10.0.0.1", true },
		{ "host 10.0.0.2", false },
		{ "net 10.9.0.0/16 and tcp port 443", true },
		{ "tcp port 444", false },
		{ "udp or (tcp and not port 80)", true },
		{ "not not tcp", true },
		{ "!tcp", false },
		{ "ip6 or portrange 400-500", true },
		{ "host 10.0.0.1&&!udp", true },
		{ "proto 6 vlan 0", true },
		{ "ip and host 2001:db8::1", false },
		{ "tcp or udp and udp", true },
	};
	const struct pcap_flow flow = { .addr = { { 10, 0, 0, 1 },
						{ 10, 9, 9, 9 } },
		.port = { 40000, 443 },
		.proto = 6,
		.family = { 4, 4 } };
	char why[NJ_PCAP_FILTER_TEXT];
	struct nj_pcap_filter *f;

	(void)unused;
	for (size_t i = 0; i < nj_countof(cases); i++) {
		assert_int_equal(
			nj_pcap_filter_create(&f, nj_str(cases[i].text), why),
			NJ_OK);
		if (pcap_filter_match(f, &flow) != cases[i].matches)
			fail_msg("%s", cases[i].text);
		nj_pcap_filter_destroy(&f);
	}
}

/* What is no expression is refused with the place of what is wrong. */
static void
wrong_filters_are_refused(void **unused)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "at character 1: something is missing at the end" },
		{ "host", "at character 5: a value is missing" },
		{ "tcp and",
			"at character 8: something is missing at the end" },
		{ "(tcp", "at character 5: \")\" is missing" },
		{ "tcp)", "at character 4: \")\" without \"(\"" },
		{ "port 70000",
			"at character 6: no value for the word before it" },
		{ "src host 1.2.3.4",
			"at character 1: a flow has both directions; for "
			"single packets there is --bpf" },
		{ "or tcp", "at character 1: something is missing before it" },
	};
	char why[NJ_PCAP_FILTER_TEXT];
	struct nj_pcap_filter *f;

	(void)unused;
	for (size_t i = 0; i < nj_countof(cases); i++) {
		assert_int_equal(
			nj_pcap_filter_create(&f, nj_str(cases[i].text), why),
			NJ_E_CONFIG);
		assert_string_equal(why, cases[i].why);
		assert_null(f);
	}
}

/* Addresses, ports and protocol of one pair are found through the index:
 * blocks without them are not read. */
static void
pair_is_found_by_index(void **unused)
{
	struct bench b;
	struct found f = { .flow = -1 };
	struct nj_pcap_query q;
	struct nj_pcap_filter *filter;
	struct nj_pcap_answer a;
	char why[NJ_PCAP_FILTER_TEXT];

	(void)unused;
	make_folder(&b);
	open_buffer(&b, 0, true);
	put_packet(&b, 1);
	put_packet(&b, 2);
	nj_pcap_lane_flush(b.lane);
	put_packet(&b, 2);
	nj_pcap_lane_flush(b.lane);
	put_packet(&b, 2);
	close_buffer(&b);
	assert_int_equal(nj_pcap_filter_create(&filter,
				 nj_str("tcp and host 10.9.9.9 and host "
					"10.0.0.1 and port 443 and port 40001"),
				 why),
		NJ_OK);
	q = query_of(&b, &f);
	q.filter = filter;
	assert_int_equal(nj_pcap_search(&q, &a), NJ_OK);
	assert_int_equal(f.packets, 1);
	assert_int_equal(a.blocks, 3);
	assert_int_equal(a.blocks_read, 1);
	nj_pcap_filter_destroy(&filter);
	remove_folder(&b);
}

/* The text of a uid says the 96 bits that it was made of. */
static void
uid_text_is_read_back(void **unused)
{
	uint64_t uid[2] = { UINT64_MAX, UINT32_MAX }, back[2];
	char text[NJ_UID_CAP];

	(void)unused;
	for (unsigned i = 0; i < 100; i++) {
		(void)nj_uid_format('C', uid, text);
		assert_true(nj_uid_parse('C', nj_str(text), back));
		assert_int_equal(back[0], uid[0]);
		assert_int_equal(back[1], uid[1]);
		uid[0] = nj_mix64(uid[0]);
		uid[1] = nj_mix64(uid[0]) & UINT32_MAX;
	}
	assert_false(nj_uid_parse('C', nj_str("Czzzzzzzzzzzzzzzzz"), back));
	assert_false(nj_uid_parse('C', nj_str("F00000000000000000"), back));
	assert_false(nj_uid_parse('C', nj_str("C0000000000000000-"), back));
	assert_false(nj_uid_parse('C', nj_str("C0"), back));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_comes_back),
		cmocka_unit_test(oldest_is_overwritten),
		cmocka_unit_test(recorder_goes_on),
		cmocka_unit_test(torn_block_is_named),
		cmocka_unit_test(damaged_index_is_gone_around),
		cmocka_unit_test(flipped_bits_cost_packets_only),
		cmocka_unit_test(hole_is_passed_over),
		cmocka_unit_test(folder_is_locked),
		cmocka_unit_test(full_lane_counts),
		cmocka_unit_test(fragments_come_with_their_flow),
		cmocka_unit_test(filters_select),
		cmocka_unit_test(wrong_filters_are_refused),
		cmocka_unit_test(pair_is_found_by_index),
		cmocka_unit_test(uid_text_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
