/*
 * dns_record.c - one record of the dns log from a question and its answer.
 */
#include "dissectors/shared/dns_record.h"

#include "engine/base/entropy.h"

enum {
	ANSWERS_MAX = 512, /* of one record */
	EXTRA_MAX = 32     /* entries of each vector of our own */
};

NJ_EVENT_DEFINE(dns, DNS, 0, "A name look-up: question and answer");

static bool
is_update(const struct nj_dns_msg *m)
{
	return !m->nbns && nj_dns_opcode(m) == NJ_DNS_UPDATE;
}

static void
note_faults(struct nj_dns_faults *f, const struct nj_dns_msg *m)
{
	f->odd |= m->odd;
	if (m->odd >> NJ_DNS_ODD_RR_UNKNOWN & 1)
		f->unknown_type = m->odd_type;
}

/* Room for a vector of our own. */
struct list {
	struct nj_view *v;
	unsigned n, max;
};

static struct list
list_make(struct nj_dns_room *room, unsigned max)
{
	struct list l = { .max = max };

	l.v = nj_dns_room_take(room, max, sizeof(*l.v));
	if (!l.v)
		l.max = 0;
	return l;
}

static bool
list_add(struct list *l, struct nj_view v)
{
	if (!v.data || l->n == l->max)
		return false;
	l->v[l->n++] = v;
	return true;
}

static bool
list_has(const struct list *l, struct nj_view v)
{
	for (unsigned i = 0; i < l->n; i++)
		if (nj_view_eq(l->v[i], v))
			return true;
	return false;
}

static struct nj_vstr
list_vec(const struct list *l)
{
	return (struct nj_vstr){ l->n ? l->v : NULL, l->n };
}

static void
take_edns(
	struct dns_event *ev, struct nj_dns_msg *m, const struct nj_dns_rr *rr)
{
	struct nj_dns_edns e;
	struct nj_dns_text t;
	struct nj_view *errors;

	nj_dns_edns(m, rr, &e);
	nj_set(ev, dns, edns_version, e.version);
	nj_set(ev, dns, edns_udp_size, e.udp_size);
	nj_set(ev, dns, edns_do, e.dnssec_ok);
	if (e.has_padding)
		nj_set(ev, dns, edns_padding, e.padding);
	if (e.subnet.len)
		ev->edns_subnet = e.subnet;
	if (e.rcode_high)
		nj_set(ev, dns, edns_rcode,
			(uint16_t)(e.rcode_high << 4 | (m->flags & 15)));
	if (e.cookie.len) {
		t = nj_dns_text_begin(m->room);
		nj_dns_text_hex(&t, e.cookie);
		ev->edns_cookie = nj_dns_text_end(&t);
	}
	if (!e.error_count)
		return;
	errors = nj_dns_room_take(m->room, e.error_count, sizeof(*errors));
	if (!errors)
		return;
	memcpy(errors, e.errors, e.error_count * sizeof(*errors));
	ev->edns_errors = (struct nj_vstr){ errors, e.error_count };
}

/* "name TYPE" */
static struct nj_view
question_text(struct nj_dns_msg *m, const struct nj_dns_question *q)
{
	struct nj_view type = nj_dns_type_name(m->room, q->type);
	struct nj_dns_text t = nj_dns_text_begin(m->room);

	nj_dns_text_view(&t, q->name);
	nj_dns_text_str(&t, " ");
	nj_dns_text_view(&t, type);
	return nj_dns_text_end(&t);
}

static void
take_question(struct dns_event *ev, struct nj_dns_msg *m,
	const struct nj_dns_question *q)
{
	uint8_t suffix;

	ev->query = q->name;
	if (m->nbns)
		ev->query = nj_dns_netbios_name(m->room, q->name, &suffix);
	nj_set(ev, dns, qclass, q->class);
	ev->qclass_name = nj_dns_class_name(m->room, q->class);
	nj_set(ev, dns, qtype, q->type);
	ev->qtype_name = m->nbns && q->type == NJ_DNS_SRV
				 ? NJ_LIT("NBSTAT")
				 : nj_dns_type_name(m->room, q->type);
}

/* The question section. Of several questions the last is the record's, as in
 * Zeek; questions has them all. Those of a reply only count when the question
 * itself was not seen. */
