/*
 * pcapfile.c - tests of engine/capture/pcapfile and, under it, engine/io:
 * files of every form are made here byte by byte, then read.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <zlib.h>
#include <zstd.h>

#include "engine/base/buf.h"
#include "engine/capture/pcapfile.h"

enum { ANY = 64 };

/* A file in the making; big says which byte order it has. */
struct maker {
	struct nj_buf buf;
	bool big;
};

static void
put16(struct maker *m, uint16_t x)
{
	if (m->big)
		x = __builtin_bswap16(x);
	nj_buf_put(&m->buf, &x, sizeof(x));
}

static void
put32(struct maker *m, uint32_t x)
{
	if (m->big)
		x = __builtin_bswap32(x);
	nj_buf_put(&m->buf, &x, sizeof(x));
}

static void
pcap_header(struct maker *m, uint32_t magic, uint32_t snap, uint32_t link)
{
	put32(m, magic);
	put16(m, 2);
	put16(m, 4);
	put32(m, 0);
	put32(m, 0);
	put32(m, snap);
	put32(m, link);
}

/* len bytes of fill, on the wire wire bytes. */
static void
pcap_packet(struct maker *m, uint32_t time[2], uint32_t len, uint32_t wire)
{
	put32(m, time[0]);
	put32(m, time[1]);
	put32(m, len);
	put32(m, wire);
	for (uint32_t i = 0; i < len; i++)
		nj_buf_char(&m->buf, (char)('a' + i % 26));
}

static void
pcapng_section(struct maker *m)
{
	put32(m, 0x0a0d0d0a);
	put32(m, 28);
	put32(m, 0x1a2b3c4d);
	put16(m, 1);
	put16(m, 0);
	put32(m, UINT32_MAX);
	put32(m, UINT32_MAX);
	put32(m, 28);
}

/* An interface with its resolution and, unless 0, an offset of seconds. */
static void
pcapng_interface(struct maker *m, uint16_t link, uint8_t resol, int32_t offset)
{
	uint32_t total = 20 + 8 + 12 + 4;

	put32(m, 1);
	put32(m, total);
	put16(m, link);
	put16(m, 0);
	put32(m, 0);
	put16(m, 9);
	put16(m, 1);
	nj_buf_put(&m->buf, (uint8_t[]){ resol, 0, 0, 0 }, 4);
	put16(m, 14);
	put16(m, 8);
	if (m->big)
		put32(m, offset < 0 ? UINT32_MAX : 0);
	put32(m, (uint32_t)offset);
	if (!m->big)
		put32(m, offset < 0 ? UINT32_MAX : 0);
	put16(m, 0);
	put16(m, 0);
	put32(m, total);
}

static void
pcapng_packet(struct maker *m, uint32_t interface, uint64_t time, uint32_t len)
{
	uint32_t padded = (len + 3) & ~3u, total = 32 + padded;

	put32(m, 6);
	put32(m, total);
	put32(m, interface);
	put32(m, (uint32_t)(time >> 32));
	put32(m, (uint32_t)time);
	put32(m, len);
	put32(m, len + 10);
	for (uint32_t i = 0; i < padded; i++)
		nj_buf_char(&m->buf, (char)('A' + i % 26));
	put32(m, total);
}

static struct nj_source *
open_made(const struct maker *m)
{
	struct nj_view v = { m->buf.data, m->buf.len };
	struct nj_source *s;
	char why[NJ_SOURCE_TEXT];

	assert_false(m->buf.bad);
	assert_int_equal(nj_pcapfile_open_memory(&s, v, 7, why), NJ_OK);
	return s;
}

/* Reads all in bursts of one; gives the last result. */
static int
drain(struct nj_source *s, struct nj_packet *last, unsigned *count)
{
	struct nj_packet p;
	int n;

	*count = 0;
	while ((n = nj_source_burst(s, &p, 1)) > 0) {
		*last = p;
		(*count)++;
	}
	return n;
}

static void
finish(struct maker *m, struct nj_source *s)
{
	nj_source_close(&s);
	assert_null(s);
	nj_buf_free(&m->buf);
}

