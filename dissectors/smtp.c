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
#include "dissectors/shared/smtp_text.h"

enum {
	LINE_BYTES_MAX = 16 * 1024 - 1,
	/* What Suricata reads of a command: none of RFC 5321 4.5.3.1 comes
	 * near it. */
	COMMAND_MAX = 4096,
	HELO_MAX = COMMAND_MAX,
	INVALID_MAX = 25 /* as Zeek: commands out of order, told of */
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

/* What the client's next bytes are. */
enum client { COMMANDS, DATA, CHUNK, LOGIN, OVER };

struct smtp_state {
	struct nj_smtp_mail *mail;
	struct nj_entity *entity; /* kept while a mail's contents come */
	/* Kept: the last one, and the one before it while that is not known to
	 * be taken, or was refused. */
	struct nj_view helo, helo_before;
	struct nj_sasl login;
	struct nj_line line[2];
	struct nj_smtp_queue queue; /* commands without a reply */
	uint8_t client, last;
	uint16_t continued; /* code of the reply that goes on, or 0 */
	bool begun, sure, after_gap[2], mid_line;
	bool tls, told_nul, told_reply, greeted;
	bool mail_seen, rcpt_seen, chunk_last, logged, told;
	uint8_t invalid;
	/* Mails whose end was sent and not yet replied to: all of them, and
	 * those whose record is out because the next one had begun. */
	uint8_t ended, passed;
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

/* Zeek's log has what was said last, EVE what holds. */
static struct nj_view
eve_helo(const struct smtp_state *st)
{
	return st->helo_before.data ? st->helo_before : st->helo;
}

static void
record_emit(struct nj_dctx *d, struct smtp_state *st, struct nj_smtp_mail *m)
{
	struct smtp_event ev = { .trans_depth = st->messages + 1u,
		.helo = st->helo,
		.tls = st->tls,
		.username = st->login.user,
		.auth_mechanism = st->login.mechanism };

	if (!m->active)
		return;
	nj_smtp_mail_fill(m, d, &ev);
	if (st->login.password)
		nj_set(&ev, smtp, password_seen, true);
	if (st->login.done)
		nj_set(&ev, smtp, auth_success, st->login.success);
	st->logged = true;
	(void)nj_emit_at(d, &smtp_desc, &ev, m->ts);
	m->eve.due = true;
	m->active = false;
}

static void
mail_emit(struct nj_dctx *d, struct smtp_state *st)
{
	struct nj_smtp_mail *m = st->mail;

	st->mail = NULL;
	if (!m)
		return;
	record_emit(d, st, m);
	if (m->eve.due || m->eve.begun) {
		st->told = true;
		nj_smtp_eve_emit(m, d, eve_helo(st));
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

	if (!st->mail)
		return;
	if (end) {
		nj_smtp_eve_text_end(st->mail, d);
		return;
	}
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
		nj_smtp_eve_about(st->mail, d, eve_helo(st), about);
}

static void
on_text(void *ctx, struct nj_dctx *d, struct nj_view v)
{
	const struct smtp_state *st = ctx;

	if (st->mail)
		nj_smtp_eve_text(st->mail, d, v);
}

static const struct nj_entity_ops entity_ops = { .begin = on_begin,
	.about = on_about,
	.text = on_text,
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
mail_ended(struct smtp_state *st)
{
	st->mail_seen = st->rcpt_seen = false;
	if (st->ended < UINT8_MAX)
		st->ended++;
}

/* The end of a mail was replied to; pipelined, the next mail may have begun
 * before (RFC 2920), and then the reply is not that one's. Zeek's log takes it
 * for that one's end. */
static void
end_replied(struct nj_dctx *d, struct smtp_state *st)
{
	if (st->ended)
		st->ended--;
	if (!st->passed) {
		mail_emit(d, st);
	} else {
		st->passed--;
		if (st->mail)
			record_emit(d, st, st->mail);
	}
	st->messages++;
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
	if (st->mail && (st->mail->active || st->mail->eve.due)) {
		mail_emit(d, st);
		st->passed = st->ended;
	}
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
helo_drop(struct nj_dctx *d, struct nj_view *helo)
{
	if (helo->data)
		nj_drop(d, (void *)(uintptr_t)helo->data);
	*helo = (struct nj_view){ 0 };
}

static void
command_helo(struct nj_dctx *d, struct smtp_state *st, struct nj_view arg)
{
	if (st->helo.data)
		nj_odd_eve(d, "smtp", "DUPLICATE_FIELDS", NJ_ORIG);
	if (st->helo_before.data)
		helo_drop(d, &st->helo);
	else
		st->helo_before = st->helo;
	st->helo = nj_keep_view(d, arg, HELO_MAX);
	st->greeted = true;
	nj_smtp_greeted(st->mail, d);
}

/* A greeting that is refused changes nothing (RFC 5321 4.1.4). */
static void
replied_helo(struct nj_dctx *d, struct smtp_state *st, unsigned code)
{
	if (code < 400)
		helo_drop(d, &st->helo_before);
}

static void
command(struct nj_dctx *d, struct smtp_state *st, enum nj_smtp_command c,
	struct nj_view arg)
{
	if ((c == NJ_SMTP_DATA || c == NJ_SMTP_BDAT) && !st->rcpt_seen)
		invalid(d, st, "data missing rcpt to");
	switch (c) {
	case NJ_SMTP_EHLO:
	case NJ_SMTP_HELO:
	case NJ_SMTP_LHLO:
		command_helo(d, st, arg);
		break;
	case NJ_SMTP_MAIL:
		command_mail(d, st, arg);
		break;
	case NJ_SMTP_RCPT:
		command_rcpt(d, st, arg);
		break;
	case NJ_SMTP_DATA:
		contents_begin(d, st, DATA);
		break;
	case NJ_SMTP_BDAT:
		if (chunk_begin(d, st, arg) && st->chunk_last) {
			c = NJ_SMTP_BDAT_LAST;
			mail_ended(st);
		}
		if (st->client == CHUNK && !st->chunk_left)
			chunk_end(d, st);
		break;
	case NJ_SMTP_AUTH:
		nj_sasl_begin(&st->login, d, arg);
		break;
	default:
		break;
	}
	nj_smtp_queue_add(&st->queue, c);
}

/* ---- The client's lines ---- */

static void
client_command(struct nj_dctx *d, struct smtp_state *st, struct nj_view line)
{
	struct nj_view word, arg = nj_view_trim(line);
	enum nj_smtp_command c;

	if (st->client == LOGIN) {
		nj_smtp_queue_add(&st->queue, NJ_SMTP_ANSWER);
		nj_sasl_answer(&st->login, d, line);
		st->client = COMMANDS;
		return;
	}
	word = nj_sub(arg, 0, nj_min(nj_view_chr(arg, ' '), arg.len));
	arg = nj_view_trim(nj_sub(arg, word.len, arg.len));
	c = nj_smtp_command(word);
	if (c == NJ_SMTP_UNKNOWN) {
		/* The server answers those it does not know, too; but what
		 * follows a gap may be anything. */
		if (line.len && !st->after_gap[NJ_ORIG])
			nj_smtp_queue_add(&st->queue, c);
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
		mail_ended(st);
		nj_smtp_queue_add(&st->queue, NJ_SMTP_DOT);
		return;
	}
	if (st->mail)
		nj_smtp_eve_line(st->mail, d, line, crlf ? "\r\n" : "\n");
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
replied(struct nj_dctx *d, struct smtp_state *st, enum nj_smtp_command c,
	unsigned code)
{
	switch (c) {
	case NJ_SMTP_EHLO:
	case NJ_SMTP_HELO:
	case NJ_SMTP_LHLO:
		replied_helo(d, st, code);
		break;
	case NJ_SMTP_DATA:
		/* The mail is not wanted: what follows are commands. */
		if (code != 354 && st->client == DATA) {
			contents_end(d, st, false);
			st->client = COMMANDS;
		}
		break;
	case NJ_SMTP_AUTH:
	case NJ_SMTP_ANSWER:
		if (code == 334)
			st->client = LOGIN;
		else
			nj_sasl_end(&st->login, d, code == 235);
		break;
	case NJ_SMTP_STARTTLS:
		if (code == 220)
			begin_tls(d, st);
		break;
	case NJ_SMTP_UNKNOWN:
		if (code == 354 && st->client == COMMANDS)
			contents_begin(d, st, DATA);
		break;
	default:
		break;
	}
}

/* Suricata reads no reply after it, so once a flow. */
static void
tell_reply(struct nj_dctx *d, struct smtp_state *st)
{
	if (!st->told_reply)
		nj_odd_eve(d, "smtp", "INVALID_REPLY", NJ_ORIG);
	st->told_reply = true;
}

static void
server_line(struct nj_dctx *d, struct smtp_state *st, struct nj_view line)
{
	struct nj_smtp_mail *m;
	struct nj_view text;
	unsigned code;
	bool first;

	if (!nj_smtp_reply(line, &code)) {
		if (line.len && !st->after_gap[NJ_RESP] && !st->continued) {
			nj_odd(d, ODD_REPLY);
			tell_reply(d, st);
		}
		return;
	}
	if (!nj_smtp_is_known(code))
		tell_reply(d, st);
	st->after_gap[NJ_RESP] = false;
	first = st->continued != code;
	st->continued =
		line.len > 3 && line.data[3] == '-' ? (uint16_t)code : 0;
	if (first)
		st->last = (uint8_t)nj_smtp_queue_take(&st->queue);
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
		replied(d, st, (enum nj_smtp_command)st->last, code);
	if (!st->continued &&
		(st->last == NJ_SMTP_DOT || st->last == NJ_SMTP_BDAT_LAST))
		end_replied(d, st);
}

/* ---- Callbacks ---- */

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
		if (st->mail)
			nj_smtp_eve_line(st->mail, d, l->text, NULL);
		if (st->entity)
			nj_entity_line(st->entity, d, l->text, false);
		st->mid_line = true;
		return n;
	}
	if (l->cut)
		nj_odd(d, ODD_LONG_LINE);
	if (n > COMMAND_MAX && (dir == NJ_RESP || st->client != DATA)) {
		nj_odd_eve(d, "smtp", "TRUNCATED_LINE", dir);
		l->text = nj_sub(l->text, 0, COMMAND_MAX);
	}
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
			nj_smtp_queue_add(&st->queue, NJ_SMTP_CONNECT);
	}
	if (!st->sure) {
		enum nj_verdict verdict;

		if (nj_view_chr(v, '\n') == SIZE_MAX &&
			v.len <= NJ_SMTP_JUDGED_MAX)
			return NJ_MORE;
		verdict = nj_smtp_judge(nj_port_of(d, NJ_RESP), dir, v);
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
	st->queue.count = 0;
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
	if (st->told || !st->greeted || !nj_wanted(d, &eve_smtp_desc))
		return;
	m = nj_smtp_mail_open(d);
	if (m) {
		nj_smtp_eve_emit(m, d, eve_helo(st));
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
