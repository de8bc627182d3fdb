/*
 * config.c - `nightjar config`: checks a configuration, shows what is in
 * force and why, prints the reference and a file to start from.
 */
#include <stdio.h>
#include <unistd.h>

#include "engine/apps/nightjar/command.h"
#include "engine/base/log.h"
#include "engine/base/nearest.h"
#include "engine/conf/conf.h"

struct config_opts {
	const char *conf;
	bool all, json;
};

static const struct nj_arg config_args[] = {
	{ "config", 'c', NJ_ARG_STR, offsetof(struct config_opts, conf), "FILE",
		"Configuration to read, instead of " NJ_CONF_PATH },
	{ "all", 0, NJ_ARG_FLAG, offsetof(struct config_opts, all), NULL,
		"Show options that are at their default, too" },
	{ "json", 0, NJ_ARG_FLAG, offsetof(struct config_opts, json), NULL,
		"Show as one JSON object" },
	{ 0 },
};

extern const struct nj_command nj_command_config;

static enum nj_exit
check(const struct config_opts *o)
{
	struct nj_conf *conf = nj_conf_open(o->conf);
	struct nj_buf b = { 0 };

	if (!conf)
		return NJ_EXIT_CONFIG;
	if (conf->file[0])
		nj_buf_printf(&b, "%s: no mistakes\n", conf->file);
	else
		nj_buf_printf(&b, "%s does not exist: defaults apply\n",
			NJ_CONF_PATH);
	nj_conf_destroy(&conf);
	return nj_print(&nj_command_config, &b);
}

static enum nj_exit
show(const struct config_opts *o)
{
	struct nj_conf *conf = nj_conf_open(o->conf);
	struct nj_buf b = { 0 };

	if (!conf)
		return NJ_EXIT_CONFIG;
	if (o->json)
		nj_conf_show_json(conf, o->all, &b);
	else
		nj_conf_show(conf, o->all, &b);
	if (!b.len && !b.bad)
		nj_buf_str(&b, "# every option is at its default; --all "
			       "shows them\n");
	nj_conf_destroy(&conf);
	return nj_print(&nj_command_config, &b);
}

static enum nj_exit
reference(const struct config_opts *o)
{
	struct nj_buf b = { 0 };

	(void)o;
	nj_conf_reference(&b);
	return nj_print(&nj_command_config, &b);
}

static enum nj_exit
example(const struct config_opts *o)
{
	struct nj_buf b = { 0 };

	(void)o;
	nj_conf_example(&b);
	return nj_print(&nj_command_config, &b);
}

static const struct {
	const char *name;
	enum nj_exit (*run)(const struct config_opts *o);
} actions[] = {
	{ "check", check },
	{ "show", show },
	{ "reference", reference },
	{ "example", example },
};

static enum nj_exit
config_run(const void *opts, const struct nj_words *words)
{
	struct nj_nearest near = { .word = nj_str(words->v[0]) };
	char remedy[96] = "use check, show, reference or example";

	for (size_t i = 0; i < nj_countof(actions); i++) {
		if (!strcmp(actions[i].name, words->v[0]))
			return actions[i].run(opts);
		nj_nearest_try(&near, nj_str(actions[i].name));
	}
	if (near.best.data)
		(void)snprintf(remedy, sizeof(remedy),
			"did you mean nightjar config %.*s?",
			(int)near.best.len, (const char *)near.best.data);
	nj_complain("config", "no such action", remedy);
	return NJ_EXIT_USAGE;
}

const struct nj_command nj_command_config = {
	.name = "config",
	.text = "Check or show the configuration, print its reference",
	.usage = "check|show|reference|example [options]",
	.more = "check      name every mistake of the file; exit status 3 if "
		"there are any\n"
		"show       print the values in force and where each was set\n"
		"reference  print every option as Markdown\n"
		"example    print a file with every option, commented out\n",
	.args = config_args,
	.opts_bytes = sizeof(struct config_opts),
	.words_min = 1,
	.words_max = 1,
	.examples =
		"  nightjar config check -c nightjar.yaml\n"
		"      Is it sound? Mistakes are named with line and column.\n"
		"  nightjar config show --all\n"
		"      What applies here, defaults included?\n"
		"  nightjar config example > nightjar.yaml\n"
		"      A file to start from.\n",
	.run = config_run,
};
