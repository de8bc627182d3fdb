/*
 * quic.c - QUIC version 1 and 2 (RFC 9000, 9001, 9369), the drafts since 22,
 * Facebook's and Google's variants. The Initial packets are opened with the
 * keys that follow from the first connection id; the TLS handshake in them
 * goes to ssl as a child.
 *
 * Why we parse it: a third of the web has moved here from TLS over TCP, and
 * the names, programs and versions are as telling as there.
 * Not done: what is behind the handshake, which nobody without keys can
 * read; and so connections that move to other addresses.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/pieces.h"
#include "dissectors/shared/quic_packet.h"
#include "dissectors/shared/tls.h"
#include "dissectors/shared/tls_hello.h"
#include "engine/crypt/hash.h"

#define QUIC(F, tag)                                                           \
	F(tag, 1, STR, version, NJ_INDEX | NJ_LEARN,                           \
		"Version of the first packet")                                 \
	F(tag, 2, STR, client_initial_dcid, NJ_INDEX,                          \
		"First connection id that the client addressed")               \
	F(tag, 3, STR, client_scid, 0, "Connection id of the client")          \
	F(tag, 4, STR, server_scid, 0, "Connection id of the server")          \
	F(tag, 5, STR, server_name, NJ_INDEX | NJ_LEARN,                       \
		"Name that the client asked for (SNI)")                        \
	F(tag, 6, STR, client_protocol, NJ_LEARN,                              \
		"First application protocol that the client offered")          \
	F(tag, 7, STR, history, 0,                                             \
		"Packets in order, the originator's in capitals")

NJ_EVENT(quic, QUIC, "One QUIC connection");

enum {
	HISTORY_MAX = 100,
	CRYPTO_MAX = 8192, /* of a hello */
	NAME_BYTES_MAX = 512,
	SHORT_PACKETS_MAX = 1024 /* looked at, for the history's sake */
};

enum { ODD_FRAME, ODD_CRYPTO };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "quic_bad_frame", "An Initial packet with frames "
					  "that do not belong there" },
	[ODD_CRYPTO] = { "quic_crypto_too_much",
		"A hello too long or in too many pieces" },
	{ 0 }
};

struct cid {
	uint8_t len, bytes[NJ_QUIC_CID_MAX];
	bool set;
};

struct partial {
	struct nj_pieces have;
	uint8_t bytes[CRYPTO_MAX];
};

/* The handshake bytes of one side. */
struct crypto {
	struct partial *partial; /* kept */
	uint32_t base;           /* where in the stream the message begins */
	bool finished;
};

struct state {
	bool active; /* there is something to log */
	bool keyed, google, confirmed;
	uint8_t client; /* enum nj_dir */
	uint8_t history_len;
	unsigned child;
	int64_t began_ns;
	uint32_t code;
	uint32_t shorts[2], short_next[2], opened;
	struct cid initial_dcid, scid[2];     /* scid: by nj_dir */
	struct nj_quic_keys keys[2];          /* server's, client's */
	struct crypto crypto[2];              /* as keys */
	struct nj_view server_name, protocol; /* kept */
	char history[HISTORY_MAX];
};

/* "Q0" and two digits. */
static bool
is_google_version(uint32_t code)
{
	uint8_t tens = (uint8_t)(code >> 8), ones = (uint8_t)code;

	return code >> 16 == 0x5130 && tens >= '0' && tens <= '9' &&
	       ones >= '0' && ones <= '9';
}

static void
history(struct state *s, enum nj_dir dir, char letter)
{
	if (s->history_len == HISTORY_MAX)
		return;
	if (dir == NJ_ORIG)
		letter = (char)(letter - 'a' + 'A');
	s->history[s->history_len++] = letter;
}

static void
cid_set(struct cid *c, struct nj_view v)
{
	c->len = (uint8_t)nj_min(v.len, sizeof(c->bytes));
	if (c->len)
		memcpy(c->bytes, v.data, c->len);
	c->set = true;
}

