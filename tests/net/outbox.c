/*
 * outbox.c - records that are made up, through a real output, and back by
 * searches: what clickhouse.py runs against a cluster.
 *
 *	net_outbox send   FOLDER DATABASE CLUSTER SEED ROWS URL...
 *	net_outbox search FOLDER DATABASE CLUSTER SEED ROWS URL...
 *
 * The records follow from the seed alone: send prints what should have
 * arrived, as a JSON object of counts and sums by log type; search asks the
 * servers and the evaluator of the store's own search the same questions and
 * compares.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/hash.h"
#include "engine/store/output/clickhouse.h"
#include "tests/net/outboxkit.h"

enum { BLOCK_ROWS = 300, ROWS_MAX = 100000, QUERIES = 120 };
#define PATIENCE_NS (120 * NJ_NS_PER_S)

struct plan {
	const char *folder;
	struct nj_clickhouse_conf conf;
	uint64_t seed, rows;
};

/* ---- A source in memory ---- */

struct memory {
	const struct plan *plan;
	uint64_t position;
	struct nj_buf block;
};

static enum nj_err
memory_add(void *ctx, const char *name)
{
	(void)ctx, (void)name;
	return NJ_OK;
}

static enum nj_err
memory_next(void *ctx, uint64_t after, struct nj_store_block *out)
{
	struct memory *m = ctx;
	uint64_t first = after * BLOCK_ROWS, end = first + BLOCK_ROWS;

	if (first >= m->plan->rows)
		return NJ_E_NOENT;
	nj_buf_reset(&m->block);
	for (uint64_t i = first; i < nj_min(end, m->plan->rows); i++)
		outbox_row(&m->block, m->plan->seed, i);
	*out = (struct nj_store_block){ after + 1,
		{ m->block.data, m->block.len }, NULL };
	return NJ_OK;
}

static void
memory_let_go(struct nj_store_block *b)
{
	(void)b;
}

/* Where it stands is a file, as it has to outlive the process. */
static enum nj_err
memory_done(void *ctx, const char *name, uint64_t number)
{
	struct memory *m = ctx;
	char path[4096];
	FILE *f;

	(void)name;
	m->position = number;
	(void)snprintf(path, sizeof(path), "%s/position", m->plan->folder);
	f = fopen(path, "w");
	if (!f)
		return NJ_E_IO;
	(void)fprintf(f, "%" PRIu64 "\n", number);
	return fclose(f) ? NJ_E_IO : NJ_OK;
}

static uint64_t
memory_position(void *ctx, const char *name)
{
	struct memory *m = ctx;
	char path[4096], text[32] = "";
	FILE *f;

	(void)name;
	(void)snprintf(path, sizeof(path), "%s/position", m->plan->folder);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fgets(text, sizeof(text), f))
		m->position = strtoull(text, NULL, 10);
	(void)fclose(f);
	return m->position;
}

/* ---- Sending ---- */

static int
send_all(struct plan *p)
{
	static const struct nj_output_conf conf_rest = { .rows_max = 40000,
		.bytes_max = 64 << 20,
		.age_ns = NJ_NS_PER_S / 5,
		.retry_ns = NJ_NS_PER_S / 5,
		.retry_max_ns = 2 * NJ_NS_PER_S };
	struct nj_output_conf conf = conf_rest;
	struct memory m = { .plan = p };
	struct nj_output_source source = { &m, memory_add, memory_next,
		memory_let_go, memory_done, memory_position };
	struct nj_output *o;
	uint64_t last = (p->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
	void *self;

	conf.folder = p->folder;
	if (nj_clickhouse_create(&self, &p->conf) ||
		nj_output_start(&o, &source, &conf, &nj_clickhouse_kind, self))
		return 1;
	nj_output_stop(&o, PATIENCE_NS);
	if (m.position < last)
		return 1;
	nj_buf_free(&m.block);
	outbox_sums(stdout, p->seed, p->rows);
	return 0;
}

/* ---- Searching ---- */

struct lines {
	struct nj_buf text;
	size_t at[ROWS_MAX];
	unsigned n;
	int64_t ts[ROWS_MAX];
};

static const char *
line(const struct lines *l, unsigned i)
{
	return (const char *)l->text.data + l->at[i];
}

static void
lines_add(struct lines *l, const struct nj_row *row)
{
	if (l->n == ROWS_MAX)
		abort();
	l->at[l->n] = l->text.len;
	l->ts[l->n++] = row->head.ts_ns;
	nj_row_json(&l->text, row);
	nj_buf_char(&l->text, '\0');
}

static bool
on_row(void *ctx, const struct nj_row *row)
{
	lines_add(ctx, row);
	return true;
}

static const struct lines *sorted;

static int
by_text(const void *a, const void *b)
{
	return strcmp((const char *)sorted->text.data + *(const size_t *)a,
		(const char *)sorted->text.data + *(const size_t *)b);
}

static void
lines_sort(struct lines *l)
{
	sorted = l;
	qsort(l->at, l->n, sizeof(*l->at), by_text);
}

/* What the evaluator says of the records themselves. */
static void
want_lines(struct lines *out, const struct plan *p,
	const struct nj_clickhouse_question *q)
{
	static struct nj_buf all;
	struct nj_view left;
	struct nj_row row;

	for (uint64_t i = 0, n = all.len ? 0 : p->rows; i < n; i++)
		outbox_row(&all, p->seed, i);
	left = (struct nj_view){ all.data, all.len };
	for (; left.len && nj_row_parse(&row, left);
		left = nj_sub(left, row.len, left.len))
		if (row.head.ts_ns >= q->from_ns && row.head.ts_ns < q->to_ns &&
			nj_bound_match(q->query, &row))
			lines_add(out, &row);
}

static bool
differ(const struct nj_buf *text, const char *what, unsigned got, unsigned want,
	const char *example)
{
	(void)fprintf(stderr, "query %.*s: %s: %u rows, not %u: %s\n",
		(int)text->len, (const char *)text->data, what, got, want,
		example);
	return false;
}

/* The same rows, whatever their order. */
static bool
same_rows(const struct nj_buf *text, struct lines *got, struct lines *want)
{
	lines_sort(got);
	lines_sort(want);
	for (unsigned i = 0; i < nj_max(got->n, want->n); i++) {
		if (i >= got->n)
			return differ(text, "one is missing", got->n, want->n,
				line(want, i));
		if (i >= want->n || strcmp(line(got, i), line(want, i)))
			return differ(text, "one is too much", got->n, want->n,
				line(got, i));
	}
	return true;
}

static int
newest(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x < y) - (x > y);
}

