/*
 * store_priv.h - what the files of the store share. Threads: the writer (put,
 * commit), the sealer, the keeper of the house (syncs, retention, room), any
 * number of readers.
 *
 * lock guards what views are made of: the list of segments, the blocks that
 * are not sealed yet, spans without records. Each changes only together with
 * the batch that makes it so on the disk, right after it. Whoever holds a
 * reference of a list, a segment or a block may read it without the lock, as
 * they do not change.
 */
#ifndef NJ_STORE_STORE_PRIV_H
#define NJ_STORE_STORE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/store/governor.h"
#include "engine/store/store.h"

enum {
	NJ_BLOCK_HEAD = 24, /* crc32c, rows, least and greatest ts */
	NJ_STORE_TYPE_SLOTS = 2 * NJ_EVENT_TYPES_MAX,
	NJ_STORE_LANES_KEPT = 4 * NJ_STORE_LANES_MAX,
	NJ_STORE_OUTPUTS_MAX = 8,
	NJ_STORE_NAME_BYTES = 32,
	NJ_STORE_SPANS_MAX = 1024,
	NJ_STORE_PATH_BYTES = 4096,
	/* Unsealed rows in memory above which the writer waits. */
	NJ_STORE_TAIL_BYTES_MAX = 256 << 20
};

/* Rows of one commit, or what the sealer carried; head and rows as stored. */
struct nj_block {
	atomic_uint refs;
	bool carried;
	uint64_t number;
	uint32_t rows;
	int64_t from_ns, to_ns;
	int64_t since_ns; /* monotonic: when the oldest of its rows came */
	size_t len;       /* of data, its head included */
	size_t cap;
	uint8_t *data;
};

/* A segment as views know it: in the store, or (mem) made of unsealed rows. */
struct nj_store_mem;
struct nj_store_seg {
	atomic_uint refs;
	uint64_t number; /* UINT64_MAX: of unsealed rows */
	struct nj_kv *kv;
	struct nj_store_mem *mem;
	struct nj_seg_header header; /* only as many columns as it has */
};

/* Some of them while they are put together. */
struct nj_store_segs {
	struct nj_store_seg **v;
	unsigned n, cap;
};

/* Segments, the greatest ts first. */
struct nj_seg_list {
	atomic_uint refs;
	unsigned n;
	struct nj_store_seg *v[];
};

struct nj_store_type {
	uint32_t type;
	const struct nj_event_desc *desc;
	int64_t keep_ns; /* 0: as all */
	/* Written by writer and sealer; the difference waits. */
	_Atomic uint64_t put, sealed, refused;
	struct nj_seg_builder *builder; /* the sealer's */
	struct nj_seg_builder *viewer;  /* under build_lock */
	/* The sealer's, of one pass: rows in its blocks, how many of them it
	 * seals, how many it has come by. */
	uint64_t pass_rows, pass_seal, pass_seen;
	int64_t since_ns, carried_since_ns; /* 0: none */
};

struct nj_store_lane {
	uint64_t epoch, position; /* of the last row put */
	uint64_t done;            /* acknowledged */
	int64_t wall_ns;          /* of the last commit with its rows */
	uint32_t lane;
};

struct nj_store_output {
	char name[NJ_STORE_NAME_BYTES];
	uint64_t done;
};

/* A sealed block that outputs still want. */
struct nj_store_held {
	uint64_t number;
	uint32_t rows;
	size_t bytes;
};

struct nj_store_piece;

struct nj_store {
	struct nj_store_conf conf;
	char folder[NJ_STORE_PATH_BYTES];
	struct nj_kv *kv;
	struct nj_governor *governor;
	unsigned types;
	struct nj_store_type type[NJ_EVENT_TYPES_MAX];
	uint16_t type_slot[NJ_STORE_TYPE_SLOTS]; /* 1 + place in type */

	/* ---- The writer's ---- */
	struct nj_block *fill;
	struct nj_store_type *last_type;
	struct nj_kv_batch *batch;
	struct nj_store_lane lane[NJ_STORE_LANES_KEPT];
	unsigned lanes, last_lane;
	uint64_t block_next;
	struct nj_store_span refused; /* rows refused since it was written */
	bool noted;                   /* the batch holds spans */
	struct nj_store_counters wrote;

	/* ---- Under lock ---- */
	pthread_mutex_t lock;
	/* Held by who changes segs, from the batch that does so on; taken
	 * before lock. */
	pthread_mutex_t change_lock;
	pthread_cond_t work, house, done;
	struct nj_seg_list *segs;
	uint64_t seg_bytes;
	struct nj_block **tail; /* carried ones first, then in order */
	unsigned tails, tails_cap;
	uint64_t tail_bytes, tail_rows;
	struct nj_block *spare[16]; /* buffers to be used again */
	unsigned spares;
	struct nj_store_span span[NJ_STORE_SPANS_MAX];
	unsigned spans;
	struct nj_store_output output[NJ_STORE_OUTPUTS_MAX];
	unsigned outputs;
	struct nj_store_held *held; /* a queue, oldest first */
	size_t held_first, held_end, held_cap;
	uint64_t held_bytes, outbox_dropped;
	uint64_t seal_asked, seal_served;
	bool stop;
	enum nj_err seal_err;

	/* ---- The sealer's ---- */
	struct nj_kv_batch *seal_batch;
	struct nj_buf seal_header;
	uint64_t segment_next, carry_next, sealed_to;
	struct nj_store_counters sealed;

	/* ---- The keeper's ---- */
	struct nj_store_counters kept;
	_Atomic int64_t synced_ns;
	_Atomic uint64_t unsynced; /* bytes since */
	_Atomic bool full;
	_Atomic uint64_t corrupt; /* found by any thread */

