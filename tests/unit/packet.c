/*
 * packet.c - tests of engine/packet's decoder: the fast path and the walk.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "engine/packet/decode.h"

/* Ethernet, IPv4, TCP with 4 bytes of payload, and 6 bytes of padding. */
static const uint8_t tcp4[] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08,
	0x00, /* */
	0x45, 0, 0, 44, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0,
	2, /* */
	0x04, 0xd2, 0, 80, 0, 0, 0, 7, 0, 0, 0, 9, 0x50, 0x18, 1, 0, 0, 0, 0,
	0, /* */
	'a', 'b', 'c', 'd', 0, 0, 0, 0, 0, 0 };

static struct nj_packet
frame(const uint8_t *p, size_t n, enum nj_link link)
{
	return (struct nj_packet){ .data = p,
		.len = (uint32_t)n,
		.wire_len = (uint32_t)n,
		.link = link };
}

static struct nj_decoder *
decoder(bool check)
{
	struct nj_decode_conf conf;
	struct nj_decoder *d;

	nj_decode_conf_default(&conf);
	conf.check_checksums = check;
	assert_int_equal(nj_decoder_create(&d, &conf), NJ_OK);
	return d;
}

/* A plain TCP segment is decoded, and padding is not taken for payload. */
static void
tcp_without_padding(void **unused)
{
	struct nj_packet p = frame(tcp4, sizeof(tcp4), NJ_LINK_ETHERNET);
	struct nj_decoder *d = decoder(false);
	struct nj_meta m;

	(void)unused;
	nj_decode(d, &p, &m);
	assert_int_equal(m.kind, NJ_KIND_FLOW);
	assert_int_equal(m.proto, NJ_IP_TCP);
	assert_int_equal(m.sport, 1234);
	assert_int_equal(m.dport, 80);
	assert_int_equal(m.seq, 7);
	assert_int_equal(m.ack, 9);
	assert_int_equal(m.payload.len, 4);
	assert_int_equal(m.payload_wire, 4);
	assert_int_equal(m.ip_bytes, 44);
	assert_memory_equal(m.payload.data, "abcd", 4);
	nj_decoder_destroy(&d);
}

/* The walk finds in a frame what the fast path finds. */
static void
walk_agrees(void **unused)
{
	struct nj_packet p = frame(tcp4, sizeof(tcp4), NJ_LINK_ETHERNET);
	struct nj_decoder *fast = decoder(false), *slow = decoder(true);
	struct nj_meta a, b;

	(void)unused;
	p.flags = NJ_PF_L4_CSUM_GOOD;
	nj_decode(fast, &p, &a);
	nj_decode(slow, &p, &b);
	assert_int_equal(b.kind, NJ_KIND_CHECKSUM);
	assert_int_equal(b.odd, NJ_PODD_IP_CSUM);
	assert_int_equal(nj_decoder_counters(slow)->slow, 1);
	assert_int_equal(nj_decoder_counters(fast)->slow, 0);
	assert_int_equal(a.kind, NJ_KIND_FLOW);
	nj_decoder_destroy(&fast);
	nj_decoder_destroy(&slow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_without_padding),
		cmocka_unit_test(walk_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
