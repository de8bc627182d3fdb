/*
 * version.c - `nightjar version`: what was built, from what and with what,
 * so that a report names one exact program.
 */
#include "engine/apps/nightjar/build.h"
#include "engine/apps/nightjar/command.h"
#include "engine/apps/nightjar/commit.h"

struct version_opts {
	bool json;
};

static const struct nj_arg version_args[] = {
	{ "json", 0, NJ_ARG_FLAG, offsetof(struct version_opts, json), NULL,
		"Print one JSON object" },
	{ 0 },
};

struct fact {
	const char *name, *value;
};

static const struct fact program_facts[] = {
	{ "version", NJ_BUILD_VERSION },
	{ "commit", NJ_BUILD_COMMIT },
	{ "compiler", NJ_BUILD_COMPILER },
	{ "build", NJ_BUILD_TYPE },
	{ "processor", NJ_BUILD_MARCH },
};

/* Versions that the program was built with, by Debian's pkg-config names. */
static const struct fact library_facts[] = {
#define NJ_LIBRARY(name, version) { name, version },
	NJ_BUILD_LIBRARIES
#undef NJ_LIBRARY
	{ NULL, NULL },
};

static void
text(struct nj_buf *b)
{
	nj_buf_printf(b, "nightjar %s\n", program_facts[0].value);
	for (size_t i = 1; i < nj_countof(program_facts); i++)
		nj_buf_printf(b, "%-10s %s\n", program_facts[i].name,
			program_facts[i].value);
	for (const struct fact *f = library_facts; f->name; f++)
		nj_buf_printf(b, "%-10s %s %s\n",
			f == library_facts ? "libraries" : "", f->name,
			f->value);
}

static void
json_fact(struct nj_buf *b, const struct fact *f, bool first)
{
	if (!first)
		nj_buf_char(b, ',');
	nj_buf_json_str(b, nj_str(f->name));
	nj_buf_char(b, ':');
	nj_buf_json_str(b, nj_str(f->value));
}

static void
json(struct nj_buf *b)
{
	nj_buf_char(b, '{');
	for (size_t i = 0; i < nj_countof(program_facts); i++)
		json_fact(b, &program_facts[i], i == 0);
	nj_buf_str(b, ",\"libraries\":{");
	for (const struct fact *f = library_facts; f->name; f++)
		json_fact(b, f, f == library_facts);
	nj_buf_str(b, "}}\n");
}

extern const struct nj_command nj_command_version;

static enum nj_exit
version_run(const void *opts, const struct nj_words *words)
{
	const struct version_opts *o = opts;
	struct nj_buf b = { 0 };

	(void)words;
	if (o->json)
		json(&b);
	else
		text(&b);
	return nj_print(&nj_command_version, &b);
}

const struct nj_command nj_command_version = {
	.name = "version",
	.text = "Print version, commit, compiler and libraries",
	.usage = "[--json]",
	.args = version_args,
	.opts_bytes = sizeof(struct version_opts),
	.examples = "  nightjar version --json\n"
		    "      Names this exact program in a report of a bug.\n",
	.run = version_run,
};