/* With a limit: the newest, newest first. */
static bool
same_times(const struct nj_buf *text, const struct lines *got,
	struct lines *want, uint64_t most)
{
	qsort(want->ts, want->n, sizeof(*want->ts), newest);
	if (got->n != nj_min(want->n, most))
		return differ(text, "with a limit", got->n, want->n, "");
	for (unsigned i = 0; i < got->n; i++)
		if (got->ts[i] != want->ts[i])
			return differ(text, "not the newest", i, want->n,
				line(got, i));
	return true;
}

struct tally {
	unsigned asked, refused, wrong;
	uint64_t rows;
};

static void
ask(const struct plan *p, const struct nj_buf *text, uint64_t random,
	struct tally *t)
{
	static struct lines got, want;
	struct nj_query_env env = { .now_ns = 0, .regexes = NULL };
	struct nj_clickhouse_question q = { .to_ns = INT64_MAX };
	struct nj_clickhouse_stamp stamp;
	struct nj_query_error error;
	struct nj_query *query = NULL;
	struct nj_bound *bound = NULL;
	bool good;

	if (nj_query_parse(&query, (struct nj_view){ text->data, text->len },
		    &error) ||
		nj_query_bind(&bound, query, &env, &error)) {
		t->refused++;
		nj_query_destroy(&query);
		return;
	}
	got.n = want.n = 0;
	nj_buf_reset(&got.text);
	nj_buf_reset(&want.text);
	q.query = bound;
	if (random % 4 == 0)
		outbox_span(random, &q.from_ns, &q.to_ns);
	q.rows_max = random % 3 == 0 ? 1 + random % 50 : 0;
	want_lines(&want, p, &q);
	t->asked++;
	t->rows += want.n;
	if (nj_clickhouse_search(&p->conf, &q, on_row, &got, &stamp))
		good = differ(text, stamp.why, 0, want.n, "");
	else if (q.rows_max)
		good = same_times(text, &got, &want, q.rows_max);
	else
		good = same_rows(text, &got, &want);
	t->wrong += !good;
	nj_bound_destroy(&bound);
	nj_query_destroy(&query);
}

static int
search_all(const struct plan *p)
{
	struct nj_buf text = { 0 };
	struct tally t = { 0 };

	for (uint64_t i = 0; t.asked < QUERIES; i++) {
		nj_buf_reset(&text);
		outbox_query(&text, p->seed, i);
		ask(p, &text, nj_mix64(i + 1), &t);
	}
	nj_buf_free(&text);
	(void)printf("{\"asked\":%u,\"refused\":%u,\"wrong\":%u,"
		     "\"rows\":%" PRIu64 "}\n",
		t.asked, t.refused, t.wrong, t.rows);
	return t.wrong != 0;
}

int
main(int argc, char **argv)
{
	struct plan p;

	if (argc < 7)
		return 2;
	p = (struct plan){ .folder = argv[2],
		.conf = { .database = argv[3],
			.cluster = argv[4],
			.user = "nightjar",
			.password = getenv("CLICKHOUSE_PASSWORD"),
			.ca_file = "",
			.urls = (const char *const *)argv + 7,
			.url_count = (unsigned)argc - 7 },
		.seed = strtoull(argv[5], NULL, 10),
		.rows = strtoull(argv[6], NULL, 10) };
	if (!outbox_begin())
		return 2;
	if (!strcmp(argv[1], "send"))
		return send_all(&p);
	if (!strcmp(argv[1], "search") && p.rows <= ROWS_MAX)
		return search_all(&p);
	return 2;
}
