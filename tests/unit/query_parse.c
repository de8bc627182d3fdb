/*
 * query_parse.c - query text to a tree, and what is said of text that is no
 * query.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/store/query/query_priv.h"

static void
is_tree(const char *text, const char *want)
{
	struct nj_query_error error;
	struct nj_buf b = { 0 };
	struct nj_query *q;

	if (nj_query_parse(&q, nj_str(text), &error) != NJ_OK) {
		print_message("%s: %s\n", text, error.what);
		fail();
	}
	nj_query_dump(&b, q);
	nj_buf_char(&b, 0);
	assert_string_equal((char *)b.data, want);
	nj_buf_free(&b);
	nj_query_destroy(&q);
}

static void
is_error(const char *text, unsigned column, const char *what)
{
	struct nj_query_error error;
	struct nj_query *q;

	if (nj_query_parse(&q, nj_str(text), &error) != NJ_E_FORMAT) {
		print_message("%s is a query\n", text);
		fail();
	}
	assert_null(q);
	assert_string_equal(error.what, what);
	assert_int_equal(error.column, column);
}

/* Every query of the manual's table is read as it is printed, with its
 * typographic quotes. */
static void
manual(void **unused)
{
	is_tree("@type:conn AND @fields.resp_ip_bytes:0",
		"(and @type:\"conn\" @fields.resp_ip_bytes:\"0\")");
	is_tree("@type:conn AND @fields.proto:tcp AND NOT "
		"@fields.conn_state:ShA*",
		"(and @type:\"conn\" @fields.proto:\"tcp\" "
		"(not @fields.conn_state:~\"ShA*\"))");
	is_tree("@type:kerberos", "@type:\"kerberos\"");
	is_tree("@type:kerberos AND @fields.success:\u201dFalse\u201d",
		"(and @type:\"kerberos\" @fields.success:\"False\")");
	is_tree("@type:http AND @fields.host:www.google.*",
		"(and @type:\"http\" @fields.host:~\"www.google.*\")");
	is_tree("@fields.dest_port:445", "@fields.dest_port:\"445\"");
	is_tree("", "all");
}

/* NOT binds before AND, AND before OR; terms side by side are ANDed. */
static void
precedence(void **unused)
{
	is_tree("a b OR c d", "(or (and \"a\" \"b\") (and \"c\" \"d\"))");
	is_tree("a && b || c", "(or (and \"a\" \"b\") \"c\")");
	is_tree("NOT a b", "(and (not \"a\") \"b\")");
	is_tree("a -b +c !d", "(and \"a\" (not \"b\") \"c\" (not \"d\"))");
	is_tree("NOT NOT a", "\"a\"");
	is_tree("NOT (a OR b) c", "(and (not (or \"a\" \"b\")) \"c\")");
	is_tree("((a))", "\"a\"");
	is_tree("a-b c+d e!f", "(and \"a-b\" \"c+d\" \"e!f\")");
	is_tree(" \u00a0 a \u3000\u200b AND\tb\n", "(and \"a\" \"b\")");
}

/* A field's value is a word, a phrase, a regular expression, a range, a
 * comparison or a group that passes the field on. */
static void
fields(void **unused)
{
	is_tree("a:b", "a:\"b\"");
	is_tree("a: b", "a:\"b\"");
	is_tree("a:\"b c\"", "a:\"b c\"");
	is_tree("a:/b c\\/\\.d/", "a:/\"b c/\\\\.d\"");
	is_tree("a:(b OR NOT c)", "(or a:\"b\" (not a:\"c\"))");
	is_tree("a:(b (c d:e))", "(and a:\"b\" (and a:\"c\" d:\"e\"))");
	is_tree("a:>5", "a:{\"5\" TO *]");
	is_tree("a:>= 5", "a:[\"5\" TO *]");
	is_tree("a:<-5", "a:[* TO \"-5\"}");
	is_tree("a:<=\"x y\"", "a:[* TO \"x y\"]");
	is_tree("a:[1 TO 9]", "a:[\"1\" TO \"9\"]");
	is_tree("a:{1 TO 9]", "a:{\"1\" TO \"9\"]");
	is_tree("a:[1 TO *}", "a:[\"1\" TO *]");
	is_tree("a:[now-1d TO 2026-01-01T10:00]",
		"a:[\"now-1d\" TO \"2026-01-01T10:00\"]");
	is_tree("_exists_:a", "a:*");
	is_tree("_exists_:\"@fields.a\"", "@fields.a:*");
	is_tree("a:*", "a:*");
	is_tree("* *:*", "(and all all)");
	is_tree("a:(>1 AND <9)", "(and a:{\"1\" TO *] a:[* TO \"9\"})");
}

/* A backslash takes the meaning from the character behind it, and \xNN is a
 * byte. */
static void
escapes(void **unused)
{
	is_tree("a\\:b", "\"a:b\"");
	is_tree("a\\*", "\"a*\"");
	is_tree("a\\**", "~\"a\\\\**\"");
	is_tree("\\(a\\ b\\)", "\"(a b)\"");
	is_tree("u:CORP\\\\bob", "u:\"CORP\\\\bob\"");
	is_tree("\\x41\\xg", "\"Axg\"");
	is_tree("\"a\\\"b*\"", "\"a\\\"b*\"");
	is_tree("\\NOT \\AND", "(and \"NOT\" \"AND\")");
}

