/*
 * conf.c - making, loading, changing and freeing a configuration.
 */
#include "engine/conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/log.h"
#include "engine/base/nearest.h"
#include "engine/conf/conf_priv.h"

struct nj_conf_arena {
	struct nj_conf_arena *next;
	size_t used, size;
	_Alignas(16) uint8_t bytes[];
};

void *
conf_keep(struct nj_conf *conf, size_t bytes)
{
	struct nj_conf_arena *a = conf->arena;
	size_t size;
	void *p;

	bytes = (bytes + 15) & ~(size_t)15;
	if (!a || a->size - a->used < bytes) {
		size = nj_max(bytes, (size_t)4096);
		a = malloc(sizeof(*a) + size);
		if (!a)
			return NULL;
		*a = (struct nj_conf_arena){ conf->arena, 0, size };
		conf->arena = a;
	}
	p = a->bytes + a->used;
	a->used += bytes;
	return p;
}

void
nj_conf_destroy(struct nj_conf **conf)
{
	struct nj_conf_arena *a, *next;

	if (!*conf)
		return;
	for (a = (*conf)->arena; a; a = next) {
		next = a->next;
		free(a);
	}
	free(*conf);
	*conf = NULL;
}

/* "" where the table says "\"\"": defaults are written as in the file. */
static struct nj_view
initial_of(const struct conf_option *o)
{
	struct nj_view v = nj_str(o->initial);

	if (v.len >= 2 && v.data[0] == '"')
		v = nj_sub(v, 1, v.len - 2);
	return v;
}

static struct nj_conf *
create(const char *name)
{
	struct nj_conf *conf = calloc(1, sizeof(*conf));
	struct conf_problem problem;
	char *copy;

	if (!conf)
		return NULL;
	copy = conf_keep(conf, strlen(name) + 1);
	if (!copy)
		goto fail;
	memcpy(copy, name, strlen(name) + 1);
	conf->file = copy;
	for (unsigned i = 0; i < NJ_CONF_COUNT; i++)
		if (!conf_value_set_any(conf, &conf_options[i],
			    initial_of(&conf_options[i]), &problem)) {
			nj_error("conf", "default of %s: %s",
				conf_options[i].member, problem.why);
			goto fail;
		}
	return conf;
fail:
	nj_conf_destroy(&conf);
	return NULL;
}

enum nj_err
nj_conf_parse(struct nj_conf **out, struct nj_view text, const char *name,
	struct nj_buf *errors)
{
	struct nj_conf *conf = create(name);

	*out = NULL;
	if (!conf) {
		nj_buf_printf(
			errors, "%s: %s\n", name, nj_err_text(NJ_E_NOMEM));
		return NJ_E_NOMEM;
	}
	if (!conf_yaml_read(conf, text, errors)) {
		nj_conf_destroy(&conf);
		return NJ_E_CONFIG;
	}
	*out = conf;
	return NJ_OK;
}

