/*
 * yaml.c - nightjar.yaml to values (YAML 1.1 through libyaml's event
 * parser). Every mistake is named with line and column; reading goes on
 * after one, so that all are seen at once.
 *
 * The file may come from a stranger: nesting and keys are bounded, aliases
 * are refused (so nothing can multiply), and nothing here recurses.
 */
#include <stdio.h>
#include <yaml.h>

#include "engine/base/nearest.h"
#include "engine/conf/conf_priv.h"

enum { DEPTH_MAX = 12, KEYS_MAX = 128 };

enum frame_kind {
	FRAME_SECTION, /* a map of options, or of sections */
	FRAME_LIST,    /* the elements of a list option */
	FRAME_ITEM,    /* one map of a list of maps */
	FRAME_SKIP     /* below something that was refused */
};

struct key_seen {
	uint64_t hash;
	uint32_t line;
};

struct frame {
	enum frame_kind kind;
	bool want_value; /* a key was read, its value is next */
	const struct conf_option *option; /* of LIST, ITEM; of a value */
	void *element;                    /* of ITEM */
	size_t member_len;                /* of the section's path */
	yaml_mark_t mark;                 /* where it begins */
	unsigned keys;
	struct key_seen seen[KEYS_MAX];
};

struct reader {
	struct nj_conf *conf;
	struct nj_buf *errors;
	unsigned error_count;
	yaml_parser_t parser;
	struct nj_view text;
	/* Of the innermost section or of the key in hand, as a member's
	 * name. */
	char member[CONF_PATH_MAX];
	struct frame frames[DEPTH_MAX];
	unsigned depth;
	unsigned documents;
	bool stop;
};

static void
mistake(struct reader *r, yaml_mark_t mark, const char *what, const char *why,
	const char *remedy)
{
	if (r->error_count++ >= CONF_ERRORS_MAX)
		return;
	nj_buf_printf(r->errors, "%s:%zu:%zu: %s%s%s%s%s\n", r->conf->file,
		mark.line + 1, mark.column + 1, what, what[0] ? ": " : "", why,
		remedy[0] ? ": " : "", remedy);
}

/* mistake() about the option or section in hand. */
static void
mistake_here(
	struct reader *r, yaml_mark_t mark, const char *why, const char *remedy)
{
	char path[CONF_PATH_MAX];

	(void)conf_path(r->member, path);
	mistake(r, mark, path, why, remedy);
}

/* mistake_here() with what the option takes as the remedy. */
static void
mistake_of(struct reader *r, yaml_mark_t mark, const char *why,
	const struct conf_option *o)
{
	struct nj_buf allowed = { 0 };

	nj_buf_str(&allowed, "allowed: ");
	conf_allowed_text(&allowed, o);
	nj_buf_char(&allowed, 0);
	mistake_here(
		r, mark, why, allowed.bad ? "" : (const char *)allowed.data);
	nj_buf_free(&allowed);
}

static struct frame *
top(struct reader *r)
{
	return &r->frames[r->depth - 1];
}

static bool
push(struct reader *r, enum frame_kind kind, yaml_mark_t mark)
{
	struct frame *f;

	if (r->depth == DEPTH_MAX) {
		mistake(r, mark, "", "nested too deeply",
			"options stand at most three maps deep");
		r->stop = true;
		return false;
	}
	f = &r->frames[r->depth++];
	memset(f, 0, offsetof(struct frame, seen));
	f->kind = kind;
	f->mark = mark;
	f->member_len = strlen(r->member);
	return true;
}

static struct nj_view
scalar_of(const yaml_event_t *e)
{
	return (struct nj_view){ e->data.scalar.value, e->data.scalar.length };
}

static bool
is_null(const yaml_event_t *e)
{
	struct nj_view v = scalar_of(e);

	return e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!v.len || nj_view_eq(v, NJ_LIT("~")) ||
		       nj_view_eq(v, NJ_LIT("null")));
}

