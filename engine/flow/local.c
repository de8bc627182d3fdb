/*
 * local.c - facts of addresses and ports: which networks are local unless
 * the configuration says so (those that IANA lists as not routed over the
 * internet, as Zeek has it), and which ports a server is likely to have.
 */
#include "engine/flow/flow_priv.h"

#include <stdlib.h>

/* IANA special-purpose address registries, RFC 6890; the 6to4 forms of the
 * IPv4 ones (RFC 3056) count too, and multicast that routers do not forward
 * or that is administratively scoped (RFC 5771, 2365). */
static const struct {
	const char *addr;
	uint8_t bits;
} local_nets[] = {
	{ "0.0.0.0", 8 },
	{ "10.0.0.0", 8 },
	{ "100.64.0.0", 10 },
	{ "127.0.0.0", 8 },
	{ "169.254.0.0", 16 },
	{ "172.16.0.0", 12 },
	{ "192.0.0.0", 24 },
	{ "192.0.2.0", 24 },
	{ "192.168.0.0", 16 },
	{ "198.18.0.0", 15 },
	{ "198.51.100.0", 24 },
	{ "203.0.113.0", 24 },
	{ "224.0.0.0", 24 },
	{ "239.0.0.0", 8 },
	{ "240.0.0.0", 4 },
	{ "::", 128 },
	{ "::1", 128 },
	{ "64:ff9b:1::", 48 },
	{ "100::", 64 },
	{ "2001::", 23 },
	{ "2001:db8::", 32 },
	{ "fc00::", 7 },
	{ "fe80::", 10 },
	{ "2002::", 24 },
	{ "2002:a00::", 24 },
	{ "2002:6440::", 26 },
	{ "2002:7f00::", 24 },
	{ "2002:a9fe::", 32 },
	{ "2002:ac10::", 28 },
	{ "2002:c000::", 40 },
	{ "2002:c000:200::", 40 },
	{ "2002:c0a8::", 32 },
	{ "2002:c612::", 31 },
	{ "2002:c633:6400::", 40 },
	{ "2002:cb00:7100::", 40 },
	{ "2002:f000::", 20 },
};

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
	size_t n = t->conf.local ? t->conf.local_count : nj_countof(local_nets);

	ports_set(t->likely[0], tcp_servers, nj_countof(tcp_servers));
	ports_set(t->likely[1], udp_servers, nj_countof(udp_servers));
	t->local = calloc(n + 1, sizeof(*t->local));
	if (!t->local)
		return NJ_E_NOMEM;
	t->local_count = (unsigned)n;
	for (size_t i = 0; i < n; i++) {
		if (t->conf.local) {
			t->local[i] = t->conf.local[i];
			continue;
		}
		t->local[i].bits = local_nets[i].bits;
		if (!nj_addr_parse(&t->local[i].addr, local_nets[i].addr))
			return NJ_E_RANGE;
	}
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
