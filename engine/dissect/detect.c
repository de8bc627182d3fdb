/*
 * detect.c - finding out which protocol a flow speaks: what was announced,
 * then signatures, then ports as a hint, then probes. A dissector that takes
 * a flow may still reject it; then the next candidate has its turn.
 */
#include "engine/dissect/dissect_priv.h"

struct candidates {
	uint8_t list[64];
	unsigned count;
};

uint8_t
transport_of(const struct nj_flow *f)
{
	switch (nj_flow_proto(f)) {
	case NJ_IP_TCP:
		return NJ_TCP;
	case NJ_IP_UDP:
		return NJ_UDP;
	case NJ_IP_ICMP:
	case NJ_IP_ICMP6:
		return NJ_ICMP;
	case NJ_IP_SCTP:
		return NJ_SCTP;
	default:
		return NJ_IPPROTO;
	}
}

static bool
is_rejected(const struct work *w, unsigned index)
{
	return w->rejected[index / 64] >> index % 64 & 1;
}

static void
add(struct candidates *c, const struct work *w, unsigned index)
{
	if (is_rejected(w, index) || c->count == nj_countof(c->list))
		return;
	for (unsigned i = 0; i < c->count; i++)
		if (c->list[i] == index)
			return;
	c->list[c->count++] = (uint8_t)index;
}

/* Dissectors that the two ports hint at, the responder's first. */
static void
hints(const struct nj_dissect *e, const struct nj_flow *f, const struct work *w,
	struct candidates *out)
{
	uint8_t transport = transport_of(f);
	uint16_t ports[2] = { nj_flow_port(f, NJ_RESP),
		nj_flow_port(f, NJ_ORIG) };

	/* From the middle, a port is a poor witness: the first bytes are not
	 * those that a dissector could check. */
	if (transport == NJ_TCP && !e->conf.midstream && !nj_flow_saw_start(f))
		return;
	if (transport == NJ_ICMP)
		ports[0] = ports[1] = 0;
	if (transport == NJ_IPPROTO)
		ports[0] = ports[1] = nj_flow_proto(f);
	for (unsigned i = 0; i < 2; i++) {
		const struct port_entry *p =
			set_port(e->set, transport, ports[i]);

		for (unsigned k = 0; p && k < 4 && p->dissectors[k]; k++)
			add(out, w, p->dissectors[k] - 1u);
	}
}

static void
scan(struct nj_dissect *e, const struct work *w, enum nj_dir dir,
	struct nj_view v, struct candidates *out)
{
	const struct nj_dissect_set *set = e->set;
	uint16_t side = dir == NJ_ORIG ? NJ_SIG_ORIG : NJ_SIG_RESP;
	uint16_t kind = w->datagram ? NJ_SIG_UDP : NJ_SIG_TCP;
	unsigned words = (set->sig_count + 63) / 64;

	memset(e->matched, 0, words * sizeof(e->matched[0]));
	nj_match_scan(set->match, e->scratch, nj_sub(v, 0, NJ_DETECT_BYTES),
		e->matched);
	e->counters.scans++;
	for (unsigned i = 0; i < words; i++) {
		uint64_t left = e->matched[i];

		while (left) {
			unsigned bit = (unsigned)__builtin_ctzll(left);
			const struct sig_info *sig = &set->sigs[i * 64 + bit];

			left &= left - 1;
			if ((sig->flags & side) && (sig->flags & kind))
				add(out, w, sig->dissector);
			else
				e->matched[i] &= ~(UINT64_C(1) << bit);
		}
	}
}

static bool
in_list(const struct candidates *c, unsigned index)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->list[i] == index)
			return true;
	return false;
}

/* Are these bytes enough to trust a port? */
static bool
hint_counts(const struct work *w, enum nj_dir dir, struct nj_view v)
{
	return w->datagram || v.len >= DETECT_HINT_BYTES || w->eof[dir] ||
	       w->held[nj_other(dir)].len > 0;
}

/* Does it nothing but name flows? */
static bool
is_of_names(const struct nj_dissect *e, unsigned index)
{
	const struct nj_dissector *dis = e->set->list[index];

	return dis->services && !dis->events;
}

/* All candidates for these bytes, best first. */
static void
candidates_find(const struct here *h, enum nj_dir dir, struct nj_view v,
	struct candidates *out)
{
	struct candidates hinted = { 0 }, matched = { 0 };
	uint8_t transport = transport_of(h->f);
	bool patterns = transport == NJ_TCP || transport == NJ_UDP;
	unsigned kind = h->w->datagram ? 1 : 0;

