/*
 * content.h - what is read out of files of some types, whoever carried them:
 * programs (PE) and answers about certificates (OCSP). One row of a table a
 * type; file.c collects the bytes that a row asks for and calls it once.
 */
#ifndef NJ_DISSECTORS_SHARED_CONTENT_H
#define NJ_DISSECTORS_SHARED_CONTENT_H

#include "engine/dissect/dissector.h"

struct nj_content {
	const char *mime;     /* as nj_mime_sniff or the carrier names it */
	const char *analyzer; /* Zeek's word in files.analyzers */
	uint32_t bytes; /* of the file's beginning that are of use, <= 64 KiB */
	/* The file's first bytes, all or as many as there were; fuid is its
	 * id, ts_ns when it began. */
	void (*read)(struct nj_dctx *d, struct nj_view fuid, int64_t ts_ns,
		struct nj_view v);
};

/* The row for a type, or NULL. mime may be NULL. */
const struct nj_content *nj_content_find(const char *mime);

void nj_pe_read(struct nj_dctx *d, struct nj_view fuid, int64_t ts_ns,
	struct nj_view v);
void nj_ocsp_read(struct nj_dctx *d, struct nj_view fuid, int64_t ts_ns,
	struct nj_view v);

/* The log types that reading may write. */
extern const struct nj_event_desc pe_desc, ocsp_desc;

#endif
