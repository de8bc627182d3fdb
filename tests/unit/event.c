/*
 * event.c - tests of engine/event: registry, rows, JSON, order.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/hash.h"
#include "engine/event/bench.h"
#include "engine/event/event_priv.h"
#include "engine/event/row.h"

#define EVTEST(F, tag)                                                         \
	F(tag, 1, BOOL, flag, 0, "A flag")                                     \
	F(tag, 2, U8, small, NJ_OPT, "A small number")                         \
	F(tag, 3, U16, middle, NJ_OPT, "A number")                             \
	F(tag, 4, U32, large, NJ_OPT, "A large number")                        \
	F(tag, 5, U64, huge, NJ_OPT, "A huge number")                          \
	F(tag, 6, I64, sign, NJ_OPT, "A number with sign")                     \
	F(tag, 7, F64, real, NJ_OPT, "A real number")                          \
	F(tag, 8, TIME, when, NJ_OPT, "A time")                                \
	F(tag, 9, IVAL, span, NJ_OPT, "An interval")                           \
	F(tag, 10, STR, certificate__issuer, NJ_INDEX | NJ_PII, "A text")      \
	F(tag, 11, ADDR, host, NJ_LEARN, "An address")                         \
	F(tag, 12, VSTR, names, 0, "Texts")                                    \
	F(tag, 13, VU64, sizes, 0, "Numbers")                                  \
	F(tag, 14, VIVAL, TTLs, 0, "Intervals | with a bar")                   \
	F(tag, 63, VADDR, hosts, 0, "Addresses")
NJ_EVENT(evtest, EVTEST, "Every type once");

/* The same log type as a newer appliance might know it. */
#define EVBARE(F, tag) F(tag, 2, U8, small, NJ_OPT, "A small number")
NJ_EVENT_X(evbare, EVBARE, NJ_EV_NO_ID, "Few fields, no id");

static struct nj_head
head_make(void)
{
	struct nj_head h = { .order_ns = 5,
		.ts_ns = INT64_C(1234567890123456000),
		.uid = { 1, 2 },
		.orig_p = 53,
		.resp_p = 65535 };

	assert_true(nj_addr_parse(&h.orig, "10.1.2.3"));
	assert_true(nj_addr_parse(&h.resp, "fe80::1"));
	return h;
}

static const char head_text[] =
	"{\"_path\":\"evtest\",\"ts\":1234567890.123456,"
	"\"uid\":\"C00000000001000002\",\"id.orig_h\":\"10.1.2.3\","
	"\"id.orig_p\":53,\"id.resp_h\":\"fe80::1\",\"id.resp_p\":65535";

/* Gives the JSON of a row in b, NUL-terminated. */
static const char *
json_of(struct nj_buf *b, struct nj_view bytes)
{
	struct nj_row row;

	nj_buf_reset(b);
	assert_true(nj_row_parse(&row, bytes));
	nj_row_json(b, &row);
	nj_buf_char(b, 0);
	assert_false(b->bad);
	return (const char *)b->data;
}

static void
expect_event(const struct evtest_event *ev, const char *tail)
{
	struct nj_head h = head_make();
	struct nj_buf b = { 0 };
	uint8_t *bytes = malloc(4096), *exact;
	char want[4096];
	size_t n;

	n = nj_row_encode(bytes, 4096, &evtest_desc, &h, ev);
	assert_true(n > NJ_ROW_HEAD_BYTES);
	(void)snprintf(want, sizeof(want), "%s%s}", head_text, tail);
	assert_string_equal(json_of(&b, (struct nj_view){ bytes, n }), want);
	/* It also fits where there is not a byte more, and only there. */
	exact = malloc(n);
	assert_int_equal(nj_row_encode(exact, n, &evtest_desc, &h, ev), n);
	assert_memory_equal(bytes, exact, n);
	for (size_t cap = 0; cap < n; cap++)
		assert_int_equal(
			nj_row_encode(exact, cap, &evtest_desc, &h, ev), 0);
	free(exact);
	free(bytes);
	nj_buf_free(&b);
}

/* What is not set is left out of a record. */
static void
unset_fields_are_left_out(void **unused)
{
	struct evtest_event ev = { 0 };

	(void)unused;
	expect_event(&ev, ",\"flag\":false");
}

