/*
 * socks.c - SOCKS 4, 4A and 5 (RFC 1928; RFC 1929 for names and passwords;
 * "SOCKS: A protocol for TCP proxy across firewalls" and its extension 4A).
 *
 * Why we parse it: a proxy hides who is really talked to, and the few bytes of
 * its request tell. What follows them is what it would be without the proxy,
 * and goes back to detection.
 * Not done: GSSAPI (RFC 1961), which encrypts the request as well; datagrams
 * of UDP ASSOCIATE.
 */
#include "dissectors/shared/proxy.h"

#define SOCKS(F, tag)                                                          \
	F(tag, 1, U8, version, NJ_INDEX, "Protocol version")                   \
	F(tag, 2, STR, user, NJ_INDEX | NJ_PII, "Name of the login")           \
	F(tag, 3, BOOL, password_seen, NJ_OPT, "A password was in the clear")  \
	F(tag, 4, STR, status, NJ_INDEX | NJ_LEARN, "The proxy's answer")      \
	F(tag, 5, ADDR, request__host, NJ_INDEX, "Address asked for")          \
	F(tag, 6, STR, request__name, NJ_INDEX, "Name asked for")              \
	F(tag, 7, U16, request_p, NJ_OPT | NJ_LEARN, "Port asked for")         \
	F(tag, 8, ADDR, bound__host, 0, "Address that the proxy uses")         \
	F(tag, 9, STR, bound__name, 0, "Name that the proxy uses")             \
	F(tag, 10, U16, bound_p, NJ_OPT, "Port that the proxy uses")           \
	F(tag, 11, STR, command, NJ_INDEX | NJ_LEARN, "What is asked for")     \
	F(tag, 12, STR, auth, NJ_LEARN, "Authentication that the proxy chose")

NJ_EVENT(socks, SOCKS, "One request to a SOCKS proxy");

enum { ODD_REQUEST, ODD_REPLY };
static const struct nj_oddity oddities[] = {
	[ODD_REQUEST] = { "socks_bad_request",
		"A request that makes no sense" },
	[ODD_REPLY] = { "socks_bad_reply", "A reply that makes no sense" },
	{ 0 }
};

enum {
	CONNECT = 1,
	BIND = 2,
	UDP_ASSOCIATE = 3,
	RESOLVE = 0xf0, /* these two are Tor's */
	RESOLVE_PTR = 0xf1,
	AUTH_NONE = 0,
	AUTH_GSSAPI = 1,
	AUTH_PASSWORD = 2,
	AUTH_REFUSED = 0xff,
	V4_GRANTED = 90,
	TEXT_MAX = 255, /* of a version 4 request, which has no lengths */
	PORT = 1080
};

/* What a side is about to send. */
enum step { HELLO, LOGIN, REQUEST, PAYLOAD };

struct place {
	struct nj_addr host;
	struct nj_view name; /* kept */
	uint16_t port;
};

struct state {
	int64_t began;
	struct nj_view user; /* kept */
	struct place request, bound;
	uint8_t offered[32]; /* a bit for each method */
	uint8_t version, command, chosen, status;
	uint8_t step[2]; /* enum step, by nj_dir */
	bool sure, has_choice, has_request, has_status, login_failed;
	bool password_seen, logged;
};

static const char *
command_name(uint8_t command)
{
	switch (command) {
	case CONNECT:
		return "connect";
	case BIND:
		return "bind";
	case UDP_ASSOCIATE:
		return "udp-associate";
	case RESOLVE:
		return "resolve";
	case RESOLVE_PTR:
		return "resolve-ptr";
	default:
		return NULL;
	}
}

static struct nj_view
status_text(struct nj_dctx *d, const struct state *s)
{
	static const char *const v5[] = { "succeeded",
		"general SOCKS server failure",
		"connection not allowed by ruleset", "Network unreachable",
		"Host unreachable", "Connection refused", "TTL expired",
		"Command not supported", "Address type not supported" };
	static const char *const v4[] = { "succeeded",
		"general SOCKS server failure",
		"request failed because client is not running identd",
		("request failed because client's identd could not confirm "
		 "the user ID string in the request") };
	const char *text = NULL;

	if (s->login_failed)
		return NJ_LIT("authentication failed");
	if (!s->has_status)
		return (struct nj_view){ 0 };
	if (s->version == 5 && s->status < nj_countof(v5))
		text = v5[s->status];
	if (s->version == 4 && s->status >= V4_GRANTED &&
		s->status - V4_GRANTED < (int)nj_countof(v4))
		text = v4[s->status - V4_GRANTED];
	if (text)
		return nj_str(text);
	return nj_arena_printf(d, "unknown-%u", s->status);
}

