/*
 * column_int.c - numbers as an offset, a step that all differences share, and
 * the rest: in as few bits as the greatest takes; as planes of bytes, of which
 * zstd takes those that gain (long tails, few values that are often there);
 * or as differences of neighbours, where those are smaller.
 */
#include <math.h>

#include "engine/store/coder_priv.h"
#include "engine/store/pack_priv.h"

enum form {
	FORM_SAME,   /* base alone */
	FORM_PACKED, /* width, base, step, bits */
	FORM_ZIPPED, /* the same, the bits by zip */
	FORM_PLANES, /* width, base, step, a zip for each byte of a number */
	FORM_DELTA = 0x80
};

enum {
	NARROW_BITS = 4, /* several of these in a byte: zstd sees them all */
	SAMPLE = 2048,
	/* Below this there is nothing to gain for what a frame costs. */
	ZIP_MIN_BYTES = 128,
	/* A plane whose bytes have this many bits each is left alone. */
	PLANE_BITS_MAX = 30 /* quarters of a bit */
};

/* ---- What the numbers have in common ---- */

struct shape {
	uint64_t base, most; /* least; greatest above it */
	uint64_t step;
	bool delta;
};

struct extent {
	int64_t min, max;
};

static struct extent
extent_of(const uint64_t *v, size_t n, uint64_t flip)
{
	struct extent e = { INT64_MAX, INT64_MIN };

	for (size_t i = 0; i < n; i++) {
		int64_t x = (int64_t)(v[i] ^ flip);

		e.min = x < e.min ? x : e.min;
		e.max = x > e.max ? x : e.max;
	}
	return e;
}

static struct extent
extent_of_deltas(const uint64_t *v, size_t n)
{
	struct extent e = { INT64_MAX, INT64_MIN };

	for (size_t i = 1; i < n; i++) {
		int64_t x = (int64_t)(v[i] - v[i - 1]);

		e.min = x < e.min ? x : e.min;
		e.max = x > e.max ? x : e.max;
	}
	return e;
}

static uint64_t
extent_width(struct extent e)
{
	return (uint64_t)e.max - (uint64_t)e.min;
}

static uint64_t
gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

/* The inverse of an odd number among 64-bit words, by Newton's steps, each of
 * which doubles the bits that are right. */
static uint64_t
inverse(uint64_t odd)
{
	uint64_t x = odd * 3 ^ 2;

	for (unsigned i = 0; i < 4; i++)
		x *= 2 - odd * x;
	return x;
}

static uint64_t
rotate_right(uint64_t x, unsigned n)
{
	return x >> n | x << (-n & 63);
}

/* The greatest step that divides all. A run of numbers that the last one
 * divides is passed over by multiplication alone. */
static uint64_t
step_of(const uint64_t *w, size_t n)
{
	uint64_t step = 0, limit = 0, inv = 0;
	unsigned shift = 0;

	for (size_t at = 0; at < n && step != 1;) {
		size_t end = nj_min(at + 64, n);
		uint64_t bad = !step;

		for (size_t i = at; step && i < end; i++)
			bad |= rotate_right(w[i] * inv, shift) > limit;
		if (!bad) {
			at = end;
			continue;
		}
		for (size_t i = at; i < end && step != 1; i++)
			step = gcd(w[i], step);
		at = end;
		if (!step)
			continue;
		shift = (unsigned)__builtin_ctzll(step);
		inv = inverse(step >> shift);
		limit = UINT64_MAX / step;
	}
	return step ? step : 1;
}

static void
divide(uint64_t *w, size_t n, uint64_t step)
{
	unsigned shift = (unsigned)__builtin_ctzll(step);
	uint64_t inv = inverse(step >> shift);

	for (size_t i = 0; i < n && step != 1; i++)
		w[i] = (w[i] >> shift) * inv;
}

/* ---- Writing ---- */

