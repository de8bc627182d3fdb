/*
 * hart_ip.c - HART-IP (FieldComm HCF_SPEC-085) over UDP and TCP: sessions with
 * field devices, and the HART commands passed to them.
 */
#include "dissectors/shared/framed.h"
#include "dissectors/shared/words.h"

#define HART_IP(F, tag)                                                        \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, STR, message_type, NJ_INDEX | NJ_LEARN, "Kind of message")   \
	F(tag, 3, STR, message_id, NJ_INDEX | NJ_LEARN, "What it is about")    \
	F(tag, 4, U8, status, NJ_LEARN, "Status")                              \
	F(tag, 5, U16, sequence, 0, "Links answers to requests")               \
	F(tag, 6, U8, command, NJ_OPT | NJ_INDEX | NJ_LEARN, "HART command")   \
	F(tag, 7, U8, response_code, NJ_OPT, "The device's answer, 0 is good") \
	F(tag, 8, BOOL, is_write, NJ_INDEX | NJ_LEARN,                         \
		"A request that writes to the device")                         \
	F(tag, 9, BOOL, is_control, NJ_INDEX | NJ_LEARN,                       \
		"A request that resets, tests or trims the device")

NJ_EVENT(hart_ip, HART_IP, "A HART-IP message");

enum {
	HEAD = 8,
	LENGTH_MAX = 512,
	ID_SESSION = 0,
	ID_KEEP_ALIVE = 2,
	ID_PDU = 3,
	LONG_ADDRESS = 0x80,
	FRAME_BACK = 0x06
};

enum { ODD_FRAME };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "hart_ip_frame", "A header that cannot be" },
	{ 0 },
};

static const struct nj_word kinds[] = {
	{ 0, "request" },
	{ 1, "response" },
	{ 2, "publish" },
	{ 15, "nak" },
};
static const struct nj_word subjects[] = {
	{ 0, "session_initiate" },
	{ 1, "session_close" },
	{ 2, "keep_alive" },
	{ 3, "pdu" },
	{ 4, "direct_pdu" },
	{ 5, "read_audit_log" },
	{ 128, "discovery" },
};

static size_t
hart_length(struct nj_view v)
{
	size_t len = (size_t)(v.data[6] << 8 | v.data[7]);

	if (v.data[0] < 1 || v.data[0] > 2 || len < HEAD || len > LENGTH_MAX ||
		!nj_word_find(kinds, nj_countof(kinds), v.data[1] & 15) ||
		!nj_word_find(subjects, nj_countof(subjects), v.data[2]))
		return 0;
	/* A session begins with who leads, and a time. */
	if (v.data[2] == ID_SESSION && !(v.data[1] & 14) && len < HEAD + 5)
		return 0;
	return len;
}

/* Universal and common practice commands that change the device. */
static bool
command_writes(uint8_t command)
{
	return command == 6 || (command >= 17 && command <= 19) ||
	       command == 22 || (command >= 34 && command <= 37) ||
	       (command >= 43 && command <= 47) || command == 49 ||
	       (command >= 51 && command <= 53) || command == 55 ||
	       command == 56 || command == 58 || command == 59;
}

static void
pdu(struct nj_cur *c, struct hart_ip_event *ev)
{
	uint8_t delimiter = nj_cur_u8(c), command;

	nj_cur_skip(c, delimiter & LONG_ADDRESS ? 5 : 1);
	nj_cur_skip(c, delimiter >> 5 & 3); /* expansion */
	command = nj_cur_u8(c);
	nj_cur_skip(c, 1); /* bytes that follow */
	if (c->bad)
		return;
	nj_set(ev, hart_ip, command, command);
	if ((delimiter & 7) == FRAME_BACK && nj_cur_left(c)) {
		nj_set(ev, hart_ip, response_code, nj_cur_u8(c));
		return;
	}
	ev->is_write = command_writes(command);
	ev->is_control = command >= 39 && command <= 46 && command != 44;
}

static enum nj_verdict
hart_message(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct hart_ip_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);
	uint8_t kind, subject;

	nj_cur_skip(&c, 1);
	kind = nj_cur_u8(&c) & 15;
	subject = nj_cur_u8(&c);
	ev.message_type = nj_word(d, kinds, kind);
	ev.message_id = nj_word(d, subjects, subject);
	ev.status = nj_cur_u8(&c);
	ev.sequence = nj_cur_u16(&c);
	nj_cur_skip(&c, 2);
	nj_confirm(d);
	if (subject == ID_KEEP_ALIVE)
		return NJ_MORE;
	if (subject == ID_PDU)
		pdu(&c, &ev);
	(void)nj_emit(d, &hart_ip_desc, &ev);
	return NJ_MORE;
}

static const struct nj_framing framing = { .head_bytes = HEAD,
	.whole_max = LENGTH_MAX,
	.odd = ODD_FRAME,
	.length = hart_length,
	.message = hart_message };

static enum nj_verdict
hart_ip_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_stream(d, dir, v, &framing);
}

static enum nj_verdict
hart_ip_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_datagram(d, dir, v, &framing);
}

const struct nj_dissector nj_dissector_hart_ip = {
	.name = "hart_ip",
	.title = "HART-IP",
	.service = "hart-ip",
	.ports = (const struct nj_port[]){ { NJ_UDP, 5094 }, { NJ_TCP, 5094 },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &hart_ip_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct nj_framed),
	.stream = hart_ip_stream,
	.datagram = hart_ip_datagram,
	.gap = nj_framed_gap,
};