/* Every type comes back from a row as it was put in. */
static void
every_type_comes_back(void **unused)
{
	struct evtest_event ev = { .flag = true };
	struct nj_view names[] = { NJ_LIT("a"), { 0 }, NJ_LIT("\"\xff") };
	uint64_t sizes[] = { 0, 127, 128, UINT64_MAX };
	int64_t ttls[] = { 0, -1, 300 * NJ_NS_PER_S };
	struct nj_addr hosts[3] = { 0 };

	(void)unused;
	nj_set(&ev, evtest, small, 255);
	nj_set(&ev, evtest, middle, 256);
	nj_set(&ev, evtest, large, 4294967295u);
	nj_set(&ev, evtest, huge, UINT64_MAX);
	nj_set(&ev, evtest, sign, INT64_MIN);
	nj_set(&ev, evtest, real, 0.1);
	nj_set(&ev, evtest, when, -1500);
	nj_set(&ev, evtest, span, 1234567);
	ev.certificate__issuer = NJ_LIT("CN=x");
	assert_true(nj_addr_parse(&ev.host, "::ffff:1.2.3.4"));
	ev.names = (struct nj_vstr){ names, 3 };
	ev.sizes = (struct nj_vu64){ sizes, 4 };
	ev.TTLs = (struct nj_vival){ ttls, 3 };
	assert_true(nj_addr_parse(&hosts[0], "1.2.3.4"));
	assert_true(nj_addr_parse(&hosts[1], "::1"));
	ev.hosts = (struct nj_vaddr){ hosts, 3 };
	expect_event(&ev,
		",\"flag\":true,\"small\":255,\"middle\":256,"
		"\"large\":4294967295,\"huge\":18446744073709551615,"
		"\"sign\":-9223372036854775808,\"real\":0.1,"
		"\"when\":-0.000001500,\"span\":0.001234567,"
		"\"certificate.issuer\":\"CN=x\",\"host\":\"::ffff:1.2.3.4\","
		"\"names\":[\"a\",\"\",\"\\\"\\\\xff\"],"
		"\"sizes\":[0,127,128,18446744073709551615],"
		"\"TTLs\":[0.000000,-0.000000001,300.000000],"
		"\"hosts\":[\"1.2.3.4\",\"::1\",null]");
}

/* An empty text and an empty vector are set; a number that is no number is
 * not printed. */
static void
empty_is_not_unset(void **unused)
{
	struct evtest_event ev = { 0 };
	uint64_t none;

	(void)unused;
	ev.certificate__issuer = NJ_LIT("");
	ev.sizes = (struct nj_vu64){ &none, 0 };
	nj_set(&ev, evtest, small, 0);
	nj_set(&ev, evtest, real, 1.0 / 0.0);
	expect_event(&ev, ",\"flag\":false,\"small\":0,"
			  "\"certificate.issuer\":\"\",\"sizes\":[]");
}

/* Texts of every size class come back whole. */
static void
long_texts_come_back(void **unused)
{
	static const size_t sizes[] = { 255, 256, 65535, 65536, 200000 };
	struct nj_head h = head_make();
	uint8_t *text = malloc(200000), *out = malloc(NJ_ROW_BYTES_MAX);
	struct nj_row_field f;
	struct nj_row_iter it;
	struct nj_row row;

	(void)unused;
	memset(text, 'x', 200000);
	for (size_t i = 0; i < nj_countof(sizes); i++) {
		struct evtest_event ev = { 0 };
		size_t n;

		ev.certificate__issuer = (struct nj_view){ text, sizes[i] };
		n = nj_row_encode(out, NJ_ROW_BYTES_MAX, &evtest_desc, &h, &ev);
		assert_true(nj_row_parse(&row, (struct nj_view){ out, n }));
		nj_row_iter_init(&it, &row);
		assert_true(nj_row_next(&it, &f));
		assert_int_equal(f.id, evtest_F_flag);
		assert_true(nj_row_next(&it, &f));
		assert_true(nj_view_eq(f.bytes, ev.certificate__issuer));
		assert_false(nj_row_next(&it, &f));
		assert_false(it.bad);
	}
	free(out);
	free(text);
}

/* A record without flow and addresses prints neither, nor does a log type
 * that is flagged so. */
static void
ids_only_where_there_are_any(void **unused)
{
	struct nj_head bare = { .ts_ns = NJ_NS_PER_S }, full = head_make();
	struct evtest_event ev = { 0 };
	struct evbare_event evb = { 0 };
	struct nj_buf b = { 0 };
	uint8_t out[512];
	size_t n;

	(void)unused;
	n = nj_row_encode(out, sizeof(out), &evtest_desc, &bare, &ev);
	assert_string_equal(json_of(&b, (struct nj_view){ out, n }),
		"{\"_path\":\"evtest\",\"ts\":1.000000,\"flag\":false}");
	full.uid[0] = full.uid[1] = 0;
	n = nj_row_encode(out, sizeof(out), &evbare_desc, &full, &evb);
	assert_string_equal(json_of(&b, (struct nj_view){ out, n }),
		"{\"_path\":\"evbare\",\"ts\":1234567890.123456}");
	nj_buf_free(&b);
}

