/*
 * crypt.c - tests of engine/crypt.
 */
#include "tests/unit/unit.h"

#include "engine/crypt/hash.h"

static void
assert_hex(const uint8_t *got, size_t n, const char *want)
{
	char text[2 * NJ_SHA256_BYTES + 1] = { 0 };

	nj_hex((struct nj_view){ got, n }, text);
	assert_string_equal(text, want);
}

/* The hashes of "abc" are those of RFC 1321 and FIPS 180-4. */
static void
hashes_of_abc(void **unused)
{
	uint8_t out[NJ_SHA256_BYTES];

	(void)unused;
	nj_md5(NJ_LIT("abc"), out);
	assert_hex(out, NJ_MD5_BYTES, "900150983cd24fb0d6963f7d28e17f72");
	nj_sha1(NJ_LIT("abc"), out);
	assert_hex(
		out, NJ_SHA1_BYTES, "a9993e364706816aba3e25717850c26c9cd0d89d");
	nj_sha256(NJ_LIT("abc"), out);
	assert_hex(out, NJ_SHA256_BYTES,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015"
		"ad");
}

/* A hash made in pieces, forked on the way, is the hash of the whole. */
static void
hash_in_pieces(void **unused)
{
	static const enum nj_hash_kind kinds[] = { NJ_HASH_MD5, NJ_HASH_SHA1,
		NJ_HASH_SHA256 };
	struct nj_hasher h, fork;
	uint8_t out[NJ_SHA256_BYTES], whole[NJ_SHA256_BYTES];

	(void)unused;
	for (size_t i = 0; i < nj_countof(kinds); i++) {
		nj_hasher_start(&h, kinds[i]);
		nj_hasher_add(&h, NJ_LIT("a"));
		fork = h;
		nj_hasher_add(&h, NJ_LIT("something else"));
		nj_hasher_add(&fork, (struct nj_view){ 0 });
		nj_hasher_add(&fork, NJ_LIT("bc"));
		switch (nj_hasher_end(&fork, out)) {
		case NJ_MD5_BYTES:
			nj_md5(NJ_LIT("abc"), whole);
			assert_memory_equal(out, whole, NJ_MD5_BYTES);
			break;
		case NJ_SHA1_BYTES:
			nj_sha1(NJ_LIT("abc"), whole);
			assert_memory_equal(out, whole, NJ_SHA1_BYTES);
			break;
		default:
			nj_sha256(NJ_LIT("abc"), whole);
			assert_memory_equal(out, whole, NJ_SHA256_BYTES);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_of_abc),
		cmocka_unit_test(hash_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
