/*
 * dhcp.c - DHCP (RFC 2131, 2132) as Zeek's dhcp log: one record for a talk.
 *
 * A lease is asked for by broadcast, and answered to an address that the
 * client does not have yet: the talk goes over several flows and is held
 * together by its transaction id. So talks are kept in a table that all flows
 * share. Unlike in Zeek the client's hardware address is part of the key: ids
 * are chosen by each client for itself (RFC 2131 4.1), and two machines must
 * not be told as one.
 *
 * A talk is told when it has been silent for 5 seconds, which is looked at 12
 * seconds after it began and every 5 seconds from then on (a client repeats
 * its question after 4 and 8 seconds), and at 30 seconds of age.
 */
#include "dissectors/shared/dhcp_eve.h"
#include "dissectors/shared/dhcp_msg.h"
#include "dissectors/shared/software.h"
#include "engine/base/hash.h"
#include "engine/dissect/dissector.h"

#define DHCP(F, tag)                                                           \
	F(tag, 1, VSTR, uids, 0, "Flows that the talk went over")              \
	F(tag, 2, ADDR, client_addr, NJ_INDEX,                                 \
		"Address of the client: its own, or the one it gets")          \
	F(tag, 3, ADDR, server_addr, NJ_INDEX | NJ_LEARN,                      \
		"Server that gave an address")                                 \
	F(tag, 4, STR, mac, NJ_INDEX | NJ_LEARN, "The client's MAC")           \
	F(tag, 5, STR, host_name, NJ_INDEX | NJ_LEARN | NJ_PII,                \
		"Name that the client calls itself (option 12)")               \
	F(tag, 6, STR, client_fqdn, NJ_INDEX | NJ_PII,                         \
		"Full name that the client wants in the DNS (81)")             \
	F(tag, 7, STR, domain, NJ_INDEX | NJ_LEARN,                            \
		"Domain that the server gives (15)")                           \
	F(tag, 8, ADDR, requested_addr, NJ_INDEX,                              \
		"Address that the client asks for (50)")                       \
	F(tag, 9, ADDR, assigned_addr, NJ_INDEX, "Address that it gets")       \
	F(tag, 10, IVAL, lease_time, NJ_OPT | NJ_LEARN,                        \
		"How long it may keep it (51)")                                \
	F(tag, 11, STR, client_message, 0, "Why a client declined (56)")       \
	F(tag, 12, STR, server_message, 0, "Why a server refused (56)")        \
	F(tag, 13, VSTR, msg_types, NJ_INDEX, "Kinds of the messages")         \
	F(tag, 14, IVAL, duration, NJ_OPT,                                     \
		"From the first message to the last")                          \
	F(tag, 15, STR, vendor_class, NJ_INDEX | NJ_LEARN,                     \
		"What the client says it is (60)")                             \
	F(tag, 16, STR, user_class, 0, "Group of clients (77)")                \
	F(tag, 17, VU64, param_list, NJ_LEARN,                                 \
		"Options that the client asks for, in order (55): a "          \
		"fingerprint of its system")                                   \
	F(tag, 18, VADDR, routers, NJ_INDEX | NJ_LEARN,                        \
		"Routers that the server gives (3)")                           \
	F(tag, 19, VADDR, dns_servers, NJ_INDEX | NJ_LEARN,                    \
		"Name servers that the server gives (6)")                      \
	F(tag, 20, ADDR, relay_addr, NJ_INDEX, "Relay between the two")        \
	F(tag, 21, STR, circuit_id, NJ_INDEX, "Relay: circuit (82.1)")         \
	F(tag, 22, STR, agent_remote_id, NJ_INDEX, "Relay: remote end (82.2)") \
	F(tag, 23, STR, subscriber_id, NJ_INDEX, "Relay: subscriber (82.6)")   \
	F(tag, 24, STR, wpad, NJ_INDEX,                                        \
		"Proxy configuration that the server gives (252)")             \
	F(tag, 25, STR, boot_file, NJ_INDEX, "File to boot from (67)")

NJ_EVENT_X(dhcp, DHCP, NJ_EV_NO_ID, "A talk about an address lease");

