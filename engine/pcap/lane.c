/*
 * lane.c - a worker's blocks. Nothing here waits, allocates or calls the
 * kernel, but for packets that can wait themselves.
 */
#include "engine/pcap/lane_priv.h"

#include <stdlib.h>
#include <time.h>

#include "engine/base/pool.h"

NJ_COUNTERS_DEFINE(nj_pcap, NJ_PCAP_COUNTERS);

enum {
	SLOT_BITS = 16,
	TURNS = 1 << SLOT_BITS,
	/* A record's head with all its flows, and what pads it. */
	RECORD_ROOM = sizeof(struct pcap_record) + 16,
	FLOWS_ROOM = PCAP_SLOTS * sizeof(struct pcap_flow),
	WAIT_NS = 200 * 1000,
	MEM_BYTES = PCAP_LANE_BUFS * NJ_PCAP_BLOCK_BYTES
};
#define LEN_MAX                                                                \
	(NJ_PCAP_BLOCK_BYTES - sizeof(struct pcap_block_head) - RECORD_ROOM -  \
		FLOWS_ROOM)

/* ---- Rings ---- */

void
pcap_ring_put(struct pcap_ring *r, struct pcap_buf *b)
{
	uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	/* There are fewer blocks than places. */
	r->slots[tail % PCAP_RING] = b;
	atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
}

struct pcap_buf *
pcap_ring_take(struct pcap_ring *r)
{
	uint32_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	struct pcap_buf *b;

	if (head == atomic_load_explicit(&r->tail, memory_order_acquire))
		return NULL;
	b = r->slots[head % PCAP_RING];
	atomic_store_explicit(&r->head, head + 1, memory_order_release);
	return b;
}

/* ---- Blocks ---- */

enum nj_err
pcap_lane_init(struct nj_pcap_lane *l, const struct nj_pcap_conf *conf,
	unsigned number)
{
	l->number = number;
	l->wait = conf->wait;
	l->flows_max = conf->flows_max;
	l->slots = nj_pages_alloc(
		((size_t)l->flows_max + 1) * sizeof(*l->slots), NULL);
	/* On huge pages if there are any: the kernel pins each page of a block
	 * for the time of its writing. */
	l->mem = nj_pages_alloc(MEM_BYTES, NULL);
	if (!l->slots || !l->mem)
		return NJ_E_NOMEM;
	for (unsigned i = 0; i < PCAP_LANE_BUFS; i++) {
		l->bufs[i].mem = l->mem + (size_t)i * NJ_PCAP_BLOCK_BYTES;
		pcap_ring_put(&l->empty, &l->bufs[i]);
	}
	return NJ_OK;
}

void
pcap_lane_fini(struct nj_pcap_lane *l)
{
	if (l->mem)
		nj_pages_free(l->mem, MEM_BYTES);
	if (l->slots)
		nj_pages_free(l->slots,
			((size_t)l->flows_max + 1) * sizeof(*l->slots));
}

uint32_t
pcap_buf_close(struct pcap_buf *b, unsigned lane)
{
	struct pcap_block_head *h = (struct pcap_block_head *)b->mem;
	size_t flows = (size_t)b->flows * sizeof(struct pcap_flow), end;

	*h = (struct pcap_block_head){ .first_ns = b->first_ns,
		.last_ns = b->last_ns,
		.records = b->used - (uint32_t)sizeof(*h),
		.packets = b->packets,
		.flows = b->flows,
		.lane = lane,
		.wire_bytes = b->wire_bytes,
		.flags = b->flags };
	memmove(b->mem + b->used, b->mem + NJ_PCAP_BLOCK_BYTES - flows, flows);
	end = b->used + flows;
	h->bytes = (uint32_t)((end + PCAP_PAGE - 1) / PCAP_PAGE * PCAP_PAGE);
	memset(b->mem + end, 0, h->bytes - end);
	return h->bytes;
}

static void
nap(void)
{
	struct timespec t = { 0, WAIT_NS };

	(void)nanosleep(&t, NULL);
}

/* The one that came back last: its memory is nearest. The others are for when
 * the disk is late. */
static struct pcap_buf *
take_empty(struct nj_pcap_lane *l)
{
	struct pcap_buf *b;

	while ((b = pcap_ring_take(&l->empty)))
		l->spare[l->spares++] = b;
	return l->spares ? l->spare[--l->spares] : NULL;
}

static bool
begin_block(struct nj_pcap_lane *l)
{
	struct pcap_buf *b = take_empty(l);

	while (!b && l->wait) {
		nap();
		b = take_empty(l);
	}
	if (!b)
		return false;
	b->used = sizeof(struct pcap_block_head);
	b->flows = b->packets = b->flags = 0;
	b->wire_bytes = 0;
	b->first_ns = INT64_MAX;
	b->last_ns = INT64_MIN;
	l->now = b;
	l->since_ns = 0;
	/* What flows' places are remembered of is the turn before. */
	if (++l->turn == TURNS) {
		memset(l->slots, 0,
			((size_t)l->flows_max + 1) * sizeof(*l->slots));
		l->turn = 1;
	}
	return true;
}

