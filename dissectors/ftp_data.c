/*
 * ftp_data.c - FTP's data connections (RFC 959): a file or a listing, which
 * fills the connection from its first byte to its last. Known only from the
 * control connection, which says where it will be; see ftp.c.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/file.h"

enum { SKIP_BYTES = 256 * 1024 };

struct ftp_data_state {
	struct nj_file file[2];
	uint64_t lost[2]; /* by skips, before the one that is on */
	bool skipped[2];
};

/* What was skipped was counted as seen: now is known what came of it. */
static void
settle(struct nj_dctx *d, struct ftp_data_state *st, enum nj_dir dir)
{
	if (!st->skipped[dir])
		return;
	st->skipped[dir] = false;
	nj_file_unpass(&st->file[dir], nj_skip_left(d, dir),
		nj_skip_lost(d, dir) - st->lost[dir]);
}

static struct nj_file *
file_of(struct nj_dctx *d, struct ftp_data_state *st, enum nj_dir dir)
{
	struct nj_file *f = &st->file[dir];

	if (!f->open)
		nj_file_open(f, d,
			&(struct nj_file_spec){ .source = NJ_FILE_FTP_DATA,
				.dir = dir,
				.number = dir });
	return f;
}

static enum nj_verdict
ftp_data_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct ftp_data_state *st = nj_state(d);
	struct nj_file *f = file_of(d, st, dir);

	nj_confirm(d);
	settle(d, st, dir);
	nj_file_data(f, d, v);
	nj_consume(d, v.len);
	/* Files that are long enough need not be looked at any more. */
	if (!nj_file_wants(f) && f->seen > SKIP_BYTES) {
		st->skipped[dir] = true;
		st->lost[dir] = nj_skip_lost(d, dir);
		nj_file_pass(f, d, SKIP_BYTES);
		nj_skip(d, SKIP_BYTES);
	}
	return NJ_MORE;
}

static enum nj_verdict
ftp_data_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct ftp_data_state *st = nj_state(d);

	(void)v;
	settle(d, st, dir);
	nj_file_gap(file_of(d, st, dir), d, len);
	return NJ_MORE;
}

static void
ftp_data_eof(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct ftp_data_state *st = nj_state(d);

	(void)v;
	settle(d, st, dir);
	nj_file_close(&st->file[dir], d, true);
}

static void
ftp_data_end(struct nj_dctx *d)
{
	struct ftp_data_state *st = nj_state(d);

	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++) {
		settle(d, st, (enum nj_dir)i);
		nj_file_close(&st->file[i], d, true);
	}
}

const struct nj_dissector nj_dissector_ftp_data = {
	.name = "ftp_data",
	.title = "FTP data connection",
	.service = "ftp-data",
	.events = (const struct nj_event_desc *const[]){ NJ_FILE_EVENTS, 0 },
	.state_bytes = sizeof(struct ftp_data_state),
	.stream = ftp_data_stream,
	.gap = ftp_data_gap,
	.eof = ftp_data_eof,
	.end = ftp_data_end,
};
