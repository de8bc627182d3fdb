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
	struct nj_brain_state brain;

	if (s->why[0])
		return false;
	if (look_sensor(s, c, now_ns)) {
		memset(s->workers, 0, sizeof(s->workers));
		s->sensor.since_ns = 0;
		return true;
	}
	if (!nj_control_brain(c, &brain) || brain.stage != NJ_STAGE_RUNNING) {
		s->brain.since_ns = 0;
		return false;
	}
	if (!stands(&s->brain, brain.beat_ns, now_ns))
		return false;
	s->brain.since_ns = 0;
	return found(s, NJ_PART_BRAIN, "it");
}