static struct nj_view
auth_text(struct nj_dctx *d, uint8_t method)
{
	switch (method) {
	case AUTH_NONE:
		return NJ_LIT("none");
	case AUTH_GSSAPI:
		return NJ_LIT("gssapi");
	case AUTH_PASSWORD:
		return NJ_LIT("password");
	case AUTH_REFUSED:
		return NJ_LIT("refused");
	default:
		return nj_arena_printf(d, "unknown-%u", method);
	}
}

static void
socks_log(struct nj_dctx *d, struct state *s)
{
	struct socks_event ev = { .version = s->version };

	if (s->logged || !s->sure)
		return;
	s->logged = true;
	ev.user = s->user;
	if (s->password_seen)
		nj_set(&ev, socks, password_seen, true);
	ev.status = status_text(d, s);
	if (s->has_request) {
		ev.request__host = s->request.host;
		ev.request__name = s->request.name;
		nj_set(&ev, socks, request_p, s->request.port);
		ev.command = nj_str(command_name(s->command));
	}
	if (s->has_status) {
		ev.bound__host = s->bound.host;
		ev.bound__name = s->bound.name;
		nj_set(&ev, socks, bound_p, s->bound.port);
	}
	if (s->has_choice)
		ev.auth = auth_text(d, s->chosen);
	(void)nj_emit_at(d, &socks_desc, &ev, s->began);
}

static void
be_sure(struct nj_dctx *d, struct state *s)
{
	s->sure = true;
	nj_confirm(d);
}

static enum nj_verdict
hopeless(struct nj_dctx *d, struct state *s, unsigned oddity)
{
	if (!s->sure)
		return NJ_REJECT;
	nj_odd(d, oddity);
	return NJ_BROKEN;
}

/* The two sides' request is done with; what comes is somebody else's. */
static enum nj_verdict
pass_on(struct nj_dctx *d, struct state *s)
{
	s->step[NJ_ORIG] = s->step[NJ_RESP] = PAYLOAD;
	nj_proxy_tell(d, NJ_LIT("Tunnel::SOCKS"));
	return nj_handover(d, NULL, 0) ? NJ_MORE : NJ_DONE;
}

/* The reply is complete: is it the last? */
static enum nj_verdict
replied(struct nj_dctx *d, struct state *s)
{
	bool again = s->logged; /* BIND: somebody has connected */

	socks_log(d, s);
	if (s->status != (s->version == 4 ? V4_GRANTED : 0))
		return NJ_DONE;
	if (s->command == BIND && !again)
		return NJ_MORE;
	if (s->has_request && s->command != CONNECT && s->command != BIND)
		return NJ_DONE;
	return pass_on(d, s);
}

/* ---- Version 5 ---- */

/* An address after its type. False where the type is unknown; a bad cursor
 * says that more bytes are needed. */
static bool
place_read(struct nj_dctx *d, struct nj_cur *c, struct place *p)
{
	uint8_t type = nj_cur_u8(c);
	struct nj_view v;

	if (c->bad)
		return true;
	if (type != 1 && type != 3 && type != 4)
		return false;
	if (type == 3)
		v = nj_cur_take(c, nj_cur_u8(c));
	else
		v = nj_cur_take(c, type == 1 ? 4 : 16);
	p->port = nj_cur_u16(c);
	if (c->bad)
		return true;
	p->host = (struct nj_addr){ 0 };
	if (type == 1)
		p->host = nj_addr4(v.data);
	else if (type == 4)
		p->host = nj_addr6(v.data);
	nj_drop(d, (void *)(uintptr_t)p->name.data);
	p->name = (struct nj_view){ 0 };
	if (type == 3)
		p->name = nj_keep_view(d, v, TEXT_MAX);
	return true;
}

static bool
is_offered(const struct state *s, uint8_t method)
{
	return s->offered[method / 8] >> method % 8 & 1;
}

