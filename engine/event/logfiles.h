/*
 * logfiles.h - records as lines in a folder, one file for each log type
 * (conn.log, dns.log, ...), as Zeek lays them out. Files are rotated by size
 * and age to <type>-<time of its first record>.log, and the oldest deleted,
 * so that a folder never outgrows what it was given.
 */
#ifndef NJ_EVENT_LOGFILES_H
#define NJ_EVENT_LOGFILES_H

#include "engine/base/counter.h"
#include "engine/event/format.h"

struct nj_logfiles_conf {
	const char *folder;    /* exists; borrowed for the call of open */
	uint64_t rotate_bytes; /* of one file; 0: never by size */
	int64_t rotate_age_ns; /* of one file's first record; 0: never */
	uint64_t total_bytes;  /* of all files; 0: no limit */
	unsigned keep_files;   /* rotated ones of each log type; 0: all */
	enum nj_format format; /* EVE: one file, eve.json */
	bool append; /* go on with the files that are there, else anew */
};

struct nj_logfiles;
NJ_MUST_USE enum nj_err nj_logfiles_open(
	struct nj_logfiles **out, const struct nj_logfiles_conf *conf);
/* Writes out what is buffered and closes. NJ_E_IO (errno says why) if since
 * the open anything could not be written. */
NJ_MUST_USE enum nj_err nj_logfiles_close(struct nj_logfiles **l);

/* Other limits from now on; folder and append stay. */
void nj_logfiles_limit(
	struct nj_logfiles *l, const struct nj_logfiles_conf *conf);

/* One record; now_ns is wall-clock time. Buffered. */
void nj_logfiles_row(
	struct nj_logfiles *l, const struct nj_row *row, int64_t now_ns);
/* Writes out what is buffered, rotates what is old, deletes what is too
 * much. To be called about every second. */
void nj_logfiles_flush(struct nj_logfiles *l, int64_t now_ns);

#define NJ_LOGFILES_COUNTERS(C)                                                \
	C(rows, EVENTS, INFO, "Records written to log files")                  \
	C(bytes, BYTES, INFO, "Bytes written to log files")                    \
	C(rows_lost, EVENTS, ERROR, "Records lost: a file was not writable")   \
	C(rotated, ITEMS, INFO, "Log files closed and renamed")                \
	C(deleted, ITEMS, INFO, "Old log files deleted to stay in the limit")
NJ_COUNTERS_DECLARE(nj_logfiles, NJ_LOGFILES_COUNTERS);
const struct nj_logfiles_counters *nj_logfiles_counters(
	const struct nj_logfiles *l);

#endif