enum { ODD_OPTION, ODD_TYPE, ODD_TABLE };
static const struct nj_oddity oddities[] = {
	[ODD_OPTION] = { "dhcp_option_length",
		"An option longer than its message" },
	[ODD_TYPE] = { "dhcp_message_type", "A kind of message unknown" },
	[ODD_TABLE] = { "dhcp_table_full",
		"A talk is told early: too many at once" },
	{ 0 }
};

enum {
	PORT_SERVER = 67,
	PORT_CLIENT = 68,
	PORT_PROXY = 4011, /* PXE */
	MAC_BYTES_MAX = 8,
	UIDS_MAX = 10,  /* at this many a record is told at once, as in Zeek */
	TYPES_MAX = 50, /* the same */
	ADDRS_MAX = 4,
	PARAMS_MAX = 48,
	TALKS_MAX = 6144,
	BUCKETS = 8192, /* a power of two */
	TEXT_BYTES = 480
};
#define FIRST_LOOK_NS (12 * NJ_NS_PER_S)
#define NEXT_LOOK_NS (5 * NJ_NS_PER_S)
#define SILENT_NS (5 * NJ_NS_PER_S)
#define AGE_NS (30 * NJ_NS_PER_S)

struct talk {
	int64_t began_ns, last_ns, look_ns, lease_ns;
	uint64_t uid[UIDS_MAX][2];
	uint32_t xid;
	uint32_t hash_next;  /* index + 1 of the next talk in the bucket */
	uint32_t next, prev; /* of the queue it waits in, index + 1 */
	struct nj_addr client, server, requested, assigned, relay;
	uint8_t routers[ADDRS_MAX][4], dns[ADDRS_MAX][4];
	uint8_t chaddr[NJ_DHCP_CHADDR_BYTES];
	uint8_t mac[MAC_BYTES_MAX];
	uint8_t mac_len, uids, types, router_count, dns_count, param_count;
	bool looked_at; /* the queue it waits in is the second */
	bool has_lease, mac_from_client;
	uint8_t type[TYPES_MAX];
	uint8_t param[PARAMS_MAX];
	uint16_t text_used;
	uint16_t text_at[NJ_DHCP_TEXTS];
	uint8_t text_len[NJ_DHCP_TEXTS];
	uint8_t text[TEXT_BYTES];
};

/* Talks wait in two queues, both in order of time: for the first look, and for
 * a later one. */
struct queue {
	uint32_t head, tail; /* index + 1 */
};

struct dhcp_shared {
	struct queue queue[2];
	uint32_t free_head, fresh, live;
	uint32_t bucket[BUCKETS];
	struct talk talk[TALKS_MAX];
};

/* ---- The table ---- */

static struct talk *
talk_at(struct dhcp_shared *s, uint32_t handle)
{
	return &s->talk[handle - 1];
}

static uint32_t *
bucket_of(struct dhcp_shared *s, uint32_t xid, const uint8_t *chaddr)
{
	uint64_t h[2];

	/* Ids and addresses are for anyone to choose, but the table is small
	 * and a chain no longer than it: a seed is not worth its keeping. */
	memcpy(h, chaddr, sizeof(h));
	h[0] = nj_mix64(h[0] ^ nj_mix64(h[1] ^ xid));
	return &s->bucket[h[0] & (BUCKETS - 1)];
}

static uint32_t
talk_find(struct dhcp_shared *s, const struct nj_dhcp_msg *m)
{
	uint32_t at = *bucket_of(s, m->xid, m->chaddr);

	while (at) {
		struct talk *t = talk_at(s, at);

		if (t->xid == m->xid &&
			memcmp(t->chaddr, m->chaddr, NJ_DHCP_CHADDR_BYTES) == 0)
			return at;
		at = t->hash_next;
	}
	return 0;
}

static void
queue_add(struct dhcp_shared *s, uint32_t handle)
{
	struct talk *t = talk_at(s, handle);
	struct queue *q = &s->queue[t->looked_at];

	t->next = 0;
	t->prev = q->tail;
	if (q->tail)
		talk_at(s, q->tail)->next = handle;
	else
		q->head = handle;
	q->tail = handle;
}