static bool
cid_is(const struct cid *c, struct nj_view v)
{
	return c->set && nj_view_eq((struct nj_view){ c->bytes, c->len }, v);
}

/* ---- The record ---- */

static struct nj_view
cid_text(struct nj_dctx *d, const struct cid *c)
{
	char *text = nj_arena(d, 2 * NJ_QUIC_CID_MAX);

	if (!c->set || !text)
		return (struct nj_view){ 0 };
	nj_hex((struct nj_view){ c->bytes, c->len }, text);
	return (struct nj_view){ (uint8_t *)text, 2u * c->len };
}

/* Writes the record, and makes ready for another connection of the flow. */
static void
quic_log(struct nj_dctx *d, struct state *s)
{
	const struct nj_quic_version *v = nj_quic_version(s->code);
	char google[5] = { (char)(s->code >> 24), (char)(s->code >> 16),
		(char)(s->code >> 8), (char)s->code, 0 };
	struct quic_event ev = { .server_name = s->server_name,
		.client_protocol = s->protocol };

	if (!s->active)
		return;
	if (v)
		ev.version = nj_str(v->name);
	else if (s->google)
		ev.version = nj_arena_printf(d, "%s", google);
	else
		ev.version = nj_arena_printf(d, "unknown-%x", s->code);
	ev.client_initial_dcid = cid_text(d, &s->initial_dcid);
	ev.client_scid = cid_text(d, &s->scid[NJ_ORIG]);
	ev.server_scid = cid_text(d, &s->scid[NJ_RESP]);
	ev.history = (struct nj_view){ (uint8_t *)s->history, s->history_len };
	(void)nj_emit_at(d, &quic_desc, &ev, s->began_ns);
	for (int i = 0; i < 2; i++)
		nj_drop(d, s->crypto[i].partial);
	nj_drop(d, (void *)(uintptr_t)s->server_name.data);
	nj_drop(d, (void *)(uintptr_t)s->protocol.data);
	*s = (struct state){ .child = s->child,
		.confirmed = s->confirmed,
		.short_next = { s->short_next[0], s->short_next[1] },
		.shorts = { s->shorts[0], s->shorts[1] } };
}

/* The connection was closed: another one is another TLS session. */
static void
session_end(struct nj_dctx *d, struct state *s)
{
	if (s->child)
		nj_child_close(d, s->child);
	s->child = 0;
	quic_log(d, s);
}

static void
session(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	const struct nj_quic_header *h)
{
	if (!s->active) {
		s->active = true;
		s->began_ns = nj_now(d);
		s->code = h->code;
		s->client = NJ_ORIG;
	}
	if (dir == NJ_ORIG && h->dcid.len && !s->initial_dcid.set)
		cid_set(&s->initial_dcid, h->dcid);
	cid_set(&s->scid[dir], h->scid);
	if (h->version && !s->confirmed) {
		s->confirmed = true;
		nj_confirm(d);
	}
}

/* ---- The handshake inside ---- */

static void
client_hello(struct nj_dctx *d, struct state *s, struct nj_view message)
{
	struct nj_tls_hello h;
	struct nj_view name;
	struct nj_cur c;

	if (!nj_tls_client_hello(&h, nj_sub(message, 4, message.len), false))
		return;
	if (!s->server_name.data)
		s->server_name = nj_keep_view(d, h.server_name, NAME_BYTES_MAX);
	c = nj_cur(h.alpn);
	if (!s->protocol.data && nj_tls_alpn_next(&c, &name))
		s->protocol = nj_keep_view(d, name, NAME_BYTES_MAX);
}

/* A server that wants another hello: both messages come once more. */
static bool
is_retry(struct nj_view message)
{
	struct nj_tls_hello h;

	return nj_tls_server_hello(&h, nj_sub(message, 4, message.len)) &&
	       nj_tls_is_retry(&h);
}

