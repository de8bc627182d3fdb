/*
 * burst.c - packets, a burst at a time: first all keys and their buckets are
 * fetched, then all flows whose tag fits, and only then are the packets
 * handled in order, so that the waits for memory overlap.
 */
#include "engine/flow/behaviour_priv.h"
#include "engine/flow/lookup_priv.h"

static bool
packet_ends_flow(struct nj_flow *f)
{
	int64_t deadline = flow_deadline_of(f->table, f->index);

	if (nj_likely(f->now_ns < deadline))
		return false;
	flow_end(f->table, f->index, flow_end_reason(f->hot), deadline);
	return true;
}

/* Less than any time-out: what is later than that may be too late. */
#define LAG_NS NJ_NS_PER_S

static void
packet_lag(struct nj_flow *f, int64_t lag)
{
	struct flow_extra *x;

	f->hot->flags &= ~FLOW_LAG;
	if (lag <= LAG_NS)
		return;
	x = flow_extra_get(f);
	if (!x)
		return;
	x->lag_ns = lag;
	f->hot->flags |= FLOW_LAG;
}

void
flow_touch(struct nj_flow *f)
{
	const struct nj_meta *m = f->meta;
	int64_t lag = m->now_ns - m->ts_ns;

	f->hot->last_ns = m->ts_ns;
	if (nj_unlikely(lag > LAG_NS || f->hot->flags & FLOW_LAG))
		packet_lag(f, lag);
}

static void
packets_carry(struct nj_flow *f, unsigned d)
{
	struct flow_extra *x = flow_extra_get(f);

	if (x)
		x->packets_hi[d]++;
}

static void
bytes_carry(struct nj_flow *f, unsigned d)
{
	struct flow_extra *x = flow_extra_get(f);

	if (x)
		x->ip_bytes_hi[d]++;
}

static inline void
packet_count(struct nj_flow *f, unsigned d)
{
	struct nj_flow_hot *h = f->hot;
	const struct nj_meta *m = f->meta;

	if (nj_unlikely(__builtin_add_overflow(
		    h->ip_bytes[d], m->ip_bytes, &h->ip_bytes[d])))
		bytes_carry(f, d);
	if (nj_unlikely(++h->packets[d] == 0))
		packets_carry(f, d);
	behaviour_count(h, m, d);
}

/* Everything but TCP: a side counts its payload and shows one D. */
static void
datagram(struct nj_flow *f, unsigned d)
{
	struct nj_flow_hot *h = f->hot;
	const struct nj_meta *m = f->meta;
	uint32_t seen = (uint32_t)SEEN_DATA << TCP_SEEN_SHIFT(d), sum;

	flow_touch(f);
	if (m->proto != NJ_IP_UDP && m->proto != NJ_IP_ICMP &&
		m->proto != NJ_IP_ICMP6) {
		/* Zeek does not count what it cannot look into. */
	} else if (__builtin_add_overflow(h->next[d], m->payload_wire, &sum)) {
		f->cold->start[d]++;
		h->next[d] = sum;
	} else {
		h->next[d] = sum;
	}
	if (nj_unlikely(!(h->tcp & seen))) {
		h->tcp |= seen;
		if (m->proto == NJ_IP_UDP)
			flow_history(f, d, 'D');
	}
	if (h->flags & FLOW_WANTS)
		f->table->hooks.data(
			f->table->hooks.ctx, f, (enum nj_dir)d, m->payload);
}

/* The next segment of an open connection in good order needs nothing but
 * the hot line. */
