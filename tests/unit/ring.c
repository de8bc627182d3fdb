/*
 * ring.c - tests of the ring of rows: order, fullness, dying producers, bytes
 * that cannot be believed.
 */
#include "tests/unit/rowkit.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "engine/event/event_priv.h"
#include "engine/event/ring.h"

/* A ring that this thread has both ends of. */
static struct nj_ring *
ring_make(size_t bytes, int *fd)
{
	struct nj_ring *r;

	assert_int_equal(nj_ring_create(fd, bytes, 1), NJ_OK);
	assert_int_equal(
		nj_ring_attach(&r, *fd, NJ_RING_PRODUCER | NJ_RING_CONSUMER),
		NJ_OK);
	return r;
}

/* The same with rows 0, 1 and 2 in it. */
static struct nj_ring *
ring_of_three(int *fd)
{
	struct nj_ring *r = ring_make(1 << 16, fd);
	struct nj_sink sink = nj_ring_sink(r);

	for (uint64_t i = 0; i < 3; i++)
		assert_true(rowtest_put(&sink, i));
	return r;
}

static void
ring_drop(struct nj_ring *r, int fd)
{
	nj_ring_detach(&r);
	(void)close(fd);
}

/* Rows come out whole and in order, many times round the ring. */
static void
rows_come_in_order(void **unused)
{
	uint64_t put_next = 0, got_next = 0;
	struct nj_ring *r;
	struct nj_sink sink;
	struct nj_row row;
	int fd;

	(void)unused;
	r = ring_make(NJ_RING_BYTES_MIN, &fd);
	sink = nj_ring_sink(r);
	while (got_next < 2000) {
		while (rowtest_put(&sink, put_next))
			put_next++;
		assert_true(put_next > got_next);
		while (nj_ring_next(r, &row))
			assert_int_equal(rowtest_number(&row), got_next++);
		nj_ring_release(r);
	}
	assert_int_equal(put_next, got_next);
	ring_drop(r, fd);
}

/* A full ring refuses, counts what it refused, and goes on once room is
 * released, which reading alone does not give. */
static void
full_ring_refuses(void **unused)
{
	struct nj_ring_counters c;
	struct nj_ring *r;
	struct nj_sink sink;
	struct nj_row row;
	uint64_t n = 0;
	int fd;

	(void)unused;
	r = ring_make(NJ_RING_BYTES_MIN, &fd);
	sink = nj_ring_sink(r);
	while (rowtest_put(&sink, n))
		n++;
	nj_ring_counters(r, &c);
	assert_int_equal(c.rows, n);
	assert_int_equal(c.rows_full, 1);
	assert_int_equal(sink.rows_full, 1);
	assert_true(c.bytes_full > 0);
	assert_int_equal(c.bytes, c.waiting);
	while (nj_ring_next(r, &row))
		;
	assert_false(rowtest_put(&sink, n));
	nj_ring_release(r);
	assert_true(rowtest_put(&sink, n));
	assert_true(nj_ring_next(r, &row));
	assert_int_equal(rowtest_number(&row), n);
	ring_drop(r, fd);
}

/* A consumer that dies before it releases leaves its rows to the next. */
static void
unreleased_rows_stay(void **unused)
{
	struct nj_ring *r, *second;
	struct nj_row row;
	int fd;

	(void)unused;
	r = ring_of_three(&fd);
	assert_true(nj_ring_next(r, &row));
	nj_ring_release(r);
	assert_true(nj_ring_next(r, &row));
	assert_int_equal(nj_ring_attach(&second, fd, NJ_RING_CONSUMER), NJ_OK);
	assert_true(nj_ring_next(second, &row));
	assert_int_equal(rowtest_number(&row), 1);
	assert_true(nj_ring_next(second, &row));
	assert_int_equal(rowtest_number(&row), 2);
	assert_false(nj_ring_next(second, &row));
	nj_ring_detach(&second);
	ring_drop(r, fd);
}

/* A row that has been read but is not yet safe stays when what lies before it
 * is released; an older place releases nothing. */
static void
release_stops_at_a_place(void **unused)
{
	struct nj_ring *r, *second;
	struct nj_row row;
	uint64_t first, place;
	int fd;

	(void)unused;
	r = ring_of_three(&fd);
	first = nj_ring_position(r);
	assert_true(nj_ring_next(r, &row));
	place = nj_ring_position(r);
	assert_true(nj_ring_next(r, &row));
	nj_ring_release_to(r, place);
	nj_ring_release_to(r, first);
	nj_ring_release_to(r, place + (1 << 16));
	assert_int_equal(nj_ring_attach(&second, fd, NJ_RING_CONSUMER), NJ_OK);
	assert_true(nj_ring_next(second, &row));
	assert_int_equal(rowtest_number(&row), 1);
	nj_ring_detach(&second);
	assert_true(nj_ring_next(r, &row));
	assert_int_equal(rowtest_number(&row), 2);
	ring_drop(r, fd);
}

