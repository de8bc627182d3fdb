/*
 * smtp.c - mail transport: SMTP and ESMTP (RFC 5321) with chunks (RFC 3030),
 * logins (RFC 4954) and STARTTLS (RFC 3207), and the MIME parts of each mail
 * as files.
 *
 * Commands are believed when they are sent and corrected by their replies,
 * as clients pipeline beyond what they may; replies find their commands by
 * order. One direction alone gives records too.
 * Not done: TURN, which exchanges the roles, and is dead (RFC 5321 F.1).
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/entity.h"
#include "dissectors/shared/line.h"
#include "dissectors/shared/odd_eve.h"
#include "dissectors/shared/sasl.h"
#include "dissectors/shared/smtp_eve.h"

enum {
	LINE_BYTES_MAX = 16 * 1024 - 1,
	QUEUE_MAX = 128, /* commands without a reply */
	HELO_MAX = 512,
	JUDGED_MAX = 1024, /* bytes of a first line */
	INVALID_MAX = 25   /* as Zeek: commands out of order, told of */
};

#define ODDITIES(O)                                                            \
	O(TRANSACTION, "smtp_mail_transaction_invalid",                        \
		"A command before the one that it needs")                      \
	O(BDAT, "smtp_invalid_bdat_command", "BDAT without a valid size")      \
	O(BDAT_HUGE, "smtp_huge_bdat_chunk", "BDAT of more than can be")       \
	O(NESTED, "smtp_nested_mail_transaction",                              \
		"DATA inside a mail that has not ended")                       \
	O(DOT, "smtp_bare_lf_end_of_data",                                     \
		"An end of data that not all servers see (SMTP smuggling)")    \
	O(NUL, "NUL_in_line", "A zero byte in a line of text")                 \
	O(LONG_LINE, "contentline_size_exceeded",                              \
		"A line longer than is kept")                                  \
	O(TOO_DEEP, "exceeded_mime_max_depth",                                 \
		"Parts within parts beyond the limit")                         \
	O(LONG_HEADER, "exceeded_mime_max_header_bytes",                       \
		"A header field beyond the limit")                             \
	O(BASE64, "base64_illegal_encoding",                                   \
		"Base 64 with characters that do not belong there")            \
	O(REPLY, "smtp_bad_reply", "Not a reply where one is due")

enum {
#define O(id, name, text) ODD_##id,
	ODDITIES(O)
#undef O
};

static const struct nj_oddity oddities[] = {
#define O(id, name, text) [ODD_##id] = { name, text },
	ODDITIES(O)
#undef O
		{ 0 }
};

enum command {
	CMD_UNKNOWN,
	CMD_CONNECT, /* the greeting's */
	CMD_EHLO,
	CMD_HELO,
	CMD_LHLO,
	CMD_MAIL,
	CMD_RCPT,
	CMD_DATA,
	CMD_BDAT,
	CMD_RSET,
	CMD_QUIT,
	CMD_VRFY,
	CMD_EXPN,
	CMD_HELP,
	CMD_NOOP,
	CMD_AUTH,
	CMD_STARTTLS,
	CMD_TURN,
	CMD_ETRN,
	CMD_SEND,
	CMD_SOML,
	CMD_SAML,
	CMD_LAST,
	CMD_DOT = CMD_LAST, /* the end of data */
	CMD_BDAT_LAST,
	CMD_ANSWER /* a login's next line */
};

static const char *const words[CMD_LAST] = { NULL, NULL, "EHLO", "HELO", "LHLO",
	"MAIL", "RCPT", "DATA", "BDAT", "RSET", "QUIT", "VRFY", "EXPN", "HELP",
	"NOOP", "AUTH", "STARTTLS", "TURN", "ETRN", "SEND", "SOML", "SAML" };

/* What the client's next bytes are. */
enum client { COMMANDS, DATA, CHUNK, LOGIN, OVER };

struct smtp_state {
	struct nj_smtp_mail *mail;
	struct nj_entity *entity; /* kept while a mail's contents come */
	struct nj_view helo;      /* kept */
	struct nj_sasl login;
	struct nj_line line[2];
	uint8_t queue[QUEUE_MAX];
	unsigned queue_first, queue_count;
	uint8_t client, last;
	uint16_t continued; /* code of the reply that goes on, or 0 */
	bool begun, sure, after_gap[2], mid_line;
	bool tls, told_nul;
	bool mail_seen, rcpt_seen, chunk_last, logged, told;
	uint8_t invalid;
	uint64_t chunk_left;
	uint32_t files, mime_depth, messages, parts;
};

