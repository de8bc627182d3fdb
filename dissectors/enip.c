/*
 * enip.c - EtherNet/IP (ODVA, CIP Networks Library Volume 2) over TCP and UDP:
 * encapsulation commands, the CIP messages in them (cip.h), and connections
 * of cyclic data, one record each.
 *
 * Not done: the contents of cyclic data, CIP Security (TLS, DTLS).
 */
#include "dissectors/shared/cip.h"
#include "dissectors/shared/enip_eve.h"
#include "dissectors/shared/framed.h"
#include "dissectors/shared/words.h"

#define ENIP(F, tag)                                                           \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, U16, enip_command_code, NJ_LEARN, "Command")                 \
	F(tag, 3, STR, enip_command, NJ_INDEX | NJ_LEARN, "Command by name")   \
	F(tag, 4, U16, length, 0, "Bytes after the header")                    \
	F(tag, 5, U32, session_handle, 0, "Session")                           \
	F(tag, 6, U32, enip_status_code, NJ_LEARN, "Status")                   \
	F(tag, 7, STR, enip_status, NJ_INDEX, "Status by name")                \
	F(tag, 8, STR, sender_context, 0,                                      \
		"What the sender wants back in the answer, in hexadecimal")

NJ_EVENT(enip, ENIP, "An EtherNet/IP command");

#define CIP_IO(F, tag)                                                         \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, U32, connection_id, NJ_INDEX, "Connection")                  \
	F(tag, 3, U32, sequence_number, 0, "Of the first packet seen")         \
	F(tag, 4, U16, data_length, NJ_LEARN, "Bytes of data in it")

NJ_EVENT(cip_io, CIP_IO, "A connection of cyclic CIP data");

enum {
	HEAD = 24,
	CONTEXT_AT = 12, /* in the header, of 8 bytes */
	MESSAGE_MAX = 16 * 1024,
	LENGTH_MAX = 65511,
	ITEMS_MAX = 8,
	IO_CONNECTIONS = 16, /* of a flow that are told */
	PORT_IO = 2222,
	CMD_LIST_IDENTITY = 0x63,
	CMD_SEND_RR = 0x6f,
	CMD_SEND_UNIT = 0x70,
	ITEM_IDENTITY = 0x0c,
	ITEM_CONNECTED = 0xb1,
	ITEM_UNCONNECTED = 0xb2,
	ITEM_SEQUENCED = 0x8002
};

enum { ODD_FRAME, ODD_ITEM };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "enip_frame", "A command or length that cannot be" },
	[ODD_ITEM] = { "enip_item",
		"An item or CIP message that makes no sense" },
	{ 0 },
};

struct enip {
	struct nj_framed framed;
	struct nj_enip_eve eve;
	uint8_t io_count;
	uint32_t io[IO_CONNECTIONS];
};

static const struct nj_word commands[] = {
	{ 0x00, "nop" },
	{ 0x04, "list_services" },
	{ 0x63, "list_identity" },
	{ 0x64, "list_interfaces" },
	{ 0x65, "register_session" },
	{ 0x66, "unregister_session" },
	{ 0x6f, "send_rr_data" },
	{ 0x70, "send_unit_data" },
	{ 0x72, "indicate_status" },
	{ 0x73, "cancel" },
};
static const struct nj_word statuses[] = {
	{ 0x00, "success" },
	{ 0x01, "invalid_cmd" },
	{ 0x02, "no_resources" },
	{ 0x03, "incorrect_data" },
	{ 0x64, "invalid_session" },
	{ 0x65, "invalid_length" },
	{ 0x69, "unsupported_prot_rev" },
	{ 0x6a, "encap_header_error" },
};

static size_t
command_length(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t command = nj_cur_le16(&c), length = nj_cur_le16(&c);
	uint32_t status;

	nj_cur_skip(&c, 4);
	status = nj_cur_le32(&c);
	if (!nj_word_find(commands, nj_countof(commands), command) ||
		length > LENGTH_MAX || status > 0xffff)
		return 0;
	return HEAD + (size_t)length;
}

/* One item; false if it makes no sense. */
static bool
item(struct nj_dctx *d, enum nj_dir dir, uint16_t type, struct nj_view v)
{
	struct nj_cip_place at = { .dir = dir };
	struct nj_cur c = nj_cur(v);

	switch (type) {
	case ITEM_IDENTITY:
		return nj_cip_identity(d, v);
	case ITEM_CONNECTED:
		at.connected = true;
		at.sequence = nj_cur_le16(&c);
		return nj_cip_message(d, &at, nj_cur_rest(&c));
	case ITEM_UNCONNECTED:
		return nj_cip_message(d, &at, v);
	default:
		return true;
	}
}

/* The common packet format: a count and the items. */
static void
items(struct nj_dctx *d, enum nj_dir dir, struct nj_cur c)
{
	unsigned count = nj_cur_le16(&c);
	bool sense = !c.bad;

	for (unsigned i = 0; sense && i < count && i < ITEMS_MAX; i++) {
		uint16_t type = nj_cur_le16(&c);
		struct nj_view v = nj_cur_take(&c, nj_cur_le16(&c));

		sense = !c.bad && item(d, dir, type, v);
	}
	if (!sense)
		nj_odd(d, ODD_ITEM);
}

