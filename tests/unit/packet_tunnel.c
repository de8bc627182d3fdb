/*
 * packet_tunnel.c - tests of packets inside packets: each kind of tunnel, and
 * ordinary traffic that only looks like one.
 */
#include "tests/unit/frame.h"

/* Tunnels: what stands between the outer IP header and the inner packet.
 * dport 0: the text follows IP at once, as protocol proto. */
static const struct way {
	const char *name;
	uint8_t proto;
	uint16_t dport;
	const char *before;
	bool v6; /* the inner packet is IPv6 */
	uint8_t tunnel;
	uint32_t vni;
	uint16_t vlan; /* of the inner packet */
} ways[] = {
	{ "IP in IP", 4, 0, "", false, NJ_TUN_IP, 0, 0 },
	{ "6in4", 41, 0, "", true, NJ_TUN_IP, 0, 0 },
	{ "GRE", 47, 0, "0000 0800", false, NJ_TUN_GRE, 0, 0 },
	{ "GRE with IPv6", 47, 0, "0000 86dd", true, NJ_TUN_GRE, 0, 0 },
	{ "GRE with checksum, key and sequence", 47, 0,
		"b000 0800 00000000 00000007 00000001", false, NJ_TUN_GRE, 7,
		0 },
	{ "GRE with Ethernet", 47, 0,
		"2000 6558 00000009 020000000002020000000001 8100 0005 0800",
		false, NJ_TUN_GRE, 9, 5 },
	{ "GRE with MPLS", 47, 0, "0000 8847 00064140", false, NJ_TUN_GRE, 0,
		0 },
	{ "PPTP", 47, 0, "3081 880b 0030 0017 00000001 00000002 ff03 0021",
		false, NJ_TUN_GRE, 0x17, 0 },
	{ "ERSPAN I", 47, 0, "0000 88be 020000000002020000000001 0800", false,
		NJ_TUN_ERSPAN, 0, 0 },
	{ "ERSPAN II", 47, 0,
		"1000 88be 00000001 1064 0065 00000000"
		"020000000002020000000001 0800",
		false, NJ_TUN_ERSPAN, 0x65, 0 },
	{ "ERSPAN III", 47, 0,
		"1000 22eb 00000001 2064 0066 00000000 00000000"
		"020000000002020000000001 0800",
		false, NJ_TUN_ERSPAN, 0x66, 0 },
	{ "ERSPAN III with more header", 47, 0,
		"1000 22eb 00000001 2064 0067 00000000 00000001"
		"0000000000000000 020000000002020000000001 0800",
		false, NJ_TUN_ERSPAN, 0x67, 0 },
	{ "Aruba", 47, 0,
		"0000 8200 0802 0000 020000000002 040000000000 020000000001"
		"0000 aaaa03 000000 0800",
		false, NJ_TUN_GRE, 0, 0 },
	{ "GRE over UDP", 17, 4754, "0000 0800", false, NJ_TUN_GRE, 0, 0 },
	{ "VXLAN", 17, 4789, "08000000 00012300 020000000002020000000001 0800",
		false, NJ_TUN_VXLAN, 0x123, 0 },
	{ "VXLAN with group policy, Linux' old port", 17, 8472,
		"88000001 00012300 020000000002020000000001 8100 0006 86dd",
		true, NJ_TUN_VXLAN, 0x123, 6 },
	{ "VXLAN-GPE with IP", 17, 4790, "0c000001 00012300", false,
		NJ_TUN_VXLAN, 0x123, 0 },
	{ "GENEVE with options", 17, 6081,
		"0200 6558 00045600 0102030405060708"
		"020000000002020000000001 0800",
		false, NJ_TUN_GENEVE, 0x456, 0 },
	{ "GENEVE with IP", 17, 6081, "0000 86dd 00045600", true, NJ_TUN_GENEVE,
		0x456, 0 },
	{ "GTP-U", 17, 2152, "30ff 002c 00000abc", false, NJ_TUN_GTPV1, 0xabc,
		0 },
	{ "GTP-U with extension headers", 17, 2152,
		"34ff 0038 00000abc 00000085 01 0000 c0 01 0000 00", false,
		NJ_TUN_GTPV1, 0xabc, 0 },
	{ "Teredo", 17, 3544, "", true, NJ_TUN_TEREDO, 0, 0 },
	{ "Teredo with authentication and origin", 17, 3544,
		"0001 0000 0000000000000000 00 0000 f227 bec861af", true,
		NJ_TUN_TEREDO, 0, 0 },
	{ "AYIYA", 17, 5072,
		"4252 1129 00000000 000102030405060708090a0b0c0d0e0f"
		"0000000000000000000000000000000000000000",
		true, NJ_TUN_AYIYA, 0, 0 },
};

