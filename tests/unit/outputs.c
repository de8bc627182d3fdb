/*
 * outputs.c - records as a file of JSON lines, and as messages to Kafka (the
 * mock cluster that librdkafka brings).
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "engine/store/output/jsonl.h"
#include "engine/store/output/kafka.h"

#define NOTE(F, tag)                                                           \
	F(tag, 1, U32, number, 0, "Which one")                                 \
	F(tag, 2, STR, community_id, 0, "Flow")
NJ_EVENT(linenote, NOTE, "For tests");

enum { TEXT_MAX = 65536 };

/* A batch of rows first to first + n - 1. */
static void
batch_of(struct nj_batch *b, uint64_t last, uint32_t first, uint32_t n)
{
	static uint8_t bytes[TEXT_MAX];
	struct nj_store_block block = { .number = last };
	uint64_t broken = 0;
	size_t len = 0;

	for (uint32_t i = first; i < first + n; i++) {
		struct nj_head head = { .ts_ns = i * NJ_NS_PER_S,
			.uid = { i, i } };
		struct linenote_event ev = { .number = i,
			.community_id = NJ_LIT("1:abc=") };

		if (i % 2)
			ev.community_id.data = NULL;
		len += nj_row_encode(bytes + len, sizeof(bytes) - len,
			&linenote_desc, &head, &ev);
	}
	block.rows = (struct nj_view){ bytes, len };
	nj_batch_reset(b);
	assert_true(nj_batch_add(b, &block, &broken));
	assert_true(nj_batch_sort(b));
}

/* ---- Lines ---- */

struct lines {
	char folder[64];
	struct nj_jsonl_conf conf;
	struct nj_batch batch;
	void *self;
	atomic_bool stop;
};

static void
lines_begin(struct lines *l, bool zstd)
{
	*l = (struct lines){ .conf = { .rotate_bytes = 1 << 20,
				     .rotate_age_ns = INT64_MAX,
				     .keep_files = 2,
				     .zstd = zstd } };
	(void)snprintf(l->folder, sizeof(l->folder), "/tmp/njlines-XXXXXX");
	assert_non_null(mkdtemp(l->folder));
	l->conf.folder = l->folder;
	assert_int_equal(nj_jsonl_create(&l->self, &l->conf), NJ_OK);
}

static void
lines_end(struct lines *l)
{
	DIR *d = opendir(l->folder);
	struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d)))
		(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
	assert_int_equal(rmdir(l->folder), 0);
	nj_batch_free(&l->batch);
	nj_jsonl_kind.destroy(l->self);
}

static void
lines_send(struct lines *l, uint64_t mark)
{
	struct nj_output_job job = {
		.batch = &l->batch, .mark = mark, .stop = &l->stop
	};

	assert_true(nj_jsonl_kind.send(l->self, &job));
}

static size_t
file_read(const struct lines *l, const char *name, char *out, size_t cap)
{
	char path[128];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", l->folder, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, out, cap - 1);
	(void)close(fd);
	assert_true(n >= 0);
	out[n] = '\0';
	return (size_t)n;
}

static unsigned
count_of(const char *text, char c)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

/* A batch that comes again replaces what a death has left of it. */
static void
cut_back(void **unused)
{
	static char text[TEXT_MAX];
	struct lines l;
	uint64_t mark;
	char path[128];
	int fd;

	(void)unused;
	lines_begin(&l, false);
	batch_of(&l.batch, 1, 0, 3);
	lines_send(&l, nj_jsonl_kind.mark(l.self));
	mark = nj_jsonl_kind.mark(l.self);
	/* Half of the next one, by a process that died. */
	(void)snprintf(path, sizeof(path), "%s/nightjar.jsonl", l.folder);
	fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "{\"_path\":\"linen", 15), 15);
	(void)close(fd);
	nj_jsonl_kind.destroy(l.self);
	assert_int_equal(nj_jsonl_create(&l.self, &l.conf), NJ_OK);
	batch_of(&l.batch, 2, 3, 2);
	lines_send(&l, mark);
	lines_send(&l, mark);
	(void)file_read(&l, "nightjar.jsonl", text, sizeof(text));
	assert_int_equal(count_of(text, '\n'), 5);
	assert_int_equal(count_of(text, '{'), 5);
	assert_non_null(strstr(text, "\"number\":4"));
	lines_end(&l);
}

