/*
 * builder_priv.h - rows of one log type taken apart: for each column an array
 * with a place for every row, in the order of their coming.
 */
#ifndef NJ_STORE_BUILDER_PRIV_H
#define NJ_STORE_BUILDER_PRIV_H

#include "engine/store/segment_priv.h"

struct nj_build_column {
	uint8_t id, type;
	enum nj_seg_kind kind;
	bool used; /* since the last finish */
	/* Numbers, high halves of uids; of vectors, where a row's elements
	 * begin; of a derived community id, its hash. */
	uint64_t *u;
	/* Codes by coming, low parts of uids; of vectors, how many elements. */
	uint32_t *code;
	struct nj_intern dict;
	/* Elements of vectors: numbers, or codes. */
	uint64_t *elem_u;
	uint32_t *elem_code;
	uint32_t elems, elems_cap;
};

struct nj_seg_builder {
	const struct nj_event_desc *desc;
	uint32_t type;
	uint32_t rows, cap; /* places in every array that there is */
	uint32_t elems;     /* of all vectors */
	size_t bytes;       /* of the rows */
	uint64_t passed;
	uint64_t seed[2];
	/* Of each row: a bit for each field, and for each NJ_COL_*. */
	uint64_t *seen;
	uint16_t *head_seen;
	uint8_t community; /* field id; 0: none */
	bool derived;      /* all of its values so far follow from heads */
	struct nj_coder coder;
	struct nj_build_column column[NJ_COL_END];
	/* Of finish: rows by ts, and what a column's values become. */
	uint32_t *order;
	struct nj_buf sort, work, hashes;
};

/* A row's head as far as columns have it. */
void nj_build_head(
	const struct nj_seg_builder *b, uint32_t row, struct nj_head *head);

#endif
