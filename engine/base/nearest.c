/*
 * nearest.c - edit distance (Damerau's, of neighbours only) over short words.
 */
#include "engine/base/nearest.h"

#include <ctype.h>
#include <limits.h>

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	unsigned d = nj_min(a, b);

	return nj_min(d, c);
}

static bool
same(struct nj_view a, size_t i, struct nj_view b, size_t j)
{
	return tolower(a.data[i]) == tolower(b.data[j]);
}

unsigned
nj_edits(struct nj_view a, struct nj_view b)
{
	/* Three rows of the usual table: two back, one back, this one. */
	unsigned rows[3][NJ_NEAREST_CHARS_MAX + 1];

	if (a.len > NJ_NEAREST_CHARS_MAX || b.len > NJ_NEAREST_CHARS_MAX)
		return UINT_MAX;
	for (unsigned j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned *now = rows[i % 3], *back = rows[(i + 2) % 3];
		const unsigned *back2 = rows[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned change = !same(a, i - 1, b, j - 1);

			now[j] = least(now[j - 1] + 1, back[j] + 1,
				back[j - 1] + change);
			if (i > 1 && j > 1 && same(a, i - 1, b, j - 2) &&
				same(a, i - 2, b, j - 1))
				now[j] = nj_min(now[j], back2[j - 2] + 1);
		}
	}
	return rows[a.len % 3][b.len];
}

void
nj_nearest_try(struct nj_nearest *n, struct nj_view candidate)
{
	size_t len = candidate.len;
	/* A third of the longer word may be wrong, but one letter always. */
	unsigned most = (unsigned)(nj_max(n->word.len, len) / 3);
	unsigned edits = nj_edits(n->word, candidate);

	if (edits > nj_max(most, 1U) || edits >= nj_max(n->word.len, len))
		return;
	if (n->best.data && edits >= n->edits)
		return;
	n->best = candidate;
	n->edits = edits;
}
