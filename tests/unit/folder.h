/*
 * folder.h - a folder of a test's own, and its end.
 */
#ifndef NJ_TESTS_UNIT_FOLDER_H
#define NJ_TESTS_UNIT_FOLDER_H

#include "tests/unit/unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

enum { FOLDER_BYTES = 256 };

static int
folder_entry_remove(
	const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline void
folder_remove(const char *path)
{
	(void)nftw(path, folder_entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void
folder_make(char path[FOLDER_BYTES])
{
	const char *where = getenv("TMPDIR");

	(void)snprintf(path, FOLDER_BYTES, "%s/nightjar-test-XXXXXX",
		where && *where ? where : "/tmp");
	assert_non_null(mkdtemp(path));
}

#endif
