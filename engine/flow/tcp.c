/*
 * tcp.c - what a TCP segment does to its connection (RFC 9293), in the terms
 * that Zeek defined and analysts read: states of two sides, conn_state,
 * history, and byte counts from sequence numbers. It judges what an observer
 * can know, not what an endpoint must do: lost packets, half of a
 * connection, or nonsense all lead somewhere.
 */
#include "engine/flow/tcp_priv.h"

/* A jump that is more likely nonsense than lost data. */
enum { SEQ_JUMP_MAX = 1024 * 1024 };

static void
side_load(struct tcp_step *x, unsigned d)
{
	const struct nj_flow *f = x->f;
	const struct flow_extra *e = flow_extra(f);
	struct tcp_side *s = &x->side[d];
	uint32_t flags = f->hot->flags;

	s->state = f->hot->tcp >> TCP_STATE_SHIFT(d) & 7;
	s->prev = f->hot->tcp >> TCP_PREV_SHIFT(d) & 7;
	s->fin = flags & FLOW_FIN(d);
	s->closed = flags & FLOW_CLOSED(d);
	s->eof = flags & FLOW_EOF(d);
	s->deaf = flags & FLOW_DEAF(d);
	s->acked = flags & FLOW_ACKED(d);
	s->unacked = flags & FLOW_UNACKED(d);
	s->start = f->cold->start[d];
	s->last = (uint64_t)f->hot->next[d] - s->start;
	if (e)
		s->last += (uint64_t)e->wraps[d] << 32;
	/* What is usual is not stored, see side_store. */
	s->reasm = s->last > (uint64_t)s->fin + 1 ? s->last - s->fin : 1;
	s->ack = s->acked ? s->reasm : 1;
	s->fin_seq = s->last;
	s->rst_seq = s->last;
	s->syn_seq = 0;
	if (!e)
		return;
	if (flags & FLOW_SEQX) {
		s->reasm = e->reasm[d];
		s->ack = e->ack[d];
	}
	if (e->has & EXTRA_FIN(d))
		s->fin_seq = e->fin_seq[d];
	if (e->has & EXTRA_RST(d))
		s->rst_seq = e->rst_seq[d];
	if (e->has & EXTRA_SYN(d))
		s->syn_seq = e->syn_seq[d];
}

/* Is there something about the side's numbers that cannot be derived? */
static bool
side_is_special(const struct tcp_side *s, bool reset)
{
	return (s->fin && s->fin_seq != s->last) ||
	       (reset && s->rst_seq != s->last) || s->syn_seq ||
	       (s->start + s->last) >> 32;
}

static bool
side_has_holes(const struct tcp_side *s)
{
	uint64_t usual = s->last > (uint64_t)s->fin + 1 ? s->last - s->fin : 1;

	/* A side of which nothing is seen yet has an ack of 1 and no last. */
	return s->reasm != usual || s->ack > nj_max(s->last, UINT64_C(1));
}

static void
side_keep(const struct tcp_side *s, struct flow_extra *e, unsigned d)
{
	e->reasm[d] = s->reasm;
	e->ack[d] = s->ack;
	e->fin_seq[d] = s->fin_seq;
	e->rst_seq[d] = s->rst_seq;
	e->syn_seq[d] = s->syn_seq;
	e->wraps[d] = (uint16_t)((s->start + s->last) >> 32);
	e->has |= (uint8_t)(EXTRA_FIN(d) | EXTRA_RST(d) | EXTRA_SYN(d));
	if (s->fin_seq == s->last)
		e->has &= (uint8_t)~EXTRA_FIN(d);
	if (s->rst_seq == s->last)
		e->has &= (uint8_t)~EXTRA_RST(d);
	if (!s->syn_seq)
		e->has &= (uint8_t)~EXTRA_SYN(d);
}

