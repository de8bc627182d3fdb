/*
 * flow.c - tests of connection states, histories and counts.
 */
#include "tests/unit/flowkit.h"

#define O NJ_ORIG
#define R NJ_RESP

struct state_case {
	const char *state, *history;
	int64_t orig_bytes, resp_bytes; /* -1: unset */
	struct kit_seg segs[12];
};

static const struct state_case cases[] = {
	{ "S0", "S", -1, -1, { { O, "S", 1000, 0, 0, 0 } } },
	{ "S0", "S", 0, 0,
		{ { O, "S", 1000, 0, 0, 0 }, { O, "S", 1000, 0, 0, 900 } } },
	{ "S1", "ShA", 0, 0,
		{ { O, "S", 1000, 0, 0, 0 }, { R, "SA", 5000, 1001, 0, 1 },
			{ O, "A", 1001, 5001, 0, 1 } } },
	{ "SF", "ShADadFf", 10, 20,
		{ { O, "S", 1000, 0, 0, 0 }, { R, "SA", 5000, 1001, 0, 1 },
			{ O, "A", 1001, 5001, 0, 1 },
			{ O, "A", 1001, 5001, 10, 1 },
			{ R, "A", 5001, 1011, 0, 1 },
			{ R, "A", 5001, 1011, 20, 1 },
			{ O, "FA", 1011, 5021, 0, 1 },
			{ R, "FA", 5021, 1012, 0, 1 },
			{ O, "A", 1012, 5022, 0, 1 } } },
	{ "REJ", "Sr", 0, 0,
		{ { O, "S", 1000, 0, 0, 0 }, { R, "RA", 0, 1001, 0, 1 } } },
	{ "S2", "ShAF", 0, 0,
		{ { O, "S", 1000, 0, 0, 0 }, { R, "SA", 5000, 1001, 0, 1 },
			{ O, "A", 1001, 5001, 0, 1 },
			{ O, "FA", 1001, 5001, 0, 1 } } },
	{ "S3", "ShAf", 0, 0,
		{ { O, "S", 1000, 0, 0, 0 }, { R, "SA", 5000, 1001, 0, 1 },
			{ O, "A", 1001, 5001, 0, 1 },
			{ R, "FA", 5001, 1001, 0, 1 } } },
	{ "RSTO", "ShAR", 0, 0,
		{ { O, "S", 1000, 0, 0, 0 }, { R, "SA", 5000, 1001, 0, 1 },
			{ O, "A", 1001, 5001, 0, 1 },
			{ O, "RA", 1001, 5001, 0, 1 } } },
	{ "RSTR", "ShADr", 7, 0,
		{ { O, "S", 1000, 0, 0, 0 }, { R, "SA", 5000, 1001, 0, 1 },
			{ O, "A", 1001, 5001, 0, 1 },
			{ O, "A", 1001, 5001, 7, 1 },
			{ R, "RA", 5001, 1008, 0, 1 } } },
	{ "RSTOS0", "SR", 0, 0,
		{ { O, "S", 1000, 0, 0, 0 }, { O, "R", 1001, 0, 0, 1 } } },
	{ "SH", "SF", 0, 0,
		{ { O, "S", 1000, 0, 0, 0 }, { O, "FA", 1001, 1, 0, 1 } } },
	/* Port 80 answers first: taken for the responder. */
	{ "SHR", "^hf", 0, 0,
		{ { R, "SA", 5000, 1001, 0, 0 },
			{ R, "FA", 5001, 1001, 0, 1 } } },
	{ "RSTRH", "^hr", 0, 0,
		{ { R, "SA", 5000, 1001, 0, 0 },
			{ R, "RA", 5001, 1001, 0, 1 } } },
	{ "OTH", "Dd", 10, 10,
		{ { O, "A", 1001, 5001, 10, 0 },
			{ R, "A", 5001, 1011, 10, 1 } } },
	/* Only the SYN was missed. */
	{ "S1", "^hADd", 10, 20,
		{ { R, "SA", 5000, 1001, 0, 0 }, { O, "A", 1001, 5001, 0, 1 },
			{ O, "A", 1001, 5001, 10, 1 },
			{ R, "A", 5001, 1011, 20, 1 } } },
	/* A retransmission; a FIN that is repeated as it was. */
	{ "S2", "ShADTF", 10, 0,
		{ { O, "S", 1000, 0, 0, 0 }, { R, "SA", 5000, 1001, 0, 1 },
			{ O, "A", 1001, 5001, 0, 1 },
			{ O, "A", 1001, 5001, 10, 1 },
			{ O, "A", 1001, 5001, 10, 300 },
			{ O, "FA", 1011, 5001, 0, 1 },
			{ O, "FA", 1011, 5001, 0, 1 } } },
	/* Flags that do not go together. */
	{ "OTH", "I", -1, -1, { { O, "FR", 1000, 0, 0, 0 } } },
	{ "SH", "Q", -1, -1, { { O, "SF", 1000, 0, 0, 0 } } },
};

/* conn_state, history and bytes are as Zeek would give them. */
static void
states_and_histories(void **unused)
{
	struct kit k;

	(void)unused;
	for (size_t i = 0; i < nj_countof(cases); i++) {
		const struct state_case *c = &cases[i];
		const struct kit_conn *got;

		kit_begin(&k, NULL);
		kit_segments(&k, c->segs, nj_countof(c->segs));
		kit_finish(&k);
		got = kit_last(&k);
		assert_string_equal(got->history, c->history);
		assert_string_equal(got->state, c->state);
		assert_int_equal(
			nj_has(&got->ev, conn, orig_bytes), c->orig_bytes >= 0);
		if (c->orig_bytes >= 0) {
			assert_int_equal(got->ev.orig_bytes, c->orig_bytes);
			assert_int_equal(got->ev.resp_bytes, c->resp_bytes);
		}
		kit_end_all(&k);
	}
}

