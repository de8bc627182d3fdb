/*
 * kafka_msg.h - a request to Kafka, taken apart as far as its target: the
 * header, and what stands at the beginning of the requests whose beginning
 * says which topic or group they are about.
 */
#ifndef NJ_DISSECTORS_SHARED_KAFKA_MSG_H
#define NJ_DISSECTORS_SHARED_KAFKA_MSG_H

#include "engine/base/cur.h"

enum nj_kafka_api {
	NJ_KAFKA_PRODUCE = 0,
	NJ_KAFKA_FETCH = 1,
	NJ_KAFKA_METADATA = 3,
	NJ_KAFKA_SASL_HANDSHAKE = 17,
	NJ_KAFKA_API_VERSIONS = 18,
	NJ_KAFKA_SASL_AUTHENTICATE = 36
};

enum { NJ_KAFKA_HEAD = 14, NJ_KAFKA_TOPICS_MAX = 8 };

struct nj_kafka_request {
	uint16_t api, version;
	int32_t id;
	const char *name;         /* of the api */
	struct nj_view client_id; /* data NULL: none */
	struct nj_view topics[NJ_KAFKA_TOPICS_MAX];
	uint8_t topic_count;
	struct nj_view group;    /* of consumers, or a transaction */
	struct nj_view method;   /* of a log-in */
	struct nj_view user;     /* of a log-in by PLAIN or SCRAM */
	struct nj_view software; /* and its version */
	struct nj_view software_version;
	bool unanswered; /* the producer wants no answer */
};

/* v: a message without its length, or the beginning of one. False: this is
 * no request. */
NJ_MUST_USE bool nj_kafka_request(struct nj_kafka_request *r, struct nj_view v);
/* What an answer says of success, where it says so at its beginning: v behind
 * the correlation id. False: it does not. */
NJ_MUST_USE bool nj_kafka_error(
	uint16_t api, uint16_t version, struct nj_view v, int16_t *code);
/* "TOPIC_AUTHORIZATION_FAILED"; NULL: unknown. */
const char *nj_kafka_error_name(int16_t code);

#endif
