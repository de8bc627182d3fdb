/*
 * paced.c - packets by the clock on the wall.
 */
#include "engine/capture/paced.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/clock.h"

enum { BATCH = 32 };

struct paced {
	struct nj_source source;
	struct nj_source *inner;
	struct nj_packet batch[BATCH]; /* from inner, not yet released */
	unsigned at, count;
	bool begun;
	int64_t shift_ns; /* from inner's stamps to ours */
};

/* The next packets of inner, once all of the last ones were given. */
static int
refill(struct paced *x)
{
	int n;

	nj_source_release(x->inner, x->batch, x->count);
	x->at = x->count = 0;
	n = nj_source_burst(x->inner, x->batch, BATCH);
	if (n < 0) {
		x->source.err = x->inner->err;
		(void)snprintf(x->source.text, sizeof(x->source.text), "%s",
			x->inner->text);
		return n;
	}
	x->count = (unsigned)n;
	if (n && !x->begun) {
		x->begun = true;
		x->shift_ns = nj_wall_ns() - x->batch[0].ts_ns;
	}
	return n;
}

static int
paced_burst(struct nj_source *s, struct nj_packet *out, unsigned max)
{
	struct paced *x = (struct paced *)s;
	int64_t now = nj_wall_ns();
	unsigned n = 0;
	int got;

	if (x->at == x->count) {
		got = refill(x);
		if (got <= 0)
			return got;
	}
	while (n < max && x->at < x->count &&
		x->batch[x->at].ts_ns + x->shift_ns <= now) {
		out[n] = x->batch[x->at++];
		out[n++].ts_ns += x->shift_ns;
	}
	nj_source_account(s, out, n);
	return (int)n;
}

static void
paced_close(struct nj_source *s)
{
	nj_source_close(&((struct paced *)s)->inner);
	free(s);
}

/* Packets are released with their batch. */
static const struct nj_source_ops paced_ops = {
	.burst = paced_burst,
	.close = paced_close,
};

enum nj_err
nj_paced_open(struct nj_source **out, struct nj_source *inner)
{
	struct paced *x = calloc(1, sizeof(*x));

	*out = NULL;
	if (!x)
		return NJ_E_NOMEM;
	x->source = (struct nj_source){
		.ops = &paced_ops, .live = true, .now_ns = INT64_MIN
	};
	x->inner = inner;
	*out = &x->source;
	return NJ_OK;
}