/* Remembers the key in the frame; false when it is a second one. */
static bool
key_is_new(struct reader *r, struct frame *f, const yaml_event_t *e)
{
	static const struct nj_hash_key key = { 1, 2 };
	struct nj_view v = scalar_of(e);
	uint64_t hash = nj_hash64(&key, v.data, v.len);
	char why[64];

	for (unsigned i = 0; i < f->keys; i++) {
		if (f->seen[i].hash != hash)
			continue;
		(void)snprintf(why, sizeof(why), "stands on line %u already",
			f->seen[i].line);
		mistake_here(r, e->start_mark, why, "keep one of the two");
		return false;
	}
	if (f->keys == KEYS_MAX) {
		mistake(r, e->start_mark, "", "too many keys in one map",
			"no map has that many options");
		r->stop = true;
		return false;
	}
	f->seen[f->keys++] =
		(struct key_seen){ hash, (uint32_t)e->start_mark.line + 1 };
	return true;
}

/* Sets r->member to the path of f's section and the key, "." as "__". A key
 * that cannot be part of a path is marked so that it is found nowhere. */
static void
member_set(struct reader *r, const struct frame *f, struct nj_view key)
{
	size_t n = f->member_len;

	if (n)
		n += (size_t)snprintf(
			r->member + n, sizeof(r->member) - n, "__");
	for (size_t i = 0; i < key.len && n < sizeof(r->member) - 4; i++) {
		uint8_t c = key.data[i];

		if (c == '.') {
			r->member[n++] = '_';
			c = '_';
		} else if (c < 0x20 || c >= 0x7f ||
			   (c == '_' && i && key.data[i - 1] == '_')) {
			c = '?';
		}
		r->member[n++] = (char)c;
	}
	r->member[n] = 0;
}

static const struct conf_option *
option_find(const char *member)
{
	for (unsigned i = 0; i < NJ_CONF_COUNT; i++)
		if (!strcmp(conf_options[i].member, member))
			return &conf_options[i];
	return NULL;
}

/* Whether the first n bytes of an option's name are this section. */
static bool
in_section(const char *option, const char *section, size_t n)
{
	return !n ||
	       (!strncmp(option, section, n) && !strncmp(option + n, "__", 2));
}

static bool
is_section(const char *member)
{
	for (unsigned i = 0; i < NJ_CONF_COUNT; i++)
		if (in_section(conf_options[i].member, member, strlen(member)))
			return true;
	return false;
}

/* The first part of a name after skip bytes. */
static struct nj_view
part_at(const char *member, size_t skip)
{
	const char *from = member + skip + (skip ? 2 : 0);
	const char *to = strstr(from, "__");

	return (struct nj_view){ (const uint8_t *)from,
		to ? (size_t)(to - from) : strlen(from) };
}

static void
list_part(struct nj_buf *b, struct nj_view part, struct nj_view *last)
{
	/* Options of one section stand together in the table. */
	if (nj_view_eq(part, *last))
		return;
	nj_buf_printf(b, "%s%.*s",
		last->len ? ", " : "allowed here: ", (int)part.len,
		(const char *)part.data);
	*last = part;
}

/* What may stand beside the key, or which of it is nearest to the key. */
static void
unknown_key(struct reader *r, const struct frame *f, const yaml_event_t *e)
{
	struct nj_view key = scalar_of(e), last = { 0 };
	struct nj_nearest near = { .word = key };
	struct nj_buf all = { 0 };
	char path[CONF_PATH_MAX], remedy[512];

	for (unsigned i = 0; i < NJ_CONF_COUNT; i++) {
		const char *member = conf_options[i].member;
		struct nj_view part;

		if (!in_section(member, r->member, f->member_len))
			continue;
		part = part_at(member, f->member_len);
		nj_nearest_try(&near, part);
		list_part(&all, part, &last);
	}
	(void)snprintf(remedy, sizeof(remedy), "%.*s", (int)all.len,
		(const char *)all.data);
	if (near.best.data)
		(void)snprintf(remedy, sizeof(remedy), "did you mean %.*s?",
			(int)near.best.len, (const char *)near.best.data);
	for (unsigned i = 0; i < NJ_CONF_COUNT && !near.best.data; i++) {
		const char *member = conf_options[i].member;
		size_t n = strlen(member);

		/* The right word in the wrong place. */
		if (n < key.len + 2 ||
			memcmp(member + n - key.len, key.data, key.len) != 0 ||
			strncmp(member + n - key.len - 2, "__", 2) != 0)
			continue;
		(void)conf_path(member, path);
		(void)snprintf(
			remedy, sizeof(remedy), "did you mean %s?", path);
		break;
	}
	mistake_here(r, e->start_mark, "no such option", remedy);
	nj_buf_free(&all);
}