/* Addresses, MACs and Zeek's double colons need no quotes. */
static void
colons(void **unused)
{
	is_tree("fe80::1", "\"fe80::1\"");
	is_tree("::1", "\"::1\"");
	is_tree("src_ip:::1", "src_ip:\"::1\"");
	is_tree("2001:db8::/32", "\"2001:db8::/32\"");
	is_tree("00:11:22:aa:bb:cc", "\"00:11:22:aa:bb:cc\"");
	is_tree("note:CaptureLoss::Too_Much", "note:\"CaptureLoss::Too_Much\"");
	is_tree("CaptureLoss::Too_Much", "\"CaptureLoss::Too_Much\"");
	is_tree("http://a/b?c", "~\"http://a/b?c\"");
	is_tree("src_ip:(fe80::1 OR fe80::2)",
		"(or src_ip:\"fe80::1\" src_ip:\"fe80::2\")");
}

/* An error says what and at which character, not byte. */
static void
errors(void **unused)
{
	is_error("a AND", 3, "something must follow AND");
	is_error("AND a", 1, "something must precede AND");
	is_error("a OR OR b", 3, "something must follow OR");
	is_error("a NOT", 3, "something must follow NOT");
	is_error("(a", 1, "this bracket is never closed");
	is_error("a) b", 2, "no bracket is open here");
	is_error("a ()", 3, "nothing stands in these brackets");
	is_error("(a OR)", 4, "something must follow OR");
	is_error("\u00e4\u00f6 \"b", 4, "this quote is never closed");
	is_error("a:/b", 3, "this regular expression is never closed");
	is_error("a:/b/c", 6, "a blank must follow a regular expression");
	is_error("a: //", 4, "an empty regular expression");
	is_error("a:", 1, "a value must follow a:");
	is_error("b a: AND c", 3, "a value must follow a:");
	is_error("a:[1 9]", 6, "TO is missing in the range");
	is_error("a:[1 TO 9", 3, "this range is never closed");
	is_error("a:[1* TO 9]", 4, "wildcards say nothing about more and less");
	is_error("[1 TO 9]", 1, "a range needs the name of a field before it");
	is_error(":a", 1, "no name of a field stands before the colon");
	is_error("a and b", 3, "operators are written in capitals");
	is_error("a\\", 2, "nothing follows the backslash");
	is_error("\"\"", 1, "an empty phrase");
	is_error("a \x01", 3, "a control character (0x01)");
	is_error("a \xff", 3, "this is not UTF-8 (byte 0xff)");
	is_error("_exists_:(a* b)", 11, "_exists_ wants the name of a field");
}

/* Length, depth and number of terms have limits, and up to them a query is
 * read. */
static void
limits(void **unused)
{
	static char text[NJ_QUERY_BYTES_MAX + 2];
	struct nj_query_error error;
	struct nj_query *q;
	size_t n = 0;

	memset(text, 'a', NJ_QUERY_BYTES_MAX);
	assert_int_equal(nj_query_parse(&q, nj_str(text), &error), NJ_OK);
	nj_query_destroy(&q);
	text[NJ_QUERY_BYTES_MAX] = 'a';
	is_error(text, 1, "the query is longer than 16384 bytes");
	memset(text, 0, sizeof(text));
	for (; n < NJ_QUERY_DEPTH_MAX; n++)
		text[n] = '(';
	text[n] = 'a';
	memset(text + n + 1, ')', NJ_QUERY_DEPTH_MAX);
	is_tree(text, "\"a\"");
	memset(text, '(', NJ_QUERY_DEPTH_MAX + 1);
	is_error(text, 65, "brackets are nested deeper than 64");
	memset(text, 0, sizeof(text));
	for (n = 0; n < NJ_QUERY_TERMS_MAX; n++)
		memcpy(text + 2 * n, "a ", 2);
	assert_int_equal(nj_query_parse(&q, nj_str(text), &error), NJ_OK);
	assert_int_equal(q->terms, NJ_QUERY_TERMS_MAX);
	nj_query_destroy(&q);
	text[2 * n] = 'b';
	is_error(text, 2049, "more than 1024 terms and operators");
}

/* The text of an error shows the line with a caret below the character, the
 * neighbourhood alone of a long one, and nothing that a terminal obeys. */
static void
caret(void **unused)
{
	static char text[4096];
	struct nj_query_error error;
	struct nj_buf b = { 0 };
	struct nj_query *q;

	assert_int_equal(nj_query_parse(&q, nj_str("\u00e4 a and b"), &error),
		NJ_E_FORMAT);
	nj_query_error_text(&b, nj_str("\u00e4 a and b"), &error);
	nj_buf_char(&b, 0);
	assert_string_equal((char *)b.data,
		"column 5: operators are written in capitals\n"
		"  \u00e4 a and b\n"
		"      ^~~\n"
		"  write AND for the operator, quotes around the word\n");
	memset(text, 'a', sizeof(text) - 1);
	memcpy(text + 2000, " \"", 2);
	memset(text + 3000, '\x1b', 1);
	assert_int_equal(nj_query_parse(&q, nj_str(text), &error), NJ_E_FORMAT);
	assert_int_equal(error.column, 3001);
	nj_buf_reset(&b);
	nj_query_error_text(&b, nj_str(text), &error);
	assert_true(b.len < 300);
	assert_int_equal(
		nj_view_chr((struct nj_view){ b.data, b.len }, 0x1b), SIZE_MAX);
	nj_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manual),
		cmocka_unit_test(precedence),
		cmocka_unit_test(fields),
		cmocka_unit_test(escapes),
		cmocka_unit_test(colons),
		cmocka_unit_test(errors),
		cmocka_unit_test(limits),
		cmocka_unit_test(caret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
