/*
 * api.c - what dissectors call (dissector.h).
 */
#include "engine/dissect/dissect_priv.h"

#include <stdarg.h>
#include <stdio.h>

#include "engine/event/weird.h"

/* Before each block of nj_keep: a list per slot, so that all goes back when
 * the slot does. */
struct kept {
	uint32_t next; /* handle; first, as feed.c walks by it */
	uint32_t prev, self, bytes;
};

static struct slot *
slot_of(struct nj_dctx *d)
{
	return d->slot < SLOTS_MAX ? &d->w->slots[d->slot] : NULL;
}

static const struct nj_dissector *
self_of(const struct nj_dctx *d)
{
	return d->e->set->list[d->dissector];
}

void *
nj_state(struct nj_dctx *d)
{
	struct slot *s = slot_of(d);

	NJ_ASSERT(s && s->state);
	return mem_at(&d->e->mem, s->state);
}

int64_t
nj_now(const struct nj_dctx *d)
{
	return d->now_ns;
}

struct nj_addr
nj_addr_of(const struct nj_dctx *d, enum nj_dir dir)
{
	return nj_flow_addr(d->f, dir);
}

uint16_t
nj_port_of(const struct nj_dctx *d, enum nj_dir dir)
{
	return nj_flow_port(d->f, dir);
}

uint8_t
nj_proto_of(const struct nj_dctx *d)
{
	return nj_flow_proto(d->f);
}

bool
nj_is_local(const struct nj_dctx *d, struct nj_addr a)
{
	return nj_flow_is_local(d->f->table, &a);
}

bool
nj_from_start(const struct nj_dctx *d)
{
	return nj_flow_saw_start(d->f);
}

void
nj_uid_of(const struct nj_dctx *d, uint64_t uid[2])
{
	nj_flow_uid(d->f, uid);
}

void
nj_fuid_text(const struct nj_dctx *d, uint32_t n, char out[NJ_UID_TEXT])
{
	uint64_t uid[2];
	struct nj_hash_key key;

	nj_flow_uid(d->f, uid);
	key = (struct nj_hash_key){ uid[0], uid[1] };
	nj_hash128(&key, &n, sizeof(n), uid);
	nj_uid_format('F', uid, out);
}

uint64_t
nj_param(const struct nj_dctx *d)
{
	return d->slot < SLOTS_MAX ? d->w->slots[d->slot].param : d->w->param;
}

const char *
nj_parent(const struct nj_dctx *d)
{
	unsigned parent = d->slot < SLOTS_MAX ? d->w->slots[d->slot].parent
					      : d->w->parent;

	if (parent >= SLOTS_MAX || !d->w->slots[parent].dissector)
		return NULL;
	return d->e->set->list[d->w->slots[parent].dissector - 1]->name;
}

void
nj_brief(struct nj_dctx *d)
{
	nj_flow_set_brief(d->f);
}

bool
nj_flip(struct nj_dctx *d)
{
	uint8_t packets = d->w->packets[0];

	if (!d->w->datagram || nj_flow_packets(d->f, NJ_ORIG) != 1 ||
		nj_flow_packets(d->f, NJ_RESP) != 0)
		return false;
	nj_flow_flip(d->f);
	d->w->packets[0] = d->w->packets[1];
	d->w->packets[1] = packets;
	return true;
}

struct nj_view
nj_icmp_header(const struct nj_dctx *d)
{
	const struct nj_meta *m = d->f->meta;

	if (!m || (m->proto != NJ_IP_ICMP && m->proto != NJ_IP_ICMP6 &&
			  m->proto != NJ_IP_SCTP))
		return (struct nj_view){ 0 };
	return (struct nj_view){ m->l4, m->l4_header_bytes };
}

void
nj_consume(struct nj_dctx *d, size_t n)
{
	d->consumed += n;
}

void
nj_want(struct nj_dctx *d, size_t n)
{
	d->want = n;
}

void
nj_skip(struct nj_dctx *d, uint64_t n)
{
	d->skip += n;
}

uint64_t
nj_skip_left(const struct nj_dctx *d, enum nj_dir dir)
{
	const struct slot *s = &d->w->slots[d->slot];

	if (s->child)
		return s->skip[dir];
	return s->skip[dir] + nj_flow_skip_left(d->f, dir);
}

uint64_t
nj_skip_lost(const struct nj_dctx *d, enum nj_dir dir)
{
	return d->w->slots[d->slot].child ? 0 : nj_flow_skip_lost(d->f, dir);
}

