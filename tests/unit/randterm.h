/*
 * randterm.h - random values of terms, as text of the query language and as
 * what they mean (naivetext.h). Most are taken from records, so that they
 * find something.
 */
#ifndef NJ_TESTS_UNIT_RANDTERM_H
#define NJ_TESTS_UNIT_RANDTERM_H

#include <ctype.h>
#include <inttypes.h>
#include <time.h>

#include "tests/unit/naiveterm.h"
#include "tests/unit/randvalue.h"

/* A little behind the records. */
#define QUERY_NOW_NS (RAND_BASE_NS + 2 * RAND_SPAN_S * NJ_NS_PER_S)

/* A term in the making. */
struct making {
	struct nj_buf *out;
	const struct record *records;
	unsigned rows;
	int key;
	bool bare;
	struct term *t;
	struct nj_buf literal[2];
};

/* A value that some record has; an empty one when none was found. */
static inline struct scalar
sample(const struct making *m)
{
	static const uint8_t none[] = "-";

	for (int tries = 0; tries < 50; tries++) {
		const struct record *r = &m->records[rand_of(m->rows)];
		unsigned n = r->value[m->key].n;

		/* Words without a field are not empty. */
		if (n && (!m->bare || r->value[m->key].v[0].text.len))
			return r->value[m->key].v[m->bare ? 0 : rand_of(n)];
	}
	return (struct scalar){ .text = { none, m->bare }, .family = 4 };
}

/* ---- Texts ---- */
static inline void
put_byte(struct nj_buf *out, uint8_t c, bool phrase)
{
	if (c < 0x20 || c >= 0x7f)
		nj_buf_printf(out, "\\x%02x", c);
	else if (phrase ? c == '"' || c == '\\' : !isalnum(c))
		nj_buf_printf(out, "\\%c", c);
	else
		nj_buf_char(out, (char)c);
}

static inline bool
is_operator(struct nj_view v)
{
	return nj_view_caseeq(v, NJ_LIT("and")) ||
	       nj_view_caseeq(v, NJ_LIT("or")) ||
	       nj_view_caseeq(v, NJ_LIT("not")) ||
	       nj_view_caseeq(v, NJ_LIT("to"));
}

/* The text as a word or phrase; UTF-8 stands for itself at times. */
static inline void
put_text_literal(struct nj_buf *out, struct nj_view v)
{
	bool phrase = !v.len || is_operator(v) || rand_chance(50);
	bool raw = nj_view_is_utf8(v) && rand_chance(50);

	nj_buf_str(out, phrase ? "\"" : "");
	for (size_t i = 0; i < v.len; i++) {
		if (raw && v.data[i] >= 0x80)
			nj_buf_char(out, (char)v.data[i]);
		else
			put_byte(out, v.data[i], phrase);
	}
	nj_buf_str(out, phrase ? "\"" : "");
}

/* Letters of another case, and of words without a field a part at times. */
static inline struct nj_view
vary_text(const struct making *m, struct nj_view v)
{
	uint8_t *copy = naive_take(v.len + 1);
	bool exact = keys[m->key].kind == EXACT;

	if (v.len > 4 && !exact && (m->bare ? rand_chance(60) : rand_chance(4)))
		v = nj_sub(v, rand_of(v.len - 3), 2 + rand_of(3));
	memcpy(copy, v.data, v.len);
	for (size_t i = 0; i < v.len && !exact; i++)
		if (isalpha(copy[i]) && rand_chance(20))
			copy[i] ^= 0x20;
	return (struct nj_view){ copy, v.len };
}

/* ---- Numbers ---- */
static inline void
put_count(struct nj_buf *out, uint64_t n, bool plain)
{
	if (!plain && rand_chance(20))
		nj_buf_printf(out, "0x%" PRIx64, n);
	else if (!plain && n && n % 1024 == 0 && rand_chance(70))
		nj_buf_printf(out, "%" PRIu64 "KiB", n / 1024);
	else if (!plain && n && n % 1000 == 0 && rand_chance(70))
		nj_buf_printf(out, "%" PRIu64 "kB", n / 1000);
	else
		nj_buf_printf(out, "%" PRIu64, n);
}

/* Nanoseconds in a unit that is a power of ten of them. */
static inline void
put_span(struct nj_buf *out, int64_t ns)
{
	uint64_t n = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	nj_buf_str(out, ns < 0 ? "-" : "");
	switch (rand_of(4)) {
	case 0:
		nj_buf_printf(out, "%" PRIu64 "ns", n);
		break;
	case 1:
		nj_buf_printf(out, "%" PRIu64 ".%06" PRIu64 "ms", n / 1000000,
			n % 1000000);
		break;
	case 2:
		if (n % (15 * NJ_NS_PER_S) == 0) {
			nj_buf_printf(out, "%" PRIu64 ".%02" PRIu64 "m",
				n / (60 * NJ_NS_PER_S),
				n % (60 * NJ_NS_PER_S) * 100 /
					(60 * NJ_NS_PER_S));
			break;
		}
		/* fall through */
	default:
		nj_buf_printf(out, "%" PRIu64 ".%09" PRIu64 "%s",
			n / NJ_NS_PER_S, n % NJ_NS_PER_S,
			rand_chance(50) ? "s" : "");
	}
}