static void
section_key(struct reader *r, struct frame *f, const yaml_event_t *e)
{
	const struct nj_conf_origin *from;

	member_set(r, f, scalar_of(e));
	f->option = option_find(r->member);
	f->want_value = true;
	if (!key_is_new(r, f, e)) {
		f->option = NULL;
		r->member[f->member_len] = 0;
		return;
	}
	if (!f->option && !is_section(r->member)) {
		unknown_key(r, f, e);
		r->member[f->member_len] = 0;
		return;
	}
	if (!f->option)
		return;
	from = &r->conf->origin[f->option - conf_options];
	if (from->from == NJ_CONF_FILE) {
		char why[64];

		(void)snprintf(why, sizeof(why), "is set on line %u already",
			from->line);
		mistake_here(r, e->start_mark, why, "keep one of the two");
		f->option = NULL;
		r->member[f->member_len] = 0;
	}
}

static void
unknown_item_key(struct reader *r, const yaml_event_t *e)
{
	const struct conf_option *i = r->frames[r->depth - 2].option->item;
	struct nj_view key = scalar_of(e);
	struct nj_nearest near = { .word = key };
	struct nj_buf all = { 0 };
	char why[96];

	for (; i->member; i++) {
		nj_nearest_try(&near, nj_str(i->member));
		nj_buf_printf(&all, "%s%s",
			all.len ? ", " : "allowed here: ", i->member);
	}
	if (near.best.data) {
		nj_buf_reset(&all);
		nj_buf_printf(
			&all, "did you mean %s?", (const char *)near.best.data);
	}
	nj_buf_char(&all, 0);
	(void)snprintf(why, sizeof(why), "no such key \"%.*s\"",
		(int)nj_min(key.len, (size_t)48),
		key.len ? (const char *)key.data : "");
	mistake_here(
		r, e->start_mark, why, all.bad ? "" : (const char *)all.data);
	nj_buf_free(&all);
}

static void
item_key(struct reader *r, struct frame *f, const yaml_event_t *e)
{
	const struct conf_option *i = r->frames[r->depth - 2].option->item;

	f->want_value = true;
	f->option = NULL;
	if (!key_is_new(r, f, e))
		return;
	while (i->member && !nj_view_eq(nj_str(i->member), scalar_of(e)))
		i++;
	if (i->member)
		f->option = i;
	else
		unknown_item_key(r, e);
}

static void
origin_set(struct reader *r, const struct conf_option *o, yaml_mark_t mark)
{
	r->conf->origin[o - conf_options] =
		(struct nj_conf_origin){ NJ_CONF_FILE, (uint32_t)mark.line + 1,
			(uint32_t)mark.column + 1 };
}

/* A value of a section's key. */
static void
section_value(struct reader *r, struct frame *f, const yaml_event_t *e)
{
	const struct conf_option *o = f->option;
	struct conf_problem problem = { 0 };

	f->want_value = false;
	if (!o) {
		/* The section's keys may all be commented out. */
		if (strlen(r->member) != f->member_len && !is_null(e))
			mistake_here(r, e->start_mark,
				"is a section, not a value",
				"write its options below it, indented");
	} else if (is_null(e)) {
		mistake_of(r, e->start_mark, "has no value", o);
	} else if (!conf_value_set(r->conf, o, conf_member(r->conf, o),
			   scalar_of(e), &problem)) {
		mistake_here(r, e->start_mark, problem.why, problem.remedy);
	}
	if (o)
		origin_set(r, o, e->start_mark);
	r->member[f->member_len] = 0;
}

static void
item_value(struct reader *r, struct frame *f, const yaml_event_t *e)
{
	const struct conf_option *o = f->option;
	struct conf_problem problem = { 0 };

	f->want_value = false;
	if (!o)
		return;
	if (is_null(e))
		mistake_here(r, e->start_mark, "a key has no value",
			"give one or remove the key");
	else if (!conf_value_set(r->conf, o, (uint8_t *)f->element + o->offset,
			 scalar_of(e), &problem))
		mistake_here(r, e->start_mark, problem.why, problem.remedy);
}

