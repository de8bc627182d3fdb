/*
 * quic_packet.h - QUIC packets: the long header (RFC 8999, 9000), and the
 * protection of Initial packets, whose keys anybody can derive from the
 * first connection id (RFC 9001 section 5.2, RFC 9369).
 */
#ifndef NJ_DISSECTORS_SHARED_QUIC_PACKET_H
#define NJ_DISSECTORS_SHARED_QUIC_PACKET_H

#include "engine/base/cur.h"

enum { NJ_QUIC_CID_MAX = 20 };

enum nj_quic_kind {
	NJ_QUIC_IETF,  /* drafts, version 1, and what is like them */
	NJ_QUIC_V2,    /* other numbers for the packet types */
	NJ_QUIC_Q050,  /* Google's crypto in protected packets */
	NJ_QUIC_GOOGLE /* Google's own, up to Q046 */
};

struct nj_quic_version {
	uint32_t code;
	const char *name;
	const char *salt; /* 20 bytes; NULL: not protected */
	enum nj_quic_kind kind;
};

/* NULL: a version that is not known. */
const struct nj_quic_version *nj_quic_version(uint32_t code);

enum nj_quic_type {
	NJ_QUIC_INITIAL,
	NJ_QUIC_ZERO_RTT,
	NJ_QUIC_HANDSHAKE,
	NJ_QUIC_RETRY,
	NJ_QUIC_NEGOTIATION, /* of the version */
	NJ_QUIC_UNKNOWN      /* of a version that is not known */
};

struct nj_quic_header {
	enum nj_quic_type type;
	uint32_t code;
	const struct nj_quic_version *version; /* NULL: not known */
	struct nj_view dcid, scid;
	size_t pn_at;         /* Initial: where the packet number is */
	struct nj_view whole; /* the packet, without those behind it */
};

/* The long header at the beginning of v. False for what is none. */
NJ_MUST_USE bool nj_quic_header(struct nj_quic_header *out, struct nj_view v);

/* A variable-length integer. */
uint64_t nj_quic_varint(struct nj_cur *c);

struct nj_quic_keys {
	uint8_t key[16], iv[12], hp[16];
};

/* The Initial keys of one side. */
void nj_quic_keys(struct nj_quic_keys *out, const struct nj_quic_version *v,
	struct nj_view dcid, bool client);

enum { NJ_QUIC_PACKET_MAX = 4096 };
/* Takes the protection from an Initial packet into buf; *out is the payload
 * in it. False when the keys are not this packet's. */
NJ_MUST_USE bool nj_quic_open(const struct nj_quic_keys *keys,
	const struct nj_quic_header *h, uint8_t buf[NJ_QUIC_PACKET_MAX],
	struct nj_view *out);

/* The client hello of Google's QUIC crypto: what it asks for. */
struct nj_quic_chlo {
	struct nj_view server_name, user_agent;
};
/* Looks for one near the beginning of v. */
NJ_MUST_USE bool nj_quic_chlo(struct nj_quic_chlo *out, struct nj_view v);

#endif
