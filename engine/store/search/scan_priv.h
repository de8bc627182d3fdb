/*
 * scan_priv.h - goes through the segments of a view that may matter, on
 * several threads, newest first.
 */
#ifndef NJ_STORE_SEARCH_SCAN_PRIV_H
#define NJ_STORE_SEARCH_SCAN_PRIV_H

#include "engine/store/search/eval_priv.h"
#include "engine/store/search/search.h"

/* A segment that was evaluated. Its arena lives until the hook returns. */
struct nj_found {
	unsigned place;  /* among the segments of the scan */
	unsigned thread; /* 0 to threads - 1 */
	const struct nj_store_segment *segment;
	const struct nj_rows *rows;
	uint32_t matched;
	struct nj_eval *eval;
};

struct nj_scan_hooks {
	void *ctx;
	/* Called by any thread for each segment with matches. */
	enum nj_err (*found)(void *ctx, const struct nj_found *f);
	/* May be NULL. Called by any thread before place is looked at; false:
	 * no more is wanted. May wait. */
	bool (*wanted)(void *ctx, unsigned place);
	/* May be NULL. Called after place was looked at, found or not. */
	void (*passed)(void *ctx, unsigned place);
	/* May be NULL. The last call of each thread. */
	void (*ended)(void *ctx);
};

struct nj_scan;
/* Picks the segments and the number of threads. */
NJ_MUST_USE enum nj_err nj_scan_create(
	struct nj_scan **out, const struct nj_search_conf *conf);
void nj_scan_destroy(struct nj_scan **s);
unsigned nj_scan_threads(const struct nj_scan *s);
unsigned nj_scan_count(const struct nj_scan *s);
const struct nj_store_segment *nj_scan_segment(
	const struct nj_scan *s, unsigned place);
/* Starts the threads; hooks must stay until nj_scan_end. */
NJ_MUST_USE enum nj_err nj_scan_begin(
	struct nj_scan *s, const struct nj_scan_hooks *hooks);
/* No further segment is begun. */
void nj_scan_stop(struct nj_scan *s);
/* Waits for the threads, and fills in the stamp. */
NJ_MUST_USE enum nj_err nj_scan_end(
	struct nj_scan *s, struct nj_search_stamp *stamp);
/* All three in one, where nothing is to be done meanwhile. */
NJ_MUST_USE enum nj_err nj_scan_run(struct nj_scan *s,
	const struct nj_scan_hooks *hooks, struct nj_search_stamp *stamp);
/* False: somebody has cancelled the search, its budget is used up, or it was
 * stopped. */
bool nj_scan_may_go_on(struct nj_scan *s);

#endif
