/*
 * main.c - nightjar-brain: takes the rows of all workers out of their rings,
 * in the one order that does not depend on how many workers there are, and
 * puts them into the store and the log files. It is started by the keeper of
 * `nightjar run` and never sees a packet.
 *
 * Rows leave ring and spool when they are safe in both. If the brain dies the
 * next one begins with the oldest row that may not be. The store remembers
 * with its rows how far each lane was read and so has each once; log files
 * cannot know, and a few may be there twice.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dissectors/eve/maps.h"
#include "engine/apps/process/child.h"
#include "engine/apps/process/drop.h"
#include "engine/base/args.h"
#include "engine/base/log.h"
#include "engine/event/once.h"
#include "engine/event/sensor.h"
#include "engine/event/lanes.h"
#include "engine/pipeline/control.h"
#include "engine/store/options.h"
#include "engine/store/output/outputs.h"

enum {
	WAIT_MS = 5,
	NOTES_WAIT_MS = 2000,
	LOOK_NS = 500 * 1000 * 1000,
	COMMIT_NS = 50 * 1000 * 1000,
	ROWS_BETWEEN_LOOKS = 8192,
	TYPES_MAX = 256
};

/* How long outputs may take to pass on the last records. */
#define OUTPUTS_WAIT_NS (5 * NJ_NS_PER_S)

struct brain {
	struct nj_child child;
	struct nj_user user;
	struct nj_lanes *lanes;
	uint64_t broken_past; /* in lanes of earlier runs */
	/* Up to where rows of each lane were handed on. */
	uint64_t handed[NJ_LANES_MAX];
	uint64_t stored[NJ_LANES_MAX]; /* the store had by then */
	struct nj_rowmerge *merge;
	struct nj_once *once;
	struct nj_logfiles *files;
	struct nj_store *store;     /* NULL: there is none */
	bool store_failed;          /* it was said */
	struct nj_outputs *outputs; /* NULL: there are none */
	char outputs_folder[NJ_PATH_MAX];
	struct nj_brain_state state;
	int64_t now_ns, looked_ns, flushed_ns; /* wall clock */
	unsigned rows;                         /* since the last look at it */
	uint32_t wanted[TYPES_MAX];            /* log types; none: all */
	unsigned wanted_count;
};

static bool
say(const char *what, const char *why, const char *remedy)
{
	nj_complain(what, why, remedy);
	return false;
}

/* ---- Rows ---- */

static bool
is_wanted(const struct brain *b, uint32_t type)
{
	for (unsigned i = 0; i < b->wanted_count; i++)
		if (b->wanted[i] == type)
			return true;
	return !b->wanted_count;
}

/* Everybody has to know whether records are kept. */
static void
see_store(struct brain *b, enum nj_err err)
{
	if (err && !b->store_failed)
		nj_error("brain", "the store takes no records: %s: %s",
			nj_err_text(err), nj_err_remedy(err));
	else if (!err && b->store_failed)
		nj_info("brain", "the store takes records again");
	b->store_failed = err != NJ_OK;
	(void)snprintf(b->state.text, sizeof(b->state.text), "%s%s",
		err ? "the store takes no records: " : "",
		err ? nj_err_text(err) : "");
}

/* What is safe by now may leave rings and spool. */
static void
flush(struct brain *b)
{
	enum nj_err err = b->store ? nj_store_commit(b->store) : NJ_OK;

	b->flushed_ns = b->now_ns;
	nj_logfiles_flush(b->files, b->now_ns);
	see_store(b, err);
	/* They stay where they are, and are offered again. */
	if (err)
		return;
	for (unsigned i = 0; i < nj_lanes_count(b->lanes); i++)
		nj_lanes_release(b->lanes, i, b->handed[i]);
}

