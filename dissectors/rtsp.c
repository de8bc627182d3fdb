/*
 * rtsp.c - streams that are asked for and steered: RTSP (RFC 7826, version 1
 * by RFC 2326) over TCP, one record a request and its answer; the media that
 * it agrees on is expected, and what runs inside of it read.
 *
 * Why we tell it: cameras speak it, with passwords that everybody knows, and
 * who looks at which of them is worth knowing.
 */
#include "dissectors/shared/field.h"
#include "dissectors/shared/sdp.h"
#include "engine/dissect/dissector.h"

#define RTSP(F, tag)                                                           \
	F(tag, 1, STR, method, NJ_INDEX | NJ_LEARN, "What was asked for")      \
	F(tag, 2, STR, uri, NJ_INDEX, "Of which stream")                       \
	F(tag, 3, U64, cseq, 0, "Number of the request")                       \
	F(tag, 4, STR, user_agent, NJ_INDEX | NJ_LEARN,                        \
		"The client's program")                                        \
	F(tag, 5, U16, status_code, NJ_OPT | NJ_INDEX | NJ_LEARN,              \
		"The answer's number")                                         \
	F(tag, 6, STR, status_msg, NJ_LEARN, "The answer's text")              \
	F(tag, 7, STR, server, NJ_INDEX | NJ_LEARN, "The server's program")    \
	F(tag, 8, STR, session, NJ_INDEX, "Identifier of the session")         \
	F(tag, 9, STR, transport, 0, "How the media is to flow")               \
	F(tag, 10, STR, content_type, 0, "What the answer holds")              \
	F(tag, 11, STR, auth_user, NJ_INDEX | NJ_PII, "Name of the log-in")

NJ_EVENT(rtsp, RTSP, "One RTSP request and its answer");

enum { ODD_CHANNEL };
static const struct nj_oddity oddities[] = {
	[ODD_CHANNEL] = { "rtsp_channel",
		"Neither a message nor a piece of media where one begins" },
	{ 0 }
};

enum {
	PORT = 554,
	PORT_OTHER = 8554,
	PENDING = 8,
	TEXT_MAX = 512,
	HEADERS_MAX = 64,
	HEAD_MAX = 16 * 1024,
	BODY_WANTED = 16 * 1024,
	CHANNELS = 2
};

/* A request that waits for its answer; all views are kept. */
struct request {
	int64_t began;
	uint64_t cseq;
	struct nj_view method, uri, agent, user;
	bool used;
};

struct state {
	struct request requests[PENDING];
	unsigned media[CHANNELS]; /* children */
	uint8_t next;
	bool sure;
};

struct message {
	struct nj_view first, second, third; /* of its first line */
	struct nj_view agent, server, session, transport, type, auth;
	uint64_t cseq, body_len;
	bool request;
};

/* "OPTIONS rtsp://host/ RTSP/1.0", "RTSP/1.0 200 OK" */
static bool
start_read(struct nj_view line, struct message *m)
{
	size_t n = nj_view_chr(line, ' ');
	struct nj_view rest;

	if (n == SIZE_MAX || !n)
		return false;
	m->first = nj_sub(line, 0, n);
	rest = nj_sub(line, n + 1, line.len);
	n = nj_view_chr(rest, ' ');
	m->second = nj_sub(rest, 0, n);
	m->third = n == SIZE_MAX ? (struct nj_view){ 0 }
				 : nj_sub(rest, n + 1, rest.len);
	m->request = !nj_view_starts(line, NJ_LIT("RTSP/"));
	if (!m->request)
		return m->second.len == 3;
	return nj_view_starts(m->third, NJ_LIT("RTSP/"));
}

