/*
 * search.c - how long questions take over many stored records: 100 million of
 * the made-up site (70 % conn, 20 % dns, 10 % http), put into a store once for
 * all cases and gone afterwards. It takes some 6 GB in TMPDIR (/var/tmp), and
 * minutes.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/micro/bench.h"
#include "bench/micro/events_gen.h"
#include "engine/base/clock.h"
#include "engine/store/search/search.h"

enum {
	ROWS = 100 * 1000 * 1000,
	COMMIT_ROWS = 4096,
	PAGE_ROWS = 50,
	CACHE_BYTES = 256 * 1024 * 1024,
	FOLDER_BYTES = 512
};

/* What a case asks. */
enum question { PAGE, ROWS_OF, COUNT, TERMS, GRAPH };
struct asked {
	const char *query; /* %s: an address, or a uid */
	enum question question;
	bool uid, cold;
	int64_t span_ns; /* 0: all time; else so much around it */
};
static const struct asked asked[] = {
	[BENCH_SEARCH_PAGE] = { "ip:%s", PAGE,
		.span_ns = 10 * 60 * NJ_NS_PER_S },
	[BENCH_SEARCH_PAGE_COLD] = { "ip:%s", PAGE, .cold = true,
		.span_ns = 10 * 60 * NJ_NS_PER_S },
	[BENCH_SEARCH_UID] = { "uid:%s", ROWS_OF, .uid = true },
	[BENCH_SEARCH_IP] = { "ip:%s", COUNT },
	[BENCH_SEARCH_SCAN] = { "orig_bytes:>1000000", COUNT },
	[BENCH_SEARCH_TEXT] = { "host:*shop*", COUNT },
	[BENCH_SEARCH_TERMS] = { "@type:conn", TERMS },
	[BENCH_SEARCH_GRAPH] = { "@type:dns", GRAPH },
};

/* The store that all cases share. */
static struct {
	char folder[FOLDER_BYTES];
	struct nj_store *store;
	struct nj_store_view *view;
	uint64_t rows;
	int64_t from_ns, to_ns;
	/* Of a row in the middle. */
	uint64_t uid[2];
	struct nj_addr ip; /* originator */
	int64_t at_ns;
	uint64_t bytes;
	double fill_s;
} site;

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

void
bench_search_close(void)
{
	nj_store_view_close(&site.view);
	nj_store_close(&site.store);
	if (site.folder[0])
		(void)nftw(site.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	site.folder[0] = 0;
	site.rows = 0;
}

static enum nj_err
store_open(void)
{
	struct nj_store_conf conf = { .folder = site.folder,
		.mode = NJ_KV_OWN,
		.cache_bytes = CACHE_BYTES,
		.sync_every_ns = 50 * NJ_NS_PER_MS,
		.seal_age_ns = 3600 * NJ_NS_PER_S };
	char why[NJ_KV_WHY] = "";
	enum nj_err err = nj_store_open(&site.store, &conf, why);

	if (err)
		(void)fprintf(stderr, "%s: %s\n", site.folder, why);
	else
		err = nj_store_view_open(&site.view, site.store);
	return err;
}

static enum nj_err
put(struct bench_gen *g, uint64_t i)
{
	static const enum bench_event of[10] = { BENCH_CONN, BENCH_CONN,
		BENCH_DNS, BENCH_CONN, BENCH_CONN, BENCH_HTTP, BENCH_CONN,
		BENCH_DNS, BENCH_CONN, BENCH_CONN };
	struct nj_row row;
	enum nj_err err;

	if (!nj_row_parse(&row, bench_gen_next(g, of[i % 10])))
		return NJ_E_STATE;
	if (i == site.rows / 2) {
		memcpy(site.uid, row.head.uid, sizeof(site.uid));
		site.ip = row.head.orig;
		site.at_ns = row.head.ts_ns;
	}
	err = nj_store_put(site.store, &row, NULL);
	if (!err && i % COMMIT_ROWS == COMMIT_ROWS - 1)
		err = nj_store_commit(site.store);
	return err;
}

static enum nj_err
fill(struct bench_gen *g)
{
	double begun = bench_wall_s();
	enum nj_err err = NJ_OK;

	for (uint64_t i = 0; !err && i < site.rows; i++) {
		err = put(g, i);
		if (i % (1 << 20) == 0 && isatty(STDERR_FILENO))
			(void)fprintf(stderr,
				"\rstoring records: %.0f of %.0f million \b",
				(double)i / 1e6, (double)site.rows / 1e6);
	}
	if (!err)
		err = nj_store_seal(site.store);
	site.fill_s = bench_wall_s() - begun;
	if (isatty(STDERR_FILENO))
		(void)fprintf(stderr, "\r\033[K");
	return err;
}

static void
learn_times(void)
{
	struct nj_store_segment s;

	site.from_ns = INT64_MAX;
	site.to_ns = INT64_MIN;
	for (unsigned i = 0; i < nj_store_view_count(site.view); i++) {
		nj_store_view_get(site.view, i, &s);
		site.from_ns = nj_min(site.from_ns, s.header->from_ns);
		site.to_ns = nj_max(site.to_ns, s.header->to_ns);
		site.bytes += s.header->bytes;
	}
}

static enum nj_err
site_fill(void)
{
	struct bench_gen *g;
	enum nj_err err = bench_gen_create(&g, NULL);

	if (!err)
		err = store_open();
	if (!err)
		err = fill(g);
	bench_gen_destroy(&g);
	/* Asked is a store as it is after a restart. */
	nj_store_view_close(&site.view);
	nj_store_close(&site.store);
	return err ? err : store_open();
}

static enum nj_err
site_open(uint64_t rows)
{
	const char *tmp = getenv("TMPDIR");
	enum nj_err err;

	if (site.rows == rows)
		return NJ_OK;
	bench_search_close();
	(void)snprintf(site.folder, sizeof(site.folder),
		"%s/nightjar-bench-XXXXXX", tmp ? tmp : "/var/tmp");
	if (!mkdtemp(site.folder)) {
		site.folder[0] = 0;
		return NJ_E_ACCESS;
	}
	site.rows = rows;
	err = site_fill();
	if (err)
		bench_search_close();
	else
		learn_times();
	return err;
}

static int
forget_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	int fd = flag == FTW_F ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	(void)st;
	(void)at;
	if (fd >= 0) {
		(void)fsync(fd);
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		(void)close(fd);
	}
	return 0;
}

