/*
 * ftp.c - FTP's control connection (RFC 959; RFC 2428 EPRT and EPSV; RFC 4217
 * AUTH TLS): a record for each command, and expectations of the data
 * connections, which ftp_data reads.
 *
 * Zeek logs only commands that move files or open connections unless told
 * otherwise; logins and what an intruder tries first are worth a record too,
 * and FTP has become rare enough to afford all of them.
 *
 * Replies are paired with the command that they fit best, as clients send
 * commands ahead and servers say more than one thing to each.
 * Not done: security exchanges other than TLS (GSSAPI, ADAT).
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/ftp_eve.h"
#include "dissectors/shared/ftp_text.h"
#include "dissectors/shared/line.h"
#include "dissectors/shared/software.h"

#define FTP(F, tag)                                                            \
	F(tag, 1, STR, user, NJ_INDEX | NJ_PII, "Name of the login")           \
	F(tag, 2, STR, password, NJ_PII, "Password, of anonymous users only")  \
	F(tag, 3, STR, command, NJ_INDEX | NJ_LEARN, "Command")                \
	F(tag, 4, STR, arg, NJ_INDEX | NJ_PII, "Its argument; files as URL")   \
	F(tag, 5, U64, file_size, NJ_OPT | NJ_LEARN, "Size the server gave")   \
	F(tag, 6, U16, reply_code, NJ_OPT | NJ_INDEX, "Code of the reply")     \
	F(tag, 7, STR, reply_msg, 0, "Words of the reply")                     \
	F(tag, 8, BOOL, data_channel__passive, NJ_OPT, "The client connects")  \
	F(tag, 9, ADDR, data_channel__orig_h, 0, "Who connects")               \
	F(tag, 10, ADDR, data_channel__resp_h, 0, "Who is connected to")       \
	F(tag, 11, U16, data_channel__resp_p, NJ_OPT, "Port connected to")

NJ_EVENT(ftp, FTP, "One FTP command with its reply");

#define ODDITIES(O)                                                            \
	O(COMMAND, "FTP_invalid_command", "A line that is no command")         \
	O(PENDING, "FTP_too_many_pending_commands",                            \
		"Commands far ahead of their replies")                         \
	O(USER_LONG, "FTP_user_too_long", "A user name beyond the limit")      \
	O(PASSWORD_LONG, "FTP_password_too_long",                              \
		"A password beyond the limit")                                 \
	O(ARG_LONG, "FTP_arg_too_long", "An argument beyond the limit")        \
	O(REPLY_LONG, "FTP_reply_msg_too_long", "A reply beyond the limit")    \
	O(REPLY, "FTP_invalid_reply", "A line that is no reply")               \
	O(LONG_LINE, "contentline_size_exceeded",                              \
		"A line longer than is kept")                                  \
	O(NUL, "NUL_in_line", "A zero byte in a line of text")

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

enum {
	PENDING_MAX = 20, /* as Zeek; the greeting comes on top */
	NAME_MAX_BYTES = 128,
	ARG_MAX = 4096,
	REPLY_MAX = 4096,
	LINE_BYTES_MAX = 48 * 1024,
	COMMAND_MAX = 40,
	JUDGED_MAX = 1024 /* bytes of a line */
};

/* A command that waits for its reply. */
struct pending {
	int64_t ts;
	struct nj_view arg; /* kept */
	struct nj_ftp_endpoint channel;
	uint64_t size;
	uint32_t seq; /* 0: free */
	uint32_t arg_len;
	bool passive, has_channel, has_size, moved;
	uint8_t name_len;
	char name[COMMAND_MAX];
};

struct ftp_state {
	struct pending pending[PENDING_MAX + 1];
	struct nj_view user, password, folder, reply; /* kept */
	struct nj_view product;    /* in the greeting; kept until it is told */
	uint32_t seq, count, last; /* seq of the command last replied to */
	uint32_t reply_len;
	uint16_t code;      /* of the last reply */
	uint16_t continued; /* code of the reply that goes on, or 0 */
	bool begun, sure, has_reply, auth_tls, over, told_nul;
	bool after_gap[2];
	struct nj_line line[2];
	/* The data connection that the next transfer takes; port 0: none. */
	struct nj_ftp_transfer next;
};