static void
queue_remove(struct dhcp_shared *s, uint32_t handle)
{
	struct talk *t = talk_at(s, handle);
	struct queue *q = &s->queue[t->looked_at];

	if (t->next)
		talk_at(s, t->next)->prev = t->prev;
	else
		q->tail = t->prev;
	if (t->prev)
		talk_at(s, t->prev)->next = t->next;
	else
		q->head = t->next;
}

/* The talk that must be looked at first, or 0. */
static uint32_t
queue_first(struct dhcp_shared *s)
{
	uint32_t a = s->queue[0].head, b = s->queue[1].head;

	if (!a || !b)
		return a ? a : b;
	return talk_at(s, a)->look_ns <= talk_at(s, b)->look_ns ? a : b;
}

static void
talk_remove(struct dhcp_shared *s, uint32_t handle)
{
	struct talk *t = talk_at(s, handle);
	uint32_t *at = bucket_of(s, t->xid, t->chaddr);

	while (*at != handle)
		at = &talk_at(s, *at)->hash_next;
	*at = t->hash_next;
	queue_remove(s, handle);
	t->hash_next = s->free_head;
	s->free_head = handle;
	s->live--;
}

/* ---- Telling ---- */

/* What a record's views lead to while it is told. */
struct telling {
	struct nj_view types[TYPES_MAX], uids[UIDS_MAX];
	char uid_text[UIDS_MAX][NJ_UID_CAP];
	uint64_t params[PARAMS_MAX];
	struct nj_addr routers[ADDRS_MAX], dns[ADDRS_MAX];
	char mac[3 * MAC_BYTES_MAX];
};

static const char *const type_names[] = { NULL, "DISCOVER", "OFFER", "REQUEST",
	"DECLINE", "ACK", "NAK", "RELEASE", "INFORM", "FORCERENEW",
	"LEASEQUERY", "LEASEUNASSIGNED", "LEASEUNKNOWN", "LEASEACTIVE",
	"BULKLEASEQUERY", "LEASEQUERYDONE", "ACTIVELEASEQUERY",
	"LEASEQUERYSTATUS", "TLS" };

static struct nj_view
mac_text(const struct talk *t, char room[3 * MAC_BYTES_MAX])
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (unsigned i = 0; i < t->mac_len; i++) {
		if (i)
			room[n++] = ':';
		room[n++] = hex[t->mac[i] >> 4];
		room[n++] = hex[t->mac[i] & 15];
	}
	return (struct nj_view){ n ? (const uint8_t *)room : NULL, n };
}

static struct nj_vaddr
addrs_vec(struct nj_addr *room, uint8_t list[][4], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		room[i] = nj_addr4(list[i]);
	return (struct nj_vaddr){ n ? room : NULL, n };
}

static void
tell_vectors(struct dhcp_event *ev, struct talk *t, struct telling *room)
{
	for (unsigned i = 0; i < t->types; i++)
		room->types[i] = nj_str(type_names[t->type[i]]);
	ev->msg_types = (struct nj_vstr){ room->types, t->types };
	for (unsigned i = 0; i < t->uids; i++) {
		nj_uid_format('C', t->uid[i], room->uid_text[i]);
		room->uids[i] = nj_str(room->uid_text[i]);
	}
	ev->uids = (struct nj_vstr){ room->uids, t->uids };
	for (unsigned i = 0; i < t->param_count; i++)
		room->params[i] = t->param[i];
	if (t->param_count)
		ev->param_list =
			(struct nj_vu64){ room->params, t->param_count };
	ev->routers = addrs_vec(room->routers, t->routers, t->router_count);
	ev->dns_servers = addrs_vec(room->dns, t->dns, t->dns_count);
}

static struct nj_view
talk_text(const struct talk *t, enum nj_dhcp_text i)
{
	if (!t->text_len[i])
		return (struct nj_view){ 0 };
	return (struct nj_view){ t->text + t->text_at[i], t->text_len[i] };
}

