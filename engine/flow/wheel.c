/*
 * wheel.c - when flows end: two rings of slots of 0.13 s and 34 s that hold
 * flow indexes. A flow is put where its deadline lies and, mostly, has been
 * active since when its slot comes up: only then is it put anew, so a packet
 * costs no timer work. What lies beyond the far ring is met early and put
 * anew as well.
 */
#include "engine/flow/lookup_priv.h"

/* Instead of a neighbour the first and the last of a slot have the slot's
 * number, so that any flow can leave at once. */
#define IS_END (UINT32_C(1) << 31)

static void
slot_append(
	struct nj_flow_table *t, unsigned level, unsigned slot, uint32_t index)
{
	struct wheel *w = &t->wheel;
	struct nj_flow_cold *c = &t->cold[index];
	uint32_t tail = w->tails[level][slot];

	c->wheel_next = c->wheel_prev = IS_END | level << 16 | slot;
	if (tail) {
		c->wheel_prev = tail;
		t->cold[tail].wheel_next = index;
	} else {
		w->heads[level][slot] = index;
	}
	w->tails[level][slot] = index;
	w->bits[level][slot / 64] |= UINT64_C(1) << slot % 64;
}

void
wheel_drop(struct nj_flow_table *t, uint32_t index)
{
	struct wheel *w = &t->wheel;
	uint32_t next = t->cold[index].wheel_next;
	uint32_t prev = t->cold[index].wheel_prev;
	uint32_t end = next & IS_END ? next : prev;
	unsigned level = end >> 16 & 1, slot = end & 0xff;

	if (!(prev & IS_END))
		t->cold[prev].wheel_next = next;
	else
		w->heads[level][slot] = next & IS_END ? 0 : next;
	if (!(next & IS_END))
		t->cold[next].wheel_prev = prev;
	else
		w->tails[level][slot] = prev & IS_END ? 0 : prev;
	if (prev & next & IS_END)
		w->bits[level][slot / 64] &= ~(UINT64_C(1) << slot % 64);
}

void
wheel_start(struct wheel *w, int64_t now_ns)
{
	if (w->started)
		return;
	w->started = true;
	w->tick = now_ns >> WHEEL_SHIFT;
}

void
wheel_add(struct nj_flow_table *t, uint32_t index, int64_t deadline_ns)
{
	struct wheel *w = &t->wheel;
	int64_t tick = nj_max(deadline_ns >> WHEEL_SHIFT, w->tick);
	int64_t far = (tick >> 8) - (w->tick >> 8);

	if (!far)
		slot_append(t, 0, (unsigned)tick & (WHEEL_SLOTS - 1), index);
	else if (far < WHEEL_SLOTS)
		slot_append(
			t, 1, (unsigned)(tick >> 8) & (WHEEL_SLOTS - 1), index);
	else
		slot_append(t, 1,
			(unsigned)((w->tick >> 8) - 1) & (WHEEL_SLOTS - 1),
			index);
}

/* The first slot from `from` on that is not empty, or WHEEL_SLOTS. */
static unsigned
slot_find(const uint64_t *bits, unsigned from)
{
	uint64_t word;

	for (unsigned i = from / 64; i < WHEEL_SLOTS / 64; i++) {
		word = bits[i];
		if (i == from / 64)
			word &= ~UINT64_C(0) << from % 64;
		if (word)
			return i * 64 + (unsigned)__builtin_ctzll(word);
	}
	return WHEEL_SLOTS;
}

/* The tick after this one at which there may be something to do. */
static int64_t
wheel_next_tick(const struct wheel *w, int64_t target)
{
	int64_t tick = w->tick + 1, turn = tick >> 8;
	unsigned slot = (unsigned)tick & (WHEEL_SLOTS - 1), found;

	if (slot) {
		found = slot_find(w->bits[0], slot);
		if (found < WHEEL_SLOTS)
			return nj_min(tick - slot + found, target);
		turn++;
	}
	slot = (unsigned)turn & (WHEEL_SLOTS - 1);
	found = slot_find(w->bits[1], slot);
	if (found == WHEEL_SLOTS) {
		found = slot_find(w->bits[1], 0);
		if (found == WHEEL_SLOTS)
			return target;
		found += WHEEL_SLOTS;
	}
	return nj_min((turn - slot + found) * WHEEL_SLOTS, target);
}

