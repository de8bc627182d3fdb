/*
 * telnet.c - log-ins over Telnet (RFC 854, 855, 1091, 1572), one record an
 * attempt: the name, whether a password went in the clear, whether it worked.
 *
 * Why we tell it: nobody should use it any more, and worms that take devices
 * with well-known passwords still do. The password itself is never kept.
 * Not done: what is typed after the log-in.
 */
#include "engine/dissect/dissector.h"

#define TELNET(F, tag)                                                         \
	F(tag, 1, STR, user, NJ_INDEX | NJ_PII, "Name of the log-in")          \
	F(tag, 2, BOOL, password_seen, NJ_OPT, "A password was in the clear")  \
	F(tag, 3, BOOL, success, NJ_OPT | NJ_LEARN,                            \
		"The answer looked like that of a log-in that worked")         \
	F(tag, 4, STR, terminal, NJ_INDEX | NJ_LEARN, "Terminal of the client")

NJ_EVENT(telnet, TELNET, "One attempt to log in over Telnet");

enum {
	PORT = 23,
	IAC = 255,
	SB = 250,
	SE = 240,
	WILL = 251,
	OPTION_TERMINAL = 24,
	OPTION_ENVIRON = 39,
	TEXT_MAX = 64,
	TAIL = 96,
	SUB_MAX = 512,
	ATTEMPTS_MAX = 64
};

enum step { WAIT, ASKED_USER, ASKED_PASSWORD, ANSWERED };

struct text {
	uint8_t bytes[TEXT_MAX];
	uint8_t n;
};

struct state {
	struct text user, terminal, line;
	uint8_t tail[TAIL]; /* of what the server wrote */
	uint8_t tail_n, step, attempts;
	bool sure, password, told;
};

static struct nj_view
text_view(const struct text *t)
{
	return t->n ? (struct nj_view){ t->bytes, t->n }
		    : (struct nj_view){ 0 };
}

static void
text_set(struct text *t, struct nj_view v)
{
	t->n = (uint8_t)nj_min(v.len, (size_t)TEXT_MAX);
	if (t->n)
		memcpy(t->bytes, v.data, t->n);
}

static void
tell(struct nj_dctx *d, struct state *s, int success)
{
	struct telnet_event ev = { .user = text_view(&s->user),
		.terminal = text_view(&s->terminal) };

	s->told = true;
	if (s->password)
		nj_set(&ev, telnet, password_seen, true);
	if (success >= 0)
		nj_set(&ev, telnet, success, success != 0);
	if (s->attempts++ < ATTEMPTS_MAX)
		(void)nj_emit(d, &telnet_desc, &ev);
	s->password = false;
	s->user.n = 0;
	s->step = WAIT;
}

static uint8_t
lower(uint8_t ch)
{
	return ch >= 'A' && ch <= 'Z' ? ch | 0x20 : ch;
}

static bool
tail_has(const struct state *s, const char *word)
{
	return nj_view_find((struct nj_view){ s->tail, s->tail_n },
		       nj_str(word)) != SIZE_MAX;
}

/* What the server wrote last, in small letters. */
static void
tail_add(struct state *s, uint8_t ch)
{
	if (s->tail_n == TAIL) {
		memmove(s->tail, s->tail + TAIL / 2, TAIL / 2);
		s->tail_n = TAIL / 2;
	}
	s->tail[s->tail_n++] = lower(ch);
}

/* Servers differ in how they ask and answer; these are the words of most. */
static void
server_wrote(struct nj_dctx *d, struct state *s, uint8_t ch)
{
	tail_add(s, ch);
	if (s->step == ANSWERED) {
		if (tail_has(s, "incorrect") || tail_has(s, "fail") ||
			tail_has(s, "invalid") || tail_has(s, "denied") ||
			tail_has(s, "bad pass"))
			tell(d, s, 0);
		else if (ch == '$' || ch == '#' || ch == '>' || ch == '%')
			tell(d, s, 1);
	}
	if (ch != ':' && ch != '?')
		return;
	if (tail_has(s, "password") || tail_has(s, "passwd")) {
		/* Asked again: the first was wrong. */
		if (s->step == ANSWERED)
			tell(d, s, 0);
		s->step = ASKED_PASSWORD;
		s->tail_n = 0;
	} else if (tail_has(s, "login:") || tail_has(s, "username:") ||
		   tail_has(s, "user:") || tail_has(s, "user name:")) {
		if (s->step == ANSWERED)
			tell(d, s, 0);
		s->step = ASKED_USER;
		s->tail_n = 0;
	}
}

