/*
 * ssh_kex.h - the key exchange of SSH 2 (RFC 4253 section 7): what both sides
 * offer, what comes of it, and the HASSH fingerprints of the offers.
 */
#ifndef NJ_DISSECTORS_SHARED_SSH_KEX_H
#define NJ_DISSECTORS_SHARED_SSH_KEX_H

#include "engine/base/cur.h"

enum nj_ssh_list {
	NJ_SSH_KEX,
	NJ_SSH_HOST_KEY,
	NJ_SSH_CIPHER_C2S,
	NJ_SSH_CIPHER_S2C,
	NJ_SSH_MAC_C2S,
	NJ_SSH_MAC_S2C,
	NJ_SSH_COMPRESSION_C2S,
	NJ_SSH_COMPRESSION_S2C,
	NJ_SSH_LANGUAGE_C2S,
	NJ_SSH_LANGUAGE_S2C,
	NJ_SSH_LISTS
};

struct nj_ssh_kexinit {
	struct nj_view list[NJ_SSH_LISTS];
};

/* payload: of the message, behind its type. */
NJ_MUST_USE bool nj_ssh_kexinit(
	struct nj_ssh_kexinit *out, struct nj_view payload);
/* The first name of the client's that the server offers too; empty when there
 * is none. Looks at the first names only of absurdly long lists. */
struct nj_view nj_ssh_agree(struct nj_view client, struct nj_view server);

enum { NJ_HASSH_TEXT = 32 };
/* HASSH of a client's offer, or HASSH server of a server's, as hex. */
void nj_hassh(
	const struct nj_ssh_kexinit *k, bool server, char out[NJ_HASSH_TEXT]);

/* The message number in which a server shows its host key, 0: never. */
uint8_t nj_ssh_key_message(struct nj_view kex);

#endif
