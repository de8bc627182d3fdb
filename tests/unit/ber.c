/*
 * ber.c - tests of reading BER.
 */
#include "tests/unit/unit.h"

#include "dissectors/shared/ber.h"
#include "tests/unit/hex.h"

static struct nj_der
next_of(const char *text, bool *bad)
{
	static uint8_t room[512];
	struct nj_cur c = nj_cur(unhex(text, room));
	struct nj_der e = nj_ber_next(&c);

	*bad = c.bad;
	return e;
}

/* Lengths may take more bytes than they need, and tags more than one. */
static void
ber_lengths(void **unused)
{
	bool bad;
	struct nj_der e = next_of("308400000003020105", &bad);

	(void)unused;
	assert_false(bad);
	assert_int_equal(e.tag, 0x30);
	assert_int_equal(e.body.len, 3);
	assert_int_equal(e.whole.len, 9);
	e = next_of("bf8148020500", &bad);
	assert_false(bad);
	assert_int_equal(e.tag, 0xbf);
	assert_int_equal(e.body.len, 2);
}

/* An indefinite length ends at its own end, not at one inside of it. */
static void
ber_indefinite(void **unused)
{
	bool bad;
	struct nj_der e = next_of("3080308004020000000002010500000500", &bad);

	(void)unused;
	assert_false(bad);
	assert_int_equal(e.body.len, 11);
	assert_int_equal(e.whole.len, 15);
	assert_int_equal(e.body.data[10], 5);
}

/* What has no end, nests too deep or is longer than what is there is bad. */
static void
ber_broken(void **unused)
{
	static const char *const cases[] = { "", "30", "3082", "300502",
		"30803080", "0480", "3089000000000000000000", "1fffffffffff00",
		"30840fffffff", "3085ff00000000" };
	char deep[4 * 64 + 1] = "";
	bool bad;

	(void)unused;
	for (unsigned i = 0; i < nj_countof(cases); i++) {
		(void)next_of(cases[i], &bad);
		assert_true(bad);
	}
	for (unsigned i = 0; i < 64; i++)
		memcpy(deep + 4 * i, "3080", 5);
	(void)next_of(deep, &bad);
	assert_true(bad);
}

/* Integers have a sign and at most eight bytes. */
static void
ber_integers(void **unused)
{
	uint8_t room[64];
	struct nj_cur c =
		nj_cur(unhex("0201ff0a0200800209010000000000000000", room));

	(void)unused;
	assert_int_equal(nj_ber_int(&c, NJ_DER_INTEGER), -1);
	assert_int_equal(nj_ber_int(&c, NJ_BER_ENUM), 128);
	assert_false(c.bad);
	assert_int_equal(nj_ber_int(&c, NJ_DER_INTEGER), 0);
	assert_true(c.bad);
}

/* Of a head that is still coming no more is said than is known. */
static void
ber_head_grows(void **unused)
{
	static const uint8_t bytes[] = { 0x30, 0x82, 1, 0 };
	struct nj_ber_head h;

	(void)unused;
	for (size_t n = 0; n < sizeof(bytes); n++)
		assert_int_equal(nj_ber_head((struct nj_view){ bytes, n }, &h),
			NJ_BER_MORE);
	assert_int_equal(
		nj_ber_head((struct nj_view){ bytes, 4 }, &h), NJ_BER_OK);
	assert_int_equal(h.len, 256);
	assert_int_equal(h.bytes, 4);
}

/* An optional element is taken when it is there and left when it is not. */
static void
ber_optional(void **unused)
{
	uint8_t room[64];
	struct nj_cur c = nj_cur(unhex("a103020105a20100", room)), in;

	(void)unused;
	assert_false(nj_ber_enter(&c, 0xa0, &in));
	assert_false(c.bad);
	assert_true(nj_ber_enter(&c, 0xa1, &in));
	assert_int_equal(nj_ber_int(&in, NJ_DER_INTEGER), 5);
	assert_null(nj_ber_option(&c, 0xa1).data);
	assert_int_equal(nj_ber_option(&c, 0xa2).len, 1);
	assert_false(c.bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ber_lengths),
		cmocka_unit_test(ber_indefinite),
		cmocka_unit_test(ber_broken),
		cmocka_unit_test(ber_integers),
		cmocka_unit_test(ber_head_grows),
		cmocka_unit_test(ber_optional),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
