/*
 * pcapfile.h - captures in files: pcap (both byte orders, micro- and
 * nanoseconds, the "modified" form with longer record headers) and pcapng
 * (draft-ietf-opsawg-pcapng), plain or packed with gzip or zstd.
 */
#ifndef NJ_CAPTURE_PCAPFILE_H
#define NJ_CAPTURE_PCAPFILE_H

#include "engine/capture/source.h"

/* Opens the capture at path, or on standard input for "-"; its packets get
 * the capture point port. Gives *out, or NULL on failure and then writes
 * into why, if it is not NULL, what is the matter with the file.
 *
 * NJ_E_EMPTY: no bytes at all. NJ_E_FORMAT: not a capture. NJ_E_TRUNCATED:
 * ends inside the file header. NJ_E_UNSUPPORTED: a folder, another packing,
 * another version. A capture without packets is fine: it just ends.
 *
 * A capture that breaks later yields its packets so far, then fails:
 * NJ_E_TRUNCATED when it ends inside a packet, NJ_E_FORMAT when it has an
 * impossible length, both with the byte offset in the text. */
NJ_MUST_USE enum nj_err nj_pcapfile_open(struct nj_source **out,
	const char *path, uint16_t port, char why[NJ_SOURCE_TEXT]);
/* The same from memory, which is borrowed until the close. */
NJ_MUST_USE enum nj_err nj_pcapfile_open_memory(struct nj_source **out,
	struct nj_view bytes, uint16_t port, char why[NJ_SOURCE_TEXT]);

/* The name of the format ("pcap", "pcapng"), for people. */
const char *nj_pcapfile_format(const struct nj_source *s);

#endif
