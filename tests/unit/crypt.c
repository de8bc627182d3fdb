/*
 * crypt.c - tests of engine/crypt.
 */
#include "tests/unit/unit.h"

#include "engine/crypt/base64.h"
#include "engine/crypt/cipher.h"
#include "engine/crypt/hkdf.h"
#include "tests/unit/hex.h"

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

/* HKDF gives the keys of RFC 9001 appendix A.1 from the salt of QUIC v1. */
static void
hkdf_quic_vectors(void **unused)
{
	uint8_t salt[20], cid[8], initial[32], client[32], out[32];

	(void)unused;
	unhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a", salt);
	unhex("8394c8f03e515708", cid);
	nj_hkdf_extract((struct nj_view){ salt, sizeof(salt) },
		(struct nj_view){ cid, sizeof(cid) }, initial);
	nj_hkdf_expand_label(initial, "client in", client, sizeof(client));
	assert_hex(client, sizeof(client),
		"c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357a"
		"ea");
	nj_hkdf_expand_label(client, "quic key", out, 16);
	assert_hex(out, 16, "1f369613dd76d5467730efcbe3b1a22d");
	nj_hkdf_expand_label(client, "quic iv", out, 12);
	assert_hex(out, 12, "fa044b2f42a3fd3b46fb255c");
	nj_hkdf_expand_label(client, "quic hp", out, 16);
	assert_hex(out, 16, "9f50449e04a0e810283a1e9933adedd2");
}

/* HKDF agrees with test case 2 of RFC 5869: more than one block is made, and
 * salt and info are longer than a block of the hash. */
static void
hkdf_long_vector(void **unused)
{
	uint8_t ikm[80], salt[80], info[80], prk[32], okm[82];

	(void)unused;
	for (uint8_t i = 0; i < 80; i++) {
		ikm[i] = i;
		salt[i] = 0x60 + i;
		info[i] = 0xb0 + i;
	}
	nj_hkdf_extract((struct nj_view){ salt, sizeof(salt) },
		(struct nj_view){ ikm, sizeof(ikm) }, prk);
	assert_hex(prk, 32,
		"06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc2"
		"44");
	nj_hkdf_expand(
		prk, (struct nj_view){ info, sizeof(info) }, okm, sizeof(okm));
	assert_hex(okm + 64, 18, "cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

/* AES-128 encrypts the block of FIPS 197 appendix C.1. */
static void
aes_block_vector(void **unused)
{
	uint8_t key[16], in[16], out[16];

	(void)unused;
	unhex("000102030405060708090a0b0c0d0e0f", key);
	unhex("00112233445566778899aabbccddeeff", in);
	for (int i = 0; i < 2; i++) {
		assert_true(nj_aes128_block(key, in, out));
		assert_hex(out, 16, "69c4e0d86a7b0430d8cdb78070b4c55a");
	}
}

/* AES-GCM opens test case 4 of McGrew and Viega's paper, and refuses it with
 * one bit of the tag turned; afterwards the context still works. */
static void
gcm_opens_and_refuses(void **unused)
{
	uint8_t key[16], aad[20], text[76], out[60];
	struct nj_aead a = { .key = key,
		.aad = { aad, sizeof(aad) },
		.text = { text, sizeof(text) } };

	(void)unused;
	unhex("feffe9928665731c6d6a8f9467308308", key);
	unhex("cafebabefacedbaddecaf888", a.nonce);
	unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2", aad);
	unhex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	      "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc"
	      "3221a5db94fae95ae7121a47",
		text);
	assert_true(nj_aes128_gcm_open(&a, out));
	assert_hex(out, 16, "d9313225f88406e5a55909c5aff5269a");
	text[75] ^= 1;
	assert_false(nj_aes128_gcm_open(&a, out));
	text[75] ^= 1;
	assert_true(nj_aes128_gcm_open(&a, out));
	a.text.len = NJ_AEAD_TAG - 1;
	assert_false(nj_aes128_gcm_open(&a, out));
}

/* ChaCha20-Poly1305 opens the example of RFC 8439 section 2.8.2. */
static void
chacha_opens(void **unused)
{
	uint8_t key[32], aad[12], text[130], out[114];
	struct nj_aead a = { .key = key,
		.aad = { aad, sizeof(aad) },
		.text = { text, sizeof(text) } };

	(void)unused;
	unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9"
	      "f",
		key);
	unhex("070000004041424344454647", a.nonce);
	unhex("50515253c0c1c2c3c4c5c6c7", aad);
	unhex("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
	      "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
	      "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
	      "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd060"
	      "0691",
		text);
	assert_true(nj_chacha20_poly1305_open(&a, out));
	assert_memory_equal(out, "Ladies and Gentlemen", 20);
	out[0] = text[3] ^= 0x80;
	assert_false(nj_chacha20_poly1305_open(&a, out));
}

/* Base 64 goes both ways with the vectors of RFC 4648 section 10. */
static void
base64_vectors(void **unused)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };

	(void)unused;
	for (size_t i = 0; i < nj_countof(pairs); i++) {
		char text[9] = { 0 };
		uint8_t back[6];
		size_t n = nj_base64_encode(nj_str(pairs[i][0]), text);

		assert_int_equal(n, NJ_BASE64_LEN(strlen(pairs[i][0])));
		assert_string_equal(text, pairs[i][1]);
		n = nj_base64_decode(nj_str(text), back, sizeof(back));
		assert_int_equal(n, strlen(pairs[i][0]));
		assert_memory_equal(back, pairs[i][0], n);
	}
}

/* Decoding passes over line ends, stops at the room it has, and refuses what
 * is not base 64. */
static void
base64_bounds(void **unused)
{
	uint8_t out[3];

	(void)unused;
	assert_int_equal(nj_base64_decode(NJ_LIT("Zm\r\n 9v"), out, 3), 3);
	assert_int_equal(nj_base64_decode(NJ_LIT("Zm9vYmFy"), out, 2), 2);
	assert_int_equal(nj_base64_decode(NJ_LIT("Zm9*"), out, 3), (size_t)-1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_of_abc),
		cmocka_unit_test(hash_in_pieces),
		cmocka_unit_test(hkdf_quic_vectors),
		cmocka_unit_test(hkdf_long_vector),
		cmocka_unit_test(aes_block_vector),
		cmocka_unit_test(gcm_opens_and_refuses),
		cmocka_unit_test(chacha_opens),
		cmocka_unit_test(base64_vectors),
		cmocka_unit_test(base64_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
