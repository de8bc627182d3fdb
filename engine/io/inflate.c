/*
 * inflate.c - zlib on the way of packets: its memory is a block that the
 * caller has, so it allocates nothing (ADR 0007).
 */
#include "engine/io/inflate.h"

#include <zlib.h>

enum { OUT_BYTES = 8 * 1024, ALIGN = 16, WINDOW_BITS = 15, GZIP = 16 };

static z_stream *
stream_of(struct nj_inflate *z)
{
	NJ_ASSERT(sizeof(z_stream) <= NJ_INFLATE_BYTES / 2);
	return (z_stream *)(void *)z->memory;
}

static uint32_t
round_up(size_t n)
{
	return (uint32_t)((n + ALIGN - 1) & ~(size_t)(ALIGN - 1));
}

static void *
take(void *ctx, unsigned items, unsigned size)
{
	struct nj_inflate *z = ctx;
	size_t n;
	void *p = z->memory + z->used;

	if (__builtin_mul_overflow((size_t)items, (size_t)size, &n) ||
		n > NJ_INFLATE_BYTES - ALIGN ||
		z->used + round_up(n) > NJ_INFLATE_BYTES)
		return NULL;
	z->used += round_up(n);
	return p;
}

static void
give_back(void *ctx, void *p)
{
	(void)ctx;
	(void)p;
}

void
nj_inflate_begin(
	struct nj_inflate *z, enum nj_inflate_form form, uint64_t limit)
{
	memset(z, 0, offsetof(struct nj_inflate, memory));
	z->form = (uint8_t)form;
	z->limit = limit;
	z->status = NJ_INFLATE_MORE;
}

static bool
start(struct nj_inflate *z, int bits)
{
	z_stream *s = stream_of(z);

	memset(s, 0, sizeof(*s));
	z->used = round_up(sizeof(*s));
	s->zalloc = take;
	s->zfree = give_back;
	s->opaque = z;
	z->begun =
		inflateInit2(s, bits) == Z_OK && inflateValidate(s, 0) == Z_OK;
	return z->begun;
}

/* A zlib header is two bytes that are a multiple of 31 (RFC 1950 2.2). Some
 * servers send gzip by that name; all else is bare. */
static int
bits_by_head(uint8_t a, uint8_t b)
{
	if (a == 0x1f && b == 0x8b)
		return WINDOW_BITS + GZIP;
	return (a & 15) == Z_DEFLATED && ((unsigned)a << 8 | b) % 31 == 0
		       ? WINDOW_BITS
		       : -WINDOW_BITS;
}

static enum nj_inflate_status
pump(struct nj_inflate *z, struct nj_view *in,
	void (*out)(void *ctx, struct nj_view v), void *ctx)
{
	z_stream *s = stream_of(z);
	uint8_t room[OUT_BYTES];

	for (;;) {
		unsigned n = (unsigned)nj_min(
			z->limit - z->made, (uint64_t)sizeof(room));
		unsigned all = (unsigned)nj_min(in->len, (size_t)INT32_MAX);
		int said;

		if (!n)
			return NJ_INFLATE_FULL;
		s->next_in = (uint8_t *)(uintptr_t)in->data;
		s->avail_in = all;
		s->next_out = room;
		s->avail_out = n;
		said = inflate(s, Z_NO_FLUSH);
		*in = nj_sub(*in, all - s->avail_in, in->len);
		n -= s->avail_out;
		z->made += n;
		if (n)
			out(ctx, (struct nj_view){ room, n });
		if (said == Z_STREAM_END)
			return NJ_INFLATE_DONE;
		if (said == Z_BUF_ERROR)
			return NJ_INFLATE_MORE;
		if (said != Z_OK)
			return NJ_INFLATE_BAD;
	}
}

/* What kind of stream it is; false: another byte is needed, or no memory. */
static bool
look(struct nj_inflate *z, struct nj_view *in)
{
	if (z->form == NJ_INFLATE_GZIP)
		return start(z, WINDOW_BITS + GZIP);
	if (z->form == NJ_INFLATE_RAW)
		return start(z, -WINDOW_BITS);
	if (in->len + z->held < 2) {
		if (in->len) {
			z->held = 1;
			z->first = in->data[0];
			*in = nj_sub(*in, 1, in->len);
		}
		return false;
	}
	return start(z, z->held ? bits_by_head(z->first, in->data[0])
				: bits_by_head(in->data[0], in->data[1]));
}

enum nj_inflate_status
nj_inflate_feed(struct nj_inflate *z, struct nj_view *in,
	void (*out)(void *ctx, struct nj_view v), void *ctx)
{
	struct nj_view first = { &z->first, 1 };

	if (z->status != NJ_INFLATE_MORE)
		return z->status;
	if (!z->begun) {
		if (!look(z, in)) {
			if (in->len)
				z->status = NJ_INFLATE_BAD;
			return z->status;
		}
		if (z->held)
			z->status = pump(z, &first, out, ctx);
	}
	if (z->status == NJ_INFLATE_MORE && in->len)
		z->status = pump(z, in, out, ctx);
	return z->status;
}
