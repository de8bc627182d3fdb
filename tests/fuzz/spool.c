/*
 * spool.c - fuzzes the readers of spool files: bytes that a disk gives back,
 * of a segment that was torn or damaged, to the brain and to a writer that
 * takes the segment up.
 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/event/spool.h"
#include "engine/event/spool_priv.h"

#define FUZZSPOOL(F, tag) F(tag, 1, U64, number, 0, "")
NJ_EVENT(fuzzspool, FUZZSPOOL, "A row that is put after what was there");

enum { EPOCH = 1, SIZE_MAX_ = 1 << 20 };

static char path[] = "/tmp/nj-fuzz-spool-XXXXXX";
static int folder;
static uint8_t row_bytes[256];
static size_t row_len;

static void
leave(void)
{
	uint64_t none[NJ_SPOOL_LANES_MAX] = { 0 };

	nj_spool_clear(folder, EPOCH, none, true);
	(void)rmdir(path);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct fuzzspool_event ev = { .number = 7 };
	struct nj_head head = { .order_ns = 1 };

	NJ_ASSERT(!nj_event_register(&fuzzspool_desc));
	row_len = nj_row_encode(
		row_bytes, sizeof(row_bytes), &fuzzspool_desc, &head, &ev);
	NJ_ASSERT(row_len && mkdtemp(path));
	folder = open(path, O_RDONLY | O_DIRECTORY);
	NJ_ASSERT(folder >= 0 && !atexit(leave));
	return 0;
}

static void
write_file(const uint8_t *data, size_t size)
{
	struct nj_spool_file f = { .epoch = EPOCH };
	char name[NJ_SPOOL_NAME_BYTES];
	int fd;

	nj_spool_name(name, &f);
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	NJ_ASSERT(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	(void)close(fd);
}

/* Positions rise, bytes are not given twice, and it comes to an end. Gives the
 * rows. */
static size_t
read_all(size_t size, bool live, uint64_t from)
{
	struct nj_spool_reader *r;
	uint64_t last = from;
	struct nj_row row;
	size_t rows = 0, bytes = 0;

	NJ_ASSERT(!nj_spool_reader_open(&r, folder, EPOCH, 0, live));
	nj_spool_seek(r, from);
	while (nj_spool_next(r, UINT64_MAX, &row)) {
		NJ_ASSERT(
			row.position - row.len >= last && row.position > last);
		last = row.position;
		bytes += row.len;
		rows++;
		NJ_ASSERT(bytes <= size + row_len);
	}
	NJ_ASSERT(!nj_spool_next(r, UINT64_MAX, &row));
	nj_spool_reader_close(&r);
	return rows;
}

/* A writer goes on after it, and what it puts is had. */
static void
take_up(size_t size)
{
	struct nj_spool_conf conf = { path, EPOCH, INT64_MAX, 1 };
	struct nj_spool_batch b = { .rows = { row_bytes, row_len },
		.count = 1 };
	struct nj_spool *s;
	size_t before = read_all(size, true, 0);

	NJ_ASSERT(!nj_spool_open(&s, &conf));
	b.position = nj_spool_end(s, 0);
	if (b.position < INT64_MAX) {
		NJ_ASSERT(!nj_spool_put(s, 0, &b));
		NJ_ASSERT(read_all(size, true, 0) == before + 1);
		NJ_ASSERT(read_all(size, true, b.position) == 1);
	}
	nj_spool_release(s, 0, UINT64_MAX);
	nj_spool_tidy(s);
	nj_spool_close(&s);
}

/* Puts right what a fuzzer would have to guess: heads and checksums, as long
 * as a batch's zero says so. */
static void
put_right(uint8_t *data, size_t size)
{
	struct nj_spool_batch_head h;
	uint64_t at = NJ_SPOOL_HEAD_BYTES, position = 0;

	while (at + sizeof(h) < size) {
		uint32_t left = (uint32_t)(size - at - sizeof(h)), was;

		memcpy(&h, data + at, sizeof(h));
		was = h.zero;
		h.bytes = h.bytes % left + 1;
		if (was & 1)
			h.position = position;
		h.position &= UINT64_MAX >> (was >> 8 & 63);
		nj_spool_batch_seal(&h, EPOCH,
			(struct nj_view){ data + at + sizeof(h), h.bytes });
		if (was & 2)
			h.rows_crc ^= was;
		if (!(was & 4))
			memcpy(data + at, &h, sizeof(h));
		position = h.position + h.bytes;
		at += nj_spool_batch_room(h.bytes);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (size > SIZE_MAX_)
		return 0;
	write_file(data, size);
	take_up(size);
	copy = malloc(size + 1);
	NJ_ASSERT(copy);
	if (size)
		memcpy(copy, data, size);
	put_right(copy, size);
	write_file(copy, size);
	(void)read_all(size, false, 0);
	(void)read_all(size, true, size / 2);
	take_up(size);
	free(copy);
	return 0;
}
