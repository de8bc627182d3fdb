/*
 * value.c - values of options: from text, to text.
 */
#include "engine/conf/conf_priv.h"

#include <stdio.h>

#include "engine/base/nearest.h"
#include "engine/base/units.h"

/* What every list type looks like in memory. */
struct list {
	void *v;
	uint32_t n, cap;
};

static const uint32_t element_bytes[] = {
	[CONF_STRINGS] = sizeof(const char *),
	[CONF_PREFIXES] = sizeof(struct nj_prefix),
	[CONF_RANGES] = sizeof(struct nj_conf_range),
	[CONF_PORTS] = sizeof(struct nj_conf_port),
};

bool
conf_is_list(const struct conf_option *o)
{
	return o->type >= CONF_STRINGS;
}

static void
number_text(struct nj_buf *out, const struct conf_option *o, int64_t value)
{
	if (o->type == CONF_DURATION)
		nj_duration_text(out, value);
	else if (o->type == CONF_SIZE)
		nj_size_text(out, value);
	else
		nj_buf_printf(out, "%lld", (long long)value);
}

void
conf_allowed_text(struct nj_buf *out, const struct conf_option *o)
{
	static const char *const words[] = {
		[CONF_BOOL] = "true or false",
		[CONF_INT] = "a whole number",
		[CONF_SIZE] = "a size such as 64k, 10M or 1G",
		[CONF_DURATION] = "a time such as 100ms, 30s, 5min, 1h or 7d",
		[CONF_ENUM] = "",
		[CONF_STRING] = "text",
		[CONF_PATH] = "a path that begins with /",
		[CONF_KEY] = "32 hexadecimal digits",
		[CONF_STRINGS] = "a list of words",
		[CONF_PREFIXES] = "a list of networks such as 10.0.0.0/8",
		[CONF_RANGES] = "a list of numbers and ranges",
		[CONF_PORTS] = "a list of maps",
	};

	nj_buf_str(out, words[o->type]);
	for (unsigned i = 0; o->allowed && o->allowed[i]; i++)
		nj_buf_printf(out, "%s%s",
			!i                  ? ""
			: o->allowed[i + 1] ? ", "
					    : " or ",
			o->allowed[i]);
	if (o->min || o->max) {
		nj_buf_str(out, ", ");
		number_text(out, o, o->min);
		nj_buf_str(out, " to ");
		number_text(out, o, o->max);
	}
	if (o->unit)
		nj_buf_printf(out, " %s", o->unit);
	if (o->can_auto)
		nj_buf_str(out, ", or auto");
	for (const struct conf_option *i = o->item; i && i->member; i++)
		nj_buf_printf(
			out, "%s%s", i == o->item ? " of " : ", ", i->member);
}

static bool
refuse(struct conf_problem *p, const struct conf_option *o, struct nj_view text,
	const char *why)
{
	struct nj_buf allowed = { 0 };

	if (text.len > 48)
		text.len = 48;
	(void)snprintf(p->why, sizeof(p->why), "\"%.*s\" %s", (int)text.len,
		text.len ? (const char *)text.data : "", why);
	conf_allowed_text(&allowed, o);
	(void)snprintf(p->remedy, sizeof(p->remedy), "allowed: %.*s",
		(int)allowed.len, (const char *)allowed.data);
	nj_buf_free(&allowed);
	return false;
}

static bool
set_bool(const struct conf_option *o, bool *at, struct nj_view text,
	struct conf_problem *p)
{
	static const char *const yes[] = { "true", "yes", "on" };
	static const char *const no[] = { "false", "no", "off" };

	for (size_t i = 0; i < nj_countof(yes); i++) {
		*at = nj_view_eq(text, nj_str(yes[i]));
		if (*at || nj_view_eq(text, nj_str(no[i])))
			return true;
	}
	return refuse(p, o, text, "is neither true nor false");
}

