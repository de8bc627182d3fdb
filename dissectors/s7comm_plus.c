/*
 * s7comm_plus.c - the protocol of Siemens' S7-1200 and 1500 controllers:
 * version, kind and function of each message. There is no public
 * specification; contents are signed or encrypted from version 3 on.
 *
 * The data units come from cotp.
 */
#include "dissectors/shared/words.h"

#define S7COMM_PLUS(F, tag)                                                    \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, U8, version, NJ_INDEX | NJ_LEARN, "Version")                 \
	F(tag, 3, U8, opcode, NJ_LEARN, "Kind of message")                     \
	F(tag, 4, STR, opcode_name, NJ_INDEX, "Kind of message by name")       \
	F(tag, 5, U16, function_code, NJ_OPT | NJ_LEARN, "Function")           \
	F(tag, 6, STR, function_name, NJ_INDEX | NJ_LEARN, "Function by name") \
	F(tag, 7, BOOL, is_write, NJ_INDEX | NJ_LEARN,                         \
		"A request that sets variables, or makes or deletes objects")

NJ_EVENT(s7comm_plus, S7COMM_PLUS, "An S7comm-plus message");

enum {
	PROTOCOL = 0x72,
	VERSION_SIGNED = 3,
	REQUEST = 0x31,
	NOTIFICATION = 0x33
};

static const struct nj_word opcodes[] = {
	{ 0x02, "Response2" },
	{ 0x31, "Request" },
	{ 0x32, "Response" },
	{ 0x33, "Notification" },
};
static const struct nj_word functions[] = {
	{ 0x04b1, "Error" },
	{ 0x04bb, "Explore" },
	{ 0x04ca, "Create-Object" },
	{ 0x04d4, "Delete-Object" },
	{ 0x04f2, "Set-Variable" },
	{ 0x04fc, "Get-Variable" },
	{ 0x0506, "Add-Link" },
	{ 0x051a, "Remove-Link" },
	{ 0x0524, "Get-Link" },
	{ 0x0542, "Set-Multi-Variables" },
	{ 0x054c, "Get-Multi-Variables" },
	{ 0x0556, "Begin-Sequence" },
	{ 0x0560, "End-Sequence" },
	{ 0x056b, "Invoke" },
	{ 0x057c, "Set-Var-Sub-Streamed" },
	{ 0x0586, "Get-Var-Sub-Streamed" },
};

static bool
writes(uint16_t function)
{
	return function == 0x04ca || function == 0x04d4 || function == 0x04f2 ||
	       function == 0x0506 || function == 0x051a || function == 0x0542 ||
	       function == 0x057c;
}

static enum nj_verdict
s7comm_plus_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct s7comm_plus_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);

	if (nj_cur_u8(&c) != PROTOCOL)
		return NJ_REJECT;
	ev.version = nj_cur_u8(&c);
	nj_cur_skip(&c, 2);
	if (c.bad)
		return NJ_REJECT;
	nj_confirm(d);
	/* Keep-alives and the parts of longer messages have no head. */
	if (ev.version == 0 || ev.version > VERSION_SIGNED)
		return NJ_MORE;
	if (ev.version == VERSION_SIGNED)
		nj_cur_skip(&c, nj_cur_u8(&c));
	ev.opcode = nj_cur_u8(&c);
	if (c.bad || !nj_word_find(opcodes, nj_countof(opcodes), ev.opcode))
		return NJ_MORE;
	ev.opcode_name = nj_word(d, opcodes, ev.opcode);
	nj_cur_skip(&c, 2);
	if (ev.opcode != NOTIFICATION) {
		nj_set(&ev, s7comm_plus, function_code, nj_cur_u16(&c));
		ev.function_name = nj_word(d, functions, ev.function_code);
		ev.is_write = ev.opcode == REQUEST && writes(ev.function_code);
	}
	if (!c.bad)
		(void)nj_emit(d, &s7comm_plus_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_s7comm_plus = {
	.name = "s7comm_plus",
	.title = "S7comm-plus",
	.service = "s7comm-plus",
	.events = (const struct nj_event_desc *const[]){ &s7comm_plus_desc,
		NULL },
	.datagram = s7comm_plus_datagram,
};