	/* ---- Views ---- */
	pthread_mutex_t build_lock;
	_Atomic int64_t viewed_ns;
	struct nj_store_piece **piece;
	unsigned pieces;

	pthread_t sealer, keeper;
	bool sealer_runs, keeper_runs;
};

/* ---- tail.c: blocks ---- */
NJ_MUST_USE struct nj_block *nj_block_create(size_t cap);
/* Of stored bytes; NULL: damaged, or no memory (then *damaged is false). */
NJ_MUST_USE struct nj_block *nj_block_load(
	struct nj_view stored, uint64_t number, bool *damaged);
void nj_block_ref(struct nj_block *b);
void nj_block_unref(struct nj_block *b);
/* Writes its head. */
void nj_block_seal(struct nj_block *b);
bool nj_block_sound(struct nj_view stored, uint32_t *rows);
static inline struct nj_view
nj_block_rows(const struct nj_block *b)
{
	return (struct nj_view){ b->data + NJ_BLOCK_HEAD,
		b->len - NJ_BLOCK_HEAD };
}
/* The next row of *rows, which shrinks; false at the end or where it is not
 * whole. */
bool nj_block_row(struct nj_view *rows, struct nj_view *row);

/* Under lock: room for one more in s->tail; then adds it. */
NJ_MUST_USE bool nj_store_tail_room(struct nj_store *s);
void nj_store_tail_add(struct nj_store *s, struct nj_block *b);

/* Keys: a letter or none, then big-endian numbers. */
struct nj_store_key {
	uint8_t bytes[24];
	size_t len;
};
struct nj_store_key nj_store_key(char letter, uint64_t number);
struct nj_store_key nj_store_key_part(uint64_t number, uint8_t part);
static inline struct nj_view
nj_store_key_view(const struct nj_store_key *k)
{
	return (struct nj_view){ k->bytes, k->len };
}
void nj_store_be64(uint8_t out[8], uint64_t v);
uint64_t nj_store_from_be64(const uint8_t in[8]);
/* Numbers in meta. */
void nj_store_meta_put(
	struct nj_store *s, struct nj_kv_batch *b, const char *key, uint64_t v);
NJ_MUST_USE enum nj_err nj_store_meta_get(
	struct nj_store *s, const char *key, uint64_t *v);

/* ---- walk.c ---- */
struct nj_store_walk {
	enum nj_kv_family family;
	char letter;   /* that keys begin with; 0: none */
	uint64_t next; /* where it begins, and has come */
	void *ctx;
	enum nj_err (*row)(void *ctx, uint64_t number, struct nj_view value);
	/* What comes at this number, or some after it, cannot be read. */
	void (*damaged)(void *ctx, uint64_t number);
};
NJ_MUST_USE enum nj_err nj_store_walk(
	struct nj_kv *kv, struct nj_store_walk *w);

/* ---- open.c ---- */
struct nj_store_type *nj_store_type_find(struct nj_store *s, uint32_t type);
/* Reads segments, blocks, positions; what FOLLOW does for each view. */
NJ_MUST_USE enum nj_err nj_store_load(struct nj_store *s);

/* ---- seglist.c ---- */
NJ_MUST_USE struct nj_store_seg *nj_store_seg_create(
	struct nj_store *s, const struct nj_seg_header *h, uint64_t number);
void nj_store_seg_unref(struct nj_store_seg *seg);
/* A list with those of more, which are sorted (or NULL), and without those
 * numbers of drop, which are too. NULL: no memory. */
NJ_MUST_USE struct nj_seg_list *nj_seg_list_change(
	const struct nj_seg_list *old, const struct nj_store_segs *more,
	const uint64_t *drop, unsigned drops);
void nj_seg_list_unref(struct nj_seg_list *l);
void nj_store_segs_sort(struct nj_store_segs *a);
/* Takes the reference; without memory it is gone. */
NJ_MUST_USE enum nj_err nj_store_segs_add(
	struct nj_store_segs *a, struct nj_store_seg *seg);
/* Lets go of all of them. */
void nj_store_segs_free(struct nj_store_segs *a);
/* Parts as the store has them. */
enum nj_err nj_store_part_get(
	void *ctx, uint8_t part, struct nj_view *out, void **held);
void nj_store_part_let_go(void *held);

/* ---- sealer.c ---- */
void *nj_store_sealer(void *store);
/* Under lock: is there something to be sealed? */
bool nj_store_seal_due(struct nj_store *s, int64_t now_ns);

/* ---- view.c ---- */
void nj_store_pieces_drop(struct nj_store *s);

/* ---- keep.c ---- */
void *nj_store_keeper(void *store);
/* May n bytes be written? Sets s->full. */
bool nj_store_may_write(struct nj_store *s, size_t n);

/* ---- span.c ---- */
/* Under lock: remembers a span, joined with one that it touches. */
void nj_store_span_add(struct nj_store *s, const struct nj_store_span *span);
/* Puts all of them into a batch. */
void nj_store_spans_put(struct nj_store *s, struct nj_kv_batch *b);
NJ_MUST_USE enum nj_err nj_store_spans_load(struct nj_store *s);

/* ---- outputs.c ---- */
/* Under lock: the last block that every output has passed. */
uint64_t nj_store_outputs_done(const struct nj_store *s);
/* Under lock: a sealed block that stays for outputs. */
void nj_store_held_add(
	struct nj_store *s, uint64_t number, uint32_t rows, size_t bytes);
/* Takes out what outputs have passed, or what there is no room for. */
void nj_store_held_trim(struct nj_store *s);

#endif
