/*
 * dns_eve.c - EVE events of DNS, LLMNR and mDNS messages. Names keep their
 * case; each string of a TXT record of DNS is an answer of its own; answers
 * are told once in order and once by their type ("grouped").
 */
#include "dissectors/shared/dns_eve.h"

#include <stdio.h>

#define EVE_NAMES(F, tag, p)                                                   \
	F(tag, 1, U8, p##__version, 0, "Of the format: 3")                     \
	F(tag, 2, STR, p##__type, 0, "request or response")                    \
	F(tag, 18, U32, p##__tx_id, 0, "Number of the message in its flow")    \
	F(tag, 3, U16, p##__id, 0, "Id that pairs both")                       \
	F(tag, 4, STR, p##__flags, 0, "All flags, hexadecimal")                \
	F(tag, 5, BOOL, p##__qr, NJ_OPT, "It is a response")                   \
	F(tag, 6, BOOL, p##__aa, NJ_OPT, "The answer is authoritative")        \
	F(tag, 7, BOOL, p##__tc, NJ_OPT, "It is truncated")                    \
	F(tag, 8, BOOL, p##__rd, NJ_OPT, "Recursion is desired")               \
	F(tag, 9, BOOL, p##__ra, NJ_OPT, "Recursion is available")             \
	F(tag, 10, BOOL, p##__z, NJ_OPT, "The reserved bit is set")            \
	F(tag, 11, U8, p##__opcode, 0, "Kind of message")                      \
	F(tag, 12, STR, p##__rcode, 0, "Response code")                        \
	F(tag, 13, STR, p##__queries, NJ_JSON, "rrname and rrtype of each")    \
	F(tag, 14, STR, p##__answers, NJ_JSON,                                 \
		"rrname, rrtype, ttl and rdata, soa, srv or sshfp of each")    \
	F(tag, 15, STR, p##__authorities, NJ_JSON, "As answers")               \
	F(tag, 16, STR, p##__additionals, NJ_JSON, "As answers")               \
	F(tag, 17, STR, p##__grouped, NJ_JSON, "Data of the answers, by type")

#define EVE_DNS(F, tag) EVE_NAMES(F, tag, dns)
#define EVE_LLMNR(F, tag) EVE_NAMES(F, tag, llmnr)
#define EVE_MDNS(F, tag) EVE_NAMES(F, tag, mdns)
NJ_EVENT_STRUCT_(eve_dns, EVE_DNS);
NJ_EVENT_STRUCT_(eve_llmnr, EVE_LLMNR);
NJ_EVENT_STRUCT_(eve_mdns, EVE_MDNS);
NJ_EVENT_DEFINE(eve_dns, EVE_DNS, NJ_EV_EVE, "One DNS message");
NJ_EVENT_DEFINE(eve_llmnr, EVE_LLMNR, NJ_EV_EVE, "One LLMNR message");
NJ_EVENT_DEFINE(eve_mdns, EVE_MDNS, NJ_EV_EVE, "One mDNS message");
_Static_assert(
	sizeof(struct eve_dns_event) == sizeof(struct eve_llmnr_event) &&
		sizeof(struct eve_dns_event) == sizeof(struct eve_mdns_event),
	"one struct is filled for all");

enum {
	T_NS = 2,
	T_CNAME = 5,
	T_SOA = 6,
	T_NULL = 10,
	T_PTR = 12,
	T_MX = 15,
	T_TXT = 16,
	T_AAAA = 28,
	T_SSHFP = 44,
	ROOM_BYTES = 2 * NJ_DNS_NAME_MAX + 256,
	JSON_BYTES = 24 * 1024,
	RECORDS_MAX = 512 /* of a section */
};

/* A message on its way to an event. */
struct job {
	struct nj_dctx *d;
	struct nj_dns_msg m;
	struct nj_dns_room room;
	enum nj_dns_kind kind;
	struct nj_json json;
	uint8_t texts[ROOM_BYTES];
};

static void
room_clear(struct job *j)
{
	j->room = (struct nj_dns_room){ j->texts, j->texts + ROOM_BYTES };
}

static struct nj_view
lower(struct job *j, struct nj_view v)
{
	struct nj_dns_text t = nj_dns_text_begin(&j->room);
	uint8_t *at = j->room.at;

	nj_dns_text_view(&t, v);
	for (; at < j->room.at; at++)
		*at |= *at >= 'A' && *at <= 'Z' ? 0x20 : 0;
	return nj_dns_text_end(&t);
}

static struct nj_view
type_text(struct job *j, uint16_t type)
{
	struct nj_view name;

	if (type == NJ_DNS_ANY)
		name = NJ_LIT("ANY");
	else
		name = nj_dns_type_name(&j->room, type);
	return j->kind == NJ_DNS_PLAIN ? name : lower(j, name);
}

static bool
is_name(uint16_t type)
{
	return type == T_NS || type == T_CNAME || type == T_PTR || type == T_MX;
}

/* Does a record of this type tell something that is no object? */
static bool
is_text(uint16_t type)
{
	return is_name(type) || type == NJ_DNS_A || type == T_AAAA ||
	       type == T_TXT || type == T_NULL;
}

static struct nj_view
name_in(struct job *j, const struct nj_dns_rr *rr, uint32_t skip)
{
	uint32_t at = rr->data + skip;
	struct nj_view v = { 0 };

	if (skip <= rr->len)
		(void)nj_dns_name(&j->m, &at, rr->data + rr->len, &v);
	return v;
}

/* A string of a TXT record; *at moves on. False at its end. */
static bool
next_string(const struct job *j, const struct nj_dns_rr *rr, uint32_t *at,
	struct nj_view *out)
{
	struct nj_view data = nj_sub(j->m.raw, rr->data, rr->len);
	uint32_t n;

	if (*at >= data.len)
		return false;
	n = data.data[*at];
	*out = nj_sub(data, *at + 1, n);
	*at += 1 + n;
	return out->len == n;
}

/* The value of a record, or with TXT the next of its values. *at is 0 first.
 * False: there is none, or none any more. */
static bool
put_value(struct job *j, const char *key, const struct nj_dns_rr *rr,
	uint32_t *at)
{
	struct nj_view data = nj_sub(j->m.raw, rr->data, rr->len), text;
	uint32_t size = rr->type == NJ_DNS_A ? 4 : 16;
	struct nj_addr addr;

	if (rr->type == T_TXT) {
		if (!next_string(j, rr, at, &text))
			return false;
		nj_json_str(&j->json, key, text);
		return true;
	}
	if ((*at)++ || !is_text(rr->type))
		return false;
	if (is_name(rr->type)) {
		text = name_in(j, rr, rr->type == T_MX ? 2 : 0);
		nj_json_str(&j->json, key, text);
	} else if (rr->type == T_NULL) {
		nj_json_str(&j->json, key, data);
	} else if (data.len == size) {
		addr = size == 4 ? nj_addr4(data.data) : nj_addr6(data.data);
		nj_json_addr_full(&j->json, key, &addr);
	} else {
		return false;
	}
	return true;
}

static void
put_soa(struct job *j, const struct nj_dns_rr *rr)
{
	static const char *const keys[] = { "serial", "refresh", "retry",
		"expire", "minimum" };
	uint32_t at = rr->data, end = rr->data + rr->len;
	struct nj_view mname = { 0 }, rname = { 0 };
	struct nj_cur c;

	(void)nj_dns_name(&j->m, &at, end, &mname);
	(void)nj_dns_name(&j->m, &at, end, &rname);
	c = nj_cur(nj_sub(j->m.raw, at, end - nj_min(at, end)));
	if (nj_cur_left(&c) < 20)
		return;
	nj_json_obj(&j->json, "soa");
	nj_json_str(&j->json, "mname", mname);
	nj_json_str(&j->json, "rname", rname);
	for (size_t i = 0; i < nj_countof(keys); i++)
		nj_json_u64(&j->json, keys[i], nj_cur_u32(&c));
	nj_json_end(&j->json);
}

static void
put_srv(struct job *j, const char *key, const struct nj_dns_rr *rr)
{
	struct nj_cur c = nj_cur(nj_sub(j->m.raw, rr->data, rr->len));

	if (nj_cur_left(&c) < 7)
		return;
	nj_json_obj(&j->json, key);
	nj_json_u64(&j->json, "priority", nj_cur_u16(&c));
	nj_json_u64(&j->json, "weight", nj_cur_u16(&c));
	nj_json_u64(&j->json, "port", nj_cur_u16(&c));
	nj_json_str(&j->json, "name", name_in(j, rr, 6));
	nj_json_end(&j->json);
}

static void
put_sshfp(struct job *j, const char *key, const struct nj_dns_rr *rr)
{
	struct nj_view v = nj_sub(j->m.raw, rr->data, rr->len);

	if (v.len < 3)
		return;
	nj_json_obj(&j->json, key);
	nj_json_hex(&j->json, "fingerprint", nj_sub(v, 2, v.len), ':');
	nj_json_u64(&j->json, "algo", v.data[0]);
	nj_json_u64(&j->json, "type", v.data[1]);
	nj_json_end(&j->json);
}

static void
put_object(struct job *j, const char *key, const struct nj_dns_rr *rr)
{
	if (rr->type == NJ_DNS_SRV)
		put_srv(j, key, rr);
	else if (rr->type == T_SSHFP)
		put_sshfp(j, key, rr);
}

/* LLMNR and mDNS: "ptr" : "name", "txt" : [ ... ]. */
static void
put_by_type(struct job *j, const struct nj_dns_rr *rr)
{
	struct nj_view type = type_text(j, rr->type);
	uint32_t at = 0;

	if (is_text(rr->type) && rr->type != T_TXT) {
		nj_json_key(&j->json, type);
		if (!put_value(j, NULL, rr, &at))
			nj_json_text(&j->json, NULL, "");
		return;
	}
	if (rr->type != T_TXT) {
		put_object(j, rr->type == T_SSHFP ? "sshfp" : "srv", rr);
		return;
	}
	nj_json_arr(&j->json, "txt");
	while (put_value(j, NULL, rr, &at))
		continue;
	nj_json_end(&j->json);
}

static void
put_rr_head(struct job *j, const struct nj_dns_rr *rr)
{
	nj_json_obj(&j->json, NULL);
	nj_json_str(&j->json, "rrname", nj_dns_name_at(&j->m, rr->name));
	if (j->kind != NJ_DNS_PLAIN)
		return;
	nj_json_str(&j->json, "rrtype", type_text(j, rr->type));
	nj_json_u64(&j->json, "ttl", rr->ttl);
}

/* One record, or one for each string of it. False: no room. */
static bool
put_rr(struct job *j, const struct nj_dns_rr *rr)
{
	uint32_t at = 0;
	bool more;

	put_rr_head(j, rr);
	if (j->kind != NJ_DNS_PLAIN) {
		put_by_type(j, rr);
		nj_json_end(&j->json);
		return nj_json_keep(&j->json);
	}
	more = put_value(j, "rdata", rr, &at);
	if (rr->type == T_SOA)
		put_soa(j, rr);
	put_object(j, rr->type == T_SSHFP ? "sshfp" : "srv", rr);
	nj_json_end(&j->json);
	while (more && rr->type == T_TXT && at < rr->len) {
		if (!nj_json_keep(&j->json))
			return false;
		put_rr_head(j, rr);
		more = put_value(j, "rdata", rr, &at);
		nj_json_end(&j->json);
	}
	return nj_json_keep(&j->json);
}

static struct nj_view
queries(struct job *j)
{
	struct nj_dns_question q;

	if (!j->m.count[NJ_DNS_QUESTION])
		return (struct nj_view){ 0 };
	nj_arena_json(j->d, &j->json, JSON_BYTES);
	nj_json_arr(&j->json, NULL);
	for (unsigned i = 0; i < j->m.count[NJ_DNS_QUESTION]; i++) {
		room_clear(j);
		if (!nj_dns_question(&j->m, &q))
			break;
		nj_json_obj(&j->json, NULL);
		nj_json_str(&j->json, "rrname", q.name);
		nj_json_str(&j->json, "rrtype", type_text(j, q.type));
		nj_json_end(&j->json);
		if (!nj_json_keep(&j->json))
			break;
	}
	return nj_arena_json_end(j->d, &j->json);
}

static struct nj_view
records(struct job *j, enum nj_dns_section section)
{
	unsigned n = nj_min(j->m.count[section], (unsigned)RECORDS_MAX);
	struct nj_dns_rr rr;

	if (!n)
		return (struct nj_view){ 0 };
	nj_arena_json(j->d, &j->json, JSON_BYTES);
	nj_json_arr(&j->json, NULL);
	for (unsigned i = 0; i < n; i++) {
		room_clear(j);
		if (!nj_dns_rr(&j->m, &rr))
			break;
		room_clear(j);
		if (!put_rr(j, &rr))
			break;
	}
	return nj_arena_json_end(j->d, &j->json);
}

/* The answers of one type as a list of the object that is open. m stands at
 * the first of them. False: no room. */
static bool
put_group(struct job *j, struct nj_dns_msg from, uint16_t type)
{
	unsigned n = nj_min(from.count[NJ_DNS_ANSWER], (unsigned)RECORDS_MAX);
	bool open = false;
	struct nj_dns_rr rr;
	uint32_t at;

	j->m = from;
	for (unsigned i = 0; i < n && nj_dns_rr(&j->m, &rr); i++) {
		room_clear(j);
		if (rr.type != type)
			continue;
		if (!open) {
			nj_json_key(&j->json, type_text(j, type));
			nj_json_arr(&j->json, NULL);
		}
		open = true;
		at = 0;
		while (put_value(j, NULL, &rr, &at))
			continue;
		put_object(j, NULL, &rr);
	}
	if (open)
		nj_json_end(&j->json);
	return nj_json_keep(&j->json);
}

static struct nj_view
grouped(struct job *j, const struct nj_dns_msg *from)
{
	static const uint16_t types[] = { NJ_DNS_A, T_AAAA, T_CNAME, T_MX, T_NS,
		T_NULL, T_PTR, T_TXT, NJ_DNS_SRV, T_SSHFP };

	if (!from->count[NJ_DNS_ANSWER] || j->kind != NJ_DNS_PLAIN)
		return (struct nj_view){ 0 };
	nj_arena_json(j->d, &j->json, JSON_BYTES);
	nj_json_obj(&j->json, NULL);
	for (size_t i = 0; i < nj_countof(types); i++)
		if (!put_group(j, *from, types[i]))
			break;
	return nj_arena_json_end(j->d, &j->json);
}

static void
set_flags(struct eve_dns_event *ev, uint16_t flags)
{
	if (flags >> 15)
		nj_set(ev, eve_dns, dns__qr, true);
	if (flags & 0x400)
		nj_set(ev, eve_dns, dns__aa, true);
	if (flags & 0x200)
		nj_set(ev, eve_dns, dns__tc, true);
	if (flags & 0x100)
		nj_set(ev, eve_dns, dns__rd, true);
	if (flags & 0x80)
		nj_set(ev, eve_dns, dns__ra, true);
	if (flags & 0x40)
		nj_set(ev, eve_dns, dns__z, true);
	ev->dns__opcode = flags >> 11 & 15;
}

static void
tell(struct job *j, const struct nj_event_desc *desc,
	const struct nj_dns_which *which)
{
	struct eve_dns_event ev = { .dns__version = 3,
		.dns__id = j->m.id,
		.dns__tx_id = which->number };
	uint16_t flags = j->m.flags;
	struct nj_dns_msg at_answers;
	char hex[8];

	(void)snprintf(hex, sizeof(hex), "%x", flags);
	ev.dns__flags = nj_str(hex);
	ev.dns__type = flags >> 15 ? NJ_LIT("response") : NJ_LIT("request");
	set_flags(&ev, flags);
	ev.dns__queries = queries(j);
	at_answers = j->m;
	ev.dns__answers = records(j, NJ_DNS_ANSWER);
	ev.dns__authorities = records(j, NJ_DNS_AUTHORITY);
	ev.dns__additionals = records(j, NJ_DNS_ADDITIONAL);
	ev.dns__grouped = grouped(j, &at_answers);
	room_clear(j);
	ev.dns__rcode = nj_dns_rcode_name(&j->room, flags & 15);
	(void)nj_emit_dir(j->d, desc, &ev, which->dir);
}

void
nj_dns_eve(
	struct nj_dctx *d, const struct nj_dns_which *which, struct nj_view raw)
{
	static const struct nj_event_desc *const descs[] = {
		[NJ_DNS_PLAIN] = &eve_dns_desc,
		[NJ_DNS_LLMNR] = &eve_llmnr_desc,
		[NJ_DNS_MDNS] = &eve_mdns_desc
	};
	size_t mark = nj_arena_mark(d);
	struct job j = { .d = d, .kind = which->kind };

	if (!nj_wanted(d, descs[j.kind]))
		return;
	room_clear(&j);
	if (!nj_dns_open(&j.m, raw, &j.room))
		return;
	j.m.as_is = true;
	tell(&j, descs[j.kind], which);
	nj_arena_release(d, mark);
}
