/*
 * ident.c - the Identification Protocol (RFC 1413): a server asks the machine
 * that has connected to it who the user behind the connection is.
 *
 * Why we parse it: IRC, mail and FTP servers still ask; the answer names a
 * user of an inside machine to somebody outside, and tells of its system.
 * Not done: nothing. An answer is paired with the oldest question for the same
 * two ports; a question that was not answered is told when the flow ends.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/line.h"

#define IDENT(F, tag)                                                          \
	F(tag, 1, U16, port_on_server, NJ_INDEX,                               \
		"Port on the machine that is asked (id.resp_h)")               \
	F(tag, 2, U16, port_on_client, NJ_INDEX,                               \
		"Port on the machine that asks (id.orig_h)")                   \
	F(tag, 3, STR, opsys, NJ_LEARN, "System that the answer names")        \
	F(tag, 4, STR, charset, 0, "Character set of the name")                \
	F(tag, 5, STR, user, NJ_INDEX | NJ_PII, "User that the answer names")  \
	F(tag, 6, STR, error, NJ_LEARN,                                        \
		"INVALID-PORT, NO-USER, HIDDEN-USER, UNKNOWN-ERROR, X...")     \
	F(tag, 7, IVAL, rtt, NJ_OPT, "From the question to the answer")

NJ_EVENT(ident, IDENT, "A question whose connection it is");

enum {
	LINE_MAX = 1000, /* RFC 1413 section 6 */
	PENDING_MAX = 8
};

enum { ODD_LINE, ODD_UNASKED };
static const struct nj_oddity oddities[] = {
	[ODD_LINE] = { "ident_line", "A line that the protocol does not know" },
	[ODD_UNASKED] = { "ident_unasked", "An answer that nobody asked for" },
	{ 0 }
};

struct ports {
	uint16_t server, client;
};
struct question {
	struct ports ports;
	int64_t ts_ns;
};
struct state {
	struct question pending[PENDING_MAX]; /* oldest first */
	unsigned count;
	bool sure;
	struct nj_line line[2];
};

/* "6193, 23" at the beginning of *v, which is moved past it. */
static bool
take_ports(struct nj_view *v, struct ports *out)
{
	size_t comma = nj_view_chr(*v, ','), colon = nj_view_chr(*v, ':');
	uint64_t server, client;

	colon = nj_min(colon, v->len);
	if (comma >= colon ||
		!nj_view_u64(nj_view_trim(nj_sub(*v, 0, comma)), &server) ||
		!nj_view_u64(
			nj_view_trim(nj_sub(*v, comma + 1, colon - comma - 1)),
			&client) ||
		!server || !client || server > 65535 || client > 65535)
		return false;
	*out = (struct ports){ (uint16_t)server, (uint16_t)client };
	*v = nj_sub(*v, colon, v->len);
	return true;
}

/* ": field" at the beginning of *v, up to the next colon. */
static struct nj_view
take_field(struct nj_view *v)
{
	struct nj_view rest = nj_sub(*v, 1, v->len);
	size_t n = nj_min(nj_view_chr(rest, ':'), rest.len);

	*v = nj_sub(rest, n, rest.len);
	return nj_view_trim(nj_sub(rest, 0, n));
}

static void
forget(struct state *s, unsigned i)
{
	s->count--;
	memmove(&s->pending[i], &s->pending[i + 1],
		(s->count - i) * sizeof(s->pending[0]));
}

static void
tell_unanswered(struct nj_dctx *d, struct state *s)
{
	struct ident_event ev = { .port_on_server = s->pending[0].ports.server,
		.port_on_client = s->pending[0].ports.client };

	(void)nj_emit_at(d, &ident_desc, &ev, s->pending[0].ts_ns);
	forget(s, 0);
}

static bool
question(struct nj_dctx *d, struct state *s, struct nj_view line)
{
	struct question q = { .ts_ns = nj_now(d) };

	if (!take_ports(&line, &q.ports) || line.len)
		return false;
	if (s->count == PENDING_MAX)
		tell_unanswered(d, s);
	s->pending[s->count++] = q;
	return true;
}

/* What follows the ports; false when it is no answer. */
static bool
read_answer(struct ident_event *ev, struct nj_view v)
{
	struct nj_view kind = take_field(&v);
	size_t comma;

	if (nj_view_caseeq(kind, NJ_LIT("ERROR"))) {
		ev->error = take_field(&v);
		return ev->error.len;
	}
	if (!nj_view_caseeq(kind, NJ_LIT("USERID")) || !v.len)
		return false;
	ev->opsys = take_field(&v);
	comma = nj_view_chr(ev->opsys, ',');
	if (comma != SIZE_MAX) {
		ev->charset = nj_view_trim(
			nj_sub(ev->opsys, comma + 1, ev->opsys.len));
		ev->opsys = nj_view_trim(nj_sub(ev->opsys, 0, comma));
	}
	/* All that is left is the name, colons and all. */
	ev->user = nj_view_trim(nj_sub(v, 1, v.len));
	return v.len && ev->opsys.len;
}

static bool
answer(struct nj_dctx *d, struct state *s, struct nj_view line)
{
	struct ident_event ev = { 0 };
	int64_t ts = nj_now(d);
	struct ports ports;
	unsigned i = 0;

	if (!take_ports(&line, &ports) || !read_answer(&ev, line))
		return false;
	while (i < s->count &&
		(s->pending[i].ports.server != ports.server ||
			s->pending[i].ports.client != ports.client))
		i++;
	if (i < s->count) {
		ts = s->pending[i].ts_ns;
		nj_set(&ev, ident, rtt, nj_now(d) - ts);
		forget(s, i);
	}
	ev.port_on_server = ports.server;
	ev.port_on_client = ports.client;
	s->sure = true;
	(void)nj_emit_at(d, &ident_desc, &ev, ts);
	if (!nj_has(&ev, ident, rtt))
		nj_odd(d, ODD_UNASKED);
	return true;
}

static enum nj_verdict
ident_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct nj_line *l = &s->line[dir];
	size_t n;
	bool ok;

	while ((n = nj_line_take(l, v, LINE_MAX))) {
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
		if (!l->text.data)
			continue;
		ok = !l->cut && (dir == NJ_ORIG ? question(d, s, l->text)
						: answer(d, s, l->text));
		if (!ok && !s->sure)
			return NJ_REJECT;
		if (!ok)
			nj_odd_addl(d, ODD_LINE, nj_sub(l->text, 0, 80));
	}
	return NJ_MORE;
}

/* Lost lines are lost questions or answers; the next line begins anew. */
static enum nj_verdict
ident_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct state *s = nj_state(d);

	(void)v;
	(void)len;
	s->line[dir].skip = true;
	return s->sure ? NJ_MORE : NJ_DONE;
}

static void
ident_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	/* Two numbers with a comma are no proof without an answer. */
	while (s->sure && s->count)
		tell_unanswered(d, s);
}

const struct nj_dissector nj_dissector_ident = {
	.name = "ident",
	.title = "Identification Protocol",
	.ports = (const struct nj_port[]){ { NJ_TCP, 113 }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^ {0,2}[0-9]{1,5} {0,2}, {0,2}"
					   "[0-9]{1,5} {0,2}: {0,2}"
					   "(USERID|ERROR) {0,2}:",
						 NJ_SIG_RESP | NJ_SIG_NOCASE },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &ident_desc, 0 },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.stream = ident_stream,
	.gap = ident_gap,
	.end = ident_end,
};
