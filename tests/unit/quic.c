/*
 * quic.c - tests of QUIC's headers and packet protection, and of pieces.
 */
#include "tests/unit/unit.h"

#include "dissectors/shared/pieces.h"
#include "dissectors/shared/quic_packet.h"
#include "tests/unit/hex.h"

/* The server's Initial of RFC 9001 appendix A.3, and the same of RFC 9369. */
static const char server_v1[] =
	"cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6"
	"394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46"
	"c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d7"
	"7d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee";
static const char server_v2[] =
	"dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea2"
	"6b91eb761d9b89237bbf87263017915358230035f7fd3945d88965cf17f9af6e16886c"
	"61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2c984c707f0a0812d8c"
	"d5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca84bed8521e2e140";
static const uint8_t client_dcid[] = { 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57,
	0x08 };

static void
opens(const char *hex)
{
	uint8_t packet[256], buf[NJ_QUIC_PACKET_MAX];
	struct nj_quic_header h;
	struct nj_quic_keys keys;
	struct nj_view payload, v = unhex(hex, packet);

	assert_true(nj_quic_header(&h, v));
	assert_int_equal(h.type, NJ_QUIC_INITIAL);
	assert_int_equal(h.dcid.len, 0);
	assert_int_equal(h.scid.len, 8);
	assert_int_equal(h.whole.len, v.len);
	nj_quic_keys(&keys, h.version,
		(struct nj_view){ client_dcid, sizeof(client_dcid) }, false);
	assert_true(nj_quic_open(&keys, &h, buf, &payload));
	/* An ACK, and CRYPTO with a ServerHello. */
	assert_int_equal(payload.len, 99);
	assert_memory_equal(payload.data,
		"\x02\x00\x00\x00\x00\x06\x00\x40\x5a\x02\x00\x00\x56", 13);
	packet[v.len - 1] ^= 1;
	assert_false(nj_quic_open(&keys, &h, buf, &payload));
	packet[v.len - 1] ^= 1;
	nj_quic_keys(&keys, h.version,
		(struct nj_view){ client_dcid, sizeof(client_dcid) }, true);
	assert_false(nj_quic_open(&keys, &h, buf, &payload));
}

/* The published packets of versions 1 and 2 open with the keys of the
 * client's first connection id, and with no others. */
static void
published_packets(void **unused)
{
	(void)unused;
	opens(server_v1);
	opens(server_v2);
}

/* A packet cut anywhere is no packet, or one that does not open. */
static void
cut_packets(void **unused)
{
	uint8_t packet[256], buf[NJ_QUIC_PACKET_MAX];
	struct nj_view v = unhex(server_v1, packet);

	(void)unused;
	for (size_t n = 0; n < v.len; n++) {
		uint8_t *copy = test_malloc(n ? n : 1);
		struct nj_quic_header h;

		memcpy(copy, packet, n);
		assert_false(nj_quic_header(&h, (struct nj_view){ copy, n }));
		test_free(copy);
	}
	/* Its length field says too little for a sample. */
	packet[16] = 0x40;
	packet[17] = 0x05;
	{
		struct nj_quic_header h;
		struct nj_quic_keys keys = { { 0 } };
		struct nj_view payload;

		assert_true(nj_quic_header(&h, v));
		assert_false(nj_quic_open(&keys, &h, buf, &payload));
	}
}

/* Types have other numbers in version 2; what is not known is not guessed. */
static void
types(void **unused)
{
	uint8_t b[] = { 0xc0, 0, 0, 0, 1, 0, 0, 1, 0 };
	struct nj_quic_header h;
	struct nj_view v = { b, sizeof(b) };

	(void)unused;
	b[0] = 0xe0;
	assert_true(nj_quic_header(&h, v));
	assert_int_equal(h.type, NJ_QUIC_HANDSHAKE);
	assert_int_equal(h.whole.len, sizeof(b));
	memcpy(b + 1, "\x6b\x33\x43\xcf", 4);
	assert_true(nj_quic_header(&h, v));
	assert_int_equal(h.type, NJ_QUIC_ZERO_RTT);
	b[0] = 0xc0;
	assert_true(nj_quic_header(&h, v));
	assert_int_equal(h.type, NJ_QUIC_RETRY);
	memcpy(b + 1, "\0\0\0\0", 4);
	assert_true(nj_quic_header(&h, v));
	assert_int_equal(h.type, NJ_QUIC_NEGOTIATION);
	memcpy(b + 1, "\x1a\x2a\x3a\x4a", 4);
	assert_true(nj_quic_header(&h, v));
	assert_int_equal(h.type, NJ_QUIC_UNKNOWN);
	b[0] = 0x40;
	assert_false(nj_quic_header(&h, v));
}

