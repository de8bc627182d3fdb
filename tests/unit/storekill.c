/*
 * storekill.c - the store is killed again and again while it takes rows,
 * seals and drops blocks: every row that was acknowledged must be there, and
 * once. A program of its own, as it forks before any thread runs.
 *
 *	storekill [ROUNDS]
 *
 * A child opens the store, goes on behind the position it finds there, and
 * says after each commit how far it is. The parent lets it come so far, by a
 * number that follows from the round, and kills it. Rows and positions are
 * one number here, so a child that is killed offers the same rows again.
 */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/hash.h"
#include "tests/unit/storekit.h"

enum {
	ROUNDS = 200,
	CHECK_EVERY = 40, /* rounds between two looks at all rows */
	COMMITS_MAX = 60, /* of a round, until it is killed */
	ROWS_MAX = 400,   /* of a commit */
	OUTPUT_LAG = 5
};

#define OPEN_MAX_NS (5 * NJ_NS_PER_S)

/* What outlives the child. */
struct ledger {
	_Atomic uint64_t acknowledged;
	_Atomic int64_t open_max_ns;
	_Atomic uint64_t sealed, opened;
};

struct test {
	char folder[FOLDER_BYTES];
	struct ledger *ledger;
	uint64_t round;
};

static uint64_t
chance(uint64_t a, uint64_t b, uint64_t below)
{
	return nj_mix64(a * UINT64_C(0x9e3779b97f4a7c15) + b) % below;
}

/* Other settings each round: each commit on the disk or not, segments made all
 * the time or only of whole ones. */
static struct nj_store_conf
conf_of(const struct test *t)
{
	struct nj_store_conf conf = kit_conf(t->folder);

	conf.sync_every_ns = chance(t->round, 1, 4) ? 20 * NJ_NS_PER_MS : 0;
	conf.seal_age_ns = chance(t->round, 2, 3) ? 5 * NJ_NS_PER_MS : 0;
	return conf;
}

static struct nj_store *
open_timed(const struct test *t)
{
	const struct nj_store_conf conf = conf_of(t);
	int64_t begun = nj_mono_ns(), took;
	struct nj_store *s = kit_open(&conf);

	took = nj_mono_ns() - begun;
	if (took > atomic_load(&t->ledger->open_max_ns))
		atomic_store(&t->ledger->open_max_ns, took);
	(void)atomic_fetch_add(&t->ledger->opened, 1);
	return s;
}

static void
commit_next(struct nj_store *s, const struct test *t, uint64_t i)
{
	struct nj_store_from from = { .epoch = 1 };
	uint64_t n = 1 + chance(t->round, i, ROWS_MAX);
	uint64_t at = nj_store_position(s, 1, 0);

	for (uint64_t k = 0; k < n; k++) {
		from.position = at + k + 1;
		assert_int_equal(
			kit_put(s, (at + k) % 50 == 0, at + k, &from), NJ_OK);
	}
	assert_int_equal(nj_store_commit(s), NJ_OK);
	atomic_store(&t->ledger->acknowledged, at + n);
}

/* An output that follows, so that sealed blocks stay for a while. */
static void
output_next(struct nj_store *s, uint64_t i)
{
	struct nj_store_block b;
	uint64_t at = nj_store_output_position(s, "lag");

	if (i < OUTPUT_LAG || nj_store_block_next(s, at, &b))
		return;
	assert_int_equal(nj_store_output_done(s, "lag", b.number), NJ_OK);
	nj_store_block_let_go(&b);
}

static void
child_run(const struct test *t, int told)
{
	struct nj_store *s = open_timed(t);
	uint64_t acknowledged = atomic_load(&t->ledger->acknowledged);

	/* Before anything else: nothing that was acknowledged is gone. */
	if (nj_store_position(s, 1, 0) < acknowledged)
		_exit(3);
	assert_int_equal(nj_store_output_add(s, "lag"), NJ_OK);
	for (uint64_t i = 0;; i++) {
		commit_next(s, t, i);
		output_next(s, i);
		if (write(told, "c", 1) != 1)
			_exit(0);
	}
}

/* Lets a child come so far, and kills it. */
static void
round_run(const struct test *t)
{
	uint64_t commits = 1 + chance(t->round, 0, COMMITS_MAX);
	int ends[2], status;
	pid_t pid;
	char c;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		(void)close(ends[0]);
		child_run(t, ends[1]);
		_exit(0);
	}
	assert_true(pid > 0);
	(void)close(ends[1]);
	while (commits-- && read(ends[0], &c, 1) == 1)
		continue;
	assert_int_equal(kill(pid, SIGKILL), 0);
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* It ran until it was killed. */
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* In a process of its own: every row up to the position is there once. */
static void
all_rows_check(const struct test *t)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		struct nj_store *s = open_timed(t);
		struct nj_store_state state;
		uint64_t n = nj_store_position(s, 1, 0);

		assert_true(n >= atomic_load(&t->ledger->acknowledged));
		kit_expect_once(s, n);
		nj_store_state(s, &state);
		assert_int_equal(state.count.corrupt, 0);
		atomic_store(&t->ledger->sealed, state.segments);
		nj_store_close(&s);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* However often it is killed, what was acknowledged is there, and once, and
 * the store opens in less than five seconds. */
static void
killed_store_keeps_rows_once(void **state)
{
	uint64_t rounds = *(uint64_t *)*state;
	struct test t = { .round = 0 };

	folder_make(t.folder);
	t.ledger = mmap(NULL, sizeof(*t.ledger), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(t.ledger != MAP_FAILED);
	for (; t.round < rounds; t.round++) {
		round_run(&t);
		if (t.round % CHECK_EVERY == CHECK_EVERY - 1)
			all_rows_check(&t);
	}
	all_rows_check(&t);
	print_message("rounds %llu, acknowledged %llu, lost 0, twice 0, "
		      "segments %llu, slowest of %llu openings %.3f s\n",
		(unsigned long long)rounds,
		(unsigned long long)atomic_load(&t.ledger->acknowledged),
		(unsigned long long)atomic_load(&t.ledger->sealed),
		(unsigned long long)atomic_load(&t.ledger->opened),
		(double)atomic_load(&t.ledger->open_max_ns) / 1e9);
	assert_true(atomic_load(&t.ledger->open_max_ns) < OPEN_MAX_NS);
	folder_remove(t.folder);
}

int
main(int argc, char **argv)
{
	uint64_t rounds = ROUNDS;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(
			killed_store_keeps_rows_once, &rounds),
	};

	if (argc > 1 && !nj_view_u64(nj_str(argv[1]), &rounds))
		return 2;
	return cmocka_run_group_tests(tests, kit_register, NULL);
}
