/*
 * lanes.h - the way of rows from the sensor's workers to the brain, as
 * the brain sees it. There is one lane for each worker: a ring in memory, and
 * before it what was moved from the ring to the spool on disk while the brain
 * was away or slow. Whoever reads a lane gets both as one stream.
 *
 * A position counts a lane's bytes for ever, over ring and spool alike, and
 * rises with every row. It means something within one epoch only: the number
 * that the keeper drew when it made the rings. Whoever keeps rows in
 * transactions writes each row's position with it,
 *
 *	nj_lanes_open; for each lane nj_lanes_resume(its position)
 *	rows by nj_lanes_input and nj_rowmerge_step
 *	commit { rows, epoch, and for each lane the last row's position }
 *	nj_lanes_release(lane, that position)
 *
 * and so has every row once, whichever side dies when. What is released may
 * be gone at once; what is not stays for the next brain.
 *
 * When an appliance ends before all was read, the rest is a past epoch, which
 * the next brain reads first (nj_lanes_open_past).
 */
#ifndef NJ_EVENT_LANES_H
#define NJ_EVENT_LANES_H

#include "engine/base/counter.h"
#include "engine/event/rowmerge.h"

enum { NJ_LANES_MAX = 64 };

struct nj_lanes;

struct nj_lanes_conf {
	const int *rings; /* descriptors, which may be closed then */
	unsigned count;
	const char *spool_folder; /* NULL or "": there is no spool */
};

/* The epoch that runs. Every lane begins at what was released. */
NJ_MUST_USE enum nj_err nj_lanes_open(
	struct nj_lanes **out, const struct nj_lanes_conf *conf);
/* The oldest past epoch that has rows in the folder; current is the one that
 * runs. It ends: each lane's watermark is INT64_MAX. If all of it was read and
 * released by then, closing it deletes its files. NJ_E_NOENT: there is none. */
NJ_MUST_USE enum nj_err nj_lanes_open_past(
	struct nj_lanes **out, const char *spool_folder, uint64_t current);
void nj_lanes_close(struct nj_lanes **s);

/* Never 0. */
uint64_t nj_lanes_epoch(const struct nj_lanes *s);
unsigned nj_lanes_count(const struct nj_lanes *s);
/* The lane goes on with the first row at or after position. Gives where that
 * is: further on when that has been released already; a position that was
 * never reached is not believed, and reading begins at what was released. */
uint64_t nj_lanes_resume(struct nj_lanes *s, unsigned lane, uint64_t position);
uint64_t nj_lanes_released(const struct nj_lanes *s, unsigned lane);

/* One lane for the merge. Its rows say where they come from (lane) and where
 * to resume in order to get what comes after them (position). */
struct nj_row_input nj_lanes_input(struct nj_lanes *s, unsigned lane);
/* The sensor has ended or died: no lane has to be waited for (or, false, they
 * have again). */
void nj_lanes_set_idle(struct nj_lanes *s, bool idle);

/* All of the lane before position is safe. Positions before the last one
 * release nothing. */
void nj_lanes_release(struct nj_lanes *s, unsigned lane, uint64_t position);

#define NJ_LANES_COUNTERS(C)                                                   \
	C(rows, EVENTS, INFO, "Records taken from memory and spool")           \
	C(rows_spool, EVENTS, INFO, "Of these, taken from the spool")          \
	C(bytes_spool, BYTES, INFO, "Bytes of these")                          \
	C(broken, ITEMS, ERROR, "Broken records and damaged pieces skipped")   \
	C(bytes_broken, BYTES, ERROR, "Bytes skipped as broken")               \
	C(bytes_missing, BYTES, ERROR, "Bytes that neither had any more")
NJ_COUNTERS_DECLARE(nj_lanes, NJ_LANES_COUNTERS);
/* Of all lanes, since it was opened. */
void nj_lanes_counters(const struct nj_lanes *s, struct nj_lanes_counters *out);

#endif
