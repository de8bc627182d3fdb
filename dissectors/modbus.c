/*
 * modbus.c - Modbus/TCP (Modbus Application Protocol V1.1b3 and Modbus
 * Messaging on TCP/IP V1.0b): one record a request or response.
 *
 * Field names and function words are Zeek's; what is written where stands
 * beside them. A request to PROGRAM_UNITY (Schneider's UMAS) that starts or
 * stops the controller or loads a program is told as control.
 *
 * Not done: Modbus over serial lines in TCP without the MBAP header.
 */
#include "engine/dissect/dissector.h"

#define MODBUS(F, tag)                                                         \
	F(tag, 1, U16, tid, 0, "Transaction id")                               \
	F(tag, 2, U8, unit, NJ_INDEX | NJ_LEARN, "Unit addressed")             \
	F(tag, 3, STR, func, NJ_INDEX | NJ_LEARN, "Function")                  \
	F(tag, 4, STR, pdu_type, NJ_LEARN, "REQ or RESP")                      \
	F(tag, 5, STR, exception, NJ_INDEX,                                    \
		"Exception, if that is the answer")                            \
	F(tag, 6, U16, address, NJ_OPT | NJ_LEARN,                             \
		"First coil or register read or written")                      \
	F(tag, 7, U16, quantity, NJ_OPT, "Coils or registers asked for")       \
	F(tag, 8, VU64, values, 0,                                             \
		"Registers (or bytes of coils) written or answered; the "      \
		"first 125")                                                   \
	F(tag, 9, U16, subfunction, NJ_OPT | NJ_LEARN,                         \
		"Of DIAGNOSTICS, ENCAP_INTERFACE_TRANSPORT (its type) and "    \
		"PROGRAM_UNITY")                                               \
	F(tag, 10, BOOL, is_write, NJ_INDEX | NJ_LEARN,                        \
		"A request that writes coils, registers or files")             \
	F(tag, 11, BOOL, is_control, NJ_INDEX | NJ_LEARN,                      \
		"A request that restarts, starts, stops or programs the "      \
		"device")                                                      \
	F(tag, 12, STR, device, NJ_INDEX,                                      \
		"Device identification: vendor, product, version, ...")

NJ_EVENT(modbus, MODBUS, "A Modbus request or response");

enum {
	HEADER_BYTES = 6,
	LENGTH_MIN = 2, /* unit and function */
	LENGTH_BOOK = 254,
	LENGTH_MAX = 2048, /* UMAS goes beyond the book */
	PORT = 502,
	VALUES_MAX = 125,
	OBJECTS_MAX = 16,
	DEVICE_BYTES = 512,
	EXCEPTION = 0x80,
	MEI_DEVICE_ID = 14,
	DIAG_RESTART = 1,
	DIAG_LISTEN_ONLY = 4
};

enum { ODD_PROTOCOL, ODD_LENGTH, ODD_BODY };
static const struct nj_oddity oddities[] = {
	[ODD_PROTOCOL] = { "modbus_protocol_id",
		"The protocol identifier is not 0" },
	[ODD_LENGTH] = { "modbus_length", "A message's length cannot be" },
	[ODD_BODY] = { "modbus_body",
		"A message is shorter than its function needs" },
	{ 0 },
};

struct modbus {
	bool confirmed;
	bool after_gap[2]; /* of this side, whose place is uncertain */
};

enum function {
	READ_COILS = 1,
	READ_DISCRETE,
	READ_HOLDING,
	READ_INPUT,
	WRITE_COIL,
	WRITE_REGISTER,
	DIAGNOSTICS = 8,
	PROGRAM_484 = 9,
	PROGRAM_584 = 13,
	WRITE_COILS = 15,
	WRITE_REGISTERS = 16,
	PROGRAM_884 = 18,
	RESET_884,
	WRITE_FILE = 21,
	MASK_WRITE,
	READ_WRITE,
	READ_FIFO,
	PROGRAM_CONCEPT = 40,
	ENCAPSULATED = 43,
	UNITY = 90,
	FIRMWARE = 125,
	PROGRAM_584_2
};

