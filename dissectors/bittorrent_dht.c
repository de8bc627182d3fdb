/*
 * bittorrent_dht.c - who has which torrent, as peers ask each other without a
 * tracker: BitTorrent's DHT (BEP 5), one record a message.
 *
 * Why we tell it: a device that asks is one that shares files, or malware
 * that finds its masters so; what is sought is its info hash.
 */
#include "dissectors/shared/bencode.h"
#include "dissectors/shared/hex.h"
#include "dissectors/shared/odd_eve.h"
#include "engine/base/json.h"
#include "engine/dissect/dissector.h"

#define BITTORRENT_DHT(F, tag)                                                 \
	F(tag, 1, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 2, STR, type, NJ_LEARN, "request, response or error")           \
	F(tag, 3, STR, request_type, NJ_INDEX | NJ_LEARN,                      \
		"ping, find_node, get_peers or announce_peer")                 \
	F(tag, 4, STR, transaction_id, 0, "Transaction, hexadecimal")          \
	F(tag, 5, STR, id, NJ_INDEX, "Node that speaks, hexadecimal")          \
	F(tag, 6, STR, target, NJ_INDEX, "Node that is sought, hexadecimal")   \
	F(tag, 7, STR, info_hash, NJ_INDEX, "Torrent, hexadecimal")            \
	F(tag, 8, STR, token, 0, "Leave to announce, hexadecimal")             \
	F(tag, 9, U16, port, NJ_OPT, "Port that is announced")                 \
	F(tag, 10, U8, implied_port, NJ_OPT, "1: the datagram's port counts")  \
	F(tag, 11, VADDR, peers, NJ_INDEX, "Who has the torrent")              \
	F(tag, 12, VU64, peer_ports, 0, "Their ports, in the same order")      \
	F(tag, 13, STR, nodes, 0, "Nodes to ask, as they came, hexadecimal")   \
	F(tag, 14, I64, error_num, NJ_OPT | NJ_LEARN, "Number of the error")   \
	F(tag, 15, STR, error_msg, 0, "Text of the error")                     \
	F(tag, 16, STR, client_version, NJ_INDEX, "Program, hexadecimal")

NJ_EVENT(bittorrent_dht, BITTORRENT_DHT, "One message of BitTorrent's DHT");

#define EVE_DHT(F, tag)                                                        \
	F(tag, 1, STR, bittorrent_dht__transaction_id, 0, "Transaction")       \
	F(tag, 2, STR, bittorrent_dht__client_version, 0, "Program")           \
	F(tag, 3, STR, bittorrent_dht__request_type, 0, "What is asked")       \
	F(tag, 4, STR, bittorrent_dht__request__id, 0, "Who asks")             \
	F(tag, 5, STR, bittorrent_dht__request__target, 0, "Node sought")      \
	F(tag, 6, STR, bittorrent_dht__request__info_hash, 0, "Torrent")       \
	F(tag, 7, STR, bittorrent_dht__request__token, 0, "Leave to announce") \
	F(tag, 8, U8, bittorrent_dht__request__implied_port, NJ_OPT,           \
		"The datagram's port counts")                                  \
	F(tag, 9, U16, bittorrent_dht__request__port, NJ_OPT,                  \
		"Port announced")                                              \
	F(tag, 10, STR, bittorrent_dht__response__id, 0, "Who answers")        \
	F(tag, 11, STR, bittorrent_dht__response__token, 0,                    \
		"Leave to announce")                                           \
	F(tag, 12, STR, bittorrent_dht__response__values, NJ_JSON,             \
		"Who has the torrent")                                         \
	F(tag, 13, I64, bittorrent_dht__error__num, NJ_OPT, "Error's number")  \
	F(tag, 14, STR, bittorrent_dht__error__msg, 0, "Error's text")

NJ_EVENT_X(eve_bittorrent_dht, EVE_DHT, NJ_EV_EVE,
	"One message of BitTorrent's DHT");

enum { KEYS_MAX = 32, PEERS_MAX = 64, NODES_MAX = 26 * 16 };

struct message {
	struct nj_dctx *d;
	struct bittorrent_dht_event ev;
	struct nj_addr peers[PEERS_MAX];
	uint64_t ports[PEERS_MAX];
	uint32_t count;
	uint8_t kind; /* q, r, e */
};

static bool
is(struct nj_view v, const char *text)
{
	return nj_view_eq(v, nj_str(text));
}

