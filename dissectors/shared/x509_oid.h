/*
 * x509_oid.h - names of object identifiers as certificates carry them.
 */
#ifndef NJ_DISSECTORS_SHARED_X509_OID_H
#define NJ_DISSECTORS_SHARED_X509_OID_H

#include "engine/base/base.h"

struct nj_oid_name {
	const char *bytes;
	uint8_t len;
	const char *short_name, *long_name;
};

/* By the body of an OBJECT IDENTIFIER; NULL when it is not in the table. */
const struct nj_oid_name *nj_oid_find(struct nj_view oid);

enum { NJ_OID_TEXT = 128 };
/* "1.2.840.113549" and its length; an identifier that is broken or too long
 * ends where it became so. */
size_t nj_oid_dotted(struct nj_view oid, char out[NJ_OID_TEXT]);

#endif
