/*
 * child.c - how sensor and brain begin and what they hear from the keeper.
 */
#include "engine/apps/process/child.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "engine/base/args.h"
#include "engine/base/log.h"

/* ---- The command line ---- */

struct opts {
	const char *control;
	uint64_t text_fd, lifeline_fd;
	struct nj_arg_list rings;
};

#define AT(member) offsetof(struct opts, member)
static const struct nj_arg table[] = {
	{ "control", 0, NJ_ARG_STR, AT(control), "PATH", "Control block" },
	{ "text-fd", 0, NJ_ARG_U64, AT(text_fd), "N", "Configuration" },
	{ "lifeline-fd", 0, NJ_ARG_U64, AT(lifeline_fd), "N", "Keeper's pipe" },
	{ "rings", 0, NJ_ARG_LIST, AT(rings), "N,N...", "Rings, one a worker" },
	{ 0 },
};

void
nj_child_args(struct nj_child_args *out, const struct nj_child *c,
	const char *program)
{
	size_t at = 0;

	for (unsigned i = 0; i < c->workers; i++)
		at += (size_t)snprintf(out->rings + at, sizeof(out->rings) - at,
			"%s%d", i ? "," : "", c->rings[i]);
	(void)snprintf(out->text_fd, sizeof(out->text_fd), "%d", c->text_fd);
	(void)snprintf(out->lifeline_fd, sizeof(out->lifeline_fd), "%d",
		c->lifeline_fd);
	memcpy(out->argv,
		(const char *[]){ program, "--control", c->control_path,
			"--text-fd", out->text_fd, "--lifeline-fd",
			out->lifeline_fd, "--rings", out->rings, NULL },
		10 * sizeof(char *));
}

static bool
number_of(struct nj_view v, int *out)
{
	uint64_t n;

	if (!nj_view_u64(v, &n) || n > INT32_MAX)
		return false;
	*out = (int)n;
	return true;
}

static bool
parse(struct nj_child *c, int argc, char **argv)
{
	struct nj_words words = { argv + 1, argc > 0 ? (unsigned)argc - 1 : 0 };
	struct nj_arg_error error;
	static struct opts o;

	if (!nj_args_parse(table, &o, &words, &error) || words.n ||
		!o.control || !o.rings.n || o.rings.n > NJ_CONTROL_WORKERS_MAX)
		return false;
	c->control_path = o.control;
	c->text_fd = (int)o.text_fd;
	c->lifeline_fd = (int)o.lifeline_fd;
	c->workers = o.rings.n;
	for (unsigned i = 0; i < c->workers; i++)
		if (!number_of(o.rings.v[i], &c->rings[i]))
			return false;
	return true;
}

/* ---- Configuration ---- */

static struct nj_conf *
load(const struct nj_child *c, enum nj_text_slot slot)
{
	struct nj_buf text = { 0 }, sets = { 0 }, errors = { 0 };
	char name[NJ_CONTROL_TEXT];
	struct nj_conf *conf = NULL;

	if (nj_text_get(c->text, slot, name, &text) &&
		!nj_conf_parse(&conf, (struct nj_view){ text.data, text.len },
			name, &errors) &&
		(!nj_text_get(c->text, NJ_TEXT_SETS, name, &sets) ||
			nj_text_sets(conf,
				(struct nj_view){ sets.data, sets.len },
				&errors)))
		nj_conf_destroy(&conf);
	nj_buf_free(&text);
	nj_buf_free(&sets);
	nj_buf_free(&errors);
	return conf;
}

bool
nj_child_reload(struct nj_child *c)
{
	struct nj_keeper_state keeper;
	struct nj_conf *fresh;

	if (!nj_control_keeper(c->control, &keeper) ||
		keeper.conf_generation == c->generation)
		return false;
	/* Written before the generation was: a copy that is not whole means
	 * that there is a newer one. */
	fresh = load(c, NJ_TEXT_RELOADED);
	if (!fresh)
		return false;
	c->generation = keeper.conf_generation;
	nj_conf_take(c->conf, fresh);
	nj_conf_destroy(&c->reloaded);
	c->reloaded = fresh;
	nj_log_set_level((enum nj_log_level)c->conf->log__level);
	return true;
}

