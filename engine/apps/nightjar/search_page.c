/*
 * search_page.c - what was counted about records, and how complete it is: for
 * people as short tables, for programs as JSON.
 */
#include <stdio.h>
#include <unistd.h>

#include "engine/apps/nightjar/search.h"
#include "engine/base/date.h"
#include "engine/base/json.h"

/* ---- Small things ---- */

static struct nj_json
json_begin(void)
{
	struct nj_json j;

	nj_json_init(&j, (struct nj_buf){ 0 });
	nj_json_obj(&j, NULL);
	return j;
}

static void
json_end(struct nj_page *p, struct nj_json *j)
{
	struct nj_view v = nj_json_view(j);

	nj_buf_put(&p->out, v.data, v.len);
	nj_buf_char(&p->out, '\n');
	nj_buf_free(&j->buf);
}

static void
json_f64(struct nj_json *j, const char *key, double v)
{
	char text[40];
	int n = snprintf(text, sizeof(text), "%.10g", v);

	if (n > 0 && v == v && v - v == 0)
		nj_json_raw(j, key,
			(struct nj_view){ (const uint8_t *)text, (size_t)n });
}

/* Text from the network, for a terminal. */
static void
put_safe(struct nj_buf *out, struct nj_view v, size_t width)
{
	size_t used = 0;

	for (size_t i = 0; i < v.len && used < width; i++) {
		bool odd = v.data[i] < ' ' || v.data[i] == 0x7f;

		nj_buf_printf(out, odd ? "\\x%02x" : "%c", v.data[i]);
		used += odd ? 4 : 1;
	}
	if (!v.len) {
		nj_buf_str(out, "\"\"");
		used = 2;
	}
	while (used++ < width)
		nj_buf_char(out, ' ');
}

struct grouped {
	char text[32];
};

/* 1234567 as 1,234,567. */
static struct grouped
grouped(uint64_t n)
{
	char digits[24];
	struct grouped g;
	size_t len, at = 0;

	len = (size_t)snprintf(
		digits, sizeof(digits), "%llu", (unsigned long long)n);
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			g.text[at++] = ',';
		g.text[at++] = digits[i];
	}
	g.text[at] = 0;
	return g;
}

static void
date_text(int64_t ns, char out[NJ_DATE_TEXT])
{
	int64_t s = ns / NJ_NS_PER_S - (ns % NJ_NS_PER_S < 0);

	(void)nj_date_text(s, out);
}

/* ---- Answers ---- */

void
nj_page_count(struct nj_page *p, uint64_t rows)
{
	struct nj_json j;

	if (!p->json) {
		nj_buf_printf(&p->out, "%llu\n", (unsigned long long)rows);
		return;
	}
	j = json_begin();
	nj_json_u64(&j, "count", rows);
	json_end(p, &j);
}

static void
terms_json(struct nj_page *p, struct nj_view field,
	const struct nj_search_terms *t)
{
	struct nj_json j = json_begin();

	nj_json_str(&j, "field", field);
	nj_json_u64(&j, "values", t->with);
	nj_json_u64(&j, "without", t->without);
	nj_json_u64(&j, "distinct", t->distinct);
	nj_json_u64(&j, "error", t->error);
	nj_json_arr(&j, "terms");
	for (unsigned i = 0; i < t->n; i++) {
		nj_json_obj(&j, NULL);
		nj_json_str(&j, "value", t->term[i].value);
		nj_json_u64(&j, "count", t->term[i].count);
		nj_json_end(&j);
	}
	json_end(p, &j);
}

enum { VALUE_WIDTH_MIN = 12, VALUE_WIDTH_MAX = 60 };

void
nj_page_terms(struct nj_page *p, struct nj_view field,
	const struct nj_search_terms *t)
{
	size_t width = VALUE_WIDTH_MIN;

	if (p->json) {
		terms_json(p, field, t);
		return;
	}
	for (unsigned i = 0; i < t->n; i++)
		width = nj_max(width, t->term[i].value.len);
	width = nj_min(width, (size_t)VALUE_WIDTH_MAX);
	for (unsigned i = 0; i < t->n; i++) {
		put_safe(&p->out, t->term[i].value, width);
		nj_buf_printf(&p->out, " %15s %6.2f %%\n",
			grouped(t->term[i].count).text,
			100.0 * (double)t->term[i].count /
				(double)nj_max(t->with, UINT64_C(1)));
	}
	nj_buf_printf(&p->out, "%s of %s values", grouped(t->n).text,
		grouped(t->distinct).text);
	if (t->without)
		nj_buf_printf(&p->out, "; %s records have none",
			grouped(t->without).text);
	if (t->error)
		nj_buf_printf(&p->out, "; each count may miss up to %s",
			grouped(t->error).text);
	nj_buf_char(&p->out, '\n');
}

