/*
 * postgresql.c - PostgreSQL's frontend/backend protocol 3.0 (PostgreSQL
 * documentation, chapter "Frontend/Backend Protocol"): who logged in to which
 * database, by which method, and what was asked.
 *
 * Rows that are sent are counted and skipped, passwords never looked at. After
 * a granted SSLRequest the stream is TLS and goes to ssl. Log and field names
 * are Zeek's; "parse" (a prepared statement) is ours.
 *
 * Not done: COPY data, replication, cancel requests (which carry only a key).
 */
#include <stdio.h>

#include "dissectors/shared/pass.h"
#include "dissectors/shared/take.h"
#include "dissectors/shared/pgsql_eve.h"
#include "engine/dissect/dissector.h"

#define POSTGRESQL(F, tag)                                                     \
	F(tag, 1, STR, user, NJ_INDEX | NJ_PII, "User who logged in")          \
	F(tag, 2, STR, database, NJ_INDEX, "Database")                         \
	F(tag, 3, STR, application_name, NJ_INDEX,                             \
		"What the client calls "                                       \
		"itself")                                                      \
	F(tag, 4, STR, frontend, NJ_INDEX | NJ_LEARN, "What the client asked") \
	F(tag, 5, STR, frontend_arg, 0, "Text of the query")                   \
	F(tag, 6, BOOL, success, NJ_OPT | NJ_INDEX, "Did the server agree?")   \
	F(tag, 7, STR, backend, NJ_INDEX, "What the server answered")          \
	F(tag, 8, STR, backend_arg, 0, "Details of errors and notices")        \
	F(tag, 9, U64, rows, NJ_OPT | NJ_LEARN, "Rows of the answer")

NJ_EVENT(postgresql, POSTGRESQL, "A request to a PostgreSQL server");

enum {
	QUERY_BYTES = 4096, /* of a query's text that are kept */
	NAME_BYTES = 256,
	ARGS_BYTES = 4000,
	BACK_BYTES = 64,
	MESSAGE_BYTES_MAX = 60000, /* of what is read whole */
	PARAMETERS_MAX = 64,
	FIELDS_MAX = 32,
	CODE_3_0 = 0x00030000,
	CODE_3_MASK = 0xffff0000,
	CODE_CANCEL = 80877102,
	CODE_SSL = 80877103,
	CODE_GSS = 80877104
};

enum { ODD_LENGTH, ODD_TYPE };
static const struct nj_oddity oddities[] = {
	[ODD_LENGTH] = { "postgresql_length", "A message's length cannot be" },
	[ODD_TYPE] = { "postgresql_type", "A message type that there is not" },
	{ 0 },
};

struct request {
	bool open, judged, success, counted;
	const char *frontend;
	struct nj_view arg;
	char back[BACK_BYTES];
	char *args; /* ARGS_BYTES, kept when first needed */
	size_t args_len;
	uint64_t rows;
	int64_t ts_ns;
};

struct postgresql {
	struct nj_view user, database, application;
	struct request now;
	struct nj_pgsql_eve eve;
	bool started;   /* the client has said who it is */
	bool asked_tls; /* one byte of answer comes, without a header */
};

/* ---- Records ---- */

static void
finish(struct nj_dctx *d, struct postgresql *s)
{
	struct request *r = &s->now;
	struct postgresql_event ev = { 0 };

	if (!r->open)
		return;
	ev.user = s->user;
	ev.database = s->database;
	ev.application_name = s->application;
	ev.frontend = nj_str(r->frontend);
	ev.frontend_arg = r->arg;
	if (r->back[0])
		ev.backend = nj_str(r->back);
	if (r->args_len)
		ev.backend_arg =
			(struct nj_view){ (uint8_t *)r->args, r->args_len };
	if (r->judged)
		nj_set(&ev, postgresql, success, r->success);
	if (r->counted && r->success)
		nj_set(&ev, postgresql, rows, r->rows);
	(void)nj_emit_at(d, &postgresql_desc, &ev, r->ts_ns);
	nj_drop(d, (void *)(uintptr_t)r->arg.data);
	nj_drop(d, r->args);
	*r = (struct request){ 0 };
}

