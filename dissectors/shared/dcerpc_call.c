/*
 * dcerpc_call.c - the contexts and calls of a DCE/RPC association, and the
 * records that come of them.
 */
#include "dissectors/shared/dcerpc_priv.h"

#include <stdio.h>

#include "engine/base/json.h"

NJ_EVENT_DEFINE(dce_rpc, DCE_RPC, 0, "A remote procedure call");
NJ_EVENT_DEFINE(
	eve_dcerpc, EVE_DCERPC, NJ_EV_EVE, "A pair of DCE/RPC messages");

enum { INTERFACES_BYTES = 4096 };

/* ---- Contexts ---- */

struct nj_rpc_context *
rpc_context_find(struct nj_rpc *r, uint16_t id)
{
	for (unsigned i = 0; i < NJ_RPC_CONTEXTS_MAX; i++)
		if (r->contexts[i].used && r->contexts[i].id == id)
			return &r->contexts[i];
	return NULL;
}

struct nj_rpc_context *
rpc_context_add(struct nj_rpc *r, uint16_t id)
{
	struct nj_rpc_context *c = rpc_context_find(r, id);

	if (!c) {
		c = &r->contexts[r->next_context];
		r->next_context =
			(uint8_t)((r->next_context + 1) % NJ_RPC_CONTEXTS_MAX);
	}
	*c = (struct nj_rpc_context){ .id = id, .used = true, .iface = -1 };
	return c;
}

/* ---- Records ---- */

static void
name_call(struct nj_rpc *r, struct nj_dctx *d, const struct nj_rpc_call *call,
	struct dce_rpc_event *ev)
{
	const struct nj_rpc_context *c = rpc_context_find(r, call->context);
	int iface = c ? c->iface : rpc_iface_of_pipe(r->pipe);

	if (c)
		ev->uuid = rpc_uuid_text(d, &c->uuid);
	if (iface >= 0)
		ev->endpoint = rpc_iface_name(iface);
	else if (c)
		ev->endpoint = nj_arena_printf(d, "unknown-%.*s",
			(int)ev->uuid.len, (const char *)ev->uuid.data);
	else
		return;
	ev->operation = rpc_operation(iface, call->opnum);
	if (!ev->operation.len)
		ev->operation = nj_arena_printf(d, "unknown-%u", call->opnum);
}

static void
tell(struct nj_rpc *r, struct nj_dctx *d, const struct nj_rpc_call *call)
{
	struct nj_view texts[RPC_TEXTS_MAX];
	struct dce_rpc_event ev = { 0 };

	name_call(r, d, call, &ev);
	/* A call of nobody knows what is no news. */
	if (!ev.endpoint.len)
		return;
	nj_set(&ev, dce_rpc, opnum, call->opnum);
	ev.named_pipe = r->pipe;
	if (call->answered)
		nj_set(&ev, dce_rpc, rtt, call->rtt_ns);
	if (call->failed)
		ev.fault = rpc_fault_text(d, call->fault);
	ev.request_bytes = call->bytes[NJ_ORIG];
	ev.response_bytes = call->bytes[NJ_RESP];
	if (r->auth) {
		ev.auth = nj_str(rpc_auth_name(r->auth));
		ev.auth_level = nj_str(rpc_level_name(r->auth_level));
	}
	ev.mapped = call->mapped;
	ev.activates = call->class_id;
	if (call->texts.len)
		ev.arguments = (struct nj_vstr){ texts,
			rpc_texts_split(call->texts, texts) };
	(void)nj_emit_at(d, &dce_rpc_desc, &ev, call->ts_ns);
}

/* Suricata tells calls on pipes as part of SMB. */
static bool
wanted(const struct nj_rpc *r, const struct nj_dctx *d)
{
	return r->on_pipe ? r->told != NULL : nj_wanted(d, &eve_dcerpc_desc);
}

static void
put_eve(struct nj_rpc *r, struct nj_dctx *d, const struct eve_dcerpc_event *ev)
{
	if (r->told)
		r->told(r, d, ev);
	else
		(void)nj_emit_dir(d, &eve_dcerpc_desc, ev, NJ_ORIG);
}

/* A call's interface is named; of those bound, Suricata names only those of
 * pipes. */
static void
put_interface(struct nj_json *j, const struct nj_rpc_context *c,
	const struct nj_rpc_call *call, bool named)
{
	char uuid[RPC_UUID_TEXT], version[16];
	struct nj_view operation;

	rpc_uuid_write(&c->uuid, uuid);
	(void)snprintf(version, sizeof(version), "%u.%u", c->major, c->minor);
	nj_json_obj(j, NULL);
	nj_json_text(j, "uuid", uuid);
	nj_json_text(j, "version", version);
	nj_json_u64(j, "ack_result", c->ack);
	nj_json_u64(j, "ack_reason", c->reason);
	if (named && c->iface >= 0)
		nj_json_str(j, "service", rpc_iface_name(c->iface));
	if (call && c->iface >= 0) {
		operation = rpc_operation(c->iface, call->opnum);
		if (operation.len)
			nj_json_str(j, "procedure", operation);
	}
	nj_json_end(j);
}

/* What was bound; or what a call goes to. */
static struct nj_view
interfaces(struct nj_dctx *d, const struct nj_rpc_context *const *contexts,
	unsigned count, const struct nj_rpc_call *call, bool named)
{
	struct nj_json j;

	nj_arena_json(d, &j, INTERFACES_BYTES);
	nj_json_arr(&j, NULL);
	for (unsigned i = 0; i < count; i++) {
		put_interface(&j, contexts[i], call, named);
		if (!nj_json_keep(&j))
			break;
	}
	return nj_arena_json_end(d, &j);
}

