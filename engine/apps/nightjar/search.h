/*
 * search.h - the ways in which `nightjar search` says an answer.
 */
#ifndef NJ_APPS_NIGHTJAR_SEARCH_H
#define NJ_APPS_NIGHTJAR_SEARCH_H

#include "engine/base/args.h"
#include "engine/base/buf.h"
#include "engine/store/search/search.h"

/* What standard output is, and what was asked for. */
struct nj_page {
	struct nj_buf out; /* written by nj_page_flush */
	bool json, colour, broken;
	unsigned columns; /* of the terminal; 0: no limit */
	int64_t flushed_ns;
	uint64_t rows;
	const struct nj_arg_list *fields; /* to show; n == 0: what fits */
};

/* False once nobody reads any more. */
bool nj_page_flush(struct nj_page *p);

/* One record: JSON, or a line of the table. False as nj_page_flush. */
bool nj_page_row(struct nj_page *p, const struct nj_row *row);

void nj_page_count(struct nj_page *p, uint64_t rows);
void nj_page_terms(struct nj_page *p, struct nj_view field,
	const struct nj_search_terms *t);
void nj_page_scores(struct nj_page *p, struct nj_view field,
	const char *against, const struct nj_search_scored *s, unsigned n);
void nj_page_stats(struct nj_page *p, struct nj_view field,
	const struct nj_search_stats *s);
struct nj_page_graph {
	int64_t from_ns;
	const struct nj_search_slices *slices;
	const struct nj_store_span *gaps;
	unsigned gap_count;
};
void nj_page_graph(struct nj_page *p, const struct nj_page_graph *g);

/* Asks ClickHouse by the configuration in file (NULL: the usual one); conf
 * needs no view. */
enum nj_exit nj_search_clickhouse(struct nj_page *p,
	const struct nj_search_conf *conf, const char *file, bool count);

/* How complete the answer was; to standard error. */
void nj_page_stamp(
	const struct nj_page *p, const struct nj_search_stamp *stamp);

#endif
