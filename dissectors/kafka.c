/*
 * kafka.c - Apache Kafka's protocol (Apache Kafka documentation, "Kafka
 * protocol guide"), one record for each request with its answer: which client
 * does what to which topic or group, and who logs in.
 *
 * Records that are produced and fetched are counted as bytes and passed over;
 * of a log-in the user is told, never the password.
 */
#include "dissectors/shared/kafka_msg.h"
#include "dissectors/shared/pass.h"

#define KAFKA(F, tag)                                                          \
	F(tag, 1, STR, command, NJ_INDEX | NJ_LEARN, "What was asked for")     \
	F(tag, 2, U16, version, NJ_LEARN, "Version of the request")            \
	F(tag, 3, STR, client_id, NJ_INDEX, "What the client calls itself")    \
	F(tag, 4, VSTR, topics, NJ_INDEX | NJ_LEARN, "Topics, the first few")  \
	F(tag, 5, STR, group, NJ_INDEX, "Group of consumers, or transaction")  \
	F(tag, 6, STR, user, NJ_INDEX | NJ_PII, "User who logs in, or did")    \
	F(tag, 7, STR, auth_method, NJ_INDEX, "How the user proves himself")   \
	F(tag, 8, STR, software, NJ_INDEX, "Library of the client")            \
	F(tag, 9, BOOL, success, NJ_OPT | NJ_INDEX,                            \
		"Did the server agree, where its answer begins with that?")    \
	F(tag, 10, I64, error_code, NJ_OPT | NJ_INDEX, "Number of a failure")  \
	F(tag, 11, STR, error, NJ_INDEX, "Name of a failure")                  \
	F(tag, 12, IVAL, latency, NJ_OPT | NJ_LEARN, "From asking to answer")  \
	F(tag, 13, U64, request_bytes, NJ_LEARN, "Bytes of the request")       \
	F(tag, 14, U64, response_bytes, NJ_OPT | NJ_LEARN,                     \
		"Bytes of the answer")

NJ_EVENT(kafka, KAFKA, "A request to a Kafka broker");

enum {
	LOOK_BYTES = 1024, /* of a message */
	NAME_BYTES = 256,
	MESSAGE_MAX = 100 << 20,
	PENDING_MAX = 24
};

enum { ODD_LENGTH, ODD_REQUEST };
static const struct nj_oddity oddities[] = {
	[ODD_LENGTH] = { "kafka_length", "A length that cannot be" },
	[ODD_REQUEST] = { "kafka_request", "A request that there is not" },
	{ 0 },
};

struct request {
	bool open;
	uint16_t api, version;
	int32_t id;
	uint32_t bytes;
	const char *name;
	uint8_t topic_count;
	struct nj_view topics; /* kept; each behind two bytes of length */
	struct nj_view group;  /* kept */
	int64_t ts_ns;
};

struct kafka {
	bool sure;
	enum nj_dir client;
	uint8_t next;
	struct nj_view client_id, user, method, software; /* kept */
	struct request requests[PENDING_MAX];
};

/* The beginning of one, and how long all of it is. */
struct answer {
	struct nj_view head;
	uint32_t bytes;
};

/* ---- Records ---- */

static void
finish(struct nj_dctx *d, const struct kafka *s, struct request *r,
	const struct answer *answer)
{
	struct kafka_event ev = { .command = nj_str(r->name),
		.version = r->version,
		.client_id = s->client_id,
		.group = r->group,
		.user = s->user,
		.auth_method = s->method,
		.software = s->software,
		.request_bytes = r->bytes };
	struct nj_view topics[NJ_KAFKA_TOPICS_MAX] = { { 0 } };
	struct nj_cur c = nj_cur(r->topics);
	int16_t code;

	if (!r->open)
		return;
	for (unsigned i = 0; i < r->topic_count; i++)
		topics[i] = nj_cur_take(&c, nj_cur_u16(&c));
	if (r->topic_count)
		ev.topics = (struct nj_vstr){ topics, r->topic_count };
	if (answer) {
		nj_set(&ev, kafka, latency, nj_now(d) - r->ts_ns);
		nj_set(&ev, kafka, response_bytes, answer->bytes);
	}
	if (answer && nj_kafka_error(r->api, r->version,
			      nj_sub(answer->head, 4, LOOK_BYTES), &code)) {
		nj_set(&ev, kafka, success, code == 0);
		if (code) {
			nj_set(&ev, kafka, error_code, code);
			ev.error = nj_str(nj_kafka_error_name(code));
		}
	}
	(void)nj_emit_at(d, &kafka_desc, &ev, r->ts_ns);
	nj_drop(d, (void *)(uintptr_t)r->topics.data);
	nj_drop(d, (void *)(uintptr_t)r->group.data);
	r->open = false;
}

/* ---- Requests ---- */

static void
note(struct nj_dctx *d, struct nj_view *to, struct nj_view v)
{
	if (!v.len || nj_view_eq(*to, nj_sub(v, 0, NAME_BYTES)))
		return;
	nj_drop(d, (void *)(uintptr_t)to->data);
	*to = nj_keep_view(d, v, NAME_BYTES);
}

