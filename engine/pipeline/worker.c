/*
 * worker.c - the loop of a worker: poll, handle, and about ten times a second
 * let go of rows and publish what was counted.
 *
 * The clock is not asked on the packet path: the processor's counter says
 * when a tick is due, and how fast it counts is learnt from tick to tick.
 */
#include "engine/pipeline/worker.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "engine/base/clock.h"

enum {
	TICK_NS = 100 * 1000 * 1000,
	/* Rows are let go of before the tick when so many have gathered. */
	RELEASE_BYTES = 1024 * 1024,
	/* Empty rounds before the first nap; naps grow to the longest. */
	SPIN = 256,
	NAP_MIN_NS = 20 * 1000,
	NAP_MAX_NS = 1000 * 1000,
	/* After a stop live ports are emptied for so many rounds at most. */
	DRAIN_ROUNDS = 1000 * 1000
};

/* Packets of a live port may be this late when it has just been found empty:
 * stamped by the kernel, they lay in its ring for a moment. */
#define LIVE_LAG_NS (100 * NJ_NS_PER_MS)
#define FAR_PAST_NS (INT64_MIN / 2)

struct nj_crew {
	unsigned workers;
	pthread_mutex_t lock; /* of going and ended */
	pthread_cond_t changed;
	bool going;
	unsigned ready; /* workers that wait to go */
	unsigned ended; /* workers that will take no more packets */
	/* Set by the main thread; nothing else hangs on their order. */
	atomic_bool stop, give_up;
	/* Packet time of each worker, INT64_MAX once it takes no more; and the
	 * greatest of all, under the lock. */
	_Atomic int64_t times[NJ_CONTROL_WORKERS_MAX];
	/* Packets that ports lost, as worker 0, which is told, counts them. */
	atomic_uint_fast64_t lost;
	int64_t last_ns;
};

struct change {
	struct nj_filters filters;
	unsigned local_count;
	struct nj_prefix local[];
};

struct nj_worker {
	struct nj_worker_conf conf;
	struct nj_pipeline *p;
	struct nj_order *order;
	struct nj_sink rows; /* of the order */
	struct nj_sink out;  /* of the ring */
	pthread_t thread;
	bool started;
	atomic_bool ended;
	/* Pairs: stored (release) by who gives, taken (acquire) by the thread
	 * at its tick. */
	_Atomic(struct change *) given;

	struct worker_counters counters;
	/* By earlier filters. */
	struct nj_exclude_counters excluded_before;
	struct {
		uint64_t duplicate, excluded;
	} ports_before[NJ_CONTROL_PORTS_MAX];
	struct nj_worker_state state;
	bool open[NJ_CONTROL_PORTS_MAX];
	unsigned open_count;
	bool live; /* all of those that are open */
	bool took; /* packets since the last tick */
	unsigned idle;
	struct nj_shed shed;
	struct worker_counters shed_counters; /* at the last tick */
	uint64_t shed_lost;
	int64_t nap_ns;
	uint64_t tick_tsc, tick_cycles; /* last tick; from tick to tick */
	int64_t tick_ns;                /* monotonic, of the last tick */
};

static void
nap(int64_t ns)
{
	struct timespec t = { 0, ns };

	(void)nanosleep(&t, NULL);
}

/* ---- Rows out ---- */

static bool
ring_has_room(const struct nj_worker *w, size_t n)
{
	struct nj_ring_counters c;

	nj_ring_counters(w->conf.ring, &c);
	return c.waiting + n <= w->conf.ring_bytes;
}

static void publish(struct nj_worker *w, enum nj_stage stage);

/* Files wait for the brain, and so does the end; live ports cannot. */
static void
wait_for_room(struct nj_worker *w, size_t n)
{
	unsigned rounds = 0;

	if (ring_has_room(w, n))
		return;
	w->counters.ring_waits++;
	while (!ring_has_room(w, n) &&
		!atomic_load_explicit(
			&w->conf.crew->give_up, memory_order_relaxed)) {
		nap(NAP_MAX_NS);
		if (++rounds % (TICK_NS / NAP_MAX_NS) == 0)
			publish(w, NJ_STAGE_RUNNING);
	}
}

