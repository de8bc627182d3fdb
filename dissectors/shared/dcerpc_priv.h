/*
 * dcerpc_priv.h - what the files of the DCE/RPC reader share among
 * themselves: numbers in either byte order, contexts, calls, names.
 */
#ifndef NJ_DISSECTORS_SHARED_DCERPC_PRIV_H
#define NJ_DISSECTORS_SHARED_DCERPC_PRIV_H

#include "dissectors/shared/dcerpc.h"

/* C706 12.6.4, MS-RPCE 2.2.2 */
enum {
	RPC_REQUEST = 0,
	RPC_RESPONSE = 2,
	RPC_FAULT = 3,
	RPC_BIND = 11,
	RPC_BIND_ACK,
	RPC_BIND_NAK,
	RPC_ALTER,
	RPC_ALTER_RESP,
	RPC_AUTH3,
	RPC_SHUTDOWN,
	RPC_CANCEL,
	RPC_ORPHANED,
	RPC_TYPE_MAX = RPC_ORPHANED
};

/* A cursor that knows the byte order of its message. */
struct rpc_cur {
	struct nj_cur c;
	bool little;
};

static inline uint16_t
rpc_u16(struct rpc_cur *r)
{
	return r->little ? nj_cur_le16(&r->c) : nj_cur_u16(&r->c);
}

static inline uint32_t
rpc_u32(struct rpc_cur *r)
{
	return r->little ? nj_cur_le32(&r->c) : nj_cur_u32(&r->c);
}

static inline struct nj_uuid
rpc_uuid(struct rpc_cur *r)
{
	struct nj_uuid u = {
		.a = rpc_u32(r), .b = rpc_u16(r), .c = rpc_u16(r)
	};
	struct nj_view rest = nj_cur_take(&r->c, sizeof(u.d));

	if (rest.data)
		memcpy(u.d, rest.data, sizeof(u.d));
	return u;
}

/* ---- dcerpc_names.c ---- */
/* Where in the table, or -1. */
int rpc_iface_find(const struct nj_uuid *u);
/* The interface that a pipe of this name is there for, or -1. */
int rpc_iface_of_pipe(struct nj_view name);
struct nj_view rpc_iface_name(int iface);
/* Empty when it has no name. */
struct nj_view rpc_operation(int iface, uint16_t opnum);
enum { RPC_UUID_TEXT = 37 };
void rpc_uuid_write(const struct nj_uuid *u, char out[RPC_UUID_TEXT]);
/* In the arena. */
struct nj_view rpc_uuid_text(struct nj_dctx *d, const struct nj_uuid *u);
const char *rpc_auth_name(uint8_t auth);
const char *rpc_level_name(uint8_t level);
struct nj_view rpc_fault_text(struct nj_dctx *d, uint32_t status);

/* ---- dcerpc_call.c ---- */
struct nj_rpc_context *rpc_context_find(struct nj_rpc *r, uint16_t id);
/* Makes room by forgetting the oldest. */
struct nj_rpc_context *rpc_context_add(struct nj_rpc *r, uint16_t id);
struct nj_rpc_call *rpc_call_find(struct nj_rpc *r, uint32_t id);
struct nj_rpc_call *rpc_call_add(
	struct nj_rpc *r, struct nj_dctx *d, uint32_t id);
/* Writes the records of the call, which is free again. */
void rpc_call_done(
	struct nj_rpc *r, struct nj_dctx *d, struct nj_rpc_call *call);
/* Is the call one for the endpoint mapper's map? */
bool rpc_call_maps(struct nj_rpc *r, const struct nj_rpc_call *call);
/* An answer whose question was not seen. */
void rpc_tell_lost(struct nj_rpc *r, struct nj_dctx *d, const char *response,
	uint32_t call_id);
/* The last bind or alter context was answered. */
void rpc_tell_bind(struct nj_rpc *r, struct nj_dctx *d, const char *response);

/* ---- dcerpc_text.c ---- */
enum { RPC_TEXTS_MAX = 8 };
/* Texts in the parameters of a call, little-endian and in clear: kept, each
 * ended by a zero byte. */
struct nj_view rpc_texts_read(struct nj_dctx *d, struct nj_view stub);
/* Gives how many there are. */
unsigned rpc_texts_split(struct nj_view all, struct nj_view out[RPC_TEXTS_MAX]);

/* ---- dcerpc_dcom.c ---- */
/* The class that a request activates, kept; unset when it is none of those. */
struct nj_view rpc_class_read(
	struct nj_dctx *d, int iface, uint16_t opnum, struct nj_view stub);

/* ---- dcerpc_map.c ---- */
/* The response of ept_map: where interfaces listen. Gives their text, kept,
 * and announces the flows. */
struct nj_view rpc_map_read(
	struct nj_dctx *d, struct nj_view stub, bool little);

#endif
