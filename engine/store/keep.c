/*
 * keep.c - the thread that keeps house: forces the log to the disk, drops
 * segments that are too old or too many, and watches free space.
 *
 * Segments are dropped in order of their numbers, as whole files of the
 * library hold ranges of numbers and can go at once. Those of a log type that
 * is kept for a shorter time than all go one by one; their room comes back
 * when the library writes their file anew.
 */
#include "engine/store/store_priv.h"

#include <stdlib.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"

enum {
	TICK_MS = 100,
	DROPS_MAX = 4096,
	/* What a deletion needs to be written, and more. */
	DELETE_BYTES = 256 << 10
};

#define RETENTION_EVERY_NS NJ_NS_PER_S
#define PIECES_IDLE_NS (10 * NJ_NS_PER_S)

/* ---- Room ---- */

bool
nj_store_may_write(struct nj_store *s, size_t n)
{
	bool full;

	if (!s->governor)
		return false;
	full = nj_governor_look(s->governor, nj_kv_pending(s->kv) + n) ==
	       NJ_ROOM_NONE;
	atomic_store(&s->full, full);
	return !full;
}

/* ---- Retention ---- */

/* What is dropped in one go: numbers, sorted once it is complete. */
struct drops {
	uint64_t number[DROPS_MAX];
	unsigned n;
	uint64_t rows, bytes, last;
	bool prefix; /* all up to last */
};

