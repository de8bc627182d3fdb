/*
 * pool.h - blocks of one size from memory taken once. Not thread safe: one
 * worker, one pool. Blocks are named by 32-bit handles (0 = none), so that
 * tables of them stay small. Contents are not cleared.
 */
#ifndef NJ_BASE_POOL_H
#define NJ_BASE_POOL_H

#include "engine/base/base.h"

struct nj_pool {
	uint8_t *base;
	size_t block_bytes;
	uint32_t capacity; /* blocks */
	uint32_t used, peak;
	uint32_t fresh;     /* blocks never given out begin here */
	uint32_t free_head; /* handle of the first given-back block */
	uint64_t refused;   /* times that get found nothing */
	bool huge;
};

/* Takes capacity blocks of block_bytes (rounded up to 64); memory is
 * reserved now and touched when first used. Huge pages where they are. */
NJ_MUST_USE enum nj_err nj_pool_init(
	struct nj_pool *pool, size_t block_bytes, uint32_t capacity);
void nj_pool_fini(struct nj_pool *pool);
/* A handle, or 0 (counted in refused) when all are out. */
uint32_t nj_pool_get(struct nj_pool *pool);
void nj_pool_put(struct nj_pool *pool, uint32_t handle);

static inline void *
nj_pool_at(const struct nj_pool *pool, uint32_t handle)
{
	return pool->base + (size_t)(handle - 1) * pool->block_bytes;
}

/* How much of some memory is in use, for status. */
struct nj_pool_use {
	const char *name; /* static */
	uint64_t used, peak, capacity, block_bytes;
};
struct nj_pool_use nj_pool_use(const struct nj_pool *pool, const char *name);

/* Zeroed memory of whole pages, on huge pages if there are any; NULL when
 * there is none. Give back with nj_pages_free. */
void *nj_pages_alloc(size_t bytes, bool *huge);
/* Small pages only from now on, for memory of which little will be touched:
 * a huge page is cleared whole at its first touch. Said before other threads
 * begin. */
void nj_pages_set_small(bool small);
void nj_pages_free(void *p, size_t bytes);

#endif
