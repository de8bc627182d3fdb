/*
 * smb2_file.c - what SMB 2 and 3 do to files (MS-SMB2 2.2.13 to 2.2.40): open,
 * read, write, rename, delete, close; and data to and from named pipes.
 */
#include "dissectors/shared/smb2.h"
#include "dissectors/shared/utf16.h"

enum {
	DELETE_ON_CLOSE = 0x1000,
	FSCTL_PIPE_TRANSCEIVE = 0x0011c017,
	INFO_FILE = 1,
	/* MS-FSCC 2.4. */
	FILE_RENAME = 10,
	FILE_DISPOSITION = 13,
	FILE_END_OF_FILE = 20,
	FILE_DISPOSITION_EX = 64,
	FILE_RENAME_EX = 65
};

/* ---- Helpers ---- */

static struct nj_smb_fid
fid_read(struct nj_cur *c)
{
	struct nj_smb_fid fid;

	fid.a = nj_cur_le64(c);
	fid.b = nj_cur_le64(c);
	return fid;
}

static bool
is_wild(struct nj_smb_fid fid)
{
	return fid.a == UINT64_MAX && fid.b == UINT64_MAX;
}

/* The file that a request names; in a compound that may be the one which the
 * message before opens, whose id only the answer will tell. */
static void
op_fid(struct nj_smb2 *x, struct nj_smb_op *op)
{
	struct nj_smb_side *side = &x->s->side[x->m->dir];
	struct nj_smb_fid fid = fid_read(&x->c);

	if (x->c.bad)
		return;
	if (is_wild(fid) && !side->chain_file)
		return;
	if (is_wild(fid))
		fid = side->fid;
	side->chain_file = true;
	side->fid = fid;
	op->fid = fid;
	op->has_file = true;
}

static void
act(struct nj_smb2 *x, struct nj_smb_op *op, enum nj_smb_action action)
{
	op->action = (uint8_t)nj_smb_action_on(
		action, nj_smb_share_of(x->s, op->session, op->tree));
}

/* Data of a read or write goes to a file, or to a pipe. */
static void
bulk(struct nj_smb2 *x, const struct nj_smb_op *op, uint32_t at, uint32_t len)
{
	const struct nj_smb_range r = { at, len,
		x->m->command == NJ_SMB2_IOCTL };

	nj_smb_bulk_op(x->s, x->d, x->m, op, &r);
}

/* ---- Open and close ---- */

void
nj_smb2_create_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	struct nj_view name;
	uint16_t at, len;

	nj_cur_skip(&x->c, 24);
	op->access = nj_cur_le32(&x->c);
	nj_cur_skip(&x->c, 8); /* attributes, sharing */
	op->disposition = nj_cur_le32(&x->c);
	op->options = nj_cur_le32(&x->c);
	at = nj_cur_le16(&x->c);
	len = nj_cur_le16(&x->c);
	if (x->c.bad)
		return;
	op->disposition =
		op->disposition < UINT32_MAX ? op->disposition + 1 : 0;
	name = nj_smb2_part(x, at, len);
	if (len && !name.len)
		nj_odd(x->d, NJ_SMB_ODD_DATA);
	else if (!len)
		nj_smb_text_set(x->d, &op->text, NJ_LIT("<share_root>"));
	else
		nj_smb_text_set(x->d, &op->text, nj_utf16_text(x->d, name));
	act(x, op, NJ_SMB_FILE_OPEN);
	/* Those that follow in the compound mean this file. */
	x->s->side[x->m->dir].chain_file = false;
}

