/*
 * eve.c - records as EVE events, and the maps that say how.
 */
#include "tests/unit/unit.h"

#include "dissectors/eve/maps.h"
#include "engine/dissect/dissect.h"
#include "engine/pipeline/pipeline.h"

#define EVTEST(F, tag)                                                         \
	F(tag, 1, STR, name, 0, "A text")                                      \
	F(tag, 2, U16, port, NJ_OPT, "A number")                               \
	F(tag, 3, VSTR, list, 0, "Texts")                                      \
	F(tag, 4, BOOL, flag, NJ_OPT, "A flag")                                \
	F(tag, 5, TIME, when, NJ_OPT, "A time")                                \
	F(tag, 6, IVAL, span, NJ_OPT, "An interval")
NJ_EVENT(evetest, EVTEST, "A log with a map");

#define EVDETAIL(F, tag)                                                       \
	F(tag, 1, U8, detail__a__x, 0, "In two objects")                       \
	F(tag, 2, U8, detail__a__y, 0, "In the same")                          \
	F(tag, 3, STR, detail__b, NJ_JSON, "JSON")                             \
	F(tag, 4, STR, top, 0, "In none")
NJ_EVENT_X(eve_detail, EVDETAIL, NJ_EV_EVE, "A detail");

static const struct nj_eve_rule test_rules[] = {
	{ "name", "t.upper", nj_eve_upper },
	{ "name", "t.lower", nj_eve_lower },
	{ "name", "t.split", nj_eve_split },
	{ "name", "t.array", nj_eve_array },
	{ "port", "t.text", nj_eve_text },
	{ "port", "t.port", NULL },
	{ "list", "t.first", nj_eve_first },
	{ "list", "list", NULL },
	{ "flag", "u.v.flag", nj_eve_if_true },
	{ "when", "u.v.when", NULL },
	{ "span", "u.span", nj_eve_seconds },
	{ 0 },
};
static const struct nj_eve_map test_map = { "evetest", "test", test_rules,
	NULL };

static const struct nj_eve_rule lost_rules[] = { { "nowhere", "x", NULL },
	{ 0 } };
static const struct nj_eve_map lost_map = { "weird", "lost", lost_rules, NULL };

static void
is_event(const struct nj_event_desc *desc, const struct nj_head *head,
	const void *ev, const char *want)
{
	uint8_t bytes[4096];
	size_t n = nj_row_encode(bytes, sizeof(bytes), desc, head, ev);
	struct nj_buf b = { 0 };
	struct nj_row row;

	assert_true(n && nj_row_parse(&row, (struct nj_view){ bytes, n }));
	assert_true(nj_eve_json(&b, &row));
	nj_buf_char(&b, '\0');
	assert_string_equal((char *)b.data, want);
	nj_buf_free(&b);
}

/* Every map names fields that its log has, and a map that does not is
 * refused. */
static void
maps_fit(void **unused)
{
	static const struct nj_eve_map *const lost[] = { &lost_map, NULL };
	static const struct nj_eve_map *const ours[] = { &test_map, NULL };

	(void)unused;
	assert_int_equal(nj_pipeline_register_all(nj_dissectors), NJ_OK);
	assert_int_equal(nj_event_register(&evetest_desc), NJ_OK);
	assert_int_equal(nj_event_register(&eve_detail_desc), NJ_OK);
	assert_int_equal(nj_eve_register(lost), NJ_E_CONFIG);
	assert_int_equal(nj_eve_register(nj_eve_maps), NJ_OK);
	assert_int_equal(nj_eve_register(ours), NJ_OK);
	for (const struct nj_eve_map *const *m = nj_eve_maps; *m; m++)
		assert_non_null(nj_event_find((*m)->log));
}

/* The object that path lies in was left before, and would come twice. */
static bool
reopens(const char *const *paths, unsigned n)
{
	const char *dot = strrchr(paths[n], '.');
	size_t len = dot ? (size_t)(dot - paths[n]) + 1 : 0;
	bool left = false;

	for (unsigned i = n; len && i-- > 0;) {
		bool same = !strncmp(paths[i], paths[n], len);

		if (same && left)
			return true;
		left |= !same;
	}
	return false;
}

