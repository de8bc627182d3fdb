/*
 * run.c - `nightjar run`: the appliance. Checks everything that can be checked
 * before anything starts, prepares the folders, and then is the keeper.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dissectors/eve/maps.h"
#include "engine/apps/nightjar/command.h"
#include "engine/apps/nightjar/keeper.h"
#include "engine/base/log.h"
#include "engine/capture/memory.h"
#include "engine/pipeline/options.h"

struct run_opts {
	const char *conf, *data;
	bool once, demo;
};

#define OPT(member) offsetof(struct run_opts, member)
static const struct nj_arg run_args[] = {
	{ "config", 'c', NJ_ARG_STR, OPT(conf), "FILE",
		"Configuration to use, instead of " NJ_CONF_PATH },
	{ "data", 0, NJ_ARG_STR, OPT(data), "DIR",
		"Keep everything in this folder: logs in DIR/logs, unless the "
		"file says otherwise, and what `nightjar status --data DIR` "
		"needs" },
	{ "once", 0, NJ_ARG_FLAG, OPT(once), NULL,
		"End when every port is a file and was read to its end "
		"(capture.exit_at_end)" },
	{ "demo", 0, NJ_ARG_FLAG, OPT(demo), NULL,
		"Watch a made-up office instead of a network; nothing is "
		"captured and no configuration read" },
	{ 0 },
};

struct appliance {
	const struct run_opts *opts;
	const char *path; /* of the configuration; NULL: only defaults */
	struct nj_keeper keeper;
	struct nj_buf sets;
	enum nj_exit status;
};

/* ---- Configuration ---- */

static const char demo_text[] =
	"capture: { ports: [ { feed: enterprise@1000, name: office } ],\n"
	"  workers: 1 }\n"
	"flow.table_max: 65536\n"
	"dissect.memory_mb: 64\n"
	"logs: { rotate_size: 16M, keep_files: 4 }\n";

static bool
read_text(const struct appliance *a, struct nj_buf *text, struct nj_buf *errors)
{
	if (a->opts->demo)
		nj_buf_str(text, demo_text);
	return !a->path || nj_conf_read(a->path, text, errors) == NJ_OK;
}

static bool
is_type(const struct nj_conf *conf, const char *name)
{
	const struct nj_event_desc *desc;
	const char *event;

	if (conf->logs__format != NJ_FORMAT_EVE)
		return nj_event_find(name) != NULL;
	for (unsigned i = 0; (desc = nj_event_at(i)); i++) {
		event = nj_eve_type(nj_event_type(desc));
		if (event && !strcmp(event, name))
			return true;
	}
	return false;
}

/* Log types are known only to who has the tables of all dissectors. */
static bool
check_types(const struct nj_conf *conf)
{
	bool eve = conf->logs__format == NJ_FORMAT_EVE;
	char why[128];

	for (uint32_t i = 0; i < conf->logs__types.n; i++) {
		if (is_type(conf, conf->logs__types.v[i]))
			continue;
		(void)snprintf(why, sizeof(why), "no %s type \"%.60s\"",
			eve ? "event" : "log", conf->logs__types.v[i]);
		nj_conf_complain(conf, NJ_CONF_logs__types, why,
			eve ? "see nightjar reference eve"
			    : "see nightjar reference logs");
		return false;
	}
	return true;
}

static bool
check_user(const struct nj_conf *conf, enum nj_conf_id id, const char *name)
{
	struct nj_user user;

	if (nj_user_find(name, &user))
		return true;
	nj_conf_complain(conf, id, "no such user on this machine",
		"see /etc/passwd, or make it with adduser --system");
	return false;
}

/* Mixes are the capture layer's to know. */
static bool
check_feeds(const struct nj_conf *conf)
{
	struct nj_memory_conf feed;

	for (uint32_t i = 0; i < conf->capture__ports.n; i++) {
		const char *text = conf->capture__ports.v[i].feed;

		if (!text || nj_feed_parse(text, &feed))
			continue;
		nj_conf_complain(conf, NJ_CONF_capture__ports,
			"feed is no mix with a number of packets a second",
			"write it as enterprise@1000; see nightjar bench list");
		return false;
	}
	return true;
}

