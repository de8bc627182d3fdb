/*
 * spool_write.c - appending to a spool: one open segment a lane, within a
 * bound for all files together.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/event/spool.h"
#include "engine/event/spool_priv.h"

NJ_COUNTERS_DEFINE(nj_spool, NJ_SPOOL_COUNTERS);

enum {
	/* Room comes back by whole segments: there are to be some of them. */
	SEGMENTS = 16,
	SEGMENT_BYTES_MAX = 64 * 1024 * 1024
};

struct lane {
	int fd; /* of the last segment; -1: none */
	uint64_t bytes;
	uint64_t end;      /* position; 0: holds nothing */
	uint64_t released; /* position */
};

struct nj_spool {
	int folder;
	struct nj_spool_conf conf;
	uint64_t segment_bytes;
	bool marked; /* marks are as on disk */
	struct nj_spool_counters counters;
	struct lane lane[NJ_SPOOL_LANES_MAX];
};

const struct nj_spool_counters *
nj_spool_counters(const struct nj_spool *s)
{
	return &s->counters;
}

uint64_t
nj_spool_end(const struct nj_spool *s, unsigned lane)
{
	return s->lane[lane].end;
}

static void
marks_of(const struct nj_spool *s, uint64_t marks[NJ_SPOOL_LANES_MAX])
{
	for (unsigned i = 0; i < NJ_SPOOL_LANES_MAX; i++)
		marks[i] = s->lane[i].released;
}

static void
lane_close(struct lane *l)
{
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
	l->bytes = 0;
}

/* ---- Taking up what an earlier writer left ---- */

