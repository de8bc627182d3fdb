/*
 * mqtt_msg.c - one control packet of MQTT, taken apart (MQTT 3.1 by IBM and
 * Eurotech; MQTT 3.1.1 and 5.0 by OASIS, chapters 2 and 3).
 */
#include "dissectors/shared/mqtt_msg.h"
#include "dissectors/shared/take.h"

enum { LEVEL_BRIDGE = 0x80, PROPS_MAX = 256 };

bool
nj_mqtt_head(struct nj_view v, struct nj_mqtt_head *h)
{
	struct nj_cur c = nj_cur(nj_sub(v, 0, 5));
	uint8_t byte = nj_cur_u8(&c);

	*h = (struct nj_mqtt_head){
		.type = byte >> 4,
		.dup = byte & 8,
		.qos = byte >> 1 & 3,
		.retain = byte & 1,
	};
	h->len = nj_take_varint(&c, 4);
	if (!c.bad)
		h->bytes = (uint8_t)(c.at - v.data);
	/* Four bytes that all say "more follows". */
	return !c.bad || v.len < 5;
}

static struct nj_view
properties(struct nj_cur *c, uint8_t level)
{
	if (level < 5)
		return (struct nj_view){ 0 };
	return nj_cur_take(c, nj_take_varint(c, 4));
}

static void
connect(struct nj_mqtt_msg *m, struct nj_cur *c)
{
	m->name = nj_take_pre16(c);
	/* Bridges of mosquitto mark themselves in the highest bit. */
	m->level = nj_cur_u8(c) & (uint8_t)~LEVEL_BRIDGE;
	m->flags = nj_cur_u8(c);
	m->keep_alive_s = nj_cur_u16(c);
	m->props = properties(c, m->level);
	m->client_id = nj_take_pre16(c);
	if (m->flags & NJ_MQTT_WILL) {
		m->will_props = properties(c, m->level);
		m->will_topic = nj_take_pre16(c);
		m->will_payload = nj_take_pre16(c);
	}
	/* 3.1 lets what the flags promise be left out at the end. */
	if (m->flags & NJ_MQTT_USER && (nj_cur_left(c) || m->level > 3))
		m->user = nj_take_pre16(c);
}

static void
subscribe(struct nj_mqtt_msg *m, struct nj_cur *c, bool with_qos)
{
	while (nj_cur_left(c) && m->topic_count < NJ_MQTT_TOPICS_MAX) {
		struct nj_view topic = nj_take_pre16(c);
		uint8_t qos = with_qos ? nj_cur_u8(c) & 3 : 0;

		if (c->bad)
			return;
		m->topics[m->topic_count] = topic;
		m->qos[m->topic_count++] = qos;
	}
	if (!m->topic_count)
		c->bad = true;
}

/* PUBACK and its kin: an identifier, and in version 5, unless all went well,
 * a code and properties. */
static void
acknowledge(struct nj_mqtt_msg *m, struct nj_cur *c, uint8_t level)
{
	m->id = nj_cur_u16(c);
	if (level >= 5 && nj_cur_left(c))
		m->code = nj_cur_u8(c);
	if (level >= 5 && nj_cur_left(c))
		m->props = properties(c, level);
}

bool
nj_mqtt_msg(struct nj_mqtt_msg *m, const struct nj_mqtt_head *h,
	struct nj_view body, uint8_t level)
{
	struct nj_cur c = nj_cur(body);

	*m = (struct nj_mqtt_msg){ 0 };
	switch (h->type) {
	case NJ_MQTT_CONNECT:
		connect(m, &c);
		break;
	case NJ_MQTT_CONNACK:
		m->session = nj_cur_u8(&c) & 1;
		m->code = nj_cur_u8(&c);
		if (nj_cur_left(&c))
			m->props = properties(&c, level);
		break;
	case NJ_MQTT_PUBLISH:
		m->topic = nj_take_pre16(&c);
		if (h->qos)
			m->id = nj_cur_u16(&c);
		m->props = properties(&c, level);
		m->payload = nj_cur_rest(&c);
		break;
	case NJ_MQTT_SUBSCRIBE:
	case NJ_MQTT_UNSUBSCRIBE:
		m->id = nj_cur_u16(&c);
		m->props = properties(&c, level);
		subscribe(m, &c, h->type == NJ_MQTT_SUBSCRIBE);
		break;
	case NJ_MQTT_SUBACK:
	case NJ_MQTT_UNSUBACK:
		m->id = nj_cur_u16(&c);
		m->props = properties(&c, level);
		m->codes = nj_cur_rest(&c);
		break;
	case NJ_MQTT_DISCONNECT:
	case NJ_MQTT_AUTH:
		if (nj_cur_left(&c))
			m->code = nj_cur_u8(&c);
		if (nj_cur_left(&c))
			m->props = properties(&c, level);
		break;
	case NJ_MQTT_PINGREQ:
	case NJ_MQTT_PINGRESP:
		break;
	default:
		acknowledge(m, &c, level);
		break;
	}
	return !c.bad;
}

