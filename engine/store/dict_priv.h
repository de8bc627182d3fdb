/*
 * dict_priv.h - values of strings and addresses: while a segment is built, a
 * table that gives each a number in the order of their coming; then sorted
 * by their bytes, so that codes compare as values do.
 */
#ifndef NJ_STORE_DICT_PRIV_H
#define NJ_STORE_DICT_PRIV_H

#include "engine/store/coder_priv.h"

enum {
	NJ_INTERN_NONE = -1,
	NJ_INTERN_BYTES_MAX = 256 * 1024 * 1024,
	/* Dictionaries of no more bytes lie open at the front of their part
	 * and are searched there. */
	NJ_DICT_OPEN_BYTES = 2048
};

struct nj_intern_entry {
	uint64_t head, tail; /* the first and last eight bytes */
	uint32_t at, len;    /* in bytes */
};
struct nj_intern {
	uint64_t seed[2]; /* nobody can aim values at one slot */
	uint32_t *slots;  /* number + 1; 0: free */
	uint32_t mask;    /* of slots; 0: none yet */
	uint32_t n, cap;
	struct nj_intern_entry *entries;
	struct nj_buf bytes;
};
void nj_intern_fini(struct nj_intern *d);
/* Forgets the values, keeps the memory. */
void nj_intern_clear(struct nj_intern *d);
/* The value's number, or NJ_INTERN_NONE without memory. */
int64_t nj_intern_get(struct nj_intern *d, struct nj_view v);
static inline struct nj_view
nj_intern_value(const struct nj_intern *d, uint32_t number)
{
	const struct nj_intern_entry *e = &d->entries[number];

	return (struct nj_view){ d->bytes.data + e->at, e->len };
}

/* Numbers in the order of the values' bytes. order[place] = number;
 * false without memory. */
NJ_MUST_USE bool nj_intern_sort(const struct nj_intern *d, uint32_t *order);

/* Writes the values in that order. */
void nj_dict_put(
	struct nj_coder *k, const struct nj_intern *d, const uint32_t *order);
NJ_MUST_USE bool nj_dict_read(struct nj_decoder *d, struct nj_dict *out);
/* Whether an open dictionary holds the value, or, with nocase, one that
 * differs from it in the case of ASCII letters. True where that cannot be
 * told: the dictionary is none, or broken. */
bool nj_dict_open_holds(struct nj_cur in, struct nj_view value, bool nocase);

#endif