/* Compact peers: address and port (BEP 5, BEP 32). */
static void
values(struct message *m, struct nj_cur *c)
{
	if (!nj_ben_is(c, 'l')) {
		nj_ben_skip(c);
		return;
	}
	nj_cur_skip(c, 1);
	while (!nj_ben_is(c, 'e') && !c->bad) {
		struct nj_view v = nj_ben_string(c);
		size_t n = v.len == 18 ? 16 : 4;

		if ((v.len != 6 && v.len != 18) || m->count == PEERS_MAX)
			continue;
		m->peers[m->count] =
			n == 4 ? nj_addr4(v.data) : nj_addr6(v.data);
		m->ports[m->count++] = (uint64_t)v.data[n] << 8 | v.data[n + 1];
	}
	nj_cur_skip(c, 1);
}

/* A key of "a" or "r" whose value is a number; false if it is none. */
static bool
number_key(struct message *m, struct nj_view key, struct nj_cur *c)
{
	int64_t n;

	if (!nj_ben_is(c, 'i'))
		return false;
	n = nj_ben_int(c);
	if (is(key, "port") && n >= 0 && n <= 0xffff)
		nj_set(&m->ev, bittorrent_dht, port, (uint16_t)n);
	else if (is(key, "implied_port"))
		nj_set(&m->ev, bittorrent_dht, implied_port, n != 0);
	return true;
}

static void
inner_key(struct message *m, struct nj_view key, struct nj_cur *c)
{
	struct {
		const char *key;
		struct nj_view *to;
	} const known[] = { { "id", &m->ev.id }, { "target", &m->ev.target },
		{ "info_hash", &m->ev.info_hash }, { "token", &m->ev.token },
		{ "nodes", &m->ev.nodes }, { "nodes6", &m->ev.nodes } };
	struct nj_view v;

	if (is(key, "values")) {
		values(m, c);
		return;
	}
	if (number_key(m, key, c))
		return;
	if (nj_ben_is(c, 'd') || nj_ben_is(c, 'l')) {
		nj_ben_skip(c);
		return;
	}
	v = nj_ben_string(c);
	for (unsigned i = 0; i < nj_countof(known); i++)
		if (is(key, known[i].key) && !known[i].to->data)
			*known[i].to = nj_hex(m->d, nj_sub(v, 0, NODES_MAX));
}

/* What is asked or answered: "d ... e". */
static void
inner(struct message *m, struct nj_cur *c)
{
	if (!nj_ben_is(c, 'd')) {
		nj_ben_skip(c);
		return;
	}
	nj_cur_skip(c, 1);
	for (unsigned i = 0; i < KEYS_MAX && !nj_ben_is(c, 'e') && !c->bad;
		i++) {
		struct nj_view key = nj_ben_string(c);

		inner_key(m, key, c);
	}
	if (nj_cur_u8(c) != 'e')
		c->bad = true;
}

/* "l i201e 5:Error e" */
static void
error_read(struct message *m, struct nj_cur *c)
{
	struct nj_cur list = *c;

	nj_ben_skip(c);
	nj_cur_skip(&list, 1);
	if (nj_ben_is(&list, 'i')) {
		int64_t n = nj_ben_int(&list);

		if (!list.bad)
			nj_set(&m->ev, bittorrent_dht, error_num, n);
	}
	if (!nj_ben_is(&list, 'e'))
		m->ev.error_msg = nj_ben_string(&list);
	m->kind = m->kind ? m->kind : 'e';
}

static void
outer_key(struct message *m, struct nj_view key, struct nj_cur *c)
{
	uint8_t ch = key.len == 1 ? key.data[0] : 0;
	struct nj_view v;

	if (ch == 'a' || ch == 'r') {
		inner(m, c);
		return;
	}
	if (ch == 'e' && nj_ben_is(c, 'l')) {
		error_read(m, c);
		return;
	}
	if (nj_ben_is(c, 'd') || nj_ben_is(c, 'l') || nj_ben_is(c, 'i')) {
		nj_ben_skip(c);
		return;
	}
	v = nj_ben_string(c);
	if (ch == 'q')
		m->ev.request_type = v;
	else if (ch == 't')
		m->ev.transaction_id = v.len ? nj_hex(m->d, v) : NJ_LIT("");
	else if (ch == 'v')
		m->ev.client_version = nj_hex(m->d, v);
	else if (ch == 'y' && v.len == 1)
		m->kind = v.data[0];
}

