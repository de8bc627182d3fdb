/*
 * candidate.c - which dissectors may be right for the bytes of a side: by
 * signature, by port, by probe.
 *
 * Each has a place in a stream, the number of bytes after which it was one
 * (the end of a signature's match, the shortest beginning that a probe
 * accepts). Places depend on the bytes alone, not on how they were cut.
 */
#include "engine/dissect/dissect_priv.h"

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

static struct candidate *
find(struct candidates *c, unsigned index)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->list[i].index == index)
			return &c->list[i];
	return NULL;
}

static void
add(struct candidates *c, const struct work *w, struct candidate one)
{
	struct candidate *known;

	if (is_rejected(w, one.index))
		return;
	known = find(c, one.index);
	if (known) {
		known->at = nj_min(known->at, one.at);
		return;
	}
	if (c->count < nj_countof(c->list))
		c->list[c->count++] = one;
}

static bool
comes_before(const struct candidate *a, const struct candidate *b)
{
	return a->at != b->at ? a->at < b->at : a->rank < b->rank;
}

/* Few, and mostly in order: by insertion, which keeps equals as they are. */
static void
sort(struct candidates *c)
{
	for (unsigned i = 1; i < c->count; i++) {
		struct candidate one = c->list[i];
		unsigned k = i;

		for (; k > 0 && comes_before(&one, &c->list[k - 1]); k--)
			c->list[k] = c->list[k - 1];
		c->list[k] = one;
	}
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
			add(out, w,
				(struct candidate){ .rank = RANK_PORT,
					.index = (uint8_t)(p->dissectors[k] -
							   1u) });
	}
}

/* Does it nothing but name flows? */
static bool
is_of_names(const struct nj_dissector *dis)
{
	return dis->services && !dis->events;
}

/* The signatures that match, for this side and transport; also as bits. */
static unsigned
match(const struct look *l, struct nj_hit out[NJ_HITS_MAX])
{
	struct nj_dissect *e = l->h->e;
	const struct nj_dissect_set *set = e->set;
	struct nj_scan what = { set_kind(l->h->w->datagram, l->side),
		nj_sub(l->top, 0, NJ_DETECT_BYTES) };
	uint16_t ports[2] = { nj_flow_port(l->h->f, NJ_ORIG),
		nj_flow_port(l->h->f, NJ_RESP) };
	unsigned count, n = 0;

	memset(e->matched, 0,
		(set->sig_count + 63) / 64 * sizeof(e->matched[0]));
	count = nj_match_scan(set->match, e->scratch, &what, out);
	e->counters.scans++;
	for (unsigned i = 0; i < count; i++) {
		uint16_t p = out[i].pattern, port = set->sigs[p].port;

		if (port && port != ports[0] && port != ports[1])
			continue;
		e->matched[p / 64] |= UINT64_C(1) << p % 64;
		out[n++] = out[i];
	}
	return n;
}

static void
scan(const struct look *l, struct candidates *out)
{
	const struct nj_dissect_set *set = l->h->e->set;
	struct nj_hit hits[NJ_HITS_MAX];
	unsigned n = match(l, hits);

	for (unsigned i = 0; i < n; i++) {
		uint8_t index = set->sigs[hits[i].pattern].dissector;

		if (is_of_names(set->list[index]))
			l->h->w->names |= (uint8_t)(1u << l->side);
		else
			add(out, l->h->w,
				(struct candidate){ nj_max(hits[i].end, 1),
					RANK_SIGNATURE, index });
	}
	/* In order of the list among those that match equally well. */
	for (unsigned i = 1; i < out->count; i++)
		for (unsigned k = i;
			k > 0 && out->list[k].index < out->list[k - 1].index;
			k--) {
			struct candidate one = out->list[k];

			out->list[k] = out->list[k - 1];
			out->list[k - 1] = one;
		}
}

/* Asks the probe of the first n bytes; service: the name it gives, or NULL. */
static enum nj_verdict
ask(const struct look *l, unsigned index, size_t n, uint8_t *service)
{
	struct nj_dctx d = { .e = l->h->e,
		.f = l->h->f,
		.w = l->h->w,
		.slot = NO_SLOT,
		.dissector = index,
		.now_ns = l->h->f->now_ns };
	enum nj_verdict verdict;

	l->h->e->arena_used = 0;
	verdict = l->h->e->set->list[index]->probe(
		&d, l->side, nj_sub(l->top, 0, n));
	if (service)
		*service = d.named;
	return verdict == NJ_DONE ? NJ_ACCEPT : verdict;
}

unsigned
candidate_name(const struct look *l, uint8_t *service)
{
	const struct nj_dissect_set *set = l->h->e->set;
	struct nj_hit hits[NJ_HITS_MAX];
	unsigned n = match(l, hits), asked = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned index = set->sigs[hits[i].pattern].dissector;

		if (!is_of_names(set->list[index]) || asked == index + 1)
			continue;
		asked = index + 1;
		if (ask(l, index, l->top.len, service) == NJ_ACCEPT && *service)
			return asked;
	}
	return 0;
}

/* What the probe says first, of the shortest beginning of at least *at bytes
 * of which it says anything but MORE; *at becomes that beginning's length. */