void
nj_page_scores(struct nj_page *p, struct nj_view field, const char *against,
	const struct nj_search_scored *s, unsigned n)
{
	size_t width = VALUE_WIDTH_MIN;
	struct nj_json j;

	for (unsigned i = 0; i < n; i++)
		width = nj_max(width, s[i].value.len);
	width = nj_min(width, (size_t)VALUE_WIDTH_MAX);
	if (!p->json) {
		put_safe(&p->out, field, width);
		nj_buf_printf(&p->out, " %8s %13s %8s   against %s\n", "score",
			"count", "share", against);
		for (unsigned i = 0; i < n; i++) {
			put_safe(&p->out, s[i].value, width);
			nj_buf_printf(&p->out,
				" %8.1f %13s %6.2f %%   %s, %.2f %%\n",
				s[i].score, grouped(s[i].in_a).text,
				100 * s[i].share_a, grouped(s[i].in_b).text,
				100 * s[i].share_b);
		}
		return;
	}
	j = json_begin();
	nj_json_str(&j, "field", field);
	nj_json_text(&j, "against", against);
	nj_json_arr(&j, "scores");
	for (unsigned i = 0; i < n; i++) {
		nj_json_obj(&j, NULL);
		nj_json_str(&j, "value", s[i].value);
		json_f64(&j, "score", s[i].score);
		nj_json_u64(&j, "count", s[i].in_a);
		json_f64(&j, "share", s[i].share_a);
		nj_json_u64(&j, "other_count", s[i].in_b);
		json_f64(&j, "other_share", s[i].share_b);
		nj_json_end(&j);
	}
	json_end(p, &j);
}

void
nj_page_stats(struct nj_page *p, struct nj_view field,
	const struct nj_search_stats *s)
{
	const struct {
		const char *name;
		double v;
	} lines[] = { { "sum", s->sum }, { "mean", s->mean },
		{ "deviation", s->deviation }, { "min", s->min },
		{ "p5", s->quantile[0] }, { "p25", s->quantile[1] },
		{ "p50", s->quantile[2] }, { "p75", s->quantile[3] },
		{ "p95", s->quantile[4] }, { "max", s->max } };
	struct nj_json j;

	if (p->json) {
		j = json_begin();
		nj_json_str(&j, "field", field);
		nj_json_u64(&j, "count", s->count);
		nj_json_u64(&j, "without", s->without);
		for (size_t i = 0; i < nj_countof(lines) && s->count; i++)
			json_f64(&j, lines[i].name, lines[i].v);
		json_end(p, &j);
		return;
	}
	nj_buf_printf(&p->out, "%-10s %s\n", "count", grouped(s->count).text);
	nj_buf_printf(
		&p->out, "%-10s %s\n", "without", grouped(s->without).text);
	for (size_t i = 0; i < nj_countof(lines) && s->count; i++)
		nj_buf_printf(
			&p->out, "%-10s %.6g\n", lines[i].name, lines[i].v);
}

/* ---- Over time ---- */

static bool
is_gap(const struct nj_page_graph *g, unsigned slice)
{
	int64_t from = g->from_ns + slice * g->slices->step_ns;
	int64_t to = from + g->slices->step_ns;

	for (unsigned i = 0; i < g->gap_count; i++)
		if (g->gaps[i].from_ns < to && g->gaps[i].to_ns > from)
			return true;
	return false;
}

static void
graph_json(struct nj_page *p, const struct nj_page_graph *g)
{
	struct nj_json j = json_begin();

	nj_json_key(&j, NJ_LIT("from"));
	json_f64(&j, NULL, (double)g->from_ns / (double)NJ_NS_PER_S);
	nj_json_key(&j, NJ_LIT("step"));
	json_f64(&j, NULL, (double)g->slices->step_ns / (double)NJ_NS_PER_S);
	nj_json_arr(&j, "counts");
	for (unsigned i = 0; i < g->slices->n; i++)
		nj_json_u64(&j, NULL, g->slices->count[i]);
	nj_json_end(&j);
	nj_json_arr(&j, "gaps");
	for (unsigned i = 0; i < g->gap_count; i++) {
		nj_json_obj(&j, NULL);
		json_f64(&j, "from",
			(double)g->gaps[i].from_ns / (double)NJ_NS_PER_S);
		json_f64(&j, "to",
			(double)g->gaps[i].to_ns / (double)NJ_NS_PER_S);
		nj_json_u64(&j, "lost", g->gaps[i].lost);
		nj_json_end(&j);
	}
	json_end(p, &j);
}

