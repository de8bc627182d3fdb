/*
 * cdp.c - Cisco Discovery Protocol (Cisco, "CDP frame formats"): which device
 * and port a link leads to, its software and platform. Told when it is news.
 */
#include "dissectors/shared/link.h"

#define CDP(F, tag)                                                            \
	F(tag, 1, STR, mac_src, NJ_INDEX, "MAC of the sender")                 \
	F(tag, 2, U8, version, NJ_LEARN, "Version of the protocol")            \
	F(tag, 3, U8, ttl, 0, "Seconds that this holds")                       \
	F(tag, 4, STR, device_id, NJ_INDEX, "Name of the device")              \
	F(tag, 5, STR, port_id, NJ_INDEX, "Port of the device")                \
	F(tag, 6, VSTR, capabilities, NJ_LEARN, "What it is")                  \
	F(tag, 7, STR, software, NJ_INDEX, "Software version")                 \
	F(tag, 8, STR, platform, NJ_INDEX, "Platform")                         \
	F(tag, 9, VADDR, addrs, NJ_INDEX, "Addresses of the device")           \
	F(tag, 10, STR, vtp_domain, NJ_INDEX, "VTP domain")                    \
	F(tag, 11, U16, native_vlan, NJ_OPT | NJ_LEARN, "Native VLAN")         \
	F(tag, 12, U16, vlan, NJ_OPT, "VLAN id of the frame")

NJ_EVENT_X(cdp, CDP, NJ_EV_NO_ID, "What a Cisco neighbour says of itself");

enum {
	OUI_CISCO = 0x00000c,
	HEAD = 4,
	TLVS_MAX = 64,
	CAPABILITIES = 9,
	ADDRS_MAX = 8
};

enum { ODD_TLV };
static const struct nj_oddity oddities[] = {
	[ODD_TLV] = { "cdp_tlv", "A frame whose elements make no sense" },
	{ 0 },
};

static void
capabilities(struct nj_dctx *d, struct nj_view v, struct cdp_event *ev)
{
	static const char *const names[CAPABILITIES] = { "router",
		"transparent_bridge", "source_route_bridge", "switch", "host",
		"igmp", "repeater", "voip_phone", "remotely_managed" };
	struct nj_view *list = nj_arena(d, sizeof(*list) * CAPABILITIES);
	struct nj_cur c = nj_cur(v);
	uint32_t on = nj_cur_u32(&c), n = 0;

	for (unsigned i = 0; list && i < CAPABILITIES; i++)
		if (on >> i & 1)
			list[n++] = nj_str(names[i]);
	if (list && !c.bad)
		ev->capabilities = (struct nj_vstr){ list, n };
}

/* Each says its protocol: 1 byte 0xcc is IPv4, an LLC and SNAP header that
 * ends in 86dd IPv6. */
static void
addresses(struct nj_dctx *d, struct nj_view v, struct cdp_event *ev)
{
	struct nj_addr *list = nj_arena(d, sizeof(*list) * ADDRS_MAX);
	struct nj_cur c = nj_cur(v);
	uint32_t count = nj_cur_u32(&c), n = 0;

	for (uint32_t i = 0; list && i < count && n < ADDRS_MAX; i++) {
		struct nj_view proto, addr;

		nj_cur_skip(&c, 1);
		proto = nj_cur_take(&c, nj_cur_u8(&c));
		addr = nj_cur_take(&c, nj_cur_u16(&c));
		if (c.bad)
			break;
		if (proto.len == 1 && proto.data[0] == 0xcc && addr.len == 4)
			list[n++] = nj_addr4(addr.data);
		else if (proto.len == 8 && proto.data[6] == 0x86 &&
			 proto.data[7] == 0xdd && addr.len == 16)
			list[n++] = nj_addr6(addr.data);
	}
	if (n && !ev->addrs.v)
		ev->addrs = (struct nj_vaddr){ list, n };
}

static void
element(struct nj_dctx *d, unsigned type, struct nj_view v,
	struct cdp_event *ev)
{
	switch (type) {
	case 1:
		ev->device_id = v;
		break;
	case 2:
	case 0x16:
		addresses(d, v, ev);
		break;
	case 3:
		ev->port_id = v;
		break;
	case 4:
		capabilities(d, v, ev);
		break;
	case 5:
		ev->software = v;
		break;
	case 6:
		ev->platform = v;
		break;
	case 9:
		ev->vtp_domain = v;
		break;
	case 10:
		if (v.len >= 2)
			nj_set(ev, cdp, native_vlan,
				(uint16_t)(v.data[0] << 8 | v.data[1]));
		break;
	default:
		break;
	}
}

static void
cdp_frame(struct nj_dctx *d, const struct nj_frame *f)
{
	struct cdp_event ev = { 0 };
	struct nj_cur c = nj_cur(f->v);

	if (f->oui != OUI_CISCO && f->oui)
		return;
	ev.version = nj_cur_u8(&c);
	ev.ttl = nj_cur_u8(&c);
	nj_cur_skip(&c, 2);
	for (unsigned i = 0; i < TLVS_MAX && nj_cur_left(&c) >= HEAD; i++) {
		uint16_t type = nj_cur_u16(&c), len = nj_cur_u16(&c);

		if (len < HEAD) {
			c.bad = true;
			break;
		}
		element(d, type, nj_cur_take(&c, len - (size_t)HEAD), &ev);
	}
	if (c.bad || !ev.device_id.data) {
		nj_odd(d, ODD_TLV);
		return;
	}
	if (!nj_lately_is_news(d, f, f->v.data, f->v.len))
		return;
	ev.mac_src = nj_link_mac(d, f->mac_src);
	if (f->head.vlan[0])
		nj_set(&ev, cdp, vlan, f->head.vlan[0]);
	(void)nj_emit_head(d, &cdp_desc, &f->head, &ev);
}

const struct nj_dissector nj_dissector_cdp = {
	.name = "cdp",
	.title = "CDP",
	.service = "",
	.ports = (const struct nj_port[]){ { NJ_LINK, 0x2000 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &cdp_desc, NULL },
	.oddities = oddities,
	.shared_bytes = sizeof(struct nj_lately),
	.frame = cdp_frame,
};
