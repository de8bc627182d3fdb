/*
 * cassandra.c - the native protocol of Cassandra and ScyllaDB (Apache
 * Cassandra, "CQL binary protocol" v1 to v5): who logs in, what is asked in
 * CQL, and what comes of it, one record for each request with its answer.
 *
 * Requests run side by side, told apart by a stream number. Rows are counted
 * and passed over, passwords never looked at.
 *
 * Not done: bodies that are compressed are not read; from v5 on what follows
 * STARTUP comes in checked frames of its own, which are not read either.
 */
#include "dissectors/shared/pass.h"
#include "dissectors/shared/take.h"

#define CASSANDRA(F, tag)                                                      \
	F(tag, 1, STR, command, NJ_INDEX | NJ_LEARN,                           \
		"startup, login, query, prepare, execute, batch ...")          \
	F(tag, 2, STR, query, NJ_PII,                                          \
		"CQL, of an execution what was prepared")                      \
	F(tag, 3, BOOL, success, NJ_OPT | NJ_INDEX, "Did the server agree?")   \
	F(tag, 4, STR, response, NJ_INDEX, "void, rows, keyspace, error ...")  \
	F(tag, 5, U64, rows, NJ_OPT | NJ_LEARN, "Rows of the answer")          \
	F(tag, 6, I64, error_code, NJ_OPT | NJ_INDEX, "Number of a failure")   \
	F(tag, 7, STR, error, 0, "What the server says of a failure")          \
	F(tag, 8, STR, user, NJ_INDEX | NJ_PII, "User who logs in, or did")    \
	F(tag, 9, STR, keyspace, NJ_INDEX, "Keyspace in use")                  \
	F(tag, 10, STR, driver, NJ_INDEX, "Library of the client")             \
	F(tag, 11, STR, consistency, NJ_LEARN, "How many must agree")          \
	F(tag, 12, U8, version, NJ_LEARN, "Version of the protocol")           \
	F(tag, 13, STR, compression, 0, "How bodies are compressed")           \
	F(tag, 14, IVAL, latency, NJ_OPT | NJ_LEARN, "From asking to answer")  \
	F(tag, 15, U64, request_bytes, NJ_LEARN, "Bytes of the request")       \
	F(tag, 16, U64, response_bytes, NJ_OPT | NJ_LEARN,                     \
		"Bytes of the answer")

NJ_EVENT(cassandra, CASSANDRA, "A request to a Cassandra server");

enum {
	LOOK_BYTES = 8192, /* of a body */
	QUERY_BYTES = 4096,
	NAME_BYTES = 256,
	ERROR_BYTES = 512,
	BODY_MAX = 256 << 20, /* what servers accept */
	PENDING_MAX = 16,
	STATEMENTS_MAX = 16,
	ID_BYTES = 16,
	OPTIONS_MAX = 16,
	COLUMNS_MAX = 256
};

enum {
	OP_ERROR = 0,
	OP_STARTUP = 1,
	OP_READY = 2,
	OP_AUTHENTICATE = 3,
	OP_CREDENTIALS = 4,
	OP_OPTIONS = 5,
	OP_SUPPORTED = 6,
	OP_QUERY = 7,
	OP_RESULT = 8,
	OP_PREPARE = 9,
	OP_EXECUTE = 10,
	OP_REGISTER = 11,
	OP_EVENT = 12,
	OP_BATCH = 13,
	OP_AUTH_CHALLENGE = 14,
	OP_AUTH_RESPONSE = 15,
	OP_AUTH_SUCCESS = 16
};

enum {
	COMPRESSED = 1, /* flags of a frame */
	TRACING = 2,
	PAYLOAD = 4,
	WARNING = 8
};

enum { ODD_FRAME, ODD_BODY };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "cassandra_frame", "A frame that cannot be" },
	[ODD_BODY] = { "cassandra_body", "A body that ends too early" },
	{ 0 },
};

