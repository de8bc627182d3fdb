/*
 * irc.c - Internet Relay Chat (RFC 1459, RFC 2812; message tags of IRCv3):
 * who joins which channel, and which files change hands.
 *
 * Bots still take their orders this way. Log and field names are Zeek's, so
 * is what stands in addl; a DCC SEND is told when it is offered, the file's
 * type stands in the files log. The connection that carries it is expected
 * (irc_data). STARTTLS goes on
 * in ssl. Not done: what people say; servers among themselves.
 */
#include <stdlib.h>

#include "dissectors/shared/line.h"
#include "dissectors/shared/pad.h"

#define IRC(F, tag)                                                            \
	F(tag, 1, STR, nick, NJ_INDEX | NJ_PII, "Nickname, once it is known")  \
	F(tag, 2, STR, user, NJ_INDEX | NJ_PII, "User, once it is known")      \
	F(tag, 3, STR, command, NJ_INDEX, "NICK, USER, JOIN, OPER or DCC")     \
	F(tag, 4, STR, value, NJ_INDEX, "Its argument: name, channel")         \
	F(tag, 5, STR, addl, NJ_PII, "What goes with it")                      \
	F(tag, 6, STR, dcc_file_name, NJ_INDEX, "File that is offered")        \
	F(tag, 7, U64, dcc_file_size, NJ_OPT, "Bytes that it has")             \
	F(tag, 9, BOOL, password, NJ_OPT | NJ_INDEX,                           \
		"Was a password sent? (It is not kept.)")

NJ_EVENT(irc, IRC, "A command to an IRC server");

enum {
	LINE_BYTES = 4096,
	LINE_MAX = 512, /* RFC 1459 2.3, without tags */
	TEXT_BYTES = 512,
	WORDS_MAX = 15,
	CHANNELS_MAX = 32,
	DEFAULT_MINUTES = 5
};

enum { ODD_LONG, ODD_COMMAND, ODD_DCC };
static const struct nj_oddity oddities[] = {
	[ODD_LONG] = { "irc_line_size_exceeded", "A line above 512 bytes" },
	[ODD_COMMAND] = { "irc_invalid_line", "A line without a command" },
	[ODD_DCC] = { "irc_invalid_dcc_message_format",
		"An offer of a file that cannot be read" },
	{ 0 },
};

struct irc {
	struct nj_line line[2];
	struct nj_view nick, user;  /* kept */
	struct nj_view value, addl; /* kept: Zeek carries them on */
	bool password, tls;
	bool ours; /* a command of IRC was seen */
};

struct message {
	struct nj_view prefix, command, rest; /* rest: behind the command */
	struct nj_view word[WORDS_MAX];       /* its words, the last may be */
	unsigned words;                       /* a text of several */
};

/* ---- Messages ---- */

static struct nj_view
blanks_skip(struct nj_view v)
{
	while (v.len && *v.data == ' ')
		v = nj_sub(v, 1, v.len);
	return v;
}

static struct nj_view
word_take(struct nj_view *v)
{
	struct nj_view word = nj_sub(*v, 0, nj_view_chr(*v, ' '));

	*v = blanks_skip(nj_sub(*v, word.len, v->len));
	return word;
}

/* RFC 2812 2.3.1: [@tags] [:prefix] command words [:text]. */
static bool
message_read(struct message *m, struct nj_view v)
{
	*m = (struct message){ 0 };
	v = blanks_skip(v);
	if (v.len && *v.data == '@')
		(void)word_take(&v);
	if (v.len && *v.data == ':')
		m->prefix = word_take(&v);
	m->command = word_take(&v);
	m->rest = v;
	while (v.len && m->words < WORDS_MAX) {
		if (*v.data == ':' || m->words == WORDS_MAX - 1) {
			m->word[m->words++] = nj_sub(v, *v.data == ':', v.len);
			break;
		}
		m->word[m->words++] = word_take(&v);
	}
	return m->command.len > 0;
}