/* ---- The record ---- */

static struct nj_smtp_mail *
mail_of(struct nj_dctx *d, struct smtp_state *st)
{
	if (!st->mail)
		st->mail = nj_smtp_mail_open(d);
	return st->mail;
}

static void
mail_emit(struct nj_dctx *d, struct smtp_state *st)
{
	struct smtp_event ev = { .trans_depth = st->messages + 1u,
		.helo = st->helo,
		.tls = st->tls,
		.username = st->login.user,
		.auth_mechanism = st->login.mechanism };
	struct nj_smtp_mail *m = st->mail;

	st->mail = NULL;
	if (!m)
		return;
	if (m->active) {
		nj_smtp_mail_fill(m, d, &ev);
		if (st->login.password)
			nj_set(&ev, smtp, password_seen, true);
		if (st->login.done)
			nj_set(&ev, smtp, auth_success, st->login.success);
		st->logged = true;
		(void)nj_emit_at(d, &smtp_desc, &ev, m->ts);
	}
	if (m->active || m->eve.begun) {
		st->told = true;
		nj_smtp_eve_emit(m, d, st->helo);
	}
	nj_smtp_mail_free(m, d);
}

static void
invalid(struct nj_dctx *d, struct smtp_state *st, const char *what)
{
	if (st->invalid < INVALID_MAX) {
		st->invalid++;
		nj_odd_addl(d, ODD_TRANSACTION, nj_str(what));
	}
}

/* ---- Contents ---- */

static void
on_begin(void *ctx, struct nj_dctx *d, unsigned depth)
{
	struct smtp_state *st = ctx;

	(void)d;
	(void)depth;
	st->mime_depth++;
	st->parts++;
}

static void
on_header(void *ctx, struct nj_dctx *d, unsigned depth,
	const struct nj_view field[2])
{
	struct smtp_state *st = ctx;

	/* Only the mail's own header counts, not those of its parts. */
	if (!depth && st->parts == 1 && st->mail)
		nj_smtp_mail_header(st->mail, d, field[0], field[1]);
}

static void
on_number(void *ctx, struct nj_dctx *d, struct nj_file_spec *spec)
{
	struct smtp_state *st = ctx;

	(void)d;
	spec->number = st->files++;
	spec->depth = st->mime_depth;
}

static void
on_file(void *ctx, struct nj_dctx *d, const struct nj_file *f, bool end)
{
	struct smtp_state *st = ctx;
	char id[NJ_UID_TEXT];

	if (end || !st->mail)
		return;
	nj_smtp_eve_part(st->mail, d, f);
	nj_file_id(f, d, id);
	nj_pad_list_add(&st->mail->pad, d, &st->mail->fuids, nj_str(id));
}

static void
on_odd(void *ctx, struct nj_dctx *d, enum nj_entity_odd what)
{
	static const uint8_t odds[] = { [NJ_ENTITY_TOO_DEEP] = ODD_TOO_DEEP,
		[NJ_ENTITY_LONG_HEADER] = ODD_LONG_HEADER,
		[NJ_ENTITY_BAD_BASE64] = ODD_BASE64 };

	(void)ctx;
	nj_odd(d, odds[what]);
}

static void
on_about(void *ctx, struct nj_dctx *d, const struct nj_file *f,
	struct nj_file_about *about)
{
	const struct smtp_state *st = ctx;

	(void)f;
	about->tx = st->messages;
	if (st->mail)
		nj_smtp_eve_about(st->mail, d, st->helo, about);
}

static const struct nj_entity_ops entity_ops = { .begin = on_begin,
	.about = on_about,
	.header = on_header,
	.file = on_file,
	.number = on_number,
	.odd = on_odd };

static void
contents_end(struct nj_dctx *d, struct smtp_state *st, bool whole)
{
	if (!st->entity)
		return;
	nj_entity_end(st->entity, d, whole);
	if (st->mail)
		st->mail->eve.done = whole;
	nj_drop(d, st->entity);
	st->entity = NULL;
}