/* Bits of a symbol in each, times n, from how often each of 256 occurs. */
static double
entropy_bits(const uint32_t counts[256], size_t n)
{
	double bits = 0;

	for (unsigned i = 0; i < 256; i++)
		if (counts[i])
			bits += counts[i] *
				(double)log2f((float)n / (float)counts[i]);
	return bits;
}

/* Up to SAMPLE numbers in eight stretches, so that neighbours are in it. */
static size_t
sample_of(uint64_t out[SAMPLE], const uint64_t *w, size_t n)
{
	size_t each = SAMPLE / 8;

	if (n <= SAMPLE) {
		memcpy(out, w, n * sizeof(*w));
		return n;
	}
	for (size_t i = 0; i < 8; i++)
		memcpy(out + i * each, w + (n - each) / 7 * i,
			each * sizeof(*w));
	return SAMPLE;
}

/* What each plane would take, in quarters of a bit a number; gives the sum. */
static unsigned
planes_guess(const uint64_t *w, size_t n, unsigned planes, uint8_t each[8])
{
	uint64_t sample[SAMPLE];
	size_t count = sample_of(sample, w, n);
	unsigned sum = 0;

	for (unsigned p = 0; p < planes; p++) {
		uint32_t counts[256] = { 0 };

		for (size_t i = 0; i < count; i++)
			counts[sample[i] >> 8 * p & 0xff]++;
		each[p] = (uint8_t)(4 * entropy_bits(counts, count) /
					    (double)count +
				    0.5);
		sum += each[p] > PLANE_BITS_MAX ? 32 : each[p];
	}
	return sum;
}

static void
put_planes(struct nj_coder *k, const uint64_t *w, size_t n, unsigned planes,
	const uint8_t each[8])
{
	struct nj_buf *plane = &k->bytes;

	for (unsigned p = 0; p < planes; p++) {
		nj_buf_reset(plane);
		if (!nj_buf_room(plane, n)) {
			k->out.bad = true;
			return;
		}
		for (size_t i = 0; i < n; i++)
			plane->data[i] = (uint8_t)(w[i] >> 8 * p);
		plane->len = n;
		nj_zip_put(k, (struct nj_view){ plane->data, n },
			each[p] <= PLANE_BITS_MAX);
	}
}

static bool
put_packed(struct nj_coder *k, const uint64_t *w, size_t n, unsigned bits)
{
	struct nj_buf *to = &k->out;
	size_t bytes = nj_pack_bytes(n, bits);

	if (!nj_buf_room(to, bytes))
		return false;
	nj_pack(to->data + to->len, w, n, bits);
	to->len += bytes;
	return true;
}

/* Packed in whole fractions of a byte, then by zstd. */
static void
put_zipped(struct nj_coder *k, const uint64_t *w, size_t n, unsigned bits)
{
	size_t bytes = nj_pack_bytes(n, bits);

	nj_buf_reset(&k->bytes);
	if (!nj_buf_room(&k->bytes, bytes)) {
		k->out.bad = true;
		return;
	}
	nj_pack(k->bytes.data, w, n, bits);
	nj_zip_put(k, (struct nj_view){ k->bytes.data, bytes }, true);
}

static void
put_shape(
	struct nj_buf *out, unsigned form, unsigned bits, const struct shape *s)
{
	nj_put_u8(out, (uint8_t)(form | (s->delta ? FORM_DELTA : 0)));
	if (form != FORM_SAME)
		nj_put_u8(out, (uint8_t)bits);
	nj_put_u64(out, s->base);
	if (form != FORM_SAME)
		nj_put_u64(out, s->step);
}

