/*
 * filter.h - what is left out before flows see it: copies of packets that
 * mirror ports make, and what the operator excludes. Each worker has its own
 * filters, and may be given others while it runs.
 */
#ifndef NJ_PIPELINE_FILTER_H
#define NJ_PIPELINE_FILTER_H

#include "engine/conf/conf.h"
#include "engine/packet/dedup.h"
#include "engine/packet/exclude.h"

struct nj_filter_conf {
	bool dedup;
	struct nj_dedup_conf dedup_conf;
	struct nj_exclude_conf exclude; /* lists are owned by this struct */
};

/* What nightjar.yaml asks for; borrows conf as long as out is used. */
NJ_MUST_USE enum nj_err nj_filter_conf_load(
	struct nj_filter_conf *out, const struct nj_conf *conf);
void nj_filter_conf_free(struct nj_filter_conf *f);

/* NULL where there is nothing to do. */
struct nj_filters {
	struct nj_dedup *dedup;
	struct nj_exclude *exclude;
};
/* NJ_E_CONFIG for an expression that is none: why says what is wrong. */
NJ_MUST_USE enum nj_err nj_filters_create(struct nj_filters *out,
	const struct nj_filter_conf *conf, char why[NJ_EXCLUDE_TEXT]);
void nj_filters_destroy(struct nj_filters *f);

/* Does the filter expression of conf compile? Says so if not, with its place
 * in the file. */
bool nj_filter_check(const struct nj_conf *conf);

#endif
