/*
 * bson.h - BSON documents (bsonspec.org, version 1.1) read element by
 * element: MongoDB's messages are made of them.
 */
#ifndef NJ_DISSECTORS_SHARED_BSON_H
#define NJ_DISSECTORS_SHARED_BSON_H

#include "engine/base/cur.h"

enum {
	NJ_BSON_DOUBLE = 1,
	NJ_BSON_STRING = 2,
	NJ_BSON_DOCUMENT = 3,
	NJ_BSON_ARRAY = 4,
	NJ_BSON_BINARY = 5,
	NJ_BSON_BOOL = 8,
	NJ_BSON_INT32 = 16,
	NJ_BSON_INT64 = 18
};

struct nj_bson {
	uint8_t type;
	struct nj_view name;
	struct nj_view value; /* without lengths and the NUL of a string */
};

/* The elements of a document, which begins with its length: a cursor for
 * nj_bson_next. Of one that is cut, those that are there. Bad: no document. */
struct nj_cur nj_bson_open(struct nj_view doc);
/* The next element; false: none is left, or (c->bad) malformed or cut. */
NJ_MUST_USE bool nj_bson_next(struct nj_cur *c, struct nj_bson *e);
/* An element of doc by name, among its first 64; type 0: not there. */
struct nj_bson nj_bson_find(struct nj_view doc, const char *name);
/* The number that e is, whatever its type; false: it is none. */
NJ_MUST_USE bool nj_bson_number(const struct nj_bson *e, int64_t *out);

#endif
