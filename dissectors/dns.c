/*
 * dns.c - name look-ups as Zeek's dns log: one record for a question and its
 * answer. DNS over UDP and TCP (RFC 1035, 7766), LLMNR (RFC 4795), mDNS (RFC
 * 6762) and the NetBIOS name service (RFC 1002) share form and log.
 *
 * A question waits, as its bytes, for the answer with the same id; the fields
 * are read from the bytes when the record is made. What is never answered is
 * told when the flow ends. Multicast messages are not paired: their ids say
 * nothing (RFC 6762 18.1), and answers go to everyone.
 *
 * Not done: DNS over TLS, HTTPS and QUIC, which hide all this, and DSO (RFC
 * 8490), which lives inside the first of them.
 */
#include "dissectors/shared/dns_eve.h"
#include "dissectors/shared/dns_record.h"
#include "dissectors/shared/odd_eve.h"
#include "engine/dissect/dissector.h"

enum { ODD_ANSWERS_CUT = NJ_DNS_ODD_COUNT };
static const struct nj_oddity oddities[] = {
#define O(id, name, text) [NJ_DNS_ODD_##id] = { name, text },
	NJ_DNS_ODDITIES(O)
#undef O
		[ODD_ANSWERS_CUT] = { "dns_answers_cut",
			"More answers than one record holds" },
	{ 0 }
};

enum {
	PORT_DNS = 53,
	PORT_NBNS = 137,
	PORT_MDNS = 5353,
	PORT_LLMNR = 5355,
	PROBE_BYTES = 64,   /* over TCP, enough to tell by */
	INLINE_BYTES = 256, /* of a waiting question, without an allocation */
	WAITING_MAX = 64,   /* messages of a flow besides the first */
	REPLY_BYTES = 2048  /* of a reply that waits for its question */
};

/* A message that waits for its other half. */
struct waiting {
	int64_t ts;
	const uint8_t *raw; /* NULL: none */
	uint16_t len, id;
	bool reply;
};

struct dns_state {
	struct waiting first;
	struct waiting *more; /* WAITING_MAX, kept once it is needed */
	uint16_t more_count;
	uint16_t length[2]; /* TCP: of the message that comes, 0 not known */
	bool lost[2];       /* TCP: after a gap, where a message begins is
			     * a guess */
	uint32_t messages;  /* so far */
	uint32_t odd_told;  /* each oddity is told once a flow */
	uint8_t first_raw[INLINE_BYTES];
};

/* One call's means. */
struct job {
	struct nj_dctx *d;
	struct dns_state *s;
	uint8_t *room;
	enum nj_dir dir; /* who speaks */
	bool nbns, multicast;
};

static bool
is_multicast(struct nj_addr a)
{
	return a.family == 4 ? a.bytes[0] >> 4 == 14
			     : a.family == 6 && a.bytes[0] == 0xff;
}

static bool
job_begin(struct job *j, struct nj_dctx *d)
{
	*j = (struct job){ .d = d, .s = nj_state(d) };
	j->room = nj_arena(d, NJ_DNS_ROOM_BYTES);
	j->nbns = nj_port_of(d, NJ_RESP) == PORT_NBNS;
	j->multicast = is_multicast(nj_addr_of(d, NJ_RESP));
	return j->room != NULL;
}

static void
tell_odd(struct job *j, unsigned i, int number)
{
	if (j->s->odd_told >> i & 1)
		return;
	j->s->odd_told |= UINT32_C(1) << i;
	if (number < 0)
		nj_odd(j->d, i);
	else
		nj_odd_addl(j->d, i, nj_arena_printf(j->d, "%d", number));
}

static void
tell_faults(struct job *j, const struct nj_dns_faults *f)
{
	for (uint32_t bits = f->odd; bits; bits &= bits - 1) {
		unsigned i = (unsigned)__builtin_ctz(bits);

		tell_odd(j, i,
			i == NJ_DNS_ODD_RR_UNKNOWN ? f->unknown_type : -1);
	}
	if (f->answers_cut)
		tell_odd(j, ODD_ANSWERS_CUT, -1);
}