static void
greeting(struct state *s, struct nj_cur *c)
{
	struct nj_view methods;

	nj_cur_skip(c, 1);
	methods = nj_cur_take(c, nj_cur_u8(c));
	if (c->bad)
		return;
	for (size_t i = 0; i < methods.len; i++)
		s->offered[methods.data[i] / 8] |=
			(uint8_t)(1u << methods.data[i] % 8);
	s->step[NJ_ORIG] = LOGIN;
}

/* Clients may send on before the method was chosen; then a login is known
 * from what was offered. */
static bool
is_login(const struct state *s)
{
	if (s->has_choice)
		return s->chosen == AUTH_PASSWORD;
	return is_offered(s, AUTH_PASSWORD) && !is_offered(s, AUTH_GSSAPI);
}

static void
login(struct nj_dctx *d, struct state *s, struct nj_cur *c)
{
	struct nj_view user, password;

	nj_cur_skip(c, 1);
	user = nj_cur_take(c, nj_cur_u8(c));
	password = nj_cur_take(c, nj_cur_u8(c));
	if (c->bad)
		return;
	s->user = nj_keep_view(d, user, TEXT_MAX);
	s->password_seen = password.len != 0;
	s->step[NJ_ORIG] = REQUEST;
}

static bool
request(struct nj_dctx *d, struct state *s, struct nj_cur *c)
{
	nj_cur_skip(c, 1);
	s->command = nj_cur_u8(c);
	nj_cur_skip(c, 1);
	if (c->bad)
		return true;
	if (!command_name(s->command) || !place_read(d, c, &s->request))
		return false;
	if (c->bad)
		return true;
	s->has_request = true;
	s->step[NJ_ORIG] = PAYLOAD;
	be_sure(d, s);
	return true;
}

/* One message of the client. */
static enum nj_verdict
client5(struct nj_dctx *d, struct state *s, struct nj_cur *c)
{
	uint8_t first = c->at[0];

	if (s->step[NJ_ORIG] == HELLO) {
		if (nj_cur_left(c) > 1 && !c->at[1])
			return NJ_REJECT;
		greeting(s, c);
		return NJ_MORE;
	}
	if (first == 5) {
		if (request(d, s, c))
			return NJ_MORE;
		return hopeless(d, s, ODD_REQUEST);
	}
	if (first == 1 && s->step[NJ_ORIG] == LOGIN && is_login(s)) {
		login(d, s, c);
		return NJ_MORE;
	}
	return hopeless(d, s, ODD_REQUEST);
}

static enum nj_verdict
choice(struct nj_dctx *d, struct state *s, struct nj_cur *c)
{
	bool greeted = s->step[NJ_ORIG] != HELLO;

	nj_cur_skip(c, 1);
	s->chosen = nj_cur_u8(c);
	if (c->bad)
		return NJ_MORE;
	if (greeted && s->chosen != AUTH_REFUSED && !is_offered(s, s->chosen))
		return hopeless(d, s, ODD_REPLY);
	s->has_choice = true;
	s->step[NJ_RESP] = s->chosen == AUTH_PASSWORD ? LOGIN : REQUEST;
	if (greeted)
		be_sure(d, s);
	/* The other methods may encrypt what comes. */
	return s->chosen == AUTH_NONE || s->chosen == AUTH_PASSWORD ? NJ_MORE
								    : NJ_DONE;
}

/* One message of the proxy. */
static enum nj_verdict
server5(struct nj_dctx *d, struct state *s, struct nj_cur *c)
{
	uint8_t first = c->at[0];

	if (s->step[NJ_RESP] == LOGIN) {
		uint8_t result;

		if (first != 1)
			return hopeless(d, s, ODD_REPLY);
		nj_cur_skip(c, 1);
		result = nj_cur_u8(c);
		if (c->bad)
			return NJ_MORE;
		s->step[NJ_RESP] = REQUEST;
		s->login_failed = result != 0;
		return s->login_failed ? NJ_DONE : NJ_MORE;
	}
	if (first != 5)
		return hopeless(d, s, ODD_REPLY);
	if (s->step[NJ_RESP] == HELLO)
		return choice(d, s, c);
	nj_cur_skip(c, 1);
	s->status = nj_cur_u8(c);
	nj_cur_skip(c, 1);
	if (c->bad)
		return NJ_MORE;
	if (!place_read(d, c, &s->bound))
		return hopeless(d, s, ODD_REPLY);
	if (c->bad)
		return NJ_MORE;
	s->has_status = true;
	be_sure(d, s);
	return replied(d, s);
}

/* ---- Version 4 ---- */

