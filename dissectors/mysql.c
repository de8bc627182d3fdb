/*
 * mysql.c - MySQL and MariaDB (MySQL documentation, "Client/Server Protocol";
 * MariaDB Knowledge Base, "Client/Server Protocol"), handshakes of version 9
 * and 10: who logged in from which program, and what was asked.
 *
 * Rows are counted and passed over, passwords never looked at. A client that
 * asks for TLS goes on in ssl. Log and field names are Zeek's; those from user
 * on are ours.
 *
 * Not done: the X protocol of port 33060; what a compressed session says.
 */
#include "dissectors/shared/mysql_msg.h"
#include "dissectors/shared/pass.h"
#include "dissectors/shared/software.h"
#include "engine/dissect/dissector.h"

#define MYSQL(F, tag)                                                          \
	F(tag, 1, STR, cmd, NJ_INDEX | NJ_LEARN, "What the client wants")      \
	F(tag, 2, STR, arg, NJ_PII, "Of what: the query, database, table")     \
	F(tag, 3, BOOL, success, NJ_OPT | NJ_INDEX, "Did the server agree?")   \
	F(tag, 4, U64, rows, NJ_OPT | NJ_LEARN, "Rows that were changed")      \
	F(tag, 5, STR, response, 0, "What the server says of a failure")       \
	F(tag, 6, STR, user, NJ_INDEX | NJ_PII, "User who is logged in")       \
	F(tag, 7, STR, database, NJ_INDEX, "Database in use")                  \
	F(tag, 8, STR, program, NJ_INDEX, "What the client calls itself")      \
	F(tag, 9, STR, server_version, NJ_INDEX, "Version of the server")      \
	F(tag, 10, U64, rows_sent, NJ_OPT | NJ_LEARN, "Rows of the answer")    \
	F(tag, 11, U16, error_code, NJ_OPT | NJ_INDEX, "Number of a failure")  \
	F(tag, 12, STR, statement, NJ_PII,                                     \
		"Text of the prepared statement that is executed")             \
	F(tag, 13, STR, local_file, NJ_INDEX,                                  \
		"File of the client that the server asked for")                \
	F(tag, 14, STR, auth_method, NJ_INDEX, "How the user proves himself")  \
	F(tag, 15, BOOL, compressed, NJ_OPT,                                   \
		"Is the rest of the session compressed, and not read?")

NJ_EVENT(mysql, MYSQL, "A request to a MySQL or MariaDB server");

enum {
	HEAD = 4,
	LONGEST = 0xffffff, /* as long as a packet can be: another follows */
	QUERY_BYTES = 8192, /* of a command that are looked at */
	ANSWER_BYTES = 1024,
	NAME_BYTES = 256,
	STATEMENT_BYTES = 1024,
	STATEMENTS_MAX = 32,
	CURSOR = 0x0040 /* a status */
};

enum { ODD_LENGTH, ODD_COMMAND, ODD_LOGIN };
static const struct nj_oddity oddities[] = {
	[ODD_LENGTH] = { "mysql_length", "A packet that cannot be that short" },
	[ODD_COMMAND] = { "mysql_command", "A command that there is not" },
	[ODD_LOGIN] = { "mysql_login", "A log-in that cannot be read" },
	{ 0 },
};

/* What comes next from the server. */
enum expect {
	GREETING,
	LOGIN,   /* the client's turn */
	TLS,     /* that it goes on in */
	AUTH,    /* however many messages of both sides */
	COMMAND, /* the client's turn, or more results that nobody waits for */
	STATUS,  /* one OK or error */
	RESULT,  /* an OK, an error, or columns and rows */
	COLUMNS,
	ROWS,
	FIELDS, /* columns without a count */
	TEXT    /* a line without a form */
};

struct request {
	bool open, judged, success, asked_file;
	uint8_t command; /* of COM_*; 0: the log-in */
	const char *name;
	struct nj_view arg, statement, file; /* kept, not so statement */
	uint64_t sent;
	bool counted; /* there were rows to count */
	int64_t ts_ns;
};

struct statement {
	uint32_t id;
	struct nj_view text; /* kept */
};

