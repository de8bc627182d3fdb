/*
 * amqp.c - AMQP 0-9-1 (AMQP Working Group; RabbitMQ) and 1.0 (OASIS): who logs
 * in to which broker, and which exchanges, queues and addresses are used.
 *
 * A record for each method that does something, with the answer where there is
 * one; of messages the size is told, not the contents, of a log-in the user,
 * not the password. TLS that is asked for by header goes on in ssl.
 */
#include "dissectors/shared/amqp1.h"
#include "dissectors/shared/pass.h"
#include "dissectors/shared/take.h"

#define AMQP(F, tag)                                                           \
	F(tag, 1, STR, command, NJ_INDEX | NJ_LEARN,                           \
		"login, open, queue.declare, basic.publish, attach ...")       \
	F(tag, 2, STR, exchange, NJ_INDEX, "Exchange")                         \
	F(tag, 3, STR, queue, NJ_INDEX, "Queue; in 1.0 the address")           \
	F(tag, 4, STR, routing_key, NJ_INDEX, "Key by which it is routed")     \
	F(tag, 5, BOOL, from_client, NJ_INDEX, "Else the broker sent it")      \
	F(tag, 6, STR, user, NJ_INDEX | NJ_PII, "User who logs in, or did")    \
	F(tag, 7, STR, auth_method, NJ_INDEX, "How the user proves himself")   \
	F(tag, 8, STR, vhost, NJ_INDEX, "Virtual host")                        \
	F(tag, 9, STR, product, NJ_INDEX, "Library of the client")             \
	F(tag, 10, BOOL, success, NJ_OPT | NJ_INDEX, "Did the broker agree?")  \
	F(tag, 11, U16, code, NJ_OPT | NJ_INDEX, "Number of a failure")        \
	F(tag, 12, STR, error, NJ_INDEX, "What the broker says of a failure")  \
	F(tag, 13, U64, message_bytes, NJ_OPT | NJ_LEARN,                      \
		"Bytes of the message's contents")                             \
	F(tag, 14, U64, messages, NJ_OPT | NJ_LEARN,                           \
		"Messages that wait in the queue")                             \
	F(tag, 15, U16, channel, 0, "Channel within the connection")           \
	F(tag, 16, STR, version, NJ_LEARN, "0-9-1 or 1.0")                     \
	F(tag, 17, IVAL, latency, NJ_OPT | NJ_LEARN, "From asking to answer")

NJ_EVENT(amqp, AMQP, "A method of AMQP");

enum {
	HEADER = 8,        /* of the protocol */
	LOOK_BYTES = 4096, /* of a frame */
	NAME_BYTES = 255,
	FRAME_MAX = 128 << 20,
	PENDING_MAX = 16,
	PRODUCT_FIELDS_MAX = 32
};

/* Class << 8 | method. */
#define M(class, method) ((uint16_t)((class) << 8 | (method)))
enum {
	START_OK = M(10, 11),
	TUNE = M(10, 30),
	OPEN = M(10, 40),
	OPEN_OK = M(10, 41),
	CLOSE = M(10, 50),
	CHANNEL_CLOSE = M(20, 40),
	EXCHANGE_DECLARE = M(40, 10),
	EXCHANGE_DELETE = M(40, 20),
	QUEUE_DECLARE = M(50, 10),
	QUEUE_DECLARE_OK = M(50, 11),
	QUEUE_BIND = M(50, 20),
	QUEUE_PURGE = M(50, 30),
	QUEUE_DELETE = M(50, 40),
	QUEUE_UNBIND = M(50, 50),
	CONSUME = M(60, 20),
	PUBLISH = M(60, 40),
	RETURN = M(60, 50),
	DELIVER = M(60, 60),
	GET = M(60, 70),
	GET_OK = M(60, 71),
	GET_EMPTY = M(60, 72)
};

enum { ODD_FRAME, ODD_METHOD };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "amqp_frame", "A frame that cannot be" },
	[ODD_METHOD] = { "amqp_method", "A method that ends too early" },
	{ 0 },
};

