/*
 * amqp1.c - performatives of AMQP 1.0 (OASIS "AMQP Version 1.0", parts 1, 2, 3
 * and 5). A value is a constructor of one byte, whose upper half says how long
 * the value is; a described one has a number before it.
 */
#include "dissectors/shared/amqp1.h"

enum { FIELDS_MAX = 8 };

const char *
nj_amqp1_name(uint8_t what)
{
	static const char *const names[] = { "open", "begin", "attach", "flow",
		"transfer", "disposition", "detach", "end", "close" };

	if (what == NJ_AMQP1_INIT)
		return "login";
	return what >= NJ_AMQP1_OPEN &&
			       (size_t)what - NJ_AMQP1_OPEN < nj_countof(names)
		       ? names[what - NJ_AMQP1_OPEN]
		       : NULL;
}

struct value {
	uint8_t code;      /* of its constructor */
	uint8_t described; /* the number before it, 0: none */
	struct nj_view v;  /* without lengths and counts */
};

/* The bytes of a value by the upper half of its constructor (1.2). */
static struct nj_view
plain(struct nj_cur *c, uint8_t code)
{
	struct nj_view v;
	uint32_t n;

	switch (code >> 4) {
	case 0x4:
		return nj_cur_take(c, 0);
	case 0x5:
		return nj_cur_take(c, 1);
	case 0x6:
		return nj_cur_take(c, 2);
	case 0x7:
		return nj_cur_take(c, 4);
	case 0x8:
		return nj_cur_take(c, 8);
	case 0x9:
		return nj_cur_take(c, 16);
	case 0xa:
		return nj_cur_take(c, nj_cur_u8(c));
	case 0xb:
		n = nj_cur_u32(c);
		return nj_cur_take(c, n);
	case 0xc: /* a size that counts the count */
	case 0xe:
		v = nj_cur_take(c, nj_cur_u8(c));
		return nj_sub(v, 1, v.len);
	case 0xd:
	case 0xf:
		n = nj_cur_u32(c);
		v = nj_cur_take(c, n);
		return nj_sub(v, 4, v.len);
	default:
		c->bad = true;
		return (struct nj_view){ 0 };
	}
}

static struct value
value_read(struct nj_cur *c)
{
	struct value x = { .code = nj_cur_u8(c) };
	struct nj_view number;
	uint8_t code;

	if (x.code == 0) {
		code = nj_cur_u8(c);
		/* Descriptors are small numbers; others name extensions. */
		number = plain(c, code);
		if (number.len && (code == 0x53 || code == 0x80))
			x.described = number.data[number.len - 1];
		x.code = nj_cur_u8(c);
	}
	x.v = plain(c, x.code);
	return x;
}

static bool
is_text(const struct value *x)
{
	return x->code == 0xa0 || x->code == 0xa1 || x->code == 0xa3 ||
	       x->code == 0xb0 || x->code == 0xb1 || x->code == 0xb3;
}

static struct nj_view
text_of(const struct value *x)
{
	return is_text(x) ? x->v : (struct nj_view){ 0 };
}

/* The first field of a described list: an address, or a condition. */
static struct nj_view
first_text(const struct value *x, struct nj_view *second)
{
	struct nj_cur c = nj_cur(x->v);
	struct value a = { 0 }, b = { 0 };

	*second = (struct nj_view){ 0 };
	if (!x->described || (x->code != 0xc0 && x->code != 0xd0))
		return (struct nj_view){ 0 };
	a = value_read(&c);
	if (c.bad)
		return (struct nj_view){ 0 };
	if (nj_cur_left(&c))
		b = value_read(&c);
	if (!c.bad)
		*second = text_of(&b);
	return text_of(&a);
}

bool
nj_amqp1_read(struct nj_amqp1 *a, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct value list = value_read(&c), f[FIELDS_MAX] = { { 0 } };
	struct nj_view second;

	*a = (struct nj_amqp1){ .what = list.described };
	if (c.bad || !list.described ||
		(list.code != 0xc0 && list.code != 0xd0 && list.code != 0x45))
		return false;
	c = nj_cur(list.v);
	for (unsigned i = 0; i < FIELDS_MAX && nj_cur_left(&c); i++) {
		struct value x = value_read(&c);

		if (c.bad)
			break;
		f[i] = x;
	}
	switch (a->what) {
	case NJ_AMQP1_OPEN:
		a->container = text_of(&f[0]);
		a->host = text_of(&f[1]);
		break;
	case NJ_AMQP1_ATTACH:
		a->source = first_text(&f[5], &second);
		a->target = first_text(&f[6], &second);
		break;
	case NJ_AMQP1_INIT:
		a->method = text_of(&f[0]);
		a->login = text_of(&f[1]);
		break;
	case NJ_AMQP1_OUTCOME:
		a->code = f[0].v.len ? f[0].v.data[0] : 0;
		break;
	case NJ_AMQP1_DETACH:
		a->error = first_text(&f[2], &a->error_text);
		break;
	case NJ_AMQP1_END:
	case NJ_AMQP1_CLOSE:
		a->error = first_text(&f[0], &a->error_text);
		break;
	default:
		break;
	}
	return true;
}