/* A pcap of either byte order and either resolution gives the same packet. */
static void
pcap_orders_and_resolutions(void **unused)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34 };

	(void)unused;
	for (unsigned i = 0; i < 2 * nj_countof(magics); i++) {
		struct maker m = { .big = i & 1 };
		uint32_t magic = magics[i / 2];
		bool ns = magic == 0xa1b23c4d;
		struct nj_packet p = { 0 };
		struct nj_source *s;
		unsigned count;

		pcap_header(&m, magic, 96, 1);
		put32(&m, 1000);
		put32(&m, ns ? 5000 : 5);
		put32(&m, 3);
		put32(&m, 60);
		if (magic == 0xa1b2cd34)
			nj_buf_put(&m.buf, "8 bytes.", 8);
		nj_buf_str(&m.buf, "xyz");
		s = open_made(&m);
		assert_int_equal(drain(s, &p, &count), NJ_SOURCE_END);
		assert_int_equal(count, 1);
		assert_true(p.ts_ns == INT64_C(1000000005000));
		assert_int_equal(p.len, 3);
		assert_int_equal(p.wire_len, 60);
		assert_int_equal(p.port, 7);
		assert_int_equal(p.link, NJ_LINK_ETHERNET);
		assert_memory_equal(p.data, "xyz", 3);
		assert_true(nj_source_stats(s)->snapped == 1);
		assert_true(s->count.bytes == 3 && s->count.wire_bytes == 60);
		finish(&m, s);
	}
}

/* Link fields lose their check-sequence bits, and BSD's raw IP becomes 101. */
static void
links_are_normalised(void **unused)
{
	static const struct {
		uint32_t field;
		uint16_t link;
	} cases[] = { { 1, 1 }, { 12, 101 }, { 14, 101 }, { 0x24000001, 1 },
		{ 276, 276 }, { 0xf0000071, 113 } };

	(void)unused;
	for (unsigned i = 0; i < nj_countof(cases); i++) {
		struct maker m = { 0 };
		struct nj_packet p = { 0 };
		struct nj_source *s;
		unsigned count;

		pcap_header(&m, 0xa1b2c3d4, 0, cases[i].field);
		pcap_packet(&m, (uint32_t[]){ 1, 2 }, 9, 9);
		s = open_made(&m);
		assert_int_equal(drain(s, &p, &count), NJ_SOURCE_END);
		assert_int_equal(p.link, cases[i].link);
		assert_int_equal(p.len, 9);
		finish(&m, s);
	}
}

/* now_ns never goes back, ts_ns does as the file says. */
static void
now_is_the_running_maximum(void **unused)
{
	struct maker m = { 0 };
	struct nj_packet p[3];
	struct nj_source *s;

	(void)unused;
	pcap_header(&m, 0xa1b23c4d, 0, 1);
	pcap_packet(&m, (uint32_t[]){ 0, 10 }, 1, 1);
	pcap_packet(&m, (uint32_t[]){ 0, 30 }, 1, 1);
	pcap_packet(&m, (uint32_t[]){ 0, 20 }, 1, 1);
	s = open_made(&m);
	assert_int_equal(nj_source_burst(s, p, 3), 3);
	assert_int_equal(p[2].ts_ns, 20);
	assert_int_equal(p[0].now_ns, 10);
	assert_int_equal(p[1].now_ns, 30);
	assert_int_equal(p[2].now_ns, 30);
	finish(&m, s);
}

/* A capture without packets just ends. */
static void
no_packets_is_fine(void **unused)
{
	struct maker m = { 0 };
	struct nj_packet p;
	struct nj_source *s;

	(void)unused;
	pcap_header(&m, 0xa1b2c3d4, 65535, 1);
	s = open_made(&m);
	assert_int_equal(nj_source_burst(s, &p, 1), NJ_SOURCE_END);
	assert_int_equal(nj_source_burst(s, &p, 1), NJ_SOURCE_END);
	assert_string_equal(nj_source_error(s), "");
	finish(&m, s);
}

/* A file cut anywhere gives every whole packet, then either ends cleanly
 * (between packets) or says that it is truncated, and where. */