static void
put_row(void *ctx, struct nj_view row)
{
	struct nj_worker *w = ctx;
	uint8_t *at;

	if (nj_unlikely(!w->live))
		wait_for_room(w, row.len);
	at = w->out.reserve(w->out.ctx, row.len);
	if (nj_unlikely(!at)) {
		w->counters.rows_lost++;
		nj_ring_lost(w->conf.ring, nj_row_type(row));
		return;
	}
	memcpy(at, row.data, row.len);
	w->out.commit(w->out.ctx, row.len);
	w->counters.rows++;
}

static void
release(struct nj_worker *w, int64_t before_ns)
{
	nj_order_release(w->order, before_ns, put_row, w);
	nj_ring_set_watermark(w->conf.ring, before_ns);
}

/* What is due. Time is told before, as rows may have to wait for room: workers
 * that have ended go on to it, or nobody would take these rows. */
static void
release_due(struct nj_worker *w)
{
	atomic_store_explicit(&w->conf.crew->times[w->conf.number],
		nj_pipeline_now(w->p), memory_order_relaxed);
	release(w, nj_pipeline_watermark(w->p));
}

/* ---- What was counted ---- */

static void
publish_pools(struct nj_worker *w)
{
	struct nj_pool_use use[NJ_FLOW_POOLS + NJ_DISSECT_POOLS];
	unsigned n = nj_flow_pools(nj_pipeline_flows(w->p), use);

	_Static_assert(NJ_FLOW_POOLS + NJ_DISSECT_POOLS <= NJ_CONTROL_POOLS_MAX,
		"all pools have a place");
	n += nj_dissect_pools(nj_pipeline_dissect(w->p), use + n);
	w->state.pools = n;
	for (unsigned i = 0; i < n; i++) {
		struct nj_pool_state *s = &w->state.pool[i];

		(void)strncpy(s->name, use[i].name, sizeof(s->name) - 1);
		s->used = use[i].used;
		s->peak = use[i].peak;
		s->capacity = use[i].capacity;
		s->bytes = use[i].capacity * use[i].block_bytes;
	}
}

static void
put_set(struct nj_worker *w, unsigned set, const void *from)
{
	memcpy(nj_worker_values(&w->state, set), from,
		nj_worker_set_desc(set)->count * sizeof(uint64_t));
}

static void
publish_filters(struct nj_worker *w)
{
	const struct nj_filters *f = nj_pipeline_filters(w->p);
	struct nj_exclude_counters sum = w->excluded_before;

	if (f->exclude)
		nj_counters_add(&nj_exclude_counters_desc, &sum,
			nj_exclude_counters(f->exclude));
	put_set(w, NJ_WORKER_exclude, &sum);
	for (unsigned i = 0; i < w->conf.ports; i++) {
		w->state.duplicate[i] = w->ports_before[i].duplicate;
		if (f->dedup)
			w->state.duplicate[i] +=
				nj_dedup_port(f->dedup, i)->copies;
		w->state.excluded[i] = w->ports_before[i].excluded;
		if (f->exclude)
			w->state.excluded[i] +=
				nj_exclude_of_port(f->exclude, i);
	}
}

static void
publish(struct nj_worker *w, enum nj_stage stage)
{
	struct nj_worker_state *s = &w->state;
	struct nj_ring_counters ring;

	nj_ring_counters(w->conf.ring, &ring);
	put_set(w, NJ_WORKER_ledger, nj_pipeline_ledger(w->p));
	put_set(w, NJ_WORKER_decode,
		nj_decoder_counters(nj_pipeline_decoder(w->p)));
	put_set(w, NJ_WORKER_flow, nj_flow_counters(nj_pipeline_flows(w->p)));
	put_set(w, NJ_WORKER_dissect,
		nj_dissect_counters(nj_pipeline_dissect(w->p)));
	put_set(w, NJ_WORKER_ring, &ring);
	put_set(w, NJ_WORKER_worker, &w->counters);
	if (w->conf.pipeline.lane)
		put_set(w, NJ_WORKER_pcap,
			nj_pcap_lane_counters(w->conf.pipeline.lane));
	publish_filters(w);
	publish_pools(w);
	for (unsigned i = 0; i < w->conf.ports; i++)
		if (w->conf.sources[i])
			s->source[i] = w->conf.sources[i]->count;
	s->stage = stage;
	s->beat_ns = nj_wall_ns();
	s->now_ns = nj_pipeline_now(w->p);
	s->flows = nj_flow_live(nj_pipeline_flows(w->p));
	nj_control_put_worker(w->conf.control, w->conf.number, s);
}

