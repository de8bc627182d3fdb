/*
 * stream.c - the bytes of a TCP connection in order. What comes in order is
 * handed on as it lies in the packet. What comes beyond a hole is copied and
 * held, within limits, until the hole is filled, or the receiver says that
 * it has got those bytes: then they will not come again and are a gap.
 *
 * Overlaps: the bytes that came first stay, whatever a later segment says;
 * both kinds are counted. Segments that the capture cut short are held as
 * well and are, when acknowledged, a gap behind the bytes there are.
 */
#include "engine/flow/tcp_priv.h"

enum {
	SEGMENTS_MAX = 64, /* runs held, each direction */
	COMPARE_BLOCKS_MAX = 64
};

static inline struct segment *
seg_at(const struct nj_flow_table *t, uint32_t handle)
{
	return nj_pool_at(&t->segments, handle);
}

static inline struct data_block *
block_at(const struct nj_flow_table *t, uint32_t handle)
{
	return nj_pool_at(&t->blocks, handle);
}

/* Takes from n what the dissectors asked to skip; gives how much. */
static uint64_t
skip_take(struct nj_flow *f, unsigned d, uint64_t n)
{
	struct flow_extra *e = flow_extra(f);
	uint64_t skip;

	if (!(f->hot->flags & FLOW_SKIPS(d)) || !e)
		return 0;
	skip = nj_min(n, e->skip[d]);
	e->skip[d] -= skip;
	if (!e->skip[d])
		f->hot->flags &= ~FLOW_SKIPS(d);
	return skip;
}

void
stream_give(struct nj_flow *f, unsigned d, struct nj_view v)
{
	const struct nj_flow_hooks *hooks = &f->table->hooks;
	uint64_t skip;

	if (!(f->hot->flags & FLOW_WANTS))
		return;
	if (nj_unlikely(f->hot->flags & FLOW_SKIPS(d))) {
		skip = skip_take(f, d, v.len);
		v = nj_sub(v, (size_t)skip, v.len);
	}
	if (v.len)
		hooks->data(hooks->ctx, f, (enum nj_dir)d, v);
}

void
stream_give_gap(struct nj_flow *f, unsigned d, uint64_t len)
{
	const struct nj_flow_hooks *hooks = &f->table->hooks;
	uint64_t skip;

	f->table->counters.gap_bytes += len;
	if (!(f->hot->flags & FLOW_WANTS))
		return;
	skip = skip_take(f, d, len);
	if (skip)
		flow_extra(f)->skip_lost[d] += skip;
	len -= skip;
	if (len && hooks->gap)
		hooks->gap(hooks->ctx, f, (enum nj_dir)d, len);
}

static void
blocks_free(struct nj_flow_table *t, struct segment *s)
{
	uint32_t next;

	for (uint32_t b = s->first; b; b = next) {
		next = block_at(t, b)->next;
		nj_pool_put(&t->blocks, b);
	}
	s->first = s->last = 0;
}

/* Unlinks the first run and hands its bytes on. Gives what it lacks. */
static uint64_t
seg_shift(struct nj_flow *f, unsigned d)
{
	struct nj_flow_table *t = f->table;
	struct flow_extra *e = flow_extra(f);
	uint32_t handle = e->seg_head[d];
	struct segment *s = seg_at(t, handle), copy;

	e->seg_head[d] = s->next;
	if (!s->next)
		e->seg_tail[d] = 0;
	e->segs[d]--;
	e->seg_bytes[d] -= s->have;
	copy = *s;
	nj_pool_put(&t->segments, handle);
	for (uint32_t b = copy.first; b; b = block_at(t, b)->next) {
		struct data_block *block = block_at(t, b);

		stream_give(f, d, (struct nj_view){ block->data, block->len });
	}
	blocks_free(t, &copy);
	if (!copy.cut && !(f->hot->flags & FLOW_WANTS))
		return 0;
	return copy.hi - copy.lo - copy.have;
}

static bool
side_is_clean(const struct tcp_side *s)
{
	return s->state == TCP_OPEN ||
	       (s->state == TCP_CLOSED && s->prev == TCP_OPEN);
}

/* Counts a gap of the record, unless the connection's state makes it
 * doubtful. */
static void
gap_count(struct tcp_step *x, unsigned d, uint64_t len)
{
	struct flow_extra *e;

	if (!len || x->side[d].deaf || !side_is_clean(&x->side[0]) ||
		!side_is_clean(&x->side[1]))
		return;
	e = flow_extra_get(x->f);
	if (!e)
		return;
	flow_history_scaled(x->f, d, 'G', &e->gaps[d]);
	e->missed += len;
}

