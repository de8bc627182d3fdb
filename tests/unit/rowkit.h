/*
 * rowkit.h - rows whose content follows from a number, for tests of what
 * carries rows.
 */
#ifndef NJ_TESTS_UNIT_ROWKIT_H
#define NJ_TESTS_UNIT_ROWKIT_H

#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/base/hash.h"
#include "engine/event/row.h"

#define ROWTEST(F, tag)                                                        \
	F(tag, 1, U64, number, 0, "Counts up")                                 \
	F(tag, 2, STR, text, 0, "Its length and bytes follow from number")
NJ_EVENT(rowtest, ROWTEST, "A row whose content can be checked");

enum { ROWTEST_TEXT_MAX = 900 };

/* The text of a row is a run of one letter; both follow from the number. */
static inline struct nj_view
rowtest_text(uint64_t number, uint8_t letters[ROWTEST_TEXT_MAX])
{
	size_t n = nj_mix64(number) % ROWTEST_TEXT_MAX;

	memset(letters, 'a' + (int)(number % 26), n);
	return (struct nj_view){ letters, n };
}

static inline bool
rowtest_put(struct nj_sink *sink, uint64_t number)
{
	struct nj_head head = { .order_ns = (int64_t)number };
	uint8_t letters[ROWTEST_TEXT_MAX];
	struct rowtest_event ev = { .number = number,
		.text = rowtest_text(number, letters) };

	return nj_sink_put(sink, &rowtest_desc, &head, &ev);
}

/* Gives the number of a row, having checked all of it. */
static inline uint64_t
rowtest_number(const struct nj_row *row)
{
	uint8_t letters[ROWTEST_TEXT_MAX];
	struct nj_row_field number, text;
	struct nj_row_iter it;

	assert_int_equal(row->type, nj_event_type(&rowtest_desc));
	nj_row_iter_init(&it, row);
	assert_true(nj_row_next(&it, &number));
	assert_true(nj_row_next(&it, &text));
	assert_true(nj_view_eq(text.bytes, rowtest_text(number.u, letters)));
	assert_false(nj_row_next(&it, &text));
	assert_false(it.bad);
	return number.u;
}

static inline int
rowtest_setup(void **unused)
{
	(void)unused;
	return nj_event_register(&rowtest_desc);
}

/* A folder of its own for each test, gone at the end. */
struct folder {
	char path[64];
	int fd;
};

static inline void
folder_make(struct folder *f)
{
	(void)snprintf(f->path, sizeof(f->path), "/tmp/nj-test-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(f->fd >= 0);
}

/* How many files there are; drop: deletes them. */
static inline unsigned
folder_files(const struct folder *f, bool drop)
{
	DIR *dir = opendir(f->path);
	struct dirent *e;
	unsigned n = 0;

	while ((e = readdir(dir)))
		if (e->d_name[0] != '.') {
			n++;
			if (drop)
				(void)unlinkat(f->fd, e->d_name, 0);
		}
	(void)closedir(dir);
	return n;
}

static inline void
folder_drop(struct folder *f)
{
	(void)folder_files(f, true);
	(void)close(f->fd);
	assert_int_equal(rmdir(f->path), 0);
}

#endif