static struct nj_view
name_of(const struct pending *p)
{
	return (struct nj_view){ (const uint8_t *)p->name, p->name_len };
}

static bool
is(const struct pending *p, const char *name)
{
	return nj_view_eq(name_of(p), nj_str(name));
}

static void
set_text(struct nj_dctx *d, struct nj_view *to, struct nj_view v, size_t max)
{
	if (to->data)
		nj_drop(d, (void *)(uintptr_t)to->data);
	*to = nj_keep_view(d, v, max);
}

/* ---- The record ---- */

static bool
is_guest(struct nj_view user)
{
	return nj_view_caseeq(user, NJ_LIT("anonymous")) ||
	       nj_view_caseeq(user, NJ_LIT("ftp")) ||
	       nj_view_caseeq(user, NJ_LIT("ftpuser")) ||
	       nj_view_caseeq(user, NJ_LIT("guest"));
}

/* "ftp://host/path" of the file that the command is about. */
static struct nj_view
url(struct nj_dctx *d, const struct ftp_state *st, const struct pending *p)
{
	struct nj_addr server = nj_addr_of(d, NJ_RESP);
	struct nj_view folder = st->folder.len ? st->folder : NJ_LIT(".");
	/* A change of the folder that was granted names the new one. */
	struct nj_view arg = p->moved ? (struct nj_view){ 0 } : p->arg;
	char host[NJ_ADDR_TEXT];
	uint8_t *path = nj_arena(d, folder.len + arg.len + 2);
	size_t n;

	if (!path)
		return p->arg;
	n = nj_ftp_path(folder, arg, path);
	(void)nj_addr_text(&server, host);
	return nj_arena_printf(d, "ftp://%s%s%s%s%.*s",
		server.family == 6 ? "[" : "", host,
		server.family == 6 ? "]" : "", n && path[0] == '/' ? "" : "/",
		(int)n, (const char *)path);
}

static void
fill_channel(struct nj_dctx *d, const struct pending *p, struct ftp_event *ev)
{
	if (!p->has_channel)
		return;
	nj_set(ev, ftp, data_channel__passive, p->passive);
	ev->data_channel__orig_h =
		nj_addr_of(d, p->passive ? NJ_ORIG : NJ_RESP);
	ev->data_channel__resp_h = p->channel.addr;
	nj_set(ev, ftp, data_channel__resp_p, p->channel.port);
}

static void
told_long(struct nj_dctx *d, unsigned oddity, size_t len, size_t max)
{
	if (len > max)
		nj_odd_addl(d, oddity, nj_arena_printf(d, "%zu", len));
}

static void
tell_eve(struct nj_dctx *d, const struct ftp_state *st, const struct pending *p)
{
	struct nj_ftp_talk t = { .command = name_of(p),
		.arg = p->arg,
		.reply = st->reply,
		.arg_len = p->arg_len,
		.reply_len = st->reply_len,
		.code = st->code,
		.port = p->has_channel ? p->channel.port : 0,
		.has_reply = st->has_reply,
		.passive = p->passive };

	nj_ftp_eve(d, &t);
}

static void
command_emit(struct nj_dctx *d, struct ftp_state *st, const struct pending *p)
{
	struct ftp_event ev = {
		.user = st->user, .command = name_of(p), .arg = p->arg
	};

	told_long(d, ODD_ARG_LONG, p->arg_len, ARG_MAX);
	if (st->has_reply)
		told_long(d, ODD_REPLY_LONG, st->reply_len, REPLY_MAX);
	if (!st->user.data)
		ev.user = NJ_LIT("<unknown>");
	if (st->password.data)
		ev.password =
			is_guest(st->user) ? st->password : NJ_LIT("<hidden>");
	if (nj_ftp_takes_path(name_of(p)))
		ev.arg = nj_sub(url(d, st, p), 0, ARG_MAX);
	if (!ev.arg.len)
		ev.arg = (struct nj_view){ 0 };
	if (p->has_size)
		nj_set(&ev, ftp, file_size, p->size);
	if (st->has_reply) {
		nj_set(&ev, ftp, reply_code, st->code);
		ev.reply_msg = st->reply;
	}
	fill_channel(d, p, &ev);
	(void)nj_emit_at(d, &ftp_desc, &ev, p->ts);
	tell_eve(d, st, p);
}