struct mysql {
	enum nj_dir server;
	uint8_t expect;
	bool old;     /* protocol 9 */
	bool more[2]; /* the packet before was not the last of its kind */
	uint32_t can; /* what both are capable of */
	uint64_t columns;
	struct nj_view user, database, program, version, method;
	struct request now;
	uint8_t next_statement;
	struct statement statements[STATEMENTS_MAX];
};

/* ---- Records ---- */

static void
finish(struct nj_dctx *d, struct mysql *s, uint64_t rows,
	const struct nj_mysql_error *e)
{
	struct request *r = &s->now;
	struct mysql_event ev = { .cmd = nj_str(r->name),
		.arg = r->arg.data ? r->arg : NJ_LIT(""),
		.user = s->user,
		.database = s->database,
		.program = s->program,
		.statement = r->statement,
		.local_file = r->file };

	if (!r->open)
		return;
	if (r->judged)
		nj_set(&ev, mysql, success, r->success);
	if (r->judged && r->success)
		nj_set(&ev, mysql, rows, rows);
	if (r->counted)
		nj_set(&ev, mysql, rows_sent, r->sent);
	if (e) {
		ev.response = e->text;
		nj_set(&ev, mysql, error_code, e->code);
	}
	if (!r->command) {
		ev.server_version = s->version;
		ev.auth_method = s->method;
		if (s->can & (NJ_MYSQL_COMPRESS | NJ_MYSQL_ZSTD))
			nj_set(&ev, mysql, compressed, true);
	}
	(void)nj_emit_at(d, &mysql_desc, &ev, r->ts_ns);
	nj_drop(d, (void *)(uintptr_t)r->arg.data);
	nj_drop(d, (void *)(uintptr_t)r->file.data);
	*r = (struct request){ 0 };
}

static void
judge(struct nj_dctx *d, struct mysql *s, uint64_t rows,
	const struct nj_mysql_error *e)
{
	s->now.judged = true;
	s->now.success = !e;
	finish(d, s, rows, e);
}

static void
begin(struct nj_dctx *d, struct mysql *s, uint8_t command, const char *name)
{
	finish(d, s, 0, NULL);
	s->now = (struct request){ .open = true,
		.command = command,
		.name = name,
		.ts_ns = nj_now(d) };
}

/* ---- Prepared statements ---- */

static struct nj_view
statement_text(const struct mysql *s, uint32_t id)
{
	for (unsigned i = 0; i < STATEMENTS_MAX; i++)
		if (s->statements[i].text.data && s->statements[i].id == id)
			return s->statements[i].text;
	return (struct nj_view){ 0 };
}

static void
statement_keep(struct nj_dctx *d, struct mysql *s, uint32_t id)
{
	struct statement *p = &s->statements[s->next_statement];

	s->next_statement = (uint8_t)((s->next_statement + 1) % STATEMENTS_MAX);
	nj_drop(d, (void *)(uintptr_t)p->text.data);
	p->id = id;
	p->text = nj_keep_view(d, s->now.arg, STATEMENT_BYTES);
}

/* ---- The client ---- */

static enum nj_verdict
logging_in(struct nj_dctx *d, struct mysql *s, struct nj_view body)
{
	struct nj_mysql_login l;

	if (!nj_mysql_login(&l, body)) {
		nj_odd(d, ODD_LOGIN);
		return NJ_BROKEN;
	}
	s->can = s->old ? l.can : l.can & s->can;
	if (l.tls) {
		s->expect = TLS;
		return NJ_MORE;
	}
	s->user = nj_keep_view(d, l.user, NAME_BYTES);
	s->database = nj_keep_view(d, l.database, NAME_BYTES);
	s->program = nj_keep_view(d, l.program, NAME_BYTES);
	s->method = nj_keep_view(d, l.plugin, NAME_BYTES);
	begin(d, s, 0, "login");
	s->now.arg = nj_keep_view(d, l.user, NAME_BYTES);
	s->expect = AUTH;
	return NJ_MORE;
}

/* What a server answers to each command. */
static uint8_t
answer_of(uint8_t command)
{
	switch (command) {
	case NJ_MYSQL_QUERY:
	case NJ_MYSQL_PROCESS_INFO:
	case NJ_MYSQL_STMT_EXECUTE:
	case 0xfa:
		return RESULT;
	case NJ_MYSQL_FIELD_LIST:
		return FIELDS;
	case NJ_MYSQL_STMT_FETCH:
		return ROWS;
	case NJ_MYSQL_STATISTICS:
		return TEXT;
	case NJ_MYSQL_CHANGE_USER:
		return AUTH;
	case NJ_MYSQL_QUIT:
	case NJ_MYSQL_STMT_CLOSE:
	case NJ_MYSQL_STMT_LONG_DATA:
		return COMMAND;
	default:
		return STATUS;
	}
}

