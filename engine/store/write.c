/*
 * write.c - rows in: put collects them in a block, commit writes the block
 * and the positions of the lanes it came from in one batch.
 */
#include "engine/store/store_priv.h"

#include <stdlib.h>

#include "engine/base/clock.h"

/* ---- Positions ---- */

static struct nj_store_lane *
lane_find(struct nj_store *s, uint64_t epoch, uint32_t lane)
{
	struct nj_store_lane *l = &s->lane[s->last_lane];

	if (s->last_lane < s->lanes && l->epoch == epoch && l->lane == lane)
		return l;
	for (unsigned i = 0; i < s->lanes; i++) {
		l = &s->lane[i];
		if (l->epoch == epoch && l->lane == lane) {
			s->last_lane = i;
			return l;
		}
	}
	return NULL;
}

static struct nj_view
lane_key(const struct nj_store_lane *l, uint8_t key[17])
{
	memcpy(key, "lane/", 5);
	nj_store_be64(key + 5, l->epoch);
	for (unsigned i = 0; i < 4; i++)
		key[13 + i] = (uint8_t)(l->lane >> (24 - 8 * i));
	return (struct nj_view){ key, 17 };
}

/* A new one; where there is no room the one used longest ago goes, which is
 * of an epoch long past. */
static struct nj_store_lane *
lane_add(struct nj_store *s, uint64_t epoch, uint32_t lane)
{
	unsigned at = s->lanes;

	if (s->lanes < NJ_STORE_LANES_KEPT) {
		s->lanes++;
	} else {
		uint8_t key[17];

		at = 0;
		for (unsigned i = 1; i < s->lanes; i++)
			if (s->lane[i].wall_ns < s->lane[at].wall_ns)
				at = i;
		nj_kv_delete(s->kv, s->batch, NJ_KV_meta,
			lane_key(&s->lane[at], key));
	}
	s->lane[at] = (struct nj_store_lane){ .epoch = epoch, .lane = lane };
	s->last_lane = at;
	return &s->lane[at];
}

uint64_t
nj_store_position(const struct nj_store *s, uint64_t epoch, uint32_t lane)
{
	for (unsigned i = 0; i < s->lanes; i++)
		if (s->lane[i].epoch == epoch && s->lane[i].lane == lane)
			return s->lane[i].done;
	return 0;
}

/* False: the row is there already. */
static bool
lane_pass(struct nj_store *s, const struct nj_store_from *from)
{
	struct nj_store_lane *l = lane_find(s, from->epoch, from->lane);

	if (!l)
		l = lane_add(s, from->epoch, from->lane);
	if (from->position <= l->position)
		return false;
	l->position = from->position;
	return true;
}

static void
lanes_put(struct nj_store *s, int64_t wall_ns)
{
	for (unsigned i = 0; i < s->lanes; i++) {
		struct nj_store_lane *l = &s->lane[i];
		uint8_t key[17], value[16];

		if (l->position == l->done)
			continue;
		l->wall_ns = wall_ns;
		nj_store_be64(value, l->position);
		nj_store_be64(value + 8, (uint64_t)wall_ns);
		nj_kv_put(s->kv, s->batch, NJ_KV_meta, lane_key(l, key),
			(struct nj_view){ value, sizeof(value) });
	}
}

static void
lanes_done(struct nj_store *s)
{
	for (unsigned i = 0; i < s->lanes; i++)
		s->lane[i].done = s->lane[i].position;
}

/* ---- Commit ---- */

/* Another buffer in the place of the one that was filled: one that the sealer
 * is done with, if there is. */
static struct nj_block *
fill_next(struct nj_store *s)
{
	struct nj_block *b = NULL;

	(void)pthread_mutex_lock(&s->lock);
	if (s->spares)
		b = s->spare[--s->spares];
	(void)pthread_mutex_unlock(&s->lock);
	return b ? b : nj_block_create(NJ_STORE_BLOCK_BYTES);
}

