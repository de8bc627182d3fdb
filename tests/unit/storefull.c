/*
 * storefull.c - the store on disks of some MiB that fill, by its own rows or
 * by somebody else's: it never meets the end of the disk (the library would
 * end the process), refuses rows and counts each, and goes on by itself when
 * there is room again. Needs the right to mount, else it is skipped.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "tests/unit/storekit.h"

enum { PATH_BYTES = FOLDER_BYTES + 32, COMMIT_ROWS = 500 };

#define RESUME_MAX_NS (30 * NJ_NS_PER_S)

struct disk {
	char folder[FOLDER_BYTES]; /* where it is mounted */
	char store[PATH_BYTES], filler[PATH_BYTES];
};

static bool
disk_make(struct disk *d, const char *size)
{
	char options[32];

	folder_make(d->folder);
	(void)snprintf(options, sizeof(options), "size=%s", size);
	if (mount("none", d->folder, "tmpfs", 0, options)) {
		print_message(
			"skipped: no right to mount (%s)\n", strerror(errno));
		(void)rmdir(d->folder);
		return false;
	}
	(void)snprintf(d->store, sizeof(d->store), "%s/store", d->folder);
	(void)snprintf(d->filler, sizeof(d->filler), "%s/filler", d->folder);
	return true;
}

static void
disk_drop(struct disk *d)
{
	(void)umount2(d->folder, MNT_DETACH);
	(void)rmdir(d->folder);
}

