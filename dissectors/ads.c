/*
 * ads.c - Beckhoff's Automation Device Specification over TCP (Beckhoff
 * Information System, "ADS/AMS Specification"): reads and writes of a TwinCAT
 * controller's variables, and changes of its state.
 *
 * Not done: contents of reads and writes, notifications of changed values.
 */
#include "dissectors/shared/framed.h"
#include "dissectors/shared/words.h"

#define ADS(F, tag)                                                            \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, STR, command, NJ_INDEX | NJ_LEARN, "Command")                \
	F(tag, 3, STR, direction, NJ_LEARN, "request or response")             \
	F(tag, 4, STR, target, NJ_INDEX,                                       \
		"AMS address it goes to: net id:port")                         \
	F(tag, 5, STR, source, NJ_INDEX, "AMS address it comes from")          \
	F(tag, 6, U32, invoke_id, 0, "Links answers to requests")              \
	F(tag, 7, U32, error, NJ_INDEX, "AMS error, 0 is none")                \
	F(tag, 8, U32, index_group, NJ_OPT | NJ_LEARN, "Index group")          \
	F(tag, 9, U32, index_offset, NJ_OPT, "Index offset")                   \
	F(tag, 10, U32, length, NJ_OPT, "Bytes to read or write")              \
	F(tag, 11, STR, ads_state, NJ_INDEX | NJ_LEARN,                        \
		"State asked for or answered")                                 \
	F(tag, 12, STR, device, NJ_INDEX, "Device name, and version")          \
	F(tag, 13, BOOL, is_write, NJ_INDEX | NJ_LEARN,                        \
		"A request that writes")                                       \
	F(tag, 14, BOOL, is_control, NJ_INDEX | NJ_LEARN,                      \
		"A request that changes the state: run, stop, reset ...")

NJ_EVENT(ads, ADS, "An ADS request or response");

enum {
	HEAD = 38, /* of TCP and AMS */
	AMS_BYTES = 32,
	LENGTH_MAX = 16 * 1024 * 1024,
	READ_MAX = 128, /* of a message that is looked at */
	FLAG_RESPONSE = 1,
	FLAG_ADS = 4,
	DEVICE_INFO = 1,
	READ = 2,
	WRITE = 3,
	READ_STATE = 4,
	WRITE_CONTROL = 5,
	NOTIFICATION = 8,
	READ_WRITE = 9
};

enum { ODD_FRAME };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "ads_frame", "A header that cannot be" },
	{ 0 },
};

static const struct nj_word commands[] = {
	{ 1, "ReadDeviceInfo" },
	{ 2, "Read" },
	{ 3, "Write" },
	{ 4, "ReadState" },
	{ 5, "WriteControl" },
	{ 6, "AddDeviceNotification" },
	{ 7, "DeleteDeviceNotification" },
	{ 8, "DeviceNotification" },
	{ 9, "ReadWrite" },
};
static const struct nj_word states[] = {
	{ 0, "invalid" },
	{ 1, "idle" },
	{ 2, "reset" },
	{ 3, "init" },
	{ 4, "start" },
	{ 5, "run" },
	{ 6, "stop" },
	{ 7, "saveconfig" },
	{ 8, "loadconfig" },
	{ 9, "powerfailure" },
	{ 10, "powergood" },
	{ 11, "error" },
	{ 12, "shutdown" },
	{ 13, "suspend" },
	{ 14, "resume" },
	{ 15, "config" },
	{ 16, "reconfig" },
};

static size_t
ads_length(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t reserved = nj_cur_le16(&c), command, flags;
	uint32_t length = nj_cur_le32(&c), data;

	nj_cur_skip(&c, 16);
	command = nj_cur_le16(&c);
	flags = nj_cur_le16(&c);
	data = nj_cur_le32(&c);
	if (reserved || command < DEVICE_INFO || command > READ_WRITE ||
		!(flags & FLAG_ADS) || length > LENGTH_MAX ||
		length < AMS_BYTES || data != length - AMS_BYTES)
		return 0;
	return length + (size_t)6;
}

