/*
 * dns_msg.c - the frame of a DNS message: header, names, questions, records.
 *
 * Names are the part that attackers bend. A compression pointer must point
 * before itself, and what it points to may only be read up to the pointer,
 * so every jump leaves less; jumps and text are bounded besides. EVE's readers
 * get names as lenient servers read them: there only the bounds count.
 */
#include "dissectors/shared/dns_msg.h"

enum { JUMPS_MAX = 64, LABEL_MAX = 63, QUESTION_MIN = 5, RR_MIN = 11 };

static void
msg_odd(struct nj_dns_msg *m, enum nj_dns_odd odd)
{
	m->odd |= UINT32_C(1) << odd;
}

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

bool
nj_dns_open(struct nj_dns_msg *m, struct nj_view raw, struct nj_dns_room *room)
{
	*m = (struct nj_dns_msg){ .raw = raw, .room = room };
	if (raw.len < NJ_DNS_HEADER_BYTES) {
		msg_odd(m, NJ_DNS_ODD_SHORT);
		return false;
	}
	m->id = get16(raw.data);
	m->flags = get16(raw.data + 2);
	for (unsigned i = 0; i < 4; i++)
		m->count[i] = get16(raw.data + 4 + 2 * i);
	m->at = NJ_DNS_HEADER_BYTES;
	return true;
}

/* Where the reading of a name stands. */
struct walk {
	uint32_t at, end; /* next byte; no byte from end on */
	uint32_t behind;  /* offset behind the name, once a pointer was met */
	unsigned jumps;
	uint32_t len; /* of text */
	uint8_t text[NJ_DNS_NAME_MAX + 1];
};

static inline uint8_t
to_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* Follows the pointer at w->at. False ends the name. */
static bool
walk_jump(struct nj_dns_msg *m, struct walk *w)
{
	const uint8_t *p = m->raw.data + w->at;
	uint32_t to;

	if (w->end - w->at < 2) {
		w->at = w->end;
		return false;
	}
	to = (uint32_t)(p[0] & 0x3f) << 8 | p[1];
	if (!w->jumps)
		w->behind = w->at + 2;
	if (to >= w->at) {
		msg_odd(m, NJ_DNS_ODD_FORWARD);
		if (!m->as_is) {
			w->at += 2;
			return false;
		}
	}
	if (++w->jumps > JUMPS_MAX) {
		msg_odd(m, NJ_DNS_ODD_CHAIN);
		return false;
	}
	w->end = to < w->at ? w->at : (uint32_t)m->raw.len;
	w->at = to;
	return true;
}

/* Copies the label at w->at. False ends the name. */
static bool
walk_label(struct nj_dns_msg *m, struct walk *w)
{
	uint32_t n = m->raw.data[w->at++];
	const uint8_t *p = m->raw.data + w->at;

	if (n > w->end - w->at) {
		msg_odd(m, NJ_DNS_ODD_LABEL_PAST);
		w->at = w->end;
		return false;
	}
	if (n > LABEL_MAX && !m->nbns) {
		msg_odd(m, NJ_DNS_ODD_LABEL_LONG);
		return false;
	}
	if (n >= NJ_DNS_NAME_MAX - w->len) {
		msg_odd(m, NJ_DNS_ODD_LABEL_NAME);
		return false;
	}
	for (uint32_t i = 0; i < n; i++)
		w->text[w->len + i] = m->as_is ? p[i] : to_lower(p[i]);
	w->text[w->len + n] = '.';
	w->len += n + 1;
	w->at += n;
	return true;
}

bool
nj_dns_name(
	struct nj_dns_msg *m, uint32_t *at, uint32_t end, struct nj_view *out)
{
	struct walk w;
	bool more = true, whole = false;

