/*
 * counters.c - what was lost before a packet became ours, so that the loss
 * ledger can be exact.
 *
 * The drivers of kernel devices count what they were given. What the kernel
 * dropped is known to the sockets that the drivers made, and to the network
 * device; neither shows in the drivers' statistics. So the sockets are found
 * among the process's descriptors (those that were not there before the port
 * was opened) and asked.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/capture/dpdk/dpdk_priv.h"

enum { DETAILS_MAX = 1024 };

unsigned
kernel_sockets(struct kernel_socket *list, unsigned max)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	if (!d)
		return 0;
	for (struct dirent *e; n < max && (e = readdir(d));) {
		int fd, domain = 0;
		socklen_t len = sizeof(domain);
		uint64_t number;

		if (!nj_view_u64(nj_str(e->d_name), &number) ||
			number > INT32_MAX)
			continue;
		fd = (int)number;
		if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len))
			continue;
		if (domain != AF_PACKET && domain != AF_XDP)
			continue;
		list[n++] = (struct kernel_socket){
			.fd = fd,
			.xdp = domain == AF_XDP,
		};
	}
	closedir(d);
	return n;
}

/* The kernel forgets these at each reading, so they are summed up here. */
static void
packet_socket_read(struct kernel_socket *k)
{
	struct tpacket_stats s = { 0 };
	socklen_t len = sizeof(s);

	if (!getsockopt(k->fd, SOL_PACKET, PACKET_STATISTICS, &s, &len))
		k->dropped += s.tp_drops;
}

static void
xdp_socket_read(struct kernel_socket *k)
{
	struct xdp_statistics s = { 0 };
	socklen_t len = sizeof(s);

	if (!getsockopt(k->fd, SOL_XDP, XDP_STATISTICS, &s, &len))
		k->dropped = s.rx_dropped + s.rx_ring_full;
}

static uint64_t
sockets_dropped(struct nj_dpdk_port *p)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < p->socket_count; i++) {
		if (p->sockets[i].xdp)
			xdp_socket_read(&p->sockets[i]);
		else
			packet_socket_read(&p->sockets[i]);
		sum += p->sockets[i].dropped;
	}
	return sum;
}

/* What the network device below the port has dropped so far, or 0. The file
 * stays open: a process that may open no more can still read it. */
static uint64_t
netdev_read(struct nj_dpdk_port *p)
{
	char path[128], text[24] = "";

	if (!p->interface[0])
		return 0;
	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/rx_dropped",
		p->interface);
	if (p->netdev_fd < 0)
		p->netdev_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (p->netdev_fd < 0 ||
		pread(p->netdev_fd, text, sizeof(text) - 1, 0) <= 0)
		return p->netdev_dropped_before;
	return strtoull(text, NULL, 10);
}

void
port_counters_start(struct nj_dpdk_port *p, const struct kernel_socket *before,
	unsigned before_count)
{
	struct kernel_socket now[2 * SOCKETS_MAX];
	unsigned n = kernel_sockets(now, (unsigned)nj_countof(now)), k;

	for (unsigned i = 0; i < n && p->socket_count < SOCKETS_MAX; i++) {
		for (k = 0; k < before_count; k++)
			if (before[k].fd == now[i].fd)
				break;
		if (k == before_count)
			p->sockets[p->socket_count++] = now[i];
	}
	p->netdev_dropped_before = netdev_read(p);
}

static bool
has_xdp(const struct nj_dpdk_port *p)
{
	return p->socket_count && p->sockets[0].xdp;
}

static uint64_t
netdev_dropped(struct nj_dpdk_port *p)
{
	return netdev_read(p) - p->netdev_dropped_before;
}

/* Under AF_XDP the network device counts the same drops as the socket, and
 * those that never came so far. Under AF_PACKET its count is of no use: it
 * has every packet of a protocol that the host does not speak, although we
 * were given it. */
static uint64_t
kernel_dropped(struct nj_dpdk_port *p)
{
	uint64_t sockets = sockets_dropped(p);

	return has_xdp(p) ? nj_max(sockets, netdev_dropped(p)) : sockets;
}

void
port_counters_read(struct nj_dpdk_port *p, struct source_counters *c)
{
	struct rte_eth_stats s = { 0 };

	if (rte_eth_stats_get(p->id, &s))
		return;
	/* A part of what an AF_XDP socket dropped is told again here. */
	c->missed = has_xdp(p) ? 0 : s.imissed;
	c->unreadable = s.ierrors;
	c->no_mbuf = p->driver->nombuf_loses ? s.rx_nombuf : 0;
	c->ring_full =
		atomic_load_explicit(&p->ring_full, memory_order_relaxed);
	c->kernel_dropped = kernel_dropped(p);
}

uint64_t
nj_dpdk_port_given(const struct nj_dpdk_port *p)
{
	struct rte_eth_stats s = { 0 };

	return rte_eth_stats_get(p->id, &s) ? 0 : s.ipackets;
}

uint64_t
nj_dpdk_port_waiting(const struct nj_dpdk_port *p)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < p->workers; i++)
		if (p->queue[i].ring)
			n += rte_ring_count(p->queue[i].ring);
	return n;
}

void
nj_dpdk_port_details(struct nj_dpdk_port *p,
	bool (*cb)(void *ctx, const char *name, uint64_t value), void *ctx)
{
	struct rte_eth_xstat_name *names;
	struct rte_eth_xstat *values;
	int n = rte_eth_xstats_get_names(p->id, NULL, 0);

	n = nj_min(n, (int)DETAILS_MAX);
	names = n > 0 ? calloc((size_t)n, sizeof(*names)) : NULL;
	values = n > 0 ? calloc((size_t)n, sizeof(*values)) : NULL;
	if (names && values &&
		rte_eth_xstats_get_names(p->id, names, (unsigned)n) == n &&
		rte_eth_xstats_get(p->id, values, (unsigned)n) == n) {
		for (int i = 0; i < n; i++)
			if (values[i].id < (unsigned)n &&
				!cb(ctx, names[values[i].id].name,
					values[i].value))
				break;
	}
	free(names);
	free(values);
	if (p->socket_count)
		(void)cb(ctx, "socket_dropped", sockets_dropped(p));
	if (p->interface[0])
		(void)cb(ctx, "netdev_rx_dropped", netdev_dropped(p));
}
