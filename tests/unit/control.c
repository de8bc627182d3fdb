/*
 * control.c - tests of the block through which the processes show each other
 * what they are at.
 */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/pipeline/control.h"

static char folder[] = "/tmp/nj-control-XXXXXX";
static char path[64];

/* What a part publishes is what every reader gets; what was never published
 * is nothing. */
static void
records_are_copied_whole(void **unused)
{
	static struct nj_worker_state w, got;
	static struct nj_sensor_state none;
	struct nj_control *keeper, *sensor, *reader;
	struct ledger_counters l;

	(void)unused;
	assert_int_equal(nj_control_create(&keeper, path), NJ_OK);
	assert_int_equal(
		nj_control_attach(&sensor, path, NJ_PART_SENSOR), NJ_OK);
	assert_int_equal(nj_control_attach(&reader, path, NJ_PARTS), NJ_OK);
	assert_false(nj_control_sensor(reader, &none));
	assert_false(nj_control_worker(reader, 3, &got));
	w.core = 7;
	w.pools = 1;
	memcpy(w.pool[0].name, "flows", sizeof("flows"));
	nj_worker_values(&w, NJ_WORKER_ledger)[0] = 41;
	nj_control_put_worker(sensor, 3, &w);
	nj_worker_values(&w, NJ_WORKER_ledger)[0] = 42;
	nj_control_put_worker(sensor, 3, &w);
	assert_true(nj_control_worker(reader, 3, &got));
	assert_int_equal(got.core, 7);
	assert_string_equal(got.pool[0].name, "flows");
	l = nj_worker_ledger(&got);
	assert_int_equal(l.received, 42);
	nj_control_detach(&reader);
	nj_control_detach(&sensor);
	nj_control_detach(&keeper);
}

/* Counts and texts are within bounds whatever another process writes. */
static void
readers_believe_nothing(void **unused)
{
	static struct nj_sensor_state s, got;
	static struct nj_worker_state w, gotw;
	struct nj_control *keeper, *sensor;

	(void)unused;
	memset(&s, 0xff, sizeof(s));
	memset(&w, 0xff, sizeof(w));
	assert_int_equal(nj_control_create(&keeper, path), NJ_OK);
	assert_int_equal(
		nj_control_attach(&sensor, path, NJ_PART_SENSOR), NJ_OK);
	nj_control_put_sensor(sensor, &s);
	nj_control_put_worker(sensor, 0, &w);
	assert_true(nj_control_sensor(keeper, &got));
	assert_int_equal(got.ports, NJ_CONTROL_PORTS_MAX);
	assert_int_equal(got.workers, NJ_CONTROL_WORKERS_MAX);
	assert_int_equal(got.text[sizeof(got.text) - 1], 0);
	assert_int_equal(got.port[3].name[sizeof(got.port[3].name) - 1], 0);
	assert_true(nj_control_worker(keeper, 0, &gotw));
	assert_int_equal(gotw.pools, NJ_CONTROL_POOLS_MAX);
	assert_int_equal(gotw.pool[1].name[sizeof(gotw.pool[1].name) - 1], 0);
	nj_control_detach(&sensor);
	nj_control_detach(&keeper);
}

/* Another part's memory is not writable, and cannot be made so. */
static void
parts_are_writable_by_their_owner_only(void **unused)
{
	static struct nj_worker_state w;
	struct nj_control *keeper, *brain;
	int status;
	pid_t pid;

	(void)unused;
	assert_int_equal(nj_control_create(&keeper, path), NJ_OK);
	assert_int_equal(nj_control_attach(&brain, path, NJ_PART_BRAIN), NJ_OK);
	pid = fork();
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		(void)fclose(stderr);
		nj_control_put_worker(brain, 0, &w);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	nj_control_detach(&brain);
	nj_control_detach(&keeper);
}

static struct nj_note
note(uint64_t n)
{
	return (struct nj_note){
		.kind = NJ_NOTE_reload, .has_packets = 1, .packets = n
	};
}

/* Notes come once and in order; a reader that is far behind goes on with what
 * is still there. */
static void
notes_come_once(void **unused)
{
	struct nj_control *keeper, *brain;
	struct nj_note n;
	uint64_t next = 0, first;

	(void)unused;
	assert_int_equal(nj_control_create(&keeper, path), NJ_OK);
	assert_int_equal(nj_control_attach(&brain, path, NJ_PART_BRAIN), NJ_OK);
	assert_false(nj_control_next_note(brain, NJ_PART_KEEPER, &next, &n));
	for (uint64_t i = 0; i < 3; i++) {
		n = note(i);
		nj_control_note(keeper, &n);
	}
	for (uint64_t i = 0; i < 3; i++) {
		assert_true(
			nj_control_next_note(brain, NJ_PART_KEEPER, &next, &n));
		assert_int_equal(n.packets, i);
	}
	assert_false(nj_control_next_note(brain, NJ_PART_KEEPER, &next, &n));
	for (uint64_t i = 3; i < 503; i++) {
		n = note(i);
		nj_control_note(keeper, &n);
	}
	assert_true(nj_control_next_note(brain, NJ_PART_KEEPER, &next, &n));
	first = n.packets;
	assert_true(first > 503 - NJ_CONTROL_NOTES_MAX && first < 503);
	for (uint64_t i = first + 1; i < 503; i++) {
		assert_true(
			nj_control_next_note(brain, NJ_PART_KEEPER, &next, &n));
		assert_int_equal(n.packets, i);
	}
	assert_false(nj_control_next_note(brain, NJ_PART_KEEPER, &next, &n));
	nj_control_detach(&brain);
	nj_control_detach(&keeper);
}

/* A file that is none, or of another layout, is refused. */
static void
other_files_are_refused(void **unused)
{
	struct nj_control *c;
	FILE *f;

	(void)unused;
	(void)unlink(path);
	assert_int_equal(nj_control_attach(&c, path, NJ_PARTS), NJ_E_NOENT);
	assert_null(c);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs("something else", f);
	(void)fclose(f);
	assert_int_equal(nj_control_attach(&c, path, NJ_PARTS), NJ_E_FORMAT);
	assert_null(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_copied_whole),
		cmocka_unit_test(readers_believe_nothing),
		cmocka_unit_test(parts_are_writable_by_their_owner_only),
		cmocka_unit_test(notes_come_once),
		cmocka_unit_test(other_files_are_refused),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	(void)snprintf(path, sizeof(path), "%s/control", folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)rmdir(folder);
	return failed;
}
