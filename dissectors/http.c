/*
 * http.c - HTTP/0.9, 1.0 and 1.1 (RFC 1945, RFC 9112) as one record for each
 * request with its response.
 *
 * Both directions run the same machine: a start line, a message
 * (shared/http_msg.h), the next start line. Requests and responses are paired
 * in order, up to a hundred requests ahead of their responses. After a gap
 * the machine looks for the next start line.
 * A flow that changes to another protocol, or into a tunnel, is handed to
 * detection; HTTP/2 and WebSocket frames are read by dissectors of their own.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/dns_eve.h"
#include "dissectors/shared/http_eve.h"
#include "dissectors/shared/http_msg.h"
#include "dissectors/shared/http_odd.h"
#include "dissectors/shared/proxy.h"

enum {
	PENDING_MAX = 100,    /* requests without a response */
	WAIT_MAX = 12 * 1024, /* bytes behind CONNECT before its response */
	SEARCH_LINE_MAX = 4096,
	SEARCH_MAX = 64 * 1024 /* bytes without a start line */
};

static const struct nj_oddity oddities[] = {
#define O(id, name, text) [NJ_HTTP_ODD_##id] = { name, text },
	NJ_HTTP_ODDITIES(O)
#undef O
		{ 0 }
};

enum state {
	START,
	MESSAGE,
	SEARCH, /* for the next start line */
	WAIT,   /* a CONNECT's client, until the response */
	NOTHING /* given up */
};

struct half {
	uint8_t state;
	bool any; /* some message was read */
	uint64_t searched;
	struct nj_http_msg msg;
};

struct http_state {
	struct half half[2];
	struct nj_http_tx *first, *last; /* requests, oldest first */
	struct nj_http_ranged ranged;
	struct nj_gss *gss; /* NULL until somebody logs in */
	struct nj_software_http software;
	unsigned pending;
	uint32_t files;
	uint64_t depth, requests;
	bool begun, keep_alive;
	bool tunnel; /* what comes is not HTTP/1: nothing more is read */
	bool over;   /* and nobody else reads it */
};

/* ---- Transactions ---- */

static void
forget(struct half *h, const struct nj_http_tx *t)
{
	if (h->msg.tx == t)
		h->msg.tx = NULL;
}

static void
flush_pending(struct nj_dctx *d, struct http_state *st)
{
	while (st->first) {
		struct nj_http_tx *t = st->first;

		st->first = t->next;
		forget(&st->half[NJ_ORIG], t);
		forget(&st->half[NJ_RESP], t);
		nj_http_tx_emit(t, d);
	}
	st->last = NULL;
	st->pending = 0;
}

static struct nj_http_tx *
tx_add(struct nj_dctx *d, struct http_state *st)
{
	struct nj_http_tx *t;

	if (st->pending > PENDING_MAX) {
		nj_odd(d, NJ_HTTP_ODD_PIPELINE);
		flush_pending(d, st);
	}
	t = nj_http_tx_open(d, ++st->depth);
	if (!t) {
		/* No room: what waits is written as far as it is known. */
		flush_pending(d, st);
		t = nj_http_tx_open(d, st->depth);
	}
	if (!t)
		return NULL;
	if (st->last)
		st->last->next = t;
	else
		st->first = t;
	st->last = t;
	st->pending++;
	return t;
}

/* ---- The ends of messages ---- */

static void
request_done(struct nj_dctx *d, struct half *h)
{
	struct nj_http_tx *t = h->msg.tx;

	h->msg.tx = NULL;
	if (!t)
		return;
	if (t->reply_done)
		nj_http_tx_emit(t, d);
	else if (t->is_connect)
		h->state = WAIT;
}

/* The response is complete. While its request is still being sent the record
 * waits for that, out of the queue. */
static void
tx_replied(struct nj_dctx *d, struct http_state *st, struct nj_http_tx *t)
{
	NJ_ASSERT(t == st->first);
	st->first = t->next;
	if (!st->first)
		st->last = NULL;
	st->pending--;
	t->next = NULL;
	t->reply_done = true;
	if (st->half[NJ_ORIG].msg.tx != t)
		nj_http_tx_emit(t, d);
}