static struct segment *
seg_first(const struct tcp_step *x, unsigned d)
{
	const struct flow_extra *e = flow_extra(x->f);

	return e && e->seg_head[d] ? seg_at(x->f->table, e->seg_head[d]) : NULL;
}

/* Hands on what has no hole before it. */
static void
drain(struct tcp_step *x, unsigned d)
{
	struct tcp_side *side = &x->side[d];
	const struct segment *s;

	while ((s = seg_first(x, d)) && s->lo <= side->reasm && !s->cut) {
		side->reasm = s->hi;
		seg_shift(x->f, d);
	}
}

/* Gives up all holes below `to`, and hands on what lies between them. */
static void
give_up(struct tcp_step *x, unsigned d, uint64_t to)
{
	struct tcp_side *side = &x->side[d];
	uint64_t hole = 0, rest;
	const struct segment *s;
	bool cut;

	while ((s = seg_first(x, d)) && s->lo < to) {
		if (s->lo > side->reasm) {
			stream_give_gap(x->f, d, s->lo - side->reasm);
			hole += s->lo - side->reasm;
		}
		cut = s->cut;
		side->reasm = s->hi;
		/* To the record, a cut segment is as good as lost. */
		hole += cut ? s->hi - s->lo : 0;
		if (!cut) {
			gap_count(x, d, hole);
			hole = 0;
		}
		rest = seg_shift(x->f, d);
		if (rest)
			stream_give_gap(x->f, d, rest);
	}
	if (to > side->reasm) {
		stream_give_gap(x->f, d, to - side->reasm);
		hole += to - side->reasm;
		side->reasm = to;
	}
	gap_count(x, d, hole);
	drain(x, d);
}

void
stream_acked(struct tcp_step *x, unsigned d, uint64_t ack)
{
	struct tcp_side *s = &x->side[d];

	if (s->fin && ack >= s->fin_seq)
		ack = s->fin_seq - 1;
	/* Of a side without SYN the first number is a guess. */
	if (ack > s->reasm && !(ack <= 2 && x->f->hot->flags & FLOW_PARTIAL))
		give_up(x, d, ack);
	tcp_check_eof(x, d);
}

bool
stream_pending(const struct tcp_step *x, unsigned d)
{
	const struct tcp_side *s = &x->side[d];

	if (s->deaf || s->last < s->reasm)
		return false;
	if (s->reasm != s->last && s->reasm + 1 != s->last)
		return true;
	/* Zeek keeps what the other side has sent until it is acknowledged. */
	return s->state != TCP_RESET &&
	       (seg_first(x, !d) || x->side[!d].unacked);
}

/* Do the bytes v, which begin at `at` of the run, say the same as those
 * held? */
static bool
seg_differs(const struct nj_flow_table *t, const struct segment *s, uint64_t at,
	struct nj_view v)
{
	uint64_t from = at - s->lo;
	uint32_t b = s->first;
	size_t n;

	for (unsigned i = 0; b && v.len && i < COMPARE_BLOCKS_MAX; i++) {
		const struct data_block *block = block_at(t, b);

		b = block->next;
		if (from >= block->len) {
			from -= block->len;
			continue;
		}
		n = nj_min((size_t)(block->len - from), v.len);
		if (memcmp(block->data + from, v.data, n) != 0)
			return true;
		v = nj_sub(v, n, v.len);
		from = 0;
	}
	return false;
}

/* Copies v behind what the run holds; there is room in the pool. */
static void
seg_append(struct nj_flow_table *t, struct segment *s, struct nj_view v)
{
	struct data_block *last;
	uint32_t handle;
	size_t n;

	while (v.len) {
		last = s->last ? block_at(t, s->last) : NULL;
		if (!last || last->len == BLOCK_DATA) {
			handle = nj_pool_get(&t->blocks);
			NJ_ASSERT(handle);
			block_at(t, handle)->next = 0;
			block_at(t, handle)->len = 0;
			if (last)
				last->next = handle;
			else
				s->first = handle;
			s->last = handle;
			last = block_at(t, handle);
		}
		n = nj_min(v.len, (size_t)(BLOCK_DATA - last->len));
		memcpy(last->data + last->len, v.data, n);
		last->len += (uint32_t)n;
		v = nj_sub(v, n, v.len);
	}
}

/* A piece of a segment that nothing held overlaps. */
struct piece {
	uint64_t lo, hi;
	struct nj_view v;
	bool cut;
};

