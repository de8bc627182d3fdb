/*
 * local.c - facts of addresses and ports: which networks are local, and
 * which ports a server is likely to have.
 */
#include "engine/flow/flow_priv.h"

#include <stdlib.h>

/* Ports of the protocols that Zeek registers analyzers for: where one of
 * them sent the first packet that was seen, it is taken for the server. */
static const uint16_t tcp_servers[] = { 21, 22, 25, 53, 79, 80, 81, 88, 135,
	139, 143, 389, 443, 445, 502, 563, 585, 587, 614, 631, 636, 989, 990,
	992, 993, 995, 1080, 1434, 1883, 2811, 3128, 3268, 3306, 3389, 5222,
	5223, 5269, 5432, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888,
	20000 };
static const uint16_t udp_servers[] = { 53, 67, 69, 88, 123, 137, 161, 162, 389,
	443, 514, 1812, 2123, 2152, 3389, 3544, 4789, 5060, 5072, 5353, 5355,
	6081, 20000 };

static void
ports_set(uint8_t *map, const uint16_t *ports, size_t n)
{
	for (size_t i = 0; i < n; i++)
		map[ports[i] / 8] |= (uint8_t)(1U << ports[i] % 8);
}

bool
flow_likely_server(const struct nj_flow_table *t, bool udp, uint16_t port)
{
	return t->likely[udp][port / 8] >> port % 8 & 1;
}

/* Sessions of people, who think for long: ftp, ssh, telnet, rlogin. */
bool
flow_port_is_interactive(uint16_t port)
{
	return port == 21 || port == 22 || port == 23 || port == 513;
}

/* IPv4 networks as number and mask, one after the other: every record asks
 * twice. */
struct local_nets {
	unsigned count4, count6;
	struct {
		uint32_t net, mask;
	} four[NJ_FLOW_LOCAL_MAX];
	struct nj_prefix six[NJ_FLOW_LOCAL_MAX];
};

void
nj_flow_set_local(
	struct nj_flow_table *t, const struct nj_prefix *local, unsigned count)
{
	struct local_nets *nets = t->local;
	uint32_t net;

	nets->count4 = nets->count6 = 0;
	for (unsigned i = 0; i < nj_min(count, NJ_FLOW_LOCAL_MAX); i++) {
		if (local[i].addr.family != 4) {
			nets->six[nets->count6++] = local[i];
			continue;
		}
		memcpy(&net, local[i].addr.bytes, 4);
		nets->four[nets->count4].net = __builtin_bswap32(net);
		nets->four[nets->count4].mask =
			local[i].bits ? UINT32_MAX << (32 - local[i].bits) : 0;
		nets->count4++;
	}
}

enum nj_err
flow_local_init(struct nj_flow_table *t)
{
	ports_set(t->likely[0], tcp_servers, nj_countof(tcp_servers));
	ports_set(t->likely[1], udp_servers, nj_countof(udp_servers));
	if (t->conf.local_count > NJ_FLOW_LOCAL_MAX)
		return NJ_E_RANGE;
	t->local = calloc(1, sizeof(*t->local));
	if (!t->local)
		return NJ_E_NOMEM;
	nj_flow_set_local(t, t->conf.local, t->conf.local_count);
	return NJ_OK;
}

bool
nj_flow_is_local(const struct nj_flow_table *t, const struct nj_addr *a)
{
	const struct local_nets *nets = t->local;
	uint32_t addr;

	if (a->family == 4) {
		memcpy(&addr, a->bytes, 4);
		addr = __builtin_bswap32(addr);
		for (unsigned i = 0; i < nets->count4; i++)
			if ((addr & nets->four[i].mask) == nets->four[i].net)
				return true;
		return false;
	}
	for (unsigned i = 0; i < nets->count6; i++)
		if (nj_prefix_holds(&nets->six[i], a))
			return true;
	return false;
}
