/*
 * base64.h - base 64 (RFC 4648 section 4): fingerprints are written in it,
 * mail and HTTP carry names and credentials in it.
 */
#ifndef NJ_CRYPT_BASE64_H
#define NJ_CRYPT_BASE64_H

#include "engine/base/base.h"

#define NJ_BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* Writes NJ_BASE64_LEN(v.len) characters, padding included, no NUL; gives
 * their number. */
size_t nj_base64_encode(struct nj_view v, char *out);
/* Decodes up to the first '=' or the end, at most cap bytes, into out; blanks
 * and line ends are passed over. Gives the number of bytes, or SIZE_MAX when
 * another character stands there. */
size_t nj_base64_decode(struct nj_view v, uint8_t *out, size_t cap);
/* 0..63, or -1 for a character that is none of the alphabet. */
int nj_base64_digit(uint8_t ch);

#endif
