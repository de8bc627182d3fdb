/*
 * field.c - reads header fields and the text forms of bytes.
 */
#include "dissectors/shared/field.h"

#include "engine/crypt/base64.h"

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* RFC 2045: what a token may not hold. */
static bool
is_special(uint8_t c)
{
	return c <= ' ' || c >= 0x7f || strchr("()<>@,;:\\\"/[]?=", c);
}

/* The length of a comment with its parentheses, nested ones included. */
static size_t
comment_len(struct nj_view v)
{
	unsigned open = 0;

	for (size_t i = 0; i < v.len; i++) {
		if (v.data[i] == '\\')
			i++;
		else if (v.data[i] == '(')
			open++;
		else if (v.data[i] == ')' && !--open)
			return i + 1;
	}
	return v.len;
}

static struct nj_view
skip_blanks(struct nj_view v)
{
	while (v.len && (is_blank(v.data[0]) || v.data[0] == '('))
		v = nj_sub(v, v.data[0] == '(' ? comment_len(v) : 1, v.len);
	return v;
}

bool
nj_field_split(struct nj_view line, struct nj_view *name, struct nj_view *value)
{
	size_t n = 0;

	line = skip_blanks(line);
	while (n < line.len && line.data[n] > ' ' && line.data[n] < 0x7f &&
		line.data[n] != ':')
		n++;
	if (!n)
		return false;
	*name = nj_sub(line, 0, n);
	line = skip_blanks(nj_sub(line, n, line.len));
	if (!line.len || line.data[0] != ':')
		return false;
	line = nj_sub(line, 1, line.len);
	while (line.len &&
		(is_blank(line.data[0]) ||
			(line.data[0] >= '\n' && line.data[0] <= '\r')))
		line = nj_sub(line, 1, line.len);
	*value = line;
	return true;
}

struct nj_view
nj_field_token(struct nj_view *v)
{
	struct nj_view token = { 0 };
	size_t n = 0;

	*v = skip_blanks(*v);
	while (v->len && is_special(v->data[0]))
		*v = skip_blanks(nj_sub(*v, 1, v->len));
	while (n < v->len && !is_special(v->data[n]))
		n++;
	token = nj_sub(*v, 0, n);
	*v = nj_sub(*v, n, v->len);
	return token;
}

bool
nj_field_media(struct nj_view v, struct nj_view *type, struct nj_view *subtype,
	struct nj_view *rest)
{
	*type = nj_field_token(&v);
	v = skip_blanks(v);
	if (!type->len || !v.len || v.data[0] != '/')
		return false;
	v = nj_sub(v, 1, v.len);
	*subtype = nj_field_token(&v);
	*rest = v;
	return subtype->len > 0;
}

/* The value at the beginning of *v, which is moved past it. */
static struct nj_view
param_value(struct nj_view *v)
{
	struct nj_view out;
	size_t n = 0;

	*v = nj_view_trim(*v);
	if (v->len && v->data[0] == '"') {
		for (n = 1; n < v->len && v->data[n] != '"'; n++)
			if (v->data[n] == '\\')
				n++;
		n = nj_min(n, v->len);
		out = nj_sub(*v, 1, n - 1);
		*v = nj_sub(*v, nj_min(n + 1, v->len), v->len);
		return out;
	}
	/* Boundaries hold characters that a token may not; only what cannot
	 * be part of a value ends it. */
	while (n < v->len && !is_blank(v->data[n]) && v->data[n] != ';' &&
		v->data[n] != '"')
		n++;
	out = nj_sub(*v, 0, n);
	*v = nj_sub(*v, n, v->len);
	return out;
}

/* Moves to the next "name=value"; false at the end. */
static bool
next_param(struct nj_view *v, struct nj_view *name, struct nj_view *value)
{
	for (;;) {
		size_t at = nj_view_chr(*v, ';');

		if (at == SIZE_MAX)
			return false;
		*v = nj_view_trim(nj_sub(*v, at + 1, v->len));
		*name = nj_field_token(v);
		*v = nj_view_trim(*v);
		if (!name->len || !v->len || v->data[0] != '=')
			continue;
		*v = nj_sub(*v, 1, v->len);
		*value = param_value(v);
		return true;
	}
}

struct nj_view
nj_field_param(struct nj_view params, const char *name)
{
	struct nj_view n, value;

	while (next_param(&params, &n, &value))
		if (nj_view_caseeq(n, nj_str(name)))
			return value.data ? value : NJ_LIT("");
	return (struct nj_view){ 0 };
}

int
nj_hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t
nj_percent_decode(struct nj_view v, uint8_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < v.len; i++) {
		int hi = -1, lo = -1;

		if (v.data[i] == '%' && i + 2 < v.len) {
			hi = nj_hex_digit(v.data[i + 1]);
			lo = nj_hex_digit(v.data[i + 2]);
		}
		if (hi >= 0 && lo >= 0) {
			out[n++] = (uint8_t)(hi << 4 | lo);
			i += 2;
		} else {
			out[n++] = v.data[i];
		}
	}
	return n;
}