/* A row that belongs to no lane has no place in from. */
static void
keep(struct brain *b, const struct nj_row *row,
	const struct nj_store_from *from)
{
	const struct nj_event_desc *desc = nj_event_by_type(row->type);

	if (is_wanted(b, row->type))
		nj_logfiles_row(b->files, row, b->now_ns);
	/* What is refused is counted by the store. */
	if (from && from->position <= b->stored[from->lane])
		return;
	if (b->store && desc && !(desc->flags & NJ_EV_EVE) &&
		nj_store_put(b->store, row, from) == NJ_E_IO)
		see_store(b, NJ_E_IO);
}

/* ---- Notes ---- */

static void
write_note(struct brain *b, enum nj_part part, const struct nj_note *note)
{
	struct sensor_event ev = { .what = nj_str(nj_note_name(note->kind)),
		.process = nj_str(nj_part_name(part)),
		.reason = nj_str(note->text) };
	struct nj_head head = { .order_ns = note->from_ns,
		.ts_ns = note->from_ns };
	uint8_t bytes[1024];
	struct nj_row row;
	size_t n;

	if (note->until_ns)
		nj_set(&ev, sensor, until, note->until_ns);
	if (note->has_packets)
		nj_set(&ev, sensor, packets, note->packets);
	if (note->has_records)
		nj_set(&ev, sensor, records, note->records);
	n = nj_row_encode(bytes, sizeof(bytes), &sensor_desc, &head, &ev);
	if (n && nj_row_parse(&row, (struct nj_view){ bytes, n }))
		keep(b, &row, NULL);
}

static void
take_notes(struct brain *b)
{
	static const enum nj_part from[] = { NJ_PART_KEEPER, NJ_PART_SENSOR,
		NJ_PART_SPOOL };
	struct nj_note note;

	for (unsigned i = 0; i < nj_countof(from); i++)
		while (nj_control_next_note(b->child.control, from[i],
			&b->state.notes_seen[from[i]], &note))
			write_note(b, from[i], &note);
}

/* ---- State ---- */

static void
publish_outputs(struct brain *b)
{
	struct nj_brain_state *s = &b->state;
	struct nj_output_state from;

	s->outputs = 0;
	while (s->outputs < NJ_CONTROL_OUTPUTS_MAX &&
		nj_outputs_state(b->outputs, (unsigned)s->outputs, &from)) {
		struct nj_control_output *to = &s->output[s->outputs++];

		*to = (struct nj_control_output){ .rows = from.count.rows,
			.batches = from.count.batches,
			.errors = from.count.errors,
			.skipped_blocks = from.count.skipped_blocks,
			.position = from.position,
			.waiting_rows = from.waiting_rows,
			.waiting_ns = from.waiting_ns,
			.sent_ns = from.sent_ns,
			.retry_ns = from.retry_ns,
			.error_ns = from.error_ns };
		(void)snprintf(to->name, sizeof(to->name), "%s", from.name);
		(void)snprintf(to->error, sizeof(to->error), "%.*s",
			(int)sizeof(to->error) - 1, from.error);
	}
}

static void
publish(struct brain *b, enum nj_stage stage)
{
	struct nj_brain_state *s = &b->state;
	struct nj_lanes_counters t;

	s->pid = (uint64_t)getpid();
	s->stage = stage;
	s->beat_ns = nj_wall_ns();
	s->conf_generation = b->child.generation;
	if (b->lanes) {
		nj_lanes_counters(b->lanes, &t);
		s->broken = b->broken_past + t.broken;
		s->bytes_missing = t.bytes_missing;
	}
	if (b->files)
		s->logs = *nj_logfiles_counters(b->files);
	s->stores = b->store != NULL;
	if (b->store)
		nj_store_state(b->store, &s->store);
	publish_outputs(b);
	nj_control_put_brain(b->child.control, s);
}

/* While there is no sensor, nothing has to be waited for. */
static void
see_sensor(struct brain *b)
{
	nj_lanes_set_idle(b->lanes, !nj_child_sensor_lives(&b->child));
}

/* ---- Configuration ---- */

