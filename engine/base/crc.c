/*
 * crc.c - CRC-32C by the instruction of SSE 4.2, or else bit by bit: such
 * processors are not those that an appliance is built for.
 */
#include "engine/base/crc.h"

#ifdef __SSE4_2__
#include <nmmintrin.h>

uint32_t
nj_crc32c(uint32_t before, const void *p, size_t n)
{
	const uint8_t *at = p;
	uint64_t crc = ~before, word;

	for (; n >= sizeof(word); n -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		crc = _mm_crc32_u64(crc, word);
	}
	for (; n; n--)
		crc = _mm_crc32_u8((uint32_t)crc, *at++);
	return ~(uint32_t)crc;
}

void
nj_crc32c_quarters(const void *p, size_t n, uint32_t out[4])
{
	const uint8_t *at = p;
	size_t quarter = n / 4;
	uint64_t crc[4] = { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX };
	uint64_t word;

	for (size_t i = 0; i + sizeof(word) <= quarter; i += sizeof(word))
		for (unsigned q = 0; q < 4; q++) {
			memcpy(&word, at + q * quarter + i, sizeof(word));
			crc[q] = _mm_crc32_u64(crc[q], word);
		}
	for (unsigned q = 0; q < 4; q++)
		out[q] = ~(uint32_t)crc[q];
}

#else

uint32_t
nj_crc32c(uint32_t before, const void *p, size_t n)
{
	const uint32_t polynomial = 0x82f63b78; /* reflected */
	const uint8_t *at = p;
	uint32_t crc = ~before;

	for (; n; n--) {
		crc ^= *at++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
	}
	return ~crc;
}

void
nj_crc32c_quarters(const void *p, size_t n, uint32_t out[4])
{
	for (unsigned q = 0; q < 4; q++)
		out[q] = nj_crc32c(0, (const uint8_t *)p + q * (n / 4), n / 4);
}

#endif