/* ---- Pending commands ---- */

static struct pending *
pending_find(struct ftp_state *st, uint32_t seq)
{
	for (unsigned i = 0; seq && i < nj_countof(st->pending); i++)
		if (st->pending[i].seq == seq)
			return &st->pending[i];
	return NULL;
}

static void
pending_finish(struct nj_dctx *d, struct ftp_state *st, struct pending *p)
{
	command_emit(d, st, p);
	if (p->arg.data)
		nj_drop(d, (void *)(uintptr_t)p->arg.data);
	p->seq = 0;
	p->arg = (struct nj_view){ 0 };
	st->count--;
}

static struct pending *
pending_add(struct nj_dctx *d, struct ftp_state *st, struct nj_view name,
	struct nj_view arg)
{
	struct pending *p = st->pending;
	size_t n = nj_min(name.len, sizeof(p->name));

	if (st->count >= PENDING_MAX) {
		nj_odd_addl(
			d, ODD_PENDING, nj_arena_printf(d, "%u", st->count));
		return NULL;
	}
	while (p->seq)
		p++;
	*p = (struct pending){ .ts = nj_now(d),
		.seq = ++st->seq,
		.name_len = (uint8_t)n,
		.arg_len = (uint32_t)arg.len };
	memcpy(p->name, name.data, n);
	for (size_t i = 0; p->name[0] != '<' && i < n; i++)
		if (p->name[i] >= 'a' && p->name[i] <= 'z')
			p->name[i] = (char)(p->name[i] & 0xdf);
	if (is(p, "PASS") && !is_guest(st->user))
		arg = NJ_LIT("<hidden>");
	p->arg = nj_keep_view(d, arg, ARG_MAX);
	st->count++;
	return p;
}

/* The command that the reply fits best, the oldest of equals. */
static struct pending *
pending_match(struct ftp_state *st, unsigned code, struct nj_view message)
{
	struct pending *best = NULL;
	int best_score = -1;

	for (unsigned i = 0; i < nj_countof(st->pending); i++) {
		struct pending *p = &st->pending[i];
		int score;

		if (!p->seq)
			continue;
		score = nj_ftp_score(name_of(p), p->arg, code, message);
		if (score > best_score ||
			(score == best_score && p->seq < best->seq)) {
			best = p;
			best_score = score;
		}
	}
	return best;
}

/* ---- Data connections ---- */

static void
channel_expect(struct nj_dctx *d, struct pending *p)
{
	struct ftp_state *st = nj_state(d);
	struct nj_addr server = nj_addr_of(d, NJ_RESP);
	struct nj_expectation e = { .transport = NJ_TCP,
		.dissector = "ftp_data" };

	p->has_channel = true;
	if (!p->channel.addr.family)
		p->channel.addr = server;
	e.orig = nj_addr_of(d, p->passive ? NJ_ORIG : NJ_RESP);
	e.resp = p->channel.addr;
	e.resp_port = p->channel.port;
	nj_expect(d, &e);
	st->next = (struct nj_ftp_transfer){
		.from = e.orig, .to = e.resp, .port = e.resp_port
	};
	/* Behind address translation the server tells an address that
	 * nobody connects to; clients then take the one they know. */
	if (p->passive && !nj_addr_eq(&server, &e.resp)) {
		e.resp = server;
		nj_expect(d, &e);
	}
}

/* ---- The client's lines ---- */

/* A line's first word and the rest, without telnet's bytes (RFC 959 uses its
 * conventions; clients send some before ABOR). */
