/*
 * record.h - which packets go to the packet buffer, how much of each, and the
 * flows that they belong to. One a worker, between its pipeline and its lane.
 */
#ifndef NJ_PIPELINE_RECORD_H
#define NJ_PIPELINE_RECORD_H

#include "engine/flow/flow.h"
#include "engine/packet/packet.h"
#include "engine/pcap/recorder.h"

struct nj_record {
	struct nj_pcap_lane *lane; /* NULL: nothing is recorded */
	enum nj_pcap_snap snap;
	struct nj_hash_key key; /* of names of datagrams */
	/* The packets of the burst that goes to the flow table, by place. */
	const struct nj_packet *packets[NJ_FLOW_BURST];
	bool seen[NJ_FLOW_BURST];
	/* A frame whose flows, of the tunnel and of what is inside, come one
	 * after the other; its packet is NULL when there is none. */
	struct nj_pcap_put frame;
	uint32_t frame_len; /* of it, that the innermost of them wants */
};

/* What the flow table calls for each packet of a flow. */
void nj_record_seen(void *ctx, struct nj_flow *f, unsigned place);
/* Before and after the burst of n packets. */
void nj_record_burst(struct nj_record *r, unsigned n);
void nj_record_burst_done(struct nj_record *r, unsigned n);
/* A frame that is no flow's, so far as can be told. */
void nj_record_plain(struct nj_record *r, const struct nj_packet *p,
	const struct nj_meta *m);
/* Around all that is done with a frame that has others inside. */
void nj_record_frame(struct nj_record *r, const struct nj_packet *p,
	const struct nj_meta *m);
void nj_record_frame_done(struct nj_record *r);

#endif
