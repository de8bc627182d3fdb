/*
 * table.h - a log type as a table of ClickHouse: its columns, how they are
 * declared, and rows to and from its binary format (RowBinary).
 *
 * A field a.b is the column a_b, as ClickHouse takes x.y for a nested one.
 * What is not in a record is NULL; vectors, which cannot be NULL, have a bit
 * in _has. Addresses are there twice: as text, for people and for tests of
 * text, and as 16 bytes in NAME__ip (IPv4 as ::ffff:a.b.c.d), for networks.
 *
 * There are two dialects: base for servers as old as 18.16, current for those
 * of 22.3 and later. Both have the same columns and the same binary format.
 */
#ifndef NJ_STORE_OUTPUT_TABLE_H
#define NJ_STORE_OUTPUT_TABLE_H

#include "engine/event/row.h"
#include "engine/store/ids.h"

enum {
	/* Columns that only tables have follow on those of ids.h. */
	NJ_TCOL_DAY = NJ_COL_END, /* of ts; names the partition */
	NJ_TCOL_ORDER,            /* order_ns of the head */
	NJ_TCOL_SOURCE,           /* number of the appliance's store */
	NJ_TCOL_BLOCK,            /* last block of the batch */
	NJ_TCOL_HAS,              /* bit of each vector that is there */
	NJ_TABLE_COLUMNS_MAX = 24 + 2 * (NJ_EVENT_ID_MAX + 1),
	NJ_TABLE_NAME = 64
};

enum nj_dialect { NJ_DIALECT_BASE, NJ_DIALECT_CURRENT };
/* Of what `SELECT version()` says. */
enum nj_dialect nj_dialect_of(struct nj_view version);

struct nj_table_column {
	char name[NJ_TABLE_NAME];
	uint8_t id;   /* of a field, NJ_COL_* or NJ_TCOL_* */
	uint8_t type; /* enum nj_type */
	bool ip;      /* the bytes of an address, whose text came before */
	bool null;    /* may be NULL */
	bool answer;  /* asked for in searches */
	const struct nj_field *field; /* NULL: of the head */
	const char *sql[2];           /* its type in each dialect */
	const char *codec;            /* current dialect; "" if the usual */
};
struct nj_table {
	const struct nj_event_desc *desc;
	unsigned count;
	struct nj_table_column column[NJ_TABLE_COLUMNS_MAX];
};
void nj_table_make(struct nj_table *out, const struct nj_event_desc *desc);
/* The column of an id (not its bytes of an address); NULL: none. */
const struct nj_table_column *nj_table_find(
	const struct nj_table *t, uint8_t id);

/* ---- SQL ---- */
/* `name` */
void nj_sql_name(struct nj_buf *out, const char *name);
/* 'text', whatever bytes it has. */
void nj_sql_text(struct nj_buf *out, struct nj_view text);

struct nj_table_place {
	enum nj_dialect dialect;
	const char *database;
	const char *cluster;     /* "": the server stands alone */
	unsigned retention_days; /* 0: for ever */
};
/* `database`.`table` */
void nj_table_name(struct nj_buf *out, const struct nj_table *t,
	const struct nj_table_place *place);
void nj_table_create(struct nj_buf *out, const struct nj_table *t,
	const struct nj_table_place *place);
void nj_table_add_column(struct nj_buf *out, const struct nj_table *t,
	const struct nj_table_column *c, const struct nj_table_place *place);
/* "TTL ... " or nothing, as CREATE TABLE and MODIFY have it. */
void nj_table_ttl(struct nj_buf *out, const struct nj_table_place *place);
/* INSERT of all columns in RowBinary. */
void nj_table_insert(struct nj_buf *out, const struct nj_table *t,
	const struct nj_table_place *place);

/* ---- Rows ---- */
struct nj_table_origin {
	uint64_t source, block;
};
/* Appends a row of the table's type, all columns. */
void nj_table_encode(struct nj_buf *out, const struct nj_table *t,
	const struct nj_row *row, const struct nj_table_origin *origin);

/* Answers in RowBinary come in pieces. Columns whose bit is not in have were
 * not asked for, as the server does not know them yet. */
struct nj_table_reader {
	const struct nj_table *table;
	const bool *have;    /* of each column; NULL: all answer columns */
	struct nj_buf bytes; /* not yet read, from at */
	size_t at;
	struct nj_buf row, scratch;
};
void nj_table_feed(struct nj_table_reader *r, struct nj_view bytes);
/* The next whole row, which stays until the next call. False: more bytes are
 * needed; *bad is set when no bytes could help. */
bool nj_table_read(struct nj_table_reader *r, struct nj_row *out, bool *bad);
void nj_table_reader_free(struct nj_table_reader *r);

#endif
