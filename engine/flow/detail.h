/*
 * detail.h - what EVE's flow event tells of a flow and the conn log does not.
 */
#ifndef NJ_FLOW_DETAIL_H
#define NJ_FLOW_DETAIL_H

#include "engine/event/event.h"

#define EVE_FLOW(F, tag)                                                       \
	F(tag, 1, STR, service, 0, "Protocols it spoke, as conn has it")       \
	F(tag, 2, BOOL, payload, 0, "It carried payload")                      \
	F(tag, 3, U64, orig_pkts, 0, "Packets of the originator")              \
	F(tag, 4, U64, resp_pkts, 0, "Packets of the responder")               \
	F(tag, 5, U64, orig_frame_bytes, 0, "Bytes of their frames")           \
	F(tag, 6, U64, resp_frame_bytes, 0, "Bytes of their frames")           \
	F(tag, 7, TIME, start, 0, "First packet")                              \
	F(tag, 8, TIME, end, 0, "Last packet")                                 \
	F(tag, 9, STR, ended, 0, "Why it ended, as conn has it")               \
	F(tag, 10, STR, state, 0, "new, established or closed")                \
	F(tag, 11, U8, orig_flags, NJ_OPT, "TCP flags of the originator")      \
	F(tag, 12, U8, resp_flags, NJ_OPT, "TCP flags of the responder")       \
	F(tag, 13, STR, tcp_state, 0, "State of the TCP session")              \
	F(tag, 14, U8, icmp_type, NJ_OPT, "Type of the first message")         \
	F(tag, 15, U8, icmp_code, NJ_OPT, "Its code")                          \
	F(tag, 16, U8, response_icmp_type, NJ_OPT, "Type of the first answer") \
	F(tag, 17, U8, response_icmp_code, NJ_OPT, "Its code")                 \
	F(tag, 18, STR, community_id, 0, "Flow hash that other tools print")   \
	F(tag, 19, U16, src_port, NJ_OPT, "SCTP port of the originator")       \
	F(tag, 20, U16, dest_port, NJ_OPT, "SCTP port of the responder")       \
	F(tag, 21, U32, spi, NJ_OPT, "ESP: parameters of the first packet")    \
	F(tag, 22, VSTR, src_macs, 0, "MAC addresses of the originator")       \
	F(tag, 23, VSTR, dest_macs, 0, "MAC addresses of the responder")

NJ_EVENT_DECLARE(eve_flow, EVE_FLOW);

#endif
