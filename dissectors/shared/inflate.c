/*
 * inflate.c - the DEFLATE decoder: a machine of phases that stops wherever
 * the input ends. Each step either has all the bits that it needs or puts
 * back what it took, so any split of the input gives the same output.
 */
#include "dissectors/shared/inflate.h"

enum phase {
	GZIP_HEAD,
	GZIP_EXTRA_LEN,
	GZIP_EXTRA,
	GZIP_NAME,
	GZIP_COMMENT,
	GZIP_CRC,
	ZLIB_HEAD,
	BLOCK,
	STORED_LEN,
	STORED,
	DYNAMIC,
	CODE_LENGTHS,
	LENGTHS,
	CODES,
	TRAILER,
	ENDED
};

enum { FEXTRA = 4, FNAME = 8, FCOMMENT = 16, FHCRC = 2 };

/* What a step says. */
enum step { STEP_ON, STEP_SHORT, STEP_BAD, STEP_FULL, STEP_END };

struct run {
	struct nj_inflate *z;
	struct nj_view *in;
	void (*out)(void *ctx, struct nj_view v);
	void *ctx;
};

void
nj_inflate_begin(
	struct nj_inflate *z, enum nj_inflate_form form, uint64_t limit)
{
	memset(z, 0, offsetof(struct nj_inflate, literal));
	z->form = (uint8_t)form;
	z->limit = limit;
	z->phase = form == NJ_INFLATE_GZIP   ? GZIP_HEAD
		   : form == NJ_INFLATE_ZLIB ? ZLIB_HEAD
					     : BLOCK;
}

static void
refill(struct run *r)
{
	struct nj_inflate *z = r->z;

	while (z->bit_count <= 56 && r->in->len) {
		z->bits |= (uint64_t)r->in->data[0] << z->bit_count;
		z->bit_count += 8;
		r->in->data++;
		r->in->len--;
	}
}

/* The next n <= 16 bits, or -1 when they are not there yet. */
static int
take(struct run *r, unsigned n)
{
	struct nj_inflate *z = r->z;
	int v;

	if (z->bit_count < n)
		refill(r);
	if (z->bit_count < n)
		return -1;
	v = (int)(z->bits & ((UINT64_C(1) << n) - 1));
	z->bits >>= n;
	z->bit_count -= n;
	return v;
}

static void
flush(struct run *r)
{
	struct nj_inflate *z = r->z;

	if (z->at > z->flushed)
		r->out(r->ctx, (struct nj_view){ z->window + z->flushed,
				       z->at - z->flushed });
	if (z->at == NJ_INFLATE_WINDOW)
		z->at = 0;
	z->flushed = z->at;
}

static void
put(struct run *r, uint8_t byte)
{
	struct nj_inflate *z = r->z;

	z->window[z->at++] = byte;
	z->made++;
	if (z->at == NJ_INFLATE_WINDOW)
		flush(r);
}

/* Makes the code of n words whose lengths are given. False when they are
 * more than a code can have; too few are allowed, as in RFC 1951 3.2.7. */
static bool
code_make(struct nj_inflate_code *c, const uint8_t *lengths, unsigned n)
{
	uint16_t offset[16], next[16];
	int left = 1;

	memset(c->count, 0, sizeof(c->count));
	memset(c->fast, 0, sizeof(c->fast));
	for (unsigned i = 0; i < n; i++)
		c->count[lengths[i]]++;
	c->count[0] = 0;
	offset[1] = 0;
	next[1] = 0;
	for (unsigned len = 1; len < 16; len++) {
		left = (left << 1) - c->count[len];
		if (left < 0)
			return false;
		if (len < 15) {
			offset[len + 1] = offset[len] + c->count[len];
			next[len + 1] =
				(uint16_t)((next[len] + c->count[len]) << 1);
		}
	}
	for (unsigned i = 0; i < n; i++) {
		unsigned len = lengths[i], word, back = 0;

		if (!len)
			continue;
		c->symbol[offset[len]++] = (uint16_t)i;
		word = next[len]++;
		if (len > NJ_INFLATE_FAST_BITS)
			continue;
		/* Words arrive with their first bit lowest. */
		for (unsigned b = 0; b < len; b++)
			back |= (word >> b & 1) << (len - 1 - b);
		for (; back < 1 << NJ_INFLATE_FAST_BITS; back += 1u << len)
			c->fast[back] = (uint16_t)(i << 4 | len);
	}
	return true;
}

