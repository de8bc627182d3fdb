/*
 * record.c - the conn record at the end of a flow, in Zeek's words, with
 * what its readers most often load besides: VLANs, MAC addresses, community
 * id.
 */
#include "engine/event/community.h"
#include "engine/flow/conn.h"
#include "engine/flow/flow_priv.h"

NJ_EVENT_DEFINE(conn, NJ_CONN, 0, "One connection or flow, at its end");

static bool
is_silent(enum tcp_state s)
{
	return s == TCP_INACTIVE || s == TCP_PARTIAL;
}

/* A SYN and then a reset, and nothing else of the originator between them. */
static bool
is_aborted_attempt(const char *history)
{
	history += *history == '^';
	if (*history++ != 'S')
		return false;
	return history[strcspn(history, "HAFGIQR")] == 'R';
}

static const char *
tcp_conn_state(const struct nj_flow *f, const struct conn_event *ev,
	const char *history)
{
	enum tcp_state o = tcp_state(f->hot, NJ_ORIG);
	enum tcp_state r = tcp_state(f->hot, NJ_RESP);

	if (r == TCP_RESET) {
		if (o == TCP_SYN_SENT || o == TCP_SYNACK ||
			(o == TCP_RESET && !ev->orig_bytes && !ev->resp_bytes))
			return "REJ";
		return is_silent(o) ? "RSTRH" : "RSTR";
	}
	if (o == TCP_RESET) {
		if (!is_silent(r))
			return "RSTO";
		return is_aborted_attempt(history) ? "RSTOS0" : "OTH";
	}
	if (o == TCP_CLOSED && r == TCP_CLOSED)
		return "SF";
	if (o == TCP_CLOSED)
		return is_silent(r) ? "SH" : "S2";
	if (r == TCP_CLOSED)
		return is_silent(o) ? "SHR" : "S3";
	if (o == TCP_SYN_SENT && r == TCP_INACTIVE)
		return "S0";
	return o == TCP_OPEN && r == TCP_OPEN ? "S1" : "OTH";
}

static const char *
udp_conn_state(const struct nj_flow_hot *h)
{
	bool o = h->tcp >> TCP_SEEN_SHIFT(NJ_ORIG) & SEEN_DATA;
	bool r = h->tcp >> TCP_SEEN_SHIFT(NJ_RESP) & SEEN_DATA;

	if (o)
		return r ? "SF" : "S0";
	return r ? "SHR" : "OTH";
}

static uint64_t
side_bytes(const struct nj_flow *f, unsigned d)
{
	if (flow_class(f->hot) == CLASS_OTHER)
		return 0;
	if (nj_flow_proto(f) == NJ_IP_TCP)
		return tcp_size(f, d);
	return (uint64_t)f->cold->start[d] << 32 | f->hot->next[d];
}

/* What the record's views point to. */
struct text {
	char history[HISTORY_INLINE + HISTORY_MORE + 1];
	char services[256];
	char community[NJ_COMMUNITY_TEXT];
	char mac[2][18];
	char parents[PARENTS_MORE + 1][NJ_UID_CAP];
	struct nj_view parent_views[PARENTS_MORE + 1];
	struct flow_behaviour_room behaviour;
};

static void
record_history(const struct nj_flow *f, struct text *text)
{
	const struct flow_extra *e = flow_extra(f);
	size_t n = strnlen(f->cold->history, HISTORY_INLINE), more;

	memcpy(text->history, f->cold->history, n);
	if (e && n == HISTORY_INLINE) {
		more = strnlen(e->history, HISTORY_MORE);
		memcpy(text->history + n, e->history, more);
		n += more;
	}
	text->history[n] = '\0';
}

enum { NAMES_MAX = 8 };

