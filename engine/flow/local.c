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

enum nj_err
flow_local_init(struct nj_flow_table *t)
{
	size_t bytes = t->conf.local_count * sizeof(*t->local);

	ports_set(t->likely[0], tcp_servers, nj_countof(tcp_servers));
	ports_set(t->likely[1], udp_servers, nj_countof(udp_servers));
	t->local = malloc(bytes + 1);
	if (!t->local)
		return NJ_E_NOMEM;
	t->local_count = t->conf.local_count;
	if (bytes)
		memcpy(t->local, t->conf.local, bytes);
	return NJ_OK;
}

bool
nj_flow_is_local(const struct nj_flow_table *t, const struct nj_addr *a)
{
	for (unsigned i = 0; i < t->local_count; i++)
		if (nj_prefix_holds(&t->local[i], a))
			return true;
	return false;
}