static inline bool
segment_fast(struct nj_flow *f, unsigned d)
{
	struct nj_flow_hot *h = f->hot;
	const struct nj_meta *m = f->meta;
	uint32_t flags = m->tcp_flags &
			 (NJ_TCP_SYN | NJ_TCP_FIN | NJ_TCP_RST | NJ_TCP_ACK);
	uint32_t seen = m->payload_wire ? SEEN_DATA : SEEN_ACK;
	uint32_t next = m->seq + m->payload_wire;

	if (flags != NJ_TCP_ACK || !(h->flags & FLOW_FAST(d)) ||
		!(h->tcp & seen << TCP_SEEN_SHIFT(d)) || !m->window)
		return false;
	if (m->seq != h->next[d] || next < m->seq ||
		(int32_t)(h->next[!d] - m->ack) < 0 ||
		m->payload.len < m->payload_wire)
		return false;
	flow_touch(f);
	h->next[d] = next;
	if (m->payload_wire && h->flags & FLOW_WANTS)
		stream_give(f, d, m->payload);
	return true;
}

/* The burst's keys were made before its packets began flows, and tenants. */
static uint32_t
packet_find(const struct nj_flow_table *t, const struct nj_meta *m,
	struct flow_key *k)
{
	if (nj_unlikely(k->rest >> 8 == TENANT_UNKNOWN))
		flow_key_make(t, m, k);
	return flow_table_find(t, k);
}

/* Its transport header is not to be trusted, so it only leaves a mark. */
static void
packet_broken(struct nj_flow *f, unsigned d)
{
	struct flow_extra *x;

	if (f->meta->kind != NJ_KIND_CHECKSUM ||
		flow_class(f->hot) == CLASS_ICMP)
		return;
	x = flow_extra_get(f);
	if (x)
		flow_history_scaled(f, d, 'C', &x->checksums[d]);
}

/* Which flow of its key at this very time the next one is: its uid needs to
 * differ from the one before. */
static unsigned
flow_again(const struct nj_flow *f)
{
	unsigned again = f->hot->tcp >> TCP_AGAIN_SHIFT;

	if (f->cold->first_ns != f->meta->ts_ns)
		return 0;
	return nj_min(again + 1, 7U);
}

enum { SHED_SHIFT = 60 };

/* Whichever packet of a flow comes, the answer is the same. The bits are not
 * those that choose buckets. */
static bool
is_shed(const struct nj_flow_table *t, const struct nj_meta *m,
	const struct flow_key *k)
{
	return m->kind == NJ_KIND_FLOW &&
	       nj_mix64(k->hash) >> SHED_SHIFT < t->shed;
}

static void
packet(struct nj_flow_table *t, const struct nj_meta *m, struct flow_key *k,
	uint32_t index)
{
	struct nj_flow f;
	unsigned d, again = 0;

	if (!index || nj_unlikely(!flow_key_matches(t, index, k)))
		index = packet_find(t, m, k);
	if (nj_likely(index)) {
		f = flow_view(t, index, m, m->now_ns);
		d = k->side ^ (f.hot->flags & FLOW_ORIG_HI ? 1 : 0);
		if (packet_ends_flow(&f)) {
			index = 0;
		} else if (nj_unlikely(m->proto == NJ_IP_TCP &&
				       m->tcp_flags & NJ_TCP_SYN &&
				       tcp_is_reuse(&f, m))) {
			again = flow_again(&f);
			flow_end(t, index, NJ_END_REUSED, m->now_ns);
			index = 0;
		}
	}
	if (nj_unlikely(!index)) {
		index = again ? 0 : flow_alias_find(t, m, k);
		if (nj_unlikely(t->shed) && !index && is_shed(t, m, k)) {
			t->counters.shed++;
			return;
		}
		if (!index)
			index = flow_begin(t, m, k, again);
		if (!index) {
			t->counters.refused++;
			return;
		}
		f = flow_view(t, index, m, m->now_ns);
		d = k->side ^ (f.hot->flags & FLOW_ORIG_HI ? 1 : 0);
	}
	if (nj_unlikely(t->hooks.seen != NULL))
		t->hooks.seen(t->hooks.seen_ctx, &f, (unsigned)(m - t->burst));
	if (nj_unlikely(m->kind != NJ_KIND_FLOW)) {
		packet_broken(&f, d);
		return;
	}
	packet_count(&f, d);
	if (nj_unlikely(t->detail != NULL))
		flow_detail_packet(&f, d, (unsigned)(m - t->burst));
	if (nj_unlikely(m->parent_uid != NULL))
		flow_add_parent(&f);
	if (m->proto != NJ_IP_TCP)
		datagram(&f, d);
	else if (!segment_fast(&f, d))
		tcp_packet(&f, d);
}

