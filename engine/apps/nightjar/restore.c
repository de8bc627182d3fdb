/*
 * restore.c - `nightjar restore`: puts a copy of the event store in place,
 * once it has been compared with its hashes and opened.
 */
#include "engine/apps/nightjar/command.h"
#include "engine/apps/nightjar/storefolder.h"
#include "engine/store/upkeep.h"

struct restore_opts {
	const char *conf, *data;
};

static const struct nj_arg restore_args[] = {
	{ "data", 0, NJ_ARG_STR, offsetof(struct restore_opts, data), "DIR",
		"The appliance that runs with --data DIR" },
	{ "config", 'c', NJ_ARG_STR, offsetof(struct restore_opts, conf),
		"FILE", "Configuration that says where the store is" },
	{ 0 },
};

extern const struct nj_command nj_command_restore;

static enum nj_exit
restore_run(const void *opts, const struct nj_words *words)
{
	const struct restore_opts *o = opts;
	struct nj_store_copy c = { .path = words->v[0] };
	char folder[NJ_PATH_MAX], why[NJ_KV_WHY] = "";
	struct nj_buf b = { 0 };
	enum nj_err err;

	if (!nj_store_folder_find(folder, o->data, o->conf))
		return NJ_EXIT_CONFIG;
	c.folder = folder;
	err = nj_store_restore(&c, why);
	if (err)
		return nj_store_failed(
			err == NJ_E_STATE ? folder : c.path, why, err);
	nj_buf_printf(&b, "%llu files, %llu bytes\n",
		(unsigned long long)c.files, (unsigned long long)c.bytes);
	return nj_print(&nj_command_restore, &b);
}

const struct nj_command nj_command_restore = {
	.name = "restore",
	.text = "Put a copy of the event store in place",
	.usage = "[options] DIR",
	.more = "The appliance must not run, and there must be no store in "
		"its place. Nothing is\nmoved there before all hashes agree "
		"and the copy has been opened. Run it as the\nuser that the "
		"brain becomes (brain.user), or give the folder to that user "
		"later.\n",
	.args = restore_args,
	.opts_bytes = sizeof(struct restore_opts),
	.words_min = 1,
	.words_max = 1,
	.examples = "  nightjar restore /mnt/monday --data /srv/nightjar\n"
		    "      What nightjar backup -o /mnt/monday had copied.\n",
	.run = restore_run,
};
