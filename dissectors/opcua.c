/*
 * opcua.c - OPC UA's binary protocol over TCP (OPC 10000-6): who connects with
 * which security policy, and which services are called where they are not
 * encrypted.
 *
 * Published data comes without end: Publish is told once a side. Fields follow
 * icsnpp's opcua_binary log.
 *
 * Not done: parameters of services, chunks put together.
 */
#include "dissectors/shared/framed.h"
#include "dissectors/shared/words.h"

#define OPCUA_BINARY(F, tag)                                                   \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, STR, msg_type, NJ_INDEX | NJ_LEARN,                          \
		"HEL, ACK, OPN, MSG ...")                                      \
	F(tag, 3, STR, is_final, 0, "F: final, C: more follows, A: aborted")   \
	F(tag, 4, U32, msg_size, 0, "Bytes of the message")                    \
	F(tag, 5, STR, error, NJ_INDEX, "Error code, in hexadecimal")          \
	F(tag, 6, STR, reason, 0, "Why there is an error")                     \
	F(tag, 7, U32, version, NJ_OPT, "Version of the protocol")             \
	F(tag, 8, STR, endpoint_url, NJ_INDEX, "Endpoint asked for")           \
	F(tag, 9, U32, sec_channel_id, NJ_OPT, "Secure channel")               \
	F(tag, 10, STR, sec_policy_uri, NJ_INDEX | NJ_LEARN,                   \
		"Security policy")                                             \
	F(tag, 11, U32, seq_number, NJ_OPT, "Sequence number")                 \
	F(tag, 12, U32, request_id, NJ_OPT, "Links answers to requests")       \
	F(tag, 13, U32, identifier, NJ_OPT | NJ_LEARN, "Service")              \
	F(tag, 14, STR, identifier_str, NJ_INDEX | NJ_LEARN,                   \
		"Service by name")                                             \
	F(tag, 15, BOOL, is_write, NJ_INDEX | NJ_LEARN,                        \
		"A request that writes values, nodes or history")              \
	F(tag, 16, BOOL, is_control, NJ_INDEX | NJ_LEARN,                      \
		"A request that calls a method")

NJ_EVENT(opcua_binary, OPCUA_BINARY, "An OPC UA message");

enum {
	HEAD = 8,
	READ_MAX = 4096,
	SIZE_LIMIT = 16 * 1024 * 1024,
	TEXT_LIMIT = 1024,
	PUBLISH_REQUEST = 826,
	PUBLISH_RESPONSE = 829,
	CALL_REQUEST = 712
};

enum { ODD_FRAME };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "opcua_frame",
		"A message type or size that cannot be" },
	{ 0 },
};