static void
limits(const struct brain *b, struct nj_logfiles_conf *out)
{
	const struct nj_conf *conf = b->child.conf;

	*out = (struct nj_logfiles_conf){ .folder = conf->logs__folder,
		.rotate_bytes = (uint64_t)conf->logs__rotate_size,
		.rotate_age_ns = conf->logs__rotate_age,
		.keep_files = (unsigned)conf->logs__keep_files,
		.format = (enum nj_format)conf->logs__format,
		.append = true };
}

/* Its name, or in EVE that of the event which it becomes. */
static bool
is_named(const struct brain *b, const struct nj_event_desc *desc,
	const char *name)
{
	const char *event = nj_eve_type(nj_event_type(desc));

	if (b->child.conf->logs__format == NJ_FORMAT_EVE)
		return event && !strcmp(event, name);
	return !strcmp(desc->name, name);
}

static void
want_types(struct brain *b)
{
	const struct nj_conf_strings *types = &b->child.conf->logs__types;
	const struct nj_event_desc *desc;

	b->wanted_count = 0;
	for (uint32_t i = 0; i < types->n; i++)
		for (unsigned k = 0; (desc = nj_event_at(k)); k++)
			if (is_named(b, desc, types->v[i]) &&
				b->wanted_count < TYPES_MAX)
				b->wanted[b->wanted_count++] =
					nj_event_type(desc);
}

static void
reload(struct brain *b)
{
	struct nj_logfiles_conf conf;

	if (!nj_child_reload(&b->child))
		return;
	limits(b, &conf);
	nj_logfiles_limit(b->files, &conf);
	want_types(b);
	nj_info("brain", "configuration reloaded");
}

/* ---- Beginning and end ---- */

/* NULL: there is none. */
static const char *
spool_folder(const struct brain *b)
{
	const struct nj_conf *conf = b->child.conf;

	return conf->events__spool_size ? conf->events__spool_folder : NULL;
}

/* Every lane goes on where it was released: up to there both store and log
 * files have all. The store may have some more, which it is not given again. */
static void
resume(struct brain *b)
{
	for (unsigned i = 0; i < nj_lanes_count(b->lanes); i++) {
		b->handed[i] = nj_lanes_released(b->lanes, i);
		b->stored[i] = b->store ? nj_store_position(b->store,
						  nj_lanes_epoch(b->lanes), i)
					: 0;
	}
}

static enum nj_err
begin_merge(struct brain *b)
{
	struct nj_row_input in[NJ_LANES_MAX];
	unsigned n = nj_lanes_count(b->lanes);

	resume(b);
	for (unsigned i = 0; i < n; i++)
		in[i] = nj_lanes_input(b->lanes, i);
	return nj_rowmerge_create(&b->merge, in, n);
}

static bool
begin_rows(struct brain *b)
{
	struct nj_lanes_conf conf = { .rings = b->child.rings,
		.count = b->child.workers,
		.spool_folder = spool_folder(b) };
	enum nj_err err = nj_pipeline_register_all(nj_dissectors);

	if (!err && b->child.conf->logs__format == NJ_FORMAT_EVE)
		err = nj_eve_register(nj_eve_maps);

	if (!err)
		err = nj_lanes_open(&b->lanes, &conf);
	if (!err)
		err = nj_once_create(&b->once);
	return err ? say("brain", nj_err_text(err), nj_err_remedy(err)) : true;
}

/* As the user that it will be: what cannot be written then is said now. */
static bool
begin_files(struct brain *b)
{
	struct nj_logfiles_conf conf;
	char remedy[128];
	enum nj_err err;

	limits(b, &conf);
	(void)snprintf(remedy, sizeof(remedy),
		"make the folder user %s's, or change brain.user",
		b->child.conf->brain__user);
	if (access(conf.folder, W_OK | X_OK))
		return say(conf.folder, strerror(errno), remedy);
	err = nj_logfiles_open(&b->files, &conf);
	return err ? say(conf.folder, nj_err_text(err), remedy) : true;
}

