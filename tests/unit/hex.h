/*
 * hex.h - bytes written as hex in a test.
 */
#ifndef NJ_TESTS_UNIT_HEX_H
#define NJ_TESTS_UNIT_HEX_H

#include "tests/unit/unit.h"

#include <stdio.h>

#include "engine/base/base.h"

/* out has room for half of text; gives the view of what was written. */
static inline struct nj_view
unhex(const char *text, uint8_t *out)
{
	size_t n = strlen(text) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned byte = 0;

		assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
		out[i] = (uint8_t)byte;
	}
	return (struct nj_view){ out, n };
}

#endif
