/*
 * tds.c - Tabular Data Stream, the protocol of Microsoft SQL Server and Sybase
 * (MS-TDS): who logs in from which program, what is asked, and what comes of
 * it, one record a request.
 *
 * TLS is spoken inside of PRELOGIN packets at first, then instead of packets:
 * ssl gets it either way, and where only the log-in is encrypted, what follows
 * is read again. Rows are passed over, passwords never looked at.
 */
#include "dissectors/shared/pass.h"
#include "dissectors/shared/tds_msg.h"

#define TDS(F, tag)                                                            \
	F(tag, 1, STR, command, NJ_INDEX | NJ_LEARN,                           \
		"login, batch, rpc, transaction, attention, bulk_load")        \
	F(tag, 2, STR, arg, NJ_PII, "Text of the batch, or procedure called")  \
	F(tag, 3, BOOL, success, NJ_OPT | NJ_INDEX, "Did the server agree?")   \
	F(tag, 4, U64, rows, NJ_OPT | NJ_LEARN, "Rows, as the server counts")  \
	F(tag, 5, I64, error_code, NJ_OPT | NJ_INDEX, "Number of a failure")   \
	F(tag, 6, STR, error, 0, "What the server says of a failure")          \
	F(tag, 7, STR, user, NJ_INDEX | NJ_PII, "User who logged in")          \
	F(tag, 8, STR, database, NJ_INDEX, "Database asked for at the log-in") \
	F(tag, 9, STR, host, NJ_INDEX | NJ_PII, "What the client's host says") \
	F(tag, 10, STR, application, NJ_INDEX, "Program of the client")        \
	F(tag, 11, STR, library, NJ_INDEX, "Library of the client")            \
	F(tag, 12, STR, server, NJ_INDEX, "Program and name of the server")    \
	F(tag, 13, STR, auth_method, NJ_INDEX, "password or windows")          \
	F(tag, 14, BOOL, encrypted, NJ_OPT | NJ_INDEX,                         \
		"Was TLS agreed on? (Then the log-in cannot be read.)")        \
	F(tag, 15, IVAL, latency, NJ_OPT | NJ_LEARN, "From asking to answer")  \
	F(tag, 16, U64, request_bytes, NJ_LEARN, "Bytes of the request")       \
	F(tag, 18, STR, statement, NJ_PII, "SQL that a call carries")          \
	F(tag, 17, U64, response_bytes, NJ_OPT | NJ_LEARN,                     \
		"Bytes of the answer")

NJ_EVENT(tds, TDS, "A request to a Microsoft SQL Server");

enum {
	HEAD = 8,
	TLS_HEAD = 5,
	LOOK_BYTES = 32767, /* the longest packet that may be agreed on */
	NAME_BYTES = 256,
	ARG_BYTES = 4096,
	ERROR_BYTES = 512,
	LAST = 1, /* a status: the last packet of its message */
	NOT_SUPPORTED = 2
};

enum { ODD_LENGTH, ODD_TYPE, ODD_LOGIN };
static const struct nj_oddity oddities[] = {
	[ODD_LENGTH] = { "tds_length", "A packet shorter than its header" },
	[ODD_TYPE] = { "tds_type", "A packet type that there is not" },
	[ODD_LOGIN] = { "tds_login", "A log-in that cannot be read" },
	{ 0 },
};

struct request {
	bool open, judged, failed, has_error, counted;
	uint8_t type;
	struct nj_view arg, statement, error; /* kept */
	int64_t code;
	uint64_t rows, asked, answered; /* the last two: bytes */
	int64_t ts_ns;
};

struct tds {
	bool sure, begun[2]; /* begun: in a message of several packets */
	enum nj_dir client;
	uint8_t encryption[2]; /* as PRELOGIN said; 255: not yet */
	bool encrypted;
	unsigned child; /* ssl */
	struct nj_view user, database, host, application, library, server;
	bool windows;
	struct request now;
};

/* ---- Records ---- */

static void
drop(struct nj_dctx *d, struct nj_view v)
{
	nj_drop(d, (void *)(uintptr_t)v.data);
}

static void
finish(struct nj_dctx *d, struct tds *s)
{
	struct request *r = &s->now;
	struct tds_event ev = { .command = nj_str(nj_tds_type_name(r->type)),
		.arg = r->arg,
		.statement = r->statement,
		.error = r->error,
		.user = s->user,
		.database = s->database,
		.host = s->host,
		.application = s->application,
		.request_bytes = r->asked };

	if (!r->open)
		return;
	if (r->judged) {
		nj_set(&ev, tds, success, !r->failed);
		nj_set(&ev, tds, latency, nj_now(d) - r->ts_ns);
		nj_set(&ev, tds, response_bytes, r->answered);
	}
	if (r->has_error)
		nj_set(&ev, tds, error_code, r->code);
	if (r->counted)
		nj_set(&ev, tds, rows, r->rows);
	if (r->type == NJ_TDS_LOGIN || r->type == NJ_TDS_PRELOGIN) {
		ev.library = s->library;
		ev.server = s->server;
		nj_set(&ev, tds, encrypted, s->encrypted);
	}
	if (r->type == NJ_TDS_LOGIN)
		ev.auth_method = nj_str(s->windows ? "windows" : "password");
	(void)nj_emit_at(d, &tds_desc, &ev, r->ts_ns);
	drop(d, r->arg);
	drop(d, r->statement);
	drop(d, r->error);
	*r = (struct request){ 0 };
}

