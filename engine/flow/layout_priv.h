/*
 * layout_priv.h - how a flow lies in memory; this folder only.
 *
 * A settled IPv4 flow is two cache lines and its share of a bucket: the hot
 * line, which is all that a packet of a flow in good order touches, and the
 * cold line for beginnings and ends. Whatever is rare (holes, retransmission
 * counts, long histories, own time-outs) lives in an extra block that most
 * flows never get, and an IPv6 flow has a block with its addresses.
 */
#ifndef NJ_FLOW_LAYOUT_PRIV_H
#define NJ_FLOW_LAYOUT_PRIV_H

#include "engine/base/pool.h"
#include "engine/flow/flow.h"

/* States of one TCP side; the names and meanings are Zeek's, because
 * conn_state is defined by them. */
enum tcp_state {
	TCP_INACTIVE, /* nothing seen of this side */
	TCP_SYN_SENT, /* SYN without answer */
	TCP_SYNACK,   /* SYN and ACK from the side that spoke first */
	TCP_PARTIAL,  /* traffic without a SYN */
	TCP_OPEN,     /* established */
	TCP_CLOSED,   /* FIN sent */
	TCP_RESET     /* RST sent */
};

/* Which time-out of silence a flow has. */
enum flow_class {
	CLASS_OPENING, /* TCP before the handshake is done */
	CLASS_TCP,
	CLASS_TCP_LONG, /* TCP to a port of interactive use */
	CLASS_UDP,
	CLASS_ICMP,
	CLASS_OTHER,
	CLASS_CUSTOM, /* its own, in the extra block */
	CLASS_BRIEF,  /* sessions of seconds, watched closely */
	CLASS_COUNT
};

/* Letters that history shows once for a side. */
enum {
	SEEN_SYN = 1 << 0,
	SEEN_FIN = 1 << 1,
	SEEN_RST = 1 << 2,
	SEEN_FIN_RST = 1 << 3,
	SEEN_DATA = 1 << 4,
	SEEN_ACK = 1 << 5,
	SEEN_MULTI = 1 << 6
};

/* Fields of hot.tcp. */
#define TCP_STATE_SHIFT(d) (3 * (d))
#define TCP_PREV_SHIFT(d) (6 + 3 * (d))
#define TCP_SEEN_SHIFT(d) (12 + 7 * (d))
#define TCP_CLASS_SHIFT 26
#define TCP_AGAIN_SHIFT 29 /* nth flow of this key at this very time */

/* Bits of hot.flags; those with (d) are two, one a direction. */
#define FLOW_LIVE (UINT32_C(1) << 0)
#define FLOW_V6 (UINT32_C(1) << 1)
#define FLOW_ORIG_HI (UINT32_C(1) << 2) /* the originator is the high side */
#define FLOW_WANTS (UINT32_C(1) << 3)
#define FLOW_FIXED (UINT32_C(1) << 4)   /* cold.deadline_ns rules */
#define FLOW_ATTEMPT (UINT32_C(1) << 5) /* ... and it is an unanswered SYN */
#define FLOW_SEQX (UINT32_C(1) << 6)    /* extra block has the stream state */
#define FLOW_PARTIAL (UINT32_C(1) << 7) /* not seen from its SYN on */
#define FLOW_DEFER (UINT32_C(1) << 8)   /* closed, but for missing data */
#define FLOW_LAG (UINT32_C(1) << 9) /* last packet came long after its time */
#define FLOW_ALIAS (UINT32_C(1) << 10) /* is in the table twice, alias.c */
#define FLOW_WEIRD_SPLIT (UINT32_C(1) << 11)
#define FLOW_WEIRD_EARLY (UINT32_C(1) << 30)
#define FLOW_MET(d) (UINT32_C(1) << (12 + (d)))
#define FLOW_FIN(d) (UINT32_C(1) << (14 + (d)))
#define FLOW_CLOSED(d) (UINT32_C(1) << (16 + (d)))
#define FLOW_EOF(d) (UINT32_C(1) << (18 + (d)))
#define FLOW_DEAF(d) (UINT32_C(1) << (20 + (d))) /* gaps no longer count */
#define FLOW_ACKED(d) (UINT32_C(1) << (22 + (d)))
#define FLOW_FAST(d) (UINT32_C(1) << (24 + (d)))
#define FLOW_SKIPS(d) (UINT32_C(1) << (26 + (d)))
#define FLOW_UNACKED(d) (UINT32_C(1) << (28 + (d))) /* FAST leaves it stale */

struct nj_flow_hot {
	/* IPv4: low and high address; ports, then protocol and tenant.
	 * IPv6: 96 bits of fingerprint and the handle of the block. */
	uint64_t key[2];
	int64_t last_ns;    /* time of the last packet that counts */
	uint64_t behaviour; /* see behaviour.c */
	uint32_t ip_bytes[2], packets[2];
	/* TCP: the number after the last byte seen. Else: payload bytes. */
	uint32_t next[2];
	uint32_t tcp;
	uint32_t flags;
};

enum { HISTORY_INLINE = 16, HISTORY_MORE = 52, PARENTS_MORE = 3 };

struct nj_flow_cold {
	int64_t first_ns; /* the first packet's own time */
	int64_t deadline_ns;
	char history[HISTORY_INLINE]; /* not terminated when full */
	uint32_t start[2]; /* TCP: the SYN's number. Else: high payload bits */
	uint32_t path;     /* interned MACs and enclosing flow */
	uint8_t services[4];
	uint32_t work;
	uint32_t extra; /* handle */
	uint32_t wheel_next, wheel_prev;
};