static void
command_argument(struct nj_dctx *d, struct mysql *s, struct nj_view arg)
{
	struct request *r = &s->now;
	struct nj_cur c = nj_cur(arg);

	if (r->command == NJ_MYSQL_QUERY)
		arg = nj_mysql_query(arg, s->can);
	if (r->command == NJ_MYSQL_CHANGE_USER) {
		arg = nj_mysql_change_user(arg);
		nj_drop(d, (void *)(uintptr_t)s->user.data);
		s->user = nj_keep_view(d, arg, NAME_BYTES);
	}
	if (r->command == NJ_MYSQL_STMT_EXECUTE) {
		r->statement = statement_text(s, nj_cur_le32(&c));
		if (c.bad)
			r->statement = (struct nj_view){ 0 };
	}
	if (arg.len && !arg.data[arg.len - 1])
		arg.len--;
	r->arg = nj_keep_view(d, arg, QUERY_BYTES);
}

static enum nj_verdict
commanded(struct nj_dctx *d, struct mysql *s, struct nj_view body)
{
	uint8_t command = body.len ? body.data[0] : 0;
	const char *name = nj_mysql_command_name(command);

	if (!body.len) {
		nj_odd(d, ODD_LENGTH);
		return NJ_MORE;
	}
	if (!name) {
		nj_odd(d, ODD_COMMAND);
		return NJ_BROKEN;
	}
	begin(d, s, command, name);
	/* COM_SLEEP is nothing that a client says; 0 is our log-in. */
	if (!command)
		s->now.command = 0xff;
	command_argument(d, s, nj_sub(body, 1, body.len));
	s->expect = answer_of(command);
	s->now.counted = s->expect == ROWS;
	if (s->expect == COMMAND)
		finish(d, s, 0, NULL);
	return NJ_MORE;
}

static enum nj_verdict
asked(struct nj_dctx *d, struct mysql *s, uint8_t number, struct nj_view body)
{
	if (s->expect == LOGIN)
		return logging_in(d, s, body);
	/* Others are proofs of who one is, or lines of a local file. */
	if (s->expect == AUTH || number)
		return NJ_MORE;
	return commanded(d, s, body);
}

/* MariaDB calls itself a MySQL first, for the sake of old clients. */
static void
software(struct nj_dctx *d, enum nj_dir dir, struct nj_view version)
{
	static const struct nj_view alias = { (const uint8_t *)"5.5.5-", 6 };
	bool maria = nj_view_find(version, NJ_LIT("MariaDB")) != SIZE_MAX;
	struct nj_software_found f = { .type = "MySQL::SERVER",
		.name = maria ? "MariaDB" : "MySQL",
		.host = nj_addr_of(d, dir),
		.port = nj_port_of(d, dir),
		.text = version };

	if (maria && nj_view_starts(version, alias))
		f.text = nj_sub(version, alias.len, version.len);
	nj_software_tell(d, &f);
}

/* ---- The server ---- */

static enum nj_verdict
greeted(struct nj_dctx *d, struct mysql *s, enum nj_dir dir,
	struct nj_view body)
{
	struct nj_mysql_greeting g;

	s->server = dir;
	if (body.len > 3 && body.data[0] == 0xff) {
		struct nj_mysql_error e =
			nj_mysql_error(nj_sub(body, 1, body.len));

		if (e.code < 1000 || e.code >= 5000 || !e.text.len)
			return NJ_REJECT;
		/* Turned away before it could say a word. */
		begin(d, s, 0, "connect");
		judge(d, s, 0, &e);
		return NJ_DONE;
	}
	if (!nj_mysql_greeting(&g, body))
		return NJ_REJECT;
	nj_confirm(d);
	s->version = nj_keep_view(d, g.version, NAME_BYTES);
	software(d, dir, g.version);
	s->can = g.can;
	s->old = g.protocol == 9;
	s->expect = LOGIN;
	return NJ_MORE;
}