static void
side_store(struct tcp_step *x, unsigned d)
{
	struct nj_flow_hot *h = x->f->hot;
	const struct tcp_side *s = &x->side[d];
	uint32_t bits = FLOW_FIN(d) | FLOW_CLOSED(d) | FLOW_EOF(d) |
			FLOW_DEAF(d) | FLOW_ACKED(d) | FLOW_UNACKED(d);

	h->tcp &= ~(UINT32_C(7) << TCP_STATE_SHIFT(d) |
		    UINT32_C(7) << TCP_PREV_SHIFT(d));
	h->tcp |= (uint32_t)s->state << TCP_STATE_SHIFT(d) |
		  (uint32_t)s->prev << TCP_PREV_SHIFT(d);
	h->flags &= ~bits;
	h->flags |= (s->fin ? FLOW_FIN(d) : 0) |
		    (s->closed ? FLOW_CLOSED(d) : 0) |
		    (s->eof ? FLOW_EOF(d) : 0) | (s->deaf ? FLOW_DEAF(d) : 0) |
		    (s->acked ? FLOW_ACKED(d) : 0) |
		    (s->unacked ? FLOW_UNACKED(d) : 0);
	x->f->cold->start[d] = s->start;
	h->next[d] = (uint32_t)(s->start + s->last);
}

static bool
side_was_reset(const struct tcp_step *x, unsigned d)
{
	return x->f->hot->tcp >> TCP_SEEN_SHIFT(d) & SEEN_RST;
}

static void
step_store(struct tcp_step *x)
{
	struct nj_flow *f = x->f;
	struct flow_extra *e = flow_extra(f);
	bool holes = side_has_holes(&x->side[0]) || side_has_holes(&x->side[1]);

	if (!e &&
		(holes || side_is_special(&x->side[0], side_was_reset(x, 0)) ||
			side_is_special(&x->side[1], side_was_reset(x, 1))))
		e = flow_extra_get(f);
	f->hot->flags &= ~FLOW_SEQX;
	if (e) {
		side_keep(&x->side[0], e, 0);
		side_keep(&x->side[1], e, 1);
		f->hot->flags |= holes ? FLOW_SEQX : 0;
	}
	side_store(x, 0);
	side_store(x, 1);
}

static void
side_set_state(struct tcp_side *s, enum tcp_state state)
{
	if (s->state == state)
		return;
	s->prev = s->state;
	s->state = state;
}

/* One past the last byte of data. */
static uint64_t
side_end(const struct tcp_side *s)
{
	return s->last - (s->fin && s->fin_seq == s->last);
}

static void
side_begin(struct tcp_side *s, uint32_t start, uint64_t last)
{
	s->start = start;
	s->last = last;
	s->reasm = 1;
	s->ack = 0;
	s->acked = false;
	s->unacked = false;
}

/* Another SYN: perhaps the connection was not established after all. */
static void
side_begin_again(struct tcp_step *x, uint64_t last)
{
	struct tcp_side *s = &x->side[x->d];

	uint64_t reasm = s->reasm;
	bool same = x->m->seq == s->start;

	if (side_end(s) > 1 && s->state >= TCP_PARTIAL)
		flow_weird(x->f, WEIRD_SYN_INSIDE);
	if (!same) {
		flow_weird(x->f, WEIRD_SYN_JUMP);
		stream_drop(x->f, x->d);
	}
	side_begin(s, x->m->seq, last);
	if (same)
		s->reasm = reasm;
}

/* The side's first segment, or a SYN that contradicts the one before. */
static void
step_begin_side(struct tcp_step *x)
{
	struct tcp_side *s = &x->side[x->d];
	uint64_t used = (uint64_t)1 + x->fin + (x->rst ? 0 : x->len);

	switch (s->state) {
	case TCP_INACTIVE:
		if (x->syn)
			side_begin(s, x->m->seq, used);
		else
			side_begin(s, x->m->seq - 1, 1);
		break;
	case TCP_SYN_SENT:
	case TCP_SYNACK:
		if (x->syn && x->m->seq != s->start)
			side_begin_again(x, used);
		break;
	case TCP_PARTIAL:
	case TCP_OPEN:
		if (x->syn)
			side_begin_again(x, used);
		break;
	case TCP_RESET:
		/* The reset may have been forged. */
		if (x->syn && s->prev == TCP_INACTIVE)
			side_begin_again(x, used);
		break;
	default:
		break;
	}
}

