/*
 * rdp_log.h - the record of a Remote Desktop connection, collected until its
 * security is settled, and the messages of it as EVE tells them.
 */
#ifndef NJ_DISSECTORS_SHARED_RDP_LOG_H
#define NJ_DISSECTORS_SHARED_RDP_LOG_H

#include "dissectors/shared/rdp_gcc.h"
#include "engine/dissect/dissector.h"

#define RDP(F, tag)                                                            \
	F(tag, 1, STR, cookie, NJ_INDEX | NJ_PII, "Name that the client gave") \
	F(tag, 2, STR, result, NJ_INDEX | NJ_LEARN, "What came of it")         \
	F(tag, 3, STR, security_protocol, NJ_INDEX | NJ_LEARN,                 \
		"Security that the server chose")                              \
	F(tag, 4, VSTR, client_channels, NJ_LEARN, "Channels asked for")       \
	F(tag, 5, STR, keyboard_layout, NJ_INDEX | NJ_LEARN,                   \
		"Keyboard of the client")                                      \
	F(tag, 6, STR, client_build, NJ_INDEX | NJ_LEARN, "Client version")    \
	F(tag, 7, STR, client_name, NJ_INDEX, "Name of the client's machine")  \
	F(tag, 8, STR, client_dig_product_id, NJ_INDEX,                        \
		"Product of the client")                                       \
	F(tag, 9, U16, desktop_width, NJ_OPT, "Width asked for")               \
	F(tag, 10, U16, desktop_height, NJ_OPT, "Height asked for")            \
	F(tag, 11, STR, requested_color_depth, 0, "Colours asked for")         \
	F(tag, 12, STR, cert_type, 0, "Kind of certificate shown in clear")    \
	F(tag, 13, U32, cert_count, 0, "Certificates shown in clear")          \
	F(tag, 14, BOOL, cert_permanent, NJ_OPT, "Is it there to stay?")       \
	F(tag, 15, STR, encryption_level, NJ_INDEX, "Level of RDP's own")      \
	F(tag, 16, STR, encryption_method, NJ_INDEX, "Cipher of RDP's own")

NJ_EVENT_DECLARE(rdp, RDP);

#define EVE_RDP(F, tag)                                                        \
	F(tag, 1, U64, rdp__tx_id, 0, "Number of the message")                 \
	F(tag, 2, STR, rdp__event_type, 0, "Kind of message")                  \
	F(tag, 3, STR, rdp__cookie, 0, "Name that the client gave")            \
	F(tag, 4, STR, rdp__server_supports, NJ_JSON, "What the server can")   \
	F(tag, 5, STR, rdp__protocol, 0, "Security that the server chose")     \
	F(tag, 6, U32, rdp__error_code, NJ_OPT, "Why it refused")              \
	F(tag, 7, STR, rdp__client, NJ_JSON, "Settings of the client")         \
	F(tag, 8, STR, rdp__channels, NJ_JSON, "Channels asked for")

NJ_EVENT_DECLARE(eve_rdp, EVE_RDP);

/* Zeroed at the start; views are kept. */
struct nj_rdp_log {
	int64_t ts_ns;
	uint64_t tx;
	struct nj_view cookie, name, dig_id, channels;
	uint32_t protocol, failure, keyboard, build, certs, result;
	uint32_t method, level, cert_type;
	uint16_t width, height, high_color, capabilities;
	uint8_t flags; /* of the negotiation's answer */
	bool open, emitted, negotiates, has_protocol, failed;
	bool has_client, has_channels, has_server, has_security, has_cert;
	bool permanent;
};

void nj_rdp_take_client(
	struct nj_rdp_log *l, struct nj_dctx *d, const struct nj_rdp_client *c);
void nj_rdp_take_server(
	struct nj_rdp_log *l, struct nj_dctx *d, const struct nj_rdp_server *s);
void nj_rdp_tell_request(struct nj_rdp_log *l, struct nj_dctx *d);
void nj_rdp_tell_confirm(struct nj_rdp_log *l, struct nj_dctx *d);
/* Writes the record, once. */
void nj_rdp_emit(struct nj_rdp_log *l, struct nj_dctx *d);

#endif
