/*
 * outputs.c - outputs as the configuration wants them.
 */
#include "engine/store/output/outputs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "engine/base/clock.h"
#include "engine/store/output/jsonl.h"
#include "engine/store/output/kafka.h"

enum { PASSWORD_MAX = 1024 };

/* Of batches that go elsewhere than to ClickHouse. */
#define BATCH_ROWS 50000
#define BATCH_BYTES (UINT64_C(64) << 20)
#define RETRY_NS (NJ_NS_PER_S / 4)
#define RETRY_MAX_NS (60 * NJ_NS_PER_S)

struct nj_outputs {
	const struct nj_conf *conf;
	struct nj_clickhouse_conf clickhouse;
	char *password;
	struct nj_jsonl_conf jsonl;
	struct nj_kafka_conf kafka;
	struct nj_output_conf common[NJ_OUTPUTS_MAX];
	struct nj_output *v[NJ_OUTPUTS_MAX];
	unsigned n;
};

/* ---- ClickHouse's options ---- */

static bool
read_password(const struct nj_conf *conf, char **password)
{
	const char *path = conf->outputs__clickhouse__password_file;
	char text[PASSWORD_MAX] = "";
	FILE *f;

	if (path[0]) {
		f = fopen(path, "re");
		if (!f || !fgets(text, sizeof(text), f)) {
			nj_conf_complain(conf,
				NJ_CONF_outputs__clickhouse__password_file,
				f ? "it holds no line" : strerror(errno),
				"name a file that root can read");
			if (f)
				(void)fclose(f);
			return false;
		}
		(void)fclose(f);
		text[strcspn(text, "\r\n")] = '\0';
	}
	*password = strdup(text);
	return *password != NULL;
}

static bool
check_urls(const struct nj_conf *conf)
{
	const struct nj_conf_strings *urls = &conf->outputs__clickhouse__urls;

	for (uint32_t i = 0; i < urls->n; i++) {
		struct nj_view v = nj_str(urls->v[i]);

		if (nj_view_starts(v, NJ_LIT("http://")) ||
			nj_view_starts(v, NJ_LIT("https://")))
			continue;
		nj_conf_complain(conf, NJ_CONF_outputs__clickhouse__urls,
			"it is no address of a server",
			"write http://HOST:8123 or https://HOST:8443");
		return false;
	}
	return true;
}

bool
nj_clickhouse_options(struct nj_clickhouse_conf *out,
	const struct nj_conf *conf, char **password)
{
	*password = NULL;
	*out = (struct nj_clickhouse_conf){
		.urls = conf->outputs__clickhouse__urls.v,
		.url_count = conf->outputs__clickhouse__urls.n,
		.database = conf->outputs__clickhouse__database,
		.cluster = conf->outputs__clickhouse__cluster,
		.user = conf->outputs__clickhouse__user,
		.password = "",
		.tls_verify = conf->outputs__clickhouse__tls_verify,
		.ca_file = conf->outputs__clickhouse__ca_file,
		.retention_days =
			(unsigned)conf->outputs__clickhouse__retention_days,
	};
	if (!out->url_count)
		return true;
	if (!check_urls(conf) || !read_password(conf, password))
		return false;
	out->password = *password;
	return true;
}

/* ---- All of them ---- */

static void
jsonl_options(struct nj_jsonl_conf *out, const struct nj_conf *conf)
{
	*out = (struct nj_jsonl_conf){
		.folder = conf->outputs__jsonl__folder,
		.rotate_bytes = (uint64_t)conf->outputs__jsonl__rotate_size,
		.rotate_age_ns = conf->outputs__jsonl__rotate_age,
		.keep_files = (unsigned)conf->outputs__jsonl__keep_files,
		.zstd = conf->outputs__jsonl__compress != 0,
	};
}

static void
kafka_options(struct nj_kafka_conf *out, const struct nj_conf *conf)
{
	*out = (struct nj_kafka_conf){
		.brokers = conf->outputs__kafka__brokers.v,
		.broker_count = conf->outputs__kafka__brokers.n,
		.topic = conf->outputs__kafka__topic,
		.key = (enum nj_kafka_key)conf->outputs__kafka__key,
		.settings = conf->outputs__kafka__settings.v,
		.setting_count = conf->outputs__kafka__settings.n,
	};
}

