/*
 * values_priv.h - goes through the values that the matching rows of a segment
 * have in one column.
 */
#ifndef NJ_STORE_SEARCH_VALUES_PRIV_H
#define NJ_STORE_SEARCH_VALUES_PRIV_H

#include "engine/store/search/scan_priv.h"

/* Calls fn for each value with its place in the column (of a vector: of its
 * element). Gives how many rows had none. */
uint32_t nj_values_walk(const struct nj_found *f, const struct nj_column *col,
	void (*fn)(void *ctx, const struct nj_column *col, uint32_t at),
	void *ctx);
/* Is it text, or an address? Then values are codes. */
static inline bool
nj_values_are_coded(const struct nj_column *col)
{
	return col->dict.at != NULL;
}
/* The value as text, as JSON has it without quotes. */
void nj_values_text(
	struct nj_buf *out, const struct nj_column *col, uint32_t at);
/* Of an entry of the dictionary. */
void nj_values_entry_text(
	struct nj_buf *out, const struct nj_column *col, uint32_t code);
/* The value as a number; times and intervals in seconds. False for text. */
bool nj_values_number(const struct nj_column *col, uint32_t at, double *out);

#endif