static void
truncation_is_said_once(void **unused)
{
	struct maker m = { 0 };
	struct nj_packet p;
	struct nj_source *s;
	char why[NJ_SOURCE_TEXT];
	unsigned count;
	int end;

	(void)unused;
	pcap_header(&m, 0xa1b2c3d4, 65535, 1);
	pcap_packet(&m, (uint32_t[]){ 1, 0 }, 10, 10);
	pcap_packet(&m, (uint32_t[]){ 2, 0 }, 20, 20);
	for (size_t cut = 24; cut < m.buf.len; cut++) {
		struct nj_view v = { m.buf.data, cut };

		assert_int_equal(nj_pcapfile_open_memory(&s, v, 0, why), 0);
		end = drain(s, &p, &count);
		assert_int_equal(count, cut >= 24 + 26);
		if (cut == 24 || cut == 50) {
			assert_int_equal(end, NJ_SOURCE_END);
		} else {
			assert_int_equal(end, NJ_SOURCE_FAILED);
			assert_int_equal(s->err, NJ_E_TRUNCATED);
		}
		nj_source_close(&s);
	}
	assert_int_equal(nj_pcapfile_open_memory(&s,
				 (struct nj_view){ m.buf.data, 60 }, 0, why),
		NJ_OK);
	assert_int_equal(drain(s, &p, &count), NJ_SOURCE_FAILED);
	assert_string_equal(nj_source_error(s),
		"the data end at byte 60, inside the packet header that "
		"begins at byte 50; 6 more bytes were expected");
	finish(&m, s);
}

/* An impossible captured length fails with its place, after the packets
 * before it, and goes on failing. */
static void
impossible_length_names_its_place(void **unused)
{
	struct maker m = { 0 };
	struct nj_packet p[4];
	struct nj_source *s;

	(void)unused;
	pcap_header(&m, 0xa1b2c3d4, 65535, 1);
	pcap_packet(&m, (uint32_t[]){ 1, 0 }, 10, 10);
	put32(&m, 1);
	put32(&m, 1);
	put32(&m, 0x7fffffff);
	put32(&m, 0x7fffffff);
	s = open_made(&m);
	assert_int_equal(nj_source_burst(s, p, 4), 1);
	assert_string_equal(nj_source_error(s), "");
	assert_int_equal(nj_source_burst(s, p, 4), NJ_SOURCE_FAILED);
	assert_int_equal(nj_source_burst(s, p, 4), NJ_SOURCE_FAILED);
	assert_int_equal(s->err, NJ_E_FORMAT);
	assert_string_equal(nj_source_error(s),
		"byte 50: a packet claims 2147483647 captured bytes, 262144 "
		"at most are possible");
	finish(&m, s);
}

/* pcapng sections may change byte order, and each interface has its own
 * link type, resolution and offset. */
static void
pcapng_sections_and_interfaces(void **unused)
{
	struct maker m = { 0 };
	struct nj_packet p[8];
	struct nj_source *s;

	(void)unused;
	pcapng_section(&m);
	pcapng_interface(&m, 1, 6, 0);
	pcapng_interface(&m, 113, 9, 100);
	pcapng_interface(&m, 14, 0x80 | 10, -1);
	pcapng_packet(&m, 0, 1500000, 5);
	pcapng_packet(&m, 1, 7, 6);
	pcapng_packet(&m, 2, 1024 * 3 + 512, 7);
	m.big = true;
	pcapng_section(&m);
	pcapng_interface(&m, 276, 12, 0);
	pcapng_packet(&m, 0, 5000, 8);
	s = open_made(&m);
	assert_string_equal(nj_pcapfile_format(s), "pcapng");
	assert_int_equal(nj_source_burst(s, p, 8), 4);
	assert_int_equal(p[0].ts_ns, 1500000000);
	assert_int_equal(p[0].link, 1);
	assert_int_equal(p[0].len, 5);
	assert_int_equal(p[0].wire_len, 15);
	assert_true(p[1].ts_ns == INT64_C(100000000007));
	assert_int_equal(p[1].link, 113);
	assert_true(p[2].ts_ns == INT64_C(2500000000));
	assert_int_equal(p[2].link, 101);
	assert_int_equal(p[3].ts_ns, 5);
	assert_int_equal(p[3].link, 276);
	assert_memory_equal(p[3].data, "ABCDEFGH", 8);
	finish(&m, s);
}

/* Simple blocks have no time and are cut by the interface's snap length;
 * obsolete blocks name their interface in 16 bits; unknown blocks of any
 * size are passed over. */
