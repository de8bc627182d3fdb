/*
 * pass.h - moving on in a stream behind a message that says how long it is,
 * whether or not all of it has come.
 */
#ifndef NJ_DISSECTORS_SHARED_PASS_H
#define NJ_DISSECTORS_SHARED_PASS_H

#include "engine/dissect/dissector.h"

/* n bytes from the front of *v, which is what is left of the view that the
 * callback was given, are done with; those of them that have not come yet are
 * not wanted. *v becomes what follows. */
static inline void
nj_pass(struct nj_dctx *d, struct nj_view *v, uint64_t n)
{
	nj_consume(d, (size_t)nj_min(n, (uint64_t)v->len));
	if (n > v->len)
		nj_skip(d, n - v->len);
	*v = n < v->len ? nj_sub(*v, (size_t)n, v->len) : (struct nj_view){ 0 };
}

#endif
