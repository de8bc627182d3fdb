/*
 * bench.c - `nightjar bench`: what the parts of a worker cost on this
 * machine, against what the design asks for.
 */
#include <stdio.h>
#include <unistd.h>

#include "bench/micro/bench.h"
#include "engine/apps/nightjar/command.h"
#include "engine/apps/nightjar/commit.h"
#include "engine/base/log.h"
#include "engine/base/nearest.h"
#include "engine/base/units.h"

struct bench_opts {
	const char *test, *size, *folder;
	uint64_t repeats, percent, seconds;
	bool json, gate;
};

static const struct nj_arg bench_args[] = {
	{ "json", 0, NJ_ARG_FLAG, offsetof(struct bench_opts, json), NULL,
		"Print one JSON object" },
	{ "case", 0, NJ_ARG_STR, offsetof(struct bench_opts, test), "NAME",
		"Only this case of the suite" },
	{ "repeats", 'n', NJ_ARG_U64, offsetof(struct bench_opts, repeats), "N",
		"How often each case is run (default 5)", NULL, 1,
		BENCH_REPEATS_MAX },
	{ "work", 0, NJ_ARG_U64, offsetof(struct bench_opts, percent),
		"PERCENT", "Work in one run, against the usual (default 100)",
		NULL, 1, 10000 },
	{ "size", 0, NJ_ARG_STR, offsetof(struct bench_opts, size), "SIZE",
		"Bytes that are stored, as 20G, where a case stores any" },
	{ "folder", 0, NJ_ARG_STR, offsetof(struct bench_opts, folder), "DIR",
		"Where they are stored, instead of this folder" },
	{ "seconds", 0, NJ_ARG_U64, offsetof(struct bench_opts, seconds), "N",
		"Length of one run of the cases that take rows for a time "
		"(default 5)",
		NULL, 1, 86400 },
	{ "gate", 0, NJ_ARG_FLAG, offsetof(struct bench_opts, gate), NULL,
		"Exit with 1 when a figure misses what it must reach" },
	{ 0 },
};