static void
contents_begin(struct nj_dctx *d, struct smtp_state *st, enum client how)
{
	if (st->entity) {
		nj_odd(d, ODD_NESTED);
		contents_end(d, st, false);
	}
	if (mail_of(d, st))
		st->mail->eve.begun = true;
	st->client = (uint8_t)how;
	st->mid_line = false;
	st->parts = 0;
	st->entity = nj_keep(d, sizeof(*st->entity));
	if (!st->entity)
		return;
	memset(st->entity, 0, sizeof(*st->entity));
	st->entity->spec.source = NJ_FILE_SMTP;
	st->entity->spec.dir = NJ_ORIG;
	nj_entity_begin(st->entity, d, &entity_ops, st);
}

/* ---- Commands ---- */

static void
queue_add(struct smtp_state *st, enum command c)
{
	unsigned at = (st->queue_first + st->queue_count) % QUEUE_MAX;

	if (st->queue_count == QUEUE_MAX)
		return; /* pairs are lost anyway */
	st->queue[at] = (uint8_t)c;
	st->queue_count++;
}

static enum command
queue_take(struct smtp_state *st)
{
	uint8_t c;

	if (!st->queue_count)
		return CMD_UNKNOWN;
	c = st->queue[st->queue_first];
	st->queue_first = (st->queue_first + 1) % QUEUE_MAX;
	st->queue_count--;
	return (enum command)c;
}

static enum command
command_of(struct nj_view word)
{
	for (unsigned i = CMD_EHLO; i < CMD_LAST; i++)
		if (nj_view_caseeq(word, nj_str(words[i])))
			return (enum command)i;
	return CMD_UNKNOWN;
}

/* "n LAST" of BDAT; the next n bytes are contents. False: no chunk. */
static bool
chunk_begin(struct nj_dctx *d, struct smtp_state *st, struct nj_view arg)
{
	struct nj_view size = nj_sub(arg, 0, nj_view_chr(arg, ' '));
	struct nj_view rest = nj_view_trim(nj_sub(arg, size.len, arg.len));
	uint64_t n;

	if (!nj_view_u64(size, &n)) {
		nj_odd_addl(d, ODD_BDAT, arg);
		return false;
	}
	if (n > INT64_MAX) {
		nj_odd_addl(d, ODD_BDAT_HUGE, size);
		return false;
	}
	st->chunk_last = nj_view_caseeq(rest, NJ_LIT("LAST"));
	st->chunk_left = n;
	if (!st->entity)
		contents_begin(d, st, CHUNK);
	st->client = CHUNK;
	return true;
}

static void
chunk_end(struct nj_dctx *d, struct smtp_state *st)
{
	st->client = COMMANDS;
	if (st->chunk_last)
		contents_end(d, st, true);
}

static void
command_mail(struct nj_dctx *d, struct smtp_state *st, struct nj_view arg)
{
	struct nj_smtp_mail *m;
	struct nj_view from;

	if (!nj_view_casestarts(arg, NJ_LIT("FROM:")))
		return;
	/* A mail whose end was not acknowledged, or that was given up. */
	if (st->mail && st->mail->active)
		mail_emit(d, st);
	st->mail_seen = true;
	st->rcpt_seen = false;
	m = mail_of(d, st);
	if (!m)
		return;
	from = nj_smtp_address(nj_sub(arg, 5, arg.len));
	if (from.len)
		m->mailfrom = nj_pad_text(&m->pad, d, from);
	nj_smtp_eve_from(m, d, nj_sub(arg, 5, arg.len));
	m->active = true;
}

static void
command_rcpt(struct nj_dctx *d, struct smtp_state *st, struct nj_view arg)
{
	struct nj_smtp_mail *m;
	struct nj_view to;

	if (!nj_view_casestarts(arg, NJ_LIT("TO:")))
		return;
	if (!st->mail_seen)
		invalid(d, st, "rcpt to missing mail from");
	st->rcpt_seen = true;
	m = mail_of(d, st);
	if (!m)
		return;
	to = nj_smtp_address(nj_sub(arg, 3, arg.len));
	if (to.len)
		nj_pad_list_add(&m->pad, d, &m->rcptto, to);
	nj_smtp_eve_to(m, d, nj_sub(arg, 3, arg.len));
	m->active = true;
}

static void
command_helo(struct nj_dctx *d, struct smtp_state *st, struct nj_view arg)
{
	if (st->helo.data) {
		nj_odd_eve(d, "smtp", "DUPLICATE_FIELDS", NJ_ORIG);
		nj_drop(d, (void *)(uintptr_t)st->helo.data);
	}
	st->helo = nj_keep_view(d, arg, HELO_MAX);
	nj_smtp_greeted(st->mail, d);
}

