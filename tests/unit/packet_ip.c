/*
 * packet_ip.c - tests of IPv4 and IPv6: lengths that lie, options, extension
 * headers, transports other than TCP.
 */
#include "tests/unit/frame.h"

/* Options stand between header and payload. */
static void
ipv4_options(void **unused)
{
	struct frame f = { .n = 0 };
	struct nj_meta m;
	size_t at;

	(void)unused;
	at = ip4(&f, NJ_IP_TCP);
	f.b[at] = 0x47;
	hex(&f, "0101010100000000");
	tcp(&f);
	fill(&f, 1, 5);
	end4(&f, at);
	m = decode(&f, NJ_LINK_RAW);
	assert_tcp(&m, 5);
	assert_ptr_equal(m.l4, f.b + 28);
}

struct lie {
	size_t at;
	uint8_t value;
	enum nj_kind kind;
	enum nj_packet_odd odd;
};

/* Each impossible value in the headers has its own oddity. */
static void
lies_are_told_apart(void **unused)
{
	static const struct lie lies[] = {
		{ 0, 0x44, NJ_KIND_MALFORMED, NJ_PODD_IP_HEADER_MIN },
		{ 0, 0x55, NJ_KIND_MALFORMED, NJ_PODD_IP_VERSION },
		{ 0, 0x4f, NJ_KIND_MALFORMED, NJ_PODD_IP_HEADER_BIG },
		{ 2, 0x01, NJ_KIND_MALFORMED, NJ_PODD_IP_LEN_CUT },
		{ 3, 0x13, NJ_KIND_MALFORMED, NJ_PODD_IP_HEADER_BIG },
		{ 3, 0x1e, NJ_KIND_MALFORMED, NJ_PODD_TCP_CUT },
		{ 32, 0x40, NJ_KIND_MALFORMED, NJ_PODD_TCP_HEADER },
		{ 32, 0xf0, NJ_KIND_MALFORMED, NJ_PODD_TCP_OPTIONS_CUT },
	};

	(void)unused;
	for (unsigned i = 0; i < nj_countof(lies); i++) {
		struct frame f = { .n = 0 };
		struct nj_meta m;

		ip4_tcp(&f, 4);
		f.b[lies[i].at] = lies[i].value;
		m = decode(&f, NJ_LINK_RAW);
		assert_int_equal(m.kind, lies[i].kind);
		assert_int_equal(m.odd, lies[i].odd);
	}
}

/* A segment that the NIC has yet to cut has length 0: the frame's length
 * stands for it, and ip_bytes is what the header says. */
static void
length_zero(void **unused)
{
	struct frame f = { .n = 0 }, g = { .n = 0 };
	struct nj_meta m;

	(void)unused;
	ip4_tcp(&f, 3000);
	set16(&f, 2, 0);
	m = decode(&f, NJ_LINK_RAW);
	assert_tcp(&m, 3000);
	assert_int_equal(m.odd, NJ_PODD_IP_LEN_ZERO);
	assert_int_equal(m.ip_bytes, 0);
	ip6_tcp(&g, 3000);
	set16(&g, 4, 0);
	m = decode(&g, NJ_LINK_RAW);
	assert_tcp(&m, 3000);
}

/* A jumbogram's length stands in its option (RFC 2675), where it counts what
 * follows the IPv6 header. */
static void
jumbogram(void **unused)
{
	struct frame f = { .n = 0 };
	struct nj_meta m;

	(void)unused;
	(void)ip6(&f, 0);
	hex(&f, "06 00 c2 04 00010da4"); /* 8 + 20 + 69000 */
	tcp(&f);
	fill(&f, 0, 69000);
	m = decode(&f, NJ_LINK_RAW);
	assert_tcp(&m, 69000);
	assert_int_equal(m.ip_bytes, 69068);
}

/* Hop-by-hop, routing, destination and authentication headers are passed;
 * what they carry is found. */
static void
extension_headers(void **unused)
{
	struct frame f = { .n = 0 };
	struct nj_meta m;

	(void)unused;
	(void)ip6(&f, 0);
	hex(&f, "3c 00 0502 00000100"); /* hop-by-hop: router alert */
	hex(&f, "2b 00 0104 00000000"); /* destination */
	hex(&f, "33 02 00 00 00000000 fd0000000000000000000000000000ff");
	hex(&f, "06 04 0000 00000001 00000001 000102030405060708090a0b");
	tcp(&f);
	fill(&f, 1, 6);
	end6(&f, 0, 0);
	m = decode(&f, NJ_LINK_RAW);
	assert_tcp(&m, 6);
	/* No segments are left, so the header's destination is the last. */
	assert_ptr_equal(m.dst, f.b + 24);
	for (size_t n = 40; n < 40 + 8 + 8 + 24 + 24 + 20; n++) {
		struct frame cut = f;

		cut.n = n;
		end6(&cut, 0, 0);
		m = decode(&cut, NJ_LINK_RAW);
		assert_int_equal(m.kind, NJ_KIND_MALFORMED);
	}
}

/* The home address is the source (RFC 6275), and the last address of a
 * routing header with segments left the destination; odd options are named
 * and change nothing. */
