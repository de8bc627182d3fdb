/*
 * tunnel.h - the tunnel log: traffic that was found to carry other traffic.
 * Filled by the flow layer (UDP tunnels), the pipeline (wrappers that have no
 * flow) and dissectors (proxies).
 */
#ifndef NJ_EVENT_TUNNEL_H
#define NJ_EVENT_TUNNEL_H

#include "engine/event/event.h"

#define NJ_TUNNEL(F, tag)                                                      \
	F(tag, 1, STR, tunnel_type, NJ_INDEX | NJ_LEARN,                       \
		"Tunnel::IP, GRE, TEREDO, GTPv1, VXLAN, GENEVE, AYIYA, "       \
		"SOCKS, HTTP")                                                 \
	F(tag, 2, STR, action, NJ_INDEX,                                       \
		"Tunnel::DISCOVER when first seen, CLOSE when its flow ends, " \
		"EXPIRE when silent for a day")

NJ_EVENT_DECLARE(tunnel, NJ_TUNNEL);

#define NJ_TUNNEL_DISCOVER NJ_LIT("Tunnel::DISCOVER")
#define NJ_TUNNEL_CLOSE NJ_LIT("Tunnel::CLOSE")
#define NJ_TUNNEL_EXPIRE NJ_LIT("Tunnel::EXPIRE")

#endif
