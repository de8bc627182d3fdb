/*
 * synchrophasor.c - IEEE C37.118.2-2011 over TCP and UDP: commands to phasor
 * measurement units and how they are configured; of the data itself only that
 * it began to flow.
 */
#include "dissectors/shared/framed.h"
#include "dissectors/shared/words.h"

#define SYNCHROPHASOR(F, tag)                                                  \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, U8, version, NJ_LEARN, "Version of the standard")            \
	F(tag, 3, STR, frame_type, NJ_INDEX | NJ_LEARN, "Kind of frame")       \
	F(tag, 4, U16, frame_size, 0, "Bytes of the frame")                    \
	F(tag, 5, U16, data_stream_id, NJ_INDEX, "Stream")                     \
	F(tag, 6, STR, command, NJ_INDEX | NJ_LEARN, "Command")                \
	F(tag, 7, STR, station, NJ_INDEX, "First station configured")          \
	F(tag, 8, U16, stations, NJ_OPT, "Stations configured")                \
	F(tag, 9, BOOL, is_control, NJ_INDEX | NJ_LEARN,                       \
		"A command that turns data on or off, or is the user's own")

NJ_EVENT(synchrophasor, SYNCHROPHASOR, "A frame of IEEE C37.118.2");

enum {
	HEAD = 14,
	FRAME_MIN = 16,
	FRAME_MAX = 8192,
	DATA = 0,
	CFG1 = 2,
	CFG2 = 3,
	COMMAND = 4,
	CFG3 = 5,
	STATION_BYTES = 16
};

enum { ODD_FRAME, ODD_CHECKSUM };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "synchrophasor_frame",
		"A frame's head that cannot be" },
	[ODD_CHECKSUM] = { "synchrophasor_checksum",
		"A frame's checksum is wrong" },
	{ 0 },
};

static const struct nj_word kinds[] = {
	{ 0, "data" },
	{ 1, "header" },
	{ 2, "configuration-1" },
	{ 3, "configuration-2" },
	{ 4, "command" },
	{ 5, "configuration-3" },
};
static const struct nj_word commands[] = {
	{ 1, "data_off" },
	{ 2, "data_on" },
	{ 3, "send_header" },
	{ 4, "send_configuration_1" },
	{ 5, "send_configuration_2" },
	{ 6, "send_configuration_3" },
	{ 8, "extended_frame" },
};

struct synchrophasor {
	struct nj_framed framed;
	bool data_told[2];
};

static size_t
frame_length(struct nj_view v)
{
	size_t len = (size_t)(v.data[2] << 8 | v.data[3]);
	uint8_t kind = v.data[1] >> 4, version = v.data[1] & 15;

	if (v.data[0] != 0xaa || kind > CFG3 || version < 1 || version > 3 ||
		len < FRAME_MIN)
		return 0;
	return len;
}

/* CRC-CCITT with a start of all ones. */
static bool
checksum_good(struct nj_view v)
{
	unsigned crc = 0xffff;

	for (size_t i = 0; i + 2 < v.len; i++) {
		unsigned x = (crc >> 8 ^ v.data[i]) & 0xff;

		x ^= x >> 4;
		crc = (crc << 8 ^ x << 12 ^ x << 5 ^ x) & 0xffff;
	}
	return crc == (unsigned)(v.data[v.len - 2] << 8 | v.data[v.len - 1]);
}

static void
body(struct nj_dctx *d, uint8_t kind, struct nj_cur *c,
	struct synchrophasor_event *ev)
{
	if (kind == COMMAND) {
		uint16_t command = nj_cur_u16(c);

		ev->command = nj_word(d, commands, command);
		ev->is_control = command <= 2 || command >= 8;
	} else if (kind == CFG1 || kind == CFG2) {
		struct nj_view name;

		nj_cur_skip(c, 4); /* time base */
		nj_set(ev, synchrophasor, stations, nj_cur_u16(c));
		name = nj_cur_take(c, STATION_BYTES);
		while (name.len && (name.data[name.len - 1] == ' ' ||
					   !name.data[name.len - 1]))
			name.len--;
		ev->station = name;
	}
}

static enum nj_verdict
frame(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct synchrophasor *s = nj_state(d);
	struct synchrophasor_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);
	uint8_t kind = v.data[1] >> 4;

	nj_cur_skip(&c, 2);
	ev.frame_size = nj_cur_u16(&c);
	if (ev.frame_size == v.len && !checksum_good(v)) {
		if (!s->framed.found)
			return NJ_REJECT;
		nj_odd(d, ODD_CHECKSUM);
		return NJ_MORE;
	}
	if (kind == DATA && s->data_told[dir])
		return NJ_MORE;
	s->data_told[dir] |= kind == DATA;
	ev.version = v.data[1] & 15;
	ev.frame_type = nj_word(d, kinds, kind);
	ev.data_stream_id = nj_cur_u16(&c);
	nj_cur_skip(&c, 8); /* time */
	body(d, kind, &c, &ev);
	(void)nj_emit(d, &synchrophasor_desc, &ev);
	return NJ_MORE;
}

static const struct nj_framing framing = { .head_bytes = HEAD,
	.whole_max = FRAME_MAX,
	.odd = ODD_FRAME,
	.length = frame_length,
	.message = frame };

static enum nj_verdict
synchrophasor_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_stream(d, dir, v, &framing);
}

static enum nj_verdict
synchrophasor_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_datagram(d, dir, v, &framing);
}

const struct nj_dissector nj_dissector_synchrophasor = {
	.name = "synchrophasor",
	.title = "IEEE C37.118",
	.ports = (const struct nj_port[]){ { NJ_TCP, 4712 }, { NJ_UDP, 4713 },
		{ 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\xaa[\\x01-\\x03\\x11-\\x13\\x21-"
					   "\\x23\\x31-\\x33\\x41-\\x43\\x51-"
					   "\\x53][\\x00-\\x1f].",
						 0 },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &synchrophasor_desc,
		NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct synchrophasor),
	.stream = synchrophasor_stream,
	.datagram = synchrophasor_datagram,
	.gap = nj_framed_gap,
};
