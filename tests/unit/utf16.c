/*
 * utf16.c - tests of dissectors/shared/utf16.
 */
#include "tests/unit/unit.h"

#include "dissectors/shared/utf16.h"

static void
is(struct nj_view v, size_t cap, struct nj_view want)
{
	uint8_t out[64];
	size_t n = nj_utf16_decode(v, out, cap);

	assert_int_equal(n, want.len);
	assert_memory_equal(out, want.data, n);
}

/* Characters of one, two, three and four bytes come out as UTF-8. */
static void
all_lengths(void **unused)
{
	(void)unused;
	is(NJ_LIT("a\0\xe4\0\xac\x20\x3d\xd8\0\xde"), 64,
		NJ_LIT("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"));
	is((struct nj_view){ 0 }, 64, NJ_LIT(""));
}

/* Half a pair is replaced, and the character after it is not lost. */
static void
half_pairs(void **unused)
{
	(void)unused;
	is(NJ_LIT("\x3d\xd8"
		  "a\0"),
		64,
		NJ_LIT("\xef\xbf\xbd"
		       "a"));
	is(NJ_LIT("\0\xde"), 64, NJ_LIT("\xef\xbf\xbd"));
	is(NJ_LIT("a\0\x3d\xd8"), 64, NJ_LIT("a\xef\xbf\xbd"));
}

/* Zeros at the end and an odd byte are no characters, and a character that
 * does not fit is left out whole. */
static void
ends(void **unused)
{
	(void)unused;
	is(NJ_LIT("a\0\0\0\0\0"), 64, NJ_LIT("a"));
	is(NJ_LIT("a\0b"), 64, NJ_LIT("a"));
	is(NJ_LIT("a\0\xac\x20"), 3, NJ_LIT("a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_lengths),
		cmocka_unit_test(half_pairs),
		cmocka_unit_test(ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