static struct nj_view
ams_address(struct nj_dctx *d, struct nj_cur *c)
{
	struct nj_view id = nj_cur_take(c, 6);
	uint16_t port = nj_cur_le16(c);

	if (!id.data)
		return id;
	return nj_arena_printf(d, "%u.%u.%u.%u.%u.%u:%u", id.data[0],
		id.data[1], id.data[2], id.data[3], id.data[4], id.data[5],
		port);
}

static void
request(struct nj_dctx *d, uint16_t command, struct nj_cur *c,
	struct ads_event *ev)
{
	uint32_t group, offset, length;

	if (command == WRITE_CONTROL) {
		ev->ads_state = nj_word(d, states, nj_cur_le16(c));
		ev->is_control = true;
		return;
	}
	ev->is_write = command == WRITE;
	if (command != READ && command != WRITE && command != READ_WRITE &&
		command != 6)
		return;
	group = nj_cur_le32(c);
	offset = nj_cur_le32(c);
	length = nj_cur_le32(c);
	if (c->bad)
		return;
	nj_set(ev, ads, index_group, group);
	nj_set(ev, ads, index_offset, offset);
	nj_set(ev, ads, length, length);
}

static void
response(struct nj_dctx *d, uint16_t command, struct nj_cur *c,
	struct ads_event *ev)
{
	uint32_t result = nj_cur_le32(c);

	if (c->bad)
		return;
	if (!ev->error)
		ev->error = result;
	if (command == READ_STATE) {
		ev->ads_state = nj_word(d, states, nj_cur_le16(c));
	} else if (command == DEVICE_INFO) {
		uint8_t major = nj_cur_u8(c), minor = nj_cur_u8(c);
		uint16_t build = nj_cur_le16(c);
		struct nj_view name = nj_cur_take(c, 16);
		size_t end = nj_view_chr(name, 0);

		if (!c->bad)
			ev->device = nj_arena_printf(d, "%.*s %u.%u.%u",
				(int)nj_min(end, name.len), name.data, major,
				minor, build);
	}
}

static enum nj_verdict
ads_message(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct ads_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);
	uint16_t command, flags;

	nj_cur_skip(&c, 6);
	ev.target = ams_address(d, &c);
	ev.source = ams_address(d, &c);
	command = nj_cur_le16(&c);
	flags = nj_cur_le16(&c);
	nj_cur_skip(&c, 4);
	ev.error = nj_cur_le32(&c);
	ev.invoke_id = nj_cur_le32(&c);
	ev.command = nj_word(d, commands, command);
	nj_confirm(d);
	if (command == NOTIFICATION)
		return NJ_MORE;
	if (flags & FLAG_RESPONSE) {
		ev.direction = NJ_LIT("response");
		response(d, command, &c, &ev);
	} else {
		ev.direction = NJ_LIT("request");
		request(d, command, &c, &ev);
	}
	(void)nj_emit(d, &ads_desc, &ev);
	return NJ_MORE;
}

static const struct nj_framing framing = { .head_bytes = HEAD,
	.whole_max = READ_MAX,
	.odd = ODD_FRAME,
	.length = ads_length,
	.message = ads_message };

static enum nj_verdict
ads_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_stream(d, dir, v, &framing);
}

const struct nj_dissector nj_dissector_ads = {
	.name = "ads",
	.title = "Beckhoff ADS",
	.ports = (const struct nj_port[]){ { NJ_TCP, 48898 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^\\x00\\x00...\\x00.{16}[\\x01-\\x09]\\x00"
			  "[\\x04\\x05]\\x00...\\x00",
				0 },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &ads_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct nj_framed),
	.stream = ads_stream,
	.gap = nj_framed_gap,
};
