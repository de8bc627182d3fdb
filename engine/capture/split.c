/*
 * split.c - the packets of one shard out of a source.
 */
#include "engine/capture/split.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/packet/shard.h"

struct split {
	struct nj_source source;
	struct nj_source *inner;
	unsigned worker, workers;
};

static int
split_burst(struct nj_source *s, struct nj_packet *out, unsigned max)
{
	struct split *x = (struct split *)s;
	int n = nj_source_burst(x->inner, out, max);
	unsigned kept = 0;

	s->now_ns = x->inner->now_ns;
	if (n < 0) {
		s->err = x->inner->err;
		(void)snprintf(s->text, sizeof(s->text), "%s", x->inner->text);
		return n;
	}
	for (unsigned i = 0; i < (unsigned)n; i++) {
		if (nj_packet_worker(nj_packet_shard(&out[i]), x->workers) !=
			x->worker) {
			nj_source_release(x->inner, &out[i], 1);
			continue;
		}
		out[kept] = out[i];
		nj_source_count(s, &out[kept++]);
	}
	return (int)kept;
}

static void
split_release(struct nj_source *s, struct nj_packet *p, unsigned n)
{
	nj_source_release(((struct split *)s)->inner, p, n);
}

static void
split_stats(struct nj_source *s)
{
	struct split *x = (struct split *)s;
	const struct source_counters *from = nj_source_stats(x->inner);

	if (x->worker)
		return;
	s->count.missed = from->missed;
	s->count.no_mbuf = from->no_mbuf;
	s->count.ring_full = from->ring_full;
	s->count.kernel_dropped = from->kernel_dropped;
	s->count.unreadable = from->unreadable;
}

static void
split_close(struct nj_source *s)
{
	nj_source_close(&((struct split *)s)->inner);
	free(s);
}

static const struct nj_source_ops split_ops = {
	.burst = split_burst,
	.release = split_release,
	.stats = split_stats,
	.close = split_close,
};

enum nj_err
nj_split_open(struct nj_source **out, struct nj_source *inner, unsigned worker,
	unsigned workers)
{
	struct split *x = calloc(1, sizeof(*x));

	*out = NULL;
	if (!x)
		return NJ_E_NOMEM;
	x->source = (struct nj_source){
		.ops = &split_ops, .live = inner->live, .now_ns = INT64_MIN
	};
	x->inner = inner;
	x->worker = worker;
	x->workers = workers;
	*out = &x->source;
	return NJ_OK;
}