/* A hello that is whole, its head of four bytes included. */
static void
hello(struct nj_dctx *d, struct state *s, bool client, struct nj_view message)
{
	enum nj_dir dir = client ? s->client : nj_other(s->client);
	struct crypto *c = &s->crypto[client];

	c->finished = true;
	c->base += (uint32_t)message.len;
	if (message.data[0] != NJ_TLS_CLIENT_HELLO &&
		message.data[0] != NJ_TLS_SERVER_HELLO)
		return;
	history(s, dir, 's');
	if (client)
		client_hello(d, s, message);
	if (!s->child)
		s->child = nj_child_open(d, "ssl", NJ_TLS_QUIC);
	if (s->child)
		(void)nj_child_feed(d, s->child, dir, message);
	if (!client && is_retry(message))
		s->crypto[0].finished = s->crypto[1].finished = false;
	if (!s->crypto[0].finished || !s->crypto[1].finished || !s->child)
		return;
	nj_child_close(d, s->child);
	s->child = 0;
}

/* The whole message if front begins with one. */
static struct nj_view
message_in(struct nj_view front)
{
	struct nj_cur c = nj_cur(front);
	uint32_t len;

	nj_cur_skip(&c, 1);
	len = nj_cur_u24(&c);
	if (c.bad || len > nj_cur_left(&c))
		return (struct nj_view){ 0 };
	return nj_sub(front, 0, 4 + (size_t)len);
}

static void
crypto_frame(struct nj_dctx *d, struct state *s, bool client, uint64_t offset,
	struct nj_view data)
{
	struct crypto *c = &s->crypto[client];
	struct nj_view message;
	struct partial *p;

	if (c->finished || offset < c->base || !data.len)
		return;
	offset -= c->base;
	message = message_in(data);
	if (!offset && message.len) {
		nj_drop(d, c->partial);
		c->partial = NULL;
		hello(d, s, client, message);
		return;
	}
	if (offset > CRYPTO_MAX - data.len || data.len > CRYPTO_MAX) {
		nj_odd(d, ODD_CRYPTO);
		return;
	}
	if (!c->partial) {
		c->partial = nj_keep(d, sizeof(*c->partial));
		if (!c->partial)
			return;
		c->partial->have.count = 0;
	}
	p = c->partial;
	memcpy(p->bytes + offset, data.data, data.len);
	if (!nj_pieces_add(&p->have, (uint32_t)offset,
		    (uint32_t)(offset + data.len))) {
		nj_odd(d, ODD_CRYPTO);
		return;
	}
	message = message_in(
		(struct nj_view){ p->bytes, nj_pieces_front(&p->have) });
	if (!message.len)
		return;
	c->partial = NULL;
	hello(d, s, client, message);
	nj_drop(d, p);
}

static void
ack_skip(struct nj_cur *c, bool ecn)
{
	uint64_t ranges;

	(void)nj_quic_varint(c);
	(void)nj_quic_varint(c);
	ranges = nj_quic_varint(c);
	(void)nj_quic_varint(c);
	for (; ranges && !c->bad; ranges--) {
		(void)nj_quic_varint(c);
		(void)nj_quic_varint(c);
	}
	for (int i = 0; ecn && i < 3; i++)
		(void)nj_quic_varint(c);
}

static void
frames(struct nj_dctx *d, struct state *s, bool client, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	while (nj_cur_left(&c)) {
		uint8_t type = nj_cur_u8(&c);
		uint64_t offset, len;

		switch (type) {
		case 0x00: /* PADDING */
		case 0x01: /* PING */
			break;
		case 0x02: /* ACK */
		case 0x03:
			ack_skip(&c, type == 0x03);
			break;
		case 0x06: /* CRYPTO */
			offset = nj_quic_varint(&c);
			len = nj_quic_varint(&c);
			if (len > nj_cur_left(&c))
				c.bad = true;
			else
				crypto_frame(d, s, client, offset,
					nj_cur_take(&c, (size_t)len));
			break;
		case 0x1c: /* CONNECTION_CLOSE */
			history(s, client ? s->client : nj_other(s->client),
				'c');
			session_end(d, s);
			return;
		default:
			c.bad = true;
			break;
		}
		if (c.bad) {
			nj_odd(d, ODD_FRAME);
			return;
		}
	}
}

