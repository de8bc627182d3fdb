/*
 * keeper.c - one loop over signals and clocks. The keeper sees no packet and
 * opens no socket; it is the only process that keeps its rights.
 */
#include "engine/apps/nightjar/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/apps/nightjar/build.h"
#include "engine/apps/nightjar/gap.h"
#include "engine/apps/nightjar/portwatch.h"
#include "engine/apps/nightjar/still.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"

enum {
	LOOK_MS = 200,
	/* A process that lived so long has not died of its start. */
	SETTLED_S = 60,
	RETRY_MAX_S = 30,
	/* From being told to stop to being killed. */
	STOP_S = 45
};

struct process {
	enum nj_part part;
	const char *program;         /* beside ours */
	pid_t pid;                   /* 0: none */
	unsigned deaths;             /* in a row, each soon after the start */
	int64_t started_ns, told_ns; /* monotonic; told to stop, 0: not */
	int64_t retry_ns;            /* when to start; 0: not at all */
	struct nj_gap gap;           /* since it died */
};

struct run {
	const struct nj_keeper *k;
	struct nj_control *control;
	struct nj_child child; /* what children are handed */
	int lifeline[2], signal_fd;
	struct nj_keeper_state state;
	struct process sensor, brain, spool;
	struct nj_still still;
	struct nj_port_watch ports;
	bool stopping, killing;
	enum nj_exit status;
};

static void
publish(struct run *r)
{
	nj_control_put_keeper(r->control, &r->state);
}

static struct nj_process_state *
shown(struct run *r, const struct process *p)
{
	return &r->state.processes[p->part];
}

static void
show(struct run *r, const struct process *p, enum nj_stage stage)
{
	struct nj_process_state *s = shown(r, p);

	s->pid = (uint64_t)p->pid;
	s->stage = stage;
	s->retry_ns = 0;
	publish(r);
}

/* ---- Starting ---- */

static bool
beside(char out[NJ_PATH_MAX], const char *program)
{
	ssize_t n = readlink("/proc/self/exe", out, NJ_PATH_MAX - 1);
	char *slash;

	if (n <= 0)
		return false;
	out[n] = 0;
	slash = strrchr(out, '/');
	if (!slash || (size_t)(slash - out) + strlen(program) + 2 > NJ_PATH_MAX)
		return false;
	memcpy(slash + 1, program, strlen(program) + 1);
	return access(out, X_OK) == 0;
}

/* In the child: what was the keeper's is set back, and only what it is handed
 * stays open. */
NJ_NORETURN static void
become(const struct run *r, const char *path)
{
	struct nj_child_args args;
	sigset_t set;

	/* Told to stop before it listens, it hears it when it does. */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)fcntl(r->child.text_fd, F_SETFD, 0);
	(void)fcntl(r->child.lifeline_fd, F_SETFD, 0);
	for (unsigned i = 0; i < r->child.workers; i++)
		(void)fcntl(r->child.rings[i], F_SETFD, 0);
	nj_child_args(&args, &r->child, path);
	(void)execv(path, (char *const *)(uintptr_t)args.argv);
	_exit(NJ_EXIT_FAILED);
}

static bool
start(struct run *r, struct process *p)
{
	char path[NJ_PATH_MAX];
	pid_t pid;

	if (!beside(path, p->program)) {
		nj_complain(p->program, "it is not beside this program",
			"install Nightjar whole");
		return false;
	}
	pid = fork();
	if (pid < 0) {
		nj_complain(p->program, strerror(errno), "");
		return false;
	}
	if (!pid)
		become(r, path);
	p->pid = pid;
	p->started_ns = nj_mono_ns();
	p->told_ns = p->retry_ns = 0;
	shown(r, p)->started_ns = nj_wall_ns();
	show(r, p, NJ_STAGE_STARTING);
	if (p == &r->sensor)
		nj_port_watch_begin(&r->ports, r->k->conf);
	return true;
}

/* ---- Dying ---- */

static void
tell(struct process *p, int signal)
{
	if (!p->pid)
		return;
	if (!p->told_ns)
		p->told_ns = nj_mono_ns();
	(void)kill(p->pid, signal);
}

static void
stop(struct run *r)
{
	if (r->stopping)
		return;
	r->stopping = true;
	r->sensor.retry_ns = r->spool.retry_ns = 0;
	/* Records may wait for it: it is started once more, and at once. */
	if (r->brain.retry_ns)
		r->brain.retry_ns = nj_mono_ns();
	tell(&r->sensor, SIGTERM);
	if (r->sensor.pid)
		show(r, &r->sensor, NJ_STAGE_STOPPING);
}

