/*
 * spooler.c - from rings to the spool.
 *
 * A ring is left alone until it is 3/8 full, and is then brought down to 1/4.
 * So rows of a brain that keeps up never come near the disk, there is always
 * most of a ring for a burst, and the sensor, which sheds work when a ring
 * stays full, does not see that the brain is away.
 */
#include "engine/event/spooler.h"

#include <errno.h>
#include <stdlib.h>

struct lane {
	struct nj_ring *ring;
	uint64_t bytes; /* of the ring */
	bool moving;    /* until it is down */
	bool stuck;     /* no room: until it is tidied */
};

struct nj_spooler {
	unsigned count;
	struct nj_spool *spool; /* NULL: none */
	int error;
	struct lane lane[NJ_SPOOL_LANES_MAX];
	/* Rows of the batch that is being made. */
	struct nj_spool_batch batch;
	uint8_t rows[NJ_SPOOL_BATCH_BYTES_MAX];
};

static enum nj_err
lane_open(struct nj_spooler *s, unsigned i, int fd)
{
	struct lane *l = &s->lane[i];
	enum nj_err err = nj_ring_attach(&l->ring, fd, NJ_RING_SPOOLER);

	if (err)
		return err;
	s->count++;
	l->bytes = nj_ring_bytes_max(l->ring);
	return NJ_OK;
}

enum nj_err
nj_spooler_open(struct nj_spooler **out, const struct nj_spooler_conf *conf)
{
	struct nj_spooler *s = calloc(1, sizeof(*s));
	struct nj_spool_conf spool = { .folder = conf->folder,
		.bytes_max = conf->bytes_max,
		.lanes = conf->count };
	enum nj_err err = NJ_OK;

	*out = NULL;
	if (!s)
		return NJ_E_NOMEM;
	NJ_ASSERT(conf->count && conf->count <= NJ_SPOOL_LANES_MAX);
	for (unsigned i = 0; i < conf->count && !err; i++)
		err = lane_open(s, i, conf->rings[i]);
	if (!err && conf->folder) {
		spool.epoch = nj_ring_epoch(s->lane[0].ring);
		err = nj_spool_open(&s->spool, &spool);
	}
	/* Killed between writing and saying so: what was written need not be
	 * moved again. */
	for (unsigned i = 0; i < s->count && !err && s->spool; i++)
		if (nj_ring_seek(s->lane[i].ring, nj_spool_end(s->spool, i)))
			nj_ring_release(s->lane[i].ring);
	if (err)
		nj_spooler_close(&s);
	*out = s;
	return err;
}

void
nj_spooler_close(struct nj_spooler **spooler)
{
	struct nj_spooler *s = *spooler;

	if (!s)
		return;
	for (unsigned i = 0; i < s->count; i++)
		nj_ring_detach(&s->lane[i].ring);
	nj_spool_close(&s->spool);
	free(s);
	*spooler = NULL;
}

/* ---- Moving ---- */

/* Adds the row to the batch if it follows on it. */
static bool
batch_add(struct nj_spooler *s, struct nj_ring *ring, const struct nj_row *row)
{
	struct nj_spool_batch *b = &s->batch;
	uint64_t begin = nj_ring_position(ring) - row->len;

	if (!b->count)
		b->position = begin;
	if (begin != b->position + b->rows.len ||
		row->len > sizeof(s->rows) - b->rows.len) {
		/* It comes with the next batch. */
		(void)nj_ring_seek(ring, begin);
		return false;
	}
	memcpy(s->rows + b->rows.len, row->data, row->len);
	b->rows.len += row->len;
	b->count++;
	return true;
}

/* Takes rows of about so many bytes. */
static void
batch_fill(struct nj_spooler *s, struct lane *l, uint64_t bytes)
{
	struct nj_row row;

	s->batch = (struct nj_spool_batch){ .rows = { s->rows, 0 } };
	if (nj_ring_overtaken(l->ring))
		(void)nj_ring_seek(l->ring, nj_ring_others(l->ring));
	while (s->batch.rows.len < bytes && nj_ring_next(l->ring, &row))
		if (!batch_add(s, l->ring, &row))
			break;
	/* The brain has got past all of it in the meantime. */
	if (nj_ring_overtaken(l->ring))
		s->batch.count = 0;
}

