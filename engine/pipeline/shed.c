/*
 * shed.c - the controller of overload.
 */
#include "engine/pipeline/shed.h"

enum {
	FULL_HOT = 95, /* percent of polls */
	FULL_CALM = 60,
	RING_HOT = 75,
	RING_CALM = 50,
	BUFFERS_HOT = 90,
	BUFFERS_CALM = 70,
	POLLS_MIN = 16 /* fewer say nothing */
};

const char *
nj_shed_name(uint64_t level)
{
	static const char *const names[NJ_SHED_LEVELS] = { "none", "packets",
		"shallow", "headers", "flows" };

	return level < NJ_SHED_LEVELS ? names[level] : "unknown";
}

const char *
nj_shed_text(uint64_t level)
{
	static const char *const texts[NJ_SHED_LEVELS] = {
		[NJ_SHED_NONE] = "nothing is left out",
		[NJ_SHED_PACKETS] = "no packets are recorded",
		[NJ_SHED_SHALLOW] = "new flows are not dissected",
		[NJ_SHED_HEADERS] = "no flow is dissected",
		[NJ_SHED_FLOWS] = "a share of new flows is left out",
	};

	return level < NJ_SHED_LEVELS ? texts[level] : "";
}

static unsigned
full_percent(const struct nj_shed_input *in)
{
	return in->polls < POLLS_MIN ? 0
				     : (unsigned)(in->full * 100 / in->polls);
}

static bool
is_hot(const struct nj_shed_input *in)
{
	return in->lost || full_percent(in) >= FULL_HOT ||
	       in->ring_percent >= RING_HOT ||
	       in->buffers_percent >= BUFFERS_HOT;
}

static bool
is_calm(const struct nj_shed_input *in)
{
	return !in->lost && full_percent(in) <= FULL_CALM &&
	       in->ring_percent <= RING_CALM &&
	       in->buffers_percent <= BUFFERS_CALM;
}

static bool
rise(struct nj_shed *s)
{
	if (s->level == NJ_SHED_FLOWS && s->share >= NJ_SHED_SHARE_MAX)
		return false;
	if (s->level < NJ_SHED_FLOWS)
		s->level++;
	if (s->level == NJ_SHED_PACKETS && !s->records)
		s->level++;
	if (s->level == NJ_SHED_FLOWS)
		s->share += NJ_SHED_SHARE_STEP;
	return true;
}

static bool
fall(struct nj_shed *s)
{
	if (s->level == NJ_SHED_NONE)
		return false;
	if (s->level == NJ_SHED_FLOWS) {
		s->share -= NJ_SHED_SHARE_STEP;
		if (s->share)
			return true;
	}
	s->level--;
	if (s->level == NJ_SHED_PACKETS && !s->records)
		s->level--;
	return true;
}

bool
nj_shed_step(struct nj_shed *s, const struct nj_shed_input *in)
{
	if (is_hot(in)) {
		s->calm = 0;
		if (++s->hot < NJ_SHED_HOT_TICKS)
			return false;
		s->hot = 0;
		return rise(s);
	}
	s->hot = 0;
	if (!is_calm(in)) {
		s->calm = 0;
		return false;
	}
	if (++s->calm < NJ_SHED_CALM_TICKS)
		return false;
	s->calm = 0;
	return fall(s);
}
