/*
 * s7comm.c - S7 communication of Siemens' S7-300, 400 and 1200 controllers:
 * one record a job, answer or user data message. There is no public
 * specification; what is read here is what the literature agrees on.
 *
 * Why we parse it: variables are written, programs loaded and the CPU stopped
 * with it, without a password. The data units come from cotp.
 */
#include "dissectors/shared/words.h"

#define S7COMM(F, tag)                                                         \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, U8, rosctr_code, NJ_LEARN, "Kind of message")                \
	F(tag, 3, STR, rosctr_name, NJ_INDEX, "Kind of message by name")       \
	F(tag, 4, U16, pdu_reference, 0, "Links answers to requests")          \
	F(tag, 5, U8, function_code, NJ_OPT | NJ_LEARN, "Function")            \
	F(tag, 6, STR, function_name, NJ_INDEX | NJ_LEARN, "Function by name") \
	F(tag, 7, U8, subfunction_code, NJ_OPT | NJ_LEARN,                     \
		"Subfunction of user data")                                    \
	F(tag, 8, STR, error_class, NJ_INDEX, "Error class of an answer")      \
	F(tag, 9, U16, error_code, NJ_OPT | NJ_INDEX,                          \
		"Error class and code of an answer")                           \
	F(tag, 10, U8, items, NJ_OPT, "Variables read or written")             \
	F(tag, 11, STR, area, NJ_INDEX | NJ_LEARN,                             \
		"Area of the first: inputs, outputs, flags, db ...")           \
	F(tag, 12, U16, db, NJ_OPT | NJ_INDEX | NJ_LEARN, "Its data block")    \
	F(tag, 13, U32, address, NJ_OPT, "Its first bit")                      \
	F(tag, 14, U16, length, NJ_OPT, "Its number of elements")              \
	F(tag, 15, STR, block, NJ_INDEX,                                       \
		"Block that is loaded, or service that is called")             \
	F(tag, 16, BOOL, is_write, NJ_INDEX | NJ_LEARN,                        \
		"A request that writes variables or sets the clock")           \
	F(tag, 17, BOOL, is_control, NJ_INDEX | NJ_LEARN,                      \
		"A request that starts, stops or changes the CPU's state or "  \
		"its blocks")                                                  \
	F(tag, 18, BOOL, is_download, NJ_INDEX | NJ_LEARN,                     \
		"A request of the transfer of a program to the CPU")

NJ_EVENT(s7comm, S7COMM, "An S7 communication message");

enum {
	PROTOCOL = 0x32,
	JOB = 1,
	ACK = 2,
	ACK_DATA = 3,
	USER_DATA = 7,
	F_READ = 0x04,
	F_WRITE = 0x05,
	F_DOWNLOAD_FIRST = 0x1a,
	F_DOWNLOAD_LAST = 0x1c,
	F_UPLOAD_START = 0x1d,
	F_PI_SERVICE = 0x28,
	F_STOP = 0x29,
	GROUP_MODE = 0,
	GROUP_TIME = 7,
	TIME_SET = 2
};

enum { ODD_BODY };
static const struct nj_oddity oddities[] = {
	[ODD_BODY] = { "s7comm_body",
		"A message that is shorter than it says" },
	{ 0 },
};

static const struct nj_word kinds[] = {
	{ 1, "Job-Request" },
	{ 2, "Ack" },
	{ 3, "Ack-Data" },
	{ 7, "User-Data" },
};
static const struct nj_word functions[] = {
	{ 0x00, "CPU-Services" },
	{ 0x04, "Read-Variable" },
	{ 0x05, "Write-Variable" },
	{ 0x1a, "Request-Download" },
	{ 0x1b, "Download-Block" },
	{ 0x1c, "Download-Ended" },
	{ 0x1d, "Start-Upload" },
	{ 0x1e, "Upload" },
	{ 0x1f, "End-Upload" },
	{ 0x28, "PI-Service" },
	{ 0x29, "PLC-Stop" },
	{ 0xf0, "Setup-Communication" },
};
static const struct nj_word groups[] = {
	{ 0, "Mode-Transition" },
	{ 1, "Programmer-Commands" },
	{ 2, "Cyclic-Data" },
	{ 3, "Block-Functions" },
	{ 4, "CPU-Functions" },
	{ 5, "Security" },
	{ 6, "PBC" },
	{ 7, "Time-Functions" },
	{ 15, "NC-Programming" },
};
static const struct nj_word areas[] = {
	{ 0x03, "system_info" },
	{ 0x05, "system_flags" },
	{ 0x06, "analog_inputs" },
	{ 0x07, "analog_outputs" },
	{ 0x1c, "counters" },
	{ 0x1d, "timers" },
	{ 0x1e, "iec_counters" },
	{ 0x1f, "iec_timers" },
	{ 0x80, "peripheral" },
	{ 0x81, "inputs" },
	{ 0x82, "outputs" },
	{ 0x83, "flags" },
	{ 0x84, "db" },
	{ 0x85, "instance_db" },
	{ 0x86, "local" },
	{ 0x87, "previous_local" },
};
static const struct nj_word classes[] = {
	{ 0x00, "No-Error" },
	{ 0x81, "Application-Relationship-Error" },
	{ 0x82, "Object-Definition-Error" },
	{ 0x83, "No-Resources-Available-Error" },
	{ 0x84, "Service-Processing-Error" },
	{ 0x85, "Supplies-Error" },
	{ 0x87, "Access-Error" },
};

