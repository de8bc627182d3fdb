/*
 * query_literal.c - words as numbers, durations, times, addresses, MACs, uids
 * and patterns.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "engine/store/query/query_priv.h"

/* Sizes count in 1000s by the names of vendors, in 1024s by those that say so
 * and by the letters of the configuration. */
static void
numbers(void **unused)
{
	static const struct {
		const char *text;
		int64_t value;
	} good[] = {
		{ "0", 0 },
		{ "-7", -7 },
		{ "0x1F", 31 },
		{ "10k", 10240 },
		{ "10kB", 10000 },
		{ "10KiB", 10240 },
		{ "1.5MB", 1500000 },
		{ "1.5MiB", 1572864 },
		{ "2G", INT64_C(2) << 30 },
		{ "7b", 7 },
	};
	static const char *const bad[] = { "", "-", "x", "1.5", "1.", "1x",
		"0x", "0xg", "111111111111111111111", "1 k",
		"0x11111111111111111" };
	nj_query_int n;

	(void)unused;
	for (size_t i = 0; i < nj_countof(good); i++) {
		assert_true(nj_query_int_parse(nj_str(good[i].text), &n));
		assert_true(n == good[i].value);
	}
	for (size_t i = 0; i < nj_countof(bad); i++)
		assert_false(nj_query_int_parse(nj_str(bad[i]), &n));
	assert_true(nj_query_int_parse(nj_str("18446744073709551615"), &n));
	assert_true(n == UINT64_MAX);
}

/* A bare duration is seconds, as in records. */
static void
durations(void **unused)
{
	int64_t ns;

	(void)unused;
	assert_true(nj_query_span_parse(nj_str("1.5"), &ns));
	assert_int_equal(ns, 1500000000);
	assert_true(nj_query_span_parse(nj_str("-2m"), &ns));
	assert_int_equal(ns, -120 * NJ_NS_PER_S);
	assert_true(nj_query_span_parse(nj_str("0.000001"), &ns));
	assert_int_equal(ns, 1000);
	assert_true(nj_query_span_parse(nj_str("3d"), &ns));
	assert_int_equal(ns, 3 * 86400 * NJ_NS_PER_S);
	assert_false(nj_query_span_parse(nj_str("5y"), &ns));
	assert_false(nj_query_span_parse(nj_str("99999999999s"), &ns));
}

struct moment {
	const char *text;
	int64_t from, to; /* ns */
};

#define S NJ_NS_PER_S
/* Dates are all of the day, hour, minute or second that they name; numbers and
 * now are moments; zones count. */
static void
times(void **unused)
{
	static const struct moment good[] = {
		{ "0", 0, 0 },
		{ "1.5", 1500000000, 1500000000 },
		{ "-1", -S, -S },
		{ "1389719059.311687", 1389719059311687000,
			1389719059311687000 },
		{ "1389719059311", 1389719059311000000, 1389719059311000000 },
		{ "1389719059311687", 1389719059311687000,
			1389719059311687000 },
		{ "1970-01-01", 0, 86400 * S - 1 },
		{ "1970/01/02", 86400 * S, 2 * 86400 * S - 1 },
		{ "1970-01-01T01", 3600 * S, 7200 * S - 1 },
		{ "1970-01-01T00:01", 60 * S, 120 * S - 1 },
		{ "1970-01-01 00:00:01", S, 2 * S - 1 },
		{ "1970-01-01T00:00:01.25Z", 1250000000, 1259999999 },
		{ "1970-01-01T02:00:00+02:00", 0, S - 1 },
		{ "1969-12-31T22:30:00-0130", 0, S - 1 },
		{ "now", 100000 * S, 100000 * S },
		{ "now-1h", 96400 * S, 96400 * S },
		{ "now+1d-2m", 186280 * S, 186280 * S },
		{ "now/d", 86400 * S, 2 * 86400 * S - 1 },
		{ "now-1d/d", 0, 86400 * S - 1 },
		{ "now/w", -3 * 86400 * S, 4 * 86400 * S - 1 },
	};
	static const char *const bad[] = { "", "noon", "now-", "now-1",
		"now-1y", "now/", "now/dd", "nowx", "2026-13-01", "2026-02-30",
		"2026-01-01T24", "2026-01-01T10:60", "2026-01-01T10:00:00+25",
		"2026-01-01T10:00x", "2026-01/01", "2026-01", "1.", "1..5",
		"99999999999999999999", "9999-12-31", "1389719059311.5",
		"now+999999999w" };
	int64_t from, to;

	(void)unused;
	for (size_t i = 0; i < nj_countof(good); i++) {
		struct nj_view v = nj_str(good[i].text);

		if (!nj_query_time_parse(v, 100000 * S, &from, &to) ||
			from != good[i].from || to != good[i].to)
			fail_msg("%s", good[i].text);
	}
	for (size_t i = 0; i < nj_countof(bad); i++)
		if (nj_query_time_parse(nj_str(bad[i]), 100000 * S, &from, &to))
			fail_msg("%s", bad[i]);
}

