/*
 * packet.c - tests of engine/packet: the fast path, what is cut, checksums.
 */
#include "tests/unit/frame.h"

#include "engine/packet/decode_priv.h"

/* A plain TCP segment is decoded, and padding is not taken for payload. */
static void
padding_is_no_payload(void **unused)
{
	struct frame f = { .n = 0 };
	struct nj_meta m;

	(void)unused;
	ethernet(&f, "0800");
	ip4_tcp(&f, 4);
	hex(&f, "000000000000");
	m = decode(&f, NJ_LINK_ETHERNET);
	assert_tcp(&m, 4);
	assert_int_equal(m.ip_bytes, 44);
	assert_int_equal(m.ttl, 64);
	assert_int_equal(m.ether_type, 0x0800);
	assert_ptr_equal(m.mac_dst, f.b);
	assert_ptr_equal(m.mac_src, f.b + 6);
	assert_ptr_equal(m.l3, f.b + 14);
	assert_ptr_equal(m.src, f.b + 26);
	assert_ptr_equal(m.dst, f.b + 30);
	assert_ptr_equal(m.l4, f.b + 34);
	assert_memory_equal(m.payload.data, "abcd", 4);
}

/* Metas that the fast path makes and those that the walk makes are the same,
 * for each kind of packet that the fast path takes. */
static void
fast_path_agrees_with_the_walk(void **unused)
{
	static const char *const tags[] = { "0800", "8100 0007 0800", "86dd",
		"8100 6007 86dd" };
	struct nj_decoder *d = decoder(false);

	(void)unused;
	for (unsigned i = 0; i < 8; i++) {
		struct frame f = { .n = 0 };
		struct nj_packet p;
		struct nj_meta fast, slow = { 0 };
		struct nj_walk w;
		size_t at;

		ethernet(&f, tags[i % 4]);
		at = i % 4 < 2 ? ip4(&f, i < 4 ? NJ_IP_TCP : NJ_IP_UDP)
			       : ip6(&f, i < 4 ? NJ_IP_TCP : NJ_IP_UDP);
		if (i < 4)
			tcp(&f);
		else
			udp(&f, 1000, 2001);
		fill(&f, 0x80, 10);
		if (i % 4 < 2)
			end4(&f, at);
		else
			end6(&f, at, i < 4 ? 0 : at + 40);
		p = packet(&f, NJ_LINK_ETHERNET);
		nj_decode(d, &p, &fast);
		w = (struct nj_walk){ .d = d,
			.m = &slow,
			.at = f.b,
			.end = f.b + f.n,
			.wire = (uint32_t)f.n,
			.link = NJ_LINK_ETHERNET };
		nj_walk_run(&w, NJ_STEP_LINK);
		assert_memory_equal(&fast, &slow, sizeof(fast));
		assert_int_equal(fast.kind, NJ_KIND_FLOW);
	}
	assert_int_equal(nj_decoder_counters(d)->slow, 0);
	assert_int_equal(nj_decoder_counters(d)->flow, 8);
	nj_decoder_destroy(&d);
}

/* A frame cut anywhere never has more payload than there is, says how much
 * was on the wire as soon as the headers are whole, and is malformed before
 * that. */
static void
cut_anywhere(void **unused)
{
	struct nj_decoder *d = decoder(true);

	(void)unused;
	for (unsigned v = 0; v < 2; v++) {
		struct frame f = { .n = 0 };
		struct nj_packet p;
		struct nj_meta m;
		size_t head;

		ethernet(&f, v ? "8100 0001 86dd" : "8100 0001 0800");
		if (v)
			ip6_tcp(&f, 30);
		else
			ip4_tcp(&f, 30);
		head = f.n - 30;
		for (size_t n = 0; n < f.n; n++) {
			p = packet(&f, NJ_LINK_ETHERNET);
			p.len = (uint32_t)n;
			nj_decode(d, &p, &m);
			if (n < head) {
				assert_int_equal(m.kind, NJ_KIND_MALFORMED);
				assert_int_not_equal(m.odd, NJ_PODD_NONE);
				continue;
			}
			/* Cut packets are not checked. */
			assert_int_equal(m.kind, NJ_KIND_FLOW);
			assert_int_equal(m.payload.len, n - head);
			assert_int_equal(m.payload_wire, 30);
		}
	}
	nj_decoder_destroy(&d);
}

