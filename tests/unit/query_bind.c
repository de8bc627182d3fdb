/*
 * query_bind.c - queries bound to log types: names, types of values, what is
 * folded away, and what is refused with which words.
 */
#include "tests/unit/querykit.h"

/* want: a line for each log type that can match. */
static void
is_bound(const char *text, const char *want)
{
	struct nj_bound *b = querykit_bind(text);
	struct nj_buf out = { 0 };

	nj_bound_dump(&out, b);
	nj_buf_char(&out, 0);
	if (strcmp((char *)out.data, want) != 0)
		print_message("%s\n", text);
	assert_string_equal((char *)out.data, want);
	nj_buf_free(&out);
	nj_bound_destroy(&b);
}

static void
is_refused(
	const char *text, unsigned column, const char *what, const char *hint)
{
	struct nj_query_error error;
	struct nj_bound *b;
	struct nj_query *q;

	assert_int_equal(nj_query_parse(&q, nj_str(text), &error), NJ_OK);
	if (nj_query_bind(&b, q, &querykit_env, &error) != NJ_E_FORMAT) {
		print_message("%s is bound\n", text);
		fail();
	}
	nj_query_destroy(&q);
	assert_null(b);
	assert_string_equal(error.what, what);
	assert_string_equal(error.hint, hint);
	assert_int_equal(error.column, column);
}

/* The manual's names stand for Zeek's columns, and conn_state for the history
 * too where the value is no connection state. */
static void
manual_names(void **unused)
{
	(void)unused;
	is_bound("@type:conn AND @fields.resp_ip_bytes:0",
		"conn resp_ip_bytes:u=[0,0]\n");
	is_bound("@type:conn AND @fields.proto:tcp AND NOT "
		 "@fields.conn_state:ShA*",
		"conn (and proto:text~=\"tcp\" !conn_state:glob=\"ShA*\" "
		"!history:glob=\"ShA*\")\n");
	is_bound("conn_state:S*", "conn conn_state:glob=\"S*\"\n");
	is_bound("conn_state:SF", "conn conn_state:text=\"SF\"\n");
	is_bound("conn_state:/S[0-3]/", "conn conn_state:regex=\"S[0-3]\"\n");
	is_bound("conn_state:/Sh.*/",
		"conn (or conn_state:regex=\"Sh.*\" history:regex=\"Sh.*\")\n");
	is_bound("@fields.dest_port:445",
		"conn id.resp_p:u=[445,445]\nqtypes id.resp_p:u=[445,445]\n");
	is_bound("@type:notice", "");
	is_bound("@fields.principal_name:bob", "");
	is_bound("@fields.note:A::B", "qother note:text~=\"a::b\"\n");
	is_bound("@timestamp:>0 @type:q*",
		"qother ts:i=[1,9223372036854775807]\n"
		"qtypes ts:i=[1,9223372036854775807]\n");
	is_bound("@fields.id.orig_h:10.0.0.0/8 source_ip:10.1.*",
		"conn (and id.orig_h:addr=[10.0.0.0,10.255.255.255] "
		"id.orig_h:addr=[10.1.0.0,10.1.255.255])\n"
		"qtypes (and id.orig_h:addr=[10.0.0.0,10.255.255.255] "
		"id.orig_h:addr=[10.1.0.0,10.1.255.255])\n");
}

/* ip, port and mac mean either side; negated, neither. */
static void
either_side(void **unused)
{
	(void)unused;
	is_bound("port:53 @type:conn",
		"conn (or id.orig_p:u=[53,53] id.resp_p:u=[53,53])\n");
	is_bound("NOT ip:::1 @type:conn", "conn (and !id.orig_h:addr=[::1,::1] "
					  "!id.resp_h:addr=[::1,::1])\n");
	is_bound("mac:00-1A-2b-3c-4d-5e",
		"conn (or orig_l2_addr:text~=\"00:1a:2b:3c:4d:5e\" "
		"resp_l2_addr:text~=\"00:1a:2b:3c:4d:5e\")\n"
		"qother (or mac:text~=\"00:1a:2b:3c:4d:5e\" "
		"orig_l2_addr:u=[112394521950,112394521950] "
		"resp_l2_addr:u=[112394521950,112394521950])\n"
		"qtypes (or orig_l2_addr:u=[112394521950,112394521950] "
		"resp_l2_addr:u=[112394521950,112394521950])\n");
	is_bound("mac:00:1a:2b:* @type:qtypes",
		"qtypes (or orig_l2_addr:u=[112390569984,112407347199] "
		"resp_l2_addr:u=[112390569984,112407347199])\n");
}

