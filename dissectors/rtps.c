/*
 * rtps.c - the wire protocol of DDS (OMG RTPS 2.5): which participants speak,
 * whose implementation they are. Robots and vehicles send without end, so a
 * participant is told once a flow.
 *
 * Not done: discovery data, DDS Security.
 */
#include "dissectors/shared/words.h"

#define RTPS(F, tag)                                                           \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, STR, version, NJ_INDEX | NJ_LEARN,                           \
		"Version of the protocol")                                     \
	F(tag, 3, STR, vendor, NJ_INDEX | NJ_LEARN, "Implementation")          \
	F(tag, 4, STR, guid_prefix, NJ_INDEX, "Participant, in hexadecimal")   \
	F(tag, 5, VSTR, submessages, NJ_LEARN, "Kinds in the first packet")

NJ_EVENT(rtps, RTPS, "A participant of RTPS");

enum { GUID_BYTES = 12, TOLD_MAX = 8, KINDS_MAX = 8, FLAG_LITTLE = 1 };

static const struct nj_word vendors[] = {
	{ 0x0101, "RTI Connext" },
	{ 0x0102, "ADLink OpenSplice" },
	{ 0x0103, "OCI OpenDDS" },
	{ 0x0104, "MilSoft" },
	{ 0x0105, "Kongsberg InterCOM" },
	{ 0x0106, "TwinOaks CoreDX" },
	{ 0x0107, "Lakota" },
	{ 0x0108, "ICOUP" },
	{ 0x0109, "ETRI" },
	{ 0x010a, "RTI Connext Micro" },
	{ 0x010b, "ADLink Cafe" },
	{ 0x010c, "PrismTech" },
	{ 0x010d, "ADLink Lite" },
	{ 0x010f, "eProsima Fast DDS" },
	{ 0x0110, "Eclipse Cyclone DDS" },
	{ 0x0111, "Gurum" },
	{ 0x0112, "Atostek RustDDS" },
};
static const struct nj_word kinds[] = {
	{ 0x01, "PAD" },
	{ 0x06, "ACKNACK" },
	{ 0x07, "HEARTBEAT" },
	{ 0x08, "GAP" },
	{ 0x09, "INFO_TS" },
	{ 0x0c, "INFO_SRC" },
	{ 0x0d, "INFO_REPLY_IP4" },
	{ 0x0e, "INFO_DST" },
	{ 0x0f, "INFO_REPLY" },
	{ 0x12, "NACK_FRAG" },
	{ 0x13, "HEARTBEAT_FRAG" },
	{ 0x15, "DATA" },
	{ 0x16, "DATA_FRAG" },
	{ 0x30, "SEC_BODY" },
	{ 0x31, "SEC_PREFIX" },
	{ 0x32, "SEC_POSTFIX" },
	{ 0x33, "SRTPS_PREFIX" },
	{ 0x34, "SRTPS_POSTFIX" },
};

struct rtps {
	uint8_t count;
	uint8_t told[TOLD_MAX][GUID_BYTES];
};

static bool
is_new(struct rtps *s, const uint8_t *guid)
{
	for (unsigned i = 0; i < s->count; i++)
		if (memcmp(s->told[i], guid, GUID_BYTES) == 0)
			return false;
	if (s->count == TOLD_MAX)
		return false;
	memcpy(s->told[s->count++], guid, GUID_BYTES);
	return true;
}

static void
submessages(struct nj_dctx *d, struct nj_cur *c, struct rtps_event *ev)
{
	struct nj_view *list = nj_arena(d, sizeof(*list) * KINDS_MAX);
	uint32_t n = 0;

	while (list && n < KINDS_MAX && nj_cur_left(c) >= 4) {
		uint8_t kind = nj_cur_u8(c), flags = nj_cur_u8(c);
		size_t len =
			flags & FLAG_LITTLE ? nj_cur_le16(c) : nj_cur_u16(c);

		list[n++] = nj_word(d, kinds, kind);
		/* The last may say 0: to the end. */
		nj_cur_skip(c, len ? len : nj_cur_left(c));
	}
	if (list)
		ev->submessages = (struct nj_vstr){ list, n };
}

static enum nj_verdict
rtps_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct rtps_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);
	struct nj_view magic = nj_cur_take(&c, 4), guid;
	uint8_t major = nj_cur_u8(&c), minor = nj_cur_u8(&c);
	uint16_t vendor = nj_cur_u16(&c);
	char text[2 * GUID_BYTES + 1];

	if (c.bad || memcmp(magic.data, "RTP", 3) != 0 ||
		(magic.data[3] != 'S' && magic.data[3] != 'X') || major == 0 ||
		major > 2)
		return NJ_REJECT;
	nj_confirm(d);
	guid = nj_cur_take(&c, GUID_BYTES);
	/* A ping has no participant. */
	if (c.bad || !is_new(nj_state(d), guid.data))
		return NJ_MORE;
	for (unsigned i = 0; i < GUID_BYTES; i++) {
		text[2 * i] = "0123456789abcdef"[guid.data[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[guid.data[i] & 15];
	}
	text[2 * GUID_BYTES] = 0;
	ev.guid_prefix = nj_str(text);
	ev.version = nj_arena_printf(d, "%u.%u", major, minor);
	ev.vendor = nj_word(d, vendors, vendor);
	submessages(d, &c, &ev);
	(void)nj_emit(d, &rtps_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_rtps = {
	.name = "rtps",
	.title = "RTPS (DDS)",
	.ports = (const struct nj_port[]){ { NJ_UDP, 7400 }, { NJ_UDP, 7401 },
		{ NJ_UDP, 7410 }, { NJ_UDP, 7411 }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^RTP[SX][\\x01\\x02][\\x00-\\x09]",
						 NJ_SIG_UDP },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &rtps_desc, NULL },
	.state_bytes = sizeof(struct rtps),
	.datagram = rtps_datagram,
};