void
nj_page_graph(struct nj_page *p, const struct nj_page_graph *g)
{
	static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇",
		"█" };
	const struct nj_search_slices *s = g->slices;
	char from[NJ_DATE_TEXT], to[NJ_DATE_TEXT];
	uint64_t most = 0;
	bool gaps = false;

	if (p->json) {
		graph_json(p, g);
		return;
	}
	for (unsigned i = 0; i < s->n; i++)
		most = nj_max(most, s->count[i]);
	for (unsigned i = 0; i < s->n; i++) {
		uint64_t n = s->count[i];

		gaps |= is_gap(g, i);
		if (is_gap(g, i))
			nj_buf_str(
				&p->out, p->colour ? "\033[31m?\033[0m" : "?");
		else if (!n)
			nj_buf_char(&p->out, ' ');
		else
			nj_buf_str(&p->out, bars[(n * 8 - 1) / most]);
	}
	date_text(g->from_ns, from);
	date_text(g->from_ns + (int64_t)s->n * s->step_ns, to);
	nj_buf_printf(&p->out, "\n%sZ to %sZ, %.6g s a column, at most %s%s\n",
		from, to, (double)s->step_ns / (double)NJ_NS_PER_S,
		grouped(most).text,
		gaps ? "; ?: records are missing there" : "");
}

/* ---- How complete ---- */

static void
stamp_json(const struct nj_search_stamp *s)
{
	struct nj_json j = json_begin();
	struct nj_view v;

	nj_json_obj(&j, "stamp");
	nj_json_bool(&j, "complete", s->complete);
	nj_json_bool(&j, "limited", s->limited);
	nj_json_bool(&j, "cancelled", s->cancelled);
	nj_json_bool(&j, "over_budget", s->over_budget);
	nj_json_u64(&j, "matched", s->matched);
	nj_json_u64(&j, "rows_read", s->rows_read);
	nj_json_u64(&j, "segments", s->segments);
	nj_json_u64(&j, "passed_over", s->passed_over);
	nj_json_u64(&j, "read", s->read);
	nj_json_u64(&j, "expired", s->expired);
	nj_json_u64(&j, "corrupt", s->corrupt);
	if (s->held_from_ns <= s->held_to_ns) {
		json_f64(&j, "held_from",
			(double)s->held_from_ns / (double)NJ_NS_PER_S);
		json_f64(&j, "held_to",
			(double)s->held_to_ns / (double)NJ_NS_PER_S);
	}
	json_f64(&j, "took", (double)s->took_ns / (double)NJ_NS_PER_S);
	v = nj_json_view(&j);
	(void)fprintf(stderr, "%.*s\n", (int)v.len, (const char *)v.data);
	nj_buf_free(&j.buf);
}

static const char *
why_partial(const struct nj_search_stamp *s)
{
	return s->cancelled     ? "stopped"
	       : s->over_budget ? "stopped: the query's budget is used up"
	       : s->limited     ? "the newest only (--limit)"
	       : s->corrupt     ? "PARTS OF THE STORE ARE CORRUPT"
	       : s->expired     ? "some was dropped by retention meanwhile"
				: "not complete";
}

void
nj_page_stamp(const struct nj_page *p, const struct nj_search_stamp *s)
{
	char from[NJ_DATE_TEXT] = "", to[NJ_DATE_TEXT] = "";

	if (p->json) {
		stamp_json(s);
		return;
	}
	if (s->held_from_ns > s->held_to_ns) {
		(void)fprintf(stderr, "the store is empty\n");
		return;
	}
	date_text(s->held_from_ns, from);
	date_text(s->held_to_ns, to);
	(void)fprintf(stderr,
		"%s%s match; %s; %.0f ms; %s of %s segments read; "
		"held: %sZ to %sZ\n",
		s->complete ? "" : "at least ", grouped(s->matched).text,
		s->complete ? "complete" : why_partial(s),
		(double)s->took_ns / (double)NJ_NS_PER_MS,
		grouped(s->read).text, grouped(s->segments).text, from, to);
}
