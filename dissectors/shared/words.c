/*
 * words.c - numbers of a protocol as words, see words.h.
 */
#include "dissectors/shared/words.h"

const char *
nj_word_find(const struct nj_word *words, size_t n, uint32_t code)
{
	size_t from = 0, to = n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (words[mid].code == code)
			return words[mid].word;
		if (words[mid].code < code)
			from = mid + 1;
		else
			to = mid;
	}
	return NULL;
}

struct nj_view
nj_word_of(
	struct nj_dctx *d, const struct nj_word *words, size_t n, uint32_t code)
{
	const char *word = nj_word_find(words, n, code);

	return word ? nj_str(word) : nj_arena_printf(d, "unknown-%u", code);
}
