/*
 * feed.c - giving bytes to a dissector, keeping what it leaves, and acting on
 * what it says.
 */
#include "engine/dissect/dissect_priv.h"

static const struct nj_dissector *
dissector_of(const struct nj_dissect *e, const struct slot *s)
{
	return e->set->list[s->dissector - 1];
}

static size_t
buffer_max(const struct nj_dissector *dis)
{
	return dis->buffer_max ? nj_min(dis->buffer_max, (uint32_t)BUFFER_MAX)
			       : BUFFER_DEFAULT;
}

struct nj_dctx
dctx_make(const struct here *h, unsigned slot)
{
	struct nj_dctx d = { .e = h->e, .f = h->f, .w = h->w, .slot = slot };

	d.dissector = h->w->slots[slot].dissector - 1u;
	d.now_ns = h->f->now_ns;
	return d;
}

unsigned
slot_open(struct nj_dissect *e, struct work *w, unsigned dissector,
	unsigned parent, uint64_t param)
{
	const struct nj_dissector *dis = e->set->list[dissector];
	unsigned at = 0;

	while (at < SLOTS_MAX && w->slots[at].dissector)
		at++;
	if (at == SLOTS_MAX)
		return NO_SLOT;
	w->slots[at] = (struct slot){ .dissector = (uint8_t)(dissector + 1),
		.parent = (uint8_t)parent,
		.param = param };
	if (!dis->state_bytes)
		return at;
	w->slots[at].state = mem_get(&e->mem, dis->state_bytes);
	if (!w->slots[at].state) {
		e->counters.no_memory++;
		w->slots[at] = (struct slot){ 0 };
		return NO_SLOT;
	}
	memset(mem_at(&e->mem, w->slots[at].state), 0, dis->state_bytes);
	return at;
}

static void
drop_kept(struct nj_dissect *e, struct slot *s)
{
	while (s->keep_head) {
		uint32_t handle = s->keep_head;

		memcpy(&s->keep_head, mem_at(&e->mem, handle),
			sizeof(s->keep_head));
		mem_put(&e->mem, handle);
	}
	s->keep_bytes = 0;
}

void
slot_close(const struct here *h, unsigned slot, bool rejected)
{
	struct slot *s = &h->w->slots[slot];

	if (!s->dissector)
		return;
	/* Those it opened depend on it. */
	for (unsigned i = 0; i < SLOTS_MAX; i++)
		if (i != slot && h->w->slots[i].dissector &&
			h->w->slots[i].parent == slot)
			slot_close(h, i, rejected);
	if (!rejected && dissector_of(h->e, s)->end) {
		struct nj_dctx d = dctx_make(h, slot);

		arena_clear(h->e);
		s->busy = true;
		dissector_of(h->e, s)->end(&d);
	}
	drop_kept(h->e, s);
	held_free(&h->e->mem, &s->held[0]);
	held_free(&h->e->mem, &s->held[1]);
	mem_put(&h->e->mem, s->state);
	*s = (struct slot){ 0 };
}

/* What a verdict means for the slot. */
static enum nj_verdict
settle(struct nj_dissect *e, struct nj_flow *f, struct slot *s,
	enum nj_verdict verdict)
{
	if (verdict == NJ_REJECT && s->confirmed)
		verdict = NJ_BROKEN;
	switch (verdict) {
	case NJ_MORE:
	case NJ_ACCEPT:
		return NJ_MORE;
	case NJ_REJECT:
		e->counters.rejected++;
		explain(e, f, "%s: not it after all", dissector_of(e, s)->name);
		return NJ_REJECT;
	case NJ_BROKEN:
		e->counters.broken++;
		explain(e, f, "%s: broken, given up", dissector_of(e, s)->name);
		break;
	case NJ_DONE:
		explain(e, f, "%s: done, payload cut off",
			dissector_of(e, s)->name);
		break;
	}
	s->done = true;
	return verdict;
}

/* Bytes that were said not to be wanted. */
static struct nj_view
take_skip(struct slot *s, enum nj_dir dir, struct nj_view v)
{
	size_t n = (size_t)nj_min(s->skip[dir], (uint64_t)v.len);

	s->skip[dir] -= n;
	return nj_sub(v, n, v.len);
}

/* The bytes of both directions that the giver-over had not consumed go to
 * the new top; the originator's first, as it mostly speaks first. */
static void
pass_on(const struct here *h, struct slot *from, enum nj_dir dir,
	struct nj_view rest)
{
	struct held left[2] = { from->held[0], from->held[1] };

	from->held[0] = from->held[1] = (struct held){ 0 };
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++) {
		struct nj_view v =
			i == dir ? rest : held_view(&h->e->mem, &left[i]);

		if (v.len)
			stream_in(h, (enum nj_dir)i, v);
	}
	held_free(&h->e->mem, &left[0]);
	held_free(&h->e->mem, &left[1]);
}

/* What was not consumed waits in the slot. rest is the end of the held bytes
 * if there are any, else of the caller's. */
static bool
keep_rest(struct nj_dissect *e, struct slot *s, enum nj_dir dir,
	struct nj_view rest)
{
	if (s->held[dir].handle) {
		held_keep_tail(&e->mem, &s->held[dir], rest.len);
		return true;
	}
	return held_append(&e->mem, &s->held[dir], rest, (size_t)BUFFER_MAX);
}

/* One call of the dissector; rest shrinks by what it took. True when it must
 * be called again at once: it skipped to bytes that are in hand. */
static bool
call_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view *rest,
	enum nj_verdict *verdict)
{
	struct slot *s = &d->w->slots[d->slot];
	const struct nj_dissector *dis = d->e->set->list[d->dissector];