static size_t
build(struct frame *f, const struct way *way)
{
	size_t at = ip4(f, way->proto), inner;

	if (way->dport)
		udp(f, 40000, way->dport);
	hex(f, way->before);
	inner = f->n;
	if (way->v6)
		ip6_tcp(f, 4);
	else
		ip4_tcp(f, 4);
	end4(f, at);
	return inner;
}

/* Each tunnel leads to the packet inside, with its network id. */
static void
all_ways_lead_inside(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < nj_countof(ways); i++) {
		const struct way *way = &ways[i];
		struct frame f = { .n = 0 };
		size_t at = build(&f, way);
		struct nj_meta outer = decode(&f, NJ_LINK_RAW), inner;

		assert_int_equal(outer.kind, NJ_KIND_FLOW);
		if (outer.inner_tunnel != way->tunnel)
			print_message("%s\n", way->name);
		assert_int_equal(outer.inner_tunnel, way->tunnel);
		assert_int_equal(outer.depth, 0);
		inner = inside(&outer);
		assert_tcp(&inner, 4);
		assert_ptr_equal(inner.l3, f.b + at);
		assert_int_equal(inner.tunnel, way->tunnel);
		assert_int_equal(inner.depth, 1);
		assert_int_equal(inner.vni, way->vni);
		assert_int_equal(inner.vlan, way->vlan);
		assert_int_equal(nj_meta_carrier_only(&outer), way->dport == 0);
	}
}

/* Cut anywhere, a tunnel's packet is decoded without harm, and never shows a
 * whole segment inside. */
static void
cut_anywhere(void **unused)
{
	struct nj_decoder *d = decoder(true);

	(void)unused;
	for (unsigned i = 0; i < nj_countof(ways); i++) {
		struct frame f = { .n = 0 };
		struct nj_meta outer, inner;
		struct nj_packet p;

		(void)build(&f, &ways[i]);
		for (size_t n = 0; n < f.n; n++) {
			p = packet(&f, NJ_LINK_RAW);
			p.len = (uint32_t)n;
			nj_decode(d, &p, &outer);
			if (nj_decode_inner(d, &outer, &inner))
				assert_true(inner.kind != NJ_KIND_FLOW ||
					    inner.payload.len < 4);
		}
	}
	nj_decoder_destroy(&d);
}

/* Datagrams on tunnel ports that do not hold what they should are ordinary
 * ones: each text differs from a sound header in one thing. */
