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

#endif
