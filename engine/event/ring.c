/*
 * ring.c - the shared byte ring of rows.
 *
 * The file is some pages of header and the data, which is mapped twice in a
 * row: a row that runs over the end continues at the beginning without
 * anybody cutting it. Positions count bytes for ever and are masked when used
 * as places. The producer writes head, the consumer tail, the spooler moved;
 * all keep their own position privately and believe the others' only within
 * bounds.
 *
 * Room is free once either reader has let go of it, so the other may read a
 * row while it is written over. It copies the row, looks again whether the
 * row was still there, and throws the copy away if not: the way of a sequence
 * lock, with the other reader's position as the sequence.
 */
#include "engine/event/ring.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/event/event_priv.h"

NJ_COUNTERS_DEFINE(nj_ring, NJ_RING_COUNTERS);

enum {
	LOST_SLOTS = 1024, /* a power of two, twice the types there can be */
	HEADER_BYTES = 5 * 4096,
	VERSION = 2,
	TRIES = 100, /* to see both readers at one moment */
	SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL
};
#define MAGIC UINT64_C(0x31676e69726a6e0a) /* "\nnjring1" */

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_LONG_LOCK_FREE == 2,
	"atomics work between processes only without a lock");

/* Written by create alone. */
struct fixed {
	uint64_t magic;
	uint32_t version;
	uint32_t header_bytes;
	uint64_t data_bytes;
	uint64_t epoch;
};

/* What each side writes has a cache line of its own. */
struct shared {
	struct fixed fixed;

	/* Written by the producer. */
	_Atomic uint64_t head NJ_ALIGNED(NJ_CACHE_LINE);
	_Atomic int64_t watermark;
	_Atomic uint64_t generation;
	_Atomic uint64_t rows, bytes, rows_full, bytes_full;

	/* Written by the consumer. */
	_Atomic uint64_t tail NJ_ALIGNED(NJ_CACHE_LINE);

	/* Written by the spooler. */
	_Atomic uint64_t moved NJ_ALIGNED(NJ_CACHE_LINE);

	/* Written by the producer: rows that were refused, by type. A slot is
	 * in use when its rows are not 0; a type has the first free one from
	 * the place that its number says. */
	struct {
		_Atomic uint64_t type, rows;
	} lost[LOST_SLOTS] NJ_ALIGNED(NJ_CACHE_LINE);
};
_Static_assert(sizeof(struct shared) <= HEADER_BYTES, "the header has room");
_Static_assert(LOST_SLOTS >= 2 * NJ_EVENT_TYPES_MAX, "probing finds a slot");

struct nj_ring {
	struct shared *shared;
	uint8_t *data;
	uint64_t data_bytes; /* checked; the shared one may change */
	uint64_t epoch;
	unsigned roles;

	/* The producer's: where the next row begins, and the tail as last
	 * seen, so that the other side's line is read only when it matters. */
	uint64_t head NJ_ALIGNED(NJ_CACHE_LINE);
	uint64_t tail_seen;

	/* The consumer's or the spooler's: where the other one shows how far
	 * it has come; next row, released up to, head as last seen. */
	_Atomic uint64_t *mine NJ_ALIGNED(NJ_CACHE_LINE), *others;
	uint64_t next;
	uint64_t tail;
	uint64_t head_seen;
	uint64_t broken, bytes_broken;
	uint8_t *copy; /* NJ_ROW_BYTES_MAX */
};

static bool
size_is_sound(uint64_t bytes)
{
	return bytes >= NJ_RING_BYTES_MIN && bytes <= NJ_RING_BYTES_MAX &&
	       !(bytes & (bytes - 1));
}

/* Only this file's process has the memory yet: no order is needed. */
static enum nj_err
header_write(int fd, size_t data_bytes, uint64_t epoch)
{
	const struct fixed fixed = { MAGIC, VERSION, HEADER_BYTES, data_bytes,
		epoch };
	const int64_t watermark = INT64_MIN;

	if (ftruncate(fd, (off_t)(HEADER_BYTES + data_bytes)) ||
		pwrite(fd, &fixed, sizeof(fixed), 0) !=
			(ssize_t)sizeof(fixed) ||
		pwrite(fd, &watermark, sizeof(watermark),
			offsetof(struct shared, watermark)) !=
			(ssize_t)sizeof(watermark) ||
		fcntl(fd, F_ADD_SEALS, SEALS))
		return NJ_E_SYSTEM;
	return NJ_OK;
}

