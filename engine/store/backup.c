/*
 * backup.c - a copy of a store that may be written meanwhile, and back.
 *
 * Files of the library never change once they are written, but for the log,
 * which only grows, and the manifest, which lists the others. So files are
 * linked into a folder beside the store first, then the manifest is copied,
 * then what came meanwhile is linked: whatever that manifest names is there,
 * unless a file came and went in between, which opening the copy shows; then
 * it is done again. Logs are copied, as the store goes on writing to them.
 * What opens and is sound is copied to where it was asked for, with hashes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/crypt/hash.h"
#include "engine/store/upkeep.h"

enum {
	PATH_BYTES = 4096,
	COPY_BYTES = 1 << 16,
	HEX_BYTES = 2 * NJ_SHA256_BYTES,
	TRIES = 5
};

static const char sums_name[] = "SHA256SUMS";

/* What is done with each file of a folder. */
struct each {
	const char *from, *to;
	enum nj_err (*file)(struct each *e, const char *name);
	struct nj_store_copy *copy;
	FILE *sums;
};

static enum nj_err
errno_err(void)
{
	switch (errno) {
	case ENOENT:
		return NJ_E_NOENT;
	case EACCES:
	case EPERM:
	case EROFS:
		return NJ_E_ACCESS;
	case ENOSPC:
		return NJ_E_FULL;
	case EEXIST:
		return NJ_E_STATE;
	default:
		return NJ_E_IO;
	}
}

static bool
path_join(char out[PATH_BYTES], const char *folder, const char *name)
{
	int n = snprintf(out, PATH_BYTES, "%s/%s", folder, name);

	return n > 0 && n < PATH_BYTES;
}

static bool
ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcmp(name + n - m, end);
}

static enum nj_err
each_file(struct each *e)
{
	DIR *d = opendir(e->from);
	const struct dirent *f;
	enum nj_err err = d ? NJ_OK : errno_err();

	while (!err && (f = readdir(d)) != NULL)
		if (f->d_name[0] != '.')
			err = e->file(e, f->d_name);
	if (d)
		(void)closedir(d);
	return err;
}

static enum nj_err
file_drop(struct each *e, const char *name)
{
	char path[PATH_BYTES];

	if (path_join(path, e->from, name))
		(void)unlink(path);
	return NJ_OK;
}

static void
folder_drop(const char *folder)
{
	struct each e = { .from = folder, .file = file_drop };

	(void)!each_file(&e);
	(void)rmdir(folder);
}

/* The bytes of one file into another, hashed. The source may be written to
 * meanwhile: what is there when it comes to it is what is taken. */
static enum nj_err
bytes_copy(int in, int out, struct nj_hasher *h, uint64_t *bytes)
{
	static _Thread_local uint8_t piece[COPY_BYTES];
	ssize_t n;

	while ((n = read(in, piece, sizeof(piece))) > 0) {
		nj_hasher_add(h, (struct nj_view){ piece, (size_t)n });
		*bytes += (uint64_t)n;
		for (ssize_t at = 0, did; at < n; at += did) {
			did = write(out, piece + at, (size_t)(n - at));
			if (did < 0)
				return errno_err();
		}
	}
	return n < 0 ? errno_err() : NJ_OK;
}

static enum nj_err
file_copy(const char *from, const char *to, char hex[HEX_BYTES + 1],
	uint64_t *bytes)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = in < 0 ? -1
			 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				   0640);
	uint8_t sum[NJ_SHA256_BYTES];
	struct nj_hasher h;
	enum nj_err err = out < 0 ? errno_err() : NJ_OK;

	nj_hasher_start(&h, NJ_HASH_SHA256);
	if (!err)
		err = bytes_copy(in, out, &h, bytes);
	if (!err && fdatasync(out))
		err = errno_err();
	if (in >= 0)
		(void)close(in);
	if (out >= 0)
		(void)close(out);
	(void)nj_hasher_end(&h, sum);
	nj_hex((struct nj_view){ sum, sizeof(sum) }, hex);
	hex[HEX_BYTES] = 0;
	return err;
}

/* ---- The moment ---- */