struct frame {
	uint8_t version, flags, op, head;
	int16_t stream;
	uint32_t len;
	bool answer;
};

struct request {
	bool open;
	uint8_t op;
	int16_t stream;
	uint16_t consistency;
	bool has_consistency;
	struct nj_view query; /* kept */
	uint64_t bytes;
	int64_t ts_ns;
};

struct statement {
	uint8_t id[ID_BYTES];
	struct nj_view query; /* kept */
};

struct cassandra {
	bool sure;
	uint8_t version, next, next_statement;
	struct nj_view user, keyspace, driver, compression; /* kept */
	struct request requests[PENDING_MAX];
	struct statement statements[STATEMENTS_MAX];
};

/* What an answer says. */
struct answer {
	const char *response;
	bool judged, success, counted, failed;
	uint64_t rows, bytes;
	int64_t code;
	struct nj_view error;
};

/* ---- Records ---- */

static const char *
op_name(uint8_t op)
{
	switch (op) {
	case OP_STARTUP:
		return "startup";
	case OP_CREDENTIALS:
	case OP_AUTH_RESPONSE:
		return "login";
	case OP_OPTIONS:
		return "options";
	case OP_QUERY:
		return "query";
	case OP_PREPARE:
		return "prepare";
	case OP_EXECUTE:
		return "execute";
	case OP_REGISTER:
		return "register";
	case OP_BATCH:
		return "batch";
	default:
		return NULL;
	}
}

static const char *
consistency_name(uint16_t n)
{
	static const char *const names[] = { "ANY", "ONE", "TWO", "THREE",
		"QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM", "SERIAL",
		"LOCAL_SERIAL", "LOCAL_ONE" };

	return n < nj_countof(names) ? names[n] : NULL;
}

static void
keep(struct nj_dctx *d, struct nj_view *to, struct nj_view v, size_t max)
{
	nj_drop(d, (void *)(uintptr_t)to->data);
	*to = nj_keep_view(d, v, max);
}

static void
finish(struct nj_dctx *d, const struct cassandra *s, struct request *r,
	const struct answer *a)
{
	struct cassandra_event ev = { .command = nj_str(op_name(r->op)),
		.query = r->query,
		.user = s->user,
		.keyspace = s->keyspace,
		.version = s->version,
		.compression = s->compression,
		.request_bytes = r->bytes };

	if (!r->open)
		return;
	if (r->op == OP_STARTUP)
		ev.driver = s->driver;
	if (r->has_consistency)
		ev.consistency = nj_str(consistency_name(r->consistency));
	if (a) {
		ev.response = nj_str(a->response);
		nj_set(&ev, cassandra, latency, nj_now(d) - r->ts_ns);
		nj_set(&ev, cassandra, response_bytes, a->bytes);
	}
	if (a && a->judged)
		nj_set(&ev, cassandra, success, a->success);
	if (a && a->counted)
		nj_set(&ev, cassandra, rows, a->rows);
	if (a && a->failed) {
		nj_set(&ev, cassandra, error_code, a->code);
		ev.error = nj_sub(a->error, 0, ERROR_BYTES);
	}
	(void)nj_emit_at(d, &cassandra_desc, &ev, r->ts_ns);
	keep(d, &r->query, (struct nj_view){ 0 }, 0);
	r->open = false;
}

/* ---- Prepared statements, told apart by the server's number ---- */

static void
statement_keep(struct nj_dctx *d, struct cassandra *s, struct nj_view id,
	struct nj_view query)
{
	struct statement *p = &s->statements[s->next_statement];

	if (id.len != ID_BYTES || !query.len)
		return;
	s->next_statement = (uint8_t)((s->next_statement + 1) % STATEMENTS_MAX);
	memcpy(p->id, id.data, ID_BYTES);
	keep(d, &p->query, query, QUERY_BYTES / 4);
}

