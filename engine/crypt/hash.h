/*
 * hash.h - MD5, SHA-1 and SHA-256, in one call or piece by piece. State lives
 * in the caller's struct: no call allocates, locks or fails, so they may be
 * used for every packet. MD5 and SHA-1 are here because fingerprints (JA3,
 * HASSH, community id) are defined by them, not to protect anything.
 */
#ifndef NJ_CRYPT_HASH_H
#define NJ_CRYPT_HASH_H

#include "engine/base/base.h"

enum { NJ_MD5_BYTES = 16, NJ_SHA1_BYTES = 20, NJ_SHA256_BYTES = 32 };

void nj_md5(struct nj_view v, uint8_t out[NJ_MD5_BYTES]);
void nj_sha1(struct nj_view v, uint8_t out[NJ_SHA1_BYTES]);
void nj_sha256(struct nj_view v, uint8_t out[NJ_SHA256_BYTES]);

enum nj_hash_kind { NJ_HASH_MD5, NJ_HASH_SHA1, NJ_HASH_SHA256 };

/* A hash being made. Copying the struct forks it. */
struct nj_hasher {
	uint64_t state[14];
	enum nj_hash_kind kind;
};

void nj_hasher_start(struct nj_hasher *h, enum nj_hash_kind kind);
void nj_hasher_add(struct nj_hasher *h, struct nj_view v);
/* Writes the hash and gives its length; h must be started anew after it. */
size_t nj_hasher_end(struct nj_hasher *h, uint8_t out[NJ_SHA256_BYTES]);

/* Lower-case hex of v, without a NUL; out has room for 2 * v.len. */
void nj_hex(struct nj_view v, char *out);

#endif