static enum nj_err
read_all(int fd, struct nj_buf *text)
{
	for (;;) {
		ssize_t n;

		if (text->len > CONF_FILE_BYTES_MAX)
			return NJ_E_RANGE;
		if (!nj_buf_room(text, 65536))
			return NJ_E_NOMEM;
		n = read(fd, text->data + text->len, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return NJ_E_IO;
		if (n == 0)
			return NJ_OK;
		text->len += (size_t)n;
	}
}

enum nj_err
nj_conf_read(const char *path, struct nj_buf *text, struct nj_buf *errors)
{
	enum nj_err err;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		nj_buf_printf(errors, "%s: cannot be read: %s\n", path,
			strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return errno == ENOENT ? NJ_E_NOENT : NJ_E_ACCESS;
	}
	err = S_ISDIR(st.st_mode) ? NJ_E_FORMAT : read_all(fd, text);
	(void)close(fd);
	if (err == NJ_E_RANGE)
		nj_buf_printf(errors,
			"%s: is larger than 1 MiB: give the file with "
			"Nightjar's options\n",
			path);
	else if (err)
		nj_buf_printf(errors, "%s: cannot be read: %s\n", path,
			S_ISDIR(st.st_mode) ? "it is a folder"
					    : nj_err_text(err));
	return err;
}

enum nj_err
nj_conf_load(struct nj_conf **out, const char *path, struct nj_buf *errors)
{
	struct nj_buf text = { 0 };
	enum nj_err err;

	*out = NULL;
	if (!path)
		return nj_conf_parse(out, NJ_LIT(""), "", errors);
	err = nj_conf_read(path, &text, errors);
	if (!err)
		err = nj_conf_parse(out,
			(struct nj_view){ text.data, text.len }, path, errors);
	nj_buf_free(&text);
	return err;
}

void
nj_conf_say(struct nj_buf *errors)
{
	size_t at, begin = 0;

	for (; begin < errors->len; begin += at + 1) {
		at = nj_view_chr((struct nj_view){ errors->data + begin,
					 errors->len - begin },
			'\n');
		(void)fprintf(stderr, "nightjar: %.*s\n",
			(int)nj_min(at, errors->len - begin),
			errors->data + begin);
		if (at == SIZE_MAX)
			break;
	}
	nj_buf_free(errors);
}

struct nj_conf *
nj_conf_open(const char *path)
{
	struct nj_buf errors = { 0 };
	struct nj_conf *conf;

	if (!path && access(NJ_CONF_PATH, F_OK) == 0)
		path = NJ_CONF_PATH;
	(void)!nj_conf_load(&conf, path, &errors);
	nj_conf_say(&errors);
	return conf;
}

static const struct conf_option *
find(const char *path)
{
	char name[CONF_PATH_MAX];

	for (unsigned i = 0; i < NJ_CONF_COUNT; i++) {
		(void)conf_path(conf_options[i].member, name);
		if (!strcmp(name, path))
			return &conf_options[i];
	}
	return NULL;
}

static void
complain_unknown(const char *path, struct nj_buf *errors)
{
	char names[NJ_CONF_COUNT][CONF_PATH_MAX];
	struct nj_nearest near = { .word = nj_str(path) };

	for (unsigned i = 0; i < NJ_CONF_COUNT; i++) {
		(void)conf_path(conf_options[i].member, names[i]);
		nj_nearest_try(&near, nj_str(names[i]));
	}
	nj_buf_printf(errors, "%s: no such option: ", path);
	if (near.best.data)
		nj_buf_printf(errors, "did you mean %s?\n",
			(const char *)near.best.data);
	else
		nj_buf_str(errors, "see nightjar config reference\n");
}

enum nj_err
nj_conf_set(struct nj_conf *conf, const char *path, const char *value,
	struct nj_buf *errors)
{
	const struct conf_option *o = find(path);
	struct conf_problem problem = { 0 };

	if (!o) {
		complain_unknown(path, errors);
		return NJ_E_CONFIG;
	}
	if (!conf_value_set_any(conf, o, nj_str(value), &problem)) {
		nj_buf_printf(errors, "%s: %s: %s\n", path, problem.why,
			problem.remedy);
		return NJ_E_CONFIG;
	}
	conf->origin[o - conf_options] =
		(struct nj_conf_origin){ .from = NJ_CONF_COMMAND };
	return NJ_OK;
}

void
nj_conf_complain(const struct nj_conf *conf, enum nj_conf_id id,
	const char *why, const char *remedy)
{
	const struct nj_conf_origin *from = &conf->origin[id];
	char path[CONF_PATH_MAX], what[4200];

	(void)conf_path(conf_options[id].member, path);
	if (from->from == NJ_CONF_FILE)
		(void)snprintf(what, sizeof(what), "%s:%u:%u: %s", conf->file,
			from->line, from->column, path);
	else
		(void)snprintf(what, sizeof(what), "%s", path);
	nj_complain(what, why, remedy);
}

unsigned
nj_conf_restarts(const struct nj_conf *old, const struct nj_conf *new,
	struct nj_buf *names)
{
	struct nj_buf a = { 0 }, b = { 0 };
	char path[CONF_PATH_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < NJ_CONF_COUNT; i++) {
		const struct conf_option *o = &conf_options[i];

		if (o->reload)
			continue;
		nj_buf_reset(&a);
		nj_buf_reset(&b);
		conf_value_text(&a, o, conf_member(old, o));
		conf_value_text(&b, o, conf_member(new, o));
		if (nj_view_eq((struct nj_view){ a.data, a.len },
			    (struct nj_view){ b.data, b.len }))
			continue;
		(void)conf_path(o->member, path);
		nj_buf_printf(names, "%s\n", path);
		count++;
	}
	nj_buf_free(&a);
	nj_buf_free(&b);
	return count;
}

static size_t
value_bytes(const struct conf_option *o)
{
	static const size_t bytes[] = {
#define T(name, c) sizeof(nj_conf_ctype_##name),
		NJ_CONF_TYPES(T)
#undef T
	};

	return bytes[o->type];
}

void
nj_conf_take(struct nj_conf *into, const struct nj_conf *from)
{
	for (unsigned i = 0; i < NJ_CONF_COUNT; i++) {
		const struct conf_option *o = &conf_options[i];

		if (!o->reload)
			continue;
		memcpy(conf_member(into, o), conf_member(from, o),
			value_bytes(o));
		into->origin[i] = from->origin[i];
	}
}
