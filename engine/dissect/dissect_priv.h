/*
 * dissect_priv.h - the insides of engine/dissect.
 *
 * A flow that has shown payload and is not yet settled owns one struct work:
 * the slots of its dissectors (a parent, and those it handed over to or
 * opened) and, until one is found, the bytes held for detection. When all are
 * done the work goes back to its pool and the flow keeps only its services.
 */
#ifndef NJ_DISSECT_DISSECT_PRIV_H
#define NJ_DISSECT_DISSECT_PRIV_H

#include "engine/dissect/dissect.h"
#include "engine/dissect/hs/match.h"
#include "engine/dissect/mem_priv.h"

enum {
	SLOTS_MAX = 4,
	DISSECTORS_MAX = 240,
	/* Service numbers above the dissectors': tunnels, which decoding
	 * opens; TUNNEL_SERVICE + enum nj_tunnel. */
	TUNNEL_SERVICE = 241,
	PATTERNS_MAX = 1024,
	ARENA_BYTES = 64 * 1024,
	KEEP_FLOW_BYTES = 256 * 1024,
	BUFFER_DEFAULT = 16 * 1024,
	BUFFER_MAX = 64 * 1024,
	WEIRD_FLOW_MAX = 16,
	/* Detection gives up when both sides have shown enough to tell by, or
	 * one side four times that; or after so many datagrams of a side. What
	 * begins with text may tell late what it is, what does not has a
	 * magic at its beginning. So much of a side is held, too, while who
	 * took the flow may still reject it. */
	DETECT_BINARY_BYTES = 64,
	DETECT_HELD_BYTES = 4 * NJ_DETECT_BYTES,
	DETECT_DATAGRAMS = 4,
	/* A port is trusted as a hint only from this many bytes of a side on:
	 * with less a signature might still come to match. */
	DETECT_HINT_BYTES = 8,
	EXPECT_MAX = 4096,
	SHARED_MAX = 8 * 1024 * 1024,
	NO_SLOT = 0xff
};

/* ---- The set ---- */
struct port_entry {
	uint32_t key;          /* transport << 16 | port; 0 empty */
	uint8_t dissectors[4]; /* index + 1 in order of the list */
};
enum { PORT_SLOTS = 4096 };

struct sig_info {
	uint8_t dissector;
	uint16_t port;
};

struct nj_dissect_set {
	const struct nj_dissector *const *list;
	unsigned count;
	struct nj_match *match;
	struct sig_info sigs[PATTERNS_MAX];
	unsigned sig_count;
	/* Dissectors without signatures but with a probe, by transport. */
	uint8_t probes[2][DISSECTORS_MAX];
	unsigned probe_count[2]; /* [0] stream, [1] datagram */
	struct port_entry ports[PORT_SLOTS];
	unsigned oddity_first[DISSECTORS_MAX + 1]; /* in the counters */
	unsigned sig_first[DISSECTORS_MAX + 1];
	/* Service numbers go on behind the dissectors' with their services:
	 * service_first[index] is a dissector's first, words[] by number. */
	unsigned service_first[DISSECTORS_MAX + 1];
	const char *words[DISSECTORS_MAX + 1];
};
/* Which signatures may fit. */
static inline unsigned
set_kind(bool udp, enum nj_dir side)
{
	return (udp ? 2 : 0) + (side == NJ_RESP ? 1 : 0);
}
const struct port_entry *set_port(
	const struct nj_dissect_set *set, uint8_t transport, uint16_t port);
/* Index of the dissector named, or -1. */
int set_find(const struct nj_dissect_set *set, const char *name);

/* ---- A flow's work ---- */
struct slot {
	uint8_t dissector; /* index + 1; 0 free */
	uint8_t parent;    /* slot, or NO_SLOT */
	bool confirmed, done, child;
	bool handed; /* by name from another one */
	bool busy;   /* its callback is running: not to be entered again */
	uint32_t state;
	uint32_t keep_head;
	uint32_t keep_bytes;
	struct held held[2];
	uint32_t want[2];
	uint64_t skip[2]; /* not wanted, and not yet told to the flow */
	uint64_t param;
};

