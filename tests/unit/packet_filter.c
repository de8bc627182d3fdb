/*
 * packet_filter.c - tests of what decides about whole packets: duplicates,
 * exclude lists, and the worker they go to.
 */
#include "tests/unit/frame.h"

#include "engine/packet/dedup.h"
#include "engine/packet/exclude.h"
#include "engine/packet/shard.h"

enum { MS = 1000000 };

static struct nj_dedup *
dedup(void)
{
	struct nj_dedup_conf conf;
	struct nj_dedup *d;

	nj_dedup_conf_default(&conf);
	conf.key = (struct nj_hash_key){ 1, 2 };
	assert_int_equal(nj_dedup_create(&d, &conf), NJ_OK);
	return d;
}

/* Is frame f, seen at ts_ns on port, a copy? */
static bool
copy(struct nj_dedup *d, const struct frame *f, int64_t ts_ns, uint16_t port)
{
	struct nj_meta m = decode(f, NJ_LINK_ETHERNET);

	m.ts_ns = ts_ns;
	m.port = port;
	return nj_dedup_check(d, nj_dedup_hash(d, &m), &m, (uint32_t)f->n);
}

static void
make(struct frame *f, const char *type, bool v6, size_t n)
{
	f->n = 0;
	ethernet(f, type);
	if (v6)
		ip6_tcp(f, n);
	else
		ip4_tcp(f, n);
}

/* A packet seen again with other MAC addresses, tags, TTL, traffic class and
 * header checksum is a copy, counted for the port that it came from. */
static void
what_the_way_changes_is_no_difference(void **unused)
{
	struct nj_dedup *d = dedup();
	struct frame f, g;

	(void)unused;
	make(&f, "0800", false, 100);
	make(&g, "8100 0005 0800", false, 100);
	g.b[0] ^= 4;
	g.b[7] ^= 4;
	g.b[18 + 1] = 0x20;
	g.b[18 + 8]--;
	g.b[18 + 10] ^= 9;
	assert_false(copy(d, &f, 0, 0));
	assert_true(copy(d, &g, 5 * MS, 3));
	assert_int_equal(nj_dedup_port(d, 0)->packets, 1);
	assert_int_equal(nj_dedup_port(d, 0)->copies, 0);
	assert_int_equal(nj_dedup_port(d, 3)->copies, 1);
	assert_int_equal(nj_dedup_port(d, 3)->copy_bytes, g.n);
	nj_dedup_destroy(&d);
}

/* Everything else is a difference: identification, addresses, protocol
 * header, the first bytes of payload, the length. */
static void
what_the_sender_changes_is_a_difference(void **unused)
{
	static const size_t at[] = { 4, 5, 12, 19, 20, 23, 24, 28, 33, 34, 36,
		40, 40 + 31 };
	struct frame f;

	(void)unused;
	for (unsigned i = 0; i < nj_countof(at); i++) {
		struct nj_dedup *d = dedup();

		make(&f, "0800", false, 100);
		assert_false(copy(d, &f, 0, 0));
		f.b[14 + at[i]] ^= 1;
		assert_false(copy(d, &f, 0, 0));
		make(&f, "0800", false, 101);
		assert_false(copy(d, &f, 0, 0));
		nj_dedup_destroy(&d);
	}
}

/* The window is packet time since the first copy, and of two capture points
 * either may be late. */
static void
window(void **unused)
{
	struct nj_dedup *d = dedup();
	struct frame f;

	(void)unused;
	make(&f, "0800", false, 100);
	assert_false(copy(d, &f, 100 * MS, 0));
	assert_true(copy(d, &f, 90 * MS, 1));
	assert_true(copy(d, &f, 120 * MS, 1));
	assert_false(copy(d, &f, 121 * MS, 1));
	assert_true(copy(d, &f, 141 * MS, 1));
	nj_dedup_destroy(&d);
}

/* Without an identification (IPv6, or 0 in IPv4) a segment that comes again
 * after more than a moment is a retransmission; more payload is compared. */
