/*
 * line.h - lines of text protocols, taken one by one from bytes that are cut
 * anywhere. A line longer than its reader wants is given cut, and its rest is
 * passed over.
 */
#ifndef NJ_DISSECTORS_SHARED_LINE_H
#define NJ_DISSECTORS_SHARED_LINE_H

#include "engine/base/base.h"

struct nj_line {
	struct nj_view text; /* without its end; data NULL: nothing to read */
	bool skip; /* kept between calls: the rest of a line is not wanted */
	bool cut;  /* the line was too long */
	bool crlf; /* it ended in CR LF, not in LF alone */
};

/* Takes what it can from the front of v: gives how many bytes that were, 0
 * while more are needed. text is a line, or unset. */
static inline size_t
nj_line_take(struct nj_line *l, struct nj_view v, size_t max)
{
	size_t n = nj_view_chr(v, '\n');
	bool ends = n < max || (l->skip && n != SIZE_MAX);

	l->text = (struct nj_view){ 0 };
	l->cut = l->crlf = false;
	if (!ends && v.len < max && !l->skip)
		return 0;
	if (!ends)
		n = l->skip ? v.len : max;
	if (!l->skip) {
		l->text = nj_sub(v, 0, n);
		l->cut = !ends;
	}
	l->skip = !ends;
	while (!l->cut && l->text.len &&
		l->text.data[l->text.len - 1] == '\r') {
		l->crlf = true;
		l->text.len--;
	}
	return ends ? n + 1 : n;
}

/* The same for bytes at the end of a stream, which may lack their line end. */
static inline struct nj_view
nj_line_last(const struct nj_line *l, struct nj_view v)
{
	if (l->skip)
		return (struct nj_view){ 0 };
	while (v.len && v.data[v.len - 1] == '\r')
		v.len--;
	return v;
}

#endif
