/*
 * logfiles.c - tests of engine/event/logfiles.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/event/logfiles.h"
#include "engine/event/weird.h"

enum { PATH_BYTES = 300 };

static char folder[64];

static int
setup(void **unused)
{
	(void)unused;
	(void)snprintf(folder, sizeof(folder), "/tmp/nj-logfiles-XXXXXX");
	return mkdtemp(folder) && !nj_event_register(&weird_desc) ? 0 : -1;
}

static int
teardown(void **unused)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;

	(void)unused;
	while (dir && (e = readdir(dir)))
		(void)unlinkat(dirfd(dir), e->d_name, 0);
	if (dir)
		(void)closedir(dir);
	return rmdir(folder);
}

static void
put(struct nj_logfiles *l, const char *name, int64_t now_s)
{
	struct weird_event ev = { .name = nj_str(name) };
	struct nj_head head = { .ts_ns = now_s * NJ_NS_PER_S };
	uint8_t bytes[512];
	struct nj_row row;
	size_t n = nj_row_encode(bytes, sizeof(bytes), &weird_desc, &head, &ev);

	assert_true(nj_row_parse(&row, (struct nj_view){ bytes, n }));
	nj_logfiles_row(l, &row, now_s * NJ_NS_PER_S);
}

static struct nj_logfiles *
open_with(struct nj_logfiles_conf conf)
{
	struct nj_logfiles *l;

	conf.folder = folder;
	assert_int_equal(nj_logfiles_open(&l, &conf), NJ_OK);
	return l;
}

static unsigned
count_files(void)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;
	unsigned n = 0;

	while (dir && (e = readdir(dir)))
		n += e->d_name[0] != '.';
	if (dir)
		(void)closedir(dir);
	return n;
}

static unsigned
count_lines(const char *name)
{
	char path[PATH_BYTES], line[1024];
	unsigned n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		assert_non_null(strstr(line, "\"_path\":\"weird\""));
		n++;
	}
	if (f)
		(void)fclose(f);
	return n;
}

/* A file that is older than its age is closed under the time of its first
 * record, and the next record begins a new one. */
static void
old_files_are_rotated(void **unused)
{
	struct nj_logfiles *l = open_with(
		(struct nj_logfiles_conf){ .rotate_age_ns = 60 * NJ_NS_PER_S });

	(void)unused;
	put(l, "a", 1000);
	nj_logfiles_flush(l, 1000 * NJ_NS_PER_S);
	put(l, "b", 1030);
	nj_logfiles_flush(l, 1059 * NJ_NS_PER_S);
	assert_int_equal(count_files(), 1);
	nj_logfiles_flush(l, 1060 * NJ_NS_PER_S);
	put(l, "c", 1061);
	assert_int_equal(nj_logfiles_close(&l), NJ_OK);
	assert_int_equal(count_lines("weird-1970-01-01T00-16-40Z.log"), 2);
	assert_int_equal(count_lines("weird.log"), 1);
}

/* However fast records come, no file and no folder outgrows its limit, and
 * the oldest goes first. */
static void
folder_stays_in_its_limit(void **unused)
{
	struct nj_logfiles *l = open_with((struct nj_logfiles_conf){
		.rotate_bytes = 2000, .total_bytes = 10000 });
	const struct nj_logfiles_counters *c = nj_logfiles_counters(l);

	(void)unused;
	for (int64_t s = 2000; s < 2100; s++) {
		for (int i = 0; i < 10; i++)
			put(l, "flood", s);
		nj_logfiles_flush(l, s * NJ_NS_PER_S);
	}
	assert_true(c->deleted > 0);
	assert_int_equal(c->rows, 1000);
	assert_int_equal(c->rows_lost, 0);
	assert_true(count_files() < 10000 / 2000 + 2);
	assert_int_equal(count_lines("weird-1970-01-01T00-33-20Z.log"), 0);
	assert_int_equal(nj_logfiles_close(&l), NJ_OK);
}

/* Of each type so many rotated files are kept, the newest. */
static void
old_files_of_a_type_go(void **unused)
{
	struct nj_logfiles *l = open_with((struct nj_logfiles_conf){
		.rotate_age_ns = NJ_NS_PER_S, .keep_files = 2 });

	(void)unused;
	for (int64_t i = 0; i < 10; i++) {
		put(l, "x", 1000 + 2 * i);
		nj_logfiles_flush(l, (1000 + 2 * i) * NJ_NS_PER_S);
	}
	assert_int_equal(count_files(), 3);
	assert_int_equal(nj_logfiles_counters(l)->rotated, 9);
	assert_int_equal(nj_logfiles_counters(l)->deleted, 7);
	assert_int_equal(count_lines("weird-1970-01-01T00-16-56Z.log"), 1);
	assert_int_equal(nj_logfiles_close(&l), NJ_OK);
}

/* A line that was cut by the end of a process is taken out. */
static void
cut_lines_are_taken_out(void **unused)
{
	char path[PATH_BYTES];
	struct nj_logfiles *l;
	FILE *f;

	(void)unused;
	(void)snprintf(path, sizeof(path), "%s/weird.log", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs("{\"_path\":\"weird\"}\n{\"_path\":\"wei", f);
	for (unsigned i = 0; i < 10000; i++)
		(void)fputc('x', f);
	(void)fclose(f);
	l = open_with((struct nj_logfiles_conf){ .append = true });
	put(l, "x", 1);
	assert_int_equal(nj_logfiles_close(&l), NJ_OK);
	assert_int_equal(count_lines("weird.log"), 2);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs("{\"_path\":\"wei", f);
	(void)fclose(f);
	l = open_with((struct nj_logfiles_conf){ .append = true });
	put(l, "x", 1);
	assert_int_equal(nj_logfiles_close(&l), NJ_OK);
	assert_int_equal(count_lines("weird.log"), 1);
}

/* With append a restarted writer goes on in the same file. */
static void
append_goes_on(void **unused)
{
	struct nj_logfiles_conf conf = { .append = true };
	struct nj_logfiles *l = open_with(conf);

	(void)unused;
	put(l, "a", 1);
	assert_int_equal(nj_logfiles_close(&l), NJ_OK);
	l = open_with(conf);
	put(l, "b", 2);
	assert_int_equal(nj_logfiles_close(&l), NJ_OK);
	assert_int_equal(count_lines("weird.log"), 2);
}

/* A file that cannot be written costs its records, counted, and no more. */
static void
unwritable_is_counted(void **unused)
{
	struct nj_logfiles *l = open_with((struct nj_logfiles_conf){ 0 });
	char path[PATH_BYTES];

	(void)unused;
	(void)snprintf(path, sizeof(path), "%s/weird.log", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	put(l, "a", 1);
	nj_logfiles_flush(l, 1);
	assert_int_equal(nj_logfiles_counters(l)->rows_lost, 1);
	assert_int_equal(rmdir(path), 0);
	put(l, "b", 1);
	nj_logfiles_flush(l, 1);
	assert_int_equal(nj_logfiles_counters(l)->rows, 1);
	assert_int_equal(nj_logfiles_close(&l), NJ_E_IO);
	assert_int_equal(count_lines("weird.log"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			old_files_are_rotated, setup, teardown),
		cmocka_unit_test_setup_teardown(
			folder_stays_in_its_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(
			old_files_of_a_type_go, setup, teardown),
		cmocka_unit_test_setup_teardown(
			cut_lines_are_taken_out, setup, teardown),
		cmocka_unit_test_setup_teardown(
			append_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(
			unwritable_is_counted, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