static void
describe(int status, char *out, size_t cap)
{
	if (WIFSIGNALED(status))
		(void)snprintf(out, cap, "signal %d (%s)%s", WTERMSIG(status),
			strsignal(WTERMSIG(status)),
			WTERMSIG(status) == SIGSYS
				? ": a system call that its filter forbids"
				: "");
	else
		(void)snprintf(out, cap, "exit status %d", WEXITSTATUS(status));
}

/* Half a second after the second death in a row, then twice as long each
 * time. */
static int64_t
pause_ns(unsigned deaths)
{
	int64_t ns = NJ_NS_PER_S / 2;

	if (deaths < 2)
		return 0;
	for (unsigned i = 2; i < deaths && ns < RETRY_MAX_S * NJ_NS_PER_S; i++)
		ns *= 2;
	return nj_min(ns, RETRY_MAX_S * NJ_NS_PER_S);
}

static void
again(struct run *r, struct process *p, const char *why)
{
	struct nj_process_state *s = shown(r, p);
	int64_t wait;

	p->deaths = nj_mono_ns() - p->started_ns > SETTLED_S * NJ_NS_PER_S
			    ? 1
			    : p->deaths + 1;
	wait = pause_ns(p->deaths);
	p->retry_ns = nj_mono_ns() + wait;
	(void)snprintf(s->last_exit, sizeof(s->last_exit), "%s", why);
	s->restarts++;
	nj_gap_begin(&p->gap, r->control, r->k->conf, p->part, why);
	show(r, p, NJ_STAGE_WAITING);
	s->retry_ns = nj_wall_ns() + wait;
	publish(r);
	nj_warn("run", "%s died: %s: started again in %lld ms",
		nj_part_name(p->part), why, (long long)(wait / NJ_NS_PER_MS));
}

static void
fail(struct run *r, struct process *p, enum nj_exit status, const char *why)
{
	char what[64];

	(void)snprintf(
		what, sizeof(what), "run: the %s ended", nj_part_name(p->part));
	nj_complain(what, why, "see the lines before");
	if (r->status == NJ_EXIT_DONE)
		r->status = status;
	stop(r);
}

static void
sensor_done(struct run *r, const char *why)
{
	struct process *p = &r->sensor;

	show(r, p, NJ_STAGE_ENDED);
	if (r->stopping)
		return;
	if (p->told_ns) {
		/* It was told to, for the sake of a port. */
		p->retry_ns = nj_mono_ns();
		shown(r, p)->restarts++;
		(void)snprintf(shown(r, p)->last_exit,
			sizeof(shown(r, p)->last_exit), "%s", r->ports.why);
		nj_gap_begin(
			&p->gap, r->control, r->k->conf, p->part, r->ports.why);
		return;
	}
	(void)why;
	stop(r);
}

static void
ended(struct run *r, struct process *p, int status)
{
	bool clean = WIFEXITED(status) && WEXITSTATUS(status) == NJ_EXIT_DONE;
	bool refused =
		WIFEXITED(status) && WEXITSTATUS(status) == NJ_EXIT_CONFIG;
	char why[NJ_CONTROL_TEXT];

	describe(status, why, sizeof(why));
	if (r->still.part == p->part && r->still.why[0]) {
		(void)snprintf(why, sizeof(why), "%s", r->still.why);
		r->still.why[0] = 0;
	}
	p->pid = 0;
	if (p == &r->sensor && clean) {
		sensor_done(r, why);
	} else if (r->stopping) {
		show(r, p, NJ_STAGE_ENDED);
		if (!clean && !r->killing)
			fail(r, p, NJ_EXIT_FAILED, why);
	} else if (refused) {
		show(r, p, NJ_STAGE_ENDED);
		fail(r, p, NJ_EXIT_CONFIG, "it refuses the configuration");
	} else if (p == &r->sensor && r->k->conf->capture__exit_at_end) {
		/* From the start again it would tell everything twice. */
		show(r, p, NJ_STAGE_ENDED);
		fail(r, p, NJ_EXIT_FAILED, why);
	} else {
		again(r, p, why);
	}
}

