/*
 * software.c - tests of reading programs and their versions from texts.
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "dissectors/shared/software.h"

/* "NAME|numbers|what follows" of a text. */
static void
assert_parse(const char *text, const char *want)
{
	struct nj_software s;
	char got[256];
	size_t n;

	nj_software_parse(&s, nj_str(text));
	n = (size_t)snprintf(got, sizeof(got), "%.*s|", (int)s.name.len,
		(const char *)s.name.data);
	for (unsigned i = 0; i < s.count; i++)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%u",
			i ? "." : "", s.number[i]);
	(void)snprintf(got + n, sizeof(got) - n, "|%.*s", (int)s.addl.len,
		(const char *)s.addl.data);
	assert_string_equal(got, want);
}

/* A program's name, up to four numbers and the next word are found whatever
 * stands between them. */
static void
programs(void **unused)
{
	(void)unused;
	assert_parse("OpenSSH_9.2p1 Debian-2+deb12u2", "OpenSSH|9.2|p1");
	assert_parse("OpenSSH_for_Windows_8.1", "OpenSSH_for_Windows|8.1|");
	assert_parse("dropbear_2019.78", "dropbear|2019.78|");
	assert_parse("Apache/2.4.57 (Debian)", "Apache|2.4.57|Debian");
	assert_parse("Apache", "Apache||");
	assert_parse("Apache (Unix)", "Apache||Unix");
	assert_parse("nginx/1.18.0 (Ubuntu)", "nginx|1.18.0|Ubuntu");
	assert_parse("Microsoft-IIS/10.0", "Microsoft-IIS|10.0|");
	assert_parse("PHP/5.2.6-1+lenny3", "PHP|5.2.6|1+lenny3");
	assert_parse("libwww-perl/6.05", "libwww-perl|6.5|");
	assert_parse("mt2/1.2.3.967 Oct 13 2010", "mt2|1.2.3.967|Oct");
	assert_parse("Flash/10,2,153,1", "Flash|10.2.153.1|");
	assert_parse("The Bat! (v2.00.9) Personal", "The Bat!|2.0.9|Personal");
	assert_parse("CacheFlyServe v26b", "CacheFlyServe|26|b");
	assert_parse("Java1.6.0_22", "Java|1.6.0|22");
	assert_parse("Microsoft Outlook 16.0", "Microsoft Outlook|16.0|");
	assert_parse("Sendmail 8.14.4/8.14.4", "Sendmail|8.14.4|8.14.4");
	assert_parse("Postfix (Debian/GNU)", "Postfix||Debian/GNU");
	assert_parse("ProFTPD 1.3.5rc3 Server (x)", "ProFTPD|1.3.5|rc3");
	assert_parse("MSFT 5.0", "MSFT|5.0|");
	assert_parse("8.0.28-0ubuntu0.20.04.3", "|8.0.28|0ubuntu0.20.04.3");
	assert_parse("", "||");
	assert_parse("7", "|7|");
	assert_parse("v", "v||");
	assert_parse("x/99999999999.1", "x||");
}

/* Browsers are told by their own word, not by Mozilla's or another's. */
static void
browsers(void **unused)
{
	(void)unused;
	assert_parse("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/"
		     "537.36 (KHTML, like Gecko) Chrome/120.0.6099.71 "
		     "Safari/537.36",
		"Chrome|120.0.6099.71|");
	assert_parse("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML,"
		     " like Gecko) Chrome/120.0.0.0 Safari/537.36 "
		     "Edg/120.0.2210.61",
		"Edge|120.0.2210.61|");
	assert_parse("Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 "
		     "Firefox/115.0",
		"Firefox|115.0|");
	assert_parse("Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) "
		     "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 "
		     "Mobile/15E148 Safari/604.1",
		"Safari|16.0|Mobile");
	assert_parse("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0)",
		"MSIE|7.0|");
	assert_parse("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like "
		     "Gecko",
		"MSIE|11.0|");
	assert_parse("Opera/9.80 (Windows NT 5.1; U; en) Presto/2.8.131 "
		     "Version/11.11",
		"Opera|11.11|");
	assert_parse("Mozilla/5.0 (compatible; Nmap Scripting Engine; x)",
		"Nmap Scripting Engine||");
	assert_parse("Mozilla/4.0 (compatible; ICS/1.2)", "ICS|1.2|");
}

/* Of a greeting only the part about a known product counts. */
static void
greetings(void **unused)
{
	struct nj_view v;

	(void)unused;
	v = nj_software_greeting(NJ_LIT("(vsFTPd 3.0.3)"));
	assert_true(nj_view_eq(v, NJ_LIT("vsFTPd 3.0.3")));
	v = nj_software_greeting(NJ_LIT("mx.example ESMTP Exim 4.94.2 Mon"));
	assert_true(nj_view_eq(v, NJ_LIT("Exim 4.94.2 Mon")));
	v = nj_software_greeting(NJ_LIT("files.example FTP server ready"));
	assert_int_equal(v.len, 0);
	assert_int_equal(nj_software_greeting((struct nj_view){ 0 }).len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs),
		cmocka_unit_test(browsers),
		cmocka_unit_test(greetings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