/* ---- Ticks ---- */

/* When nothing came from any port, packet time goes on without packets. */
static void
advance_idle(struct nj_worker *w)
{
	int64_t to = INT64_MAX;

	if (w->live)
		to = nj_wall_ns() - LIVE_LAG_NS;
	for (unsigned i = 0; !w->live && i < w->conf.ports; i++)
		if (w->open[i] && w->conf.sources[i]->now_ns < to)
			to = w->conf.sources[i]->now_ns;
	if (to != INT64_MAX && to > nj_pipeline_now(w->p))
		nj_pipeline_advance(w->p, to);
}

static void
take_change(struct nj_worker *w)
{
	const struct nj_filters *old = nj_pipeline_filters(w->p);
	struct change *new =
		atomic_exchange_explicit(&w->given, NULL, memory_order_acquire);

	if (!new)
		return;
	if (old->exclude)
		nj_counters_add(&nj_exclude_counters_desc, &w->excluded_before,
			nj_exclude_counters(old->exclude));
	for (unsigned i = 0; i < w->conf.ports; i++) {
		w->ports_before[i].duplicate = w->state.duplicate[i];
		w->ports_before[i].excluded = w->state.excluded[i];
	}
	nj_pipeline_set_filters(w->p, &new->filters);
	nj_pipeline_set_local(w->p, new->local, new->local_count);
	free(new);
}

/* What lies outside the process. Worker 0 has the losses of all ports. */
static void
read_outside(struct nj_worker *w)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < w->conf.ports; i++)
		if (w->open[i])
			lost += nj_source_lost(
				nj_source_stats(w->conf.sources[i]));
	if (w->conf.number == 0)
		atomic_store_explicit(
			&w->conf.crew->lost, lost, memory_order_relaxed);
}

/* How many cycles there are from one tick to the next. */
static void
tick_learn(struct nj_worker *w, uint64_t tsc)
{
	int64_t now = nj_mono_ns(), passed = now - w->tick_ns;
	uint64_t cycles = tsc - w->tick_tsc;

	if (passed > NJ_NS_PER_MS)
		w->tick_cycles =
			(uint64_t)((double)cycles * TICK_NS / (double)passed);
	w->tick_ns = now;
	w->tick_tsc = tsc;
}

static unsigned
percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned)(part * 100 / whole) : 0;
}

static void
shed_input(struct nj_worker *w, struct nj_shed_input *in)
{
	const struct worker_counters *now = &w->counters;
	const struct worker_counters *old = &w->shed_counters;
	uint64_t lost =
		atomic_load_explicit(&w->conf.crew->lost, memory_order_relaxed);
	uint64_t used = 0, all = 0;
	struct nj_ring_counters ring;

	nj_ring_counters(w->conf.ring, &ring);
	if (w->conf.buffers)
		w->conf.buffers(&used, &all);
	*in = (struct nj_shed_input){
		.polls = now->bursts + now->empty - old->bursts - old->empty,
		.full = now->full - old->full,
		.lost = lost - w->shed_lost,
		.ring_percent = percent(ring.waiting, w->conf.ring_bytes),
		.buffers_percent = percent(used, all),
	};
	w->shed_counters = *now;
	w->shed_lost = lost;
}

static void
shed(struct nj_worker *w)
{
	struct nj_shed_input in;

	if (!w->conf.may_shed || !(w->live || w->conf.always_shed))
		return;
	shed_input(w, &in);
	if (!nj_shed_step(&w->shed, &in))
		return;
	nj_pipeline_shed(
		w->p, (enum nj_shed_level)w->shed.level, w->shed.share);
	w->state.shed_level = w->shed.level;
	w->state.shed_share = w->shed.share;
}

