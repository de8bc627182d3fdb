/*
 * file_eve.h - EVE's fileinfo events: a file with what is told of the message
 * that carried it.
 */
#ifndef NJ_DISSECTORS_SHARED_FILE_EVE_H
#define NJ_DISSECTORS_SHARED_FILE_EVE_H

#include "dissectors/shared/file.h"

/* What Suricata keeps of a name that a mail's part bears. */
enum { NJ_EVE_MAIL_NAME_MAX = 255 };

/* What the carrier knows of a file at its end. */
struct nj_file_about {
	struct nj_view name;  /* of a file that bears none */
	uint64_t tx;          /* number of the transaction */
	uint64_t first, last; /* bytes of it, if is_range */
	bool is_range;
	struct nj_view http, smtp, email; /* JSON objects, or empty */
};

/* Hashes of the contents, made only if the events or the files log want them
 * and given up at the first byte that cannot be had. */
void nj_file_sums_begin(struct nj_file *f, struct nj_dctx *d);
void nj_file_sums_add(struct nj_file *f, struct nj_dctx *d, struct nj_view v);
void nj_file_sums_drop(struct nj_file *f, struct nj_dctx *d);
/* Of the whole contents, for the files log if it wants them; ev keeps views
 * into text. */
struct nj_file_sums_text {
	char md5[2 * 32], sha256[2 * 32];
};
void nj_file_sums_tell(const struct nj_file *f, const struct nj_dctx *d,
	struct files_event *ev, struct nj_file_sums_text *text);

/* Tells the file that ends, once; nj_file_close does so by itself. */
void nj_file_eve(struct nj_file *f, struct nj_dctx *d, bool whole,
	nj_file_about_fn *about_fn, void *ctx);
/* nj_file_close with the event beside the record; about_fn (may be NULL)
 * fills in what the carrier knows, and is asked only if that is wanted. */
void nj_file_close_told(struct nj_file *f, struct nj_dctx *d, bool whole,
	nj_file_about_fn *about_fn, void *ctx);

#endif
