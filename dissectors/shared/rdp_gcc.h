/*
 * rdp_gcc.h - what RDP's client and server tell each other in the settings
 * exchange (MS-RDPBCGR 2.2.1.3, 2.2.1.4): GCC conference data (T.124, packed
 * encoding rules) inside an MCS connect message (T.125, BER).
 */
#ifndef NJ_DISSECTORS_SHARED_RDP_GCC_H
#define NJ_DISSECTORS_SHARED_RDP_GCC_H

#include "engine/base/cur.h"

enum { NJ_RDP_CHANNELS_MAX = 31, NJ_RDP_CHANNEL_BYTES = 8 };

struct nj_rdp_client {
	bool core; /* the members up to channels were there */
	uint32_t version, keyboard, build, keyboard_type, function_keys;
	uint16_t width, height, high_color, capabilities, product;
	bool has_capabilities;
	struct nj_view name;   /* UTF-16, with what follows its end */
	struct nj_view dig_id; /* the same; unset where old clients stop */
	struct nj_view channel[NJ_RDP_CHANNELS_MAX];
	uint32_t channels;
	bool has_channels;
};

struct nj_rdp_server {
	uint32_t result; /* of the conference */
	bool has_security;
	uint32_t method, level;
	bool has_cert, permanent;
	uint32_t cert_type;
	struct nj_view certs; /* X.509: lengths and certificates */
	uint32_t cert_count;
};

/* v is the MCS message, from its tag on. False when it is none; views point
 * into v. */
NJ_MUST_USE bool nj_rdp_client_read(struct nj_view v, struct nj_rdp_client *c);
NJ_MUST_USE bool nj_rdp_server_read(struct nj_view v, struct nj_rdp_server *s);
/* Is v an MCS connect message of a client, of a server? */
bool nj_rdp_is_client(struct nj_view v);
bool nj_rdp_is_server(struct nj_view v);

/* "English - United States", or NULL. */
const char *nj_rdp_keyboard(uint32_t layout);

#endif
