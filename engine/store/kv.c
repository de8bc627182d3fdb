/*
 * kv.c - RocksDB behind kv.h, through its C API.
 *
 * How it is set up, and why: values are compressed by us or short-lived, so
 * the library compresses nothing. Keys only grow, so files are moved down the
 * levels as they are. The log is bounded, since whoever opens the store reads
 * all of it. Blocks of rows are deleted seconds after they were put, so most
 * of them are gone before their memory is written to a file.
 */
#include "engine/store/kv.h"

#include <dirent.h>
#include <errno.h>
#include <rocksdb/c.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* RocksDB's own family, which we leave empty, comes before ours. */
	FAMILIES = NJ_KV_FAMILY_COUNT + 1,
	CACHE_BYTES = 64 << 20,
	BUFFER_BYTES = 64 << 20,
	FILE_BYTES = 256 << 20,
	/* In one of ours there is one value, mostly. */
	PAGE_BYTES = 16 << 10,
	INFO_BYTES = 4 << 20,
	PATH_BYTES = 4096,
	/* Of a 64 MiB buffer: 128 MiB of log. */
	LOG_BUFFERS = 2
};

struct nj_kv {
	rocksdb_t *db;
	rocksdb_options_t *options;
	rocksdb_cache_t *cache;
	rocksdb_column_family_handle_t *family[FAMILIES];
	rocksdb_readoptions_t *read, *scan;
	rocksdb_writeoptions_t *write, *write_sync;
	bool owner;
};

struct nj_kv_batch {
	rocksdb_writebatch_t *b;
};

struct nj_kv_iter {
	rocksdb_iterator_t *it;
	bool begun;
};

static const char *const family_names[FAMILIES] = { "default",
#define F(name, text) #name,
	NJ_KV_FAMILIES(F)
#undef F
};

/* What the library said last to this thread. */
static _Thread_local char said[NJ_KV_WHY];

/* Takes over and frees the library's message; what kind of error it is. The
 * library tells kinds by the words that messages begin with. */
static enum nj_err
error_take(char *message)
{
	static const struct {
		const char *words;
		enum nj_err err;
	} kinds[] = {
		{ "No space left", NJ_E_FULL },
		{ "While lock file", NJ_E_STATE },
		{ "lock hold by current process", NJ_E_STATE },
		{ "Permission denied", NJ_E_ACCESS },
		{ "Read-only file system", NJ_E_ACCESS },
		{ "Corruption", NJ_E_FORMAT },
		{ "NotFound", NJ_E_NOENT },
		{ "No such file", NJ_E_NOENT },
		{ "Memory limit", NJ_E_NOMEM },
	};
	enum nj_err err = NJ_E_IO;

	if (!message)
		return NJ_OK;
	for (size_t i = 0; i < nj_countof(kinds) && err == NJ_E_IO; i++)
		if (strstr(message, kinds[i].words))
			err = kinds[i].err;
	(void)snprintf(said, sizeof(said), "%s", message);
	rocksdb_free(message);
	return err;
}

const char *
nj_kv_error(const struct nj_kv *kv)
{
	(void)kv;
	return said;
}

static rocksdb_column_family_handle_t *
handle(const struct nj_kv *kv, enum nj_kv_family f)
{
	return kv->family[f + 1];
}

/* ---- Opening ---- */

/* What the C API has no call for. Space for a log is not taken beforehand: a
 * small disk may not have it. */
static enum nj_err
options_more(rocksdb_options_t **options)
{
	rocksdb_options_t *more = rocksdb_options_create();
	char *message = NULL;

	rocksdb_get_options_from_string(*options,
		"allow_fallocate=false;avoid_flush_during_recovery=true", more,
		&message);
	rocksdb_options_destroy(*options);
	*options = more;
	return error_take(message);
}

