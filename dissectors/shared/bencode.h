/*
 * bencode.h - the values of BitTorrent's messages (BEP 3): strings with their
 * length before them, integers, lists and dictionaries. Read one at a time;
 * what is not wanted is passed over without recursion.
 */
#ifndef NJ_DISSECTORS_SHARED_BENCODE_H
#define NJ_DISSECTORS_SHARED_BENCODE_H

#include "engine/base/cur.h"

/* "4:spam"; bad when there is none. */
static inline struct nj_view
nj_ben_string(struct nj_cur *c)
{
	size_t n = 0;
	unsigned digits = 0;
	uint8_t ch;

	while ((ch = nj_cur_u8(c)) >= '0' && ch <= '9' && ++digits <= 5)
		n = n * 10 + (size_t)(ch - '0');
	if (!digits || ch != ':')
		c->bad = true;
	return nj_cur_take(c, n);
}

/* "i42e" */
static inline int64_t
nj_ben_int(struct nj_cur *c)
{
	int64_t n = 0;
	bool minus = false;
	unsigned digits = 0;
	uint8_t ch;

	if (nj_cur_u8(c) != 'i')
		c->bad = true;
	ch = nj_cur_u8(c);
	if (ch == '-') {
		minus = true;
		ch = nj_cur_u8(c);
	}
	for (; ch >= '0' && ch <= '9' && ++digits <= 18; ch = nj_cur_u8(c))
		n = n * 10 + (ch - '0');
	if (!digits || ch != 'e')
		c->bad = true;
	return minus ? -n : n;
}

/* Is the next byte ch? It stays. */
static inline bool
nj_ben_is(const struct nj_cur *c, uint8_t ch)
{
	return nj_cur_left(c) && c->at[0] == ch;
}

/* Passes over one value, whatever it is. */
static inline void
nj_ben_skip(struct nj_cur *c)
{
	unsigned depth = 0;

	do {
		if (nj_ben_is(c, 'd') || nj_ben_is(c, 'l')) {
			nj_cur_skip(c, 1);
			depth++;
		} else if (nj_ben_is(c, 'e') && depth) {
			nj_cur_skip(c, 1);
			depth--;
		} else if (nj_ben_is(c, 'i')) {
			(void)nj_ben_int(c);
		} else {
			(void)nj_ben_string(c);
		}
	} while (depth && !c->bad && depth < 64);
	if (depth)
		c->bad = true;
}

#endif
