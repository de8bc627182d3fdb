/*
 * queue.c - the packet path of a port: from receive queues, straight or by
 * way of the workers' rings, to packets, and their buffers back.
 */
#include <time.h>

#include <rte_cycles.h>

#include "engine/capture/dpdk/dpdk_priv.h"
#include "engine/packet/shard.h"

static int64_t
system_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * NJ_NS_PER_S + t.tv_nsec;
}

void
wall_start(struct wall *w)
{
	uint64_t hz = rte_get_tsc_hz();

	*w = (struct wall){
		.anchor_tsc = rte_rdtsc(),
		.check_ticks = hz / 10,
		.ns_per_tick = (double)NJ_NS_PER_S / (double)hz,
		.anchor_ns = system_ns(),
	};
}

static int64_t
wall_now(struct wall *w)
{
	uint64_t ticks = rte_rdtsc() - w->anchor_tsc;
	int64_t now;

	if (nj_unlikely(ticks > w->check_ticks)) {
		w->anchor_tsc = rte_rdtsc();
		w->anchor_ns = system_ns();
		ticks = 0;
	}
	now = w->anchor_ns + (int64_t)((double)ticks * w->ns_per_tick);
	if (now < w->last_ns)
		now = w->last_ns;
	w->last_ns = now;
	return now;
}

static inline int64_t *
stamp_of(struct rte_mbuf *m)
{
	return RTE_MBUF_DYNFIELD(m, dpdk.stamp_offset, int64_t *);
}

static inline int64_t *
now_of(struct rte_mbuf *m)
{
	return RTE_MBUF_DYNFIELD(m, dpdk.now_offset, int64_t *);
}

/* Makes the stamp of each buffer nanoseconds: the driver's own where its unit
 * is known, else the wall clock, read once for all. Packet time is the port's,
 * whichever worker the packet goes to. */
static void
stamp(const struct nj_dpdk_port *p, struct rte_mbuf **m, unsigned n,
	struct poll *poll)
{
	int64_t wall = wall_now(&poll->wall), now = poll->now_ns;

	for (unsigned i = 0; i < n; i++) {
		int64_t *t = stamp_of(m[i]);

		if (p->driver->stamps_us && m[i]->ol_flags & dpdk.stamp_flag)
			*t *= NJ_NS_PER_US;
		else
			*t = wall;
		now = nj_max(now, *t);
		*now_of(m[i]) = now;
	}
	poll->now_ns = now;
}

static uint32_t
flags_of(const struct rte_mbuf *m)
{
	uint64_t l4 = m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
	uint64_t ip = m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;

	return (l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD ? NJ_PF_L4_CSUM_GOOD : 0u) |
	       (ip == RTE_MBUF_F_RX_IP_CKSUM_GOOD ? NJ_PF_IP_CSUM_GOOD : 0u);
}

/* One large buffer with all bytes of a chain, which it replaces; or the chain
 * as it is when no large one is free. */
static struct rte_mbuf *
copy_chain(struct rte_mbuf *m)
{
	struct rte_mbuf *big = rte_pktmbuf_alloc(dpdk.big);
	uint32_t at = 0;

	if (!big)
		return m;
	big->data_off = 0;
	for (const struct rte_mbuf *s = m; s && at < big->buf_len;
		s = s->next) {
		uint32_t n = nj_min(
			(uint32_t)s->data_len, (uint32_t)big->buf_len - at);

		memcpy((uint8_t *)big->buf_addr + at,
			rte_pktmbuf_mtod(s, const void *), n);
		at += n;
	}
	big->data_len = (uint16_t)at;
	big->pkt_len = m->pkt_len;
	big->ol_flags = m->ol_flags;
	*stamp_of(big) = *stamp_of(m);
	*now_of(big) = *now_of(m);
	rte_pktmbuf_free(m);
	return big;
}

/* One buffer as a packet. Of a chain of buffers that cannot be made one only
 * the first part is captured. */
static void
fill(const struct nj_dpdk_port *p, struct rte_mbuf *m, struct nj_packet *out)
{
	if (nj_unlikely(m->nb_segs > 1) && rte_pktmbuf_linearize(m))
		m = copy_chain(m);
	/* The driver took the tag out although nobody asked it to. */
	if (nj_unlikely(m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) &&
		m->nb_segs == 1)
		(void)rte_vlan_insert(&m);
	*out = (struct nj_packet){
		.data = rte_pktmbuf_mtod(m, const uint8_t *),
		.len = nj_min(rte_pktmbuf_data_len(m), dpdk.snap),
		.wire_len = rte_pktmbuf_pkt_len(m),
		.ts_ns = *stamp_of(m),
		.now_ns = *now_of(m),
		.port = p->port,
		.link = NJ_LINK_ETHERNET,
		.flags = flags_of(m),
		.owner = m,
	};
}

/* Nothing came from a file: that is its end, unless a buffer was missing. */
static void
see_end(struct nj_dpdk_port *p, struct poll *poll)
{
	struct rte_eth_stats s = { 0 };

	if (rte_eth_stats_get(p->id, &s))
		return;
	poll->empty = s.rx_nombuf == poll->nombuf ? poll->empty + 1 : 0;
	poll->nombuf = s.rx_nombuf;
	if (poll->empty == 2)
		atomic_store_explicit(&p->ended, true, memory_order_release);
}