static void
options_files(rocksdb_options_t *o, size_t buffer)
{
	rocksdb_options_set_write_buffer_size(o, buffer);
	rocksdb_options_set_max_write_buffer_number(o, 4);
	rocksdb_options_set_compression(o, rocksdb_no_compression);
	rocksdb_options_set_target_file_size_base(
		o, nj_min((size_t)FILE_BYTES, buffer * 4));
	rocksdb_options_set_max_bytes_for_level_base(
		o, nj_min((size_t)FILE_BYTES, buffer * 4) * 4);
	rocksdb_options_set_max_total_wal_size(o, buffer * LOG_BUFFERS);
	rocksdb_options_set_bytes_per_sync(o, 1 << 20);
	/* Followers and cold searches must not wait for files to open, and a
	 * follower needs those that its owner has deleted meanwhile. */
	rocksdb_options_set_max_open_files(o, -1);
	rocksdb_options_set_max_background_jobs(o, 2);
}

static enum nj_err
options_create(struct nj_kv *kv, const struct nj_kv_conf *conf)
{
	rocksdb_block_based_table_options_t *table =
		rocksdb_block_based_options_create();
	rocksdb_options_t *o = rocksdb_options_create();

	kv->cache = rocksdb_cache_create_lru(
		conf->cache_bytes ? conf->cache_bytes : CACHE_BYTES);
	rocksdb_block_based_options_set_block_cache(table, kv->cache);
	rocksdb_block_based_options_set_block_size(table, PAGE_BYTES);
	rocksdb_options_set_block_based_table_factory(o, table);
	rocksdb_block_based_options_destroy(table);
	options_files(o,
		conf->buffer_bytes ? conf->buffer_bytes : (size_t)BUFFER_BYTES);
	rocksdb_options_set_create_if_missing(o, kv->owner);
	rocksdb_options_set_create_missing_column_families(o, kv->owner);
	/* Damaged pieces of log or file cost what was in them, and no more:
	 * the store knows by its own numbers what is missing. */
	rocksdb_options_set_wal_recovery_mode(
		o, rocksdb_skip_any_corrupted_records_recovery);
	rocksdb_options_set_paranoid_checks(o, 0);
	rocksdb_options_set_info_log_level(o, 2); /* warnings */
	/* A follower's goes with its folder and must not be begun anew. */
	rocksdb_options_set_max_log_file_size(o, kv->owner ? INFO_BYTES : 0);
	rocksdb_options_set_keep_log_file_num(o, 3);
	rocksdb_options_set_stats_dump_period_sec(o, 0);
	rocksdb_options_set_stats_persist_period_sec(o, 0);
	rocksdb_options_set_skip_stats_update_on_db_open(o, 1);
	kv->options = o;
	return options_more(&kv->options);
}

static void
settings_create(struct nj_kv *kv)
{
	kv->read = rocksdb_readoptions_create();
	/* What walks over everything must not push out what is searched. */
	kv->scan = rocksdb_readoptions_create();
	rocksdb_readoptions_set_fill_cache(kv->scan, 0);
	kv->write = rocksdb_writeoptions_create();
	kv->write_sync = rocksdb_writeoptions_create();
	rocksdb_writeoptions_set_sync(kv->write_sync, 1);
}

static enum nj_err
open_owner(struct nj_kv *kv, const char *folder)
{
	const rocksdb_options_t *each[FAMILIES];
	char *message = NULL;

	for (unsigned i = 0; i < FAMILIES; i++)
		each[i] = kv->options;
	kv->db = rocksdb_open_column_families(kv->options, folder, FAMILIES,
		family_names, each, kv->family, &message);
	return error_take(message);
}

/* Whatever the library has put into it is still open there. */
static void
messages_drop(const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		(void)closedir(d);
	(void)rmdir(folder);
}

