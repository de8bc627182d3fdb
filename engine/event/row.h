/*
 * row.h - one event as bytes: what rings, spool, store and links carry.
 * Layout (little-endian): u32 length of the whole row, u32 type, then the
 * head, then fields as {u8 id, u8 wire type, value}. A reader skips ids that
 * it does not know, so old and new appliances mix. Not aligned.
 */
#ifndef NJ_EVENT_ROW_H
#define NJ_EVENT_ROW_H

#include "engine/event/event.h"

enum { NJ_ROW_BYTES_MAX = 256 * 1024 };

/* Writes the row of *ev (a struct of desc's type) to out. Gives its length,
 * or 0 when it does not fit in cap; vectors and strings are never cut. */
size_t nj_row_encode(uint8_t *out, size_t cap, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *ev);

/* What a row says of itself, read from bytes that may come from elsewhere.
 * Gives false unless the row is whole and its head sound. */
struct nj_row {
	const uint8_t *data;
	uint32_t len;
	uint32_t type;
	struct nj_head head;
	struct nj_view fields;
};
NJ_MUST_USE bool nj_row_parse(struct nj_row *out, struct nj_view bytes);

/* Appends the row as one JSON object without a line end. Unknown types give
 * "_path":"unknown_<hash>" and the head alone. */
void nj_row_json(struct nj_buf *out, const struct nj_row *row);

/* A place that rows go to: reserve gives room for n bytes or NULL (full; the
 * sink counts it), commit says how many were used. One thread. */
struct nj_sink {
	void *ctx;
	uint8_t *(*reserve)(void *ctx, size_t n);
	void (*commit)(void *ctx, size_t n);
	uint64_t rows, rows_full, rows_big; /* counted by nj_sink_put */
};

/* Encodes into the sink. False when the row was not kept (counted). */
bool nj_sink_put(struct nj_sink *sink, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *ev);

/* Rows of one worker sorted to the contract's order: order_ns, uid, type
 * name, then as they came. Rows wait until nj_order_release says that packet
 * time has passed them. */
struct nj_order;
NJ_MUST_USE enum nj_err nj_order_create(struct nj_order **out);
void nj_order_destroy(struct nj_order **o);
/* A sink that appends to the order. Borrows o. */
struct nj_sink nj_order_sink(struct nj_order *o);
/* Hands every row with order_ns < before_ns to fn, sorted. */
void nj_order_release(struct nj_order *o, int64_t before_ns,
	void (*fn)(void *ctx, struct nj_view row), void *ctx);
size_t nj_order_bytes(const struct nj_order *o);

#endif
