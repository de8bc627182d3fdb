/*
 * bench.c - repeats of cases, their medians, and goals.
 */
#include "bench/micro/bench.h"

#include <stdlib.h>
#include <time.h>

static double
seconds(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double
bench_cpu_s(void)
{
	return seconds(CLOCK_THREAD_CPUTIME_ID);
}

double
bench_wall_s(void)
{
	return seconds(CLOCK_MONOTONIC);
}

void
bench_add(struct bench_sample *s, const char *name, const char *unit,
	double value)
{
	NJ_ASSERT(s->n < BENCH_METRICS_MAX);
	s->metrics[s->n++] = (struct bench_metric){ name, unit, value };
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct bench_stat
stat_of(double values[BENCH_REPEATS_MAX], unsigned n,
	const struct bench_metric *m)
{
	struct bench_stat s = { .name = m->name, .unit = m->unit };

	qsort(values, n, sizeof(values[0]), compare);
	s.median =
		n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
	s.min = values[0];
	s.max = values[n - 1];
	return s;
}

void
bench_repeat(const struct bench_suite *suite, const struct bench_case *c,
	const struct bench_options *o, struct bench_result *out)
{
	static double values[BENCH_METRICS_MAX][BENCH_REPEATS_MAX];
	struct bench_sample s = { 0 };

	*out = (struct bench_result){ .suite = suite, .test = c };
	for (unsigned i = 0; i < o->repeats; i++) {
		s.n = 0;
		out->err = c->run(c, o, &s);
		if (out->err)
			return;
		for (unsigned m = 0; m < s.n; m++)
			values[m][i] = s.metrics[m].value;
	}
	bench_worker_close();
	out->n = s.n;
	for (unsigned m = 0; m < s.n; m++)
		out->stats[m] = stat_of(values[m], o->repeats, &s.metrics[m]);
}

bool
bench_missed(const struct bench_result *r, const struct bench_goal **which)
{
	for (const struct bench_goal *g = r->test->goals; g->metric; g++) {
		for (unsigned m = 0; m < r->n; m++) {
			double v = r->stats[m].median;

			if (strcmp(r->stats[m].name, g->metric) != 0 ||
				(g->at_most ? v <= g->must : v >= g->must))
				continue;
			*which = g;
			return true;
		}
	}
	return false;
}