	/* The text is left uninitialised on purpose: it is big. */
	w.at = *at;
	w.end = end;
	w.behind = w.jumps = w.len = 0;
	while (more && w.at < w.end) {
		uint8_t c = m->raw.data[w.at];

		if (c == 0) {
			w.at++;
			whole = true;
			break;
		}
		more = c >= 0xc0 ? walk_jump(m, &w) : walk_label(m, &w);
	}
	*at = w.behind ? w.behind : w.at;
	if (w.len >= 255)
		msg_odd(m, NJ_DNS_ODD_NAME_LONG);
	if (w.len)
		w.len--;
	if (!out)
		return whole;
	*out = (struct nj_view){ 0 };
	if (m->room && (size_t)(m->room->end - m->room->at) > w.len) {
		memcpy(m->room->at, w.text, w.len);
		*out = (struct nj_view){ m->room->at, w.len };
		/* The root has an empty text, but a text. */
		m->room->at += w.len ? w.len : 1;
	}
	return whole;
}

struct nj_view
nj_dns_name_at(struct nj_dns_msg *m, uint32_t at)
{
	struct nj_view v;
	uint32_t odd = m->odd;

	(void)nj_dns_name(m, &at, (uint32_t)m->raw.len, &v);
	m->odd = odd; /* told when it was read first */
	return v;
}

struct nj_view
nj_dns_netbios_name(
	struct nj_dns_room *room, struct nj_view name, uint8_t *suffix)
{
	uint8_t text[16];
	size_t n = 15;
	struct nj_dns_text t;

	*suffix = 0;
	if (name.len < 32 || (name.len > 32 && name.data[32] != '.'))
		return name;
	for (size_t i = 0; i < 16; i++) {
		unsigned hi = to_lower(name.data[2 * i]) - 'a';
		unsigned lo = to_lower(name.data[2 * i + 1]) - 'a';

		if (hi > 15 || lo > 15)
			return name;
		text[i] = (uint8_t)(hi << 4 | lo);
	}
	*suffix = text[15];
	while (n && (text[n - 1] == ' ' || text[n - 1] == 0))
		n--;
	t = nj_dns_text_begin(room);
	nj_dns_text_view(&t, (struct nj_view){ text, n });
	nj_dns_text_view(&t, nj_sub(name, 32, name.len));
	return nj_dns_text_end(&t);
}

bool
nj_dns_question(struct nj_dns_msg *m, struct nj_dns_question *q)
{
	uint32_t end = (uint32_t)m->raw.len;

	(void)nj_dns_name(m, &m->at, end, &q->name);
	if (end - m->at < 4) {
		msg_odd(m, NJ_DNS_ODD_QUESTION_SHORT);
		return false;
	}
	q->type = get16(m->raw.data + m->at);
	q->class = get16(m->raw.data + m->at + 2);
	m->at += 4;
	return true;
}

bool
nj_dns_rr(struct nj_dns_msg *m, struct nj_dns_rr *rr)
{
	uint32_t end = (uint32_t)m->raw.len;
	const uint8_t *p;

	rr->name = m->at;
	(void)nj_dns_name(m, &m->at, end, NULL);
	if (end - m->at < 10) {
		msg_odd(m, NJ_DNS_ODD_RR_SHORT);
		return false;
	}
	p = m->raw.data + m->at;
	rr->type = get16(p);
	rr->class = get16(p + 2);
	rr->ttl = (uint32_t)get16(p + 4) << 16 | get16(p + 6);
	rr->len = get16(p + 8);
	rr->data = m->at + 10;
	if (rr->len > end - rr->data) {
		msg_odd(m, NJ_DNS_ODD_RDLENGTH);
		return false;
	}
	m->at = rr->data + rr->len;
	return true;
}

static bool
class_known(uint16_t class)
{
	class &= 0x7fff; /* mDNS: unicast answer wanted, cache flush */
	return (class >= 1 && class <= 4) || class == NJ_DNS_CLASS_NONE ||
	       class == NJ_DNS_CLASS_ANY;
}

/* Names of hosts and services are printable, or UTF-8 in mDNS. */
static bool
name_printable(struct nj_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.data[i] < ' ' || v.data[i] == 0x7f)
			return false;
	return v.data != NULL;
}

