/*
 * cipher.h - the decryption that watching a network needs: QUIC's Initial
 * packets are encrypted with keys that anybody on the path can derive.
 * Contexts belong to the calling thread and are made once: a call neither
 * allocates nor locks after nj_cipher_warm.
 */
#ifndef NJ_CRYPT_CIPHER_H
#define NJ_CRYPT_CIPHER_H

#include "engine/base/base.h"

enum {
	NJ_AES128_BYTES = 16,
	NJ_CHACHA_KEY_BYTES = 32,
	NJ_AEAD_TAG = 16,
	NJ_AEAD_NONCE = 12
};

/* Makes the calling thread's contexts. Without it the first call makes them,
 * which allocates and may read OpenSSL's configuration file: too late where
 * the thread has given up the right to open files. */
NJ_MUST_USE enum nj_err nj_cipher_warm(void);

/* One block of AES-128-ECB (QUIC's header protection). */
NJ_MUST_USE bool nj_aes128_block(const uint8_t key[NJ_AES128_BYTES],
	const uint8_t in[16], uint8_t out[16]);

struct nj_aead {
	const uint8_t *key; /* 16 bytes, ChaCha20: 32 */
	uint8_t nonce[NJ_AEAD_NONCE];
	struct nj_view aad;
	struct nj_view text; /* ciphertext and, at its end, the tag */
};

/* Decrypts into out, which has room for text.len - NJ_AEAD_TAG bytes; false
 * when the tag does not fit, and then out is rubbish. */
NJ_MUST_USE bool nj_aes128_gcm_open(const struct nj_aead *a, uint8_t *out);
NJ_MUST_USE bool nj_chacha20_poly1305_open(
	const struct nj_aead *a, uint8_t *out);

#endif
