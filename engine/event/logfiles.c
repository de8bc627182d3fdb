/*
 * logfiles.c - rotating log files.
 */
#include "engine/event/logfiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/clock.h"

NJ_COUNTERS_DEFINE(nj_logfiles, NJ_LOGFILES_COUNTERS);

enum {
	FLUSH_BYTES = 256 * 1024,
	FILES_MAX = 256,
	NAME_BYTES = 256,
	DELETE_MAX = 64 /* files deleted in one flush */
};

struct sheet {
	uint32_t type;
	int fd; /* -1: not open, tried again at the next flush */
	uint64_t bytes;
	int64_t first_ns; /* wall-clock time of the file's first record */
	uint64_t rows_buffered;
	struct nj_buf buf;
	char name[64];
};

struct nj_logfiles {
	struct nj_logfiles_conf conf;
	int folder;
	int saved_errno;
	unsigned count;
	struct nj_logfiles_counters counters;
	struct sheet sheets[FILES_MAX];
};

const struct nj_logfiles_counters *
nj_logfiles_counters(const struct nj_logfiles *l)
{
	return &l->counters;
}

void
nj_logfiles_limit(struct nj_logfiles *l, const struct nj_logfiles_conf *conf)
{
	l->conf.rotate_bytes = conf->rotate_bytes;
	l->conf.rotate_age_ns = conf->rotate_age_ns;
	l->conf.total_bytes = conf->total_bytes;
	l->conf.keep_files = conf->keep_files;
}