static struct nj_view
statement_find(const struct cassandra *s, struct nj_view id)
{
	for (unsigned i = 0; i < STATEMENTS_MAX && id.len == ID_BYTES; i++)
		if (s->statements[i].query.data &&
			!memcmp(s->statements[i].id, id.data, ID_BYTES))
			return s->statements[i].query;
	return (struct nj_view){ 0 };
}

/* ---- Requests ---- */

static void
startup(struct nj_dctx *d, struct cassandra *s, struct nj_cur *c)
{
	uint16_t n = nj_cur_u16(c);

	for (unsigned i = 0; i < n && i < OPTIONS_MAX; i++) {
		struct nj_view name = nj_take_pre16(c),
			       value = nj_take_pre16(c);

		if (c->bad)
			return;
		if (nj_view_eq(name, NJ_LIT("COMPRESSION")))
			keep(d, &s->compression, value, NAME_BYTES);
		else if (nj_view_eq(name, NJ_LIT("DRIVER_NAME")) ||
			 (!s->driver.data &&
				 nj_view_eq(name, NJ_LIT("DRIVER_VERSION"))))
			keep(d, &s->driver, value, NAME_BYTES);
	}
}

/* SASL's PLAIN: NUL, the user, NUL, the password. */
static void
log_in(struct nj_dctx *d, struct cassandra *s, struct nj_cur *c)
{
	struct nj_view v = nj_take_pre32(c, true);
	size_t nul = nj_view_chr(v, 0);

	if (nul == SIZE_MAX)
		return;
	v = nj_sub(v, nul + 1, v.len);
	keep(d, &s->user, nj_sub(v, 0, nj_view_chr(v, 0)), NAME_BYTES);
}

/* Version 1: names and values, the user among them. */
static void
credentials(struct nj_dctx *d, struct cassandra *s, struct nj_cur *c)
{
	uint16_t n = nj_cur_u16(c);

	for (unsigned i = 0; i < n && i < OPTIONS_MAX; i++) {
		struct nj_view name = nj_take_pre16(c),
			       value = nj_take_pre16(c);

		if (!c->bad && nj_view_eq(name, NJ_LIT("username")))
			keep(d, &s->user, value, NAME_BYTES);
	}
}

static void
batch(struct nj_dctx *d, struct request *r, struct nj_cur *c)
{
	uint16_t n;

	nj_cur_skip(c, 1);
	n = nj_cur_u16(c);
	/* Of many, the first, when it is a text. */
	if (n && nj_cur_u8(c) == 0)
		keep(d, &r->query, nj_take_pre32(c, true), QUERY_BYTES);
}

static void
asked(struct nj_dctx *d, struct cassandra *s, const struct frame *f,
	struct nj_cur *c)
{
	struct request *r = &s->requests[s->next];

	s->next = (uint8_t)((s->next + 1) % PENDING_MAX);
	finish(d, s, r, NULL);
	*r = (struct request){ .open = true,
		.op = f->op,
		.stream = f->stream,
		.bytes = (uint64_t)f->head + f->len,
		.ts_ns = nj_now(d) };
	s->version = f->version;
	if (f->flags & COMPRESSED)
		return;
	switch (f->op) {
	case OP_STARTUP:
		startup(d, s, c);
		break;
	case OP_CREDENTIALS:
		credentials(d, s, c);
		break;
	case OP_AUTH_RESPONSE:
		log_in(d, s, c);
		break;
	case OP_QUERY:
		keep(d, &r->query, nj_take_pre32(c, true), QUERY_BYTES);
		r->has_consistency = nj_cur_left(c) >= 2;
		r->consistency = nj_cur_u16(c);
		return;
	case OP_PREPARE:
		keep(d, &r->query, nj_take_pre32(c, true), QUERY_BYTES);
		break;
	case OP_EXECUTE:
		keep(d, &r->query, statement_find(s, nj_take_pre16(c)),
			QUERY_BYTES);
		break;
	case OP_BATCH:
		batch(d, r, c);
		break;
	default:
		break;
	}
	if (c->bad)
		nj_odd(d, ODD_BODY);
}

