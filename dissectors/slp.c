/*
 * slp.c - services that are sought and offered by the Service Location
 * Protocol (RFC 2608, version 1 by RFC 2165) over UDP and TCP, one record a
 * message.
 *
 * Why we tell them: printers and hypervisors offer what they run to all who
 * ask, and who can register answers makes the largest floods there are.
 * Not done: authentication blocks, extensions.
 */
#include "engine/dissect/dissector.h"

#define SLP(F, tag)                                                            \
	F(tag, 1, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 2, U8, version, NJ_INDEX, "Protocol version")                   \
	F(tag, 3, STR, function, NJ_INDEX | NJ_LEARN, "Kind of the message")   \
	F(tag, 4, U16, xid, 0, "Number that an answer repeats")                \
	F(tag, 5, STR, lang, 0, "Language of its texts")                       \
	F(tag, 6, STR, service_type, NJ_INDEX | NJ_LEARN,                      \
		"Service sought or registered")                                \
	F(tag, 7, VSTR, urls, NJ_INDEX, "Where services are")                  \
	F(tag, 8, STR, scopes, 0, "Scopes, separated by commas")               \
	F(tag, 9, STR, predicate, 0, "What the service has to satisfy")        \
	F(tag, 10, STR, attributes, 0, "Attributes of a service, or sought")   \
	F(tag, 11, U16, error_code, NJ_OPT | NJ_LEARN, "The answer's error")   \
	F(tag, 12, STR, previous, 0, "Who has answered already")

NJ_EVENT(slp, SLP, "One message of the Service Location Protocol");

enum { ODD_LENGTH };
static const struct nj_oddity oddities[] = {
	[ODD_LENGTH] = { "slp_length",
		"A length that the message cannot have" },
	{ 0 }
};

enum {
	PORT = 427,
	HEAD = 14,
	MESSAGE_MAX = 60 * 1024,
	URLS_MAX = 64,
	FUNCTION_MAX = 11
};

enum function {
	SERVICE_REQUEST = 1,
	SERVICE_REPLY,
	SERVICE_REGISTER,
	SERVICE_DEREGISTER,
	SERVICE_ACK,
	ATTRIBUTE_REQUEST,
	ATTRIBUTE_REPLY,
	DA_ADVERT,
	TYPE_REQUEST,
	TYPE_REPLY,
	SA_ADVERT
};

static const char *const functions[FUNCTION_MAX + 1] = { NULL, "SrvRqst",
	"SrvRply", "SrvReg", "SrvDeReg", "SrvAck", "AttrRqst", "AttrRply",
	"DAAdvert", "SrvTypeRqst", "SrvTypeRply", "SAAdvert" };

static struct nj_view
text(struct nj_cur *c)
{
	return nj_cur_take(c, nj_cur_u16(c));
}

struct urls {
	struct nj_view v[URLS_MAX];
	uint32_t n;
};

/* Reserved, lifetime, URL, authentication blocks (section 4.3). */
static void
url_entry(struct nj_cur *c, struct urls *u)
{
	struct nj_view url;
	uint8_t blocks;

	nj_cur_skip(c, 3);
	url = text(c);
	blocks = nj_cur_u8(c);
	for (unsigned i = 0; i < blocks && !c->bad; i++) {
		uint16_t len;

		nj_cur_skip(c, 2);
		len = nj_cur_u16(c);
		nj_cur_skip(c, len < 4 ? 0 : len - 4u);
	}
	if (url.data && u->n < URLS_MAX)
		u->v[u->n++] = url;
}

static void
error_read(struct nj_cur *c, struct slp_event *ev)
{
	uint16_t code = nj_cur_u16(c);

	if (!c->bad)
		nj_set(ev, slp, error_code, code);
}

static void
asked(struct nj_cur *c, struct slp_event *ev, unsigned function)
{
	ev->previous = text(c);
	if (function == TYPE_REQUEST) {
		uint16_t n = nj_cur_u16(c); /* of the naming authority */

		nj_cur_skip(c, n == 0xffff ? 0 : n);
		ev->scopes = text(c);
		return;
	}
	ev->service_type = text(c);
	ev->scopes = text(c);
	if (function == ATTRIBUTE_REQUEST)
		ev->attributes = text(c);
	else
		ev->predicate = text(c);
}

static void
answered(struct nj_cur *c, struct slp_event *ev, unsigned function,
	struct urls *u)
{
	uint16_t n;

	error_read(c, ev);
	if (function == SERVICE_REPLY) {
		n = nj_cur_u16(c);
		for (unsigned i = 0; i < n && i < URLS_MAX && !c->bad; i++)
			url_entry(c, u);
	} else if (function == ATTRIBUTE_REPLY) {
		ev->attributes = text(c);
	} else if (function == TYPE_REPLY) {
		ev->service_type = text(c);
	}
}

