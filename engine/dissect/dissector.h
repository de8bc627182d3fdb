/*
 * dissector.h - everything a dissector may include and call. A dissector is
 * one file with one const table entry, struct nj_dissector, and one line in
 * dissectors/list.def; see docs/developer/new-dissector.md.
 */
#ifndef NJ_DISSECT_DISSECTOR_H
#define NJ_DISSECT_DISSECTOR_H

#include "engine/base/base.h"
#include "engine/base/cur.h"
#include "engine/base/json.h"
#include "engine/event/event.h"

/* What a callback says of its bytes. */
enum nj_verdict {
	NJ_MORE,   /* this protocol, or may be: go on */
	NJ_DONE,   /* all there is to learn is learnt: payload may be cut off */
	NJ_REJECT, /* not this protocol: try another */
	NJ_BROKEN, /* this protocol, but hopeless: stop, keep its name */
	NJ_ACCEPT  /* probe only: surely this protocol */
};

enum nj_transport { NJ_TCP = 1, NJ_UDP, NJ_ICMP, NJ_SCTP, NJ_IPPROTO, NJ_LINK };

/* A port is a hint: tried when no signature decides. NJ_IPPROTO: the number
 * of an IP protocol; NJ_ICMP: port 0 means both ICMP and ICMPv6. NJ_LINK: an
 * ether type, or (below 0x100) a service access point of IEEE 802.2; frames of
 * it that carry no IP go to frame. */
struct nj_port {
	uint8_t transport; /* 0 ends the list */
	uint16_t port;
};

enum {
	NJ_SIG_ORIG = 1 << 0, /* only bytes of the originator */
	NJ_SIG_RESP = 1 << 1, /* only bytes of the responder */
	NJ_SIG_TCP = 1 << 2,  /* only TCP (default: as its callbacks) */
	NJ_SIG_UDP = 1 << 3,
	NJ_SIG_NOCASE = 1 << 4
};
/* A Hyperscan pattern over the first bytes (up to NJ_DETECT_BYTES) of a
 * direction; "." matches any byte. Anchor with ^ wherever possible. Of several
 * that match a stream, the one whose match ends first is tried first. */
struct nj_sig {
	const char *pattern; /* NULL ends the list */
	uint16_t flags;
	uint16_t port; /* it counts only if one side has this one; 0: any */
};
enum { NJ_DETECT_BYTES = 512 };

/* Something odd in the traffic, reported as a weird record. name as Zeek's
 * where the thing is the same, else <dissector>_<what>. */
struct nj_oddity {
	const char *name; /* NULL ends the list */
	const char *text;
};

struct nj_dctx;

/* A frame that belongs to no flow. Borrowed for the call. */
struct nj_frame {
	struct nj_view v; /* behind the ether type, or LLC and SNAP */
	uint16_t type;    /* ether type or access point, as in nj_port */
	uint32_t oui;     /* of SNAP; 0: none, or Ethernet's own */
	const uint8_t *mac_src, *mac_dst; /* or NULL */
	struct nj_head head; /* of records of it, for nj_emit_head */
};

struct nj_dissector {
	const char *name;    /* lower case; also in list.def */
	const char *title;   /* for people */
	const char *service; /* conn.service; NULL: name */
	/* The same over TCP, where Zeek has another word for it; or NULL. */
	const char *service_tcp;
	/* Words that nj_name_flow gives flows instead; NULL ends the list. All
	 * dissectors' words and the dissectors together are 240 at most. */
	const char *const *services;
	const struct nj_port *ports;
	const struct nj_sig *sigs;
	const struct nj_event_desc *const *events; /* NULL ends the list */
	const struct nj_oddity *oddities;
	uint32_t state_bytes; /* of nj_state, zeroed at the start; <= 4096 */
	uint32_t buffer_max;  /* unconsumed bytes kept; 0: 16 KiB; <= 64 KiB */
	/* A block that all flows of a worker share, for what spans flows (a
	 * DHCP lease is talked over on several); zeroed at the start, <= 8
	 * MiB. One worker sees all flows on the ports of such a dissector, so
	 * that its records do not depend on the number of workers. */
	uint32_t shared_bytes;

