/*
 * flow.h - the flow table of one worker: symmetric lookup, TCP state and
 * history in Zeek's terms, byte and packet counts, time-outs, reassembly,
 * and the conn record at the end. Fixed memory; one thread; no allocation
 * after creation.
 *
 * Time is packet time. A flow ends at exactly its deadline whoever looks:
 * a packet that comes after it begins a new flow, so records do not depend
 * on how many workers there are or when a timer was served.
 */
#ifndef NJ_FLOW_FLOW_H
#define NJ_FLOW_FLOW_H

#include "engine/base/base.h"
#include "engine/base/counter.h"
#include "engine/base/hash.h"
#include "engine/base/pool.h"
#include "engine/base/prefix.h"
#include "engine/event/event.h"
#include "engine/packet/packet.h"

struct nj_flow_table;

/* A flow as hooks see it, made on the stack for the time of the call. */
struct nj_flow {
	struct nj_flow_table *table;
	struct nj_flow_hot *hot;
	struct nj_flow_cold *cold;
	const struct nj_meta *meta; /* packet in hand; NULL at a time-out */
	uint32_t index;
	int64_t now_ns; /* packet time; at a time-out: the deadline */
};

/* Why a flow ends. */
enum nj_flow_end {
	NJ_END_CLOSED,  /* TCP closed or reset, and its linger passed */
	NJ_END_TIMEOUT, /* silent for too long */
	NJ_END_FINISH,  /* end of input or of the process */
	NJ_END_EVICTED, /* the table was full */
	NJ_END_REUSED   /* same ports, new SYN */
};

/* Who wants the payload (engine/dissect). Any may be NULL. */
struct nj_flow_hooks {
	void *ctx;
	/* The first packet of a flow, before its data. */
	void (*start)(void *ctx, struct nj_flow *f);
	/* Next bytes in order (TCP) or one datagram (all else). v may be cut
	 * by a snap length (then a gap follows for TCP). Called while the flow
	 * wants payload, see nj_flow_set_wants. */
	void (*data)(void *ctx, struct nj_flow *f, enum nj_dir dir,
		struct nj_view v);
	/* len stream bytes of dir will never come. */
	void (*gap)(
		void *ctx, struct nj_flow *f, enum nj_dir dir, uint64_t len);
	/* dir's stream was closed by FIN or RST; all its data was given. */
	void (*eof)(void *ctx, struct nj_flow *f, enum nj_dir dir);
	/* Before the conn record; releases what work refers to. */
	void (*end)(void *ctx, struct nj_flow *f, enum nj_flow_end why);
	/* The conn record's services: names for f, up to max; gives count.
	 * Views are static. */
	unsigned (*services)(void *ctx, struct nj_flow *f,
		struct nj_view *names, unsigned max);
	/* A record is ready (conn, weird of the flow layer). */
	void (*emit)(void *ctx, const struct nj_event_desc *desc,
		const struct nj_head *head, const void *ev);
	/* Data of a flow with this work word may come soon: fetch what it
	 * refers to. The word may be of a flow that has just ended. */
	void (*prefetch)(void *ctx, uint32_t work);
	/* The same a little later, when that is there: what lies behind it. */
	void (*fetch)(void *ctx, uint32_t work);
	/* Any packet of a flow, before it is counted and before its data;
	 * place: of its meta in the burst. It has a ctx of its own. */
	void (*seen)(void *seen_ctx, struct nj_flow *f, unsigned place);
	void *seen_ctx;
};

struct nj_flow_conf {
	uint32_t flows_max;          /* entries of the table */
	uint32_t reasm_segments_max; /* held out-of-order segments, all flows */
	uint32_t reasm_flow_bytes_max; /* held per direction */
	int64_t tcp_inactivity_ns;     /* Zeek: 5 min */
	int64_t udp_inactivity_ns;     /* Zeek: 1 min */
	int64_t icmp_inactivity_ns;    /* Zeek: 1 min */
	int64_t other_inactivity_ns;   /* Zeek: unknown_ip 1 min */
	int64_t brief_inactivity_ns;   /* see nj_flow_set_brief; Zeek: 10 s */
	int64_t tcp_attempt_ns;        /* SYN without answer: 5 s */
	int64_t tcp_close_ns;          /* after the normal close: 5 s */
	int64_t tcp_reset_ns;          /* after RST: 5 s */
	struct nj_hash_key key; /* table seed and uid key; stable uids need
				 * a stable key */
	const struct nj_prefix *local; /* local networks, copied; at most
					* NJ_FLOW_LOCAL_MAX */
	unsigned local_count;
	/* What EVE's flow event needs is counted; and also for TCP sessions
	 * whose SYN was not seen. */
	bool eve, eve_midstream;
};
/* Zeek's defaults for 64 Ki flows. */
void nj_flow_conf_default(struct nj_flow_conf *conf);