static void
pcapng_other_blocks(void **unused)
{
	enum { LARGE = 3 * 1024 * 1024 };
	struct maker m = { 0 };
	struct nj_packet p[4];
	struct nj_source *s;

	(void)unused;
	pcapng_section(&m);
	put32(&m, 1); /* without options, snap length 6 */
	put32(&m, 20);
	put32(&m, 1);
	put32(&m, 6);
	put32(&m, 20);
	put32(&m, 0xbad);
	put32(&m, LARGE);
	for (unsigned i = 0; i < LARGE / 4 - 3; i++)
		put32(&m, 0);
	put32(&m, LARGE);
	put32(&m, 3);
	put32(&m, 24);
	put32(&m, 100);
	nj_buf_str(&m.buf, "sixby..."); /* 6 and padding */
	put32(&m, 24);
	put32(&m, 2);
	put32(&m, 36);
	put16(&m, 0);
	put16(&m, 3);
	put32(&m, 0);
	put32(&m, 9);
	put32(&m, 4);
	put32(&m, 4);
	nj_buf_str(&m.buf, "four");
	put32(&m, 36);
	s = open_made(&m);
	assert_int_equal(nj_source_burst(s, p, 4), 2);
	assert_int_equal(p[0].ts_ns, 0);
	assert_int_equal(p[0].len, 6);
	assert_int_equal(p[0].wire_len, 100);
	assert_memory_equal(p[0].data, "sixby.", 6);
	assert_int_equal(p[1].ts_ns, 9000);
	assert_memory_equal(p[1].data, "four", 4);
	finish(&m, s);
}

/* What no time stamp can mean is held at the ends, not wrapped. */
static void
pcapng_times_saturate(void **unused)
{
	static const uint8_t resols[] = { 0, 9, 0x80, 0xff, 0x7f, 28, 29 };
	struct maker m = { 0 };
	struct nj_packet p[nj_countof(resols)];
	struct nj_source *s;

	(void)unused;
	pcapng_section(&m);
	for (unsigned i = 0; i < nj_countof(resols); i++)
		pcapng_interface(&m, 1, resols[i], 0);
	for (unsigned i = 0; i < nj_countof(resols); i++)
		pcapng_packet(&m, i, UINT64_MAX, 1);
	s = open_made(&m);
	assert_int_equal(
		nj_source_burst(s, p, nj_countof(resols)), nj_countof(resols));
	assert_true(p[0].ts_ns == INT64_MAX && p[1].ts_ns == INT64_MAX);
	assert_true(p[2].ts_ns == INT64_MAX);
	assert_int_equal(p[3].ts_ns, 0);
	assert_int_equal(p[4].ts_ns, 0);
	assert_int_equal(p[5].ts_ns, 1);
	assert_int_equal(p[6].ts_ns, 0);
	finish(&m, s);
}

static void
expect_damage(struct maker *m, const char *text)
{
	struct nj_source *s = open_made(m);
	struct nj_packet p;
	unsigned count;

	assert_int_equal(drain(s, &p, &count), NJ_SOURCE_FAILED);
	assert_int_equal(s->err, NJ_E_FORMAT);
	assert_string_equal(nj_source_error(s), text);
	finish(m, s);
}

/* Each way a pcapng file can lie about itself has its own words. */
static void
pcapng_damage_is_named(void **unused)
{
	struct maker m = { 0 };

	(void)unused;
	pcapng_section(&m);
	pcapng_packet(&m, 0, 1, 4);
	expect_damage(
		&m, "byte 28: packet of an interface that is not described");
	m = (struct maker){ 0 };
	pcapng_section(&m);
	put32(&m, 6);
	put32(&m, 13);
	put32(&m, 13);
	expect_damage(&m, "byte 28: impossible block length");
	m = (struct maker){ 0 };
	pcapng_section(&m);
	put32(&m, 6);
	put32(&m, 16);
	put32(&m, 0);
	put32(&m, 20);
	expect_damage(&m, "byte 28: the two lengths of a block differ");
	m = (struct maker){ 0 };
	pcapng_section(&m);
	pcapng_interface(&m, 1, 6, 0);
	pcapng_packet(&m, 0, 1, 4);
	m.buf.data[72 + 20] = 200;
	expect_damage(&m, "byte 72: a packet claims 200 captured bytes, 4 at "
			  "most are possible");
}

/* A folder for the files of one test. */
static int
make_folder(void **state)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/nj-pcapfile-XXXXXX");
	*state = mkdtemp(path);
	return *state ? 0 : -1;
}

static int
remove_folder(void **state)
{
	return rmdir(*state);
}

