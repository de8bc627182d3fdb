/*
 * child.h - what the keeper hands to sensor and brain: the control block, the
 * rings, the configuration, and a pipe that says whether it still lives.
 *
 * The configuration is the text that the keeper has accepted, in shared
 * memory: a process that is started again must not meet a file that was
 * changed, or broken, since. After a reload the new text lies beside the
 * first one; only what a reload takes over is taken from it.
 */
#ifndef NJ_APPS_PROCESS_CHILD_H
#define NJ_APPS_PROCESS_CHILD_H

#include "engine/base/clock.h"
#include "engine/conf/conf.h"
#include "engine/pipeline/control.h"

/* ---- Configuration ---- */
struct nj_text; /* the shared memory */

/* The keeper's; *fd is for the children, who can only read it. */
NJ_MUST_USE enum nj_err nj_text_create(struct nj_text **out, int *fd);
NJ_MUST_USE enum nj_err nj_text_attach(struct nj_text **out, int fd);
void nj_text_detach(struct nj_text **t);
enum nj_text_slot {
	NJ_TEXT_FIRST,    /* as the appliance began */
	NJ_TEXT_RELOADED, /* the newest */
	NJ_TEXT_SETS,     /* what the command line sets: OPTION=VALUE lines */
	NJ_TEXT_SLOTS
};
/* Name stands for the text in messages. NJ_E_RANGE: too long. */
NJ_MUST_USE enum nj_err nj_text_put(struct nj_text *t, enum nj_text_slot slot,
	const char *name, struct nj_view text);
/* A copy that ends in NUL; false when there is none whole. */
NJ_MUST_USE bool nj_text_get(const struct nj_text *t, enum nj_text_slot slot,
	char name[NJ_CONTROL_TEXT], struct nj_buf *out);
/* Sets options by lines of NJ_TEXT_SETS. */
NJ_MUST_USE enum nj_err nj_text_sets(
	struct nj_conf *conf, struct nj_view lines, struct nj_buf *errors);

/* ---- What a child begins with ---- */
struct nj_child {
	enum nj_part part;
	const char *control_path;
	int text_fd, lifeline_fd;
	int rings[NJ_CONTROL_WORKERS_MAX];
	unsigned workers;

	struct nj_text *text;
	struct nj_control *control;
	struct nj_conf *conf;     /* what holds now */
	struct nj_conf *reloaded; /* conf borrows from it; or NULL */
	uint64_t generation;
	int signal_fd; /* SIGTERM comes here; SIGINT and SIGHUP are the
			* keeper's */
	bool told;     /* to stop */
	bool alone;    /* because the keeper is gone */
};

/* Reads the keeper's hand-over from the command line, takes the configuration
 * and the control block. What fails is said; *status is how to exit then. */
NJ_MUST_USE bool nj_child_begin(
	struct nj_child *c, int argc, char **argv, int *status);
/* Waits at most so long for a reason to stop: SIGTERM, or that the keeper is
 * gone. True once there is one. */
bool nj_child_wait(struct nj_child *c, int timeout_ms);
/* Takes over a reloaded configuration if there is one: true then. */
bool nj_child_reload(struct nj_child *c);

/* Is there a sensor whose rows may still come? */
bool nj_child_sensor_lives(const struct nj_child *c);

/* The arguments for a child (ended by NULL), as nj_child_begin reads them.
 * They live in the struct. */
struct nj_child_args {
	char text_fd[16], lifeline_fd[16];
	char rings[NJ_CONTROL_WORKERS_MAX * 12];
	const char *argv[12];
};
void nj_child_args(struct nj_child_args *out, const struct nj_child *c,
	const char *program);

/* ---- Choices that keeper and sensor must make alike ---- */
/* How many workers, and where: cores[i] is worker i's, -1 any. */
unsigned nj_choose_workers(
	const struct nj_conf *conf, int cores[NJ_CONTROL_WORKERS_MAX]);
/* The ring's size: a power of two. */
size_t nj_ring_bytes(const struct nj_conf *conf);

#endif