static enum nj_err
file_link(struct each *e, const char *name)
{
	char from[PATH_BYTES], to[PATH_BYTES];

	if (!ends_in(name, ".sst") && !ends_in(name, ".log"))
		return NJ_OK;
	if (!path_join(from, e->from, name) || !path_join(to, e->to, name))
		return NJ_E_RANGE;
	/* One that has gone meanwhile was not to be had any more. */
	if (!link(from, to) || errno == EEXIST || errno == ENOENT)
		return NJ_OK;
	return errno_err();
}

/* The manifest, and CURRENT, which names it. */
static enum nj_err
manifest_copy(const char *store, const char *stage)
{
	char name[64] = "", from[PATH_BYTES], to[PATH_BYTES];
	char hex[HEX_BYTES + 1];
	uint64_t bytes = 0;
	enum nj_err err;
	FILE *f;

	if (!path_join(from, store, "CURRENT") ||
		!path_join(to, stage, "CURRENT"))
		return NJ_E_RANGE;
	err = file_copy(from, to, hex, &bytes);
	f = err ? NULL : fopen(to, "re");
	if (f && !fgets(name, sizeof(name), f))
		err = NJ_E_FORMAT;
	if (f)
		(void)fclose(f);
	name[strcspn(name, "\n")] = 0;
	if (!err && (strncmp(name, "MANIFEST-", 9) != 0 || strchr(name, '/')))
		err = NJ_E_FORMAT;
	if (err || !path_join(from, store, name) || !path_join(to, stage, name))
		return err ? err : NJ_E_RANGE;
	return file_copy(from, to, hex, &bytes);
}

/* A log of its own instead of the link. */
static enum nj_err
log_own(struct each *e, const char *name)
{
	char path[PATH_BYTES], own[PATH_BYTES], hex[HEX_BYTES + 1];
	uint64_t bytes = 0;
	enum nj_err err;

	if (!ends_in(name, ".log"))
		return NJ_OK;
	if (!path_join(path, e->from, name) ||
		snprintf(own, sizeof(own), "%s.own", path) >= PATH_BYTES)
		return NJ_E_RANGE;
	err = file_copy(path, own, hex, &bytes);
	if (!err && rename(own, path))
		err = errno_err();
	return err;
}

static enum nj_err
stage_fill(const char *store, const char *stage)
{
	struct each links = { .from = store, .to = stage, .file = file_link };
	struct each logs = { .from = stage, .file = log_own };
	enum nj_err err = each_file(&links);

	if (!err)
		err = manifest_copy(store, stage);
	if (!err)
		err = each_file(&links);
	return err ? err : each_file(&logs);
}

/* Opened as a store of its own, so that what is in the log goes into files. */
static enum nj_err
stage_open(const char *stage, char why[NJ_KV_WHY])
{
	struct nj_kv_conf conf = { .folder = stage, .mode = NJ_KV_OWN };
	struct nj_kv *kv;
	enum nj_err err = nj_kv_open(&kv, &conf, why);

	if (err)
		return err;
	err = nj_kv_flush(kv);
	nj_kv_close(&kv);
	return err;
}

static enum nj_err
stage_make(const char *store, const char *stage, char why[NJ_KV_WHY])
{
	struct nj_store_check c = { 0 };
	enum nj_err err = NJ_E_IO;

	for (unsigned i = 0; err && err != NJ_E_ACCESS && i < TRIES; i++) {
		folder_drop(stage);
		err = mkdir(stage, 0700) ? errno_err()
					 : stage_fill(store, stage);
		if (!err)
			err = stage_open(stage, why);
		c.broken = 0;
		if (!err)
			err = nj_store_check(stage, &c, why);
		/* Damage of the store itself is copied with it. */
		if (!err && c.broken && i + 1 < TRIES)
			err = NJ_E_IO;
	}
	return err;
}

/* ---- The copy ---- */