static void
chlo(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_quic_chlo hello_seen;

	if (s->server_name.data || !nj_quic_chlo(&hello_seen, v))
		return;
	history(s, dir, 's');
	s->server_name =
		nj_keep_view(d, hello_seen.server_name, NAME_BYTES_MAX);
}

/* ---- Packets ---- */

/* Opens an Initial packet; on a client's first one, finds the keys. */
static bool
open_packet(struct state *s, enum nj_dir dir, const struct nj_quic_header *h,
	uint8_t buf[NJ_QUIC_PACKET_MAX], struct nj_view *out)
{
	struct nj_quic_keys client;

	if (s->keyed && nj_quic_open(&s->keys[dir == s->client], h, buf, out))
		return true;
	/* Only a client's first packets have the id that makes the keys. */
	if (s->keyed && (dir != s->client || cid_is(&s->initial_dcid, h->dcid)))
		return false;
	nj_quic_keys(&client, h->version, h->dcid, true);
	if (!nj_quic_open(&client, h, buf, out))
		return false;
	s->keyed = true;
	s->client = dir;
	s->keys[1] = client;
	nj_quic_keys(&s->keys[0], h->version, h->dcid, false);
	return true;
}

static void
initial(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	const struct nj_quic_header *h)
{
	uint8_t buf[NJ_QUIC_PACKET_MAX];
	struct nj_view payload;
	bool client;

	session(d, s, dir, h);
	history(s, dir, 'i');
	if (h->version->kind == NJ_QUIC_GOOGLE) {
		s->google = true;
		chlo(d, s, dir, h->whole);
		return;
	}
	if (s->keyed && s->crypto[dir == s->client].finished)
		return;
	if (!open_packet(s, dir, h, buf, &payload))
		return;
	s->opened++;
	client = dir == s->client;
	if (h->version->kind == NJ_QUIC_Q050)
		chlo(d, s, dir, payload);
	else
		frames(d, s, client, payload);
}

/* A packet with a long header. */
static void
long_packet(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	const struct nj_quic_header *h)
{
	switch (h->type) {
	case NJ_QUIC_INITIAL:
		initial(d, s, dir, h);
		break;
	case NJ_QUIC_ZERO_RTT:
		session(d, s, dir, h);
		history(s, dir, 'z');
		break;
	case NJ_QUIC_HANDSHAKE:
		session(d, s, dir, h);
		history(s, dir, 'h');
		break;
	case NJ_QUIC_RETRY:
		if (!s->active)
			session(d, s, dir, h);
		history(s, dir, 'r');
		quic_log(d, s);
		break;
	case NJ_QUIC_NEGOTIATION:
		if (!s->active)
			break; /* the client's packet was told of */
		history(s, dir, 'u');
		quic_log(d, s);
		break;
	case NJ_QUIC_UNKNOWN:
		if (!s->active)
			session(d, s, dir, h);
		history(s, dir, 'u');
		quic_log(d, s);
		break;
	}
}

static enum nj_verdict
short_packet(struct nj_dctx *d, struct state *s, enum nj_dir dir)
{
	if (!s->short_next[dir])
		s->short_next[dir] = 1;
	if (++s->shorts[dir] == s->short_next[dir]) {
		s->short_next[dir] *= 2;
		if (s->active)
			history(s, dir, 'o');
	}
	if (s->shorts[0] + s->shorts[1] < SHORT_PACKETS_MAX)
		return NJ_MORE;
	quic_log(d, s);
	return NJ_DONE;
}

