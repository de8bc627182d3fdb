/*
 * lldp.c - Link Layer Discovery Protocol (IEEE 802.1AB-2016): which devices
 * stand at the ends of a link, what they are and where they are managed.
 *
 * A neighbour says the same every half minute; it is told when it is news.
 * Organisations' own TLVs: VLANs (802.1) and the inventory of LLDP-MED.
 */
#include "dissectors/shared/link.h"

#define LLDP(F, tag)                                                           \
	F(tag, 1, STR, mac_src, NJ_INDEX, "MAC of the sender")                 \
	F(tag, 2, STR, chassis_id, NJ_INDEX, "Device")                         \
	F(tag, 3, STR, port_id, NJ_INDEX, "Port of the device")                \
	F(tag, 4, U16, ttl, 0, "Seconds that this holds; 0: it goes")          \
	F(tag, 5, STR, port_description, 0, "Port in words")                   \
	F(tag, 6, STR, system_name, NJ_INDEX, "Name of the device")            \
	F(tag, 7, STR, system_description, NJ_INDEX, "Device in words")        \
	F(tag, 8, VSTR, capabilities, NJ_LEARN, "What it is, as far as on")    \
	F(tag, 9, VADDR, management_addrs, NJ_INDEX, "Where it is managed")    \
	F(tag, 10, U16, pvid, NJ_OPT, "VLAN of untagged frames")               \
	F(tag, 11, STR, vlan_name, 0, "Name of a VLAN")                        \
	F(tag, 12, STR, manufacturer, NJ_INDEX, "Manufacturer (LLDP-MED)")     \
	F(tag, 13, STR, model, NJ_INDEX, "Model (LLDP-MED)")                   \
	F(tag, 14, STR, serial, NJ_INDEX, "Serial number (LLDP-MED)")          \
	F(tag, 15, STR, firmware, NJ_INDEX, "Firmware revision (LLDP-MED)")    \
	F(tag, 16, U16, vlan, NJ_OPT, "VLAN id of the frame")

NJ_EVENT_X(lldp, LLDP, NJ_EV_NO_ID, "What a neighbour says of itself");

enum {
	TLVS_MAX = 64,
	CAPABILITIES = 11,
	ADDRS_MAX = 4,
	SUB_MAC_CHASSIS = 4,
	SUB_NET_CHASSIS = 5,
	SUB_MAC_PORT = 3,
	SUB_NET_PORT = 4,
	OUI_8021 = 0x0080c2,
	OUI_MED = 0x0012bb
};

enum { ODD_TLV };
static const struct nj_oddity oddities[] = {
	[ODD_TLV] = { "lldp_tlv", "A frame whose elements make no sense" },
	{ 0 },
};

/* The id of a device or port: a MAC, an address, or text. */
static struct nj_view
id_text(struct nj_dctx *d, struct nj_view v, uint8_t mac, uint8_t net)
{
	uint8_t sub = v.len ? v.data[0] : 0;

	v = nj_sub(v, 1, v.len);
	if (sub == mac && v.len == 6)
		return nj_link_mac(d, v.data);
	if (sub == net && v.len == 5 && v.data[0] == 1)
		return nj_arena_printf(d, "%u.%u.%u.%u", v.data[1], v.data[2],
			v.data[3], v.data[4]);
	return v;
}

static void
capabilities(struct nj_dctx *d, struct nj_view v, struct lldp_event *ev)
{
	static const char *const names[CAPABILITIES] = { "other", "repeater",
		"bridge", "wlan_access_point", "router", "telephone",
		"docsis_cable_device", "station", "c_vlan", "s_vlan",
		"two_port_mac_relay" };
	struct nj_view *list = nj_arena(d, sizeof(*list) * CAPABILITIES);
	struct nj_cur c = nj_cur(v);
	uint32_t n = 0;
	uint16_t on;

	nj_cur_skip(&c, 2);
	on = nj_cur_u16(&c);
	for (unsigned i = 0; list && i < CAPABILITIES; i++)
		if (on >> i & 1)
			list[n++] = nj_str(names[i]);
	if (list && !c.bad)
		ev->capabilities = (struct nj_vstr){ list, n };
}

