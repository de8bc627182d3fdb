/*
 * jsonl.c - batches at the end of a file. How long it was before a batch is
 * remembered with the batch; when the batch comes again, the file is cut back
 * to that, so that a death in the middle leaves no half lines and no copies.
 * The file is only changed for a new one between batches.
 */
#include "engine/store/output/jsonl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "engine/base/date.h"

enum { LEVEL = 3, PATH_CAP = 4096, SAME_SECOND_MAX = 100 };

#define PREFIX "nightjar"

struct jsonl {
	const struct nj_jsonl_conf *conf;
	ZSTD_CCtx *zstd;
	int fd; /* -1: closed */
	uint64_t size;
	int64_t begun_ns; /* wall clock */
	struct nj_buf text, packed;
};

static void
jsonl_close(struct jsonl *j)
{
	if (j->fd >= 0)
		(void)close(j->fd);
	j->fd = -1;
}

static void
jsonl_destroy(void *self)
{
	struct jsonl *j = self;

	jsonl_close(j);
	(void)ZSTD_freeCCtx(j->zstd);
	nj_buf_free(&j->text);
	nj_buf_free(&j->packed);
	free(j);
}

enum nj_err
nj_jsonl_create(void **self, const struct nj_jsonl_conf *conf)
{
	struct jsonl *j = calloc(1, sizeof(*j));

	*self = NULL;
	if (!j)
		return NJ_E_NOMEM;
	j->conf = conf;
	j->fd = -1;
	j->zstd = ZSTD_createCCtx();
	if (!j->zstd) {
		jsonl_destroy(j);
		return NJ_E_NOMEM;
	}
	*self = j;
	return NJ_OK;
}

static const char *
suffix(const struct jsonl *j)
{
	return j->conf->zstd ? ".jsonl.zst" : ".jsonl";
}

/* FOLDER/nightjar[middle].jsonl */
static bool
path_of(const struct jsonl *j, char out[PATH_CAP], const char *middle)
{
	int n = snprintf(out, PATH_CAP, "%s/" PREFIX "%s%s", j->conf->folder,
		middle, suffix(j));

	return n > 0 && n < PATH_CAP;
}

static bool
jsonl_open(struct jsonl *j)
{
	char path[PATH_CAP];
	struct stat st;

	if (j->fd >= 0)
		return true;
	errno = ENAMETOOLONG;
	if (!path_of(j, path, ""))
		return false;
	j->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (j->fd < 0)
		return false;
	if (fstat(j->fd, &st)) {
		jsonl_close(j);
		return false;
	}
	j->size = (uint64_t)st.st_size;
	j->begun_ns = st.st_mtim.tv_sec * NJ_NS_PER_S;
	return true;
}

static uint64_t
jsonl_mark(void *self)
{
	struct jsonl *j = self;

	return jsonl_open(j) ? j->size : 0;
}

/* ---- Batches ---- */

static bool
make_text(struct jsonl *j, const struct nj_batch *b)
{
	struct nj_row row;

	nj_buf_reset(&j->text);
	for (uint32_t i = 0; i < b->rows; i++) {
		row = nj_batch_row(b, i);
		nj_row_json(&j->text, &row);
		nj_buf_char(&j->text, '\n');
	}
	return !j->text.bad;
}

/* What goes into the file; no data: no memory. */
static struct nj_view
pack(struct jsonl *j)
{
	size_t n;

	if (!j->conf->zstd)
		return (struct nj_view){ j->text.data, j->text.len };
	nj_buf_reset(&j->packed);
	if (!nj_buf_room(&j->packed, ZSTD_compressBound(j->text.len)))
		return (struct nj_view){ 0 };
	n = ZSTD_compressCCtx(j->zstd, j->packed.data, j->packed.cap,
		j->text.data, j->text.len, LEVEL);
	if (ZSTD_isError(n))
		return (struct nj_view){ 0 };
	return (struct nj_view){ j->packed.data, n };
}

static bool
append(struct jsonl *j, struct nj_view v)
{
	while (v.len) {
		ssize_t n = write(j->fd, v.data, v.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		j->size += (uint64_t)n;
		v = nj_sub(v, (size_t)n, v.len);
	}
	return fdatasync(j->fd) == 0;
}

/* Somebody may have emptied the file: it is never made longer. */
static bool
cut_back(struct jsonl *j, uint64_t mark)
{
	if (j->size <= mark)
		return true;
	if (ftruncate(j->fd, (off_t)mark))
		return false;
	j->size = mark;
	return true;
}

static bool
jsonl_send(void *self, struct nj_output_job *job)
{
	struct jsonl *j = self;
	struct nj_view v;
	bool good;

	errno = ENOMEM;
	if (!make_text(j, job->batch)) {
		(void)snprintf(job->why, sizeof(job->why), "out of memory");
		return false;
	}
	v = pack(j);
	good = v.data && jsonl_open(j) && cut_back(j, job->mark) &&
	       append(j, v);
	if (good)
		return true;
	(void)snprintf(job->why, sizeof(job->why), "%.150s: %s",
		j->conf->folder, strerror(errno));
	jsonl_close(j);
	return false;
}

/* ---- A new file ---- */

/* Closed files are named by the second; two may end in one. */
static bool
rename_away(struct jsonl *j, int64_t wall_ns)
{
	struct nj_date d = nj_date_utc(wall_ns / NJ_NS_PER_S);
	char from[PATH_CAP], to[PATH_CAP], middle[64];

	for (unsigned i = 0; i < SAME_SECOND_MAX; i++) {
		(void)snprintf(middle, sizeof(middle),
			"-%04d%02u%02uT%02u%02u%02u-%02u", (int)d.year, d.month,
			d.day, d.hour, d.minute, d.second, i);
		if (!path_of(j, from, "") || !path_of(j, to, middle))
			return false;
		if (access(to, F_OK))
			return rename(from, to) == 0;
	}
	return false;
}

/* Closed files, oldest first, as their names sort by time. */
static int
is_closed(const struct dirent *e)
{
	struct nj_view name = nj_str(e->d_name);

	return nj_view_starts(name, NJ_LIT(PREFIX "-")) &&
	       nj_view_find(name, NJ_LIT(".jsonl")) != SIZE_MAX;
}

static void
delete_old(struct jsonl *j)
{
	struct dirent **list;
	int n = scandir(j->conf->folder, &list, is_closed, alphasort);
	char path[PATH_CAP];

	for (int i = 0; i < n; i++) {
		int len = snprintf(path, sizeof(path), "%s/%s", j->conf->folder,
			list[i]->d_name);

		if (i + (int)j->conf->keep_files < n && len > 0 &&
			len < PATH_CAP)
			(void)unlink(path);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static bool
jsonl_rest(void *self, int64_t wall_ns, char why[NJ_OUTPUT_WHY])
{
	struct jsonl *j = self;
	bool old = wall_ns - j->begun_ns >= j->conf->rotate_age_ns;

	if (j->fd < 0 || !j->size)
		return true;
	if (j->size < j->conf->rotate_bytes && !old)
		return true;
	jsonl_close(j);
	if (!rename_away(j, wall_ns)) {
		(void)snprintf(why, NJ_OUTPUT_WHY, "%.150s: %s",
			j->conf->folder, strerror(errno));
		return false;
	}
	delete_old(j);
	return true;
}

const struct nj_output_kind nj_jsonl_kind = {
	.name = "jsonl",
	.send = jsonl_send,
	.mark = jsonl_mark,
	.rest = jsonl_rest,
	.destroy = jsonl_destroy,
};
