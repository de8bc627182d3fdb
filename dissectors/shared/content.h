/*
 * content.h - what is read out of files of some types, whoever carried them:
 * programs (PE, ELF, Mach-O), archives and documents, answers about
 * certificates (OCSP). One row of a table a type; file.c collects the bytes
 * that a row asks for and calls it once.
 */
#ifndef NJ_DISSECTORS_SHARED_CONTENT_H
#define NJ_DISSECTORS_SHARED_CONTENT_H

#include "engine/dissect/dissector.h"

/* Reads the file's first bytes, all or as many as there were; fuid is its id,
 * ts_ns when it began. */
typedef void nj_content_fn(struct nj_dctx *d, struct nj_view fuid,
	int64_t ts_ns, struct nj_view v);

struct nj_content {
	const char *mime;     /* how its names begin, see nj_mime_sniff */
	const char *analyzer; /* Zeek's word in files.analyzers, or NULL */
	uint32_t bytes; /* of the file's beginning that are of use, <= 64 KiB */
	nj_content_fn *read;
};

/* The row for a type, or NULL. mime may be NULL. */
const struct nj_content *nj_content_find(const char *mime);

nj_content_fn nj_elf_read, nj_macho_read, nj_ocsp_read, nj_ole_read, nj_pe_read,
	nj_zip_read;

/* The log types that reading may write. */
extern const struct nj_event_desc archive_desc, elf_desc, macho_desc, ocsp_desc,
	ole_desc, pe_desc;
#define NJ_CONTENT_EVENTS                                                      \
	&archive_desc, &elf_desc, &macho_desc, &ocsp_desc, &ole_desc, &pe_desc

#endif
