/*
 * seglist.c - segments as views know them, and lists of them that never
 * change: a new list is made, and readers keep the one they have.
 */
#include "engine/store/store_priv.h"

#include <stdlib.h>

struct nj_store_seg *
nj_store_seg_create(
	struct nj_store *s, const struct nj_seg_header *h, uint64_t number)
{
	size_t n = offsetof(struct nj_seg_header, column) +
		   h->columns * sizeof(h->column[0]);
	struct nj_store_seg *seg =
		malloc(offsetof(struct nj_store_seg, header) + n);

	if (!seg)
		return NULL;
	atomic_init(&seg->refs, 1);
	seg->number = number;
	seg->kv = s->kv;
	seg->mem = NULL;
	memcpy(&seg->header, h, n);
	return seg;
}

static int
newer_first(const void *a, const void *b)
{
	const struct nj_store_seg *x = *(struct nj_store_seg *const *)a;
	const struct nj_store_seg *y = *(struct nj_store_seg *const *)b;

	if (x->header.to_ns != y->header.to_ns)
		return x->header.to_ns > y->header.to_ns ? -1 : 1;
	return x->number > y->number ? -1 : x->number < y->number;
}

void
nj_store_segs_sort(struct nj_store_segs *a)
{
	if (a->n)
		qsort(a->v, a->n, sizeof(struct nj_store_seg *), newer_first);
}

enum nj_err
nj_store_segs_add(struct nj_store_segs *a, struct nj_store_seg *seg)
{
	if (seg && a->n == a->cap) {
		unsigned cap = a->cap ? 2 * a->cap : 16;
		void *v = realloc(a->v, cap * sizeof(struct nj_store_seg *));

		if (!v) {
			nj_store_seg_unref(seg);
			return NJ_E_NOMEM;
		}
		a->v = v;
		a->cap = cap;
	}
	if (!seg)
		return NJ_E_NOMEM;
	a->v[a->n++] = seg;
	return NJ_OK;
}

void
nj_store_segs_free(struct nj_store_segs *a)
{
	for (unsigned i = 0; i < a->n; i++)
		nj_store_seg_unref(a->v[i]);
	free(a->v);
	*a = (struct nj_store_segs){ 0 };
}

static bool
is_dropped(uint64_t number, const uint64_t *drop, unsigned drops)
{
	/* Sorted; a pass drops many at once. */
	while (drops) {
		unsigned half = drops / 2;

		if (drop[half] == number)
			return true;
		if (drop[half] < number) {
			drop += half + 1;
			drops -= half + 1;
		} else {
			drops = half;
		}
	}
	return false;
}

struct nj_seg_list *
nj_seg_list_change(const struct nj_seg_list *old,
	const struct nj_store_segs *more, const uint64_t *drop, unsigned drops)
{
	unsigned before = old ? old->n : 0, n = more ? more->n : 0, at = 0;
	struct nj_seg_list *l =
		malloc(sizeof(*l) +
			((size_t)before + n) * sizeof(struct nj_store_seg *));

	if (!l)
		return NULL;
	atomic_init(&l->refs, 1);
	l->n = 0;
	for (unsigned i = 0; i < before || at < n;) {
		struct nj_store_seg *seg;

		if (at < n && (i == before || newer_first(&more->v[at],
						      &old->v[i]) < 0))
			seg = more->v[at++];
		else
			seg = old->v[i++];
		if (drops && is_dropped(seg->number, drop, drops))
			continue;
		(void)atomic_fetch_add_explicit(
			&seg->refs, 1, memory_order_relaxed);
		l->v[l->n++] = seg;
	}
	return l;
}

void
nj_seg_list_unref(struct nj_seg_list *l)
{
	if (!l || atomic_fetch_sub_explicit(
			  &l->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (unsigned i = 0; i < l->n; i++)
		nj_store_seg_unref(l->v[i]);
	free(l);
}

enum nj_err
nj_store_part_get(void *ctx, uint8_t part, struct nj_view *out, void **held)
{
	const struct nj_store_seg *seg = ctx;
	struct nj_store_key key = nj_store_key_part(seg->number, part);
	struct nj_kv_value value;
	enum nj_err err = nj_kv_get(
		seg->kv, NJ_KV_segment, nj_store_key_view(&key), &value);

	*out = value.v;
	*held = value.held;
	return err;
}

void
nj_store_part_let_go(void *held)
{
	struct nj_kv_value value = { .held = held };

	if (held)
		nj_kv_let_go(&value);
}
