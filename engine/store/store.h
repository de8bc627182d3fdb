/*
 * store.h - where records are kept: rows come in by commits, are searchable
 * at once (the tail), and are sealed into column segments by a thread of the
 * store's own. Design: docs/developer/store.md.
 *
 *	put, put, put ... commit   -> one block in `tail` (WAL), acknowledged
 *	sealer                     -> segments in `segment` and `directory`; in
 *				      the same batch the tail shrinks
 *	view                       -> what a search sees: fixed at one moment
 *
 * A row is acknowledged when the commit that holds it has returned: it
 * survives the end of the process at any moment, and of the machine once
 * synced_ns has passed it. It is there once, however often it was offered
 * after a restart, as positions of lanes are kept in the same batch.
 */
#ifndef NJ_STORE_STORE_H
#define NJ_STORE_STORE_H

#include "engine/base/counter.h"
#include "engine/store/kv.h"
#include "engine/store/segment.h"

enum {
	NJ_STORE_LANES_MAX = 64,
	NJ_STORE_BLOCK_BYTES = 1 << 20 /* a block is committed at this size */
};

struct nj_store;

struct nj_store_conf {
	const char *folder; /* DIR/store */
	enum nj_kv_mode mode;
	size_t cache_bytes;
	int64_t sync_every_ns;  /* 0: each commit is synced */
	int64_t seal_age_ns;    /* rows of rare types are sealed after this */
	uint64_t bytes_max;     /* retention; 0: no limit */
	int64_t age_max_ns;     /* retention; 0: no limit */
	uint64_t reserve_bytes; /* free space never touched, governor.h */
	/* Sealed blocks that stay for outputs; 0: 4 GiB. */
	uint64_t outbox_bytes_max;
	/* Asks another user of the same disk (the packet buffer) to give so
	 * many bytes back, before records go; NULL: nobody. Called by a thread
	 * of the store. */
	void (*give_way)(void *ctx, uint64_t bytes);
	void *give_way_ctx;
	/* Retention by log type, shorter than age_max_ns. */
	const struct nj_store_keep {
		uint32_t type;
		int64_t age_ns;
	} * keep;
	unsigned keeps;
};

/* Event types must be registered before. Opens with what was there; FOLLOW
 * gives a store that can only be searched. why as nj_kv_open. */
NJ_MUST_USE enum nj_err nj_store_open(struct nj_store **out,
	const struct nj_store_conf *conf, char why[NJ_KV_WHY]);
/* Commits, seals nothing more, closes. */
void nj_store_close(struct nj_store **open);

/* What it keeps its rows in, for upkeep. */
struct nj_kv *nj_store_kv(struct nj_store *s);

/* ---- Writing: one thread ---- */
/* Where a row came from (engine/event/lanes.h): position is where to resume
 * in order to get what comes after it. */
struct nj_store_from {
	uint64_t epoch;
	uint32_t lane;
	uint64_t position;
};
/* Takes a copy of the row for the next commit. from may be NULL (files,
 * notes). NJ_E_FULL: the disk's limit is reached and the row was not taken;
 * it is counted by log type. NJ_E_FORMAT: of an unknown type; counted. */
NJ_MUST_USE enum nj_err nj_store_put(struct nj_store *s,
	const struct nj_row *row, const struct nj_store_from *from);
/* Acknowledges all rows put so far. Cheap when there are none. */
NJ_MUST_USE enum nj_err nj_store_commit(struct nj_store *s);
/* From then to then lost records are known to be missing (0: it is not known
 * how many, if any); goes with the next commit. */
void nj_store_note_gap(
	struct nj_store *s, int64_t from_ns, int64_t to_ns, uint64_t lost);
/* Up to where the lane of that transport is acknowledged; 0: nothing. */
uint64_t nj_store_position(
	const struct nj_store *s, uint64_t epoch, uint32_t lane);
/* Seals everything that waits now, however little, and returns when done
 * (replay's end, tests, bench). */
NJ_MUST_USE enum nj_err nj_store_seal(struct nj_store *s);

/* ---- Reading: any thread ---- */
/* What the store held at one moment. It stays readable while it is held, but
 * for segments that retention takes meanwhile: their parts give NJ_E_NOENT,
 * which a search counts. */
