/*
 * imap.c - IMAP (RFC 3501, RFC 9051): one record a command with its answer;
 * log-ins by LOGIN and SASL (RFC 4959), STARTTLS; mails that are fetched
 * whole or appended become files, part by part.
 *
 * Lines may hold literals, counted bytes that are no lines (RFC 9051 4.3); of
 * a command they are read, of an answer only those that are whole mails.
 * Passwords are never kept, only that one went over the wire in clear.
 * Not done: COMPRESS (RFC 4978), which ends the reading.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/line.h"
#include "dissectors/shared/mailbody.h"
#include "dissectors/shared/sasl.h"

#define IMAP(F, log)                                                           \
	F(log, 1, STR, tag, 0, "Client's mark of the command")                 \
	F(log, 2, STR, command, NJ_INDEX | NJ_LEARN, "Command")                \
	F(log, 3, STR, args, NJ_PII, "Its arguments, without secrets")         \
	F(log, 4, BOOL, success, NJ_OPT | NJ_LEARN, "Did the server agree?")   \
	F(log, 5, STR, status, 0, "OK, NO or BAD")                             \
	F(log, 6, STR, message, 0, "What the server said of it")               \
	F(log, 7, STR, username, NJ_INDEX | NJ_PII, "User who logs in")        \
	F(log, 8, STR, auth_method, NJ_INDEX | NJ_LEARN, "How")                \
	F(log, 9, BOOL, password_seen, NJ_OPT | NJ_INDEX,                      \
		"A password came in clear")                                    \
	F(log, 10, STR, mailbox, NJ_INDEX | NJ_PII, "Mail box that is open")   \
	F(log, 11, U64, responses, NJ_LEARN, "Lines of data in the answer")    \
	F(log, 12, U64, literal_bytes, NJ_OPT | NJ_LEARN,                      \
		"Bytes of literals in the answer")                             \
	F(log, 13, STR, from, NJ_INDEX | NJ_PII,                               \
		"From header, the first mail's")                               \
	F(log, 14, STR, subject, NJ_PII, "Subject header of it")               \
	F(log, 15, STR, msg_id, NJ_INDEX, "Message-ID header of it")           \
	F(log, 16, VSTR, fuids, NJ_INDEX, "Ids of the mails' files")           \
	F(log, 17, STR, greeting, NJ_LEARN, "First words of the server")

NJ_EVENT(imap, IMAP, "A command to a mail server, and its answer");

enum {
	LINE_BYTES_MAX = 8192,
	TEXT_MAX = 512,
	TAG_MAX = 64,
	WORD_MAX = 32,
	QUEUE_MAX = 32,
	NAME_MAX_BYTES = 256
};

enum { ODD_COMMAND = NJ_MAILBODY_ODD_NEXT, ODD_REPLY };
static const struct nj_oddity oddities[] = {
	NJ_MAILBODY_ODDITIES,
	[ODD_COMMAND] = { "imap_command",
		"A line of the client that is no command" },
	[ODD_REPLY] = { "imap_reply",
		"A line of the server that is no answer" },
	{ 0 },
};

/* A command that waits for its answer; views kept. */
struct ask {
	struct nj_view tag, word, args;
	int64_t ts_ns;
};

/* What a literal holds. */
enum literal { NOTHING, TEXT, MAIL };

struct side {
	struct nj_line line;
	uint64_t literal; /* bytes of it still to come */
	uint8_t kind;
	bool whole; /* the mail ends with it */
	bool going; /* the line goes on after a literal */
	bool lost;
};

struct imap {
	struct nj_mailbody body;
	struct nj_sasl login;
	struct side side[2];
	struct ask *queue; /* kept */
	uint8_t first, count;
	bool sure, greeted, sasl, idle, over, password;
	struct nj_view greeting, user, mailbox, asked_box; /* kept */
	uint8_t *text; /* of a command that goes on over literals; kept */
	uint32_t text_len;
	uint64_t responses, literal_bytes, part_next;
};

/* ---- Words ---- */

/* The next word, or what a quoted string holds. */
static struct nj_view
word_of(struct nj_view *rest)
{
	struct nj_view v = nj_view_trim(*rest), word;
	size_t end;

	if (!v.len || v.data[0] != '"') {
		word = nj_sub(v, 0, nj_view_chr(v, ' '));
		*rest = nj_sub(v, word.len, v.len);
		return word;
	}
	end = nj_view_chr(nj_sub(v, 1, v.len), '"');
	word = nj_sub(v, 1, end);
	*rest = nj_sub(v, end == SIZE_MAX ? v.len : end + 2, v.len);
	return word;
}

