/*
 * intern.c - things of up to 32 bytes that many flows share (VLANs and
 * tunnels; MAC addresses and the enclosing flow), kept once and counted by
 * use, so that a flow holds a number and an unused entry's place is free.
 */
#include "engine/flow/flow_priv.h"

static uint32_t
intern_hash(const struct intern *in, const uint64_t key[4])
{
	uint64_t h = in->seed;

	for (unsigned i = 0; i < 4; i++)
		h = nj_mix64(h ^ key[i]);
	return (uint32_t)h;
}

enum nj_err
intern_init(struct intern *in, uint32_t capacity, uint64_t seed)
{
	uint32_t heads = 64;

	while (heads < capacity)
		heads *= 2;
	*in = (struct intern){ .seed = seed,
		.capacity = capacity,
		.mask = heads - 1,
		.fresh = 1 };
	in->entries = nj_pages_alloc(
		((size_t)capacity + 1) * sizeof(*in->entries), NULL);
	in->heads = nj_pages_alloc((size_t)heads * sizeof(*in->heads), NULL);
	if (!in->entries || !in->heads)
		return NJ_E_NOMEM;
	return NJ_OK;
}

void
intern_fini(struct intern *in)
{
	nj_pages_free(
		in->entries, ((size_t)in->capacity + 1) * sizeof(*in->entries));
	nj_pages_free(in->heads, ((size_t)in->mask + 1) * sizeof(*in->heads));
	*in = (struct intern){ 0 };
}

uint32_t
intern_find(const struct intern *in, const uint64_t key[4])
{
	uint32_t i = in->heads[intern_hash(in, key) & in->mask];

	while (i && memcmp(in->entries[i].key, key, 32) != 0)
		i = in->entries[i].next;
	return i;
}

uint32_t
intern_get(struct intern *in, const uint64_t key[4])
{
	uint32_t hash = intern_hash(in, key), i = intern_find(in, key);
	struct intern_entry *e;

	if (i) {
		in->entries[i].refs++;
		return i;
	}
	if (in->free) {
		i = in->free;
		in->free = in->entries[i].next;
	} else if (in->fresh <= in->capacity) {
		i = in->fresh++;
	} else {
		in->full++;
		return 0;
	}
	e = &in->entries[i];
	memcpy(e->key, key, sizeof(e->key));
	e->refs = 1;
	e->hash = hash;
	e->next = in->heads[hash & in->mask];
	in->heads[hash & in->mask] = i;
	in->used++;
	return i;
}

void
intern_put(struct intern *in, uint32_t index)
{
	struct intern_entry *e = &in->entries[index];
	uint32_t *link;

	if (!index || --e->refs)
		return;
	link = &in->heads[e->hash & in->mask];
	while (*link != index)
		link = &in->entries[*link].next;
	*link = e->next;
	e->next = in->free;
	in->free = index;
	in->used--;
}
