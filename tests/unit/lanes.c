/*
 * lanes.c - tests of the way from worker to brain: whoever dies and comes
 * back, every row that was kept is had once and in order, and every row that
 * was not is counted.
 */
#include "tests/unit/rowkit.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "engine/event/lanes.h"
#include "engine/event/spooler.h"

enum { EPOCH = 7, RING_BYTES = 1 << 15, SPOOL_BYTES = 16 << 20 };

/* One lane with all who have to do with it. */
struct world {
	struct folder folder;
	int fd;
	struct nj_ring *producer;
	struct nj_sink sink;
	struct nj_spooler *spooler;
	struct nj_lanes *lanes;
	struct nj_row_input in;
	uint64_t bytes_max, epoch;
};

static void
producer_start(struct world *w)
{
	assert_int_equal(
		nj_ring_attach(&w->producer, w->fd, NJ_RING_PRODUCER), NJ_OK);
	w->sink = nj_ring_sink(w->producer);
}

static void
spooler_start(struct world *w)
{
	struct nj_spooler_conf conf = { &w->fd, 1, w->folder.path,
		w->bytes_max };

	assert_int_equal(nj_spooler_open(&w->spooler, &conf), NJ_OK);
}

static void
consumer_start(struct world *w)
{
	struct nj_lanes_conf conf = { &w->fd, 1, w->folder.path };

	assert_int_equal(nj_lanes_open(&w->lanes, &conf), NJ_OK);
	assert_int_equal(nj_lanes_epoch(w->lanes), w->epoch);
	w->in = nj_lanes_input(w->lanes, 0);
}

static void
rings_make(struct world *w, uint64_t epoch)
{
	w->epoch = epoch;
	assert_int_equal(nj_ring_create(&w->fd, RING_BYTES, epoch), NJ_OK);
	producer_start(w);
	spooler_start(w);
}

static void
world_make(struct world *w, uint64_t bytes_max)
{
	*w = (struct world){ .bytes_max = bytes_max };
	folder_make(&w->folder);
	rings_make(w, EPOCH);
}

static void
rings_drop(struct world *w)
{
	nj_lanes_close(&w->lanes);
	nj_spooler_close(&w->spooler);
	nj_ring_detach(&w->producer);
	(void)close(w->fd);
}

static void
world_drop(struct world *w)
{
	rings_drop(w);
	folder_drop(&w->folder);
}

static bool
next(struct world *w, struct nj_row *row)
{
	return w->in.next(w->in.ctx, row);
}

/* Puts rows first to last - 1, with the spooler at work. */
static void
put_rows(struct world *w, uint64_t first, uint64_t last)
{
	for (uint64_t i = first; i < last; i++) {
		while (nj_spooler_step(w->spooler))
			;
		assert_true(rowtest_put(&w->sink, i));
	}
}

static void
expect(struct world *w, uint64_t from, uint64_t to)
{
	struct nj_row row;

	for (uint64_t i = from; i < to; i++) {
		assert_true(next(w, &row));
		assert_int_equal(rowtest_number(&row), i);
		assert_int_equal(row.lane, 0);
	}
	assert_false(next(w, &row));
}

/* Rows of a time without a brain are had before the younger ones of the ring,
 * each once; when all is released nothing is left on disk. */
static void
brain_away(void **unused)
{
	struct nj_lanes_counters c;
	struct world w;

	(void)unused;
	world_make(&w, SPOOL_BYTES);
	put_rows(&w, 0, 5000);
	assert_true(folder_files(&w.folder, false) > 0);
	consumer_start(&w);
	expect(&w, 0, 5000);
	nj_lanes_counters(w.lanes, &c);
	assert_int_equal(c.rows, 5000);
	assert_true(c.rows_spool > 4900 && c.rows_spool < 5000);
	assert_int_equal(c.broken, 0);
	assert_int_equal(c.bytes_missing, 0);
	put_rows(&w, 5000, 5010);
	expect(&w, 5000, 5010);
	nj_lanes_release(w.lanes, 0, UINT64_MAX); /* never reached: ignored */
	nj_spooler_tidy(w.spooler);
	assert_true(folder_files(&w.folder, false) > 0);
	assert_int_equal(nj_lanes_released(w.lanes, 0), 0);
	put_rows(&w, 5010, 5011);
	{
		struct nj_row row;

		assert_true(next(&w, &row));
		nj_lanes_release(w.lanes, 0, row.position);
	}
	nj_spooler_tidy(w.spooler);
	assert_int_equal(folder_files(&w.folder, false), 0);
	world_drop(&w);
}

