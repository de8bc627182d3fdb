/*
 * smb1_trans.c - transactions of SMB 1 (MS-CIFS 2.2.5, 2.2.6): named pipes are
 * spoken to by them, and files found, renamed and deleted.
 *
 * Not done: transactions of several messages beyond the first one's data.
 */
#include "dissectors/shared/smb1.h"
#include "dissectors/shared/utf16.h"

enum {
	PIPE_TRANSACT = 0x26,
	SUB_FIND_FIRST = 1,
	SUB_QUERY_PATH = 5,
	SUB_SET_PATH = 6,
	SUB_SET_FILE = 8,
	SUB_CREATE_DIRECTORY = 13,
	SUB_DFS_REFERRAL = 16,
	/* Levels of SET_FILE_INFORMATION, ours and those of NT passed on. */
	LEVEL_DISPOSITION = 0x102,
	LEVEL_NT = 1000,
	LEVEL_NT_RENAME = LEVEL_NT + 10,
	LEVEL_NT_DISPOSITION = LEVEL_NT + 13
};

struct parts {
	struct nj_view params;
	uint32_t data_at, data_len;
	uint16_t sub;
};

/* The words of a request up to the setup, whose first word is the function. */
static bool
request_parts(struct nj_smb1 *x, struct parts *p)
{
	uint32_t at, len;

	nj_cur_skip(&x->words, 18);
	len = nj_cur_le16(&x->words);
	at = nj_cur_le16(&x->words);
	p->params = nj_smb1_part(x, at, len);
	p->data_len = nj_cur_le16(&x->words);
	p->data_at = nj_cur_le16(&x->words);
	nj_cur_skip(&x->words, 2);
	p->sub = nj_cur_le16(&x->words);
	return !x->words.bad;
}

static void
pipe_data(struct nj_smb1 *x, const struct nj_smb_op *op, uint32_t at,
	uint32_t len)
{
	struct nj_smb_bulk b = { .pre = at,
		.len = len,
		.pipe = true,
		.fid = op->fid,
		.session = op->session,
		.tree = op->tree };

	if (len && op->has_file)
		nj_smb_bulk_set(x->s, x->m, &b);
}

void
nj_smb1_pipe_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct parts p;
	uint16_t fid;

	if (!request_parts(x, &p) || p.sub != PIPE_TRANSACT)
		return;
	fid = nj_cur_le16(&x->words);
	if (x->words.bad)
		return;
	op->fid = (struct nj_smb_fid){ fid, 0 };
	op->has_file = true;
	op->action = NJ_SMB_PIPE_WRITE;
	pipe_data(x, op, p.data_at, p.data_len);
}

void
nj_smb1_pipe_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	uint16_t at, len;

	nj_cur_skip(&x->words, 12);
	len = nj_cur_le16(&x->words);
	at = nj_cur_le16(&x->words);
	if (!x->words.bad && op->has_file)
		pipe_data(x, op, at, len);
}

static struct nj_view
rename_target(struct nj_smb1 *x, struct nj_view info)
{
	struct nj_cur c = nj_cur(info);
	uint32_t len;

	nj_cur_skip(&c, 8);
	len = nj_cur_le32(&c);
	return nj_utf16_text(x->d, nj_cur_take(&c, len));
}

static void
set_file(struct nj_smb1 *x, struct nj_smb_op *op, const struct parts *p)
{
	struct nj_cur c = nj_cur(p->params);
	struct nj_view data = nj_smb1_part(x, p->data_at, p->data_len);
	uint16_t fid = nj_cur_le16(&c), level = nj_cur_le16(&c);

	if (c.bad)
		return;
	op->fid = (struct nj_smb_fid){ fid, 0 };
	op->has_file = true;
	op->action = NJ_SMB_FILE_SET_ATTRIBUTE;
	if ((level == LEVEL_DISPOSITION || level == LEVEL_NT_DISPOSITION) &&
		data.len && data.data[0]) {
		op->action = NJ_SMB_FILE_DELETE;
		op->delete_on_close = true;
	}
	if (level == LEVEL_NT_RENAME) {
		op->action = NJ_SMB_FILE_RENAME;
		nj_smb_text_set(x->d, &op->text, rename_target(x, data));
	}
}

/* What the transaction is about, where it says so by name; behind so many
 * bytes of parameters. */
static void
named(struct nj_smb1 *x, struct nj_smb_op *op, const struct parts *p)
{
	size_t before;

	switch (p->sub) {
	case SUB_FIND_FIRST:
		before = 12;
		break;
	case SUB_QUERY_PATH:
	case SUB_SET_PATH:
		before = 6;
		break;
	case SUB_CREATE_DIRECTORY:
		before = 4;
		break;
	case SUB_DFS_REFERRAL:
		before = 2;
		break;
	default:
		return;
	}
	x->bytes = nj_cur(nj_sub(p->params, before, p->params.len));
	nj_smb_text_set(x->d, &op->text, nj_smb1_string(x, x->m->unicode));
}

void
nj_smb1_trans2_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct parts p;

	if (!request_parts(x, &p))
		return;
	op->sub = (uint16_t)(p.sub < UINT16_MAX ? p.sub + 1 : 0);
	if (p.sub == SUB_SET_FILE)
		set_file(x, op, &p);
	else
		named(x, op, &p);
}

void
nj_smb1_trans2_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct nj_smb_file *f =
		op->has_file ? nj_smb_file_find(x->s, op->fid) : NULL;

	if (!f)
		return;
	if (op->action == NJ_SMB_FILE_DELETE && !f->deleted) {
		f->deleted = true;
		nj_smb_log_file(x->s, x->d, f, NJ_SMB_FILE_DELETE);
	}
	if (op->action == NJ_SMB_FILE_RENAME && op->text.len) {
		nj_smb_text_drop(x->d, &f->prev_name);
		f->prev_name = f->name;
		f->name = op->text;
		op->text = (struct nj_smb_text){ 0 };
		nj_smb_log_file(x->s, x->d, f, NJ_SMB_FILE_RENAME);
	}
}
