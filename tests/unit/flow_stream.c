/*
 * flow_stream.c - tests of reassembly: whatever the network does to the
 * segments, dissectors get the same bytes, and are told what is missing.
 */
#include "tests/unit/flowkit.h"

#define O NJ_ORIG
#define R NJ_RESP

static uint64_t random_state;

static uint32_t
rnd(uint32_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1;
	return (uint32_t)(random_state >> 33) % below;
}

static void
assert_stream(struct kit *k, enum nj_dir d, uint32_t first, size_t len)
{
	assert_int_equal(k->stream_len[d], len);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(
			k->stream[d][i], kit_byte(d, first + (uint32_t)i));
}

/* nj_min would roll twice. */
static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Segments of one side, in the order in which they are sent. */
struct plan {
	uint32_t at[4096], len[4096];
	unsigned n;
};

/* Cuts [0, total) anywhere; some pieces reach into their neighbours. */
static void
plan_cut(struct plan *p, uint32_t total)
{
	uint32_t at = 0, len, back;

	p->n = 0;
	while (at < total) {
		len = least(1 + rnd(rnd(4) ? 1460 : 40), total - at);
		back = rnd(4) ? 0 : least(rnd(100), at);
		p->at[p->n] = at - back;
		p->len[p->n] = len + back +
			       (rnd(5) ? 0 : least(rnd(90), total - at - len));
		p->n++;
		at += len;
	}
}

/* Moves pieces about by up to `far` places, and repeats some. */
static void
plan_disturb(struct plan *p, unsigned far)
{
	for (unsigned i = 0; i + 1 < p->n; i++) {
		unsigned j = least(i + rnd(far), p->n - 1);
		uint32_t at = p->at[i], len = p->len[i];

		p->at[i] = p->at[j];
		p->len[i] = p->len[j];
		p->at[j] = at;
		p->len[j] = len;
	}
	for (unsigned n = p->n / 8; n && p->n < nj_countof(p->at); n--) {
		unsigned i = rnd(p->n);

		p->at[p->n] = p->at[i];
		p->len[p->n] = p->len[i];
		p->n++;
	}
}

/* How far from 0 on everything was sent. */
static uint32_t
sent_up_to(const uint8_t *sent, uint32_t from, uint32_t total)
{
	while (from < total && sent[from])
		from++;
	return from;
}

static void
open_at(struct kit *k, uint32_t o, uint32_t r)
{
	kit_segment(k, (struct kit_seg){ O, "S", o, 0, 0, 1 });
	kit_segment(k, (struct kit_seg){ R, "SA", r, o + 1, 0, 1 });
	kit_segment(k, (struct kit_seg){ O, "A", o + 1, r + 1, 0, 1 });
	/* One byte is acknowledged: acknowledgements are to be seen. */
	kit_segment(k, (struct kit_seg){ O, "A", o + 1, r + 1, 1, 1 });
	kit_segment(k, (struct kit_seg){ R, "A", r + 1, o + 2, 0, 1 });
}

/* Any cutting, overlapping, repeating and reordering gives the same bytes,
 * also where numbers wrap, and nothing is missing. */
static void
any_order_gives_the_same_bytes(void **unused)
{
	static struct plan plan;
	static uint8_t sent[40000];
	struct kit k;

	(void)unused;
	for (random_state = 1; random_state < 3000; random_state += 37) {
		uint64_t seed = random_state;
		uint32_t total = 1 + rnd(sizeof(sent)), first, acked = 0;

		first = rnd(3) ? rnd(UINT32_MAX) : 0xfffffff0U - rnd(30000);
		kit_begin(&k, NULL);
		open_at(&k, first - 2, 5000);
		plan_cut(&plan, total);
		plan_disturb(&plan, 1 + rnd(12));
		memset(sent, 0, sizeof(sent));
		for (unsigned i = 0; i < plan.n; i++) {
			kit_segment(&k,
				(struct kit_seg){ O, "A", first + plan.at[i],
					5001, plan.len[i], 0 });
			memset(sent + plan.at[i], 1, plan.len[i]);
			acked = sent_up_to(sent, acked, total);
			if (!rnd(3))
				kit_segment(&k, (struct kit_seg){ R, "A", 5001,
							first + acked, 0, 0 });
		}
		assert_int_equal(k.gaps[O], 0);
		assert_stream(&k, O, first - 1, total + 1);
		kit_segment(&k,
			(struct kit_seg){ O, "FA", first + total, 5001, 0, 1 });
		assert_int_equal(k.eofs[O], 1);
		kit_finish(&k);
		assert_int_equal(kit_last(&k)->ev.missed_bytes, 0);
		assert_int_equal(kit_last(&k)->ev.orig_bytes, total + 1);
		kit_end_all(&k);
		random_state = seed;
	}
}