static struct nj_view
split_word(struct nj_view line, struct nj_view *rest)
{
	size_t n = 0;

	while (line.len && (line.data[0] == ' ' || line.data[0] == '\t' ||
				   line.data[0] >= 0xf0))
		line = nj_sub(line, 1, line.len);
	while (n < line.len && line.data[n] != ' ' && line.data[n] != '\t')
		n++;
	*rest = nj_sub(line, n, line.len);
	while (rest->len && (rest->data[0] == ' ' || rest->data[0] == '\t'))
		*rest = nj_sub(*rest, 1, rest->len);
	return nj_sub(line, 0, n);
}

static bool
is_command(struct nj_view word)
{
	if (word.len < 3 || word.len > COMMAND_MAX)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (word.data[i] <= ' ' || word.data[i] >= 0x7f)
			return false;
	return true;
}

static void
command_seen(struct nj_dctx *d, struct ftp_state *st, struct pending *p,
	struct nj_view arg)
{
	if (is(p, "USER")) {
		told_long(d, ODD_USER_LONG, arg.len, NAME_MAX_BYTES);
		set_text(d, &st->user, arg, NAME_MAX_BYTES);
	} else if (is(p, "PASS")) {
		told_long(d, ODD_PASSWORD_LONG, arg.len, NAME_MAX_BYTES);
		/* Only guests' is ever shown: no other needs to be kept. */
		set_text(d, &st->password,
			is_guest(st->user) ? arg : NJ_LIT("-"), NAME_MAX_BYTES);
	} else if (is(p, "PORT") || is(p, "EPRT")) {
		if (is(p, "PORT") ? nj_ftp_port(arg, &p->channel)
				  : nj_ftp_eport(arg, &p->channel))
			channel_expect(d, p);
	} else if (is(p, "AUTH")) {
		st->auth_tls = nj_view_casestarts(arg, NJ_LIT("TLS")) ||
			       nj_view_caseeq(arg, NJ_LIT("SSL"));
	}
}

/* The greeting is FTP's now that a command has come. */
static void
tell_product(struct nj_dctx *d, struct ftp_state *st)
{
	if (!st->product.len)
		return;
	nj_software_side(d, NJ_RESP, "FTP::SERVER", st->product);
	set_text(d, &st->product, (struct nj_view){ 0 }, 0);
}

static void
client_line(struct nj_dctx *d, struct ftp_state *st, struct nj_view line)
{
	struct nj_view arg, word = split_word(line, &arg);
	struct pending *p = pending_find(st, st->last);

	if (!line.len)
		return;
	if (!is_command(word)) {
		nj_odd(d, ODD_COMMAND);
		return;
	}
	if (nj_ftp_known(word)) {
		nj_confirm(d);
		tell_product(d, st);
	}
	if (nj_view_caseeq(word, NJ_LIT("CLNT")))
		nj_software_side(d, NJ_ORIG, "FTP::CLIENT", arg);
	/* A new command: the one that was replied to is complete. */
	if (p && st->has_reply)
		pending_finish(d, st, p);
	p = pending_add(d, st, word, arg);
	if (p)
		command_seen(d, st, p, arg);
}

/* ---- The server's lines ---- */

static void
change_folder(struct nj_dctx *d, struct ftp_state *st, struct pending *p,
	struct nj_view message)
{
	struct nj_view folder = st->folder.len ? st->folder : NJ_LIT("."), up;
	bool cwd = is(p, "CWD") || is(p, "XCWD"), cdup = is(p, "CDUP");
	bool pwd = is(p, "PWD") || is(p, "XPWD");
	uint8_t *path;

	if (p->moved ||
		!((cwd && st->code == 250) ||
			(cdup && (st->code == 200 || st->code == 250)) ||
			(pwd && st->code == 257)))
		return;
	p->moved = true;
	up = cdup ? NJ_LIT("..") : p->arg;
	path = nj_arena(d, folder.len + up.len + 2);
	if (pwd)
		folder = nj_ftp_folder(message);
	else if (path)
		folder =
			(struct nj_view){ path, nj_ftp_path(folder, up, path) };
	set_text(d, &st->folder, folder, ARG_MAX);
}

