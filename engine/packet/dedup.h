/*
 * dedup.h - copies of one packet, which mirror ports make: a switch that
 * mirrors both sides of a link, two switches on one path, a router mirrored
 * before and after it.
 *
 * Two packets are the same when they agree in the IP header but for what the
 * way changes (TTL, traffic class, checksum; MAC addresses and VLAN tags are
 * not looked at), in the transport header and the first bytes of payload,
 * and when the second comes within the window of packet time. The window
 * does not move: what repeats for ever is not suppressed for ever.
 *
 * Retransmissions are no copies. In IPv4 their identification tells them
 * apart. IPv6 has none and some senders set it to 0; then a TCP segment sent
 * again looks exactly like a copy (but for its timestamp option, if any), so
 * for such packets the window is much shorter, and more of the payload is
 * compared. The same goes for UDP without an identification: two equal
 * datagrams within that short time count as one.
 */
#ifndef NJ_PACKET_DEDUP_H
#define NJ_PACKET_DEDUP_H

#include "engine/base/base.h"
#include "engine/base/hash.h"
#include "engine/packet/packet.h"

enum {
	NJ_DEDUP_PORTS = 32, /* capture points counted apart; later ones are
			      * counted with the last */
	NJ_DEDUP_SLOTS = 64 * 1024
};

struct nj_dedup_conf {
	int64_t window_ns;      /* 20 ms */
	int64_t weak_window_ns; /* without an identification: 1 ms */
	struct nj_hash_key key; /* so that nobody can make packets collide */
};
void nj_dedup_conf_default(struct nj_dedup_conf *conf);

struct nj_dedup_port {
	uint64_t packets, bytes;
	uint64_t copies, copy_bytes; /* among them */
};

struct nj_dedup;
/* 1 MiB, one a worker. Borrows conf for the call. */
NJ_MUST_USE enum nj_err nj_dedup_create(
	struct nj_dedup **out, const struct nj_dedup_conf *conf);
void nj_dedup_destroy(struct nj_dedup **d);

/* Of a burst first all hashes are made (which fetches the slots into the
 * cache), then all packets are checked in order. Only for metas of kind
 * FLOW; others have no copies that harm. */
uint64_t nj_dedup_hash(struct nj_dedup *d, const struct nj_meta *m);
/* Is it a copy of a packet just seen? wire_bytes are counted for its port. */
bool nj_dedup_check(struct nj_dedup *d, uint64_t hash, const struct nj_meta *m,
	uint32_t wire_bytes);

/* Counts of capture point port, for port < NJ_DEDUP_PORTS. */
const struct nj_dedup_port *nj_dedup_port(
	const struct nj_dedup *d, unsigned port);

#endif
