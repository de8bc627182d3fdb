/*
 * x509.c - tests of reading certificates.
 */
#include "tests/unit/unit.h"

#include "dissectors/shared/der.h"
#include "dissectors/shared/x509.h"
#include "dissectors/shared/x509_oid.h"
#include "tests/unit/hex.h"

/* Made with an own key for this test: parts of names in several string types,
 * with characters that need a backslash, of an unknown type, and two in one
 * RDN; valid from before 1970 to the end of the calendar. */
static const char odd_cert[] =
	"3082020b308201b0a003020102020300ab01300a06082a8648ce3d04030230143112"
	"301006035504030c092331203c43413e3b5c3020170d363931323331303030303030"
	"5a180f39393939313233313233353935395a30819b310b3009060355040613024445"
	"31173015060355040a0c0e2041636d652c2022476d6248222031143012060355040b"
	"0c0b4772c3b6c39f6520e282ac310d300b06035504071e04004200fc310d300b0604"
	"550481480c036f64643121300906035504050c02370a301406035504030c0d2a2e65"
	"78616d706c652e6f7267311c301a06092a864886f70d010901160d78406578616d70"
	"6c652e6f72673059301306072a8648ce3d020106082a8648ce3d03010703420004b7"
	"64a4f2f359e8e33606b81194e20f7ee5e2c6f0b9c777237ce9e7c3a6d537399e9e18"
	"20bcf8a4e9400975b5ef0a595a19828b379c87fe81b68253a335c4a332a367306530"
	"120603551d130101ff040830060101ff020103304f0603551d1104483046820f7777"
	"772e6578616d706c652e6f7267820d2a2e6578616d706c652e6e657487040a010203"
	"871020010db8000000000000000000000001860575726e3a7881056140622e63300a"
	"06082a8648ce3d0403020349003046022100acc1c20103b256a0bd8b0bb89abfb8ad"
	"b28e32510b742e1f45f5ba76701c31d5022100bad475b7e2091d401436d50460b2c5"
	"d2cef698e3b824a54438ab1887b87a335d";

static void
assert_name(struct nj_view name, const char *want)
{
	char text[512];
	size_t n = nj_x509_name(name, text, sizeof(text) - 1);

	text[n] = 0;
	assert_string_equal(text, want);
}

/* Names come out as OpenSSL prints them with -nameopt RFC2253. */
static void
names_as_openssl(void **unused)
{
	uint8_t buf[600];
	struct nj_x509_cert cert;

	(void)unused;
	assert_true(nj_x509_parse(&cert, unhex(odd_cert, buf)));
	assert_name(cert.subject, "emailAddress=x@example.org,CN=*.example.org+"
				  "serialNumber=7\\0A,"
				  "2.5.4.200=#0C036F6464,L=B\\C3\\BC,"
				  "OU=Gr\\C3\\B6\\C3\\9Fe \\E2\\82\\AC,"
				  "O=\\ Acme\\, \\\"GmbH\\\"\\ ,C=DE");
	assert_name(cert.issuer, "CN=\\#1 \\<CA\\>\\;\\\\");
}

/* A name longer than its room is cut, not overrun. */
static void
name_is_cut(void **unused)
{
	uint8_t buf[600];
	char text[8];
	struct nj_x509_cert cert;

	(void)unused;
	assert_true(nj_x509_parse(&cert, unhex(odd_cert, buf)));
	for (size_t cap = 0; cap <= sizeof(text); cap++)
		assert_int_equal(nj_x509_name(cert.subject, text, cap), cap);
}

