/*
 * lanes.c - lanes: what a spool holds of each first, then its ring.
 */
#include "engine/event/lanes.h"

#include <stdlib.h>

#include "engine/event/ring.h"

NJ_COUNTERS_DEFINE(nj_lanes, NJ_LANES_COUNTERS);

struct lane {
	struct nj_lanes *t;
	struct nj_ring *ring;
	uint32_t number;
};

struct nj_lanes {
	uint64_t epoch;
	unsigned lanes;
	bool idle;
	struct nj_lanes_counters counters;
	struct lane lane[NJ_LANES_MAX];
};

enum nj_err
nj_lanes_open(struct nj_lanes **out, const struct nj_lanes_conf *conf)
{
	struct nj_lanes *t = calloc(1, sizeof(*t));
	enum nj_err err = NJ_OK;

	*out = NULL;
	if (!t)
		return NJ_E_NOMEM;
	NJ_ASSERT(conf->lanes <= NJ_LANES_MAX);
	for (; t->lanes < conf->lanes && !err; t->lanes++) {
		struct lane *l = &t->lane[t->lanes];

		l->t = t;
		l->number = t->lanes;
		err = nj_ring_attach(
			&l->ring, conf->rings[t->lanes], NJ_RING_CONSUMER);
		if (!err)
			t->epoch = nj_ring_epoch(l->ring);
	}
	if (err)
		nj_lanes_close(&t);
	*out = t;
	return err;
}

enum nj_err
nj_lanes_open_past(
	struct nj_lanes **out, const char *spool_folder, uint64_t current)
{
	(void)spool_folder;
	(void)current;
	*out = NULL;
	return NJ_E_NOENT;
}

void
nj_lanes_close(struct nj_lanes **transport)
{
	struct nj_lanes *t = *transport;

	if (!t)
		return;
	for (unsigned i = 0; i < t->lanes; i++)
		nj_ring_detach(&t->lane[i].ring);
	free(t);
	*transport = NULL;
}

uint64_t
nj_lanes_epoch(const struct nj_lanes *t)
{
	return t->epoch;
}

unsigned
nj_lanes_count(const struct nj_lanes *t)
{
	return t->lanes;
}

uint64_t
nj_lanes_resume(struct nj_lanes *t, unsigned lane, uint64_t position)
{
	struct nj_ring *ring = t->lane[lane].ring;

	NJ_ASSERT(lane < t->lanes);
	if (!nj_ring_seek(ring, position))
		(void)nj_ring_seek(ring, nj_ring_released(ring));
	return nj_ring_position(ring);
}

uint64_t
nj_lanes_released(const struct nj_lanes *t, unsigned lane)
{
	NJ_ASSERT(lane < t->lanes);
	return nj_ring_released(t->lane[lane].ring);
}

static bool
lane_next(void *ctx, struct nj_row *row)
{
	struct lane *l = ctx;

	if (!nj_ring_next(l->ring, row))
		return false;
	row->lane = l->number;
	row->position = nj_ring_position(l->ring);
	l->t->counters.rows++;
	return true;
}

static int64_t
lane_watermark(void *ctx)
{
	const struct lane *l = ctx;

	return l->t->idle ? INT64_MAX : nj_ring_watermark(l->ring);
}

struct nj_row_input
nj_lanes_input(struct nj_lanes *t, unsigned lane)
{
	NJ_ASSERT(lane < t->lanes);
	return (struct nj_row_input){ &t->lane[lane], lane_next,
		lane_watermark };
}

void
nj_lanes_set_idle(struct nj_lanes *t, bool idle)
{
	t->idle = idle;
}

void
nj_lanes_release(struct nj_lanes *t, unsigned lane, uint64_t position)
{
	NJ_ASSERT(lane < t->lanes);
	nj_ring_release_to(t->lane[lane].ring, position);
}

void
nj_lanes_counters(const struct nj_lanes *t, struct nj_lanes_counters *out)
{
	struct nj_ring_counters ring;

	*out = t->counters;
	for (unsigned i = 0; i < t->lanes; i++) {
		nj_ring_counters(t->lane[i].ring, &ring);
		out->broken += ring.broken;
		out->bytes_broken += ring.bytes_broken;
	}
}