/* Each batch is a frame, and the frames together are one stream. */
static void
frames(void **unused)
{
	static char packed[TEXT_MAX], text[TEXT_MAX];
	struct lines l;
	size_t n;

	(void)unused;
	lines_begin(&l, true);
	for (uint32_t i = 0; i < 3; i++) {
		batch_of(&l.batch, i + 1, i * 4, 4);
		lines_send(&l, nj_jsonl_kind.mark(l.self));
	}
	n = file_read(&l, "nightjar.jsonl.zst", packed, sizeof(packed));
	n = ZSTD_decompress(text, sizeof(text) - 1, packed, n);
	assert_false(ZSTD_isError(n));
	text[n] = '\0';
	assert_int_equal(count_of(text, '\n'), 12);
	lines_end(&l);
}

/* A file that is big enough makes room for a new one, and of closed ones the
 * oldest go. */
static void
rotation(void **unused)
{
	char why[NJ_OUTPUT_WHY];
	struct dirent *e;
	struct lines l;
	unsigned n = 0;
	DIR *d;

	(void)unused;
	lines_begin(&l, false);
	l.conf.rotate_bytes = 1;
	for (uint32_t i = 0; i < 5; i++) {
		batch_of(&l.batch, i + 1, i, 1);
		lines_send(&l, nj_jsonl_kind.mark(l.self));
		assert_true(nj_jsonl_kind.rest(l.self,
			(INT64_C(1795478400) + i / 2) * NJ_NS_PER_S, why));
	}
	d = opendir(l.folder);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	(void)closedir(d);
	assert_int_equal(n, 2);
	lines_end(&l);
}

/* ---- Messages ---- */

struct mock {
	rd_kafka_t *rk;
	rd_kafka_mock_cluster_t *cluster;
	struct nj_kafka_conf conf;
	const char *brokers[1];
	struct nj_batch batch;
	void *self;
	atomic_bool stop;
};

static void
mock_begin(struct mock *m, enum nj_kafka_key key)
{
	char why[NJ_OUTPUT_WHY];

	*m = (struct mock){ .stop = false };
	m->rk = rd_kafka_new(
		RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why, sizeof(why));
	assert_non_null(m->rk);
	m->cluster = rd_kafka_mock_cluster_new(m->rk, 3);
	assert_non_null(m->cluster);
	m->brokers[0] = rd_kafka_mock_cluster_bootstraps(m->cluster);
	m->conf = (struct nj_kafka_conf){ .brokers = m->brokers,
		.broker_count = 1,
		.topic = "nj-{type}-x",
		.key = key };
	assert_int_equal(nj_kafka_create(&m->self, &m->conf, why), NJ_OK);
}

static void
mock_end(struct mock *m)
{
	nj_kafka_kind.destroy(m->self);
	nj_batch_free(&m->batch);
	rd_kafka_mock_cluster_destroy(m->cluster);
	rd_kafka_destroy(m->rk);
}

/* As often as it takes, as an output does. */
static void
mock_send(struct mock *m)
{
	struct nj_output_job job = { .batch = &m->batch, .stop = &m->stop };

	for (unsigned i = 0; i < 20; i++)
		if (nj_kafka_kind.send(m->self, &job))
			return;
	fail_msg("%s", job.why);
}

