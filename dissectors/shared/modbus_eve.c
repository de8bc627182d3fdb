/*
 * modbus_eve.c - EVE's modbus events, see modbus_eve.h. Requests wait, as
 * JSON, for the response with their transaction id; when too many wait, the
 * oldest is told alone.
 */
#include "dissectors/shared/modbus_eve.h"

#include "dissectors/shared/words.h"

#define EVE_MODBUS(F, tag)                                                     \
	F(tag, 1, U64, modbus__id, 0, "Number of the transaction, from 1")     \
	F(tag, 2, STR, modbus__request, NJ_JSON,                               \
		"transaction_id, unit_id, function_code, read, write ...")     \
	F(tag, 3, STR, modbus__response, NJ_JSON, "The same of the response")

NJ_EVENT_STRUCT_(eve_modbus, EVE_MODBUS);
NJ_EVENT_DEFINE(eve_modbus, EVE_MODBUS, NJ_EV_EVE,
	"A Modbus request with its response");

enum {
	JSON_BYTES = 2560,
	EXCEPTION = 0x80,
	DIAGNOSTIC = 8,
	MEI = 0x2b,
	WRITE_COIL = 5,
	WRITE_REGISTER = 6,
	WRITE_COILS = 15,
	WRITE_REGISTERS = 16,
	MASK_WRITE = 22,
	READ_WRITE = 23
};

static const struct nj_word functions[] = {
	{ 1, "RdCoils" },
	{ 2, "RdDiscreteInputs" },
	{ 3, "RdHoldRegs" },
	{ 4, "RdInputRegs" },
	{ 5, "WrSingleCoil" },
	{ 6, "WrSingleReg" },
	{ 7, "RdExcStatus" },
	{ 8, "Diagnostic" },
	{ 9, "Program484" },
	{ 10, "Poll484" },
	{ 11, "GetCommEventCtr" },
	{ 12, "GetCommEventLog" },
	{ 13, "Program584" },
	{ 14, "Poll584" },
	{ 15, "WrMultCoils" },
	{ 16, "WrMultRegs" },
	{ 17, "ReportServerID" },
	{ 18, "Program884" },
	{ 19, "ResetCommLink" },
	{ 20, "RdFileRec" },
	{ 21, "WrFileRec" },
	{ 22, "MaskWrReg" },
	{ 23, "RdWrMultRegs" },
	{ 24, "RdFIFOQueue" },
	{ 43, "MEI" },
};
static const struct nj_word accesses[] = {
	{ 1, "READ | COILS" },
	{ 2, "READ | DISCRETES" },
	{ 3, "READ | HOLDING" },
	{ 4, "READ | INPUT" },
	{ 5, "WRITE | COILS | SINGLE" },
	{ 6, "WRITE | HOLDING | SINGLE" },
	{ 15, "WRITE | COILS | MULTIPLE" },
	{ 16, "WRITE | HOLDING | MULTIPLE" },
	{ 22, "WRITE | HOLDING" },
	{ 23, "READ | WRITE | HOLDING | MULTIPLE" },
};
static const struct nj_word exceptions[] = {
	{ 1, "IllegalFunction" },
	{ 2, "IllegalDataAddr" },
	{ 3, "IllegalDataValue" },
	{ 4, "ServerDeviceFail" },
	{ 5, "Ack" },
	{ 6, "ServerDeviceBusy" },
	{ 7, "NegAck" },
	{ 8, "MemParityErr" },
	{ 10, "GatewayPathUnavailable" },
	{ 11, "GatewayTargetFailToResp" },
};

static const char *
word_or(const struct nj_word *words, size_t n, uint32_t code, const char *none)
{
	const char *word = nj_word_find(words, n, code);

	return word ? word : none;
}

