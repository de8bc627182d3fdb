/*
 * open.c - opening a store with what was there: segments from the directory,
 * rows that wait in the tail, positions of lanes; and closing it.
 */
#include "engine/store/store_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/clock.h"
#include "engine/base/hash.h"
#include "engine/base/log.h"

enum {
	FORMAT_VERSION = 1,
	/* The library's memory for a family, on large disks and small ones. */
	BUFFER_BYTES_MAX = 64 << 20,
	BUFFER_BYTES_MIN = 256 << 10,
	BUFFERS_IN_DISK = 64
};

/* ---- Log types ---- */

static unsigned
type_slot(uint32_t type)
{
	return (unsigned)nj_mix64(type) % NJ_STORE_TYPE_SLOTS;
}

struct nj_store_type *
nj_store_type_find(struct nj_store *s, uint32_t type)
{
	unsigned at = type_slot(type);

	while (s->type_slot[at]) {
		struct nj_store_type *t = &s->type[s->type_slot[at] - 1];

		if (t->type == type)
			return t;
		at = (at + 1) % NJ_STORE_TYPE_SLOTS;
	}
	return NULL;
}

static void
types_init(struct nj_store *s)
{
	const struct nj_event_desc *desc;

	for (unsigned i = 0; (desc = nj_event_at(i)) != NULL; i++) {
		struct nj_store_type *t = &s->type[s->types++];
		unsigned at = type_slot(nj_event_type(desc));

		t->type = nj_event_type(desc);
		t->desc = desc;
		for (unsigned k = 0; k < s->conf.keeps; k++)
			if (s->conf.keep[k].type == t->type)
				t->keep_ns = s->conf.keep[k].age_ns;
		while (s->type_slot[at])
			at = (at + 1) % NJ_STORE_TYPE_SLOTS;
		s->type_slot[at] = (uint16_t)s->types;
	}
}

/* ---- What was there ---- */

static void
corrupt(struct nj_store *s, const char *what, uint64_t number)
{
	(void)atomic_fetch_add(&s->corrupt, 1);
	nj_warn("store", "damaged, left out %s=%llu", what,
		(unsigned long long)number);
}

/* Segments while they are read. */
struct directory {
	struct nj_store *s;
	struct nj_store_segs segs;
};

static enum nj_err
directory_row(void *ctx, uint64_t number, struct nj_view v)
{
	struct directory *d = ctx;
	struct nj_store *s = d->s;
	struct nj_seg_header *h = malloc(sizeof(*h));
	enum nj_err err = NJ_OK;

	if (!h)
		return NJ_E_NOMEM;
	s->segment_next = nj_max(s->segment_next, number + 1);
	if (nj_seg_header_parse(h, v))
		err = nj_store_segs_add(
			&d->segs, nj_store_seg_create(s, h, number));
	else
		corrupt(s, "segment", number);
	free(h);
	return err;
}

static void
directory_damaged(void *ctx, uint64_t number)
{
	struct directory *d = ctx;

	corrupt(d->s, "directory, from segment", number);
}

static enum nj_err
directory_load(struct nj_store *s)
{
	struct directory d = { .s = s };
	struct nj_store_walk w = { .family = NJ_KV_directory,
		.ctx = &d,
		.row = directory_row,
		.damaged = directory_damaged };
	struct nj_store_segs *a = &d.segs;
	struct nj_seg_list *l = NULL;
	enum nj_err err = nj_store_walk(s->kv, &w);

	nj_store_segs_sort(a);
	if (!err)
		l = nj_seg_list_change(NULL, a, NULL, 0);
	if (!err && !l)
		err = NJ_E_NOMEM;
	if (!err) {
		nj_seg_list_unref(s->segs);
		s->segs = l;
		s->seg_bytes = 0;
		for (unsigned i = 0; i < a->n; i++)
			s->seg_bytes += a->v[i]->header.bytes;
	}
	nj_store_segs_free(a);
	return err;
}

/* Numbers of blocks have no gaps; where there is one, rows were in it that
 * had been acknowledged and are lost. */
