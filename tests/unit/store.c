/*
 * store.c - tests of the event store: every row that was acknowledged is there
 * once, whether it waits, is sealed, was carried, or the store was opened
 * anew; and of what retention, outputs and spans do.
 */
#include "tests/unit/unit.h"

#include "engine/store/upkeep.h"
#include "tests/unit/storekit.h"

static void
setup(char folder[FOLDER_BYTES], struct nj_store_conf *conf)
{
	folder_make(folder);
	*conf = kit_conf(folder);
}

/* Rows that were committed are seen at once, those not yet are not. */
static void
committed_rows_are_seen(void **unused)
{
	char folder[FOLDER_BYTES];
	struct nj_store_conf conf;
	struct nj_store *s;

	(void)unused;
	setup(folder, &conf);
	s = kit_open(&conf);
	kit_expect_once(s, 0);
	kit_put_range(s, 0, 1000);
	assert_int_equal(kit_put(s, false, 1000, NULL), NJ_OK);
	kit_expect_once(s, 1000);
	assert_int_equal(nj_store_commit(s), NJ_OK);
	kit_expect_once(s, 1001);
	nj_store_close(&s);
	folder_remove(folder);
}

/* Sealing moves rows; each is there once before, after, and when the store is
 * opened again. */
static void
sealed_rows_are_there_once(void **unused)
{
	char folder[FOLDER_BYTES];
	struct nj_store_conf conf;
	struct nj_store_state state;
	struct nj_store *s;

	(void)unused;
	setup(folder, &conf);
	s = kit_open(&conf);
	kit_put_range(s, 0, 5000);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	nj_store_state(s, &state);
	assert_int_equal(state.tail_rows, 0);
	assert_int_equal(state.segments, 1);
	kit_expect_once(s, 5000);
	kit_put_range(s, 5000, 6000);
	kit_expect_once(s, 6000);
	nj_store_close(&s);
	s = kit_open(&conf);
	kit_expect_once(s, 6000);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	kit_expect_once(s, 6000);
	nj_store_close(&s);
	folder_remove(folder);
}

/* Whole segments of a common type take the blocks away; rows of rare types in
 * them are carried on, and each is there once. */
static void
carried_rows_are_there_once(void **unused)
{
	char folder[FOLDER_BYTES];
	const uint64_t n = 3 * NJ_SEGMENT_ROWS_MAX;
	struct nj_store_conf conf;
	struct nj_store_state state;
	struct nj_store *s;

	(void)unused;
	setup(folder, &conf);
	s = kit_open(&conf);
	for (uint64_t i = 0; i < n; i++)
		assert_int_equal(kit_put(s, i % 100 == 0, i, NULL), NJ_OK);
	assert_int_equal(nj_store_commit(s), NJ_OK);
	do
		nj_store_state(s, &state);
	while (state.segments < 2);
	kit_expect_once(s, n);
	nj_store_state(s, &state);
	assert_true(state.tail_rows > 0);
	nj_store_close(&s);
	s = kit_open(&conf);
	kit_expect_once(s, n);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	kit_expect_once(s, n);
	nj_store_state(s, &state);
	assert_int_equal(state.tail_rows, 0);
	nj_store_close(&s);
	folder_remove(folder);
}

/* A view does not change while rows come and are sealed. */
static void
view_stays_as_it_was(void **unused)
{
	char folder[FOLDER_BYTES];
	struct kit_seen seen = { .max = 3000 };
	struct nj_store_conf conf;
	struct nj_store_view *v;
	struct nj_store *s;

	(void)unused;
	setup(folder, &conf);
	s = kit_open(&conf);
	kit_put_range(s, 0, 1000);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	kit_put_range(s, 1000, 2000);
	assert_int_equal(nj_store_view_open(&v, s), NJ_OK);
	kit_put_range(s, 2000, 3000);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	seen.times = calloc(seen.max, sizeof(seen.times[0]));
	kit_view_see(&seen, v);
	assert_int_equal(seen.rows, 2000);
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(seen.times[i], 1);
	nj_store_view_close(&v);
	kit_expect_once(s, 3000);
	free(seen.times);
	nj_store_close(&s);
	folder_remove(folder);
}

