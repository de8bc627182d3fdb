/*
 * stats.c - sum, mean, deviation and quantiles of a field's numbers.
 *
 * Deviation by the sums of Chan, Golub and LeVeque (1983), which can be
 * merged over threads; quantiles by a histogram of which each step is 1 %
 * wider than the one before.
 */
#include <math.h>
#include <stdlib.h>

#include "engine/store/search/field_priv.h"
#include "engine/store/search/values_priv.h"

const double nj_search_quantiles[NJ_SEARCH_QUANTILES] = { 0.05, 0.25, 0.5, 0.75,
	0.95 };

/* Steps for 1e-9 to 1e21 on either side of zero. */
enum { STEPS = 6943, LOG_LEAST = -9 };
#define STEP_LOG 0.00995033085316808285 /* ln 1.01 */

struct lane {
	uint64_t count, without;
	double sum, min, max, mean, squares;
	uint64_t zero, above[STEPS], below[STEPS];
};

struct summing {
	const struct nj_search_field *field;
	struct lane *lanes;
};

static unsigned
step_of(double size)
{
	double at = (log(size) - LOG_LEAST * M_LN10) / STEP_LOG;

	return at < 0 ? 0 : at >= STEPS ? STEPS - 1 : (unsigned)at;
}

static double
middle_of(unsigned step)
{
	return exp((step + 0.5) * STEP_LOG + LOG_LEAST * M_LN10);
}

static void
add(void *ctx, const struct nj_column *col, uint32_t at)
{
	struct lane *l = ctx;
	double v, delta;

	if (!nj_values_number(col, at, &v)) {
		l->without++;
		return;
	}
	l->min = l->count ? fmin(l->min, v) : v;
	l->max = l->count ? fmax(l->max, v) : v;
	l->count++;
	l->sum += v;
	delta = v - l->mean;
	l->mean += delta / (double)l->count;
	l->squares += delta * (v - l->mean);
	if (v > 0)
		l->above[step_of(v)]++;
	else if (v < 0)
		l->below[step_of(-v)]++;
	else
		l->zero++;
}

static enum nj_err
found(void *ctx, const struct nj_found *f)
{
	struct summing *s = ctx;
	struct lane *l = &s->lanes[f->thread];
	uint8_t ids[NJ_FIELD_COLUMNS_MAX];
	unsigned n = nj_search_field_columns(
		s->field, f->segment->header->type, ids);
	struct nj_column col;
	enum nj_err err;

	if (!n)
		l->without += f->matched;
	for (unsigned i = 0; i < n; i++) {
		err = nj_eval_column(f->eval, f->segment, ids[i], &col);
		if (err)
			return err;
		l->without += nj_values_walk(f, &col, add, l);
	}
	return NJ_OK;
}

static void
merge(struct lane *l, const struct lane *m)
{
	double n = (double)l->count + (double)m->count;
	double delta = m->mean - l->mean;

	l->without += m->without;
	if (!m->count)
		return;
	l->min = l->count ? fmin(l->min, m->min) : m->min;
	l->max = l->count ? fmax(l->max, m->max) : m->max;
	l->squares += m->squares +
		      delta * delta * (double)l->count * (double)m->count / n;
	l->mean += delta * (double)m->count / n;
	l->count += m->count;
	l->sum += m->sum;
	l->zero += m->zero;
	for (unsigned i = 0; i < STEPS; i++) {
		l->above[i] += m->above[i];
		l->below[i] += m->below[i];
	}
}

/* The value below which a share of all lies. */
static double
quantile(const struct lane *l, double share)
{
	uint64_t rank = (uint64_t)(share * (double)(l->count - 1)), n = 0;
	double v = l->max;

	for (unsigned i = STEPS; i-- > 0;)
		if ((n += l->below[i]) > rank) {
			v = -middle_of(i);
			goto found;
		}
	if ((n += l->zero) > rank) {
		v = 0;
		goto found;
	}
	for (unsigned i = 0; i < STEPS; i++)
		if ((n += l->above[i]) > rank) {
			v = middle_of(i);
			/* Small whole numbers have steps of their own. */
			if (v < 64 && fabs(v - round(v)) < 0.005 * v)
				v = round(v);
			goto found;
		}
found:
	return fmin(fmax(v, l->min), l->max);
}

static void
tell(const struct lane *l, struct nj_search_stats *out)
{
	*out = (struct nj_search_stats){ .count = l->count,
		.without = l->without };
	if (!l->count)
		return;
	out->sum = l->sum;
	out->min = l->min;
	out->max = l->max;
	out->mean = l->mean;
	out->deviation = sqrt(l->squares / (double)l->count);
	for (unsigned i = 0; i < NJ_SEARCH_QUANTILES; i++)
		out->quantile[i] = quantile(l, nj_search_quantiles[i]);
}

enum nj_err
nj_search_stats(const struct nj_search_conf *conf,
	const struct nj_search_field *field, struct nj_search_stats *out,
	struct nj_search_stamp *stamp)
{
	struct summing s = { .field = field };
	struct nj_scan_hooks hooks = { .ctx = &s, .found = found };
	struct nj_scan *scan;
	enum nj_err err = nj_scan_create(&scan, conf);
	unsigned threads;

	*out = (struct nj_search_stats){ 0 };
	*stamp = (struct nj_search_stamp){ 0 };
	if (err)
		return err;
	threads = nj_scan_threads(scan);
	s.lanes = calloc(threads, sizeof(*s.lanes));
	err = s.lanes ? nj_scan_run(scan, &hooks, stamp) : NJ_E_NOMEM;
	for (unsigned i = 1; !err && i < threads; i++)
		merge(&s.lanes[0], &s.lanes[i]);
	if (!err)
		tell(&s.lanes[0], out);
	free(s.lanes);
	nj_scan_destroy(&scan);
	return err;
}
