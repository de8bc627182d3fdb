/*
 * tacacs.c - TACACS+ (RFC 8907): who administers which network device from
 * where. The body of a packet is hidden by a keyed pad, its head is not; a
 * server that was set up without a key sends bodies in the clear, and that is
 * a fact worth a field.
 *
 * One record a session, which is one log-in, one question whether a command
 * is allowed, or one note for the books.
 */
#include "engine/dissect/dissector.h"

#define TACACS(F, tag)                                                         \
	F(tag, 1, STR, type, NJ_INDEX | NJ_LEARN,                              \
		"authentication, authorization or accounting")                 \
	F(tag, 2, U32, session_id, NJ_INDEX, "Number of the session")          \
	F(tag, 3, STR, version, NJ_LEARN, "Protocol version")                  \
	F(tag, 4, BOOL, encrypted, NJ_INDEX | NJ_LEARN, "Bodies are hidden")   \
	F(tag, 5, BOOL, single_connection, 0, "Sessions share connections")    \
	F(tag, 6, U64, packets, NJ_LEARN, "Packets of the session")            \
	F(tag, 7, IVAL, duration, 0, "From the first packet to the last")      \
	F(tag, 8, STR, user, NJ_INDEX | NJ_PII, "User, where not hidden")      \
	F(tag, 9, STR, port, 0, "Line or terminal, where not hidden")          \
	F(tag, 10, STR, rem_addr, NJ_INDEX, "User's host, where not hidden")   \
	F(tag, 11, U8, priv_lvl, NJ_OPT | NJ_LEARN, "Privilege level")         \
	F(tag, 12, STR, auth_type, NJ_LEARN, "ASCII, PAP, CHAP ...")           \
	F(tag, 13, VSTR, args, NJ_PII, "Command and what else was asked")      \
	F(tag, 14, STR, status, NJ_INDEX | NJ_LEARN, "What the server said")   \
	F(tag, 15, STR, server_msg, 0, "What the user is told")                \
	F(tag, 16, BOOL, password_seen, NJ_OPT | NJ_INDEX,                     \
		"A password came in clear")

NJ_EVENT(tacacs, TACACS, "A session of TACACS+");

enum {
	PORT = 49,
	HEAD_BYTES = 12,
	BODY_MAX = 32 * 1024,
	LENGTH_MAX = 65535 + 16,
	SESSIONS_MAX = 16,
	TEXT_MAX = 256,
	ARGS_MAX = 32,
	FLAG_CLEAR = 1,
	FLAG_SINGLE = 4,
	AUTHEN = 1,
	AUTHOR = 2,
	ACCT = 3,
	TYPE_PAP = 2
};

enum { ODD_PACKET, ODD_LARGE };
static const struct nj_oddity oddities[] = {
	[ODD_PACKET] = { "tacacs_packet", "What should be TACACS+ is not" },
	[ODD_LARGE] = { "tacacs_large", "A packet longer than is read" },
	{ 0 },
};

struct session {
	struct tacacs_event ev;
	int64_t first_ns;
	struct nj_view args[ARGS_MAX];
	bool open;
};

struct tacacs {
	struct session *sessions; /* kept, SESSIONS_MAX */
	unsigned next;            /* the one to give up for a new one */
	bool sure;
};

struct head {
	uint8_t version, type, seq, flags;
	uint32_t session, len;
};

/* ---- Sessions ---- */

static void
finish(struct nj_dctx *d, struct session *s)
{
	if (!s->open)
		return;
	(void)nj_emit_at(d, &tacacs_desc, &s->ev, s->first_ns);
	nj_drop(d, (void *)(uintptr_t)s->ev.user.data);
	nj_drop(d, (void *)(uintptr_t)s->ev.port.data);
	nj_drop(d, (void *)(uintptr_t)s->ev.rem_addr.data);
	nj_drop(d, (void *)(uintptr_t)s->ev.server_msg.data);
	for (uint32_t i = 0; i < s->ev.args.n; i++)
		nj_drop(d, (void *)(uintptr_t)s->args[i].data);
	memset(s, 0, sizeof(*s));
}

static struct session *
session_of(struct nj_dctx *d, struct tacacs *t, const struct head *h)
{
	static const char *const types[] = { [AUTHEN] = "authentication",
		[AUTHOR] = "authorization",
		[ACCT] = "accounting" };
	struct session *s;

	if (!t->sessions) {
		t->sessions = nj_keep(d, SESSIONS_MAX * sizeof(*s));
		if (!t->sessions)
			return NULL;
		memset(t->sessions, 0, SESSIONS_MAX * sizeof(*s));
	}
	for (unsigned i = 0; i < SESSIONS_MAX; i++) {
		s = &t->sessions[i];
		if (s->open && s->ev.session_id == h->session)
			return s;
	}
	s = &t->sessions[t->next];
	t->next = (t->next + 1) % SESSIONS_MAX;
	finish(d, s);
	s->open = true;
	s->first_ns = nj_now(d);
	s->ev.session_id = h->session;
	s->ev.type = nj_str(types[h->type]);
	s->ev.version = h->version & 1 ? NJ_LIT("12.1") : NJ_LIT("12.0");
	s->ev.encrypted = !(h->flags & FLAG_CLEAR);
	return s;
}

