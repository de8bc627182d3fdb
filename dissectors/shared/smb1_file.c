/*
 * smb1_file.c - what SMB 1 does to files (MS-CIFS 2.2.4, MS-SMB 2.2.4): open,
 * read, write, rename, delete, close.
 */
#include "dissectors/shared/smb1.h"
#include "dissectors/shared/utf16.h"

enum {
	DELETE_ON_CLOSE = 0x1000,
	TYPE_DISK = 0,
	TYPE_BYTE_PIPE = 1,
	TYPE_MESSAGE_PIPE = 2
};

/* ---- Helpers ---- */

static void
act(struct nj_smb1 *x, struct nj_smb_op *op, enum nj_smb_action action)
{
	op->action = (uint8_t)nj_smb_action_on(
		action, nj_smb_share_of(x->s, op->session, op->tree));
}

static void
op_fid(struct nj_smb1 *x, struct nj_smb_op *op)
{
	uint16_t fid = nj_cur_le16(&x->words);

	if (x->words.bad)
		return;
	op->fid = (struct nj_smb_fid){ fid, 0 };
	op->has_file = true;
}

static void
name_set(struct nj_smb1 *x, struct nj_smb_op *op, struct nj_view name)
{
	nj_smb_text_set(
		x->d, &op->text, name.len ? name : NJ_LIT("<share_root>"));
}

static void
bulk(struct nj_smb1 *x, const struct nj_smb_op *op, uint32_t at, uint32_t len)
{
	const struct nj_smb_file *f = nj_smb_op_file(x->s, op);
	const struct nj_smb_range r = { at, len, f && f->pipe };

	nj_smb_bulk_op(x->s, x->d, x->m, op, &r);
}

static struct nj_smb_file *
opened(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct nj_smb_file *f = nj_smb_file_add(x->s, x->d, op->fid);

	if (!f)
		return NULL;
	f->session = op->session;
	f->tree = op->tree;
	f->name = op->text;
	op->text = (struct nj_smb_text){ 0 };
	if (!op->action)
		act(x, op, NJ_SMB_FILE_OPEN);
	return f;
}

/* ---- Open and close ---- */

void
nj_smb1_nt_create_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	nj_cur_skip(&x->words, 11);
	op->access = nj_cur_le32(&x->words);
	nj_cur_skip(&x->words, 16); /* size, attributes, sharing */
	op->disposition = nj_cur_le32(&x->words);
	op->options = nj_cur_le32(&x->words);
	if (x->words.bad)
		return;
	op->disposition =
		op->disposition < UINT32_MAX ? op->disposition + 1 : 0;
	name_set(x, op, nj_smb1_string(x, x->m->unicode));
	act(x, op, NJ_SMB_FILE_OPEN);
}

void
nj_smb1_nt_create_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct nj_smb_times times;
	struct nj_smb_file *f;
	uint64_t size;
	uint16_t type;

	nj_cur_skip(&x->words, 1);
	op_fid(x, op);
	nj_cur_skip(&x->words, 4);
	times.created = nj_cur_le64(&x->words);
	times.accessed = nj_cur_le64(&x->words);
	times.modified = nj_cur_le64(&x->words);
	times.changed = nj_cur_le64(&x->words);
	nj_cur_skip(&x->words, 12);
	size = nj_cur_le64(&x->words);
	type = nj_cur_le16(&x->words);
	if (x->words.bad)
		return;
	f = opened(x, op);
	if (!f)
		return;
	f->pipe = type == TYPE_BYTE_PIPE || type == TYPE_MESSAGE_PIPE;
	/* A pipe's size is room, and means nothing. */
	f->size = f->pipe ? 0 : size;
	f->times = times;
	f->has_times = times.created || times.modified || times.accessed ||
		       times.changed;
	f->delete_on_close = op->options & DELETE_ON_CLOSE;
	nj_smb_log_file(x->s, x->d, f, op->action);
}

void
nj_smb1_open_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	/* The older commands put a 4 before the name. */
	if (x->m->command != NJ_SMB1_OPEN_ANDX)
		nj_cur_skip(&x->bytes, 1);
	name_set(x, op, nj_smb1_string(x, x->m->unicode));
	act(x, op, NJ_SMB_FILE_OPEN);
}

void
nj_smb1_open_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct nj_smb_file *f;

	op_fid(x, op);
	if (!op->has_file)
		return;
	f = opened(x, op);
	if (!f)
		return;
	nj_cur_skip(&x->words, 6); /* attributes, time */
	f->size = nj_cur_le32(&x->words);
	nj_smb_log_file(x->s, x->d, f, op->action);
}

void
nj_smb1_close_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct nj_smb_file *f;

	op_fid(x, op);
	act(x, op, NJ_SMB_FILE_CLOSE);
	f = nj_smb_op_file(x->s, op);
	if (f)
		f->closing = true;
}