static bool
parse_number(const struct conf_option *o, struct nj_view text, int64_t *out)
{
	uint64_t n;

	if (o->type == CONF_DURATION)
		return nj_duration_parse(text, out);
	if (o->type == CONF_SIZE)
		return nj_size_parse(text, out);
	if (!nj_view_u64(text, &n) || n > INT64_MAX)
		return false;
	*out = (int64_t)n;
	return true;
}

static bool
in_range(const struct conf_option *o, int64_t value)
{
	return (!o->min && !o->max) || (value >= o->min && value <= o->max);
}

static bool
set_number(const struct conf_option *o, int64_t *at, struct nj_view text,
	struct conf_problem *p)
{
	int64_t value;

	if (o->can_auto && nj_view_eq(text, NJ_LIT("auto"))) {
		*at = 0;
		return true;
	}
	if (!parse_number(o, text, &value))
		return refuse(p, o, text,
			o->type == CONF_INT        ? "is no whole number"
			: o->type == CONF_DURATION ? "is no time with a unit"
						   : "is no size");
	if (!in_range(o, value))
		return refuse(p, o, text, "is out of range");
	*at = value;
	return true;
}

static bool
set_enum(const struct conf_option *o, int *at, struct nj_view text,
	struct conf_problem *p)
{
	struct nj_nearest near = { .word = text };
	size_t len;

	for (int i = 0; o->allowed[i]; i++) {
		if (nj_view_eq(text, nj_str(o->allowed[i]))) {
			*at = i;
			return true;
		}
		nj_nearest_try(&near, nj_str(o->allowed[i]));
	}
	(void)refuse(p, o, text, "is not one of its words");
	len = strlen(p->remedy);
	if (near.best.data)
		(void)snprintf(p->remedy + len, sizeof(p->remedy) - len,
			"; did you mean %.*s?", (int)near.best.len,
			(const char *)near.best.data);
	return false;
}

static bool
set_string(struct nj_conf *conf, const struct conf_option *o, const char **at,
	struct nj_view text, struct conf_problem *p)
{
	char *copy;

	if (text.len > CONF_STRING_MAX)
		return refuse(p, o, text, "... is longer than 4096 bytes");
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < 0x20 || text.data[i] == 0x7f)
			return refuse(p, o, NJ_LIT("..."),
				"holds a control character");
	if (o->type == CONF_PATH && text.len && text.data[0] != '/')
		return refuse(p, o, text, "is no absolute path");
	copy = conf_keep(conf, text.len + 1);
	if (!copy)
		return refuse(p, o, text, "does not fit in memory");
	if (text.len)
		memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	*at = copy;
	return true;
}

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits in order of bytes; each half is read as little-endian, so that the
 * text is the key as SipHash's specification writes it. */
static bool
set_key(const struct conf_option *o, struct nj_hash_key *at,
	struct nj_view text, struct conf_problem *p)
{
	uint64_t half[2] = { 0 };

	if (text.len != 32)
		return refuse(p, o, NJ_LIT("..."), "is no key of that length");
	for (unsigned i = 0; i < 32; i++) {
		int digit = hex_value(text.data[i]);

		if (digit < 0)
			return refuse(p, o, NJ_LIT("..."),
				"holds other than hexadecimal digits");
		half[i / 16] |= (uint64_t)digit
				<< (i % 16 / 2 * 8 + (i % 2 ? 0 : 4));
	}
	*at = (struct nj_hash_key){ half[0], half[1] };
	return true;
}

bool
conf_value_set(struct nj_conf *conf, const struct conf_option *o, void *at,
	struct nj_view text, struct conf_problem *problem)
{
	switch ((enum conf_type)o->type) {
	case CONF_BOOL:
		return set_bool(o, at, text, problem);
	case CONF_INT:
	case CONF_SIZE:
	case CONF_DURATION:
		return set_number(o, at, text, problem);
	case CONF_ENUM:
		return set_enum(o, at, text, problem);
	case CONF_STRING:
	case CONF_PATH:
		return set_string(conf, o, at, text, problem);
	case CONF_KEY:
		return set_key(o, at, text, problem);
	default:
		break;
	}
	if (o->can_auto && nj_view_eq(text, NJ_LIT("auto"))) {
		conf_list_clear(at);
		return true;
	}
	return refuse(problem, o, text, "is no list, which is written as [ ]");
}