static void
command(struct nj_dctx *d, struct smtp_state *st, enum command c,
	struct nj_view arg)
{
	if ((c == CMD_DATA || c == CMD_BDAT) && !st->rcpt_seen)
		invalid(d, st, "data missing rcpt to");
	switch (c) {
	case CMD_EHLO:
	case CMD_HELO:
	case CMD_LHLO:
		command_helo(d, st, arg);
		break;
	case CMD_MAIL:
		command_mail(d, st, arg);
		break;
	case CMD_RCPT:
		command_rcpt(d, st, arg);
		break;
	case CMD_DATA:
		contents_begin(d, st, DATA);
		break;
	case CMD_BDAT:
		if (chunk_begin(d, st, arg) && st->chunk_last) {
			c = CMD_BDAT_LAST;
			st->mail_seen = st->rcpt_seen = false;
		}
		if (st->client == CHUNK && !st->chunk_left)
			chunk_end(d, st);
		break;
	case CMD_AUTH:
		nj_sasl_begin(&st->login, d, arg);
		break;
	default:
		break;
	}
	queue_add(st, c);
}

/* ---- The client's lines ---- */

static void
client_command(struct nj_dctx *d, struct smtp_state *st, struct nj_view line)
{
	struct nj_view word, arg = nj_view_trim(line);
	enum command c;

	if (st->client == LOGIN) {
		queue_add(st, CMD_ANSWER);
		nj_sasl_answer(&st->login, d, line);
		st->client = COMMANDS;
		return;
	}
	word = nj_sub(arg, 0, nj_min(nj_view_chr(arg, ' '), arg.len));
	arg = nj_view_trim(nj_sub(arg, word.len, arg.len));
	c = command_of(word);
	if (c == CMD_UNKNOWN) {
		/* The server answers those it does not know, too; but what
		 * follows a gap may be anything. */
		if (line.len && !st->after_gap[NJ_ORIG])
			queue_add(st, c);
		return;
	}
	nj_confirm(d);
	st->sure = true;
	st->after_gap[NJ_ORIG] = false;
	command(d, st, c, arg);
}

/* One line of a mail; crlf: it ended as it should. */
static void
client_data(struct nj_dctx *d, struct smtp_state *st, struct nj_view line,
	bool crlf)
{
	if (!st->mid_line && nj_view_eq(line, NJ_LIT("."))) {
		if (!crlf)
			nj_odd(d, ODD_DOT);
		contents_end(d, st, true);
		st->client = COMMANDS;
		st->mail_seen = st->rcpt_seen = false;
		queue_add(st, CMD_DOT);
		return;
	}
	if (!st->mid_line && line.len && line.data[0] == '.')
		line = nj_sub(line, 1, line.len);
	st->mid_line = false;
	if (st->entity)
		nj_entity_line(st->entity, d, line, true);
}

static void
client_line(struct nj_dctx *d, struct smtp_state *st, struct nj_view line,
	bool crlf)
{
	if (!st->told_nul && nj_view_chr(line, 0) != SIZE_MAX) {
		st->told_nul = true;
		nj_odd(d, ODD_NUL);
	}
	if (st->client == DATA)
		client_data(d, st, line, crlf);
	else
		client_command(d, st, line);
}

static size_t
client_chunk(struct nj_dctx *d, struct smtp_state *st, struct nj_view v)
{
	size_t n = (size_t)nj_min((uint64_t)v.len, st->chunk_left);

	if (st->entity)
		nj_entity_bytes(st->entity, d, nj_sub(v, 0, n));
	st->chunk_left -= n;
	if (!st->chunk_left)
		chunk_end(d, st);
	return n;
}

/* ---- The server's lines ---- */

static void
begin_tls(struct nj_dctx *d, struct smtp_state *st)
{
	struct nj_smtp_mail *m = mail_of(d, st);

	st->tls = true;
	if (m)
		m->active = true;
	st->client = OVER;
	(void)nj_handover(d, "ssl", 0);
}

