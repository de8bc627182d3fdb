/*
 * tls.c - tests of the hello parser, of JA3 and JA4, and of TLS' names.
 */
#include "tests/unit/unit.h"

#include "dissectors/shared/tls_hello.h"
#include "dissectors/shared/tls_names.h"

/* A message being written. */
struct out {
	uint8_t b[4096];
	size_t n;
};

static void
put8(struct out *o, unsigned x)
{
	assert_true(o->n < sizeof(o->b));
	o->b[o->n++] = (uint8_t)x;
}

static void
put16(struct out *o, unsigned x)
{
	put8(o, x >> 8);
	put8(o, x & 0xff);
}

static void
list16(struct out *o, const uint16_t *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put16(o, x[i]);
}

/* An extension whose body is a list of u16 after a u16 of length. */
static void
ext_list16(struct out *o, unsigned type, const uint16_t *x, size_t n)
{
	put16(o, type);
	put16(o, (unsigned)(2 * n + 2));
	put16(o, (unsigned)(2 * n));
	list16(o, x, n);
}

static void
ext_empty(struct out *o, unsigned type)
{
	put16(o, type);
	put16(o, 0);
}

static void
ext_bytes(struct out *o, unsigned type, const char *bytes, size_t n)
{
	put16(o, type);
	put16(o, (unsigned)n);
	for (size_t i = 0; i < n; i++)
		put8(o, (uint8_t)bytes[i]);
}

static void
client_start(struct out *o, unsigned version, const uint16_t *ciphers, size_t n)
{
	o->n = 0;
	put16(o, version);
	for (int i = 0; i < 32; i++)
		put8(o, 7);
	put8(o, 0);
	put16(o, (unsigned)(2 * n));
	list16(o, ciphers, n);
	put16(o, 0x0100); /* one compression method: none */
	put16(o, 0);      /* length of the extensions, set at the end */
}

static size_t
client_ext_at(size_t ciphers)
{
	return 2 + 32 + 1 + 2 + 2 * ciphers + 2;
}

static struct nj_view
client_end(struct out *o, size_t ciphers)
{
	size_t at = client_ext_at(ciphers), len = o->n - at - 2;

	o->b[at] = (uint8_t)(len >> 8);
	o->b[at + 1] = (uint8_t)len;
	return (struct nj_view){ o->b, o->n };
}

/* JA3 of the example in its authors' description; JA3S is the MD5 of
 * "769,47,65281-0-11-35-5-16". */
static void
ja3_published(void **unused)
{
	static const uint16_t ciphers[] = { 47, 53, 5, 10, 49161, 49162, 49171,
		49172, 50, 56, 19, 4 };
	static const uint16_t groups[] = { 23, 24, 25 };
	struct nj_tls_hello h;
	struct out o;
	char ja3[NJ_JA3_TEXT + 1] = { 0 };

	(void)unused;
	client_start(&o, NJ_TLS_10, ciphers, nj_countof(ciphers));
	ext_bytes(&o, 0, "\0\6\0\0\3a.b", 9);
	ext_list16(&o, NJ_EXT_GROUPS, groups, nj_countof(groups));
	ext_bytes(&o, NJ_EXT_POINT_FORMATS, "\1\0", 2);
	assert_true(nj_tls_client_hello(
		&h, client_end(&o, nj_countof(ciphers)), false));
	nj_ja3(&h, ja3);
	assert_string_equal(ja3, "ada70206e40642a3e4461f35503241d5");

	o.n = 0;
	put16(&o, NJ_TLS_10);
	for (int i = 0; i < 32; i++)
		put8(&o, 7);
	put8(&o, 0);
	put16(&o, 47);
	put8(&o, 0);
	put16(&o, 6 * 4);
	ext_empty(&o, 65281);
	ext_empty(&o, 0);
	ext_empty(&o, 11);
	ext_empty(&o, 35);
	ext_empty(&o, 5);
	ext_empty(&o, 16);
	assert_true(nj_tls_server_hello(&h, (struct nj_view){ o.b, o.n }));
	nj_ja3(&h, ja3);
	assert_string_equal(ja3, "836ce314215654b5b1f85f97c73e506f");
}