static struct request *
begin(struct nj_dctx *d, struct tds *s, uint8_t type)
{
	finish(d, s);
	s->now = (struct request){
		.open = true, .type = type, .ts_ns = nj_now(d)
	};
	return &s->now;
}

/* ---- The client ---- */

static void
log_in(struct nj_dctx *d, struct tds *s, struct nj_view v)
{
	struct nj_tds_login l;

	if (!nj_tds_login(&l, d, v)) {
		nj_odd(d, ODD_LOGIN);
		return;
	}
	s->user = nj_keep_view(d, l.user, NAME_BYTES);
	s->database = nj_keep_view(d, l.database, NAME_BYTES);
	s->host = nj_keep_view(d, l.host, NAME_BYTES);
	s->application = nj_keep_view(d, l.application, NAME_BYTES);
	s->library = nj_keep_view(d, l.library, NAME_BYTES);
	if (!s->server.data)
		s->server = nj_keep_view(d, l.server, NAME_BYTES);
	s->windows = l.sspi;
}

static void
asked(struct nj_dctx *d, struct tds *s, uint8_t type, struct nj_view v)
{
	struct request *r;

	switch (type) {
	case NJ_TDS_PRELOGIN:
		s->encryption[NJ_ORIG] = nj_tds_encryption(v);
		return;
	case NJ_TDS_SSPI: /* of a log-in that goes on */
		return;
	case NJ_TDS_LOGIN:
		r = begin(d, s, type);
		if (!s->user.data && !s->host.data)
			log_in(d, s, v);
		return;
	case NJ_TDS_BATCH:
		r = begin(d, s, type);
		r->arg = nj_keep_view(d, nj_tds_batch(d, v), ARG_BYTES);
		return;
	case NJ_TDS_RPC:
		r = begin(d, s, type);
		r->arg = nj_keep_view(d, nj_tds_procedure(d, v), NAME_BYTES);
		r->statement =
			nj_keep_view(d, nj_tds_statement(d, v), ARG_BYTES);
		return;
	default:
		(void)begin(d, s, type);
		return;
	}
}

/* ---- The server ---- */

static void
prelogin_answered(struct nj_dctx *d, struct tds *s, struct nj_view v)
{
	uint8_t mine = nj_tds_encryption(v);

	s->encryption[NJ_RESP] = mine;
	/* Both must be able to (MS-TDS 2.2.6.5). */
	s->encrypted = mine != NOT_SUPPORTED && mine != 255 &&
		       s->encryption[NJ_ORIG] != NOT_SUPPORTED;
	if (s->encrypted) {
		(void)begin(d, s, NJ_TDS_PRELOGIN);
		finish(d, s);
	}
}

static void
answer_began(struct nj_dctx *d, struct tds *s, struct nj_view v)
{
	struct request *r = &s->now;
	struct nj_tds_answer a;

	nj_tds_answer(&a, d, v);
	if (a.server.len && !s->server.data)
		s->server = nj_keep_view(d, a.server, NAME_BYTES);
	if (!r->open || !a.failed || r->has_error)
		return;
	r->failed = r->has_error = true;
	r->code = a.code;
	r->error = nj_keep_view(d, a.error, ERROR_BYTES);
}

/* The end of a message is told by the tail of its last packet. */
static void
answer_ended(struct nj_dctx *d, struct tds *s, struct nj_view tail)
{
	struct request *r = &s->now;
	bool failed;
	uint64_t rows;

	if (!r->open)
		return;
	if (nj_tds_done(tail, &failed, &rows)) {
		r->failed |= failed;
		r->counted = rows != UINT64_MAX;
		r->rows = rows;
	}
	r->judged = true;
	finish(d, s);
}

/* ---- Packets ---- */

static void
tls_feed(struct nj_dctx *d, struct tds *s, enum nj_dir dir, struct nj_view v)
{
	if (!s->child)
		s->child = nj_child_open(d, "ssl", 0);
	if (s->child)
		(void)nj_child_feed(d, s->child, dir, v);
}

static bool
is_tls(struct nj_view v)
{
	return v.len >= 2 && v.data[0] >= 0x14 && v.data[0] <= 0x17 &&
	       v.data[1] == 3;
}

