/*
 * conn.h - the conn log type. Names and meanings are Zeek's as far as Zeek
 * has them; see docs.zeek.org, base/protocols/conn, and the policy scripts
 * for VLANs, MAC addresses and community ids.
 */
#ifndef NJ_FLOW_CONN_H
#define NJ_FLOW_CONN_H

#include "engine/event/event.h"

#define NJ_CONN(F, tag)                                                        \
	F(tag, 1, STR, proto, NJ_INDEX | NJ_LEARN, "Transport protocol")       \
	F(tag, 2, STR, service, NJ_INDEX | NJ_LEARN,                           \
		"Protocols it spoke, confirmed by content, comma-separated")   \
	F(tag, 3, IVAL, duration, NJ_OPT | NJ_LEARN,                           \
		"From the first to the last packet")                           \
	F(tag, 4, U64, orig_bytes, NJ_OPT | NJ_LEARN,                          \
		"Payload bytes of the originator; TCP: by sequence numbers")   \
	F(tag, 5, U64, resp_bytes, NJ_OPT | NJ_LEARN,                          \
		"Payload bytes of the responder")                              \
	F(tag, 6, STR, conn_state, NJ_INDEX | NJ_LEARN,                        \
		"How it went: S0 no answer, S1 open, SF normal, REJ refused, " \
		"S2 S3 half closed, RSTO RSTR aborted, RSTOS0 RSTRH SH SHR "   \
		"one side only, OTH otherwise")                                \
	F(tag, 7, BOOL, local_orig, NJ_INDEX, "Is the originator local?")      \
	F(tag, 8, BOOL, local_resp, NJ_INDEX, "Is the responder local?")       \
	F(tag, 9, U64, missed_bytes, 0, "Bytes that the capture missed")       \
	F(tag, 10, STR, history, NJ_INDEX,                                     \
		"Events in order, originator in capitals: S SYN, H SYN and "   \
		"ACK, A ACK, D data, F FIN, R RST, G gap, T retransmission, "  \
		"W window of zero, I Q odd flags, ^ direction turned round")   \
	F(tag, 11, U64, orig_pkts, NJ_LEARN, "Packets of the originator")      \
	F(tag, 12, U64, orig_ip_bytes, NJ_LEARN,                               \
		"IP bytes of the originator, headers included")                \
	F(tag, 13, U64, resp_pkts, NJ_LEARN, "Packets of the responder")       \
	F(tag, 14, U64, resp_ip_bytes, NJ_LEARN,                               \
		"IP bytes of the responder, headers included")                 \
	F(tag, 15, VSTR, tunnel_parents, 0, "Uids of the flows around it")     \
	F(tag, 16, U8, ip_proto, NJ_INDEX, "Protocol number in the IP header") \
	F(tag, 17, U16, vlan, NJ_OPT | NJ_INDEX, "Outer VLAN")                 \
	F(tag, 18, U16, inner_vlan, NJ_OPT | NJ_INDEX, "Inner VLAN")           \
	F(tag, 19, STR, orig_l2_addr, NJ_INDEX, "MAC on the orig side")        \
	F(tag, 20, STR, resp_l2_addr, NJ_INDEX, "MAC on the resp side")        \
	F(tag, 21, STR, community_id, NJ_INDEX,                                \
		"Flow hash that other tools print too (version 1, seed 0)")    \
	F(tag, 22, BOOL, one_way, NJ_LEARN, "Only one side was seen")          \
	F(tag, 23, STR, tunnel, NJ_INDEX, "Kind of tunnel it came in")         \
	F(tag, 24, U32, vni, NJ_OPT | NJ_INDEX, "VXLAN or GENEVE network")     \
	F(tag, 25, STR, ended, 0,                                              \
		"Why the record was written: closed, timeout, finish (end of " \
		"input), evicted (table full), reused (ports taken again)")    \
	F(tag, 26, VU64, orig_sizes, NJ_LEARN,                                 \
		"How many of the originator's first packets had a payload "    \
		"below 64, 256, 1024 bytes, and more; up to the 15th packet "  \
		"of either side")                                              \
	F(tag, 27, VU64, resp_sizes, NJ_LEARN, "The same of the responder's")  \
	F(tag, 28, VU64, gaps, NJ_LEARN,                                       \
		"How many of these packets came less than about 1, 16, 256 "   \
		"ms, 4 s after the flow's packet before them, or later")       \
	F(tag, 29, F64, orig_entropy, NJ_OPT | NJ_LEARN,                       \
		"No service: bits a byte of the originator's first 64 bytes; " \
		"near log2 of their number where they are encrypted")          \
	F(tag, 30, F64, resp_entropy, NJ_OPT | NJ_LEARN,                       \
		"The same of the responder's")

NJ_EVENT_DECLARE(conn, NJ_CONN);

#endif