static bool
is(const struct message *m, const char *command)
{
	return nj_view_caseeq(m->command, nj_str(command));
}

/* ---- Records ---- */

static void
keep(struct nj_dctx *d, struct nj_view *to, struct nj_view v)
{
	struct nj_view old = *to;

	*to = v.len ? nj_keep_view(d, v, TEXT_BYTES) : NJ_LIT("");
	if (old.len)
		nj_drop(d, (void *)(uintptr_t)old.data);
}

static void
emit(struct nj_dctx *d, const struct irc *s, const char *command,
	struct irc_event *ev)
{
	ev->nick = s->nick;
	ev->user = s->user;
	ev->command = nj_str(command);
	ev->value = s->value;
	ev->addl = s->addl;
	(void)nj_emit(d, &irc_desc, ev);
}

static void
nick(struct nj_dctx *d, struct irc *s, const struct message *m)
{
	struct irc_event ev = { 0 };

	if (!m->words)
		return;
	keep(d, &s->value, m->word[0]);
	if (s->password)
		nj_set(&ev, irc, password, true);
	emit(d, s, "NICK", &ev);
	keep(d, &s->nick, m->word[0]);
}

/* host, server and real name, the last as Zeek joins its words: "a b c" is
 * "ab c ". */
static struct nj_view
user_addl(struct nj_dctx *d, const struct message *m)
{
	struct nj_view rest = m->rest, word[3], part;
	char *out = nj_arena(d, TEXT_BYTES);
	size_t n = 0;
	unsigned i = 0;

	if (!out)
		return (struct nj_view){ 0 };
	(void)word_take(&rest);
	for (; i < 2; i++)
		word[i] = word_take(&rest);
	word[2] = word_take(&rest);
	if (word[2].len && *word[2].data == ':')
		word[2] = nj_sub(word[2], 1, word[2].len);
	for (i = 0; i < 3; i++) {
		size_t take = nj_min(word[i].len, TEXT_BYTES / 4);

		if (take)
			memcpy(out + n, word[i].data, take);
		n += take;
		if (i < 2)
			out[n++] = ' ';
	}
	while ((part = word_take(&rest)).len && n + part.len < TEXT_BYTES) {
		memcpy(out + n, part.data, part.len);
		n += part.len;
		out[n++] = ' ';
	}
	return (struct nj_view){ (uint8_t *)out, n };
}

static void
user(struct nj_dctx *d, struct irc *s, const struct message *m)
{
	struct irc_event ev = { 0 };

	if (!m->words)
		return;
	keep(d, &s->value, m->word[0]);
	keep(d, &s->addl, user_addl(d, m));
	if (s->password)
		nj_set(&ev, irc, password, true);
	emit(d, s, "USER", &ev);
	keep(d, &s->user, m->word[0]);
}

/* The next of a list with commas. */
static struct nj_view
item_take(struct nj_view *v)
{
	struct nj_view item = nj_sub(*v, 0, nj_view_chr(*v, ','));

	*v = nj_sub(*v, item.len + 1, v->len);
	return item;
}

static void
join(struct nj_dctx *d, struct irc *s, const struct message *m)
{
	struct nj_view channels = m->words ? m->word[0] : (struct nj_view){ 0 };
	struct nj_view keys = m->words > 1 ? m->word[1] : (struct nj_view){ 0 };

	for (unsigned i = 0; i < CHANNELS_MAX && channels.len; i++) {
		struct nj_view channel = item_take(&channels);
		struct nj_view key = item_take(&keys);
		struct irc_event ev = { 0 };

		if (!channel.len)
			continue;
		keep(d, &s->value, channel);
		keep(d, &s->addl,
			key.len ? nj_arena_printf(d,
					  " with channel key: '%.*s'",
					  (int)nj_min(key.len,
						  (size_t)TEXT_BYTES / 2),
					  (const char *)key.data)
				: (struct nj_view){ 0 });
		emit(d, s, "JOIN", &ev);
	}
}

