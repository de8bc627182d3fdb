/*
 * keeper.h - the keeper of `nightjar run`: starts sensor and brain, watches
 * them, starts them again when they die, and stops them in good order.
 */
#ifndef NJ_APPS_NIGHTJAR_KEEPER_H
#define NJ_APPS_NIGHTJAR_KEEPER_H

#include "engine/apps/process/child.h"
#include "engine/apps/process/instance.h"
#include "engine/base/args.h"

struct nj_keeper {
	struct nj_instance instance;
	struct nj_conf *conf;
	struct nj_text *text; /* what the children get of it */
	int text_fd;
	/* Reads and checks the file again, gives the new configuration and
	 * puts its text; NULL after mistakes, which are said. */
	struct nj_conf *(*reload)(void *ctx);
	void *ctx;
};

/* Until SIGTERM or SIGINT, or the sensor has done its work. */
enum nj_exit nj_keeper_run(const struct nj_keeper *k);

#endif
