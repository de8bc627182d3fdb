/*
 * dcerpc.h - DCE/RPC (C706, MS-RPCE): which operation of which interface was
 * called, one dce_rpc record a call. The reader works on one association,
 * whatever carries it:
 *
 * - a named pipe: give the bytes that are written and read, cut anywhere.
 *
 *	r = nj_rpc_open(d, NJ_LIT("srvsvc"));	may be NULL
 *	nj_rpc_feed(r, d, NJ_ORIG, written);
 *	nj_rpc_feed(r, d, NJ_RESP, read);
 *	nj_rpc_close(r, d);
 *
 * - a stream of TCP or datagrams: dissectors/dce_rpc.c.
 *
 * The service dce_rpc is confirmed, and what authenticates the association
 * goes to gss.h. Records are emitted in the carrier's name.
 */
#ifndef NJ_DISSECTORS_SHARED_DCERPC_H
#define NJ_DISSECTORS_SHARED_DCERPC_H

#include "dissectors/shared/gss.h"

#define DCE_RPC(F, tag)                                                        \
	F(tag, 1, IVAL, rtt, NJ_OPT, "Time until the answer")                  \
	F(tag, 2, STR, named_pipe, NJ_INDEX | NJ_LEARN,                        \
		"Pipe or port of the server, as it says")                      \
	F(tag, 3, STR, endpoint, NJ_INDEX | NJ_LEARN, "Interface")             \
	F(tag, 4, STR, operation, NJ_INDEX | NJ_LEARN, "What was called")      \
	F(tag, 5, STR, uuid, NJ_INDEX, "Number of the interface")              \
	F(tag, 6, U16, opnum, NJ_OPT | NJ_INDEX, "Number of the operation")    \
	F(tag, 7, STR, fault, NJ_INDEX, "Why the call failed")                 \
	F(tag, 8, U64, request_bytes, NJ_LEARN, "Parameters sent")             \
	F(tag, 9, U64, response_bytes, NJ_LEARN, "Parameters got")             \
	F(tag, 10, STR, auth, NJ_INDEX, "How the caller authenticates")        \
	F(tag, 11, STR, auth_level, NJ_INDEX, "What is protected of calls")    \
	F(tag, 12, STR, mapped, NJ_INDEX,                                      \
		"Where the endpoint mapper says that an interface listens")    \
	F(tag, 13, VSTR, arguments, NJ_PII,                                    \
		"Texts among the parameters, unless they are sealed")          \
	F(tag, 14, STR, activates, NJ_INDEX | NJ_LEARN,                        \
		"Class of which DCOM makes an object")

NJ_EVENT_DECLARE(dce_rpc, DCE_RPC);

/* Each message pair as Suricata tells it. */
#define EVE_DCERPC(F, tag)                                                     \
	F(tag, 1, STR, dcerpc__request, 0, "Kind of request")                  \
	F(tag, 2, U16, dcerpc__req__opnum, NJ_OPT, "Operation")                \
	F(tag, 3, U32, dcerpc__req__frag_cnt, NJ_OPT, "Fragments sent")        \
	F(tag, 4, U32, dcerpc__req__stub_data_size, NJ_OPT, "Bytes sent")      \
	F(tag, 5, STR, dcerpc__response, 0, "Kind of response")                \
	F(tag, 6, U32, dcerpc__res__frag_cnt, NJ_OPT, "Fragments got")         \
	F(tag, 7, U32, dcerpc__res__stub_data_size, NJ_OPT, "Bytes got")       \
	F(tag, 8, STR, dcerpc__interfaces, NJ_JSON, "Interfaces asked for")    \
	F(tag, 9, U32, dcerpc__call_id, NJ_OPT, "Number of the call")          \
	F(tag, 10, STR, dcerpc__activityuuid, 0, "Activity (datagrams)")       \
	F(tag, 11, U32, dcerpc__seqnum, NJ_OPT, "Sequence (datagrams)")        \
	F(tag, 12, STR, dcerpc__rpc_version, 0, "Version of the protocol")

