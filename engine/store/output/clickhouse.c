/*
 * clickhouse.c - batches into ClickHouse: tables are made when the first of
 * their rows comes, get new columns when there are new fields, and lose whole
 * days when those are old enough.
 */
#include "engine/store/output/clickhouse.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/date.h"
#include "engine/base/hash.h"
#include "engine/store/output/session.h"

/* Old days are looked for as often. */
#define RETENTION_NS (3600 * NJ_NS_PER_S)

struct known_table {
	struct nj_table *table;
	bool ready; /* the server spoken to has it, with all its columns */
};

struct clickhouse {
	struct nj_session s;
	atomic_bool stop;
	struct known_table tables[NJ_EVENT_TYPES_MAX];
	unsigned table_count;
	bool database; /* the server spoken to has it */
	struct nj_buf body;
	uint64_t batch; /* whose first groups have arrived */
	unsigned groups;
	int64_t retention_ns; /* last look */
};

enum nj_err
nj_clickhouse_create(void **self, const struct nj_clickhouse_conf *conf)
{
	struct clickhouse *ch = calloc(1, sizeof(*ch));
	enum nj_err err;

	*self = NULL;
	if (!ch)
		return NJ_E_NOMEM;
	err = nj_session_open(&ch->s, conf, &ch->stop);
	if (err)
		free(ch);
	else
		*self = ch;
	return err;
}

static void
clickhouse_destroy(void *self)
{
	struct clickhouse *ch = self;

	nj_session_close(&ch->s);
	nj_buf_free(&ch->body);
	for (unsigned i = 0; i < ch->table_count; i++)
		free(ch->tables[i].table);
	free(ch);
}

/* ---- Tables ---- */

/* Another server may lack what the last one had. */
static void
leave(struct clickhouse *ch)
{
	nj_session_leave(&ch->s);
	ch->database = false;
	for (unsigned i = 0; i < ch->table_count; i++)
		ch->tables[i].ready = false;
}

/* NULL: no memory. */
static struct known_table *
known_table(struct clickhouse *ch, const struct nj_event_desc *desc)
{
	struct known_table *k;

	for (unsigned i = 0; i < ch->table_count; i++)
		if (ch->tables[i].table->desc == desc)
			return &ch->tables[i];
	if (ch->table_count == NJ_EVENT_TYPES_MAX)
		return NULL;
	k = &ch->tables[ch->table_count];
	k->table = malloc(sizeof(*k->table));
	if (!k->table)
		return NULL;
	nj_table_make(k->table, desc);
	ch->table_count++;
	return k;
}

/* An order to the whole cluster is carried out by servers that are down when
 * they are up again: that not all have done it yet is no failure. */
static bool
order(struct clickhouse *ch)
{
	return nj_session_ask(&ch->s) ||
	       nj_session_code(&ch->s) == NJ_CH_TIMEOUT;
}

static bool
make_database(struct clickhouse *ch)
{
	struct nj_session *s = &ch->s;

	if (ch->database)
		return true;
	nj_buf_reset(&s->sql);
	nj_buf_str(
		&s->sql, "SELECT count() FROM system.databases WHERE name = ");
	nj_sql_text(&s->sql, nj_str(s->place.database));
	if (!nj_session_ask(s))
		return false;
	ch->database = s->answer.text.len && s->answer.text.data[0] != '0';
	if (ch->database)
		return true;
	nj_buf_reset(&s->sql);
	nj_buf_str(&s->sql, "CREATE DATABASE IF NOT EXISTS ");
	nj_sql_name(&s->sql, s->place.database);
	if (s->place.cluster[0]) {
		nj_buf_str(&s->sql, " ON CLUSTER ");
		nj_sql_name(&s->sql, s->place.cluster);
	}
	ch->database = order(ch);
	return ch->database;
}

static bool
add_columns(struct clickhouse *ch, const struct nj_table *t,
	const struct nj_session_columns *columns)
{
	struct nj_session *s = &ch->s;
	struct nj_table_place place = s->place;

	if (columns->plain_ts)
		place.dialect = NJ_DIALECT_BASE;
	for (unsigned i = 0; i < t->count; i++) {
		if (columns->have[i])
			continue;
		nj_buf_reset(&s->sql);
		nj_table_add_column(&s->sql, t, &t->column[i], &place);
		/* Another appliance may have been faster. */
		if (!order(ch) && nj_session_code(s) != NJ_CH_COLUMN_EXISTS)
			return false;
	}
	return true;
}

