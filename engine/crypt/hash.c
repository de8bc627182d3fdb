/*
 * hash.c - MD5, SHA-1 and SHA-256 through OpenSSL's low-level functions. They
 * are marked deprecated in favour of EVP, but EVP allocates a context for
 * each hash, and these work in the caller's memory with the same code inside.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "engine/crypt/hash.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

_Static_assert(
	sizeof(MD5_CTX) <= sizeof(((struct nj_hasher *)0)->state) &&
		sizeof(SHA_CTX) <= sizeof(((struct nj_hasher *)0)->state) &&
		sizeof(SHA256_CTX) <= sizeof(((struct nj_hasher *)0)->state),
	"the state of each hash fits");

void
nj_md5(struct nj_view v, uint8_t out[NJ_MD5_BYTES])
{
	MD5_CTX c;

	MD5_Init(&c);
	MD5_Update(&c, v.data, v.len);
	MD5_Final(out, &c);
}

void
nj_sha1(struct nj_view v, uint8_t out[NJ_SHA1_BYTES])
{
	enum { ONE_BLOCK = SHA_CBLOCK - 9 };
	uint8_t block[SHA_CBLOCK] = { 0 };
	uint64_t bits = __builtin_bswap64((uint64_t)v.len * 8);
	uint32_t sum[5];
	SHA_CTX c;

	SHA1_Init(&c);
	if (v.len > ONE_BLOCK || !v.len) {
		SHA1_Update(&c, v.data, v.len);
		SHA1_Final(out, &c);
		return;
	}
	/* A short message, its end and its length in one block (FIPS 180-4,
	 * 5.1.1): buffering it would cost as much as the hash. */
	memcpy(block, v.data, v.len);
	block[v.len] = 0x80;
	memcpy(block + SHA_CBLOCK - sizeof(bits), &bits, sizeof(bits));
	SHA1_Transform(&c, block);
	sum[0] = __builtin_bswap32(c.h0);
	sum[1] = __builtin_bswap32(c.h1);
	sum[2] = __builtin_bswap32(c.h2);
	sum[3] = __builtin_bswap32(c.h3);
	sum[4] = __builtin_bswap32(c.h4);
	memcpy(out, sum, sizeof(sum));
}

void
nj_sha256(struct nj_view v, uint8_t out[NJ_SHA256_BYTES])
{
	SHA256_CTX c;

	SHA256_Init(&c);
	SHA256_Update(&c, v.data, v.len);
	SHA256_Final(out, &c);
}

void
nj_hasher_start(struct nj_hasher *h, enum nj_hash_kind kind)
{
	h->kind = kind;
	switch (kind) {
	case NJ_HASH_MD5:
		MD5_Init((MD5_CTX *)h->state);
		break;
	case NJ_HASH_SHA1:
		SHA1_Init((SHA_CTX *)h->state);
		break;
	case NJ_HASH_SHA256:
		SHA256_Init((SHA256_CTX *)h->state);
		break;
	}
}

void
nj_hasher_add(struct nj_hasher *h, struct nj_view v)
{
	switch (h->kind) {
	case NJ_HASH_MD5:
		MD5_Update((MD5_CTX *)h->state, v.data, v.len);
		break;
	case NJ_HASH_SHA1:
		SHA1_Update((SHA_CTX *)h->state, v.data, v.len);
		break;
	case NJ_HASH_SHA256:
		SHA256_Update((SHA256_CTX *)h->state, v.data, v.len);
		break;
	}
}

size_t
nj_hasher_end(struct nj_hasher *h, uint8_t out[NJ_SHA256_BYTES])
{
	switch (h->kind) {
	case NJ_HASH_MD5:
		MD5_Final(out, (MD5_CTX *)h->state);
		return NJ_MD5_BYTES;
	case NJ_HASH_SHA1:
		SHA1_Final(out, (SHA_CTX *)h->state);
		return NJ_SHA1_BYTES;
	case NJ_HASH_SHA256:
		SHA256_Final(out, (SHA256_CTX *)h->state);
		return NJ_SHA256_BYTES;
	}
	return 0;
}

void
nj_hex(struct nj_view v, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < v.len; i++) {
		out[2 * i] = digits[v.data[i] >> 4];
		out[2 * i + 1] = digits[v.data[i] & 15];
	}
}