	/* Optional. Does it look like this protocol? Pure: no state, no
	 * events. MORE: too few bytes to say; of a stream the shortest
	 * beginning that gets another answer decides, so say MORE until there
	 * is enough. DONE after nj_name_flow: that name is all there is to
	 * tell, no bytes are wanted; who names only is asked of a stream's
	 * side when that has fallen silent for the other. Without sigs it is
	 * asked of every unidentified flow, so it must be cheap and strict. */
	enum nj_verdict (*probe)(
		struct nj_dctx *d, enum nj_dir dir, struct nj_view v);
	/* TCP (and handed-over streams): all bytes of dir that are not yet
	 * consumed. Says with nj_consume how many it is done with; the rest is
	 * given again, with more, later. Any split must give the same records.
	 * REJECT is possible until the first event or nj_confirm. */
	enum nj_verdict (*stream)(
		struct nj_dctx *d, enum nj_dir dir, struct nj_view v);
	/* UDP, ICMP and the like: one message. */
	enum nj_verdict (*datagram)(
		struct nj_dctx *d, enum nj_dir dir, struct nj_view v);
	/* A frame of a port with NJ_LINK. There is no flow: only nj_now,
	 * nj_shared, nj_wake, nj_emit_head, nj_odd (which counts) and the
	 * arena may be used. One worker sees all such frames. */
	void (*frame)(struct nj_dctx *d, const struct nj_frame *f);
	/* len stream bytes will never come; what was unconsumed is dropped
	 * after the call (v). Without it a gap ends the dissection (as DONE).
	 * MORE: found, or will find, my place again. */
	enum nj_verdict (*gap)(struct nj_dctx *d, enum nj_dir dir,
		struct nj_view v, uint64_t len);
	/* dir has ended in good order (FIN, RST); v was never consumed. */
	void (*eof)(struct nj_dctx *d, enum nj_dir dir, struct nj_view v);
	/* The flow or the dissection ends: emit what is pending. Called once
	 * for every dissector that was not rejected. */
	void (*end)(struct nj_dctx *d);
	/* With shared_bytes: packet time has come to what nj_wake asked for
	 * (nj_now is that time, whenever the call is made), or the input ends
	 * (finish; nj_now is the last packet's time): emit what is due. There
	 * is no flow: only nj_now, nj_shared, nj_wake, nj_emit_head and the
	 * arena may be used. */
	void (*tick)(struct nj_dctx *d, bool finish);
};

/* ---- The flow ---- */
void *nj_state(struct nj_dctx *d);
int64_t nj_now(const struct nj_dctx *d); /* packet time, ns */
struct nj_addr nj_addr_of(const struct nj_dctx *d, enum nj_dir dir);
uint16_t nj_port_of(const struct nj_dctx *d, enum nj_dir dir);
uint8_t nj_proto_of(const struct nj_dctx *d); /* IP protocol */
bool nj_is_local(const struct nj_dctx *d, struct nj_addr a);
/* TCP: was the flow seen from its SYN? Else the first bytes may lie in the
 * middle of a message. */
bool nj_from_start(const struct nj_dctx *d);
void nj_uid_of(const struct nj_dctx *d, uint64_t uid[2]);
enum { NJ_UID_TEXT = 24 };
/* The n-th file id "F..." of the flow. NUL-terminated. */
void nj_fuid_text(const struct nj_dctx *d, uint32_t n, char out[NJ_UID_TEXT]);
/* How this dissection began: the number given by the expectation or the
 * parent (nj_expect, nj_child_open); 0 otherwise. */
uint64_t nj_param(const struct nj_dctx *d);
/* Name of the dissector that handed over or opened this one, or NULL. */
const char *nj_parent(const struct nj_dctx *d);

/* This UDP flow is of questions that are answered at once or never: it may
 * end after 10 s of silence instead of a minute. */
void nj_brief(struct nj_dctx *d);
/* The first datagram of a flow, and it is an answer: the other side began.
 * False when the flow is not that young. Directions change with the next
 * call. */
bool nj_flip(struct nj_dctx *d);
/* The header before the message in hand: ICMP's 8 bytes, SCTP's 12; else
 * empty. */
struct nj_view nj_icmp_header(const struct nj_dctx *d);

/* ---- Bytes (stream only) ---- */
/* The first n bytes of the view are done with (adds up within a call). */
void nj_consume(struct nj_dctx *d, size_t n);
/* Not before n unconsumed bytes of this direction are there. A hint for
 * speed, valid once; n above buffer_max is refused by BROKEN as any other. */
void nj_want(struct nj_dctx *d, size_t n);
/* The n stream bytes of this direction after the consumed ones are not
 * wanted at all, those in hand included: they only count (bulk data). */
void nj_skip(struct nj_dctx *d, uint64_t n);
/* Bytes of earlier skips that have not come yet (at the end: never came), and
 * how many of all that were skipped so far fell into gaps, which are not told
 * of otherwise. */
uint64_t nj_skip_left(const struct nj_dctx *d, enum nj_dir dir);
uint64_t nj_skip_lost(const struct nj_dctx *d, enum nj_dir dir);

/* ---- Saying something ---- */
/* This flow surely speaks this protocol: its service is logged. Emitting
 * confirms too. */
void nj_confirm(struct nj_dctx *d);
/* So does what a shared reader found within: the service of the dissector
 * named is logged too. */
void nj_confirm_as(struct nj_dctx *d, const char *dissector);
/* The same by the n-th of the dissector's services. */
void nj_name_flow(struct nj_dctx *d, unsigned service);
/* probe only: did the n-th of the dissector's sigs match v? */
bool nj_matched(const struct nj_dctx *d, unsigned sig);
/* A record with ts = packet time; false when it was not kept (counted). */
bool nj_emit(
	struct nj_dctx *d, const struct nj_event_desc *desc, const void *ev);
bool nj_emit_at(struct nj_dctx *d, const struct nj_event_desc *desc,
	const void *ev, int64_t ts_ns);