enum { UNSENT, SENT, LOST };

/* What was not sent when it is acknowledged is lost, even if it comes. */
static void
acknowledge(struct kit *k, uint8_t *fate, uint32_t upto)
{
	for (uint32_t i = 0; i < upto; i++)
		if (fate[i] == UNSENT)
			fate[i] = LOST;
	kit_segment(k, (struct kit_seg){ R, "A", 5001, 1000 + upto, 0, 0 });
}

static void
send_some(struct kit *k, uint8_t *fate, const struct plan *p)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (!rnd(7))
			continue;
		kit_segment(k, (struct kit_seg){ O, "A", 1000 + p->at[i], 5001,
				       p->len[i], 0 });
		for (uint32_t b = 0; b < p->len[i]; b++)
			if (fate[p->at[i] + b] == UNSENT)
				fate[p->at[i] + b] = SENT;
		if (!rnd(4))
			acknowledge(k, fate, p->at[i] + p->len[i]);
	}
}

/* Bytes that were acknowledged but not seen are gaps, exactly those, and the
 * record counts them. */
static void
lost_bytes_are_gaps(void **unused)
{
	static struct plan plan;
	static uint8_t fate[40000];
	struct kit k;

	(void)unused;
	for (random_state = 1; random_state < 3000; random_state += 41) {
		uint64_t seed = random_state;
		uint32_t total = 2000 + rnd(sizeof(fate) - 2000), lost = 0;

		kit_begin(&k, NULL);
		open_at(&k, 998, 5000);
		plan_cut(&plan, total);
		plan_disturb(&plan, 1 + rnd(6));
		memset(fate, UNSENT, sizeof(fate));
		send_some(&k, fate, &plan);
		acknowledge(&k, fate, total);
		assert_int_equal(k.stream_len[O], total + 1);
		for (uint32_t i = 0; i < total; i++) {
			lost += fate[i] == LOST;
			assert_int_equal(k.stream[O][i + 1],
				fate[i] == SENT ? kit_byte(O, 1000 + i) : 0);
		}
		assert_int_equal(k.gap_len[O], lost);
		kit_finish(&k);
		assert_int_equal(kit_last(&k)->ev.missed_bytes, lost);
		kit_end_all(&k);
		random_state = seed;
	}
}

/* A hole that the receiver has not acknowledged waits, and what is filled in
 * is no gap. */
static void
holes_wait_for_the_acknowledgement(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	open_at(&k, 998, 5000);
	kit_segment(&k, (struct kit_seg){ O, "A", 1100, 5001, 50, 1 });
	kit_segment(&k, (struct kit_seg){ R, "A", 5001, 1000, 0, 1 });
	assert_int_equal(k.stream_len[O], 1);
	kit_segment(&k, (struct kit_seg){ O, "A", 1000, 5001, 100, 1 });
	assert_stream(&k, O, 999, 151);
	assert_int_equal(k.gaps[O], 0);
	kit_finish(&k);
	kit_end_all(&k);
}

/* Of bytes that were sent twice with different content the first count; both
 * kinds of overlap are counted. */
static void
first_bytes_win(void **unused)
{
	static const uint8_t other[40] = { 0 };
	const struct nj_flow_counters *n;
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	open_at(&k, 998, 5000);
	n = nj_flow_counters(k.table);
	kit_segment(&k, (struct kit_seg){ O, "A", 1010, 5001, 20, 1 });
	k.meta.seq = 1005;
	k.meta.payload = (struct nj_view){ other, 30 };
	k.meta.payload_wire = 30;
	kit_send(&k, O);
	assert_int_equal(n->overlaps, 1);
	assert_int_equal(n->overlap_differs, 1);
	kit_segment(&k, (struct kit_seg){ O, "A", 1000, 5001, 5, 1 });
	assert_int_equal(k.stream_len[O], 1 + 35);
	for (unsigned i = 0; i < 35; i++)
		assert_int_equal(k.stream[O][1 + i],
			i < 5 || (i >= 10 && i < 30) ? kit_byte(O, 1000 + i)
						     : 0);
	kit_finish(&k);
	kit_end_all(&k);
}

/* Segments that the capture cut are handed on when acknowledged, and what is
 * missing of them is a gap. */
