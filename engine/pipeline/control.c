/*
 * control.c - the shared block: layout, publishing, copying.
 */
#include "engine/pipeline/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

NJ_COUNTERS_DEFINE(worker, NJ_WORKER_COUNTERS);

enum {
	PAGE = 4096,
	TRIES = 1000 /* of a copy, against a writer that writes all the time */
};
#define MAGIC UINT64_C(0x316c7274636a6e0a) /* "\nnjctrl1" */

/* ---- Names ---- */

const char *
nj_part_name(unsigned part)
{
	static const char *const names[] = { "keeper", "sensor", "brain",
		"spool" };

	return part < nj_countof(names) ? names[part] : "reader";
}

const char *
nj_stage_name(uint64_t stage)
{
	static const char *const names[NJ_STAGES] = {
		[NJ_STAGE_NONE] = "not started",
		[NJ_STAGE_STARTING] = "starting",
		[NJ_STAGE_RUNNING] = "running",
		[NJ_STAGE_ENDED] = "ended",
		[NJ_STAGE_WAITING] = "waiting",
		[NJ_STAGE_STOPPING] = "stopping",
	};

	return stage < NJ_STAGES ? names[stage] : "unknown";
}

const char *
nj_port_stage_name(uint64_t stage)
{
	static const char *const names[NJ_PORT_STAGES] = { "closed", "open",
		"ended" };

	return stage < NJ_PORT_STAGES ? names[stage] : "unknown";
}

const char *
nj_note_name(uint64_t kind)
{
	static const char *const names[NJ_NOTE_KINDS] = {
#define N(name, text) #name,
		NJ_NOTES(N)
#undef N
	};

	return kind < NJ_NOTE_KINDS ? names[kind] : "unknown";
}

const struct nj_rate_desc nj_rate_descs[NJ_RATE_COUNT] = {
#define R(name, unit, text) { #name, unit, text },
	NJ_RATES(R)
#undef R
};

/* ---- Counter sets of a worker ---- */

static const struct {
	const char *name;
	const struct nj_counters_desc *desc;
} sets[NJ_WORKER_SET_COUNT] = {
#define S(name, module) { #name, &module##_counters_desc },
	NJ_WORKER_SETS(S)
#undef S
};

const char *
nj_worker_set_name(unsigned set)
{
	return sets[set].name;
}

const struct nj_counters_desc *
nj_worker_set_desc(unsigned set)
{
	return sets[set].desc;
}

static unsigned
set_begin(unsigned set)
{
	unsigned at = 0;

	for (unsigned i = 0; i < set; i++)
		at += sets[i].desc->count;
	NJ_ASSERT(at + sets[set].desc->count <= NJ_CONTROL_VALUES_MAX);
	return at;
}

uint64_t *
nj_worker_values(struct nj_worker_state *w, unsigned set)
{
	return w->values + set_begin(set);
}

const uint64_t *
nj_worker_values_of(const struct nj_worker_state *w, unsigned set)
{
	return w->values + set_begin(set);
}

struct ledger_counters
nj_worker_ledger(const struct nj_worker_state *w)
{
	struct ledger_counters l;

	memcpy(&l, nj_worker_values_of(w, NJ_WORKER_ledger), sizeof(l));
	return l;
}

/* ---- Layout ---- */

struct header {
	uint64_t magic, layout, bytes;
};

#define RECORD(name)                                                           \
	struct {                                                               \
		_Atomic uint64_t seq;                                          \
		struct name body;                                              \
	} NJ_ALIGNED(NJ_CACHE_LINE)

struct notes {
	_Atomic uint64_t count;
	RECORD(nj_note) note[NJ_CONTROL_NOTES_MAX];
};