static struct request *
begin(struct nj_dctx *d, struct postgresql *s, const char *frontend)
{
	finish(d, s);
	s->now = (struct request){
		.open = true, .frontend = frontend, .ts_ns = nj_now(d)
	};
	return &s->now;
}

static void
add_arg(struct nj_dctx *d, struct request *r, struct nj_view name,
	struct nj_view value)
{
	size_t room;
	int n;

	if (!r->args)
		r->args = nj_keep(d, ARGS_BYTES);
	if (!r->args)
		return;
	room = ARGS_BYTES - r->args_len;
	n = snprintf(r->args + r->args_len, room, "%s%.*s%s%.*s",
		r->args_len ? "," : "", (int)name.len, (const char *)name.data,
		name.len ? "=" : "", (int)nj_min(value.len, room),
		(const char *)value.data);
	if (n > 0)
		r->args_len += nj_min((size_t)n, room - 1);
}

static void
add_back(struct request *r, const char *word)
{
	size_t n = strlen(r->back);

	(void)snprintf(
		r->back + n, sizeof(r->back) - n, "%s%s", n ? "," : "", word);
}

/* ---- The client ---- */

static void
parameters(struct nj_dctx *d, struct postgresql *s, struct nj_cur *c)
{
	for (unsigned i = 0; i < PARAMETERS_MAX; i++) {
		struct nj_view name = nj_take_text(c), value;

		if (c->bad || !name.len)
			return;
		value = nj_take_text(c);
		if (c->bad)
			return;
		if (nj_view_eq(name, NJ_LIT("user")))
			s->user = nj_keep_view(d, value, NAME_BYTES);
		else if (nj_view_eq(name, NJ_LIT("database")))
			s->database = nj_keep_view(d, value, NAME_BYTES);
		else if (nj_view_eq(name, NJ_LIT("application_name")))
			s->application = nj_keep_view(d, value, NAME_BYTES);
	}
}

/* The first message has no type. MORE with *used 0: not all of it is here. */
static enum nj_verdict
startup(struct nj_dctx *d, struct postgresql *s, struct nj_view v, size_t *used)
{
	struct nj_cur c = nj_cur(v);
	uint32_t len = nj_cur_u32(&c), code = nj_cur_u32(&c);

	*used = 0;
	if (c.bad)
		return NJ_MORE;
	if (len < 8 || len > 10000)
		return NJ_REJECT;
	if (code == CODE_CANCEL && len == 16) {
		if (v.len < len)
			return NJ_MORE;
		nj_confirm(d);
		nj_pgsql_eve_start(&s->eve, d, code, nj_sub(v, 8, 8));
		nj_pgsql_eve_end(&s->eve, d);
		return NJ_DONE;
	}
	if (code != CODE_SSL && code != CODE_GSS &&
		(code & CODE_3_MASK) != CODE_3_0)
		return NJ_REJECT;
	if (v.len < len)
		return NJ_MORE;
	*used = len;
	if (code == CODE_SSL || code == CODE_GSS) {
		s->asked_tls = true;
		nj_pgsql_eve_start(&s->eve, d, code, nj_sub(v, 8, 0));
		(void)begin(
			d, s, code == CODE_SSL ? "ssl_request" : "gss_request");
		return NJ_MORE;
	}
	c = nj_cur(nj_sub(v, 8, len - 8));
	parameters(d, s, &c);
	if (!s->user.len)
		return NJ_REJECT;
	s->started = true;
	nj_pgsql_eve_start(&s->eve, d, code, nj_sub(v, 8, len - 8));
	(void)begin(d, s, "startup");
	nj_confirm(d);
	return NJ_MORE;
}

static void
asked(struct nj_dctx *d, struct postgresql *s, uint8_t type,
	struct nj_view body)
{
	struct nj_cur c = nj_cur(body);
	struct request *r;

