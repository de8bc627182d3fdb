/*
 * sip.c - calls: SIP (RFC 3261 and the methods of its extensions) over UDP
 * and TCP, one record a response as Zeek writes them, and what was asked
 * without an answer at the end.
 *
 * Why we tell them: who calls whom, from which program, and what a server
 * answers; a scan for open exchanges is a run of OPTIONS and REGISTER. The
 * descriptions within (SDP) say where the media will flow, which is expected
 * there. Not done: SIP inside of TLS, bodies other than SDP.
 */
#include "dissectors/shared/field.h"
#include "dissectors/shared/sdp.h"
#include "dissectors/shared/sum.h"
#include "engine/dissect/dissector.h"

#define SIP(F, tag)                                                            \
	F(tag, 1, U64, trans_depth, 0, "Place of the request in the flow")     \
	F(tag, 2, STR, method, NJ_INDEX | NJ_LEARN, "What was asked for")      \
	F(tag, 3, STR, uri, NJ_INDEX | NJ_PII, "Who or what was asked")        \
	F(tag, 4, STR, date, 0, "Date that the client gave")                   \
	F(tag, 5, STR, request_from, NJ_INDEX | NJ_PII,                        \
		"Who asks, by the request")                                    \
	F(tag, 6, STR, request_to, NJ_INDEX | NJ_PII,                          \
		"Who is asked, by the request")                                \
	F(tag, 7, STR, response_from, NJ_PII, "Who asks, by the response")     \
	F(tag, 8, STR, response_to, NJ_PII, "Who is asked, by the response")   \
	F(tag, 9, STR, reply_to, NJ_PII, "Whom to answer")                     \
	F(tag, 10, STR, call_id, NJ_INDEX, "Identifier of the call")           \
	F(tag, 11, STR, seq, 0, "Number and method of the request")            \
	F(tag, 12, STR, subject, NJ_PII, "Subject of the call")                \
	F(tag, 13, VSTR, request_path, 0, "Hops that the request came by")     \
	F(tag, 14, VSTR, response_path, 0, "Hops that the response came by")   \
	F(tag, 15, STR, user_agent, NJ_INDEX | NJ_LEARN, "The program")        \
	F(tag, 16, U16, status_code, NJ_OPT | NJ_INDEX | NJ_LEARN,             \
		"The answer's number")                                         \
	F(tag, 17, STR, status_msg, NJ_LEARN, "The answer's text")             \
	F(tag, 18, STR, warning, 0, "Warning of the server")                   \
	F(tag, 19, U64, request_body_len, NJ_OPT,                              \
		"Bytes of the request's body")                                 \
	F(tag, 20, U64, response_body_len, NJ_OPT,                             \
		"Bytes of the response's body")                                \
	F(tag, 21, STR, content_type, 0, "What the response's body is")        \
	F(tag, 22, STR, server, NJ_INDEX | NJ_LEARN, "The server's program")   \
	F(tag, 23, STR, auth_user, NJ_INDEX | NJ_PII, "Name of the log-in")

NJ_EVENT(sip, SIP, "One SIP request and how far it was answered");

#define EVE_SIP(F, tag)                                                        \
	F(tag, 1, STR, sip__method, 0, "What is asked for")                    \
	F(tag, 2, STR, sip__uri, 0, "Who or what is asked")                    \
	F(tag, 3, STR, sip__version, 0, "Protocol version")                    \
	F(tag, 4, STR, sip__request_line, 0, "First line of a request")        \
	F(tag, 5, STR, sip__code, 0, "The answer's number")                    \
	F(tag, 6, STR, sip__reason, 0, "The answer's text")                    \
	F(tag, 7, STR, sip__response_line, 0, "First line of an answer")

NJ_EVENT_X(eve_sip, EVE_SIP, NJ_EV_EVE, "One SIP message");

enum { ODD_METHOD, ODD_HEADER };
static const struct nj_oddity oddities[] = {
	[ODD_METHOD] = { "unknown_SIP_method", "A method that nobody defined" },
	[ODD_HEADER] = { "sip_header", "A header line without a name" },
	{ 0 }
};

enum {
	PORT = 5060,
	TEXT_MAX = 1024,
	PATH_MAX_HOPS = 96,
	HEADERS_MAX = 256,
	BODY_WANTED = 16 * 1024, /* longer ones are no descriptions */
	HEAD_MAX = 48 * 1024
};

