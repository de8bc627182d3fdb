/*
 * der.h - reading DER (X.690): one element at a time from a cursor, nothing
 * copied, nothing recursive. Definite lengths and one-byte tags only, which
 * is all that X.509 and its like use; whatever else is there makes the
 * cursor bad, as running out of bytes does.
 */
#ifndef NJ_DISSECTORS_SHARED_DER_H
#define NJ_DISSECTORS_SHARED_DER_H

#include "engine/base/cur.h"

enum {
	NJ_DER_BOOLEAN = 0x01,
	NJ_DER_INTEGER = 0x02,
	NJ_DER_BIT_STRING = 0x03,
	NJ_DER_OCTET_STRING = 0x04,
	NJ_DER_OID = 0x06,
	NJ_DER_UTF8 = 0x0c,
	NJ_DER_NUMERIC = 0x12,
	NJ_DER_PRINTABLE = 0x13,
	NJ_DER_T61 = 0x14,
	NJ_DER_IA5 = 0x16,
	NJ_DER_UTC_TIME = 0x17,
	NJ_DER_GENERAL_TIME = 0x18,
	NJ_DER_VISIBLE = 0x1a,
	NJ_DER_UNIVERSAL = 0x1c,
	NJ_DER_BMP = 0x1e,
	NJ_DER_SEQUENCE = 0x30,
	NJ_DER_SET = 0x31,
	NJ_DER_CONTEXT = 0x80, /* | number; | 0x20 when constructed */
	NJ_DER_CONTEXT_CONS = 0xa0
};

struct nj_der {
	uint8_t tag;
	struct nj_view body;
	struct nj_view whole; /* with tag and length */
};

/* The next element; its views are empty and c is bad if there is none. */
static inline struct nj_der
nj_der_next(struct nj_cur *c)
{
	struct nj_der e = { 0 };
	const uint8_t *from = c->at;
	size_t len;

	e.tag = nj_cur_u8(c);
	len = nj_cur_u8(c);
	if (len == 0x81)
		len = nj_cur_u8(c);
	else if (len == 0x82)
		len = nj_cur_u16(c);
	else if (len == 0x83)
		len = nj_cur_u24(c);
	else if (len >= 0x80)
		c->bad = true;
	if ((e.tag & 0x1f) == 0x1f)
		c->bad = true;
	e.body = nj_cur_take(c, len);
	if (c->bad)
		return (struct nj_der){ 0 };
	e.whole = (struct nj_view){ from, (size_t)(c->at - from) };
	return e;
}

/* The body of the next element, which must have this tag. */
static inline struct nj_view
nj_der_take(struct nj_cur *c, uint8_t tag)
{
	struct nj_der e = nj_der_next(c);

	if (e.tag == tag)
		return e.body;
	c->bad = true;
	return (struct nj_view){ 0 };
}

/* Whether an element with this tag stands next. */
static inline bool
nj_der_is(const struct nj_cur *c, uint8_t tag)
{
	return nj_cur_left(c) && *c->at == tag;
}

#endif
