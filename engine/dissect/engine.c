/*
 * engine.c - what the flow table calls: flows come to work when they show
 * payload, and give it back as soon as nobody wants more.
 */
#include "engine/dissect/dissect_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

NJ_COUNTERS_DEFINE(dissect, DISSECT_COUNTERS);

void
explain(struct nj_dissect *e, struct nj_flow *f, const char *fmt, ...)
{
	char line[256];
	va_list args;

	if (nj_likely(!e->conf.explain))
		return;
	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	e->conf.explain(e->conf.explain_ctx, f, line);
}

static struct work *
work_at(const struct nj_dissect *e, const struct nj_flow *f)
{
	uint32_t handle = nj_flow_work(f);

	return handle ? nj_pool_at(&e->works, handle) : NULL;
}

static struct work *
work_open(struct nj_dissect *e, struct nj_flow *f)
{
	uint32_t handle = nj_pool_get(&e->works);
	struct work *w;

	if (!handle) {
		e->counters.no_work++;
		nj_flow_set_wants(f, false);
		return NULL;
	}
	nj_flow_set_work(f, handle);
	w = nj_pool_at(&e->works, handle);
	memset(w, 0, sizeof(*w));
	w->top = w->parent = NO_SLOT;
	w->datagram = nj_flow_proto(f) != NJ_IP_TCP;
	return w;
}

static void
work_close(const struct here *h)
{
	for (unsigned i = 0; i < SLOTS_MAX; i++)
		slot_close(h, i, false);
	held_free(&h->e->mem, &h->w->held[0]);
	held_free(&h->e->mem, &h->w->held[1]);
	nj_pool_put(&h->e->works, nj_flow_work(h->f));
	nj_flow_set_work(h->f, 0);
}

/* Gives the work back when its last reader is done. */
static void
close_if_done(const struct here *h)
{
	if (!h->w->gone &&
		(h->w->top == NO_SLOT || !h->w->slots[h->w->top].done))
		return;
	work_close(h);
	nj_flow_set_wants(h->f, false);
}

static struct here
here_at(void *ctx, struct nj_flow *f)
{
	return (struct here){ ctx, f, work_at(ctx, f) };
}

/* Under overload: does this flow lose its dissection? Its history says so. */
static bool
is_shed(const struct here *h)
{
	if (h->w && h->e->effort != NJ_EFFORT_NONE)
		return false;
	if (h->w) {
		work_close(h);
		h->e->counters.shed_old++;
	} else {
		h->e->counters.shed_new++;
	}
	nj_flow_set_wants(h->f, false);
	nj_flow_mark_incomplete(h->f);
	return true;
}

static void
on_prefetch(void *ctx, uint32_t handle)
{
	const struct nj_dissect *e = ctx;
	const uint8_t *w;

	if (!handle)
		return;
	w = nj_pool_at(&e->works, handle);
	__builtin_prefetch(w);
	__builtin_prefetch(w + NJ_CACHE_LINE);
	__builtin_prefetch(w + offsetof(struct work, slots));
}

/* The work is there by now: what it refers to. Its words may be those of a
 * flow that has ended, so nothing is read through them. */
static void
on_fetch(void *ctx, uint32_t handle)
{
	const struct nj_dissect *e = ctx;
	const struct work *w;
	unsigned top;

	if (!handle)
		return;
	w = nj_pool_at(&e->works, handle);
	top = w->top;
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++)
		mem_prefetch(&e->mem, w->held[i].handle);
	if (top >= SLOTS_MAX)
		return;
	mem_prefetch(&e->mem, w->slots[top].state);
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++)
		mem_prefetch(&e->mem, w->slots[top].held[i].handle);
}

/* What carries other packets has been opened by decoding: it is what it is,
 * and has nothing more to tell. */
static bool
is_tunnel(struct nj_flow *f)
{
	if (nj_likely(!f->meta || !f->meta->inner_tunnel))
		return false;
	nj_flow_add_service(
		f, (uint8_t)(TUNNEL_SERVICE + f->meta->inner_tunnel));
	return true;
}

static const char *
tunnel_name(unsigned tunnel)
{
	static const char *const names[] = { [NJ_TUN_IP] = "ip",
		[NJ_TUN_GRE] = "gre",
		[NJ_TUN_ERSPAN] = "erspan",
		[NJ_TUN_TEREDO] = "teredo",
		[NJ_TUN_GTPV1] = "gtpv1",
		[NJ_TUN_VXLAN] = "vxlan",
		[NJ_TUN_GENEVE] = "geneve",
		[NJ_TUN_AYIYA] = "ayiya" };

	return tunnel < nj_countof(names) && names[tunnel] ? names[tunnel]
							   : "tunnel";
}