static void
retransmissions_are_no_copies(void **unused)
{
	(void)unused;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct nj_dedup *d = dedup();
		struct frame f;

		make(&f, v6 ? "86dd" : "0800", v6, 200);
		if (!v6)
			set16(&f, 14 + 4, 0);
		assert_false(copy(d, &f, 0, 0));
		assert_true(copy(d, &f, 1 * MS, 0));
		assert_false(copy(d, &f, 1 * MS + 1, 0));
		f.b[f.n - 200 + 80] ^= 1;
		assert_false(copy(d, &f, 1 * MS + 1, 0));
		nj_dedup_destroy(&d);
	}
}

/* Packets of one tunnel that differ only far inside are different: here in
 * the sequence number of the inner segment. */
static void
tunnelled_packets_differ_inside(void **unused)
{
	struct nj_dedup *d = dedup();
	struct frame f = { .n = 0 };
	size_t at, inner;

	(void)unused;
	ethernet(&f, "0800");
	at = ip4(&f, NJ_IP_UDP);
	set16(&f, at + 4, 0);
	udp(&f, 5000, 4789);
	hex(&f, "08000000 00012300 020000000002020000000001 86dd");
	inner = f.n;
	ip6_tcp(&f, 100);
	end4(&f, at);
	assert_false(copy(d, &f, 0, 0));
	assert_true(copy(d, &f, 0, 0));
	f.b[inner + 40 + 7] ^= 1;
	assert_false(copy(d, &f, 0, 0));
	nj_dedup_destroy(&d);
}

static struct nj_exclude *
exclude(const struct nj_exclude_conf *conf)
{
	char why[NJ_EXCLUDE_TEXT];
	struct nj_exclude *x;

	assert_int_equal(nj_exclude_create(&x, conf, why), NJ_OK);
	assert_string_equal(why, "");
	return x;
}

static bool
network_holds(struct nj_exclude *x, const char *text)
{
	struct nj_meta m = { .kind = NJ_KIND_FLOW, .proto = NJ_IP_TCP };
	struct nj_addr a, other = { .family = 0 };

	assert_true(nj_addr_parse(&a, text));
	m.ip_version = a.family;
	m.src = other.bytes;
	m.dst = a.bytes;
	return nj_exclude_meta(x, &m, 100);
}

/* Networks hold what they hold, also when they overlap, touch or are single
 * addresses, in either place of the packet. */
static void
excluded_networks(void **unused)
{
	static const char *const texts[] = { "10.0.0.0/8", "10.1.0.0/16",
		"192.168.7.0/24", "192.168.8.1", "fd00::/8", "2001:db8::/65",
		"::1" };
	static const char *const in[] = { "10.0.0.0", "10.255.255.255",
		"10.1.2.3", "192.168.7.255", "192.168.8.1", "fd00::1",
		"fdff:ffff::", "2001:db8::7fff:ffff:ffff:ffff", "::1" };
	static const char *const out[] = { "9.255.255.255", "11.0.0.0",
		"192.168.8.0", "192.168.8.2", "192.168.6.255", "fc00::1",
		"fe00::1", "2001:db8::8000:0:0:0", "::2" };
	struct nj_prefix list[nj_countof(texts)];
	struct nj_exclude_conf conf = { .networks = list,
		.network_count = nj_countof(list) };
	struct nj_exclude *x;

	(void)unused;
	for (unsigned i = 0; i < nj_countof(texts); i++)
		assert_true(nj_prefix_parse(&list[i], nj_str(texts[i])));
	x = exclude(&conf);
	for (unsigned i = 0; i < nj_countof(in); i++)
		assert_true(network_holds(x, in[i]));
	for (unsigned i = 0; i < nj_countof(out); i++)
		assert_false(network_holds(x, out[i]));
	assert_int_equal(nj_exclude_counters(x)->network, nj_countof(in));
	assert_int_equal(nj_exclude_counters(x)->bytes, 100 * nj_countof(in));
	assert_int_equal(nj_exclude_of_port(x, 0), nj_countof(in));
	nj_exclude_destroy(&x);
}

