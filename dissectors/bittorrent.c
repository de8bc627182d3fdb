/*
 * bittorrent.c - files shared by BitTorrent: the handshake of peers (BEP 3)
 * with one record a side, peers over uTP (BEP 29) and trackers over UDP (BEP
 * 15) by name.
 *
 * Why we tell it: which torrent, and by which program, is what an operator is
 * asked about.
 * Not done: the encrypted handshake, which is made to look like nothing.
 */
#include "dissectors/shared/hex.h"
#include "engine/dissect/dissector.h"

#define BITTORRENT(F, tag)                                                     \
	F(tag, 1, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 2, STR, info_hash, NJ_INDEX, "Torrent, hexadecimal")            \
	F(tag, 3, STR, peer_id, NJ_INDEX, "Who speaks, hexadecimal")           \
	F(tag, 4, STR, client, NJ_INDEX | NJ_LEARN,                            \
		"Program and version that the peer's name begins with")        \
	F(tag, 5, VSTR, extensions, NJ_LEARN, "What it can do besides")

NJ_EVENT(bittorrent, BITTORRENT, "One handshake of a BitTorrent peer");

enum {
	PORT_FIRST = 6881,
	PORT_LAST = 6889,
	HANDSHAKE = 68,
	PROTOCOL = 20, /* with its length */
	UTP_HEAD = 20,
	UTP_SYN = 4,
	UTP_PROOF = 4
};

struct state {
	uint16_t id[2]; /* uTP: connection, by nj_dir */
	uint16_t seq[2];
	uint8_t good;
	bool seen[2], sure;
};

static struct nj_vstr
extensions(const uint8_t *bits, struct nj_view out[4])
{
	uint32_t n = 0;

	if (bits[5] & 0x10)
		out[n++] = NJ_LIT("extension");
	if (bits[7] & 0x01)
		out[n++] = NJ_LIT("dht");
	if (bits[7] & 0x04)
		out[n++] = NJ_LIT("fast");
	if (bits[7] & 0x10)
		out[n++] = NJ_LIT("v2");
	return (struct nj_vstr){ n ? out : NULL, n };
}

/* "-UT3550-...": two letters and four digits (BEP 20). */
static struct nj_view
client_of(struct nj_view id)
{
	if (id.len < 8 || id.data[0] != '-' || id.data[7] != '-')
		return (struct nj_view){ 0 };
	for (unsigned i = 1; i < 7; i++)
		if (id.data[i] < 0x21 || id.data[i] > 0x7e)
			return (struct nj_view){ 0 };
	return nj_sub(id, 1, 6);
}

static enum nj_verdict
bittorrent_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct bittorrent_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_view words[4], id;

	if (s->seen[dir]) {
		nj_consume(d, v.len);
		return NJ_MORE;
	}
	if (memcmp(v.data,
		    "\x13"
		    "BitTorrent protocol",
		    nj_min(v.len, (size_t)PROTOCOL)) != 0)
		return NJ_REJECT;
	/* Some hold their name back until the other has answered. */
	if (v.len < HANDSHAKE)
		return NJ_MORE;
	ev.info_hash = nj_hex(d, nj_sub(v, PROTOCOL + 8, 20));
	id = nj_sub(v, PROTOCOL + 28, 20);
	ev.peer_id = nj_hex(d, id);
	ev.client = client_of(id);
	ev.extensions = extensions(v.data + PROTOCOL, words);
	(void)nj_emit(d, &bittorrent_desc, &ev);
	s->seen[dir] = true;
	nj_consume(d, HANDSHAKE);
	return s->seen[nj_other(dir)] ? NJ_DONE : NJ_MORE;
}

static enum nj_verdict
bittorrent_gap(
	struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct state *s = nj_state(d);

	(void)v;
	(void)len;
	return s->seen[dir] ? NJ_MORE : NJ_DONE;
}

/* Version 1, a type and an extension that there are, and extensions that end
 * within (BEP 29). */
