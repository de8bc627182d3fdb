/*
 * inflate.c - tests of engine/io/inflate against streams that zlib
 * wrote.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "engine/io/inflate.h"

/* gzip of best_of_times, level 9. */
static const uint8_t gzip_stream[] = {
	0x1f,
	0x8b,
	0x08,
	0x00,
	0x00,
	0x00,
	0x00,
	0x00,
	0x02,
	0x03,
	0xf3,
	0x2c,
	0x51,
	0x28,
	0x4f,
	0x2c,
	0x56,
	0x28,
	0xc9,
	0x48,
	0x55,
	0x48,
	0x4a,
	0x2d,
	0x2e,
	0x51,
	0xc8,
	0x4f,
	0x53,
	0x28,
	0xc9,
	0xcc,
	0x4d,
	0x2d,
	0xd6,
	0x51,
	0xc8,
	0x44,
	0xc8,
	0x94,
	0xe7,
	0x17,
	0xe1,
	0x92,
	0x4a,
	0x4c,
	0x4f,
	0x05,
	0x49,
	0x94,
	0x67,
	0x16,
	0xa7,
	0xe4,
	0xe7,
	0x02,
	0x00,
	0xf0,
	0xbf,
	0xf5,
	0xce,
	0x4d,
	0x00,
	0x00,
	0x00,
};

static const char best_of_times[] =
	"It was the best of times, it was the worst of times, it was the age "
	"of wisdom";

/* zlib of "abc" 4000 times. */
static const uint8_t zlib_stream[] = {
	0x78,
	0xda,
	0xed,
	0xc2,
	0x41,
	0x11,
	0x00,
	0x00,
	0x0c,
	0x02,
	0xa0,
	0xac,
	0x6a,
	0xff,
	0x0e,
	0x8b,
	0xb1,
	0x0f,
	0x1c,
	0xe9,
	0xa2,
	0xaa,
	0xaa,
	0xaa,
	0xaa,
	0xaa,
	0xaa,
	0xaa,
	0xaa,
	0xaa,
	0xaa,
	0xaa,
	0xdf,
	0x0f,
	0xb2,
	0xfd,
	0xf2,
	0xc0,
};

/* Bare DEFLATE with a dynamic block: 611 bytes. */
static const uint8_t raw_stream[] = {
	0x75,
	0x52,
	0x41,
	0x0a,
	0xc0,
	0x20,
	0x0c,
	0xbb,
	0xef,
	0x15,
	0x7b,
	0xc0,
	0x3e,
	0xd5,
	0xb1,
	0xb2,
	0x1d,
	0x14,
	0x04,
	0xfd,
	0x3f,
	0x2b,
	0x16,
	0x35,
	0xd6,
	0x0a,
	0xa2,
	0xd5,
	0xa6,
	0x69,
	0x52,
	0xe4,
	0x94,
	0x5f,
	0x8a,
	0x91,
	0x0e,
	0xdd,
	0x39,
	0x65,
	0x0a,
	0xe9,
	0xa3,
	0x87,
	0x43,
	0xa1,
	0xeb,
	0xe6,
	0x42,
	0x67,
	0xbd,
	0x8f,
	0x48,
	0x71,
	0x90,
	0xd7,
	0xb0,
	0x15,
	0xca,
	0x69,
	0xaa,
	0x34,
	0xaf,
	0x65,
	0xf0,
	0x60,
	0x50,
	0x52,
	0x27,
	0x0b,
	0x52,
	0x23,
	0x3f,
	0x40,
	0x66,
	0x43,
	0xe1,
	0x8d,
	0xc4,
	0x40,
	0xb0,
	0xb9,
	0x2f,
	0x1f,
	0x98,
	0x00,
	0xd0,
	0xa7,
	0x01,
	0xbe,
	0x36,
	0x20,
	0x64,
	0x5c,
	0x5c,
	0x5a,
	0xaf,
	0x1b,
	0x25,
	0xad,
	0x05,
	0xb2,
	0xcc,
	0x73,
	0x05,
	0xdc,
	0x64,
	0xd5,
	0x9f,
	0x73,
	0x57,
	0xdb,
	0x83,
	0xb9,
	0x0f,
	0x2a,
	0x77,
	0xe9,
	0xd1,
	0x3f,
	0x98,
	0xf2,
	0xbe,
	0xca,
	0x3a,
	0x0b,
	0x23,
	0xec,
	0x07,
};

enum { RAW_BYTES = 611, RAW_SUM = 57485 };

struct sum {
	uint64_t bytes, sum;
	char head[128];
};

