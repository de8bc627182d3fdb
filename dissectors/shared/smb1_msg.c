/*
 * smb1_msg.c - messages of SMB 1 (MS-CIFS 2.2.3): the header, chains of
 * commands (AndX), and which of them mean what.
 */
#include "dissectors/shared/smb1.h"
#include "dissectors/shared/utf16.h"

enum {
	HEADER = 32,
	FLAG_REPLY = 0x80,
	FLAG2_SIGNED = 0x0004,
	FLAG2_NT_STATUS = 0x4000,
	FLAG2_UNICODE = 0x8000,
	STATUS_BUFFER_OVERFLOW = (int)0x80000005,
	STATUS_MORE_PROCESSING = (int)0xc0000016,
	CHAIN_END = 0x10000, /* offsets have 16 bits */
	CHAIN_MAX = 8,       /* no client chains more than four */
	DATA_HEAD = 96       /* a read or write up to its data */
};

static const struct row {
	uint8_t command;
	bool andx;
	void (*request)(struct nj_smb1 *x, struct nj_smb_op *op);
	void (*response)(struct nj_smb1 *x, struct nj_smb_op *op);
} rows[] = {
	{ NJ_SMB1_CREATE_DIRECTORY, false, nj_smb1_name_request, NULL },
	{ NJ_SMB1_DELETE_DIRECTORY, false, nj_smb1_name_request, NULL },
	{ NJ_SMB1_QUERY_INFORMATION, false, nj_smb1_name_request, NULL },
	{ NJ_SMB1_SET_INFORMATION, false, nj_smb1_name_request, NULL },
	{ NJ_SMB1_CHECK_DIRECTORY, false, nj_smb1_name_request, NULL },
	{ NJ_SMB1_OPEN, false, nj_smb1_open_request, nj_smb1_open_response },
	{ NJ_SMB1_CREATE, false, nj_smb1_open_request, nj_smb1_open_response },
	{ NJ_SMB1_CLOSE, false, nj_smb1_close_request, NULL },
	{ NJ_SMB1_DELETE, false, nj_smb1_delete_request,
		nj_smb1_delete_response },
	{ NJ_SMB1_RENAME, false, nj_smb1_rename_request,
		nj_smb1_rename_response },
	{ NJ_SMB1_READ, false, nj_smb1_core_read_request,
		nj_smb1_core_read_response },
	{ NJ_SMB1_WRITE, false, nj_smb1_core_write_request, NULL },
	{ NJ_SMB1_CREATE_NEW, false, nj_smb1_open_request,
		nj_smb1_open_response },
	{ NJ_SMB1_LOCKING_ANDX, true, NULL, NULL },
	{ NJ_SMB1_TRANSACTION, false, nj_smb1_pipe_request,
		nj_smb1_pipe_response },
	{ NJ_SMB1_OPEN_ANDX, true, nj_smb1_open_request,
		nj_smb1_open_response },
	{ NJ_SMB1_READ_ANDX, true, nj_smb1_read_request,
		nj_smb1_read_response },
	{ NJ_SMB1_WRITE_ANDX, true, nj_smb1_write_request,
		nj_smb1_write_response },
	{ NJ_SMB1_TRANSACTION2, false, nj_smb1_trans2_request,
		nj_smb1_trans2_response },
	{ NJ_SMB1_TREE_DISCONNECT, false, NULL, NULL },
	{ NJ_SMB1_NEGOTIATE, false, nj_smb1_negotiate_request,
		nj_smb1_negotiate_response },
	{ NJ_SMB1_SESSION_SETUP_ANDX, true, nj_smb1_setup_request,
		nj_smb1_setup_response },
	{ NJ_SMB1_LOGOFF_ANDX, true, NULL, NULL },
	{ NJ_SMB1_TREE_CONNECT_ANDX, true, nj_smb1_tree_request,
		nj_smb1_tree_response },
	{ NJ_SMB1_NT_CREATE_ANDX, true, nj_smb1_nt_create_request,
		nj_smb1_nt_create_response },
};