static rocksdb_t *
open_reader(struct nj_kv *kv, const struct nj_kv_conf *conf,
	const char *messages, char **message)
{
	const rocksdb_options_t *each[FAMILIES];

	for (unsigned i = 0; i < FAMILIES; i++)
		each[i] = kv->options;
	if (conf->mode == NJ_KV_FOLLOW)
		return rocksdb_open_as_secondary_column_families(kv->options,
			conf->folder, messages, FAMILIES, family_names, each,
			kv->family, message);
	rocksdb_options_set_db_log_dir(kv->options, messages);
	return rocksdb_open_for_read_only_column_families(kv->options,
		conf->folder, FAMILIES, family_names, each, kv->family, 0,
		message);
}

/* The library wants a folder for its messages; nothing else comes into it, so
 * it can go at once and is never left behind. */
static enum nj_err
open_follower(struct nj_kv *kv, const struct nj_kv_conf *conf)
{
	const char *where = getenv("TMPDIR");
	char *message = NULL, path[PATH_BYTES];
	int n;

	n = snprintf(path, sizeof(path), "%s/nightjar-XXXXXX",
		where && *where ? where : "/tmp");
	if (n < 0 || (size_t)n >= sizeof(path) || !mkdtemp(path)) {
		(void)snprintf(said, sizeof(said),
			"no folder for temporary files could be made: %s",
			strerror(errno));
		return NJ_E_SYSTEM;
	}
	kv->db = open_reader(kv, conf, path, &message);
	messages_drop(path);
	return error_take(message);
}

/* The library would make a store or complain of itself; a folder without one
 * is told apart here. */
static enum nj_err
folder_check(const struct nj_kv_conf *conf)
{
	char path[PATH_BYTES];
	int n = snprintf(path, sizeof(path), "%s/CURRENT", conf->folder);

	if (n < 0 || (size_t)n >= sizeof(path))
		return NJ_E_RANGE;
	if (conf->mode != NJ_KV_OWN)
		return access(path, F_OK) ? NJ_E_NOENT : NJ_OK;
	if (mkdir(conf->folder, 0750) && errno != EEXIST)
		return errno == ENOENT ? NJ_E_NOENT : NJ_E_ACCESS;
	return NJ_OK;
}

static void
why_write(char why[NJ_KV_WHY], const struct nj_kv_conf *conf, enum nj_err err)
{
	const char *text = said;

	if (err == NJ_E_STATE)
		text = "another process has it open";
	else if (err == NJ_E_NOENT && conf->mode != NJ_KV_OWN)
		text = "there is no store in it";
	else if (!said[0])
		text = nj_err_text(err);
	(void)snprintf(why, NJ_KV_WHY, "%s", text);
}

enum nj_err
nj_kv_open(
	struct nj_kv **out, const struct nj_kv_conf *conf, char why[NJ_KV_WHY])
{
	struct nj_kv *kv = calloc(1, sizeof(*kv));
	enum nj_err err;

	*out = NULL;
	said[0] = why[0] = 0;
	if (!kv)
		return NJ_E_NOMEM;
	kv->owner = conf->mode == NJ_KV_OWN;
	settings_create(kv);
	err = folder_check(conf);
	if (!err)
		err = options_create(kv, conf);
	if (!err)
		err = kv->owner ? open_owner(kv, conf->folder)
				: open_follower(kv, conf);
	if (err) {
		why_write(why, conf, err);
		nj_kv_close(&kv);
		return err;
	}
	*out = kv;
	return NJ_OK;
}

void
nj_kv_close(struct nj_kv **open)
{
	struct nj_kv *kv = *open;

	*open = NULL;
	if (!kv)
		return;
	if (kv->db) {
		rocksdb_cancel_all_background_work(kv->db, 1);
		for (unsigned i = 0; i < FAMILIES; i++)
			rocksdb_column_family_handle_destroy(kv->family[i]);
		rocksdb_close(kv->db);
	}
	if (kv->options)
		rocksdb_options_destroy(kv->options);
	if (kv->cache)
		rocksdb_cache_destroy(kv->cache);
	rocksdb_readoptions_destroy(kv->read);
	rocksdb_readoptions_destroy(kv->scan);
	rocksdb_writeoptions_destroy(kv->write);
	rocksdb_writeoptions_destroy(kv->write_sync);
	free(kv);
}