/* The record of a question, an answer, or both (data NULL: not there). */
static void
emit(struct job *j, struct nj_view query, struct nj_view reply, int64_t ts)
{
	struct nj_dns_pair pair = { query, reply, j->nbns, j->multicast };
	struct nj_dns_room room = { j->room, j->room + NJ_DNS_ROOM_BYTES };
	int64_t rtt = nj_now(j->d) - ts;
	struct nj_dns_faults faults;
	struct dns_event ev;

	nj_dns_record(&ev, &pair, &room, &faults);
	ev.proto = nj_proto_of(j->d) == 6 ? NJ_LIT("tcp") : NJ_LIT("udp");
	if (query.data && reply.data && rtt > 0 && ev.answers.n)
		nj_set(&ev, dns, rtt, rtt);
	nj_emit_at(j->d, &dns_desc, &ev, ts);
	tell_faults(j, &faults);
}

/* Tells what waits without its other half. */
static void
emit_alone(struct job *j, const struct waiting *w)
{
	struct nj_view none = { 0 }, raw = { w->raw, w->len };

	emit(j, w->reply ? none : raw, w->reply ? raw : none, w->ts);
}

/* The n-th waiting message, the oldest first; NULL past the end. */
static struct waiting *
waiting_at(struct dns_state *s, unsigned n)
{
	if (s->first.raw && n == 0)
		return &s->first;
	n -= s->first.raw != NULL;
	return n < s->more_count ? &s->more[n] : NULL;
}

static void
waiting_remove(struct job *j, struct waiting *w)
{
	struct dns_state *s = j->s;

	if (w->raw != s->first_raw)
		nj_drop(j->d, (void *)(uintptr_t)w->raw);
	*w = (struct waiting){ 0 };
	if (w == &s->first)
		return;
	s->more_count--;
	memmove(w, w + 1, (size_t)(s->more + s->more_count - w) * sizeof(*w));
}

/* Where a message that must wait goes. The place for the first is taken only
 * while there are no others, so that the oldest stays in front. When the
 * table is full, the oldest has waited long enough. */
static struct waiting *
waiting_place(struct job *j)
{
	struct dns_state *s = j->s;

	if (!s->first.raw && !s->more_count)
		return &s->first;
	if (!s->more)
		s->more = nj_keep(j->d, WAITING_MAX * sizeof(*s->more));
	if (!s->more)
		return NULL;
	if (s->more_count == WAITING_MAX) {
		struct waiting *oldest = waiting_at(s, 0);

		emit_alone(j, oldest);
		waiting_remove(j, oldest);
	}
	if (s->more_count == WAITING_MAX) {
		emit_alone(j, s->more);
		waiting_remove(j, s->more);
	}
	return &s->more[s->more_count];
}

static void
wait_for_other(struct job *j, struct nj_view raw, uint16_t id, bool reply)
{
	struct waiting *w = waiting_place(j), it = { .reply = reply };
	struct nj_view kept = { 0 };

	if (w == &j->s->first && raw.len <= INLINE_BYTES) {
		memcpy(j->s->first_raw, raw.data, raw.len);
		kept = (struct nj_view){ j->s->first_raw, raw.len };
	} else if (w && (!reply || raw.len <= REPLY_BYTES)) {
		kept = nj_keep_view(j->d, raw, raw.len);
	}
	it.ts = nj_now(j->d);
	it.raw = kept.data ? kept.data : raw.data;
	it.len = (uint16_t)raw.len;
	it.id = id;
	if (!kept.data) {
		emit_alone(j, &it);
		return;
	}
	*w = it;
	if (w != &j->s->first)
		j->s->more_count++;
}

/* The bytes of the first question, to tell messages of one id apart. */
static struct nj_view
first_question(struct nj_view raw)
{
	struct nj_dns_msg m;
	uint32_t at;

	if (!nj_dns_open(&m, raw, NULL) || !m.count[0])
		return (struct nj_view){ 0 };
	at = m.at;
	(void)nj_dns_name(&m, &at, (uint32_t)raw.len, NULL);
	return nj_sub(raw, m.at, at + 4 - m.at);
}

