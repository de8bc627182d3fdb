/*
 * packet_link.c - tests of link layers: each way to an IP packet, and what
 * ends before one.
 */
#include "tests/unit/frame.h"

/* What stands before IP on each link, as hex; the packet that follows is the
 * same for all. */
static const struct way {
	const char *name;
	unsigned link;
	const char *before;
	uint16_t vlan, inner_vlan;
} ways[] = {
	{ "null, little-endian", NJ_LINK_NULL, "02000000", 0, 0 },
	{ "null, big-endian", NJ_LINK_NULL, "00000002", 0, 0 },
	{ "null, family of macOS", NJ_LINK_NULL, "1e000000", 0, 0 },
	{ "loop", NJ_LINK_LOOP, "00000002", 0, 0 },
	{ "raw", NJ_LINK_RAW, "", 0, 0 },
	{ "raw as 12", 12, "", 0, 0 },
	{ "raw as 14", 14, "", 0, 0 },
	{ "ipv4", NJ_LINK_IPV4, "", 0, 0 },
	{ "ethernet", NJ_LINK_ETHERNET, "020000000002020000000001 0800", 0, 0 },
	{ "802.1Q", NJ_LINK_ETHERNET, "020000000002020000000001 8100 e123 0800",
		0x123, 0 },
	{ "802.1ad", NJ_LINK_ETHERNET,
		"020000000002020000000001 88a8 0064 8100 0065 0800", 100, 101 },
	{ "QinQ as 9100", NJ_LINK_ETHERNET,
		"020000000002020000000001 9100 0064 8100 0065 0800", 100, 101 },
	{ "802.3 with SNAP", NJ_LINK_ETHERNET,
		"020000000002020000000001 0034 aaaa03 000000 0800", 0, 0 },
	{ "802.3 with LLC", NJ_LINK_ETHERNET,
		"020000000002020000000001 002f 060603", 0, 0 },
	{ "MPLS, two labels", NJ_LINK_ETHERNET,
		"020000000002020000000001 8847 00064040 000c8140", 0, 0 },
	{ "MPLS pseudowire with control word", NJ_LINK_ETHERNET,
		"020000000002020000000001 8847 00064140 00000000"
		"060000000002060000000001 8100 0009 0800",
		9, 0 },
	{ "MPLS pseudowire without one", NJ_LINK_ETHERNET,
		"020000000002020000000001 8847 00064140"
		"060000000002060000000001 0800",
		0, 0 },
	{ "PPPoE", NJ_LINK_ETHERNET,
		"020000000002020000000001 8864 11000001002e 0021", 0, 0 },
	{ "PPPoE, short protocol", NJ_LINK_ETHERNET,
		"020000000002020000000001 8864 11000001002d 21", 0, 0 },
	{ "FabricPath", NJ_LINK_ETHERNET,
		"02000000000202000000000189030001"
		"020000000002020000000001 0800",
		0, 0 },
	{ "TRILL with options", NJ_LINK_ETHERNET,
		"020000000002020000000001 22f3 0040 0001 0002 00000000"
		"060000000002060000000001 0800",
		0, 0 },
	{ "provider backbone bridge", NJ_LINK_ETHERNET,
		"020000000002020000000001 88e7 00000007"
		"060000000002060000000001 0800",
		0, 0 },
	{ "VN-tag", NJ_LINK_ETHERNET,
		"020000000002020000000001 8926 00000000 0800", 0, 0 },
	{ "E-tag", NJ_LINK_ETHERNET,
		"020000000002020000000001 893f 000000000000 0800", 0, 0 },
	{ "NSH", NJ_LINK_ETHERNET,
		"020000000002020000000001 894f 0fc60101 00000000"
		"00000000 00000000 00000000 00000000",
		0, 0 },
	{ "token ring", NJ_LINK_TOKEN_RING,
		"1040 020000000002 020000000001 aaaa03 000000 0800", 0, 0 },
	{ "token ring, source routed", NJ_LINK_TOKEN_RING,
		"1040 020000000002 820000000001 04000010 aaaa03 000000 0800", 0,
		0 },
	{ "FDDI", NJ_LINK_FDDI,
		"50 020000000002 020000000001 aaaa03 000000 0800", 0, 0 },
	{ "PPP with framing", NJ_LINK_PPP, "ff03 0021", 0, 0 },
	{ "PPP without", NJ_LINK_PPP, "0021", 0, 0 },
	{ "PPP, compressed", NJ_LINK_PPP_HDLC, "ff0321", 0, 0 },
	{ "PPP with MPLS", NJ_LINK_PPP, "ff03 0281 00064140", 0, 0 },
	{ "PPP link that is Cisco HDLC", NJ_LINK_PPP_HDLC, "0f00 0800", 0, 0 },
	{ "PPPoE link", NJ_LINK_PPP_ETHER, "11000001002e 0021", 0, 0 },
	{ "Cisco HDLC", NJ_LINK_C_HDLC, "0f00 0800", 0, 0 },
	{ "frame relay", NJ_LINK_FRELAY, "0801 03 cc", 0, 0 },
	{ "frame relay, padded", NJ_LINK_FRELAY, "0801 03 00 cc", 0, 0 },
	{ "frame relay, SNAP", NJ_LINK_FRELAY, "0801 03 80 000000 0800", 0, 0 },
	{ "frame relay, Cisco", NJ_LINK_FRELAY, "08000001 0800", 0, 0 },
	{ "802.11 to the station", NJ_LINK_IEEE802_11,
		"0802 0000 020000000002 040000000000 020000000001 0000"
		"aaaa03 000000 0800",
		0, 0 },
	{ "802.11 with QoS", NJ_LINK_IEEE802_11,
		"8801 0000 040000000000 020000000001 020000000002 0000 0000"
		"aaaa03 000000 0800",
		0, 0 },
	{ "802.11 between access points", NJ_LINK_IEEE802_11,
		"0803 0000 040000000000 040000000001 020000000002 0000"
		"020000000001 aaaa03 000000 0800",
		0, 0 },
	{ "802.11, several packets in one", NJ_LINK_IEEE802_11,
		"8801 0000 040000000000 020000000001 020000000002 0000 8000"
		"020000000002 020000000001 0034 aaaa03 000000 0800",
		0, 0 },
	{ "radiotap", NJ_LINK_RADIOTAP,
		"00000900 00000000 00"
		"0802 0000 020000000002 040000000000 020000000001 0000"
		"aaaa03 000000 0800",
		0, 0 },
	{ "AVS", NJ_LINK_PRISM,
		"80211001 0000000c 00000000"
		"0802 0000 020000000002 040000000000 020000000001 0000"
		"aaaa03 000000 0800",
		0, 0 },
	{ "Prism", NJ_LINK_PRISM,
		"44000000 0c000000 00000000"
		"0802 0000 020000000002 040000000000 020000000001 0000"
		"aaaa03 000000 0800",
		0, 0 },
	{ "PPI with Ethernet", NJ_LINK_PPI,
		"00000800 01000000 020000000002020000000001 0800", 0, 0 },
	{ "NFLOG", NJ_LINK_NFLOG,
		"02000001 0800 0100 08000103 0500 0a00 61000000 3000 0900", 0,
		0 },
	{ "SLL", NJ_LINK_LINUX_SLL, "0000 0001 0006 020000000001 0000 0800", 0,
		0 },
	{ "SLL with a tag", NJ_LINK_LINUX_SLL,
		"0000 0001 0006 020000000001 0000 8100 0005 0800", 5, 0 },
	{ "SLL with LLC", NJ_LINK_LINUX_SLL,
		"0000 0001 0006 020000000001 0000 0004 aaaa03 000000 0800", 0,
		0 },
	{ "SLL2", NJ_LINK_LINUX_SLL2,
		"0800 0000 00000003 0001 00 06 0200000000010000", 0, 0 },
};