void
nj_smb1_closed(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct nj_smb_file *f = nj_smb_op_file(x->s, op);

	if (!f)
		return;
	if (x->m->status) {
		f->closing = false;
		return;
	}
	if (f->delete_on_close && !f->deleted)
		nj_smb_log_file(x->s, x->d, f, NJ_SMB_FILE_DELETE);
	nj_smb_file_drop(x->s, x->d, f, true);
}

/* ---- Data ---- */

void
nj_smb1_read_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	op_fid(x, op);
	op->offset = nj_cur_le32(&x->words);
	op->length = nj_cur_le16(&x->words);
	nj_cur_skip(&x->words, 8);
	if (x->word_count >= 12)
		op->offset |= (uint64_t)nj_cur_le32(&x->words) << 32;
	act(x, op, NJ_SMB_FILE_READ);
}

void
nj_smb1_read_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	uint32_t len;
	uint16_t at;

	nj_cur_skip(&x->words, 6);
	len = nj_cur_le16(&x->words);
	at = nj_cur_le16(&x->words);
	if (x->word_count >= 12)
		len |= (nj_cur_le32(&x->words) & 0xff) << 16;
	if (x->words.bad)
		return;
	op->length = len;
	bulk(x, op, at, len);
}

void
nj_smb1_write_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	uint32_t len;
	uint16_t at;

	op_fid(x, op);
	op->offset = nj_cur_le32(&x->words);
	nj_cur_skip(&x->words, 8);
	len = (nj_cur_le16(&x->words) & 0xffu) << 16;
	len |= nj_cur_le16(&x->words);
	at = nj_cur_le16(&x->words);
	if (x->word_count >= 14)
		op->offset |= (uint64_t)nj_cur_le32(&x->words) << 32;
	if (x->words.bad)
		return;
	op->length = len;
	act(x, op, NJ_SMB_FILE_WRITE);
	bulk(x, op, at, len);
}

void
nj_smb1_write_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	op->length = nj_cur_le16(&x->words);
}

void
nj_smb1_core_read_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	op_fid(x, op);
	op->length = nj_cur_le16(&x->words);
	op->offset = nj_cur_le32(&x->words);
	act(x, op, NJ_SMB_FILE_READ);
}

/* Data stands after its type and its length. */
static void
core_data(struct nj_smb1 *x, struct nj_smb_op *op)
{
	uint16_t len;

	nj_cur_skip(&x->bytes, 1);
	len = nj_cur_le16(&x->bytes);
	if (x->bytes.bad)
		return;
	op->length = len;
	bulk(x, op, (uint32_t)(x->bytes.at - x->m->v.data), len);
}

void
nj_smb1_core_read_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	core_data(x, op);
}

void
nj_smb1_core_write_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	op_fid(x, op);
	nj_cur_skip(&x->words, 2);
	op->offset = nj_cur_le32(&x->words);
	act(x, op, NJ_SMB_FILE_WRITE);
	core_data(x, op);
}

/* ---- By name ---- */

void
nj_smb1_name_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	nj_cur_skip(&x->bytes, 1);
	name_set(x, op, nj_smb1_string(x, x->m->unicode));
}

void
nj_smb1_delete_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	nj_cur_skip(&x->bytes, 1);
	name_set(x, op, nj_smb1_string(x, x->m->unicode));
	act(x, op, NJ_SMB_FILE_DELETE);
}

/* A file that was never opened, for its record. */
static struct nj_smb_file
nameless(const struct nj_smb_op *op)
{
	return (struct nj_smb_file){ .session = op->session, .tree = op->tree };
}

void
nj_smb1_delete_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct nj_smb_file f = nameless(op);

	f.name = op->text;
	nj_smb_log_file(x->s, x->d, &f, NJ_SMB_FILE_DELETE);
}

/* Both names, each after a 4, wait in one text with a 0 between them. */
void
nj_smb1_rename_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct nj_view from, to, both;

	nj_cur_skip(&x->bytes, 1);
	from = nj_smb1_string(x, x->m->unicode);
	nj_cur_skip(&x->bytes, 1);
	to = nj_smb1_string(x, x->m->unicode);
	from = nj_sub(from, 0, NJ_SMB_NAME_MAX / 2 - 1);
	both = nj_arena_printf(x->d, "%.*s%c%.*s", (int)from.len,
		(const char *)from.data, 0, (int)to.len, (const char *)to.data);
	nj_smb_text_set(x->d, &op->text, both);
	act(x, op, NJ_SMB_FILE_RENAME);
}

void
nj_smb1_rename_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct nj_smb_file f = nameless(op);
	struct nj_view both = nj_smb_view(&op->text);
	size_t n = nj_view_chr(both, 0);

	if (n == SIZE_MAX)
		return;
	f.prev_name = (struct nj_smb_text){ op->text.data, (uint16_t)n };
	f.name = (struct nj_smb_text){ op->text.data + n + 1,
		(uint16_t)(op->text.len - n - 1) };
	nj_smb_log_file(x->s, x->d, &f, NJ_SMB_FILE_RENAME);
}
