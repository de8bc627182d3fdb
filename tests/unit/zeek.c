/*
 * zeek.c - records as Zeek's lines of columns.
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "engine/event/zeek.h"

#define EVTEST(F, tag)                                                         \
	F(tag, 1, BOOL, flag, NJ_OPT, "A flag")                                \
	F(tag, 2, U8, small, NJ_OPT, "A small number")                         \
	F(tag, 3, I64, sign, NJ_OPT, "A number with sign")                     \
	F(tag, 4, F64, real, NJ_OPT, "A real number")                          \
	F(tag, 5, TIME, when, NJ_OPT, "A time")                                \
	F(tag, 6, IVAL, span, NJ_OPT, "An interval")                           \
	F(tag, 7, STR, certificate__issuer, 0, "A text")                       \
	F(tag, 8, ADDR, host, 0, "An address")                                 \
	F(tag, 9, VSTR, names, 0, "Texts")                                     \
	F(tag, 10, VU64, sizes, 0, "Numbers")                                  \
	F(tag, 11, VIVAL, TTLs, 0, "Intervals")                                \
	F(tag, 12, VADDR, hosts, 0, "Addresses")
NJ_EVENT(evtest, EVTEST, "Every type once");

#define EVBARE(F, tag) F(tag, 1, STR, text, 0, "A text")
NJ_EVENT_X(evbare, EVBARE, NJ_EV_NO_ID, "No id");

static void
is_row(const struct nj_event_desc *desc, const struct nj_head *head,
	const void *ev, const char *want)
{
	uint8_t bytes[4096];
	struct nj_buf b = { 0 };
	struct nj_row row;
	size_t n;

	assert_int_equal(nj_event_register(desc), NJ_OK);
	n = nj_row_encode(bytes, sizeof(bytes), desc, head, ev);
	assert_true(n && nj_row_parse(&row, (struct nj_view){ bytes, n }));
	nj_zeek_row(&b, &row);
	nj_buf_char(&b, '\0');
	assert_string_equal((char *)b.data, want);
	nj_buf_free(&b);
}

static void
is_text(struct nj_view v, const char *want)
{
	struct evbare_event ev = { .text = v };
	struct nj_head head = { 0 };
	char line[256];

	(void)snprintf(line, sizeof(line), "0.000000\t-\t%s", want);
	is_row(&evbare_desc, &head, &ev, line);
}

/* The lines before the records name separator, columns and types. */
static void
head_names_columns(void **unused)
{
	struct nj_buf b = { 0 };

	(void)unused;
	nj_zeek_head(&b, &evtest_desc, INT64_C(86400) * NJ_NS_PER_S);
	nj_zeek_tail(&b, INT64_C(86401) * NJ_NS_PER_S);
	nj_buf_char(&b, '\0');
	assert_string_equal((char *)b.data,
		"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n"
		"#unset_field\t-\n#path\tevtest\n"
		"#open\t1970-01-02-00-00-00\n"
		"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p"
		"\tflag\tsmall\tsign\treal\twhen\tspan\tcertificate.issuer"
		"\thost\tnames\tsizes\tTTLs\thosts\n"
		"#types\ttime\tstring\taddr\tport\taddr\tport\tbool\tcount"
		"\tint\tdouble\ttime\tinterval\tstring\taddr\tvector[string]"
		"\tvector[count]\tvector[interval]\tvector[addr]\n"
		"#close\t1970-01-02-00-00-01\n");
	nj_buf_free(&b);
}

/* Every type has its form, and what is not set is a hyphen. */
static void
each_type(void **unused)
{
	struct nj_view names[] = { NJ_LIT("a,b"), NJ_LIT(""), NJ_LIT("c") };
	uint64_t sizes[] = { 1, 2 };
	int64_t ttls[] = { -NJ_NS_PER_S / 2 };
	struct nj_addr hosts[2];
	struct evtest_event ev = { .certificate__issuer = NJ_LIT("CN=x"),
		.names = { names, 3 },
		.sizes = { sizes, 2 },
		.TTLs = { ttls, 1 },
		.hosts = { hosts, 0 } },
			    none = { 0 };
	struct nj_head head = { .ts_ns = INT64_C(1500000000123456789),
		.uid = { 1, 2 },
		.orig_p = 53,
		.resp_p = 80 };

	(void)unused;
	assert_true(nj_addr_parse(&head.orig, "10.1.2.3"));
	assert_true(nj_addr_parse(&head.resp, "fe80::1"));
	ev.host = head.resp;
	nj_set(&ev, evtest, flag, true);
	nj_set(&ev, evtest, small, 7);
	nj_set(&ev, evtest, sign, -7);
	nj_set(&ev, evtest, real, 0.25);
	nj_set(&ev, evtest, when, NJ_NS_PER_S);
	nj_set(&ev, evtest, span, NJ_NS_PER_MS);
	is_row(&evtest_desc, &head, &ev,
		"1500000000.123456\tC00000000001000002\t10.1.2.3\t53\tfe80::1"
		"\t80\tT\t7\t-7\t0.25\t1.000000\t0.001000\tCN=x\tfe80::1"
		"\ta\\x2cb,(empty),c\t1,2\t-0.500000\t(empty)");
	head = (struct nj_head){ 0 };
	is_row(&evtest_desc, &head, &none,
		"0.000000\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-");
}

/* Bytes that would break a line or pass for something else are escaped. */
static void
escapes(void **unused)
{
	(void)unused;
	is_text(NJ_LIT("a\tb\nc\\d"), "a\\x09b\\x0ac\\\\d");
	is_text(NJ_LIT("-"), "\\x2d");
	is_text(NJ_LIT("--"), "--");
	is_text(NJ_LIT("(empty)"), "\\x28empty)");
	is_text(NJ_LIT(""), "(empty)");
	is_text(NJ_LIT("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
	is_text(NJ_LIT("\xff\xc3\xbc"), "\\xff\\xc3\\xbc");
	is_text(NJ_LIT("a,b"), "a,b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_names_columns),
		cmocka_unit_test(each_type),
		cmocka_unit_test(escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
