/*
 * websocket_log.h - the opening handshake of a WebSocket (RFC 6455 section 4)
 * as HTTP meets it: collected header by header, written when the server has
 * agreed.
 */
#ifndef NJ_DISSECTORS_SHARED_WEBSOCKET_LOG_H
#define NJ_DISSECTORS_SHARED_WEBSOCKET_LOG_H

#include "dissectors/shared/pad.h"

#define WEBSOCKET(F, tag)                                                      \
	F(tag, 1, STR, host, NJ_INDEX | NJ_LEARN, "Host of the request")       \
	F(tag, 2, STR, uri, NJ_INDEX | NJ_PII, "Target of the request")        \
	F(tag, 3, STR, user_agent, NJ_INDEX | NJ_LEARN, "Client program")      \
	F(tag, 4, STR, subprotocol, NJ_INDEX, "What the server chose")         \
	F(tag, 5, VSTR, client_protocols, 0, "What the client offered")        \
	F(tag, 6, VSTR, server_extensions, 0, "Extensions in use")             \
	F(tag, 7, VSTR, client_extensions, 0, "Extensions offered")

NJ_EVENT_DECLARE(websocket, WEBSOCKET);

enum nj_websocket_odd {
	NJ_WEBSOCKET_FINE,
	NJ_WEBSOCKET_NO_KEY = 1 << 0,
	NJ_WEBSOCKET_NO_ACCEPT = 1 << 1,
	NJ_WEBSOCKET_WRONG_ACCEPT = 1 << 2,
	NJ_WEBSOCKET_KEYS = 1 << 3,
	NJ_WEBSOCKET_ACCEPTS = 1 << 4,
	NJ_WEBSOCKET_PROTOCOLS = 1 << 5
};

/* All texts lie in the pad. */
struct nj_websocket {
	struct nj_view key, accept, subprotocol;
	struct nj_pad_item *protocols, *extensions[2];
	unsigned odd; /* more than one of a kind */
};

/* A header whose name begins with Sec-WebSocket-; makes *at when first met. */
void nj_websocket_field(struct nj_websocket **at, struct nj_pad *pad,
	struct nj_dctx *d, struct nj_view name, struct nj_view value);
/* The same of the response. */
void nj_websocket_answer(struct nj_websocket **at, struct nj_pad *pad,
	struct nj_dctx *d, struct nj_view name, struct nj_view value);
/* What is odd about it; with a wrong accept, addl tells both. */
unsigned nj_websocket_check(
	const struct nj_websocket *w, struct nj_dctx *d, struct nj_view *addl);

/* What the websocket dissector is given with the flow. */
enum nj_websocket_param {
	NJ_WEBSOCKET_DEFLATE = 1 << 0,  /* messages may be compressed */
	NJ_WEBSOCKET_EXTENDED = 1 << 1, /* by something that we do not know */
	NJ_WEBSOCKET_MQTT = 1 << 2,
	NJ_WEBSOCKET_AMQP = 1 << 3,
	/* Above stands what an HTTP inside is to go on from. */
	NJ_WEBSOCKET_DEPTH_SHIFT = 4
};
unsigned nj_websocket_param(const struct nj_websocket *w);

#endif