/* Integers of all four lengths: RFC 9000 appendix A.1. */
static void
varints(void **unused)
{
	static const uint8_t b[] = { 0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8,
		0x8c, 0x9d, 0x7f, 0x3e, 0x7d, 0x7b, 0xbd, 0x25, 0x40, 0x25 };
	struct nj_cur c = nj_cur((struct nj_view){ b, sizeof(b) });

	(void)unused;
	assert_true(nj_quic_varint(&c) == UINT64_C(151288809941952652));
	assert_int_equal(nj_quic_varint(&c), 494878333);
	assert_int_equal(nj_quic_varint(&c), 15293);
	assert_int_equal(nj_quic_varint(&c), 37);
	assert_int_equal(nj_quic_varint(&c), 37);
	assert_false(c.bad);
	assert_int_equal(nj_quic_varint(&c), 0);
	assert_true(c.bad);
}

/* Google's client hello is read by its tags, and not beyond its end. */
static void
google_hello(void **unused)
{
	static const uint8_t b[] = "hdrCHLO\2\0\0\0SNI\0\3\0\0\0UAID\5\0\0\0"
				   "a.bxy";
	struct nj_quic_chlo out;

	(void)unused;
	assert_true(nj_quic_chlo(&out, (struct nj_view){ b, sizeof(b) - 1 }));
	assert_true(nj_view_eq(out.server_name, NJ_LIT("a.b")));
	assert_true(nj_view_eq(out.user_agent, NJ_LIT("xy")));
	for (size_t n = 7; n < sizeof(b) - 1; n++) {
		uint8_t *copy = test_malloc(n);

		memcpy(copy, b, n);
		assert_true(nj_quic_chlo(&out, (struct nj_view){ copy, n }));
		assert_null(out.user_agent.data);
		test_free(copy);
	}
	assert_false(nj_quic_chlo(&out, NJ_LIT("CHL")));
}

/* Pieces join where they touch or overlap, in whatever order they come. */
static void
pieces_join(void **unused)
{
	struct nj_pieces p = { .count = 0 };

	(void)unused;
	assert_true(nj_pieces_add(&p, 10, 20));
	assert_int_equal(nj_pieces_front(&p), 0);
	assert_true(nj_pieces_add(&p, 30, 40));
	assert_true(nj_pieces_add(&p, 0, 5));
	assert_int_equal(nj_pieces_front(&p), 5);
	assert_true(nj_pieces_add(&p, 5, 10));
	assert_int_equal(nj_pieces_front(&p), 20);
	assert_int_equal(p.count, 2);
	assert_true(nj_pieces_add(&p, 15, 35));
	assert_int_equal(nj_pieces_front(&p), 40);
	assert_int_equal(p.count, 1);
	assert_true(nj_pieces_add(&p, 7, 9));
	assert_int_equal(nj_pieces_front(&p), 40);
}

/* Too many holes are refused; filling one goes on working. */
static void
pieces_full(void **unused)
{
	struct nj_pieces p = { .count = 0 };

	(void)unused;
	for (uint32_t i = 0; i < NJ_PIECES_MAX; i++)
		assert_true(nj_pieces_add(&p, 4 * i, 4 * i + 2));
	assert_false(nj_pieces_add(&p, 1000, 1001));
	assert_int_equal(p.count, NJ_PIECES_MAX);
	assert_true(nj_pieces_add(&p, 2, 4));
	assert_int_equal(nj_pieces_front(&p), 6);
	assert_true(nj_pieces_add(&p, 0, 4 * NJ_PIECES_MAX));
	assert_int_equal(p.count, 1);
	assert_int_equal(nj_pieces_front(&p), 4 * NJ_PIECES_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_packets),
		cmocka_unit_test(cut_packets),
		cmocka_unit_test(types),
		cmocka_unit_test(varints),
		cmocka_unit_test(google_hello),
		cmocka_unit_test(pieces_join),
		cmocka_unit_test(pieces_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
