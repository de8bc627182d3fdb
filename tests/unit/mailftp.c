/*
 * mailftp.c - tests of the pure readers of FTP and mail: ftp_text, and the
 * addresses of smtp_log.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "dissectors/shared/ftp_text.h"
#include "dissectors/shared/smtp_log.h"

#define EQ(view, text) assert_true(nj_view_eq(view, NJ_LIT(text)))

static void
addr_is(const struct nj_addr *a, const char *want)
{
	char text[NJ_ADDR_TEXT];

	assert_int_not_equal(a->family, 0);
	(void)nj_addr_text(a, text);
	assert_string_equal(text, want);
}

/* The address of a data connection is found wherever it stands. */
static void
data_endpoints(void **unused)
{
	struct nj_ftp_endpoint e;

	(void)unused;
	assert_true(nj_ftp_port(
		NJ_LIT("Entering Passive Mode (10,0,0,200,78,50)."), &e));
	addr_is(&e.addr, "10.0.0.200");
	assert_int_equal(e.port, 78 * 256 + 50);
	assert_true(nj_ftp_port(NJ_LIT("127,0,0,1,0,21"), &e));
	assert_false(nj_ftp_port(NJ_LIT("1,2,3,4,5"), &e));
	assert_false(nj_ftp_port(NJ_LIT("1,2,3,4,5,256"), &e));
	assert_true(nj_ftp_eport(NJ_LIT("|2|2001:db8::7|6446|"), &e));
	addr_is(&e.addr, "2001:db8::7");
	assert_int_equal(e.port, 6446);
	assert_true(nj_ftp_eport(
		NJ_LIT("Entering Extended Passive Mode (|||6446|)"), &e));
	assert_int_equal(e.addr.family, 0);
	assert_false(nj_ftp_eport(NJ_LIT("(|||70000|)"), &e));
	assert_false(nj_ftp_eport(NJ_LIT(""), &e));
}

/* A size stands in brackets before "bytes", else it is the last number. */
static void
sizes(void **unused)
{
	uint64_t n = 0;

	(void)unused;
	assert_true(nj_ftp_size(
		NJ_LIT("Opening BINARY mode for 3 4 (154427 bytes), 7."), &n));
	assert_int_equal(n, 154427);
	assert_true(nj_ftp_size(NJ_LIT("1048576"), &n));
	assert_int_equal(n, 1048576);
	assert_false(nj_ftp_size(NJ_LIT("for movie.mp4"), &n));
}

static void
path_is(const char *folder, const char *name, const char *want)
{
	uint8_t out[64];
	size_t n = nj_ftp_path(nj_str(folder), nj_str(name), out);

	assert_true(nj_view_eq((struct nj_view){ out, n }, nj_str(want)));
}

/* Paths resolve as a server resolves them; a leading dot stays, as it says
 * that the folder is not known. */
static void
paths(void **unused)
{
	(void)unused;
	path_is(".", "robots.txt", "./robots.txt");
	path_is(".", "", ".");
	path_is("/pub", "a/../b//c/", "/pub/b/c");
	path_is("/pub", "/etc/passwd", "/etc/passwd");
	path_is("/", "..", "/");
	path_is("/a/b", "../..", "/");
	path_is("./x", "..", ".");
	EQ(nj_ftp_folder(NJ_LIT("\"/srv/lea\" is current directory")),
		"/srv/lea");
	EQ(nj_ftp_folder(NJ_LIT("cwd is /var/ftp now")), "/var/ftp");
	assert_int_equal(nj_ftp_folder(NJ_LIT("none")).len, 0);
}

/* A reply fits the command that it answers better than others. */
static void
replies_fit(void **unused)
{
	struct nj_view none = { 0 };

	(void)unused;
	assert_true(nj_ftp_score(NJ_LIT("PASV"), none, 227, NJ_LIT("ok")) >
		    nj_ftp_score(NJ_LIT("LIST"), none, 227, NJ_LIT("ok")));
	assert_true(nj_ftp_score(NJ_LIT("CWD"), none, 250, NJ_LIT("CWD ok")) >
		    nj_ftp_score(NJ_LIT("DELE"), none, 250, NJ_LIT("CWD ok")));
}

/* Envelope addresses lose their brackets, routes and parameters. */
static void
envelope_addresses(void **unused)
{
	(void)unused;
	EQ(nj_smtp_address(NJ_LIT("<lea@a.example> SIZE=3 BODY=8BITMIME")),
		"lea@a.example");
	EQ(nj_smtp_address(NJ_LIT(" lea@a.example")), "lea@a.example");
	EQ(nj_smtp_address(NJ_LIT("<@relay.example:lea@a.example>")),
		"lea@a.example");
	assert_int_equal(nj_smtp_address(NJ_LIT("<>")).len, 0);
	assert_int_equal(nj_smtp_address(NJ_LIT("<lea@>")).len, 0);
}

/* Of the addresses in a Received header the one counts that the server saw;
 * numbers inside names and ids are none. */
static void
received_headers(void **unused)
{
	struct nj_addr a;

	(void)unused;
	a = nj_smtp_received_from(
		NJ_LIT("from pc ([10.1.1.1]) by x (1.2.3.4.5) id 9.9.9.9-z"));
	addr_is(&a, "10.1.1.1");
	a = nj_smtp_received_from(
		NJ_LIT("from [192.0.2.1] (host [198.51.100.7]) by b"));
	addr_is(&a, "198.51.100.7");
	a = nj_smtp_received_from(NJ_LIT("from x ([IPv6:2001:db8::1]) by b"));
	addr_is(&a, "2001:db8::1");
	a = nj_smtp_received_from(NJ_LIT("by host10.0.0.1x with SMTP"));
	assert_int_equal(a.family, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_endpoints),
		cmocka_unit_test(sizes),
		cmocka_unit_test(paths),
		cmocka_unit_test(replies_fit),
		cmocka_unit_test(envelope_addresses),
		cmocka_unit_test(received_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
