/*
 * smb2_session.c - how a connection of SMB 2 and 3 begins (MS-SMB2 2.2.3 to
 * 2.2.12): dialect, log-in, and the shares that are connected to.
 */
#include "dissectors/shared/smb2.h"
#include "dissectors/shared/utf16.h"

enum {
	DIALECT_311 = 0x0311,
	CONTEXT_CIPHERS = 2,
	CONTEXTS_MAX = 16,
	SECURITY_SIGNING_REQUIRED = 2,
	SESSION_GUEST = 1,
	SESSION_NULL = 2,
	SESSION_ENCRYPT = 4,
	STATUS_MORE_PROCESSING = (int)0xc0000016
};

struct nj_view
nj_smb2_part(const struct nj_smb2 *x, uint32_t at, uint32_t len)
{
	struct nj_view v = nj_sub(x->m->v, at, len);

	return v.len == len ? v : (struct nj_view){ 0 };
}

static void
guid_take(struct nj_smb2 *x, enum nj_dir dir)
{
	struct nj_view v = nj_cur_take(&x->c, sizeof(x->s->guid[dir]));

	if (v.data)
		memcpy(x->s->guid[dir], v.data, v.len);
}

/* The cipher is in a list of contexts of which each begins at a multiple of
 * eight bytes (2.2.4.1). */
static void
contexts(struct nj_smb2 *x, uint32_t at, unsigned count)
{
	for (unsigned i = 0; i < count && i < CONTEXTS_MAX; i++) {
		struct nj_cur c = nj_cur(nj_sub(x->m->v, at, x->m->v.len));
		uint16_t type = nj_cur_le16(&c), len = nj_cur_le16(&c);

		nj_cur_skip(&c, 4);
		if (type == CONTEXT_CIPHERS && nj_cur_le16(&c) == 1)
			x->s->cipher = nj_cur_le16(&c);
		if (c.bad)
			return;
		at += (8u + len + 7) & ~7u;
	}
}

void
nj_smb2_negotiate_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	(void)op;
	nj_cur_skip(&x->c, 4); /* size, number of dialects */
	if (nj_cur_le16(&x->c) & SECURITY_SIGNING_REQUIRED)
		x->s->signing = true;
	nj_cur_skip(&x->c, 6);
	guid_take(x, NJ_ORIG);
}

void
nj_smb2_negotiate_response(struct nj_smb2 *x, struct nj_smb_op *op)
{
	uint16_t mode, dialect, count, at, len;
	uint32_t list;

	(void)op;
	nj_cur_skip(&x->c, 2);
	mode = nj_cur_le16(&x->c);
	dialect = nj_cur_le16(&x->c);
	count = nj_cur_le16(&x->c);
	guid_take(x, NJ_RESP);
	nj_cur_skip(&x->c, 4 + 12 + 16); /* abilities, limits, times */
	at = nj_cur_le16(&x->c);
	len = nj_cur_le16(&x->c);
	list = nj_cur_le32(&x->c);
	if (x->c.bad)
		return;
	x->s->dialect = dialect;
	if (dialect == DIALECT_311)
		contexts(x, list, count);
	if (mode & SECURITY_SIGNING_REQUIRED)
		x->s->signing = true;
	nj_smb_token(x->s, x->d, x->m, nj_smb2_part(x, at, len));
}

void
nj_smb2_setup_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	uint16_t at, len;

	(void)op;
	nj_cur_skip(&x->c, 3); /* size, flags */
	if (nj_cur_u8(&x->c) & SECURITY_SIGNING_REQUIRED)
		x->s->signing = true;
	nj_cur_skip(&x->c, 8); /* abilities, channel */
	at = nj_cur_le16(&x->c);
	len = nj_cur_le16(&x->c);
	if (!x->c.bad)
		nj_smb_token(x->s, x->d, x->m, nj_smb2_part(x, at, len));
}

void
nj_smb2_setup_response(struct nj_smb2 *x, struct nj_smb_op *op)
{
	struct nj_smb_session *se;
	uint16_t flags = 0, at, len;
	bool more = x->m->status == (uint32_t)STATUS_MORE_PROCESSING;

	if (!x->m->status || more) {
		nj_cur_skip(&x->c, 2);
		flags = nj_cur_le16(&x->c);
		at = nj_cur_le16(&x->c);
		len = nj_cur_le16(&x->c);
		if (x->c.bad)
			return;
		nj_smb_token(x->s, x->d, x->m, nj_smb2_part(x, at, len));
	}
	if (more)
		return;
	se = nj_smb_session_judge(x->s, x->d, x->m, op);
	if (!se)
		return;
	se->guest = flags & SESSION_GUEST;
	se->anonymous = flags & SESSION_NULL;
	se->encrypt = flags & SESSION_ENCRYPT;
}

void
nj_smb2_tree_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	struct nj_view path;
	uint16_t at, len;

	nj_cur_skip(&x->c, 4); /* size, flags */
	at = nj_cur_le16(&x->c);
	len = nj_cur_le16(&x->c);
	path = nj_smb2_part(x, at, len);
	nj_smb_text_set(x->d, &op->text, nj_utf16_text(x->d, path));
}

void
nj_smb2_tree_response(struct nj_smb2 *x, struct nj_smb_op *op)
{
	struct nj_smb_tree *t;
	uint8_t type;

	nj_cur_skip(&x->c, 2);
	type = nj_cur_u8(&x->c);
	if (x->c.bad)
		return;
	t = nj_smb_tree_add(x->s, x->d, op->session, x->m->tree);
	if (!t)
		return;
	t->share = type <= NJ_SMB_PRINT ? type : NJ_SMB_UNKNOWN;
	t->path = op->text;
	op->text = (struct nj_smb_text){ 0 };
	op->tree = x->m->tree;
	nj_smb_log_mapping(x->s, x->d, t, (struct nj_view){ 0 });
}

void
nj_smb2_after(struct nj_smb2 *x, struct nj_smb_op *op)
{
	bool good = !x->m->status;

	switch (x->m->command) {
	case NJ_SMB2_SESSION_SETUP:
		if (!good && x->m->status != (uint32_t)STATUS_MORE_PROCESSING)
			nj_smb_session_drop(x->s, x->d, x->m->session);
		break;
	case NJ_SMB2_LOGOFF:
		if (good)
			nj_smb_session_drop(x->s, x->d, op->session);
		break;
	case NJ_SMB2_TREE_DISCONNECT:
		if (good)
			nj_smb_tree_drop(x->s, x->d, op->session, op->tree);
		break;
	case NJ_SMB2_CLOSE:
		nj_smb2_closed(x, op);
		break;
	default:
		break;
	}
}
