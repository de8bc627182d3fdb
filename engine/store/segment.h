/*
 * segment.h - up to 64 Ki rows of one log type as columns: what the store
 * keeps for good and what search reads.
 *
 * A segment is a header and parts. The header (segment directory) says type,
 * rows, time range, and for each column its kind, how many rows have it and
 * the least and greatest value. A part is a column's values or a column's
 * filter; each has a checksum of its own, and a reader asks for just those
 * that it needs. Rows are sorted by ts.
 *
 * Integers are packed (a constant, offsets from the least, differences, all
 * divided by what they have in common), strings and addresses have a sorted
 * dictionary and codes, vectors are counts and elements; zstd comes on top
 * where it gains. A filter tells that a value is certainly not in a column
 * (split block Bloom filter; Putze, Sanders, Singler 2007).
 *
 * The same reader serves segments in the store and rows that are not yet
 * sealed (built in memory), so there is one way to search.
 */
#ifndef NJ_STORE_SEGMENT_H
#define NJ_STORE_SEGMENT_H

#include "engine/base/buf.h"
#include "engine/event/row.h"
#include "engine/store/ids.h"

enum {
	NJ_SEGMENT_ROWS_MAX = 65536,
	NJ_SEGMENT_COLUMNS_MAX = NJ_COL_END,
	NJ_PART_FILTER = 0x80 /* part number of a column's filter: id | this */
};

/* ---- Writing ---- */
struct nj_seg_builder;
/* For rows of the type desc, which must be registered. */
NJ_MUST_USE enum nj_err nj_seg_builder_create(
	struct nj_seg_builder **out, const struct nj_event_desc *desc);
void nj_seg_builder_destroy(struct nj_seg_builder **b);
/* Takes over what the row says; the bytes may go. NJ_E_FULL: it has
 * NJ_SEGMENT_ROWS_MAX rows or its bytes' limit: finish first. NJ_E_FORMAT:
 * the row is broken or of another type; nothing was added. */
NJ_MUST_USE enum nj_err nj_seg_builder_add(
	struct nj_seg_builder *b, const struct nj_row *row);
uint32_t nj_seg_builder_rows(const struct nj_seg_builder *b);
/* Fields of rows that this build does not know: they are not kept. */
uint64_t nj_seg_builder_passed(const struct nj_seg_builder *b);

/* Where finished parts go: bytes are valid during the call. */
struct nj_seg_out {
	void *ctx;
	void (*part)(void *ctx, uint8_t part, struct nj_view bytes);
};
/* Sorts, encodes, hands out every part, appends the header to *header, and
 * begins anew with no rows. NJ_E_STATE: there are none; NJ_E_NOMEM: what was
 * handed out is not whole, and the rows are gone. */
NJ_MUST_USE enum nj_err nj_seg_builder_finish(struct nj_seg_builder *b,
	const struct nj_seg_out *out, struct nj_buf *header);

/* ---- The header ---- */
struct nj_seg_column {
	uint8_t id;        /* field id or NJ_COL_* */
	uint8_t type;      /* enum nj_type */
	bool filter;       /* has one */
	bool ranged;       /* min and max hold (numbers and times) */
	bool derived;      /* follows from the head: made when it is read */
	uint32_t present;  /* rows that have it */
	uint32_t distinct; /* of dictionaries; 0: not known */
	uint32_t bytes;    /* of its parts */
	union {
		uint64_t u;
		int64_t i;
		double f;
	} min, max;
};
struct nj_seg_header {
	uint32_t type; /* of the log */
	uint32_t rows;
	int64_t from_ns, to_ns; /* least and greatest ts */
	uint64_t bytes;         /* of all parts */
	uint16_t columns;
	struct nj_seg_column column[NJ_SEGMENT_COLUMNS_MAX];
};
/* Read from stored bytes; false unless they are whole and sound. */
NJ_MUST_USE bool nj_seg_header_parse(
	struct nj_seg_header *out, struct nj_view bytes);
/* NULL: the segment has no such column. */
const struct nj_seg_column *nj_seg_header_column(
	const struct nj_seg_header *h, uint8_t id);