static bool
is_utp(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t first = nj_cur_u8(&c), next = nj_cur_u8(&c);

	nj_cur_skip(&c, UTP_HEAD - 2);
	if (c.bad || (first & 15) != 1 || first >> 4 > UTP_SYN || next > 3)
		return false;
	for (unsigned i = 0; next && i < 4; i++) {
		next = nj_cur_u8(&c);
		nj_cur_skip(&c, nj_cur_u8(&c));
		if (next > 3)
			return false;
	}
	/* A SYN carries nothing, a state neither. */
	if (first >> 4 == UTP_SYN || first >> 4 == 2)
		return !c.bad && !nj_cur_left(&c);
	return !c.bad;
}

/* The numbers of both sides belong together: one is the other's next, and a
 * side's stays. */
static bool
belongs(struct state *s, enum nj_dir dir, struct nj_view v)
{
	uint16_t id = (uint16_t)(v.data[2] << 8 | v.data[3]);
	uint16_t seq = (uint16_t)(v.data[16] << 8 | v.data[17]);
	enum nj_dir other = nj_other(dir);
	uint16_t step = (uint16_t)(seq - s->seq[dir]);
	bool syn = v.data[0] >> 4 == UTP_SYN;
	bool fits = true;

	if (s->seen[dir])
		fits = (uint16_t)(id - s->id[dir]) <= 1 && step <= 64;
	if (s->seen[other] && !s->seen[dir])
		fits = (uint16_t)(id - s->id[other] + 1) <= 2;
	s->seen[dir] = true;
	s->id[dir] = id;
	s->seq[dir] = seq;
	return fits && (!syn || seq == 1);
}

static bool
is_tracker(struct nj_view v)
{
	return v.len == 16 &&
	       memcmp(v.data, "\0\0\4\x17\x27\x10\x19\x80\0\0\0\0", 12) == 0;
}

static enum nj_verdict
bittorrent_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);

	if (!s->sure && is_tracker(v)) {
		s->sure = true;
		nj_confirm(d);
	}
	if (s->sure)
		return NJ_DONE;
	if (!is_utp(v) || !belongs(s, dir, v))
		return NJ_REJECT;
	if (++s->good >= UTP_PROOF) {
		nj_confirm(d);
		return NJ_DONE;
	}
	return NJ_MORE;
}

static bool
is_hinted(const struct nj_dctx *d)
{
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++) {
		uint16_t port = nj_port_of(d, (enum nj_dir)i);

		if (port >= PORT_FIRST && port <= PORT_LAST)
			return true;
	}
	return false;
}

/* How a connection begins: its first packet has numbers that stand still. In
 * its middle the port must speak for it, as the head says too little. */
static bool
is_utp_syn(struct nj_view v)
{
	static const uint8_t numbers[] = { 0, 1, 0, 0 };

	return is_utp(v) && v.data[0] >> 4 == UTP_SYN &&
	       memcmp(v.data + 8, "\0\0\0", 4) == 0 &&
	       memcmp(v.data + 16, numbers, sizeof(numbers)) == 0;
}

static enum nj_verdict
bittorrent_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	(void)dir;
	if (nj_proto_of(d) == 6)
		return NJ_ACCEPT;
	return is_tracker(v) || is_utp_syn(v) || (is_hinted(d) && is_utp(v))
		       ? NJ_ACCEPT
		       : NJ_REJECT;
}

const struct nj_dissector nj_dissector_bittorrent = {
	.name = "bittorrent",
	.title = "BitTorrent",
	.sigs = (const struct nj_sig[]){ { "^\\x13"
					   "BitTorrent protocol",
						 NJ_SIG_TCP },
		{ "^\\x00\\x00\\x04\\x17\\x27\\x10\\x19\\x80\\x00{4}",
			NJ_SIG_UDP },
		{ "^[\\x01\\x11\\x21\\x31\\x41][\\x00-\\x03]", NJ_SIG_UDP },
		{ 0 } },
	.events =
		(const struct nj_event_desc *const[]){ &bittorrent_desc, NULL },
	.state_bytes = sizeof(struct state),
	.probe = bittorrent_probe,
	.stream = bittorrent_stream,
	.datagram = bittorrent_datagram,
	.gap = bittorrent_gap,
};
