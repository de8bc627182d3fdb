/*
 * http.h - requests to one of several servers that are each other's equals
 * (libcurl). One thread uses one of these.
 *
 * Names are resolved here and not by libcurl, which would begin a thread for
 * it: the brain may make none once it has given up its rights.
 */
#ifndef NJ_STORE_OUTPUT_HTTP_H
#define NJ_STORE_OUTPUT_HTTP_H

#include <stdatomic.h>

#include "engine/base/buf.h"

enum { NJ_HTTP_WHY = 256 };

struct nj_http_conf {
	const char *const *urls; /* http://HOST:PORT or https://... */
	unsigned url_count;
	const char *user, *password; /* sent as ClickHouse's headers */
	bool tls_verify;
	const char *ca_file; /* "": the system's */
	atomic_bool *stop;   /* set: requests end; may be NULL */
};
struct nj_http;
/* Borrows what conf points to. */
NJ_MUST_USE enum nj_err nj_http_create(
	struct nj_http **out, const struct nj_http_conf *conf);
void nj_http_destroy(struct nj_http **h);

/* Which of the urls is spoken to, and on to the next. */
unsigned nj_http_server(const struct nj_http *h);
void nj_http_next_server(struct nj_http *h);

struct nj_http_request {
	struct nj_view query; /* of the url, after '?'; escaped */
	struct nj_view body;
	/* Takes the answer as it comes; false ends the request. NULL: it
	 * goes to answer. Error texts always do. */
	bool (*data)(void *ctx, struct nj_view bytes);
	void *ctx;
};
enum nj_http_outcome {
	NJ_HTTP_DONE,    /* status 200, all of the answer */
	NJ_HTTP_ENDED,   /* data, or stop, ended it */
	NJ_HTTP_REFUSED, /* the server says why: answer */
	NJ_HTTP_BROKEN   /* no connection, or no whole answer: why */
};
struct nj_http_answer {
	struct nj_buf text; /* the caller frees it */
	char why[NJ_HTTP_WHY];
};
/* Posts to the present server. answer is used anew. */
enum nj_http_outcome nj_http_post(struct nj_http *h,
	const struct nj_http_request *request, struct nj_http_answer *answer);
/* Appends name=value&, escaped. */
void nj_http_param(struct nj_buf *out, const char *name, struct nj_view value);

#endif
