/*
 * mqtt_eve.c - EVE's mqtt events, written as the messages come, into kept
 * memory of fixed size. A password is told as a flag, never as it is.
 */
#include "dissectors/shared/mqtt_eve.h"
#include "engine/base/json.h"

#define EVE_MQTT(F, tag)                                                       \
	F(tag, 1, STR, mqtt, NJ_JSON,                                          \
		"connect, connack, publish, puback, ...: each with qos, "      \
		"retain, dup, its fields and properties")

NJ_EVENT_STRUCT_(eve_mqtt, EVE_MQTT);
NJ_EVENT_DEFINE(eve_mqtt, EVE_MQTT, NJ_EV_EVE,
	"One exchange of an MQTT client with its broker");

enum { JSON_BYTES = 6000, PAYLOAD_BYTES = 1024, PROPERTIES_MAX = 64 };

struct nj_mqtt_eve {
	struct nj_json json;
	uint8_t memory[JSON_BYTES];
};

static void
properties(struct nj_json *j, struct nj_view props)
{
	struct nj_cur c = nj_cur(props);
	struct nj_mqtt_prop p;

	if (!props.len)
		return;
	nj_json_obj(j, "properties");
	for (unsigned i = 0; i < PROPERTIES_MAX && nj_mqtt_prop(&c, &p); i++) {
		if (p.number) {
			nj_json_u64(j, p.name, p.value);
		} else if (p.key.data) {
			nj_json_key(j, p.key);
			nj_json_str(j, NULL, p.text);
		} else {
			nj_json_str(j, p.name, p.text);
		}
		if (!nj_json_keep(j))
			break;
	}
	nj_json_end(j);
}

static void
connect(struct nj_json *j, const struct nj_mqtt_msg *m)
{
	nj_json_str(j, "protocol_string", m->name);
	nj_json_u64(j, "protocol_version", m->level);
	nj_json_obj(j, "flags");
	nj_json_bool(j, "username", m->flags & NJ_MQTT_USER);
	nj_json_bool(j, "password", m->flags & NJ_MQTT_PASSWORD);
	nj_json_bool(j, "will_retain", m->flags & NJ_MQTT_WILL_RETAIN);
	nj_json_bool(j, "will", m->flags & NJ_MQTT_WILL);
	nj_json_bool(j, "clean_session", m->flags & NJ_MQTT_CLEAN);
	nj_json_end(j);
	nj_json_str(j, "client_id", m->client_id);
	if (m->flags & NJ_MQTT_USER)
		nj_json_str(j, "username", m->user);
	if (m->flags & NJ_MQTT_WILL) {
		nj_json_obj(j, "will");
		nj_json_str(j, "topic", m->will_topic);
		nj_json_str(j, "message",
			nj_sub(m->will_payload, 0, PAYLOAD_BYTES));
		properties(j, m->will_props);
		nj_json_end(j);
	}
}

static void
topics(struct nj_json *j, const struct nj_mqtt_msg *m, bool wanted)
{
	nj_json_arr(j, "topics");
	for (unsigned i = 0; i < m->topic_count; i++) {
		if (wanted) {
			nj_json_obj(j, NULL);
			nj_json_str(j, "topic", m->topics[i]);
			nj_json_u64(j, "qos", m->qos[i]);
			nj_json_end(j);
		} else {
			nj_json_str(j, NULL, m->topics[i]);
		}
		if (!nj_json_keep(j))
			break;
	}
	nj_json_end(j);
}

static void
codes(struct nj_json *j, const char *key, struct nj_view v)
{
	nj_json_arr(j, key);
	for (size_t i = 0; i < v.len && i < NJ_MQTT_TOPICS_MAX; i++)
		nj_json_u64(j, NULL, v.data[i]);
	nj_json_end(j);
}

static void
fields(struct nj_json *j, const struct nj_mqtt_head *h,
	const struct nj_mqtt_msg *m, uint8_t level)
{
	switch (h->type) {
	case NJ_MQTT_CONNECT:
		connect(j, m);
		break;
	case NJ_MQTT_CONNACK:
		nj_json_bool(j, "session_present", m->session);
		nj_json_u64(j, "return_code", m->code);
		break;
	case NJ_MQTT_PUBLISH:
		nj_json_str(j, "topic", m->topic);
		if (h->qos)
			nj_json_u64(j, "message_id", m->id);
		nj_json_str(j, "message", nj_sub(m->payload, 0, PAYLOAD_BYTES));
		break;
	case NJ_MQTT_SUBSCRIBE:
	case NJ_MQTT_UNSUBSCRIBE:
		nj_json_u64(j, "message_id", m->id);
		topics(j, m, h->type == NJ_MQTT_SUBSCRIBE);
		break;
	case NJ_MQTT_SUBACK:
		nj_json_u64(j, "message_id", m->id);
		codes(j, "qos_granted", m->codes);
		break;
	case NJ_MQTT_UNSUBACK:
		nj_json_u64(j, "message_id", m->id);
		if (level >= 5)
			codes(j, "reason_codes", m->codes);
		break;
	case NJ_MQTT_PINGREQ:
	case NJ_MQTT_PINGRESP:
		break;
	default:
		if (h->type < NJ_MQTT_SUBSCRIBE)
			nj_json_u64(j, "message_id", m->id);
		if (level >= 5)
			nj_json_u64(j, "reason_code", m->code);
		break;
	}
}

void
nj_mqtt_eve_add(struct nj_mqtt_eve **e, struct nj_dctx *d,
	const struct nj_mqtt_head *h, const struct nj_mqtt_msg *m,
	uint8_t level)
{
	struct nj_json *j;

	if (!nj_wanted(d, &eve_mqtt_desc))
		return;
	if (!*e) {
		*e = nj_keep(d, sizeof(**e));
		if (!*e)
			return;
		nj_json_init(
			&(*e)->json, nj_buf_fixed((*e)->memory, JSON_BYTES));
		nj_json_obj(&(*e)->json, NULL);
	}
	j = &(*e)->json;
	nj_json_obj(j, nj_mqtt_type_name(h->type));
	nj_json_u64(j, "qos", h->qos);
	nj_json_bool(j, "retain", h->retain);
	nj_json_bool(j, "dup", h->dup);
	fields(j, h, m, level);
	properties(j, m->props);
	nj_json_end(j);
	(void)nj_json_keep(j);
}

void
nj_mqtt_eve_end(struct nj_mqtt_eve **e, struct nj_dctx *d)
{
	struct eve_mqtt_event ev = { 0 };

	if (!*e)
		return;
	ev.mqtt = nj_json_view(&(*e)->json);
	(void)nj_emit_dir(d, &eve_mqtt_desc, &ev, NJ_ORIG);
	nj_drop(d, *e);
	*e = NULL;
}