/* Shows the letter if the side has not shown it; says if it had. */
static bool
letter_repeats(struct tcp_step *x, uint32_t seen, char letter)
{
	uint32_t bit = seen << TCP_SEEN_SHIFT(x->d);

	if (x->f->hot->tcp & bit)
		return true;
	x->f->hot->tcp |= bit;
	flow_history(x->f, x->d, letter);
	return false;
}

static void
step_history(struct tcp_step *x)
{
	struct tcp_side *s = &x->side[x->d];
	uint64_t rel = (uint64_t)x->rel;
	uint8_t flags = x->m->tcp_flags;
	char syn = flags & NJ_TCP_ACK ? 'H' : 'S';

	if (x->fin && x->rst) {
		letter_repeats(x, SEEN_FIN_RST, 'I');
	} else if (x->syn + x->fin + x->rst > 1) {
		letter_repeats(x, SEEN_MULTI, 'Q');
	} else if (x->syn) {
		if (letter_repeats(x, SEEN_SYN, syn) && rel != s->syn_seq)
			flow_history(x->f, x->d, syn);
		s->syn_seq = rel;
	} else if (x->fin) {
		if (letter_repeats(x, SEEN_FIN, 'F') &&
			rel + x->len + 1 != s->fin_seq)
			flow_history(x->f, x->d, 'F');
	} else if (x->rst) {
		if (letter_repeats(x, SEEN_RST, 'R') && rel != s->rst_seq)
			flow_history(x->f, x->d, 'R');
		s->rst_seq = rel;
	} else if (x->len) {
		letter_repeats(x, SEEN_DATA, 'D');
	} else if (flags & NJ_TCP_ACK) {
		letter_repeats(x, SEEN_ACK, 'A');
	}
}

/* A closed window is of interest unless the other side has nothing more to
 * send anyway. */
static void
step_window(struct tcp_step *x)
{
	struct flow_extra *e;

	if (x->m->window || x->rst || x->side[!x->d].state == TCP_CLOSED ||
		x->side[x->d].state == TCP_RESET)
		return;
	e = flow_extra_get(x->f);
	if (e)
		flow_history_scaled(x->f, x->d, 'W', &e->zero_windows[x->d]);
}

/* A side answers to somebody of whom nothing is seen. */
static void
step_split(struct tcp_step *x)
{
	uint8_t state = x->side[x->d].state;

	if (x->syn || x->fin || x->rst || flow_is_weird(x->f))
		return;
	if (state == TCP_SYN_SENT || state == TCP_SYNACK || state == TCP_OPEN)
		flow_weird(x->f, WEIRD_SPLIT);
}

static void
step_ack(struct tcp_step *x)
{
	struct tcp_side *peer = &x->side[!x->d];
	uint32_t number = x->m->ack;
	uint64_t base;
	int64_t rel;

	if (peer->state == TCP_INACTIVE) {
		step_split(x);
		side_begin(peer, number - 1, 0);
		x->ack = 1;
		return;
	}
	base = x->f->hot->flags & FLOW_SEQX ? peer->ack : peer->last;
	rel = (int64_t)base +
	      (int32_t)(number - (uint32_t)(peer->start + base));
	x->ack = 0;
	if (rel < 0) {
		flow_weird(x->f, WEIRD_ACK_BEFORE);
		return;
	}
	x->ack = (uint64_t)rel;
	/* A reset's number is not to be trusted, and 0 far away from all
	 * that was sent is no number at all. */
	if (x->rst || (!number && rel > (int64_t)peer->ack + SEQ_JUMP_MAX))
		return;
	/* In good order what was acknowledged is not kept: this tells it. */
	if (x->ack > peer->ack || !(x->f->hot->flags & FLOW_SEQX))
		peer->ack = x->ack;
	peer->acked = peer->acked || peer->ack > 1;
	peer->unacked = side_end(peer) > peer->ack;
}