/* The size in "...{123}" or "...{123+}" at a line's end, which is cut off. */
static bool
literal_of(struct nj_view *line, uint64_t *size)
{
	struct nj_view v = *line;
	size_t at = v.len;

	if (!v.len || v.data[v.len - 1] != '}')
		return false;
	while (at && v.data[at - 1] != '{')
		at--;
	if (!at)
		return false;
	*line = nj_sub(v, 0, at - 1);
	v = nj_sub(v, at, v.len - 1 - at);
	if (v.len && v.data[v.len - 1] == '+')
		v.len--;
	return nj_view_u64(v, size) && *size <= INT64_MAX;
}

static bool
is(struct nj_view word, const char *name)
{
	return nj_view_caseeq(word, nj_str(name));
}

static const char *const commands[] = { "CAPABILITY", "NOOP", "LOGOUT",
	"STARTTLS", "AUTHENTICATE", "LOGIN", "ENABLE", "SELECT", "EXAMINE",
	"CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE", "LIST",
	"LSUB", "NAMESPACE", "STATUS", "APPEND", "IDLE", "CLOSE", "UNSELECT",
	"EXPUNGE", "SEARCH", "FETCH", "STORE", "COPY", "MOVE", "UID", "CHECK",
	"ID", "COMPRESS", "GETQUOTA", "GETQUOTAROOT", "SETQUOTA", "GETACL",
	"SETACL", "DELETEACL", "LISTRIGHTS", "MYRIGHTS", "SORT", "THREAD",
	"XLIST", "UNAUTHENTICATE", "GETMETADATA", "SETMETADATA", "NOTIFY" };

/* As it is written in the table, or NULL. */
static const char *
command_of(struct nj_view word)
{
	for (unsigned i = 0; i < nj_countof(commands); i++)
		if (is(word, commands[i]))
			return commands[i];
	return NULL;
}

/* ---- Records ---- */

static void
login_set(struct imap_event *ev, const struct imap *s, struct nj_view word)
{
	if (is(word, "LOGIN")) {
		ev->username = s->user;
		ev->auth_method = NJ_LIT("LOGIN");
		if (s->password)
			nj_set(ev, imap, password_seen, true);
	} else if (is(word, "AUTHENTICATE")) {
		ev->username = s->login.user;
		ev->auth_method = s->login.mechanism;
		if (s->login.password)
			nj_set(ev, imap, password_seen, true);
	}
}

/* Emits command i of the queue. status: NULL when it has no answer. */
static void
finish(struct nj_dctx *d, struct imap *s, unsigned i, const char *status,
	struct nj_view message)
{
	struct ask *a = &s->queue[(s->first + i) % QUEUE_MAX];
	struct imap_event ev = { .tag = a->tag,
		.command = a->word,
		.args = a->args,
		.mailbox = s->mailbox,
		.greeting = s->greeting,
		.responses = s->responses };

	login_set(&ev, s, a->word);
	if (status) {
		nj_set(&ev, imap, success, is(nj_str(status), "OK"));
		ev.status = nj_str(status);
		if (message.len)
			ev.message = message;
	}
	if (s->literal_bytes)
		nj_set(&ev, imap, literal_bytes, s->literal_bytes);
	ev.from = s->body.from;
	ev.subject = s->body.subject;
	ev.msg_id = s->body.msg_id;
	if (s->body.n_fuids)
		ev.fuids = (struct nj_vstr){ s->body.fuids, s->body.n_fuids };
	(void)nj_emit_at(d, &imap_desc, &ev, a->ts_ns);
	nj_mailbody_clear(&s->body, d);
	nj_mailbody_drop(d, &s->greeting);
	s->responses = s->literal_bytes = 0;
	nj_mailbody_drop(d, &a->tag);
	nj_mailbody_drop(d, &a->word);
	nj_mailbody_drop(d, &a->args);
	for (; i; i--)
		s->queue[(s->first + i) % QUEUE_MAX] =
			s->queue[(s->first + i - 1) % QUEUE_MAX];
	s->first = (uint8_t)((s->first + 1) % QUEUE_MAX);
	s->count--;
}