static bool
check(const struct nj_conf *conf)
{
	const struct nj_dissector **list =
		nj_dissector_options(nj_dissectors, conf);
	bool sound =
		list && nj_filter_check(conf) && check_types(conf) &&
		check_feeds(conf) &&
		check_user(conf, NJ_CONF_sensor__user, conf->sensor__user) &&
		check_user(conf, NJ_CONF_brain__user, conf->brain__user);

	free(list);
	if (sound && !conf->capture__ports.n) {
		nj_conf_complain(conf, NJ_CONF_capture__ports,
			"no port is named, so there is nothing to capture",
			"name one: capture.ports: [{ interface: eth0 }]");
		sound = false;
	}
	return sound;
}

/* The file as it is now, checked; its text goes to the children as slot says.
 * NULL after mistakes, which are said. */
static struct nj_conf *
load(struct appliance *a, enum nj_text_slot slot)
{
	struct nj_buf text = { 0 }, errors = { 0 };
	const char *name = a->path         ? a->path
			   : a->opts->demo ? "the built-in office"
					   : "";
	struct nj_conf *conf = NULL;
	bool good;

	good = read_text(a, &text, &errors) &&
	       !nj_conf_parse(&conf, (struct nj_view){ text.data, text.len },
		       name, &errors) &&
	       !nj_text_sets(conf,
		       (struct nj_view){ a->sets.data, a->sets.len }, &errors);
	nj_conf_say(&errors);
	if (good)
		good = check(conf) &&
		       !nj_text_put(a->keeper.text, slot, name,
			       (struct nj_view){ text.data, text.len });
	nj_buf_free(&text);
	if (!good)
		nj_conf_destroy(&conf);
	return conf;
}

static struct nj_conf *
on_reload(void *ctx)
{
	return load(ctx, NJ_TEXT_RELOADED);
}

/* ---- Folders ---- */

static bool
say_errno(const char *what, const char *remedy)
{
	nj_complain(what, strerror(errno), remedy);
	return false;
}

/* A folder that we make is the brain's; one that is there stays as it is. */
static bool
prepare(const struct nj_conf *conf, const char *folder, const char *remedy)
{
	struct nj_user user;

	if (!access(folder, F_OK))
		return true;
	if (!nj_make_folders(folder, 0750))
		return say_errno(folder, remedy);
	if (geteuid() == 0 && nj_user_find(conf->brain__user, &user) &&
		chown(folder, user.uid, user.gid))
		return say_errno(folder, "");
	return true;
}

/* For the compiled signatures, which root's sensor writes before it is none. */
static void
prepare_cache(const struct nj_conf *conf)
{
	const char *folder = conf->dissect__cache_path;

	if (folder[0] && geteuid() == 0 && !nj_make_folders(folder, 0755))
		nj_warn("run", "no cache for signatures folder=%s: %s", folder,
			strerror(errno));
}

/* The folder above it; its own the sensor makes. */
static bool
prepare_packets(const struct nj_conf *conf)
{
	char above[NJ_PATH_MAX];
	size_t n = strlen(conf->packets__folder);

	if (!conf->packets__size || n >= sizeof(above))
		return true;
	while (n > 1 && conf->packets__folder[n - 1] != '/')
		n--;
	memcpy(above, conf->packets__folder, n);
	above[n] = 0;
	return !access(above, F_OK) || nj_make_folders(above, 0755) ||
	       say_errno(above, "see packets.folder");
}

static bool
lock(const struct nj_instance *in)
{
	int64_t pid;
	char why[96];
	enum nj_err err = nj_instance_lock(in, &pid);

	if (!err)
		return true;
	if (err != NJ_E_STATE)
		return say_errno(in->folder,
			"run as root, or give a folder with --data");
	(void)snprintf(why, sizeof(why), "already running as process %lld",
		(long long)pid);
	nj_complain(
		"run", why, "stop it, or run a second one with another --data");
	return false;
}

/* ---- Beginning ---- */

static void
set_options(struct appliance *a)
{
	if (a->opts->once)
		nj_buf_str(&a->sets, "capture.exit_at_end=true\n");
}

