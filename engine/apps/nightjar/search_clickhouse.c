/*
 * search_clickhouse.c - `nightjar search --store clickhouse`: the same query
 * asked of the ClickHouse servers that records are passed on to
 * (outputs.clickhouse), as SQL.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/apps/nightjar/search.h"
#include "engine/base/clock.h"
#include "engine/base/json.h"
#include "engine/base/log.h"
#include "engine/store/output/outputs.h"

static bool
on_row(void *ctx, const struct nj_row *row)
{
	return nj_page_row(ctx, row);
}

static bool
on_counted(void *ctx, const struct nj_row *row)
{
	(void)ctx;
	(void)row;
	return true;
}

static void
say_stamp(const struct nj_page *p, const struct nj_clickhouse_stamp *s,
	bool complete, int64_t took_ns)
{
	struct nj_view v;
	struct nj_json j;

	if (!p->json) {
		(void)fprintf(stderr,
			"%s%llu match; %s; %.0f ms; %llu tables of ClickHouse "
			"asked\n",
			complete ? "" : "at least ",
			(unsigned long long)s->matched,
			complete ? "complete" : "not all of them",
			(double)took_ns / (double)NJ_NS_PER_MS,
			(unsigned long long)s->tables);
		return;
	}
	nj_json_init(&j, (struct nj_buf){ 0 });
	nj_json_obj(&j, NULL);
	nj_json_obj(&j, "stamp");
	nj_json_bool(&j, "complete", complete);
	nj_json_bool(&j, "limited", s->limited);
	nj_json_u64(&j, "matched", s->matched);
	nj_json_u64(&j, "tables", s->tables);
	v = nj_json_view(&j);
	(void)fprintf(stderr, "%.*s\n", (int)v.len, (const char *)v.data);
	nj_buf_free(&j.buf);
}

static enum nj_exit
ask(struct nj_page *p, const struct nj_search_conf *conf,
	const struct nj_clickhouse_conf *servers, bool count)
{
	struct nj_clickhouse_question q = { .query = conf->query,
		.from_ns = conf->from_ns,
		.to_ns = conf->to_ns,
		.rows_max = conf->rows_max,
		.cancel = (atomic_bool *)(uintptr_t)conf->cancel };
	struct nj_clickhouse_stamp stamp = { 0 };
	int64_t began_ns = nj_mono_ns();
	enum nj_err err = nj_clickhouse_search(
		servers, &q, count ? on_counted : on_row, p, &stamp);

	if (err && err != NJ_E_STATE) {
		nj_complain("ClickHouse",
			stamp.why[0] ? stamp.why : nj_err_text(err),
			"see outputs.clickhouse");
		return NJ_EXIT_FAILED;
	}
	if (count)
		nj_page_count(p, stamp.matched);
	if (!nj_page_flush(p))
		return NJ_EXIT_FAILED;
	say_stamp(p, &stamp, !err && !stamp.limited, nj_mono_ns() - began_ns);
	return NJ_EXIT_DONE;
}

enum nj_exit
nj_search_clickhouse(struct nj_page *p, const struct nj_search_conf *conf,
	const char *file, bool count)
{
	struct nj_conf *options = nj_conf_open(file);
	struct nj_clickhouse_conf servers;
	char *password = NULL;
	enum nj_exit status = NJ_EXIT_CONFIG;

	if (!options)
		return status;
	if (!nj_clickhouse_options(&servers, options, &password))
		goto out;
	if (servers.url_count)
		status = ask(p, conf, &servers, count);
	else
		nj_complain("search --store clickhouse",
			"outputs.clickhouse.urls names no server",
			"name the configuration with -c");
out:
	free(password);
	nj_conf_destroy(&options);
	return status;
}
