/*
 * row.h - one event as bytes: what rings, spool, store and links carry.
 * A reader skips what it does not know, so old and new appliances mix.
 *
 * Layout, little-endian, not aligned:
 *
 *	 0 u32 length of the whole row	 4 u32 type
 *	 8 i64 order_ns			16 i64 ts_ns
 *	24 u64 uid[2]			40 u16 orig_p, resp_p
 *	44 u8  families: orig | resp << 4
 *	45 u8  where the fields begin
 *	46 orig's bytes (0, 4 or 16), resp's bytes
 *	   u8 IP protocol, u16 vlan, u16 inner vlan: as far as they are known
 *	   fields: u8 id, u8 type | form << 4, value
 *
 * Forms 0 to 8 say that the value has that many bytes, 9 that it has 16; 10,
 * 11 and 12 that a u8, u16 or u32 with its length comes first. So a reader
 * can step over types that it has never heard of. Integers drop their leading
 * zero bytes; signed ones are folded first (0, -1, 1, -2 ... to 0, 1, 2, 3).
 * Vectors are their elements: LEB128 numbers (folded for VIVAL), strings and
 * addresses after a LEB128 length.
 */
#ifndef NJ_EVENT_ROW_H
#define NJ_EVENT_ROW_H

#include "engine/event/event.h"

enum { NJ_ROW_BYTES_MAX = 256 * 1024 };

/* Writes the row of *ev (a struct of desc's type) to out. desc must be
 * registered. Gives its length,
 * or 0 when it does not fit in cap; vectors and strings are never cut. */
size_t nj_row_encode(uint8_t *out, size_t cap, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *ev);

/* A row written field by field, by those who have no struct of its type. A
 * value is of the field's C type, as it stands in such a struct; fields go in
 * the order of the type's table, and what is unset is left out. end gives the
 * row's length, or 0 when it did not fit in cap. */
struct nj_row_writer {
	uint8_t *start, *at, *end; /* at NULL: it did not fit */
};
void nj_row_begin(struct nj_row_writer *w, uint8_t *out, size_t cap,
	uint32_t type, const struct nj_head *head);
void nj_row_put(
	struct nj_row_writer *w, const struct nj_field *f, const void *value);
size_t nj_row_end(struct nj_row_writer *w);

/* What a row says of itself, read from bytes that may come from elsewhere.
 * Gives false unless the row is whole and its head sound. */
struct nj_row {
	const uint8_t *data;
	uint32_t len;
	uint32_t type;
	struct nj_head head;
	struct nj_view fields;
	/* Of a row that came from a lane of lanes.h; else 0. */
	uint32_t lane;
	uint64_t position;
};
NJ_MUST_USE bool nj_row_parse(struct nj_row *out, struct nj_view bytes);
/* Gives a row that is known to be whole other times and another uid. */
void nj_row_stamp(
	uint8_t *row, int64_t order_ns, int64_t ts_ns, const uint64_t uid[2]);
/* The type of a row that is known to be whole. */
uint32_t nj_row_type(struct nj_view row);

/* Appends the row as one JSON object without a line end. Unknown types give
 * "_path":"unknown_<hash>" and the head alone. */
void nj_row_json(struct nj_buf *out, const struct nj_row *row);

/* One value of a row, by its type: BOOL to U64 u, I64, TIME and IVAL i, F64 f,
 * STR bytes, ADDR addr; vectors keep their elements in bytes for
 * nj_row_elem. Borrows the row. */
struct nj_row_field {
	const struct nj_field *field;
	uint8_t id, type;
	uint64_t u;
	int64_t i;
	double f;
	struct nj_view bytes;
	struct nj_addr addr;
};
/* Walks a row's fields in the order they were written. Each id comes once;
 * unknown ids and values not of the field's type are passed over. */
struct nj_row_iter {
	const struct nj_event_known *known;
	const uint8_t *at, *end;
	uint64_t seen;   /* bit of each id that was given */
	uint32_t passed; /* fields passed over so far */
	bool bad;        /* the bytes were broken; the walk ended there */
};
void nj_row_iter_init(struct nj_row_iter *it, const struct nj_row *row);
bool nj_row_next(struct nj_row_iter *it, struct nj_row_field *f);
/* Takes the next element out of the vector vec to *elem (type STR, U64, IVAL
 * or ADDR); false at the end, or where the bytes are broken. */
bool nj_row_elem(struct nj_row_field *vec, struct nj_row_field *elem);

/* Appends a number, time, truth value or address as nj_row_json writes it.
 * Takes of *f the type, and u, i, f or addr as that says. */
void nj_row_value_json(struct nj_buf *out, const struct nj_row_field *f);

/* A place that rows go to: reserve gives room for n bytes or NULL (full; the
 * sink counts it), commit says how many were used. One thread. */
struct nj_sink {
	void *ctx;
	uint8_t *(*reserve)(void *ctx, size_t n);
	void (*commit)(void *ctx, size_t n);
	uint64_t rows, rows_full, rows_big; /* counted by nj_sink_put */
	/* Told of every row that nj_sink_put did not keep; may be NULL. */
	void (*refused)(void *ctx, uint32_t type);
	void *refused_ctx;
};

/* Encodes into the sink. desc must be registered. False when the row was not
 * kept (counted). */
bool nj_sink_put(struct nj_sink *sink, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *ev);

enum { NJ_ORDER_BYTES_MAX = 1 << 30 };
/* Rows of one worker sorted to the contract's order: order_ns, uid, type
 * name, then as they came. Rows wait until nj_order_release says that packet
 * time has passed them. */
struct nj_order;
NJ_MUST_USE enum nj_err nj_order_create(struct nj_order **out);
void nj_order_destroy(struct nj_order **o);
/* A sink that appends to the order. It is full when NJ_ORDER_BYTES_MAX are
 * waiting. Borrows o. */
struct nj_sink nj_order_sink(struct nj_order *o);
/* Hands every row with order_ns < before_ns to fn, sorted. A row may come
 * later than a release that it should have been part of: it goes out, sorted,
 * with the next one. fn must not put rows. */
void nj_order_release(struct nj_order *o, int64_t before_ns,
	void (*fn)(void *ctx, struct nj_view row), void *ctx);
/* Bytes of the rows that wait. */
size_t nj_order_bytes(const struct nj_order *o);

#endif
