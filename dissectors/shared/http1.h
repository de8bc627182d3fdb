/*
 * http1.h - the lines of HTTP/0.9 to 1.1 (RFC 1945, RFC 9112) read on their
 * own: start lines, targets, chunk sizes, ranges, credentials. Pure: no state
 * and no events.
 */
#ifndef NJ_DISSECTORS_SHARED_HTTP1_H
#define NJ_DISSECTORS_SHARED_HTTP1_H

#include "engine/base/base.h"

struct nj_http1_version {
	uint8_t major, minor;
};

static inline bool
nj_http1_is(struct nj_http1_version v, unsigned major, unsigned minor)
{
	return v.major == major && v.minor == minor;
}

enum nj_http1_line {
	NJ_HTTP1_OK,
	NJ_HTTP1_BAD,
	NJ_HTTP1_BAD_VERSIONED /* no method, but an HTTP version at the end */
};

struct nj_http1_request {
	struct nj_view method, target;
	struct nj_http1_version version; /* 0.9: none was given */
	bool no_target;
	bool lower; /* the version is written in small letters */
};
NJ_MUST_USE enum nj_http1_line nj_http1_request_line(
	struct nj_view line, struct nj_http1_request *out);

struct nj_http1_reply {
	struct nj_http1_version version; /* 0.0: not readable */
	uint16_t code;                   /* 0: not readable */
	struct nj_view reason;           /* data NULL: none, not even empty */
	bool lower;
};
NJ_MUST_USE bool nj_http1_reply_line(
	struct nj_view line, struct nj_http1_reply *out);

/* "PRI * HTTP/2.0": another protocol from here on. */
bool nj_http1_is_preface(const struct nj_http1_request *r);

/* A method that some specification knows, in capitals. */
bool nj_http1_known_method(struct nj_view method);
/* Does v begin like a request that some HTTP client would send? MORE than
 * what is there may be needed: then *more is set. */
NJ_MUST_USE bool nj_http1_looks_request(struct nj_view v, bool *more);
NJ_MUST_USE bool nj_http1_looks_reply(struct nj_view v, bool *more);

/* The target with its escapes resolved, as a server does. out takes v.len. */
enum {
	NJ_URI_LONE_PERCENT = 1, /* % and nothing after it */
	NJ_URI_HALF_ESCAPE = 2,  /* % and one character */
	NJ_URI_DOUBLE_PERCENT = 4,
	NJ_URI_BAD_ESCAPE = 8
};
size_t nj_http1_unescape(struct nj_view v, uint8_t *out, unsigned *odd);

/* The hexadecimal number that begins a chunk's line; false if none does. */
NJ_MUST_USE bool nj_http1_chunk_size(struct nj_view line, uint64_t *out);

struct nj_http1_range {
	uint64_t first, length;
	uint64_t total; /* 0: not known */
};
enum nj_http1_range_error {
	NJ_RANGE_OK,
	NJ_RANGE_UNIT,
	NJ_RANGE_PARSE,
	NJ_RANGE_INVALID,
	NJ_RANGE_EMPTY,
	NJ_RANGE_OVERFLOW
};
/* "bytes 0-499/1234" of Content-Range. */
NJ_MUST_USE enum nj_http1_range_error nj_http1_content_range(
	struct nj_view value, struct nj_http1_range *out);

/* The user name in "Basic <credentials>" into out; its length, or SIZE_MAX
 * when value is not Basic or not readable. *password: one was there too. */
size_t nj_http1_basic_user(
	struct nj_view value, uint8_t *out, size_t cap, bool *password);

#endif