static struct nj_view
hex(struct nj_dctx *d, struct nj_view v)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *out = nj_arena(d, v.len * 2);

	for (size_t i = 0; out && i < v.len; i++) {
		out[2 * i] = (uint8_t)digits[v.data[i] >> 4];
		out[2 * i + 1] = (uint8_t)digits[v.data[i] & 15];
	}
	return (struct nj_view){ out, out ? v.len * 2 : 0 };
}

static void
tell_eve(struct nj_dctx *d, enum nj_dir dir, const struct enip_event *ev,
	struct nj_view v)
{
	struct enip *s = nj_state(d);
	struct nj_enip_command c = { .code = ev->enip_command_code,
		.command = ev->enip_command,
		.status = ev->enip_status,
		.data = nj_sub(v, HEAD, v.len) };

	memcpy(&c.context, v.data + CONTEXT_AT, sizeof(c.context));
	nj_enip_eve(d, &s->eve, dir, &c);
}

static enum nj_verdict
command(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct enip_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);

	ev.enip_command_code = nj_cur_le16(&c);
	ev.enip_command = nj_word(d, commands, ev.enip_command_code);
	ev.length = nj_cur_le16(&c);
	ev.session_handle = nj_cur_le32(&c);
	ev.enip_status_code = nj_cur_le32(&c);
	ev.enip_status = nj_word(d, statuses, ev.enip_status_code);
	ev.sender_context = hex(d, nj_cur_take(&c, 8));
	nj_cur_skip(&c, 4); /* options */
	(void)nj_emit(d, &enip_desc, &ev);
	tell_eve(d, dir, &ev, v);
	if (ev.enip_command_code == CMD_SEND_RR ||
		ev.enip_command_code == CMD_SEND_UNIT) {
		if (!ev.length && ev.enip_status_code)
			return NJ_MORE;
		nj_cur_skip(&c, 6); /* interface, time-out */
		items(d, dir, c);
	} else if (ev.enip_command_code == CMD_LIST_IDENTITY && ev.length) {
		items(d, dir, c);
	}
	return NJ_MORE;
}

static const struct nj_framing framing = { .head_bytes = HEAD,
	.whole_max = MESSAGE_MAX,
	.odd = ODD_FRAME,
	.length = command_length,
	.message = command };

static enum nj_verdict
enip_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_stream(d, dir, v, &framing);
}

static bool
is_new_io(struct enip *s, uint32_t id)
{
	for (unsigned i = 0; i < s->io_count; i++)
		if (s->io[i] == id)
			return false;
	if (s->io_count == IO_CONNECTIONS)
		return false;
	s->io[s->io_count++] = id;
	return true;
}

/* Cyclic data: an address item with a sequence, and the data. */
static enum nj_verdict
cyclic(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct cip_io_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);
	uint16_t count = nj_cur_le16(&c), type = nj_cur_le16(&c);

	if (count != 2 || type != ITEM_SEQUENCED || nj_cur_le16(&c) != 8)
		return NJ_REJECT;
	ev.connection_id = nj_cur_le32(&c);
	ev.sequence_number = nj_cur_le32(&c);
	if (nj_cur_le16(&c) != ITEM_CONNECTED)
		return NJ_REJECT;
	ev.data_length = nj_cur_le16(&c);
	if (c.bad || nj_cur_left(&c) != ev.data_length)
		return NJ_REJECT;
	if (is_new_io(nj_state(d), ev.connection_id))
		(void)nj_emit(d, &cip_io_desc, &ev);
	return NJ_MORE;
}

static enum nj_verdict
enip_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct enip *s = nj_state(d);
	enum nj_verdict verdict;

	if (v.len > 4 && v.data[2] == 0x02 && v.data[3] == 0x80) {
		verdict = cyclic(d, dir, v);
		return verdict == NJ_REJECT && s->framed.found ? NJ_MORE
							       : verdict;
	}
	return nj_framed_datagram(d, dir, v, &framing);
}

static void
enip_end(struct nj_dctx *d)
{
	struct enip *s = nj_state(d);

	nj_enip_eve_end(d, &s->eve);
}

const struct nj_dissector nj_dissector_enip = {
	.name = "enip",
	.title = "EtherNet/IP",
	.ports = (const struct nj_port[]){ { NJ_TCP, 44818 }, { NJ_UDP, 44818 },
		{ NJ_UDP, PORT_IO }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			/* Register session: version 1, no options. */
			{ "^\\x65\\x00\\x04\\x00....\\x00\\x00\\x00\\x00"
			  "........\\x00\\x00\\x00\\x00\\x01\\x00\\x00\\x00",
				0 },
			/* List services, identity, interfaces: no
			 * more than the header. */
			{ "^[\\x04\\x63\\x64]\\x00\\x00\\x00....\\x00\\x00"
			  "\\x00\\x00........\\x00\\x00\\x00\\x00$",
				NJ_SIG_ORIG | NJ_SIG_UDP },
			/* From the middle: a session, interface 0. */
			{ "^[\\x6f\\x70]\\x00..[^\\x00]...\\x00\\x00\\x00\\x00"
			  "........\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
			  "..[\\x02-\\x04]\\x00",
				0 },
			{ "^\\x02\\x00\\x02\\x80\\x08\\x00........\\xb1\\x00",
				NJ_SIG_UDP },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &enip_desc, &cip_desc,
		&cip_identity_desc, &cip_io_desc, &eve_enip_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct enip),
	.stream = enip_stream,
	.datagram = enip_datagram,
	.gap = nj_framed_gap,
	.end = enip_end,
};
