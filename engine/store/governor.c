/*
 * governor.c - free space of the file system that the store is on.
 *
 * The ballast is a file of a part of the reserve. When the reserve is reached
 * it goes first, so that what has to be written in order to delete (RocksDB
 * writes a record of every deletion) has room, whatever else fills the disk.
 */
#include "engine/store/governor.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	RESERVE_PART = 50, /* of the file system, if none is asked for */
	RESERVE_PART_MAX = 8,
	BALLAST_PART = 4, /* of the reserve */
	PATH_BYTES = 4096
};
#define RESERVE_MIN (UINT64_C(256) << 20)
#define RESERVE_MAX (UINT64_C(4) << 30)
#define BALLAST_MAX (UINT64_C(256) << 20)

struct nj_governor {
	char folder[PATH_BYTES], ballast_path[PATH_BYTES];
	uint64_t reserve, ballast_bytes;
	pthread_mutex_t lock;
	bool ballast;
	_Atomic int room; /* enum nj_room */
	_Atomic uint64_t free_bytes, wants;
};

static bool
disk(const char *folder, uint64_t *size, uint64_t *free_bytes)
{
	struct statvfs v;

	if (statvfs(folder, &v))
		return false;
	*size = (uint64_t)v.f_blocks * v.f_frsize;
	*free_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	return true;
}

uint64_t
nj_governor_size(const char *folder)
{
	uint64_t size, free_bytes;

	return disk(folder, &size, &free_bytes) ? size : 0;
}

/* Blocks are really taken; a file with holes would be no ballast. */
static void
ballast_make(struct nj_governor *g)
{
	int fd = open(g->ballast_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	g->ballast = posix_fallocate(fd, 0, (off_t)g->ballast_bytes) == 0;
	(void)close(fd);
	if (!g->ballast)
		(void)unlink(g->ballast_path);
}

static void
ballast_drop(struct nj_governor *g)
{
	(void)unlink(g->ballast_path);
	g->ballast = false;
}

enum nj_err
nj_governor_open(struct nj_governor **out, const struct nj_governor_conf *conf)
{
	struct nj_governor *g = calloc(1, sizeof(*g));
	uint64_t size, free_bytes;
	int n, m;

	*out = NULL;
	if (!g)
		return NJ_E_NOMEM;
	n = snprintf(g->folder, sizeof(g->folder), "%s", conf->folder);
	m = snprintf(g->ballast_path, sizeof(g->ballast_path), "%s/ballast",
		conf->folder);
	if (n < 0 || m < 0 || (size_t)m >= sizeof(g->ballast_path) ||
		!disk(conf->folder, &size, &free_bytes)) {
		free(g);
		return NJ_E_NOENT;
	}
	g->reserve = conf->reserve_bytes;
	if (!g->reserve)
		g->reserve = nj_min(
			nj_max(size / RESERVE_PART, RESERVE_MIN), RESERVE_MAX);
	g->reserve = nj_min(g->reserve, size / RESERVE_PART_MAX);
	g->ballast_bytes = nj_min(g->reserve / BALLAST_PART, BALLAST_MAX);
	(void)pthread_mutex_init(&g->lock, NULL);
	ballast_drop(g);
	(void)nj_governor_look(g, 0);
	*out = g;
	return NJ_OK;
}

void
nj_governor_close(struct nj_governor **open_one)
{
	struct nj_governor *g = *open_one;

	*open_one = NULL;
	if (!g)
		return;
	ballast_drop(g);
	(void)pthread_mutex_destroy(&g->lock);
	free(g);
}

/* Once nothing was taken, it stays so until a quarter more than the reserve
 * and the ballast are there: else it would change at every look. */
static enum nj_room
judge(struct nj_governor *g, uint64_t left)
{
	uint64_t low = g->reserve * 2, again = g->reserve * 5 / 4;

	if (atomic_load(&g->room) == NJ_ROOM_NONE &&
		left < again + g->ballast_bytes)
		return NJ_ROOM_NONE;
	if (left < g->reserve) {
		ballast_drop(g);
		return NJ_ROOM_NONE;
	}
	if (!g->ballast && left > g->reserve + g->ballast_bytes)
		ballast_make(g);
	return left < low ? NJ_ROOM_LOW : NJ_ROOM_FINE;
}

enum nj_room
nj_governor_look(struct nj_governor *g, uint64_t pending)
{
	uint64_t size, free_bytes, left, fine = g->reserve * 9 / 4;
	enum nj_room room;

	/* A disk that cannot be asked is one that cannot be written. */
	if (!disk(g->folder, &size, &free_bytes))
		free_bytes = 0;
	left = free_bytes > pending ? free_bytes - pending : 0;
	(void)pthread_mutex_lock(&g->lock);
	room = judge(g, left);
	atomic_store(&g->room, room);
	atomic_store(&g->free_bytes, free_bytes);
	atomic_store(&g->wants,
		room == NJ_ROOM_FINE || left >= fine ? 0 : fine - left);
	(void)pthread_mutex_unlock(&g->lock);
	return room;
}

enum nj_room
nj_governor_room(const struct nj_governor *g)
{
	return (enum nj_room)atomic_load(&g->room);
}

uint64_t
nj_governor_free(const struct nj_governor *g)
{
	return atomic_load(&g->free_bytes);
}

uint64_t
nj_governor_wants(const struct nj_governor *g)
{
	return atomic_load(&g->wants);
}
