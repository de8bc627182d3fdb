/*
 * entropy.c - H = log2 n - (sum of c log2 c) / n over the counts c.
 */
#include "engine/base/entropy.h"

#include <math.h>

static double
bits(double sum, uint64_t n)
{
	double h = n ? log2((double)n) - sum / (double)n : 0;

	/* Never -0, which is what is left of equal terms. */
	return nj_max(0.0, round(h * 1000) / 1000);
}

static double
weight(uint32_t c)
{
	return c > 1 ? c * log2(c) : 0;
}

void
nj_entropy_add(struct nj_entropy *e, struct nj_view v)
{
	v.len = (size_t)nj_min((uint64_t)v.len, UINT32_MAX - e->n);
	for (size_t i = 0; i < v.len; i++)
		e->count[v.data[i]]++;
	e->n += v.len;
}

double
nj_entropy_bits(const struct nj_entropy *e)
{
	double sum = 0;

	for (unsigned i = 0; i < nj_countof(e->count); i++)
		sum += weight(e->count[i]);
	return bits(sum, e->n);
}

/* Names and first bytes are far fewer than 256: their own bytes lead to the
 * counts that are not 0. */
double
nj_entropy_of(struct nj_view v)
{
	uint16_t count[256] = { 0 };
	double sum = 0;

	v.len = nj_min(v.len, (size_t)UINT16_MAX);
	for (size_t i = 0; i < v.len; i++)
		count[v.data[i]]++;
	for (size_t i = 0; i < v.len; i++) {
		sum += weight(count[v.data[i]]);
		count[v.data[i]] = 0;
	}
	return bits(sum, v.len);
}