/* The next symbol, -1 for too few bits, -2 for a word that is none. */
static int
code_take(struct run *r, const struct nj_inflate_code *c)
{
	struct nj_inflate *z = r->z;
	unsigned fast = c->fast[z->bits & ((1 << NJ_INFLATE_FAST_BITS) - 1)];
	int word = 0, first = 0, index = 0;

	if (fast && (fast & 15) <= z->bit_count) {
		z->bits >>= fast & 15;
		z->bit_count -= fast & 15;
		return (int)(fast >> 4);
	}
	for (unsigned len = 1; len < 16; len++) {
		if (len > z->bit_count)
			return -1;
		word |= (int)(z->bits >> (len - 1) & 1);
		if (word - first < c->count[len]) {
			z->bits >>= len;
			z->bit_count -= len;
			return c->symbol[index + word - first];
		}
		index += c->count[len];
		first = (first + c->count[len]) << 1;
		word <<= 1;
	}
	return -2;
}

static const uint16_t length_base[29] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15,
	17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
	258 };
static const uint8_t length_extra[29] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2,
	2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };
static const uint16_t distance_base[30] = { 1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33,
	49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
	6145, 8193, 12289, 16385, 24577 };
static const uint8_t distance_extra[30] = { 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4,
	5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13 };

/* The rest of a match whose length symbol was taken. */
static enum step
match(struct run *r, unsigned symbol)
{
	struct nj_inflate *z = r->z;
	int extra, d, more;
	unsigned len;
	uint32_t dist;

	if (symbol > 28)
		return STEP_BAD;
	extra = take(r, length_extra[symbol]);
	if (extra < 0)
		return STEP_SHORT;
	len = length_base[symbol] + (unsigned)extra;
	d = code_take(r, &z->distance);
	if (d < 0 || d > 29)
		return d == -1 ? STEP_SHORT : STEP_BAD;
	more = take(r, distance_extra[d]);
	if (more < 0)
		return STEP_SHORT;
	dist = distance_base[d] + (uint32_t)more;
	if (dist > z->made)
		return STEP_BAD;
	while (len--)
		put(r, z->window[(z->at - dist) & (NJ_INFLATE_WINDOW - 1)]);
	return STEP_ON;
}

static enum step
step_codes(struct run *r)
{
	struct nj_inflate *z = r->z;
	uint64_t bits;
	unsigned count;
	int symbol;

	while (z->made < z->limit) {
		enum step s;

		/* 48 bits are the most that one match takes. */
		refill(r);
		bits = z->bits;
		count = z->bit_count;
		symbol = code_take(r, &z->literal);
		if (symbol < 0)
			return symbol == -1 ? STEP_SHORT : STEP_BAD;
		if (symbol < 256) {
			put(r, (uint8_t)symbol);
			continue;
		}
		if (symbol == 256) {
			z->phase = z->last_block ? TRAILER : BLOCK;
			return STEP_ON;
		}
		s = match(r, (unsigned)symbol - 257);
		if (s == STEP_SHORT) {
			z->bits = bits;
			z->bit_count = count;
		}
		if (s != STEP_ON)
			return s;
	}
	return STEP_FULL;
}

static enum step
codes_make(struct nj_inflate *z)
{
	if (!code_make(&z->literal, z->lengths, z->literal_count) ||
		!code_make(&z->distance, z->lengths + z->literal_count,
			z->distance_count))
		return STEP_BAD;
	z->phase = CODES;
	return STEP_ON;
}

static enum step
step_block(struct run *r)
{
	struct nj_inflate *z = r->z;
	int v = take(r, 3);

	if (v < 0)
		return STEP_SHORT;
	z->last_block = v & 1;
	switch (v >> 1) {
	case 0:
		(void)take(r, z->bit_count & 7);
		z->phase = STORED_LEN;
		return STEP_ON;
	case 1:
		memset(z->lengths, 8, 144);
		memset(z->lengths + 144, 9, 112);
		memset(z->lengths + 256, 7, 24);
		memset(z->lengths + 280, 8, 8);
		memset(z->lengths + 288, 5, 30);
		z->literal_count = 288;
		z->distance_count = 30;
		return codes_make(z);
	case 2:
		z->phase = DYNAMIC;
		return STEP_ON;
	default:
		return STEP_BAD;
	}
}

static enum step
step_stored_len(struct run *r)
{
	struct nj_inflate *z = r->z;
	uint32_t v;

	refill(r);
	if (z->bit_count < 32)
		return STEP_SHORT;
	v = (uint32_t)z->bits;
	z->bits >>= 32;
	z->bit_count -= 32;
	if ((v & 0xffff) != (~v >> 16 & 0xffff))
		return STEP_BAD;
	z->left = v & 0xffff;
	z->phase = STORED;
	return STEP_ON;
}