/* ---- Answers ---- */

static void
option_skip(struct nj_cur *c)
{
	uint16_t type = nj_cur_u16(c);

	if (type == 0)
		(void)nj_take_pre16(c);
	else if (type >= 0x20)
		c->bad = true; /* a list, set, map, tuple: of further types */
}

/* The number of rows stands behind the columns' names and types. */
static void
rows(struct answer *a, struct nj_cur *c)
{
	uint32_t flags = nj_cur_u32(c), columns = nj_cur_u32(c);

	a->response = "rows";
	if (flags & 2)
		(void)nj_take_pre32(c, true); /* where to go on */
	if (flags & 1) {
		(void)nj_take_pre16(c);
		(void)nj_take_pre16(c);
	}
	for (uint32_t i = 0;
		i < columns && i < COLUMNS_MAX && !(flags & 4) && !c->bad;
		i++) {
		if (!(flags & 1)) {
			(void)nj_take_pre16(c);
			(void)nj_take_pre16(c);
		}
		(void)nj_take_pre16(c);
		option_skip(c);
	}
	a->rows = nj_cur_u32(c);
	a->counted = !c->bad && columns <= COLUMNS_MAX;
	c->bad = false;
}

static void
result(struct nj_dctx *d, struct cassandra *s, const struct request *r,
	struct answer *a, struct nj_cur *c)
{
	a->judged = a->success = true;
	switch (nj_cur_u32(c)) {
	case 1:
		a->response = "void";
		break;
	case 2:
		rows(a, c);
		break;
	case 3:
		a->response = "keyspace";
		keep(d, &s->keyspace, nj_take_pre16(c), NAME_BYTES);
		break;
	case 4:
		a->response = "prepared";
		statement_keep(d, s, nj_take_pre16(c), r->query);
		break;
	case 5:
		a->response = "schema_change";
		break;
	default:
		a->response = "result";
		break;
	}
}

/* What may stand before an answer's own body. */
static void
prefix_skip(const struct frame *f, struct nj_cur *c)
{
	uint16_t n;

	if (f->flags & TRACING)
		nj_cur_skip(c, 16);
	if (f->flags & WARNING) {
		n = nj_cur_u16(c);
		for (unsigned i = 0; i < n && !c->bad; i++)
			(void)nj_take_pre16(c);
	}
	if (f->flags & PAYLOAD) {
		n = nj_cur_u16(c);
		for (unsigned i = 0; i < n && !c->bad; i++) {
			(void)nj_take_pre16(c);
			(void)nj_take_pre32(c, true);
		}
	}
}

static struct request *
request_find(struct cassandra *s, int16_t stream)
{
	for (unsigned i = 0; i < PENDING_MAX; i++)
		if (s->requests[i].open && s->requests[i].stream == stream)
			return &s->requests[i];
	return NULL;
}

static void
answered(struct nj_dctx *d, struct cassandra *s, const struct frame *f,
	struct nj_cur *c)
{
	struct request *r = request_find(s, f->stream);
	struct answer a = { .bytes = (uint64_t)f->head + f->len };

	if (!r || f->op == OP_EVENT)
		return;
	prefix_skip(f, c);
	switch (f->op) {
	case OP_ERROR:
		a.response = "error";
		a.judged = a.failed = !(f->flags & COMPRESSED);
		a.code = nj_cur_u32(c);
		a.error = nj_take_pre16(c);
		break;
	case OP_RESULT:
		a.response = "result";
		a.judged = a.success = true;
		if (!(f->flags & COMPRESSED))
			result(d, s, r, &a, c);
		break;
	case OP_READY:
	case OP_AUTH_SUCCESS:
		a.response = f->op == OP_READY ? "ready" : "auth_success";
		a.judged = a.success = true;
		break;
	case OP_AUTHENTICATE:
		a.response = "authenticate";
		break;
	case OP_AUTH_CHALLENGE:
		a.response = "auth_challenge";
		break;
	default:
		a.response = "supported";
		break;
	}
	if (c->bad && !(f->flags & COMPRESSED))
		nj_odd(d, ODD_BODY);
	finish(d, s, r, &a);
}