/* Opens the store anew, with nothing of it in memory. */
static enum nj_err
site_cool(void)
{
	nj_store_view_close(&site.view);
	nj_store_close(&site.store);
	(void)nftw(site.folder, forget_one, 16, FTW_PHYS);
	return store_open();
}

/* ---- Asking ---- */

struct answer {
	uint64_t rows;
	int64_t first_ns; /* when the first row came */
};

static bool
on_row(void *ctx, const struct nj_row *row)
{
	struct answer *a = ctx;

	(void)row;
	if (!a->rows++)
		a->first_ns = nj_mono_ns();
	return true;
}

static enum nj_err
ask_terms(const struct nj_search_conf *conf, struct nj_search_stamp *stamp)
{
	struct nj_query_error error;
	struct nj_search_field *field;
	struct nj_search_terms terms;
	enum nj_err err =
		nj_search_field_find(&field, NJ_LIT("id.resp_h"), &error);

	if (err)
		return err;
	err = nj_search_terms(conf, field, 20, &terms, stamp);
	if (!err)
		nj_search_terms_free(&terms);
	nj_search_field_free(&field);
	return err;
}

static enum nj_err
ask_graph(const struct nj_search_conf *conf, struct nj_search_stamp *stamp)
{
	static struct nj_search_slices slices;

	slices.n = 100;
	slices.step_ns = (conf->to_ns - conf->from_ns) / 100 + 1;
	return nj_search_graph(conf, &slices, stamp);
}

static enum nj_err
ask(const struct asked *q, struct nj_search_conf *conf, struct answer *a,
	struct nj_search_stamp *stamp)
{
	switch (q->question) {
	case PAGE:
		conf->rows_max = PAGE_ROWS;
		return nj_search_rows(conf, on_row, a, stamp);
	case ROWS_OF:
		return nj_search_rows(conf, on_row, a, stamp);
	case TERMS:
		return ask_terms(conf, stamp);
	case GRAPH:
		return ask_graph(conf, stamp);
	default:
		return nj_search_count(conf, stamp);
	}
}

static enum nj_err
bind(const struct asked *q, struct nj_bound **out)
{
	struct nj_query_env env = { 0, &nj_search_regexes };
	char value[64], text[128];
	struct nj_query_error error;
	struct nj_query *query;
	enum nj_err err;

	if (q->uid)
		(void)nj_uid_format('C', site.uid, value);
	else
		(void)nj_addr_text(&site.ip, value);
	(void)snprintf(text, sizeof(text), "%.*s%s",
		(int)strcspn(q->query, "%"), q->query,
		strchr(q->query, '%') ? value : "");
	err = nj_query_parse(&query, nj_str(text), &error);
	if (err)
		return err;
	err = nj_query_bind(out, query, &env, &error);
	nj_query_destroy(&query);
	return err;
}

static void
report(struct bench_sample *out, const struct nj_search_stamp *stamp,
	const struct answer *a, int64_t began_ns)
{
	double ms = (double)(nj_mono_ns() - began_ns) / 1e6;

	bench_add(out, "time", "ms", ms);
	if (a->rows)
		bench_add(out, "first", "ms",
			(double)(a->first_ns - began_ns) / 1e6);
	bench_add(out, "matched", "records", (double)stamp->matched);
	bench_add(out, "segments_read", "segments", (double)stamp->read);
	bench_add(out, "segments", "segments", (double)stamp->segments);
	bench_add(out, "searched", "M records/s",
		(double)stamp->rows_read / ms / 1e3);
	bench_add(out, "store", "bytes/record",
		(double)site.bytes / (double)site.rows);
	bench_add(out, "filled", "M records/s",
		(double)site.rows / site.fill_s / 1e6);
}

enum nj_err
bench_search(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	const struct asked *q = &asked[c->arg];
	struct nj_search_conf conf = { 0 };
	struct nj_search_stamp stamp;
	struct answer answer = { 0 };
	struct nj_bound *bound = NULL;
	int64_t began;
	enum nj_err err = site_open((uint64_t)(ROWS * o->scale) + 1);

	if (!err && q->cold)
		err = site_cool();
	if (!err)
		err = bind(q, &bound);
	if (err)
		return err;
	conf = (struct nj_search_conf){ .view = site.view,
		.query = bound,
		.from_ns = site.from_ns,
		.to_ns = site.to_ns + 1 };
	if (q->span_ns) {
		conf.from_ns = site.at_ns - q->span_ns / 2;
		conf.to_ns = site.at_ns + q->span_ns / 2;
	}
	/* What is measured has been asked before, unless it is to be cold. */
	if (!q->cold)
		err = ask(q, &conf, &answer, &stamp);
	answer = (struct answer){ 0 };
	began = nj_mono_ns();
	if (!err)
		err = ask(q, &conf, &answer, &stamp);
	if (!err)
		report(out, &stamp, &answer, began);
	nj_bound_destroy(&bound);
	return err;
}
