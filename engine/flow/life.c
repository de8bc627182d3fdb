/*
 * life.c - how flows begin and end, and what they carry in between that is
 * not a matter of their protocol: time-outs, history, direction.
 */
#include "engine/flow/flow_priv.h"

/* Zeek looks every 10 s whether a DNS session has been silent for 9. */
static int64_t
deadline_brief(int64_t first_ns, int64_t last_ns, int64_t every)
{
	int64_t silent = every - every / 10;
	int64_t span = nj_max(last_ns + silent - first_ns, every);

	return first_ns + (span + every - 1) / every * every;
}

static int64_t
deadline_rare(const struct nj_flow_table *t, uint32_t index)
{
	const struct nj_flow_hot *h = &t->hot[index];
	const struct nj_flow_cold *c = &t->cold[index];
	const struct flow_extra *x =
		c->extra ? nj_pool_at(&t->extra, c->extra) : NULL;
	unsigned class = flow_class(h);
	int64_t deadline = h->last_ns + t->timeout_ns[class];

	if (h->flags & FLOW_FIXED)
		deadline = c->deadline_ns;
	else if (class == CLASS_BRIEF)
		deadline = deadline_brief(
			c->first_ns, h->last_ns, t->timeout_ns[CLASS_BRIEF]);
	else if (class == CLASS_CUSTOM && x)
		deadline = h->last_ns + x->timeout_ns;
	/* A packet that came too late for its flow still belongs to it; what
	 * comes next does not. */
	if (h->flags & FLOW_LAG && x)
		deadline = nj_max(deadline, h->last_ns + x->lag_ns);
	return deadline;
}

int64_t
flow_deadline(const struct nj_flow_table *t, uint32_t index)
{
	const struct nj_flow_hot *h = &t->hot[index];
	unsigned class = flow_class(h);

	if (nj_unlikely(h->flags & (FLOW_FIXED | FLOW_LAG) ||
			class == CLASS_BRIEF || class == CLASS_CUSTOM))
		return deadline_rare(t, index);
	return h->last_ns + t->timeout_ns[class];
}

struct flow_extra *
flow_extra_get(struct nj_flow *f)
{
	struct flow_extra *x;

	if (f->cold->extra)
		return flow_extra(f);
	f->cold->extra = nj_pool_get(&f->table->extra);
	if (!f->cold->extra) {
		f->table->counters.extra_refused++;
		return NULL;
	}
	x = flow_extra(f);
	memset(x, 0, sizeof(*x));
	return x;
}

void
flow_history(struct nj_flow *f, unsigned d, char letter)
{
	struct nj_flow_cold *c = f->cold;
	struct flow_extra *x;
	size_t n;

	if (d == NJ_RESP && letter >= 'A' && letter <= 'Z')
		letter = (char)(letter - 'A' + 'a');
	n = strnlen(c->history, HISTORY_INLINE);
	if (n < HISTORY_INLINE) {
		c->history[n] = letter;
		return;
	}
	x = flow_extra_get(f);
	if (!x)
		return;
	n = strnlen(x->history, HISTORY_MORE);
	if (n < HISTORY_MORE)
		x->history[n] = letter;
}

void
flow_history_scaled(struct nj_flow *f, unsigned d, char letter, uint32_t *count)
{
	uint32_t n = ++*count;

	while (n >= 10 && n % 10 == 0)
		n /= 10;
	if (n == 1)
		flow_history(f, d, letter);
}

static void
swap(void *a, void *b, size_t n)
{
	uint8_t tmp[16];

	memcpy(tmp, a, n);
	memcpy(a, b, n);
	memcpy(b, tmp, n);
}

static void
flip_extra(struct flow_extra *x)
{
	swap(&x->ack[0], &x->ack[1], 8);
	swap(&x->reasm[0], &x->reasm[1], 8);
	swap(&x->fin_seq[0], &x->fin_seq[1], 8);
	swap(&x->rst_seq[0], &x->rst_seq[1], 8);
	swap(&x->syn_seq[0], &x->syn_seq[1], 8);
	swap(&x->skip[0], &x->skip[1], 8);
	swap(&x->skip_lost[0], &x->skip_lost[1], 8);
	swap(&x->retransmits[0], &x->retransmits[1], 4);
	swap(&x->gaps[0], &x->gaps[1], 4);
	swap(&x->zero_windows[0], &x->zero_windows[1], 4);
	swap(&x->checksums[0], &x->checksums[1], 4);
	swap(&x->seg_head[0], &x->seg_head[1], 4);
	swap(&x->seg_tail[0], &x->seg_tail[1], 4);
	swap(&x->seg_bytes[0], &x->seg_bytes[1], 4);
	swap(&x->segs[0], &x->segs[1], 2);
	swap(&x->wraps[0], &x->wraps[1], 2);
	swap(&x->packets_hi[0], &x->packets_hi[1], 4);
	swap(&x->ip_bytes_hi[0], &x->ip_bytes_hi[1], 4);
	x->has = (uint8_t)((x->has & 0xc0) | (x->has & 0x15) << 1 |
			   (x->has & 0x2a) >> 1);
}

