/*
 * tftp.c - see tftp.h.
 */
#include "dissectors/shared/tftp.h"

#include "dissectors/shared/take.h"

NJ_EVENT_DEFINE(tftp_transfer, TFTP_TRANSFER, 0, "What TFTP carried");

enum { BLOCK_DEFAULT = 512, BLOCK_MIN = 8, TEXT_MAX = 256, AHEAD_MAX = 4096 };

bool
nj_tftp_option(struct nj_cur *c, struct nj_view *name, struct nj_view *value)
{
	*name = nj_take_text(c);
	*value = nj_take_text(c);
	return !c->bad && name->len;
}

static void
begin(struct nj_tftp *t, struct nj_dctx *d)
{
	if (t->began)
		return;
	t->began = true;
	t->first_ns = nj_now(d);
	t->next = 1;
	if (!t->block_size)
		t->block_size = BLOCK_DEFAULT;
}

static void
options(struct nj_tftp *t, struct nj_cur c)
{
	struct nj_view name, value;
	uint64_t n;

	while (nj_cur_left(&c) && nj_tftp_option(&c, &name, &value)) {
		if (!nj_view_u64(value, &n))
			continue;
		if (nj_view_caseeq(name, NJ_LIT("blksize")) && n >= BLOCK_MIN &&
			n <= UINT16_MAX)
			t->block_size = (uint32_t)n;
		else if (nj_view_caseeq(name, NJ_LIT("tsize")) && n) {
			t->sized = true;
			t->size = n;
		}
	}
}

static void
file_open(struct nj_tftp *t, struct nj_dctx *d, enum nj_dir dir)
{
	if (t->file.open)
		return;
	nj_file_open(&t->file, d,
		&(struct nj_file_spec){ .source = NJ_FILE_TFTP,
			.dir = dir,
			.number = t->number,
			.name = t->name,
			.sized = t->sized,
			.total = t->size });
}

/* Block numbers have 16 bits and begin anew; the one meant is the nearest to
 * the one that is due. */
static bool
data(struct nj_tftp *t, struct nj_dctx *d, enum nj_dir dir, struct nj_cur *c)
{
	uint16_t block = nj_cur_u16(c);
	uint16_t ahead = (uint16_t)(block - (uint16_t)t->next);
	struct nj_view v = nj_cur_rest(c);

	if (c->bad || v.len > UINT16_MAX)
		return false;
	if (ahead >= AHEAD_MAX) {
		t->repeated++;
		return true;
	}
	file_open(t, d, dir);
	if (ahead)
		nj_file_gap(&t->file, d, (uint64_t)ahead * t->block_size);
	nj_file_data(&t->file, d, v);
	t->blocks++;
	t->next += ahead + 1u;
	t->complete = v.len < t->block_size;
	return true;
}

bool
nj_tftp_packet(
	struct nj_tftp *t, struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t op = nj_cur_u16(&c);

	if (c.bad || op < NJ_TFTP_DATA || op > NJ_TFTP_OPTIONS || v.len < 4)
		return false;
	begin(t, d);
	t->last_ns = nj_now(d);
	switch (op) {
	case NJ_TFTP_DATA:
		return data(t, d, dir, &c);
	case NJ_TFTP_ERROR:
		t->failed = true;
		t->error_code = nj_cur_u16(&c);
		if (!t->error_msg.data)
			t->error_msg =
				nj_keep_view(d, nj_take_text(&c), TEXT_MAX);
		break;
	case NJ_TFTP_OPTIONS:
		options(t, c);
		break;
	default:
		break;
	}
	return true;
}

void
nj_tftp_end(struct nj_tftp *t, struct nj_dctx *d)
{
	struct tftp_transfer_event ev = { .file = t->name,
		.complete = t->complete,
		.blocks = t->blocks,
		.repeated = t->repeated,
		.block_size = t->block_size,
		.error_msg = t->error_msg,
		.duration = t->last_ns - t->first_ns };
	char id[NJ_UID_TEXT];
	uint16_t number = t->number;

	if (t->began) {
		if (t->failed)
			nj_set(&ev, tftp_transfer, error_code, t->error_code);
		if (t->file.open) {
			ev.bytes = t->file.seen;
			nj_file_id(&t->file, d, id);
			ev.fuid = nj_str(id);
			nj_file_close(&t->file, d, t->complete);
			number++;
		}
		(void)nj_emit_at(d, &tftp_transfer_desc, &ev, t->first_ns);
	}
	nj_drop(d, (void *)(uintptr_t)t->name.data);
	nj_drop(d, (void *)(uintptr_t)t->error_msg.data);
	*t = (struct nj_tftp){ .number = number };
}
