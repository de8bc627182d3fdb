/*
 * output.c - the thread of an output: blocks are gathered to a batch, the
 * batch is written down, sent until it has arrived, and the position moved.
 */
#include "engine/store/output/output.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"

NJ_COUNTERS_DEFINE(nj_output, NJ_OUTPUT_COUNTERS);

enum {
	NAP_NS = 100 * 1000 * 1000, /* between looks for new blocks */
	REST_NS = 1000 * 1000 * 1000
};
/* How long the rest of a batch that was begun before is waited for. */
#define RESUME_NS (5 * NJ_NS_PER_S)

struct nj_output {
	struct nj_output_source source;
	const struct nj_output_conf *conf;
	const struct nj_output_kind *kind;
	void *self;
	pthread_t thread;
	struct nj_batch batch;
	struct nj_output_memo memo;
	bool resuming; /* the batch of memo comes first */
	bool again;    /* the last try failed */
	int64_t retry_ns, rested_ns;

	pthread_mutex_t lock; /* what follows */
	pthread_cond_t changed;
	bool ending, ended;
	struct nj_output_state state;
	atomic_bool stop; /* relaxed: nothing is handed over with it */
};

/* ---- State and waiting ---- */

static void
wait_until(struct nj_output *o, int64_t mono_ns)
{
	struct timespec at = { mono_ns / NJ_NS_PER_S, mono_ns % NJ_NS_PER_S };

	(void)pthread_cond_timedwait(&o->changed, &o->lock, &at);
}

/* Sleeps, but not when it is told to end meanwhile. */
static void
nap(struct nj_output *o, int64_t ns)
{
	int64_t end = nj_mono_ns() + ns;
	bool was;

	pthread_mutex_lock(&o->lock);
	was = o->ending;
	while (o->ending == was && !atomic_load(&o->stop) && nj_mono_ns() < end)
		wait_until(o, end);
	pthread_mutex_unlock(&o->lock);
}

static bool
is_ending(struct nj_output *o)
{
	bool is;

	pthread_mutex_lock(&o->lock);
	is = o->ending;
	pthread_mutex_unlock(&o->lock);
	return is;
}

/* Counts and tells of a failure, then waits longer than after the last. */
static void
fail(struct nj_output *o, const char *why)
{
	int64_t wall = nj_wall_ns();

	o->retry_ns = o->again ? nj_min(o->retry_ns * 2, o->conf->retry_max_ns)
			       : o->conf->retry_ns;
	if (!o->again)
		nj_warn("output", "%s: %s; it is tried again", o->kind->name,
			why);
	o->again = true;
	pthread_mutex_lock(&o->lock);
	o->state.count.errors++;
	o->state.error_ns = wall;
	o->state.retry_ns = wall + o->retry_ns;
	(void)snprintf(o->state.error, sizeof(o->state.error), "%s", why);
	pthread_mutex_unlock(&o->lock);
	nap(o, o->retry_ns);
}

static void
fail_err(struct nj_output *o, const char *what, enum nj_err err)
{
	char why[NJ_OUTPUT_WHY];

	(void)snprintf(why, sizeof(why), "%s: %s", what, nj_err_text(err));
	fail(o, why);
}

static void
recover(struct nj_output *o)
{
	if (o->again)
		nj_info("output", "%s: it goes on", o->kind->name);
	o->again = false;
}

static void
show_waiting(struct nj_output *o, int64_t since_ns)
{
	pthread_mutex_lock(&o->lock);
	o->state.waiting_rows = o->batch.rows;
	o->state.waiting_ns = since_ns;
	pthread_mutex_unlock(&o->lock);
}

static void
rest(struct nj_output *o)
{
	char why[NJ_OUTPUT_WHY] = "";
	int64_t now = nj_mono_ns();

	if (!o->kind->rest || now - o->rested_ns < REST_NS)
		return;
	o->rested_ns = now;
	if (o->kind->rest(o->self, nj_wall_ns(), why))
		return;
	pthread_mutex_lock(&o->lock);
	o->state.count.errors++;
	o->state.error_ns = nj_wall_ns();
	(void)snprintf(o->state.error, sizeof(o->state.error), "%s", why);
	pthread_mutex_unlock(&o->lock);
}

