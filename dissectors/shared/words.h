/*
 * words.h - numbers of a protocol as words: one table of pairs a field, in
 * order of the number, and "unknown-N" for what is not in it.
 */
#ifndef NJ_DISSECTORS_SHARED_WORDS_H
#define NJ_DISSECTORS_SHARED_WORDS_H

#include "engine/dissect/dissector.h"

struct nj_word {
	uint32_t code;
	const char *word;
};

/* The word, or NULL. n entries, sorted by code. */
const char *nj_word_find(const struct nj_word *words, size_t n, uint32_t code);
/* The word, or unknown-N in the arena. */
struct nj_view nj_word_of(struct nj_dctx *d, const struct nj_word *words,
	size_t n, uint32_t code);
#define nj_word(d, words, code) nj_word_of(d, words, nj_countof(words), code)

#endif
