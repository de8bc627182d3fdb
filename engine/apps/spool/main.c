/*
 * main.c - nightjar-spool: keeps records that wait for the brain on disk when
 * memory has no room left, and says what found room nowhere. It is started by
 * the keeper of `nightjar run`; why it is a process of its own stands in
 * docs/adr/0012.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/apps/process/child.h"
#include "engine/apps/process/drop.h"
#include "engine/base/args.h"
#include "engine/base/log.h"
#include "engine/event/spooler.h"
#include "engine/pipeline/pipeline.h"

enum {
	/* Rings hold tens of milliseconds of rows at the highest rates. */
	WAIT_MS = 5,
	LOOK_NS = 200 * 1000 * 1000,
	/* So long without a loss, and it is over. */
	QUIET_S = 1,
	/* From being told to stop: the others may have died. */
	LAST_S = 50
};

struct spool {
	struct nj_child child;
	struct nj_user user;
	struct nj_spooler *spooler;
	struct nj_spool_state state;
	int64_t looked_ns, told_ns; /* monotonic */
};

static bool
say(const char *what, const char *why, const char *remedy)
{
	nj_complain(what, why, remedy);
	return false;
}

/* ---- Losses ---- */

/* Why there is no room. */
static const char *
why_lost(const struct spool *s)
{
	int error = nj_spooler_error(s->spooler);

	if (!s->state.bytes_max)
		return "memory is full, and there is no spool";
	if (error)
		return strerror(error);
	if (nj_spooler_is_full(s->spooler))
		return "memory and spool are full";
	return "memory is full: the disk is slower than records come";
}

static void
note(struct spool *s, struct nj_note *n)
{
	nj_control_note(s->child.control, n);
	nj_warn("spool", "%s records=%llu %s", nj_note_name(n->kind),
		(unsigned long long)n->records, n->text);
}

static int
loss_cmp(const void *pa, const void *pb)
{
	const struct nj_spool_loss *a = pa, *b = pb;
	uint64_t an = a->rows - a->told, bn = b->rows - b->told;

	return (an < bn) - (an > bn);
}

/* What was lost since the last time, by log type, in as many notes as it
 * takes. */
static void
tell_losses(struct spool *s)
{
	struct nj_spool_loss list[NJ_EVENT_TYPES_MAX];
	struct nj_note n = { .kind = NJ_NOTE_loss_stop,
		.from_ns = s->state.losing_since_ns,
		.until_ns = s->state.lost_last_ns,
		.has_records = 1 };
	size_t at = 0;

	memcpy(list, s->state.lost, sizeof(list));
	qsort(list, s->state.types_lost, sizeof(list[0]), loss_cmp);
	for (unsigned i = 0; i < s->state.types_lost; i++) {
		const struct nj_event_desc *d =
			nj_event_by_type((uint32_t)list[i].type);
		uint64_t rows = list[i].rows - list[i].told;
		char one[96];
		size_t len = (size_t)snprintf(one, sizeof(one), "%s%.64s %llu",
			at ? ", " : "", d ? d->name : "unknown",
			(unsigned long long)rows);

		if (!rows)
			break;
		if (at + len >= sizeof(n.text)) {
			note(s, &n);
			n.records = at = 0;
		}
		at += (size_t)snprintf(n.text + at, sizeof(n.text) - at, "%s",
			one + (at || one[0] != ',' ? 0 : 2));
		n.records += rows;
	}
	note(s, &n);
	for (unsigned i = 0; i < s->state.types_lost; i++)
		s->state.lost[i].told = s->state.lost[i].rows;
	s->state.losing_since_ns = 0;
}

/* Both lists are in the order of types, and types only become more. */
static void
take_losses(struct spool *s)
{
	struct nj_loss list[NJ_EVENT_TYPES_MAX];
	struct nj_spool_loss fresh[NJ_EVENT_TYPES_MAX] = { 0 };
	struct nj_spool_state *t = &s->state;
	unsigned n = nj_spooler_losses(s->spooler, list), old = 0;

	t->rows_lost = 0;
	for (unsigned i = 0; i < n; i++) {
		while (old < t->types_lost && t->lost[old].type < list[i].type)
			old++;
		fresh[i].type = list[i].type;
		fresh[i].rows = list[i].rows;
		if (old < t->types_lost && t->lost[old].type == list[i].type)
			fresh[i].told = nj_min(t->lost[old].told, list[i].rows);
		t->rows_lost += list[i].rows;
	}
	memcpy(t->lost, fresh, sizeof(t->lost));
	t->types_lost = n;
}

static void
see_losses(struct spool *s, bool over)
{
	struct nj_spool_state *t = &s->state;
	struct nj_note n = { .kind = NJ_NOTE_loss_start };
	uint64_t before = t->rows_lost;
	int64_t now = nj_wall_ns();

	take_losses(s);
	if (t->rows_lost != before)
		t->lost_last_ns = now;
	if (t->rows_lost != before && !t->losing_since_ns) {
		t->losing_since_ns = n.from_ns = now;
		(void)snprintf(n.text, sizeof(n.text), "%s", why_lost(s));
		note(s, &n);
	}
	if (t->losing_since_ns &&
		(over || now - t->lost_last_ns > QUIET_S * NJ_NS_PER_S ||
			now < t->lost_last_ns))
		tell_losses(s);
}