void
conf_list_clear(void *at)
{
	*(struct list *)at = (struct list){ 0 };
}

void *
conf_list_grow(struct nj_conf *conf, const struct conf_option *o, void *at,
	struct conf_problem *problem)
{
	struct list *list = at;
	uint32_t bytes = element_bytes[o->type];
	uint32_t cap = list->cap ? list->cap * 2 : 8;
	void *v;

	if (list->n == (o->count_max ? o->count_max : CONF_LIST_MAX)) {
		(void)refuse(
			problem, o, NJ_LIT("..."), "has too many elements");
		return NULL;
	}
	if (list->n == list->cap) {
		v = conf_keep(conf, (size_t)cap * bytes);
		if (!v) {
			(void)refuse(problem, o, NJ_LIT("..."),
				"does not fit in memory");
			return NULL;
		}
		if (list->n)
			memcpy(v, list->v, (size_t)list->n * bytes);
		list->v = v;
		list->cap = cap;
	}
	v = (uint8_t *)list->v + (size_t)list->n++ * bytes;
	memset(v, 0, bytes);
	return v;
}

static bool
parse_range(const struct conf_option *o, struct nj_view text,
	struct nj_conf_range *range, struct conf_problem *p)
{
	size_t dash = nj_view_chr(text, '-');
	struct nj_view to =
		dash == SIZE_MAX ? text : nj_sub(text, dash + 1, text.len);
	uint64_t lo, hi;

	if (!nj_view_u64(nj_view_trim(nj_sub(text, 0, dash)), &lo) ||
		!nj_view_u64(nj_view_trim(to), &hi))
		return refuse(p, o, text, "is no number and no range");
	if (hi > UINT32_MAX || !in_range(o, (int64_t)nj_min(lo, hi)) ||
		!in_range(o, (int64_t)hi))
		return refuse(p, o, text, "is out of range");
	if (lo > hi)
		return refuse(p, o, text, "ends before it begins");
	*range = (struct nj_conf_range){ (uint32_t)lo, (uint32_t)hi };
	return true;
}

bool
conf_value_add(struct nj_conf *conf, const struct conf_option *o, void *at,
	struct nj_view text, struct conf_problem *problem)
{
	void *element = conf_list_grow(conf, o, at, problem);

	if (!element)
		return false;
	switch ((enum conf_type)o->type) {
	case CONF_STRINGS:
		if (!text.len)
			return refuse(problem, o, text, "is empty");
		return set_string(conf, o, element, text, problem);
	case CONF_PREFIXES:
		if (nj_prefix_parse(element, text))
			return true;
		return refuse(problem, o, text,
			"is no network (bits beyond the prefix must be 0)");
	case CONF_RANGES:
		return parse_range(o, text, element, problem);
	default:
		return refuse(problem, o, text, "is no map of options");
	}
}

bool
conf_value_set_any(struct nj_conf *conf, const struct conf_option *o,
	struct nj_view text, struct conf_problem *problem)
{
	void *at = conf_member(conf, o);

	if (!conf_is_list(o) || !text.len || text.data[0] != '[')
		return conf_value_set(conf, o, at, text, problem);
	conf_list_clear(at);
	if (text.data[text.len - 1] != ']')
		return refuse(problem, o, text, "has no ] at its end");
	text = nj_view_trim(nj_sub(text, 1, text.len - 2));
	while (text.len) {
		size_t comma = nj_view_chr(text, ',');

		if (!conf_value_add(conf, o, at,
			    nj_view_trim(nj_sub(text, 0, comma)), problem))
			return false;
		text = comma == SIZE_MAX ? NJ_LIT("")
					 : nj_sub(text, comma + 1, text.len);
	}
	return true;
}