static bool
begin_store(struct brain *b)
{
	struct nj_store_conf conf;
	char why[NJ_KV_WHY] = "";
	enum nj_err err = NJ_OK;

	nj_store_options(&conf, b->child.conf);
	if (b->child.conf->store__enabled)
		err = nj_store_open(&b->store, &conf, why);
	if (err)
		return say(conf.folder, why[0] ? why : nj_err_text(err),
			nj_err_remedy(err));
	err = begin_merge(b);
	return err ? say("brain", nj_err_text(err), nj_err_remedy(err)) : true;
}

/* What they remember stands beside what they read. */
static bool
begin_outputs(struct brain *b)
{
	char *folder = b->outputs_folder;
	struct nj_output_source source;
	const char *what = "outputs";
	enum nj_err err;

	if (!b->outputs)
		return true;
	if (!b->store)
		return say("outputs", "there is no store for them to read",
			"set store.enabled to true");
	(void)snprintf(folder, NJ_PATH_MAX, "%s/outputs",
		b->child.conf->store__folder);
	if (mkdir(folder, 0750) && errno != EEXIST)
		return say(folder, strerror(errno), "");
	source = nj_output_from_store(b->store);
	err = nj_outputs_start(b->outputs, &source, folder, &what);
	return err ? say(what, nj_err_text(err), nj_err_remedy(err)) : true;
}

static bool
begin(struct brain *b)
{
	enum nj_drop_calls calls = NJ_DROP_BRAIN;
	const struct nj_conf *conf = b->child.conf;
	char why[NJ_DROP_TEXT];

	if (!nj_drop_early(why))
		return say("brain", why, "");
	if (!nj_user_find(conf->brain__user, &b->user))
		return say("brain.user", "no such user", "see /etc/passwd");
	if (!begin_rows(b) || !nj_outputs_create(&b->outputs, conf))
		return false;
	if (!nj_drop_user(&b->user, why))
		return say("brain", why, "");
	(void)umask(0027);
	if (!begin_files(b) || !begin_store(b) || !begin_outputs(b))
		return false;
	if (b->outputs)
		calls = NJ_DROP_BRAIN_OUT;
	if (!nj_drop_calls(calls, (enum nj_drop_mode)conf->brain__seccomp, why))
		return say("brain", why, "");
	return true;
}

static void
look(struct brain *b)
{
	b->looked_ns = b->now_ns;
	see_sensor(b);
	take_notes(b);
	reload(b);
	flush(b);
	publish(b, b->child.told ? NJ_STAGE_STOPPING : NJ_STAGE_RUNNING);
}

static bool
look_is_due(struct brain *b)
{
	b->now_ns = nj_wall_ns();
	return b->now_ns - b->looked_ns >= LOOK_NS || b->now_ns < b->looked_ns;
}

/* A sensor that gives rows as fast as they are taken keeps the merge going
 * for ever: other things have to have their turn in between. */
static void
on_row(void *ctx, const struct nj_row *row)
{
	struct brain *b = ctx;
	struct nj_store_from from = { nj_lanes_epoch(b->lanes), row->lane,
		row->position };

	b->state.rows++;
	b->state.last_row_ns = b->now_ns;
	b->handed[row->lane] = row->position;
	if (!nj_once_pass(b->once, row))
		return;
	keep(b, row, &from);
	if (++b->rows % ROWS_BETWEEN_LOOKS)
		return;
	if (look_is_due(b))
		look(b);
	else
		flush(b);
}

/* What an earlier run could not write before it ended. Gives its epoch, or 0
 * when there is none. */
