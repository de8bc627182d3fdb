/*
 * source.c - what all sources share.
 */
#include "engine/capture/source.h"

#include <stdarg.h>
#include <stdio.h>

NJ_COUNTERS_DEFINE(source, SOURCE_COUNTERS);

const struct source_counters *
nj_source_stats(struct nj_source *s)
{
	if (s->ops->stats)
		s->ops->stats(s);
	return &s->count;
}

const char *
nj_source_error(const struct nj_source *s)
{
	return s->text;
}

void
nj_source_close(struct nj_source **s)
{
	if (*s)
		(*s)->ops->close(*s);
	*s = NULL;
}

int
nj_source_fail(struct nj_source *s, enum nj_err err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->text, sizeof(s->text), fmt, ap);
	va_end(ap);
	s->err = err;
	return NJ_SOURCE_FAILED;
}
