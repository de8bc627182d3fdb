/*
 * pieces.c - which parts of a message have come.
 */
#include "dissectors/shared/pieces.h"

bool
nj_pieces_add(struct nj_pieces *p, uint32_t from, uint32_t to)
{
	unsigned at = 0, gone = 0;

	while (at < p->count && p->at[at].to < from)
		at++;
	/* Those that touch or overlap it become one with it. */
	while (at + gone < p->count && p->at[at + gone].from <= to) {
		from = nj_min(from, p->at[at + gone].from);
		to = nj_max(to, p->at[at + gone].to);
		gone++;
	}
	if (!gone && p->count == NJ_PIECES_MAX)
		return false;
	memmove(&p->at[at + 1], &p->at[at + gone],
		(p->count - at - gone) * sizeof(p->at[0]));
	p->at[at] = (struct nj_piece){ from, to };
	p->count = (uint8_t)(p->count - gone + 1);
	return true;
}
