/*
 * json.c - rows as JSON objects in the form of Zeek's JSON logs: flat, keys
 * with dots, times and intervals as seconds, bytes that are no text as \xNN.
 *
 * Several rows a microsecond pass here, so the keys were made at
 * registration and numbers are written by hand.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/event/event_priv.h"
#include "engine/event/row.h"

/* More than any number, address or id takes with its quotes. */
enum { VALUE_MAX = 64 };

static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

static inline uint8_t *
room(struct nj_buf *b, size_t n)
{
	if (nj_unlikely(b->cap - b->len < n || b->bad) && !nj_buf_room(b, n))
		return NULL;
	return b->data + b->len;
}

/* Writes v and gives where it ends. */
static inline uint8_t *
text_u64(uint8_t *p, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	if (nj_likely(v < 10)) {
		*p = (uint8_t)('0' + v);
		return p + 1;
	}
	while (v >= 100) {
		at -= 2;
		memcpy(digits + at, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (v >= 10) {
		at -= 2;
		memcpy(digits + at, pairs + v * 2, 2);
	} else {
		digits[--at] = (char)('0' + v);
	}
	memcpy(p, digits + at, sizeof(digits) - at);
	return p + sizeof(digits) - at;
}

/* v with six digits, leading zeros and all. */
static inline uint8_t *
text_six(uint8_t *p, uint32_t v)
{
	memcpy(p, pairs + v / 10000 * 2, 2);
	memcpy(p + 2, pairs + v / 100 % 100 * 2, 2);
	memcpy(p + 4, pairs + v % 100 * 2, 2);
	return p + 6;
}

/* ns as seconds: microseconds, and more digits only if they say something. */
static inline uint8_t *
text_seconds(uint8_t *p, int64_t ns)
{
	uint64_t v = (uint64_t)ns;
	uint32_t frac;

	if (ns < 0) {
		*p++ = '-';
		v = 0 - v;
	}
	p = text_u64(p, v / NJ_NS_PER_S);
	*p++ = '.';
	frac = (uint32_t)(v % NJ_NS_PER_S);
	p = text_six(p, frac / 1000);
	frac %= 1000;
	if (nj_unlikely(frac)) {
		*p++ = (uint8_t)('0' + frac / 100);
		memcpy(p, pairs + frac % 100 * 2, 2);
		p += 2;
	}
	return p;
}

/* The fewest digits that read back as the same number; p has VALUE_MAX. */
static uint8_t *
text_f64(uint8_t *p, double v)
{
	int n = 0;

	for (int digits = 15; digits <= 17; digits++) {
		n = snprintf((char *)p, VALUE_MAX, "%.*g", digits, v);
		if (strtod((char *)p, NULL) == v)
			break;
	}
	return p + n;
}

static inline uint8_t *
text_addr(uint8_t *p, const struct nj_addr *a)
{
	*p++ = '"';
	p += nj_addr_text(a, (char *)p);
	*p++ = '"';
	return p;
}

static inline uint8_t *
text_scalar(uint8_t *p, const struct nj_row_field *f)
{
	switch ((enum nj_type)f->type) {
	case NJ_T_BOOL:
		memcpy(p, f->u ? "true " : "false", 5);
		return p + (f->u ? 4 : 5);
	case NJ_T_I64:
		if (f->i < 0)
			*p++ = '-';
		return text_u64(
			p, f->i < 0 ? 0 - (uint64_t)f->i : (uint64_t)f->i);
	case NJ_T_TIME:
	case NJ_T_IVAL:
		return text_seconds(p, f->i);
	case NJ_T_F64:
		return text_f64(p, f->f);
	case NJ_T_ADDR:
		if (f->addr.family)
			return text_addr(p, &f->addr);
		memcpy(p, "null", 4);
		return p + 4;
	default:
		return text_u64(p, f->u);
	}
}

void
nj_row_value_json(struct nj_buf *out, const struct nj_row_field *f)
{
	uint8_t *p = room(out, VALUE_MAX);

	if (p)
		out->len = (size_t)(text_scalar(p, f) - out->data);
}

static void
put_vector(struct nj_buf *b, struct nj_row_field *vec)
{
	struct nj_row_field elem = { 0 };
	char open = '[';
	uint8_t *p;

	while (nj_row_elem(vec, &elem)) {
		nj_buf_char(b, open);
		open = ',';
		if (elem.type == NJ_T_STR) {
			nj_buf_json_str(b, elem.bytes);
			continue;
		}
		p = room(b, VALUE_MAX);
		if (!p)
			return;
		b->len = (size_t)(text_scalar(p, &elem) - b->data);
	}
	if (open == '[')
		nj_buf_char(b, '[');
	nj_buf_char(b, ']');
}

/* Copies whole blocks (the buffer has room for them) and counts the key. */
static inline uint8_t *
put_key(uint8_t *p, const struct nj_event_key *key)
{
	uint32_t done = 0;

	do {
		memcpy(p + done, key->text + done, NJ_KEY_BLOCK);
		done += NJ_KEY_BLOCK;
	} while (nj_unlikely(done < key->len));
	return p + key->len;
}

static inline void
put_field(struct nj_buf *b, const struct nj_event_key *key,
	struct nj_row_field *f)
{
	uint8_t *p = room(b, key->len + NJ_KEY_BLOCK + VALUE_MAX);

	if (nj_unlikely(!p) || (f->type == NJ_T_F64 && !isfinite(f->f)))
		return;
	p = put_key(p, key);
	if (f->type != NJ_T_STR && f->type < NJ_T_VSTR) {
		b->len = (size_t)(text_scalar(p, f) - b->data);
		return;
	}
	b->len = (size_t)(p - b->data);
	if (f->type == NJ_T_STR)
		nj_buf_json_str(b, f->bytes);
	else
		put_vector(b, f);
}

#define PUT_LITERAL(p, s) (memcpy(p, s, sizeof(s) - 1), (p) + sizeof(s) - 1)

static uint8_t *
text_ids(uint8_t *p, const struct nj_head *h)
{
	if (h->orig.family) {
		p = PUT_LITERAL(p, ",\"id.orig_h\":");
		p = text_addr(p, &h->orig);
		p = PUT_LITERAL(p, ",\"id.orig_p\":");
		p = text_u64(p, h->orig_p);
	}
	if (h->resp.family) {
		p = PUT_LITERAL(p, ",\"id.resp_h\":");
		p = text_addr(p, &h->resp);
		p = PUT_LITERAL(p, ",\"id.resp_p\":");
		p = text_u64(p, h->resp_p);
	}
	return p;
}

static void
put_head(struct nj_buf *b, const struct nj_row *row, bool ids)
{
	const struct nj_head *h = &row->head;
	uint8_t *p = room(b, 8 * (size_t)VALUE_MAX);

	if (!p)
		return;
	p = text_seconds(p, h->ts_ns);
	if (h->uid[0] | h->uid[1]) {
		p = PUT_LITERAL(p, ",\"uid\":\"");
		p += nj_uid_format('C', h->uid, (char *)p);
		*p++ = '"';
	}
	if (ids)
		p = text_ids(p, h);
	b->len = (size_t)(p - b->data);
}

void
nj_row_json(struct nj_buf *out, const struct nj_row *row)
{
	struct nj_row_iter it;
	struct nj_row_field f;
	uint8_t *p;

	nj_row_iter_init(&it, row);
	if (!it.known) {
		nj_buf_printf(out, "{\"_path\":\"unknown_%08x\",\"ts\":",
			(unsigned)row->type);
		put_head(out, row, true);
		nj_buf_char(out, '}');
		return;
	}
	p = room(out, it.known->open.len + NJ_KEY_BLOCK);
	if (!p)
		return;
	out->len = (size_t)(put_key(p, &it.known->open) - out->data);
	put_head(out, row, !(it.known->desc->flags & NJ_EV_NO_ID));
	while (nj_row_next(&it, &f)) {
		size_t at = (size_t)(f.field - it.known->desc->fields);

		put_field(out, &it.known->keys[at], &f);
	}
	nj_buf_char(out, '}');
}