static void
replied(struct nj_dctx *d, struct smtp_state *st, enum command c, unsigned code)
{
	switch (c) {
	case CMD_DATA:
		/* The mail is not wanted: what follows are commands. */
		if (code != 354 && st->client == DATA) {
			contents_end(d, st, false);
			st->client = COMMANDS;
		}
		break;
	case CMD_AUTH:
	case CMD_ANSWER:
		if (code == 334)
			st->client = LOGIN;
		else
			nj_sasl_end(&st->login, d, code == 235);
		break;
	case CMD_STARTTLS:
		if (code == 220)
			begin_tls(d, st);
		break;
	case CMD_UNKNOWN:
		if (code == 354 && st->client == COMMANDS)
			contents_begin(d, st, DATA);
		break;
	default:
		break;
	}
}

static bool
is_reply(struct nj_view line, unsigned *code)
{
	if (line.len < 3)
		return false;
	for (unsigned i = 0; i < 3; i++)
		if (line.data[i] < '0' || line.data[i] > '9')
			return false;
	*code = (line.data[0] - '0') * 100u + (line.data[1] - '0') * 10u +
		(line.data[2] - '0');
	return *code >= 100 && *code < 600 &&
	       (line.len == 3 || line.data[3] == ' ' || line.data[3] == '-');
}

static void
server_line(struct nj_dctx *d, struct smtp_state *st, struct nj_view line)
{
	struct nj_smtp_mail *m;
	struct nj_view text;
	unsigned code;
	bool first;

	if (!is_reply(line, &code)) {
		if (line.len && !st->after_gap[NJ_RESP] && !st->continued)
			nj_odd(d, ODD_REPLY);
		return;
	}
	st->after_gap[NJ_RESP] = false;
	first = st->continued != code;
	st->continued =
		line.len > 3 && line.data[3] == '-' ? (uint16_t)code : 0;
	if (first)
		st->last = (uint8_t)queue_take(st);
	m = mail_of(d, st);
	text = nj_view_trim(nj_sub(line, 4, line.len));
	if (m)
		m->last_reply = nj_pad_text(&m->pad, d,
			nj_arena_printf(d, "%u %.*s", code,
				(int)nj_min(text.len, (size_t)4096),
				(const char *)text.data));
	if (first && code == 334)
		nj_sasl_challenge(&st->login, d, text);
	if (first)
		replied(d, st, (enum command)st->last, code);
	if (!st->continued &&
		(st->last == CMD_DOT || st->last == CMD_BDAT_LAST)) {
		mail_emit(d, st);
		st->messages++;
	}
}

/* ---- Callbacks ---- */

/* Is it SMTP at all? FTP greets with the same numbers, so without the port's
 * hint the first command decides. */
static enum nj_verdict
judge(struct nj_dctx *d, struct smtp_state *st, enum nj_dir dir,
	struct nj_view v)
{
	uint16_t port = nj_port_of(d, NJ_RESP);
	struct nj_view line =
		nj_sub(v, 0, nj_min(nj_view_chr(v, '\n'), (size_t)JUDGED_MAX));
	unsigned code;

	if (dir == NJ_RESP) {
		while (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		if (!is_reply(line, &code))
			return NJ_REJECT;
		if (nj_view_find(line, NJ_LIT("FTP")) != SIZE_MAX &&
			nj_view_find(line, NJ_LIT("SMTP")) == SIZE_MAX)
			return NJ_REJECT;
		if (port != 25 && port != 587 && port != 2525 &&
			nj_view_find(line, NJ_LIT("SMTP")) == SIZE_MAX)
			return NJ_MORE;
		return NJ_ACCEPT;
	}
	line = nj_view_trim(line);
	line = nj_sub(line, 0, nj_min(nj_view_chr(line, ' '), line.len));
	while (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	if (command_of(line) == CMD_UNKNOWN)
		return NJ_REJECT;
	if (command_of(line) >= CMD_RSET && port != 25 && port != 587)
		return NJ_REJECT; /* QUIT, HELP and NOOP belong to many */
	return NJ_ACCEPT;
}

/* The next line or piece; 0 while more is needed. */
static size_t
step(struct nj_dctx *d, struct smtp_state *st, enum nj_dir dir,
	struct nj_view v)
{
	struct nj_line *l = &st->line[dir];
	size_t n;

	if (dir == NJ_ORIG && st->client == CHUNK)
		return client_chunk(d, st, v);
	n = nj_line_take(l, v, LINE_BYTES_MAX);
	if (!n || !l->text.data)
		return n;
	if (l->cut && dir == NJ_ORIG && st->client == DATA) {
		/* Contents need no lines: the rest follows in pieces. */
		l->skip = false;
		if (st->entity)
			nj_entity_line(st->entity, d, l->text, false);
		st->mid_line = true;
		return n;
	}
	if (l->cut)
		nj_odd(d, ODD_LONG_LINE);
	if (dir == NJ_ORIG)
		client_line(d, st, l->text, l->crlf);
	else
		server_line(d, st, l->text);
	return n;
}

static enum nj_verdict
smtp_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct smtp_state *st = nj_state(d);

	if (!st->begun) {
		st->begun = true;
		if (nj_from_start(d))
			queue_add(st, CMD_CONNECT);
	}
	if (!st->sure) {
		enum nj_verdict verdict;

		if (nj_view_chr(v, '\n') == SIZE_MAX && v.len <= JUDGED_MAX)
			return NJ_MORE;
		verdict = judge(d, st, dir, v);
		if (verdict != NJ_ACCEPT)
			return verdict;
		st->sure = true;
	}
	while (v.len && st->client != OVER) {
		size_t n = step(d, st, dir, v);

		if (!n)
			break;
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
	}
	return NJ_MORE;
}

static enum nj_verdict
smtp_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct smtp_state *st = nj_state(d);
	uint64_t inside;