/* The bits of the first direction among those that are one a direction. */
#define FLAGS_ORIG UINT32_C(0x15555000)

void
flow_flip(struct nj_flow *f)
{
	struct nj_flow_hot *h = f->hot;
	struct intern *paths = &f->table->paths;
	uint32_t tcp = h->tcp, path = f->cold->path;
	uint64_t key[4];

	swap(&h->ip_bytes[0], &h->ip_bytes[1], 4);
	swap(&h->packets[0], &h->packets[1], 4);
	swap(&h->next[0], &h->next[1], 4);
	swap(&f->cold->start[0], &f->cold->start[1], 4);
	h->tcp = (tcp & ~UINT32_C(0x3ffffff)) | (tcp >> 3 & 00707) |
		 (tcp & 00707) << 3 | (tcp >> 7 & 0x7f000) |
		 (tcp & 0x7f000) << 7;
	h->flags = ((h->flags & ~(FLAGS_ORIG | FLAGS_ORIG << 1)) |
			   (h->flags >> 1 & FLAGS_ORIG) |
			   (h->flags & FLAGS_ORIG) << 1) ^
		   FLOW_ORIG_HI;
	flow_behaviour_flip(f);
	if (f->cold->extra)
		flip_extra(flow_extra(f));
	if (path) {
		memcpy(key, paths->entries[path].key, sizeof(key));
		swap(key, (uint8_t *)key + 6, 6);
		f->cold->path = intern_get(paths, key);
		intern_put(paths, path);
	}
	if (nj_unlikely(f->table->detail != NULL))
		flow_detail_flip(f);
	flow_history(f, NJ_ORIG, '^');
}

enum nj_flow_end
flow_end_reason(const struct nj_flow_hot *h)
{
	return h->flags & FLOW_FIXED && !(h->flags & FLOW_ATTEMPT)
		       ? NJ_END_CLOSED
		       : NJ_END_TIMEOUT;
}

void
flow_hurry(struct nj_flow *f, int64_t deadline_ns)
{
	f->cold->deadline_ns = deadline_ns;
	f->hot->flags |= FLOW_FIXED;
	wheel_drop(f->table, f->index);
	wheel_add(f->table, f->index, deadline_ns);
}

/* Which side sent the first packet is not always who began it. */
static bool
begin_flips(const struct nj_flow_table *t, const struct nj_meta *m)
{
	static const uint8_t broadcast[4] = { 255, 255, 255, 255 };
	bool udp = m->proto == NJ_IP_UDP, src, dst;

	if (m->proto != NJ_IP_TCP && !udp)
		return false;
	if (!udp && (m->tcp_flags & (NJ_TCP_SYN | NJ_TCP_ACK)) == NJ_TCP_SYN)
		return false;
	if (m->ip_version == 4 && !memcmp(m->dst, broadcast, 4))
		return false;
	src = flow_likely_server(t, udp, m->sport);
	if (!src)
		return false;
	dst = flow_likely_server(t, udp, m->dport);
	if (!dst)
		return true;
	/* Both may be servers. A SYN with ACK may be a scan: leave it. */
	return !udp && !(m->tcp_flags & NJ_TCP_SYN) && m->sport < m->dport;
}

static uint32_t
begin_path(struct nj_flow_table *t, const struct nj_meta *m, bool flip)
{
	static const uint8_t none[6];
	const uint8_t *a = m->mac_src ? m->mac_src : none;
	const uint8_t *b = m->mac_dst ? m->mac_dst : none;
	uint8_t bytes[32] = { 0 };
	uint64_t key[4];
	uint32_t index;

	memcpy(bytes, flip ? b : a, 6);
	memcpy(bytes + 6, flip ? a : b, 6);
	if (m->parent_uid)
		memcpy(bytes + 16, m->parent_uid, 16);
	memcpy(key, bytes, sizeof(key));
	index = intern_get(&t->paths, key);
	t->counters.interned_refused += !index;
	return index;
}

