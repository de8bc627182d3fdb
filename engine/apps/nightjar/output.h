/*
 * output.h - where `nightjar read` puts records, and in which format: one
 * stream, a file, or a folder with a file for each log type.
 */
#ifndef NJ_APPS_NIGHTJAR_OUTPUT_H
#define NJ_APPS_NIGHTJAR_OUTPUT_H

#include "engine/base/args.h"
#include "engine/event/format.h"

struct nj_output;

struct nj_output_conf {
	enum nj_format format;
	/* The log types (EVE: event types) wanted; n == 0: all. */
	const struct nj_arg_list *types;
};

/* All borrow conf until the close. */
NJ_MUST_USE enum nj_err nj_output_open_stream(
	struct nj_output **out, const struct nj_output_conf *conf);
NJ_MUST_USE enum nj_err nj_output_open_file(struct nj_output **out,
	const char *path, const struct nj_output_conf *conf);
NJ_MUST_USE enum nj_err nj_output_open_folder(struct nj_output **out,
	const char *folder, const struct nj_output_conf *conf);
void nj_output_row(struct nj_output *o, const struct nj_row *row);
/* NJ_E_IO if anything could not be written (errno says why). */
NJ_MUST_USE enum nj_err nj_output_close(struct nj_output **o);
/* False, and why, if a type is not known. */
NJ_MUST_USE bool nj_output_check_types(
	const struct nj_output_conf *conf, char *why, size_t cap);

#endif
