/*
 * pop3.c - POP3 (RFC 1939) with its extensions (RFC 2449), log-ins by SASL
 * (RFC 5034) and STLS (RFC 2595): one record a command with its answer; the
 * parts of each mail that is fetched are files.
 *
 * Passwords are never kept, only that one went over the wire in clear.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/line.h"
#include "dissectors/shared/mailbody.h"
#include "dissectors/shared/sasl.h"

#define POP3(F, tag)                                                           \
	F(tag, 1, STR, command, NJ_INDEX | NJ_LEARN, "Command")                \
	F(tag, 2, VSTR, args, NJ_PII, "Its arguments, without secrets")        \
	F(tag, 3, BOOL, success, NJ_OPT | NJ_LEARN, "Did the server agree?")   \
	F(tag, 4, STR, status, 0, "OK or ERR")                                 \
	F(tag, 5, STR, message, 0, "First line of the answer")                 \
	F(tag, 6, VSTR, data, 0, "First lines after it, of short answers")     \
	F(tag, 7, U64, data_bytes, NJ_OPT | NJ_LEARN, "Bytes after it")        \
	F(tag, 8, STR, username, NJ_INDEX | NJ_PII, "User who logs in")        \
	F(tag, 9, STR, auth_method, NJ_INDEX | NJ_LEARN, "How")                \
	F(tag, 10, BOOL, password_seen, NJ_OPT | NJ_INDEX,                     \
		"A password came in clear")                                    \
	F(tag, 11, STR, from, NJ_INDEX | NJ_PII, "From header of the mail")    \
	F(tag, 12, STR, subject, NJ_PII, "Subject header of the mail")         \
	F(tag, 13, STR, msg_id, NJ_INDEX, "Message-ID header of the mail")     \
	F(tag, 14, VSTR, fuids, NJ_INDEX, "Ids of the mail's files")           \
	F(tag, 15, STR, greeting, NJ_LEARN, "First words of the server")

NJ_EVENT(pop3, POP3, "A command to a mail box, and its answer");

enum {
	LINE_BYTES_MAX = 4096,
	TEXT_MAX = 256,
	QUEUE_MAX = 32, /* commands without an answer */
	ARGS_MAX = 8,
	DATA_MAX = 32
};

enum { ODD_REPLY = NJ_MAILBODY_ODD_NEXT, ODD_COMMAND };
static const struct nj_oddity oddities[] = {
	NJ_MAILBODY_ODDITIES,
	[ODD_REPLY] = { "pop3_server_command_unknown",
		"An answer that is none" },
	[ODD_COMMAND] = { "pop3_client_command_unknown",
		"A command that there is not" },
	{ 0 },
};

enum command {
	UNKNOWN,
	USER,
	PASS,
	APOP,
	AUTH,
	CAPA,
	LIST,
	UIDL,
	RETR,
	TOP,
	STLS,
	QUIT,
	STAT,
	DELE,
	NOOP,
	RSET,
	LAST_WORD,
	SASL_DATA = LAST_WORD,
	GREETING
};

static const char *const words[LAST_WORD] = { NULL, "USER", "PASS", "APOP",
	"AUTH", "CAPA", "LIST", "UIDL", "RETR", "TOP", "STLS", "QUIT", "STAT",
	"DELE", "NOOP", "RSET" };

struct ask {
	uint8_t command;
	bool has_args;
	int64_t ts_ns;
	struct nj_view word, args[ARGS_MAX]; /* kept */
	uint8_t n_args;
};

struct pop3 {
	struct nj_mailbody body;
	struct nj_sasl login;
	struct nj_line line[2];
	struct ask *queue; /* kept, QUEUE_MAX */
	uint8_t first, count;
	struct nj_view greeting, user; /* kept */
	struct nj_view data[DATA_MAX]; /* kept, of the answer that comes */
	struct nj_view message;        /* kept */
	uint64_t data_bytes;
	uint8_t n_data;
	bool sure, greeted, multi, ok, mail, mid_line, sasl, over, lost[2];
};

/* ---- Records ---- */

static void
login_set(struct pop3_event *ev, const struct pop3 *s, const struct ask *a)
{
	switch (a->command) {
	case USER:
		ev->username = s->user;
		break;
	case PASS:
		ev->username = s->user;
		ev->auth_method = NJ_LIT("USER");
		if (a->has_args)
			nj_set(ev, pop3, password_seen, true);
		break;
	case APOP:
		ev->username = s->user;
		ev->auth_method = NJ_LIT("APOP");
		break;
	case AUTH:
	case SASL_DATA:
		if (a->command == AUTH && !a->has_args)
			break;
		ev->username = s->login.user;
		ev->auth_method = s->login.mechanism;
		if (s->login.password)
			nj_set(ev, pop3, password_seen, true);
		break;
	default:
		break;
	}
}

