/*
 * check_log.c - are the log's files sound? RocksDB reads over damaged records
 * when it opens a store, and a follower stops at them; so that they are told
 * of, records are read here as its "Write Ahead Log File Format" says: pages
 * of 32 KiB, in each records of u32 masked CRC-32C, u16 length, u8 type (1 to
 * 4; 5 to 8 with a u32 log number after it), bytes.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/crc.h"
#include "engine/store/check_priv.h"

enum {
	PAGE = 32768,
	HEAD = 7,
	HEAD_RECYCLED = 11,
	TYPE_RECYCLED = 5,
	TYPE_LAST = 8,
	PATH_BYTES = 4096
};

/* RocksDB stores checksums turned and shifted, so that a checksum of bytes
 * with checksums in them stays one. */
static uint32_t
unmask(uint32_t masked)
{
	uint32_t turned = masked - UINT32_C(0xa282ead8);

	return turned >> 17 | turned << 15;
}

/* The length of a sound record at the place in a page of n bytes; 0: none. */
static size_t
record_bytes(const uint8_t *page, size_t at, size_t n)
{
	const uint8_t *p = page + at;
	uint32_t crc;
	size_t len, head = HEAD;

	if (n - at < HEAD)
		return 0;
	crc = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	      (uint32_t)p[3] << 24;
	len = (size_t)p[4] | (size_t)p[5] << 8;
	if (p[6] == 0 || p[6] > TYPE_LAST)
		return 0;
	if (p[6] >= TYPE_RECYCLED)
		head = HEAD_RECYCLED;
	if (n - at < head + len ||
		unmask(crc) != nj_crc32c(0, p + 6, head - 6 + len))
		return 0;
	return head + len;
}

/* True when all of a page is records, but for an end too short for one. */
static bool
page_sound(const uint8_t *page, size_t n, size_t *good)
{
	size_t took;

	*good = 0;
	while (n - *good >= HEAD) {
		took = record_bytes(page, *good, n);
		if (!took)
			return false;
		*good += took;
	}
	return true;
}

/* Is there a record behind the place? Then what is there was one. */
static bool
record_behind(const uint8_t *page, size_t at, size_t n)
{
	for (at++; at + HEAD < n; at++)
		if (record_bytes(page, at, n))
			return true;
	return false;
}

static void
told(struct check *k, const char *name, uint64_t at)
{
	check_found(k, "log %s: damaged at byte %llu", name,
		(unsigned long long)at);
}

/* A page that is not sound to its end tells of damage when something follows;
 * at the end of a file it is how a log that is being written looks. */
static void
file_check(struct check *k, const char *path, const char *name)
{
	FILE *f = fopen(path, "rbe");
	uint8_t *page = malloc(PAGE);
	uint64_t place = 0;
	size_t n, bad_at = 0;
	bool bad = false;

	while (f && page && (n = fread(page, 1, PAGE, f)) > 0) {
		if (bad)
			told(k, name, place - PAGE + bad_at);
		bad = !page_sound(page, n, &bad_at);
		if (bad && record_behind(page, bad_at, n)) {
			told(k, name, place + bad_at);
			bad = false;
		}
		place += n;
	}
	if (f)
		(void)fclose(f);
	free(page);
}

void
check_log(struct check *k, const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name);
		char path[PATH_BYTES];

		if (n < 4 || strcmp(e->d_name + n - 4, ".log") != 0)
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", folder, e->d_name) <
			(int)sizeof(path))
			file_check(k, path, e->d_name);
	}
	if (d)
		(void)closedir(d);
}
