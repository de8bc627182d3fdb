/*
 * tls.h - one TLS session as the ssl log tells it: what the handshake
 * messages say, whoever carried them (TLS records, DTLS records, QUIC's
 * CRYPTO frames). The carrier finds the messages; this makes sense of them.
 */
#ifndef NJ_DISSECTORS_SHARED_TLS_H
#define NJ_DISSECTORS_SHARED_TLS_H

#include "engine/dissect/dissector.h"

#define NJ_SSL(F, tag)                                                         \
	F(tag, 1, STR, version, NJ_INDEX | NJ_LEARN,                           \
		"Version that the server chose")                               \
	F(tag, 2, STR, cipher, NJ_INDEX | NJ_LEARN,                            \
		"Cipher suite that the server chose")                          \
	F(tag, 3, STR, curve, NJ_LEARN, "Group of the key exchange")           \
	F(tag, 4, STR, server_name, NJ_INDEX | NJ_LEARN,                       \
		"Name that the client asked for (SNI)")                        \
	F(tag, 5, BOOL, resumed, 0, "An earlier session went on")              \
	F(tag, 6, STR, last_alert, NJ_LEARN, "Last alert in the clear")        \
	F(tag, 7, STR, next_protocol, NJ_LEARN,                                \
		"Application protocol that the server chose (ALPN)")           \
	F(tag, 8, BOOL, established, 0, "The handshake came to its end")       \
	F(tag, 9, STR, ssl_history, 0,                                         \
		"Messages in order, the client's in capitals")                 \
	F(tag, 10, VSTR, cert_chain_fps, NJ_INDEX,                             \
		"SHA-256 of the server's certificates")                        \
	F(tag, 11, VSTR, client_cert_chain_fps, NJ_INDEX,                      \
		"SHA-256 of the client's certificates")                        \
	F(tag, 12, BOOL, sni_matches_cert, NJ_OPT,                             \
		"The certificate is for the name asked for")                   \
	F(tag, 13, STR, ja3, NJ_INDEX | NJ_LEARN, "JA3 of the client")         \
	F(tag, 14, STR, ja3s, NJ_INDEX | NJ_LEARN, "JA3S of the server")       \
	F(tag, 15, STR, ja4, NJ_INDEX | NJ_LEARN, "JA4 of the client")         \
	F(tag, 16, VSTR, client_alpn, 0,                                       \
		"Application protocols that the client offered")               \
	F(tag, 17, BOOL, ech_outer, NJ_OPT,                                    \
		"The name seen is the outer one of Encrypted Client Hello")    \
	F(tag, 18, BOOL, cert_self_signed, NJ_OPT | NJ_LEARN,                  \
		"The server's certificate was issued by itself")               \
	F(tag, 19, I64, cert_age_days, NJ_OPT | NJ_LEARN,                      \
		"Days since that certificate became valid")                    \
	F(tag, 20, I64, cert_left_days, NJ_OPT | NJ_LEARN,                     \
		"Days until it ends; negative: since it ended")

NJ_EVENT_DECLARE(ssl, NJ_SSL);

enum nj_tls_carrier { NJ_TLS_RECORDS, NJ_TLS_DTLS, NJ_TLS_QUIC };

enum {
	NJ_TLS_HISTORY_MAX = 100,
	NJ_TLS_CERTS_MAX = 24, /* of one side */
	NJ_TLS_STAPLES_MAX = 24,
	NJ_TLS_MESSAGE_MAX = 65535
};

enum nj_tls_type {
	NJ_TLS_HELLO_REQUEST = 0,
	NJ_TLS_CLIENT_HELLO = 1,
	NJ_TLS_SERVER_HELLO = 2,
	NJ_TLS_HELLO_VERIFY = 3,
	NJ_TLS_CERTIFICATE = 11,
	NJ_TLS_SERVER_KEY = 12,
	NJ_TLS_CLIENT_KEY = 16,
	NJ_TLS_CERTIFICATE_STATUS = 22
};

/* The certificates that one side showed. */
struct nj_tls_chain {
	uint8_t (*sha256)[32]; /* kept; NULL: none */
	uint16_t count;
};

/* What EVE tells besides; only kept where that is wanted. */
struct nj_tls_eve {
	struct nj_view hello[2]; /* the client's, the server's */
	struct nj_view cert;     /* the server's own */
};

struct nj_tls {
	int64_t began_ns;  /* the record's time; set by the carrier */
	uint8_t carrier;   /* enum nj_tls_carrier */
	bool flipped;      /* the originator is the server */
	bool encrypted[2]; /* by nj_dir of the sender */
	bool retrying;     /* between HelloRetryRequest and the second hello */
	bool established, resumed, logged, seen;
	bool ticket_offered, psk_offered, client_key_seen;
	bool has_version, has_alert, has_ja3, has_ja3s, has_ech, chain_seen;
	bool has_match, matches;
	bool has_cert, self_signed, has_age, has_left; /* the server's */
	int32_t age_days, left_days;
	uint8_t last_alert;
	uint8_t history_len, session_len, staples;
	uint16_t version, group;
	uint32_t cipher; /* SSL 2.0's have three bytes */
	bool has_cipher;
	struct nj_view server_name, next_protocol, client_alpn; /* kept */
	struct nj_tls_chain chain[2]; /* server's, client's */
	struct nj_tls_eve eve;
	uint8_t session[32];
	char ja3[32], ja3s[32], ja4[36];
	char history[NJ_TLS_HISTORY_MAX];
};

/* One handshake message that dir sent, whole, without its type and length.
 * False when a hello is no hello: the carrier must doubt that this is TLS. */
bool nj_tls_message(struct nj_dctx *d, struct nj_tls *t, enum nj_dir dir,
	uint8_t type, struct nj_view body);
/* A handshake message that was too big or cut: only its letter. */
void nj_tls_letter(struct nj_tls *t, enum nj_dir dir, uint8_t type);
void nj_tls_change_cipher(struct nj_tls *t, enum nj_dir dir);
void nj_tls_alert_seen(struct nj_tls *t, enum nj_dir dir, struct nj_view v);
/* One history letter, given in lower case. */
void nj_tls_history(struct nj_tls *t, enum nj_dir dir, char letter);
/* A record that cannot be read: true when the session stands thereby. */
bool nj_tls_cipher_record(struct nj_tls *t);
/* Writes the ssl record, once. */
void nj_tls_log(struct nj_dctx *d, struct nj_tls *t);

/* Whether the sender is the client. */
static inline bool
nj_tls_by_client(const struct nj_tls *t, enum nj_dir dir)
{
	return (dir == NJ_ORIG) != t->flipped;
}

/* ---- Putting handshake messages together ---- */

/* One direction's message that is not yet whole. */
struct nj_tls_part {
	uint8_t *buf; /* kept; NULL when there is none, or no room for it */
	uint32_t have, need;
	uint8_t head[4], head_have;
	bool body; /* the head is complete, its body is coming */
};

/* Bytes of the handshake stream: every message that becomes whole goes to
 * nj_tls_message. Consumes all. False as there. */
bool nj_tls_stream(struct nj_dctx *d, struct nj_tls *t, struct nj_tls_part *p,
	enum nj_dir dir, struct nj_view v);

#endif