/* A brain that keeps up keeps the disk out of it. */
static void
brain_there(void **unused)
{
	struct nj_spool_counters c;
	struct nj_row row;
	struct world w;

	(void)unused;
	world_make(&w, SPOOL_BYTES);
	consumer_start(&w);
	for (uint64_t i = 0; i < 5000; i++) {
		put_rows(&w, i, i + 1);
		assert_true(next(&w, &row));
		assert_int_equal(rowtest_number(&row), i);
		nj_lanes_release(w.lanes, 0, row.position);
	}
	nj_spooler_counters(w.spooler, &c);
	assert_int_equal(c.rows, 0);
	assert_int_equal(folder_files(&w.folder, false), 0);
	world_drop(&w);
}

/* With ring and spool full, what is refused is counted by type, and nothing
 * else is missing. */
static void
losses_are_exact(void **unused)
{
	struct nj_loss lost[NJ_EVENT_TYPES_MAX];
	uint64_t refused = 0, got = 0;
	struct nj_row row;
	struct world w;

	(void)unused;
	world_make(&w, 1 << 20);
	assert_int_equal(nj_spooler_losses(w.spooler, lost), 0);
	for (uint64_t i = 0; i < 10000; i++) {
		while (nj_spooler_step(w.spooler))
			;
		refused += !rowtest_put(&w.sink, i);
	}
	nj_ring_lost(w.producer, 12345);
	assert_true(nj_spooler_is_full(w.spooler));
	consumer_start(&w);
	while (next(&w, &row))
		got++;
	assert_int_equal(got + refused, 10000);
	assert_true(refused > 5000);
	assert_int_equal(nj_spooler_losses(w.spooler, lost), 2);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(
			lost[i].rows, lost[i].type == 12345 ? 1 : refused);
	assert_true(lost[0].type < lost[1].type);
	/* Room again: no more is lost. */
	nj_lanes_release(w.lanes, 0, row.position);
	nj_spooler_tidy(w.spooler);
	put_rows(&w, 10000, 10100);
	expect(&w, 10000, 10100);
	world_drop(&w);
}

/* Damage in the spool costs its batch, is counted once, and what comes after
 * is had. */
static void
damage_is_passed_over(void **unused)
{
	struct nj_spool_list list;
	struct nj_lanes_counters c;
	struct nj_row row;
	struct world w;
	uint64_t got = 0, bytes = 0, last = 0;
	char name[64];
	int fd;

	(void)unused;
	world_make(&w, SPOOL_BYTES);
	put_rows(&w, 0, 1000);
	assert_int_equal(nj_spool_list(&list, w.folder.fd), NJ_OK);
	for (size_t i = 0; i < list.n; i++) {
		(void)snprintf(name, sizeof(name), "%016x-00-%016llx.spool",
			EPOCH, (unsigned long long)list.v[i].position);
		fd = openat(w.folder.fd, name, O_WRONLY);
		assert_true(fd >= 0);
		/* In the rows of the first batch and of the last. */
		assert_int_equal(pwrite(fd, "?", 1, 150), 1);
		assert_int_equal(
			pwrite(fd, "?", 1, (off_t)list.v[i].bytes - 20), 1);
		(void)close(fd);
	}
	consumer_start(&w);
	while (next(&w, &row)) {
		uint64_t number = rowtest_number(&row);

		assert_true(!got || number > last);
		last = number;
		bytes += row.len;
		got++;
	}
	assert_int_equal(last, 999);
	nj_lanes_counters(w.lanes, &c);
	assert_int_equal(c.broken, 2 * list.n);
	assert_int_equal(c.bytes_missing, 0);
	assert_int_equal(bytes + c.bytes_broken, row.position);
	nj_spool_list_free(&list);
	world_drop(&w);
}