static uint64_t
ok_rows(struct nj_view body)
{
	struct nj_cur c = nj_cur(nj_sub(body, 1, body.len));
	uint64_t rows = nj_mysql_number(&c);

	return c.bad ? 0 : rows;
}

/* A client that says which database it wants from now on. */
static void
database_chosen(struct nj_dctx *d, struct mysql *s)
{
	nj_drop(d, (void *)(uintptr_t)s->database.data);
	s->database = nj_keep_view(d, s->now.arg, NAME_BYTES);
}

static enum nj_verdict
judged_ok(struct nj_dctx *d, struct mysql *s, struct nj_view body)
{
	bool login = s->expect == AUTH;

	if (s->now.command == NJ_MYSQL_INIT_DB)
		database_chosen(d, s);
	if (s->now.command == NJ_MYSQL_STMT_PREPARE && body.len >= 5) {
		struct nj_cur c = nj_cur(nj_sub(body, 1, 4));

		statement_keep(d, s, nj_cur_le32(&c));
		judge(d, s, 0, NULL);
	} else {
		judge(d, s, ok_rows(body), NULL);
	}
	s->expect = COMMAND;
	return login && s->can & (NJ_MYSQL_COMPRESS | NJ_MYSQL_ZSTD) ? NJ_DONE
								     : NJ_MORE;
}

static enum nj_verdict
judged_error(struct nj_dctx *d, struct mysql *s, struct nj_view body)
{
	struct nj_mysql_error e = nj_mysql_error(nj_sub(body, 1, body.len));

	judge(d, s, 0, &e);
	s->expect = COMMAND;
	return NJ_MORE;
}

/* The first packet of a query's answer. */
static enum nj_verdict
result(struct nj_dctx *d, struct mysql *s, struct nj_view body)
{
	struct nj_cur c = nj_cur(body);

	if (body.data[0] == 0)
		return judged_ok(d, s, body);
	if (body.data[0] == 0xfb) {
		/* LOAD DATA LOCAL: the server names a file, the client sends
		 * it, and an OK follows. */
		s->now.file =
			nj_keep_view(d, nj_sub(body, 1, body.len), NAME_BYTES);
		s->expect = STATUS;
		return NJ_MORE;
	}
	s->columns = nj_mysql_number(&c);
	s->now.counted = true;
	s->expect = COLUMNS;
	return NJ_MORE;
}

static uint16_t
eof_status(struct nj_view body)
{
	struct nj_cur c = nj_cur(nj_sub(body, 3, body.len));

	return nj_cur_le16(&c);
}

/* The end of columns or rows, as an EOF or, in newer servers, an OK of the
 * same first byte. */
static void
ended(struct nj_dctx *d, struct mysql *s, struct nj_view body)
{
	uint64_t rows = s->can & NJ_MYSQL_NO_EOF ? ok_rows(body) : 0;

	judge(d, s, rows, NULL);
	s->expect = COMMAND;
}

static enum nj_verdict
rows(struct nj_dctx *d, struct mysql *s, struct nj_view body, uint32_t len)
{
	bool end = body.data[0] == 0xfe &&
		   len < (s->can & NJ_MYSQL_NO_EOF ? LONGEST : 9);

	if (s->expect == COLUMNS && s->columns) {
		s->columns--;
		/* Without an EOF between them, rows follow at once. */
		if (!s->columns && s->can & NJ_MYSQL_NO_EOF)
			s->expect = ROWS;
		return NJ_MORE;
	}
	if (s->expect == COLUMNS) {
		s->expect = ROWS;
		/* With a cursor the rows come when they are fetched. */
		if (end && !(eof_status(body) & CURSOR))
			return NJ_MORE;
	}
	if (end)
		ended(d, s, body);
	else if (s->expect == ROWS)
		s->now.sent++;
	return NJ_MORE;
}

static void
auth_switched(struct nj_dctx *d, struct mysql *s, struct nj_view body)
{
	struct nj_view name = nj_sub(body, 1, body.len);
	size_t n = nj_view_chr(name, 0);

	if (!name.len)
		name = NJ_LIT("mysql_old_password");
	nj_drop(d, (void *)(uintptr_t)s->method.data);
	s->method = nj_keep_view(d, nj_sub(name, 0, n), NAME_BYTES);
}