struct weird_case {
	const char *name;
	struct kit_seg segs[5];
};

static const struct weird_case weird_cases[] = {
	{ "possible_split_routing",
		{ { O, "S", 1000, 0, 0, 0 }, { O, "A", 1001, 5001, 0, 1 } } },
	{ "data_before_established",
		{ { O, "S", 1000, 0, 0, 0 }, { O, "P", 1001, 0, 9, 1 } } },
	{ "inappropriate_FIN",
		{ { O, "S", 1000, 0, 0, 0 }, { O, "F", 1001, 0, 0, 1 } } },
	{ "SYN_with_data", { { O, "S", 1000, 0, 5, 0 } } },
	{ "TCP_christmas", { { O, "SR", 1000, 0, 0, 0 } } },
	{ "active_connection_reuse",
		{ { O, "S", 1000, 0, 0, 0 }, { R, "SA", 5000, 1001, 0, 1 },
			{ O, "A", 1001, 5001, 0, 1 },
			{ O, "S", 9000, 0, 0, 1 } } },
	{ "data_after_reset",
		{ { O, "S", 1000, 0, 0, 0 }, { R, "SA", 5000, 1001, 0, 1 },
			{ O, "R", 1001, 0, 0, 1 },
			{ O, "A", 1001, 5001, 5, 1 } } },
};

/* Odd things are told once a flow, by Zeek's names. */
static void
odd_things_are_told(void **unused)
{
	struct kit k;

	(void)unused;
	for (size_t i = 0; i < nj_countof(weird_cases); i++) {
		kit_begin(&k, NULL);
		kit_segments(&k, weird_cases[i].segs,
			nj_countof(weird_cases[i].segs));
		assert_string_equal(k.weird, weird_cases[i].name);
		assert_int_equal(k.weirds, 1);
		kit_finish(&k);
		kit_end_all(&k);
	}
}

/* A packet with a broken checksum leaves a C and counts for nothing else. */
static void
broken_packets_leave_a_mark(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	kit_handshake(&k);
	k.meta.kind = NJ_KIND_CHECKSUM;
	for (unsigned i = 0; i < 12; i++)
		kit_segment(&k, (struct kit_seg){ R, "A", 5001, 1001, 9, 1 });
	kit_finish(&k);
	assert_string_equal(kit_last(&k)->history, "ShAcc");
	assert_int_equal(kit_last(&k)->ev.resp_pkts, 1);
	kit_end_all(&k);
}

/* A dissector may turn a flow round: directions, ports, MACs and counts. */
static void
flows_can_be_turned_round(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	k.meta.proto = NJ_IP_UDP;
	k.turn = true;
	kit_datagram(&k, R, 33);
	kit_datagram(&k, O, 11);
	kit_finish(&k);
	assert_string_equal(kit_last(&k)->history, "D^D");
	assert_int_equal(kit_last(&k)->head.orig_p, k.meta.sport);
	assert_int_equal(kit_last(&k)->ev.resp_ip_bytes, 28 + 33);
	assert_int_equal(kit_last(&k)->ev.orig_ip_bytes, 28 + 11);
	assert_string_equal(kit_last(&k)->orig_mac, "02:00:00:00:00:01");
	kit_end_all(&k);
}

static void
assert_numbers(const uint64_t *got, const uint64_t *want, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(got[i], want[i]);
}

/* The first packets are counted by size a side and by the time before them,
 * up to 15 a side; a flow that is turned round takes its sides along. */
static void
first_packets_are_counted(void **unused)
{
	static const uint32_t lens[] = { 1, 63, 64, 255, 256, 1023, 1024 };
	static const int64_t ms[] = { 0, 2, 20, 500, 5000, 5000, 0 };
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	k.meta.proto = NJ_IP_UDP;
	for (size_t i = 0; i < nj_countof(lens); i++) {
		k.now_ns += ms[i] * NJ_NS_PER_MS;
		k.turn = i == 3;
		kit_datagram(&k, R, lens[i]);
	}
	for (unsigned i = 0; i < 20; i++)
		kit_datagram(&k, O, 2000);
	kit_finish(&k);
	assert_numbers(kit_last(&k)->sizes[0], (uint64_t[]){ 0, 0, 0, 15 }, 4);
	assert_numbers(kit_last(&k)->sizes[1], (uint64_t[]){ 2, 2, 2, 1 }, 4);
	assert_numbers(kit_last(&k)->gaps, (uint64_t[]){ 15, 1, 1, 1, 2 }, 5);
	for (unsigned i = 0; i < 40; i++)
		kit_datagram(&k, O, i < 31 ? 0 : 100);
	kit_finish(&k);
	assert_numbers(kit_last(&k)->sizes[0], (uint64_t[]){ 0, 0, 0, 0 }, 4);
	kit_end_all(&k);
}

/* Bytes beyond what the hot line has room for are counted on. */
static void
bytes_are_carried(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	k.meta.proto = NJ_IP_UDP;
	k.meta.ip_bytes = UINT32_MAX;
	for (unsigned i = 0; i < 3; i++)
		kit_send(&k, O);
	kit_finish(&k);
	assert_int_equal(
		kit_last(&k)->ev.orig_ip_bytes, 3 * (uint64_t)UINT32_MAX);
	assert_int_equal(kit_last(&k)->ev.resp_ip_bytes, 0);
	kit_end_all(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_and_histories),
		cmocka_unit_test(odd_things_are_told),
		cmocka_unit_test(broken_packets_leave_a_mark),
		cmocka_unit_test(flows_can_be_turned_round),
		cmocka_unit_test(first_packets_are_counted),
		cmocka_unit_test(bytes_are_carried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
