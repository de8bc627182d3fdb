/*
 * mime.c - tests of dissectors/shared/mime: types by content.
 */
#include "tests/unit/unit.h"

#include "dissectors/shared/mime.h"

static void
is(struct nj_view v, const char *want)
{
	const char *got = nj_mime_sniff(v, true);

	if (!want) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, want);
}

/* Marks at the beginning name binary formats. */
static void
binary_marks(void **unused)
{
	(void)unused;
	is(NJ_LIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image/png");
	is(NJ_LIT("GIF89a\1\0\1\0"), "image/gif");
	is(NJ_LIT("MZ\x90\0\3\0\0\0\4\0\0\0"), "application/x-dosexec");
	is(NJ_LIT("%PDF-1.4\n%\xe2\xe3"), "application/pdf");
	is(NJ_LIT("\x1f\x8b\x08\0\0\0\0\0"), "application/x-gzip");
	is(NJ_LIT("\x7f"
		  "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0"),
		"application/x-executable");
	is(NJ_LIT("RIFF\x10\0\0\0WEBPVP8 "), "image/webp");
	is(NJ_LIT("\xca\xfe\xba\xbe\0\0\0\x34\0\x10"),
		"application/x-java-applet");
	is(NJ_LIT("\xd4\xc3\xb2\xa1\2\0\4\0"), "application/vnd.tcpdump.pcap");
}

/* What a container holds weighs more than the container. */
static void
containers(void **unused)
{
	(void)unused;
	is(NJ_LIT("PK\3\4\x14\0\0\0\10\0"), "application/zip");
	is(NJ_LIT("PK\3\4\x14\0\6\0\10\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0"
		  "\x13\0\0\0[Content_Types].xmlPK\3\4\x14\0\6\0\10\0\0\0!\0"
		  "\0\0\0\0\0\0\0\0\0\0\0\0\x0f\0\0\0xl/workbook.xml"),
		"application/vnd.openxmlformats-officedocument."
		"spreadsheetml.sheet");
	is(NJ_LIT("PK\3\4\x14\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0"
		  "\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument.text"),
		"application/vnd.oasis.opendocument.text");
}

/* Mark-up is known behind byte order marks, comments and declarations. */
static void
markup(void **unused)
{
	(void)unused;
	is(NJ_LIT("<html><head>"), "text/html");
	is(NJ_LIT("\xef\xbb\xbf\r\n<!-- hi -->\n<!DOCTYPE  HTML>"),
		"text/html");
	is(NJ_LIT("<?xml version=\"1.0\"?>\n<!DOCTYPE html>"), "text/html");
	is(NJ_LIT("<?xml version=\"1.0\"?><soap:Envelope "),
		"application/soap+xml");
	is(NJ_LIT("<?xml version=\"1.0\"?><other/>"), "application/xml");
	is(NJ_LIT("<cross-domain-policy>"), "text/x-cross-domain-policy");
}

/* JSON is told from text by its first members. */
static void
json(void **unused)
{
	(void)unused;
	is(NJ_LIT(" {\"a\": [1,2]}"), "text/json");
	is(NJ_LIT("[1.5, 2]"), "text/json");
	is(NJ_LIT("{}"), "text/json");
	is(NJ_LIT("[ this is no json ]"), "text/plain");
}

/* Programs by their first line. */
static void
programs(void **unused)
{
	(void)unused;
	is(NJ_LIT("#!/bin/sh\necho hi\n"), "text/x-shellscript");
	is(NJ_LIT("#!/usr/bin/env python3\n"), "text/x-python");
	is(NJ_LIT("  <?php echo 1;"), "text/x-php");
	is(NJ_LIT("@echo off\r\ndir\r\n"), "text/x-msdos-batch");
	is(NJ_LIT("[autorun]\r\nopen=x\r\n"), "text/ini");
}

/* Ten printable bytes make text, fewer or other bytes nothing. */
static void
plain_text(void **unused)
{
	(void)unused;
	is(NJ_LIT("hello worl"), "text/plain");
	is(NJ_LIT("hello wor"), NULL);
	is(NJ_LIT("hello\1worl"), NULL);
	is(NJ_LIT(""), NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binary_marks),
		cmocka_unit_test(containers),
		cmocka_unit_test(markup),
		cmocka_unit_test(json),
		cmocka_unit_test(programs),
		cmocka_unit_test(plain_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