/* What detection needs lies in the first lines, see on_prefetch. */
struct work {
	uint8_t top; /* slot of the flow's own bytes, or NO_SLOT: detection */
	uint8_t weirds;
	uint8_t packets[2]; /* payload packets seen by detection, to 255 */
	bool eof[2];
	bool datagram;
	bool gone;    /* nothing wants payload any more */
	bool over;    /* who has the flow saw more than is held */
	uint8_t side; /* the one that spoke when it took the flow */
	uint8_t rank; /* of what spoke for it */
	/* Sides whose bytes fit to a name that has not been judged, as bits. */
	uint8_t names;
	uint8_t parent; /* slot that handed over to detection, or NO_SLOT */
	uint64_t param;
	struct held held[2]; /* all from the start, while that may matter */
	uint64_t rejected[4];
	/* Probes of the set, by place, that do not accept a side, as bits. */
	uint64_t no_probe[2];
	struct slot slots[SLOTS_MAX];
};

/* ---- Expectations ---- */
struct expectation {
	struct nj_addr orig, resp;
	uint16_t port;
	uint8_t transport;
	uint8_t dissector; /* index + 1; 0 free */
	uint64_t param;
	int64_t until_ns;
};

/* State that the flows of a dissector share on this worker. */
struct shared {
	void *block;
	int64_t wake_ns; /* 0: not asked for */
};

#define DISSECT_COUNTERS(C)                                                    \
	C(named, FLOWS, INFO, "Flows that a dissector took")                   \
	C(unnamed, FLOWS, INFO, "Flows with payload that none took")           \
	C(rejected, ITEMS, INFO, "Dissections that ended as another protocol") \
	C(broken, ITEMS, WARN, "Dissections given up: broken protocol")        \
	C(too_long, ITEMS, WARN, "Dissections given up: message too long")     \
	C(no_work, FLOWS, WARN, "Flows not dissected: no room")                \
	C(no_memory, ITEMS, WARN, "Requests of dissectors refused: no room")   \
	C(expected, FLOWS, INFO, "Flows named by an expectation")              \
	C(expect_evicted, ITEMS, WARN, "Expectations dropped: table full")     \
	C(shed_new, FLOWS, ERROR, "Flows not dissected under overload")        \
	C(shed_old, FLOWS, ERROR, "Dissections cut short under overload")      \
	C(scans, ITEMS, INFO, "Signature scans")                               \
	C(records_refused, EVENTS, ERROR, "Records that the sink refused")
NJ_COUNTERS_DECLARE(dissect, DISSECT_COUNTERS);

struct nj_dissect {
	const struct nj_dissect_set *set;
	struct nj_sink *sink;
	struct nj_dissect_conf conf;
	struct nj_match_scratch *scratch;
	uint64_t matched[PATTERNS_MAX / 64]; /* by the last scan */
	struct nj_pool works;
	struct mem mem;
	uint8_t *arena;
	size_t arena_used, json_used;
	size_t arena_base; /* below it lies what a child's parent uses */
	uint8_t *json;     /* memory of EVE events alone; NULL: none */
	struct expectation expects[EXPECT_MAX];
	unsigned expect_live, expect_next;
	uint8_t expect_names[EXPECT_MAX][1 + NJ_EXPECT_NAME]; /* length first */
	const uint8_t *expected_name;
	struct dissect_counters counters;
	enum nj_effort effort;
	uint64_t *oddities; /* by set->oddity_first */
	struct shared shared[DISSECTORS_MAX];
	int64_t next_wake_ns;
};

struct nj_dctx {
	struct nj_dissect *e;
	struct nj_flow *f; /* NULL in tick */
	struct work *w;
	unsigned slot;
	unsigned dissector; /* index */
	size_t consumed, want;
	uint64_t skip;
	bool handed_over;
	uint8_t named; /* service number, by a probe */
	int64_t now_ns;
};

/* Where a callback is: the engine, the flow, its work. */
struct here {
	struct nj_dissect *e;
	struct nj_flow *f;
	struct work *w;
};

