/*
 * enip_eve.c - EVE's enip events, see enip_eve.h. A request waits, as JSON,
 * for the response that repeats its context.
 */
#include "dissectors/shared/enip_eve.h"

#include "dissectors/shared/cip.h"

#define EVE_ENIP(F, tag)                                                       \
	F(tag, 1, STR, enip__request, NJ_JSON,                                 \
		"command, status, register_session, cip")                      \
	F(tag, 2, STR, enip__response, NJ_JSON,                                \
		"command, status, register_session, identity, cip")

NJ_EVENT_STRUCT_(eve_enip, EVE_ENIP);
NJ_EVENT_DEFINE(eve_enip, EVE_ENIP, NJ_EV_EVE,
	"An EtherNet/IP request with its response");

enum {
	JSON_BYTES = 2048,
	ITEMS_MAX = 8,
	CMD_LIST_IDENTITY = 0x63,
	CMD_REGISTER = 0x65,
	CMD_SEND_RR = 0x6f,
	CMD_SEND_UNIT = 0x70,
	ITEM_IDENTITY = 0x0c,
	ITEM_CONNECTED = 0xb1,
	ITEM_UNCONNECTED = 0xb2
};

/* What a command says, read before anything is written. */
struct said {
	bool registers, identifies, speaks_cip;
	uint16_t version, options;
	struct cip_identity_event identity;
	struct cip_event cip;
};

static void
read_items(struct nj_dctx *d, enum nj_dir dir, struct nj_cur c, struct said *s)
{
	struct nj_cip_place at = { .dir = dir };
	unsigned count = nj_cur_le16(&c);

	for (unsigned i = 0; i < count && i < ITEMS_MAX && !c.bad; i++) {
		uint16_t type = nj_cur_le16(&c);
		struct nj_view v = nj_cur_take(&c, nj_cur_le16(&c));
		struct nj_cur in = nj_cur(v);

		if (type == ITEM_IDENTITY && !s->identifies)
			s->identifies =
				nj_cip_identity_read(d, v, &s->identity);
		if (type == ITEM_CONNECTED)
			nj_cur_skip(&in, 2); /* sequence */
		if ((type == ITEM_CONNECTED || type == ITEM_UNCONNECTED) &&
			!s->speaks_cip)
			s->speaks_cip = nj_cip_read(d, &at, &in, &s->cip);
	}
}

static void
read_command(struct nj_dctx *d, enum nj_dir dir,
	const struct nj_enip_command *c, struct said *s)
{
	struct nj_cur in = nj_cur(c->data);

	switch (c->code) {
	case CMD_REGISTER:
		s->version = nj_cur_le16(&in);
		s->options = nj_cur_le16(&in);
		s->registers = !in.bad;
		break;
	case CMD_SEND_RR:
	case CMD_SEND_UNIT:
		nj_cur_skip(&in, 6); /* interface, time-out */
		read_items(d, dir, in, s);
		break;
	case CMD_LIST_IDENTITY:
		read_items(d, dir, in, s);
		break;
	default:
		break;
	}
}

static void
put_identity(struct nj_json *j, const struct cip_identity_event *e)
{
	nj_json_obj(j, "identity");
	nj_json_u64(j, "protocol_version", e->encapsulation_version);
	nj_json_str(j, "revision", e->revision);
	nj_json_str(j, "vendor_id", e->vendor_name);
	nj_json_str(j, "device_type", e->device_type_name);
	nj_json_u64(j, "product_code", e->product_code);
	nj_json_u64(j, "status", e->device_status);
	nj_json_u64(j, "serial", e->serial_number);
	nj_json_str(j, "product_name", e->product_name);
	nj_json_u64(j, "state", e->device_state);
	nj_json_end(j);
}

static void
put_cip(struct nj_json *j, const struct cip_event *e)
{
	nj_json_obj(j, "cip");
	nj_json_str(j, "service", e->cip_service);
	if (e->cip_status.data)
		nj_json_str(j, "status", e->cip_status);
	if (e->class_name.data)
		nj_json_str(j, "class_name", e->class_name);
	nj_json_end(j);
}

static struct nj_view
make(struct nj_dctx *d, const struct nj_enip_command *c, const struct said *s)
{
	struct nj_json j;

	nj_arena_json(d, &j, JSON_BYTES);
	nj_json_obj(&j, NULL);
	nj_json_str(&j, "command", c->command);
	nj_json_str(&j, "status", c->status);
	(void)nj_json_keep(&j);
	if (s->registers) {
		nj_json_obj(&j, "register_session");
		nj_json_u64(&j, "protocol_version", s->version);
		nj_json_u64(&j, "options", s->options);
		nj_json_end(&j);
	}
	if (s->identifies)
		put_identity(&j, &s->identity);
	if (s->speaks_cip)
		put_cip(&j, &s->cip);
	nj_json_end(&j);
	return nj_arena_json_end(d, &j);
}

static void
put(struct nj_dctx *d, struct nj_enip_eve *e, struct nj_view response)
{
	struct eve_enip_event ev = { .enip__request = e->request,
		.enip__response = response };

	(void)nj_emit_dir(d, &eve_enip_desc, &ev, NJ_ORIG);
	if (e->request.data)
		nj_drop(d, (void *)(uintptr_t)e->request.data);
	e->request = (struct nj_view){ 0 };
}

void
nj_enip_eve(struct nj_dctx *d, struct nj_enip_eve *e, enum nj_dir dir,
	const struct nj_enip_command *c)
{
	struct said s = { 0 };
	struct nj_view json;

	if (!nj_wanted(d, &eve_enip_desc))
		return;
	read_command(d, dir, c, &s);
	json = make(d, c, &s);
	if (dir == NJ_ORIG) {
		if (e->request.len)
			put(d, e, (struct nj_view){ 0 });
		e->request = nj_keep_view(d, json, JSON_BYTES);
		e->context = c->context;
		return;
	}
	/* An answer to something else does not wait for its question. */
	if (e->request.len && e->context != c->context)
		put(d, e, (struct nj_view){ 0 });
	put(d, e, json);
}

void
nj_enip_eve_end(struct nj_dctx *d, struct nj_enip_eve *e)
{
	if (e->request.len)
		put(d, e, (struct nj_view){ 0 });
}
