/*
 * args.c - the option table at work: parse, complain, print help.
 */
#include "engine/base/args.h"

#include <stdio.h>

#include "engine/base/nearest.h"

enum { HELP_COLUMNS = 79, HELP_INDENT = 26 };

struct parse {
	const struct nj_arg *table;
	uint8_t *opts;
	struct nj_words *in;
	unsigned at; /* next of in->v to read */
	struct nj_arg_error *error;
};

static bool
refuse(struct parse *p, const char *what, struct nj_view name, const char *more)
{
	(void)snprintf(p->error->why, sizeof(p->error->why), "%s --%.*s%s",
		what, (int)nj_min(name.len, (size_t)64),
		name.len ? (const char *)name.data : "", more);
	return false;
}

static const struct nj_arg *
find_long(const struct parse *p, struct nj_view name)
{
	for (const struct nj_arg *a = p->table; a && a->name; a++)
		if (nj_view_eq(nj_str(a->name), name))
			return a;
	return NULL;
}

static const struct nj_arg *
find_letter(const struct parse *p, char letter)
{
	for (const struct nj_arg *a = p->table; a && a->name; a++)
		if (a->letter && a->letter == letter)
			return a;
	return NULL;
}

static bool
unknown_long(struct parse *p, struct nj_view name)
{
	struct nj_nearest near = { .word = name };

	for (const struct nj_arg *a = p->table; a && a->name; a++)
		nj_nearest_try(&near, nj_str(a->name));
	nj_nearest_try(&near, NJ_LIT("help"));
	if (near.best.data)
		(void)snprintf(p->error->remedy, sizeof(p->error->remedy),
			"did you mean --%.*s?", (int)near.best.len,
			(const char *)near.best.data);
	return refuse(p, "unknown option", name, "");
}

static bool
set_list(struct parse *p, const struct nj_arg *a, struct nj_view text)
{
	struct nj_arg_list *list = (void *)(p->opts + a->offset);

	while (text.len) {
		size_t at = nj_view_chr(text, ',');
		struct nj_view word = nj_sub(text, 0, at);

		text = at == SIZE_MAX ? NJ_LIT("")
				      : nj_sub(text, at + 1, text.len);
		if (!word.len)
			continue;
		if (list->n == NJ_ARG_LIST_MAX)
			return refuse(
				p, "too many values for", nj_str(a->name), "");
		list->v[list->n++] = word;
	}
	return true;
}

static bool
set_str(struct parse *p, const struct nj_arg *a, const char *text)
{
	struct nj_nearest near = { .word = nj_str(text) };
	size_t len = 0;

	for (unsigned i = 0; a->allowed && a->allowed[i]; i++) {
		nj_nearest_try(&near, nj_str(a->allowed[i]));
		len += (size_t)snprintf(p->error->remedy + len,
			sizeof(p->error->remedy) - len, "%s%s",
			i ? ", " : "use one of ", a->allowed[i]);
		NJ_ASSERT(len < sizeof(p->error->remedy));
	}
	if (a->allowed && (!near.best.data || near.edits))
		return refuse(p, "unknown value for", nj_str(a->name), "");
	p->error->remedy[0] = 0;
	memcpy(p->opts + a->offset, &text, sizeof(text));
	return true;
}

static bool
set_u64(struct parse *p, const struct nj_arg *a, const char *text)
{
	uint64_t value;
	bool any = !a->min && !a->max;

	if (!nj_view_u64(nj_str(text), &value) ||
		(!any && (value < a->min || value > a->max))) {
		if (any)
			return refuse(p, "not a whole number in",
				nj_str(a->name), "");
		(void)snprintf(p->error->remedy, sizeof(p->error->remedy),
			"use %llu to %llu", (unsigned long long)a->min,
			(unsigned long long)a->max);
		return refuse(p, "number out of range in", nj_str(a->name), "");
	}
	memcpy(p->opts + a->offset, &value, sizeof(value));
	return true;
}

