/*
 * utf16.h - the little-endian UTF-16 of Windows protocols as UTF-8.
 */
#ifndef NJ_DISSECTORS_SHARED_UTF16_H
#define NJ_DISSECTORS_SHARED_UTF16_H

#include "engine/dissect/dissector.h"

/* v as UTF-8, in the arena, up to the end (zeros at the end are cut off, an
 * odd last byte is passed over). Half a surrogate pair becomes U+FFFD. data is
 * NULL when the arena is used up; never for an empty v. */
struct nj_view nj_utf16_text(struct nj_dctx *d, struct nj_view v);
/* The same into out, of which at most cap bytes are written; gives how many.
 * Stops before a character for which there is no room. */
size_t nj_utf16_decode(struct nj_view v, uint8_t *out, size_t cap);

#endif