struct request {
	bool open, waits; /* for contents, not for an answer */
	bool from_client;
	uint16_t what, channel;
	const char *command;
	struct nj_view exchange, queue, key; /* kept */
	int64_t ts_ns;
};

struct amqp {
	bool sure, one; /* 1.0 */
	enum nj_dir client;
	uint8_t next;
	struct nj_view user, method, vhost, product; /* kept */
	struct request requests[PENDING_MAX];
};

/* What came of it. */
struct answer {
	bool success, counted, sized;
	uint16_t code;
	uint64_t messages, bytes;
	struct nj_view error;
};

/* ---- Records ---- */

static void
drop(struct nj_dctx *d, struct nj_view v)
{
	nj_drop(d, (void *)(uintptr_t)v.data);
}

static void
finish(struct nj_dctx *d, const struct amqp *s, struct request *r,
	const struct answer *a)
{
	struct amqp_event ev = { .command = nj_str(r->command),
		.exchange = r->exchange,
		.queue = r->queue,
		.routing_key = r->key,
		.from_client = r->from_client,
		.user = s->user,
		.vhost = s->vhost,
		.channel = r->channel,
		.version = s->one ? NJ_LIT("1.0") : NJ_LIT("0-9-1") };

	if (!r->open)
		return;
	if (r->what == START_OK || r->what == NJ_AMQP1_INIT) {
		ev.auth_method = s->method;
		ev.product = s->product;
	}
	if (a && a->sized) {
		nj_set(&ev, amqp, message_bytes, a->bytes);
	} else if (a) {
		nj_set(&ev, amqp, success, a->success);
		nj_set(&ev, amqp, latency, nj_now(d) - r->ts_ns);
	}
	if (a && a->code)
		nj_set(&ev, amqp, code, a->code);
	if (a && a->counted)
		nj_set(&ev, amqp, messages, a->messages);
	if (a)
		ev.error = a->error;
	(void)nj_emit_at(d, &amqp_desc, &ev, r->ts_ns);
	drop(d, r->exchange);
	drop(d, r->queue);
	drop(d, r->key);
	*r = (struct request){ 0 };
}

static struct request *
begin(struct nj_dctx *d, struct amqp *s, enum nj_dir dir, uint16_t channel)
{
	struct request *r = &s->requests[s->next];

	s->next = (uint8_t)((s->next + 1) % PENDING_MAX);
	finish(d, s, r, NULL);
	*r = (struct request){ .open = true,
		.from_client = dir == s->client,
		.channel = channel,
		.ts_ns = nj_now(d) };
	return r;
}

static void
keep(struct nj_dctx *d, struct nj_view *to, struct nj_view v)
{
	drop(d, *to);
	*to = nj_keep_view(d, v, NAME_BYTES);
}

/* The open one of a channel: newest first. */
static struct request *
find(struct amqp *s, uint16_t channel, bool from_client, bool waits)
{
	for (unsigned i = 1; i <= PENDING_MAX; i++) {
		struct request *r =
			&s->requests[(s->next + PENDING_MAX - i) % PENDING_MAX];

		if (r->open && r->channel == channel && r->waits == waits &&
			r->from_client == from_client)
			return r;
	}
	return NULL;
}

/* ---- 0-9-1 ---- */

static const char *
method_name(uint16_t what)
{
	switch (what) {
	case START_OK:
		return "login";
	case OPEN:
		return "open";
	case CLOSE:
		return "close";
	case CHANNEL_CLOSE:
		return "channel.close";
	case EXCHANGE_DECLARE:
		return "exchange.declare";
	case EXCHANGE_DELETE:
		return "exchange.delete";
	case QUEUE_DECLARE:
		return "queue.declare";
	case QUEUE_BIND:
		return "queue.bind";
	case QUEUE_PURGE:
		return "queue.purge";
	case QUEUE_DELETE:
		return "queue.delete";
	case QUEUE_UNBIND:
		return "queue.unbind";
	case CONSUME:
		return "basic.consume";
	case PUBLISH:
		return "basic.publish";
	case RETURN:
		return "basic.return";
	case DELIVER:
		return "basic.deliver";
	case GET:
		return "basic.get";
	default:
		return NULL;
	}
}

