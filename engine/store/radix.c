/*
 * radix.c - a radix sort from the least digit up; digits that are the same in
 * all keys cost one look.
 */
#include "engine/store/radix_priv.h"

enum { DIGIT_BITS = 11 };

/* One pass over a digit; false if it was the same in all. */
static bool
pass(struct nj_radix_item *to, const struct nj_radix_item *from, uint32_t n,
	unsigned shift)
{
	uint32_t at[1 << DIGIT_BITS] = { 0 }, sum = 0;
	const uint64_t mask = nj_countof(at) - 1;

	for (uint32_t i = 0; i < n; i++)
		at[from[i].key >> shift & mask]++;
	if (at[from[0].key >> shift & mask] == n)
		return false;
	for (size_t i = 0; i < nj_countof(at); i++) {
		uint32_t count = at[i];

		at[i] = sum;
		sum += count;
	}
	for (uint32_t i = 0; i < n; i++)
		to[at[from[i].key >> shift & mask]++] = from[i];
	return true;
}

void
nj_radix_sort(struct nj_radix_item *items, uint32_t n)
{
	struct nj_radix_item *from = items, *to = items + n, *swap;

	if (!n)
		return;
	for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
		if (!pass(to, from, n, shift))
			continue;
		swap = from;
		from = to;
		to = swap;
	}
	if (from != items)
		memcpy(items, from, n * sizeof(*items));
}