enum nj_err
nj_kv_catch_up(struct nj_kv *kv)
{
	char *message = NULL;

	rocksdb_try_catch_up_with_primary(kv->db, &message);
	return error_take(message);
}

/* ---- Writing ---- */

enum nj_err
nj_kv_batch_create(struct nj_kv_batch **out)
{
	struct nj_kv_batch *b = calloc(1, sizeof(*b));

	*out = b;
	if (!b)
		return NJ_E_NOMEM;
	b->b = rocksdb_writebatch_create();
	return NJ_OK;
}

void
nj_kv_batch_destroy(struct nj_kv_batch **batch)
{
	struct nj_kv_batch *b = *batch;

	*batch = NULL;
	if (!b)
		return;
	rocksdb_writebatch_destroy(b->b);
	free(b);
}

void
nj_kv_batch_clear(struct nj_kv_batch *b)
{
	rocksdb_writebatch_clear(b->b);
}

size_t
nj_kv_batch_bytes(const struct nj_kv_batch *b)
{
	size_t bytes;

	(void)rocksdb_writebatch_data(b->b, &bytes);
	return bytes;
}

static const char *
chars(struct nj_view v)
{
	return v.data ? (const char *)v.data : "";
}

void
nj_kv_put(struct nj_kv *kv, struct nj_kv_batch *b, enum nj_kv_family f,
	struct nj_view key, struct nj_view value)
{
	rocksdb_writebatch_put_cf(b->b, handle(kv, f), chars(key), key.len,
		chars(value), value.len);
}

void
nj_kv_delete(struct nj_kv *kv, struct nj_kv_batch *b, enum nj_kv_family f,
	struct nj_view key)
{
	rocksdb_writebatch_delete_cf(b->b, handle(kv, f), chars(key), key.len);
}

void
nj_kv_delete_range(struct nj_kv *kv, struct nj_kv_batch *b, enum nj_kv_family f,
	struct nj_view first, struct nj_view end)
{
	rocksdb_writebatch_delete_range_cf(b->b, handle(kv, f), chars(first),
		first.len, chars(end), end.len);
}

enum nj_err
nj_kv_write(struct nj_kv *kv, struct nj_kv_batch *b, bool sync)
{
	char *message = NULL;

	rocksdb_write(
		kv->db, sync ? kv->write_sync : kv->write, b->b, &message);
	return error_take(message);
}

enum nj_err
nj_kv_sync(struct nj_kv *kv)
{
	char *message = NULL;

	rocksdb_flush_wal(kv->db, 1, &message);
	return error_take(message);
}

void
nj_kv_reclaim(struct nj_kv *kv, enum nj_kv_family f, struct nj_view first,
	struct nj_view end)
{
	char *message = NULL;

	/* Files that cannot go now go with a later compaction. */
	rocksdb_delete_file_in_range_cf(kv->db, handle(kv, f), chars(first),
		first.len, chars(end), end.len, &message);
	(void)error_take(message);
}

/* ---- Reading ---- */

enum nj_err
nj_kv_get(struct nj_kv *kv, enum nj_kv_family f, struct nj_view key,
	struct nj_kv_value *out)
{
	char *message = NULL;
	enum nj_err err;

	*out = (struct nj_kv_value){ 0 };
	out->held = rocksdb_get_pinned_cf(
		kv->db, kv->read, handle(kv, f), chars(key), key.len, &message);
	err = error_take(message);
	if (err)
		return err;
	if (!out->held)
		return NJ_E_NOENT;
	out->v.data = (const uint8_t *)rocksdb_pinnableslice_value(
		out->held, &out->v.len);
	return NJ_OK;
}

void
nj_kv_let_go(struct nj_kv_value *value)
{
	rocksdb_pinnableslice_destroy(value->held);
	*value = (struct nj_kv_value){ 0 };
}