/* The first item of a read or write request. */
static void
first_item(struct nj_dctx *d, struct nj_cur *c, struct s7comm_event *ev)
{
	struct nj_cur item;

	nj_set(ev, s7comm, items, nj_cur_u8(c));
	if (!ev->items || nj_cur_u8(c) != 0x12)
		return;
	item = nj_cur(nj_cur_take(c, nj_cur_u8(c)));
	if (nj_cur_u8(&item) != 0x10) /* addressed in another way */
		return;
	nj_cur_skip(&item, 1);
	nj_set(ev, s7comm, length, nj_cur_u16(&item));
	nj_set(ev, s7comm, db, nj_cur_u16(&item));
	ev->area = nj_word(d, areas, nj_cur_u8(&item));
	nj_set(ev, s7comm, address, nj_cur_u24(&item));
	c->bad |= item.bad;
}

static void
job(struct nj_dctx *d, struct nj_cur *c, struct s7comm_event *ev)
{
	uint8_t f = ev->function_code;

	switch (f) {
	case F_READ:
	case F_WRITE:
		first_item(d, c, ev);
		ev->is_write = f == F_WRITE;
		break;
	case F_PI_SERVICE:
		nj_cur_skip(c, 7);
		nj_cur_skip(c, nj_cur_u16(c));
		ev->block = nj_cur_take(c, nj_cur_u8(c));
		ev->is_control = true;
		break;
	case F_STOP:
		nj_cur_skip(c, 5);
		ev->block = nj_cur_take(c, nj_cur_u8(c));
		ev->is_control = true;
		break;
	case F_UPLOAD_START:
	case F_DOWNLOAD_FIRST:
	case F_DOWNLOAD_FIRST + 1:
	case F_DOWNLOAD_LAST:
		nj_cur_skip(c, 7);
		ev->block = nj_cur_take(c, nj_cur_u8(c));
		ev->is_download = f != F_UPLOAD_START;
		break;
	default:
		break;
	}
}

static void
user_data(struct nj_dctx *d, struct nj_view v, struct s7comm_event *ev)
{
	struct nj_cur c = nj_cur(v);
	uint8_t group, sub;

	nj_cur_skip(&c, 5); /* head, length, method */
	group = nj_cur_u8(&c);
	sub = nj_cur_u8(&c);
	if (c.bad)
		return;
	nj_set(ev, s7comm, function_code, group & 15);
	ev->function_name = nj_word(d, groups, group & 15);
	nj_set(ev, s7comm, subfunction_code, sub);
	if (group >> 4 == 4)
		ev->is_write = (group & 15) == GROUP_TIME && sub == TIME_SET;
}

static void
parameters(struct nj_dctx *d, struct nj_view v, struct s7comm_event *ev)
{
	struct nj_cur c = nj_cur(v);

	if (ev->rosctr_code == USER_DATA) {
		user_data(d, v, ev);
		return;
	}
	if (!v.len)
		return;
	nj_set(ev, s7comm, function_code, nj_cur_u8(&c));
	ev->function_name = nj_word(d, functions, ev->function_code);
	if (ev->rosctr_code == JOB)
		job(d, &c, ev);
	else if (ev->function_code == F_READ || ev->function_code == F_WRITE)
		nj_set(ev, s7comm, items, nj_cur_u8(&c));
	if (c.bad) {
		nj_odd(d, ODD_BODY);
		ev->block = (struct nj_view){ 0 };
	}
}

static enum nj_verdict
s7comm_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct s7comm_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);
	uint16_t params;

	if (nj_cur_u8(&c) != PROTOCOL)
		return NJ_REJECT;
	ev.rosctr_code = nj_cur_u8(&c);
	nj_cur_skip(&c, 2);
	ev.pdu_reference = nj_cur_u16(&c);
	params = nj_cur_u16(&c);
	nj_cur_skip(&c, 2);
	if (ev.rosctr_code == ACK || ev.rosctr_code == ACK_DATA) {
		uint8_t class = nj_cur_u8(&c), code = nj_cur_u8(&c);

		nj_set(&ev, s7comm, error_code, (uint16_t)(class << 8 | code));
		ev.error_class = nj_word(d, classes, class);
	}
	if (c.bad)
		return NJ_REJECT;
	ev.rosctr_name = nj_word(d, kinds, ev.rosctr_code);
	if (nj_cur_left(&c) < params)
		nj_odd(d, ODD_BODY);
	else
		parameters(d, nj_cur_take(&c, params), &ev);
	(void)nj_emit(d, &s7comm_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_s7comm = {
	.name = "s7comm",
	.title = "S7 communication",
	.events = (const struct nj_event_desc *const[]){ &s7comm_desc, NULL },
	.oddities = oddities,
	.datagram = s7comm_datagram,
};