/* Each way leads to the same TCP segment, and each cut of the way is a
 * malformed frame, or at least none with that segment. */
static void
all_ways_lead_to_ip(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < nj_countof(ways); i++) {
		const struct way *way = &ways[i];
		struct frame f = { .n = 0 };
		struct nj_meta m;
		size_t before;

		hex(&f, way->before);
		before = f.n;
		ip4_tcp(&f, 4);
		m = decode(&f, way->link);
		if (m.kind != NJ_KIND_FLOW)
			print_message("%s\n", way->name);
		assert_tcp(&m, 4);
		assert_ptr_equal(m.l3, f.b + before);
		assert_int_equal(m.vlan, way->vlan);
		assert_int_equal(m.inner_vlan, way->inner_vlan);
		for (f.n = 0; f.n < before; f.n++) {
			m = decode(&f, way->link);
			assert_int_not_equal(m.kind, NJ_KIND_FLOW);
		}
	}
}

/* Frames whose MAC addresses tell who speaks to whom have them in the meta,
 * also on links where they are not in front. */
static void
macs_are_found(void **unused)
{
	static const uint8_t src[] = { 2, 0, 0, 0, 0, 1 };
	unsigned seen = 0;

	(void)unused;
	for (unsigned i = 0; i < nj_countof(ways); i++) {
		struct frame f = { .n = 0 };
		struct nj_meta m;

		if (ways[i].link != NJ_LINK_IEEE802_11 &&
			ways[i].link != NJ_LINK_FDDI &&
			ways[i].link != NJ_LINK_LINUX_SLL &&
			ways[i].link != NJ_LINK_LINUX_SLL2)
			continue;
		hex(&f, ways[i].before);
		ip4_tcp(&f, 4);
		m = decode(&f, ways[i].link);
		assert_memory_equal(m.mac_src, src, sizeof(src));
		seen++;
	}
	assert_true(seen >= 8);
}