/* ---- Bodies in the clear ---- */

static void
text_set(struct nj_dctx *d, struct nj_view *to, struct nj_view v)
{
	if (!to->data && v.len)
		*to = nj_keep_view(d, v, TEXT_MAX);
}

static const char *
auth_type(uint8_t type)
{
	static const char *const names[] = { "not set", "ASCII", "PAP", "CHAP",
		"ARAP", "MS-CHAP", "MS-CHAPv2" };

	return type < nj_countof(names) ? names[type] : "unknown";
}

static void
args_read(struct nj_dctx *d, struct session *s, const uint8_t *sizes,
	unsigned count, struct nj_cur *c)
{
	for (unsigned i = 0; i < count && s->ev.args.n < ARGS_MAX; i++) {
		struct nj_view v = nj_cur_take(c, sizes[i]), kept;

		if (c->bad)
			break;
		kept = nj_keep_view(d, v, TEXT_MAX);
		if (kept.data)
			s->args[s->ev.args.n++] = kept;
	}
	s->ev.args.v = s->args;
}

/* The user, the line and the host stand in all three requests; what comes
 * before and between differs. */
static void
names_read(struct nj_dctx *d, struct session *s, const uint8_t sizes[3],
	struct nj_cur *c)
{
	text_set(d, &s->ev.user, nj_cur_take(c, sizes[0]));
	text_set(d, &s->ev.port, nj_cur_take(c, sizes[1]));
	text_set(d, &s->ev.rem_addr, nj_cur_take(c, sizes[2]));
}

static void
authen_start(struct nj_dctx *d, struct session *s, struct nj_cur *c)
{
	uint8_t level, type, sizes[3], data;

	nj_cur_skip(c, 1);
	level = nj_cur_u8(c);
	type = nj_cur_u8(c);
	nj_cur_skip(c, 1);
	for (unsigned i = 0; i < 3; i++)
		sizes[i] = nj_cur_u8(c);
	data = nj_cur_u8(c);
	if (c->bad)
		return;
	nj_set(&s->ev, tacacs, priv_lvl, level);
	s->ev.auth_type = nj_str(auth_type(type));
	names_read(d, s, sizes, c);
	if (type == TYPE_PAP && data)
		nj_set(&s->ev, tacacs, password_seen, true);
}

static void
authen_reply(struct nj_dctx *d, struct session *s, struct nj_cur *c)
{
	static const char *const names[] = { "unknown", "pass", "fail",
		"getdata", "getuser", "getpass", "restart", "error" };
	uint8_t status = nj_cur_u8(c);
	uint16_t words;

	nj_cur_skip(c, 1);
	words = nj_cur_u16(c);
	nj_cur_skip(c, 2);
	if (c->bad)
		return;
	s->ev.status =
		status == 0x21
			? NJ_LIT("follow")
			: nj_str(names[status < nj_countof(names) ? status
								  : 0]);
	text_set(d, &s->ev.server_msg, nj_cur_take(c, words));
}

/* An answer to "getpass": what is in it is not looked at. */
static void
authen_continue(struct nj_dctx *d, struct session *s, struct nj_cur *c)
{
	uint16_t words = nj_cur_u16(c);

	nj_cur_skip(c, 3);
	if (c->bad || !words)
		return;
	if (nj_view_eq(s->ev.status, NJ_LIT("getpass")))
		nj_set(&s->ev, tacacs, password_seen, true);
	else if (nj_view_eq(s->ev.status, NJ_LIT("getuser")))
		text_set(d, &s->ev.user, nj_cur_take(c, words));
}

static void
request(struct nj_dctx *d, struct session *s, uint8_t type, struct nj_cur *c)
{
	uint8_t level, kind, sizes[3], count;
	struct nj_view arg_sizes;

	nj_cur_skip(c, type == ACCT ? 2 : 1);
	level = nj_cur_u8(c);
	kind = nj_cur_u8(c);
	nj_cur_skip(c, 1);
	for (unsigned i = 0; i < 3; i++)
		sizes[i] = nj_cur_u8(c);
	count = nj_cur_u8(c);
	arg_sizes = nj_cur_take(c, count);
	if (c->bad)
		return;
	nj_set(&s->ev, tacacs, priv_lvl, level);
	s->ev.auth_type = nj_str(auth_type(kind));
	names_read(d, s, sizes, c);
	args_read(d, s, arg_sizes.data, count, c);
}

