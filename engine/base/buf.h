/*
 * buf.h - a growing byte buffer for text that is made for people and files
 * (JSON, reference pages, messages). Out of memory sets bad and drops what is
 * appended after it. Growing ones are never used per packet; one that is
 * fixed never grows beyond the memory it was given.
 */
#ifndef NJ_BASE_BUF_H
#define NJ_BASE_BUF_H

#include "engine/base/base.h"

struct nj_buf {
	uint8_t *data;
	size_t len, cap;
	bool bad;
	bool fixed; /* data is somebody else's, cap bytes of it */
};

void nj_buf_free(struct nj_buf *b);
/* A fixed one in memory that is borrowed; not to be freed. */
static inline struct nj_buf
nj_buf_fixed(void *data, size_t cap)
{
	return (struct nj_buf){ data, 0, cap, !data, true };
}
static inline void
nj_buf_reset(struct nj_buf *b)
{
	b->len = 0;
	b->bad = false;
}
/* Makes room for n more bytes; false when there is no memory. */
NJ_MUST_USE bool nj_buf_room(struct nj_buf *b, size_t n);
void nj_buf_put(struct nj_buf *b, const void *p, size_t n);
void nj_buf_str(struct nj_buf *b, const char *s);
void nj_buf_char(struct nj_buf *b, char c);
void nj_buf_printf(struct nj_buf *b, const char *fmt, ...) NJ_PRINTF(2, 3);
void nj_buf_u64(struct nj_buf *b, uint64_t v);
/* One JSON string with its quotes. Control bytes for which JSON has no short
 * escape become Zeek's \xNN, and where the text is not all UTF-8, so do all
 * bytes above 0x7f (a backslash of the text itself is only JSON-escaped). */
void nj_buf_json_str(struct nj_buf *b, struct nj_view v);
/* Whether v is text in UTF-8 from end to end. */
bool nj_view_is_utf8(struct nj_view v);

#endif
