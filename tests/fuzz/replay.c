/*
 * replay.c - runs a fuzz harness on files: every file of the folders (one
 * level) and every file named, and the empty input. So what a fuzzer has ever
 * found is tried again in each test run, with any compiler.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

#pragma weak LLVMFuzzerInitialize

enum { PATH_BYTES = 4096, FILE_BYTES_MAX = 64 * 1024 * 1024 };

static int
complain(const char *path)
{
	(void)fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
	return -1;
}

/* The harness gets memory of just the file's size, so that a sanitizer sees
 * every step over its end. */
static int
run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data;
	size_t n;

	if (!f)
		return complain(path);
	if (fstat(fileno(f), &st) || st.st_size > FILE_BYTES_MAX) {
		(void)fclose(f);
		return complain(path);
	}
	n = (size_t)st.st_size;
	data = malloc(n ? n : 1);
	if (!data || fread(data, 1, n, f) != n) {
		(void)fclose(f);
		free(data);
		return complain(path);
	}
	(void)fclose(f);
	(void)LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 1;
}

/* Gives how many files were run, or -1. */
static int
run_folder(const char *path)
{
	DIR *dir = opendir(path);
	char name[PATH_BYTES];
	struct dirent *entry;
	int count = 0, n;

	if (!dir)
		return errno == ENOTDIR ? run_file(path) : complain(path);
	while (count >= 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		n = snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (n < 0 || (size_t)n >= sizeof(name))
			continue;
		n = run_file(name);
		count = n < 0 ? -1 : count + n;
	}
	(void)closedir(dir);
	return count;
}

int
main(int argc, char **argv)
{
	int total = 0, n, count = argc;
	char **args = argv; /* the harness may add options of libFuzzer's */

	if (LLVMFuzzerInitialize)
		(void)LLVMFuzzerInitialize(&count, &args);
	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		n = run_folder(argv[i]);
		if (n < 0)
			return 1;
		total += n;
	}
	(void)printf("replay: %d inputs\n", total);
	return 0;
}
