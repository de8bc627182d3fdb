/*
 * search.c - `nightjar search`: records of the store by a query, newest
 * first, or what can be counted about them.
 *
 * It reads the store beside the running appliance (as a follower), so it asks
 * nothing of it and takes nothing from it but the processor's time.
 */
#include "engine/apps/nightjar/search.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/apps/nightjar/command.h"
#include "engine/apps/process/instance.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/units.h"
#include "engine/conf/conf.h"
#include "engine/dissect/dissect.h"
#include "engine/pipeline/pipeline.h"

struct search_opts {
	const char *conf, *data, *last, *from, *to;
	const char *terms, *stats, *score, *trend, *store;
	struct nj_arg_list fields;
	bool count, graph, json, explain;
	uint64_t limit, top, slices, threads, budget;
};

static const char *const stores[] = { "local", "clickhouse", NULL };

#define OPT(member) offsetof(struct search_opts, member)
static const struct nj_arg search_args[] = {
	{ "data", 0, NJ_ARG_STR, OPT(data), "DIR",
		"The appliance that ran with --data DIR" },
	{ "config", 'c', NJ_ARG_STR, OPT(conf), "FILE",
		"Configuration that says where the store is" },
	{ "store", 0, NJ_ARG_STR, OPT(store), "WORD",
		"local (default), or clickhouse: ask the servers of "
		"outputs.clickhouse",
		.allowed = stores },
	{ "last", 0, NJ_ARG_STR, OPT(last), "TIME",
		"Records of the last 30min, 24h, 7d ..." },
	{ "from", 0, NJ_ARG_STR, OPT(from), "T",
		"Not before T: 2026-01-31, 2026-01-31T12:00:00Z, seconds "
		"since 1970, now-2h" },
	{ "to", 0, NJ_ARG_STR, OPT(to), "T", "Before T" },
	{ "count", 0, NJ_ARG_FLAG, OPT(count), NULL, "How many there are" },
	{ "graph", 0, NJ_ARG_FLAG, OPT(graph), NULL, "How many when" },
	{ "terms", 0, NJ_ARG_STR, OPT(terms), "FIELD",
		"Values of a field, most frequent first" },
	{ "stats", 0, NJ_ARG_STR, OPT(stats), "FIELD",
		"Sum, mean, quantiles of a field's numbers" },
	{ "score", 0, NJ_ARG_STR, OPT(score), "FIELD",
		"Values that these records have more often than the period "
		"before (without a time: than all others)" },
	{ "trend", 0, NJ_ARG_STR, OPT(trend), "FIELD",
		"Values that became more frequent from the first half of the "
		"time to the second" },
	{ "top", 0, NJ_ARG_U64, OPT(top), "N", "Values to show (20)", NULL, 1,
		1000000 },
	{ "slices", 0, NJ_ARG_U64, OPT(slices), "N", "Columns of --graph (60)",
		NULL, 1, NJ_SEARCH_SLICES_MAX },
	{ "limit", 'n', NJ_ARG_U64, OPT(limit), "N",
		"Give the newest N (100 on a terminal, else all)", NULL, 1,
		UINT64_MAX },
	{ "fields", 0, NJ_ARG_LIST, OPT(fields), "F,...",
		"Show these in the table" },
	{ "json", 0, NJ_ARG_FLAG, OPT(json), NULL,
		"One JSON object a line, as when the output is no terminal" },
	{ "explain", 0, NJ_ARG_FLAG, OPT(explain), NULL,
		"Show how the query was understood, and end" },
	{ "threads", 0, NJ_ARG_U64, OPT(threads), "N", "Threads (one a core)",
		NULL, 1, NJ_SEARCH_THREADS_MAX },
	{ "budget", 0, NJ_ARG_U64, OPT(budget), "N",
		"Give up after decoding N values", NULL, 1, UINT64_MAX },
	{ 0 },
};

struct search {
	const struct search_opts *opts;
	struct nj_page page;
	struct nj_query *query;
	struct nj_bound *bound;
	struct nj_store *store;
	struct nj_store_view *view;
	struct nj_search_conf conf;
	struct nj_search_stamp stamp;
	bool timed; /* a time range was given */
};