/* ARP of an excluded network is excluded with it. */
static void
excluded_arp(void **unused)
{
	struct nj_prefix net;
	struct nj_exclude_conf conf = { .networks = &net, .network_count = 1 };
	struct nj_exclude *x;
	struct frame f = { .n = 0 };
	struct nj_meta m;

	(void)unused;
	assert_true(nj_prefix_parse(&net, nj_str("10.0.0.2")));
	x = exclude(&conf);
	ethernet(&f, "0806");
	hex(&f, "0001 0800 06 04 0001 020000000001 0a000001"
		"000000000000 0a000002");
	m = decode(&f, NJ_LINK_ETHERNET);
	assert_true(nj_exclude_meta(x, &m, 60));
	f.b[f.n - 1] = 3;
	assert_false(nj_exclude_meta(x, &m, 60));
	nj_exclude_destroy(&x);
}

/* VLANs and ports are ranges with both ends in; untagged is VLAN 0. */
static void
excluded_vlans_and_ports(void **unused)
{
	static const struct nj_exclude_range vlans[] = { { 5, 7 },
		{ 4095, 4095 } };
	static const struct nj_exclude_range ports[] = { { 80, 80 },
		{ 65000, 65535 } };
	struct nj_exclude_conf conf = {
		.vlans = vlans, .vlan_count = 2, .ports = ports, .port_count = 2
	};
	struct nj_exclude *x = exclude(&conf);
	struct nj_meta m = {
		.kind = NJ_KIND_FLOW, .proto = NJ_IP_UDP, .port = 2
	};

	(void)unused;
	assert_false(nj_exclude_meta(x, &m, 1));
	m.tags = 1;
	for (unsigned i = 0; i < 4096; i++) {
		m.vlan = (uint16_t)i;
		assert_int_equal(nj_exclude_meta(x, &m, 1),
			(i >= 5 && i <= 7) || i == 4095);
	}
	m.vlan = 1;
	m.inner_vlan = 6;
	assert_false(nj_exclude_meta(x, &m, 1));
	m.tags = 2;
	assert_true(nj_exclude_meta(x, &m, 1));
	m.inner_vlan = 0;
	m.sport = 80;
	assert_true(nj_exclude_meta(x, &m, 1));
	m.proto = NJ_IP_ICMP;
	assert_false(nj_exclude_meta(x, &m, 1));
	m.proto = NJ_IP_TCP;
	m.sport = 81;
	m.dport = 65535;
	assert_true(nj_exclude_meta(x, &m, 1));
	assert_int_equal(nj_exclude_counters(x)->vlan, 5);
	assert_int_equal(nj_exclude_counters(x)->port, 2);
	assert_int_equal(nj_exclude_of_port(x, 2), 7);
	nj_exclude_destroy(&x);
}

/* The filter is compiled for each link type; where it makes no sense for one
 * its packets stay, and are counted. */
static void
excluding_filter(void **unused)
{
	struct nj_exclude_conf conf = {
		.bpf = "tcp port 80 and host 10.0.0.2"
	};
	struct nj_exclude *x = exclude(&conf);
	struct frame f, g = { .n = 0 };
	struct nj_packet p;

	(void)unused;
	make(&f, "0800", false, 10);
	p = packet(&f, NJ_LINK_ETHERNET);
	assert_true(nj_exclude_frame(x, &p));
	f.b[f.n - 10 - 20 + 3] = 81;
	assert_false(nj_exclude_frame(x, &p));
	ip4_tcp(&g, 10);
	p = packet(&g, NJ_LINK_RAW);
	assert_true(nj_exclude_frame(x, &p));
	p.len = 5;
	assert_false(nj_exclude_frame(x, &p));
	assert_int_equal(nj_exclude_counters(x)->filter, 2);
	nj_exclude_destroy(&x);
	conf.bpf = "ether host 02:00:00:00:00:01";
	x = exclude(&conf);
	p = packet(&f, NJ_LINK_ETHERNET);
	assert_true(nj_exclude_frame(x, &p));
	p = packet(&g, NJ_LINK_RAW);
	assert_false(nj_exclude_frame(x, &p));
	assert_int_equal(nj_exclude_counters(x)->unfit, 1);
	nj_exclude_destroy(&x);
}

