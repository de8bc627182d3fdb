/*
 * batch.c - blocks put together for one sending, and their rows by log type.
 */
#include <stdlib.h>

#include "engine/store/output/output.h"

enum { ROOM_FIRST = 4096, GROUPS_FIRST = 64 };

static bool
grow(void **p, uint32_t *room, uint32_t first, size_t size)
{
	uint32_t more = *room ? *room * 2 : first;
	void *got =
		*room > UINT32_MAX / 4 ? NULL : realloc(*p, (more + 1) * size);

	if (!got)
		return false;
	*p = got;
	*room = more;
	return true;
}

static bool
add_row(struct nj_batch *b, uint32_t len)
{
	if (b->rows == b->room &&
		!grow((void **)&b->at, &b->room, ROOM_FIRST, sizeof(*b->at)))
		return false;
	b->at[b->rows] = (uint32_t)b->bytes.len;
	b->bytes.len += len;
	b->at[++b->rows] = (uint32_t)b->bytes.len;
	return true;
}

bool
nj_batch_add(struct nj_batch *b, const struct nj_store_block *block,
	uint64_t *broken)
{
	struct nj_view left = block->rows;
	uint32_t rows = b->rows;
	size_t bytes = b->bytes.len;
	struct nj_row row;

	if (bytes + left.len > UINT32_MAX || !nj_buf_room(&b->bytes, left.len))
		return false;
	if (left.len)
		memcpy(b->bytes.data + bytes, left.data, left.len);
	while (left.len && nj_row_parse(&row, left)) {
		if (!add_row(b, row.len)) {
			b->rows = rows;
			b->bytes.len = bytes;
			return false;
		}
		left = nj_sub(left, row.len, left.len);
	}
	*broken += left.len != 0;
	b->last = block->number;
	return true;
}

struct nj_row
nj_batch_row(const struct nj_batch *b, uint32_t i)
{
	struct nj_row row = { 0 };
	bool whole =
		i < b->rows &&
		nj_row_parse(&row, (struct nj_view){ b->bytes.data + b->at[i],
					   b->at[i + 1] - b->at[i] });

	/* It was parsed when it came. */
	NJ_ASSERT(whole);
	return row;
}

static uint32_t
type_at(const struct nj_batch *b, uint32_t i)
{
	return nj_row_type((struct nj_view){
		b->bytes.data + b->at[i], b->at[i + 1] - b->at[i] });
}

/* Neighbours are often of one type, so that hint is right most times. */
static struct nj_batch_group *
group_of(struct nj_batch *b, uint32_t type, unsigned hint)
{
	if (hint < b->group_count && b->groups[hint].type == type)
		return &b->groups[hint];
	for (unsigned i = 0; i < b->group_count; i++)
		if (b->groups[i].type == type)
			return &b->groups[i];
	if (b->group_count == b->group_room &&
		!grow((void **)&b->groups, &b->group_room, GROUPS_FIRST,
			sizeof(*b->groups)))
		return NULL;
	b->groups[b->group_count] = (struct nj_batch_group){ .type = type };
	return &b->groups[b->group_count++];
}

bool
nj_batch_sort(struct nj_batch *b)
{
	struct nj_batch_group *g;
	unsigned hint = 0;
	uint32_t first = 0;

	b->group_count = 0;
	free(b->order);
	b->order = malloc(((size_t)b->rows + 1) * sizeof(*b->order));
	for (uint32_t i = 0; b->order && i < b->rows; i++) {
		g = group_of(b, type_at(b, i), hint);
		if (!g)
			return false;
		hint = (unsigned)(g - b->groups);
		g->n++;
	}
	for (unsigned i = 0; i < b->group_count; i++) {
		b->groups[i].first = first;
		first += b->groups[i].n;
		b->groups[i].n = 0;
	}
	for (uint32_t i = 0; b->order && i < b->rows; i++) {
		g = group_of(b, type_at(b, i), hint);
		hint = (unsigned)(g - b->groups);
		b->order[g->first + g->n++] = i;
	}
	return b->order != NULL;
}

void
nj_batch_reset(struct nj_batch *b)
{
	b->last = 0;
	b->rows = 0;
	b->group_count = 0;
	nj_buf_reset(&b->bytes);
}

void
nj_batch_free(struct nj_batch *b)
{
	nj_buf_free(&b->bytes);
	free(b->at);
	free(b->order);
	free(b->groups);
	*b = (struct nj_batch){ 0 };
}