static void
author_reply(struct nj_dctx *d, struct session *s, struct nj_cur *c)
{
	uint8_t status = nj_cur_u8(c), count = nj_cur_u8(c);
	uint16_t words = nj_cur_u16(c);

	nj_cur_skip(c, 2u + count);
	if (c->bad)
		return;
	s->ev.status = status == 1      ? NJ_LIT("pass_add")
		       : status == 2    ? NJ_LIT("pass_repl")
		       : status == 0x10 ? NJ_LIT("fail")
		       : status == 0x21 ? NJ_LIT("follow")
					: NJ_LIT("error");
	text_set(d, &s->ev.server_msg, nj_cur_take(c, words));
}

static void
acct_reply(struct nj_dctx *d, struct session *s, struct nj_cur *c)
{
	uint16_t words = nj_cur_u16(c);
	uint8_t status;

	nj_cur_skip(c, 2);
	status = nj_cur_u8(c);
	if (c->bad)
		return;
	s->ev.status = status == 1 ? NJ_LIT("success") : NJ_LIT("error");
	text_set(d, &s->ev.server_msg, nj_cur_take(c, words));
}

/* Odd numbers are the client's, even ones the server's (RFC 8907 4.1). */
static void
body_read(struct nj_dctx *d, struct session *s, const struct head *h,
	struct nj_view body)
{
	struct nj_cur c = nj_cur(body);
	bool reply = !(h->seq & 1);

	if (h->type == AUTHEN && reply)
		authen_reply(d, s, &c);
	else if (h->type == AUTHEN && h->seq == 1)
		authen_start(d, s, &c);
	else if (h->type == AUTHEN)
		authen_continue(d, s, &c);
	else if (h->type == AUTHOR && reply)
		author_reply(d, s, &c);
	else if (h->type == ACCT && reply)
		acct_reply(d, s, &c);
	else
		request(d, s, h->type, &c);
}

/* ---- Packets ---- */

static bool
head_read(struct head *h, struct nj_cur *c)
{
	h->version = nj_cur_u8(c);
	h->type = nj_cur_u8(c);
	h->seq = nj_cur_u8(c);
	h->flags = nj_cur_u8(c);
	h->session = nj_cur_u32(c);
	h->len = nj_cur_u32(c);
	return !c->bad && (h->version == 0xc0 || h->version == 0xc1) &&
	       h->type >= AUTHEN && h->type <= ACCT && h->seq &&
	       !(h->flags & ~(FLAG_CLEAR | FLAG_SINGLE)) &&
	       h->len <= LENGTH_MAX;
}

static void
packet(struct nj_dctx *d, struct tacacs *t, const struct head *h,
	struct nj_view body)
{
	struct session *s = session_of(d, t, h);

	t->sure = true;
	nj_confirm(d);
	if (!s)
		return;
	s->ev.packets++;
	s->ev.duration = nj_now(d) - s->first_ns;
	if (h->flags & FLAG_SINGLE)
		s->ev.single_connection = true;
	if (h->flags & FLAG_CLEAR)
		body_read(d, s, h, body);
}

static enum nj_verdict
tacacs_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct tacacs *t = nj_state(d);

	while (v.len >= HEAD_BYTES) {
		struct nj_cur c = nj_cur(v);
		size_t used;
		struct head h;

		if (!head_read(&h, &c) ||
			(!t->sure && (h.seq != 1 || dir != NJ_ORIG))) {
			if (!t->sure)
				return NJ_REJECT;
			nj_odd(d, ODD_PACKET);
			return NJ_BROKEN;
		}
		if (h.len > BODY_MAX)
			nj_odd(d, ODD_LARGE);
		else if (nj_cur_left(&c) < h.len)
			return NJ_MORE;
		packet(d, t, &h,
			h.len > BODY_MAX ? (struct nj_view){ 0 }
					 : nj_cur_take(&c, h.len));
		used = HEAD_BYTES + (size_t)h.len;
		nj_consume(d, nj_min(used, v.len));
		if (used > v.len)
			nj_skip(d, used - v.len);
		v = nj_sub(v, used, v.len);
	}
	return NJ_MORE;
}

static void
tacacs_end(struct nj_dctx *d)
{
	struct tacacs *t = nj_state(d);

	for (unsigned i = 0; t->sessions && i < SESSIONS_MAX; i++)
		finish(d, &t->sessions[(t->next + i) % SESSIONS_MAX]);
}

const struct nj_dissector nj_dissector_tacacs = {
	.name = "tacacs",
	.title = "TACACS+",
	.ports = (const struct nj_port[]){ { NJ_TCP, PORT }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^[\\xc0\\xc1][\\x01-\\x03]\\x01"
			  "[\\x00\\x01\\x04\\x05]....\\x00\\x00",
				NJ_SIG_TCP | NJ_SIG_ORIG },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &tacacs_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct tacacs),
	.buffer_max = 48 * 1024,
	.stream = tacacs_stream,
	.end = tacacs_end,
};