static void
on_scalar(struct reader *r, const yaml_event_t *e)
{
	struct conf_problem problem = { 0 };
	struct frame *f;

	if (!r->depth) {
		if (is_null(e))
			return;
		mistake(r, e->start_mark, "", "the file is no map of options",
			"begin with a section such as capture:");
		r->stop = true;
		return;
	}
	f = top(r);
	if (f->kind == FRAME_SECTION) {
		if (f->want_value)
			section_value(r, f, e);
		else
			section_key(r, f, e);
	} else if (f->kind == FRAME_ITEM) {
		if (f->want_value)
			item_value(r, f, e);
		else
			item_key(r, f, e);
	} else if (f->kind == FRAME_LIST) {
		if (!conf_value_add(r->conf, f->option,
			    conf_member(r->conf, f->option), scalar_of(e),
			    &problem))
			mistake_here(
				r, e->start_mark, problem.why, problem.remedy);
	}
}

/* The value of an option begins with [ or {. */
static void
option_opens(struct reader *r, struct frame *f, const yaml_event_t *e)
{
	const struct conf_option *o = f->option;
	bool list = e->type == YAML_SEQUENCE_START_EVENT;

	f->want_value = false;
	if (f->kind == FRAME_SECTION)
		origin_set(r, o, e->start_mark);
	if (f->kind == FRAME_SECTION && list && conf_is_list(o)) {
		conf_list_clear(conf_member(r->conf, o));
		if (push(r, FRAME_LIST, e->start_mark))
			top(r)->option = o;
		return;
	}
	mistake_of(r, e->start_mark,
		list ? "does not take a list" : "does not take a map", o);
	(void)push(r, FRAME_SKIP, e->start_mark);
}

static void
element_opens(struct reader *r, struct frame *f, const yaml_event_t *e)
{
	const struct conf_option *o = f->option;
	struct conf_problem problem = { 0 };
	void *element;

	if (!o->item || e->type != YAML_MAPPING_START_EVENT) {
		mistake_here(r, e->start_mark,
			"an element is not what the list takes",
			o->item ? "write a map: { interface: eth0 }"
				: "write plain words or numbers");
		(void)push(r, FRAME_SKIP, e->start_mark);
		return;
	}
	element = conf_list_grow(r->conf, o, conf_member(r->conf, o), &problem);
	if (!element) {
		mistake_here(r, e->start_mark, problem.why, problem.remedy);
		r->stop = true;
		return;
	}
	if (push(r, FRAME_ITEM, e->start_mark))
		top(r)->element = element;
}

static void
on_open(struct reader *r, const yaml_event_t *e)
{
	bool map = e->type == YAML_MAPPING_START_EVENT;
	struct frame *f;

	if (!r->depth) {
		if (!map)
			mistake(r, e->start_mark, "",
				"the file is a list, not a map of options",
				"begin with a section such as capture:");
		(void)push(r, map ? FRAME_SECTION : FRAME_SKIP, e->start_mark);
		return;
	}
	f = top(r);
	if (f->kind == FRAME_LIST) {
		element_opens(r, f, e);
		return;
	}
	if (f->kind != FRAME_SKIP && !f->want_value) {
		mistake(r, e->start_mark, "", "a list or map as a key",
			"keys are words");
		r->stop = true;
		return;
	}
	if (f->kind != FRAME_SKIP && f->option) {
		option_opens(r, f, e);
		return;
	}
	f->want_value = false;
	if (f->kind == FRAME_SECTION && strlen(r->member) != f->member_len) {
		if (!map)
			mistake_here(r, e->start_mark,
				"is a section, not a list",
				"write its options below it, indented");
		(void)push(r, map ? FRAME_SECTION : FRAME_SKIP, e->start_mark);
		return;
	}
	(void)push(r, FRAME_SKIP, e->start_mark);
}

static void
on_close(struct reader *r)
{
	struct frame *f = top(r);
	struct conf_problem problem = { 0 };
	const struct conf_option *o;

	r->depth--;
	if (f->kind == FRAME_ITEM) {
		o = top(r)->option;
		if (!o->check(f->element, &problem))
			mistake_here(r, f->mark, problem.why, problem.remedy);
		return;
	}
	if (f->kind == FRAME_LIST && f->option->check_all &&
		!f->option->check_all(
			conf_member(r->conf, f->option), &problem))
		mistake_here(r, f->mark, problem.why, problem.remedy);
	/* Back to the section that this one, or the list, stands in. */
	if (r->depth && top(r)->kind == FRAME_SECTION)
		r->member[top(r)->member_len] = 0;
}

