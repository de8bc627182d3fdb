/*
 * memory.h - packets that lie ready in memory, for benches: what the pipeline
 * costs when the feed costs next to nothing.
 *
 * A set of whole conversations is written once. Then the feed goes round and
 * round over it, and before a frame is handed out its addresses, ports and
 * sequence numbers are rewritten in place, so that any number of flows is in
 * progress at once, each of them complete from its first packet to its last,
 * and no flow ever comes again. Flows take turns packet by packet in an order
 * that changes each round: the flow table sees its worst case.
 *
 * Checksums are not rewritten; packets carry the flags of a port that has
 * checked them. The same conf gives the same packets, byte for byte.
 */
#ifndef NJ_CAPTURE_MEMORY_H
#define NJ_CAPTURE_MEMORY_H

#include "engine/capture/source.h"

struct memory_talk;

struct nj_memory_mix {
	const char *name, *text;
	uint16_t packets;   /* of one conversation */
	uint16_t flows_max; /* most flows that one conversation consists of */
	uint16_t templates; /* conversations in the set; no common factor with
			     * packets */
	double packets_per_flow;
	uint64_t rate_pps; /* packet time: a 10GbE port full of this mix */
	uint32_t flows;    /* in progress, unless the conf says otherwise */
	void (*write)(struct memory_talk *t, unsigned number);
};

/* The mixes, ended by one without a name: small, enterprise, bulk, conn. */
extern const struct nj_memory_mix nj_memory_mixes[];
/* By name, or NULL. */
const struct nj_memory_mix *nj_memory_mix_find(const char *name);

struct nj_memory_conf {
	const struct nj_memory_mix *mix; /* borrowed */
	uint32_t flows;    /* in progress at once; 0: the mix's own. Rounded
			    * up to a whole number of sets */
	uint64_t packets;  /* then the source ends; 0: never */
	uint64_t rate_pps; /* in packet time; 0: the mix's own */
	uint64_t seed;
	uint8_t stream; /* feeds with different numbers share no flow */
	uint16_t port;
};

/* "enterprise@1000", mix and packets a second, or the mix alone, for 1000. */
NJ_MUST_USE bool nj_feed_parse(const char *text, struct nj_memory_conf *out);

/* Gives *out, or NULL on failure. Borrows conf for the call. */
NJ_MUST_USE enum nj_err nj_memory_open(
	struct nj_source **out, const struct nj_memory_conf *conf);
/* Flows in progress at once, once every flow of the first round has begun. */
uint64_t nj_memory_flows(const struct nj_source *s);

#endif
