/*
 * search.h - answers over a view of the store: rows newest first, and what
 * can be counted about them. A query is bound to log types (query.h); segments
 * are passed over by time, by least and greatest values and by filters, and
 * the rest is evaluated column by column on several threads.
 *
 * Every answer carries a stamp that says how complete it is. A search ends
 * early when it is cancelled, or when its budget is used up, and says so.
 */
#ifndef NJ_STORE_SEARCH_SEARCH_H
#define NJ_STORE_SEARCH_SEARCH_H

#include <stdatomic.h>

#include "engine/store/query/query.h"
#include "engine/store/store.h"

/* Regular expressions of queries by Hyperscan, for any number of threads:
 * for nj_query_env. */
extern const struct nj_query_regexes nj_search_regexes;

enum { NJ_SEARCH_THREADS_MAX = 64 };

struct nj_search_conf {
	const struct nj_store_view *view; /* borrowed, as all here */
	const struct nj_bound *query;     /* query.h */
	int64_t from_ns, to_ns;           /* ts; to is not included */
	unsigned threads;                 /* 0: one for each core */
	uint64_t rows_max;         /* of nj_search_rows, to give; 0: all */
	uint64_t values_max;       /* budget: values decoded; 0: no limit */
	const atomic_bool *cancel; /* may be NULL */
};

/* How complete an answer is. */
struct nj_search_stamp {
	uint64_t segments;    /* of wanted types in the time range */
	uint64_t passed_over; /* of them: could not match, not read */
	uint64_t read;        /* evaluated */
	uint64_t expired;     /* taken by retention meanwhile */
	uint64_t corrupt;     /* checksum wrong: left out */
	uint64_t rows_read;   /* rows of segments evaluated */
	uint64_t values;      /* decoded */
	uint64_t matched;     /* rows; a lower bound unless complete */
	int64_t held_from_ns, held_to_ns; /* ts of all that the view holds */
	bool complete;                    /* nothing was left out */
	/* Why not. limited: rows_max were given. */
	bool cancelled, over_budget, limited;
	int64_t took_ns;
};

/* Rows, newest ts first, as they are found (fn borrows row; false ends the
 * search as cancelled). Rows of the same ts: those of the younger segment
 * first. */
NJ_MUST_USE enum nj_err nj_search_rows(const struct nj_search_conf *conf,
	bool (*fn)(void *ctx, const struct nj_row *row), void *ctx,
	struct nj_search_stamp *stamp);

/* ---- Counting ---- */
NJ_MUST_USE enum nj_err nj_search_count(
	const struct nj_search_conf *conf, struct nj_search_stamp *stamp);

/* Matches by slices of time, from conf->from_ns on. */
enum { NJ_SEARCH_SLICES_MAX = 4096 };
struct nj_search_slices {
	int64_t step_ns;
	unsigned n;
	uint64_t count[NJ_SEARCH_SLICES_MAX];
};
NJ_MUST_USE enum nj_err nj_search_graph(const struct nj_search_conf *conf,
	struct nj_search_slices *io, struct nj_search_stamp *stamp);

/* A field as queries name it, bound to the registered log types: made by
 * binding _exists_:name. */
struct nj_search_field;
NJ_MUST_USE enum nj_err nj_search_field_find(struct nj_search_field **out,
	struct nj_view name, struct nj_query_error *error);
void nj_search_field_free(struct nj_search_field **f);

/* Values of a field and how many of the matching rows have each, most first.
 * A row counts once for each element of a vector. At most
 * NJ_SEARCH_VALUES_MAX values are told apart; beyond that rare ones are given
 * up: a count may then be too low by error, and values with no more than
 * error may be missing. */
enum { NJ_SEARCH_VALUES_MAX = 1 << 20 };
struct nj_search_term {
	struct nj_view value; /* as JSON has it, without quotes */
	uint64_t count;
};
struct nj_search_terms {
	struct nj_search_term *term; /* top of them */
	unsigned n;
	uint64_t distinct;      /* told apart; a lower bound if error */
	uint64_t with, without; /* values counted; rows that have none */
	uint64_t error;
	void *memory;
};
NJ_MUST_USE enum nj_err nj_search_terms(const struct nj_search_conf *conf,
	const struct nj_search_field *field, unsigned top,
	struct nj_search_terms *out, struct nj_search_stamp *stamp);
void nj_search_terms_free(struct nj_search_terms *t);

/* Numbers of a field: text values have none. Quantiles are those of a
 * histogram with steps of 1 % (exact below 64). */
enum { NJ_SEARCH_QUANTILES = 5 };
extern const double nj_search_quantiles[NJ_SEARCH_QUANTILES];
struct nj_search_stats {
	uint64_t count, without;
	double sum, min, max, mean, deviation;
	double quantile[NJ_SEARCH_QUANTILES];
};
NJ_MUST_USE enum nj_err nj_search_stats(const struct nj_search_conf *conf,
	const struct nj_search_field *field, struct nj_search_stats *out,
	struct nj_search_stamp *stamp);

/* What sets one set of rows apart from another: values of a field that are
 * over-represented in one (a) against the other (b), by the signed root of
 * the log-likelihood ratio (Dunning 1993). */
struct nj_search_scored {
	struct nj_view value;
	uint64_t in_a, in_b;
	double share_a, share_b; /* of the values of either */
	double score;            /* above 0: more in a; about 3 is noteworthy */
};
/* Orders the values of two answers by score, highest first, and gives how
 * many were written. Views are those of a and b. */
unsigned nj_search_score(const struct nj_search_terms *a,
	const struct nj_search_terms *b, struct nj_search_scored *out,
	unsigned max);

#endif