/* Puts one field of form and bytes at the end of the row in out. */
static size_t
row_append(uint8_t *out, size_t len, const void *p, size_t n)
{
	uint32_t whole = (uint32_t)(len + n);

	memcpy(out + len, p, n);
	memcpy(out, &whole, 4);
	return whole;
}

/* Unknown ids, unknown types of value, wrong types and second copies are
 * passed over; the rest of the row is read. */
static void
unknown_fields_are_skipped(void **unused)
{
	static const uint8_t extra[] = { 40, 15 | 3 << 4, 1, 2, 3, /* no id */
		200, 0, 3, 4 | 10 << 4, 2, 9, 9, /* other type of value */
		1, 0 | 1 << 4, 1,                /* flag again */
		4, 3 | 5 << 4, 1, 1, 1, 1, 1,    /* too long for its type */
		2, 1 | 1 << 4, 7 };
	struct nj_head h = head_make();
	struct evtest_event ev = { 0 };
	struct nj_buf b = { 0 };
	uint8_t out[512];
	char want[512];
	size_t n;

	(void)unused;
	n = nj_row_encode(out, sizeof(out), &evtest_desc, &h, &ev);
	n = row_append(out, n, extra, sizeof(extra));
	(void)snprintf(want, sizeof(want), "%s%s}", head_text,
		",\"flag\":false,\"small\":7");
	assert_string_equal(json_of(&b, (struct nj_view){ out, n }), want);
	nj_buf_free(&b);
}

/* A log type that is not known gives its number and the head. */
static void
unknown_types_give_their_head(void **unused)
{
	struct nj_head h = { .ts_ns = 0 };
	struct evtest_event ev = { 0 };
	struct nj_buf b = { 0 };
	uint8_t out[512];
	size_t n;

	(void)unused;
	n = nj_row_encode(out, sizeof(out), &evtest_desc, &h, &ev);
	memcpy(out + NJ_ROW_AT_TYPE, &(uint32_t){ 0x1234abcd }, 4);
	assert_string_equal(json_of(&b, (struct nj_view){ out, n }),
		"{\"_path\":\"unknown_1234abcd\",\"ts\":0.000000}");
	nj_buf_free(&b);
}

/* However a row is cut or a byte of it changed, reading stays inside it. */
static void
broken_rows_do_no_harm(void **unused)
{
	struct nj_head h = head_make();
	struct evtest_event ev = { 0 };
	struct nj_view names[] = { NJ_LIT("abc"), NJ_LIT("defg") };
	uint64_t sizes[] = { 1, 1000, 100000 };
	struct nj_buf b = { 0 };
	uint8_t good[512], *bytes;
	struct nj_row row;
	size_t n;

	(void)unused;
	ev.names = (struct nj_vstr){ names, 2 };
	ev.sizes = (struct nj_vu64){ sizes, 3 };
	ev.hosts = (struct nj_vaddr){ &h.resp, 1 };
	n = nj_row_encode(good, sizeof(good), &evtest_desc, &h, &ev);
	bytes = malloc(n);
	for (size_t i = 0; i < n * 256; i++) {
		memcpy(bytes, good, n);
		bytes[i / 256] = (uint8_t)i;
		nj_buf_reset(&b);
		if (nj_row_parse(&row, (struct nj_view){ bytes, n }))
			nj_row_json(&b, &row);
	}
	for (size_t cut = 0; cut < n; cut++)
		assert_false(
			nj_row_parse(&row, (struct nj_view){ bytes, cut }));
	free(bytes);
	nj_buf_free(&b);
}

/* A log type is found by name and by number, and stands in order of name. */
static void
types_are_found(void **unused)
{
	unsigned n = 0;

	(void)unused;
	assert_ptr_equal(nj_event_find("evtest"), &evtest_desc);
	assert_null(nj_event_find("evnone"));
	assert_ptr_equal(
		nj_event_by_type(nj_event_type(&evtest_desc)), &evtest_desc);
	assert_null(nj_event_by_type(1));
	while (nj_event_at(n + 1)) {
		assert_true(strcmp(nj_event_at(n)->name,
				    nj_event_at(n + 1)->name) < 0);
		n++;
	}
	assert_int_equal(nj_event_register(&evtest_desc), NJ_OK);
}

