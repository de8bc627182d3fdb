/*
 * state.c - how the store is, for status and metrics.
 */
#include "engine/store/store_priv.h"

#include <stdlib.h>
#include <time.h>

static void
times(struct nj_store *s, struct nj_store_state *out)
{
	out->oldest_ns = INT64_MAX;
	out->newest_ns = INT64_MIN;
	for (unsigned i = 0; i < s->segs->n; i++) {
		const struct nj_seg_header *h = &s->segs->v[i]->header;

		out->oldest_ns = nj_min(out->oldest_ns, h->from_ns);
		out->newest_ns = nj_max(out->newest_ns, h->to_ns);
	}
	for (unsigned i = 0; i < s->tails; i++) {
		out->oldest_ns = nj_min(out->oldest_ns, s->tail[i]->from_ns);
		out->newest_ns = nj_max(out->newest_ns, s->tail[i]->to_ns);
	}
	if (out->oldest_ns > out->newest_ns)
		out->oldest_ns = out->newest_ns = 0;
}

static int64_t
thread_cpu_ns(pthread_t thread)
{
	clockid_t clock;
	struct timespec t;

	if (pthread_getcpuclockid(thread, &clock) || clock_gettime(clock, &t))
		return 0;
	return (int64_t)t.tv_sec * NJ_NS_PER_S + t.tv_nsec;
}

struct nj_kv *
nj_store_kv(struct nj_store *s)
{
	return s->kv;
}

void
nj_store_state(struct nj_store *s, struct nj_store_state *out)
{
	*out = (struct nj_store_state){ 0 };
	nj_counters_add(&nj_store_counters_desc, &out->count, &s->wrote);
	nj_counters_add(&nj_store_counters_desc, &out->count, &s->sealed);
	nj_counters_add(&nj_store_counters_desc, &out->count, &s->kept);
	out->count.corrupt += atomic_load(&s->corrupt);
	(void)pthread_mutex_lock(&s->lock);
	out->count.outbox_dropped += s->outbox_dropped;
	out->tail_rows = s->tail_rows;
	out->tail_bytes = s->tail_bytes;
	out->segments = s->segs->n;
	times(s, out);
	(void)pthread_mutex_unlock(&s->lock);
	for (unsigned f = 0; f < NJ_KV_FAMILY_COUNT; f++)
		out->stored_bytes += nj_kv_bytes(s->kv, (enum nj_kv_family)f);
	out->stored_bytes += nj_kv_pending(s->kv);
	if (s->governor)
		out->free_bytes = nj_governor_free(s->governor);
	if (s->sealer_runs)
		out->sealer_cpu_ns = thread_cpu_ns(s->sealer);
	out->synced_ns = atomic_load(&s->synced_ns);
	out->full = atomic_load(&s->full);
}

static int
most_first(const void *a, const void *b)
{
	const struct nj_store_refused *x = a, *y = b;

	return x->rows > y->rows ? -1 : x->rows < y->rows;
}

unsigned
nj_store_refused(struct nj_store *s, struct nj_store_refused *out, unsigned max)
{
	struct nj_store_refused *all = calloc(s->types + 1, sizeof(*all));
	unsigned n = 0;

	if (!all)
		return 0;
	for (unsigned i = 0; i < s->types; i++) {
		all[n].type = s->type[i].type;
		all[n].rows = atomic_load(&s->type[i].refused);
		n += all[n].rows > 0;
	}
	if (n)
		qsort(all, n, sizeof(*all), most_first);
	if (max && n)
		memcpy(out, all, nj_min(n, max) * sizeof(*all));
	free(all);
	return n;
}