/* Reads the lane's last segment to its last whole batch. */
static void
lane_recover(struct nj_spool *s, const struct nj_spool_file *f)
{
	struct lane *l = &s->lane[f->lane];
	struct nj_spool_scan scan = { .epoch = s->conf.epoch,
		.at = NJ_SPOOL_HEAD_BYTES };
	uint64_t batches = 0;
	char name[NJ_SPOOL_NAME_BYTES];

	nj_spool_name(name, f);
	l->end = f->position;
	l->fd = openat(s->folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	scan.fd = l->fd;
	scan.rows = malloc(NJ_SPOOL_BATCH_BYTES_MAX);
	if (l->fd < 0 || !scan.rows)
		goto out;
	/* Rows that are damaged are the reader's to count. */
	for (; nj_spool_scan_next(&scan, l->end); batches++)
		l->end = nj_max(l->end, scan.head.position + scan.head.bytes);
	/* Of the last batch only the padding may be missing. Where there is
	 * none, the segment is begun anew. */
	l->bytes = scan.at;
	if (!batches || ftruncate(l->fd, (off_t)l->bytes))
		lane_close(l);
	else if (f->bytes > l->bytes)
		s->counters.cut += f->bytes - l->bytes;
out:
	free(scan.rows);
}

static enum nj_err
recover(struct nj_spool *s)
{
	struct nj_spool_list list;
	uint64_t marks[NJ_SPOOL_LANES_MAX];
	enum nj_err err = nj_spool_list(&list, s->folder);

	nj_spool_marks(s->folder, s->conf.epoch, marks);
	for (size_t i = 0; i < list.n && !err; i++) {
		const struct nj_spool_file *f = &list.v[i];
		bool last = i + 1 == list.n || f[1].epoch != f->epoch ||
			    f[1].lane != f->lane;

		if (f->epoch == s->conf.epoch && last)
			lane_recover(s, f);
	}
	for (unsigned i = 0; i < NJ_SPOOL_LANES_MAX; i++)
		s->lane[i].released = marks[i];
	nj_spool_list_free(&list);
	return err;
}

enum nj_err
nj_spool_open(struct nj_spool **out, const struct nj_spool_conf *conf)
{
	struct nj_spool *s = calloc(1, sizeof(*s));
	enum nj_err err = NJ_OK;

	*out = NULL;
	if (!s)
		return NJ_E_NOMEM;
	NJ_ASSERT(conf->lanes <= NJ_SPOOL_LANES_MAX);
	s->conf = *conf;
	s->conf.folder = NULL;
	s->segment_bytes = nj_min(conf->bytes_max / SEGMENTS / conf->lanes,
		(uint64_t)SEGMENT_BYTES_MAX);
	s->segment_bytes =
		nj_max(s->segment_bytes, (uint64_t)NJ_SPOOL_SEGMENT_BYTES_MIN);
	for (unsigned i = 0; i < NJ_SPOOL_LANES_MAX; i++)
		s->lane[i].fd = -1;
	s->folder = open(
		conf->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (s->folder < 0)
		err = errno == EACCES   ? NJ_E_ACCESS
		      : errno == ENOENT ? NJ_E_NOENT
					: NJ_E_IO;
	if (!err)
		err = recover(s);
	if (err)
		nj_spool_close(&s);
	else
		nj_spool_tidy(s);
	*out = s;
	return err;
}

void
nj_spool_close(struct nj_spool **spool)
{
	struct nj_spool *s = *spool;

	if (!s)
		return;
	for (unsigned i = 0; i < NJ_SPOOL_LANES_MAX; i++)
		lane_close(&s->lane[i]);
	if (s->folder >= 0)
		(void)close(s->folder);
	free(s);
	*spool = NULL;
}

/* ---- Appending ---- */

static enum nj_err
failed(struct nj_spool *s, int error)
{
	if (error == ENOSPC || error == EDQUOT) {
		s->counters.full++;
		return NJ_E_FULL;
	}
	s->counters.failed++;
	errno = error;
	return NJ_E_IO;
}

static enum nj_err
segment_begin(struct nj_spool *s, unsigned lane, uint64_t position)
{
	struct lane *l = &s->lane[lane];
	struct nj_spool_head head = { .epoch = s->conf.epoch,
		.position = position,
		.made_ns = nj_wall_ns(),
		.lane = lane };
	struct nj_spool_file f = {
		.epoch = s->conf.epoch, .position = position, .lane = lane
	};
	char name[NJ_SPOOL_NAME_BYTES];
	ssize_t n;
	int error;

	lane_close(l);
	nj_spool_name(name, &f);
	nj_spool_head_seal(&head);
	l->fd = openat(s->folder, name,
		O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (l->fd < 0)
		return failed(s, errno);
	n = pwrite(l->fd, &head, sizeof(head), 0);
	if (n != (ssize_t)sizeof(head)) {
		error = n < 0 ? errno : ENOSPC;
		lane_close(l);
		(void)unlinkat(s->folder, name, 0);
		return failed(s, error);
	}
	l->bytes = sizeof(head);
	s->counters.segments++;
	s->counters.held += sizeof(head);
	return NJ_OK;
}

/* What is written in part is taken back; where even that fails the segment is
 * left as it is, and a reader finds that its end is no batch. */
static enum nj_err
append(struct nj_spool *s, struct lane *l, const struct nj_spool_batch *b)
{
	static const uint8_t zeros[8];
	struct nj_spool_batch_head head = { .position = b->position,
		.bytes = (uint32_t)b->rows.len,
		.rows = b->count };
	uint64_t room = nj_spool_batch_room(head.bytes);
	struct iovec v[] = { { &head, sizeof(head) },
		{ (void *)(uintptr_t)b->rows.data, b->rows.len },
		{ (void *)(uintptr_t)zeros,
			room - sizeof(head) - b->rows.len } };
	ssize_t n;
	int error;

	nj_spool_batch_seal(&head, s->conf.epoch, b->rows);
	if (lseek(l->fd, (off_t)l->bytes, SEEK_SET) < 0)
		return failed(s, errno);
	n = writev(l->fd, v, nj_countof(v));
	if (n == (ssize_t)room) {
		l->bytes += room;
		s->counters.held += room;
		return NJ_OK;
	}
	error = n < 0 ? errno : ENOSPC;
	if (ftruncate(l->fd, (off_t)l->bytes))
		lane_close(l);
	return failed(s, error);
}

enum nj_err
nj_spool_put(struct nj_spool *s, unsigned lane, const struct nj_spool_batch *b)
{
	struct lane *l = &s->lane[lane];
	uint64_t room = nj_spool_batch_room((uint32_t)b->rows.len) +
			NJ_SPOOL_HEAD_BYTES;
	enum nj_err err = NJ_OK;

	NJ_ASSERT(b->rows.len && b->rows.len <= NJ_SPOOL_BATCH_BYTES_MAX);
	if (b->position < l->end)
		return NJ_E_RANGE;
	if (s->counters.held + room > s->conf.bytes_max) {
		s->counters.full++;
		return NJ_E_FULL;
	}
	if (l->fd < 0 || l->bytes + room > s->segment_bytes)
		err = segment_begin(s, lane, b->position);
	if (!err)
		err = append(s, l, b);
	if (err)
		return err;
	l->end = b->position + b->rows.len;
	s->counters.rows += b->count;
	s->counters.bytes += b->rows.len;
	s->marked = false;
	return NJ_OK;
}

/* ---- Giving room back ---- */

void
nj_spool_release(struct nj_spool *s, unsigned lane, uint64_t position)
{
	struct lane *l = &s->lane[lane];

	if (position <= l->released)
		return;
	l->released = position;
	if (!l->end)
		return;
	s->marked = false;
	/* All of it: the last segment may go, too. */
	if (position >= l->end) {
		lane_close(l);
		l->end = 0;
	}
}

static bool
holds_any(const struct nj_spool *s)
{
	for (unsigned i = 0; i < s->conf.lanes; i++)
		if (s->lane[i].end)
			return true;
	return false;
}

static void
count_files(struct nj_spool *s)
{
	struct nj_spool_counters *c = &s->counters;
	struct nj_spool_list list;
	enum nj_err err = nj_spool_list(&list, s->folder);

	if (!err)
		c->held = c->held_past = c->segments = 0;
	for (size_t i = 0; i < list.n && !err; i++) {
		const struct nj_spool_file *f = &list.v[i];

		if (f->epoch == s->conf.epoch && !s->lane[f->lane].end) {
			nj_spool_delete(s->folder, f);
			continue;
		}
		c->segments++;
		c->held += f->bytes;
		if (f->epoch != s->conf.epoch)
			c->held_past += f->bytes;
	}
	nj_spool_list_free(&list);
}

void
nj_spool_tidy(struct nj_spool *s)
{
	uint64_t marks[NJ_SPOOL_LANES_MAX];

	if (!s->marked) {
		marks_of(s, marks);
		nj_spool_clear(s->folder, s->conf.epoch, marks, !holds_any(s));
		s->marked = true;
	}
	count_files(s);
}
