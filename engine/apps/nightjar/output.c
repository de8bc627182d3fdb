/*
 * output.c - records as JSON lines to a stream, a file or a folder.
 */
#include "engine/apps/nightjar/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/base/nearest.h"
#include "engine/event/logfiles.h"

enum { FLUSH_BYTES = 256 * 1024 };

struct nj_output {
	const struct nj_arg_list *types;
	struct nj_logfiles *files; /* or, if NULL: */
	int fd;
	struct nj_buf buf;
	bool broken;
	int saved_errno;
	uint32_t wanted[NJ_ARG_LIST_MAX];
};

static void
why_unknown(const char *name, char *why, size_t cap)
{
	struct nj_nearest near = { .word = nj_str(name) };
	const struct nj_event_desc *desc;

	for (unsigned i = 0; (desc = nj_event_at(i)); i++)
		nj_nearest_try(&near, nj_str(desc->name));
	(void)snprintf(why, cap, "no log type named \"%.60s\"%s%.*s%s", name,
		near.best.len ? ", did you mean " : "", (int)near.best.len,
		near.best.len ? (const char *)near.best.data : "",
		near.best.len ? "?" : "");
}

bool
nj_output_check_types(const struct nj_arg_list *types, char *why, size_t cap)
{
	char name[64];

	for (unsigned i = 0; i < types->n; i++) {
		(void)snprintf(name, sizeof(name), "%.*s", (int)types->v[i].len,
			(const char *)types->v[i].data);
		if (nj_event_find(name))
			continue;
		why_unknown(name, why, cap);
		return false;
	}
	return true;
}

static enum nj_err
output_create(struct nj_output **out, const struct nj_arg_list *types)
{
	struct nj_output *o = calloc(1, sizeof(*o));
	char name[64];

	*out = NULL;
	if (!o)
		return NJ_E_NOMEM;
	o->types = types;
	for (unsigned i = 0; i < types->n; i++) {
		const struct nj_event_desc *desc;

		(void)snprintf(name, sizeof(name), "%.*s", (int)types->v[i].len,
			(const char *)types->v[i].data);
		desc = nj_event_find(name);
		o->wanted[i] = desc ? nj_event_type(desc) : 0;
	}
	*out = o;
	return NJ_OK;
}

enum nj_err
nj_output_open_stream(struct nj_output **out, const struct nj_arg_list *types)
{
	enum nj_err err = output_create(out, types);

	if (!err)
		(*out)->fd = STDOUT_FILENO;
	return err;
}

enum nj_err
nj_output_open_file(struct nj_output **out, const char *path,
	const struct nj_arg_list *types)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	enum nj_err err;

	*out = NULL;
	if (fd < 0)
		return errno == EACCES ? NJ_E_ACCESS : NJ_E_IO;
	err = output_create(out, types);
	if (err)
		(void)close(fd);
	else
		(*out)->fd = fd;
	return err;
}

enum nj_err
nj_output_open_folder(struct nj_output **out, const char *folder,
	const struct nj_arg_list *types)
{
	struct nj_logfiles_conf conf = { .folder = folder };
	enum nj_err err = output_create(out, types);

	if (!err)
		err = nj_logfiles_open(&(*out)->files, &conf);
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
	for (unsigned i = 0; i < o->types->n; i++)
		if (o->wanted[i] == type)
			return true;
	return !o->types->n;
}

void
nj_output_row(struct nj_output *o, const struct nj_row *row)
{
	if (o->broken || !is_wanted(o, row->type))
		return;
	if (o->files) {
		nj_logfiles_row(o->files, row, 0);
		return;
	}
	nj_row_json(&o->buf, row);
	nj_buf_char(&o->buf, '\n');
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