/* Numbers of all messages of the topic, and how many had that key. */
static unsigned
mock_receive(struct mock *m, unsigned want, bool *seen, const char *key,
	unsigned *keyed)
{
	rd_kafka_conf_t *c = rd_kafka_conf_new();
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_message_t *msg;
	char why[NJ_OUTPUT_WHY], text[512];
	rd_kafka_t *rk;
	unsigned n = 0;

	(void)rd_kafka_conf_set(
		c, "bootstrap.servers", m->brokers[0], why, sizeof(why));
	(void)rd_kafka_conf_set(c, "group.id", "test", why, sizeof(why));
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, c, why, sizeof(why));
	assert_non_null(rk);
	list = rd_kafka_topic_partition_list_new(4);
	for (int p = 0; p < 4; p++)
		rd_kafka_topic_partition_list_add(list, "nj-linenote-x", p)
			->offset = RD_KAFKA_OFFSET_BEGINNING;
	assert_int_equal(rd_kafka_assign(rk, list), 0);
	rd_kafka_topic_partition_list_destroy(list);
	for (unsigned tries = 0; n < want + 1 && tries < 30; tries++) {
		msg = rd_kafka_consumer_poll(rk, n < want ? 1000 : 300);
		if (!msg && n >= want)
			break;
		if (!msg)
			continue;
		if (!msg->err) {
			(void)snprintf(text, sizeof(text), "%.*s",
				(int)msg->len, (char *)msg->payload);
			seen[strtoul(strstr(text, "\"number\":") + 9, NULL,
				10)] = true;
			*keyed += msg->key_len == strlen(key) &&
				  !memcmp(msg->key, key, msg->key_len);
			n++;
			tries = 0;
		}
		rd_kafka_message_destroy(msg);
	}
	(void)rd_kafka_consumer_close(rk);
	rd_kafka_destroy(rk);
	return n;
}

/* Every message arrives once, though brokers refuse some for a while. */
static void
messages_arrive_once(void **unused)
{
	bool seen[200] = { false };
	struct mock m;
	unsigned keyed = 0;

	(void)unused;
	mock_begin(&m, NJ_KAFKA_UID);
	rd_kafka_mock_push_request_errors(m.cluster, 0 /* Produce */, 3,
		RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
		RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
	batch_of(&m.batch, 1, 0, 120);
	mock_send(&m);
	batch_of(&m.batch, 2, 120, 80);
	mock_send(&m);
	assert_int_equal(
		mock_receive(&m, 200, seen, "C0000000000700007", &keyed), 200);
	for (unsigned i = 0; i < 200; i++)
		assert_true(seen[i]);
	mock_end(&m);
}

/* The community id is the key where it is asked for and there is one. */
static void
community_key(void **unused)
{
	bool seen[10] = { false };
	struct mock m;
	unsigned keyed = 0;

	(void)unused;
	mock_begin(&m, NJ_KAFKA_COMMUNITY_ID);
	batch_of(&m.batch, 1, 0, 10);
	mock_send(&m);
	assert_int_equal(mock_receive(&m, 10, seen, "1:abc=", &keyed), 10);
	assert_int_equal(keyed, 5);
	mock_end(&m);
}

/* A setting that librdkafka does not know is refused with its words. */
static void
bad_setting(void **unused)
{
	const char *const settings[] = { "no.such.thing=1" };
	const char *const brokers[] = { "127.0.0.1:9" };
	struct nj_kafka_conf conf = { .brokers = brokers,
		.broker_count = 1,
		.topic = "x",
		.settings = settings,
		.setting_count = 1 };
	char why[NJ_OUTPUT_WHY];
	void *self;

	(void)unused;
	assert_int_equal(nj_kafka_create(&self, &conf, why), NJ_E_CONFIG);
	assert_non_null(strstr(why, "no.such.thing"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_back),
		cmocka_unit_test(frames),
		cmocka_unit_test(rotation),
		cmocka_unit_test(messages_arrive_once),
		cmocka_unit_test(community_key),
		cmocka_unit_test(bad_setting),
	};

	if (nj_event_register(&linenote_desc))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
