/*
 * tunnel.c - flows that carry other flows: the tunnel log's DISCOVER at the
 * first packet that one was found to enclose, CLOSE when it ends.
 */
#include "engine/event/tunnel.h"

#include "engine/flow/flow_priv.h"
#include "engine/packet/decode.h"

/* Zeek's names; ERSPAN is mirrored traffic in GRE. */
static const char *const types[] = { [NJ_TUN_NONE] = NULL,
	[NJ_TUN_IP] = "Tunnel::IP",
	[NJ_TUN_GRE] = "Tunnel::GRE",
	[NJ_TUN_ERSPAN] = "Tunnel::GRE",
	[NJ_TUN_TEREDO] = "Tunnel::TEREDO",
	[NJ_TUN_GTPV1] = "Tunnel::GTPv1",
	[NJ_TUN_VXLAN] = "Tunnel::VXLAN",
	[NJ_TUN_GENEVE] = "Tunnel::GENEVE",
	[NJ_TUN_AYIYA] = "Tunnel::AYIYA" };

const char *
nj_flow_tunnel_type(enum nj_tunnel tunnel)
{
	return tunnel < nj_countof(types) ? types[tunnel] : NULL;
}

static void
tell(struct nj_flow *f, unsigned tunnel, struct nj_view action)
{
	struct nj_flow_table *t = f->table;
	struct tunnel_event ev = { .tunnel_type = nj_str(types[tunnel]),
		.action = action };
	struct nj_head head;

	if (!t->hooks.emit)
		return;
	nj_flow_head(f, &head);
	t->hooks.emit(t->hooks.ctx, &tunnel_desc, &head, &ev);
}

bool
nj_flow_enclose(
	struct nj_flow_table *t, const struct nj_meta *m, uint64_t uid[2])
{
	struct flow_extra *e;
	struct flow_key k;
	struct nj_flow f;
	uint32_t index;

	flow_key_make(t, m, &k);
	index = flow_table_find(t, &k);
	if (!index)
		return false;
	f = flow_view(t, index, m, m->now_ns);
	nj_flow_uid(&f, uid);
	if (nj_tunnel_has_pair(m->inner_tunnel))
		return true;
	e = flow_extra_get(&f);
	if (e && !e->tunnel && nj_flow_tunnel_type(m->inner_tunnel)) {
		e->tunnel = m->inner_tunnel;
		tell(&f, e->tunnel, NJ_TUNNEL_DISCOVER);
	}
	return true;
}

void
flow_tunnel_end(struct nj_flow *f)
{
	const struct flow_extra *e = flow_extra(f);

	if (e && e->tunnel)
		tell(f, e->tunnel, NJ_TUNNEL_CLOSE);
}