/* Takes all that is left but so many bytes. */
static void
disk_fill(const struct disk *d, uint64_t leave)
{
	struct statvfs v;
	uint64_t left;
	int fd = open(d->filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(statvfs(d->folder, &v), 0);
	left = (uint64_t)v.f_bavail * v.f_frsize;
	if (left > leave)
		assert_int_equal(
			posix_fallocate(fd, 0, (off_t)(left - leave)), 0);
	(void)close(fd);
}

struct tally {
	uint64_t next, taken, refused;
};

/* Puts rows until some were refused, or there are enough. */
static void
put_until_full(struct nj_store *s, struct tally *t, uint64_t max)
{
	uint64_t refused = t->refused;

	for (uint64_t i = 0; i < max && t->refused < refused + 100; i++) {
		enum nj_err err = kit_put(s, false, t->next, NULL);

		assert_true(err == NJ_OK || err == NJ_E_FULL);
		t->taken += err == NJ_OK;
		t->refused += err == NJ_E_FULL;
		t->next++;
		if (t->next % COMMIT_ROWS == 0) {
			err = nj_store_commit(s);
			assert_true(err == NJ_OK || err == NJ_E_FULL);
		}
	}
}

/* Until a commit goes through again. */
static int64_t
wait_for_room(struct nj_store *s, struct tally *t)
{
	int64_t begun = nj_mono_ns();

	for (;;) {
		enum nj_err err = kit_put(s, false, t->next++, NULL);

		assert_true(err == NJ_OK || err == NJ_E_FULL);
		t->taken += err == NJ_OK;
		t->refused += err == NJ_E_FULL;
		if (!err && nj_store_commit(s) == NJ_OK)
			return nj_mono_ns() - begun;
		(void)poll(NULL, 0, 10);
		assert_true(nj_mono_ns() - begun < RESUME_MAX_NS);
	}
}

/* What came in is there, or was dropped and counted; what was refused is
 * counted by log type, and told as spans. */
static void
books_check(struct nj_store *s, const struct tally *t)
{
	struct nj_store_refused refused[4];
	struct nj_store_span span[64];
	struct nj_store_state state;
	struct nj_store_view *v;
	uint64_t lost = 0;
	unsigned n;

	nj_store_state(s, &state);
	assert_int_equal(state.count.rows, t->taken);
	assert_int_equal(state.count.rows_full, t->refused);
	assert_int_equal(nj_store_refused(s, refused, 4), t->refused ? 1 : 0);
	if (t->refused)
		assert_int_equal(refused[0].rows, t->refused);
	assert_int_equal(nj_store_view_open(&v, s), NJ_OK);
	n = nj_store_view_gaps(v, span, 64);
	assert_true(n <= 64);
	for (unsigned i = 0; i < n; i++)
		lost += span[i].lost;
	assert_int_equal(lost, t->refused);
	nj_store_view_close(&v);
}

static void
rows_check(struct nj_store *s, const struct tally *t, uint64_t expired)
{
	struct kit_seen seen;

	kit_see(&seen, s, t->next);
	assert_int_equal(seen.missing, 0);
	assert_int_equal(seen.broken, 0);
	assert_int_equal(seen.rows, t->taken - expired);
	for (uint64_t i = 0; i < t->next; i++)
		assert_true(seen.times[i] <= 1);
	free(seen.times);
}

/* Rows fill the disk, then another file does; each time there is room again
 * when that goes. In the end the store opens with what it had taken. */
static void
fill_and_free(const char *size, bool seal)
{
	struct nj_store_state state;
	struct tally t = { 0 };
	struct nj_store_conf conf;
	struct nj_store *s;
	struct disk d;
	int64_t took;

	if (!disk_make(&d, size))
		skip();
	conf = kit_conf(d.store);
	conf.sync_every_ns = seal ? NJ_NS_PER_S : 0;
	conf.seal_age_ns = seal ? NJ_NS_PER_MS : 0;
	s = kit_open(&conf);
	put_until_full(s, &t, 2000);
	disk_fill(&d, 7 << 20);
	put_until_full(s, &t, 400000);
	assert_true(t.refused > 0);
	nj_store_state(s, &state);
	assert_true(state.full);
	/* Another takes the last byte, and what the ballast gave. */
	disk_fill(&d, 0);
	put_until_full(s, &t, 1000);
	assert_int_equal(unlink(d.filler), 0);
	took = wait_for_room(s, &t);
	assert_int_equal(nj_store_commit(s), NJ_OK);
	books_check(s, &t);
	nj_store_state(s, &state);
	print_message("disk %s: %llu rows taken, %llu refused, %llu dropped, "
		      "again after %.2f s\n",
		size, (unsigned long long)t.taken,
		(unsigned long long)t.refused,
		(unsigned long long)state.count.expired_rows,
		(double)took / 1e9);
	rows_check(s, &t, state.count.expired_rows);
	nj_store_close(&s);
	s = kit_open(&conf);
	rows_check(s, &t, state.count.expired_rows);
	nj_store_close(&s);
	disk_drop(&d);
}

/* The log meets the limit first: nothing is sealed, all rows are in it. */
static void
log_fills_the_disk(void **unused)
{
	(void)unused;
	fill_and_free("16m", false);
}

/* Files meet it first: rows are sealed as they come. */
static void
files_fill_the_disk(void **unused)
{
	(void)unused;
	fill_and_free("16m", true);
}

/* A store that is left to itself on a small disk drops its oldest rows and
 * takes new ones for ever. */
static void
oldest_rows_give_way(void **unused)
{
	struct nj_store_state state;
	struct nj_store_conf conf;
	struct tally t = { 0 };
	struct nj_store *s;
	struct disk d;

	(void)unused;
	if (!disk_make(&d, "24m"))
		skip();
	conf = kit_conf(d.store);
	conf.seal_age_ns = NJ_NS_PER_MS;
	s = kit_open(&conf);
	do {
		put_until_full(s, &t, 20000);
		nj_store_state(s, &state);
	} while (!state.count.expired_rows && t.next < 20000000);
	assert_true(state.count.expired_rows > 0);
	(void)wait_for_room(s, &t);
	books_check(s, &t);
	nj_store_close(&s);
	disk_drop(&d);
}

/* Mounts are this program's own. */
static int
own_mounts(void **unused)
{
	if (!unshare(CLONE_NEWNS))
		(void)mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	return kit_register(unused);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_fills_the_disk),
		cmocka_unit_test(files_fill_the_disk),
		cmocka_unit_test(oldest_rows_give_way),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
