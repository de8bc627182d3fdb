/*
 * xmpp.c - chat by XMPP (RFC 6120), one record a stream, and TLS where it is
 * asked for.
 *
 * Why we tell it: which server, which way of logging in, and whether a name
 * and password went in the clear. Phones keep such streams for what is pushed
 * to them. Not done: stanzas, which are said in private.
 */
#include "engine/dissect/dissector.h"

#define XMPP(F, tag)                                                           \
	F(tag, 1, STR, to, NJ_INDEX, "Server that is asked for")               \
	F(tag, 2, STR, from, NJ_INDEX | NJ_PII, "Who asks, or answers")        \
	F(tag, 3, STR, namespace, NJ_LEARN, "jabber:client, jabber:server")    \
	F(tag, 4, BOOL, starttls, 0, "TLS was agreed on")                      \
	F(tag, 5, VSTR, mechanisms, NJ_LEARN,                                  \
		"Ways to log in that are offered")                             \
	F(tag, 6, STR, mechanism, NJ_INDEX | NJ_LEARN,                         \
		"The one that was taken")                                      \
	F(tag, 7, STR, result, NJ_LEARN, "success or failure")                 \
	F(tag, 8, BOOL, password_seen, NJ_OPT, "A password was in the clear")

NJ_EVENT(xmpp, XMPP, "One XMPP stream before it is encrypted");

enum { TAG_MAX = 4096, TEXT_MAX = 256, LOOK_BYTES = 64 * 1024, OFFERED = 8 };

struct state {
	int64_t began;
	struct nj_view to, from, space, mechanism; /* kept */
	struct nj_view offered[OFFERED];           /* kept */
	uint32_t offered_n, looked;
	const char *result;
	bool sure, starttls, password, in_mechanism, told;
};

static void
tell(struct nj_dctx *d, struct state *s)
{
	struct xmpp_event ev = { .to = s->to,
		.from = s->from,
		.namespace = s->space,
		.starttls = s->starttls,
		.mechanism = s->mechanism,
		.result = nj_str(s->result) };

	if (!s->sure || s->told)
		return;
	s->told = true;
	if (s->offered_n)
		ev.mechanisms = (struct nj_vstr){ s->offered, s->offered_n };
	if (s->password)
		nj_set(&ev, xmpp, password_seen, true);
	(void)nj_emit_at(d, &xmpp_desc, &ev, s->began);
}

/* name='value' or name="value" within a tag. */
static struct nj_view
attribute(struct nj_view tag, const char *name)
{
	struct nj_view none = { 0 }, want = nj_str(name), rest = tag;

	for (;;) {
		size_t at = nj_view_find(rest, want);
		struct nj_view v;
		uint8_t quote;

		if (at == SIZE_MAX || !at)
			return none;
		v = nj_sub(rest, at + want.len, rest.len);
		rest = nj_sub(rest, at + 1, rest.len);
		if (v.len < 3 || v.data[0] != '=')
			continue;
		quote = v.data[1];
		if (quote != '\'' && quote != '"')
			continue;
		v = nj_sub(v, 2, v.len);
		at = nj_view_chr(v, quote);
		return at == SIZE_MAX ? none : nj_sub(v, 0, at);
	}
}

static void
keep(struct nj_dctx *d, struct nj_view *to, struct nj_view v)
{
	if (!to->data && v.len)
		*to = nj_keep_view(d, v, TEXT_MAX);
}

/* Is the tag's name the one given? */
static bool
is(struct nj_view tag, const char *name)
{
	struct nj_view n = nj_str(name);

	if (!nj_view_starts(tag, n))
		return false;
	return tag.len == n.len || tag.data[n.len] == ' ' ||
	       tag.data[n.len] == '/' || tag.data[n.len] == '\n' ||
	       tag.data[n.len] == '\r';
}

static void
stream_tag(struct nj_dctx *d, struct state *s, struct nj_view tag)
{
	if (!s->sure) {
		s->began = nj_now(d);
		nj_confirm(d);
	}
	s->sure = true;
	keep(d, &s->to, attribute(tag, " to"));
	keep(d, &s->from, attribute(tag, " from"));
	keep(d, &s->space, attribute(tag, " xmlns"));
}

static void
auth_tag(struct nj_dctx *d, struct state *s, struct nj_view tag)
{
	struct nj_view way = attribute(tag, " mechanism");

	keep(d, &s->mechanism, way);
	if (nj_view_eq(way, NJ_LIT("PLAIN")) ||
		nj_view_eq(way, NJ_LIT("LOGIN")))
		s->password = true;
}

/* True when TLS begins behind this tag. */
static bool
tag_read(
	struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view tag)
{
	if (is(tag, "stream:stream"))
		stream_tag(d, s, tag);
	else if (is(tag, "auth") && dir == NJ_ORIG)
		auth_tag(d, s, tag);
	else if (is(tag, "success"))
		s->result = "success";
	else if (is(tag, "failure"))
		s->result = "failure";
	else if (is(tag, "proceed") && dir == NJ_RESP)
		s->starttls = true;
	s->in_mechanism = dir == NJ_RESP && is(tag, "mechanism");
	return dir == NJ_RESP && is(tag, "proceed");
}

static enum nj_verdict
xmpp_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);

	while (v.len) {
		size_t open = nj_view_chr(v, '<');
		size_t close = nj_view_chr(v, '>');
		struct nj_view text = nj_sub(v, 0, open);

		if (close == SIZE_MAX || open > close) {
			if (v.len > TAG_MAX)
				return s->sure ? NJ_DONE : NJ_REJECT;
			return NJ_MORE;
		}
		if (s->in_mechanism && dir == NJ_RESP && text.len &&
			s->offered_n < OFFERED) {
			s->offered[s->offered_n] =
				nj_keep_view(d, text, TEXT_MAX);
			s->offered_n += s->offered[s->offered_n].data != NULL;
		}
		nj_consume(d, close + 1);
		s->looked += (uint32_t)(close + 1);
		if (tag_read(
			    d, s, dir, nj_sub(v, open + 1, close - open - 1))) {
			tell(d, s);
			return nj_handover(d, "ssl", 0) ? NJ_MORE : NJ_DONE;
		}
		if (s->looked > LOOK_BYTES || s->result)
			return NJ_DONE;
		v = nj_sub(v, close + 1, v.len);
	}
	return NJ_MORE;
}

static void
xmpp_end(struct nj_dctx *d)
{
	tell(d, nj_state(d));
}

const struct nj_dissector nj_dissector_xmpp = {
	.name = "xmpp",
	.title = "XMPP",
	.sigs = (const struct nj_sig[]){ { "^(<\\?xml [^>]{0,100}>\\s{0,4})?"
					   "<stream:stream ",
						 NJ_SIG_TCP },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &xmpp_desc, NULL },
	.state_bytes = sizeof(struct state),
	.stream = xmpp_stream,
	.end = xmpp_end,
};
