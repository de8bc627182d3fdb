/*
 * search_random.c - 10,000 random queries over random rows in a real store:
 * rows, counts, values and graphs are what a naive scan of each row's JSON
 * gives (naive.h, naiveterm.h), on one thread and on several.
 */
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/store/search/search.h"
#include "tests/unit/folder.h"
#include "tests/unit/naiveterm.h"
#include "tests/unit/randquery.h"
#include "tests/unit/randrows.h"

enum {
	ROWS = 2400,
	QUERIES = 10000,
	SLICES = 50,
	COMMIT = 150,
	SEED = 20261124
};

static struct record records[ROWS];
static struct nj_row rows[ROWS]; /* of memory that stays */
static unsigned newest[ROWS];    /* numbers of rows by ts */
static struct nj_store *store;
static struct nj_store_view *view;
static char folder[FOLDER_BYTES];

/* What became of a query. */
struct question {
	struct query q;
	struct nj_bound *bound;
	struct nj_search_conf conf;
	bool want[ROWS];
	unsigned count, number;
};

/* ---- Rows ---- */
static int
by_ts(const void *a, const void *b)
{
	const struct record *x = &records[*(const unsigned *)a];
	const struct record *y = &records[*(const unsigned *)b];

	return (x->ts_ns < y->ts_ns) - (x->ts_ns > y->ts_ns);
}

static void
row_make(unsigned number)
{
	static uint8_t bytes[4096];
	struct nj_buf json = { 0 };
	size_t n = rand_row(bytes, sizeof(bytes), number);
	struct nj_view copy = { memcpy(naive_take(n), bytes, n), n };

	assert_true(n && nj_row_parse(&rows[number], copy));
	nj_row_json(&json, &rows[number]);
	nj_buf_char(&json, 0);
	record_read(&records[number],
		memcpy(naive_take(json.len), json.data, json.len));
	assert_int_equal(records[number].number, number);
	newest[number] = number;
	nj_buf_free(&json);
}

/* Segments of each type, and a tail of several blocks. */
static void
store_fill(void)
{
	static const unsigned seals[] = { 300, 900, 1050, 1650, 1950 };

	for (unsigned i = 0, s = 0; i < ROWS; i++) {
		row_make(i);
		assert_int_equal(nj_store_put(store, &rows[i], NULL), NJ_OK);
		if (i % COMMIT == COMMIT - 1 || i == ROWS - 1)
			assert_int_equal(nj_store_commit(store), NJ_OK);
		if (s < nj_countof(seals) && i + 1 == seals[s]) {
			assert_int_equal(nj_store_seal(store), NJ_OK);
			s++;
		}
	}
	qsort(newest, ROWS, sizeof(newest[0]), by_ts);
}

static int
setup(void **unused)
{
	struct nj_store_conf conf = { .folder = folder,
		.mode = NJ_KV_OWN,
		.sync_every_ns = NJ_NS_PER_S };
	char why[NJ_KV_WHY];

	(void)unused;
	if (nj_event_register(&conn_desc) || nj_event_register(&rtypes_desc) ||
		nj_event_register(&rnames_desc) ||
		nj_event_register(&rplain_desc))
		return -1;
	rand_state = SEED;
	folder_make(folder);
	if (nj_store_open(&store, &conf, why))
		return -1;
	store_fill();
	return nj_store_view_open(&view, store);
}

static int
teardown(void **unused)
{
	(void)unused;
	nj_store_view_close(&view);
	nj_store_close(&store);
	folder_remove(folder);
	free(naive.bytes);
	return 0;
}

/* ---- Questions ---- */
static void
wrong(const struct question *x, const char *what)
{
	print_error("query %u, %s: %.*s\n", x->number, what, (int)x->q.text.len,
		(const char *)x->q.text.data);
	for (unsigned i = 0; x->bound && i < ROWS; i++)
		if (nj_bound_match(x->bound, &rows[i]) !=
			tree_means(x->q.root, &records[i])) {
			print_error("%s\n", records[i].json);
			break;
		}
	fail();
}

