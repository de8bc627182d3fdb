/*
 * spool_priv.h - the bytes of spool files, for those who write and read them.
 */
#ifndef NJ_EVENT_SPOOL_PRIV_H
#define NJ_EVENT_SPOOL_PRIV_H

#include "engine/event/spool.h"

enum {
	NJ_SPOOL_HEAD_BYTES = 48,
	NJ_SPOOL_BATCH_HEAD_BYTES = 32,
	NJ_SPOOL_NAME_BYTES = 64
};

/* As in the file: the machines we run on are little-endian. */
struct nj_spool_head {
	uint64_t magic;
	uint32_t version, head_bytes;
	uint64_t epoch, position;
	int64_t made_ns;
	uint32_t lane, crc;
};
_Static_assert(sizeof(struct nj_spool_head) == NJ_SPOOL_HEAD_BYTES, "no gaps");

struct nj_spool_batch_head {
	uint32_t magic, crc;
	uint64_t position;
	uint32_t bytes, rows, rows_crc, zero;
};
_Static_assert(sizeof(struct nj_spool_batch_head) == NJ_SPOOL_BATCH_HEAD_BYTES,
	"no gaps");

void nj_spool_name(
	char out[NJ_SPOOL_NAME_BYTES], const struct nj_spool_file *file);
void nj_spool_delete(int folder, const struct nj_spool_file *file);
/* Fills in what is the same in all, and the checksum. */
void nj_spool_head_seal(struct nj_spool_head *h);
void nj_spool_batch_seal(
	struct nj_spool_batch_head *h, uint64_t epoch, struct nj_view rows);
/* Of bytes that may be anything. */
bool nj_spool_head_is_sound(const struct nj_spool_head *h);
bool nj_spool_batch_is_sound(
	const struct nj_spool_batch_head *h, uint64_t epoch);
/* Bytes of head, rows and padding. */
uint64_t nj_spool_batch_room(uint32_t bytes);

/* A batch found in a segment, and its rows when their checksum is right. */
enum nj_spool_found {
	NJ_SPOOL_NONE,    /* nothing whole to the end */
	NJ_SPOOL_BATCH,   /* whole */
	NJ_SPOOL_DAMAGED, /* head whole, rows not */
	NJ_SPOOL_SKIPPED  /* head whole, all of it before `from`: not read */
};
struct nj_spool_scan {
	int fd;
	uint64_t epoch;
	uint64_t at;   /* where the next batch should begin */
	uint64_t lost; /* bytes passed over in search of a batch */
	struct nj_spool_batch_head head;
	uint8_t *rows; /* NJ_SPOOL_BATCH_BYTES_MAX */
};
/* The next batch: at is after it then. NONE leaves at where it is. */
enum nj_spool_found nj_spool_scan_next(struct nj_spool_scan *s, uint64_t from);

#endif