/* The oldest command is answered (or, without an answer, over). */
static void
finish(struct nj_dctx *d, struct pop3 *s, bool answered)
{
	struct ask *a = &s->queue[s->first];
	struct pop3_event ev = { .command = a->word };

	ev.args = (struct nj_vstr){ a->n_args ? a->args : NULL, a->n_args };
	login_set(&ev, s, a);
	ev.greeting = s->greeting;
	if (answered) {
		nj_set(&ev, pop3, success, s->ok);
		ev.status = s->ok ? NJ_LIT("OK") : NJ_LIT("ERR");
		ev.message = s->message;
		if (s->n_data)
			ev.data = (struct nj_vstr){ s->data, s->n_data };
		if (s->data_bytes)
			nj_set(&ev, pop3, data_bytes, s->data_bytes);
		ev.from = s->body.from;
		ev.subject = s->body.subject;
		ev.msg_id = s->body.msg_id;
		if (s->body.n_fuids)
			ev.fuids = (struct nj_vstr){ s->body.fuids,
				s->body.n_fuids };
	}
	(void)nj_emit_at(d, &pop3_desc, &ev, a->ts_ns);
	nj_mailbody_clear(&s->body, d);
	nj_mailbody_drop(d, &s->message);
	nj_mailbody_drop(d, &s->greeting);
	while (s->n_data)
		nj_mailbody_drop(d, &s->data[--s->n_data]);
	s->data_bytes = 0;
	nj_mailbody_drop(d, &a->word);
	while (a->n_args)
		nj_mailbody_drop(d, &a->args[--a->n_args]);
	s->first = (uint8_t)((s->first + 1) % QUEUE_MAX);
	s->count--;
}

/* ---- The client ---- */

static enum command
command_of(struct nj_view word)
{
	for (unsigned i = USER; i < LAST_WORD; i++)
		if (nj_view_caseeq(word, nj_str(words[i])))
			return (enum command)i;
	return UNKNOWN;
}

static struct nj_view
word_of(struct nj_view *rest)
{
	struct nj_view v = nj_view_trim(*rest);
	struct nj_view word = nj_sub(v, 0, nj_view_chr(v, ' '));

	*rest = nj_view_trim(nj_sub(v, word.len, v.len));
	return word;
}

static struct ask *
ask_add(struct nj_dctx *d, struct pop3 *s, enum command c, struct nj_view word)
{
	struct ask *a;

	if (!s->queue) {
		s->queue = nj_keep(d, QUEUE_MAX * sizeof(*s->queue));
		if (!s->queue)
			return NULL;
		memset(s->queue, 0, QUEUE_MAX * sizeof(*s->queue));
	}
	if (s->count == QUEUE_MAX)
		finish(d, s, false);
	a = &s->queue[(s->first + s->count) % QUEUE_MAX];
	s->count++;
	*a = (struct ask){ .command = (uint8_t)c, .ts_ns = nj_now(d) };
	a->word = nj_keep_view(d, word, TEXT_MAX);
	return a;
}

/* What of the arguments may be shown: not a password, nor an answer to a
 * challenge. */
static void
args_keep(struct nj_dctx *d, struct ask *a, struct nj_view rest)
{
	unsigned max = a->command == PASS || a->command == SASL_DATA ? 0
		       : a->command == AUTH || a->command == APOP    ? 1
								     : ARGS_MAX;

	a->has_args = rest.len;
	while (rest.len && a->n_args < max) {
		struct nj_view v = nj_keep_view(d, word_of(&rest), TEXT_MAX);

		if (!v.data)
			break;
		a->args[a->n_args++] = v;
	}
}

static bool
is_keyword(struct nj_view word)
{
	for (size_t i = 0; i < word.len; i++)
		if ((word.data[i] | 0x20) < 'a' || (word.data[i] | 0x20) > 'z')
			return false;
	return word.len == 3 || word.len == 4;
}