static struct nj_view
short_string(struct nj_cur *c)
{
	return nj_cur_take(c, nj_cur_u8(c));
}

/* "product" among the client's properties, of which those before it must be
 * texts or tables too. */
static struct nj_view
product_find(struct nj_view table)
{
	struct nj_cur c = nj_cur(table);

	for (unsigned i = 0; i < PRODUCT_FIELDS_MAX && nj_cur_left(&c); i++) {
		struct nj_view name = short_string(&c), value;
		uint8_t type = nj_cur_u8(&c);

		if (type == 't') {
			nj_cur_skip(&c, 1);
			continue;
		}
		if (type != 'S' && type != 'F' && type != 'A')
			break;
		value = nj_take_pre32(&c, false);
		if (!c.bad && type == 'S' &&
			nj_view_eq(name, NJ_LIT("product")))
			return value;
	}
	return (struct nj_view){ 0 };
}

/* PLAIN: [who] NUL user NUL password. */
static struct nj_view
plain_user(struct nj_view v)
{
	size_t nul = nj_view_chr(v, 0);

	if (nul == SIZE_MAX)
		return (struct nj_view){ 0 };
	v = nj_sub(v, nul + 1, v.len);
	return nj_sub(v, 0, nj_view_chr(v, 0));
}

static void
log_in(struct nj_dctx *d, struct amqp *s, struct nj_cur *c)
{
	struct nj_view table = nj_take_pre32(c, false), response;

	keep(d, &s->method, short_string(c));
	response = nj_take_pre32(c, false);
	keep(d, &s->product, product_find(table));
	if (nj_view_eq(s->method, NJ_LIT("PLAIN")))
		keep(d, &s->user, plain_user(response));
}

/* What a method is about. */
static void
arguments(
	struct nj_dctx *d, struct amqp *s, struct request *r, struct nj_cur *c)
{
	switch (r->what) {
	case START_OK:
		log_in(d, s, c);
		return;
	case OPEN:
		keep(d, &s->vhost, short_string(c));
		return;
	case DELIVER:
		(void)short_string(c);
		nj_cur_skip(c, 9);
		break;
	case RETURN:
		nj_cur_skip(c, 2);
		(void)short_string(c);
		break;
	case CLOSE:
	case CHANNEL_CLOSE:
		return;
	default:
		nj_cur_skip(c, 2);
		break;
	}
	if (r->what >= M(50, 0) && r->what <= CONSUME)
		keep(d, &r->queue, short_string(c));
	if (r->what == GET)
		keep(d, &r->queue, short_string(c));
	if (r->what == QUEUE_BIND || r->what == QUEUE_UNBIND ||
		r->what == PUBLISH || r->what == DELIVER || r->what == RETURN) {
		keep(d, &r->exchange, short_string(c));
		keep(d, &r->key, short_string(c));
	}
	if (r->what == EXCHANGE_DECLARE || r->what == EXCHANGE_DELETE)
		keep(d, &r->exchange, short_string(c));
}

/* A close with a code other than 200 is a failure, of what the channel waits
 * for when it is the broker's. */
static void
closed(struct nj_dctx *d, enum nj_dir dir, uint16_t channel, uint16_t what,
	struct nj_cur *c)
{
	struct amqp *s = nj_state(d);
	struct answer a = { .code = nj_cur_u16(c) };
	struct request *r = NULL;

	a.error = short_string(c);
	a.success = a.code == 200;
	if (a.success)
		a.code = 0;
	if (dir != s->client)
		r = find(s, channel, true, false);
	if (!r && a.success)
		return;
	if (!r) {
		r = begin(d, s, dir, channel);
		r->what = what;
		r->command = method_name(what);
	}
	finish(d, s, r, &a);
}

static void
answered(struct nj_dctx *d, struct amqp *s, uint16_t channel, uint16_t what,
	struct nj_cur *c)
{
	struct request *r = find(s, channel, true, false);
	struct answer a = { .success = what != GET_EMPTY };