/* Settings that librdkafka refuses are found before anything starts. */
static bool
check_kafka(const struct nj_outputs *o)
{
	char why[NJ_OUTPUT_WHY];
	void *self;

	if (!o->kafka.broker_count)
		return true;
	if (nj_kafka_create(&self, &o->kafka, why)) {
		nj_conf_complain(o->conf, NJ_CONF_outputs__kafka__settings, why,
			"see librdkafka's CONFIGURATION.md");
		return false;
	}
	nj_kafka_kind.destroy(self);
	return true;
}

bool
nj_outputs_create(struct nj_outputs **out, const struct nj_conf *conf)
{
	struct nj_outputs *o = calloc(1, sizeof(*o));

	*out = NULL;
	if (!o)
		return false;
	o->conf = conf;
	jsonl_options(&o->jsonl, conf);
	kafka_options(&o->kafka, conf);
	if (!nj_clickhouse_options(&o->clickhouse, conf, &o->password) ||
		!check_kafka(o)) {
		nj_outputs_stop(&o, 0);
		return false;
	}
	if (o->clickhouse.url_count || o->jsonl.folder[0] ||
		o->kafka.broker_count)
		*out = o;
	else
		nj_outputs_stop(&o, 0);
	return true;
}

/* One more output of a kind, which err says could be made. */
static enum nj_err
start(struct nj_outputs *o, const struct nj_output_source *source,
	const char *folder, const struct nj_output_kind *kind, void *self)
{
	struct nj_output_conf *c = &o->common[o->n];
	enum nj_err err;

	*c = (struct nj_output_conf){ .folder = folder,
		.rows_max = BATCH_ROWS,
		.bytes_max = BATCH_BYTES,
		.age_ns = NJ_NS_PER_S,
		.retry_ns = RETRY_NS,
		.retry_max_ns = RETRY_MAX_NS };
	if (kind == &nj_clickhouse_kind) {
		c->rows_max =
			(uint64_t)o->conf->outputs__clickhouse__batch_rows;
		c->age_ns = o->conf->outputs__clickhouse__batch_age;
	}
	err = nj_output_start(&o->v[o->n], source, c, kind, self);
	o->n += !err;
	return err;
}

enum nj_err
nj_outputs_start(struct nj_outputs *o, const struct nj_output_source *source,
	const char *folder, const char **what)
{
	char why[NJ_OUTPUT_WHY];
	enum nj_err err = NJ_OK;
	void *self;

	if (o->clickhouse.url_count) {
		*what = nj_clickhouse_kind.name;
		err = nj_clickhouse_create(&self, &o->clickhouse);
		if (!err)
			err = start(
				o, source, folder, &nj_clickhouse_kind, self);
	}
	if (!err && o->jsonl.folder[0]) {
		*what = nj_jsonl_kind.name;
		err = nj_jsonl_create(&self, &o->jsonl);
		if (!err)
			err = start(o, source, folder, &nj_jsonl_kind, self);
	}
	if (!err && o->kafka.broker_count) {
		*what = nj_kafka_kind.name;
		err = nj_kafka_create(&self, &o->kafka, why);
		if (!err)
			err = start(o, source, folder, &nj_kafka_kind, self);
	}
	return err;
}

void
nj_outputs_stop(struct nj_outputs **out, int64_t patience_ns)
{
	struct nj_outputs *o = *out;
	int64_t end = nj_mono_ns() + patience_ns;

	if (!o)
		return;
	for (unsigned i = 0; i < o->n; i++)
		nj_output_stop(
			&o->v[i], nj_max(end - nj_mono_ns(), INT64_C(0)));
	free(o->password);
	free(o);
	*out = NULL;
}

bool
nj_outputs_state(struct nj_outputs *o, unsigned i, struct nj_output_state *out)
{
	if (!o || i >= o->n)
		return false;
	nj_output_state(o->v[i], out);
	return true;
}
