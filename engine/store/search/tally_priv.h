/*
 * tally_priv.h - how often each text was counted: a hash table with a limit.
 */
#ifndef NJ_STORE_SEARCH_TALLY_PRIV_H
#define NJ_STORE_SEARCH_TALLY_PRIV_H

#include "engine/base/buf.h"

struct nj_tally_entry {
	uint64_t count, hash;
	size_t at; /* of the text */
	uint32_t len;
};
struct nj_tally {
	struct nj_tally_entry *entry;
	uint32_t n, max;
	uint32_t *slot; /* place of an entry, plus 1 */
	uint32_t slots; /* a power of two */
	struct nj_buf text;
	uint64_t total;
	uint64_t error; /* what may be missing from any count */
};

/* At most max texts are told apart. When there are more, the rarer half is
 * given up and error says how much that may have been of each. */
NJ_MUST_USE enum nj_err nj_tally_init(struct nj_tally *t, uint32_t max);
void nj_tally_fini(struct nj_tally *t);
NJ_MUST_USE enum nj_err nj_tally_add(
	struct nj_tally *t, struct nj_view text, uint64_t count);
static inline struct nj_view
nj_tally_text(const struct nj_tally *t, const struct nj_tally_entry *e)
{
	return (struct nj_view){ t->text.data + e->at, e->len };
}
/* Adds all of from. */
NJ_MUST_USE enum nj_err nj_tally_merge(
	struct nj_tally *t, const struct nj_tally *from);
/* Most first, then by text. The table is for reading only from then on. */
void nj_tally_sort(struct nj_tally *t);

#endif