/* Numbers that are free for users: 65 to 72 and 100 to 110. */
static const char *
category(uint8_t fc)
{
	if ((fc >= 65 && fc <= 72) || (fc >= 100 && fc <= 110))
		return "USER_DEFINED";
	if (nj_word_find(functions, nj_countof(functions), fc))
		return (fc >= 9 && fc <= 10) || (fc >= 13 && fc <= 14) ||
				       (fc >= 18 && fc <= 19)
			       ? "RESERVED"
			       : "PUBLIC_ASSIGNED";
	return "PUBLIC_UNASSIGNED";
}

static void
put_pair(struct nj_json *j, struct nj_cur *c, const char *second)
{
	nj_json_u64(j, "address", nj_cur_u16(c));
	nj_json_u64(j, second, nj_cur_u16(c));
}

static void
put_write_many(struct nj_json *j, struct nj_cur *c)
{
	nj_json_obj(j, "write");
	put_pair(j, c, "quantity");
	nj_json_str(j, "data", nj_cur_take(c, nj_cur_u8(c)));
	nj_json_end(j);
}

static void
put_request(struct nj_json *j, uint8_t fc, struct nj_cur *c)
{
	if (fc >= 1 && fc <= 4) {
		nj_json_obj(j, "read");
		put_pair(j, c, "quantity");
		nj_json_end(j);
	} else if (fc == READ_WRITE) {
		nj_json_obj(j, "read");
		put_pair(j, c, "quantity");
		nj_json_end(j);
		put_write_many(j, c);
	} else {
		put_write_many(j, c);
	}
}

static void
put_response(struct nj_json *j, uint8_t fc, struct nj_cur *c)
{
	if ((fc >= 1 && fc <= 4) || fc == READ_WRITE) {
		nj_json_obj(j, "read");
		nj_json_str(j, "data", nj_cur_take(c, nj_cur_u8(c)));
		nj_json_end(j);
		return;
	}
	nj_json_obj(j, "write");
	put_pair(j, c, "data");
	nj_json_end(j);
}

static void
put_body(struct nj_json *j, enum nj_dir dir, uint8_t fc, struct nj_cur *c)
{
	switch (fc) {
	case WRITE_COIL:
	case WRITE_REGISTER:
		nj_json_obj(j, "write");
		put_pair(j, c, "data");
		nj_json_end(j);
		break;
	case MASK_WRITE:
		nj_json_obj(j, "write");
		put_pair(j, c, "and_mask");
		nj_json_u64(j, "or_mask", nj_cur_u16(c));
		nj_json_end(j);
		break;
	case DIAGNOSTIC:
		nj_json_obj(j, "diagnostic");
		nj_json_u64(j, "raw", nj_cur_u16(c));
		nj_json_str(j, "data", nj_cur_rest(c));
		nj_json_end(j);
		break;
	case MEI:
		nj_json_obj(j, "mei");
		nj_json_u64(j, "raw", nj_cur_u8(c));
		nj_json_str(j, "data", nj_cur_rest(c));
		nj_json_end(j);
		break;
	case 1:
	case 2:
	case 3:
	case 4:
	case WRITE_COILS:
	case WRITE_REGISTERS:
	case READ_WRITE:
		if (dir == NJ_ORIG)
			put_request(j, fc, c);
		else
			put_response(j, fc, c);
		break;
	default:
		if (nj_cur_left(c))
			nj_json_str(j, "data", nj_cur_rest(c));
		break;
	}
}

