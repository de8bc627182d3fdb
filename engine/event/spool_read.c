/*
 * spool_read.c - one lane of a spool as a stream of rows, segment by segment,
 * while they may still grow.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/event/event_priv.h"
#include "engine/event/spool.h"
#include "engine/event/spool_priv.h"

NJ_COUNTERS_DEFINE(nj_spool_read, NJ_SPOOL_READ_COUNTERS);

struct nj_spool_reader {
	int folder;
	uint64_t epoch;
	unsigned lane;
	bool live;
	uint64_t next; /* position */
	bool begun;    /* with the segment that begins at segment */
	bool ended;    /* not live, and nothing comes any more */
	uint64_t segment;
	struct nj_spool_scan scan; /* fd -1: none is open */
	uint32_t left, off;        /* of the batch in scan.rows */
	struct nj_spool_read_counters counters;
};

enum nj_err
nj_spool_reader_open(struct nj_spool_reader **out, int folder, uint64_t epoch,
	unsigned lane, bool live)
{
	struct nj_spool_reader *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (!r)
		return NJ_E_NOMEM;
	r->folder = folder;
	r->epoch = epoch;
	r->lane = lane;
	r->live = live;
	r->scan.fd = -1;
	r->scan.epoch = epoch;
	r->scan.rows = malloc(NJ_SPOOL_BATCH_BYTES_MAX);
	if (!r->scan.rows) {
		nj_spool_reader_close(&r);
		return NJ_E_NOMEM;
	}
	*out = r;
	return NJ_OK;
}

static void
segment_close(struct nj_spool_reader *r)
{
	if (r->scan.fd >= 0)
		(void)close(r->scan.fd);
	r->scan.fd = -1;
	r->left = r->off = 0;
}

void
nj_spool_reader_close(struct nj_spool_reader **reader)
{
	struct nj_spool_reader *r = *reader;

	if (!r)
		return;
	segment_close(r);
	free(r->scan.rows);
	free(r);
	*reader = NULL;
}

void
nj_spool_seek(struct nj_spool_reader *r, uint64_t position)
{
	/* Where it stands already it need not search again. */
	if (r->begun && r->next == position)
		return;
	segment_close(r);
	r->next = position;
	r->begun = r->ended = false;
}

uint64_t
nj_spool_position(const struct nj_spool_reader *r)
{
	return r->next;
}

const struct nj_spool_read_counters *
nj_spool_read_counters(const struct nj_spool_reader *r)
{
	return &r->counters;
}

static void
damaged(struct nj_spool_reader *r, uint64_t bytes)
{
	r->counters.broken++;
	r->counters.bytes_broken += bytes;
}

/* ---- Segments ---- */