struct block {
	struct header header NJ_ALIGNED(PAGE);
	struct {
		RECORD(nj_keeper_state) state;
		struct notes notes;
	} keeper NJ_ALIGNED(PAGE);
	struct {
		RECORD(nj_sensor_state) state;
		RECORD(nj_worker_state) worker[NJ_CONTROL_WORKERS_MAX];
		struct notes notes;
	} sensor NJ_ALIGNED(PAGE);
	struct {
		RECORD(nj_brain_state) state;
		struct notes notes;
	} brain NJ_ALIGNED(PAGE);
	struct {
		RECORD(nj_spool_state) state;
		struct notes notes;
	} spool NJ_ALIGNED(PAGE);
} NJ_ALIGNED(PAGE);

static const struct {
	size_t at, bytes, notes;
} parts[NJ_PARTS] = {
#define PART(name)                                                             \
	{                                                                      \
		offsetof(struct block, name),                                  \
			sizeof(((struct block *)0)->name),                     \
			offsetof(struct block, name.notes)                     \
	}
	PART(keeper),
	PART(sensor),
	PART(brain),
	PART(spool),
#undef PART
};

struct nj_control {
	uint8_t *block; /* read only but for the own part */
	enum nj_part part;
};

static uint64_t
mix(uint64_t h, uint64_t x)
{
	return (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
}

/* Differs where a reader of another build would misunderstand the bytes. */
static uint64_t
layout(void)
{
	uint64_t h = mix(sizeof(struct block), sizeof(struct nj_worker_state));

	h = mix(h, sizeof(struct nj_sensor_state));
	h = mix(h, sizeof(struct nj_spool_state));
	h = mix(h, sizeof(struct nj_brain_state));
	h = mix(h, sizeof(struct nj_keeper_state));
	h = mix(h, NJ_NOTE_KINDS);
	for (unsigned i = 0; i < NJ_WORKER_SET_COUNT; i++)
		for (unsigned k = 0; k < sets[i].desc->count; k++)
			for (const char *c = sets[i].desc->list[k].name; *c;
				c++)
				h = mix(h, (uint8_t)*c);
	return h;
}

static enum nj_err
map(struct nj_control *c, int fd, int prot, size_t at, size_t bytes)
{
	int flags = MAP_SHARED | (c->block ? MAP_FIXED : 0);
	uint8_t *p = mmap(c->block ? c->block + at : NULL, bytes, prot, flags,
		fd, (off_t)at);

	if (p == MAP_FAILED)
		return NJ_E_NOMEM;
	if (!c->block)
		c->block = p;
	return NJ_OK;
}

/* The whole for reading, from a descriptor that can do no more (so that
 * mprotect cannot either); then the own part for writing over it. */
static enum nj_err
map_all(struct nj_control *c, const char *path)
{
	size_t bytes = c->part < nj_countof(parts)
			       ? (parts[c->part].bytes + PAGE - 1) / PAGE * PAGE
			       : 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct header head;
	struct stat st;
	enum nj_err err = NJ_E_FORMAT;

	if (fd < 0)
		return errno == EACCES ? NJ_E_ACCESS : NJ_E_NOENT;
	if (!fstat(fd, &st) && (size_t)st.st_size == sizeof(struct block) &&
		pread(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
		head.magic == MAGIC && head.layout == layout())
		err = map(c, fd, PROT_READ, 0, sizeof(struct block));
	(void)close(fd);
	if (err || c->part == NJ_PARTS)
		return err;
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return NJ_E_ACCESS;
	err = map(c, fd, PROT_READ | PROT_WRITE, parts[c->part].at, bytes);
	(void)close(fd);
	return err;
}

enum nj_err
nj_control_attach(struct nj_control **out, const char *path, enum nj_part part)
{
	struct nj_control *c = calloc(1, sizeof(*c));
	enum nj_err err;

	*out = NULL;
	if (!c)
		return NJ_E_NOMEM;
	c->part = part;
	err = map_all(c, path);
	if (err)
		nj_control_detach(&c);
	*out = c;
	return err;
}

enum nj_err
nj_control_create(struct nj_control **out, const char *path)
{
	struct header head = { MAGIC, layout(), sizeof(struct block) };
	enum nj_err err = NJ_OK;
	int fd;

	*out = NULL;
	/* Anew: whoever still maps the last one must not see this one. */
	if (unlink(path) && errno != ENOENT)
		return NJ_E_ACCESS;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return errno == EACCES ? NJ_E_ACCESS : NJ_E_IO;
	if (ftruncate(fd, sizeof(struct block)) ||
		pwrite(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head))
		err = NJ_E_IO;
	(void)close(fd);
	return err ? err : nj_control_attach(out, path, NJ_PART_KEEPER);
}

void
nj_control_detach(struct nj_control **c)
{
	if (!*c)
		return;
	if ((*c)->block)
		(void)munmap((*c)->block, sizeof(struct block));
	free(*c);
	*c = NULL;
}

/* ---- Records ---- */

/* A record as words: the sequence, then the body. The compiler must not make
 * a memcpy of these loops: each word is one store. */
static void
publish(void *record, const void *body, size_t bytes)
{
	_Atomic uint64_t *seq = record, *to = seq + 1;
	const uint64_t *from = body;
	uint64_t odd = atomic_load_explicit(seq, memory_order_relaxed) | 1;

	atomic_store_explicit(seq, odd, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	for (size_t i = 0; i < bytes / sizeof(*from); i++)
		atomic_store_explicit(&to[i], from[i], memory_order_relaxed);
	atomic_store_explicit(seq, odd + 1, memory_order_release);
}

static bool
copy_once(const void *record, void *body, size_t bytes)
{
	const _Atomic uint64_t *seq = record, *from = seq + 1;
	uint64_t *to = body, before, after;

	before = atomic_load_explicit(seq, memory_order_acquire);
	for (size_t i = 0; i < bytes / sizeof(*to); i++)
		to[i] = atomic_load_explicit(&from[i], memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	after = atomic_load_explicit(seq, memory_order_relaxed);
	return before && !(before & 1) && before == after;
}

static bool
copy(const void *record, void *body, size_t bytes)
{
	for (unsigned i = 0; i < TRIES; i++)
		if (copy_once(record, body, bytes))
			return true;
	memset(body, 0, bytes);
	return false;
}

#define SOUND(name)                                                            \
	_Static_assert(sizeof(struct name) % sizeof(uint64_t) == 0 &&          \
			       _Alignof(struct name) == sizeof(uint64_t),      \
		"a record is words")
SOUND(nj_keeper_state);
SOUND(nj_sensor_state);
SOUND(nj_worker_state);
SOUND(nj_brain_state);
SOUND(nj_spool_state);
SOUND(nj_note);
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_LONG_LOCK_FREE == 2,
	"atomics work between processes only without a lock");

static struct block *
block_of(struct nj_control *c, enum nj_part part)
{
	NJ_ASSERT(c->part == part);
	return (struct block *)c->block;
}

static const struct block *
block(const struct nj_control *c)
{
	return (const struct block *)c->block;
}

void
nj_control_put_keeper(struct nj_control *c, const struct nj_keeper_state *s)
{
	publish(&block_of(c, NJ_PART_KEEPER)->keeper.state, s, sizeof(*s));
}

void
nj_control_put_sensor(struct nj_control *c, const struct nj_sensor_state *s)
{
	publish(&block_of(c, NJ_PART_SENSOR)->sensor.state, s, sizeof(*s));
}

void
nj_control_put_brain(struct nj_control *c, const struct nj_brain_state *s)
{
	publish(&block_of(c, NJ_PART_BRAIN)->brain.state, s, sizeof(*s));
}

void
nj_control_put_spool(struct nj_control *c, const struct nj_spool_state *s)
{
	publish(&block_of(c, NJ_PART_SPOOL)->spool.state, s, sizeof(*s));
}

void
nj_control_put_worker(
	struct nj_control *c, unsigned n, const struct nj_worker_state *s)
{
	NJ_ASSERT(n < NJ_CONTROL_WORKERS_MAX);
	publish(&block_of(c, NJ_PART_SENSOR)->sensor.worker[n], s, sizeof(*s));
}

#define END(text) (text)[sizeof(text) - 1] = 0

bool
nj_control_keeper(const struct nj_control *c, struct nj_keeper_state *out)
{
	bool whole = copy(&block(c)->keeper.state, out, sizeof(*out));

	END(out->version);
	END(out->conf);
	END(out->logs);
	for (unsigned i = 0; i < NJ_PARTS; i++)
		END(out->processes[i].last_exit);
	out->workers = nj_min(out->workers, NJ_CONTROL_WORKERS_MAX);
	return whole;
}

bool
nj_control_sensor(const struct nj_control *c, struct nj_sensor_state *out)
{
	bool whole = copy(&block(c)->sensor.state, out, sizeof(*out));

	END(out->memory);
	END(out->packets.folder);
	END(out->packets.text);
	END(out->text);
	for (unsigned i = 0; i < NJ_CONTROL_PORTS_MAX; i++) {
		END(out->port[i].name);
		END(out->port[i].device);
		END(out->port[i].driver);
		END(out->port[i].text);
	}
	out->workers = nj_min(out->workers, NJ_CONTROL_WORKERS_MAX);
	out->ports = nj_min(out->ports, NJ_CONTROL_PORTS_MAX);
	return whole;
}

bool
nj_control_brain(const struct nj_control *c, struct nj_brain_state *out)
{
	bool whole = copy(&block(c)->brain.state, out, sizeof(*out));

	END(out->text);
	out->outputs = nj_min(out->outputs, (uint64_t)NJ_CONTROL_OUTPUTS_MAX);
	for (unsigned i = 0; i < out->outputs; i++) {
		END(out->output[i].name);
		END(out->output[i].error);
	}
	return whole;
}

bool
nj_control_spool(const struct nj_control *c, struct nj_spool_state *out)
{
	bool whole = copy(&block(c)->spool.state, out, sizeof(*out));

	END(out->text);
	out->types_lost = nj_min(out->types_lost, NJ_EVENT_TYPES_MAX);
	return whole;
}

bool
nj_control_worker(
	const struct nj_control *c, unsigned n, struct nj_worker_state *out)
{
	bool whole;

	NJ_ASSERT(n < NJ_CONTROL_WORKERS_MAX);
	whole = copy(&block(c)->sensor.worker[n], out, sizeof(*out));
	out->pools = nj_min(out->pools, NJ_CONTROL_POOLS_MAX);
	for (unsigned i = 0; i < NJ_CONTROL_POOLS_MAX; i++)
		END(out->pool[i].name);
	return whole;
}

/* ---- Notes ---- */

void
nj_control_note(struct nj_control *c, const struct nj_note *note)
{
	struct notes *n;
	uint64_t count;

	NJ_ASSERT(c->part < NJ_PARTS);
	n = (struct notes *)(c->block + parts[c->part].notes);
	count = atomic_load_explicit(&n->count, memory_order_relaxed);
	publish(&n->note[count % NJ_CONTROL_NOTES_MAX], note, sizeof(*note));
	/* Pairs with the load in nj_control_next_note: who sees the count
	 * sees the note. */
	atomic_store_explicit(&n->count, count + 1, memory_order_release);
}

bool
nj_control_next_note(const struct nj_control *c, enum nj_part part,
	uint64_t *next, struct nj_note *out)
{
	const struct notes *n =
		(const struct notes *)(c->block + parts[part].notes);
	uint64_t count = atomic_load_explicit(&n->count, memory_order_acquire);

	if (*next > count)
		*next = count;
	if (count - *next > NJ_CONTROL_NOTES_MAX)
		*next = count - NJ_CONTROL_NOTES_MAX;
	while (*next < count) {
		bool whole = copy(&n->note[*next % NJ_CONTROL_NOTES_MAX], out,
			sizeof(*out));

		++*next;
		END(out->text);
		/* It may have been written over while it was copied. */
		count = atomic_load_explicit(&n->count, memory_order_acquire);
		if (whole && count - *next < NJ_CONTROL_NOTES_MAX - 1)
			return true;
	}
	return false;
}
