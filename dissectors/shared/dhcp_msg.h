/*
 * dhcp_msg.h - reading one DHCP message (RFC 2131, 2132). Pure: no flow.
 */
#ifndef NJ_DISSECTORS_SHARED_DHCP_MSG_H
#define NJ_DISSECTORS_SHARED_DHCP_MSG_H

#include "engine/base/base.h"
#include "engine/base/cur.h"

enum { NJ_DHCP_OP_REQUEST = 1, NJ_DHCP_OP_REPLY = 2 };
enum {
	NJ_DHCP_FIXED_BYTES = 236, /* before the options */
	NJ_DHCP_MAGIC = 0x63825363,
	NJ_DHCP_HTYPE_ETHERNET = 1,
	NJ_DHCP_CHADDR_BYTES = 16
};

/* Options that are text. */
enum nj_dhcp_text {
	NJ_DHCP_HOST,
	NJ_DHCP_FQDN,
	NJ_DHCP_DOMAIN,
	NJ_DHCP_CLIENT_MESSAGE,
	NJ_DHCP_SERVER_MESSAGE,
	NJ_DHCP_VENDOR,
	NJ_DHCP_USER,
	NJ_DHCP_CIRCUIT,
	NJ_DHCP_REMOTE,
	NJ_DHCP_SUBSCRIBER,
	NJ_DHCP_WPAD,
	NJ_DHCP_BOOT,
	NJ_DHCP_TEXTS
};

/* One message, read. Views are borrowed. */
struct nj_dhcp_msg {
	uint8_t op, hlen, type;
	uint32_t xid;
	const uint8_t *ciaddr, *yiaddr, *giaddr, *chaddr;
	struct nj_view text[NJ_DHCP_TEXTS];
	struct nj_view client_mac; /* of the client id */
	struct nj_view requested, lease, params, routers, dns;
	bool odd;
};

/* False when it is no DHCP message. *m borrows v. */
bool nj_dhcp_read(struct nj_dhcp_msg *m, struct nj_view v);
/* The name of an FQDN option: it is text, or in the DNS's form, which is
 * written to out as text. */
struct nj_view nj_dhcp_fqdn(struct nj_view v, uint8_t out[256]);

#endif
