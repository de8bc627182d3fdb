/*
 * pack.c - numbers to bits and back. Loops over lanes have a fixed length and
 * no branch, which is what compilers make vector code of.
 */
#include "engine/store/pack_priv.h"

/* Stored words have no alignment. */
typedef uint32_t word32 __attribute__((aligned(1), may_alias));
typedef uint64_t word64 __attribute__((aligned(1), may_alias));

/* The two widths of lanes are the same loops over another word. */
#define PACK_RUN(name, word, LANES)                                            \
	static void name(uint8_t *restrict out, const uint64_t *restrict v,    \
		unsigned bits)                                                 \
	{                                                                      \
		enum { BITS = 8 * sizeof(word) };                              \
		word *w = (word *)out;                                         \
                                                                               \
		memset(out, 0, (size_t)bits *(NJ_PACK_RUN / 8));               \
		for (unsigned i = 0; i < BITS; i++, v += LANES) {              \
			unsigned at = i * bits, shift = at % BITS;             \
			word *to = w + at / BITS * LANES;                      \
                                                                               \
			for (unsigned l = 0; l < LANES; l++)                   \
				to[l] |= (word)v[l] << shift;                  \
			if (shift + bits <= BITS)                              \
				continue;                                      \
			to += LANES;                                           \
			for (unsigned l = 0; l < LANES; l++)                   \
				to[l] = (word)v[l] >> (BITS - shift);          \
		}                                                              \
	}
#define UNPACK_RUN(name, word, plain, LANES)                                   \
	static void name(plain *restrict out, const uint8_t *restrict in,      \
		unsigned bits)                                                 \
	{                                                                      \
		enum { BITS = 8 * sizeof(word) };                              \
		const word *w = (const word *)in;                              \
		plain mask = (plain)-1 >> (BITS - bits);                       \
                                                                               \
		for (unsigned i = 0; i < BITS; i++, out += LANES) {            \
			unsigned at = i * bits, shift = at % BITS;             \
			const word *from = w + at / BITS * LANES;              \
                                                                               \
			if (shift + bits <= BITS) {                            \
				for (unsigned l = 0; l < LANES; l++)           \
					out[l] = from[l] >> shift & mask;      \
				continue;                                      \
			}                                                      \
			for (unsigned l = 0; l < LANES; l++)                   \
				out[l] = (from[l] >> shift |                   \
						 from[LANES + l]               \
							 << (BITS - shift)) &  \
					 mask;                                 \
		}                                                              \
	}

PACK_RUN(pack_run32, word32, 16)
PACK_RUN(pack_run64, word64, 8)
UNPACK_RUN(unpack_run32, word32, uint32_t, 16)
UNPACK_RUN(unpack_run64, word64, uint64_t, 8)

/* The last numbers, fewer than a run, as one row of bits. */
static void
pack_rest(uint8_t *out, const uint64_t *v, size_t n, unsigned bits)
{
	size_t bytes = nj_pack_bytes(n, bits);

	memset(out, 0, bytes);
	for (size_t i = 0; i < n; i++) {
		size_t bit = i * bits;
		uint64_t left = v[i] << bit % 8;
		size_t last = (bit + bits + 7) / 8;

		for (size_t b = bit / 8; b < last && b < bit / 8 + 8; b++) {
			out[b] |= (uint8_t)left;
			left >>= 8;
		}
		/* Up to seven bits were shifted out at the top. */
		if (last > bit / 8 + 8)
			out[last - 1] |= (uint8_t)(v[i] >> (64 - bit % 8));
	}
}

static uint64_t
rest_get(const uint8_t *in, size_t bytes, size_t bit, unsigned bits)
{
	size_t at = bit / 8;
	uint64_t v = 0;

	memcpy(&v, in + at, nj_min(bytes - at, sizeof(v)));
	v >>= bit % 8;
	if (bit % 8 + bits > 64)
		v |= (uint64_t)in[at + 8] << (64 - bit % 8);
	return bits == 64 ? v : v & ((UINT64_C(1) << bits) - 1);
}

void
nj_pack(uint8_t *out, const uint64_t *v, size_t n, unsigned bits)
{
	if (!bits)
		return;
	for (; n >= NJ_PACK_RUN; n -= NJ_PACK_RUN, v += NJ_PACK_RUN) {
		if (bits <= 32)
			pack_run32(out, v, bits);
		else
			pack_run64(out, v, bits);
		out += (size_t)bits * (NJ_PACK_RUN / 8);
	}
	pack_rest(out, v, n, bits);
}

void
nj_unpack32(uint32_t out[NJ_PACK_RUN], const uint8_t *in, size_t at, size_t n,
	unsigned bits)
{
	size_t left = n - at;

	in += at / 8 * bits;
	if (!bits) {
		memset(out, 0, NJ_PACK_RUN * sizeof(*out));
	} else if (left >= NJ_PACK_RUN) {
		unpack_run32(out, in, bits);
	} else {
		for (size_t i = 0; i < left; i++)
			out[i] = (uint32_t)rest_get(
				in, nj_pack_bytes(left, bits), i * bits, bits);
	}
}

void
nj_unpack64(uint64_t out[NJ_PACK_RUN], const uint8_t *in, size_t at, size_t n,
	unsigned bits)
{
	size_t left = n - at;
	uint32_t narrow[NJ_PACK_RUN];

	if (bits <= 32) {
		nj_unpack32(narrow, in, at, n, bits);
		for (size_t i = 0; i < nj_min(left, (size_t)NJ_PACK_RUN); i++)
			out[i] = narrow[i];
	} else if (left >= NJ_PACK_RUN) {
		unpack_run64(out, in + at / 8 * bits, bits);
	} else {
		in += at / 8 * bits;
		for (size_t i = 0; i < left; i++)
			out[i] = rest_get(
				in, nj_pack_bytes(left, bits), i * bits, bits);
	}
}
