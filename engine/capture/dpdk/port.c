/*
 * port.c - opens, watches and closes a port.
 *
 * Hashing on NICs uses the key 6d5a repeated, which gives both directions of
 * a pair the same queue (Woo and Park, "Scalable TCP Session Monitoring with
 * Symmetric RSS", 2012), and addresses only, so that NICs and nj_packet_shard
 * keep together the same packets.
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "engine/capture/device.h"
#include "engine/capture/dpdk/dpdk_priv.h"

enum {
	DESCRIPTORS = 1024,
	TX_DESCRIPTORS = 64,
	RING_LEAST = 256,
	MTU_MAX = 9000,
	KEY_BYTES_MAX = 64,
	RETA_MAX = 2048
};

static const struct driver drivers[] = {
	{ .name = "net_pcap",
		.virtual = true,
		.all_queues = true,
		.waits = true,
		.stamps_us = true,
		.nombuf_loses = true },
	{ .name = "net_ring",
		.virtual = true,
		.all_queues = true,
		.waits = true },
	{ .name = "net_af_packet", .virtual = true, .all_queues = true },
	{ .name = "net_af_xdp", .virtual = true, .all_queues = true },
	{ .name = "net_tap", .virtual = true },
	{ .name = "net_null", .virtual = true, .waits = true },
	{ .name = "net_i40e", .per_type = true },
	{ .name = "net_ice", .per_type = true },
	{ .name = "net_iavf", .per_type = true },
	{ .name = NULL }, /* every other one */
};

static const struct driver *
driver_find(const char *name)
{
	const struct driver *d = drivers;

	/* Names of virtual devices go on with a number, those of device
	 * drivers may be longer than what they are listed by. */
	while (d->name && strncmp(name, d->name, strlen(d->name)) != 0)
		d++;
	return d;
}

static enum nj_err NJ_PRINTF(3, 4)
	fail(char why[NJ_SOURCE_TEXT], enum nj_err err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, NJ_SOURCE_TEXT, fmt, ap);
	va_end(ap);
	return err;
}

/* The bus address or the name of the virtual device. */
static void
device_name(const struct nj_dpdk_port *p, char out[RTE_ETH_NAME_MAX_LEN])
{
	snprintf(out, RTE_ETH_NAME_MAX_LEN, "%.*s",
		(int)strcspn(p->device, ","), p->device);
}

/* Makes DPDK know the device, unless it found it at its start. */
static enum nj_err
port_probe(struct nj_dpdk_port *p, char why[NJ_SOURCE_TEXT])
{
	char name[RTE_ETH_NAME_MAX_LEN];
	int got;

	device_name(p, name);
	/* net_tap makes its interface itself. */
	if (p->interface[0] && strncmp(name, "net_tap", 7) != 0 &&
		!if_nametoindex(p->interface))
		return fail(why, NJ_E_NODEV, "there is no interface %s",
			p->interface);
	if (rte_eth_dev_get_port_by_name(name, &p->id)) {
		got = rte_dev_probe(p->device);
		if (got)
			return fail(why, NJ_E_NODEV, "%s: %s", p->device,
				dpdk_complaint(rte_strerror(-got)));
		if (rte_eth_dev_get_port_by_name(name, &p->id))
			return fail(why, NJ_E_NODEV,
				"%s: no driver of DPDK takes it (bind it to "
				"vfio-pci)",
				p->device);
	}
	p->probed = true;
	return NJ_OK;
}

static int
on_removed(uint16_t id, enum rte_eth_event_type type, void *arg, void *ret)
{
	struct nj_dpdk_port *p = arg;

	(void)id;
	(void)type;
	(void)ret;
	atomic_store_explicit(&p->lost, true, memory_order_relaxed);
	return 0;
}

static uint64_t
hash_types(const struct nj_dpdk_port *p, const struct rte_eth_dev_info *info)
{
	uint64_t want = RTE_ETH_RSS_IP;

	if (p->driver->per_type)
		want |= RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP;
	return want & info->flow_type_rss_offloads;
}

static void
choose_queues(struct nj_dpdk_port *p, const struct rte_eth_dev_info *info)
{
	p->queues = 1;
	if (p->driver->all_queues) {
		p->queues = nj_min(
			(unsigned)info->max_rx_queues, (unsigned)QUEUES_MAX);
		p->queues = nj_max(p->queues, 1u);
		return;
	}
	p->spread_by_nic = !p->driver->virtual && p->workers > 1 &&
			   info->max_rx_queues >= p->workers &&
			   hash_types(p, info);
	if (p->spread_by_nic)
		p->queues = p->workers;
}

