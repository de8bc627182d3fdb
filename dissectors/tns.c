/*
 * tns.c - Transparent Network Substrate, by which clients connect to Oracle
 * databases (Oracle Net; its packets are known from the JDBC thin driver's and
 * others' sources and from the Oracle Net Services guide): which service is
 * asked for, by which program of which user on which host, and whether the
 * listener agrees.
 *
 * Not done: what is said once the connection stands (TTC), which has no public
 * description; TLS goes another way from the first byte on.
 */
#include "dissectors/shared/pass.h"

#define TNS(F, tag)                                                            \
	F(tag, 1, STR, command, NJ_INDEX, "connect, or what a listener does")  \
	F(tag, 2, STR, service, NJ_INDEX, "Service name or SID asked for")     \
	F(tag, 3, STR, program, NJ_INDEX, "Program of the client")             \
	F(tag, 4, STR, host, NJ_INDEX | NJ_PII, "What the client's host says") \
	F(tag, 5, STR, user, NJ_INDEX | NJ_PII, "User at the client's host")   \
	F(tag, 6, BOOL, success, NJ_OPT | NJ_INDEX, "Did the listener agree?") \
	F(tag, 7, STR, response, NJ_INDEX, "accept, refuse or redirect")       \
	F(tag, 8, U32, error_code, NJ_OPT | NJ_INDEX, "ORA number of refusal") \
	F(tag, 9, STR, redirect, NJ_INDEX, "Where one is sent to")             \
	F(tag, 10, U16, version, NJ_OPT | NJ_LEARN, "Version of the protocol") \
	F(tag, 11, IVAL, latency, NJ_OPT | NJ_LEARN, "From asking to answer")

NJ_EVENT(tns, TNS, "A connection to an Oracle listener");

enum {
	HEAD = 8,
	CONNECT_BYTES = 34, /* without its text, at least */
	LOOK_BYTES = 4096,
	NAME_BYTES = 256,
	CONNECT = 1, /* packet types */
	ACCEPT = 2,
	REFUSE = 4,
	REDIRECT = 5,
	DATA = 6,
	TYPE_MAX = 15
};

enum { ODD_PACKET };
static const struct nj_oddity oddities[] = {
	[ODD_PACKET] = { "tns_packet", "A packet that cannot be" },
	{ 0 },
};

struct tns {
	bool open, sure;
	bool apart; /* the text comes in a packet of its own */
	uint16_t version;
	struct nj_view command, service, program, host, user; /* kept */
	int64_t ts_ns;
};

/* What a listener answers. */
struct answer {
	const char *response;
	bool success;
	uint32_t code;
	struct nj_view redirect;
};

static void
finish(struct nj_dctx *d, struct tns *s, const struct answer *a)
{
	struct tns_event ev = { .command = s->command,
		.service = s->service,
		.program = s->program,
		.host = s->host,
		.user = s->user };

	if (!s->open)
		return;
	nj_set(&ev, tns, version, s->version);
	if (a) {
		ev.response = nj_str(a->response);
		ev.redirect = nj_sub(a->redirect, 0, NAME_BYTES);
		nj_set(&ev, tns, success, a->success);
		nj_set(&ev, tns, latency, nj_now(d) - s->ts_ns);
	}
	if (a && a->code)
		nj_set(&ev, tns, error_code, a->code);
	(void)nj_emit_at(d, &tns_desc, &ev, s->ts_ns);
	s->open = false;
}

/* The value at a name in "(A=(B=x)(C=y))", wherever that is. */
static struct nj_view
value_at(struct nj_view v, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i + n < v.len; i++) {
		struct nj_view at = nj_sub(v, i, n), rest;

		if (v.data[i] != '(' || !nj_view_caseeq(at, nj_str(name)))
			continue;
		rest = nj_sub(v, i + n, v.len);
		rest = nj_sub(rest, 0, nj_view_chr(rest, ')'));
		if (rest.len && *rest.data != '(')
			return nj_view_trim(rest);
	}
	return (struct nj_view){ 0 };
}