static struct nj_view
chrome_hello(struct out *o)
{
	static const uint16_t ciphers[] = { 0x2a2a, 0x1301, 0x1302, 0x1303,
		0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
		0x009c, 0x009d, 0x002f, 0x0035 };
	static const uint16_t sigs[] = { 0x0403, 0x0804, 0x0401, 0x0503, 0x0805,
		0x0501, 0x0806, 0x0601 };
	static const uint16_t empty[] = { 0x3a3a, 0x0033, 0xff01, 0x002d,
		0x0005, 0x000a, 0x000b, 0x0012, 0x0015, 0x0017, 0x001b, 0x0023,
		0x4469 };

	client_start(o, NJ_TLS_12, ciphers, nj_countof(ciphers));
	for (size_t i = 0; i < nj_countof(empty); i++)
		ext_empty(o, empty[i]);
	ext_bytes(o, 0, "\0\6\0\0\3a.b", 9);
	ext_bytes(o, NJ_EXT_ALPN, "\0\14\2h2\10http/1.1", 14);
	ext_bytes(o, NJ_EXT_VERSIONS, "\6\x4a\x4a\3\4\3\3", 7);
	ext_list16(o, NJ_EXT_SIG_ALGS, sigs, nj_countof(sigs));
	return client_end(o, nj_countof(ciphers));
}

/* JA4 of the Chrome example in FoxIO's description, GREASE and all. */
static void
ja4_published(void **unused)
{
	struct nj_tls_hello h;
	struct out o;
	char ja4[NJ_JA4_TEXT + 1] = { 0 };

	(void)unused;
	assert_true(nj_tls_client_hello(&h, chrome_hello(&o), false));
	nj_ja4(&h, 't', ja4);
	assert_string_equal(ja4, "t13d1516h2_8daaf6152771_e5627efa2ab1");
	nj_ja4(&h, 'q', ja4);
	assert_int_equal(ja4[0], 'q');
}

/* Without ciphers, extensions and name JA4 says so in zeros; a protocol that
 * is no text shows as hex. */
static void
ja4_edges(void **unused)
{
	struct nj_tls_hello h;
	struct out o;
	char ja4[NJ_JA4_TEXT + 1] = { 0 };

	(void)unused;
	client_start(&o, NJ_TLS_10, NULL, 0);
	assert_true(nj_tls_client_hello(&h, client_end(&o, 0), false));
	nj_ja4(&h, 't', ja4);
	assert_string_equal(ja4, "t10i000000_000000000000_000000000000");
	client_start(&o, NJ_TLS_10, NULL, 0);
	ext_bytes(&o, NJ_EXT_ALPN, "\0\3\2\xab\xcd", 5);
	assert_true(nj_tls_client_hello(&h, client_end(&o, 0), false));
	nj_ja4(&h, 't', ja4);
	assert_memory_equal(ja4, "t10i0001ad_", 11);
}

/* What a client asks for is read: name, protocols, versions, groups. */
static void
client_hello_fields(void **unused)
{
	struct nj_tls_hello h;
	struct out o;
	struct nj_cur c;
	struct nj_view name;

	(void)unused;
	assert_true(nj_tls_client_hello(&h, chrome_hello(&o), false));
	assert_true(nj_view_eq(h.server_name, NJ_LIT("a.b")));
	assert_int_equal(h.ext_count, 17);
	assert_int_equal(nj_tls_u16(h.versions, 1), NJ_TLS_13);
	assert_int_equal(nj_tls_u16(h.versions, 3), 0);
	c = nj_cur(h.alpn);
	assert_true(nj_tls_alpn_next(&c, &name));
	assert_true(nj_view_eq(name, NJ_LIT("h2")));
	assert_true(nj_tls_alpn_next(&c, &name));
	assert_true(nj_view_eq(name, NJ_LIT("http/1.1")));
	assert_false(nj_tls_alpn_next(&c, &name));
}

/* A hello cut anywhere is refused or read as far as it goes; never beyond
 * its end (the sanitizers watch). */
static void
client_hello_cut(void **unused)
{
	struct nj_tls_hello h;
	struct out o;
	struct nj_view whole;
	char ja4[NJ_JA4_TEXT];

	(void)unused;
	whole = chrome_hello(&o);
	for (size_t n = 0; n < whole.len; n++) {
		uint8_t *copy = test_malloc(n ? n : 1);
		bool ok;

		memcpy(copy, whole.data, n);
		ok = nj_tls_client_hello(
			&h, (struct nj_view){ copy, n }, false);
		assert_int_equal(ok, n >= client_ext_at(16));
		if (ok)
			nj_ja4(&h, 't', ja4);
		test_free(copy);
	}
}