static void
tick(struct nj_worker *w, uint64_t tsc)
{
	tick_learn(w, tsc);
	take_change(w);
	if (w->took)
		w->state.last_packet_ns = nj_wall_ns();
	w->took = false;
	if (w->idle)
		advance_idle(w);
	release_due(w);
	read_outside(w);
	shed(w);
	if (w->conf.pipeline.lane)
		nj_pcap_lane_tick(w->conf.pipeline.lane, w->tick_ns);
	publish(w, NJ_STAGE_RUNNING);
}

/* ---- Packets in ---- */

static void
see_live(struct nj_worker *w)
{
	w->live = w->open_count > 0;
	for (unsigned i = 0; i < w->conf.ports; i++)
		if (w->open[i] && !w->conf.sources[i]->live)
			w->live = false;
	/* Files wait for the disk as they do for the brain. */
	if (w->conf.pipeline.lane)
		nj_pcap_lane_set_wait(w->conf.pipeline.lane, !w->live);
}

static void
port_over(struct nj_worker *w, unsigned i)
{
	w->open[i] = false;
	w->open_count--;
	(void)nj_source_stats(w->conf.sources[i]);
	see_live(w);
}

/* The clock of packets is the worker's: it does not go back when ports take
 * turns. */
static void
keep_time(const struct nj_worker *w, struct nj_packet *pkts, unsigned n)
{
	int64_t now = nj_pipeline_now(w->p);

	for (unsigned i = 0; i < n && pkts[i].now_ns < now; i++)
		pkts[i].now_ns = now;
}

static unsigned
poll_port(struct nj_worker *w, unsigned i)
{
	struct nj_source *s = w->conf.sources[i];
	struct nj_packet pkts[NJ_PIPELINE_BURST];
	int n = nj_source_burst(s, pkts, NJ_PIPELINE_BURST);

	if (n <= 0) {
		if (nj_unlikely(n < 0))
			port_over(w, i);
		return 0;
	}
	keep_time(w, pkts, (unsigned)n);
	nj_pipeline_burst(w->p, pkts, (unsigned)n);
	nj_source_release(s, pkts, (unsigned)n);
	w->counters.bursts++;
	w->counters.full += n == NJ_PIPELINE_BURST;
	return (unsigned)n;
}

/* After a stop only what is on its way is still taken. */
static unsigned
poll_ports(struct nj_worker *w, bool stop)
{
	unsigned got = 0;

	for (unsigned i = 0; i < w->conf.ports; i++)
		if (w->open[i] && (!stop || w->conf.sources[i]->quiets))
			got += poll_port(w, i);
	return got;
}

static void
be_idle(struct nj_worker *w)
{
	w->counters.empty++;
	if (++w->idle <= SPIN)
		return;
	w->nap_ns = nj_min(nj_max(w->nap_ns * 2, NAP_MIN_NS), NAP_MAX_NS);
	w->counters.sleeps++;
	nap(w->nap_ns);
}

/* Until there is nothing left to come, or the crew is stopped. */
static void
work(struct nj_worker *w)
{
	const struct nj_crew *crew = w->conf.crew;
	unsigned rounds = 0;
	uint64_t tsc;

	while (w->open_count) {
		bool stop =
			atomic_load_explicit(&crew->stop, memory_order_relaxed);
		unsigned got = poll_ports(w, stop);

		if (stop && (!got || ++rounds == DRAIN_ROUNDS))
			return;
		if (got) {
			w->took = true;
			w->idle = 0;
			w->nap_ns = 0;
		} else {
			be_idle(w);
		}
		tsc = __rdtsc();
		if (nj_unlikely(tsc - w->tick_tsc > w->tick_cycles))
			tick(w, tsc);
		else if (nj_unlikely(nj_order_bytes(w->order) > RELEASE_BYTES))
			release_due(w);
	}
}

/* ---- Beginning and end ---- */