/* An operator's name; the password is not kept. */
static void
oper(struct nj_dctx *d, struct irc *s, const struct message *m)
{
	struct irc_event ev = { 0 };

	if (!m->words)
		return;
	keep(d, &s->value, m->word[0]);
	keep(d, &s->addl, (struct nj_view){ 0 });
	nj_set(&ev, irc, password, m->words > 1);
	emit(d, s, "OPER", &ev);
}

/* ---- Files (DCC) ---- */

static struct nj_addr
address_of(uint64_t n)
{
	uint8_t four[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16),
		(uint8_t)(n >> 8), (uint8_t)n };

	return nj_addr4(four);
}

static bool
number(struct nj_view v, uint64_t max, uint64_t *out)
{
	while (v.len && (v.data[v.len - 1] == 1 || v.data[v.len - 1] == ' '))
		v.len--;
	return nj_view_u64(v, out) && *out <= max;
}

/* "DCC SEND name address port size", perhaps between two bytes of 1. The name
 * may stand in quotes. */
static void
dcc(struct nj_dctx *d, struct irc *s, const struct message *m, bool offered)
{
	struct nj_view v = m->words > 1 ? m->word[1] : (struct nj_view){ 0 };
	struct nj_expectation e = { .transport = NJ_TCP,
		.dissector = "irc_data",
		.lifetime_ns = DEFAULT_MINUTES * 60 * NJ_NS_PER_S };
	struct irc_event ev = { 0 };
	uint64_t address, port, size = 0;
	struct nj_view name;

	if (v.len && *v.data == 1)
		v = nj_sub(v, 1, v.len);
	if (!nj_view_starts(v, NJ_LIT("DCC ")))
		return;
	(void)word_take(&v);
	if (!nj_view_caseeq(word_take(&v), NJ_LIT("SEND")))
		return;
	if (v.len && *v.data == '"') {
		v = nj_sub(v, 1, v.len);
		name = nj_sub(v, 0, nj_view_chr(v, '"'));
		v = blanks_skip(nj_sub(v, name.len + 1, v.len));
	} else {
		name = word_take(&v);
	}
	if (!name.len || !number(word_take(&v), UINT32_MAX, &address) ||
		!number(word_take(&v), UINT16_MAX, &port)) {
		nj_odd(d, ODD_DCC);
		return;
	}
	if (number(word_take(&v), UINT64_MAX, &size))
		nj_set(&ev, irc, dcc_file_size, size);
	e.resp = address_of(address);
	e.resp_port = (uint16_t)port;
	if (port)
		nj_expect(d, &e);
	if (!offered)
		return; /* told where the client sent it */
	ev.dcc_file_name = nj_sub(name, 0, TEXT_BYTES);
	emit(d, s, "DCC", &ev);
}

/* ---- The two sides ---- */

static bool
is_clients(const struct message *m)
{
	static const char *const commands[] = { "NICK", "USER", "PASS", "CAP",
		"JOIN", "PRIVMSG", "NOTICE", "PING", "PONG", "MODE", "QUIT",
		"WHO", "WHOIS", "USERHOST", "OPER", "SERVER", "STARTTLS",
		"AUTHENTICATE", "WEBIRC", "PART", "TOPIC", "LIST", "NAMES",
		"ISON", "AWAY", "PROTOCTL", "INVITE", "KICK", "MOTD" };

	for (unsigned i = 0; i < nj_countof(commands); i++)
		if (is(m, commands[i]))
			return true;
	return false;
}

static bool
is_servers(const struct message *m)
{
	bool digits = m->command.len == 3;

	for (size_t i = 0; digits && i < 3; i++)
		digits = m->command.data[i] >= '0' && m->command.data[i] <= '9';
	return digits || is_clients(m) || is(m, "ERROR");
}