static void
management(struct nj_dctx *d, struct nj_view v, struct lldp_event *ev)
{
	struct nj_cur c = nj_cur(v);
	uint8_t len = nj_cur_u8(&c), family = nj_cur_u8(&c);
	struct nj_view addr = nj_cur_take(&c, len ? len - 1u : 0);
	struct nj_addr *list =
		(struct nj_addr *)(uintptr_t)ev->management_addrs.v;

	if (c.bad || (family != 1 && family != 2) ||
		addr.len != (family == 1 ? 4u : 16u))
		return;
	if (!list)
		list = nj_arena(d, sizeof(*list) * ADDRS_MAX);
	if (!list || ev->management_addrs.n == ADDRS_MAX)
		return;
	list[ev->management_addrs.n++] =
		family == 1 ? nj_addr4(addr.data) : nj_addr6(addr.data);
	ev->management_addrs.v = list;
}

static void
organisation(struct nj_view v, struct lldp_event *ev)
{
	struct nj_cur c = nj_cur(v);
	uint32_t oui = nj_cur_u24(&c);
	uint8_t sub = nj_cur_u8(&c);

	if (c.bad)
		return;
	if (oui == OUI_8021 && sub == 1 && nj_cur_left(&c) >= 2) {
		nj_set(ev, lldp, pvid, nj_cur_u16(&c));
	} else if (oui == OUI_8021 && sub == 3) {
		nj_cur_skip(&c, 2);
		ev->vlan_name = nj_cur_take(&c, nj_cur_u8(&c));
	} else if (oui == OUI_MED && sub == 6) {
		ev->firmware = nj_cur_rest(&c);
	} else if (oui == OUI_MED && sub == 8) {
		ev->serial = nj_cur_rest(&c);
	} else if (oui == OUI_MED && sub == 9) {
		ev->manufacturer = nj_cur_rest(&c);
	} else if (oui == OUI_MED && sub == 10) {
		ev->model = nj_cur_rest(&c);
	}
}

static void
element(struct nj_dctx *d, unsigned type, struct nj_view v,
	struct lldp_event *ev)
{
	switch (type) {
	case 1:
		ev->chassis_id =
			id_text(d, v, SUB_MAC_CHASSIS, SUB_NET_CHASSIS);
		break;
	case 2:
		ev->port_id = id_text(d, v, SUB_MAC_PORT, SUB_NET_PORT);
		break;
	case 3:
		if (v.len >= 2)
			ev->ttl = (uint16_t)(v.data[0] << 8 | v.data[1]);
		break;
	case 4:
		ev->port_description = v;
		break;
	case 5:
		ev->system_name = v;
		break;
	case 6:
		ev->system_description = v;
		break;
	case 7:
		capabilities(d, v, ev);
		break;
	case 8:
		management(d, v, ev);
		break;
	case 127:
		organisation(v, ev);
		break;
	default:
		break;
	}
}

static void
lldp_frame(struct nj_dctx *d, const struct nj_frame *f)
{
	struct lldp_event ev = { 0 };
	struct nj_cur c = nj_cur(f->v);

	for (unsigned i = 0; i < TLVS_MAX && nj_cur_left(&c) >= 2; i++) {
		uint16_t head = nj_cur_u16(&c);
		struct nj_view v = nj_cur_take(&c, head & 0x1ff);

		if (c.bad || !head)
			break;
		element(d, head >> 9, v, &ev);
	}
	/* Device, port and time are in every frame, in this order. */
	if (c.bad || !ev.chassis_id.data || !ev.port_id.data) {
		nj_odd(d, ODD_TLV);
		return;
	}
	if (!nj_lately_is_news(d, f, f->v.data, (size_t)(c.at - f->v.data)))
		return;
	ev.mac_src = nj_link_mac(d, f->mac_src);
	if (f->head.vlan[0])
		nj_set(&ev, lldp, vlan, f->head.vlan[0]);
	(void)nj_emit_head(d, &lldp_desc, &f->head, &ev);
}

const struct nj_dissector nj_dissector_lldp = {
	.name = "lldp",
	.title = "LLDP",
	.service = "",
	.ports = (const struct nj_port[]){ { NJ_LINK, 0x88cc }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &lldp_desc, NULL },
	.oddities = oddities,
	.shared_bytes = sizeof(struct nj_lately),
	.frame = lldp_frame,
};
