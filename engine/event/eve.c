/*
 * eve.c - rows as EVE events, by rules that were worked out when they were
 * registered. See eve.h.
 */
#include "engine/event/eve.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/date.h"
#include "engine/event/community.h"
#include "engine/event/event_priv.h"

enum { EVENTS_MAX = NJ_EVENT_TYPES_MAX, NAME_CAP = 128 };

static const char detail_prefix[] = "eve_";

/* What registration has worked out for a log type. */
struct nj_eve_known {
	struct nj_eve_map map;
	uint8_t ids[]; /* of the rules' fields; 0: none */
};

/* ---- Registration ---- */

static unsigned
rules_count(const struct nj_eve_rule *r)
{
	unsigned n = 0;

	while (r[n].path)
		n++;
	return n;
}

/* The id of a field by its name; 0: no such field. */
static uint8_t
field_id(const struct nj_event_desc *desc, const char *name)
{
	char own[NAME_CAP];

	for (unsigned i = 0; i < desc->count; i++) {
		(void)nj_field_name(&desc->fields[i], own, sizeof(own));
		if (!strcmp(own, name))
			return desc->fields[i].id;
	}
	return 0;
}

static enum nj_err
register_map(const struct nj_eve_map *map)
{
	const struct nj_event_desc *desc = nj_event_find(map->log);
	unsigned n = rules_count(map->rules);
	struct nj_eve_known *k;

	if (!desc || desc->slot->known->eve)
		return NJ_OK;
	k = calloc(1, sizeof(*k) + n);
	if (!k)
		return NJ_E_NOMEM;
	k->map = *map;
	for (unsigned i = 0; i < n; i++) {
		if (!map->rules[i].field)
			continue;
		k->ids[i] = field_id(desc, map->rules[i].field);
		if (k->ids[i])
			continue;
		free(k);
		return NJ_E_CONFIG;
	}
	nj_event_set_eve(desc, k);
	return NJ_OK;
}

/* Each field of a detail event goes to the path that is its name. */
static enum nj_err
register_detail(const struct nj_event_desc *desc)
{
	size_t rules_bytes = (desc->count + 1U) * sizeof(struct nj_eve_rule);
	struct nj_eve_map map = { .log = desc->name,
		.event_type = desc->name + sizeof(detail_prefix) - 1 };
	struct nj_eve_rule *rules;
	char *names;
	enum nj_err err;

	if (strncmp(desc->name, detail_prefix, sizeof(detail_prefix) - 1) != 0)
		return NJ_E_CONFIG;
	if (desc->slot->known->eve)
		return NJ_OK;
	rules = calloc(1, rules_bytes + desc->count * (size_t)NAME_CAP);
	if (!rules)
		return NJ_E_NOMEM;
	names = (char *)rules + rules_bytes;
	for (unsigned i = 0; i < desc->count; i++) {
		char *name = names + i * (size_t)NAME_CAP;

		(void)nj_field_name(&desc->fields[i], name, NAME_CAP);
		rules[i] = (struct nj_eve_rule){ name, name, NULL };
	}
	map.rules = rules;
	err = register_map(&map);
	if (err)
		free(rules);
	return err;
}

enum nj_err
nj_eve_register(const struct nj_eve_map *const *maps)
{
	const struct nj_event_desc *desc;
	enum nj_err err = NJ_OK;

	for (; *maps && !err; maps++)
		err = register_map(*maps);
	for (unsigned i = 0; !err && (desc = nj_event_at(i)); i++)
		if (desc->flags & NJ_EV_EVE)
			err = register_detail(desc);
	return err;
}

const char *
nj_eve_type(uint32_t type)
{
	const struct nj_event_known *k = nj_event_known_by_type(type);

	return k && k->eve ? k->eve->map.event_type : NULL;
}

/* ---- Values ---- */

const struct nj_row_field *
nj_eve_value(const struct nj_eve *e, const char *field)
{
	uint8_t id = field_id(e->desc, field);

	return id && e->has >> id & 1 ? &e->values[id] : NULL;
}