/* A table that was made with another retention gets the present one. */
static bool
keep_ttl(struct clickhouse *ch, const struct nj_table *t)
{
	struct nj_session *s = &ch->s;
	struct nj_buf ttl = { 0 };
	bool same;

	if (s->place.dialect == NJ_DIALECT_BASE)
		return true;
	nj_buf_reset(&s->sql);
	nj_buf_str(&s->sql,
		"SELECT engine_full FROM system.tables WHERE database = ");
	nj_sql_text(&s->sql, nj_str(s->place.database));
	nj_buf_str(&s->sql, " AND name = ");
	nj_sql_text(&s->sql, nj_str(t->desc->name));
	nj_buf_str(&s->sql, " FORMAT TSVRaw");
	if (!nj_session_ask(s))
		return false;
	if (s->place.retention_days)
		nj_buf_printf(
			&ttl, "toIntervalDay(%u)", s->place.retention_days);
	else
		nj_buf_str(&ttl, " TTL ");
	same = nj_view_find((struct nj_view){ s->answer.text.data,
				    s->answer.text.len },
		       (struct nj_view){ ttl.data, ttl.len }) != SIZE_MAX;
	nj_buf_free(&ttl);
	if (same == (s->place.retention_days != 0))
		return true;
	nj_buf_reset(&s->sql);
	nj_buf_str(&s->sql, "ALTER TABLE ");
	nj_table_name(&s->sql, t, &s->place);
	nj_buf_str(
		&s->sql, s->place.retention_days ? " MODIFY" : " REMOVE TTL");
	nj_table_ttl(&s->sql, &s->place);
	return order(ch);
}

static bool
make_table(struct clickhouse *ch, struct known_table *k)
{
	struct nj_session *s = &ch->s;
	struct nj_session_columns columns;

	if (k->ready)
		return true;
	if (!make_database(ch) || !nj_session_columns(s, k->table, &columns))
		return false;
	if (!columns.any) {
		nj_buf_reset(&s->sql);
		nj_table_create(&s->sql, k->table, &s->place);
		if (!order(ch) || !nj_session_columns(s, k->table, &columns))
			return false;
	}
	k->ready = add_columns(ch, k->table, &columns) &&
		   (columns.plain_ts || keep_ttl(ch, k->table));
	return k->ready;
}

/* ---- Rows ---- */

/* What a current server knows a block by. The rows' hash is part of it: when
 * a store is made anew, its numbers begin anew. */
static void
put_token(struct clickhouse *ch, const struct nj_output_job *job,
	const struct nj_table *t)
{
	static const struct nj_hash_key key = { 1, 2 };
	char text[128];
	int n = snprintf(text, sizeof(text),
		"%016" PRIx64 "-%" PRIu64 "-%08x-%016" PRIx64, job->source,
		job->batch->last, (unsigned)nj_event_type(t->desc),
		nj_hash64(&key, ch->body.data, ch->body.len));

	nj_http_param(&ch->s.query, "insert_deduplication_token",
		(struct nj_view){ (uint8_t *)text, (size_t)n });
}

static void
put_settings(struct clickhouse *ch, const struct nj_output_job *job,
	const struct nj_table *t)
{
	struct nj_buf *query = &ch->s.query;

	nj_buf_reset(query);
	nj_buf_reset(&ch->s.sql);
	nj_table_insert(&ch->s.sql, t, &ch->s.place);
	nj_http_param(query, "query",
		(struct nj_view){ ch->s.sql.data, ch->s.sql.len });
	if (ch->s.place.dialect == NJ_DIALECT_BASE)
		return;
	put_token(ch, job, t);
	/* Records may be of any day. An insert that returns is done. */
	nj_http_param(query, "max_partitions_per_insert_block", NJ_LIT("0"));
	nj_http_param(query, "async_insert", NJ_LIT("0"));
	nj_http_param(query, "insert_deduplicate", NJ_LIT("1"));
}

static bool
send_group(struct clickhouse *ch, const struct nj_output_job *job,
	const struct nj_batch_group *g)
{
	const struct nj_event_desc *desc = nj_event_by_type(g->type);
	struct nj_table_origin origin = { job->source, job->batch->last };
	struct nj_http_request request;
	struct known_table *k;
	struct nj_row row;

	if (!desc)
		return true; /* the store takes no rows that have no table */
	k = known_table(ch, desc);
	if (!k || !make_table(ch, k))
		return false;
	nj_buf_reset(&ch->body);
	for (uint32_t i = 0; i < g->n; i++) {
		row = nj_batch_row(job->batch, job->batch->order[g->first + i]);
		nj_table_encode(&ch->body, k->table, &row, &origin);
	}
	if (ch->body.bad)
		return false;
	put_settings(ch, job, k->table);
	request = (struct nj_http_request){
		.query = { ch->s.query.data, ch->s.query.len },
		.body = { ch->body.data, ch->body.len },
	};
	return nj_http_post(ch->s.http, &request, &ch->s.answer) ==
	       NJ_HTTP_DONE;
}