/* Takes a free place; the table being full, another flow makes room. */
static uint32_t
begin_place(struct nj_flow_table *t, int64_t now_ns)
{
	uint32_t index, victim;

	if (!t->free && t->fresh > t->conf.flows_max) {
		victim = wheel_victim(t);
		if (!victim)
			return 0;
		t->counters.evicted++;
		flow_end(t, victim, NJ_END_EVICTED, now_ns);
	}
	index = t->free;
	if (index)
		t->free = t->cold[index].wheel_next;
	else
		index = t->fresh++;
	return index;
}

static void
place_put(struct nj_flow_table *t, uint32_t index)
{
	t->hot[index].flags = 0;
	t->cold[index].wheel_next = t->free;
	t->free = index;
}

static bool
begin_key(struct nj_flow_table *t, struct nj_flow_hot *h, struct flow_key *k)
{
	struct flow_key6 *six;
	uint32_t handle;

	h->key[0] = k->key[0];
	h->key[1] = k->key[1];
	if (k->version == 4)
		return true;
	handle = nj_pool_get(&t->key6);
	if (!handle)
		return false;
	six = nj_pool_at(&t->key6, handle);
	memcpy(six->lo, k->lo, 16);
	memcpy(six->hi, k->hi, 16);
	six->lo_port = k->lo_port;
	six->hi_port = k->hi_port;
	six->rest = k->rest;
	h->key[1] = (uint64_t)handle << 32 | (uint32_t)k->key[1];
	h->flags |= FLOW_V6;
	return true;
}

static void
begin_undo(struct nj_flow_table *t, uint32_t index, uint32_t rest)
{
	struct nj_flow_hot *h = &t->hot[index];

	intern_put(&t->tenants, rest >> 8);
	if (h->flags & FLOW_V6)
		nj_pool_put(&t->key6, (uint32_t)(h->key[1] >> 32));
	place_put(t, index);
}

uint32_t
flow_begin(struct nj_flow_table *t, const struct nj_meta *m, struct flow_key *k,
	unsigned again)
{
	uint32_t index = begin_place(t, m->now_ns), tenant;
	struct nj_flow f;
	bool flip;

	if (!index)
		return 0;
	/* A tenant seen for the first time changes the key. */
	tenant = flow_tenant_get(t, m);
	if (tenant != k->rest >> 8)
		flow_key_retenant(t, k, tenant);
	f = flow_view(t, index, m, m->now_ns);
	memset(f.hot, 0, sizeof(*f.hot));
	memset(f.cold, 0, sizeof(*f.cold));
	f.hot->tcp = (uint32_t)again << TCP_AGAIN_SHIFT;
	flow_set_class(f.hot, k->class);
	if (!begin_key(t, f.hot, k) || !flow_table_insert(t, k->hash, index)) {
		begin_undo(t, index, k->rest);
		return 0;
	}
	flip = begin_flips(t, m);
	f.hot->flags |= FLOW_LIVE | (t->hooks.data ? FLOW_WANTS : 0) |
			(k->side != flip ? FLOW_ORIG_HI : 0);
	f.cold->first_ns = m->ts_ns;
	flow_touch(&f);
	f.cold->path = begin_path(t, m, flip);
	flow_alias_note(t, index, k);
	wheel_start(&t->wheel, m->now_ns);
	wheel_add(t, index, flow_deadline(t, index));
	if (flip)
		flow_history(&f, NJ_ORIG, '^');
	if (nj_unlikely(t->detail != NULL))
		flow_detail_begin(&f, flip);
	t->live++;
	t->counters.created++;
	if (t->hooks.start)
		t->hooks.start(t->hooks.ctx, &f);
	return index;
}

void
flow_end(struct nj_flow_table *t, uint32_t index, enum nj_flow_end why,
	int64_t when_ns)
{
	struct nj_flow f = flow_view(t, index, NULL, when_ns);
	uint32_t rest = flow_rest(t, f.hot);
	uint64_t hash = flow_hash(t, index);

	stream_flush(&f);
	if (t->hooks.end)
		t->hooks.end(t->hooks.ctx, &f, why);
	flow_tunnel_end(&f);
	flow_record(&f, why);
	stream_drop(&f, NJ_ORIG);
	stream_drop(&f, NJ_RESP);
	wheel_drop(t, index);
	if (nj_unlikely(f.hot->flags & FLOW_ALIAS))
		flow_alias_drop(&f);
	flow_table_remove(t, hash, index);
	intern_put(&t->paths, f.cold->path);
	if (f.cold->extra)
		nj_pool_put(&t->extra, f.cold->extra);
	if (f.hot->flags & FLOW_V6)
		nj_pool_put(&t->key6, (uint32_t)(f.hot->key[1] >> 32));
	intern_put(&t->tenants, rest >> 8);
	place_put(t, index);
	t->live--;
	t->counters.ended++;
}