static void
drop_add(struct drops *d, const struct nj_store_seg *seg)
{
	if (d->n == DROPS_MAX)
		return;
	d->number[d->n++] = seg->number;
	d->rows += seg->header.rows;
	d->bytes += seg->header.bytes;
	d->last = nj_max(d->last, seg->number);
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int
seg_by_number(const void *a, const void *b)
{
	return by_number(&(*(struct nj_store_seg *const *)a)->number,
		&(*(struct nj_store_seg *const *)b)->number);
}

/* Now, for ages: the clock, or the latest record where that is earlier, as
 * records of the past may be read. */
static int64_t
age_now(const struct nj_seg_list *l)
{
	int64_t wall = nj_wall_ns();

	return l->n ? nj_min(wall, l->v[0]->header.to_ns) : wall;
}

static bool
too_old(struct nj_store *s, const struct nj_store_seg *seg, int64_t now)
{
	const struct nj_store_type *t = nj_store_type_find(s, seg->header.type);
	int64_t age = now - seg->header.to_ns;

	return (s->conf.age_max_ns && age > s->conf.age_max_ns) ||
	       (t && t->keep_ns && age > t->keep_ns);
}

static void
drops_by_age(struct nj_store *s, const struct nj_seg_list *l, struct drops *d)
{
	int64_t now = age_now(l);

	for (unsigned i = l->n; i > 0; i--)
		if (too_old(s, l->v[i - 1], now))
			drop_add(d, l->v[i - 1]);
}

/* The lowest numbers until so many bytes have gone. */
static void
drops_by_bytes(const struct nj_seg_list *l, struct drops *d, uint64_t bytes)
{
	struct nj_store_seg **v =
		malloc((l->n + 1) * sizeof(struct nj_store_seg *));

	if (!v)
		return;
	memcpy(v, l->v, l->n * sizeof(struct nj_store_seg *));
	if (l->n)
		qsort(v, l->n, sizeof(struct nj_store_seg *), seg_by_number);
	for (unsigned i = 0; i < l->n && d->bytes < bytes; i++)
		drop_add(d, v[i]);
	d->prefix = true;
	free(v);
}

static void
parts_delete(
	struct nj_store *s, struct nj_kv_batch *b, const struct nj_store_seg *g)
{
	for (unsigned i = 0; i < g->header.columns; i++) {
		const struct nj_seg_column *c = &g->header.column[i];
		struct nj_store_key key = nj_store_key_part(g->number, c->id);

		if (c->derived)
			continue;
		nj_kv_delete(s->kv, b, NJ_KV_segment, nj_store_key_view(&key));
		if (!c->filter)
			continue;
		key = nj_store_key_part(g->number, c->id | NJ_PART_FILTER);
		nj_kv_delete(s->kv, b, NJ_KV_segment, nj_store_key_view(&key));
	}
}

static void
drops_put(struct nj_store *s, struct nj_kv_batch *b, struct drops *d,
	const struct nj_seg_list *l)
{
	struct nj_store_key first = nj_store_key(0, 0),
			    end = nj_store_key(0, d->last + 1);

	for (unsigned i = 0; i < d->n; i++) {
		struct nj_store_key key = nj_store_key(0, d->number[i]);

		nj_kv_delete(
			s->kv, b, NJ_KV_directory, nj_store_key_view(&key));
	}
	if (d->prefix) {
		nj_kv_delete_range(s->kv, b, NJ_KV_segment,
			nj_store_key_view(&first), nj_store_key_view(&end));
		return;
	}
	for (unsigned i = 0; i < l->n; i++)
		if (bsearch(&l->v[i]->number, d->number, d->n,
			    sizeof(d->number[0]), by_number))
			parts_delete(s, b, l->v[i]);
}

/* Views lose them first: what a search finds is there, or was a moment ago. */
static void
list_publish(struct nj_store *s, struct nj_seg_list *l, uint64_t bytes)
{
	struct nj_seg_list *old;

	(void)pthread_mutex_lock(&s->lock);
	old = s->segs;
	s->segs = l;
	s->seg_bytes -= bytes;
	(void)pthread_mutex_unlock(&s->lock);
	nj_seg_list_unref(old);
}

/* Under change_lock. */
static enum nj_err
drops_write(struct nj_store *s, struct drops *d)
{
	struct nj_store_key first = nj_store_key(0, 0),
			    end = nj_store_key(0, d->last + 1);
	struct nj_seg_list *l;
	struct nj_kv_batch *b;
	enum nj_err err = nj_kv_batch_create(&b);

	if (err)
		return err;
	qsort(d->number, d->n, sizeof(d->number[0]), by_number);
	l = nj_seg_list_change(s->segs, NULL, d->number, d->n);
	if (!l)
		err = NJ_E_NOMEM;
	if (!err) {
		drops_put(s, b, d, s->segs);
		err = nj_kv_write(s->kv, b, false);
	}
	if (!err) {
		list_publish(s, l, d->bytes);
		l = NULL;
		s->kept.expired_segments += d->n;
		s->kept.expired_rows += d->rows;
		if (d->prefix)
			nj_kv_reclaim(s->kv, NJ_KV_segment,
				nj_store_key_view(&first),
				nj_store_key_view(&end));
	}
	nj_seg_list_unref(l);
	nj_kv_batch_destroy(&b);
	return err;
}

/* Bytes that retention has to give back: over the store's own limit, or of a
 * disk that others fill. */
static uint64_t
bytes_over(struct nj_store *s)
{
	uint64_t used = s->seg_bytes, over = 0;
	uint64_t wants = nj_governor_wants(s->governor);

	/* The log comes and goes and is bounded by itself. */
	used += nj_kv_bytes(s->kv, NJ_KV_tail);
	if (s->conf.bytes_max && used > s->conf.bytes_max)
		over = used - s->conf.bytes_max;
	return nj_max(over, wants);
}

static enum nj_err
retain(struct nj_store *s, bool age)
{
	struct drops *d = calloc(1, sizeof(*d));
	uint64_t over = bytes_over(s);
	enum nj_err err = NJ_OK;

	if (!d)
		return NJ_E_NOMEM;
	if (nj_governor_free(s->governor) < DELETE_BYTES) {
		free(d);
		return NJ_OK;
	}
	(void)pthread_mutex_lock(&s->change_lock);
	if (age)
		drops_by_age(s, s->segs, d);
	if (!d->n && over)
		drops_by_bytes(s->segs, d, over);
	if (d->n)
		err = drops_write(s, d);
	(void)pthread_mutex_unlock(&s->change_lock);
	free(d);
	return err;
}

/* ---- The thread ---- */

struct house {
	int64_t sync_at, retain_at, flush_at;
	enum nj_room room;
	enum nj_err told;
};

static void
tell(struct house *h, const char *what, enum nj_err err, struct nj_store *s)
{
	if (err && err != h->told)
		nj_error("store", "%s failed error=%s why=%s", what,
			nj_err_text(err), nj_kv_error(s->kv));
	h->told = err;
}

static void
house_sync(struct nj_store *s, struct house *h, int64_t now)
{
	int64_t wall_ns = nj_wall_ns();
	uint64_t bytes = atomic_load(&s->unsynced);
	enum nj_err err;

	if (!s->conf.sync_every_ns || now < h->sync_at)
		return;
	h->sync_at = now + s->conf.sync_every_ns;
	if (!bytes) {
		atomic_store(&s->synced_ns, wall_ns);
		return;
	}
	err = nj_kv_sync(s->kv);
	tell(h, "sync", err, s);
	if (err)
		return;
	(void)atomic_fetch_sub(&s->unsynced, bytes);
	atomic_store(&s->synced_ns, wall_ns);
	s->kept.syncs++;
}

/* Others on the disk are asked first, the oldest records go next, and what is
 * in the log goes into files, so that the log can go. */
static void
house_room(struct nj_store *s, struct house *h, int64_t now)
{
	enum nj_room before = h->room;
	uint64_t wants, pending;

	(void)nj_store_may_write(s, 0);
	h->room = nj_governor_room(s->governor);
	if (h->room != before &&
		(h->room == NJ_ROOM_NONE || before == NJ_ROOM_NONE))
		nj_warn("store", "%s free_mb=%llu",
			h->room == NJ_ROOM_NONE
				? "the disk is full, records are refused"
				: "there is room again",
			(unsigned long long)(nj_governor_free(s->governor) >>
					     20));
	if (h->room == NJ_ROOM_FINE)
		return;
	wants = nj_governor_wants(s->governor);
	if (h->room != before && s->conf.give_way)
		s->conf.give_way(s->conf.give_way_ctx, wants);
	h->retain_at = nj_min(h->retain_at, now);
	/* Never without room for all that is in memory: a file that meets the
	 * end of the disk stops the library. */
	pending = nj_kv_pending(s->kv);
	if (h->room == NJ_ROOM_NONE && now >= h->flush_at &&
		pending > DELETE_BYTES &&
		nj_governor_free(s->governor) > pending + DELETE_BYTES) {
		tell(h, "flush", nj_kv_flush(s->kv), s);
		h->flush_at = now + RETENTION_EVERY_NS;
	}
}

static void
pieces_age(struct nj_store *s, int64_t now)
{
	if (now - atomic_load(&s->viewed_ns) < PIECES_IDLE_NS ||
		pthread_mutex_trylock(&s->build_lock))
		return;
	nj_store_pieces_drop(s);
	(void)pthread_mutex_unlock(&s->build_lock);
}

static void
tick_wait(struct nj_store *s)
{
	int64_t tick = TICK_MS * NJ_NS_PER_MS, until;
	struct timespec t;

	if (s->conf.sync_every_ns)
		tick = nj_min(tick, s->conf.sync_every_ns);
	until = nj_mono_ns() + nj_max(tick, NJ_NS_PER_MS);
	t.tv_sec = (time_t)(until / NJ_NS_PER_S);
	t.tv_nsec = (long)(until % NJ_NS_PER_S);
	(void)pthread_cond_timedwait(&s->house, &s->lock, &t);
}

void *
nj_store_keeper(void *store)
{
	struct nj_store *s = store;
	struct house h = { .room = NJ_ROOM_FINE };

	(void)pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		int64_t now;

		/* Whoever waits for the sealer looks at the disk again. */
		if (atomic_load(&s->full))
			(void)pthread_cond_broadcast(&s->done);
		tick_wait(s);
		(void)pthread_mutex_unlock(&s->lock);
		now = nj_mono_ns();
		house_sync(s, &h, now);
		house_room(s, &h, now);
		if (now >= h.retain_at) {
			h.retain_at = now + RETENTION_EVERY_NS;
			tell(&h, "retention", retain(s, true), s);
		}
		pieces_age(s, now);
		(void)pthread_mutex_lock(&s->lock);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}