/* ---- Properties (5.0, 2.2.2.2) ---- */

enum { BYTE = 1, TWO, FOUR, VARINT, TEXT, PAIR };

static const struct {
	const char *name;
	uint8_t kind;
} props[] = {
	[1] = { "payload_format_indicator", BYTE },
	[2] = { "message_expiry_interval", FOUR },
	[3] = { "content_type", TEXT },
	[8] = { "response_topic", TEXT },
	[9] = { "correlation_data", TEXT },
	[11] = { "subscription_identifier", VARINT },
	[17] = { "session_expiry_interval", FOUR },
	[18] = { "assigned_client_identifier", TEXT },
	[19] = { "server_keep_alive", TWO },
	[21] = { "authentication_method", TEXT },
	[22] = { "authentication_data", TEXT },
	[23] = { "request_problem_information", BYTE },
	[24] = { "will_delay_interval", FOUR },
	[25] = { "request_response_information", BYTE },
	[26] = { "response_information", TEXT },
	[28] = { "server_reference", TEXT },
	[31] = { "reason_string", TEXT },
	[33] = { "receive_maximum", TWO },
	[34] = { "topic_alias_maximum", TWO },
	[35] = { "topic_alias", TWO },
	[36] = { "maximum_qos", BYTE },
	[37] = { "retain_available", BYTE },
	[38] = { "user_property", PAIR },
	[39] = { "maximum_packet_size", FOUR },
	[40] = { "wildcard_subscription_available", BYTE },
	[41] = { "subscription_identifier_available", BYTE },
	[42] = { "shared_subscription_available", BYTE },
};

bool
nj_mqtt_prop(struct nj_cur *c, struct nj_mqtt_prop *p)
{
	uint8_t id;

	if (!nj_cur_left(c))
		return false;
	id = nj_cur_u8(c);
	if (id >= nj_countof(props) || !props[id].name) {
		c->bad = true;
		return false;
	}
	*p = (struct nj_mqtt_prop){ .id = id, .name = props[id].name };
	p->number = props[id].kind < TEXT;
	switch (props[id].kind) {
	case BYTE:
		p->value = nj_cur_u8(c);
		break;
	case TWO:
		p->value = nj_cur_u16(c);
		break;
	case FOUR:
		p->value = nj_cur_u32(c);
		break;
	case VARINT:
		p->value = nj_take_varint(c, 4);
		break;
	case PAIR:
		p->key = nj_take_pre16(c);
		p->text = nj_take_pre16(c);
		break;
	default:
		p->text = nj_take_pre16(c);
		break;
	}
	return !c->bad;
}

/* ---- Words ---- */

const char *
nj_mqtt_connect_status(uint8_t level, uint8_t code)
{
	static const char *const refused[] = { "Connection Accepted",
		"Refused: unacceptable protocol version",
		"Refused: identifier rejected", "Refused: server unavailable",
		"Refused: bad user name or password",
		"Refused: not authorized" };
	static const char *const five[] = {
		[0x00] = "Refused: unspecified error",
		[0x01] = "Refused: malformed packet",
		[0x02] = "Refused: protocol error",
		[0x03] = "Refused: implementation specific error",
		[0x04] = "Refused: unacceptable protocol version",
		[0x05] = "Refused: identifier rejected",
		[0x06] = "Refused: bad user name or password",
		[0x07] = "Refused: not authorized",
		[0x08] = "Refused: server unavailable",
		[0x09] = "Refused: server busy",
		[0x0a] = "Refused: banned",
		[0x0c] = "Refused: bad authentication method",
		[0x10] = "Refused: topic name invalid",
		[0x15] = "Refused: packet too large",
		[0x17] = "Refused: quota exceeded",
		[0x19] = "Refused: payload format invalid",
		[0x1a] = "Refused: retain not supported",
		[0x1b] = "Refused: QoS not supported",
		[0x1c] = "Refused: use another server",
		[0x1d] = "Refused: server moved",
		[0x1f] = "Refused: connection rate exceeded",
	};

	if (level >= 5 && code >= 0x80)
		return (size_t)code - 0x80 < nj_countof(five)
			       ? five[code - 0x80]
			       : NULL;
	return code < nj_countof(refused) ? refused[code] : NULL;
}

const char *
nj_mqtt_type_name(uint8_t type)
{
	static const char *const names[] = { "reserved", "connect", "connack",
		"publish", "puback", "pubrec", "pubrel", "pubcomp", "subscribe",
		"suback", "unsubscribe", "unsuback", "pingreq", "pingresp",
		"disconnect", "auth" };

	return type < nj_countof(names) ? names[type] : "reserved";
}
