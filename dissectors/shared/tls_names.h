/*
 * tls_names.h - what the numbers of TLS are called. Each gives NULL for a
 * number that has no name.
 */
#ifndef NJ_DISSECTORS_SHARED_TLS_NAMES_H
#define NJ_DISSECTORS_SHARED_TLS_NAMES_H

#include "engine/base/base.h"

enum {
	NJ_SSL_20 = 0x0002,
	NJ_SSL_30 = 0x0300,
	NJ_TLS_10 = 0x0301,
	NJ_TLS_11 = 0x0302,
	NJ_TLS_12 = 0x0303,
	NJ_TLS_13 = 0x0304,
	NJ_DTLS_10 = 0xfeff,
	NJ_DTLS_10_OLD = 0x0100, /* OpenSSL's before RFC 4347 */
	NJ_DTLS_12 = 0xfefd,
	NJ_DTLS_13 = 0xfefc
};

/* Cipher suites, SSL 2.0's three bytes included. */
const char *nj_tls_cipher(uint32_t code);
const char *nj_tls_version(uint16_t code);
/* Named groups. */
const char *nj_tls_group(uint16_t code);
const char *nj_tls_alert(uint8_t code);

/* TLS 1.3, its drafts and experiments included: after the hellos all is
 * encrypted. */
bool nj_tls_is_13(uint16_t version);
/* Values that clients sprinkle in to keep servers tolerant (RFC 8701). */
static inline bool
nj_tls_grease(uint16_t x)
{
	return (x & 0x0f0f) == 0x0a0a && x >> 8 == (x & 0xff);
}

#endif