static void
advertised(struct nj_cur *c, struct slp_event *ev, unsigned function,
	struct urls *u)
{
	struct nj_view url;

	if (function == DA_ADVERT) {
		error_read(c, ev);
		nj_cur_skip(c, 4); /* since when it runs */
	}
	url = text(c);
	if (url.data)
		u->v[u->n++] = url;
	ev->scopes = text(c);
	ev->attributes = text(c);
}

/* Version 1 has none of the scopes apart, and is told by its head alone. */
static void
body_read(struct nj_cur *c, struct slp_event *ev, unsigned function,
	struct urls *u)
{
	switch (function) {
	case SERVICE_REQUEST:
	case ATTRIBUTE_REQUEST:
	case TYPE_REQUEST:
		asked(c, ev, function);
		break;
	case SERVICE_REPLY:
	case SERVICE_ACK:
	case ATTRIBUTE_REPLY:
	case TYPE_REPLY:
		answered(c, ev, function, u);
		break;
	case SERVICE_REGISTER:
		url_entry(c, u);
		ev->service_type = text(c);
		ev->scopes = text(c);
		ev->attributes = text(c);
		break;
	case SERVICE_DEREGISTER:
		ev->scopes = text(c);
		url_entry(c, u);
		ev->attributes = text(c);
		break;
	default:
		advertised(c, ev, function, u);
		break;
	}
}

/* Bytes of the message at the front of v; 0: not yet to say, SIZE_MAX: it is
 * none. */
static size_t
message_len(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t version = nj_cur_u8(&c), function = nj_cur_u8(&c);
	size_t len = version == 2 ? nj_cur_u24(&c) : nj_cur_u16(&c);

	if (c.bad)
		return 0;
	if (version < 1 || version > 2 || !function ||
		function > FUNCTION_MAX || len < HEAD - 2u || len > MESSAGE_MAX)
		return SIZE_MAX;
	return len;
}

static void
message(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct slp_event ev = { .is_orig = dir == NJ_ORIG };
	struct urls *u = nj_arena(d, sizeof(*u));
	uint8_t function;

	if (!u)
		return;
	u->n = 0;
	ev.version = nj_cur_u8(&c);
	function = nj_cur_u8(&c);
	ev.function = nj_str(functions[function]);
	/* 2: length, flags, extension; 1: length, flags, dialect. */
	nj_cur_skip(&c, ev.version == 2 ? 8 : 4);
	if (ev.version == 1) {
		ev.lang = nj_cur_take(&c, 2);
		nj_cur_skip(&c, 2);
		ev.xid = nj_cur_u16(&c);
	} else {
		ev.xid = nj_cur_u16(&c);
		ev.lang = text(&c);
		body_read(&c, &ev, function, u);
		if (u->n)
			ev.urls = (struct nj_vstr){ u->v, u->n };
	}
	if (c.bad)
		nj_odd(d, ODD_LENGTH);
	(void)nj_emit(d, &slp_desc, &ev);
}

/* A language is letters (RFC 1766). */
static bool
is_likely(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view lang;

	nj_cur_skip(&c, v.data[0] == 2 ? 12 : 6);
	lang = v.data[0] == 2 ? text(&c) : nj_cur_take(&c, 2);
	for (size_t i = 0; i < lang.len; i++)
		if ((lang.data[i] | 0x20) < 'a' || (lang.data[i] | 0x20) > 'z')
			if (lang.data[i] != '-')
				return false;
	return !c.bad && lang.len && lang.len < 16;
}

static bool
is_hinted(const struct nj_dctx *d)
{
	return nj_port_of(d, NJ_ORIG) == PORT || nj_port_of(d, NJ_RESP) == PORT;
}

static enum nj_verdict
slp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	size_t n = message_len(v);

	/* Sizes that do not agree are as good as the port. */
	if (!n || n == SIZE_MAX || n > v.len || (n < v.len && !is_hinted(d)))
		return NJ_REJECT;
	if (!is_likely(v) || (v.data[0] == 1 && !is_hinted(d)))
		return NJ_REJECT;
	message(d, dir, nj_sub(v, 0, n));
	return NJ_MORE;
}

static enum nj_verdict
slp_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	while (v.len) {
		size_t n = message_len(v);

		if (n == SIZE_MAX || (v.len >= HEAD + 2 && !is_likely(v)))
			return NJ_REJECT;
		if (!n || n > v.len)
			return NJ_MORE;
		message(d, dir, nj_sub(v, 0, n));
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
	}
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_slp = {
	.name = "slp",
	.title = "Service Location Protocol",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT }, { NJ_TCP, PORT },
		{ 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\x02[\\x01-\\x0b].{10}\\x00"
					   "[\\x02-\\x0f][a-zA-Z]{2}",
						 NJ_SIG_UDP },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &slp_desc, NULL },
	.oddities = oddities,
	.buffer_max = 64 * 1024,
	.datagram = slp_datagram,
	.stream = slp_stream,
};