static void
hole_note(struct nj_store *s, const struct nj_block *b, uint64_t expected)
{
	const struct nj_block *before = s->tails ? s->tail[s->tails - 1] : NULL;
	struct nj_store_span span = { before ? before->to_ns : b->from_ns,
		b->from_ns, 0 };

	if (span.from_ns > span.to_ns)
		span.from_ns = span.to_ns;
	for (; expected < b->number; expected++)
		corrupt(s, "block", expected);
	nj_store_span_add(s, &span);
}

/* The sealer waits for rows of a type; these are there already. */
static void
rows_count(struct nj_store *s, const struct nj_block *b)
{
	struct nj_view rows = nj_block_rows(b), row;

	while (nj_block_row(&rows, &row)) {
		struct nj_store_type *t =
			nj_store_type_find(s, nj_row_type(row));

		if (t)
			(void)atomic_fetch_add(&t->put, 1);
	}
}

/* Blocks while they are read. */
struct tail {
	struct nj_store *s;
	char letter;
	uint64_t expected;
};

/* A sealed block that waits for outputs. */
static enum nj_err
tail_sealed(struct nj_store *s, uint64_t number, struct nj_view value)
{
	uint32_t rows;

	if (nj_block_sound(value, &rows))
		nj_store_held_add(s, number, rows, value.len);
	else
		corrupt(s, "sealed block", number);
	return NJ_OK;
}

static enum nj_err
tail_row(void *ctx, uint64_t number, struct nj_view value)
{
	struct tail *t = ctx;
	struct nj_store *s = t->s;
	struct nj_block *b;
	bool damaged;

	if (t->letter == 'b' && number <= s->sealed_to)
		return tail_sealed(s, number, value);
	b = nj_block_load(value, number, &damaged);
	if (!b && !damaged)
		return NJ_E_NOMEM;
	if (damaged) {
		corrupt(s, t->letter == 'b' ? "block" : "carried block",
			number);
		t->expected = number + 1;
		return NJ_OK;
	}
	b->carried = t->letter == 'c';
	b->since_ns = nj_mono_ns();
	if (!b->carried && t->expected < number)
		hole_note(s, b, t->expected);
	t->expected = number + 1;
	if (!nj_store_tail_room(s)) {
		nj_block_unref(b);
		return NJ_E_NOMEM;
	}
	nj_store_tail_add(s, b);
	if (s->conf.mode == NJ_KV_OWN)
		rows_count(s, b);
	return NJ_OK;
}

static void
tail_damaged(void *ctx, uint64_t number)
{
	struct tail *t = ctx;

	corrupt(t->s, t->letter == 'b' ? "tail, from block" : "carried block",
		number);
}

/* Gives the number after the last. */
static enum nj_err
tail_load_kind(struct nj_store *s, char letter, uint64_t *next)
{
	struct tail t = { .s = s, .letter = letter };
	struct nj_store_walk w = { .family = NJ_KV_tail,
		.letter = letter,
		.ctx = &t,
		.row = tail_row,
		.damaged = tail_damaged };
	enum nj_err err;

	t.expected = *next;
	err = nj_store_walk(s->kv, &w);
	*next = nj_max(t.expected, w.next);
	return err;
}

static void
tail_clear(struct nj_store *s)
{
	for (unsigned i = 0; i < s->tails; i++)
		nj_block_unref(s->tail[i]);
	s->tails = 0;
	s->tail_bytes = s->tail_rows = 0;
	s->held_first = s->held_end = 0;
	s->held_bytes = 0;
}

static enum nj_err
tail_load(struct nj_store *s)
{
	uint64_t block = s->sealed_to + 1;
	enum nj_err err;

	tail_clear(s);
	err = tail_load_kind(s, 'c', &s->carry_next);
	if (!err)
		err = tail_load_kind(s, 'b', &block);
	s->block_next = block;
	return err;
}

