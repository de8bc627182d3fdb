/*
 * openvpn.c - tunnels of OpenVPN over UDP and TCP (draft-openvpn-wire-
 * protocol), one record when both sides have begun a session.
 *
 * Why we tell it: a tunnel out of a network, on whichever port. A session is
 * known by its resets: the server repeats the client's identifier.
 * Not done: the TLS within, whose records are cut into control packets;
 * what tls-crypt hides.
 */
#include "dissectors/shared/hex.h"
#include "engine/dissect/dissector.h"

#define OPENVPN(F, tag)                                                        \
	F(tag, 1, STR, client_session, NJ_INDEX, "The client's, hexadecimal")  \
	F(tag, 2, STR, server_session, NJ_INDEX, "The server's, hexadecimal")  \
	F(tag, 3, STR, hmac, NJ_LEARN,                                         \
		"Control packets are signed by: none, sha1, sha256, sha512")

NJ_EVENT(openvpn, OPENVPN, "One session of OpenVPN");

enum { CLIENT_V2 = 7, SERVER_V2 = 8, CLIENT_V3 = 10, SESSION = 8, TRIES = 8 };

struct state {
	uint8_t client[SESSION];
	uint8_t hmac; /* bytes */
	uint8_t tried;
	bool asked, sure;
};

/* Behind opcode and session: a signature, packet and time when there is one,
 * acknowledgements, packet number. Gives the signature's bytes, or -1. */
static int
hmac_of(struct nj_view v, bool answer)
{
	static const uint8_t sizes[] = { 0, 16, 20, 32, 48, 64 };
	size_t tail = answer ? 1 + 4 + SESSION + 4 : 1 + 4;

	for (unsigned i = 0; i < nj_countof(sizes); i++) {
		size_t extra = sizes[i] ? sizes[i] + 8u : 0;
		size_t at = 1 + SESSION + extra;

		if (v.len == at + tail && v.data[at] == (answer ? 1 : 0))
			return sizes[i];
	}
	return -1;
}

static const char *
hmac_text(uint8_t bytes)
{
	switch (bytes) {
	case 0:
		return "none";
	case 16:
		return "md5";
	case 20:
		return "sha1";
	case 32:
		return "sha256";
	case 48:
		return "sha384";
	default:
		return "sha512";
	}
}

static void
tell(struct nj_dctx *d, struct state *s, struct nj_view server)
{
	struct openvpn_event ev = { 0 };

	s->sure = true;
	ev.client_session =
		nj_hex(d, (struct nj_view){ s->client, sizeof(s->client) });
	ev.server_session = nj_hex(d, server);
	ev.hmac = nj_str(hmac_text(s->hmac));
	(void)nj_emit(d, &openvpn_desc, &ev);
}

/* One packet: opcode and key, session, ... */
static enum nj_verdict
packet(struct nj_dctx *d, struct state *s, struct nj_view v)
{
	uint8_t op = v.len ? v.data[0] >> 3 : 0;
	struct nj_view session = nj_sub(v, 1, SESSION);
	int hmac;

	if (s->sure)
		return NJ_MORE;
	if (session.len < SESSION || ++s->tried > TRIES)
		return NJ_REJECT;
	if (op == CLIENT_V2 || op == CLIENT_V3) {
		hmac = hmac_of(v, false);
		if (hmac < 0)
			return NJ_REJECT;
		memcpy(s->client, session.data, SESSION);
		s->hmac = (uint8_t)hmac;
		s->asked = true;
		return NJ_MORE;
	}
	if (op != SERVER_V2 || !s->asked)
		return NJ_REJECT;
	hmac = hmac_of(v, true);
	if (hmac != s->hmac ||
		memcmp(v.data + v.len - 4 - SESSION, s->client, SESSION) != 0)
		return NJ_REJECT;
	tell(d, s, session);
	return NJ_DONE;
}

static enum nj_verdict
openvpn_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	(void)dir;
	return packet(d, nj_state(d), v);
}

static enum nj_verdict
openvpn_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	enum nj_verdict verdict = NJ_MORE;

	(void)dir;
	while (v.len >= 2 && verdict == NJ_MORE) {
		size_t n = (size_t)v.data[0] << 8 | v.data[1];

		if (v.len < 2 + n)
			return n > 1500 ? NJ_REJECT : NJ_MORE;
		verdict = packet(d, s, nj_sub(v, 2, n));
		nj_consume(d, 2 + n);
		v = nj_sub(v, 2 + n, v.len);
	}
	return verdict;
}

/* The first datagram is a client's reset, of one of the sizes there are. */
static enum nj_verdict
openvpn_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	(void)dir;
	if (nj_proto_of(d) == 6)
		return NJ_ACCEPT;
	return hmac_of(v, false) >= 0 ? NJ_ACCEPT : NJ_REJECT;
}

const struct nj_dissector nj_dissector_openvpn = {
	.name = "openvpn",
	.title = "OpenVPN",
	.sigs = (const struct nj_sig[]){ { "^[\\x38\\x50]", NJ_SIG_UDP },
		{ "^\\x00[\\x0e-\\x58][\\x38\\x50]", NJ_SIG_TCP }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &openvpn_desc, NULL },
	.state_bytes = sizeof(struct state),
	.probe = openvpn_probe,
	.datagram = openvpn_datagram,
	.stream = openvpn_stream,
};