/* Log types that cannot match are left out, and what is decided is folded. */
static void
folding(void **unused)
{
	(void)unused;
	is_bound("", "conn all\nqother all\nqtypes all\n");
	is_bound("@type:conn", "conn all\n");
	is_bound("_path:CONN OR @type:qo*", "conn all\nqother all\n");
	is_bound("NOT @type:conn", "qother all\nqtypes all\n");
	is_bound("@type:/q.*/ NOT @type:qother", "qtypes all\n");
	is_bound("@type:conn @type:qother", "");
	is_bound(
		"NOT small:5", "conn all\nqother all\nqtypes !small:u=[5,5]\n");
	is_bound("(@type:conn OR small:5) AND NOT (flag:T OR real:1)",
		"conn all\nqtypes (and small:u=[5,5] !flag:u=[1,1] "
		"!real:f=[1,1])\n");
	is_bound("@type:qtypes (small:1 (sign:2 (flag:1 OR small:3)))",
		"qtypes (and small:u=[1,1] sign:i=[2,2] "
		"(or flag:u=[1,1] small:u=[3,3]))\n");
	is_bound("small:>-1 small:<=1000 @type:qtypes",
		"qtypes (and small:u=[0,18446744073709551615] "
		"small:u=[0,1000])\n");
	is_bound("small:[5 TO 4]", "");
	is_bound("_exists_:\"@fields.span\"", "qtypes span:exists\n");
}

/* Each type of field reads values its own way. */
static void
typed(void **unused)
{
	(void)unused;
	is_bound("flag:\"False\"", "qtypes flag:u=[0,0]\n");
	is_bound("small:(0x1f OR 4?)",
		"qtypes (or small:u=[31,31] small:u=[40,49])\n");
	is_bound("orig_bytes:>10MB",
		"conn orig_bytes:u=[10000001,18446744073709551615]\n");
	is_bound("orig_bytes:<10MiB", "conn orig_bytes:u=[0,10485759]\n");
	is_bound("sign:{-5 TO 1k]", "qtypes sign:i=[-4,1024]\n");
	is_bound("real:[0.5 TO 2}", "qtypes real:f=[0.5,1.9999999999999998]\n");
	is_bound("span:>250ms",
		"qtypes span:i=[250000001,9223372036854775807]\n");
	is_bound("TTLs:2h", "qtypes TTLs:i=[7200000000000,7200000000000]\n");
	is_bound("duration:0.5", "conn duration:i=[500000000,500000000]\n");
	is_bound("when:2026-01-30",
		"qtypes when:i=[1769731200000000000,1769817599999999999]\n");
	is_bound("when:>=now-1h",
		"qtypes when:i=[1769857200000000000,9223372036854775807]\n");
	is_bound("when:{2026-01-30 TO \"2026-01-31 10:00\"}",
		"qtypes when:i=[1769817600000000000,1769853599999999999]\n");
	is_bound("host:[10.0.0.1 TO 10.0.0.9}",
		"qtypes host:addr=[10.0.0.1,10.0.0.8]\n");
	is_bound("hosts:>10.0.0.0/8",
		"qtypes hosts:addr=[11.0.0.0,255.255.255.255]\n");
	is_bound("host:*.7", "qtypes host:glob~=\"*.7\"\n");
	is_bound("certificate.issuer:CN=*",
		"qtypes certificate.issuer:glob~=\"cn=*\"\n");
	is_bound("fuid:FaB", "qtypes fuid:text=\"FaB\"\n");
	is_bound("names:[A TO \"m\"}", "qtypes names:order~=[\"a\",\"m\"}\n");
	is_bound("uid:C0000000000G000001 @type:conn",
		"conn uid:uid=C0000000000G000001\n");
	is_bound("uid:*01 @type:conn", "conn uid:glob=\"*01\"\n");
	is_bound("both:abc", "qtypes both:text~=\"abc\"\n");
	is_bound("both:7", "qother both:u=[7,7]\nqtypes both:text~=\"7\"\n");
	is_bound("service:ssl",
		"conn (or service:text~=\"ssl\" service:glob~=\"ssl,*\" "
		"service:glob~=\"*,ssl\" service:glob~=\"*,ssl,*\")\n");
	is_bound("small:4*",
		"qtypes (or small:u=[4,4] small:u=[40,49] small:u=[400,499] "
		"small:u=[4000,4999] small:u=[40000,49999] "
		"small:u=[400000,499999] small:u=[4000000,4999999] "
		"small:u=[40000000,49999999] small:u=[400000000,499999999] "
		"small:u=[4000000000,4999999999] "
		"small:u=[40000000000,49999999999] "
		"small:u=[400000000000,499999999999] "
		"small:u=[4000000000000,4999999999999] "
		"small:u=[40000000000000,49999999999999] "
		"small:u=[400000000000000,499999999999999] "
		"small:u=[4000000000000000,4999999999999999] "
		"small:u=[40000000000000000,49999999999999999] "
		"small:u=[400000000000000000,499999999999999999] "
		"small:u=[4000000000000000000,4999999999999999999])\n");
}

/* A bare word is looked for in all texts; where it is an address, in
 * addresses too; ids and histories must be all of it. */