static enum nj_err
lanes_load(struct nj_store *s)
{
	static const char prefix[] = "lane/";
	const size_t at = sizeof(prefix) - 1;
	struct nj_kv_iter *it;
	struct nj_view key, value;
	enum nj_err err;

	s->lanes = 0;
	err = nj_kv_iter_open(&it, s->kv, NJ_KV_meta, nj_str(prefix));
	while (!err && nj_kv_iter_next(it, &key, &value)) {
		struct nj_store_lane *l = &s->lane[s->lanes];

		if (!nj_view_starts(key, nj_str(prefix)) ||
			s->lanes == NJ_STORE_LANES_KEPT)
			break;
		if (key.len != at + 12 || value.len != 16)
			continue;
		l->epoch = nj_store_from_be64(key.data + at);
		l->lane = (uint32_t)key.data[at + 8] << 24 |
			  (uint32_t)key.data[at + 9] << 16 |
			  (uint32_t)key.data[at + 10] << 8 | key.data[at + 11];
		l->done = l->position = nj_store_from_be64(value.data);
		l->wall_ns = (int64_t)nj_store_from_be64(value.data + 8);
		s->lanes++;
	}
	return err ? err : nj_kv_iter_close(&it);
}

enum nj_err
nj_store_load(struct nj_store *s)
{
	uint64_t next = 0;
	enum nj_err err = nj_store_meta_get(s, "sealed", &s->sealed_to);

	if (!err)
		err = nj_store_meta_get(s, "segments", &next);
	s->segment_next = nj_max(nj_max(s->segment_next, next), UINT64_C(1));
	s->carry_next = nj_max(s->carry_next, UINT64_C(1));
	if (!err)
		err = nj_store_spans_load(s);
	if (!err)
		err = directory_load(s);
	if (!err)
		err = tail_load(s);
	return err ? err : lanes_load(s);
}

/* ---- Open and close ---- */

static enum nj_err
version_check(struct nj_store *s, char why[NJ_KV_WHY])
{
	struct nj_kv_batch *b;
	uint64_t version;
	enum nj_err err = nj_store_meta_get(s, "version", &version);

	if (err)
		return err;
	if (version > FORMAT_VERSION) {
		(void)snprintf(why, NJ_KV_WHY,
			"a later Nightjar has written it (format %llu, here "
			"%d)",
			(unsigned long long)version, FORMAT_VERSION);
		return NJ_E_UNSUPPORTED;
	}
	if (version || s->conf.mode == NJ_KV_FOLLOW)
		return NJ_OK;
	err = nj_kv_batch_create(&b);
	if (err)
		return err;
	nj_store_meta_put(s, b, "version", FORMAT_VERSION);
	err = nj_kv_write(s->kv, b, true);
	nj_kv_batch_destroy(&b);
	return err;
}

/* A disk of some MiB must hold a log and a few files, too. */
static size_t
buffer_bytes(const char *folder)
{
	uint64_t size = nj_governor_size(folder);

	if (!size)
		return BUFFER_BYTES_MAX;
	return (size_t)nj_min(
		nj_max(size / BUFFERS_IN_DISK, (uint64_t)BUFFER_BYTES_MIN),
		(uint64_t)BUFFER_BYTES_MAX);
}

static enum nj_err
owner_start(struct nj_store *s)
{
	const struct nj_governor_conf g = { .folder = s->folder,
		.reserve_bytes = s->conf.reserve_bytes };
	enum nj_err err = nj_governor_open(&s->governor, &g);

	if (!err)
		err = nj_kv_batch_create(&s->batch);
	if (!err)
		err = nj_kv_batch_create(&s->seal_batch);
	if (err)
		return err;
	s->fill = nj_block_create(NJ_STORE_BLOCK_BYTES);
	if (!s->fill)
		return NJ_E_NOMEM;
	atomic_store(&s->synced_ns, nj_wall_ns());
	s->sealer_runs =
		pthread_create(&s->sealer, NULL, nj_store_sealer, s) == 0;
	s->keeper_runs =
		pthread_create(&s->keeper, NULL, nj_store_keeper, s) == 0;
	return s->sealer_runs && s->keeper_runs ? NJ_OK : NJ_E_SYSTEM;
}

static void
locks_init(struct nj_store *s)
{
	pthread_condattr_t attr;

	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_mutex_init(&s->change_lock, NULL);
	(void)pthread_mutex_init(&s->build_lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&s->work, &attr);
	(void)pthread_cond_init(&s->house, &attr);
	(void)pthread_cond_init(&s->done, &attr);
	(void)pthread_condattr_destroy(&attr);
}