static struct nj_view
record_services(struct nj_flow *f, struct text *text)
{
	const struct nj_flow_hooks *hooks = &f->table->hooks;
	struct nj_view names[NAMES_MAX];
	unsigned n = 0;
	size_t len = 0;

	if (hooks->services)
		n = hooks->services(hooks->ctx, f, names, NAMES_MAX);
	for (unsigned i = 0; i < n; i++) {
		if (len + names[i].len + 1 > sizeof(text->services))
			break;
		if (i)
			text->services[len++] = ',';
		memcpy(text->services + len, names[i].data, names[i].len);
		len += names[i].len;
	}
	if (!len)
		return (struct nj_view){ 0 };
	return (struct nj_view){ (uint8_t *)text->services, len };
}

static struct nj_view
record_mac(const struct nj_flow *f, enum nj_dir dir, char out[18])
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *mac = nj_flow_mac(f, dir);

	if (!mac)
		return (struct nj_view){ 0 };
	for (unsigned i = 0; i < 6; i++) {
		out[3 * i] = digits[mac[i] >> 4];
		out[3 * i + 1] = digits[mac[i] & 15];
		out[3 * i + 2] = ':';
	}
	return (struct nj_view){ (uint8_t *)out, 17 };
}

static void
parent_add(struct text *text, struct nj_vstr *out, const uint64_t uid[2])
{
	size_t n = nj_uid_format('C', uid, text->parents[out->n]);

	text->parent_views[out->n] =
		(struct nj_view){ (uint8_t *)text->parents[out->n], n };
	out->v = text->parent_views;
	out->n++;
}

static const uint64_t *
path_parent(const struct nj_flow *f)
{
	return f->table->paths.entries[f->cold->path].key + 2;
}

static void
record_parents(
	const struct nj_flow *f, struct conn_event *ev, struct text *text)
{
	const struct flow_extra *e = flow_extra(f);
	const uint64_t *first = path_parent(f);

	if (first[0] | first[1])
		parent_add(text, &ev->tunnel_parents, first);
	for (unsigned i = 0; e && i < e->parent_count; i++)
		parent_add(text, &ev->tunnel_parents, e->parents[i]);
}

void
flow_add_parent(struct nj_flow *f)
{
	const uint64_t *uid = f->meta->parent_uid, *first = path_parent(f);
	struct flow_extra *e;

	if (first[0] == uid[0] && first[1] == uid[1])
		return;
	e = flow_extra_get(f);
	if (!e)
		return;
	for (unsigned i = 0; i < e->parent_count; i++)
		if (!memcmp(e->parents[i], uid, 16))
			return;
	if (e->parent_count < PARENTS_MORE)
		memcpy(e->parents[e->parent_count++], uid, 16);
}

static const char *const tunnel_names[] = { [NJ_TUN_NONE] = NULL,
	[NJ_TUN_IP] = "ip",
	[NJ_TUN_GRE] = "gre",
	[NJ_TUN_ERSPAN] = "erspan",
	[NJ_TUN_TEREDO] = "teredo",
	[NJ_TUN_GTPV1] = "gtpv1",
	[NJ_TUN_VXLAN] = "vxlan",
	[NJ_TUN_GENEVE] = "geneve",
	[NJ_TUN_AYIYA] = "ayiya" };

static void
record_tenant(const struct nj_flow *f, struct conn_event *ev)
{
	uint32_t tenant = flow_rest(f->table, f->hot) >> 8;
	const uint64_t *key = f->table->tenants.entries[tenant].key;
	unsigned tunnel = key[0] >> 32 & 0xff;

	if (!tenant)
		return;
	if (key[0] & 0xffff)
		nj_set(ev, conn, vlan, (uint16_t)key[0]);
	if (key[0] >> 16 & 0xffff)
		nj_set(ev, conn, inner_vlan, (uint16_t)(key[0] >> 16));
	if (tunnel && tunnel < nj_countof(tunnel_names))
		ev->tunnel = nj_str(tunnel_names[tunnel]);
	if (tunnel == NJ_TUN_VXLAN || tunnel == NJ_TUN_GENEVE)
		nj_set(ev, conn, vni, (uint32_t)key[1]);
}

static uint64_t
side_packets(const struct nj_flow *f, unsigned d)
{
	const struct flow_extra *e = flow_extra(f);

	return (e ? (uint64_t)e->packets_hi[d] << 32 : 0) | f->hot->packets[d];
}

