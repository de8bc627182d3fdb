/*
 * query_match.c - rows against queries: what matching means for every type of
 * field, and which log types of the real tables the manual's queries find.
 */
#include "tests/unit/querykit.h"

#include "engine/dissect/dissect.h"
#include "engine/pipeline/pipeline.h"

static uint8_t bytes[2][2048];
static struct nj_row conn_row, types_row;

static struct nj_row
row_of(uint8_t *memory, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *ev)
{
	size_t n = nj_row_encode(memory, sizeof(bytes[0]), desc, head, ev);
	struct nj_row row = { 0 };

	assert_true(n && nj_row_parse(&row, (struct nj_view){ memory, n }));
	return row;
}

static int
setup(void **unused)
{
	static const struct nj_view names[] = { NJ_LIT("alpha"),
		NJ_LIT("Beta gamma"), NJ_LIT("") };
	static const uint64_t sizes[] = { 1, 4096 };
	static const int64_t spans[] = { 60 * NJ_NS_PER_S };
	struct nj_addr v6, hosts[2];
	struct nj_head head = { .ts_ns = INT64_C(1769857200) * NJ_NS_PER_S,
		.uid = { 0, 62 + 5 },
		.orig = nj_addr4("\x0a\x01\x02\x03"),
		.resp = nj_addr4("\xc0\xa8\x00\x01"),
		.orig_p = 50000,
		.resp_p = 445,
		.vlan = { 7, 0 },
		.ip_proto = 6,
		.mac = { { 0, 0x1a, 0x2b, 1, 2, 3 }, { 0 } } };
	struct conn_event c = { .proto = NJ_LIT("tcp"),
		.service = NJ_LIT("gssapi,smb"),
		.conn_state = NJ_LIT("SF"),
		.history = NJ_LIT("ShADadFf"),
		.resp_ip_bytes = 0,
		.ip_proto = 6,
		.orig_l2_addr = NJ_LIT("00:1a:2b:01:02:03") };
	struct qtypes_event q = { .certificate__issuer = NJ_LIT("CN=Acme CA"),
		.names = { names, 3 },
		.sizes = { sizes, 2 },
		.TTLs = { spans, 1 },
		.fuid = NJ_LIT("FaBc"),
		.both = NJ_LIT("7") };

	if (querykit_setup(unused) || !nj_addr_parse(&v6, "fe80::12"))
		return -1;
	hosts[0] = nj_addr4("\x08\x08\x08\x08");
	hosts[1] = v6;
	q.host = v6;
	q.hosts.v = hosts;
	q.hosts.n = 2;
	nj_set(&c, conn, duration, 5 * NJ_NS_PER_S / 2);
	nj_set(&c, conn, orig_bytes, 1500000);
	nj_set(&c, conn, vlan, 7);
	nj_set(&q, qtypes, flag, false);
	nj_set(&q, qtypes, small, 200);
	nj_set(&q, qtypes, sign, -3);
	nj_set(&q, qtypes, real, 0.25);
	nj_set(&q, qtypes, when, head.ts_ns);
	conn_row = row_of(bytes[0], &conn_desc, &head, &c);
	types_row = row_of(bytes[1], &qtypes_desc, &head, &q);
	return 0;
}

static void
is_match(const struct nj_row *row, const char *text, bool want)
{
	struct nj_bound *b = querykit_bind(text);

	if (nj_bound_match(b, row) != want) {
		print_message("%s\n", text);
		fail();
	}
	nj_bound_destroy(&b);
}

/* Every one of the NULL-ended list matches, or none does, as want says. */
static void
all_match(const struct nj_row *row, const char *const *list, bool want)
{
	for (; *list; list++)
		is_match(row, *list, want);
}

/* What a conn record has, by Zeek's names and the manual's. */
static void
conn_record(void **unused)
{
	static const char *const yes[] = { "", "*", "@type:conn",
		"@type:conn AND @fields.resp_ip_bytes:0",
		"@fields.dest_port:445", "src_ip:10.0.0.0/8", "ip:192.168.*",
		"ip:*.168.0.1", "id.resp_h:/192.*1/", "port:445", "port:>49999",
		"mac:00:1A:2B:*", "orig_l2_addr:00-1a-2b-01-02-03", "vlan:7",
		"NOT inner_vlan:*", "ip_proto:6", "proto:TCP",
		"service:(smb OR x)", "service:gss*", "service:\"gssapi,smb\"",
		"conn_state:SF", "conn_state:ShA*", "history:ShADadFf",
		"duration:2.5", "duration:[2s TO 3s]", "orig_bytes:1.5MB",
		"orig_bytes:15*", "ts:2026-01-31", "ts:>now-2h",
		"@timestamp:<=2026-01-31T11:00:00", "uid:C00000000000000015",
		"uid:*15", "_exists_:service", "NOT resp_bytes:*", "smb",
		"\"gssapi,\"", "10.1.2.3", "C00000000000000015",
		"NOT (proto:udp OR service:dns)", "TCP -udp", NULL };
	static const char *const no[] = { "@type:qtypes", "src_ip:10.1.2.4",
		"src_ip:192.168.0.1", "port:446", "mac:00:1a:2b:01:02:04",
		"vlan:8", "inner_vlan:*", "service:api", "service:smb2",
		"conn_state:sha*", "history:shadadff", "conn_state:S0",
		"duration:>2.5", "ts:>2026-01-31", "ts:<2026-01-31",
		"uid:C00000000000000016", "resp_bytes:*", "NOT proto:tcp", "Sh",
		"10.1.2", "tcp udp", "/10\\..*/", NULL };

	(void)unused;
	all_match(&conn_row, yes, true);
	all_match(&conn_row, no, false);
}

