/*
 * radix_priv.h - sorting by 64-bit keys, digit by digit; equal keys stay in
 * the order that they had.
 */
#ifndef NJ_STORE_RADIX_PRIV_H
#define NJ_STORE_RADIX_PRIV_H

#include "engine/base/base.h"

struct nj_radix_item {
	uint64_t key;
	uint32_t number;
};
/* Sorts items[0..n); items[n..2n) is room to work in. */
void nj_radix_sort(struct nj_radix_item *items, uint32_t n);

/* The same of words, by all but their low bits, where a number may stand. */
enum { NJ_RADIX_LOW = 16 };
void nj_radix_sort_words(uint64_t *items, uint32_t n);

#endif