static struct nj_view
function_name(struct nj_dctx *d, uint8_t fc)
{
	static const struct {
		uint8_t fc;
		const char *name;
	} names[] = {
		{ 1, "READ_COILS" },
		{ 2, "READ_DISCRETE_INPUTS" },
		{ 3, "READ_HOLDING_REGISTERS" },
		{ 4, "READ_INPUT_REGISTERS" },
		{ 5, "WRITE_SINGLE_COIL" },
		{ 6, "WRITE_SINGLE_REGISTER" },
		{ 7, "READ_EXCEPTION_STATUS" },
		{ 8, "DIAGNOSTICS" },
		{ 9, "PROGRAM_484" },
		{ 10, "POLL_484" },
		{ 11, "GET_COMM_EVENT_COUNTER" },
		{ 12, "GET_COMM_EVENT_LOG" },
		{ 13, "PROGRAM_584_984" },
		{ 14, "POLL_584_984" },
		{ 15, "WRITE_MULTIPLE_COILS" },
		{ 16, "WRITE_MULTIPLE_REGISTERS" },
		{ 17, "REPORT_SLAVE_ID" },
		{ 18, "PROGRAM_884_U84" },
		{ 19, "RESET_COMM_LINK_884_U84" },
		{ 20, "READ_FILE_RECORD" },
		{ 21, "WRITE_FILE_RECORD" },
		{ 22, "MASK_WRITE_REGISTER" },
		{ 23, "READ_WRITE_MULTIPLE_REGISTERS" },
		{ 24, "READ_FIFO_QUEUE" },
		{ 40, "PROGRAM_CONCEPT" },
		{ 41, "MULTIPLE_FUNCTION_CODES" },
		{ 43, "ENCAP_INTERFACE_TRANSPORT" },
		{ 90, "PROGRAM_UNITY" },
		{ 91, "OBJECT_MESSAGING" },
		{ 125, "FIRMWARE_REPLACEMENT" },
		{ 126, "PROGRAM_584_984_2" },
		{ 127, "REPORT_LOCAL_ADDRESS" },
	};

	for (size_t i = 0; i < nj_countof(names); i++)
		if (names[i].fc == fc)
			return nj_str(names[i].name);
	return nj_arena_printf(d, "unknown-%u", fc);
}

static struct nj_view
exception_name(struct nj_dctx *d, uint8_t code)
{
	static const char *const names[] = { [1] = "ILLEGAL_FUNCTION",
		"ILLEGAL_DATA_ADDRESS",
		"ILLEGAL_DATA_VALUE",
		"SLAVE_DEVICE_FAILURE",
		"ACKNOWLEDGE",
		"SLAVE_DEVICE_BUSY",
		[8] = "MEMORY_PARITY_ERROR",
		[10] = "GATEWAY_PATH_UNAVAILABLE",
		[11] = "GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND" };

	if (code < nj_countof(names) && names[code])
		return nj_str(names[code]);
	return nj_arena_printf(d, "unknown-%u", code);
}

static bool
writes(uint8_t fc)
{
	return fc == WRITE_COIL || fc == WRITE_REGISTER || fc == WRITE_COILS ||
	       fc == WRITE_REGISTERS || fc == WRITE_FILE || fc == MASK_WRITE ||
	       fc == READ_WRITE;
}

/* Functions of UMAS that change what the controller does: write memory,
 * coils and registers apart, these initialise a transfer, load blocks, end
 * it, back up and restore, start and stop. */
static bool
unity_controls(uint16_t sub)
{
	return (sub >= 0x30 && sub <= 0x32) || sub == 0x36 || sub == 0x40 ||
	       sub == 0x41;
}

static bool
controls(uint8_t fc, const struct modbus_event *ev)
{
	bool sub = nj_has(ev, modbus, subfunction);

	switch (fc) {
	case DIAGNOSTICS:
		return sub && (ev->subfunction == DIAG_RESTART ||
				      ev->subfunction == DIAG_LISTEN_ONLY);
	case UNITY:
		return sub && unity_controls(ev->subfunction);
	case PROGRAM_484:
	case PROGRAM_584:
	case PROGRAM_884:
	case RESET_884:
	case PROGRAM_CONCEPT:
	case FIRMWARE:
	case PROGRAM_584_2:
		return true;
	default:
		return false;
	}
}

/* n values of so many bytes each. */
static void
values(struct nj_dctx *d, struct modbus_event *ev, struct nj_view v,
	unsigned bytes)
{
	size_t n = nj_min(v.len / bytes, (size_t)VALUES_MAX);
	uint64_t *out = nj_arena(d, sizeof(*out) * (n ? n : 1));
	struct nj_cur c = nj_cur(v);

	if (!out)
		return;
	for (size_t i = 0; i < n; i++)
		out[i] = bytes == 2 ? nj_cur_u16(&c) : nj_cur_u8(&c);
	ev->values = (struct nj_vu64){ out, (uint32_t)n };
}