static void
segment_open(struct nj_spool_reader *r, uint64_t position)
{
	struct nj_spool_file f = {
		.epoch = r->epoch, .lane = r->lane, .position = position
	};
	char name[NJ_SPOOL_NAME_BYTES];
	struct nj_spool_head head;

	segment_close(r);
	nj_spool_name(name, &f);
	r->segment = position;
	r->begun = true;
	r->scan.fd = openat(r->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (r->scan.fd < 0)
		return;
	/* A head that is damaged does not make the batches so: the name says
	 * the same. */
	if (pread(r->scan.fd, &head, sizeof(head), 0) !=
			(ssize_t)sizeof(head) ||
		!nj_spool_head_is_sound(&head))
		damaged(r, sizeof(head));
	r->scan.at = NJ_SPOOL_HEAD_BYTES;
}

/* The segment that has r->next, or else the first one after it; past the open
 * one if one is open. */
static bool
segment_find(struct nj_spool_reader *r, uint64_t *position)
{
	struct nj_spool_list list;
	bool found = false;
	enum nj_err err = nj_spool_list(&list, r->folder);

	for (size_t i = 0; i < list.n && !err; i++) {
		const struct nj_spool_file *f = &list.v[i];

		if (f->epoch != r->epoch || f->lane != r->lane ||
			(r->begun && f->position <= r->segment) ||
			(found && f->position > r->next))
			continue;
		*position = f->position;
		found = true;
	}
	nj_spool_list_free(&list);
	return found;
}

/* ---- Batches ---- */

/* The batch that was found is what comes next, as far as it is new. */
static void
batch_begin(struct nj_spool_reader *r)
{
	const struct nj_spool_batch_head *h = &r->scan.head;

	if (r->live && h->position > r->next)
		r->counters.bytes_missing += h->position - r->next;
	r->next = nj_max(r->next, h->position);
}

/* The next batch of the open segment that has something new. */
static bool
batch_in_segment(struct nj_spool_reader *r)
{
	enum nj_spool_found found;
	uint64_t lost = r->scan.lost;

	while ((found = nj_spool_scan_next(&r->scan, r->next))) {
		if (r->scan.lost != lost)
			damaged(r, r->scan.lost - lost);
		lost = r->scan.lost;
		if (found == NJ_SPOOL_SKIPPED)
			continue;
		batch_begin(r);
		if (found == NJ_SPOOL_BATCH) {
			r->left = r->scan.head.bytes;
			r->off = 0;
			return true;
		}
		r->next = r->scan.head.position + r->scan.head.bytes;
		damaged(r, r->scan.head.bytes);
	}
	return false;
}

/* Nothing comes after what is there: bytes that are no batch were cut. */
static void
count_tail(struct nj_spool_reader *r)
{
	struct stat st;

	if (!r->live && !fstat(r->scan.fd, &st) &&
		(uint64_t)st.st_size > r->scan.at)
		damaged(r, (uint64_t)st.st_size - r->scan.at);
}

static bool
batch_load(struct nj_spool_reader *r)
{
	uint64_t position = 0;

	if (r->ended)
		return false;
	if (batch_in_segment(r))
		return true;
	while (segment_find(r, &position)) {
		/* There is a later one, so this one is complete now: what was
		 * added since we looked is read first. */
		if (batch_in_segment(r))
			return true;
		count_tail(r);
		segment_open(r, position);
		if (batch_in_segment(r))
			return true;
	}
	count_tail(r);
	r->ended = !r->live;
	return false;
}

/* ---- Rows ---- */

/* The length of the next row of the batch; 0 when it cannot be one. */
static uint32_t
row_length(const struct nj_spool_reader *r)
{
	uint32_t len;

	if (r->left - r->off < NJ_ROW_HEAD_BYTES)
		return 0;
	memcpy(&len, r->scan.rows + r->off + NJ_ROW_AT_LEN, sizeof(len));
	return len >= NJ_ROW_HEAD_BYTES && len <= r->left - r->off ? len : 0;
}

/* The next row of the batch that is new, if it begins before upto. Sets
 * *stop when it does not. */
static bool
row_in_batch(struct nj_spool_reader *r, uint64_t upto, struct nj_row *row,
	bool *stop)
{
	while (r->off < r->left) {
		uint64_t position = r->scan.head.position + r->off;
		const uint8_t *at = r->scan.rows + r->off;
		uint32_t len = row_length(r);

		if (position >= upto) {
			*stop = true;
			return false;
		}
		if (!len) {
			/* The rest of the batch cannot be told apart. */
			damaged(r, r->left - r->off);
			r->off = r->left;
			r->next = r->scan.head.position + r->left;
			return false;
		}
		r->off += len;
		if (position < r->next)
			continue;
		r->next = position + len;
		if (nj_row_parse(row, (struct nj_view){ at, len }))
			return true;
		damaged(r, len);
	}
	return false;
}

bool
nj_spool_next(struct nj_spool_reader *r, uint64_t upto, struct nj_row *row)
{
	bool stop = false;

	while (!row_in_batch(r, upto, row, &stop)) {
		if (stop || r->next >= upto)
			return false;
		if (!batch_load(r))
			return false;
	}
	row->lane = r->lane;
	row->position = r->next;
	r->counters.rows++;
	r->counters.bytes += row->len;
	return true;
}