static void
ordinary_traffic_on_tunnel_ports(void **unused)
{
	static const struct {
		uint16_t port;
		const char *payload;
	} others[] = {
		/* VXLAN: no I flag; reserved bits and nothing known inside. */
		{ 4789, "00000000 00012300 020000000002020000000001 0800" },
		{ 4789, "08000001 00012300 020000000002020000000001 1234" },
		/* GENEVE: version, reserved bits, type, inner version. */
		{ 6081, "4000 0800 00045600" },
		{ 6081, "0001 0800 00045600" },
		{ 6081, "0000 0801 00045600" },
		{ 6081, "0000 86dd 00045600" },
		{ 6081, "3f00 0800 00045600" },
		/* GTP: version 2, an echo, GTP', a length beyond the end. */
		{ 2152, "50ff 002c 00000abc" },
		{ 2152, "3001 002c 00000abc" },
		{ 2152, "20ff 002c 00000abc" },
		{ 2152, "30ff 0fff 00000abc" },
		{ 2152, "34ff 0038 00000abc 00000085 00 0000 c0" },
		/* Teredo: IPv4 inside; an unknown indication. */
		{ 3544, "" },
		{ 3544, "0002 0000 00000000" },
		/* AYIYA: not "forward"; another next header. */
		{ 5072, "4252 1029 00000000 000102030405060708090a0b0c0d0e0f"
			"0000000000000000000000000000000000000000" },
		{ 5072, "4252 1129 00000000 000102030405060708090a0b0c0d0e0f"
			"0000000000000000000000000000000000000000" },
		/* GRE over UDP: version 1, unknown type. */
		{ 4754, "0001 0800" },
		{ 4754, "0000 1234" },
	};

	(void)unused;
	for (unsigned i = 0; i < nj_countof(others); i++) {
		struct frame f = { .n = 0 };
		struct nj_meta m;
		size_t at = ip4(&f, NJ_IP_UDP);

		udp(&f, 40000, others[i].port);
		hex(&f, others[i].payload);
		ip4_tcp(&f, 4);
		end4(&f, at);
		m = decode(&f, NJ_LINK_RAW);
		assert_int_equal(m.kind, NJ_KIND_FLOW);
		if (m.inner_tunnel)
			print_message("case %u\n", i);
		assert_int_equal(m.inner_tunnel, NJ_TUN_NONE);
	}
}

/* Teredo's relays use any port; the addresses inside tell. */
static void
teredo_on_any_port(void **unused)
{
	struct frame f = { .n = 0 };
	struct nj_packet p;
	struct nj_meta m;
	struct nj_decoder *d = decoder(false);
	size_t at, inner;

	(void)unused;
	ethernet(&f, "0800");
	at = ip4(&f, NJ_IP_UDP);
	udp(&f, 40001, 40002);
	inner = f.n;
	ip6_tcp(&f, 4);
	end4(&f, at);
	p = packet(&f, NJ_LINK_ETHERNET);
	nj_decode(d, &p, &m);
	assert_int_equal(m.inner_tunnel, NJ_TUN_NONE);
	memcpy(f.b + inner + 24, "\x20\x01\0\0", 4);
	nj_decode(d, &p, &m);
	assert_int_equal(m.inner_tunnel, NJ_TUN_TEREDO);
	m = inside(&m);
	assert_tcp(&m, 4);
	nj_decoder_destroy(&d);
}

/* Packets in an IP tunnel must be of the version that the outer header
 * announces, and fill their room exactly, as in Zeek. */
static void
inner_ip_is_judged(void **unused)
{
	static const struct {
		uint8_t proto;
		int change; /* to the inner length */
		enum nj_packet_odd odd;
	} cases[] = { { 4, 0, NJ_PODD_NONE }, { 41, 0, NJ_PODD_INNER_VERSION },
		{ 4, 1, NJ_PODD_INNER_CUT }, { 4, -1, NJ_PODD_INNER_LENGTH } };

	(void)unused;
	for (unsigned i = 0; i < nj_countof(cases); i++) {
		struct frame f = { .n = 0 };
		struct nj_meta m;
		size_t at = ip4(&f, cases[i].proto);

		ip4_tcp(&f, 40);
		f.b[23] = (uint8_t)(f.b[23] + cases[i].change);
		end4(&f, at);
		m = decode(&f, NJ_LINK_RAW);
		m = inside(&m);
		assert_int_equal(m.odd, cases[i].odd);
		assert_int_equal(m.kind,
			cases[i].odd ? NJ_KIND_MALFORMED : NJ_KIND_FLOW);
	}
}

