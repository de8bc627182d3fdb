/*
 * field_priv.h - which columns of a segment a field of a query means.
 */
#ifndef NJ_STORE_SEARCH_FIELD_PRIV_H
#define NJ_STORE_SEARCH_FIELD_PRIV_H

#include "engine/store/search/search.h"

enum { NJ_FIELD_COLUMNS_MAX = 8 };
/* Columns of the log type, at most NJ_FIELD_COLUMNS_MAX; gives how many. */
unsigned nj_search_field_columns(const struct nj_search_field *f, uint32_t type,
	uint8_t out[NJ_FIELD_COLUMNS_MAX]);
/* Is it the log type itself, which is no column? */
bool nj_search_field_is_type(const struct nj_search_field *f);

#endif
