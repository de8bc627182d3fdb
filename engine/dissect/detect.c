/*
 * detect.c - finding out which protocol a flow speaks: what was announced,
 * then signatures, ports as a hint, probes. A dissector that takes a flow may
 * still reject it; then the next candidate has its turn.
 *
 * How a stream was cut must not matter. So candidates are tried as single
 * bytes would have brought them: the first has the flow until it rejects, or
 * until a better witness speaks for another before it is sure and before the
 * other side answers (a signature against a port or a signature that was
 * shorter; but nothing against port and signature together). A datagram is
 * whole, and takes the best witness at once.
 */
#include "engine/dissect/dissect_priv.h"

#include "engine/base/entropy.h"

/* All bytes there are, and which side spoke last: a dissector is given that
 * one's last, for how much of it is there depends on how it was cut. */
struct settling {
	const struct here *h;
	enum nj_dir last;
	struct nj_view v[2];
	struct look look; /* at the side that spoke last */
	struct candidates c;
	size_t probed; /* bytes within which probes were asked */
	uint64_t param;
};

enum outcome { TAKEN, REJECTED, DISPLACED };

static bool
is_unsure(const struct work *w, unsigned slot)
{
	return w->top == slot && !w->slots[slot].confirmed &&
	       !w->slots[slot].done && !w->over;
}

/* After a try: may the flow still become another's? */
static void
keep_for_others(const struct settling *s, unsigned slot, struct held held[2])
{
	struct work *w = s->h->w;
	struct mem *m = &s->h->e->mem;

	if (w->datagram || !is_unsure(w, slot)) {
		held_free(m, &held[0]);
		held_free(m, &held[1]);
		return;
	}
	if (!held[s->last].len && !held_append(m, &held[s->last], s->v[s->last],
					  DETECT_HELD_BYTES))
		w->over = true;
	w->held[0] = held[0];
	w->held[1] = held[1];
}

static enum nj_verdict
feed(const struct here *h, unsigned slot, enum nj_dir dir, struct nj_view v)
{
	if (!v.len)
		return NJ_MORE;
	if (h->w->datagram)
		return feed_datagram(h, slot, dir, v);
	if (h->w->top == slot)
		return feed_stream(h, slot, dir, v);
	stream_in(h, dir, v);
	return NJ_MORE;
}

/* Gives the dissector all bytes there are, unless it is not sure of itself
 * when stop bytes of the side that spoke last (0: none) bring a better one. */
static enum outcome
begin(const struct settling *s, unsigned slot, size_t stop)
{
	const struct here *h = s->h;
	struct nj_view v = s->v[s->last];
	size_t n = stop ? stop - 1 : v.len;
	enum nj_dir other = nj_other(s->last);

	if (feed(h, slot, other, s->v[other]) == NJ_REJECT ||
		feed(h, slot, s->last, nj_sub(v, 0, n)) == NJ_REJECT)
		return REJECTED;
	if (stop && is_unsure(h->w, slot))
		return DISPLACED;
	return feed(h, slot, s->last, nj_sub(v, n, v.len)) == NJ_REJECT
		       ? REJECTED
		       : TAKEN;
}

static void
mark_rejected(struct work *w, unsigned index)
{
	w->rejected[index / 64] |= UINT64_C(1) << index % 64;
}

static enum outcome
try_one(const struct settling *s, struct candidate one, size_t stop)
{
	const struct here *h = s->h;
	unsigned slot =
		slot_open(h->e, h->w, one.index, h->w->parent, s->param);
	struct held held[2] = { h->w->held[0], h->w->held[1] };
	enum outcome outcome;

	if (slot == NO_SLOT) {
		mark_rejected(h->w, one.index);
		return REJECTED;
	}
	h->w->top = (uint8_t)slot;
	h->w->side = (uint8_t)s->last;
	h->w->rank = one.at ? one.rank : RANK_BEST;
	/* It may hand over to detection at once, which then collects anew. */
	h->w->held[0] = h->w->held[1] = (struct held){ 0 };
	outcome = begin(s, slot, stop);
	if (outcome == TAKEN) {
		h->e->counters.named++;
		explain(h->e, h->f,
			"%s: takes the flow after %u+%u payload packets",
			h->e->set->list[one.index]->name, h->w->packets[0],
			h->w->packets[1]);
		keep_for_others(s, slot, held);
		return TAKEN;
	}
	slot_close(h, slot, true);
	h->w->top = NO_SLOT;
	h->w->held[0] = held[0];
	h->w->held[1] = held[1];
	if (outcome == REJECTED)
		mark_rejected(h->w, one.index);
	if (!h->w->over)
		return outcome;
	give_up(h);
	return TAKEN;
}

