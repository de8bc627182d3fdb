/*
 * print.c - values as YAML and JSON, `config show`, the reference page and
 * the example file.
 */
#include <inttypes.h>
#include <stdio.h>

#include "engine/base/units.h"
#include "engine/conf/conf_priv.h"

enum { WRAP_COLUMNS = 79 };

static void
port_text(struct nj_buf *out, const struct nj_conf_port *port)
{
	const struct {
		const char *key, *value;
	} pairs[] = { { "pci", port->pci }, { "vdev", port->vdev },
		{ "interface", port->interface }, { "file", port->file },
		{ "feed", port->feed }, { "name", port->name } };
	bool first = true;

	nj_buf_char(out, '{');
	for (size_t i = 0; i < nj_countof(pairs); i++) {
		if (!pairs[i].value)
			continue;
		/* JSON is YAML, too. */
		nj_buf_printf(
			out, "%s\"%s\": ", first ? "" : ", ", pairs[i].key);
		nj_buf_json_str(out, nj_str(pairs[i].value));
		first = false;
	}
	nj_buf_char(out, '}');
}

static void
range_text(struct nj_buf *out, const struct nj_conf_range *r, bool json)
{
	bool quote = json && r->lo != r->hi;

	nj_buf_printf(out, "%s%" PRIu32, quote ? "\"" : "", r->lo);
	if (r->lo != r->hi)
		nj_buf_printf(out, "-%" PRIu32, r->hi);
	if (quote)
		nj_buf_char(out, '"');
}

static uint32_t
list_count(const struct conf_option *o, const void *at)
{
	if (o->type == CONF_STRINGS)
		return ((const struct nj_conf_strings *)at)->n;
	if (o->type == CONF_PREFIXES)
		return ((const struct nj_conf_prefixes *)at)->n;
	if (o->type == CONF_RANGES)
		return ((const struct nj_conf_ranges *)at)->n;
	return ((const struct nj_conf_ports *)at)->n;
}

static void
element_text(struct nj_buf *out, const struct conf_option *o, const void *at,
	uint32_t i, bool json)
{
	const struct nj_conf_strings *strings = at;
	const struct nj_conf_prefixes *prefixes = at;
	const struct nj_conf_ranges *ranges = at;
	const struct nj_conf_ports *ports = at;
	char text[NJ_PREFIX_TEXT];

	if (o->type == CONF_STRINGS) {
		nj_buf_json_str(out, nj_str(strings->v[i]));
	} else if (o->type == CONF_PREFIXES) {
		(void)nj_prefix_text(&prefixes->v[i], text);
		/* Quoted because of the colons of version 6. */
		nj_buf_json_str(out, nj_str(text));
	} else if (o->type == CONF_RANGES) {
		range_text(out, &ranges->v[i], json);
	} else {
		port_text(out, &ports->v[i]);
	}
}

static void
list_text(struct nj_buf *out, const struct conf_option *o, const void *at,
	bool json)
{
	uint32_t n = list_count(o, at);

	if (!n && o->can_auto) {
		nj_buf_str(out, json ? "\"auto\"" : "auto");
		return;
	}
	nj_buf_char(out, '[');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			nj_buf_str(out, ", ");
		element_text(out, o, at, i, json);
	}
	nj_buf_char(out, ']');
}

static void
key_text(struct nj_buf *out, const struct nj_hash_key *key)
{
	uint64_t half[2] = { key->k0, key->k1 };

	nj_buf_char(out, '"');
	for (unsigned i = 0; i < 16; i++)
		nj_buf_printf(out, "%02x",
			(unsigned)(half[i / 8] >> (i % 8 * 8) & 0xff));
	nj_buf_char(out, '"');
}

static void
number_value(
	struct nj_buf *out, const struct conf_option *o, int64_t v, bool json)
{
	bool bare = o->type == CONF_INT;

	if (v == 0 && o->can_auto) {
		nj_buf_str(out, json ? "\"auto\"" : "auto");
		return;
	}
	if (bare) {
		nj_buf_printf(out, "%" PRId64, v);
		return;
	}
	if (json)
		nj_buf_char(out, '"');
	if (o->type == CONF_SIZE)
		nj_size_text(out, v);
	else
		nj_duration_text(out, v);
	if (json)
		nj_buf_char(out, '"');
}