static bool
take_questions(struct dns_event *ev, struct nj_dns_msg *m, bool reply)
{
	bool update = is_update(m);
	struct list list = { 0 };
	struct nj_dns_question q;

	if (m->count[0] > NJ_DNS_QUESTIONS_MAX) {
		m->odd |= UINT32_C(1) << NJ_DNS_ODD_QUESTIONS;
		return false;
	}
	if (!update && (m->count[0] > 1 || (reply && m->count[0])))
		list = list_make(m->room, m->count[0]);
	for (unsigned i = 0; i < m->count[0]; i++) {
		if (!nj_dns_question(m, &q))
			return false;
		if (!reply && !update)
			take_question(ev, m, &q);
		else if (update && !ev->query.data)
			ev->query = q.name; /* the zone */
		if (list.max && list_add(&list, question_text(m, &q)))
			ev->questions = list_vec(&list);
	}
	return true;
}

/* One line of an update (RFC 2136 2.4, 2.5): what must be, or shall be. */
static struct nj_view
update_text(struct nj_dns_msg *m, const struct nj_dns_rr *rr, bool before,
	struct nj_view name)
{
	bool none = rr->class == NJ_DNS_CLASS_NONE;
	bool any = rr->class == NJ_DNS_CLASS_ANY;
	struct nj_view type = nj_dns_type_name(m->room, rr->type);
	struct nj_view data = { 0 };
	struct nj_dns_text t;

	if (rr->len && !any)
		(void)nj_dns_rr_text(m, rr, &data);
	t = nj_dns_text_begin(m->room);
	if (before)
		nj_dns_text_str(&t, none ? "pre: No" : "pre: ");
	else
		nj_dns_text_str(&t, none || any ? "del: " : "add: ");
	if (before && (none || any) && rr->type == NJ_DNS_ANY) {
		nj_dns_text_str(&t, "Name ");
	} else {
		if (before || any)
			nj_dns_text_str(&t, "RRSet ");
		nj_dns_text_view(&t, type);
	}
	/* Zeek's words leave the name out where one set is deleted. */
	if (before || !any || rr->type == NJ_DNS_ANY) {
		if (!before || rr->type != NJ_DNS_ANY)
			nj_dns_text_str(&t, " ");
		nj_dns_text_view(&t, name);
	}
	if (data.len) {
		nj_dns_text_str(&t, " ");
		nj_dns_text_view(&t, data);
	}
	return nj_dns_text_end(&t);
}

/* Space for as many answers as the message can hold. */
static struct list
answers_make(struct nj_dns_msg *m, unsigned count, int64_t **ttls)
{
	unsigned fit = (unsigned)(m->raw.len - nj_min(m->raw.len, m->at)) / 11;
	unsigned max = nj_min(nj_min(count, fit), (unsigned)ANSWERS_MAX);
	struct list l = list_make(m->room, max);

	*ttls = nj_dns_room_take(m->room, max, sizeof(**ttls));
	if (!*ttls)
		l.max = 0;
	return l;
}

static bool
take_update(struct dns_event *ev, struct nj_dns_msg *m)
{
	unsigned count = (unsigned)m->count[1] + m->count[2];
	int64_t *ttls;
	struct list l = answers_make(m, count, &ttls);
	struct nj_dns_rr rr;

	for (unsigned i = 0; i < count; i++) {
		struct nj_view name;

		if (!nj_dns_rr(m, &rr))
			return false;
		name = nj_dns_name_at(m, rr.name);
		if (i == 0 && name.data)
			ev->query = name;
		if (list_add(&l, update_text(m, &rr, i < m->count[1], name)))
			ttls[l.n - 1] = rr.ttl * NJ_NS_PER_S;
	}
	ev->answers = list_vec(&l);
	ev->TTLs = (struct nj_vival){ l.n ? ttls : NULL, l.n };
	return true;
}

/* NetBIOS: flags and address, six bytes each (RFC 1002 4.2.13). */
static void
take_nb(struct dns_event *ev, struct nj_dns_msg *m, const struct nj_dns_rr *rr)
{
	unsigned n = nj_min(rr->len / 6, (unsigned)EXTRA_MAX);
	struct nj_addr *v = nj_dns_room_take(m->room, n, sizeof(*v));

	if (!v || !n)
		return;
	for (unsigned i = 0; i < n; i++)
		v[i] = nj_addr4(m->raw.data + rr->data + 6 * i + 2);
	ev->nb_addrs = (struct nj_vaddr){ v, n };
}