/* ---- State ---- */

static void
publish(struct spool *s, enum nj_stage stage)
{
	struct nj_spool_state *t = &s->state;
	int error = s->spooler ? nj_spooler_error(s->spooler) : 0;

	t->pid = (uint64_t)getpid();
	t->stage = stage;
	t->beat_ns = nj_wall_ns();
	if (s->spooler) {
		nj_spooler_counters(s->spooler, &t->count);
		t->full = nj_spooler_is_full(s->spooler);
	}
	if (t->bytes_max)
		(void)snprintf(t->text, sizeof(t->text), "%s%.120s",
			error ? "records cannot be kept on disk: " : "",
			error ? strerror(error) : "");
	nj_control_put_spool(s->child.control, t);
}

static void
look(struct spool *s)
{
	/* Asked first: what is lost before it is seen below. */
	bool over = !nj_child_sensor_lives(&s->child) ||
		    nj_spooler_ended(s->spooler);

	s->looked_ns = nj_mono_ns();
	(void)nj_child_reload(&s->child);
	nj_spooler_tidy(s->spooler);
	see_losses(s, over);
	s->state.ended = over;
	publish(s, s->child.told ? NJ_STAGE_STOPPING : NJ_STAGE_RUNNING);
}

/* ---- Beginning and end ---- */

/* As the user that it will be. An appliance without a spool is better than
 * none, as long as it says so. */
static bool
begin_spool(struct spool *s)
{
	const struct nj_conf *conf = s->child.conf;
	struct nj_spooler_conf c = { .rings = s->child.rings,
		.count = s->child.workers,
		.bytes_max = (uint64_t)conf->events__spool_size };
	enum nj_err err;

	c.folder = c.bytes_max ? conf->events__spool_folder : NULL;
	err = nj_spooler_open(&s->spooler, &c);
	s->state.bytes_max = c.bytes_max;
	s->state.text[0] = 0;
	if (err && c.folder) {
		(void)snprintf(s->state.text, sizeof(s->state.text),
			"no spool: %.100s: %.60s", c.folder, nj_err_text(err));
		nj_error("spool", "%s", s->state.text);
		s->state.bytes_max = 0;
		c.folder = NULL;
		err = nj_spooler_open(&s->spooler, &c);
	}
	return err ? say("spool", nj_err_text(err), nj_err_remedy(err)) : true;
}

static bool
begin(struct spool *s)
{
	const struct nj_conf *conf = s->child.conf;
	enum nj_err err = nj_pipeline_register_all(nj_dissectors);
	char why[NJ_DROP_TEXT];

	if (err)
		return say("spool", nj_err_text(err), nj_err_remedy(err));
	if (!nj_drop_early(why))
		return say("spool", why, "");
	if (!nj_user_find(conf->brain__user, &s->user))
		return say("brain.user", "no such user", "see /etc/passwd");
	if (!nj_drop_user(&s->user, why))
		return say("spool", why, "");
	(void)umask(0027);
	if (!begin_spool(s))
		return false;
	if (!nj_drop_calls(NJ_DROP_SPOOL,
		    (enum nj_drop_mode)conf->brain__seccomp, why))
		return say("spool", why, "");
	return true;
}

/* Have sensor and brain ended? Until then they need us, also when all of us
 * were told at once, or when the keeper is gone and nobody says so. */
static bool
others_ended(const struct spool *s)
{
	struct nj_brain_state brain;
	struct nj_keeper_state k;

	if (s->child.alone)
		return nj_spooler_ended(s->spooler) &&
		       nj_control_brain(s->child.control, &brain) &&
		       brain.stage == NJ_STAGE_ENDED;
	return !nj_control_keeper(s->child.control, &k) ||
	       (!k.processes[NJ_PART_SENSOR].pid &&
		       !k.processes[NJ_PART_BRAIN].pid);
}

static bool
may_end(struct spool *s)
{
	if (!s->told_ns)
		s->told_ns = nj_mono_ns();
	return others_ended(s) ||
	       nj_mono_ns() - s->told_ns > LAST_S * NJ_NS_PER_S;
}

static void
run(struct spool *s)
{
	bool more = false;

	while (!nj_child_wait(&s->child, more ? 0 : WAIT_MS) || !may_end(s)) {
		more = nj_spooler_step(s->spooler);
		if (nj_mono_ns() - s->looked_ns >= LOOK_NS)
			look(s);
	}
	if (nj_spooler_flush(s->spooler))
		nj_error("spool", "not all records could be kept: %s",
			why_lost(s));
	look(s);
	publish(s, NJ_STAGE_ENDED);
}

int
main(int argc, char **argv)
{
	static struct spool s;
	int status;

	s.child.part = NJ_PART_SPOOL;
	if (!nj_child_begin(&s.child, argc, argv, &status))
		return status;
	/* What the one before has told need not be told again. */
	(void)nj_control_spool(s.child.control, &s.state);
	s.state.started_ns = nj_wall_ns();
	publish(&s, NJ_STAGE_STARTING);
	if (!begin(&s))
		return NJ_EXIT_CONFIG;
	look(&s);
	run(&s);
	_exit(NJ_EXIT_DONE);
}