static void
wait_to_go(struct nj_crew *crew)
{
	(void)pthread_mutex_lock(&crew->lock);
	crew->ready++;
	(void)pthread_cond_broadcast(&crew->changed);
	while (!crew->going)
		(void)pthread_cond_wait(&crew->changed, &crew->lock);
	(void)pthread_mutex_unlock(&crew->lock);
}

/* The earliest packet time of those who still take packets. */
static int64_t
crew_time(const struct nj_crew *crew)
{
	int64_t t = INT64_MAX;

	for (unsigned i = 0; i < crew->workers; i++)
		t = nj_min(t, atomic_load_explicit(
				      &crew->times[i], memory_order_relaxed));
	return t;
}

static bool
crew_has_ended(struct nj_crew *crew)
{
	bool ended;

	(void)pthread_mutex_lock(&crew->lock);
	ended = crew->ended == crew->workers;
	(void)pthread_mutex_unlock(&crew->lock);
	return ended;
}

/* Until all have ended: then the last packet time of all is known, at which
 * flows end. Until then time goes on, or the others' rows would wait. */
static int64_t
wait_for_crew(struct nj_worker *w)
{
	struct nj_crew *crew = w->conf.crew;
	unsigned rounds = 0;
	int64_t now = nj_pipeline_now(w->p);

	(void)pthread_mutex_lock(&crew->lock);
	crew->last_ns = nj_max(crew->last_ns, now);
	crew->ended++;
	(void)pthread_mutex_unlock(&crew->lock);
	atomic_store_explicit(
		&crew->times[w->conf.number], INT64_MAX, memory_order_relaxed);
	while (!crew_has_ended(crew)) {
		nap(NAP_MAX_NS);
		now = crew_time(crew);
		if (now != INT64_MAX && now > nj_pipeline_now(w->p))
			nj_pipeline_advance(w->p, now);
		release(w, nj_pipeline_watermark(w->p));
		if (++rounds % (TICK_NS / NAP_MAX_NS) == 0)
			publish(w, NJ_STAGE_RUNNING);
	}
	return crew->last_ns;
}

static void
finish(struct nj_worker *w)
{
	int64_t last_ns;

	w->live = false;
	publish(w, NJ_STAGE_STOPPING);
	last_ns = wait_for_crew(w);
	if (last_ns > FAR_PAST_NS)
		nj_pipeline_finish(w->p, last_ns);
	if (w->conf.pipeline.lane)
		nj_pcap_lane_flush(w->conf.pipeline.lane);
	release(w, INT64_MAX);
	read_outside(w);
	publish(w, NJ_STAGE_ENDED);
	atomic_store_explicit(&w->ended, true, memory_order_release);
}

