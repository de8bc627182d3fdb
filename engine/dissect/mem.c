/*
 * mem.c - memory of dissections by size class, and bytes held for later.
 */
#include "engine/dissect/dissect_priv.h"

static const struct {
	uint32_t bytes;
	uint32_t share; /* percent of the memory */
} mem_classes[MEM_CLASSES] = {
	{ 128, 10 },
	{ 512, 20 },
	{ 2048, 20 },
	{ 8192, 20 },
	{ 32768, 15 },
	{ 65536 + 64, 15 },
};

enum { CLASS_SHIFT = 28 };

enum nj_err
mem_init(struct mem *m, uint64_t bytes)
{
	*m = (struct mem){ 0 };
	for (unsigned i = 0; i < MEM_CLASSES; i++) {
		uint64_t n = bytes / 100 * mem_classes[i].share /
			     mem_classes[i].bytes;
		enum nj_err err =
			nj_pool_init(&m->pools[i], mem_classes[i].bytes,
				(uint32_t)nj_min(nj_max(n, 4), 1u << 27));

		if (err) {
			mem_fini(m);
			return err;
		}
	}
	return NJ_OK;
}

void
mem_fini(struct mem *m)
{
	for (unsigned i = 0; i < MEM_CLASSES; i++)
		nj_pool_fini(&m->pools[i]);
}

uint32_t
mem_get(struct mem *m, size_t n)
{
	for (unsigned i = 0; i < MEM_CLASSES; i++) {
		uint32_t handle;

		if (n > mem_classes[i].bytes)
			continue;
		handle = nj_pool_get(&m->pools[i]);
		if (handle)
			return handle | i << CLASS_SHIFT;
		/* One class up may still have room; two up is waste. */
		if (n <= mem_classes[i].bytes / 4)
			break;
	}
	m->refused++;
	return 0;
}

static unsigned
class_of(uint32_t handle)
{
	return handle >> CLASS_SHIFT;
}

void
mem_put(struct mem *m, uint32_t handle)
{
	if (handle)
		nj_pool_put(&m->pools[class_of(handle)],
			handle & ((1u << CLASS_SHIFT) - 1));
}

void *
mem_at(const struct mem *m, uint32_t handle)
{
	return nj_pool_at(&m->pools[class_of(handle)],
		handle & ((1u << CLASS_SHIFT) - 1));
}

void
mem_prefetch(const struct mem *m, uint32_t handle)
{
	const uint8_t *p;

	if (!handle || class_of(handle) >= MEM_CLASSES)
		return;
	p = mem_at(m, handle);
	__builtin_prefetch(p, 1);
	__builtin_prefetch(p + NJ_CACHE_LINE, 1);
}

size_t
mem_size(uint32_t handle)
{
	return mem_classes[class_of(handle)].bytes;
}

struct nj_view
held_view(const struct mem *m, const struct held *h)
{
	if (!h->len)
		return (struct nj_view){ 0 };
	return (struct nj_view){ mem_at(m, h->handle), h->len };
}

bool
held_append(struct mem *m, struct held *h, struct nj_view v, size_t max)
{
	size_t need = (size_t)h->len + v.len;
	uint32_t bigger;

	if (!v.len)
		return true;
	if (need > max)
		return false;
	if (!h->handle || mem_size(h->handle) < need) {
		bigger = mem_get(m, need);
		if (!bigger)
			return false;
		if (h->len)
			memcpy(mem_at(m, bigger), mem_at(m, h->handle), h->len);
		mem_put(m, h->handle);
		h->handle = bigger;
	}
	memcpy((uint8_t *)mem_at(m, h->handle) + h->len, v.data, v.len);
	h->len += (uint32_t)v.len;
	return true;
}

void
held_keep_tail(struct mem *m, struct held *h, size_t n)
{
	uint8_t *at;

	if (n >= h->len)
		return;
	if (!n) {
		held_free(m, h);
		return;
	}
	at = mem_at(m, h->handle);
	memmove(at, at + (h->len - n), n);
	h->len = (uint32_t)n;
}

void
held_free(struct mem *m, struct held *h)
{
	mem_put(m, h->handle);
	*h = (struct held){ 0 };
}
