/*
 * rlogin.c - the remote log-ins of BSD: rlogin (RFC 1282), rsh and rexec (as
 * their manuals say), one record a session.
 *
 * Why we tell it: they trust addresses or send passwords in the clear, and
 * what is run stands in the first bytes. A password is never kept.
 */
#include "engine/dissect/dissector.h"

#define RLOGIN(F, tag)                                                         \
	F(tag, 1, STR, kind, NJ_INDEX | NJ_LEARN, "rlogin, rsh or rexec")      \
	F(tag, 2, STR, client_user, NJ_INDEX | NJ_PII, "Who asks")             \
	F(tag, 3, STR, server_user, NJ_INDEX | NJ_PII, "As whom")              \
	F(tag, 4, STR, terminal, 0, "Terminal and its speed")                  \
	F(tag, 5, STR, command, NJ_INDEX, "What is to be run")                 \
	F(tag, 6, BOOL, password_seen, NJ_OPT, "A password was in the clear")

NJ_EVENT(rlogin, RLOGIN, "One session of rlogin, rsh or rexec");

enum { REXEC = 512, RLOGIN_PORT = 513, RSH = 514, FIRST_MAX = 2048 };

static bool
is_text(struct nj_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.data[i] < ' ' || v.data[i] == 0x7f)
			return false;
	return v.len != 0;
}

/* Up to the next NUL; unset when there is none yet. */
static struct nj_view
text0(struct nj_cur *c)
{
	struct nj_view rest = nj_cur_rest(c);
	size_t n = nj_view_chr(rest, 0);
	struct nj_view v = { 0 };

	if (n == SIZE_MAX) {
		c->bad = true;
		return v;
	}
	v = nj_cur_take(c, n);
	nj_cur_skip(c, 1);
	return v;
}

/* The port for errors that rsh and rexec begin with: digits, or nothing. */
static bool
is_port(struct nj_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.data[i] < '0' || v.data[i] > '9')
			return false;
	return v.len <= 5;
}

static enum nj_verdict
first_read(struct nj_cur *c, uint16_t port, struct rlogin_event *ev)
{
	struct nj_view head = text0(c), second = text0(c), third = text0(c);
	struct nj_view fourth = port == RLOGIN_PORT ? second : text0(c);

	if (head.len > 5 || !is_port(head))
		return NJ_REJECT;
	if (c->bad)
		return NJ_MORE;
	if (port == RLOGIN_PORT) {
		struct nj_view terminal = text0(c);

		if (c->bad)
			return NJ_MORE;
		ev->kind = NJ_LIT("rlogin");
		ev->client_user = second;
		ev->server_user = third;
		ev->terminal = terminal;
		return !head.len && is_text(second) && is_text(third)
			       ? NJ_ACCEPT
			       : NJ_REJECT;
	}
	ev->kind = port == RSH ? NJ_LIT("rsh") : NJ_LIT("rexec");
	ev->command = fourth;
	if (port == RSH) {
		ev->client_user = second;
		ev->server_user = third;
	} else {
		ev->server_user = second;
		nj_set(ev, rlogin, password_seen, third.len != 0);
	}
	return is_text(second) && is_text(fourth) ? NJ_ACCEPT : NJ_REJECT;
}

static enum nj_verdict
rlogin_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct rlogin_event ev = { 0 };
	struct nj_cur c = nj_cur(v);
	enum nj_verdict verdict;

	if (dir == NJ_RESP) {
		/* A server answers with a NUL, or an error's text. */
		nj_consume(d, v.len);
		return NJ_MORE;
	}
	verdict = first_read(&c, nj_port_of(d, NJ_RESP), &ev);
	if (verdict == NJ_MORE && v.len > FIRST_MAX)
		verdict = NJ_REJECT;
	if (verdict != NJ_ACCEPT)
		return verdict;
	(void)nj_emit(d, &rlogin_desc, &ev);
	return NJ_DONE;
}

/* A NUL after at most five digits; syslog shares a port with rsh. */
static enum nj_verdict
rlogin_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	size_t n = nj_view_chr(nj_sub(v, 0, 6), 0);

	uint16_t port = nj_port_of(d, NJ_RESP);

	if (dir == NJ_RESP || port < REXEC || port > RSH)
		return NJ_REJECT;
	if (n == SIZE_MAX)
		return v.len < 6 && is_port(v) ? NJ_MORE : NJ_REJECT;
	return is_port(nj_sub(v, 0, n)) ? NJ_ACCEPT : NJ_REJECT;
}

const struct nj_dissector nj_dissector_rlogin = {
	.name = "rlogin",
	.title = "rlogin, rsh and rexec",
	.ports = (const struct nj_port[]){ { NJ_TCP, REXEC },
		{ NJ_TCP, RLOGIN_PORT }, { NJ_TCP, RSH }, { 0 } },
	/* The port decides, but who has a probe alone is asked of all. */
	.sigs =
		(const struct nj_sig[]){
			{ "^[0-9]{0,5}\\x00[!-~]", NJ_SIG_ORIG }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &rlogin_desc, NULL },
	.probe = rlogin_probe,
	.stream = rlogin_stream,
};
