/*
 * lane_priv.h - what a lane and the writer share: blocks that go round
 * through two rings, from the worker full, from the writer empty.
 */
#ifndef NJ_PCAP_LANE_PRIV_H
#define NJ_PCAP_LANE_PRIV_H

#include <stdatomic.h>

#include "engine/pcap/format_priv.h"
#include "engine/pcap/recorder.h"

/* A block that is being filled: records grow up behind the head, flows down
 * from the end of the memory, the first one last. */
struct pcap_buf {
	uint8_t *mem;  /* NJ_PCAP_BLOCK_BYTES, on a page */
	uint32_t used; /* head and records */
	uint32_t flows, packets, flags;
	int64_t first_ns, last_ns;
	uint64_t wire_bytes;
};

/* One thread puts, another takes. tail is stored (release) by who puts and
 * loaded (acquire) by who takes; head the other way round. */
enum { PCAP_RING = 64 };
struct pcap_ring {
	_Atomic uint32_t tail NJ_ALIGNED(NJ_CACHE_LINE);
	_Atomic uint32_t head NJ_ALIGNED(NJ_CACHE_LINE);
	struct pcap_buf *slots[PCAP_RING];
};
void pcap_ring_put(struct pcap_ring *r, struct pcap_buf *b);
/* NULL: there is none. */
struct pcap_buf *pcap_ring_take(struct pcap_ring *r);

/* Blocks of a lane: what is under way, waits, and is being filled. */
enum { PCAP_LANE_BUFS = 16 };
struct nj_pcap_lane {
	uint8_t *mem; /* of all blocks */
	struct pcap_buf bufs[PCAP_LANE_BUFS];
	struct pcap_ring full, empty;
	struct pcap_buf *spare[PCAP_LANE_BUFS]; /* taken from empty */
	unsigned spares;
	struct pcap_buf *now; /* NULL: there was none to be had */
	uint32_t *slots;      /* of flows by number: turn and place */
	uint32_t flows_max, turn, number;
	bool wait;
	int64_t since_ns; /* when the block was first seen with packets */
	struct nj_pcap_counters counters;
};

NJ_MUST_USE enum nj_err pcap_lane_init(struct nj_pcap_lane *l,
	const struct nj_pcap_conf *conf, unsigned number);
void pcap_lane_fini(struct nj_pcap_lane *l);
/* Puts flows and head behind the records of a full one and pads it to whole
 * pages: then it lacks its place and its checksums. Gives its bytes. */
uint32_t pcap_buf_close(struct pcap_buf *b, unsigned lane);

#endif
