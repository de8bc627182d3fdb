/*
 * smb2_msg.c - messages of SMB 2 and 3 (MS-SMB2): the header, and which of
 * them mean what. Requests wait in s->ops for their answers; what they did
 * counts once the server has said so.
 */
#include "dissectors/shared/smb2.h"

enum {
	HEADER = 64,
	FLAG_RESPONSE = 1,
	FLAG_ASYNC = 2,
	FLAG_RELATED = 4,
	FLAG_SIGNED = 8,
	STATUS_PENDING = 0x103,
	STATUS_BUFFER_OVERFLOW = (int)0x80000005,
	STATUS_MORE_PROCESSING = (int)0xc0000016
};

static const struct row {
	/* Bytes that must be in hand to read it; 0: all, up to a limit. */
	uint16_t request_bytes, response_bytes;
	void (*request)(struct nj_smb2 *x, struct nj_smb_op *op);
	void (*response)(struct nj_smb2 *x, struct nj_smb_op *op);
} rows[NJ_SMB2_COMMANDS] = {
	[NJ_SMB2_NEGOTIATE] = { 0, 0, nj_smb2_negotiate_request,
		nj_smb2_negotiate_response },
	[NJ_SMB2_SESSION_SETUP] = { 0, 0, nj_smb2_setup_request,
		nj_smb2_setup_response },
	[NJ_SMB2_LOGOFF] = { HEADER + 4, HEADER + 4, NULL, NULL },
	[NJ_SMB2_TREE_CONNECT] = { 0, HEADER + 16, nj_smb2_tree_request,
		nj_smb2_tree_response },
	[NJ_SMB2_TREE_DISCONNECT] = { HEADER + 4, HEADER + 4, NULL, NULL },
	[NJ_SMB2_CREATE] = { 0, HEADER + 88, nj_smb2_create_request,
		nj_smb2_create_response },
	[NJ_SMB2_CLOSE] = { HEADER + 24, HEADER + 60, nj_smb2_close_request,
		nj_smb2_close_response },
	[NJ_SMB2_FLUSH] = { HEADER + 24, HEADER + 4, nj_smb2_flush_request,
		NULL },
	[NJ_SMB2_READ] = { HEADER + 48, HEADER + 16, nj_smb2_read_request,
		nj_smb2_read_response },
	[NJ_SMB2_WRITE] = { HEADER + 48, HEADER + 16, nj_smb2_write_request,
		nj_smb2_write_response },
	[NJ_SMB2_LOCK] = { HEADER + 48, HEADER + 4, nj_smb2_flush_request,
		NULL },
	[NJ_SMB2_IOCTL] = { HEADER + 56, HEADER + 48, nj_smb2_ioctl_request,
		nj_smb2_ioctl_response },
	[NJ_SMB2_QUERY_DIRECTORY] = { 0, HEADER + 8, nj_smb2_list_request,
		NULL },
	[NJ_SMB2_CHANGE_NOTIFY] = { HEADER + 32, HEADER + 8,
		nj_smb2_flush_request, NULL },
	[NJ_SMB2_QUERY_INFO] = { HEADER + 40, HEADER + 8, nj_smb2_query_request,
		NULL },
	[NJ_SMB2_SET_INFO] = { 0, HEADER + 2, nj_smb2_set_request,
		nj_smb2_set_response },
};

bool
nj_smb2_header(
	struct nj_smb_msg *m, struct nj_view v, uint32_t left, uint32_t *need)
{
	struct nj_cur c = nj_cur(nj_sub(v, 4, v.len));
	uint32_t flags, next;
	uint16_t size = nj_cur_le16(&c);

	nj_cur_skip(&c, 2);
	m->status = nj_cur_le32(&c);
	m->command = nj_cur_le16(&c);
	nj_cur_skip(&c, 2);
	flags = nj_cur_le32(&c);
	next = nj_cur_le32(&c);
	m->mid = nj_cur_le64(&c);
	nj_cur_skip(&c, 4);
	m->tree = nj_cur_le32(&c);
	m->session = nj_cur_le64(&c);
	nj_cur_skip(&c, 16);
	if (c.bad || size != HEADER)
		return false;
	m->version = 2;
	m->response = flags & FLAG_RESPONSE;
	m->async = flags & FLAG_ASYNC;
	m->related = flags & FLAG_RELATED;
	m->is_signed = flags & FLAG_SIGNED;
	if (m->async)
		m->tree = 0;
	m->len = left;
	if (next >= HEADER && next < left)
		m->len = next;
	else if (next)
		m->bad_next = true;
	*need = NJ_SMB_MESSAGE_MAX;
	if (m->command < NJ_SMB2_COMMANDS && m->response &&
		rows[m->command].response_bytes)
		*need = rows[m->command].response_bytes;
	else if (m->command < NJ_SMB2_COMMANDS && !m->response &&
		 rows[m->command].request_bytes)
		*need = rows[m->command].request_bytes;
	else if (m->command >= NJ_SMB2_COMMANDS || !rows[m->command].request)
		*need = HEADER;
	*need = nj_min(*need, m->len);
	return true;
}