static void
client_line(struct nj_dctx *d, struct pop3 *s, struct nj_view line)
{
	struct nj_view rest = line, word = word_of(&rest);
	enum command c = command_of(word);
	struct ask *a;

	if (s->sasl) {
		s->sasl = false;
		nj_sasl_answer(&s->login, d, line);
		(void)ask_add(d, s, SASL_DATA, NJ_LIT("<SASL DATA>"));
		return;
	}
	if (!word.len)
		return;
	if (c == UNKNOWN) {
		if (s->lost[NJ_ORIG])
			return;
		/* What has not the form of a command (RFC 1939 section 3) may
		 * be anything, a password too. */
		if (!is_keyword(word))
			word = NJ_LIT("<unknown>");
		nj_odd_addl(d, ODD_COMMAND, word);
		(void)ask_add(d, s, c, word);
		return;
	}
	s->sure = true;
	s->lost[NJ_ORIG] = false;
	nj_confirm(d);
	a = ask_add(d, s, c, nj_str(words[c]));
	if (!a)
		return;
	args_keep(d, a, rest);
	if (c == USER || c == APOP) {
		nj_mailbody_drop(d, &s->user);
		s->user = nj_keep_view(d, word_of(&rest), TEXT_MAX);
	} else if (c == AUTH && a->has_args) {
		nj_mailbody_drop(d, &s->login.user);
		s->login.password = false;
		nj_sasl_begin(&s->login, d, rest);
	}
}

/* ---- The server ---- */

static bool
is_multi(const struct ask *a)
{
	switch (a->command) {
	case CAPA:
	case RETR:
	case TOP:
		return true;
	case LIST:
	case UIDL:
	case AUTH:
		return !a->has_args;
	default:
		return false;
	}
}

static void
answered(struct nj_dctx *d, struct pop3 *s, struct nj_view words_said)
{
	struct ask *a = &s->queue[s->first];
	bool tls = a->command == STLS && s->ok;

	s->message = nj_keep_view(d, words_said, TEXT_MAX);
	if (a->command == AUTH || a->command == SASL_DATA)
		nj_sasl_end(&s->login, d, s->ok);
	s->multi = s->ok && is_multi(a);
	s->mail = s->multi && (a->command == RETR || a->command == TOP);
	s->mid_line = false;
	if (s->mail)
		nj_mailbody_begin(&s->body, d, NJ_FILE_POP3, NJ_RESP);
	if (s->multi)
		return;
	finish(d, s, true);
	if (tls) {
		s->over = true;
		(void)nj_handover(d, "ssl", 0);
	}
}

/* "+ challenge" during a log-in; nothing else is in order. */
static void
challenge(struct nj_dctx *d, struct pop3 *s, struct nj_view line)
{
	uint8_t c = s->count ? s->queue[s->first].command : UNKNOWN;
	struct nj_view rest = line;

	if (nj_view_starts(line, NJ_LIT("+")) &&
		(c == AUTH || c == SASL_DATA)) {
		s->sasl = s->ok = true;
		nj_sasl_challenge(
			&s->login, d, nj_view_trim(nj_sub(line, 1, line.len)));
		finish(d, s, true);
	} else if (line.len && !s->lost[NJ_RESP]) {
		nj_odd_addl(d, ODD_REPLY, nj_sub(word_of(&rest), 0, TEXT_MAX));
	}
}

static void
server_line(struct nj_dctx *d, struct pop3 *s, struct nj_view line)
{
	bool ok = nj_view_starts(line, NJ_LIT("+OK"));
	bool err = nj_view_starts(line, NJ_LIT("-ERR"));
	struct nj_view said = nj_view_trim(nj_sub(line, ok ? 3 : 4, line.len));

	if (!ok && !err) {
		challenge(d, s, line);
		return;
	}
	s->lost[NJ_RESP] = false;
	s->ok = ok;
	if (!s->greeted && !s->count) {
		s->greeted = true;
		s->greeting = nj_keep_view(d, said, TEXT_MAX);
		return;
	}
	s->greeted = true;
	if (s->count)
		answered(d, s, said);
}

/* A line of an answer of many; cut: it goes on. */
static void
multi_line(struct nj_dctx *d, struct pop3 *s, struct nj_view line, bool cut)
{
	if (!s->mid_line && !cut && nj_view_eq(line, NJ_LIT("."))) {
		s->multi = false;
		nj_mailbody_end(&s->body, d, true);
		if (s->count)
			finish(d, s, true);
		return;
	}
	if (!s->mid_line && line.len && line.data[0] == '.')
		line = nj_sub(line, 1, line.len);
	s->mid_line = cut;
	s->data_bytes += line.len + (cut ? 0 : 2);
	if (s->mail) {
		if (s->body.entity)
			nj_entity_line(s->body.entity, d, line, !cut);
	} else if (s->n_data < DATA_MAX && !cut) {
		struct nj_view v = nj_keep_view(d, line, TEXT_MAX);

		if (v.data)
			s->data[s->n_data++] = v;
	}
}