/* Past "charset'language'" of an extended value (RFC 8187). */
static struct nj_view
skip_charset(struct nj_view v)
{
	size_t first = nj_view_chr(v, '\''), second;

	if (first == SIZE_MAX || !first)
		return v;
	for (size_t i = 0; i < first; i++)
		if (v.data[i] <= ' ' || v.data[i] >= 0x7f)
			return v;
	second = nj_view_chr(nj_sub(v, first + 1, v.len), '\'');
	return second == SIZE_MAX ? v : nj_sub(v, first + second + 2, v.len);
}

/* A long value in sections (RFC 2231 3), "name*0=ab; name*1*=c%64". */
struct sections {
	unsigned next; /* number of the one that may come */
	uint8_t *out;
	size_t len, cap;
};

/* Takes the section if it is the next one; tail is what follows the
 * parameter's name. */
static void
section_add(struct sections *s, struct nj_view tail, struct nj_view v)
{
	bool coded = tail.len > 2 && tail.data[tail.len - 1] == '*';
	uint64_t number;

	if (!nj_view_u64(nj_sub(tail, 1, tail.len - 1 - coded), &number) ||
		number != s->next)
		return;
	s->next++;
	if (coded && !number)
		v = skip_charset(v);
	v = nj_sub(v, 0, s->cap - s->len);
	if (coded)
		s->len += nj_percent_decode(v, s->out + s->len);
	else if (v.len)
		memcpy(s->out + s->len, v.data, v.len);
	s->len += coded ? 0 : v.len;
}

size_t
nj_field_filename(
	struct nj_view value, const char *param, uint8_t *out, size_t cap)
{
	struct nj_view plain = { 0 }, extended = { 0 }, name, v, tail;
	struct sections s = { .out = out, .cap = cap };

	while (next_param(&value, &name, &v)) {
		if (!nj_view_casestarts(name, nj_str(param)))
			continue;
		tail = nj_sub(name, strlen(param), name.len);
		if (!tail.len)
			plain = v;
		else if (nj_view_eq(tail, NJ_LIT("*")))
			extended = v;
		else if (tail.data[0] == '*')
			section_add(&s, tail, v);
	}
	if (!extended.len && s.len)
		return s.len;
	/* RFC 6266 4.3: the extended form is the better one. */
	v = skip_charset(extended.len ? extended : plain);
	return nj_percent_decode(nj_sub(v, 0, cap), out);
}

size_t
nj_base64_rest(struct nj_base64_stream *s, uint8_t *out)
{
	size_t n = 0;

	if (s->count == 3)
		out[n++] = (uint8_t)(s->acc >> 10);
	if (s->count >= 2)
		out[n++] = (uint8_t)(s->acc >> (s->count == 2 ? 4 : 2));
	s->count = 0;
	return n;
}

size_t
nj_base64_more(struct nj_base64_stream *s, struct nj_view v, uint8_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < v.len; i++) {
		int value = nj_base64_digit(v.data[i]);

		if (v.data[i] == '=' && !s->ended) {
			n += nj_base64_rest(s, out + n);
			s->ended = true;
			continue;
		}
		if (value < 0 || s->ended) {
			s->odd |= v.data[i] != '=';
			continue;
		}
		s->acc = s->acc << 6 | (uint32_t)value;
		if (++s->count < 4)
			continue;
		out[n++] = (uint8_t)(s->acc >> 16);
		out[n++] = (uint8_t)(s->acc >> 8);
		out[n++] = (uint8_t)s->acc;
		s->count = 0;
	}
	return n;
}

/* One character more; the held ones are a beginning of "=XX". */
static size_t
qp_char(struct nj_qp_stream *s, uint8_t c, uint8_t *out)
{
	size_t n = 0;

	if (s->count == 2 && nj_hex_digit(c) >= 0) {
		out[0] = (uint8_t)(nj_hex_digit(s->held[1]) << 4 |
				   nj_hex_digit(c));
		s->count = 0;
		return 1;
	}
	if (s->count == 1 && nj_hex_digit(c) >= 0) {
		s->held[s->count++] = c;
		return 0;
	}
	for (unsigned i = 0; i < s->count; i++)
		out[n++] = s->held[i];
	s->count = 0;
	if (c == '=')
		s->held[s->count++] = c;
	else
		out[n++] = c;
	return n;
}

size_t
nj_qp_more(struct nj_qp_stream *s, struct nj_view v, bool eol, uint8_t *out)
{
	size_t n = 0;

	if (eol)
		while (v.len && is_blank(v.data[v.len - 1]))
			v.len--;
	for (size_t i = 0; i < v.len; i++)
		n += qp_char(s, v.data[i], out + n);
	if (!eol)
		return n;
	if (s->count == 1) {
		s->count = 0; /* a soft line break */
		return n;
	}
	for (unsigned i = 0; i < s->count; i++)
		out[n++] = s->held[i];
	s->count = 0;
	out[n++] = '\r';
	out[n++] = '\n';
	return n;
}