/* Reading goes on where the consumer says, not at what was released; what was
 * never there is not believed. */
static void
resume_is_the_consumers(void **unused)
{
	uint64_t at[3000];
	struct nj_row row;
	struct world w;

	(void)unused;
	world_make(&w, SPOOL_BYTES);
	put_rows(&w, 0, 3000);
	consumer_start(&w);
	for (unsigned i = 0; i < 3000; i++) {
		assert_true(next(&w, &row));
		at[i] = row.position;
	}
	nj_lanes_release(w.lanes, 0, at[99]);
	nj_lanes_close(&w.lanes);
	consumer_start(&w);
	assert_int_equal(nj_lanes_released(w.lanes, 0), at[99]);
	expect(&w, 100, 3000);
	for (unsigned i = 100; i < 3000; i += 289) {
		assert_int_equal(nj_lanes_resume(w.lanes, 0, at[i]), at[i]);
		expect(&w, i + 1, 3000);
	}
	assert_int_equal(nj_lanes_resume(w.lanes, 0, at[50]), at[99]);
	expect(&w, 100, 3000);
	assert_int_equal(nj_lanes_resume(w.lanes, 0, at[2999] + 1), at[99]);
	world_drop(&w);
}

/* What an appliance could not read before it ended is read by the next one,
 * once, and then gone. */
static void
past_epochs_come_first(void **unused)
{
	struct nj_lanes *past;
	struct nj_row row;
	struct world w;
	uint64_t committed = 0;
	unsigned n = 0;

	(void)unused;
	world_make(&w, SPOOL_BYTES);
	put_rows(&w, 0, 3000);
	consumer_start(&w);
	for (; n < 1000; n++) {
		assert_true(next(&w, &row));
		if (n == 900)
			nj_lanes_release(w.lanes, 0, row.position);
		committed = row.position;
	}
	nj_lanes_close(&w.lanes);
	assert_int_equal(nj_spooler_flush(w.spooler), NJ_OK);
	rings_drop(&w);
	rings_make(&w, EPOCH + 1);
	/* Read in two parts. */
	for (int part = 0; part < 2; part++) {
		assert_int_equal(
			nj_lanes_open_past(&past, w.folder.path, EPOCH + 1),
			NJ_OK);
		assert_int_equal(nj_lanes_epoch(past), EPOCH);
		assert_int_equal(nj_lanes_count(past), 1);
		w.in = nj_lanes_input(past, 0);
		assert_true(w.in.watermark(w.in.ctx) == INT64_MAX);
		if (!part)
			assert_int_equal(
				nj_lanes_resume(past, 0, committed), committed);
		for (; n < (part ? 3000 : 2000); n++) {
			assert_true(next(&w, &row));
			assert_int_equal(rowtest_number(&row), n);
		}
		if (part)
			assert_false(next(&w, &row));
		nj_lanes_release(past, 0, row.position);
		nj_lanes_close(&past);
	}
	assert_int_equal(nj_lanes_open_past(&past, w.folder.path, EPOCH + 1),
		NJ_E_NOENT);
	assert_null(past);
	assert_int_equal(folder_files(&w.folder, false), 0);
	world_drop(&w);
}

/* A reader of a past epoch that dies has little of it twice, even if it has no
 * positions of its own. */
static void
past_reader_dies(void **unused)
{
	struct nj_lanes *past, *again;
	uint64_t last = 0;
	struct nj_row row;
	struct world w;

	(void)unused;
	world_make(&w, SPOOL_BYTES);
	put_rows(&w, 0, 9000);
	assert_int_equal(nj_spooler_flush(w.spooler), NJ_OK);
	rings_drop(&w);
	rings_make(&w, EPOCH + 1);
	assert_int_equal(
		nj_lanes_open_past(&past, w.folder.path, EPOCH + 1), NJ_OK);
	w.in = nj_lanes_input(past, 0);
	for (unsigned n = 0; n < 8000; n++) {
		assert_true(next(&w, &row));
		last = row.position;
		nj_lanes_release(past, 0, last);
	}
	/* As another process would find it. */
	assert_int_equal(
		nj_lanes_open_past(&again, w.folder.path, EPOCH + 1), NJ_OK);
	assert_true(nj_lanes_released(again, 0) <= last);
	assert_true(last - nj_lanes_released(again, 0) < 2 << 20);
	nj_lanes_close(&again);
	/* The first goes on, whatever was deleted behind it. */
	for (unsigned n = 8000; n < 9000; n++) {
		assert_true(next(&w, &row));
		assert_int_equal(rowtest_number(&row), n);
	}
	nj_lanes_close(&past);
	world_drop(&w);
}

