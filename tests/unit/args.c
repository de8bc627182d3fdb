/*
 * args.c - tests of the option table and of the nearest word.
 */
#include "tests/unit/unit.h"

#include "engine/base/args.h"
#include "engine/base/nearest.h"

struct opts {
	bool quiet, verbose;
	const char *out, *mode;
	uint64_t count;
	struct nj_arg_list types;
};

static const char *const modes[] = { "fast", "exact", NULL };
static const struct nj_arg table[] = {
	{ "quiet", 'q', NJ_ARG_FLAG, offsetof(struct opts, quiet), NULL, "Q" },
	{ "verbose", 'v', NJ_ARG_FLAG, offsetof(struct opts, verbose), NULL,
		"V" },
	{ "output", 'o', NJ_ARG_STR, offsetof(struct opts, out), "DIR", "O" },
	{ "mode", 0, NJ_ARG_STR, offsetof(struct opts, mode), "MODE", "M",
		modes },
	{ "count", 'n', NJ_ARG_U64, offsetof(struct opts, count), "N", "N",
		NULL, 1, 100 },
	{ "log", 0, NJ_ARG_LIST, offsetof(struct opts, types), "TYPE,...",
		"Log types" },
	{ 0 },
};

static struct nj_arg_error error;

static bool
parse(struct opts *o, struct nj_words *words)
{
	*o = (struct opts){ 0 };
	return nj_args_parse(table, o, words, &error);
}

#define WORDS(...)                                                             \
	{                                                                      \
		(char *[]){ __VA_ARGS__ },                                     \
			sizeof((char *[]){ __VA_ARGS__ }) / sizeof(char *)     \
	}

/* Long and short options, values in the same word or the next, and words
 * between them are all read; "-" is a word and "--" ends the options. */
static void
reads_every_form(void **unused)
{
	struct nj_words w = WORDS("a", "-qv", "--output=x", "-n7", "-", "--log",
		"dns,http", "--log", "ssl", "--mode", "exact", "--", "--quiet");
	struct opts o;

	(void)unused;
	assert_true(parse(&o, &w));
	assert_true(o.quiet && o.verbose);
	assert_string_equal(o.out, "x");
	assert_string_equal(o.mode, "exact");
	assert_int_equal(o.count, 7);
	assert_int_equal(o.types.n, 3);
	assert_true(nj_view_eq(o.types.v[2], NJ_LIT("ssl")));
	assert_int_equal(w.n, 3);
	assert_string_equal(w.v[0], "a");
	assert_string_equal(w.v[1], "-");
	assert_string_equal(w.v[2], "--quiet");
}

/* Each kind of wrong use is refused with what, and with what to do. */
static void
refuses_wrong_use(void **unused)
{
	static const struct {
		const char *word, *why, *remedy;
	} cases[] = {
		{ "--outptu", "unknown option --outptu",
			"did you mean --output?" },
		{ "-x", "unknown option -x", "" },
		{ "--output", "no value after --output",
			"give a value: --output DIR" },
		{ "--quiet=1", "no value allowed for --quiet", "" },
		{ "--count=101", "number out of range in --count",
			"use 1 to 100" },
		{ "--mode=slow", "unknown value for --mode",
			"use one of fast, exact" },
	};
	struct opts o;

	(void)unused;
	for (size_t i = 0; i < nj_countof(cases); i++) {
		struct nj_words w = WORDS((char *)(uintptr_t)cases[i].word);

		assert_false(parse(&o, &w));
		assert_string_equal(error.why, cases[i].why);
		assert_string_equal(error.remedy, cases[i].remedy);
	}
}

/* Help is printed from the table, wrapped within 79 columns. */
static void
help_wraps(void **unused)
{
	static const struct nj_arg one[] = {
		{ "output", 'o', NJ_ARG_STR, 0, "DIR",
			"A text that is long enough to be wrapped in the "
			"second column of the help" },
		{ 0 },
	};
	struct nj_buf b = { 0 };

	(void)unused;
	nj_args_help(one, &b);
	nj_buf_char(&b, 0);
	assert_string_equal((char *)b.data,
		"  -o, --output DIR        A text that is long enough to be "
		"wrapped in the\n"
		"                          second column of the help\n"
		"  -h, --help              Print this help\n");
	nj_buf_free(&b);
}

/* Edits are counted without case, a swap of neighbours as one; a word that
 * has little in common with the candidates has no nearest. */
static void
nearest_word(void **unused)
{
	struct nj_nearest typo = { .word = NJ_LIT("verison") };
	struct nj_nearest far = { .word = NJ_LIT("qqq") };
	static const char *const names[] = { "read", "run", "version" };

	(void)unused;
	assert_int_equal(nj_edits(NJ_LIT("Workers"), NJ_LIT("worker")), 1);
	assert_int_equal(nj_edits(NJ_LIT("verison"), NJ_LIT("version")), 1);
	assert_int_equal(nj_edits(NJ_LIT(""), NJ_LIT("abc")), 3);
	for (size_t i = 0; i < nj_countof(names); i++) {
		nj_nearest_try(&typo, nj_str(names[i]));
		nj_nearest_try(&far, nj_str(names[i]));
	}
	assert_true(nj_view_eq(typo.best, NJ_LIT("version")));
	assert_null(far.best.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_form),
		cmocka_unit_test(refuses_wrong_use),
		cmocka_unit_test(help_wraps),
		cmocka_unit_test(nearest_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