/* A row that is offered again from the same place is taken once; positions
 * are those of the last commit, over a reopen too. */
static void
positions_are_kept_with_rows(void **unused)
{
	struct nj_store_from from = { .epoch = 7, .lane = 3 };
	char folder[FOLDER_BYTES];
	struct nj_store_conf conf;
	struct nj_store_state state;
	struct nj_store *s;

	(void)unused;
	setup(folder, &conf);
	s = kit_open(&conf);
	assert_int_equal(nj_store_position(s, 7, 3), 0);
	for (uint64_t i = 0; i < 10; i++) {
		from.position = 100 * (i + 1);
		assert_int_equal(kit_put(s, false, i, &from), NJ_OK);
	}
	assert_int_equal(nj_store_position(s, 7, 3), 0);
	assert_int_equal(nj_store_commit(s), NJ_OK);
	assert_int_equal(nj_store_position(s, 7, 3), 1000);
	nj_store_close(&s);
	s = kit_open(&conf);
	assert_int_equal(nj_store_position(s, 7, 3), 1000);
	assert_int_equal(nj_store_position(s, 7, 2), 0);
	for (uint64_t i = 5; i < 12; i++) {
		from.position = 100 * (i + 1);
		assert_int_equal(kit_put(s, false, i, &from), NJ_OK);
	}
	assert_int_equal(nj_store_commit(s), NJ_OK);
	kit_expect_once(s, 12);
	nj_store_state(s, &state);
	assert_int_equal(state.count.rows_again, 5);
	assert_int_equal(state.count.rows, 2);
	nj_store_close(&s);
	folder_remove(folder);
}

/* Another process follows: what is sealed and what waits, as it comes. */
static void
follower_sees_all(void **unused)
{
	char folder[FOLDER_BYTES];
	struct nj_store_conf conf, other;
	struct nj_store *s, *follower;

	(void)unused;
	setup(folder, &conf);
	s = kit_open(&conf);
	kit_put_range(s, 0, 1000);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	kit_put_range(s, 1000, 1500);
	other = conf;
	other.mode = NJ_KV_FOLLOW;
	follower = kit_open(&other);
	kit_expect_once(follower, 1500);
	kit_put_range(s, 1500, 2500);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	kit_put_range(s, 2500, 2600);
	kit_expect_once(follower, 2600);
	nj_store_close(&follower);
	nj_store_close(&s);
	folder_remove(folder);
}

/* Segments whose records are all older than may be, against the latest, go;
 * a log type may be kept for a shorter time. */
static void
old_segments_go(void **unused)
{
	const struct nj_store_keep keep = { nj_event_type(&storerare_desc),
		NJ_NS_PER_S };
	char folder[FOLDER_BYTES];
	struct nj_store_conf conf;
	struct nj_store_state state;
	struct nj_store *s;

	(void)unused;
	setup(folder, &conf);
	conf.age_max_ns = 5 * NJ_NS_PER_S;
	conf.keep = &keep;
	conf.keeps = 1;
	s = kit_open(&conf);
	/* Records of 0 s, of 3 s (common and rare), of 7 s. */
	kit_put_range(s, 0, 100);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	kit_put_range(s, 3000, 3100);
	assert_int_equal(kit_put(s, true, 3100, NULL), NJ_OK);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	kit_put_range(s, 7000, 7100);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	do
		nj_store_state(s, &state);
	while (state.count.expired_segments < 2);
	assert_int_equal(state.count.expired_rows, 101);
	assert_int_equal(state.segments, 2);
	assert_int_equal(state.oldest_ns, 3 * NJ_NS_PER_S);
	nj_store_close(&s);
	s = kit_open(&conf);
	nj_store_state(s, &state);
	assert_int_equal(state.segments, 2);
	nj_store_close(&s);
	folder_remove(folder);
}