/* The consumer's transaction: how far it has come in rows and in the lane. */
struct ledger {
	uint64_t rows, position;
};

static void
take_some(struct world *w, struct ledger *l, unsigned n, bool release)
{
	struct nj_row row;

	for (unsigned i = 0; i < n && next(w, &row); i++) {
		assert_int_equal(rowtest_number(&row), l->rows++);
		l->position = row.position;
	}
	if (release)
		nj_lanes_release(w->lanes, 0, l->position);
}

/* One step of the random world; each kind comes about as often as it would. */
static void
random_step(struct world *w, struct ledger *l, uint64_t *put, uint64_t x)
{
	unsigned n = x >> 8 & 63;

	switch (x % 16) {
	case 0:
		nj_lanes_close(&w->lanes);
		consumer_start(w);
		assert_int_equal(
			nj_lanes_resume(w->lanes, 0, l->position), l->position);
		break;
	case 1:
		nj_spooler_close(&w->spooler);
		spooler_start(w);
		break;
	case 2:
		nj_ring_detach(&w->producer);
		producer_start(w);
		break;
	case 3:
		nj_spooler_tidy(w->spooler);
		break;
	case 4:
	case 5:
	case 6:
		take_some(w, l, n, x >> 16 & 1);
		break;
	case 7:
		take_some(w, l, 100 * n, x >> 16 & 1);
		break;
	default:
		for (unsigned i = 0; i < n; i++) {
			if (x >> 17 & 3 || i % 8 == 0)
				(void)nj_spooler_step(w->spooler);
			*put += rowtest_put(&w->sink, *put);
		}
	}
}

/* Whatever the order in which all three work, stop and come back: rows kept
 * are rows had, in order and once. */
static void
any_order_will_do(void **unused)
{
	enum { WORLDS = 12, STEPS = 2500 };

	(void)unused;
	for (uint64_t seed = 1; seed <= WORLDS; seed++) {
		struct ledger l = { 0 };
		struct nj_lanes_counters c;
		uint64_t put = 0;
		struct world w;

		/* Every other one with a spool that gets full. */
		world_make(&w, seed % 2 ? SPOOL_BYTES : 1 << 20);
		consumer_start(&w);
		for (uint64_t i = 0; i < STEPS; i++)
			random_step(
				&w, &l, &put, nj_mix64(seed * STEPS * 2 + i));
		take_some(&w, &l, UINT32_MAX, true);
		assert_int_equal(l.rows, put);
		nj_lanes_counters(w.lanes, &c);
		assert_int_equal(c.bytes_missing, 0);
		assert_int_equal(c.broken, 0);
		nj_spooler_tidy(w.spooler);
		assert_int_equal(folder_files(&w.folder, false), 0);
		world_drop(&w);
	}
}

/* ---- Three processes ---- */

/* Each does its work for ever, until it is killed. */
static void
be_producer(struct world *w, uint64_t first, uint64_t last)
{
	producer_start(w);
	for (uint64_t n = first; n < last; n++) {
		while (!rowtest_put(&w->sink, n))
			(void)sched_yield();
	}
	nj_ring_set_watermark(w->producer, INT64_MAX);
	for (;;)
		(void)pause();
}

static void
be_spooler(struct world *w)
{
	spooler_start(w);
	for (unsigned n = 1;; n++) {
		if (!nj_spooler_step(w->spooler))
			(void)sched_yield();
		if (n % 64 == 0)
			nj_spooler_tidy(w->spooler);
	}
}