static void
asked(struct nj_dctx *d, struct irc *s, const struct message *m)
{
	if (is(m, "PASS"))
		s->password = m->words > 0;
	else if (is(m, "NICK"))
		nick(d, s, m);
	else if (is(m, "USER"))
		user(d, s, m);
	else if (is(m, "JOIN"))
		join(d, s, m);
	else if (is(m, "OPER"))
		oper(d, s, m);
	else if (is(m, "PRIVMSG") || is(m, "NOTICE"))
		dcc(d, s, m, true);
	else if (is(m, "STARTTLS"))
		s->tls = true;
}

/* True: TLS begins. */
static bool
answered(struct nj_dctx *d, struct irc *s, const struct message *m)
{
	if (is(m, "PRIVMSG"))
		dcc(d, s, m, false);
	return s->tls && nj_view_eq(m->command, NJ_LIT("670"));
}

static enum nj_verdict
one_line(struct nj_dctx *d, struct irc *s, enum nj_dir dir, struct nj_view v)
{
	struct message m;

	if (!v.len)
		return NJ_MORE;
	if (!message_read(&m, v)) {
		if (s->ours)
			nj_odd(d, ODD_COMMAND);
		return s->ours ? NJ_MORE : NJ_REJECT;
	}
	if (!s->ours) {
		if (dir == NJ_ORIG ? !is_clients(&m) : !is_servers(&m))
			return NJ_REJECT;
		s->ours = true;
	}
	if (*v.data != '@' && v.len > LINE_MAX)
		nj_odd(d, ODD_LONG);
	if (dir == NJ_ORIG) {
		asked(d, s, &m);
	} else if (answered(d, s, &m)) {
		nj_confirm(d);
		return nj_handover(d, "ssl", 0) ? NJ_DONE : NJ_BROKEN;
	}
	return NJ_MORE;
}

static enum nj_verdict
irc_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct irc *s = nj_state(d);
	struct nj_line *l = &s->line[dir];
	enum nj_verdict verdict = NJ_MORE;

	while (v.len && verdict == NJ_MORE) {
		size_t n = nj_line_take(l, v, LINE_BYTES);

		if (!n)
			break;
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
		if (l->text.data)
			verdict = one_line(d, s, dir, l->text);
	}
	/* The flow is ssl's now. */
	return verdict == NJ_DONE ? NJ_MORE : verdict;
}

static enum nj_verdict
irc_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct irc *s = nj_state(d);

	(void)d;
	(void)v;
	(void)len;
	s->line[dir].skip = true; /* to the next line */
	return NJ_MORE;
}

static void
irc_eof(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct irc *s = nj_state(d);
	struct nj_view last = nj_line_last(&s->line[dir], v);

	if (s->ours && last.len)
		(void)one_line(d, s, dir, last);
}

const struct nj_dissector nj_dissector_irc = {
	.name = "irc",
	.title = "Internet Relay Chat",
	.ports = (const struct nj_port[]){ { NJ_TCP, 6666 }, { NJ_TCP, 6667 },
		{ NJ_TCP, 6668 }, { NJ_TCP, 6669 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^(CAP [A-Z]{2,4}[^\\r\\n]{0,120}\\r?\\n"
			  "|PASS [^\\r\\n]{1,64}\\r?\\n"
			  "|JOIN :?\\r?\\n){0,4}"
			  "(NICK [^ \\r\\n]{1,64}\\r?\\n\\s{0,2}USER "
			  "|USER [^\\r\\n]{3,160}\\r?\\n\\s{0,2}NICK )",
				NJ_SIG_ORIG | NJ_SIG_NOCASE },
			{ "^(:[^ \\r\\n]{1,64} )?NOTICE (AUTH|\\*) :\\*\\*\\*",
				NJ_SIG_RESP },
			{ "^:[^ \\r\\n]{1,64} (001|020|CAP \\* LS) ",
				NJ_SIG_RESP },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &irc_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct irc),
	.stream = irc_stream,
	.gap = irc_gap,
	.eof = irc_eof,
};
