/*
 * file_stream.h - a file that fills one direction of a connection, from its
 * first byte to its last: FTP's and DCC's data connections.
 */
#ifndef NJ_DISSECTORS_SHARED_FILE_STREAM_H
#define NJ_DISSECTORS_SHARED_FILE_STREAM_H

#include "dissectors/shared/file.h"

struct nj_file_stream {
	struct nj_file file;
	uint64_t lost; /* by skips, before the one that is on */
	bool skipped;
};

/* Bytes of dir, all of which are consumed; the first ones open the file. */
void nj_file_stream_data(struct nj_file_stream *s, struct nj_dctx *d,
	const struct nj_file_spec *spec, struct nj_view v);
/* len bytes are lost. */
void nj_file_stream_gap(struct nj_file_stream *s, struct nj_dctx *d,
	const struct nj_file_spec *spec, uint64_t len);
/* The direction has ended. */
void nj_file_stream_end(
	struct nj_file_stream *s, struct nj_dctx *d, enum nj_dir dir);

#endif
