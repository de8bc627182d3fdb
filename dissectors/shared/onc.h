/*
 * onc.h - ONC RPC (RFC 5531) and the data in it (XDR, RFC 4506), as NFS and
 * its helpers use them over UDP and over TCP, where a record mark of four
 * bytes stands before each fragment (RFC 5531 section 11).
 */
#ifndef NJ_DISSECTORS_SHARED_ONC_H
#define NJ_DISSECTORS_SHARED_ONC_H

#include "engine/dissect/dissector.h"

enum {
	NJ_ONC_PORTMAP = 100000,
	NJ_ONC_NFS = 100003,
	NJ_ONC_MOUNT = 100005,
	NJ_ONC_LOCK = 100021,
	NJ_ONC_MARK_BYTES = 4,
	NJ_ONC_LAST = 1 << 31
};

struct nj_onc {
	uint32_t xid;
	bool reply;
	/* Of a call. */
	uint32_t program, version, procedure;
	bool has_unix; /* a user was named: */
	uint32_t uid, gid;
	struct nj_view machine;
	/* Of a reply: did the procedure run? */
	bool accepted;
	uint32_t status;
};

/* Reads the head of a message; arguments or results follow at *c. False for
 * what is none, or is cut within its head (c->bad). */
NJ_MUST_USE bool nj_onc_read(struct nj_onc *m, struct nj_cur *c);
/* "opaque<>" and "string<>": a length, the bytes, and up to four. */
static inline struct nj_view
nj_xdr_opaque(struct nj_cur *c)
{
	uint32_t len = nj_cur_u32(c);
	struct nj_view v = nj_cur_take(c, len);

	nj_cur_skip(c, (4 - len % 4) % 4);
	return v;
}

/* An array of numbers, of which only the length matters. */
static inline void
nj_xdr_skip_words(struct nj_cur *c)
{
	uint32_t n = nj_cur_u32(c);

	if (n > nj_cur_left(c) / 4)
		c->bad = true;
	else
		nj_cur_skip(c, (size_t)n * 4);
}

#endif
