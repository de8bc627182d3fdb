/*
 * mqtt.c - MQTT, the telemetry protocol of sensors, cars and homes (MQTT 3.1
 * by IBM and Eurotech; MQTT 3.1.1 and 5.0 by OASIS): who connects as what,
 * who publishes and subscribes to which topic.
 *
 * Logs and field names are Zeek's; user, password and keep_alive are ours. A
 * password is noticed and not kept. Payloads are told by their first bytes.
 *
 * Not done: MQTT-SN; the messages in a WebSocket.
 */
#include "dissectors/shared/mqtt_eve.h"
#include "dissectors/shared/pass.h"
#include "engine/dissect/dissector.h"

#define MQTT_CONNECT(F, tag)                                                   \
	F(tag, 1, STR, proto_name, NJ_INDEX, "MQTT or, before 3.1.1, MQIsdp")  \
	F(tag, 2, STR, proto_version, NJ_INDEX | NJ_LEARN, "3.1, 3.1.1, 5.0")  \
	F(tag, 3, STR, client_id, NJ_INDEX, "What the client calls itself")    \
	F(tag, 4, STR, connect_status, NJ_INDEX, "What the server answered")   \
	F(tag, 5, STR, will_topic, 0, "Topic of the client's last will")       \
	F(tag, 6, STR, will_payload, 0, "First bytes of the last will")        \
	F(tag, 7, STR, user, NJ_INDEX | NJ_PII, "User who logs in")            \
	F(tag, 8, BOOL, password, NJ_OPT | NJ_INDEX,                           \
		"Was a password sent? (It is not kept.)")                      \
	F(tag, 9, IVAL, keep_alive, NJ_OPT | NJ_LEARN,                         \
		"Longest silence that the client promises; 0: any")            \
	F(tag, 10, BOOL, clean_session, NJ_OPT,                                \
		"Does the client want no session of before?")                  \
	F(tag, 11, U8, return_code, NJ_OPT, "The server's answer as a number")

#define MQTT_PUBLISH(F, tag)                                                   \
	F(tag, 1, BOOL, from_client, NJ_INDEX, "Else the server sent it on")   \
	F(tag, 2, BOOL, retain, 0, "Shall the server keep it?")                \
	F(tag, 3, STR, qos, NJ_LEARN,                                          \
		"at most once, at least once or exactly once")                 \
	F(tag, 4, STR, status, 0, "ok, or incomplete_qos: not acknowledged")   \
	F(tag, 5, STR, topic, NJ_INDEX | NJ_LEARN, "Topic")                    \
	F(tag, 6, STR, payload, NJ_PII, "First bytes of the payload")          \
	F(tag, 7, U64, payload_len, NJ_LEARN, "Bytes of the payload")

#define MQTT_SUBSCRIBE(F, tag)                                                 \
	F(tag, 1, STR, action, NJ_INDEX,                                       \
		"MQTT::SUBSCRIBE or MQTT::UNSUBSCRIBE")                        \
	F(tag, 2, VSTR, topics, NJ_INDEX | NJ_LEARN, "Topics, with wildcards") \
	F(tag, 3, VU64, qos_levels, 0, "Quality asked for, one a topic")       \
	F(tag, 4, U8, granted_qos_level, NJ_OPT,                               \
		"Quality granted for the first topic; 128: refused")           \
	F(tag, 5, BOOL, ack, NJ_INDEX, "Did the server answer?")

NJ_EVENT(mqtt_connect, MQTT_CONNECT, "A client's log-in to an MQTT broker");
NJ_EVENT(mqtt_publish, MQTT_PUBLISH, "A message to or from an MQTT broker");
NJ_EVENT(mqtt_subscribe, MQTT_SUBSCRIBE, "Topics wanted or no longer wanted");

enum {
	PAYLOAD_BYTES = 100,
	NAME_BYTES = 256,
	TOPICS_BYTES = 4096,  /* of one subscription */
	PUBLISH_BYTES = 4096, /* of a PUBLISH that are looked at */
	MESSAGE_BYTES_MAX = 60000,
	PUBLISHES_MAX = 24, /* not acknowledged */
	SUBSCRIPTIONS_MAX = 8
};

