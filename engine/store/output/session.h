/*
 * session.h - speaking SQL with one of several ClickHouse servers; what
 * writing and searching share.
 */
#ifndef NJ_STORE_OUTPUT_SESSION_H
#define NJ_STORE_OUTPUT_SESSION_H

#include "engine/store/output/clickhouse.h"

/* Codes of ClickHouse's errors that we know what to do about. */
enum {
	NJ_CH_NO_TABLE = 60,
	NJ_CH_COLUMN_EXISTS = 44,
	NJ_CH_TIMEOUT = 159,
	NJ_CH_BAD_REGEX = 427
};

struct nj_session {
	const struct nj_clickhouse_conf *conf;
	struct nj_http_conf http_conf;
	struct nj_http *http;
	struct nj_table_place place; /* dialect: of the server spoken to */
	bool ready;                  /* its version is known */
	struct nj_http_answer answer;
	struct nj_buf query, sql; /* of requests; room to reuse */
};

/* In place: it is pointed into. stop may be NULL. */
NJ_MUST_USE enum nj_err nj_session_open(struct nj_session *s,
	const struct nj_clickhouse_conf *conf, atomic_bool *stop);
void nj_session_close(struct nj_session *s);

/* Asks the server's version, unless it is known. False: answer.why. */
NJ_MUST_USE bool nj_session_begin(struct nj_session *s);
/* On to the next server. */
void nj_session_leave(struct nj_session *s);

/* Sends what s->sql holds; the answer is in s->answer. */
NJ_MUST_USE bool nj_session_ask(struct nj_session *s);
/* The code of the error that the server answered with; 0: none. */
unsigned nj_session_code(const struct nj_session *s);

/* Takes the first line off *left; false when there is none. */
bool nj_session_line(struct nj_view *left, struct nj_view *line);

/* The server's columns of a table: those it has are set in have. *any is
 * false when it has no such table; *plain_ts when ts is a number there, as in
 * the base dialect. */
struct nj_session_columns {
	bool have[NJ_TABLE_COLUMNS_MAX];
	bool any, plain_ts;
};
NJ_MUST_USE bool nj_session_columns(struct nj_session *s,
	const struct nj_table *t, struct nj_session_columns *out);

#endif
