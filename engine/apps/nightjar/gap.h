/*
 * gap.h - a time in which a process was not there, told in the sensor log
 * once it is over.
 */
#ifndef NJ_APPS_NIGHTJAR_GAP_H
#define NJ_APPS_NIGHTJAR_GAP_H

#include "engine/conf/conf.h"
#include "engine/pipeline/control.h"

struct nj_gap {
	bool open;
	enum nj_part part;
	int64_t from_ns;
	uint64_t interfaces; /* packets that Linux interfaces had seen */
	char why[NJ_CONTROL_TEXT];
};

/* The process is gone. A gap that is still open goes on. */
void nj_gap_begin(struct nj_gap *g, const struct nj_control *c,
	const struct nj_conf *conf, enum nj_part part, const char *why);
/* It is back: notes the gap, if one is open. */
void nj_gap_end(
	struct nj_gap *g, struct nj_control *c, const struct nj_conf *conf);

#endif