/* Related messages take session, tree and file from the one before. */
static void
inherit(struct nj_smb *s, struct nj_smb_msg *m)
{
	struct nj_smb_side *side = &s->side[m->dir];

	if (!m->related) {
		side->chain_file = false;
	} else {
		if (m->session == UINT64_MAX || !m->session)
			m->session = side->session;
		if (m->tree == UINT32_MAX || !m->tree)
			m->tree = side->tree;
	}
	side->session = m->session;
	side->tree = m->tree;
}

static void
request(struct nj_smb2 *x, const struct row *row)
{
	struct nj_smb_op *op;

	if (x->m->command == NJ_SMB2_CANCEL)
		return;
	op = nj_smb_op_add(x->s, x->d, x->m);
	if (op && row && row->request)
		row->request(x, op);
	if (x->c.bad)
		nj_odd(x->d, NJ_SMB_ODD_SHORT);
}

/* An error's answer has a body of its own, which says nothing more. */
static bool
is_good(const struct nj_smb_msg *m)
{
	if (m->command == NJ_SMB2_SESSION_SETUP)
		return true;
	return !m->status || (m->status == (uint32_t)STATUS_BUFFER_OVERFLOW &&
				     (m->command == NJ_SMB2_READ ||
					     m->command == NJ_SMB2_IOCTL));
}

static void
response(struct nj_smb2 *x, const struct row *row)
{
	struct nj_smb_op *op = nj_smb_op_find(x->s, x->m->mid), none = { 0 };
	struct nj_smb_session *se;

	/* The answer proper comes later. */
	if (x->m->status == STATUS_PENDING && x->m->async)
		return;
	if (op && op->command != x->m->command)
		op = NULL;
	if (op) {
		if (!x->m->tree)
			x->m->tree = op->tree;
		if (!x->m->session)
			x->m->session = op->session;
		/* A server names the session in its first answer. */
		if (!op->session)
			op->session = x->m->session;
	} else {
		none = (struct nj_smb_op){ .session = x->m->session,
			.tree = x->m->tree,
			.command = x->m->command,
			.ts_ns = nj_now(x->d) };
	}
	se = nj_smb_session_find(x->s, x->m->session);
	if (se && x->m->is_signed)
		se->signed_seen = true;
	if (op && op->related && !op->has_file &&
		x->s->side[x->m->dir].chain_file) {
		op->has_file = true;
		op->fid = x->s->side[x->m->dir].fid;
	}
	if (row && row->response && is_good(x->m))
		row->response(x, op ? op : &none);
	if (x->c.bad)
		nj_odd(x->d, NJ_SMB_ODD_SHORT);
	if (x->m->status != (uint32_t)STATUS_MORE_PROCESSING)
		nj_smb_log_cmd(x->s, x->d, x->m, op);
	nj_smb_eve(x->s, x->d, x->m, op);
	nj_smb2_after(x, op ? op : &none);
	/* The table may have moved. */
	op = nj_smb_op_find(x->s, x->m->mid);
	if (op && op->command == x->m->command)
		nj_smb_op_drop(x->s, x->d, op);
	nj_smb_text_drop(x->d, &none.text);
}

void
nj_smb2_message(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_msg *m)
{
	struct nj_smb2 x = { .s = s, .d = d, .m = m };
	const struct row *row =
		m->command < NJ_SMB2_COMMANDS ? &rows[m->command] : NULL;

	s->v1 = false;
	x.c = nj_cur(nj_sub(m->v, HEADER, m->v.len));
	if (m->bad_next)
		nj_odd(d, NJ_SMB_ODD_NEXT);
	inherit(s, m);
	if (m->response)
		response(&x, row);
	else
		request(&x, row);
}