static void
topics_keep(
	struct nj_dctx *d, struct request *r, const struct nj_kafka_request *m)
{
	size_t n = 0;
	uint8_t *to;

	for (unsigned i = 0; i < m->topic_count; i++)
		n += 2 + nj_min(m->topics[i].len, (size_t)NAME_BYTES);
	to = n ? nj_keep(d, n) : NULL;
	if (!to)
		return;
	r->topics = (struct nj_view){ to, n };
	r->topic_count = m->topic_count;
	for (unsigned i = 0; i < m->topic_count; i++) {
		struct nj_view v = nj_sub(m->topics[i], 0, NAME_BYTES);

		*to++ = (uint8_t)(v.len >> 8);
		*to++ = (uint8_t)v.len;
		memcpy(to, v.data, v.len);
		to += v.len;
	}
}

static void
asked(struct nj_dctx *d, struct kafka *s, const struct nj_kafka_request *m,
	uint32_t bytes)
{
	struct request *r = &s->requests[s->next];

	s->next = (uint8_t)((s->next + 1) % PENDING_MAX);
	finish(d, s, r, NULL);
	*r = (struct request){ .open = true,
		.api = m->api,
		.version = m->version,
		.id = m->id,
		.bytes = bytes,
		.name = m->name,
		.ts_ns = nj_now(d) };
	note(d, &s->client_id, m->client_id);
	note(d, &s->user, m->user);
	note(d, &s->method, m->method);
	if (m->software.len)
		note(d, &s->software,
			nj_arena_printf(d, "%.*s %.*s",
				(int)nj_min(m->software.len, (size_t)100),
				(const char *)m->software.data,
				(int)nj_min(
					m->software_version.len, (size_t)100),
				(const char *)m->software_version.data));
	if (m->group.len)
		r->group = nj_keep_view(d, m->group, NAME_BYTES);
	topics_keep(d, r, m);
	if (m->unanswered)
		finish(d, s, r, NULL);
}

/* whole: the message's length, of which v is the beginning. */
static void
answered(struct nj_dctx *d, struct kafka *s, struct nj_view v, uint32_t whole)
{
	struct nj_cur c = nj_cur(v);
	int32_t id = (int32_t)nj_cur_u32(&c);

	for (unsigned i = 0; i < PENDING_MAX; i++) {
		struct request *r = &s->requests[i];

		if (!r->open || r->id != id)
			continue;
		finish(d, s, r, &(struct answer){ v, whole + 4 });
		return;
	}
}

/* ---- Messages ---- */

static enum nj_verdict
message(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint32_t len)
{
	struct kafka *s = nj_state(d);
	struct nj_kafka_request m;

	if (s->sure && dir != s->client) {
		answered(d, s, v, len);
		return NJ_MORE;
	}
	if (!nj_kafka_request(&m, v)) {
		if (!s->sure)
			return NJ_REJECT;
		nj_odd(d, ODD_REQUEST);
		return NJ_MORE;
	}
	if (!s->sure)
		nj_confirm(d);
	s->sure = true;
	s->client = dir;
	asked(d, s, &m, len + 4);
	return NJ_MORE;
}

static enum nj_verdict
kafka_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct kafka *s = nj_state(d);
	enum nj_verdict verdict = NJ_MORE;

	while (v.len >= 4 && verdict == NJ_MORE) {
		struct nj_cur c = nj_cur(v);
		uint32_t len = nj_cur_u32(&c);
		size_t want = nj_min((size_t)len, (size_t)LOOK_BYTES);

		if (len < 4 || len > MESSAGE_MAX) {
			if (!s->sure)
				return NJ_REJECT;
			nj_odd(d, ODD_LENGTH);
			return NJ_BROKEN;
		}
		if (v.len - 4 < want) {
			nj_want(d, 4 + want);
			break;
		}
		verdict = message(d, dir, nj_sub(v, 4, want), len);
		if (verdict == NJ_MORE)
			nj_pass(d, &v, (uint64_t)len + 4);
	}
	return verdict;
}

static void
kafka_end(struct nj_dctx *d)
{
	struct kafka *s = nj_state(d);

	for (unsigned i = 0; i < PENDING_MAX; i++)
		finish(d, s, &s->requests[(s->next + i) % PENDING_MAX], NULL);
}

const struct nj_dissector nj_dissector_kafka = {
	.name = "kafka",
	.title = "Apache Kafka",
	.ports = (const struct nj_port[]){ { NJ_TCP, 9092 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			/* A request with the name of a client. */
			{ "^\\x00[\\x00-\\x0f]..\\x00[\\x00-\\x44]"
			  "\\x00[\\x00-\\x14].{4}\\x00[\\x01-\\x60]"
			  "[A-Za-z0-9._-]",
				0 },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &kafka_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct kafka),
	.stream = kafka_stream,
	.end = kafka_end,
};