static void
step_last(struct tcp_step *x)
{
	struct tcp_side *s = &x->side[x->d];
	uint32_t end = x->m->seq + x->syn + x->fin + (x->rst ? 0 : x->len);
	uint32_t ahead = end - (uint32_t)(s->start + s->last);
	int32_t delta = (int32_t)ahead;
	struct flow_extra *e;

	if ((x->syn || x->rst) &&
		(delta > SEQ_JUMP_MAX || delta < -SEQ_JUMP_MAX))
		return;
	/* Only SYN and FIN were seen: more than 2 GB may lie between. */
	if (x->fin && s->last == 1) {
		s->last += ahead;
		return;
	}
	if (s->state == TCP_RESET)
		return;
	if (delta > 0) {
		s->last += ahead;
		x->advanced = true;
		return;
	}
	if (!x->len)
		return;
	e = flow_extra_get(x->f);
	if (e)
		flow_history_scaled(x->f, x->d, 'T', &e->retransmits[x->d]);
}

/* connection_established in Zeek's words. */
static void
step_opened(struct tcp_step *x)
{
	if (flow_class(x->f->hot) == CLASS_OPENING &&
		flow_port_is_interactive(nj_flow_port(x->f, NJ_RESP)))
		flow_set_class(x->f->hot, CLASS_TCP_LONG);
}

/* Both SYNs were seen, but the answer first, as two taps can yield them. */
static void
step_swap(struct tcp_step *x)
{
	struct tcp_side tmp = x->side[0];

	flow_flip(x->f);
	x->side[0] = x->side[1];
	x->side[1] = tmp;
	x->d = !x->d;
	x->f->hot->flags &= ~FLOW_PARTIAL;
	side_set_state(&x->side[!x->d], TCP_OPEN);
	x->f->hot->flags |= FLOW_MET(x->d);
}

static void
syn_of_inactive(struct tcp_step *x)
{
	bool ack = x->m->tcp_flags & NJ_TCP_ACK;
	struct tcp_side *peer = &x->side[!x->d];

	if (x->d == NJ_ORIG) {
		if (ack)
			flow_weird(x->f, WEIRD_ANSWER_FIRST);
		side_set_state(&x->side[0], ack ? TCP_SYNACK : TCP_SYN_SENT);
		return;
	}
	if (!ack && peer->state == TCP_SYNACK &&
		x->m->seq == x->side[x->d].start) {
		step_swap(x);
		peer = &x->side[!x->d];
	} else if (!ack) {
		flow_weird(x->f, WEIRD_BOTH_OPEN);
	} else if (peer->state != TCP_INACTIVE && peer->state != TCP_PARTIAL &&
		   x->ack > peer->last) {
		flow_weird(x->f, WEIRD_BAD_ANSWER);
	}
	if (peer->state == TCP_SYN_SENT)
		side_set_state(peer, TCP_OPEN);
	side_set_state(&x->side[x->d], TCP_OPEN);
	if (peer->state != TCP_PARTIAL)
		step_opened(x);
}

static void
step_inactive(struct tcp_step *x)
{
	struct tcp_side *s = &x->side[x->d], *peer = &x->side[!x->d];
	uint8_t flags = x->m->tcp_flags;

	if (x->syn) {
		syn_of_inactive(x);
		s = &x->side[x->d];
		peer = &x->side[!x->d];
	}
	if (x->fin) {
		side_set_state(s, TCP_CLOSED);
		x->close = true;
	}
	if (x->rst) {
		side_set_state(s, TCP_RESET);
		x->close = true;
	}
	if (s->state != TCP_INACTIVE)
		return;
	/* Some acknowledge a SYN before they answer it. */
	if (x->d == NJ_RESP && !x->len && peer->state == TCP_SYN_SENT)
		return;
	if (flags & NJ_TCP_ACK && peer->state == TCP_OPEN) {
		/* Only the SYN was missed. */
		side_set_state(s, TCP_OPEN);
		x->f->hot->flags &= ~FLOW_PARTIAL;
		x->f->hot->flags |= FLOW_MET(x->d);
		return;
	}
	side_set_state(s, TCP_PARTIAL);
}