NJ_MUST_USE enum nj_err nj_flow_create(struct nj_flow_table **out,
	const struct nj_flow_conf *conf, const struct nj_flow_hooks *hooks);
void nj_flow_destroy(struct nj_flow_table **t);

/* Handles n decoded packets in order, looking all up first: those of kind
 * FLOW, and those of nj_meta_broken_l4 (packet/decode.h), which leave a mark
 * in the history and are not counted.
 * n <= NJ_FLOW_BURST. Metas and what they point to are borrowed for the
 * call. */
enum { NJ_FLOW_BURST = 64 };
void nj_flow_burst(
	struct nj_flow_table *t, const struct nj_meta *metas, unsigned n);
/* The frames' bytes of the next burst's packets, for EVE's flow event; NULL:
 * not known, then it is their IP bytes. Borrowed until set again. */
void nj_flow_frames(struct nj_flow_table *t, const uint32_t *bytes);
/* Of flows that would begin from now on, share/16 do not: chosen by a hash, so
 * that no packet of such a flow is seen. 0: all begin. */
void nj_flow_set_shed(struct nj_flow_table *t, unsigned share);
/* Ends what is due at packet time now_ns; call before the burst's packets
 * too. A bounded number of checks a call; false when more is due. */
bool nj_flow_expire(struct nj_flow_table *t, int64_t now_ns);
/* Every flow that had to end before this time has ended: no record of the
 * flow layer will come with an earlier order_ns. */
int64_t nj_flow_served_ns(const struct nj_flow_table *t);
/* Ends all flows at packet time now_ns. */
void nj_flow_finish(struct nj_flow_table *t, int64_t now_ns);

/* Facts of a flow. */
struct nj_addr nj_flow_addr(const struct nj_flow *f, enum nj_dir dir);
uint16_t nj_flow_port(const struct nj_flow *f, enum nj_dir dir);
uint8_t nj_flow_proto(const struct nj_flow *f);
int64_t nj_flow_start_ns(const struct nj_flow *f);
void nj_flow_uid(const struct nj_flow *f, uint64_t uid[2]);
/* m encloses another packet: uid becomes that of m's flow, which is what
 * meta.parent_uid of the inner one shall point to. The first time the tunnel
 * log is told, unless the kind goes by addresses alone (nj_tunnel_has_pair).
 * False when there is no flow. */
bool nj_flow_enclose(
	struct nj_flow_table *t, const struct nj_meta *m, uint64_t uid[2]);
/* "Tunnel::VXLAN" ...; NULL for none. */
const char *nj_flow_tunnel_type(enum nj_tunnel tunnel);
/* head filled with uid, id.*, protocol, VLANs, order_ns = now, ts_ns = now. */
void nj_flow_head(const struct nj_flow *f, struct nj_head *head);
/* Outer and inner VLAN; 0: none. */
void nj_flow_vlans(const struct nj_flow *f, uint16_t vlan[2]);
/* MAC of a side as first seen, or NULL. */
const uint8_t *nj_flow_mac(const struct nj_flow *f, enum nj_dir dir);
/* Other local networks from now on; those beyond the most are left out. */
enum { NJ_FLOW_LOCAL_MAX = 1024 };
void nj_flow_set_local(
	struct nj_flow_table *t, const struct nj_prefix *local, unsigned count);
bool nj_flow_is_local(const struct nj_flow_table *t, const struct nj_addr *a);
/* TCP: was the connection seen from its SYN on? */
bool nj_flow_saw_start(const struct nj_flow *f);
/* Packets so far of a side. */
uint64_t nj_flow_packets(const struct nj_flow *f, enum nj_dir dir);

