/*
 * match.c - Hyperscan behind match.h, with a cache of compiled databases:
 * compiling a few hundred patterns costs longer than reading a capture.
 */
#include "engine/dissect/hs/match.h"

#include <fcntl.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/hash.h"

enum { CACHE_BYTES_MAX = 64 * 1024 * 1024 };

struct nj_match {
	hs_database_t *db;
	/* Never scanned with: making one reads the database whole, and copies
	 * of it need not. */
	hs_scratch_t *model;
};

struct nj_match_scratch {
	hs_scratch_t *scratch;
};

/* Name of the cache file: everything that the compiled form depends on. */
static bool
cache_name(char *out, size_t cap, const struct nj_pattern *p, unsigned n,
	const char *folder)
{
	struct nj_hash_key key = { 1, 2 };
	hs_platform_info_t platform;
	uint64_t sum[2];

	if (!folder || hs_populate_platform(&platform) != HS_SUCCESS)
		return false;
	nj_hash128(&key, hs_version(), strlen(hs_version()), sum);
	for (unsigned i = 0; i < n; i++) {
		key = (struct nj_hash_key){ sum[0], sum[1] + p[i].nocase };
		nj_hash128(&key, p[i].text, strlen(p[i].text) + 1, sum);
	}
	key = (struct nj_hash_key){ sum[0], sum[1] };
	nj_hash128(&key, &platform.cpu_features, sizeof(platform.cpu_features),
		sum);
	return snprintf(out, cap, "%s/signatures-%016llx%016llx.hs", folder,
		       (unsigned long long)sum[0],
		       (unsigned long long)sum[1]) < (int)cap;
}

static hs_database_t *
cache_read(const char *path)
{
	hs_database_t *db = NULL;
	struct stat st;
	char *bytes = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return NULL;
	/* Only a file of our own user can be trusted to be ours. */
	if (fstat(fd, &st) || st.st_uid != geteuid() || st.st_size <= 0 ||
		st.st_size > CACHE_BYTES_MAX || (st.st_mode & 022))
		goto out;
	bytes = malloc((size_t)st.st_size);
	if (!bytes || read(fd, bytes, (size_t)st.st_size) != st.st_size)
		goto out;
	if (hs_deserialize_database(bytes, (size_t)st.st_size, &db) !=
		HS_SUCCESS)
		db = NULL;
out:
	free(bytes);
	(void)close(fd);
	return db;
}

static void
make_folders(const char *folder)
{
	char path[512];

	if (snprintf(path, sizeof(path), "%s", folder) >= (int)sizeof(path))
		return;
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		(void)mkdir(path, 0755);
		*p = '/';
	}
	(void)mkdir(path, 0755);
}

static void
cache_write(const char *path, const char *folder, const hs_database_t *db)
{
	char *bytes = NULL, part[1024];
	size_t len = 0;
	int fd;
	bool whole;

	if (hs_serialize_database(db, &bytes, &len) != HS_SUCCESS)
		return;
	make_folders(folder);
	if (snprintf(part, sizeof(part), "%s.%d", path, (int)getpid()) >=
		(int)sizeof(part))
		goto out;
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		goto out;
	whole = write(fd, bytes, len) == (ssize_t)len;
	if (close(fd) || !whole || rename(part, path))
		(void)unlink(part);
out:
	free(bytes);
}

static hs_database_t *
compile(const struct nj_pattern *p, unsigned n, unsigned *bad)
{
	const char **texts = calloc(n, sizeof(*texts));
	unsigned *flags = calloc(n, sizeof(*flags));
	unsigned *ids = calloc(n, sizeof(*ids));
	hs_compile_error_t *error = NULL;
	hs_database_t *db = NULL;

	*bad = n;
	if (!texts || !flags || !ids)
		goto out;
	for (unsigned i = 0; i < n; i++) {
		texts[i] = p[i].text;
		ids[i] = i;
		flags[i] = HS_FLAG_SINGLEMATCH | HS_FLAG_DOTALL |
			   (p[i].nocase ? HS_FLAG_CASELESS : 0);
	}
	if (hs_compile_multi(texts, flags, ids, n, HS_MODE_BLOCK, NULL, &db,
		    &error) != HS_SUCCESS) {
		if (error && error->expression >= 0)
			*bad = (unsigned)error->expression;
		hs_free_compile_error(error);
		db = NULL;
	}
out:
	free(texts);
	free(flags);
	free(ids);
	return db;
}

enum nj_err
nj_match_create(struct nj_match **out, const struct nj_pattern *patterns,
	unsigned n, const char *cache, unsigned *bad)
{
	struct nj_match *m = calloc(1, sizeof(*m));
	char path[1000];
	bool cached;

	*out = NULL;
	*bad = n;
	if (!m)
		return NJ_E_NOMEM;
	cached = cache_name(path, sizeof(path), patterns, n, cache);
	if (cached)
		m->db = cache_read(path);
	if (!m->db && n) {
		m->db = compile(patterns, n, bad);
		if (!m->db) {
			free(m);
			return *bad < n ? NJ_E_FORMAT : NJ_E_NOMEM;
		}
		if (cached)
			cache_write(path, cache, m->db);
	}
	if (m->db && hs_alloc_scratch(m->db, &m->model) != HS_SUCCESS) {
		nj_match_destroy(&m);
		return NJ_E_NOMEM;
	}
	*out = m;
	return NJ_OK;
}

void
nj_match_destroy(struct nj_match **m)
{
	if (!*m)
		return;
	(void)hs_free_scratch((*m)->model);
	(void)hs_free_database((*m)->db);
	free(*m);
	*m = NULL;
}

enum nj_err
nj_match_scratch_create(struct nj_match_scratch **out, const struct nj_match *m)
{
	struct nj_match_scratch *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return NJ_E_NOMEM;
	if (m->db && hs_clone_scratch(m->model, &s->scratch) != HS_SUCCESS) {
		free(s);
		return NJ_E_NOMEM;
	}
	*out = s;
	return NJ_OK;
}

void
nj_match_scratch_destroy(struct nj_match_scratch **s)
{
	if (!*s)
		return;
	(void)hs_free_scratch((*s)->scratch);
	free(*s);
	*s = NULL;
}

struct hits {
	struct nj_hit *list;
	unsigned count;
};

static int
on_match(unsigned id, unsigned long long from, unsigned long long to,
	unsigned flags, void *ctx)
{
	struct hits *hits = ctx;

	(void)from;
	(void)flags;
	hits->list[hits->count++] =
		(struct nj_hit){ (uint16_t)id, (uint16_t)to };
	return hits->count == NJ_HITS_MAX;
}

unsigned
nj_match_scan(const struct nj_match *m, struct nj_match_scratch *s,
	struct nj_view v, struct nj_hit out[NJ_HITS_MAX])
{
	struct hits hits = { out, 0 };

	if (m->db && v.len)
		(void)hs_scan(m->db, (const char *)v.data, (unsigned)v.len, 0,
			s->scratch, on_match, &hits);
	return hits.count;
}