/* The side has sent a SYN that was not answered yet. */
static void
step_unanswered(struct tcp_step *x)
{
	struct tcp_side *s = &x->side[x->d];
	uint8_t peer = x->side[!x->d].state;

	if (x->fin) {
		if (peer == TCP_INACTIVE || peer == TCP_SYN_SENT)
			flow_weird(x->f, WEIRD_EARLY_FIN);
		side_set_state(s, TCP_CLOSED);
	}
	if (x->rst)
		side_set_state(s, TCP_RESET);
	else if (x->len)
		flow_weird(x->f, WEIRD_EARLY_DATA);
	x->close = x->fin || x->rst;
}

static void
step_open(struct tcp_step *x)
{
	struct tcp_side *s = &x->side[x->d], *peer = &x->side[!x->d];

	if (x->syn && s->state == TCP_PARTIAL && peer->state == TCP_INACTIVE &&
		!(x->m->tcp_flags & NJ_TCP_ACK))
		side_set_state(s, TCP_SYN_SENT);
	if (x->fin && !x->rst) {
		side_set_state(s, TCP_CLOSED);
		/* FIN, then RST from a side that is done is a normal end. */
		if (peer->state == TCP_RESET && peer->prev == TCP_CLOSED)
			side_set_state(peer, TCP_CLOSED);
		x->close = true;
	}
	if (x->rst) {
		side_set_state(s, TCP_RESET);
		x->close = true;
	}
}

static void
step_state(struct tcp_step *x)
{
	struct nj_flow *f = x->f;
	struct tcp_side *s = &x->side[x->d], *peer = &x->side[!x->d];

	switch (s->state) {
	case TCP_INACTIVE:
		step_inactive(x);
		break;
	case TCP_SYN_SENT:
	case TCP_SYNACK:
		step_unanswered(x);
		break;
	case TCP_PARTIAL:
	case TCP_OPEN:
		step_open(x);
		break;
	case TCP_CLOSED:
		if (x->syn)
			flow_weird(f, WEIRD_SYN_CLOSED);
		if (x->fin && x->advanced)
			flow_weird(f, WEIRD_LATE_FIN);
		if (!x->rst || peer->state == TCP_CLOSED)
			break;
		side_set_state(s, TCP_RESET);
		x->close = !s->closed;
		if (!(f->hot->flags & FLOW_FIXED))
			flow_hurry(f,
				f->meta->ts_ns + f->table->conf.tcp_reset_ns);
		break;
	default:
		if (x->syn)
			flow_weird(f, WEIRD_SYN_RESET);
		if (x->len && !x->rst)
			flow_weird(f, WEIRD_DATA_RESET);
		break;
	}
}

static void
side_close(struct tcp_step *x, unsigned d)
{
	struct tcp_side *s = &x->side[d], *peer = &x->side[!d];
	struct nj_flow *f = x->f;

	if (stream_pending(x, d)) {
		f->hot->flags |= FLOW_DEFER;
		return;
	}
	f->hot->flags &= ~FLOW_DEFER;
	if (s->closed)
		return;
	s->closed = true;
	if (s->state != TCP_RESET && !peer->closed &&
		peer->state != TCP_INACTIVE)
		return;
	flow_hurry(f, f->hot->last_ns + f->table->conf.tcp_close_ns);
	f->hot->flags &= ~FLOW_ATTEMPT;
}

void
tcp_check_eof(struct tcp_step *x, unsigned d)
{
	struct tcp_side *s = &x->side[d];
	struct nj_flow *f = x->f;
	const struct nj_flow_hooks *hooks = &f->table->hooks;

	if (s->eof || stream_pending(x, d))
		return;
	if (!s->fin && s->state != TCP_CLOSED && s->state != TCP_RESET)
		return;
	s->eof = true;
	if (hooks->eof && f->hot->flags & FLOW_WANTS)
		hooks->eof(hooks->ctx, f, (enum nj_dir)d);
	if (f->hot->flags & FLOW_DEFER) {
		side_close(x, d);
		f->hot->flags &= ~FLOW_DEFER;
	}
}

static bool
is_opening(enum tcp_state s)
{
	return s <= TCP_SYNACK;
}