/* MACs come in three forms. */
static void
macs(void **unused)
{
	static const char *const bad[] = { "", "00:1a:2b:3c:4d:5",
		"0:1:2:3:4:5", "00:1a:2b:3c:4d-5e", "00:1a:2b:3c:4d:5g",
		"001a2b3c4d5e", "00.1a.2b.3c.4d.5e.6f" };
	uint64_t mac;

	(void)unused;
	assert_true(nj_query_mac_parse(nj_str("00:1a:2B:3c:4d:5e"), &mac));
	assert_int_equal(mac, 0x1a2b3c4d5e);
	assert_true(nj_query_mac_parse(nj_str("00-1a-2b-3c-4d-5e"), &mac));
	assert_int_equal(mac, 0x1a2b3c4d5e);
	assert_true(nj_query_mac_parse(nj_str("001a.2b3c.4d5e"), &mac));
	assert_int_equal(mac, 0x1a2b3c4d5e);
	for (size_t i = 0; i < nj_countof(bad); i++)
		assert_false(nj_query_mac_parse(nj_str(bad[i]), &mac));
}

/* What nj_uid_format writes is read back, and nothing else is. */
static void
uids(void **unused)
{
	const uint64_t want[][2] = { { 0, 1 }, { UINT64_MAX, UINT32_MAX },
		{ UINT64_C(0x123456789abcdef0), 0xdeadbeef } };
	char text[NJ_UID_CAP];
	uint64_t uid[2];

	(void)unused;
	for (size_t i = 0; i < nj_countof(want); i++) {
		(void)nj_uid_format('C', want[i], text);
		assert_true(nj_query_uid_parse(nj_str(text), uid));
		assert_memory_equal(uid, want[i], sizeof(uid));
	}
	assert_false(nj_query_uid_parse(nj_str("Czzzzzzzzzzz000000"), uid));
	assert_false(nj_query_uid_parse(nj_str("C00000000000zzzzzz"), uid));
	assert_false(nj_query_uid_parse(nj_str("F00000000000000001"), uid));
	assert_false(nj_query_uid_parse(nj_str("C0000000000000000"), uid));
	assert_false(nj_query_uid_parse(nj_str("C0000000000000000-"), uid));
}

/* What a pattern says by trying everything. */
static bool
slow_match(const char *g, const char *t)
{
	if (!*g)
		return !*t;
	if (*g == '*')
		return slow_match(g + 1, t) || (*t && slow_match(g, t + 1));
	if (*g == '\\')
		return g[1] == *t && *t && slow_match(g + 2, t + 1);
	return *t && (*g == '?' || *g == *t) && slow_match(g + 1, t + 1);
}

static void
pick(char *out, size_t most, const char *from, uint64_t *seed)
{
	size_t n = (*seed >> 33) % most;

	for (size_t i = 0; i < n; i++) {
		*seed = *seed * UINT64_C(6364136223846793005) + 1442695041;
		out[i] = from[(*seed >> 33) % strlen(from)];
	}
	out[n] = 0;
	/* No backslash without something behind it. */
	if (n && out[n - 1] == '\\')
		out[n - 1] = 'a';
}

/* Patterns match as a search through all ways would have it. */
static void
globs(void **unused)
{
	char g[10], t[12];
	uint64_t seed = 7;
	unsigned hits = 0;

	(void)unused;
	for (int i = 0; i < 200000; i++) {
		pick(g, sizeof(g), "aab*?", &seed);
		pick(t, sizeof(t), "aaab", &seed);
		assert_int_equal(
			nj_query_glob_match(nj_str(g), nj_str(t), false),
			slow_match(g, t));
		hits += slow_match(g, t);
	}
	assert_true(hits > 1000);
}

/* A backslash takes a wildcard's meaning; case is only that of ASCII; ? is a
 * whole character. */
static void
glob_details(void **unused)
{
	(void)unused;
	assert_true(nj_query_glob_match(
		nj_str("a\\*\\\\?"), nj_str("a*\\x"), false));
	assert_false(nj_query_glob_match(nj_str("a\\*"), nj_str("ab"), false));
	assert_true(nj_query_glob_match(nj_str("abc*"), nj_str("AbCd"), true));
	assert_false(
		nj_query_glob_match(nj_str("abc*"), nj_str("AbCd"), false));
	assert_true(
		nj_query_glob_match(nj_str("b?r"), nj_str("b\u00e4r"), false));
	assert_true(nj_query_glob_match(nj_str("*"), nj_str(""), false));
	assert_false(nj_query_glob_match(nj_str("?"), nj_str(""), false));
	assert_true(nj_query_glob_match(nj_str(""), nj_str(""), false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(durations),
		cmocka_unit_test(times),
		cmocka_unit_test(macs),
		cmocka_unit_test(uids),
		cmocka_unit_test(globs),
		cmocka_unit_test(glob_details),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
