/*
 * mime.h - what kind of content a file's first bytes are, in the words that
 * analysts know from Zeek's files log. Names and sender's claims are not
 * asked: only the bytes.
 */
#ifndef NJ_DISSECTORS_SHARED_MIME_H
#define NJ_DISSECTORS_SHARED_MIME_H

#include "engine/base/base.h"

/* The first bytes that a decision may need; more are never looked at. */
enum { NJ_MIME_BYTES = 4096 };

/* The media type of the content that begins with head, or NULL when nothing
 * fits. whole says that there are no more bytes than these. Static text. */
const char *nj_mime_sniff(struct nj_view head, bool whole);

#endif