/* ---- Callbacks ---- */

static bool
is_greeting(struct nj_view v)
{
	return nj_view_starts(v, NJ_LIT("+OK")) &&
	       (v.len == 3 || v.data[3] == ' ' || v.data[3] == '\r');
}

/* Words that FTP, IRC and others do not have. */
static bool
is_own(enum command c)
{
	return c == CAPA || c == STLS || c == APOP || c == AUTH || c == UIDL ||
	       c == TOP;
}

/* Without the port, a greeting may be another protocol's; a command decides. */
static enum nj_verdict
judge(struct nj_dctx *d, struct pop3 *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_view line = nj_sub(v, 0, nj_view_chr(v, '\n')), word;

	if (nj_view_chr(v, '\n') == SIZE_MAX && v.len < LINE_BYTES_MAX)
		return NJ_MORE;
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	if (dir == NJ_RESP) {
		if (!is_greeting(line) && !nj_view_starts(line, NJ_LIT("-ERR")))
			return NJ_REJECT;
		if (s->count || nj_port_of(d, NJ_RESP) == 110)
			s->sure = true;
		return NJ_ACCEPT;
	}
	word = word_of(&line);
	if (nj_port_of(d, NJ_RESP) == 110 || s->greeted)
		return command_of(word) != UNKNOWN ||
				       nj_port_of(d, NJ_RESP) == 110
			       ? NJ_ACCEPT
			       : NJ_REJECT;
	return is_own(command_of(word)) ? NJ_ACCEPT : NJ_REJECT;
}

static size_t
step(struct nj_dctx *d, struct pop3 *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_line *l = &s->line[dir];
	bool multi = dir == NJ_RESP && s->multi;
	size_t n = nj_line_take(l, v, LINE_BYTES_MAX);

	if (!n || !l->text.data)
		return n;
	if (multi) {
		l->skip = false; /* contents need no lines */
		multi_line(d, s, l->text, l->cut);
	} else if (dir == NJ_ORIG) {
		client_line(d, s, l->text);
	} else {
		server_line(d, s, l->text);
	}
	return n;
}

static enum nj_verdict
pop3_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct pop3 *s = nj_state(d);

	while (v.len && !s->over) {
		enum nj_verdict verdict = s->sure || s->line[dir].skip
						  ? NJ_ACCEPT
						  : judge(d, s, dir, v);
		size_t n;

		if (verdict != NJ_ACCEPT)
			return verdict;
		n = step(d, s, dir, v);
		if (!n)
			break;
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
	}
	return NJ_MORE;
}

static enum nj_verdict
pop3_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct pop3 *s = nj_state(d);

	(void)v;
	if (dir == NJ_RESP && s->multi) {
		if (s->body.entity)
			nj_entity_gap(s->body.entity, d, len);
		s->data_bytes += len;
		s->mid_line = true;
		return NJ_MORE;
	}
	s->lost[dir] = true;
	s->line[dir].skip = true;
	/* Which answer belongs to which command is lost. */
	while (s->count)
		finish(d, s, false);
	return NJ_MORE;
}

static void
pop3_end(struct nj_dctx *d)
{
	struct pop3 *s = nj_state(d);

	nj_mailbody_end(&s->body, d, false);
	nj_sasl_close(&s->login, d);
	while (s->count)
		finish(d, s, s->multi);
}

const struct nj_dissector nj_dissector_pop3 = {
	.name = "pop3",
	.title = "POP3",
	.ports = (const struct nj_port[]){ { NJ_TCP, 110 }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\+OK[ \\r]", NJ_SIG_RESP },
		{ "^(CAPA|STLS|AUTH ?[A-Z0-9-]{0,32}|"
		  "APOP [^ \\r\\n]{1,64} [0-9a-f]{32})\\r?\\n",
			NJ_SIG_ORIG | NJ_SIG_NOCASE },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &pop3_desc,
		&files_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct pop3),
	.buffer_max = LINE_BYTES_MAX + 16,
	.stream = pop3_stream,
	.gap = pop3_gap,
	.end = pop3_end,
};