enum { ODD_TYPE, ODD_QOS, ODD_FLAGS, ODD_MALFORMED, ODD_LENGTH, ODD_AGAIN };
static const struct nj_oddity oddities[] = {
	[ODD_TYPE] = { "mqtt_type", "A packet type that there is not" },
	[ODD_QOS] = { "mqtt_qos", "A quality of service above 2" },
	[ODD_FLAGS] = { "mqtt_flags", "Flags that the packet type forbids" },
	[ODD_MALFORMED] = { "mqtt_malformed", "Fields beyond a packet's end" },
	[ODD_LENGTH] = { "mqtt_length", "A length of more than four bytes" },
	[ODD_AGAIN] = { "mqtt_connect_again", "A second CONNECT in a session" },
	{ 0 },
};

struct publish {
	bool open, received, released;
	enum nj_dir dir;
	uint8_t qos;
	bool retain;
	uint16_t id;
	struct nj_view topic, payload; /* kept */
	uint64_t len;
	int64_t ts_ns;
	struct nj_mqtt_eve *eve;
};

struct subscription {
	bool open, wanted;
	uint16_t id;
	uint8_t count;
	uint8_t qos[NJ_MQTT_TOPICS_MAX];
	struct nj_view topics; /* kept; each behind two bytes of length */
	int64_t ts_ns;
	struct nj_mqtt_eve *eve;
};

struct mqtt {
	bool opened;     /* it is MQTT */
	bool connecting; /* no CONNACK yet */
	enum nj_dir client;
	uint8_t level, flags;
	uint16_t keep_alive_s;
	struct nj_view name, client_id, user, will_topic, will_payload;
	int64_t ts_ns;
	struct nj_mqtt_eve *eve; /* of the connecting */
	uint8_t next_publish, next_subscription;
	struct publish publishes[PUBLISHES_MAX];
	struct subscription subscriptions[SUBSCRIPTIONS_MAX];
};

/* ---- Connecting ---- */

static struct nj_view
number_text(struct nj_dctx *d, const char *what, unsigned n)
{
	return nj_arena_printf(d, "unknown-%s-%u", what, n);
}

static void
connect_emit(struct nj_dctx *d, struct mqtt *s, const struct nj_mqtt_msg *ack)
{
	static const char *const versions[] = { "3.1", "3.1.1", "5.0" };
	struct mqtt_connect_event ev = { .proto_name = s->name,
		.client_id = s->client_id,
		.user = s->user,
		.will_topic = s->will_topic,
		.will_payload = s->will_payload };

	if (s->connecting) {
		ev.proto_version =
			s->level >= 3 && s->level <= 5
				? nj_str(versions[s->level - 3])
				: number_text(d, "version", s->level);
		nj_set(&ev, mqtt_connect, password,
			(s->flags & NJ_MQTT_PASSWORD) != 0);
		nj_set(&ev, mqtt_connect, keep_alive,
			s->keep_alive_s * NJ_NS_PER_S);
		nj_set(&ev, mqtt_connect, clean_session,
			(s->flags & NJ_MQTT_CLEAN) != 0);
	}
	if (ack) {
		const char *status =
			nj_mqtt_connect_status(s->level, ack->code);

		ev.connect_status =
			status ? nj_str(status)
			       : number_text(d, "return-code", ack->code);
		nj_set(&ev, mqtt_connect, return_code, ack->code);
	}
	(void)nj_emit_at(d, &mqtt_connect_desc, &ev,
		s->connecting ? s->ts_ns : nj_now(d));
	s->connecting = false;
	nj_mqtt_eve_end(&s->eve, d);
}

static void
connecting(struct nj_dctx *d, struct mqtt *s, const struct nj_mqtt_msg *m)
{
	if (s->client_id.data || s->connecting) {
		nj_odd(d, ODD_AGAIN);
		return;
	}
	s->connecting = true;
	s->level = m->level;
	s->flags = m->flags;
	s->keep_alive_s = m->keep_alive_s;
	s->ts_ns = nj_now(d);
	s->name = nj_keep_view(d, m->name, NAME_BYTES);
	/* An empty one is said to be empty: the server makes one up. */
	s->client_id = m->client_id.len
			       ? nj_keep_view(d, m->client_id, NAME_BYTES)
			       : NJ_LIT("");
	s->user = nj_keep_view(d, m->user, NAME_BYTES);
	s->will_topic = nj_keep_view(d, m->will_topic, NAME_BYTES);
	s->will_payload = nj_keep_view(d, m->will_payload, PAYLOAD_BYTES);
}

