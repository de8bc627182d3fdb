/*
 * units.c - numbers with units, from two tables.
 */
#include "engine/base/units.h"

struct unit {
	const char *name;
	int64_t factor;
};

/* Largest first; the last is the one that a bare number would have. */
static const struct unit durations[] = {
	{ "d", 86400 * NJ_NS_PER_S },
	{ "h", 3600 * NJ_NS_PER_S },
	{ "min", 60 * NJ_NS_PER_S },
	{ "s", NJ_NS_PER_S },
	{ "ms", NJ_NS_PER_MS },
	{ "us", NJ_NS_PER_US },
	{ "ns", 1 },
	{ 0 },
};
static const struct unit sizes[] = {
	{ "T", INT64_C(1) << 40 },
	{ "G", INT64_C(1) << 30 },
	{ "M", INT64_C(1) << 20 },
	{ "k", INT64_C(1) << 10 },
	{ "", 1 },
	{ 0 },
};

static const struct unit *
unit_find(const struct unit *units, struct nj_view name)
{
	for (; units->name; units++)
		if (nj_view_eq(nj_str(units->name), name))
			return units;
	return NULL;
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Digits after the point, of which more than nine say nothing. */
static bool
add_fraction(struct nj_view digits, int64_t factor, int64_t *value)
{
	int64_t part = 0, of = 1;

	if (!digits.len || digits.len > 9)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		part = part * 10 + (digits.data[i] - '0');
		of *= 10;
	}
	/* factor / of could lose digits, factor * part could overflow. */
	part = (int64_t)((__int128)part * factor / of);
	return !__builtin_add_overflow(*value, part, value);
}

static bool
parse(const struct unit *units, struct nj_view text, int64_t *out)
{
	size_t whole = 0, at;
	const struct unit *unit;
	struct nj_view digits;
	uint64_t n;

	while (whole < text.len && is_digit(text.data[whole]))
		whole++;
	at = whole;
	if (at < text.len && text.data[at] == '.')
		for (at++; at < text.len && is_digit(text.data[at]);)
			at++;
	if (!nj_view_u64(nj_sub(text, 0, whole), &n) || n > INT64_MAX)
		return false;
	/* Zero is zero in any unit. */
	unit = unit_find(units, nj_sub(text, at, text.len));
	if (!unit && n == 0 && at == text.len && at == whole) {
		*out = 0;
		return true;
	}
	if (!unit || __builtin_mul_overflow((int64_t)n, unit->factor, out))
		return false;
	digits = nj_sub(text, whole + 1, at - whole - 1);
	return at == whole || add_fraction(digits, unit->factor, out);
}

static void
print(struct nj_buf *out, const struct unit *units, int64_t value)
{
	while (units[1].name && (value % units->factor || !value))
		units++;
	nj_buf_printf(out, "%lld%s", (long long)(value / units->factor),
		value ? units->name : "");
}

bool
nj_duration_parse(struct nj_view text, int64_t *ns)
{
	return parse(durations, text, ns);
}

bool
nj_size_parse(struct nj_view text, int64_t *bytes)
{
	return parse(sizes, text, bytes);
}

void
nj_duration_text(struct nj_buf *out, int64_t ns)
{
	print(out, durations, ns);
}

void
nj_size_text(struct nj_buf *out, int64_t bytes)
{
	print(out, sizes, bytes);
}
