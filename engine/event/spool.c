/*
 * spool.c - the format of spool files: names, heads, finding batches in bytes
 * that may be damaged, and what a folder holds.
 */
#include "engine/event/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/crc.h"
#include "engine/event/spool_priv.h"

enum {
	VERSION = 1,
	ALIGN = 8,
	SEARCH_BYTES = 64 * 1024 /* read at a time in search of a batch */
};
#define MAGIC UINT64_C(0x316c6f70736a6e0a) /* "\nnjspol1" */
#define BATCH_MAGIC UINT32_C(0x31426a4e)   /* "NjB1" */

/* ---- Heads ---- */

void
nj_spool_head_seal(struct nj_spool_head *h)
{
	h->magic = MAGIC;
	h->version = VERSION;
	h->head_bytes = sizeof(*h);
	h->crc = nj_crc32c(0, h, offsetof(struct nj_spool_head, crc));
}

bool
nj_spool_head_is_sound(const struct nj_spool_head *h)
{
	return h->magic == MAGIC && h->version == VERSION &&
	       h->head_bytes == sizeof(*h) && h->lane < NJ_SPOOL_LANES_MAX &&
	       h->crc == nj_crc32c(0, h, offsetof(struct nj_spool_head, crc));
}

static uint32_t
batch_crc(const struct nj_spool_batch_head *h, uint64_t epoch)
{
	uint32_t seed = (uint32_t)(epoch ^ epoch >> 32);

	return nj_crc32c(seed, &h->position,
		sizeof(*h) - offsetof(struct nj_spool_batch_head, position));
}

void
nj_spool_batch_seal(
	struct nj_spool_batch_head *h, uint64_t epoch, struct nj_view rows)
{
	h->magic = BATCH_MAGIC;
	h->rows_crc = nj_crc32c(0, rows.data, rows.len);
	h->zero = 0;
	h->crc = batch_crc(h, epoch);
}

bool
nj_spool_batch_is_sound(const struct nj_spool_batch_head *h, uint64_t epoch)
{
	return h->magic == BATCH_MAGIC && h->bytes &&
	       h->bytes <= NJ_SPOOL_BATCH_BYTES_MAX &&
	       h->position <= UINT64_MAX - h->bytes &&
	       h->crc == batch_crc(h, epoch);
}

uint64_t
nj_spool_batch_room(uint32_t bytes)
{
	return NJ_SPOOL_BATCH_HEAD_BYTES +
	       ((uint64_t)bytes + ALIGN - 1) / ALIGN * ALIGN;
}

/* ---- Finding batches ---- */

static bool
read_at(int fd, void *out, size_t n, uint64_t at)
{
	return pread(fd, out, n, (off_t)at) == (ssize_t)n;
}

static bool
head_at(const struct nj_spool_scan *s, uint64_t at,
	struct nj_spool_batch_head *out)
{
	return read_at(s->fd, out, sizeof(*out), at) &&
	       nj_spool_batch_is_sound(out, s->epoch);
}

/* The first sound head after s->at, by its magic number; 0 for none. The
 * bytes before it were damaged. */
static uint64_t
search(struct nj_spool_scan *s)
{
	uint64_t at = s->at + ALIGN;
	uint32_t magic;
	ssize_t n;

	while ((n = pread(s->fd, s->rows, SEARCH_BYTES, (off_t)at)) >=
		(ssize_t)sizeof(magic)) {
		for (ssize_t i = 0; i + (ssize_t)sizeof(magic) <= n;
			i += ALIGN) {
			memcpy(&magic, s->rows + i, sizeof(magic));
			if (magic == BATCH_MAGIC &&
				head_at(s, at + (uint64_t)i, &s->head))
				return at + (uint64_t)i;
		}
		at += (uint64_t)(n + ALIGN - 1) / ALIGN * ALIGN;
	}
	return 0;
}