enum text {
	METHOD,
	URI,
	DATE,
	REQUEST_FROM,
	REQUEST_TO,
	RESPONSE_FROM,
	RESPONSE_TO,
	REPLY_TO,
	CALL_ID,
	SEQ,
	SUBJECT,
	USER_AGENT,
	STATUS_MSG,
	WARNING,
	CONTENT_TYPE,
	SERVER,
	AUTH_USER,
	TEXTS
};

struct path {
	struct nj_view *hops; /* kept, PATH_MAX_HOPS of them */
	uint32_t n;
};

/* What is known of the request in hand, and its answers. */
struct state {
	struct nj_view texts[TEXTS]; /* kept */
	struct path path[2];         /* request, response */
	int64_t began;
	uint64_t body[2];
	bool has_body[2];
	uint16_t status;
	bool pending, sure;
	bool lost[2];     /* by nj_dir: searching for a message */
	uint32_t sdp_sum; /* of the last description */
};

/* A message, as it lies in the bytes. */
struct message {
	bool request;
	struct nj_view type; /* of the body */
	uint64_t body_len;
};

static const char *const methods[] = { "INVITE", "ACK", "BYE", "CANCEL",
	"OPTIONS", "REGISTER", "PRACK", "SUBSCRIBE", "NOTIFY", "PUBLISH",
	"INFO", "REFER", "MESSAGE", "UPDATE" };

static bool
is_method(struct nj_view v)
{
	for (unsigned i = 0; i < nj_countof(methods); i++)
		if (nj_view_eq(v, nj_str(methods[i])))
			return true;
	return false;
}

/* ---- The record ---- */

static void
text_set(struct nj_dctx *d, struct state *s, enum text which, struct nj_view v)
{
	if (s->texts[which].data)
		nj_drop(d, (void *)(uintptr_t)s->texts[which].data);
	/* Unset and empty are not the same: an empty one is kept as such. */
	s->texts[which] =
		v.len ? nj_keep_view(d, v, TEXT_MAX) : (struct nj_view){ 0 };
}

static void
path_add(struct nj_dctx *d, struct path *p, struct nj_view v)
{
	if (!p->hops)
		p->hops = nj_keep(d, PATH_MAX_HOPS * sizeof(*p->hops));
	if (!p->hops || p->n == PATH_MAX_HOPS)
		return;
	p->hops[p->n] = nj_keep_view(d, v, TEXT_MAX);
	p->n += p->hops[p->n].data != NULL;
}

static void
path_clear(struct nj_dctx *d, struct path *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		nj_drop(d, (void *)(uintptr_t)p->hops[i].data);
	p->n = 0;
}

static void
clear(struct nj_dctx *d, struct state *s)
{
	for (unsigned i = 0; i < TEXTS; i++)
		text_set(d, s, (enum text)i, (struct nj_view){ 0 });
	path_clear(d, &s->path[0]);
	path_clear(d, &s->path[1]);
	s->has_body[0] = s->has_body[1] = false;
	s->status = 0;
	s->pending = false;
}

static struct nj_vstr
path_value(const struct path *p)
{
	static const struct nj_view none[1];

	return (struct nj_vstr){ p->n ? p->hops : none, p->n };
}

static void
tell(struct nj_dctx *d, const struct state *s)
{
	const struct nj_view *t = s->texts;
	struct sip_event ev = { .method = t[METHOD],
		.uri = t[URI],
		.date = t[DATE],
		.request_from = t[REQUEST_FROM],
		.request_to = t[REQUEST_TO],
		.response_from = t[RESPONSE_FROM],
		.response_to = t[RESPONSE_TO],
		.reply_to = t[REPLY_TO],
		.call_id = t[CALL_ID],
		.seq = t[SEQ],
		.subject = t[SUBJECT],
		.request_path = path_value(&s->path[0]),
		.response_path = path_value(&s->path[1]),
		.user_agent = t[USER_AGENT],
		.status_msg = t[STATUS_MSG],
		.warning = t[WARNING],
		.content_type = t[CONTENT_TYPE],
		.server = t[SERVER],
		.auth_user = t[AUTH_USER] };

	if (s->status)
		nj_set(&ev, sip, status_code, s->status);
	if (s->has_body[0])
		nj_set(&ev, sip, request_body_len, s->body[0]);
	if (s->has_body[1])
		nj_set(&ev, sip, response_body_len, s->body[1]);
	(void)nj_emit_at(d, &sip_desc, &ev, s->began);
}