static uint64_t
side_ip_bytes(const struct nj_flow *f, unsigned d)
{
	const struct flow_extra *e = flow_extra(f);

	return (e ? (uint64_t)e->ip_bytes_hi[d] << 32 : 0) |
	       f->hot->ip_bytes[d];
}

uint64_t
nj_flow_packets(const struct nj_flow *f, enum nj_dir dir)
{
	return side_packets(f, dir);
}

static void
record_counts(const struct nj_flow *f, struct conn_event *ev)
{
	const struct flow_extra *e = flow_extra(f);
	int64_t duration = f->hot->last_ns - f->cold->first_ns;

	ev->orig_bytes = side_bytes(f, NJ_ORIG);
	ev->resp_bytes = side_bytes(f, NJ_RESP);
	/* Zeek says how much only of what took time. */
	if (duration > 0) {
		nj_set(ev, conn, duration, duration);
		nj_set(ev, conn, orig_bytes, ev->orig_bytes);
		nj_set(ev, conn, resp_bytes, ev->resp_bytes);
	}
	ev->missed_bytes = e ? e->missed : 0;
	ev->orig_pkts = side_packets(f, NJ_ORIG);
	ev->resp_pkts = side_packets(f, NJ_RESP);
	ev->orig_ip_bytes = side_ip_bytes(f, NJ_ORIG);
	ev->resp_ip_bytes = side_ip_bytes(f, NJ_RESP);
	ev->one_way = !ev->orig_pkts || !ev->resp_pkts;
}

static void
record_states(
	const struct nj_flow *f, struct conn_event *ev, const struct text *text)
{
	uint8_t proto = nj_flow_proto(f);

	switch (proto) {
	case NJ_IP_TCP:
		ev->proto = NJ_LIT("tcp");
		ev->conn_state = nj_str(tcp_conn_state(f, ev, text->history));
		break;
	case NJ_IP_UDP:
		ev->proto = NJ_LIT("udp");
		ev->conn_state = nj_str(udp_conn_state(f->hot));
		break;
	case NJ_IP_ICMP:
	case NJ_IP_ICMP6:
		ev->proto = NJ_LIT("icmp");
		ev->conn_state = NJ_LIT("OTH");
		break;
	default:
		ev->proto = NJ_LIT("unknown_transport");
		ev->conn_state = NJ_LIT("OTH");
	}
	ev->ip_proto = proto;
	if (text->history[0])
		ev->history = nj_str(text->history);
}

static const char *const end_names[] = { [NJ_END_CLOSED] = "closed",
	[NJ_END_TIMEOUT] = "timeout",
	[NJ_END_FINISH] = "finish",
	[NJ_END_EVICTED] = "evicted",
	[NJ_END_REUSED] = "reused" };

void
flow_record(struct nj_flow *f, enum nj_flow_end why)
{
	struct nj_flow_table *t = f->table;
	struct conn_event ev = { 0 };
	struct nj_head head;
	struct text text;

	if (!t->hooks.emit)
		return;
	nj_flow_head(f, &head);
	head.ts_ns = f->cold->first_ns;
	record_history(f, &text);
	record_counts(f, &ev);
	record_states(f, &ev, &text);
	record_tenant(f, &ev);
	record_parents(f, &ev, &text);
	ev.service = record_services(f, &text);
	flow_behaviour_record(f, &ev, &text.behaviour);
	ev.local_orig = nj_flow_is_local(t, &head.orig);
	ev.local_resp = nj_flow_is_local(t, &head.resp);
	ev.orig_l2_addr = record_mac(f, NJ_ORIG, text.mac[0]);
	ev.resp_l2_addr = record_mac(f, NJ_RESP, text.mac[1]);
	ev.community_id = (struct nj_view){ (uint8_t *)text.community,
		nj_community_id(&head, nj_flow_has_ports(head.ip_proto),
			text.community) };
	ev.ended = nj_str(end_names[why]);
	t->hooks.emit(t->hooks.ctx, &conn_desc, &head, &ev);
	if (nj_unlikely(t->detail != NULL))
		flow_detail_record(f, &head, &ev);
}