static void
address(struct modbus_event *ev, struct nj_cur *c, bool quantity)
{
	nj_set(ev, modbus, address, nj_cur_u16(c));
	if (quantity)
		nj_set(ev, modbus, quantity, nj_cur_u16(c));
}

/* The objects of a "read device identification" answer, with commas. */
static void
device_id(struct nj_dctx *d, struct modbus_event *ev, struct nj_cur *c)
{
	char *out = nj_arena(d, DEVICE_BYTES);
	uint8_t count;
	size_t at = 0;

	nj_cur_skip(c, 4); /* code, conformity, more follows, next object */
	count = nj_cur_u8(c);
	for (unsigned i = 0; out && i < nj_min(count, (uint8_t)OBJECTS_MAX);
		i++) {
		struct nj_view text;
		size_t n;

		nj_cur_skip(c, 1);
		text = nj_cur_take(c, nj_cur_u8(c));
		if (c->bad)
			return;
		n = nj_min(text.len, DEVICE_BYTES - 1 - at);
		if (at && at < DEVICE_BYTES - 1) {
			out[at++] = ',';
			n = nj_min(text.len, DEVICE_BYTES - 1 - at);
		}
		if (n)
			memcpy(out + at, text.data, n);
		at += n;
	}
	if (at)
		ev->device = (struct nj_view){ (uint8_t *)out, at };
}

static void
request_body(struct nj_dctx *d, uint8_t fc, struct modbus_event *ev,
	struct nj_cur *c)
{
	switch (fc) {
	case READ_COILS:
	case READ_DISCRETE:
	case READ_HOLDING:
	case READ_INPUT:
		address(ev, c, true);
		break;
	case WRITE_COIL:
	case WRITE_REGISTER:
		address(ev, c, false);
		values(d, ev, nj_cur_take(c, 2), 2);
		break;
	case WRITE_COILS:
	case WRITE_REGISTERS:
		address(ev, c, true);
		values(d, ev, nj_cur_take(c, nj_cur_u8(c)),
			fc == WRITE_COILS ? 1 : 2);
		break;
	case MASK_WRITE:
		address(ev, c, false);
		values(d, ev, nj_cur_take(c, 4), 2);
		break;
	case READ_WRITE:
		nj_cur_skip(c, 4); /* what is read */
		address(ev, c, true);
		values(d, ev, nj_cur_take(c, nj_cur_u8(c)), 2);
		break;
	case READ_FIFO:
		address(ev, c, false);
		break;
	default:
		break;
	}
}

static void
response_body(struct nj_dctx *d, uint8_t fc, struct modbus_event *ev,
	struct nj_cur *c)
{
	switch (fc) {
	case READ_COILS:
	case READ_DISCRETE:
		values(d, ev, nj_cur_take(c, nj_cur_u8(c)), 1);
		break;
	case READ_HOLDING:
	case READ_INPUT:
	case READ_WRITE:
		values(d, ev, nj_cur_take(c, nj_cur_u8(c)), 2);
		break;
	case WRITE_COIL:
	case WRITE_REGISTER:
	case MASK_WRITE:
		address(ev, c, false);
		break;
	case WRITE_COILS:
	case WRITE_REGISTERS:
		address(ev, c, true);
		break;
	case ENCAPSULATED:
		if (nj_has(ev, modbus, subfunction) &&
			ev->subfunction == MEI_DEVICE_ID)
			device_id(d, ev, c);
		break;
	default:
		break;
	}
}

static void
subfunction(uint8_t fc, struct modbus_event *ev, struct nj_cur *c)
{
	if (fc == DIAGNOSTICS) {
		nj_set(ev, modbus, subfunction, nj_cur_u16(c));
	} else if (fc == ENCAPSULATED) {
		nj_set(ev, modbus, subfunction, nj_cur_u8(c));
	} else if (fc == UNITY) {
		nj_cur_skip(c, 1); /* session */
		nj_set(ev, modbus, subfunction, nj_cur_u8(c));
	}
}