/* ---- Headers ---- */

/* Up to ";tag=" or "; tag=": what follows changes with each dialogue. */
static struct nj_view
before_param(struct nj_view v, struct nj_view name)
{
	for (size_t at = 0; at < v.len; at++) {
		struct nj_view rest = nj_sub(v, at + 1, v.len);

		if (v.data[at] != ';')
			continue;
		if (rest.len && rest.data[0] == ' ')
			rest = nj_sub(rest, 1, rest.len);
		if (nj_view_starts(rest, name))
			return nj_sub(v, 0, at);
	}
	return v;
}

struct header {
	const char *name, *brief;
	enum text request, response; /* TEXTS: not told */
};
static const struct header headers[] = {
	{ "Call-ID", "i", CALL_ID, TEXTS },
	{ "CSeq", NULL, SEQ, TEXTS },
	{ "Date", NULL, DATE, TEXTS },
	{ "From", "f", REQUEST_FROM, RESPONSE_FROM },
	{ "To", "t", REQUEST_TO, RESPONSE_TO },
	{ "Reply-To", NULL, REPLY_TO, TEXTS },
	{ "Subject", "s", SUBJECT, TEXTS },
	{ "User-Agent", NULL, USER_AGENT, TEXTS },
	{ "Warning", NULL, TEXTS, WARNING },
	{ "Content-Type", "c", TEXTS, CONTENT_TYPE },
	{ "Server", NULL, TEXTS, SERVER },
};

static bool
is_named(struct nj_view name, const char *full, const char *brief)
{
	return nj_view_caseeq(name, nj_str(full)) ||
	       (brief && nj_view_caseeq(name, nj_str(brief)));
}

/* Digest username="alice", ... */
static void
authorization(struct nj_dctx *d, struct state *s, struct nj_view v)
{
	size_t at = nj_view_find(v, NJ_LIT("username=\""));

	if (at == SIZE_MAX)
		return;
	v = nj_sub(v, at + 10, v.len);
	text_set(d, s, AUTH_USER, nj_sub(v, 0, nj_view_chr(v, '"')));
}

static void
header_tell(struct nj_dctx *d, struct state *s, const struct message *m,
	struct nj_view name, struct nj_view value)
{
	if (is_named(name, "Via", "v")) {
		path_add(d, &s->path[m->request ? 0 : 1],
			before_param(value, NJ_LIT("branch")));
		return;
	}
	if (m->request && (is_named(name, "Authorization", NULL) ||
				  is_named(name, "Proxy-Authorization", NULL)))
		authorization(d, s, value);
	for (unsigned i = 0; i < nj_countof(headers); i++) {
		const struct header *h = &headers[i];
		enum text which = m->request ? h->request : h->response;

		if (which == TEXTS || !is_named(name, h->name, h->brief))
			continue;
		if (which == REQUEST_FROM || which == RESPONSE_FROM)
			value = before_param(value, NJ_LIT("tag="));
		text_set(d, s, which, value);
		return;
	}
}

/* The header lines behind the first; told unless d is NULL. */
static void
headers_read(struct nj_dctx *d, struct state *s, struct message *m,
	struct nj_view head)
{
	struct nj_cur c = nj_cur(head);

	for (unsigned i = 0; i < HEADERS_MAX && nj_cur_left(&c); i++) {
		struct nj_view line = nj_cur_line(&c), name, value;
		uint64_t n;

		if (c.bad || !line.len)
			return;
		if (!nj_field_split(line, &name, &value)) {
			/* A folded line goes on with the one before. */
			if (d && line.data[0] != ' ' && line.data[0] != '\t')
				nj_odd(d, ODD_HEADER);
			continue;
		}
		name = nj_view_trim(name);
		value = nj_view_trim(value);
		if (is_named(name, "Content-Length", "l") &&
			nj_view_u64(value, &n))
			m->body_len = n;
		if (is_named(name, "Content-Type", "c"))
			m->type = value;
		if (!d)
			continue;
		if (is_named(name, "Content-Length", "l")) {
			unsigned side = m->request ? 0 : 1;

			s->body[side] = m->body_len;
			s->has_body[side] = true;
		}
		header_tell(d, s, m, name, value);
	}
}

