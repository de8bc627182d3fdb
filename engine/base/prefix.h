/*
 * prefix.h - networks: an address and how many of its bits count.
 */
#ifndef NJ_BASE_PREFIX_H
#define NJ_BASE_PREFIX_H

#include "engine/base/base.h"

struct nj_prefix {
	struct nj_addr addr;
	uint8_t bits;
};

enum { NJ_PREFIX_TEXT = NJ_ADDR_TEXT + 4 };

/* "10.0.0.0/8", "fc00::/7", or one address; refuses bits beyond the prefix,
 * which are most often a slip. */
NJ_MUST_USE bool nj_prefix_parse(struct nj_prefix *out, struct nj_view text);
size_t nj_prefix_text(const struct nj_prefix *p, char out[NJ_PREFIX_TEXT]);
bool nj_prefix_holds(const struct nj_prefix *p, const struct nj_addr *a);

#endif
