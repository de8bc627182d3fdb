/*
 * pool.c - blocks of one size, and page memory with huge pages if any.
 */
#include "engine/base/pool.h"

#include <sys/mman.h>

enum { HUGE_BYTES = 2 * 1024 * 1024 };

static bool small_only;

void
nj_pages_set_small(bool small)
{
	small_only = small;
}

static size_t
round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

void *
nj_pages_alloc(size_t bytes, bool *huge)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	size_t whole = round_up(bytes, HUGE_BYTES);
	void *p = MAP_FAILED;

	if (bytes >= HUGE_BYTES && !small_only)
		p = mmap(NULL, whole, PROT_READ | PROT_WRITE,
			flags | MAP_HUGETLB, -1, 0);
	if (huge)
		*huge = p != MAP_FAILED;
	if (p != MAP_FAILED)
		return p;
	p = mmap(NULL, whole, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, -1,
		0);
	if (p == MAP_FAILED)
		return NULL;
	/* Only advice; without it pages are small and nothing else. */
	if (bytes >= 4 * (size_t)HUGE_BYTES && !small_only)
		(void)madvise(p, whole, MADV_HUGEPAGE);
	return p;
}

void
nj_pages_free(void *p, size_t bytes)
{
	if (p)
		(void)munmap(p, round_up(bytes, HUGE_BYTES));
}

enum nj_err
nj_pool_init(struct nj_pool *pool, size_t block_bytes, uint32_t capacity)
{
	size_t block = round_up(block_bytes, NJ_CACHE_LINE), total;

	*pool = (struct nj_pool){ 0 };
	if (!capacity ||
		__builtin_mul_overflow(block, (size_t)capacity, &total))
		return NJ_E_RANGE;
	pool->base = nj_pages_alloc(total, &pool->huge);
	if (!pool->base)
		return NJ_E_NOMEM;
	pool->block_bytes = block;
	pool->capacity = capacity;
	pool->fresh = 1;
	return NJ_OK;
}

void
nj_pool_fini(struct nj_pool *pool)
{
	nj_pages_free(pool->base, pool->block_bytes * pool->capacity);
	*pool = (struct nj_pool){ 0 };
}

uint32_t
nj_pool_get(struct nj_pool *pool)
{
	uint32_t handle = pool->free_head;

	if (handle)
		memcpy(&pool->free_head, nj_pool_at(pool, handle),
			sizeof(pool->free_head));
	else if (pool->fresh <= pool->capacity)
		handle = pool->fresh++;
	if (nj_unlikely(!handle)) {
		pool->refused++;
		return 0;
	}
	if (++pool->used > pool->peak)
		pool->peak = pool->used;
	return handle;
}

void
nj_pool_put(struct nj_pool *pool, uint32_t handle)
{
	memcpy(nj_pool_at(pool, handle), &pool->free_head,
		sizeof(pool->free_head));
	pool->free_head = handle;
	pool->used--;
}

struct nj_pool_use
nj_pool_use(const struct nj_pool *pool, const char *name)
{
	return (struct nj_pool_use){ name, pool->used, pool->peak,
		pool->capacity, pool->block_bytes };
}
