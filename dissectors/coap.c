/*
 * coap.c - the Constrained Application Protocol over UDP (RFC 7252): one
 * record a request or response, with the path asked for.
 *
 * Not done: CoAP over TCP and WebSockets (RFC 8323), OSCORE, blocks put
 * together.
 */
#include "dissectors/shared/words.h"

#define COAP(F, tag)                                                           \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, STR, type, NJ_LEARN, "CON, NON, ACK or RST")                 \
	F(tag, 3, STR, code, NJ_INDEX | NJ_LEARN, "Method, or code as 2.05")   \
	F(tag, 4, U16, message_id, 0, "Message id")                            \
	F(tag, 5, STR, host, NJ_INDEX, "Host asked for")                       \
	F(tag, 6, STR, uri, NJ_INDEX, "Path and query")                        \
	F(tag, 7, U32, content_format, NJ_OPT | NJ_LEARN, "Content format")    \
	F(tag, 8, U32, payload_bytes, NJ_LEARN, "Bytes of payload")            \
	F(tag, 9, BOOL, is_write, NJ_INDEX | NJ_LEARN,                         \
		"A request that changes what is asked for")

NJ_EVENT(coap, COAP, "A CoAP request or response");

enum {
	OPTIONS_MAX = 64,
	URI_MAX = 512,
	OPT_HOST = 3,
	OPT_PATH = 11,
	OPT_FORMAT = 12,
	OPT_QUERY = 15,
	MARK = 0xff,
	PORT = 5683
};

static const struct nj_word methods[] = {
	{ 1, "GET" },
	{ 2, "POST" },
	{ 3, "PUT" },
	{ 4, "DELETE" },
	{ 5, "FETCH" },
	{ 6, "PATCH" },
	{ 7, "iPATCH" },
};

struct coap {
	bool found;
};

/* The nibbles 13 and 14 say that more bytes hold the number. */
static uint32_t
extended(struct nj_cur *c, unsigned nibble)
{
	if (nibble < 13)
		return nibble;
	if (nibble == 13)
		return 13u + nj_cur_u8(c);
	if (nibble == 14)
		return 269u + nj_cur_u16(c);
	c->bad = true;
	return 0;
}

struct uri {
	uint8_t *text;
	size_t len;
};

static void
uri_add(struct uri *u, char sep, struct nj_view part)
{
	size_t n = nj_min(part.len, (size_t)URI_MAX - 1 - u->len);

	if (!u->text || u->len >= URI_MAX - 1)
		return;
	u->text[u->len++] = (uint8_t)sep;
	n = nj_min(part.len, (size_t)URI_MAX - u->len);
	if (n)
		memcpy(u->text + u->len, part.data, n);
	u->len += n;
}

static void
options(struct nj_dctx *d, struct nj_cur *c, struct coap_event *ev)
{
	struct uri uri = { nj_arena(d, URI_MAX), 0 };
	uint32_t number = 0;
	bool query = false;

	for (unsigned i = 0; i < OPTIONS_MAX && nj_cur_left(c); i++) {
		uint8_t head = nj_cur_u8(c);
		struct nj_view value;

		if (head == MARK) {
			/* A marker without a payload is an error. */
			c->bad |= !nj_cur_left(c);
			break;
		}
		number += extended(c, head >> 4);
		value = nj_cur_take(c, extended(c, head & 15));
		if (c->bad)
			return;
		if (number == OPT_HOST) {
			ev->host = value;
		} else if (number == OPT_PATH) {
			uri_add(&uri, '/', value);
		} else if (number == OPT_QUERY) {
			uri_add(&uri, query ? '&' : '?', value);
			query = true;
		} else if (number == OPT_FORMAT && value.len <= 2) {
			uint32_t n = 0;

			for (size_t k = 0; k < value.len; k++)
				n = n << 8 | value.data[k];
			nj_set(ev, coap, content_format, n);
		}
	}
	ev->payload_bytes = (uint32_t)nj_cur_left(c);
	if (uri.len)
		ev->uri = (struct nj_view){ uri.text, uri.len };
}

static bool
has_port(const struct nj_dctx *d)
{
	return nj_port_of(d, NJ_ORIG) == PORT || nj_port_of(d, NJ_RESP) == PORT;
}