enum nj_spool_found
nj_spool_scan_next(struct nj_spool_scan *s, uint64_t from)
{
	uint64_t at = s->at, found;
	bool skip;

	if (!head_at(s, at, &s->head)) {
		found = search(s);
		if (!found)
			return NJ_SPOOL_NONE;
		at = found;
	}
	/* It may have been cut short: then nothing comes after it. */
	skip = s->head.position + s->head.bytes <= from;
	if (!skip && !read_at(s->fd, s->rows, s->head.bytes,
			     at + NJ_SPOOL_BATCH_HEAD_BYTES))
		return NJ_SPOOL_NONE;
	s->lost += at - s->at;
	s->at = at + nj_spool_batch_room(s->head.bytes);
	if (skip)
		return NJ_SPOOL_SKIPPED;
	return s->head.rows_crc == nj_crc32c(0, s->rows, s->head.bytes)
		       ? NJ_SPOOL_BATCH
		       : NJ_SPOOL_DAMAGED;
}

/* ---- The folder ---- */

void
nj_spool_name(char out[NJ_SPOOL_NAME_BYTES], const struct nj_spool_file *f)
{
	(void)snprintf(out, NJ_SPOOL_NAME_BYTES, "%016llx-%02u-%016llx.spool",
		(unsigned long long)f->epoch, f->lane,
		(unsigned long long)f->position);
}

static void
mark_name(char out[NJ_SPOOL_NAME_BYTES], uint64_t epoch)
{
	(void)snprintf(out, NJ_SPOOL_NAME_BYTES, "%016llx.mark",
		(unsigned long long)epoch);
}

/* Only names that we would write ourselves are ours. */
static bool
parse_name(const char *name, struct nj_spool_file *out)
{
	char again[NJ_SPOOL_NAME_BYTES];
	char *end;

	*out = (struct nj_spool_file){ .epoch = strtoull(name, &end, 16) };
	if (*end != '-')
		return false;
	out->lane = (uint32_t)strtoul(end + 1, &end, 10);
	if (*end != '-' || out->lane >= NJ_SPOOL_LANES_MAX)
		return false;
	out->position = strtoull(end + 1, &end, 16);
	nj_spool_name(again, out);
	return out->epoch && !strcmp(name, again);
}

static int
file_cmp(const void *pa, const void *pb)
{
	const struct nj_spool_file *a = pa, *b = pb;

	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	if (a->lane != b->lane)
		return a->lane < b->lane ? -1 : 1;
	return (a->position > b->position) - (a->position < b->position);
}

static bool
list_add(struct nj_spool_list *list, const struct nj_spool_file *f)
{
	size_t cap = list->cap ? list->cap * 2 : 64;
	struct nj_spool_file *v;

	if (list->n == list->cap) {
		if (cap > NJ_SPOOL_FILES_MAX)
			return false;
		v = realloc(list->v, cap * sizeof(*v));
		if (!v)
			return false;
		list->v = v;
		list->cap = cap;
	}
	list->v[list->n++] = *f;
	return true;
}

enum nj_err
nj_spool_list(struct nj_spool_list *out, int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct nj_spool_file f;
	struct dirent *e;
	struct stat st;

	*out = (struct nj_spool_list){ 0 };
	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return NJ_E_IO;
	}
	while ((e = readdir(dir))) {
		if (!parse_name(e->d_name, &f) ||
			fstatat(folder, e->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
			!S_ISREG(st.st_mode))
			continue;
		f.bytes = (uint64_t)st.st_size;
		if (!list_add(out, &f))
			break;
	}
	(void)closedir(dir);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), file_cmp);
	return NJ_OK;
}

void
nj_spool_list_free(struct nj_spool_list *list)
{
	free(list->v);
	*list = (struct nj_spool_list){ 0 };
}