/* The candidate that comes first; false when there is none. */
static bool
first_of(struct settling *s, struct candidate *out)
{
	const struct candidate *c = candidate_next(s->h->w, &s->c);
	size_t max = c ? c->at - 1u : s->look.top.len;

	/* A probe is asked only of bytes that no signature has come before:
	 * mostly the signature decides. Datagrams come to probes last. */
	if (c && !c->at)
		max = 0;
	if (max > s->probed) {
		s->probed = max;
		candidates_by_probe(&s->look, max, &s->c);
		c = candidate_next(s->h->w, &s->c);
	}
	if (c)
		*out = *c;
	return c != NULL;
}

/* The first to come after one that is a better witness. */
static const struct candidate *
better_than(const struct settling *s, const struct candidate *one)
{
	return candidate_better(s->h->w, &s->c, one);
}

/* Some candidate takes the flow: true. Begins with one, if given. */
static bool
settle(struct settling *s, const struct candidate *begin_with)
{
	struct candidate one;

	if (begin_with)
		one = *begin_with;
	else if (!first_of(s, &one))
		return false;
	for (;;) {
		const struct candidate *better = better_than(s, &one);

		switch (try_one(s, one, better ? better->at : 0)) {
		case TAKEN:
			return true;
		case DISPLACED:
			one = *better;
			break;
		case REJECTED:
			if (!first_of(s, &one))
				return false;
			break;
		}
	}
}

static void
found(const struct here *h)
{
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++)
		if (h->w->eof[i] && h->w->top != NO_SLOT)
			feed_eof(h, h->w->top, (enum nj_dir)i);
}

static bool
try_expected(struct settling *s)
{
	const struct here *h = s->h;
	enum outcome outcome;
	struct expectation x;

	if (!h->e->expect_live || h->w->packets[0] + h->w->packets[1] != 1 ||
		!expect_take(h->e, h->f, &x))
		return false;
	h->e->counters.expected++;
	explain(h->e, h->f, "%s: expected",
		h->e->set->list[x.dissector - 1]->name);
	s->param = x.param;
	outcome = try_one(
		s, (struct candidate){ 0, RANK_BEST, x.dissector - 1u }, 0);
	h->e->expected_name = NULL;
	s->param = h->w->param;
	return outcome == TAKEN;
}

/* How much of a side is enough to tell by, from how it begins. */
static size_t
enough(struct nj_view v)
{
	v = nj_sub(v, 0, 8);
	for (size_t i = 0; i < v.len; i++)
		if (v.data[i] > 0x7e ||
			(v.data[i] < 0x20 && v.data[i] != '\r' &&
				v.data[i] != '\n' && v.data[i] != '\t'))
			return DETECT_BINARY_BYTES;
	return NJ_DETECT_BYTES;
}

/* After how many bytes of a stream's side, which begins with v, detection has
 * seen all that it goes by. Bytes, not packets. */
static size_t
give_up_place(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	struct nj_view other =
		held_view(&h->e->mem, &h->w->held[nj_other(dir)]);
	size_t limit = enough(v);

	return other.len >= enough(other) ? limit : 4 * limit;
}

/* How many of them are looked at. */
static size_t
last_place(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	return nj_min(give_up_place(h, dir, v), (size_t)NJ_DETECT_BYTES);
}

/* Has all been seen that detection goes by? A name may still want to see the
 * end of what the side says. */
static bool
is_hopeless(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	size_t place = h->w->names & 1u << dir ? DETECT_HELD_BYTES
					       : give_up_place(h, dir, v);

	return v.len >= place;
}

/* These bytes make a name, and that is all that is known of the flow. */
static bool
name_by(const struct look *l)
{
	const struct here *h = l->h;
	uint8_t service = 0;
	unsigned who = candidate_name(l, &service);

	if (!who)
		return false;
	nj_flow_add_service(h->f, service);
	h->w->gone = true;
	h->e->counters.named++;
	explain(h->e, h->f, "%s: calls the flow %s",
		h->e->set->list[who - 1]->name, h->e->set->words[service]);
	return true;
}

/* Names look at all that a side said at once: at how the other one has begun
 * to answer, or at the end. */
static bool
name_side(const struct here *h, enum nj_dir side)
{
	struct look l = { h, side, held_view(&h->e->mem, &h->w->held[side]) };

	if (!(h->w->names & 1u << side) || !l.top.len)
		return false;
	h->w->names &= (uint8_t) ~(1u << side);
	return name_by(&l);
}

/* What nobody knows may still be told apart by its bytes. Not more of them
 * than detection asks for, so that it does not depend on segments. */
static void
note_entropy(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	v = nj_sub(v, 0, DETECT_BINARY_BYTES);
	if (v.len)
		nj_flow_set_entropy(h->f, dir, nj_entropy_of(v));
}

void
detect_end(const struct here *h)
{
	if (h->w->datagram || name_side(h, NJ_ORIG) || name_side(h, NJ_RESP))
		return;
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++)
		note_entropy(h, (enum nj_dir)i,
			held_view(&h->e->mem, &h->w->held[i]));
}

void
give_up(const struct here *h)
{
	detect_end(h);
	if (h->w->gone)
		return;
	h->w->gone = true;
	h->e->counters.unnamed++;
	explain(h->e, h->f, "no dissector after %u+%u payload packets",
		h->w->packets[0], h->w->packets[1]);
}