enum nj_err
nj_ring_create(int *fd, size_t data_bytes, uint64_t epoch)
{
	enum nj_err err;

	*fd = -1;
	if (!size_is_sound(data_bytes))
		return NJ_E_RANGE;
	*fd = memfd_create("nightjar-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0)
		return NJ_E_SYSTEM;
	err = header_write(*fd, data_bytes, epoch);
	if (err) {
		(void)close(*fd);
		*fd = -1;
	}
	return err;
}

/* Reads the header by itself first, so that nothing is mapped that could be
 * taken away again (a shrunk file kills its readers by SIGBUS). */
static enum nj_err
header_check(int fd, struct fixed *s)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) ||
		pread(fd, s, sizeof(*s), 0) != (ssize_t)sizeof(*s))
		return NJ_E_FORMAT;
	if (s->magic != MAGIC || s->version != VERSION ||
		s->header_bytes != HEADER_BYTES ||
		!size_is_sound(s->data_bytes))
		return NJ_E_FORMAT;
	if ((uint64_t)st.st_size != HEADER_BYTES + s->data_bytes)
		return NJ_E_FORMAT;
	return NJ_OK;
}

/* Maps header, data and data again, side by side. */
static enum nj_err
ring_map(struct nj_ring *r, int fd)
{
	size_t once = HEADER_BYTES + r->data_bytes;
	size_t whole = once + r->data_bytes;
	int prot = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_FIXED;
	uint8_t *at = mmap(NULL, whole, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return NJ_E_NOMEM;
	if (mmap(at, once, prot, flags, fd, 0) == MAP_FAILED ||
		mmap(at + once, r->data_bytes, prot, flags, fd, HEADER_BYTES) ==
			MAP_FAILED) {
		(void)munmap(at, whole);
		return NJ_E_NOMEM;
	}
	r->shared = (struct shared *)at;
	r->data = at + HEADER_BYTES;
	return NJ_OK;
}

/* What both readers have let go of lies before this. */
static uint64_t
oldest(const struct nj_ring *r)
{
	/* Pairs with the stores in let_go: the readers' reads of the room come
	 * before our writes to it. */
	uint64_t tail =
		atomic_load_explicit(&r->shared->tail, memory_order_acquire);
	uint64_t moved =
		atomic_load_explicit(&r->shared->moved, memory_order_acquire);

	return nj_max(tail, moved);
}

/* Takes up where the last producer stopped. */
static void
producer_begin(struct nj_ring *r)
{
	uint64_t generation;

	/* Its stores came before the keeper saw its end and started us. */
	r->head = atomic_load_explicit(&r->shared->head, memory_order_acquire);
	r->tail_seen = oldest(r);
	generation = atomic_load_explicit(
		&r->shared->generation, memory_order_relaxed);
	/* Pairs with the load in nj_ring_generation. */
	atomic_store_explicit(
		&r->shared->generation, generation + 1, memory_order_release);
}

static enum nj_err
reader_begin(struct nj_ring *r)
{
	bool spooler = r->roles & NJ_RING_SPOOLER;

	r->copy = malloc(NJ_ROW_BYTES_MAX);
	if (!r->copy)
		return NJ_E_NOMEM;
	r->mine = spooler ? &r->shared->moved : &r->shared->tail;
	r->others = spooler ? &r->shared->tail : &r->shared->moved;
	r->tail = atomic_load_explicit(r->mine, memory_order_acquire);
	r->next = r->head_seen = r->tail;
	return NJ_OK;
}

enum nj_err
nj_ring_attach(struct nj_ring **out, int fd, unsigned roles)
{
	struct nj_ring *r;
	struct fixed fixed;
	enum nj_err err;

	*out = NULL;
	err = header_check(fd, &fixed);
	if (err)
		return err;
	r = aligned_alloc(NJ_CACHE_LINE, sizeof(*r));
	if (!r)
		return NJ_E_NOMEM;
	*r = (struct nj_ring){ .data_bytes = fixed.data_bytes,
		.epoch = fixed.epoch,
		.roles = roles };
	err = ring_map(r, fd);
	if (!err && roles & (NJ_RING_CONSUMER | NJ_RING_SPOOLER))
		err = reader_begin(r);
	if (err) {
		nj_ring_detach(&r);
		return err;
	}
	if (roles & NJ_RING_PRODUCER)
		producer_begin(r);
	*out = r;
	return NJ_OK;
}

uint64_t
nj_ring_bytes_max(const struct nj_ring *ring)
{
	return ring->data_bytes;
}

uint64_t
nj_ring_epoch(const struct nj_ring *ring)
{
	return ring->epoch;
}

void
nj_ring_detach(struct nj_ring **ring)
{
	struct nj_ring *r = *ring;

	if (!r)
		return;
	if (r->shared)
		(void)munmap(r->shared, HEADER_BYTES + 2 * r->data_bytes);
	free(r->copy);
	free(r);
	*ring = NULL;
}

/* Adds to a counter that only this side writes. */
static void
count(_Atomic uint64_t *counter, uint64_t n)
{
	uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, now + n, memory_order_relaxed);
}