static enum step
step_stored(struct run *r)
{
	struct nj_inflate *z = r->z;

	while (z->left) {
		int v;

		if (z->made >= z->limit)
			return STEP_FULL;
		v = take(r, 8);
		if (v < 0)
			return STEP_SHORT;
		put(r, (uint8_t)v);
		z->left--;
	}
	z->phase = z->last_block ? TRAILER : BLOCK;
	return STEP_ON;
}

static enum step
step_dynamic(struct run *r)
{
	struct nj_inflate *z = r->z;
	int v = take(r, 14);

	if (v < 0)
		return STEP_SHORT;
	z->literal_count = (uint16_t)((v & 31) + 257);
	z->distance_count = (uint16_t)((v >> 5 & 31) + 1);
	z->clen_count = (uint16_t)((v >> 10) + 4);
	if (z->literal_count > 286 || z->distance_count > 30)
		return STEP_BAD;
	z->length_count = 0;
	memset(z->lengths, 0, 19);
	z->phase = CODE_LENGTHS;
	return STEP_ON;
}

static enum step
step_code_lengths(struct run *r)
{
	static const uint8_t order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11,
		4, 12, 3, 13, 2, 14, 1, 15 };
	struct nj_inflate *z = r->z;

	while (z->length_count < z->clen_count) {
		int v = take(r, 3);

		if (v < 0)
			return STEP_SHORT;
		z->lengths[order[z->length_count++]] = (uint8_t)v;
	}
	if (!code_make(&z->literal, z->lengths, 19))
		return STEP_BAD;
	z->length_count = 0;
	z->phase = LENGTHS;
	return STEP_ON;
}

/* One symbol of the code that the lengths of the codes are written in. */
static enum step
step_length(struct run *r)
{
	static const uint8_t extra[3] = { 2, 3, 7 }, base[3] = { 3, 3, 11 };
	struct nj_inflate *z = r->z;
	uint64_t bits;
	unsigned count, n, total = z->literal_count + z->distance_count;
	uint8_t value = 0;
	int symbol, v;

	refill(r);
	bits = z->bits;
	count = z->bit_count;
	symbol = code_take(r, &z->literal);
	if (symbol < 0)
		return symbol == -1 ? STEP_SHORT : STEP_BAD;
	if (symbol < 16) {
		z->lengths[z->length_count++] = (uint8_t)symbol;
		return STEP_ON;
	}
	v = take(r, extra[symbol - 16]);
	if (v < 0) {
		z->bits = bits;
		z->bit_count = count;
		return STEP_SHORT;
	}
	if (symbol == 16) {
		if (!z->length_count)
			return STEP_BAD;
		value = z->lengths[z->length_count - 1];
	}
	n = base[symbol - 16] + (unsigned)v;
	if (z->length_count + n > total)
		return STEP_BAD;
	memset(z->lengths + z->length_count, value, n);
	z->length_count = (uint16_t)(z->length_count + n);
	return STEP_ON;
}

static enum step
step_lengths(struct run *r)
{
	struct nj_inflate *z = r->z;
	unsigned total = z->literal_count + z->distance_count;

	while (z->length_count < total) {
		enum step s = step_length(r);

		if (s != STEP_ON)
			return s;
	}
	/* A block without an end would never end. */
	if (!z->lengths[256])
		return STEP_BAD;
	return codes_make(z);
}

/* Bytes of a header field that is skipped: left of them, or to a NUL. */
static enum step
skip_field(struct run *r, bool text)
{
	struct nj_inflate *z = r->z;

	while (text || z->left) {
		int v = take(r, 8);

		if (v < 0)
			return STEP_SHORT;
		if (text && !v)
			return STEP_ON;
		z->left -= !text;
	}
	return STEP_ON;
}

/* The first ten bytes; the rest depends on their flags. */
static enum step
step_gzip_head(struct run *r)
{
	static const uint8_t mark[3] = { 0x1f, 0x8b, 8 };
	struct nj_inflate *z = r->z;

	while (z->left < 10) {
		int v = take(r, 8);

		if (v < 0)
			return STEP_SHORT;
		if (z->left < 3 && v != mark[z->left])
			return STEP_BAD;
		if (z->left == 3)
			z->gzip_flags = (uint8_t)v;
		/* RFC 1952 2.3.1.2: unknown flags, unknown fields. */
		if (z->gzip_flags & 0xe0)
			return STEP_BAD;
		z->left++;
	}
	z->phase = GZIP_EXTRA_LEN;
	return STEP_ON;
}

