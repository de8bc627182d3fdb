/*
 * lanes.c - lanes: what a spool holds of each first, then its ring.
 */
#include "engine/event/lanes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/event/ring.h"
#include "engine/event/spool.h"

NJ_COUNTERS_DEFINE(nj_lanes, NJ_LANES_COUNTERS);

struct lane {
	struct nj_lanes *all;
	struct nj_ring *ring;          /* NULL: of a past epoch */
	struct nj_spool_reader *spool; /* NULL: there is none */
	uint32_t number;
	bool in_spool;    /* the next row is there */
	uint64_t upto;    /* the spool holds what is before this */
	uint64_t next;    /* position, while in_spool */
	uint64_t past;    /* released, of a past epoch */
	bool over;        /* a past epoch's lane has given all */
	uint64_t missing; /* bytes that neither had */
};

struct nj_lanes {
	uint64_t epoch;
	unsigned count;
	int folder; /* -1: no spool */
	bool idle;
	uint64_t rows;
	uint64_t unnoted; /* bytes released of a past epoch since the last note
			   */
	struct lane lane[NJ_LANES_MAX];
};
_Static_assert((int)NJ_LANES_MAX == (int)NJ_SPOOL_LANES_MAX, "each has one");

/* Of a past epoch it is noted each time that so much was released: whoever has
 * no positions of its own has no more than this twice. */
enum { NOTE_BYTES = 1024 * 1024 };

/* From spool to ring and back at most so often for one row: only a spool that
 * has not what it should makes it more than once. */
enum { TURNS = 8 };

/* ---- Opening ---- */

static struct nj_lanes *
lanes_make(const char *folder)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
	struct nj_lanes *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->folder = folder && folder[0] ? open(folder, flags) : -1;
	for (unsigned i = 0; i < NJ_LANES_MAX; i++)
		s->lane[i] = (struct lane){ .all = s, .number = i };
	return s;
}

static enum nj_err
spool_open(struct lane *l, bool live)
{
	struct nj_lanes *s = l->all;

	return s->folder < 0 ? NJ_OK
			     : nj_spool_reader_open(&l->spool, s->folder,
				       s->epoch, l->number, live);
}

enum nj_err
nj_lanes_open(struct nj_lanes **out, const struct nj_lanes_conf *conf)
{
	struct nj_lanes *s = lanes_make(conf->spool_folder);
	enum nj_err err = NJ_OK;

	*out = NULL;
	if (!s)
		return NJ_E_NOMEM;
	NJ_ASSERT(conf->count <= NJ_LANES_MAX);
	for (unsigned i = 0; i < conf->count && !err; i++) {
		struct lane *l = &s->lane[i];

		err = nj_ring_attach(
			&l->ring, conf->rings[i], NJ_RING_CONSUMER);
		if (err)
			break;
		s->count++;
		s->epoch = nj_ring_epoch(l->ring);
		err = spool_open(l, true);
	}
	if (err)
		nj_lanes_close(&s);
	*out = s;
	return err;
}

static enum nj_err
open_past(struct nj_lanes *s, uint64_t current)
{
	uint64_t marks[NJ_SPOOL_LANES_MAX];
	enum nj_err err = NJ_OK;
	unsigned lanes;

	if (s->folder < 0)
		return NJ_E_NOENT;
	s->epoch = nj_spool_past(s->folder, current, &lanes);
	if (!s->epoch)
		return NJ_E_NOENT;
	nj_spool_marks(s->folder, s->epoch, marks);
	for (; s->count < lanes && !err; s->count++) {
		struct lane *l = &s->lane[s->count];

		l->in_spool = true;
		l->upto = UINT64_MAX;
		l->next = l->past = marks[s->count];
		err = spool_open(l, false);
		if (!err)
			nj_spool_seek(l->spool, l->next);
	}
	return err;
}

enum nj_err
nj_lanes_open_past(
	struct nj_lanes **out, const char *spool_folder, uint64_t current)
{
	struct nj_lanes *s = lanes_make(spool_folder);
	enum nj_err err = s ? open_past(s, current) : NJ_E_NOMEM;

	if (err)
		nj_lanes_close(&s);
	*out = s;
	return err;
}

/* Of a past epoch: what was read to its end goes, and of the rest it is noted
 * how far it was. */
static void
past_note(struct nj_lanes *s, bool over)
{
	uint64_t marks[NJ_SPOOL_LANES_MAX] = { 0 };

	for (unsigned i = 0; i < s->count; i++) {
		const struct lane *l = &s->lane[i];

		marks[i] = l->past;
		over = over && l->over && l->past >= l->next;
	}
	nj_spool_clear(s->folder, s->epoch, marks, over);
	s->unnoted = 0;
}

static void
past_release(struct lane *l, uint64_t position)
{
	struct nj_lanes *s = l->all;

	if (position <= l->past || position > l->next)
		return;
	s->unnoted += position - l->past;
	l->past = position;
	if (s->unnoted >= NOTE_BYTES)
		past_note(s, false);
}