/* Google's QUIC up to Q043: flags, id, version, number, hash, frames. */
static bool
google_packet(
	struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t flags = nj_cur_u8(&c);
	struct nj_quic_header h = { 0 };

	if (flags & 0x80 || !(flags & 0x01))
		return false;
	if (flags & 0x08)
		h.dcid = nj_cur_take(&c, 8);
	h.code = nj_cur_u32(&c);
	if (c.bad || !is_google_version(h.code))
		return false;
	session(d, s, dir, &h);
	s->google = true;
	history(s, dir, 'i');
	chlo(d, s, dir, v);
	return true;
}

static enum nj_verdict
quic_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct nj_quic_header h;

	if (google_packet(d, s, dir, v))
		return NJ_MORE;
	if (s->google)
		return s->history_len < 16 ? NJ_MORE : NJ_DONE;
	while (v.len) {
		bool is_long = v.data[0] & 0x80;

		if (is_long && nj_quic_header(&h, v) &&
			(v.data[0] & 0x40 || !h.code)) {
			long_packet(d, s, dir, &h);
			v = nj_sub(v, h.whole.len, v.len);
			continue;
		}
		/* Padding behind the packet, most often. */
		if (!(v.data[0] & 0x40)) {
			if (s->opened && s->active)
				history(s, dir, 'x');
			return NJ_MORE;
		}
		return is_long ? NJ_MORE : short_packet(d, s, dir);
	}
	return NJ_MORE;
}

static enum nj_verdict
quic_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_quic_header h;
	uint32_t code;

	(void)d;
	(void)dir;
	if (v.len < 16)
		return NJ_REJECT;
	if (!(v.data[0] & 0x80)) {
		struct nj_cur c = nj_cur(v);

		nj_cur_skip(&c, v.data[0] & 0x08 ? 9 : 1);
		return v.data[0] & 0x01 && is_google_version(nj_cur_u32(&c))
			       ? NJ_ACCEPT
			       : NJ_REJECT;
	}
	if (!nj_quic_header(&h, v))
		return NJ_REJECT;
	code = h.code;
	if (h.version)
		return v.data[0] & 0x40 ? NJ_ACCEPT : NJ_REJECT;
	/* Others: only a greased version of a client (RFC 9000 section 15),
	 * in a datagram of the size that a client's must have. */
	if ((code & 0x0f0f0f0f) == 0x0a0a0a0a && v.data[0] & 0x40 &&
		v.len >= 1200 && h.dcid.len >= 8)
		return NJ_ACCEPT;
	return NJ_REJECT;
}

static void
quic_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	quic_log(d, s);
}

const struct nj_dissector nj_dissector_quic = {
	.name = "quic",
	.title = "QUIC",
	.sigs =
		(const struct nj_sig[]){
			{ "^[\\xc0-\\xff](\\x00\\x00\\x00\\x01|"
			  "\\x6b\\x33\\x43\\xcf|"
			  "\\xff\\x00\\x00[\\x16-\\x22]|\\xfa\\xce\\xb0.|"
			  "[QT]0[0-9][0-9]|"
			  "[\\x0a\\x1a\\x2a\\x3a\\x4a\\x5a\\x6a\\x7a\\x8a\\x9a"
			  "\\xaa\\xba\\xca"
			  "\\xda\\xea\\xfa].["
			  "\\x0a\\x1a\\x2a\\x3a\\x4a\\x5a\\x6a\\x7a\\x8a"
			  "\\x9a\\xaa\\xba\\xca\\xda\\xea\\xfa])",
				NJ_SIG_UDP },
			{ "^[\\x00-\\x7f]........Q0[0-9][0-9]", NJ_SIG_UDP },
			{ "^[\\x00-\\x7f]Q0[0-9][0-9]", NJ_SIG_UDP }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &quic_desc, 0 },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.probe = quic_probe,
	.datagram = quic_datagram,
	.end = quic_end,
};
