/*
 * main.c - the one command `nightjar`: finds the sub-command in the table,
 * reads its options by its own table, runs it. What each command does stands
 * in the file of its name.
 */
#include <stdio.h>

#include "engine/apps/nightjar/command.h"
#include "engine/base/log.h"
#include "engine/base/nearest.h"

#define COMMAND(name) extern const struct nj_command nj_command_##name;
#include "engine/apps/nightjar/commands.def"
#undef COMMAND

const struct nj_command *const nj_commands[] = {
#define COMMAND(name) &nj_command_##name,
#include "engine/apps/nightjar/commands.def"
#undef COMMAND
	NULL
};

static const char exit_text[] =
	"\nExit status: 0 done, 1 the work failed, 2 wrong use, 3 bad"
	" configuration.\n";

static const struct nj_command *
command_find(const char *name)
{
	for (const struct nj_command *const *c = nj_commands; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return NULL;
}

enum nj_exit
nj_print(const struct nj_command *c, struct nj_buf *b)
{
	bool done = !b->bad && fwrite(b->data, 1, b->len, stdout) == b->len &&
		    fflush(stdout) == 0;

	nj_buf_free(b);
	if (!done)
		nj_complain(c ? c->name : "help",
			"the output could not be written",
			"check the disk or the pipe");
	return done ? NJ_EXIT_DONE : NJ_EXIT_FAILED;
}

static enum nj_exit
print_overview(void)
{
	struct nj_buf b = { 0 };
	char left[40];

	nj_buf_str(&b, "Usage: nightjar COMMAND [options] ...\n\n"
		       "Listens to a copy of a network's traffic, dissects it "
		       "and keeps records of it.\n\nCommands:\n");
	for (const struct nj_command *const *c = nj_commands; *c; c++) {
		(void)snprintf(left, sizeof(left), "  %s", (*c)->name);
		nj_args_help_line(&b, left, 14, (*c)->text);
	}
	nj_args_help_line(&b, "  help", 14,
		"Print this, or the help of a command: nightjar help read");
	nj_buf_str(&b, exit_text);
	return nj_print(NULL, &b);
}

void
nj_command_help(const struct nj_command *c, struct nj_buf *out)
{
	nj_buf_printf(out, "Usage: nightjar %s %s\n\n%s.\n", c->name, c->usage,
		c->text);
	if (c->more)
		nj_buf_printf(out, "\n%s", c->more);
	nj_buf_str(out, "\nOptions:\n");
	nj_args_help(c->args, out);
	if (c->examples)
		nj_buf_printf(out, "\nExamples:\n%s", c->examples);
}

static enum nj_exit
print_help(const struct nj_command *c)
{
	struct nj_buf b = { 0 };

	nj_command_help(c, &b);
	nj_buf_str(&b, exit_text);
	return nj_print(c, &b);
}

static enum nj_exit
unknown_command(const char *name)
{
	struct nj_nearest near = { .word = nj_str(name) };
	char why[128], remedy[96];

	for (const struct nj_command *const *c = nj_commands; *c; c++)
		nj_nearest_try(&near, nj_str((*c)->name));
	nj_nearest_try(&near, NJ_LIT("help"));
	(void)snprintf(why, sizeof(why), "no such command");
	if (near.best.data)
		(void)snprintf(remedy, sizeof(remedy),
			"did you mean nightjar %.*s?", (int)near.best.len,
			(const char *)near.best.data);
	else
		(void)snprintf(
			remedy, sizeof(remedy), "see nightjar --help for all");
	nj_complain(name, why, remedy);
	return NJ_EXIT_USAGE;
}

static enum nj_exit
wrong_use(const struct nj_command *c, const char *why, const char *remedy)
{
	char see[256];

	(void)snprintf(see, sizeof(see), "%s%ssee nightjar %s --help", remedy,
		remedy[0] ? "; " : "", c->name);
	nj_complain(c->name, why, see);
	return NJ_EXIT_USAGE;
}

static enum nj_exit
run(const struct nj_command *c, struct nj_words *words)
{
	static _Alignas(max_align_t) uint8_t opts[NJ_COMMAND_OPTS_BYTES_MAX];
	struct nj_arg_error error;
	char usage[160];

	NJ_ASSERT(c->opts_bytes <= sizeof(opts));
	if (nj_args_want_help(words))
		return print_help(c);
	if (!nj_args_parse(c->args, opts, words, &error))
		return wrong_use(c, error.why, error.remedy);
	(void)snprintf(
		usage, sizeof(usage), "use nightjar %s %s", c->name, c->usage);
	if (words->n < c->words_min)
		return wrong_use(c, "something is missing", usage);
	if (words->n > c->words_max)
		return wrong_use(c, "more words than it takes", usage);
	return c->run(opts, words);
}

static enum nj_exit
help(const struct nj_words *words)
{
	const struct nj_command *c;

	if (!words->n || words->v[0][0] == '-')
		return print_overview();
	c = command_find(words->v[0]);
	return c ? print_help(c) : unknown_command(words->v[0]);
}

int
main(int argc, char **argv)
{
	struct nj_words words = { argv + 2, argc > 2 ? (unsigned)argc - 2 : 0 };
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct nj_command *c;

	if (!name) {
		nj_complain("no command", "nothing to do",
			"see nightjar --help for what there is");
		return NJ_EXIT_USAGE;
	}
	if (!strcmp(name, "help") || !strcmp(name, "--help") ||
		!strcmp(name, "-h"))
		return (int)help(&words);
	if (!strcmp(name, "--version"))
		name = "version";
	c = command_find(name);
	return (int)(c ? run(c, &words) : unknown_command(name));
}
