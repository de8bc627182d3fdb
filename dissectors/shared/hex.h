/*
 * hex.h - bytes as hexadecimal text, for identifiers that are not text.
 */
#ifndef NJ_DISSECTORS_SHARED_HEX_H
#define NJ_DISSECTORS_SHARED_HEX_H

#include "engine/dissect/dissector.h"

/* Lower case, in the arena; empty where there is no room. */
static inline struct nj_view
nj_hex(struct nj_dctx *d, struct nj_view v)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *out = nj_arena(d, 2 * v.len + 1);

	if (!out || !v.len)
		return (struct nj_view){ 0 };
	for (size_t i = 0; i < v.len; i++) {
		out[2 * i] = (uint8_t)digits[v.data[i] >> 4];
		out[2 * i + 1] = (uint8_t)digits[v.data[i] & 15];
	}
	return (struct nj_view){ out, 2 * v.len };
}

#endif