/* NetBIOS node status (RFC 1002 4.2.18): names, then statistics that begin
 * with the MAC. */
static void
take_nbstat(
	struct dns_event *ev, struct nj_dns_msg *m, const struct nj_dns_rr *rr)
{
	static const uint8_t group = 0x80;
	struct nj_cur c = nj_cur(nj_sub(m->raw, rr->data, rr->len));
	unsigned count = nj_cur_u8(&c);
	struct list l = list_make(m->room, nj_min(count, (unsigned)EXTRA_MAX));
	struct nj_view mac;
	struct nj_dns_text t;

	for (unsigned i = 0; i < count && !c.bad; i++) {
		struct nj_view name = nj_cur_take(&c, 15);
		uint8_t suffix = nj_cur_u8(&c);
		uint8_t flags = nj_cur_u8(&c);

		nj_cur_skip(&c, 1);
		if (c.bad)
			break;
		while (name.len && (name.data[name.len - 1] == ' ' ||
					   name.data[name.len - 1] == 0))
			name.len--;
		t = nj_dns_text_begin(m->room);
		nj_dns_text_view(&t, name);
		nj_dns_text_str(&t, "<");
		nj_dns_text_hex(&t, (struct nj_view){ &suffix, 1 });
		nj_dns_text_str(&t, flags & group ? ">+group" : ">");
		(void)list_add(&l, nj_dns_text_end(&t));
	}
	ev->nb_names = list_vec(&l);
	mac = nj_cur_take(&c, 6);
	if (c.bad || memcmp(mac.data, "\0\0\0\0\0\0", 6) == 0)
		return;
	t = nj_dns_text_begin(m->room);
	for (unsigned i = 0; i < 6; i++) {
		nj_dns_text_str(&t, i ? ":" : "");
		nj_dns_text_hex(&t, nj_sub(mac, i, 1));
	}
	ev->nb_mac = nj_dns_text_end(&t);
}

static bool
take_answers(struct dns_event *ev, struct nj_dns_msg *m, bool *cut)
{
	int64_t *ttls;
	struct list l = answers_make(m, m->count[1], &ttls);
	struct list svcb = { 0 };
	bool sound = true, told = false;
	struct nj_dns_rr rr;
	struct nj_view text;

	for (unsigned i = 0; sound && i < m->count[1]; i++) {
		enum nj_dns_tells tells;

		sound = nj_dns_rr(m, &rr);
		if (!sound)
			break;
		tells = nj_dns_rr_text(m, &rr, &text);
		sound = tells != NJ_DNS_TELLS_FAULT;
		if (rr.type == NJ_DNS_SVCB || rr.type == NJ_DNS_HTTPS) {
			if (!svcb.max)
				svcb = list_make(m->room, EXTRA_MAX);
			if (nj_dns_svcb_text(m, &rr, &text))
				(void)list_add(&svcb, text);
		} else if (m->nbns && rr.type == NJ_DNS_NB) {
			take_nb(ev, m, &rr);
		} else if (m->nbns && rr.type == NJ_DNS_SRV) {
			take_nbstat(ev, m, &rr);
		}
		if (tells != NJ_DNS_TELLS_TEXT)
			continue;
		told = true;
		if (!ev->query.data)
			ev->query = nj_dns_name_at(m, rr.name);
		if (!text.len)
			continue;
		if (list_add(&l, text))
			ttls[l.n - 1] = rr.ttl * NJ_NS_PER_S;
		else
			*cut = l.n == ANSWERS_MAX;
	}
	ev->answers = list_vec(&l);
	ev->TTLs = (struct nj_vival){ l.n ? ttls : NULL, l.n };
	ev->svcb = list_vec(&svcb);
	/* As in Zeek, these two are told of answers with records alone. */
	ev->AA = told && (m->flags & 0x0400);
	ev->RA = told && (m->flags & 0x0080);
	return sound;
}

/* Authority and additional records: texts where they are wanted, and EDNS. */
static bool
take_rest(struct dns_event *ev, struct nj_dns_msg *m,
	enum nj_dns_section section, bool wanted)
{
	struct list l = { 0 };
	struct nj_dns_rr rr;
	struct nj_view text;

