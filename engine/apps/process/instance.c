/*
 * instance.c - run folder and lock.
 */
#include "engine/apps/process/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
join(char *out, size_t cap, const char *a, const char *b)
{
	int n = snprintf(out, cap, "%s%s", a, b);

	return n >= 0 && (size_t)n < cap;
}

bool
nj_instance_find(struct nj_instance *out, const char *data)
{
	char whole[NJ_PATH_MAX], here[NJ_PATH_MAX];

	*out = (struct nj_instance){ 0 };
	/* The processes do not stay in the folder that a person is in. */
	if (data && data[0] != '/') {
		if (!getcwd(here, sizeof(here)) ||
			!join(here + strlen(here), sizeof(here) - strlen(here),
				"/", data))
			return false;
		memcpy(whole, here, sizeof(whole));
		data = whole;
	}
	if (!join(out->folder, sizeof(out->folder), data ? data : "",
		    data ? "/run" : NJ_RUN_FOLDER))
		return false;
	if (data &&
		(!join(out->logs, sizeof(out->logs), data, "/logs") ||
			!join(out->spool, sizeof(out->spool), data, "/spool") ||
			!join(out->store, sizeof(out->store), data, "/store") ||
			!join(out->packets, sizeof(out->packets), data,
				"/packets")))
		return false;
	return join(out->control, sizeof(out->control), out->folder,
		       "/control") &&
	       join(out->pid, sizeof(out->pid), out->folder, "/pid");
}

bool
nj_make_folders(const char *path, unsigned mode)
{
	char part[NJ_PATH_MAX];
	struct stat st;

	for (size_t i = 1; path[i] && i < sizeof(part); i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		if (mkdir(part, 0755) && errno != EEXIST)
			return false;
	}
	if (!mkdir(path, mode))
		return true;
	if (errno != EEXIST || stat(path, &st))
		return false;
	errno = ENOTDIR;
	return S_ISDIR(st.st_mode);
}

static int64_t
read_pid(int fd)
{
	char text[24] = "";
	uint64_t pid;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	struct nj_view v = { (const uint8_t *)text, n > 0 ? (size_t)n : 0 };

	if (v.len && text[v.len - 1] == '\n')
		v.len--;
	return nj_view_u64(v, &pid) ? (int64_t)pid : 0;
}

enum nj_err
nj_instance_lock(const struct nj_instance *in, int64_t *pid)
{
	int fd;

	if (!nj_make_folders(in->folder, 0750))
		return errno == EACCES ? NJ_E_ACCESS : NJ_E_IO;
	fd = open(in->pid, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return errno == EACCES ? NJ_E_ACCESS : NJ_E_IO;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		*pid = read_pid(fd);
		(void)close(fd);
		return NJ_E_STATE;
	}
	/* Kept open: the lock goes with the process, however it ends. */
	*pid = getpid();
	if (ftruncate(fd, 0) || dprintf(fd, "%lld\n", (long long)*pid) < 0)
		return NJ_E_IO;
	return NJ_OK;
}

enum nj_err
nj_instance_running(const struct nj_instance *in, int64_t *pid)
{
	int fd = open(in->pid, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	*pid = 0;
	if (fd < 0)
		return errno == EACCES ? NJ_E_ACCESS : NJ_OK;
	if (flock(fd, LOCK_SH | LOCK_NB))
		*pid = read_pid(fd);
	(void)close(fd);
	return NJ_OK;
}

bool
nj_user_find(const char *name, struct nj_user *out)
{
	const struct passwd *p = getpwnam(name);

	if (!p)
		return false;
	*out = (struct nj_user){ p->pw_uid, p->pw_gid };
	return true;
}
