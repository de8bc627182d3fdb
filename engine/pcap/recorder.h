/*
 * recorder.h - the packet buffer's writing side. Each worker puts packets
 * into blocks of its own lane; one thread takes the full ones to the disk,
 * from file to file, and the oldest file is overwritten.
 *
 * A packet is copied once, by its worker, into the block that goes to the
 * disk as it is: it has just been decoded, so its bytes are near, and nothing
 * of a source has to be kept (docs/adr/0019). A worker never waits for the
 * disk, unless its packets can wait as well (those of files): what finds no
 * room is counted and not recorded.
 */
#ifndef NJ_PCAP_RECORDER_H
#define NJ_PCAP_RECORDER_H

#include "engine/base/base.h"
#include "engine/base/counter.h"
#include "engine/packet/packet.h"

enum {
	NJ_PCAP_TEXT = 256,
	NJ_PCAP_LANES_MAX = 64,
	NJ_PCAP_BLOCK_BYTES = 1024 * 1024,
	/* A block is written after so long even if it is not full. */
	NJ_PCAP_HOLD_NS = 1000 * 1000 * 1000
};
/* Files are not smaller, and there are at least two. */
#define NJ_PCAP_FILE_MIN (UINT64_C(4) << 20)

/* How much of a packet is kept. */
enum nj_pcap_snap {
	NJ_PCAP_AUTO, /* whole while its flow is dissected, then headers */
	NJ_PCAP_ALL,
	NJ_PCAP_OFF
};

struct nj_pcap_conf {
	const char *folder;
	uint64_t bytes;      /* of all files; 0: more are made as needed */
	uint64_t file_bytes; /* of one; 0: chosen to fit */
	unsigned lanes;
	uint32_t flows_max; /* of one worker's flow table */
	bool wait;          /* packets wait for the disk: they are of files */
	int64_t group;      /* who may read besides the owner; -1: nobody */
	const char *const *ports; /* names of capture points */
	unsigned port_count;
};

/* What one lane took, counted by its worker. */
#define NJ_PCAP_COUNTERS(C)                                                    \
	C(packets, PACKETS, INFO, "Packets given to the packet buffer")        \
	C(bytes, BYTES, INFO, "Bytes of them that are kept")                   \
	C(cut, PACKETS, INFO, "Packets of which only headers are kept")        \
	C(full, PACKETS, ERROR, "Packets not kept: the disk was too slow")     \
	C(shed, PACKETS, ERROR, "Packets not kept under overload")             \
	C(too_long, PACKETS, WARN, "Packets longer than a block")              \
	C(blocks, ITEMS, INFO, "Blocks given to the writer")
NJ_COUNTERS_DECLARE(nj_pcap, NJ_PCAP_COUNTERS);

struct nj_pcap_recorder;
struct nj_pcap_lane;

/* Opens the folder and starts nothing yet. why says what failed. Borrows conf
 * for the call. */
NJ_MUST_USE enum nj_err nj_pcap_recorder_open(struct nj_pcap_recorder **out,
	const struct nj_pcap_conf *conf, char why[NJ_PCAP_TEXT]);
/* What the operator should know of how it writes; "" when all is well. */
const char *nj_pcap_recorder_text(const struct nj_pcap_recorder *r);
NJ_MUST_USE enum nj_err nj_pcap_recorder_start(struct nj_pcap_recorder *r);
/* After the lanes were flushed: writes what they gave, ends the thread. */
void nj_pcap_recorder_stop(struct nj_pcap_recorder *r);
void nj_pcap_recorder_close(struct nj_pcap_recorder **r);

/* What its thread did; any thread may ask. Numbers of 64 bits, as it is shown
 * to other processes as it is. */
struct nj_pcap_state {
	uint64_t size;                   /* bytes of all files */
	uint64_t used;                   /* of them, with packets */
	uint64_t written, blocks, files; /* since the start */
	uint64_t failed;                 /* blocks that could not be written */
	int64_t oldest_ns;               /* packet time; 0: no packet yet */
	int64_t error;         /* errno of the last failure, 0: none */
	uint64_t ring, direct; /* io_uring and O_DIRECT are in use */
	char folder[192];      /* its end, if it is longer */
	char text[192];        /* what the operator should know; "" */
};
void nj_pcap_recorder_state(
	const struct nj_pcap_recorder *r, struct nj_pcap_state *out);

/* ---- A worker's side ---- */
struct nj_pcap_lane *nj_pcap_recorder_lane(
	struct nj_pcap_recorder *r, unsigned worker);

/* A flow, as blocks tell of it. */
struct nj_pcap_flow {
	uint64_t uid[2];
	struct nj_addr addr[2];
	uint16_t port[2], vlan[2];
	uint8_t proto;
	bool datagram; /* fragments of one; uid names it */
};

enum { NJ_PCAP_NO_SLOT = 0xffff, NJ_PCAP_SLOTS = 5 };
/* Makes room for a packet of which len bytes are kept, and for its flows: to
 * be called before they are named. False: it is not recorded, and counted. */
NJ_MUST_USE bool nj_pcap_lane_begin(struct nj_pcap_lane *l, uint32_t len);
/* The place in this block of flow number index of the worker's table, if it
 * has been named there, else NJ_PCAP_NO_SLOT. */
unsigned nj_pcap_lane_slot(const struct nj_pcap_lane *l, uint32_t index);
/* Names it; index 0 is not remembered. */
unsigned nj_pcap_lane_name(struct nj_pcap_lane *l, uint32_t index,
	const struct nj_pcap_flow *flow);
/* A packet, of which len bytes are kept, and its flows, outermost first. */
struct nj_pcap_put {
	const struct nj_packet *packet;
	uint32_t len;
	uint16_t slots[NJ_PCAP_SLOTS];
	uint8_t count;
	bool fragment;
};
void nj_pcap_lane_put(struct nj_pcap_lane *l, const struct nj_pcap_put *put);
/* One was left out under overload. */
void nj_pcap_lane_shed(struct nj_pcap_lane *l, unsigned packets);
/* Gives the block away if it has waited for long, by a clock that does not go
 * back; at the end, whatever is in it. */
void nj_pcap_lane_tick(struct nj_pcap_lane *l, int64_t mono_ns);
void nj_pcap_lane_flush(struct nj_pcap_lane *l);
/* Do its packets wait for the disk from now on? */
void nj_pcap_lane_set_wait(struct nj_pcap_lane *l, bool wait);
const struct nj_pcap_counters *nj_pcap_lane_counters(
	const struct nj_pcap_lane *l);

#endif