/* Over its limit the store drops what it got first. */
static void
first_segments_go_for_room(void **unused)
{
	char folder[FOLDER_BYTES];
	struct nj_store_conf conf;
	struct nj_store_state state;
	struct nj_store *s;
	uint64_t rows = 0;

	(void)unused;
	setup(folder, &conf);
	conf.bytes_max = 20000;
	s = kit_open(&conf);
	do {
		kit_put_range(s, rows, rows + 1000);
		rows += 1000;
		assert_int_equal(nj_store_seal(s), NJ_OK);
		nj_store_state(s, &state);
	} while (state.count.sealed_bytes < 2 * conf.bytes_max);
	do
		nj_store_state(s, &state);
	while (!state.count.expired_segments);
	assert_true(state.oldest_ns > 0);
	assert_true(state.segments > 0);
	assert_int_equal(state.count.sealed_rows, rows);
	nj_store_close(&s);
	folder_remove(folder);
}

/* Times in which records are missing are told, joined where they touch, over
 * a reopen too. */
static void
gaps_are_told(void **unused)
{
	char folder[FOLDER_BYTES];
	struct nj_store_span span[4];
	struct nj_store_conf conf;
	struct nj_store_view *v;
	struct nj_store *s;

	(void)unused;
	setup(folder, &conf);
	s = kit_open(&conf);
	nj_store_note_gap(s, 10 * NJ_NS_PER_S, 11 * NJ_NS_PER_S, 5);
	nj_store_note_gap(s, 50 * NJ_NS_PER_S, 60 * NJ_NS_PER_S, 0);
	nj_store_note_gap(s, 11 * NJ_NS_PER_S, 12 * NJ_NS_PER_S, 7);
	assert_int_equal(nj_store_commit(s), NJ_OK);
	nj_store_close(&s);
	s = kit_open(&conf);
	assert_int_equal(nj_store_view_open(&v, s), NJ_OK);
	assert_int_equal(nj_store_view_gaps(v, span, 4), 2);
	assert_int_equal(span[0].from_ns, 10 * NJ_NS_PER_S);
	assert_int_equal(span[0].to_ns, 12 * NJ_NS_PER_S);
	assert_int_equal(span[0].lost, 12);
	assert_int_equal(span[1].lost, 0);
	nj_store_view_close(&v);
	nj_store_close(&s);
	folder_remove(folder);
}

/* Numbers of the rows in a block, which are in the order they were put. */
static void
block_expect(const struct nj_store_block *b, uint64_t first, uint64_t n)
{
	struct kit_seen seen = { .max = first + n };

	seen.times = calloc(seen.max, sizeof(seen.times[0]));
	kit_rows_see(&seen, b->rows);
	assert_int_equal(seen.rows, n);
	for (uint64_t i = first; i < first + n; i++)
		assert_int_equal(seen.times[i], 1);
	free(seen.times);
}

/* An output gets every block in order, sealed or not, as long as it has not
 * passed it on, and goes on there after a reopen. */
static void
outputs_get_every_block(void **unused)
{
	char folder[FOLDER_BYTES];
	struct nj_store_block b;
	struct nj_store_conf conf;
	struct nj_store *s;

	(void)unused;
	setup(folder, &conf);
	s = kit_open(&conf);
	assert_int_equal(nj_store_output_add(s, "files"), NJ_OK);
	kit_put_range(s, 0, 100);
	kit_put_range(s, 100, 250);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	kit_put_range(s, 250, 300);
	assert_int_equal(nj_store_block_next(s, 0, &b), NJ_OK);
	assert_int_equal(b.number, 1);
	block_expect(&b, 0, 100);
	nj_store_block_let_go(&b);
	assert_int_equal(nj_store_output_done(s, "files", 1), NJ_OK);
	nj_store_close(&s);
	s = kit_open(&conf);
	assert_int_equal(nj_store_output_add(s, "files"), NJ_OK);
	assert_int_equal(nj_store_output_position(s, "files"), 1);
	kit_expect_once(s, 300);
	assert_int_equal(nj_store_block_next(s, 1, &b), NJ_OK);
	assert_int_equal(b.number, 2);
	block_expect(&b, 100, 150);
	nj_store_block_let_go(&b);
	assert_int_equal(nj_store_output_done(s, "files", 2), NJ_OK);
	assert_int_equal(nj_store_block_next(s, 0, &b), NJ_OK);
	assert_int_equal(b.number, 3);
	nj_store_block_let_go(&b);
	assert_int_equal(nj_store_block_next(s, 3, &b), NJ_E_NOENT);
	nj_store_close(&s);
	folder_remove(folder);
}