static void
write_file(char *path, const void *folder, const void *p, size_t n)
{
	FILE *f;

	snprintf(path, ANY, "%s/f", (const char *)folder);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void
expect_open(const char *path, enum nj_err err, const char *text)
{
	struct nj_source *s;
	char why[NJ_SOURCE_TEXT] = "";

	assert_int_equal(nj_pcapfile_open(&s, path, 0, why), err);
	assert_null(s);
	assert_string_equal(why, text);
}

/* What is no capture is told apart: nothing there, a folder, no bytes, other
 * bytes, a header cut short, a packing that is not read. */
static void
what_is_no_capture(void **folder)
{
	char path[ANY];

	expect_open("/nonexistent/x.pcap", NJ_E_NOENT,
		"cannot be opened: No such file or directory");
	expect_open(*folder, NJ_E_UNSUPPORTED,
		"it is a folder; name the files in it");
	write_file(path, *folder, "", 0);
	expect_open(path, NJ_E_EMPTY, "it holds no bytes");
	write_file(path, *folder, "hello world", 11);
	expect_open(path, NJ_E_FORMAT,
		"neither pcap nor pcapng: it begins with 68 65 6c 6c");
	write_file(path, *folder, "hi", 2);
	expect_open(path, NJ_E_FORMAT, "neither pcap nor pcapng: only 2 bytes");
	write_file(path, *folder, "\xd4\xc3\xb2\xa1\2\0\4\0", 8);
	expect_open(path, NJ_E_TRUNCATED,
		"it ends inside the file header, after 8 bytes");
	write_file(path, *folder,
		"\xfd"
		"7zXZ\0....",
		10);
	expect_open(path, NJ_E_UNSUPPORTED,
		"packed with xz; unpack it first (gzip and zstd are read as "
		"they are)");
	unlink(path);
}

/* Without permission the system's word is passed on. Root may read all, and
 * becomes nobody for a moment. */
static void
unreadable_is_said(void **folder)
{
	char path[ANY];
	bool root = !geteuid();

	write_file(path, *folder, "x", 1);
	chmod(path, 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	expect_open(path, NJ_E_ACCESS, "cannot be opened: Permission denied");
	if (root)
		assert_int_equal(seteuid(0), 0);
	unlink(path);
}

/* Many packets of changing lengths, more than several windows hold. */
static void
many_packets(struct maker *m, unsigned count)
{
	pcap_header(m, 0xa1b2c3d4, 0, 1);
	for (unsigned i = 0; i < count; i++)
		pcap_packet(m, (uint32_t[]){ i, 0 }, i * 7919 % 3000, 5000);
}

/* Reads s and compares each packet with many_packets. */
static void
expect_many(struct nj_source *s, unsigned count)
{
	struct nj_packet p[32];
	unsigned seen = 0;
	int n;

	while ((n = nj_source_burst(s, p, 32)) >= 0) {
		for (int i = 0; i < n; i++, seen++) {
			assert_true(p[i].ts_ns == seen * NJ_NS_PER_S);
			assert_int_equal(p[i].len, seen * 7919 % 3000);
			for (uint32_t k = 0; k < p[i].len; k++)
				if (p[i].data[k] != 'a' + k % 26)
					fail_msg("packet %u", seen);
		}
	}
	assert_int_equal(n, NJ_SOURCE_END);
	assert_int_equal(seen, count);
}

/* Two members, as appended files have. Gives how many bytes they take. */
static size_t
pack_gzip(uint8_t *to, size_t room, struct nj_view v)
{
	z_stream z = { 0 };
	size_t half = v.len / 2;

	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 31, 8, 0), Z_OK);
	z.next_out = to;
	z.avail_out = (uInt)room;
	z.next_in = (Bytef *)(uintptr_t)v.data;
	z.avail_in = (uInt)half;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(deflateReset(&z), Z_OK);
	z.avail_in = (uInt)(v.len - half);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

/* Two frames. */
static size_t
pack_zstd(uint8_t *to, size_t room, struct nj_view v)
{
	size_t half = v.len / 2;
	size_t n = ZSTD_compress(to, room, v.data, half, 1);

	return n +
	       ZSTD_compress(to + n, room - n, v.data + half, v.len - half, 1);
}

static size_t
pack_not(uint8_t *to, size_t room, struct nj_view v)
{
	assert_true(v.len <= room);
	memcpy(to, v.data, v.len);
	return v.len;
}

/* gzip (here of two members) and zstd (of two frames) unpack to the same
 * packets as the plain file, window after window; cut short they say so. */
static void
packed_files_read_alike(void **folder)
{
	enum { COUNT = 3000 };
	static size_t (*const packers[])(uint8_t *, size_t,
		struct nj_view) = { pack_not, pack_gzip, pack_zstd };
	struct maker m = { 0 };
	size_t room, n;
	uint8_t *packed;
	char path[ANY];
	struct nj_packet last;
	struct nj_source *s;
	unsigned count;

	many_packets(&m, COUNT);
	room = 2 * ZSTD_compressBound(m.buf.len) + 1024;
	packed = malloc(room);
	assert_non_null(packed);
	for (unsigned i = 0; i < nj_countof(packers); i++) {
		n = packers[i](packed, room,
			(struct nj_view){ m.buf.data, m.buf.len });
		write_file(path, *folder, packed, n);
		assert_int_equal(nj_pcapfile_open(&s, path, 0, NULL), NJ_OK);
		expect_many(s, COUNT);
		nj_source_close(&s);
		assert_int_equal(truncate(path, (off_t)n / 3), 0);
		assert_int_equal(nj_pcapfile_open(&s, path, 0, NULL), NJ_OK);
		assert_int_equal(drain(s, &last, &count), NJ_SOURCE_FAILED);
		assert_int_equal(s->err, NJ_E_TRUNCATED);
		nj_source_close(&s);
	}
	unlink(path);
	free(packed);
	nj_buf_free(&m.buf);
}

/* Writes all to fd in pieces that fit no record, then ends. */
static void
feed_pipe(int fd, const struct nj_buf *b)
{
	for (size_t at = 0; at < b->len;) {
		size_t n = nj_min(b->len - at, (size_t)777);

		if (write(fd, b->data + at, n) != (ssize_t)n)
			_exit(1);
		at += n;
	}
	_exit(0);
}

/* Standard input may be a pipe that comes in small pieces. */
static void
pipe_reads_alike(void **unused)
{
	enum { COUNT = 500 };
	struct maker m = { 0 };
	struct nj_source *s;
	int fds[2], keep = dup(STDIN_FILENO), status;
	pid_t child;

	(void)unused;
	many_packets(&m, COUNT);
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (!child) {
		close(fds[0]);
		feed_pipe(fds[1], &m.buf);
	}
	close(fds[1]);
	assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(nj_pcapfile_open(&s, "-", 0, NULL), NJ_OK);
	expect_many(s, COUNT);
	finish(&m, s);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	if (keep >= 0)
		dup2(keep, STDIN_FILENO);
	close(keep);
	close(fds[0]);
}

/* Of a frame longer than any window only the first bytes are handed out, and
 * the next one is found behind all of it. */
static void
huge_frame_is_cut(void **folder)
{
	enum { HUGE = 5 * 1024 * 1024 };
	struct maker m = { 0 };
	struct nj_packet p;
	struct nj_source *s;
	char path[ANY];

	pcap_header(&m, 0xa1b2c3d4, 0, 249);
	pcap_packet(&m, (uint32_t[]){ 1, 0 }, HUGE, HUGE);
	pcap_packet(&m, (uint32_t[]){ 2, 0 }, 3, 3);
	write_file(path, *folder, m.buf.data, m.buf.len);
	assert_int_equal(nj_pcapfile_open(&s, path, 0, NULL), NJ_OK);
	assert_int_equal(nj_source_burst(s, &p, 1), 1);
	assert_int_equal(p.len, 256 * 1024);
	assert_int_equal(p.wire_len, HUGE);
	assert_int_equal(nj_source_burst(s, &p, 1), 1);
	assert_int_equal(p.len, 3);
	assert_int_equal(nj_source_burst(s, &p, 1), NJ_SOURCE_END);
	unlink(path);
	finish(&m, s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_orders_and_resolutions),
		cmocka_unit_test(links_are_normalised),
		cmocka_unit_test(now_is_the_running_maximum),
		cmocka_unit_test(no_packets_is_fine),
		cmocka_unit_test(truncation_is_said_once),
		cmocka_unit_test(impossible_length_names_its_place),
		cmocka_unit_test(pcapng_sections_and_interfaces),
		cmocka_unit_test(pcapng_other_blocks),
		cmocka_unit_test(pcapng_times_saturate),
		cmocka_unit_test(pcapng_damage_is_named),
		cmocka_unit_test(pipe_reads_alike),
		cmocka_unit_test_setup_teardown(
			what_is_no_capture, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			unreadable_is_said, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			packed_files_read_alike, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			huge_frame_is_cut, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
