/*
 * asking.c - searches in ClickHouse: each log type's table is asked, newest
 * rows first, and the answers are put together. With a limit, a table is only
 * asked for what could still be among the newest.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/store/output/sql.h"

/* What answers may take of our memory. */
enum { ANSWER_BYTES_MAX = 256 << 20 };

struct found {
	int64_t ts_ns;
	size_t at;
	uint32_t len;
	uint32_t number; /* as they came */
};

struct search {
	struct nj_session s;
	const struct nj_clickhouse_question *q;
	struct nj_clickhouse_stamp *stamp;
	struct nj_table table;
	struct nj_session_columns columns;
	struct nj_table_reader reader;
	struct nj_buf bytes; /* rows found */
	struct found *found;
	size_t count, room;
	size_t first; /* of the table being asked */
	bool enough;  /* of this table */
	bool bad;     /* the answer is none */
};

/* ---- What is found ---- */

static bool
keep(struct search *x, const struct nj_row *row)
{
	struct found *more;

	if (x->count == x->room) {
		x->room = x->room ? x->room * 2 : 1024;
		more = realloc(x->found, x->room * sizeof(*more));
		if (!more)
			return false;
		x->found = more;
	}
	x->found[x->count] = (struct found){ row->head.ts_ns, x->bytes.len,
		row->len, (uint32_t)x->count };
	x->count++;
	nj_buf_put(&x->bytes, row->data, row->len);
	return !x->bytes.bad;
}

static int
newer(const void *a, const void *b)
{
	const struct found *p = a, *q = b;

	if (p->ts_ns != q->ts_ns)
		return p->ts_ns > q->ts_ns ? -1 : 1;
	return (p->number > q->number) - (p->number < q->number);
}

/* Only the newest that are wanted. */
static void
sort(struct search *x)
{
	if (x->count)
		qsort(x->found, x->count, sizeof(*x->found), newer);
	if (x->q->rows_max && x->count > x->q->rows_max) {
		x->count = x->q->rows_max;
		x->stamp->limited = true;
	}
}

/* ---- One table ---- */

static bool
on_data(void *ctx, struct nj_view bytes)
{
	struct search *x = ctx;
	struct nj_row row;

	nj_table_feed(&x->reader, bytes);
	while (!x->enough && nj_table_read(&x->reader, &row, &x->bad)) {
		x->stamp->rows++;
		if (!nj_bound_match(x->q->query, &row))
			continue;
		if (x->bytes.len > ANSWER_BYTES_MAX || !keep(x, &row)) {
			x->stamp->limited = true;
			x->enough = true;
		}
		if (x->q->rows_max && x->count - x->first > x->q->rows_max)
			x->enough = true;
	}
	return !x->enough && !x->bad;
}

/* What a try has left is taken back. */
static void
forget(struct search *x, size_t count, size_t bytes)
{
	x->count = count;
	x->bytes.len = bytes;
	x->bytes.bad = false;
	x->first = count;
	x->enough = x->bad = false;
	nj_buf_reset(&x->reader.bytes);
	x->reader.at = 0;
}

static enum nj_http_outcome
post(struct search *x, const struct nj_sql_ask *ask)
{
	struct nj_http_request request = { .data = on_data, .ctx = x };
	bool exact;

	nj_buf_reset(&x->s.sql);
	nj_sql_select(&x->s.sql, ask, &x->s.place, &exact);
	nj_buf_reset(&x->s.query);
	/* So that an error in the middle is an error and not part of rows. */
	nj_http_param(&x->s.query, "wait_end_of_query", NJ_LIT("1"));
	request.query = (struct nj_view){ x->s.query.data, x->s.query.len };
	request.body = (struct nj_view){ x->s.sql.data, x->s.sql.len };
	return nj_http_post(x->s.http, &request, &x->s.answer);
}

/* False: this server cannot answer. */
static bool
ask_table(struct search *x, struct nj_sql_ask *ask)
{
	size_t count = x->count, bytes = x->bytes.len;
	enum nj_http_outcome outcome;

	if (!nj_session_begin(&x->s) ||
		!nj_session_columns(&x->s, &x->table, &x->columns))
		return false;
	if (!x->columns.any)
		return true; /* no such record was ever sent */
	forget(x, count, bytes);
	x->reader.table = &x->table;
	x->reader.have = x->columns.have;
	outcome = post(x, ask);
	if (outcome == NJ_HTTP_REFUSED && !ask->no_regexes &&
		nj_session_code(&x->s) == NJ_CH_BAD_REGEX) {
		ask->no_regexes = true;
		forget(x, count, bytes);
		outcome = post(x, ask);
	}
	x->bad |=
		outcome == NJ_HTTP_DONE && x->reader.at != x->reader.bytes.len;
	if (outcome == NJ_HTTP_DONE || x->enough || x->bad)
		return true;
	forget(x, count, bytes);
	return false;
}

static bool
is_cancelled(const struct search *x)
{
	return x->q->cancel && atomic_load(x->q->cancel);
}

static enum nj_err
search_type(struct search *x, const struct nj_bound_type *type)
{
	struct nj_sql_ask ask = { .bound = x->q->query,
		.type = type,
		.table = &x->table,
		.columns = &x->columns,
		.from_ns = x->q->from_ns,
		.to_ns = x->q->to_ns,
		/* One more tells whether there are more. */
		.rows_max = x->q->rows_max ? x->q->rows_max + 1 : 0 };
	unsigned tries = x->s.conf->url_count;

	sort(x);
	if (x->q->rows_max && x->count == x->q->rows_max)
		ask.from_ns = nj_max(ask.from_ns, x->found[x->count - 1].ts_ns);
	nj_table_make(&x->table, type->desc);
	x->stamp->tables++;
	while (!is_cancelled(x) && !ask_table(x, &ask)) {
		if (!--tries) {
			(void)snprintf(x->stamp->why, sizeof(x->stamp->why),
				"%s", x->s.answer.why);
			return NJ_E_IO;
		}
		nj_session_leave(&x->s);
	}
	if (is_cancelled(x))
		return NJ_E_STATE;
	return x->bad ? NJ_E_FORMAT : NJ_OK;
}

/* ---- All of them ---- */

static void
give(struct search *x, bool (*fn)(void *, const struct nj_row *), void *ctx)
{
	struct nj_row row;
	bool whole;

	sort(x);
	for (size_t i = 0; i < x->count; i++) {
		whole = nj_row_parse(
			&row, (struct nj_view){ x->bytes.data + x->found[i].at,
				      x->found[i].len });
		NJ_ASSERT(whole);
		x->stamp->matched++;
		if (!fn(ctx, &row))
			break;
	}
}

enum nj_err
nj_clickhouse_search(const struct nj_clickhouse_conf *conf,
	const struct nj_clickhouse_question *question,
	bool (*fn)(void *ctx, const struct nj_row *row), void *ctx,
	struct nj_clickhouse_stamp *stamp)
{
	struct search *x = calloc(1, sizeof(*x));
	enum nj_err err;

	*stamp = (struct nj_clickhouse_stamp){ .limited = false };
	if (!x)
		return NJ_E_NOMEM;
	x->q = question;
	x->stamp = stamp;
	err = nj_session_open(&x->s, conf, question->cancel);
	for (unsigned i = 0; !err && i < question->query->count; i++)
		err = search_type(x, &question->query->types[i]);
	if (!err)
		give(x, fn, ctx);
	nj_session_close(&x->s);
	nj_table_reader_free(&x->reader);
	nj_buf_free(&x->bytes);
	free(x->found);
	free(x);
	return err;
}
