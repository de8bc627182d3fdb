/*
 * stun.c - how two sides find each other through firewalls: STUN (RFC 8489,
 * and RFC 3489 on its port) and TURN (RFC 8656), over UDP and TCP, and what
 * then shares the flow with them: DTLS, RTP and RTCP, told apart by their
 * first byte (RFC 7983), inside of TURN's channels too.
 *
 * Why we tell them: a binding names the address behind which a device hides,
 * an allocation is a tunnel to peers that no flow shows, and the software of
 * either side says who calls. A message that repeats what the flow has told
 * is passed over, for they are sent every few seconds.
 * Not done: message integrity, which nobody who looks on can check.
 */
#include "dissectors/shared/hex.h"
#include "dissectors/shared/sum.h"
#include "engine/dissect/dissector.h"

#define STUN(F, tag)                                                           \
	F(tag, 1, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 2, STR, trans_id, NJ_INDEX, "Transaction, hexadecimal")         \
	F(tag, 3, STR, class, NJ_LEARN,                                        \
		"request, indication, success or error")                       \
	F(tag, 4, STR, method, NJ_INDEX | NJ_LEARN, "What is asked for")       \
	F(tag, 5, STR, software, NJ_INDEX | NJ_LEARN, "Program of the sender") \
	F(tag, 6, STR, username, NJ_INDEX | NJ_PII, "Name of the log-in")      \
	F(tag, 7, STR, realm, NJ_INDEX, "Realm of the log-in")                 \
	F(tag, 8, ADDR, mapped__host, NJ_INDEX,                                \
		"Address that the server sees")                                \
	F(tag, 9, U16, mapped_p, NJ_OPT, "Port that the server sees")          \
	F(tag, 10, ADDR, relayed__host, NJ_INDEX, "Address of the relay")      \
	F(tag, 11, U16, relayed_p, NJ_OPT, "Port of the relay")                \
	F(tag, 12, ADDR, peer__host, NJ_INDEX, "Peer beyond the relay")        \
	F(tag, 13, U16, peer_p, NJ_OPT, "Port of that peer")                   \
	F(tag, 14, U16, error_code, NJ_OPT | NJ_LEARN, "Number of the error")  \
	F(tag, 15, STR, error_reason, 0, "Text of the error")                  \
	F(tag, 16, IVAL, lifetime, NJ_OPT, "How long an allocation lasts")     \
	F(tag, 17, BOOL, use_candidate, NJ_OPT,                                \
		"ICE: this pair of addresses is the chosen one")

NJ_EVENT(stun, STUN, "One STUN or TURN message that tells something new");

enum { ODD_ATTRIBUTE };
static const struct nj_oddity oddities[] = {
	[ODD_ATTRIBUTE] = { "stun_attribute",
		"An attribute that is longer than its message" },
	{ 0 }
};

enum { SERVICE_STUN, SERVICE_TURN };
static const char *const services[] = { "stun", "turn", NULL };

enum {
	PORT = 3478,
	PORT_OTHER = 3479, /* the server's second, to tell kinds of NAT */
	COOKIE = 0x2112a442,
	HEAD = 20,
	RECORDS_MAX = 32, /* of a flow */
	ATTRIBUTES_MAX = 64,
	CHILD_TRIES = 3,
	CHANNEL_HEAD = 4
};

enum attribute {
	MAPPED_ADDRESS = 0x0001,
	USERNAME = 0x0006,
	ERROR_CODE = 0x0009,
	LIFETIME = 0x000d,
	XOR_PEER_ADDRESS = 0x0012,
	DATA = 0x0013,
	REALM = 0x0014,
	XOR_RELAYED_ADDRESS = 0x0016,
	XOR_MAPPED_ADDRESS = 0x0020,
	USE_CANDIDATE = 0x0025,
	XOR_MAPPED_ADDRESS_OLD = 0x8020, /* of drafts, and still met */
	SOFTWARE = 0x8022
};

struct child {
	unsigned number;
	uint8_t tries;
};

struct state {
	struct nj_told told;
	uint8_t records;
	bool sure, turn, framed;
	struct child dtls, rtp;
};

struct message {
	uint16_t type;
	bool old; /* without the cookie */
	struct nj_view id, attributes, data;
};

