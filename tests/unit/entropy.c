/*
 * entropy.c - tests of engine/base/entropy.
 */
#include "tests/unit/unit.h"

#include "engine/base/entropy.h"

/* The ends of the scale and known points between, in pieces or at once. */
static void
known_values(void **unused)
{
	static struct nj_entropy e;
	uint8_t all[256];
	struct nj_view v = { all, sizeof(all) };

	(void)unused;
	for (unsigned i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	assert_true(nj_entropy_of(v) == 8.0);
	assert_true(nj_entropy_of(nj_sub(v, 0, 64)) == 6.0);
	assert_true(nj_entropy_of(nj_sub(v, 0, 1)) == 0.0);
	assert_true(nj_entropy_of((struct nj_view){ 0 }) == 0.0);
	assert_true(nj_entropy_of(NJ_LIT("aaaaaaaaa")) == 0.0);
	assert_true(nj_entropy_of(NJ_LIT("aab")) == 0.918);
	assert_true(nj_entropy_bits(&e) == 0.0);
	nj_entropy_add(&e, NJ_LIT("aa"));
	nj_entropy_add(&e, NJ_LIT("b"));
	assert_true(nj_entropy_bits(&e) == 0.918);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