/* Set by Ctrl-C: what was found so far stays on the screen. */
static atomic_bool cancelled;

static void
on_interrupt(int signal)
{
	(void)signal;
	atomic_store(&cancelled, true);
}

static enum nj_exit
complain(const char *what, enum nj_err err)
{
	nj_complain(what, nj_err_text(err), nj_err_remedy(err));
	return NJ_EXIT_FAILED;
}

/* ---- The question ---- */

static enum nj_exit
bad_query(struct nj_view text, const struct nj_query_error *error)
{
	struct nj_buf b = { 0 };

	nj_query_error_text(&b, text, error);
	(void)fprintf(stderr, "nightjar: search: %.*s", (int)b.len,
		b.data ? (const char *)b.data : "");
	nj_buf_free(&b);
	return NJ_EXIT_USAGE;
}

/* Words are joined by blanks, so that a query need not be in quotes. */
static enum nj_exit
take_query(struct search *s, const struct nj_words *words)
{
	struct nj_query_env env = { nj_wall_ns(), &nj_search_regexes };
	struct nj_query_error error;
	struct nj_buf text = { 0 };
	struct nj_view v;
	enum nj_exit status = NJ_EXIT_DONE;
	enum nj_err err;

	for (unsigned i = 0; i < words->n; i++) {
		nj_buf_str(&text, i ? " " : "");
		nj_buf_str(&text, words->v[i]);
	}
	v = (struct nj_view){ text.data, text.len };
	err = nj_query_parse(&s->query, v, &error);
	if (!err)
		err = nj_query_bind(&s->bound, s->query, &env, &error);
	if (err == NJ_E_FORMAT)
		status = bad_query(v, &error);
	else if (err)
		status = complain("search", err);
	nj_buf_free(&text);
	return status;
}

static bool
take_moment(const char *text, const char *option, int64_t *out)
{
	int64_t first, last;

	if (!text)
		return true;
	if (nj_query_time_parse(nj_str(text), nj_wall_ns(), &first, &last)) {
		*out = first;
		return true;
	}
	nj_complain(option, "not a time",
		"write 2026-01-31, 2026-01-31T12:00:00Z, seconds since 1970, "
		"or now-2h");
	return false;
}

static bool
take_times(struct search *s)
{
	const struct search_opts *o = s->opts;
	int64_t span;

	s->conf.from_ns = INT64_MIN;
	s->conf.to_ns = INT64_MAX;
	s->timed = o->last || o->from || o->to;
	if (o->last && (o->from || o->to)) {
		nj_complain("--last", "--from or --to is given, too", "");
		return false;
	}
	if (o->last &&
		(!nj_duration_parse(nj_str(o->last), &span) || span <= 0)) {
		nj_complain("--last", "not a duration", "write 30min, 24h, 7d");
		return false;
	}
	if (o->last) {
		s->conf.to_ns = nj_wall_ns();
		s->conf.from_ns = s->conf.to_ns - span;
	}
	if (!take_moment(o->from, "--from", &s->conf.from_ns) ||
		!take_moment(o->to, "--to", &s->conf.to_ns))
		return false;
	if (s->conf.from_ns < s->conf.to_ns)
		return true;
	nj_complain("--from", "not before --to", "");
	return false;
}

/* ---- The store ---- */

static bool
find_folder(const struct search_opts *o, char out[NJ_PATH_MAX])
{
	struct nj_instance in;
	struct nj_conf *conf;

	if (o->data && nj_instance_find(&in, o->data)) {
		(void)snprintf(out, NJ_PATH_MAX, "%s", in.store);
		return true;
	}
	conf = nj_conf_open(o->conf);
	if (!conf)
		return false;
	(void)snprintf(out, NJ_PATH_MAX, "%s", conf->store__folder);
	nj_conf_destroy(&conf);
	return true;
}