/* What a client calls its kind is its program's name, mostly. */
static void
tell_software(struct nj_dctx *d, const struct talk *t)
{
	struct nj_software_found f = { .type = "DHCP::CLIENT",
		.host = t->assigned.family ? t->assigned : t->client,
		.text = talk_text(t, NJ_DHCP_VENDOR),
		.ours = true };

	nj_software_tell(d, &f);
}

static void
tell(struct nj_dctx *d, struct talk *t)
{
	struct nj_head head = { .ts_ns = t->began_ns };
	struct dhcp_event ev = { 0 };
	struct telling room;

	tell_vectors(&ev, t, &room);
	ev.client_addr = t->client;
	ev.server_addr = t->server;
	ev.requested_addr = t->requested;
	ev.assigned_addr = t->assigned;
	ev.relay_addr = t->relay;
	ev.mac = mac_text(t, room.mac);
	ev.host_name = talk_text(t, NJ_DHCP_HOST);
	ev.client_fqdn = talk_text(t, NJ_DHCP_FQDN);
	ev.domain = talk_text(t, NJ_DHCP_DOMAIN);
	ev.client_message = talk_text(t, NJ_DHCP_CLIENT_MESSAGE);
	ev.server_message = talk_text(t, NJ_DHCP_SERVER_MESSAGE);
	ev.vendor_class = talk_text(t, NJ_DHCP_VENDOR);
	ev.user_class = talk_text(t, NJ_DHCP_USER);
	ev.circuit_id = talk_text(t, NJ_DHCP_CIRCUIT);
	ev.agent_remote_id = talk_text(t, NJ_DHCP_REMOTE);
	ev.subscriber_id = talk_text(t, NJ_DHCP_SUBSCRIBER);
	ev.wpad = talk_text(t, NJ_DHCP_WPAD);
	ev.boot_file = talk_text(t, NJ_DHCP_BOOT);
	if (t->has_lease)
		nj_set(&ev, dhcp, lease_time, t->lease_ns);
	nj_set(&ev, dhcp, duration, t->last_ns - t->began_ns);
	(void)nj_emit_head(d, &dhcp_desc, &head, &ev);
	tell_software(d, t);
}

static void
tell_and_remove(struct nj_dctx *d, struct dhcp_shared *s, uint32_t handle)
{
	tell(d, talk_at(s, handle));
	talk_remove(s, handle);
}

static void
wake_for_first(struct nj_dctx *d, struct dhcp_shared *s)
{
	uint32_t first = queue_first(s);

	if (first)
		nj_wake(d, talk_at(s, first)->look_ns);
}

static void
dhcp_tick(struct nj_dctx *d, bool finish)
{
	struct dhcp_shared *s = nj_shared(d);
	int64_t now = nj_now(d);
	uint32_t at;

	while ((at = queue_first(s))) {
		struct talk *t = talk_at(s, at);

		if (!finish && t->look_ns > now)
			break;
		if (finish || now - t->last_ns > SILENT_NS ||
			now - t->began_ns > AGE_NS) {
			tell_and_remove(d, s, at);
			continue;
		}
		queue_remove(s, at);
		t->looked_at = true;
		t->look_ns += NEXT_LOOK_NS;
		queue_add(s, at);
	}
	wake_for_first(d, s);
}

/* ---- Collecting ---- */

/* A talk for the message: the one that goes on, or a new one. */
static struct talk *
talk_get(struct nj_dctx *d, struct dhcp_shared *s, const struct nj_dhcp_msg *m,
	uint32_t *handle)
{
	uint32_t *bucket = bucket_of(s, m->xid, m->chaddr);
	struct talk *t;

	*handle = talk_find(s, m);
	if (*handle)
		return talk_at(s, *handle);
	if (s->live == TALKS_MAX) {
		nj_odd(d, ODD_TABLE);
		tell_and_remove(d, s, queue_first(s));
	}
	*handle = s->free_head ? s->free_head : ++s->fresh;
	t = talk_at(s, *handle);
	if (s->free_head)
		s->free_head = t->hash_next;
	s->live++;
	*t = (struct talk){ .began_ns = nj_now(d), .xid = m->xid };
	t->look_ns = t->began_ns + FIRST_LOOK_NS;
	memcpy(t->chaddr, m->chaddr, NJ_DHCP_CHADDR_BYTES);
	t->hash_next = *bucket;
	*bucket = *handle;
	queue_add(s, *handle);
	return t;
}

