/*
 * clickhouse.h - ClickHouse as a place that records go to, and that searches
 * can be asked of: one table a log type (table.h), made and kept by us, HTTP
 * to any of several replicas.
 *
 * Each batch becomes one block a table. A retried block has the same bytes,
 * and no two blocks have, as each row says which batch of which appliance it
 * came in: so replicated tables, which know their last blocks by their
 * hashes, keep it once.
 */
#ifndef NJ_STORE_OUTPUT_CLICKHOUSE_H
#define NJ_STORE_OUTPUT_CLICKHOUSE_H

#include "engine/store/output/http.h"
#include "engine/store/output/output.h"
#include "engine/store/output/table.h"
#include "engine/store/query/query.h"

struct nj_clickhouse_conf {
	const char *const *urls;
	unsigned url_count;
	const char *database;
	const char *cluster; /* "": no replicas */
	const char *user, *password;
	bool tls_verify;
	const char *ca_file;     /* "": the system's */
	unsigned retention_days; /* 0: for ever */
};

/* For nj_output_start. Borrows conf. Gives *self. */
extern const struct nj_output_kind nj_clickhouse_kind;
NJ_MUST_USE enum nj_err nj_clickhouse_create(
	void **self, const struct nj_clickhouse_conf *conf);

/* ---- Searching ---- */
struct nj_clickhouse_question {
	const struct nj_bound *query;
	int64_t from_ns, to_ns; /* ts, to not included */
	uint64_t rows_max;      /* 0: all that memory is allowed for */
	atomic_bool *cancel;    /* may be NULL */
};
struct nj_clickhouse_stamp {
	uint64_t tables;         /* asked */
	uint64_t rows;           /* that the servers gave */
	uint64_t matched;        /* given on */
	bool limited;            /* there may be more */
	char why[NJ_OUTPUT_WHY]; /* of a failure */
};
/* Rows that match, newest ts first, as nj_search_rows gives them from the
 * store: each is tested by nj_bound_match once more, so that both mean the
 * same. fn borrows row; false ends the search. Uses conf's urls one after the
 * other until one answers. NJ_E_IO: none did, NJ_E_FORMAT: what came is no
 * answer, NJ_E_STATE: cancelled; stamp->why says more. */
NJ_MUST_USE enum nj_err nj_clickhouse_search(
	const struct nj_clickhouse_conf *conf,
	const struct nj_clickhouse_question *question,
	bool (*fn)(void *ctx, const struct nj_row *row), void *ctx,
	struct nj_clickhouse_stamp *stamp);

#endif