static const struct nj_word services[] = {
	{ 397, "ServiceFault" },
	{ 422, "FindServersRequest" },
	{ 425, "FindServersResponse" },
	{ 428, "GetEndpointsRequest" },
	{ 431, "GetEndpointsResponse" },
	{ 437, "RegisterServerRequest" },
	{ 440, "RegisterServerResponse" },
	{ 446, "OpenSecureChannelRequest" },
	{ 449, "OpenSecureChannelResponse" },
	{ 452, "CloseSecureChannelRequest" },
	{ 455, "CloseSecureChannelResponse" },
	{ 461, "CreateSessionRequest" },
	{ 464, "CreateSessionResponse" },
	{ 467, "ActivateSessionRequest" },
	{ 470, "ActivateSessionResponse" },
	{ 473, "CloseSessionRequest" },
	{ 476, "CloseSessionResponse" },
	{ 479, "CancelRequest" },
	{ 482, "CancelResponse" },
	{ 488, "AddNodesRequest" },
	{ 491, "AddNodesResponse" },
	{ 494, "AddReferencesRequest" },
	{ 497, "AddReferencesResponse" },
	{ 500, "DeleteNodesRequest" },
	{ 503, "DeleteNodesResponse" },
	{ 506, "DeleteReferencesRequest" },
	{ 509, "DeleteReferencesResponse" },
	{ 527, "BrowseRequest" },
	{ 530, "BrowseResponse" },
	{ 533, "BrowseNextRequest" },
	{ 536, "BrowseNextResponse" },
	{ 554, "TranslateBrowsePathsToNodeIdsRequest" },
	{ 557, "TranslateBrowsePathsToNodeIdsResponse" },
	{ 560, "RegisterNodesRequest" },
	{ 563, "RegisterNodesResponse" },
	{ 566, "UnregisterNodesRequest" },
	{ 569, "UnregisterNodesResponse" },
	{ 615, "QueryFirstRequest" },
	{ 618, "QueryFirstResponse" },
	{ 631, "ReadRequest" },
	{ 634, "ReadResponse" },
	{ 664, "HistoryReadRequest" },
	{ 667, "HistoryReadResponse" },
	{ 673, "WriteRequest" },
	{ 676, "WriteResponse" },
	{ 700, "HistoryUpdateRequest" },
	{ 703, "HistoryUpdateResponse" },
	{ 712, "CallRequest" },
	{ 715, "CallResponse" },
	{ 751, "CreateMonitoredItemsRequest" },
	{ 754, "CreateMonitoredItemsResponse" },
	{ 763, "ModifyMonitoredItemsRequest" },
	{ 766, "ModifyMonitoredItemsResponse" },
	{ 769, "SetMonitoringModeRequest" },
	{ 772, "SetMonitoringModeResponse" },
	{ 781, "DeleteMonitoredItemsRequest" },
	{ 784, "DeleteMonitoredItemsResponse" },
	{ 787, "CreateSubscriptionRequest" },
	{ 790, "CreateSubscriptionResponse" },
	{ 793, "ModifySubscriptionRequest" },
	{ 796, "ModifySubscriptionResponse" },
	{ 799, "SetPublishingModeRequest" },
	{ 802, "SetPublishingModeResponse" },
	{ 826, "PublishRequest" },
	{ 829, "PublishResponse" },
	{ 832, "RepublishRequest" },
	{ 835, "RepublishResponse" },
	{ 841, "TransferSubscriptionsRequest" },
	{ 844, "TransferSubscriptionsResponse" },
	{ 847, "DeleteSubscriptionsRequest" },
	{ 850, "DeleteSubscriptionsResponse" },
};

struct opcua {
	struct nj_framed framed;
	bool published[2];
	bool encrypted;
};

static size_t
opcua_length(struct nj_view v)
{
	static const char types[][4] = { "HEL", "ACK", "ERR", "RHE", "OPN",
		"MSG", "CLO" };
	struct nj_cur c = nj_cur(nj_sub(v, 4, 4));
	uint32_t size = nj_cur_le32(&c);

	if (size < HEAD || size > SIZE_LIMIT || !v.data[3] ||
		!strchr("FCA", v.data[3]))
		return 0;
	for (size_t i = 0; i < nj_countof(types); i++)
		if (memcmp(v.data, types[i], 3) == 0)
			return size;
	return 0;
}

/* A string: its length first, all ones for none. */
static struct nj_view
string(struct nj_cur *c)
{
	uint32_t len = nj_cur_le32(c);
	struct nj_view v = { 0 };

	if (len == UINT32_MAX)
		return v;
	v = nj_cur_take(c, len);
	return nj_sub(v, 0, TEXT_LIMIT);
}

/* The service: a node id in one of its short forms. */
static void
service(struct nj_dctx *d, struct nj_cur *c, struct opcua_binary_event *ev)
{
	uint8_t form = nj_cur_u8(c);
	uint32_t id = 0;

	if (form == 0) {
		id = nj_cur_u8(c);
	} else if (form == 1) {
		nj_cur_skip(c, 1);
		id = nj_cur_le16(c);
	} else if (form == 2) {
		nj_cur_skip(c, 2);
		id = nj_cur_le32(c);
	} else {
		return;
	}
	if (c->bad || !nj_word_find(services, nj_countof(services), id))
		return;
	nj_set(ev, opcua_binary, identifier, id);
	ev->identifier_str = nj_word(d, services, id);
	ev->is_write = id == 673 || id == 700 || id == 488 || id == 494 ||
		       id == 500 || id == 506;
	ev->is_control = id == CALL_REQUEST;
}