static enum nj_err
open_all(struct nj_store *s, char why[NJ_KV_WHY])
{
	struct nj_kv_conf conf = { .folder = s->folder,
		.mode = s->conf.mode,
		.cache_bytes = s->conf.cache_bytes,
		.buffer_bytes = buffer_bytes(s->folder) };
	enum nj_err err = nj_kv_open(&s->kv, &conf, why);

	if (!err)
		err = version_check(s, why);
	if (!err)
		err = nj_store_load(s);
	if (!err && conf.mode == NJ_KV_OWN)
		err = owner_start(s);
	if (err && !why[0])
		(void)snprintf(why, NJ_KV_WHY, "%s", nj_err_text(err));
	return err;
}

enum nj_err
nj_store_open(struct nj_store **out, const struct nj_store_conf *conf,
	char why[NJ_KV_WHY])
{
	struct nj_store *s = calloc(1, sizeof(*s));
	enum nj_err err = NJ_E_RANGE;
	int n;

	*out = NULL;
	why[0] = 0;
	if (!s)
		return NJ_E_NOMEM;
	s->conf = *conf;
	locks_init(s);
	types_init(s);
	n = snprintf(s->folder, sizeof(s->folder), "%s", conf->folder);
	if (n > 0 && (size_t)n < sizeof(s->folder))
		err = open_all(s, why);
	if (err) {
		nj_store_close(&s);
		return err;
	}
	*out = s;
	return NJ_OK;
}

static void
threads_stop(struct nj_store *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->stop = true;
	(void)pthread_cond_broadcast(&s->work);
	(void)pthread_cond_broadcast(&s->house);
	(void)pthread_cond_broadcast(&s->done);
	(void)pthread_mutex_unlock(&s->lock);
	if (s->sealer_runs)
		(void)pthread_join(s->sealer, NULL);
	if (s->keeper_runs)
		(void)pthread_join(s->keeper, NULL);
}

/* In good order all is in files: the log is empty, the next opening is quick,
 * and damage to the log's end, which looks like a crash, costs nothing. */
static void
log_empty(struct nj_store *s)
{
	enum nj_err err = nj_kv_sync(s->kv);

	if (!err && nj_store_may_write(s, nj_kv_pending(s->kv)))
		err = nj_kv_flush(s->kv);
	if (err)
		nj_warn("store", "log not emptied why=%s", nj_kv_error(s->kv));
}

void
nj_store_close(struct nj_store **open)
{
	struct nj_store *s = *open;

	*open = NULL;
	if (!s)
		return;
	/* A disk that is full keeps the last rows: they were never
	 * acknowledged, and whoever has them offers them again. */
	if (s->fill && s->keeper_runs && nj_store_commit(s))
		nj_warn("store", "the last records were not kept rows=%u",
			s->fill->rows);
	threads_stop(s);
	if (s->fill && s->keeper_runs)
		log_empty(s);
	nj_store_pieces_drop(s);
	tail_clear(s);
	free(s->tail);
	free(s->held);
	nj_seg_list_unref(s->segs);
	nj_block_unref(s->fill);
	for (unsigned i = 0; i < s->spares; i++)
		nj_block_unref(s->spare[i]);
	for (unsigned i = 0; i < s->types; i++) {
		nj_seg_builder_destroy(&s->type[i].builder);
		nj_seg_builder_destroy(&s->type[i].viewer);
	}
	nj_buf_free(&s->seal_header);
	nj_kv_batch_destroy(&s->batch);
	nj_kv_batch_destroy(&s->seal_batch);
	nj_governor_close(&s->governor);
	nj_kv_close(&s->kv);
	(void)pthread_cond_destroy(&s->work);
	(void)pthread_cond_destroy(&s->house);
	(void)pthread_cond_destroy(&s->done);
	(void)pthread_mutex_destroy(&s->lock);
	(void)pthread_mutex_destroy(&s->change_lock);
	(void)pthread_mutex_destroy(&s->build_lock);
	free(s);
}