/* A dictionary that is all of the datagram and says what it is. */
static bool
message_read(struct message *m, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	if (nj_cur_u8(&c) != 'd')
		return false;
	for (unsigned i = 0; i < KEYS_MAX && !nj_ben_is(&c, 'e') && !c.bad;
		i++) {
		struct nj_view key = nj_ben_string(&c);

		if (!c.bad)
			outer_key(m, key, &c);
	}
	if (nj_cur_u8(&c) != 'e' || c.bad || nj_cur_left(&c))
		return false;
	return m->kind == 'q' || m->kind == 'r' || m->kind == 'e';
}

static struct nj_view
peers_json(struct message *m)
{
	enum { ROOM = 64 * (PEERS_MAX + 1) };
	uint8_t *room = m->count ? nj_arena(m->d, ROOM) : NULL;
	struct nj_json j;

	if (!room)
		return (struct nj_view){ 0 };
	nj_json_init(&j, nj_buf_fixed(room, ROOM));
	nj_json_arr(&j, NULL);
	for (uint32_t i = 0; i < m->count; i++) {
		nj_json_obj(&j, NULL);
		nj_json_addr(&j, "ip", &m->peers[i]);
		nj_json_u64(&j, "port", m->ports[i]);
		nj_json_end(&j);
		if (!nj_json_keep(&j))
			break;
	}
	return nj_json_view(&j);
}

static void
eve_request(struct eve_bittorrent_dht_event *to,
	const struct bittorrent_dht_event *ev)
{
	to->bittorrent_dht__request_type = ev->request_type;
	to->bittorrent_dht__request__id = ev->id;
	to->bittorrent_dht__request__target = ev->target;
	to->bittorrent_dht__request__info_hash = ev->info_hash;
	to->bittorrent_dht__request__token = ev->token;
	if (nj_has(ev, bittorrent_dht, port))
		nj_set(to, eve_bittorrent_dht, bittorrent_dht__request__port,
			ev->port);
	if (nj_has(ev, bittorrent_dht, implied_port))
		nj_set(to, eve_bittorrent_dht,
			bittorrent_dht__request__implied_port,
			ev->implied_port);
}

static void
eve_tell(struct nj_dctx *d, enum nj_dir dir, struct message *m)
{
	struct eve_bittorrent_dht_event to = { 0 };
	const struct bittorrent_dht_event *ev = &m->ev;

	if (!nj_wanted(d, &eve_bittorrent_dht_desc))
		return;
	if (!ev->transaction_id.data) /* BEP 5: every message has one */
		nj_odd_eve(d, "bittorrent-dht", "malformed_packet", dir);
	to.bittorrent_dht__transaction_id =
		ev->transaction_id.data ? ev->transaction_id : NJ_LIT("");
	to.bittorrent_dht__client_version = ev->client_version;
	if (m->kind == 'q') {
		eve_request(&to, ev);
	} else if (m->kind == 'r') {
		to.bittorrent_dht__response__id = ev->id;
		to.bittorrent_dht__response__token = ev->token;
		to.bittorrent_dht__response__values = peers_json(m);
	} else {
		if (nj_has(ev, bittorrent_dht, error_num))
			nj_set(&to, eve_bittorrent_dht,
				bittorrent_dht__error__num, ev->error_num);
		to.bittorrent_dht__error__msg = ev->error_msg;
	}
	(void)nj_emit_dir(d, &eve_bittorrent_dht_desc, &to, dir);
}

static enum nj_verdict
dht_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct message *m = nj_arena(d, sizeof(*m));

	if (!m)
		return NJ_MORE;
	memset(m, 0, sizeof(*m));
	m->d = d;
	/* uTP shares the flow, and begins otherwise. */
	if (!message_read(m, v))
		return NJ_REJECT;
	m->ev.is_orig = dir == NJ_ORIG;
	m->ev.type = nj_str(m->kind == 'q'   ? "request"
			    : m->kind == 'r' ? "response"
					     : "error");
	if (m->count) {
		m->ev.peers = (struct nj_vaddr){ m->peers, m->count };
		m->ev.peer_ports = (struct nj_vu64){ m->ports, m->count };
	}
	(void)nj_emit(d, &bittorrent_dht_desc, &m->ev);
	eve_tell(d, dir, m);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_bittorrent_dht = {
	.name = "bittorrent_dht",
	.title = "BitTorrent's DHT",
	.sigs = (const struct nj_sig[]){ { "^d1:(ad|el|rd|ql|q[0-9]|y1:[qre])",
						 NJ_SIG_UDP },
		{ "^d2:ip(6|18):.{6,18}1:[re]", NJ_SIG_UDP }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &bittorrent_dht_desc,
		&eve_bittorrent_dht_desc, &eve_anomaly_desc, NULL },
	.datagram = dht_datagram,
};
