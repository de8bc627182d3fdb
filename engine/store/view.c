/*
 * view.c - what the store holds at one moment: the list of segments, and
 * segments in memory made of the rows that are not sealed yet.
 *
 * Those in memory are kept from view to view in pieces, each of a run of
 * blocks. A new view takes the pieces whose blocks all still wait and makes
 * one of the blocks that came since; small ones at the end are made anew
 * together with it, so that there are never many. They need as much memory as
 * the blocks do, which the writer bounds.
 */
#include "engine/store/store_priv.h"

#include <stdlib.h>

#include "engine/base/clock.h"

enum { CATCH_UP_TRIES = 3 };

struct nj_store_mem {
	struct nj_buf bytes;
	unsigned n;
	struct {
		uint8_t part;
		size_t at, len;
	} part[2 * NJ_SEGMENT_COLUMNS_MAX];
};

struct nj_store_piece {
	atomic_uint refs;
	struct nj_block **block;
	unsigned blocks;
	uint64_t rows;
	struct nj_store_segs segs;
};

struct nj_store_view {
	struct nj_seg_list *sealed;
	struct nj_store_piece **piece;
	unsigned pieces;
	struct nj_seg_list *all; /* sealed and in memory */
	struct nj_store_span *span;
	unsigned spans;
};

/* ---- Segments in memory ---- */

static void
mem_free(struct nj_store_mem *m)
{
	if (!m)
		return;
	nj_buf_free(&m->bytes);
	free(m);
}

void
nj_store_seg_unref(struct nj_store_seg *seg)
{
	/* acq_rel pairs with itself: the last one sees all that others did. */
	if (!seg || atomic_fetch_sub_explicit(
			    &seg->refs, 1, memory_order_acq_rel) != 1)
		return;
	mem_free(seg->mem);
	free(seg);
}

static void
mem_part(void *ctx, uint8_t part, struct nj_view bytes)
{
	struct nj_store_mem *m = ctx;

	NJ_ASSERT(m->n < nj_countof(m->part));
	m->part[m->n].part = part;
	m->part[m->n].at = m->bytes.len;
	m->part[m->n++].len = bytes.len;
	nj_buf_put(&m->bytes, bytes.data, bytes.len);
}

static enum nj_err
mem_get(void *ctx, uint8_t part, struct nj_view *out, void **held)
{
	const struct nj_store_mem *m = ((struct nj_store_seg *)ctx)->mem;

	*held = NULL;
	for (unsigned i = 0; i < m->n; i++) {
		if (m->part[i].part != part)
			continue;
		out->data = m->bytes.data + m->part[i].at;
		out->len = m->part[i].len;
		return NJ_OK;
	}
	return NJ_E_NOENT;
}

static struct nj_store_seg *
mem_seg(struct nj_store *s, struct nj_seg_builder *b)
{
	struct nj_store_mem *m = calloc(1, sizeof(*m));
	struct nj_seg_header *h = malloc(sizeof(*h));
	struct nj_seg_out out = { .ctx = m, .part = mem_part };
	struct nj_store_seg *seg = NULL;
	struct nj_buf header = { 0 };

	if (m && h && !nj_seg_builder_finish(b, &out, &header) && !header.bad &&
		!m->bytes.bad &&
		nj_seg_header_parse(
			h, (struct nj_view){ header.data, header.len }))
		seg = nj_store_seg_create(s, h, UINT64_MAX);
	if (seg)
		seg->mem = m;
	else
		mem_free(m);
	free(h);
	nj_buf_free(&header);
	return seg;
}

/* ---- Pieces ---- */

