/*
 * x509_oid.c - the table of x509_oid.def, and the dotted form for all else.
 */
#include "dissectors/shared/x509_oid.h"

#include <stdio.h>

#define OID(bytes, short_name, long_name)                                      \
	{ bytes, sizeof(bytes) - 1, short_name, long_name },
static const struct nj_oid_name oids[] = {
#include "dissectors/shared/x509_oid.def"
};
#undef OID

static int
oid_compare(struct nj_view v, const struct nj_oid_name *o)
{
	int diff = memcmp(v.data, o->bytes, nj_min(v.len, (size_t)o->len));

	return diff ? diff : (int)v.len - (int)o->len;
}

const struct nj_oid_name *
nj_oid_find(struct nj_view oid)
{
	size_t lo = 0, hi = nj_countof(oids);

	if (!oid.len || oid.len > 64)
		return NULL;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int diff = oid_compare(oid, &oids[mid]);

		if (!diff)
			return &oids[mid];
		if (diff < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

size_t
nj_oid_dotted(struct nj_view oid, char out[NJ_OID_TEXT])
{
	uint64_t arc = 0;
	size_t used = 0;
	bool first = true;

	out[0] = 0;
	for (size_t i = 0; i < oid.len && used + 22 < NJ_OID_TEXT; i++) {
		if (arc >> 56)
			break;
		arc = arc << 7 | (oid.data[i] & 0x7f);
		if (oid.data[i] & 0x80)
			continue;
		if (first) {
			unsigned top = arc < 80 ? (unsigned)arc / 40 : 2;

			used = (size_t)snprintf(out, NJ_OID_TEXT, "%u", top);
			arc -= top * 40;
			first = false;
		}
		used += (size_t)snprintf(out + used, NJ_OID_TEXT - used,
			".%llu", (unsigned long long)arc);
		arc = 0;
	}
	return used;
}