static void
add(void *ctx, struct nj_view v)
{
	struct sum *s = ctx;

	for (size_t i = 0; i < v.len; i++) {
		if (s->bytes < sizeof(s->head))
			s->head[s->bytes] = (char)v.data[i];
		s->bytes++;
		s->sum += v.data[i];
	}
}

/* Feeds in pieces of n bytes; gives the last status and what was left. */
static enum nj_inflate_status
feed(struct nj_inflate *z, struct nj_view v, size_t n, struct sum *s)
{
	enum nj_inflate_status status = NJ_INFLATE_MORE;

	while (v.len && status == NJ_INFLATE_MORE) {
		struct nj_view piece = nj_sub(v, 0, n);
		size_t had = piece.len;

		status = nj_inflate_feed(z, &piece, add, s);
		v = nj_sub(v, had - piece.len, v.len);
		if (status == NJ_INFLATE_MORE)
			assert_int_equal(piece.len, 0);
	}
	return status;
}

static struct nj_inflate z;

/* Whatever way the stream is cut, the same bytes come out. */
static void
any_split_gives_the_same(void **unused)
{
	(void)unused;
	for (size_t n = 1; n <= sizeof(raw_stream); n++) {
		struct sum s = { 0 };

		nj_inflate_begin(&z, NJ_INFLATE_RAW, UINT64_MAX);
		assert_int_equal(feed(&z,
					 (struct nj_view){ raw_stream,
						 sizeof(raw_stream) },
					 n, &s),
			NJ_INFLATE_DONE);
		assert_int_equal(s.bytes, RAW_BYTES);
		assert_int_equal(s.sum, RAW_SUM);
	}
}

/* gzip text comes out as it was. */
static void
gzip_text(void **unused)
{
	struct sum s = { 0 };

	(void)unused;
	nj_inflate_begin(&z, NJ_INFLATE_GZIP, UINT64_MAX);
	assert_int_equal(
		feed(&z, (struct nj_view){ gzip_stream, sizeof(gzip_stream) },
			7, &s),
		NJ_INFLATE_DONE);
	assert_int_equal(s.bytes, sizeof(best_of_times) - 1);
	assert_memory_equal(s.head, best_of_times, s.bytes);
}

/* gzip that is called deflate is gzip, whatever way it is cut. */
static void
gzip_by_another_name(void **unused)
{
	struct nj_view v = { gzip_stream, sizeof(gzip_stream) };

	(void)unused;
	for (size_t n = 1; n < 4; n++) {
		struct sum s = { 0 };

		nj_inflate_begin(&z, NJ_INFLATE_ZLIB, UINT64_MAX);
		assert_int_equal(feed(&z, v, n, &s), NJ_INFLATE_DONE);
	}
}

/* Output stops at the limit, within the longest match. */
static void
limit_holds(void **unused)
{
	struct sum s = { 0 };

	(void)unused;
	nj_inflate_begin(&z, NJ_INFLATE_ZLIB, 1000);
	assert_int_equal(
		feed(&z, (struct nj_view){ zlib_stream, sizeof(zlib_stream) },
			64, &s),
		NJ_INFLATE_FULL);
	assert_in_range(s.bytes, 1000, 1000 + 258);
	nj_inflate_begin(&z, NJ_INFLATE_ZLIB, UINT64_MAX);
	s = (struct sum){ 0 };
	assert_int_equal(
		feed(&z, (struct nj_view){ zlib_stream, sizeof(zlib_stream) },
			64, &s),
		NJ_INFLATE_DONE);
	assert_int_equal(s.bytes, 12000);
}

/* A distance before the beginning and a wrong mark are refused. */
static void
broken_streams(void **unused)
{
	/* Fixed codes: literal 'a', then length 3 at distance 4. */
	static const uint8_t far_back[] = { 0x4b, 0x04, 0x31, 0x00 };
	struct sum s = { 0 };

	(void)unused;
	nj_inflate_begin(&z, NJ_INFLATE_RAW, UINT64_MAX);
	assert_int_equal(
		feed(&z, (struct nj_view){ far_back, sizeof(far_back) }, 1, &s),
		NJ_INFLATE_BAD);
	nj_inflate_begin(&z, NJ_INFLATE_GZIP, UINT64_MAX);
	assert_int_equal(feed(&z, NJ_LIT("PK\3\4"), 4, &s), NJ_INFLATE_BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_split_gives_the_same),
		cmocka_unit_test(gzip_text),
		cmocka_unit_test(gzip_by_another_name),
		cmocka_unit_test(limit_holds),
		cmocka_unit_test(broken_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
