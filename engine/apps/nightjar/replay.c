/*
 * replay.c - `nightjar replay`: captures into a data folder on their own
 * clock, as fast as it goes, as if the appliance had seen them: records are
 * then there to search.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "engine/apps/nightjar/command.h"
#include "engine/apps/nightjar/read.h"
#include "engine/apps/process/instance.h"
#include "engine/base/log.h"
#include "engine/store/options.h"

struct replay_opts {
	const char *conf, *data;
	uint64_t workers;
	bool ignore_checksums, midstream, stats;
};

#define OPT(member) offsetof(struct replay_opts, member)
static const struct nj_arg replay_args[] = {
	{ "config", 'c', NJ_ARG_STR, OPT(conf), "FILE",
		"Configuration to read by" },
	{ "data", 0, NJ_ARG_STR, OPT(data), "DIR",
		"Data folder to fill; is made if it is not there" },
	{ "ignore-checksums", 'C', NJ_ARG_FLAG, OPT(ignore_checksums), NULL,
		"Take packets whose checksums are wrong" },
	{ "midstream", 0, NJ_ARG_FLAG, OPT(midstream), NULL,
		"Let ports name TCP connections whose beginning was not seen" },
	{ "workers", 'j', NJ_ARG_U64, OPT(workers), "N",
		"Worker threads, 1 by default", NULL, 1, 64 },
	{ "stats", 0, NJ_ARG_FLAG, OPT(stats), NULL,
		"Print the loss ledger to standard error as one JSON object" },
	{ 0 },
};

enum { COMMIT_ROWS = 4096, FILES_MAX = 1 << 16 };

struct replay {
	struct nj_store *store;
	uint64_t rows, refused;
	enum nj_err err;
	char **file; /* captures, own copies of their names */
	unsigned files;
};

/* ---- Captures ---- */

static bool
add_file(struct replay *r, const char *path)
{
	char **more = reallocarray(r->file, r->files + 1, sizeof(*more));

	if (!more || r->files == FILES_MAX)
		return false;
	r->file = more;
	r->file[r->files] = strdup(path);
	return r->file[r->files] && ++r->files;
}

static int
is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* A folder stands for the files in it, in order of name. */
static bool
add_folder(struct replay *r, const char *folder)
{
	struct dirent **list = NULL;
	int n = scandir(folder, &list, is_visible, alphasort);
	char path[NJ_PATH_MAX];
	struct stat st;
	bool ok = n >= 0;

	if (!ok)
		nj_complain(folder, strerror(errno), "");
	for (int i = 0; i < n; i++) {
		(void)snprintf(
			path, sizeof(path), "%s/%s", folder, list[i]->d_name);
		if (ok && !stat(path, &st) && S_ISREG(st.st_mode))
			ok = add_file(r, path);
		free(list[i]);
	}
	free(list);
	return ok;
}

static bool
add_paths(struct replay *r, const struct nj_words *words)
{
	struct stat st;

	for (unsigned i = 0; i < words->n; i++) {
		const char *path = words->v[i];
		bool folder = !stat(path, &st) && S_ISDIR(st.st_mode);

		if (!(folder ? add_folder(r, path) : add_file(r, path)))
			return false;
	}
	if (!r->files)
		nj_complain("replay", "there is no file in these folders", "");
	return r->files;
}

/* ---- Records ---- */

static void
on_row(void *ctx, const struct nj_row *row)
{
	struct replay *r = ctx;
	const struct nj_event_desc *desc = nj_event_by_type(row->type);

	if (r->err || !desc || (desc->flags & NJ_EV_EVE))
		return;
	if (nj_store_put(r->store, row, NULL))
		r->refused++;
	else if (++r->rows % COMMIT_ROWS == 0)
		r->err = nj_store_commit(r->store);
}

static bool
open_store(struct replay *r, const struct replay_opts *o)
{
	struct nj_conf *conf = nj_conf_open(o->conf);
	struct nj_store_conf store;
	char why[NJ_KV_WHY] = "";
	struct nj_instance in;
	enum nj_err err = NJ_E_RANGE;

	if (!conf)
		return false;
	nj_store_options(&store, conf);
	if (nj_instance_find(&in, o->data)) {
		store.folder = in.store;
		err = nj_make_folders(in.store, 0750) ? NJ_OK : NJ_E_ACCESS;
	}
	if (!err)
		err = nj_store_open(&r->store, &store, why);
	if (err)
		nj_complain(o->data, why[0] ? why : nj_err_text(err),
			err == NJ_E_STATE ? "stop the appliance that runs on "
					    "it, or choose another folder"
					  : nj_err_remedy(err));
	nj_conf_destroy(&conf);
	return !err;
}

static enum nj_exit
fill(struct replay *r, const struct replay_opts *o)
{
	struct nj_read_conf conf = { .conf = o->conf,
		.workers = o->workers,
		.ignore_checksums = o->ignore_checksums,
		.midstream = o->midstream,
		.stats = o->stats,
		.row = on_row,
		.ctx = r };
	struct nj_words files = { r->file, r->files };
	enum nj_exit status = nj_read_files(&conf, &files);

	if (!r->err)
		r->err = nj_store_seal(r->store);
	if (r->err)
		nj_complain(
			o->data, nj_err_text(r->err), nj_err_remedy(r->err));
	if (r->refused)
		nj_complain(o->data, "some records found no room",
			"free space, or set store.size");
	(void)fprintf(stderr,
		"%llu records in %s: nightjar search --data %s QUERY\n",
		(unsigned long long)r->rows, o->data, o->data);
	return r->err || r->refused ? NJ_EXIT_FAILED : status;
}

static enum nj_exit
replay_run(const void *opts, const struct nj_words *words)
{
	const struct replay_opts *o = opts;
	struct replay r = { 0 };
	enum nj_exit status = NJ_EXIT_FAILED;

	if (!o->data) {
		nj_complain("replay", "no data folder", "give --data DIR");
		return NJ_EXIT_USAGE;
	}
	/* Types have to be known before the store is opened. */
	if (!nj_read_register() || !add_paths(&r, words))
		goto out;
	if (open_store(&r, o))
		status = fill(&r, o);
	nj_store_close(&r.store);
out:
	for (unsigned i = 0; i < r.files; i++)
		free(r.file[i]);
	free(r.file);
	return status;
}

const struct nj_command nj_command_replay = {
	.name = "replay",
	.text = "Put captures into a data folder, as if they had been seen",
	.usage = "--data DIR [options] PATH...",
	.more = "Captures as read takes them, or folders of captures; all are "
		"taken as one, in\norder of time. What they yield can then be "
		"searched.\n",
	.args = replay_args,
	.opts_bytes = sizeof(struct replay_opts),
	.words_min = 1,
	.words_max = NJ_WORDS_ANY,
	.examples = "  nightjar replay --data case day-*.pcap.gz\n"
		    "      A whole day into the folder case ...\n"
		    "  nightjar search --data case '@type:kerberos'\n"
		    "      ... and what is in it.\n",
	.run = replay_run,
};