static bool
move_folder(struct appliance *a, enum nj_conf_id id, const char *option,
	const char *folder)
{
	struct nj_conf *conf = a->keeper.conf;
	struct nj_buf errors = { 0 };

	if (!folder[0] || conf->origin[id].from != NJ_CONF_DEFAULT)
		return true;
	nj_buf_printf(&a->sets, "%s=%s\n", option, folder);
	if (!nj_conf_set(conf, option, folder, &errors))
		return true;
	nj_conf_say(&errors);
	return false;
}

/* --data moves folders, but not where the file has put them. */
static bool
move_folders(struct appliance *a)
{
	const struct nj_instance *in = &a->keeper.instance;

	if (!move_folder(a, NJ_CONF_logs__folder, "logs.folder", in->logs) ||
		!move_folder(a, NJ_CONF_events__spool_folder,
			"events.spool_folder", in->spool) ||
		!move_folder(a, NJ_CONF_packets__folder, "packets.folder",
			in->packets) ||
		!move_folder(
			a, NJ_CONF_store__folder, "store.folder", in->store))
		return false;
	return !nj_text_put(a->keeper.text, NJ_TEXT_SETS, "--set",
		(struct nj_view){ a->sets.data, a->sets.len });
}

static bool
begin(struct appliance *a)
{
	const struct run_opts *o = a->opts;
	struct nj_keeper *k = &a->keeper;
	enum nj_err err = nj_pipeline_register_all(nj_dissectors);

	if (!err)
		err = nj_eve_register(nj_eve_maps);

	a->status = NJ_EXIT_FAILED;
	if (!nj_instance_find(&k->instance, o->data)) {
		nj_complain("run --data", "the path is too long", "");
		return false;
	}
	if (!err)
		err = nj_text_create(&k->text, &k->text_fd);
	if (err) {
		nj_complain("run", nj_err_text(err), nj_err_remedy(err));
		return false;
	}
	set_options(a);
	k->conf = load(a, NJ_TEXT_FIRST);
	if (!k->conf || !move_folders(a)) {
		a->status = NJ_EXIT_CONFIG;
		return false;
	}
	nj_log_set_level((enum nj_log_level)k->conf->log__level);
	if (!lock(&k->instance) ||
		!prepare(k->conf, k->conf->logs__folder, "see logs.folder"))
		return false;
	if (k->conf->events__spool_size &&
		!prepare(k->conf, k->conf->events__spool_folder,
			"see events.spool_folder"))
		return false;
	if (k->conf->store__enabled &&
		!prepare(k->conf, k->conf->store__folder, "see store.folder"))
		return false;
	prepare_cache(k->conf);
	return prepare_packets(k->conf);
}

static enum nj_exit
run_run(const void *opts, const struct nj_words *words)
{
	static struct appliance a;

	(void)words;
	a.opts = opts;
	a.path = a.opts->conf;
	if (a.opts->demo && a.path) {
		nj_complain("run --demo", "it brings its own configuration",
			"leave -c away");
		return NJ_EXIT_USAGE;
	}
	if (!a.path && !a.opts->demo && !access(NJ_CONF_PATH, F_OK))
		a.path = NJ_CONF_PATH;
	a.keeper.reload = on_reload;
	a.keeper.ctx = &a;
	if (begin(&a)) {
		nj_info("run", "starting logs=%s", a.keeper.conf->logs__folder);
		a.status = nj_keeper_run(&a.keeper);
	}
	nj_conf_destroy(&a.keeper.conf);
	nj_text_detach(&a.keeper.text);
	nj_buf_free(&a.sets);
	return a.status;
}

const struct nj_command nj_command_run = {
	.name = "run",
	.text = "Capture and keep records until stopped",
	.usage = "[-c FILE | --demo] [--data DIR] [--once]",
	.more = "Starts the sensor, which captures and drops its rights, and "
		"the brain, which\nwrites log files; watches both and starts "
		"them again if they die. SIGTERM and\nSIGINT finish all flows "
		"and stop; SIGHUP reloads the configuration.\n",
	.args = run_args,
	.opts_bytes = sizeof(struct run_opts),
	.examples = "  nightjar run\n"
		    "      The appliance as " NJ_CONF_PATH " says.\n"
		    "  nightjar run -c office.yaml --data /srv/office\n"
		    "      A second one beside it.\n"
		    "  nightjar run --demo --data /tmp/office\n"
		    "      Records of an office that is not there.\n",
	.run = run_run,
};
