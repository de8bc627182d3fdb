/*
 * pad.c - memory of one record's texts.
 */
#include "dissectors/shared/pad.h"

struct block {
	struct block *next;
};

enum { LIST_MAX = 1000 }; /* as Zeek's limit on recipients */

void
nj_pad_init(struct nj_pad *p, void *room, size_t n, uint32_t max)
{
	*p = (struct nj_pad){
		.room = room, .room_bytes = (uint32_t)n & ~7u, .max = max
	};
}

static bool
more_room(struct nj_pad *p, struct nj_dctx *d, size_t n)
{
	size_t bytes = nj_max((size_t)NJ_PAD_BLOCK, n + sizeof(struct block));
	struct block *block;

	if (p->taken + bytes > p->max)
		return false;
	block = nj_keep(d, bytes);
	if (!block)
		return false;
	p->taken += (uint32_t)bytes;
	block->next = p->blocks;
	p->blocks = block;
	p->room = (uint8_t *)(block + 1);
	p->room_bytes = (uint32_t)(bytes - sizeof(*block)) & ~7u;
	return true;
}

void *
nj_pad_alloc(struct nj_pad *p, struct nj_dctx *d, size_t n)
{
	void *at;

	n = (n + 7) & ~(size_t)7;
	if (n > p->room_bytes && !more_room(p, d, n))
		return NULL;
	at = p->room;
	if (!n)
		return at; /* which may be NULL */
	p->room += n;
	p->room_bytes -= (uint32_t)n;
	return at;
}

struct nj_view
nj_pad_text(struct nj_pad *p, struct nj_dctx *d, struct nj_view v)
{
	uint8_t *copy = nj_pad_alloc(p, d, v.len);

	if (!copy) {
		v.len = nj_min(v.len, (size_t)p->room_bytes);
		copy = v.len ? nj_pad_alloc(p, d, v.len) : NULL;
	}
	if (!copy)
		return NJ_LIT("");
	if (v.len)
		memcpy(copy, v.data, v.len);
	return (struct nj_view){ copy, v.len };
}

void
nj_pad_list_add(struct nj_pad *p, struct nj_dctx *d, struct nj_pad_item **list,
	struct nj_view v)
{
	struct nj_pad_item *item;
	unsigned n = 0;

	for (item = *list; item; item = item->next)
		if (++n >= LIST_MAX || nj_view_eq(item->text, v))
			return;
	item = nj_pad_alloc(p, d, sizeof(*item));
	if (!item)
		return;
	item->text = nj_pad_text(p, d, v);
	item->next = *list;
	*list = item;
}

struct nj_vstr
nj_pad_list_vector(struct nj_dctx *d, const struct nj_pad_item *list)
{
	const struct nj_pad_item *item;
	struct nj_view *v;
	uint32_t n = 0, at;

	for (item = list; item; item = item->next)
		n++;
	v = n ? nj_arena(d, n * sizeof(*v)) : NULL;
	if (!v)
		return (struct nj_vstr){ 0 };
	at = n;
	for (item = list; item; item = item->next)
		v[--at] = item->text;
	return (struct nj_vstr){ v, n };
}

void
nj_pad_free(struct nj_pad *p, struct nj_dctx *d)
{
	struct block *block = p->blocks;

	while (block) {
		struct block *next = block->next;

		nj_drop(d, block);
		block = next;
	}
	p->blocks = NULL;
	p->room_bytes = 0;
}