/* What stands behind the extensions is none of them. */
static void
client_hello_trailing(void **unused)
{
	struct nj_tls_hello h;
	struct out o;

	(void)unused;
	client_start(&o, NJ_TLS_12, NULL, 0);
	ext_bytes(&o, 0, "\0\6\0\0\3a.b", 9);
	(void)client_end(&o, 0);
	ext_empty(&o, NJ_EXT_PRE_SHARED_KEY);
	assert_true(
		nj_tls_client_hello(&h, (struct nj_view){ o.b, o.n }, false));
	assert_int_equal(h.ext_count, 1);
	assert_true(nj_view_eq(h.server_name, NJ_LIT("a.b")));
}

/* More extensions than there is room for are counted as such, not written
 * past the end. */
static void
client_hello_many_extensions(void **unused)
{
	struct nj_tls_hello h;
	struct out o;

	(void)unused;
	client_start(&o, NJ_TLS_12, NULL, 0);
	for (unsigned i = 0; i < NJ_TLS_EXT_MAX + 10; i++)
		ext_empty(&o, 1000 + i);
	assert_true(nj_tls_client_hello(&h, client_end(&o, 0), false));
	assert_int_equal(h.ext_count, NJ_TLS_EXT_MAX);
	assert_true(h.more_ext);
}

/* An outer encrypted_client_hello is told from an inner one. */
static void
client_hello_ech(void **unused)
{
	struct nj_tls_hello h;
	struct out o;

	(void)unused;
	client_start(&o, NJ_TLS_12, NULL, 0);
	ext_bytes(&o, NJ_EXT_ECH, "\0\0\1\0\1\7\0\0\0\0", 10);
	assert_true(nj_tls_client_hello(&h, client_end(&o, 0), false));
	assert_true(h.ech_outer);
	client_start(&o, NJ_TLS_12, NULL, 0);
	ext_bytes(&o, NJ_EXT_ECH, "\1", 1);
	assert_true(nj_tls_client_hello(&h, client_end(&o, 0), false));
	assert_false(h.ech_outer);
}

/* The tables are in order, so that each name is found by its number. */
static void
names_are_found(void **unused)
{
	static const uint32_t known[] = {
#define CIPHER(code, name) code,
#include "dissectors/shared/tls_cipher.def"
#undef CIPHER
	};

	(void)unused;
	for (size_t i = 0; i < nj_countof(known); i++)
		assert_non_null(nj_tls_cipher(known[i]));
	assert_string_equal(nj_tls_cipher(0x1301), "TLS_AES_128_GCM_SHA256");
	assert_string_equal(
		nj_tls_cipher(0x010080), "SSLv20_CK_RC4_128_WITH_MD5");
	assert_null(nj_tls_cipher(0x0a0a));
	assert_string_equal(nj_tls_group(4588), "X25519MLKEM768");
	assert_string_equal(nj_tls_group(1), "sect163k1");
	assert_string_equal(
		nj_tls_group(65282), "arbitrary_explicit_char2_curves");
	assert_null(nj_tls_group(0));
	assert_string_equal(nj_tls_alert(40), "handshake_failure");
	assert_string_equal(nj_tls_alert(121), "ech_required");
	assert_string_equal(nj_tls_version(NJ_DTLS_12), "DTLSv12");
	assert_string_equal(nj_tls_version(NJ_SSL_20), "SSLv2");
	assert_null(nj_tls_version(0x7f1c));
}

/* GREASE is its sixteen values and nothing else. */
static void
grease(void **unused)
{
	unsigned n = 0;

	(void)unused;
	for (unsigned x = 0; x < 0x10000; x++)
		n += nj_tls_grease((uint16_t)x);
	assert_int_equal(n, 16);
	assert_true(nj_tls_grease(0x0a0a));
	assert_true(nj_tls_grease(0xfafa));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ja3_published),
		cmocka_unit_test(ja4_published),
		cmocka_unit_test(ja4_edges),
		cmocka_unit_test(client_hello_fields),
		cmocka_unit_test(client_hello_cut),
		cmocka_unit_test(client_hello_trailing),
		cmocka_unit_test(client_hello_many_extensions),
		cmocka_unit_test(client_hello_ech),
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(grease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