static enum nj_verdict
answered(struct nj_dctx *d, struct mysql *s, struct nj_view body, uint32_t len)
{
	if (!body.len)
		return NJ_MORE;
	if (body.data[0] == 0xff && s->expect >= AUTH)
		return judged_error(d, s, body);
	switch (s->expect) {
	case AUTH:
		if (body.data[0] == 0)
			return judged_ok(d, s, body);
		if (body.data[0] == 0xfe)
			auth_switched(d, s, body);
		return NJ_MORE;
	case STATUS:
		if (body.data[0] == 0)
			return judged_ok(d, s, body);
		if (body.data[0] == 0xfe)
			ended(d, s, body);
		return NJ_MORE;
	case RESULT:
		return result(d, s, body);
	case FIELDS:
		if (body.data[0] == 0)
			return judged_ok(d, s, body);
		return rows(d, s, body, len);
	case COLUMNS:
	case ROWS:
		return rows(d, s, body, len);
	case TEXT:
		finish(d, s, 0, NULL);
		s->expect = COMMAND;
		return NJ_MORE;
	default:
		return NJ_MORE;
	}
}

/* ---- Packets ---- */

/* How much of a packet's payload is to be read. */
static size_t
wanted(const struct mysql *s, enum nj_dir dir, uint32_t len, bool number)
{
	if (s->more[dir] || (dir != s->server && number && s->expect > AUTH))
		return 0;
	/* Of rows and columns, whether they are some. */
	if (dir == s->server && s->expect >= COLUMNS && len >= ANSWER_BYTES)
		return 1;
	return nj_min((size_t)len,
		(size_t)(dir == s->server ? ANSWER_BYTES : QUERY_BYTES));
}

static enum nj_verdict
packet(struct nj_dctx *d, enum nj_dir dir, uint8_t number, struct nj_view body,
	uint32_t len)
{
	struct mysql *s = nj_state(d);
	bool follows = s->more[dir];

	s->more[dir] = len == LONGEST;
	if (follows)
		return NJ_MORE;
	if (s->expect == GREETING)
		return number > 1 ? NJ_REJECT : greeted(d, s, dir, body);
	if (dir == s->server)
		return answered(d, s, body, len);
	return asked(d, s, number, body);
}

static enum nj_verdict
mysql_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct mysql *s = nj_state(d);
	enum nj_verdict verdict = NJ_MORE;

	while (v.len >= HEAD && verdict == NJ_MORE) {
		uint32_t len = v.data[0] | (uint32_t)v.data[1] << 8 |
			       (uint32_t)v.data[2] << 16;
		size_t want = wanted(s, dir, len, v.data[3]);

		if (s->expect == GREETING && (len < 5 || len > ANSWER_BYTES))
			return NJ_REJECT;
		if (v.len - HEAD < want) {
			nj_want(d, HEAD + want);
			break;
		}
		verdict = packet(d, dir, v.data[3], nj_sub(v, HEAD, want), len);
		nj_pass(d, &v, (uint64_t)HEAD + len);
		if (s->expect == TLS)
			return nj_handover(d, "ssl", 0) ? NJ_MORE : NJ_DONE;
	}
	return verdict;
}

static void
mysql_end(struct nj_dctx *d)
{
	finish(d, nj_state(d), 0, NULL);
}

const struct nj_dissector nj_dissector_mysql = {
	.name = "mysql",
	.title = "MySQL and MariaDB",
	.ports = (const struct nj_port[]){ { NJ_TCP, 3306 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){ /* The greeting, protocols 10 and 9. */
			{ "^..\\x00\\x00\\x0a[3-9]\\.[0-9]", 0 },
			{ "^..\\x00\\x00\\x0a[1-9][0-9]\\.[0-9]", 0 },
			{ "^..\\x00\\x00\\x093\\.2", 0 },
			/* Turned away: 1040, 1129, 1130, 1203. */
			{ "^..\\x00[\\x00\\x01]\\xff[\\x10\\x69\\x6a\\xb3]\\x04"
			  "(#[0-9A-Z]{5})?(Host |Too many |User )",
				NJ_SIG_RESP },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &mysql_desc,
		&software_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct mysql),
	.stream = mysql_stream,
	.end = mysql_end,
};
