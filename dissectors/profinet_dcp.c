/*
 * profinet_dcp.c - PROFINET's Discovery and basic Configuration Protocol (IEC
 * 61158-6-10): stations found, and names and addresses set, which anyone on
 * the wire may do.
 *
 * Not done: cyclic real-time data, alarms.
 */
#include "dissectors/shared/link.h"
#include "dissectors/shared/words.h"

#define PROFINET_DCP(F, tag)                                                   \
	F(tag, 1, STR, mac_src, NJ_INDEX, "MAC of the sender")                 \
	F(tag, 2, STR, mac_dst, NJ_INDEX, "MAC of the receiver")               \
	F(tag, 3, STR, service, NJ_INDEX | NJ_LEARN,                           \
		"get, set, identify or hello")                                 \
	F(tag, 4, STR, service_type, NJ_LEARN,                                 \
		"request, response or unsupported")                            \
	F(tag, 5, U32, xid, 0, "Links answers to requests")                    \
	F(tag, 6, STR, station_name, NJ_INDEX, "Name of the station")          \
	F(tag, 7, STR, alias, NJ_INDEX, "Name by its neighbour's port")        \
	F(tag, 8, STR, device_type, NJ_INDEX, "Type of the station")           \
	F(tag, 9, U16, vendor_id, NJ_OPT | NJ_INDEX, "Vendor")                 \
	F(tag, 10, U16, device_id, NJ_OPT | NJ_INDEX, "Device")                \
	F(tag, 11, STR, role, NJ_LEARN, "device, controller ...")              \
	F(tag, 12, ADDR, ip, NJ_INDEX, "Address of the station")               \
	F(tag, 13, ADDR, netmask, 0, "Its mask")                               \
	F(tag, 14, ADDR, gateway, 0, "Its gateway")                            \
	F(tag, 15, STR, control, NJ_INDEX | NJ_LEARN,                          \
		"Control asked for: signal, factory_reset ...")                \
	F(tag, 16, BOOL, is_write, NJ_INDEX | NJ_LEARN,                        \
		"A request that sets name, address or others")                 \
	F(tag, 17, BOOL, is_control, NJ_INDEX | NJ_LEARN,                      \
		"A request that resets the station")                           \
	F(tag, 18, U16, vlan, NJ_OPT, "VLAN id of the frame")

NJ_EVENT_X(profinet_dcp, PROFINET_DCP, NJ_EV_NO_ID, "A PROFINET DCP frame");

enum {
	FRAME_FIRST = 0xfefc,
	BLOCKS_MAX = 32,
	SV_GET = 3,
	SV_SET = 4,
	SV_IDENTIFY = 5,
	OPT_IP = 1,
	OPT_DEVICE = 2,
	OPT_CONTROL = 5,
	CONTROL_RESPONSE = 4,
	XID_AT = 4,
	XID_END = 8,
	FACT_MAX = 512
};

enum { ODD_BLOCK };
static const struct nj_oddity oddities[] = {
	[ODD_BLOCK] = { "profinet_dcp_block",
		"A frame whose blocks make no sense" },
	{ 0 },
};

static const struct nj_word services[] = {
	{ 3, "get" },
	{ 4, "set" },
	{ 5, "identify" },
	{ 6, "hello" },
};
static const struct nj_word service_types[] = {
	{ 0, "request" },
	{ 1, "response" },
	{ 5, "unsupported" },
};
static const struct nj_word controls[] = {
	{ 1, "start_transaction" },
	{ 2, "end_transaction" },
	{ 3, "signal" },
	{ 5, "factory_reset" },
	{ 6, "reset_to_factory" },
};

static void
device_block(struct nj_dctx *d, uint8_t sub, struct nj_cur c,
	struct profinet_dcp_event *ev)
{
	uint8_t roles;

	switch (sub) {
	case 1:
		ev->device_type = nj_cur_rest(&c);
		break;
	case 2:
		ev->station_name = nj_cur_rest(&c);
		break;
	case 3:
		if (nj_cur_left(&c) < 4)
			break;
		nj_set(ev, profinet_dcp, vendor_id, nj_cur_u16(&c));
		nj_set(ev, profinet_dcp, device_id, nj_cur_u16(&c));
		break;
	case 4:
		roles = nj_cur_u8(&c);
		ev->role = roles & 1   ? NJ_LIT("device")
			   : roles & 2 ? NJ_LIT("controller")
			   : roles & 4 ? NJ_LIT("multidevice")
				       : NJ_LIT("supervisor");
		break;
	case 6:
		ev->alias = nj_cur_rest(&c);
		break;
	default:
		break;
	}
	(void)d;
}

