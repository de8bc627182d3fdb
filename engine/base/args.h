/*
 * args.h - command-line options as a table: the table parses them into a
 * struct by offsets, checks them and prints their help. A program's commands
 * each have one table; see engine/apps/nightjar/command.h.
 */
#ifndef NJ_BASE_ARGS_H
#define NJ_BASE_ARGS_H

#include "engine/base/base.h"
#include "engine/base/buf.h"

/* What a program's exit status says (a contract with scripts). */
enum nj_exit {
	NJ_EXIT_DONE = 0,
	NJ_EXIT_FAILED = 1, /* the work failed */
	NJ_EXIT_USAGE = 2,  /* called in a wrong way */
	NJ_EXIT_CONFIG = 3  /* bad configuration, nothing was started */
};

enum nj_arg_type {
	NJ_ARG_FLAG, /* bool, takes no value */
	NJ_ARG_STR,  /* const char *, borrowed from argv */
	NJ_ARG_U64,  /* uint64_t in decimal */
	NJ_ARG_LIST  /* struct nj_arg_list: repeated, or split at commas */
};

enum { NJ_ARG_LIST_MAX = 64 };
struct nj_arg_list {
	struct nj_view v[NJ_ARG_LIST_MAX]; /* borrowed from argv */
	unsigned n;
};

struct nj_arg {
	const char *name;  /* long name without "--"; NULL ends a table */
	char letter;       /* short name, 0 for none */
	uint8_t type;      /* enum nj_arg_type */
	uint16_t offset;   /* of the member in the options struct */
	const char *value; /* what the help calls the value: "FILE" */
	const char *text;  /* one sentence or phrase for the help */
	const char *const *allowed; /* words a STR may be; NULL: any */
	uint64_t min, max;          /* of a U64; both 0: any */
};

/* Words that are no options, in the order given. */
struct nj_words {
	char **v;
	unsigned n;
};

/* Why a command line was refused; remedy may be "". */
struct nj_arg_error {
	char why[192], remedy[192];
};

/* Reads argv[0..argc) (without program and command name) by the table into
 * *opts, which the caller has filled with the defaults. "--" ends options,
 * "-" is a word. Reorders argv; out->v points into it. --help and -h are
 * not known here: ask nj_args_want_help first. */
NJ_MUST_USE bool nj_args_parse(const struct nj_arg *table, void *opts,
	struct nj_words *argv_then_words, struct nj_arg_error *error);
/* Whether -h or --help stands before any "--". */
bool nj_args_want_help(const struct nj_words *argv);
/* The table as help lines of at most 79 columns. */
void nj_args_help(const struct nj_arg *table, struct nj_buf *out);
/* "  left      text text" wrapped, with the text beginning at column at. */
void nj_args_help_line(
	struct nj_buf *out, const char *left, unsigned at, const char *text);

#endif
