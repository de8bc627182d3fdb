/*
 * pcap.c - the net_pcap benches. DPDK takes tenths of a second to load, so
 * this program does not have it: nightjar-bench, beside it, runs all repeats
 * of a case at once and writes a line for each.
 */
#include "bench/micro/bench.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, PACKETS = 16 * 1000 * 1000 };

/* The process that runs, and the case that it runs for. */
static FILE *lines;
static pid_t child;
static const struct bench_case *child_case;

static bool
program_path(char out[PATH_BYTES])
{
	static const char name[] = "nightjar-bench";
	ssize_t n = readlink("/proc/self/exe", out, PATH_BYTES - sizeof(name));
	char *slash;

	if (n <= 0)
		return false;
	out[n] = 0;
	slash = strrchr(out, '/');
	if (!slash)
		return false;
	memcpy(slash + 1, name, sizeof(name));
	return access(out, X_OK) == 0;
}

static void
finish(void)
{
	if (lines)
		(void)fclose(lines);
	if (child > 0)
		(void)waitpid(child, NULL, 0);
	lines = NULL;
	child = 0;
	child_case = NULL;
}

static enum nj_err
begin(const struct bench_case *c, const struct bench_options *o)
{
	char path[PATH_BYTES], packets[32], repeats[32];
	int ends[2];

	finish();
	if (!program_path(path))
		return NJ_E_NOENT;
	(void)snprintf(packets, sizeof(packets), "%.0f", PACKETS * o->scale);
	(void)snprintf(repeats, sizeof(repeats), "%u", o->repeats);
	if (pipe(ends))
		return NJ_E_SYSTEM;
	child = fork();
	if (!child) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)close(ends[0]);
		(void)close(ends[1]);
		(void)execl(path, path, c->mix, packets, repeats, (char *)NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	lines = child > 0 ? fdopen(ends[0], "r") : NULL;
	if (!lines) {
		(void)close(ends[0]);
		finish();
		return NJ_E_SYSTEM;
	}
	child_case = c;
	return NJ_OK;
}

enum nj_err
bench_net_pcap(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	struct bench_done d = { 0 };
	enum nj_err err = child_case == c ? NJ_OK : begin(c, o);
	int n;

	if (err)
		return err;
	n = fscanf(lines, BENCH_DONE_TEXT, &d.packets, &d.bytes, &d.flows_begun,
		&d.flows_live, &d.rows, &d.unaccounted, &d.cpu_s);
	if (n != 7) {
		finish();
		return NJ_E_SYSTEM;
	}
	bench_add_rates(out, &d);
	return NJ_OK;
}
