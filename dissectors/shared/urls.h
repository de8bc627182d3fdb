/*
 * urls.h - the URLs in a text that arrives in pieces: what begins with one of
 * a few schemes, up to a character that ends it in mails and web pages.
 */
#ifndef NJ_DISSECTORS_SHARED_URLS_H
#define NJ_DISSECTORS_SHARED_URLS_H

#include "engine/base/base.h"

enum { NJ_URL_MAX = 1024 }; /* of a longer one the rest is not kept */

/* What is known of the text so far; zeroed at its beginning. */
struct nj_urls {
	bool open;    /* kept is a URL that goes on */
	uint16_t len; /* of kept */
	uint8_t kept[NJ_URL_MAX];
};

/* Borrows url for the call. */
typedef void nj_url_fn(void *ctx, struct nj_view url);

/* Looks through the next piece of the text. */
void nj_urls_find(
	struct nj_urls *u, struct nj_view v, nj_url_fn *found, void *ctx);
/* The text ends; another one may begin. */
void nj_urls_end(struct nj_urls *u, nj_url_fn *found, void *ctx);

#endif