/* In no event the rules or fields of one object stand apart, which would
 * write it twice. */
static void
objects_come_once(void **unused)
{
	static char names[64][128];
	const char *paths[64];
	const struct nj_event_desc *desc;

	(void)unused;
	for (const struct nj_eve_map *const *m = nj_eve_maps; *m; m++) {
		unsigned n = 0;

		for (; (*m)->rules[n].path; n++) {
			paths[n] = (*m)->rules[n].path;
			assert_false(reopens(paths, n));
		}
	}
	for (unsigned i = 0; (desc = nj_event_at(i)); i++) {
		for (unsigned n = 0; n < desc->count; n++) {
			(void)nj_field_name(
				&desc->fields[n], names[n], sizeof(names[n]));
			paths[n] = names[n];
			if (desc->flags & NJ_EV_EVE)
				assert_false(reopens(paths, n));
		}
	}
}

/* A record becomes one nested object, by its map and its conversions. */
static void
map_is_followed(void **unused)
{
	struct nj_view list[] = { NJ_LIT("one"), NJ_LIT("two") };
	struct evetest_event ev = { .name = NJ_LIT("Ab, c"),
		.list = { list, 2 } };
	struct nj_head head = { .order_ns = INT64_C(1500000000123456789),
		.uid = { 4096, 1 },
		.orig_p = 53,
		.vlan = { 7, 9 },
		.ip_proto = 17 };

	(void)unused;
	assert_true(nj_addr_parse(&head.orig, "2001:db8::1"));
	assert_true(nj_addr_parse(&head.resp, "10.0.0.1"));
	nj_set(&ev, evetest, port, 80);
	nj_set(&ev, evetest, flag, true);
	nj_set(&ev, evetest, when, -NJ_NS_PER_S / 2);
	nj_set(&ev, evetest, span, 3 * NJ_NS_PER_S);
	is_event(&evetest_desc, &head, &ev,
		"{\"timestamp\":\"2017-07-14T02:40:00.123456+0000\","
		"\"flow_id\":2,\"event_type\":\"test\",\"vlan\":[7,9],"
		"\"src_ip\":\"2001:0db8:0000:0000:0000:0000:0000:0001\","
		"\"src_port\":53,\"dest_ip\":\"10.0.0.1\",\"dest_port\":0,"
		"\"proto\":\"UDP\",\"ip_v\":6,\"pkt_src\":\"wire/pcap\","
		"\"t\":{\"upper\":\"AB, C\",\"lower\":\"ab, c\","
		"\"split\":[\"Ab\",\"c\"],\"array\":[\"Ab, c\"],"
		"\"text\":\"80\",\"port\":80,\"first\":\"one\"},"
		"\"list\":[\"one\",\"two\"],\"u\":{\"v\":{\"flag\":true,"
		"\"when\":\"1969-12-31T23:59:59.500000+0000\"},\"span\":3}}");
}

/* The fields of a detail event go to the paths that are their names, and JSON
 * stays what it is. */
static void
detail_is_its_names(void **unused)
{
	struct eve_detail_event ev = { .detail__a__x = 1,
		.detail__a__y = 2,
		.detail__b = NJ_LIT("[{\"k\":1}]"),
		.top = NJ_LIT("t") };
	struct nj_head head = { .order_ns = 0 };

	(void)unused;
	is_event(&eve_detail_desc, &head, &ev,
		"{\"timestamp\":\"1970-01-01T00:00:00.000000+0000\","
		"\"event_type\":\"detail\",\"pkt_src\":\"wire/pcap\","
		"\"detail\":{\"a\":{\"x\":1,\"y\":2},\"b\":[{\"k\":1}]},"
		"\"top\":\"t\"}");
}

/* What has no map is no event. */
static void
others_are_none(void **unused)
{
	assert_null(nj_eve_type(12345));
	assert_string_equal(nj_eve_type(nj_event_type(&evetest_desc)), "test");
	(void)unused;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_fit),
		cmocka_unit_test(objects_come_once),
		cmocka_unit_test(map_is_followed),
		cmocka_unit_test(detail_is_its_names),
		cmocka_unit_test(others_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