static unsigned
receive(struct nj_dpdk_port *p, struct poll *poll, struct rte_mbuf **m,
	unsigned max)
{
	uint16_t id = p->id;
	unsigned n = 0;

	if (nj_unlikely(atomic_load_explicit(&p->quiet, memory_order_relaxed)))
		return 0;
	for (uint16_t i = 0; i < poll->count && !n; i++) {
		uint16_t queue = (uint16_t)(poll->first + poll->turn);

		n = rte_eth_rx_burst(id, queue, m, (uint16_t)max);
		if (++poll->turn == poll->count)
			poll->turn = 0;
	}
	if (n)
		stamp(p, m, n, poll);
	else if (nj_unlikely(p->is_file))
		see_end(p, poll);
	return n;
}

/* Gives m to the ring of its worker. */
static void
hand_over(struct nj_dpdk_port *p, struct rte_mbuf **m, unsigned n)
{
	struct rte_mbuf *lists[NJ_DPDK_WORKERS_MAX][BURST];
	unsigned counts[NJ_DPDK_WORKERS_MAX] = { 0 };

	for (unsigned i = 0; i < n; i++) {
		struct nj_packet look;
		unsigned w;

		fill(p, m[i], &look);
		m[i] = look.owner;
		w = nj_packet_worker(nj_packet_shard(&look), p->workers);
		lists[w][counts[w]++] = m[i];
	}
	for (unsigned w = 0; w < p->workers; w++) {
		unsigned put;

		if (!counts[w])
			continue;
		put = rte_ring_sp_enqueue_burst(p->queue[w].ring,
			(void *const *)lists[w], counts[w], NULL);
		if (nj_likely(put == counts[w]))
			continue;
		atomic_fetch_add_explicit(
			&p->ring_full, counts[w] - put, memory_order_relaxed);
		rte_pktmbuf_free_bulk(&lists[w][put], counts[w] - put);
	}
}

/* What waits in a file waits as well until every ring has room. */
static bool
must_wait(const struct nj_dpdk_port *p)
{
	if (p->live)
		return false;
	for (unsigned w = 0; w < p->workers; w++)
		if (rte_ring_free_count(p->queue[w].ring) < BURST)
			return true;
	return false;
}

/* Empties the device for all workers, unless another one is at it. */
static void
dispatch(struct nj_dpdk_port *p)
{
	struct rte_mbuf *m[BURST];
	unsigned n;

	/* Pairs with the release below: the next holder sees the rings'
	 * producer ends, turn and wall as this one left them. */
	if (atomic_flag_test_and_set_explicit(
		    &p->dispatching, memory_order_acquire))
		return;
	if (!must_wait(p)) {
		n = receive(p, &p->poll, m, BURST);
		if (n)
			hand_over(p, m, n);
		if (n && !p->live)
			atomic_store_explicit(&p->handed_ns, p->poll.now_ns,
				memory_order_release);
	}
	atomic_flag_clear_explicit(&p->dispatching, memory_order_release);
}

static bool
is_lost(const struct nj_dpdk_port *p)
{
	return atomic_load_explicit(&p->lost, memory_order_relaxed);
}

static unsigned
take(struct queue *q, struct rte_mbuf **m, unsigned max)
{
	unsigned n;

	if (!q->ring)
		return is_lost(q->port) ? 0
					: receive(q->port, &q->poll, m, max);
	n = rte_ring_sc_dequeue_burst(q->ring, (void **)m, max, NULL);
	if (n || is_lost(q->port))
		return n;
	dispatch(q->port);
	return rte_ring_sc_dequeue_burst(q->ring, (void **)m, max, NULL);
}

/* There is nothing for this worker. handed_ns and ended are as they were
 * before its ring was looked at. */
static int
nothing(struct queue *q, int64_t handed_ns, bool ended)
{
	struct nj_source *s = &q->source;

	if (is_lost(q->port))
		return nj_source_fail(
			s, NJ_E_NODEV, "%s went away", q->port->device);
	if (ended)
		return NJ_SOURCE_END;
	s->now_ns = nj_max(s->now_ns, handed_ns);
	return 0;
}

static int
queue_burst(struct nj_source *s, struct nj_packet *out, unsigned max)
{
	struct queue *q = (struct queue *)s;
	/* Pair with the stores in dispatch and see_end. */
	int64_t handed_ns =
		atomic_load_explicit(&q->port->handed_ns, memory_order_acquire);
	bool ended =
		atomic_load_explicit(&q->port->ended, memory_order_acquire);
	struct rte_mbuf *m[BURST];
	unsigned n = take(q, m, nj_min(max, (unsigned)BURST));

	if (!n)
		return nothing(q, handed_ns, ended);
	for (unsigned i = 0; i < n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(m[i], void *));
	for (unsigned i = 0; i < n; i++) {
		fill(q->port, m[i], &out[i]);
		nj_source_count(s, &out[i]);
	}
	s->now_ns = nj_max(s->now_ns, out[n - 1].now_ns);
	return (int)n;
}

static void
queue_release(struct nj_source *s, struct nj_packet *p, unsigned n)
{
	struct rte_mbuf *m[BURST];

	(void)s;
	while (n) {
		unsigned k = nj_min(n, (unsigned)BURST);

		for (unsigned i = 0; i < k; i++)
			m[i] = p[i].owner;
		rte_pktmbuf_free_bulk(m, k);
		p += k;
		n -= k;
	}
}

/* The port's losses are told by one of its sources. */
static void
queue_stats(struct nj_source *s)
{
	struct queue *q = (struct queue *)s;

	if (q == q->port->queue)
		port_counters_read(q->port, &s->count);
}

/* Sources go with their port. */
static void
queue_close(struct nj_source *s)
{
	(void)s;
}

const struct nj_source_ops queue_ops = {
	.burst = queue_burst,
	.release = queue_release,
	.stats = queue_stats,
	.close = queue_close,
};