static int
configure(struct nj_dpdk_port *p, const struct rte_eth_dev_info *info)
{
	uint8_t key[KEY_BYTES_MAX];
	struct rte_eth_conf conf = { 0 };
	unsigned tx = nj_min(p->queues, (unsigned)info->max_tx_queues);

	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = i % 2 ? 0x5a : 0x6d;
	conf.rxmode.offloads =
		info->rx_offload_capa &
		(RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_SCTP_CKSUM |
			RTE_ETH_RX_OFFLOAD_SCATTER);
	if (!p->driver->virtual &&
		conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_SCATTER)
		conf.rxmode.mtu = nj_min(info->max_mtu, (uint16_t)MTU_MAX);
	if (p->spread_by_nic) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = hash_types(p, info);
		conf.rx_adv_conf.rss_conf.rss_key = key;
		conf.rx_adv_conf.rss_conf.rss_key_len =
			nj_min(info->hash_key_size, (uint8_t)sizeof(key));
	}
	return rte_eth_dev_configure(
		p->id, (uint16_t)p->queues, (uint16_t)tx, &conf);
}

static int
setup_queues(struct nj_dpdk_port *p, unsigned descriptors,
	const struct rte_eth_dev_info *info)
{
	unsigned tx = nj_min(p->queues, (unsigned)info->max_tx_queues);
	/* No device may hold more than half of all buffers. */
	uint16_t rx_count = (uint16_t)nj_min(
		descriptors ? descriptors : (unsigned)DESCRIPTORS,
		dpdk.mbufs / 2 / p->queues);
	uint16_t tx_count = TX_DESCRIPTORS;
	int socket = rte_eth_dev_socket_id(p->id);
	int got = rte_eth_dev_adjust_nb_rx_tx_desc(p->id, &rx_count, &tx_count);

	for (uint16_t i = 0; !got && i < p->queues; i++)
		got = rte_eth_rx_queue_setup(
			p->id, i, rx_count, (unsigned)socket, NULL, dpdk.pool);
	for (uint16_t i = 0; !got && i < tx; i++)
		got = rte_eth_tx_queue_setup(
			p->id, i, tx_count, (unsigned)socket, NULL);
	return got;
}

/* Spreads the hash evenly. Devices without a table do so by themselves. */
static void
fill_reta(const struct nj_dpdk_port *p, const struct rte_eth_dev_info *info)
{
	struct rte_eth_rss_reta_entry64
		reta[RETA_MAX / RTE_ETH_RETA_GROUP_SIZE] = { 0 };

	if (!p->spread_by_nic || !info->reta_size || info->reta_size > RETA_MAX)
		return;
	for (unsigned i = 0; i < info->reta_size; i++) {
		struct rte_eth_rss_reta_entry64 *group =
			&reta[i / RTE_ETH_RETA_GROUP_SIZE];

		group->mask = UINT64_MAX;
		group->reta[i % RTE_ETH_RETA_GROUP_SIZE] =
			(uint16_t)(i % p->queues);
	}
	(void)rte_eth_dev_rss_reta_update(p->id, reta, info->reta_size);
}

static enum nj_err
port_start(struct nj_dpdk_port *p, const struct nj_dpdk_port_conf *conf,
	char why[NJ_SOURCE_TEXT])
{
	struct rte_eth_dev_info info;
	char file[2], endless[2];
	int got = rte_eth_dev_info_get(p->id, &info);

	if (got)
		return fail(why, NJ_E_NODEV, "%s: no information: %s",
			p->device, rte_strerror(-got));
	p->driver = driver_find(info.driver_name);
	p->live = !p->driver->waits || p->interface[0];
	(void)nj_device_argument(p->device, "rx_pcap", file, sizeof(file));
	(void)nj_device_argument(
		p->device, "infinite_rx", endless, sizeof(endless));
	p->is_file = file[0] && (!endless[0] || endless[0] == '0');
	choose_queues(p, &info);
	got = configure(p, &info);
	if (got && p->spread_by_nic) {
		p->spread_by_nic = false;
		p->queues = 1;
		got = configure(p, &info);
	}
	if (!got)
		got = setup_queues(p, conf->descriptors, &info);
	if (!got)
		got = rte_eth_dev_start(p->id);
	if (got)
		return fail(why, NJ_E_NODEV, "%s: does not start: %s",
			p->device, dpdk_complaint(rte_strerror(-got)));
	p->started = true;
	fill_reta(p, &info);
	/* What cannot be promiscuous (a file) sees everything anyway. */
	if (conf->promiscuous)
		(void)rte_eth_promiscuous_enable(p->id);
	(void)rte_eth_dev_callback_register(
		p->id, RTE_ETH_EVENT_INTR_RMV, on_removed, p);
	return NJ_OK;
}

