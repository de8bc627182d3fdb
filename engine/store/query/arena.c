/*
 * arena.c - memory of one query: taken in blocks, given back all at once, so
 * that trees need no destructor and no error path of theirs can leak.
 */
#include <stdlib.h>

#include "engine/store/query/query_priv.h"

enum { BLOCK_BYTES = 16 * 1024, ALIGN = 16 };

struct block {
	struct block *next;
	size_t used, cap;
	uint8_t bytes[] NJ_ALIGNED(16);
};

struct nj_query_arena {
	struct block *blocks; /* the one that is being filled first */
};

struct nj_query_arena *
nj_query_arena_create(void)
{
	return calloc(1, sizeof(struct nj_query_arena));
}

void
nj_query_arena_destroy(struct nj_query_arena **a)
{
	struct block *b, *next;

	if (!*a)
		return;
	for (b = (*a)->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	free(*a);
	*a = NULL;
}

void *
nj_query_alloc(struct nj_query_arena *a, size_t n)
{
	struct block *b = a->blocks;
	size_t cap;
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = (n + ALIGN - 1) / ALIGN * ALIGN;
	if (!b || b->cap - b->used < n) {
		cap = nj_max(n, (size_t)BLOCK_BYTES);
		b = calloc(1, sizeof(*b) + cap);
		if (!b)
			return NULL;
		b->cap = cap;
		b->next = a->blocks;
		a->blocks = b;
	}
	p = b->bytes + b->used;
	b->used += n;
	return p;
}

struct nj_view
nj_query_copy(struct nj_query_arena *a, struct nj_view v)
{
	uint8_t *p = nj_query_alloc(a, v.len + 1);

	if (!p)
		return (struct nj_view){ 0 };
	if (v.len)
		memcpy(p, v.data, v.len);
	return (struct nj_view){ p, v.len };
}