/* ---- Commands ---- */

static struct ask *
ask_add(struct nj_dctx *d, struct imap *s, struct nj_view tag)
{
	struct ask *a;

	if (!s->queue) {
		s->queue = nj_keep(d, QUEUE_MAX * sizeof(*s->queue));
		if (!s->queue)
			return NULL;
	}
	if (s->count == QUEUE_MAX)
		finish(d, s, 0, NULL, (struct nj_view){ 0 });
	a = &s->queue[(s->first + s->count) % QUEUE_MAX];
	s->count++;
	*a = (struct ask){ .ts_ns = nj_now(d) };
	a->tag = nj_keep_view(d, tag, TAG_MAX);
	return a;
}

static void
login(struct nj_dctx *d, struct imap *s, struct nj_view rest)
{
	nj_mailbody_drop(d, &s->user);
	s->user = nj_keep_view(d, word_of(&rest), NAME_MAX_BYTES);
	s->password = word_of(&rest).len;
}

static void
command_args(
	struct nj_dctx *d, struct imap *s, struct ask *a, struct nj_view rest)
{
	struct nj_view shown = nj_view_trim(rest), second = rest;

	if (is(a->word, "LOGIN")) {
		login(d, s, rest);
		shown = s->user;
	} else if (is(a->word, "AUTHENTICATE")) {
		nj_mailbody_drop(d, &s->login.user);
		s->login.password = false;
		nj_sasl_begin(&s->login, d, shown);
		shown = word_of(&rest);
	} else if (is(a->word, "SELECT") || is(a->word, "EXAMINE")) {
		nj_mailbody_drop(d, &s->asked_box);
		s->asked_box = nj_keep_view(d, word_of(&rest), NAME_MAX_BYTES);
	} else if (is(a->word, "UID")) {
		/* "UID FETCH" is one command. */
		struct nj_view word = word_of(&second);
		const char *name = command_of(word);
		char both[WORD_MAX] = "UID ";

		if (name && strlen(name) + 5 < sizeof(both)) {
			memcpy(both + 4, name, strlen(name) + 1);
			nj_mailbody_drop(d, &a->word);
			a->word = nj_keep_view(d, nj_str(both), WORD_MAX);
			shown = nj_view_trim(second);
		}
	}
	if (shown.len)
		a->args = nj_keep_view(d, shown, TEXT_MAX);
}

static void
command(struct nj_dctx *d, struct imap *s, struct nj_view line)
{
	struct nj_view rest = line, tag = word_of(&rest), word = word_of(&rest);
	const char *name = command_of(word);
	struct ask *a;

	if (!tag.len)
		return;
	if (!name) {
		if (!s->side[NJ_ORIG].lost)
			nj_odd(d, ODD_COMMAND);
		return;
	}
	s->sure = true;
	s->side[NJ_ORIG].lost = false;
	nj_confirm(d);
	a = ask_add(d, s, tag);
	if (!a)
		return;
	a->word = nj_keep_view(d, nj_str(name), WORD_MAX);
	s->idle = is(a->word, "IDLE");
	command_args(d, s, a, rest);
}

/* Text of a command that a literal interrupts. */
static void
text_add(struct nj_dctx *d, struct imap *s, struct nj_view v)
{
	if (!s->text)
		s->text = nj_keep(d, TEXT_MAX);
	if (!s->text)
		return;
	v = nj_sub(v, 0, TEXT_MAX - s->text_len);
	if (v.len)
		memcpy(s->text + s->text_len, v.data, v.len);
	s->text_len += (uint32_t)v.len;
}

static bool
is_append(struct nj_view line)
{
	struct nj_view rest = line;

	(void)word_of(&rest);
	return is(word_of(&rest), "APPEND");
}

static void
client_line(struct nj_dctx *d, struct imap *s, struct nj_view line)
{
	struct side *side = &s->side[NJ_ORIG];
	uint64_t size;

	if (s->sasl) {
		s->sasl = false;
		nj_sasl_answer(&s->login, d, line);
		return;
	}
	if (s->idle && is(line, "DONE")) {
		s->idle = false;
		return;
	}
	if (literal_of(&line, &size)) {
		text_add(d, s, line);
		side->literal = size;
		side->going = true;
		side->kind = TEXT;
		if (is_append((struct nj_view){ s->text, s->text_len })) {
			side->kind = MAIL;
			side->whole = true;
			nj_mailbody_begin(&s->body, d, NJ_FILE_IMAP, NJ_ORIG);
		}
		return;
	}
	if (side->going) {
		text_add(d, s, line);
		line = (struct nj_view){ s->text, s->text_len };
	}
	command(d, s, line);
	side->going = false;
	nj_drop(d, s->text);
	s->text = NULL;
	s->text_len = 0;
}

