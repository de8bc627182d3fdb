/*
 * shard.h - which worker a frame goes to, where the NIC does not say.
 *
 * All that must meet on one worker has the same number: both directions of a
 * flow, all fragments of a datagram, control and data of FTP and the like,
 * the copies that mirror ports make. So it is made of the two IP addresses
 * and nothing else: not of ports (fragments have none), not of VLAN tags
 * (copies of one packet differ in them, and so may the two directions).
 *
 * Tunnelled packets go by the outer pair: later fragments of a tunnel's
 * packet show no other. But IP in IP, inside of which a flow may travel
 * between several outer pairs, goes by the innermost (its fragments by the
 * outer), and Teredo all goes to one worker, for the same reason. ICMP errors
 * go by their own pair too, as they are a flow between the two who speak, not
 * of the packet they quote. DHCP all goes to one worker, because one exchange
 * is spread over several pairs.
 */
#ifndef NJ_PACKET_SHARD_H
#define NJ_PACKET_SHARD_H

#include "engine/packet/packet.h"

/* 0 for what carries no IP. Reads the headers of p and nothing else. */
uint32_t nj_packet_shard(const struct nj_packet *p);

/* The worker, of n, for a shard. */
static inline unsigned
nj_packet_worker(uint32_t shard, unsigned n)
{
	return (unsigned)((uint64_t)shard * n >> 32);
}

#endif
