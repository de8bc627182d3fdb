/*
 * file_stream.c - a file that fills one direction of a connection. What need
 * not be looked at is skipped, a piece at a time, so that one that is cut
 * short shows when.
 */
#include "dissectors/shared/file_stream.h"

enum { SKIP_BYTES = 256 * 1024 };

/* What was skipped was counted as seen: now is known what came of it. */
static void
settle(struct nj_file_stream *s, struct nj_dctx *d, enum nj_dir dir)
{
	if (!s->skipped)
		return;
	s->skipped = false;
	nj_file_unpass(
		&s->file, nj_skip_left(d, dir), nj_skip_lost(d, dir) - s->lost);
}

void
nj_file_stream_data(struct nj_file_stream *s, struct nj_dctx *d,
	const struct nj_file_spec *spec, struct nj_view v)
{
	struct nj_file *f = &s->file;

	if (!f->open)
		nj_file_open(f, d, spec);
	settle(s, d, spec->dir);
	nj_file_data(f, d, v);
	nj_consume(d, v.len);
	/* Files that are long enough need not be looked at any more. */
	if (!nj_file_wants(f) && f->seen > SKIP_BYTES) {
		s->skipped = true;
		s->lost = nj_skip_lost(d, spec->dir);
		nj_file_pass(f, d, SKIP_BYTES);
		nj_skip(d, SKIP_BYTES);
	}
}

void
nj_file_stream_gap(struct nj_file_stream *s, struct nj_dctx *d,
	const struct nj_file_spec *spec, uint64_t len)
{
	settle(s, d, spec->dir);
	if (!s->file.open)
		nj_file_open(&s->file, d, spec);
	nj_file_gap(&s->file, d, len);
}

void
nj_file_stream_end(struct nj_file_stream *s, struct nj_dctx *d, enum nj_dir dir)
{
	settle(s, d, dir);
	nj_file_close(&s->file, d, true);
}
