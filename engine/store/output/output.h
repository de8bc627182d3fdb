/*
 * output.h - records that leave for other systems: a thread for each output
 * takes the store's blocks in their order, sends them, and only then moves
 * its position. Whatever fails is tried again for ever, ever more rarely, and
 * meanwhile the store keeps the blocks, as long as it has room.
 *
 * Blocks go out in batches. Which blocks make a batch is written down before
 * it is sent for the first time: a batch that is sent again, even by the next
 * process, is the same one, row for row. So a receiver that knows a batch
 * again (ClickHouse, a file that is cut back) counts it once.
 */
#ifndef NJ_STORE_OUTPUT_OUTPUT_H
#define NJ_STORE_OUTPUT_OUTPUT_H

#include <stdatomic.h>

#include "engine/store/store.h"

enum { NJ_OUTPUT_WHY = 256, NJ_OUTPUT_NAME = 24, NJ_OUTPUTS_MAX = 8 };

/* Where blocks come from; functions as their namesakes of store.h. */
struct nj_output_source {
	void *ctx;
	enum nj_err (*add)(void *ctx, const char *name);
	enum nj_err (*next)(
		void *ctx, uint64_t after, struct nj_store_block *out);
	void (*let_go)(struct nj_store_block *b);
	enum nj_err (*done)(void *ctx, const char *name, uint64_t number);
	uint64_t (*position)(void *ctx, const char *name);
};
struct nj_output_source nj_output_from_store(struct nj_store *s);

/* ---- Batches ---- */
/* Whole blocks, one after the other, and their rows by log type. */
struct nj_batch {
	uint64_t last; /* block; 0: nothing in it */
	uint32_t rows;
	struct nj_buf bytes;
	uint32_t *at;    /* rows + 1 places in bytes */
	uint32_t *order; /* places of rows, by group, then as they came */
	struct nj_batch_group {
		uint32_t type;
		uint32_t first, n; /* of order */
	} * groups;                /* in order of their first rows */
	unsigned group_count;
	uint32_t room, group_room; /* rows, groups that memory is there for */
};
/* Appends a block's rows; false: no memory, and the batch is as before. Rows
 * that are none end the block: *broken counts it. */
NJ_MUST_USE bool nj_batch_add(struct nj_batch *b,
	const struct nj_store_block *block, uint64_t *broken);
/* Makes groups and order. False: no memory. */
NJ_MUST_USE bool nj_batch_sort(struct nj_batch *b);
/* The i-th row as they came. */
struct nj_row nj_batch_row(const struct nj_batch *b, uint32_t i);
void nj_batch_reset(struct nj_batch *b);
void nj_batch_free(struct nj_batch *b);

/* ---- Kinds of outputs ---- */
struct nj_output_job {
	const struct nj_batch *batch;
	uint64_t source;   /* of this appliance's store, the same for ever */
	uint64_t mark;     /* what the kind gave before the first try */
	atomic_bool *stop; /* set: give up soon, and return false */
	char why[NJ_OUTPUT_WHY];
};
struct nj_output_kind {
	const char *name;
	/* True: all rows of the batch have arrived and will stay. False: why
	 * says what is the matter; the same batch comes again. */
	bool (*send)(void *self, struct nj_output_job *job);
	/* A number to keep with the next batch; may be NULL. */
	uint64_t (*mark)(void *self);
	/* About once a second, between batches; may be NULL. False: why. */
	bool (*rest)(void *self, int64_t wall_ns, char why[NJ_OUTPUT_WHY]);
	void (*destroy)(void *self);
};

struct nj_output_conf {
	const char *folder; /* for what has to be remembered; exists */
	uint64_t rows_max;  /* of a batch, a block more at most */
	uint64_t bytes_max;
	int64_t age_ns;   /* a batch goes out when its first row is as old */
	int64_t retry_ns; /* after the first failure; doubled up to */
	int64_t retry_max_ns;
};

struct nj_output;
/* Takes self in any case. Borrows conf and source's context. */
NJ_MUST_USE enum nj_err nj_output_start(struct nj_output **out,
	const struct nj_output_source *source,
	const struct nj_output_conf *conf, const struct nj_output_kind *kind,
	void *self);
/* What has been committed is sent within patience_ns, or stays for the next
 * time. */
void nj_output_stop(struct nj_output **out, int64_t patience_ns);

#define NJ_OUTPUT_COUNTERS(C)                                                  \
	C(rows, EVENTS, INFO, "Records passed on")                             \
	C(batches, ITEMS, INFO, "Batches passed on")                           \
	C(errors, ITEMS, WARN, "Times that sending failed and is tried again") \
	C(skipped_blocks, ITEMS, ERROR, "Blocks gone before they were sent")   \
	C(broken_blocks, ITEMS, ERROR, "Blocks that held what is no record")
NJ_COUNTERS_DECLARE(nj_output, NJ_OUTPUT_COUNTERS);

struct nj_output_state {
	char name[NJ_OUTPUT_NAME];
	struct nj_output_counters count;
	uint64_t position;         /* last block passed on */
	uint64_t waiting_rows;     /* of the batch on its way */
	int64_t waiting_ns;        /* since when (wall clock); 0: none waits */
	int64_t sent_ns;           /* last success, wall clock; 0: none yet */
	int64_t retry_ns;          /* next try, wall clock; 0: nothing failed */
	char error[NJ_OUTPUT_WHY]; /* the last one; "" if none */
	int64_t error_ns;
};
void nj_output_state(struct nj_output *o, struct nj_output_state *out);

/* ---- What is remembered ---- */
/* The batch that may have been sent: blocks behind from, up to to. */
struct nj_output_memo {
	uint64_t source;
	uint64_t from, to, mark; /* to 0: none */
};
/* Reads FOLDER/NAME.outbox; none yet: a new source, and no batch. So it is
 * with NJ_E_FORMAT, when the file is damaged. */
NJ_MUST_USE enum nj_err nj_output_memo_read(
	struct nj_output_memo *out, const char *folder, const char *name);
/* Is on the disk when this returns. */
NJ_MUST_USE enum nj_err nj_output_memo_write(const struct nj_output_memo *memo,
	const char *folder, const char *name);

#endif
