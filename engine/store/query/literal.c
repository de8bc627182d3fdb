/*
 * literal.c - what a word means where a number, a duration, a truth value, an
 * address, a MAC or a uid is wanted.
 */
#include <math.h>
#include <stdlib.h>

#include "engine/base/prefix.h"
#include "engine/store/query/query_priv.h"

struct unit {
	const char *name;
	int64_t factor;
};

/* What is written on boxes and cables counts in 1000s, what says so with an
 * i, and the bare letters of our configuration, in 1024s. */
static const struct unit sizes[] = {
	{ "", 1 },
	{ "b", 1 },
	{ "kb", 1000 },
	{ "mb", 1000 * 1000 },
	{ "gb", 1000 * 1000 * 1000 },
	{ "tb", INT64_C(1000000000000) },
	{ "k", INT64_C(1) << 10 },
	{ "m", INT64_C(1) << 20 },
	{ "g", INT64_C(1) << 30 },
	{ "t", INT64_C(1) << 40 },
	{ "kib", INT64_C(1) << 10 },
	{ "mib", INT64_C(1) << 20 },
	{ "gib", INT64_C(1) << 30 },
	{ "tib", INT64_C(1) << 40 },
};

static const struct unit durations[] = {
	{ "", NJ_NS_PER_S },
	{ "ns", 1 },
	{ "us", NJ_NS_PER_US },
	{ "ms", NJ_NS_PER_MS },
	{ "s", NJ_NS_PER_S },
	{ "m", 60 * NJ_NS_PER_S },
	{ "min", 60 * NJ_NS_PER_S },
	{ "h", 3600 * NJ_NS_PER_S },
	{ "d", 86400 * NJ_NS_PER_S },
	{ "w", 7 * 86400 * NJ_NS_PER_S },
};

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static size_t
digits(struct nj_view v, size_t at)
{
	size_t n = 0;

	while (at + n < v.len && is_digit(v.data[at + n]))
		n++;
	return n;
}

/* Numbers of this much and more are refused, so that a factor of any unit
 * cannot overflow 128 bits. */
enum { WHOLE_DIGITS_MAX = 20, FRACTION_DIGITS_MAX = 12 };

static nj_query_int
decimal(struct nj_view v)
{
	nj_query_int n = 0;

	for (size_t i = 0; i < v.len; i++)
		n = n * 10 + (v.data[i] - '0');
	return n;
}

/* [-]digits[.digits]unit, and what of a fraction is left is dropped. */
static bool
number_parse(
	struct nj_view v, const struct unit *units, size_t n, nj_query_int *out)
{
	bool minus = v.len && v.data[0] == '-';
	size_t at = minus, whole = digits(v, at), part = 0;
	nj_query_int scale = 1, low;
	struct nj_view name;
	size_t u = 0;

	if (!whole || whole > WHOLE_DIGITS_MAX)
		return false;
	*out = decimal(nj_sub(v, at, whole));
	at += whole;
	if (at < v.len && v.data[at] == '.') {
		part = digits(v, ++at);
		if (!part || part > FRACTION_DIGITS_MAX)
			return false;
	}
	name = nj_sub(v, at + part, v.len);
	while (u < n && !nj_view_caseeq(name, nj_str(units[u].name)))
		u++;
	if (u == n || (part && units[u].factor == 1))
		return false;
	low = decimal(nj_sub(v, at, part)) * units[u].factor;
	for (size_t i = 0; i < part; i++)
		scale *= 10;
	*out = *out * units[u].factor + low / scale;
	if (minus)
		*out = -*out;
	return true;
}

