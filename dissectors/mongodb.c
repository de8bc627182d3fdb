/*
 * mongodb.c - MongoDB's wire protocol (MongoDB manual, "MongoDB Wire
 * Protocol"): OP_MSG, and OP_QUERY, OP_REPLY and their kin of before, one
 * record for each request with its answer.
 *
 * Documents are looked at from their beginning as far as is needed to say who
 * does what to which collection; nothing of a password is kept.
 *
 * Not done: what OP_COMPRESSED holds; that it does is told.
 */
#include "dissectors/shared/bson.h"
#include "dissectors/shared/pass.h"

#define MONGODB(F, tag)                                                        \
	F(tag, 1, STR, command, NJ_INDEX | NJ_LEARN, "What was asked for")     \
	F(tag, 2, STR, database, NJ_INDEX | NJ_LEARN, "Database")              \
	F(tag, 3, STR, collection, NJ_INDEX | NJ_LEARN, "Collection")          \
	F(tag, 4, STR, user, NJ_INDEX | NJ_PII, "User who logs in, or did")    \
	F(tag, 5, STR, auth_method, NJ_INDEX, "How the user proves himself")   \
	F(tag, 6, STR, application, NJ_INDEX, "What the client calls itself")  \
	F(tag, 7, BOOL, success, NJ_OPT | NJ_INDEX, "Did the server agree?")   \
	F(tag, 8, I64, error_code, NJ_OPT | NJ_INDEX, "Number of a failure")   \
	F(tag, 9, STR, error, 0, "What the server says of a failure")          \
	F(tag, 10, I64, documents, NJ_OPT | NJ_LEARN,                          \
		"Documents changed or sent, as the server counts them")        \
	F(tag, 11, IVAL, latency, NJ_OPT | NJ_LEARN, "From asking to answer")  \
	F(tag, 12, U64, request_bytes, NJ_LEARN, "Bytes of the request")       \
	F(tag, 13, U64, response_bytes, NJ_OPT | NJ_LEARN,                     \
		"Bytes of the answer")

NJ_EVENT(mongodb, MONGODB, "A request to a MongoDB server");

enum {
	HEAD = 16,
	LOOK_BYTES = 4096, /* of a message */
	NAME_BYTES = 256,
	ERROR_BYTES = 512,
	MESSAGE_MAX = 48000000 + 16384, /* what servers accept */
	PENDING_MAX = 32,
	SECTIONS_MAX = 16,
	MORE_TO_COME = 1 << 1 /* a flag of OP_MSG: not answered */
};

enum {
	OP_REPLY = 1,
	OP_UPDATE = 2001,
	OP_INSERT = 2002,
	OP_QUERY = 2004,
	OP_GET_MORE = 2005,
	OP_DELETE = 2006,
	OP_KILL_CURSORS = 2007,
	OP_COMPRESSED = 2012,
	OP_MSG = 2013
};

enum { ODD_LENGTH, ODD_OPCODE, ODD_DOCUMENT };
static const struct nj_oddity oddities[] = {
	[ODD_LENGTH] = { "mongodb_length", "A length that cannot be" },
	[ODD_OPCODE] = { "mongodb_opcode", "An operation that there is not" },
	[ODD_DOCUMENT] = { "mongodb_document", "A document that is none" },
	{ 0 },
};

struct head {
	uint32_t len, id, to, op;
};

struct request {
	bool open;
	uint32_t id, bytes;
	struct nj_view command, database, collection, method; /* kept */
	int64_t ts_ns;
};

struct mongodb {
	bool sure;
	uint8_t next;
	struct nj_view user, application; /* kept */
	struct request requests[PENDING_MAX];
};

/* What an answer says. */
struct answer {
	bool judged, success, counted;
	uint32_t bytes;
	int64_t documents;
	struct nj_bson code, error;
};

/* ---- Records ---- */

static void
drop(struct nj_dctx *d, struct nj_view *v)
{
	nj_drop(d, (void *)(uintptr_t)v->data);
	*v = (struct nj_view){ 0 };
}

