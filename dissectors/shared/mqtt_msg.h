/*
 * mqtt_msg.h - one control packet of MQTT, taken apart (MQTT 3.1 by IBM and
 * Eurotech; MQTT 3.1.1 and 5.0 by OASIS). The views point into the packet.
 */
#ifndef NJ_DISSECTORS_SHARED_MQTT_MSG_H
#define NJ_DISSECTORS_SHARED_MQTT_MSG_H

#include "engine/base/cur.h"

enum nj_mqtt_type {
	NJ_MQTT_CONNECT = 1,
	NJ_MQTT_CONNACK,
	NJ_MQTT_PUBLISH,
	NJ_MQTT_PUBACK,
	NJ_MQTT_PUBREC,
	NJ_MQTT_PUBREL,
	NJ_MQTT_PUBCOMP,
	NJ_MQTT_SUBSCRIBE,
	NJ_MQTT_SUBACK,
	NJ_MQTT_UNSUBSCRIBE,
	NJ_MQTT_UNSUBACK,
	NJ_MQTT_PINGREQ,
	NJ_MQTT_PINGRESP,
	NJ_MQTT_DISCONNECT,
	NJ_MQTT_AUTH
};

enum {
	NJ_MQTT_TOPICS_MAX = 32, /* of one SUBSCRIBE that are named */
	/* CONNECT's flags. */
	NJ_MQTT_CLEAN = 0x02,
	NJ_MQTT_WILL = 0x04,
	NJ_MQTT_WILL_RETAIN = 0x20,
	NJ_MQTT_PASSWORD = 0x40,
	NJ_MQTT_USER = 0x80
};

struct nj_mqtt_head {
	uint8_t type, qos;
	bool dup, retain;
	uint8_t bytes; /* of the header; 0: not all of it is here */
	uint32_t len;  /* of what follows */
};

/* Of a type only its own members are set. */
struct nj_mqtt_msg {
	uint8_t level; /* CONNECT: 3, 4, 5 */
	uint8_t flags; /* CONNECT */
	uint16_t keep_alive_s;
	uint16_t id;         /* packet identifier */
	uint8_t code;        /* return or reason code, 0 when left out */
	bool session;        /* CONNACK: the server had a session */
	struct nj_view name; /* of the protocol */
	struct nj_view client_id, user;
	struct nj_view will_topic, will_payload;
	struct nj_view topic, payload;
	/* SUBSCRIBE and UNSUBSCRIBE. */
	struct nj_view topics[NJ_MQTT_TOPICS_MAX];
	uint8_t qos[NJ_MQTT_TOPICS_MAX];
	uint8_t topic_count;
	struct nj_view codes; /* SUBACK, UNSUBACK: one byte a topic */
	struct nj_view props, will_props; /* of version 5, see nj_mqtt_prop */
};

/* Reads a fixed header; false: there is none such. */
NJ_MUST_USE bool nj_mqtt_head(struct nj_view v, struct nj_mqtt_head *h);
/* Reads what follows the header. level: of the session, 0 when not known.
 * cut: the end of a PUBLISH's payload is not in body. False: malformed. */
NJ_MUST_USE bool nj_mqtt_msg(struct nj_mqtt_msg *m,
	const struct nj_mqtt_head *h, struct nj_view body, uint8_t level);

/* A property of version 5. */
struct nj_mqtt_prop {
	uint8_t id;
	const char *name;
	bool number;              /* else text, binary or a pair */
	uint32_t value;           /* of numbers */
	struct nj_view text, key; /* key: of user properties */
};
/* The next property of c; false: none is left, or (c->bad) malformed. */
NJ_MUST_USE bool nj_mqtt_prop(struct nj_cur *c, struct nj_mqtt_prop *p);

/* "Connection Accepted": what a server says of a CONNECT; NULL: unknown. */
const char *nj_mqtt_connect_status(uint8_t level, uint8_t code);
/* "publish"; never NULL. */
const char *nj_mqtt_type_name(uint8_t type);

#endif