	out->count = 0;
	hints(h->e, h->f, h->w, &hinted);
	if (patterns)
		scan(h->e, h->w, dir, v, &matched);
	for (unsigned i = 0; i < matched.count; i++)
		if (in_list(&hinted, matched.list[i]))
			add(out, h->w, matched.list[i]);
	for (unsigned i = 0; i < matched.count; i++)
		if (!is_of_names(h->e, matched.list[i]))
			add(out, h->w, matched.list[i]);
	for (unsigned i = 0; i < hinted.count && hint_counts(h->w, dir, v); i++)
		add(out, h->w, hinted.list[i]);
	/* Who can tell more than a name is asked before who cannot. */
	for (unsigned i = 0; i < matched.count; i++)
		add(out, h->w, matched.list[i]);
	for (unsigned i = 0; patterns && i < h->e->set->probe_count[kind]; i++)
		add(out, h->w, h->e->set->probes[kind][i]);
}

/* The flow has a name, and that is all. */
static void
name_only(const struct here *h, unsigned index, uint8_t service)
{
	nj_flow_add_service(h->f, service);
	h->w->gone = true;
	h->e->counters.named++;
	explain(h->e, h->f, "%s: calls the flow %s",
		h->e->set->list[index]->name, h->e->set->words[service]);
}

/* Asks the probe, if there is one. DONE: it has named the flow. */
static enum nj_verdict
ask(const struct here *h, unsigned index, enum nj_dir dir, struct nj_view v)
{
	enum nj_verdict verdict;
	const struct nj_dissector *dis = h->e->set->list[index];
	struct nj_dctx d = { .e = h->e,
		.f = h->f,
		.w = h->w,
		.slot = NO_SLOT,
		.dissector = index,
		.now_ns = h->f->now_ns };

	if (h->w->datagram ? !dis->datagram : !dis->stream)
		return NJ_REJECT;
	if (!dis->probe)
		return NJ_ACCEPT;
	h->e->arena_used = 0;
	verdict = dis->probe(&d, dir, v);
	if (verdict != NJ_DONE || !d.named)
		return verdict == NJ_DONE ? NJ_ACCEPT : verdict;
	name_only(h, index, d.named);
	return NJ_DONE;
}

/* Starts the dissector on all bytes there are. False if it rejects. */
static bool
try_one(const struct here *h, unsigned index, enum nj_dir dir, struct nj_view v)
{
	unsigned slot = slot_open(h->e, h->w, index, h->w->parent, h->w->param);
	enum nj_verdict verdict = NJ_MORE;
	struct held held[2] = { h->w->held[0], h->w->held[1] };

	if (slot == NO_SLOT)
		return false;
	h->w->top = (uint8_t)slot;
	/* It may hand over to detection at once, which then collects anew. */
	h->w->held[0] = h->w->held[1] = (struct held){ 0 };
	/* What the other side said before comes first, whole; how much of
	 * this side's is there depends on how it was cut. */
	for (unsigned i = 0; i < 2; i++) {
		enum nj_dir side = i ? dir : nj_other(dir);
		struct nj_view bytes =
			i ? v : held_view(&h->e->mem, &held[side]);

		if (!bytes.len || verdict == NJ_REJECT)
			continue;
		if (h->w->top != slot) {
			feed_successor(h, side, bytes);
			continue;
		}
		verdict = h->w->datagram ? feed_datagram(h, slot, side, bytes)
					 : feed_stream(h, slot, side, bytes);
	}
	if (verdict == NJ_REJECT) {
		slot_close(h, slot, true);
		h->w->top = NO_SLOT;
		h->w->rejected[index / 64] |= UINT64_C(1) << index % 64;
		h->w->held[0] = held[0];
		h->w->held[1] = held[1];
		return false;
	}
	held_free(&h->e->mem, &held[0]);
	held_free(&h->e->mem, &held[1]);
	h->e->counters.named++;
	explain(h->e, h->f, "%s: takes the flow after %u+%u payload packets",
		h->e->set->list[index]->name, h->w->packets[0],
		h->w->packets[1]);
	return true;
}

static void
found(const struct here *h)
{
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++)
		if (h->w->eof[i] && h->w->top != NO_SLOT)
			feed_eof(h, h->w->top, (enum nj_dir)i);
}