/* The sealer has to be ahead of the memory that blocks take. */
static enum nj_err
tail_wait(struct nj_store *s)
{
	enum nj_err err = NJ_OK;

	(void)pthread_mutex_lock(&s->lock);
	while (s->tail_bytes > NJ_STORE_TAIL_BYTES_MAX && !s->stop && !err) {
		(void)pthread_cond_signal(&s->work);
		if (atomic_load(&s->full))
			err = NJ_E_FULL;
		else if (s->seal_err)
			err = s->seal_err;
		else
			(void)pthread_cond_wait(&s->done, &s->lock);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return err;
}

/* Room in the list of blocks has to be there before one is written: what is
 * acknowledged must be found. */
static enum nj_err
tail_room(struct nj_store *s)
{
	bool there;

	(void)pthread_mutex_lock(&s->lock);
	there = nj_store_tail_room(s);
	(void)pthread_mutex_unlock(&s->lock);
	return there ? NJ_OK : NJ_E_NOMEM;
}

static void
tail_publish(struct nj_store *s, struct nj_block *b)
{
	(void)pthread_mutex_lock(&s->lock);
	nj_store_tail_add(s, b);
	if (nj_store_seal_due(s, b->since_ns))
		(void)pthread_cond_signal(&s->work);
	(void)pthread_mutex_unlock(&s->lock);
}

/* Rows that were refused are a span without records: for views at once, on
 * the disk as soon as anything may be written again. */
static void
refused_note(struct nj_store *s)
{
	if (!s->refused.lost)
		return;
	(void)pthread_mutex_lock(&s->lock);
	nj_store_span_add(s, &s->refused);
	(void)pthread_mutex_unlock(&s->lock);
	s->refused = (struct nj_store_span){ 0 };
	s->noted = true;
}

static void
spans_put(struct nj_store *s)
{
	if (!s->noted)
		return;
	(void)pthread_mutex_lock(&s->lock);
	nj_store_spans_put(s, s->batch);
	(void)pthread_mutex_unlock(&s->lock);
}

static enum nj_err
batch_write(struct nj_store *s, const struct nj_block *b)
{
	struct nj_store_key key = nj_store_key('b', s->block_next);
	bool sync = s->conf.sync_every_ns == 0;
	int64_t wall_ns = nj_wall_ns();
	enum nj_err err;

	if (b)
		nj_kv_put(s->kv, s->batch, NJ_KV_tail, nj_store_key_view(&key),
			(struct nj_view){ b->data, b->len });
	lanes_put(s, wall_ns);
	spans_put(s);
	err = nj_kv_write(s->kv, s->batch, sync);
	nj_kv_batch_clear(s->batch);
	if (err)
		return err;
	lanes_done(s);
	s->noted = false;
	if (sync) {
		atomic_store(&s->synced_ns, wall_ns);
		s->wrote.syncs++;
	} else {
		(void)atomic_fetch_add(&s->unsynced, b ? b->len : 1);
	}
	return NJ_OK;
}

static void
fill_commit(struct nj_store *s, struct nj_block *b, struct nj_block *next)
{
	b->number = s->block_next++;
	b->since_ns = nj_mono_ns();
	s->wrote.rows += b->rows;
	s->wrote.bytes += b->len - NJ_BLOCK_HEAD;
	s->wrote.commits++;
	/* Few rows do not keep a large buffer. */
	if (b->len < b->cap / 2) {
		uint8_t *less = realloc(b->data, b->len);

		if (less) {
			b->data = less;
			b->cap = b->len;
		}
	}
	s->fill = next;
	tail_publish(s, b);
}

enum nj_err
nj_store_commit(struct nj_store *s)
{
	struct nj_block *b = s->fill, *next;
	enum nj_err err = NJ_OK;

	refused_note(s);
	if (!b->rows && (!s->noted || atomic_load(&s->full)))
		return NJ_OK;
	if (b->rows)
		err = tail_wait(s);
	if (!err && !nj_store_may_write(s, 2 * b->len))
		err = NJ_E_FULL;
	if (err || !b->rows)
		return err ? err : batch_write(s, NULL);
	next = fill_next(s);
	if (!next)
		return NJ_E_NOMEM;
	err = tail_room(s);
	if (!err) {
		nj_block_seal(b);
		err = batch_write(s, b);
	}
	if (err)
		nj_block_unref(next);
	else
		fill_commit(s, b, next);
	return err;
}

/* ---- Put ---- */

static void
refuse(struct nj_store *s, struct nj_store_type *t, int64_t ts_ns)
{
	s->wrote.rows_full++;
	(void)atomic_fetch_add_explicit(&t->refused, 1, memory_order_relaxed);
	if (!s->refused.lost++)
		s->refused.from_ns = s->refused.to_ns = ts_ns;
	s->refused.from_ns = nj_min(s->refused.from_ns, ts_ns);
	s->refused.to_ns = nj_max(s->refused.to_ns, ts_ns);
}

static struct nj_store_type *
type_of(struct nj_store *s, uint32_t type)
{
	if (!s->last_type || s->last_type->type != type)
		s->last_type = nj_store_type_find(s, type);
	return s->last_type;
}

static void
row_add(struct nj_store *s, struct nj_store_type *t, const struct nj_row *row)
{
	struct nj_block *b = s->fill;

	memcpy(b->data + b->len, row->data, row->len);
	b->len += row->len;
	b->rows++;
	b->from_ns = nj_min(b->from_ns, row->head.ts_ns);
	b->to_ns = nj_max(b->to_ns, row->head.ts_ns);
	/* Only this thread writes it. */
	atomic_store_explicit(&t->put,
		atomic_load_explicit(&t->put, memory_order_relaxed) + 1,
		memory_order_relaxed);
}

enum nj_err
nj_store_put(struct nj_store *s, const struct nj_row *row,
	const struct nj_store_from *from)
{
	struct nj_store_type *t = type_of(s, row->type);
	enum nj_err err = NJ_OK;

	if (!t || row->len > NJ_ROW_BYTES_MAX) {
		s->wrote.rows_unknown++;
		return NJ_E_FORMAT;
	}
	if (s->fill->len + row->len > s->fill->cap)
		err = nj_store_commit(s);
	if (atomic_load_explicit(&s->full, memory_order_relaxed))
		err = NJ_E_FULL;
	if (err == NJ_E_FULL)
		refuse(s, t, row->head.ts_ns);
	if (err)
		return err;
	if (from && !lane_pass(s, from)) {
		s->wrote.rows_again++;
		return NJ_OK;
	}
	row_add(s, t, row);
	return NJ_OK;
}

void
nj_store_note_gap(
	struct nj_store *s, int64_t from_ns, int64_t to_ns, uint64_t lost)
{
	struct nj_store_span span = { from_ns, nj_max(from_ns, to_ns), lost };

	(void)pthread_mutex_lock(&s->lock);
	nj_store_span_add(s, &span);
	(void)pthread_mutex_unlock(&s->lock);
	s->noted = true;
}
