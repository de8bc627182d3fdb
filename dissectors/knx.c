/*
 * knx.c - KNXnet/IP (EN 50090, ISO 22510; KNX Standard 3.8) over UDP and TCP:
 * who looks for and connects to a building's bus, and which group addresses
 * are written.
 *
 * Not done: the contents of KNX IP Secure.
 */
#include "dissectors/shared/framed.h"
#include "dissectors/shared/words.h"

#define KNX(F, tag)                                                            \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, STR, service, NJ_INDEX | NJ_LEARN, "Service")                \
	F(tag, 3, U8, channel, NJ_OPT, "Communication channel")                \
	F(tag, 4, U8, status, NJ_OPT, "Status of an answer, 0 is good")        \
	F(tag, 5, STR, source, NJ_INDEX, "Individual address of the sender")   \
	F(tag, 6, STR, destination, NJ_INDEX | NJ_LEARN,                       \
		"Group (1/2/3) or individual address (1.2.3)")                 \
	F(tag, 7, STR, apci, NJ_INDEX | NJ_LEARN, "What is asked of it")       \
	F(tag, 8, BOOL, is_write, NJ_INDEX | NJ_LEARN,                         \
		"Writes a group, an address, memory or a property")            \
	F(tag, 9, BOOL, is_control, NJ_INDEX | NJ_LEARN, "Restarts a device")

NJ_EVENT(knx, KNX, "A KNXnet/IP message");

enum {
	HEAD = 6,
	TOTAL_MAX = 1024,
	DEVICE_REQUEST = 0x0310,
	TUNNEL_REQUEST = 0x0420,
	ROUTING = 0x0530,
	CONNECT_RESPONSE = 0x0206,
	STATE_RESPONSE = 0x0208,
	L_DATA_LAST = 0x2e,
	APCI_RESTART = 0x380
};

enum { ODD_FRAME };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "knx_frame", "A header or length that cannot be" },
	{ 0 },
};

static const struct nj_word services[] = {
	{ 0x0201, "SEARCH_REQUEST" },
	{ 0x0202, "SEARCH_RESPONSE" },
	{ 0x0203, "DESCRIPTION_REQUEST" },
	{ 0x0204, "DESCRIPTION_RESPONSE" },
	{ 0x0205, "CONNECT_REQUEST" },
	{ 0x0206, "CONNECT_RESPONSE" },
	{ 0x0207, "CONNECTIONSTATE_REQUEST" },
	{ 0x0208, "CONNECTIONSTATE_RESPONSE" },
	{ 0x0209, "DISCONNECT_REQUEST" },
	{ 0x020a, "DISCONNECT_RESPONSE" },
	{ 0x020b, "SEARCH_REQUEST_EXTENDED" },
	{ 0x020c, "SEARCH_RESPONSE_EXTENDED" },
	{ 0x0310, "DEVICE_CONFIGURATION_REQUEST" },
	{ 0x0311, "DEVICE_CONFIGURATION_ACK" },
	{ 0x0420, "TUNNELLING_REQUEST" },
	{ 0x0421, "TUNNELLING_ACK" },
	{ 0x0422, "TUNNELLING_FEATURE_GET" },
	{ 0x0423, "TUNNELLING_FEATURE_RESPONSE" },
	{ 0x0424, "TUNNELLING_FEATURE_SET" },
	{ 0x0425, "TUNNELLING_FEATURE_INFO" },
	{ 0x0530, "ROUTING_INDICATION" },
	{ 0x0531, "ROUTING_LOST_MESSAGE" },
	{ 0x0532, "ROUTING_BUSY" },
	{ 0x0533, "ROUTING_SYSTEM_BROADCAST" },
	{ 0x0740, "REMOTE_DIAGNOSTIC_REQUEST" },
	{ 0x0741, "REMOTE_DIAGNOSTIC_RESPONSE" },
	{ 0x0742, "REMOTE_BASIC_CONFIGURATION_REQUEST" },
	{ 0x0743, "REMOTE_RESET_REQUEST" },
	{ 0x0950, "SECURE_WRAPPER" },
	{ 0x0951, "SESSION_REQUEST" },
	{ 0x0952, "SESSION_RESPONSE" },
	{ 0x0953, "SESSION_AUTHENTICATE" },
	{ 0x0954, "SESSION_STATUS" },
	{ 0x0955, "TIMER_NOTIFY" },
};
/* The first four bits say it, but for the last group. */
static const struct nj_word apcis[] = {
	{ 0x0, "GroupValueRead" },
	{ 0x1, "GroupValueResponse" },
	{ 0x2, "GroupValueWrite" },
	{ 0x3, "IndividualAddressWrite" },
	{ 0x4, "IndividualAddressRead" },
	{ 0x5, "IndividualAddressResponse" },
	{ 0x6, "AdcRead" },
	{ 0x7, "AdcResponse" },
	{ 0x8, "MemoryRead" },
	{ 0x9, "MemoryResponse" },
	{ 0xa, "MemoryWrite" },
	{ 0xb, "UserMessage" },
	{ 0xc, "DeviceDescriptorRead" },
	{ 0xd, "DeviceDescriptorResponse" },
	{ 0xe, "Restart" },
};
static const struct nj_word apcis_long[] = {
	{ 0x3d1, "AuthorizeRequest" },
	{ 0x3d2, "AuthorizeResponse" },
	{ 0x3d3, "KeyWrite" },
	{ 0x3d4, "KeyResponse" },
	{ 0x3d5, "PropertyValueRead" },
	{ 0x3d6, "PropertyValueResponse" },
	{ 0x3d7, "PropertyValueWrite" },
	{ 0x3d8, "PropertyDescriptionRead" },
	{ 0x3d9, "PropertyDescriptionResponse" },
	{ 0x3f1, "DataSecure" },
};