	/* TUNE says that the log-in was good. */
	if (!r || (r->what == START_OK ? what != TUNE
				       : what <= r->what || what > r->what + 2))
		return;
	if (what == QUEUE_DECLARE_OK) {
		if (!r->queue.len) /* the broker has made up a name */
			keep(d, &r->queue, short_string(c));
		else
			(void)short_string(c);
		a.messages = nj_cur_u32(c);
		a.counted = !c->bad;
	}
	finish(d, s, r, &a);
}

static void
method(struct nj_dctx *d, enum nj_dir dir, uint16_t channel, struct nj_view v)
{
	struct amqp *s = nj_state(d);
	struct nj_cur c = nj_cur(v);
	uint16_t class = nj_cur_u16(&c), number = nj_cur_u16(&c), what;
	const char *name;
	struct request *r;

	if (c.bad || class > 255 || number > 255) {
		nj_odd(d, ODD_METHOD);
		return;
	}
	what = M(class, number);
	name = method_name(what);
	if (what == CLOSE || what == CHANNEL_CLOSE) {
		closed(d, dir, channel, what, &c);
		return;
	}
	if (!name) {
		if (dir != s->client)
			answered(d, s, channel, what, &c);
		return;
	}
	r = begin(d, s, dir, channel);
	r->what = what;
	r->command = name;
	r->waits = what == PUBLISH || what == DELIVER || what == RETURN;
	arguments(d, s, r, &c);
	if (c.bad)
		nj_odd(d, ODD_METHOD);
}

/* Contents: how long they are stands in a frame before them. */
static void
contents(struct nj_dctx *d, enum nj_dir dir, uint16_t channel, struct nj_view v)
{
	struct amqp *s = nj_state(d);
	struct request *r = find(s, channel, dir == s->client, true);
	struct nj_cur c = nj_cur(v);
	struct answer a = { .sized = true };

	nj_cur_skip(&c, 4);
	a.bytes = nj_cur_u64(&c);
	if (r && !c.bad)
		finish(d, s, r, &a);
}

/* ---- 1.0 ---- */

static void
performative(
	struct nj_dctx *d, enum nj_dir dir, uint16_t channel, struct nj_view v)
{
	struct amqp *s = nj_state(d);
	struct answer a = { 0 };
	struct request *r;
	struct nj_amqp1 m;

	if (!v.len)
		return; /* a heartbeat */
	if (!nj_amqp1_read(&m, v)) {
		nj_odd(d, ODD_METHOD);
		return;
	}
	r = find(s, channel, true, false);
	if (m.what == NJ_AMQP1_OUTCOME) {
		a.success = !m.code;
		a.code = m.code;
		if (r && r->what == NJ_AMQP1_INIT)
			finish(d, s, r, &a);
		return;
	}
	if (m.error.len) {
		a.error = m.error_text.len ? m.error_text : m.error;
		if (!r || dir == s->client) {
			r = begin(d, s, dir, channel);
			r->what = m.what;
			r->command = nj_amqp1_name(m.what);
		}
		finish(d, s, r, &a);
		return;
	}
	/* Answers are of the same kind as what they answer. */
	if (dir != s->client) {
		a.success = true;
		if (r && r->what == m.what)
			finish(d, s, r, &a);
		return;
	}
	if (m.what != NJ_AMQP1_OPEN && m.what != NJ_AMQP1_ATTACH &&
		m.what != NJ_AMQP1_INIT)
		return;
	r = begin(d, s, dir, channel);
	r->what = m.what;
	r->command = nj_amqp1_name(m.what);
	if (m.what == NJ_AMQP1_OPEN) {
		keep(d, &s->vhost, m.host);
		keep(d, &s->product, m.container);
	} else if (m.what == NJ_AMQP1_ATTACH) {
		keep(d, &r->queue, m.target.len ? m.target : m.source);
	} else {
		keep(d, &s->method, m.method);
		if (nj_view_eq(m.method, NJ_LIT("PLAIN")))
			keep(d, &s->user, plain_user(m.login));
	}
}

/* ---- Frames ---- */