/* text is the value where it stood in the same word, else NULL. */
static bool
set(struct parse *p, const struct nj_arg *a, const char *text)
{
	if (a->type == NJ_ARG_FLAG) {
		bool on = true;

		if (text)
			return refuse(
				p, "no value allowed for", nj_str(a->name), "");
		memcpy(p->opts + a->offset, &on, sizeof(on));
		return true;
	}
	if (!text && p->at == p->in->n) {
		(void)snprintf(p->error->remedy, sizeof(p->error->remedy),
			"give a value: --%s %s", a->name, a->value);
		return refuse(p, "no value after", nj_str(a->name), "");
	}
	if (!text)
		text = p->in->v[p->at++];
	if (a->type == NJ_ARG_LIST)
		return set_list(p, a, nj_str(text));
	if (a->type == NJ_ARG_U64)
		return set_u64(p, a, text);
	return set_str(p, a, text);
}

static bool
parse_long(struct parse *p, const char *word)
{
	const char *equals = strchr(word, '=');
	struct nj_view name = nj_str(word);
	const struct nj_arg *a;

	if (equals)
		name.len = (size_t)(equals - word);
	a = find_long(p, name);
	return a ? set(p, a, equals ? equals + 1 : NULL)
		 : unknown_long(p, name);
}

/* "-o DIR", "-oDIR", and flags together: "-ab". */
static bool
parse_letters(struct parse *p, const char *word)
{
	for (; *word; word++) {
		const struct nj_arg *a = find_letter(p, *word);

		if (!a) {
			(void)snprintf(p->error->why, sizeof(p->error->why),
				"unknown option -%c", *word);
			return false;
		}
		if (a->type != NJ_ARG_FLAG)
			return set(p, a, word[1] ? word + 1 : NULL);
		if (!set(p, a, NULL))
			return false;
	}
	return true;
}

bool
nj_args_parse(const struct nj_arg *table, void *opts, struct nj_words *words,
	struct nj_arg_error *error)
{
	struct parse p = { table, opts, words, 0, error };
	unsigned kept = 0;
	bool only_words = false;

	*error = (struct nj_arg_error){ 0 };
	while (p.at < words->n) {
		char *word = words->v[p.at++];

		if (only_words || word[0] != '-' || !word[1])
			words->v[kept++] = word;
		else if (!strcmp(word, "--"))
			only_words = true;
		else if (!(word[1] == '-' ? parse_long(&p, word + 2)
					  : parse_letters(&p, word + 1)))
			return false;
	}
	words->n = kept;
	return true;
}

bool
nj_args_want_help(const struct nj_words *argv)
{
	for (unsigned i = 0; i < argv->n; i++) {
		if (!strcmp(argv->v[i], "--"))
			return false;
		if (!strcmp(argv->v[i], "--help") || !strcmp(argv->v[i], "-h"))
			return true;
	}
	return false;
}

static void
pad(struct nj_buf *out, size_t *column, unsigned to)
{
	for (; *column < to; (*column)++)
		nj_buf_char(out, ' ');
}

void
nj_args_help_line(
	struct nj_buf *out, const char *left, unsigned at, const char *text)
{
	size_t column = strlen(left);
	bool first = true;

	nj_buf_str(out, left);
	if (column + 2 > at) {
		nj_buf_char(out, '\n');
		column = 0;
	}
	pad(out, &column, at);
	while (*text) {
		size_t len = strcspn(text, " ");

		if (!first && column + 1 + len > HELP_COLUMNS) {
			nj_buf_char(out, '\n');
			column = 0;
			pad(out, &column, at);
			first = true;
		}
		if (!first)
			nj_buf_char(out, ' ');
		nj_buf_put(out, text, len);
		column += len + !first;
		first = false;
		text += len + (text[len] == ' ');
	}
	nj_buf_char(out, '\n');
}

void
nj_args_help(const struct nj_arg *table, struct nj_buf *out)
{
	for (const struct nj_arg *a = table; a && a->name; a++) {
		char left[64], letter[8] = "    ";

		if (a->letter)
			(void)snprintf(
				letter, sizeof(letter), "-%c, ", a->letter);
		(void)snprintf(left, sizeof(left), "  %s--%s%s%s", letter,
			a->name, a->value ? " " : "", a->value ? a->value : "");
		nj_args_help_line(out, left, HELP_INDENT, a->text);
	}
	nj_args_help_line(out, "  -h, --help", HELP_INDENT, "Print this help");
}
