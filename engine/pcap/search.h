/*
 * search.h - packets out of the buffer, by flow, by addresses and ports, by
 * time, while it is being written or after: in the order of their times.
 *
 * A file that is overwritten meanwhile, or damaged, is told of and costs no
 * more than what was in it.
 */
#ifndef NJ_PCAP_SEARCH_H
#define NJ_PCAP_SEARCH_H

#include <stdatomic.h>

#include "engine/base/base.h"
#include "engine/packet/packet.h"
#include "engine/pcap/filter.h"

/* What the text of a uid holds: 96 bits. */
struct nj_pcap_uid {
	uint64_t high;
	uint32_t low;
};

struct nj_pcap_packet {
	int64_t ts_ns;
	uint32_t len, wire_len;
	uint16_t port, link;
	const char *port_name; /* "" where it has none */
	const uint8_t *data;
};

struct nj_pcap_query {
	const char *folder;
	/* Flows of which packets are wanted; none: all. */
	const struct nj_pcap_uid *uids;
	unsigned uid_count;
	const struct nj_pcap_filter *filter; /* or NULL */
	/* Of packets, both included. INT64_MIN and INT64_MAX: no limit. */
	int64_t from_ns, to_ns;
	const atomic_bool *cancel; /* ends the search soon, or NULL */
	void *ctx;
	/* Another test of a packet; may be NULL. */
	bool (*test)(void *ctx, const struct nj_pcap_packet *packet);
	/* A packet, borrowed for the call. False: enough. */
	bool (*packet)(void *ctx, const struct nj_pcap_packet *packet);
	/* How far it has come; may be NULL. */
	void (*progress)(void *ctx, uint64_t done, uint64_t all);
	/* What is damaged, with its place; may be NULL. */
	void (*damaged)(void *ctx, const char *what);
};

struct nj_pcap_answer {
	uint64_t packets, bytes;
	uint64_t files, blocks; /* of the buffer, that were looked into */
	uint64_t blocks_read;
	uint64_t damaged;     /* blocks and indexes that could not be read */
	uint64_t overwritten; /* blocks that were overwritten meanwhile */
	uint64_t disordered;  /* packets that came too late for their place:
			       * their times go back by much */
	/* Packet time of what the buffer holds; first > last: nothing. */
	int64_t first_ns, last_ns;
	/* And of what was found. */
	int64_t found_first_ns, found_last_ns;
	bool cancelled;
	char text[256]; /* what failed */
};

/* Gives all that is found to the query's packet. NJ_E_NOENT: there is no
 * buffer in the folder. */
NJ_MUST_USE enum nj_err nj_pcap_search(
	const struct nj_pcap_query *q, struct nj_pcap_answer *out);

#endif