static void
cut_segments(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	open_at(&k, 998, 5000);
	kit_segment(&k, (struct kit_seg){ O, "A", 1000, 5001, 10, 1 });
	k.meta.seq = 1010;
	k.meta.payload.len = 10;
	k.meta.payload_wire = 100;
	kit_send(&k, O);
	kit_segment(&k, (struct kit_seg){ O, "A", 1110, 5001, 20, 1 });
	assert_int_equal(k.stream_len[O], 11);
	kit_segment(&k, (struct kit_seg){ R, "A", 5001, 1130, 0, 1 });
	assert_int_equal(k.stream_len[O], 131);
	assert_int_equal(k.gap_len[O], 90);
	assert_int_equal(k.stream[O][111], kit_byte(O, 1110));
	kit_finish(&k);
	/* As Zeek counts: such a segment was missed altogether. */
	assert_int_equal(kit_last(&k)->ev.missed_bytes, 100);
	assert_string_equal(kit_last(&k)->history, "ShADaG");
	kit_end_all(&k);
}

/* A side whose acknowledgements cannot be seen is not waited for beyond
 * 16 KiB. */
static void
one_way_captures_go_on(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	kit_segment(&k, (struct kit_seg){ O, "S", 999, 0, 0, 1 });
	for (uint32_t i = 0; i < 60; i++)
		if (i != 5)
			kit_segment(&k, (struct kit_seg){ O, "A",
						1000 + 500 * i, 5001, 500, 1 });
	assert_int_equal(k.gap_len[O], 500);
	assert_int_equal(k.stream_len[O], 30000);
	kit_finish(&k);
	kit_end_all(&k);
}

/* What cannot be held is no reason to hold nothing: the oldest hole is given
 * up, and the stream goes on. */
static void
caps_give_up_the_oldest_hole(void **unused)
{
	struct nj_flow_conf conf;
	struct kit k;

	(void)unused;
	nj_flow_conf_default(&conf);
	conf.reasm_flow_bytes_max = 3000;
	kit_begin(&k, &conf);
	open_at(&k, 998, 5000);
	for (uint32_t i = 1; i < 19; i++)
		if (i != 12)
			kit_segment(&k, (struct kit_seg){ O, "A",
						1000 + 500 * i, 5001, 500, 1 });
	assert_int_equal(k.gaps[O], 1);
	assert_int_equal(k.gap_len[O], 500);
	kit_segment(&k, (struct kit_seg){ O, "A", 7000, 5001, 500, 1 });
	assert_int_equal(k.stream_len[O], 9501);
	assert_int_equal(k.gaps[O], 1);
	assert_true(nj_flow_counters(k.table)->held_refused > 0);
	kit_finish(&k);
	kit_end_all(&k);
}

/* Flows that hold much take the pool from each other, never more; every
 * block comes back. */
static void
the_pool_is_shared_and_bounded(void **unused)
{
	struct nj_flow_conf conf;
	struct kit k;

	(void)unused;
	nj_flow_conf_default(&conf);
	conf.reasm_segments_max = 64;
	kit_begin(&k, &conf);
	for (uint32_t round = 0; round < 3; round++) {
		for (uint16_t port = 1; port <= 40; port++) {
			k.meta.sport = (uint16_t)(10000 + port);
			open_at(&k, 998, 5000);
			for (uint32_t i = 1; i < 8; i += 2)
				kit_segment(&k,
					(struct kit_seg){ O, "A",
						1000 + 900 * i, 5001, 900, 0 });
		}
		assert_true(nj_flow_counters(k.table)->held_refused > 0);
		k.stream_len[O] = k.stream_len[R] = 0;
		k.now_ns += 400 * NJ_NS_PER_S;
	}
	kit_finish(&k);
	kit_end_all(&k);
}

/* The end of a flow hands on what was held, with the gap before it. */
static void
the_end_hands_on_what_was_held(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	open_at(&k, 998, 5000);
	kit_segment(&k, (struct kit_seg){ O, "A", 1100, 5001, 50, 1 });
	kit_finish(&k);
	assert_int_equal(k.stream_len[O], 151);
	assert_int_equal(k.gap_len[O], 100);
	/* Nobody said that those bytes were ever received. */
	assert_int_equal(kit_last(&k)->ev.missed_bytes, 0);
	kit_end_all(&k);
}

/* The end of a side is told once, after its last byte, also when its FIN
 * came before a hole was filled. */