static void
client_wrote(struct state *s, uint8_t ch)
{
	if (ch == 0 || ch == '\n')
		return;
	if (ch == 0x7f || ch == 8) {
		s->line.n -= s->line.n != 0;
		return;
	}
	if (ch != '\r') {
		if (s->line.n < TEXT_MAX)
			s->line.bytes[s->line.n++] = ch;
		return;
	}
	if (s->step == ASKED_USER && s->line.n) {
		s->user = s->line;
		s->step = WAIT;
	} else if (s->step == ASKED_PASSWORD) {
		s->password = s->line.n != 0;
		s->step = ANSWERED;
		s->tail_n = 0;
	}
	memset(&s->line, 0, sizeof(s->line));
}

/* TERMINAL-TYPE IS xterm; NEW-ENVIRON IS VAR USER VALUE name. */
static void
suboption(struct state *s, enum nj_dir dir, struct nj_view v)
{
	static const uint8_t user[] = { 0, 'U', 'S', 'E', 'R', 1 };
	size_t at, n = 0;

	if (dir != NJ_ORIG || v.len < 3 || v.data[1] != 0)
		return;
	if (v.data[0] == OPTION_TERMINAL)
		text_set(&s->terminal, nj_sub(v, 2, v.len));
	if (v.data[0] != OPTION_ENVIRON)
		return;
	at = nj_view_find(v, (struct nj_view){ user, sizeof(user) });
	if (at == SIZE_MAX)
		return;
	v = nj_sub(v, at + sizeof(user), v.len);
	while (n < v.len && v.data[n] > 3)
		n++;
	text_set(&s->user, nj_sub(v, 0, n));
}

/* A command at the front of v: its bytes; 0: more is needed. */
static size_t
command(struct state *s, enum nj_dir dir, struct nj_view v)
{
	size_t at = 2;

	if (v.len < 2)
		return 0;
	if (v.data[1] == IAC || (v.data[1] < SB && v.data[1] >= SE))
		return 2;
	if (v.data[1] >= WILL && v.len < 3)
		return 0;
	if (v.data[1] >= WILL)
		return 3;
	if (v.data[1] != SB)
		return 2;
	while (at + 1 < v.len && at < SUB_MAX &&
		!(v.data[at] == IAC && v.data[at + 1] == SE))
		at++;
	if (at >= SUB_MAX)
		return at;
	if (at + 1 >= v.len)
		return 0;
	suboption(s, dir, nj_sub(v, 2, at - 2));
	return at + 2;
}

static enum nj_verdict
telnet_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	size_t at = 0;

	while (at < v.len) {
		size_t n = 1;

		if (v.data[at] == IAC) {
			n = command(s, dir, nj_sub(v, at, v.len));
			if (!n)
				break;
			if (!s->sure)
				nj_confirm(d);
			s->sure = true;
		} else if (dir == NJ_RESP) {
			server_wrote(d, s, v.data[at]);
		} else {
			client_wrote(s, v.data[at]);
		}
		at += n;
	}
	nj_consume(d, at);
	return NJ_MORE;
}

static enum nj_verdict
telnet_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct state *s = nj_state(d);

	(void)v;
	(void)len;
	if (dir == NJ_RESP)
		s->tail_n = 0;
	else
		s->line.n = 0;
	return NJ_MORE;
}

static void
telnet_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	if (s->sure && (s->step == ANSWERED || s->user.n || !s->told))
		tell(d, s, -1);
}

/* Without a command in its first bytes only a prompt on the port is Telnet. */
static enum nj_verdict
telnet_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	(void)d;
	(void)dir;
	if (v.data[0] != IAC)
		return NJ_REJECT;
	if (v.len < 3)
		return NJ_MORE;
	return v.data[1] >= SB && v.data[1] != IAC && v.data[2] <= 50
		       ? NJ_ACCEPT
		       : NJ_REJECT;
}

const struct nj_dissector nj_dissector_telnet = {
	.name = "telnet",
	.title = "Telnet",
	.ports = (const struct nj_port[]){ { NJ_TCP, PORT }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\xff[\\xfb-\\xfe][\\x00-\\x31]"
					   "\\xff[\\xfa-\\xfe][\\x00-\\x31]",
						 NJ_SIG_TCP },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &telnet_desc, NULL },
	.state_bytes = sizeof(struct state),
	.probe = telnet_probe,
	.stream = telnet_stream,
	.gap = telnet_gap,
	.end = telnet_end,
};