static void
refuse_extras(struct reader *r, const yaml_event_t *e)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (e->type == YAML_SCALAR_EVENT) {
		anchor = e->data.scalar.anchor;
		tag = e->data.scalar.tag;
	} else if (e->type == YAML_SEQUENCE_START_EVENT) {
		anchor = e->data.sequence_start.anchor;
		tag = e->data.sequence_start.tag;
	} else if (e->type == YAML_MAPPING_START_EVENT) {
		anchor = e->data.mapping_start.anchor;
		tag = e->data.mapping_start.tag;
	}
	if (anchor)
		mistake(r, e->start_mark, "", "anchors (&) are not allowed",
			"write the value itself");
	if (tag)
		mistake(r, e->start_mark, "", "tags (!) are not allowed",
			"write the value itself");
}

/* An alias stood where a key or a value was expected: pass over it. */
static void
after_alias(struct reader *r, struct frame *f)
{
	if (f->kind == FRAME_SECTION)
		r->member[f->member_len] = 0;
	if (f->kind == FRAME_LIST)
		return;
	f->option = NULL;
	f->want_value = !f->want_value;
}

static void
on_event(struct reader *r, const yaml_event_t *e)
{
	refuse_extras(r, e);
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (r->documents++) {
			mistake(r, e->start_mark, "",
				"a second document begins",
				"remove the line with ---");
			r->stop = true;
		}
		break;
	case YAML_ALIAS_EVENT:
		mistake(r, e->start_mark, "", "aliases (*) are not allowed",
			"write the value itself");
		if (r->depth)
			after_alias(r, top(r));
		break;
	case YAML_SCALAR_EVENT:
		on_scalar(r, e);
		break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		on_open(r, e);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		on_close(r);
		break;
	case YAML_STREAM_END_EVENT:
		r->stop = true;
		break;
	default:
		break;
	}
}

/* What libyaml says where the text is no YAML at all. */
static void
syntax_mistake(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	yaml_mark_t mark = p->problem_mark;
	char why[256];

	if (p->error == YAML_READER_ERROR) {
		/* It knows only the offset of bytes that are no text. */
		mark = (yaml_mark_t){ 0 };
		for (size_t i = 0; i < p->problem_offset && i < r->text.len;
			i++) {
			bool line = r->text.data[i] == '\n';

			mark.line += line;
			mark.column = line ? 0 : mark.column + 1;
		}
	}
	(void)snprintf(why, sizeof(why), "%s%s%s",
		p->problem ? p->problem : nj_err_text(NJ_E_NOMEM),
		p->context ? " " : "", p->context ? p->context : "");
	mistake(r, mark, "not YAML", why,
		"check indentation, colons and quotes around here");
}

bool
conf_yaml_read(struct nj_conf *conf, struct nj_view text, struct nj_buf *errors)
{
	struct reader *r = conf_keep(conf, sizeof(*r));
	yaml_event_t event;

	if (!r || text.len > CONF_FILE_BYTES_MAX) {
		nj_buf_printf(errors, "%s: is larger than 1 MiB\n", conf->file);
		return false;
	}
	memset(r, 0, sizeof(*r));
	r->conf = conf;
	r->errors = errors;
	r->text = text;
	if (!yaml_parser_initialize(&r->parser)) {
		nj_buf_printf(errors, "%s: %s\n", conf->file,
			nj_err_text(NJ_E_NOMEM));
		return false;
	}
	yaml_parser_set_input_string(&r->parser,
		text.data ? text.data : (const uint8_t *)"", text.len);
	while (!r->stop) {
		if (!yaml_parser_parse(&r->parser, &event)) {
			syntax_mistake(r);
			break;
		}
		on_event(r, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&r->parser);
	if (r->error_count > CONF_ERRORS_MAX)
		nj_buf_printf(errors, "%s: %u more mistakes\n", conf->file,
			r->error_count - CONF_ERRORS_MAX);
	return !r->error_count;
}