/* ---- Publishing ---- */

static void
publish_emit(struct nj_dctx *d, const struct mqtt *s, const struct publish *p,
	bool ok)
{
	static const char *const levels[] = { "at most once", "at least once",
		"exactly once" };
	struct mqtt_publish_event ev = {
		.from_client = p->dir == s->client,
		.retain = p->retain,
		.qos = nj_str(levels[p->qos]),
		.status = nj_str(ok ? "ok" : "incomplete_qos"),
		.topic = p->topic,
		.payload = p->payload,
		.payload_len = p->len,
	};

	(void)nj_emit_at(d, &mqtt_publish_desc, &ev, p->ts_ns);
}

static void
publish_close(struct nj_dctx *d, struct mqtt *s, struct publish *p, bool ok)
{
	if (!p->open)
		return;
	publish_emit(d, s, p, ok);
	nj_mqtt_eve_end(&p->eve, d);
	nj_drop(d, (void *)(uintptr_t)p->topic.data);
	nj_drop(d, (void *)(uintptr_t)p->payload.data);
	p->open = false;
}

static struct publish *
publish_find(struct mqtt *s, enum nj_dir dir, uint16_t id)
{
	for (unsigned i = 0; i < PUBLISHES_MAX; i++) {
		struct publish *p = &s->publishes[i];

		if (p->open && p->dir == dir && p->id == id)
			return p;
	}
	return NULL;
}

static void
publishing(struct nj_dctx *d, struct mqtt *s, struct publish p)
{
	struct publish *slot;

	if (!p.qos) {
		publish_emit(d, s, &p, true);
		return;
	}
	/* Sent again: one message all the same. */
	if (publish_find(s, p.dir, p.id))
		return;
	slot = &s->publishes[s->next_publish];
	s->next_publish = (uint8_t)((s->next_publish + 1) % PUBLISHES_MAX);
	publish_close(d, s, slot, false);
	p.open = true;
	p.topic = nj_keep_view(d, p.topic, NAME_BYTES);
	p.payload = nj_keep_view(d, p.payload, PAYLOAD_BYTES);
	*slot = p;
}

/* dir is the side that acknowledges; PUBREL comes from the other. */
static void
acknowledged(struct nj_dctx *d, struct mqtt *s, uint8_t type, enum nj_dir dir,
	const struct nj_mqtt_msg *m)
{
	struct publish *p = publish_find(
		s, type == NJ_MQTT_PUBREL ? dir : nj_other(dir), m->id);

	if (!p)
		return;
	/* A code of failure ends the exchange (5.0, 3.4.2.1 and 3.5.2.1). */
	if (m->code >= 0x80 || (type == NJ_MQTT_PUBACK && p->qos == 1))
		publish_close(d, s, p, m->code < 0x80);
	else if (type == NJ_MQTT_PUBREC)
		p->received = true;
	else if (type == NJ_MQTT_PUBREL)
		p->released = true;
	else if (type == NJ_MQTT_PUBCOMP && p->qos == 2)
		publish_close(d, s, p, p->received && p->released);
}

/* ---- Subscribing ---- */