static void
bare(void **unused)
{
	(void)unused;
	is_bound("Abc @type:qtypes",
		"qtypes (or certificate.issuer:has~=\"abc\" "
		"names:has~=\"abc\" fuid:text=\"Abc\" both:has~=\"abc\")\n");
	is_bound("@message:a*c @type:qother",
		"qother (or uid:glob=\"a*c\" mac:glob~=\"*a*c*\" "
		"note:glob~=\"*a*c*\")\n");
	is_bound("10.0.0.0/8 @type:qtypes",
		"qtypes (or id.orig_h:addr=[10.0.0.0,10.255.255.255] "
		"id.resp_h:addr=[10.0.0.0,10.255.255.255] "
		"certificate.issuer:has~=\"10.0.0.0/8\" "
		"host:addr=[10.0.0.0,10.255.255.255] "
		"names:has~=\"10.0.0.0/8\" "
		"hosts:addr=[10.0.0.0,10.255.255.255] "
		"fuid:text=\"10.0.0.0/8\" both:has~=\"10.0.0.0/8\")\n");
	is_bound("/a|b/ @type:qother",
		"qother (or uid:regex=\"a|b\" mac:regex~=\"a|b\" "
		"note:regex~=\"a|b\")\n");
}

/* What no log type can answer is refused, with the place and what would do. */
static void
refused(void **unused)
{
	(void)unused;
	is_refused("a smal:5", 3, "no log type has a field smal",
		"did you mean small?");
	is_refused("rfc:5424", 1, "no log type has a field rfc",
		"text with a colon in it needs quotes");
	is_refused("NOT @fields.zzzzzz:5", 5,
		"no log type has a field @fields.zzzzzz",
		"text with a colon in it needs quotes");
	is_refused("@type:con", 7, "there is no log type con",
		"did you mean conn?");
	is_refused("_exists_:smal", 10, "no log type has a field smal",
		"did you mean small?");
	is_refused("dest_port:http", 11,
		"dest_port wants a whole number, not http",
		"for example 443, >1024, [1 TO 9], 4*, 10MB");
	is_refused("dest_port:[1 TO x]", 17,
		"dest_port wants a whole number, not x",
		"for example 443, >1024, [1 TO 9], 4*, 10MB");
	is_refused("dest_port:/4/", 11, "dest_port wants a whole number, not 4",
		"for example 443, >1024, [1 TO 9], 4*, 10MB");
	is_refused("flag:>1", 7, "flag wants true or false, not 1", "");
	is_refused("real:x", 6, "real wants a number, not x",
		"for example 0.5, >1, [0.1 TO 0.9]");
	is_refused("duration:5x", 10, "duration wants a duration, not 5x",
		"for example >5s, <250ms, [1m TO 2h]; bare numbers are "
		"seconds");
	is_refused("ts:noon", 4, "ts wants a time, not noon",
		"for example 2026-01-31, 2026-01-31T12:00:00, >now-1h, or "
		"seconds since 1970");
	is_refused("src_ip:10.1.2.3/8", 8,
		"src_ip wants a prefix without bits beyond its length, not "
		"10.1.2.3/8",
		"the network is 10.0.0.0/8");
	is_refused("src_ip:bob", 8,
		"src_ip wants an address or prefix, not bob",
		"for example 10.1.2.3, 10.0.0.0/8, 10.1.*, fe80::/10, "
		"[10.0.0.1 TO 10.0.0.9]");
	is_refused("src_ip:[::1 TO 1.1.1.1]", 16,
		"src_ip wants two addresses of one family, not 1.1.1.1", "");
	is_refused("uid:Cabc", 5, "uid wants a whole uid, not Cabc",
		"C and 17 letters or digits, or a part with wildcards");
	is_refused("names:/(/", 7,
		"this is no regular expression: Unmatched ( or \\(", "");
	is_refused("@type:[a TO b]", 1, "log types have no order", "");
}

/* Without a matcher regular expressions are refused, and a query that asks
 * for too much at once is too. */
static void
bounds(void **unused)
{
	struct nj_query_env env = { 0 };
	struct nj_query_error error;
	char text[4096] = "/a/";
	struct nj_bound *b;
	struct nj_query *q;

	(void)unused;
	assert_int_equal(nj_query_parse(&q, nj_str(text), &error), NJ_OK);
	assert_int_equal(nj_query_bind(&b, q, &env, &error), NJ_E_FORMAT);
	assert_string_equal(
		error.what, "regular expressions cannot be used here");
	nj_query_destroy(&q);
	memset(text, 'a', 1000);
	memcpy(text + 1000, "*b", 3);
	is_refused(text, 1, "a pattern with wildcards is longer than 512 bytes",
		"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manual_names),
		cmocka_unit_test(either_side),
		cmocka_unit_test(folding),
		cmocka_unit_test(typed),
		cmocka_unit_test(bare),
		cmocka_unit_test(refused),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, querykit_setup, NULL);
}