/* What its reader does not want the flow need not bring. */
static void
flush_skips(const struct here *h)
{
	struct slot *s;

	if (h->w->top == NO_SLOT)
		return;
	s = &h->w->slots[h->w->top];
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++) {
		if (s->skip[i])
			nj_flow_skip(h->f, (enum nj_dir)i, s->skip[i]);
		s->skip[i] = 0;
	}
}

static void
on_data(void *ctx, struct nj_flow *f, enum nj_dir dir, struct nj_view v)
{
	struct here h = here_at(ctx, f);

	if (!v.len || is_tunnel(f))
		return;
	if (nj_unlikely(h.e->effort != NJ_EFFORT_FULL) && is_shed(&h))
		return;
	if (!h.w)
		h.w = work_open(h.e, f);
	if (!h.w)
		return;
	if (h.w->datagram) {
		datagram_in(&h, dir, v);
	} else {
		stream_in(&h, dir, v);
		flush_skips(&h);
	}
	close_if_done(&h);
}

static void
on_gap(void *ctx, struct nj_flow *f, enum nj_dir dir, uint64_t len)
{
	struct here h = here_at(ctx, f);

	if (!h.w)
		return;
	/* Who comes to look at it again finds the place as from a start. */
	held_free(&h.e->mem, &h.w->held[dir]);
	if (h.w->top != NO_SLOT)
		feed_gap(&h, dir, len);
	close_if_done(&h);
}

static void
on_eof(void *ctx, struct nj_flow *f, enum nj_dir dir)
{
	struct here h = here_at(ctx, f);

	if (!h.w || h.w->eof[dir])
		return;
	h.w->eof[dir] = true;
	if (h.w->top != NO_SLOT)
		feed_eof(&h, h.w->top, dir);
	else
		detect_eof(&h, dir);
	close_if_done(&h);
}

static void
on_end(void *ctx, struct nj_flow *f, enum nj_flow_end why)
{
	struct here h = here_at(ctx, f);

	(void)why;
	if (!h.w)
		return;
	/* What a side said before the other one cut it off is all there is. */
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++)
		if (h.w->top == NO_SLOT && !h.w->gone && !h.w->eof[i] &&
			!h.w->datagram) {
			h.w->eof[i] = true;
			detect_eof(&h, (enum nj_dir)i);
		}
	if (h.w->top == NO_SLOT && !h.w->gone)
		detect_end(&h);
	work_close(&h);
}

static const char *
service_name(const struct nj_dissector *dis, uint8_t proto)
{
	if (proto == NJ_IP_TCP && dis->service_tcp)
		return dis->service_tcp;
	return dis->service ? dis->service : dis->name;
}

static unsigned
on_services(void *ctx, struct nj_flow *f, struct nj_view *names, unsigned max)
{
	struct nj_dissect *e = ctx;
	uint8_t numbers[4];
	unsigned n = nj_flow_services(f, numbers);

	n = nj_min(n, max);
	for (unsigned i = 0; i < n; i++) {
		const struct nj_dissector *dis;

		if (numbers[i] > DISSECTORS_MAX) {
			names[i] = nj_str(
				tunnel_name(numbers[i] - TUNNEL_SERVICE));
			continue;
		}
		if (numbers[i] > e->set->count) {
			names[i] = nj_str(e->set->words[numbers[i]]);
			continue;
		}
		dis = e->set->list[numbers[i] - 1];
		names[i] = nj_str(service_name(dis, nj_flow_proto(f)));
	}
	return n;
}

static void
on_emit(void *ctx, const struct nj_event_desc *desc, const struct nj_head *head,
	const void *ev)
{
	struct nj_dissect *e = ctx;

	if (!nj_sink_put(e->sink, desc, head, ev))
		e->counters.records_refused++;
}

struct nj_flow_hooks
nj_dissect_hooks(struct nj_dissect *d)
{
	return (struct nj_flow_hooks){ .ctx = d,
		.prefetch = on_prefetch,
		.fetch = on_fetch,
		.data = on_data,
		.gap = on_gap,
		.eof = on_eof,
		.end = on_end,
		.services = on_services,
		.emit = on_emit };
}

