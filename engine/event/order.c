/*
 * order.c - the rows of one worker, put into the order that the logs promise:
 * packet time at which a record was complete, uid, name of its log type, and
 * then as they came (those of no flow: by what they are). So logs do not depend
 * on when a timer was served.
 *
 * Rows lie in chunks in the order they came; small entries that point to
 * them are sorted. Nearly all come in order already, so an entry is appended,
 * and a release sorts only what came since the last one and merges it from
 * the back: the work goes with how late rows are, not with how many wait.
 */
#include <stdlib.h>

#include "engine/base/pool.h"
#include "engine/event/event_priv.h"
#include "engine/event/row.h"

enum {
	CHUNK_BYTES = 2 * 1024 * 1024,
	CHUNKS_MAX = NJ_ORDER_BYTES_MAX / CHUNK_BYTES,
	CHUNKS_KEPT = 4, /* empty ones, for the next rows */
	ENTRIES_FIRST = 1024
};

struct entry {
	int64_t order_ns;
	uint64_t uid[2];
	uint32_t type;
	uint16_t rank;
	uint16_t chunk;
	uint32_t at, len;
};

struct chunk {
	uint8_t *data; /* NULL: not taken from the system */
	uint32_t used;
	uint32_t live; /* rows */
};

struct nj_order {
	struct entry *entries, *scratch;
	size_t first, count, cap; /* entries[first..count) wait */
	size_t sorted;            /* entries[first..sorted) are in order */
	size_t bytes;
	unsigned now;   /* chunk that is being filled */
	unsigned empty; /* chunks with memory and without rows, now's too */
	struct chunk chunks[CHUNKS_MAX];
};

static struct nj_view
row_of(const struct nj_order *o, const struct entry *e)
{
	return (struct nj_view){ o->chunks[e->chunk].data + e->at, e->len };
}

static int
entry_cmp(
	const struct nj_order *o, const struct entry *a, const struct entry *b)
{
	if (a->order_ns != b->order_ns)
		return a->order_ns < b->order_ns ? -1 : 1;
	for (int i = 0; i < 2; i++)
		if (a->uid[i] != b->uid[i])
			return a->uid[i] < b->uid[i] ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return a->uid[0] || a->uid[1] ? 0
				      : nj_row_tie(row_of(o, a), row_of(o, b));
}

/* Merges runs a[0..m) and a[m..n) with room for the second in scratch. Goes
 * from the back and stops when the second is placed. Equal ones stay. */
static void
merge(const struct nj_order *o, struct entry *a, size_t m, size_t n)
{
	struct entry *scratch = o->scratch;
	size_t left = m, right = n - m, at = n;

	memcpy(scratch, a + m, right * sizeof(*a));
	while (right) {
		if (left && entry_cmp(o, &a[left - 1], &scratch[right - 1]) > 0)
			a[--at] = a[--left];
		else
			a[--at] = scratch[--right];
	}
}

static void
sort(const struct nj_order *o, struct entry *a, size_t n)
{
	for (size_t width = 1; width < n; width *= 2)
		for (size_t at = 0; at + width < n; at += 2 * width) {
			size_t end = nj_min(2 * width, n - at);

			if (entry_cmp(o, &a[at + width - 1], &a[at + width]) >
				0)
				merge(o, a + at, width, end);
		}
}

static void
order_sort(struct nj_order *o)
{
	struct entry *a = o->entries + o->first;
	size_t m = o->sorted - o->first, n = o->count - o->first;

	sort(o, a + m, n - m);
	if (m && m < n && entry_cmp(o, &a[m - 1], &a[m]) > 0)
		merge(o, a, m, n);
	o->sorted = o->count;
}

static bool
entries_grow(struct nj_order *o)
{
	size_t live = o->count - o->first;
	size_t cap = o->cap ? o->cap : ENTRIES_FIRST;
	struct entry *entries, *scratch;

	/* Moving down costs less than it gains when half is free. */
	if (o->first >= o->cap - o->cap / 2 && o->cap) {
		memmove(o->entries, o->entries + o->first,
			live * sizeof(*o->entries));
		o->sorted -= o->first;
		o->count = live;
		o->first = 0;
		return true;
	}
	if (o->cap)
		cap *= 2;
	entries = realloc(o->entries, cap * sizeof(*entries));
	if (!entries)
		return false;
	o->entries = entries;
	scratch = realloc(o->scratch, cap * sizeof(*scratch));
	if (!scratch)
		return false;
	o->scratch = scratch;
	o->cap = cap;
	return true;
}

