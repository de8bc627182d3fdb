/*
 * tally.c - counts of texts (lossy counting by halves, after Manku and
 * Motwani 2002: what is given up is rarer than what is kept).
 */
#include "engine/store/search/tally_priv.h"

#include <stdlib.h>

#include "engine/base/hash.h"

enum { ENTRIES_MIN = 1024, TEXT_MAX = 1024 };

static const struct nj_hash_key tally_key = { 0x74616c6c79, 0x6e69676874 };

enum nj_err
nj_tally_init(struct nj_tally *t, uint32_t max)
{
	*t = (struct nj_tally){ .max = max };
	t->slots = 2 * ENTRIES_MIN;
	t->slot = calloc(t->slots, sizeof(*t->slot));
	t->entry = calloc(ENTRIES_MIN, sizeof(*t->entry));
	if (t->slot && t->entry)
		return NJ_OK;
	nj_tally_fini(t);
	return NJ_E_NOMEM;
}

void
nj_tally_fini(struct nj_tally *t)
{
	free(t->slot);
	free(t->entry);
	nj_buf_free(&t->text);
	*t = (struct nj_tally){ 0 };
}

static void
put_slot(struct nj_tally *t, uint32_t place)
{
	uint32_t i = (uint32_t)t->entry[place].hash & (t->slots - 1);

	while (t->slot[i])
		i = (i + 1) & (t->slots - 1);
	t->slot[i] = place + 1;
}

static void
put_all_slots(struct nj_tally *t)
{
	memset(t->slot, 0, t->slots * sizeof(*t->slot));
	for (uint32_t i = 0; i < t->n; i++)
		put_slot(t, i);
}

static enum nj_err
grow(struct nj_tally *t)
{
	uint32_t slots = 2 * t->slots;
	uint32_t *slot = calloc(slots, sizeof(*slot));
	struct nj_tally_entry *entry =
		reallocarray(t->entry, slots / 2, sizeof(*t->entry));

	if (entry)
		t->entry = entry;
	if (!slot || !entry) {
		free(slot);
		return NJ_E_NOMEM;
	}
	free(t->slot);
	t->slot = slot;
	t->slots = slots;
	put_all_slots(t);
	return NJ_OK;
}

static int
by_count(const void *a, const void *b)
{
	const struct nj_tally_entry *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

/* Keeps the half that was counted most, in new text. */
static enum nj_err
halve(struct nj_tally *t)
{
	struct nj_buf text = { 0 };
	uint32_t keep = t->n / 2;

	qsort(t->entry, t->n, sizeof(*t->entry), by_count);
	t->error += t->entry[keep].count;
	for (uint32_t i = 0; i < keep; i++) {
		struct nj_tally_entry *e = &t->entry[i];
		struct nj_view v = nj_tally_text(t, e);

		e->at = text.len;
		nj_buf_put(&text, v.data, v.len);
	}
	if (text.bad) {
		nj_buf_free(&text);
		return NJ_E_NOMEM;
	}
	nj_buf_free(&t->text);
	t->text = text;
	t->n = keep;
	put_all_slots(t);
	return NJ_OK;
}

static enum nj_err
make_room(struct nj_tally *t)
{
	if (t->n == t->max)
		return halve(t);
	return t->n == t->slots / 2 ? grow(t) : NJ_OK;
}

static struct nj_tally_entry *
find(const struct nj_tally *t, struct nj_view text, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & (t->slots - 1);

	for (; t->slot[i]; i = (i + 1) & (t->slots - 1)) {
		struct nj_tally_entry *e = &t->entry[t->slot[i] - 1];

		if (e->hash == hash && nj_view_eq(nj_tally_text(t, e), text))
			return e;
	}
	return NULL;
}

enum nj_err
nj_tally_add(struct nj_tally *t, struct nj_view text, uint64_t count)
{
	struct nj_tally_entry *e;
	enum nj_err err;
	uint64_t hash;

	text = nj_sub(text, 0, TEXT_MAX);
	hash = nj_hash64(&tally_key, text.data, text.len);
	e = find(t, text, hash);
	t->total += count;
	if (e) {
		e->count += count;
		return NJ_OK;
	}
	err = make_room(t);
	if (err)
		return err;
	e = &t->entry[t->n];
	*e = (struct nj_tally_entry){ count, hash, t->text.len,
		(uint32_t)text.len };
	nj_buf_put(&t->text, text.data, text.len);
	if (t->text.bad)
		return NJ_E_NOMEM;
	put_slot(t, t->n++);
	return NJ_OK;
}

enum nj_err
nj_tally_merge(struct nj_tally *t, const struct nj_tally *from)
{
	uint64_t total = t->total + from->total;
	enum nj_err err = NJ_OK;

	for (uint32_t i = 0; i < from->n && !err; i++)
		err = nj_tally_add(t, nj_tally_text(from, &from->entry[i]),
			from->entry[i].count);
	t->error += from->error;
	t->total = total;
	return err;
}

static int
by_rank(const void *a, const void *b, void *ctx)
{
	const struct nj_tally_entry *x = a, *y = b;
	struct nj_view v = nj_tally_text(ctx, x), w = nj_tally_text(ctx, y);
	size_t n = nj_min(v.len, w.len);
	int by = by_count(a, b);

	if (by)
		return by;
	by = n ? memcmp(v.data, w.data, n) : 0;
	return by ? by : (v.len > w.len) - (v.len < w.len);
}

void
nj_tally_sort(struct nj_tally *t)
{
	qsort_r(t->entry, t->n, sizeof(*t->entry), by_rank, t);
}