/* ---- Gathering ---- */

static uint64_t
position(const struct nj_output *o)
{
	return o->batch.last ? o->batch.last : o->memo.from;
}

static bool
is_full(const struct nj_output *o)
{
	if (o->resuming)
		return position(o) >= o->memo.to;
	return o->batch.rows >= o->conf->rows_max ||
	       o->batch.bytes.len >= o->conf->bytes_max;
}

/* A block that came goes in; false ends the batch before it. */
static bool
take(struct nj_output *o, struct nj_store_block *block)
{
	uint64_t broken = 0, skipped = block->number - position(o) - 1;
	bool fits = !o->resuming || block->number <= o->memo.to;

	if (fits)
		fits = nj_batch_add(&o->batch, block, &broken);
	o->source.let_go(block);
	pthread_mutex_lock(&o->lock);
	o->state.count.broken_blocks += broken;
	if (fits)
		o->state.count.skipped_blocks += skipped;
	pthread_mutex_unlock(&o->lock);
	return fits;
}

/* Nothing more is there now: is what was gathered to go out? */
static bool
is_due(struct nj_output *o, int64_t since_ns)
{
	int64_t waited = since_ns ? nj_mono_ns() - since_ns : 0;

	if (atomic_load(&o->stop) || is_ending(o))
		return true;
	return waited >= (o->resuming ? RESUME_NS : o->conf->age_ns);
}

/* Fills the batch; it stays empty when the output is to end. */
static void
gather(struct nj_output *o)
{
	struct nj_store_block block;
	int64_t since = o->resuming ? nj_mono_ns() : 0;
	enum nj_err err;

	nj_batch_reset(&o->batch);
	while (!is_full(o)) {
		err = o->source.next(o->source.ctx, position(o), &block);
		if (!err && !take(o, &block))
			break;
		if (!err && !since) {
			since = nj_mono_ns();
			show_waiting(o, nj_wall_ns());
		}
		if (!err)
			continue;
		if (is_due(o, since))
			break;
		if (err != NJ_E_NOENT) {
			fail_err(o, "the store", err);
			continue;
		}
		if (!since)
			rest(o);
		nap(o, NAP_NS);
	}
	if (o->batch.rows)
		show_waiting(o, nj_wall_ns());
}

/* ---- Sending ---- */

/* Before a batch goes out for the first time. */
static bool
write_down(struct nj_output *o)
{
	struct nj_output_memo memo = o->memo;
	enum nj_err err;

	memo.to = o->batch.last;
	memo.mark = o->kind->mark ? o->kind->mark(o->self) : 0;
	err = nj_output_memo_write(&memo, o->conf->folder, o->kind->name);
	if (err) {
		fail_err(o, o->conf->folder, err);
		return false;
	}
	o->memo = memo;
	o->resuming = true;
	return true;
}

static void
passed(struct nj_output *o)
{
	o->memo.from = o->batch.last;
	o->memo.to = 0;
	o->resuming = false;
	recover(o);
	pthread_mutex_lock(&o->lock);
	o->state.position = o->memo.from;
	o->state.count.rows += o->batch.rows;
	o->state.count.batches += o->batch.rows != 0;
	o->state.waiting_rows = 0;
	o->state.waiting_ns = 0;
	o->state.retry_ns = 0;
	o->state.sent_ns = nj_wall_ns();
	pthread_mutex_unlock(&o->lock);
}

