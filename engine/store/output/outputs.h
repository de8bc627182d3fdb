/*
 * outputs.h - all outputs that the configuration names, started and stopped
 * together.
 */
#ifndef NJ_STORE_OUTPUT_OUTPUTS_H
#define NJ_STORE_OUTPUT_OUTPUTS_H

#include "engine/conf/conf.h"
#include "engine/store/output/clickhouse.h"
#include "engine/store/output/output.h"

/* What the options say of ClickHouse, for outputs and searches; the password
 * is read now, into *password, which the caller frees and *out borrows. Says
 * to standard error what is wrong. out->url_count is 0 when it is off. */
NJ_MUST_USE bool nj_clickhouse_options(struct nj_clickhouse_conf *out,
	const struct nj_conf *conf, char **password);

struct nj_outputs;
/* Reads what only root may read, and checks; starts nothing. Borrows conf.
 * Says mistakes to standard error. *out is NULL when every output is off. */
NJ_MUST_USE bool nj_outputs_create(
	struct nj_outputs **out, const struct nj_conf *conf);
/* Starts the threads. folder is for what they remember, and borrowed. On
 * failure *what is the output's name. */
NJ_MUST_USE enum nj_err nj_outputs_start(struct nj_outputs *o,
	const struct nj_output_source *source, const char *folder,
	const char **what);
/* Stops them, see nj_output_stop, and frees. */
void nj_outputs_stop(struct nj_outputs **out, int64_t patience_ns);
/* False past the last. */
bool nj_outputs_state(
	struct nj_outputs *o, unsigned i, struct nj_output_state *out);

#endif
