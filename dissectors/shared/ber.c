/*
 * ber.c - see ber.h.
 */
#include "dissectors/shared/ber.h"

static struct nj_ber_head
bare(uint8_t tag)
{
	return (struct nj_ber_head){
		.tag = tag, .bytes = 1, .number = tag & 31
	};
}

/* The number of a tag above 30, in groups of seven bits. */
static enum nj_ber_got
long_tag(struct nj_view v, struct nj_ber_head *h)
{
	h->number = 0;
	for (;;) {
		uint8_t byte;

		if (h->bytes > 4)
			return NJ_BER_BAD;
		if (h->bytes >= v.len)
			return NJ_BER_MORE;
		byte = v.data[h->bytes++];
		h->number = h->number << 7 | (byte & 0x7f);
		if (!(byte & 0x80))
			return NJ_BER_OK;
	}
}

enum nj_ber_got
nj_ber_head(struct nj_view v, struct nj_ber_head *out)
{
	struct nj_ber_head h;
	enum nj_ber_got got = NJ_BER_OK;
	uint8_t first;
	uint64_t len = 0;

	if (!v.len)
		return NJ_BER_MORE;
	h = bare(v.data[0]);
	if (h.number == 31)
		got = long_tag(v, &h);
	if (got != NJ_BER_OK)
		return got;
	if (h.bytes >= v.len)
		return NJ_BER_MORE;
	first = v.data[h.bytes++];
	if (first < 0x80) {
		h.len = first;
		*out = h;
		return NJ_BER_OK;
	}
	h.indefinite = first == 0x80;
	first &= 0x7f;
	if (first > 8 || (h.indefinite && !(h.tag & 0x20)))
		return NJ_BER_BAD;
	if (v.len - h.bytes < first)
		return NJ_BER_MORE;
	for (; first; first--)
		len = len << 8 | v.data[h.bytes++];
	if (len > UINT32_MAX)
		return NJ_BER_BAD;
	h.len = (uint32_t)len;
	*out = h;
	return NJ_BER_OK;
}

/* How long the contents are that end in two zero bytes; SIZE_MAX: no end, or
 * too deep. Elements of definite length are passed over whole. */
static size_t
open_length(struct nj_view v)
{
	unsigned depth = 1;
	size_t at = 0;

	while (at + 2 <= v.len) {
		struct nj_ber_head h;

		if (!v.data[at] && !v.data[at + 1]) {
			if (!--depth)
				return at;
			at += 2;
			continue;
		}
		if (nj_ber_head(nj_sub(v, at, v.len), &h) != NJ_BER_OK)
			return SIZE_MAX;
		at += h.bytes;
		if (h.indefinite && ++depth > NJ_BER_DEPTH_MAX)
			return SIZE_MAX;
		if (h.len > v.len - at)
			return SIZE_MAX;
		at += h.len;
	}
	return SIZE_MAX;
}

struct nj_der
nj_ber_next(struct nj_cur *c)
{
	struct nj_view v = nj_cur_rest(c);
	struct nj_ber_head h;
	struct nj_der e = { 0 };
	size_t len, end = 0;

	if (nj_ber_head(v, &h) != NJ_BER_OK) {
		c->bad = true;
		return e;
	}
	len = h.len;
	if (h.indefinite) {
		len = open_length(nj_sub(v, h.bytes, v.len));
		end = 2;
	}
	if (len > v.len - h.bytes) {
		c->bad = true;
		return e;
	}
	e.tag = h.tag;
	e.body = (struct nj_view){ v.data + h.bytes, len };
	e.whole = nj_cur_take(c, h.bytes + len + end);
	return e;
}

bool
nj_ber_enter(struct nj_cur *c, uint8_t tag, struct nj_cur *in)
{
	struct nj_der e;

	*in = (struct nj_cur){ .bad = true };
	if (!nj_der_is(c, tag))
		return false;
	e = nj_ber_next(c);
	if (c->bad)
		return false;
	*in = nj_cur(e.body);
	return true;
}

struct nj_view
nj_ber_take(struct nj_cur *c, uint8_t tag)
{
	struct nj_der e = nj_ber_next(c);

	if (!c->bad && e.tag == tag)
		return e.body;
	c->bad = true;
	return (struct nj_view){ 0 };
}

struct nj_view
nj_ber_option(struct nj_cur *c, uint8_t tag)
{
	if (!nj_der_is(c, tag))
		return (struct nj_view){ 0 };
	return nj_ber_take(c, tag);
}

bool
nj_ber_number(struct nj_view body, int64_t *out)
{
	uint64_t x;

	*out = 0;
	if (!body.len || body.len > 8)
		return false;
	x = body.data[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < body.len; i++)
		x = x << 8 | body.data[i];
	memcpy(out, &x, sizeof(x));
	return true;
}

int64_t
nj_ber_int(struct nj_cur *c, uint8_t tag)
{
	struct nj_view body = nj_ber_take(c, tag);
	int64_t x;

	if (c->bad)
		return 0;
	if (!nj_ber_number(body, &x))
		c->bad = true;
	return x;
}
