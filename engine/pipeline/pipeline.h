/*
 * pipeline.h - what a worker does with packets, whatever source they come
 * from: exclude, decode, recognise duplicates, look up flows, dissect. One
 * pipeline a worker; `nightjar read`, the appliance and the bench run the
 * same code.
 */
#ifndef NJ_PIPELINE_PIPELINE_H
#define NJ_PIPELINE_PIPELINE_H

#include "engine/base/counter.h"
#include "engine/dissect/dissect.h"
#include "engine/event/row.h"
#include "engine/flow/flow.h"
#include "engine/packet/decode.h"
#include "engine/pcap/recorder.h"
#include "engine/pipeline/filter.h"
#include "engine/pipeline/shed.h"

struct nj_pipeline_conf {
	struct nj_decode_conf decode;
	struct nj_flow_conf flow;
	const struct nj_dissect_set *set; /* borrowed */
	const struct nj_filter_conf
		*filter; /* borrowed by create; NULL: none */
	bool midstream;  /* ports name TCP flows seen from the middle, too */
	bool eve;        /* events for EVE output too, engine/event/eve.h */
	uint64_t dissect_bytes;  /* memory of dissections */
	uint64_t hash_bytes_max; /* of a file that is hashed; 0: none is */
	struct nj_sink *sink;    /* borrowed; rows go here */
	/* Packets are recorded there, in such a way; NULL: they are not. */
	struct nj_pcap_lane *lane;
	enum nj_pcap_snap snap;
	/* See engine/dissect/dissect.h; called by every worker. */
	bool (*extract)(
		void *ctx, const char *fuid, uint64_t at, struct nj_view v);
	void *extract_ctx;
	void (*explain)(void *ctx, struct nj_flow *f, const char *line);
	void *explain_ctx;
};
/* Defaults for a worker that reads a capture. */
void nj_pipeline_conf_default(struct nj_pipeline_conf *conf);

struct nj_pipeline;
NJ_MUST_USE enum nj_err nj_pipeline_create(
	struct nj_pipeline **out, const struct nj_pipeline_conf *conf);
void nj_pipeline_destroy(struct nj_pipeline **p);

enum { NJ_PIPELINE_BURST = 32 };
/* Handles n <= NJ_PIPELINE_BURST packets, which are borrowed for the call. */
void nj_pipeline_burst(
	struct nj_pipeline *p, const struct nj_packet *pkts, unsigned n);
/* Takes what filters holds in place of what was there; *filters becomes
 * empty. */
void nj_pipeline_set_filters(struct nj_pipeline *p, struct nj_filters *filters);
/* Other local networks, from the next record on; copied. */
void nj_pipeline_set_local(
	struct nj_pipeline *p, const struct nj_prefix *local, unsigned count);
/* What is left out from now on (shed.h); level and share of new flows. */
void nj_pipeline_shed(
	struct nj_pipeline *p, enum nj_shed_level level, unsigned share);
/* Packet time has come to now_ns though no packet has: ends what is due. */
void nj_pipeline_advance(struct nj_pipeline *p, int64_t now_ns);
/* The input has ended at packet time now_ns (the greatest of all workers):
 * ends all flows and emits what is pending. */
void nj_pipeline_finish(struct nj_pipeline *p, int64_t now_ns);
/* The packet time that the pipeline has reached; far in the past before the
 * first packet. */
int64_t nj_pipeline_now(const struct nj_pipeline *p);
/* No later row has an order_ns before this: timers are served a little late,
 * but their rows bear their own time. */
int64_t nj_pipeline_watermark(const struct nj_pipeline *p);

/* The loss ledger of a worker: each packet received ends in exactly one of
 * the others, or is unaccounted, which is a fault of ours. */
#define LEDGER_COUNTERS(C)                                                     \
	C(received, PACKETS, INFO, "Packets that came to the worker")          \
	C(analysed, PACKETS, INFO, "Packets that were counted in a flow")      \
	C(arp, PACKETS, INFO, "ARP packets")                                   \
	C(link, PACKETS, INFO, "Frames of other protocols on the link")        \
	C(fragment, PACKETS, INFO, "Fragments that waited for others")         \
	C(duplicate, PACKETS, INFO, "Copies of a packet seen just before")     \
	C(excluded, PACKETS, INFO, "Packets that the configuration excludes")  \
	C(malformed, PACKETS, WARN, "Frames with impossible or cut headers")   \
	C(checksum, PACKETS, WARN, "Packets with a wrong checksum")            \
	C(unknown, PACKETS, WARN, "Frames without a decoder for their link")   \
	C(carrier, PACKETS, INFO, "Wrappers of tunnelled packets")             \
	C(shed, PACKETS, ERROR, "Packets left out under overload")             \
	C(bytes, BYTES, INFO, "Bytes received, as on the wire")                \
	C(processed_bytes, BYTES, INFO,                                        \
		"Bytes of packets neither copies nor excluded")                \
	C(weird_quiet, EVENTS, INFO, "Oddities counted without a record")
NJ_COUNTERS_DECLARE(ledger, LEDGER_COUNTERS);

const struct ledger_counters *nj_pipeline_ledger(const struct nj_pipeline *p);
/* received less what the other packet counters account for. */
int64_t nj_ledger_unaccounted(const struct ledger_counters *l);
/* Adds the counters of b to a. */
void nj_ledger_add(struct ledger_counters *a, const struct ledger_counters *b);

/* Parts, for statistics. Borrowed from p. */
const struct nj_flow_table *nj_pipeline_flows(const struct nj_pipeline *p);
const struct nj_decoder *nj_pipeline_decoder(const struct nj_pipeline *p);
const struct nj_dissect *nj_pipeline_dissect(const struct nj_pipeline *p);
const struct nj_filters *nj_pipeline_filters(const struct nj_pipeline *p);

/* Registers the log types that are no dissector's. */
NJ_MUST_USE enum nj_err nj_pipeline_register(void);
/* And those of the dissectors of the list, for who only reads rows. */
NJ_MUST_USE enum nj_err nj_pipeline_register_all(
	const struct nj_dissector *const *list);

#endif
