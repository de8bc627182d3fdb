/*
 * stp.c - spanning trees (IEEE 802.1D, 802.1Q clause 13 and 14; Cisco's
 * per-VLAN form): which bridge is the root, and when the topology changes. A
 * root that nobody put there is how traffic is drawn to a wrong place.
 *
 * Bridges repeat it every two seconds; it is told when it is news.
 */
#include "dissectors/shared/link.h"

#define STP(F, tag)                                                            \
	F(tag, 1, STR, mac_src, NJ_INDEX, "MAC of the sender")                 \
	F(tag, 2, STR, version, NJ_LEARN, "stp, rstp or mstp")                 \
	F(tag, 3, STR, type, NJ_INDEX | NJ_LEARN,                              \
		"config, or tcn: a topology change is announced")              \
	F(tag, 4, BOOL, topology_change, NJ_INDEX | NJ_LEARN,                  \
		"The topology changes")                                        \
	F(tag, 5, STR, root, NJ_INDEX | NJ_LEARN, "Root: priority/MAC")        \
	F(tag, 6, U32, root_cost, NJ_OPT, "Cost to the root")                  \
	F(tag, 7, STR, bridge, NJ_INDEX, "Bridge that sends: priority/MAC")    \
	F(tag, 8, U16, port_id, NJ_OPT, "Its port")                            \
	F(tag, 9, STR, region, NJ_INDEX, "Region of multiple trees")           \
	F(tag, 10, U16, tree_vlan, NJ_OPT, "VLAN that the tree is for")        \
	F(tag, 11, U16, vlan, NJ_OPT, "VLAN id of the frame")

NJ_EVENT_X(stp, STP, NJ_EV_NO_ID, "What a bridge says of the tree");

enum {
	SAP_STP = 0x42,
	TYPE_PVST = 0x010b,
	OUI_CISCO = 0x00000c,
	BPDU_CONFIG = 0,
	BPDU_RST = 2,
	BPDU_TCN = 0x80,
	FLAG_CHANGE = 1,
	REGION_BYTES = 32
};

enum { ODD_BPDU };
static const struct nj_oddity oddities[] = {
	[ODD_BPDU] = { "stp_bpdu", "A BPDU that is cut, or of no known kind" },
	{ 0 },
};

static struct nj_view
bridge_id(struct nj_dctx *d, struct nj_cur *c)
{
	uint16_t priority = nj_cur_u16(c);
	struct nj_view mac = nj_cur_take(c, 6), text;

	if (!mac.data)
		return mac;
	text = nj_link_mac(d, mac.data);
	return nj_arena_printf(
		d, "%u/%.*s", priority, (int)text.len, text.data);
}

/* Behind the plain part: an empty version 1, then version 3's. */
static void
region(struct nj_cur c, struct stp_event *ev)
{
	struct nj_view name;
	size_t end;

	nj_cur_skip(&c, 1 + 2 + 1); /* lengths, format */
	name = nj_cur_take(&c, REGION_BYTES);
	if (c.bad)
		return;
	end = nj_view_chr(name, 0);
	ev->region = nj_sub(name, 0, nj_min(end, name.len));
}

static void
tree(struct nj_dctx *d, const struct nj_frame *f, uint8_t version,
	struct nj_cur *c, struct stp_event *ev)
{
	ev->topology_change = nj_cur_u8(c) & FLAG_CHANGE;
	ev->root = bridge_id(d, c);
	nj_set(ev, stp, root_cost, nj_cur_u32(c));
	ev->bridge = bridge_id(d, c);
	nj_set(ev, stp, port_id, nj_cur_u16(c));
	nj_cur_skip(c, 8); /* ages and times */
	if (version >= 3)
		region(*c, ev);
	if (f->type != TYPE_PVST)
		return;
	nj_cur_skip(c, version >= 2 ? 1 : 0);
	if (nj_cur_left(c) >= 6 && nj_cur_u16(c) == 0 && nj_cur_u16(c) == 2)
		nj_set(ev, stp, tree_vlan, nj_cur_u16(c));
}

static void
stp_frame(struct nj_dctx *d, const struct nj_frame *f)
{
	static const char *const versions[] = { "stp", "stp", "rstp", "mstp",
		"spt" };
	struct stp_event ev = { 0 };
	struct nj_cur c = nj_cur(f->v);
	uint16_t protocol = nj_cur_u16(&c);
	uint8_t version = nj_cur_u8(&c), type = nj_cur_u8(&c);
	uint8_t fact[64];
	size_t n;

	if (f->type == TYPE_PVST && f->oui != OUI_CISCO)
		return;
	ev.type = type == BPDU_TCN ? NJ_LIT("tcn") : NJ_LIT("config");
	if (type == BPDU_CONFIG || type == BPDU_RST)
		tree(d, f, version, &c, &ev);
	else if (type != BPDU_TCN)
		c.bad = true;
	if (c.bad || protocol || version >= nj_countof(versions)) {
		nj_odd(d, ODD_BPDU);
		return;
	}
	ev.version = nj_str(versions[version]);
	/* Who is root, by whom it is said, and whether it changes: flags but
	 * for that one, and ages, say nothing new. */
	n = nj_min(f->v.len, (size_t)27);
	memset(fact, 0, sizeof(fact));
	memcpy(fact, f->v.data, n);
	if (n > 4)
		fact[4] &= FLAG_CHANGE;
	memcpy(fact + 32, &ev.tree_vlan, 2);
	if (!nj_lately_is_news(d, f, fact, sizeof(fact)))
		return;
	ev.mac_src = nj_link_mac(d, f->mac_src);
	if (f->head.vlan[0])
		nj_set(&ev, stp, vlan, f->head.vlan[0]);
	(void)nj_emit_head(d, &stp_desc, &f->head, &ev);
}

const struct nj_dissector nj_dissector_stp = {
	.name = "stp",
	.title = "Spanning tree",
	.service = "",
	.ports = (const struct nj_port[]){ { NJ_LINK, SAP_STP },
		{ NJ_LINK, TYPE_PVST }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &stp_desc, NULL },
	.oddities = oddities,
	.shared_bytes = sizeof(struct nj_lately),
	.frame = stp_frame,
};
