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
	hs_database_t *db[NJ_MATCH_KINDS];
	/* Never scanned with: making one reads the database whole, and copies
	 * of it need not. */
	hs_scratch_t *model;
};

struct nj_match_scratch {
	hs_scratch_t *scratch;
};

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

/* Some of the patterns, as Hyperscan wants them. */
struct chosen {
	const char **texts;
	unsigned *flags, *ids;
	unsigned n;
};

static void
chosen_free(struct chosen *c)
{
	free(c->texts);
	free(c->flags);
	free(c->ids);
}

static bool
chosen_init(struct chosen *c, unsigned n)
{
	*c = (struct chosen){ .texts = calloc(n, sizeof(*c->texts)),
		.flags = calloc(n, sizeof(*c->flags)),
		.ids = calloc(n, sizeof(*c->ids)) };
	return c->texts && c->flags && c->ids;
}

static void
choose(struct chosen *c, const struct nj_pattern *p, unsigned id)
{
	c->texts[c->n] = p->text;
	c->flags[c->n] = HS_FLAG_SINGLEMATCH | HS_FLAG_DOTALL |
			 (p->nocase ? HS_FLAG_CASELESS : 0) |
			 (p->empty ? HS_FLAG_ALLOWEMPTY : 0);
	c->ids[c->n++] = id;
}

/* Name of the cache file: everything that the compiled form depends on. */
static bool
cache_name(char *out, size_t cap, const struct chosen *c, const char *folder)
{
	struct nj_hash_key key = { 1, 2 };
	hs_platform_info_t platform;
	uint64_t sum[2];

	if (!folder || hs_populate_platform(&platform) != HS_SUCCESS)
		return false;
	nj_hash128(&key, hs_version(), strlen(hs_version()), sum);
	for (unsigned i = 0; i < c->n; i++) {
		key = (struct nj_hash_key){ sum[0] + c->ids[i],
			sum[1] + c->flags[i] };
		nj_hash128(&key, c->texts[i], strlen(c->texts[i]) + 1, sum);
	}
	key = (struct nj_hash_key){ sum[0], sum[1] };
	nj_hash128(&key, &platform.cpu_features, sizeof(platform.cpu_features),
		sum);
	return snprintf(out, cap, "%s/signatures-%016llx%016llx.hs", folder,
		       (unsigned long long)sum[0],
		       (unsigned long long)sum[1]) < (int)cap;
}

/* bad gets the number of the pattern that does not compile. */
static hs_database_t *
compile(const struct chosen *c, unsigned *bad)
{
	hs_compile_error_t *error = NULL;
	hs_database_t *db = NULL;

	if (hs_compile_multi(c->texts, c->flags, c->ids, c->n, HS_MODE_BLOCK,
		    NULL, &db, &error) == HS_SUCCESS)
		return db;
	if (error && error->expression >= 0)
		*bad = c->ids[error->expression];
	hs_free_compile_error(error);
	return NULL;
}

/* From the cache or compiled; an empty choice has no database. */
static bool
database(hs_database_t **out, const struct chosen *c, const char *folder,
	unsigned *bad)
{
	char path[1000];
	bool cached;

	if (!c->n)
		return true;
	cached = cache_name(path, sizeof(path), c, folder);
	if (cached)
		*out = cache_read(path);
	if (*out)
		return true;
	*out = compile(c, bad);
	if (*out && cached)
		cache_write(path, folder, *out);
	return *out != NULL;
}

static enum nj_err
databases(struct nj_match *m, const struct nj_pattern *p, unsigned n,
	const char *folder, unsigned *bad)
{
	struct chosen c;
	bool ok = true;

	for (unsigned kind = 0; kind < NJ_MATCH_KINDS && ok; kind++) {
		ok = chosen_init(&c, n);
		for (unsigned k = 0; ok && k < n; k++)
			if (p[k].kinds >> kind & 1)
				choose(&c, &p[k], k);
		if (ok)
			ok = database(&m->db[kind], &c, folder, bad);
		if (ok && m->db[kind])
			ok = hs_alloc_scratch(m->db[kind], &m->model) ==
			     HS_SUCCESS;
		chosen_free(&c);
	}
	if (ok)
		return NJ_OK;
	return *bad < n ? NJ_E_FORMAT : NJ_E_NOMEM;
}

enum nj_err
nj_match_create(struct nj_match **out, const struct nj_pattern *patterns,
	unsigned n, const char *cache, unsigned *bad)
{
	struct nj_match *m = calloc(1, sizeof(*m));
	enum nj_err err = NJ_E_NOMEM;

	*out = NULL;
	*bad = n;
	if (m)
		err = n ? databases(m, patterns, n, cache, bad) : NJ_OK;
	if (err)
		nj_match_destroy(&m);
	*out = m;
	return err;
}

void
nj_match_destroy(struct nj_match **m)
{
	if (!*m)
		return;
	(void)hs_free_scratch((*m)->model);
	for (unsigned i = 0; i < NJ_MATCH_KINDS; i++)
		(void)hs_free_database((*m)->db[i]);
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
	if (m->model && hs_clone_scratch(m->model, &s->scratch) != HS_SUCCESS) {
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
	const struct nj_scan *what, struct nj_hit out[NJ_HITS_MAX])
{
	const hs_database_t *db = m->db[what->kind];
	struct hits hits = { out, 0 };

	/* Hyperscan wants an address for no bytes, too. */
	if (db)
		(void)hs_scan(db, what->v.len ? (const char *)what->v.data : "",
			(unsigned)what->v.len, 0, s->scratch, on_match, &hits);
	return hits.count;
}