static void
header(struct message *m, struct nj_view name, struct nj_view value)
{
	struct {
		const char *name;
		struct nj_view *to;
	} const known[] = { { "User-Agent", &m->agent },
		{ "Server", &m->server }, { "Session", &m->session },
		{ "Transport", &m->transport }, { "Content-Type", &m->type },
		{ "Authorization", &m->auth } };
	uint64_t n;

	if (nj_view_u64(value, &n)) {
		if (nj_view_caseeq(name, NJ_LIT("CSeq")))
			m->cseq = n;
		else if (nj_view_caseeq(name, NJ_LIT("Content-Length")))
			m->body_len = n;
	}
	for (unsigned i = 0; i < nj_countof(known); i++)
		if (nj_view_caseeq(name, nj_str(known[i].name)))
			*known[i].to = value;
}

/* A message's head at the front of v: its bytes; 0: more is needed,
 * SIZE_MAX: it is none. */
static size_t
head_read(struct nj_view v, struct message *m)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view line = nj_cur_line(&c), name, value;

	if (c.bad)
		return v.len > HEAD_MAX ? SIZE_MAX : 0;
	if (!start_read(line, m))
		return SIZE_MAX;
	for (unsigned i = 0; i < HEADERS_MAX; i++) {
		line = nj_cur_line(&c);
		if (c.bad)
			return v.len > HEAD_MAX ? SIZE_MAX : 0;
		if (!line.len)
			return v.len - nj_cur_left(&c);
		if (nj_field_split(line, &name, &value))
			header(m, nj_view_trim(name), nj_view_trim(value));
	}
	return SIZE_MAX;
}

static struct nj_view
user_of(struct nj_view auth)
{
	size_t at = nj_view_find(auth, NJ_LIT("username=\""));

	if (at == SIZE_MAX)
		return (struct nj_view){ 0 };
	auth = nj_sub(auth, at + 10, auth.len);
	return nj_sub(auth, 0, nj_view_chr(auth, '"'));
}

static void
request_drop(struct nj_dctx *d, struct request *r)
{
	struct nj_view kept[] = { r->method, r->uri, r->agent, r->user };

	for (unsigned i = 0; i < nj_countof(kept); i++)
		nj_drop(d, (void *)(uintptr_t)kept[i].data);
	*r = (struct request){ 0 };
}

static void
tell(struct nj_dctx *d, struct request *r, const struct message *answer)
{
	struct rtsp_event ev = { .method = r->method,
		.uri = r->uri,
		.cseq = r->cseq,
		.user_agent = r->agent,
		.auth_user = r->user };
	uint64_t status;

	if (answer) {
		if (nj_view_u64(answer->second, &status))
			nj_set(&ev, rtsp, status_code, (uint16_t)status);
		ev.cseq = answer->cseq;
		ev.status_msg = answer->third;
		ev.server = answer->server;
		ev.session = nj_sub(
			answer->session, 0, nj_view_chr(answer->session, ';'));
		ev.transport = answer->transport;
		ev.content_type = answer->type;
	}
	(void)nj_emit_at(d, &rtsp_desc, &ev, r->used ? r->began : nj_now(d));
	request_drop(d, r);
}

static void
ask(struct nj_dctx *d, struct state *s, const struct message *m)
{
	struct request *r = &s->requests[s->next++ % PENDING];

	if (r->used)
		tell(d, r, NULL);
	*r = (struct request){
		.began = nj_now(d), .cseq = m->cseq, .used = true
	};
	r->method = nj_keep_view(d, m->first, TEXT_MAX);
	r->uri = nj_keep_view(d, m->second, TEXT_MAX);
	if (m->agent.len)
		r->agent = nj_keep_view(d, m->agent, TEXT_MAX);
	if (user_of(m->auth).len)
		r->user = nj_keep_view(d, user_of(m->auth), TEXT_MAX);
}