void
nj_smb2_create_response(struct nj_smb2 *x, struct nj_smb_op *op)
{
	struct nj_smb_side *side = &x->s->side[x->m->dir];
	struct nj_smb_times times;
	struct nj_smb_file *f;
	uint64_t size;

	nj_cur_skip(&x->c, 8);
	times.created = nj_cur_le64(&x->c);
	times.accessed = nj_cur_le64(&x->c);
	times.modified = nj_cur_le64(&x->c);
	times.changed = nj_cur_le64(&x->c);
	nj_cur_skip(&x->c, 8);
	size = nj_cur_le64(&x->c);
	nj_cur_skip(&x->c, 8);
	op->fid = fid_read(&x->c);
	if (x->c.bad)
		return;
	op->has_file = true;
	side->chain_file = true;
	side->fid = op->fid;
	f = nj_smb_file_add(x->s, x->d, op->fid);
	if (!f)
		return;
	f->session = op->session;
	f->tree = op->tree;
	f->name = op->text;
	op->text = (struct nj_smb_text){ 0 };
	f->size = size;
	f->times = times;
	f->has_times = times.created || times.modified || times.accessed ||
		       times.changed;
	f->delete_on_close = op->options & DELETE_ON_CLOSE;
	if (!op->action) /* the request was not seen */
		act(x, op, NJ_SMB_FILE_OPEN);
	nj_smb_log_file(x->s, x->d, f, op->action);
}

void
nj_smb2_close_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	struct nj_smb_file *f;

	nj_cur_skip(&x->c, 8);
	op_fid(x, op);
	act(x, op, NJ_SMB_FILE_CLOSE);
	f = nj_smb_op_file(x->s, op);
	if (f)
		f->closing = true;
}

void
nj_smb2_close_response(struct nj_smb2 *x, struct nj_smb_op *op)
{
	struct nj_smb_file *f = nj_smb_op_file(x->s, op);

	if (!f || !f->delete_on_close || f->deleted)
		return;
	f->deleted = true;
	nj_smb_log_file(x->s, x->d, f,
		nj_smb_action_on(NJ_SMB_FILE_DELETE,
			nj_smb_share_of(x->s, f->session, f->tree)));
}

void
nj_smb2_closed(struct nj_smb2 *x, struct nj_smb_op *op)
{
	struct nj_smb_file *f = nj_smb_op_file(x->s, op);

	if (f && !x->m->status)
		nj_smb_file_drop(x->s, x->d, f, true);
	else if (f)
		f->closing = false;
}

/* Requests with the file's id after eight bytes, of which no more is said. */
void
nj_smb2_flush_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	nj_cur_skip(&x->c, 8);
	op_fid(x, op);
}

/* ---- Data ---- */

void
nj_smb2_read_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	nj_cur_skip(&x->c, 4);
	op->length = nj_cur_le32(&x->c);
	op->offset = nj_cur_le64(&x->c);
	op_fid(x, op);
	act(x, op, NJ_SMB_FILE_READ);
}

void
nj_smb2_read_response(struct nj_smb2 *x, struct nj_smb_op *op)
{
	uint8_t at;
	uint32_t len;

	nj_cur_skip(&x->c, 2);
	at = nj_cur_u8(&x->c);
	nj_cur_skip(&x->c, 1);
	len = nj_cur_le32(&x->c);
	if (x->c.bad)
		return;
	op->length = len;
	bulk(x, op, at, len);
}

void
nj_smb2_write_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	uint16_t at;

	nj_cur_skip(&x->c, 2);
	at = nj_cur_le16(&x->c);
	op->length = nj_cur_le32(&x->c);
	op->offset = nj_cur_le64(&x->c);
	op_fid(x, op);
	act(x, op, NJ_SMB_FILE_WRITE);
	if (!x->c.bad)
		bulk(x, op, at, op->length);
}

void
nj_smb2_write_response(struct nj_smb2 *x, struct nj_smb_op *op)
{
	nj_cur_skip(&x->c, 4);
	op->length = nj_cur_le32(&x->c);
}

void
nj_smb2_ioctl_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	uint32_t code, at, len;

	nj_cur_skip(&x->c, 4);
	code = nj_cur_le32(&x->c);
	op_fid(x, op);
	at = nj_cur_le32(&x->c);
	len = nj_cur_le32(&x->c);
	op->sub = nj_smb_fsctl(code);
	if (code == FSCTL_PIPE_TRANSCEIVE && !x->c.bad) {
		op->action = NJ_SMB_PIPE_WRITE;
		op->offset = UINT64_MAX;
		bulk(x, op, at, len);
	}
}