static bool
header_sane(const struct nj_dns_msg *m, size_t whole, bool strict)
{
	unsigned opcode = nj_dns_opcode(m);
	size_t records = (size_t)m->count[1] + m->count[2] + m->count[3];
	size_t least = (size_t)m->count[0] * QUESTION_MIN + records * RR_MIN;

	if (m->count[0] > NJ_DNS_QUESTIONS_MAX)
		return false;
	if (!nj_dns_is_reply(m) && (m->flags & 15) != 0)
		return false;
	if (!strict)
		return opcode != 3 && opcode <= 9;
	return opcode <= 8 && opcode != 3 && opcode != 6 &&
	       (m->flags & 0x40) == 0 && m->count[0] + records != 0 &&
	       least <= whole - NJ_DNS_HEADER_BYTES;
}

/* Faults that a sender may have put in to fool a reader, not because it
 * speaks another protocol. */
enum {
	BENT = 1 << NJ_DNS_ODD_FORWARD | 1 << NJ_DNS_ODD_CHAIN |
	       1 << NJ_DNS_ODD_NAME_LONG
};

static enum nj_verdict
judge_questions(struct nj_dns_msg *m, size_t whole, bool strict)
{
	struct nj_dns_question q;
	uint8_t *mark = m->room->at;

	for (unsigned i = 0; i < m->count[0]; i++) {
		m->room->at = mark;
		if (!nj_dns_question(m, &q) && m->raw.len < whole)
			return NJ_MORE;
		if (strict ? m->odd : m->odd & ~(uint32_t)BENT)
			return NJ_REJECT;
		if (strict &&
			(!name_printable(q.name) || !nj_dns_type_known(q.type)))
			return NJ_REJECT;
		if (!class_known(q.class))
			return NJ_REJECT;
	}
	return NJ_ACCEPT;
}

static enum nj_verdict
judge_records(struct nj_dns_msg *m, size_t whole)
{
	unsigned n = (unsigned)m->count[1] + m->count[2] + m->count[3];
	struct nj_dns_rr rr;

	for (unsigned i = 0; i < n; i++) {
		if (!nj_dns_rr(m, &rr) && m->raw.len < whole)
			return m->count[0] ? NJ_ACCEPT : NJ_MORE;
		if (m->odd || !nj_dns_type_known(rr.type) ||
			(rr.type != NJ_DNS_OPT && !class_known(rr.class)))
			return NJ_REJECT;
	}
	return m->at == whole ? NJ_ACCEPT : NJ_REJECT;
}

enum nj_verdict
nj_dns_judge(struct nj_view raw, size_t whole, bool strict)
{
	uint8_t buf[NJ_DNS_NAME_MAX + 1];
	struct nj_dns_room room = { buf, buf + sizeof(buf) };
	struct nj_dns_msg m;
	enum nj_verdict verdict;

	if (whole < NJ_DNS_HEADER_BYTES)
		return NJ_REJECT;
	if (raw.len < NJ_DNS_HEADER_BYTES)
		return NJ_MORE;
	(void)nj_dns_open(&m, raw, &room);
	if (!header_sane(&m, whole, strict))
		return NJ_REJECT;
	/* Labels of the name service may be longer; where the port is known
	 * they are let pass. */
	m.nbns = !strict;
	verdict = judge_questions(&m, whole, strict);
	if (verdict != NJ_ACCEPT)
		return verdict;
	if (strict)
		return judge_records(&m, whole);
	/* Without a question only a reply makes sense, and if it has records
	 * the first must be one. */
	if (m.count[0] == 0) {
		struct nj_dns_rr rr;

		if (!nj_dns_is_reply(&m))
			return NJ_REJECT;
		if (m.count[1] + m.count[2] + m.count[3] && !nj_dns_rr(&m, &rr))
			return raw.len < whole ? NJ_MORE : NJ_REJECT;
	}
	return NJ_ACCEPT;
}