/* Values of every type, and vectors by any of their elements. */
static void
every_type(void **unused)
{
	static const char *const yes[] = { "flag:\"False\"", "small:2??",
		"small:>=200", "sign:-3", "sign:<0", "real:0.25",
		"real:{0.2 TO 0.3}", "real:>0", "when:2026-01-31T11:00",
		"certificate.issuer:\"cn=acme ca\"",
		"certificate.issuer:cn=*CA", "certificate.issuer:[cm TO co]",
		"certificate.issuer:/cn=acme.*/", "host:fe80::/10",
		"host:>fe80::11", "names:ALPHA", "names:beta?gamma",
		"names:\"\"", "names:/a.*a/", "sizes:4KiB", "sizes:<5",
		"TTLs:1m", "hosts:8.8.8.8", "hosts:fe80::12", "hosts:*80::12",
		"NOT names:omega", "fuid:FaBc", "fuid:F*", "both:7", "acme",
		"\"a gam\"", "fe80::/64", "FaBc", "b*mma", "/bet[a]/", NULL };
	static const char *const no[] = { "flag:true", "small:20",
		"small:[201 TO *]", "sign:3", "real:>0.25", "real:{0.25 TO 1]",
		"when:2026-01-31T11:01", "certificate.issuer:acme",
		"certificate.issuer:[cm TO cn}", "certificate.issuer:/acme/",
		"host:fe80::13", "host:1.2.3.4", "host:<fe80::12", "names:beta",
		"sizes:2", "TTLs:>1m", "hosts:8.8.8.9", "NOT names:alpha",
		"fuid:fabc", "fabc", "FaB", "_exists_:span", "span:*",
		"NOT sizes:1", "/bet[b]/", NULL };

	(void)unused;
	all_match(&types_row, yes, true);
	all_match(&types_row, no, false);
}

/* A row whose bytes end early matches by what is there, and unknown types
 * match nothing. */
static void
broken(void **unused)
{
	struct nj_bound *b = querykit_bind("service:smb OR NOT service:*");
	struct nj_row cut = conn_row;

	(void)unused;
	cut.fields.len = 3;
	assert_true(nj_bound_match(b, &cut));
	cut.type = 1;
	assert_false(nj_bound_match(b, &cut));
	nj_bound_destroy(&b);
}

/* Brackets as deep as they may be, and hundreds of alternatives. */
static void
large(void **unused)
{
	struct nj_buf text = { 0 };

	(void)unused;
	for (int i = 0; i < NJ_QUERY_DEPTH_MAX; i++)
		nj_buf_str(&text, i % 2 ? "(small:1 OR " : "(small:200 AND ");
	nj_buf_str(&text, "sign:-3");
	for (int i = 0; i < NJ_QUERY_DEPTH_MAX; i++)
		nj_buf_char(&text, ')');
	nj_buf_char(&text, 0);
	is_match(&types_row, (char *)text.data, true);
	nj_buf_reset(&text);
	nj_buf_str(&text, "small:(1");
	for (int i = 0; i < 400; i++)
		nj_buf_printf(&text, " OR %d", 400 - i);
	nj_buf_str(&text, ")");
	nj_buf_char(&text, 0);
	is_match(&types_row, (char *)text.data, true);
	nj_buf_free(&text);
}

static void
finds(const char *text, const char *want)
{
	struct nj_bound *b = querykit_bind(text);
	struct nj_buf types = { 0 };

	for (unsigned i = 0; i < b->count; i++)
		nj_buf_printf(&types, "%s ", b->types[i].desc->name);
	nj_buf_char(&types, 0);
	assert_string_equal((char *)types.data, want);
	nj_buf_free(&types);
	nj_bound_destroy(&b);
}

/* With all log types of the program each query of the manual finds the types
 * that it means. */
static void
manual(void **unused)
{
	(void)unused;
	assert_int_equal(nj_pipeline_register_all(nj_dissectors), NJ_OK);
	finds("@type:conn AND @fields.resp_ip_bytes:0", "conn ");
	finds("@type:conn AND @fields.proto:tcp AND NOT "
	      "@fields.conn_state:ShA*",
		"conn ");
	finds("@type:kerberos", "kerberos ");
	finds("@type:kerberos AND @fields.success:\u201dFalse\u201d",
		"kerberos ");
	finds("@type:kerberos AND @fields.principal_name:bob", "kerberos ");
	finds("@type:http", "http ");
	finds("@type:http AND @fields.host:www.google.*", "http ");
	finds("@type:ssl", "ssl ");
	finds("@type:dhcp", "dhcp ");
	finds("@type:notice", "sensor weird ");
	finds("@fields.note:*", "qother sensor weird ");
	finds("@fields.dest_port:445 AND @type:smb*",
		"smb_cmd smb_files smb_mapping smb_session ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conn_record),
		cmocka_unit_test(every_type),
		cmocka_unit_test(broken),
		cmocka_unit_test(large),
		cmocka_unit_test(manual),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
