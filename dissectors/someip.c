/*
 * someip.c - SOME/IP and its service discovery (AUTOSAR PRS_SOMEIPProtocol
 * and PRS_SOMEIPServiceDiscovery) over UDP and TCP: which services vehicles
 * and machines offer, find and call.
 *
 * Notifications repeat many times a second, so a method is told once a flow
 * and kind of message; discovery is told each time.
 */
#include "dissectors/shared/framed.h"
#include "dissectors/shared/words.h"

#define SOMEIP(F, tag)                                                         \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, U16, service_id, NJ_INDEX | NJ_LEARN, "Service")             \
	F(tag, 3, U16, method_id, NJ_INDEX | NJ_LEARN, "Method or event")      \
	F(tag, 4, U16, client_id, 0, "Client")                                 \
	F(tag, 5, U16, session_id, 0, "Session")                               \
	F(tag, 6, U8, interface_version, NJ_LEARN, "Version of the interface") \
	F(tag, 7, STR, message_type, NJ_INDEX | NJ_LEARN, "Kind of message")   \
	F(tag, 8, U8, return_code, NJ_LEARN, "Return code, 0 is good")         \
	F(tag, 9, VSTR, sd_entries, NJ_INDEX,                                  \
		"Of discovery: kind:service:instance of each entry")

NJ_EVENT(someip, SOMEIP, "A SOME/IP message");

enum {
	HEAD = 16,
	COUNTED = 8, /* bytes before those that the length counts */
	MESSAGE_MAX = 4096,
	LENGTH_MAX = 1 << 20,
	TOLD_MAX = 64,
	ENTRIES_MAX = 16,
	ENTRY_BYTES = 16,
	TP_FLAG = 0x20,
	SD_SERVICE = 0xffff,
	SD_METHOD = 0x8100,
	IP_UDP = 17
};

enum { ODD_FRAME };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "someip_frame", "A header that cannot be" },
	{ 0 },
};

static const struct nj_word kinds[] = {
	{ 0x00, "request" },
	{ 0x01, "request_no_return" },
	{ 0x02, "notification" },
	{ 0x40, "request_ack" },
	{ 0x41, "request_no_return_ack" },
	{ 0x42, "notification_ack" },
	{ 0x80, "response" },
	{ 0x81, "error" },
	{ 0xc0, "response_ack" },
	{ 0xc1, "error_ack" },
};
static const struct nj_word entries[] = {
	{ 0, "find" },
	{ 1, "offer" },
	{ 4, "find_eventgroup" },
	{ 5, "publish_eventgroup" },
	{ 6, "subscribe" },
	{ 7, "subscribe_ack" },
};

struct someip {
	struct nj_framed framed;
	uint8_t count;
	uint64_t told[TOLD_MAX];
};

static size_t
someip_length(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t length;
	uint8_t protocol, kind, code;

	nj_cur_skip(&c, 4);
	length = nj_cur_u32(&c);
	nj_cur_skip(&c, 4);
	protocol = nj_cur_u8(&c);
	nj_cur_skip(&c, 1);
	kind = nj_cur_u8(&c);
	code = nj_cur_u8(&c);
	if (length < HEAD - COUNTED || length > LENGTH_MAX || protocol != 1 ||
		!nj_word_find(
			kinds, nj_countof(kinds), kind & ~(unsigned)TP_FLAG) ||
		code > 0x5e)
		return 0;
	return length + (size_t)COUNTED;
}

static bool
is_new(struct someip *s, uint64_t fact)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->told[i] == fact)
			return false;
	if (s->count == TOLD_MAX)
		return false;
	s->told[s->count++] = fact;
	return true;
}

static void
discovery(struct nj_dctx *d, struct nj_cur *c, struct someip_event *ev)
{
	struct nj_view *list = nj_arena(d, sizeof(*list) * ENTRIES_MAX);
	struct nj_cur all;
	uint32_t n = 0;

	nj_cur_skip(c, 4); /* flags */
	all = nj_cur(nj_cur_take(c, nj_cur_u32(c)));
	while (list && n < ENTRIES_MAX && nj_cur_left(&all) >= ENTRY_BYTES) {
		struct nj_cur e = nj_cur(nj_cur_take(&all, ENTRY_BYTES));
		struct nj_view kind = nj_word(d, entries, nj_cur_u8(&e));
		uint16_t service, instance;

		nj_cur_skip(&e, 3);
		service = nj_cur_u16(&e);
		instance = nj_cur_u16(&e);
		list[n++] = nj_arena_printf(d, "%.*s:%04x:%04x", (int)kind.len,
			kind.data, service, instance);
	}
	if (list)
		ev->sd_entries = (struct nj_vstr){ list, n };
}

static enum nj_verdict
someip_message(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct someip_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);
	uint8_t kind;
	bool is_discovery;

	ev.service_id = nj_cur_u16(&c);
	ev.method_id = nj_cur_u16(&c);
	nj_cur_skip(&c, 4);
	ev.client_id = nj_cur_u16(&c);
	ev.session_id = nj_cur_u16(&c);
	nj_cur_skip(&c, 1);
	ev.interface_version = nj_cur_u8(&c);
	kind = nj_cur_u8(&c);
	ev.return_code = nj_cur_u8(&c);
	ev.message_type = nj_word(d, kinds, kind & ~(unsigned)TP_FLAG);
	is_discovery = ev.service_id == SD_SERVICE && ev.method_id == SD_METHOD;
	nj_confirm(d);
	if (is_discovery)
		discovery(d, &c, &ev);
	else if (!is_new(nj_state(d), (uint64_t)ev.service_id << 32 |
					      (uint64_t)ev.method_id << 16 |
					      (uint64_t)kind << 8 |
					      ev.return_code))
		return NJ_MORE;
	(void)nj_emit(d, &someip_desc, &ev);
	return NJ_MORE;
}

static const struct nj_framing framing = { .head_bytes = HEAD,
	.whole_max = MESSAGE_MAX,
	.odd = ODD_FRAME,
	.length = someip_length,
	.message = someip_message };

/* A datagram is one message, or several that follow each other. */
static enum nj_verdict
someip_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	size_t len;

	(void)dir;
	if (nj_proto_of(d) != IP_UDP)
		return NJ_ACCEPT;
	len = v.len >= HEAD ? someip_length(v) : 0;
	if (!len || len > v.len)
		return NJ_REJECT;
	v = nj_sub(v, len, v.len);
	return !v.len || (v.len >= HEAD && someip_length(v)) ? NJ_ACCEPT
							     : NJ_REJECT;
}

static enum nj_verdict
someip_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_stream(d, dir, v, &framing);
}

static enum nj_verdict
someip_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_datagram(d, dir, v, &framing);
}

const struct nj_dissector nj_dissector_someip = {
	.name = "someip",
	.title = "SOME/IP",
	.ports = (const struct nj_port[]){ { NJ_UDP, 30490 }, { NJ_TCP, 30490 },
		{ 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^\\xff\\xff\\x81\\x00\\x00\\x00..\\x00\\x00..\\x01"
			  "\\x01\\x02\\x00",
				0 },
			{ "^....\\x00\\x00......\\x01.[\\x00-\\x02\\x20-"
			  "\\x22\\x40-\\x42\\x80\\x81\\xa0\\xa1\\xc0\\xc1]",
				NJ_SIG_UDP },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &someip_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct someip),
	.probe = someip_probe,
	.stream = someip_stream,
	.datagram = someip_datagram,
	.gap = nj_framed_gap,
};