static void
ip_block(uint8_t sub, struct nj_cur c, struct profinet_dcp_event *ev)
{
	struct nj_view ip, mask, gateway;

	if (sub != 2 && sub != 3)
		return;
	ip = nj_cur_take(&c, 4);
	mask = nj_cur_take(&c, 4);
	gateway = nj_cur_take(&c, 4);
	if (c.bad)
		return;
	ev->ip = nj_addr4(ip.data);
	ev->netmask = nj_addr4(mask.data);
	ev->gateway = nj_addr4(gateway.data);
}

/* Blocks of answers begin with an info, those of sets with a qualifier. */
static void
block(struct nj_dctx *d, uint16_t kind, struct nj_cur c, bool lead,
	struct profinet_dcp_event *ev)
{
	uint8_t option = (uint8_t)(kind >> 8), sub = kind & 0xff;

	if (option == OPT_CONTROL) {
		if (sub == CONTROL_RESPONSE || !ev->is_write)
			return;
		ev->control = nj_word(d, controls, sub);
		ev->is_control |= sub == 5 || sub == 6;
		return;
	}
	if (lead)
		nj_cur_skip(&c, 2);
	if (!nj_cur_left(&c))
		return;
	if (option == OPT_IP)
		ip_block(sub, c, ev);
	else if (option == OPT_DEVICE)
		device_block(d, sub, c, ev);
}

static bool
blocks(struct nj_dctx *d, struct nj_cur *c, bool lead,
	struct profinet_dcp_event *ev)
{
	for (unsigned i = 0; i < BLOCKS_MAX && nj_cur_left(c) >= 4; i++) {
		uint16_t kind = nj_cur_u16(c), len = nj_cur_u16(c);
		struct nj_view v = nj_cur_take(c, len);

		if (c->bad)
			return false;
		block(d, kind, nj_cur(v), lead, ev);
		if ((len & 1) && nj_cur_left(c))
			nj_cur_skip(c, 1);
	}
	return true;
}

/* All but the transaction's number: a search is repeated with a new one. */
static bool
is_news(struct nj_dctx *d, const struct nj_frame *f, struct nj_view v)
{
	uint8_t fact[FACT_MAX];
	size_t n = nj_min(v.len, sizeof(fact));

	memcpy(fact, v.data, n);
	memset(fact + XID_AT, 0, XID_END - XID_AT);
	return nj_lately_is_news(d, f, fact, n);
}

static void
profinet_dcp_frame(struct nj_dctx *d, const struct nj_frame *f)
{
	struct profinet_dcp_event ev = { 0 };
	struct nj_cur c = nj_cur(f->v);
	uint16_t frame = nj_cur_u16(&c), length;
	uint8_t service, type;
	struct nj_cur body;

	/* Below are cyclic data and alarms. */
	if (c.bad || frame < FRAME_FIRST)
		return;
	service = nj_cur_u8(&c);
	type = nj_cur_u8(&c);
	ev.xid = nj_cur_u32(&c);
	nj_cur_skip(&c, 2); /* delay of answers */
	length = nj_cur_u16(&c);
	body = nj_cur(nj_cur_take(&c, length));
	ev.is_write = service == SV_SET && type == 0;
	/* A get asks by bare kinds of blocks. */
	if (c.bad ||
		((service != SV_GET || type) &&
			!blocks(d, &body,
				type != 0 || service == SV_SET || service == 6,
				&ev))) {
		nj_odd(d, ODD_BLOCK);
		return;
	}
	/* What changes a station is told each time. */
	if (!ev.is_write &&
		!is_news(d, f, nj_sub(f->v, 0, length + (size_t)12)))
		return;
	ev.mac_src = nj_link_mac(d, f->mac_src);
	ev.mac_dst = nj_link_mac(d, f->mac_dst);
	ev.service = nj_word(d, services, service);
	ev.service_type = nj_word(d, service_types, type);
	if (f->head.vlan[0])
		nj_set(&ev, profinet_dcp, vlan, f->head.vlan[0]);
	(void)nj_emit_head(d, &profinet_dcp_desc, &f->head, &ev);
}

const struct nj_dissector nj_dissector_profinet_dcp = {
	.name = "profinet_dcp",
	.title = "PROFINET DCP",
	.service = "",
	.ports = (const struct nj_port[]){ { NJ_LINK, 0x8892 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &profinet_dcp_desc,
		NULL },
	.oddities = oddities,
	.shared_bytes = sizeof(struct nj_lately),
	.frame = profinet_dcp_frame,
};