#define EXPECT(x, cond)                                                        \
	do {                                                                   \
		if (!(cond))                                                   \
			wrong(x, #cond);                                       \
	} while (0)

static void
question_bind(struct question *x)
{
	const struct nj_query_env env = { QUERY_NOW_NS, &nj_search_regexes };
	struct nj_view text = { x->q.text.data, x->q.text.len };
	struct nj_query_error error;
	struct nj_query *q;

	if (nj_query_parse(&q, text, &error))
		wrong(x, error.what);
	if (nj_query_bind(&x->bound, q, &env, &error))
		wrong(x, error.what);
	nj_query_destroy(&q);
}

/* All times, or from one row's to another's. */
static void
question_time(struct question *x)
{
	int64_t a = records[rand_of(ROWS)].ts_ns;
	int64_t b = records[rand_of(ROWS)].ts_ns;

	x->conf.from_ns = RAND_BASE_NS - 5;
	x->conf.to_ns = RAND_BASE_NS + RAND_SPAN_S * NJ_NS_PER_S;
	if (rand_chance(60))
		return;
	x->conf.from_ns = nj_min(a, b);
	x->conf.to_ns = nj_max(a, b) + (rand_chance(50) ? 1 : 0);
}

static void
question_make(struct question *x, unsigned number)
{
	memset(x, 0, sizeof(*x));
	x->number = number;
	query_make(&x->q, records, ROWS);
	question_bind(x);
	question_time(x);
	x->conf.view = view;
	x->conf.query = x->bound;
	for (unsigned i = 0; i < ROWS; i++) {
		x->want[i] = records[i].ts_ns >= x->conf.from_ns &&
			     records[i].ts_ns < x->conf.to_ns &&
			     tree_means(x->q.root, &records[i]);
		x->count += x->want[i];
	}
}

static void
question_end(struct question *x)
{
	nj_bound_destroy(&x->bound);
	query_end(&x->q);
}

/* ---- Answers ---- */
struct given {
	const struct question *x;
	bool seen[ROWS];
	unsigned next; /* place in newest */
	unsigned count;
};

static unsigned
row_number(const struct nj_row *row)
{
	struct nj_row_iter it;
	struct nj_row_field f;

	nj_row_iter_init(&it, row);
	while (nj_row_next(&it, &f))
		if (strcmp(f.field->member, "number") == 0 ||
			strcmp(f.field->member, "orig_pkts") == 0)
			return (unsigned)f.u;
	fail();
	return 0;
}

/* Each wanted row once, as it was, and none before a newer one. */
static bool
row_given(void *ctx, const struct nj_row *row)
{
	struct given *g = ctx;
	unsigned number = row_number(row);
	struct nj_buf json = { 0 };

	EXPECT(g->x, number < ROWS && g->x->want[number]);
	EXPECT(g->x, !g->seen[number]);
	g->seen[number] = true;
	g->count++;
	while (!g->x->want[newest[g->next]])
		g->next++;
	EXPECT(g->x, row->head.ts_ns == records[newest[g->next++]].ts_ns);
	if (rand_chance(98))
		return true;
	nj_row_json(&json, row);
	nj_buf_char(&json, 0);
	assert_string_equal(json.data, records[number].json);
	nj_buf_free(&json);
	return true;
}

static void
check_rows(const struct question *x, unsigned threads)
{
	struct nj_search_conf conf = x->conf;
	struct nj_search_stamp stamp;
	struct given g = { .x = x };
	unsigned want = x->count;

	conf.threads = threads;
	if (rand_chance(30)) {
		conf.rows_max =
			1 + rand_of(rand_chance(50) ? 20 : x->count + 2);
		want = (unsigned)nj_min(want, conf.rows_max);
	}
	assert_int_equal(nj_search_rows(&conf, row_given, &g, &stamp), NJ_OK);
	EXPECT(x, g.count == want);
	EXPECT(x, stamp.complete == (want == x->count));
	EXPECT(x, stamp.limited == (want < x->count));
}

static void
check_count(const struct question *x, unsigned threads)
{
	struct nj_search_conf conf = x->conf;
	struct nj_search_stamp stamp;

	conf.threads = threads;
	assert_int_equal(nj_search_count(&conf, &stamp), NJ_OK);
	EXPECT(x, stamp.complete && stamp.matched == x->count);
}

static void
check_graph(const struct question *x, unsigned threads)
{
	struct nj_search_conf conf = x->conf;
	struct nj_search_stamp stamp;
	static struct nj_search_slices got;
	uint64_t want[SLICES] = { 0 };

	conf.threads = threads;
	got.n = SLICES;
	got.step_ns = (conf.to_ns - conf.from_ns) / SLICES + 1;
	for (unsigned i = 0; i < ROWS; i++)
		if (x->want[i])
			want[(records[i].ts_ns - conf.from_ns) / got.step_ns]++;
	assert_int_equal(nj_search_graph(&conf, &got, &stamp), NJ_OK);
	EXPECT(x, stamp.complete);
	EXPECT(x, memcmp(want, got.count, sizeof(want)) == 0);
}

static int
by_text(const void *a, const void *b)
{
	return text_order(
		*(const struct nj_view *)a, *(const struct nj_view *)b, true);
}

/* Values that matching rows have of a field; gives how many, and how many
 * rows have none. */
static unsigned
values_of(const struct question *x, const char *name, struct nj_view *out,
	unsigned *without)
{
	unsigned n = 0;

	*without = 0;
	for (unsigned i = 0; i < ROWS; i++) {
		bool has = false;

		for (int k = 0; k < KEYS && x->want[i]; k++) {
			if (strcmp(keys[k].name, name) != 0 ||
				!records[i].value[k].has)
				continue;
			has = true;
			for (unsigned e = 0; e < records[i].value[k].n; e++)
				out[n++] = records[i].value[k].v[e].text;
		}
		*without += x->want[i] && !has;
	}
	qsort(out, n, sizeof(*out), by_text);
	return n;
}

static void
check_terms(const struct question *x, unsigned threads)
{
	static struct nj_view value[ROWS * ELEMENTS_MAX];
	struct nj_search_conf conf = x->conf;
	const char *name = keys[rand_of(KEYS)].name;
	unsigned without, n = values_of(x, name, value, &without);
	struct nj_search_terms terms;
	struct nj_search_stamp stamp;
	struct nj_search_field *field;
	struct nj_query_error error;
	unsigned at = 0, run;

	conf.threads = threads;
	assert_int_equal(
		nj_search_field_find(&field, nj_str(name), &error), NJ_OK);
	assert_int_equal(nj_search_terms(&conf, field, ROWS * ELEMENTS_MAX,
				 &terms, &stamp),
		NJ_OK);
	EXPECT(x, stamp.complete && !terms.error);
	EXPECT(x, terms.with == n && terms.without == without);
	for (unsigned i = 1; i < terms.n; i++)
		EXPECT(x, terms.term[i].count <= terms.term[i - 1].count);
	qsort(terms.term, terms.n, sizeof(*terms.term), by_text);
	for (unsigned i = 0; i < terms.n; i++, at += run) {
		for (run = 0; at + run < n; run++)
			if (by_text(&value[at + run], &terms.term[i].value))
				break;
		EXPECT(x, run && run == terms.term[i].count);
	}
	EXPECT(x, at == n);
	nj_search_terms_free(&terms);
	nj_search_field_free(&field);
}

/* Row by row, without a store; a share of the rows each time. */
static void
check_match(const struct question *x, unsigned turn)
{
	for (unsigned i = turn % 8; i < ROWS; i += 8) {
		bool in_time = records[i].ts_ns >= x->conf.from_ns &&
			       records[i].ts_ns < x->conf.to_ns;

		EXPECT(x, (nj_bound_match(x->bound, &rows[i]) && in_time) ==
				  x->want[i]);
	}
}

/* ---- How much was found ---- */
static const struct {
	unsigned to;
	const char *text;
} sizes[] = {
	{ 0, "none" },
	{ 9, "1 to 9" },
	{ 99, "10 to 99" },
	{ 999, "100 to 999" },
	{ ROWS - 1, "1000 and more" },
	{ ROWS, "all" },
};

static void
note_size(unsigned seen[nj_countof(sizes)], unsigned count)
{
	unsigned i = 0;

	while (count > sizes[i].to)
		i++;
	seen[i]++;
}

/* The queries must tell rows apart: few may match nothing or everything. */
static void
sizes_print(const unsigned seen[nj_countof(sizes)])
{
	for (unsigned i = 0; i < nj_countof(sizes); i++)
		print_message("%6u queries matched %s of %d rows\n", seen[i],
			sizes[i].text, ROWS);
	assert_true(seen[0] < QUERIES / 4);
	assert_true(seen[nj_countof(sizes) - 1] < QUERIES / 20);
	for (unsigned i = 0; i < nj_countof(sizes); i++)
		assert_true(seen[i] > QUERIES / 200);
}

/* 10,000 random queries over random data give exactly what a naive scan of
 * the JSON gives. */
static void
queries_are_scans(void **unused)
{
	static const unsigned threads[] = { 1, 3 };
	static void (*const checks[])(const struct question *x,
		unsigned threads) = { check_count, check_graph, check_terms };
	static struct question x;
	unsigned seen[nj_countof(sizes)] = { 0 };

	(void)unused;
	print_message(
		"seed %d, %u segments\n", SEED, nj_store_view_count(view));
	for (unsigned i = 0; i < QUERIES; i++) {
		question_make(&x, i);
		check_match(&x, i);
		check_rows(&x, threads[i % 2]);
		checks[i / 2 % nj_countof(checks)](&x, threads[i % 2]);
		note_size(seen, x.count);
		question_end(&x);
	}
	sizes_print(seen);
	tests_print();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_are_scans),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