/* How much of the two paths is objects that both have. */
static size_t
common(const char *a, size_t a_len, const char *b)
{
	size_t same = 0;

	for (size_t i = 0; i < a_len && a[i] == b[i]; i++)
		if (a[i] == '.')
			same = i + 1;
	return same;
}

const char *
nj_eve_key(struct nj_eve *e, const char *path)
{
	size_t same = common(e->open, e->open_len, path), at = same;
	char part[NAME_CAP];
	const char *dot;

	for (size_t i = same; i < e->open_len; i++)
		if (e->open[i] == '.')
			nj_json_end(&e->json);
	while ((dot = strchr(path + at, '.'))) {
		(void)snprintf(part, sizeof(part), "%.*s",
			(int)(dot - path - (ptrdiff_t)at), path + at);
		nj_json_obj(&e->json, part);
		at = (size_t)(dot - path) + 1;
	}
	e->open = path;
	e->open_len = at;
	return path + at;
}

struct nj_view
nj_eve_time(int64_t ns, char out[NJ_EVE_TIME_TEXT])
{
	int64_t us = ns / 1000 - (ns % 1000 < 0);
	int64_t s = us / 1000000 - (us % 1000000 < 0);
	size_t n = nj_date_text(s, out);

	n += (size_t)snprintf(out + n, NJ_EVE_TIME_TEXT - n, ".%06lld+0000",
		(long long)(us - s * 1000000));
	return (struct nj_view){ (uint8_t *)out, n };
}

static void
put_scalar(struct nj_json *j, const char *key, const struct nj_row_field *f)
{
	char text[NJ_EVE_TIME_TEXT];

	switch ((enum nj_type)f->type) {
	case NJ_T_BOOL:
		nj_json_bool(j, key, f->u);
		break;
	case NJ_T_I64:
		nj_json_i64(j, key, f->i);
		break;
	case NJ_T_TIME:
		nj_json_str(j, key, nj_eve_time(f->i, text));
		break;
	case NJ_T_IVAL:
	case NJ_T_F64:
		(void)snprintf(text, sizeof(text), "%.9g",
			f->type == NJ_T_F64 ? f->f : (double)f->i / 1e9);
		nj_json_raw(j, key, nj_str(text));
		break;
	case NJ_T_ADDR:
		nj_json_addr(j, key, &f->addr);
		break;
	case NJ_T_STR:
		if (f->field && f->field->flags & NJ_JSON)
			nj_json_raw(j, key, f->bytes);
		else
			nj_json_str(j, key, f->bytes);
		break;
	default:
		nj_json_u64(j, key, f->u);
	}
}

static void
put_as_is(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	const char *key = nj_eve_key(e, path);
	struct nj_row_field vec = *f, elem = { 0 };

	if (f->type < NJ_T_VSTR) {
		put_scalar(&e->json, key, f);
		return;
	}
	nj_json_arr(&e->json, key);
	while (nj_row_elem(&vec, &elem)) {
		elem.field = NULL;
		put_scalar(&e->json, NULL, &elem);
	}
	nj_json_end(&e->json);
}

/* ---- Conversions ---- */

static void
put_case(struct nj_eve *e, const char *path, const struct nj_row_field *f,
	bool upper)
{
	uint8_t text[256];
	size_t n = nj_min(f->bytes.len, sizeof(text));

	for (size_t i = 0; i < n; i++) {
		uint8_t c = f->bytes.data[i];
		bool letter =
			upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';

		text[i] = letter ? c ^ 0x20 : c;
	}
	nj_json_str(&e->json, nj_eve_key(e, path), (struct nj_view){ text, n });
}

void
nj_eve_upper(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	put_case(e, path, f, true);
}

void
nj_eve_lower(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	put_case(e, path, f, false);
}

void
nj_eve_number(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	uint64_t v;

	if (nj_view_u64(f->bytes, &v))
		nj_json_u64(&e->json, nj_eve_key(e, path), v);
}

void
nj_eve_text(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)f->u);
	nj_json_text(&e->json, nj_eve_key(e, path), text);
}

