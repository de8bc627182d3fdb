/*
 * kafka.c - batches as messages. The producer is idempotent: what it sends
 * again by itself is there once. A batch has arrived when each message was
 * acknowledged by all replicas in sync; what was not is never produced a
 * second time by this process while it may still be on its way.
 *
 * A process that begins with the batch of the one before produces it whole:
 * messages carry the batch's number as header nightjar-block, and those who
 * cannot have any twice look at it.
 */
#include "engine/store/output/kafka.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/clock.h"

enum { POLL_MS = 100, END_MS = 1000, TOPIC_CAP = 256, COMMUNITY_ID_MAX = 64 };
/* Without an acknowledgement for so long, something is the matter. */
#define SILENCE_NS (10 * NJ_NS_PER_S)

enum row_state { ROW_WAITS, ROW_UNDER_WAY, ROW_ARRIVED };

struct kafka {
	const struct nj_kafka_conf *conf;
	rd_kafka_t *rk;
	struct nj_buf text;
	/* Of the batch that is being sent. */
	uint64_t batch;
	uint32_t rows, arrived, under_way;
	uint8_t *row; /* enum row_state */
	int64_t heard_ns;
	char error[NJ_OUTPUT_WHY];
};

/* ---- Callbacks, from rd_kafka_poll ---- */

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *ctx)
{
	struct kafka *k = ctx;
	size_t i = (size_t)m->_private;

	(void)rk;
	NJ_ASSERT(i < k->rows && k->under_way);
	k->under_way--;
	k->heard_ns = nj_mono_ns();
	k->arrived += !m->err;
	k->row[i] = m->err ? ROW_WAITS : ROW_ARRIVED;
	if (m->err)
		(void)snprintf(k->error, sizeof(k->error), "%s",
			rd_kafka_err2str(m->err));
}

static void
on_error(rd_kafka_t *rk, int err, const char *reason, void *ctx)
{
	struct kafka *k = ctx;

	(void)rk, (void)err;
	(void)snprintf(k->error, sizeof(k->error), "%s", reason);
}

/* The same comes by on_error. */
static void
on_log(const rd_kafka_t *rk, int level, const char *what, const char *text)
{
	(void)rk, (void)level, (void)what, (void)text;
}

/* ---- Beginning and end ---- */

static bool
set(rd_kafka_conf_t *c, const char *name, const char *value, char *why)
{
	return rd_kafka_conf_set(c, name, value, why, NJ_OUTPUT_WHY) ==
	       RD_KAFKA_CONF_OK;
}

/* NAME=VALUE */
static bool
set_one(rd_kafka_conf_t *c, const char *setting, char *why)
{
	struct nj_view v = nj_str(setting);
	size_t at = nj_view_chr(v, '=');
	char name[128];

	if (at >= sizeof(name)) {
		(void)snprintf(why, NJ_OUTPUT_WHY, "%.100s is not NAME=VALUE",
			setting);
		return false;
	}
	memcpy(name, setting, at);
	name[at] = '\0';
	return set(c, name, setting + at + 1, why);
}

static bool
set_all(rd_kafka_conf_t *c, const struct nj_kafka_conf *conf, char *why)
{
	struct nj_buf brokers = { 0 };
	bool good;

	for (unsigned i = 0; i < conf->broker_count; i++)
		nj_buf_printf(&brokers, "%s%s", i ? "," : "", conf->brokers[i]);
	nj_buf_char(&brokers, '\0');
	good = !brokers.bad &&
	       set(c, "bootstrap.servers", (char *)brokers.data, why) &&
	       set(c, "client.id", "nightjar", why) &&
	       set(c, "linger.ms", "50", why) &&
	       set(c, "message.timeout.ms", "0", why);
	nj_buf_free(&brokers);
	for (unsigned i = 0; good && i < conf->setting_count; i++)
		good = set_one(c, conf->settings[i], why);
	/* Nobody is to turn this off by a setting. */
	return good && set(c, "enable.idempotence", "true", why);
}