static void
value(struct nj_buf *out, const struct conf_option *o, const void *at,
	bool json)
{
	switch ((enum conf_type)o->type) {
	case CONF_BOOL:
		nj_buf_str(out, *(const bool *)at ? "true" : "false");
		return;
	case CONF_INT:
	case CONF_SIZE:
	case CONF_DURATION:
		number_value(out, o, *(const int64_t *)at, json);
		return;
	case CONF_ENUM:
		nj_buf_printf(out, json ? "\"%s\"" : "%s",
			o->allowed[*(const int *)at]);
		return;
	case CONF_STRING:
	case CONF_PATH:
		nj_buf_json_str(out, nj_str(*(const char *const *)at));
		return;
	case CONF_KEY:
		key_text(out, at);
		return;
	default:
		list_text(out, o, at, json);
	}
}

void
conf_value_text(struct nj_buf *out, const struct conf_option *o, const void *at)
{
	value(out, o, at, false);
}

void
conf_value_json(struct nj_buf *out, const struct conf_option *o, const void *at)
{
	value(out, o, at, true);
}

static bool
hidden(const struct nj_conf *conf, const struct conf_option *o)
{
	/* The default of a secret is in the reference; it is no secret. */
	return o->secret &&
	       conf->origin[o - conf_options].from != NJ_CONF_DEFAULT;
}

static void
origin_text(struct nj_buf *out, const struct nj_conf *conf, unsigned id)
{
	const struct nj_conf_origin *from = &conf->origin[id];

	if (from->from == NJ_CONF_DEFAULT)
		nj_buf_str(out, "default");
	else if (from->from == NJ_CONF_COMMAND)
		nj_buf_str(out, "command line");
	else
		nj_buf_printf(out, "%s:%u", conf->file, from->line);
}

void
nj_conf_show(const struct nj_conf *conf, bool all, struct nj_buf *out)
{
	char path[CONF_PATH_MAX];

	for (unsigned i = 0; i < NJ_CONF_COUNT; i++) {
		const struct conf_option *o = &conf_options[i];
		size_t begin = out->len;

		if (!all && conf->origin[i].from == NJ_CONF_DEFAULT)
			continue;
		(void)conf_path(o->member, path);
		if (hidden(conf, o)) {
			nj_buf_printf(out, "# %s is set, but not shown", path);
		} else {
			nj_buf_printf(out, "%s: ", path);
			conf_value_text(out, o, conf_member(conf, o));
		}
		do
			nj_buf_char(out, ' ');
		while (!out->bad && out->len - begin < 40);
		nj_buf_str(out, "# ");
		origin_text(out, conf, i);
		nj_buf_char(out, '\n');
	}
}

void
nj_conf_show_json(const struct nj_conf *conf, bool all, struct nj_buf *out)
{
	char path[CONF_PATH_MAX];
	struct nj_buf from = { 0 };
	bool first = true;

	nj_buf_char(out, '{');
	for (unsigned i = 0; i < NJ_CONF_COUNT; i++) {
		const struct conf_option *o = &conf_options[i];

		if (!all && conf->origin[i].from == NJ_CONF_DEFAULT)
			continue;
		(void)conf_path(o->member, path);
		nj_buf_printf(
			out, "%s\n\"%s\":{\"value\":", first ? "" : ",", path);
		if (hidden(conf, o))
			nj_buf_str(out, "null");
		else
			conf_value_json(out, o, conf_member(conf, o));
		nj_buf_reset(&from);
		origin_text(&from, conf, i);
		nj_buf_str(out, ",\"from\":");
		nj_buf_json_str(out, (struct nj_view){ from.data, from.len });
		nj_buf_char(out, '}');
		first = false;
	}
	nj_buf_str(out, "\n}\n");
	nj_buf_free(&from);
}

/* The section that member stands directly in, or NULL. */
static const struct conf_section *
section_of(const char *member)
{
	const struct conf_section *best = NULL;

	for (unsigned i = 0; i < conf_section_count; i++) {
		const struct conf_section *s = &conf_sections[i];
		size_t n = strlen(s->member);

		if (!strncmp(member, s->member, n) &&
			!strncmp(member + n, "__", 2) &&
			(!best || n > strlen(best->member)))
			best = s;
	}
	return best;
}

static void
reference_row(struct nj_buf *out, const struct conf_option *o)
{
	char path[CONF_PATH_MAX];

	(void)conf_path(o->member, path);
	nj_buf_printf(out, "### `%s`\n\n%s\n\n- Allowed: ", path, o->text);
	conf_allowed_text(out, o);
	nj_buf_printf(out, "\n- Default: `%s`\n- Takes effect: %s\n\n",
		o->initial,
		o->reload ? "on reload (SIGHUP)" : "after a restart");
	if (!o->item)
		return;
	for (const struct conf_option *i = o->item; i->member; i++)
		nj_buf_printf(out, "  - `%s`: %s\n", i->member, i->text);
	nj_buf_char(out, '\n');
}