static size_t
knx_length(struct nj_view v)
{
	size_t len = (size_t)(v.data[4] << 8 | v.data[5]);
	uint32_t service = (uint32_t)(v.data[2] << 8 | v.data[3]);

	if (v.data[0] != HEAD || v.data[1] != 0x10 || len < HEAD ||
		len > TOTAL_MAX ||
		!nj_word_find(services, nj_countof(services), service))
		return 0;
	return len;
}

/* The application part of a frame on the bus. */
static void
application(struct nj_dctx *d, uint16_t word, struct knx_event *ev)
{
	unsigned apci = word & 0x3ff, kind = apci >> 6;
	const char *name =
		nj_word_find(apcis_long, nj_countof(apcis_long), apci);

	if (name)
		ev->apci = nj_str(name);
	else
		ev->apci = kind == 15 ? nj_arena_printf(d, "unknown-%u", apci)
				      : nj_word(d, apcis, kind);
	ev->is_write = kind == 2 || kind == 3 || kind == 10 || apci == 0x3d3 ||
		       apci == 0x3d7;
	ev->is_control = apci >= APCI_RESTART && apci < APCI_RESTART + 64;
}

/* A frame of the bus as cEMI carries it. */
static void
cemi(struct nj_dctx *d, struct nj_cur c, struct knx_event *ev)
{
	uint8_t code = nj_cur_u8(&c), control, len;
	uint16_t from, to, word;

	nj_cur_skip(&c, nj_cur_u8(&c));
	nj_cur_skip(&c, 1);
	control = nj_cur_u8(&c);
	from = nj_cur_u16(&c);
	to = nj_cur_u16(&c);
	len = nj_cur_u8(&c);
	/* Only L_Data (requests, indications, confirmations) is so shaped. */
	if (c.bad || (code != 0x11 && code != 0x29 && code != L_DATA_LAST))
		return;
	ev->source = nj_arena_printf(
		d, "%u.%u.%u", from >> 12, from >> 8 & 15u, from & 255u);
	if (control & 0x80)
		ev->destination = nj_arena_printf(
			d, "%u/%u/%u", to >> 11, to >> 8 & 7u, to & 255u);
	else
		ev->destination = nj_arena_printf(
			d, "%u.%u.%u", to >> 12, to >> 8 & 15u, to & 255u);
	word = nj_cur_u16(&c);
	if (!c.bad && len)
		application(d, word, ev);
}

static enum nj_verdict
knx_message(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct knx_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);
	uint16_t service;

	nj_cur_skip(&c, 2);
	service = nj_cur_u16(&c);
	nj_cur_skip(&c, 2);
	ev.service = nj_word(d, services, service);
	if (service == CONNECT_RESPONSE || service == STATE_RESPONSE) {
		uint8_t channel = nj_cur_u8(&c), status = nj_cur_u8(&c);

		if (!c.bad) {
			nj_set(&ev, knx, channel, channel);
			nj_set(&ev, knx, status, status);
		}
	} else if (service == TUNNEL_REQUEST || service == DEVICE_REQUEST) {
		nj_cur_skip(&c, 1);
		nj_set(&ev, knx, channel, nj_cur_u8(&c));
		nj_cur_skip(&c, 2);
		cemi(d, c, &ev);
	} else if (service == ROUTING) {
		cemi(d, c, &ev);
	}
	/* Acknowledgements and signs of life tell nothing. */
	if (service == 0x0421 || service == 0x0311 || service == 0x0207) {
		nj_confirm(d);
		return NJ_MORE;
	}
	(void)nj_emit(d, &knx_desc, &ev);
	return NJ_MORE;
}

static const struct nj_framing framing = { .head_bytes = HEAD,
	.whole_max = TOTAL_MAX,
	.odd = ODD_FRAME,
	.length = knx_length,
	.message = knx_message };

static enum nj_verdict
knx_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_stream(d, dir, v, &framing);
}

static enum nj_verdict
knx_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_datagram(d, dir, v, &framing);
}

const struct nj_dissector nj_dissector_knx = {
	.name = "knx",
	.title = "KNXnet/IP",
	.ports = (const struct nj_port[]){ { NJ_UDP, 3671 }, { NJ_TCP, 3671 },
		{ 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^\\x06\\x10[\\x02-\\x05\\x07\\x09].[\\x00-\\x03].",
				0 },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &knx_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct nj_framed),
	.stream = knx_stream,
	.datagram = knx_datagram,
	.gap = nj_framed_gap,
};
