/*
 * still.h - whether a process that lives still moves: sensor, workers,
 * brain and spool each publish several times a second.
 */
#ifndef NJ_APPS_NIGHTJAR_STILL_H
#define NJ_APPS_NIGHTJAR_STILL_H

#include "engine/pipeline/control.h"

struct nj_beat {
	int64_t value, since_ns; /* last seen; monotonic */
};
struct nj_still {
	struct nj_beat sensor, brain, spool, workers[NJ_CONTROL_WORKERS_MAX];
	/* Of the process that stands still. */
	enum nj_part part;
	char why[NJ_CONTROL_TEXT];
};

/* True, once, when part has stood still for too long. now_ns is monotonic. */
bool nj_still_look(
	struct nj_still *s, const struct nj_control *c, int64_t now_ns);

#endif
