/*
 * dissect.h - the engine that names flows and runs dissectors on them. One
 * for each worker; the signature database is shared and read only.
 */
#ifndef NJ_DISSECT_DISSECT_H
#define NJ_DISSECT_DISSECT_H

#include "engine/base/counter.h"
#include "engine/base/pool.h"
#include "engine/dissect/dissector.h"
#include "engine/event/row.h"
#include "engine/flow/flow.h"

/* Built once: tables from the list of dissectors and the Hyperscan database,
 * which is cached in the folder named (NULL or "": not cached). */
struct nj_dissect_set;
NJ_MUST_USE enum nj_err nj_dissect_set_create(struct nj_dissect_set **out,
	const struct nj_dissector *const *list, const char *cache_path);
void nj_dissect_set_destroy(struct nj_dissect_set **set);

struct nj_dissect_conf {
	const struct nj_dissect_set *set; /* borrowed */
	struct nj_sink *sink;             /* borrowed */
	uint64_t memory_bytes; /* pools of states, buffers, kept data */
	/* Ports may hint at the protocol of TCP flows seen from the middle. */
	bool midstream;
	bool eve;                /* events for EVE output are wanted */
	uint64_t hash_bytes_max; /* of a file that is hashed; 0: none is */
	/* Takes bytes of files away (read --extract), or NULL: v stands at
	 * offset at of the file. False when there is no more room for them.
	 * Called by the thread that dissects. */
	bool (*extract)(
		void *ctx, const char *fuid, uint64_t at, struct nj_view v);
	void *extract_ctx;
	/* Told why each flow got its name (read --explain), or NULL. */
	void (*explain)(void *ctx, struct nj_flow *f, const char *line);
	void *explain_ctx;
};
struct nj_dissect;
NJ_MUST_USE enum nj_err nj_dissect_create(
	struct nj_dissect **out, const struct nj_dissect_conf *conf);
void nj_dissect_destroy(struct nj_dissect **d);
/* How much is done from now on. */
enum nj_effort {
	NJ_EFFORT_FULL,
	NJ_EFFORT_OLD, /* flows that show their first payload are left alone */
	NJ_EFFORT_NONE /* and dissections end where they are */
};
void nj_dissect_set_effort(struct nj_dissect *e, enum nj_effort effort);
/* What the flow table calls. Borrows d. */
struct nj_flow_hooks nj_dissect_hooks(struct nj_dissect *d);

/* Announces a flow, as a dissector can (nj_expect): it will be given to the
 * dissector named whatever it looks like. now_ns is packet time. False when
 * there is no such dissector. */
bool nj_dissect_expect(
	struct nj_dissect *d, const struct nj_expectation *e, int64_t now_ns);

/* A sound frame that carries no IP: to those who name its type as a port. */
void nj_dissect_frame(struct nj_dissect *e, const struct nj_frame *f);
/* Packet time moves on to now_ns: call before packets that are later than the
 * last ones. */
void nj_dissect_tick(struct nj_dissect *e, int64_t now_ns);
/* The input ends, after the flows have: what spans flows is emitted. */
void nj_dissect_finish(struct nj_dissect *e, int64_t now_ns);

/* What is counted of dissections, for the reference. */
extern const struct nj_counters_desc dissect_counters_desc;
/* A set of them; borrowed from e. */
const void *nj_dissect_counters(const struct nj_dissect *e);
/* Flows that overload has cost their dissection, by such a set. */
uint64_t nj_dissect_shed(const void *counters);
/* Records that the sink refused, by such a set. */
uint64_t nj_dissect_refused(const void *counters);
/* Memory of dissections, pool by pool; gives how many. */
enum { NJ_DISSECT_POOLS = 7 };
unsigned nj_dissect_pools(
	const struct nj_dissect *e, struct nj_pool_use out[NJ_DISSECT_POOLS]);

/* Every dissector of dissectors/list.def, NULL at the end. Defined by
 * dissectors/list.c. */
extern const struct nj_dissector *const nj_dissectors[];

#endif