static enum nj_verdict
judge(const struct look *l, unsigned index, size_t max, uint16_t *at)
{
	const struct nj_dissector *dis = l->h->e->set->list[index];
	enum nj_verdict verdict, between;
	size_t n = nj_min(*at, max), less = n - 1, step = 1;

	if (l->h->w->datagram ? !dis->datagram : !dis->stream)
		return NJ_REJECT;
	if (!dis->probe)
		return NJ_ACCEPT;
	if (l->h->w->datagram)
		return ask(l, index, l->top.len, NULL);
	if (!n)
		return NJ_MORE;
	verdict = ask(l, index, n, NULL);
	while (verdict == NJ_MORE && n < max) {
		less = n;
		n = nj_min(n + step, max);
		step *= 2;
		verdict = ask(l, index, n, NULL);
	}
	while (verdict != NJ_MORE && n - less > 1) {
		size_t half = less + (n - less) / 2;

		/* The first byte asked for is the least that counts. */
		if (half < *at)
			break;
		between = ask(l, index, half, NULL);
		if (between == NJ_MORE) {
			less = half;
		} else {
			n = half;
			verdict = between;
		}
	}
	*at = (uint16_t)n;
	return verdict;
}

/* From how many bytes on a port counts: with less a signature of another
 * protocol might still come to match. */
static uint16_t
hint_place(const struct look *l)
{
	return l->h->w->datagram || l->h->w->eof[l->side] ? 1
							  : DETECT_HINT_BYTES;
}

/* Takes out whom a probe does not accept, and sets places and order. */
static void
judge_all(const struct look *l, struct candidates *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->count; i++) {
		struct candidate one = c->list[i];
		if (judge(l, one.index, l->top.len, &one.at) != NJ_ACCEPT)
			continue;
		/* A datagram's candidates all have their place at its end. */
		if (l->h->w->datagram)
			one.at = 1;
		c->list[n++] = one;
	}
	c->count = n;
	sort(c);
}

/* A port may count before the signature of the same dissector is there; then
 * it is in the list twice. */
static void
add_hinted(const struct look *l, struct candidate one, struct candidates *out)
{
	const struct candidate *known = find(out, one.index);

	one.at = hint_place(l);
	if (l->top.len >= one.at && out->count < nj_countof(out->list) &&
		(!known || known->at > one.at))
		out->list[out->count++] = one;
}

void
candidates_by_match(const struct look *l, struct candidates *out)
{
	uint8_t transport = transport_of(l->h->f);
	struct candidates hinted = { .count = 0 };

	hints(l->h->e, l->h->f, l->h->w, &hinted);
	if (transport == NJ_TCP || transport == NJ_UDP)
		scan(l, out);
	for (unsigned i = 0; i < out->count; i++)
		if (find(&hinted, out->list[i].index))
			out->list[i].rank = RANK_BOTH;
	for (unsigned i = 0; i < hinted.count; i++)
		add_hinted(l, hinted.list[i], out);
	judge_all(l, out);
}

void
candidates_by_probe(const struct look *l, size_t max, struct candidates *out)
{
	const struct nj_dissect_set *set = l->h->e->set;
	unsigned kind = l->h->w->datagram ? 1 : 0;
	uint64_t *no = &l->h->w->no_probe[l->side];
	uint8_t transport = transport_of(l->h->f);

	if (transport != NJ_TCP && transport != NJ_UDP)
		return;
	for (unsigned i = 0; i < set->probe_count[kind]; i++) {
		struct candidate one = { (uint16_t)(l->seen + 1), RANK_PROBE,
			set->probes[kind][i] };
		uint64_t bit = i < 64 ? UINT64_C(1) << i : 0;
		enum nj_verdict verdict;

		if (*no & bit || is_rejected(l->h->w, one.index))
			continue;
		verdict = judge(l, one.index, max, &one.at);
		if (verdict == NJ_ACCEPT)
			add(out, l->h->w, one);
		/* More bytes do not change that; another datagram might. */
		else if (verdict == NJ_REJECT && !l->h->w->datagram)
			*no |= bit;
	}
	sort(out);
}

void
candidates_merge(struct candidates *into, const struct candidates *more)
{
	for (unsigned i = 0; i < more->count; i++) {
		const struct candidate *known = find(into, more->list[i].index);

		if (into->count < nj_countof(into->list) &&
			(!known || more->list[i].rank < known->rank))
			into->list[into->count++] = more->list[i];
	}
	sort(into);
}

const struct candidate *
candidate_next(const struct work *w, const struct candidates *c)
{
	for (unsigned i = 0; i < c->count; i++)
		if (!is_rejected(w, c->list[i].index))
			return &c->list[i];
	return NULL;
}

/* Is it a better witness than the one before? A signature that takes longer
 * to match tells more; a port and a probe are equally good. */
static bool
is_better(const struct candidate *c, const struct candidate *than)
{
	if (c->index == than->index || c->rank > RANK_SIGNATURE)
		return c->rank < than->rank;
	return than->rank != RANK_BEST && c->rank <= than->rank;
}

const struct candidate *
candidate_better(const struct work *w, const struct candidates *c,
	const struct candidate *than)
{
	for (unsigned i = 0; than->at && i < c->count; i++)
		if (c->list[i].at > than->at && is_better(&c->list[i], than) &&
			!is_rejected(w, c->list[i].index))
			return &c->list[i];
	return NULL;
}
