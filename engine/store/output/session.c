/*
 * session.c - speaking SQL with one of several ClickHouse servers.
 */
#include "engine/store/output/session.h"

#include <stdio.h>
#include <stdlib.h>

enum nj_err
nj_session_open(struct nj_session *s, const struct nj_clickhouse_conf *conf,
	atomic_bool *stop)
{
	*s = (struct nj_session){ .conf = conf };
	s->http_conf = (struct nj_http_conf){ .urls = conf->urls,
		.url_count = conf->url_count,
		.user = conf->user,
		.password = conf->password,
		.tls_verify = conf->tls_verify,
		.ca_file = conf->ca_file,
		.stop = stop };
	s->place = (struct nj_table_place){ .database = conf->database,
		.cluster = conf->cluster,
		.retention_days = conf->retention_days };
	return nj_http_create(&s->http, &s->http_conf);
}

void
nj_session_close(struct nj_session *s)
{
	nj_http_destroy(&s->http);
	nj_buf_free(&s->answer.text);
	nj_buf_free(&s->query);
	nj_buf_free(&s->sql);
}

bool
nj_session_ask(struct nj_session *s)
{
	struct nj_http_request r = { .body = { s->sql.data, s->sql.len } };

	nj_buf_reset(&s->query);
	/* Orders to a whole cluster wait for servers that are down. */
	nj_http_param(&s->query, "distributed_ddl_task_timeout", NJ_LIT("10"));
	r.query = (struct nj_view){ s->query.data, s->query.len };
	return nj_http_post(s->http, &r, &s->answer) == NJ_HTTP_DONE;
}

unsigned
nj_session_code(const struct nj_session *s)
{
	static const char word[] = "Code: ";
	struct nj_view text = { s->answer.text.data, s->answer.text.len };
	size_t at = nj_view_find(text, nj_str(word));
	unsigned code = 0;

	if (at == SIZE_MAX)
		return 0;
	for (at += sizeof(word) - 1; at < text.len; at++) {
		unsigned digit = text.data[at] - '0';

		if (digit > 9 || code > 100000)
			break;
		code = code * 10 + digit;
	}
	return code;
}

bool
nj_session_begin(struct nj_session *s)
{
	if (s->ready)
		return true;
	nj_buf_reset(&s->sql);
	nj_buf_str(&s->sql, "SELECT version()");
	if (!nj_session_ask(s))
		return false;
	s->place.dialect = nj_dialect_of(
		(struct nj_view){ s->answer.text.data, s->answer.text.len });
	s->ready = true;
	return true;
}

void
nj_session_leave(struct nj_session *s)
{
	s->ready = false;
	nj_http_next_server(s->http);
}

bool
nj_session_line(struct nj_view *left, struct nj_view *line)
{
	size_t end = nj_min(nj_view_chr(*left, '\n'), left->len);

	if (!left->len)
		return false;
	*line = nj_sub(*left, 0, end);
	*left = nj_sub(*left, nj_min(end + 1, left->len), left->len);
	return true;
}

/* A line "name<tab>type". */
static void
see_column(const struct nj_table *t, struct nj_view line,
	struct nj_session_columns *out)
{
	size_t tab = nj_view_chr(line, '\t');
	struct nj_view name = nj_sub(line, 0, nj_min(tab, line.len));

	for (unsigned i = 0; i < t->count; i++)
		if (nj_view_eq(name, nj_str(t->column[i].name)))
			out->have[i] = true;
	out->any = true;
	if (nj_view_eq(line, NJ_LIT("ts\tInt64")))
		out->plain_ts = true;
}

bool
nj_session_columns(struct nj_session *s, const struct nj_table *t,
	struct nj_session_columns *out)
{
	struct nj_view left, line;

	*out = (struct nj_session_columns){ .any = false };
	nj_buf_reset(&s->sql);
	nj_buf_str(&s->sql,
		"SELECT name, type FROM system.columns WHERE database = ");
	nj_sql_text(&s->sql, nj_str(s->place.database));
	nj_buf_str(&s->sql, " AND table = ");
	nj_sql_text(&s->sql, nj_str(t->desc->name));
	nj_buf_str(&s->sql, " FORMAT TabSeparated");
	if (!nj_session_ask(s))
		return false;
	left = (struct nj_view){ s->answer.text.data, s->answer.text.len };
	while (nj_session_line(&left, &line))
		see_column(t, line, out);
	return true;
}
