/*
 * cipher.c - AES-128 and ChaCha20-Poly1305 through EVP, whose accelerated
 * code has no other door. Each thread keeps one context per algorithm.
 */
#include "engine/crypt/cipher.h"

#include <pthread.h>

#include <openssl/evp.h>

enum { ECB, GCM, CHACHA, ALGORITHMS };

static const char *const algorithm_names[ALGORITHMS] = {
	[ECB] = "AES-128-ECB",
	[GCM] = "AES-128-GCM",
	[CHACHA] = "ChaCha20-Poly1305",
};

struct contexts {
	EVP_CIPHER_CTX *ctx[ALGORITHMS];
	bool ready;
};

static _Thread_local struct contexts mine;
static pthread_key_t at_exit_key;
static pthread_once_t at_exit_once = PTHREAD_ONCE_INIT;

static void
contexts_free(void *p)
{
	struct contexts *c = p;

	for (int i = 0; i < ALGORITHMS; i++) {
		EVP_CIPHER_CTX_free(c->ctx[i]);
		c->ctx[i] = NULL;
	}
	c->ready = false;
}

static void
at_exit_make(void)
{
	(void)pthread_key_create(&at_exit_key, contexts_free);
}

static bool
context_make(EVP_CIPHER_CTX **out, const char *name)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool ok = cipher && ctx &&
		  EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, 0, NULL) == 1;

	EVP_CIPHER_free(cipher); /* the context holds on to it */
	if (!ok) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	}
	*out = ctx;
	return ok;
}

enum nj_err
nj_cipher_warm(void)
{
	if (mine.ready)
		return NJ_OK;
	for (int i = 0; i < ALGORITHMS; i++) {
		if (!context_make(&mine.ctx[i], algorithm_names[i])) {
			contexts_free(&mine);
			return NJ_E_NOMEM;
		}
	}
	pthread_once(&at_exit_once, at_exit_make);
	(void)pthread_setspecific(at_exit_key, &mine);
	mine.ready = true;
	return NJ_OK;
}

static EVP_CIPHER_CTX *
context_get(int algorithm)
{
	if (nj_unlikely(!mine.ready) && nj_cipher_warm() != NJ_OK)
		return NULL;
	return mine.ctx[algorithm];
}

bool
nj_aes128_block(const uint8_t key[NJ_AES128_BYTES], const uint8_t in[16],
	uint8_t out[16])
{
	EVP_CIPHER_CTX *ctx = context_get(ECB);
	int n = 0;

	return ctx && EVP_EncryptInit_ex2(ctx, NULL, key, NULL, NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	       EVP_EncryptUpdate(ctx, out, &n, in, 16) == 1 && n == 16;
}

static bool
aead_open(int algorithm, const struct nj_aead *a, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = context_get(algorithm);
	uint8_t tag[NJ_AEAD_TAG], last[16];
	size_t len;
	int n = 0;

	if (!ctx || a->text.len < NJ_AEAD_TAG || a->text.len > INT32_MAX ||
		a->aad.len > INT32_MAX)
		return false;
	len = a->text.len - NJ_AEAD_TAG;
	memcpy(tag, a->text.data + len, NJ_AEAD_TAG);
	if (EVP_DecryptInit_ex2(ctx, NULL, a->key, a->nonce, NULL) != 1 ||
		EVP_CIPHER_CTX_ctrl(
			ctx, EVP_CTRL_AEAD_SET_TAG, NJ_AEAD_TAG, tag) != 1)
		return false;
	if (a->aad.len && EVP_DecryptUpdate(ctx, NULL, &n, a->aad.data,
				  (int)a->aad.len) != 1)
		return false;
	if (len && EVP_DecryptUpdate(ctx, out, &n, a->text.data, (int)len) != 1)
		return false;
	return EVP_DecryptFinal_ex(ctx, last, &n) == 1;
}

bool
nj_aes128_gcm_open(const struct nj_aead *a, uint8_t *out)
{
	return aead_open(GCM, a, out);
}

bool
nj_chacha20_poly1305_open(const struct nj_aead *a, uint8_t *out)
{
	return aead_open(CHACHA, a, out);
}