/* The kinds that frames are counted by add up to the frames. */
static void
kinds_add_up(void **unused)
{
	struct nj_decoder *d = decoder(false);
	const struct nj_decode_counters *n = nj_decoder_counters(d);
	struct frame f = { .n = 0 };
	struct nj_packet p;
	struct nj_meta m;

	(void)unused;
	ethernet(&f, "0800");
	ip4_tcp(&f, 100);
	for (unsigned i = 0; i < 512; i++) {
		p = packet(&f, NJ_LINK_ETHERNET);
		p.len = p.wire_len = (uint32_t)(i % f.n);
		f.b[12 + i % 20] = (uint8_t)(i * 37);
		nj_decode(d, &p, &m);
	}
	assert_int_equal(n->flow + n->arp + n->l2 + n->held + n->malformed +
				 n->checksum + n->unknown,
		512);
	nj_decoder_destroy(&d);
}

/* The vectorised sum is the sum of RFC 1071, for all lengths and offsets. */
static void
sum_is_rfc1071(void **unused)
{
	uint8_t bytes[256];

	(void)unused;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 167 + 13);
	for (size_t from = 0; from < 8; from++) {
		for (size_t n = 0; n < sizeof(bytes) - from; n++) {
			uint16_t sum =
				nj_csum_fold(nj_csum_add(0, bytes + from, n));

			/* Ours is in the machine's order; 0 and ffff are the
			 * same number. */
			sum = (uint16_t)~__builtin_bswap16(sum);
			if (plain_sum(bytes + from, n, 0) != 0xffff)
				assert_int_equal(
					sum, plain_sum(bytes + from, n, 0));
		}
	}
}

/* Decodes f with checksums checked, after changing one byte if at is set. */
static struct nj_meta
checked(struct frame *f, size_t at)
{
	struct nj_decoder *d = decoder(true);
	struct nj_packet p = packet(f, NJ_LINK_ETHERNET);
	struct nj_meta m;

	if (at)
		f->b[at] ^= 0x10;
	nj_decode(d, &p, &m);
	if (at)
		f->b[at] ^= 0x10;
	nj_decoder_destroy(&d);
	return m;
}

/* A right checksum passes, a changed byte does not, and what else is known
 * of the packet is known all the same: TCP, UDP, both IP versions. */
static void
checksums_are_verified(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 4; i++) {
		struct frame f = { .n = 0 };
		bool v6 = i & 1, is_udp = i & 2;
		uint8_t proto = is_udp ? NJ_IP_UDP : NJ_IP_TCP;
		struct nj_meta m;
		size_t at, l4;

		ethernet(&f, v6 ? "86dd" : "0800");
		at = v6 ? ip6(&f, proto) : ip4(&f, proto);
		l4 = f.n;
		if (is_udp)
			udp(&f, 1234, 80);
		else
			tcp(&f);
		fill(&f, 3, 33);
		if (v6)
			end6(&f, at, is_udp ? l4 : 0);
		else
			end4(&f, at);
		seal(&f, v6 ? at + 8 : at + 12, v6 ? 32 : 8, l4,
			l4 + (is_udp ? 6 : 16));
		m = checked(&f, 0);
		assert_int_equal(m.kind, NJ_KIND_FLOW);
		m = checked(&f, f.n - 1);
		assert_int_equal(m.kind, NJ_KIND_CHECKSUM);
		assert_int_equal(
			m.odd, is_udp ? NJ_PODD_UDP_CSUM : NJ_PODD_TCP_CSUM);
		assert_true(nj_meta_broken_l4(&m));
		assert_int_equal(m.sport, 1234);
		assert_int_equal(m.payload.len, 33);
		if (!v6) {
			m = checked(&f, at + 8);
			assert_int_equal(m.kind, NJ_KIND_CHECKSUM);
			assert_int_equal(m.odd, NJ_PODD_IP_CSUM);
		}
	}
}

