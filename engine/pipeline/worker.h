/*
 * worker.h - a thread that takes packets from its share of every port through
 * a pipeline and puts the records into its ring, in order, as packet time
 * goes by.
 *
 * A crew is the workers of a sensor. They share nothing on the packet path;
 * only at the end they agree on the last packet time. Packet time goes with
 * the wall clock while no packets come from live ports, and with the packets
 * of files.
 */
#ifndef NJ_PIPELINE_WORKER_H
#define NJ_PIPELINE_WORKER_H

#include "engine/pipeline/control.h"

struct nj_crew;
struct nj_worker;

NJ_MUST_USE enum nj_err nj_crew_create(struct nj_crew **out, unsigned workers);
/* After all workers are destroyed. */
void nj_crew_destroy(struct nj_crew **crew);
/* Workers wait after their start until nj_crew_go; nj_crew_await returns when
 * all of them do, with all that they need. */
void nj_crew_await(struct nj_crew *crew);
void nj_crew_go(struct nj_crew *crew);
/* Every worker takes what has come, ends its flows and returns. */
void nj_crew_stop(struct nj_crew *crew);
/* Rows that find no room in a ring at the end are given up from now on. */
void nj_crew_give_up(struct nj_crew *crew);

struct nj_worker_conf {
	struct nj_crew *crew; /* borrowed, as all pointers here */
	unsigned number;
	int core;                         /* to run on; -1: any */
	struct nj_pipeline_conf pipeline; /* sink is the worker's own */
	struct nj_control *control;
	struct nj_ring *ring;
	uint64_t ring_bytes;
	/* Its share of each port; NULL where a port is closed. */
	struct nj_source *sources[NJ_CONTROL_PORTS_MAX];
	unsigned ports;
	bool may_shed, always_shed; /* under overload: of live ports; of all */
	/* Buffers for packets, for who watches over them; may be NULL. */
	void (*buffers)(uint64_t *used, uint64_t *all);
	/* Called by the thread first and last, may be NULL. */
	bool (*enter)(void);
	void (*leave)(void);
};

NJ_MUST_USE enum nj_err nj_worker_create(
	struct nj_worker **out, const struct nj_worker_conf *conf);
/* Starts the thread, which waits for nj_crew_go. */
NJ_MUST_USE enum nj_err nj_worker_start(struct nj_worker *w);
/* Has its thread ended, or will it at once? */
bool nj_worker_ended(const struct nj_worker *w);
/* Waits for the thread's end. */
void nj_worker_join(struct nj_worker *w);
void nj_worker_destroy(struct nj_worker **w);

/* What a reload changes: taken over within a tick. Takes what filters holds,
 * copies local. NJ_E_STATE while the last change waits: try again. */
NJ_MUST_USE enum nj_err nj_worker_change(struct nj_worker *w,
	struct nj_filters *filters, const struct nj_prefix *local,
	unsigned local_count);

#endif