/* A filter that is none is refused with libpcap's words, ranges that are
 * none with ours. */
static void
bad_excludes(void **unused)
{
	static const struct nj_exclude_range big = { 4000, 4096 },
					     turned = { 9, 8 };
	struct nj_exclude_conf conf = { .bpf = "host or or" };
	char why[NJ_EXCLUDE_TEXT];
	struct nj_exclude *x;

	(void)unused;
	assert_int_equal(nj_exclude_create(&x, &conf, why), NJ_E_CONFIG);
	assert_null(x);
	assert_true(why[0]);
	conf = (struct nj_exclude_conf){ .vlans = &big, .vlan_count = 1 };
	assert_int_equal(nj_exclude_create(&x, &conf, why), NJ_E_RANGE);
	assert_true(why[0]);
	conf = (struct nj_exclude_conf){ .ports = &turned, .port_count = 1 };
	assert_int_equal(nj_exclude_create(&x, &conf, why), NJ_E_RANGE);
	assert_null(x);
}

static uint32_t
shard(const struct frame *f, unsigned link)
{
	struct nj_packet p = packet(f, link);

	return nj_packet_shard(&p);
}

static void
swap(struct frame *f, size_t a, size_t b, size_t n)
{
	uint8_t t;

	for (size_t i = 0; i < n; i++) {
		t = f->b[a + i];
		f->b[a + i] = f->b[b + i];
		f->b[b + i] = t;
	}
}

/* Both directions, fragments, other ports, other tags and other links of the
 * same pair go to one worker; other pairs elsewhere. */
static void
pairs_stay_together(void **unused)
{
	static const char *const before[] = { "0800", "8100 0005 0800",
		"88a8 0001 8100 0002 0800", "8847 00064040 000c8140",
		"8864 11000001002e 0021" };
	struct frame f;
	uint32_t want;

	(void)unused;
	make(&f, "0800", false, 10);
	want = shard(&f, NJ_LINK_ETHERNET);
	assert_int_not_equal(want, 0);
	for (unsigned i = 0; i < nj_countof(before); i++) {
		size_t at;

		make(&f, before[i], false, 10);
		at = f.n - 50;
		assert_int_equal(shard(&f, NJ_LINK_ETHERNET), want);
		swap(&f, at + 12, at + 16, 4);
		set16(&f, at + 6, 0x2000);
		set16(&f, at + 20, 9999);
		assert_int_equal(shard(&f, NJ_LINK_ETHERNET), want);
		f.b[at + 15] ^= 8;
		assert_int_not_equal(shard(&f, NJ_LINK_ETHERNET), want);
	}
	f.n = 0;
	ip4_tcp(&f, 0);
	assert_int_equal(shard(&f, NJ_LINK_RAW), want);
	make(&f, "86dd", true, 10);
	want = shard(&f, NJ_LINK_ETHERNET);
	swap(&f, 14 + 8, 14 + 24, 16);
	assert_int_equal(shard(&f, NJ_LINK_ETHERNET), want);
	f.b[14 + 23] ^= 4;
	assert_int_not_equal(shard(&f, NJ_LINK_ETHERNET), want);
}

static uint32_t
shard_of(const uint8_t *bytes, size_t n)
{
	struct nj_packet p = {
		.data = bytes, .len = n, .wire_len = n, .link = NJ_LINK_RAW
	};

	return nj_packet_shard(&p);
}

/* A flow inside IP in IP goes where it goes outside, whichever pair carries
 * it; fragments of a carrier stay with its pair. */
