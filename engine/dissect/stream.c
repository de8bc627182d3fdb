/*
 * stream.c - a flow's payload on its way to detection or to the dissector that
 * has the flow, until that one is sure of it.
 *
 * A dissector that took a flow by its first bytes may find later that it is
 * none of its own. Whether it had consumed some of them by then depends on how
 * the stream was cut, and so would all that comes after, if detection went on
 * with what is left. So all bytes of both sides are held until the dissector
 * confirms, and detection settles by them from the start again. Who has seen
 * more than may be held has the flow for good; and it is given just what may
 * be held first, or whether it rejects within that would depend on the cut.
 */
#include "engine/dissect/dissect_priv.h"

static void
reject(const struct here *h)
{
	unsigned index = h->w->slots[h->w->top].dissector - 1u;

	h->w->rejected[index / 64] |= UINT64_C(1) << index % 64;
	slot_close(h, h->w->top, true);
	h->w->top = NO_SLOT;
}

static void
forget(const struct here *h)
{
	held_free(&h->e->mem, &h->w->held[0]);
	held_free(&h->e->mem, &h->w->held[1]);
}

/* The bytes of v that come before those that speak for a better one (out);
 * all of v when none do. v is held already. */
static struct nj_view
before_better(const struct here *h, enum nj_dir dir, struct nj_view v,
	struct candidate *out)
{
	size_t before = h->w->held[dir].len - v.len;

	out->at = 0;
	/* An answer is no witness against who has the question. */
	if (dir != h->w->side)
		h->w->rank = RANK_BEST;
	if (h->w->over || h->w->rank == RANK_BEST ||
		!detect_better(h, dir, before, out))
		return v;
	return nj_sub(v, 0, out->at - 1u - before);
}

/* To one that may still reject; gives how much of v it was given. */
static size_t
feed_unsure(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	struct work *w = h->w;
	unsigned top = w->top;
	struct slot *s = &w->slots[top];
	size_t room = DETECT_HELD_BYTES - w->held[dir].len;
	enum nj_verdict verdict = NJ_MORE;
	struct candidate better;
	struct nj_view first;

	w->over = w->over || !room;
	if (!w->over) {
		v = nj_sub(v, 0, room);
		w->over = !held_append(
			&h->e->mem, &w->held[dir], v, DETECT_HELD_BYTES);
	}
	first = before_better(h, dir, v, &better);
	if (first.len)
		verdict = feed_stream(h, top, dir, first);
	if (w->top != top)
		return first.len; /* what is held is of the next one */
	if (s->confirmed || s->done || w->over) {
		s->done |= verdict == NJ_REJECT;
		forget(h);
		return first.len;
	}
	if (verdict == NJ_REJECT) {
		reject(h);
		detect_again(h, dir);
	} else if (better.at) {
		detect_displace(h, dir, &better);
	}
	return v.len;
}

/* To detection; gives how much of v it was given. */
static size_t
feed_detection(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	size_t room = DETECT_HELD_BYTES - h->w->held[dir].len;

	v = nj_sub(v, 0, room);
	if (v.len)
		detect_stream(h, dir, v);
	else
		give_up(h);
	return v.len;
}

void
stream_in(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	while (v.len && !h->w->gone) {
		struct slot *s = &h->w->slots[h->w->top % SLOTS_MAX];
		size_t n = v.len;

		if (h->w->top == NO_SLOT)
			n = feed_detection(h, dir, v);
		else if (!s->confirmed && !s->handed && !s->done)
			n = feed_unsure(h, dir, v);
		else if (feed_stream(h, h->w->top, dir, v) == NJ_REJECT)
			/* Whoever handed over knew what comes. */
			s->done = true;
		v = nj_sub(v, n, v.len);
	}
}

void
datagram_in(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	if (h->w->top != NO_SLOT) {
		if (feed_datagram(h, h->w->top, dir, v) != NJ_REJECT)
			return;
		reject(h);
	}
	detect_datagram(h, dir, v);
}
