/*
 * radix.c - radix sorts from the least digit up; digits that are the same in
 * all keys cost one look.
 */
#include "engine/store/radix_priv.h"

enum { DIGIT_BITS = 11 };

/* One pass over a digit of key(item), and passes over all of them. */
#define RADIX(name, item, key, from_bit)                                       \
	static bool name##_pass(                                               \
		item *to, const item *from, uint32_t n, unsigned shift)        \
	{                                                                      \
		uint32_t at[1 << DIGIT_BITS] = { 0 }, sum = 0;                 \
		const uint64_t mask = nj_countof(at) - 1;                      \
                                                                               \
		for (uint32_t i = 0; i < n; i++)                               \
			at[key(from[i]) >> shift & mask]++;                    \
		if (at[key(from[0]) >> shift & mask] == n)                     \
			return false;                                          \
		for (size_t i = 0; i < nj_countof(at); i++) {                  \
			uint32_t count = at[i];                                \
                                                                               \
			at[i] = sum;                                           \
			sum += count;                                          \
		}                                                              \
		for (uint32_t i = 0; i < n; i++)                               \
			to[at[key(from[i]) >> shift & mask]++] = from[i];      \
		return true;                                                   \
	}                                                                      \
	void name(item *items, uint32_t n)                                     \
	{                                                                      \
		item *from = items, *to = items + n, *swap;                    \
                                                                               \
		if (!n)                                                        \
			return;                                                \
		for (unsigned s = from_bit; s < 64; s += DIGIT_BITS) {         \
			if (!name##_pass(to, from, n, s))                      \
				continue;                                      \
			swap = from;                                           \
			from = to;                                             \
			to = swap;                                             \
		}                                                              \
		if (from != items)                                             \
			memcpy(items, from, n * sizeof(*items));               \
	}

#define ITEM_KEY(x) ((x).key)
#define WORD_KEY(x) (x)
RADIX(nj_radix_sort, struct nj_radix_item, ITEM_KEY, 0)
RADIX(nj_radix_sort_words, uint64_t, WORD_KEY, NJ_RADIX_LOW)
