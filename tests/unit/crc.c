/*
 * crc.c - tests of CRC-32C against values of RFC 3720, appendix B.4.
 */
#include "tests/unit/unit.h"

#include "engine/base/crc.h"

/* The examples of the RFC come out, whole and in pieces. */
static void
known_values(void **unused)
{
	uint8_t bytes[32];

	(void)unused;
	assert_int_equal(nj_crc32c(0, "", 0), 0);
	assert_int_equal(nj_crc32c(0, "123456789", 9), 0xe3069283);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(nj_crc32c(0, bytes, sizeof(bytes)), 0x8a9136aa);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(nj_crc32c(0, bytes, sizeof(bytes)), 0x62a8ab43);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (unsigned cut = 0; cut <= sizeof(bytes); cut++)
		assert_int_equal(nj_crc32c(nj_crc32c(0, bytes, cut),
					 bytes + cut, sizeof(bytes) - cut),
			0x46dd794e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(known_values) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
