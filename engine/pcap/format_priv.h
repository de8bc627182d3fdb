/*
 * format_priv.h - how packets lie on the disk, and what tells good bytes from
 * torn or foreign ones. docs/developer/packet-buffer.md draws it.
 *
 * A buffer is a folder of files of one size, which are used in turns. A file
 * is a head page, blocks one after the other, and, once it is full, an index
 * and a last page that says where that begins. Whatever is written anew
 * bears the number of this use of the file (seq), so that what is left of an
 * earlier use is never taken for part of it.
 *
 * A block holds packets of one worker in the order of their arrival, and
 * behind them the flows that they belong to, the first flow last. All numbers
 * are little-endian. Everything read here may be torn, stale or forged.
 */
#ifndef NJ_PCAP_FORMAT_PRIV_H
#define NJ_PCAP_FORMAT_PRIV_H

#include "engine/base/base.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "as on the disk");

enum {
	PCAP_PAGE = 4096, /* all places and lengths are multiples of it */
	PCAP_VERSION = 1,
	PCAP_BLOCK_MAX = 4 * 1024 * 1024,
	PCAP_PORTS = 32,
	PCAP_NAME = 64,
	PCAP_SLOTS = 5, /* flows of one packet: tunnels in tunnels */
	PCAP_FLOWS_MAX = 65535
};
#define PCAP_FILE_MAGIC UINT64_C(0x31656c6966706a6e)  /* "njpfile1" */
#define PCAP_BLOCK_MAGIC UINT64_C(0x316b636c62706a6e) /* "njpblck1" */
#define PCAP_LAST_MAGIC UINT64_C(0x317473616c706a6e)  /* "njplast1" */

/* The first page of a file. */
struct pcap_file_head {
	uint64_t magic;
	uint32_t version;
	uint32_t crc; /* of the page, with 0 here */
	uint64_t seq;
	int64_t begun_ns; /* wall clock */
	uint32_t ports, unused;
	char port[PCAP_PORTS][PCAP_NAME]; /* names of capture points */
};

struct pcap_block_head {
	uint64_t magic;
	uint32_t version;
	uint32_t crc;              /* of the head, with 0 here */
	uint64_t seq, offset;      /* place in the file */
	int64_t first_ns, last_ns; /* least and greatest packet time */
	uint32_t bytes;            /* of the whole block */
	uint32_t records;          /* bytes of records, right behind the head */
	uint32_t packets, flows;
	uint32_t flows_crc;   /* of the flows */
	uint32_t body_crc[4]; /* of each quarter of all behind the head */
	uint32_t lane;        /* worker */
	uint64_t wire_bytes;
	uint32_t flags; /* PCAP_BLOCK_ */
	uint8_t unused[28];
};
_Static_assert(sizeof(struct pcap_block_head) == 128, "as on the disk");

enum {
	PCAP_BLOCK_DATAGRAMS = 1 << 0 /* among the flows are datagrams */
};

enum {
	PCAP_RECORD_FRAGMENT = 1 << 0 /* waited for the rest of its datagram */
};
/* Before the bytes of each packet; records begin at multiples of 8. */
struct pcap_record {
	int64_t ts_ns;
	uint32_t len, wire_len;
	uint16_t port, link;
	uint8_t flags;
	uint8_t flows;    /* it belongs to, <= PCAP_SLOTS, outermost first */
	uint16_t slot[1]; /* of the first; with more, the others follow as
			   * PCAP_SLOTS - 1 numbers of 16 bits */
};
_Static_assert(sizeof(struct pcap_record) == 24, "as on the disk");

enum {
	PCAP_FLOW_IS_DATAGRAM = 1 << 0 /* fragments: uid names the datagram */
};
struct pcap_flow {
	uint64_t uid[2];
	uint8_t addr[2][16];
	uint16_t port[2];
	uint16_t vlan[2];
	uint8_t proto, flags;
	uint8_t family[2]; /* 4 or 6; 0: no address */
	uint8_t unused[4];
};
_Static_assert(sizeof(struct pcap_flow) == 64, "as on the disk");

/* A page of the index: entries of one kind. */
struct pcap_index_page {
	uint32_t crc; /* of the page, with 0 here */
	uint32_t count;
	uint8_t entries[PCAP_PAGE - 8];
};
struct pcap_index_block {
	uint64_t offset;
	uint16_t pages, flags; /* of the block */
	uint32_t packets;
	int64_t first_ns, last_ns;
};
/* Block numbers by what is looked for, sorted. */
struct pcap_posting {
	uint32_t key;
	uint32_t block;
};
enum {
	PCAP_BLOCKS_A_PAGE = (PCAP_PAGE - 8) / sizeof(struct pcap_index_block),
	PCAP_POSTINGS_A_PAGE = (PCAP_PAGE - 8) / sizeof(struct pcap_posting)
};

/* The last page of a file that is full. */
struct pcap_file_last {
	uint64_t magic;
	uint32_t version;
	uint32_t crc; /* of the page, with 0 here */
	uint64_t seq;
	uint64_t index_at; /* pages of blocks, then pages of postings */
	uint64_t blocks, postings, packets;
	int64_t first_ns, last_ns;
};

/* ---- Sealing and checking ---- */
void pcap_file_head_seal(uint8_t page[PCAP_PAGE]);
NJ_MUST_USE bool pcap_file_head_check(const uint8_t page[PCAP_PAGE]);
void pcap_file_last_seal(uint8_t page[PCAP_PAGE]);
/* Of a file of so many bytes, in its use number seq. */
NJ_MUST_USE bool pcap_file_last_check(
	const uint8_t page[PCAP_PAGE], uint64_t file_bytes, uint64_t seq);
void pcap_index_page_seal(struct pcap_index_page *page);
NJ_MUST_USE bool pcap_index_page_check(
	const struct pcap_index_page *page, unsigned count_max);

/* The block at b of head->bytes is complete but for its checksums. */
void pcap_block_seal(uint8_t *b);
/* Is this the head of a block that lies at offset, in use seq of the file?
 * Its numbers are possible then, its flows and body not yet known to be good.
 */
NJ_MUST_USE bool pcap_block_head_check(
	const struct pcap_block_head *h, uint64_t seq, uint64_t offset);
/* Where the flows of a block begin, and their bytes. */
size_t pcap_block_flows_at(const struct pcap_block_head *h);
NJ_MUST_USE bool pcap_block_flows_check(
	const struct pcap_block_head *h, const void *flows);
/* A whole block, whose head has been checked. */
NJ_MUST_USE bool pcap_block_body_check(const uint8_t *b);
/* The flow with this number among a block's flows. */
static inline const struct pcap_flow *
pcap_flow_at(const struct pcap_flow *flows, unsigned count, unsigned slot)
{
	return &flows[count - 1 - slot];
}

/* A record in a block's records, at *at, which moves on. */
struct pcap_packet {
	struct pcap_record r;
	uint16_t slots[PCAP_SLOTS];
	const uint8_t *data; /* r.len bytes, in the block */
};
/* False at the end and when what is there cannot be a record, which good
 * blocks have none of; then *at stays before records. */
NJ_MUST_USE bool pcap_record_next(
	const uint8_t *b, size_t *at, struct pcap_packet *out);

/* ---- Keys of postings ---- */
uint32_t pcap_key_uid(const uint64_t uid[2]);
/* Of protocol, addresses and ports, whichever side is first. */
uint32_t pcap_key_tuple(const struct pcap_flow *f);

#endif