/* The parts of the certificate are where they belong. */
static void
fields(void **unused)
{
	uint8_t buf[600];
	struct nj_x509_cert cert;

	(void)unused;
	assert_true(nj_x509_parse(&cert, unhex(odd_cert, buf)));
	assert_int_equal(cert.version, 3);
	assert_int_equal(cert.key, NJ_X509_KEY_EC);
	assert_int_equal(cert.key_bits, 256);
	assert_string_equal(
		nj_oid_find(cert.curve_oid)->short_name, "prime256v1");
	assert_string_equal(
		nj_oid_find(cert.sig_oid)->long_name, "ecdsa-with-SHA256");
	assert_true(cert.has_constraints && cert.is_ca && cert.has_path_len);
	assert_int_equal(cert.path_len, 3);
	assert_true(cert.has_before && cert.not_before_s == -86400);
	assert_true(
		cert.has_after && cert.not_after_s == INT64_C(253402300799));
}

/* Which hosts a certificate is for: names of the SAN, wildcards for one
 * label, addresses, and not the common name when there is a SAN. */
static void
hosts(void **unused)
{
	static const struct {
		const char *host;
		bool yes;
	} cases[] = { { "www.example.org", true }, { "WWW.Example.ORG", true },
		{ "www.example.org.", true }, { "a.example.net", true },
		{ "a.b.example.net", false }, { "example.net", false },
		{ ".example.net", false }, { "a.example.org", false },
		{ "10.1.2.3", true }, { "10.1.2.4", false },
		{ "2001:db8::1", true }, { "", false } };
	uint8_t buf[600];
	struct nj_x509_cert cert;

	(void)unused;
	assert_true(nj_x509_parse(&cert, unhex(odd_cert, buf)));
	for (size_t i = 0; i < nj_countof(cases); i++)
		assert_int_equal(nj_x509_is_for(&cert, nj_str(cases[i].host)),
			cases[i].yes);
	cert.san = (struct nj_view){ 0 };
	assert_true(nj_x509_is_for(&cert, NJ_LIT("a.example.org")));
	assert_false(nj_x509_is_for(&cert, NJ_LIT("example.org")));
}

/* A certificate cut anywhere, or with any byte turned, is read within its
 * bounds (the sanitizers watch). */
static void
broken_stays_in_bounds(void **unused)
{
	uint8_t buf[600];
	char text[64];
	struct nj_view whole = unhex(odd_cert, buf);
	struct nj_x509_cert cert;

	(void)unused;
	for (size_t n = 0; n < whole.len; n++) {
		uint8_t *copy = test_malloc(n ? n : 1);

		memcpy(copy, whole.data, n);
		assert_false(nj_x509_parse(&cert, (struct nj_view){ copy, n }));
		test_free(copy);
	}
	for (size_t i = 0; i < whole.len; i++) {
		buf[i] ^= 0xff;
		if (nj_x509_parse(&cert, whole)) {
			nj_x509_name(cert.subject, text, sizeof(text));
			nj_x509_name(cert.issuer, text, sizeof(text));
			nj_x509_is_for(&cert, NJ_LIT("a.b.c"));
		}
		buf[i] ^= 0xff;
	}
}

/* Lengths that DER does not have, or that lie, make the cursor bad. */
static void
der_lengths(void **unused)
{
	static const uint8_t bad[][6] = { { 0x30, 0x80, 0, 0, 0, 0 },
		{ 0x30, 0x84, 0, 0, 0, 1 }, { 0x30, 0x05, 0, 0, 0, 0 },
		{ 0x30, 0xff, 0, 0, 0, 0 }, { 0x1f, 0x01, 0, 0, 0, 0 } };
	static const uint8_t good[] = { 0x30, 0x82, 0, 1, 7, 9 };
	struct nj_cur c;
	struct nj_der e;

	(void)unused;
	for (size_t i = 0; i < nj_countof(bad); i++) {
		c = nj_cur((struct nj_view){ bad[i], sizeof(bad[i]) });
		e = nj_der_next(&c);
		assert_true(c.bad && !e.body.len && !e.whole.len);
	}
	c = nj_cur((struct nj_view){ good, sizeof(good) });
	e = nj_der_next(&c);
	assert_false(c.bad);
	assert_int_equal(e.body.len, 1);
	assert_int_equal(e.whole.len, 5);
	assert_int_equal(nj_cur_left(&c), 1);
	c = nj_cur((struct nj_view){ good, sizeof(good) });
	assert_null(nj_der_take(&c, NJ_DER_SET).data);
	assert_true(c.bad);
}

