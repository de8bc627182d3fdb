/*
 * ftp_data.c - FTP's data connections (RFC 959): a file or a listing, which
 * fills the connection from its first byte to its last. Known only from the
 * control connection, which says where it will be; see ftp.c.
 */
#include "dissectors/shared/file_stream.h"

static const struct nj_file_spec sent[2] = {
	[NJ_ORIG] = { .source = NJ_FILE_FTP_DATA,
		.dir = NJ_ORIG,
		.number = NJ_ORIG },
	[NJ_RESP] = { .source = NJ_FILE_FTP_DATA,
		.dir = NJ_RESP,
		.number = NJ_RESP },
};

static enum nj_verdict
ftp_data_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_file_stream *s = nj_state(d);

	nj_confirm(d);
	nj_file_stream_data(&s[dir], d, &sent[dir], v);
	return NJ_MORE;
}

static enum nj_verdict
ftp_data_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct nj_file_stream *s = nj_state(d);

	(void)v;
	nj_file_stream_gap(&s[dir], d, &sent[dir], len);
	return NJ_MORE;
}

static void
ftp_data_eof(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_file_stream *s = nj_state(d);

	(void)v;
	nj_file_stream_end(&s[dir], d, dir);
}

static void
ftp_data_end(struct nj_dctx *d)
{
	struct nj_file_stream *s = nj_state(d);

	nj_file_stream_end(&s[NJ_ORIG], d, NJ_ORIG);
	nj_file_stream_end(&s[NJ_RESP], d, NJ_RESP);
}

const struct nj_dissector nj_dissector_ftp_data = {
	.name = "ftp_data",
	.title = "FTP data connection",
	.service = "ftp-data",
	.events = (const struct nj_event_desc *const[]){ NJ_FILE_EVENTS, 0 },
	.state_bytes = 2 * sizeof(struct nj_file_stream),
	.stream = ftp_data_stream,
	.gap = ftp_data_gap,
	.eof = ftp_data_eof,
	.end = ftp_data_end,
};