struct end {
	unsigned link;
	const char *frame;
	enum nj_kind kind;
	enum nj_packet_odd odd;
};

/* Sound frames without IP end as L2, unknown ones as UNKNOWN, impossible
 * ones as MALFORMED with a reason. */
static void
ends_without_ip(void **unused)
{
	static const struct end ends[] = {
		/* Spanning tree, LLDP, IPX without LLC, CDP. */
		{ NJ_LINK_ETHERNET,
			"0180c2000000020000000001 0007 42420300000000",
			NJ_KIND_L2, 0 },
		{ NJ_LINK_ETHERNET, "0180c200000e020000000001 88cc 0207",
			NJ_KIND_L2, 0 },
		{ NJ_LINK_ETHERNET, "ffffffffffff020000000001 0004 ffff0004",
			NJ_KIND_L2, 0 },
		{ NJ_LINK_ETHERNET,
			"01000ccccccc020000000001 000a aaaa03 00000c 2000 02b4",
			NJ_KIND_L2, 0 },
		/* PPP's own control, PPPoE discovery, SLARP. */
		{ NJ_LINK_PPP, "ff03 c021 01010004", NJ_KIND_L2, 0 },
		{ NJ_LINK_ETHERNET,
			"020000000002020000000001 8863 110900000000",
			NJ_KIND_L2, 0 },
		{ NJ_LINK_C_HDLC, "8f00 8035 0000", NJ_KIND_L2, 0 },
		/* 802.11: beacon, protected data, data without data. */
		{ NJ_LINK_IEEE802_11,
			"8000 0000 ffffffffffff 040000000000 040000000000 0000",
			NJ_KIND_L2, 0 },
		{ NJ_LINK_IEEE802_11,
			"0841 0000 040000000000 020000000001 020000000002 0000"
			"0000000000000000",
			NJ_KIND_L2, 0 },
		{ NJ_LINK_IEEE802_11,
			"4801 0000 040000000000 020000000001 020000000002 0000"
			"0000",
			NJ_KIND_L2, 0 },
		{ NJ_LINK_NULL, "07000000 00", NJ_KIND_L2, 0 },
		{ NJ_LINK_ETHERNET, "020000000002020000000001 1234 0000",
			NJ_KIND_UNKNOWN, 0 },
		{ 147, "00", NJ_KIND_UNKNOWN, 0 },
		{ NJ_LINK_ETHERNET, "020000000002020000000001 0800 00",
			NJ_KIND_MALFORMED, NJ_PODD_LINK_CUT },
		{ NJ_LINK_ETHERNET,
			"020000000002020000000001 8864 1100000100ff 0021 45",
			NJ_KIND_MALFORMED, NJ_PODD_PPPOE_CUT },
		{ NJ_LINK_RADIOTAP, "00000400 00000000", NJ_KIND_MALFORMED,
			NJ_PODD_LINK_BAD },
		{ NJ_LINK_ETHERNET, "020000000002020000000001 0800 15000000",
			NJ_KIND_MALFORMED, NJ_PODD_IP_CUT },
		{ NJ_LINK_RAW, "1500000000000000000000000000000000000000",
			NJ_KIND_MALFORMED, NJ_PODD_IP_VERSION },
	};

	(void)unused;
	for (unsigned i = 0; i < nj_countof(ends); i++) {
		struct frame f = { .n = 0 };
		struct nj_meta m;

		hex(&f, ends[i].frame);
		m = decode(&f, ends[i].link);
		assert_int_equal(m.kind, ends[i].kind);
		assert_int_equal(m.odd, ends[i].odd);
	}
}

