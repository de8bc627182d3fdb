/*
 * dpdk.h - packets from DPDK: NICs by PCI address, and the virtual devices
 * net_af_packet, net_af_xdp, net_tap, net_pcap, net_ring and net_null.
 *
 * A process starts DPDK once (nj_dpdk_start), opens ports, and takes one
 * source a worker from each. A port that is missing, has no driver or goes
 * away is an error with a text, never an exit: close it, open it again later.
 *
 * Spreading. A NIC that can hash address pairs gets a queue for each worker.
 * All other devices have their queues emptied by whichever worker finds its
 * own ring empty, which hands each packet to the ring of the worker that
 * nj_packet_shard names. Either way all packets of an address pair meet on
 * one worker, fragments and the data connections of FTP with them.
 */
#ifndef NJ_CAPTURE_DPDK_DPDK_H
#define NJ_CAPTURE_DPDK_DPDK_H

#include "engine/capture/source.h"

enum {
	NJ_DPDK_PORTS_MAX = 32,
	NJ_DPDK_WORKERS_MAX = 64,
	NJ_DPDK_DEVICE_MAX = 256 /* bytes of a device's description */
};

enum nj_dpdk_huge { NJ_DPDK_HUGE_AUTO, NJ_DPDK_HUGE_ON, NJ_DPDK_HUGE_OFF };

struct nj_dpdk_conf {
	/* PCI addresses of all ports that will ever be opened; borrowed for
	 * the call. Without any the bus is not looked at. */
	const char *const *pci;
	unsigned pci_count;
	unsigned memory_mb; /* for packets in flight, all ports together */
	enum nj_dpdk_huge huge;
	unsigned snap; /* bytes kept of a packet; 0: all */
	bool verbose;  /* DPDK's own words go to standard error */
};

/* Starts DPDK with the caller's thread as its main one, whose processor
 * affinity is left as it was. Once a process, also after a failure: why then
 * says what is the matter. */
NJ_MUST_USE enum nj_err nj_dpdk_start(
	const struct nj_dpdk_conf *conf, char why[NJ_SOURCE_TEXT]);
/* After all ports are closed. */
void nj_dpdk_stop(void);
/* "512 MB on huge pages" and the like, for status; "" before the start. */
const char *nj_dpdk_memory(void);
/* Buffers for packets, and how many of them are in use; 0 before the start. */
void nj_dpdk_buffers(uint64_t *used, uint64_t *all);

/* A worker's thread calls these around its life: its buffers then come from
 * a cache of its own. A thread that could not be enlisted works, slower. */
bool nj_dpdk_thread_enter(void);
void nj_dpdk_thread_leave(void);

/* The device that reads a Linux interface through AF_PACKET; number is
 * different for each. */
void nj_dpdk_interface_device(
	char out[NJ_DPDK_DEVICE_MAX], unsigned number, const char *interface);

struct nj_dpdk_port;

struct nj_dpdk_port_conf {
	/* "0000:3b:00.0", or a virtual device with its arguments:
	 * "net_af_packet0,iface=eth1". Borrowed for the call. */
	const char *device;
	uint16_t port; /* capture point */
	unsigned workers;
	unsigned descriptors; /* of a queue; 0: 1024 */
	bool promiscuous;
};

/* Gives *out, or NULL on failure and the reason in why. */
NJ_MUST_USE enum nj_err nj_dpdk_port_open(struct nj_dpdk_port **out,
	const struct nj_dpdk_port_conf *conf, char why[NJ_SOURCE_TEXT]);
/* After its sources are no longer used; they go with it. Accepts NULL; sets
 * *port to NULL. */
void nj_dpdk_port_close(struct nj_dpdk_port **port);

/* The source of a worker, borrowed from the port; its close does nothing.
 * The port's losses are counted in the source of worker 0. A file's sources
 * end (net_pcap without infinite_rx). While there is nothing for a worker,
 * its now_ns goes with what the others get of a device that waits. */
struct nj_source *nj_dpdk_port_source(struct nj_dpdk_port *p, unsigned worker);

/* Nothing more is taken from the device, for ever; what the rings hold still
 * comes, and after that nothing. From any thread. */
void nj_dpdk_port_quiet(struct nj_dpdk_port *p);

struct nj_dpdk_link {
	bool up;
	bool full_duplex;
	uint32_t speed_mbps; /* 0: not known */
};

/* Looks after the port, about once a second, from one thread: its link, and
 * whether it is still there. NJ_E_NODEV when it went away; then its sources
 * fail too, and it is to be closed. why is written on failure. */
NJ_MUST_USE enum nj_err nj_dpdk_port_check(struct nj_dpdk_port *p,
	struct nj_dpdk_link *link, char why[NJ_SOURCE_TEXT]);

struct nj_dpdk_port_info {
	const char *driver;    /* borrowed from the port */
	const char *interface; /* of the kernel, or "" */
	unsigned queues;
	bool spread_by_nic; /* each worker has its queue */
	bool live;          /* not a file */
};
struct nj_dpdk_port_info nj_dpdk_port_info(const struct nj_dpdk_port *p);

/* Packets that the device itself counts as handed out: what the sources have
 * received, what found no room in a ring, and what is still in one. */
uint64_t nj_dpdk_port_given(const struct nj_dpdk_port *p);
/* Packets that wait in the rings now. */
uint64_t nj_dpdk_port_waiting(const struct nj_dpdk_port *p);

/* Writes name and value of every counter that the device has of its own (its
 * extended statistics and those of its sockets), until cb gives false. */
void nj_dpdk_port_details(struct nj_dpdk_port *p,
	bool (*cb)(void *ctx, const char *name, uint64_t value), void *ctx);

#endif
