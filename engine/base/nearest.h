/*
 * nearest.h - the known word that a mistyped word is nearest to, so that an
 * error can name it. For people at a terminal, never per packet.
 */
#ifndef NJ_BASE_NEAREST_H
#define NJ_BASE_NEAREST_H

#include "engine/base/base.h"

enum { NJ_NEAREST_CHARS_MAX = 64 };

/* Edits (insert, drop, change, swap of two neighbours) that make b of a,
 * letters without case. Words beyond NJ_NEAREST_CHARS_MAX characters are
 * UINT_MAX apart. */
unsigned nj_edits(struct nj_view a, struct nj_view b);

/* Begin with { .word = what was typed }, try every candidate, read best: its
 * data is NULL when none is near enough to be what was meant. */
struct nj_nearest {
	struct nj_view word;
	struct nj_view best; /* borrowed from the caller of try */
	unsigned edits;
};
void nj_nearest_try(struct nj_nearest *n, struct nj_view candidate);

#endif
