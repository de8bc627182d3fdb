/*
 * base.c - tests of engine/base.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>

#include "engine/base/buf.h"
#include "engine/base/counter.h"
#include "engine/base/cur.h"
#include "engine/base/hash.h"
#include "engine/base/pool.h"

/* A cursor that has run out stays bad and keeps answering zero. */
static void
cursor_stays_bad(void **unused)
{
	const uint8_t bytes[] = { 0x12, 0x34, 0x56 };
	struct nj_cur c = nj_cur((struct nj_view){ bytes, sizeof(bytes) });

	(void)unused;
	assert_int_equal(nj_cur_u16(&c), 0x1234);
	assert_int_equal(nj_cur_u16(&c), 0);
	assert_true(c.bad);
	assert_int_equal(nj_cur_u8(&c), 0);
	assert_int_equal(nj_cur_left(&c), 0);
}

/* SipHash-2-4 agrees with the vectors of its reference implementation
 * (key 00..0f, message 00..0e and the empty message). */
static void
siphash_vectors(void **unused)
{
	struct nj_hash_key key = { UINT64_C(0x0706050403020100),
		UINT64_C(0x0f0e0d0c0b0a0908) };
	uint8_t msg[15];
	uint64_t out[2];

	(void)unused;
	for (size_t i = 0; i < sizeof(msg); i++)
		msg[i] = (uint8_t)i;
	assert_true(nj_hash64(&key, msg, sizeof(msg)) ==
		    UINT64_C(0xa129ca6149be45e5));
	nj_hash128(&key, msg, 0, out);
	assert_true(out[0] == UINT64_C(0xe6a825ba047f81a3));
	assert_true(out[1] == UINT64_C(0x930255c71472f66d));
}

/* Bytes that are no text come out as Zeek writes them, UTF-8 as it is. */
static void
json_string_escapes(void **unused)
{
	struct nj_buf b = { 0 };

	(void)unused;
	nj_buf_json_str(&b, NJ_LIT("a\"\\\x01\n\xc3\xa9"));
	nj_buf_json_str(&b, NJ_LIT("\xc3\xa9\xff"));
	nj_buf_char(&b, 0);
	assert_string_equal((char *)b.data, "\"a\\\"\\\\\\\\x01\\n\xc3\xa9\""
					    "\"\\\\xc3\\\\xa9\\\\xff\"");
	nj_buf_free(&b);
}

/* Whatever byte stands wherever in a string, it is treated as it is alone. */
static void
json_string_bytes_anywhere(void **unused)
{
	struct nj_buf one = { 0 }, b = { 0 };
	uint8_t text[19];

	(void)unused;
	for (unsigned c = 0; c < 256; c++) {
		struct nj_view v = { (uint8_t[]){ (uint8_t)c }, 1 };

		nj_buf_reset(&one);
		nj_buf_json_str(&one, v);
		for (size_t at = 0; at < sizeof(text); at++) {
			memset(text, 'x', sizeof(text));
			text[at] = (uint8_t)c;
			nj_buf_reset(&b);
			nj_buf_json_str(
				&b, (struct nj_view){ text, sizeof(text) });
			assert_int_equal(b.len, one.len + sizeof(text) - 1);
			assert_memory_equal(
				b.data + 1 + at, one.data + 1, one.len - 2);
			assert_int_equal(b.data[at], at ? 'x' : '"');
		}
	}
	nj_buf_free(&one);
	nj_buf_free(&b);
}

/* A pool gives each block once, refuses when empty, and reuses. */
static void
pool_gives_and_takes(void **unused)
{
	struct nj_pool pool;
	uint32_t a, b;

	(void)unused;
	assert_int_equal(nj_pool_init(&pool, 100, 2), NJ_OK);
	a = nj_pool_get(&pool);
	b = nj_pool_get(&pool);
	assert_int_not_equal(a, b);
	assert_int_equal(nj_pool_get(&pool), 0);
	assert_int_equal(pool.refused, 1);
	nj_pool_put(&pool, a);
	assert_int_equal(nj_pool_get(&pool), a);
	assert_int_equal(pool.peak, 2);
	nj_pool_fini(&pool);
}

