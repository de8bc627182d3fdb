/*
 * scan.c - segments of a view, newest first, shared out to threads by one
 * counter: whoever is free takes the next.
 */
#include "engine/store/search/scan_priv.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

struct lane {
	struct nj_scan *scan;
	unsigned number;
	pthread_t thread;
	bool started;
	struct nj_eval eval;
	struct nj_rows rows;
	struct nj_search_stamp stamp; /* its share */
	enum nj_err err;
};

struct nj_scan {
	struct nj_search_conf conf;
	const struct nj_scan_hooks *hooks;
	struct nj_store_segment *segment;
	unsigned count, threads;
	struct lane *lanes;
	/* All relaxed: a number that is used up, and flags that only have to
	 * be seen soon. Results are handed over by joining or by the hooks. */
	atomic_uint next;
	atomic_ulong values;
	atomic_bool stop, over_budget, cancelled;
	int64_t began_ns;
	int64_t held_from_ns, held_to_ns;
};

static int64_t
now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NJ_NS_PER_S + t.tv_nsec;
}

static bool
is_in_range(const struct nj_scan *s, const struct nj_seg_header *h)
{
	return h->rows && h->to_ns >= s->conf.from_ns &&
	       h->from_ns < s->conf.to_ns &&
	       nj_bound_find(s->conf.query, h->type);
}

static enum nj_err
pick(struct nj_scan *s)
{
	unsigned all = nj_store_view_count(s->conf.view);

	s->segment = calloc(all ? all : 1, sizeof(*s->segment));
	if (!s->segment)
		return NJ_E_NOMEM;
	s->held_from_ns = INT64_MAX;
	s->held_to_ns = INT64_MIN;
	for (unsigned i = 0; i < all; i++) {
		struct nj_store_segment *at = &s->segment[s->count];

		nj_store_view_get(s->conf.view, i, at);
		s->held_from_ns = nj_min(s->held_from_ns, at->header->from_ns);
		s->held_to_ns = nj_max(s->held_to_ns, at->header->to_ns);
		if (is_in_range(s, at->header))
			s->count++;
	}
	return NJ_OK;
}

static unsigned
cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

enum nj_err
nj_scan_create(struct nj_scan **out, const struct nj_search_conf *conf)
{
	struct nj_scan *s = calloc(1, sizeof(*s));
	enum nj_err err;

	*out = NULL;
	if (!s)
		return NJ_E_NOMEM;
	s->began_ns = now_ns();
	s->conf = *conf;
	err = pick(s);
	if (err)
		goto fail;
	s->threads = conf->threads ? conf->threads : cores();
	s->threads = nj_min(s->threads, (unsigned)NJ_SEARCH_THREADS_MAX);
	s->threads = nj_max(nj_min(s->threads, s->count), 1U);
	s->lanes = calloc(s->threads, sizeof(*s->lanes));
	err = s->lanes ? NJ_OK : NJ_E_NOMEM;
	for (unsigned i = 0; i < s->threads && !err; i++) {
		s->lanes[i].scan = s;
		s->lanes[i].number = i;
		err = nj_eval_init(&s->lanes[i].eval, conf->query,
			conf->from_ns, conf->to_ns);
	}
	if (err)
		goto fail;
	*out = s;
	return NJ_OK;
fail:
	nj_scan_destroy(&s);
	return err;
}

void
nj_scan_destroy(struct nj_scan **scan)
{
	struct nj_scan *s = *scan;

	if (!s)
		return;
	for (unsigned i = 0; i < s->threads && s->lanes; i++)
		nj_eval_fini(&s->lanes[i].eval);
	free(s->lanes);
	free(s->segment);
	free(s);
	*scan = NULL;
}

unsigned
nj_scan_threads(const struct nj_scan *s)
{
	return s->threads;
}

unsigned
nj_scan_count(const struct nj_scan *s)
{
	return s->count;
}

const struct nj_store_segment *
nj_scan_segment(const struct nj_scan *s, unsigned place)
{
	return &s->segment[place];
}

void
nj_scan_stop(struct nj_scan *s)
{
	atomic_store_explicit(&s->stop, true, memory_order_relaxed);
}

static bool
is_set(const atomic_bool *flag)
{
	return atomic_load_explicit(flag, memory_order_relaxed);
}

static bool
is_over(const struct nj_scan *s)
{
	return is_set(&s->stop) || is_set(&s->over_budget) ||
	       is_set(&s->cancelled);
}

static void
raise_flag(atomic_bool *flag)
{
	atomic_store_explicit(flag, true, memory_order_relaxed);
}

bool
nj_scan_may_go_on(struct nj_scan *s)
{
	if (s->conf.cancel && is_set(s->conf.cancel))
		raise_flag(&s->cancelled);
	if (s->conf.values_max &&
		atomic_load_explicit(&s->values, memory_order_relaxed) >
			s->conf.values_max)
		raise_flag(&s->over_budget);
	return !is_over(s);
}