/* A tail out of bounds (its reader will put it right) reads as full. */
static bool
ring_has_room(const struct nj_ring *r, size_t n)
{
	uint64_t used = r->head - r->tail_seen;

	return used <= r->data_bytes && r->data_bytes - used >= n;
}

static uint8_t *
ring_reserve(void *ctx, size_t n)
{
	struct nj_ring *r = ctx;

	if (nj_unlikely(!ring_has_room(r, n))) {
		r->tail_seen = oldest(r);
		if (!ring_has_room(r, n)) {
			count(&r->shared->rows_full, 1);
			count(&r->shared->bytes_full, n);
			return NULL;
		}
	}
	return r->data + (r->head & (r->data_bytes - 1));
}

static void
ring_commit(void *ctx, size_t n)
{
	struct nj_ring *r = ctx;

	if (!n)
		return;
	r->head += n;
	count(&r->shared->rows, 1);
	count(&r->shared->bytes, n);
	/* Pairs with the load in head_load: the row is whole before it is
	 * there. Killed before this, it never was. */
	atomic_store_explicit(&r->shared->head, r->head, memory_order_release);
}

void
nj_ring_lost(void *ctx, uint32_t type)
{
	struct nj_ring *r = ctx;
	struct shared *s = r->shared;

	/* Its bytes may be anything by now: the walk ends all the same. */
	for (unsigned i = 0; i < LOST_SLOTS; i++) {
		unsigned at = (type + i) & (LOST_SLOTS - 1);
		uint64_t rows = atomic_load_explicit(
			&s->lost[at].rows, memory_order_relaxed);

		if (rows && atomic_load_explicit(&s->lost[at].type,
				    memory_order_relaxed) != type)
			continue;
		atomic_store_explicit(
			&s->lost[at].type, type, memory_order_relaxed);
		/* Pairs with the load in nj_ring_losses: with the rows comes
		 * the type. */
		atomic_store_explicit(
			&s->lost[at].rows, rows + 1, memory_order_release);
		return;
	}
}

struct nj_sink
nj_ring_sink(struct nj_ring *ring)
{
	NJ_ASSERT(ring->roles & NJ_RING_PRODUCER);
	return (struct nj_sink){ .ctx = ring,
		.reserve = ring_reserve,
		.commit = ring_commit,
		.refused = nj_ring_lost,
		.refused_ctx = ring };
}

void
nj_ring_set_watermark(struct nj_ring *ring, int64_t time_ns)
{
	/* Pairs with the load in nj_ring_watermark: who sees this time sees
	 * every head stored before it. */
	atomic_store_explicit(
		&ring->shared->watermark, time_ns, memory_order_release);
}

/* Gives the room before r->tail to the producer. */
static void
let_go(struct nj_ring *r)
{
	/* Pairs with the loads in oldest. */
	atomic_store_explicit(r->mine, r->tail, memory_order_release);
}

/* Nothing between here and head can be trusted: goes on at head. */
static void
drop_to_head(struct nj_ring *r)
{
	r->broken++;
	r->bytes_broken += nj_min(r->head_seen - r->next, r->data_bytes);
	r->next = r->head_seen;
}

/* Head, and how far the other reader had come at the same moment; false when
 * that cannot be told as it moves all the time. */
static bool
look(const struct nj_ring *r, uint64_t *head, uint64_t *other)
{
	for (unsigned i = 0; i < TRIES; i++) {
		*other = atomic_load_explicit(r->others, memory_order_acquire);
		/* Pairs with the store in ring_commit. */
		*head = atomic_load_explicit(
			&r->shared->head, memory_order_acquire);
		if (*other ==
			atomic_load_explicit(r->others, memory_order_relaxed))
			return true;
	}
	return false;
}

static void
head_load(struct nj_ring *r)
{
	uint64_t head, other, from;

	if (!look(r, &head, &other))
		return;
	r->head_seen = head;
	from = other > r->tail && other <= head ? other : r->tail;
	/* Behind next, or more than there can be unreleased: head is not to
	 * be believed, and the producer may start anew only from an agreed
	 * place. */
	if (nj_unlikely(head - from > r->data_bytes ||
			head - r->tail < r->next - r->tail)) {
		drop_to_head(r);
		nj_ring_release(r);
	}
}