static void
packet(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint16_t len)
{
	struct tds *s = nj_state(d);
	struct nj_view body = nj_sub(v, HEAD, v.len);
	uint8_t type = v.data[0], status = v.data[1];
	bool first = !s->begun[dir];

	s->begun[dir] = !(status & LAST);
	if (type == NJ_TDS_PRELOGIN && is_tls(body)) {
		tls_feed(d, s, dir, body);
		return;
	}
	if (dir == s->client) {
		if (first)
			asked(d, s, type, body);
		if (s->now.open)
			s->now.asked += len;
		return;
	}
	s->now.answered += len;
	/* What answers a PRELOGIN has its form. */
	if (first && s->encryption[NJ_RESP] == 255 && body.len &&
		body.data[0] == 0) {
		prelogin_answered(d, s, body);
		return;
	}
	if (first)
		answer_began(d, s, body);
	if (status & LAST)
		answer_ended(d, s, len <= v.len ? body : (struct nj_view){ 0 });
}

static bool
is_plausible(enum nj_dir dir, struct tds *s, struct nj_view v, uint16_t len)
{
	uint8_t type = v.data[0];

	if (!nj_tds_type_name(type) || len < HEAD || v.data[1] > 0x1f ||
		v.data[7] > 1)
		return false;
	if (s->sure)
		return (dir == s->client) != (type == NJ_TDS_ANSWER) ||
		       type == NJ_TDS_PRELOGIN;
	return v.data[2] < 0x80;
}

static enum nj_verdict
tds_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct tds *s = nj_state(d);

	if (!s->sure)
		s->encryption[NJ_ORIG] = s->encryption[NJ_RESP] = 255;
	while (v.len >= HEAD) {
		struct nj_cur c = nj_cur(nj_sub(v, 2, 6));
		uint16_t len = nj_cur_u16(&c);
		size_t want = nj_min((size_t)len, (size_t)LOOK_BYTES);

		if (s->sure && s->child && is_tls(v)) {
			len = (uint16_t)(v.data[3] << 8 | v.data[4]);
			want = (size_t)len + TLS_HEAD;
			if (v.len < want) {
				nj_want(d, want);
				break;
			}
			tls_feed(d, s, dir, nj_sub(v, 0, want));
			nj_pass(d, &v, want);
			continue;
		}
		if (!is_plausible(dir, s, v, len)) {
			if (!s->sure)
				return NJ_REJECT;
			/* All of it is encrypted, or nonsense. */
			if (s->child)
				return NJ_DONE;
			nj_odd(d, len < HEAD ? ODD_LENGTH : ODD_TYPE);
			return NJ_BROKEN;
		}
		if (v.len < want) {
			nj_want(d, want);
			break;
		}
		if (!s->sure) {
			s->sure = true;
			s->client = v.data[0] == NJ_TDS_ANSWER ? nj_other(dir)
							       : dir;
			nj_confirm(d);
		}
		packet(d, dir, nj_sub(v, 0, want), len);
		nj_pass(d, &v, len);
	}
	return NJ_MORE;
}

static void
tds_end(struct nj_dctx *d)
{
	finish(d, nj_state(d));
}

const struct nj_dissector nj_dissector_tds = {
	.name = "tds",
	.title = "Microsoft SQL Server (TDS)",
	.ports = (const struct nj_port[]){ { NJ_TCP, 1433 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			/* PRELOGIN with its options, version first. */
			{ "^\\x12\\x01[\\x00-\\x02].\\x00\\x00.\\x00"
			  "\\x00\\x00[\\x0b-\\x40]\\x00\\x06\\x01",
				NJ_SIG_ORIG },
			/* LOGIN7: its length, a version of 7. */
			{ "^\\x10[\\x00\\x01]..\\x00\\x00[\\x00\\x01]\\x00"
			  "..\\x00\\x00...[\\x70-\\x74]",
				NJ_SIG_ORIG },
			/* Batches and calls with headers, or before 7.2
			 * with the text or name at once. The client may
			 * be the side that seems to answer. */
			{ "^[\\x01\\x03][\\x00-\\x09]..\\x00.[\\x00-\\x40]\\x00"
			  "\\x16\\x00\\x00\\x00\\x12\\x00\\x00\\x00\\x02\\x00",
				0 },
			{ "^\\x01[\\x00-\\x09]..\\x00.[\\x00-\\x40]\\x00"
			  "([\\t\\r\\n -~]\\x00){8}",
				0 },
			{ "^\\x03[\\x00-\\x09]..\\x00.[\\x00-\\x40]\\x00"
			  "[\\x04-\\x60]\\x00([A-Za-z0-9_.#@\\[\\]]\\x00){4}",
				0 },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &tds_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct tds),
	.buffer_max = 64 * 1024,
	.stream = tds_stream,
	.end = tds_end,
};
