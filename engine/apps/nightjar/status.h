/*
 * status.h - what `nightjar status` knows, and its two ways of saying it.
 */
#ifndef NJ_APPS_NIGHTJAR_STATUS_H
#define NJ_APPS_NIGHTJAR_STATUS_H

#include "engine/apps/process/instance.h"
#include "engine/base/buf.h"
#include "engine/pipeline/summary.h"

enum { NJ_HINTS_MAX = 12, NJ_HINT_TEXT = 320 };

struct nj_status {
	int64_t now_ns, pid;
	struct nj_keeper_state keeper;
	struct nj_sensor_state sensor;
	struct nj_brain_state brain;
	struct nj_spool_state spool;
	struct nj_worker_state worker[NJ_CONTROL_WORKERS_MAX];
	unsigned workers;
	struct nj_summary sum;
	struct nj_counters_memory {
		struct nj_pool_state pool[NJ_CONTROL_POOLS_MAX];
		unsigned pools; /* of all workers together */
	} memory;
	/* What is the matter, with likely causes. */
	char hint[NJ_HINTS_MAX][NJ_HINT_TEXT];
	unsigned hints;
};

/* A log type by its number; one that is not known by that number. */
struct nj_status_name {
	char text[64];
};
struct nj_status_name nj_status_type(uint64_t type);

/* Adds up what was read, and finds what is the matter. */
void nj_status_conclude(struct nj_status *s);
void nj_status_text(struct nj_buf *out, const struct nj_status *s, bool colour);
void nj_status_json(struct nj_buf *b, const struct nj_status *s);

#endif
