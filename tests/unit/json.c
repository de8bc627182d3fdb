/*
 * json.c - nested JSON in memory that may be too small for it.
 */
#include "tests/unit/unit.h"

#include "engine/base/json.h"

static void
is_text(struct nj_json *j, const char *want)
{
	struct nj_view v = nj_json_view(j);

	assert_int_equal(v.len, strlen(want));
	assert_memory_equal(v.data, want, v.len);
}

/* Objects and lists nest, and commas stand between values alone. */
static void
nests(void **unused)
{
	const uint8_t mac[] = { 0, 0x1d, 9 };
	uint8_t memory[256];
	struct nj_json j;

	(void)unused;
	nj_json_init(&j, nj_buf_fixed(memory, sizeof(memory)));
	nj_json_obj(&j, NULL);
	nj_json_u64(&j, "n", 7);
	nj_json_arr(&j, "list");
	nj_json_obj(&j, NULL);
	nj_json_end(&j);
	nj_json_bool(&j, NULL, true);
	nj_json_i64(&j, NULL, -3);
	nj_json_end(&j);
	nj_json_key(&j, NJ_LIT("a\"b"));
	nj_json_str(&j, NULL, NJ_LIT("\x01"));
	nj_json_hex(&j, "mac", (struct nj_view){ mac, 3 }, ':');
	nj_json_raw(&j, "raw", NJ_LIT("[1]"));
	is_text(&j, "{\"n\":7,\"list\":[{},true,-3],\"a\\\"b\":\"\\\\x01\","
		    "\"mac\":\"00:1d:09\",\"raw\":[1]}");
}

/* In any amount of memory the text is a list of whole values, closed. */
static void
fits_any_room(void **unused)
{
	uint8_t memory[128];

	(void)unused;
	for (size_t room = 0; room <= sizeof(memory); room++) {
		struct nj_json j;
		struct nj_view v;
		unsigned n = 0;

		nj_json_init(&j, nj_buf_fixed(memory, room));
		nj_json_arr(&j, NULL);
		for (; n < 4; n++) {
			nj_json_obj(&j, NULL);
			nj_json_str(&j, "k", NJ_LIT("va\\ue"));
			nj_json_end(&j);
			if (!nj_json_keep(&j))
				break;
		}
		v = nj_json_view(&j);
		assert_true(v.len <= room);
		assert_int_equal(v.len, n ? 1 + n * 15 : 0);
		if (n)
			assert_int_equal(v.data[v.len - 1], ']');
	}
}

/* Levels beyond the most are refused like what does not fit. */
static void
depth_is_bounded(void **unused)
{
	uint8_t memory[256];
	struct nj_json j;

	(void)unused;
	nj_json_init(&j, nj_buf_fixed(memory, sizeof(memory)));
	nj_json_arr(&j, NULL);
	assert_true(nj_json_keep(&j));
	for (int i = 0; i < 2 * NJ_JSON_DEPTH_MAX; i++)
		nj_json_arr(&j, NULL);
	assert_false(nj_json_keep(&j));
	is_text(&j, "[]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nests),
		cmocka_unit_test(fits_any_room),
		cmocka_unit_test(depth_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