static unsigned
ring_packets(const struct nj_dpdk_port *p)
{
	unsigned n = RING_PACKETS;

	while (n > RING_LEAST && n * p->workers > dpdk.mbufs / 2)
		n /= 2;
	return n;
}

static enum nj_err
port_sources(struct nj_dpdk_port *p, char why[NJ_SOURCE_TEXT])
{
	bool rings = !p->spread_by_nic && p->workers > 1;
	char name[RTE_RING_NAMESIZE];

	p->queue = aligned_alloc(NJ_CACHE_LINE, p->workers * sizeof(*p->queue));
	if (!p->queue)
		return fail(why, NJ_E_NOMEM, "no memory for queues");
	memset(p->queue, 0, p->workers * sizeof(*p->queue));
	p->poll.count = (uint16_t)p->queues;
	p->poll.now_ns = INT64_MIN;
	wall_start(&p->poll.wall);
	for (unsigned i = 0; i < p->workers; i++) {
		struct queue *q = &p->queue[i];

		q->source.ops = &queue_ops;
		q->source.live = p->live;
		q->source.quiets = true;
		q->source.now_ns = INT64_MIN;
		q->port = p;
		q->poll = p->poll;
		if (p->spread_by_nic) {
			q->poll.first = (uint16_t)i;
			q->poll.count = 1;
		}
		if (!rings)
			continue;
		snprintf(name, sizeof(name), "port%u-%u", p->id, i);
		q->ring = rte_ring_create(name, ring_packets(p), SOCKET_ID_ANY,
			RING_F_SP_ENQ | RING_F_SC_DEQ);
		if (!q->ring)
			return fail(why, NJ_E_NOMEM, "no memory for rings: %s",
				rte_strerror(rte_errno));
	}
	return NJ_OK;
}

/* By a socket that was opened beforehand: a process that has given up the
 * right to make any may still ask. */
static int
interface_index(struct nj_dpdk_port *p)
{
	struct ifreq r = { 0 };

	if (p->control_fd < 0)
		p->control_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memcpy(r.ifr_name, p->interface,
		strnlen(p->interface, sizeof(r.ifr_name) - 1));
	return ioctl(p->control_fd, SIOCGIFINDEX, &r) ? 0 : r.ifr_ifindex;
}

void
nj_dpdk_interface_device(
	char out[NJ_DPDK_DEVICE_MAX], unsigned number, const char *interface)
{
	/* 32 MB in the kernel: a pause of some milliseconds loses nothing. */
	snprintf(out, NJ_DPDK_DEVICE_MAX,
		"net_af_packet%u,iface=%s,blocksz=65536,framesz=2048,"
		"framecnt=16384",
		number, interface);
}

static enum nj_err
port_open(struct nj_dpdk_port *p, const struct nj_dpdk_port_conf *conf,
	char why[NJ_SOURCE_TEXT])
{
	struct kernel_socket before[SOCKETS_MAX];
	unsigned before_count;
	enum nj_err err;

	dpdk_complaint_clear();
	before_count = kernel_sockets(before, SOCKETS_MAX);
	err = port_probe(p, why);
	if (!err)
		err = port_start(p, conf, why);
	if (err)
		return err;
	if (p->interface[0])
		p->ifindex = interface_index(p);
	port_counters_start(p, before, before_count);
	return port_sources(p, why);
}

