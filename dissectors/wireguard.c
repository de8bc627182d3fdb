/*
 * wireguard.c - tunnels of WireGuard (J. Donenfeld, "WireGuard: Next
 * Generation Kernel Network Tunnel", section 5.4), one record a handshake and
 * one for what went through at the end.
 *
 * Why we tell it: its messages have fixed sizes and three bytes of zeros, and
 * that is all that shows a tunnel out of a network.
 */
#include "engine/dissect/dissector.h"

#define WIREGUARD(F, tag)                                                      \
	F(tag, 1, STR, type, NJ_INDEX | NJ_LEARN,                              \
		"initiation, response, cookie or transport")                   \
	F(tag, 2, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 3, U32, sender, NJ_OPT, "Index that the sender chose")          \
	F(tag, 4, U32, receiver, NJ_OPT, "Index of the other side")            \
	F(tag, 5, U64, packets, NJ_OPT, "transport: packets in the flow")      \
	F(tag, 6, U64, bytes, NJ_OPT, "transport: bytes in them")

NJ_EVENT(wireguard, WIREGUARD, "A handshake of WireGuard, or its packets");

enum {
	PORT = 51820,
	INITIATION = 1,
	RESPONSE = 2,
	COOKIE = 3,
	TRANSPORT = 4,
	TRANSPORT_MIN = 32,
	HANDSHAKES_MAX = 32,
	TRY_PACKETS = 4
};

struct state {
	uint64_t packets[2], bytes[2]; /* by nj_dir */
	uint32_t receiver[2];
	uint8_t handshakes, tried;
	bool sure;
};

/* The kind of a message whose size is right for it, or 0. */
static uint8_t
kind_of(struct nj_view v)
{
	static const uint8_t sizes[] = {
		[INITIATION] = 148, [RESPONSE] = 92, [COOKIE] = 64
	};

	if (v.len < TRANSPORT_MIN || v.data[1] || v.data[2] || v.data[3])
		return 0;
	if (v.data[0] == TRANSPORT)
		return v.len % 16 ? 0 : TRANSPORT;
	if (v.data[0] < INITIATION || v.data[0] > COOKIE)
		return 0;
	return v.len == sizes[v.data[0]] ? v.data[0] : 0;
}

static void
handshake(struct nj_dctx *d, enum nj_dir dir, uint8_t kind, struct nj_view v)
{
	static const char *const names[] = { [INITIATION] = "initiation",
		[RESPONSE] = "response",
		[COOKIE] = "cookie" };
	struct wireguard_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(nj_sub(v, 4, v.len));

	ev.type = nj_str(names[kind]);
	if (kind != COOKIE)
		nj_set(&ev, wireguard, sender, nj_cur_le32(&c));
	if (kind != INITIATION)
		nj_set(&ev, wireguard, receiver, nj_cur_le32(&c));
	(void)nj_emit(d, &wireguard_desc, &ev);
}

/* From the middle of a tunnel: packets of a side that name one receiver. */
static bool
goes_on(struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(nj_sub(v, 4, v.len));
	uint32_t receiver = nj_cur_le32(&c);
	uint64_t counter = nj_cur_le64(&c);
	bool same = !s->packets[dir] || s->receiver[dir] == receiver;

	s->receiver[dir] = receiver;
	return same && counter >> 40 == 0;
}

static enum nj_verdict
wireguard_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	uint8_t kind = kind_of(v);

	if (!kind)
		return s->sure ? NJ_BROKEN : NJ_REJECT;
	if (kind == TRANSPORT) {
		if (!s->sure && !goes_on(s, dir, v))
			return NJ_REJECT;
		s->packets[dir]++;
		s->bytes[dir] += v.len - TRANSPORT_MIN;
		if (!s->sure && ++s->tried >= TRY_PACKETS) {
			s->sure = true;
			nj_confirm(d);
		}
		return NJ_MORE;
	}
	s->sure = true;
	if (s->handshakes++ < HANDSHAKES_MAX)
		handshake(d, dir, kind, v);
	return NJ_MORE;
}

static void
wireguard_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	for (unsigned i = NJ_ORIG; s->sure && i <= NJ_RESP; i++) {
		struct wireguard_event ev = { .type = NJ_LIT("transport"),
			.is_orig = i == NJ_ORIG };

		if (!s->packets[i])
			continue;
		nj_set(&ev, wireguard, packets, s->packets[i]);
		nj_set(&ev, wireguard, bytes, s->bytes[i]);
		(void)nj_emit(d, &wireguard_desc, &ev);
	}
}

/* Asked only where the signature matches: sizes are what it goes by. */
static enum nj_verdict
wireguard_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	uint8_t kind = kind_of(v);

	(void)dir;
	if (kind == TRANSPORT)
		return nj_port_of(d, NJ_RESP) == PORT ||
				       nj_port_of(d, NJ_ORIG) == PORT
			       ? NJ_ACCEPT
			       : NJ_REJECT;
	return kind ? NJ_ACCEPT : NJ_REJECT;
}

const struct nj_dissector nj_dissector_wireguard = {
	.name = "wireguard",
	.title = "WireGuard",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^[\\x01-\\x04]\\x00\\x00\\x00", 0 },
		{ 0 } },
	.events =
		(const struct nj_event_desc *const[]){ &wireguard_desc, NULL },
	.state_bytes = sizeof(struct state),
	.probe = wireguard_probe,
	.datagram = wireguard_datagram,
	.end = wireguard_end,
};
