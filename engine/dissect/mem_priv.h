/*
 * mem_priv.h - the memory of dissections, by size class: a handle names class
 * and block, 0 is none. Bytes that wait for more are held in it.
 */
#ifndef NJ_DISSECT_MEM_PRIV_H
#define NJ_DISSECT_MEM_PRIV_H

#include "engine/base/pool.h"

enum { MEM_CLASSES = 6 };

struct mem {
	struct nj_pool pools[MEM_CLASSES];
	uint64_t refused;
};
NJ_MUST_USE enum nj_err mem_init(struct mem *m, uint64_t bytes);
void mem_fini(struct mem *m);
uint32_t mem_get(struct mem *m, size_t n);
void mem_put(struct mem *m, uint32_t handle);
void *mem_at(const struct mem *m, uint32_t handle);
size_t mem_size(uint32_t handle);
/* Fetches the beginning of a block, if there is such a one. */
void mem_prefetch(const struct mem *m, uint32_t handle);

/* Bytes that wait for more. */
struct held {
	uint32_t handle;
	uint32_t len;
};
/* False when there is no room, or more than max would be held. */
bool held_append(struct mem *m, struct held *h, struct nj_view v, size_t max);
/* Keeps only the last n bytes. */
void held_keep_tail(struct mem *m, struct held *h, size_t n);
void held_free(struct mem *m, struct held *h);
struct nj_view held_view(const struct mem *m, const struct held *h);

#endif