static bool
room_for(struct tcp_step *x, const struct piece *p)
{
	const struct nj_flow_table *t = x->f->table;
	const struct flow_extra *e = flow_extra(x->f);
	size_t blocks = p->v.len / BLOCK_DATA + 2;

	return e->segs[x->d] < SEGMENTS_MAX &&
	       t->segments.used < t->segments.capacity &&
	       t->blocks.used + blocks <= t->blocks.capacity &&
	       e->seg_bytes[x->d] + p->v.len <= t->conf.reasm_flow_bytes_max;
}

/* The run and the one after it touch: they become one. */
static void
seg_join(struct nj_flow_table *t, struct flow_extra *e, unsigned d,
	uint32_t handle)
{
	struct segment *s = seg_at(t, handle);
	uint32_t next = s->next;
	struct segment *n = next ? seg_at(t, next) : NULL;

	if (!n || n->lo != s->hi || s->cut || n->cut)
		return;
	if (s->last)
		block_at(t, s->last)->next = n->first;
	else
		s->first = n->first;
	if (n->last)
		s->last = n->last;
	s->hi = n->hi;
	s->have += n->have;
	s->next = n->next;
	if (!s->next)
		e->seg_tail[d] = handle;
	e->segs[d]--;
	nj_pool_put(&t->segments, next);
}

/* Holds a piece behind the run prev (0: before all). Gives the run that it
 * is in, or 0 when there is no room. */
static uint32_t
seg_place(struct tcp_step *x, uint32_t prev, const struct piece *p)
{
	struct nj_flow_table *t = x->f->table;
	struct flow_extra *e = flow_extra(x->f);
	unsigned d = x->d;
	struct segment *s = prev ? seg_at(t, prev) : NULL;
	uint32_t handle = prev;

	if (!room_for(x, p))
		return 0;
	t->counters.held++;
	if (!s || s->hi != p->lo || s->cut || p->cut) {
		handle = nj_pool_get(&t->segments);
		*seg_at(t, handle) = (struct segment){ .lo = p->lo,
			.hi = p->lo,
			.cut = p->cut,
			.next = s ? s->next : e->seg_head[d] };
		if (s)
			s->next = handle;
		else
			e->seg_head[d] = handle;
		s = seg_at(t, handle);
		if (!s->next)
			e->seg_tail[d] = handle;
		e->segs[d]++;
	}
	s->hi = p->hi;
	s->have += (uint32_t)p->v.len;
	e->seg_bytes[d] += (uint32_t)p->v.len;
	seg_append(t, s, p->v);
	seg_join(t, e, d, handle);
	return handle;
}

/* Holds of a piece what is not held yet. Gives where it stopped: its end, or
 * earlier when there was no room. */
static uint64_t
hold(struct tcp_step *x, const struct piece *p)
{
	struct nj_flow_table *t = x->f->table;
	struct flow_extra *e = flow_extra(x->f);
	uint32_t prev = 0, cur = e->seg_head[x->d];
	uint64_t lo = p->lo, hi = p->hi, end;
	bool overlap = false, differs = false;

	if (cur && seg_at(t, e->seg_tail[x->d])->hi <= lo) {
		prev = e->seg_tail[x->d];
		cur = 0;
	}
	while (lo < hi) {
		const struct segment *c = cur ? seg_at(t, cur) : NULL;
		struct nj_view part =
			nj_sub(p->v, (size_t)(lo - p->lo), p->v.len);

		if (c && c->hi <= lo) {
			prev = cur;
			cur = c->next;
			continue;
		}
		if (c && c->lo <= lo) {
			end = nj_min(hi, c->hi);
			part = nj_sub(part, 0, (size_t)(end - lo));
			overlap = true;
			differs |= seg_differs(t, c, lo, part);
			lo = end;
			continue;
		}
		end = c ? nj_min(hi, c->lo) : hi;
		part = nj_sub(part, 0, (size_t)(end - lo));
		if (!(x->f->hot->flags & FLOW_WANTS))
			part.len = 0;
		prev = seg_place(
			x, prev, &(struct piece){ lo, end, part, p->cut });
		if (!prev)
			break;
		/* It may have grown over what comes next. */
		cur = prev;
		lo = end;
	}
	t->counters.overlaps += overlap;
	t->counters.overlap_differs += differs;
	if (differs)
		flow_weird(x->f, WEIRD_OTHER_BYTES);
	return lo;
}

/* A part of a segment that is on its way to the dissectors. */
static void
piece_trim(struct piece *p, uint64_t lo)
{
	uint64_t n = lo > p->lo ? lo - p->lo : 0;

	p->v = nj_sub(p->v, (size_t)nj_min(n, p->v.len), p->v.len);
	p->lo += nj_min(n, p->hi - p->lo);
}

