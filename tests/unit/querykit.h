/*
 * querykit.h - for tests of queries: a small set of log types, rows of them,
 * and POSIX regular expressions as the matcher.
 */
#ifndef NJ_TESTS_UNIT_QUERYKIT_H
#define NJ_TESTS_UNIT_QUERYKIT_H

#include "tests/unit/unit.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/flow/conn.h"
#include "engine/store/query/query_priv.h"

#define QTYPES(F, tag)                                                         \
	F(tag, 1, BOOL, flag, NJ_OPT, "")                                      \
	F(tag, 2, U8, small, NJ_OPT, "")                                       \
	F(tag, 3, I64, sign, NJ_OPT, "")                                       \
	F(tag, 4, F64, real, NJ_OPT, "")                                       \
	F(tag, 5, TIME, when, NJ_OPT, "")                                      \
	F(tag, 6, IVAL, span, NJ_OPT, "")                                      \
	F(tag, 7, STR, certificate__issuer, 0, "")                             \
	F(tag, 8, ADDR, host, 0, "")                                           \
	F(tag, 9, VSTR, names, 0, "")                                          \
	F(tag, 10, VU64, sizes, 0, "")                                         \
	F(tag, 11, VIVAL, TTLs, 0, "")                                         \
	F(tag, 12, VADDR, hosts, 0, "")                                        \
	F(tag, 13, STR, fuid, 0, "")                                           \
	F(tag, 14, STR, both, 0, "")
NJ_EVENT(qtypes, QTYPES, "Every type once");

#define QOTHER(F, tag)                                                         \
	F(tag, 1, U64, both, NJ_OPT, "A number")                               \
	F(tag, 2, STR, mac, 0, "A MAC")                                        \
	F(tag, 3, STR, note, 0, "A note")
NJ_EVENT_X(qother, QOTHER, NJ_EV_NO_ID, "Without ids");

static const struct nj_query_env querykit_env;

static int
querykit_setup(void **unused)
{
	(void)unused;
	return nj_event_register(&conn_desc) ||
	       nj_event_register(&qtypes_desc) ||
	       nj_event_register(&qother_desc);
}

static void *
querykit_compile(
	void *ctx, const struct nj_bound_regex *re, char *why, size_t cap)
{
	int flags = REG_EXTENDED | REG_NOSUB | (re->nocase ? REG_ICASE : 0);
	regex_t *compiled = malloc(sizeof(*compiled));
	char text[256];
	int err;

	(void)ctx;
	assert_non_null(compiled);
	(void)snprintf(text, sizeof(text), re->whole ? "^(%.*s)$" : "%.*s",
		(int)re->pattern.len, (const char *)re->pattern.data);
	err = regcomp(compiled, text, flags);
	if (!err)
		return compiled;
	(void)regerror(err, compiled, why, cap);
	free(compiled);
	return NULL;
}

static bool
querykit_match(void *ctx, void *compiled, struct nj_view text)
{
	char copy[1024];

	(void)ctx;
	(void)snprintf(copy, sizeof(copy), "%.*s", (int)text.len,
		(const char *)text.data);
	return regexec(compiled, copy, 0, NULL, 0) == 0;
}

static void
querykit_destroy(void *ctx, void *compiled)
{
	(void)ctx;
	regfree(compiled);
	free(compiled);
}

static const struct nj_query_regexes querykit_regexes = {
	.compile = querykit_compile,
	.match = querykit_match,
	.destroy = querykit_destroy,
};
/* 2026-01-31T12:00:00 */
static const struct nj_query_env querykit_env = {
	.now_ns = INT64_C(1769860800) * NJ_NS_PER_S,
	.regexes = &querykit_regexes,
};

/* Bound, or the test fails. */
static struct nj_bound *
querykit_bind(const char *text)
{
	struct nj_query_error error = { 0 };
	struct nj_bound *b = NULL;
	struct nj_query *q;

	if (nj_query_parse(&q, nj_str(text), &error) ||
		nj_query_bind(&b, q, &querykit_env, &error)) {
		print_message("%s: %s\n", text, error.what);
		fail();
	}
	nj_query_destroy(&q);
	return b;
}

#endif