/* One message, from its unit on. */
static void
message(struct nj_dctx *d, enum nj_dir dir, uint16_t tid, struct nj_view v)
{
	struct modbus_event ev = { .tid = tid };
	struct nj_cur c = nj_cur(v);
	uint8_t fc;

	ev.unit = nj_cur_u8(&c);
	fc = nj_cur_u8(&c);
	ev.pdu_type = dir == NJ_ORIG ? NJ_LIT("REQ") : NJ_LIT("RESP");
	if (fc & EXCEPTION) {
		struct nj_view name = function_name(d, fc & 0x7f);

		ev.func = nj_arena_printf(d, "%.*s_EXCEPTION", (int)name.len,
			(const char *)name.data);
		ev.exception = exception_name(d, nj_cur_u8(&c));
	} else {
		ev.func = function_name(d, fc);
		subfunction(fc, &ev, &c);
		if (dir == NJ_ORIG)
			request_body(d, fc, &ev, &c);
		else
			response_body(d, fc, &ev, &c);
		ev.is_write = dir == NJ_ORIG && writes(fc);
		ev.is_control = dir == NJ_ORIG && controls(fc, &ev);
	}
	if (c.bad) {
		nj_odd(d, ODD_BODY);
		/* Half of a body says nothing. */
		ev = (struct modbus_event){ .tid = tid,
			.unit = ev.unit,
			.func = ev.func,
			.pdu_type = ev.pdu_type,
			.is_write = ev.is_write };
	}
	(void)nj_emit(d, &modbus_desc, &ev);
}

static bool
is_hinted(const struct nj_dctx *d)
{
	return nj_port_of(d, NJ_ORIG) == PORT || nj_port_of(d, NJ_RESP) == PORT;
}

/* May the first message be Modbus? On its port the header is witness enough;
 * elsewhere the length must be that of a function everybody has. */
static bool
plausible(const struct nj_dctx *d, enum nj_dir dir, struct nj_view body)
{
	uint8_t fc = body.data[1];

	if (is_hinted(d))
		return fc != 0 && fc != EXCEPTION;
	if (fc == WRITE_COIL || fc == WRITE_REGISTER)
		return body.len == 6;
	if (fc >= READ_COILS && fc <= READ_INPUT)
		return dir == NJ_ORIG
			       ? body.len == 6
			       : body.len > 2 && body.len == body.data[2] + 3u;
	return (fc == WRITE_COILS || fc == WRITE_REGISTERS) &&
	       (dir == NJ_ORIG ? body.len > 6 && body.len == body.data[6] + 7u
			       : body.len == 6);
}

static enum nj_verdict
modbus_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct modbus *s = nj_state(d);

	while (v.len >= HEADER_BYTES) {
		struct nj_cur c = nj_cur(v);
		uint16_t tid = nj_cur_u16(&c), protocol = nj_cur_u16(&c);
		uint16_t length = nj_cur_u16(&c);
		struct nj_view body;

		/* Not to wait for what is somebody else's. */
		if (!s->confirmed && !is_hinted(d) && length > LENGTH_BOOK)
			return NJ_REJECT;
		if (protocol || length < LENGTH_MIN || length > LENGTH_MAX) {
			if (!s->confirmed)
				return NJ_REJECT;
			if (s->after_gap[dir])
				return NJ_DONE;
			nj_odd(d, protocol ? ODD_PROTOCOL : ODD_LENGTH);
			return NJ_BROKEN;
		}
		if (nj_cur_left(&c) < length)
			return NJ_MORE;
		body = nj_cur_take(&c, length);
		if (!s->confirmed && !plausible(d, dir, body))
			return NJ_REJECT;
		s->confirmed = true;
		s->after_gap[dir] = false;
		message(d, dir, tid, body);
		nj_consume(d, (size_t)length + 6);
		v = nj_sub(v, (size_t)length + 6, v.len);
	}
	return NJ_MORE;
}

/* Messages mostly come one a segment, so the next one begins with the bytes
 * after the gap; if it does not, its header will not fit. */
static enum nj_verdict
modbus_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct modbus *s = nj_state(d);

	(void)v;
	(void)len;
	s->after_gap[dir] = true;
	return s->confirmed ? NJ_MORE : NJ_REJECT;
}

const struct nj_dissector nj_dissector_modbus = {
	.name = "modbus",
	.title = "Modbus/TCP",
	.ports = (const struct nj_port[]){ { NJ_TCP, 502 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^..\\x00\\x00[\\x00-\\x08].."
			  "[\\x01-\\x18\\x28-\\x2b\\x5a\\x81-\\x98\\xab]",
				0 },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &modbus_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct modbus),
	.stream = modbus_stream,
	.gap = modbus_gap,
};