/* Time-outs and the short way for what comes next. */
static void
step_finish(struct tcp_step *x)
{
	struct nj_flow *f = x->f;
	struct nj_flow_hot *h = f->hot;
	const struct tcp_side *s = x->side;
	bool attempt =
		(s[0].state == TCP_SYN_SENT || s[0].state == TCP_SYNACK) &&
		s[1].state == TCP_INACTIVE;

	if (attempt && !(h->flags & FLOW_FIXED) && s[0].prev == TCP_INACTIVE) {
		flow_hurry(f, f->meta->ts_ns + f->table->conf.tcp_attempt_ns);
		h->flags |= FLOW_ATTEMPT;
	} else if (!attempt && h->flags & FLOW_ATTEMPT) {
		h->flags &= ~(FLOW_ATTEMPT | FLOW_FIXED);
	}
	if (flow_class(h) == CLASS_OPENING &&
		!(is_opening(s[0].state) && is_opening(s[1].state)))
		flow_set_class(h, CLASS_TCP);
	h->flags &= ~(FLOW_FAST(0) | FLOW_FAST(1));
	if (s[0].state != TCP_OPEN || s[1].state != TCP_OPEN ||
		h->flags & FLOW_SEQX)
		return;
	for (unsigned d = 0; d < 2; d++)
		if (s[!d].acked || !(h->tcp >> TCP_SEEN_SHIFT(!d) & SEEN_DATA))
			h->flags |= FLOW_FAST(d);
}

static void
step_partial(struct tcp_step *x)
{
	struct nj_flow_hot *h = x->f->hot;
	bool partial = h->flags & FLOW_PARTIAL;

	if (h->flags & FLOW_MET(x->d))
		return;
	if (x->d == NJ_ORIG)
		partial = !x->syn || x->m->tcp_flags & NJ_TCP_ACK;
	else if (!partial)
		partial = !x->syn;
	h->flags &= ~FLOW_PARTIAL;
	h->flags |= partial ? FLOW_PARTIAL : 0;
}

static void
step_syn_weirds(struct tcp_step *x)
{
	if (x->rst)
		flow_weird(x->f, WEIRD_SYN_RST);
	if (x->m->tcp_flags & NJ_TCP_URG)
		flow_weird(x->f, WEIRD_SYN_URG);
	if (x->len)
		flow_weird(x->f, WEIRD_SYN_DATA);
}

static void
step_position(struct tcp_step *x)
{
	const struct tcp_side *s = &x->side[x->d];
	uint32_t last = (uint32_t)(s->start + s->last);

	x->rel = (int64_t)s->last + (int32_t)(x->m->seq - last);
	if (x->rel < 0 && !x->rst)
		flow_weird(x->f, WEIRD_SEQ_BEFORE);
	if (x->syn)
		step_syn_weirds(x);
}

static void
step_data(struct tcp_step *x)
{
	struct tcp_side *s = &x->side[x->d];

	stream_segment(x, (uint64_t)x->rel + x->syn);
	/* Where nothing is ever acknowledged, Zeek stops to wait for it. */
	s->unacked = side_end(s) > nj_max(s->ack, 1U) &&
		     (s->acked || side_end(s) <= UNACKED_MAX);
}

static void
tcp_segment(struct nj_flow *f, unsigned d)
{
	const struct nj_meta *m = f->meta;
	struct tcp_step x = { .f = f,
		.m = m,
		.d = d,
		.len = m->payload_wire,
		.syn = m->tcp_flags & NJ_TCP_SYN,
		.fin = m->tcp_flags & NJ_TCP_FIN,
		.rst = m->tcp_flags & NJ_TCP_RST };
	bool ack = m->tcp_flags & NJ_TCP_ACK;

	side_load(&x, 0);
	side_load(&x, 1);
	step_partial(&x);
	step_begin_side(&x);
	step_position(&x);
	step_history(&x);
	step_window(&x);
	if (!x.side[0].closed || !x.side[1].closed)
		flow_touch(f);
	if (x.fin) {
		x.side[d].fin = true;
		x.side[d].fin_seq = (uint64_t)x.rel + x.syn + x.len + 1;
	}
	if (ack)
		step_ack(&x);
	step_last(&x);
	step_state(&x);
	if (ack)
		stream_acked(&x, !x.d, x.ack);
	f->hot->flags |= FLOW_MET(x.d);
	if (x.len && !x.rst && x.rel >= 0)
		step_data(&x);
	tcp_check_eof(&x, x.d);
	if (x.close)
		side_close(&x, x.d);
	step_store(&x);
	step_finish(&x);
}