/* The other half of raw: of those with its id one that asks the same, else
 * the oldest. */
static struct waiting *
waiting_match(struct job *j, struct nj_view raw, uint16_t id, bool reply)
{
	struct nj_view question = first_question(raw);
	struct waiting *w, *oldest = NULL;

	for (unsigned n = 0; (w = waiting_at(j->s, n)); n++) {
		if (w->id != id || w->reply == reply)
			continue;
		if (!oldest)
			oldest = w;
		if (nj_view_caseeq(question,
			    first_question((struct nj_view){ w->raw, w->len })))
			return w;
	}
	return oldest;
}

static bool
is_tracked(unsigned opcode, bool nbns)
{
	return nbns || opcode == NJ_DNS_QUERY || opcode == NJ_DNS_NOTIFY ||
	       opcode == NJ_DNS_UPDATE;
}

static void
tell_eve(struct job *j, struct nj_view raw)
{
	uint16_t orig = nj_port_of(j->d, NJ_ORIG);
	uint16_t resp = nj_port_of(j->d, NJ_RESP);
	struct nj_dns_which which = { NJ_DNS_PLAIN, j->dir, j->s->messages++ };

	if (resp == PORT_MDNS || orig == PORT_MDNS)
		which.kind = NJ_DNS_MDNS;
	else if (resp == PORT_LLMNR || orig == PORT_LLMNR)
		which.kind = NJ_DNS_LLMNR;
	if (!j->nbns)
		nj_dns_eve(j->d, &which, raw);
}

/* A whole message of at least a header. */
static void
take_message(struct job *j, struct nj_view raw)
{
	struct nj_view none = { 0 };
	struct nj_dns_msg m;
	struct waiting *w;
	bool reply;

	tell_eve(j, raw);
	(void)nj_dns_open(&m, raw, NULL);
	reply = nj_dns_is_reply(&m);
	if (!is_tracked(nj_dns_opcode(&m), j->nbns)) {
		tell_odd(j, NJ_DNS_ODD_OPCODE, (int)nj_dns_opcode(&m));
		nj_odd_eve(j->d, "dns", "invalid_opcode", j->dir);
		nj_confirm(j->d);
		return;
	}
	if (j->multicast) {
		emit(j, reply ? none : raw, reply ? raw : none, nj_now(j->d));
		return;
	}
	nj_confirm(j->d);
	w = waiting_match(j, raw, m.id, reply);
	if (!w) {
		wait_for_other(j, raw, m.id, reply);
		return;
	}
	none = (struct nj_view){ w->raw, w->len };
	emit(j, reply ? none : raw, reply ? raw : none, w->ts);
	waiting_remove(j, w);
}

/* Does a port say that it is likely? Then less proof is asked for. */
static bool
is_hinted(const struct nj_dctx *d)
{
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++) {
		uint16_t port = nj_port_of(d, (enum nj_dir)i);

		if (port == PORT_DNS || port == PORT_NBNS ||
			port == PORT_MDNS || port == PORT_LLMNR)
			return true;
	}
	return false;
}

static enum nj_verdict
dns_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	enum nj_verdict verdict;
	size_t whole;

	(void)dir;
	if (nj_proto_of(d) != 6)
		return nj_dns_judge(v, v.len, !is_hinted(d));
	whole = nj_cur_u16(&c);
	if (c.bad)
		return NJ_MORE;
	verdict = nj_dns_judge(nj_sub(v, 2, whole), whole, !is_hinted(d));
	/* A strict look wants to see more than a question, if there is more
	 * to come; but detection does not look far into binary bytes. */
	if (verdict == NJ_ACCEPT && !is_hinted(d) &&
		v.len < nj_min(whole + 2, (size_t)PROBE_BYTES))
		return NJ_MORE;
	return verdict;
}