/* A table that would break the row format is refused. */
static void
bad_tables_are_refused(void **unused)
{
	struct nj_event_slot slot = { 0 };
	struct nj_field f[2] = { { 1, NJ_T_U8, 0, 8, "a", "" },
		{ 1, NJ_T_U8, 0, 9, "b", "" } };
	struct nj_event_desc d = { "evbad", f, 2, 0, 16, "", &slot };

	(void)unused;
	assert_int_equal(nj_event_register(&d), NJ_E_CONFIG);
	f[1].id = 0;
	assert_int_equal(nj_event_register(&d), NJ_E_CONFIG);
	f[1].id = 64;
	assert_int_equal(nj_event_register(&d), NJ_E_CONFIG);
	f[1].id = 2;
	f[1].member = "quo\"te";
	assert_int_equal(nj_event_register(&d), NJ_E_CONFIG);
	f[1].member = "b";
	d.name = "evtest";
	assert_int_equal(nj_event_register(&d), NJ_E_CONFIG);
	assert_null(slot.known);
}

/* Ids are 96 bits in base 62 and sort as text as they do as numbers. */
static void
uids_as_text(void **unused)
{
	char a[NJ_UID_CAP], b[NJ_UID_CAP];

	(void)unused;
	assert_int_equal(
		nj_uid_format('C', (uint64_t[]){ 0, 0 }, a), NJ_UID_CHARS);
	assert_string_equal(a, "C00000000000000000");
	(void)nj_uid_format('F', (uint64_t[]){ UINT64_MAX, UINT64_MAX }, a);
	/* 2^64 - 1 and 2^32 - 1 in base 62. */
	assert_string_equal(a, "FLygHa16AHYF4gfFC3");
	(void)nj_uid_format('C', (uint64_t[]){ 61, UINT32_MAX }, a);
	(void)nj_uid_format('C', (uint64_t[]){ 62, 0 }, b);
	assert_true(strcmp(a, b) < 0);
}

static void
order_note(void *ctx, struct nj_view bytes)
{
	char *text = ctx;
	struct nj_row row;
	size_t n = strlen(text);

	assert_true(nj_row_parse(&row, bytes));
	(void)snprintf(text + n, 256 - n, "%d%s%d.%d ", (int)row.head.order_ns,
		row.type == nj_event_type(&evtest_desc) ? "t" : "b",
		(int)row.head.uid[0], (int)row.head.ts_ns);
}

/* Rows leave in order of packet time, uid, log type, arrival; those that
 * time has not passed stay. */
static void
order_sorts(void **unused)
{
	static const int rows[][2] = { { 5, 1 }, { 3, 2 }, { 3, 1 }, { 9, 1 },
		{ 3, 1 }, { 4, 7 } };
	struct evtest_event ev = { 0 };
	struct evbare_event evb = { 0 };
	char text[256] = "";
	struct nj_order *o;
	struct nj_sink sink;

	(void)unused;
	assert_int_equal(nj_order_create(&o), NJ_OK);
	sink = nj_order_sink(o);
	for (int i = 0; i < (int)nj_countof(rows); i++) {
		struct nj_head h = { .order_ns = rows[i][0],
			.ts_ns = i,
			.uid = { (uint64_t)rows[i][1], 0 } };

		assert_true(nj_sink_put(&sink, &evtest_desc, &h, &ev));
		assert_true(nj_sink_put(&sink, &evbare_desc, &h, &evb));
	}
	assert_int_equal(sink.rows, 12);
	nj_order_release(o, 5, order_note, text);
	assert_string_equal(text, "3b1.2 3b1.4 3t1.2 3t1.4 3b2.1 3t2.1 "
				  "4b7.5 4t7.5 ");
	assert_int_not_equal(nj_order_bytes(o), 0);
	text[0] = 0;
	nj_order_release(o, INT64_MAX, order_note, text);
	assert_string_equal(text, "5b1.0 5t1.0 9b1.3 9t1.3 ");
	assert_int_equal(nj_order_bytes(o), 0);
	nj_order_destroy(&o);
	assert_null(o);
}

/* Rows of no flow that agree in time leave in the order of what they tell of,
 * whichever worker they came from. */