/* ---- Answers ---- */

/* Does the text before a literal say that a whole mail follows? The number
 * behind it says where a piece begins. */
static bool
is_mail(struct nj_view before, uint64_t *from, bool *piece)
{
	struct nj_view v = nj_view_trim(before);
	size_t at = v.len;

	*from = 0;
	*piece = false;
	if (v.len && v.data[v.len - 1] == '>') {
		while (at && v.data[at - 1] != '<')
			at--;
		if (!at || !nj_view_u64(nj_sub(v, at, v.len - 1 - at), from))
			return false;
		v = nj_sub(v, 0, at - 1);
		*piece = true;
	}
	if (v.len < 6)
		return false;
	return nj_view_caseeq(nj_sub(v, v.len - 6, 6), NJ_LIT("BODY[]")) ||
	       nj_view_caseeq(nj_sub(v, v.len - 6, 6), NJ_LIT("RFC822"));
}

static void
answer_literal(
	struct nj_dctx *d, struct imap *s, struct nj_view before, uint64_t size)
{
	struct side *side = &s->side[NJ_RESP];
	uint64_t from;
	bool piece;

	side->literal = size;
	side->going = true;
	side->kind = NOTHING;
	s->literal_bytes += size;
	if (!is_mail(before, &from, &piece))
		return;
	if (from && (from != s->part_next || !s->body.entity))
		return;
	side->kind = MAIL;
	side->whole = !piece;
	if (!from)
		nj_mailbody_begin(&s->body, d, NJ_FILE_IMAP, NJ_RESP);
	s->part_next = from + size;
}

/* The answer to a command, or to none. */
static void
tagged(struct nj_dctx *d, struct imap *s, struct nj_view tag,
	struct nj_view rest)
{
	struct nj_view word = word_of(&rest);
	const char *status = is(word, "OK")    ? "OK"
			     : is(word, "NO")  ? "NO"
			     : is(word, "BAD") ? "BAD"
					       : NULL;
	struct ask *a = NULL;
	bool ok = status && is(word, "OK"), tls, squeezed;
	unsigned i = 0;

	if (!status) {
		if (!s->side[NJ_RESP].lost)
			nj_odd(d, ODD_REPLY);
		return;
	}
	s->side[NJ_RESP].lost = false;
	for (; i < s->count; i++) {
		a = &s->queue[(s->first + i) % QUEUE_MAX];
		if (nj_view_eq(a->tag, tag))
			break;
	}
	if (i == s->count)
		return;
	if (is(a->word, "AUTHENTICATE"))
		nj_sasl_end(&s->login, d, ok);
	tls = ok && is(a->word, "STARTTLS");
	squeezed = ok && is(a->word, "COMPRESS");
	if (ok && (is(a->word, "SELECT") || is(a->word, "EXAMINE"))) {
		nj_mailbody_drop(d, &s->mailbox);
		s->mailbox = s->asked_box;
		s->asked_box = (struct nj_view){ 0 };
	}
	nj_mailbody_end(&s->body, d, true);
	finish(d, s, i, status, nj_sub(nj_view_trim(rest), 0, TEXT_MAX));
	s->over = tls || squeezed;
	if (tls)
		(void)nj_handover(d, "ssl", 0);
}

static void
server_line(struct nj_dctx *d, struct imap *s, struct nj_view line)
{
	struct side *side = &s->side[NJ_RESP];
	struct nj_view rest = line, tag;
	uint64_t size;

	if (literal_of(&line, &size)) {
		if (!side->going)
			s->responses++;
		answer_literal(d, s, line, size);
		return;
	}
	if (side->going) {
		side->going = false;
		return;
	}
	tag = word_of(&rest);
	if (nj_view_eq(tag, NJ_LIT("*"))) {
		side->lost = false;
		if (s->greeted)
			s->responses++;
		else
			s->greeting =
				nj_keep_view(d, nj_view_trim(rest), TEXT_MAX);
		s->greeted = true;
	} else if (nj_view_eq(tag, NJ_LIT("+"))) {
		s->sasl = s->count &&
			  is(s->queue[(s->first + s->count - 1u) % QUEUE_MAX]
					  .word,
				  "AUTHENTICATE");
		if (s->sasl)
			nj_sasl_challenge(&s->login, d, nj_view_trim(rest));
	} else if (tag.len) {
		tagged(d, s, tag, rest);
	}
}

