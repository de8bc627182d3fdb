/*
 * kv.h - RocksDB as the store uses it: families of sorted keys, atomic
 * batches, pinned reads, a follower for other processes. The only header
 * between us and rocksdb/c.h.
 *
 * Debian's library aborts the process when its WAL meets a full disk, so
 * nobody writes here without the governor's leave (governor.h).
 */
#ifndef NJ_STORE_KV_H
#define NJ_STORE_KV_H

#include "engine/base/base.h"

/* One line a family: name on disk, what is in it. Names are for ever. */
#define NJ_KV_FAMILIES(F)                                                      \
	F(meta, "Positions, format version, settings of the store itself")     \
	F(tail, "Rows not yet in segments, as they came")                      \
	F(directory, "A header for each segment")                              \
	F(segment, "Columns and filters of segments")                          \
	F(outbox, "How far each output has come")
enum nj_kv_family {
#define F(name, text) NJ_KV_##name,
	NJ_KV_FAMILIES(F)
#undef F
		NJ_KV_FAMILY_COUNT
};

enum nj_kv_mode {
	NJ_KV_OWN,    /* reads and writes; one process at a time */
	NJ_KV_FOLLOW, /* reads what another process writes, or has written */
	NJ_KV_READ    /* reads what is there when it is opened; for checks */
};

struct nj_kv;

enum { NJ_KV_WHY = 256 };
struct nj_kv_conf {
	const char *folder;
	enum nj_kv_mode mode;
	size_t cache_bytes;  /* block cache; 0: a sane size */
	size_t buffer_bytes; /* of a family's rows in memory; 0: as usual */
};

/* Opens, and as NJ_KV_OWN makes what is missing. On failure why holds a
 * sentence for the operator (the library's, without its name). NJ_E_STATE:
 * another process owns it. NJ_E_NOENT: FOLLOW
 * or READ where no store is. */
NJ_MUST_USE enum nj_err nj_kv_open(
	struct nj_kv **out, const struct nj_kv_conf *conf, char why[NJ_KV_WHY]);
void nj_kv_close(struct nj_kv **open);
/* FOLLOW: takes over what the owner has written since. */
NJ_MUST_USE enum nj_err nj_kv_catch_up(struct nj_kv *kv);
/* What the library said last, "" if nothing. */
const char *nj_kv_error(const struct nj_kv *kv);

/* ---- Writing ---- */
struct nj_kv_batch;
NJ_MUST_USE enum nj_err nj_kv_batch_create(struct nj_kv_batch **out);
void nj_kv_batch_destroy(struct nj_kv_batch **batch);
void nj_kv_batch_clear(struct nj_kv_batch *b);
size_t nj_kv_batch_bytes(const struct nj_kv_batch *b);
void nj_kv_put(struct nj_kv *kv, struct nj_kv_batch *b, enum nj_kv_family f,
	struct nj_view key, struct nj_view value);
void nj_kv_delete(struct nj_kv *kv, struct nj_kv_batch *b, enum nj_kv_family f,
	struct nj_view key);
/* All keys from first (included) to end (not included). */
void nj_kv_delete_range(struct nj_kv *kv, struct nj_kv_batch *b,
	enum nj_kv_family f, struct nj_view first, struct nj_view end);
/* All or nothing. With sync it is on the disk when this returns, without it
 * survives the end of the process but not that of the machine. */
NJ_MUST_USE enum nj_err nj_kv_write(
	struct nj_kv *kv, struct nj_kv_batch *b, bool sync);
/* What was written without sync is on the disk when this returns. */
NJ_MUST_USE enum nj_err nj_kv_sync(struct nj_kv *kv);
/* Gives the room of whole files between the keys back at once; to be called
 * after a delete_range of the same. */
void nj_kv_reclaim(struct nj_kv *kv, enum nj_kv_family f, struct nj_view first,
	struct nj_view end);

/* ---- Reading ---- */
/* A value held in the library's memory until it is let go. */
struct nj_kv_value {
	struct nj_view v;
	void *held;
};
/* NJ_E_NOENT: no such key. NJ_E_FORMAT: a checksum is wrong. */
NJ_MUST_USE enum nj_err nj_kv_get(struct nj_kv *kv, enum nj_kv_family f,
	struct nj_view key, struct nj_kv_value *out);
void nj_kv_let_go(struct nj_kv_value *value);

struct nj_kv_iter;
/* From the first key that is not below first. */
NJ_MUST_USE enum nj_err nj_kv_iter_open(struct nj_kv_iter **out,
	struct nj_kv *kv, enum nj_kv_family f, struct nj_view first);
/* The next pair, valid until the next call; false at the end and on errors,
 * which nj_kv_iter_close gives. */
bool nj_kv_iter_next(
	struct nj_kv_iter *it, struct nj_view *key, struct nj_view *value);
NJ_MUST_USE enum nj_err nj_kv_iter_close(struct nj_kv_iter **open);

/* ---- Upkeep ---- */
/* A consistent copy in a folder that does not exist yet; files are linked
 * where the file system can. */
NJ_MUST_USE enum nj_err nj_kv_checkpoint(struct nj_kv *kv, const char *folder);
/* Reads every block of every file and compares checksums. */
NJ_MUST_USE enum nj_err nj_kv_verify(struct nj_kv *kv);
/* Bytes of live files of a family, as far as the library knows. */
uint64_t nj_kv_bytes(struct nj_kv *kv, enum nj_kv_family f);
/* Bytes in memory that are yet to be written to files (they are in the log):
 * so much room on the disk is spoken for. */
uint64_t nj_kv_pending(struct nj_kv *kv);
/* Writes what is in memory to files, so that the log can go. */
NJ_MUST_USE enum nj_err nj_kv_flush(struct nj_kv *kv);

#endif