static void
ip_in_ip_goes_by_the_innermost(void **unused)
{
	uint8_t inner[40] = { 0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0,
		1, 10, 0, 0, 2 };
	uint8_t by4[60] = { 0x45, 0, 0, 60, 0, 1, 0, 0, 64, 4, 0, 0, 10, 1, 0,
		1, 10, 1, 0, 2 };
	uint8_t by6[88] = { 0x60, 0, 0, 0, 0, 48, 60, 64, 0xfd };
	uint32_t want = shard_of(inner, sizeof(inner)), outer;

	(void)unused;
	memcpy(by4 + 20, inner, 40);
	/* With the option that says how many tunnels are allowed (RFC 2473). */
	by6[24] = 0xfd;
	by6[39] = 1;
	by6[40] = 4;
	memcpy(by6 + 48, inner, 40);
	assert_int_equal(shard_of(by4, sizeof(by4)), want);
	assert_int_equal(shard_of(by6, sizeof(by6)), want);
	by4[19] = 3;
	assert_int_equal(shard_of(by4, sizeof(by4)), want);
	by4[6] = 0x20;
	outer = shard_of(by4, sizeof(by4));
	assert_int_not_equal(outer, want);
	by4[39] ^= 1;
	assert_int_equal(shard_of(by4, sizeof(by4)), outer);
}

/* What looks like Teredo goes to one worker on any port. */
static void
teredo_goes_to_one(void **unused)
{
	uint8_t b[68] = { 0x45, 0, 0, 68, 0, 1, 0, 0, 64, 17, 0, 0, 10, 1, 0, 1,
		10, 1, 0, 2, 1, 2, 3, 4, 0, 48, 0, 0, 0x60, 0, 0, 0, 0, 0, 59,
		64, 0x20, 1 };

	(void)unused;
	assert_int_equal(shard_of(b, sizeof(b)), 0);
	b[36] = 0x21;
	assert_int_not_equal(shard_of(b, sizeof(b)), 0);
	b[20] = 3544 >> 8;
	b[21] = 3544 & 0xff;
	assert_int_equal(shard_of(b, sizeof(b)), 0);
}

/* What is not IP, cut before the addresses, or DHCP goes to the first worker,
 * and no length makes it read beyond the end. */
static void
first_worker(void **unused)
{
	struct frame f = { .n = 0 }, g;
	size_t at;

	(void)unused;
	ethernet(&f, "0806 0001080006040001");
	assert_int_equal(shard(&f, NJ_LINK_ETHERNET), 0);
	f.n = 0;
	ethernet(&f, "0800");
	at = ip4(&f, NJ_IP_UDP);
	udp(&f, 68, 67);
	end4(&f, at);
	assert_int_equal(shard(&f, NJ_LINK_ETHERNET), 0);
	make(&g, "8100 0005 0800", false, 10);
	for (g.n = 0; g.n < 18 + 20; g.n++)
		assert_int_equal(shard(&g, NJ_LINK_ETHERNET), 0);
	assert_int_equal(nj_packet_worker(0, 7), 0);
	assert_int_equal(nj_packet_worker(UINT32_MAX, 7), 6);
}

/* 10,000 pairs are spread over the workers within 10 % of even. */
static void
workers_are_even(void **unused)
{
	unsigned count[8] = { 0 };
	struct frame f;

	(void)unused;
	make(&f, "0800", false, 0);
	for (unsigned i = 0; i < 10000; i++) {
		set16(&f, 14 + 14, i);
		count[nj_packet_worker(shard(&f, NJ_LINK_ETHERNET), 8)]++;
	}
	for (unsigned i = 0; i < 8; i++) {
		assert_true(count[i] > 1125);
		assert_true(count[i] < 1375);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_way_changes_is_no_difference),
		cmocka_unit_test(what_the_sender_changes_is_a_difference),
		cmocka_unit_test(window),
		cmocka_unit_test(retransmissions_are_no_copies),
		cmocka_unit_test(tunnelled_packets_differ_inside),
		cmocka_unit_test(excluded_networks),
		cmocka_unit_test(excluded_arp),
		cmocka_unit_test(excluded_vlans_and_ports),
		cmocka_unit_test(excluding_filter),
		cmocka_unit_test(bad_excludes),
		cmocka_unit_test(pairs_stay_together),
		cmocka_unit_test(ip_in_ip_goes_by_the_innermost),
		cmocka_unit_test(teredo_goes_to_one),
		cmocka_unit_test(first_worker),
		cmocka_unit_test(workers_are_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