bool
nj_ring_overtaken(const struct nj_ring *r)
{
	uint64_t head, other;

	/* What was read before is read before: see the top. */
	atomic_thread_fence(memory_order_acquire);
	other = atomic_load_explicit(r->others, memory_order_acquire);
	if (nj_likely(other <= r->next))
		return false;
	/* Beyond head it cannot be, and is not believed. */
	head = atomic_load_explicit(&r->shared->head, memory_order_acquire);
	return other <= head;
}

/* The length that the next row claims, or 0 when it cannot be. */
static uint32_t
row_length(const struct nj_ring *r, const uint8_t *at)
{
	uint64_t left = r->head_seen - r->next;
	uint32_t len;

	if (left < NJ_ROW_HEAD_BYTES)
		return 0;
	memcpy(&len, at + NJ_ROW_AT_LEN, sizeof(len));
	return len >= NJ_ROW_HEAD_BYTES && len <= NJ_ROW_BYTES_MAX &&
			       len <= left
		       ? len
		       : 0;
}

bool
nj_ring_next(struct nj_ring *r, struct nj_row *row)
{
	/* Once a call: a producer that only writes rubbish, however fast,
	 * cannot keep us here. */
	if (r->next == r->head_seen)
		head_load(r);
	while (r->next != r->head_seen) {
		const uint8_t *at = r->data + (r->next & (r->data_bytes - 1));
		uint32_t len = row_length(r, at);

		if (len)
			memcpy(r->copy, at, len);
		if (nj_unlikely(nj_ring_overtaken(r)))
			return false;
		if (nj_unlikely(!len)) {
			drop_to_head(r);
			break;
		}
		/* It may have changed since it was checked. */
		memcpy(r->copy + NJ_ROW_AT_LEN, &len, sizeof(len));
		r->next += len;
		if (nj_likely(nj_row_parse(
			    row, (struct nj_view){ r->copy, len })))
			return true;
		r->broken++;
		r->bytes_broken += len;
	}
	return false;
}

uint64_t
nj_ring_others(const struct nj_ring *r)
{
	return atomic_load_explicit(r->others, memory_order_acquire);
}

bool
nj_ring_seek(struct nj_ring *r, uint64_t position)
{
	uint64_t head =
		atomic_load_explicit(&r->shared->head, memory_order_acquire);

	if (position < r->tail || position > head)
		return false;
	r->next = r->head_seen = position;
	return true;
}

void
nj_ring_release(struct nj_ring *r)
{
	r->tail = r->next;
	let_go(r);
}

uint64_t
nj_ring_position(const struct nj_ring *r)
{
	return r->next;
}

uint64_t
nj_ring_released(const struct nj_ring *r)
{
	return r->tail;
}

void
nj_ring_release_to(struct nj_ring *r, uint64_t position)
{
	/* Places before the last release are behind us: broken rows that were
	 * dropped in between moved it on. */
	if (position - r->tail > r->next - r->tail)
		return;
	r->tail = position;
	let_go(r);
}

int64_t
nj_ring_watermark(const struct nj_ring *ring)
{
	/* Pairs with the store in nj_ring_set_watermark. */
	return atomic_load_explicit(
		&ring->shared->watermark, memory_order_acquire);
}

uint64_t
nj_ring_generation(const struct nj_ring *ring)
{
	/* Pairs with the store in producer_begin. */
	return atomic_load_explicit(
		&ring->shared->generation, memory_order_acquire);
}

void
nj_ring_counters(const struct nj_ring *ring, struct nj_ring_counters *out)
{
	struct shared *s = ring->shared;
	/* Figures for people: each is whole, together they may be a row
	 * apart. */
	*out = (struct nj_ring_counters){
		.rows = atomic_load_explicit(&s->rows, memory_order_relaxed),
		.bytes = atomic_load_explicit(&s->bytes, memory_order_relaxed),
		.rows_full = atomic_load_explicit(
			&s->rows_full, memory_order_relaxed),
		.bytes_full = atomic_load_explicit(
			&s->bytes_full, memory_order_relaxed),
		.waiting =
			atomic_load_explicit(&s->head, memory_order_relaxed) -
			oldest(ring),
		.broken = ring->broken,
		.bytes_broken = ring->bytes_broken,
	};
	out->waiting = nj_min(out->waiting, ring->data_bytes);
}

unsigned
nj_ring_losses(const struct nj_ring *ring, struct nj_loss *out, unsigned cap)
{
	struct shared *s = ring->shared;
	unsigned n = 0;

	for (unsigned i = 0; i < LOST_SLOTS && n < cap; i++) {
		uint64_t rows = atomic_load_explicit(
			&s->lost[i].rows, memory_order_acquire);

		if (rows)
			out[n++] = (struct nj_loss){
				(uint32_t)atomic_load_explicit(
					&s->lost[i].type, memory_order_relaxed),
				rows
			};
	}
	return n;
}
