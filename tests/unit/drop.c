/*
 * drop.c - tests of giving up rights: what a process tries in vain after it.
 * Each tries in a child of its own.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/apps/process/drop.h"

/* What the child did: its exit status, or minus the signal that ended it. */
static int
in_child(enum nj_drop_calls calls, enum nj_drop_mode mode, int (*act)(void))
{
	char why[NJ_DROP_TEXT];
	int status;
	pid_t pid = fork();

	if (!pid) {
		(void)signal(SIGSYS, SIG_DFL);
		if (!nj_drop_early(why) || !nj_drop_calls(calls, mode, why))
			_exit(99);
		_exit(act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int
make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int
execute(void)
{
	char *const argv[] = { (char *)(uintptr_t) "true", NULL };

	(void)execv("/bin/true", argv);
	return 1;
}

static int
open_file(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static int
make_executable(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int
type_for_the_terminal(void)
{
	char c = 'x';

	return ioctl(0, TIOCSTI, &c) != 0;
}

static int
use_memory(void)
{
	for (unsigned i = 0; i < 1000; i++) {
		void *p = malloc(i * 1000);

		if (i && !p)
			return 1;
		free(p);
	}
	return 0;
}

static int
make_folder(void)
{
	return mkdir("/tmp", 0700) && errno == EPERM;
}

static const enum nj_drop_calls all[] = { NJ_DROP_SENSOR, NJ_DROP_BRAIN,
	NJ_DROP_SPOOL };

/* A sanitizer's build refuses instead of killing. */
static bool
is_forbidden(int result)
{
	return result == -SIGSYS || result == 1;
}

/* No sockets, no programs, no new code, nothing typed into a terminal. */
static void
forbidden_calls_end_it(void **unused)
{
	static int (*const acts[])(void) = { make_socket, execute,
		make_executable, type_for_the_terminal };

	(void)unused;
	for (unsigned i = 0; i < nj_countof(acts); i++)
		for (unsigned k = 0; k < nj_countof(all); k++)
			assert_true(is_forbidden(
				in_child(all[k], NJ_DROP_ENFORCE, acts[i])));
	/* Files it may only make and delete. */
	assert_true(is_forbidden(
		in_child(NJ_DROP_SPOOL, NJ_DROP_ENFORCE, make_folder)));
}

/* The sensor opens no file, the others may; all use memory as ever. */
static void
needed_calls_work(void **unused)
{
	(void)unused;
	assert_int_equal(
		in_child(NJ_DROP_SENSOR, NJ_DROP_ENFORCE, open_file), EACCES);
	assert_int_equal(
		in_child(NJ_DROP_BRAIN, NJ_DROP_ENFORCE, open_file), 0);
	assert_int_equal(
		in_child(NJ_DROP_SPOOL, NJ_DROP_ENFORCE, open_file), 0);
	for (unsigned k = 0; k < nj_countof(all); k++)
		assert_int_equal(
			in_child(all[k], NJ_DROP_ENFORCE, use_memory), 0);
}

/* Only a brain with outputs may use sockets, and nothing else besides. */
static void
outputs_use_sockets(void **unused)
{
	(void)unused;
	assert_int_equal(
		in_child(NJ_DROP_BRAIN_OUT, NJ_DROP_ENFORCE, make_socket), 0);
	assert_int_equal(
		in_child(NJ_DROP_BRAIN_OUT, NJ_DROP_ENFORCE, open_file), 0);
	assert_true(is_forbidden(
		in_child(NJ_DROP_BRAIN_OUT, NJ_DROP_ENFORCE, execute)));
	assert_true(is_forbidden(in_child(
		NJ_DROP_BRAIN_OUT, NJ_DROP_ENFORCE, type_for_the_terminal)));
}

/* Without a filter, or with one that only reports, nothing is forbidden. */
static void
modes_are_heeded(void **unused)
{
	(void)unused;
	assert_int_equal(in_child(NJ_DROP_SENSOR, NJ_DROP_OFF, make_socket), 0);
	assert_int_equal(in_child(NJ_DROP_SENSOR, NJ_DROP_LOG, make_socket), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forbidden_calls_end_it),
		cmocka_unit_test(needed_calls_work),
		cmocka_unit_test(outputs_use_sockets),
		cmocka_unit_test(modes_are_heeded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