/* Writes the record; gives what the dissector of its frames is told. */
static unsigned
websocket_opened(struct nj_dctx *d, const struct nj_http_tx *t)
{
	static const struct {
		unsigned bit, oddity;
	} odds[] = { { NJ_WEBSOCKET_NO_KEY, NJ_HTTP_ODD_WS_NO_KEY },
		{ NJ_WEBSOCKET_NO_ACCEPT, NJ_HTTP_ODD_WS_NO_ACCEPT },
		{ NJ_WEBSOCKET_WRONG_ACCEPT, NJ_HTTP_ODD_WS_ACCEPT },
		{ NJ_WEBSOCKET_KEYS, NJ_HTTP_ODD_WS_KEYS },
		{ NJ_WEBSOCKET_ACCEPTS, NJ_HTTP_ODD_WS_ACCEPTS },
		{ NJ_WEBSOCKET_PROTOCOLS, NJ_HTTP_ODD_WS_PROTOCOLS } };
	const struct nj_websocket *w = t->websocket;
	struct websocket_event ev = {
		.host = t->host, .uri = t->uri, .user_agent = t->user_agent
	};
	struct nj_view addl = { 0 };
	unsigned odd = nj_websocket_check(w, d, &addl);

	for (size_t i = 0; i < nj_countof(odds); i++)
		if (odd & odds[i].bit)
			nj_odd_addl(d, odds[i].oddity,
				odds[i].bit == NJ_WEBSOCKET_WRONG_ACCEPT
					? addl
					: (struct nj_view){ 0 });
	if (w) {
		ev.subprotocol = w->subprotocol;
		ev.client_protocols = nj_pad_list_vector(d, w->protocols);
		ev.client_extensions =
			nj_pad_list_vector(d, w->extensions[NJ_ORIG]);
		ev.server_extensions =
			nj_pad_list_vector(d, w->extensions[NJ_RESP]);
	}
	(void)nj_emit(d, &websocket_desc, &ev);
	return nj_websocket_param(w);
}

static void
reply_done(struct nj_dctx *d, struct http_state *st, struct half *h)
{
	struct nj_http_tx *t = h->msg.tx;
	uint16_t code = h->msg.code;
	bool tunnel = code == 101 && h->msg.upgrade, connect;
	/* What follows may be HTTP again, and counts on. */
	uint64_t param = (uint64_t)st->files << 32 | (uint32_t)st->depth;
	const char *to = NULL;

	h->msg.tx = NULL;
	if (!t || (code >= 100 && code < 200 && !tunnel))
		return; /* the final response is to come */
	connect = t->is_connect;
	if (connect && code >= 200 && code < 300)
		tunnel = true;
	else if (st->half[NJ_ORIG].state == WAIT)
		st->half[NJ_ORIG].state = START;
	if (tunnel && h->msg.websocket && !connect && !st->tunnel) {
		to = "websocket";
		param = param << NJ_WEBSOCKET_DEPTH_SHIFT |
			websocket_opened(d, t);
	}
	tx_replied(d, st, t);
	if (!tunnel || st->tunnel)
		return;
	st->tunnel = true;
	if (connect)
		nj_proxy_tell(d, NJ_LIT("Tunnel::HTTP"));
	st->half[NJ_ORIG].state = st->half[NJ_RESP].state = NOTHING;
	st->over = !nj_handover(d, to, param);
}

/* The message in hand, if any, is over. */
static void
message_done(struct nj_dctx *d, struct http_state *st, enum nj_dir dir)
{
	struct half *h = &st->half[dir];

	if (h->msg.state != NJ_HTTP_NONE)
		nj_http_msg_end(&h->msg, d);
	if (h->state != MESSAGE)
		return;
	h->state = START;
	st->keep_alive |= h->msg.keep_alive && dir == NJ_ORIG;
	if (dir == NJ_ORIG)
		request_done(d, h);
	else
		reply_done(d, st, h);
}

/* ---- Start lines ---- */

static void
message_begin(struct nj_dctx *d, struct http_state *st, enum nj_dir dir,
	struct nj_http1_version version)
{
	struct half *h = &st->half[dir];
	struct nj_http1_version before = h->msg.version;
	struct nj_http_tx *t = NULL;

	nj_confirm(d);
	if (h->any && !nj_http1_is(before, version.major, version.minor))
		nj_odd(d, NJ_HTTP_ODD_VERSION_MISMATCH);
	if (version.major > 1 || (version.major == 1 && version.minor))
		st->keep_alive = true;
	/* A response belongs to the oldest request; when none was seen it
	 * makes a transaction of its own. */
	if (dir == NJ_RESP)
		t = st->first;
	if (!t)
		t = tx_add(d, st);
	h->msg.files = &st->files;
	h->msg.ranged = &st->ranged;
	h->msg.gss = &st->gss;
	h->msg.software = &st->software;
	nj_http_msg_begin(&h->msg, dir, version, t);
	h->any = true;
	h->state = MESSAGE;
}