	d->consumed = d->want = 0;
	d->skip = 0;
	arena_clear(d->e);
	s->busy = true;
	*verdict = dis->stream(d, dir, *rest);
	s->busy = false;
	*rest = nj_sub(*rest, nj_min(d->consumed, rest->len), rest->len);
	if (*verdict != NJ_MORE || d->handed_over || !d->skip)
		return false;
	/* What is not kept cannot be shown to another. */
	if (!s->confirmed && !s->child)
		d->w->over = true;
	s->skip[dir] = d->skip;
	*rest = take_skip(s, dir, *rest);
	return rest->len > 0;
}

static enum nj_verdict
too_long(const struct here *h, struct slot *s)
{
	h->e->counters.too_long++;
	explain(h->e, h->f, "%s: message too long",
		dissector_of(h->e, s)->name);
	s->done = true;
	return NJ_BROKEN;
}

/* A part that the slot has room for. */
static enum nj_verdict
feed_part(struct nj_dctx *d, enum nj_dir dir, struct nj_view rest)
{
	struct here h = { d->e, d->f, d->w };
	struct slot *s = &d->w->slots[d->slot];
	enum nj_verdict verdict = NJ_MORE;

	d->want = 0;
	if (s->held[dir].len) {
		if (!held_append(
			    &h.e->mem, &s->held[dir], rest, (size_t)BUFFER_MAX))
			return too_long(&h, s);
		rest = held_view(&h.e->mem, &s->held[dir]);
	}
	if (rest.len >= s->want[dir]) {
		s->want[dir] = 0;
		while (call_stream(d, dir, &rest, &verdict))
			continue;
		s->want[dir] = (uint32_t)nj_min(d->want, (size_t)BUFFER_MAX);
	}
	if (d->handed_over) {
		struct held mine = s->held[dir];

		s->held[dir] = (struct held){ 0 };
		pass_on(&h, s, dir, rest);
		held_free(&h.e->mem, &mine);
		return verdict == NJ_DONE || verdict == NJ_BROKEN ? NJ_DONE
								  : NJ_MORE;
	}
	verdict = settle(h.e, h.f, s, verdict);
	if (verdict != NJ_MORE) {
		held_free(&h.e->mem, &s->held[dir]);
		return verdict;
	}
	return keep_rest(h.e, s, dir, rest) ? NJ_MORE : too_long(&h, s);
}

enum nj_verdict
feed_stream(
	const struct here *h, unsigned slot, enum nj_dir dir, struct nj_view v)
{
	struct slot *s = &h->w->slots[slot];
	struct nj_dctx d = dctx_make(h, slot);
	enum nj_verdict verdict = NJ_MORE;
	size_t max, n;

	if (s->done || s->busy || !dissector_of(h->e, s)->stream)
		return NJ_DONE;
	max = buffer_max(dissector_of(h->e, s));
	/* Never more in hand than may be left over: what is too long would
	 * depend on how it was cut. */
	while (verdict == NJ_MORE) {
		v = take_skip(s, dir, v);
		if (!v.len)
			return NJ_MORE;
		n = nj_min(v.len, max - s->held[dir].len);
		if (!n)
			return too_long(h, s);
		verdict = feed_part(&d, dir, nj_sub(v, 0, n));
		v = nj_sub(v, n, v.len);
		if (d.handed_over) {
			stream_in(h, dir, v);
			return verdict;
		}
	}
	return verdict;
}

enum nj_verdict
feed_datagram(
	const struct here *h, unsigned slot, enum nj_dir dir, struct nj_view v)
{
	struct slot *s = &h->w->slots[slot];
	struct nj_dctx d = dctx_make(h, slot);
	enum nj_verdict verdict;

	if (s->done || s->busy || !dissector_of(h->e, s)->datagram)
		return NJ_DONE;
	arena_clear(h->e);
	s->busy = true;
	verdict = dissector_of(h->e, s)->datagram(&d, dir, v);
	s->busy = false;
	/* One broken datagram says nothing of the next. */
	if (verdict == NJ_BROKEN) {
		h->e->counters.broken++;
		return NJ_MORE;
	}
	return settle(h->e, h->f, s, verdict);
}

void
feed_gap(const struct here *h, enum nj_dir dir, uint64_t len)
{
	struct slot *s = &h->w->slots[h->w->top];
	const struct nj_dissector *dis = dissector_of(h->e, s);
	struct nj_dctx d = dctx_make(h, h->w->top);
	enum nj_verdict verdict = NJ_DONE;

	if (s->done)
		return;
	if (dis->gap) {
		arena_clear(h->e);
		s->busy = true;
		verdict = dis->gap(
			&d, dir, held_view(&h->e->mem, &s->held[dir]), len);
		s->busy = false;
	} else {
		explain(h->e, h->f, "%s: lost its place in a gap", dis->name);
	}
	held_free(&h->e->mem, &s->held[dir]);
	s->want[dir] = 0;
	if (verdict == NJ_REJECT)
		verdict = NJ_DONE;
	(void)settle(h->e, h->f, s, verdict);
	if (d.skip)
		nj_flow_skip(h->f, dir, d.skip);
}

void
feed_eof(const struct here *h, unsigned slot, enum nj_dir dir)
{
	struct slot *s = &h->w->slots[slot];
	struct nj_dctx d = dctx_make(h, slot);

	if (s->done || s->busy || !dissector_of(h->e, s)->eof)
		return;
	arena_clear(h->e);
	s->busy = true;
	dissector_of(h->e, s)->eof(
		&d, dir, held_view(&h->e->mem, &s->held[dir]));
	s->busy = false;
}