static const struct row *
row_of(uint16_t command)
{
	static const struct row none = { NJ_SMB1_NO_ANDX, false, NULL, NULL };

	for (unsigned i = 0; i < nj_countof(rows); i++)
		if (rows[i].command == command)
			return &rows[i];
	return &none;
}

/* ---- Strings ---- */

struct nj_view
nj_smb1_part(const struct nj_smb1 *x, uint32_t at, uint32_t len)
{
	struct nj_view v = nj_sub(x->m->v, at, len);

	return v.len == len ? v : (struct nj_view){ 0 };
}

struct nj_view
nj_smb1_string(struct nj_smb1 *x, bool unicode)
{
	struct nj_view rest = nj_cur_rest(&x->bytes);
	size_t n;

	if (!unicode) {
		n = nj_view_chr(rest, 0);
		n = nj_min(n, rest.len);
		nj_cur_skip(&x->bytes, nj_min(n + 1, rest.len));
		return nj_sub(rest, 0, n);
	}
	if (rest.len && (rest.data - x->m->v.data) & 1) {
		nj_cur_skip(&x->bytes, 1);
		rest = nj_cur_rest(&x->bytes);
	}
	for (n = 0; n + 2 <= rest.len && (rest.data[n] || rest.data[n + 1]);)
		n += 2;
	nj_cur_skip(&x->bytes, nj_min(n + 2, rest.len));
	return nj_utf16_text(x->d, nj_sub(rest, 0, n));
}

/* ---- The header ---- */

/* Errors of DOS come as class and code; those that have a meaning here become
 * the status of NT, the others keep their number. */
static uint32_t
status_of(uint32_t raw, uint16_t flags2)
{
	static const struct {
		uint8_t class;
		uint16_t code;
		uint32_t status;
	} dos[] = {
		{ 1, 2, 0xc000000f },   /* file not found */
		{ 1, 3, 0xc000003a },   /* path not found */
		{ 1, 5, 0xc0000022 },   /* access denied */
		{ 1, 6, 0xc0000008 },   /* bad file number */
		{ 1, 18, 0x80000006 },  /* no more files */
		{ 1, 32, 0xc0000043 },  /* sharing */
		{ 1, 80, 0xc0000035 },  /* exists */
		{ 1, 234, 0x80000005 }, /* more data */
		{ 2, 2, 0xc000006a },   /* bad password */
		{ 2, 6, 0xc00000cc },   /* bad share */
	};

	if (flags2 & FLAG2_NT_STATUS || !(raw & 0xff))
		return raw;
	for (unsigned i = 0; i < nj_countof(dos); i++)
		if (dos[i].class == (raw & 0xff) && dos[i].code == raw >> 16)
			return dos[i].status;
	return raw;
}

bool
nj_smb1_header(
	struct nj_smb_msg *m, struct nj_view v, uint32_t left, uint32_t *need)
{
	struct nj_cur c = nj_cur(nj_sub(v, 4, v.len));
	uint32_t raw, pid;
	uint8_t flags;

	m->command = nj_cur_u8(&c);
	raw = nj_cur_le32(&c);
	flags = nj_cur_u8(&c);
	m->flags2 = nj_cur_le16(&c);
	pid = (uint32_t)nj_cur_le16(&c) << 16;
	nj_cur_skip(&c, 10);
	m->tree = nj_cur_le16(&c);
	pid |= nj_cur_le16(&c);
	m->session = nj_cur_le16(&c);
	m->mid = (uint64_t)pid << 16 | nj_cur_le16(&c);
	if (c.bad)
		return false;
	m->version = 1;
	m->response = flags & FLAG_REPLY;
	m->status = status_of(raw, m->flags2);
	m->is_signed = m->flags2 & FLAG2_SIGNED;
	m->unicode = m->flags2 & FLAG2_UNICODE;
	m->len = left;
	*need = NJ_SMB_MESSAGE_MAX;
	if ((m->command == NJ_SMB1_READ_ANDX && m->response) ||
		(m->command == NJ_SMB1_WRITE_ANDX && !m->response) ||
		(m->command == NJ_SMB1_READ && m->response) ||
		(m->command == NJ_SMB1_WRITE && !m->response))
		*need = DATA_HEAD;
	*need = nj_min(*need, left);
	return true;
}

