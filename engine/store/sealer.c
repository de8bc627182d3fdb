/*
 * sealer.c - the thread that turns blocks of rows into segments.
 *
 * A pass takes blocks from the oldest on until one log type has rows for a
 * whole segment (or rows have waited long enough, or somebody asks), counts
 * the rows of each type, and decides how many are sealed: of common types all
 * whole segments, of others only what would otherwise be written back over
 * and over. The rest is carried: one block, first in the next pass. One batch
 * holds the segments, the carried block and the deletion of what was taken;
 * after it, views see the new segments instead of the blocks.
 */
#include "engine/store/store_priv.h"

#include <stdlib.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"

enum {
	PASS_BYTES_MAX = 64 << 20,
	/* Of a pass's rows at most one part in so many is carried. */
	CARRY_PART = 8,
	CARRY_ROWS_MIN = 1024
};

struct pass {
	struct nj_store *s;
	struct nj_block **taken;
	unsigned n;
	uint64_t rows;
	bool all; /* nothing is carried */
	int64_t now_ns;
	struct nj_block *carried;
	/* What it makes. */
	struct nj_store_segs segs;
	uint64_t sealed_rows, sealed_bytes;
	uint64_t to;              /* last block that is sealed with it */
	uint64_t passed;          /* last block that no output wants */
	struct nj_seg_list *list; /* what views see after it */
	enum nj_err err;
};

/* ---- What to take ---- */

static uint64_t
waiting(const struct nj_store_type *t)
{
	return atomic_load_explicit(&t->put, memory_order_relaxed) -
	       atomic_load_explicit(&t->sealed, memory_order_relaxed);
}

bool
nj_store_seal_due(struct nj_store *s, int64_t now_ns)
{
	if (!s->tails || atomic_load(&s->full))
		return false;
	if (s->seal_asked != s->seal_served ||
		s->tail_bytes > NJ_STORE_TAIL_BYTES_MAX / 2)
		return true;
	if (s->conf.seal_age_ns &&
		now_ns - s->tail[0]->since_ns > s->conf.seal_age_ns)
		return true;
	for (unsigned i = 0; i < s->types; i++)
		if (waiting(&s->type[i]) >= NJ_SEGMENT_ROWS_MAX)
			return true;
	return false;
}

/* Counts the block's rows by type; true when one has enough of them. */
static bool
block_count(struct pass *p, const struct nj_block *b)
{
	struct nj_view rows = nj_block_rows(b), row;
	struct nj_store_type *t = NULL;
	bool enough = false;

	while (nj_block_row(&rows, &row)) {
		uint32_t type = nj_row_type(row);

		if (!t || t->type != type)
			t = nj_store_type_find(p->s, type);
		if (!t)
			continue;
		if (!t->pass_rows++)
			t->since_ns = b->carried && t->carried_since_ns
					      ? t->carried_since_ns
					      : b->since_ns;
		p->rows++;
		enough |= t->pass_rows >= NJ_SEGMENT_ROWS_MAX;
	}
	return enough;
}

/* References to the blocks that there are, up to a pass's size. */
static enum nj_err
blocks_take(struct pass *p)
{
	struct nj_store *s = p->s;
	size_t bytes = 0;
	unsigned n = 0;

	(void)pthread_mutex_lock(&s->lock);
	p->taken = malloc((s->tails + 1) * sizeof(struct nj_block *));
	for (; p->taken && n < s->tails && bytes < PASS_BYTES_MAX; n++) {
		nj_block_ref(s->tail[n]);
		p->taken[n] = s->tail[n];
		bytes += s->tail[n]->len;
	}
	/* What somebody asked for before now is all in these blocks. */
	p->all = s->seal_asked != s->seal_served;
	(void)pthread_mutex_unlock(&s->lock);
	if (!p->taken)
		return NJ_E_NOMEM;
	while (p->n < n && (!block_count(p, p->taken[p->n++]) || p->all))
		continue;
	for (unsigned i = p->n; i < n; i++)
		nj_block_unref(p->taken[i]);
	return NJ_OK;
}

/* ---- How much of it to seal ---- */

static void
type_decide(struct pass *p, struct nj_store_type *t)
{
	int64_t age = p->s->conf.seal_age_ns;

	t->pass_seen = 0;
	t->pass_seal = t->pass_rows - t->pass_rows % NJ_SEGMENT_ROWS_MAX;
	if (p->all || (age && p->now_ns - t->since_ns > age))
		t->pass_seal = t->pass_rows;
}