static enum nj_exit
open_store(struct search *s)
{
	struct nj_store_conf conf = { .mode = NJ_KV_FOLLOW };
	char folder[NJ_PATH_MAX], why[NJ_KV_WHY] = "";
	enum nj_err err;

	if (!find_folder(s->opts, folder))
		return NJ_EXIT_CONFIG;
	conf.folder = folder;
	err = nj_store_open(&s->store, &conf, why);
	if (!err)
		err = nj_store_view_open(&s->view, s->store);
	if (!err)
		return NJ_EXIT_DONE;
	nj_complain(folder, why[0] ? why : nj_err_text(err),
		err == NJ_E_NOENT ? "name the data folder by --data, or let "
				    "nightjar run fill it"
				  : nj_err_remedy(err));
	return NJ_EXIT_FAILED;
}

/* What the store holds of the wanted time; false: nothing. */
static bool
held_times(const struct search *s, int64_t *from_ns, int64_t *to_ns)
{
	struct nj_store_segment seg;
	int64_t least = INT64_MAX, most = INT64_MIN;

	for (unsigned i = 0; i < nj_store_view_count(s->view); i++) {
		nj_store_view_get(s->view, i, &seg);
		if (!nj_bound_find(s->bound, seg.header->type))
			continue;
		least = nj_min(least, seg.header->from_ns);
		most = nj_max(most, seg.header->to_ns);
	}
	*from_ns = nj_max(least, s->conf.from_ns);
	*to_ns = most == INT64_MIN ? most : nj_min(most + 1, s->conf.to_ns);
	return *from_ns < *to_ns;
}

/* ---- Answers ---- */

static enum nj_err
answer_graph(struct search *s)
{
	struct nj_search_slices *slices = calloc(1, sizeof(*slices));
	struct nj_store_span gaps[256];
	struct nj_page_graph g = { .slices = slices, .gaps = gaps };
	struct nj_search_conf conf = s->conf;
	enum nj_err err;

	if (!slices)
		return NJ_E_NOMEM;
	if (!held_times(s, &conf.from_ns, &conf.to_ns))
		conf.from_ns = 0, conf.to_ns = 1;
	if (s->opts->last) /* its whole time, also where there is nothing */
		conf.from_ns = s->conf.from_ns, conf.to_ns = s->conf.to_ns;
	slices->n = s->opts->slices ? (unsigned)s->opts->slices : 60;
	slices->step_ns = (conf.to_ns - conf.from_ns - 1) / slices->n + 1;
	err = nj_search_graph(&conf, slices, &s->stamp);
	g.from_ns = conf.from_ns;
	g.gap_count = nj_store_view_gaps(s->view, gaps, nj_countof(gaps));
	if (!err)
		nj_page_graph(&s->page, &g);
	free(slices);
	return err;
}

static unsigned
top(const struct search *s)
{
	return s->opts->top ? (unsigned)s->opts->top : 20;
}

static enum nj_err
answer_terms(struct search *s, const struct nj_search_field *field)
{
	struct nj_search_terms t;
	enum nj_err err =
		nj_search_terms(&s->conf, field, top(s), &t, &s->stamp);

	if (err)
		return err;
	nj_page_terms(&s->page, nj_str(s->opts->terms), &t);
	nj_search_terms_free(&t);
	return NJ_OK;
}

static enum nj_err
answer_stats(struct search *s, const struct nj_search_field *field)
{
	struct nj_search_stats stats;
	enum nj_err err = nj_search_stats(&s->conf, field, &stats, &s->stamp);

	if (!err)
		nj_page_stats(&s->page, nj_str(s->opts->stats), &stats);
	return err;
}

/* Two sets of records to compare. */
struct sets {
	struct nj_search_conf a, b;
	const char *against, *field;
	struct nj_bound all; /* every record of the query's log types */
	bool minus;          /* b holds a: leave it out */
};

static bool
choose_sets(const struct search *s, struct sets *out)
{
	int64_t from, to;

	out->a = out->b = s->conf;
	if (!held_times(s, &from, &to))
		return true;
	if (s->opts->trend) {
		out->field = s->opts->trend;
		out->against = "the first half";
		out->a.from_ns = out->b.to_ns = from + (to - from) / 2;
		return true;
	}
	out->field = s->opts->score;
	if (s->timed) {
		out->against = "the period before";
		out->a.from_ns = out->b.to_ns = from =
			s->opts->last || s->opts->from ? s->conf.from_ns : from;
		out->b.from_ns = from - (to - from);
		return true;
	}
	struct nj_bound_type *types =
		calloc(s->bound->count ? s->bound->count : 1, sizeof(*types));
	if (!types)
		return false;
	for (unsigned i = 0; i < s->bound->count; i++) {
		types[i] = s->bound->types[i];
		types[i].root = NULL;
	}
	out->all = *s->bound;
	out->all.types = types;
	out->b.query = &out->all;
	out->against = "all other records of these types";
	out->minus = true;
	return true;
}