/* When it was made; what cannot be read goes first, to be out of the way. */
static int64_t
made_ns(int folder, const struct nj_spool_file *f)
{
	char name[NJ_SPOOL_NAME_BYTES];
	struct nj_spool_head head;
	int64_t ns = 0;
	int fd;

	nj_spool_name(name, f);
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return 0;
	if (read_at(fd, &head, sizeof(head), 0) &&
		nj_spool_head_is_sound(&head))
		ns = head.made_ns;
	(void)close(fd);
	return ns;
}

uint64_t
nj_spool_past(int folder, uint64_t but, unsigned *lanes)
{
	struct nj_spool_list list;
	uint64_t epoch = 0, last = 0;
	int64_t first = INT64_MAX;
	enum nj_err err = nj_spool_list(&list, folder);

	*lanes = 0;
	for (size_t i = 0; i < list.n && !err; i++) {
		const struct nj_spool_file *f = &list.v[i];
		int64_t made;

		if (f->epoch == but)
			continue;
		if (f->epoch != last) {
			made = made_ns(folder, f);
			if (made < first) {
				first = made;
				epoch = f->epoch;
			}
			last = f->epoch;
		}
	}
	for (size_t i = 0; i < list.n && !err; i++)
		if (list.v[i].epoch == epoch)
			*lanes = list.v[i].lane + 1;
	nj_spool_list_free(&list);
	return epoch;
}

/* ---- Marks ---- */

struct mark {
	uint64_t position;
	uint32_t crc, zero;
};

void
nj_spool_marks(int folder, uint64_t epoch, uint64_t marks[NJ_SPOOL_LANES_MAX])
{
	struct mark in[NJ_SPOOL_LANES_MAX] = { 0 };
	char name[NJ_SPOOL_NAME_BYTES];
	int fd;

	memset(marks, 0, NJ_SPOOL_LANES_MAX * sizeof(*marks));
	mark_name(name, epoch);
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	if (pread(fd, in, sizeof(in), 0) > 0)
		for (unsigned i = 0; i < NJ_SPOOL_LANES_MAX; i++)
			if (in[i].crc == nj_crc32c(0, &in[i].position, 8))
				marks[i] = in[i].position;
	(void)close(fd);
}

static void
write_marks(
	int folder, uint64_t epoch, const uint64_t marks[NJ_SPOOL_LANES_MAX])
{
	struct mark out[NJ_SPOOL_LANES_MAX];
	char name[NJ_SPOOL_NAME_BYTES];
	int fd;

	for (unsigned i = 0; i < NJ_SPOOL_LANES_MAX; i++)
		out[i] = (struct mark){ marks[i], nj_crc32c(0, &marks[i], 8),
			0 };
	mark_name(name, epoch);
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		0640);
	if (fd < 0)
		return;
	/* A mark that is not whole is not believed, and rows come twice. */
	(void)!pwrite(fd, out, sizeof(out), 0);
	(void)close(fd);
}

void
nj_spool_delete(int folder, const struct nj_spool_file *f)
{
	char name[NJ_SPOOL_NAME_BYTES];

	nj_spool_name(name, f);
	(void)unlinkat(folder, name, 0);
}

void
nj_spool_clear(int folder, uint64_t epoch,
	const uint64_t marks[NJ_SPOOL_LANES_MAX], bool all)
{
	char name[NJ_SPOOL_NAME_BYTES];
	struct nj_spool_list list;
	enum nj_err err = nj_spool_list(&list, folder);

	for (size_t i = 0; i < list.n && !err; i++) {
		const struct nj_spool_file *f = &list.v[i];
		bool more = i + 1 < list.n && f[1].epoch == epoch &&
			    f[1].lane == f->lane;

		/* A segment ends at the latest where the next begins. */
		if (f->epoch == epoch &&
			(all || (more && f[1].position <= marks[f->lane])))
			nj_spool_delete(folder, f);
	}
	nj_spool_list_free(&list);
	if (!all) {
		write_marks(folder, epoch, marks);
		return;
	}
	mark_name(name, epoch);
	(void)unlinkat(folder, name, 0);
}
