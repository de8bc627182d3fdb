/*
 * dhcp_eve.c - EVE's dhcp events.
 */
#include "dissectors/shared/dhcp_eve.h"

#define EVE_DHCP(F, tag)                                                       \
	F(tag, 1, STR, dhcp__type, 0, "request or reply")                      \
	F(tag, 2, U32, dhcp__id, 0, "Id of the talk")                          \
	F(tag, 3, STR, dhcp__client_mac, 0, "MAC of the client")               \
	F(tag, 4, ADDR, dhcp__assigned_ip, 0, "Address that it gets")          \
	F(tag, 5, ADDR, dhcp__client_ip, 0, "Address that it has")             \
	F(tag, 6, ADDR, dhcp__relay_ip, 0, "Relay between the two")            \
	F(tag, 7, STR, dhcp__dhcp_type, 0, "Kind of the message")              \
	F(tag, 8, ADDR, dhcp__requested_ip, 0, "Address that it asks for")     \
	F(tag, 9, U32, dhcp__lease_time, NJ_OPT,                               \
		"Seconds that it may keep it")                                 \
	F(tag, 10, STR, dhcp__hostname, 0, "Name of the client")               \
	F(tag, 11, STR, dhcp__vendor_class_identifier, 0,                      \
		"Vendor and kind of client")                                   \
	F(tag, 12, VSTR, dhcp__params, 0, "Options that it asks for")          \
	F(tag, 13, VADDR, dhcp__routers, 0, "Routers that it shall use")       \
	F(tag, 14, VADDR, dhcp__dns_servers, 0, "Resolvers that it shall use")

NJ_EVENT_STRUCT_(eve_dhcp, EVE_DHCP);
NJ_EVENT_DEFINE(eve_dhcp, EVE_DHCP, NJ_EV_EVE, "One DHCP message");

enum { PARAMS_MAX = 64, ADDRS_MAX = 16, KIND_MAX = 32, HTYPE_MAC = 6 };

/* What the event's views lead to. */
struct room {
	struct nj_view params[PARAMS_MAX];
	struct nj_addr routers[ADDRS_MAX], dns[ADDRS_MAX];
	char mac[3 * NJ_DHCP_CHADDR_BYTES];
	char kind[KIND_MAX];
};

/* Only these have names there. */
static const char *
param_name(uint8_t option)
{
	switch (option) {
	case 1:
		return "subnet_mask";
	case 3:
		return "router";
	case 6:
		return "dns_server";
	case 15:
		return "domain";
	case 35:
		return "arp_timeout";
	case 42:
		return "ntp_server";
	case 66:
		return "tftp_server_name";
	case 150:
		return "tftp_server_ip";
	}
	return NULL;
}

static struct nj_vstr
params(struct nj_view list, struct nj_view out[PARAMS_MAX])
{
	uint32_t n = 0;

	for (size_t i = 0; i < list.len && n < PARAMS_MAX; i++)
		if (param_name(list.data[i]))
			out[n++] = nj_str(param_name(list.data[i]));
	return (struct nj_vstr){ n ? out : NULL, n };
}

static struct nj_vaddr
addrs(struct nj_view list, struct nj_addr out[ADDRS_MAX])
{
	uint32_t n = 0;

	for (size_t i = 0; i + 4 <= list.len && n < ADDRS_MAX; i += 4)
		out[n++] = nj_addr4(list.data + i);
	return (struct nj_vaddr){ n ? out : NULL, n };
}

static struct nj_view
mac(const struct nj_dhcp_msg *m, char out[3 * NJ_DHCP_CHADDR_BYTES])
{
	static const char hex[] = "0123456789abcdef";
	size_t n = nj_min(m->hlen, (uint8_t)NJ_DHCP_CHADDR_BYTES);

	for (size_t i = 0; i < n; i++) {
		out[3 * i] = hex[m->chaddr[i] >> 4];
		out[3 * i + 1] = hex[m->chaddr[i] & 15];
		out[3 * i + 2] = ':';
	}
	return (struct nj_view){ (uint8_t *)out, n ? 3 * n - 1 : 0 };
}

static struct nj_view
kind(const char *type, char out[KIND_MAX])
{
	size_t n = nj_min(strlen(type), (size_t)KIND_MAX);

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(type[i] | 0x20);
	return (struct nj_view){ (uint8_t *)out, n };
}

void
nj_dhcp_eve(struct nj_dctx *d, enum nj_dir dir, const struct nj_dhcp_msg *m,
	const char *type)
{
	struct eve_dhcp_event ev = { .dhcp__id = m->xid };
	struct nj_cur lease = nj_cur(m->lease);
	struct room room;

	if (!nj_wanted(d, &eve_dhcp_desc))
		return;
	ev.dhcp__type = m->op == NJ_DHCP_OP_REQUEST ? NJ_LIT("request")
						    : NJ_LIT("reply");
	ev.dhcp__client_mac = mac(m, room.mac);
	ev.dhcp__assigned_ip = nj_addr4(m->yiaddr);
	ev.dhcp__client_ip = nj_addr4(m->ciaddr);
	ev.dhcp__relay_ip = nj_addr4(m->giaddr);
	if (type)
		ev.dhcp__dhcp_type = kind(type, room.kind);
	if (m->requested.len == 4)
		ev.dhcp__requested_ip = nj_addr4(m->requested.data);
	if (m->lease.len == 4)
		nj_set(&ev, eve_dhcp, dhcp__lease_time, nj_cur_u32(&lease));
	ev.dhcp__hostname = m->text[NJ_DHCP_HOST];
	ev.dhcp__vendor_class_identifier = m->text[NJ_DHCP_VENDOR];
	ev.dhcp__params = params(m->params, room.params);
	ev.dhcp__routers = addrs(m->routers, room.routers);
	ev.dhcp__dns_servers = addrs(m->dns, room.dns);
	(void)nj_emit_dir(d, &eve_dhcp_desc, &ev, dir);
}