static void
reap(struct run *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == r->sensor.pid)
			ended(r, &r->sensor, status);
		else if (pid == r->brain.pid)
			ended(r, &r->brain, status);
		else if (pid == r->spool.pid)
			ended(r, &r->spool, status);
	}
}

/* ---- Living ---- */

/* What it shows of itself, once it shows something. */
static void
see_stage(struct run *r, struct process *p, uint64_t pid, uint64_t stage)
{
	if (!p->pid || pid != (uint64_t)p->pid || stage != NJ_STAGE_RUNNING)
		return;
	if (shown(r, p)->stage == NJ_STAGE_STARTING)
		show(r, p, NJ_STAGE_RUNNING);
	nj_gap_end(&p->gap, r->control, r->k->conf);
}

static void
see_stages(struct run *r)
{
	static struct nj_sensor_state sensor;
	static struct nj_spool_state spool;
	struct nj_brain_state brain;

	if (nj_control_sensor(r->control, &sensor))
		see_stage(r, &r->sensor, sensor.pid, sensor.stage);
	if (nj_control_brain(r->control, &brain))
		see_stage(r, &r->brain, brain.pid, brain.stage);
	if (nj_control_spool(r->control, &spool))
		see_stage(r, &r->spool, spool.pid, spool.stage);
}

static void
retry(struct run *r, struct process *p)
{
	if (!p->retry_ns || p->pid || nj_mono_ns() < p->retry_ns)
		return;
	p->retry_ns = 0;
	if (!start(r, p) && !r->stopping)
		again(r, p, "it cannot be started");
}

/* A process that stands still is as good as dead, and harder to miss. */
static void
watch_still(struct run *r)
{
	pid_t pid;

	if (!nj_still_look(&r->still, r->control, nj_mono_ns()))
		return;
	pid = r->still.part == NJ_PART_SENSOR  ? r->sensor.pid
	      : r->still.part == NJ_PART_BRAIN ? r->brain.pid
					       : r->spool.pid;
	nj_error("run", "%s: %s: killing it", nj_part_name(r->still.part),
		r->still.why);
	if (pid)
		(void)kill(pid, SIGKILL);
}

/* A port that could not be used may be usable now. The sensor has given up
 * the right to open it: another one has to. */
static void
watch_ports(struct run *r)
{
	if (r->stopping || !r->sensor.pid || r->sensor.told_ns ||
		!nj_port_watch_look(
			&r->ports, r->control, r->k->conf, nj_mono_ns()))
		return;
	nj_info("run", "sensor is started again: %s", r->ports.why);
	tell(&r->sensor, SIGTERM);
	show(r, &r->sensor, NJ_STAGE_STOPPING);
}

static void
kill_late(struct run *r, struct process *p)
{
	if (p->pid && p->told_ns &&
		nj_mono_ns() - p->told_ns > STOP_S * NJ_NS_PER_S) {
		nj_error("run", "%s does not stop: killing it",
			nj_part_name(p->part));
		p->told_ns = nj_mono_ns();
		(void)kill(p->pid, SIGKILL);
	}
}

static void
stop_one(struct run *r, struct process *p)
{
	if (!p->pid || p->told_ns)
		return;
	tell(p, SIGTERM);
	show(r, p, NJ_STAGE_STOPPING);
}

/* The brain goes after the sensor: it has to write what that still gave. The
 * spool goes last: it has to keep what the brain did not write. */
static void
stop_others(struct run *r)
{
	if (!r->stopping || r->sensor.pid)
		return;
	stop_one(r, &r->brain);
	if (!r->brain.pid && !r->brain.retry_ns)
		stop_one(r, &r->spool);
}

/* ---- Signals ---- */

static void
reload(struct run *r)
{
	struct nj_note note = { .kind = NJ_NOTE_reload,
		.from_ns = nj_wall_ns() };
	struct nj_conf *fresh = r->k->reload(r->k->ctx);
	struct nj_buf names = { 0 };

	if (!fresh) {
		nj_warn("run", "reload: the file has mistakes: everything "
			       "stays as it is");
		return;
	}
	if (nj_conf_restarts(r->k->conf, fresh, &names)) {
		for (size_t i = 0; i < names.len; i++)
			if (names.data[i] == '\n')
				names.data[i] = i + 1 < names.len ? ' ' : 0;
		nj_warn("run", "reload: only a restart takes over: %s",
			(const char *)names.data);
		(void)snprintf(note.text, sizeof(note.text),
			"only a restart takes over: %.150s",
			(const char *)names.data);
	}
	nj_buf_free(&names);
	nj_log_set_level((enum nj_log_level)fresh->log__level);
	nj_conf_destroy(&fresh);
	r->state.conf_generation++;
	publish(r);
	nj_control_note(r->control, &note);
	nj_info("run", "configuration reloaded");
}