static void
subscription_close(struct nj_dctx *d, struct subscription *p,
	const struct nj_mqtt_msg *ack)
{
	struct mqtt_subscribe_event ev = { .ack = ack != NULL };
	struct nj_view topics[NJ_MQTT_TOPICS_MAX] = { { 0 } };
	uint64_t qos[NJ_MQTT_TOPICS_MAX] = { 0 };
	struct nj_cur c = nj_cur(p->topics);
	uint32_t n = 0;

	if (!p->open)
		return;
	while (nj_cur_left(&c) && n < p->count) {
		struct nj_view topic = nj_cur_take(&c, nj_cur_u16(&c));

		if (c.bad)
			break;
		topics[n] = topic;
		qos[n] = p->qos[n];
		n++;
	}
	ev.action = nj_str(p->wanted ? "MQTT::SUBSCRIBE" : "MQTT::UNSUBSCRIBE");
	ev.topics = (struct nj_vstr){ topics, n };
	if (p->wanted) {
		ev.qos_levels = (struct nj_vu64){ qos, n };
		if (ack && ack->codes.len)
			nj_set(&ev, mqtt_subscribe, granted_qos_level,
				ack->codes.data[0]);
	}
	(void)nj_emit_at(d, &mqtt_subscribe_desc, &ev, p->ts_ns);
	nj_mqtt_eve_end(&p->eve, d);
	nj_drop(d, (void *)(uintptr_t)p->topics.data);
	p->open = false;
}

static void
subscribing(struct nj_dctx *d, struct mqtt *s, const struct nj_mqtt_msg *m,
	bool wanted)
{
	struct subscription *p = &s->subscriptions[s->next_subscription];
	uint8_t *to;
	size_t n = 0;

	s->next_subscription =
		(uint8_t)((s->next_subscription + 1) % SUBSCRIPTIONS_MAX);
	subscription_close(d, p, NULL);
	*p = (struct subscription){
		.open = true, .wanted = wanted, .id = m->id, .ts_ns = nj_now(d)
	};
	for (unsigned i = 0; i < m->topic_count; i++)
		n += m->topics[i].len + 2;
	to = nj_keep(d, nj_min(n, (size_t)TOPICS_BYTES));
	if (!to)
		return;
	p->topics.data = to;
	for (unsigned i = 0; i < m->topic_count; i++) {
		struct nj_view topic = m->topics[i];

		if (p->topics.len + topic.len + 2 > TOPICS_BYTES)
			break;
		*to++ = (uint8_t)(topic.len >> 8);
		*to++ = (uint8_t)topic.len;
		if (topic.len)
			memcpy(to, topic.data, topic.len);
		to += topic.len;
		p->topics.len += topic.len + 2;
		p->qos[p->count++] = m->qos[i];
	}
}

static struct subscription *
subscription_find(struct mqtt *s, uint16_t id, bool wanted)
{
	for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
		struct subscription *p = &s->subscriptions[i];

		if (p->open && p->id == id && p->wanted == wanted)
			return p;
	}
	return NULL;
}

static void
subscribed(struct nj_dctx *d, struct mqtt *s, const struct nj_mqtt_msg *m,
	bool wanted)
{
	struct subscription *p = subscription_find(s, m->id, wanted);

	if (p)
		subscription_close(d, p, m);
}

/* ---- EVE ---- */

/* The exchange that a message belongs to, when it is an open one. */
static struct nj_mqtt_eve **
exchange_of(struct mqtt *s, enum nj_dir dir, uint8_t type, uint16_t id)
{
	bool back = type >= NJ_MQTT_PUBACK && type <= NJ_MQTT_PUBCOMP &&
		    type != NJ_MQTT_PUBREL;
	struct subscription *sub;
	struct publish *pub;

	switch (type) {
	case NJ_MQTT_CONNECT:
	case NJ_MQTT_CONNACK:
		return s->connecting ? &s->eve : NULL;
	case NJ_MQTT_PUBLISH:
	case NJ_MQTT_PUBACK:
	case NJ_MQTT_PUBREC:
	case NJ_MQTT_PUBREL:
	case NJ_MQTT_PUBCOMP:
		pub = publish_find(s, back ? nj_other(dir) : dir, id);
		return pub ? &pub->eve : NULL;
	case NJ_MQTT_SUBSCRIBE:
	case NJ_MQTT_SUBACK:
	case NJ_MQTT_UNSUBSCRIBE:
	case NJ_MQTT_UNSUBACK:
		sub = subscription_find(s, id, type <= NJ_MQTT_SUBACK);
		return sub ? &sub->eve : NULL;
	default:
		return NULL;
	}
}