static void
tell_eve(struct nj_rpc *r, struct nj_dctx *d, const struct nj_rpc_call *call)
{
	const struct nj_rpc_context *c = rpc_context_find(r, call->context);
	struct eve_dcerpc_event ev = { 0 };

	if (!wanted(r, d))
		return;
	ev.dcerpc__request = NJ_LIT("REQUEST");
	nj_set(&ev, eve_dcerpc, dcerpc__req__opnum, call->opnum);
	nj_set(&ev, eve_dcerpc, dcerpc__req__frag_cnt, call->frags[NJ_ORIG]);
	nj_set(&ev, eve_dcerpc, dcerpc__req__stub_data_size,
		call->eve_bytes[NJ_ORIG]);
	ev.dcerpc__response = NJ_LIT("UNREPLIED");
	if (call->failed)
		ev.dcerpc__response = NJ_LIT("FAULT");
	else if (call->answered)
		ev.dcerpc__response = NJ_LIT("RESPONSE");
	if (call->answered) {
		nj_set(&ev, eve_dcerpc, dcerpc__res__frag_cnt,
			call->frags[NJ_RESP]);
		nj_set(&ev, eve_dcerpc, dcerpc__res__stub_data_size,
			call->eve_bytes[NJ_RESP]);
	}
	if (c)
		ev.dcerpc__interfaces = interfaces(d, &c, 1, call, true);
	if (r->datagrams) {
		ev.dcerpc__activityuuid = rpc_uuid_text(d, &r->activity);
		nj_set(&ev, eve_dcerpc, dcerpc__seqnum, call->id);
	} else {
		nj_set(&ev, eve_dcerpc, dcerpc__call_id, call->id);
	}
	ev.dcerpc__rpc_version = r->datagrams
					 ? NJ_LIT("4.0")
					 : nj_arena_printf(d, "5.%u", r->minor);
	put_eve(r, d, &ev);
}

void
rpc_tell_lost(struct nj_rpc *r, struct nj_dctx *d, const char *response,
	uint32_t call_id)
{
	struct eve_dcerpc_event ev = { 0 };
	size_t mark = nj_arena_mark(d);

	if (!wanted(r, d))
		return;
	ev.dcerpc__request = NJ_LIT("REQUEST_LOST");
	ev.dcerpc__response = nj_str(response);
	nj_set(&ev, eve_dcerpc, dcerpc__call_id, call_id);
	ev.dcerpc__rpc_version = nj_arena_printf(d, "5.%u", r->minor);
	put_eve(r, d, &ev);
	nj_arena_release(d, mark);
}

void
rpc_tell_bind(struct nj_rpc *r, struct nj_dctx *d, const char *response)
{
	const struct nj_rpc_context *contexts[NJ_RPC_CONTEXTS_MAX];
	struct eve_dcerpc_event ev = { 0 };
	size_t mark = nj_arena_mark(d);

	for (unsigned i = 0; i < r->pending_count; i++)
		contexts[i] = &r->contexts[r->pending[i]];
	if (r->asked && wanted(r, d)) {
		ev.dcerpc__request = r->asked == RPC_BIND
					     ? NJ_LIT("BIND")
					     : NJ_LIT("ALTER_CONTEXT");
		ev.dcerpc__response = nj_str(response);
		ev.dcerpc__interfaces = interfaces(
			d, contexts, r->pending_count, NULL, r->on_pipe);
		nj_set(&ev, eve_dcerpc, dcerpc__call_id, r->asked_id);
		ev.dcerpc__rpc_version = nj_arena_printf(d, "5.%u", r->minor);
		put_eve(r, d, &ev);
	}
	nj_arena_release(d, mark);
	r->asked = 0;
}

/* ---- Calls ---- */

struct nj_rpc_call *
rpc_call_find(struct nj_rpc *r, uint32_t id)
{
	for (unsigned i = 0; i < NJ_RPC_CALLS_MAX; i++)
		if (r->calls[i].used && r->calls[i].id == id)
			return &r->calls[i];
	return NULL;
}

void
rpc_call_done(struct nj_rpc *r, struct nj_dctx *d, struct nj_rpc_call *call)
{
	size_t mark = nj_arena_mark(d);

	tell(r, d, call);
	tell_eve(r, d, call);
	nj_arena_release(d, mark);
	nj_drop(d, (void *)(uintptr_t)call->mapped.data);
	nj_drop(d, (void *)(uintptr_t)call->texts.data);
	nj_drop(d, (void *)(uintptr_t)call->class_id.data);
	*call = (struct nj_rpc_call){ 0 };
}

struct nj_rpc_call *
rpc_call_add(struct nj_rpc *r, struct nj_dctx *d, uint32_t id)
{
	struct nj_rpc_call *call = rpc_call_find(r, id);

	for (unsigned i = 0; !call && i < NJ_RPC_CALLS_MAX; i++)
		if (!r->calls[i].used)
			call = &r->calls[i];
	if (!call) {
		call = &r->calls[r->next_call];
		r->next_call = (uint8_t)((r->next_call + 1) % NJ_RPC_CALLS_MAX);
	}
	if (call->used)
		rpc_call_done(r, d, call);
	*call = (struct nj_rpc_call){
		.id = id, .used = true, .ts_ns = nj_now(d)
	};
	return call;
}

bool
rpc_call_maps(struct nj_rpc *r, const struct nj_rpc_call *call)
{
	enum { EPT_MAP = 3 };
	const struct nj_rpc_context *c = rpc_context_find(r, call->context);

	return c && c->iface >= 0 && call->opnum == EPT_MAP &&
	       nj_view_eq(rpc_iface_name(c->iface), NJ_LIT("epmapper"));
}