/* The payload tap: true until the dissectors are done with the flow. */
void nj_flow_set_wants(struct nj_flow *f, bool wants);
bool nj_flow_wants(const struct nj_flow *f);
/* Has no packet of it been counted yet? */
bool nj_flow_is_new(const struct nj_flow *f);
/* The next n stream bytes of dir need not be given (TCP): they only count.
 * Adds to what is being skipped. */
void nj_flow_skip(struct nj_flow *f, enum nj_dir dir, uint64_t n);
/* Bytes being skipped that have not come yet; and how many of all that were
 * skipped so far fell into gaps. */
uint64_t nj_flow_skip_left(const struct nj_flow *f, enum nj_dir dir);
uint64_t nj_flow_skip_lost(const struct nj_flow *f, enum nj_dir dir);
/* A 32-bit word of the dissect layer's own, kept with the flow; 0 at start. */
uint32_t nj_flow_work(const struct nj_flow *f);
/* How evenly the first bytes of a side are spread (base/entropy.h); told in
 * the conn record if no service is known. Steps of a tenth, 6.2 at most. */
void nj_flow_set_entropy(struct nj_flow *f, enum nj_dir dir, double bits);
void nj_flow_set_work(struct nj_flow *f, uint32_t work);
/* Up to 4 service numbers (1..255) of the dissect layer, in order of
 * confirmation; add ignores a repeat. */
void nj_flow_add_service(struct nj_flow *f, uint8_t service);
unsigned nj_flow_services(const struct nj_flow *f, uint8_t out[4]);
/* A longer inactivity time-out for this flow (SSH: as Zeek); 0 = default. */
void nj_flow_set_timeout(struct nj_flow *f, int64_t timeout_ns);
/* A flow of questions that are answered at once or never (DNS): it ends when
 * it is found silent, looked at every brief_inactivity_ns. There are many;
 * their room is wanted back. */
void nj_flow_set_brief(struct nj_flow *f);
/* The originator turns out to be the responder (a DNS answer came first):
 * from here on directions, ports and counts are the other way round; '^' in
 * the history. TCP: not after data was held or skipped. */
void nj_flow_flip(struct nj_flow *f);
/* Analysis is incomplete because a limit was hit: 'X' in the history, once. */
void nj_flow_mark_incomplete(struct nj_flow *f);

/* What can be odd about a connection: the i-th, NULL past the last. */
struct nj_flow_weird {
	const char *name, *source, *text;
};
const struct nj_flow_weird *nj_flow_weird_at(unsigned i);

#define NJ_FLOW_COUNTERS(C)                                                    \
	C(created, FLOWS, INFO, "Flows begun")                                 \
	C(ended, FLOWS, INFO, "Flows ended")                                   \
	C(evicted, FLOWS, WARN, "Flows ended early: the table was full")       \
	C(refused, PACKETS, WARN, "Packets counted without a flow")            \
	C(shed, PACKETS, ERROR, "Packets of flows left out under overload")    \
	C(held, ITEMS, INFO, "Out-of-order segments held")                     \
	C(held_refused, ITEMS, WARN, "Segments not held: pool or cap full")    \
	C(overlaps, ITEMS, INFO, "Segments overlapping earlier bytes")         \
	C(overlap_differs, ITEMS, WARN, "Overlaps with other bytes")           \
	C(gap_bytes, BYTES, WARN, "Stream bytes never seen")                   \
	C(interned_refused, ITEMS, WARN,                                       \
		"Tenants or MAC pairs not told apart")                         \
	C(extra_refused, ITEMS, WARN, "Flow details not kept: pool full")      \
	C(weirds, EVENTS, INFO, "Odd things told")                             \
	C(weirds_quiet, EVENTS, WARN, "Odd things not told: too many")         \
	C(hashed, PACKETS, INFO, "Packets looked up")
NJ_COUNTERS_DECLARE(nj_flow, NJ_FLOW_COUNTERS);
const struct nj_flow_counters *nj_flow_counters(const struct nj_flow_table *t);
uint32_t nj_flow_live(const struct nj_flow_table *t);
/* Its memory, pool by pool; gives how many. */
enum { NJ_FLOW_POOLS = 6 };
unsigned nj_flow_pools(
	const struct nj_flow_table *t, struct nj_pool_use out[NJ_FLOW_POOLS]);

#endif
