/*
 * bson.c - BSON documents (bsonspec.org, version 1.1) read element by
 * element. What lies deeper is opened by whoever wants it.
 */
#include "dissectors/shared/bson.h"
#include "dissectors/shared/take.h"

enum { ELEMENTS_MAX = 64 };

struct nj_cur
nj_bson_open(struct nj_view doc)
{
	struct nj_cur c = nj_cur(doc);
	uint32_t len = nj_cur_le32(&c);

	if (len < 5)
		c.bad = true;
	/* The NUL at the end is no element. */
	if (!c.bad && len <= doc.len)
		c.end = doc.data + len - 1;
	return c;
}

/* A length, then as many bytes less what it counts beyond them. */
static struct nj_view
sized(struct nj_cur *c, uint32_t more, uint32_t less)
{
	uint32_t n = nj_cur_le32(c);

	if (n < less || n > INT32_MAX) {
		c->bad = true;
		return (struct nj_view){ 0 };
	}
	return nj_cur_take(c, (size_t)n - less + more);
}

static struct nj_view
document(struct nj_cur *c)
{
	struct nj_view rest = nj_cur_rest(c), v;

	v = sized(c, 0, 4);
	return c->bad ? rest : nj_sub(rest, 0, v.len + 4);
}

static struct nj_view
value(struct nj_cur *c, uint8_t type)
{
	struct nj_view v;

	switch (type) {
	case NJ_BSON_DOUBLE:
	case 9:  /* date */
	case 17: /* timestamp */
	case NJ_BSON_INT64:
		return nj_cur_take(c, 8);
	case NJ_BSON_STRING:
	case 13: /* JavaScript */
	case 14: /* symbol */
		v = sized(c, 0, 1);
		nj_cur_skip(c, 1);
		return v;
	case NJ_BSON_DOCUMENT:
	case NJ_BSON_ARRAY:
	case 15: /* JavaScript with scope */
		return document(c);
	case NJ_BSON_BINARY:
		v = sized(c, 1, 0);
		return nj_sub(v, 1, v.len);
	case 7: /* object id */
		return nj_cur_take(c, 12);
	case NJ_BSON_BOOL:
		return nj_cur_take(c, 1);
	case 11: /* regular expression */
		v = nj_take_text(c);
		(void)nj_take_text(c);
		return v;
	case 12: /* pointer */
		return sized(c, 12, 0);
	case NJ_BSON_INT32:
		return nj_cur_take(c, 4);
	case 19: /* decimal */
		return nj_cur_take(c, 16);
	case 6:
	case 10:
	case 0x7f:
	case 0xff:
		return (struct nj_view){ 0 };
	default:
		c->bad = true;
		return (struct nj_view){ 0 };
	}
}

bool
nj_bson_next(struct nj_cur *c, struct nj_bson *e)
{
	*e = (struct nj_bson){ 0 };
	if (!nj_cur_left(c))
		return false;
	e->type = nj_cur_u8(c);
	e->name = nj_take_text(c);
	if (!c->bad)
		e->value = value(c, e->type);
	return !c->bad;
}

struct nj_bson
nj_bson_find(struct nj_view doc, const char *name)
{
	struct nj_cur c = nj_bson_open(doc);
	struct nj_bson e;

	for (unsigned i = 0; i < ELEMENTS_MAX && nj_bson_next(&c, &e); i++)
		if (nj_view_eq(e.name, nj_str(name)))
			return e;
	return (struct nj_bson){ 0 };
}

bool
nj_bson_number(const struct nj_bson *e, int64_t *out)
{
	struct nj_cur c = nj_cur(e->value);
	uint64_t bits;
	double x;

	switch (e->type) {
	case NJ_BSON_BOOL:
		*out = nj_cur_u8(&c);
		return true;
	case NJ_BSON_INT32:
		*out = (int32_t)nj_cur_le32(&c);
		return true;
	case NJ_BSON_INT64:
		*out = (int64_t)nj_cur_le64(&c);
		return true;
	case NJ_BSON_DOUBLE:
		bits = nj_cur_le64(&c);
		memcpy(&x, &bits, sizeof(x));
		/* Within what a double holds exactly; NaN is not. */
		if (!(x > -9e15 && x < 9e15))
			return false;
		*out = (int64_t)x;
		return true;
	default:
		return false;
	}
}
