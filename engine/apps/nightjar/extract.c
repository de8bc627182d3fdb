/*
 * extract.c - writes pieces of files where they belong. Nothing stays open
 * between two pieces: there is no table of files to bound, and a capture with
 * a million files needs no more descriptors than one with two.
 */
#include "engine/apps/nightjar/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct nj_extract {
	int folder;
	uint64_t bytes_max;
	/* By all workers; relaxed, as nothing else hangs on them. */
	_Atomic uint64_t taken, refused;
};

enum nj_err
nj_extract_open(struct nj_extract **out, const char *folder, uint64_t bytes_max)
{
	struct nj_extract *x;

	*out = NULL;
	if (mkdir(folder, 0700) && errno != EEXIST)
		return NJ_E_IO;
	x = calloc(1, sizeof(*x));
	if (!x)
		return NJ_E_NOMEM;
	x->bytes_max = bytes_max;
	x->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->folder < 0) {
		free(x);
		return NJ_E_IO;
	}
	*out = x;
	return NJ_OK;
}

/* Takes n bytes of the room; false when there are not as many. */
static bool
room_take(struct nj_extract *x, uint64_t n)
{
	uint64_t had = atomic_load_explicit(&x->taken, memory_order_relaxed);

	do {
		if (n > x->bytes_max - had)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&x->taken, &had,
		had + n, memory_order_relaxed, memory_order_relaxed));
	return true;
}

static bool
write_at(const struct nj_extract *x, const char *fuid, uint64_t at,
	struct nj_view v)
{
	/* A file that is there from another run is begun anew; a link that
	 * somebody has put there is not followed. */
	int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC |
		    (at ? 0 : O_TRUNC);
	int fd = openat(x->folder, fuid, flags, 0600);
	bool ok = fd >= 0;

	while (ok && v.len) {
		ssize_t n = pwrite(fd, v.data, v.len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		ok = n > 0;
		if (ok) {
			v = nj_sub(v, (size_t)n, v.len);
			at += (uint64_t)n;
		}
	}
	if (fd >= 0 && close(fd))
		ok = false;
	return ok;
}

bool
nj_extract_put(void *ctx, const char *fuid, uint64_t at, struct nj_view v)
{
	struct nj_extract *x = ctx;

	/* Offsets come from the network: a hole costs nothing on most disks,
	 * but not on all. */
	if (at <= x->bytes_max && v.len <= x->bytes_max - at &&
		room_take(x, v.len) && write_at(x, fuid, at, v))
		return true;
	atomic_fetch_add_explicit(&x->refused, 1, memory_order_relaxed);
	return false;
}

uint64_t
nj_extract_refused(const struct nj_extract *x)
{
	return atomic_load_explicit(&x->refused, memory_order_relaxed);
}

void
nj_extract_close(struct nj_extract **x)
{
	if (*x)
		(void)close((*x)->folder);
	free(*x);
	*x = NULL;
}
