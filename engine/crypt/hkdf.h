/*
 * hkdf.h - HMAC and HKDF with SHA-256 (RFC 2104, RFC 5869) and the labels
 * that TLS 1.3 and QUIC put into it (RFC 8446 section 7.1, RFC 9001). No call
 * allocates or fails.
 */
#ifndef NJ_CRYPT_HKDF_H
#define NJ_CRYPT_HKDF_H

#include "engine/crypt/hash.h"

void nj_hmac_sha256(
	struct nj_view key, struct nj_view text, uint8_t out[NJ_SHA256_BYTES]);
void nj_hkdf_extract(struct nj_view salt, struct nj_view secret,
	uint8_t out[NJ_SHA256_BYTES]);
/* n bytes (at most 8160) for info, which is at most 256 bytes long. */
void nj_hkdf_expand(const uint8_t prk[NJ_SHA256_BYTES], struct nj_view info,
	uint8_t *out, size_t n);
/* HKDF-Expand-Label with an empty context; "tls13 " is put before label,
 * which is at most 24 characters long. */
void nj_hkdf_expand_label(const uint8_t secret[NJ_SHA256_BYTES],
	const char *label, uint8_t *out, size_t n);

#endif
