/*
 * redis_resp.h - values of Redis' serialization protocol as they arrive, in
 * pieces of any size: requests (an array of strings, or a line) and replies
 * of any type, told as text.
 */
#ifndef NJ_DISSECTORS_SHARED_REDIS_RESP_H
#define NJ_DISSECTORS_SHARED_REDIS_RESP_H

#include "dissectors/shared/line.h"
#include "engine/dissect/dissector.h"

enum {
	NJ_REDIS_DEPTH_MAX = 16, /* arrays in arrays */
	NJ_REDIS_WORDS_MAX = 6,  /* of a request that are kept */
	NJ_REDIS_TEXT_BYTES = 4096
};

enum nj_redis_step {
	NJ_REDIS_MORE,  /* something was taken */
	NJ_REDIS_WHOLE, /* a request or reply is complete */
	NJ_REDIS_SHORT, /* more bytes are needed */
	NJ_REDIS_WRONG
};

struct nj_redis_level {
	uint64_t left; /* elements that have not begun */
	uint64_t all;
	uint8_t type;
};

struct nj_redis_resp {
	bool request;
	bool multibulk; /* of a request: an array, not a line */
	bool error;     /* of a reply */
	uint8_t type;   /* of a reply: the first byte */
	struct nj_line line;
	bool in_bulk;
	uint64_t bulk_left; /* with its CR LF */
	uint8_t depth;
	struct nj_redis_level levels[NJ_REDIS_DEPTH_MAX];
	uint8_t attribute; /* depth above which all is an attribute's */
	uint32_t word_count;
	uint16_t word_at[NJ_REDIS_WORDS_MAX], word_len[NJ_REDIS_WORDS_MAX];
	uint16_t len;
	uint64_t text_len; /* of all strings, kept or not */
	char *text;        /* kept for the flow's life, or NULL */
};

/* Takes what it can from the front of v, *used bytes of it. */
enum nj_redis_step nj_redis_resp(struct nj_redis_resp *r, struct nj_dctx *d,
	struct nj_view v, size_t *used);
/* Ready for the next. */
void nj_redis_resp_reset(struct nj_redis_resp *r);
/* A reply as Zeek writes it: "[a, [b, c]]". */
struct nj_view nj_redis_resp_text(const struct nj_redis_resp *r);
/* The i-th word of a request; data NULL when there are not that many. */
struct nj_view nj_redis_resp_word(const struct nj_redis_resp *r, unsigned i);

#endif