static const char *
method_name(uint16_t method)
{
	switch (method) {
	case 0x001:
		return "binding";
	case 0x002:
		return "shared-secret";
	case 0x003:
		return "allocate";
	case 0x004:
		return "refresh";
	case 0x006:
		return "send";
	case 0x007:
		return "data";
	case 0x008:
		return "create-permission";
	case 0x009:
		return "channel-bind";
	case 0x00a:
		return "connect";
	case 0x00b:
		return "connection-bind";
	case 0x00c:
		return "connection-attempt";
	case 0x080:
		return "goog-ping";
	default:
		return NULL;
	}
}

/* The bits of the class lie between those of the method (section 5). */
static uint16_t
method_of(uint16_t type)
{
	return (uint16_t)((type & 0x000f) | (type & 0x00e0) >> 1 |
			  (type & 0x3e00) >> 2);
}

static struct nj_view
class_of(uint16_t type)
{
	static const char *const names[] = { "request", "indication", "success",
		"error" };

	return nj_str(names[(type >> 4 & 1) | (type >> 7 & 2)]);
}

/* The head of a message that is wholly in v, or at its front; false if it is
 * none. */
static bool
message_read(struct nj_view v, struct message *m)
{
	struct nj_cur c = nj_cur(v);
	uint16_t len;
	uint32_t cookie;

	m->type = nj_cur_u16(&c);
	len = nj_cur_u16(&c);
	cookie = nj_cur_u32(&c);
	m->old = cookie != COOKIE;
	m->id = nj_cur_take(&c, 12);
	m->attributes = nj_cur_take(&c, len);
	m->data = (struct nj_view){ 0 };
	return !c.bad && !(m->type & 0xc000) && len % 4 == 0;
}

/* ---- Attributes ---- */

struct place {
	struct nj_addr host;
	uint16_t port;
};

/* XORed with the cookie, and for IPv6 the transaction, lest gateways that
 * rewrite addresses find it (section 14.2). */
static struct place
place_read(struct nj_view v, const struct message *m, bool xored)
{
	struct nj_cur c = nj_cur(v);
	struct place p = { 0 };
	struct nj_view bytes;
	uint8_t family, plain[16], mask[16] = { 0x21, 0x12, 0xa4, 0x42 };

	nj_cur_skip(&c, 1);
	family = nj_cur_u8(&c);
	p.port = nj_cur_u16(&c);
	bytes = nj_cur_take(&c, family == 2 ? 16 : 4);
	if (c.bad || family < 1 || family > 2)
		return (struct place){ 0 };
	memcpy(mask + 4, m->id.data, 12);
	for (size_t i = 0; i < bytes.len; i++)
		plain[i] = bytes.data[i] ^ (xored ? mask[i] : 0);
	if (xored)
		p.port ^= COOKIE >> 16;
	p.host = family == 2 ? nj_addr6(plain) : nj_addr4(plain);
	return p;
}

static void
error_read(struct stun_event *ev, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	unsigned hundreds, rest;

	nj_cur_skip(&c, 2);
	hundreds = nj_cur_u8(&c) & 7;
	rest = nj_cur_u8(&c);
	if (c.bad || rest > 99)
		return;
	nj_set(ev, stun, error_code, (uint16_t)(hundreds * 100 + rest));
	ev->error_reason = nj_cur_rest(&c);
}

static void
place_set(struct stun_event *ev, uint16_t type, struct nj_view v,
	const struct message *m)
{
	struct place p = place_read(v, m, type != MAPPED_ADDRESS);

	if (!p.host.family)
		return;
	if (type == XOR_RELAYED_ADDRESS) {
		ev->relayed__host = p.host;
		nj_set(ev, stun, relayed_p, p.port);
	} else if (type == XOR_PEER_ADDRESS) {
		ev->peer__host = p.host;
		nj_set(ev, stun, peer_p, p.port);
	} else if (type != MAPPED_ADDRESS || !ev->mapped__host.family) {
		ev->mapped__host = p.host;
		nj_set(ev, stun, mapped_p, p.port);
	}
}

static void
attribute_read(struct stun_event *ev, uint16_t type, struct nj_view v,
	struct message *m)
{
	struct nj_cur c = nj_cur(v);