/* ---- Reading ---- */
/* Where parts come from. get gives NJ_OK and a view that stays until let_go,
 * NJ_E_NOENT, or NJ_E_FORMAT. */
struct nj_seg_source {
	void *ctx;
	enum nj_err (*get)(
		void *ctx, uint8_t part, struct nj_view *out, void **held);
	void (*let_go)(void *held);
};

/* A column, decoded. Rows without a value hold 0 and a clear bit. */
struct nj_column {
	uint8_t id, type;
	uint32_t rows;
	const uint64_t *present; /* bit i: row i has it; NULL: all have it */
	/* Vectors: row i has elements first[i] to first[i + 1]; else NULL. */
	const uint32_t *first;
	uint32_t n; /* values or elements: rows, where it is no vector */
	/* BOOL to U64: values. I64, TIME, IVAL: two's complement. F64: bits.
	 * MAC columns: 48 bits. NULL for dictionaries. */
	const uint64_t *u;
	/* STR, ADDR and their vectors: a code each, and the dictionary, whose
	 * values are sorted by their bytes (addresses as 4 or 16 bytes). */
	const uint32_t *code;
	struct nj_dict {
		uint32_t n;
		const uint32_t *at; /* n + 1 places in bytes */
		const uint8_t *bytes;
	} dict;
	/* NJ_COL_UID: 96 bits of each row, high 64 in u, low 32 in code. */
};
static inline struct nj_view
nj_dict_get(const struct nj_dict *d, uint32_t code)
{
	return (struct nj_view){ d->bytes + d->at[code],
		d->at[code + 1] - d->at[code] };
}

/* A row's uid as heads have it, and a uid as filters know it. */
static inline void
nj_seg_uid(const struct nj_column *c, uint32_t row, uint64_t uid[2])
{
	uid[0] = c->u[row];
	uid[1] = c->code[row];
}
enum { NJ_SEG_UID_KEY = 12 };
static inline void
nj_seg_uid_key(const uint64_t uid[2], uint8_t out[NJ_SEG_UID_KEY])
{
	uint32_t low = (uint32_t)uid[1];

	memcpy(out, &uid[0], sizeof(uid[0]));
	memcpy(out + sizeof(uid[0]), &low, sizeof(low));
}

/* Memory of a reader: decoded columns lie in it until it is reset. One thread
 * at a time. Bounded: NJ_E_FULL from the reader when a column needs more. */
struct nj_seg_arena;
NJ_MUST_USE enum nj_err nj_seg_arena_create(
	struct nj_seg_arena **out, size_t bytes_max);
void nj_seg_arena_destroy(struct nj_seg_arena **a);
void nj_seg_arena_reset(struct nj_seg_arena *a);

/* Decodes one column. NJ_E_NOENT: the segment has none. NJ_E_FORMAT: its
 * bytes are corrupt (checksum or shape): nothing of it is given. */
NJ_MUST_USE enum nj_err nj_segment_column(struct nj_column *out,
	const struct nj_seg_header *h, const struct nj_seg_source *from,
	uint8_t id, struct nj_seg_arena *arena);
/* Could the column hold this value: bytes of a string or address, a uid's key
 * (below), 8 little-endian bytes of a number? Strings without regard to the
 * case of ASCII letters. True when there is no filter, or it cannot be read. */
bool nj_segment_may_hold(const struct nj_seg_header *h,
	const struct nj_seg_source *from, uint8_t id, struct nj_view value);

/* Rows as they were: appends rows[0..n) (indexes in the segment, any order)
 * to out, one after the other in row encoding; order_ns is ts. Reads all
 * columns once. NJ_E_RANGE: the segment has no such row. */
struct nj_seg_pick {
	const uint32_t *rows;
	uint32_t n;
};
NJ_MUST_USE enum nj_err nj_segment_rows(struct nj_buf *out,
	const struct nj_seg_header *h, const struct nj_seg_source *from,
	struct nj_seg_pick pick, struct nj_seg_arena *arena);

#endif
