/*
 * index_priv.h - what is in a file, by block and by flow: gathered in memory
 * while the file is written, put behind its blocks when it is full.
 */
#ifndef NJ_PCAP_INDEX_PRIV_H
#define NJ_PCAP_INDEX_PRIV_H

#include "engine/pcap/format_priv.h"

/* ---- Writing ---- */
struct pcap_index {
	struct pcap_index_block *blocks;
	struct pcap_posting *postings;
	size_t block_count, block_cap, posting_count, posting_cap;
	uint64_t packets;
	int64_t first_ns, last_ns;
	bool bad; /* out of memory: the file gets no index and is searched
		   * block by block */
};
void pcap_index_reset(struct pcap_index *x);
void pcap_index_free(struct pcap_index *x);
void pcap_index_add(struct pcap_index *x, const struct pcap_block_head *h,
	const struct pcap_flow *flows);
/* Room in the file for the index with one more block of so many flows, and
 * the last page. */
uint64_t pcap_index_room(const struct pcap_index *x, unsigned flows);
/* Writes all to a file of file_bytes, the index beginning at at. False with
 * errno when it cannot be written, or with ENOMEM. */
struct pcap_index_place {
	int fd;
	uint64_t seq, at, file_bytes;
};
NJ_MUST_USE bool pcap_index_write(
	struct pcap_index *x, const struct pcap_index_place *place);

/* ---- Reading ---- */
/* The blocks of a file with an index, in the order of their places; NULL
 * when there are none or the index is damaged. Gives memory. */
struct pcap_index_block *pcap_index_blocks(
	int fd, const struct pcap_file_last *last);
/* Marks (hit[block] = 1) the blocks that may have the key. False when the
 * index is damaged. */
NJ_MUST_USE bool pcap_index_find(
	int fd, const struct pcap_file_last *last, uint32_t key, uint8_t *hit);

/* ---- Without an index ---- */
struct pcap_scan {
	int fd;
	uint64_t seq, file_bytes;
	void *ctx;
	/* A block; flows is NULL when its flows are damaged. False: enough. */
	bool (*block)(void *ctx, const struct pcap_block_head *h,
		const struct pcap_flow *flows);
	/* Bytes between two blocks that are none. May be NULL. */
	void (*gap)(void *ctx, uint64_t from, uint64_t to);
	uint64_t end; /* behind the last block that was found */
};
/* Goes from block to block. A hole that a crash may have left is passed over;
 * one that is longer is the end. */
NJ_MUST_USE enum nj_err pcap_scan(struct pcap_scan *s);

#endif