void
nj_eve_split(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	struct nj_view rest = f->bytes;

	nj_json_arr(&e->json, nj_eve_key(e, path));
	while (rest.len) {
		size_t n = nj_min(nj_view_chr(rest, ','), rest.len);

		nj_json_str(&e->json, NULL, nj_view_trim(nj_sub(rest, 0, n)));
		rest = nj_sub(rest, n + 1, rest.len);
	}
	nj_json_end(&e->json);
}

void
nj_eve_array(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	nj_json_arr(&e->json, nj_eve_key(e, path));
	put_scalar(&e->json, NULL, f);
	nj_json_end(&e->json);
}

void
nj_eve_first(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	struct nj_row_field vec = *f, elem = { 0 };

	if (!nj_row_elem(&vec, &elem))
		return;
	elem.field = NULL;
	put_scalar(&e->json, nj_eve_key(e, path), &elem);
}

void
nj_eve_if_true(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	if (f->u)
		nj_json_bool(&e->json, nj_eve_key(e, path), true);
}

void
nj_eve_seconds(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	nj_json_i64(&e->json, nj_eve_key(e, path), f->i / NJ_NS_PER_S);
}

/* ---- Events ---- */

/* As Suricata calls IP protocols. */
static const char *
proto_name(uint8_t proto, char spare[8])
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = { { 1, "ICMP" }, { 2, "IGMP" }, { 4, "IPIP" }, { 6, "TCP" },
		{ 17, "UDP" }, { 41, "IPv6" }, { 47, "GRE" }, { 50, "ESP" },
		{ 51, "AH" }, { 58, "IPv6-ICMP" }, { 89, "OSPFIGP" },
		{ 103, "PIM" }, { 112, "VRRP" }, { 132, "SCTP" } };

	for (size_t i = 0; i < nj_countof(names); i++)
		if (names[i].number == proto)
			return names[i].name;
	(void)snprintf(spare, 8, "%03u", proto);
	return spare;
}

/* Where the record does not say the protocol, a port of 0 is none. */
static bool
has_ports(const struct nj_head *h)
{
	if (!h->ip_proto)
		return h->orig_p || h->resp_p;
	return h->ip_proto == 6 || h->ip_proto == 17 || h->ip_proto == 132;
}

static void
put_side(struct nj_json *j, const char *const keys[2],
	const struct nj_addr *addr, int port)
{
	nj_json_addr_full(j, keys[0], addr);
	if (port >= 0)
		nj_json_i64(j, keys[1], port);
}

static void
put_ids(struct nj_json *j, const struct nj_head *h)
{
	static const char *const src[] = { "src_ip", "src_port" };
	static const char *const dest[] = { "dest_ip", "dest_port" };
	/* Of SCTP the ports are no part of a flow's key: 0 is none. */
	bool ports = has_ports(h) && (h->ip_proto != 132 || h->orig_p);
	char spare[8];

	if (h->vlan[0]) {
		nj_json_arr(j, "vlan");
		nj_json_u64(j, NULL, h->vlan[0]);
		if (h->vlan[1])
			nj_json_u64(j, NULL, h->vlan[1]);
		nj_json_end(j);
	}
	if (h->orig.family)
		put_side(j, src, &h->orig, ports ? h->orig_p : -1);
	if (h->resp.family)
		put_side(j, dest, &h->resp, ports ? h->resp_p : -1);
	if (h->ip_proto)
		nj_json_text(j, "proto", proto_name(h->ip_proto, spare));
	if (h->orig.family)
		nj_json_u64(j, "ip_v", h->orig.family);
	nj_json_text(j, "pkt_src", "wire/pcap");
}

/* The community id of what has ports, those of SCTP too. */
static void
put_community(struct nj_json *j, const struct nj_head *h)
{
	char text[NJ_COMMUNITY_TEXT];
	size_t n = has_ports(h) ? nj_community_id(h, true, text) : 0;

	if (n)
		nj_json_str(j, "community_id",
			(struct nj_view){ (const uint8_t *)text, n });
}

static void
put_mac(struct nj_json *j, const char *key, const uint8_t mac[6])
{
	char text[18];

	(void)snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
		mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	nj_json_text(j, key, text);
}