static struct nj_view
make(struct nj_dctx *d, enum nj_dir dir, uint16_t tid, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t unit = nj_cur_u8(&c), raw = nj_cur_u8(&c), fc = raw & 0x7f;
	struct nj_json j;

	nj_arena_json(d, &j, JSON_BYTES);
	nj_json_obj(&j, NULL);
	nj_json_u64(&j, "transaction_id", tid);
	nj_json_u64(&j, "protocol_id", 0);
	nj_json_u64(&j, "unit_id", unit);
	nj_json_u64(&j, "function_raw", raw);
	nj_json_text(&j, "function_code",
		word_or(functions, nj_countof(functions), fc, "Unknown"));
	nj_json_text(&j, "access_type",
		word_or(accesses, nj_countof(accesses), fc, "NONE"));
	nj_json_text(&j, "category", category(fc));
	(void)nj_json_keep(&j);
	if (raw & EXCEPTION) {
		uint8_t code = nj_cur_u8(&c);

		nj_json_obj(&j, "exception");
		nj_json_u64(&j, "raw", code);
		nj_json_text(&j, "code",
			word_or(exceptions, nj_countof(exceptions), code,
				"Unknown"));
		nj_json_end(&j);
	} else {
		put_body(&j, dir, fc, &c);
	}
	(void)nj_json_keep(&j);
	nj_json_text(&j, "error_flags", c.bad ? "DATA_LENGTH" : "NONE");
	nj_json_end(&j);
	return nj_arena_json_end(d, &j);
}

static void
put(struct nj_dctx *d, struct nj_modbus_eve *e, unsigned at,
	struct nj_view response)
{
	struct eve_modbus_event ev = { .modbus__response = response };

	if (at < NJ_MODBUS_WAITING) {
		ev.modbus__id = e->waiting[at].id;
		ev.modbus__request = e->waiting[at].request;
	} else {
		ev.modbus__id = ++e->ids;
	}
	(void)nj_emit_dir(d, &eve_modbus_desc, &ev, NJ_ORIG);
	if (at >= NJ_MODBUS_WAITING)
		return;
	nj_drop(d, (void *)(uintptr_t)e->waiting[at].request.data);
	e->waiting[at].request = (struct nj_view){ 0 };
}

/* A free place for a request; the oldest is told alone for it. */
static unsigned
place_for(struct nj_dctx *d, struct nj_modbus_eve *e)
{
	unsigned oldest = 0;

	for (unsigned i = 0; i < NJ_MODBUS_WAITING; i++) {
		if (!e->waiting[i].request.len)
			return i;
		if (e->waiting[i].id < e->waiting[oldest].id)
			oldest = i;
	}
	put(d, e, oldest, (struct nj_view){ 0 });
	return oldest;
}

/* The oldest request with this id, or NJ_MODBUS_WAITING. */
static unsigned
asked(const struct nj_modbus_eve *e, uint16_t tid)
{
	unsigned found = NJ_MODBUS_WAITING;

	for (unsigned i = 0; i < NJ_MODBUS_WAITING; i++)
		if (e->waiting[i].request.len && e->waiting[i].tid == tid &&
			(found == NJ_MODBUS_WAITING ||
				e->waiting[i].id < e->waiting[found].id))
			found = i;
	return found;
}

void
nj_modbus_eve(struct nj_dctx *d, struct nj_modbus_eve *e, enum nj_dir dir,
	uint16_t tid, struct nj_view v)
{
	struct nj_view json;
	unsigned at;

	if (!nj_wanted(d, &eve_modbus_desc))
		return;
	json = make(d, dir, tid, v);
	if (dir == NJ_RESP) {
		put(d, e, asked(e, tid), json);
		return;
	}
	at = place_for(d, e);
	e->waiting[at].request = nj_keep_view(d, json, JSON_BYTES);
	e->waiting[at].id = ++e->ids;
	e->waiting[at].tid = tid;
}

void
nj_modbus_eve_end(struct nj_dctx *d, struct nj_modbus_eve *e)
{
	/* In the order in which they were asked. */
	for (unsigned i = 0; i < NJ_MODBUS_WAITING; i++) {
		unsigned first = NJ_MODBUS_WAITING;

		for (unsigned k = 0; k < NJ_MODBUS_WAITING; k++)
			if (e->waiting[k].request.len &&
				(first == NJ_MODBUS_WAITING ||
					e->waiting[k].id <
						e->waiting[first].id))
				first = k;
		if (first == NJ_MODBUS_WAITING)
			return;
		put(d, e, first, (struct nj_view){ 0 });
	}
}
