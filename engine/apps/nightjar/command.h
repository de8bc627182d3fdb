/*
 * command.h - what one command of `nightjar` is: one file, one table entry,
 * one line in commands.def. To add `nightjar frob`:
 *
 *	frob.c:	struct frob_opts {
 *			const char *conf;
 *			bool json;
 *		};
 *		static const struct nj_arg frob_args[] = {
 *			{ "config", 'c', NJ_ARG_STR,
 *				offsetof(struct frob_opts, conf), "FILE",
 *				"Configuration to use" },
 *			{ "json", 0, NJ_ARG_FLAG,
 *				offsetof(struct frob_opts, json), NULL,
 *				"Print one JSON object" },
 *			{ 0 }
 *		};
 *		static enum nj_exit
 *		frob_run(const void *opts, const struct nj_words *words)
 *		{
 *			const struct frob_opts *o = opts;
 *			...
 *		}
 *		const struct nj_command nj_command_frob = {
 *			.name = "frob",
 *			.text = "Frob captures",
 *			.usage = "[options] FILE...",
 *			.args = frob_args,
 *			.opts_bytes = sizeof(struct frob_opts),
 *			.words_min = 1,
 *			.words_max = NJ_WORDS_ANY,
 *			.examples = "nightjar frob a.pcap\n"
 *				    "    Frobs one capture.\n",
 *			.run = frob_run,
 *		};
 *	commands.def: COMMAND(frob)
 *
 * The options struct comes zeroed, so a zero is the default or means "not
 * given". Wrong use is refused before run is called: unknown options, values
 * out of range, too few or too many words. run says what else went wrong
 * with nj_complain("frob", why, remedy) and gives the exit status.
 */
#ifndef NJ_APPS_NIGHTJAR_COMMAND_H
#define NJ_APPS_NIGHTJAR_COMMAND_H

#include "engine/base/args.h"

#define NJ_WORDS_ANY UINT32_MAX
enum { NJ_COMMAND_OPTS_BYTES_MAX = 8192 };

struct nj_command {
	const char *name;
	const char *text;     /* one line, no full stop, for the overview */
	const char *usage;    /* what follows "nightjar NAME " */
	const char *more;     /* further paragraphs of the help, or NULL */
	const char *examples; /* "command\n    what it does\n" ... */
	const struct nj_arg *args; /* ends with { 0 }; NULL: no options */
	size_t opts_bytes;
	uint32_t words_min, words_max;
	enum nj_exit (*run)(const void *opts, const struct nj_words *words);
};

/* Every command in order of commands.def; a NULL ends it. */
extern const struct nj_command *const nj_commands[];

/* The help of a command, as --help prints it. */
void nj_command_help(const struct nj_command *c, struct nj_buf *out);

/* Writes what is in b to standard output and frees b. NJ_EXIT_FAILED, with a
 * message, when that cannot be done (disk full, pipe closed). */
enum nj_exit nj_print(const struct nj_command *c, struct nj_buf *b);

#endif
