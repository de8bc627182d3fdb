/*
 * tcp_priv.h - one step of a TCP connection: both sides unpacked from the
 * flow's lines, changed, and packed again. Shared by tcp.c (states) and
 * stream.c (bytes).
 */
#ifndef NJ_FLOW_TCP_PRIV_H
#define NJ_FLOW_TCP_PRIV_H

#include "engine/flow/flow_priv.h"

/* More bytes than this, and nothing was ever acknowledged: we do not see the
 * acknowledgements, so do not wait for them. As in Zeek. */
enum { UNACKED_MAX = 16384 };

/* Positions are relative to the side's SYN: 0 is the SYN, 1 the first byte
 * of data; a side seen without SYN gets an imagined one. */
struct tcp_side {
	uint8_t state, prev; /* enum tcp_state */
	bool fin, closed, eof, deaf, acked;
	bool unacked; /* some of its data was not acknowledged yet */
	uint32_t start;
	uint64_t last;  /* one past the last number used */
	uint64_t ack;   /* acknowledged by the other side */
	uint64_t reasm; /* handed on, or given up, up to here */
	uint64_t fin_seq, rst_seq, syn_seq;
};

struct tcp_step {
	struct nj_flow *f;
	const struct nj_meta *m;
	struct tcp_side side[2];
	unsigned d;   /* who sent the segment */
	uint32_t len; /* its payload */
	int64_t rel;  /* its position; negative: before what is known */
	uint64_t ack; /* what it acknowledges of the other side */
	bool syn, fin, rst;
	bool advanced; /* it moved the side's last number on */
	bool close;    /* this side may be closed by it */
};

/* The other side acknowledged all before `ack` of side d. */
void stream_acked(struct tcp_step *x, unsigned d, uint64_t ack);
/* The segment's payload begins at position seq of side x->d. */
void stream_segment(struct tcp_step *x, uint64_t seq);
/* Side d has sent bytes that were not handed on yet. */
bool stream_pending(const struct tcp_step *x, unsigned d);
/* Tells of side d's end once all of its data was handed on. */
void tcp_check_eof(struct tcp_step *x, unsigned d);

#endif