static struct nj_view
text0(struct nj_cur *c)
{
	struct nj_view rest = nj_cur_rest(c);
	size_t n = nj_view_chr(rest, 0);
	struct nj_view text = nj_cur_take(c, nj_min(n, rest.len));

	nj_cur_skip(c, 1);
	return text;
}

static enum nj_verdict
client4(struct nj_dctx *d, struct state *s, struct nj_cur *c)
{
	size_t left = nj_cur_left(c);
	struct nj_view host, user, name = { 0 };
	bool named;

	nj_cur_skip(c, 1);
	s->command = nj_cur_u8(c);
	s->request.port = nj_cur_u16(c);
	host = nj_cur_take(c, 4);
	if (c->bad)
		return NJ_MORE;
	if (s->command != CONNECT && s->command != BIND)
		return NJ_REJECT;
	/* 4A: 0.0.0.x, and a name behind the user's. */
	named = !host.data[0] && !host.data[1] && !host.data[2] && host.data[3];
	user = text0(c);
	if (named)
		name = text0(c);
	if (c->bad)
		return left > 9 + 2 * TEXT_MAX ? NJ_REJECT : NJ_MORE;
	if (user.len > TEXT_MAX || name.len > TEXT_MAX)
		return NJ_REJECT;
	s->user = nj_keep_view(d, user, TEXT_MAX);
	s->request.name = nj_keep_view(d, name, TEXT_MAX);
	if (!named)
		s->request.host = nj_addr4(host.data);
	s->has_request = true;
	s->step[NJ_ORIG] = PAYLOAD;
	if (nj_port_of(d, NJ_RESP) == PORT)
		be_sure(d, s);
	return NJ_MORE;
}

static enum nj_verdict
server4(struct nj_dctx *d, struct state *s, struct nj_cur *c)
{
	uint8_t zero = nj_cur_u8(c), status = nj_cur_u8(c);
	uint16_t port = nj_cur_u16(c);
	struct nj_view host = nj_cur_take(c, 4);

	if (zero)
		return hopeless(d, s, ODD_REPLY);
	if (c->bad)
		return NJ_MORE;
	if (status < V4_GRANTED || status > V4_GRANTED + 3)
		return hopeless(d, s, ODD_REPLY);
	s->status = status;
	s->bound = (struct place){ .host = nj_addr4(host.data), .port = port };
	s->has_status = true;
	be_sure(d, s);
	return replied(d, s);
}

/* ---- Both ---- */

static enum nj_verdict
message(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_cur *c)
{
	if (!s->version) {
		uint8_t version = c->at[0];

		/* Of version 4 a reply alone is too little to know it by. */
		if (version != 5 && (version != 4 || dir == NJ_RESP))
			return NJ_REJECT;
		s->version = version;
		s->began = nj_now(d);
	}
	if (s->version == 5)
		return dir == NJ_ORIG ? client5(d, s, c) : server5(d, s, c);
	return dir == NJ_ORIG ? client4(d, s, c) : server4(d, s, c);
}

static enum nj_verdict
socks_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	enum nj_verdict verdict = NJ_MORE;

	/* Payload ahead of the reply waits for whom it belongs to. */
	while (v.len && verdict == NJ_MORE && s->step[dir] != PAYLOAD) {
		struct nj_cur c = nj_cur(v);
		size_t n;

		verdict = message(d, s, dir, &c);
		if (c.bad)
			break;
		n = v.len - nj_cur_left(&c);
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
	}
	return verdict;
}

static void
socks_end(struct nj_dctx *d)
{
	socks_log(d, nj_state(d));
}

const struct nj_dissector nj_dissector_socks = {
	.name = "socks",
	.title = "SOCKS",
	.ports = (const struct nj_port[]){ { NJ_TCP, PORT }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\x05[\\x01-\\x05][\\x00-\\x09"
					   "\\x80-\\xfe]",
						 NJ_SIG_ORIG },
		{ "^\\x05[\\x00\\x02](\\x01\\x00)?\\x05[\\x00-\\x08]"
		  "\\x00[\\x01\\x03\\x04]",
			NJ_SIG_RESP },
		{ "^\\x04[\\x01\\x02].{6}[\\x20-\\x7e]{0,64}\\x00",
			NJ_SIG_ORIG },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &socks_desc,
		&tunnel_desc, 0 },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.stream = socks_stream,
	.end = socks_end,
};