void
nj_lanes_close(struct nj_lanes **lanes)
{
	struct nj_lanes *s = *lanes;

	if (!s)
		return;
	if (s->folder >= 0 && s->count && !s->lane[0].ring)
		past_note(s, true);
	for (unsigned i = 0; i < NJ_LANES_MAX; i++) {
		nj_ring_detach(&s->lane[i].ring);
		nj_spool_reader_close(&s->lane[i].spool);
	}
	if (s->folder >= 0)
		(void)close(s->folder);
	free(s);
	*lanes = NULL;
}

uint64_t
nj_lanes_epoch(const struct nj_lanes *s)
{
	return s->epoch;
}

unsigned
nj_lanes_count(const struct nj_lanes *s)
{
	return s->count;
}

uint64_t
nj_lanes_released(const struct nj_lanes *s, unsigned lane)
{
	const struct lane *l = &s->lane[lane];

	NJ_ASSERT(lane < s->count);
	return l->ring ? nj_ring_released(l->ring) : l->past;
}

uint64_t
nj_lanes_resume(struct nj_lanes *s, unsigned lane, uint64_t position)
{
	uint64_t released = nj_lanes_released(s, lane);
	struct lane *l = &s->lane[lane];

	if (!l->ring) {
		l->next = nj_max(position, released);
		nj_spool_seek(l->spool, l->next);
		return l->next;
	}
	l->in_spool = false;
	if (!nj_ring_seek(l->ring, position))
		(void)nj_ring_seek(l->ring, released);
	return nj_ring_position(l->ring);
}

/* ---- Reading ---- */

/* The ring has moved on without us: what comes next was put into the spool
 * before it left the ring. */
static void
spool_enter(struct lane *l)
{
	l->in_spool = true;
	l->upto = nj_ring_others(l->ring);
	l->next = nj_ring_position(l->ring);
	if (l->spool)
		nj_spool_seek(l->spool, l->next);
}

/* Back to the ring. What the spool should have had and did not is gone. */
static void
spool_leave(struct lane *l)
{
	l->in_spool = false;
	/* It may have passed over damaged rows, which it has counted. */
	if (l->spool)
		l->next = nj_max(
			l->next, nj_min(nj_spool_position(l->spool), l->upto));
	if (l->next < l->upto) {
		l->missing += l->upto - l->next;
		l->next = l->upto;
	}
	(void)nj_ring_seek(l->ring, l->next);
}

static bool
spool_next(struct lane *l, struct nj_row *row)
{
	if (!l->spool || !nj_spool_next(l->spool, l->upto, row))
		return false;
	l->next = row->position;
	/* The ring's place goes along, so that this may be released. */
	if (l->ring)
		(void)nj_ring_seek(l->ring, l->next);
	return true;
}

static bool
ring_next(struct lane *l, struct nj_row *row)
{
	if (!nj_ring_next(l->ring, row))
		return false;
	row->lane = l->number;
	row->position = nj_ring_position(l->ring);
	return true;
}

static bool
lane_next(void *ctx, struct nj_row *row)
{
	struct lane *l = ctx;
	bool got = l->in_spool && spool_next(l, row);

	l->over = !got && !l->ring;
	for (unsigned i = 0; i < TURNS && !got && l->ring; i++) {
		if (l->in_spool)
			spool_leave(l);
		got = ring_next(l, row);
		if (got || !nj_ring_overtaken(l->ring))
			break;
		spool_enter(l);
		got = spool_next(l, row);
	}
	l->all->rows += got;
	return got;
}

static int64_t
lane_watermark(void *ctx)
{
	const struct lane *l = ctx;

	return !l->ring || l->all->idle ? INT64_MAX
					: nj_ring_watermark(l->ring);
}

struct nj_row_input
nj_lanes_input(struct nj_lanes *s, unsigned lane)
{
	NJ_ASSERT(lane < s->count);
	return (struct nj_row_input){ &s->lane[lane], lane_next,
		lane_watermark };
}

void
nj_lanes_set_idle(struct nj_lanes *s, bool idle)
{
	s->idle = idle;
}

void
nj_lanes_release(struct nj_lanes *s, unsigned lane, uint64_t position)
{
	struct lane *l = &s->lane[lane];

	NJ_ASSERT(lane < s->count);
	if (l->ring)
		nj_ring_release_to(l->ring, position);
	else
		past_release(l, position);
}

static void
add_spool(struct nj_lanes_counters *out, const struct nj_spool_reader *r)
{
	const struct nj_spool_read_counters *c = nj_spool_read_counters(r);

	out->rows_spool += c->rows;
	out->bytes_spool += c->bytes;
	out->broken += c->broken;
	out->bytes_broken += c->bytes_broken;
	out->bytes_missing += c->bytes_missing;
}

void
nj_lanes_counters(const struct nj_lanes *s, struct nj_lanes_counters *out)
{
	struct nj_ring_counters ring;

	*out = (struct nj_lanes_counters){ .rows = s->rows };
	for (unsigned i = 0; i < s->count; i++) {
		const struct lane *l = &s->lane[i];

		out->bytes_missing += l->missing;
		if (l->spool)
			add_spool(out, l->spool);
		if (!l->ring)
			continue;
		nj_ring_counters(l->ring, &ring);
		out->broken += ring.broken;
		out->bytes_broken += ring.bytes_broken;
	}
}