/* UDP over IPv4 may go without a checksum; what the NIC vouches for is not
 * looked at. */
static void
checksums_that_are_not_verified(void **unused)
{
	struct nj_decoder *d = decoder(true);
	struct frame f = { .n = 0 }, g = { .n = 0 };
	struct nj_packet p;
	struct nj_meta m;
	size_t at;

	(void)unused;
	ethernet(&f, "0800");
	at = ip4(&f, NJ_IP_UDP);
	udp(&f, 1, 2);
	fill(&f, 3, 5);
	end4(&f, at);
	m = checked(&f, 0);
	assert_int_equal(m.kind, NJ_KIND_FLOW);
	ethernet(&g, "0800");
	ip4_tcp(&g, 9);
	g.b[24] ^= 1;
	p = packet(&g, NJ_LINK_ETHERNET);
	p.flags = NJ_PF_IP_CSUM_GOOD | NJ_PF_L4_CSUM_GOOD;
	nj_decode(d, &p, &m);
	assert_tcp(&m, 9);
	p.flags = NJ_PF_L4_CSUM_GOOD;
	nj_decode(d, &p, &m);
	assert_int_equal(m.odd, NJ_PODD_IP_CSUM);
	nj_decoder_destroy(&d);
}

/* ICMP and ICMPv6 checksums, and type and code in the ports' place. */
static void
icmp(void **unused)
{
	struct frame f = { .n = 0 }, g = { .n = 0 };
	struct nj_meta m;
	size_t at, l4;

	(void)unused;
	ethernet(&f, "0800");
	at = ip4(&f, NJ_IP_ICMP);
	l4 = f.n;
	hex(&f, "0301 0000 00000000");
	fill(&f, 1, 20);
	end4(&f, at);
	set16(&f, l4 + 2, plain_sum(f.b + l4, f.n - l4, 0));
	m = checked(&f, 0);
	assert_int_equal(m.kind, NJ_KIND_FLOW);
	assert_int_equal(m.sport, 3);
	assert_int_equal(m.dport, 1);
	assert_int_equal(m.payload.len, 20);
	m = checked(&f, f.n - 3);
	assert_int_equal(m.odd, NJ_PODD_ICMP_CSUM);

	ethernet(&g, "86dd");
	at = ip6(&g, NJ_IP_ICMP6);
	l4 = g.n;
	hex(&g, "8000 0000 00010002");
	fill(&g, 1, 7);
	end6(&g, at, 0);
	seal(&g, at + 8, 32, l4, l4 + 2);
	m = checked(&g, 0);
	assert_int_equal(m.kind, NJ_KIND_FLOW);
	assert_int_equal(m.sport, 128);
	m = checked(&g, g.n - 1);
	assert_int_equal(m.odd, NJ_PODD_ICMP_CSUM);
}

/* Every oddity has a name, and numbers out of range have the empty one. */
static void
odds_have_names(void **unused)
{
	(void)unused;
	for (unsigned i = 1; i < NJ_PODD_COUNT; i++) {
		assert_true(nj_packet_odd(i)->name[0]);
		assert_true(nj_packet_odd(i)->text[0]);
	}
	assert_string_equal(nj_packet_odd(NJ_PODD_COUNT)->name, "");
	assert_true(NJ_PODD_COUNT <= UINT8_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(padding_is_no_payload),
		cmocka_unit_test(fast_path_agrees_with_the_walk),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(kinds_add_up),
		cmocka_unit_test(sum_is_rfc1071),
		cmocka_unit_test(checksums_are_verified),
		cmocka_unit_test(checksums_that_are_not_verified),
		cmocka_unit_test(icmp),
		cmocka_unit_test(odds_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