/* feed.c */
/* Gives v to a slot; the verdict after which the slot may be gone. */
enum nj_verdict feed_stream(
	const struct here *h, unsigned slot, enum nj_dir dir, struct nj_view v);
/* Gives v to whoever has the flow, be it detection, and settles it anew if
 * that one rejects. */
void stream_in(const struct here *h, enum nj_dir dir, struct nj_view v);
void datagram_in(const struct here *h, enum nj_dir dir, struct nj_view v);
enum nj_verdict feed_datagram(
	const struct here *h, unsigned slot, enum nj_dir dir, struct nj_view v);
void feed_gap(const struct here *h, enum nj_dir dir, uint64_t len);
void feed_eof(const struct here *h, unsigned slot, enum nj_dir dir);
/* Starts a dissector in a free slot; its number or NO_SLOT. */
unsigned slot_open(struct nj_dissect *e, struct work *w, unsigned dissector,
	unsigned parent, uint64_t param);
/* Calls end (unless rejected) and gives back all that the slot holds. */
void slot_close(const struct here *h, unsigned slot, bool rejected);
struct nj_dctx dctx_make(const struct here *h, unsigned slot);

/* ---- Who may be right; candidate.c ---- */
enum {
	RANK_BEST,
	RANK_BOTH = RANK_BEST,
	RANK_SIGNATURE,
	RANK_PORT,
	RANK_PROBE
};
struct candidate {
	uint16_t at;  /* bytes after which it is one */
	uint8_t rank; /* the lower the better */
	uint8_t index;
};
struct candidates {
	struct candidate list[64]; /* by place, the better first */
	unsigned count;
};
/* What detection goes by of a side. */
struct look {
	const struct here *h;
	enum nj_dir side;
	struct nj_view top;
	size_t seen; /* bytes of top whose candidates have all been tried */
};
void candidates_by_match(const struct look *l, struct candidates *out);
/* Adds those without signatures that accept max bytes or less. */
void candidates_by_probe(
	const struct look *l, size_t max, struct candidates *out);
/* One of those that only name flows knows it by these bytes: index + 1 of
 * who, and the service's number; else 0. */
unsigned candidate_name(const struct look *l, uint8_t *service);
void candidates_merge(struct candidates *into, const struct candidates *more);
/* The first that has not rejected the flow, or NULL. */
const struct candidate *candidate_next(
	const struct work *w, const struct candidates *c);
/* The first that comes after the one given and is better, or NULL. */
const struct candidate *candidate_better(const struct work *w,
	const struct candidates *c, const struct candidate *than);

/* detect.c */
void detect_datagram(const struct here *h, enum nj_dir dir, struct nj_view v);
/* v and what is held of dir are DETECT_HELD_BYTES at most. */
void detect_stream(const struct here *h, enum nj_dir dir, struct nj_view v);
void give_up(const struct here *h);
/* The flow ends: does what was shown make a name? */
void detect_end(const struct here *h);
/* A dissector has rejected what is held: decide anew. dir spoke last. */
void detect_again(const struct here *h, enum nj_dir dir);
/* Does what is held of dir beyond the first bytes, those seen before, speak
 * for a better one than who has the flow? */
bool detect_better(const struct here *h, enum nj_dir dir, size_t before,
	struct candidate *out);
/* It does, and who has the flow is not sure of it. */
void detect_displace(
	const struct here *h, enum nj_dir dir, const struct candidate *by);
/* dir has ended: decide with what it has shown. */
void detect_eof(const struct here *h, enum nj_dir dir);
uint8_t transport_of(const struct nj_flow *f);

/* api.c */
void arena_clear(struct nj_dissect *e);
void dissect_tick_due(struct nj_dissect *e, int64_t now_ns);

/* expect.c */
/* Takes the expectation that fits the flow out of the table. */
bool expect_take(
	struct nj_dissect *e, const struct nj_flow *f, struct expectation *out);

void explain(struct nj_dissect *e, struct nj_flow *f, const char *fmt, ...)
	NJ_PRINTF(3, 4);

#endif
