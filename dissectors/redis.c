/*
 * redis.c - Redis and its kin (Valkey, KeyDB): the serialization protocols
 * RESP2 and RESP3 (Redis documentation, "Redis serialization protocol
 * specification") and inline commands, one record for each command with its
 * reply.
 *
 * Commands may be sent far ahead of their replies. Nothing that may be a
 * password is kept: AUTH says who, CONFIG what it sets. Log and field names
 * are Zeek's; those from user on are ours.
 *
 * Not done: what a replica is sent after PSYNC; MONITOR's lines.
 */
#include <stdlib.h>

#include "dissectors/shared/redis_cmd.h"
#include "dissectors/shared/redis_resp.h"
#include "engine/dissect/dissector.h"

#define REDIS(F, tag)                                                          \
	F(tag, 1, STR, cmd__name, NJ_INDEX | NJ_LEARN, "The command")          \
	F(tag, 2, STR, cmd__key, NJ_INDEX, "The key that it is about")         \
	F(tag, 3, STR, cmd__value, NJ_PII, "The value that goes with it")      \
	F(tag, 4, BOOL, success, NJ_OPT | NJ_INDEX, "False: an error came")    \
	F(tag, 5, STR, reply__value, NJ_PII, "Beginning of the reply")         \
	F(tag, 6, STR, user, NJ_INDEX | NJ_PII, "User who logs in")            \
	F(tag, 7, BOOL, password, NJ_OPT | NJ_INDEX,                           \
		"Was a password sent? (It is not kept.)")                      \
	F(tag, 8, VSTR, args, NJ_INDEX, "Arguments of administration")         \
	F(tag, 9, IVAL, latency, NJ_OPT | NJ_LEARN, "From command to reply")   \
	F(tag, 10, U64, reply_len, NJ_OPT | NJ_LEARN,                          \
		"Bytes of text in the reply, all elements together")

NJ_EVENT(redis, REDIS, "A command to a Redis server");

enum { PENDING_MAX = 4096 };

enum { ODD_REQUEST, ODD_REPLY, ODD_PIPELINE };
static const struct nj_oddity oddities[] = {
	[ODD_REQUEST] = { "redis_request", "A request that is not one" },
	[ODD_REPLY] = { "redis_reply", "A reply that is not one" },
	[ODD_PIPELINE] = { "Redis_excessive_pipelining",
		"More commands without replies than are remembered" },
	{ 0 },
};

struct pending {
	struct pending *next;
	int64_t ts_ns;
	const struct nj_redis_known *known;
	bool silent; /* no reply will come */
	bool password, secret_reply;
	uint8_t arg_count;
	struct nj_view name, key, value, user;
	struct nj_view args[NJ_REDIS_ARGS_MAX];
	uint8_t bytes[]; /* that the views point to */
};

struct redis {
	struct nj_redis_resp side[2];
	struct pending *first, *last;
	uint32_t count;
	uint64_t early; /* commands whose record did not wait for a reply */
	bool sure;      /* it is Redis */
	bool subscribed, silent, replica;
	uint8_t skip; /* commands whose reply CLIENT REPLY SKIP suppresses */
};

/* ---- Records ---- */

static void
emit(struct nj_dctx *d, const struct pending *p, const struct nj_redis_resp *r)
{
	struct redis_event ev = { .cmd__name = p->name,
		.cmd__key = p->key,
		.cmd__value = p->value,
		.user = p->user,
		.args = { p->arg_count ? p->args : NULL, p->arg_count } };

	if (p->password)
		nj_set(&ev, redis, password, true);
	if (r) {
		nj_set(&ev, redis, success, !r->error);
		nj_set(&ev, redis, latency, nj_now(d) - p->ts_ns);
		nj_set(&ev, redis, reply_len, r->text_len);
		if (!p->secret_reply || r->error)
			ev.reply__value = nj_redis_resp_text(r);
	}
	(void)nj_emit_at(d, &redis_desc, &ev, p->ts_ns);
}

/* The oldest command's record; r: its reply, or NULL. */
static void
shift(struct nj_dctx *d, struct redis *s, const struct nj_redis_resp *r)
{
	struct pending *p = s->first;

	s->first = p->next;
	if (!s->first)
		s->last = NULL;
	s->count--;
	emit(d, p, r);
	nj_drop(d, p);
}

/* Those that nobody answers do not wait. */
static void
shift_silent(struct nj_dctx *d, struct redis *s)
{
	while (s->sure && s->first && s->first->silent)
		shift(d, s, NULL);
}

/* No room: what waits is written as far as it is known. */
static void
shift_early(struct nj_dctx *d, struct redis *s)
{
	nj_odd(d, ODD_PIPELINE);
	while (s->first) {
		s->early += !s->first->silent;
		shift(d, s, NULL);
	}
}

/* ---- Commands ---- */

static struct nj_view
copy(uint8_t **to, struct nj_view v)
{
	struct nj_view out = { *to, v.len };

	if (!v.data)
		return v;
	if (v.len)
		memcpy(*to, v.data, v.len);
	*to += v.len;
	return out;
}

