/*
 * units.h - durations and sizes as people write them: "5min", "250ms",
 * "64k", "1.5G". Sizes count in 1024s, as memory and disks of ours do.
 */
#ifndef NJ_BASE_UNITS_H
#define NJ_BASE_UNITS_H

#include "engine/base/buf.h"

/* "10us", "100ms", "30s", "5min", "1h", "7d", or 0; a decimal point is
 * allowed. Nanoseconds; false when it is none or does not fit. */
NJ_MUST_USE bool nj_duration_parse(struct nj_view text, int64_t *ns);
/* "4096", "64k", "10M", "1G", "2T". Bytes. */
NJ_MUST_USE bool nj_size_parse(struct nj_view text, int64_t *bytes);

/* In the largest unit that needs no fraction; the parsers read it back. */
void nj_duration_text(struct nj_buf *out, int64_t ns);
void nj_size_text(struct nj_buf *out, int64_t bytes);

#endif