struct nj_store_view;
NJ_MUST_USE enum nj_err nj_store_view_open(
	struct nj_store_view **out, struct nj_store *s);
void nj_store_view_close(struct nj_store_view **open);
/* Segments, newest greatest ts first, those of unsealed rows included. */
unsigned nj_store_view_count(const struct nj_store_view *v);
struct nj_store_segment {
	uint64_t number; /* UINT64_MAX: not sealed yet */
	const struct nj_seg_header *header;
	struct nj_seg_source source;
};
void nj_store_view_get(const struct nj_store_view *v, unsigned i,
	struct nj_store_segment *out);
/* For the completeness of answers: where time is not covered. */
struct nj_store_span {
	int64_t from_ns, to_ns;
	uint64_t lost; /* rows known to be missing in it; 0: a mere gap */
};
unsigned nj_store_view_gaps(
	const struct nj_store_view *v, struct nj_store_span *out, unsigned max);

/* ---- For outputs: blocks in the order of commits ---- */
/* Blocks stay until every output registered here has passed them, or until
 * room for them runs out (told in counters). Same block, same bytes. */
struct nj_store_block {
	uint64_t number;     /* from 1, without gaps unless some were dropped */
	struct nj_view rows; /* one after the other */
	void *held;
};
NJ_MUST_USE enum nj_err nj_store_output_add(
	struct nj_store *s, const char *name);
/* The first block behind after. NJ_E_NOENT: none yet. */
NJ_MUST_USE enum nj_err nj_store_block_next(
	struct nj_store *s, uint64_t after, struct nj_store_block *out);
void nj_store_block_let_go(struct nj_store_block *b);
/* The output has durably passed on all blocks to number. */
NJ_MUST_USE enum nj_err nj_store_output_done(
	struct nj_store *s, const char *name, uint64_t number);
uint64_t nj_store_output_position(const struct nj_store *s, const char *name);

/* ---- State ---- */
#define NJ_STORE_COUNTERS(C)                                                   \
	C(rows, EVENTS, INFO, "Records acknowledged")                          \
	C(bytes, BYTES, INFO, "Bytes of their rows")                           \
	C(commits, ITEMS, INFO, "Commits")                                     \
	C(syncs, ITEMS, INFO, "Times that the log was forced to the disk")     \
	C(rows_full, EVENTS, ERROR, "Records refused: no room on the disk")    \
	C(rows_again, EVENTS, INFO, "Records offered again after a restart")   \
	C(rows_unknown, EVENTS, WARN, "Records of unknown types, refused")     \
	C(sealed_rows, EVENTS, INFO, "Records sealed into segments")           \
	C(sealed_bytes, BYTES, INFO, "Bytes of these segments")                \
	C(segments, ITEMS, INFO, "Segments made")                              \
	C(expired_segments, ITEMS, INFO, "Segments dropped by age or room")    \
	C(expired_rows, EVENTS, INFO, "Records in them")                       \
	C(corrupt, ITEMS, ERROR, "Segments or blocks with a wrong checksum")   \
	C(outbox_dropped, EVENTS, ERROR, "Records that an output never got")
NJ_COUNTERS_DECLARE(nj_store, NJ_STORE_COUNTERS);

struct nj_store_state {
	struct nj_store_counters count;
	uint64_t tail_rows, tail_bytes; /* not sealed yet */
	uint64_t stored_bytes;          /* on the disk */
	uint64_t free_bytes;            /* of its file system */
	uint64_t segments;              /* live */
	int64_t oldest_ns, newest_ns;   /* ts of records held */
	int64_t synced_ns;              /* wall clock of the last sync */
	int64_t sealer_cpu_ns;          /* processor time so far */
	bool full;                      /* refuses rows */
};
void nj_store_state(struct nj_store *s, struct nj_store_state *out);
/* Rows refused by log type, most first; gives how many types. */
struct nj_store_refused {
	uint32_t type;
	uint64_t rows;
};
unsigned nj_store_refused(
	struct nj_store *s, struct nj_store_refused *out, unsigned max);

#endif