static const struct bench_suite *
suite_find(const char *name)
{
	for (const struct bench_suite *s = bench_suites; s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

static enum nj_exit
unknown_suite(const char *name)
{
	struct nj_nearest near = { .word = nj_str(name) };
	char remedy[128] = "see nightjar bench list";

	for (const struct bench_suite *s = bench_suites; s->name; s++)
		nj_nearest_try(&near, nj_str(s->name));
	if (near.best.len)
		(void)snprintf(remedy, sizeof(remedy), "did you mean %.*s?",
			(int)near.best.len, (const char *)near.best.data);
	nj_complain(name, "no such suite", remedy);
	return NJ_EXIT_USAGE;
}

static void
list_case(struct nj_buf *b, const struct bench_case *c, bool json, bool first)
{
	if (!json) {
		nj_buf_printf(b, "  %-20s %s\n", c->name, c->text);
		return;
	}
	nj_buf_printf(
		b, "%s{\"case\":\"%s\",\"text\":", first ? "" : ",", c->name);
	nj_buf_json_str(b, nj_str(c->text));
	nj_buf_char(b, '}');
}

static void
list(struct nj_buf *b, bool json)
{
	nj_buf_str(b, json ? "{\"suites\":[" : "");
	for (const struct bench_suite *s = bench_suites; s->name; s++) {
		if (json)
			nj_buf_printf(b, "%s{\"suite\":\"%s\",\"cases\":[",
				s == bench_suites ? "" : ",", s->name);
		else
			nj_buf_printf(b, "%s: %s\n", s->name, s->text);
		for (const struct bench_case *c = s->cases; c->name; c++)
			list_case(b, c, json, c == s->cases);
		nj_buf_str(b, json ? "]}" : "");
	}
	nj_buf_str(b, json ? "]}\n" : "");
}

static bool
print(struct nj_buf *b)
{
	bool done = !b->bad && fwrite(b->data, 1, b->len, stdout) == b->len &&
		    fflush(stdout) == 0;

	nj_buf_reset(b);
	return done;
}

struct tally {
	unsigned cases, failed, missed;
};

static void
count(struct tally *t, const struct bench_result *r)
{
	const struct bench_goal *which;

	t->cases++;
	t->failed += r->err != NJ_OK;
	t->missed += !r->err && bench_missed(r, &which);
}

static uint64_t
size_bytes(const struct bench_opts *o)
{
	int64_t bytes;

	return o->size && nj_size_parse(nj_str(o->size), &bytes)
		       ? (uint64_t)bytes
		       : 0;
}

/* Results appear as they come, since a suite takes minutes. */
static bool
run_suite(const struct bench_opts *o, const struct bench_suite *s,
	struct tally *t)
{
	struct bench_options options = { .repeats = 5, .scale = 1 };
	struct nj_buf b = { 0 };
	bool written = true;

	if (o->repeats)
		options.repeats = (unsigned)o->repeats;
	options.folder = o->folder;
	options.bytes = size_bytes(o);
	if (o->percent)
		options.scale = (double)o->percent / 100;
	options.seconds = (double)o->seconds;
	for (const struct bench_case *c = s->cases; written && c->name; c++) {
		struct bench_result r;

		if (o->test && strcmp(o->test, c->name) != 0)
			continue;
		if (isatty(STDERR_FILENO))
			(void)fprintf(stderr, "%s %s ...\r", s->name, c->name);
		bench_repeat(s, c, &options, &r);
		if (isatty(STDERR_FILENO))
			(void)fprintf(stderr, "\033[K");
		if (o->json) {
			nj_buf_str(&b, t->cases ? ",\n" : "\n");
			bench_result_json(&b, &r);
		} else {
			bench_result_text(&b, &r);
		}
		count(t, &r);
		written = print(&b);
	}
	bench_search_close();
	nj_buf_free(&b);
	return written;
}

static void
head(struct nj_buf *b, const struct bench_opts *o, const char *suite)
{
	if (!o->json) {
		bench_machine_text(b);
		nj_buf_printf(b,
			"commit %s, medians (least to greatest), time of one "
			"core\n\n",
			NJ_BUILD_COMMIT);
		return;
	}
	nj_buf_str(b, "{\"machine\":");
	bench_machine_json(b);
	nj_buf_printf(b, ",\"commit\":\"%s\",\"command\":\"nightjar bench %s",
		NJ_BUILD_COMMIT, suite);
	if (o->repeats)
		nj_buf_printf(
			b, " --repeats %llu", (unsigned long long)o->repeats);
	if (o->percent)
		nj_buf_printf(
			b, " --work %llu", (unsigned long long)o->percent);
	nj_buf_printf(b, "\",\"repeats\":%llu,\"results\":[",
		(unsigned long long)(o->repeats ? o->repeats : 5));
}

static enum nj_exit
run(const struct bench_opts *o, const struct bench_suite *only)
{
	struct nj_buf b = { 0 };
	struct tally t = { 0 };
	bool written;

	head(&b, o, only ? only->name : "all");
	written = print(&b);
	for (const struct bench_suite *s = bench_suites; s->name; s++)
		if (!only || s == only)
			written = written && run_suite(o, s, &t);
	if (o->json)
		nj_buf_str(&b, "\n]}\n");
	written = written && print(&b);
	nj_buf_free(&b);
	if (!t.cases) {
		nj_complain(o->test ? o->test : "bench", "no such case",
			"see nightjar bench list");
		return NJ_EXIT_USAGE;
	}
	return !written || t.failed || (o->gate && t.missed) ? NJ_EXIT_FAILED
							     : NJ_EXIT_DONE;
}

static enum nj_exit
bench_run(const void *opts, const struct nj_words *words)
{
	const struct bench_opts *o = opts;
	const struct bench_suite *suite = suite_find(words->v[0]);
	struct nj_buf b = { 0 };
	bool done;

	if (o->size && !size_bytes(o)) {
		nj_complain(
			"bench --size", "no size", "write it as 512M or 20G");
		return NJ_EXIT_USAGE;
	}
	if (!strcmp(words->v[0], "list")) {
		list(&b, o->json);
		done = print(&b);
		nj_buf_free(&b);
		return done ? NJ_EXIT_DONE : NJ_EXIT_FAILED;
	}
	if (!suite && strcmp(words->v[0], "all") != 0)
		return unknown_suite(words->v[0]);
	return run(o, suite);
}

const struct nj_command nj_command_bench = {
	.name = "bench",
	.text = "Measure what the parts of a worker cost on this machine",
	.usage = "[options] list|all|SUITE",
	.more = "Suites: capture, flow, dissect, events, store, search, pcap. "
		"Each case is\nrepeated; the median and the spread are "
		"printed, "
		"and whether the figure reaches\nwhat the design asks for. "
		"Machines are noisy: compare figures of one run.\n",
	.args = bench_args,
	.opts_bytes = sizeof(struct bench_opts),
	.words_min = 1,
	.words_max = 1,
	.examples = "  nightjar bench list\n"
		    "      What there is.\n"
		    "  nightjar bench dissect --json > dissect.json\n"
		    "      A worker on four mixes of traffic, for a "
		    "comparison.\n"
		    "  nightjar bench flow --case random -n 9\n"
		    "      One case, nine times.\n",
	.run = bench_run,
};