/* ---- Beginning ---- */

static bool
signals(struct nj_child *c)
{
	sigset_t set;

	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return false;
	c->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return c->signal_fd >= 0;
}

bool
nj_child_begin(struct nj_child *c, int argc, char **argv, int *status)
{
	const char *name = nj_part_name(c->part);
	enum nj_err err;

	*status = NJ_EXIT_USAGE;
	if (!parse(c, argc, argv)) {
		nj_complain(name, "it is a part of nightjar run",
			"start nightjar run instead");
		return false;
	}
	*status = NJ_EXIT_FAILED;
	err = nj_text_attach(&c->text, c->text_fd);
	if (!err)
		err = nj_control_attach(&c->control, c->control_path, c->part);
	if (err) {
		nj_complain(name, "the keeper's memory cannot be used",
			nj_err_text(err));
		return false;
	}
	c->conf = load(c, NJ_TEXT_FIRST);
	if (!c->conf) {
		*status = NJ_EXIT_CONFIG;
		nj_complain(name, "the keeper's configuration is not whole",
			"start nightjar run again");
		return false;
	}
	(void)nj_child_reload(c);
	nj_log_set_level((enum nj_log_level)c->conf->log__level);
	if (!signals(c)) {
		nj_complain(name, "signals cannot be set up", strerror(errno));
		return false;
	}
	return true;
}

bool
nj_child_wait(struct nj_child *c, int timeout_ms)
{
	struct pollfd fds[] = { { .fd = c->signal_fd, .events = POLLIN },
		{ .fd = c->lifeline_fd, .events = POLLIN } };
	struct signalfd_siginfo info;

	/* A pipe without a writer stays ready: it must not keep us busy. */
	if (poll(fds, c->told ? 1 : 2, timeout_ms) <= 0)
		return c->told;
	if (fds[0].revents &&
		read(c->signal_fd, &info, sizeof(info)) == sizeof(info))
		c->told = true;
	if (!c->told && fds[1].revents & (POLLHUP | POLLERR))
		c->told = c->alone = true;
	return c->told;
}

bool
nj_child_sensor_lives(const struct nj_child *c)
{
	struct nj_keeper_state k;

	return nj_control_keeper(c->control, &k) &&
	       k.processes[NJ_PART_SENSOR].pid != 0;
}

/* ---- Choices ---- */

static unsigned
cores_named(const struct nj_conf_ranges *ranges, int *out, unsigned max)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < ranges->n; i++)
		for (uint32_t k = ranges->v[i].lo;
			k <= ranges->v[i].hi && n < max; k++)
			out[n++] = (int)k;
	return n;
}

static unsigned
cores_allowed(int *out, unsigned max)
{
	unsigned n = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set))
		return 0;
	for (unsigned i = 0; i < CPU_SETSIZE && n < max; i++)
		if (CPU_ISSET(i, &set))
			out[n++] = (int)i;
	return n;
}

/* One core is left to the others, the lowest, on which the system's own work
 * is found most often. */
unsigned
nj_choose_workers(const struct nj_conf *conf, int cores[NJ_CONTROL_WORKERS_MAX])
{
	int list[NJ_CONTROL_WORKERS_MAX + 1];
	unsigned wanted = (unsigned)conf->capture__workers, workers, first = 0;
	unsigned n = cores_named(
		&conf->capture__cores, list, NJ_CONTROL_WORKERS_MAX);
	bool named = n > 0;

	if (!named) {
		n = cores_allowed(list, nj_countof(list));
		first = n > 1;
	}
	workers = wanted ? wanted : nj_max(n - first, 1u);
	workers = nj_min(workers, (unsigned)NJ_CONTROL_WORKERS_MAX);
	if (!named && workers > n - first)
		first = 0;
	for (unsigned i = 0; i < workers; i++)
		cores[i] = named || workers <= n - first
				   ? list[first + i % (n - first)]
				   : -1;
	return workers;
}

size_t
nj_ring_bytes(const struct nj_conf *conf)
{
	size_t bytes = NJ_RING_BYTES_MIN;

	while (bytes < (size_t)conf->sensor__ring_size &&
		bytes < NJ_RING_BYTES_MAX)
		bytes *= 2;
	return bytes;
}