static void
decide(struct pass *p)
{
	struct nj_store *s = p->s;
	uint64_t left = 0, may = p->rows / CARRY_PART + CARRY_ROWS_MIN;

	for (unsigned i = 0; i < s->types; i++) {
		type_decide(p, &s->type[i]);
		left += s->type[i].pass_rows - s->type[i].pass_seal;
	}
	while (left > may) {
		struct nj_store_type *most = &s->type[0];

		for (unsigned i = 1; i < s->types; i++)
			if (s->type[i].pass_rows - s->type[i].pass_seal >
				most->pass_rows - most->pass_seal)
				most = &s->type[i];
		left -= most->pass_rows - most->pass_seal;
		most->pass_seal = most->pass_rows;
	}
}

/* ---- Segments ---- */

static void
part_put(void *ctx, uint8_t part, struct nj_view bytes)
{
	struct nj_store *s = ctx;
	struct nj_store_key key = nj_store_key_part(s->segment_next, part);

	nj_kv_put(s->kv, s->seal_batch, NJ_KV_segment, nj_store_key_view(&key),
		bytes);
}

static enum nj_err
type_finish(struct pass *p, struct nj_store_type *t)
{
	struct nj_store *s = p->s;
	struct nj_seg_out out = { .ctx = s, .part = part_put };
	struct nj_store_key key = nj_store_key(0, s->segment_next);
	struct nj_buf *b = &s->seal_header;
	struct nj_seg_header *h;
	enum nj_err err;

	if (!t->builder || !nj_seg_builder_rows(t->builder))
		return NJ_OK;
	h = malloc(sizeof(*h));
	if (!h)
		return NJ_E_NOMEM;
	nj_buf_reset(b);
	err = nj_seg_builder_finish(t->builder, &out, b);
	if (!err && (b->bad || !nj_seg_header_parse(
				       h, (struct nj_view){ b->data, b->len })))
		err = NJ_E_NOMEM;
	if (!err)
		err = nj_store_segs_add(
			&p->segs, nj_store_seg_create(s, h, s->segment_next));
	if (!err) {
		p->sealed_rows += h->rows;
		p->sealed_bytes += h->bytes;
		nj_kv_put(s->kv, s->seal_batch, NJ_KV_directory,
			nj_store_key_view(&key),
			(struct nj_view){ b->data, b->len });
	}
	s->segment_next++;
	free(h);
	return err;
}

/* A row that the codec does not take is counted; it must not hold up what
 * comes behind it. */
static enum nj_err
row_seal(struct pass *p, struct nj_store_type *t, struct nj_view bytes)
{
	struct nj_row row;
	enum nj_err err = NJ_OK;

	if (!t->builder)
		err = nj_seg_builder_create(&t->builder, t->desc);
	if (err)
		return err;
	if (!nj_row_parse(&row, bytes)) {
		p->s->sealed.rows_unknown++;
		return NJ_OK;
	}
	err = nj_seg_builder_add(t->builder, &row);
	if (err == NJ_E_FULL) {
		err = type_finish(p, t);
		if (!err)
			err = nj_seg_builder_add(t->builder, &row);
	}
	if (err == NJ_E_FORMAT) {
		p->s->sealed.rows_unknown++;
		err = NJ_OK;
	}
	return err;
}

static enum nj_err
row_carry(struct pass *p, struct nj_view bytes)
{
	struct nj_block *c = p->carried;
	struct nj_row row;

	if (!nj_row_parse(&row, bytes))
		return NJ_OK;
	if (c->len + bytes.len > c->cap) {
		size_t cap = 2 * c->cap + bytes.len;
		uint8_t *more = realloc(c->data, cap);

		if (!more)
			return NJ_E_NOMEM;
		c->data = more;
		c->cap = cap;
	}
	memcpy(c->data + c->len, bytes.data, bytes.len);
	c->len += bytes.len;
	c->rows++;
	c->from_ns = nj_min(c->from_ns, row.head.ts_ns);
	c->to_ns = nj_max(c->to_ns, row.head.ts_ns);
	return NJ_OK;
}

static enum nj_err
block_seal(struct pass *p, const struct nj_block *b)
{
	struct nj_view rows = nj_block_rows(b), row;
	struct nj_store_type *t = NULL;
	enum nj_err err = NJ_OK;

	while (!err && nj_block_row(&rows, &row)) {
		uint32_t type = nj_row_type(row);

		if (!t || t->type != type)
			t = nj_store_type_find(p->s, type);
		if (!t) {
			/* Of a type that a later version knows. */
			err = row_carry(p, row);
			continue;
		}
		err = t->pass_seen++ < t->pass_seal ? row_seal(p, t, row)
						    : row_carry(p, row);
	}
	return err;
}

/* ---- The batch ---- */