static void
order_of_no_flow(void **unused)
{
	struct evtest_event ev = { 0 };
	char text[256] = "";
	struct nj_order *o;
	struct nj_sink sink;

	(void)unused;
	assert_int_equal(nj_order_create(&o), NJ_OK);
	sink = nj_order_sink(o);
	for (int i = 300; i > 0; i -= 100) {
		struct nj_head h = { .order_ns = 1, .ts_ns = i };

		assert_true(nj_sink_put(&sink, &evtest_desc, &h, &ev));
	}
	nj_order_release(o, INT64_MAX, order_note, text);
	assert_string_equal(text, "1t0.100 1t0.200 1t0.300 ");
	nj_order_destroy(&o);
}

struct order_check {
	int64_t last_ns, before_ns;
	uint64_t rows;
};

static void
order_check(void *ctx, struct nj_view bytes)
{
	struct order_check *c = ctx;
	struct nj_row row;

	assert_true(nj_row_parse(&row, bytes));
	assert_true(row.head.order_ns >= c->last_ns);
	assert_true(row.head.order_ns < c->before_ns);
	c->last_ns = row.head.order_ns;
	c->rows++;
}

/* Many rows, some of them late, over many chunks and releases: all come out
 * once, in order. */
static void
order_keeps_all(void **unused)
{
	struct order_check c = { 0 };
	struct evtest_event ev = { .certificate__issuer = NJ_LIT("text") };
	struct nj_order *o;
	struct nj_sink sink;
	uint64_t seed = 1;

	(void)unused;
	assert_int_equal(nj_order_create(&o), NJ_OK);
	sink = nj_order_sink(o);
	for (int64_t i = 0; i < 100000; i++) {
		struct nj_head h = { 0 };

		seed = nj_mix64(seed + (uint64_t)i);
		h.order_ns = 5000 + i - (int64_t)(seed % 8 ? 0 : seed % 5000);
		h.uid[0] = seed;
		assert_true(nj_sink_put(&sink, &evtest_desc, &h, &ev));
		if (i % 1000)
			continue;
		c.before_ns = i;
		nj_order_release(o, i, order_check, &c);
	}
	c.before_ns = INT64_MAX;
	nj_order_release(o, INT64_MAX, order_check, &c);
	assert_int_equal(c.rows, 100000);
	assert_int_equal(nj_order_bytes(o), 0);
	nj_order_destroy(&o);
}

/* The reference page names every type and field, with what is special to
 * Markdown escaped. */
static void
reference_has_all(void **unused)
{
	struct nj_buf b = { 0 };
	const char *text;

	(void)unused;
	nj_event_reference(&b);
	nj_buf_char(&b, 0);
	assert_false(b.bad);
	text = (const char *)b.data;
	assert_non_null(strstr(text, "\n## evtest\n\nEvery type once.\n"));
	assert_non_null(strstr(text,
		"\n| `certificate.issuer` | string | index, personal | A text "
		"|\n"));
	assert_non_null(strstr(text,
		"\n| `TTLs` | vector of interval |  | Intervals \\| with a bar "
		"|\n"));
	assert_non_null(strstr(text, "no id. Without `id.*`."));
	nj_buf_free(&b);
}

/* The bench runs, and its record comes through whole: 8 bytes or more for
 * each of its fields. */
static void
bench_runs(void **unused)
{
	struct nj_event_bench b;

	(void)unused;
	assert_int_equal(nj_event_bench(&b, 1), NJ_OK);
	assert_true(b.row_bytes > NJ_ROW_HEAD_BYTES);
	assert_true(b.json_bytes > 21 * 8);
}

static int
setup(void **unused)
{
	(void)unused;
	return nj_event_register(&evtest_desc) ||
	       nj_event_register(&evbare_desc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unset_fields_are_left_out),
		cmocka_unit_test(every_type_comes_back),
		cmocka_unit_test(empty_is_not_unset),
		cmocka_unit_test(long_texts_come_back),
		cmocka_unit_test(ids_only_where_there_are_any),
		cmocka_unit_test(unknown_fields_are_skipped),
		cmocka_unit_test(unknown_types_give_their_head),
		cmocka_unit_test(broken_rows_do_no_harm),
		cmocka_unit_test(types_are_found),
		cmocka_unit_test(bad_tables_are_refused),
		cmocka_unit_test(uids_as_text),
		cmocka_unit_test(order_sorts),
		cmocka_unit_test(order_of_no_flow),
		cmocka_unit_test(order_keeps_all),
		cmocka_unit_test(reference_has_all),
		cmocka_unit_test(bench_runs),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