static struct pending *
pending_make(struct nj_dctx *d, struct redis *s, const struct nj_redis_cmd *c)
{
	size_t n = c->name.len + c->key.len + c->value.len + c->user.len;
	struct pending *p;
	uint8_t *to;

	for (unsigned i = 0; i < c->arg_count; i++)
		n += c->args[i].len;
	p = s->count < PENDING_MAX ? nj_keep(d, sizeof(*p) + n) : NULL;
	if (!p && s->first) {
		shift_early(d, s);
		p = nj_keep(d, sizeof(*p) + n);
	}
	if (!p)
		return NULL;
	*p = (struct pending){ .ts_ns = nj_now(d), .known = c->known };
	to = p->bytes;
	p->name = copy(&to, c->name);
	p->key = copy(&to, c->key);
	p->value = copy(&to, c->value);
	p->user = copy(&to, c->user);
	for (unsigned i = 0; i < c->arg_count; i++)
		p->args[i] = copy(&to, c->args[i]);
	p->arg_count = c->arg_count;
	p->password = c->password;
	p->secret_reply = c->secret_reply;
	return p;
}

/* CLIENT REPLY ON, OFF or SKIP. Gives whether this command is answered. */
static bool
reply_mode(struct redis *s, const struct nj_redis_cmd *c)
{
	bool answered = !s->silent && !s->skip;

	if (s->skip)
		s->skip--;
	switch (c->reply) {
	case NJ_REDIS_REPLY_ON:
		s->silent = false;
		return true;
	case NJ_REDIS_REPLY_OFF:
		s->silent = true;
		return false;
	case NJ_REDIS_REPLY_SKIP:
		s->skip = 1;
		return false;
	default:
		return answered;
	}
}

static void
commanded(struct nj_dctx *d, struct redis *s, const struct nj_redis_resp *r)
{
	struct nj_redis_cmd c;
	struct pending *p;

	if (!nj_redis_cmd(&c, r))
		return; /* an empty line, which is allowed */
	if (r->multibulk && !s->sure) {
		s->sure = true;
		nj_confirm(d);
	}
	p = pending_make(d, s, &c);
	if (!p)
		return;
	p->silent = !reply_mode(s, &c);
	if (c.known && c.known->flags & NJ_REDIS_SUBSCRIBES) {
		/* Confirmed by messages of their own kind. */
		s->subscribed = true;
		p->silent = true;
	}
	if (c.known && c.known->flags & NJ_REDIS_REPLICATES)
		s->replica = true;
	if (s->last)
		s->last->next = p;
	else
		s->first = p;
	s->last = p;
	s->count++;
	shift_silent(d, s);
}

/* ---- Replies ---- */

/* A message to a subscriber, which answers nothing. */
static bool
is_push(const struct redis *s, const struct nj_redis_resp *r)
{
	static const char *const kinds[] = { "[message, ", "[pmessage, ",
		"[smessage, ", "[subscribe, ", "[psubscribe, ", "[ssubscribe, ",
		"[unsubscribe, ", "[punsubscribe, ", "[sunsubscribe, " };
	struct nj_view text = nj_redis_resp_text(r);

	if (r->type == '>')
		return true;
	if (!s->subscribed || r->type != '*')
		return false;
	for (unsigned i = 0; i < nj_countof(kinds); i++)
		if (nj_view_starts(text, nj_str(kinds[i])))
			return true;
	return false;
}

static enum nj_verdict
replied(struct nj_dctx *d, struct redis *s, const struct nj_redis_resp *r)
{
	bool replica = false;

	if (!s->sure) {
		s->sure = true;
		nj_confirm(d);
	}
	shift_silent(d, s);
	if (is_push(s, r))
		return NJ_MORE;
	if (s->early) {
		s->early--;
		return NJ_MORE;
	}
	/* MONITOR's lines answer nothing either. */
	if (!s->first)
		return NJ_MORE;
	replica = s->first->known &&
		  s->first->known->flags & NJ_REDIS_REPLICATES && !r->error;
	shift(d, s, r);
	shift_silent(d, s);
	return replica ? NJ_DONE : NJ_MORE;
}

/* ---- The stream ---- */

static enum nj_verdict
redis_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct redis *s = nj_state(d);
	struct nj_redis_resp *r = &s->side[dir];
	enum nj_verdict verdict = NJ_MORE;

	r->request = dir == NJ_ORIG;
	while (v.len && verdict == NJ_MORE) {
		size_t used = 0;
		enum nj_redis_step step = nj_redis_resp(r, d, v, &used);

		nj_consume(d, used);
		v = nj_sub(v, used, v.len);
		if (step == NJ_REDIS_WRONG) {
			if (!s->sure)
				return NJ_REJECT;
			nj_odd(d, r->request ? ODD_REQUEST : ODD_REPLY);
			return NJ_BROKEN;
		}
		if (step == NJ_REDIS_SHORT)
			break;
		if (step != NJ_REDIS_WHOLE)
			continue;
		if (r->request)
			commanded(d, s, r);
		else
			verdict = replied(d, s, r);
		nj_redis_resp_reset(r);
	}
	return verdict;
}

static void
redis_end(struct nj_dctx *d)
{
	struct redis *s = nj_state(d);

	while (s->sure && s->first)
		shift(d, s, NULL);
}

const struct nj_dissector nj_dissector_redis = {
	.name = "redis",
	.title = "Redis",
	.ports = (const struct nj_port[]){ { NJ_TCP, 6379 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^\\*[1-9][0-9]{0,5}\\r\\n\\$[1-9][0-9]{0,1}\\r\\n"
			  "[A-Za-z][A-Za-z._-]+\\r\\n",
				NJ_SIG_ORIG },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &redis_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct redis),
	.stream = redis_stream,
	.end = redis_end,
};