/* Times in every form that certificates use. */
static void
times(void **unused)
{
	static const struct {
		uint8_t tag;
		const char *text;
		int64_t s;
	} good[] = { { NJ_DER_UTC_TIME, "700101000000Z", 0 },
		{ NJ_DER_UTC_TIME, "000229000001Z", 951782401 },
		{ NJ_DER_UTC_TIME, "491231235959Z", 2524607999 },
		{ NJ_DER_UTC_TIME, "500101000000Z", -631152000 },
		{ NJ_DER_UTC_TIME, "7001010000Z", 0 },
		{ NJ_DER_UTC_TIME, "700101010000+0100", 0 },
		{ NJ_DER_UTC_TIME, "700101000000-0130", 5400 },
		{ NJ_DER_GENERAL_TIME, "19700101000000Z", 0 },
		{ NJ_DER_GENERAL_TIME, "19700101000002.75Z", 2 },
		{ NJ_DER_GENERAL_TIME, "00010101000000Z", -62135596800 } };
	static const char *const bad[] = { "", "7001", "701301000000Z",
		"700100000000Z", "700101240000Z", "70010100000xZ",
		"700101000000*0100" };
	int64_t s;

	(void)unused;
	for (size_t i = 0; i < nj_countof(good); i++) {
		assert_true(
			nj_x509_time(good[i].tag, nj_str(good[i].text), &s));
		assert_true(s == good[i].s);
	}
	for (size_t i = 0; i < nj_countof(bad); i++)
		assert_false(nj_x509_time(NJ_DER_UTC_TIME, nj_str(bad[i]), &s));
	assert_false(nj_x509_time(NJ_DER_IA5, NJ_LIT("700101000000Z"), &s));
}

/* The table of identifiers is in order, so that each is found. */
static void
oids_are_found(void **unused)
{
#define OID(bytes, short_name, long_name) { bytes, sizeof(bytes) - 1 },
	static const struct {
		const char *bytes;
		size_t len;
	} all[] = {
#include "dissectors/shared/x509_oid.def"
	};
#undef OID
	char text[NJ_OID_TEXT];

	(void)unused;
	for (size_t i = 0; i < nj_countof(all); i++)
		assert_non_null(nj_oid_find((struct nj_view){
			(const uint8_t *)all[i].bytes, all[i].len }));
	assert_null(nj_oid_find(NJ_LIT("\x55\x04")));
	assert_null(nj_oid_find((struct nj_view){ 0 }));
	nj_oid_dotted(NJ_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), text);
	assert_string_equal(text, "1.2.840.113549.1.1.11");
	nj_oid_dotted(NJ_LIT("\x88\x37\x03"), text);
	assert_string_equal(text, "2.999.3");
}

/* Days are whole ones, rounded down, and never overflow. */
static void
days_are_bounded(void **unused)
{
	(void)unused;
	assert_int_equal(nj_x509_days(0, 86399), 0);
	assert_int_equal(nj_x509_days(0, 86400), 1);
	assert_int_equal(nj_x509_days(1, 0), -1);
	assert_int_equal(nj_x509_days(86400, 0), -1);
	assert_int_equal(nj_x509_days(INT64_MIN, INT64_MAX), INT32_MAX);
	assert_int_equal(nj_x509_days(INT64_MAX, INT64_MIN), INT32_MIN);
	assert_int_equal(nj_x509_days(0, INT64_MAX), INT32_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_as_openssl),
		cmocka_unit_test(name_is_cut),
		cmocka_unit_test(fields),
		cmocka_unit_test(hosts),
		cmocka_unit_test(broken_stays_in_bounds),
		cmocka_unit_test(der_lengths),
		cmocka_unit_test(times),
		cmocka_unit_test(oids_are_found),
		cmocka_unit_test(days_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
