/*
 * hkdf.c - HMAC and HKDF over our own SHA-256 calls: OpenSSL's KDF interface
 * fetches and allocates for each derivation, and these are thirty lines.
 */
#include "engine/crypt/hkdf.h"

enum { BLOCK = 64 };

static void
hmac_start(struct nj_hasher *h, struct nj_view key, uint8_t pad[BLOCK])
{
	memset(pad, 0, BLOCK);
	if (key.len > BLOCK)
		nj_sha256(key, pad);
	else if (key.len)
		memcpy(pad, key.data, key.len);
	for (int i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36;
	nj_hasher_start(h, NJ_HASH_SHA256);
	nj_hasher_add(h, (struct nj_view){ pad, BLOCK });
}

static void
hmac_end(struct nj_hasher *h, uint8_t pad[BLOCK], uint8_t out[NJ_SHA256_BYTES])
{
	uint8_t inner[NJ_SHA256_BYTES];

	nj_hasher_end(h, inner);
	for (int i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	nj_hasher_start(h, NJ_HASH_SHA256);
	nj_hasher_add(h, (struct nj_view){ pad, BLOCK });
	nj_hasher_add(h, (struct nj_view){ inner, sizeof(inner) });
	nj_hasher_end(h, out);
}

void
nj_hmac_sha256(
	struct nj_view key, struct nj_view text, uint8_t out[NJ_SHA256_BYTES])
{
	struct nj_hasher h;
	uint8_t pad[BLOCK];

	hmac_start(&h, key, pad);
	nj_hasher_add(&h, text);
	hmac_end(&h, pad, out);
}

void
nj_hkdf_extract(struct nj_view salt, struct nj_view secret,
	uint8_t out[NJ_SHA256_BYTES])
{
	nj_hmac_sha256(salt, secret, out);
}

void
nj_hkdf_expand(const uint8_t prk[NJ_SHA256_BYTES], struct nj_view info,
	uint8_t *out, size_t n)
{
	struct nj_hasher h;
	uint8_t pad[BLOCK], t[NJ_SHA256_BYTES];
	size_t have = 0;

	NJ_ASSERT(n <= 255 * NJ_SHA256_BYTES && info.len <= 256);
	for (uint8_t round = 1; n; round++) {
		size_t take = nj_min(n, sizeof(t));

		hmac_start(&h, (struct nj_view){ prk, NJ_SHA256_BYTES }, pad);
		nj_hasher_add(&h, (struct nj_view){ t, have });
		nj_hasher_add(&h, info);
		nj_hasher_add(&h, (struct nj_view){ &round, 1 });
		hmac_end(&h, pad, t);
		have = sizeof(t);
		memcpy(out, t, take);
		out += take;
		n -= take;
	}
}

void
nj_hkdf_expand_label(const uint8_t secret[NJ_SHA256_BYTES], const char *label,
	uint8_t *out, size_t n)
{
	static const char prefix[] = "tls13 ";
	const size_t prefix_len = sizeof(prefix) - 1, len = strlen(label);
	uint8_t info[2 + 1 + 32 + 1];

	NJ_ASSERT(len <= 24);
	info[0] = (uint8_t)(n >> 8);
	info[1] = (uint8_t)n;
	info[2] = (uint8_t)(prefix_len + len);
	memcpy(info + 3, prefix, prefix_len);
	memcpy(info + 3 + prefix_len, label, len);
	info[3 + prefix_len + len] = 0; /* the context's length */
	nj_hkdf_expand(
		secret, (struct nj_view){ info, 4 + prefix_len + len }, out, n);
}