/* The numbers less base, divided by step, in the form that takes least. */
static void
put_rest(struct nj_coder *k, const uint64_t *w, size_t n, struct shape *s)
{
	unsigned bits = nj_pack_width(s->most / s->step), guess;
	unsigned planes = (bits + 7) / 8;
	uint8_t each[8];

	if (!bits) {
		put_shape(&k->out, FORM_SAME, 0, s);
		return;
	}
	guess = nj_pack_bytes(n, bits) < ZIP_MIN_BYTES
			? UINT32_MAX
			: planes_guess(w, n, planes, each);
	/* An eighth has to be gained; of few bits, which are read fastest as
	 * they are, a third. */
	if (guess >= (bits <= NARROW_BITS ? 8 * bits / 3 : 7 * bits / 2)) {
		put_shape(&k->out, FORM_PACKED, bits, s);
		k->out.bad |= !put_packed(k, w, n, bits);
	} else if (bits <= NARROW_BITS) {
		bits = bits == 3 ? 4 : bits;
		put_shape(&k->out, FORM_ZIPPED, bits, s);
		put_zipped(k, w, n, bits);
	} else {
		put_shape(&k->out, FORM_PLANES, bits, s);
		put_planes(k, w, n, planes, each);
	}
}

void
nj_ints_put(struct nj_coder *k, const uint64_t *v, size_t n, bool is_signed)
{
	uint64_t flip = is_signed ? 0 : UINT64_C(1) << 63;
	struct extent direct = extent_of(v, n, flip);
	struct extent deltas = extent_of_deltas(v, n);
	struct shape s = { (uint64_t)direct.min ^ flip, extent_width(direct), 1,
		false };
	uint64_t *w;

	if (!n)
		return;
	if (n > 2 &&
		nj_pack_width(extent_width(deltas)) + 1 < nj_pack_width(s.most))
		s = (struct shape){ (uint64_t)deltas.min, extent_width(deltas),
			1, true };
	nj_buf_reset(&k->numbers);
	if (!nj_buf_room(&k->numbers, n * sizeof(*w))) {
		k->out.bad = true;
		return;
	}
	w = (uint64_t *)(void *)k->numbers.data;
	n -= s.delta;
	for (size_t i = 0; i < n; i++)
		w[i] = (s.delta ? v[i + 1] - v[i] : v[i]) - s.base;
	s.step = s.most ? step_of(w, n) : 1;
	divide(w, n, s.step);
	put_rest(k, w, n, &s);
	if (s.delta)
		nj_put_u64(&k->out, v[0]);
}

/* ---- Reading ---- */

/* The rest of a stream while it is being read, a run at a time. */
struct rest {
	unsigned form, bits;
	uint64_t base, step;
	const uint8_t *packed;
	const uint8_t *plane[8];
};

static bool
rest_open(struct nj_decoder *d, struct rest *r, size_t n)
{
	size_t bytes;

	r->form = nj_cur_u8(&d->in);
	if ((r->form & ~(unsigned)FORM_DELTA) == FORM_SAME) {
		r->base = nj_cur_le64(&d->in);
		return !d->in.bad || nj_decoder_bad(d);
	}
	r->bits = nj_cur_u8(&d->in);
	r->base = nj_cur_le64(&d->in);
	r->step = nj_cur_le64(&d->in);
	if (d->in.bad || !r->bits || r->bits > 64)
		return nj_decoder_bad(d);
	bytes = nj_pack_bytes(n, r->bits);
	switch (r->form & ~(unsigned)FORM_DELTA) {
	case FORM_PACKED:
		r->packed = nj_cur_take(&d->in, bytes).data;
		return r->packed || nj_decoder_bad(d);
	case FORM_ZIPPED:
		r->packed = nj_zip_get(d, bytes);
		return r->packed != NULL;
	case FORM_PLANES:
		for (unsigned p = 0; p < (r->bits + 7) / 8; p++) {
			r->plane[p] = nj_zip_get(d, n);
			if (!r->plane[p])
				return false;
		}
		return true;
	}
	return nj_decoder_bad(d);
}