/* 5.1.1: 226 and 250 end a transfer; ABOR's 226 is of another command. */
static void
transfer_seen(struct nj_dctx *d, struct ftp_state *st, const struct pending *p)
{
	static const char *const names[] = { "RETR", "STOR", "STOU", "APPE",
		"LIST", "NLST", "MLSD" };

	if ((st->code != 226 && st->code != 250) || !st->next.port)
		return;
	for (size_t i = 0; i < nj_countof(names); i++) {
		if (!is(p, names[i]))
			continue;
		st->next.command = name_of(p);
		st->next.arg = p->arg;
		nj_ftp_data_eve(d, &st->next);
		st->next.port = 0;
		return;
	}
}

static void
reply_seen(struct nj_dctx *d, struct ftp_state *st, struct pending *p,
	struct nj_view message)
{
	bool pasv = st->code == 227 && is(p, "PASV");
	bool epsv = st->code == 229 && is(p, "EPSV");

	if ((st->code == 150 && is(p, "RETR")) ||
		(st->code == 213 && is(p, "SIZE")))
		p->has_size = nj_ftp_size(message, &p->size) || p->has_size;
	if ((pasv && nj_ftp_port(message, &p->channel)) ||
		(epsv && nj_ftp_eport(message, &p->channel))) {
		p->passive = true;
		channel_expect(d, p);
	}
	change_folder(d, st, p, message);
	transfer_seen(d, st, p);
	if (st->count > 1)
		pending_finish(d, st, p);
	if (st->code == 234 && st->auth_tls) {
		st->over = true;
		(void)nj_handover(d, "ssl", 0);
	}
}

static unsigned
reply_code(struct nj_view line)
{
	unsigned code = 0;

	if (line.len < 3)
		return 0;
	for (unsigned i = 0; i < 3; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return 0;
		code = code * 10 + (line.data[i] - '0');
	}
	return code;
}

static void
server_line(struct nj_dctx *d, struct ftp_state *st, struct nj_view line)
{
	unsigned code = reply_code(line);
	uint8_t mark = line.len > 3 ? line.data[3] : ' ';
	struct nj_view message = nj_sub(line, 4, line.len);
	struct pending *p;

	if (!line.len)
		return;
	if (st->continued) {
		/* Lines in between say nothing that is kept; some servers
		 * forget to end with the code that they began with. */
		if (code < 100 || mark != ' ' ||
			(code != st->continued && line.len < 14))
			return;
		st->continued = 0;
	}
	if (code < 100 || (mark != ' ' && mark != '-')) {
		if (!st->after_gap[NJ_RESP])
			nj_odd(d, ODD_REPLY);
		return;
	}
	st->after_gap[NJ_RESP] = false;
	while (message.len && message.data[0] == ' ')
		message = nj_sub(message, 1, message.len);
	p = pending_match(st, code, message);
	if (code == 220 && st->seq == 1 && !st->product.len)
		set_text(d, &st->product, nj_software_greeting(message),
			REPLY_MAX);
	st->code = (uint16_t)code;
	st->has_reply = true;
	st->reply_len = (uint32_t)message.len;
	set_text(d, &st->reply, message, REPLY_MAX);
	st->last = p ? p->seq : 0;
	st->continued = mark == '-' ? (uint16_t)code : 0;
	if (p && !st->continued)
		reply_seen(d, st, p, message);
}

/* ---- Callbacks ---- */

static bool
is_hinted(const struct nj_dctx *d)
{
	uint16_t port = nj_port_of(d, NJ_RESP);

	return port == 21 || port == 2121 || port == 2811;
}