/* Addresses read back as they were written. */
static void
addresses_round_trip(void **unused)
{
	static const char *const texts[] = { "10.0.200.7", "255.255.255.255",
		"fe80::1", "::", "2001:db8::1:0:0:1" };
	char out[NJ_ADDR_TEXT];
	struct nj_addr a;

	(void)unused;
	for (size_t i = 0; i < nj_countof(texts); i++) {
		assert_true(nj_addr_parse(&a, texts[i]));
		assert_int_equal(nj_addr_text(&a, out), strlen(texts[i]));
		assert_string_equal(out, texts[i]);
	}
	assert_false(nj_addr_parse(&a, "10.0.0"));
}

/* Addresses of version 6 are written as inet_ntop writes them, whichever
 * words are zero, short, or say that version 4 is inside. */
static void
v6_text_is_as_inet_ntop(void **unused)
{
	static const uint16_t words[] = { 0, 0, 0, 1, 0xffff, 0x10, 0xabc,
		0xc0a8 };
	char want[INET6_ADDRSTRLEN], got[NJ_ADDR_TEXT];
	struct nj_addr a = { .family = 6 };
	uint64_t seed = 1;

	(void)unused;
	for (unsigned i = 0; i < 200000; i++) {
		seed = nj_mix64(seed + i);
		for (unsigned k = 0; k < 8; k++) {
			uint16_t w = words[seed >> 3 * k & 7];

			a.bytes[2 * k] = (uint8_t)(w >> 8);
			a.bytes[2 * k + 1] = (uint8_t)w;
		}
		if (seed >> 60 == 0)
			memset(a.bytes, 0, 8 + (seed >> 56 & 7));
		assert_non_null(
			inet_ntop(AF_INET6, a.bytes, want, sizeof(want)));
		assert_int_equal(nj_addr_text(&a, got), strlen(want));
		assert_string_equal(got, want);
	}
}

#define DEMO_COUNTERS(C)                                                       \
	C(seen, PACKETS, INFO, "Packets looked at")                            \
	C(not_kept, BYTES, WARN, "Bytes lost")
NJ_COUNTERS_DECLARE(demo, DEMO_COUNTERS);
NJ_COUNTERS_DEFINE(demo, DEMO_COUNTERS);

/* A counter set comes out as JSON members and as aligned lines, and sets of
 * several workers add up. */
static void
counters_print(void **unused)
{
	struct demo_counters a = { 1, 20 }, b = { 2, 300 };
	struct nj_buf out = { 0 };

	(void)unused;
	nj_counters_add(&demo_counters_desc, &a, &b);
	nj_buf_char(&out, '{');
	nj_counters_json(&out, &demo_counters_desc, &a);
	nj_counters_json(&out, &demo_counters_desc, &b);
	nj_buf_put(&out, "}", 2);
	assert_string_equal((char *)out.data,
		"{\"seen\":3,\"not_kept\":320,\"seen\":2,\"not_kept\":300}");
	nj_buf_reset(&out);
	nj_counters_text(&out, &demo_counters_desc, &a);
	nj_buf_char(&out, 0);
	assert_string_equal((char *)out.data,
		"seen                        3 packets  Packets looked at\n"
		"not_kept                  320 bytes    Bytes lost\n");
	nj_buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursor_stays_bad),
		cmocka_unit_test(siphash_vectors),
		cmocka_unit_test(json_string_escapes),
		cmocka_unit_test(json_string_bytes_anywhere),
		cmocka_unit_test(pool_gives_and_takes),
		cmocka_unit_test(addresses_round_trip),
		cmocka_unit_test(v6_text_is_as_inet_ntop),
		cmocka_unit_test(counters_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
