/*
 * tds_msg.c - what TDS packets hold (MS-TDS sections 2.2.6 and 2.2.7).
 * Numbers are little-endian, texts UTF-16.
 */
#include "dissectors/shared/tds_msg.h"

#include "dissectors/shared/utf16.h"

enum {
	TEXT_BYTES = 8192, /* of UTF-16 */
	NAME_BYTES = 512,
	OPTIONS_MAX = 16,
	TOKENS_MAX = 32,
	HEADERS_MAX = 4096,
	DONE_BYTES = 13
};

const char *
nj_tds_type_name(uint8_t type)
{
	switch (type) {
	case NJ_TDS_BATCH:
		return "batch";
	case NJ_TDS_LOGIN_OLD:
	case NJ_TDS_LOGIN:
		return "login";
	case NJ_TDS_RPC:
		return "rpc";
	case NJ_TDS_ANSWER:
		return "answer";
	case NJ_TDS_ATTENTION:
		return "attention";
	case NJ_TDS_BULK:
		return "bulk_load";
	case NJ_TDS_FEDERATED:
		return "federated_login";
	case NJ_TDS_TRANSACTION:
		return "transaction";
	case NJ_TDS_SSPI:
		return "sspi";
	case NJ_TDS_PRELOGIN:
		return "prelogin";
	default:
		return NULL;
	}
}

/* LOGIN7's texts stand where an offset and a count of characters say. */
static struct nj_view
login_text(struct nj_dctx *d, struct nj_view v, size_t at)
{
	struct nj_cur c = nj_cur(nj_sub(v, at, 4));
	size_t from = nj_cur_le16(&c), n = (size_t)nj_cur_le16(&c) * 2;

	if (c.bad || !n || from > v.len || n > v.len - from)
		return (struct nj_view){ 0 };
	return nj_utf16_text(d, nj_sub(v, from, nj_min(n, (size_t)NAME_BYTES)));
}

bool
nj_tds_login(struct nj_tds_login *l, struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t len = nj_cur_le32(&c);

	*l = (struct nj_tds_login){ .version = nj_cur_le32(&c) };
	if (v.len < 86 || len < 86)
		return false;
	l->host = login_text(d, v, 36);
	l->user = login_text(d, v, 40);
	l->application = login_text(d, v, 48);
	l->server = login_text(d, v, 52);
	l->library = login_text(d, v, 60);
	l->database = login_text(d, v, 68);
	l->sspi = v.data[25] & 0x80;
	return true;
}

/* ALL_HEADERS, which begin with their length, since 7.2: behind them stands
 * what has no length of its own. */
static struct nj_view
headers_skip(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t total = nj_cur_le32(&c), first = nj_cur_le32(&c);

	if (c.bad || total < 10 || total > HEADERS_MAX || total > v.len ||
		first < 6 || first > total - 4)
		return v;
	return nj_sub(v, total, v.len);
}

struct nj_view
nj_tds_batch(struct nj_dctx *d, struct nj_view v)
{
	v = headers_skip(v);
	return nj_utf16_text(d, nj_sub(v, 0, TEXT_BYTES));
}

static const char *
procedure_name(uint16_t number)
{
	static const char *const names[] = { "", "sp_cursor", "sp_cursoropen",
		"sp_cursorprepare", "sp_cursorexecute", "sp_cursorprepexec",
		"sp_cursorunprepare", "sp_cursorfetch", "sp_cursoroption",
		"sp_cursorclose", "sp_executesql", "sp_prepare", "sp_execute",
		"sp_prepexec", "sp_prepexecrpc", "sp_unprepare" };

	return number < nj_countof(names) ? names[number] : "";
}

struct nj_view
nj_tds_procedure(struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(headers_skip(v));
	uint16_t n = nj_cur_le16(&c);

	if (n == UINT16_MAX)
		return nj_str(procedure_name(nj_cur_le16(&c)));
	return nj_utf16_text(
		d, nj_cur_take(&c, nj_min((size_t)n * 2, (size_t)NAME_BYTES)));
}

/* A parameter that is a number or a text (2.2.5.4); out: the text, in UTF-16,
 * data NULL for others. */
