/*
 * rowmerge.h - the sorted rows of several workers as one sorted stream. A row
 * is handed on when every worker has said that it will give none before it;
 * so what comes out does not depend on how many workers there were.
 */
#ifndef NJ_EVENT_ROWMERGE_H
#define NJ_EVENT_ROWMERGE_H

#include "engine/event/row.h"

/* One worker's rows. */
struct nj_row_input {
	void *ctx;
	/* The next row, in the contract's order and valid until the next call
	 * on this input; false: none now. */
	bool (*next)(void *ctx, struct nj_row *row);
	/* No row with order_ns before this will come any more. Asked before
	 * next; INT64_MAX: the worker has ended. */
	int64_t (*watermark)(void *ctx);
};

struct nj_rowmerge;
/* Copies the inputs. */
NJ_MUST_USE enum nj_err nj_rowmerge_create(struct nj_rowmerge **out,
	const struct nj_row_input *inputs, unsigned n);
void nj_rowmerge_destroy(struct nj_rowmerge **m);
/* Hands on all rows that are due. Gives true when every input has ended and
 * has nothing left. */
bool nj_rowmerge_step(struct nj_rowmerge *m,
	void (*fn)(void *ctx, const struct nj_row *row), void *ctx);

#endif