/* ---- One segment ---- */

/* What became of a segment that could not be read: the rest is served. */
static enum nj_err
count_failure(struct lane *l, enum nj_err err)
{
	if (err == NJ_E_NOENT)
		l->stamp.expired++;
	else if (err == NJ_E_FORMAT)
		l->stamp.corrupt++;
	else
		return err;
	return NJ_OK;
}

static enum nj_err
look_at(struct lane *l, unsigned place)
{
	struct nj_scan *s = l->scan;
	const struct nj_store_segment *seg = &s->segment[place];
	const struct nj_bound_type *type =
		nj_bound_find(s->conf.query, seg->header->type);
	struct nj_found found = { place, l->number, seg, &l->rows, 0,
		&l->eval };
	enum nj_err err;

	l->stamp.segments++;
	if (!nj_eval_may_match(type->root, seg->header, &seg->source)) {
		l->stamp.passed_over++;
		return NJ_OK;
	}
	nj_seg_arena_reset(l->eval.arena);
	err = nj_eval_segment(&l->eval, type->root, seg, &l->rows);
	if (err)
		return count_failure(l, err);
	found.matched = nj_rows_count(&l->rows, seg->header->rows);
	l->stamp.rows_read += seg->header->rows;
	err = found.matched ? s->hooks->found(s->hooks->ctx, &found) : NJ_OK;
	if (err)
		return count_failure(l, err);
	l->stamp.read++;
	l->stamp.matched += found.matched;
	return NJ_OK;
}

static void *
lane_run(void *arg)
{
	struct lane *l = arg;
	struct nj_scan *s = l->scan;
	const struct nj_scan_hooks *hooks = s->hooks;

	while (!l->err && nj_scan_may_go_on(s)) {
		unsigned place = atomic_fetch_add_explicit(
			&s->next, 1, memory_order_relaxed);
		uint64_t before = l->eval.values;

		if (place >= s->count)
			break;
		if (hooks->wanted && !hooks->wanted(hooks->ctx, place)) {
			nj_scan_stop(s);
			break;
		}
		l->err = look_at(l, place);
		atomic_fetch_add_explicit(&s->values, l->eval.values - before,
			memory_order_relaxed);
		if (hooks->passed)
			hooks->passed(hooks->ctx, place);
	}
	/* Others need not go on when the answer has failed. */
	if (l->err)
		nj_scan_stop(s);
	if (hooks->ended)
		hooks->ended(hooks->ctx);
	return NULL;
}

/* ---- All ---- */

enum nj_err
nj_scan_begin(struct nj_scan *s, const struct nj_scan_hooks *hooks)
{
	s->hooks = hooks;
	for (unsigned i = 0; i < s->threads; i++) {
		struct lane *l = &s->lanes[i];

		l->started = !pthread_create(&l->thread, NULL, lane_run, l);
		if (!l->started && !i)
			return NJ_E_SYSTEM;
	}
	return NJ_OK;
}

static void
add_stamp(struct nj_search_stamp *sum, const struct nj_search_stamp *s)
{
	sum->segments += s->segments;
	sum->passed_over += s->passed_over;
	sum->read += s->read;
	sum->expired += s->expired;
	sum->corrupt += s->corrupt;
	sum->rows_read += s->rows_read;
	sum->matched += s->matched;
}

enum nj_err
nj_scan_end(struct nj_scan *s, struct nj_search_stamp *stamp)
{
	enum nj_err err = NJ_OK;

	*stamp = (struct nj_search_stamp){ .held_from_ns = s->held_from_ns,
		.held_to_ns = s->held_to_ns };
	for (unsigned i = 0; i < s->threads; i++) {
		struct lane *l = &s->lanes[i];

		if (l->started)
			(void)pthread_join(l->thread, NULL);
		l->started = false;
		add_stamp(stamp, &l->stamp);
		stamp->values += l->eval.values;
		if (!err)
			err = l->err;
	}
	stamp->cancelled = is_set(&s->cancelled);
	stamp->over_budget = is_set(&s->over_budget);
	stamp->complete =
		!is_over(s) && !stamp->expired && !stamp->corrupt && !err;
	/* Segments that nobody came to are part of the question, too. */
	stamp->segments = s->count;
	stamp->took_ns = now_ns() - s->began_ns;
	return err;
}

enum nj_err
nj_scan_run(struct nj_scan *s, const struct nj_scan_hooks *hooks,
	struct nj_search_stamp *stamp)
{
	enum nj_err err = nj_scan_begin(s, hooks);
	enum nj_err end = nj_scan_end(s, stamp);

	return err ? err : end;
}