static void
tell_eve(struct nj_dctx *d, enum nj_dir dir, const struct nj_mqtt_head *h,
	const struct nj_mqtt_msg *m)
{
	struct mqtt *s = nj_state(d);
	struct nj_mqtt_eve **open = exchange_of(s, dir, h->type, m->id);
	struct nj_mqtt_eve *alone = NULL;

	if (open) {
		nj_mqtt_eve_add(open, d, h, m, s->level);
		return;
	}
	nj_mqtt_eve_add(&alone, d, h, m, s->level);
	nj_mqtt_eve_end(&alone, d);
}

static bool
opens_exchange(uint8_t type)
{
	return type == NJ_MQTT_CONNECT || type == NJ_MQTT_PUBLISH ||
	       type == NJ_MQTT_SUBSCRIBE || type == NJ_MQTT_UNSUBSCRIBE;
}

/* ---- Messages ---- */

/* 2.1.3: the lower half of the first byte, where it is fixed. 3.1 had an
 * acknowledged SUBSCRIBE with a quality of 1 and a flag for repetition. */
static bool
flags_fit(const struct nj_mqtt_head *h)
{
	switch (h->type) {
	case NJ_MQTT_PUBLISH:
		return h->qos < 3;
	case NJ_MQTT_PUBREL:
	case NJ_MQTT_SUBSCRIBE:
	case NJ_MQTT_UNSUBSCRIBE:
		return h->qos == 1 && !h->retain;
	default:
		return !h->qos && !h->retain && !h->dup;
	}
}

static bool
length_fits(const struct nj_mqtt_head *h)
{
	switch (h->type) {
	case NJ_MQTT_CONNECT:
		return h->len >= 10;
	case NJ_MQTT_PINGREQ:
	case NJ_MQTT_PINGRESP:
		return !h->len;
	case NJ_MQTT_DISCONNECT:
	case NJ_MQTT_AUTH:
		return true;
	default:
		return h->len >= 2;
	}
}

static bool
is_mqtt(struct nj_view name)
{
	return nj_view_eq(name, NJ_LIT("MQTT")) ||
	       nj_view_eq(name, NJ_LIT("MQIsdp"));
}

/* The first message that is seen decides whether it is MQTT at all. */
static bool
open_session(struct nj_dctx *d, struct mqtt *s, enum nj_dir dir,
	const struct nj_mqtt_head *h, const struct nj_mqtt_msg *m)
{
	if (h->type == NJ_MQTT_CONNECT) {
		if (!is_mqtt(m->name))
			return false;
		s->client = dir;
	} else if (h->type == NJ_MQTT_CONNACK) {
		if (m->code > 5 && m->code < 0x80)
			return false;
		s->client = nj_other(dir);
	} else if (nj_from_start(d)) {
		return false;
	}
	s->opened = true;
	nj_confirm(d);
	return true;
}

static void
message(struct nj_dctx *d, enum nj_dir dir, const struct nj_mqtt_head *h,
	const struct nj_mqtt_msg *m, uint64_t missing)
{
	struct mqtt *s = nj_state(d);

	switch (h->type) {
	case NJ_MQTT_CONNECT:
		connecting(d, s, m);
		break;
	case NJ_MQTT_CONNACK:
		connect_emit(d, s, m);
		break;
	case NJ_MQTT_PUBLISH:
		publishing(d, s,
			(struct publish){ .dir = dir,
				.qos = h->qos,
				.retain = h->retain,
				.id = m->id,
				.topic = nj_sub(m->topic, 0, NAME_BYTES),
				.payload = nj_sub(m->payload, 0, PAYLOAD_BYTES),
				.len = m->payload.len + missing,
				.ts_ns = nj_now(d) });
		break;
	case NJ_MQTT_PUBACK:
	case NJ_MQTT_PUBREC:
	case NJ_MQTT_PUBREL:
	case NJ_MQTT_PUBCOMP:
		acknowledged(d, s, h->type, dir, m);
		break;
	case NJ_MQTT_SUBSCRIBE:
	case NJ_MQTT_UNSUBSCRIBE:
		subscribing(d, s, m, h->type == NJ_MQTT_SUBSCRIBE);
		break;
	case NJ_MQTT_SUBACK:
	case NJ_MQTT_UNSUBACK:
		subscribed(d, s, m, h->type == NJ_MQTT_SUBACK);
		break;
	default:
		break;
	}
}