static enum nj_verdict
dns_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	bool turned = false;
	struct job j;

	nj_brief(d);
	/* Who speaks first, but answers, did not ask. Multicast answers go to
	 * nobody in particular. */
	if (dir == NJ_ORIG && v.len > 2 && v.data[2] >> 7 &&
		!is_multicast(nj_addr_of(d, NJ_RESP)))
		turned = nj_flip(d);
	if (!job_begin(&j, d))
		return NJ_MORE;
	/* With the sides turned, it is the other one that speaks. */
	j.dir = turned ? nj_other(dir) : dir;
	if (v.len < NJ_DNS_HEADER_BYTES)
		tell_odd(&j, NJ_DNS_ODD_SHORT, -1);
	else
		take_message(&j, v);
	return NJ_MORE;
}

/* A sender writes message by message, so a segment behind a gap mostly begins
 * with one: if these bytes look so, they are. False: more is needed. */
static bool
find_place(struct dns_state *s, struct nj_dctx *d, enum nj_dir dir,
	struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	size_t whole = nj_cur_u16(&c);
	enum nj_verdict verdict = NJ_MORE;

	if (!c.bad)
		verdict = nj_dns_judge(nj_sub(v, 2, whole), whole, true);
	if (verdict == NJ_MORE)
		return false;
	s->lost[dir] = false;
	if (verdict == NJ_REJECT)
		nj_skip(d, UINT64_C(1) << 62); /* for ever */
	return verdict == NJ_ACCEPT;
}

static enum nj_verdict
dns_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct job j;

	if (!job_begin(&j, d))
		return NJ_MORE;
	j.dir = dir;
	if (j.s->lost[dir] && !find_place(j.s, d, dir, v))
		return NJ_MORE;
	for (;;) {
		uint16_t *length = &j.s->length[dir];

		/* The length is consumed at once, so that the longest message
		 * fits into the buffer. */
		if (!*length) {
			if (nj_cur_left(&c) < 2)
				return NJ_MORE;
			*length = nj_cur_u16(&c);
			nj_consume(d, 2);
			if (*length < NJ_DNS_HEADER_BYTES) {
				tell_odd(&j, NJ_DNS_ODD_SHORT, -1);
				return NJ_BROKEN;
			}
		}
		if (nj_cur_left(&c) < *length) {
			nj_want(d, *length);
			return NJ_MORE;
		}
		take_message(&j, nj_cur_take(&c, *length));
		nj_consume(d, *length);
		*length = 0;
	}
}

/* Of a message that the gap has cut, the rest is passed over. */
static enum nj_verdict
dns_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct dns_state *s = nj_state(d);
	uint64_t missing = s->length[dir] - nj_min(v.len, s->length[dir]);

	if (!s->length[dir] || len > missing)
		s->lost[dir] = true;
	else
		nj_skip(d, missing - len);
	s->length[dir] = 0;
	return NJ_MORE;
}

/* What came of a message that was cut off may still tell its question. */
static void
dns_eof(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct job j;

	if (!job_begin(&j, d) || !j.s->length[dir] ||
		v.len < NJ_DNS_HEADER_BYTES)
		return;
	j.dir = dir;
	j.s->length[dir] = 0;
	take_message(&j, v);
}

static void
dns_end(struct nj_dctx *d)
{
	struct job j;
	struct waiting *w;

	if (!job_begin(&j, d))
		return;
	for (unsigned n = 0; (w = waiting_at(j.s, n)); n++)
		emit_alone(&j, w);
}

const struct nj_dissector nj_dissector_dns = {
	.name = "dns",
	.title = "DNS, mDNS, LLMNR and NetBIOS names",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT_DNS },
		{ NJ_TCP, PORT_DNS }, { NJ_UDP, PORT_MDNS },
		{ NJ_UDP, PORT_LLMNR }, { NJ_TCP, PORT_LLMNR },
		{ NJ_UDP, PORT_NBNS }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &dns_desc,
		&eve_dns_desc, &eve_llmnr_desc, &eve_mdns_desc,
		&eve_anomaly_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct dns_state),
	.buffer_max = 64 * 1024,
	.probe = dns_probe,
	.datagram = dns_datagram,
	.stream = dns_stream,
	.gap = dns_gap,
	.eof = dns_eof,
	.end = dns_end,
};