static enum nj_err
file_pack(struct each *e, const char *name)
{
	char from[PATH_BYTES], to[PATH_BYTES], hex[HEX_BYTES + 1];
	enum nj_err err;

	if (!strncmp(name, "LO", 2)) /* LOCK, LOG and older ones of that */
		return NJ_OK;
	if (!path_join(from, e->from, name) || !path_join(to, e->to, name))
		return NJ_E_RANGE;
	err = file_copy(from, to, hex, &e->copy->bytes);
	if (!err && fprintf(e->sums, "%s  %s\n", hex, name) < 0)
		err = NJ_E_IO;
	e->copy->files++;
	return err;
}

static enum nj_err
pack(struct nj_store_copy *c, const char *stage)
{
	struct each e = {
		.from = stage, .to = c->path, .file = file_pack, .copy = c
	};
	char path[PATH_BYTES];
	enum nj_err err;

	if (!path_join(path, c->path, sums_name))
		return NJ_E_RANGE;
	if (mkdir(c->path, 0700))
		return errno_err();
	e.sums = fopen(path, "wxe");
	if (!e.sums)
		return errno_err();
	err = each_file(&e);
	if (!err && (fflush(e.sums) || fsync(fileno(e.sums))))
		err = NJ_E_IO;
	if (fclose(e.sums) && !err)
		err = NJ_E_IO;
	return err;
}

enum nj_err
nj_store_backup(struct nj_store_copy *c, char why[NJ_KV_WHY])
{
	char stage[PATH_BYTES];
	enum nj_err err;

	why[0] = 0;
	if (snprintf(stage, sizeof(stage), "%s.backup", c->folder) >=
		PATH_BYTES)
		return NJ_E_RANGE;
	err = stage_make(c->folder, stage, why);
	if (!err)
		err = pack(c, stage);
	folder_drop(stage);
	return err;
}

/* ---- Back ---- */

/* One line of the sums: the file it names, compared, into the folder. */
static enum nj_err
line_restore(struct nj_store_copy *c, char *line, const char *to)
{
	char from_path[PATH_BYTES], to_path[PATH_BYTES], hex[HEX_BYTES + 1];
	char *name = line + HEX_BYTES + 2;
	enum nj_err err;

	line[strcspn(line, "\n")] = 0;
	if (strlen(line) < HEX_BYTES + 3 || name[0] == '.' ||
		strchr(name, '/') || !path_join(from_path, c->path, name) ||
		!path_join(to_path, to, name))
		return NJ_E_FORMAT;
	err = file_copy(from_path, to_path, hex, &c->bytes);
	if (!err && strncmp(hex, line, HEX_BYTES) != 0)
		err = NJ_E_FORMAT;
	c->files++;
	return err;
}

static enum nj_err
files_restore(struct nj_store_copy *c, const char *to, char why[NJ_KV_WHY])
{
	char path[PATH_BYTES], line[512];
	enum nj_err err = NJ_OK;
	FILE *f;

	if (!path_join(path, c->path, sums_name))
		return NJ_E_RANGE;
	f = fopen(path, "re");
	if (!f) {
		err = errno_err();
		(void)snprintf(why, NJ_KV_WHY, "%s is not there", sums_name);
		return err;
	}
	while (!err && fgets(line, sizeof(line), f)) {
		err = line_restore(c, line, to);
		if (err)
			(void)snprintf(why, NJ_KV_WHY,
				"not as it was copied: %.160s", line);
	}
	(void)fclose(f);
	return err || c->files ? err : NJ_E_EMPTY;
}

enum nj_err
nj_store_restore(struct nj_store_copy *c, char why[NJ_KV_WHY])
{
	char stage[PATH_BYTES];
	enum nj_err err;

	why[0] = 0;
	if (snprintf(stage, sizeof(stage), "%s.restore", c->folder) >=
		PATH_BYTES)
		return NJ_E_RANGE;
	if (!access(c->folder, F_OK)) {
		(void)snprintf(why, NJ_KV_WHY,
			"there is a store already; move it away");
		return NJ_E_STATE;
	}
	folder_drop(stage);
	if (mkdir(stage, 0750))
		return errno_err();
	err = files_restore(c, stage, why);
	if (!err)
		err = stage_open(stage, why);
	if (!err && rename(stage, c->folder))
		err = errno_err();
	if (err)
		folder_drop(stage);
	return err;
}