/* One try. */
static bool
try(struct nj_output *o)
{
	struct nj_output_job job = {
		.batch = &o->batch, .source = o->memo.source, .stop = &o->stop
	};
	enum nj_err err;

	if (o->batch.rows) {
		if (!o->resuming && !write_down(o))
			return false;
		job.mark = o->memo.mark;
		if (!o->kind->send(o->self, &job)) {
			fail(o, job.why);
			return false;
		}
	}
	err = o->source.done(o->source.ctx, o->kind->name, o->batch.last);
	if (err)
		fail_err(o, "the store's position", err);
	else
		passed(o);
	return !err;
}

static void *
output_main(void *arg)
{
	struct nj_output *o = arg;

	while (!atomic_load(&o->stop)) {
		gather(o);
		if (!o->batch.last && !o->resuming && is_ending(o))
			break;
		if (!o->batch.last) {
			/* What was left of a batch is gone. */
			o->resuming = false;
			continue;
		}
		while (!nj_batch_sort(&o->batch) && !atomic_load(&o->stop))
			fail_err(o, "a batch", NJ_E_NOMEM);
		while (!atomic_load(&o->stop) && !try(o))
			;
		rest(o);
	}
	pthread_mutex_lock(&o->lock);
	o->ended = true;
	pthread_cond_broadcast(&o->changed);
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

/* ---- Beginning and end ---- */

static enum nj_err
remember(struct nj_output *o)
{
	enum nj_err err =
		nj_output_memo_read(&o->memo, o->conf->folder, o->kind->name);
	uint64_t at;

	if (err == NJ_E_FORMAT) {
		nj_warn("output",
			"%s: what was remembered is damaged, a batch may "
			"arrive twice",
			o->kind->name);
		err = NJ_OK;
	}
	if (!err)
		err = o->source.add(o->source.ctx, o->kind->name);
	if (err)
		return err;
	at = o->source.position(o->source.ctx, o->kind->name);
	o->resuming = o->memo.to > at && o->memo.from == at;
	o->memo.from = at;
	o->state.position = at;
	return NJ_OK;
}

static void
output_free(struct nj_output *o)
{
	o->kind->destroy(o->self);
	nj_batch_free(&o->batch);
	pthread_cond_destroy(&o->changed);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

static enum nj_err
begin(struct nj_output *o)
{
	enum nj_err err = remember(o);

	if (err)
		return err;
	return pthread_create(&o->thread, NULL, output_main, o) ? NJ_E_SYSTEM
								: NJ_OK;
}

enum nj_err
nj_output_start(struct nj_output **out, const struct nj_output_source *source,
	const struct nj_output_conf *conf, const struct nj_output_kind *kind,
	void *self)
{
	struct nj_output *o = calloc(1, sizeof(*o));
	pthread_condattr_t attr;
	enum nj_err err;

	*out = NULL;
	if (!o) {
		kind->destroy(self);
		return NJ_E_NOMEM;
	}
	o->source = *source;
	o->conf = conf;
	o->kind = kind;
	o->self = self;
	(void)snprintf(o->state.name, sizeof(o->state.name), "%s", kind->name);
	pthread_mutex_init(&o->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&o->changed, &attr);
	pthread_condattr_destroy(&attr);
	err = begin(o);
	if (err)
		output_free(o);
	else
		*out = o;
	return err;
}

void
nj_output_stop(struct nj_output **out, int64_t patience_ns)
{
	struct nj_output *o = *out;
	int64_t end = nj_mono_ns() + patience_ns;

	if (!o)
		return;
	pthread_mutex_lock(&o->lock);
	o->ending = true;
	pthread_cond_broadcast(&o->changed);
	while (!o->ended && nj_mono_ns() < end)
		wait_until(o, end);
	atomic_store(&o->stop, true);
	pthread_cond_broadcast(&o->changed);
	pthread_mutex_unlock(&o->lock);
	(void)pthread_join(o->thread, NULL);
	output_free(o);
	*out = NULL;
}

void
nj_output_state(struct nj_output *o, struct nj_output_state *out)
{
	pthread_mutex_lock(&o->lock);
	*out = o->state;
	pthread_mutex_unlock(&o->lock);
}