/* A chunk without rows that n bytes can go to; false when all are in use. */
static bool
chunk_next(struct nj_order *o)
{
	unsigned fresh = CHUNKS_MAX;

	for (unsigned i = 0; i < CHUNKS_MAX; i++) {
		struct chunk *c = &o->chunks[i];

		if (c->data && !c->live && i != o->now) {
			o->now = i;
			c->used = 0;
			return true;
		}
		if (!c->data && fresh == CHUNKS_MAX)
			fresh = i;
	}
	if (fresh == CHUNKS_MAX)
		return false;
	o->chunks[fresh] =
		(struct chunk){ nj_pages_alloc(CHUNK_BYTES, NULL), 0, 0 };
	if (!o->chunks[fresh].data)
		return false;
	o->empty++;
	o->now = fresh;
	return true;
}

static uint8_t *
order_reserve(void *ctx, size_t n)
{
	struct nj_order *o = ctx;
	struct chunk *c = &o->chunks[o->now];

	if (nj_unlikely(o->count == o->cap) && !entries_grow(o))
		return NULL;
	if (nj_unlikely(!c->data || CHUNK_BYTES - c->used < n)) {
		if (n > CHUNK_BYTES || !chunk_next(o))
			return NULL;
		c = &o->chunks[o->now];
	}
	return c->data + c->used;
}

static void
order_commit(void *ctx, size_t n)
{
	struct nj_order *o = ctx;
	struct chunk *c = &o->chunks[o->now];
	const uint8_t *row = c->data + c->used;
	const struct nj_event_known *k;
	struct entry *e;

	if (!n)
		return;
	e = &o->entries[o->count++];
	memcpy(&e->order_ns, row + NJ_ROW_AT_ORDER, 8);
	memcpy(e->uid, row + NJ_ROW_AT_UID, 16);
	memcpy(&e->type, row + NJ_ROW_AT_TYPE, 4);
	k = nj_event_known_by_type(e->type);
	e->rank = k ? k->rank : UINT16_MAX;
	e->chunk = (uint16_t)o->now;
	e->at = c->used;
	e->len = (uint32_t)n;
	if (!c->live++)
		o->empty--;
	c->used += (uint32_t)n;
	o->bytes += n;
}

struct nj_sink
nj_order_sink(struct nj_order *o)
{
	return (struct nj_sink){ o, order_reserve, order_commit, 0, 0, 0 };
}

static void
row_done(struct nj_order *o, const struct entry *e)
{
	struct chunk *c = &o->chunks[e->chunk];

	o->bytes -= e->len;
	if (--c->live)
		return;
	c->used = 0;
	o->empty++;
	if (o->empty > CHUNKS_KEPT && e->chunk != o->now) {
		nj_pages_free(c->data, CHUNK_BYTES);
		c->data = NULL;
		o->empty--;
	}
}

void
nj_order_release(struct nj_order *o, int64_t before_ns,
	void (*fn)(void *ctx, struct nj_view row), void *ctx)
{
	if (o->sorted < o->count)
		order_sort(o);
	while (o->first < o->count &&
		o->entries[o->first].order_ns < before_ns) {
		const struct entry *e = &o->entries[o->first++];

		fn(ctx, (struct nj_view){
				o->chunks[e->chunk].data + e->at, e->len });
		row_done(o, e);
	}
	if (o->first == o->count)
		o->first = o->count = o->sorted = 0;
}

size_t
nj_order_bytes(const struct nj_order *o)
{
	return o->bytes;
}

enum nj_err
nj_order_create(struct nj_order **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? NJ_OK : NJ_E_NOMEM;
}

void
nj_order_destroy(struct nj_order **o)
{
	if (!*o)
		return;
	for (unsigned i = 0; i < CHUNKS_MAX; i++)
		nj_pages_free((*o)->chunks[i].data, CHUNK_BYTES);
	free((*o)->entries);
	free((*o)->scratch);
	free(*o);
	*o = NULL;
}