/* Four planes at once: one pass over what they make. */
static void
planes_four(uint32_t *restrict out, const uint8_t *const plane[4], size_t at,
	size_t n)
{
	static const uint8_t none[NJ_PACK_RUN];
	const uint8_t *p[4];

	for (unsigned j = 0; j < 4; j++)
		p[j] = plane[j] ? plane[j] + at : none;
	for (size_t i = 0; i < n; i++)
		out[i] = p[0][i] | (uint32_t)p[1][i] << 8 |
			 (uint32_t)p[2][i] << 16 | (uint32_t)p[3][i] << 24;
}

static void
planes_run(uint64_t *restrict out, const struct rest *r, size_t at, size_t n)
{
	uint32_t low[NJ_PACK_RUN], high[NJ_PACK_RUN];

	planes_four(low, r->plane, at, n);
	if (r->bits <= 32) {
		for (size_t i = 0; i < n; i++)
			out[i] = low[i];
		return;
	}
	planes_four(high, r->plane + 4, at, n);
	for (size_t i = 0; i < n; i++)
		out[i] = low[i] | (uint64_t)high[i] << 32;
}

static void
run_wide(uint64_t *restrict out, const struct rest *r, size_t at, size_t n)
{
	uint64_t run[NJ_PACK_RUN];
	size_t count = nj_min(n - at, (size_t)NJ_PACK_RUN);

	if ((r->form & 3) == FORM_SAME) {
		for (size_t i = 0; i < count; i++)
			out[i] = r->base;
		return;
	}
	if ((r->form & 3) == FORM_PLANES)
		planes_run(run, r, at, count);
	else
		nj_unpack64(run, r->packed, at, n, r->bits);
	if (r->step == 1) {
		for (size_t i = 0; i < count; i++)
			out[i] = r->base + run[i];
	} else {
		for (size_t i = 0; i < count; i++)
			out[i] = r->base + r->step * run[i];
	}
}

/* Codes need no wide numbers in between. */
static void
run_narrow(uint32_t *restrict out, const struct rest *r, size_t at, size_t n)
{
	uint64_t wide[NJ_PACK_RUN];
	uint32_t run[NJ_PACK_RUN], base = (uint32_t)r->base;
	uint32_t step = (uint32_t)r->step;
	size_t count = nj_min(n - at, (size_t)NJ_PACK_RUN);

	if ((r->form & 3) == FORM_SAME || r->bits > 32) {
		run_wide(wide, r, at, n);
		for (size_t i = 0; i < count; i++)
			out[i] = (uint32_t)wide[i];
		return;
	}
	if ((r->form & 3) == FORM_PLANES)
		planes_four(run, r->plane, at, count);
	else
		nj_unpack32(run, r->packed, at, n, r->bits);
	for (size_t i = 0; i < count; i++)
		out[i] = base + step * run[i];
}

static void
sum_up(struct nj_ints_to to, size_t n, uint64_t first)
{
	uint64_t sum = first;

	if (to.u) {
		to.u[0] = first;
		for (size_t i = 1; i < n; i++)
			to.u[i] = sum += to.u[i];
	} else {
		to.code[0] = (uint32_t)first;
		for (size_t i = 1; i < n; i++)
			to.code[i] = (uint32_t)(sum += to.code[i]);
	}
}

bool
nj_ints_get(struct nj_decoder *d, struct nj_ints_to to, size_t n)
{
	struct rest r = { 0 };
	bool delta;

	if (!n)
		return true;
	delta = d->in.at < d->in.end && *d->in.at & FORM_DELTA;
	if (!rest_open(d, &r, n - delta))
		return false;
	/* Differences go where the numbers behind them will stand. */
	for (size_t at = 0; at < n - delta; at += NJ_PACK_RUN) {
		if (to.u)
			run_wide(to.u + delta + at, &r, at, n - delta);
		else
			run_narrow(to.code + delta + at, &r, at, n - delta);
	}
	if (delta)
		sum_up(to, n, nj_cur_le64(&d->in));
	return !d->in.bad || nj_decoder_bad(d);
}
