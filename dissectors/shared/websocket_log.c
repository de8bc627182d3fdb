/*
 * websocket_log.c - the websocket log: what both sides say in the headers of
 * the opening handshake (RFC 6455 sections 4 and 11.3).
 */
#include "dissectors/shared/websocket_log.h"
#include "engine/crypt/base64.h"
#include "engine/crypt/hash.h"

NJ_EVENT_DEFINE(websocket, WEBSOCKET, 0, "A WebSocket that was opened");

enum { KEY_BYTES = 256, ITEMS_MAX = 32 };

static struct nj_websocket *
get(struct nj_websocket **w, struct nj_pad *pad, struct nj_dctx *d)
{
	if (!*w) {
		*w = nj_pad_alloc(pad, d, sizeof(**w));
		if (*w)
			memset(*w, 0, sizeof(**w));
	}
	return *w;
}

static void
list_add(struct nj_pad *pad, struct nj_dctx *d, struct nj_pad_item **list,
	struct nj_view value)
{
	for (unsigned i = 0; i < ITEMS_MAX && value.len; i++) {
		size_t n = nj_view_chr(value, ',');

		nj_pad_list_add(
			pad, d, list, nj_view_trim(nj_sub(value, 0, n)));
		value = n == SIZE_MAX ? (struct nj_view){ 0 }
				      : nj_sub(value, n + 1, value.len);
	}
}

static void
set_once(struct nj_websocket *w, struct nj_view *to, struct nj_view value,
	unsigned odd)
{
	if (to->data)
		w->odd |= odd;
	*to = value;
}

void
nj_websocket_field(struct nj_websocket **at, struct nj_pad *pad,
	struct nj_dctx *d, struct nj_view name, struct nj_view value)
{
	struct nj_websocket *w = get(at, pad, d);

	if (!w)
		return;
	if (nj_view_caseeq(name, NJ_LIT("sec-websocket-protocol")))
		list_add(pad, d, &w->protocols, value);
	else if (nj_view_caseeq(name, NJ_LIT("sec-websocket-extensions")))
		list_add(pad, d, &w->extensions[NJ_ORIG], value);
	else if (nj_view_caseeq(name, NJ_LIT("sec-websocket-key")))
		set_once(w, &w->key, nj_pad_text(pad, d, value),
			NJ_WEBSOCKET_KEYS);
}

void
nj_websocket_answer(struct nj_websocket **at, struct nj_pad *pad,
	struct nj_dctx *d, struct nj_view name, struct nj_view value)
{
	struct nj_websocket *w = get(at, pad, d);

	if (!w)
		return;
	if (nj_view_caseeq(name, NJ_LIT("sec-websocket-protocol")))
		set_once(w, &w->subprotocol, nj_pad_text(pad, d, value),
			NJ_WEBSOCKET_PROTOCOLS);
	else if (nj_view_caseeq(name, NJ_LIT("sec-websocket-extensions")))
		list_add(pad, d, &w->extensions[NJ_RESP], value);
	else if (nj_view_caseeq(name, NJ_LIT("sec-websocket-accept")))
		set_once(w, &w->accept, nj_pad_text(pad, d, value),
			NJ_WEBSOCKET_ACCEPTS);
}

/* RFC 6455 4.2.2: the accept is made of the key and a fixed text. */
static bool
accept_fits(
	const struct nj_websocket *w, struct nj_dctx *d, struct nj_view *addl)
{
	struct nj_view both =
		nj_arena_printf(d, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
			(int)w->key.len, (const char *)w->key.data);
	uint8_t hash[NJ_SHA1_BYTES];
	char text[2 * NJ_SHA1_BYTES];
	size_t n;

	nj_sha1(both, hash);
	n = nj_base64_encode((struct nj_view){ hash, sizeof(hash) }, text);
	if (nj_view_eq(w->accept, (struct nj_view){ (uint8_t *)text, n }))
		return true;
	*addl = nj_arena_printf(d, "expected=%.*s, found=%.*s", (int)n, text,
		(int)w->accept.len, (const char *)w->accept.data);
	return false;
}

unsigned
nj_websocket_check(
	const struct nj_websocket *w, struct nj_dctx *d, struct nj_view *addl)
{
	unsigned odd = w ? w->odd : 0;

	if (!w || !w->key.data)
		odd |= NJ_WEBSOCKET_NO_KEY;
	if (!w || !w->accept.data)
		odd |= NJ_WEBSOCKET_NO_ACCEPT;
	if (w && w->key.data && w->accept.data && w->key.len <= KEY_BYTES &&
		w->accept.len <= KEY_BYTES && !accept_fits(w, d, addl))
		odd |= NJ_WEBSOCKET_WRONG_ACCEPT;
	return odd;
}

unsigned
nj_websocket_param(const struct nj_websocket *w)
{
	unsigned param = 0;

	if (!w)
		return 0;
	for (const struct nj_pad_item *i = w->extensions[NJ_RESP]; i;
		i = i->next)
		param |= nj_view_casestarts(
				 i->text, NJ_LIT("permessage-deflate"))
				 ? NJ_WEBSOCKET_DEFLATE
				 : NJ_WEBSOCKET_EXTENDED;
	if (nj_view_casestarts(w->subprotocol, NJ_LIT("mqtt")))
		param |= NJ_WEBSOCKET_MQTT;
	if (nj_view_caseeq(w->subprotocol, NJ_LIT("amqp")))
		param |= NJ_WEBSOCKET_AMQP;
	return param;
}