/* ---- Messages ---- */

struct start {
	enum nj_dir dir;
	struct nj_view line, first, second, third;
	bool request;
};

/* "INVITE sip:b@example.org SIP/2.0", "SIP/2.0 200 OK": is line one? */
static bool
start_read(struct nj_view line, struct start *out)
{
	struct nj_view rest;
	size_t n = nj_view_chr(line, ' ');

	if (n == SIZE_MAX || !n)
		return false;
	out->line = line;
	out->first = nj_sub(line, 0, n);
	rest = nj_sub(line, n + 1, line.len);
	out->request = !nj_view_starts(line, NJ_LIT("SIP/"));
	n = nj_view_chr(rest, ' ');
	out->second = nj_sub(rest, 0, n);
	out->third = n == SIZE_MAX ? (struct nj_view){ 0 }
				   : nj_sub(rest, n + 1, rest.len);
	if (!out->request)
		return out->second.len == 3 && out->second.data[0] >= '1' &&
		       out->second.data[0] <= '9' &&
		       nj_view_starts(out->first, NJ_LIT("SIP/2"));
	for (size_t i = 0; i < out->first.len; i++)
		if (out->first.data[i] < 'A' || out->first.data[i] > 'Z')
			return false;
	return out->second.len && nj_view_starts(out->third, NJ_LIT("SIP/2"));
}

static void
begin(struct nj_dctx *d, struct state *s)
{
	if (s->pending)
		return;
	s->pending = true;
	s->began = nj_now(d);
}

static void
description(struct nj_dctx *d, struct state *s, struct nj_view body)
{
	uint32_t sum = nj_sum(NJ_SUM_SEED, body.data, body.len);

	/* Said again, as it was not answered at once. */
	if (sum == s->sdp_sum)
		return;
	s->sdp_sum = sum;
	(void)nj_sdp_expect(d, body);
}

static void
eve_tell(struct nj_dctx *d, enum nj_dir dir, const struct start *first)
{
	struct eve_sip_event ev = { 0 };

	if (!nj_wanted(d, &eve_sip_desc))
		return;
	if (first->request) {
		ev.sip__method = first->first;
		ev.sip__uri = first->second;
		ev.sip__version = first->third;
		ev.sip__request_line = first->line;
	} else {
		ev.sip__version = first->first;
		ev.sip__code = first->second;
		ev.sip__reason = first->third;
		ev.sip__response_line = first->line;
	}
	(void)nj_emit_dir(d, &eve_sip_desc, &ev, dir);
}

/* A whole message: its first line, its header lines, its body. */
static void
message(struct nj_dctx *d, struct state *s, const struct start *first,
	struct nj_view head, struct nj_view body)
{
	struct message m = { .request = first->request };
	uint64_t status;

	s->sure = true;
	nj_confirm(d);
	eve_tell(d, first->dir, first);
	begin(d, s);
	if (m.request) {
		text_set(d, s, METHOD, first->first);
		text_set(d, s, URI, first->second);
		if (!is_method(first->first))
			nj_odd_addl(d, ODD_METHOD, first->first);
	} else if (nj_view_u64(first->second, &status)) {
		s->status = (uint16_t)status;
		text_set(d, s, STATUS_MSG, first->third);
	}
	headers_read(d, s, &m, head);
	if (body.len && nj_view_casestarts(m.type, NJ_LIT("application/sdp")))
		description(d, s, body);
	if (m.request)
		return;
	tell(d, s);
	if (s->status >= 200)
		clear(d, s);
}

/* Where the head of a message ends, its empty line included; SIZE_MAX. */
static size_t
head_end(struct nj_view v)
{
	size_t at = nj_view_find(v, NJ_LIT("\r\n\r\n"));
	size_t bare = nj_view_find(nj_sub(v, 0, at), NJ_LIT("\n\n"));

	if (bare != SIZE_MAX)
		return bare + 2;
	return at == SIZE_MAX ? SIZE_MAX : at + 4;
}