	(void)v;
	st->after_gap[dir] = true;
	/* Pairs of commands and replies are lost; those to come are not. */
	st->queue_count = 0;
	if (dir == NJ_RESP) {
		st->continued = 0;
		st->line[dir].skip = true;
		return NJ_MORE;
	}
	if (st->client == CHUNK) {
		inside = nj_min(len, st->chunk_left);
		if (st->entity)
			nj_entity_gap(st->entity, d, inside);
		st->chunk_left -= inside;
		if (!st->chunk_left)
			chunk_end(d, st);
		st->line[dir].skip = inside < len;
		return NJ_MORE;
	}
	if (st->client == DATA) {
		if (st->entity)
			nj_entity_gap(st->entity, d, len);
		st->mid_line = true;
		return NJ_MORE;
	}
	st->client = COMMANDS;
	st->line[dir].skip = true;
	return NJ_MORE;
}

static void
smtp_eof(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct smtp_state *st = nj_state(d);

	v = nj_line_last(&st->line[dir], v);
	if (!st->sure || !v.len || st->client == OVER)
		return;
	if (dir == NJ_RESP)
		server_line(d, st, v);
	else if (st->client != CHUNK)
		client_line(d, st, v, true);
}

static void
smtp_end(struct nj_dctx *d)
{
	struct smtp_state *st = nj_state(d);
	struct nj_smtp_mail *m;

	contents_end(d, st, true);
	nj_sasl_close(&st->login, d);
	/* A login without a mail is worth a record of its own. */
	if (st->login.done && !st->logged) {
		m = mail_of(d, st);
		if (m)
			m->active = true;
	}
	mail_emit(d, st);
	/* For EVE a greeting alone is an event. */
	if (st->told || !st->helo.data || !nj_wanted(d, &eve_smtp_desc))
		return;
	m = nj_smtp_mail_open(d);
	if (m) {
		nj_smtp_eve_emit(m, d, st->helo);
		nj_smtp_mail_free(m, d);
	}
}

const struct nj_dissector nj_dissector_smtp = {
	.name = "smtp",
	.title = "SMTP",
	.ports = (const struct nj_port[]){ { NJ_TCP, 25 }, { NJ_TCP, 587 },
		{ 0 } },
	.sigs = (const struct nj_sig[]){ { "^[\\r\\n ]{0,4}(EHLO|HELO|LHLO) ",
						 NJ_SIG_ORIG | NJ_SIG_NOCASE },
		{ "^MAIL FROM:", NJ_SIG_ORIG | NJ_SIG_NOCASE },
		{ "^220[ -]", NJ_SIG_RESP }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &smtp_desc,
		&eve_smtp_desc, &eve_anomaly_desc, NJ_FILE_EVENTS,
		&software_desc, 0 },
	.oddities = oddities,
	.state_bytes = sizeof(struct smtp_state),
	.buffer_max = LINE_BYTES_MAX + 1,
	.stream = smtp_stream,
	.gap = smtp_gap,
	.eof = smtp_eof,
	.end = smtp_end,
};