static enum step
step_gzip_rest(struct run *r)
{
	struct nj_inflate *z = r->z;
	enum step s = STEP_ON;
	int v;

	switch (z->phase) {
	case GZIP_EXTRA_LEN:
		z->left = 0;
		if (z->gzip_flags & FEXTRA) {
			v = take(r, 16);
			if (v < 0)
				return STEP_SHORT;
			z->left = (uint32_t)v;
		}
		break;
	case GZIP_EXTRA:
		s = skip_field(r, false);
		break;
	case GZIP_NAME:
		s = z->gzip_flags & FNAME ? skip_field(r, true) : STEP_ON;
		break;
	case GZIP_COMMENT:
		s = z->gzip_flags & FCOMMENT ? skip_field(r, true) : STEP_ON;
		z->left = z->gzip_flags & FHCRC ? 2 : 0;
		break;
	default:
		s = skip_field(r, false);
		break;
	}
	if (s == STEP_ON)
		z->phase =
			z->phase == GZIP_CRC ? BLOCK : (uint8_t)(z->phase + 1);
	return s;
}

/* RFC 1950: compression method 8 and a check over both bytes. Without them
 * it is taken for bare DEFLATE, unless it is gzip by another name. */
static enum step
step_zlib_head(struct run *r)
{
	struct nj_inflate *z = r->z;
	unsigned head;

	refill(r);
	if (z->bit_count < 16)
		return STEP_SHORT;
	head = (unsigned)(z->bits & 0xff) << 8 | (z->bits >> 8 & 0xff);
	if (head == 0x1f8b) {
		z->form = NJ_INFLATE_GZIP;
		z->phase = GZIP_HEAD;
		return STEP_ON;
	}
	if ((head >> 8 & 15) == 8 && head % 31 == 0) {
		if (head & 0x20)
			return STEP_BAD; /* needs a dictionary */
		z->bits >>= 16;
		z->bit_count -= 16;
	} else {
		z->form = NJ_INFLATE_RAW;
	}
	z->phase = BLOCK;
	return STEP_ON;
}

/* What follows the data: two words for gzip, one for zlib. */
static enum step
step_trailer(struct run *r)
{
	struct nj_inflate *z = r->z;

	(void)take(r, z->bit_count & 7);
	z->left = z->form == NJ_INFLATE_GZIP   ? 8
		  : z->form == NJ_INFLATE_ZLIB ? 4
					       : 0;
	z->phase = ENDED;
	return STEP_ON;
}

static enum step
step(struct run *r)
{
	switch ((enum phase)r->z->phase) {
	case GZIP_HEAD:
		return step_gzip_head(r);
	case GZIP_EXTRA_LEN:
	case GZIP_EXTRA:
	case GZIP_NAME:
	case GZIP_COMMENT:
	case GZIP_CRC:
		return step_gzip_rest(r);
	case ZLIB_HEAD:
		return step_zlib_head(r);
	case BLOCK:
		return step_block(r);
	case STORED_LEN:
		return step_stored_len(r);
	case STORED:
		return step_stored(r);
	case DYNAMIC:
		return step_dynamic(r);
	case CODE_LENGTHS:
		return step_code_lengths(r);
	case LENGTHS:
		return step_lengths(r);
	case CODES:
		return step_codes(r);
	case TRAILER:
		return step_trailer(r);
	case ENDED:
		return skip_field(r, false) == STEP_ON ? STEP_END : STEP_SHORT;
	}
	return STEP_BAD;
}

/* Gives whole bytes that were read ahead back to the input. They lie right
 * before it: bits never hold more than this call took, or all is taken. */
static void
give_back(struct run *r, size_t had)
{
	struct nj_inflate *z = r->z;
	size_t n = nj_min(z->bit_count / 8, had - r->in->len);

	r->in->data -= n;
	r->in->len += n;
	z->bit_count = 0;
	z->bits = 0;
}

enum nj_inflate_status
nj_inflate_feed(struct nj_inflate *z, struct nj_view *in,
	void (*out)(void *ctx, struct nj_view v), void *ctx)
{
	struct run r = { z, in, out, ctx };
	size_t had = in->len;
	enum step s;

	if (z->status != NJ_INFLATE_MORE)
		return (enum nj_inflate_status)z->status;
	do
		s = step(&r);
	while (s == STEP_ON);
	flush(&r);
	if (s == STEP_END) {
		give_back(&r, had);
		z->status = NJ_INFLATE_DONE;
	} else if (s == STEP_BAD) {
		z->status = NJ_INFLATE_BAD;
	} else if (s == STEP_FULL) {
		z->status = NJ_INFLATE_FULL;
	}
	return (enum nj_inflate_status)z->status;
}