/* A SYN and ACK came first. What follows it tells a connection whose SYN was
 * missed from a scan, which would meet with a reset or with nothing. */
static bool
is_answer_first(const struct nj_flow *f)
{
	const struct nj_meta *m = f->meta;

	return tcp_state(f->hot, NJ_ORIG) == TCP_SYNACK &&
	       !(m->tcp_flags & (NJ_TCP_SYN | NJ_TCP_FIN | NJ_TCP_RST)) &&
	       (m->tcp_flags & NJ_TCP_ACK || m->payload_wire) &&
	       f->cold->history[0] == 'H' && !f->cold->history[1];
}

void
tcp_packet(struct nj_flow *f, unsigned d)
{
	if (nj_unlikely(is_answer_first(f))) {
		f->cold->history[0] = '\0';
		flow_flip(f);
		flow_history(f, NJ_RESP, 'H');
		f->hot->flags &= ~FLOW_PARTIAL;
		f->hot->flags |= FLOW_MET(NJ_ORIG);
		d = !d;
	}
	tcp_segment(f, d);
}

/* Ports of a connection that is over are taken again. */
static void
reuse_weird(struct nj_flow *f)
{
	const struct nj_flow_hot *h = f->hot;
	bool active = false;

	for (unsigned d = 0; d < 2; d++) {
		if (tcp_state(h, d) == TCP_RESET)
			return;
		active = active || (!(h->flags & FLOW_CLOSED(d)) &&
					   tcp_state(h, d) != TCP_INACTIVE);
	}
	if (active)
		flow_weird(f, WEIRD_REUSED);
	else if (f->now_ns - h->last_ns < f->table->conf.tcp_close_ns)
		flow_weird(f, WEIRD_REUSED_EARLY);
}

bool
tcp_is_reuse(struct nj_flow *f, const struct nj_meta *m)
{
	const struct nj_flow_hot *h = f->hot;
	const uint32_t *start = f->cold->start;
	unsigned who = NJ_ORIG;

	if (m->tcp_flags & NJ_TCP_ACK) {
		if (tcp_state(h, NJ_ORIG) != TCP_INACTIVE)
			return false;
		who = NJ_RESP;
	}
	if (h->flags & (FLOW_CLOSED(0) | FLOW_CLOSED(1))) {
		reuse_weird(f);
		return true;
	}
	if (m->seq == start[who])
		return false;
	/* The SYN that belongs to a SYN and ACK that came before it. */
	if (!(m->tcp_flags & NJ_TCP_ACK) &&
		tcp_state(h, NJ_ORIG) == TCP_SYNACK &&
		tcp_state(h, NJ_RESP) == TCP_INACTIVE &&
		m->seq == start[NJ_RESP])
		return false;
	flow_weird(f, tcp_state(h, who) == TCP_SYN_SENT ? WEIRD_SYN_JUMP
							: WEIRD_REUSED);
	return true;
}

uint64_t
tcp_size(const struct nj_flow *f, unsigned d)
{
	struct tcp_step x = { .f = (struct nj_flow *)f };
	const struct tcp_side *s = &x.side[d];
	uint64_t size;

	side_load(&x, d);
	/* A half-open connection that was aborted: its numbers are of
	 * another one. */
	if (s->prev == TCP_SYN_SENT && s->state == TCP_RESET &&
		tcp_state(f->hot, !d) == TCP_INACTIVE && s->acked)
		return 0;
	size = nj_max(s->last, s->ack);
	size -= size != 0;
	return size - (s->fin && size);
}