/* Tunnels are opened down to the configured depth, and counted beyond. */
static void
depth_is_bounded(void **unused)
{
	(void)unused;
	for (unsigned depth = 0; depth <= NJ_TUNNEL_DEPTH_MAX; depth++) {
		struct frame f = { .n = 0 };
		struct nj_decode_conf conf;
		struct nj_decoder *d;
		struct nj_packet p;
		struct nj_meta m[2];
		unsigned opened = 0;

		nj_decode_conf_default(&conf);
		conf.tunnel_depth_max = (uint8_t)depth;
		assert_int_equal(nj_decoder_create(&d, &conf), NJ_OK);
		for (unsigned i = 0; i < 6; i++)
			(void)ip4(&f, 4);
		ip4_tcp(&f, 4);
		for (unsigned i = 0; i < 6; i++)
			end4(&f, i * 20);
		p = packet(&f, NJ_LINK_RAW);
		nj_decode(d, &p, &m[0]);
		while (nj_decode_inner(d, &m[opened % 2], &m[~opened % 2]))
			opened++;
		assert_int_equal(opened, depth);
		assert_int_equal(nj_decoder_counters(d)->inner, depth);
		assert_int_equal(nj_decoder_counters(d)->inner_deep, 1);
		nj_decoder_destroy(&d);
	}
}

/* What cannot be GRE as we know it is said, and is no tunnel. */
static void
strange_gre(void **unused)
{
	static const struct {
		const char *text;
		enum nj_packet_odd odd;
	} cases[] = { { "0002 0800 00000000", NJ_PODD_GRE_VERSION },
		{ "4000 0800 00000000", NJ_PODD_GRE_ROUTING },
		{ "0000 08", NJ_PODD_GRE_CUT },
		{ "0000 1234 00000000", NJ_PODD_NONE },
		{ "2001 880b 0000 0001", NJ_PODD_NONE } };

	(void)unused;
	for (unsigned i = 0; i < nj_countof(cases); i++) {
		struct frame f = { .n = 0 };
		struct nj_meta m;
		size_t at = ip4(&f, 47);

		hex(&f, cases[i].text);
		end4(&f, at);
		m = decode(&f, NJ_LINK_RAW);
		assert_int_equal(m.kind, NJ_KIND_FLOW);
		assert_int_equal(m.inner_tunnel, NJ_TUN_NONE);
		assert_int_equal(m.odd, cases[i].odd);
	}
}

/* The list of ports is the caller's. */
static void
ports_are_configured(void **unused)
{
	static const struct nj_tunnel_port ports[] = { { 9999, NJ_TUN_VXLAN },
		{ 0 } };
	struct nj_decode_conf conf;
	struct nj_decoder *d;

	(void)unused;
	nj_decode_conf_default(&conf);
	conf.tunnel_ports = ports;
	assert_int_equal(nj_decoder_create(&d, &conf), NJ_OK);
	for (unsigned i = 0; i < 2; i++) {
		struct frame f = { .n = 0 };
		struct nj_packet p;
		struct nj_meta m;
		size_t at = ip4(&f, NJ_IP_UDP);

		udp(&f, 1, i ? 9999 : 4789);
		hex(&f, "08000000 00012300 020000000002020000000001 0800");
		ip4_tcp(&f, 4);
		end4(&f, at);
		p = packet(&f, NJ_LINK_RAW);
		nj_decode(d, &p, &m);
		assert_int_equal(
			m.inner_tunnel, i ? NJ_TUN_VXLAN : NJ_TUN_NONE);
	}
	nj_decoder_destroy(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ways_lead_inside),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(ordinary_traffic_on_tunnel_ports),
		cmocka_unit_test(teredo_on_any_port),
		cmocka_unit_test(inner_ip_is_judged),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(strange_gre),
		cmocka_unit_test(ports_are_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