static void
batch_take(struct pass *p)
{
	struct nj_store *s = p->s;

	(void)pthread_mutex_lock(&s->lock);
	p->passed = s->outputs ? nj_store_outputs_done(s) : UINT64_MAX;
	(void)pthread_mutex_unlock(&s->lock);
	p->to = s->sealed_to;
	for (unsigned i = 0; i < p->n; i++) {
		const struct nj_block *b = p->taken[i];
		struct nj_store_key key =
			nj_store_key(b->carried ? 'c' : 'b', b->number);

		if (!b->carried)
			p->to = nj_max(p->to, b->number);
		if (b->carried || b->number <= p->passed)
			nj_kv_delete(s->kv, s->seal_batch, NJ_KV_tail,
				nj_store_key_view(&key));
	}
}

static enum nj_err
batch_write(struct pass *p)
{
	struct nj_store *s = p->s;
	struct nj_block *c = p->carried;
	struct nj_store_key key;

	batch_take(p);
	if (c->rows) {
		c->number = s->carry_next++;
		c->carried = true;
		nj_block_seal(c);
		key = nj_store_key('c', c->number);
		nj_kv_put(s->kv, s->seal_batch, NJ_KV_tail,
			nj_store_key_view(&key),
			(struct nj_view){ c->data, c->len });
	}
	nj_store_meta_put(s, s->seal_batch, "sealed", p->to);
	nj_store_meta_put(s, s->seal_batch, "segments", s->segment_next);
	if (!nj_store_may_write(s, 2 * nj_kv_batch_bytes(s->seal_batch)))
		return NJ_E_FULL;
	return nj_kv_write(s->kv, s->seal_batch, false);
}

/* ---- Views see it ---- */

static void
buffer_spare(struct nj_store *s, struct nj_block *b)
{
	/* Nobody gets a reference of a block that is not in the tail, so one
	 * that is ours alone stays so. */
	if (atomic_load_explicit(&b->refs, memory_order_acquire) == 1 &&
		b->cap == NJ_BLOCK_HEAD + NJ_STORE_BLOCK_BYTES &&
		s->spares < nj_countof(s->spare)) {
		b->len = NJ_BLOCK_HEAD;
		b->rows = 0;
		b->carried = false;
		b->from_ns = INT64_MAX;
		b->to_ns = INT64_MIN;
		s->spare[s->spares++] = b;
	} else {
		nj_block_unref(b);
	}
}

static void
tail_shrink(struct pass *p)
{
	struct nj_store *s = p->s;
	unsigned at = 0;

	for (unsigned i = 0; i < p->n; i++) {
		struct nj_block *b = p->taken[i];

		s->tail_bytes -= b->len;
		s->tail_rows -= b->rows;
		if (!b->carried && b->number > p->passed)
			nj_store_held_add(s, b->number, b->rows, b->len);
	}
	if (p->carried->rows) {
		s->tail[at++] = p->carried;
		nj_block_ref(p->carried);
		s->tail_bytes += p->carried->len;
		s->tail_rows += p->carried->rows;
	}
	memmove(s->tail + at, s->tail + p->n,
		(s->tails - p->n) * sizeof(struct nj_block *));
	s->tails -= p->n - at;
}

static void
publish(struct pass *p)
{
	struct nj_store *s = p->s;
	struct nj_seg_list *old;

	(void)pthread_mutex_lock(&s->lock);
	old = s->segs;
	s->segs = p->list;
	p->list = NULL;
	s->seg_bytes += p->sealed_bytes;
	tail_shrink(p);
	for (unsigned i = 0; i < p->n; i++) {
		nj_block_unref(p->taken[i]);  /* the pass's */
		buffer_spare(s, p->taken[i]); /* the tail's */
	}
	p->n = 0;
	(void)pthread_cond_broadcast(&s->done);
	(void)pthread_mutex_unlock(&s->lock);
	nj_seg_list_unref(old);
	s->sealed_to = p->to;
	s->sealed.sealed_rows += p->sealed_rows;
	s->sealed.sealed_bytes += p->sealed_bytes;
	s->sealed.segments += p->segs.n;
}

static void
types_after(struct pass *p)
{
	struct nj_store *s = p->s;

	for (unsigned i = 0; i < s->types; i++) {
		struct nj_store_type *t = &s->type[i];

		if (!t->pass_rows)
			continue;
		/* Only this thread writes it. */
		atomic_store_explicit(&t->sealed,
			atomic_load_explicit(&t->sealed, memory_order_relaxed) +
				t->pass_seal,
			memory_order_relaxed);
		t->carried_since_ns =
			t->pass_seal < t->pass_rows ? t->since_ns : 0;
		if (t->carried_since_ns && p->carried->rows)
			p->carried->since_ns = nj_min(
				p->carried->since_ns, t->carried_since_ns);
	}
}

/* ---- A pass ---- */

/* What is written has to be seen, so the new list is there before it is. No
 * one else may change the list meanwhile. */