static void
give_away(struct nj_pcap_lane *l)
{
	pcap_ring_put(&l->full, l->now);
	l->counters.blocks++;
	l->now = NULL;
}

static size_t
room(const struct pcap_buf *b)
{
	return NJ_PCAP_BLOCK_BYTES - b->used -
	       (size_t)b->flows * sizeof(struct pcap_flow);
}

/* ---- Packets ---- */

bool
nj_pcap_lane_begin(struct nj_pcap_lane *l, uint32_t len)
{
	size_t need = (size_t)len + RECORD_ROOM + FLOWS_ROOM;

	if (nj_unlikely(len > LEN_MAX)) {
		l->counters.too_long++;
		return false;
	}
	if (nj_unlikely(l->now && room(l->now) < need))
		give_away(l);
	if (nj_unlikely(!l->now && !begin_block(l))) {
		l->counters.full++;
		return false;
	}
	return true;
}

unsigned
nj_pcap_lane_slot(const struct nj_pcap_lane *l, uint32_t index)
{
	uint32_t s = index <= l->flows_max ? l->slots[index] : 0;

	return s >> SLOT_BITS == l->turn ? s & (TURNS - 1) : NJ_PCAP_NO_SLOT;
}

unsigned
nj_pcap_lane_name(
	struct nj_pcap_lane *l, uint32_t index, const struct nj_pcap_flow *flow)
{
	struct pcap_buf *b = l->now;
	unsigned slot = b->flows++;
	struct pcap_flow *f =
		(struct pcap_flow *)(b->mem + NJ_PCAP_BLOCK_BYTES) - b->flows;

	*f = (struct pcap_flow){ .uid = { flow->uid[0], flow->uid[1] },
		.port = { flow->port[0], flow->port[1] },
		.vlan = { flow->vlan[0], flow->vlan[1] },
		.proto = flow->proto,
		.flags = flow->datagram ? PCAP_FLOW_IS_DATAGRAM : 0,
		.family = { flow->addr[0].family, flow->addr[1].family } };
	memcpy(f->addr[0], flow->addr[0].bytes, 16);
	memcpy(f->addr[1], flow->addr[1].bytes, 16);
	if (flow->datagram)
		b->flags |= PCAP_BLOCK_DATAGRAMS;
	if (index && index <= l->flows_max)
		l->slots[index] = l->turn << SLOT_BITS | slot;
	return slot;
}

void
nj_pcap_lane_put(struct nj_pcap_lane *l, const struct nj_pcap_put *put)
{
	const struct nj_packet *p = put->packet;
	struct pcap_buf *b = l->now;
	struct pcap_record r = { .ts_ns = p->ts_ns,
		.len = put->len,
		.wire_len = p->wire_len,
		.port = p->port,
		.link = p->link,
		.flags = put->fragment ? PCAP_RECORD_FRAGMENT : 0,
		.flows = put->count,
		.slot = { put->slots[0] } };
	uint8_t *at = b->mem + b->used;

	memcpy(at, &r, sizeof(r));
	at += sizeof(r);
	if (put->count > 1) {
		memcpy(at, &put->slots[1], 8);
		at += 8;
	}
	memcpy(at, p->data, put->len);
	at += put->len;
	for (; (at - b->mem) % 8; at++)
		*at = 0;
	b->used = (uint32_t)(at - b->mem);
	b->packets++;
	b->wire_bytes += p->wire_len;
	b->first_ns = nj_min(b->first_ns, p->ts_ns);
	b->last_ns = nj_max(b->last_ns, p->ts_ns);
	l->counters.packets++;
	l->counters.bytes += put->len;
	l->counters.cut += put->len < p->len;
}

void
nj_pcap_lane_shed(struct nj_pcap_lane *l, unsigned packets)
{
	l->counters.shed += packets;
}

void
nj_pcap_lane_tick(struct nj_pcap_lane *l, int64_t mono_ns)
{
	if (!l->now || !l->now->packets)
		return;
	if (!l->since_ns)
		l->since_ns = mono_ns;
	else if (mono_ns - l->since_ns >= NJ_PCAP_HOLD_NS)
		give_away(l);
}

void
nj_pcap_lane_flush(struct nj_pcap_lane *l)
{
	if (l->now && l->now->packets)
		give_away(l);
}

void
nj_pcap_lane_set_wait(struct nj_pcap_lane *l, bool wait)
{
	l->wait = wait;
}

const struct nj_pcap_counters *
nj_pcap_lane_counters(const struct nj_pcap_lane *l)
{
	return &l->counters;
}