/* A whole message, or of a long one its beginning. */
static enum nj_verdict
take(struct nj_dctx *d, enum nj_dir dir, const struct nj_mqtt_head *h,
	struct nj_view body)
{
	struct mqtt *s = nj_state(d);
	struct nj_mqtt_msg m;
	bool good;

	if (!h->type || (h->type == NJ_MQTT_AUTH && s->level < 5)) {
		if (!s->opened)
			return NJ_REJECT;
		nj_odd(d, ODD_TYPE);
		return NJ_MORE;
	}
	good = nj_mqtt_msg(&m, h, body, s->level);
	/* It calls itself MQTT, and what follows the name is not. */
	if (!s->opened && !good && h->type == NJ_MQTT_CONNECT &&
		is_mqtt(m.name)) {
		nj_odd(d, ODD_MALFORMED);
		return NJ_BROKEN;
	}
	if (!s->opened &&
		(!good || !flags_fit(h) || !open_session(d, s, dir, h, &m)))
		return NJ_REJECT;
	if (h->type == NJ_MQTT_PUBLISH && h->qos == 3) {
		nj_odd(d, ODD_QOS);
		return NJ_MORE;
	}
	if (!flags_fit(h))
		nj_odd(d, ODD_FLAGS);
	if (!good) {
		nj_odd(d, ODD_MALFORMED);
		return NJ_MORE;
	}
	/* An answer closes the exchange that it is part of. */
	if (!opens_exchange(h->type))
		tell_eve(d, dir, h, &m);
	message(d, dir, h, &m, h->len - body.len);
	if (opens_exchange(h->type))
		tell_eve(d, dir, h, &m);
	return NJ_MORE;
}

static enum nj_verdict
mqtt_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct mqtt *s = nj_state(d);
	enum nj_verdict verdict = NJ_MORE;

	while (v.len && verdict == NJ_MORE) {
		struct nj_mqtt_head h;
		size_t want;

		if (!nj_mqtt_head(v, &h)) {
			if (!s->opened)
				return NJ_REJECT;
			nj_odd(d, ODD_LENGTH);
			return NJ_BROKEN;
		}
		if (!h.bytes)
			break;
		if (!s->opened && !length_fits(&h))
			return NJ_REJECT;
		want = nj_min(
			(size_t)h.len, (size_t)(h.type == NJ_MQTT_PUBLISH
							? PUBLISH_BYTES
							: MESSAGE_BYTES_MAX));
		if (v.len - h.bytes < want) {
			nj_want(d, h.bytes + want);
			break;
		}
		verdict = take(d, dir, &h, nj_sub(v, h.bytes, want));
		nj_pass(d, &v, (uint64_t)h.bytes + h.len);
	}
	return verdict;
}

static void
mqtt_end(struct nj_dctx *d)
{
	struct mqtt *s = nj_state(d);

	if (s->connecting)
		connect_emit(d, s, NULL);
	for (unsigned i = 0; i < PUBLISHES_MAX; i++)
		publish_close(d, s,
			&s->publishes[(s->next_publish + i) % PUBLISHES_MAX],
			false);
	for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++)
		subscription_close(d,
			&s->subscriptions[(s->next_subscription + i) %
					  SUBSCRIPTIONS_MAX],
			NULL);
}

const struct nj_dissector nj_dissector_mqtt = {
	.name = "mqtt",
	.title = "MQTT",
	.ports = (const struct nj_port[]){ { NJ_TCP, 1883 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^\\x10[\\x80-\\xff]{0,3}[\\x00-\\x7f]\\x00"
			  "(\\x04MQTT|\\x06MQIsdp)",
				0 },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &mqtt_connect_desc,
		&mqtt_publish_desc, &mqtt_subscribe_desc, &eve_mqtt_desc,
		NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct mqtt),
	.buffer_max = 64 * 1024,
	.stream = mqtt_stream,
	.end = mqtt_end,
};