_Static_assert(sizeof(struct nj_flow_hot) == 64, "hot is one line");
_Static_assert(sizeof(struct nj_flow_cold) == 64, "cold is one line");

/* What an IPv6 flow's fingerprint stands for. */
struct flow_key6 {
	uint8_t lo[16], hi[16];
	uint16_t lo_port, hi_port;
	uint32_t rest; /* protocol and tenant */
};

struct flow_extra {
	/* Stream positions, relative: 0 is the SYN, 1 the first byte. */
	uint64_t ack[2];   /* acknowledged by the other side */
	uint64_t reasm[2]; /* handed on, or given up, up to here */
	uint64_t fin_seq[2], rst_seq[2], syn_seq[2];
	uint64_t missed;
	uint64_t skip[2];
	uint64_t skip_lost[2]; /* of it, never seen */
	int64_t timeout_ns;
	int64_t lag_ns;
	uint64_t parents[PARENTS_MORE][2];
	uint32_t retransmits[2], gaps[2], zero_windows[2], checksums[2];
	uint32_t seg_head[2], seg_tail[2], seg_bytes[2];
	uint16_t segs[2];
	uint16_t wraps[2]; /* of hot.next */
	uint32_t packets_hi[2], ip_bytes_hi[2];
	uint32_t weirds; /* bits of enum flow_weird that were told */
	uint32_t alias;  /* tenant of the other direction */
	uint8_t has;     /* EXTRA_ bits */
	uint8_t parent_count;
	uint8_t tunnel; /* enum nj_tunnel: what it carries */
	char history[HISTORY_MORE];
};
#define EXTRA_FIN(d) (1U << (d))
#define EXTRA_RST(d) (4U << (d))
#define EXTRA_SYN(d) (16U << (d))
#define EXTRA_INCOMPLETE 64U

/* A bucket is one line; 0 is no tag and no index. */
enum { BUCKET_SLOTS = 8 };
struct flow_bucket {
	uint16_t tag[BUCKET_SLOTS];
	uint32_t index[BUCKET_SLOTS];
	uint32_t more; /* handle of the next bucket of the chain */
	uint32_t unused[3];
} NJ_ALIGNED(64);

/* The key of a packet, and which side of it sent. */
struct flow_key {
	uint64_t key[2];
	uint64_t hash;
	const uint8_t *lo, *hi;
	uint32_t rest;
	uint16_t lo_port, hi_port;
	uint8_t side; /* 0: the low side sent it */
	uint8_t version;
	uint8_t class;
	bool one_way; /* ICMP without a counterpart: sides do not swap */
};

/* Small things that many flows share, counted by use. */
struct intern_entry {
	uint64_t key[4];
	uint32_t refs, next, hash, unused;
};
struct intern {
	struct intern_entry *entries; /* 1.. */
	uint32_t *heads;
	uint64_t seed;
	uint64_t full; /* times that there was no room */
	uint32_t capacity, mask, fresh, free, used;
};

#define FLOWS_MAX (UINT32_C(1) << 30)
#define FLOW_LONG_NS (3600 * NJ_NS_PER_S)
enum { TENANTS_MAX = 65535U, PATHS_MAX = 1024 * 1024U };

/* Flows lately begun, by their key without its tenant. */
enum { RECENT_MAX = 64 * 1024 };

enum { WHEEL_SLOTS = 256, WHEEL_SHIFT = 27, WHEEL_LEVELS = 2 };
struct wheel {
	int64_t tick; /* every tick before this one was served */
	bool started;
	uint32_t heads[WHEEL_LEVELS][WHEEL_SLOTS]; /* 0: empty */
	uint32_t tails[WHEEL_LEVELS][WHEEL_SLOTS];
	uint64_t bits[WHEEL_LEVELS][WHEEL_SLOTS / 64];
};

/* A run of bytes beyond a hole. */
struct segment {
	uint64_t lo, hi;
	uint32_t next;
	uint32_t first, last; /* data blocks; 0: only the range is known */
	uint32_t have;        /* bytes held; fewer than hi - lo when cut */
	uint8_t cut;
};
enum { BLOCK_BYTES = 2048, BLOCK_DATA = BLOCK_BYTES - 8 };
struct data_block {
	uint32_t next;
	uint32_t len;
	uint8_t data[BLOCK_DATA];
};

struct nj_flow_table {
	struct nj_flow_hot *hot;
	struct nj_flow_cold *cold;
	struct flow_bucket *buckets;
	uint64_t bucket_count;
	uint64_t seed[8];
	int64_t timeout_ns[CLASS_COUNT];
	int64_t weird_second;
	uint32_t weird_count;
	uint32_t free, fresh, live;
	uint32_t shed; /* share of new flows that do not begin */
	struct nj_flow_conf conf;
	struct nj_flow_hooks hooks;
	struct nj_flow_counters counters;
	struct nj_pool more, key6, extra, segments, blocks;
	struct intern tenants, paths;
	struct wheel wheel;
	uint32_t *recent;
	size_t recent_mask;
	struct local_nets *local;   /* local.c */
	struct flow_detail *detail; /* detail.c; NULL: not wanted */
	size_t detail_bytes;
	const uint32_t *frames;      /* nj_flow_frames */
	const struct nj_meta *burst; /* in hand */
	size_t hot_bytes, cold_bytes, bucket_bytes;
	uint8_t likely[2][65536 / 8]; /* ports of servers: TCP, UDP */
};

#endif
