/*
 * proxy.h - a proxy has agreed to pass on what follows: the tunnel log's
 * record of it, without the client's port, as Zeek has it.
 */
#ifndef NJ_DISSECTORS_SHARED_PROXY_H
#define NJ_DISSECTORS_SHARED_PROXY_H

#include "engine/dissect/dissector.h"
#include "engine/event/tunnel.h"

/* type: "Tunnel::SOCKS", "Tunnel::HTTP". The dissector lists tunnel_desc. */
static inline void
nj_proxy_tell(struct nj_dctx *d, struct nj_view type)
{
	struct tunnel_event ev = { .tunnel_type = type,
		.action = NJ_TUNNEL_DISCOVER };
	struct nj_head head = nj_head_of(d);

	head.orig_p = 0;
	(void)nj_emit_head(d, &tunnel_desc, &head, &ev);
}

#endif