/* What is in b but not in a, where b holds all of a. */
static void
leave_out(struct nj_search_terms *b, const struct nj_search_terms *a)
{
	for (unsigned i = 0; i < a->n; i++)
		for (unsigned k = 0; k < b->n; k++)
			if (nj_view_eq(a->term[i].value, b->term[k].value)) {
				b->term[k].count -= nj_min(
					b->term[k].count, a->term[i].count);
				break;
			}
	b->with -= nj_min(b->with, a->with);
}

enum { COMPARED_MAX = 4096 };

static enum nj_err
answer_score(struct search *s, const struct nj_search_field *field)
{
	struct nj_search_terms a = { 0 }, b = { 0 };
	struct nj_search_stamp of_b;
	struct nj_search_scored *list = calloc(top(s), sizeof(*list));
	struct sets sets = { 0 };
	enum nj_err err = NJ_E_NOMEM;

	if (!list || !choose_sets(s, &sets))
		goto out;
	err = nj_search_terms(&sets.a, field, COMPARED_MAX, &a, &s->stamp);
	if (!err)
		err = nj_search_terms(&sets.b, field, COMPARED_MAX, &b, &of_b);
	if (err)
		goto out;
	if (sets.minus)
		leave_out(&b, &a);
	s->stamp.complete &= of_b.complete;
	nj_page_scores(&s->page, nj_str(sets.field), sets.against, list,
		nj_search_score(&a, &b, list, top(s)));
out:
	nj_search_terms_free(&a);
	nj_search_terms_free(&b);
	free((void *)(uintptr_t)sets.all.types);
	free(list);
	return err;
}

static bool
on_row(void *ctx, const struct nj_row *row)
{
	return nj_page_row(ctx, row);
}

/* Into a terminal goes a page, into a pipe all. */
static uint64_t
rows_max(const struct search_opts *o)
{
	return o->limit ? o->limit : isatty(STDOUT_FILENO) ? 100 : 0;
}

static enum nj_err
answer(struct search *s, const struct nj_search_field *field)
{
	const struct search_opts *o = s->opts;
	enum nj_err err;

	if (o->terms)
		return answer_terms(s, field);
	if (o->stats)
		return answer_stats(s, field);
	if (o->score || o->trend)
		return answer_score(s, field);
	if (o->graph)
		return answer_graph(s);
	if (!o->count) {
		s->conf.rows_max = rows_max(o);
		return nj_search_rows(&s->conf, on_row, &s->page, &s->stamp);
	}
	err = nj_search_count(&s->conf, &s->stamp);
	if (!err)
		nj_page_count(&s->page, s->stamp.matched);
	return err;
}

/* ---- All ---- */

static const char *
field_name(const struct search_opts *o)
{
	return o->terms   ? o->terms
	       : o->stats ? o->stats
	       : o->score ? o->score
			  : o->trend;
}

static bool
asks_one_thing(const struct search_opts *o)
{
	int n = o->count + o->graph + !!o->terms + !!o->stats + !!o->score +
		!!o->trend;

	if (n > 1)
		nj_complain("search",
			"--count, --graph, --terms, --stats, --score and "
			"--trend are different questions",
			"ask one at a time");
	return n <= 1;
}

