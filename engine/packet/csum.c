/*
 * csum.c - the Internet checksum (RFC 1071), in 64-bit lanes: one's
 * complement sums do not care how wide the words are that are added, nor in
 * which byte order, as long as the end is folded.
 */
#include "engine/packet/decode_priv.h"

/* Sums 32-bit words in 64-bit lanes, which cannot overflow below 16 GiB; the
 * loop is plain so that the compiler vectorises it. */
uint64_t
nj_csum_add(uint64_t sum, const uint8_t *p, size_t n)
{
	uint64_t lanes = 0;
	uint32_t word;
	uint8_t tail[4] = { 0 };

	for (size_t i = 0; i < n / 4; i++) {
		memcpy(&word, p + i * 4, 4);
		lanes += word;
	}
	if (n % 4) {
		memcpy(tail, p + n - n % 4, n % 4);
		memcpy(&word, tail, 4);
		lanes += word;
	}
	return sum + lanes;
}

uint16_t
nj_csum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}