static void
sequence(struct nj_cur *c, struct opcua_binary_event *ev)
{
	uint32_t number = nj_cur_le32(c), request = nj_cur_le32(c);

	if (c->bad)
		return;
	nj_set(ev, opcua_binary, seq_number, number);
	nj_set(ev, opcua_binary, request_id, request);
}

static void
open_channel(struct nj_dctx *d, struct nj_cur *c, struct opcua_binary_event *ev)
{
	static const char none[] = "#None";
	struct opcua *s = nj_state(d);

	nj_set(ev, opcua_binary, sec_channel_id, nj_cur_le32(c));
	ev->sec_policy_uri = string(c);
	s->encrypted = ev->sec_policy_uri.len < sizeof(none) - 1 ||
		       memcmp(ev->sec_policy_uri.data + ev->sec_policy_uri.len -
				       (sizeof(none) - 1),
			       none, sizeof(none) - 1) != 0;
	(void)string(c); /* certificate, thumbprint */
	(void)string(c);
	if (s->encrypted)
		return;
	sequence(c, ev);
	service(d, c, ev);
}

static void
secured(struct nj_dctx *d, struct nj_cur *c, struct opcua_binary_event *ev)
{
	struct opcua *s = nj_state(d);

	nj_set(ev, opcua_binary, sec_channel_id, nj_cur_le32(c));
	nj_cur_skip(c, 4); /* token */
	if (s->encrypted)
		return;
	sequence(c, ev);
	service(d, c, ev);
}

static void
body(struct nj_dctx *d, struct nj_cur *c, struct opcua_binary_event *ev)
{
	switch (ev->msg_type.data[0]) {
	case 'H':
		nj_set(ev, opcua_binary, version, nj_cur_le32(c));
		nj_cur_skip(c, 16);
		ev->endpoint_url = string(c);
		break;
	case 'R':
		(void)string(c); /* server's URI */
		ev->endpoint_url = string(c);
		break;
	case 'A':
		nj_set(ev, opcua_binary, version, nj_cur_le32(c));
		break;
	case 'E':
		ev->error = nj_arena_printf(d, "0x%08x", nj_cur_le32(c));
		ev->reason = string(c);
		break;
	case 'O':
		open_channel(d, c, ev);
		break;
	default: /* MSG, CLO */
		secured(d, c, ev);
		break;
	}
}

static enum nj_verdict
opcua_message(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct opcua *s = nj_state(d);
	struct opcua_binary_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);

	ev.msg_type = nj_cur_take(&c, 3);
	ev.is_final = nj_cur_take(&c, 1);
	ev.msg_size = nj_cur_le32(&c);
	body(d, &c, &ev);
	nj_confirm(d);
	if (nj_has(&ev, opcua_binary, identifier) &&
		(ev.identifier == PUBLISH_REQUEST ||
			ev.identifier == PUBLISH_RESPONSE)) {
		if (s->published[dir])
			return NJ_MORE;
		s->published[dir] = true;
	}
	(void)nj_emit(d, &opcua_binary_desc, &ev);
	return NJ_MORE;
}

static const struct nj_framing framing = { .head_bytes = HEAD,
	.whole_max = READ_MAX,
	.odd = ODD_FRAME,
	.length = opcua_length,
	.message = opcua_message };

static enum nj_verdict
opcua_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_stream(d, dir, v, &framing);
}

const struct nj_dissector nj_dissector_opcua = {
	.name = "opcua",
	.title = "OPC UA",
	.ports = (const struct nj_port[]){ { NJ_TCP, 4840 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^(HEL|ACK|ERR|RHE|OPN)F..\\x00\\x00", 0 },
			{ "^(MSG|CLO)[FCA]..[\\x00-\\x0f]\\x00.{12}[\\x00-"
			  "\\x0f]\\x00\\x01\\x00",
				0 },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &opcua_binary_desc,
		NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct opcua),
	.stream = opcua_stream,
	.gap = nj_framed_gap,
};
