/*
 * tls_hello.h - ClientHello and ServerHello taken apart (RFC 8446 section
 * 4.1, RFC 5246 section 7.4.1; DTLS: RFC 6347), and the fingerprints that
 * are made of them. Pure: views into the message, nothing kept.
 */
#ifndef NJ_DISSECTORS_SHARED_TLS_HELLO_H
#define NJ_DISSECTORS_SHARED_TLS_HELLO_H

#include "engine/base/cur.h"

enum nj_tls_ext_type {
	NJ_EXT_SERVER_NAME = 0,
	NJ_EXT_GROUPS = 10,
	NJ_EXT_POINT_FORMATS = 11,
	NJ_EXT_SIG_ALGS = 13,
	NJ_EXT_ALPN = 16,
	NJ_EXT_SESSION_TICKET = 35,
	NJ_EXT_PRE_SHARED_KEY = 41,
	NJ_EXT_VERSIONS = 43,
	NJ_EXT_KEY_SHARE = 51,
	NJ_EXT_ECH = 0xfe0d
};

enum { NJ_TLS_EXT_MAX = 128 };

struct nj_tls_hello {
	bool client;
	bool has_ext;     /* there was an extension block */
	bool more_ext;    /* more than NJ_TLS_EXT_MAX; the rest not looked at */
	bool ech_outer;   /* ClientHello: outer encrypted_client_hello */
	bool many_names;  /* more than one name in server_name */
	uint16_t version; /* as the message's own field says */
	uint16_t cipher;  /* ServerHello */
	uint16_t group;   /* ServerHello: key share's; 0: none */
	uint16_t ext_count;
	struct nj_view random, session_id;
	struct nj_view ciphers;  /* ClientHello: list of u16 */
	struct nj_view versions; /* list of u16; ServerHello: the one chosen */
	struct nj_view groups, sig_algs; /* lists of u16 */
	struct nj_view point_formats;    /* list of u8 */
	struct nj_view alpn;             /* list of u8-counted names */
	struct nj_view server_name;      /* first host name */
	uint16_t ext[NJ_TLS_EXT_MAX];    /* types in order */
	struct nj_view ext_body[NJ_TLS_EXT_MAX];
};

/* body: after type and length of the handshake message. False for what is no
 * hello; extensions that make no sense are left out. */
NJ_MUST_USE bool nj_tls_client_hello(
	struct nj_tls_hello *out, struct nj_view body, bool dtls);
NJ_MUST_USE bool nj_tls_server_hello(
	struct nj_tls_hello *out, struct nj_view body);
/* The body of an extension; data is NULL when it is not there. */
struct nj_view nj_tls_ext(const struct nj_tls_hello *h, uint16_t type);
/* The i-th u16 of a list; 0 behind its end. */
uint16_t nj_tls_u16(struct nj_view list, size_t i);
/* The next name of an ALPN list; false at its end. */
bool nj_tls_alpn_next(struct nj_cur *c, struct nj_view *name);
bool nj_tls_is_retry(const struct nj_tls_hello *h);

enum { NJ_JA3_TEXT = 32, NJ_JA4_TEXT = 36 };
/* JA3 of a ClientHello, JA3S of a ServerHello: lower-case hex of the MD5. */
void nj_ja3(const struct nj_tls_hello *h, char out[NJ_JA3_TEXT]);
/* JA4 of a ClientHello; transport: 't' TCP, 'q' QUIC, 'd' DTLS. */
void nj_ja4(
	const struct nj_tls_hello *h, char transport, char out[NJ_JA4_TEXT]);

#endif