/* The watermark starts in the endless past and each producer counts. */
static void
watermark_and_generation(void **unused)
{
	struct nj_ring *r, *again;
	int fd;

	(void)unused;
	r = ring_make(1 << 16, &fd);
	assert_true(nj_ring_watermark(r) == INT64_MIN);
	assert_int_equal(nj_ring_generation(r), 1);
	nj_ring_set_watermark(r, 77);
	assert_int_equal(nj_ring_attach(&again, fd, NJ_RING_PRODUCER), NJ_OK);
	assert_int_equal(nj_ring_watermark(again), 77);
	assert_int_equal(nj_ring_generation(r), 2);
	nj_ring_detach(&again);
	ring_drop(r, fd);
}

/* What is not a ring, or could shrink under its readers, is refused. */
static void
only_rings_attach(void **unused)
{
	struct nj_ring *r;
	int fd, plain;
	char page[4096];

	(void)unused;
	assert_int_equal(nj_ring_create(&fd, 5000, 1), NJ_E_RANGE);
	assert_int_equal(nj_ring_create(&fd, 2048, 1), NJ_E_RANGE);
	assert_int_equal(nj_ring_create(&fd, 4096, 1), NJ_OK);
	assert_int_not_equal(ftruncate(fd, 4096), 0);
	assert_int_equal(pread(fd, page, sizeof(page), 0), sizeof(page));
	/* The same bytes in a file without seals. */
	plain = memfd_create("plain", MFD_CLOEXEC);
	assert_int_equal(pwrite(plain, page, sizeof(page), 0), sizeof(page));
	assert_int_equal(ftruncate(plain, 8192), 0);
	assert_int_equal(
		nj_ring_attach(&r, plain, NJ_RING_CONSUMER), NJ_E_FORMAT);
	assert_null(r);
	/* A size that the file does not have. */
	page[17] = 0x20;
	assert_int_equal(pwrite(fd, page, sizeof(page), 0), sizeof(page));
	assert_int_equal(nj_ring_attach(&r, fd, NJ_RING_CONSUMER), NJ_E_FORMAT);
	assert_int_equal(nj_ring_attach(&r, -1, NJ_RING_CONSUMER), NJ_E_FORMAT);
	(void)close(plain);
	(void)close(fd);
}

/* Wherever head and rows are overwritten, the consumer stays inside the ring,
 * comes to an end, and finds its way back to good rows. */
static void
rubbish_is_survived(void **unused)
{
	enum {
		HEAD_AT = 64,
		DATA_AT = 5 * 4096,
		ROUNDS = 3000,
		BYTES = 1 << 14
	};
	struct nj_ring_counters c;
	struct nj_ring *r, *p;
	struct nj_sink sink;
	struct nj_row row;
	uint64_t seed = 1, word;
	int fd;

	(void)unused;
	assert_int_equal(nj_ring_create(&fd, BYTES, 1), NJ_OK);
	assert_int_equal(nj_ring_attach(&r, fd, NJ_RING_CONSUMER), NJ_OK);
	for (int i = 0; i < ROUNDS; i++) {
		assert_int_equal(
			nj_ring_attach(&p, fd, NJ_RING_PRODUCER), NJ_OK);
		sink = nj_ring_sink(p);
		for (uint64_t n = 0; n < 8; n++)
			(void)rowtest_put(&sink, n);
		for (int k = 0; k < 4; k++) {
			seed = nj_mix64(seed + 1);
			word = nj_mix64(seed);
			assert_int_equal(
				pwrite(fd, &word, 1 + seed % 8,
					(off_t)(DATA_AT +
						seed / 8 % (BYTES - 8))),
				1 + seed % 8);
		}
		word = seed >> (seed % 64);
		if (i % 3 == 0)
			assert_int_equal(pwrite(fd, &word, 8, HEAD_AT), 8);
		for (int k = 0; k < 1000 && nj_ring_next(r, &row); k++)
			assert_true(row.len <= BYTES);
		nj_ring_release(r);
		nj_ring_detach(&p);
	}
	nj_ring_counters(r, &c);
	assert_true(c.broken > 0);
	/* A new producer and this consumer agree again. */
	assert_int_equal(nj_ring_attach(&p, fd, NJ_RING_PRODUCER), NJ_OK);
	sink = nj_ring_sink(p);
	while (nj_ring_next(r, &row))
		;
	nj_ring_release(r);
	assert_true(rowtest_put(&sink, 5));
	assert_true(nj_ring_next(r, &row));
	assert_int_equal(rowtest_number(&row), 5);
	nj_ring_detach(&p);
	ring_drop(r, fd);
}

/* A tail that nobody can have released makes the producer refuse, not write
 * over anything. */