	nj_pgsql_eve_asked(&s->eve, d, type, body);
	if (type == 'p')
		return;
	if (type == 'X') {
		(void)begin(d, s, "terminate");
		finish(d, s);
		return;
	}
	if (type == 'P') /* the statement's name comes first */
		(void)nj_take_text(&c);
	body = nj_cur_rest(&c);
	if (nj_view_chr(body, 0) != SIZE_MAX)
		body.len = nj_view_chr(body, 0);
	r = begin(d, s, type == 'Q' ? "simple_query" : "parse");
	r->arg = nj_keep_view(d, body, QUERY_BYTES);
	r->counted = true;
}

/* ---- The server ---- */

static const char *
auth_name(uint32_t code)
{
	static const char *const names[] = { "Ok", "KerberosV4", "KerberosV5",
		"CleartextPassword", "CryptPassword", "MD5Password",
		"SCMCredential", "GSS", "GSSContinue", "SSPI", "SASL",
		"SASLContinue", "SASLFinal" };

	return code < nj_countof(names) ? names[code] : "unknown";
}

static void
authentication(struct nj_dctx *d, struct request *r, struct nj_view body)
{
	struct nj_cur c = nj_cur(body);
	uint32_t code = nj_cur_u32(&c);

	if (code == 0 && !c.bad) {
		r->judged = r->success = true;
		(void)snprintf(r->back, sizeof(r->back), "auth_ok");
		return;
	}
	add_back(r, "auth_request");
	add_arg(d, r, (struct nj_view){ 0 }, nj_str(auth_name(code)));
}

static const char *
field_name(uint8_t code)
{
	static const char letters[] = "SVCMDHPpqWstcdnFLR";
	static const char *const names[] = { "SeverityLocalized", "Severity",
		"Code", "Message", "Detail", "Hint", "Position",
		"InternalPosition", "InternalQuery", "Where", "Schema", "Table",
		"Column", "Data", "Constraint", "File", "Line", "Routine" };
	const char *at = strchr(letters, code);

	return code && at ? names[at - letters] : "Unknown";
}

static void
response_fields(struct nj_dctx *d, struct request *r, struct nj_view body)
{
	struct nj_cur c = nj_cur(body);

	for (unsigned i = 0; i < FIELDS_MAX; i++) {
		uint8_t code = nj_cur_u8(&c);
		struct nj_view value;

		if (c.bad || !code)
			return;
		value = nj_take_text(&c);
		if (c.bad)
			return;
		add_arg(d, r, nj_str(field_name(code)), value);
	}
}

static void
answered(struct nj_dctx *d, struct postgresql *s, uint8_t type,
	struct nj_view body)
{
	struct request *r = &s->now;

	nj_pgsql_eve_answered(&s->eve, d, type, body);
	if (!r->open)
		return;
	switch (type) {
	case 'R':
		authentication(d, r, body);
		break;
	case 'E':
		r->judged = true;
		r->success = false;
		add_back(r, "error");
		response_fields(d, r, body);
		break;
	case 'N':
		response_fields(d, r, body);
		break;
	case 'C':
	case 'I':
	case 's':
		if (!r->judged)
			r->judged = r->success = true;
		break;
	case 'Z':
		finish(d, s);
		break;
	default:
		break;
	}
}

/* ---- Messages ---- */

static bool
is_known(enum nj_dir dir, uint8_t type)
{
	return type && strchr(dir == NJ_ORIG ? "QPBECDHSFXpfdc"
					     : "RKSEZCDINTtns123AGHWVdcv",
			       type);
}

static bool
is_read(enum nj_dir dir, uint8_t type)
{
	return strchr(dir == NJ_ORIG ? "QPX" : "RENCIsZ", type) != NULL;
}

/* One message; *used stays 0 when more of it is needed, and may be more than
 * is in hand: the rest is of no interest. */
