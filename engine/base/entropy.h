/*
 * entropy.h - how evenly bytes are spread (Shannon): 0 bits a byte in a run of
 * one byte, 8 where all 256 are equally frequent. Text is at 4 to 5; what is
 * encrypted or compressed is near the most that its length allows, which is
 * log2(length). Rounded to a thousandth, so that it is the same everywhere.
 */
#ifndef NJ_BASE_ENTROPY_H
#define NJ_BASE_ENTROPY_H

#include "engine/base/base.h"

/* Zeroed at the start; bytes may come in pieces. */
struct nj_entropy {
	uint64_t n;
	uint32_t count[256];
};

/* Bytes beyond UINT32_MAX are not counted. */
void nj_entropy_add(struct nj_entropy *e, struct nj_view v);
double nj_entropy_bits(const struct nj_entropy *e);
/* Of v alone, up to 64 KiB of it. */
double nj_entropy_of(struct nj_view v);

#endif