/* Is an event of this type to be built? False for those with NJ_EV_EVE unless
 * EVE output is on: ask before any work for one. */
bool nj_wanted(const struct nj_dctx *d, const struct nj_event_desc *desc);
/* Files up to this size are to be hashed for the files log; 0: none, be it
 * that nobody wants it or that there is no time for it. */
uint64_t nj_hash_bytes_max(const struct nj_dctx *d);
/* Are contents of files wanted at all? */
bool nj_extracts(const struct nj_dctx *d);
/* Bytes of a file, which stand at offset at of it; false when they were not
 * taken. */
bool nj_extract(const struct nj_dctx *d, const char *fuid, uint64_t at,
	struct nj_view v);
/* A record of a message of dir: the sender comes first in it. Meant for types
 * with NJ_EV_EVE, which never confirm the flow's service. */
bool nj_emit_dir(struct nj_dctx *d, const struct nj_event_desc *desc,
	const void *ev, enum nj_dir dir);
/* Something odd: counted; a weird record (at most 16 a flow). */
void nj_odd(struct nj_dctx *d, unsigned oddity);
void nj_odd_addl(struct nj_dctx *d, unsigned oddity, struct nj_view addl);

/* ---- Memory ---- */
/* Until the callback returns; not cleared; NULL when the arena (64 KiB a
 * callback) is used up. */
void *nj_arena(struct nj_dctx *d, size_t n);
/* printf into the arena; an empty view when there is no room. */
struct nj_view nj_arena_printf(struct nj_dctx *d, const char *fmt, ...)
	NJ_PRINTF(2, 3);
/* What was taken from the arena since the mark is free again: for loops over
 * messages of which a stream may bring any number at once. */
size_t nj_arena_mark(const struct nj_dctx *d);
void nj_arena_release(struct nj_dctx *d, size_t mark);
/* Begins nested JSON of at most n bytes for a field with NJ_JSON; the end
 * gives its text, which is good until the event is emitted, and leaves the
 * rest of 64 KiB to the event's other fields. One at a time. Without EVE
 * output there is no memory for any, and the text is empty. */
void nj_arena_json(struct nj_dctx *d, struct nj_json *j, size_t n);
struct nj_view nj_arena_json_end(struct nj_dctx *d, struct nj_json *j);
/* Until nj_drop, or the dissection's end. n <= 65536; at most 256 KiB a
 * flow; NULL when there is none left (counted). Not cleared. */
void *nj_keep(struct nj_dctx *d, size_t n);
void nj_drop(struct nj_dctx *d, void *p);
/* A kept copy of the first max bytes of v; empty when there is no room. */
struct nj_view nj_keep_view(struct nj_dctx *d, struct nj_view v, size_t max);

/* ---- What all flows of a worker share ---- */
/* The dissector's block of shared_bytes. */
void *nj_shared(struct nj_dctx *d);
/* tick is wanted when packet time has come to at_ns; before any packet later
 * than that is looked at. The earliest of what was asked counts, and the call
 * uses it up. */
void nj_wake(struct nj_dctx *d, int64_t at_ns);
/* The flow as a record's head, with ts and order of now: to be kept until
 * nj_emit_head. */
struct nj_head nj_head_of(const struct nj_dctx *d);
/* A record of a flow that may be gone by now; order_ns becomes nj_now. */
bool nj_emit_head(struct nj_dctx *d, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *ev);

/* ---- Other flows, other dissectors ---- */
struct nj_expectation {
	struct nj_addr orig; /* family 0: anyone */
	struct nj_addr resp;
	uint16_t resp_port;
	uint8_t transport;     /* NJ_TCP, NJ_UDP */
	const char *dissector; /* name */
	uint64_t param;
	int64_t lifetime_ns; /* 0: 5 min */
	struct nj_view name; /* of the file to come, or empty; copied */
};
enum { NJ_EXPECT_NAME = 63 }; /* bytes of the name that are kept */
/* The flow described will be given to the dissector named. Bounded; the
 * oldest goes first. */
void nj_expect(struct nj_dctx *d, const struct nj_expectation *want);

/* The name that came with the expectation; only in the flow's first call. */
struct nj_view nj_expected_name(const struct nj_dctx *d);

/* From here on both directions' bytes, those not consumed included, belong to
 * the dissector named (NULL: to detection, as a new flow's first bytes). The
 * caller stays for its end(). False when too deep. Return NJ_MORE after. */
bool nj_handover(struct nj_dctx *d, const char *dissector, uint64_t param);
/* A dissector for bytes that this one unpacks (QUIC's TLS handshake). Gives
 * its number, or 0 when too many. */
unsigned nj_child_open(
	struct nj_dctx *d, const char *dissector, uint64_t param);
/* More bytes of the child's stream (or a datagram, when it has no stream
 * callback). Gives its verdict. */
enum nj_verdict nj_child_feed(
	struct nj_dctx *d, unsigned child, enum nj_dir dir, struct nj_view v);
/* Ends the child now; at the flow's end it would by itself. */
void nj_child_close(struct nj_dctx *d, unsigned child);

#endif
