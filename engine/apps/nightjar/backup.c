/*
 * backup.c - `nightjar backup`: the event store as it is at one moment, copied
 * beside an appliance that runs or without one.
 */
#include "engine/apps/nightjar/command.h"
#include "engine/apps/nightjar/storefolder.h"
#include "engine/base/log.h"
#include "engine/pipeline/pipeline.h"
#include "engine/store/upkeep.h"

struct backup_opts {
	const char *conf, *data, *out;
};

static const struct nj_arg backup_args[] = {
	{ "output", 'o', NJ_ARG_STR, offsetof(struct backup_opts, out), "DIR",
		"Folder to make, with the copy and SHA256SUMS in it" },
	{ "data", 0, NJ_ARG_STR, offsetof(struct backup_opts, data), "DIR",
		"The appliance that ran with --data DIR" },
	{ "config", 'c', NJ_ARG_STR, offsetof(struct backup_opts, conf), "FILE",
		"Configuration that says where the store is" },
	{ 0 },
};

extern const struct nj_command nj_command_backup;

static enum nj_exit
backup_run(const void *opts, const struct nj_words *words)
{
	const struct backup_opts *o = opts;
	struct nj_store_copy c = { .path = o->out };
	char folder[NJ_PATH_MAX], why[NJ_KV_WHY] = "";
	struct nj_buf b = { 0 };
	enum nj_err err;

	(void)words;
	if (!o->out) {
		nj_complain("backup", "it is not said where to", "use -o DIR");
		return NJ_EXIT_USAGE;
	}
	if (nj_pipeline_register_all(nj_dissectors))
		return NJ_EXIT_FAILED;
	if (!nj_store_folder_find(folder, o->data, o->conf))
		return NJ_EXIT_CONFIG;
	c.folder = folder;
	err = nj_store_backup(&c, why);
	if (err)
		return nj_store_failed(err == NJ_E_STATE ? o->out : folder,
			err == NJ_E_STATE ? "it is there already" : why, err);
	nj_buf_printf(&b, "%llu files, %llu bytes\n",
		(unsigned long long)c.files, (unsigned long long)c.bytes);
	return nj_print(&nj_command_backup, &b);
}

const struct nj_command nj_command_backup = {
	.name = "backup",
	.text = "Copy the event store, while it is written or not",
	.usage = "[options] -o DIR",
	.more = "The copy is of one moment, and is opened and checked before "
		"it is handed over.\nIt needs room for itself only; files are "
		"linked beside the store meanwhile.\n",
	.args = backup_args,
	.opts_bytes = sizeof(struct backup_opts),
	.examples = "  nightjar backup --data /srv/nightjar -o /mnt/monday\n"
		    "      sha256sum -c in there compares it.\n",
	.run = backup_run,
};
