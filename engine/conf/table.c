/*
 * table.c - options.def as tables, and the checks that belong to single
 * options.
 */
#include "engine/conf/conf_priv.h"

#include <ctype.h>
#include <net/if.h>
#include <stdio.h>

enum { PORTS_MAX = 32 };
#define NJ_CONF_DAY (86400 * NJ_NS_PER_S)

/* IANA's special-purpose registries: RFC 6890 and its updates; the v4 blocks
 * a second time as 6to4 addresses (RFC 3056). */
#define NJ_CONF_PRIVATE_NETWORKS                                               \
	"[0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, "                 \
	"169.254.0.0/16, 172.16.0.0/12, 192.0.0.0/24, 192.0.2.0/24, "          \
	"192.168.0.0/16, 198.18.0.0/15, 198.51.100.0/24, 203.0.113.0/24, "     \
	"224.0.0.0/24, 239.0.0.0/8, 240.0.0.0/4, ::/128, ::1/128, "            \
	"64:ff9b:1::/48, "                                                     \
	"100::/64, 2001::/23, 2001:db8::/32, fc00::/7, "                       \
	"fe80::/10, 2002::/24, 2002:a00::/24, 2002:6440::/26, "                \
	"2002:7f00::/24, 2002:a9fe::/32, 2002:ac10::/28, 2002:c000::/40, "     \
	"2002:c000:200::/40, 2002:c0a8::/32, 2002:c612::/31, "                 \
	"2002:c633:6400::/40, 2002:cb00:7100::/40, 2002:f000::/20]"

static bool
is_pci(const char *s)
{
	/* 0000:3b:00.0, or without the domain 3b:00.0. */
	static const char *const forms[] = { "xxxx:xx:xx.x", "xx:xx.x" };

	for (size_t f = 0; f < nj_countof(forms); f++) {
		const char *form = forms[f];
		size_t i = 0;

		while (form[i] && (form[i] == 'x' ? isxdigit((uint8_t)s[i])
						  : s[i] == form[i]))
			i++;
		if (!form[i] && !s[i])
			return true;
	}
	return false;
}

static bool
is_interface(const char *s)
{
	size_t n = strlen(s);

	return n && n < IFNAMSIZ && strcspn(s, "/ \t") == n;
}

static bool
port_check(void *item, struct conf_problem *problem)
{
	struct nj_conf_port *port = item;
	int given = !!port->pci + !!port->vdev + !!port->interface +
		    !!port->file + !!port->feed;

	if (given != 1) {
		(void)snprintf(problem->why, sizeof(problem->why),
			given ? "names more than one place to capture from"
			      : "names no place to capture from");
		(void)snprintf(problem->remedy, sizeof(problem->remedy),
			"give one of pci, vdev, interface, file and feed");
		return false;
	}
	if (port->pci && !is_pci(port->pci)) {
		(void)snprintf(problem->why, sizeof(problem->why),
			"pci is no PCI address");
		(void)snprintf(problem->remedy, sizeof(problem->remedy),
			"write it as lspci -D does: 0000:3b:00.0");
		return false;
	}
	if (port->vdev && strncmp(port->vdev, "net_", 4) != 0) {
		(void)snprintf(problem->why, sizeof(problem->why),
			"vdev is no network device of DPDK");
		(void)snprintf(problem->remedy, sizeof(problem->remedy),
			"begin with net_, as in net_pcap0,rx_pcap=FILE");
		return false;
	}
	if (port->interface && !is_interface(port->interface)) {
		(void)snprintf(problem->why, sizeof(problem->why),
			"interface is no name of a Linux interface");
		(void)snprintf(problem->remedy, sizeof(problem->remedy),
			"see ip link for the names");
		return false;
	}
	if (!port->name)
		port->name = port->pci         ? port->pci
			     : port->vdev      ? port->vdev
			     : port->interface ? port->interface
			     : port->file      ? port->file
					       : port->feed;
	return true;
}

/* Records, counters and status tell ports apart by name. */
static bool
ports_check(const void *at, struct conf_problem *problem)
{
	const struct nj_conf_ports *ports = at;

	/* Packet time goes with the file, or with the clock. */
	for (uint32_t i = 0; i < ports->n && ports->n > 1; i++) {
		if (!ports->v[i].file)
			continue;
		(void)snprintf(problem->why, sizeof(problem->why),
			"a file cannot be one of several ports");
		(void)snprintf(problem->remedy, sizeof(problem->remedy),
			"give it alone; nightjar read takes several");
		return false;
	}
	for (uint32_t i = 0; i < ports->n; i++)
		for (uint32_t j = 0; j < i; j++) {
			if (!ports->v[i].name || !ports->v[j].name ||
				strcmp(ports->v[i].name, ports->v[j].name) != 0)
				continue;
			(void)snprintf(problem->why, sizeof(problem->why),
				"two ports are called \"%.64s\"",
				ports->v[i].name);
			(void)snprintf(problem->remedy, sizeof(problem->remedy),
				"give each a name of its own");
			return false;
		}
	return true;
}

#define PORT_ITEM(key, words)                                                  \
	{                                                                      \
		.member = #key, .type = CONF_STRING,                           \
		.offset = offsetof(struct nj_conf_port, key), .initial = "",   \
		.text = words                                                  \
	}
static const struct conf_option port_item[] = {
	PORT_ITEM(pci, "Address of a NIC that DPDK drives"),
	PORT_ITEM(vdev, "DPDK virtual device with its arguments"),
	PORT_ITEM(interface, "Linux interface"),
	PORT_ITEM(file, "Capture in a file"),
	PORT_ITEM(feed, "Made-up traffic: a mix of nightjar bench"),
	PORT_ITEM(name, "What records and status call the port"),
	{ 0 },
};

#define BETWEEN(lo, hi) .min = (lo), .max = (hi),
#define AUTO .can_auto = true,
#define ONE_OF(...) .allowed = (const char *const[]){ __VA_ARGS__, NULL },
#define UNIT(u) .unit = u,
#define SECRET .secret = true,
#define ITEM(table)                                                            \
	.item = table, .item_bytes = sizeof(struct nj_conf_port),              \
	.check = port_check, .check_all = ports_check, .count_max = PORTS_MAX,
#define NONE
#define RELOAD true
#define RESTART false

const struct conf_option conf_options[NJ_CONF_COUNT] = {
#define SECTION(path, text)
#define OPTION(name, kind, init, limits, when, words)                          \
	[NJ_CONF_##name] = { .member = #name,                                  \
		.type = CONF_##kind,                                           \
		.reload = when,                                                \
		.offset = offsetof(struct nj_conf, name),                      \
		.initial = init,                                               \
		.text = words,                                                 \
		limits },
#include "engine/conf/options.def"
#undef SECTION
#undef OPTION
};

const struct conf_section conf_sections[] = {
#define SECTION(path, words) { #path, words },
#define OPTION(...)
#include "engine/conf/options.def"
#undef SECTION
#undef OPTION
};
const unsigned conf_section_count = nj_countof(conf_sections);

size_t
conf_path(const char *member, char out[CONF_PATH_MAX])
{
	size_t n = 0;

	while (*member && n < CONF_PATH_MAX - 1) {
		bool dot = member[0] == '_' && member[1] == '_';

		out[n++] = dot ? '.' : member[0];
		member += dot ? 2 : 1;
	}
	out[n] = 0;
	return n;
}