enum nj_err
nj_logfiles_open(struct nj_logfiles **out, const struct nj_logfiles_conf *conf)
{
	struct nj_logfiles *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (!l)
		return NJ_E_NOMEM;
	l->conf = *conf;
	l->conf.folder = NULL;
	l->folder = open(
		conf->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (l->folder < 0) {
		free(l);
		return errno == EACCES   ? NJ_E_ACCESS
		       : errno == ENOENT ? NJ_E_NOENT
					 : NJ_E_IO;
	}
	*out = l;
	return NJ_OK;
}

/* All EVE events are one stream, in a file by Suricata's name for it. */
static const char *
suffix(const struct nj_logfiles *l)
{
	return l->conf.format == NJ_FORMAT_EVE ? ".json" : ".log";
}

static bool
has_suffix(const struct nj_logfiles *l, const char *name)
{
	size_t n = strlen(name), tail = strlen(suffix(l));

	return n > tail && !strcmp(name + n - tail, suffix(l));
}

/* Who wrote the file before may have been killed in the middle of a line: it
 * is taken out, as its row comes again. */
static void
end_line(struct sheet *s)
{
	char tail[4096];
	uint64_t at = s->bytes;

	while (at) {
		size_t n = nj_min(at, sizeof(tail));
		ssize_t got = pread(s->fd, tail, n, (off_t)(at - n));
		const char *end =
			got == (ssize_t)n ? memrchr(tail, '\n', n) : NULL;

		if (got != (ssize_t)n)
			return;
		at -= n;
		if (!end)
			continue;
		at += (uint64_t)(end - tail) + 1;
		break;
	}
	if (at != s->bytes && !ftruncate(s->fd, (off_t)at))
		s->bytes = at;
}

/* The lines before the first record, or after the last. */
static void
sheet_mark(struct nj_logfiles *l, struct sheet *s, bool first, int64_t now_ns)
{
	struct nj_buf lines = { 0 };
	ssize_t n = 0;

	if (first)
		nj_format_head(&lines, l->conf.format,
			nj_event_by_type(s->type), now_ns);
	else
		nj_format_tail(&lines, l->conf.format, now_ns);
	if (lines.len && s->fd >= 0)
		n = write(s->fd, lines.data, lines.len);
	if (n < 0)
		l->saved_errno = errno;
	else
		s->bytes += (uint64_t)n;
	nj_buf_free(&lines);
}

static bool
sheet_open(struct nj_logfiles *l, struct sheet *s, int64_t now_ns)
{
	char name[NAME_BYTES];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s%s", s->name, suffix(l));
	s->fd = openat(l->folder, name,
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
			(l->conf.append ? O_APPEND : O_TRUNC),
		0640);
	if (s->fd < 0) {
		l->saved_errno = errno;
		return false;
	}
	s->bytes = fstat(s->fd, &st) ? 0 : (uint64_t)st.st_size;
	s->first_ns = now_ns;
	if (s->bytes) {
		s->first_ns = st.st_mtim.tv_sec * NJ_NS_PER_S;
		end_line(s);
	}
	/* Also in a file that goes on: its columns may be other ones. */
	sheet_mark(l, s, true, now_ns);
	return true;
}

static struct sheet *
sheet_of(struct nj_logfiles *l, uint32_t type, int64_t now_ns)
{
	bool eve = l->conf.format == NJ_FORMAT_EVE;
	const struct nj_event_desc *desc;
	struct sheet *s;

	if (eve)
		type = 0;
	for (unsigned i = 0; i < l->count; i++)
		if (l->sheets[i].type == type)
			return &l->sheets[i];
	desc = nj_event_by_type(type);
	if ((!desc && !eve) || l->count == FILES_MAX)
		return NULL;
	s = &l->sheets[l->count++];
	s->type = type;
	(void)snprintf(
		s->name, sizeof(s->name), "%s", eve ? "eve" : desc->name);
	(void)sheet_open(l, s, now_ns);
	return s;
}

/* Writes the buffer out; what cannot be written is lost and counted, as
 * waiting for a full disk would only move the loss to the ring. */
static void
sheet_write(struct nj_logfiles *l, struct sheet *s, int64_t now_ns)
{
	const uint8_t *at = s->buf.data;
	size_t left = s->buf.len;

	if (!left || (s->fd < 0 && !sheet_open(l, s, now_ns)))
		goto out;
	while (left) {
		ssize_t n = write(s->fd, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			l->saved_errno = errno;
			break;
		}
		at += n;
		left -= (size_t)n;
		s->bytes += (uint64_t)n;
		l->counters.bytes += (uint64_t)n;
	}
out:
	/* A line that was cut by a full disk ends here: the next begins on a
	 * line of its own. */
	if (left && at != s->buf.data && at[-1] != '\n' && s->fd >= 0 &&
		write(s->fd, "\n", 1) < 0)
		l->saved_errno = errno;
	if (left)
		l->counters.rows_lost += s->rows_buffered;
	else
		l->counters.rows += s->rows_buffered;
	s->rows_buffered = 0;
	nj_buf_reset(&s->buf);
}

/* A rotated file: "<type>-<time>...log" (.json). */
static bool
is_rotated(const struct nj_logfiles *l, const char *name)
{
	return has_suffix(l, name) && strchr(name, '-');
}

/* Of this log type? A type's name has no hyphen. */
static bool
is_rotated_of(
	const struct nj_logfiles *l, const struct sheet *s, const char *name)
{
	size_t n = strlen(s->name);

	return !strncmp(name, s->name, n) && name[n] == '-' &&
	       is_rotated(l, name);
}

/* How many rotated files of the sheet there are; the first by name, which is
 * by time, in *oldest. */
static unsigned
sheet_rotated(const struct nj_logfiles *l, const struct sheet *s,
	char oldest[NAME_BYTES])
{
	int fd = openat(l->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	unsigned n = 0;

	oldest[0] = 0;
	while (dir && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len >= NAME_BYTES || !is_rotated_of(l, s, entry->d_name))
			continue;
		if (!n++ || strverscmp(entry->d_name, oldest) < 0)
			memcpy(oldest, entry->d_name, len + 1);
	}
	if (dir)
		(void)closedir(dir);
	else if (fd >= 0)
		(void)close(fd);
	return n;
}

static void
sheet_prune(struct nj_logfiles *l, const struct sheet *s)
{
	char oldest[NAME_BYTES];

	for (unsigned i = 0; l->conf.keep_files && i < DELETE_MAX; i++) {
		if (sheet_rotated(l, s, oldest) <= l->conf.keep_files)
			return;
		if (unlinkat(l->folder, oldest, 0)) {
			l->saved_errno = errno;
			return;
		}
		l->counters.deleted++;
	}
}

static void
sheet_rotate(struct nj_logfiles *l, struct sheet *s, int64_t now_ns)
{
	char from[NAME_BYTES], to[NAME_BYTES], stamp[32];
	time_t first = (time_t)(s->first_ns / NJ_NS_PER_S);
	struct tm tm;

	(void)gmtime_r(&first, &tm);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H-%M-%SZ", &tm);
	(void)snprintf(from, sizeof(from), "%s%s", s->name, suffix(l));
	(void)snprintf(to, sizeof(to), "%s-%s%s", s->name, stamp, suffix(l));
	/* A small file may fill within a second: never write over one. */
	for (unsigned i = 1; i < 1000 && !faccessat(l->folder, to, F_OK, 0);
		i++)
		(void)snprintf(to, sizeof(to), "%s-%s.%u%s", s->name, stamp, i,
			suffix(l));
	sheet_mark(l, s, false, now_ns);
	(void)close(s->fd);
	s->fd = -1;
	if (renameat(l->folder, from, l->folder, to)) {
		l->saved_errno = errno;
		return;
	}
	l->counters.rotated++;
	s->bytes = 0;
	sheet_prune(l, s);
}

static void
sheet_flush(struct nj_logfiles *l, struct sheet *s, int64_t now_ns)
{
	const struct nj_logfiles_conf *c = &l->conf;

	if (s->fd >= 0 && s->bytes && c->rotate_age_ns &&
		now_ns - s->first_ns >= c->rotate_age_ns)
		sheet_rotate(l, s, now_ns);
	sheet_write(l, s, now_ns);
	if (s->fd >= 0 && c->rotate_bytes && s->bytes >= c->rotate_bytes)
		sheet_rotate(l, s, now_ns);
}

void
nj_logfiles_row(struct nj_logfiles *l, const struct nj_row *row, int64_t now_ns)
{
	struct sheet *s = sheet_of(l, row->type, now_ns);

	if (!s) {
		l->counters.rows_lost++;
		return;
	}
	s->rows_buffered += nj_format_row(&s->buf, l->conf.format, row);
	if (s->buf.bad || s->buf.len >= FLUSH_BYTES)
		sheet_flush(l, s, now_ns);
}

/* Sum of all log files; the rotated one whose time is oldest in *oldest. */
static uint64_t
survey(const struct nj_logfiles *l, char oldest[NAME_BYTES])
{
	int fd = openat(l->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int64_t oldest_ns = INT64_MAX, ns;
	uint64_t sum = 0;

	oldest[0] = 0;
	while (dir && (entry = readdir(dir))) {
		size_t n = strlen(entry->d_name);
		struct stat st;

		if (n >= NAME_BYTES || !has_suffix(l, entry->d_name) ||
			fstatat(l->folder, entry->d_name, &st,
				AT_SYMLINK_NOFOLLOW) ||
			!S_ISREG(st.st_mode))
			continue;
		sum += (uint64_t)st.st_size;
		ns = st.st_mtim.tv_sec * NJ_NS_PER_S + st.st_mtim.tv_nsec;
		if (!is_rotated(l, entry->d_name) || ns >= oldest_ns)
			continue;
		oldest_ns = ns;
		memcpy(oldest, entry->d_name, n + 1);
	}
	if (dir)
		(void)closedir(dir);
	else if (fd >= 0)
		(void)close(fd);
	return sum;
}

void
nj_logfiles_flush(struct nj_logfiles *l, int64_t now_ns)
{
	char oldest[NAME_BYTES];

	for (unsigned i = 0; i < l->count; i++)
		sheet_flush(l, &l->sheets[i], now_ns);
	for (unsigned i = 0; l->conf.total_bytes && i < DELETE_MAX; i++) {
		if (survey(l, oldest) <= l->conf.total_bytes || !oldest[0])
			return;
		if (unlinkat(l->folder, oldest, 0)) {
			l->saved_errno = errno;
			return;
		}
		l->counters.deleted++;
	}
}

enum nj_err
nj_logfiles_close(struct nj_logfiles **out)
{
	struct nj_logfiles *l = *out;
	enum nj_err err = NJ_OK;

	if (!l)
		return NJ_OK;
	for (unsigned i = 0; i < l->count; i++) {
		struct sheet *s = &l->sheets[i];

		sheet_write(l, s, s->first_ns);
		sheet_mark(l, s, false, nj_wall_ns());
		nj_buf_free(&s->buf);
		if (s->fd >= 0 && close(s->fd))
			l->saved_errno = errno;
	}
	(void)close(l->folder);
	if (l->saved_errno) {
		errno = l->saved_errno;
		err = NJ_E_IO;
	}
	free(l);
	*out = NULL;
	return err;
}