enum nj_err
nj_dpdk_port_open(struct nj_dpdk_port **out,
	const struct nj_dpdk_port_conf *conf, char why[NJ_SOURCE_TEXT])
{
	struct nj_dpdk_port *p;
	enum nj_err err;

	*out = NULL;
	if (!conf->workers || conf->workers > NJ_DPDK_WORKERS_MAX)
		return fail(why, NJ_E_RANGE, "%u workers", conf->workers);
	p = calloc(1, sizeof(*p));
	if (!p)
		return fail(why, NJ_E_NOMEM, "no memory for a port");
	p->workers = conf->workers;
	p->port = conf->port;
	p->control_fd = p->netdev_fd = -1;
	atomic_store_explicit(&p->handed_ns, INT64_MIN, memory_order_relaxed);
	atomic_flag_clear(&p->dispatching);
	snprintf(p->device, sizeof(p->device), "%s", conf->device);
	(void)nj_device_argument(
		p->device, "iface", p->interface, sizeof(p->interface));
	if (!p->interface[0])
		(void)nj_device_argument(p->device, "rx_iface", p->interface,
			sizeof(p->interface));
	err = port_open(p, conf, why);
	if (err)
		nj_dpdk_port_close(&p);
	*out = p;
	return err;
}

static void
free_ring(struct rte_ring *r)
{
	void *m;

	while (r && !rte_ring_dequeue(r, &m))
		rte_pktmbuf_free(m);
	rte_ring_free(r);
}

void
nj_dpdk_port_close(struct nj_dpdk_port **port)
{
	struct nj_dpdk_port *p = *port;
	struct rte_eth_dev_info info = { 0 };

	*port = NULL;
	if (!p)
		return;
	for (unsigned i = 0; p->queue && i < p->workers; i++)
		free_ring(p->queue[i].ring);
	free(p->queue);
	if (p->started) {
		(void)rte_eth_dev_callback_unregister(
			p->id, RTE_ETH_EVENT_INTR_RMV, on_removed, p);
		(void)rte_eth_dev_stop(p->id);
	}
	if (p->probed) {
		(void)rte_eth_dev_info_get(p->id, &info);
		(void)rte_eth_dev_close(p->id);
	}
	if (info.device)
		(void)rte_dev_remove(info.device);
	if (p->control_fd >= 0)
		(void)close(p->control_fd);
	if (p->netdev_fd >= 0)
		(void)close(p->netdev_fd);
	free(p);
}

struct nj_source *
nj_dpdk_port_source(struct nj_dpdk_port *p, unsigned worker)
{
	NJ_ASSERT(worker < p->workers);
	return &p->queue[worker].source;
}

void
nj_dpdk_port_quiet(struct nj_dpdk_port *p)
{
	atomic_store_explicit(&p->quiet, true, memory_order_relaxed);
	/* Whoever empties the device just now finishes first; nobody will
	 * after us. So whoever finds a ring empty from here on is right. */
	while (atomic_flag_test_and_set_explicit(
		&p->dispatching, memory_order_acquire))
		(void)sched_yield();
}

static bool
port_is_gone(struct nj_dpdk_port *p)
{
	if (atomic_load_explicit(&p->lost, memory_order_relaxed))
		return true;
	if (p->ifindex)
		return interface_index(p) != p->ifindex;
	return rte_eth_dev_is_removed(p->id) == 1;
}

enum nj_err
nj_dpdk_port_check(struct nj_dpdk_port *p, struct nj_dpdk_link *link,
	char why[NJ_SOURCE_TEXT])
{
	struct rte_eth_link l = { 0 };

	*link = (struct nj_dpdk_link){ 0 };
	if (port_is_gone(p)) {
		atomic_store_explicit(&p->lost, true, memory_order_relaxed);
		return fail(why, NJ_E_NODEV, "%s went away",
			p->interface[0] ? p->interface : p->device);
	}
	if (rte_eth_link_get_nowait(p->id, &l))
		return NJ_OK;
	link->up = l.link_status == RTE_ETH_LINK_UP;
	link->full_duplex = l.link_duplex == RTE_ETH_LINK_FULL_DUPLEX;
	if (l.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN)
		link->speed_mbps = l.link_speed;
	return NJ_OK;
}

struct nj_dpdk_port_info
nj_dpdk_port_info(const struct nj_dpdk_port *p)
{
	return (struct nj_dpdk_port_info){
		.driver = p->driver->name ? p->driver->name : "NIC",
		.interface = p->interface,
		.queues = p->queues,
		.spread_by_nic = p->spread_by_nic,
		.live = p->live,
	};
}