/* Hands a piece on at once, around what is held of it already. All before
 * it was handed on or given up. */
static void
piece_give(struct tcp_step *x, struct piece *p)
{
	struct tcp_side *s = &x->side[x->d];
	const struct segment *first;
	struct nj_view v;
	uint64_t end;

	while (p->lo < p->hi) {
		first = seg_first(x, x->d);
		if (first && first->lo <= p->lo) {
			give_up(x, x->d, first->lo + 1);
			piece_trim(p, s->reasm);
			continue;
		}
		end = first ? nj_min(p->hi, first->lo) : p->hi;
		v = nj_sub(p->v, 0, (size_t)(end - p->lo));
		s->reasm = end;
		stream_give(x->f, x->d, v);
		if (v.len < end - p->lo)
			stream_give_gap(x->f, x->d, end - p->lo - v.len);
		piece_trim(p, end);
	}
	drain(x, x->d);
}

/* Holds a piece. If there is no room beyond the hole, the oldest hole is
 * given up, again and again, until the piece fits or is next. */
static void
piece_hold(struct tcp_step *x, struct piece *p)
{
	struct tcp_side *s = &x->side[x->d];
	const struct segment *first;

	while (flow_extra_get(x->f)) {
		piece_trim(p, hold(x, p));
		if (p->lo == p->hi)
			return;
		x->f->table->counters.held_refused++;
		first = seg_first(x, x->d);
		if (!first || first->lo > p->lo)
			break;
		give_up(x, x->d, first->lo + 1);
		piece_trim(p, s->reasm);
	}
	if (p->lo > s->reasm)
		give_up(x, x->d, p->lo);
	piece_give(x, p);
}

void
stream_segment(struct tcp_step *x, uint64_t seq)
{
	struct tcp_side *s = &x->side[x->d];
	struct nj_view v = x->m->payload;
	uint64_t hi = seq + x->len, lo = nj_max(seq, s->reasm);
	const struct flow_extra *e;
	bool cut = v.len < x->len;
	struct piece p;

	x->f->table->counters.overlaps += seq < s->reasm;
	if (hi <= lo)
		return;
	v = nj_sub(v, (size_t)nj_min(lo - seq, v.len), v.len);
	if (lo == s->reasm && !cut && !seg_first(x, x->d)) {
		s->reasm = hi;
		stream_give(x->f, x->d, v);
		return;
	}
	p = (struct piece){ lo, hi, v, cut };
	piece_hold(x, &p);
	drain(x, x->d);
	e = flow_extra(x->f);
	if (!e || !e->seg_tail[x->d] || s->acked)
		return;
	hi = seg_at(x->f->table, e->seg_tail[x->d])->hi;
	if (hi - s->reasm > UNACKED_MAX) {
		s->deaf = true;
		flow_weird(x->f, WEIRD_NO_ACKS);
		give_up(x, x->d, hi);
	}
}

void
stream_flush(struct nj_flow *f)
{
	struct flow_extra *e = flow_extra(f);
	const struct segment *s;
	uint64_t rest;

	if (!e)
		return;
	for (unsigned d = 0; d < 2; d++) {
		while (e->seg_head[d]) {
			s = seg_at(f->table, e->seg_head[d]);
			if (s->lo > e->reasm[d])
				stream_give_gap(f, d, s->lo - e->reasm[d]);
			e->reasm[d] = s->hi;
			rest = seg_shift(f, d);
			if (rest)
				stream_give_gap(f, d, rest);
		}
	}
}

void
stream_forget(struct nj_flow *f)
{
	struct flow_extra *e = flow_extra(f);
	struct segment *s;

	if (!e)
		return;
	for (unsigned d = 0; d < 2; d++) {
		for (uint32_t i = e->seg_head[d]; i; i = s->next) {
			s = seg_at(f->table, i);
			blocks_free(f->table, s);
			e->seg_bytes[d] -= s->have;
			s->have = 0;
		}
	}
}

void
stream_drop(struct nj_flow *f, unsigned d)
{
	struct flow_extra *e = flow_extra(f);
	struct segment *s;
	uint32_t next;

	if (!e)
		return;
	for (uint32_t i = e->seg_head[d]; i; i = next) {
		s = seg_at(f->table, i);
		next = s->next;
		blocks_free(f->table, s);
		nj_pool_put(&f->table->segments, i);
	}
	e->seg_head[d] = e->seg_tail[d] = e->seg_bytes[d] = 0;
	e->segs[d] = 0;
}