static void
confirm(struct nj_dctx *d)
{
	struct slot *s = slot_of(d);
	const struct nj_dissector *dis = self_of(d);

	if (!s || s->confirmed)
		return;
	s->confirmed = true;
	if (!dis->service || dis->service[0])
		nj_flow_add_service(d->f, (uint8_t)(d->dissector + 1));
}

void
nj_confirm(struct nj_dctx *d)
{
	confirm(d);
}

uint64_t
nj_hash_bytes_max(const struct nj_dctx *d)
{
	return d->e->effort == NJ_EFFORT_FULL ? d->e->conf.hash_bytes_max : 0;
}

bool
nj_extracts(const struct nj_dctx *d)
{
	return d->e->conf.extract != NULL;
}

bool
nj_extract(const struct nj_dctx *d, const char *fuid, uint64_t at,
	struct nj_view v)
{
	const struct nj_dissect_conf *conf = &d->e->conf;

	return conf->extract && conf->extract(conf->extract_ctx, fuid, at, v);
}

bool
nj_wanted(const struct nj_dctx *d, const struct nj_event_desc *desc)
{
	return d->e->conf.eve || !(desc->flags & NJ_EV_EVE);
}

void
nj_confirm_as(struct nj_dctx *d, const char *dissector)
{
	int index = set_find(d->e->set, dissector);

	if (index >= 0 && d->f)
		nj_flow_add_service(d->f, (uint8_t)(index + 1));
}

void
nj_name_flow(struct nj_dctx *d, unsigned service)
{
	struct slot *s = slot_of(d);
	unsigned number = d->e->set->service_first[d->dissector] + service;

	NJ_ASSERT(number < d->e->set->service_first[d->dissector + 1]);
	if (!s) {
		d->named = (uint8_t)number;
		return;
	}
	s->confirmed = true;
	nj_flow_add_service(d->f, (uint8_t)number);
}

bool
nj_matched(const struct nj_dctx *d, unsigned sig)
{
	unsigned at = d->e->set->sig_first[d->dissector] + sig;

	NJ_ASSERT(at < d->e->set->sig_first[d->dissector + 1]);
	return d->e->matched[at / 64] >> at % 64 & 1;
}

static bool
put(struct nj_dctx *d, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *ev)
{
	if (nj_unlikely(!nj_wanted(d, desc)))
		return false;
	/* What was written for an event is in its row now. */
	if (nj_unlikely(desc->flags & NJ_EV_EVE))
		d->e->json_used = 0;
	if (nj_sink_put(d->e->sink, desc, head, ev))
		return true;
	d->e->counters.records_refused++;
	return false;
}

struct nj_head
nj_head_of(const struct nj_dctx *d)
{
	struct nj_head head;

	nj_flow_head(d->f, &head);
	return head;
}

bool
nj_emit_at(struct nj_dctx *d, const struct nj_event_desc *desc, const void *ev,
	int64_t ts_ns)
{
	struct nj_head head;

	if (nj_likely(!(desc->flags & NJ_EV_EVE)))
		confirm(d);
	nj_flow_head(d->f, &head);
	head.ts_ns = ts_ns;
	return put(d, desc, &head, ev);
}

bool
nj_emit(struct nj_dctx *d, const struct nj_event_desc *desc, const void *ev)
{
	return nj_emit_at(d, desc, ev, d->now_ns);
}

bool
nj_emit_dir(struct nj_dctx *d, const struct nj_event_desc *desc, const void *ev,
	enum nj_dir dir)
{
	struct nj_head head;

	nj_flow_head(d->f, &head);
	if (dir == NJ_RESP)
		head = nj_head_turned(&head);
	return put(d, desc, &head, ev);
}

bool
nj_emit_head(struct nj_dctx *d, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *ev)
{
	struct nj_head due = *head;

	due.order_ns = d->now_ns;
	return put(d, desc, &due, ev);
}

void
nj_odd_addl(struct nj_dctx *d, unsigned oddity, struct nj_view addl)
{
	const struct nj_dissector *dis = self_of(d);
	unsigned at = d->e->set->oddity_first[d->dissector] + oddity;
	struct weird_event ev = { 0 };
	struct nj_head head;

	NJ_ASSERT(at < d->e->set->oddity_first[d->dissector + 1]);
	d->e->oddities[at]++;
	if (!d->f || d->w->weirds >= WEIRD_FLOW_MAX)
		return;
	d->w->weirds++;
	ev.name = nj_str(dis->oddities[oddity].name);
	ev.addl = addl;
	ev.source = nj_str(dis->name);
	nj_flow_head(d->f, &head);
	(void)put(d, &weird_desc, &head, &ev);
}

void
nj_odd(struct nj_dctx *d, unsigned oddity)
{
	nj_odd_addl(d, oddity, (struct nj_view){ 0 });
}

