/*
 * sql.h - a bound query as a condition of ClickHouse's SQL.
 *
 * Where a server might see a value otherwise than the evaluator of our own
 * store does (bytes that are no UTF-8 under a regular expression, say), the
 * condition lets the value through whichever way it goes, and exact is false:
 * who asks tests the rows again, so that answers are the same.
 */
#ifndef NJ_STORE_OUTPUT_SQL_H
#define NJ_STORE_OUTPUT_SQL_H

#include "engine/store/output/session.h"
#include "engine/store/query/query.h"

struct nj_sql_ask {
	const struct nj_bound *bound;
	const struct nj_bound_type *type; /* of bound */
	const struct nj_table *table;     /* of type */
	const struct nj_session_columns *columns;
	int64_t from_ns, to_ns; /* ts, to not included */
	uint64_t rows_max;      /* 0: all */
	bool no_regexes; /* the server does not take ours: let all through */
};
/* SELECT of the answer columns, newest first, limited if the condition is
 * exact. */
void nj_sql_select(struct nj_buf *out, const struct nj_sql_ask *ask,
	const struct nj_table_place *place, bool *exact);
/* The condition alone. */
void nj_sql_where(
	struct nj_buf *out, const struct nj_sql_ask *ask, bool *exact);

#endif