static void
on_stop(struct run *r)
{
	if (!r->stopping) {
		nj_info("run", "stopping");
		stop(r);
		return;
	}
	/* Whoever asks twice does not want to wait. */
	r->killing = true;
	r->brain.retry_ns = 0;
	r->status = NJ_EXIT_FAILED;
	tell(&r->sensor, SIGKILL);
	tell(&r->brain, SIGKILL);
	tell(&r->spool, SIGKILL);
}

static void
take_signals(struct run *r)
{
	struct pollfd fd = { .fd = r->signal_fd, .events = POLLIN };
	struct signalfd_siginfo info;

	if (poll(&fd, 1, LOOK_MS) <= 0)
		return;
	while (read(r->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			on_stop(r);
		else if (info.ssi_signo == SIGHUP)
			reload(r);
	}
}

/* ---- Beginning and end ---- */

static bool
begin_signals(struct run *r)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return false;
	r->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return r->signal_fd >= 0 && !pipe2(r->lifeline, O_CLOEXEC);
}

static enum nj_err
begin_rings(struct run *r)
{
	int cores[NJ_CONTROL_WORKERS_MAX];
	enum nj_err err = NJ_OK;
	uint64_t epoch = 0;

	/* 0 stands for none. */
	while (!epoch && !err)
		if (getrandom(&epoch, sizeof(epoch), 0) != sizeof(epoch))
			err = NJ_E_SYSTEM;
	r->child.workers = nj_choose_workers(r->k->conf, cores);
	for (unsigned i = 0; i < r->child.workers && !err; i++)
		err = nj_ring_create(
			&r->child.rings[i], nj_ring_bytes(r->k->conf), epoch);
	return err;
}

static bool
begin(struct run *r)
{
	const struct nj_keeper *k = r->k;
	struct nj_keeper_state *s = &r->state;
	enum nj_err err = begin_rings(r);

	if (!err)
		err = nj_control_create(&r->control, k->instance.control);
	if (!err && !begin_signals(r))
		err = NJ_E_SYSTEM;
	if (err) {
		nj_complain("run", nj_err_text(err), nj_err_remedy(err));
		return false;
	}
	r->child.control_path = k->instance.control;
	r->child.text_fd = k->text_fd;
	r->child.lifeline_fd = r->lifeline[0];
	s->pid = (uint64_t)getpid();
	s->started_ns = nj_wall_ns();
	s->workers = r->child.workers;
	(void)snprintf(s->version, sizeof(s->version), "%s", NJ_BUILD_VERSION);
	(void)snprintf(s->conf, sizeof(s->conf), "%s", k->conf->file);
	(void)snprintf(s->logs, sizeof(s->logs), "%s", k->conf->logs__folder);
	publish(r);
	return start(r, &r->spool) && start(r, &r->brain) &&
	       start(r, &r->sensor);
}

enum nj_exit
nj_keeper_run(const struct nj_keeper *k)
{
	static struct run r;

	r = (struct run){ .k = k,
		.sensor = { .part = NJ_PART_SENSOR,
			.program = "nightjar-sensor" },
		.brain = { .part = NJ_PART_BRAIN, .program = "nightjar-brain" },
		.spool = {
			.part = NJ_PART_SPOOL, .program = "nightjar-spool" } };
	nj_promiscuous_remember(&r.ports, k->conf);
	if (!begin(&r)) {
		r.status = NJ_EXIT_FAILED;
		stop(&r);
	}
	while (r.sensor.pid || r.brain.pid || r.spool.pid || r.brain.retry_ns ||
		!r.stopping) {
		take_signals(&r);
		reap(&r);
		see_stages(&r);
		retry(&r, &r.sensor);
		retry(&r, &r.brain);
		retry(&r, &r.spool);
		watch_still(&r);
		watch_ports(&r);
		kill_late(&r, &r.sensor);
		kill_late(&r, &r.brain);
		kill_late(&r, &r.spool);
		stop_others(&r);
	}
	nj_promiscuous_restore(&r.ports, k->conf);
	nj_control_detach(&r.control);
	nj_info("run", "stopped");
	return r.status;
}