static void
search_begin(struct half *h)
{
	h->state = SEARCH;
	h->searched = 0;
}

static void
take_target(struct nj_dctx *d, struct nj_http_tx *t, struct nj_view target)
{
	static const struct {
		unsigned bit, oddity;
	} odds[] = { { NJ_URI_LONE_PERCENT, NJ_HTTP_ODD_URI_LONE },
		{ NJ_URI_HALF_ESCAPE, NJ_HTTP_ODD_URI_PARTIAL },
		{ NJ_URI_DOUBLE_PERCENT, NJ_HTTP_ODD_URI_DOUBLE },
		{ NJ_URI_BAD_ESCAPE, NJ_HTTP_ODD_URI_ESCAPE } };
	uint8_t *out = nj_arena(d, target.len);
	unsigned odd;
	size_t n;

	if (!out)
		return;
	n = nj_http1_unescape(target, out, &odd);
	for (size_t i = 0; i < nj_countof(odds); i++)
		if (odd & odds[i].bit)
			nj_odd(d, odds[i].oddity);
	if (t)
		t->uri = nj_pad_text(&t->pad, d, (struct nj_view){ out, n });
}

static void
request_line(struct nj_dctx *d, struct http_state *st, struct nj_view line)
{
	struct half *h = &st->half[NJ_ORIG];
	struct nj_http1_request r;
	enum nj_http1_line what = nj_http1_request_line(line, &r);
	struct nj_http_tx *t;

	if (what != NJ_HTTP1_OK) {
		nj_odd(d, what == NJ_HTTP1_BAD
				  ? NJ_HTTP_ODD_BAD_REQUEST
				  : NJ_HTTP_ODD_BAD_REQUEST_VERSION);
		search_begin(h);
		return;
	}
	if (++st->requests > 1 && !st->keep_alive)
		nj_odd(d, NJ_HTTP_ODD_MULTIPLE);
	if (nj_http1_is_preface(&r)) {
		st->tunnel = true;
		st->over = !nj_handover(d, "http2", 0);
		return;
	}
	message_begin(d, st, NJ_ORIG, r.version);
	if (r.no_target)
		nj_odd(d, NJ_HTTP_ODD_NO_URI);
	if (r.lower)
		nj_odd(d, NJ_HTTP_ODD_LOWER_CASE);
	if (!nj_http1_known_method(r.method))
		nj_odd_addl(d, NJ_HTTP_ODD_UNKNOWN_METHOD, r.method);
	if (nj_http1_is(r.version, 0, 9) &&
		!nj_view_eq(r.method, NJ_LIT("GET")))
		nj_odd_addl(d, NJ_HTTP_ODD_09_METHOD, r.method);
	t = h->msg.tx;
	take_target(d, t, r.target);
	if (!t)
		return;
	if (nj_view_eq(r.method, NJ_LIT("POST")) &&
		nj_view_casestarts(r.target, NJ_LIT("/wsman")))
		nj_confirm_as(d, "winrm");
	t->method = nj_pad_text(&t->pad, d, r.method);
	nj_http_eve_request(t, d, &r);
	/* HTTP/0.9 has no HEAD: what answers it is contents. */
	t->is_head = nj_view_caseeq(r.method, NJ_LIT("HEAD")) &&
		     !nj_http1_is(r.version, 0, 9);
	t->is_connect = nj_view_caseeq(r.method, NJ_LIT("CONNECT"));
}

static void
note_status(
	struct nj_dctx *d, struct nj_http_tx *t, const struct nj_http1_reply *r)
{
	struct nj_view reason = r->reason.data ? r->reason : NJ_LIT("<empty>");

	t->has_status = true;
	t->status = r->code;
	t->status_msg = nj_pad_text(&t->pad, d, reason);
	t->major = r->version.major;
	t->minor = r->version.minor;
	if (r->code < 100 || r->code > 199)
		return;
	t->has_info = true;
	t->info = r->code;
	t->info_msg = t->status_msg;
}

static void
reply_begin(struct nj_dctx *d, struct http_state *st,
	const struct nj_http1_reply *r)
{
	struct nj_http_msg *m = &st->half[NJ_RESP].msg;

	message_begin(d, st, NJ_RESP, r->version);
	if (r->lower)
		nj_odd(d, NJ_HTTP_ODD_LOWER_CASE);
	m->code = r->code;
	if (m->tx)
		note_status(d, m->tx, r);
}

/* Is the open request one of HTTP/0.9, whose response has no header? */
static bool
is_09(const struct http_state *st)
{
	return st->pending == 1 && st->half[NJ_ORIG].any &&
	       nj_http1_is(st->half[NJ_ORIG].msg.version, 0, 9);
}

