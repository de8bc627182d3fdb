/*
 * memo.c - what an output has to remember beside its position: which store
 * it speaks for, and which batch it may have sent. A small text file that is
 * replaced whole: it is the old one or the new one, never half of each.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "engine/store/output/output.h"

enum { TEXT_MAX = 256, PATH_CAP = 4096 };

#define FORM                                                                   \
	"nightjar-outbox 1\nsource %016" PRIx64 "\nfrom %" PRIu64              \
	"\nto %" PRIu64 "\nmark %" PRIu64 "\n"

static bool
path_of(char out[PATH_CAP], const char *folder, const char *name,
	const char *end)
{
	int n = snprintf(out, PATH_CAP, "%s/%s.outbox%s", folder, name, end);

	return n > 0 && n < PATH_CAP;
}

static enum nj_err
err_of(int error)
{
	return error == EACCES ? NJ_E_ACCESS : NJ_E_IO;
}

/* Which store this is must not be the number of another one. */
static enum nj_err
begin(struct nj_output_memo *out)
{
	*out = (struct nj_output_memo){ 0 };
	if (getrandom(&out->source, sizeof(out->source), 0) !=
		(ssize_t)sizeof(out->source))
		return NJ_E_SYSTEM;
	return NJ_OK;
}

enum nj_err
nj_output_memo_read(
	struct nj_output_memo *out, const char *folder, const char *name)
{
	char path[PATH_CAP], text[TEXT_MAX];
	ssize_t n;
	int fd;

	if (!path_of(path, folder, name, ""))
		return NJ_E_RANGE;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? begin(out) : err_of(errno);
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n < 0)
		return NJ_E_IO;
	text[n] = '\0';
	/* NOLINTNEXTLINE(cert-err34-c): we wrote it, and replace it whole. */
	if (sscanf(text,
		    "nightjar-outbox 1 source %" SCNx64 " from %" SCNu64
		    " to %" SCNu64 " mark %" SCNu64,
		    &out->source, &out->from, &out->to, &out->mark) == 4)
		return NJ_OK;
	return begin(out) ? NJ_E_SYSTEM : NJ_E_FORMAT;
}

/* A name is on the disk when its folder is. */
static enum nj_err
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed;

	if (fd < 0)
		return err_of(errno);
	failed = fsync(fd);
	(void)close(fd);
	return failed ? NJ_E_IO : NJ_OK;
}

enum nj_err
nj_output_memo_write(
	const struct nj_output_memo *memo, const char *folder, const char *name)
{
	char path[PATH_CAP], fresh[PATH_CAP], text[TEXT_MAX];
	int n = snprintf(text, sizeof(text), FORM, memo->source, memo->from,
		memo->to, memo->mark);
	bool good;
	int fd;

	if (!path_of(path, folder, name, "") ||
		!path_of(fresh, folder, name, ".new"))
		return NJ_E_RANGE;
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_of(errno);
	good = write(fd, text, (size_t)n) == n && !fsync(fd);
	good = !close(fd) && good;
	if (!good || rename(fresh, path))
		return NJ_E_IO;
	return sync_folder(folder);
}