static void
finish(struct nj_dctx *d, const struct mongodb *s, struct request *r,
	const struct answer *a)
{
	struct mongodb_event ev = { .command = r->command,
		.database = r->database,
		.collection = r->collection,
		.user = s->user,
		.auth_method = r->method,
		.application = s->application,
		.request_bytes = r->bytes };
	int64_t code;

	if (!r->open)
		return;
	if (a) {
		nj_set(&ev, mongodb, latency, nj_now(d) - r->ts_ns);
		nj_set(&ev, mongodb, response_bytes, a->bytes);
	}
	if (a && a->judged)
		nj_set(&ev, mongodb, success, a->success);
	if (a && a->counted)
		nj_set(&ev, mongodb, documents, a->documents);
	if (a && nj_bson_number(&a->code, &code))
		nj_set(&ev, mongodb, error_code, code);
	if (a && a->error.type == NJ_BSON_STRING)
		ev.error = nj_sub(a->error.value, 0, ERROR_BYTES);
	(void)nj_emit_at(d, &mongodb_desc, &ev, r->ts_ns);
	drop(d, &r->command);
	drop(d, &r->database);
	drop(d, &r->collection);
	drop(d, &r->method);
	r->open = false;
}

/* ---- Requests ---- */

static struct request *
begin(struct nj_dctx *d, struct mongodb *s, const struct head *h)
{
	struct request *r = &s->requests[s->next];

	s->next = (uint8_t)((s->next + 1) % PENDING_MAX);
	finish(d, s, r, NULL);
	*r = (struct request){
		.open = true, .id = h->id, .bytes = h->len, .ts_ns = nj_now(d)
	};
	return r;
}

/* SCRAM's first message (RFC 5802 section 7): "n,,n=user,r=nonce". */
static struct nj_view
scram_user(struct nj_view v)
{
	size_t at = nj_view_find(v, NJ_LIT("n="));

	if (at == SIZE_MAX)
		return (struct nj_view){ 0 };
	v = nj_sub(v, at + 2, v.len);
	return nj_sub(v, 0, nj_view_chr(v, ','));
}

static void
note_user(struct nj_dctx *d, struct mongodb *s, struct nj_view user)
{
	if (!user.len)
		return;
	drop(d, &s->user);
	s->user = nj_keep_view(d, user, NAME_BYTES);
}

static void
log_in(struct nj_dctx *d, struct mongodb *s, struct request *r,
	struct nj_view doc)
{
	struct nj_bson method = nj_bson_find(doc, "mechanism");
	struct nj_bson payload = nj_bson_find(doc, "payload");
	struct nj_bson user = nj_bson_find(doc, "user");

	if (method.type == NJ_BSON_STRING)
		r->method = nj_keep_view(d, method.value, NAME_BYTES);
	if (nj_view_starts(r->command, NJ_LIT("sasl")))
		note_user(d, s, scram_user(payload.value));
	else if (user.type == NJ_BSON_STRING)
		note_user(d, s, user.value);
}

/* "client": {"application": {"name": ..}} of the first message. */
static void
introduce(struct nj_dctx *d, struct mongodb *s, struct nj_view doc)
{
	struct nj_bson e = nj_bson_find(doc, "client"), auth;

	if (e.type == NJ_BSON_DOCUMENT)
		e = nj_bson_find(e.value, "application");
	if (e.type == NJ_BSON_DOCUMENT)
		e = nj_bson_find(e.value, "name");
	if (e.type == NJ_BSON_STRING && !s->application.data)
		s->application = nj_keep_view(d, e.value, NAME_BYTES);
	auth = nj_bson_find(doc, "speculativeAuthenticate");
	if (auth.type == NJ_BSON_DOCUMENT) {
		e = nj_bson_find(auth.value, "payload");
		note_user(d, s, scram_user(e.value));
	}
}

/* A command's document: its first element names it, and if that is a text,
 * what it is about. False: no document. */
static bool
command(struct nj_dctx *d, struct mongodb *s, struct request *r,
	struct nj_view doc)
{
	struct nj_cur c = nj_bson_open(doc);
	struct nj_bson first, db;