/* Flows that are new or still dissected need their cold lines too, and the
 * dissections what they keep. Gives how many of those there are. */
static unsigned
fetch_cold(const struct nj_flow_table *t, const uint32_t *guess, unsigned n)
{
	const uint32_t fast = FLOW_FAST(0) | FLOW_FAST(1);
	unsigned wanting = 0;

	for (unsigned i = 0; i < n; i++) {
		uint32_t flags = t->hot[guess[i]].flags;

		wanting += (flags & FLOW_WANTS) != 0;
		if (flags & FLOW_WANTS || (flags & fast) != fast)
			__builtin_prefetch(&t->cold[guess[i]], 1);
	}
	return t->hooks.prefetch && t->hooks.fetch ? wanting : 0;
}

/* What the dissections of flows that want payload keep. */
static void
fetch_work(const struct nj_flow_table *t, const uint32_t *guess, unsigned n)
{
	uint32_t works[NJ_FLOW_BURST];
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!(t->hot[guess[i]].flags & FLOW_WANTS))
			continue;
		works[count] = t->cold[guess[i]].work;
		t->hooks.prefetch(t->hooks.ctx, works[count++]);
	}
	for (unsigned i = 0; i < count; i++)
		t->hooks.fetch(t->hooks.ctx, works[i]);
}

void
nj_flow_burst(struct nj_flow_table *t, const struct nj_meta *metas, unsigned n)
{
	struct flow_key keys[NJ_FLOW_BURST];
	uint32_t guess[NJ_FLOW_BURST];
	unsigned six;

	NJ_ASSERT(n <= NJ_FLOW_BURST);
	t->burst = metas;
	six = flow_keys_make(t, metas, keys, n);
	for (unsigned i = 0; i < n; i++) {
		guess[i] = flow_table_guess(t, keys[i].hash);
		if (nj_unlikely(metas[i].tcp_flags &
				(NJ_TCP_SYN | NJ_TCP_FIN | NJ_TCP_RST)))
			__builtin_prefetch(&t->cold[guess[i]], 1);
	}
	for (unsigned i = 0; i < n && nj_unlikely(six); i++)
		flow_key6_prefetch(t, guess[i]);
	if (fetch_cold(t, guess, n))
		fetch_work(t, guess, n);
	for (unsigned i = 0; i < n; i++)
		packet(t, &metas[i], &keys[i], guess[i]);
	t->counters.hashed += n;
}

void
nj_flow_set_shed(struct nj_flow_table *t, unsigned share)
{
	t->shed = share;
}

enum { EXPIRE_BUDGET = 256 };

bool
nj_flow_expire(struct nj_flow_table *t, int64_t now_ns)
{
	wheel_start(&t->wheel, now_ns);
	return wheel_serve(t, now_ns, EXPIRE_BUDGET);
}

int64_t
nj_flow_served_ns(const struct nj_flow_table *t)
{
	return (int64_t)((uint64_t)t->wheel.tick << WHEEL_SHIFT);
}

void
nj_flow_finish(struct nj_flow_table *t, int64_t now_ns)
{
	int64_t deadline;

	for (uint32_t i = 1; i < t->fresh; i++) {
		if (!(t->hot[i].flags & FLOW_LIVE))
			continue;
		deadline = flow_deadline(t, i);
		if (deadline <= now_ns)
			flow_end(t, i, flow_end_reason(&t->hot[i]), deadline);
		else
			flow_end(t, i, NJ_END_FINISH, now_ns);
	}
}