/* "RTP/AVP;unicast;client_port=50000-50001;server_port=..." */
static void
expect_media(struct nj_dctx *d, enum nj_dir dir, struct nj_view transport)
{
	size_t at = nj_view_find(transport, NJ_LIT("client_port="));
	struct nj_view ports;
	uint64_t n;

	if (at == SIZE_MAX || !nj_view_starts(transport, NJ_LIT("RTP/")))
		return;
	ports = nj_sub(transport, at + 12, transport.len);
	ports = nj_sub(ports, 0, nj_view_chr(ports, ';'));
	ports = nj_sub(ports, 0, nj_view_chr(ports, '-'));
	if (!nj_view_u64(ports, &n) || !n || n >= 0xffff)
		return;
	for (unsigned i = 0; i < 2; i++) {
		struct nj_expectation want = { .resp = nj_addr_of(
						       d, nj_other(dir)),
			.resp_port = (uint16_t)(n + i),
			.transport = NJ_UDP,
			.dissector = "rtp",
			.param = NJ_SDP_SAID | (i ? NJ_SDP_RTCP : 0) };

		nj_expect(d, &want);
	}
}

static void
answer(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	const struct message *m)
{
	struct request none = { 0 };
	struct request *r = &none;

	for (unsigned i = 0; i < PENDING; i++)
		if (s->requests[i].used && s->requests[i].cseq == m->cseq)
			r = &s->requests[i];
	if (nj_view_eq(m->second, NJ_LIT("200")) && m->transport.len)
		expect_media(d, dir, m->transport);
	tell(d, r, m);
}

/* "$", channel, length: a piece of media between messages (RFC 2326 10.12).
 * Even channels are RTP, odd ones the RTCP of the one before. */
static size_t
media(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t channel;
	struct nj_view piece;

	nj_cur_skip(&c, 1);
	channel = nj_cur_u8(&c);
	piece = nj_cur_take(&c, nj_cur_u16(&c));
	if (c.bad)
		return 0;
	if (channel / 2 < CHANNELS) {
		unsigned *child = &s->media[channel / 2];

		if (!*child)
			*child = nj_child_open(d, "rtp", 0);
		if (*child && nj_child_feed(d, *child, dir, piece) == NJ_REJECT)
			*child = 0;
	}
	return 4 + piece.len;
}

/* What is at the front of v: its bytes; 0: more is needed, SIZE_MAX: nothing
 * of ours. */
static size_t
one(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct message m = { 0 };
	size_t head;

	if (v.data[0] == '\r' || v.data[0] == '\n')
		return 1;
	if (v.data[0] == '$' && s->sure)
		return media(d, s, dir, v);
	head = head_read(v, &m);
	if (!head || head == SIZE_MAX)
		return head;
	if (m.body_len <= BODY_WANTED && v.len - head < m.body_len)
		return 0;
	s->sure = true;
	nj_confirm(d);
	if (m.request)
		ask(d, s, &m);
	else
		answer(d, s, dir, &m);
	if (m.body_len <= BODY_WANTED)
		return head + (size_t)m.body_len;
	nj_consume(d, head);
	nj_skip(d, m.body_len);
	return 0;
}

static enum nj_verdict
rtsp_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);

	while (v.len) {
		size_t n = one(d, s, dir, v);

		if (n == SIZE_MAX && !s->sure)
			return NJ_REJECT;
		if (n == SIZE_MAX) {
			nj_odd(d, ODD_CHANNEL);
			return NJ_BROKEN;
		}
		if (!n)
			return NJ_MORE;
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
	}
	return NJ_MORE;
}

static void
rtsp_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	for (unsigned i = 0; i < PENDING && s->sure; i++) {
		struct request *r = &s->requests[(s->next + i) % PENDING];

		if (r->used)
			tell(d, r, NULL);
	}
}

const struct nj_dissector nj_dissector_rtsp = {
	.name = "rtsp",
	.title = "RTSP",
	.ports = (const struct nj_port[]){ { NJ_TCP, PORT },
		{ NJ_TCP, PORT_OTHER }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^[A-Z_]{4,16} (rtsps?:|\\*)[^\r\n]{0,200} RTSP/[12]",
				NJ_SIG_TCP },
			{ "^RTSP/[12]\\.[0-9] [1-5][0-9][0-9] ", NJ_SIG_TCP },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &rtsp_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.buffer_max = 64 * 1024,
	.stream = rtsp_stream,
	.end = rtsp_end,
};