	switch (type) {
	case MAPPED_ADDRESS:
	case XOR_PEER_ADDRESS:
	case XOR_RELAYED_ADDRESS:
	case XOR_MAPPED_ADDRESS:
	case XOR_MAPPED_ADDRESS_OLD:
		place_set(ev, type, v, m);
		break;
	case USERNAME:
		ev->username = nj_sub(v, 0, 513);
		break;
	case REALM:
		ev->realm = nj_sub(v, 0, 763);
		break;
	case SOFTWARE:
		ev->software = nj_sub(v, 0, 763);
		break;
	case ERROR_CODE:
		error_read(ev, v);
		break;
	case LIFETIME:
		nj_set(ev, stun, lifetime, nj_cur_u32(&c) * NJ_NS_PER_S);
		break;
	case USE_CANDIDATE:
		nj_set(ev, stun, use_candidate, true);
		break;
	case DATA:
		m->data = v;
		break;
	default:
		break;
	}
}

/* All attributes; false when one is longer than the message. ev may be NULL:
 * then they are only walked. */
static bool
attributes_read(struct stun_event *ev, struct message *m)
{
	struct nj_cur c = nj_cur(m->attributes);

	for (unsigned i = 0; i < ATTRIBUTES_MAX && nj_cur_left(&c); i++) {
		uint16_t type = nj_cur_u16(&c), len = nj_cur_u16(&c);
		struct nj_view v = nj_cur_take(&c, len);

		nj_cur_skip(&c, (4u - len % 4u) % 4u);
		if (c.bad)
			return false;
		if (ev)
			attribute_read(ev, type, v, m);
	}
	return true;
}

/* ---- Messages ---- */

/* Has the flow told this already? */
static bool
is_told(struct state *s, const struct message *m, const struct stun_event *ev)
{
	uint32_t sum = nj_sum(NJ_SUM_SEED, &m->type, sizeof(m->type));

	sum = nj_sum(sum, ev->mapped__host.bytes, 16);
	sum = nj_sum(sum, &ev->mapped_p, sizeof(ev->mapped_p));
	sum = nj_sum(sum, ev->peer__host.bytes, 16);
	sum = nj_sum(sum, &ev->error_code, sizeof(ev->error_code));
	sum = nj_sum(sum, ev->username.data, ev->username.len);
	sum += ev->is_orig;
	return nj_told(&s->told, sum);
}

static void
believe(struct nj_dctx *d, struct state *s, uint16_t method)
{
	if (!s->sure)
		nj_name_flow(d, SERVICE_STUN);
	s->sure = true;
	if (s->turn || method < 3 || method > 12)
		return;
	s->turn = true;
	nj_name_flow(d, SERVICE_TURN);
}

static void
message(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct message *m)
{
	uint16_t method = method_of(m->type);
	const char *name = method_name(method);
	struct stun_event ev = { .is_orig = dir == NJ_ORIG };

	believe(d, s, method);
	ev.class = class_of(m->type);
	ev.method =
		name ? nj_str(name) : nj_arena_printf(d, "unknown-%u", method);
	if (!attributes_read(&ev, m))
		nj_odd(d, ODD_ATTRIBUTE);
	/* Send and data indications are the data itself. */
	if (method == 6 || method == 7 || s->records >= RECORDS_MAX ||
		is_told(s, m, &ev))
		return;
	s->records++;
	ev.trans_id = nj_hex(d, m->id);
	(void)nj_emit(d, &stun_desc, &ev);
}

/* ---- What shares the flow ---- */

static void
child_feed(struct nj_dctx *d, struct child *c, const char *name,
	enum nj_dir dir, struct nj_view v)
{
	enum nj_verdict verdict;

	if (!c->number && c->tries < CHILD_TRIES) {
		c->number = nj_child_open(d, name, 0);
		c->tries++;
	}
	if (!c->number)
		return;
	verdict = nj_child_feed(d, c->number, dir, v);
	if (verdict == NJ_REJECT)
		c->number = 0;
}

/* RFC 7983 section 7. */
static void
others(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	if (!v.len)
		return;
	if (v.data[0] >= 20 && v.data[0] <= 63)
		child_feed(d, &s->dtls, "dtls", dir, v);
	else if (v.data[0] >= 128 && v.data[0] <= 191)
		child_feed(d, &s->rtp, "rtp", dir, v);
}