static void
the_end_of_a_side_comes_last(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	open_at(&k, 998, 5000);
	kit_segment(&k, (struct kit_seg){ O, "FA", 1010, 5001, 10, 1 });
	assert_int_equal(k.eofs[O], 0);
	kit_segment(&k, (struct kit_seg){ O, "A", 1000, 5001, 10, 1 });
	assert_int_equal(k.eofs[O], 1);
	assert_stream(&k, O, 999, 21);
	kit_segment(&k, (struct kit_seg){ O, "FA", 1010, 5001, 10, 1 });
	assert_int_equal(k.eofs[O], 1);
	kit_finish(&k);
	kit_end_all(&k);
}

/* Skipped bytes are not given, only counted, whether they come or not. */
static void
skipped_bytes_only_count(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	k.skip_at = 100;
	k.skip_len = 5000;
	open_at(&k, 998, 5000);
	for (uint32_t i = 0; i < 6000; i += 1000)
		if (i != 3000)
			kit_segment(&k, (struct kit_seg){ O, "A", 1000 + i,
						5001, 1000, 1 });
	kit_segment(&k, (struct kit_seg){ R, "A", 5001, 7000, 0, 1 });
	assert_int_equal(k.stream_len[O], 1 + 1000);
	assert_int_equal(k.gaps[O], 0);
	kit_segment(&k, (struct kit_seg){ O, "A", 7000, 5001, 10, 1 });
	assert_int_equal(k.stream_len[O], 1 + 1010);
	kit_finish(&k);
	assert_int_equal(kit_last(&k)->ev.missed_bytes, 1000);
	assert_int_equal(kit_last(&k)->ev.orig_bytes, 6011);
	kit_end_all(&k);
}

/* After a cut-off there are no more bytes, but states, counts and missed
 * bytes go on as if there were. */
static void
cut_off_flows_only_count(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	k.stop = true;
	open_at(&k, 998, 5000);
	assert_int_equal(k.stream_len[O], 1);
	kit_segment(&k, (struct kit_seg){ O, "A", 1000, 5001, 500, 1 });
	kit_segment(&k, (struct kit_seg){ O, "A", 2000, 5001, 500, 1 });
	kit_segment(&k, (struct kit_seg){ O, "A", 1500, 5001, 500, 1 });
	kit_segment(&k, (struct kit_seg){ O, "A", 3000, 5001, 500, 1 });
	kit_segment(&k, (struct kit_seg){ R, "A", 5001, 3500, 0, 1 });
	kit_segment(&k, (struct kit_seg){ O, "FA", 3500, 5001, 0, 1 });
	kit_segment(&k, (struct kit_seg){ R, "FA", 5001, 3501, 0, 1 });
	kit_segment(&k, (struct kit_seg){ O, "A", 3501, 5002, 0, 1 });
	kit_finish(&k);
	assert_int_equal(k.stream_len[O], 1);
	assert_string_equal(kit_last(&k)->state, "SF");
	assert_string_equal(kit_last(&k)->history, "ShADaTGFf");
	assert_int_equal(kit_last(&k)->ev.missed_bytes, 500);
	assert_int_equal(kit_last(&k)->ev.orig_bytes, 2501);
	kit_end_all(&k);
}

/* Data in a SYN is the beginning of the stream; a keep-alive is none. */
static void
data_at_the_edges(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	k.meta.seq = 999;
	kit_segment(&k, (struct kit_seg){ O, "S", 999, 0, 10, 1 });
	kit_segment(&k, (struct kit_seg){ R, "SA", 5000, 1010, 0, 1 });
	kit_segment(&k, (struct kit_seg){ O, "A", 1010, 5001, 10, 1 });
	kit_segment(&k, (struct kit_seg){ O, "A", 1019, 5001, 1, 1 });
	assert_int_equal(k.stream_len[O], 20);
	kit_finish(&k);
	assert_int_equal(kit_last(&k)->ev.orig_bytes, 20);
	kit_end_all(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_gives_the_same_bytes),
		cmocka_unit_test(lost_bytes_are_gaps),
		cmocka_unit_test(holes_wait_for_the_acknowledgement),
		cmocka_unit_test(first_bytes_win),
		cmocka_unit_test(cut_segments),
		cmocka_unit_test(one_way_captures_go_on),
		cmocka_unit_test(caps_give_up_the_oldest_hole),
		cmocka_unit_test(the_pool_is_shared_and_bounded),
		cmocka_unit_test(the_end_hands_on_what_was_held),
		cmocka_unit_test(the_end_of_a_side_comes_last),
		cmocka_unit_test(skipped_bytes_only_count),
		cmocka_unit_test(cut_off_flows_only_count),
		cmocka_unit_test(data_at_the_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