/* ---- Callbacks ---- */

static size_t
literal(struct nj_dctx *d, struct imap *s, struct side *side, struct nj_view v)
{
	v = nj_sub(v, 0, (size_t)nj_min((uint64_t)v.len, side->literal));
	side->literal -= v.len;
	if (side->kind == TEXT)
		text_add(d, s, v);
	else if (side->kind == MAIL && s->body.entity)
		nj_entity_bytes(s->body.entity, d, v);
	if (!side->literal && side->kind == MAIL && side->whole)
		nj_mailbody_end(&s->body, d, true);
	return v.len;
}

static size_t
step(struct nj_dctx *d, struct imap *s, enum nj_dir dir, struct nj_view v)
{
	struct side *side = &s->side[dir];
	size_t n;

	if (side->literal)
		return literal(d, s, side, v);
	n = nj_line_take(&side->line, v, LINE_BYTES_MAX);
	if (!n || !side->line.text.data)
		return n;
	/* A cut line may have lost its literal's size. */
	if (dir == NJ_ORIG)
		client_line(d, s, side->line.text);
	else
		server_line(d, s, side->line.text);
	return n;
}

/* A greeting, or a tag and a command. */
static enum nj_verdict
judge(struct imap *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_view line = nj_sub(v, 0, nj_view_chr(v, '\n')), word;

	if (nj_view_chr(v, '\n') == SIZE_MAX && v.len < LINE_BYTES_MAX)
		return NJ_MORE;
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	word = word_of(&line);
	if (dir == NJ_RESP) {
		word = nj_view_eq(word, NJ_LIT("*")) ? word_of(&line) : word;
		if (!is(word, "OK") && !is(word, "PREAUTH") &&
			!is(word, "BYE") && !s->count)
			return NJ_REJECT;
		return NJ_ACCEPT;
	}
	if (!word.len || word.len > TAG_MAX)
		return NJ_REJECT;
	return command_of(word_of(&line)) ? NJ_ACCEPT : NJ_REJECT;
}

static enum nj_verdict
imap_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct imap *s = nj_state(d);

	while (v.len && !s->over) {
		struct side *side = &s->side[dir];
		enum nj_verdict verdict =
			s->sure || side->literal || side->line.skip
				? NJ_ACCEPT
				: judge(s, dir, v);
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
imap_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct imap *s = nj_state(d);
	struct side *side = &s->side[dir];
	uint64_t inside = nj_min(len, side->literal);

	(void)v;
	if (inside && side->kind == MAIL && s->body.entity)
		nj_entity_gap(s->body.entity, d, inside);
	side->literal -= inside;
	if (inside == len)
		return NJ_MORE;
	side->lost = true;
	side->going = false;
	side->line.skip = true;
	if (dir == NJ_ORIG)
		s->text_len = 0;
	return NJ_MORE;
}

static void
imap_end(struct nj_dctx *d)
{
	struct imap *s = nj_state(d);

	nj_mailbody_end(&s->body, d, false);
	nj_sasl_close(&s->login, d);
	while (s->count)
		finish(d, s, 0, NULL, (struct nj_view){ 0 });
}

const struct nj_dissector nj_dissector_imap = {
	.name = "imap",
	.title = "IMAP",
	.ports = (const struct nj_port[]){ { NJ_TCP, 143 }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\* (OK|PREAUTH|BYE)[ \\r]",
						 NJ_SIG_RESP },
		{ "^[A-Za-z0-9.]{1,16} (CAPABILITY|STARTTLS|LOGIN "
		  "|AUTHENTICATE )",
			NJ_SIG_ORIG | NJ_SIG_NOCASE },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &imap_desc,
		&files_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct imap),
	.buffer_max = LINE_BYTES_MAX + 16,
	.stream = imap_stream,
	.gap = imap_gap,
	.end = imap_end,
};