static void
bad_tail_is_full(void **unused)
{
	enum { TAIL_AT = 128 };
	uint64_t tail = 1u << 20;
	struct nj_ring *r;
	struct nj_sink sink;
	int fd;

	(void)unused;
	r = ring_make(NJ_RING_BYTES_MIN, &fd);
	sink = nj_ring_sink(r);
	assert_int_equal(pwrite(fd, &tail, 8, TAIL_AT), 8);
	for (uint64_t n = 0; n < 100; n++)
		(void)rowtest_put(&sink, n);
	assert_int_not_equal(sink.rows_full, 0);
	assert_true(sink.rows < 10);
	ring_drop(r, fd);
}

/* Puts rows for ever, beginning with first: the child of a fork. */
static void
child_puts(int fd, uint64_t first)
{
	struct nj_ring *r;
	struct nj_sink sink;

	if (nj_ring_attach(&r, fd, NJ_RING_PRODUCER))
		_exit(1);
	sink = nj_ring_sink(r);
	for (uint64_t n = first;;) {
		if (!rowtest_put(&sink, n)) {
			(void)sched_yield();
			continue;
		}
		nj_ring_set_watermark(r, (int64_t)++n);
	}
}

/* A producer killed at any instant leaves only whole rows in unbroken order,
 * and the next one goes on in the same ring. */
static void
killed_producer_leaves_whole_rows(void **unused)
{
	enum { KILLS = 40 };
	const uint64_t far = 1000000000;
	struct nj_ring_counters c;
	struct nj_ring *r;
	struct nj_row row;
	int64_t watermark;
	int fd, status;

	(void)unused;
	assert_int_equal(nj_ring_create(&fd, 1 << 15, 1), NJ_OK);
	assert_int_equal(nj_ring_attach(&r, fd, NJ_RING_CONSUMER), NJ_OK);
	for (uint64_t kill_no = 0; kill_no < KILLS; kill_no++) {
		uint64_t want = kill_no * far;
		uint64_t enough = want + 100 + nj_mix64(kill_no) % 2000;
		pid_t child = fork();

		assert_true(child >= 0);
		if (!child)
			child_puts(fd, want);
		while (want < enough) {
			if (!nj_ring_next(r, &row)) {
				(void)sched_yield();
				continue;
			}
			assert_int_equal(rowtest_number(&row), want++);
			nj_ring_release(r);
		}
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		watermark = nj_ring_watermark(r);
		while (nj_ring_next(r, &row))
			assert_int_equal(rowtest_number(&row), want++);
		nj_ring_release(r);
		/* What time has passed had come. */
		assert_true((int64_t)want >= watermark);
		assert_int_equal(nj_ring_generation(r), kill_no + 1);
	}
	nj_ring_counters(r, &c);
	assert_int_equal(c.broken, 0);
	assert_int_equal(c.waiting, 0);
	ring_drop(r, fd);
}

enum { STRESS_ROWS = 200000 };

static void *
thread_puts(void *ring)
{
	struct nj_sink sink = nj_ring_sink(ring);

	for (uint64_t n = 0; n < STRESS_ROWS;) {
		if (!rowtest_put(&sink, n)) {
			(void)sched_yield();
			continue;
		}
		n++;
		if (n % 64 == 0 || n == STRESS_ROWS)
			nj_ring_set_watermark(ring, (int64_t)n);
	}
	return NULL;
}

/* Two threads at full speed lose nothing, and what the watermark has passed
 * is there once the ring was seen empty. */
static void
threads_keep_order(void **unused)
{
	uint64_t want = 0;
	struct nj_ring *r;
	struct nj_row row;
	pthread_t thread;
	int fd;

	(void)unused;
	r = ring_make(1 << 16, &fd);
	assert_int_equal(pthread_create(&thread, NULL, thread_puts, r), 0);
	while (want < STRESS_ROWS) {
		int64_t watermark = nj_ring_watermark(r);

		while (nj_ring_next(r, &row)) {
			if (rowtest_number(&row) != want++)
				fail_msg("row %llu is missing",
					(unsigned long long)want - 1);
			if (want % 7 == 0)
				nj_ring_release(r);
		}
		nj_ring_release(r);
		assert_true(watermark <= (int64_t)want);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(nj_ring_watermark(r), STRESS_ROWS);
	ring_drop(r, fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_in_order),
		cmocka_unit_test(full_ring_refuses),
		cmocka_unit_test(unreleased_rows_stay),
		cmocka_unit_test(release_stops_at_a_place),
		cmocka_unit_test(watermark_and_generation),
		cmocka_unit_test(only_rings_attach),
		cmocka_unit_test(rubbish_is_survived),
		cmocka_unit_test(bad_tail_is_full),
		cmocka_unit_test(killed_producer_leaves_whole_rows),
		cmocka_unit_test(threads_keep_order),
	};

	return cmocka_run_group_tests(tests, rowtest_setup, NULL);
}