static enum nj_exit
search_store(struct search *s)
{
	const char *name = field_name(s->opts);
	struct nj_search_field *field = NULL;
	struct nj_query_error error;
	enum nj_exit status;
	enum nj_err err = NJ_OK;

	if (name)
		err = nj_search_field_find(&field, nj_str(name), &error);
	if (err == NJ_E_FORMAT) {
		nj_complain(name, error.what, error.hint);
		return NJ_EXIT_USAGE;
	}
	if (err)
		return complain("search", err);
	status = open_store(s);
	if (!status) {
		s->conf.view = s->view;
		s->conf.query = s->bound;
		err = answer(s, field);
		if (err)
			status = complain("search", err);
		if (!nj_page_flush(&s->page))
			status = NJ_EXIT_FAILED;
		if (!err)
			nj_page_stamp(&s->page, &s->stamp);
	}
	nj_search_field_free(&field);
	nj_store_view_close(&s->view);
	nj_store_close(&s->store);
	return status;
}

static void
prepare_page(struct search *s)
{
	const char *no_colour = getenv("NO_COLOR");
	bool tty = isatty(STDOUT_FILENO);
	struct winsize size;

	s->page.json = s->opts->json || (!tty && !s->opts->fields.n);
	s->page.colour = tty && !(no_colour && no_colour[0]);
	s->page.fields = &s->opts->fields;
	if (tty && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		s->page.columns = size.ws_col;
}

static enum nj_exit
explain(struct search *s)
{
	nj_query_dump(&s->page.out, s->query);
	nj_buf_char(&s->page.out, '\n');
	nj_bound_dump(&s->page.out, s->bound);
	return nj_page_flush(&s->page) ? NJ_EXIT_DONE : NJ_EXIT_FAILED;
}

static enum nj_exit
search_clickhouse(struct search *s)
{
	const struct search_opts *o = s->opts;

	if (field_name(o) || o->graph) {
		nj_complain("search --store clickhouse",
			"it gives records and counts only",
			"ask ClickHouse itself for the rest");
		return NJ_EXIT_USAGE;
	}
	s->conf.query = s->bound;
	s->conf.rows_max = o->count ? 0 : rows_max(o);
	return nj_search_clickhouse(&s->page, &s->conf, o->conf, o->count);
}

static enum nj_exit
answer_query(struct search *s)
{
	const char *store = s->opts->store;

	if (s->opts->explain)
		return explain(s);
	return store && !strcmp(store, "clickhouse") ? search_clickhouse(s)
						     : search_store(s);
}

static enum nj_exit
search_run(const void *opts, const struct nj_words *words)
{
	struct search s = { .opts = opts };
	struct sigaction act = { .sa_handler = on_interrupt };
	enum nj_exit status = NJ_EXIT_USAGE;

	if (!asks_one_thing(s.opts) || !take_times(&s))
		return status;
	if (nj_pipeline_register_all(nj_dissectors))
		return complain("search", NJ_E_NOMEM);
	prepare_page(&s);
	s.conf.threads = (unsigned)s.opts->threads;
	s.conf.values_max = s.opts->budget;
	s.conf.cancel = &cancelled;
	(void)sigaction(SIGINT, &act, NULL);
	/* Capture on the same machine comes first. */
	(void)setpriority(PRIO_PROCESS, 0, 10);
	(void)signal(SIGPIPE, SIG_IGN);
	status = take_query(&s, words);
	if (!status)
		status = answer_query(&s);
	nj_bound_destroy(&s.bound);
	nj_query_destroy(&s.query);
	nj_buf_free(&s.page.out);
	return status;
}

const struct nj_command nj_command_search = {
	.name = "search",
	.text = "Find records in the store, or count what they say",
	.usage = "[options] QUERY",
	.more = "The query language is Lucene's, with Zeek's field names:\n"
		"docs/operator/search.md. An empty query or * finds all.\n"
		"Standard error says how complete the answer is.\n",
	.args = search_args,
	.opts_bytes = sizeof(struct search_opts),
	.words_max = NJ_WORDS_ANY,
	.examples =
		"  nightjar search '@type:conn AND @fields.resp_ip_bytes:0'\n"
		"      Connections that nobody answered.\n"
		"  nightjar search 'ip:10.1.2.3 AND NOT service:dns' --last "
		"24h\n"
		"      All that one machine did today, but for DNS.\n"
		"  nightjar search @type:ssl --terms server_name --top 50\n"
		"      The fifty names asked for most.\n"
		"  nightjar search 'host:www.google.*' --json | jq .uri\n"
		"      For programs: one JSON object a line.\n",
	.run = search_run,
};