	if (!nj_bson_next(&c, &first))
		return false;
	r->command = nj_keep_view(d, first.name, NAME_BYTES);
	if (first.type == NJ_BSON_STRING)
		r->collection = nj_keep_view(d, first.value, NAME_BYTES);
	db = nj_bson_find(doc, "$db");
	if (db.type == NJ_BSON_STRING && !r->database.data)
		r->database = nj_keep_view(d, db.value, NAME_BYTES);
	if (nj_view_eq(first.name, NJ_LIT("getMore"))) {
		first = nj_bson_find(doc, "collection");
		r->collection = nj_keep_view(d, first.value, NAME_BYTES);
	}
	if (nj_view_starts(r->command, NJ_LIT("sasl")) ||
		nj_view_eq(r->command, NJ_LIT("authenticate")))
		log_in(d, s, r, doc);
	if (nj_view_caseeq(r->command, NJ_LIT("ismaster")) ||
		nj_view_eq(r->command, NJ_LIT("hello")))
		introduce(d, s, doc);
	return true;
}

/* The document of OP_MSG's section of kind 0. */
static struct nj_view
body_find(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	for (unsigned i = 0; i < SECTIONS_MAX && nj_cur_left(&c); i++) {
		uint32_t size;

		if (nj_cur_u8(&c) == 0)
			return nj_cur_rest(&c);
		size = nj_cur_le32(&c);
		if (size < 4)
			break;
		nj_cur_skip(&c, (size_t)size - 4);
	}
	return (struct nj_view){ 0 };
}

/* "database.collection". */
static void
name_space(struct nj_dctx *d, struct request *r, struct nj_view v)
{
	size_t dot = nj_view_chr(v, '.');

	r->database = nj_keep_view(d, nj_sub(v, 0, dot), NAME_BYTES);
	if (dot != SIZE_MAX)
		r->collection =
			nj_keep_view(d, nj_sub(v, dot + 1, v.len), NAME_BYTES);
}

static const char *
old_name(uint32_t op)
{
	switch (op) {
	case OP_UPDATE:
		return "update";
	case OP_INSERT:
		return "insert";
	case OP_GET_MORE:
		return "getMore";
	case OP_DELETE:
		return "delete";
	case OP_KILL_CURSORS:
		return "killCursors";
	default:
		return "query";
	}
}

/* OP_QUERY and the like. False: not what it should be. */
static bool
old_request(struct nj_dctx *d, struct mongodb *s, const struct head *h,
	struct nj_cur *c)
{
	struct nj_view rest, name, doc;
	struct request *r;
	size_t n;

	nj_cur_skip(c, 4);
	rest = nj_cur_rest(c);
	n = nj_view_chr(rest, 0);
	if (c->bad || n == SIZE_MAX || !n || n > NAME_BYTES)
		return false;
	name = nj_sub(rest, 0, n);
	doc = nj_sub(rest, n + 9, rest.len);
	r = begin(d, s, h);
	name_space(d, r, name);
	if (h->op == OP_QUERY && nj_view_eq(r->collection, NJ_LIT("$cmd"))) {
		drop(d, &r->collection);
		if (!command(d, s, r, doc))
			nj_odd(d, ODD_DOCUMENT);
		return true;
	}
	r->command = nj_keep_view(d, nj_str(old_name(h->op)), NAME_BYTES);
	/* Those before 3.6 that change something are never answered. */
	if (h->op != OP_QUERY && h->op != OP_GET_MORE)
		finish(d, s, r, NULL);
	return true;
}

static bool
asked(struct nj_dctx *d, struct mongodb *s, const struct head *h,
	struct nj_cur *c)
{
	struct request *r;
	uint32_t flags;

	switch (h->op) {
	case OP_MSG:
		flags = nj_cur_le32(c);
		r = begin(d, s, h);
		if (!command(d, s, r, body_find(nj_cur_rest(c)))) {
			r->open = false;
			return false;
		}
		if (flags & MORE_TO_COME)
			finish(d, s, r, NULL);
		return true;
	case OP_COMPRESSED:
		r = begin(d, s, h);
		r->command = nj_keep_view(d, NJ_LIT("compressed"), NAME_BYTES);
		return true;
	case OP_KILL_CURSORS:
		r = begin(d, s, h);
		r->command =
			nj_keep_view(d, nj_str(old_name(h->op)), NAME_BYTES);
		finish(d, s, r, NULL);
		return true;
	default:
		return old_request(d, s, h, c);
	}
}

/* ---- Answers ---- */