static enum nj_err
pass_write(struct pass *p)
{
	struct nj_store *s = p->s;
	enum nj_err err = NJ_E_NOMEM;

	nj_store_segs_sort(&p->segs);
	(void)pthread_mutex_lock(&s->change_lock);
	p->list = nj_seg_list_change(s->segs, &p->segs, NULL, 0);
	if (p->list)
		err = batch_write(p);
	if (!err) {
		types_after(p);
		publish(p);
	}
	(void)pthread_mutex_unlock(&s->change_lock);
	return err;
}

static enum nj_err
pass_make(struct pass *p)
{
	struct nj_store *s = p->s;
	enum nj_err err = NJ_OK;

	p->carried = nj_block_create(0);
	if (!p->carried)
		return NJ_E_NOMEM;
	p->carried->since_ns = p->now_ns;
	for (unsigned i = 0; !err && i < p->n; i++)
		err = block_seal(p, p->taken[i]);
	for (unsigned i = 0; !err && i < s->types; i++)
		err = type_finish(p, &s->type[i]);
	return err ? err : pass_write(p);
}

static uint64_t
seal_rows(const struct pass *p)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < p->s->types; i++)
		n += p->s->type[i].pass_seal;
	return n;
}

/* Whatever was half built is of no use. */
static void
builders_drop(struct nj_store *s)
{
	for (unsigned i = 0; i < s->types; i++)
		nj_seg_builder_destroy(&s->type[i].builder);
}

static void
pass_end(struct pass *p)
{
	for (unsigned i = 0; i < p->n; i++)
		nj_block_unref(p->taken[i]);
	nj_seg_list_unref(p->list);
	nj_block_unref(p->carried);
	free(p->taken);
	nj_store_segs_free(&p->segs);
	nj_kv_batch_clear(p->s->seal_batch);
}

/* False: there was nothing to seal. */
static bool
pass_run(struct nj_store *s, enum nj_err *err)
{
	struct pass p = { .s = s, .now_ns = nj_mono_ns() };
	bool worked = false;

	for (unsigned i = 0; i < s->types; i++)
		s->type[i].pass_rows = 0;
	*err = blocks_take(&p);
	if (!*err)
		decide(&p);
	if (!*err && seal_rows(&p) > 0) {
		*err = pass_make(&p);
		if (*err)
			builders_drop(s);
		else
			nj_store_held_trim(s);
		worked = !*err;
	}
	pass_end(&p);
	return worked;
}

/* ---- The thread ---- */

enum { WAIT_MS = 200 };

static void
work_wait(struct nj_store *s, unsigned ms)
{
	int64_t until = nj_mono_ns() + (int64_t)ms * NJ_NS_PER_MS;
	struct timespec t = { (time_t)(until / NJ_NS_PER_S),
		(long)(until % NJ_NS_PER_S) };

	(void)pthread_cond_timedwait(&s->work, &s->lock, &t);
}

/* One pass's result, for whoever waits for it. */
static void
pass_told(struct nj_store *s, uint64_t asked, bool worked, enum nj_err err)
{
	/* A full disk is told of by who watches it. */
	if (err && err != NJ_E_FULL && err != s->seal_err)
		nj_error("store", "rows could not be sealed error=%s why=%s",
			nj_err_text(err), nj_kv_error(s->kv));
	s->seal_err = err;
	/* Served when no more is left of what was there when it asked. */
	if (err || !worked || !s->tails)
		s->seal_served = asked;
	(void)pthread_cond_broadcast(&s->done);
}

void *
nj_store_sealer(void *store)
{
	struct nj_store *s = store;

	(void)pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		uint64_t asked = s->seal_asked;
		enum nj_err err;
		bool worked;

		if (!nj_store_seal_due(s, nj_mono_ns())) {
			if (!s->tails && s->seal_served != asked) {
				s->seal_served = asked;
				(void)pthread_cond_broadcast(&s->done);
			}
			work_wait(s, WAIT_MS);
			continue;
		}
		(void)pthread_mutex_unlock(&s->lock);
		worked = pass_run(s, &err);
		(void)pthread_mutex_lock(&s->lock);
		pass_told(s, asked, worked, err);
		/* A disk that fails is not asked over and over. */
		if (!s->stop && (err || !worked))
			work_wait(s, WAIT_MS);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

enum nj_err
nj_store_seal(struct nj_store *s)
{
	enum nj_err err = nj_store_commit(s);
	uint64_t mine;

	if (err)
		return err;
	(void)pthread_mutex_lock(&s->lock);
	mine = ++s->seal_asked;
	(void)pthread_cond_signal(&s->work);
	while (s->seal_served < mine && !s->stop) {
		if (atomic_load(&s->full)) {
			err = NJ_E_FULL;
			break;
		}
		(void)pthread_cond_wait(&s->done, &s->lock);
	}
	if (!err)
		err = s->seal_err;
	(void)pthread_mutex_unlock(&s->lock);
	return err;
}