static void
put_ether(struct nj_json *j, const struct nj_head *h)
{
	static const uint8_t none[sizeof(h->mac)];

	if (!memcmp(h->mac, none, sizeof(none)))
		return;
	nj_json_obj(j, "ether");
	put_mac(j, "dest_mac", h->mac[1]);
	put_mac(j, "src_mac", h->mac[0]);
	nj_json_end(j);
}

static void
put_head(struct nj_json *j, const struct nj_head *h, const char *event_type)
{
	bool flow = !strcmp(event_type, "flow");
	char text[NJ_EVE_TIME_TEXT];

	nj_json_str(j, "timestamp", nj_eve_time(h->order_ns, text));
	/* Readers take it for a double: more than 53 bits would be lost. */
	if (h->uid[0] | h->uid[1])
		nj_json_u64(j, "flow_id", h->uid[0] >> 11);
	nj_json_text(j, "event_type", event_type);
	put_ids(j, h);
	/* A flow has these of its own. */
	if (flow)
		return;
	put_ether(j, h);
	put_community(j, h);
}

static bool
eve_begin(struct nj_eve *e, const struct nj_row *row)
{
	struct nj_row_iter it;
	struct nj_row_field f;

	nj_row_iter_init(&it, row);
	if (!it.known || !it.known->eve)
		return false;
	e->row = row;
	e->desc = it.known->desc;
	e->open = "";
	e->open_len = 0;
	e->has = 0;
	while (nj_row_next(&it, &f)) {
		e->values[f.id] = f;
		e->has |= UINT64_C(1) << f.id;
	}
	return true;
}

static void
put_rules(struct nj_eve *e, const struct nj_eve_known *k)
{
	const struct nj_eve_rule *r = k->map.rules;

	for (unsigned i = 0; r[i].path; i++) {
		unsigned id = k->ids[i];
		const struct nj_row_field *f = id ? &e->values[id] : NULL;

		if (id && !(e->has >> id & 1))
			continue;
		if (r[i].put)
			r[i].put(e, r[i].path, f);
		else if (f)
			put_as_is(e, r[i].path, f);
	}
}

bool
nj_eve_json(struct nj_buf *out, const struct nj_row *row)
{
	const struct nj_eve_known *k;
	struct nj_eve e;

	if (!eve_begin(&e, row))
		return false;
	k = nj_event_known_by_type(row->type)->eve;
	if (k->map.takes && !k->map.takes(&e))
		return false;
	nj_json_init(&e.json, *out);
	nj_json_obj(&e.json, NULL);
	put_head(&e.json, &row->head, k->map.event_type);
	put_rules(&e, k);
	(void)nj_json_view(&e.json);
	*out = e.json.buf;
	return true;
}

/* ---- The reference ---- */

static void
put_path(struct nj_buf *b, const struct nj_event_desc *desc,
	const struct nj_eve_rule *r, uint8_t id)
{
	const struct nj_field *f = NULL;

	for (unsigned i = 0; id && i < desc->count; i++)
		if (desc->fields[i].id == id)
			f = &desc->fields[i];
	nj_buf_printf(b, "| `%s` | ", r->path);
	if (f && !(desc->flags & NJ_EV_EVE))
		nj_buf_printf(b, "`%s`: ", r->field);
	nj_buf_printf(b, "%s |\n", f ? f->text : "worked out of the record");
}

void
nj_eve_reference(struct nj_buf *out)
{
	const struct nj_event_desc *desc;

	for (unsigned i = 0; (desc = nj_event_at(i)); i++) {
		const struct nj_eve_known *k = desc->slot->known->eve;

		if (!k)
			continue;
		nj_buf_printf(out, "\n## %s\n\n%s%s%s.\n\n", k->map.event_type,
			desc->flags & NJ_EV_EVE ? "" : "Of the log `",
			desc->flags & NJ_EV_EVE ? desc->text : desc->name,
			desc->flags & NJ_EV_EVE ? "" : "`");
		nj_buf_str(out, "| path | what |\n| --- | --- |\n");
		for (unsigned r = 0; k->map.rules[r].path; r++)
			put_path(out, desc, &k->map.rules[r], k->ids[r]);
	}
}
