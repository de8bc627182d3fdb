/*
 * zeek.h - records as Zeek's own log files: one line a record, values in
 * columns with tabs between them, after lines that name the columns and their
 * types (docs.zeek.org, "Zeek Log Formats and Inspection"). zeek-cut and what
 * reads Zeek's logs takes them.
 */
#ifndef NJ_EVENT_ZEEK_H
#define NJ_EVENT_ZEEK_H

#include "engine/event/row.h"

/* The lines before the first record and after the last; wall_ns is the time
 * of day. */
void nj_zeek_head(
	struct nj_buf *out, const struct nj_event_desc *desc, int64_t wall_ns);
void nj_zeek_tail(struct nj_buf *out, int64_t wall_ns);
/* Appends the row without a line end; nothing when its type is unknown. */
void nj_zeek_row(struct nj_buf *out, const struct nj_row *row);

#endif