/* What an output does not fetch is dropped above the limit, and counted. */
static void
slow_output_loses_the_oldest(void **unused)
{
	char folder[FOLDER_BYTES];
	struct nj_store_block b;
	struct nj_store_conf conf;
	struct nj_store_state state;
	struct nj_store *s;

	(void)unused;
	setup(folder, &conf);
	conf.outbox_bytes_max = 20000;
	s = kit_open(&conf);
	assert_int_equal(nj_store_output_add(s, "slow"), NJ_OK);
	for (uint64_t i = 0; i < 10; i++) {
		kit_put_range(s, i * 100, (i + 1) * 100);
		assert_int_equal(nj_store_seal(s), NJ_OK);
	}
	nj_store_state(s, &state);
	assert_true(state.count.outbox_dropped > 0);
	assert_int_equal(state.count.outbox_dropped % 100, 0);
	assert_int_equal(nj_store_block_next(s, 0, &b), NJ_OK);
	assert_int_equal(b.number, state.count.outbox_dropped / 100 + 1);
	nj_store_block_let_go(&b);
	nj_store_close(&s);
	folder_remove(folder);
}

/* Another digit in the first hash. */
static void
sums_break(const char *copy)
{
	char path[FOLDER_BYTES + 32];
	FILE *f;
	int c;

	(void)snprintf(path, sizeof(path), "%s/SHA256SUMS", copy);
	f = fopen(path, "r+e");
	assert_non_null(f);
	c = fgetc(f);
	rewind(f);
	(void)fputc(c == '0' ? '1' : '0', f);
	assert_int_equal(fclose(f), 0);
}

/* A copy of a store that is being written opens elsewhere with the rows that
 * were committed, and not when a byte of it is another. */
static void
copy_is_put_back(void **unused)
{
	char folder[FOLDER_BYTES], path[FOLDER_BYTES + 16],
		back[FOLDER_BYTES + 16], why[NJ_KV_WHY];
	struct nj_store_copy c = { .path = path };
	struct nj_store_conf conf;
	struct nj_store *s;

	(void)unused;
	folder_make(folder);
	(void)snprintf(path, sizeof(path), "%s/store", folder);
	conf = kit_conf(path);
	s = kit_open(&conf);
	kit_put_range(s, 0, 3000);
	assert_int_equal(nj_store_seal(s), NJ_OK);
	kit_put_range(s, 3000, 4000);
	c.folder = path;
	(void)snprintf(back, sizeof(back), "%s/copy", folder);
	c.path = back;
	assert_int_equal(nj_store_backup(&c, why), NJ_OK);
	assert_true(c.files > 3);
	assert_int_equal(nj_store_restore(&c, why), NJ_E_STATE);
	kit_put_range(s, 4000, 4100);
	kit_expect_once(s, 4100);
	nj_store_close(&s);
	folder_remove(path);
	assert_int_equal(nj_store_restore(&c, why), NJ_OK);
	s = kit_open(&conf);
	kit_expect_once(s, 4000);
	nj_store_close(&s);
	folder_remove(path);
	sums_break(back);
	assert_int_equal(nj_store_restore(&c, why), NJ_E_FORMAT);
	folder_remove(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(committed_rows_are_seen),
		cmocka_unit_test(sealed_rows_are_there_once),
		cmocka_unit_test(carried_rows_are_there_once),
		cmocka_unit_test(view_stays_as_it_was),
		cmocka_unit_test(positions_are_kept_with_rows),
		cmocka_unit_test(follower_sees_all),
		cmocka_unit_test(old_segments_go),
		cmocka_unit_test(first_segments_go_for_room),
		cmocka_unit_test(gaps_are_told),
		cmocka_unit_test(outputs_get_every_block),
		cmocka_unit_test(slow_output_loses_the_oldest),
		cmocka_unit_test(copy_is_put_back),
	};

	return cmocka_run_group_tests(tests, kit_register, NULL);
}