/* ARP, also behind a tag, is given as a whole and without padding. */
static void
arp(void **unused)
{
	struct frame f = { .n = 0 };
	struct nj_meta m;

	(void)unused;
	ethernet(&f, "8100 0007 0806");
	hex(&f, "0001 0800 06 04 0001 020000000001 0a000001"
		"000000000000 0a000002");
	hex(&f, "000000000000");
	m = decode(&f, NJ_LINK_ETHERNET);
	assert_int_equal(m.kind, NJ_KIND_ARP);
	assert_int_equal(m.vlan, 7);
	assert_ptr_equal(m.l3, f.b + 18);
	assert_int_equal(m.payload.len, 28);
	f.n = 18 + 27;
	m = decode(&f, NJ_LINK_ETHERNET);
	assert_int_equal(m.kind, NJ_KIND_MALFORMED);
	assert_int_equal(m.odd, NJ_PODD_ARP_CUT);
}

/* Of three tags the first and the last are kept, as in Zeek, and a stack of
 * tags without end is malformed. */
static void
many_tags(void **unused)
{
	struct frame f = { .n = 0 }, g = { .n = 0 };
	struct nj_meta m;

	(void)unused;
	ethernet(&f, "8100 001e 8100 0014 8100 000a 0800");
	ip4_tcp(&f, 0);
	m = decode(&f, NJ_LINK_ETHERNET);
	assert_tcp(&m, 0);
	assert_int_equal(m.vlan, 30);
	assert_int_equal(m.inner_vlan, 10);
	assert_int_equal(m.tags, 3);
	assert_int_equal(m.odd, NJ_PODD_VLAN_TRIPLE);
	ethernet(&g, "8100");
	for (unsigned i = 0; i < 400; i++)
		hex(&g, "0001 8100");
	m = decode(&g, NJ_LINK_ETHERNET);
	assert_int_equal(m.kind, NJ_KIND_MALFORMED);
	assert_int_equal(m.odd, NJ_PODD_LINK_LAYERS);
}

/* What follows the PPPoE payload is not part of it, and is odd. */
static void
pppoe_trailer(void **unused)
{
	struct frame f = { .n = 0 };
	struct nj_meta m;

	(void)unused;
	ethernet(&f, "8864 11000001002e 0021");
	ip4_tcp(&f, 4);
	hex(&f, "0000");
	m = decode(&f, NJ_LINK_ETHERNET);
	assert_tcp(&m, 4);
	assert_int_equal(m.odd, NJ_PODD_PPPOE_EXTRA);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ways_lead_to_ip),
		cmocka_unit_test(macs_are_found),
		cmocka_unit_test(ends_without_ip),
		cmocka_unit_test(arp),
		cmocka_unit_test(many_tags),
		cmocka_unit_test(pppoe_trailer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