void *
nj_arena(struct nj_dctx *d, size_t n)
{
	size_t at = (d->e->arena_used + 15) & ~(size_t)15;

	if (n > ARENA_BYTES || at > ARENA_BYTES - n)
		return NULL;
	d->e->arena_used = at + n;
	return d->e->arena + at;
}

/* What was taken is free again, but for a parent's. */
void
arena_clear(struct nj_dissect *e)
{
	e->arena_used = e->arena_base;
	e->json_used = 0;
}

size_t
nj_arena_mark(const struct nj_dctx *d)
{
	return d->e->arena_used;
}

void
nj_arena_release(struct nj_dctx *d, size_t mark)
{
	d->e->arena_used = mark;
}

void
nj_arena_json(struct nj_dctx *d, struct nj_json *j, size_t n)
{
	struct nj_dissect *e = d->e;

	n = e->json ? nj_min(n, ARENA_BYTES - e->json_used) : 0;
	nj_json_init(j, nj_buf_fixed(n ? e->json + e->json_used : NULL, n));
	e->json_used += n;
}

struct nj_view
nj_arena_json_end(struct nj_dctx *d, struct nj_json *j)
{
	struct nj_view v = nj_json_view(j);

	if (d->e->json)
		d->e->json_used = (size_t)(j->buf.data - d->e->json) + v.len;
	return v;
}

struct nj_view
nj_arena_printf(struct nj_dctx *d, const char *fmt, ...)
{
	size_t at = d->e->arena_used, room = ARENA_BYTES - at;
	char *out = (char *)d->e->arena + at;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(out, room, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room)
		return (struct nj_view){ 0 };
	d->e->arena_used += (size_t)n;
	return (struct nj_view){ (uint8_t *)out, (size_t)n };
}

void *
nj_keep(struct nj_dctx *d, size_t n)
{
	struct slot *s = slot_of(d);
	struct kept *k;
	uint32_t handle = 0;

	if (s && n <= BUFFER_MAX && s->keep_bytes + n <= KEEP_FLOW_BYTES)
		handle = mem_get(&d->e->mem, n + sizeof(*k));
	if (!handle) {
		d->e->counters.no_memory++;
		return NULL;
	}
	k = mem_at(&d->e->mem, handle);
	*k = (struct kept){ s->keep_head, 0, handle, (uint32_t)n };
	if (k->next)
		((struct kept *)mem_at(&d->e->mem, k->next))->prev = handle;
	s->keep_head = handle;
	s->keep_bytes += (uint32_t)n;
	return k + 1;
}

void
nj_drop(struct nj_dctx *d, void *p)
{
	struct slot *s = slot_of(d);
	struct kept *k;

	if (!p || !s)
		return;
	k = (struct kept *)p - 1;
	if (k->next)
		((struct kept *)mem_at(&d->e->mem, k->next))->prev = k->prev;
	if (k->prev)
		((struct kept *)mem_at(&d->e->mem, k->prev))->next = k->next;
	else
		s->keep_head = k->next;
	s->keep_bytes -= k->bytes;
	mem_put(&d->e->mem, k->self);
}

struct nj_view
nj_keep_view(struct nj_dctx *d, struct nj_view v, size_t max)
{
	size_t n = nj_min(v.len, max);
	uint8_t *copy = n ? nj_keep(d, n) : NULL;

	if (!copy)
		return (struct nj_view){ 0 };
	memcpy(copy, v.data, n);
	return (struct nj_view){ copy, n };
}

bool
nj_handover(struct nj_dctx *d, const char *dissector, uint64_t param)
{
	int index = dissector ? set_find(d->e->set, dissector) : -1;
	struct slot *s = slot_of(d);
	unsigned slot = NO_SLOT;

	if (!s || s->child || d->w->datagram || d->handed_over ||
		(dissector && index < 0))
		return false;
	if (dissector) {
		slot = slot_open(d->e, d->w, (unsigned)index, d->slot, param);
		if (slot == NO_SLOT)
			return false;
		d->w->slots[slot].handed = true;
	} else {
		memset(d->w->rejected, 0, sizeof(d->w->rejected));
		memset(d->w->no_probe, 0, sizeof(d->w->no_probe));
		d->w->packets[0] = d->w->packets[1] = 0;
		d->w->parent = (uint8_t)d->slot;
		d->w->param = param;
	}
	held_free(&d->e->mem, &d->w->held[0]);
	held_free(&d->e->mem, &d->w->held[1]);
	d->w->over = false;
	d->w->top = (uint8_t)slot;
	d->handed_over = true;
	explain(d->e, d->f, "%s: hands over to %s", self_of(d)->name,
		dissector ? dissector : "detection");
	return true;
}