static void
addresses_of_the_ends(void **unused)
{
	struct frame f = { .n = 0 }, g = { .n = 0 };
	struct nj_meta m;

	(void)unused;
	(void)ip6(&f, 60);
	hex(&f, "2b 02 0102 0000 c910 fd0000000000000000000000000000aa");
	hex(&f, "06 04 00 01 00000000 fd0000000000000000000000000000b1"
		"fd0000000000000000000000000000b2");
	tcp(&f);
	end6(&f, 0, 0);
	m = decode(&f, NJ_LINK_RAW);
	assert_tcp(&m, 0);
	assert_int_equal(m.src[15], 0xaa);
	assert_int_equal(m.dst[15], 0xb2);
	assert_int_equal(m.odd, NJ_PODD_NONE);
	f.b[47] = 5; /* the option's length */
	m = decode(&f, NJ_LINK_RAW);
	assert_int_equal(m.odd, NJ_PODD_HOME_LEN);
	assert_ptr_equal(m.src, f.b + 8);
	f.b[46] = 0x1e;
	f.b[47] = 0x50;
	m = decode(&f, NJ_LINK_RAW);
	assert_int_equal(m.odd, NJ_PODD_DEST_OPTION);
	assert_tcp(&m, 0);
	(void)ip6(&g, 43);
	hex(&g, "06 02 00 07 00000000 fd0000000000000000000000000000b1");
	tcp(&g);
	end6(&g, 0, 0);
	m = decode(&g, NJ_LINK_RAW);
	assert_int_equal(m.odd, NJ_PODD_ROUTING);
	assert_ptr_equal(m.dst, g.b + 24);
}

/* Headers that never end are malformed after a bounded number of them. */
static void
endless_extensions(void **unused)
{
	struct frame f = { .n = 0 };
	struct nj_meta m;

	(void)unused;
	(void)ip6(&f, 60);
	for (unsigned i = 0; i < 200; i++)
		hex(&f, "3c 00 0104 00000000");
	end6(&f, 0, 0);
	m = decode(&f, NJ_LINK_RAW);
	assert_int_equal(m.kind, NJ_KIND_MALFORMED);
	assert_int_equal(m.odd, NJ_PODD_IP_HEADER_BIG);
}

/* No next header and mobility are no flows; ESP is one without ports. */
static void
without_transport(void **unused)
{
	struct frame f = { .n = 0 }, g = { .n = 0 }, h = { .n = 0 };
	struct nj_meta m;

	(void)unused;
	(void)ip6(&f, 59);
	m = decode(&f, NJ_LINK_RAW);
	assert_int_equal(m.kind, NJ_KIND_L2);
	assert_int_equal(m.odd, NJ_PODD_NO_NEXT);
	(void)ip6(&g, 135);
	hex(&g, "3b 00 01 00 0000 0000");
	end6(&g, 0, 0);
	m = decode(&g, NJ_LINK_RAW);
	assert_int_equal(m.kind, NJ_KIND_L2);
	(void)ip6(&h, 50);
	hex(&h, "00000001 00000002");
	fill(&h, 9, 40);
	end6(&h, 0, 0);
	m = decode(&h, NJ_LINK_RAW);
	assert_int_equal(m.kind, NJ_KIND_FLOW);
	assert_int_equal(m.proto, 50);
	assert_int_equal(m.sport, 0);
	assert_int_equal(m.payload.len, 48);
}

/* SCTP and UDP-Lite have ports; what has none is a flow all the same. */
static void
other_transports(void **unused)
{
	static const struct {
		uint8_t proto;
		uint16_t sport;
		size_t head;
	} transports[] = { { NJ_IP_SCTP, 1000, 12 }, { 136, 1000, 8 },
		{ 2, 0, 0 }, { 89, 0, 0 }, { 51, 0, 0 }, { 47, 0, 0 } };

	(void)unused;
	for (unsigned i = 0; i < nj_countof(transports); i++) {
		struct frame f = { .n = 0 };
		struct nj_meta m;
		size_t at = ip4(&f, transports[i].proto);

		hex(&f, "03e8 07d0 0000 0000 00000000");
		fill(&f, 0, 10);
		end4(&f, at);
		m = decode(&f, NJ_LINK_RAW);
		assert_int_equal(m.kind, NJ_KIND_FLOW);
		assert_int_equal(m.proto, transports[i].proto);
		assert_int_equal(m.sport, transports[i].sport);
		assert_int_equal(m.l4_header_bytes, transports[i].head);
		assert_int_equal(m.payload.len, 22 - transports[i].head);
	}
}

/* The datagram ends where UDP says, if it can be believed. */
static void
udp_length(void **unused)
{
	struct frame f = { .n = 0 };
	struct nj_meta m;
	size_t at = ip4(&f, NJ_IP_UDP);

	(void)unused;
	udp(&f, 1, 2);
	fill(&f, 0, 20);
	end4(&f, at);
	set16(&f, 24, 8 + 11);
	m = decode(&f, NJ_LINK_RAW);
	assert_int_equal(m.payload.len, 11);
	assert_int_equal(m.payload_wire, 11);
	assert_int_equal(m.odd, NJ_PODD_NONE);
	set16(&f, 24, 8 + 21);
	m = decode(&f, NJ_LINK_RAW);
	assert_int_equal(m.payload.len, 20);
	assert_int_equal(m.odd, NJ_PODD_UDP_LENGTH);
	set16(&f, 24, 7);
	m = decode(&f, NJ_LINK_RAW);
	assert_int_equal(m.payload.len, 20);
	assert_int_equal(m.odd, NJ_PODD_UDP_LENGTH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_options),
		cmocka_unit_test(lies_are_told_apart),
		cmocka_unit_test(length_zero),
		cmocka_unit_test(jumbogram),
		cmocka_unit_test(extension_headers),
		cmocka_unit_test(addresses_of_the_ends),
		cmocka_unit_test(endless_extensions),
		cmocka_unit_test(without_transport),
		cmocka_unit_test(other_transports),
		cmocka_unit_test(udp_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