void
nj_dissect_frame(struct nj_dissect *e, const struct nj_frame *f)
{
	const struct port_entry *p = set_port(e->set, NJ_LINK, f->type);

	if (!p || e->effort == NJ_EFFORT_NONE)
		return;
	for (unsigned i = 0; i < nj_countof(p->dissectors); i++) {
		unsigned index = p->dissectors[i] - 1u;
		struct nj_dctx d = { .e = e,
			.slot = NO_SLOT,
			.dissector = index,
			.now_ns = f->head.order_ns };

		if (!p->dissectors[i])
			return;
		if (!e->set->list[index]->frame)
			continue;
		e->arena_used = 0;
		e->set->list[index]->frame(&d, f);
	}
}

void
nj_dissect_set_effort(struct nj_dissect *e, enum nj_effort effort)
{
	e->effort = effort;
}

void
nj_dissect_tick(struct nj_dissect *e, int64_t now_ns)
{
	if (nj_unlikely(now_ns > e->next_wake_ns))
		dissect_tick_due(e, now_ns);
}

static enum nj_err
shared_create(struct nj_dissect *e)
{
	e->next_wake_ns = INT64_MAX;
	for (unsigned i = 0; i < e->set->count; i++) {
		uint32_t n = e->set->list[i]->shared_bytes;

		if (!n)
			continue;
		NJ_ASSERT(n <= SHARED_MAX);
		e->shared[i].block = nj_pages_alloc(n, NULL);
		if (!e->shared[i].block)
			return NJ_E_NOMEM;
	}
	return NJ_OK;
}

enum nj_err
nj_dissect_create(struct nj_dissect **out, const struct nj_dissect_conf *conf)
{
	struct nj_dissect *e = calloc(1, sizeof(*e));
	uint64_t works = conf->memory_bytes / 5;
	enum nj_err err = NJ_E_NOMEM;

	*out = NULL;
	if (!e)
		return NJ_E_NOMEM;
	e->set = conf->set;
	e->sink = conf->sink;
	e->conf = *conf;
	e->arena = malloc(ARENA_BYTES);
	if (conf->eve)
		e->json = malloc(ARENA_BYTES);
	e->oddities = calloc(
		e->set->oddity_first[e->set->count] + 1u, sizeof(*e->oddities));
	if (!e->arena || !e->oddities || (conf->eve && !e->json))
		goto fail;
	err = nj_match_scratch_create(&e->scratch, e->set->match);
	if (!err)
		err = nj_pool_init(&e->works, sizeof(struct work),
			(uint32_t)nj_min(nj_max(works / sizeof(struct work),
						 UINT64_C(16)),
				UINT64_C(1) << 26));
	if (!err)
		err = mem_init(&e->mem, conf->memory_bytes - works);
	if (!err)
		err = shared_create(e);
	if (err)
		goto fail;
	*out = e;
	return NJ_OK;
fail:
	nj_dissect_destroy(&e);
	return err;
}

void
nj_dissect_destroy(struct nj_dissect **d)
{
	struct nj_dissect *e = *d;

	if (!e)
		return;
	for (unsigned i = 0; i < e->set->count; i++)
		nj_pages_free(
			e->shared[i].block, e->set->list[i]->shared_bytes);
	mem_fini(&e->mem);
	nj_pool_fini(&e->works);
	nj_match_scratch_destroy(&e->scratch);
	free(e->oddities);
	free(e->arena);
	free(e->json);
	free(e);
	*d = NULL;
}

const void *
nj_dissect_counters(const struct nj_dissect *e)
{
	return &e->counters;
}

unsigned
nj_dissect_pools(
	const struct nj_dissect *e, struct nj_pool_use out[NJ_DISSECT_POOLS])
{
	static const char *const names[MEM_CLASSES] = { "states 128 B",
		"states 512 B", "states 2 KB", "states 8 KB", "states 32 KB",
		"states 64 KB" };

	out[0] = nj_pool_use(&e->works, "dissections");
	for (unsigned i = 0; i < MEM_CLASSES; i++)
		out[i + 1] = nj_pool_use(&e->mem.pools[i], names[i]);
	return NJ_DISSECT_POOLS;
}

uint64_t
nj_dissect_shed(const void *counters)
{
	struct dissect_counters c;

	memcpy(&c, counters, sizeof(c));
	return c.shed_new + c.shed_old;
}

uint64_t
nj_dissect_refused(const void *counters)
{
	struct dissect_counters c;

	memcpy(&c, counters, sizeof(c));
	return c.records_refused;
}