static int
hex_digit(uint8_t c)
{
	uint8_t low = c | 0x20;

	if (is_digit(c))
		return c - '0';
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static bool
hex_parse(struct nj_view v, uint64_t *out)
{
	*out = 0;
	if (!v.len || v.len > 16)
		return false;
	for (size_t i = 0; i < v.len; i++) {
		int d = hex_digit(v.data[i]);

		if (d < 0)
			return false;
		*out = *out << 4 | (uint64_t)d;
	}
	return true;
}

bool
nj_query_int_parse(struct nj_view v, nj_query_int *out)
{
	uint64_t hex;

	if (nj_view_casestarts(v, NJ_LIT("0x"))) {
		if (!hex_parse(nj_sub(v, 2, v.len), &hex))
			return false;
		*out = hex;
		return true;
	}
	return number_parse(v, sizes, nj_countof(sizes), out);
}

bool
nj_query_span_parse(struct nj_view v, int64_t *ns)
{
	nj_query_int n;

	if (!number_parse(v, durations, nj_countof(durations), &n) ||
		n < INT64_MIN || n > INT64_MAX)
		return false;
	*ns = (int64_t)n;
	return true;
}

bool
nj_query_f64_parse(struct nj_view v, double *out)
{
	char text[64], *end;

	/* The C library knows more kinds of numbers than we want. */
	for (size_t i = 0; i < v.len; i++)
		if (!is_digit(v.data[i]) && !strchr("+-.eE", v.data[i]))
			return false;
	if (!v.len || v.len >= sizeof(text))
		return false;
	memcpy(text, v.data, v.len);
	text[v.len] = 0;
	*out = strtod(text, &end);
	return !*end && isfinite(*out);
}

bool
nj_query_bool_parse(struct nj_view v, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "true", true },
		{ "false", false },
		{ "t", true },
		{ "f", false },
		{ "yes", true },
		{ "no", false },
		{ "1", true },
		{ "0", false },
	};

	for (size_t i = 0; i < nj_countof(words); i++) {
		if (!nj_view_caseeq(v, nj_str(words[i].word)))
			continue;
		*out = words[i].value;
		return true;
	}
	return false;
}

/* Six pairs with ':' or '-' between them, or three fours with dots. */
bool
nj_query_mac_parse(struct nj_view v, uint64_t *out)
{
	size_t group = v.len == 17 ? 2 : 4;
	uint8_t between = v.len == 17 ? v.data[2] : '.';

	*out = 0;
	if ((v.len != 17 && v.len != 14) ||
		(between != ':' && between != '-' && between != '.'))
		return false;
	for (size_t i = 0; i < v.len; i++) {
		int d = hex_digit(v.data[i]);

		if (i % (group + 1) == group) {
			if (v.data[i] != between)
				return false;
			continue;
		}
		if (d < 0)
			return false;
		*out = *out << 4 | (uint64_t)d;
	}
	return true;
}

enum nj_query_addr
nj_query_addr_parse(struct nj_view v, struct nj_addr *from, struct nj_addr *to)
{
	size_t slash = nj_view_chr(v, '/');
	struct nj_prefix host;
	unsigned bits_max;
	uint64_t bits;
	bool clean = true;

	if (!nj_prefix_parse(&host, nj_sub(v, 0, slash)))
		return NJ_QADDR_NONE;
	bits = bits_max = host.bits;
	*from = *to = host.addr;
	if (slash != SIZE_MAX &&
		(!nj_view_u64(nj_sub(v, slash + 1, v.len), &bits) ||
			bits > bits_max)) {
		*from = (struct nj_addr){ 0 };
		return NJ_QADDR_LENGTH;
	}
	for (unsigned i = (unsigned)bits; i < bits_max; i++) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8);

		clean &= !(from->bytes[i / 8] & bit);
		from->bytes[i / 8] &= (uint8_t)~bit;
		to->bytes[i / 8] |= bit;
	}
	return clean ? NJ_QADDR_OK : NJ_QADDR_LENGTH;
}

/* The digits of nj_uid_format. */
bool
nj_query_uid_parse(struct nj_view v, uint64_t uid[2])
{
	return nj_uid_parse('C', v, uid);
}