static enum nj_verdict
message(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, size_t *used)
{
	struct postgresql *s = nj_state(d);
	struct nj_cur c = nj_cur(v);
	uint8_t type = nj_cur_u8(&c);
	uint32_t len = nj_cur_u32(&c);
	size_t want;

	*used = 0;
	if (c.bad)
		return NJ_MORE;
	if (!is_known(dir, type) || len < 4 || len > INT32_MAX) {
		nj_odd(d, len < 4 || len > INT32_MAX ? ODD_LENGTH : ODD_TYPE);
		return NJ_BROKEN;
	}
	if (dir == NJ_RESP && type == 'D' && s->now.open)
		s->now.rows++;
	if (dir == NJ_RESP && (type == 'D' || type == 'd'))
		nj_pgsql_eve_row(&s->eve, type, len - 4);
	if (!is_read(dir, type) && !nj_pgsql_eve_reads(d, dir, type)) {
		*used = (size_t)len + 1;
		return NJ_MORE;
	}
	/* A long query is told by its beginning. */
	want = nj_min((size_t)len - 4,
		(size_t)(dir == NJ_ORIG ? QUERY_BYTES + NAME_BYTES
					: MESSAGE_BYTES_MAX));
	if (nj_cur_left(&c) < want)
		return NJ_MORE;
	if (dir == NJ_ORIG)
		asked(d, s, type, nj_cur_take(&c, want));
	else
		answered(d, s, type, nj_cur_take(&c, want));
	*used = (size_t)len + 1;
	return NJ_MORE;
}

/* The one byte that answers an SSLRequest. */
static enum nj_verdict
tls_answer(struct nj_dctx *d, struct postgresql *s, uint8_t byte)
{
	struct request *r = &s->now;

	if (byte != 'S' && byte != 'N' && byte != 'G')
		return NJ_REJECT;
	nj_confirm(d);
	s->asked_tls = false;
	nj_pgsql_eve_tls(&s->eve, d, byte);
	if (r->open) {
		add_back(r, "ssl_reply");
		add_arg(d, r, (struct nj_view){ 0 },
			(struct nj_view){ &byte, 1 });
		r->judged = true;
		r->success = byte != 'N';
		finish(d, s);
	}
	nj_consume(d, 1);
	if (byte == 'S')
		(void)nj_handover(d, "ssl", 0);
	return byte == 'G' ? NJ_DONE : NJ_MORE;
}

static enum nj_verdict
postgresql_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct postgresql *s = nj_state(d);
	enum nj_verdict verdict = NJ_MORE;
	size_t used;

	if (dir == NJ_RESP && !s->started && !s->asked_tls)
		return v.data[0] == 'R' || v.data[0] == 'E' ||
				       v.data[0] == 'S' || v.data[0] == 'N'
			       ? NJ_MORE
			       : NJ_REJECT;
	if (dir == NJ_RESP && s->asked_tls)
		return tls_answer(d, s, v.data[0]);
	while (v.len) {
		if (dir == NJ_ORIG && !s->started)
			verdict = startup(d, s, v, &used);
		else
			verdict = message(d, dir, v, &used);
		if (verdict != NJ_MORE || !used)
			break;
		nj_pass(d, &v, used);
	}
	return verdict;
}

static void
postgresql_end(struct nj_dctx *d)
{
	struct postgresql *s = nj_state(d);

	finish(d, s);
	nj_pgsql_eve_end(&s->eve, d);
}

const struct nj_dissector nj_dissector_postgresql = {
	.name = "postgresql",
	.title = "PostgreSQL",
	.ports = (const struct nj_port[]){ { NJ_TCP, 5432 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^\\x00\\x00..\\x00\\x03\\x00[\\x00-\\x02][a-z]",
				NJ_SIG_ORIG },
			{ "^\\x00\\x00\\x00\\x08\\x04\\xd2\\x16[\\x2f\\x30]",
				NJ_SIG_ORIG },
			{ "^\\x00\\x00\\x00\\x10\\x04\\xd2\\x16\\x2e",
				NJ_SIG_ORIG },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &postgresql_desc,
		&eve_pgsql_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct postgresql),
	.buffer_max = 64 * 1024,
	.stream = postgresql_stream,
	.end = postgresql_end,
};