static void
set_text(struct talk *t, enum nj_dhcp_text i, struct nj_view v)
{
	size_t n = nj_min(v.len, UINT8_MAX);

	if (!n)
		return;
	/* What it replaces is mostly as long, or the same. */
	if (n > t->text_len[i]) {
		if (n > sizeof(t->text) - t->text_used)
			return;
		t->text_at[i] = t->text_used;
		t->text_used = (uint16_t)(t->text_used + n);
	}
	memcpy(t->text + t->text_at[i], v.data, n);
	t->text_len[i] = (uint8_t)n;
}

static void
set_mac(struct talk *t, struct nj_view v, bool from_client)
{
	if (!v.len)
		return;
	/* 16 bytes of room hold a MAC of 6, or of 8 where the two that
	 * follow are not empty. */
	v.len = v.len >= 8 && (v.data[6] || v.data[7]) ? 8 : nj_min(v.len, 6u);
	memcpy(t->mac, v.data, v.len);
	t->mac_len = (uint8_t)v.len;
	t->mac_from_client = from_client;
}

static void
collect_addrs(uint8_t list[ADDRS_MAX][4], uint8_t *count, struct nj_view v)
{
	if (v.len < 4)
		return;
	*count = (uint8_t)nj_min(v.len / 4, (size_t)ADDRS_MAX);
	memcpy(list, v.data, *count * 4u);
}

static bool
is_set(const uint8_t addr[4])
{
	return (addr[0] | addr[1] | addr[2] | addr[3]) != 0;
}

static void
collect_client(struct talk *t, const struct nj_dhcp_msg *m, struct nj_addr from)
{
	static const uint8_t everyone[4] = { 255, 255, 255, 255 };

	/* A relay speaks in the client's name from an address of its own. */
	if (is_set(m->giaddr)) {
		t->relay = nj_addr4(m->giaddr);
		if (is_set(m->ciaddr))
			t->client = nj_addr4(m->ciaddr);
	} else if (from.family == 4 && is_set(from.bytes) &&
		   memcmp(from.bytes, everyone, 4) != 0) {
		t->client = from;
	}
	if (m->client_mac.len)
		set_mac(t, m->client_mac, true);
	else if (!t->mac_from_client && !t->mac_len)
		set_mac(t, (struct nj_view){ m->chaddr, NJ_DHCP_CHADDR_BYTES },
			false);
	if (m->requested.len == 4)
		t->requested = nj_addr4(m->requested.data);
	if (m->params.len) {
		t->param_count =
			(uint8_t)nj_min(m->params.len, sizeof(t->param));
		memcpy(t->param, m->params.data, t->param_count);
	}
}

static void
collect_server(struct talk *t, const struct nj_dhcp_msg *m, struct nj_addr from)
{
	struct nj_cur c = nj_cur(m->lease);

	if (is_set(m->giaddr))
		t->relay = nj_addr4(m->giaddr);
	if (is_set(m->yiaddr)) {
		t->server = from;
		t->assigned = nj_addr4(m->yiaddr);
	}
	if (!t->mac_len)
		set_mac(t, (struct nj_view){ m->chaddr, NJ_DHCP_CHADDR_BYTES },
			false);
	if (!t->client.family && t->assigned.family)
		t->client = t->assigned;
	if (m->lease.len == 4) {
		t->lease_ns = nj_cur_u32(&c) * NJ_NS_PER_S;
		t->has_lease = true;
	}
	collect_addrs(t->routers, &t->router_count, m->routers);
	collect_addrs(t->dns, &t->dns_count, m->dns);
}

/* What only one side may say. */
static bool
text_is_from(enum nj_dhcp_text i, bool client)
{
	switch (i) {
	case NJ_DHCP_HOST:
	case NJ_DHCP_FQDN:
	case NJ_DHCP_VENDOR:
	case NJ_DHCP_USER:
		return client;
	case NJ_DHCP_DOMAIN:
	case NJ_DHCP_WPAD:
	case NJ_DHCP_BOOT:
		return !client;
	default:
		return true;
	}
}