static uint64_t
read_past(struct brain *b)
{
	struct nj_rowmerge *merge = b->merge;
	struct nj_lanes *lanes = b->lanes;
	struct nj_lanes_counters c;
	uint64_t epoch = 0;
	enum nj_err err = nj_lanes_open_past(
		&b->lanes, spool_folder(b), nj_lanes_epoch(lanes));

	b->merge = NULL;
	if (!err)
		err = begin_merge(b);
	if (!err) {
		epoch = nj_lanes_epoch(b->lanes);
		while (!nj_rowmerge_step(b->merge, on_row, b))
			;
		flush(b);
		nj_lanes_counters(b->lanes, &c);
		b->broken_past += c.broken;
		nj_info("brain",
			"read what an earlier run left rows=%llu "
			"broken=%llu",
			(unsigned long long)c.rows,
			(unsigned long long)c.broken);
	} else if (err != NJ_E_NOENT) {
		nj_error("brain", "what an earlier run left stays: %s",
			nj_err_text(err));
	}
	nj_rowmerge_destroy(&b->merge);
	nj_lanes_close(&b->lanes);
	b->merge = merge;
	b->lanes = lanes;
	return epoch;
}

/* The oldest first. What cannot be deleted would come again and again. */
static void
read_all_past(struct brain *b)
{
	uint64_t epoch, last = 0;

	while ((epoch = read_past(b)) && epoch != last)
		last = epoch;
	resume(b);
}

/* Has it said all that it will? Without a keeper its death is not seen. */
static bool
sensor_has_ended(const struct brain *b)
{
	static struct nj_sensor_state sensor;

	return !b->child.alone ||
	       !nj_control_sensor(b->child.control, &sensor) ||
	       sensor.stage == NJ_STAGE_ENDED;
}

static bool
losses_are_told(const struct brain *b)
{
	static struct nj_spool_state spool;
	struct nj_keeper_state k;

	return !nj_control_keeper(b->child.control, &k) ||
	       !k.processes[NJ_PART_SPOOL].pid ||
	       !nj_control_spool(b->child.control, &spool) || spool.ended;
}

/* The last notes, of what was lost and of the end itself, come a moment after
 * the last rows. */
static void
await_notes(struct brain *b)
{
	for (unsigned i = 0; i < NOTES_WAIT_MS / WAIT_MS; i++) {
		if (sensor_has_ended(b) && losses_are_told(b))
			return;
		(void)nj_child_wait(&b->child, WAIT_MS);
	}
}

/* Until it is told to stop, and then until every worker has said that no row
 * will come any more, and all are written. */
static void
run(struct brain *b)
{
	bool told = false, ended = false;

	b->now_ns = nj_wall_ns();
	read_all_past(b);
	while (!told || !ended) {
		uint64_t before = b->state.rows;

		b->now_ns = nj_wall_ns();
		if (told)
			see_sensor(b);
		ended = nj_rowmerge_step(b->merge, on_row, b);
		if (look_is_due(b))
			look(b);
		else if (b->now_ns - b->flushed_ns >= COMMIT_NS)
			flush(b);
		told = nj_child_wait(
			&b->child, b->state.rows == before ? WAIT_MS : 0);
	}
	await_notes(b);
	look(b);
}

int
main(int argc, char **argv)
{
	static struct brain b;
	struct nj_brain_state before;
	int status;

	b.child.part = NJ_PART_BRAIN;
	if (!nj_child_begin(&b.child, argc, argv, &status))
		return status;
	/* What the one before has written need not be written again. */
	if (nj_control_brain(b.child.control, &before))
		memcpy(b.state.notes_seen, before.notes_seen,
			sizeof(b.state.notes_seen));
	b.state.started_ns = nj_wall_ns();
	publish(&b, NJ_STAGE_STARTING);
	if (!begin(&b))
		return NJ_EXIT_CONFIG;
	publish(&b, NJ_STAGE_RUNNING);
	run(&b);
	nj_outputs_stop(&b.outputs, OUTPUTS_WAIT_NS);
	nj_store_close(&b.store);
	publish(&b, NJ_STAGE_ENDED);
	status = nj_logfiles_close(&b.files) ? NJ_EXIT_FAILED : NJ_EXIT_DONE;
	if (status)
		nj_error("brain", "records were lost: %s", strerror(errno));
	_exit(status);
}