static void
pin(const struct nj_worker *w)
{
	cpu_set_t set;

	if (w->conf.core < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((unsigned)w->conf.core, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static void *
run(void *ctx)
{
	struct nj_worker *w = ctx;

	pin(w);
	w->state.tid = (uint64_t)gettid();
	w->state.core = w->conf.core;
	w->state.ring_bytes = w->conf.ring_bytes;
	if (w->conf.enter)
		(void)w->conf.enter();
	wait_to_go(w->conf.crew);
	w->tick_tsc = __rdtsc();
	w->tick_ns = nj_mono_ns();
	w->tick_cycles = TICK_NS / 4;
	/* The one before, if any, ended with a time of its own. */
	nj_ring_set_watermark(w->conf.ring, INT64_MIN);
	publish(w, NJ_STAGE_RUNNING);
	work(w);
	finish(w);
	if (w->conf.leave)
		w->conf.leave();
	return NULL;
}

enum nj_err
nj_worker_create(struct nj_worker **out, const struct nj_worker_conf *conf)
{
	struct nj_worker *w = calloc(1, sizeof(*w));
	struct nj_pipeline_conf pipeline = conf->pipeline;
	enum nj_err err;

	*out = NULL;
	if (!w)
		return NJ_E_NOMEM;
	w->conf = *conf;
	w->out = nj_ring_sink(conf->ring);
	err = nj_order_create(&w->order);
	if (err)
		goto fail;
	w->rows = nj_order_sink(w->order);
	w->rows.refused = nj_ring_lost;
	w->rows.refused_ctx = conf->ring;
	pipeline.sink = &w->rows;
	err = nj_pipeline_create(&w->p, &pipeline);
	if (err)
		goto fail;
	for (unsigned i = 0; i < conf->ports; i++) {
		w->open[i] = conf->sources[i] != NULL;
		w->open_count += w->open[i];
	}
	see_live(w);
	w->shed.records = conf->pipeline.lane != NULL;
	atomic_store_explicit(&conf->crew->times[conf->number], INT64_MIN,
		memory_order_relaxed);
	*out = w;
	return NJ_OK;
fail:
	nj_worker_destroy(&w);
	return err;
}

enum nj_err
nj_worker_start(struct nj_worker *w)
{
	if (pthread_create(&w->thread, NULL, run, w))
		return NJ_E_SYSTEM;
	w->started = true;
	return NJ_OK;
}

bool
nj_worker_ended(const struct nj_worker *w)
{
	/* Pairs with the store in finish: all is published. */
	return atomic_load_explicit(&w->ended, memory_order_acquire);
}

void
nj_worker_join(struct nj_worker *w)
{
	if (w->started)
		(void)pthread_join(w->thread, NULL);
	w->started = false;
}

void
nj_worker_destroy(struct nj_worker **worker)
{
	struct nj_worker *w = *worker;
	struct change *given;

	if (!w)
		return;
	nj_worker_join(w);
	given = atomic_load_explicit(&w->given, memory_order_acquire);
	if (given)
		nj_filters_destroy(&given->filters);
	free(given);
	nj_pipeline_destroy(&w->p);
	nj_order_destroy(&w->order);
	free(w);
	*worker = NULL;
}

enum nj_err
nj_worker_change(struct nj_worker *w, struct nj_filters *filters,
	const struct nj_prefix *local, unsigned local_count)
{
	struct change *expected = NULL, *give;

	give = malloc(sizeof(*give) + local_count * sizeof(*local));
	if (!give)
		return NJ_E_NOMEM;
	give->filters = *filters;
	give->local_count = local_count;
	for (unsigned i = 0; i < local_count; i++)
		give->local[i] = local[i];
	if (!atomic_compare_exchange_strong_explicit(&w->given, &expected, give,
		    memory_order_release, memory_order_relaxed)) {
		free(give);
		return NJ_E_STATE;
	}
	*filters = (struct nj_filters){ 0 };
	return NJ_OK;
}

/* ---- The crew ---- */

enum nj_err
nj_crew_create(struct nj_crew **out, unsigned workers)
{
	struct nj_crew *crew = calloc(1, sizeof(*crew));

	*out = crew;
	if (!crew)
		return NJ_E_NOMEM;
	NJ_ASSERT(workers && workers <= NJ_CONTROL_WORKERS_MAX);
	crew->workers = workers;
	crew->last_ns = FAR_PAST_NS;
	(void)pthread_mutex_init(&crew->lock, NULL);
	(void)pthread_cond_init(&crew->changed, NULL);
	return NJ_OK;
}

void
nj_crew_destroy(struct nj_crew **crew)
{
	if (!*crew)
		return;
	(void)pthread_cond_destroy(&(*crew)->changed);
	(void)pthread_mutex_destroy(&(*crew)->lock);
	free(*crew);
	*crew = NULL;
}

void
nj_crew_await(struct nj_crew *crew)
{
	(void)pthread_mutex_lock(&crew->lock);
	while (crew->ready < crew->workers)
		(void)pthread_cond_wait(&crew->changed, &crew->lock);
	(void)pthread_mutex_unlock(&crew->lock);
}

void
nj_crew_go(struct nj_crew *crew)
{
	(void)pthread_mutex_lock(&crew->lock);
	crew->going = true;
	(void)pthread_cond_broadcast(&crew->changed);
	(void)pthread_mutex_unlock(&crew->lock);
}

void
nj_crew_stop(struct nj_crew *crew)
{
	atomic_store_explicit(&crew->stop, true, memory_order_relaxed);
}

void
nj_crew_give_up(struct nj_crew *crew)
{
	atomic_store_explicit(&crew->give_up, true, memory_order_relaxed);
}
