/*
 * output.c - records as lines to a stream, a file or a folder.
 */
#include "engine/apps/nightjar/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/nearest.h"
#include "engine/event/eve.h"
#include "engine/event/logfiles.h"

enum { FLUSH_BYTES = 256 * 1024, WANTED_MAX = 4 * NJ_ARG_LIST_MAX };

struct nj_output {
	const struct nj_output_conf *conf;
	struct nj_logfiles *files; /* or, if NULL: */
	int fd;
	struct nj_buf buf;
	bool broken;
	int saved_errno;
	int64_t wall_ns; /* when it was opened */
	unsigned wanted_n;
	uint32_t wanted[WANTED_MAX];
};

/* The i-th name that --log may give, or NULL; *last is set past the end. */
static const char *
name_at(const struct nj_output_conf *conf, unsigned i, bool *last)
{
	const struct nj_event_desc *desc = nj_event_at(i);

	*last = !desc;
	if (!desc)
		return NULL;
	if (conf->format == NJ_FORMAT_EVE)
		return nj_eve_type(nj_event_type(desc));
	return desc->flags & NJ_EV_EVE ? NULL : desc->name;
}

static bool
check_type(const struct nj_output_conf *conf, struct nj_view type, char *why,
	size_t cap)
{
	bool eve = conf->format == NJ_FORMAT_EVE, last = false;
	struct nj_nearest near = { .word = type };

	for (unsigned i = 0; !last; i++) {
		const char *name = name_at(conf, i, &last);

		if (name && nj_view_eq(type, nj_str(name)))
			return true;
		if (name)
			nj_nearest_try(&near, nj_str(name));
	}
	(void)snprintf(why, cap, "no %s type named \"%.*s\"%s%.*s%s",
		eve ? "event" : "log", (int)nj_min(type.len, 60U),
		(const char *)type.data, near.best.len ? ", did you mean " : "",
		(int)near.best.len,
		near.best.len ? (const char *)near.best.data : "",
		near.best.len ? "?" : "");
	return false;
}

bool
nj_output_check_types(const struct nj_output_conf *conf, char *why, size_t cap)
{
	for (unsigned i = 0; i < conf->types->n; i++)
		if (!check_type(conf, conf->types->v[i], why, cap))
			return false;
	return true;
}

/* Puts the numbers of the log types that name stands for: EVE has several
 * for some of its event types. */
static void
want(struct nj_output *o, struct nj_view name)
{
	bool last = false;

	for (unsigned i = 0; !last && o->wanted_n < WANTED_MAX; i++) {
		const char *own = name_at(o->conf, i, &last);

		if (own && nj_view_eq(name, nj_str(own)))
			o->wanted[o->wanted_n++] =
				nj_event_type(nj_event_at(i));
	}
}

static enum nj_err
output_create(struct nj_output **out, const struct nj_output_conf *conf)
{
	struct nj_output *o = calloc(1, sizeof(*o));

	*out = NULL;
	if (!o)
		return NJ_E_NOMEM;
	o->conf = conf;
	o->wall_ns = nj_wall_ns();
	for (unsigned i = 0; i < conf->types->n; i++)
		want(o, conf->types->v[i]);
	*out = o;
	return NJ_OK;
}

/* A stream of one log type has the lines that a file of it begins with; of
 * several it has none (the caller sees to it that there is but one where the
 * format needs them). */
static void
begin(struct nj_output *o, int fd)
{
	o->fd = fd;
	if (o->wanted_n == 1)
		nj_format_head(&o->buf, o->conf->format,
			nj_event_by_type(o->wanted[0]), o->wall_ns);
}

enum nj_err
nj_output_open_stream(struct nj_output **out, const struct nj_output_conf *conf)
{
	enum nj_err err = output_create(out, conf);

	if (!err)
		begin(*out, STDOUT_FILENO);
	return err;
}

enum nj_err
nj_output_open_file(struct nj_output **out, const char *path,
	const struct nj_output_conf *conf)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	enum nj_err err;

	*out = NULL;
	if (fd < 0)
		return errno == EACCES ? NJ_E_ACCESS : NJ_E_IO;
	err = output_create(out, conf);
	if (err)
		(void)close(fd);
	else
		begin(*out, fd);
	return err;
}

/* EVE is one stream by its nature: one file with all event types. */
static enum nj_err
open_eve(struct nj_output **out, const char *folder,
	const struct nj_output_conf *conf)
{
	char path[4096];

	*out = NULL;
	if (snprintf(path, sizeof(path), "%s/eve.json", folder) >=
		(int)sizeof(path))
		return NJ_E_NOENT;
	return nj_output_open_file(out, path, conf);
}

enum nj_err
nj_output_open_folder(struct nj_output **out, const char *folder,
	const struct nj_output_conf *conf)
{
	struct nj_logfiles_conf files = { .folder = folder,
		.format = conf->format };
	enum nj_err err;

	if (conf->format == NJ_FORMAT_EVE)
		return open_eve(out, folder, conf);
	err = output_create(out, conf);
	if (!err)
		err = nj_logfiles_open(&(*out)->files, &files);
	if (err) {
		free(*out);
		*out = NULL;
	}
	return err;
}

static void
flush(struct nj_output *o)
{
	const uint8_t *at = o->buf.data;
	size_t left = o->buf.len;

	while (left && !o->broken) {
		ssize_t n = write(o->fd, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			o->broken = true;
			o->saved_errno = errno;
			break;
		}
		at += n;
		left -= (size_t)n;
	}
	nj_buf_reset(&o->buf);
}

static bool
is_wanted(const struct nj_output *o, uint32_t type)
{
	for (unsigned i = 0; i < o->wanted_n; i++)
		if (o->wanted[i] == type)
			return true;
	return !o->conf->types->n;
}

void
nj_output_row(struct nj_output *o, const struct nj_row *row)
{
	if (o->broken || !is_wanted(o, row->type))
		return;
	if (o->files) {
		nj_logfiles_row(o->files, row, o->wall_ns);
		return;
	}
	(void)nj_format_row(&o->buf, o->conf->format, row);
	if (o->buf.bad) {
		o->broken = true;
		o->saved_errno = ENOMEM;
	} else if (o->buf.len >= FLUSH_BYTES) {
		flush(o);
	}
}

enum nj_err
nj_output_close(struct nj_output **out)
{
	struct nj_output *o = *out;
	enum nj_err err = NJ_OK;

	if (!o)
		return NJ_OK;
	if (o->files) {
		err = nj_logfiles_close(&o->files);
	} else {
		if (o->wanted_n == 1)
			nj_format_tail(&o->buf, o->conf->format, nj_wall_ns());
		flush(o);
		if (o->fd != STDOUT_FILENO && close(o->fd) && !o->broken) {
			o->broken = true;
			o->saved_errno = errno;
		}
		nj_buf_free(&o->buf);
		errno = o->saved_errno;
		err = o->broken ? NJ_E_IO : NJ_OK;
	}
	free(o);
	*out = NULL;
	return err;
}