static void
asked(struct nj_dctx *d, struct tns *s, struct nj_view text)
{
	size_t cid = nj_view_find(text, NJ_LIT("CID="));
	struct nj_view client = cid == SIZE_MAX ? (struct nj_view){ 0 }
						: nj_sub(text, cid, text.len);
	struct nj_view service = value_at(text, "(SERVICE_NAME=");
	struct nj_view command = value_at(text, "(COMMAND=");

	if (!service.len)
		service = value_at(text, "(SID=");
	s->service = nj_keep_view(d, service, NAME_BYTES);
	/* Addresses have hosts too. */
	s->program = nj_keep_view(d, value_at(client, "(PROGRAM="), NAME_BYTES);
	s->host = nj_keep_view(d, value_at(client, "(HOST="), NAME_BYTES);
	s->user = nj_keep_view(d, value_at(client, "(USER="), NAME_BYTES);
	s->command = nj_keep_view(
		d, command.len ? command : NJ_LIT("connect"), NAME_BYTES);
}

/* False: no CONNECT. */
static bool
connect(struct nj_dctx *d, struct tns *s, struct nj_view v)
{
	struct nj_cur c = nj_cur(nj_sub(v, HEAD, v.len));
	uint16_t version = nj_cur_u16(&c), len, at;

	nj_cur_skip(&c, 14);
	len = nj_cur_u16(&c);
	at = nj_cur_u16(&c);
	if (c.bad || version < 200 || version > 400 || at < CONNECT_BYTES)
		return false;
	s->version = version;
	s->apart = len && at >= v.len;
	if (s->open) /* sent again */
		return true;
	s->open = true;
	s->ts_ns = nj_now(d);
	if (!s->apart)
		asked(d, s, nj_sub(v, at, len));
	return true;
}

static enum nj_verdict
answered(struct nj_dctx *d, struct tns *s, uint8_t type, struct nj_view v)
{
	struct answer a = { 0 };
	uint64_t code;

	switch (type) {
	case ACCEPT:
		a.response = "accept";
		a.success = true;
		break;
	case REFUSE:
		a.response = "refuse";
		if (nj_view_u64(value_at(v, "(ERR="), &code) ||
			nj_view_u64(value_at(v, "(CODE="), &code))
			a.code = (uint32_t)nj_min(code, (uint64_t)UINT32_MAX);
		break;
	case REDIRECT:
		a.response = "redirect";
		a.success = true;
		a.redirect = nj_sub(v, HEAD + 2, v.len);
		break;
	default:
		return NJ_MORE;
	}
	finish(d, s, &a);
	/* What follows is not read. */
	return NJ_DONE;
}

static enum nj_verdict
packet(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct tns *s = nj_state(d);
	uint8_t type = v.data[4];

	if (!s->sure) {
		if (dir != NJ_ORIG || type != CONNECT || !connect(d, s, v))
			return NJ_REJECT;
		s->sure = true;
		nj_confirm(d);
		return NJ_MORE;
	}
	if (dir == NJ_RESP)
		return answered(d, s, type, v);
	if (type == CONNECT) {
		(void)connect(d, s, v);
	} else if (type == DATA && s->apart) {
		s->apart = false;
		asked(d, s, nj_sub(v, HEAD + 2, v.len));
	}
	return NJ_MORE;
}

static enum nj_verdict
tns_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct tns *s = nj_state(d);
	enum nj_verdict verdict = NJ_MORE;

	while (v.len >= HEAD && verdict == NJ_MORE) {
		struct nj_cur c = nj_cur(v);
		uint16_t len = nj_cur_u16(&c);
		size_t want = nj_min((size_t)len, (size_t)LOOK_BYTES);

		if (len < HEAD || !v.data[4] || v.data[4] > TYPE_MAX) {
			if (!s->sure)
				return NJ_REJECT;
			nj_odd(d, ODD_PACKET);
			return NJ_BROKEN;
		}
		if (v.len < want) {
			nj_want(d, want);
			break;
		}
		verdict = packet(d, dir, nj_sub(v, 0, want));
		if (verdict != NJ_REJECT)
			nj_pass(d, &v, len);
	}
	return verdict;
}

static void
tns_end(struct nj_dctx *d)
{
	finish(d, nj_state(d), NULL);
}

const struct nj_dissector nj_dissector_tns = {
	.name = "tns",
	.title = "Oracle (TNS)",
	.ports = (const struct nj_port[]){ { NJ_TCP, 1521 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){ /* CONNECT: version, oldest version. */
			{ "^.{2}\\x00\\x00\\x01[\\x00-\\x0f]\\x00\\x00"
			  "\\x01[\\x30-\\x45]\\x01[\\x2c-\\x3f]",
				NJ_SIG_ORIG },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &tns_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct tns),
	.stream = tns_stream,
	.end = tns_end,
};