	if (wanted && m->count[section])
		l = list_make(m->room,
			nj_min(m->count[section], (unsigned)EXTRA_MAX));
	for (unsigned i = 0; i < m->count[section]; i++) {
		uint8_t *mark = m->room->at;

		if (!nj_dns_rr(m, &rr))
			return false;
		if (rr.type == NJ_DNS_OPT && section == NJ_DNS_ADDITIONAL) {
			take_edns(ev, m, &rr);
			continue;
		}
		/* In an update these are no facts, and may be empty. */
		if (is_update(m))
			continue;
		if (nj_dns_rr_text(m, &rr, &text) == NJ_DNS_TELLS_FAULT)
			return false;
		if (!text.len || list_has(&l, text) || !list_add(&l, text))
			m->room->at = mark;
	}
	if (section == NJ_DNS_AUTHORITY)
		ev->auth = list_vec(&l);
	else
		ev->addl = list_vec(&l);
	return true;
}

static void
take_query(struct dns_event *ev, const struct nj_dns_pair *pair,
	struct nj_dns_room *room, struct nj_dns_faults *faults)
{
	struct nj_dns_msg m;

	(void)nj_dns_open(&m, pair->query, room);
	m.nbns = pair->nbns;
	if (take_questions(ev, &m, false)) {
		bool update = is_update(&m);
		bool sound;

		if (update) {
			sound = take_update(ev, &m);
		} else {
			/* Known answers of an mDNS question are no answers. */
			struct dns_event ignored = { 0 };

			sound = take_rest(&ignored, &m, NJ_DNS_ANSWER, false) &&
				take_rest(
					&ignored, &m, NJ_DNS_AUTHORITY, false);
		}
		if (sound)
			(void)take_rest(ev, &m, NJ_DNS_ADDITIONAL, false);
		if (m.count[0] && !update) {
			ev->RD = m.flags >> 8 & 1;
			ev->TC = m.flags >> 9 & 1;
			ev->Z = m.flags >> 4 & 7;
		}
	}
	note_faults(faults, &m);
}

static void
take_reply(struct dns_event *ev, const struct nj_dns_pair *pair,
	struct nj_dns_room *room, struct nj_dns_faults *faults)
{
	struct nj_dns_msg m;
	struct nj_vstr asked = ev->questions;
	bool update, sound;

	(void)nj_dns_open(&m, pair->reply, room);
	m.nbns = pair->nbns;
	update = is_update(&m);
	nj_set(ev, dns, rcode, (uint8_t)(m.flags & 15));
	ev->rcode_name = nj_dns_rcode_name(room, m.flags & 15);
	ev->rejected = (ev->rcode && !m.count[0]) ||
		       (m.count[0] && ev->opcode == NJ_DNS_QUERY &&
			       !(m.count[1] | m.count[2] | m.count[3]));
	sound = take_questions(ev, &m, true);
	if (pair->query.data)
		ev->questions = asked;
	if (sound && !update)
		sound = take_answers(ev, &m, &faults->answers_cut);
	else if (sound)
		sound = take_rest(ev, &m, NJ_DNS_ANSWER, false);
	if (sound)
		sound = take_rest(
			ev, &m, NJ_DNS_AUTHORITY, !update && !m.count[1]);
	if (sound)
		(void)take_rest(ev, &m, NJ_DNS_ADDITIONAL, pair->multicast);
	note_faults(faults, &m);
}

void
nj_dns_record(struct dns_event *ev, const struct nj_dns_pair *pair,
	struct nj_dns_room *room, struct nj_dns_faults *faults)
{
	bool asked = pair->query.data != NULL;
	struct nj_dns_msg m;

	*ev = (struct dns_event){ 0 };
	*faults = (struct nj_dns_faults){ 0 };
	(void)nj_dns_open(&m, asked ? pair->query : pair->reply, room);
	ev->trans_id = m.id;
	ev->opcode = (uint8_t)nj_dns_opcode(&m);
	ev->opcode_name = nj_dns_opcode_name(room, ev->opcode, pair->nbns);
	if (asked)
		take_query(ev, pair, room, faults);
	if (pair->reply.data)
		take_reply(ev, pair, room, faults);
	if (ev->query.len) {
		nj_set(ev, dns, query_len, (uint16_t)ev->query.len);
		nj_set(ev, dns, query_entropy, nj_entropy_of(ev->query));
	}
}