void
nj_conf_reference(struct nj_buf *out)
{
	const struct conf_section *last = NULL;
	char path[CONF_PATH_MAX];

	nj_buf_str(out,
		"# Configuration reference\n\n"
		"Printed by `nightjar config reference`; edit "
		"`engine/conf/options.def` instead of this page.\n\n"
		"The file is YAML. An option `a.b.c` is written as nested "
		"maps or with its dots. Anchors, aliases and tags are "
		"refused, so are keys that are unknown or stand twice. "
		"`nightjar config check -c FILE` names every mistake; nothing "
		"starts with one. Sizes count in 1024s.\n\n");
	for (unsigned i = 0; i < NJ_CONF_COUNT; i++) {
		const struct conf_option *o = &conf_options[i];
		const struct conf_section *s = section_of(o->member);

		if (s && s != last) {
			(void)conf_path(s->member, path);
			nj_buf_printf(out, "## %s\n\n%s\n\n", path, s->text);
		} else if (!s && (i == 0 || last)) {
			nj_buf_str(out, "## Without a section\n\n");
		}
		last = s;
		reference_row(out, o);
	}
	/* One line end closes the page. */
	if (out->len > 1 && !out->bad)
		out->len--;
}

static void
comment(struct nj_buf *out, unsigned indent, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column && column + 1 + n > WRAP_COLUMNS) {
			nj_buf_char(out, '\n');
			column = 0;
		}
		if (!column) {
			nj_buf_printf(out, "%*s#", (int)indent, "");
			column = indent + 1;
		}
		nj_buf_char(out, ' ');
		nj_buf_put(out, text, n);
		column += n + 1;
		text += n + (text[n] == ' ');
	}
	nj_buf_char(out, '\n');
}

static unsigned
depth_of(const char *member)
{
	unsigned n = 0;

	for (; (member = strstr(member, "__")); member += 2)
		n++;
	return n;
}

static const char *
last_part(const char *member)
{
	const char *at;

	while ((at = strstr(member, "__")))
		member = at + 2;
	return member;
}

/* A long list is cut at its third element. */
static void
example_value(struct nj_buf *out, const char *initial)
{
	const char *at = initial;

	if (strlen(initial) <= 60) {
		nj_buf_printf(out, "%s\n", initial);
		return;
	}
	for (int i = 0; i < 3; i++)
		at += strcspn(at, ",") + 1;
	nj_buf_put(out, initial, (size_t)(at - initial - 1));
	nj_buf_str(out, "] # the default has more: see the reference\n");
}

static void
example_option(struct nj_buf *out, const struct conf_option *o)
{
	unsigned indent = depth_of(o->member) * 2;
	struct nj_buf allowed = { 0 };

	comment(out, indent, o->text);
	conf_allowed_text(&allowed, o);
	nj_buf_printf(&allowed, " (%s)", o->reload ? "reload" : "restart");
	nj_buf_char(&allowed, 0);
	if (!allowed.bad)
		comment(out, indent, (const char *)allowed.data);
	nj_buf_free(&allowed);
	nj_buf_printf(out, "%*s#%s: ", (int)indent, "", last_part(o->member));
	example_value(out, o->initial);
}

/* Where s begins behind last, with the sections around it that have not begun
 * yet: some hold nothing but sections. */
static void
example_section(struct nj_buf *out, const struct conf_section *s,
	const struct conf_section *last)
{
	const struct conf_section *around = section_of(s->member);
	unsigned indent = depth_of(s->member) * 2;
	size_t n = around ? strlen(around->member) : 0;

	if (around && (!last || strncmp(last->member, around->member, n)))
		example_section(out, around, last);
	nj_buf_char(out, '\n');
	comment(out, indent, s->text);
	nj_buf_printf(out, "%*s%s:\n", (int)indent, "", last_part(s->member));
}

void
nj_conf_example(struct nj_buf *out)
{
	const struct conf_section *last = NULL;

	nj_buf_str(out,
		"# nightjar.yaml - every option with its default, commented "
		"out.\n# Printed by `nightjar config example`; "
		"`nightjar config check -c FILE` names mistakes.\n");
	for (unsigned i = 0; i < NJ_CONF_COUNT; i++) {
		const struct conf_option *o = &conf_options[i];
		const struct conf_section *s = section_of(o->member);

		if (s && s != last)
			example_section(out, s, last);
		last = s;
		nj_buf_char(out, '\n');
		example_option(out, o);
	}
}
