/*
 * kafka.h - records as messages to Apache Kafka (librdkafka): JSON, a topic a
 * log type, keyed so that what belongs to a flow stays in order.
 */
#ifndef NJ_STORE_OUTPUT_KAFKA_H
#define NJ_STORE_OUTPUT_KAFKA_H

#include "engine/store/output/output.h"

enum nj_kafka_key { NJ_KAFKA_UID, NJ_KAFKA_COMMUNITY_ID };

struct nj_kafka_conf {
	const char *const *brokers; /* HOST:PORT */
	unsigned broker_count;
	const char *topic; /* {type} stands for the log type */
	enum nj_kafka_key key;
	const char *const *settings; /* NAME=VALUE, librdkafka's */
	unsigned setting_count;
};

extern const struct nj_output_kind nj_kafka_kind;
/* Borrows conf. NJ_E_CONFIG: why says which setting is none. */
NJ_MUST_USE enum nj_err nj_kafka_create(
	void **self, const struct nj_kafka_conf *conf, char why[NJ_OUTPUT_WHY]);

#endif