static void
read_answer(struct answer *a, struct nj_view doc)
{
	struct nj_bson ok = nj_bson_find(doc, "ok");
	struct nj_bson n = nj_bson_find(doc, "n");
	int64_t good;

	if (nj_bson_number(&ok, &good)) {
		a->judged = true;
		a->success = good != 0;
	}
	a->counted = nj_bson_number(&n, &a->documents);
	a->code = nj_bson_find(doc, "code");
	a->error = nj_bson_find(doc, "errmsg");
}

static void
answered(struct nj_dctx *d, struct mongodb *s, const struct head *h,
	struct nj_cur *c)
{
	struct answer a = { .bytes = h->len };
	struct request *r = NULL;

	for (unsigned i = 0; i < PENDING_MAX && !r; i++)
		if (s->requests[i].open && s->requests[i].id == h->to)
			r = &s->requests[i];
	if (!r)
		return;
	if (h->op == OP_MSG) {
		nj_cur_skip(c, 4);
		read_answer(&a, body_find(nj_cur_rest(c)));
	} else if (h->op == OP_REPLY) {
		nj_cur_skip(c, 16);
		a.documents = nj_cur_le32(c);
		read_answer(&a, nj_cur_rest(c));
	}
	finish(d, s, r, &a);
}

/* ---- Messages ---- */

static bool
is_operation(uint32_t op)
{
	return op == OP_REPLY || op == OP_UPDATE || op == OP_INSERT ||
	       (op >= OP_QUERY && op <= OP_KILL_CURSORS) ||
	       op == OP_COMPRESSED || op == OP_MSG;
}

/* Requests answer nothing: their second number is 0 (some drivers: -1). */
static bool
is_request(const struct head *h)
{
	return h->op != OP_REPLY && (h->to == 0 || h->to == UINT32_MAX);
}

static enum nj_verdict
message(struct nj_dctx *d, const struct head *h, struct nj_view v)
{
	struct mongodb *s = nj_state(d);
	struct nj_cur c = nj_cur(v);

	if (!is_request(h)) {
		if (!s->sure)
			return NJ_MORE; /* of a request that was not seen */
		answered(d, s, h, &c);
		return NJ_MORE;
	}
	if (!asked(d, s, h, &c)) {
		if (!s->sure)
			return NJ_REJECT;
		nj_odd(d, ODD_DOCUMENT);
		return NJ_MORE;
	}
	if (!s->sure)
		nj_confirm(d);
	s->sure = true;
	return NJ_MORE;
}

static enum nj_verdict
mongodb_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct mongodb *s = nj_state(d);
	enum nj_verdict verdict = NJ_MORE;

	(void)dir;
	while (v.len >= HEAD && verdict == NJ_MORE) {
		struct nj_cur c = nj_cur(v);
		struct head h = { .len = nj_cur_le32(&c),
			.id = nj_cur_le32(&c),
			.to = nj_cur_le32(&c),
			.op = nj_cur_le32(&c) };
		bool good = h.len > HEAD && h.len <= MESSAGE_MAX;
		size_t want = nj_min((size_t)h.len, (size_t)LOOK_BYTES);

		if (!good || !is_operation(h.op)) {
			if (!s->sure)
				return NJ_REJECT;
			nj_odd(d, good ? ODD_OPCODE : ODD_LENGTH);
			return NJ_BROKEN;
		}
		if (v.len < want) {
			nj_want(d, want);
			break;
		}
		verdict = message(d, &h, nj_sub(v, HEAD, want - HEAD));
		if (verdict == NJ_MORE)
			nj_pass(d, &v, h.len);
	}
	return verdict;
}

static void
mongodb_end(struct nj_dctx *d)
{
	struct mongodb *s = nj_state(d);

	for (unsigned i = 0; i < PENDING_MAX; i++)
		finish(d, s, &s->requests[(s->next + i) % PENDING_MAX], NULL);
}

const struct nj_dissector nj_dissector_mongodb = {
	.name = "mongodb",
	.title = "MongoDB",
	.ports = (const struct nj_port[]){ { NJ_TCP, 27017 }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^.{3}\\x00.{4}(\\x00{4}|\\xff{4})"
					   "(\\xd4|\\xdc|\\xdd)\\x07\\x00\\x00",
						 NJ_SIG_ORIG },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &mongodb_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct mongodb),
	.stream = mongodb_stream,
	.end = mongodb_end,
};