void
nj_smb2_ioctl_response(struct nj_smb2 *x, struct nj_smb_op *op)
{
	uint32_t code, at, len;

	nj_cur_skip(&x->c, 4);
	code = nj_cur_le32(&x->c);
	nj_cur_skip(&x->c, 16 + 8);
	at = nj_cur_le32(&x->c);
	len = nj_cur_le32(&x->c);
	if (!x->c.bad && code == FSCTL_PIPE_TRANSCEIVE)
		bulk(x, op, at, len);
}

/* ---- Attributes and folders ---- */

void
nj_smb2_list_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	uint16_t at, len;

	nj_cur_skip(&x->c, 8);
	op_fid(x, op);
	at = nj_cur_le16(&x->c);
	len = nj_cur_le16(&x->c);
	if (!x->c.bad)
		nj_smb_text_set(x->d, &op->text,
			nj_utf16_text(x->d, nj_smb2_part(x, at, len)));
}

void
nj_smb2_query_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	nj_cur_skip(&x->c, 24);
	op_fid(x, op);
}

static struct nj_view
rename_target(struct nj_smb2 *x, struct nj_view info)
{
	struct nj_cur c = nj_cur(info);
	uint32_t len;

	nj_cur_skip(&c, 16); /* whether to replace; a folder's handle */
	len = nj_cur_le32(&c);
	return nj_utf16_text(x->d, nj_cur_take(&c, len));
}

void
nj_smb2_set_request(struct nj_smb2 *x, struct nj_smb_op *op)
{
	struct nj_view info;
	uint32_t len;
	uint16_t at;
	uint8_t type, class;

	nj_cur_skip(&x->c, 2);
	type = nj_cur_u8(&x->c);
	class = nj_cur_u8(&x->c);
	len = nj_cur_le32(&x->c);
	at = nj_cur_le16(&x->c);
	nj_cur_skip(&x->c, 6);
	op_fid(x, op);
	if (x->c.bad || type != INFO_FILE)
		return;
	info = nj_smb2_part(x, at, len);
	op->info = class;
	switch (class) {
	case FILE_RENAME:
	case FILE_RENAME_EX:
		act(x, op, NJ_SMB_FILE_RENAME);
		nj_smb_text_set(x->d, &op->text, rename_target(x, info));
		break;
	case FILE_DISPOSITION:
	case FILE_DISPOSITION_EX:
		/* The lowest bit says that the file shall go. */
		op->delete_on_close = info.len && info.data[0] & 1;
		if (op->delete_on_close)
			act(x, op, NJ_SMB_FILE_DELETE);
		break;
	default:
		act(x, op, NJ_SMB_FILE_SET_ATTRIBUTE);
		break;
	}
}

static void
renamed(struct nj_smb2 *x, struct nj_smb_op *op, struct nj_smb_file *f)
{
	if (!op->text.len)
		return;
	nj_smb_text_drop(x->d, &f->prev_name);
	f->prev_name = f->name;
	f->name = op->text;
	op->text = (struct nj_smb_text){ 0 };
	nj_smb_log_file(x->s, x->d, f, NJ_SMB_FILE_RENAME);
}

void
nj_smb2_set_response(struct nj_smb2 *x, struct nj_smb_op *op)
{
	struct nj_smb_file *f = nj_smb_op_file(x->s, op);

	if (!f)
		return;
	switch (op->info) {
	case FILE_RENAME:
	case FILE_RENAME_EX:
		renamed(x, op, f);
		break;
	case FILE_DISPOSITION:
	case FILE_DISPOSITION_EX:
		if (op->delete_on_close && !f->deleted)
			nj_smb_log_file(x->s, x->d, f, NJ_SMB_FILE_DELETE);
		f->deleted = op->delete_on_close;
		break;
	default:
		break;
	}
}
