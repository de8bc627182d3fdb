/*
 * crc.h - CRC-32C (Castagnoli; RFC 3720, appendix B.4), the checksum of what
 * we write to disk: it finds every burst of up to 32 bits, and processors
 * compute it.
 */
#ifndef NJ_BASE_CRC_H
#define NJ_BASE_CRC_H

#include "engine/base/base.h"

/* Of n bytes that follow on those that gave before; 0 before the first. */
uint32_t nj_crc32c(uint32_t before, const void *p, size_t n);
/* Of each quarter of n bytes by itself; n is a multiple of 32. Takes a third
 * of the time, as the processor works on the four at once. */
void nj_crc32c_quarters(const void *p, size_t n, uint32_t out[4]);

#endif