/* The groups that have not arrived yet, to the server spoken to. */
static bool
send_groups(struct clickhouse *ch, const struct nj_output_job *job)
{
	const struct nj_batch *b = job->batch;

	if (ch->batch != b->last)
		ch->groups = 0;
	ch->batch = b->last;
	if (!nj_session_begin(&ch->s))
		return false;
	for (; ch->groups < b->group_count; ch->groups++)
		if (!send_group(ch, job, &b->groups[ch->groups]))
			return false;
	return true;
}

static bool
clickhouse_send(void *self, struct nj_output_job *job)
{
	struct clickhouse *ch = self;

	ch->s.http_conf.stop = job->stop;
	for (unsigned i = 0; i < ch->s.conf->url_count; i++) {
		ch->s.answer.why[0] = '\0';
		if (send_groups(ch, job))
			return true;
		if (atomic_load(job->stop))
			break;
		leave(ch);
	}
	(void)snprintf(job->why, sizeof(job->why), "%s",
		ch->s.answer.why[0] ? ch->s.answer.why : "out of memory");
	return false;
}

/* ---- Retention ---- */

/* A line "table<tab>partition" of what is too old. */
static bool
drop_partition(struct clickhouse *ch, struct nj_view line)
{
	struct nj_session *s = &ch->s;
	size_t tab = nj_min(nj_view_chr(line, '\t'), line.len);
	struct nj_view partition = nj_sub(line, tab + 1, line.len);
	const struct nj_event_desc *desc = NULL;
	struct known_table *k;
	char name[NJ_TABLE_NAME];
	uint64_t day;

	(void)snprintf(name, sizeof(name), "%.*s",
		(int)nj_min(tab, sizeof(name) - 1), (const char *)line.data);
	desc = nj_event_find(name);
	/* Others may have tables in this database. */
	if (!desc || !nj_view_u64(partition, &day))
		return true;
	k = known_table(ch, desc);
	if (!k)
		return false;
	nj_buf_reset(&s->sql);
	nj_buf_str(&s->sql, "ALTER TABLE ");
	nj_table_name(&s->sql, k->table, &s->place);
	nj_buf_printf(&s->sql, " DROP PARTITION %" PRIu64, day);
	return order(ch);
}

static bool
drop_old(struct clickhouse *ch, int64_t wall_ns)
{
	struct nj_session *s = &ch->s;
	int64_t day_s = 86400;
	struct nj_date d =
		nj_date_utc(wall_ns / NJ_NS_PER_S -
			    (int64_t)s->conf->retention_days * day_s);
	struct nj_buf lines = { 0 };
	struct nj_view left, line;
	bool good = true;

	nj_buf_reset(&s->sql);
	nj_buf_str(&s->sql,
		"SELECT DISTINCT table, partition FROM system.parts "
		"WHERE active AND database = ");
	nj_sql_text(&s->sql, nj_str(s->place.database));
	nj_buf_printf(&s->sql,
		" AND length(partition) = 8 AND partition < '%04d%02u%02u' "
		"FORMAT TabSeparated",
		(int)d.year, d.month, d.day);
	if (!nj_session_begin(s) || !nj_session_ask(s))
		return false;
	nj_buf_put(&lines, s->answer.text.data, s->answer.text.len);
	left = (struct nj_view){ lines.data, lines.len };
	while (good && nj_session_line(&left, &line))
		good = drop_partition(ch, line);
	nj_buf_free(&lines);
	return good;
}

static bool
clickhouse_rest(void *self, int64_t wall_ns, char why[NJ_OUTPUT_WHY])
{
	struct clickhouse *ch = self;

	if (!ch->s.conf->retention_days ||
		(ch->retention_ns && wall_ns >= ch->retention_ns &&
			wall_ns - ch->retention_ns < RETENTION_NS))
		return true;
	ch->retention_ns = wall_ns;
	if (drop_old(ch, wall_ns))
		return true;
	(void)snprintf(
		why, NJ_OUTPUT_WHY, "old days: %.200s", ch->s.answer.why);
	leave(ch);
	return false;
}

const struct nj_output_kind nj_clickhouse_kind = {
	.name = "clickhouse",
	.send = clickhouse_send,
	.rest = clickhouse_rest,
	.destroy = clickhouse_destroy,
};