static struct nj_view
first_line(struct nj_view v)
{
	struct nj_view line =
		nj_sub(v, 0, nj_min(nj_view_chr(v, '\n'), (size_t)JUDGED_MAX));

	while (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Is it FTP? Its greeting is also that of SMTP, and USER belongs to many: off
 * the usual ports it takes a word that only FTP has. */
static enum nj_verdict
judge(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_view line = first_line(v), rest, word;
	size_t n;

	if (dir == NJ_RESP) {
		if (reply_code(line) < 100 || reply_code(line) > 659)
			return NJ_REJECT;
		if (nj_view_find(line, NJ_LIT("SMTP")) != SIZE_MAX)
			return NJ_REJECT;
		if (nj_view_find(line, NJ_LIT("FTP")) != SIZE_MAX ||
			is_hinted(d))
			return NJ_ACCEPT;
		return NJ_MORE;
	}
	for (;;) {
		n = nj_view_chr(v, '\n');
		if (n > JUDGED_MAX && v.len <= JUDGED_MAX)
			return NJ_MORE;
		line = first_line(v);
		word = split_word(line, &rest);
		if (nj_ftp_only(word) || (nj_ftp_known(word) && is_hinted(d)))
			return NJ_ACCEPT;
		if (!nj_ftp_known(word) || n > JUDGED_MAX)
			return NJ_REJECT;
		v = nj_sub(v, n + 1, v.len);
	}
}

static void
line_seen(struct nj_dctx *d, struct ftp_state *st, enum nj_dir dir,
	struct nj_view line)
{
	if (!line.len)
		return;
	if (!st->told_nul && nj_view_chr(line, 0) != SIZE_MAX) {
		st->told_nul = true;
		nj_odd(d, ODD_NUL);
	}
	if (dir == NJ_ORIG)
		client_line(d, st, line);
	else
		server_line(d, st, line);
}

static enum nj_verdict
ftp_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct ftp_state *st = nj_state(d);

	if (!st->sure) {
		enum nj_verdict verdict;

		if (nj_view_chr(v, '\n') == SIZE_MAX && v.len <= JUDGED_MAX)
			return NJ_MORE;
		verdict = judge(d, dir, v);
		if (verdict != NJ_ACCEPT)
			return verdict;
		st->sure = true;
	}
	if (!st->begun) {
		st->begun = true;
		(void)pending_add(
			d, st, NJ_LIT("<init>"), (struct nj_view){ 0 });
	}
	while (v.len && !st->over) {
		size_t n = nj_line_take(&st->line[dir], v, LINE_BYTES_MAX);

		if (!n)
			break;
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
		if (st->line[dir].cut)
			nj_odd(d, ODD_LONG_LINE);
		line_seen(d, st, dir, st->line[dir].text);
	}
	return NJ_MORE;
}

static enum nj_verdict
ftp_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct ftp_state *st = nj_state(d);

	(void)v;
	(void)len;
	/* Pairs are made by what fits, so they are found again. */
	st->after_gap[dir] = st->line[dir].skip = true;
	if (dir == NJ_RESP)
		st->continued = 0;
	return NJ_MORE;
}

static void
ftp_eof(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct ftp_state *st = nj_state(d);

	if (st->sure && !st->over)
		line_seen(d, st, dir, nj_line_last(&st->line[dir], v));
}

static void
ftp_end(struct nj_dctx *d)
{
	struct ftp_state *st = nj_state(d);

	for (uint32_t seq = 1; st->count && seq <= st->seq; seq++) {
		struct pending *p = pending_find(st, seq);

		if (p)
			pending_finish(d, st, p);
	}
}

const struct nj_dissector nj_dissector_ftp = {
	.name = "ftp",
	.title = "FTP",
	.ports = (const struct nj_port[]){ { NJ_TCP, 21 }, { NJ_TCP, 2121 },
		{ NJ_TCP, 2811 }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^(220|120)[ -]", NJ_SIG_RESP },
		{ "^(USER |PASS |AUTH (TLS|SSL)|FEAT\\r?\\n|HOST )",
			NJ_SIG_ORIG | NJ_SIG_NOCASE },
		/* In the middle of a session. */
		{ "^((PASV|EPSV|SYST|CDUP)\\r?\\n|PORT [0-9]{1,3},[0-9]|"
		  "EPRT \\||TYPE [AIE]|(CWD|STOR|MDTM|SIZE|NLST|MLSD) )",
			NJ_SIG_ORIG | NJ_SIG_NOCASE },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &ftp_desc,
		&eve_ftp_desc, &eve_ftp_data_desc, &software_desc, 0 },
	.oddities = oddities,
	.state_bytes = sizeof(struct ftp_state),
	.buffer_max = LINE_BYTES_MAX + 1,
	.stream = ftp_stream,
	.gap = ftp_gap,
	.eof = ftp_eof,
	.end = ftp_end,
};