/* A slot of the far ring comes near. */
static bool
wheel_spread(struct nj_flow_table *t, unsigned *budget)
{
	struct wheel *w = &t->wheel;
	unsigned slot = (unsigned)(w->tick >> 8) & (WHEEL_SLOTS - 1);
	uint32_t index;

	while ((index = w->heads[1][slot]) != 0) {
		if (!*budget)
			return false;
		--*budget;
		wheel_drop(t, index);
		wheel_add(t, index, flow_deadline(t, index));
	}
	return true;
}

static void
wheel_check(struct nj_flow_table *t, uint32_t index, int64_t now_ns)
{
	int64_t deadline = flow_deadline(t, index);

	if (deadline <= now_ns) {
		flow_end(t, index, flow_end_reason(&t->hot[index]), deadline);
		return;
	}
	wheel_drop(t, index);
	wheel_add(t, index, deadline);
}

/* The flows of a slot are most likely in no cache: while one is handled the
 * one after the next is fetched, and the bucket of the next. */
static void
wheel_fetch(const struct nj_flow_table *t, uint32_t index)
{
	uint32_t next = t->cold[index].wheel_next, after;

	if (next & IS_END)
		return;
	after = t->cold[next].wheel_next;
	flow_table_prefetch(t, flow_hash(t, next));
	if (after & IS_END)
		return;
	__builtin_prefetch(&t->hot[after], 1);
	__builtin_prefetch(&t->cold[after], 1);
}

bool
wheel_serve(struct nj_flow_table *t, int64_t now_ns, unsigned budget)
{
	struct wheel *w = &t->wheel;
	int64_t target = now_ns >> WHEEL_SHIFT;
	uint32_t index;

	while (w->tick < target) {
		unsigned slot = (unsigned)w->tick & (WHEEL_SLOTS - 1);

		if (!slot && !wheel_spread(t, &budget))
			return false;
		while ((index = w->heads[0][slot]) != 0) {
			if (!budget--)
				return false;
			wheel_fetch(t, index);
			wheel_check(t, index, now_ns);
		}
		w->tick = wheel_next_tick(w, target);
	}
	return true;
}

/* The slot that comes up first: level * WHEEL_SLOTS + slot, or -1. */
static int
wheel_first(const struct wheel *w)
{
	unsigned turn = (unsigned)((w->tick >> 8) + 1) & (WHEEL_SLOTS - 1);
	unsigned slot =
		slot_find(w->bits[0], (unsigned)w->tick & (WHEEL_SLOTS - 1));

	if (slot < WHEEL_SLOTS)
		return (int)slot;
	slot = slot_find(w->bits[1], turn);
	if (slot == WHEEL_SLOTS)
		slot = slot_find(w->bits[1], 0);
	return slot == WHEEL_SLOTS ? -1 : (int)(WHEEL_SLOTS + slot);
}

/* Does the flow belong to a later slot than the one it lies in? */
static bool
wheel_is_stale(const struct nj_flow_table *t, int64_t deadline_ns, int where)
{
	int64_t tick = deadline_ns >> WHEEL_SHIFT, now = t->wheel.tick;

	if (where < WHEEL_SLOTS)
		return tick > (now & ~(int64_t)(WHEEL_SLOTS - 1)) + where;
	return ((unsigned)(tick >> 8) & (WHEEL_SLOTS - 1)) !=
	       (unsigned)where - WHEEL_SLOTS;
}

static void
wheel_refile(struct nj_flow_table *t, uint32_t index)
{
	wheel_drop(t, index);
	wheel_add(t, index, flow_deadline(t, index));
}

enum { VICTIMS = 16, STALE_MAX = 256 };

/* The first flows of the slot that comes up first are looked at: one that
 * nobody answered, or that is closed and only lingers, goes at once; else the
 * one that ends soonest. The others are filed
 * anew; those that were active since move on to a later slot, which would
 * have to be done anyway, so many of them may be met. */
uint32_t
wheel_victim(struct nj_flow_table *t)
{
	unsigned looked = 0, stale = 0;
	int64_t deadline, soonest = INT64_MAX;
	const struct nj_flow_hot *h;
	uint32_t index, best = 0;
	int where;

	while (looked < VICTIMS && stale < STALE_MAX) {
		where = wheel_first(&t->wheel);
		if (where < 0)
			break;
		index = t->wheel.heads[where / WHEEL_SLOTS]
				      [where % WHEEL_SLOTS];
		h = &t->hot[index];
		if (h->flags & FLOW_FIXED || h->packets[0] + h->packets[1] <= 1)
			return index;
		deadline = flow_deadline(t, index);
		if (deadline < soonest) {
			soonest = deadline;
			best = index;
		}
		if (wheel_is_stale(t, deadline, where))
			stale++;
		else
			looked++;
		wheel_refile(t, index);
	}
	return best;
}