enum nj_err
nj_kv_iter_open(struct nj_kv_iter **out, struct nj_kv *kv, enum nj_kv_family f,
	struct nj_view first)
{
	struct nj_kv_iter *it = calloc(1, sizeof(*it));

	*out = it;
	if (!it)
		return NJ_E_NOMEM;
	it->it = rocksdb_create_iterator_cf(kv->db, kv->scan, handle(kv, f));
	rocksdb_iter_seek(it->it, chars(first), first.len);
	return NJ_OK;
}

bool
nj_kv_iter_next(
	struct nj_kv_iter *it, struct nj_view *key, struct nj_view *value)
{
	if (it->begun && rocksdb_iter_valid(it->it))
		rocksdb_iter_next(it->it);
	it->begun = true;
	if (!rocksdb_iter_valid(it->it))
		return false;
	key->data = (const uint8_t *)rocksdb_iter_key(it->it, &key->len);
	value->data = (const uint8_t *)rocksdb_iter_value(it->it, &value->len);
	return true;
}

enum nj_err
nj_kv_iter_close(struct nj_kv_iter **open)
{
	struct nj_kv_iter *it = *open;
	char *message = NULL;

	*open = NULL;
	if (!it)
		return NJ_OK;
	rocksdb_iter_get_error(it->it, &message);
	rocksdb_iter_destroy(it->it);
	free(it);
	return error_take(message);
}

/* ---- Upkeep ---- */

enum nj_err
nj_kv_checkpoint(struct nj_kv *kv, const char *folder)
{
	rocksdb_checkpoint_t *c;
	char *message = NULL;
	enum nj_err err;

	c = rocksdb_checkpoint_object_create(kv->db, &message);
	err = error_take(message);
	if (err)
		return err;
	message = NULL;
	/* 0: what is in memory is written to files first, however little. */
	rocksdb_checkpoint_create(c, folder, 0, &message);
	rocksdb_checkpoint_object_destroy(c);
	return error_take(message);
}

enum nj_err
nj_kv_verify(struct nj_kv *kv)
{
	enum nj_err first = NJ_OK;

	for (unsigned f = 0; f < NJ_KV_FAMILY_COUNT; f++) {
		struct nj_kv_iter *it;
		struct nj_view key, value;
		enum nj_err err = nj_kv_iter_open(
			&it, kv, (enum nj_kv_family)f, NJ_LIT(""));

		if (err)
			return err;
		while (nj_kv_iter_next(it, &key, &value))
			continue;
		err = nj_kv_iter_close(&it);
		first = first ? first : err;
	}
	return first;
}

static uint64_t
property(struct nj_kv *kv, enum nj_kv_family f, const char *name)
{
	uint64_t value;

	return rocksdb_property_int_cf(kv->db, handle(kv, f), name, &value)
		       ? 0
		       : value;
}

uint64_t
nj_kv_bytes(struct nj_kv *kv, enum nj_kv_family f)
{
	return property(kv, f, "rocksdb.live-sst-files-size");
}

uint64_t
nj_kv_pending(struct nj_kv *kv)
{
	uint64_t bytes = 0;

	for (unsigned f = 0; f < NJ_KV_FAMILY_COUNT; f++)
		bytes += property(kv, (enum nj_kv_family)f,
			"rocksdb.cur-size-all-mem-tables");
	return bytes;
}

enum nj_err
nj_kv_flush(struct nj_kv *kv)
{
	rocksdb_flushoptions_t *o = rocksdb_flushoptions_create();
	enum nj_err first = NJ_OK;

	rocksdb_flushoptions_set_wait(o, 1);
	for (unsigned f = 0; f < NJ_KV_FAMILY_COUNT; f++) {
		char *message = NULL;
		enum nj_err err;

		rocksdb_flush_cf(kv->db, o, handle(kv, f), &message);
		err = error_take(message);
		first = first ? first : err;
	}
	rocksdb_flushoptions_destroy(o);
	return first;
}