static bool
try_expected(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	struct expectation x;

	if (!h->e->expect_live || h->w->packets[0] + h->w->packets[1] != 1 ||
		!expect_take(h->e, h->f, &x))
		return false;
	h->e->counters.expected++;
	explain(h->e, h->f, "%s: expected",
		h->e->set->list[x.dissector - 1]->name);
	h->w->param = x.param;
	if (try_one(h, x.dissector - 1u, dir, v))
		return true;
	h->w->param = 0;
	return false;
}

/* Some candidate takes the flow: true. */
static bool
try_all(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	struct candidates c;

	candidates_find(h, dir, v, &c);
	for (unsigned i = 0; i < c.count; i++) {
		enum nj_verdict verdict = ask(h, c.list[i], dir, v);

		if (verdict == NJ_DONE ||
			(verdict == NJ_ACCEPT && try_one(h, c.list[i], dir, v)))
			return true;
	}
	return false;
}

/* How much of a side is enough to tell by, from how it begins. */
static size_t
enough(const struct nj_dissect *e, const struct held *h)
{
	struct nj_view v = nj_sub(held_view(&e->mem, h), 0, 8);

	for (size_t i = 0; i < v.len; i++)
		if (v.data[i] > 0x7e ||
			(v.data[i] < 0x20 && v.data[i] != '\r' &&
				v.data[i] != '\n' && v.data[i] != '\t'))
			return DETECT_BINARY_BYTES;
	return NJ_DETECT_BYTES;
}

/* Has detection seen all that it goes by? Counts bytes, not packets, for a
 * stream: how it was cut must not matter. */
static bool
is_hopeless(const struct here *h, enum nj_dir dir)
{
	const struct held *mine = &h->w->held[dir];
	const struct held *other = &h->w->held[nj_other(dir)];
	size_t limit;

	if (h->w->datagram)
		return h->w->packets[dir] >= DETECT_DATAGRAMS;
	limit = enough(h->e, mine);
	return mine->len >= 4 * limit ||
	       (mine->len >= limit && other->len >= enough(h->e, other));
}

/* Do signatures see more in len bytes than they saw in before? Beyond the
 * first bytes they are asked again only each time the bytes have doubled. */
static bool
is_news(size_t before, size_t len)
{
	if (before < DETECT_BINARY_BYTES)
		return true;
	return before < NJ_DETECT_BYTES &&
	       len / DETECT_BINARY_BYTES >=
		       (size_t)2 << (63 - __builtin_clzll(before /
							  DETECT_BINARY_BYTES));
}

static void
give_up(const struct here *h)
{
	h->w->gone = true;
	h->e->counters.unnamed++;
	explain(h->e, h->f, "no dissector after %u+%u payload packets",
		h->w->packets[0], h->w->packets[1]);
}

void
detect_data(const struct here *h, enum nj_dir dir, struct nj_view v)
{
	size_t before = h->w->held[dir].len;
	struct nj_view view = v;
	bool full = false;

	if (h->w->packets[dir] < UINT8_MAX)
		h->w->packets[dir]++;
	if (before) {
		v = nj_sub(v, 0, DETECT_HELD_BYTES - before);
		full = !held_append(
			&h->e->mem, &h->w->held[dir], v, DETECT_HELD_BYTES);
		view = held_view(&h->e->mem, &h->w->held[dir]);
	}
	/* What signatures look at has been looked at: nothing new. */
	if (is_news(before, view.len) &&
		(try_expected(h, dir, view) || try_all(h, dir, view))) {
		found(h);
		return;
	}
	if (!before && !h->w->datagram)
		full = !held_append(&h->e->mem, &h->w->held[dir],
			nj_sub(v, 0, DETECT_HELD_BYTES), DETECT_HELD_BYTES);
	if (full || is_hopeless(h, dir))
		give_up(h);
}

void
detect_again(const struct here *h, enum nj_dir dir)
{
	/* Signatures may not have seen any of it, for who rejected took the
	 * flow by its first bytes. */
	for (unsigned i = 0; i < 2; i++) {
		enum nj_dir side = i ? nj_other(dir) : dir;
		struct nj_view v = held_view(&h->e->mem, &h->w->held[side]);

		if (v.len && try_all(h, side, v)) {
			found(h);
			return;
		}
	}
	if (is_hopeless(h, dir))
		give_up(h);
}

void
detect_eof(const struct here *h, enum nj_dir dir)
{
	struct nj_view view = held_view(&h->e->mem, &h->w->held[dir]);

	if (view.len && view.len < DETECT_HINT_BYTES && try_all(h, dir, view))
		found(h);
}
