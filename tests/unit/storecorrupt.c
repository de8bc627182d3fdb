/*
 * storecorrupt.c - a byte of a store's files is changed, in one place after
 * the other: whatever is missing then is noticed, the rest is served, and
 * `store check` finds it.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/hash.h"
#include "engine/base/log.h"
#include "engine/store/upkeep.h"
#include "tests/unit/storekit.h"

enum {
	ROWS = 6000,
	FLIPS = 24,
	FILES_MAX = 64,
	NAME_BYTES = 64,
	PATH_BYTES = FOLDER_BYTES + 2 * NAME_BYTES
};

struct files {
	char name[FILES_MAX][NAME_BYTES];
	size_t bytes[FILES_MAX];
	unsigned n;
};

/* Those that hold records: files of sorted keys, and the log. */
static void
files_list(struct files *f, const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *e;

	assert_non_null(d);
	f->n = 0;
	while ((e = readdir(d)) != NULL && f->n < FILES_MAX) {
		char path[PATH_BYTES];
		struct stat st;

		if (!strstr(e->d_name, ".sst") && !strstr(e->d_name, ".log"))
			continue;
		(void)snprintf(
			path, sizeof(path), "%s/%.60s", folder, e->d_name);
		assert_int_equal(stat(path, &st), 0);
		if (!st.st_size)
			continue;
		(void)snprintf(f->name[f->n], NAME_BYTES, "%.60s", e->d_name);
		f->bytes[f->n++] = (size_t)st.st_size;
	}
	(void)closedir(d);
	assert_true(f->n > 0);
}

static void
byte_flip(const char *folder, const char *name, size_t at)
{
	char path[PATH_BYTES];
	uint8_t byte;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
	byte ^= 0x55;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
	(void)close(fd);
}

/* Some segments in files and some in the log, blocks in the log, as the
 * process dies. */
static NJ_NORETURN void
store_fill(const char *folder)
{
	struct nj_store_conf conf = kit_conf(folder);
	struct nj_store *s = kit_open(&conf);

	for (uint64_t i = 0; i < ROWS; i += 500) {
		kit_put_range(s, i, i + 500);
		if (i < ROWS - 2000)
			assert_int_equal(nj_store_seal(s), NJ_OK);
		if (i == ROWS / 2)
			assert_int_equal(nj_kv_flush(nj_store_kv(s)), NJ_OK);
	}
	_exit(0);
}

/* One store, made before this process knows the library, as that has threads
 * which a fork does not take over; tests get copies of it. */
static char made[FOLDER_BYTES];

static int
store_make(void **unused)
{
	int status = 1;
	pid_t pid;

	nj_log_set_level(NJ_LOG_ERROR);
	if (kit_register(unused))
		return -1;
	folder_make(made);
	pid = fork();
	if (!pid)
		store_fill(made);
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status ? 0 : -1;
}

static int
store_drop(void **unused)
{
	(void)unused;
	folder_remove(made);
	return 0;
}

static void
file_copy(const char *name, const char *to)
{
	char from_path[PATH_BYTES], to_path[PATH_BYTES], bytes[4096];
	FILE *in, *out;
	size_t n;

	(void)snprintf(from_path, sizeof(from_path), "%s/%.60s", made, name);
	(void)snprintf(to_path, sizeof(to_path), "%s/%.60s", to, name);
	in = fopen(from_path, "rbe");
	out = fopen(to_path, "wbe");
	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(out), 0);
	(void)fclose(in);
}

static void
store_copy(char folder[FOLDER_BYTES])
{
	const struct dirent *e;
	DIR *d = opendir(made);

	folder_make(folder);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			file_copy(e->d_name, folder);
	(void)closedir(d);
}

static void
found(void *ctx, const char *text)
{
	(void)text;
	++*(unsigned *)ctx;
}

struct outcome {
	unsigned whole, less, refused;
};

/* The end of the log is as a crash may leave it; only what came last can be
 * missing then. */
static bool
last_rows_gone(const struct kit_seen *seen)
{
	for (uint64_t i = 0; i < seen->rows; i++)
		if (!seen->times[i])
			return false;
	return true;
}

/* Opens what was damaged: rows are there at most once, and none is missing
 * without a word. */
static void
damaged_open(struct outcome *o, const char *folder)
{
	struct nj_store_conf conf = kit_conf(folder);
	char why[NJ_KV_WHY];
	unsigned told = 0;
	struct nj_store_check check = { .found = found, .ctx = &told };
	struct nj_store_state state;
	struct kit_seen seen;
	struct nj_store *s;
	bool checked = !nj_store_check(folder, &check, why);

	if (nj_store_open(&s, &conf, why)) {
		assert_true(why[0] != 0);
		o->refused++;
		return;
	}
	kit_see(&seen, s, ROWS);
	nj_store_state(s, &state);
	for (uint64_t i = 0; i < ROWS; i++)
		assert_true(seen.times[i] <= 1);
	o->whole += seen.rows == ROWS;
	o->less += seen.rows < ROWS;
	assert_int_equal(check.broken, told);
	if (seen.rows < ROWS && !last_rows_gone(&seen)) {
		assert_true(
			state.count.corrupt + seen.broken + seen.missing > 0);
		assert_true(!checked || check.broken > 0);
	}
	free(seen.times);
	nj_store_close(&s);
}

/* Whichever byte is wrong, the rest is served and the damage is noticed; but
 * for those few without which the library knows nothing of a file: then the
 * store says why it does not open. */
static void
damage_is_noticed(void **unused)
{
	struct outcome o = { 0 };
	char folder[FOLDER_BYTES];
	struct files f;

	(void)unused;
	for (uint64_t i = 0; i < FLIPS; i++) {
		unsigned which;

		store_copy(folder);
		files_list(&f, folder);
		which = (unsigned)(nj_mix64(2 * i + 1) % f.n);
		byte_flip(folder, f.name[which],
			nj_mix64(2 * i + 2) % f.bytes[which]);
		damaged_open(&o, folder);
		folder_remove(folder);
	}
	print_message("%d bytes changed: all rows there %u, some left out %u, "
		      "not opened %u\n",
		FLIPS, o.whole, o.less, o.refused);
	assert_true(o.less > 0);
	assert_true(o.refused < FLIPS / 4);
}

/* A sound store has nothing to be found. */
static void
sound_store_is_sound(void **unused)
{
	struct nj_store_check check = { 0 };
	char folder[FOLDER_BYTES], why[NJ_KV_WHY];

	(void)unused;
	store_copy(folder);
	assert_int_equal(nj_store_check(folder, &check, why), NJ_OK);
	assert_int_equal(check.broken, 0);
	assert_int_equal(check.rows, ROWS);
	assert_true(check.segments > 0 && check.parts > 0 && check.blocks > 0);
	folder_remove(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_store_is_sound),
		cmocka_unit_test(damage_is_noticed),
	};

	return cmocka_run_group_tests(tests, store_make, store_drop);
}
