/*
 * spool.h - rows on disk that the brain has not taken yet, for as long as it
 * is away. One process writes (nightjar-spool, see docs/adr/0012), the brain
 * reads while more is being written.
 *
 * Files are segments, named EPOCH-LANE-POSITION.spool: epoch and the position
 * at which the segment begins as 16 hexadecimal digits each, the lane as two
 * decimal ones. All numbers are little-endian; checksums are CRC-32C.
 *
 *	segment	 0 u64 magic "\nnjspol1"	 8 u32 version	12 u32 length of
 *this 16 u64 epoch		24 u64 position	32 i64 made, wall clock 40 u32
 *lane		44 u32 checksum of what is before it
 *	batch	 0 u32 magic "NjB1"	 4 u32 checksum of bytes 8 to 31
 *		 8 u64 position		16 u32 bytes	20 u32 rows
 *		24 u32 checksum of the rows			28 u32 zero
 *		then the rows, and zeros up to a multiple of 8 bytes
 *
 * A batch's checksum of its head goes on from the two halves of the epoch, one
 * xor the other: who sends packets does not know it, and so cannot have bytes
 * recorded that would pass for a batch where a real one was damaged.
 *
 * The rows of a batch follow on each other as they did in the ring, so each
 * row's position is the batch's and what lies before it. A batch that was cut
 * short is found by length and checksum, and so is one that was damaged; the
 * next one is found by its magic number.
 *
 * EPOCH.mark has for each lane how far it was released: u64 position, u32
 * checksum of it, u32 zero.
 */
#ifndef NJ_EVENT_SPOOL_H
#define NJ_EVENT_SPOOL_H

#include "engine/base/counter.h"
#include "engine/event/row.h"

enum {
	NJ_SPOOL_LANES_MAX = 64,
	NJ_SPOOL_BATCH_BYTES_MAX = 1024 * 1024, /* of rows */
	NJ_SPOOL_FILES_MAX = 65536,
	NJ_SPOOL_SEGMENT_BYTES_MIN = 64 * 1024
};

/* ---- What the folder holds ---- */
struct nj_spool_file {
	uint64_t epoch, position, bytes;
	uint32_t lane;
};
struct nj_spool_list {
	struct nj_spool_file *v; /* by epoch, lane, position */
	size_t n, cap;
};
/* The segments in folder (a descriptor), by their names. NJ_E_IO: it cannot be
 * read. Free out also then. */
NJ_MUST_USE enum nj_err nj_spool_list(struct nj_spool_list *out, int folder);
void nj_spool_list_free(struct nj_spool_list *list);
/* The epoch, other than this one, whose first segment was made first: 0 for
 * none. *lanes is one more than its highest lane. */
uint64_t nj_spool_past(int folder, uint64_t but, unsigned *lanes);
/* How far each lane of the epoch was released; 0 where that is not known. */
void nj_spool_marks(
	int folder, uint64_t epoch, uint64_t marks[NJ_SPOOL_LANES_MAX]);
/* Deletes segments of which all is before the marks; all: every one, and the
 * marks. Writes the marks otherwise. */
void nj_spool_clear(int folder, uint64_t epoch,
	const uint64_t marks[NJ_SPOOL_LANES_MAX], bool all);

/* ---- Reading one lane ---- */
struct nj_spool_reader;
/* Borrows folder. live: more may come, and what is missing is counted. */
NJ_MUST_USE enum nj_err nj_spool_reader_open(struct nj_spool_reader **out,
	int folder, uint64_t epoch, unsigned lane, bool live);
void nj_spool_reader_close(struct nj_spool_reader **r);
/* The next row comes from this position, or the first after it. */
void nj_spool_seek(struct nj_spool_reader *r, uint64_t position);
uint64_t nj_spool_position(const struct nj_spool_reader *r);
/* The next row that begins before upto, valid until the next call; its
 * position is its end. False when there is none. */
NJ_MUST_USE bool nj_spool_next(
	struct nj_spool_reader *r, uint64_t upto, struct nj_row *row);

#define NJ_SPOOL_READ_COUNTERS(C)                                              \
	C(rows, EVENTS, INFO, "Records read")                                  \
	C(bytes, BYTES, INFO, "Bytes of these")                                \
	C(broken, ITEMS, ERROR, "Broken records and damaged pieces")           \
	C(bytes_broken, BYTES, ERROR, "Bytes of these")                        \
	C(bytes_missing, BYTES, ERROR, "Bytes that should have been there")
NJ_COUNTERS_DECLARE(nj_spool_read, NJ_SPOOL_READ_COUNTERS);
const struct nj_spool_read_counters *nj_spool_read_counters(
	const struct nj_spool_reader *r);

/* ---- Writing ---- */
struct nj_spool;
struct nj_spool_conf {
	const char *folder;
	uint64_t epoch, bytes_max;
	unsigned lanes;
};
/* Takes up where an earlier writer of the epoch stopped: what it wrote in part
 * is cut off. */
NJ_MUST_USE enum nj_err nj_spool_open(
	struct nj_spool **out, const struct nj_spool_conf *conf);
void nj_spool_close(struct nj_spool **s);
/* The end of what the lane holds; 0 when it holds nothing. */
uint64_t nj_spool_end(const struct nj_spool *s, unsigned lane);
/* Appends rows (at most NJ_SPOOL_BATCH_BYTES_MAX bytes) that begin at
 * position, not before the lane's end. When it returns a reader can have them.
 * NJ_E_FULL: bytes_max, or the disk. NJ_E_IO: errno says why. NJ_E_RANGE: the
 * position is before the end. */
struct nj_spool_batch {
	uint64_t position;
	struct nj_view rows;
	uint32_t count;
};
NJ_MUST_USE enum nj_err nj_spool_put(
	struct nj_spool *s, unsigned lane, const struct nj_spool_batch *batch);
/* All of the lane before position may go, and goes by whole segments. */
void nj_spool_release(struct nj_spool *s, unsigned lane, uint64_t position);
/* Writes down what was released, and counts anew what the folder holds: past
 * epochs are the brain's, which deletes them. Call it now and then. */
void nj_spool_tidy(struct nj_spool *s);

#define NJ_SPOOL_COUNTERS(C)                                                   \
	C(rows, EVENTS, INFO, "Records moved to the spool")                    \
	C(bytes, BYTES, INFO, "Bytes of these")                                \
	C(held, BYTES, INFO, "Bytes that the spool holds now")                 \
	C(segments, ITEMS, INFO, "Files that it holds now")                    \
	C(held_past, BYTES, INFO, "Of these, left by earlier runs")            \
	C(full, ITEMS, WARN, "Times that there was no room for more")          \
	C(failed, ITEMS, ERROR, "Times that the disk did not take it")         \
	C(cut, BYTES, WARN, "Bytes cut off that were written in part")
NJ_COUNTERS_DECLARE(nj_spool, NJ_SPOOL_COUNTERS);
const struct nj_spool_counters *nj_spool_counters(const struct nj_spool *s);

#endif