struct frame {
	uint8_t type, tail; /* tail: bytes behind the body */
	uint16_t head, channel;
	uint32_t len; /* of the body */
};

/* False: there is no such frame. head 0: more bytes are needed. */
static bool
frame_read(const struct amqp *s, struct nj_view v, struct frame *f)
{
	struct nj_cur c = nj_cur(v);
	uint32_t size;
	uint8_t offset;

	*f = (struct frame){ 0 };
	if (s->one) {
		size = nj_cur_u32(&c);
		offset = nj_cur_u8(&c);
		f->type = nj_cur_u8(&c);
		f->channel = nj_cur_u16(&c);
		if (c.bad)
			return true;
		if (offset < 2 || size < offset * 4U || f->type > 1)
			return false;
		f->head = (uint16_t)(offset * 4);
		f->len = size - f->head;
	} else {
		f->type = nj_cur_u8(&c);
		f->channel = nj_cur_u16(&c);
		size = nj_cur_u32(&c);
		if (c.bad)
			return true;
		if (!f->type || (f->type > 3 && f->type != 8))
			return false;
		f->head = 7;
		f->tail = 1;
		f->len = size;
	}
	return f->len <= FRAME_MAX;
}

static void
body(struct nj_dctx *d, enum nj_dir dir, const struct frame *f,
	struct nj_view v)
{
	struct amqp *s = nj_state(d);

	if (s->one)
		performative(d, dir, f->channel, v);
	else if (f->type == 1)
		method(d, dir, f->channel, v);
	else if (f->type == 2)
		contents(d, dir, f->channel, v);
}

/* "AMQP", what goes on it, and the version. */
static enum nj_verdict
protocol(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct amqp *s = nj_state(d);

	if (!nj_view_starts(v, NJ_LIT("AMQP")) || v.data[4] > 3)
		return s->sure ? NJ_BROKEN : NJ_REJECT;
	if (!s->sure) {
		s->sure = true;
		s->client = dir;
		nj_confirm(d);
	}
	s->one = v.data[5] == 1;
	nj_consume(d, HEADER);
	return v.data[4] == 2 && dir != s->client && !nj_handover(d, "ssl", 0)
		       ? NJ_DONE
		       : NJ_MORE;
}

static enum nj_verdict
amqp_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct amqp *s = nj_state(d);
	enum nj_verdict verdict;

	if (!s->sure && v.data[0] != 'A')
		return NJ_REJECT;
	while (v.len) {
		struct frame f;
		size_t want;

		/* 1.0 begins anew behind SASL. */
		if (v.data[0] == 'A') {
			if (v.len < HEADER)
				break;
			verdict = protocol(d, dir, v);
			if (verdict != NJ_MORE || v.data[4] == 2)
				return verdict;
			v = nj_sub(v, HEADER, v.len);
			continue;
		}
		if (!frame_read(s, v, &f)) {
			nj_odd(d, ODD_FRAME);
			return NJ_BROKEN;
		}
		if (!f.head)
			break;
		want = f.head + nj_min((size_t)f.len, (size_t)LOOK_BYTES);
		if (v.len < want) {
			nj_want(d, want);
			break;
		}
		body(d, dir, &f, nj_sub(v, f.head, want - f.head));
		nj_pass(d, &v, (uint64_t)f.head + f.len + f.tail);
	}
	return NJ_MORE;
}

static void
amqp_end(struct nj_dctx *d)
{
	struct amqp *s = nj_state(d);

	for (unsigned i = 0; i < PENDING_MAX; i++)
		finish(d, s, &s->requests[(s->next + i) % PENDING_MAX], NULL);
}

const struct nj_dissector nj_dissector_amqp = {
	.name = "amqp",
	.title = "AMQP",
	.ports = (const struct nj_port[]){ { NJ_TCP, 5672 }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^AMQP[\\x00-\\x03][\\x00\\x01]"
					   "[\\x00\\x08\\x09][\\x00\\x01]",
						 NJ_SIG_ORIG },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &amqp_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct amqp),
	.stream = amqp_stream,
	.end = amqp_end,
};