static void
parameter(struct nj_cur *c, struct nj_view *out)
{
	uint8_t type;
	uint32_t n;

	*out = (struct nj_view){ 0 };
	nj_cur_skip(c, (size_t)nj_cur_u8(c) * 2);
	nj_cur_skip(c, 1);
	type = nj_cur_u8(c);
	switch (type) {
	case 0x26: /* INTN */
		nj_cur_skip(c, 1);
		nj_cur_skip(c, nj_cur_u8(c));
		return;
	case 0xe7: /* NVARCHAR */
		n = nj_cur_le16(c);
		nj_cur_skip(c, 5);
		if (n == UINT16_MAX) { /* in pieces: the first one */
			nj_cur_skip(c, 8);
			n = nj_cur_le32(c);
		} else {
			n = nj_cur_le16(c);
		}
		break;
	case 0x63: /* NTEXT */
		nj_cur_skip(c, 9);
		n = nj_cur_le32(c);
		break;
	default:
		c->bad = true;
		return;
	}
	*out = nj_cur_take(c, nj_min((size_t)n, nj_cur_left(c)));
}

struct nj_view
nj_tds_statement(struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(headers_skip(v));
	uint16_t marker = nj_cur_le16(&c), number = nj_cur_le16(&c);
	struct nj_view text = { 0 }, statement = { 0 };

	/* sp_executesql begins with it; sp_prepexec and sp_prepare have a
	 * handle and the parameters' declaration before it. */
	if (marker != UINT16_MAX ||
		(number != 10 && number != 11 && number != 13))
		return statement;
	nj_cur_skip(&c, 2);
	for (unsigned i = 0; i < (number == 10 ? 1U : 3U); i++) {
		parameter(&c, &text);
		if (c.bad)
			return statement;
	}
	return nj_utf16_text(d, nj_sub(text, 0, TEXT_BYTES));
}

uint8_t
nj_tds_encryption(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	for (unsigned i = 0; i < OPTIONS_MAX; i++) {
		uint8_t token = nj_cur_u8(&c);
		uint16_t at = nj_cur_u16(&c), n = nj_cur_u16(&c);

		if (c.bad || token == 0xff)
			break;
		if (token == 1 && n >= 1 && at < v.len)
			return v.data[at];
	}
	return 255;
}

/* Number, state, class, text. */
static void
error_read(struct nj_tds_answer *a, struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	int32_t code = (int32_t)nj_cur_le32(&c);
	size_t n;

	nj_cur_skip(&c, 2);
	n = (size_t)nj_cur_le16(&c) * 2;
	if (c.bad || a->failed)
		return;
	a->failed = true;
	a->code = code;
	a->error = nj_utf16_text(
		d, nj_cur_take(&c, nj_min(n, (size_t)NAME_BYTES * 2)));
}

/* Interface, version, name of the program in a byte of characters. */
static void
login_ack(struct nj_tds_answer *a, struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	size_t n;

	nj_cur_skip(&c, 5);
	n = (size_t)nj_cur_u8(&c) * 2;
	a->logged_in = true;
	a->server = nj_utf16_text(d, nj_cur_take(&c, n));
}

void
nj_tds_answer(struct nj_tds_answer *a, struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	*a = (struct nj_tds_answer){ 0 };
	for (unsigned i = 0; i < TOKENS_MAX && nj_cur_left(&c); i++) {
		uint8_t token = nj_cur_u8(&c);
		struct nj_view body;

		switch (token) {
		case 0x79: /* RETURNSTATUS */
			nj_cur_skip(&c, 4);
			continue;
		case 0xfd: /* DONE, DONEPROC, DONEINPROC */
		case 0xfe:
		case 0xff:
			nj_cur_skip(&c, DONE_BYTES - 1);
			continue;
		case 0xa9: /* ORDER */
		case 0xaa: /* ERROR */
		case 0xab: /* INFO */
		case 0xad: /* LOGINACK */
		case 0xe3: /* ENVCHANGE */
		case 0xed: /* SSPI */
			body = nj_cur_take(&c, nj_cur_le16(&c));
			break;
		default:
			/* Rows have as many forms as there are types. */
			return;
		}
		if (token == 0xaa)
			error_read(a, d, body);
		else if (token == 0xad)
			login_ack(a, d, body);
	}
}

bool
nj_tds_done(struct nj_view v, bool *failed, uint64_t *rows)
{
	struct nj_cur c;
	uint16_t status;

	if (v.len < DONE_BYTES || v.data[v.len - DONE_BYTES] < 0xfd)
		return false;
	c = nj_cur(nj_sub(v, v.len - DONE_BYTES + 1, DONE_BYTES - 1));
	status = nj_cur_le16(&c);
	nj_cur_skip(&c, 2);
	/* More, error, transaction, count, attention, server error. */
	if (status & ~0x0137)
		return false;
	*failed = status & 0x0102;
	*rows = nj_cur_le64(&c);
	if (!(status & 0x10))
		*rows = UINT64_MAX;
	return true;
}