static struct nj_view
channel_data(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	nj_cur_skip(&c, 2);
	return nj_cur_take(&c, nj_cur_u16(&c));
}

static bool
is_hinted(const struct nj_dctx *d)
{
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++) {
		uint16_t port = nj_port_of(d, (enum nj_dir)i);

		if (port == PORT || port == PORT_OTHER)
			return true;
	}
	return false;
}

/* A datagram, or what a frame holds. False: it is nothing of ours. */
static bool
packet(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct message m;

	if (v.len && v.data[0] < 20 && message_read(v, &m) &&
		(!m.old || s->sure || is_hinted(d))) {
		message(d, s, dir, &m);
		others(d, s, dir, m.data);
		return true;
	}
	if (!s->sure)
		return false;
	if (v.len && v.data[0] >= 64 && v.data[0] <= 79)
		others(d, s, dir, channel_data(v));
	else
		others(d, s, dir, v);
	return true;
}

static enum nj_verdict
stun_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	if (!v.len || packet(d, nj_state(d), dir, v))
		return NJ_MORE;
	return NJ_REJECT;
}

/* Over TCP messages and channel data follow each other, the latter padded to
 * four bytes (RFC 8656 section 12.5). Gives the bytes of the next one; 0:
 * more is needed; SIZE_MAX: neither. */
static size_t
stream_one(
	struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct message m;
	uint16_t type = nj_cur_u16(&c), len = nj_cur_u16(&c);
	uint32_t cookie = nj_cur_u32(&c);
	size_t n;

	if (c.bad)
		return 0;
	if (type >= 0x4000 && type <= 0x4fff && s->sure) {
		n = CHANNEL_HEAD + ((len + 3u) & ~3u);
		if (v.len < n)
			return 0;
		others(d, s, dir, channel_data(v));
		return n;
	}
	if (type & 0xc000 || len % 4 || cookie != COOKIE)
		return SIZE_MAX;
	n = HEAD + (size_t)len;
	if (v.len < n)
		return 0;
	if (!message_read(nj_sub(v, 0, n), &m))
		return SIZE_MAX;
	message(d, s, dir, &m);
	others(d, s, dir, m.data);
	return n;
}

/* ICE over TCP: each packet has its length before it (RFC 4571). */
static size_t
stream_framed(
	struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t len = nj_cur_u16(&c);

	if (v.len < 2u + len || c.bad)
		return 0;
	return packet(d, s, dir, nj_sub(v, 2, len)) ? 2u + len : SIZE_MAX;
}

static bool
is_framed(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	nj_cur_skip(&c, 6);
	return nj_cur_u32(&c) == COOKIE && !c.bad;
}

static enum nj_verdict
stun_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);

	while (v.len) {
		size_t n;

		if (!s->sure && v.len < HEAD)
			return NJ_MORE;
		if (!s->sure)
			s->framed = is_framed(v);
		n = s->framed ? stream_framed(d, s, dir, v)
			      : stream_one(d, s, dir, v);
		if (n == SIZE_MAX)
			return s->sure ? NJ_DONE : NJ_REJECT;
		if (!n)
			return NJ_MORE;
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
	}
	return NJ_MORE;
}

/* The whole datagram, and attributes that fill it: of the old form there is
 * no other witness. */
static enum nj_verdict
stun_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct message m;

	(void)dir;
	if (nj_proto_of(d) == 6)
		return NJ_ACCEPT;
	if (!message_read(v, &m) || v.len != HEAD + m.attributes.len)
		return NJ_REJECT;
	if (m.old && (method_of(m.type) > 2 || !attributes_read(NULL, &m)))
		return NJ_REJECT;
	return NJ_ACCEPT;
}

const struct nj_dissector nj_dissector_stun = {
	.name = "stun",
	.title = "STUN and TURN",
	.service = "",
	.services = services,
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT },
		{ NJ_UDP, PORT_OTHER }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^.{2}[\\x00-\\x3f].{3}"
					   "\\x21\\x12\\xa4\\x42",
						 NJ_SIG_TCP },
		{ "^[\\x00-\\x3f].{3}"
		  "\\x21\\x12\\xa4\\x42",
			0 },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &stun_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.buffer_max = 64 * 1024,
	.probe = stun_probe,
	.datagram = stun_datagram,
	.stream = stun_stream,
};