static void
kafka_destroy(void *self)
{
	struct kafka *k = self;

	if (k->rk) {
		(void)rd_kafka_purge(k->rk,
			RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
		(void)rd_kafka_flush(k->rk, END_MS);
		rd_kafka_destroy(k->rk);
	}
	nj_buf_free(&k->text);
	free(k->row);
	free(k);
}

enum nj_err
nj_kafka_create(
	void **self, const struct nj_kafka_conf *conf, char why[NJ_OUTPUT_WHY])
{
	struct kafka *k = calloc(1, sizeof(*k));
	rd_kafka_conf_t *c = rd_kafka_conf_new();

	*self = NULL;
	why[0] = '\0';
	if (!k || !set_all(c, conf, why)) {
		free(k);
		rd_kafka_conf_destroy(c);
		return why[0] ? NJ_E_CONFIG : NJ_E_NOMEM;
	}
	k->conf = conf;
	rd_kafka_conf_set_opaque(c, k);
	rd_kafka_conf_set_dr_msg_cb(c, on_delivery);
	rd_kafka_conf_set_error_cb(c, on_error);
	rd_kafka_conf_set_log_cb(c, on_log);
	k->rk = rd_kafka_new(RD_KAFKA_PRODUCER, c, why, NJ_OUTPUT_WHY);
	if (!k->rk) {
		rd_kafka_conf_destroy(c);
		kafka_destroy(k);
		return NJ_E_CONFIG;
	}
	*self = k;
	return NJ_OK;
}

/* ---- Messages ---- */

/* The topic's pattern with the log type in it. */
static void
topic_of(const struct kafka *k, const struct nj_event_desc *desc,
	char out[TOPIC_CAP])
{
	static const char mark[] = "{type}";
	struct nj_view topic = nj_str(k->conf->topic);
	size_t at = nj_view_find(topic, nj_str(mark));

	if (at == SIZE_MAX)
		(void)snprintf(out, TOPIC_CAP, "%s", k->conf->topic);
	else
		(void)snprintf(out, TOPIC_CAP, "%.*s%s%s", (int)at,
			k->conf->topic, desc->name,
			k->conf->topic + at + sizeof(mark) - 1);
}

static size_t
community_id(const struct nj_row *row, char out[COMMUNITY_ID_MAX])
{
	struct nj_row_field f;
	struct nj_row_iter it;

	nj_row_iter_init(&it, row);
	while (nj_row_next(&it, &f)) {
		if (f.type != NJ_T_STR || f.bytes.len > COMMUNITY_ID_MAX ||
			strcmp(f.field->member, "community_id"))
			continue;
		memcpy(out, f.bytes.data, f.bytes.len);
		return f.bytes.len;
	}
	return 0;
}

/* Records that belong to no flow have no key. */
static size_t
key_of(const struct kafka *k, const struct nj_row *row,
	char out[COMMUNITY_ID_MAX])
{
	size_t n = 0;

	if (k->conf->key == NJ_KAFKA_COMMUNITY_ID)
		n = community_id(row, out);
	if (!n && row->head.uid[0] | row->head.uid[1])
		n = nj_uid_format('C', row->head.uid, out);
	return n;
}

/* False: the producer's queue is full, or it does not want this message. */
static bool
produce(struct kafka *k, const struct nj_batch *b, uint32_t i)
{
	struct nj_row row = nj_batch_row(b, i);
	const struct nj_event_desc *desc = nj_event_by_type(row.type);
	char topic[TOPIC_CAP], key[COMMUNITY_ID_MAX], block[24];
	size_t key_n = key_of(k, &row, key);
	rd_kafka_resp_err_t err;

	if (!desc) {
		k->row[i] = ROW_ARRIVED; /* of no log type: there is none */
		k->arrived++;
		return true;
	}
	topic_of(k, desc, topic);
	nj_buf_reset(&k->text);
	nj_row_json(&k->text, &row);
	(void)snprintf(
		block, sizeof(block), "%llu", (unsigned long long)b->last);
	err = rd_kafka_producev(k->rk, RD_KAFKA_V_TOPIC(topic),
		RD_KAFKA_V_KEY(key_n ? key : NULL, key_n),
		RD_KAFKA_V_VALUE(k->text.data, k->text.len),
		RD_KAFKA_V_HEADER("nightjar-block", block, -1),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		RD_KAFKA_V_OPAQUE((void *)(size_t)i), RD_KAFKA_V_END);
	if (err) {
		if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL)
			(void)snprintf(k->error, sizeof(k->error),
				"%.120s: %.100s", topic, rd_kafka_err2str(err));
		return false;
	}
	k->row[i] = ROW_UNDER_WAY;
	k->under_way++;
	return true;
}

static bool
begin_batch(struct kafka *k, const struct nj_batch *b)
{
	uint8_t *more;

	if (k->batch == b->last && k->row)
		return true;
	/* Nothing of another batch can be under way: it had arrived. */
	NJ_ASSERT(!k->under_way);
	more = realloc(k->row, (size_t)b->rows + 1);
	if (!more)
		return false;
	k->row = more;
	memset(k->row, ROW_WAITS, b->rows);
	k->batch = b->last;
	k->rows = b->rows;
	k->arrived = 0;
	return true;
}

static bool
kafka_send(void *self, struct nj_output_job *job)
{
	struct kafka *k = self;
	const struct nj_batch *b = job->batch;

	k->error[0] = '\0';
	if (!begin_batch(k, b)) {
		(void)snprintf(job->why, sizeof(job->why), "out of memory");
		return false;
	}
	k->heard_ns = nj_mono_ns();
	for (uint32_t i = 0; i < b->rows; i++) {
		while (k->row[i] == ROW_WAITS && !produce(k, b, i) &&
			!atomic_load(job->stop) && !k->error[0])
			(void)rd_kafka_poll(k->rk, POLL_MS);
		if (atomic_load(job->stop) || k->error[0])
			break;
	}
	while (k->under_way && !atomic_load(job->stop) &&
		nj_mono_ns() - k->heard_ns < SILENCE_NS)
		(void)rd_kafka_poll(k->rk, POLL_MS);
	if (k->arrived == k->rows)
		return true;
	(void)snprintf(job->why, sizeof(job->why),
		"%u of %u messages acknowledged: %.180s", k->arrived, k->rows,
		k->error[0] ? k->error : "no answer");
	return false;
}

const struct nj_output_kind nj_kafka_kind = {
	.name = "kafka",
	.send = kafka_send,
	.destroy = kafka_destroy,
};