static void
collect(struct nj_dctx *d, struct talk *t, struct nj_dhcp_msg *m,
	enum nj_dir dir)
{
	struct nj_addr from = nj_addr_of(d, dir);
	bool client = m->op == NJ_DHCP_OP_REQUEST;
	uint8_t name[256];
	uint64_t uid[2];
	unsigned i = 0;

	nj_uid_of(d, uid);
	while (i < t->uids && memcmp(t->uid[i], uid, sizeof(uid)) != 0)
		i++;
	if (i == t->uids && i < UIDS_MAX)
		memcpy(t->uid[t->uids++], uid, sizeof(uid));
	if (t->types < TYPES_MAX)
		t->type[t->types++] = m->type;
	t->last_ns = nj_now(d);
	if (client)
		collect_client(t, m, from);
	else
		collect_server(t, m, from);
	m->text[NJ_DHCP_FQDN] = nj_dhcp_fqdn(m->text[NJ_DHCP_FQDN], name);
	for (i = 0; i < NJ_DHCP_TEXTS; i++)
		if (text_is_from((enum nj_dhcp_text)i, client))
			set_text(t, (enum nj_dhcp_text)i, m->text[i]);
}

static enum nj_verdict
dhcp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct dhcp_shared *s = nj_shared(d);
	struct nj_dhcp_msg m;
	struct talk *t;
	uint32_t handle;

	nj_confirm(d); /* the probe has seen that it is */
	if (!nj_dhcp_read(&m, v))
		return NJ_MORE;
	if (m.odd)
		nj_odd(d, ODD_OPTION);
	nj_dhcp_eve(d, dir, &m,
		m.type < nj_countof(type_names) ? type_names[m.type] : NULL);
	if (!m.type)
		return NJ_MORE; /* BOOTP: nothing is leased */
	if (m.type >= nj_countof(type_names)) {
		nj_odd(d, ODD_TYPE);
		return NJ_MORE;
	}
	t = talk_get(d, s, &m, &handle);
	collect(d, t, &m, dir);
	if (t->uids == UIDS_MAX || t->types == TYPES_MAX)
		tell_and_remove(d, s, handle);
	wake_for_first(d, s);
	return NJ_MORE;
}

static enum nj_verdict
dhcp_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t op = nj_cur_u8(&c), htype = nj_cur_u8(&c);
	uint8_t hlen = nj_cur_u8(&c), hops = nj_cur_u8(&c);
	bool known = false;

	(void)dir;
	if (c.bad || (op != NJ_DHCP_OP_REQUEST && op != NJ_DHCP_OP_REPLY) ||
		hlen > 16 || hops > 16 || !htype)
		return NJ_REJECT;
	nj_cur_skip(&c, NJ_DHCP_FIXED_BYTES - 4);
	if (c.bad)
		return NJ_REJECT;
	if (nj_cur_u32(&c) == NJ_DHCP_MAGIC)
		return NJ_ACCEPT;
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++) {
		uint16_t port = nj_port_of(d, (enum nj_dir)i);

		known |= port == PORT_SERVER || port == PORT_CLIENT;
	}
	/* BOOTP as it was before RFC 1048 has no cookie. */
	return known && htype == NJ_DHCP_HTYPE_ETHERNET && hlen == 6 &&
			       v.len == 300
		       ? NJ_ACCEPT
		       : NJ_REJECT;
}

const struct nj_dissector nj_dissector_dhcp = {
	.name = "dhcp",
	.title = "DHCP",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT_SERVER },
		{ NJ_UDP, PORT_CLIENT }, { NJ_UDP, PORT_PROXY }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &dhcp_desc,
		&eve_dhcp_desc, &software_desc, NULL },
	.oddities = oddities,
	.shared_bytes = sizeof(struct dhcp_shared),
	.probe = dhcp_probe,
	.datagram = dhcp_datagram,
	.tick = dhcp_tick,
};
