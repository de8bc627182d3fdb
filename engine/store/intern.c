/*
 * intern.c - values to numbers in the order of their coming, and the order of
 * their bytes.
 */
#include <stdlib.h>

#include "engine/store/dict_priv.h"
#include "engine/store/radix_priv.h"

__extension__ typedef unsigned __int128 u128;

enum { SLOTS_MIN = 64, ENTRIES_MIN = 32, RADIX_MIN = 512 };

static inline uint64_t
mum(uint64_t a, uint64_t b)
{
	u128 p = (u128)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static inline uint64_t
load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return v;
}

/* First and last eight bytes; of fewer than eight both say all. */
static inline void
ends_of(struct nj_view v, uint64_t *head, uint64_t *tail)
{
	uint32_t a, b;

	if (nj_likely(v.len >= 8)) {
		*head = load64(v.data);
		*tail = load64(v.data + v.len - 8);
	} else if (v.len >= 4) {
		memcpy(&a, v.data, 4);
		memcpy(&b, v.data + v.len - 4, 4);
		*head = a;
		*tail = b;
	} else {
		*tail = 0;
		*head = !v.len ? 0
			       : (uint64_t)v.data[0] |
					 (uint64_t)v.data[v.len / 2] << 8 |
					 (uint64_t)v.data[v.len - 1] << 16;
	}
}

static inline uint64_t
hash_of(const struct nj_intern *d, struct nj_view v, uint64_t head,
	uint64_t tail)
{
	uint64_t h = mum(head ^ d->seed[0], tail ^ d->seed[1] ^ v.len);

	/* What is between the ends, the last words of it overlapping. */
	for (size_t at = 8; at + 8 < v.len; at += 8)
		h = mum(h ^ d->seed[1], load64(v.data + at) ^ d->seed[0]);
	return h;
}

void
nj_intern_fini(struct nj_intern *d)
{
	free(d->slots);
	free(d->entries);
	nj_buf_free(&d->bytes);
}

void
nj_intern_clear(struct nj_intern *d)
{
	d->n = 0;
	nj_buf_reset(&d->bytes);
	if (d->mask)
		memset(d->slots, 0, ((size_t)d->mask + 1) * sizeof(*d->slots));
}

/* At most half of the slots are taken, so walks end. */
static bool
grow(struct nj_intern *d)
{
	size_t cap = d->cap ? 2 * (size_t)d->cap : ENTRIES_MIN;
	size_t slots = nj_max(2 * cap, (size_t)SLOTS_MIN);
	void *entries = realloc(d->entries, cap * sizeof(*d->entries));
	uint32_t *fresh;

	if (!entries)
		return false;
	d->entries = entries;
	fresh = calloc(slots, sizeof(*fresh));
	/* An empty value has a place in the bytes, too. */
	if (!fresh || !nj_buf_room(&d->bytes, 1)) {
		free(fresh);
		return false;
	}
	free(d->slots);
	d->slots = fresh;
	d->mask = (uint32_t)slots - 1;
	d->cap = (uint32_t)cap;
	for (uint32_t i = 0; i < d->n; i++) {
		const struct nj_intern_entry *e = &d->entries[i];
		uint64_t h =
			hash_of(d, nj_intern_value(d, i), e->head, e->tail);

		while (d->slots[h & d->mask])
			h++;
		d->slots[h & d->mask] = i + 1;
	}
	return true;
}

static int64_t
add(struct nj_intern *d, struct nj_view v, struct nj_intern_entry e,
	uint64_t slot)
{
	if (d->bytes.len + v.len > NJ_INTERN_BYTES_MAX)
		return NJ_INTERN_NONE;
	e.at = (uint32_t)d->bytes.len;
	nj_buf_put(&d->bytes, v.data, v.len);
	if (d->bytes.bad)
		return NJ_INTERN_NONE;
	d->entries[d->n] = e;
	d->slots[slot] = ++d->n;
	return d->n - 1;
}

/* Whether all is the same between the first and last eight bytes. */
static inline bool
same_between(const uint8_t *a, struct nj_view v)
{
	for (size_t at = 8; at + 8 < v.len; at += 8)
		if (load64(a + at) != load64(v.data + at))
			return false;
	return true;
}

int64_t
nj_intern_get(struct nj_intern *d, struct nj_view v)
{
	struct nj_intern_entry e = { .len = (uint32_t)v.len };
	uint64_t h;

	if (nj_unlikely(d->n == d->cap) && !grow(d))
		return NJ_INTERN_NONE;
	ends_of(v, &e.head, &e.tail);
	for (h = hash_of(d, v, e.head, e.tail); d->slots[h & d->mask]; h++) {
		uint32_t number = d->slots[h & d->mask] - 1;
		const struct nj_intern_entry *o = &d->entries[number];

		if (o->head == e.head && o->tail == e.tail && o->len == e.len &&
			same_between(d->bytes.data + o->at, v))
			return number;
	}
	return add(d, v, e, h & d->mask);
}

/* ---- Order ---- */

/* A value's next eight bytes as a number that sorts as they do. */
static uint64_t
key_of(struct nj_view v, size_t at)
{
	uint8_t bytes[8] = { 0 };

	if (at < v.len)
		memcpy(bytes, v.data + at, nj_min(v.len - at, (size_t)8));
	return __builtin_bswap64(load64(bytes));
}

static int
compare_values(struct nj_view a, struct nj_view b)
{
	size_t n = nj_min(a.len, b.len);
	int order = n ? memcmp(a.data, b.data, n) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int
compare_items(const void *a, const void *b, void *ctx)
{
	const struct nj_radix_item *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return compare_values(nj_intern_value(ctx, x->number),
		nj_intern_value(ctx, y->number));
}

/* By key, then those of one key by what follows. */
static void
sort_items(struct nj_radix_item *items, uint32_t n, const struct nj_intern *d)
{
	uint32_t first = 0;

	nj_radix_sort(items, n);
	for (uint32_t i = 1; i <= n; i++) {
		if (i < n && items[i].key == items[first].key)
			continue;
		if (i - first > 1)
			qsort_r(items + first, i - first, sizeof(*items),
				compare_items, (void *)d);
		first = i;
	}
}

/* How many bytes all values begin with. */
static size_t
common_prefix(const struct nj_intern *d)
{
	struct nj_view first = nj_intern_value(d, 0);
	size_t n = first.len;

	for (uint32_t i = 1; i < d->n && n; i++) {
		struct nj_view v = nj_intern_value(d, i);
		size_t same = 0;

		while (same < nj_min(n, v.len) &&
			first.data[same] == v.data[same])
			same++;
		n = same;
	}
	return n;
}

bool
nj_intern_sort(const struct nj_intern *d, uint32_t *order)
{
	struct nj_radix_item *items;
	size_t prefix;

	if (!d->n)
		return true;
	items = malloc(2 * (size_t)d->n * sizeof(*items));
	if (!items)
		return false;
	prefix = common_prefix(d);
	for (uint32_t i = 0; i < d->n; i++)
		items[i] = (struct nj_radix_item){
			key_of(nj_intern_value(d, i), prefix), i
		};
	if (d->n >= RADIX_MIN)
		sort_items(items, d->n, d);
	else
		qsort_r(items, d->n, sizeof(*items), compare_items, (void *)d);
	for (uint32_t i = 0; i < d->n; i++)
		order[i] = items[i].number;
	free(items);
	return true;
}