static void
count_packet(struct work *w, enum nj_dir dir)
{
	if (w->packets[dir] < UINT8_MAX)
		w->packets[dir]++;
}

static void
settling_init(struct settling *s, const struct here *h, enum nj_dir last,
	struct nj_view v)
{
	enum nj_dir other = nj_other(last);

	s->h = h;
	s->last = last;
	s->v[last] = v;
	s->v[other] = held_view(&h->e->mem, &h->w->held[other]);
	s->look = (struct look){ h, last, v };
	if (!h->w->datagram)
		s->look.top = nj_sub(v, 0, last_place(h, last, v));
	s->c.count = 0;
	/* A datagram's probes are not asked unless nothing else fits. */
	s->probed = h->w->datagram ? SIZE_MAX : 0;
	s->param = h->w->param;
}

static bool
try_matched(struct settling *s)
{
	candidates_by_match(&s->look, &s->c);
	return settle(s, NULL);
}

void
detect_datagram(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	struct settling s;
	bool done;

	count_packet(h->w, dir);
	settling_init(&s, h, dir, v);
	done = try_expected(&s) || try_matched(&s);
	if (!done && h->w->names) {
		h->w->names = 0;
		done = name_by(&s.look);
	}
	/* Probes last. */
	s.probed = 0;
	s.c.count = 0;
	if (done || settle(&s, NULL)) {
		found(h);
		return;
	}
	if (h->w->packets[dir] == 1)
		note_entropy(h, dir, v);
	if (h->w->packets[dir] >= DETECT_DATAGRAMS)
		give_up(h);
}

void
detect_stream(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	struct held *mine = &h->w->held[dir];
	size_t before = mine->len;
	bool kept = true;
	struct settling s;

	count_packet(h->w, dir);
	if (before) {
		kept = held_append(&h->e->mem, mine, v, DETECT_HELD_BYTES);
		v = held_view(&h->e->mem, mine);
	}
	if (name_side(h, nj_other(dir)))
		return;
	settling_init(&s, h, dir, v);
	s.look.seen = before;
	/* Beyond what detection goes by there is nothing new. */
	if (before < s.look.top.len && (try_expected(&s) || try_matched(&s))) {
		found(h);
		return;
	}
	if (!before)
		kept = held_append(&h->e->mem, mine, v, DETECT_HELD_BYTES);
	if (!kept || is_hopeless(h, dir, v))
		give_up(h);
}

/* All that is held speaks for these. What the other side said was there
 * before. */
static void
collect_again(struct settling *s)
{
	enum nj_dir other = nj_other(s->last);
	struct look look = { s->h, other, s->v[other] };
	struct candidates late;

	if (look.top.len) {
		look.top =
			nj_sub(look.top, 0, last_place(s->h, other, look.top));
		candidates_by_match(&look, &s->c);
		candidates_by_probe(&look, look.top.len, &s->c);
		for (unsigned i = 0; i < s->c.count; i++)
			s->c.list[i].at = 0;
	}
	late.count = 0;
	candidates_by_match(&s->look, &late);
	candidates_merge(&s->c, &late);
}

static void
settle_again(const struct here *h, enum nj_dir dir,
	const struct candidate *begin_with)
{
	struct nj_view v = held_view(&h->e->mem, &h->w->held[dir]);
	struct settling s;

	settling_init(&s, h, dir, v);
	collect_again(&s);
	if (settle(&s, begin_with))
		found(h);
	else if (is_hopeless(h, dir, v))
		give_up(h);
}

void
detect_again(const struct here *h, enum nj_dir dir)
{
	settle_again(h, dir, NULL);
}

bool
detect_better(const struct here *h, enum nj_dir dir, size_t before,
	struct candidate *out)
{
	struct nj_view v = held_view(&h->e->mem, &h->w->held[dir]);
	const struct candidate now = { (uint16_t)nj_max(before, 1), h->w->rank,
		h->w->slots[h->w->top].dissector - 1u };
	const struct candidate *c;
	struct settling s;

	settling_init(&s, h, dir, v);
	if (before >= s.look.top.len)
		return false;
	s.look.seen = before;
	candidates_by_match(&s.look, &s.c);
	c = candidate_better(h->w, &s.c, &now);
	if (c)
		*out = *c;
	return c != NULL;
}

void
detect_displace(
	const struct here *h, enum nj_dir dir, const struct candidate *by)
{
	slot_close(h, h->w->top, true);
	h->w->top = NO_SLOT;
	settle_again(h, dir, by);
}

void
detect_eof(const struct here *h, enum nj_dir dir)
{
	struct nj_view v = held_view(&h->e->mem, &h->w->held[dir]);
	struct settling s;

	if (!v.len || v.len >= DETECT_HINT_BYTES)
		return;
	settling_init(&s, h, dir, v);
	if (try_matched(&s))
		found(h);
}