/* All that answers such a request is contents (RFC 1945 6). */
static void
reply_09_begin(struct nj_dctx *d, struct http_state *st)
{
	struct nj_http1_reply r = { .version = { 0, 9 } };

	reply_begin(d, st, &r);
	nj_http_msg_head_done(&st->half[NJ_RESP].msg, d);
}

static void
reply_line(struct nj_dctx *d, struct http_state *st, struct nj_view line)
{
	struct half *h = &st->half[NJ_RESP];
	struct nj_http1_reply r;

	if (nj_http1_reply_line(line, &r)) {
		reply_begin(d, st, &r);
		return;
	}
	nj_odd(d, NJ_HTTP_ODD_REPLY);
	search_begin(h);
}

/* ---- Steps: each gives how many bytes of v it is done with ---- */

static size_t
step_start(struct nj_dctx *d, struct http_state *st, enum nj_dir dir,
	struct nj_view v)
{
	struct half *h = &st->half[dir];
	struct nj_view line;
	size_t n;

	/* Some send carriage returns ahead, to be overlooked. */
	if (v.data[0] == '\r' && v.len == 1)
		return 0;
	if (v.data[0] == '\r' && v.data[1] != '\n')
		return 1;
	if (dir == NJ_RESP && is_09(st)) {
		reply_09_begin(d, st);
		return 0;
	}
	n = nj_http_msg_line(&h->msg, d, v, &line);
	if (!n)
		return 0;
	if (!line.len) {
		if (dir == NJ_ORIG && h->any)
			nj_odd(d, NJ_HTTP_ODD_EMPTY_REQUEST);
		return n;
	}
	if (dir == NJ_ORIG)
		request_line(d, st, line);
	else
		reply_line(d, st, line);
	return n;
}

/* n more bytes of no message. */
static size_t
searched(struct half *h, size_t n)
{
	h->searched += n;
	if (h->searched > SEARCH_MAX)
		h->state = NOTHING;
	return n;
}

/* After a gap, or after what was no message: the next line that begins one. */
static size_t
step_search(struct nj_dctx *d, struct http_state *st, enum nj_dir dir,
	struct nj_view v)
{
	struct half *h = &st->half[dir];
	struct nj_view ahead = nj_sub(v, 0, SEARCH_LINE_MAX);
	bool more = false, looks;

	if (v.data[0] != '\r' && v.data[0] != '\n') {
		looks = dir == NJ_ORIG ? nj_http1_looks_request(ahead, &more)
				       : nj_http1_looks_reply(ahead, &more);
		if (looks && nj_view_chr(ahead, '\n') != SIZE_MAX) {
			h->state = START;
			return step_start(d, st, dir, v);
		}
		if (looks && ahead.len < SEARCH_LINE_MAX)
			return 0;
		/* The middle of a line begins nothing. */
		h->msg.skip_line = true;
	}
	return searched(h, 1);
}

static size_t
step(struct nj_dctx *d, struct http_state *st, enum nj_dir dir,
	struct nj_view v)
{
	struct half *h = &st->half[dir];
	size_t n;

	if (h->msg.skip_line) {
		n = nj_view_chr(v, '\n');
		h->msg.skip_line = n == SIZE_MAX;
		n = n == SIZE_MAX ? v.len : n + 1;
		return h->state == SEARCH ? searched(h, n) : n;
	}
	switch ((enum state)h->state) {
	case START:
		return step_start(d, st, dir, v);
	case MESSAGE:
		n = nj_http_msg_step(&h->msg, d, v);
		if (h->msg.state == NJ_HTTP_NONE)
			message_done(d, st, dir);
		return n;
	case SEARCH:
		return step_search(d, st, dir, v);
	case WAIT:
		if (v.len > WAIT_MAX)
			search_begin(h);
		return 0;
	case NOTHING:
		break;
	}
	return v.len;
}

/* ---- Callbacks ---- */

static enum nj_verdict
http_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	bool more, looks;

	(void)d;
	/* No further, or what is asked for would depend on the segments. */
	v = nj_sub(v, 0, NJ_DETECT_BYTES);
	looks = dir == NJ_ORIG ? nj_http1_looks_request(v, &more)
			       : nj_http1_looks_reply(v, &more);
	if (!looks)
		return NJ_REJECT;
	return more ? NJ_MORE : NJ_ACCEPT;
}

