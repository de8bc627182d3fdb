/*
 * merge.c - k-way merge of sources by time. Each source is asked for a batch;
 * a merged burst ends where a batch does, as the next batch would end the
 * life of the one before.
 */
#include "engine/capture/merge.h"

#include <stdlib.h>

enum { BATCH = 32 };

struct input {
	struct nj_source *source;
	struct nj_packet batch[BATCH];
	unsigned at, count;
	bool ended;
};

struct merge {
	struct nj_source base;
	void (*on_failed)(void *ctx, unsigned which, const char *why);
	void *ctx;
	unsigned n;
	struct input inputs[];
};

/* Makes sure that the input has a packet, unless it has ended. */
static void
refill(struct merge *m, unsigned which)
{
	struct input *in = &m->inputs[which];
	int n;

	if (in->ended || in->at < in->count)
		return;
	nj_source_release(in->source, in->batch, in->count);
	in->at = in->count = 0;
	n = nj_source_burst(in->source, in->batch, BATCH);
	if (n >= 0) {
		in->count = (unsigned)n;
		return;
	}
	in->ended = true;
	if (n != NJ_SOURCE_FAILED)
		return;
	m->on_failed(m->ctx, which, nj_source_error(in->source));
	if (!m->base.err)
		(void)nj_source_fail(&m->base, in->source->err, "%s",
			nj_source_error(in->source));
}

static struct input *
earliest(struct merge *m)
{
	struct input *first = NULL;

	for (unsigned i = 0; i < m->n; i++) {
		struct input *in = &m->inputs[i];

		if (in->at < in->count &&
			(!first || in->batch[in->at].ts_ns <
					   first->batch[first->at].ts_ns))
			first = in;
	}
	return first;
}

static int
merge_burst(struct nj_source *s, struct nj_packet *out, unsigned max)
{
	struct merge *m = (struct merge *)s;
	bool open = false;
	unsigned n = 0;

	for (unsigned i = 0; i < m->n; i++) {
		refill(m, i);
		open |= !m->inputs[i].ended;
	}
	if (!open)
		return m->base.err ? NJ_SOURCE_FAILED : NJ_SOURCE_END;
	while (n < max) {
		struct input *in = earliest(m);

		if (!in)
			break;
		out[n++] = in->batch[in->at++];
		if (in->at == in->count)
			break;
	}
	nj_source_account(s, out, n);
	return (int)n;
}

static void
merge_close(struct nj_source *s)
{
	struct merge *m = (struct merge *)s;

	for (unsigned i = 0; i < m->n; i++)
		nj_source_close(&m->inputs[i].source);
	free(m);
}

static const struct nj_source_ops merge_ops = {
	.burst = merge_burst,
	.close = merge_close,
};

enum nj_err
nj_merge_open(struct nj_source **out, struct nj_source **sources, unsigned n,
	void (*on_failed)(void *ctx, unsigned which, const char *why),
	void *ctx)
{
	struct merge *m = calloc(1, sizeof(*m) + n * sizeof(m->inputs[0]));

	*out = NULL;
	if (!m)
		return NJ_E_NOMEM;
	m->base.ops = &merge_ops;
	m->base.now_ns = INT64_MIN;
	m->on_failed = on_failed;
	m->ctx = ctx;
	m->n = n;
	for (unsigned i = 0; i < n; i++)
		m->inputs[i].source = sources[i];
	*out = &m->base;
	return NJ_OK;
}