static enum nj_err
move(struct nj_spooler *s, unsigned i, uint64_t bytes)
{
	struct lane *l = &s->lane[i];
	enum nj_err err = NJ_OK;

	batch_fill(s, l, bytes);
	if (s->batch.count)
		err = nj_spool_put(s->spool, i, &s->batch);
	if (!err) {
		nj_ring_release(l->ring);
		s->error = 0;
		return NJ_OK;
	}
	s->error = err == NJ_E_IO ? errno : s->error;
	l->stuck = true;
	(void)nj_ring_seek(l->ring, s->batch.position);
	return err;
}

static bool
lane_step(struct nj_spooler *s, unsigned i)
{
	struct lane *l = &s->lane[i];
	struct nj_ring_counters c;

	/* If somebody wrote over it, it is put right. */
	nj_ring_release_to(l->ring, nj_ring_released(l->ring));
	nj_ring_counters(l->ring, &c);
	if (c.waiting > l->bytes / 8 * 3)
		l->moving = true;
	if (c.waiting <= l->bytes / 4)
		l->moving = false;
	if (!l->moving || l->stuck)
		return false;
	return !move(s, i, c.waiting - l->bytes / 4);
}

bool
nj_spooler_step(struct nj_spooler *s)
{
	bool more = false;

	for (unsigned i = 0; i < s->count && s->spool; i++)
		more |= lane_step(s, i);
	return more;
}

void
nj_spooler_tidy(struct nj_spooler *s)
{
	if (!s->spool)
		return;
	for (unsigned i = 0; i < s->count; i++) {
		s->lane[i].stuck = false;
		nj_spool_release(s->spool, i, nj_ring_others(s->lane[i].ring));
	}
	nj_spool_tidy(s->spool);
}

enum nj_err
nj_spooler_flush(struct nj_spooler *s)
{
	struct nj_ring_counters c;
	enum nj_err err = NJ_OK, first = NJ_OK;

	for (unsigned i = 0; i < s->count && s->spool; i++) {
		do {
			nj_ring_counters(s->lane[i].ring, &c);
			err = c.waiting ? move(s, i, c.waiting) : NJ_OK;
		} while (!err && c.waiting);
		first = first ? first : err;
	}
	nj_spooler_tidy(s);
	return first;
}

/* ---- What is to be seen ---- */

bool
nj_spooler_ended(const struct nj_spooler *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (nj_ring_watermark(s->lane[i].ring) != INT64_MAX)
			return false;
	return true;
}

bool
nj_spooler_is_full(const struct nj_spooler *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->lane[i].stuck)
			return true;
	return false;
}

int
nj_spooler_error(const struct nj_spooler *s)
{
	return s->error;
}

static int
loss_cmp(const void *pa, const void *pb)
{
	const struct nj_loss *a = pa, *b = pb;

	return (a->type > b->type) - (a->type < b->type);
}

static unsigned
add_losses(struct nj_loss *sum, unsigned n, const struct nj_loss *more,
	unsigned count)
{
	unsigned known = n;

	for (unsigned i = 0; i < count; i++) {
		unsigned k = 0;

		while (k < known && sum[k].type != more[i].type)
			k++;
		if (k < known)
			sum[k].rows += more[i].rows;
		else if (n < NJ_EVENT_TYPES_MAX)
			sum[n++] = more[i];
	}
	return n;
}

unsigned
nj_spooler_losses(
	const struct nj_spooler *s, struct nj_loss out[NJ_EVENT_TYPES_MAX])
{
	struct nj_loss one[NJ_EVENT_TYPES_MAX];
	unsigned n = 0;

	for (unsigned i = 0; i < s->count; i++)
		n = add_losses(out, n, one,
			nj_ring_losses(s->lane[i].ring, one, nj_countof(one)));
	qsort(out, n, sizeof(*out), loss_cmp);
	return n;
}

void
nj_spooler_counters(const struct nj_spooler *s, struct nj_spool_counters *out)
{
	*out = s->spool ? *nj_spool_counters(s->spool)
			: (struct nj_spool_counters){ 0 };
}