/* Inside a tunnel of our own: goes on with its counts. */
static void
inherit(struct nj_dctx *d, struct http_state *st)
{
	const char *parent = nj_parent(d);

	st->begun = true;
	if (!parent || (strcmp(parent, "http") && strcmp(parent, "websocket")))
		return;
	st->depth = (uint32_t)nj_param(d);
	st->files = (uint32_t)(nj_param(d) >> 32);
}

static enum nj_verdict
http_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct http_state *st = nj_state(d);

	if (!st->begun)
		inherit(d, st);
	while (v.len && !st->tunnel) {
		uint8_t before = st->half[dir].state;
		size_t n = step(d, st, dir, v);

		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
		if (!n && st->half[dir].state == before)
			break;
	}
	if (st->over ||
		(st->half[NJ_ORIG].state == NOTHING &&
			st->half[NJ_RESP].state == NOTHING && !st->tunnel))
		return NJ_DONE;
	return NJ_MORE;
}

static enum nj_verdict
http_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct http_state *st = nj_state(d);
	struct half *h = &st->half[dir];

	(void)v;
	if (h->state == NOTHING)
		return NJ_MORE;
	if (h->state == MESSAGE && nj_http_msg_gap(&h->msg, d, len)) {
		if (h->msg.state == NJ_HTTP_NONE)
			message_done(d, st, dir);
		return NJ_MORE;
	}
	message_done(d, st, dir);
	h->msg.skip_line = false;
	if (!st->tunnel)
		search_begin(h);
	return NJ_MORE;
}

static void
http_eof(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct http_state *st = nj_state(d);
	struct half *h = &st->half[dir];

	if (st->tunnel)
		return;
	if (h->state == START && v.len && dir == NJ_ORIG)
		request_line(d, st, v);
	else if (h->state == START && v.len)
		reply_line(d, st, v);
	else if (h->msg.state == NJ_HTTP_HEAD && v.len)
		nj_http_msg_line_field(&h->msg, d, v);
	message_done(d, st, dir);
	if (!st->tunnel)
		h->state = NOTHING;
}

static void
http_end(struct nj_dctx *d)
{
	struct http_state *st = nj_state(d);

	st->tunnel = true; /* a late 2xx hands nothing over any more */
	message_done(d, st, NJ_ORIG);
	message_done(d, st, NJ_RESP);
	if (st->gss)
		nj_gss_end(st->gss, d);
	nj_file_close(&st->ranged.file, d, false);
	flush_pending(d, st);
}

const struct nj_dissector nj_dissector_http = {
	.name = "http",
	.title = "HTTP",
	.ports = (const struct nj_port[]){ { NJ_TCP, 80 }, { NJ_TCP, 81 },
		{ NJ_TCP, 631 }, { NJ_TCP, 1080 }, { NJ_TCP, 3128 },
		{ NJ_TCP, 8000 }, { NJ_TCP, 8080 }, { NJ_TCP, 8888 }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^[\\r\\n]{0,4}(GET|HEAD|POST|PUT|"
					   "DELETE|OPTIONS|TRACE|"
					   "CONNECT|PATCH|QUERY|PROPFIND|"
					   "PROPPATCH|MKCOL|COPY|MOVE|LOCK|"
					   "UNLOCK|REPORT|SEARCH|POLL|"
					   "SUBSCRIBE|UNSUBSCRIBE|NOTIFY|"
					   "BMOVE|BCOPY|BDELETE|BPROPFIND|"
					   "BPROPPATCH|VERSION-CONTROL|"
					   "CHECKOUT|CHECKIN|MERGE|ACL|"
					   "MKACTIVITY|RPC_IN_DATA|"
					   "RPC_OUT_DATA|CCM_POST|BITS_POST|"
					   "SSTP_DUPLEX_POST|PURGE) ",
						 NJ_SIG_ORIG },
		{ "^[\\r\\n]{0,4}[!-~]{3,24} [^\\r\\n]{1,400} HTTP/[012]\\.",
			NJ_SIG_ORIG },
		{ "^[\\r\\n]{0,4}HTTP/[0-9]", NJ_SIG_RESP | NJ_SIG_NOCASE },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &http_desc,
		&eve_http_desc, &eve_anomaly_desc, &eve_dns_desc,
		&websocket_desc, NJ_FILE_EVENTS, &tunnel_desc, &software_desc,
		0 },
	.oddities = oddities,
	.state_bytes = sizeof(struct http_state),
	.buffer_max = NJ_HTTP_LINE_MAX + 1,
	.probe = http_probe,
	.stream = http_stream,
	.gap = http_gap,
	.eof = http_eof,
	.end = http_end,
};