/* RFC 7252 section 12.2, and 6, 23, 27, 28 of RFC 7641 and 7959. */
static bool
is_option(uint32_t number)
{
	static const uint64_t known =
		UINT64_C(1) << 1 | UINT64_C(1) << 3 | UINT64_C(1) << 4 |
		UINT64_C(1) << 5 | UINT64_C(1) << 6 | UINT64_C(1) << 7 |
		UINT64_C(1) << 8 | UINT64_C(1) << 9 | UINT64_C(1) << 11 |
		UINT64_C(1) << 12 | UINT64_C(1) << 14 | UINT64_C(1) << 15 |
		UINT64_C(1) << 16 | UINT64_C(1) << 17 | UINT64_C(1) << 20 |
		UINT64_C(1) << 23 | UINT64_C(1) << 27 | UINT64_C(1) << 28 |
		UINT64_C(1) << 35 | UINT64_C(1) << 39 | UINT64_C(1) << 60;

	return number < 64 && (known >> number & 1);
}

static bool
is_plain(struct nj_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.data[i] <= ' ' || v.data[i] > '~')
			return false;
	return v.len > 0;
}

/* The pattern fits a good part of all bytes: on another port it must be a
 * request of known options, with a path in plain text. */
static enum nj_verdict
coap_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t head = nj_cur_u8(&c), code = nj_cur_u8(&c);
	uint32_t number = 0;
	bool path = false;

	(void)dir;
	if (has_port(d))
		return NJ_ACCEPT;
	nj_cur_skip(&c, 2 + (head & 15u));
	if (c.bad || !code || code >> 5 || v.len <= 8)
		return NJ_REJECT;
	for (unsigned i = 0; i < OPTIONS_MAX && nj_cur_left(&c); i++) {
		uint8_t option = nj_cur_u8(&c);
		struct nj_view value;

		if (option == MARK)
			return path && nj_cur_left(&c) ? NJ_ACCEPT : NJ_REJECT;
		number += extended(&c, option >> 4);
		value = nj_cur_take(&c, extended(&c, option & 15));
		if (c.bad || !is_option(number) ||
			(number == OPT_PATH && !is_plain(value)))
			return NJ_REJECT;
		path |= number == OPT_PATH;
	}
	return path ? NJ_ACCEPT : NJ_REJECT;
}

static enum nj_verdict
coap_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	static const char *const types[] = { "CON", "NON", "ACK", "RST" };
	struct coap *s = nj_state(d);
	struct coap_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);
	uint8_t head = nj_cur_u8(&c), code = nj_cur_u8(&c);

	ev.message_id = nj_cur_u16(&c);
	nj_cur_skip(&c, head & 15);
	/* Empty messages acknowledge or reset; class 1, 6 and 7 are none. */
	if (c.bad || head >> 6 != 1 || (head & 15) > 8 || code >> 5 == 1 ||
		code >> 5 > 5 || (!code && v.len != 4))
		return s->found ? NJ_MORE : NJ_REJECT;
	ev.type = nj_str(types[head >> 4 & 3]);
	if (!code) {
		if (has_port(d))
			nj_confirm(d);
		return NJ_MORE;
	}
	options(d, &c, &ev);
	if (c.bad)
		return s->found ? NJ_MORE : NJ_REJECT;
	s->found = true;
	ev.code = code < 32 ? nj_word(d, methods, code)
			    : nj_arena_printf(
				      d, "%u.%02u", code >> 5, code & 31u);
	ev.is_write = (code >= 2 && code <= 4) || code == 6 || code == 7;
	(void)nj_emit(d, &coap_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_coap = {
	.name = "coap",
	.title = "CoAP",
	.ports = (const struct nj_port[]){ { NJ_UDP, 5683 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^[\\x40-\\x48\\x50-\\x58\\x60-\\x68\\x70-\\x78]"
			  "[\\x00-\\x07\\x40-\\x45\\x5f\\x80-\\x8f\\xa0-\\xa5]",
				NJ_SIG_UDP },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &coap_desc, NULL },
	.state_bytes = sizeof(struct coap),
	.probe = coap_probe,
	.datagram = coap_datagram,
};