/* Line ends keep a way through a firewall open (RFC 5626 section 4.4.1). */
static size_t
blanks(struct nj_view v)
{
	size_t n = 0;

	while (n < v.len &&
		(v.data[n] == '\r' || v.data[n] == '\n' || v.data[n] == 0))
		n++;
	return n;
}

static enum nj_verdict
sip_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct nj_cur c = nj_cur(nj_sub(v, blanks(v), v.len));
	struct nj_view rest, line;
	struct start first;
	size_t end;

	first.dir = dir;
	if (!nj_cur_left(&c))
		return NJ_MORE;
	line = nj_cur_line(&c);
	if (c.bad || !start_read(line, &first))
		return s->sure ? NJ_BROKEN : NJ_REJECT;
	rest = nj_cur_rest(&c);
	end = rest.len && rest.data[0] == '\r' ? SIZE_MAX : head_end(rest);
	message(d, s, &first, nj_sub(rest, 0, end),
		nj_sub(rest, end, rest.len));
	return NJ_MORE;
}

/* After a gap: up to a line that begins a message. */
static size_t
find_start(struct nj_view v, bool *found)
{
	size_t at = 0;

	*found = false;
	while (at < v.len) {
		struct nj_view rest = nj_sub(v, at, v.len);
		size_t n = nj_view_chr(rest, '\n');
		struct start first;

		if (n == SIZE_MAX)
			break;
		*found = start_read(nj_view_trim(nj_sub(rest, 0, n)), &first);
		if (*found)
			break;
		at += n + 1;
	}
	return at;
}

/* One message at the front of v: gives its bytes; 0 while more is needed,
 * SIZE_MAX when it is none. */
static size_t
stream_message(
	struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct message m = { 0 };
	struct nj_cur c = nj_cur(v);
	struct nj_view line = nj_cur_line(&c), head;
	struct start first = { .dir = dir };
	size_t end;

	if (c.bad)
		return v.len > HEAD_MAX ? SIZE_MAX : 0;
	if (!start_read(line, &first))
		return SIZE_MAX;
	end = head_end(v);
	if (end == SIZE_MAX)
		return v.len > HEAD_MAX ? SIZE_MAX : 0;
	head = nj_sub(v, v.len - nj_cur_left(&c), v.len);
	head = nj_sub(head, 0, end - (v.len - nj_cur_left(&c)));
	m.request = first.request;
	headers_read(NULL, s, &m, head);
	if (m.body_len > BODY_WANTED) {
		message(d, s, &first, head, (struct nj_view){ 0 });
		nj_consume(d, end);
		nj_skip(d, m.body_len);
		return 0;
	}
	if (v.len - end < m.body_len)
		return 0;
	message(d, s, &first, head, nj_sub(v, end, (size_t)m.body_len));
	return end + (size_t)m.body_len;
}

static enum nj_verdict
sip_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);

	while (v.len) {
		size_t n = blanks(v);

		if (!n && s->lost[dir]) {
			bool found;

			n = find_start(v, &found);
			s->lost[dir] = !found;
			if (!n && !found)
				return NJ_MORE;
		} else if (!n) {
			n = stream_message(d, s, dir, v);
			if (n == SIZE_MAX)
				return s->sure ? NJ_BROKEN : NJ_REJECT;
			if (!n)
				return NJ_MORE;
		}
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
	}
	return NJ_MORE;
}

static enum nj_verdict
sip_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct state *s = nj_state(d);

	(void)v;
	(void)len;
	s->lost[dir] = true;
	return s->sure ? NJ_MORE : NJ_REJECT;
}

static void
sip_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	if (s->pending && s->sure)
		tell(d, s);
}

const struct nj_dissector nj_dissector_sip = {
	.name = "sip",
	.title = "SIP",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT }, { NJ_TCP, PORT },
		{ 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^[A-Z]{3,12} (sip|sips|tel|im|pres):[^ \r\n]", 0 },
			{ "^SIP/2\\.0 [1-6][0-9][0-9] ", 0 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &sip_desc,
		&eve_sip_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.buffer_max = 64 * 1024,
	.datagram = sip_datagram,
	.stream = sip_stream,
	.gap = sip_gap,
	.end = sip_end,
};