/* ---- Frames ---- */

/* False: there is no such frame. head 0: more bytes are needed. */
static bool
frame_read(struct nj_view v, struct frame *f)
{
	struct nj_cur c = nj_cur(v);
	uint8_t first = nj_cur_u8(&c);

	*f = (struct frame){ .version = first & 0x7f, .answer = first & 0x80 };
	if (f->version < 1 || f->version > 5)
		return false;
	f->flags = nj_cur_u8(&c);
	f->stream = f->version > 2 ? (int16_t)nj_cur_u16(&c)
				   : (int8_t)nj_cur_u8(&c);
	f->op = nj_cur_u8(&c);
	f->len = nj_cur_u32(&c);
	if (c.bad)
		return true;
	f->head = f->version > 2 ? 9 : 8;
	return f->flags < 0x20 && f->op <= OP_AUTH_SUCCESS &&
	       f->len <= BODY_MAX;
}

static enum nj_verdict
message(struct nj_dctx *d, const struct frame *f, struct nj_view body)
{
	struct cassandra *s = nj_state(d);
	struct nj_cur c = nj_cur(body);

	if (!s->sure && (f->answer || !op_name(f->op)))
		return NJ_REJECT;
	if (!s->sure)
		nj_confirm(d);
	s->sure = true;
	if (f->answer)
		answered(d, s, f, &c);
	else
		asked(d, s, f, &c);
	/* What follows is framed anew (v5, section 2). */
	return f->version == 5 && f->answer &&
			       (f->op == OP_READY || f->op == OP_AUTHENTICATE)
		       ? NJ_DONE
		       : NJ_MORE;
}

static enum nj_verdict
cassandra_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct cassandra *s = nj_state(d);
	enum nj_verdict verdict = NJ_MORE;

	while (v.len && verdict == NJ_MORE) {
		struct frame f;
		size_t want;

		if (!frame_read(v, &f) || f.answer != (dir == NJ_RESP)) {
			if (!s->sure)
				return NJ_REJECT;
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
		verdict = message(d, &f, nj_sub(v, f.head, want - f.head));
		if (verdict != NJ_REJECT)
			nj_pass(d, &v, (uint64_t)f.head + f.len);
	}
	return verdict;
}

static void
cassandra_end(struct nj_dctx *d)
{
	struct cassandra *s = nj_state(d);

	for (unsigned i = 0; i < PENDING_MAX; i++)
		finish(d, s, &s->requests[(s->next + i) % PENDING_MAX], NULL);
}

const struct nj_dissector nj_dissector_cassandra = {
	.name = "cassandra",
	.title = "Cassandra (CQL)",
	.ports = (const struct nj_port[]){ { NJ_TCP, 9042 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){ /* OPTIONS and STARTUP come first. */
			{ "^[\\x01\\x02][\\x00-\\x1f].\\x05\\x00{4}",
				NJ_SIG_ORIG },
			{ "^[\\x03-\\x05][\\x00-\\x1f]..\\x05\\x00{4}",
				NJ_SIG_ORIG },
			{ "^[\\x01-\\x05][\\x00-\\x1f].{1,2}\\x01\\x00\\x00.."
			  "\\x00"
			  "[\\x01-\\x10]\\x00[\\x01-\\x20][A-Z_]{4,32}",
				NJ_SIG_ORIG },
			{ 0 } },
	.events =
		(const struct nj_event_desc *const[]){ &cassandra_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct cassandra),
	.stream = cassandra_stream,
	.end = cassandra_end,
};
