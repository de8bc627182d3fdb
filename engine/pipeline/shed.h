/*
 * shed.h - what is left out when there is more traffic than a worker can
 * handle, in this order: recording of packets, dissection of new flows, all
 * dissection, new flows (by a hash, so that a flow is seen whole or not at
 * all). Counters and what is known of flows in progress are never left out.
 *
 * The controller is a pure function of what happened since the last tick. It
 * rises after a few hot ticks, one step at a time, falls after many calm
 * ones, and stays where it is in between.
 */
#ifndef NJ_PIPELINE_SHED_H
#define NJ_PIPELINE_SHED_H

#include "engine/base/base.h"

enum nj_shed_level {
	NJ_SHED_NONE,
	NJ_SHED_PACKETS, /* none are recorded; a step only where they are */
	NJ_SHED_SHALLOW, /* new flows are not dissected */
	NJ_SHED_HEADERS, /* no flow is dissected */
	NJ_SHED_FLOWS,   /* and a share of new flows is not begun */
	NJ_SHED_LEVELS
};
/* "none", "shallow" ...; never NULL. */
const char *nj_shed_name(uint64_t level);
/* What it leaves out, as a phrase; never NULL. */
const char *nj_shed_text(uint64_t level);

enum {
	NJ_SHED_PARTS = 16, /* shares are in these */
	NJ_SHED_SHARE_STEP = 2,
	NJ_SHED_SHARE_MAX = 14,
	NJ_SHED_HOT_TICKS = 3,
	NJ_SHED_CALM_TICKS = 20
};

/* Since the last tick. */
struct nj_shed_input {
	uint64_t polls, full;     /* of ports; those that gave a full burst */
	uint64_t lost;            /* packets for which there was no room */
	unsigned ring_percent;    /* of the ring to the brain in use */
	unsigned buffers_percent; /* of packet buffers in use */
};

struct nj_shed {
	bool records; /* packets are recorded unless that is left out */
	uint8_t level, share;
	uint8_t hot, calm; /* ticks in a row */
};

/* True when level or share changed. */
bool nj_shed_step(struct nj_shed *s, const struct nj_shed_input *in);

#endif