unsigned
nj_child_open(struct nj_dctx *d, const char *dissector, uint64_t param)
{
	int index = set_find(d->e->set, dissector);
	unsigned slot;

	if (index < 0 || !slot_of(d))
		return 0;
	slot = slot_open(d->e, d->w, (unsigned)index, d->slot, param);
	if (slot == NO_SLOT)
		return 0;
	d->w->slots[slot].child = true;
	return slot + 1;
}

/* What a parent has in the arena outlives its call of a child, which begins
 * behind it. */
struct arena_mark {
	size_t used, base;
};

static struct arena_mark
arena_lend(struct nj_dissect *e)
{
	struct arena_mark mark = { e->arena_used, e->arena_base };

	e->arena_base = e->arena_used;
	return mark;
}

static void
arena_return(struct nj_dissect *e, struct arena_mark mark)
{
	e->arena_used = mark.used;
	e->arena_base = mark.base;
}

enum nj_verdict
nj_child_feed(
	struct nj_dctx *d, unsigned child, enum nj_dir dir, struct nj_view v)
{
	struct here h = { d->e, d->f, d->w };
	unsigned slot = child - 1;
	struct arena_mark mark;
	enum nj_verdict verdict;
	struct slot *s;

	if (slot >= SLOTS_MAX || !d->w->slots[slot].dissector)
		return NJ_DONE;
	s = &d->w->slots[slot];
	mark = arena_lend(d->e);
	if (d->e->set->list[s->dissector - 1]->stream)
		verdict = feed_stream(&h, slot, dir, v);
	else
		verdict = feed_datagram(&h, slot, dir, v);
	if (verdict == NJ_REJECT)
		slot_close(&h, slot, true);
	arena_return(d->e, mark);
	return verdict;
}

void
nj_child_close(struct nj_dctx *d, unsigned child)
{
	struct here h = { d->e, d->f, d->w };
	struct arena_mark mark;

	if (!child || child > SLOTS_MAX)
		return;
	mark = arena_lend(d->e);
	slot_close(&h, child - 1, false);
	arena_return(d->e, mark);
}

void *
nj_shared(struct nj_dctx *d)
{
	NJ_ASSERT(d->e->shared[d->dissector].block);
	return d->e->shared[d->dissector].block;
}

void
nj_wake(struct nj_dctx *d, int64_t at_ns)
{
	struct shared *sh = &d->e->shared[d->dissector];

	if (!sh->wake_ns || at_ns < sh->wake_ns)
		sh->wake_ns = at_ns;
	if (at_ns < d->e->next_wake_ns)
		d->e->next_wake_ns = at_ns;
}

static void
tick(struct nj_dissect *e, unsigned index, int64_t now_ns, bool finish)
{
	struct nj_dctx d = {
		.e = e, .slot = NO_SLOT, .dissector = index, .now_ns = now_ns
	};

	e->shared[index].wake_ns = 0;
	arena_clear(e);
	e->set->list[index]->tick(&d, finish);
}

/* The dissector that is to be woken first, or -1. */
static int
first_due(const struct nj_dissect *e, int64_t now_ns)
{
	int first = -1;

	for (unsigned i = 0; i < e->set->count; i++)
		if (e->shared[i].wake_ns && e->shared[i].wake_ns < now_ns &&
			(first < 0 || e->shared[i].wake_ns <
					      e->shared[first].wake_ns))
			first = (int)i;
	return first;
}

void
dissect_tick_due(struct nj_dissect *e, int64_t now_ns)
{
	int index;

	/* Each call uses a wake up; a dissector may ask again, but only for
	 * later than it was told, or this would not end. */
	while ((index = first_due(e, now_ns)) >= 0) {
		int64_t at = e->shared[index].wake_ns;

		tick(e, (unsigned)index, at, false);
		if (e->shared[index].wake_ns && e->shared[index].wake_ns <= at)
			e->shared[index].wake_ns = at + 1;
	}
	e->next_wake_ns = INT64_MAX;
	for (unsigned i = 0; i < e->set->count; i++)
		if (e->shared[i].wake_ns)
			e->next_wake_ns =
				nj_min(e->next_wake_ns, e->shared[i].wake_ns);
}

void
nj_dissect_finish(struct nj_dissect *e, int64_t now_ns)
{
	dissect_tick_due(e, now_ns);
	for (unsigned i = 0; i < e->set->count; i++)
		if (e->shared[i].block && e->set->list[i]->tick)
			tick(e, i, now_ns, true);
}
