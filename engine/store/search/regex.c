/*
 * regex.c - regular expressions of queries, by Hyperscan. One database each;
 * every thread that matches gets a scratch of its own.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/buf.h"
#include "engine/dissect/hs/match.h"
#include "engine/store/search/search.h"

struct regex {
	struct nj_match *match;
	pthread_key_t scratch; /* of each thread, struct nj_match_scratch */
};

static void
drop_scratch(void *scratch)
{
	struct nj_match_scratch *s = scratch;

	nj_match_scratch_destroy(&s);
}

static bool
compile_text(struct regex *re, const struct nj_bound_regex *from)
{
	struct nj_pattern pattern = {
		.nocase = from->nocase, .empty = true, .kinds = 1
	};
	struct nj_buf text = { 0 };
	unsigned bad = 0;
	bool ok;

	nj_buf_str(&text, from->whole ? "^(?:" : "");
	nj_buf_put(&text, from->pattern.data, from->pattern.len);
	nj_buf_str(&text, from->whole ? ")\\z" : "");
	nj_buf_char(&text, 0);
	pattern.text = (const char *)text.data;
	ok = !text.bad && !memchr(from->pattern.data, 0, from->pattern.len) &&
	     !nj_match_create(&re->match, &pattern, 1, NULL, &bad);
	nj_buf_free(&text);
	return ok;
}

static void *
regex_compile(
	void *ctx, const struct nj_bound_regex *from, char *why, size_t cap)
{
	struct regex *re = calloc(1, sizeof(*re));

	(void)ctx;
	if (!re || !compile_text(re, from)) {
		free(re);
		(void)snprintf(why, cap,
			"it does not compile (PCRE without look-around and "
			"back references)");
		return NULL;
	}
	if (pthread_key_create(&re->scratch, drop_scratch)) {
		nj_match_destroy(&re->match);
		free(re);
		(void)snprintf(why, cap, "too many at once");
		return NULL;
	}
	return re;
}

static bool
regex_match(void *ctx, void *compiled, struct nj_view text)
{
	struct regex *re = compiled;
	struct nj_match_scratch *s = pthread_getspecific(re->scratch);
	struct nj_scan scan = { 0, text };
	struct nj_hit hits[NJ_HITS_MAX];

	(void)ctx;
	if (!s) {
		if (nj_match_scratch_create(&s, re->match))
			return false;
		(void)pthread_setspecific(re->scratch, s);
	}
	return nj_match_scan(re->match, s, &scan, hits) != 0;
}

/* Threads that matched have ended by now, but for the one that calls. */
static void
regex_destroy(void *ctx, void *compiled)
{
	struct regex *re = compiled;

	(void)ctx;
	drop_scratch(pthread_getspecific(re->scratch));
	(void)pthread_key_delete(re->scratch);
	nj_match_destroy(&re->match);
	free(re);
}

const struct nj_query_regexes nj_search_regexes = {
	.compile = regex_compile,
	.match = regex_match,
	.destroy = regex_destroy,
};