/* A moment near ns, or all of the second or minute that it lies in. */
static inline struct ends
put_time(struct nj_buf *out, int64_t ns)
{
	int64_t unit = rand_chance(50) ? 60 : 1, s = ns / NJ_NS_PER_S;
	int64_t ago = QUERY_NOW_NS / NJ_NS_PER_S - s;
	time_t begin = s / unit * unit;
	char text[64];

	switch (rand_of(4)) {
	case 0:
		nj_buf_printf(
			out, "%" PRId64 ".%09" PRId64, s, ns % NJ_NS_PER_S);
		return (struct ends){ ns, ns };
	case 1:
		nj_buf_printf(out, "now-%" PRId64 "s", ago);
		ns = s * NJ_NS_PER_S;
		return (struct ends){ ns, ns };
	case 2:
		nj_buf_printf(out, "now-%" PRId64 "s/%c", ago,
			unit == 60 ? 'm' : 's');
		break;
	default:
		(void)strftime(text, sizeof(text),
			unit == 60 ? "%Y-%m-%dT%H:%M" : "%Y-%m-%dT%H:%M:%SZ",
			gmtime(&begin));
		nj_buf_str(out, text);
	}
	ns = begin * NJ_NS_PER_S;
	return (struct ends){ ns, (wide)ns + unit * NJ_NS_PER_S - 1 };
}

/* Takes over some number of leading bits at times. */
static inline void
put_addr(struct making *m, const struct scalar *v, unsigned place, bool prefix)
{
	unsigned all = v->family == 4 ? 32 : 128;
	unsigned bits = prefix && rand_chance(50) ? rand_of(all + 1) : all;
	struct term *t = m->t;
	char text[INET6_ADDRSTRLEN];

	t->family = v->family;
	memcpy(t->addr[place], v->addr, sizeof(v->addr));
	for (unsigned i = bits; i < all; i++)
		t->addr[place][i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	(void)inet_ntop(v->family == 4 ? AF_INET : AF_INET6, t->addr[place],
		text, sizeof(text));
	t->text[place].data =
		memcpy(naive_take(sizeof(text) + 4), text, sizeof(text));
	nj_buf_str(&m->literal[place], text);
	if (!prefix)
		return;
	if (bits < all || rand_chance(20))
		nj_buf_printf(&m->literal[place], "/%u", bits);
	memcpy(t->addr[1], t->addr[0], sizeof(t->addr[0]));
	for (unsigned i = bits; i < all; i++)
		t->addr[1][i / 8] |= (uint8_t)(0x80 >> i % 8);
	t->low = t->high = true;
}

/* ---- One value ---- */
/* The value's text goes to m->literal[place]. */
static inline void
literal_make(struct making *m, unsigned place)
{
	struct nj_buf *out = &m->literal[place];
	struct term *t = m->t;
	struct scalar v = sample(m);

	nj_buf_reset(out);
	switch (t->kind) {
	case BOOL:
		nj_buf_str(out, v.n ? rand_one(((const char *[]){
					      "true", "T", "\"True\"", "1" }))
				    : rand_one(((const char *[]){
					      "false", "f", "No", "0" })));
		break;
	case COUNT:
		v.n += v.n > 0 && rand_chance(10) ? -1 : 0;
		put_count(out, (uint64_t)v.n, strcmp(t->name, "both") == 0);
		break;
	case INT:
		nj_buf_printf(out, "%" PRId64, (int64_t)v.n);
		break;
	case REAL:
		nj_buf_printf(out, "%.17g", v.real);
		break;
	case SPAN:
		put_span(out, (int64_t)v.n);
		break;
	case TIME:
		break;
	case ADDR:
		put_addr(m, &v, place, t->test == IS);
		break;
	default:
		v.text = vary_text(m, v.text);
		put_text_literal(out, v.text);
		t->text[place] = v.text;
		return;
	}
	t->n[place] = (struct ends){ v.n, v.n };
	t->real[place] = v.real;
	if (t->kind == TIME)
		t->n[place] = put_time(out, (int64_t)v.n);
	else
		t->text[place] = nj_str(
			memcpy(naive_take(out->len + 1), out->data, out->len));
}

static inline void
range_put(struct making *m)
{
	const struct nj_buf *l = m->literal;
	struct term *t = m->t;
	struct nj_buf *out = m->out;

	t->low = t->high = true;
	switch (rand_of(4)) {
	case 0:
		t->high = false;
		break;
	case 1:
		t->low = false;
		break;
	}
	t->low_open = t->low && rand_chance(50);
	t->high_open = t->high && rand_chance(50);
	if (t->low != t->high && rand_chance(60)) {
		nj_buf_printf(out, "%c%s%.*s", t->low ? '>' : '<',
			t->low_open || t->high_open ? "" : "=",
			(int)l[t->high].len, (char *)l[t->high].data);
		return;
	}
	nj_buf_char(out, t->low_open ? '{' : '[');
	nj_buf_put(out, t->low ? l[0].data : (uint8_t *)"*",
		t->low ? l[0].len : 1);
	nj_buf_str(out, " TO ");
	nj_buf_put(out, t->high ? l[1].data : (uint8_t *)"*",
		t->high ? l[1].len : 1);
	nj_buf_char(out, t->high_open ? '}' : ']');
}

#endif
