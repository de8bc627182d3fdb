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
#include "dissectors/shared/framed.h"
#include "dissectors/shared/modbus_eve.h"
#include "dissectors/shared/words.h"

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
	LENGTH_MIN = 2,    /* unit and function */
	LENGTH_MAX = 2048, /* UMAS goes beyond the book */
	PORT = 502,
	PROBE_BYTES = 9, /* an exception is the shortest message */
	VALUES_MAX = 125,
	OBJECTS_MAX = 16,
	DEVICE_BYTES = 512,
	EXCEPTION = 0x80,
	MEI_DEVICE_ID = 14,
	DIAG_RESTART = 1,
	DIAG_LISTEN_ONLY = 4
};

enum { ODD_FRAME, ODD_BODY };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "modbus_frame",
		"A protocol identifier that is not 0, or a length that "
		"cannot be" },
	[ODD_BODY] = { "modbus_body",
		"A message is shorter than its function needs" },
	{ 0 },
};

struct modbus {
	struct nj_framed framed;
	struct nj_modbus_eve eve;
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

static const struct nj_word functions[] = {
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
static const struct nj_word exceptions[] = {
	{ 1, "ILLEGAL_FUNCTION" },
	{ 2, "ILLEGAL_DATA_ADDRESS" },
	{ 3, "ILLEGAL_DATA_VALUE" },
	{ 4, "SLAVE_DEVICE_FAILURE" },
	{ 5, "ACKNOWLEDGE" },
	{ 6, "SLAVE_DEVICE_BUSY" },
	{ 8, "MEMORY_PARITY_ERROR" },
	{ 10, "GATEWAY_PATH_UNAVAILABLE" },
	{ 11, "GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND" },
};

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
tell(struct nj_dctx *d, enum nj_dir dir, uint16_t tid, struct nj_view v)
{
	struct modbus_event ev = { .tid = tid };
	struct nj_cur c = nj_cur(v);
	uint8_t fc;

	ev.unit = nj_cur_u8(&c);
	fc = nj_cur_u8(&c);
	ev.pdu_type = dir == NJ_ORIG ? NJ_LIT("REQ") : NJ_LIT("RESP");
	if (fc & EXCEPTION) {
		struct nj_view name = nj_word(d, functions, fc & 0x7fu);

		ev.func = nj_arena_printf(d, "%.*s_EXCEPTION", (int)name.len,
			(const char *)name.data);
		ev.exception = nj_word(d, exceptions, nj_cur_u8(&c));
	} else {
		ev.func = nj_word(d, functions, fc);
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

static size_t
message_length(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t protocol, length;

	nj_cur_skip(&c, 2);
	protocol = nj_cur_u16(&c);
	length = nj_cur_u16(&c);
	if (protocol || length < LENGTH_MIN || length > LENGTH_MAX)
		return 0;
	return length + (size_t)HEADER_BYTES;
}

/* On its port the header is witness enough; elsewhere the length must be that
 * of a function everybody has. */
static enum nj_verdict
modbus_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	size_t length, want;
	uint8_t fc;

	if (v.len < PROBE_BYTES)
		return NJ_MORE;
	length = message_length(v);
	fc = v.data[HEADER_BYTES + 1];
	if (!length || !(fc & 0x7f))
		return NJ_REJECT;
	if (is_hinted(d))
		return NJ_ACCEPT;
	want = HEADER_BYTES + 6;
	if (fc >= READ_COILS && fc <= READ_INPUT && dir == NJ_RESP) {
		want = HEADER_BYTES + 3u + v.data[HEADER_BYTES + 2];
	} else if ((fc == WRITE_COILS || fc == WRITE_REGISTERS) &&
		   dir == NJ_ORIG) {
		if (v.len < HEADER_BYTES + 7)
			return NJ_MORE;
		want = HEADER_BYTES + 7u + v.data[HEADER_BYTES + 6];
	} else if ((fc < READ_COILS || fc > WRITE_REGISTER) &&
		   fc != WRITE_COILS && fc != WRITE_REGISTERS) {
		return NJ_REJECT;
	}
	return length == want ? NJ_ACCEPT : NJ_REJECT;
}

static enum nj_verdict
message(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct modbus *s = nj_state(d);
	struct nj_cur c = nj_cur(v);
	uint16_t tid = nj_cur_u16(&c);

	v = nj_sub(v, HEADER_BYTES, v.len);
	tell(d, dir, tid, v);
	nj_modbus_eve(d, &s->eve, dir, tid, v);
	return NJ_MORE;
}

static const struct nj_framing framing = { .head_bytes = HEADER_BYTES,
	.whole_max = LENGTH_MAX + HEADER_BYTES,
	.odd = ODD_FRAME,
	.length = message_length,
	.message = message };

static enum nj_verdict
modbus_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_stream(d, dir, v, &framing);
}

static void
modbus_end(struct nj_dctx *d)
{
	struct modbus *s = nj_state(d);

	nj_modbus_eve_end(d, &s->eve);
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
	.events = (const struct nj_event_desc *const[]){ &modbus_desc,
		&eve_modbus_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct modbus),
	.probe = modbus_probe,
	.stream = modbus_stream,
	.gap = nj_framed_gap,
	.end = modbus_end,
};
