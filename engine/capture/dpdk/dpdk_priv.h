/*
 * dpdk_priv.h - a port, its queues and the rings behind them.
 */
#ifndef NJ_CAPTURE_DPDK_DPDK_PRIV_H
#define NJ_CAPTURE_DPDK_DPDK_PRIV_H

#include <stdatomic.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_ring.h>

#include "engine/capture/dpdk/dpdk.h"

enum {
	BURST = 32,
	QUEUES_MAX = NJ_DPDK_WORKERS_MAX,
	SOCKETS_MAX = QUEUES_MAX,
	RING_PACKETS = 4096
};

/* How a driver counts and what it can, where DPDK does not ask. */
struct driver {
	const char *name;
	bool virtual;      /* not a NIC: what spreads packets is not ours */
	bool all_queues;   /* has as many queues as it was told to have */
	bool waits;        /* its packets wait until they are taken */
	bool stamps_us;    /* its time stamps are microseconds since 1970 */
	bool nombuf_loses; /* each of rx_nombuf is a packet that is gone */
	bool per_type;     /* hashes TCP and UDP only if they are named */
};

/* What every port needs of the process. */
struct dpdk {
	struct rte_mempool *pool;
	struct rte_mempool *big; /* for frames that fit no buffer of pool */
	unsigned mbufs;
	uint32_t snap;
	int stamp_offset; /* of the time stamp in a buffer */
	uint64_t stamp_flag;
	int now_offset; /* of the port's packet time in a buffer */
};
extern struct dpdk dpdk;

/* The wall clock by the processor's counter: one read a burst, set right by
 * the system's clock now and then, and never going back. */
struct wall {
	uint64_t anchor_tsc, check_ticks;
	double ns_per_tick;
	int64_t anchor_ns, last_ns;
};

/* Queues of the device that are emptied in turn. */
struct poll {
	uint16_t first, count, turn;
	struct wall wall;
	int64_t now_ns; /* greatest time so far */
	/* Of a file: how often nothing came, and what was lost by then. */
	unsigned empty;
	uint64_t nombuf;
};

/* Counters of a socket that the driver made in the kernel. */
struct kernel_socket {
	int fd;   /* the driver's, not ours to close */
	bool xdp; /* AF_XDP, else AF_PACKET */
	uint64_t dropped;
};

struct nj_dpdk_port;

struct queue {
	struct nj_source source; /* first: the caller's pointer is ours */
	struct nj_dpdk_port *port;
	struct rte_ring *ring; /* of a port without a queue for each worker */
	struct poll poll;      /* of a port with one */
} NJ_ALIGNED(NJ_CACHE_LINE);

struct nj_dpdk_port {
	char device[NJ_DPDK_DEVICE_MAX];
	char interface[32];
	const struct driver *driver;
	uint16_t id, port;
	unsigned workers, queues;
	bool spread_by_nic;
	bool live;
	bool probed, started;
	int ifindex;    /* of interface when it was opened, or 0 */
	bool is_file;   /* that is read once */
	int control_fd; /* a socket that asks for interfaces, or -1 */
	int netdev_fd;  /* the interface's count of drops, or -1 */
	/* Set by DPDK's event thread or the checking one, read by workers. */
	atomic_bool lost;
	/* Nothing more is taken from the device. */
	atomic_bool quiet;
	/* The file was read to its end: what its packets were is in the rings
	 * (stored after them, loaded before them). */
	atomic_bool ended;
	/* Of a device that waits: packets up to here are in the rings. */
	_Atomic int64_t handed_ns;
	/* Held by the worker that empties the device for all; what it guards
	 * is used by that worker only. */
	atomic_flag dispatching;
	struct poll poll;
	atomic_uint_fast64_t ring_full;
	struct kernel_socket sockets[SOCKETS_MAX];
	unsigned socket_count;
	/* Of the interface when the port was opened. */
	uint64_t netdev_dropped_before;
	struct queue *queue; /* workers of them */
};

/* eal.c */

/* What DPDK first complained of since the clear, or fallback. */
const char *dpdk_complaint(const char *fallback);
/* Forgets what was complained of so far. */
void dpdk_complaint_clear(void);

/* queue.c */
void wall_start(struct wall *w);
extern const struct nj_source_ops queue_ops;

/* counters.c */

/* Which sockets the process has that count packets; call it before and after
 * the device starts: the new ones are the device's. */
unsigned kernel_sockets(struct kernel_socket *list, unsigned max);
void port_counters_start(struct nj_dpdk_port *p,
	const struct kernel_socket *before, unsigned before_count);
/* Brings the losses of the port into c. */
void port_counters_read(struct nj_dpdk_port *p, struct source_counters *c);

#endif