/* Commits by one write to the end of a file, which is whole or not there. */
static void
be_consumer(struct world *w, int commits, unsigned lazy)
{
	struct ledger l = { 0 };
	struct nj_row row;
	off_t end = lseek(commits, 0, SEEK_END) / (off_t)sizeof(l) *
		    (off_t)sizeof(l);

	if (end && pread(commits, &l, sizeof(l), end - (off_t)sizeof(l)) !=
			   (ssize_t)sizeof(l))
		_exit(1);
	consumer_start(w);
	if (nj_lanes_resume(w->lanes, 0, l.position) != l.position)
		_exit(2);
	for (;;) {
		if (!next(w, &row)) {
			(void)sched_yield();
			continue;
		}
		if (rowtest_number(&row) != l.rows)
			_exit(3);
		l.rows++;
		l.position = row.position;
		if (pwrite(commits, &l, sizeof(l), end) != (ssize_t)sizeof(l))
			_exit(4);
		end += (off_t)sizeof(l);
		if (l.rows % 16 == 0)
			nj_lanes_release(w->lanes, 0, l.position);
		/* Slower than rows come, by turns. */
		if (lazy && l.rows % lazy == 0)
			(void)sched_yield();
	}
}

enum who { PRODUCER, SPOOLER, CONSUMER, WHOS };

static pid_t
be(struct world *w, enum who who, int commits, unsigned round)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	if (who == SPOOLER)
		be_spooler(w);
	else if (who == CONSUMER)
		be_consumer(w, commits, round % 3 ? 0 : 4);
	_exit(9);
}

static struct ledger
last_commit(int commits)
{
	struct ledger l = { 0 };
	off_t end = lseek(commits, 0, SEEK_END);

	if (end)
		assert_int_equal(
			pread(commits, &l, sizeof(l), end - (off_t)sizeof(l)),
			sizeof(l));
	return l;
}

static void
wait_for(int commits, uint64_t rows)
{
	while (last_commit(commits).rows < rows)
		(void)sched_yield();
}

static void
end_child(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* It did not find anything wrong by itself. */
	assert_true(WIFSIGNALED(status));
}

/* Consumer and spooler are killed over and over while rows come: the rows
 * committed are all rows, in order and once. */
static void
killed_anywhere(void **unused)
{
	enum { ROWS = 60000, ROUNDS = 40 };
	struct world w = { .bytes_max = 64 << 20, .epoch = EPOCH };
	int commits = memfd_create("commits", MFD_CLOEXEC);
	pid_t pids[WHOS];

	(void)unused;
	folder_make(&w.folder);
	assert_int_equal(nj_ring_create(&w.fd, RING_BYTES, EPOCH), NJ_OK);
	pids[PRODUCER] = fork();
	if (!pids[PRODUCER])
		be_producer(&w, 0, ROWS);
	pids[SPOOLER] = be(&w, SPOOLER, commits, 0);
	pids[CONSUMER] = be(&w, CONSUMER, commits, 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		enum who who = i % 2 ? SPOOLER : CONSUMER;

		wait_for(commits, i * (ROWS / ROUNDS) + nj_mix64(i) % 1000);
		end_child(pids[who]);
		pids[who] = be(&w, who, commits, i);
	}
	wait_for(commits, ROWS);
	for (enum who who = 0; who < WHOS; who++)
		end_child(pids[who]);
	assert_int_equal(last_commit(commits).rows, ROWS);
	(void)close(commits);
	(void)close(w.fd);
	folder_drop(&w.folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(brain_away),
		cmocka_unit_test(brain_there),
		cmocka_unit_test(losses_are_exact),
		cmocka_unit_test(damage_is_passed_over),
		cmocka_unit_test(resume_is_the_consumers),
		cmocka_unit_test(past_epochs_come_first),
		cmocka_unit_test(past_reader_dies),
		cmocka_unit_test(any_order_will_do),
		cmocka_unit_test(killed_anywhere),
	};

	return cmocka_run_group_tests(tests, rowtest_setup, NULL);
}