static void
piece_unref(struct nj_store_piece *p)
{
	if (!p || atomic_fetch_sub_explicit(
			  &p->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (unsigned i = 0; i < p->blocks; i++)
		nj_block_unref(p->block[i]);
	nj_store_segs_free(&p->segs);
	free(p->block);
	free(p);
}

static enum nj_err
piece_finish(
	struct nj_store *s, struct nj_store_piece *p, struct nj_store_type *t)
{
	if (!t->viewer || !nj_seg_builder_rows(t->viewer))
		return NJ_OK;
	return nj_store_segs_add(&p->segs, mem_seg(s, t->viewer));
}

static enum nj_err
piece_row(struct nj_store *s, struct nj_store_piece *p, struct nj_view bytes)
{
	struct nj_store_type *t = nj_store_type_find(s, nj_row_type(bytes));
	struct nj_row row;
	enum nj_err err = NJ_OK;

	if (!t || !nj_row_parse(&row, bytes))
		return NJ_OK;
	if (!t->viewer)
		err = nj_seg_builder_create(&t->viewer, t->desc);
	if (!err)
		err = nj_seg_builder_add(t->viewer, &row);
	if (err == NJ_E_FULL) {
		err = piece_finish(s, p, t);
		if (!err)
			err = nj_seg_builder_add(t->viewer, &row);
	}
	return err == NJ_E_FORMAT ? NJ_OK : err;
}

static enum nj_err
piece_fill(struct nj_store *s, struct nj_store_piece *p)
{
	enum nj_err err = NJ_OK;

	for (unsigned i = 0; !err && i < p->blocks; i++) {
		struct nj_view rows = nj_block_rows(p->block[i]), row;

		while (!err && nj_block_row(&rows, &row))
			err = piece_row(s, p, row);
	}
	for (unsigned i = 0; !err && i < s->types; i++)
		err = piece_finish(s, p, &s->type[i]);
	for (unsigned i = 0; err && i < s->types; i++)
		nj_seg_builder_destroy(&s->type[i].viewer);
	return err;
}

static struct nj_store_piece *
piece_make(struct nj_store *s, struct nj_block *const *block, unsigned n)
{
	struct nj_store_piece *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	atomic_init(&p->refs, 1);
	p->block = calloc(n, sizeof(struct nj_block *));
	if (p->block) {
		for (; p->blocks < n; p->blocks++) {
			nj_block_ref(block[p->blocks]);
			p->block[p->blocks] = block[p->blocks];
			p->rows += block[p->blocks]->rows;
		}
	}
	if (p->block && !piece_fill(s, p))
		return p;
	piece_unref(p);
	return NULL;
}

/* The kept piece that is of the blocks from at on, or NULL. */
static struct nj_store_piece *
piece_at(const struct nj_store *s, struct nj_block *const *block, unsigned n)
{
	for (unsigned i = 0; i < s->pieces; i++) {
		struct nj_store_piece *p = s->piece[i];

		if (p->blocks <= n &&
			!memcmp(p->block, block,
				p->blocks * sizeof(struct nj_block *)))
			return p;
	}
	return NULL;
}

void
nj_store_pieces_drop(struct nj_store *s)
{
	for (unsigned i = 0; i < s->pieces; i++)
		piece_unref(s->piece[i]);
	free(s->piece);
	s->piece = NULL;
	s->pieces = 0;
}

/* Pieces of a view while they are put together. */
struct pieces {
	struct nj_store_piece **v;
	unsigned n, blocks; /* of how many blocks they are */
};

/* Kept pieces at the front, as far as there are any without a gap. */
static void
pieces_keep(struct nj_store *s, struct pieces *a, struct nj_block *const *block,
	unsigned n)
{
	struct nj_store_piece *p;

	while (a->blocks < n &&
		(p = piece_at(s, block + a->blocks, n - a->blocks)) != NULL) {
		(void)atomic_fetch_add_explicit(
			&p->refs, 1, memory_order_relaxed);
		a->v[a->n++] = p;
		a->blocks += p->blocks;
	}
}

/* The blocks up to the next kept piece, or to the end. */
static unsigned
gap_blocks(struct nj_store *s, struct nj_block *const *block, unsigned n)
{
	unsigned gap = 1;

	while (gap < n && !piece_at(s, block + gap, n - gap))
		gap++;
	return gap;
}

static enum nj_err
pieces_new(struct nj_store *s, struct pieces *a, struct nj_block *const *block,
	unsigned n)
{
	unsigned gap = gap_blocks(s, block + a->blocks, n - a->blocks);
	uint64_t rows = 0;
	struct nj_store_piece *p;

	for (unsigned i = 0; i < gap; i++)
		rows += block[a->blocks + i]->rows;
	while (a->n && a->v[a->n - 1]->rows <= 2 * rows) {
		p = a->v[--a->n];
		rows += p->rows;
		gap += p->blocks;
		a->blocks -= p->blocks;
		piece_unref(p);
	}
	p = piece_make(s, block + a->blocks, gap);
	if (!p)
		return NJ_E_NOMEM;
	a->v[a->n++] = p;
	a->blocks += gap;
	return NJ_OK;
}

/* Under build_lock: pieces of these blocks, kept in the store as well. */
static enum nj_err
pieces_make(struct nj_store *s, struct nj_store_view *v,
	struct nj_block *const *block, unsigned n)
{
	struct pieces a = { .v = calloc(
				    n + 1, sizeof(struct nj_store_piece *)) };
	struct nj_store_piece **kept =
		calloc(n + 1, sizeof(struct nj_store_piece *));
	enum nj_err err = a.v && kept ? NJ_OK : NJ_E_NOMEM;

	while (!err && a.blocks < n) {
		pieces_keep(s, &a, block, n);
		if (a.blocks < n)
			err = pieces_new(s, &a, block, n);
	}
	v->piece = a.v;
	v->pieces = a.n;
	if (err) {
		free(kept);
		return err;
	}
	for (unsigned i = 0; i < a.n; i++) {
		(void)atomic_fetch_add_explicit(
			&a.v[i]->refs, 1, memory_order_relaxed);
		kept[i] = a.v[i];
	}
	nj_store_pieces_drop(s);
	s->piece = kept;
	s->pieces = a.n;
	return NJ_OK;
}

/* ---- Views ---- */

/* Segments in memory, sorted; borrowed. */
static enum nj_err
mem_collect(const struct nj_store_view *v, struct nj_store_segs *m)
{
	enum nj_err err = NJ_OK;

	for (unsigned i = 0; !err && i < v->pieces; i++) {
		const struct nj_store_segs *from = &v->piece[i]->segs;

		for (unsigned k = 0; !err && k < from->n; k++) {
			(void)atomic_fetch_add_explicit(
				&from->v[k]->refs, 1, memory_order_relaxed);
			err = nj_store_segs_add(m, from->v[k]);
		}
	}
	nj_store_segs_sort(m);
	return err;
}

/* All segments in one order: a list as that of the sealed ones. */
static enum nj_err
segs_merge(struct nj_store_view *v)
{
	struct nj_store_segs m = { 0 };
	enum nj_err err = mem_collect(v, &m);

	if (!err)
		v->all = nj_seg_list_change(v->sealed, &m, NULL, 0);
	nj_store_segs_free(&m);
	return err || v->all ? err : NJ_E_NOMEM;
}

/* Under lock: what the view is of. Gives the blocks, referenced. */
static struct nj_block **
moment_take(struct nj_store *s, struct nj_store_view *v, unsigned *n)
{
	struct nj_block **block =
		malloc((s->tails + 1) * sizeof(struct nj_block *));

	v->span = malloc((s->spans + 1) * sizeof(*v->span));
	if (!block || !v->span) {
		free(block);
		return NULL;
	}
	for (*n = 0; *n < s->tails; (*n)++) {
		nj_block_ref(s->tail[*n]);
		block[*n] = s->tail[*n];
	}
	memcpy(v->span, s->span, s->spans * sizeof(*v->span));
	v->spans = s->spans;
	v->sealed = s->segs;
	(void)atomic_fetch_add_explicit(
		&v->sealed->refs, 1, memory_order_relaxed);
	return block;
}

/* A file that the owner deletes while we open it makes us look again. */
static enum nj_err
follow(struct nj_store *s)
{
	enum nj_err err = NJ_E_IO;

	for (unsigned i = 0; err && i < CATCH_UP_TRIES; i++) {
		err = nj_kv_catch_up(s->kv);
		if (!err)
			err = nj_store_load(s);
	}
	return err;
}

static enum nj_err
view_fill(struct nj_store *s, struct nj_store_view *v)
{
	struct nj_block **block = NULL;
	unsigned n = 0;
	enum nj_err err = NJ_OK;

	atomic_store(&s->viewed_ns, nj_mono_ns());
	(void)pthread_mutex_lock(&s->build_lock);
	(void)pthread_mutex_lock(&s->lock);
	if (s->conf.mode == NJ_KV_FOLLOW)
		err = follow(s);
	if (!err)
		block = moment_take(s, v, &n);
	(void)pthread_mutex_unlock(&s->lock);
	if (!err && !block)
		err = NJ_E_NOMEM;
	if (!err)
		err = pieces_make(s, v, block, n);
	(void)pthread_mutex_unlock(&s->build_lock);
	for (unsigned i = 0; i < n; i++)
		nj_block_unref(block[i]);
	free(block);
	return err ? err : segs_merge(v);
}

enum nj_err
nj_store_view_open(struct nj_store_view **out, struct nj_store *s)
{
	struct nj_store_view *v = calloc(1, sizeof(*v));
	enum nj_err err;

	*out = NULL;
	if (!v)
		return NJ_E_NOMEM;
	err = view_fill(s, v);
	if (err) {
		nj_store_view_close(&v);
		return err;
	}
	*out = v;
	return NJ_OK;
}

void
nj_store_view_close(struct nj_store_view **open)
{
	struct nj_store_view *v = *open;

	*open = NULL;
	if (!v)
		return;
	for (unsigned i = 0; i < v->pieces; i++)
		piece_unref(v->piece[i]);
	free(v->piece);
	nj_seg_list_unref(v->sealed);
	nj_seg_list_unref(v->all);
	free(v->span);
	free(v);
}

unsigned
nj_store_view_count(const struct nj_store_view *v)
{
	return v->all->n;
}

void
nj_store_view_get(
	const struct nj_store_view *v, unsigned i, struct nj_store_segment *out)
{
	struct nj_store_seg *seg = v->all->v[i];

	out->number = seg->number;
	out->header = &seg->header;
	out->source.ctx = seg;
	out->source.get = seg->mem ? mem_get : nj_store_part_get;
	out->source.let_go = nj_store_part_let_go;
}

unsigned
nj_store_view_gaps(
	const struct nj_store_view *v, struct nj_store_span *out, unsigned max)
{
	unsigned n = nj_min(v->spans, max);

	/* The latest, where not all have room. */
	if (n)
		memcpy(out, v->span + (v->spans - n), n * sizeof(*out));
	return v->spans;
}