/* ---- Commands ---- */

/* Commands of one message share its number. */
static uint64_t
op_key(const struct nj_smb_msg *m)
{
	return m->mid | (uint64_t)m->command << 48;
}

static bool
is_good(const struct nj_smb_msg *m)
{
	if (m->command == NJ_SMB1_SESSION_SETUP_ANDX)
		return true;
	return !m->status || m->status == (uint32_t)STATUS_BUFFER_OVERFLOW;
}

static void
request(struct nj_smb1 *x, const struct row *row)
{
	struct nj_smb_msg keyed = *x->m;
	struct nj_smb_op *op;

	if (x->m->command == NJ_SMB1_NT_CANCEL)
		return;
	keyed.mid = op_key(x->m);
	op = nj_smb_op_add(x->s, x->d, &keyed);
	if (op && row->request)
		row->request(x, op);
}

static void
response(struct nj_smb1 *x, const struct row *row)
{
	struct nj_smb_op *op = nj_smb_op_find(x->s, op_key(x->m)), none = { 0 };
	struct nj_smb_session *se;

	if (op && !op->session)
		op->session = x->m->session;
	if (!op)
		none = (struct nj_smb_op){ .session = x->m->session,
			.tree = x->m->tree,
			.command = x->m->command,
			.ts_ns = nj_now(x->d) };
	se = nj_smb_session_find(x->s, x->m->session);
	if (se && x->m->is_signed)
		se->signed_seen = true;
	if (row->response && is_good(x->m))
		row->response(x, op ? op : &none);
	if (x->m->status != (uint32_t)STATUS_MORE_PROCESSING)
		nj_smb_log_cmd(x->s, x->d, x->m, op);
	nj_smb_eve(x->s, x->d, x->m, op);
	nj_smb1_after(x, op ? op : &none);
	if (op)
		nj_smb_op_drop(x->s, x->d, op);
	nj_smb_text_drop(x->d, &none.text);
}

/* One command at offset at; gives the offset of the next, or CHAIN_END. */
static uint32_t
command(struct nj_smb1 *x, uint32_t at)
{
	struct nj_cur c = nj_cur(nj_sub(x->m->v, at, x->m->v.len));
	const struct row *row = row_of(x->m->command);
	uint8_t next = NJ_SMB1_NO_ANDX;
	uint32_t next_at = CHAIN_END;
	struct nj_view words;

	x->word_count = nj_cur_u8(&c);
	words = nj_cur_take(&c, x->word_count * 2u);
	if (c.bad) {
		nj_odd(x->d, NJ_SMB_ODD_SHORT);
		return CHAIN_END;
	}
	x->words = nj_cur(words);
	(void)nj_cur_le16(&c);
	/* The count of bytes says too little where data is long. */
	x->bytes = nj_cur(c.bad ? (struct nj_view){ 0 } : nj_cur_rest(&c));
	if (row->andx && x->word_count >= 2) {
		next = nj_cur_u8(&x->words);
		nj_cur_skip(&x->words, 1);
		next_at = nj_cur_le16(&x->words);
	}
	if (x->m->response)
		response(x, row);
	else
		request(x, row);
	if (next == NJ_SMB1_NO_ANDX)
		return CHAIN_END;
	x->m->command = next;
	return next_at;
}

void
nj_smb1_message(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_msg *m)
{
	struct nj_smb1 x = { .s = s, .d = d, .m = m };
	uint32_t at = HEADER, next;

	s->v1 = true;
	for (unsigned i = 0; at != CHAIN_END; i++, at = next) {
		if (i == CHAIN_MAX) {
			nj_odd(d, NJ_SMB_ODD_ANDX_DEPTH);
			return;
		}
		next = command(&x, at);
		if (next <= at) {
			nj_odd(d, NJ_SMB_ODD_ANDX_LOOP);
			return;
		}
		/* The rest is not in hand. */
		if (next >= m->v.len)
			return;
	}
}