NJ_EVENT_DECLARE(eve_dcerpc, EVE_DCERPC);
/* For .events of whoever reads RPC. */
#define NJ_RPC_EVENTS &dce_rpc_desc, &eve_dcerpc_desc

enum {
	NJ_RPC_CONTEXTS_MAX = 32, /* the oldest goes */
	NJ_RPC_CALLS_MAX = 16,    /* that wait for their answer */
	NJ_RPC_HEAD = 16
};

struct nj_uuid {
	uint32_t a;
	uint16_t b, c;
	uint8_t d[8];
};

struct nj_rpc_context {
	struct nj_uuid uuid;
	uint16_t id, major, minor;
	uint16_t ack, reason;
	int16_t iface; /* in the table of names, or -1 */
	bool used;
};

struct nj_rpc_call {
	int64_t ts_ns, rtt_ns;
	uint32_t id, fault;
	uint32_t bytes[2];
	uint32_t eve_bytes[2]; /* as Suricata counts them */
	uint16_t frags[2];
	uint16_t context, opnum;
	bool used, answered, failed;
	struct nj_view mapped, texts, class_id; /* kept */
};

/* Bytes of one direction of a pipe that wait for more of their message. */
struct nj_rpc_held {
	uint8_t *data; /* kept */
	uint32_t len, cap, skip;
};

struct nj_rpc {
	struct nj_gss gss;
	/* Tells of messages in events of its own, as EVE does of what goes
	 * through a pipe; NULL: nobody is told of those. */
	void (*told)(struct nj_rpc *r, struct nj_dctx *d,
		const struct eve_dcerpc_event *ev);
	struct nj_view pipe; /* kept */
	struct nj_rpc_context contexts[NJ_RPC_CONTEXTS_MAX];
	struct nj_rpc_call calls[NJ_RPC_CALLS_MAX];
	struct nj_rpc_held held[2];
	uint8_t pending[NJ_RPC_CONTEXTS_MAX]; /* contexts of the last bind */
	uint8_t pending_count, next_context, next_call;
	uint8_t asked; /* kind of the bind that waits for its answer */
	uint32_t asked_id;
	uint8_t minor;
	uint8_t auth, auth_level;
	bool confirmed, dead;
	bool on_pipe, datagrams;
	struct nj_uuid activity; /* of the last datagram */
};

/* ---- Named pipes ---- */
/* NULL when there is no memory. name: with or without "\\pipe\\" before it. */
struct nj_rpc *nj_rpc_open(struct nj_dctx *d, struct nj_view name);
/* False once that what is said is no RPC; then nothing more is read. r may be
 * NULL. */
bool nj_rpc_feed(
	struct nj_rpc *r, struct nj_dctx *d, enum nj_dir dir, struct nj_view v);
/* Bytes of dir are lost: what was begun is forgotten. What is given next must
 * begin with a message. */
void nj_rpc_gap(struct nj_rpc *r, struct nj_dctx *d, enum nj_dir dir);
/* Emits what is pending and gives the memory back. r may be NULL. */
void nj_rpc_close(struct nj_rpc *r, struct nj_dctx *d);

/* ---- Messages (dissectors/dce_rpc.c) ---- */
/* The message that v begins with: its length, which may be beyond v where the
 * rest is of no interest; 0 while more bytes are needed. *bad: there is none.
 * r lies in nj_state, zeroed at the start. */
size_t nj_rpc_message(
	struct nj_rpc *r, struct nj_dctx *d, struct nj_view v, bool *bad);
/* One message of the connectionless protocol. */
bool nj_rpc_datagram(struct nj_rpc *r, struct nj_dctx *d, struct nj_view v);
/* Could a message begin here? For finding one's place after a gap. */
bool nj_rpc_looks(struct nj_view v);
/* Emits what is pending. */
void nj_rpc_end(struct nj_rpc *r, struct nj_dctx *d);

#endif
