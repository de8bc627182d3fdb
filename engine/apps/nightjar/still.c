/*
 * still.c - beats that stay the same for too long.
 */
#include "engine/apps/nightjar/still.h"

#include <stdio.h>

enum { STILL_S = 20 };

static bool
stands(struct nj_beat *b, int64_t value, int64_t now_ns)
{
	if (value != b->value || !b->since_ns) {
		*b = (struct nj_beat){ value, now_ns };
		return false;
	}
	return now_ns - b->since_ns > STILL_S * NJ_NS_PER_S;
}

static bool
found(struct nj_still *s, enum nj_part part, const char *who)
{
	s->part = part;
	(void)snprintf(s->why, sizeof(s->why), "%s stood still for %d s", who,
		STILL_S);
	return true;
}

/* Only what is at work has to move. */
static bool
look_at(struct nj_beat *b, uint64_t stage, int64_t beat_ns, int64_t now_ns)
{
	bool still = stage == NJ_STAGE_RUNNING && stands(b, beat_ns, now_ns);

	if (still || stage != NJ_STAGE_RUNNING)
		b->since_ns = 0;
	return still;
}

static bool
look_sensor(struct nj_still *s, const struct nj_control *c, int64_t now_ns)
{
	static struct nj_sensor_state sensor;
	static struct nj_worker_state w;
	char who[32];

	if (!nj_control_sensor(c, &sensor) ||
		sensor.stage != NJ_STAGE_RUNNING) {
		/* Its start may take long, and its end is watched otherwise. */
		s->sensor.since_ns = 0;
		memset(s->workers, 0, sizeof(s->workers));
		return false;
	}
	if (stands(&s->sensor, sensor.beat_ns, now_ns))
		return found(s, NJ_PART_SENSOR, "it");
	for (unsigned i = 0; i < sensor.workers; i++) {
		if (!nj_control_worker(c, i, &w) ||
			w.stage != NJ_STAGE_RUNNING) {
			s->workers[i].since_ns = 0;
			continue;
		}
		(void)snprintf(who, sizeof(who), "worker %u", i);
		if (stands(&s->workers[i], w.beat_ns, now_ns))
			return found(s, NJ_PART_SENSOR, who);
	}
	return false;
}

bool
nj_still_look(struct nj_still *s, const struct nj_control *c, int64_t now_ns)
{
	static struct nj_spool_state spool;
	struct nj_brain_state brain;

	if (s->why[0])
		return false;
	if (look_sensor(s, c, now_ns)) {
		memset(s->workers, 0, sizeof(s->workers));
		s->sensor.since_ns = 0;
		return true;
	}
	(void)nj_control_brain(c, &brain);
	if (look_at(&s->brain, brain.stage, brain.beat_ns, now_ns))
		return found(s, NJ_PART_BRAIN, "it");
	(void)nj_control_spool(c, &spool);
	return look_at(&s->spool, spool.stage, spool.beat_ns, now_ns) &&
	       found(s, NJ_PART_SPOOL, "it");
}
